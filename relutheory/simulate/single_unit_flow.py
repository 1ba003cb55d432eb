"""Witnesses for the death of a unit whose target is zero, for trapped units and for the escape of a bias.

The drift comes from quadrature of its definition. It is homogeneous in the unit, so the margin of the flow
can be followed alone; the error bound is ten times what halving the steps changes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any, Unpack

import numpy as np

from relutheory.errors import DomainError
from relutheory.estimate import Estimate
from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.bounded import Array, moments_of
from relutheory.simulate.checks import real
from relutheory.simulate.gaussian_units import Number, Vector
from relutheory.simulate.sampling import Run, RunOptions
from relutheory.simulate.single_unit_designs import HalfLine
from relutheory.simulate.single_unit_drift import after_one_step, margin
from relutheory.simulate.single_unit_inputs import NAME, chosen, gaussian, integer, positive, vector
from relutheory.simulate.single_unit_intervals import Interval, computed, estimated
from relutheory.simulate.streams import Block

__all__ = ["death_rate", "escape_time", "trapping", "zero_target_flow", "zero_target_step"]

_STEPS = 300
_FARTHEST = 30.0
#: Largest margin at the start of a flow: beyond it nothing happens for a long time.
_OPENEST = 5.0


@lru_cache(maxsize=8)
def _rule(nodes: int) -> tuple[Array, Array]:
    x, w = np.polynomial.legendre.leggauss(nodes)
    return (x + 1) / 2, w / 2


def _opened(h: float, power: int) -> tuple[Array, Array]:
    """Excess nodes and weights for ``E[1(z > -h) (z + h)**power f(z + h)]``, by Gauss-Legendre quadrature."""
    low, high = max(h - 9.0, 0.0), HalfLine(h).length
    v, w = _rule(96)
    v = low + (high - low) * v
    return v, (high - low) * w * v**power * np.exp(-((v - h) ** 2) / 2) / math.sqrt(2 * math.pi)


def _open_probability(h: float) -> float:
    return float(_opened(h, 0)[1].sum())


def _drift(unit: Array) -> Array:
    """``-E[y u xt]`` of a unit (b, w) on standard normal input, from the coordinate along its weights."""
    length = float(np.linalg.norm(unit[1:]))
    h = float(unit[0]) / length
    v, weight = _opened(h, 1)
    along = float((weight * (v - h)).sum())
    found = np.empty_like(unit)
    found[0] = -length * float(weight.sum())
    found[1:] = -along * unit[1:]
    return found


def _rk4(field: Any, start: Array, low: float, high: float, steps: int) -> Array:
    state, size = start, (high - low) / steps
    for k in range(steps):
        at = low + k * size
        one = field(at, state)
        two = field(at + size / 2, state + size / 2 * one)
        three = field(at + size / 2, state + size / 2 * two)
        four = field(at + size, state + size * three)
        state = state + size / 6 * (one + 2 * two + 2 * three + four)
    return state


def _speed(h: float) -> float:
    """Derivative of the margin with respect to time, of a unit with weights of length 1."""
    direction = np.array([0.6, 0.8])
    change = _drift(np.array([h, *direction]))
    return float(change[0] - h * (direction @ change[1:]))


def _in_log_time(at: float, margin: Array) -> Array:
    # Time is exp(at) - 1.
    return np.array([math.exp(at) * _speed(float(margin[0]))])


def _along_margin(h: float, time: Array) -> Array:
    return np.array([1 / _speed(h)])


@lru_cache(maxsize=64)
def _margin_after(a0: float, t: float, steps: int) -> float:
    return float(_rk4(_in_log_time, np.array([-a0]), 0.0, math.log1p(t), steps)[0])


def _refined(values: Sequence[float], a0: float = 0.0) -> tuple[float, float]:
    """Value at the finer of two step sizes and an error bound; for h > 0 the speed cancels."""
    coarse, fine = values
    return fine, 10 * abs(fine - coarse) + (1e-10 + 1e-14 * math.exp(min(a0, 0.0) ** 2 / 2)) * abs(fine)


def zero_target_flow(
    *,
    a0: Number,
    t: Number | None = None,
    a: Number | None = None,
    what: str = "a",
    **options: Unpack[RunOptions],
) -> Estimate:
    """Integrate ``theta' = -M(theta) theta`` from ``h = -a0``.

    Parameters
    ----------
    a0 : number
        Minus the margin at time 0, >= -5.
    t : number, optional
        Time >= 0, for ``what`` in ("a", "P").
    a : number, optional
        Minus the margin that is reached, >= a0, for ``what="time"``.
    what : {"a", "P", "time"}
        Minus the margin at t, the probability that the unit is open at t, or the time from a0 to a.
    **options
        See `RunOptions`; nothing is drawn.

    Examples
    --------
    >>> zero_target_flow(a0=0, t=1, what="a").contains(0.38891181055)
    True
    """
    start = real("a0", a0, -_OPENEST, _FARTHEST)
    chosen("what", what, ("a", "P", "time"))
    names = {"a0": a0, "t": t, "a": a, "what": what}
    run = Run.of(NAME + "zero_target_flow", "integrated flow", names, options)
    if what == "time":
        end = real("a", a, start, _FARTHEST)
        values = [
            float(_rk4(_along_margin, np.zeros(1), -start, -end, steps)[0]) for steps in (_STEPS, 2 * _STEPS)
        ]
        return computed(run, *_refined(values, start))
    time = real("t", t, 0, 1e9)
    margins = [_margin_after(start, time, steps) for steps in (_STEPS, 2 * _STEPS)]
    if what == "a":
        value, error = _refined([-h for h in margins], start)
        return computed(run, value, error + 1e-11)
    return computed(run, *_refined([_open_probability(h) for h in margins], start))


def death_rate(*, t: Number, a0: Number = 0, what: str = "sharp", **options: Unpack[RunOptions]) -> Estimate:
    """Integrate the same flow and return ``P t a**2`` or ``2 t log(t) P`` at time t.

    Parameters
    ----------
    t : number
        Time > 1.
    a0 : number
        Minus the margin at time 0, >= -5.
    what : {"sharp", "rough"}
        Product.
    **options
        See `RunOptions`; nothing is drawn.

    Examples
    --------
    >>> death_rate(t=1000, a0=0, what="sharp").contains(1.03014207737)
    True
    """
    start, time = real("a0", a0, -_OPENEST, _FARTHEST), real("t", t, 1, 1e9, open_low=True)
    chosen("what", what, ("sharp", "rough"))
    run = Run.of(NAME + "death_rate", "integrated flow", {"t": t, "a0": a0, "what": what}, options)
    values = []
    for steps in (_STEPS, 2 * _STEPS):
        h = _margin_after(start, time, steps)
        factor = h * h if what == "sharp" else 2 * math.log(time)
        values.append(time * factor * _open_probability(h))
    return computed(run, *_refined(values, start))


@dataclass(frozen=True)
class _ZeroTarget:
    """Entries of one literal update towards 0 of the unit ``y = s (z + h)``, divided by the step size."""

    h: float
    s: float

    def __call__(self, block: Block) -> CurveMoments:
        v, weight = HalfLine(self.h).draw(block.draws().generator, block.size)
        error = weight * (0.0 - self.s * v)
        return moments_of([error.sum(axis=0), (error * (v - self.h)).sum(axis=0)])


def zero_target_step(
    *, h: Number, s: Number = 1, eta: Number, steps: int = 1, what: str = "h", **options: Unpack[RunOptions]
) -> Estimate:
    """Simulate margin or standard deviation after one mean step towards the target 0.

    Parameters
    ----------
    h, s : number
        Margin, standard deviation > 0 of the preactivation.
    eta : number
        Step size > 0.
    steps : {0, 1}
        Mean steps.
    what : {"h", "s"}
        Quantity.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> zero_target_step(h=0, s=1, eta=1, what="s", samples=5000, seed=0).contains(0.5)
    True
    """
    start, scale = real("h", h, -_FARTHEST, _FARTHEST), positive("s", s)
    step = positive("eta", eta) * integer("steps", steps, 0, 1)
    chosen("what", what, ("h", "s"))
    names = {"h": h, "s": s, "eta": eta, "steps": steps, "what": what}
    run = Run.of(NAME + "zero_target_step", "one mean step", names, options)
    if not step:
        return computed(run, start if what == "h" else scale)
    task = _ZeroTarget(start, scale)
    excess = np.array([start, 1.0])
    bounds = [HalfLine(start).bound(-scale * p) for p in (excess, np.convolve(excess, [0.0, 1.0]))]
    return estimated(run, task, bounds, partial(_after_zero, start, scale, step, what))


def _after_zero(h: float, s: float, eta: float, what: str, parts: Sequence[Interval]) -> Interval:
    box = [
        (start + eta * low, start + eta * high) for start, (low, high) in zip((h * s, s), parts, strict=True)
    ]
    if what == "h":
        return margin(box, gaussian(1, None, None))
    low, high = sorted(abs(end) for end in box[1])
    return (0.0 if box[1][0] < 0 < box[1][1] else low), high


def trapping(
    *,
    theta0: Vector,
    theta_star: Vector,
    eta: Number | None = None,
    steps: int | None = None,
    m: Any = None,
    S: Any = None,
    what: str = "trapped",
    entry: int = 0,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Tell whether no input opens both unit and teacher, or simulate one mean step (ReLU teacher).

    Parameters
    ----------
    theta0, theta_star : array_like
        Unit and teacher, bias first.
    eta : number, optional
        Step size > 0, for the mean step.
    steps : {0, 1}, optional
        Mean steps (default 1).
    m, S
        Not used: the input is standard normal.
    what : {"trapped", "h", "theta"}
        1 or 0; margin or an entry of the unit after the step.
    entry : int
        Entry of the unit.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> trapping(theta0=(-0.6, -1), theta_star=(0.5, 1), what="trapped").value
    1.0
    """
    size = len(vector("theta0", theta0))
    vector("theta_star", theta_star, size)
    chosen("what", what, ("trapped", "h", "theta"))
    if what == "trapped":
        names = {"theta0": theta0, "theta_star": theta_star, "what": what}
        run = Run.of(NAME + "trapping", "exact geometry", names, options)
        return computed(run, float(not _meet(theta0, theta_star)))
    law = gaussian(size - 1, None, None)
    count = 1 if steps is None else steps
    return after_one_step("trapping", theta0, theta_star, eta, law, "relu", count, what, entry, options)


