"""The gate function of a law and the floor for Beta(2, 1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sympy import Integer, Integral, Rational, Symbol, oo, sqrt

from proofs.certificates import Integrate, Linear, Monotone, Sturm, Unfold
from proofs.claims import (
    Between,
    Cases,
    Combination,
    Derivation,
    Instance,
    Inverse,
    Logic,
    Mean,
    Step,
    at,
)
from proofs.gaussian.mills import bound_steps
from proofs.lemmas import lemma
from proofs.nodes import Expect
from proofs.notation import eq, ge, gt, le, lt, step
from proofs.rai.common import HALF, u
from proofs.rai.laws import exponential_steps, half_normal_steps
from relutheory.functions import BetaLaw, GateFunction, Phi, phi
from relutheory.theorems import theorem
from relutheory.theory.gaussian.expressions import sampford
from relutheory.theory.rai.layer import P
from relutheory.theory.rai.unit import M, t

__all__ = ["BETA21", "LEMMAS", "SCALE", "gate_function", "t"]

x = Symbol("x", real=True)
X = Symbol("X", positive=True)
BETA21 = BetaLaw(2, 1)
F = GateFunction(t, BETA21)
#: ``t^2 F(t) = t^2 Phi(-t) + int_0^t y^2 phi(y) dy`` for Beta(2, 1).
AREA = t**2 * Phi(-t) + Phi(t) - HALF - t * phi(t)
#: A bound of sigma^2 that is a little above ((1 + sqrt(6))/5)^2 = 0.4759...
SCALE = Rational(12, 25)


def _by_density(
    name: str, law: Any, body: Any, ends: tuple[Any, Any], primitive: Any, value: Any
) -> tuple[Step, ...]:
    """A closed form for t > 0 by a primitive."""
    integral = Integral(body, (x, *ends))
    positive = gt(t, 0)
    return (
        step(f"{name}-meaning", eq(GateFunction(t, law), integral), Unfold()),
        step(f"{name}-integral", eq(integral, value), Integrate(primitive), positive),
        step(
            f"{name}-value",
            eq(GateFunction(t, law), value),
            Combination(equalities=((1, f"{name}-meaning"), (1, f"{name}-integral"))),
            positive,
        ),
    )


@cache
def _area() -> Derivation:
    """``t^2 F(t)`` without a division."""
    body = 2 * x * Phi(-t * x)
    whole = Integral(body * t**2, (x, 0, 1))
    return lemma(
        "gate-area",
        step("meaning", eq(F, Integral(body, (x, 0, 1))), Unfold()),
        step("inside", eq(t**2 * Integral(body, (x, 0, 1)), whole), Linear()),
        step(
            "value", eq(whole, AREA), Integrate(t**2 * x**2 * Phi(-t * x) + Phi(t * x) - t * x * phi(t * x))
        ),
        step(
            "all",
            eq(t**2 * F, AREA),
            Combination(equalities=((t**2, "meaning"), (1, "inside"), (1, "value"))),
        ),
    )


@cache
def _below() -> Derivation:
    """``t^2 F(t) < 1/2``: the area grows towards 1/2."""
    return lemma(
        "gate-below",
        step("rate", lt(-2 * t * Phi(-t), 0), Combination(((2, (gt(t, 0), gt(Phi(-t), 0))),)), gt(t, 0)),
        step("area", gt(HALF, AREA), Monotone(t, "rate", oo)),
        step("all", lt(t**2 * F, HALF), Combination(((1, ("area",)),), ((-1, "lemma:gate-area"),))),
    )


@cache
def _rise() -> Derivation:
    """``2 phi (1 + s t^2) > 8 s t Phi(-t)`` for s = 12/25, by Sampford's bound of the Mills ratio."""
    weight = 1 + SCALE * t**2
    rise = 2 * phi(t) * weight - 8 * SCALE * t * Phi(-t)
    wide = sqrt(t**2 + 8)
    root = 3 * t + wide
    inside = gt(t, 0)
    rate = 2 * (t**3 + 6 * t - (t**2 + 2) * wide) / (wide * root**2)
    return lemma(
        "gate-rise",
        *bound_steps("sampford", t, sampford(t), (inside,), below=False, proper=root, rate=rate),
        step(
            "margin",
            gt(weight - 4 * SCALE * t * sampford(t), 0),
            Sturm(t, (Integer(2),), ("sampford-proper",)),
            inside,
        ),
        # B' = 2 phi (1 + s t^2 - 4 s t S) + 8 s t (phi S - Phi(-t))
        step(
            "rise",
            gt(rise, 0),
            Combination(
                ((2, (gt(phi(t), 0), "margin")), (8 * SCALE, (inside, "sampford"))), (), ("sampford-proper",)
            ),
            inside,
        ),
    )


@cache
def _half_at_most() -> Derivation:
    """``F <= 1/2`` for every law."""
    node = Expect(Phi(-t * X), X)
    return lemma(
        "gate-half",
        step("mean", eq(GateFunction(t, P), node), Unfold()),
        step("point", ge(HALF, Phi(-t * X)), Combination(((1, (at("lemma:Phi-half", {u: t * X}),)),))),
        step("mean-at-most", ge(HALF, node), Mean("point")),
        step("all", ge(HALF, GateFunction(t, P)), Combination(((1, ("mean-at-most",)),), ((-1, "mean"),))),
    )


