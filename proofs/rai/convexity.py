"""The least dead probability of a unit: the gate function lies above its tangent in the share r.

With ``r = s^2 t^2/(1 + s^2 t^2)`` (s the scale of the weights) and ``m = Phi - 1/2 - t phi``, the slope of
F in r is ``-Q(t)/...`` with ``Q = m (1 + s^2 t^2)^2/t^4``, which decreases because ``kap = 4 m - t^3 phi
(1 + s^2 t^2) >= 0``. So ``F(t) - F(a) + c (r(t) - r(a))`` is least at ``t = a``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sympy import Derivative, Integer, Integral, Rational, Symbol

from proofs.certificates import Integrate, Monotone, UnderIntegral, Unfold
from proofs.claims import Cases, Combination, Derivation, Instance, Inverse, Square, at
from proofs.lemmas import lemma
from proofs.notation import eq, ge, gt, le, lt, step
from proofs.rai.common import HALF
from proofs.rai.gate import BETA21, SCALE
from proofs.rai.gate import t as gate_t
from relutheory.functions import GateFunction, Phi, phi

__all__ = ["LEMMAS", "SLOPE", "a", "s", "t", "tangent"]

t = Symbol("t", real=True)
x = Symbol("x", real=True)
#: Point of contact, and the standard deviation of the Gaussian entries.
a = Symbol("a", positive=True)
s = Symbol("s", positive=True)
SMALL = ge(1 + 2 * s - 5 * s**2, 0)


def F(at_: Any) -> Any:
    """Gate function of Beta(2, 1)."""
    return GateFunction(at_, BETA21)


def m(at_: Any) -> Any:
    """``int_0^t y^2 phi(y) dy``."""
    return Phi(at_) - HALF - at_ * phi(at_)


def weight(at_: Any) -> Any:
    """``1 + s^2 t^2``."""
    return 1 + s**2 * at_**2


def Q(at_: Any) -> Any:
    """Slope of F in the share r, up to a factor."""
    return m(at_) * weight(at_) ** 2 / at_**4


#: ``-dF/dr`` at the point of contact, with ``dr/dt = 2 s^2 t/(1 + s^2 t^2)^2``.
SLOPE = Q(a) / s**2


def tangent(at_: Any) -> Any:
    """``F(a) - c (r(t) - r(a))``."""
    return F(a) + SLOPE * (1 / weight(at_) - 1 / weight(a))


@cache
def _gate_slope() -> Derivation:
    """``F' = -2 m/t^3`` for t > 0."""
    body = 2 * x * Phi(-t * x)
    rate = -2 * x**2 * phi(t * x)
    return lemma(
        "gate-slope",
        step("meaning", eq(F(t), Integral(body, (x, 0, 1))), Unfold()),
        step("all", eq(Derivative(F(t), t), Integral(rate, (x, 0, 1))), UnderIntegral("meaning")),
    )


@cache
def _gate_slope_value() -> Derivation:
    rate = -2 * x**2 * phi(t * x)
    primitive = -2 * (Phi(t * x) - t * x * phi(t * x)) / t**3
    return lemma(
        "gate-slope-value",
        step("all", eq(Integral(rate, (x, 0, 1)), -2 * m(t) / t**3), Integrate(primitive), gt(t, 0)),
    )


@cache
def _kap() -> Derivation:
    """``kap' = t^2 phi ((1 - s t^2)^2 + (1 + 2 s - 5 s^2) t^2) >= 0``."""
    kap = 4 * m(t) - t**3 * phi(t) * weight(t)
    rise = t**2 * phi(t) * ((1 - s * t**2) ** 2 + (1 + 2 * s - 5 * s**2) * t**2)
    return lemma(
        "gate-kap",
        step(
            "rise",
            ge(rise, 0),
            Combination(
                (
                    (1, (gt(phi(t), 0), Square(t * (1 - s * t**2)))),
                    (1, (gt(phi(t), 0), SMALL, Square(t**2))),
                )
            ),
            SMALL,
        ),
        step("all", ge(kap, 0), Monotone(t, "rise", Integer(0)), SMALL, ge(t, 0)),
    )


@cache
def _falls() -> Derivation:
    """Q decreases."""
    inside = (SMALL, gt(t, 0))
    kap = 4 * m(t) - t**3 * phi(t) * weight(t)
    fall = weight(t) * kap / t**5
    return lemma(
        "gate-fall",
        step("positive", gt(weight(t), 0), Combination(((1, ()), (1, (Square(s * t),))))),
        step("kap", ge(kap, 0), Instance("lemma:gate-kap"), *inside),
        step(
            "fall",
            ge(fall, 0),
            Combination(((1, ("positive", "kap", *(Inverse(gt(t, 0)),) * 5)),)),
            *inside,
        ),
        step("above", gt(t, 0), Combination(((1, (ge(t, a),)), (1, (gt(a, 0),)))), ge(t, a)),
        step("right", ge(Q(a), Q(t)), Monotone(t, "fall", a, nonzero=("above",)), SMALL, gt(t, 0), ge(t, a)),
    )


