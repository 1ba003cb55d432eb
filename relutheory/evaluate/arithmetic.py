"""The two kinds of numbers in which a tree is evaluated: exact rationals and Arb balls.

Both offer the same few operations, so that the tree walker is written once. Nothing here touches
flint's global context: balls take the precision of the enclosing ``ctx.workprec``.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from math import isqrt
from typing import Any

import sympy as sp
from flint import arb, fmpq

from relutheory.grammar import PiMultiple, SqrtMultiple

__all__ = ["INEXACT", "Balls", "NotExact", "Number", "Rationals", "Undecided"]

Number = Any  # an arb or an fmpq: python-flint has no common base class


class NotExact(Exception):
    """The value is not a rational number of the admitted size."""


class _Inexact:
    """Stands for a value that is no rational number, where rationals are asked for."""


INEXACT = _Inexact()


class Undecided(Exception):
    """A comparison cannot be decided at this precision."""


class Rationals:
    """Exact arithmetic in `fmpq`, with a limit on the size of the numbers."""

    def __init__(self, max_bits: int) -> None:
        self.max_bits = max_bits

    def number(self, value: Any) -> fmpq:
        """Exact number from Python."""
        if isinstance(value, int):
            return self.checked(fmpq(value))
        if isinstance(value, Fraction):
            return self.checked(fmpq(value.numerator, value.denominator))
        raise NotExact

    def checked(self, value: fmpq) -> fmpq:
        """Refuse numbers that have outgrown the limit."""
        if size(value) > self.max_bits:
            raise NotExact
        return value

    def constant(self, node: Any) -> fmpq:
        """No irrational constant is rational."""
        raise NotExact

    def power(self, base: Number, exponent: Number) -> Number:
        """Integer powers, with ``0**0 = 1``, and roots of squares."""
        if exponent.q == 2:
            return self.power(self._root(base), fmpq(exponent.p))
        if exponent.q != 1:
            raise NotExact
        n = int(exponent.p)
        if abs(n) * size(base) > 2 * self.max_bits:
            raise NotExact
        return self.checked(base**n)

    def _root(self, value: fmpq) -> fmpq:
        if value < 0:
            raise NotExact
        top, bottom = isqrt(int(value.p)), isqrt(int(value.q))
        if top**2 != value.p or bottom**2 != value.q:
            raise NotExact
        return fmpq(top, bottom)

    def function(self, node: Any, values: list[fmpq]) -> fmpq:
        """Functions with rational values at rational arguments."""
        if isinstance(node, sp.floor):
            return fmpq(values[0].floor())
        if isinstance(node, sp.ceiling):
            return fmpq(values[0].ceil())
        if isinstance(node, sp.Abs):
            return abs(values[0])
        if isinstance(node, sp.Max | sp.Min):
            return max(values) if isinstance(node, sp.Max) else min(values)
        if isinstance(node, sp.exp) and values[0] == 0:
            return fmpq(1)
        if isinstance(node, sp.log) and values[0] == 1:
            return fmpq(0)
        raise NotExact

    def less(self, left: fmpq, right: fmpq) -> bool:
        """Whether ``left < right``."""
        return bool(left < right)

    def equal(self, left: fmpq, right: fmpq) -> bool:
        """Whether ``left == right``."""
        return bool(left == right)


def size(value: fmpq) -> int:
    """Bits of the larger one of numerator and denominator.

    The power 2**-N of a design formula needs N bits, so one bit less than its denominator counts.
    """
    top, bottom = value.p, value.q
    return max(int(abs(top)).bit_length(), int(bottom).bit_length()) - 1


_FUNCTIONS: dict[type, Callable[..., arb]] = {
    sp.exp: arb.exp,
    sp.log: arb.log,
    sp.erf: arb.erf,
    sp.erfc: arb.erfc,
    sp.erfi: arb.erfi,
    sp.sin: arb.sin,
    sp.cos: arb.cos,
    sp.tan: arb.tan,
    sp.asin: arb.asin,
    sp.acos: arb.acos,
    sp.atan: arb.atan,
    sp.sinh: arb.sinh,
    sp.cosh: arb.cosh,
    sp.tanh: arb.tanh,
    sp.gamma: arb.gamma,
    sp.loggamma: arb.lgamma,
    sp.Abs: abs,
}

_CONSTANTS: dict[Any, Callable[[], arb]] = {
    sp.pi: arb.pi,
    sp.E: arb.const_e,
    sp.Catalan: arb.const_catalan,
    sp.EulerGamma: lambda: -arb(1).digamma(),
}


class Balls:
    """Ball arithmetic in `arb` at the current working precision."""

    def number(self, value: Any) -> arb:
        """Ball around an exact number."""
        if isinstance(value, int):
            return arb(value)
        if isinstance(value, Fraction):
            return arb(fmpq(value.numerator, value.denominator))
        if isinstance(value, PiMultiple):
            return self.number(value.factor) * arb.pi()
        if isinstance(value, SqrtMultiple):
            return self.number(value.factor) * arb(value.radicand).sqrt()
        raise TypeError(f"no exact number: {value!r}")

    def constant(self, node: Any) -> arb:
        """Irrational constants."""
        if node in _CONSTANTS:
            return _CONSTANTS[node]()
        raise TypeError(f"no enclosure is known for the constant {node}")

    def power(self, base: Number, exponent: Number) -> Number:
        """Powers; integer exponents by repeated multiplication, with ``0**0 = 1``."""
        whole = exponent.unique_fmpz() if exponent.is_exact() else None
        if whole is not None:
            if whole == 0:
                return arb(1)
            # arb ** fmpz goes through the logarithm and is nan on a ball around 0; products are not.
            positive = by_squaring(base, abs(int(whole))) if 0 in base else base ** abs(whole)
            return positive if whole > 0 else 1 / positive
        if exponent.is_exact() and 2 * exponent == 1:
            return base.sqrt()
        return base**exponent

    def function(self, node: Any, values: list[arb]) -> arb:
        """Elementary and special functions."""
        if isinstance(node, sp.floor | sp.ceiling):
            return self._rounded(node, values[0])
        if isinstance(node, sp.Max | sp.Min):
            return reduce(arb.max if isinstance(node, sp.Max) else arb.min, values)
        kind = type(node)
        if kind in _FUNCTIONS:
            return _FUNCTIONS[kind](*values)
        raise TypeError(f"no enclosure is known for {kind.__name__}")

    def _rounded(self, node: Any, value: arb) -> arb:
        found = (value.floor() if isinstance(node, sp.floor) else value.ceil()).unique_fmpz()
        if found is None:
            raise Undecided
        return arb(found)

    def less(self, left: arb, right: arb) -> bool:
        """Whether ``left < right``, if the balls decide it."""
        if left < right:
            return True
        if left >= right:
            return False
        raise Undecided

    def equal(self, left: arb, right: arb) -> bool:
        """Whether ``left == right``, if the balls decide it."""
        if not left.overlaps(right):
            return False
        if left.is_exact() and right.is_exact():
            return True
        raise Undecided


def by_squaring(base: Any, count: int) -> Any:
    """``base**count`` for ``count >= 1`` by multiplications alone, for balls and matrices of any exponent."""
    result = None
    while True:
        if count & 1:
            result = base if result is None else result * base
        count >>= 1
        if not count:
            return result
        base = base * base


def dyadic(value: arb) -> Fraction:
    """Exact value of a ball of radius zero."""
    man, exponent = value.man_exp()
    shift = int(exponent)
    if shift >= 0:
        return Fraction(int(man) << shift)
    return Fraction(int(man), 1 << -shift)


def to_fraction(value: fmpq) -> Fraction:
    """Python fraction of an `fmpq`."""
    return Fraction(int(value.p), int(value.q))
