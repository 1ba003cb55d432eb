"""Ratios of magnitudes: iid without ties, so that only their order matters.

Two images of D in layer 2 are, up to scale, (1, 0) and (r, 1), or (r, 1) and (s, 1). A row of layer 3 is off
at both depending on the signs of its entries and on where the ratio of their magnitudes lies among r and s.
"""

from __future__ import annotations

from typing import Any

from sympy import Function, Integer, Rational, Symbol

from proofs.born_dead.common import HALF
from proofs.claims import Combination, Induction, Model, Step, at
from proofs.notation import eq, step
from proofs.substitution import substitute

__all__ = [
    "LAW",
    "QUARTER",
    "SAME",
    "both",
    "both_steps",
    "high",
    "low",
    "minus",
    "mixed",
    "mixed_steps",
    "order_steps",
    "plus",
    "t",
]

QUARTER = Rational(1, 4)
SAME, LAW = "identical entries", "H-entry"
#: Rows still to come; ratios that lie below, and above, those of the images.
t, low, high = (Symbol(x, integer=True, nonnegative=True) for x in ("t", "low", "high"))
#: Probability that an entry is negative, and positive.
minus, plus = Symbol("minus", real=True), Symbol("plus", real=True)
top, order, mixed, both = (Function(x) for x in ("top", "order", "mixed", "both"))


def order_steps() -> tuple[Step, ...]:
    """Ratios are iid without ties: all their orders are equally likely."""
    size = low + high + 3
    inner = eq(order(0, high), 2 / ((high + 1) * (high + 2)))
    return (
        step("entry", eq(minus + plus, 1), Model(LAW, "no point masses: an entry is negative or positive")),
        step("entry-flip", eq(minus, plus), Model(LAW, "an entry and its negative agree in law")),
        step("minus", eq(minus, HALF), Combination(equalities=((HALF, "entry"), (HALF, "entry-flip")))),
        step("plus", eq(plus, HALF), Combination(equalities=((HALF, "entry"), (-HALF, "entry-flip")))),
        step(
            "top",
            eq((low + 1) * top(low), 1),
            Model(
                SAME,
                "ratios of magnitudes of two entries of one row or column are iid without ties (the scale of "
                "a layer cancels): each of low + 1 ratios is the largest with the same probability top(low)",
            ),
        ),
        step(
            "order-none",
            eq(order(0, 0), 1),
            Model(SAME, "order(low, high): low ratios lie below and high ratios above both of two others"),
        ),
        step(
            "order-low",
            eq(size * order(low + 1, high), (low + 1) * order(low, high)),
            Model(
                SAME,
                "the smallest of the low + high + 3 ratios is one of the low + 1, each with the same "
                "probability, whatever the order of the others",
            ),
        ),
        step(
            "order-high",
            eq(size * order(low, high + 1), (high + 1) * order(low, high)),
            Model(SAME, "the largest of the ratios is one of the high + 1, likewise"),
        ),
        step(
            "order-sum",
            eq(
                (low + 2) * order(low + 1, high) + (low + 1) * order(low, high + 1),
                (low + 1) * order(low, high),
            ),
            Combination(
                equalities=(((low + 2) / size, "order-low"), ((low + 1) / size, "order-high")),
            ),
        ),
        step("inner-base", eq(order(0, 0), Integer(2) / 2), Combination(equalities=((1, "order-none"),))),
        step(
            "inner-step",
            eq(order(0, high + 1), 2 / ((high + 2) * (high + 3))),
            Combination(
                equalities=(
                    (1 / (high + 3), at("order-high", {low: Integer(0)})),
                    ((high + 1) / (high + 3), inner),
                )
            ),
            inner,
        ),
        step("inner", inner, Induction(high, Integer(0), "inner-base", "inner-step")),
    )


def mixed_steps() -> tuple[Step, ...]:
    """One unit on at both inputs, the other at one: ``(t+1) mixed(t, 0) = 2 2**-t - 4**-t``."""
    e = 2 ** (-t)
    pair = eq((t + low + 2) * mixed(t, low + 1) + (low + 1) * mixed(t, low), 2 * e)
    value = eq((t + 1) * mixed(t, 0), 2 * e - e**2)
    following = {"same": mixed(t, low), "more": mixed(t, low + 1)}
    return (
        step(
            "mixed-none",
            eq(mixed(0, low), top(low)),
            Model(SAME, "mixed(t, low): the ratio of the image exceeds low others, and t rows are off"),
        ),
        step(
            "mixed-next",
            eq(mixed(t + 1, low), minus**2 * mixed(t, low) + minus * plus * mixed(t, low + 1)),
            Model(
                SAME,
                "images (1, 0) and (r, 1) up to scale: a row is off at both if its entries are negative, or "
                "the first is negative and the second positive with a ratio below r; signs, ratios and rows "
                "are independent",
            ),
        ),
        step(
            "mixed-quarter",
            eq(mixed(t + 1, low), (mixed(t, low) + mixed(t, low + 1)) / 4),
            Combination(
                equalities=(
                    (1, "mixed-next"),
                    ((minus + HALF) * following["same"] + plus * following["more"], "minus"),
                    (following["more"] / 2, "plus"),
                )
            ),
        ),
        step(
            "pair-base",
            eq((low + 2) * mixed(0, low + 1) + (low + 1) * mixed(0, low), 2),
            Combination(
                equalities=(
                    (low + 2, at("mixed-none", {low: low + 1})),
                    (low + 1, "mixed-none"),
                    (1, at("top", {low: low + 1})),
                    (1, "top"),
                )
            ),
        ),
        step(
            "pair-step",
            eq((t + low + 3) * mixed(t + 1, low + 1) + (low + 1) * mixed(t + 1, low), e),
            Combination(
                equalities=(
                    (t + low + 3, at("mixed-quarter", {low: low + 1})),
                    (low + 1, "mixed-quarter"),
                    (QUARTER, pair),
                    (QUARTER, eq((t + low + 3) * mixed(t, low + 2) + (low + 2) * mixed(t, low + 1), 2 * e)),
                )
            ),
            pair,
            eq((t + low + 3) * mixed(t, low + 2) + (low + 2) * mixed(t, low + 1), 2 * e),
        ),
        step(
            "pair",
            pair,
            Induction(t, Integer(0), "pair-base", "pair-step", shifts=({}, {low: low + 1})),
        ),
        step(
            "mixed-base",
            eq(mixed(0, 0), 1),
            Combination(
                equalities=((1, at("mixed-none", {low: Integer(0)})), (1, at("top", {low: Integer(0)})))
            ),
        ),
        step(
            "mixed-step",
            eq((t + 2) * mixed(t + 1, 0), e - e**2 / 4),
            Combination(
                equalities=(
                    (t + 2, at("mixed-quarter", {low: Integer(0)})),
                    (QUARTER, at("pair", {low: Integer(0)})),
                    (QUARTER, value),
                )
            ),
            value,
        ),
        step("mixed", value, Induction(t, Integer(0), "mixed-base", "mixed-step")),
    )


