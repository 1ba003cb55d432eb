"""A SymPy update, unrolled once into a graph of scalar operations that any arithmetic can run.

The same graph is run in exact rationals, in balls and on NumPy arrays, and it differentiates itself, so
an orbit, its enclosure, its Jacobian and a cloud of trajectories all come from one formula.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import mul
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from relutheory.errors import DomainError
from relutheory.functions import Components

__all__ = ["Builder", "Node", "Program", "Template"]

_RELATIONS = {sp.Eq: "eq", sp.StrictLessThan: "lt", sp.LessThan: "le"}
_MIRRORED = {sp.StrictGreaterThan: "lt", sp.GreaterThan: "le"}


@dataclass(frozen=True)
class Template:
    """A function with place-holders: what an arithmetic needs to evaluate it."""

    node: Any
    places: tuple[Any, ...]


@dataclass(frozen=True)
class Node:
    """One operation; its arguments are numbers of earlier nodes."""

    kind: str
    payload: Any
    args: tuple[int, ...]
    #: Whether the value depends on the state.
    varies: bool


class Builder:
    """Builds the graph; equal operations become one node, constants are folded, zeros vanish.

    Parameters
    ----------
    bindings : mapping
        Values of the symbols that are no state.
    """

    def __init__(self, bindings: Mapping[Any, Any]) -> None:
        self.names: dict[Any, Any] = dict(bindings)
        self.nodes: list[Node] = []
        self._known: dict[tuple[str, Any, tuple[int, ...]], int] = {}
        self._slopes: dict[tuple[int, int], int] = {}
        self.zero, self.one = self.number(Fraction(0)), self.number(Fraction(1))

    def states(self, state: Any, count: int) -> None:
        """Name the inputs: a vector with ``count`` entries or several scalar symbols."""
        inputs = [_Id(self._node("input", k, ())) for k in range(count)]
        if isinstance(state, sp.IndexedBase):
            self.names[state] = Components(inputs)
        else:
            self.names.update(zip(state, inputs, strict=True))

    def number(self, value: Any) -> int:
        """Node of an exact constant."""
        return self._node("number", Fraction(value) if isinstance(value, int) else value, ())

    def expression(self, expr: Any) -> int:
        """Node of a SymPy expression."""
        if expr.is_Rational:
            return self.number(Fraction(int(expr.p), int(expr.q)))
        if expr.is_Symbol or isinstance(expr, sp.Indexed):
            return self._named(expr)
        if expr.is_Add:
            return self.total([self.expression(a) for a in expr.args])
        if expr.is_Mul:
            return self.product([self.expression(a) for a in expr.args])
        if expr.is_Pow:
            return self._power(expr)
        if isinstance(expr, sp.Sum | sp.Product):
            return self._fold(expr, len(expr.limits))
        if isinstance(expr, sp.Piecewise):
            return self._cases(expr)
        if isinstance(expr, sp.NumberSymbol):
            return self._node("constant", expr, ())
        if isinstance(expr, sp.Function):
            return self._call(expr)
        raise DomainError(f"an update cannot contain {type(expr).__name__}, got {expr}")

    def total(self, args: Sequence[int]) -> int:
        """Sum of nodes."""
        fixed = sum((self.nodes[a].payload for a in args if self._is_rational(a)), Fraction(0))
        rest = [a for a in args if not self._is_rational(a)]
        parts = [*([self.number(fixed)] if fixed or not rest else []), *rest]
        return parts[0] if len(parts) == 1 else self._node("add", None, tuple(sorted(parts)))

    def product(self, args: Sequence[int]) -> int:
        """Product of nodes."""
        fixed = reduce(mul, (self.nodes[a].payload for a in args if self._is_rational(a)), Fraction(1))
        rest = [a for a in args if not self._is_rational(a)]
        if fixed == 0:
            return self.zero
        parts = [*([self.number(fixed)] if fixed != 1 or not rest else []), *rest]
        return parts[0] if len(parts) == 1 else self._node("mul", None, tuple(sorted(parts)))

    def power(self, base: int, exponent: Fraction) -> int:
        """Rational power of a node."""
        if exponent == 0:
            return self.one
        if exponent == 1:
            return base
        if self._is_rational(base) and exponent.denominator == 1 and self.nodes[base].payload:
            return self.number(self.nodes[base].payload ** int(exponent))
        return self._node("power", exponent, (base,))

    def slope(self, node: int, position: int) -> int:
        """Derivative of a node with respect to an entry of the state."""
        key = node, position
        if key not in self._slopes:
            self._slopes[key] = self._slope(self.nodes[node], node, position)
        return self._slopes[key]

    def _slope(self, here: Node, node: int, position: int) -> int:
        if not here.varies:
            return self.zero
        if here.kind == "input":
            return self.one if here.payload == position else self.zero
        if here.kind == "add":
            return self.total([self.slope(a, position) for a in here.args])
        if here.kind == "mul":
            terms = []
            for k, a in enumerate(here.args):
                rest = [*here.args[:k], *here.args[k + 1 :]]
                terms.append(self.product([self.slope(a, position), *rest]))
            return self.total(terms)
        if here.kind == "choose":
            *conditions, last = here.args
            slopes = [self.slope(v, position) for v in (*conditions[1::2], last)]
            pairs = zip(conditions[::2], slopes, strict=False)
            return self._node("choose", None, (*(x for pair in pairs for x in pair), slopes[-1]))
        inner = [self.slope(a, position) for a in here.args]
        if all(s == self.zero for s in inner):
            return self.zero
        if here.kind == "power":
            lower = self.power(here.args[0], here.payload - 1)
            return self.product([self.number(here.payload), lower, inner[0]])
        if here.kind == "call":
            return self._chain(here, inner)
        raise DomainError(f"no derivative is known for node {node} of kind {here.kind}")

    def _chain(self, here: Node, inner: Sequence[int]) -> int:
        template: Template = here.payload
        if isinstance(template.node, sp.Abs):
            return self.product([self._node("sign", None, here.args), inner[0]])
        places = {p: _Id(a) for p, a in zip(template.places, here.args, strict=True)}
        terms = []
        for place, slope in zip(template.places, inner, strict=True):
            if slope != self.zero:
                outer = template.node.fdiff(template.node.args.index(place) + 1)
                terms.append(self.product([self._with(places, outer), slope]))
        return self.total(terms)

    def _with(self, names: Mapping[Any, Any], expr: Any) -> int:
        """Node of an expression with further names."""
        before = self.names
        self.names = before | dict(names)
        try:
            return self.expression(expr)
        finally:
            self.names = before

    def define(self, name: Any, expr: Any, index: Any, count: int) -> None:
        """Give a name to an expression, or to the vector of its values at ``index = 0..count-1``."""
        if isinstance(name, sp.IndexedBase):
            found: Any = Components(_Id(self._with({index: p}, expr)) for p in range(count))
        else:
            found = _Id(self.expression(expr))
        self.names[name] = found

    def entries(self, update: Any, index: Any, count: int) -> list[int]:
        """Nodes of an entry at ``index = 0..count-1``."""
        return [self._with({index: p}, update) for p in range(count)]

    def finished(self, outputs: Sequence[int]) -> Program:
        """The graph with its outputs and their Jacobian."""
        inputs = sum(node.kind == "input" for node in self.nodes)
        try:
            slopes = tuple(self.slope(o, j) for o in outputs for j in range(inputs))
        except DomainError:
            slopes = ()
        return Program(tuple(self.nodes), tuple(outputs), slopes)

    def _node(self, kind: str, payload: Any, args: tuple[int, ...]) -> int:
        key = kind, payload, args
        if key not in self._known:
            self._known[key] = len(self.nodes)
            varies = kind == "input" or any(self.nodes[a].varies for a in args)
            self.nodes.append(Node(kind, payload, args, varies))
        return self._known[key]

    def _is_rational(self, node: int) -> bool:
        here = self.nodes[node]
        return here.kind == "number" and isinstance(here.payload, Fraction)

    def _named(self, expr: Any) -> int:
        base = expr.base if isinstance(expr, sp.Indexed) else expr
        if base not in self.names:
            raise DomainError(f"the symbol {base} of the update has no value")
        value = self.names[base]
        if isinstance(expr, sp.Indexed):
            value = value.entry(*(self._integer(i) for i in expr.indices))
        if isinstance(value, _Id):
            return int(value)
        return self.expression(value) if isinstance(value, sp.Basic) else self.number(value)

    def _integer(self, expr: Any) -> int:
        where = {s: self.names[s] for s in expr.free_symbols if type(self.names.get(s)) is int}
        found = expr.subs(where)
        if not found.is_Integer:
            raise DomainError(f"an index of the update must be an integer, got {expr}")
        return int(found)

    def _power(self, expr: Any) -> int:
        base, exponent = self.expression(expr.base), self.expression(expr.exp)
        if self._is_rational(exponent):
            return self.power(base, self.nodes[exponent].payload)
        raise DomainError(f"a power of the update must have a rational exponent, got {expr}")

    def _fold(self, expr: Any, depth: int) -> int:
        index, low, high = expr.limits[depth - 1]
        before, parts = self.names, []
        for position in range(self._integer(low), self._integer(high) + 1):
            self.names = before | {index: position}
            parts.append(self.expression(expr.function) if depth == 1 else self._fold(expr, depth - 1))
        self.names = before
        return self.product(parts) if isinstance(expr, sp.Product) else self.total(parts)

    def _cases(self, expr: Any) -> int:
        args: list[int] = []
        for value, condition in expr.args:
            truth = self._condition(condition)
            known = self.nodes[truth]
            if known.kind == "truth" and not known.payload:
                continue
            if known.kind == "truth":
                args.append(self.expression(value))
                break
            args += [truth, self.expression(value)]
        if not len(args) % 2:
            args.append(self._node("undefined", str(expr)[:60], ()))
        return args[0] if len(args) == 1 else self._node("choose", None, tuple(args))

    def _condition(self, condition: Any) -> int:
        if condition in (sp.true, sp.false):
            return self._node("truth", condition is sp.true, ())
        if isinstance(condition, sp.And | sp.Or):
            kind = "and" if isinstance(condition, sp.And) else "or"
            parts = sorted({self._condition(a) for a in condition.args})
            fixed = {self.nodes[p].payload for p in parts if self.nodes[p].kind == "truth"}
            if (kind == "or") in fixed:
                return self._node("truth", kind == "or", ())
            parts = [p for p in parts if self.nodes[p].kind != "truth"]
            if len(parts) < 2:
                return parts[0] if parts else self._node("truth", kind == "and", ())
            return self._node(kind, None, tuple(parts))
        if isinstance(condition, sp.Not | sp.Ne):
            inner = condition.args[0] if isinstance(condition, sp.Not) else sp.Eq(*condition.args)
            part = self._condition(inner)
            if self.nodes[part].kind == "truth":
                return self._node("truth", not self.nodes[part].payload, ())
            return self._node("not", None, (part,))
        if not isinstance(condition, Relational):
            raise DomainError(f"a case of the update must be a comparison, got {condition}")
        kind = _RELATIONS.get(type(condition)) or _MIRRORED[type(condition)]
        sides = (condition.lhs, condition.rhs) if type(condition) in _RELATIONS else condition.args[::-1]
        left, right = (self.expression(s) for s in sides)
        if self._is_rational(left) and self._is_rational(right):
            one, two = self.nodes[left].payload, self.nodes[right].payload
            return self._node("truth", {"eq": one == two, "lt": one < two, "le": one <= two}[kind], ())
        return self._node(kind, None, (left, right))

    def _call(self, expr: Any) -> int:
        places, shown, args = [], [], []
        for position, a in enumerate(expr.args):
            node = self.expression(a)
            here = self.nodes[node]
            if self._is_rational(node) and here.payload.denominator == 1 and len(expr.args) > 1:
                # The order of a moment, not a number to calculate with.
                shown.append(sp.Integer(int(here.payload)))
                continue
            # Always the same place-holders, so that equal functions are one node.
            place = sp.Symbol(f"_{position}", real=True)
            places.append(place)
            shown.append(place)
            args.append(node)
        return self._node("call", Template(type(expr)(*shown), tuple(places)), tuple(args))


class _Id(int):
    """Number of a node, to tell it from an integer value."""


@dataclass(frozen=True)
class Program:
    """A finished graph with its outputs and their Jacobian by rows, empty where a derivative is unknown."""

    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]
    jacobian: tuple[int, ...]
