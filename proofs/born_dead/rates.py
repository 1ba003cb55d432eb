"""Statements with a step of classical analysis or geometry that is cited or given in words."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Function, Integer, Limit, Product, Rational, Symbol, oo

from proofs.born_dead.common import UNIT, half_steps, j, n, record, row_steps
from proofs.born_dead.points import alive_product, half_power, some_widths, survival_steps
from proofs.claims import (
    Assume,
    Choice,
    Cite,
    Combination,
    Derivation,
    Induction,
    Logic,
    Model,
    Termwise,
    Witness,
    at,
)
from proofs.notation import eq, ge, ne, step
from relutheory.functions import BDP
from relutheory.symbols import D, L, N, l, widths
from relutheory.theory.born_dead import two_two_law_free

__all__ = ["depth_rate", "infinite_depth_dichotomy", "law_free_cases"]


def _survival(top: Any, first: int = 1) -> Rational:
    total = Rational(1)
    for i in range(first, int(top) + 1):
        total *= 1 - Rational(1, 2 ** some_widths(i))
    return total


@cache
def infinite_depth_dichotomy() -> Derivation:
    """A single input survives all layers with probability ``prod (1 - 2**-N_l)``."""
    found = record("born-dead-infinite-depth-dichotomy")
    words = found.also[0]
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
            step(
                "positive",
                words,
                Cite(
                    "Knopp, Theory and Application of Infinite Series",
                    "prod (1 - a_l) with 0 <= a_l < 1 is positive iff sum a_l converges",
                ),
            ),
            step(
                "theorem",
                found.statement,
                Combination(equalities=((1, "continuity"), (1, "same-limit"), (-1, "infinite-product"))),
            ),
        ),
        Witness(
            {Symbol("x"): 1, words: True, **UNIT},
            {"N": some_widths, "s": _survival, "u": lambda k: Rational(1, 2 ** int(k))},
        ),
    )


@cache
def depth_rate() -> Derivation:
    """Both bounds of ``P(alive)/a1**(L-2)``; the logarithmic rate follows in words."""
    found = record("born-dead-depth-rate")
    return Derivation(
        "born-dead-depth-rate",
        (
            step(
                "rate",
                found.rhs,
                Assume(
                    "a1 <= P(alive)/a1^(L-2) <= 1 + K at every depth L: taking "
                    "logarithms, -(1/L) ln P(alive) differs from "
                    "-((L-2)/L) ln a1 by at most ln(2/a1)/L"
                ),
                found.lhs,
            ),
            step("theorem", found.statement, Logic(("rate",))),
        ),
        Witness({N: 2, L: 3, D: 1, found.rhs: True}, {"Alive": lambda d: Rational(3, 4)}),
    )


@cache
def law_free_cases() -> Derivation:
    """``N_1 = 1`` starts on one ray; widths (2, 2, N3) in words."""
    found = record("born-dead-law-free-cases")
    (first, one), (second, _) = found.rhs.args
    either = found.domain.constraints[0][0]
    s, u = Function("s"), Function("u")
    law = "H-entry"

    def product(top: Any) -> Any:
        return Product(1 - half_power(l), (l, 2, top))

    goal = eq(s(n), product(n + 1))
    return Derivation(
        "born-dead-law-free-cases",
        (
            *half_steps(law),
            *row_steps("u", law),
            step(
                "start",
                eq(s(0), 1),
                Model("depth convention", "s(n): the layers 2..n+1 are alive on one ray"),
            ),
            step(
                "layer",
                eq(s(n + 1), s(n) * (1 - u(widths[n + 2]))),
                Model(
                    "zero bias",
                    "on one ray a layer is dead if its rows are off there, else the image is one ray again",
                ),
            ),
            step("product-base", eq(s(0), product(1)), Combination(equalities=((1, "start"),))),
            step(
                "product-step",
                eq(s(n + 1), product(n + 2)),
                Combination(
                    equalities=(
                        (1, "layer"),
                        (-s(n), at("rows", {j: widths[n + 2]})),
                        (1 - half_power(n + 2), goal),
                    )
                ),
                goal,
            ),
            step("product", goal, Induction(n, Integer(0), "product-base", "product-step")),
            step(
                "one-unit",
                eq(BDP(D), 1 - s(L - 2)),
                Model(
                    "two-sided",
                    "N_1 = 1: exactly one side of 0 survives layer 1, so the image of D is one ray",
                ),
                one,
                ge(L, 2),
            ),
            step(
                "one",
                eq(BDP(D), first),
                Combination(equalities=((1, "one-unit"), (-1, at("product", {n: L - 2})))),
                one,
                ge(L, 2),
            ),
            step(
                "two-two",
                eq(BDP(D), second),
                Assume(
                    "the 16 sign patterns of the second layer's rows on (x=+1, x=-1) are "
                    "equally likely: dead 1, one ray 8, both rows "
                    "(+,+) 1, one (+,+) and one mixed 4, two opposite mixed 2; a "
                    "third-layer row is off on both images with "
                    "probability (2-|U1-U2|)/4, (2-U)/4, 1/4 in the last three, U iid "
                    "uniform; E(2-U)^n = (2^(n+1)-1)/(n+1)"
                ),
                either,
                ne(widths[1], 1),
            ),
            step("theorem", found.statement, Choice("one", "two-two"), either, ge(L, 2)),
        ),
        Witness(
            {L: 4, D: 1, **UNIT},
            {
                "N": lambda i: 2 if i <= 3 else 1,
                "u": lambda k: Rational(1, 2 ** int(k)),
                "s": lambda k: _product_of(lambda i: 2 if i <= 3 else 1, int(k)),
                "BDP": lambda d: two_two_law_free(2),
            },
        ),
        others=(
            Witness(
                {L: 4, D: 1, **UNIT},
                {
                    "N": lambda i: i,
                    "u": lambda k: Rational(1, 2 ** int(k)),
                    "s": lambda k: _product_of(int, int(k)),
                    "BDP": lambda d: 1 - _product_of(int, 2),
                },
            ),
        ),
    )


def _product_of(width: Any, count: int) -> Rational:
    total = Rational(1)
    for i in range(2, count + 2):
        total *= 1 - Rational(1, 2 ** width(i))
    return total
