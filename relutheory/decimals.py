"""Certain decimal digits of an exact interval."""

from __future__ import annotations

from fractions import Fraction

__all__ = ["decimal_digits", "integer_text", "scientific_or_plain"]

#: `str` of larger integers is refused by CPython, and slow; FLINT converts them.
_PYTHON_DIGITS = 4_000
_BITS_PER_DIGIT = 3.3219280948873626


def integer_text(value: int) -> str:
    """Decimal text of an integer of any size.

    Examples
    --------
    >>> from relutheory.decimals import integer_text
    >>> integer_text(-12), len(integer_text(10**10000))
    ('-12', 10001)
    """
    if abs(value).bit_length() < _PYTHON_DIGITS * _BITS_PER_DIGIT:
        return str(value)
    from flint import fmpz

    return str(fmpz(value))


def decimal_digits(lower: Fraction, upper: Fraction, n: int) -> tuple[int, str, int] | None:
    """Sign, ``n`` digits and decimal exponent on which all numbers of an interval agree.

    The digits are those of the correctly rounded value (half to even): all numbers between ``lower``
    and ``upper`` round to the same decimal. None when they do not.

    Returns
    -------
    (sign, digits, exponent) or None
        The value is ``sign * d.ddd * 10**exponent``.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from relutheory.decimals import decimal_digits
    >>> decimal_digits(Fraction(1, 3), Fraction(1, 3), 5)
    (1, '33333', -1)
    >>> decimal_digits(Fraction(1, 3), Fraction(1, 2), 5) is None
    True
    """
    if lower == upper == 0:
        return (1, "0" * n, 0)
    if lower <= 0 <= upper:
        return None
    if upper < 0:
        mirrored = decimal_digits(-upper, -lower, n)
        return None if mirrored is None else (-1, *mirrored[1:])
    low = _rounded(lower, n)
    if low != _rounded(upper, n):
        return None
    digits, exponent = low
    return (1, integer_text(digits), exponent)


def _rounded(value: Fraction, n: int) -> tuple[int, int]:
    """``n``-digit integer ``m`` and exponent ``e`` with ``value ~ m * 10**(e - n + 1)``, half to even."""
    from flint import fmpz

    exponent = _exponent_guess(value)
    top, bottom = fmpz(value.numerator), fmpz(value.denominator)
    while True:
        power = n - 1 - exponent
        # FLINT multiplies and divides long integers in nearly linear time, CPython does not.
        scaled_bottom = bottom * fmpz(10) ** max(-power, 0)
        whole, rest = divmod(top * fmpz(10) ** max(power, 0), scaled_bottom)
        if whole >= fmpz(10) ** n:
            exponent += 1
            continue
        if whole < fmpz(10) ** (n - 1):
            exponent -= 1
            continue
        if 2 * rest > scaled_bottom or (2 * rest == scaled_bottom and whole % 2 == 1):
            whole += 1
        if whole == fmpz(10) ** n:
            return int(whole // 10), exponent + 1
        return int(whole), exponent


def _exponent_guess(value: Fraction) -> int:
    bits = value.numerator.bit_length() - value.denominator.bit_length()
    return int(bits / _BITS_PER_DIGIT // 1)


def scientific_or_plain(sign: int, digits: str, exponent: int) -> str:
    """Plain decimal text near 1, scientific text far from it; no digit is added or lost.

    Examples
    --------
    >>> from relutheory.decimals import scientific_or_plain
    >>> [scientific_or_plain(1, "125", exponent) for exponent in (-2, 1, -9)]
    ['0.0125', '12.5', '1.25e-9']
    """
    minus = "-" if sign < 0 else ""
    if -4 <= exponent < 0:
        return f"{minus}0.{'0' * (-exponent - 1)}{digits}"
    if 0 <= exponent < len(digits):
        tail = digits[exponent + 1 :]
        return minus + digits[: exponent + 1] + (f".{tail}" if tail else "")
    body = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    return f"{minus}{body}e{exponent}"
