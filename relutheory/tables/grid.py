"""The grid of a table: axes, points, and columns of certified values over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

from relutheory import symbols
from relutheory.certificate import Values
from relutheory.domain import IntegerSet, Parameter, RepeatedWidths, WidthsSet
from relutheory.errors import DomainError
from relutheory.evaluate import Row, sweep
from relutheory.grammar import parse, show
from relutheory.tables.cells import Outside
from relutheory.theorems import Theorem

__all__ = ["Axes", "ValueColumn", "parse_axis", "value_columns"]

#: Runs of consecutive integers at least this long are evaluated by recurrence.
SWEEP_FROM = 12
#: Parameters whose values are lists; the values of such an axis are separated by ``;``.
VECTORS = frozenset({"widths", "theta", "theta1", "theta2", "m", "gammas"})
_DEPTH = Parameter("L", symbols.L, IntegerSet(2), "number of affine maps")


def parse_axis(name: str, text: str) -> list[Any]:
    """Values of an axis from the text after ``name=``.

    ``2,3,5`` is three values, ``2..100`` a range, ``3,2;5,5`` two vectors of ``widths``.

    Examples
    --------
    >>> from relutheory.tables import parse_axis
    >>> parse_axis("N", "2,3,5"), parse_axis("L", "2..5"), parse_axis("widths", "3,2;5,5")
    ([2, 3, 5], [2, 3, 4, 5], [(3, 2), (5, 5)])
    """
    first, dots, last = text.partition("..")
    if dots:
        low, high = parse(first, name), parse(last, name)
        good = all(isinstance(v, int) and not isinstance(v, bool) for v in (low, high))
        if not good or not low <= high < low + 10**6:
            raise DomainError(f"{name} = {text!r} is not a range: use integers a..b with a <= b")
        return list(range(low, high + 1))
    value = parse(text, name)
    if name in VECTORS:
        rows = value if isinstance(value, tuple) and isinstance(value[0], tuple) else (value,)
        return [row if isinstance(row, tuple) else (row,) for row in rows]
    return list(value) if isinstance(value, tuple) else [value]


@dataclass(frozen=True)
class Axes(Sequence[dict[str, Any]]):
    """Product of named axes; the last one runs fastest."""

    values: Mapping[str, tuple[Any, ...]]

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Axes:
        """Axes from what a user passes: single values, sequences, or texts of our grammar."""
        return cls({name: tuple(_axis_values(name, value)) for name, value in given.items()})

    @property
    def names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(self.values)

    @cached_property
    def points(self) -> list[tuple[Any, ...]]:
        """All points in the order of the rows."""
        return list(product(*self.values.values()))

    def __len__(self) -> int:
        return len(self.points)

    def __getitem__(self, position: Any) -> Any:
        return dict(zip(self.names, self.points[position], strict=True))

    def run_of(self, name: str) -> tuple[int, int] | None:
        """First and last value of an axis that runs over enough consecutive integers."""
        axis = self.values.get(name, ())
        if len(axis) < SWEEP_FROM or not all(isinstance(v, int) and not isinstance(v, bool) for v in axis):
            return None
        return (axis[0], axis[-1]) if list(axis) == list(range(axis[0], axis[0] + len(axis))) else None


def _axis_values(name: str, value: Any) -> Iterable[Any]:
    if isinstance(value, str):
        return parse_axis(name, value)
    if isinstance(value, RepeatedWidths) or not isinstance(value, Iterable):
        return [value]
    items = list(value.tolist() if hasattr(value, "tolist") else value)
    if not items:
        raise DomainError(f"{name} has no values: give at least one, such as {name}=[3]")
    if name in VECTORS and not any(isinstance(v, str | Iterable) for v in items):
        return [tuple(items)]
    if name in VECTORS:
        return [parse(v, name) if isinstance(v, str) else tuple(v) for v in items]
    return [parse(v, name) if isinstance(v, str) else v for v in items]


@dataclass(frozen=True)
class ValueColumn(Sequence[Any]):
    """Values of one result of a statement over the grid, computed when they are read.

    Cells are `Enclosure` objects, or `Outside` where the point is not in the domain.
    """

    theorem: Theorem
    result: str
    axes: Axes
    digits: int
    shared: dict[Any, Any] = field(repr=False)

    def __len__(self) -> int:
        return len(self.axes)

    def __getitem__(self, position: Any) -> Any:
        if isinstance(position, slice):
            return [self[i] for i in range(*position.indices(len(self)))]
        found = self._values(self.axes[position])
        if isinstance(found, Outside):
            return found
        missing = Outside(f"{self.theorem.id} has no result {self.result} at this point")
        return found.get(self.result, missing)

    @property
    def used(self) -> tuple[str, ...]:
        """Axes that the statement takes."""
        return tuple(name for name in self.axes.names if name in _accepted(self.theorem))

    def outside(self, position: int) -> Outside | None:
        """Why a cell has no value, without computing it."""
        point = {name: value for name, value in self.axes[position].items() if name in self.used}
        key = ("outside", *(_key(v) for v in point.values()))
        if key not in self.shared:
            try:
                self.theorem.read(**point)
                self.shared[key] = None
            except DomainError as error:
                self.shared[key] = Outside(str(error))
        found: Outside | None = self.shared[key]
        return found

    def _values(self, point: Mapping[str, Any]) -> Any:
        mine = {name: value for name, value in point.items() if name in self.used}
        key = tuple(_key(v) for v in mine.values())
        if key not in self.shared:
            try:
                value = self.theorem.evaluate(digits=self.digits, **mine)
                self.shared[key] = value if isinstance(value, Values) else {"value": value}
            except DomainError as error:
                self.shared[key] = Outside(str(error))
        return self.shared[key]


@dataclass(frozen=True)
class SweptColumn(ValueColumn):
    """The same, with one row of balls for each value of the other axes."""

    along: str = "L"
    first: int = 2
    rows: Mapping[Any, Row | Outside] = field(default_factory=dict, repr=False)

    def __getitem__(self, position: Any) -> Any:
        if isinstance(position, slice):
            return [self[i] for i in range(*position.indices(len(self)))]
        row = self._row(position)
        offset = self.axes[position][self.along] - self.first
        if isinstance(row, Row) and 0 <= offset < len(row):
            return row[offset]
        return self.outside(position)

    def outside(self, position: int) -> Outside | None:
        """Why a cell has no value, without computing it."""
        row = self._row(position)
        inside = isinstance(row, Row) and 0 <= self.axes[position][self.along] - self.first < len(row)
        return None if inside else super().outside(position)

    def _row(self, position: int) -> Row | Outside:
        point = self.axes[position]
        return self.rows[tuple(_key(point[name]) for name in self.used if name != self.along)]


def value_columns(theorems: Sequence[Theorem], axes: Axes, digits: int) -> list[ValueColumn]:
    """One column for each result of each statement.

    Raises
    ------
    DomainError
        An axis fits no statement, a statement lacks a parameter, or no cell lies inside any domain.
    """
    _check_axes(theorems, axes)
    columns: list[ValueColumn] = []
    for theorem in theorems:
        shared: dict[Any, Any] = {}
        names = theorem.results if not theorem.families and not theorem.when else _names(theorem, axes)
        columns += [_column(theorem, result, axes, digits, shared) for result in names]
    reasons = []
    for column in columns:
        for position in range(len(axes)):
            reason = column.outside(position)
            if reason is None:
                return columns
            reasons.append(reason.reason)
    raise DomainError(reasons[0])


def _names(theorem: Theorem, axes: Axes) -> list[str]:
    """Names of all results at the points of the grid, in the order in which they first occur."""
    found: dict[str, None] = {}
    for point in axes:
        mine = {name: value for name, value in point.items() if name in _accepted(theorem)}
        try:
            found |= dict.fromkeys(theorem.results_at(theorem.read(**mine)))
        except DomainError:
            continue
    return list(found) or list(theorem.results)


def _accepted(theorem: Theorem) -> tuple[str, ...]:
    return (*theorem.domain.names, "N", "L") if theorem.domain.has_widths else theorem.domain.names


def _check_axes(theorems: Sequence[Theorem], axes: Axes) -> None:
    for theorem in theorems:
        theorem.require_value()
    for name in axes.names:
        if not any(name in _accepted(t) for t in theorems):
            # Every statement refuses the axis; the first one says so, with its nearest name.
            theorems[0].read(**{name: axes.values[name][0]})
    for theorem in theorems:
        given = {n: axes.values[n][0] for n in axes.names if n in _accepted(theorem)}
        needed = [
            q.name
            for q in theorem.domain.parameters
            if q.required and not theorem.domain.forms and not q.only
        ]
        replaced = {"N", "L"} & set(given) if theorem.domain.has_widths else set()
        if replaced and ("widths" in given or len(replaced) == 1):
            theorem.read(**given)
        if any(n not in given and not (n == "widths" and replaced) for n in needed):
            theorem.read(**given)


def _column(theorem: Theorem, result: str, axes: Axes, digits: int, shared: dict[Any, Any]) -> ValueColumn:
    for along in _candidates(theorem, axes):
        try:
            return _swept_column(theorem, result, axes, digits, shared, along)
        except TypeError:
            # The expression has no recurrence along this index.
            continue
    return ValueColumn(theorem, result, axes, digits, shared)


def _candidates(theorem: Theorem, axes: Axes) -> list[Parameter]:
    """Integer parameters along which all between two points of the domain lies inside it, longest first."""
    if theorem.domain.constraints:
        return []
    found = [q for q in theorem.domain.parameters if isinstance(q.set, IntegerSet)]
    if theorem.domain.has_widths and {"N", "L"} <= set(axes.names):
        found.append(_DEPTH)
    return sorted((q for q in found if axes.run_of(q.name)), key=lambda q: -len(axes.values[q.name]))


def _swept_column(
    theorem: Theorem, result: str, axes: Axes, digits: int, shared: dict[Any, Any], along: Parameter
) -> ValueColumn:
    first, last = axes.run_of(along.name) or (0, -1)
    assert isinstance(along.set, IntegerSet)
    low = max(first, along.set.low)
    high = last if along.set.high is None else min(last, along.set.high)
    if low > high:
        return ValueColumn(theorem, result, axes, digits, shared)
    others = [name for name in axes.names if name in _accepted(theorem) and name != along.name]
    rows: dict[Any, Row | Outside] = {}
    for values in product(*(axes.values[name] for name in others)):
        point = dict(zip(others, values, strict=True))
        try:
            rows[tuple(map(_key, values))] = _swept(theorem, result, point, along, low, high, digits)
        except DomainError as error:
            rows[tuple(map(_key, values))] = Outside(str(error))
    return SweptColumn(theorem, result, axes, digits, shared, along.name, low, rows)


def _swept(
    theorem: Theorem,
    result: str,
    point: Mapping[str, Any],
    along: Parameter,
    low: int,
    high: int,
    digits: int,
) -> Row:
    bindings = theorem.bindings(**point, **{along.name: high})
    bindings.pop(along.symbol, None)
    return sweep(theorem.results[result], bindings, along.symbol, low, high, digits=digits)


def _key(value: Any) -> str:
    # 1 and True are equal in Python but not as parameters.
    return show(value)


def axis_parameter(theorems: Sequence[Theorem], name: str) -> Parameter:
    """What an axis means, from the first statement that takes it."""
    for theorem in theorems:
        for q in theorem.domain.parameters:
            if q.name == name:
                return q
    if name == "L":
        return _DEPTH
    return (
        Parameter("N", symbols.N, IntegerSet(1), "common hidden width")
        if name == "N"
        else Parameter(name, None, WidthsSet(), name)
    )
