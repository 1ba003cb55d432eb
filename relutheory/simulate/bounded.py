"""Means of unbounded quantities of Gaussian vectors with rigorous intervals: bounded importance sampling.

Standard normal vectors are drawn with twice their variance and weighted, so that a polynomial times its
weight is bounded; the bound, and with it the interval, is rigorous.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from relutheory.estimate import BoundedMoments, Estimate
from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.sampling import Run
from relutheory.simulate.streams import Block

__all__ = [
    "BLOCK",
    "Combined",
    "combined",
    "moments_of",
    "normals",
    "polynomial_bound",
    "product_bound",
    "quotient",
    "tempered_normals",
]

Array = NDArray[np.float64]
Confidence = float | Fraction
#: Samples of one block.
BLOCK = 1 << 15


def tempered_normals(generator: np.random.Generator, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Return normals of variance 2 and the weights that turn them into standard normals.

    Examples
    --------
    >>> g, weight = tempered_normals(np.random.default_rng(0), (1000,))
    >>> bool((weight * g**2 <= 4 * math.sqrt(2) / math.e).all())
    True
    """
    g = math.sqrt(2.0) * generator.standard_normal(shape)
    return g, math.sqrt(2.0) * np.exp(-(g**2) / 4.0)


def normals(block: Block, dimension: int) -> tuple[Array, Array]:
    """Vectors ``g ~ N(0, 2 I)``, one a row, and the weights that turn means over them into normal ones."""
    g, weights = tempered_normals(block.draws().generator, (block.size, dimension))
    return g, weights.prod(axis=1)


def product_bound(forms: Sequence[tuple[float, float]]) -> Array:
    """Coefficients of ``prod (a + b r)``, which bounds a product of affine forms where ``|g| <= r``."""
    coefficients = np.ones(1)
    for a, b in forms:
        coefficients = np.convolve(coefficients, [abs(a), abs(b)])
    return coefficients


def polynomial_bound(coefficients: Array, dimension: int) -> float:
    """Bound of ``weight * p(|g|)`` for a polynomial with coefficients >= 0, lowest order first.

    ``r**k exp(-r**2/4)`` is largest at ``r**2 = 2 k``.
    """
    peaks: list[float] = [1.0] + [(2 * k / math.e) ** (k / 2) for k in range(1, len(coefficients))]
    total = 2.0 ** (dimension / 2) * float(np.dot(coefficients, peaks))
    return float(total * (1 + 1e-9))


def moments_of(values: Sequence[Array]) -> CurveMoments:
    """Mean and squared deviations of several quantities over one block."""
    table = np.stack(values)
    mean = table.mean(axis=1)
    return CurveMoments(table.shape[1], mean, ((table - mean[:, None]) ** 2).sum(axis=1))


@dataclass(frozen=True)
class Combined:
    """A function of several means; its interval is the image of simultaneous intervals (union bound).

    Parameters
    ----------
    parts : tuple of BoundedMoments
        The means.
    image : callable
        ``image(intervals)`` gives ends that contain the function on a box of intervals.
    """

    parts: tuple[BoundedMoments, ...]
    image: Callable[[Sequence[tuple[float, float]]], tuple[float, float]]
    kind = "empirical-bernstein, combined"

    @property
    def samples(self) -> int:
        """Number of samples behind each mean."""
        return self.parts[0].samples

    @property
    def value(self) -> float:
        """Function of the sample means."""
        low, high = self.image([(p.mean, p.mean) for p in self.parts])
        return (low + high) / 2

    @property
    def standard_error(self) -> float:
        """First-order propagation, the errors added up."""
        centre = [(p.mean, p.mean) for p in self.parts]
        total = 0.0
        for k, part in enumerate(self.parts):
            moved = [*centre]
            moved[k] = (part.mean + part.standard_error,) * 2
            low, high = self.image(moved)
            total += abs((low + high) / 2 - self.value)
        return total

    def interval(self, confidence: Confidence) -> tuple[float, float]:
        """Image of the simultaneous intervals, widened by rounding."""
        each = 1 - (1 - Fraction(confidence)) / len(self.parts)
        low, high = self.image([p.interval(each) for p in self.parts])
        return low - 1e-12 * abs(low), high + 1e-12 * abs(high)


def combined(
    run: Run,
    task: Callable[[Block], CurveMoments],
    bounds: Sequence[tuple[float, float]],
    image: Callable[[Sequence[tuple[float, float]]], tuple[float, float]] | None = None,
) -> Estimate:
    """Estimate the mean of the first quantity of `task`, or a function of all means."""
    lows, highs = (np.array([b[side] for b in bounds]) for side in (0, 1))
    parts = run.mean_curve(task, BLOCK, (lows, highs))
    if image is None:
        return parts[0]
    moments = tuple(p.statistic for p in parts)
    assert all(isinstance(p, BoundedMoments) for p in moments)
    return run.estimate(Combined(moments, image), parts[0].complete)  # type: ignore[arg-type]  # checked above


def quotient(factor: float, parts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """``factor * first / second`` of positive quantities."""
    (a, b), (c, d) = parts
    return factor * a / d if d > 0 else 0.0, factor * b / c if c > 0 else math.inf
