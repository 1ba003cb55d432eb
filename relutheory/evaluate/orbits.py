"""Orbits of vector recursions in exact rationals or balls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flint import arb, ctx
from sympy import IndexedBase

from relutheory.evaluate.arithmetic import INEXACT, Balls, NotExact, Number, Rationals, Undecided, size
from relutheory.functions.components import Components

if TYPE_CHECKING:
    from relutheory.evaluate.tree import Tree

__all__ = ["orbit"]

#: Exact orbits whose entries need more bits than this are enclosed in balls.
_EXACT_BITS = 2**13
#: Balls with fewer certain bits than this are not iterated further.
_FLOOR_BITS = 16
#: More bits than this are not tried in one go: the caller decides whether to go on.
_MOST_BITS = 2**16


def orbit(tree: Tree, node: Any) -> Number:
    """Output after the last step; the states are shared by all outputs of the same map."""
    steps = tree.integer(node.steps)
    if steps == 0:
        return tree.value(node.output)
    key = ("orbit", node.state, node.update, node.definitions, steps)
    if key not in tree.known:
        exact = isinstance(tree.arithmetic, Rationals)
        tree.known[key] = _last(tree, node, steps)[0] if exact else _enclosed(tree, node, steps)
    return tree.known[key].value(node.output)


def _enclosed(tree: Tree, node: Any, steps: int) -> Tree:
    """Last state to the working precision.

    Balls grow from step to step by a factor that is about the same for all, so that a run which blows up
    tells how many bits a whole one needs.
    """
    from relutheory.evaluate.tree import Tree as Walker

    wanted = bits = int(ctx.prec)
    while True:
        with ctx.workprec(bits):
            here = tree if bits == wanted else Walker(Balls(), tree.bindings)
            found, done, certain = _last(here, node, steps)
        lost = bits - certain
        enough = done == steps and certain >= min(wanted, bits) - _FLOOR_BITS - 2 * steps.bit_length()
        following = wanted + 2 * _FLOOR_BITS + lost * steps * 9 // (8 * max(1, done))
        if enough or following <= bits or following > max(_MOST_BITS, 2 * wanted):
            if done < steps:
                raise Undecided
            return found
        bits = following


def _last(tree: Tree, node: Any, steps: int) -> tuple[Tree, int, int]:
    """State after as many steps as make sense, their number, and the certain bits of that state."""
    count = tree.integer(node.count)
    here, certain = tree, int(ctx.prec)
    for done in range(steps):
        try:
            state = _checked(here, [here.bound({node.index: p}).value(node.update) for p in range(count)])
            certain = _certain(here, state)
            if certain < _FLOOR_BITS:
                return here, done, certain
            here = _defined(tree, node, count, state)
        except Undecided:
            return here, done, 0
    return here, steps, certain


def _checked(tree: Tree, state: list[Number]) -> list[Number]:
    if isinstance(tree.arithmetic, Rationals) and max(map(size, state)) > _EXACT_BITS:
        raise NotExact
    return state


def _certain(tree: Tree, state: list[Number]) -> int:
    """Bits in which the state is certain, relative to its largest entry."""
    precision = int(ctx.prec)
    if isinstance(tree.arithmetic, Rationals):
        return precision
    if not all(v.is_finite() for v in state):
        return 0
    radius, scale = (
        max((v.rad() for v in state), key=_order),
        max((abs(v).upper() for v in state), key=_order),
    )
    return precision if radius == 0 else min(precision, _exponent(scale) - _exponent(radius))


def _order(value: arb) -> tuple[bool, int]:
    return value != 0, _exponent(value)


def _exponent(value: arb) -> int:
    """Size of an exact number as a power of two."""
    man, exponent = value.man_exp()
    return int(exponent) + int(abs(man)).bit_length()


def _defined(tree: Tree, node: Any, count: int, state: list[Number]) -> Tree:
    """The start's bindings with the new state and everything that is defined by it."""
    here = tree.bound({node.state: Components(state)})
    for name, value in node.definitions:
        if isinstance(name, IndexedBase):
            found: Any = Components(_known(here.bound({node.index: p}), value) for p in range(count))
        else:
            found = _known(here, value)
        here = here.bound({name: found})
    return here


def _known(tree: Tree, value: Any) -> Any:
    """Value of a defined quantity; an irrational one may never be needed, such as at a fixed point."""
    try:
        return tree.value(value)
    except NotExact:
        return INEXACT
