"""Witnesses for gated units on Gaussian input ``x ~ N(m, S)``: sample means of what the statements name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, Unpack

import numpy as np

from relutheory.estimate import Estimate
from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.bounded import Array, combined, moments_of, normals, polynomial_bound, product_bound
from relutheory.simulate.sampling import Run, RunOptions
from relutheory.simulate.streams import Block

__all__ = [
    "GaussianInput",
    "affine_bound",
    "floats",
    "gated_eigenvalue",
    "gated_moment",
    "leaky_gated_moment",
    "quadrant_gated_moment",
    "relu_cross",
    "relu_moment",
    "surface_moment",
]

Number = int | float | Fraction
Vector = Sequence[Number]
Matrix = Sequence[Sequence[Number]]
_NAME = "relutheory.simulate.gaussian_units:"


@dataclass(frozen=True)
class GaussianInput:
    """Augmented Gaussian input ``xt = (1, m + L g)`` with ``L L' = S``."""

    m: tuple[float, ...]
    S: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, m: Vector, S: Matrix) -> GaussianInput:
        """Law with this mean and covariance."""
        return cls(tuple(map(float, m)), tuple(tuple(map(float, row)) for row in S))

    @property
    def size(self) -> int:
        """Dimension of the input."""
        return len(self.m)

    @property
    def map(self) -> Array:
        """Rows: coefficients ``(a, b)`` of ``xt_i = a + b . g``."""
        rows = np.zeros((self.size + 1, self.size + 1))
        rows[0, 0] = 1.0
        rows[1:, 0] = self.m
        rows[1:, 1:] = np.linalg.cholesky(np.array(self.S))
        return rows

    def draw(self, block: Block) -> tuple[Array, Array]:
        """Augmented inputs, one a row, with their weights."""
        g, weight = normals(block, self.size)
        rows = self.map
        return rows[:, 0] + g @ rows[:, 1:].T, weight


def affine_bound(row: Array) -> tuple[float, float]:
    """``|a + b . g| <= |a| + |b| |g|``."""
    return float(abs(row[0])), float(np.linalg.norm(row[1:]))


@dataclass(frozen=True)
class _Product:
    """``prod of gates * prod of affine forms of xt * quadratic form of xt``, weighted.

    Affine forms are given by their coefficients on ``xt``; a leaky gate contributes ``slope**2`` when
    closed.
    """

    law: GaussianInput
    gates: tuple[tuple[float, ...], ...]
    forms: tuple[tuple[float, ...], ...]
    K: tuple[tuple[float, ...], ...] | None = None
    leak: float = 0.0

    def __call__(self, block: Block) -> CurveMoments:
        xt, weight = self.law.draw(block)
        value = weight
        for gate in self.gates:
            value = np.where(xt @ np.array(gate) > 0, value, self.leak * value)
        for form in self.forms:
            value = value * (xt @ np.array(form))
        if self.K is not None:
            value = value * np.einsum("ni,ij,nj->n", xt, np.array(self.K), xt)
        return moments_of([value])

    @property
    def bound(self) -> float:
        """Bound of the absolute value of one sample."""
        rows = self.law.map
        coefficients = product_bound([affine_bound(np.array(form) @ rows) for form in self.forms])
        if self.K is not None:
            parts = [affine_bound(row) for row in rows]
            quadratic = np.zeros(3)
            for i, row in enumerate(self.K):
                for j, entry in enumerate(row):
                    quadratic += abs(entry) * product_bound([parts[i], parts[j]])
            coefficients = np.convolve(coefficients, quadratic)
        return max(1.0, abs(self.leak)) * polynomial_bound(coefficients, self.law.size)


def _unit(position: int, size: int) -> tuple[float, ...]:
    return tuple(float(k == position) for k in range(size + 1))


def floats(vector: Vector) -> tuple[float, ...]:
    """Vector as a tuple of floats."""
    return tuple(map(float, vector))


def _matrix(matrix: Matrix) -> tuple[tuple[float, ...], ...]:
    return tuple(map(floats, matrix))


def _estimate(name: str, names: dict[str, Any], task: _Product, options: RunOptions) -> Estimate:
    run = Run.of(_NAME + name, "bounded importance sampling", names, options)
    return combined(run, task, [(-task.bound, task.bound)])