def both_steps() -> tuple[Step, ...]:
    """Both units on at both inputs: ``(t+1) both(t, 0, 0) = 4 2**-t - 2 (mixed(t, 0) + mixed(t, 1))``."""
    e = 2 ** (-t)

    def three(down: Any, up: Any) -> Any:
        return both(t, down, up) + both(t, down + 1, up) + both(t, down, up + 1)

    def pair(down: Any, up: Any) -> Any:
        return eq(
            (down + 1) * three(down, up) + (t + 1) * both(t, down + 1, up),
            2 * e * (down + 1) * order(down, up),
        )

    def value(up: Any) -> Any:
        return eq((t + 1) * both(t, 0, up), 4 * e / (up + 1) - 2 * (mixed(t, up) + mixed(t, up + 1)))

    def moved(relation: Any, steps: Any) -> Any:
        return substitute(relation, {t: steps})

    zero, more, above = {low: Integer(0)}, {low: low + 1}, {high: high + 1}
    return (
        step(
            "both-none",
            eq(both(0, low, high), order(low, high)),
            Model(
                SAME,
                "both(t, low, high): low ratios lie below and high ratios above both ratios of the images, "
                "and t rows are off",
            ),
        ),
        step(
            "both-next",
            eq(
                both(t + 1, low, high),
                minus**2 * both(t, low, high)
                + minus * plus * both(t, low + 1, high)
                + plus * minus * both(t, low, high + 1),
            ),
            Model(
                SAME,
                "images (r, 1) and (s, 1) up to scale: a row is off at both if its entries are negative, or "
                "have signs -, + and a ratio below r and s, or signs +, - and a ratio above both",
            ),
        ),
        step(
            "both-quarter",
            eq(both(t + 1, low, high), three(low, high) / 4),
            Combination(
                equalities=(
                    (1, "both-next"),
                    (
                        (minus + HALF) * both(t, low, high)
                        + plus * (both(t, low + 1, high) + both(t, low, high + 1)),
                        "minus",
                    ),
                    ((both(t, low + 1, high) + both(t, low, high + 1)) / 2, "plus"),
                )
            ),
        ),
        step(
            "both-pair-base",
            moved(pair(low, high), Integer(0)),
            Combination(
                equalities=(
                    (low + 1, "both-none"),
                    (low + 2, at("both-none", more)),
                    (low + 1, at("both-none", above)),
                    (1, "order-sum"),
                )
            ),
        ),
        step(
            "both-pair-step",
            moved(pair(low, high), t + 1),
            Combination(
                equalities=(
                    (low + 1, "both-quarter"),
                    (low + t + 3, at("both-quarter", more)),
                    (low + 1, at("both-quarter", above)),
                    (QUARTER, pair(low, high)),
                    (QUARTER, pair(low + 1, high)),
                    (QUARTER, pair(low, high + 1)),
                    (e / 2, "order-sum"),
                )
            ),
            pair(low, high),
            pair(low + 1, high),
            pair(low, high + 1),
        ),
        step(
            "both-pair",
            pair(low, high),
            Induction(t, Integer(0), "both-pair-base", "both-pair-step", shifts=({}, more, above)),
        ),
        step(
            "both-base",
            moved(value(high), Integer(0)),
            Combination(
                equalities=(
                    (1, at("both-none", zero)),
                    (1, "inner"),
                    (2, at("mixed-none", {low: high})),
                    (2, at("mixed-none", {low: high + 1})),
                    (2 / (high + 1), at("top", {low: high})),
                    (2 / (high + 2), at("top", {low: high + 1})),
                )
            ),
        ),
        step(
            "both-step",
            moved(value(high), t + 1),
            Combination(
                equalities=(
                    (t + 2, at("both-quarter", zero)),
                    (QUARTER, at("both-pair", zero)),
                    (QUARTER, value(high)),
                    (QUARTER, value(high + 1)),
                    (e / 2, "inner"),
                    (2, at("mixed-quarter", {low: high})),
                    (2, at("mixed-quarter", {low: high + 1})),
                )
            ),
            value(high),
            value(high + 1),
        ),
        step(
            "both",
            value(high),
            Induction(t, Integer(0), "both-base", "both-step", shifts=({}, above)),
        ),
    )
