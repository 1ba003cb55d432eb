"""Gaussian integrals of a gated unit: reference values, tails, inclusion, identities."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import mpmath
import pytest
from flint import acb, arb, arb_mat, ctx, fmpq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relutheory.evaluate.arithmetic import Undecided
from relutheory.evaluate.bivariate import bivariate_cdf, quadrant_moment
from relutheory.evaluate.gaussian import (
    cdf,
    density,
    integral,
    mills_ratio,
    positive_root,
    ramp_moment,
    ramp_moments,
    ramp_ratio,
    symmetric_eigenvalues,
    truncated_moment,
    truncated_moments,
)

rationals = st.fractions(Fraction(-12), Fraction(12), max_denominator=40)
correlations = st.fractions(Fraction(-99, 100), Fraction(99, 100), max_denominator=100)


def ball(x: Fraction | int | str) -> arb:
    """Ball around an exact number, at the current precision."""
    f = Fraction(x)
    return arb(fmpq(f.numerator, f.denominator))


def agrees(value: arb, text: str) -> bool:
    """Whether a ball proves the printed digits of a reference, up to one unit in the last of them."""
    mantissa, _, exponent = text.partition("e")
    decimals = len(mantissa.partition(".")[2])
    unit = Fraction(10) ** (int(exponent or 0) - decimals)
    return abs(value - ball(text)) < ball(unit) * arb("1.001")


def proves(value: arb, digits: int) -> bool:
    return value.rel_accuracy_bits() >= 3.33 * digits


def with_mpmath(value: arb, reference: mpmath.mpf, digits: int) -> bool:
    """Whether a ball agrees with an mpmath value to a number of digits."""
    man, exponent = (int(v) for v in reference.man_exp)
    exact = Fraction(man) * Fraction(2) ** exponent
    return proves(value, digits) and abs(value / ball(exact) - 1) < arb(10) ** -digits


def normal_cdf(x: mpmath.mpf) -> mpmath.mpf:
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


J = [
    (4, "0", "1.5"),
    (2, "3/2", "3.22715298937504887690654370375"),
    (4, "3/2", "21.5304735755068204895814299341"),
    (3, "-2", "0.00544395180461941089942828213281"),
    (1, "-8", "7.55026241194649891373884774403e-17"),
    (2, "-8", "1.80750644714584992524916977365e-17"),
    (0, "-8", "6.220960574271784123516e-16"),
    (4, "-8", "2.987333676279623718728e-18"),
]
T1 = [
    (2, "-2", "0.130732064974555311101411037988"),
    (3, "-2", "0.323945799079128311703385202464"),
    (4, "3/4", "1.51551636633077738259200448681"),
]
PHI2 = [
    ("1/2", "-1", "3/10", "0.133256135449951107966750016606"),
    ("-2", "-1", "-1/2", "1.46859766014257086710335701484e-4"),
    ("1", "1", "9/10", "0.798179829565444193909685908664"),
]


@pytest.mark.parametrize(("n", "h", "text"), J)
def test_ramp_moments_have_the_reference_digits(n: int, h: str, text: str) -> None:
    with ctx.workprec(160):
        assert agrees(ramp_moment(n, ball(h)), text)
        assert agrees(ramp_moments(n, ball(h))[n], text)


@pytest.mark.parametrize(("n", "h", "text"), T1)
def test_truncated_moments_have_the_reference_digits(n: int, h: str, text: str) -> None:
    with ctx.workprec(160):
        assert agrees(truncated_moment(n, ball(h)), text)


@pytest.mark.parametrize(("a", "b", "rho", "text"), PHI2)
def test_orthant_probabilities_have_the_reference_digits(a: str, b: str, rho: str, text: str) -> None:
    with ctx.workprec(160):
        assert agrees(bivariate_cdf(ball(a), ball(b), ball(rho)), text)


def test_ratios_and_mills_ratio_have_the_reference_digits() -> None:
    with ctx.workprec(160):
        assert agrees(ramp_ratio(1, arb(8)), "0.1213681122361126806535202")
        assert agrees(ramp_ratio(2, arb(8)), "0.2393965068400668851365267")
        assert agrees(mills_ratio(arb(10)), "0.0990285964717319213953371885953")
        assert agrees(mills_ratio(arb(1)), "0.655679542418798471543871230731")
        assert agrees(mills_ratio(arb(0)), "1.25331413731550025120788264241")
        assert (bivariate_cdf(arb(0), arb(0), ball("1/2")) - ball("1/3")).contains(0)


@pytest.mark.parametrize(
    ("i", "j", "text"),
    [(1, 1, "0.15675362276969358231"), (2, 2, "0.42890363332088750452"), (3, 1, "0.42733165685572690056")],
)
def test_quadrant_moments_have_the_reference_digits(i: int, j: int, text: str) -> None:
    with ctx.workprec(160):
        assert agrees(quadrant_moment(i, j, ball("1/2"), arb(-1), ball("3/10")), text)
        assert agrees(quadrant_moment(j, i, arb(-1), ball("1/2"), ball("3/10")), text)


@pytest.mark.parametrize("h", [-60, -40, -3, 7])
@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_ramp_and_truncated_moments_to_a_thousand_digits(h: int, n: int) -> None:
    with ctx.workprec(3700), mpmath.workdps(1090):
        values = [normal_cdf(mpmath.mpf(h)), mpmath.npdf(h) + h * normal_cdf(mpmath.mpf(h))]
        shifted = [values[0], mpmath.npdf(h)]
        for k in range(2, n + 1):
            values.append(h * values[k - 1] + (k - 1) * values[k - 2])
            shifted.append((k - 1) * shifted[k - 2] + mpmath.mpf(-h) ** (k - 1) * mpmath.npdf(h))
        assert with_mpmath(ramp_moment(n, arb(h)), values[n], 1000)
        assert with_mpmath(truncated_moment(n, arb(h)), shifted[n], 1000)
        if n:
            assert with_mpmath(ramp_ratio(n, arb(-h)), values[n] / values[n - 1], 1000)


def test_far_arguments_keep_their_digits() -> None:
    with ctx.workprec(200):
        assert cdf(arb(-60)) > 0
        assert proves(cdf(arb(-60)), 50)
        assert proves(cdf(arb(-(10**6))), 35)
        assert proves(ramp_moment(3, arb(-(10**6))), 35)
        assert proves(mills_ratio(arb(10) ** 30), 50)
        assert proves(ramp_ratio(4, arb(10) ** 30), 50)
        assert agrees(mills_ratio(arb(10) ** 30), "1.0000000000000000000000000e-30")
        assert proves(cdf(arb(10) ** -30), 50)


def test_balls_around_zero_are_enclosed() -> None:
    for precision in (64, 400):
        with ctx.workprec(precision):
            h = arb(0, arb(2) ** (4 - precision))
            for n in range(5):
                assert ramp_moment(n, h).contains(ramp_moment(n, arb(0)))
                assert truncated_moment(n, h).contains(truncated_moment(n, arb(0)))
                assert proves(ramp_moment(n, h), precision // 5)
            assert proves(mills_ratio(h), precision // 5)
            assert bivariate_cdf(h, ball("1/3"), ball("1/4")).overlaps(
                bivariate_cdf(arb(0), ball("1/3"), ball("1/4"))
            )


@settings(max_examples=40, deadline=None)
@given(rationals, st.integers(0, 7))
@example(Fraction(0), 3)
@example(Fraction(-1, 3), 7)
def test_low_precision_balls_contain_high_precision_values(h: Fraction, n: int) -> None:
    functions = [
        lambda x: ramp_moment(n, x),
        lambda x: truncated_moment(n, x),
        lambda x: ramp_ratio(n + 1, x),
    ]
    with ctx.workprec(320):
        exact = [f(ball(h)) for f in (*functions, mills_ratio, density, cdf)]
    with ctx.workprec(80):
        rough = [f(ball(h)) for f in (*functions, mills_ratio, density, cdf)]
    assert all(r.contains(e) for r, e in zip(rough, exact, strict=True))


@settings(max_examples=30, deadline=None)
@given(rationals, rationals, correlations)
@example(Fraction(1, 3), Fraction(-1, 3), Fraction(1, 3))
@example(Fraction(-5), Fraction(-5), Fraction(-9, 10))
@example(Fraction(0), Fraction(2), Fraction(1, 2))
def test_orthant_probability_inclusion_symmetry_and_complement(a: Fraction, b: Fraction, r: Fraction) -> None:
    with ctx.workprec(240):
        exact = bivariate_cdf(ball(a), ball(b), ball(r))
    with ctx.workprec(64):
        x, y, rho = ball(a), ball(b), ball(r)
        rough = bivariate_cdf(x, y, rho)
        assert rough.contains(exact)
        assert bivariate_cdf(y, x, rho).overlaps(rough)
        assert (rough + bivariate_cdf(x, -y, -rho)).overlaps(cdf(x))
        higher = bivariate_cdf(x, y, rho + (1 - rho) / 2)
        assert not higher < rough
        assert not bivariate_cdf(x, y + 1, rho) < rough


@pytest.mark.parametrize(
    ("a", "b", "rho"),
    [
        ("-40", "-40", "1/2"),
        ("-40", "-40", "-1/2"),
        ("-40", "10", "-1/2"),
        ("-40", "10", "9/10"),
        ("5", "-6", "-7/10"),
        ("1/3", "5/4", "-3/10"),
        ("3", "0", "99/100"),
        ("1/100000", "-1/100001", "1/5"),
    ],
)
def test_orthant_probability_against_one_dimensional_quadrature(a: str, b: str, rho: str) -> None:
    """Independent integral: ``int phi(z) Phi((b - rho z)/om) dz`` with mpmath, also far in the tails."""
    with mpmath.workdps(40):
        x, y, r = (mpmath.mpf(Fraction(v).numerator) / Fraction(v).denominator for v in (a, b, rho))
        om = mpmath.sqrt(1 - r * r)

        def integrand(z: mpmath.mpf) -> mpmath.mpf:
            return mpmath.npdf(z) * normal_cdf((y - r * z) / om) * 2**scale

        # mpmath stops at an absolute error, so tails are scaled up; they live on the length 1/|x|.
        scale = -int(mpmath.log(mpmath.npdf(x) * normal_cdf((y - r * x) / om), 2))
        length = 1 / max(abs(x), 1)
        points = [x - k * length for k in (500, 200, 100, 60, 40, 20, 10, 6, 4, 3, 2, 1, 0)]
        reference = mpmath.quad(integrand, points) / mpmath.mpf(2) ** scale
    with ctx.workprec(170):
        assert with_mpmath(bivariate_cdf(ball(a), ball(b), ball(rho)), reference, 25)


def test_orthant_probability_at_and_near_full_correlation() -> None:
    with ctx.workprec(400):
        one, a, b = arb(1), ball("1/2"), ball("-3/4")
        assert bivariate_cdf(a, b, one).overlaps(cdf(b))
        assert bivariate_cdf(a, -b, -one).overlaps(cdf(a) - cdf(b))
        assert bivariate_cdf(-a, b, -one).is_zero()
        tiny = arb(10) ** -30
        assert proves(bivariate_cdf(a, a, 1 - tiny), 60)
        # Phi(a) - Phi2(a, a; rho) is close to phi(a) sqrt((1 - rho)/pi) there.
        gap = (cdf(a) - bivariate_cdf(a, a, 1 - tiny)) / (density(a) * (tiny / arb.pi()).sqrt())
        assert abs(gap - 1) < arb("1e-25")
        # With b = -a and rho near -1 the probability is the integral of the density near the diagonal.
        gap = bivariate_cdf(a, -a, tiny - 1) / (density(a) * (tiny / arb.pi()).sqrt())
        assert abs(gap - 1) < arb("1e-25")
        assert proves(bivariate_cdf(a, -a, tiny - 1), 60)
        assert proves(bivariate_cdf(a, b, tiny - 1), 60)
        with pytest.raises(Undecided):
            bivariate_cdf(a, b, arb(1, tiny))


@pytest.mark.parametrize(("a", "rho"), [("1/3", "-1/3"), ("5", "9/10"), ("5", "-9/10"), ("-7", "1/2")])
def test_orthant_probability_with_a_sum_that_is_not_known_to_vanish(a: str, rho: str) -> None:
    with ctx.workprec(200):
        x, tiny = ball(a), arb("1e-50")
        nudged = bivariate_cdf(x, arb(0, tiny) - x, ball(rho))
        assert proves(nudged, 40)
        for shift in (arb(0), tiny, -tiny, tiny / 2):
            assert nudged.contains(bivariate_cdf(x, shift - x, ball(rho)))


def test_orthant_probability_to_a_thousand_digits() -> None:
    with ctx.workprec(3360):
        a, b, rho = ball("-40"), ball("-40"), ball("1/2")
        value = bivariate_cdf(a, b, rho)
        assert proves(value, 1000)
        assert (value + bivariate_cdf(a, -b, -rho)).overlaps(cdf(a))
        zero = bivariate_cdf(arb(0), arb(0), ball("-9/10"))
        assert zero.overlaps(arb(1) / 4 - ball("9/10").asin() / (2 * arb.pi()))


@settings(max_examples=20, deadline=None)
@given(
    st.fractions(-3, 3, max_denominator=8),
    st.fractions(-3, 3, max_denominator=8),
    correlations,
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_quadrant_moments_of_the_two_halves_add_up(
    h: Fraction, k: Fraction, r: Fraction, i: int, j: int
) -> None:
    """Over ``z2 > -k`` and ``z2 < -k`` together: a moment over a half-plane, by conditioning on ``z1``."""
    with ctx.workprec(160):
        x, y, rho = ball(h), ball(k), ball(r)
        both = quadrant_moment(i, j, x, y, rho) + (-1) ** j * quadrant_moment(i, j, x, -y, -rho)
        t = truncated_moments(i + j, x)
        om2 = 1 - rho * rho
        conditional = {0: [(1, 0)], 1: [(rho, 1)], 2: [(rho * rho, 2), (om2, 0)]}
        conditional[3] = [(rho * rho * rho, 3), (3 * rho * om2, 1)]
        assert both.overlaps(sum((c * t[i + p] for c, p in conditional[j]), start=arb(0)))
        with ctx.workprec(480):
            exact = quadrant_moment(i, j, ball(h), ball(k), ball(r))
        assert quadrant_moment(i, j, x, y, rho).contains(exact)


def test_quadrant_moments_refuse_full_correlation() -> None:
    with pytest.raises(Undecided):
        quadrant_moment(1, 1, arb(0), arb(0), arb(1))


def test_integral_is_relative_and_passes_exceptions_on() -> None:
    with ctx.workprec(120):
        tiny = integral(lambda x, _: (-x * x / 2 - 9000).exp(), arb(-1), arb(2))
        assert proves(tiny, 30)
        assert tiny.overlaps((cdf(arb(2)) - cdf(arb(-1))) * (2 * arb.pi()).sqrt() * arb(-9000).exp())
        root = integral(lambda x, analytic: x.sqrt(analytic=analytic), arb(1), arb(4))
        assert root.overlaps(arb(14) / 3)
        ends = integral(lambda x, _: x * x, arb(0, arb("1e-20")), arb(1, arb("1e-20")))
        assert ends.contains(ball(Fraction(1, 3) + Fraction(1, 10**20)))
        assert ends.contains(ball("1/3"))

        def undecided(_x: acb, _analytic: bool) -> acb:
            raise Undecided

        with pytest.raises(Undecided):
            integral(undecided, arb(0), arb(1))
        with pytest.raises(Undecided):
            integral(lambda x, _: 1 / x, arb(-1), arb(1), evaluations=500)


@pytest.mark.parametrize("precision", [53, 140, 3400])
def test_roots_shrink_with_the_precision(precision: int) -> None:
    with ctx.workprec(precision):
        root = positive_root(lambda x: x * x * x - 2, arb(0), arb(10))
        assert root.contains(arb(2).root(3))
        assert root.rel_accuracy_bits() > precision - 30
        newton = positive_root(lambda x: x * x - 2, arb(1), arb(2), derivative=lambda x: 2 * x)
        assert newton.overlaps(arb(2).sqrt())
        assert newton.rel_accuracy_bits() > precision - 8
        small = positive_root(lambda x: x - ball(Fraction(1, 10**25)), arb(0), arb(1))
        assert small.contains(ball(Fraction(1, 10**25)))
        assert small.rel_accuracy_bits() > precision - 30
        with pytest.raises(Undecided):
            positive_root(lambda x: x + 1, arb(0), arb(1))


def test_roots_of_a_noisy_function_are_not_claimed() -> None:
    with ctx.workprec(100), pytest.raises(Undecided):
        positive_root(lambda x: x - 1 + arb(0, 1), arb(0), arb(2))


def test_eigenvalues_of_multiple_and_graded_matrices() -> None:
    with ctx.workprec(200):
        identity = [[arb(int(i == j)) for j in range(4)] for i in range(4)]
        assert all(v.contains(1) and proves(v, 50) for v in symmetric_eigenvalues(arb_mat(identity)))
        block = [[ball("2/3") if i == j else ball("1/6") for j in range(5)] for i in range(5)]
        found = symmetric_eigenvalues(arb_mat(block))
        assert all(v.contains(ball("1/2")) for v in found[:4])
        assert found[4].contains(ball("4/3"))
        assert all(proves(v, 45) for v in found)
    tiny = Fraction(1, 10**40)
    with ctx.workprec(300):
        # Eigenvalues 1 +- 1 + tiny/2-like: the small one is exactly det/other.
        small, large = symmetric_eigenvalues(arb_mat([[arb(1), arb(1)], [arb(1), 1 + ball(tiny)]]))
        assert proves(small, 40)
        assert (small * large).contains(ball(tiny))
        assert symmetric_eigenvalues(arb_mat([[ball("5/7")]]))[0].contains(ball("5/7"))


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 5), st.randoms(use_true_random=False))
def test_eigenvalues_reproduce_trace_and_determinant(n: int, random) -> None:
    with ctx.workprec(150):
        rows = [[ball(random.randint(-9, 9)) / 7 for _ in range(n)] for _ in range(n)]
        matrix = arb_mat(rows) + arb_mat(rows).transpose()
        values = symmetric_eigenvalues(matrix)
        assert sum(values, start=arb(0)).overlaps(matrix.trace())
        product = arb(1)
        for v in values:
            product *= v
        assert product.overlaps(matrix.det())
        assert all(not right < left for left, right in pairwise(values))


def test_eigenvalues_need_separated_rounding() -> None:
    with ctx.workprec(60):
        wide = arb_mat([[arb(1, 0.5), arb(0, 0.1)], [arb(0, 0.1), arb(2, 0.5)]])
        assert symmetric_eigenvalues(wide)[0].contains(1)
        infinite = arb_mat([[arb("nan"), arb(0)], [arb(0), arb(1)]])
        with pytest.raises(Undecided):
            symmetric_eigenvalues(infinite)