def _meet(theta: Vector, theta_star: Vector) -> bool:
    """Whether the open half-spaces of two units have a point in common, by points on a line, exactly."""
    unit, other = ([Fraction(entry) for entry in one] for one in (theta, theta_star))
    if not any(unit[1:]) or not any(other[1:]):
        raise DomainError(f"theta0, theta_star: weights that are not all zero, got {theta!r}, {theta_star!r}")
    if any(unit[i] * other[j] != unit[j] * other[i] for i in range(1, len(unit)) for j in range(1, i)):
        # Boundaries that cross leave all four sides.
        return True
    # Both preactivations vary along x = t w* only.
    slopes = [
        sum((a * b for a, b in zip(one[1:], other[1:], strict=True)), Fraction(0)) for one in (unit, other)
    ]
    breaks = sorted(-one[0] / slope for one, slope in zip((unit, other), slopes, strict=True))
    points = [breaks[0] - 1, (breaks[0] + breaks[1]) / 2, breaks[1] + 1]
    return any(
        all(one[0] + slope * t > 0 for one, slope in zip((unit, other), slopes, strict=True)) for t in points
    )


def escape_time(*, a0: Number, h_star: Number, h1: Number, **options: Unpack[RunOptions]) -> Estimate:
    """Integrate the time that ``b' = -E[u] (b - b*)`` takes from ``-a0`` to ``h1``, weights of length 1.

    Parameters
    ----------
    a0 : number
        Minus the margin at the start.
    h_star : number
        Margin of the teacher.
    h1 : number
        Margin at the end, ``-a0 < h1 < h_star``.
    **options
        See `RunOptions`; nothing is drawn.

    Examples
    --------
    >>> escape_time(a0=3, h_star=0, h1=-1).contains(97.07392953154298)
    True
    """
    start, goal = -real("a0", a0, -_FARTHEST, _FARTHEST), real("h_star", h_star, -_FARTHEST, _FARTHEST)
    end = real("h1", h1, -_FARTHEST, _FARTHEST)
    if not start < end < goal:
        raise DomainError(f"h1: a number between -a0 = {start:g} and h_star = {goal:g}, got {h1!r}")
    run = Run.of(NAME + "escape_time", "integrated flow", {"a0": a0, "h_star": h_star, "h1": h1}, options)
    values = []
    for panels in (40, 80):
        x, w = _rule(12)
        edges = np.linspace(start, end, panels + 1)
        total = 0.0
        for low, high in pairwise(edges):
            for node, weight in zip(low + (high - low) * x, (high - low) * w, strict=True):
                total += weight / (_open_probability(float(node)) * (goal - float(node)))
        values.append(float(total))
    return computed(run, *_refined(values))
