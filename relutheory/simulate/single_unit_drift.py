"""Witnesses for the mean of one step of error backpropagation: the update is made literally and averaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Unpack

import numpy as np

from relutheory.errors import DomainError
from relutheory.estimate import Estimate
from relutheory.simulate.bounded import Array
from relutheory.simulate.checks import real
from relutheory.simulate.gaussian_units import GaussianInput, Matrix, Number, Vector
from relutheory.simulate.sampling import Run, RunOptions
from relutheory.simulate.single_unit_designs import RayMeans
from relutheory.simulate.single_unit_inputs import NAME, chosen, gaussian, integer, positive, vector
from relutheory.simulate.single_unit_intervals import (
    Bound,
    Interval,
    add,
    computed,
    estimated,
    inverse,
    multiply,
    root,
    square,
)

__all__ = [
    "RULES",
    "TEACHERS",
    "Update",
    "after_one_step",
    "backpropagation",
    "margin",
    "mean_update",
    "moved",
]

TEACHERS = ("relu", "affine")
RULES = ("gated", "ungated", "leaky", "given")


def backpropagation(
    *, theta: Vector, x: Vector, d: Number, what: str = "gated", **options: Unpack[RunOptions]
) -> Estimate:
    """Run one update rule on one sample, in exact arithmetic, and return its scalar ``e u``.

    Parameters
    ----------
    theta : array_like
        Unit, bias first.
    x : array_like
        Input.
    d : number
        Target.
    what : {"gated", "linear"}
        Backpropagation of ``d - f(y)``, or the update of a linear unit made only where ``y > 0``.
    **options
        See `RunOptions`; nothing is drawn.

    Examples
    --------
    >>> backpropagation(theta=(0, 1), x=(2,), d=1, what="gated").value
    -1.0
    """
    vector("theta", theta)
    vector("x", x, len(theta) - 1)
    chosen("what", what, ("gated", "linear"))
    unit, point = [Fraction(t) for t in theta], [Fraction(1), *(Fraction(p) for p in x)]
    y = sum((a * b for a, b in zip(unit, point, strict=True)), Fraction(0))
    if what == "gated":
        error, gain = Fraction(d) - max(y, Fraction(0)), int(y > 0)
        after = [t + error * gain * p for t, p in zip(unit, point, strict=True)]
    else:
        after = [t + (Fraction(d) - y) * p for t, p in zip(unit, point, strict=True)] if y > 0 else unit
    # The input of the bias is 1, so the bias moves by e u.
    run = Run.of(
        NAME + "backpropagation", "one update", {"theta": theta, "x": x, "d": d, "what": what}, options
    )
    return computed(run, float(after[0] - unit[0]))


@dataclass(frozen=True)
class Update:
    """Entries of one literal update divided by the step size, at the points of a design.

    ``target`` holds the teacher (the vector ``a`` of the rule ``given``). With noise, the last coordinate of
    a point is a standard normal that drives it.
    """

    theta: tuple[float, ...]
    target: tuple[float, ...]
    entries: tuple[int, ...]
    teacher: str = "relu"
    rule: str = "gated"
    slope: float = 0.0
    eta: float = 1.0
    sig: float = 0.0

    def __call__(self, points: Array) -> list[Array]:
        """Return ``(theta+ - theta)/eta`` for each entry."""
        size = len(self.theta)
        xt = points[:size]
        noise = self.sig * points[size] if self.sig else 0.0
        signal = self.signal(xt, noise)
        return [
            ((self.theta[i] + self.eta * signal * xt[i]) - self.theta[i]) / self.eta for i in self.entries
        ]

    def signal(self, xt: Array, noise: Array | float) -> Array:
        """Return what multiplies ``eta xt`` in the update."""
        y = np.tensordot(np.array(self.theta), xt, 1)
        wanted = np.tensordot(np.array(self.target), xt, 1)
        if self.rule == "given":
            return np.where(y > 0, wanted + noise, 0.0)
        leak = self.slope if self.rule == "leaky" else 0.0
        if self.teacher == "relu":
            wanted = np.where(wanted > 0, wanted, leak * wanted)
        error: Array = wanted + noise - np.where(y > 0, y, leak * y)
        if self.rule != "ungated":
            error *= np.where(y > 0, 1.0, leak)
        return error

    def size(self, task: RayMeans) -> Array:
        """Coefficients of a bound of the absolute signal: all activations have slopes of at most 1."""
        size = len(self.theta)
        pad = (0.0,) * (task.law.size + 1 - size)
        target = np.array(self.target + pad)
        forms = [task.form(target if self.rule == "given" else target - np.array(self.theta + pad))]
        if self.rule == "ungated" and self.teacher == "affine":
            forms.append(task.form(target))
        largest: Array = np.max(np.array(forms), axis=0)
        largest[1] += self.sig
        return largest

    def task(self, law: GaussianInput) -> RayMeans:
        """Return the task of the means of the entries."""
        return RayMeans(law, self)

    def bounds(self, task: RayMeans) -> list[Bound]:
        """Bounds of the entries."""
        signal = self.size(task)
        return [
            task.bound(np.convolve(signal, task.form(np.eye(task.law.size + 1)[i]))) for i in self.entries
        ]


def mean_update(
    *,
    theta: Vector,
    theta_star: Vector | None = None,
    m: Vector | None = None,
    S: Matrix | None = None,
    teacher: str = "relu",
    rule: str = "gated",
    slope: Number | None = 0,
    a_vec: Vector | None = None,
    eta: Number | None = None,
    steps: int | None = 1,
    sig: Number | None = 0,
    entry: int = 0,
    what: str = "g",
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate an entry of the mean of one update, divided by the step size, or of the mean next unit.

    Parameters
    ----------
    theta, theta_star : array_like
        Unit and teacher, bias first.
    m, S : array_like, optional
        Mean and covariance of the input; standard normal by default.
    teacher : {"relu", "affine"}
        Target ``max(y*, 0)`` (leaky with the rule leaky) or ``y*``.
    rule : {"gated", "ungated", "leaky", "given"}
        Backpropagation; the same without the gate; of a leaky unit; a given error ``a.xt`` behind the gate.
    slope : number
        Slope for ``y <= 0`` of the rule leaky, in [0, 1].
    a_vec : array_like, optional
        The vector of the rule given.
    eta : number, optional
        Step size > 0; needed for ``what="theta"``.
    steps : int
        1.
    sig : number
        Standard deviation of Gaussian noise of the target.
    entry : int
        Entry, the bias is 0.
    what : {"g", "theta"}
        Mean update divided by eta, or mean of the unit after it.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> mean_update(theta=(0, 1), theta_star=(0, 2), entry=1, samples=2000, seed=0).contains(0.5)
    True
    """
    unit = vector("theta", theta)
    chosen("rule", rule, RULES)
    chosen("teacher", teacher, TEACHERS)
    chosen("what", what, ("g", "theta"))
    wanted = a_vec if rule == "given" else theta_star
    update = Update(
        unit,
        vector("a_vec" if rule == "given" else "theta_star", wanted, len(unit)),
        (integer("entry", entry, 0, len(unit) - 1),),
        teacher,
        rule,
        real("slope", 0 if slope is None else slope, 0, 1),
        positive("eta", 1 if eta is None and what == "g" else eta),
        real("sig", sig or 0, 0, 1e300),
    )
    if what == "theta":
        integer("steps", steps, 1, 1)
    task = update.task(gaussian(len(unit) - 1, m, S, extra=int(update.sig > 0)))
    names: dict[str, object] = {
        "theta": theta,
        "theta_star": wanted,
        "m": m,
        "S": S,
        "teacher": teacher,
        "rule": rule,
    }
    names |= {"slope": slope, "eta": eta, "sig": sig, "entry": entry, "what": what}
    run = Run.of(NAME + "mean_update", "updates at stratified points", names, options)
    image = partial(_moved_entry, unit[entry], update.eta) if what == "theta" else None
    return estimated(run, task, update.bounds(task), image)


