"""Chains of counts: sparse weights at one input, live units in any dimension."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Function, Integer, Lambda, Rational, Symbol

from proofs.born_dead.common import HALF, j, record
from proofs.born_dead.points import some_widths
from proofs.claims import (
    Cite,
    Combination,
    Derivation,
    Induction,
    Instance,
    Model,
    Supremum,
    Termwise,
    Witness,
    at,
)
from proofs.exact import World
from proofs.nodes import Sup
from proofs.notation import eq, ge, step
from relutheory.functions import BDP, BinomialExtinction
from relutheory.symbols import D, L, bias, keep, m, m0

__all__ = ["lower_bound_any_dim", "sparse_single_point"]

X = Symbol("x")
on, tie, neg, pos = Function("on"), Function("tie"), Function("neg"), Function("pos")


def _world(values: dict[Any, Any]) -> World:
    return World(values, {"N": some_widths})


@cache
def sparse_single_point() -> Derivation:
    """``BDP`` is the extinction probability of the chain of active counts."""
    statement = record("born-dead-sparse-single-point").statement
    chain = statement.rhs
    expected = chain.success.expr
    general = BinomialExtinction(chain.start, Lambda(m, on(m)), chain.trials, chain.limits)
    product = eq(tie(m), (1 - keep) ** m)
    masked, law = "masked entries", "H-entry"
    values = {L: 4, keep: HALF, m0: 2, X: 1}
    return Derivation(
        "born-dead-sparse-single-point",
        (
            step("tie-none", eq(tie(0), 1), Model(masked, "no active input: the preactivation is 0")),
            step(
                "tie-next",
                eq(tie(m + 1), tie(m) * (1 - keep)),
                Model(
                    masked,
                    "independent masks, g without atoms: the preactivation is 0 only if "
                    "all weights of active inputs are masked",
                ),
            ),
            step("tie-base", eq(tie(0), (1 - keep) ** 0), Combination(equalities=((1, "tie-none"),))),
            step(
                "tie-step",
                eq(tie(m + 1), (1 - keep) ** (m + 1)),
                Combination(equalities=((1, "tie-next"), (1 - keep, product))),
                product,
            ),
            step("tie", product, Induction(m, Integer(0), "tie-base", "tie-step")),
            step(
                "signs",
                eq(neg(m) + tie(m) + pos(m), 1),
                Model(masked, "the preactivation is negative, zero or positive"),
            ),
            step(
                "symmetry",
                eq(neg(m), pos(m)),
                Model(law, "symmetric entries: the preactivation and its negative agree in law"),
            ),
            step("on", eq(on(m), pos(m)), Model("dead", "a unit is on if its preactivation is > 0")),
            # on - (1 - (1-keep)^m)/2 = (on - pos) + (sum - 1)/2 - (neg - pos)/2 - (tie - ..)/2
            step(
                "on-value",
                eq(on(m), expected),
                Combination(equalities=((1, "on"), (HALF, "signs"), (-HALF, "symmetry"), (-HALF, "tie"))),
            ),
            step(
                "chain",
                eq(BDP(X), general),
                Model(
                    law,
                    "independent rows: given m active inputs the N_l units are on "
                    "independently with probability on(m), so the "
                    "counts are a chain of binomials from m0; born dead: it hits 0 by layer L-1",
                ),
            ),
            step("same-chain", eq(general, chain), Termwise("on-value")),
            step("theorem", statement, Combination(equalities=((1, "chain"), (1, "same-chain")))),
        ),
        Witness(
            values,
            {
                "N": some_widths,
                "tie": lambda i: HALF ** int(i),
                "neg": lambda i: (1 - HALF ** int(i)) / 2,
                "pos": lambda i: (1 - HALF ** int(i)) / 2,
                "on": lambda i: (1 - HALF ** int(i)) / 2,
                "BDP": lambda x: _world(values).value(chain),
            },
        ),
    )


@cache
def lower_bound_any_dim() -> Derivation:
    """A unit with m live features is dead with probability at least ``2**-(m + bias)``."""
    statement = record("born-dead-lower-bound-any-dim").statement
    chain = statement.rhs
    law = "symmetric entries"
    down, up, zero = (Symbol(f"entry_{x}", real=True) for x in ("neg", "pos", "zero"))
    off = Symbol("entry_off", real=True)
    all_off, unit_dead = Function("all_off"), Function("unit_dead")
    low = ge(all_off(j), 2 ** (-j))
    # For every count m at once: the bound fails nowhere.
    excess = 2 ** (-(m + bias)) - unit_dead(m)
    enough = ge(0, Sup(excess, m))
    values = {L: 4, D: 1, bias: 0, down: HALF, up: HALF, zero: 0, off: HALF}
    return Derivation(
        "born-dead-lower-bound-any-dim",
        (
            step("signs", eq(down + zero + up, 1), Model(law, "an entry is negative, zero or positive")),
            step("symmetry", eq(down, up), Model(law, "an entry and its negative agree in law")),
            step(
                "atom",
                ge(zero, 0),
                Model(law, "atoms are allowed: the probability of an entry 0 is some number >= 0"),
            ),
            step(
                "off", eq(off, down + zero), Model(law, "an entry is not positive if it is negative or zero")
            ),
            # off - 1/2 = zero/2 + (off - down - zero) + (sum - 1)/2 + (down - up)/2
            step(
                "half",
                ge(off, HALF),
                Combination(((HALF, ("atom",)),), ((1, "off"), (HALF, "signs"), (HALF, "symmetry"))),
            ),
            step("none", eq(all_off(0), 1), Model(law, "no entry: nothing is asked")),
            step("next", eq(all_off(j + 1), all_off(j) * off), Model(law, "entries are independent")),
            step("base", ge(all_off(0), Integer(2) ** 0), Combination((), ((1, "none"),))),
            step(
                "step",
                ge(all_off(j + 1), 2 ** (-(j + 1))),
                Combination(
                    ((1, (low, "half")), (HALF, (low,)), (1, (ge(2 ** (-j), 0), "half"))), ((1, "next"),)
                ),
                low,
            ),
            step("all-off", low, Induction(j, Integer(0), "base", "step")),
            step(
                "unit",
                ge(unit_dead(m), all_off(m + bias)),
                Model(
                    "any D",
                    "h >= 0: a unit whose m weights from units active somewhere on D "
                    "(and bias) are <= 0 is dead on D",
                ),
            ),
            step(
                "unit-dead",
                ge(unit_dead(m), 2 ** (-(m + bias))),
                Combination(((1, ("unit",)), (1, (at("all-off", {j: m + bias}),)))),
            ),
            step(
                "comparison",
                statement,
                Cite(
                    "Mueller and Stoyan, Comparison Methods for Stochastic Models and "
                    "Risks (comparison of Markov chains)",
                    "units are dead independently with probability at least 2^-(m+bias), "
                    "and the binomial kernel increases "
                    "stochastically in m: the number of units active somewhere on D "
                    "is stochastically below the chain",
                ),
                enough,
            ),
            step("unit-excess", ge(0, excess), Combination(((1, ("unit-dead",)),))),
            step("every-count", enough, Supremum("unit-excess")),
            step("theorem", statement, Instance(at("comparison", {}, "every-count"))),
        ),
        Witness(
            values,
            {
                "N": some_widths,
                "all_off": lambda i: Rational(1, 2 ** int(i)),
                "unit_dead": lambda i: Rational(1, 2 ** int(i)),
                "BDP": lambda d: World(values, {"N": some_widths}).value(chain),
            },
        ),
    )
