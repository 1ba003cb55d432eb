"""Chains of counts: sparse weights at one input, live units in any dimension."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from sympy import Function, Integer, Lambda, Rational, Symbol

from proofs.born_dead.common import HALF, omega, record
from proofs.born_dead.extinction import (
    chain_steps,
    dead,
    dies,
    drawn,
    extinction,
    inward,
    j,
    outward,
    r,
    t,
    units,
)
from proofs.born_dead.points import some_widths
from proofs.claims import (
    Combination,
    Derivation,
    Induction,
    Mean,
    Model,
    Specialise,
    Step,
    Termwise,
    Witness,
    at,
)
from proofs.exact import World
from proofs.nodes import Always, Expect
from proofs.notation import eq, ge, step
from relutheory.functions import BDP, BinomialExtinction
from relutheory.symbols import D, L, bias, keep, m, m0, widths

__all__ = ["lower_bound_any_dim", "sparse_single_point"]

X = Symbol("x")
on, tie, neg, pos = Function("on"), Function("tie"), Function("neg"), Function("pos")

#: The state of the network before a layer, and the rows drawn so far of a layer.
theta, z = Symbol("theta"), Symbol("z")
down, up, zero, off = (Symbol(f"entry_{name}", real=True) for name in ("neg", "pos", "zero", "off"))
all_off, unit_dead, first_dead = Function("all_off"), Function("unit_dead"), Function("first_dead")
#: Probabilities of dying: with r layers left, with a layer half drawn, with layer 1 half drawn.
ends, open_, first = Function("ends"), Function("open"), Function("first")
live_row, dead_row, full, fresh = (Function(name) for name in ("live_row", "dead_row", "full", "fresh"))


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


def unit_steps() -> tuple[Step, ...]:
    """A unit with m live features is dead on D with probability at least ``2**-(m + bias)``."""
    law = "symmetric entries"
    low = ge(all_off(j), 2 ** (-j))
    return (
        step("signs", eq(down + zero + up, 1), Model(law, "an entry is negative, zero or positive")),
        step("symmetry", eq(down, up), Model(law, "an entry and its negative agree in law")),
        step(
            "atom",
            ge(zero, 0),
            Model(law, "atoms are allowed: the probability of an entry 0 is some number >= 0"),
        ),
        step("off", eq(off, down + zero), Model(law, "an entry is not positive if it is negative or zero")),
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
            ge(unit_dead(m, z), all_off(m + bias)),
            Model(
                "any D",
                "h >= 0: a unit whose m weights from units active somewhere on D (and bias) are <= 0 is dead "
                "on D, whatever the rows drawn before (z) are",
            ),
        ),
        step(
            "unit-dead",
            ge(unit_dead(m, z), dead(m)),
            Combination(((1, ("unit",)), (1, (at("all-off", {j: m + bias}),)))),
        ),
        step("unit-high", ge(1, unit_dead(m, z)), Model("any D", "a probability is at most 1")),
    )


def _mixed(chance: Any, name: Any, k: Any, *rest: Any) -> Any:
    """One more unit: live (then ``j + 1`` units are) or dead, with the other units at random."""
    return (1 - chance) * Expect(name(k, j + 1, *rest, live_row(z, omega)), omega) + chance * Expect(
        name(k, j, *rest, dead_row(z, omega)), omega
    )


def _mean_steps(label: str, name: Any, bound: Any, *rest: Any) -> tuple[Step, ...]:
    """The two means are at least the bound that holds at every outcome of the row."""
    general = Always(ge(name(t, j, *rest, z), bound(j)), j, z)
    up, same = name(t, j + 1, *rest, live_row(z, omega)), name(t, j, *rest, dead_row(z, omega))
    return (
        step(f"{label}-up", ge(Expect(up, omega), bound(j + 1)), Mean(f"{label}-live"), general),
        step(f"{label}-same", ge(Expect(same, omega), bound(j)), Mean(f"{label}-dead"), general),
    )


def network_steps() -> tuple[Step, ...]:
    """From m live units the network dies within r layers with at least the probability of the chain."""
    law = "symmetric entries"
    chance = unit_dead(m, z)
    worse = Always(ge(ends(r, m, theta), dies(r, m)), m, theta)
    rows = {"live": {j: j + 1, z: live_row(z, omega)}, "dead": {z: dead_row(z, omega)}}
    now = {t: units(r), j: Integer(0), m: m + 1, z: fresh(theta)}
    return (
        step(
            "ends-gone",
            eq(ends(r, 0, theta), 1),
            Model("dead", "no unit active on D: that layer is dead on D"),
        ),
        step("ends-low", ge(ends(r, m, theta), 0), Model("dead", "a probability is not negative")),
        step(
            "ends-next",
            eq(ends(r + 1, m + 1, theta), open_(units(r), 0, r, m + 1, fresh(theta))),
            Model("depth convention", "the next layer is drawn unit by unit, then r layers are left"),
        ),
        step(
            "open-full",
            eq(open_(0, j, r, m, z), ends(r, j, full(z))),
            Model("dead", "all units of the layer are drawn and j of them are active somewhere on D"),
        ),
        step(
            "open-next",
            eq(open_(t + 1, j, r, m, z), _mixed(chance, open_, t, r, m)),
            Model(
                law,
                "independent rows: given the rows drawn before (z) the next unit is dead with probability "
                "unit_dead; then the others follow, given how it came out",
            ),
        ),
        *outward(
            "worse",
            lambda layers, count: ge(ends(layers, count, theta), dies(layers, count)),
            (m, theta),
            (
                Combination((), ((1, at("ends-gone", {r: Integer(0)})), (-1, at("gone", {r: Integer(0)})))),
                Combination(((1, (at("ends-low", {r: Integer(0), m: m + 1}),)),), ((-1, "last"),)),
            ),
            (
                step(
                    "worse-here",
                    ge(ends(r, j, full(z)), dies(r, j)),
                    Specialise(worse, {m: j, theta: full(z)}),
                    worse,
                ),
                # With chance c: (1-c)(mean - drawn(j+1)) + c (mean - drawn(j)) + (c-e)(drawn(j) - drawn(j+1))
                *inward(
                    "open",
                    lambda k: ge(open_(k, j, r, m, z), drawn(k, j, r, m)),
                    (j, z),
                    Combination(((1, ("worse-here",)),), ((1, "open-full"), (-1, "drawn-start"))),
                    rows,
                    Combination(
                        (
                            (1, ("unit-high", "open-up")),
                            (1, ("unit-dead", "open-same")),
                            (1, (ge(dead(m), 0), "open-same")),
                            (1, ("unit-dead", at("drawn-falls", {}, "falls-all"))),
                        ),
                        ((1, "open-next"), (-1, "drawn-next")),
                    ),
                    worse,
                    between=_mean_steps("open", open_, lambda count: drawn(t, count, r, m), r, m),
                ),
            ),
            (
                Combination((), ((1, at("ends-gone", {r: r + 1})), (-1, at("gone", {r: r + 1})))),
                Combination(((1, (at("open", now),)),), ((1, "ends-next"), (-1, "dies-next"))),
            ),
        ),
    )


def first_steps() -> tuple[Step, ...]:
    """Layer 1 has at most ``N_1`` live units, whatever D is."""
    law, deep = "symmetric entries", ge(L, 2)
    chance, left = first_dead(z), L - 2
    rows = {"live": {j: j + 1, z: live_row(z, omega)}, "dead": {z: dead_row(z, omega)}}
    return (
        step("first-low", ge(first_dead(z), 0), Model("any D", "a probability is not negative")),
        step("first-high", ge(1, first_dead(z)), Model("any D", "a probability is at most 1")),
        step(
            "first-none",
            eq(first(0, j, z), ends(left, j, full(z))),
            Model(
                "dead", "layer 1 is drawn, j of its units are active somewhere on D, L - 2 layers are left"
            ),
            deep,
        ),
        step(
            "first-next",
            eq(first(t + 1, j, z), _mixed(chance, first, t)),
            Model(
                law, "independent rows: the next unit of layer 1 is dead on D, or not; then the others follow"
            ),
        ),
        *inward(
            "start",
            lambda k: ge(first(k, j, z), dies(left, j + k)),
            (j, z),
            Combination(
                ((1, (at("worse", {r: left, m: j, theta: full(z)}),)),),
                ((1, "first-none"),),
            ),
            rows,
            # With i = j+t: (1-c)(mean - dies(i+1)) + c (mean - dies(i)) + c (dies(i) - dies(i+1))
            Combination(
                (
                    (1, ("first-high", "start-up")),
                    (1, ("first-low", "start-same")),
                    (1, ("first-low", at("falls", {r: left, m: j + t}))),
                ),
                ((1, "first-next"),),
            ),
            deep,
            between=_mean_steps("start", first, lambda count: dies(left, count + t)),
        ),
        step(
            "born-dead",
            eq(BDP(D), first(widths[1], 0, fresh(D))),
            Model("dead", "born dead on D: a layer 1..L-1 is dead on D; layer 1 has N_1 units"),
            deep,
        ),
    )


@cache
def lower_bound_any_dim() -> Derivation:
    """The network dies at least as often as the chain of binomial counts, unit by unit."""
    statement = record("born-dead-lower-bound-any-dim").statement
    values = {L: 4, D: 1, bias: 0, down: HALF, up: HALF, zero: 0, off: HALF}
    return Derivation(
        "born-dead-lower-bound-any-dim",
        (
            *chain_steps(),
            *unit_steps(),
            *network_steps(),
            *first_steps(),
            step(
                "theorem",
                statement,
                Combination(
                    ((1, (at("start", {t: widths[1], j: Integer(0), z: fresh(D)}),)),),
                    ((1, "born-dead"), (1, at("dies", {r: L - 2, m: widths[1]}))),
                ),
                ge(L, 2),
            ),
        ),
        Witness(
            values,
            {
                "N": some_widths,
                "dies": _dies,
                "drawn": _drawn,
                "all_off": lambda i: Rational(1, 2 ** int(i)),
                "unit_dead": lambda i, state: Rational(1, 2 ** int(i)),
                "ends": lambda layers, count, state: _dies(layers, count),
                "open": lambda k, i, layers, count, state: _drawn(k, i, layers, count),
                "first": lambda k, i, state: _dies(2, i + k),
                "first_dead": lambda state: 0,
                "live_row": lambda *states: 0,
                "dead_row": lambda *states: 0,
                "full": lambda state: 0,
                "fresh": lambda state: 0,
                "BDP": lambda d: _dies(2, some_widths(1)),
            },
            {z: (0,), theta: (0,), omega: (0,)},
        ),
    )


@cache
def _dies(layers: Any, count: Any) -> Any:
    values = {L: Fraction(4), bias: Fraction(0), r: Fraction(layers), m: Fraction(count)}
    return _world(values).value(extinction(r, m))


@cache
def _drawn(left: Any, count: Any, layers: Any, features: Any) -> Any:
    if left == 0:
        return _dies(layers, count)
    e = Fraction(1, 2 ** int(features))
    more, same = (_drawn(left - 1, count + i, layers, features) for i in (1, 0))
    return (1 - e) * more + e * same
