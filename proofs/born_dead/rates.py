"""Rates in depth, and infinite depth."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Function, Integer, Limit, Product, Rational, Symbol, log, oo

from proofs.born_dead.closed_form import constants
from proofs.born_dead.common import HALF, UNIT, n, record
from proofs.born_dead.limits import union_sum
from proofs.born_dead.points import alive_product, half_power, some_widths, survival_steps
from proofs.claims import (
    Cite,
    Combination,
    Derivation,
    Induction,
    Instance,
    Inverse,
    Logic,
    LogOrder,
    LogProduct,
    Model,
    Step,
    Termwise,
    Witness,
    at,
)
from proofs.lemmas import a, w
from proofs.notation import eq, ge, gt, le, step
from proofs.substitution import substitute
from relutheory.functions import BDP, Alive
from relutheory.symbols import D, L, N, l, widths

__all__ = ["depth_rate", "infinite_depth_dichotomy"]


def _survival(top: Any, first: int = 1) -> Rational:
    total = Rational(1)
    for i in range(first, int(top) + 1):
        total *= 1 - Rational(1, 2 ** some_widths(i))
    return total


def _sum_steps(above: Any, below: Any) -> tuple[Step, ...]:
    """``1 - S <= P <= 1/(1 + S)`` for the product P of ``1 - e_l`` and the sum S of ``e_l``."""
    e, whole, total = half_power(n + 1), alive_product(n), union_sum(n)
    low, high, positive = ge(whole, 0), ge(1, whole), ge(total, 0)
    more, less = ge(whole, 1 - total), ge(1, whole * (1 + total))
    zero = Integer(0)
    return (
        step("half-here", ge(HALF, e), Instance(at("lemma:half-power", {w: widths[n + 1]}))),
        step("low-base", ge(alive_product(0), 0), Combination(((1, ()),))),
        step(
            "low-step",
            ge(alive_product(n + 1), 0),
            Combination(((1, (low, "half-here")), (HALF, (low,)))),
            low,
        ),
        step("low", low, Induction(n, zero, "low-base", "low-step")),
        step("high-base", ge(1, alive_product(0)), Combination(())),
        step(
            "high-step",
            ge(1, alive_product(n + 1)),
            Combination(((1, (high,)), (1, ("low", ge(e, 0))))),
            high,
        ),
        step("high", high, Induction(n, zero, "high-base", "high-step")),
        step("sum-base", ge(union_sum(0), 0), Combination(())),
        step(
            "sum-step", ge(union_sum(n + 1), 0), Combination(((1, (positive,)), (1, (ge(e, 0),)))), positive
        ),
        step("sum", positive, Induction(n, zero, "sum-base", "sum-step")),
        # P (1-e) - 1 + S + e = (P - 1 + S) + e (1 - P)
        step("more-base", ge(alive_product(0), 1 - union_sum(0)), Combination(())),
        step(
            "more-step",
            ge(alive_product(n + 1), 1 - union_sum(n + 1)),
            Combination(((1, (more,)), (1, (ge(e, 0), "high")))),
            more,
        ),
        step("more", more, Induction(n, zero, "more-base", "more-step")),
        # 1 - P (1-e)(1+S+e) = (1 - P (1+S)) + P e S + P e^2
        step("less-base", ge(1, alive_product(0) * (1 + union_sum(0))), Combination(())),
        step(
            "less-step",
            ge(1, alive_product(n + 1) * (1 + union_sum(n + 1))),
            Combination(((1, (less,)), (1, ("low", ge(e, 0), "sum")), (1, ("low", ge(e**2, 0))))),
            less,
        ),
        step("less", less, Induction(n, zero, "less-base", "less-step")),
        step("finite-above", above, Instance(at("more", {n: L - 1}))),
        step("finite-below", below, Instance(at("less", {n: L - 1}))),
    )


@cache
def infinite_depth_dichotomy() -> Derivation:
    """A single input survives all layers with probability ``prod (1 - 2**-N_l)``; when it is positive."""
    found = record("born-dead-infinite-depth-dichotomy")
    above, below, words = found.also
    s = Function("s")
    forever, infinite = found.lhs, found.rhs
    finite = Limit(alive_product(n), n, oo)
    return Derivation(
        "born-dead-infinite-depth-dichotomy",
        (
            *survival_steps("evaluated case"),
            step(
                "continuity",
                eq(forever, Limit(s(n), n, oo)),
                Cite(
                    "standard: continuity of probability measures",
                    "decreasing events: P(all of them) is the limit of P(the first n)",
                ),
            ),
            step("same-limit", eq(Limit(s(n), n, oo), finite), Termwise("product")),
            step(
                "infinite-product",
                eq(infinite, finite),
                Cite(
                    "standard: definition of an infinite product",
                    "the limit of the partial products, which fall and are >= 0",
                ),
            ),
            *_sum_steps(above, below),
            step(
                "positive",
                words,
                Cite(
                    "Knopp, Theory and Application of Infinite Series",
                    "prod (1 - a_l) with 0 <= a_l < 1 is positive iff sum a_l converges: the limit in the "
                    "finite bounds, the first of them from a layer on where the rest of the sum is below 1",
                ),
            ),
            step(
                "theorem",
                found.statement,
                Combination(equalities=((1, "continuity"), (1, "same-limit"), (-1, "infinite-product"))),
            ),
        ),
        Witness(
            {L: 4, Symbol("x"): 1, words: True, **UNIT},
            {"N": some_widths, "s": _survival, "u": lambda k: Rational(1, 2 ** int(k))},
        ),
    )


def _rate_steps(low: Any, high: Any, deep: Any) -> tuple[Step, ...]:
    """The logarithmic rate from ``low <= P(alive) <= high <= 2 a1**(L-2)``."""
    a1 = 1 - 2 ** (-N)
    alive, twice = Alive(D), 2 * a1 ** (L - 2)
    one_over = Inverse(gt(L, 0))
    return (
        step("low-positive", gt(low, 0), Instance(at("lemma:power-positive", {a: a1, n: L - 1}, "a1")), deep),
        step("positive", gt(alive, 0), Combination(((1, ("low",)), (1, ("low-positive",)))), deep),
        step(
            "at-most",
            ge(twice, high),
            Instance(at("lemma:chain-at-most", {w: N, n: L - 2})),
            deep,
        ),
        step("twice", ge(twice, alive), Combination(((1, ("high",)), (1, ("at-most",)))), deep),
        step("log-above", ge(log(twice), log(alive)), LogOrder("twice", "positive"), deep),
        step("log-below", ge(log(alive), log(low)), LogOrder("low", "low-positive"), deep),
        step("log-low", eq(log(low), (L - 1) * log(a1)), LogProduct(((L - 1, "a1"),)), deep),
        step(
            "log-twice",
            eq(log(twice), log(2) + (L - 2) * log(a1)),
            LogProduct(((1, gt(2, 0)), (L - 2, "a1"))),
            deep,
        ),
        # 1/2 <= a1 <= 1, so that 0 <= -ln(a1) <= ln(2)
        step("half", ge(2 * a1, 1), Combination(((2, (at("lemma:half-power", {w: N}),)),))),
        step("log-half", ge(log(2 * a1), 0), LogOrder("half", gt(1, 0))),
        step("log-double", eq(log(2 * a1), log(2) + log(a1)), LogProduct(((1, gt(2, 0)), (1, "a1")))),
        step("log-one", ge(0, log(a1)), LogOrder(ge(1, a1), "a1")),
        # -ln(a1) + ln(P)/L = ((ln(P) - (L-1) ln(a1)) - ln(a1))/L
        step(
            "rate-above",
            le(-log(alive) / L, -log(a1)),
            Combination(((1, ("log-below", one_over)), (1, ("log-one", one_over))), ((1 / L, "log-low"),)),
            deep,
        ),
        step(
            "rate-below",
            ge(-log(alive) / L, -log(a1) - 3 * log(2) / L),
            Combination(
                ((1, ("log-above", one_over)), (2, ("log-half", one_over))),
                ((-1 / L, "log-twice"), (-2 / L, "log-double")),
            ),
            deep,
        ),
    )


@cache
def depth_rate() -> Derivation:
    """Both bounds of ``P(alive)``, of its ratio to ``a1**(L-2)``, and the logarithmic rate."""
    found = record("born-dead-depth-rate")
    low, high = (r.rhs for r in _bounds(found.rhs))
    ratio, rate = found.also
    e, a1, a2, factor = (substitute(x, {w: N}) for x in constants())
    deep, here = found.lhs, {w: N, n: L - 2}
    alive, size = Alive(D), Inverse("size")
    product = eq(Product(1 - e, (l, 1, n)), a1**n)
    return Derivation(
        "born-dead-depth-rate",
        (
            step("alive", eq(alive, 1 - BDP(D)), Model("dead", "alive is the complement of born dead")),
            step("power-base", eq(Product(1 - e, (l, 1, 0)), a1**0), Combination()),
            step(
                "power-step",
                eq(Product(1 - e, (l, 1, n + 1)), a1 ** (n + 1)),
                Combination(equalities=((a1, product),)),
                product,
            ),
            step("power", product, Induction(n, Integer(0), "power-base", "power-step")),
            step(
                "low",
                ge(alive, low),
                Combination(
                    ((1, (at("theorem:born-dead-upper-bound", {widths: N}),)),),
                    ((1, "alive"), (1, at("power", {n: L - 1}))),
                ),
                deep,
            ),
            step(
                "high",
                le(alive, high),
                Combination(((1, (at("theorem:born-dead-lower-bound-1d", {widths: N}),)),), ((-1, "alive"),)),
                deep,
            ),
            # The ratio to a1^(L-2).
            step("a1", gt(a1, 0), Combination(((1, (at("lemma:half-power", {w: N}),)), (HALF, ())))),
            step(
                "size",
                gt(a1 ** (L - 2), 0),
                Instance(at("lemma:power-positive", {a: a1, n: L - 2}, "a1")),
                deep,
            ),
            step(
                "ratio-low",
                ge(alive / a1 ** (L - 2), a1),
                Combination(((1, ("low", size)),), nonzero=("a1",)),
                deep,
            ),
            step("loss", ge(factor * a2 ** (L - 2), 0), Instance(at("lemma:chain-loss", here)), deep),
            step(
                "ratio-high",
                le(alive / a1 ** (L - 2), 1 + factor),
                Combination(((1, ("high", size)), (1, ("loss", size))), nonzero=("a1",)),
                deep,
            ),
            step("ratio", ratio, Logic(("ratio-low", "ratio-high"))),
            *_rate_steps(low, high, deep),
            step("rate", rate, Logic(("rate-above", "rate-below"))),
            step("theorem", found.statement, Logic(("low", "high"))),
        ),
        Witness({N: 2, L: 3, D: 1}, {"Alive": lambda d: Rational(27, 32), "BDP": lambda d: Rational(5, 32)}),
    )


def _bounds(both: Any) -> tuple[Any, Any]:
    """The lower and the upper bound of a conjunction of the two."""
    low, high = sorted(both.args, key=lambda r: r.rel_op, reverse=True)
    return low, high
