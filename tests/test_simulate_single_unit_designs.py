"""Stratified designs and their intervals: coverage, moments, almost sure bounds."""

from __future__ import annotations

import math
from fractions import Fraction as F

import numpy as np
import pytest

from relutheory.estimate import BoundedMoments
from relutheory.simulate.bounded import product_bound
from relutheory.simulate.gaussian_units import GaussianInput
from relutheory.simulate.single_unit_designs import HalfLine, RayMeans, Rays
from relutheory.simulate.single_unit_intervals import SharpMoments, inverse, multiply, square
from relutheory.simulate.streams import Block

SURE = 1 - F(1, 10**9)


def Phi(h: float) -> float:
    return math.erfc(-h / math.sqrt(2)) / 2


def phi(h: float) -> float:
    return math.exp(-h * h / 2) / math.sqrt(2 * math.pi)


def test_the_intervals_cover() -> None:
    rng = np.random.default_rng(5)
    laws = [
        (0.02, lambda n: (rng.random(n) < 0.02).astype(float)),
        (0.5, lambda n: rng.random(n)),
        (1 / 6, lambda n: rng.random(n) ** 5),
    ]
    for mean, draw in laws:
        missed = 0
        for _ in range(500):
            x = draw(300)
            squares = float(((x - x.mean()) ** 2).sum())
            low, high = SharpMoments(300, float(x.mean()), squares, 0.0, 1.0).interval(0.8)
            missed += not low <= mean <= high
        # The error is at most 0.2; 150 misses of 500 have probability below 1e-7 even then.
        assert missed < 150


@pytest.mark.parametrize("variance", [0.0, 0.01, 0.2])
def test_the_intervals_are_sharper_than_bernstein(variance: float) -> None:
    n = 10_000
    low, high = SharpMoments(n, 0.4, variance * n, 0.0, 1.0).interval(SURE)
    other = BoundedMoments(n, 0.4, variance * n, 0.0, 1.0).interval(SURE)
    assert high - low < other[1] - other[0]
    # Never narrower than the central limit theorem allows.
    assert high - low > 2 * 5.9 * math.sqrt(variance / n)


@pytest.mark.parametrize("dimension", [1, 2, 3, 5])
def test_designs_have_the_moments_of_normals_and_keep_their_bounds(dimension: int) -> None:
    law = GaussianInput((0.0,) * dimension, tuple(map(tuple, np.eye(dimension))))
    axis = np.eye(dimension + 1)[dimension]

    def powers(xt: np.ndarray) -> list[np.ndarray]:
        g = np.tensordot(axis, xt, 1)
        return [np.ones_like(g), g, g**2, g**4, np.abs(g)]

    task = RayMeans(law, powers)
    found = task(Block(0, 4000, 1))
    error = np.sqrt(found.squares / 4000 / 3999)
    for value, truth, sigma in zip(found.mean, (1, 0, 1, 3, math.sqrt(2 / math.pi)), error, strict=True):
        assert abs(value - truth) < 6 * sigma + 1e-12
    form = task.form(axis)
    bounds = [Rays(dimension).bound(product_bound([form] * k)) for k in (0, 1, 2, 4, 1)]
    for value, squares, bound in zip(found.mean, found.squares, bounds, strict=True):
        assert bound.lowest <= value - math.sqrt(squares / 4000)
        assert value + math.sqrt(squares / 4000) <= bound.highest
        assert bound.slack < 1e-9


@pytest.mark.parametrize("h", [-6.0, -2.0, 0.0, 3.0])
def test_half_lines_keep_their_relative_accuracy_and_bounds(h: float) -> None:
    rng = np.random.default_rng(2)
    line = HalfLine(h)
    v, weight = line.draw(rng, 4000)
    for coefficients, truth in (((1.0,), Phi(h)), ((0.0, 1.0), phi(h)), ((h * h, 2 * h, 1.0), None)):
        values = (weight * np.polynomial.Polynomial(coefficients)(v - h)).sum(axis=0)
        bound = line.bound(coefficients)
        assert bound.lowest <= values.min() <= values.max() <= bound.highest
        if truth is not None:
            assert abs(values.mean() - truth) < 6 * values.std() / math.sqrt(4000) + 1e-13 * truth
            assert values.std() < (0.3 * truth if h <= 0 else 0.05)


def test_interval_arithmetic() -> None:
    assert multiply((-1, 2), (-3, 5)) == (-6, 10)
    assert inverse((-1, 2)) == (-math.inf, math.inf)
    assert square((-3, 2)) == (0, 9)
