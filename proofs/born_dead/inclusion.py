"""Any input set: monotonicity in depth and set, and the distribution-free upper bound."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Function, Integer, Rational, S, Symbol

from proofs.born_dead.common import inclusion_steps, layer, n, omega, record
from proofs.claims import (
    Combination,
    Derivation,
    Induction,
    Leibniz,
    Logic,
    Mean,
    Model,
    Witness,
    Wording,
    at,
)
from proofs.nodes import Expect
from proofs.notation import eq, ge, le, step
from relutheory.functions import BDP, Event
from relutheory.symbols import D, L

__all__ = ["monotonicity", "upper_bound"]

BIG = Symbol("D'")
DEEP = Symbol("L'")
AREA = Symbol("A")
X = Symbol("x")
gap = Symbol("g", integer=True, nonnegative=True)
more = Symbol("q", integer=True, nonnegative=True)
depth = Symbol("h", integer=True, positive=True)
hole = Symbol("hole")
a, d = Function("a"), Function("d")


def _alive(k: Any, where: Any) -> Any:
    return a(k, where, omega)


def _dead_indicator(k: Any, where: Any, sample: Any) -> Any:
    """In the witness a layer is dead on the smaller set with one more sample than on the larger."""
    return Rational(1) if (where == 1 and sample == 0) or (sample == 1 and k >= 4) else Rational(0)


def _alive_indicator(k: Any, where: Any, sample: Any = None) -> Any:
    total = Rational(1)
    for i in range(1, int(k) + 1):
        total *= 1 - _dead_indicator(i, where, sample)
    return total


def _dead_probability(where: Any, layers: int = 4) -> Any:
    return 1 - sum(_alive_indicator(layers - 1, where, w) for w in (0, 1)) / 2


@cache
def monotonicity() -> Derivation:
    """BDP grows with depth and shrinks with the set."""
    statement = record("born-dead-monotonicity").statement
    subset, deeper = Event("D is a subset of D'"), Event("L <= L'")
    law = "any law"
    inclusion = step(
        "inclusion",
        ge(d(layer, D, omega), d(layer, BIG, omega)),
        Wording("a subset: what is 0 on all of D' is 0 on all of D, so a layer dead on D' is dead on D"),
        subset,
    )
    area_mean = Expect(_alive(n, AREA), omega)
    longer = ge(_alive(n, AREA), _alive(n + more, AREA))
    goal = le(BDP(BIG, L), BDP(D, DEEP))
    return Derivation(
        "born-dead-monotonicity",
        (
            *inclusion_steps(D, BIG, inclusion, (subset,)),
            step(
                "indicator-low",
                ge(d(layer, AREA, omega), 0),
                Model("dead", "the indicator of a dead layer is not negative"),
            ),
            step("longer-base", ge(_alive(n, AREA), _alive(n + 0, AREA)), Combination(((0, ()),))),
            # a(n) - a(n+q)(1-d) = (a(n) - a(n+q)) + a(n+q) d
            step(
                "longer-step",
                ge(_alive(n, AREA), _alive(n + more + 1, AREA)),
                Combination(
                    (
                        (1, (longer,)),
                        (1, (at("nonneg", {n: n + more}), at("indicator-low", {layer: n + more + 1}))),
                    ),
                    ((-1, at("alive-next", {n: n + more})),),
                ),
                longer,
            ),
            step("longer", longer, Induction(more, Integer(0), "longer-base", "longer-step")),
            step("longer-mean", ge(area_mean, Expect(_alive(n + more, AREA), omega)), Mean("longer")),
            step(
                "born-dead",
                eq(BDP(AREA, depth), 1 - Expect(_alive(depth - 1, AREA), omega)),
                Model(
                    law,
                    "the networks of all depths share their first layers; born "
                    "dead: some layer 1..L-1 is dead",
                ),
            ),
            # BDP(D, L+g) - BDP(D', L) = (E a(L-1, D') - E a(L-1, D)) + (E a(L-1, D) - E a(L+g-1, D))
            step(
                "both",
                le(BDP(BIG, L), BDP(D, L + gap)),
                Combination(
                    (
                        (1, (at("inclusion-mean", {n: L - 1}),)),
                        (1, (at("longer-mean", {n: L - 1, AREA: D, more: gap}),)),
                    ),
                    (
                        (1, at("born-dead", {AREA: D, depth: L + gap})),
                        (-1, at("born-dead", {AREA: BIG, depth: L})),
                    ),
                ),
                subset,
            ),
            step(
                "deeper",
                eq(L + gap, DEEP),
                Wording("L <= L' for two depths: L' = L + g with an integer g >= 0"),
                deeper,
            ),
            step("end", goal, Leibniz(le(BDP(BIG, L), BDP(D, hole)), hole, "deeper", "both"), subset, deeper),
            step("theorem", statement, Logic(("end",))),
        ),
        Witness(
            {L: 4, D: 1, BIG: 2, gap: 1, DEEP: 5, subset: S.true, deeper: S.true},
            {"a": _alive_indicator, "d": _dead_indicator, "BDP": lambda A, h: _dead_probability(A, int(h))},
            {omega: (0, 1), AREA: (1, 2)},
        ),
    )


@cache
def upper_bound() -> Derivation:
    """``BDP(D) <= 1 - prod (1 - 2**-N_l)`` for every set with an admissible point."""
    statement = record("born-dead-upper-bound").statement
    inclusion = step(
        "inclusion",
        ge(d(layer, X, omega), d(layer, D, omega)),
        Model("admissible point", "D contains the admissible point x: a layer dead on D is dead at x"),
    )
    born_dead = step(
        "born-dead",
        eq(BDP(AREA), 1 - Expect(_alive(L - 1, AREA), omega)),
        Model("dead", "born dead on a set: some layer 1..L-1 is dead on it"),
    )
    return Derivation(
        "born-dead-upper-bound",
        (
            *inclusion_steps(X, D, inclusion),
            born_dead,
            step(
                "smaller",
                ge(BDP(X), BDP(D)),
                Combination(
                    ((1, (at("inclusion-mean", {n: L - 1}),)),),
                    ((1, at("born-dead", {AREA: X})), (-1, at("born-dead", {AREA: D}))),
                ),
            ),
            step(
                "theorem",
                statement,
                # bound - BDP(D) = (BDP(x) - BDP(D)) - (BDP(x) - bound)
                Combination(((1, ("smaller",)),), ((-1, "theorem:born-dead-single-point"),)),
            ),
        ),
        Witness(
            {L: 4, X: 1, D: 2},
            {"a": _alive_indicator, "d": _dead_indicator, "BDP": _dead_probability},
            {omega: (0, 1), AREA: (1, 2)},
        ),
    )