@cache
def _falls_left() -> Derivation:
    inside = (SMALL, gt(t, 0))
    kap = 4 * m(t) - t**3 * phi(t) * weight(t)
    fall = weight(t) * kap / t**5
    return lemma(
        "gate-fall-left",
        step("positive", gt(weight(t), 0), Combination(((1, ()), (1, (Square(s * t),))))),
        step("kap", ge(kap, 0), Instance("lemma:gate-kap"), *inside),
        step(
            "fall",
            le(-fall, 0),
            Combination(((1, ("positive", "kap", *(Inverse(gt(t, 0)),) * 5)),)),
            *inside,
        ),
        step("left", ge(Q(t), Q(a)), Monotone(t, "fall", a), *inside, le(t, a)),
    )


@cache
def _tangent() -> Derivation:
    """``F`` lies above its tangent in the share."""
    rate = Integral(-2 * x**2 * phi(t * x), (x, 0, 1)) + SLOPE * 2 * s**2 * t / weight(t) ** 2
    goal = ge(F(t), tangent(t))
    fact = ("lemma:gate-slope",)
    factor = (gt(t, 0), Inverse("positive"), Inverse("positive"))
    value = ((1, "lemma:gate-slope-value"),)
    return lemma(
        "gate-tangent",
        step("positive", gt(weight(t), 0), Combination(((1, ()), (1, (Square(s * t),))))),
        # The slope is 2 t (Q(a) - Q(t))/(1 + s^2 t^2)^2.
        step(
            "rise",
            ge(rate, 0),
            Combination(((2, ("lemma:gate-fall", *factor)),), value, ("positive",)),
            SMALL,
            gt(t, 0),
            ge(t, a),
        ),
        step("above", gt(t, 0), Combination(((1, (ge(t, a),)), (1, (gt(a, 0),)))), ge(t, a)),
        step("rise-all", ge(rate, 0), Instance(at("rise", {}, "above")), SMALL, ge(t, a)),
        step("right", goal, Monotone(t, "rise-all", a, via=fact, nonzero=("positive",)), SMALL, ge(t, a)),
        step(
            "fall",
            le(rate, 0),
            Combination(
                ((2, ("lemma:gate-fall-left", *factor)),), ((-1, "lemma:gate-slope-value"),), ("positive",)
            ),
            SMALL,
            gt(t, 0),
            le(t, a),
        ),
        step(
            "left", goal, Monotone(t, "fall", a, via=fact, nonzero=("positive",)), SMALL, ge(t, 0), le(t, a)
        ),
        step("left-open", goal, Instance("left"), SMALL, ge(t, 0), lt(t, a)),
        step("all", goal, Cases(((ge(t, a), "right"), (lt(t, a), "left-open"))), SMALL, ge(t, 0)),
    )


@cache
def _small() -> Derivation:
    """``12/25 - s^2 = 3/10 (1 + 2 s - 5 s^2) + (s - 3/5)^2/2``."""
    return lemma(
        "gate-small",
        step(
            "all",
            ge(SCALE, s**2),
            Combination(((Rational(3, 10), (SMALL,)), (HALF, (Square(s - Rational(3, 5)),)))),
            SMALL,
        ),
    )


@cache
def _end() -> Derivation:
    """The tangent is not positive at ``r = 1``: ``m(a) >= s^2 a^4 Phi(-a)``."""
    gap = m(t) - s**2 * t**4 * Phi(-t)
    rise = t**2 * (phi(t) * weight(t) - 4 * s**2 * t * Phi(-t))
    area = a**2 * Phi(-a) + m(a)
    inside = (SMALL, gt(t, 0))
    ratio = 1 / (2 * SCALE)
    return lemma(
        "gate-end",
        step("small", ge(SCALE, s**2), Instance("lemma:gate-small"), SMALL),
        # A mean of the case s = 0 and the case s^2 = 12/25.
        step(
            "rise",
            ge(rise, 0),
            Combination(
                (
                    (1 / SCALE, ("small", gt(phi(t), 0), Square(t))),
                    (ratio, (at("lemma:gate-rise", {gate_t: t}), Square(s * t))),
                )
            ),
            *inside,
        ),
        step("gap", ge(gap, 0), Monotone(t, "rise", Integer(0)), SMALL, ge(t, 0)),
        step("area", eq(a**2 * F(a), area), Instance(at("lemma:gate-area", {gate_t: a}))),
        step("positive", gt(weight(a), 0), Combination(((1, ()), (1, (Square(s * a),))))),
        # SLOPE/(1 + s^2 a^2) - F = (m - s^2 a^4 Phi(-a))/(s^2 a^4) - (F - area/a^2)
        step(
            "all",
            ge(SLOPE / weight(a), F(a)),
            Combination(
                ((1, (at("gap", {t: a}), *(Inverse(gt(a, 0)),) * 4, *(Inverse(gt(s, 0)),) * 2)),),
                ((-1 / a**2, "area"),),
                ("positive",),
            ),
            SMALL,
        ),
    )


#: Lemmas by name.
LEMMAS: dict[str, Callable[[], Derivation]] = {
    "gate-end": _end,
    "gate-fall": _falls,
    "gate-fall-left": _falls_left,
    "gate-kap": _kap,
    "gate-slope": _gate_slope,
    "gate-slope-value": _gate_slope_value,
    "gate-small": _small,
    "gate-tangent": _tangent,
}
