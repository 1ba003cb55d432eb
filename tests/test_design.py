"""Design of randomized asymmetric initialization: the answers are the statements, decided on both sides."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relutheory.design import rai_depth, rai_scale
from relutheory.errors import DomainError
from relutheory.plots.rai import LAWS
from relutheory.theorems import theorem


def bound(N: int, L: int) -> Fraction:
    """The explicit bound, from its words: layer 1 is He, each later row is dead with at most n/(2(n+1))."""
    alive = 1 - Fraction(1, 2) ** N
    for _ in range(L - 2):
        alive *= 1 - Fraction(N, 2 * (N + 1)) ** N
    return 1 - alive


@pytest.mark.parametrize(("name", "parameters"), LAWS)
def test_scale_is_the_statements(name: str, parameters: dict[str, object]) -> None:
    found = rai_scale(**parameters, digits=30)
    assert found.sigma_w.digits() == theorem("rai-sigma-w").evaluate(**parameters).digits()
    assert found.sharp_sigma_w.digits() == theorem("rai-sharp-sigma").evaluate(**parameters).digits()
    assert found.C_upp.contains(1)
    assert found.C_low.upper < found.C_sharp.lower < found.C_upp.upper
    assert found.sigma_w.upper < found.sharp_sigma_w.lower
    at = {**parameters, "sigma_w": found.sigma_w.lower}
    assert theorem("rai-second-moment-bounds").evaluate(**at)["C_upp"].upper <= 1
    assert {"rai-sigma-w", "rai-sharp-sigma"} <= set(found.statements)
    with pytest.raises(FrozenInstanceError):
        found.mu1 = found.mu2


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"law": "uniform", "M": 2}, "mu_2 = E X^2 of the law must be < 1"),
        ({"law": "exponential", "rate": "sqrt(2)"}, "got mu_2 = 1 "),
        ({"law": "halfnormal", "s": 1}, "got mu_2 = 1 "),
        ({"law": "constant", "c": 1}, "got mu_2 = 1 "),
        ({"law": "uniform"}, "needs M"),
        ({"law": "cauchy"}, "law must be one of beta"),
        ({"law": "uniform", "a": 2}, "a is a parameter of law = beta"),
        ({"sigma_w": 1}, "no parameter sigma_w"),
    ],
)
def test_a_law_without_a_scale_is_refused_in_one_line(parameters: dict[str, object], words: str) -> None:
    with pytest.raises(DomainError) as caught:
        rai_scale(**parameters)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.integers(1, 9), st.integers(2, 40), st.fractions(Fraction(1, 1000), Fraction(999, 1000)))
def test_thresholds_are_sharp(N: int, L: int, delta: Fraction) -> None:
    found = rai_depth(N, L, delta)
    assert found.upper.contains(bound(N, L))
    assert found.guaranteed == (bound(N, L) <= delta)
    width = int(found.min_width)
    assert bound(width, L) <= delta
    assert width == 1 or bound(width - 1, L) > delta
    if found.max_depth is None:
        assert bound(N, 2) > delta
    elif int(found.max_depth) < 400:
        depth = int(found.max_depth)
        assert bound(N, depth) <= delta < bound(N, depth + 1)
    symmetric = 1 - (1 - Fraction(1, 2) ** N) ** (L - 1)
    assert found.symmetric.contains(symmetric)
    assert found.symmetric_guaranteed == (symmetric <= delta)
    assert found.lower.lower <= found.upper.upper <= found.symmetric.upper


def test_a_tie_is_a_guarantee() -> None:
    exact = bound(4, 7)
    assert rai_depth(4, 7, exact).guaranteed
    assert int(rai_depth(4, 7, exact).max_depth) == 7
    assert int(rai_depth(4, 7, exact).min_width) == 4
    assert not rai_depth(4, 7, exact - Fraction(1, 10**40)).guaranteed
    assert int(rai_depth(1, 2, Fraction(1, 2)).max_depth) == 2
    assert rai_depth(1, 2, Fraction(1, 3)).max_depth is None


def test_depths_beyond_machine_integers() -> None:
    found = rai_depth(8, 10**30, "1e-6")
    assert not found.guaranteed
    assert found.max_depth is None
    assert int(found.min_width) == 119
    assert int(found.symmetric_min_width) == 120


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ((0, 3, "1/10"), "N must be an integer >= 1, got 0"),
        ((3, 1, "1/10"), "L must be an integer >= 2, got 1"),
        ((3, 3, "0"), "delta must be an exact number in (0, 1)"),
        ((3, 3, 0.1), "delta must be exact, got the binary float 0.1"),
    ],
)
def test_bad_points_are_refused_in_one_line(point: tuple[object, ...], words: str) -> None:
    with pytest.raises(DomainError) as caught:
        rai_depth(*point)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
