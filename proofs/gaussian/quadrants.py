"""Moments over the quadrant of two gates; the recursion of all orders is cited, small orders are not."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sympy import Derivative, Integer, Symbol, acos, asin, pi, sqrt

from proofs.certificates import Differentiate, Unfold, Wick
from proofs.claims import Cite, Combination, Derivation, Instance, Leibniz, Logic, Model, Step, Witness, at
from proofs.gaussian.common import PAIR_WITNESS, UNIT_WITNESS, closed_steps, pair_law, unit_law, unit_mean
from proofs.gaussian.edges import CORNER, K2, PROPER, ROOT, T10, T20, WHOLE, moment, proper_step
from proofs.gaussian.moments import J
from proofs.lemmas import lemma
from proofs.notation import eq, ge, gt, step
from relutheory.functions import BivariateCDF, Phi, phi
from relutheory.theorems import theorem
from relutheory.theory.gaussian.notation import h, h1, h2, i, n, rho, s, s1, s2

__all__ = ["LEMMAS", "quadrant_gated_moments", "quadrant_truncated_moments", "relu_moments"]

ZERO, ONE = Integer(0), Integer(1)


@cache
def _recursion() -> Derivation:
    goal = theorem("quadrant-truncated-moments").rhs
    return lemma(
        "quadrant-recursion",
        step(
            "all",
            goal,
            Cite(
                "C. Stein, Ann. Statist. 9 (1981) 1135-1151",
                "Stein's identity E[z1 F] = E[dF/dz1] + rho E[dF/dz2] for F = z1^(i-1) z2^j on the "
                "quadrant, with the boundary terms at z1 = -h1 and z2 = -h2",
            ),
            ge(i, 1),
            *PROPER,
        ),
    )


_SWAP = {h1: h2, h2: h1}


def _turned(name: str, source: str, one: int, two: int, value: Any, corner: Any) -> Callable[[], Derivation]:
    """The same with the two variables exchanged."""

    @cache
    def build() -> Derivation:
        other = value.subs(_SWAP, simultaneous=True)
        turned = BivariateCDF(h2, h1, rho)
        weight = other.coeff(turned)
        final = other.subs(phi(h2) * phi(K2), CORNER).subs(turned, WHOLE)
        return lemma(
            name,
            proper_step(*PROPER),
            step("exchange", eq(moment(one, two), moment(two, one, h2, h1)), Unfold()),
            step("zero", eq(moment(0, 0), WHOLE), Unfold()),
            step("zero-exchange", eq(moment(0, 0), moment(0, 0, h2, h1)), Unfold()),
            step("zero-turned", eq(moment(0, 0, h2, h1), turned), Unfold()),
            step("other", eq(moment(two, one, h2, h1), other), Instance(at(source, _SWAP)), *PROPER),
            step(
                "all",
                eq(moment(one, two), final),
                Combination(
                    equalities=(
                        (1, "exchange"),
                        (1, "other"),
                        (-corner, at("lemma:corner", {}, "proper")),
                        (-weight, "zero-turned"),
                        (-weight, "zero-exchange"),
                        (weight, "zero"),
                    ),
                    nonzero=("proper",),
                ),
                *PROPER,
            ),
        )

    return build


def _quadrant_facts(hypothesis: str) -> tuple[Step, ...]:
    """The law of two units that are not collinear."""
    words = "the two preactivations are not multiples of each other"
    return (
        pair_law(hypothesis),
        step("more", PROPER[0], Model(hypothesis, words)),
        step("less", PROPER[1], Model(hypothesis, words)),
        step("proper", gt(1 - rho**2, 0), Combination(((1, ("more", "less")),))),
    )


def _known(*names: str) -> tuple[Any, ...]:
    return tuple(at(f"lemma:quadrant-{name}", {}, "more", "less") for name in names)


@cache
def quadrant_truncated_moments() -> Derivation:
    """Stein's identity in the first variable, and the regression of the input on both."""
    found = theorem("quadrant-truncated-moments")
    zero, fourth = found.also
    return Derivation(
        found.id,
        (
            pair_law("two units"),
            step("zero", zero, Unfold()),
            step("fourth", fourth, Wick("pair")),
            step("theorem", found.statement, Logic(("lemma:quadrant-recursion",)), *PROPER),
        ),
        PAIR_WITNESS,
    )


@cache
def quadrant_gated_moments() -> Derivation:
    """Moments of the regression with the truncated moments of order one and two in closed form."""
    found = theorem("quadrant-gated-moments")
    zero, first = found.also
    whole = "zero-value"
    return Derivation(
        found.id,
        (
            *_quadrant_facts("two units"),
            step(whole, eq(moment(0, 0), WHOLE), Unfold()),
            step("zero", zero, Wick("pair", (whole,))),
            step("first", first, Wick("pair", (whole, *_known("10", "01")), ("proper",))),
            step(
                "theorem",
                found.statement,
                Wick("pair", (whole, *_known("10", "01", "11", "20", "02")), ("proper",)),
            ),
        ),
        PAIR_WITNESS,
    )


