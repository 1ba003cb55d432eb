"""The gate function of the half-normal and of the exponential law."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sympy import Derivative, Expr, Integer, Integral, Symbol, atan, exp, oo, pi, sqrt

from proofs.certificates import Affine, Integrate, Linear, Monotone, Ordered, UnderIntegral, Unfold
from proofs.claims import Between, Combination, Derivation, Identity, Step, at
from proofs.lemmas import lemma
from proofs.notation import eq, ge, gt, step
from proofs.rai.common import HALF
from relutheory.functions import GateFunction, HalfNormalLaw, MillsRatio, Phi, phi

__all__ = ["LEMMAS", "exponential_steps", "half_normal_steps"]

w = Symbol("w", real=True)
b = Symbol("b", positive=True)
x = Symbol("x", real=True)
BELL = phi(Integer(0))


def over(body: Any) -> Expr:
    """Integral over the positive half-line."""
    return Integral(body, (x, 0, oo))


def standard(at_: Any) -> Any:
    """Gate function of the half-normal law of scale 1."""
    return GateFunction(at_, HalfNormalLaw(Integer(1)))


@cache
def _half_normal() -> Derivation:
    """``E Phi(-w |g|) = 1/2 - atan(w)/pi``: both sides have the slope ``-1/(pi (1 + w^2))``."""
    node, value = standard(w), HALF - atan(w) / pi
    rate = over(-2 * x * phi(x) * phi(w * x))
    inside = ge(w, 0)
    return lemma(
        "half-normal",
        step("meaning", eq(node, over(2 * phi(x) * Phi(-w * x))), Unfold()),
        step("under", eq(Derivative(node, w), rate), UnderIntegral("meaning")),
        step(
            "integral",
            eq(rate, -2 * BELL**2 / (1 + w**2)),
            Integrate(2 * phi(x) * phi(w * x) / (1 + w**2)),
        ),
        step("bell", eq(BELL, 1 / sqrt(2 * pi)), Unfold()),
        step(
            "slope",
            eq(Derivative(node, w), -1 / (pi * (1 + w**2))),
            Combination(
                equalities=(
                    (1, "under"),
                    (1, "integral"),
                    (-2 * (BELL + 1 / sqrt(2 * pi)) / (1 + w**2), "bell"),
                )
            ),
        ),
        step("start-meaning", eq(standard(0), over(phi(x))), Unfold()),
        step("start-integral", eq(over(phi(x)), HALF), Integrate(Phi(x))),
        step(
            "start",
            eq(standard(0), HALF),
            Combination(equalities=((1, "start-meaning"), (1, "start-integral"))),
        ),
        step("still", ge(Integer(0), 0), Identity()),
        step("low", ge(node, value), Monotone(w, "still", Integer(0), "start", ("slope",)), inside),
        step("high", ge(value, node), Monotone(w, "still", Integer(0), "start", ("slope",)), inside),
        step("all", eq(node, value), Between("low", "high"), inside),
    )


def half_normal_steps(goal: Any) -> tuple[Step, ...]:
    """The scale moves into the argument."""
    t, (s,) = goal.lhs.args[0], goal.lhs.args[1].args
    here, moved = over(2 * phi(x / s) / s * Phi(-t * x)), over(2 * phi(x) * Phi(-s * t * x))
    return (
        step("half-normal-meaning", eq(goal.lhs, here), Unfold()),
        step("half-normal-moved", eq(here, moved), Affine(s)),
        step("half-normal-standard", eq(standard(s * t), moved), Unfold()),
        step("half-normal-argument", ge(s * t, 0), Combination(((1, (gt(s, 0), ge(t, 0))),))),
        step(
            "half-normal-value",
            goal,
            Combination(
                equalities=(
                    (1, "half-normal-meaning"),
                    (1, "half-normal-moved"),
                    (-1, "half-normal-standard"),
                    (1, at("lemma:half-normal", {w: s * t}, "half-normal-argument")),
                )
            ),
        ),
    )


@cache
def _exponential() -> Derivation:
    """By parts, and ``exp(-b x) phi(x) = phi(0) phi(x + b)/phi(b)``."""
    whole = over(b * exp(-b * x) * Phi(-x))
    tilted, shifted = phi(b) * exp(-b * x) * phi(x), BELL * phi(x + b)
    parts = b * exp(-b * x) * Phi(-x) + exp(-b * x) * phi(x)
    root = sqrt(2 * pi)

    def bell(term: Any) -> Any:
        return exp(-(term**2) / 2) / root

    return lemma(
        "exponential",
        step("parts", eq(over(parts), HALF), Integrate(-exp(-b * x) * Phi(-x))),
        step("bell", eq(phi(x), bell(x)), Unfold()),
        step("bell-end", eq(phi(b), bell(b)), Unfold()),
        step("bell-sum", eq(phi(x + b), bell(x + b)), Unfold()),
        step("bell-0", eq(BELL, 1 / root), Unfold()),
        step(
            "point",
            eq(tilted, shifted),
            Combination(
                equalities=(
                    (phi(b) * exp(-b * x), "bell"),
                    (bell(x) * exp(-b * x), "bell-end"),
                    (-BELL, "bell-sum"),
                    (-bell(x + b), "bell-0"),
                )
            ),
        ),
        step("tilted", eq(over(tilted), over(shifted)), Ordered("point")),
        step("shifted", eq(over(shifted), BELL * Phi(-b)), Integrate(BELL * Phi(x + b))),
        step("linear", eq(whole + over(tilted) / phi(b), over(parts)), Linear()),
        step("mills", eq(MillsRatio(b), Phi(-b) / phi(b)), Unfold()),
        step(
            "all",
            eq(whole, HALF - MillsRatio(b) / root),
            Combination(
                equalities=(
                    (1, "linear"),
                    (1, "parts"),
                    (-1 / phi(b), "tilted"),
                    (-1 / phi(b), "shifted"),
                    (1 / root, "mills"),
                    (-Phi(-b) / phi(b), "bell-0"),
                )
            ),
        ),
    )


def exponential_steps(goal: Any) -> tuple[Step, ...]:
    """The argument moves into the rate."""
    t, (rate,) = goal.lhs.args[0], goal.lhs.args[1].args
    ratio, inside = rate / t, gt(t, 0)
    here, moved = over(rate * exp(-rate * x) * Phi(-t * x)), over(ratio * exp(-ratio * x) * Phi(-x))
    return (
        step("exponential-meaning", eq(goal.lhs, here), Unfold()),
        step("exponential-moved", eq(here, moved), Affine(1 / t), inside),
        step(
            "exponential-value",
            goal,
            Combination(
                equalities=(
                    (1, "exponential-meaning"),
                    (1, "exponential-moved"),
                    (1, at("lemma:exponential", {b: ratio})),
                )
            ),
            inside,
        ),
    )


#: Lemmas by name.
LEMMAS: dict[str, Callable[[], Derivation]] = {"exponential": _exponential, "half-normal": _half_normal}
