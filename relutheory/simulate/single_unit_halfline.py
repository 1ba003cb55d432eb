"""Means over the half-line behind a gate of polynomials in the coordinates of standard normal input.

``z`` is the coordinate along the weights, ``q`` the squared length of the others, independent of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.bounded import Array, moments_of
from relutheory.simulate.single_unit_designs import HalfLine, Rays
from relutheory.simulate.single_unit_intervals import Bound, Interval, add, multiply
from relutheory.simulate.streams import Block

__all__ = ["Polynomial", "Polynomials", "beside", "ends", "plus", "product"]

#: A polynomial in z and q: coefficients by powers.
Polynomial = dict[tuple[int, int], float]


def beside(dimension: int) -> Rays:
    """Design for the length of the coordinates beside the weights."""
    return Rays(dimension, strata=40)


def product(*factors: Polynomial) -> Polynomial:
    """Product of polynomials.

    Examples
    --------
    >>> product({(1, 0): 2.0}, {(0, 1): 3.0})
    {(1, 1): 6.0}
    """
    total: Polynomial = {(0, 0): 1.0}
    for factor in factors:
        found: Polynomial = {}
        for (i, j), a in total.items():
            for (k, m), b in factor.items():
                found[i + k, j + m] = found.get((i + k, j + m), 0.0) + a * b
        total = found
    return total


def plus(one: Polynomial, two: Polynomial, factor: float = 1.0) -> Polynomial:
    """``one + factor * two``."""
    found = dict(one)
    for key, value in two.items():
        found[key] = found.get(key, 0.0) + factor * value
    return found


#: Coefficients in z of the powers of z + h.
_POWERS = (lambda h: (1.0,), lambda h: (h, 1.0), lambda h: (h * h, 2 * h, 1.0))


@dataclass(frozen=True)
class Polynomials:
    """Task of the means of ``1(z > -h) p(z, q)``; if `pair`, the first quantity is the determinant.

    The determinant of ``E[u (1, z)(1, z)']`` is half the mean of ``u u' (z - z')**2`` over two inputs.
    """

    h: float
    rest: int
    wanted: tuple[Polynomial, ...]
    pair: bool = False

    @property
    def _orders(self) -> tuple[int, int]:
        keys = [key for polynomial in self.wanted for key in polynomial]
        return max(k for k, _ in keys), max(j for _, j in keys)

    def __call__(self, block: Block) -> CurveMoments:
        """Return the moments over one block of designs."""
        generator = block.draws().generator
        along, across = self._orders
        v, weight = HalfLine(self.h).draw(generator, block.size)
        z_means = [(weight * (v - self.h) ** k).sum(axis=0) for k in range(along + 1)]
        q_means = [np.ones(block.size)]
        if across and self.rest:
            r, chance = beside(self.rest).radii(generator, block.size)
            q_means += [(chance * r ** (2 * j)).sum(axis=0) for j in range(1, across + 1)]
        elif across:
            q_means += [np.zeros(block.size)] * across
        found: list[Array] = []
        if self.pair:
            other, chance = HalfLine(self.h).draw(generator, block.size)
            a, b, c = ((weight * v**k).sum(axis=0) for k in range(3))
            d, e, f = ((chance * other**k).sum(axis=0) for k in range(3))
            found.append((a * f - 2 * b * e + c * d) / 2)
        for polynomial in self.wanted:
            terms = [value * z_means[k] * q_means[j] for (k, j), value in polynomial.items()]
            found.append(np.asarray(sum(terms, np.zeros(block.size))))
        return moments_of(found)

    @property
    def bounds(self) -> list[Bound]:
        """Bounds of the quantities."""
        line = HalfLine(self.h)
        found = []
        if self.pair:
            # In powers of the excess v = z + h all ends are positive.
            (a, b), (c, d), (e, f) = (ends(line.bound(_POWERS[k](self.h))) for k in range(3))
            lowest, highest = max(a * e - d * d, 0.0), b * f - c * c
            found.append(Bound(lowest, highest, slack=1e-12 * b * f))
        for polynomial in self.wanted:
            total, slack = (0.0, 0.0), 0.0
            for j in range(self._orders[1] + 1 if self.rest else 1):
                terms = np.zeros(self._orders[0] + 1)
                for (k, power), value in polynomial.items():
                    terms[k] += value * (power == j)
                part = line.bound(terms)
                side = ends(beside(self.rest).power_bound(2 * j)) if j else (1.0, 1.0)
                total = add(total, multiply(ends(part), side))
                slack += part.slack * 2 * side[1]
            found.append(Bound(*total, slack=slack))
        return found


def ends(bound: Bound) -> Interval:
    """Lowest and highest value of a sample."""
    return bound.lowest, bound.highest
