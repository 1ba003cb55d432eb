"""Orbits of vector recursions in exact rationals or balls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sympy import IndexedBase

from relutheory.evaluate.arithmetic import INEXACT, NotExact, Number, Rationals, size
from relutheory.functions.components import Components

if TYPE_CHECKING:
    from relutheory.evaluate.tree import Tree

__all__ = ["orbit"]

#: Exact orbits whose entries need more bits than this are enclosed in balls.
_EXACT_BITS = 2**13


def orbit(tree: Tree, node: Any) -> Number:
    """Output after the last step; the states are shared by all outputs of the same map."""
    steps = tree.integer(node.steps)
    if steps == 0:
        return tree.value(node.output)
    key = ("orbit", node.state, node.update, node.definitions, steps)
    if key not in tree.known:
        tree.known[key] = _last(tree, node, steps)
    return tree.known[key].value(node.output)


def _last(tree: Tree, node: Any, steps: int) -> Tree:
    count = tree.integer(node.count)
    here = tree
    for _ in range(steps):
        state = _checked(here, [here.bound({node.index: p}).value(node.update) for p in range(count)])
        here = _defined(tree, node, count, state)
    return here


def _checked(tree: Tree, state: list[Number]) -> list[Number]:
    if isinstance(tree.arithmetic, Rationals) and max(map(size, state)) > _EXACT_BITS:
        raise NotExact
    return state


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
