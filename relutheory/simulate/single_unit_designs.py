"""Stratified designs: a few dozen weighted points that together are one unbiased sample of a Gaussian mean.

* `RayMeans`: an orthogonal frame of random directions, on each of them one random radius in every stratum.
  The integrand is evaluated at the points, whatever it is: no formula enters but the normal density.
* `HalfLine`: one point in every stratum of the excess ``v = z + h > 0`` over a gate, weighted by the density,
  so that tails keep their relative accuracy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.bounded import Array, moments_of
from relutheory.simulate.gaussian_units import GaussianInput, affine_bound
from relutheory.simulate.single_unit_intervals import Bound
from relutheory.simulate.streams import Block

__all__ = ["HalfLine", "RayMeans", "Rays"]

Integrand = Callable[[Array], Sequence[Array]]


@dataclass(frozen=True)
class Rays:
    """Design for ``E f(g)``, ``g ~ N(0, I)`` in `dimension` coordinates, in polar coordinates.

    The radius is cut where a tail of less than 1e-13 is left; `bound` accounts for it.
    """

    dimension: int
    strata: int = 12

    @property
    def radius(self) -> float:
        """Largest radius."""
        return math.sqrt(self.dimension) + 8.0

    @property
    def _constant(self) -> float:
        """Constant of the density of the radius."""
        return float(2.0 ** (1 - self.dimension / 2) / math.gamma(self.dimension / 2))

    def directions(self, generator: np.random.Generator, size: int) -> Array:
        """Directions, shape (axes, dimension, size): an orthonormal frame, in the plane twelve spokes."""
        if self.dimension == 1:
            return np.ones((1, 1, size))
        if self.dimension == 2:
            phase = generator.uniform(0.0, np.pi / 6, size) + np.arange(6)[:, None] * np.pi / 6
            return np.stack([np.cos(phase), np.sin(phase)], axis=1)
        frame = generator.standard_normal((self.dimension, self.dimension, size))
        for k in range(self.dimension):
            for j in range(k):
                frame[k] -= np.einsum("ij,ij->j", frame[j], frame[k]) * frame[j]
            frame[k] /= np.sqrt(np.einsum("ij,ij->j", frame[k], frame[k]))
        return frame

    def radii(self, generator: np.random.Generator, size: int) -> tuple[Array, Array]:
        """One radius in every stratum and the weights whose sum over the strata is 1 in the mean."""
        width = self.radius / self.strata
        r = generator.random((self.strata, size))
        r += np.arange(self.strata)[:, None]
        r *= width
        weight = np.exp(-0.5 * r**2)
        weight *= self._constant * width * r ** (self.dimension - 1)
        return r, weight

    def draw(self, generator: np.random.Generator, size: int) -> Iterator[tuple[Array, Array, Array]]:
        """Yield direction (dimension, size), radii and weights; the opposite direction belongs to it."""
        directions = self.directions(generator, size)
        for direction in directions:
            r, weight = self.radii(generator, size)
            weight /= 2 * len(directions)
            yield direction, r, weight

    def power_bound(self, power: int) -> Bound:
        """Bounds of the sum of the weights of `radii` times ``r**power``."""
        edges = np.linspace(0.0, self.radius, self.strata + 1)
        order = power + self.dimension - 1
        peak = np.clip(math.sqrt(order), edges[:-1], edges[1:])
        most = peak**order * np.exp(-(peak**2) / 2)
        ends = edges**order * np.exp(-(edges**2) / 2)
        least = np.minimum(ends[:-1], ends[1:])
        factor = self._constant * self.radius / self.strata
        lowest, highest = float(factor * least.sum()), float(factor * most.sum())
        size = 1e-12 * highest
        return Bound(lowest - size, highest + size, slack=size)

    def bound(self, coefficients: Array, nonnegative: bool = False) -> Bound:
        """Bound of one sample of ``f`` with ``|f(g)| <= p(|g|)``; coefficients from the lowest order."""
        edges = np.linspace(0.0, self.radius, self.strata + 1)
        total = slack = 0.0
        for k, coefficient in enumerate(np.abs(coefficients)):
            power = k + self.dimension - 1
            # r**power exp(-r**2/2) is largest at sqrt(power).
            peak = np.clip(math.sqrt(power), edges[:-1], edges[1:])
            total += float(coefficient * (peak**power * np.exp(-(peak**2) / 2)).sum())
            end = self.radius
            # The logarithmic derivative of the integrand beyond the end is at most power/end - end.
            slack += float(coefficient) * end**power * math.exp(-(end**2) / 2) / (end - power / end)
        total *= self._constant * self.radius / self.strata * (1 + 1e-9)
        slack *= self._constant * 1.01
        return Bound(0.0 if nonnegative else -total, total, slack=slack)


@dataclass(frozen=True)
class RayMeans:
    """Task of the means of an integrand of ``xt = (1, x)``, which maps (N+1, strata, size) to values."""

    law: GaussianInput
    integrand: Integrand
    strata: int = 12

    def __call__(self, block: Block) -> CurveMoments:
        """Return the moments over one block of designs."""
        rows = self.law.map
        totals: list[Array] | None = None
        design = Rays(self.law.size, self.strata)
        for direction, r, weight in design.draw(block.draws().generator, block.size):
            slope = (rows[:, 1:] @ direction)[:, None, :]
            for signed in (r, -r):
                xt = slope * signed
                xt += rows[:, 0][:, None, None]
                values = [(weight * value).sum(axis=0) for value in self.integrand(xt)]
                if totals is None:
                    totals = values
                else:
                    for total, value in zip(totals, values, strict=True):
                        total += value
        assert totals is not None
        return moments_of(totals)

    def form(self, row: Sequence[float] | Array) -> tuple[float, float]:
        """Bound ``a + b r`` of an affine form of ``xt`` where the standard normal vector has length r."""
        return affine_bound(np.asarray(row, float) @ self.law.map)

    def bound(self, coefficients: Array, nonnegative: bool = False) -> Bound:
        """Bound of one sample, see `Rays.bound`."""
        return Rays(self.law.size, self.strata).bound(coefficients, nonnegative)


@dataclass(frozen=True)
class HalfLine:
    """Design for ``E[1(z > -h) f(z)]``, ``z ~ N(0, 1)``, by the excess ``v = z + h``.

    Examples
    --------
    >>> v, weight = HalfLine(0.0).draw(np.random.default_rng(0), 1000)
    >>> print(f"{weight.sum(axis=0).mean():.2f} {(weight * v**2).sum(axis=0).mean():.2f}")
    0.50 0.50
    """

    h: float
    strata: int = 48

    @property
    def length(self) -> float:
        """Largest excess; what is cut is below 1e-15 of the whole."""
        return max(self.h, 0.0) + (9.0 if self.h > -4 else 36.0 / -self.h)

    def draw(self, generator: np.random.Generator, size: int) -> tuple[Array, Array]:
        """Excess and weights, shape (strata, size)."""
        width = self.length / self.strata
        v = generator.random((self.strata, size))
        v += np.arange(self.strata)[:, None]
        v *= width
        weight = np.exp(-0.5 * (v - self.h) ** 2)
        weight *= width / math.sqrt(2 * math.pi)
        return v, weight

    def bound(self, coefficients: Sequence[float] | Array) -> Bound:
        """Bounds of one sample of a polynomial in ``z``, coefficients from the lowest order.

        In each stratum the density and, by its Taylor expansion in the middle, the polynomial have bounds.
        """
        edges = np.linspace(0.0, self.length, self.strata + 1) - self.h
        half = self.length / self.strata / 2
        centres = edges[:-1] + half
        scale = 2 * half / math.sqrt(2 * math.pi)
        most = scale * np.exp(-(np.clip(0.0, edges[:-1], edges[1:]) ** 2) / 2)
        least = scale * np.exp(-(np.maximum(np.abs(edges[:-1]), np.abs(edges[1:])) ** 2) / 2)
        polynomial = np.polynomial.Polynomial(np.atleast_1d(np.asarray(coefficients, float)))
        value = polynomial(centres)
        radius = sum(
            np.abs(polynomial.deriv(k)(centres)) * half**k / math.factorial(k)
            for k in range(1, polynomial.degree() + 1)
        )
        low, high = value - radius, value + radius
        lowest = float(np.minimum(low * least, low * most).sum())
        highest = float(np.maximum(high * least, high * most).sum())
        size = 1e-12 * float((most * np.maximum(np.abs(low), np.abs(high))).sum())
        return Bound(lowest - size, highest + size, slack=size)
