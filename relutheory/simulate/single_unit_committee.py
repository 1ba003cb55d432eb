"""Witness for the mean step of a two-layer student of a two-layer teacher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np

from relutheory.estimate import Estimate
from relutheory.simulate.bounded import Array
from relutheory.simulate.checks import real
from relutheory.simulate.gaussian_units import Matrix, Number, Vector
from relutheory.simulate.sampling import Run, RunOptions
from relutheory.simulate.single_unit_designs import RayMeans
from relutheory.simulate.single_unit_inputs import NAME, chosen, gaussian, integer, rows_of, vector
from relutheory.simulate.single_unit_intervals import Bound, estimated

__all__ = ["committee"]


@dataclass(frozen=True)
class _TwoLayer:
    """One literal step of full backpropagation of ``c + sum v_i max(theta_i.xt, 0)``, at step size one."""

    rows: tuple[tuple[float, ...], ...]
    v: tuple[float, ...]
    c: float
    star_rows: tuple[tuple[float, ...], ...]
    v_star: tuple[float, ...]
    c_star: float
    what: str
    unit: int
    entry: int

    def __call__(self, xt: Array) -> list[Array]:
        student = [np.tensordot(np.array(row), xt, 1) for row in self.rows]
        error = np.full_like(student[0], self.c_star - self.c)
        for y, v in zip(student, self.v, strict=True):
            error -= v * np.maximum(y, 0.0)
        for row, v in zip(self.star_rows, self.v_star, strict=True):
            error += v * np.maximum(np.tensordot(np.array(row), xt, 1), 0.0)
        if self.what == "dc":
            return [error]
        y = student[self.unit]
        if self.what == "dv":
            return [error * np.maximum(y, 0.0)]
        return [np.where(y > 0, error * self.v[self.unit] * xt[self.entry], 0.0)]

    def bound(self, task: RayMeans) -> Bound:
        size = np.array([abs(self.c_star - self.c), 0.0])
        for rows, weights in ((self.rows, self.v), (self.star_rows, self.v_star)):
            for row, v in zip(rows, weights, strict=True):
                size += abs(v) * np.array(task.form(row))
        if self.what == "dv":
            size = np.convolve(size, task.form(self.rows[self.unit]))
        elif self.what == "dtheta":
            form = task.form(np.eye(len(self.rows[0]))[self.entry])
            size = abs(self.v[self.unit]) * np.convolve(size, form)
        return task.bound(size)


def committee(
    *,
    theta_rows: Matrix,
    v: Vector,
    c: Number,
    theta_star_rows: Matrix,
    v_star: Vector,
    c_star: Number,
    m: Vector | None = None,
    S: Matrix | None = None,
    what: str = "dtheta",
    unit: int = 0,
    entry: int = 0,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate the mean step, divided by the step size, of a two-layer student of a two-layer teacher.

    Parameters
    ----------
    theta_rows, theta_star_rows : array_like
        Hidden units of student and teacher, one a row, bias first.
    v, v_star : array_like
        Output weights.
    c, c_star : number
        Output biases.
    m, S : array_like, optional
        Mean and covariance of the input.
    what : {"dtheta", "dv", "dc"}
        Parameter: entry of a hidden unit, output weight of a unit, output bias.
    unit, entry : int
        Unit and entry, counted from 0.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> e = committee(theta_rows=((0, 1),), v=(1,), c=0, theta_star_rows=((0, 2),), v_star=(1,), c_star=0,
    ...               what="dv", samples=2000, seed=0)
    >>> e.contains(0.5)
    True
    """
    size = len(vector("theta_rows", theta_rows[0] if len(theta_rows) else ()))
    rows = rows_of("theta_rows", theta_rows, size)
    stars = rows_of("theta_star_rows", theta_star_rows, size)
    chosen("what", what, ("dtheta", "dv", "dc"))
    integrand = _TwoLayer(
        rows,
        vector("v", v, len(rows)),
        real("c", c, -1e300, 1e300),
        stars,
        vector("v_star", v_star, len(stars)),
        real("c_star", c_star, -1e300, 1e300),
        what,
        integer("unit", unit, 0, len(rows) - 1),
        integer("entry", entry, 0, size - 1),
    )
    task = RayMeans(gaussian(size - 1, m, S), integrand)
    names: dict[str, object] = {
        "theta_rows": theta_rows,
        "v": v,
        "c": c,
        "theta_star_rows": theta_star_rows,
        "m": m,
        "S": S,
    }
    names |= {"v_star": v_star, "c_star": c_star, "what": what, "unit": unit, "entry": entry}
    run = Run.of(NAME + "committee", "updates at stratified points", names, options)
    return estimated(run, task, [integrand.bound(task)])
