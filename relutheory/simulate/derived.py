"""Statistics that are functions of frequencies: complements, ratios, rates and thresholds of curves.

Each maps exact binomial intervals to a valid interval of the derived quantity.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from relutheory.estimate import BinomialCount

__all__ = ["MonotoneStatistic", "Threshold"]

Confidence = float | Fraction


def scaled(factor: float, value: float) -> float:
    """``factor * value``."""
    return factor * value


def hazard(factor: float, value: float) -> float:
    """``-factor * log(value)``: decreasing in the frequency."""
    return -factor * math.log(value) if value > 0 else math.inf


@dataclass(frozen=True)
class MonotoneStatistic:
    """A monotone function of a frequency; its interval is the image of the binomial interval.

    Parameters
    ----------
    base : BinomialCount
        Frequency.
    function : callable
        ``function(factor, frequency)``, monotone in the frequency.
    factor : float
        Constant of the function.
    """

    base: BinomialCount
    function: Callable[[float, float], float]
    factor: float = 1.0
    kind = "clopper-pearson, transformed"

    @property
    def samples(self) -> int:
        """Number of independent trials."""
        return self.base.samples

    @property
    def value(self) -> float:
        """Function of the observed frequency."""
        return self.function(self.factor, self.base.value)

    @property
    def standard_error(self) -> float:
        """Half the image of one standard error either way."""
        error = self.base.standard_error
        ends = [
            self.function(self.factor, min(max(self.base.value + s * error, 1e-300), 1.0)) for s in (-1, 1)
        ]
        return abs(ends[1] - ends[0]) / 2

    def interval(self, confidence: Confidence) -> tuple[float, float]:
        """Image of the binomial interval, widened by the rounding of the function."""
        low, high = sorted(self.function(self.factor, end) for end in self.base.interval(confidence))
        return low - 1e-14 * abs(low), high + 1e-14 * abs(high)


@dataclass(frozen=True)
class Threshold:
    """Where a monotone curve of probabilities crosses a level, from frequencies along the curve.

    Parameters
    ----------
    counts : mapping of int to BinomialCount
        Frequencies at consecutive integers.
    level : Fraction
        Level ``delta``.
    kind_of : {"last below", "first below", "first above"}
        ``last below``: the last integer with probability <= level of an increasing curve; ``first below``:
        the first one of a decreasing curve; ``first above``: the first one with probability > level of an
        increasing curve.
    """

    counts: Mapping[int, BinomialCount]
    level: Fraction
    kind_of: Literal["last below", "first below", "first above"]
    kind = "clopper-pearson along the curve"

    @property
    def samples(self) -> int:
        """Number of independent trials behind each point."""
        return next(iter(self.counts.values())).samples

    @property
    def value(self) -> float:
        """Integer at which the observed frequencies cross."""
        return self._cross({n: c.value for n, c in self.counts.items()})

    @property
    def standard_error(self) -> float:
        """Zero or one half: whether one standard error moves the crossing."""
        shifted = {
            self._cross({n: c.value + s * c.standard_error for n, c in self.counts.items()}) for s in (-1, 1)
        }
        return 0.0 if len(shifted) == 1 else 0.5

    def interval(self, confidence: Confidence) -> tuple[float, float]:
        """All crossings that the simultaneous intervals allow (union bound over the points)."""
        each = 1 - (1 - Fraction(confidence)) / len(self.counts)
        intervals = {n: c.interval(each) for n, c in self.counts.items()}
        ends = sorted(self._cross({n: i[side] for n, i in intervals.items()}) for side in (0, 1))
        return ends[0], ends[1]

    def _cross(self, curve: Mapping[int, float]) -> float:
        below = [n for n, value in curve.items() if Fraction(value) <= self.level]
        above = [n for n, value in curve.items() if Fraction(value) > self.level]
        if self.kind_of == "last below":
            # Without a hidden layer (one affine map) nothing can die, so 1 always qualifies.
            return math.inf if not above else max(below, default=1)
        if self.kind_of == "first below":
            return min(below, default=math.inf)
        return min(above, default=math.inf)
