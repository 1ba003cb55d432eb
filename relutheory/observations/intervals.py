"""Intervals for a few independent networks that assume nothing about their law.

Bounds for a mean of numbers in [0, 1] without further assumptions say nothing for some tens of networks
(Hoeffding: 0.29 either way for 32 at confidence 0.99), and Student's interval needs a normal law. The
interval between two order statistics covers the median of every law, with a probability that is a binomial
sum.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from relutheory.errors import DomainError

__all__ = ["METHOD", "Spread", "median_interval"]

METHOD = "exact interval of the median between order statistics"


def median_interval(
    values: Sequence[float],
    confidence: float | Fraction = 0.99,
    lowest: float = -math.inf,
    highest: float = math.inf,
) -> tuple[float, float]:
    """Return an interval that covers the median of the law of independent values.

    The k-th smallest value is above a median, or the k-th largest below it, with probability at most
    2 P(Bin(n, 1/2) < k), for every law, with or without atoms; k is the largest for which this is at most
    1 - confidence. If there is none, the bounds are returned.

    Parameters
    ----------
    values : sequence of float
        Independent values of one law, at least one.
    confidence : float or Fraction
        In (0, 1).
    lowest, highest : float
        What the values cannot fall below or exceed.

    Returns
    -------
    tuple of float
        Low and high end.

    Raises
    ------
    DomainError
        If a parameter is outside its domain.

    Examples
    --------
    >>> median_interval(range(1, 17), 0.99)
    (3.0, 14.0)
    >>> median_interval([0.2, 0.3], 0.99, 0, 1)
    (0.0, 1.0)
    """
    if not 0 < confidence < 1:
        raise DomainError(f"confidence: a number in (0, 1), got {confidence!r}")
    found = sorted(float(value) for value in values)
    if not found or not all(math.isfinite(value) for value in found):
        raise DomainError(f"values: at least one finite number, got {list(values)!r}")
    n = len(found)
    # A float such as 0.99 is meant as that decimal.
    miss = 1 - Fraction(str(confidence))
    tail, k = Fraction(0), 0
    while k < n:
        tail += Fraction(math.comb(n, k), 2**n)
        if 2 * tail > miss:
            break
        k += 1
    return (found[k - 1], found[n - k]) if k else (float(lowest), float(highest))


@dataclass(frozen=True)
class Spread:
    """One number for each of some independent networks, and the interval of its median.

    Parameters
    ----------
    values : tuple of float
        A value a network.
    confidence : float or Fraction
        Of the interval, in (0, 1).
    lowest, highest : float
        Bounds of the values.

    Examples
    --------
    >>> s = Spread((0.5, 0.25, 0.75), 0.7, 0.0, 1.0)
    >>> s.value, s.low, s.high, str(s)
    (0.5, 0.25, 0.75, '0.500 (0.250 to 0.750)')
    """

    values: tuple[float, ...]
    confidence: float | Fraction = 0.99
    lowest: float = 0.0
    highest: float = 1.0

    @property
    def value(self) -> float:
        """Median of the values."""
        return statistics.median(self.values)

    @property
    def interval(self) -> tuple[float, float]:
        """Interval of `median_interval`."""
        return median_interval(self.values, self.confidence, self.lowest, self.highest)

    @property
    def low(self) -> float:
        """Low end of the interval."""
        return self.interval[0]

    @property
    def high(self) -> float:
        """High end of the interval."""
        return self.interval[1]

    @property
    def mean(self) -> float:
        """Mean of the values."""
        return statistics.fmean(self.values)

    @property
    def standard_error(self) -> float | None:
        """Standard error of the mean; None for a single value."""
        n = len(self.values)
        return statistics.stdev(self.values) / math.sqrt(n) if n > 1 else None

    def as_dict(self) -> dict[str, float | int | str | None]:
        """Return plain values for JSON."""
        low, high = (end if math.isfinite(end) else None for end in self.interval)
        return {
            "median": self.value,
            "low": low,
            "high": high,
            "confidence": float(self.confidence),
            "interval": METHOD,
            "mean": self.mean,
            "standard_error": self.standard_error,
            "networks": len(self.values),
        }

    def text(self, places: int = 3) -> str:
        """Return median and interval with this number of decimal places."""
        value, low, high = (f"{number:.{places}f}" for number in (self.value, *self.interval))
        return f"{value} ({low} to {high})"

    def __str__(self) -> str:
        return self.text()
