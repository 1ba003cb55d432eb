"""Terms that only derivations use: means over a sample and suprema over states.

Both are binders; the kernel knows nothing about them but the two rules `Mean` and `Supremum`.
"""

from __future__ import annotations

from typing import Any

from sympy import Basic, Expr, Symbol, sympify
from sympy.logic.boolalg import Boolean

__all__ = ["Always", "Expect", "Sup"]


class _Over(Expr):  # type: ignore[misc]  # SymPy has no types
    """An operator that binds one symbol."""

    is_commutative = True
    is_real = True

    def __new__(cls, body: Any, variable: Symbol) -> _Over:
        obj: _Over = Expr.__new__(cls, sympify(body), variable)
        return obj

    @property
    def body(self) -> Expr:
        """What is averaged or maximised."""
        return self.args[0]

    @property
    def variable(self) -> Symbol:
        """Bound symbol."""
        return self.args[1]

    @property
    def bound_symbols(self) -> list[Symbol]:
        """Bound symbol."""
        return [self.variable]

    @property
    def free_symbols(self) -> set[Basic]:
        """Symbols of the body without the bound one."""
        return set(self.body.free_symbols - {self.variable})

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__}({printer._print(self.body)}, {printer._print(self.variable)})"


class Expect(_Over):
    """Mean of ``body`` over the random sample ``variable``.

    Examples
    --------
    >>> from sympy import symbols
    >>> from proofs.nodes import Expect
    >>> x, w = symbols("x w")
    >>> Expect(x * w, w).free_symbols
    {x}
    """

    def _latex(self, printer: Any) -> str:
        return (
            rf"\operatorname{{E}}_{{{printer._print(self.variable)}}}\left[{printer._print(self.body)}\right]"
        )


class Sup(_Over):
    """Supremum of ``body`` over the non-empty set of states ``variable``."""

    def _latex(self, printer: Any) -> str:
        return rf"\sup_{{{printer._print(self.variable)}}} {printer._print(self.body)}"


class Always(Boolean):  # type: ignore[misc]  # SymPy has no types
    """A property for all values of some symbols; the rule `Generalise` proves it, `Specialise` uses it."""

    def __new__(cls, body: Any, *variables: Symbol) -> Always:
        """Property and the symbols that run through all values."""
        obj: Always = Boolean.__new__(cls, body, *variables)
        return obj

    @property
    def body(self) -> Any:
        """What holds for all values."""
        return self.args[0]

    @property
    def bound_symbols(self) -> list[Symbol]:
        """Symbols that run through all values."""
        return list(self.args[1:])

    @property
    def free_symbols(self) -> set[Basic]:
        """Symbols of the body without the bound ones."""
        return set(self.body.free_symbols - set(self.bound_symbols))

    def _sympystr(self, printer: Any) -> str:
        names = ", ".join(s.name for s in self.bound_symbols)
        return f"(for all {names}: {printer._print(self.body)})"

    def _latex(self, printer: Any) -> str:
        names = ", ".join(printer._print(s) for s in self.bound_symbols)
        return rf"\forall {names}:\ {printer._print(self.body)}"
