"""A whole row of values over consecutive integers by recurrence, not cell by cell.

`sweep` looks for the parts of an expression that change with the index by one more factor, term or
step (products, sums, recursions, powers) and carries each of them along; what is around them is
compiled once. All values are balls with at least the relative accuracy asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice, repeat
from operator import mul
from typing import Any

import sympy as sp
from flint import arb, ctx

from relutheory.certificate import Enclosure
from relutheory.decimals import decimal_digits
from relutheory.errors import PrecisionError
from relutheory.evaluate.arithmetic import Balls, dyadic
from relutheory.evaluate.chains import states_along
from relutheory.evaluate.enclose import check_digits, enclose, working_bits
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


def sweep(expr: Any, bindings: Mapping[Any, Any], index: Any, first: int, last: int, *, digits: int = 50) -> Row:
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
    '0.24854074149973824025'
    """
    check_digits(digits)
    plan = _plan(expr, index)
    need = int(digits * 3.3219280948873626) + 2
    # Early cells cancel most: one of them tells how many guard bits the row needs.
    bits = working_bits(digits)
    with ctx.workprec(bits):
        probe = Tree(Balls(), dict(bindings) | {index: min(first + 1, last)}).value(expr)
    bits += max(0, need + 8 + (last - first).bit_length() - int(probe.rel_accuracy_bits()))
    while bits <= _MAX_BITS:
        with ctx.workprec(bits):
            balls = plan.values(Tree(Balls(), bindings), first, last)
        lacking = need - int(min(map(arb.rel_accuracy_bits, balls)))
        if lacking <= 0:
            return Row(expr, bindings, index, first, balls, digits)
        bits += max(lacking + 8, bits // 16)
    raise PrecisionError(f"{digits} digits are not certain at {_MAX_BITS} bits")


class _Plan:
    """How an expression changes with the index."""

    def __init__(self, expr: Any, index: Any) -> None:
        self.index = index
        self.moving: dict[Any, Any] = {}
        self.outer = self._split(expr)

    def values(self, tree: Tree, first: int, last: int) -> list[arb]:
        """Values for ``index = first..last`` at the current precision."""
        if not self.moving and self.index not in self.outer.free_symbols:
            return [tree.value(self.outer)] * (last - first + 1)
        columns: list[Iterable[arb]] = [self._column(tree, node, first, last) for node in self.moving.values()]
        names = list(self.moving)
        if self.index in self.outer.free_symbols:
            names.append(self.index)
            columns.append(map(arb, range(first, last + 1)))
        if self.outer in names:
            return list(columns[names.index(self.outer)])
        return list(map(_compile(self.outer, names, tree), *columns))

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

    def _column(self, tree: Tree, node: Any, first: int, last: int) -> list[arb]:
        if node.is_Pow:
            start = first + (self._shift(node.exp) or 0)
            base = tree.value(node.base)
            begin = tree.arithmetic.power(base, arb(start))
            return list(accumulate(repeat(base, last - first), mul, initial=begin))
        if isinstance(node, Iterate):
            return self._iterate_column(tree, node, first, last)
        return self._fold_column(tree, node, first, last)

    def _iterate_column(self, tree: Tree, node: Iterate, first: int, last: int) -> list[arb]:
        shift, low = self._shift(node.limits[2]) or 0, tree.integer(node.limits[1])
        skip = first + shift - (low - 1)
        if skip < 0:
            raise TypeError(f"{node} starts after index {first}")
        states = islice(states_along(tree, node, last + shift), skip, None)
        if node.output in node.states:
            position = list(node.states).index(node.output)
            return [state[position] for state in states]
        return [tree.bound(dict(zip(node.states, s, strict=True))).value(node.output) for s in states]

    def _fold_column(self, tree: Tree, node: Any, first: int, last: int) -> list[arb]:
        running, low, high = node.limits[0]
        shift, start = self._shift(high) or 0, tree.integer(low)
        product = isinstance(node, sp.Product)
        begin = tree.bound({self.index: first}).value(node)
        terms = self._terms(tree, node.function, running, range(max(start, first + shift + 1), last + shift + 1))
        if product:
            return list(accumulate(terms, mul, initial=begin))
        return list(accumulate(terms, initial=begin))

    def _terms(self, tree: Tree, body: Any, running: Any, positions: range) -> Iterator[arb]:
        if positions and tree.same_for_all(body, running):
            return repeat(tree.bound({running: positions[0]}).value(body), len(positions))
        return (tree.bound({running: position}).value(body) for position in positions)


@lru_cache(maxsize=64)
def _plan(expr: Any, index: Any) -> _Plan:
    return _Plan(expr, index)


def _compile(outer: Any, names: list[Any], tree: Tree) -> Callable[..., arb]:
    """Function of the moving parts; everything else becomes a constant ball.

    The source is made of our own names and the operators ``+ * **`` only.
    """
    constants: dict[str, Any] = {}
    labels = {symbol: f"x{i}" for i, symbol in enumerate(names)}

    def constant(value: arb) -> str:
        constants[f"c{len(constants)}"] = value
        return f"c{len(constants) - 1}"

    def code(expr: Any) -> str:
        if expr in labels:
            return labels[expr]
        if not expr.free_symbols & set(labels):
            return constant(tree.value(expr))
        if expr.is_Add or expr.is_Mul:
            fixed = [a for a in expr.args if not a.free_symbols & set(labels)]
            moving = [a for a in expr.args if a.free_symbols & set(labels)]
            parts = [constant(tree.value(expr.func(*fixed, evaluate=False)))] if fixed else []
            if expr.is_Mul:
                return "(" + "*".join(parts + [code(a) for a in moving]) + ")"
            # A subtraction saves one ball multiplication in each cell.
            parts += [f"+{code(a)}" for a in moving if a.args[:1] != (-1,)]
            parts += [f"-{code(sp.Mul(*a.args[1:], evaluate=False))}" for a in moving if a.args[:1] == (-1,)]
            return "(" + "".join(parts).removeprefix("+") + ")"
        if expr.is_Pow and expr.exp.is_Integer:
            return f"({code(expr.base)}**{int(expr.exp)})"
        raise TypeError(f"cannot sweep over {expr}")

    body = code(outer)
    function: Callable[..., arb] = eval(f"lambda {','.join(labels.values())}: {body}", constants)  # noqa: S307
    return function