@cache
def _relu_slope(variable: Any) -> Derivation:
    m_y = Symbol("m_y", real=True)
    mean = s * J(1, m_y / s)
    place = {h: m_y / s}
    result = Phi(m_y / s) if variable == m_y else phi(m_y / s)
    slope = J(0, m_y / s) if variable == m_y else J(1, m_y / s) - m_y / s * J(0, m_y / s)
    one = () if variable == m_y else ((1, at("lemma:ramp-one", place)),)
    zero = (1 if variable == m_y else -m_y / s, at("lemma:ramp-zero", place))
    return lemma(
        f"relu-slope-{variable.name}",
        step(
            "slope",
            eq(Derivative(mean, variable), slope),
            Differentiate(via=(at("lemma:ramp-derivative", {n: ONE}),)),
        ),
        step(
            "all", eq(Derivative(mean, variable), result), Combination(equalities=((1, "slope"), zero, *one))
        ),
    )


@cache
def relu_moments() -> Derivation:
    """``max(y, 0) = s (z + h)`` on the half-space; two units through T_11, T_10, T_01, T_00."""
    found = theorem("relu-moments")
    second, cross, centred, by_mean, by_scale = found.also
    pair = next(x for x in found.hypotheses if x.startswith("two units: y_k"))
    origin = {h1: ZERO, h2: ZERO}
    value = centred.args[1].rhs
    corner = phi(ZERO) ** 2
    plain = s1 * s2 * moment(1, 1, ZERO, ZERO)
    hole = Symbol("q", real=True)
    zeros = (eq(h1, 0), eq(h2, 0))
    generic, mean = cross.rhs, cross.lhs
    fact = at("lemma:quadrant-11", origin, "more", "less")
    scale = s1 * s2
    return Derivation(
        found.id,
        (
            *_quadrant_facts(pair),
            step("cross", cross, Wick("pair")),
            # T_11 at the origin: rho (1/4 + asin(rho)/(2 pi)) + om/(2 pi)
            step(
                "at-first",
                eq(mean, generic.subs(h1, 0)),
                Leibniz(eq(mean, generic.subs(h1, hole)), hole, zeros[0], "cross"),
                *zeros,
            ),
            step(
                "at-origin",
                eq(mean, plain),
                Leibniz(eq(mean, generic.subs(h1, 0).subs(h2, hole)), hole, zeros[1], "at-first"),
                *zeros,
            ),
            step("corner", eq(phi(ZERO), 1 / sqrt(2 * pi)), Unfold()),
            step(
                "moment",
                eq(moment(1, 1, ZERO, ZERO), rho * BivariateCDF(ZERO, ZERO, rho) + ROOT * corner),
                Instance(fact),
            ),
            step(
                "quarter",
                eq(BivariateCDF(ZERO, ZERO, rho), Integer(1) / 4 + asin(rho) / (2 * pi)),
                Instance(at("lemma:sheppard", {}, "more", "less")),
            ),
            step("angle", eq(asin(rho), pi / 2 - acos(rho)), Unfold()),
            step(
                "centred-value",
                eq(mean, value),
                Combination(
                    equalities=(
                        (1, "at-origin"),
                        (scale, "moment"),
                        (scale * rho, "quarter"),
                        (scale * ROOT * (phi(ZERO) + 1 / sqrt(2 * pi)), "corner"),
                        (scale * rho / (2 * pi), "angle"),
                    ),
                    nonzero=("proper",),
                ),
                *zeros,
            ),
            step("centred", centred, Logic(("centred-value",))),
            step("by-mean", by_mean, Instance("lemma:relu-slope-m_y")),
            step("by-scale", by_scale, Instance("lemma:relu-slope-s")),
            unit_law("unit"),
            *closed_steps("second", second, unit_mean((), 2), 0, (-(s**2), "lemma:ramp-two")),
            *closed_steps("theorem", found.statement, unit_mean((), 1), 0, (-s, "lemma:ramp-one")),
        ),
        Witness(
            {**UNIT_WITNESS.point, **PAIR_WITNESS.point}, {**UNIT_WITNESS.functions, **PAIR_WITNESS.functions}
        ),
    )


#: Lemmas by name.
LEMMAS: dict[str, Callable[[], Derivation]] = {
    "quadrant-01": _turned("quadrant-01", "lemma:quadrant-10", 0, 1, T10, ZERO),
    "quadrant-02": _turned("quadrant-02", "lemma:quadrant-20", 0, 2, T20, rho * ROOT),
    "quadrant-recursion": _recursion,
    "relu-slope-m_y": lambda: _relu_slope(Symbol("m_y", real=True)),
    "relu-slope-s": lambda: _relu_slope(s),
}
