"""Evaluation of a SymPy tree in exact rationals or in balls, one walker for both."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, reduce
from operator import mul
from typing import Any

import sympy as sp
from flint import arb, fmpq

from relutheory.evaluate.arithmetic import INEXACT, Balls, NotExact, Number, Rationals
from relutheory.evaluate.chains import binomial_extinction, iterate
from relutheory.evaluate.special import SPECIAL
from relutheory.functions import BinomialExtinction, Components, Iterate, LargestInteger, SmallestInteger
from relutheory.sets import RepeatedWidths

__all__ = ["Tree"]


@lru_cache(maxsize=2**14)
def _free(node: Any) -> frozenset[Any]:
    """Free symbols of a node; SymPy finds them anew each time."""
    return frozenset(node.free_symbols)


class Tree:
    """Values of SymPy expressions for fixed bindings in one arithmetic.

    Parameters
    ----------
    arithmetic : Rationals or Balls
        Numbers to calculate with.
    bindings : mapping
        Exact Python values of the free symbols; an `IndexedBase` is bound to a sequence counted from one.
    """

    def __init__(self, arithmetic: Rationals | Balls, bindings: Mapping[Any, Any]) -> None:
        self.arithmetic = arithmetic
        self.bindings = dict(bindings)
        #: Values of functions and nodes that were met before.
        self.known: dict[Any, Any] = {}
        #: Whether a value rests on an error estimate that is checked but not proven.
        self.validated = False
        self.outer: Tree | None = None
        self.own: set[Any] = set()

    def bound(self, more: Mapping[Any, Any]) -> Tree:
        """Same arithmetic with further bindings; values without the bound symbols are those of this tree."""
        inner = Tree(self.arithmetic, self.bindings | dict(more))
        # An Indexed knows the label of its base, not the base itself.
        inner.outer, inner.own = self, {getattr(key, "label", key) for key in more}
        return inner

    def mark_validated(self) -> None:
        """Remember that a value rests on an error estimate that is checked but not proven."""
        self.validated = True
        if self.outer is not None:
            self.outer.mark_validated()

    def value(self, node: Any) -> Number:
        """Value of an expression."""
        if node.is_Rational:
            return self.arithmetic.number(int(node)) if node.is_Integer else self._rational(node)
        if node.is_Symbol:
            return self._look_up(node)
        if node.is_Add:
            return sum((self.value(a) for a in node.args[1:]), start=self.value(node.args[0]))
        if node.is_Mul:
            return self._product(node)
        if node.is_Pow:
            return self.arithmetic.power(self.value(node.base), self.value(node.exp))
        if isinstance(node, sp.Indexed):
            return self._item(node)
        if self.outer is not None and self.own.isdisjoint(_free(node)):
            return self.outer.value(node)
        if node not in self.known:
            self.known[node] = self._compound(node)
        return self.known[node]

    def _product(self, node: Any) -> Number:
        if not isinstance(self.arithmetic, Rationals):
            return reduce(mul, (self.value(a) for a in node.args))
        # An exact zero makes the product rational, whatever the other factors are.
        total, inexact = self.arithmetic.number(1), False
        for factor in node.args:
            try:
                total = total * self.value(factor)
            except NotExact:
                inexact = True
        if inexact and total != 0:
            raise NotExact
        return total

    def integer(self, node: Any) -> int:
        """Value of an expression that must be an integer, such as a limit of a product."""
        if node.is_Integer:
            return int(node)
        if isinstance(bound := self.bindings.get(node), int):
            return bound
        found = Tree(Rationals(2**20), self.bindings).value(node)
        if found.q != 1:
            raise TypeError(f"{node} is not an integer")
        return int(found.p)

    def truth(self, node: Any) -> bool:
        """Truth value of a condition; raises `Undecided` when balls cannot tell."""
        if node in (sp.true, sp.false):
            return node is sp.true
        if isinstance(node, sp.And):
            return all(self.truth(a) for a in node.args)
        if isinstance(node, sp.Or):
            return any(self.truth(a) for a in node.args)
        if isinstance(node, sp.Not):
            return not self.truth(node.args[0])
        left, right = self.value(node.lhs), self.value(node.rhs)
        if isinstance(node, sp.Eq):
            return self.arithmetic.equal(left, right)
        if isinstance(node, sp.Ne):
            return not self.arithmetic.equal(left, right)
        if isinstance(node, sp.StrictLessThan):
            return self.arithmetic.less(left, right)
        if isinstance(node, sp.StrictGreaterThan):
            return self.arithmetic.less(right, left)
        if isinstance(node, sp.LessThan):
            return not self.arithmetic.less(right, left)
        if isinstance(node, sp.GreaterThan):
            return not self.arithmetic.less(left, right)
        raise TypeError(f"no truth value for {type(node).__name__}")

    def same_for_all(self, node: Any, index: Any) -> bool:
        """Whether an expression is the same for every value of ``index`` (equal widths)."""
        if node == index:
            return False
        if isinstance(node, sp.Indexed) and isinstance(self.bindings.get(node.base), RepeatedWidths):
            return True
        return all(self.same_for_all(a, index) for a in node.args)

    def _rational(self, node: Any) -> Number:
        return self.arithmetic.number(int(node.p)) / self.arithmetic.number(int(node.q))

    def _look_up(self, node: Any) -> Number:
        if node not in self.bindings:
            raise TypeError(f"the symbol {node} has no value")
        return self._number(self.bindings[node])

    def _number(self, value: Any) -> Number:
        if value is INEXACT:
            raise NotExact
        if isinstance(value, sp.Basic):
            return self.value(value)
        return value if isinstance(value, arb | fmpq) else self.arithmetic.number(value)

    def _item(self, node: Any) -> Number:
        sequence = self.bindings[node.base]
        if isinstance(sequence, Components):
            return self._number(sequence.entry(*(self.integer(i) for i in node.indices)))
        return self.arithmetic.number(self._width(node, sequence))

    def _width(self, node: Any, sequence: Any) -> int:
        position = self.integer(node.indices[0])
        count = sequence.length if isinstance(sequence, RepeatedWidths) else len(sequence)
        if not 1 <= position <= count:
            raise IndexError(f"{node} with index {position} of {count}")
        return int(sequence.width if isinstance(sequence, RepeatedWidths) else sequence[position - 1])

    def _compound(self, node: Any) -> Number:
        if isinstance(node, sp.Product | sp.Sum):
            return self._fold(node)
        if isinstance(node, sp.Piecewise):
            return next(self.value(e) for e, c in node.args if self.truth(c))
        if isinstance(node, Iterate):
            return iterate(self, node)
        if isinstance(node, BinomialExtinction):
            return binomial_extinction(self, node)
        if isinstance(node, LargestInteger | SmallestInteger):
            from relutheory.evaluate.threshold import extreme_integer

            return self.arithmetic.number(extreme_integer(node, self.bindings))
        if type(node) in SPECIAL:
            return SPECIAL[type(node)](self, node)
        if isinstance(node, sp.NumberSymbol):
            return self.arithmetic.constant(node)
        if isinstance(node, sp.Function | sp.Max | sp.Min):
            return self.arithmetic.function(node, [self.value(a) for a in node.args])
        raise TypeError(f"no enclosure is known for {type(node).__name__}")

    def _fold(self, node: Any, depth: int | None = None) -> Number:
        """Sum or product over indices, the last one outside; equal terms become a multiple or a power."""
        depth = len(node.limits) if depth is None else depth
        index, low, high = node.limits[depth - 1]
        if high is sp.oo:
            raise TypeError(f"no enclosure is known for {node}")
        first, last = self.integer(low), self.integer(high)
        count = max(0, last - first + 1)
        product = isinstance(node, sp.Product)

        def term(position: int) -> Number:
            inside = self.bound({index: position})
            return inside.value(node.function) if depth == 1 else inside._fold(node, depth - 1)

        if count and len(node.limits) == 1 and self.same_for_all(node.function, index):
            times = self.arithmetic.number(count)
            return self.arithmetic.power(term(first), times) if product else term(first) * times
        total = self.arithmetic.number(1 if product else 0)
        for position in range(first, last + 1):
            total = total * term(position) if product else total + term(position)
            if isinstance(self.arithmetic, Rationals):
                self.arithmetic.checked(total)
        return total
