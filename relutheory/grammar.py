"""The small grammar of values on the command line; nothing is ever evaluated as code.

=================  ==========================
integers           ``20``, ``-3``
rationals          ``1/3``, ``-7/16``
decimals (exact)   ``0.1``, ``1e-6``
multiples of pi    ``pi``, ``3pi/4``, ``-2*pi``
square roots       ``sqrt(3)``, ``-2sqrt(7)/3``
truth values       ``true``, ``false``
words              ``gaussian``
vectors            ``3,2,4``
matrices           ``1,2;3,4``
=================  ==========================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any

from relutheory.errors import DomainError

__all__ = ["PiMultiple", "SqrtMultiple", "parse", "show"]

_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_RATIONAL = re.compile(r"([+-]?\d+)/(\d+)", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d+\.\d*|\.\d+|\d+(?=[eE]))([eE][+-]?\d+)?", re.ASCII)
_PI = re.compile(r"([+-]?)(\d*)\*?pi(?:/(\d+))?", re.ASCII)
_SQRT = re.compile(r"([+-]?)(\d*)\*?sqrt(?:\((\d+(?:/\d+)?)\)|(\d+))(?:/(\d+))?", re.ASCII)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)

#: Longer texts and larger decimal exponents are refused before they cost anything.
MAX_CHARACTERS = 4_000
MAX_EXPONENT = 4_000
#: Pi, rounded down to 40 decimals.
_PI_DIGITS = Fraction("3.1415926535897932384626433832795028841971")


@dataclass(frozen=True)
class PiMultiple:
    """The exact number ``factor * pi``."""

    factor: Fraction

    def __str__(self) -> str:
        return f"{self.factor}*pi"

    def __neg__(self) -> PiMultiple:
        return PiMultiple(-self.factor)

    def bounds(self) -> tuple[Fraction, Fraction]:
        """Rational numbers a little below and above."""
        ends = (self.factor * _PI_DIGITS, self.factor * (_PI_DIGITS + Fraction(1, 10**40)))
        return min(ends), max(ends)

    def sympy(self) -> Any:
        """The number in SymPy."""
        from sympy import Rational, pi

        return Rational(self.factor.numerator, self.factor.denominator) * pi


@dataclass(frozen=True)
class SqrtMultiple:
    """The exact number ``factor * sqrt(radicand)`` with an integer radicand that is no square."""

    factor: Fraction
    radicand: int

    def __str__(self) -> str:
        return f"{self.factor}*sqrt({self.radicand})"

    def __neg__(self) -> SqrtMultiple:
        return SqrtMultiple(-self.factor, self.radicand)

    def bounds(self) -> tuple[Fraction, Fraction]:
        """Rational numbers a little below and above."""
        root = isqrt(self.radicand * 10**80)
        ends = (self.factor * Fraction(root, 10**40), self.factor * Fraction(root + 1, 10**40))
        return min(ends), max(ends)

    def sympy(self) -> Any:
        """The number in SymPy."""
        from sympy import Rational, sqrt

        return Rational(self.factor.numerator, self.factor.denominator) * sqrt(self.radicand)


def _root(factor: Fraction, radicand: Fraction) -> Fraction | SqrtMultiple:
    """``factor * sqrt(radicand)``, rational where it can be."""
    square = radicand.numerator * radicand.denominator
    whole = isqrt(square)
    if whole * whole == square:
        return factor * Fraction(whole, radicand.denominator)
    return SqrtMultiple(factor / radicand.denominator, square)


def show(value: object) -> str:
    """Text of a parsed value, as it would be typed.

    Examples
    --------
    >>> from relutheory.grammar import parse, show
    >>> show(parse("3, 2,4")), show(parse("0.1")), show(parse("1,2;3,4"))
    ('3,2,4', '1/10', '1,2;3,4')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, int) and value.bit_length() > MAX_CHARACTERS:
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, tuple | list):
        if value and all(isinstance(v, tuple | list) for v in value):
            return ";".join(show(v) for v in value)
        return ",".join(str(v) if isinstance(v, str) else show(v) for v in value)
    return str(value)


def parse(text: str, name: str = "value") -> Any:
    """Read one value of the grammar.

    Parameters
    ----------
    text : str
        What the user typed after ``name=``.
    name : str
        Name of the parameter, for the error message.

    Returns
    -------
    int, Fraction, PiMultiple, SqrtMultiple, bool, str or (nested) tuple
        Decimals are read exactly, as fractions with a power of ten below.

    Raises
    ------
    DomainError
        The text is empty, too long or not of the grammar.

    Examples
    --------
    >>> from relutheory.grammar import parse
    >>> parse("1/3"), parse("0.1"), parse("3,2,4"), parse("true"), str(parse("3pi/4"))
    (Fraction(1, 3), Fraction(1, 10), (3, 2, 4), True, '3/4*pi')
    """
    stripped = text.strip()
    if not stripped:
        raise DomainError(f"{name} is empty: give a value such as {name}=3 or {name}=3,2,4")
    if ";" in stripped:
        return tuple(_vector(row, name) for row in stripped.split(";"))
    if "," in stripped:
        return _vector(stripped, name)
    return _scalar(stripped, name)


def _vector(text: str, name: str) -> tuple[Any, ...]:
    return tuple(_scalar(item.strip(), name) for item in text.split(","))


def _scalar(text: str, name: str) -> Any:
    if len(text) > MAX_CHARACTERS:
        raise DomainError(f"{name} has {len(text)} characters, at most {MAX_CHARACTERS} are read")
    if _INTEGER.fullmatch(text):
        return int(text)
    if match := _RATIONAL.fullmatch(text):
        if int(match[2]) == 0:
            raise DomainError(f"{name} must be a number, got {text!r} with denominator 0")
        return Fraction(int(match[1]), int(match[2]))
    if match := _DECIMAL.fullmatch(text):
        exponent = int(match[2][1:]) if match[2] else 0
        if abs(exponent) > MAX_EXPONENT:
            raise DomainError(f"{name} has the decimal exponent {exponent}, at most {MAX_EXPONENT} is read")
        return Fraction(text)
    if match := _PI.fullmatch(text):
        if int(match[3] or 1) == 0:
            raise DomainError(f"{name} must be a number, got {text!r} with denominator 0")
        factor = Fraction(int(match[2] or 1), int(match[3] or 1))
        return PiMultiple(-factor if match[1] == "-" else factor)
    if match := _SQRT.fullmatch(text):
        top, _, bottom = (match[3] or match[4]).partition("/")
        if int(bottom or 1) == 0 or int(match[5] or 1) == 0:
            raise DomainError(f"{name} must be a number, got {text!r} with denominator 0")
        radicand = Fraction(int(top), int(bottom or 1))
        factor = Fraction(int(match[2] or 1), int(match[5] or 1))
        return _root(-factor if match[1] == "-" else factor, radicand)
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if _WORD.fullmatch(text):
        return text
    raise DomainError(
        f"{name} = {text!r} is not a value: use integers, 1/3, 0.1, 3pi/4, sqrt(3), true, a word, 3,2,4 "
        "or 1,2;3,4"
    )
