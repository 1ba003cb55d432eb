"""Bounded estimators of moments of unbounded variables.

A normal or exponential variable is drawn from a law with heavier tails, with the ratio of the densities as a
weight. Weight times a power is then bounded, so means have intervals that hold at every sample size.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relutheory.estimate import Estimate
from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.bounded import moments_of, tempered_normals
from relutheory.simulate.rai_laws import ReplacingLaw
from relutheory.simulate.sampling import Run
from relutheory.simulate.streams import Block

__all__ = [
    "NORMAL_BOUNDS",
    "Spread",
    "bounded_mean",
    "law_bounds",
    "square_bound",
    "tempered",
    "tempered_normals",
]

Array = NDArray[np.float64]
Bounds = tuple[float, float, float]

_BLOCK = 1 << 15
# Rounding of sums and products.
_SLACK = 1.0 + 1e-9

#: Suprema of weight times |g|^k, k = 0, 1, 2, for `tempered_normals`: attained at |g| = 0, sqrt(2), 2.
NORMAL_BOUNDS: Bounds = (math.sqrt(2.0), 2.0 * math.exp(-0.5), 4.0 * math.sqrt(2.0) / math.e)
# The same for exponential variables of rate 1, drawn with rate 1/2: attained at 0, 2, 4.
_EXPONENTIAL_BOUNDS: Bounds = (2.0, 4.0 / math.e, 32.0 / math.e**2)


def tempered(
    law: ReplacingLaw, generator: np.random.Generator, shape: tuple[int, ...]
) -> tuple[Array, Array]:
    """Return positive numbers and the weights that turn them into draws from the law."""
    if law.name == "halfnormal":
        g, weight = tempered_normals(generator, shape)
        return law.parameters[0] * np.abs(g), weight
    if law.name == "exponential":
        x = 2.0 * generator.standard_exponential(shape)
        return x / law.parameters[0], 2.0 * np.exp(-x / 2.0)
    return law.draw(generator, shape), np.ones(shape)


def law_bounds(law: ReplacingLaw) -> Bounds:
    """Return bounds of weight times X^k, k = 0, 1, 2, for `tempered`.

    Examples
    --------
    >>> law_bounds(ReplacingLaw("uniform", (2.0,)))
    (1.0, 2.0, 4.0)
    """
    if law.name == "halfnormal":
        base, unit = NORMAL_BOUNDS, law.parameters[0]
    elif law.name == "exponential":
        base, unit = _EXPONENTIAL_BOUNDS, 1.0 / law.parameters[0]
    else:
        base, unit = (1.0, 1.0, 1.0), law.supremum
    return base[0], base[1] * unit, base[2] * unit**2


def square_bound(law: ReplacingLaw, c: float, s: float) -> float:
    """Return a bound of weight times (c X + s |g|)^2 for independent tempered X and g, c and s >= 0."""
    x, g = law_bounds(law), NORMAL_BOUNDS
    return c * c * x[2] * g[0] + 2.0 * c * s * x[1] * g[1] + s * s * x[0] * g[2]


@dataclass(frozen=True)
class Spread:
    """Almost sure bounds of one sample."""

    low: float
    high: float


def bounded_mean(
    run: Run, sample: Callable[[np.random.Generator, int], Any], spread: Spread, block_size: int = _BLOCK
) -> Estimate:
    """Return the mean of independent values within known bounds.

    Parameters
    ----------
    run : Run
        Options and provenance.
    sample : callable
        From a generator and a number to so many values; must be picklable for several processes.
    spread : Spread
        Bounds of each value.
    block_size : int
        Samples a block.
    """
    low, high = (end + sign * (_SLACK - 1.0) * abs(end) for end, sign in ((spread.low, -1), (spread.high, 1)))
    task = partial(_block_moments, sample)
    return run.mean_curve(task, block_size, (np.array([low]), np.array([high])))[0]


def _block_moments(sample: Callable[[np.random.Generator, int], Any], block: Block) -> CurveMoments:
    return moments_of([np.asarray(sample(block.draws().generator, block.size), np.float64)])
