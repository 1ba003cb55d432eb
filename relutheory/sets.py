"""Sets of parameters: each reads what a user types or passes, exactly, or refuses it in one clear line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from numbers import Integral, Rational
from typing import Any, Union

from relutheory.errors import DomainError
from relutheory.grammar import PiMultiple, SqrtMultiple, parse, show

__all__ = [
    "BooleanSet",
    "IntegerSet",
    "MatrixSet",
    "ParameterSet",
    "RealSet",
    "RepeatedWidths",
    "RowsSet",
    "VectorSet",
    "WidthsSet",
    "WordSet",
]

#: More layers than this are refused as a list; equal widths are not limited by it.
MAX_LIST = 10**6


@dataclass(frozen=True)
class RepeatedWidths(Sequence[int]):
    """`length` hidden layers of the same width, without storing them.

    Examples
    --------
    >>> from relutheory.sets import RepeatedWidths
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


def _fail(name: str, domain: str, value: object) -> DomainError:
    text = show(value)
    return DomainError(f"{name} must be {domain}, got {text if len(text) <= 60 else text[:57] + '...'}")


def _as_exact(name: str, value: Any, domain: str) -> Any:
    """Python, NumPy or SymPy number (or its text) to an exact number, bool, tuple or word."""
    if isinstance(value, str):
        return parse(value, name)
    if isinstance(value, bool | PiMultiple | SqrtMultiple | Fraction):
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
    """Numbers of an interval; ``"("`` and ``")"`` exclude an end, ``None`` is infinity.

    Rationals, decimals (read exactly), multiples of pi and of square roots.
    """

    low: Fraction | None = Fraction(0)
    high: Fraction | None = Fraction(1)
    ends: str = "()"

    def describe(self) -> str:
        """Domain in words."""
        if self.low is None and self.high is None:
            return "an exact real number"
        if self.high is None:
            return f"an exact number {'>' if self.ends[0] == '(' else '>='} {self.low}"
        low = "-oo" if self.low is None else self.low
        return f"an exact number in {self.ends[0]}{low}, {self.high}{self.ends[1]}"

    def read(self, name: str, value: Any) -> Any:
        """Check and convert one value."""
        exact = _as_exact(name, value, self.describe())
        if isinstance(exact, bool) or not isinstance(exact, int | Fraction | PiMultiple | SqrtMultiple):
            raise _fail(name, self.describe(), value)
        number = Fraction(exact) if isinstance(exact, int) else exact
        above = self.low is None or _inside(number, self.low, self.ends[0] == "(")
        below = self.high is None or _inside(-number, -self.high, self.ends[1] == ")")
        if not (above and below):
            raise _fail(name, self.describe(), value)
        return number


def _inside(number: Any, bound: Fraction, strict: bool) -> bool:
    """``number > bound`` or ``number >= bound``."""
    low, high = (number, number) if isinstance(number, Fraction) else number.bounds()
    # Irrational numbers are never equal to the bound, so the narrow enclosure decides.
    return low > bound if strict else high >= bound


@dataclass(frozen=True)
class WordSet:
    """One of a few words."""

    words: tuple[str, ...]

    def describe(self) -> str:
        """Domain in words."""
        return f"one of {', '.join(self.words)}"

    def read(self, name: str, value: Any) -> str:
        """Check and convert one value."""
        exact = _as_exact(name, value, self.describe())
        if not isinstance(exact, str) or exact.lower() not in self.words:
            raise _fail(name, self.describe(), value)
        return exact.lower()


@dataclass(frozen=True)
class VectorSet:
    """Non-empty lists of rational numbers, each in ``[low, high]`` (or in the open interval)."""

    low: Fraction | None = None
    least: int = 1
    high: Fraction | None = None
    ends: str = "[]"

    def describe(self) -> str:
        """Domain in words."""
        entry = RealSet(self.low, self.high, self.ends).describe().replace("an exact ", "exact ")
        entry = entry.replace("number", "numbers")
        count = "" if self.least == 1 else f"at least {self.least} "
        return f"a list of {count}{entry} such as 1/2,0,3"

    def read(self, name: str, value: Any) -> tuple[Fraction, ...]:
        """Check and convert one value."""
        exact = _as_exact(name, value, self.describe())
        items = exact if isinstance(exact, tuple) else (exact,)
        if len(items) < self.least or not all(_is_rational(v) for v in items):
            raise _fail(name, self.describe(), value)
        entries = RealSet(self.low, self.high, self.ends)
        for item in items:
            try:
                entries.read(name, item)
            except DomainError:
                raise _fail(name, self.describe(), value) from None
        return tuple(Fraction(v) for v in items)


@dataclass(frozen=True)
class MatrixSet:
    """Symmetric matrices of rational numbers, rows by ``;``."""

    positive: bool = False

    def describe(self) -> str:
        """Domain in words."""
        kind = "symmetric positive definite" if self.positive else "symmetric"
        return f"a {kind} matrix of exact numbers such as 1,1/2;1/2,3"

    def read(self, name: str, value: Any) -> tuple[tuple[Fraction, ...], ...]:
        """Check and convert one value."""
        exact = _as_exact(name, value, self.describe())
        # One number is a 1 x 1 matrix.
        rows = exact if isinstance(exact, tuple) else ((exact,),)
        if not all(isinstance(r, tuple) and len(r) == len(rows) and all(map(_is_rational, r)) for r in rows):
            raise _fail(name, self.describe(), value)
        matrix = tuple(tuple(Fraction(v) for v in row) for row in rows)
        symmetric = all(matrix[i][j] == matrix[j][i] for i in range(len(rows)) for j in range(i))
        if not symmetric or (self.positive and not _is_positive_definite(matrix)):
            raise _fail(name, self.describe(), value)
        return matrix

    def contains(self, matrix: Sequence[Sequence[Fraction]]) -> bool:
        """Whether a symmetric matrix belongs to the set."""
        return not self.positive or _is_positive_definite(matrix)


@dataclass(frozen=True)
class RowsSet:
    """Non-empty lists of rational vectors of the same length, rows by ``;``."""

    least: int = 1

    def describe(self) -> str:
        """Domain in words."""
        return f"rows of at least {self.least} exact numbers each, such as 0,1,1/2;1/4,1,-1"

    def read(self, name: str, value: Any) -> tuple[tuple[Fraction, ...], ...]:
        """Check and convert one value."""
        exact = _as_exact(name, value, self.describe())
        # One list is one row.
        rows = exact if isinstance(exact, tuple) and exact and isinstance(exact[0], tuple) else (exact,)
        good = all(isinstance(r, tuple) and len(r) >= self.least and all(map(_is_rational, r)) for r in rows)
        if not good or len({len(r) for r in rows}) != 1:
            raise _fail(name, self.describe(), value)
        return tuple(tuple(Fraction(v) for v in row) for row in rows)


def _is_rational(value: Any) -> bool:
    return isinstance(value, int | Fraction) and not isinstance(value, bool)


def _is_positive_definite(matrix: Sequence[Sequence[Fraction]]) -> bool:
    """All pivots of exact elimination are positive."""
    rows = [list(row) for row in matrix]
    for k, pivot_row in enumerate(rows):
        if pivot_row[k] <= 0:
            return False
        for row in rows[k + 1 :]:
            factor = row[k] / pivot_row[k]
            for j in range(k, len(rows)):
                row[j] -= factor * pivot_row[j]
    return True


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


ParameterSet = Union[  # noqa: UP007  one name for all classes
    IntegerSet, RealSet, BooleanSet, WidthsSet, WordSet, VectorSet, MatrixSet, RowsSet
]
