"""Limits and rates in depth and width."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import And, Equivalent, Function, Implies, Integer, Limit, Rational, S, Sum, Symbol, oo

from proofs.born_dead.common import record
from proofs.born_dead.points import alive_product, half_power, some_widths
from proofs.claims import (
    Combination,
    Derivation,
    Identity,
    Induction,
    Instance,
    Inverse,
    Logic,
    Model,
    Sandwich,
    Square,
    Step,
    Termwise,
    Witness,
    Wording,
    at,
)
from proofs.lemmas import a, v, w, y
from proofs.notation import eq, ge, gt, step
from relutheory.functions import Alive, Event
from relutheory.symbols import D, L, N, l, p, widths
from relutheory.theory.born_dead import closed_lower_bound

__all__ = ["depth_limit", "small_probability", "width_limit"]

HALF = Rational(1, 2)
n = Symbol("n", integer=True, nonnegative=True)
width = Symbol("M", integer=True, positive=True)
layer = Symbol("k", integer=True, positive=True)


@cache
def depth_limit() -> Derivation:
    """``P(alive) <= (1-p)**(L-2)``, which tends to 0."""
    found = record("born-dead-depth-limit")
    words = found.also[0]
    s, off = Function("s"), Function("off")
    bound = ge((1 - p) ** n, s(n))
    proper = ge(1, p)
    fall = (1 - p) ** (v - 2)
    limit = eq(Limit((1 - p) ** (L - 2), L, oo), 0)
    late = ge(v, 2)
    return Derivation(
        "born-dead-depth-limit",
        (
            step(
                "start",
                eq(s(0), 1),
                Model(
                    "independent layers",
                    "s(n) is the probability that none of the layers 2..n+1 is nonpositive",
                ),
            ),
            step(
                "next",
                eq(s(n + 1), s(n) * (1 - off(n + 2))),
                Model(
                    "independent layers",
                    "layer n+2 is nonpositive with probability off(n+2), whatever the others are",
                ),
            ),
            step(
                "off",
                ge(off(layer), p),
                Model("nonpositive layer", "each layer is nonpositive with probability >= p"),
            ),
            step("off-high", ge(1, off(layer)), Model("nonpositive layer", "a probability is at most 1")),
            step("base", ge((1 - p) ** 0, s(0)), Combination((), ((-1, "start"),))),
            step("nonneg-base", ge(s(0), 0), Combination(((1, ()),), ((1, "start"),))),
            step(
                "nonneg-step",
                ge(s(n + 1), 0),
                Combination(((1, (ge(s(n), 0), at("off-high", {layer: n + 2}))),), ((1, "next"),)),
                ge(s(n), 0),
            ),
            step("nonneg", ge(s(n), 0), Induction(n, Integer(0), "nonneg-base", "nonneg-step")),
            # (1-p)^n (1-p) - s (1-off) = ((1-p)^n - s)(1-p) + s (off - p)
            step(
                "step",
                ge((1 - p) ** (n + 1), s(n + 1)),
                Combination(
                    ((1, (bound, proper)), (1, ("nonneg", at("off", {layer: n + 2})))),
                    ((-1, "next"),),
                ),
                proper,
                bound,
            ),
            step("bound", bound, Induction(n, Integer(0), "base", "step"), proper),
            step(
                "alive",
                ge(s(L - 2), Alive(D)),
                Model(
                    "dead",
                    "h >= 0, so a nonpositive layer l >= 2 is dead on every D: alive means none of 2..L-1 is",
                ),
                ge(L, 2),
            ),
            # The limit: n (1-p)^(n-2) <= 1/p + 2.
            step("fraction", ge(1 - p, 0), Combination(((1, (proper,)),)), proper),
            step(
                "fall-low",
                ge(fall, 0),
                Instance(at("lemma:power-nonneg", {a: 1 - p, n: v - 2}, "fraction")),
                proper,
                late,
            ),
            step(
                "fall-high",
                ge(1, fall),
                Instance(at("lemma:power-at-most-one", {a: 1 - p, n: v - 2}, "fraction", ge(1, 1 - p))),
                proper,
                late,
            ),
            step(
                "fall",
                ge(1, fall * (1 + (v - 2) * p)),
                Instance(at("lemma:reciprocal-bernoulli", {y: p, n: v - 2}, proper)),
                proper,
                late,
            ),
            # (1/p + 2)/v - P = ((1 - P (1+(v-2)p))/p + P/p + 2 (1 - P)) / v
            step(
                "above",
                ge((1 / p + 2) / v, fall),
                Combination(
                    (
                        (1, ("fall", Inverse(gt(p, 0)), Inverse(gt(v, 0)))),
                        (1, ("fall-low", Inverse(gt(p, 0)), Inverse(gt(v, 0)))),
                        (2, ("fall-high", Inverse(gt(v, 0)))),
                    )
                ),
                proper,
                late,
            ),
            step(
                "below",
                ge((1 / p + 2) / v, -fall),
                Combination(
                    (
                        (1, (Inverse(gt(p, 0)), Inverse(gt(v, 0)))),
                        (2, (Inverse(gt(v, 0)),)),
                        (1, ("fall-low",)),
                    )
                ),
                proper,
                late,
            ),
            step("limit", limit, Sandwich(v, "above", "below", 1 / p + 2), proper),
            step(
                "words",
                Equivalent(words, limit),
                Wording("the bound (1-p)^(L-2) has the limit 0 as L -> infinity"),
            ),
            step("tends", words, Logic(("words", "limit")), proper),
            step(
                "theorem",
                found.statement,
                Combination(((1, (at("bound", {n: L - 2}),)), (1, ("alive",)))),
                proper,
                ge(L, 2),
            ),
        ),
        Witness(
            {p: HALF, L: 4, D: 1},
            {"s": lambda k: HALF ** int(k), "off": lambda k: HALF, "Alive": lambda d: Rational(1, 5)},
        ),
    )


def union_sum(top: Any) -> Any:
    """Sum of ``2**-N_l`` up to a layer."""
    return Sum(half_power(l), (l, 1, top))


@cache
def width_limit() -> Derivation:
    """``BDP(D) <= sum 2**-N_l``, which tends to 0 with the smallest width."""
    found = record("born-dead-width-limit")
    words = found.also[0]
    e = half_power(n + 1)
    low, high = ge(alive_product(n), 0), ge(1, alive_product(n))
    goal = ge(union_sum(n), 1 - alive_product(n))
    wide = Event("all widths are at least M")
    even = Sum(2 ** (-width), (l, 1, L - 1))
    count = eq(Sum(2 ** (-width), (l, 1, n)), n * 2 ** (-width))
    limit = eq(Limit((L - 1) * 2 ** (-width), width, oo), 0)
    bounded = ge((L - 1) * 2 ** (-width), union_sum(L - 1))
    return Derivation(
        "born-dead-width-limit",
        (
            step("half", ge(HALF, e), Instance(at("lemma:half-power", {w: widths[n + 1]}))),
            step("low-base", ge(alive_product(0), 0), Combination(((1, ()),))),
            step(
                "low-step",
                ge(alive_product(n + 1), 0),
                Combination(((1, (low, "half")), (HALF, (low,)))),
                low,
            ),
            step("low", low, Induction(n, Integer(0), "low-base", "low-step")),
            step("high-base", ge(1, alive_product(0)), Identity()),
            step(
                "high-step",
                ge(1, alive_product(n + 1)),
                Combination(((1, (high,)), (1, ("low", ge(e, 0))))),
                high,
            ),
            step("high", high, Induction(n, Integer(0), "high-base", "high-step")),
            step("union-base", ge(union_sum(0), 1 - alive_product(0)), Identity()),
            # S + e - 1 + P (1-e) = (S - 1 + P) + e (1 - P)
            step(
                "union-step",
                ge(union_sum(n + 1), 1 - alive_product(n + 1)),
                Combination(((1, (goal,)), (1, (ge(e, 0), "high")))),
                goal,
            ),
            step("union", goal, Induction(n, Integer(0), "union-base", "union-step")),
            # The limit in the smallest width M.
            step("wide", ge(widths[l], width), Wording("every width N_l is at least M"), wide),
            step(
                "term",
                ge(2 ** (-width), half_power(l)),
                Instance(at("lemma:half-power-falls", {v: width, w: widths[l]}, "wide")),
                wide,
            ),
            step("terms", ge(even, union_sum(L - 1)), Termwise("term"), wide),
            step("count-base", eq(Sum(2 ** (-width), (l, 1, 0)), 0 * 2 ** (-width)), Identity()),
            step(
                "count-step",
                eq(Sum(2 ** (-width), (l, 1, n + 1)), (n + 1) * 2 ** (-width)),
                Combination(equalities=((1, count),)),
                count,
            ),
            step("count", count, Induction(n, Integer(0), "count-base", "count-step")),
            step("bounded", bounded, Combination(((1, ("terms",)),), ((-1, at("count", {n: L - 1})),)), wide),
            step("above", ge((L - 1) * HALF**v, (L - 1) * 2 ** (-v)), Identity()),
            step(
                "below",
                ge((L - 1) * HALF**v, -(L - 1) * 2 ** (-v)),
                Combination(((2, (ge(L, 1), ge(HALF**v, 0))),)),
            ),
            step("limit", limit, Sandwich(v, "above", "below", L - 1, HALF)),
            step("small", Implies(wide, bounded), Logic(("bounded",))),
            step(
                "words",
                Equivalent(words, And(Implies(wide, bounded), limit)),
                Wording(
                    "at fixed L the bound is at most (L-1) 2^-M once all widths are >= M, and that tends to 0"
                ),
            ),
            step("tends", words, Logic(("words", "small", "limit"))),
            step(
                "theorem",
                found.statement,
                Combination(((1, ("theorem:born-dead-upper-bound",)), (1, (at("union", {n: L - 1}),)))),
            ),
        ),
        Witness({L: 3, D: 1, width: 1, wide: S.true}, {"N": some_widths}),
    )


def _lower_scale_steps(words: Any) -> tuple[Step, ...]:
    """The lower bound divided by ``L (L-2) 4**-N`` tends to 1 for ``L >= 3`` (at ``L = 2`` both vanish)."""
    e = 2 ** (-v)
    lower, scale = closed_lower_bound(v, L), L * (L - 2) * e**2
    deep, late = ge(L, 3), ge(v, 3)
    size, one_over = Inverse("size"), Inverse(gt(v, 0))
    bound = Rational(9, 8) * (2 * L - 3) / v
    limit = eq(Limit(closed_lower_bound(N, L) / (L * (L - 2) * Integer(4) ** (-N)), N, oo), 1)
    here = {w: v, n: L - 2}
    k = L - 2
    return (
        step("size", gt(scale, 0), Combination(((1, (gt(L, 0), gt(L - 2, 0), gt(e**2, 0))),)), deep),
        step("linear", ge(HALF, v * e), Instance(at("lemma:linear-half-power", {w: v}))),
        step(
            "quadratic",
            ge(Rational(9, 8), v**2 * e),
            Instance(at("lemma:quadratic-half-power", {w: v})),
            late,
        ),
        step(
            "at-most",
            ge(k * L * e**2 + k**2 * v * e**3, lower),
            Instance(at("lemma:leading-above", here)),
            deep,
        ),
        step(
            "at-least",
            ge(lower, k * L * e**2 - k * (2 * L - 3) * L * e**3),
            Instance(at("lemma:leading-below", here)),
            deep,
        ),
        # bound - k v e/L = (k/L)(9/8 - v^2 e)/v + (9/4)(L-1)^2/(v L)
        step(
            "lower-above",
            ge(bound, lower / scale - 1),
            Combination(
                (
                    (1, ("at-most", size)),
                    (1, (ge(L - 2, 0), Inverse(gt(L, 0)), "quadratic", one_over)),
                    (Rational(9, 4), (Square(L - 1), Inverse(gt(L, 0)), one_over)),
                )
            ),
            deep,
            late,
        ),
        step(
            "lower-below",
            ge(bound, 1 - lower / scale),
            Combination(
                (
                    (1, ("at-least", size)),
                    (1, (ge(2 * L - 3, 0), "linear", one_over)),
                    (Rational(5, 8), (ge(2 * L - 3, 0), one_over)),
                )
            ),
            deep,
            late,
        ),
        step(
            "lower-limit",
            limit,
            Sandwich(v, "lower-above", "lower-below", Rational(9, 8) * (2 * L - 3)),
            deep,
        ),
        step(
            "lower-words",
            Equivalent(words, Implies(deep, limit)),
            Wording("for L >= 3; at L = 2 the lower bound and L (L-2) 4^-N are both 0"),
        ),
        step("lower-implies", Implies(deep, limit), Logic(("lower-limit",))),
        step("lower-tends", words, Logic(("lower-words", "lower-implies"))),
    )


@cache
def small_probability() -> Derivation:
    """The upper bound is asymptotic to ``(L-1) 2**-N`` and the lower one to ``L (L-2) 4**-N``."""
    found = record("born-dead-small-probability")
    e = 2 ** (-v)
    ratio = (1 - (1 - e) ** (L - 1)) / ((L - 1) * e)
    deep = ge(L, 2)
    size = Inverse(gt((L - 1) * e, 0))
    bound = (L - 1) * HALF**v
    return Derivation(
        "born-dead-small-probability",
        (
            step("half", ge(HALF, e), Instance(at("lemma:half-power", {w: v}))),
            step("high", ge(1, e), Combination(((1, ("half",)), (HALF, ())))),
            step(
                "lower",
                ge((1 - e) ** (L - 1), 1 - (L - 1) * e),
                Instance(at("lemma:bernoulli", {y: e, n: L - 1}, "high")),
            ),
            step(
                "upper",
                ge(1 - (L - 1) * e + (L - 1) ** 2 * e**2 / 2, (1 - e) ** (L - 1)),
                Instance(at("lemma:second-bernoulli", {y: e, n: L - 1}, ge(e, 0), "high")),
            ),
            # ratio - 1 = -(P - 1 + (L-1) e) / ((L-1) e)
            step(
                "above",
                ge(bound, ratio - 1),
                Combination(((1, ("lower", size)), (1, (ge(L, 1), ge(e, 0))))),
                deep,
            ),
            step(
                "below",
                ge(bound, 1 - ratio),
                Combination(((1, ("upper", size)), (HALF, (ge(L, 1), ge(e, 0))))),
                deep,
            ),
            *_lower_scale_steps(found.also[0]),
            step("theorem", found.statement, Sandwich(v, "above", "below", L - 1, HALF), deep),
        ),
        Witness({L: 3}),
    )
