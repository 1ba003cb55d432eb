"""Replacing laws, second layer and mean field of randomized asymmetric initialisation."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from flint import arb, ctx, fmpq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relutheory.errors import DomainError, PrecisionError
from relutheory.evaluate.arithmetic import Undecided
from relutheory.evaluate.mean_field import (
    critical_sigma,
    first_gain,
    mean_field_gain,
    mean_field_sequence,
)
from relutheory.evaluate.replacing_laws import (
    Beta,
    Constant,
    Exponential,
    HalfNormal,
    Law,
    Uniform,
    critical_bound_sigma,
    gain_bound,
    gate,
    law_moment,
    open_second_moment,
    sharp_sigma,
)
from relutheory.evaluate.second_layer import second_layer_death


def ball(x: Fraction | int | str) -> arb:
    """Ball around an exact number, at the current precision."""
    f = Fraction(x)
    return arb(fmpq(f.numerator, f.denominator))


def law(name: str) -> Law:
    """Law from ``beta 2 1``, ``uniform 1``, ``halfnormal 1``, ``exponential 2`` or ``constant 1/2``."""
    kind, *parameters = name.split()
    classes = {
        "beta": Beta,
        "uniform": Uniform,
        "halfnormal": HalfNormal,
        "exponential": Exponential,
        "constant": Constant,
    }
    return classes[kind](*map(ball, parameters))


def agrees(value: arb, text: str) -> bool:
    """Whether a ball proves the printed digits of a reference, up to one unit in the last of them."""
    unit = Fraction(10) ** -len(text.partition(".")[2])
    return abs(value - ball(text)) < ball(unit) * arb("1.001")


def scale() -> arb:
    return critical_bound_sigma(law("beta 2 1"))


GATE = [
    ("beta 2 1", "1/100", "0.49734041139319085277601640407"),
    ("beta 2 1", "1/2", "0.37025673029344035536375294863198"),
    ("beta 2 1", "1", "0.25802927548085665020216980706444"),
    ("beta 2 1", "5", "0.019999977841606057166613625154"),
    ("uniform 1", "1", "0.31562680981374637955688332136678"),
    ("beta 3 1", "2", "0.081992477163646337722346001842"),
    ("exponential 2", "1", "0.33189799877682939357285088597"),
    ("exponential 3", "1/20", "0.49335280741131567879820853680"),
    ("halfnormal 1", "1/2", "0.35241638234956672582459892378"),
]
SIGMA = [
    ("beta 2 1", "0.60074730914830772684080680065442827076657102420990"),
    ("uniform 1", "0.8227320937364669130860996413"),
    ("beta 3 1", "0.4777364862216003784654057866"),
    ("beta 2 2", "0.8497189799457822807624347347"),
    ("halfnormal 1/2", "0.9471233138083455279249214654"),
    ("exponential 3", "1.0092996631056588699884671930"),
    ("constant 1/2", "0.8891396048418523639538370173"),
]
SHARP = [
    ("beta 2 1", "0.75247786309619893941338345322"),
    ("uniform 1", "0.92645456471689058028444783447"),
    ("constant 1/2", "0.97049009601022072544565751757"),
]
LAWS = [
    "beta 2 1",
    "beta 3 1",
    "beta 2 2",
    "beta 1 1",
    "beta 5/2 3",
    "beta 3/2 5/4",
    "beta 7/3 12/5",
    "uniform 3/2",
    "halfnormal 1/2",
    "exponential 3",
    "constant 2/3",
]


@pytest.mark.parametrize(("name", "t", "text"), GATE)
def test_gate_function_has_the_reference_digits(name: str, t: str, text: str) -> None:
    with ctx.workprec(160):
        assert agrees(gate(ball(t), law(name)), text)


@pytest.mark.parametrize(("name", "text"), SIGMA)
def test_critical_bound_sigma_has_the_reference_digits(name: str, text: str) -> None:
    with ctx.workprec(220):
        assert agrees(critical_bound_sigma(law(name)), text)


@pytest.mark.parametrize(("name", "text"), SHARP)
def test_sharp_sigma_has_the_reference_digits(name: str, text: str) -> None:
    with ctx.workprec(160):
        found = sharp_sigma(law(name))
        assert agrees(found, text)
        assert gain_bound(found, law(name)).contains(1)


def test_gain_bound_has_the_reference_digits() -> None:
    with ctx.workprec(160):
        assert agrees(gain_bound(scale(), law("beta 2 1")), "0.83094559211251338415399012945062")
        assert agrees(gain_bound(arb(1), law("beta 2 1")), "1.33331547058768629838306273857")


def test_moments_of_the_laws() -> None:
    with ctx.workprec(160):
        expected = {"beta 2 1": "1/2", "uniform 1": "1/3", "halfnormal 1/2": "1/4", "exponential 3": "2/9"}
        for name, value in (expected | {"constant 2/3": "4/9", "beta 3/2 5/4": "4/11"}).items():
            assert law_moment(2, law(name)).contains(ball(value))
            assert law_moment(0, law(name)).contains(1)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("t", ["1/1000", "1/2", "3", "40", "300"])
def test_gate_and_second_moment_against_quadrature(name: str, t: str) -> None:
    """Independent: mpmath quadrature of ``E Phi(-tX)`` and ``E J_2(tX)`` over the density of the law."""
    kind, *values = name.split()
    with mpmath.workdps(25):
        a, *more = (mpmath.mpf(Fraction(v).numerator) / Fraction(v).denominator for v in values)
        x = mpmath.mpf(Fraction(t).numerator) / Fraction(t).denominator

        def phi(u: mpmath.mpf) -> mpmath.mpf:
            return mpmath.erfc(-u / mpmath.sqrt(2)) / 2

        def square(u: mpmath.mpf) -> mpmath.mpf:
            return (1 + u * u) * phi(u) + u * mpmath.npdf(u)

        if kind == "constant":
            first, second = phi(-a * x), square(a * x)
        else:
            end = {"beta": 1, "uniform": a, "halfnormal": 14 * a, "exponential": 75 / a}[kind]
            beta = mpmath.beta(a, more[0]) if more else 1
            densities = {
                "beta": lambda u: u ** (a - 1) * (1 - u) ** (more[0] - 1) / beta,
                "uniform": lambda u: 1 / a,
                "halfnormal": lambda u: 2 * mpmath.npdf(u / a) / a,
                "exponential": lambda u: a * mpmath.exp(-a * u),
            }
            cuts = [end * k for k in (mpmath.mpf(1) / 16, mpmath.mpf(1) / 4)] + [k / x for k in (1, 3, 8, 14)]
            points = [0, *sorted(c for c in cuts if c < end), end]
            first = mpmath.quad(lambda u: densities[kind](u) * phi(-x * u), points)
            second = mpmath.quad(lambda u: densities[kind](u) * square(x * u), points)
    with ctx.workprec(150):
        for value, reference in (
            (gate(ball(t), law(name)), first),
            (open_second_moment(ball(t), law(name)), second),
        ):
            assert value.rel_accuracy_bits() > 100
            assert abs(value / arb(mpmath.nstr(reference, 25)) - 1) < arb("1e-14")


@pytest.mark.parametrize("name", LAWS)
def test_tiny_and_huge_arguments_keep_their_digits(name: str) -> None:
    with ctx.workprec(200):
        tiny, huge, one = arb(10) ** -30, arb(10) ** 6, law(name)
        assert gate(arb(0), one) == arb("0.5")
        assert open_second_moment(arb(0), one) == arb("0.5")
        # F is 1/2 - mu1 phi(0) t and G2 is 1/2 + 2 phi(0) mu1 t up to squares; G2 is 1 + mu2 t^2 for large t.
        slope = (arb(1) / 2 - gate(tiny, one)) / (tiny * law_moment(1, one) / (2 * arb.pi()).sqrt())
        assert abs(slope - 1) < arb("1e-25")
        slope = (open_second_moment(tiny, one) - arb(1) / 2) / (
            2 * tiny * law_moment(1, one) / (2 * arb.pi()).sqrt()
        )
        assert abs(slope - 1) < arb("1e-25")
        assert open_second_moment(huge, one).rel_accuracy_bits() > 180
        assert abs(open_second_moment(huge, one) / (1 + huge * huge * law_moment(2, one)) - 1) < arb("1e-12")
        for t in (huge, huge * huge) if name != "constant 2/3" else (arb(10) ** 3,):
            assert gate(t, one) > 0
            assert gate(t, one).rel_accuracy_bits() > 170
    with ctx.workprec(3400):
        one = law(name)
        assert gate(ball("1/3"), one).rel_accuracy_bits() > 3325
        assert gate(ball("1000"), one).rel_accuracy_bits() > 3325
        assert open_second_moment(ball("1/3"), one).rel_accuracy_bits() > 3325


@settings(max_examples=60, deadline=None)
@given(st.fractions(Fraction(1, 1000), 60, max_denominator=1000), st.sampled_from(LAWS))
@example(Fraction(28), "beta 3/2 5/4")
@example(Fraction(23), "beta 7/3 12/5")
@example(Fraction(22), "beta 7/3 12/5")
def test_gate_inclusion_and_monotonicity(t: Fraction, name: str) -> None:
    with ctx.workprec(260):
        exact = [f(ball(t), law(name)) for f in (gate, open_second_moment)]
    with ctx.workprec(64):
        rough = [f(ball(t), law(name)) for f in (gate, open_second_moment)]
        assert all(r.contains(e) for r, e in zip(rough, exact, strict=True))
        assert gate(ball(t + 1), law(name)) < rough[0]
        assert open_second_moment(ball(t + 1), law(name)) > rough[1]
        assert rough[0] < arb("0.5")


def test_gate_of_inexact_arguments_encloses_all_values() -> None:
    with ctx.workprec(100):
        wide = arb(3, arb("1e-10"))
        for name in LAWS:
            found = gate(wide, law(name))
            assert found.contains(gate(arb(3), law(name)))
            assert found.contains(gate(arb(3) + arb("1e-10"), law(name)))
            assert found.contains(gate(arb(3) - arb("1e-10"), law(name)))
            assert found.rad() < arb("1e-9")


def test_sharp_sigma_needs_a_second_moment_below_one() -> None:
    with ctx.workprec(100):
        for name in ("exponential 1", "halfnormal 1", "constant 1"):
            with pytest.raises((DomainError, Undecided)):
                sharp_sigma(law(name))
        with pytest.raises(DomainError):
            critical_bound_sigma(law("uniform 2"))


@pytest.mark.parametrize("name", ["beta 2 1", "beta 3/2 5/4", "exponential 3", "halfnormal 1/2"])
def test_sharp_sigma_lies_between_its_bounds(name: str) -> None:
    with ctx.workprec(120):
        found = sharp_sigma(law(name))
        assert found > critical_bound_sigma(law(name))
        assert found < (2 * (1 - law_moment(2, law(name)))).sqrt()
        assert found.rel_accuracy_bits() > 90


def test_second_layer_of_one_unit_has_the_reference_digits() -> None:
    with ctx.workprec(160):
        assert agrees(second_layer_death(1, arb(1)), "0.586938217378912147703487925278")
        assert agrees(second_layer_death(1, arb(-3)), "0.595123268636327003051943")
        dead = 2 * second_layer_death(1, arb(1)) - 1
        # gamma_2 = 1/2 - E p is printed as well, with 1 - (1 - E p)/2 the probability.
        assert agrees(arb(1) / 2 - dead, "0.326123565242175704593")
    with ctx.workprec(3360):
        assert second_layer_death(1, arb(1)).rel_accuracy_bits() > 3330


@pytest.mark.parametrize("x", ["1/1000", "1/3", "20"])
def test_second_layer_of_one_unit_against_quadrature(x: str) -> None:
    with mpmath.workdps(25):
        size = mpmath.sqrt(2) * Fraction(x).numerator / Fraction(x).denominator
        with ctx.workprec(120):
            sigma = mpmath.mpf(scale().str(25, radius=False))

        def dead(t: mpmath.mpf) -> mpmath.mpf:
            upper = mpmath.erfc(t / mpmath.sqrt(2)) / 2
            centre = mpmath.erf(t / mpmath.sqrt(2)) / 2 - t * mpmath.npdf(t)
            return upper + centre / t**2

        def integrand(w: mpmath.mpf) -> mpmath.mpf:
            g = mpmath.exp(w)
            return 2 * g * mpmath.npdf(g) * (dead(size * g / sigma) + dead(1 / (sigma * size * g))) / 2

        mean = mpmath.quad(integrand, [-30, -20, -15, *range(-10, 2), 2, 2.6])
    with ctx.workprec(120):
        value = second_layer_death(1, ball(x))
        assert abs(value - (1 + arb(mpmath.nstr(mean, 20))) / 2) < arb("1e-10")


def test_second_layer_of_two_units() -> None:
    with ctx.workprec(80):
        rough = second_layer_death(2, arb(1))
        assert rough.rel_accuracy_bits() > 60
    with ctx.workprec(110):
        assert rough.contains(second_layer_death(2, arb(-1)))
        # Without a signal only the biases are left, p = 1/3; for a huge one at least one entry decides.
        assert abs(second_layer_death(2, arb(10) ** -9) - ball("1/4") - ball("3/4") / 9) < arb("1e-8")
    with pytest.raises(ValueError, match="width"):
        second_layer_death(3, arb(1))


def test_mean_field_has_the_reference_digits() -> None:
    with ctx.workprec(160):
        assert agrees(first_gain(scale()), "0.745135269826525808844")
        gain, opened = mean_field_gain(scale(), 13)
        assert agrees(gain, "0.7645949602696")
        assert agrees(opened, "0.6915843816960")
        sequence = mean_field_sequence(scale(), 3, 12)
        assert agrees(sequence[0], "0.745135269826525808844")
        assert agrees(sequence[1], "0.758763250543")
        assert agrees(sequence[2], "0.762387425816")
        assert len(mean_field_sequence(scale(), 1)) == 1


@pytest.mark.parametrize(
    ("sigma", "text"), [("7/10", "0.851671498505"), ("4/5", "0.950389137634"), ("9/10", "1.059915732974")]
)
def test_mean_field_at_other_scales(sigma: str, text: str) -> None:
    with ctx.workprec(160):
        gain, opened = mean_field_gain(ball(sigma), 12)
        assert agrees(gain, text)
        assert not gain > gain_bound(ball(sigma), law("beta 2 1"))
        assert gain > (ball(sigma) ** 2 + 1) / 2
        assert opened > arb("0.5")
        assert gain.rad() > 0


def test_critical_scale_of_the_mean_field() -> None:
    with ctx.workprec(160):
        rough = critical_sigma(8)
        fine = critical_sigma(14)
        assert agrees(fine, "0.8465135311102")
        assert rough.contains(fine)
        gain, _ = mean_field_gain(fine.mid(), 12)
        assert gain.contains(1)


def test_mean_field_refuses_digits_that_are_not_validated() -> None:
    with ctx.workprec(200):
        with pytest.raises(PrecisionError, match="validated"):
            mean_field_gain(scale(), 60)
        with pytest.raises(PrecisionError, match="validated"):
            mean_field_gain(ball("1/20"), 13)
        with pytest.raises(DomainError):
            mean_field_gain(arb(0))
