"""Design rules: the conditions change their truth value once, so the extreme integer decides them."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Equivalent, Integer, Product, Rational, Symbol

from proofs.born_dead.closed_form import alive_part
from proofs.born_dead.common import record
from proofs.claims import (
    Combination,
    Definition,
    Derivation,
    Extremal,
    Induction,
    Instance,
    Inverse,
    Leibniz,
    Logic,
    Step,
    Witness,
    at,
)
from proofs.lemmas import a, b, w, y
from proofs.notation import eq, ge, gt, le, step
from proofs.substitution import substitute
from relutheory.functions import BDP
from relutheory.symbols import D, L, N, delta, l, widths
from relutheory.theorems import Theorem

__all__ = ["dead_depth", "equal_width_steps", "max_depth", "min_width"]

HALF = Rational(1, 2)
X = Symbol("x")
hole = Symbol("hole")
#: Moving integers: a depth or a width, and an exponent.
v = Symbol("v", integer=True, positive=True)
n = Symbol("n", integer=True, nonnegative=True)
#: An admitted probability is less than one.
SMALL = gt(1, delta)


def equal_width_steps() -> tuple[Step, ...]:
    """``BDP(x)`` and the bound of ``BDP(D)`` for equal widths, as powers."""
    e = 2 ** (-N)
    product = eq(Product(1 - e, (l, 1, n)), (1 - e) ** n)
    return (
        step("power-base", eq(Product(1 - e, (l, 1, 0)), (1 - e) ** 0), Combination()),
        step(
            "power-step",
            eq(Product(1 - e, (l, 1, n + 1)), (1 - e) ** (n + 1)),
            Combination(equalities=((1 - e, product),)),
            product,
        ),
        step("power", product, Induction(n, Integer(0), "power-base", "power-step")),
        step(
            "one-input",
            eq(1 - (1 - e) ** (L - 1), BDP(X)),
            Combination(
                equalities=(
                    (-1, at("theorem:born-dead-single-point", {widths: N})),
                    (1, at("power", {n: L - 1})),
                )
            ),
            ge(L, 2),
        ),
        step(
            "any-set",
            ge(1 - (1 - e) ** (L - 1), BDP(D)),
            Combination(
                ((1, (at("theorem:born-dead-upper-bound", {widths: N}),)),),
                ((1, at("power", {n: L - 1})),),
            ),
            ge(L, 2),
        ),
    )


def _consequences(record_: Theorem, condition: Any, side: Any, source: Any) -> tuple[Step, ...]:
    """What the equivalence says about networks: safe for every set, sharp at one input.

    ``side(bound)`` is the rule, for the extreme integer and for the symbol that names it.
    """
    name, extreme = record_.lhs, record_.rhs
    value = 1 - (1 - 2 ** (-N)) ** (L - 1)
    within = side(name)
    return (
        step("named", eq(extreme, name), Combination(equalities=((-1, "definition"),))),
        step("at-value", Equivalent(side(extreme), condition), Instance(source), SMALL),
        step(
            "rule",
            Equivalent(within, condition),
            Leibniz(Equivalent(side(hole), condition), hole, "named", "at-value"),
            SMALL,
        ),
        step(
            "safe-if",
            le(BDP(D), delta),
            Combination(((1, ("any-set",)), (1, (condition,)))),
            condition,
            ge(L, 2),
        ),
        step("safe", record_.also[0], Logic(("rule", "safe-if")), SMALL),
        step("rule-value", Equivalent(le(value, delta), within), Logic(("rule",)), SMALL),
        step(
            "one",
            Equivalent(le(BDP(X), delta), within),
            Leibniz(Equivalent(le(hole, delta), within), hole, "one-input", "rule-value"),
            SMALL,
            ge(L, 2),
        ),
        step("sharp", record_.also[1], Logic(("one",)), SMALL),
    )


@cache
def max_depth() -> Derivation:
    """``BDP <= delta`` up to the depth ``L_max`` and not beyond."""
    found = record("born-dead-max-depth")
    largest = found.rhs
    e = 2 ** (-N)
    slope = e * (1 - delta)

    def safe(depth: Any) -> Any:
        return substitute(largest.condition, {L: depth})

    falling = (1 - e) ** (v - 1)
    grows = 1 + (v - 1) * e
    return Derivation(
        "born-dead-max-depth",
        (
            step("definition", found.statement, Definition()),
            *equal_width_steps(),
            step("half", ge(HALF, e), Instance(at("lemma:half-power", {w: N}))),
            step("low", ge(1 - e, 0), Combination(((1, ("half",)), (HALF, ())))),
            step("high", ge(1, e), Combination(((1, ("half",)), (HALF, ())))),
            step(
                "power-low", ge(falling, 0), Instance(at("lemma:power-nonneg", {a: 1 - e, n: v - 1}, "low"))
            ),
            # (1-e)^(v-1) - (1-delta) = ((1-e)^v - (1-delta)) + e (1-e)^(v-1)
            step(
                "monotone",
                safe(v),
                Combination(((1, (safe(v + 1),)), (1, (ge(e, 0), "power-low")))),
                safe(v + 1),
            ),
            step("first", safe(Integer(1)), Combination(((1, (gt(delta, 0),)),))),
            step(
                "decay",
                ge(1, falling * grows),
                Instance(at("lemma:reciprocal-bernoulli", {y: e, n: v - 1}, "high")),
            ),
            step("slope", gt(slope, 0), Combination(((1, (gt(e, 0), SMALL)),)), SMALL),
            # 1 - delta - P = ((1 - P grows) + (slope v - threshold)) / grows
            step(
                "reached",
                gt(1 - delta, falling),
                Combination(
                    (
                        (1, ("decay", Inverse(gt(grows, 0)))),
                        (1, (gt(slope * v, delta + slope), Inverse(gt(grows, 0)))),
                    )
                ),
                SMALL,
                gt(slope * v, delta + slope),
            ),
            step(
                "threshold",
                Equivalent(le(v, largest), safe(v)),
                Extremal(v, "monotone", "reached", "slope", "first"),
                SMALL,
            ),
            *_consequences(found, safe(L), lambda bound: le(L, bound), at("threshold", {v: L})),
            step("theorem", found.statement, Instance("definition")),
        ),
        Witness({L: 3, N: 2, delta: HALF, X: 1, D: 2, found.lhs: 3}),
    )


@cache
def min_width() -> Derivation:
    """``BDP <= delta`` from the width ``N_min`` on and not before."""
    found = record("born-dead-min-width")
    smallest = found.rhs

    def safe(width: Any) -> Any:
        return substitute(smallest.condition, {N: width})

    e, following = 2 ** (-v), 2 ** (-(v + 1))
    bases = {a: 1 - e, b: 1 - following, n: L - 1}
    return Derivation(
        "born-dead-min-width",
        (
            step("definition", found.statement, Definition()),
            *equal_width_steps(),
            step("half", ge(HALF, e), Instance(at("lemma:half-power", {w: v}))),
            step("linear", ge(HALF, v * e), Instance(at("lemma:linear-half-power", {w: v}))),
            step("low", ge(1 - e, 0), Combination(((1, ("half",)), (HALF, ())))),
            step("high", ge(1, e), Combination(((1, ("half",)), (HALF, ())))),
            step("wider", ge(1 - following, 1 - e), Combination(((HALF, (ge(e, 0),)),))),
            step(
                "powers",
                ge((1 - following) ** (L - 1), (1 - e) ** (L - 1)),
                Instance(at("lemma:power-monotone", bases, "low", "wider")),
            ),
            step("monotone", safe(v + 1), Combination(((1, ("powers",)), (1, (safe(v),)))), safe(v)),
            step(
                "bernoulli",
                ge((1 - e) ** (L - 1), 1 - (L - 1) * e),
                Instance(at("lemma:bernoulli", {y: e, n: L - 1}, "high")),
            ),
            # delta - (L-1) e = delta (1/2 - v e) + delta/2 + (delta v - (L-1)) e
            step(
                "reached",
                safe(v),
                Combination(
                    (
                        (1, ("bernoulli",)),
                        (1, (gt(delta, 0), "linear")),
                        (HALF, (gt(delta, 0),)),
                        (1, (gt(delta * v, L - 1), ge(e, 0))),
                    )
                ),
                gt(delta * v, L - 1),
            ),
            step(
                "threshold",
                Equivalent(ge(v, smallest), safe(v)),
                Extremal(v, "monotone", "reached", gt(delta, 0)),
            ),
            *_consequences(found, safe(N), lambda bound: ge(N, bound), at("threshold", {v: N})),
            # Bernoulli: the simple rule (L-1) 2^-N <= delta is sufficient.
            step(
                "simple-rule",
                safe(v),
                Combination(((1, ("bernoulli",)), (1, (ge(delta, (L - 1) * e),)))),
                ge(delta, (L - 1) * e),
            ),
            step("simple", found.also[2], Logic(("rule", at("simple-rule", {v: N}))), SMALL),
            step("theorem", found.statement, Instance("definition")),
        ),
        Witness({L: 3, N: 2, delta: HALF, X: 1, D: 2, found.lhs: 2}),
    )


@cache
def dead_depth() -> Derivation:
    """``BDP > delta`` from the depth ``L_bad`` on, for two-sided inputs on the line."""
    found = record("born-dead-dead-depth")
    smallest, name = found.rhs, found.lhs
    e = 2 ** (-N)
    deep = ge(L, 2)
    rare = ge(delta, 2 * (1 - e) ** (L - 2))
    slope = e * (1 - delta)

    def dead(depth: Any) -> Any:
        return substitute(smallest.condition, {L: depth})

    def alive(exponent: Any) -> Any:
        return substitute(alive_part(exponent), {w: N})

    grows = 1 + (v - 2) * e
    late, here = ge(v, 2), {w: N, n: v - 2}
    enough = 2 - (1 - delta) * (1 - 2 * e)
    certain = gt(BDP(D), delta)
    return Derivation(
        "born-dead-dead-depth",
        (
            step("definition", found.statement, Definition()),
            step("half", ge(HALF, e), Instance(at("lemma:half-power", {w: N}))),
            step("high", ge(1, e), Combination(((1, ("half",)), (HALF, ())))),
            step("falls", ge(alive(v - 2), alive(v - 1)), Instance(at("lemma:chain-falls", here)), late),
            step("monotone", dead(v + 1), Combination(((1, ("falls",)), (1, (dead(v),)))), late, dead(v)),
            step(
                "at-most",
                ge(2 * (1 - e) ** (v - 2), alive(v - 2)),
                Instance(at("lemma:chain-at-most", here)),
                late,
            ),
            step(
                "decay",
                ge(1, (1 - e) ** (v - 2) * grows),
                Instance(at("lemma:reciprocal-bernoulli", {y: e, n: v - 2}, "high")),
                late,
            ),
            step("slope", gt(slope, 0), Combination(((1, (gt(e, 0), SMALL)),)), SMALL),
            step("grows", gt(grows, 0), Combination(((1, ()), (1, (late, ge(e, 0))))), late),
            # 1 - delta - 2 P = (2 (1 - P grows) + (slope v - enough)) / grows
            step(
                "reached",
                dead(v),
                Combination(
                    (
                        (1, ("at-most",)),
                        (2, ("decay", Inverse("grows"))),
                        (1, (gt(slope * v, enough), Inverse("grows"))),
                    )
                ),
                SMALL,
                late,
                gt(slope * v, enough),
            ),
            step(
                "threshold",
                Equivalent(ge(v, smallest), dead(v)),
                Extremal(v, "monotone", "reached", "slope"),
                SMALL,
                late,
            ),
            step(
                "certain-if",
                certain,
                Combination(((1, ("theorem:born-dead-lower-bound-1d",)), (1, (dead(L),)))),
                dead(L),
                ge(L, 2),
            ),
            step("named", eq(smallest, name), Combination(equalities=((-1, "definition"),))),
            step(
                "rule",
                Equivalent(ge(L, name), dead(L)),
                Leibniz(Equivalent(ge(L, hole), dead(L)), hole, "named", at("threshold", {v: L})),
                SMALL,
                deep,
            ),
            step("certain", found.also[0], Logic(("rule", "certain-if")), SMALL),
            # BDP - (1 - delta) = (BDP - bound) + (2 a1^(L-2) - alive part) + (delta - 2 a1^(L-2))
            step(
                "deep-enough",
                ge(BDP(D), 1 - delta),
                Combination(
                    (
                        (1, ("theorem:born-dead-lower-bound-1d",)),
                        (1, (at("at-most", {v: L}),)),
                        (1, (rare,)),
                    )
                ),
                rare,
                deep,
            ),
            step("nearly-certain", found.also[1], Logic(("deep-enough",))),
            step("theorem", found.statement, Instance("definition")),
        ),
        Witness({L: 4, N: 2, delta: Rational(1, 10), D: 1, name: 3}),
    )
