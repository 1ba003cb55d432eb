"""Witnesses for the descent of the distance to the teacher: the chain of its bounds, and one mean step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Unpack

import numpy as np

from relutheory.estimate import Estimate
from relutheory.simulate.bounded import Array, product_bound
from relutheory.simulate.gaussian_units import Matrix, Number, Vector
from relutheory.simulate.sampling import Run, RunOptions
from relutheory.simulate.single_unit_designs import RayMeans
from relutheory.simulate.single_unit_drift import TEACHERS, Update, after_one_step
from relutheory.simulate.single_unit_inputs import NAME, chosen, gaussian, positive, vector
from relutheory.simulate.single_unit_intervals import Interval, add, computed, estimated, multiply, square

__all__ = ["descent", "dichotomy", "nonexpansion"]


@dataclass(frozen=True)
class _Chain:
    """Three products of errors behind the gate, in the order of the chain."""

    theta: tuple[float, ...]
    target: tuple[float, ...]
    what: str

    def __call__(self, xt: Array) -> list[Array]:
        y = np.tensordot(np.array(self.theta), xt, 1)
        wanted = np.tensordot(np.array(self.target), xt, 1)
        relu, affine = np.maximum(wanted, 0.0) - y, wanted - y
        pair = {"left": (relu, relu), "middle": (relu, affine), "right": (affine, affine)}[self.what]
        return [np.where(y > 0, pair[0] * pair[1], 0.0)]


def descent(
    *,
    theta: Vector,
    theta_star: Vector,
    m: Vector | None = None,
    S: Matrix | None = None,
    what: str = "left",
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate ``E[u (f*-y)**2]``, ``E[u (f*-y)(y*-y)]`` or ``E[u (y*-y)**2]``.

    Parameters
    ----------
    theta, theta_star, m, S : array_like
        Unit, teacher, mean and covariance of the input.
    what : {"left", "middle", "right"}
        Which of the three.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> descent(theta=(0, 1), theta_star=(0, 2), what="right", samples=2000, seed=0).contains(0.5)
    True
    """
    unit = vector("theta", theta)
    target = vector("theta_star", theta_star, len(unit))
    chosen("what", what, ("left", "middle", "right"))
    task = RayMeans(gaussian(len(unit) - 1, m, S), _Chain(unit, target, what))
    # Behind the gate |f* - y| <= |y* - y|, and both have one sign.
    form = task.form(np.array(target) - np.array(unit))
    names = {"theta": theta, "theta_star": theta_star, "m": m, "S": S, "what": what}
    run = Run.of(NAME + "descent", "stratified points", names, options)
    return estimated(run, task, [task.bound(product_bound([form, form]), nonnegative=True)])


@dataclass(frozen=True)
class _Nonexpansion:
    """Entries of the update, its product with the way to the teacher, and the entries of ``u xt xt'``."""

    update: Update
    way: tuple[float, ...]
    matrix: bool

    def __call__(self, xt: Array) -> list[Array]:
        found = self.update(xt)
        inner = sum((w * g for w, g in zip(self.way, found, strict=True)), np.zeros_like(found[0]))
        if not self.matrix:
            return [inner, *found]
        gate = np.tensordot(np.array(self.update.theta), xt, 1) > 0
        size = len(self.way)
        return [inner, *(np.where(gate, xt[i] * xt[j], 0.0) for i in range(size) for j in range(i + 1))]


def nonexpansion(
    *,
    theta: Vector,
    theta_star: Vector,
    eta: Number,
    m: Vector | None = None,
    S: Matrix | None = None,
    teacher: str = "relu",
    what: str = "dist2_next",
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate ``|v|**2``, ``|v + eta g|**2`` or the bound between them, from sampled drift and matrix.

    Parameters
    ----------
    theta, theta_star : array_like
        Unit and teacher; ``v`` is their difference.
    eta : number
        Step size > 0.
    m, S : array_like, optional
        Mean and covariance of the input.
    teacher : {"relu", "affine"}
        Target.
    what : {"dist2", "dist2_next", "bound"}
        Quantity.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> nonexpansion(theta=(0, 1), theta_star=(0, 2), eta=1, what="dist2", seed=0).value
    1.0
    """
    unit = vector("theta", theta)
    target = vector("theta_star", theta_star, len(unit))
    chosen("teacher", teacher, TEACHERS)
    chosen("what", what, ("dist2", "dist2_next", "bound"))
    step = positive("eta", eta)
    names = {"theta": theta, "theta_star": theta_star, "eta": eta, "m": m, "S": S, "teacher": teacher}
    run = Run.of(NAME + "nonexpansion", "stratified points", {**names, "what": what}, options)
    way = tuple(t - u for t, u in zip(target, unit, strict=True))
    length = math.fsum(w * w for w in way)
    if what == "dist2":
        return computed(run, length, 1e-15 * length)
    update = Update(unit, target, tuple(range(len(unit))), teacher)
    task = RayMeans(gaussian(len(unit) - 1, m, S), _Nonexpansion(update, way, what == "bound"))
    bounds = [task.bound(np.convolve(update.size(task), task.form(way)), nonnegative=True)]
    if what == "bound":
        forms = [task.form(row) for row in np.eye(len(unit))]
        for i in range(len(unit)):
            bounds += [task.bound(product_bound([forms[i], forms[j]]), i == j) for j in range(i + 1)]
        return estimated(run, task, bounds, partial(_bound, length, step, len(unit)))
    return estimated(run, task, bounds + update.bounds(task), partial(_next, length, step))


def _next(length: float, eta: float, parts: Sequence[Interval]) -> Interval:
    total = (length, length)
    total = add(total, multiply((-2 * eta, -2 * eta), parts[0]))
    for entry in parts[1:]:
        total = add(total, multiply((eta**2, eta**2), square(entry)))
    return total


def _bound(length: float, eta: float, size: int, parts: Sequence[Interval]) -> Interval:
    matrix, radius = np.zeros((size, size)), np.zeros((size, size))
    places = [(i, j) for i in range(size) for j in range(i + 1)]
    for (i, j), (low, high) in zip(places, parts[1:], strict=True):
        matrix[i, j] = matrix[j, i] = (low + high) / 2
        radius[i, j] = radius[j, i] = (high - low) / 2
    # Weyl: an eigenvalue moves by at most the norm of the perturbation.
    top, reach = float(np.linalg.eigvalsh(matrix)[-1]), float(np.linalg.norm(radius))
    factor = eta * (2 - eta * (top + reach)), eta * (2 - eta * (top - reach))
    low, high = multiply(factor, parts[0])
    return length - high, length - low


def dichotomy(
    *,
    theta0: Vector,
    theta_star: Vector,
    eta: Number,
    m: Vector | None = None,
    S: Matrix | None = None,
    steps: int = 1,
    what: str = "h",
    entry: int = 0,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate margin, distance to the teacher or an entry of the unit after one mean step, affine teacher.

    Parameters
    ----------
    theta0, theta_star : array_like
        Unit and teacher.
    eta : number
        Step size > 0.
    m, S : array_like, optional
        Mean and covariance of the input.
    steps : {0, 1}
        Mean steps.
    what : {"h", "dist", "theta"}
        Quantity.
    entry : int
        Entry of the unit.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> dichotomy(theta0=(1, 2), theta_star=(0, 1), eta=1, steps=0, what="h", seed=0).value
    0.5
    """
    law = gaussian(len(vector("theta0", theta0)) - 1, m, S)
    return after_one_step("dichotomy", theta0, theta_star, eta, law, "affine", steps, what, entry, options)
