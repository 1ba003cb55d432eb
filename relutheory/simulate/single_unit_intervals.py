"""Sharp finite-sample intervals for means of stratified designs, and the statistic of a computed number.

A design (some dozen points that together are one sample) has a small variance but a large bound, so the term
of the bound decides the width. Betting on deviations of both signs keeps that term small.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from relutheory.estimate import BoundedMoments, Estimate
from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.bounded import Combined
from relutheory.simulate.sampling import Run
from relutheory.simulate.streams import Block

__all__ = [
    "Bound",
    "Interval",
    "Known",
    "SharpImage",
    "SharpMoments",
    "add",
    "computed",
    "estimated",
    "inverse",
    "multiply",
    "root",
    "square",
]

Interval = tuple[float, float]
Image = Callable[[Sequence[Interval]], Interval]
_RATIO = 1.35
#: Share of the error budget that the crude first interval takes.
_CRUDE = Fraction(1, 16)


@dataclass(frozen=True)
class Bound:
    """What is known of one sample before it is drawn.

    Parameters
    ----------
    lowest, highest : float
        Almost sure bounds.
    reach : float
        Almost sure bound of the distance from the mean.
    slack : float
        Bound of what the mean misses (a truncated tail).
    """

    lowest: float
    highest: float
    reach: float = sys.float_info.max
    slack: float = 0.0


@dataclass(frozen=True)
class SharpMoments(BoundedMoments):
    """Moments of bounded samples whose interval comes from bets instead of a variance estimate.

    For each ``l`` with ``l (mean - lowest) < 1`` the products of ``1 + l (X_i - mean)`` have mean one, so by
    Markov's inequality they stay below ``1/a`` with probability ``1 - a``. As
    ``log(1 + y) >= y - c y**2`` for ``y >= -q``, ``c = (-log(1 - q) - q)/q**2``, this bounds the deviation by
    the mean square alone. The bets ``l`` are a fixed geometric grid, paid for by the union bound; a crude
    interval of Maurer and Pontil says which of them are admissible.

    References
    ----------
    I. Waudby-Smith, A. Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86, 1-27,
    2024, doi:10.1093/jrsssb/qkad009.
    """

    reach: float = sys.float_info.max
    slack: float = 0.0
    kind = "betting on a grid"

    def interval(self, confidence: float | Fraction) -> Interval:
        """Return the interval, widened by the slack.

        Examples
        --------
        >>> low, high = SharpMoments(10_000, 0.3, 1.0, 0.0, 1.0).interval(0.99)
        >>> print(f"{low:.5f} {high:.5f}")
        0.29939 0.30089
        """
        spread = min(self.highest - self.lowest, 2 * self.reach)
        one_sided = min(self.highest - self.lowest, self.reach)
        if self.samples < 2 or one_sided <= 0:
            return self.lowest - self.slack, self.highest + self.slack
        miss = 1 - Fraction(confidence)
        n, variance = self.samples, self.squares / self.samples
        crude_log = _log(4 / (miss * _CRUDE))
        crude = math.sqrt(2 * self.variance * crude_log / n) + 7 * spread * crude_log / (3 * (n - 1))
        step = min(1.0, 2 * math.sqrt(2 * _log(2 / miss) / n))
        bets = [step * _RATIO**k / one_sided for k in range(1 + math.ceil(math.log(16 / step, _RATIO)))]
        log = _log(2 * len(bets) / (miss * (1 - _CRUDE)))
        room_low = min(one_sided, self.mean + crude - self.lowest)
        room_high = min(one_sided, self.highest - self.mean + crude)
        below = min([crude, *(_deviation(bet, room_low, variance, log / n, crude) for bet in bets)])
        above = min([crude, *(_deviation(bet, room_high, variance, log / n, crude) for bet in bets)])
        # One part in 10^12 covers the rounding of these operations and of the sums.
        extra = self.slack + 1e-12 * abs(self.mean)
        return (
            max(self.mean - below * (1 + 1e-12), self.lowest) - extra,
            min(self.mean + above * (1 + 1e-12), self.highest) + extra,
        )


def _log(ratio: Fraction) -> float:
    return math.log(ratio.numerator) - math.log(ratio.denominator)


def _deviation(bet: float, room: float, variance: float, cost: float, crude: float) -> float:
    """Largest deviation below `crude` that this bet leaves possible; `room` bounds a loss."""
    q = bet * room
    if not 0 < q < 1:
        return math.inf
    curve = bet * (0.5 + q / 3 + q * q if q < 1e-4 else (-math.log1p(-q) - q) / q**2) * (1 + 1e-9)
    level = curve * variance + cost / bet
    inside = 1 - 4 * curve * level
    if inside <= 0:
        return math.inf
    # Deviations between the roots are refuted; beyond the upper root the crude interval refutes them.
    if crude >= (1 + math.sqrt(inside)) / (2 * curve):
        return math.inf
    return 2 * level / (1 + math.sqrt(inside))


@dataclass(frozen=True)
class SharpImage(Combined):
    """A function of several means with the simultaneous sharp intervals."""

    kind = "betting on a grid, combined"


def estimated(
    run: Run,
    task: Callable[[Block], CurveMoments],
    bounds: Sequence[Bound],
    image: Image | None = None,
    *,
    block: int = 1 << 9,
) -> Estimate:
    """Estimate the mean of the first quantity of `task`, or a function of all means."""
    ends = np.array([b.lowest for b in bounds]), np.array([b.highest for b in bounds])
    found = run.mean_curve(task, block, ends)
    parts = []
    for one, bound in zip(found, bounds, strict=True):
        base = one.statistic
        assert isinstance(base, BoundedMoments)
        # A design with one possible value still has rounding errors.
        ends_of_one = min(base.lowest, base.mean), max(base.highest, base.mean)
        parts.append(
            SharpMoments(base.samples, base.mean, base.squares, *ends_of_one, bound.reach, bound.slack)
        )
    if image is None:
        return run.estimate(parts[0], found[0].complete)
    return run.estimate(SharpImage(tuple(parts), image), found[0].complete)  # type: ignore[arg-type]  # same use


@dataclass(frozen=True, slots=True)
class Known:
    """A number computed without chance, with a bound of its error."""

    value: float
    error: float = 0.0
    samples: int = 1
    kind = "computed, with an error bound"

    @property
    def standard_error(self) -> float:
        """The error bound."""
        return self.error

    def interval(self, confidence: float | Fraction) -> Interval:
        """Return the value and its error bound, whatever the confidence."""
        return self.value - self.error, self.value + self.error


def computed(run: Run, value: float, error: float = 0.0) -> Estimate:
    """Return a computed number as an estimate."""
    return run.estimate(Known(value, error), True)  # type: ignore[arg-type]  # a statistic in all that is used


def add(one: Interval, two: Interval) -> Interval:
    """Sum of intervals."""
    return one[0] + two[0], one[1] + two[1]


def multiply(one: Interval, two: Interval) -> Interval:
    """Product of intervals.

    Examples
    --------
    >>> multiply((-1.0, 2.0), (3.0, 4.0))
    (-4.0, 8.0)
    """
    corners = [a * b if a and b else 0.0 for a in one for b in two]
    return min(corners), max(corners)


def inverse(one: Interval) -> Interval:
    """Reciprocal; everything if the interval contains zero."""
    if one[0] <= 0 <= one[1]:
        return -math.inf, math.inf
    return 1 / one[1], 1 / one[0]


def square(one: Interval) -> Interval:
    """Square of an interval.

    Examples
    --------
    >>> square((-1.0, 2.0))
    (0.0, 4.0)
    """
    low, high = sorted(abs(end) for end in one)
    return (0.0 if one[0] <= 0 <= one[1] else low**2), high**2


def root(one: Interval) -> Interval:
    """Square root; a negative lower end counts as zero."""
    return math.sqrt(max(one[0], 0.0)), math.sqrt(max(one[1], 0.0))
