"""Square roots in the normal form: the square of a root is its radicand.

A root is an atom ``r``; reading it presumed that its radicand is not negative. Replacing ``r**2`` leaves
fractions that are linear in each root, which is enough to see that two terms agree.
"""

from __future__ import annotations

from proofs.polynomials import Fractional, Polynomial, constant, of_atom, properties

__all__ = ["agree", "base_of_root", "reduce_roots", "vanishes"]


def base_of_root(number: int) -> Fractional | None:
    """Radicand of an atom that is a square root."""
    key = properties(number).key
    if isinstance(key, tuple) and key[0] == "root":
        num, den = key[1]
        return Fractional(dict(num), dict(den))
    return None


def _power(number: int, exponent: int) -> Fractional:
    base = base_of_root(number)
    if base is not None:
        whole, rest = divmod(exponent, 2)
        return base**whole * of_atom(number) ** rest
    key = properties(number).key
    if isinstance(key, tuple) and key[0] == "prime power" and not key[2] and key[3] > 1:
        whole, rest = divmod(exponent, key[3])
        power = constant(key[1]) ** int(whole)
        return power * of_atom(number, int(rest)) if rest else power
    return of_atom(number, exponent)


def _is_root(number: int) -> bool:
    key = properties(number).key
    return isinstance(key, tuple) and (key[0] == "root" or (key[0] == "prime power" and not key[2]))


def _polynomial(part: Polynomial) -> Fractional:
    total = constant(0)
    for monomial, c in part.items():
        value = constant(c)
        for number, exponent in monomial:
            value = value * _power(number, exponent)
        total = total + value
    return total


def reduce_roots(value: Fractional) -> Fractional:
    """The same fraction with roots to the powers 0 and 1 only.

    Examples
    --------
    >>> from sympy import Symbol, sqrt
    >>> from proofs.roots import reduce_roots
    >>> from proofs.terms import read_together
    >>> x = Symbol("x", real=True)
    >>> (r,), _ = read_together([sqrt(x**2 + 1)])
    >>> (square,), _ = read_together([x**2 + 1])
    >>> reduce_roots(r * r - square).is_zero()
    True
    """
    for _ in range(8):
        high = any(
            _is_root(n) and not 0 <= e <= 1 for part in (value.num, value.den) for m in part for n, e in m
        )
        if not high:
            return value
        value = _polynomial(value.num) * _polynomial(value.den).inverse()
    return value


def vanishes(value: Fractional) -> bool:
    """Whether a fraction is zero by its normal form."""
    return value.is_zero() or reduce_roots(value).is_zero()


def agree(a: Fractional, b: Fractional) -> bool:
    """Whether two fractions are the same function."""
    if a.equals(b):
        return True
    parts = (a.num, a.den, b.num, b.den)
    if not any(_is_root(n) for part in parts for m in part for n, _ in m):
        return False
    return vanishes(a - b)
