"""A whole row of values over consecutive integers by recurrence, not cell by cell.

`sweep` looks for the parts of an expression that change with the index by one more factor, term or
step (products, sums, recursions, powers) and carries each of them along; the expression must be affine
in them, else each cell is evaluated by itself. All values are balls with at least the relative accuracy
asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice, repeat
from operator import add, itemgetter, mul
from typing import Any

import sympy as sp
from flint import arb, ctx

from relutheory.certificate import Enclosure
from relutheory.decimals import decimal_digits
from relutheory.errors import PrecisionError
from relutheory.evaluate.arithmetic import Balls, dyadic
from relutheory.evaluate.chains import states_along
from relutheory.evaluate.engine import check_digits, enclose, exact_value, working_bits
from relutheory.evaluate.tree import Tree
from relutheory.functions import Iterate

__all__ = ["Row", "sweep"]

_MAX_BITS = 2**19


@dataclass(frozen=True)
class Row(Sequence[Enclosure]):
    """Values of one expression over consecutive integers, as balls until they are printed."""

    expr: Any
    bindings: Mapping[Any, Any]
    variable: Any
    first: int
    balls: Sequence[arb]
    asked: int

    def __len__(self) -> int:
        return len(self.balls)

    def __getitem__(self, position: Any) -> Any:
        """Enclosure of one cell; rare cells that do not round uniquely are evaluated again."""
        if isinstance(position, slice):
            return [self[i] for i in range(*position.indices(len(self)))]
        ball = self.balls[position]
        centre, spread = dyadic(ball.mid()), dyadic(ball.rad())
        ends = centre - spread, centre + spread
        if spread == 0 or decimal_digits(*ends, self.asked) is None:
            where = range(self.first, self.first + len(self))[position]
            return enclose(self.expr, dict(self.bindings) | {self.variable: where}, digits=self.asked)
        return Enclosure(*ends, self.asked)


def sweep(
    expr: Any, bindings: Mapping[Any, Any], index: Any, first: int, last: int, *, digits: int = 50
) -> Row:
    """Certified values for ``index = first..last``.

    Parameters
    ----------
    expr : sympy Expr
        Expression with the index as a free symbol.
    bindings : mapping
        Exact values of the other symbols; widths must reach as far as ``last`` needs.
    index : Symbol
        Running symbol.
    first, last : int
        Range of the index, both included.
    digits : int
        Every ball has a relative radius below ``10**-digits``.

    Examples
    --------
    >>> from relutheory.evaluate import sweep
    >>> from relutheory.symbols import L, N
    >>> from relutheory.theory.born_dead import upper_bound
    >>> row = sweep(upper_bound(N, L), {N: 5}, L, 2, 10, digits=20)
    >>> row[8].digits()
    '0.24854074149973826025'
    """
    check_digits(digits)
    plan = _plan(expr, index)
    need = int(digits * 3.3219280948873626) + 2
    # Early cells cancel most: one of them tells how many guard bits the row needs.
    early = min(first + 1, last)
    bits, accuracy = working_bits(digits), 0
    while accuracy <= 0 and bits <= _MAX_BITS:
        with ctx.workprec(bits):
            (probe,) = plan.values(Tree(Balls(), bindings), early, early)
        accuracy = int(probe.rel_accuracy_bits())
        # A ball that contains 0 says nothing of how much is lacking.
        bits += max(0, need + 8 + (last - first).bit_length() - accuracy) if accuracy > 0 else bits
    while bits <= _MAX_BITS:
        with ctx.workprec(bits):
            balls = plan.values(Tree(Balls(), bindings), first, last)
            _settle_zeros(balls, expr, bindings, index, first)
        lacking = need - int(min(map(arb.rel_accuracy_bits, balls)))
        if lacking <= 0:
            return Row(expr, bindings, index, first, balls, digits)
        bits += min(max(lacking + 8, bits // 16), bits)
    raise PrecisionError(f"{digits} digits are not certain at {_MAX_BITS} bits")


def _settle_zeros(balls: list[arb], expr: Any, bindings: Mapping[Any, Any], index: Any, first: int) -> None:
    """Replace cells that may be 0 at either end of the row by their exact values.

    A zero (as of a bound at its smallest depth) has no relative accuracy at any precision.
    """
    for position in {0, len(balls) - 1}:
        if 0 in balls[position]:
            exact = exact_value(expr, dict(bindings) | {index: first + position}, 2**12)
            if exact is not None:
                balls[position] = Balls().number(exact)


class _Plan:
    """How an expression changes with the index."""

    def __init__(self, expr: Any, index: Any) -> None:
        self.expr, self.index = expr, index
        self.moving: dict[Any, Any] = {}
        #: Coefficient of each moving part, and of 1; None when the expression is not affine in them.
        self.parts = _affine_parts(self._split(expr), self.moving, index)

    def values(self, tree: Tree, first: int, last: int) -> list[arb]:
        """Values for ``index = first..last`` at the current precision."""
        if self.parts is None:
            return [
                tree.bound({self.index: position}).value(self.expr) for position in range(first, last + 1)
            ]
        constant = tree.value(self.parts.get(1, sp.Integer(0)))
        count = last - first + 1
        total: Iterable[arb] = repeat(constant, count)
        empty = constant == 0 and len(self.parts) > (1 in self.parts)
        for symbol, coefficient in self.parts.items():
            if symbol == 1:
                continue
            column = self._column(tree, self.moving[symbol], first, last, tree.value(coefficient))
            total, empty = (column, False) if empty else (map(add, total, column), False)
        return list(total)

    def _split(self, expr: Any) -> Any:
        """Expression with each moving part replaced by a symbol."""
        if self.index not in expr.free_symbols:
            return expr
        if self._moves(expr):
            symbol = next((s for s, node in self.moving.items() if node == expr), None)
            if symbol is None:
                symbol = sp.Dummy()
                self.moving[symbol] = expr
            return symbol
        if expr.is_Add or expr.is_Mul or expr.is_Pow:
            return expr.func(*(self._split(a) for a in expr.args), evaluate=False)
        if expr == self.index:
            self.moving[expr] = expr
        return expr

    def _moves(self, expr: Any) -> bool:
        if expr.is_Pow:
            return self._shift(expr.exp) is not None and self.index not in expr.base.free_symbols
        if isinstance(expr, sp.Product | sp.Sum) and len(expr.limits) == 1:
            return self._shift(expr.limits[0][2]) is not None and self.index not in expr.function.free_symbols
        if isinstance(expr, Iterate):
            inner = expr.updates.free_symbols | expr.initial.free_symbols | expr.output.free_symbols
            return self._shift(expr.limits[2]) is not None and self.index not in inner
        return False

    def _shift(self, expr: Any) -> int | None:
        """``k`` when the expression is ``index + k``."""
        difference = sp.sympify(expr) - self.index
        return int(difference) if difference.is_Integer else None

    def _column(self, tree: Tree, node: Any, first: int, last: int, factor: arb) -> Iterable[arb]:
        """Values of ``factor * node``; products and powers carry the factor from their first value on."""
        if node.is_Pow:
            start = first + (self._shift(node.exp) or 0)
            base = tree.value(node.base)
            begin = factor * tree.arithmetic.power(base, arb(start))
            return accumulate(repeat(base, last - first), mul, initial=begin)
        if isinstance(node, sp.Product):
            begin = factor * tree.bound({self.index: first}).value(node)
            return accumulate(self._terms(tree, node, first, last), mul, initial=begin)
        if isinstance(node, Iterate):
            column: Iterable[arb] = self._iterate_column(tree, node, first, last)
        elif node == self.index:
            column = map(arb, range(first, last + 1))
        else:
            begin = tree.bound({self.index: first}).value(node)
            column = accumulate(self._terms(tree, node, first, last), initial=begin)
        return column if factor == 1 else map(mul, repeat(factor), column)

    def _iterate_column(self, tree: Tree, node: Iterate, first: int, last: int) -> Iterable[arb]:
        shift, low = self._shift(node.limits[2]) or 0, tree.integer(node.limits[1])
        skip = first + shift - (low - 1)
        if skip < 0:
            raise TypeError(f"{node} starts after index {first}")
        states = islice(states_along(tree, node, last + shift), skip, None)
        if node.output in node.states:
            position = list(node.states).index(node.output)
            return map(itemgetter(position), states)
        return (tree.bound(dict(zip(node.states, s, strict=True))).value(node.output) for s in states)

    def _terms(self, tree: Tree, node: Any, first: int, last: int) -> Iterator[arb]:
        """New factors or terms of a product or sum while the index goes from ``first`` to ``last``."""
        running, low, high = node.limits[0]
        shift = self._shift(high) or 0
        positions = range(max(tree.integer(low), first + shift + 1), last + shift + 1)
        if positions and tree.same_for_all(node.function, running):
            return repeat(tree.bound({running: positions[0]}).value(node.function), len(positions))
        return (tree.bound({running: position}).value(node.function) for position in positions)


@lru_cache(maxsize=64)
def _plan(expr: Any, index: Any) -> _Plan:
    return _Plan(expr, index)


def _affine_parts(expr: Any, moving: Mapping[Any, Any], index: Any) -> dict[Any, Any] | None:
    """Coefficients of the moving symbols (key 1: the constant), or None if the index hides elsewhere."""
    if not expr.free_symbols & {*moving, index}:
        return {1: expr}
    if expr in moving:
        return {expr: sp.Integer(1)}
    if expr.is_Add:
        total: dict[Any, Any] = {}
        for term in expr.args:
            parts = _affine_parts(term, moving, index)
            if parts is None:
                return None
            for symbol, coefficient in parts.items():
                total[symbol] = (
                    sp.Add(total[symbol], coefficient, evaluate=False) if symbol in total else coefficient
                )
        return total
    if expr.is_Mul:
        fixed = [a for a in expr.args if not a.free_symbols & {*moving, index}]
        rest = [a for a in expr.args if a.free_symbols & {*moving, index}]
        parts = _affine_parts(rest[0], moving, index) if len(rest) == 1 else None
        return None if parts is None else {s: sp.Mul(*fixed, c, evaluate=False) for s, c in parts.items()}
    return None
