"""Exact evaluation at a point, for enumerations and for witnesses of hypotheses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import isqrt
from typing import Any

from sympy import (
    Add,
    And,
    Basic,
    Equivalent,
    Implies,
    Indexed,
    Max,
    Min,
    Mul,
    Not,
    Or,
    Piecewise,
    Pow,
    Product,
    Rational,
    Sum,
    Symbol,
)
from sympy.core.function import Function
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from proofs.nodes import Always, Expect, Sup
from proofs.polynomials import Refused
from relutheory.functions import BinomialExtinction, Iterate, LargestInteger, SmallestInteger

__all__ = ["World"]

#: Extreme integers farther than this from their first candidate are not looked for.
MAX_SEARCH = 1000

_COMPARE: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
}


@dataclass(frozen=True)
class World:
    """Values of symbols, exact functions, and ranges of bound samples and states."""

    values: Mapping[Any, Any] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    ranges: Mapping[Any, tuple[Any, ...]] = field(default_factory=dict)

    def at(self, more: Mapping[Any, Any]) -> World:
        """Same world with more values."""
        return World({**self.values, **more}, self.functions, self.ranges)

    def value(self, term: Basic) -> Any:
        """Exact value of a term.

        Examples
        --------
        >>> from sympy import Symbol, Sum
        >>> from proofs.exact import World
        >>> k, n = Symbol("k"), Symbol("n")
        >>> World({n: 3}).value(Sum(k**2, (k, 1, n)))
        Fraction(14, 1)
        """
        if isinstance(term, Rational):
            return Fraction(int(term.p), int(term.q))
        if isinstance(term, Symbol):
            if term not in self.values:
                raise Refused(f"no value for {term}")
            given = self.values[term]
            return Fraction(given) if isinstance(given, int) else given
        if isinstance(term, Add | Mul):
            total = Fraction(0) if isinstance(term, Add) else Fraction(1)
            for a in term.args:
                total = total + self.value(a) if isinstance(term, Add) else total * self.value(a)
            return total
        if isinstance(term, Pow):
            base, exponent = self.value(term.base), self.value(term.exp)
            if exponent.denominator == 2 and base > 0:
                root = Fraction(isqrt(base.numerator), isqrt(base.denominator))
                if root * root == base:
                    return root ** int(exponent * 2)
            if exponent.denominator != 1 or (base == 0 and exponent < 0):
                raise Refused(f"{term} has no exact value at this point")
            return base ** int(exponent)
        if isinstance(term, Product | Sum):
            return self._fold(term)
        if isinstance(term, Iterate):
            return self._iterate(term)
        if isinstance(term, BinomialExtinction):
            return self._extinction(term)
        if isinstance(term, LargestInteger | SmallestInteger):
            return self._extreme(term)
        if isinstance(term, Expect):
            sample = self.ranges.get(term.variable, (0, 1))
            return sum((self.at({term.variable: w}).value(term.body) for w in sample), Fraction(0)) / len(
                sample
            )
        if isinstance(term, Sup):
            states = self.ranges.get(term.variable, (0, 1))
            return max(self.at({term.variable: w}).value(term.body) for w in states)
        if isinstance(term, Max | Min):
            return (max if isinstance(term, Max) else min)(self.value(a) for a in term.args)
        if isinstance(term, Piecewise):
            return next(self.value(e) for e, c in term.args if self.holds(c))
        if isinstance(term, Indexed):
            return Fraction(self._function(str(term.base))(*(self.value(i) for i in term.indices)))
        if isinstance(term, Function):
            found = self._function(term.func.__name__)(*(self.value(a) for a in term.args))
            return Fraction(found) if isinstance(found, int) else found
        raise Refused(f"cannot evaluate {term} exactly")

    def _function(self, name: str) -> Callable[..., Any]:
        if name not in self.functions:
            raise Refused(f"the witness has no function {name}")
        return self.functions[name]

    def _extreme(self, term: Any) -> Fraction:
        wanted = isinstance(term, SmallestInteger)
        at = int(self.value(term.low))
        for candidate in range(at, at + MAX_SEARCH):
            if self.at({term.variable: candidate}).holds(term.condition) == wanted:
                return Fraction(candidate if wanted else candidate - 1)
        raise Refused(f"{term} is beyond the search")

    def _fold(self, term: Any) -> Fraction:
        adds = isinstance(term, Sum)
        total = Fraction(0 if adds else 1)
        indices = [limit[0] for limit in term.limits]
        ranges = [range(int(self.value(a)), int(self.value(b)) + 1) for _, a, b in term.limits]
        for point in product(*ranges):
            value = self.at(dict(zip(indices, point, strict=True))).value(term.function)
            total = total + value if adds else total * value
        return total

    def _iterate(self, term: Iterate) -> Any:
        index, low, high = term.limits
        values = [self.value(v) for v in term.initial]
        for step in range(int(self.value(low)), int(self.value(high)) + 1):
            here = self.at({**dict(zip(term.states, values, strict=True)), index: step})
            values = [here.value(u) for u in term.updates]
        return self.at(dict(zip(term.states, values, strict=True))).value(term.output)

    def _extinction(self, term: BinomialExtinction) -> Fraction:
        index, low, high = term.limits
        mass = {int(self.value(term.start)): Fraction(1)}
        for step in range(int(self.value(low)), int(self.value(high)) + 1):
            trials = int(self.at({index: step}).value(term.trials))
            after: dict[int, Fraction] = {}
            for count, weight in mass.items():
                (variable,) = term.success.variables
                p = self.at({variable: count}).value(term.success.expr) if count else Fraction(0)
                row = [weight]
                for _ in range(trials):
                    row = [
                        (row[j] * (1 - p) if j < len(row) else Fraction(0))
                        + (row[j - 1] * p if j else Fraction(0))
                        for j in range(len(row) + 1)
                    ]
                for j, w in enumerate(row):
                    after[j] = after.get(j, Fraction(0)) + w
            mass = after
        return mass.get(0, Fraction(0))

    def holds(self, claim: Any) -> bool:
        """Truth of a relation or of a propositional combination of relations."""
        if isinstance(claim, BooleanTrue | BooleanFalse):
            return bool(claim)
        if isinstance(claim, Relational):
            return _COMPARE[claim.rel_op](self.value(claim.lhs), self.value(claim.rhs))
        if isinstance(claim, Not):
            return not self.holds(claim.args[0])
        if isinstance(claim, And):
            return all(self.holds(a) for a in claim.args)
        if isinstance(claim, Or):
            return any(self.holds(a) for a in claim.args)
        if isinstance(claim, Implies):
            return not self.holds(claim.args[0]) or self.holds(claim.args[1])
        if isinstance(claim, Equivalent):
            return len({self.holds(a) for a in claim.args}) == 1
        if isinstance(claim, Always) and all(v in self.ranges for v in claim.bound_symbols):
            here = product(*(self.ranges[v] for v in claim.bound_symbols))
            return all(
                self.at(dict(zip(claim.bound_symbols, point, strict=True))).holds(claim.body)
                for point in here
            )
        if isinstance(claim, Symbol) and claim in self.values:
            return bool(self.values[claim])
        raise Refused(f"cannot decide {claim} at a point")
