"""Witnesses for the gated Gram matrix of (1, z) and its eigenvalues."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Unpack

import numpy as np

from relutheory.estimate import Estimate
from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.bounded import (
    combined,
    moments_of,
    normals,
    polynomial_bound,
    product_bound,
    quotient,
)
from relutheory.simulate.sampling import Run, RunOptions
from relutheory.simulate.streams import Block

__all__ = ["gram", "gram_bracket", "gram_tail"]

Number = int | float | Fraction
Interval = tuple[float, float]
_NAME = "relutheory.simulate.gaussian_gram:"


def gram(*, h: Number, what: str = "lam_minus", **options: Unpack[RunOptions]) -> Estimate:
    """Simulate an eigenvalue, the determinant or the trace of ``E[1(z > -h) (1, z)(1, z)']``.

    Parameters
    ----------
    h : number
        Margin.
    what : {"lam_minus", "lam_plus", "det", "trace"}
        Quantity.
    **options
        See `RunOptions`.
    """
    run = Run.of(_NAME + "gram", "sampled matrix", {"h": h, "what": what}, options)
    bounds = [polynomial_bound(product_bound([(0.0, 1.0)] * k), 1) for k in range(3)]
    return combined(run, partial(_gram_sample, float(h)), [(-b, b) for b in bounds], partial(_gram, what))


def _gram_sample(h: float, block: Block) -> CurveMoments:
    z, weight = normals(block, 1)
    weight = np.where(z[:, 0] > -h, weight, 0.0)
    return moments_of([z[:, 0] ** k * weight for k in range(3)])


def _gram(what: str, parts: Sequence[Interval]) -> Interval:
    middle = [(low + high) / 2 for low, high in parts]
    radius = [(high - low) / 2 for low, high in parts]
    matrix = np.array([[middle[0], middle[1]], [middle[1], middle[2]]])
    if what == "trace":
        return middle[0] + middle[2] - radius[0] - radius[2], middle[0] + middle[2] + radius[0] + radius[2]
    if what == "det":
        value = middle[0] * middle[2] - middle[1] ** 2
        error = (
            radius[0] * abs(middle[2])
            + radius[2] * abs(middle[0])
            + radius[0] * radius[2]
            + (2 * abs(middle[1]) + radius[1]) * radius[1]
        )
        return value - error, value + error
    # Weyl: an eigenvalue moves by at most the norm of the perturbation.
    error = math.sqrt(radius[0] ** 2 + 2 * radius[1] ** 2 + radius[2] ** 2)
    value = float(np.linalg.eigvalsh(matrix)[0 if what == "lam_minus" else 1])
    return value - error, value + error


@dataclass(frozen=True)
class _Excess:
    """Mean and second moment of the excess ``z - a`` over ``z > a``, by exponential proposals."""

    a: float

    def __call__(self, block: Block) -> CurveMoments:
        # v has density r exp(-r v); the weight phi(a + v)/(phi(a) r exp(-r v)) is bounded.
        rate = self.rate
        v = block.draws().generator.exponential(1.0, block.size) / rate
        weight = np.exp((rate - self.a) * v - v * v / 2) / rate
        return moments_of([weight, v * weight, v * v * weight])

    @property
    def rate(self) -> float:
        return max(self.a, 1.0)

    @property
    def bounds(self) -> list[Interval]:
        gap, rate = self.rate - self.a, self.rate
        found = []
        for k in range(3):
            # v**k exp(gap v - v**2/2) is largest at v = (gap + sqrt(gap**2 + 4 k))/2.
            v = (gap + math.sqrt(gap * gap + 4 * k)) / 2
            found.append((0.0, v**k * math.exp(gap * v - v * v / 2) / rate * (1 + 1e-9)))
        return found


def _slow_quotient(a: float, parts: Sequence[Interval]) -> Interval:
    """``P/lam_minus(-a)`` from moments 0, 1, 2 of the excess; the determinant is its variance."""
    (p, q), (c, d), (e, f) = parts
    means = (quotient(1.0, [(c, d), (p, q)]), quotient(1.0, [(e, f), (p, q)]))
    first, second = ((x + y) / 2 for x, y in means)
    rf, rs = ((y - x) / 2 for x, y in means)
    # The reciprocal of the smaller root of x**2 - trace x + det grows with the trace and falls with det.
    ends = []
    for sign in (-1, 1):
        trace = 1 + a * a + 2 * a * (first + sign * rf) + second + sign * rs
        det = second - sign * rs - (first + sign * rf) ** 2
        root = math.sqrt(max(trace * trace - 4 * det, 0.0))
        ends.append((trace + root) / (2 * det) if det > 0 else math.inf)
    return ends[0], ends[1]


def gram_bracket(*, a: Number, what: str = "f", **options: Unpack[RunOptions]) -> Estimate:
    """Simulate ``P/lam_minus(-a)`` from the law of ``z`` given ``z > a``.

    Parameters
    ----------
    a : number
        Distance into the tail, >= 0.
    what : {"quotient", "f"}
        The quotient, or the quotient minus ``a**4 + 9 a**2``.
    **options
        See `RunOptions`.
    """
    run = Run.of(_NAME + "gram_bracket", "exponential proposals", {"a": a, "what": what}, options)
    task = _Excess(float(a))
    return combined(run, task, task.bounds, partial(_bracket, float(a), what))


def _bracket(a: float, what: str, parts: Sequence[Interval]) -> Interval:
    low, high = _slow_quotient(a, parts)
    shift = a**4 + 9 * a**2 if what == "f" else 0.0
    return low - shift, high - shift


def gram_tail(*, a: Number, **options: Unpack[RunOptions]) -> Estimate:
    """Simulate ``(lam_minus(-a) a**4/P - (1 - 9/a**2 + 79/a**4 - 782/a**6)) a**8``.

    Parameters
    ----------
    a : number
        Distance into the tail, > 0.
    **options
        See `RunOptions`.
    """
    run = Run.of(_NAME + "gram_tail", "exponential proposals", {"a": a}, options)
    task = _Excess(float(a))
    return combined(run, task, task.bounds, partial(_remainder, float(a)))


def _remainder(a: float, parts: Sequence[Interval]) -> Interval:
    ends = _slow_quotient(a, parts)
    known = a**8 - 9 * a**6 + 79 * a**4 - 782 * a**2
    low, high = (a**12 / end - known for end in ends[::-1])
    return low, high
