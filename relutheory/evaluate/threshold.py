"""Extreme integers with a monotone condition, decided on both sides of the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import ctx

from relutheory.errors import DomainError, PrecisionError
from relutheory.functions import LargestInteger

__all__ = ["extreme_integer"]

_MAX_DOUBLINGS = 4_096
_MAX_GUESS_BITS = 100_000


def extreme_integer(node: Any, bindings: dict[Any, Any]) -> int:
    """Answer of a `LargestInteger` or `SmallestInteger`.

    The condition is decided exactly or by separated balls at the answer and next to it, so that ties
    fall on the right side. The guess only chooses where to look first.
    """
    from relutheory.evaluate.engine import decide

    low = int(node.low)
    largest = isinstance(node, LargestInteger)

    def holds(n: int) -> bool:
        return decide(node.condition, bindings | {node.variable: n})

    def before(n: int) -> bool:
        """Whether the answer's side change lies after ``n``."""
        return holds(n) if largest else not holds(n)

    if not before(low):
        if largest:
            raise DomainError(f"no integer {node.variable} >= {low} satisfies {node.condition}")
        return low
    left, right = _bracket(before, low, _guess(node, bindings))
    while right - left > 1:
        middle = (left + right) // 2
        if before(middle):
            left = middle
        else:
            right = middle
    return left if largest else right


def _bracket(before: Callable[[int], bool], low: int, guess: int | None) -> tuple[int, int]:
    """Integers ``left < right`` with the side change in between, found around the guess."""
    start = low if guess is None else max(low, guess)
    if before(start):
        left, step = start, 1
        for _ in range(_MAX_DOUBLINGS):
            if not before(left + step):
                return left, left + step
            left, step = left + step, 2 * step
        raise PrecisionError("the answer has more than a thousand digits")
    right, step = start, 1
    while right - step > low:
        if before(right - step):
            return right - step, right
        right, step = right - step, 2 * step
    return low, right


def _guess(node: Any, bindings: dict[Any, Any]) -> int | None:
    from relutheory.evaluate.arithmetic import Balls
    from relutheory.evaluate.tree import Tree

    if node.guess.is_number:
        return None
    bits = 128
    while bits <= 2 * _MAX_GUESS_BITS:
        with ctx.workprec(bits):
            value = Tree(Balls(), bindings).value(node.guess)
            if value.is_finite() and value.rad() < 1:
                return int(value.mid().floor().unique_fmpz())
        bits *= 2
    return None
