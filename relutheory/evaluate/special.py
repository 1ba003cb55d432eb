"""Enclosures of the field's own special functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flint import arb

from relutheory.evaluate.arithmetic import Balls, NotExact, Number
from relutheory.functions import QPochhammer

if TYPE_CHECKING:
    from relutheory.evaluate.tree import Tree

__all__ = ["SPECIAL"]


def q_pochhammer(tree: Tree, node: Any) -> Number:
    """Partial product, then ``1 - a q^K / (1-q) <= tail <= 1``."""
    if not isinstance(tree.arithmetic, Balls):
        raise NotExact
    a, q = (tree.value(x) for x in node.args)
    if not (a >= 0 and a <= 1 and q >= 0 and q < 1):
        raise TypeError(f"{node} needs 0 <= a <= 1 and 0 <= q < 1")
    product, factor = arb(1), a
    while True:
        tail = factor / (1 - q)
        # Stop when the tail is below the rounding of the product itself.
        if not factor > 0 or tail.upper() < product.rad() / 2 or tail.upper() < arb(2) ** -_bits():
            return product * (1 - tail).union(arb(1))
        product *= 1 - factor
        factor *= q


def _bits() -> int:
    from flint import ctx

    return int(ctx.prec)


SPECIAL: dict[type, Callable[[Tree, Any], Number]] = {QPochhammer: q_pochhammer}
