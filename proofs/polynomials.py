"""Fractions of polynomials with exact rational coefficients: the arithmetic that the kernel trusts.

A monomial is a sorted tuple of (atom, exponent) pairs and a polynomial maps monomials to `Fraction`
coefficients. Atoms are interned keys: two terms are the same atom if and only if their keys are equal.
An atom that is known to be positive (a power of a positive rational) is a *unit* and may have negative
exponents, so that ``2**-N``, ``4**-N`` and ``2**N`` are powers of one atom.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from relutheory.errors import RelutheoryError

__all__ = ["Atom", "Fractional", "Refused", "atom", "atoms_of", "constant", "of_atom"]

Monomial = tuple[tuple[int, int], ...]
Polynomial = dict[Monomial, Fraction]

ONE: Monomial = ()


class Refused(RelutheoryError):
    """A step or a derivation that the kernel does not accept; the message says why."""


@dataclass(frozen=True)
class Atom:
    """What the kernel knows of an atom.

    Parameters
    ----------
    key : hashable
        Identity of the term.
    unit : bool
        Known to be positive; negative exponents are allowed.
    integer : bool
        Known to be an integer.
    low : Fraction or None
        Proven lower bound.
    """

    key: Hashable
    unit: bool = False
    integer: bool = False
    low: Fraction | None = None


_IDS: dict[Atom, int] = {}
_ATOMS: list[Atom] = []


def atom(key: Hashable, *, unit: bool = False, integer: bool = False, low: Fraction | None = None) -> int:
    """Number of the atom with this key and these properties."""
    wanted = Atom(key, unit, integer, low)
    if wanted not in _IDS:
        _IDS[wanted] = len(_ATOMS)
        _ATOMS.append(wanted)
    return _IDS[wanted]


def properties(number: int) -> Atom:
    """Properties of an atom."""
    return _ATOMS[number]


def _times(a: Monomial, b: Monomial) -> Monomial:
    if not a:
        return b
    if not b:
        return a
    exponents = dict(a)
    for number, exponent in b:
        exponents[number] = exponents.get(number, 0) + exponent
    return tuple(sorted((n, e) for n, e in exponents.items() if e))


def _add(a: Polynomial, b: Polynomial, factor: Fraction = Fraction(1)) -> Polynomial:
    total = dict(a)
    for monomial, c in b.items():
        value = total.get(monomial, Fraction(0)) + factor * c
        if value:
            total[monomial] = value
        else:
            total.pop(monomial, None)
    return total


def _multiply(a: Polynomial, b: Polynomial) -> Polynomial:
    if len(a) == 1 and a.get(ONE) == 1:
        return b
    if len(b) == 1 and b.get(ONE) == 1:
        return a
    total: Polynomial = {}
    for m1, c1 in a.items():
        for m2, c2 in b.items():
            monomial = _times(m1, m2)
            value = total.get(monomial, Fraction(0)) + c1 * c2
            if value:
                total[monomial] = value
            else:
                total.pop(monomial, None)
    return total


@dataclass(frozen=True, eq=False)
class Fractional:
    """A fraction of two polynomials; the denominator is not the zero polynomial.

    Equality is decided by cross-multiplication, so fractions need not be in lowest terms.
    """

    num: Polynomial
    den: Polynomial

    def __add__(self, other: Fractional) -> Fractional:
        if self.den == other.den:
            return reduced(_add(self.num, other.num), self.den)
        return reduced(
            _add(_multiply(self.num, other.den), _multiply(other.num, self.den)),
            _multiply(self.den, other.den),
        )

    def __neg__(self) -> Fractional:
        return Fractional({m: -c for m, c in self.num.items()}, self.den)

    def __sub__(self, other: Fractional) -> Fractional:
        return self + (-other)

    def __mul__(self, other: Fractional) -> Fractional:
        return reduced(_multiply(self.num, other.num), _multiply(self.den, other.den))

    def inverse(self) -> Fractional:
        """Reciprocal; whoever asks for it must prove that the value is not zero."""
        if not self.num:
            raise Refused("division by zero")
        return reduced(self.den, self.num)

    def __pow__(self, exponent: int) -> Fractional:
        base, power = (self, exponent) if exponent >= 0 else (self.inverse(), -exponent)
        result = constant(1)
        for _ in range(power):
            result = result * base
        return result

    def is_zero(self) -> bool:
        """Whether this is the zero function."""
        return not self.num

    def equals(self, other: Fractional) -> bool:
        """Whether both are the same function wherever both are defined."""
        return not _add(_multiply(self.num, other.den), _multiply(other.num, self.den), Fraction(-1))

    def is_polynomial(self) -> bool:
        """Whether the denominator is one."""
        return self.den == {ONE: Fraction(1)}

    def constant_value(self) -> Fraction | None:
        """Value if this is a number."""
        if not self.is_polynomial() or any(m != ONE for m in self.num):
            return None
        return self.num.get(ONE, Fraction(0))

    def split_constant(self) -> tuple[Fractional, Fraction]:
        """Part with atoms and constant term of a polynomial."""
        rest = {m: c for m, c in self.num.items() if m != ONE}
        return Fractional(rest, self.den), self.num.get(ONE, Fraction(0))

    def key(self) -> Hashable:
        """Hashable identity (equal keys imply equal functions)."""
        return frozenset(self.num.items()), frozenset(self.den.items())

    def is_positive_unit(self) -> bool:
        """Whether this is a positive number times powers of positive atoms."""
        if not self.is_polynomial() or len(self.num) != 1:
            return False
        ((monomial, c),) = self.num.items()
        return c > 0 and all(properties(n).unit for n, _ in monomial)


def constant(value: Fraction | int) -> Fractional:
    """A number."""
    c = Fraction(value)
    return Fractional({ONE: c} if c else {}, {ONE: Fraction(1)})


def of_atom(number: int, exponent: int = 1) -> Fractional:
    """A power of an atom; a negative one only of a unit."""
    if exponent < 0 and not properties(number).unit:
        return of_atom(number, -exponent).inverse()
    return Fractional({((number, exponent),): Fraction(1)}, {ONE: Fraction(1)})


def reduced(num: Polynomial, den: Polynomial) -> Fractional:
    """Make the denominator monic and free of units, and cancel common monomials.

    Cancelling an atom presumes that it is not zero, which was asked for when it got into a denominator.
    """
    if not den:
        raise Refused("division by zero")
    if not num:
        return constant(0)
    if den == {ONE: Fraction(1)}:
        return Fractional(num, den)
    lead = min(den)
    shift: dict[int, int] = {}
    for n in {n for m in den for n, _ in m}:
        lowest = min(dict(m).get(n, 0) for m in den)
        if properties(n).unit:
            shift[n] = -lowest
        elif lowest > 0:
            shift[n] = -min(lowest, *(dict(m).get(n, 0) for m in num))
    by: Monomial = tuple(sorted((n, e) for n, e in shift.items() if e))
    scale = 1 / den[lead]
    return Fractional(
        {_times(m, by): c * scale for m, c in num.items()}, {_times(m, by): c * scale for m, c in den.items()}
    )


def atoms_of(parts: Iterable[Fractional]) -> set[int]:
    """Atoms that occur."""
    return {n for f in parts for poly in (f.num, f.den) for m in poly for n, _ in m}
