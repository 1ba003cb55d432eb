"""Bivariate orthant probabilities: Plackett's identity, the ends of the correlation, Sheppard's value."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sympy import Derivative, Integer, Integral, Rational, Symbol, asin, oo, pi, sqrt

from proofs.certificates import Integrate, Linear, Monotone, UnderIntegral, Unfold
from proofs.claims import Between, Cases, Combination, Derivation, Instance, Logic, Step, at
from proofs.lemmas import lemma
from proofs.notation import eq, ge, gt, lt, step
from relutheory.functions import BivariateCDF, Phi, phi
from relutheory.theorems import theorem
from relutheory.theory.gaussian.notation import rho

__all__ = ["LEMMAS", "orthant_probability"]

a, b, z = Symbol("a", real=True), Symbol("b", real=True), Symbol("z", real=True)
ROOT = sqrt(1 - rho**2)
PROPER = (gt(rho, -1), lt(rho, 1))
ZERO = Integer(0)


def over(body: Any) -> Any:
    """Integral over the open half-line of the first variable."""
    return Integral(body, (z, -a, oo))


def _proper(*given: Any) -> Step:
    """``1 - rho^2 = (1 - rho)(1 + rho) > 0``."""
    return step("proper", gt(1 - rho**2, 0), Combination(((1, given),)), *given)


BODY = phi(z) * Phi((b + rho * z) / ROOT)
MEANING = step("meaning", eq(BivariateCDF(a, b, rho), over(BODY)), Unfold(("proper",)), *PROPER)


@cache
def _plackett() -> Derivation:
    slope = phi(z) * phi((b + rho * z) / ROOT) * (z + b * rho) / ROOT**3
    density = phi(a) * phi((b - rho * a) / ROOT) / ROOT
    return lemma(
        "plackett",
        _proper(*PROPER),
        MEANING,
        step(
            "under",
            eq(Derivative(BivariateCDF(a, b, rho), rho), over(slope)),
            UnderIntegral("meaning", ("proper",)),
            *PROPER,
        ),
        # d/dz phi(z) phi((b + rho z)/om) = -(z + b rho)/om^2 times the same
        step(
            "value",
            eq(over(slope), density),
            Integrate(-phi(z) * phi((b + rho * z) / ROOT) / ROOT, ("proper",)),
            *PROPER,
        ),
        step(
            "all",
            eq(Derivative(BivariateCDF(a, b, rho), rho), density),
            Combination(equalities=((1, "under"), (1, "value")), nonzero=("proper",)),
            *PROPER,
        ),
    )


@cache
def _complement() -> Derivation:
    other = phi(z) * Phi((-b - rho * z) / ROOT)
    return lemma(
        "orthant-complement",
        _proper(*PROPER),
        MEANING,
        step(
            "other",
            eq(BivariateCDF(a, -b, -rho), over(other)),
            Unfold(("proper",)),
            *PROPER,
        ),
        step("linear", eq(over(BODY) + over(other), over(phi(z))), Linear(("proper",)), *PROPER),
        step("whole", eq(over(phi(z)), Phi(a)), Integrate(Phi(z))),
        step(
            "all",
            eq(BivariateCDF(a, b, rho) + BivariateCDF(a, -b, -rho), Phi(a)),
            Combination(
                equalities=((1, "meaning"), (1, "other"), (1, "linear"), (1, "whole")), nonzero=("proper",)
            ),
            *PROPER,
        ),
    )


@cache
def _sheppard() -> Derivation:
    """Derivative ``1/(2 pi om)`` and the value 1/4 at ``rho = 0``; the other half by the complement."""
    node = BivariateCDF(ZERO, ZERO, rho)
    value = Rational(1, 4) + asin(rho) / (2 * pi)
    half = (ge(rho, 0), lt(rho, 1))
    start = phi(ZERO)
    slope = start**2 / ROOT - 1 / (2 * pi * ROOT)
    fact = at("lemma:plackett", {a: ZERO, b: ZERO})
    body = Integral(phi(z) * Phi(ZERO), (z, 0, oo))
    steps = [
        step(
            "proper",
            gt(1 - rho**2, 0),
            # 1 - rho^2 = (1 - rho) + rho (1 - rho)
            Combination(((1, (half[1],)), (1, half))),
            *half,
        ),
        step("centre", eq(start, 1 / sqrt(2 * pi)), Unfold()),
        step("begin", eq(BivariateCDF(ZERO, ZERO, ZERO), body), Unfold()),
        step("begin-value", eq(body, Rational(1, 4)), Integrate(Phi(z) / 2)),
        step(
            "quarter",
            eq(BivariateCDF(ZERO, ZERO, ZERO), Rational(1, 4)),
            Combination(equalities=((1, "begin"), (1, "begin-value"))),
        ),
    ]
    factor = (start + 1 / sqrt(2 * pi)) / ROOT
    for name, sign in (("up", 1), ("down", -1)):
        goal = ge(node, value) if sign > 0 else ge(value, node)
        steps += [
            step(
                f"{name}-slope",
                ge(sign * slope, 0),
                Combination(equalities=((sign * factor, "centre"),), nonzero=("proper",)),
                *half,
            ),
            step(name, goal, Monotone(rho, f"{name}-slope", ZERO, "quarter", (fact,), ("proper",)), *half),
        ]
    steps += [
        step("right", eq(node, value), Between("up", "down"), *half),
        step(
            "mirrored",
            eq(BivariateCDF(ZERO, ZERO, -rho), Rational(1, 4) - asin(rho) / (2 * pi)),
            Instance(at("right", {rho: -rho})),
            gt(rho, -1),
            lt(rho, 0),
        ),
        step(
            "both",
            eq(node + BivariateCDF(ZERO, ZERO, -rho), Phi(ZERO)),
            Instance(at("lemma:orthant-complement", {a: ZERO, b: ZERO})),
            gt(rho, -1),
            lt(rho, 0),
        ),
        step(
            "left",
            eq(node, value),
            Combination(equalities=((1, "both"), (-1, "mirrored"))),
            gt(rho, -1),
            lt(rho, 0),
        ),
        step("all", eq(node, value), Cases(((ge(rho, 0), "right"), (lt(rho, 0), "left"))), *PROPER),
    ]
    return lemma("sheppard", *steps)


@cache
def orthant_probability() -> Derivation:
    """Differentiate under the integral; the primitive is a multiple of the density."""
    found = theorem("orthant-probability")
    first, same, opposite, centred, complement = found.also
    return Derivation(
        found.id,
        (
            _proper(*PROPER),
            MEANING,
            step("edge", first.args[1], UnderIntegral("meaning", ("proper",)), *PROPER),
            step("first", first, Logic(("edge",))),
            step("same", same, Unfold()),
            step("opposite", opposite, Unfold()),
            step("centred", centred, Logic(("lemma:sheppard",))),
            step("complement", complement, Logic(("lemma:orthant-complement",))),
            step("theorem", found.statement, Logic(("lemma:plackett",))),
        ),
    )


#: Lemmas by name.
LEMMAS: dict[str, Callable[[], Derivation]] = {
    "orthant-complement": _complement,
    "plackett": _plackett,
    "sheppard": _sheppard,
}
