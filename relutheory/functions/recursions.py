"""Nodes of vector recursions: entries and functions of an orbit."""

from __future__ import annotations

from typing import Any

from sympy import Basic, Expr, IndexedBase, Symbol, Tuple, sympify

__all__ = ["Orbit"]


class Orbit(Expr):
    r"""Value of ``output`` after ``steps`` applications of a map to a vector.

    The vector starts at what ``state`` is bound to; in each step all entries are replaced
    *simultaneously*: entry ``index`` becomes ``update``.

    Parameters
    ----------
    output : Expr
        Expression in the entries of the state and in the defined quantities.
    state : IndexedBase
        The vector, entries counted from 0; its starting value comes from the bindings.
    update : Expr
        Entry ``index`` of the next state.
    index : Symbol
        Bound index of the entries.
    count : Expr
        Number of entries.
    definitions : sequence of (Symbol, Expr) or (IndexedBase, Expr)
        Quantities that ``update`` and ``output`` use, found anew from each state, in this order; a vector
        is defined by its entry ``index``. At the start the bindings are used instead.
    steps : Expr
        Number of steps, >= 0.

    Examples
    --------
    >>> from sympy import IndexedBase, Rational, Symbol
    >>> from relutheory.evaluate import enclose
    >>> from relutheory.functions import Components, Orbit
    >>> v, p = IndexedBase("v"), Symbol("p", integer=True)
    >>> halved = Orbit(v[1], v, v[p] / 2, p, 2, (), 3)
    >>> enclose(halved, {v: Components((1, 8))}).exact
    Fraction(1, 1)
    """

    is_commutative = True
    is_real = True

    def __new__(
        cls,
        output: Any,
        state: IndexedBase,
        update: Any,
        index: Symbol,
        count: Any,
        definitions: Any,
        steps: Any,
    ) -> Orbit:
        """Store the arguments unevaluated."""
        pairs = Tuple(*(Tuple(name, sympify(value)) for name, value in definitions))
        obj: Orbit = Expr.__new__(
            cls, sympify(output), state, sympify(update), index, sympify(count), pairs, sympify(steps)
        )
        return obj

    @property
    def output(self) -> Expr:
        """Expression in the state that is returned."""
        return self.args[0]

    @property
    def state(self) -> IndexedBase:
        """The vector."""
        return self.args[1]

    @property
    def update(self) -> Expr:
        """Entry of the next state."""
        return self.args[2]

    @property
    def index(self) -> Symbol:
        """Bound index."""
        return self.args[3]

    @property
    def count(self) -> Expr:
        """Number of entries."""
        return self.args[4]

    @property
    def definitions(self) -> tuple[tuple[Any, Expr], ...]:
        """Quantities that are found anew from each state."""
        return tuple((name, value) for name, value in self.args[5])

    @property
    def steps(self) -> Expr:
        """Number of steps."""
        return self.args[6]

    @property
    def free_symbols(self) -> set[Basic]:
        """Symbols that a value is needed for."""
        found: set[Basic] = set().union(*(a.free_symbols for a in self.args if a != self.index))
        return found - {self.index}

    def _latex(self, printer: Any) -> str:
        letter, step = printer._print(self.output), printer._print(self.steps)
        return rf"\left.{letter}\right|_{{\text{{after }} {step} \text{{ steps}}}}"

    def _sympystr(self, printer: Any) -> str:
        shown = (printer._print(a) for a in (self.output, self.update, self.steps))
        return f"Orbit({', '.join(shown)})"
