"""Witnesses for second moments of one step and for the derivative of the drift."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np

from relutheory.errors import DomainError
from relutheory.estimate import Estimate
from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.bounded import Array, product_bound
from relutheory.simulate.checks import real
from relutheory.simulate.gaussian_units import GaussianInput, Matrix, Number, Vector, affine_bound
from relutheory.simulate.sampling import Run, RunOptions
from relutheory.simulate.single_unit_designs import RayMeans, Rays
from relutheory.simulate.single_unit_drift import TEACHERS
from relutheory.simulate.single_unit_inputs import (
    NAME,
    chosen,
    gaussian,
    integer,
    positive,
    rows_of,
    vector,
)
from relutheory.simulate.single_unit_intervals import Bound, Interval, add, estimated
from relutheory.simulate.streams import Block

__all__ = ["jacobian", "second_moment"]


@dataclass(frozen=True)
class _Squares:
    """``v+_i v+_j`` after one literal update, averaged over equally likely errors ``v`` and noises ``+-sig``.

    ``errors`` are deviations of the unit that makes the error from the teacher; the gate is that of `theta`.
    With ``relu`` the error is ``max(y*, 0) - y``, and there is one deviation, that of `theta` itself.
    """

    theta: tuple[float, ...]
    target: tuple[float, ...]
    errors: tuple[tuple[float, ...], ...]
    eta: float
    sig: float
    relu: bool
    row: int
    column: int

    def __call__(self, xt: Array) -> list[Array]:
        y = np.tensordot(np.array(self.theta), xt, 1)
        gate = y > 0
        total = np.zeros_like(y)
        for v in self.errors:
            if self.relu:
                error = np.maximum(np.tensordot(np.array(self.target), xt, 1), 0.0) - y
            else:
                error = -np.tensordot(np.array(v), xt, 1)
            for noise in (self.sig, -self.sig) if self.sig else (0.0,):
                change = np.where(gate, self.eta * (error + noise), 0.0)
                first = v[self.row] + change * xt[self.row]
                total += first * (v[self.column] + change * xt[self.column])
        total /= len(self.errors) * (2 if self.sig else 1)
        return [total]

    def bound(self, task: RayMeans) -> Bound:
        total = np.zeros(5)
        size = np.eye(len(self.theta))
        for v in self.errors:
            # Behind the gate |max(y*, 0) - y| <= |v.xt|.
            a, b = task.form(v)
            factors = []
            for k in (self.row, self.column):
                factor = self.eta * product_bound([(a + self.sig, b), task.form(size[k])])
                factor[0] += abs(v[k])
                factors.append(factor)
            total += np.convolve(factors[0], factors[1]) / len(self.errors)
        return task.bound(total, nonnegative=self.row == self.column)


def _is_positive(matrix: Array) -> bool:
    values = np.linalg.eigvalsh(matrix)
    return bool(values[0] >= -1e-12 * abs(values[-1]))


def _columns(matrix: Array) -> tuple[tuple[float, ...], ...]:
    """Vectors whose products ``v v'`` have the matrix as their mean."""
    values, basis = np.linalg.eigh(matrix)
    kept = values > 1e-15 * values[-1]
    columns = (basis[:, kept] * np.sqrt(values[kept] * kept.sum())).T
    return tuple(tuple(map(float, column)) for column in columns)


