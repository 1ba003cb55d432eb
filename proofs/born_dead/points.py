"""One input: ties, the exact law, the upper bound for every set, monotonicity."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Function, Integer, Product, Rational, Symbol

from proofs.born_dead.common import HALF, UNIT, half_steps, j, n, p_neg, p_pos, record, row_steps
from proofs.claims import Combination, Derivation, Induction, Model, Step, Witness, at
from proofs.notation import eq, step
from relutheory.functions import BDP
from relutheory.symbols import L, l, p0, widths

__all__ = ["alive_product", "half_power", "single_point", "some_widths", "survival_steps", "symmetric_atoms"]

X = Symbol("x")


def half_power(i: Any) -> Any:
    """``2**-N_i``."""
    return Integer(2) ** (-widths[i])


def alive_product(top: Any) -> Any:
    """Product of ``1 - 2**-N_l`` up to a layer."""
    return Product(1 - half_power(l), (l, 1, top))


def some_widths(i: Any) -> int:
    """Widths of the witnesses."""
    return {1: 3, 2: 2, 3: 4}.get(int(i), 1)


def _survival(k: Any) -> Rational:
    total = Rational(1)
    for i in range(1, int(k) + 1):
        total *= 1 - Rational(1, 2 ** some_widths(i))
    return total


@cache
def symmetric_atoms() -> Derivation:
    """A unit is off with probability ``(1 + p0)/2``."""
    statement = record("born-dead-symmetric-atoms").statement
    off = statement.lhs
    return Derivation(
        "born-dead-symmetric-atoms",
        (
            step(
                "signs",
                eq(p_neg + p0 + p_pos, 1),
                Model("tie probability", "the preactivation is negative, zero (probability p0) or positive"),
            ),
            step(
                "symmetry",
                eq(p_neg, p_pos),
                Model("symmetric rows", "the preactivation and its negative agree in law"),
            ),
            step(
                "off",
                eq(off, p_neg + p0),
                Model("dead", "a unit is dead at one input if its preactivation is <= 0"),
            ),
            # off - (1+p0)/2 = (off - p_neg - p0) + (sum - 1)/2 + (p_neg - p_pos)/2
            step(
                "theorem",
                statement,
                Combination(equalities=((1, "off"), (HALF, "signs"), (HALF, "symmetry"))),
            ),
        ),
        Witness({p0: HALF, p_neg: Rational(1, 4), p_pos: Rational(1, 4), off: Rational(3, 4)}),
    )


def survival_steps(point: str = "single point") -> tuple[Step, ...]:
    """``s(n)``, the probability that the layers 1..n are alive at x, is the product of ``1 - 2**-N_l``."""
    s, u = Function("s"), Function("u")
    product = eq(s(n), alive_product(n))
    return (
        *half_steps(),
        *row_steps("u"),
        step(
            "start",
            eq(s(0), 1),
            Model("depth convention", "s(n) is the probability that the layers 1..n are alive at x"),
        ),
        step(
            "layer",
            eq(s(n + 1), s(n) * (1 - u(widths[n + 1]))),
            Model(
                point,
                "alive before means h != 0, and then layer n+1 is dead if its N_(n+1) rows are off, "
                "independently of the layers before",
            ),
        ),
        step("product-base", eq(s(0), alive_product(0)), Combination(equalities=((1, "start"),))),
        # s(n+1) - P(n)(1-e) = (s(n+1) - s(n)(1-u)) - s(n)(u - e) + (1-e)(s(n) - P(n))
        step(
            "product-step",
            eq(s(n + 1), alive_product(n + 1)),
            Combination(
                equalities=(
                    (1, "layer"),
                    (-s(n), at("rows", {j: widths[n + 1]})),
                    (1 - half_power(n + 1), product),
                )
            ),
            product,
        ),
        step("product", product, Induction(n, Integer(0), "product-base", "product-step")),
    )


@cache
def single_point() -> Derivation:
    """``BDP({x}) = 1 - prod (1 - 2**-N_l)``."""
    s = Function("s")
    statement = record("born-dead-single-point").statement
    return Derivation(
        "born-dead-single-point",
        (
            *survival_steps(),
            step(
                "born-dead",
                eq(BDP(X), 1 - s(L - 1)),
                Model("dead", "born dead at x: some layer 1..L-1 is dead at x"),
            ),
            step(
                "theorem",
                statement,
                Combination(equalities=((1, "born-dead"), (-1, at("product", {n: L - 1})))),
            ),
        ),
        Witness(
            {L: 4, X: 1, **UNIT},
            {
                "N": some_widths,
                "s": _survival,
                "u": lambda k: Rational(1, 2 ** int(k)),
                "BDP": lambda x: 1 - _survival(3),
            },
        ),
    )