@cache
def _strict() -> Derivation:
    """``F(t) < 1/2`` for t > 0 and every law."""
    node = Expect(Phi(-t * X), X)
    inside = gt(t, 0)
    return lemma(
        "gate-strict",
        step("mean", eq(GateFunction(t, P), node), Unfold()),
        step("positive", gt(t * X, 0), Combination(((1, (inside, gt(X, 0))),)), inside),
        step(
            "point",
            gt(HALF, Phi(-t * X)),
            Combination(((1, (at("lemma:Phi-above-half", {u: t * X}, "positive"),)),)),
            inside,
        ),
        step("mean-below", gt(HALF, node), Mean("point"), inside),
        step(
            "all", gt(HALF, GateFunction(t, P)), Combination(((1, ("mean-below",)),), ((-1, "mean"),)), inside
        ),
    )


@cache
def _nonnegative() -> Derivation:
    """``F >= 0`` for every law."""
    node = Expect(Phi(-t * X), X)
    return lemma(
        "gate-nonneg",
        step("mean", eq(GateFunction(t, P), node), Unfold()),
        step("point", ge(Phi(-t * X), 0), Combination(((1, (gt(Phi(-t * X), 0),)),))),
        step("mean-at-least", ge(node, 0), Mean("point")),
        step("all", ge(GateFunction(t, P), 0), Combination(((1, ("mean-at-least",)),), ((1, "mean"),))),
    )


@cache
def _floor() -> Derivation:
    """``(1 + 12/25 t^2) F(t) <= 1/2``.

    With A = t^2 F: the derivative of ``t^2/2 - (1 + s t^2) A`` is t B, with ``B' > 0`` and ``B(0) = 0``.
    """
    weight = 1 + SCALE * t**2
    bracket = 1 - 2 * SCALE * AREA - 2 * weight * Phi(-t)
    goal = ge(HALF, weight * F)
    return lemma(
        "gate-floor",
        step("bracket", ge(bracket, 0), Monotone(t, "lemma:gate-rise", Integer(0))),
        step("slope", ge(t * bracket, 0), Combination(((1, (ge(t, 0), "bracket")),))),
        step("scaled", ge(t**2 / 2, weight * AREA), Monotone(t, "slope", Integer(0))),
        step(
            "inside",
            goal,
            Combination(
                ((1, ("scaled", Inverse(gt(t, 0)), Inverse(gt(t, 0)))),),
                ((-weight / t**2, "lemma:gate-area"),),
            ),
            gt(t, 0),
        ),
        step("zero", eq(t, 0), Between(ge(t, 0), le(t, 0)), le(t, 0)),
        step("half", ge(HALF, F), Instance(at("lemma:gate-half", {P: BETA21}))),
        step("outside", goal, Combination(((1, ("half",)),), ((-SCALE * t * F, "zero"),)), le(t, 0)),
        step("all", goal, Cases(((gt(t, 0), "inside"), (le(t, 0), "outside")))),
    )


@cache
def gate_function() -> Derivation:
    """Primitives of ``x^k Phi(-t x)``; the half-normal law by its slope, the exponential one by parts."""
    found = theorem("rai-gate-function")
    two, three, uniform, half_normal, exponential, constant, at_most, below = found.also
    bell, area = phi(t * x), Phi(-t * x)
    forms = {
        "two": (BETA21, 2 * x * area, (0, 1), x**2 * area + (Phi(t * x) - t * x * bell) / t**2, two),
        "three": (
            BetaLaw(3, 1),
            3 * x**2 * area,
            (0, 1),
            x**3 * area - (t**2 * x**2 + 2) * bell / t**3,
            three,
        ),
        "uniform": (uniform.args[1].lhs.args[1], area / M, (0, M), (x * area - bell / t) / M, uniform),
    }
    steps: list[Step] = []
    for name, (law, body, ends, primitive, goal) in forms.items():
        steps += [
            *_by_density(name, law, body, ends, primitive, goal.args[1].rhs),
            step(name, goal, Logic((f"{name}-value",))),
        ]
    for name, goal, value in (
        ("half-normal", half_normal, half_normal_steps(half_normal.args[1])),
        ("exponential", exponential, exponential_steps(exponential.args[1])),
    ):
        steps += [*value, step(name, goal, Logic((f"{name}-value",)))]
    return Derivation(
        found.id,
        (
            *steps,
            step("constant-value", constant.args[1], Unfold()),
            step("constant", constant, Logic(("constant-value",))),
            step("at-most", at_most, Instance("lemma:gate-half")),
            step("below", below, Instance("lemma:gate-below")),
            step("theorem", found.statement, Unfold()),
        ),
    )


#: Lemmas by name.
LEMMAS: dict[str, Callable[[], Derivation]] = {
    "gate-area": _area,
    "gate-below": _below,
    "gate-floor": _floor,
    "gate-half": _half_at_most,
    "gate-nonneg": _nonnegative,
    "gate-rise": _rise,
    "gate-strict": _strict,
}
