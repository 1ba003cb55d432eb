"""Small cases on the line that no law can tell apart: one unit in layer 1, and widths (2, 2, N3).

For widths (2, 2, N3) the signs of the second layer leave three kinds of pairs of images that are not one ray;
two of them depend on the order of ratios of magnitudes (`orders`).
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import product as points
from math import factorial
from typing import Any

from sympy import Add, Function, Integer, Product, Rational, Symbol

from proofs.born_dead.common import HALF, UNIT, half_steps, j, n, record, row_steps
from proofs.born_dead.orders import (
    LAW,
    QUARTER,
    SAME,
    both,
    both_steps,
    high,
    low,
    minus,
    mixed,
    mixed_steps,
    order_steps,
    plus,
    t,
)
from proofs.born_dead.points import half_power
from proofs.claims import Choice, Combination, Derivation, Induction, Logic, Model, Step, Witness, at
from proofs.notation import eq, ge, ne, step
from relutheory.functions import BDP
from relutheory.symbols import D, L, l, widths
from relutheory.theory.born_dead import two_two_law_free

__all__ = ["law_free_cases"]

#: 1 if a unit of layer 2 is on at x = +1, and at x = -1.
i1, j1, i2, j2 = SIGNS = tuple(Symbol(x, integer=True, nonnegative=True) for x in ("i1", "j1", "i2", "j2"))
ray, from_ray, from_both = (Symbol(x, real=True) for x in ("ray", "from_ray", "from_both"))
cross, dies = Function("cross"), Function("dies")
third = widths[3]


def _pattern(signs: tuple[Any, ...]) -> str:
    """Label of the step that says what a sign pattern of layer 2 leads to."""
    a, b, c, d = signs
    if a + c == 0 or b + d == 0:
        return "none-on" if a + b + c + d == 0 else ("minus-only" if a + c == 0 else "plus-only")
    if a + b == 0 or c + d == 0:
        return "second-only" if a + b == 0 else "first-only"
    if a + b + c + d == 4:
        return "all-on"
    if a + b + c + d == 3:
        return "three-on"
    return "crossed"


def pattern_steps() -> tuple[Step, ...]:
    """What the 16 sign patterns of layer 2 lead to."""
    here, u = dies(*SIGNS), Function("u")
    on = i1 + j1 + i2 + j2
    bits = tuple(ge(1, s) for s in SIGNS)
    one_ray = "is one ray, on which layer 3 dies if its rows are off"
    crossed = eq(cross(t), 4 ** (-t))
    patterns = list(points((0, 1), repeat=4))
    f = half_power(3)
    return (
        step("none-on", eq(here, 1), Model("dead", "no unit of layer 2 is on: dead"), eq(on, 0)),
        step(
            "minus-only",
            eq(here, u(third)),
            Model("zero bias", f"no unit on at +1, one at -1: the image {one_ray}"),
            eq(i1 + i2, 0),
            ge(j1 + j2, 1),
        ),
        step(
            "plus-only",
            eq(here, u(third)),
            Model("zero bias", f"no unit on at -1, one at +1: the image {one_ray}"),
            eq(j1 + j2, 0),
            ge(i1 + i2, 1),
        ),
        step(
            "first-only",
            eq(here, u(third)),
            Model("zero bias", f"unit 1 is on at both inputs, unit 2 at none: the image {one_ray}"),
            eq(i1, 1),
            eq(j1, 1),
            eq(i2 + j2, 0),
        ),
        step(
            "second-only",
            eq(here, u(third)),
            Model("zero bias", f"unit 2 is on at both inputs, unit 1 at none: the image {one_ray}"),
            eq(i2, 1),
            eq(j2, 1),
            eq(i1 + j1, 0),
        ),
        step(
            "all-on",
            eq(here, both(third, 0, 0)),
            Model(SAME, "both units on at both inputs: layer 3 dies if its rows are off at both images"),
            eq(on, 4),
            *bits,
        ),
        step(
            "three-on",
            eq(here, mixed(third, 0)),
            Model(SAME, "one unit on at both inputs, the other at one of them"),
            eq(on, 3),
            *bits,
        ),
        step(
            "crossed",
            eq(here, cross(third)),
            Model("zero bias", "each unit is on at one input, and not the same: images along the two axes"),
            eq(i1 + i2, 1),
            eq(j1 + j2, 1),
            eq(i1 + j1, 1),
        ),
        step("cross-none", eq(cross(0), 1), Model(LAW, "no row: nothing is asked")),
        step(
            "cross-next",
            eq(cross(t + 1), cross(t) * minus**2),
            Model(
                LAW, "the next row is off at both images if both entries are negative; rows are independent"
            ),
        ),
        step("cross-base", eq(cross(0), Integer(4) ** 0), Combination(equalities=((1, "cross-none"),))),
        step(
            "cross-step",
            eq(cross(t + 1), 4 ** (-(t + 1))),
            Combination(
                equalities=((1, "cross-next"), (cross(t) * (minus + HALF), "minus"), (QUARTER, crossed))
            ),
            crossed,
        ),
        step("cross", crossed, Induction(t, Integer(0), "cross-base", "cross-step")),
        step(
            "patterns",
            eq(from_both, Add(*(dies(*signs) for signs in patterns)) / 16),
            Model(
                LAW,
                "layer 1 leaves images with disjoint supports: the signs of the four weights of layer 2 "
                "decide, and its 16 sign patterns are equally likely",
            ),
        ),
        step(
            "from-both",
            eq(16 * from_both, 1 + 8 * f + both(third, 0, 0) + 4 * mixed(third, 0) + 2 * f**2),
            Combination(
                equalities=(
                    (16, "patterns"),
                    *((1, at(_pattern(p), dict(zip(SIGNS, map(Integer, p), strict=True)))) for p in patterns),
                    (8, at("rows", {j: third})),
                    (2, at("cross", {t: third})),
                )
            ),
        ),
    )


def two_two_steps(second: Any, either: Any) -> tuple[Step, ...]:
    """Widths (2, 2, N3): the two kinds of images after layer 1."""
    u, f = Function("u"), half_power(3)
    deep, one, two = eq(L, 4), eq(widths[1], 2), eq(widths[2], 2)
    here = (deep, one, two)
    return (
        step(
            "ray",
            eq(ray, 2 * u(2)),
            Model("two-sided", "both weights of layer 1 have one sign: the image of D is one ray"),
        ),
        step(
            "from-ray",
            eq(from_ray, 1 - (1 - u(2)) * (1 - u(third))),
            Model("zero bias", "on one ray layer 2 (two rows) or layer 3 dies if its rows are off there"),
        ),
        step(
            "either",
            eq(BDP(D), ray * from_ray + (1 - ray) * from_both),
            Model(
                "two-sided",
                "widths (2, 2, N3), three hidden layers: layer 1 leaves one ray or two images",
            ),
            *here,
        ),
        step(
            "ray-value",
            eq(ray, HALF),
            Combination(equalities=((1, "ray"), (2, at("rows", {j: Integer(2)})))),
        ),
        step(
            "from-ray-value",
            eq(from_ray, QUARTER + 3 * f / 4),
            Combination(
                equalities=(
                    (1, "from-ray"),
                    (1 - u(third), at("rows", {j: Integer(2)})),
                    (Rational(3, 4), at("rows", {j: third})),
                )
            ),
        ),
        step(
            "two-two-value",
            eq(BDP(D), second),
            Combination(
                equalities=(
                    (1, "either"),
                    (from_ray - from_both, "ray-value"),
                    (HALF, "from-ray-value"),
                    (Rational(1, 32), "from-both"),
                    (Rational(1, 32) / (third + 1), at("both", {t: third, high: Integer(0)})),
                    (
                        Rational(1, 32)
                        * (4 - 2 / (third + 1) + 2 / ((third + 1) * (third + 2)))
                        / (third + 1),
                        at("mixed", {t: third}),
                    ),
                    (
                        -Rational(1, 16) / ((third + 1) * (third + 2)),
                        at("pair", {t: third, low: Integer(0)}),
                    ),
                )
            ),
            *here,
        ),
        # Not one unit in layer 1: then the widths are (2, 2, N3).
        step("two-two", eq(BDP(D), second), Logic(("two-two-value",)), either, ne(widths[1], 1)),
    )


@cache
def law_free_cases() -> Derivation:
    """``N_1 = 1`` starts on one ray; widths (2, 2, N3) by the 16 sign patterns of layer 2."""
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
            *order_steps(),
            *mixed_steps(),
            *both_steps(),
            *pattern_steps(),
            *two_two_steps(second, either),
            step("theorem", found.statement, Choice(("one", "two-two")), either, ge(L, 2)),
        ),
        _witness(lambda i: 2 if i <= 3 else 1, two_two_law_free(2)),
        others=(_witness(int, 1 - _product_of(int, 2)),),
    )


def _witness(width: Any, value: Any) -> Witness:
    """Model with these widths."""
    last = width(3)
    f = Rational(1, 2**last)
    tied = sum((_dies(last, *signs) for signs in points((0, 1), repeat=4)), Fraction(0)) / 16
    return Witness(
        {
            L: 4,
            D: 1,
            minus: HALF,
            plus: HALF,
            ray: HALF,
            from_ray: QUARTER + 3 * f / 4,
            from_both: tied,
            **UNIT,
        },
        {
            "N": lambda i: width(int(i)),
            "u": lambda k: Rational(1, 2 ** int(k)),
            "s": lambda k: _product_of(width, int(k)),
            "top": lambda k: Fraction(1, int(k) + 1),
            "order": lambda k, i: _order(int(k), int(i)),
            "mixed": lambda k, i: _mixed(int(k), int(i)),
            "both": lambda k, i, h: _both(int(k), int(i), int(h)),
            "cross": lambda k: Fraction(1, 4 ** int(k)),
            "dies": lambda *signs: _dies(last, *signs),
            "BDP": lambda d: value,
        },
    )


def _order(k: int, i: int) -> Fraction:
    return Fraction(2 * factorial(k) * factorial(i), factorial(k + i + 2))


def _mixed(k: int, i: int) -> Fraction:
    return (_mixed(k - 1, i) + _mixed(k - 1, i + 1)) / 4 if k else Fraction(1, i + 1)


def _both(k: int, i: int, h: int) -> Fraction:
    return (_both(k - 1, i, h) + _both(k - 1, i + 1, h) + _both(k - 1, i, h + 1)) / 4 if k else _order(i, h)


def _dies(last: int, *signs: Any) -> Fraction:
    """Probability that layer 3 is dead after a sign pattern of layer 2."""
    kind = _pattern(signs)
    if kind == "none-on":
        return Fraction(1)
    values = {"all-on": _both(last, 0, 0), "three-on": _mixed(last, 0), "crossed": Fraction(1, 4**last)}
    return values.get(kind, Fraction(1, 2**last))


def _product_of(width: Any, count: int) -> Rational:
    total = Rational(1)
    for i in range(2, count + 2):
        total *= 1 - Rational(1, 2 ** width(i))
    return total
