"""Domains: what each parameter of a statement may be, and one clear line when it is not.

A `Domain` turns what a user types or passes into *bindings*: a mapping from the symbols of the
statement to exact values, which is all that `relutheory.evaluate` needs.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from relutheory import symbols
from relutheory.errors import DomainError
from relutheory.functions.components import Components
from relutheory.grammar import show
from relutheory.sets import (
    BooleanSet,
    IntegerSet,
    MatrixSet,
    ParameterSet,
    RealSet,
    RepeatedWidths,
    RowsSet,
    VectorSet,
    WidthsSet,
    WordSet,
)

__all__ = [
    "Bindings",
    "BooleanSet",
    "Domain",
    "IntegerSet",
    "MatrixSet",
    "Parameter",
    "RealSet",
    "RepeatedWidths",
    "RowsSet",
    "VectorSet",
    "WidthsSet",
    "WordSet",
]

#: Exact values of the symbols of a statement.
Bindings = dict[Any, Any]


@dataclass(frozen=True)
class Parameter:
    """A named parameter: its symbol in the statement, its set, its meaning.

    Parameters
    ----------
    name, symbol, set, doc
        As above.
    default : str, optional
        Text of the default value.
    value : sympy Expr, optional
        The default where it cannot be typed.
    only : (str, tuple of str), optional
        Exists only where another parameter is one of these words.
    filled : bool
        The default depends on other parameters; `Domain.complete` fills it in.
    """

    name: str
    symbol: Any
    set: ParameterSet
    doc: str
    default: str | None = None
    value: Any = None
    only: tuple[str, tuple[str, ...]] | None = None
    filled: bool = False

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is None and self.value is None

    def exists(self, exact: Mapping[str, Any]) -> bool:
        """Whether the parameter exists besides the values read so far."""
        return self.only is None or exact.get(self.only[0]) in self.only[1]

    def describe(self) -> str:
        """Name, set and default in words."""
        note = f" (default {self.default})" if self.default else ""
        where = f" for {self.only[0]} = {' or '.join(self.only[1])}" if self.only else ""
        return f"{self.name}: {self.set.describe()}{where}{note}"


@dataclass(frozen=True)
class Domain:
    """Parameters of a statement with their sets, common constraints and a point inside.

    Parameters
    ----------
    parameters : tuple of Parameter
        In the order in which they are printed.
    witness : mapping
        Values of the parameters for one point of the domain, which proves it non-empty.
    constraints : tuple of (sympy Boolean or callable, str)
        Conditions that involve several parameters, each with its words; a callable takes the exact values.
    forms : tuple of tuple of str
        Names of the parameters that go together, where a statement can be evaluated in several ways.
    complete : callable, optional
        Fills in defaults that depend on other parameters and checks that shapes fit.
    derive : callable, optional
        Bindings of further symbols of the statement, from the exact values.
    """

    parameters: tuple[Parameter, ...] = ()
    witness: Mapping[str, Any] = field(default_factory=dict)
    constraints: tuple[tuple[Any, str], ...] = ()
    forms: tuple[tuple[str, ...], ...] = ()
    complete: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    derive: Callable[[Mapping[str, Any]], Bindings] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(q.name for q in self.parameters)

    @property
    def has_widths(self) -> bool:
        """Whether ``N, L`` is a shorthand for ``widths``."""
        return "widths" in self.names

    def describe(self) -> str:
        """One line with every parameter and its set."""
        words = [q.describe() for q in self.parameters]
        words += [text for _, text in self.constraints]
        if self.forms:
            words.append("either " + " or ".join(", ".join(form) for form in self.forms))
        return "; ".join(words) if words else "no parameters"

    def read(self, values: Mapping[str, Any], where: str = "this statement") -> dict[str, Any]:
        """Check named values and convert them to exact Python values.

        Raises
        ------
        DomainError
            Names the parameter, its domain and the value.
        """
        given = self._expand_widths(dict(values), where)
        exact: dict[str, Any] = {}
        for q in self._expected(given, where):
            if not q.exists(exact):
                if q.name in given:
                    assert q.only is not None
                    chosen = exact.get(q.only[0])
                    raise DomainError(
                        f"{q.name} is a parameter of {q.only[0]} = {' or '.join(q.only[1])}, not of {chosen}"
                    )
            elif q.name in given:
                exact[q.name] = q.set.read(q.name, given[q.name])
            elif q.value is not None:
                exact[q.name] = q.value
            elif q.default is not None and not q.filled:
                exact[q.name] = q.set.read(q.name, q.default)
            elif not q.filled:
                raise DomainError(f"{where} needs {q.name}: {q.describe()}")
        if self.complete is not None:
            exact = self.complete(exact)
        self._check_constraints(exact)
        return exact

    def bind(self, exact: Mapping[str, Any]) -> Bindings:
        """Bindings of the statement's symbols for values that `read` returned."""
        bindings: Bindings = {}
        for q in self.parameters:
            if q.name not in exact:
                continue
            value = exact[q.name]
            bindings[q.symbol] = int(value) if isinstance(value, bool) else value
            if isinstance(q.set, VectorSet | MatrixSet | RowsSet):
                bindings[q.symbol] = Components(value)
            if q.symbol == symbols.widths:
                # `len` cannot say more than a machine integer, depths can.
                bindings[symbols.L] = (value.length if isinstance(value, RepeatedWidths) else len(value)) + 1
        return bindings | (self.derive(exact) if self.derive else {})

    def _expand_widths(self, given: dict[str, Any], where: str) -> dict[str, Any]:
        if not self.has_widths or not ({"N", "L"} & set(given)):
            return given
        if "widths" in given:
            raise DomainError(f"{where} takes either widths or N and L, got both")
        missing = {"N", "L"} - set(given)
        if missing:
            raise DomainError(f"{where} needs N and L together (or widths), missing {missing.pop()}")
        width = IntegerSet(1).read("N", given.pop("N"))
        depth = IntegerSet(2).read("L", given.pop("L"))
        return given | {"widths": RepeatedWidths(width, depth - 1)}

    def _expected(self, given: Mapping[str, Any], where: str) -> tuple[Parameter, ...]:
        """Parameters of the form that was chosen, all required ones given."""
        allowed = list(self.names)
        words = ", ".join("widths (or N and L)" if n == "widths" else n for n in allowed) or "no parameters"
        for name in given:
            if name not in allowed:
                near = difflib.get_close_matches(name, allowed, n=1)
                hint = f" (did you mean {near[0]}?)" if near else ""
                raise DomainError(f"{where} has no parameter {name}{hint}: it takes {words}")
        forms = [self._named(form) for form in self.forms] or [self.parameters]
        fitting = [form for form in forms if set(given) <= {q.name for q in form}]
        if not fitting:
            either = " or ".join(", ".join(form) for form in self.forms)
            raise DomainError(f"{where} takes either {either}; got {', '.join(given)}")
        lacking: list[str] = []
        for form in fitting:
            missing = [q.name for q in form if q.name not in given and q.required and q.only is None]
            if not missing:
                return form
            lacking.append(", ".join(missing))
        raise DomainError(f"{where} needs {' or '.join(dict.fromkeys(lacking))}: it takes {words}")

    def _named(self, names: Sequence[str]) -> tuple[Parameter, ...]:
        return tuple(q for q in self.parameters if q.name in names)

    def _check_constraints(self, exact: Mapping[str, Any]) -> None:
        for condition, words in self.constraints:
            if not (condition(exact) if callable(condition) else self.holds(condition, exact)):
                values = ", ".join(f"{k} = {show(v)}" for k, v in exact.items())
                raise DomainError(f"{values} is outside the domain: {words}")

    def holds(self, condition: Any, exact: Mapping[str, Any]) -> bool:
        """Truth value of a condition at a point."""
        bindings = self.bind(exact)
        where = {
            s: v.sympy() if hasattr(v, "sympy") else v
            for s, v in bindings.items()
            if s != symbols.widths and not isinstance(v, Components | str)
        }
        sizes = bindings.get(symbols.widths, ())
        count = bindings.get(symbols.L, 1) - 1
        for item in condition.atoms(symbols.Indexed):
            index = int(item.indices[0])
            where[item] = _item(sizes, index) if index <= count else 0
        return bool(condition.subs(where))


def _item(sizes: Sequence[int], index: int) -> int:
    """Width of hidden layer ``index``, counted from one."""
    return sizes.width if isinstance(sizes, RepeatedWidths) else sizes[index - 1]