def gated_moment(
    *,
    theta: Vector,
    m: Vector,
    S: Matrix,
    K: Matrix | None = None,
    augmented: Sequence[int] = (),
    centred: Sequence[int] = (),
    preactivation: int = 0,
    form: bool = False,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate ``E[u y**p prod xt_i prod (x - m)_k (xt'K xt)]`` for one unit on Gaussian input.

    Parameters
    ----------
    theta, m, S, K : array_like
        Unit (bias first), mean and covariance of the input, matrix of the quadratic form.
    augmented, centred : sequence of int
        Components of ``xt`` (0 is the bias) and of ``x - m`` (counted from 0) in the product.
    preactivation : int
        Power ``p`` of ``y``.
    form : bool
        Whether the quadratic form is a factor.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> from relutheory.simulate.gaussian import gated_moment
    >>> e = gated_moment(theta=(0, 1), m=(0,), S=((1,),), augmented=(1, 1), samples=20_000, seed=0)
    >>> e.contains(0.5)
    True
    """
    law = GaussianInput.of(m, S)
    forms = [_unit(i, law.size) for i in augmented] + [floats(theta)] * preactivation
    for k in centred:
        shifted = list(_unit(k + 1, law.size))
        shifted[0] = -law.m[k]
        forms.append(tuple(shifted))
    task = _Product(law, (floats(theta),), tuple(forms), _matrix(K) if form and K is not None else None)
    names = {"theta": theta, "m": m, "S": S, "augmented": augmented, "centred": centred}
    return _estimate("gated_moment", {**names, "preactivation": preactivation}, task, options)


def quadrant_gated_moment(
    *,
    theta1: Vector,
    theta2: Vector,
    m: Vector,
    S: Matrix,
    K: Matrix | None = None,
    augmented: Sequence[int] = (),
    form: bool = False,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate ``E[u1 u2 prod xt_i (xt'K xt)]`` for two units on the same Gaussian input.

    Parameters
    ----------
    theta1, theta2, m, S, K : array_like
        Units (bias first), mean and covariance of the input, matrix of the quadratic form.
    augmented : sequence of int
        Components of ``xt`` in the product.
    form : bool
        Whether the quadratic form is a factor.
    **options
        See `RunOptions`.
    """
    law = GaussianInput.of(m, S)
    gates = (floats(theta1), floats(theta2))
    forms = tuple(_unit(i, law.size) for i in augmented)
    task = _Product(law, gates, forms, _matrix(K) if form and K is not None else None)
    names = {"theta1": theta1, "theta2": theta2, "m": m, "S": S, "augmented": augmented}
    return _estimate("quadrant_gated_moment", names, task, options)


def leaky_gated_moment(
    *,
    slope: Number,
    theta: Vector,
    m: Vector,
    S: Matrix,
    augmented: Sequence[int] = (),
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate ``E[f'(y)**2 prod xt_i]`` for one leaky unit.

    Parameters
    ----------
    slope : number
        Slope for ``y <= 0``.
    theta, m, S : array_like
        Unit (bias first), mean and covariance of the input.
    augmented : sequence of int
        Components of ``xt`` in the product.
    **options
        See `RunOptions`.
    """
    law = GaussianInput.of(m, S)
    forms = tuple(_unit(i, law.size) for i in augmented)
    task = _Product(law, (floats(theta),), forms, leak=float(slope) ** 2)
    names = {"slope": slope, "theta": theta, "m": m, "S": S, "augmented": augmented}
    return _estimate("leaky_gated_moment", names, task, options)


def relu_moment(
    *, theta: Vector, m: Vector, S: Matrix, power: int = 1, **options: Unpack[RunOptions]
) -> Estimate:
    """Simulate ``E max(y, 0)**power`` for one unit on Gaussian input.

    Parameters
    ----------
    theta, m, S : array_like
        Unit (bias first), mean and covariance of the input.
    power : int
        1 or 2.
    **options
        See `RunOptions`.
    """
    task = _Product(GaussianInput.of(m, S), (floats(theta),), (floats(theta),) * power)
    return _estimate("relu_moment", {"theta": theta, "m": m, "S": S, "power": power}, task, options)


def relu_cross(
    *,
    theta1: Vector | None = None,
    theta2: Vector | None = None,
    m: Vector = (0, 0),
    S: Matrix = ((1, 0), (0, 1)),
    rho: Number | None = None,
    s1: Number = 1,
    s2: Number = 1,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate ``E[max(y1, 0) max(y2, 0)]`` for two units, or for two centred preactivations.

    Parameters
    ----------
    theta1, theta2, m, S : array_like
        Units (bias first), mean and covariance of the input.
    rho, s1, s2 : number
        Instead: correlation and standard deviations of two centred preactivations.
    **options
        See `RunOptions`.
    """
    if theta1 is None or theta2 is None:
        r = float(rho or 0)
        theta1 = (0.0, float(s1), 0.0)
        theta2 = (0.0, float(s2) * r, float(s2) * math.sqrt(1 - r * r))
    gates = (floats(theta1), floats(theta2))
    task = _Product(GaussianInput.of(m, S), gates, gates)
    names = {"theta1": theta1, "theta2": theta2, "m": m, "S": S, "rho": rho}
    return _estimate("relu_cross", names, task, options)


def gated_eigenvalue(
    *, theta: Vector, m: Vector, S: Matrix, number: int, **options: Unpack[RunOptions]
) -> Estimate:
    """Simulate eigenvalue ``number`` (from 0, ascending) of ``E[u xt xt']`` from the sampled matrix.

    Parameters
    ----------
    theta, m, S : array_like
        Unit (bias first), mean and covariance of the input.
    number : int
        0..N.
    **options
        See `RunOptions`.
    """
    law = GaussianInput.of(m, S)
    places = [(i, j) for i in range(law.size + 1) for j in range(i + 1)]
    rows = law.map
    bounds = []
    for i, j in places:
        bound = polynomial_bound(product_bound([affine_bound(rows[i]), affine_bound(rows[j])]), law.size)
        bounds.append((-bound, bound))
    names = {"theta": theta, "m": m, "S": S, "number": number}
    run = Run.of(_NAME + "gated_eigenvalue", "sampled matrix", names, options)
    task = partial(_matrix_sample, law, floats(theta), tuple(places))
    return combined(run, task, bounds, partial(_eigenvalue, law.size + 1, tuple(places), number))


def _matrix_sample(
    law: GaussianInput, theta: tuple[float, ...], places: Sequence[tuple[int, int]], block: Block
) -> CurveMoments:
    xt, weight = law.draw(block)
    weight = np.where(xt @ np.array(theta) > 0, weight, 0.0)
    return moments_of([xt[:, i] * xt[:, j] * weight for i, j in places])


def _eigenvalue(
    size: int, places: Sequence[tuple[int, int]], number: int, parts: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    matrix, error = np.zeros((size, size)), np.zeros((size, size))
    for (i, j), (low, high) in zip(places, parts, strict=True):
        matrix[i, j] = matrix[j, i] = (low + high) / 2
        error[i, j] = error[j, i] = (high - low) / 2
    # Weyl: an eigenvalue moves by at most the norm of the perturbation.
    reach = float(np.linalg.norm(error))
    value = float(np.linalg.eigvalsh(matrix)[number])
    return value - reach, value + reach


def surface_moment(
    *,
    theta: Vector,
    m: Vector,
    S: Matrix,
    augmented: Sequence[int] = (),
    norm: bool = False,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate ``E[delta(y) prod xt_i |xt|**2]`` by solving ``y = 0`` for one coordinate of the input.

    The other coordinates are drawn, and the density of the solved one is the weight.

    Parameters
    ----------
    theta, m, S : array_like
        Unit (bias first), mean and covariance of the input.
    augmented : sequence of int
        Components of ``xt`` in the product.
    norm : bool
        Whether ``|xt|**2`` is a factor.
    **options
        See `RunOptions`.
    """
    law = GaussianInput.of(m, S)
    task = _Surface(law, floats(theta), tuple(augmented), norm)
    names = {"theta": theta, "m": m, "S": S, "augmented": augmented, "norm": norm}
    run = Run.of(_NAME + "surface_moment", "points on the hyperplane", names, options)
    return combined(run, task, [(-task.bound, task.bound)])


@dataclass(frozen=True)
class _Surface:
    """In the coordinates ``g`` of the input, the last of which the hyperplane fixes: ``y = a + b . g``."""

    law: GaussianInput
    theta: tuple[float, ...]
    augmented: tuple[int, ...]
    norm: bool

    @property
    def plane(self) -> Array:
        """Coefficients ``(a, b)`` of ``y``, in coordinates whose last ``b`` is not small."""
        plane: Array = np.array(self.theta) @ self.law.map
        return plane

    @property
    def solved(self) -> int:
        """Coordinate of ``g`` that is solved for."""
        return int(np.argmax(np.abs(self.plane[1:])))

    def __call__(self, block: Block) -> CurveMoments:
        plane, k = self.plane, self.solved
        size = self.law.size
        free = [j for j in range(size) if j != k]
        g = np.zeros((block.size, size))
        drawn, weight = normals(block, size - 1) if free else (np.zeros((block.size, 0)), np.ones(block.size))
        g[:, free] = drawn
        g[:, k] = -(plane[0] + drawn @ plane[1:][free]) / plane[1 + k]
        # delta(y) integrates the last coordinate: its density at the solution over |dy/dg_k|.
        weight = weight * np.exp(-(g[:, k] ** 2) / 2) / math.sqrt(2 * math.pi) / abs(plane[1 + k])
        rows = self.law.map
        xt = rows[:, 0] + g @ rows[:, 1:].T
        value = weight
        for i in self.augmented:
            value = value * xt[:, i]
        if self.norm:
            value = value * np.einsum("ni,ni->n", xt, xt)
        return moments_of([value])

    @property
    def bound(self) -> float:
        """The weight is at most a bound of the free part; ``|g_k|`` is at most affine in the free part."""
        plane, k = self.plane, self.solved
        rest = np.delete(plane[1:], k) / plane[1 + k]
        lift = affine_bound(np.concatenate(([plane[0] / plane[1 + k]], rest)))
        rows = self.law.map
        parts = []
        for row in rows:
            own = abs(float(row[1 + k]))
            parts.append(
                (
                    abs(float(row[0])) + own * lift[0],
                    float(np.linalg.norm(np.delete(row[1:], k))) + own * lift[1],
                )
            )
        coefficients = product_bound([parts[i] for i in self.augmented])
        if self.norm:
            quadratic = np.sum([product_bound([p, p]) for p in parts], axis=0)
            coefficients = np.convolve(coefficients, quadratic)
        scale = 1 / math.sqrt(2 * math.pi) / abs(float(plane[1 + k]))
        return scale * polynomial_bound(coefficients, self.law.size - 1)