def _moved_entry(start: float, eta: float, parts: Sequence[Interval]) -> Interval:
    return start + eta * parts[0][0], start + eta * parts[0][1]


def moved(start: Sequence[float], eta: float, drift: Sequence[Interval]) -> list[Interval]:
    """Return the intervals of ``start + eta drift``."""
    return [(s + eta * low, s + eta * high) for s, (low, high) in zip(start, drift, strict=True)]


def margin(unit: Sequence[Interval], law: GaussianInput) -> Interval:
    """Return the interval of ``h`` of a box of units."""
    rows = law.map
    mean = unit[0]
    for entry, weight in zip(unit[1:], law.m, strict=True):
        mean = add(mean, multiply(entry, (weight, weight)))
    total = (0.0, 0.0)
    for k in range(law.size):
        form = (0.0, 0.0)
        for entry, weight in zip(unit[1:], rows[1:, 1 + k], strict=True):
            form = add(form, multiply(entry, (float(weight), float(weight))))
        total = add(total, square(form))
    return multiply(mean, inverse(root(total)))


def _distance(unit: Sequence[Interval], target: Sequence[float]) -> Interval:
    total = (0.0, 0.0)
    for entry, centre in zip(unit, target, strict=True):
        total = add(total, square((entry[0] - centre, entry[1] - centre)))
    return root(total)


def after_one_step(
    name: str,
    theta0: Vector,
    theta_star: Vector,
    eta: Number | None,
    law: GaussianInput,
    teacher: str,
    steps: int | None,
    what: str,
    entry: int,
    options: RunOptions,
) -> Estimate:
    """Estimate a function of the unit after zero or one mean steps."""
    unit = vector("theta0", theta0)
    target = vector("theta_star", theta_star, len(unit))
    chosen("what", what, ("h", "dist", "theta"))
    integer("entry", entry, 0, len(unit) - 1)
    if not any(unit[1:]):
        raise DomainError(f"theta0: weights that are not all zero, got {theta0!r}")
    step = positive("eta", eta) * integer("steps", steps, 0, 1)
    names = {"theta0": theta0, "theta_star": theta_star, "eta": eta, "m": law.m, "S": law.S}
    run = Run.of(
        NAME + name, "one mean step", {**names, "steps": steps, "what": what, "entry": entry}, options
    )
    image = partial(_after, unit, target, step, law, what, entry)
    if not step:
        low, high = image([(0.0, 0.0)] * len(unit))
        return computed(run, (low + high) / 2, 1e-14 * abs(low) + (high - low) / 2)
    update = Update(unit, target, tuple(range(len(unit))), teacher)
    task = update.task(law)
    return estimated(run, task, update.bounds(task), image)


def _after(
    unit: tuple[float, ...],
    target: tuple[float, ...],
    eta: float,
    law: GaussianInput,
    what: str,
    entry: int,
    parts: Sequence[Interval],
) -> Interval:
    box = moved(unit, eta, parts)
    if what == "theta":
        return box[entry]
    return margin(box, law) if what == "h" else _distance(box, target)
