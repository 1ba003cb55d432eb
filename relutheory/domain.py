"""Domains: what each parameter of a statement may be, and one clear line when it is not.

A `Domain` turns what a user types or passes into *bindings*: a mapping from the symbols of the
statement to exact values, which is all that `relutheory.evaluate` needs.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from numbers import Integral, Rational
from typing import Any, Union

from relutheory import symbols
from relutheory.errors import DomainError
from relutheory.grammar import PiMultiple, parse, show

__all__ = [
    "Bindings",
    "BooleanSet",
    "Domain",
    "IntegerSet",
    "Parameter",
    "RealSet",
    "RepeatedWidths",
    "WidthsSet",
]

#: Exact values of the symbols of a statement.
Bindings = dict[Any, Any]

#: More layers than this are refused as a list; equal widths are not limited by it.
MAX_LIST = 10**6


@dataclass(frozen=True)
class RepeatedWidths(Sequence[int]):
    """`length` hidden layers of the same width, without storing them.

    Examples
    --------
    >>> from relutheory.domain import RepeatedWidths
    >>> w = RepeatedWidths(4, 19)
    >>> len(w), w[0], w[-1]
    (19, 4, 4)
    """

    width: int
    length: int

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return tuple([self.width] * len(range(*index.indices(self.length))))
        if not -self.length <= index < self.length:
            raise IndexError(index)
        return self.width

    def __iter__(self) -> Iterator[int]:
        return iter([self.width] * self.length)

    def __str__(self) -> str:
        return f"{self.width} ({self.length} times)"


def _item(sizes: Sequence[int], index: int) -> int:
    """Width of hidden layer ``index``, counted from one."""
    return sizes.width if isinstance(sizes, RepeatedWidths) else sizes[index - 1]


def _fail(name: str, domain: str, value: object) -> DomainError:
    text = show(value)
    return DomainError(f"{name} must be {domain}, got {text if len(text) <= 60 else text[:57] + '...'}")


def _as_exact(name: str, value: Any, domain: str) -> Any:
    """Python, NumPy or SymPy number (or its text) to int, Fraction, PiMultiple, bool, tuple or word."""
    if isinstance(value, str):
        return parse(value, name)
    if isinstance(value, bool | PiMultiple | Fraction):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, float):
        raise DomainError(
            f"{name} must be exact, got the binary float {value!r}: pass the text '{value!r}' or a Fraction"
        )
    if getattr(value, "is_Rational", False):
        return Fraction(int(value.p), int(value.q))
    if type(value).__name__ == "Decimal":
        return Fraction(value)
    if hasattr(value, "tolist"):
        return _as_exact(name, value.tolist(), domain)
    if isinstance(value, Sequence):
        return tuple(_as_exact(name, v, domain) for v in value)
    raise _fail(name, domain, value)


@dataclass(frozen=True)
class IntegerSet:
    """Integers ``low <= n <= high`` (``high`` may be open)."""

    low: int = 1
    high: int | None = None

    def describe(self) -> str:
        """Domain in words."""
        return f"an integer >= {self.low}" if self.high is None else f"an integer in {self.low}..{self.high}"

    def read(self, name: str, value: Any) -> int:
        """Check and convert one value."""
        exact = _as_exact(name, value, self.describe())
        if isinstance(exact, bool) or not isinstance(exact, int):
            raise _fail(name, self.describe(), value)
        if exact < self.low or (self.high is not None and exact > self.high):
            raise _fail(name, self.describe(), value)
        return exact


@dataclass(frozen=True)
class RealSet:
    """Rational numbers of an interval; `"("` and `")"` exclude an end."""

    low: Fraction = Fraction(0)
    high: Fraction = Fraction(1)
    ends: str = "()"

    def describe(self) -> str:
        """Domain in words."""
        return f"an exact number in {self.ends[0]}{self.low}, {self.high}{self.ends[1]}"

    def read(self, name: str, value: Any) -> Fraction:
        """Check and convert one value."""
        exact = _as_exact(name, value, self.describe())
        if isinstance(exact, bool) or not isinstance(exact, int | Fraction):
            raise _fail(name, self.describe(), value)
        number = Fraction(exact)
        above = number > self.low if self.ends[0] == "(" else number >= self.low
        below = number < self.high if self.ends[1] == ")" else number <= self.high
        if not (above and below):
            raise _fail(name, self.describe(), value)
        return number


@dataclass(frozen=True)
class BooleanSet:
    """``true`` or ``false``."""

    def describe(self) -> str:
        """Domain in words."""
        return "true or false"

    def read(self, name: str, value: Any) -> bool:
        """Check and convert one value."""
        exact = _as_exact(name, value, self.describe())
        if not isinstance(exact, bool):
            raise _fail(name, self.describe(), value)
        return exact


@dataclass(frozen=True)
class WidthsSet:
    """Hidden widths ``(N_1, ..., N_{L-1})``, each at least one; ``N, L`` repeats one width."""

    length: int | None = None

    def describe(self) -> str:
        """Domain in words."""
        count = "a non-empty list" if self.length is None else f"a list of {self.length}"
        return f"{count} of integers >= 1 such as 3,2,4 (the hidden widths N_1..N_(L-1))"

    def read(self, name: str, value: Any) -> tuple[int, ...]:
        """Check and convert one value."""
        if isinstance(value, RepeatedWidths):
            return value  # type: ignore[return-value]  # a sequence of ints like any tuple
        exact = _as_exact(name, value, self.describe())
        items = exact if isinstance(exact, tuple) else (exact,)
        good = all(isinstance(w, int) and not isinstance(w, bool) and w >= 1 for w in items)
        if not items or not good or len(items) > MAX_LIST or (self.length and len(items) != self.length):
            raise _fail(name, self.describe(), value)
        return items


ParameterSet = Union[IntegerSet, RealSet, BooleanSet, WidthsSet]  # noqa: UP007  one name for four classes


@dataclass(frozen=True)
class Parameter:
    """A named parameter: its symbol in the statement, its set, its meaning."""

    name: str
    symbol: Any
    set: ParameterSet
    doc: str
    default: str | None = None


@dataclass(frozen=True)
class Domain:
    """Parameters of a statement with their sets, common constraints and a point inside.

    Parameters
    ----------
    parameters : tuple of Parameter
        In the order in which they are printed.
    witness : mapping
        Values of the parameters for one point of the domain, which proves it non-empty.
    constraints : tuple of (sympy Boolean, str)
        Conditions that involve several parameters, each with its words.
    """

    parameters: tuple[Parameter, ...] = ()
    witness: Mapping[str, Any] = field(default_factory=dict)
    constraints: tuple[tuple[Any, str], ...] = ()

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
        words = [
            f"{q.name}: {q.set.describe()}" + (f" (default {q.default})" if q.default else "")
            for q in self.parameters
        ]
        words += [text for _, text in self.constraints]
        return "; ".join(words) if words else "no parameters"

    def read(self, values: Mapping[str, Any], where: str = "this statement") -> dict[str, Any]:
        """Check named values and convert them to exact Python values.

        Raises
        ------
        DomainError
            Names the parameter, its domain and the value.
        """
        given = self._expand_widths(dict(values), where)
        self._check_names(given, where)
        exact = {
            q.name: q.set.read(q.name, given.get(q.name, q.default))
            for q in self.parameters
            if q.name in given or q.default is not None
        }
        self._check_constraints(exact)
        return exact

    def bind(self, exact: Mapping[str, Any]) -> Bindings:
        """Bindings of the statement's symbols for values that `read` returned."""
        bindings: Bindings = {}
        for q in self.parameters:
            value = exact[q.name]
            bindings[q.symbol] = int(value) if isinstance(value, bool) else value
            if q.symbol == symbols.widths:
                # `len` cannot say more than a machine integer, depths can.
                bindings[symbols.L] = (value.length if isinstance(value, RepeatedWidths) else len(value)) + 1
        return bindings

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

    def _check_names(self, given: Mapping[str, Any], where: str) -> None:
        allowed = list(self.names)
        words = ", ".join("widths (or N and L)" if n == "widths" else n for n in allowed) or "no parameters"
        for name in given:
            if name not in allowed:
                near = difflib.get_close_matches(name, allowed, n=1)
                hint = f" (did you mean {near[0]}?)" if near else ""
                raise DomainError(f"{where} has no parameter {name}{hint}: it takes {words}")
        missing = [q.name for q in self.parameters if q.name not in given and q.default is None]
        if missing:
            raise DomainError(f"{where} needs {', '.join(missing)}: it takes {words}")

    def _check_constraints(self, exact: Mapping[str, Any]) -> None:
        for condition, words in self.constraints:
            if not self._holds(condition, exact):
                values = ", ".join(f"{k} = {show(v)}" for k, v in exact.items())
                raise DomainError(f"{values} is outside the domain: {words}")

    def _holds(self, condition: Any, exact: Mapping[str, Any]) -> bool:
        bindings = self.bind(exact)
        where = {s: v for s, v in bindings.items() if s != symbols.widths}
        sizes = bindings.get(symbols.widths, ())
        count = bindings.get(symbols.L, 1) - 1
        for item in condition.atoms(symbols.Indexed):
            index = int(item.indices[0])
            where[item] = _item(sizes, index) if index <= count else 0
        return bool(condition.subs(where))
