"""Certified evaluation: against exact rationals and mpmath, at many digits, at ties and cancellations."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import mpmath
import pytest
import sympy as sp
from flint import arb, ctx, fmpq
from hypothesis import assume, example, given
from hypothesis import strategies as st

from relutheory.certificate import Enclosure
from relutheory.decimals import decimal_digits
from relutheory.domain import RepeatedWidths
from relutheory.errors import DomainError, PrecisionError
from relutheory.evaluate import decide, enclose, sweep
from relutheory.evaluate.arithmetic import Balls, Rationals
from relutheory.evaluate.tree import Tree
from relutheory.functions import Iterate, LargestInteger, QPochhammer, SmallestInteger
from relutheory.symbols import L, N, widths
from relutheory.theorems import all_theorems, theorem
from relutheory.theory.born_dead import chain_lower_bound, closed_lower_bound, upper_bound

x, y = sp.symbols("x y")
n = sp.Symbol("n", integer=True, positive=True)
k = sp.Symbol("k", integer=True)

rationals = st.fractions(Fraction(1, 50), Fraction(50), max_denominator=60)


def mpmath_text(expr: sp.Expr, point: dict[sp.Symbol, Fraction], digits: int) -> str:
    """Independent value: mpmath with many guard digits, printed with the digits wanted."""
    with mpmath.workdps(digits + 60):
        function = sp.lambdify(list(point), expr, "mpmath")
        value = function(*[mpmath.mpf(v.numerator) / v.denominator for v in point.values()])
        return mpmath.nstr(value, digits, strip_zeros=False, min_fixed=-(10**9), max_fixed=10**9)


EXPRESSIONS = [
    sp.log(x) + sp.sqrt(x),
    sp.exp(-x) * sp.erf(x),
    sp.erfc(x / 3) / x,
    sp.sin(x) + sp.cos(x) ** 2 * sp.pi,
    sp.atan(x) * x ** sp.Rational(1, 3),
    (1 + x) ** (-sp.Rational(5, 2)) - sp.tanh(x),
    sp.gamma(x / 10 + 1) + sp.E,
    sp.log(1 + x**2) / sp.cosh(x),
]


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
@pytest.mark.parametrize("digits", [1, 15, 50, 300])
@given(value=rationals)
def test_digits_are_those_of_an_independent_library(expr: sp.Expr, digits: int, value: Fraction) -> None:
    found = enclose(expr, {x: value}, digits=digits)
    if found.exact is None:
        assert Fraction(found.digits(digits)) == Fraction(mpmath_text(expr, {x: value}, digits))


@pytest.mark.parametrize("digits", [50, 1_000, 10_000])
def test_every_printed_digit_at_length(digits: int) -> None:
    rate = theorem("born-dead-depth-rate").evaluate(N=3, digits=digits)["rate"]
    with mpmath.workdps(digits + 20):
        expected = mpmath.nstr(-mpmath.log(mpmath.mpf(7) / 8), digits, strip_zeros=False)
    assert rate.digits(digits) == expected
    upper = theorem("born-dead-upper-bound").evaluate(N=60, L=10_000, digits=digits)
    exact = 1 - (1 - Fraction(1, 2**60)) ** 9_999
    assert decimal_digits(upper.lower, upper.upper, digits) == decimal_digits(exact, exact, digits)


def test_infinite_product_at_length() -> None:
    found = theorem("born-dead-infinite-depth-dichotomy").evaluate(digits=200)
    with mpmath.workdps(230):
        expected = mpmath.nstr(mpmath.qp(mpmath.mpf(1) / 2), 200, strip_zeros=False)
    assert found.digits(200) == expected


@given(st.fractions(-100, 100), st.fractions(-100, 100))
def test_rationals_stay_exact(a: Fraction, b: Fraction) -> None:
    assume(b != 0)
    assert enclose(x / y + x**3 - y, {x: a, y: b}).exact == a / b + a**3 - b


@given(st.integers(1, 60), st.integers(2, 60))
@example(1, 2)
@example(64, 1000)
def test_closed_form_keeps_its_digits_under_cancellation(width: int, depth: int) -> None:
    found = enclose(closed_lower_bound(N, L), {N: width, L: depth}, digits=50)
    e = Fraction(1, 2**width)
    a1, a2 = 1 - e, 1 - 2 * e - (width - 1) * e**2
    factor = (1 - 2 * e) * (1 - e) / (1 + (width - 1) * e)
    assert found.contains(1 - a1 ** (depth - 2) + factor * (a2 ** (depth - 2) - a1 ** (depth - 2)))


@given(st.integers(1, 40), st.lists(st.integers(0, 9), min_size=1, max_size=12))
def test_decimal_digits_are_the_correctly_rounded_value(digits: int, figures: list[int]) -> None:
    value = Fraction(int("1" + "".join(map(str, figures))), 7)
    context = Context(prec=digits, rounding=ROUND_HALF_EVEN)
    expected = context.divide(Decimal(value.numerator), Decimal(value.denominator))
    found = Enclosure(value, value, digits, "exact").digits(digits) if value.denominator != 1 else None
    if found is not None:
        assert Decimal(found) == expected


def test_an_interval_across_a_rounding_boundary_is_refused() -> None:
    edge = Fraction("0.12345") + Fraction(5, 10**6)
    assert decimal_digits(edge - Fraction(1, 10**9), edge + Fraction(1, 10**9), 5) is None
    wide = Enclosure(Fraction(1, 3), Fraction(2, 3))
    with pytest.raises(PrecisionError, match="not certain"):
        wide.digits(1)
    with pytest.raises(PrecisionError):
        float(wide)


def test_a_true_zero_that_is_not_recognised_is_refused_not_guessed() -> None:
    with pytest.raises(PrecisionError):
        enclose(sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1, {x: 1}, digits=5)


@pytest.mark.parametrize("digits", [0, -1, 100_001, 2.5, True, "10"])
def test_bad_digits(digits: object) -> None:
    with pytest.raises(DomainError, match="digits must be an integer"):
        enclose(sp.log(x), {x: 2}, digits=digits)


def test_zero_to_the_zero_is_one() -> None:
    assert enclose(x**y, {x: 0, y: 0}).exact == 1
    assert enclose(closed_lower_bound(N, L), {N: 1, L: 2}).exact == 0
    row = sweep(closed_lower_bound(N, L), {N: 1}, L, 2, 6, digits=20)
    assert [c.exact for c in row] == [1 - Fraction(1, 2 ** (d - 2)) for d in range(2, 7)]


def test_division_by_zero_is_one_clear_error() -> None:
    with pytest.raises(DomainError, match="division by zero"):
        enclose(1 / x, {x: 0})


def test_global_state_is_untouched() -> None:
    before = (ctx.prec, mpmath.mp.dps, sp.latex(sp.Symbol("a") / 2))
    theorem("born-dead-depth-rate").evaluate(N=5, digits=500)
    with pytest.raises(PrecisionError):
        enclose(sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1, {x: 1}, digits=5)
    assert before == (ctx.prec, mpmath.mp.dps, sp.latex(sp.Symbol("a") / 2))


def test_enclosures_pickle_and_convert() -> None:
    found = enclose(sp.log(x), {x: 2}, digits=40)
    again = pickle.loads(pickle.dumps(found))
    assert again == found
    assert float(found) == 0.6931471805599453
    assert found.mpf().context.dps == 42
    assert f"{found:.5}" == "0.69315"
    assert found.json()["exact"] is None
    assert found.trust == "certified"


# Nodes


def test_recursions_unroll_to_their_value() -> None:
    a, b = sp.symbols("a b")
    logistic = Iterate(a, (a,), (x,), (a * (1 - a) * 3,), (k, 1, n))
    expected = Fraction(1, 7)
    for _ in range(5):
        expected = 3 * expected * (1 - expected)
    assert enclose(logistic, {x: Fraction(1, 7), n: 5}).exact == expected
    indexed = Iterate(a + b, (a, b), (1, 0), (a * k, b + a), (k, 1, n))
    assert enclose(indexed, {n: 6}).exact == 720 + sum([1, 1, 2, 6, 24, 120])
    assert enclose(indexed, {n: 0}).exact == 1


@given(st.integers(1, 12), st.integers(49, 400))
def test_matrix_power_is_stepping(width: int, steps: int) -> None:
    equal = enclose(chain_lower_bound(), {widths: RepeatedWidths(width, steps), L: steps + 1}, digits=30)
    listed = enclose(chain_lower_bound(), {widths: (width,) * steps, L: steps + 1}, digits=30)
    assert equal.digits(30) == listed.digits(30)


@given(st.fractions(0, 1, max_denominator=99), st.fractions(0, Fraction(9, 10), max_denominator=99))
@example(Fraction(0), Fraction(0))
@example(Fraction(1), Fraction(1, 2))
def test_q_pochhammer(a: Fraction, q: Fraction) -> None:
    expected = mpmath.qp(mpmath.mpf(a.numerator) / a.denominator, mpmath.mpf(q.numerator) / q.denominator)
    if expected == 0:
        return
    found = enclose(QPochhammer(x, y), {x: a, y: q}, digits=12)
    assert abs(float(found) - float(expected)) < 1e-11


@given(st.integers(1, 10**6))
def test_extreme_integers(limit: int) -> None:
    assert enclose(LargestInteger(n, 1, sp.Le(n**2, x)), {x: limit}).exact == int(
        sp.integer_nthroot(limit, 2)[0]
    )
    smallest = enclose(SmallestInteger(n, 1, sp.Ge(n**2, x)), {x: limit}).exact
    assert (smallest - 1) ** 2 < limit <= smallest**2


@given(st.integers(1, 300), st.integers(-1000, 1000))
def test_a_wrong_guess_does_not_change_the_answer(limit: int, guess: int) -> None:
    plain = enclose(LargestInteger(n, 1, sp.Le(n**2, x)), {x: limit}).exact
    assert enclose(LargestInteger(n, 1, sp.Le(n**2, x), x * 0 + y), {x: limit, y: guess}).exact == plain


def test_condition_false_at_the_start() -> None:
    with pytest.raises(DomainError, match="no integer"):
        enclose(LargestInteger(n, 1, sp.Le(n, x)), {x: 0})


def test_ties_are_decided_exactly_when_they_are_large() -> None:
    tie = 1 - (1 - Fraction(1, 2**20)) ** 50
    assert decide(1 - x <= (1 - 2**-N) ** L, {N: 20, L: 50, x: tie})
    assert not decide(1 - x < (1 - 2**-N) ** L, {N: 20, L: 50, x: tie})
    with pytest.raises(PrecisionError):
        decide(sp.sin(x) ** 2 + sp.cos(x) ** 2 >= 1, {x: 1})


def test_piecewise_takes_the_first_true_branch() -> None:
    piece = sp.Piecewise((1, x < 1), (2, x < 2), (3, True))
    assert [enclose(piece, {x: v}).exact for v in (0, 1, 2)] == [1, 2, 3]


def test_unknown_parts_are_named() -> None:
    with pytest.raises(TypeError, match="zeta"):
        enclose(sp.zeta(x), {x: Fraction(5, 2)})
    with pytest.raises(TypeError, match="has no value"):
        enclose(x + y, {x: 1})


def test_exact_arithmetic_refuses_to_grow_without_bound() -> None:
    from relutheory.evaluate.arithmetic import NotExact

    with pytest.raises(NotExact):
        Tree(Rationals(1000), {x: Fraction(1, 3)}).value(x**100_000)


# Sweeps


SWEEPS = {
    "closed": (closed_lower_bound(N, L), lambda w, d: {N: w}),
    "upper, equal": (upper_bound(N, L), lambda w, d: {N: w}),
    "upper, widths": (upper_bound(), lambda w, d: {widths: RepeatedWidths(w, d)}),
    "upper, listed": (upper_bound(), lambda w, d: {widths: tuple(1 + (w * i) % 7 for i in range(d))}),
    "chain": (chain_lower_bound(), lambda w, d: {widths: RepeatedWidths(w, d)}),
    "chain, listed": (chain_lower_bound(), lambda w, d: {widths: tuple(1 + (w * i) % 5 for i in range(d))}),
    "union": (theorem("born-dead-width-limit").rhs, lambda w, d: {widths: RepeatedWidths(w, d)}),
    "polynomial": (theorem("born-dead-small-probability").results["lower"], lambda w, d: {N: w}),
    "free of L": (2**-N, lambda w, d: {N: w}),
}


@pytest.mark.parametrize("digits", [1, 4, 15])
@pytest.mark.parametrize("width", [8, 31, 64, 200])
def test_sweep_of_few_digits_survives_total_cancellation(width: int, digits: int) -> None:
    row = sweep(closed_lower_bound(N, L), {N: width}, L, 2, 20, digits=digits)
    assert row[0].exact == 0
    assert row[8].digits(digits) == enclose(
        closed_lower_bound(N, L), {N: width, L: 10}, digits=digits
    ).digits(digits)


@pytest.mark.parametrize("name", SWEEPS)
@given(width=st.integers(1, 40), first=st.integers(2, 5), length=st.integers(1, 40))
def test_sweep_is_cell_by_cell(name: str, width: int, first: int, length: int) -> None:
    expr, bind = SWEEPS[name]
    last = first + length
    bindings = bind(width, last)
    row = sweep(expr, bindings, L, first, last, digits=30)
    assert len(row) == length + 1
    for position in {0, length // 2, length}:
        depth = first + position
        cell = enclose(expr, bindings | {L: depth}, digits=30)
        assert row[position].digits(30) == cell.digits(30)


def test_certified_table_down_to_width_64() -> None:
    for width in (1, 2, 17, 64):
        lower = sweep(closed_lower_bound(N, L), {N: width}, L, 2, 1000, digits=50)
        upper = sweep(upper_bound(N, L), {N: width}, L, 2, 1000, digits=50)
        for position in (0, 1, 500, 998):
            depth = position + 2
            e = Fraction(1, 2**width)
            survival = 1 - (1 - e) ** (depth - 1)
            assert upper[position].digits(50) == Enclosure(survival, survival, 50, "exact").digits(50)
            assert lower[position].lower <= upper[position].upper
    assert lower[998].digits(20) == "2.9328584053016071788e-33"


@pytest.mark.parametrize("ground", ["python", "flint"])
def test_reference_values_under_both_ground_types(ground: str) -> None:
    # With python-flint installed SymPy picks flint integers by itself; the digits must not depend on it.
    code = (
        "from sympy.external.gmpy import GROUND_TYPES; from relutheory.theorems import all_theorems\n"
        f"assert GROUND_TYPES == {ground!r}, GROUND_TYPES\n"
        "count = 0\n"
        "for t in all_theorems():\n"
        "    for e in t.examples:\n"
        "        digits = 60 if t.digits >= 30 else t.digits\n"
        "        if digits < 30 and e is not t.examples[0]:\n"
        "            continue\n"
        "        found = t.evaluate(digits=digits, **e.parameters)\n"
        "        value = found if e.result == 'value' else found[e.result]\n"
        "        assert value.agrees_with(e.value), (t.id, e)\n"
        "        count += 1\n"
        "print(count)"
    )
    environment = dict(os.environ) | {"SYMPY_GROUND_TYPES": ground}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    # Of a statement that is only validated, one slow value is enough.
    wanted = sum(len(t.examples) if t.digits >= 30 else 1 for t in all_theorems())
    assert int(done.stdout) == wanted


HUGE = 10**30


@pytest.mark.parametrize(
    ("id", "parameters"),
    [
        ("born-dead-upper-bound", {"N": 100, "L": HUGE}),
        ("born-dead-lower-bound-1d-chain", {"N": 60, "L": HUGE}),
        ("born-dead-lower-bound-any-dim", {"N": 5, "L": HUGE, "bias": True}),
        ("born-dead-sparse-single-point", {"keep": "1/2", "m0": 3, "N": 5, "L": HUGE}),
        ("born-dead-law-free-cases", {"N": 1, "L": HUGE}),
        ("born-dead-width-limit", {"N": 300, "L": HUGE}),
    ],
)
def test_depths_beyond_machine_integers(id: str, parameters: dict[str, object]) -> None:
    found = theorem(id).evaluate(**parameters)
    assert found.upper > 0
    if id == "born-dead-upper-bound":
        # L 2^-N up to relative order L 2^-N, by Bernoulli's inequality on both sides.
        leading = Fraction(HUGE - 1, 2**100)
        assert leading * (1 - leading) < found.lower < found.upper < leading


@given(st.integers(49, 90), st.integers(1, 6), st.booleans())
def test_counting_chain_by_matrix_power_is_stepping(depth: int, width: int, bias: bool) -> None:
    record = theorem("born-dead-lower-bound-any-dim")
    equal = record.evaluate(N=width, L=depth, bias=bias, digits=25)
    listed = record.evaluate(widths=(width,) * (depth - 1), bias=bias, digits=25)
    assert equal.digits(25) == listed.digits(25)


def test_a_long_fraction_prints_everywhere() -> None:
    found = theorem("born-dead-single-point").evaluate(N=10, L=5000, digits=20)
    assert found.exact is not None
    assert found.latex() == rf"\num{{{found.digits(20)}}}"
    assert found.digits(20) in repr(found)
    top, bottom = found.fraction_text().split("/")
    assert len(top) > 4300 < len(bottom)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 10])
def test_powers_of_balls_around_zero(count: int) -> None:
    ball = Balls().power(arb(0, 1), arb(count))
    assert ball.is_finite()
    assert all(ball.contains(arb(fmpq(v, 10)) ** count) for v in (-9, -3, 3, 9))
