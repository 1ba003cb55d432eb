"""Born dead means constant: different values stay different until a layer is 0 on all of D."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Equivalent, Function, Integer, Or, Symbol

from proofs.born_dead.common import n, record
from proofs.claims import (
    Cite,
    Combination,
    Derivation,
    Generalise,
    Induction,
    Logic,
    Model,
    Step,
    Witness,
    Wording,
    at,
)
from proofs.nodes import Always
from proofs.notation import eq, ne, step
from relutheory.symbols import L

__all__ = ["event"]

#: Two inputs and a unit; the point at which all others are compared.
x, y = Symbol("x"), Symbol("y")
i = Symbol("i", integer=True, positive=True)
#: Output and preactivation of a unit; two inputs with different outputs of a layer, if there are any.
h, z, first, second = (Function(name) for name in ("h", "z", "first", "second"))
#: 1 if a layer takes two values on D, is 0 on all of D, and if some layer so far is 0 on all of D.
apart, zero, fallen = (Function(name) for name in ("apart", "zero", "fallen"))
differs = Symbol("differs", real=True)
NETWORK, DEAD = "depth convention", "dead"


def layer_steps() -> tuple[Step, ...]:
    """A layer that makes different values equal is 0 on all of D."""
    two, one = eq(apart(n), 1), ne(apart(n + 1), 1)
    left, right = (n + 1, i, first(n)), (n + 1, i, second(n))
    nothing = eq(h(n + 1, i, y), 0)
    return (
        step(
            "active",
            eq(h(n + 1, i, x) * (h(n + 1, i, x) - z(n + 1, i, x)), 0),
            Model(NETWORK, "ReLU: the output of a unit is its preactivation or 0"),
        ),
        step(
            "equal",
            eq(h(n + 1, i, x), h(n + 1, i, y)),
            Model(NETWORK, "a layer that does not take two values on D is the same at all its points"),
            one,
        ),
        step(
            "separate",
            ne(z(*left), z(*right)),
            Cite(
                "standard: a countable union of null events is null",
                "h is continuous, so D may be replaced by a countable dense subset; for each pair of its "
                "points with u = h(x) - h(y) != 0 and each row P(w.u = 0) = 0, hence almost surely no row of "
                "any layer maps any such pair to the same preactivation",
            ),
            two,
        ),
        # h = (h (h - z') - h (h - z)) / (z - z') for the common output h
        step(
            "pair-off",
            eq(h(*left), 0),
            Combination(
                equalities=(
                    (-1 / (z(*left) - z(*right)), at("active", {x: first(n)})),
                    (1 / (z(*left) - z(*right)), at("active", {x: second(n)})),
                    (
                        (h(*left) + h(*right) - z(*right)) / (z(*left) - z(*right)),
                        at("equal", {x: first(n), y: second(n)}),
                    ),
                ),
                nonzero=("separate",),
            ),
            two,
            one,
        ),
        step(
            "all-off",
            nothing,
            Combination(equalities=((-1, at("equal", {x: first(n)})), (1, "pair-off"))),
            two,
            one,
        ),
        step("off-on-D", Always(nothing, i, y), Generalise("all-off"), two, one),
        step(
            "dead-layer",
            eq(zero(n + 1), 1),
            Model(DEAD, "a layer is dead on D if the outputs of all its units are 0 on all of D"),
            Always(nothing, i, y),
        ),
        step("merge", eq(zero(n + 1), 1), Logic(("off-on-D", "dead-layer")), two, one),
    )


@cache
def event() -> Derivation:
    """Almost surely the network is constant exactly when some hidden layer is 0 on all of D."""
    found = record("born-dead-event")
    constant, dead = found.lhs, found.rhs
    claim = Equivalent(eq(fallen(n), 1), ne(apart(n), 1))
    last = L - 1
    return Derivation(
        "born-dead-event",
        (
            *layer_steps(),
            step("start", eq(apart(0), 1), Model("two points", "the inputs in D are not all the same")),
            step("none", ne(fallen(0), 1), Model(DEAD, "before the first layer nothing is dead")),
            step(
                "next",
                Equivalent(eq(fallen(n + 1), 1), Or(eq(fallen(n), 1), eq(zero(n + 1), 1))),
                Model(DEAD, "some layer 1..n+1 is dead if one of 1..n is or layer n+1 is"),
            ),
            step(
                "follows",
                eq(apart(n), 1),
                Model(NETWORK, "layer n+1 is a function of layer n: two values need two values"),
                eq(apart(n + 1), 1),
            ),
            step(
                "zero-constant",
                ne(apart(n), 1),
                Model(DEAD, "a layer that is 0 on all of D does not take two values"),
                eq(zero(n), 1),
            ),
            step("base", Equivalent(eq(fallen(0), 1), ne(apart(0), 1)), Logic(("start", "none"))),
            step(
                "step",
                Equivalent(eq(fallen(n + 1), 1), ne(apart(n + 1), 1)),
                Logic(("next", "follows", at("zero-constant", {n: n + 1}), "merge")),
                claim,
            ),
            step("layers", claim, Induction(n, Integer(0), "base", "step")),
            step(
                "output-follows",
                eq(apart(last), 1),
                Model(NETWORK, "the output is a function of the last hidden layer"),
                eq(differs, 1),
            ),
            step(
                "output-apart",
                eq(differs, 1),
                Model(NETWORK, "the output takes two values if its first coordinate does"),
                ne(z(L, 1, first(last)), z(L, 1, second(last))),
            ),
            step(
                "output",
                Equivalent(eq(differs, 1), eq(apart(last), 1)),
                Logic(("output-follows", "output-apart", at("separate", {n: last, i: Integer(1)}))),
            ),
            step(
                "constant",
                Equivalent(constant, ne(differs, 1)),
                Wording("the output does not take two values on D"),
            ),
            step(
                "dead",
                Equivalent(dead, eq(fallen(last), 1)),
                Wording("one of the layers 1..L-1 is dead on D"),
            ),
            step("theorem", found.statement, Logic(("constant", "dead", at("layers", {n: last}), "output"))),
        ),
        _witness(constant, dead, alive=True),
        others=(_witness(constant, dead, alive=False),),
    )


def _witness(constant: Any, dead: Any, *, alive: bool) -> Witness:
    """Two inputs 0 and 1: all layers tell them apart, or layer 1 is dead and the others stay 0."""

    def kept(k: Any) -> int:
        return int(alive or k == 0)

    def before(k: Any, unit: Any, point: Any) -> Any:
        return point + 1 if alive else (-1 - point if k == 1 else 0 * point)

    return Witness(
        {L: 3, differs: int(alive), constant: not alive, dead: not alive},
        {
            "h": lambda k, unit, point: max(before(k, unit, point), 0),
            "z": before,
            "first": lambda k: 0,
            "second": lambda k: 1,
            "apart": kept,
            "zero": lambda k: 1 - kept(k),
            "fallen": lambda k: 1 - kept(k),
        },
        {x: (0, 1), y: (0, 1), i: (1, 2)},
    )
