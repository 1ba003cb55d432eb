"""Randomized asymmetric initialization: reference values, slow references, properties, dropped hypotheses."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import relutheory as rt
from relutheory.theorems import all_theorems
from relutheory.theorems import theorem as get

EXAMPLES = [(t.id, e) for t in all_theorems("rai") for e in t.examples]

#: Digits of the statement that is validated, not certified.
VALIDATED = {"rai-mean-field-gain": 12}

ratios = st.fractions(Fraction(1, 1000), 50, max_denominator=1000)
positive = st.fractions(Fraction(1, 8), 4, max_denominator=16)
features = st.lists(
    st.one_of(st.just(Fraction(0)), st.integers(-24, 24).map(lambda k: Fraction(10) ** k)),
    min_size=1,
    max_size=8,
).map(tuple)
laws = st.one_of(
    st.builds(lambda a, b: {"law": "beta", "a": a, "b": b}, st.integers(1, 4), st.integers(1, 3)),
    st.builds(lambda M: {"law": "uniform", "M": M}, positive),
    st.builds(lambda s: {"law": "halfnormal", "s": s}, positive),
    st.builds(lambda rate: {"law": "exponential", "rate": rate}, positive),
    st.builds(lambda c: {"law": "constant", "c": c}, positive),
)
SMALL = Fraction(1, 10**25)
#: Laws with one scale, and the power of it that multiplies X.
SCALED = (("halfnormal", "s", 1), ("uniform", "M", 1), ("constant", "c", 1), ("exponential", "rate", -1))


def values(id: str, digits: int = 30, **parameters: Any) -> Any:
    return get(id).evaluate(digits=digits, **parameters)


def number(id: str, result: str = "value", **parameters: Any) -> Fraction:
    found = values(id, **parameters)
    one = found if isinstance(found, rt.Enclosure) else found[result]
    return (one.lower + one.upper) / 2


@pytest.mark.parametrize(("id", "example"), EXAMPLES, ids=[f"{i}-{n}" for n, (i, _) in enumerate(EXAMPLES)])
def test_reference_values(id: str, example: Any) -> None:
    digits = VALIDATED.get(id, 30 if id == "rai-single-input-depth3" else 60)
    found = get(id).evaluate(digits=digits, **example.parameters)
    result = found if isinstance(found, rt.Enclosure) else found[example.result]
    assert result.agrees_with(example.value)
    assert result.trust == ("validated" if id in VALIDATED else result.trust)


def mp(value: Fraction) -> Any:
    return mpmath.mpf(value.numerator) / value.denominator


def mean_over(law: dict[str, Any], f: Any) -> Any:
    """``E f(X)`` by quadrature of the definition."""
    word = law["law"]
    if word == "constant":
        return f(mp(law["c"]))
    if word == "uniform":
        top = mp(law["M"])
        return mpmath.quad(lambda x: f(top * x), [0, 0.1, 0.5, 1])
    if word == "beta":
        a, b = law["a"], law["b"]
        return mpmath.quad(
            lambda x: f(x) * x ** (a - 1) * (1 - x) ** (b - 1), [0, 0.1, 0.5, 1]
        ) / mpmath.beta(a, b)
    if word == "halfnormal":
        s = mp(law["s"])
        return 2 * mpmath.quad(lambda g: f(s * g) * mpmath.npdf(g), [0, 0.1, 0.5, 1, 2, 4, 8, 14])
    rate = mp(law["rate"])
    return mpmath.quad(lambda e: f(e / rate) * mpmath.exp(-e), [0, 0.1, 0.5, 1, 3, 10, 30, 90])


@given(laws, st.fractions(Fraction(1, 100), 10, max_denominator=100))
def test_gate_functions_are_their_means(law: dict[str, Any], t: Fraction) -> None:
    with mpmath.workdps(30):
        slow = mean_over(law, lambda x: mpmath.ncdf(-mp(t) * x))
        assert abs(mp(number("rai-gate-function", t=t, **law)) - slow) < mpmath.mpf(10) ** -15


@given(laws, ratios, ratios)
@example({"law": "beta", "a": 2, "b": 1}, Fraction(1, 1000), Fraction(50))
def test_gate_functions_fall_and_are_convex(law: dict[str, Any], s: Fraction, t: Fraction) -> None:
    low, middle, high = (number("rai-gate-function", t=v, **law) for v in sorted([s, (s + t) / 2, t]))
    assert Fraction(1, 2) > low >= middle >= high > 0
    assert low + high >= 2 * middle - SMALL


@given(ratios, positive, positive)
def test_gate_functions_scale(t: Fraction, one: Fraction, two: Fraction) -> None:
    for law, name, power in (
        ("halfnormal", "s", 1),
        ("uniform", "M", 1),
        ("constant", "c", 1),
        ("exponential", "rate", -1),
    ):
        factor = (one / two) ** power
        first = number("rai-gate-function", t=t, law=law, **{name: one})
        second = number("rai-gate-function", t=t * factor, law=law, **{name: two})
        assert abs(first - second) < SMALL


def test_the_gate_function_at_zero_and_its_tail() -> None:
    assert values("rai-gate-function", t=0, law="exponential", rate=3).exact == Fraction(1, 2)
    tail = number("rai-gate-function", t=10**6)
    assert abs(2 * tail * 10**12 - 1) < Fraction(1, 10**20)
    assert 2 * number("rai-gate-function", t=3) * 9 < 1


@given(features)
@example((Fraction(0),))
@example((Fraction(1), Fraction(1), Fraction(1)))
@example((Fraction(10**6),) * 8)
def test_dead_probability_stays_in_its_range(h: tuple[Fraction, ...]) -> None:
    n = len(h)
    found = values("rai-unit-dead-probability", h=h)
    bounds = values("rai-unit-dead-range", n=n)
    assert bounds["lower"].lower <= found.upper
    assert found.lower <= bounds["upper"].upper
    floor = values("rai-gamma-floor-any-law", n=n)
    assert floor.lower <= Fraction(1, 2) - found.lower
    shuffled = values("rai-unit-dead-probability", h=h[::-1])
    assert abs(shuffled.lower - found.lower) < SMALL
    if not any(h):
        assert found.exact == bounds["upper"].exact
    gain, sharp = values("rai-post-activation-gain", h=h), values("rai-second-moment-sharp")
    assert sharp["lower"].lower <= gain.upper
    assert gain.lower <= sharp["upper"].upper


@given(laws, st.lists(positive, min_size=1, max_size=4).map(tuple), positive)
def test_gains_lie_between_sharp_and_plain_bounds(
    law: dict[str, Any], h: tuple[Fraction, ...], sigma_w: Fraction
) -> None:
    plain = values("rai-second-moment-bounds", sigma_w=sigma_w, **law)
    sharp = values("rai-second-moment-sharp", sigma_w=sigma_w, **law)
    assert plain["C_low"].lower <= sharp["lower"].upper <= sharp["upper"].upper + SMALL
    assert sharp["upper"].lower <= plain["C_upp"].upper
    u = (sum((v * v for v in h), Fraction(0)) + 1) / (len(h) + 1)
    second = number("rai-second-moment", h=h, sigma_w=sigma_w, **law)
    assert (
        abs(second / u - 2 * number("rai-second-moment-bounds", "C_low", sigma_w=sigma_w, **law))
        < SMALL * 10**3
    )
    if law["law"] == "beta" and (law["a"], law["b"]) == (2, 1):
        gain = number("rai-post-activation-gain", h=h, sigma_w=sigma_w)
        assert sharp["lower"].lower - SMALL <= gain <= sharp["upper"].upper + SMALL


@pytest.mark.parametrize("h", [(1, 0), (Fraction(1, 5), 3), (5, 0, 0, 2)])
def test_gain_and_dead_probability_are_means_over_rows(h: tuple[Any, ...]) -> None:
    """The definition: replaced position, X, then one Gaussian, by quadrature."""
    full = [*map(Fraction, h), Fraction(1)]
    n = len(h)
    with mpmath.workdps(30):
        sigma = mpmath.sqrt(1 + 8 / (9 * mpmath.pi)) - 2 * mpmath.sqrt(2) / (3 * mpmath.sqrt(mpmath.pi))
        dead = gain = mpmath.mpf(0)
        for v in full:
            rest = sigma / mpmath.sqrt(n) * mpmath.sqrt(mp(sum((w * w for w in full), Fraction(0)) - v * v))
            dead += mpmath.quad(lambda x, v=v, rest=rest: 2 * x * mpmath.ncdf(-x * mp(v) / rest), [0, 0.2, 1])

            def square(x: Any, v: Any = v, rest: Any = rest) -> Any:
                c = x * mp(v)
                return 2 * x * ((rest**2 + c**2) * mpmath.ncdf(c / rest) + rest * c * mpmath.npdf(c / rest))

            gain += mpmath.quad(square, [0, 0.2, 1])
        u = mp(sum((w * w for w in full), Fraction(0))) / (n + 1)
        assert abs(mp(number("rai-unit-dead-probability", h=h)) - dead / (n + 1)) < mpmath.mpf(10) ** -18
        assert abs(mp(number("rai-post-activation-gain", h=h)) - gain / (n + 1) / u) < mpmath.mpf(10) ** -18


@given(st.integers(1, 5), st.integers(1, 5))
def test_scales_solve_their_equations_and_are_ordered(a: int, b: int) -> None:
    law = {"law": "beta", "a": a, "b": b}
    plain, sharp = values("rai-sigma-w", **law), values("rai-sharp-sigma", **law)
    mean, square = Fraction(a, a + b), Fraction(a * (a + 1), (a + b) * (a + b + 1))
    with mpmath.workdps(30):
        s = mpmath.mpf(plain.digits())
        assert (
            abs(s**2 / 2 + mpmath.sqrt(2 / mpmath.pi) * mp(mean) * s + mp(square) - 1) < mpmath.mpf(10) ** -27
        )
        assert plain.upper < sharp.lower
        assert sharp.upper**2 <= 2 * (1 - square)
        t = mpmath.mpf(sharp.digits())
        mean_gain = mean_over(law, lambda x: (t**2 + x**2) * mpmath.ncdf(x / t) + t * x * mpmath.npdf(x / t))
        assert abs(mean_gain - 1) < mpmath.mpf(10) ** -15


def test_the_default_scale_to_five_hundred_digits() -> None:
    found = values("rai-sigma-w", 500)
    with mpmath.workdps(520):
        exact = mpmath.sqrt(1 + 8 / (9 * mpmath.pi)) - 2 * mpmath.sqrt(2) / (3 * mpmath.sqrt(mpmath.pi))
        assert found.agrees_with(mpmath.nstr(exact, 500))


def test_the_sharp_scale_is_the_root_of_its_definition() -> None:
    # C*(s) = E[(s^2 + X^2) Phi(X/s) + s X phi(X/s)] by quadrature, below and above the printed root.
    def constant(s: Any) -> Any:
        return mpmath.quad(
            lambda x: 2 * x * ((s**2 + x**2) * mpmath.ncdf(x / s) + s * x * mpmath.npdf(x / s)), [0, 0.5, 1]
        )

    with mpmath.workdps(35):
        root = mpmath.mpf("0.752477863096198939413383453221")
        step = mpmath.mpf(10) ** -28
        assert constant(root - step) < 1 < constant(root + step)
    assert values("rai-sharp-sigma").agrees_with("0.752477863096198939413383453221")


@given(st.lists(st.integers(1, 6), min_size=1, max_size=8).map(tuple))
@example((1,))
@example((2,) * 9)
def test_explicit_bounds_are_ordered_and_better_than_symmetric_laws(widths: tuple[int, ...]) -> None:
    found = values("rai-born-dead-explicit", widths=widths)
    symmetric = values("born-dead-upper-bound", widths=widths).exact
    assert found["lower"].lower <= found["upper"].upper
    assert found["upper"].exact <= symmetric
    if len(widths) == 1:
        assert found["lower"].upper >= found["upper"].exact == symmetric


def test_the_floor_is_special_to_beta21() -> None:
    # P = U(0, 1) with its own scale at n = 1, h = (2): gamma is below 1/4.
    scale = Fraction("0.8227320937")
    p = number("rai-unit-dead-probability", h=(2,), sigma_w=scale, law="uniform", M=1)
    assert abs(Fraction(1, 2) - p - Fraction("0.22726748065523954952")) < Fraction(1, 10**10)
    assert Fraction(1, 2) - p < Fraction(1, 4)


def test_the_floor_needs_a_small_scale() -> None:
    # Beta(2, 1), n = 1, sigma_w = 2 > 0.912: the unit is dead with probability above n/(2(n+1)).
    worst = max(number("rai-unit-dead-probability", h=(h,), sigma_w=2) for h in (1, 2, 3, 4, 6))
    assert worst > Fraction(1, 4)
    with pytest.raises(rt.DomainError, match="sigma_w/sqrt"):
        values("rai-unit-dead-range", n=1, sigma_w=2)


def test_the_floor_ends_where_it_is_said_to_end() -> None:
    """1/2 - F(t) >= r/2 with r the share of the replaced entry, at the critical ratio t of n = 1."""
    ratio = Fraction("1.7657310013")
    gate = values("rai-gate-function", t=ratio)
    for scale, holds in (("0.91204536361506070143", True), ("0.91204536361506070145", False)):
        inverse_share = 1 + Fraction(scale) ** 2 * ratio**2
        assert (gate.upper * inverse_share <= Fraction(1, 2)) == holds
        assert (gate.lower * inverse_share <= Fraction(1, 2)) == holds


@pytest.mark.parametrize("n", [1, 2, 10])
def test_limits_of_the_second_moment(n: int) -> None:
    found = values("rai-second-moment-recursion", n=n)
    sharp = values("rai-second-moment-sharp")
    assert abs(found["limit_low"].lower * (n + 1 - n * sharp["lower"].lower) - 1) < SMALL
    # Without C* < 1 + 1/n the upper limit does not exist, and is not printed.
    assert "limit_high" not in values("rai-second-moment-recursion", n=10, sigma_w=2)


def test_raw_numbers_of_the_collapsed_loss() -> None:
    with mpmath.workdps(30):
        r = mpmath.sqrt(3)
        mean = mpmath.quad(lambda x: x * mpmath.sin(5 * x), mpmath.linspace(-r, r, 9)) / (2 * r)
        square = mpmath.quad(lambda x: (x * mpmath.sin(5 * x)) ** 2, mpmath.linspace(-r, r, 9)) / (2 * r)
        found = values("rai-collapsed-loss", target="f2", r="sqrt(3)")
        assert found["mean"].agrees_with(mpmath.nstr(mean, 20))
        assert found["variance"].agrees_with(mpmath.nstr(square - mean**2, 20))


BAD = [
    ("rai-sigma-w", {"law": "exponential", "rate": 1}, r"E X\^2 < 1"),
    ("rai-sigma-w", {"law": "halfnormal", "s": 1}, r"E X\^2 < 1"),
    ("rai-sharp-sigma", {"law": "constant", "c": 1}, r"E X\^2 < 1"),
    ("rai-sigma-w", {"law": "uniform"}, "needs M"),
    ("rai-sigma-w", {"law": "uniform", "M": 1, "rate": 2}, "rate is a parameter of law = exponential"),
    ("rai-sigma-w", {"law": "gauss"}, "law must be one of beta"),
    ("rai-sigma-w", {"law": "beta", "a": 0}, "a must be an exact number > 0"),
    ("rai-sampler", {"n": 0}, "n must be an integer >= 1"),
    ("rai-sampler", {"n": 2, "sigma_w": -1}, "sigma_w must be an exact number > 0"),
    ("rai-unit-dead-probability", {"h": (1, -1)}, "h must be a list of exact numbers >= 0"),
    ("rai-unit-dead-probability", {"h": "a"}, "h must be a list"),
    ("rai-unit-dead-range", {"n": 1, "sigma_w": "0.7"}, "sigma_w/sqrt"),
    ("rai-born-dead-upper-bound", {"widths": (2, 2), "gammas": (0,)}, "gammas must have one entry for each"),
    (
        "rai-born-dead-upper-bound",
        {"widths": (2,), "gammas": ("1/2",)},
        "gammas must be a list of exact numbers",
    ),
    ("rai-single-input-depth3", {"N": 3, "x": 1}, r"N must be an integer in 1\.\.2"),
    ("rai-single-input-depth3", {"N": 1, "x": 0}, "x must not be 0"),
    ("rai-collapsed-loss", {"target": "f5", "r": 1}, "target must be one of f1, f2, f3, f4"),
    ("rai-collapsed-loss", {"target": "f1", "r": 0}, "r must be an exact number > 0"),
    ("rai-gate-function", {"t": "-1"}, "t must be an exact number >= 0"),
]


@pytest.mark.parametrize(("id", "parameters", "words"), BAD)
def test_bad_input_is_refused_in_one_line(id: str, parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(rt.DomainError, match=words) as caught:
        get(id).evaluate(**parameters)
    assert "\n" not in str(caught.value)
