"""Witnesses for the margin, the scale and the correlation of preactivations on Gaussian input."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, Unpack

import numpy as np

from relutheory.estimate import Estimate
from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.bounded import combined, moments_of, polynomial_bound, product_bound
from relutheory.simulate.gaussian_units import GaussianInput, Matrix, Vector, affine_bound, floats
from relutheory.simulate.sampling import Run, RunOptions
from relutheory.simulate.streams import Block

__all__ = ["pair_preactivation", "preactivation"]

Ends = tuple[float, float]
_NAME = "relutheory.simulate.gaussian_preactivations:"


def preactivation(
    *,
    theta: Vector,
    m: Vector,
    S: Matrix,
    what: str,
    other: Vector | None = None,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate the margin ``h``, the standard deviation ``s`` of a preactivation, or ``rho`` with another.

    Parameters
    ----------
    theta, m, S : array_like
        Unit (bias first), mean and covariance of the input.
    what : {"h", "s", "rho"}
        Quantity.
    other : array_like, optional
        Second unit, for ``rho``.
    **options
        See `RunOptions`.
    """
    law = GaussianInput.of(m, S)
    units = [floats(theta)] + ([] if other is None else [floats(other)])
    places = [(0,), (0, 0)] if other is None else [(0,), (1,), (0, 0), (1, 1), (0, 1)]
    forms = [affine_bound(np.array(unit) @ law.map) for unit in units]
    bounds = []
    for place in places:
        bound = polynomial_bound(product_bound([forms[k] for k in place]), law.size)
        bounds.append((-bound, bound))
    names = {"theta": theta, "m": m, "S": S, "what": what, "other": other}
    run = Run.of(_NAME + "preactivation", "sampled moments", names, options)
    task = partial(_unit_moments, law, tuple(units), tuple(places))
    images = {"s": _deviation, "h": _margin, "rho": _correlation}
    return combined(run, task, bounds, images[what])


def pair_preactivation(*, theta1: Vector, theta2: Vector, what: str, **arguments: Any) -> Estimate:
    """Simulate ``h1``, ``h2`` or ``rho`` of two units; other parameters as for `preactivation`."""
    if what == "rho":
        return preactivation(theta=theta1, other=theta2, what="rho", **arguments)
    return preactivation(theta=theta1 if what == "h1" else theta2, what="h", **arguments)


def _unit_moments(
    law: GaussianInput, units: Sequence[tuple[float, ...]], places: Sequence[tuple[int, ...]], block: Block
) -> CurveMoments:
    xt, weight = law.draw(block)
    y = [xt @ np.array(unit) for unit in units]
    return moments_of([weight * np.prod([y[k] for k in place], axis=0) for place in places])


def _square(interval: Ends) -> Ends:
    low, high = sorted(abs(end) for end in interval)
    return (0.0 if interval[0] < 0 < interval[1] else low**2), high**2


def _variance(mean: Ends, square: Ends) -> Ends:
    low, high = _square(mean)
    return max(square[0] - high, 0.0), square[1] - low


def _deviation(parts: Sequence[Ends]) -> Ends:
    low, high = _variance(*parts)
    return math.sqrt(low), math.sqrt(high)


def _margin(parts: Sequence[Ends]) -> Ends:
    low, high = _deviation(parts)
    corners = [mean / s if s > 0 else math.copysign(math.inf, mean) for mean in parts[0] for s in (low, high)]
    return min(corners), max(corners)


def _correlation(parts: Sequence[Ends]) -> Ends:
    one, two, one_square, two_square, both = parts
    products = [a * b for a in one for b in two]
    low, high = both[0] - max(products), both[1] - min(products)
    scales = [
        math.sqrt(a * b) for a, b in zip(_variance(one, one_square), _variance(two, two_square), strict=True)
    ]
    corners = [c / s if s > 0 else math.copysign(math.inf, c) for c in (low, high) for s in scales]
    return min(corners), max(corners)
