"""Moments of ReLU and leaky-ReLU units on Gaussian input."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import And, Derivative, Eq, Implies, Integer, Max, Piecewise, Symbol, acos, pi, sqrt

from relutheory.domain import Bindings, Domain, Parameter, RealSet
from relutheory.functions import Expectation, Phi, QuadrantMoment, RampMoment, TruncatedMoment, phi
from relutheory.theorems import Example, Family, Theorem, Trial, Witness
from relutheory.theory.gaussian import expressions as ex
from relutheory.theory.gaussian import notation as q
from relutheory.theory.gaussian import unit as d
from relutheory.theory.gaussian.notation import h, h1, h2, i, j, mt, rho, s, s1, s2, slope, y, y1, y2
from relutheory.theory.gaussian.printed import cross_display, leaky_display

SIMULATOR = "relutheory.simulate.gaussian:"
RELU = "ReLU: f = max(y, 0)"
LEAKY = "leaky ReLU: f(y) = y for y > 0 and slope*y for y <= 0, f' = slope at y = 0"
_POSITIVE = RealSet(Fraction(0), None, "()")
#: Mean of the preactivation.
m_y = Symbol("m_y", real=True)

_mean, _second = s * RampMoment(Integer(1), h), s**2 * RampMoment(Integer(2), h)


def _moment(one: int, two: int) -> Any:
    return QuadrantMoment(Integer(one), Integer(two), h1, h2, rho)


_GENERIC = s1 * s2 * (_moment(1, 1) + h1 * _moment(0, 1) + h2 * _moment(1, 0) + h1 * h2 * _moment(0, 0))
_CENTRED = s1 * s2 * (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / (2 * pi)


def _half_line(at: Any, sign: int) -> Any:
    """``E[(z + h1)(sign z + h2) 1(z > -at)]``."""
    t0, t1, t2 = (TruncatedMoment(Integer(k), at) for k in range(3))
    return sign * t2 + (h2 + sign * h1) * t1 + h1 * h2 * t0


_CROSS = Piecewise(
    (Integer(0), And(Eq(h1, 0), Eq(h2, 0), Eq(rho, -1))),
    (_CENTRED, And(Eq(h1, 0), Eq(h2, 0))),
    (s1 * s2 * _half_line(h, 1), Eq(rho, 1)),
    (s1 * s2 * q.slab * (_half_line(h1, -1) - _half_line(-h2, -1)), Eq(rho, -1)),
    (_GENERIC, True),
)


def _derive(exact: Any) -> Bindings:
    if "rho" in exact:
        return {h1: Fraction(0), h2: Fraction(0)}
    return d.derive(exact)


_CENTRED_FORM = (
    Parameter(
        "rho", rho, RealSet(Fraction(-1), Fraction(1), "[]"), "correlation of two centred preactivations"
    ),
    Parameter("s1", s1, _POSITIVE, "first standard deviation", "1"),
    Parameter("s2", s2, _POSITIVE, "second standard deviation", "1"),
)
_UNIT_NAMES, _PAIR_NAMES = ("theta", "m", "S"), ("theta1", "theta2", "m", "S")

_relu_also = (
    Eq(Expectation(Max(y, 0) ** 2), _second, evaluate=False),
    Eq(Expectation(Max(y1, 0) * Max(y2, 0)), _GENERIC, evaluate=False),
    Implies(
        And(Eq(h1, 0), Eq(h2, 0)),
        Eq(Expectation(Max(y1, 0) * Max(y2, 0)), _CENTRED, evaluate=False),
        evaluate=False,
    ),
    Eq(Derivative(s * RampMoment(1, m_y / s), m_y), Phi(m_y / s), evaluate=False),
    Eq(Derivative(s * RampMoment(1, m_y / s), s), phi(m_y / s), evaluate=False),
)

RELU_MOMENTS = Theorem(
    id="relu-moments",
    stem="gaussian",
    kind="identity",
    title="Moments of ReLU units",
    meaning=(
        "E f^n = s^n J_n(h) for f = max(y, 0); dE f/dm_y = Phi(h), dE f/ds = phi(h); the gradient of E "
        "f^2/2 in theta is M theta. For two units E[f1 f2] = theta1' Q2 theta2, which for centred "
        "preactivations is the arc-cosine formula (s1 s2/(2 pi)) (sqrt(1-rho^2) + rho (pi - acos rho))."
    ),
    lhs=Expectation(Max(y, 0)),
    relation="=",
    rhs=_mean,
    also=_relu_also,
    display=cross_display(_relu_also),
    results={"mean": _mean, "second_moment": _second, "cross": _CROSS},
    when={"mean": "theta", "second_moment": "theta", "cross": lambda exact: "theta" not in exact},
    domain=Domain(
        (*d.ONE_UNIT[:1], *d.TWO_UNITS, *_CENTRED_FORM),
        d.E1,
        forms=(_UNIT_NAMES, _PAIR_NAMES, ("rho", "s1", "s2")),
        complete=d.complete,
        derive=_derive,
    ),
    hypotheses=(d.INPUT, d.UNIT, d.SECOND_GATE, RELU, "two units: |rho| < 1 in the formula with T_ij"),
    source=d.PAPER,
    uses=("ramp-moment-recursion", "quadrant-truncated-moments"),
    proof="proofs.gaussian:relu_moments",
    witness=Witness(
        SIMULATOR + "relu_moment",
        (
            Trial(d.E1, {"power": 1}, result="mean"),
            Trial({**d.E1, "theta": (Fraction(1), Fraction(1), Fraction(-1))}, {"power": 1}, result="mean"),
            Trial(d.E1, {"power": 2}, result="second_moment"),
            Trial(d.E1_TWO, {}, result="cross", simulator=SIMULATOR + "relu_cross"),
            Trial({"rho": Fraction(1, 2)}, {}, result="cross", simulator=SIMULATOR + "relu_cross"),
            Trial({"rho": Fraction(-1, 2), "s1": 2}, {}, result="cross", simulator=SIMULATOR + "relu_cross"),
        ),
        why="two units, both signs of the correlation, different scales",
    ),
    examples=(
        Example(d.E1, "0.41633935147997814443", "mean"),
        Example(d.E1, "0.60103733797970878216", "second_moment"),
        Example(d.E1_TWO, "0.6949144019697071069", "cross"),
        Example({"rho": "1/2"}, "0.3044988905221146790444983", "cross"),
        Example({"rho": "-9/10"}, "0.004769199422336038100794881", "cross"),
    ),
)

_leaky = {
    "mean": ex.leaky_mean(),
    "second_moment": ex.leaky_second_moment(),
    "gain": slope + (1 - slope) * Phi(h),
    "gain_second": slope**2 + (1 - slope**2) * Phi(h),
}
_weighted = slope**2 * (q.St[i, j] + mt[i] * mt[j]) + (1 - slope**2) * ex.gated_second_moment(i, j)
_f = Piecewise((y, y > 0), (slope * y, True))
_df = Piecewise((1, y > 0), (slope, True))
_theta_star = {**d.E1, "theta": d.E1_TWO["theta2"]}

_leaky_also = (
    Eq(Expectation(_f**2), ex.leaky_second_moment(), evaluate=False),
    Eq(Expectation(_df), _leaky["gain"], evaluate=False),
    Eq(Expectation(_df**2), _leaky["gain_second"], evaluate=False),
    Eq(Expectation(_df**2 * q.xt[i] * q.xt[j]), _weighted, evaluate=False),
)

LEAKY_MOMENTS = Theorem(
    id="leaky-moments",
    stem="gaussian",
    kind="identity",
    title="Moments of leaky-ReLU units",
    meaning=(
        "f = slope y + (1 - slope) max(y, 0), and max(y, 0) and max(-y, 0) are never positive together. "
        "slope = 0 is the ReLU, slope = 1 the identity, and slope = -1 has the second moment of slope = "
        "1. For h << 0 and slope > 0 the two terms of E f have opposite signs, which costs digits only "
        "near slope |h| = phi/h^2."
    ),
    lhs=Expectation(_f),
    relation="=",
    rhs=ex.leaky_mean(),
    also=_leaky_also,
    display=leaky_display(_leaky_also),
    results=_leaky,
    families={"L": Family(_weighted, (i, j), d.SIZE)},
    when={"L": "theta"},
    domain=Domain(
        (
            Parameter("slope", slope, RealSet(None, None), "slope for negative preactivations"),
            d.REAL_H,
            Parameter("s", s, _POSITIVE, "standard deviation of the preactivation", "1"),
            *d.ONE_UNIT,
        ),
        {"slope": Fraction(1, 10), "h": -1},
        forms=(("slope", "h", "s"), ("slope", *_UNIT_NAMES)),
        complete=d.complete,
        derive=d.derive,
    ),
    hypotheses=(d.INPUT, d.UNIT, d.MARGIN, LEAKY),
    source=d.CLASSIC,
    uses=("ramp-moment-recursion", "gated-second-moment"),
    proof="proofs.gaussian:leaky_moments",
    witness=Witness(
        SIMULATOR + "leaky_moment",
        (
            Trial({"slope": Fraction(1, 10), "h": -1}, {"what": "mean"}, result="mean"),
            Trial({"slope": Fraction(-1, 4), "h": Fraction(1, 2), "s": 2}, {"what": "mean"}, result="mean"),
            Trial({"slope": Fraction(1, 5), "h": 0}, {"what": "second_moment"}, result="second_moment"),
            Trial({"slope": Fraction(-1, 4), "h": -1}, {"what": "second_moment"}, result="second_moment"),
            Trial({"slope": Fraction(-1, 4), "h": -1}, {"what": "gain"}, result="gain"),
            Trial({"slope": Fraction(-1, 4), "h": -1}, {"what": "gain_second"}, result="gain_second"),
            Trial(
                {"slope": Fraction(1, 2), **_theta_star},
                {"augmented": (1, 2)},
                result="L_1_2",
                share=4,
                simulator=SIMULATOR + "leaky_gated_moment",
            ),
            Trial(
                {"slope": Fraction(-1, 4), **_theta_star},
                {"augmented": (1, 1)},
                result="L_1_1",
                simulator=SIMULATOR + "leaky_gated_moment",
            ),
        ),
        why="a negative slope, so that signs of slope^2 and of slope are not confused",
    ),
    examples=(
        Example({"slope": "1/10", "h": -1}, "-0.02501607647108233145524354", "mean"),
        Example({"slope": "1/10", "h": -1}, "0.09458638551033304550138767", "second_moment"),
        Example({"slope": "1/5", "h": 0}, "0.3191538243211461423519568", "mean"),
        Example({"slope": "1/5", "h": 0}, "13/25", "second_moment"),
    ),
)

THEOREMS = (RELU_MOMENTS, LEAKY_MOMENTS)
