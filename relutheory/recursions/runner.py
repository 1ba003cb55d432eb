"""Runs the graph of a recursion in an arithmetic: exact rationals, balls, or arrays."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from operator import add, mul
from typing import Any, Protocol

from flint import arb

from relutheory.errors import DomainError
from relutheory.evaluate.arithmetic import Balls, NotExact, Rationals, Undecided
from relutheory.evaluate.tree import Tree
from relutheory.recursions.graph import Node, Program, Template

__all__ = ["Arithmetic", "Runner", "Scalars"]


class Arithmetic(Protocol):
    """Operations that a graph needs beside ``+`` and ``*``."""

    def number(self, value: Any) -> Any:
        """Exact constant."""

    def constant(self, node: Any) -> Any:
        """Irrational constant of SymPy."""

    def power(self, base: Any, exponent: Fraction) -> Any:
        """Rational power."""

    def call(self, template: Template, values: list[Any]) -> Any:
        """Function of the field or elementary function."""

    def sign(self, value: Any) -> Any:
        """Slope of the absolute value."""

    def compare(self, kind: str, left: Any, right: Any) -> Any:
        """``eq``, ``lt`` or ``le``."""

    def choose(self, runner: Runner, node: Node) -> Any:
        """Value of a case distinction."""


class Scalars:
    """Exact rationals or balls, in the form that a graph needs.

    Parameters
    ----------
    arithmetic : Rationals or Balls
        Numbers to calculate with.
    unite : bool
        Where balls cannot decide between cases, unite the values of all that may hold. That encloses
        values; derivatives need a decision.
    """

    def __init__(self, arithmetic: Rationals | Balls, *, unite: bool = False) -> None:
        self.arithmetic = arithmetic
        self.unite = unite

    def number(self, value: Any) -> Any:
        """Exact constant."""
        return self.arithmetic.number(value)

    def constant(self, node: Any) -> Any:
        """Irrational constant."""
        return self.arithmetic.constant(node)

    def power(self, base: Any, exponent: Fraction) -> Any:
        """Rational power."""
        return self.arithmetic.power(base, self.arithmetic.number(exponent))

    def call(self, template: Template, values: list[Any]) -> Any:
        """Function of the field, by the evaluator of statements."""
        bindings = dict(zip(template.places, values, strict=True))
        tree = Tree(self.arithmetic, bindings)
        found = tree.value(template.node)
        if tree.validated:
            raise DomainError(
                f"an orbit cannot be certified with {type(template.node).__name__}, which is not"
            )
        return found

    def sign(self, value: Any) -> Any:
        """Sign; on a ball around 0 everything between the one-sided slopes."""
        if value > 0:
            return self.arithmetic.number(1)
        if value < 0:
            return self.arithmetic.number(-1)
        if isinstance(self.arithmetic, Rationals):
            raise NotExact
        return arb(-1).union(arb(1))

    def compare(self, kind: str, left: Any, right: Any) -> bool:
        """Comparison, undecided where balls overlap."""
        if kind == "eq":
            return self.arithmetic.equal(left, right)
        if kind == "lt":
            return self.arithmetic.less(left, right)
        return not self.arithmetic.less(right, left)

    def choose(self, runner: Runner, node: Node) -> Any:
        """Value of the first case that holds, or the union of those that may."""
        possible: list[Any] = []
        for k in range(0, len(node.args) - 1, 2):
            try:
                holds = runner.value(node.args[k])
            except Undecided:
                if not self.unite:
                    raise
                possible.append(runner.value(node.args[k + 1]))
                continue
            if holds:
                return reduce(arb.union, possible, runner.value(node.args[k + 1]))
        return reduce(arb.union, possible, runner.value(node.args[-1]))


class Runner:
    """Runs a program in one arithmetic; what does not depend on the state is calculated once.

    Parameters
    ----------
    program : Program
        Graph.
    arithmetic : Arithmetic
        Numbers to calculate with (balls: at one precision).
    """

    def __init__(self, program: Program, arithmetic: Arithmetic) -> None:
        self.program = program
        self.arithmetic = arithmetic
        self._fixed: dict[int, Any] = {}
        self._now: dict[int, Any] = {}
        self._state: Sequence[Any] = ()

    def __call__(self, state: Sequence[Any], outputs: Sequence[int] | None = None) -> list[Any]:
        """Values of the outputs at a state."""
        self._state, self._now = state, {}
        found = [self.value(k) for k in (self.program.outputs if outputs is None else outputs)]
        self._now = {}
        return found

    def value(self, number: int) -> Any:
        """Value of one node at the present state."""
        node = self.program.nodes[number]
        known = self._now if node.varies else self._fixed
        if number not in known:
            known[number] = self._found(node)
        return known[number]

    def _found(self, node: Node) -> Any:
        kind, numbers = node.kind, self.arithmetic
        if kind == "input":
            return self._state[node.payload]
        if kind == "number":
            return numbers.number(node.payload)
        if kind == "constant":
            return numbers.constant(node.payload)
        if kind == "choose":
            return numbers.choose(self, node)
        if kind == "truth":
            return node.payload
        if kind == "undefined":
            raise DomainError(f"no case of {node.payload} holds at this state")
        values = [self.value(a) for a in node.args]
        if kind == "add":
            return reduce(add, values)
        if kind == "mul":
            return reduce(mul, values)
        if kind == "power":
            return numbers.power(values[0], node.payload)
        if kind == "call":
            return numbers.call(node.payload, values)
        if kind == "sign":
            return numbers.sign(values[0])
        if kind in ("and", "or"):
            return reduce((lambda p, q: p & q) if kind == "and" else (lambda p, q: p | q), values)
        if kind == "not":
            return ~values[0] if hasattr(values[0], "shape") else not values[0]
        return numbers.compare(kind, *values)