def second_moment(
    *,
    theta: Vector,
    theta_star: Vector,
    V: Matrix | None = None,
    eta: Number,
    sig: Number | None = 0,
    m: Vector | None = None,
    S: Matrix | None = None,
    teacher: str = "relu",
    row: int = 0,
    column: int = 0,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate an entry of ``E[v+ v+']`` after one update, ``v = theta - theta*``; the noise is ``+-sig``.

    Parameters
    ----------
    theta, theta_star : array_like
        Unit and teacher, bias first.
    V : array_like, optional
        Second moment of a random error independent of the input, with the gate of `theta`; the error takes
        the values ``+-`` the scaled columns of a root of V. By default ``v v'``, which it has to be with the
        ReLU teacher.
    eta, sig : number
        Step size > 0, standard deviation of the noise of the target.
    m, S : array_like, optional
        Mean and covariance of the input.
    teacher : {"relu", "affine"}
        Target.
    row, column : int
        Entry.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> e = second_moment(theta=(0, 1), theta_star=(0, 1), eta=1, sig=1, samples=2000, seed=0)
    >>> e.contains(0.5)
    True
    """
    unit = vector("theta", theta)
    size = len(unit)
    target = vector("theta_star", theta_star, size)
    chosen("teacher", teacher, TEACHERS)
    errors: tuple[tuple[float, ...], ...] = (tuple(u - t for u, t in zip(unit, target, strict=True)),)
    if V is not None:
        given = np.array(rows_of("V", V, size))
        if len(given) != size or not np.array_equal(given, given.T) or not _is_positive(given):
            raise DomainError(f"V: a positive semidefinite {size} x {size} matrix, got {V!r}")
        own = np.outer(errors[0], errors[0])
        if not np.allclose(given, own, rtol=1e-12, atol=1e-12 * float(np.trace(own))):
            if teacher == "relu":
                raise DomainError(f"V: v v' with the ReLU teacher, got {V!r}")
            errors = _columns(given)
    integrand = _Squares(
        unit,
        target,
        errors,
        positive("eta", eta),
        real("sig", sig or 0, 0, 1e300),
        teacher == "relu",
        integer("row", row, 0, size - 1),
        integer("column", column, 0, size - 1),
    )
    # Fourth powers vary much along a ray.
    task = RayMeans(gaussian(size - 1, m, S), integrand, strata=24)
    names: dict[str, object] = {
        "theta": theta,
        "theta_star": theta_star,
        "V": V,
        "eta": eta,
        "sig": sig,
        "m": m,
        "S": S,
    }
    names |= {"teacher": teacher, "row": row, "column": column}
    run = Run.of(NAME + "second_moment", "updates at stratified points", names, options)
    return estimated(run, task, [integrand.bound(task)])


@dataclass(frozen=True)
class _Gram:
    """``f'(y)**2 xt_i xt_j``, with the derivative `leak` behind a closed gate."""

    theta: tuple[float, ...]
    leak: float
    row: int
    column: int

    def __call__(self, xt: Array) -> list[Array]:
        gain = np.where(np.tensordot(np.array(self.theta), xt, 1) > 0, 1.0, self.leak)
        return [gain**2 * xt[self.row] * xt[self.column]]


@dataclass(frozen=True)
class _Surface:
    """``E[delta(y) e xt_i xt_j]``: ``y = 0`` is solved for one coordinate, whose density is the weight."""

    law: GaussianInput
    theta: tuple[float, ...]
    target: tuple[float, ...]
    relu: bool
    row: int
    column: int

    @property
    def lift(self) -> tuple[Array, int, float]:
        """Map from (1, free coordinates) to all coordinates of ``(1, g)``; the solved one; ``|dy/dg|``."""
        plane = np.array(self.theta) @ self.law.map
        k = int(np.argmax(np.abs(plane[1:]))) + 1
        free = [j for j in range(len(plane)) if j != k]
        lift = np.zeros((len(plane), len(free)))
        lift[free, range(len(free))] = 1.0
        lift[k] = -plane[free] / plane[k]
        return lift, k, float(abs(plane[k]))

    def value(self, points: Array) -> Array:
        lift, k, slope = self.lift
        g = np.tensordot(lift, points, 1)
        xt = np.tensordot(self.law.map, g, 1)
        error = np.tensordot(np.array(self.target), xt, 1)
        if self.relu:
            error = np.maximum(error, 0.0)
        density = np.exp(-0.5 * g[k] ** 2) / (math.sqrt(2 * math.pi) * slope)
        value: Array = density * error * xt[self.row] * xt[self.column]
        return value

    def __call__(self, block: Block) -> CurveMoments:
        free = self.law.size - 1
        if not free:
            value = float(self.value(np.ones(1)))
            return CurveMoments(block.size, np.array([value]), np.zeros(1))
        plane = GaussianInput((0.0,) * free, tuple(tuple(map(float, row)) for row in np.eye(free)))
        return RayMeans(plane, lambda points: [self.value(points)])(block)

    @property
    def bound(self) -> Bound:
        free = self.law.size - 1
        lift, _, slope = self.lift
        rows = self.law.map @ lift
        forms = [
            affine_bound(row) for row in (np.array(self.target) @ rows, rows[self.row], rows[self.column])
        ]
        coefficients = product_bound(forms) / (math.sqrt(2 * math.pi) * slope)
        if free:
            return Rays(free).bound(coefficients)
        value = float(self.value(np.ones(1)))
        return Bound(value, value)


@dataclass(frozen=True)
class _Both:
    """The quantities of two tasks, side by side."""

    tasks: tuple[RayMeans | _Surface, ...]

    def __call__(self, block: Block) -> CurveMoments:
        found = [task(block) for task in self.tasks]
        return CurveMoments(
            block.size,
            np.concatenate([one.mean for one in found]),
            np.concatenate([one.squares for one in found]),
        )


def jacobian(
    *,
    theta: Vector,
    theta_star: Vector,
    m: Vector | None = None,
    S: Matrix | None = None,
    rule: str = "gated",
    teacher: str = "relu",
    slope: Number | None = 0,
    row: int = 0,
    column: int = 0,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate an entry of the derivative of the drift: what the gate lets through, and what its edge adds.

    Parameters
    ----------
    theta, theta_star : array_like
        Unit and teacher, bias first; equal for the rule leaky.
    m, S : array_like, optional
        Mean and covariance of the input.
    rule : {"gated", "ungated", "leaky"}
        Backpropagation, the same without the gate, or of a leaky unit.
    teacher : {"relu", "affine"}
        Target, which matters for the rule gated.
    slope : number
        Slope for ``y <= 0`` of the rule leaky, in [0, 1].
    row, column : int
        Entry: of the drift, of the unit.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> jacobian(theta=(0, 1), theta_star=(0, 1), row=1, column=1, samples=2000, seed=0).contains(-0.5)
    True
    """
    unit = vector("theta", theta)
    size = len(unit)
    target = vector("theta_star", theta_star, size)
    chosen("rule", rule, ("gated", "ungated", "leaky"))
    chosen("teacher", teacher, TEACHERS)
    leak = real("slope", slope or 0, 0, 1) if rule == "leaky" else 0.0
    if rule == "leaky" and unit != target:
        raise DomainError(f"theta: equal to theta_star with the rule leaky, got {theta!r}")
    i, j = integer("row", row, 0, size - 1), integer("column", column, 0, size - 1)
    if not any(unit[1:]):
        raise DomainError(f"theta: weights that are not all zero, got {theta!r}")
    law = gaussian(size - 1, m, S)
    inner = RayMeans(law, _Gram(unit, leak, i, j))
    forms = [inner.form(np.eye(size)[k]) for k in (i, j)]
    bounds = [inner.bound(product_bound(forms), nonnegative=i == j)]
    tasks: tuple[RayMeans | _Surface, ...] = (inner,)
    if rule == "gated":
        surface = _Surface(law, unit, target, teacher == "relu", i, j)
        tasks, bounds = (inner, surface), [*bounds, surface.bound]
    names: dict[str, object] = {
        "theta": theta,
        "theta_star": theta_star,
        "m": m,
        "S": S,
        "rule": rule,
        "teacher": teacher,
    }
    names |= {"slope": slope, "row": row, "column": column}
    run = Run.of(NAME + "jacobian", "stratified points, also on the edge of the gate", names, options)
    return estimated(run, _Both(tasks), bounds, _difference)


def _difference(parts: Sequence[Interval]) -> Interval:
    inner = -parts[0][1], -parts[0][0]
    return add(inner, parts[1]) if len(parts) > 1 else inner
