"""Depth three on the whole space, and orthogonal layers."""

from __future__ import annotations

from functools import cache

from sympy import Function, Integer, Rational, Symbol

from proofs.born_dead.common import HALF, UNIT, half_steps, j, omega, record, row_steps
from proofs.claims import (
    Between,
    Combination,
    Derivation,
    Induction,
    Instance,
    Mean,
    Model,
    Step,
    Witness,
    at,
)
from proofs.nodes import Expect
from proofs.notation import eq, ge, step
from relutheory.functions import BDP
from relutheory.symbols import N1, N2, D, N, bias

__all__ = ["full_space_depth3", "orthogonal"]

z = Symbol("z")
deficient, tie, normal = Function("deficient"), Function("tie"), Function("normal")
LAW = "H-entry"


def rank_steps() -> tuple[Step, ...]:
    """The rows of layer 1 are dependent with probability 0: no ties with a fixed normal vector."""
    low, high = ge(deficient(j), 0), ge(0, deficient(j))
    onto = tie(normal(j, omega))
    return (
        step("rank-start", eq(deficient(0), 0), Model(LAW, "no row: nothing is dependent")),
        step("rank-low", low, Model(LAW, "a probability is not negative")),
        step("tie", eq(tie(z), 0), Model(LAW, "no point masses: P(w.h = 0) = 0 for every fixed h != 0")),
        step("tie-row", eq(onto, 0), Instance(at("tie", {z: normal(j, omega)}))),
        step("tie-mean", eq(Expect(onto, omega), 0), Mean("tie-row")),
        step(
            "rank-next",
            ge(deficient(j) + Expect(onto, omega), deficient(j + 1)),
            Model(
                "whole space",
                "d_in >= N1: given j < N1 independent rows some h != 0 is orthogonal "
                "to them, and the next row depends "
                "on them only if w.h = 0",
            ),
        ),
        step("rank-base", ge(0, deficient(0)), Combination((), ((-1, "rank-start"),))),
        step(
            "rank-step",
            ge(0, deficient(j + 1)),
            Combination(((1, (high,)), (1, ("rank-next",))), ((-1, "tie-mean"),)),
            high,
        ),
        step("rank-high", high, Induction(j, Integer(0), "rank-base", "rank-step")),
    )


@cache
def full_space_depth3() -> Derivation:
    """``BDP = 2**(-N2 (N1 + bias))`` on the whole space."""
    statement = record("born-dead-full-space-depth3").statement
    row, rows, u = Symbol("row", real=True), Function("rows_dead"), Function("u")
    size = N1 + bias
    one = 2 ** (-size)
    claim = eq(rows(j), 2 ** (-(j * size)))
    return Derivation(
        "born-dead-full-space-depth3",
        (
            *half_steps(LAW),
            *row_steps("u", LAW, "not positive", "entries"),
            *rank_steps(),
            step(
                "row",
                eq(row, u(size)),
                Model(
                    "dead",
                    "the closed orthant is the image of layer 1: w.h + b <= 0 on all "
                    "of it if and only if all N1 (+1) "
                    "entries are <= 0 (h = 0 and h along the axes)",
                ),
            ),
            step(
                "row-value", eq(row, one), Combination(equalities=((1, "row"), (1, at("entries", {j: size}))))
            ),
            step("rows-none", eq(rows(0), 1), Model(LAW, "no row: nothing is asked")),
            step(
                "rows-next",
                eq(rows(j + 1), rows(j) * row),
                Model(LAW, "rows are independent, each dead with the same probability"),
            ),
            step("rows-base", eq(rows(0), Integer(2) ** 0), Combination(equalities=((1, "rows-none"),))),
            step(
                "rows-step",
                eq(rows(j + 1), 2 ** (-((j + 1) * size))),
                Combination(equalities=((1, "rows-next"), (rows(j), "row-value"), (one, claim))),
                claim,
            ),
            step("rows", claim, Induction(j, Integer(0), "rows-base", "rows-step")),
            step(
                "born-dead",
                ge(BDP(D), (1 - deficient(N1)) * rows(N2)),
                Model(
                    "whole space",
                    "if layer 1 has rank N1, its image is the closed orthant, and "
                    "layer 2 dies if its rows are dead on it",
                ),
            ),
            step(
                "born-dead-high",
                ge((1 - deficient(N1)) * rows(N2) + deficient(N1), BDP(D)),
                Model(
                    "whole space",
                    "layer 1 of rank N1 is never dead on R^d_in, so only layer 2 can die (L = 3)",
                ),
            ),
            step("rank", eq(deficient(N1), 0), Between(at("rank-low", {j: N1}), at("rank-high", {j: N1}))),
            step("low", ge(BDP(D), rows(N2)), Combination(((1, ("born-dead",)),), ((-rows(N2), "rank"),))),
            step(
                "high",
                ge(rows(N2), BDP(D)),
                Combination(((1, ("born-dead-high",)),), ((rows(N2) - 1, "rank"),)),
            ),
            step("equal", eq(BDP(D), rows(N2)), Between("low", "high")),
            step("theorem", statement, Combination(equalities=((1, "equal"), (1, at("rows", {j: N2}))))),
        ),
        Witness(
            {N1: 2, N2: 2, bias: 1, D: 1, row: Rational(1, 8), **UNIT},
            {
                "u": lambda i: Rational(1, 2 ** int(i)),
                "rows_dead": lambda i: Rational(1, 8 ** int(i)),
                "deficient": lambda i: 0,
                "tie": lambda h: 0,
                "normal": lambda *a: 0,
                "BDP": lambda d: Rational(1, 64),
            },
            {z: (0, 1), omega: (0, 1)},
        ),
    )


