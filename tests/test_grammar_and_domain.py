"""What a user may type, and the one line that refuses the rest."""

from __future__ import annotations

import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import example, given
from hypothesis import strategies as st

from relutheory.domain import BooleanSet, IntegerSet, RealSet, RepeatedWidths, WidthsSet
from relutheory.errors import DomainError
from relutheory.grammar import PiMultiple, parse, show
from relutheory.theorems import all_theorems, theorem


@given(st.integers(-(10**30), 10**30))
def test_integers(n: int) -> None:
    assert parse(str(n)) == n


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**9))
def test_rationals(p: int, q: int) -> None:
    assert parse(f"{p}/{q}") == Fraction(p, q)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8))
@example(Decimal("1e-6"))
@example(Decimal("0.1"))
def test_decimals_are_exact(d: Decimal) -> None:
    assert parse(str(d)) == Fraction(d)


@pytest.mark.parametrize(
    ("text", "factor"),
    [("pi", 1), ("3pi/4", Fraction(3, 4)), ("-2*pi", -2), ("pi/6", Fraction(1, 6)), ("-pi", -1)],
)
def test_multiples_of_pi(text: str, factor: Fraction) -> None:
    assert parse(text) == PiMultiple(Fraction(factor))


def test_vectors_matrices_words_and_truth() -> None:
    assert parse("3, 2,4") == (3, 2, 4)
    assert parse("1,2;3,4") == ((1, 2), (3, 4))
    assert parse("gaussian") == "gaussian"
    assert (parse("true"), parse("False")) == (True, False)
    assert show(((1, 2), (3, 4))) == "1,2;3,4"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ",",
        "3,,2",
        "3,",
        "1/0",
        "1e99999",
        "0x10",
        "nan",
        "inf",
        "1_000",
        "2**3",
        "__import__('os')",
        "1/2/3",
        "pi/0",
        "٣",
        "1" * 5000,
        "3;",
    ],
)
def test_everything_else_is_refused_in_one_line(text: str) -> None:
    if text in ("nan", "inf"):
        # Words of the grammar, refused by every numeric domain.
        with pytest.raises(DomainError):
            RealSet().read("delta", text)
        return
    with pytest.raises(DomainError) as caught:
        IntegerSet(1).read("N", text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_numbers_of_other_libraries() -> None:
    assert IntegerSet(1).read("N", np.int64(4)) == 4
    assert IntegerSet(1).read("N", sp.Integer(4)) == 4
    assert RealSet().read("p", sp.Rational(1, 3)) == Fraction(1, 3)
    assert RealSet().read("p", Decimal("0.1")) == Fraction(1, 10)
    assert WidthsSet().read("widths", np.array([3, 2])) == (3, 2)


@pytest.mark.parametrize("value", [0.1, np.float64(0.5)])
def test_binary_floats_are_refused_where_exactness_matters(value: float) -> None:
    with pytest.raises(DomainError, match="must be exact, got the binary float"):
        RealSet().read("delta", value)


@pytest.mark.parametrize("value", [True, 0, -1, "2.5", Fraction(5, 2), None, "true", (1,), 3.0])
def test_integer_domain(value: object) -> None:
    with pytest.raises(DomainError, match="N must be"):
        IntegerSet(1).read("N", value)


@pytest.mark.parametrize(
    ("ends", "inside", "outside"),
    [("()", [], [0, 1]), ("[)", [0], [1]), ("(]", [1], [0]), ("[]", [0, 1], [])],
)
def test_ends_of_intervals(ends: str, inside: list[int], outside: list[int]) -> None:
    domain = RealSet(ends=ends)
    for value in [*inside, Fraction(1, 10**50)]:
        assert domain.read("p", value) == value
    for value in [*outside, Fraction(-1, 10**50), 1 + Fraction(1, 10**50)]:
        with pytest.raises(DomainError, match="p must be an exact number in"):
            domain.read("p", value)


def test_boolean_domain() -> None:
    assert BooleanSet().read("bias", "true") is True
    for bad in (1, "yes", "1"):
        with pytest.raises(DomainError, match="bias must be true or false"):
            BooleanSet().read("bias", bad)


def test_repeated_widths_are_a_sequence() -> None:
    w = RepeatedWidths(3, 4)
    assert list(w) == [3] * 4
    assert w[1:3] == (3, 3)
    with pytest.raises(IndexError):
        w[4]


@pytest.mark.parametrize("record", list(all_theorems()), ids=lambda t: t.id)
def test_domains_are_not_empty(record: object) -> None:
    exact = record.read(**record.domain.witness)
    assert set(exact) <= set(record.domain.names)
    forms = record.domain.forms or (record.domain.names,)
    optional = {q.name for q in record.domain.parameters if q.only or q.filled}
    assert any(set(form) - optional <= set(exact) for form in forms)


def test_names_are_checked_with_a_hint() -> None:
    with pytest.raises(DomainError, match=r"no parameter width \(did you mean widths\?\)"):
        theorem("born-dead-upper-bound").read(width=3)
    with pytest.raises(DomainError, match="needs N, delta"):
        theorem("born-dead-max-depth").read()


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    from relutheory import references
    from relutheory.errors import MissingExtraError

    references._library.cache_clear()
    for name in ("pybtex", "pybtex.database"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r"relutheory\[tables\]"):
        theorem("born-dead-upper-bound").bibtex()


def test_refusals_of_large_and_repeated_values_are_readable() -> None:
    with pytest.raises(DomainError, match="N must be an integer >= 1, got an integer of 16610 bits"):
        IntegerSet(1).read("N", -(10**5000))
    with pytest.raises(DomainError, match=r"widths = 3 \(4 times\) is outside the domain"):
        theorem("born-dead-law-free-cases").read(N=3, L=5)
