"""Exact enumeration against a direct sum over all weights."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relutheory.errors import DomainError
from relutheory.simulate.enumerate import RADEMACHER, enumerate_born_dead, enumerate_sign_patterns

TERNARY = {-1: Fraction(1, 8), 0: Fraction(3, 4), 2: Fraction(1, 8)}


def sum_over_all_weights(inputs, widths, law):
    """The definition: every weight array, one after the other."""
    sizes = list(zip(widths, [len(inputs[0]), *widths[:-1]], strict=True))
    dead = Fraction(0)
    for weights in product(law, repeat=sum(a * b for a, b in sizes)):
        h, start, died = np.array(inputs).T, 0, False
        for a, b in sizes:
            h = np.maximum(np.reshape(weights[start : start + a * b], (a, b)) @ h, 0)
            start += a * b
            died = died or not h.any()
        if died:
            chance = Fraction(1)
            for w in weights:
                chance *= law[w]
            dead += chance
    return dead


@pytest.mark.parametrize(
    ("inputs", "widths", "value"),
    [
        ([[1, 1]], (2, 2, 2), Fraction(3273, 4096)),
        ([[1], [-1]], (2, 2, 2, 2, 2), Fraction(51347, 65536)),
        ([[1], [-1]], (2, 2), Fraction(5, 16)),
    ],
)
def test_values(inputs: list[list[int]], widths: tuple[int, ...], value: Fraction) -> None:
    assert enumerate_born_dead(inputs, widths) == value


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 2), min_size=1, max_size=3),
    st.integers(1, 2),
    st.integers(1, 3),
    st.sampled_from([RADEMACHER, TERNARY]),
    st.data(),
)
def test_against_the_definition(widths, d_in, points, law, data) -> None:
    sizes = zip(widths, [d_in, *widths[:-1]], strict=True)
    if len(law) ** sum(a * b for a, b in sizes) > 3000:
        widths = widths[:1]
    point = st.lists(st.integers(-2, 2), min_size=d_in, max_size=d_in)
    inputs = data.draw(st.lists(point, min_size=points, max_size=points))
    if not np.any(inputs):
        inputs[0][0] = 1
    assert enumerate_born_dead(inputs, widths, law) == sum_over_all_weights(inputs, widths, law)


@pytest.mark.parametrize(
    ("N1", "N2", "value"), [(2, 2, Fraction(5, 32)), (3, 3, Fraction(11, 256)), (4, 3, Fraction(15, 512))]
)
def test_sign_patterns(N1: int, N2: int, value: Fraction) -> None:
    assert enumerate_sign_patterns(N1, N2) == value


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: enumerate_born_dead([[0]], [2]), "inputs"),
        (lambda: enumerate_born_dead([[1.5]], [2]), "inputs"),
        (lambda: enumerate_born_dead([[1], [1, 2]], [2]), "inputs"),
        (lambda: enumerate_born_dead([[1]], [0]), "widths"),
        (lambda: enumerate_born_dead([[1] * 40], [2]), "widths"),
        (lambda: enumerate_born_dead([[1]], [2], {1: Fraction(1, 2)}), "law"),
        (lambda: enumerate_sign_patterns(12, 12), "N1, N2"),
    ],
)
def test_bad_input_is_named(call, name: str) -> None:
    with pytest.raises(DomainError, match=f"^{name}: .*got"):
        call()