@cache
def orthogonal() -> Derivation:
    """``BDP = 2 * 4**-N`` for a Haar orthogonal second layer."""
    statement = record("born-dead-orthogonal").statement
    u = Function("u")
    left, right, ray, both, orthant = (
        Symbol(x, real=True) for x in ("all_neg", "all_pos", "ray", "both", "orthant")
    )
    haar, first = "Haar layers", "first layer"
    orth = Function("orthants")
    share = eq(orth(j + 1), 2 * orth(j))
    e = 2 ** (-N)
    count = eq(orth(j), 2**j)
    return Derivation(
        "born-dead-orthogonal",
        (
            *half_steps(first),
            *row_steps("u", first),
            step(
                "first-neg",
                eq(left, u(N)),
                Model("two-sided", "at x > 0 layer 1 is off if all weights are negative"),
            ),
            step(
                "first-pos",
                eq(right, left),
                Model(first, "symmetric entries: all weights are positive with the same probability"),
            ),
            step(
                "ray",
                eq(ray, left + right),
                Model("two-sided", "the image of D is one ray if all weights have one sign"),
            ),
            step(
                "ray-value",
                eq(ray, 2 * e),
                Combination(
                    equalities=((1, "ray"), (1, "first-pos"), (2, "first-neg"), (2, at("rows", {j: N})))
                ),
            ),
            step("orthants-start", eq(orth(0), 1), Model(haar, "the space of dimension 0 has one orthant")),
            step("orthants-next", share, Model(haar, "one more coordinate splits each orthant in two")),
            step(
                "orthants-base",
                eq(orth(0), Integer(2) ** 0),
                Combination(equalities=((1, "orthants-start"),)),
            ),
            step(
                "orthants-step",
                eq(orth(j + 1), 2 ** (j + 1)),
                Combination(equalities=((1, "orthants-next"), (2, count))),
                count,
            ),
            step("orthants", count, Induction(j, Integer(0), "orthants-base", "orthants-step")),
            step(
                "uniform",
                eq(orthant * orth(N), 1),
                Model(
                    haar,
                    "Q u is uniform on a sphere: all orthants are equally likely, "
                    "their boundaries have probability 0",
                ),
            ),
            step(
                "orthant",
                eq(orthant, e),
                # orthant - e = e (orthant orth - 1) - e orthant (orth - 2^N)
                Combination(equalities=((e, "uniform"), (-e * orthant, at("orthants", {j: N})))),
            ),
            step(
                "both",
                eq(both, 0),
                Model(
                    haar,
                    "images with disjoint supports are orthogonal and Q keeps them so; two "
                    "orthogonal vectors with no positive "
                    "entries have disjoint supports, which has probability 0",
                ),
            ),
            step(
                "born-dead",
                eq(BDP(D), ray * orthant + (1 - ray) * both),
                Model(
                    "dead",
                    "layer 1 is not dead on both sides; layer 2 dies with the image ray, or with both images",
                ),
            ),
            step(
                "theorem",
                statement,
                Combination(
                    equalities=(
                        (1, "born-dead"),
                        (orthant, "ray-value"),
                        (2 * e, "orthant"),
                        (1 - ray, "both"),
                    )
                ),
            ),
        ),
        Witness(
            {
                N: 2,
                D: 1,
                left: Rational(1, 4),
                right: Rational(1, 4),
                ray: HALF,
                both: 0,
                orthant: Rational(1, 4),
                **UNIT,
            },
            {
                "u": lambda i: Rational(1, 2 ** int(i)),
                "orthants": lambda i: 2 ** int(i),
                "BDP": lambda d: Rational(1, 8),
            },
        ),
    )
