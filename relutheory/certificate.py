"""What evaluation returns: an `Enclosure` that contains the value and knows which digits are proven.

Pure Python and picklable: the ends are exact fractions, so that nothing depends on a global precision.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from relutheory.decimals import decimal_digits, integer_text, scientific_or_plain
from relutheory.errors import PrecisionError

__all__ = ["Enclosure", "Trust", "Values"]

Trust = Literal["exact", "certified", "validated"]


@dataclass(frozen=True, repr=False)
class Enclosure:
    r"""A number between two exact rational ends.

    Parameters
    ----------
    lower, upper : Fraction
        The value lies in ``[lower, upper]``.
    asked : int
        Significant digits that were asked for and are proven.
    trust : {"exact", "certified", "validated"}
        ``exact``: the value is the rational number ``lower == upper``. ``certified``: the ends are
        proven by ball arithmetic. ``validated``: the ends rest on an error estimate that is checked but
        not proven.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from relutheory.certificate import Enclosure
    >>> x = Enclosure(Fraction(2, 3), Fraction(2, 3), 20, "exact")
    >>> x.digits(20), str(x.exact), float(x) == 2 / 3
    ('0.66666666666666666667', '2/3', True)
    """

    lower: Fraction
    upper: Fraction
    asked: int = 30
    trust: Trust = "certified"

    def __post_init__(self) -> None:
        if self.lower > self.upper:
            raise ValueError("lower exceeds upper")
        if (self.trust == "exact") != (self.lower == self.upper):
            raise ValueError("exact means lower == upper")

    @property
    def exact(self) -> Fraction | None:
        """The rational value, or None."""
        return self.lower if self.trust == "exact" else None

    @property
    def is_integer(self) -> bool:
        """Whether the value is known to be an integer."""
        return self.trust == "exact" and self.lower.denominator == 1

    def digits(self, n: int | None = None) -> str:
        """Decimal text with ``n`` significant digits, correctly rounded and proven.

        Integers are printed whole. Ties of exact values go to the even digit.

        Raises
        ------
        PrecisionError
            The enclosure is too wide for ``n`` digits: evaluate again with ``digits=n``.
        """
        wanted = self.asked if n is None else n
        if self.is_integer:
            return integer_text(self.lower.numerator)
        found = decimal_digits(self.lower, self.upper, wanted)
        if found is None:
            raise PrecisionError(f"{wanted} digits are not certain here: evaluate with digits={wanted}")
        return scientific_or_plain(*found)

    def contains(self, value: Fraction | int) -> bool:
        """Whether the enclosure contains an exact number (it does not prove equality)."""
        return self.lower <= value <= self.upper

    def agrees_with(self, text: str) -> bool:
        """Whether a printed decimal or fraction is this value, rounded or cut at its last digit."""
        mantissa = text.lower().partition("e")[0]
        printed = Fraction(text)
        if "/" in text or "." not in mantissa:
            return self.contains(printed)
        exponent = int(text.lower().partition("e")[2] or 0)
        unit = Fraction(10) ** (exponent - len(mantissa.partition(".")[2]))
        return self.lower - unit < printed < self.upper + unit

    def fraction_text(self) -> str | None:
        """``p/q`` of an exact value, else None."""
        if self.exact is None:
            return None
        top, bottom = self.exact.numerator, self.exact.denominator
        return integer_text(top) if bottom == 1 else f"{integer_text(top)}/{integer_text(bottom)}"

    def json(self, digits: int | None = None) -> dict[str, Any]:
        """Fields ``value, digits, exact, trust`` of the command line's JSON."""
        wanted = self.asked if digits is None else digits
        return {
            "value": self.digits(wanted),
            "digits": wanted,
            "exact": self.fraction_text(),
            "trust": self.trust,
        }

    def __float__(self) -> float:
        """Nearest double; both ends must round to it."""
        low, high = _to_double(self.lower), _to_double(self.upper)
        if low != high:
            raise PrecisionError("the enclosure is too wide for one double: evaluate with digits=17 or more")
        return low

    def __int__(self) -> int:
        if not self.is_integer:
            raise TypeError("not an integer value")
        return self.lower.numerator

    def mpf(self) -> Any:
        """Value as ``mpmath.mpf`` with the precision of the digits asked for (a fresh context)."""
        from mpmath import MPContext

        context = MPContext()
        context.dps = self.asked + 2
        middle = (self.lower + self.upper) / 2
        return context.mpf(middle.numerator) / middle.denominator

    def latex(self, digits: int | None = None) -> str:
        r"""``\frac{p}{q}`` of short exact values, else a siunitx ``\num``."""
        exact = self.exact
        if exact is not None and digits is None and abs(exact.numerator) * exact.denominator < 10**12:
            if exact.denominator == 1:
                return str(exact.numerator)
            sign = "-" if exact < 0 else ""
            return rf"{sign}\frac{{{abs(exact.numerator)}}}{{{exact.denominator}}}"
        return rf"\num{{{self.digits(digits)}}}"

    def __str__(self) -> str:
        return self.digits()

    def __repr__(self) -> str:
        # The ends may have more digits than CPython prints.
        found = decimal_digits(self.lower, self.upper, min(self.asked, 30))
        text = scientific_or_plain(*found) if found else f"{_to_double(self.lower)}..{_to_double(self.upper)}"
        return f"<Enclosure {text}, {self.trust}>"

    def __format__(self, spec: str) -> str:
        """Format as the certified text (``{:.40}`` asks for 40 digits)."""
        if spec.startswith("."):
            return self.digits(int(spec[1:].rstrip("g")))
        return format(str(self), spec)

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.digits()}$"


@dataclass(frozen=True)
class Values(Mapping[str, Enclosure]):
    """Several named results of one statement."""

    items_by_name: Mapping[str, Enclosure]

    def __getitem__(self, name: str) -> Enclosure:
        return self.items_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.items_by_name)

    def __len__(self) -> int:
        return len(self.items_by_name)

    def __str__(self) -> str:
        return ", ".join(f"{name} = {value}" for name, value in self.items())


def _to_double(value: Fraction) -> float:
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return math.inf if value > 0 else -math.inf
