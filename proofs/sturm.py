"""Signs of polynomials on intervals: Sturm's theorem in exact rational arithmetic.

Polynomials are tuples of `Fraction`, lowest degree first, without leading zeros. An interval has two
ends (None is infinite) and says whether each belongs to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import isqrt

from proofs.polynomials import Refused

__all__ = ["Interval", "Poly", "leading", "multiply", "no_root", "odd_part", "sign_with_root", "subtract"]

Poly = tuple[Fraction, ...]


@dataclass(frozen=True)
class Interval:
    """An interval of numbers."""

    low: Fraction | None = None
    high: Fraction | None = None
    closed: tuple[bool, bool] = (False, False)

    def inside(self) -> Fraction:
        """A number in the interior."""
        if self.low is None and self.high is None:
            return Fraction(0)
        if self.low is None:
            assert self.high is not None
            return self.high - 1
        if self.high is None:
            return self.low + 1
        return (self.low + self.high) / 2

    def cut(self, points: list[Fraction]) -> list[Interval]:
        """Pieces between the points, each with its cuts."""
        ends = [self.low, *sorted(points), self.high]
        last = len(ends) - 2
        return [
            Interval(a, b, (self.closed[0] if i == 0 else True, self.closed[1] if i == last else True))
            for i, (a, b) in enumerate(pairwise(ends))
        ]


def trim(p: list[Fraction]) -> Poly:
    """Without leading zeros."""
    while p and not p[-1]:
        p.pop()
    return tuple(p)


def multiply(p: Poly, q: Poly) -> Poly:
    """Product."""
    total = [Fraction(0)] * (len(p) + len(q))
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            total[i + j] += a * b
    return trim(total)


def subtract(p: Poly, q: Poly) -> Poly:
    """Difference."""
    size = max(len(p), len(q))
    return trim(
        [(p[i] if i < len(p) else Fraction(0)) - (q[i] if i < len(q) else Fraction(0)) for i in range(size)]
    )


def divide(p: Poly, q: Poly) -> tuple[Poly, Poly]:
    """Quotient and remainder."""
    rest, quotient = list(p), [Fraction(0)] * max(0, len(p) - len(q) + 1)
    while len(rest) >= len(q):
        factor = rest[-1] / q[-1]
        shift = len(rest) - len(q)
        quotient[shift] = factor
        for i, c in enumerate(q):
            rest[i + shift] -= factor * c
        rest.pop()
        rest = list(trim(rest))
    return trim(quotient), tuple(rest)


def _monic(p: Poly) -> Poly:
    return tuple(c / p[-1] for c in p) if p else p


def gcd(p: Poly, q: Poly) -> Poly:
    """Greatest common divisor, monic."""
    while q:
        p, q = q, _monic(divide(p, q)[1])
    return _monic(p)


def slope(p: Poly) -> Poly:
    """Derivative."""
    return trim([i * c for i, c in enumerate(p)][1:])


def at(p: Poly, x: Fraction) -> Fraction:
    """Value."""
    total = Fraction(0)
    for c in reversed(p):
        total = total * x + c
    return total


def _changes(chain: list[Poly], x: Fraction | None, side: int) -> int:
    """Sign changes of a chain at a number, or at an infinite end."""
    if x is None:
        values = [p[-1] * (side if len(p) % 2 == 0 else 1) for p in chain]
    else:
        values = [at(p, x) for p in chain]
    signs = [v > 0 for v in values if v]
    return sum(a != b for a, b in pairwise(signs))


def no_root(p: Poly, where: Interval) -> bool:
    """Whether a polynomial vanishes nowhere in an interval (with the ends that belong to it).

    Examples
    --------
    >>> from fractions import Fraction
    >>> from proofs.sturm import Interval, no_root
    >>> p = (Fraction(-2), Fraction(0), Fraction(1))
    >>> no_root(p, Interval(Fraction(-1), Fraction(1))), no_root(p, Interval(Fraction(1), None))
    (True, False)
    """
    if not p:
        return False
    p, _ = divide(p, gcd(p, slope(p))) if len(p) > 1 else (p, ())
    for end, closed in zip((where.low, where.high), where.closed, strict=True):
        if end is not None and at(p, end) == 0:
            if closed:
                return False
            # A simple root at an open end is divided out.
            p, _ = divide(p, (-end, Fraction(1)))
    chain = [p, slope(p)] if len(p) > 1 else [p]
    while len(chain[-1]) > 1:
        rest = divide(chain[-2], chain[-1])[1]
        # A positive factor keeps the signs and the numbers small.
        scale = abs(rest[-1]) if rest else Fraction(1)
        chain.append(tuple(-c / scale for c in rest))
    return _changes(chain, where.low, -1) == _changes(chain, where.high, 1)


def odd_part(p: Poly) -> Poly:
    """Factor with the roots of odd multiplicity, once each; its sign is that of p where both are not 0."""
    total: Poly = (p[-1],)
    rest = _monic(p)
    # Yun's algorithm: a_k has the roots of multiplicity k.
    common = gcd(rest, slope(rest))
    b, _ = divide(rest, common)
    c = common
    k = 1
    while len(b) > 1:
        y = gcd(b, c)
        a, _ = divide(b, y)
        if k % 2:
            total = multiply(total, a)
        b = y
        c, _ = divide(c, y)
        k += 1
    return total


def _definite(p: Poly, where: Interval) -> int:
    """Sign of a polynomial that has one on the whole interval, else 0."""
    return (1 if at(p, where.inside()) > 0 else -1) if p and no_root(p, where) else 0


def sign_with_root(p0: Poly, p1: Poly, q: Poly, where: Interval) -> int:
    """Sign of ``p0 + p1 sqrt(q)`` on an interval where ``q > 0``, or 0 when it is not seen.

    If ``p0**2 - q p1**2`` vanishes nowhere neither does the sum, so that one inner point decides.
    """
    first = _definite(p0, where)
    if not p1:
        return first
    second = _definite(p1, where) if _definite(q, where) > 0 else 0
    if second and (first == second or not p0):
        return second
    norm = subtract(multiply(p0, p0), multiply(q, multiply(p1, p1)))
    if not no_root(norm, where):
        return 0
    x = where.inside()
    a, b = at(p0, x), at(p1, x)
    larger_first = at(norm, x) > 0
    return (1 if a > 0 else -1) if larger_first else (1 if b > 0 else -1)


def _exact_root(value: Fraction) -> Fraction:
    """Square root of a square."""
    found = Fraction(isqrt(value.numerator), isqrt(value.denominator)) if value > 0 else Fraction(0)
    if found * found != value or not value:
        raise Refused(f"{value} is not the square of a positive number")
    return found


def leading(p0: Poly, p1: Poly, q: Poly) -> tuple[int, Fraction]:
    """``p0(x) + p1(x) sqrt(q(x))`` is ``c x**d (1 + o(1))`` for ``x -> oo``; c = 0 if it vanishes."""
    if not p1:
        return (len(p0) - 1, p0[-1]) if p0 else (0, Fraction(0))
    if len(q) % 2 == 0:
        raise Refused("the radicand has odd degree")
    size, half = _exact_root(q[-1]), (len(q) - 1) // 2
    first, second = len(p0) - 1, len(p1) - 1 + half
    if not p0 or second > first:
        return second, size * p1[-1]
    if first > second:
        return first, p0[-1]
    total = p0[-1] + size * p1[-1]
    if total:
        return first, total
    # The conjugate has the leading coefficient 2 p0[-1].
    norm = subtract(multiply(p0, p0), multiply(q, multiply(p1, p1)))
    return (len(norm) - 1 - first, norm[-1] / (2 * p0[-1])) if norm else (0, Fraction(0))
