"""Witnesses for where a unit comes to rest, how far death is away, and for activation at initialisation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Unpack

import numpy as np

from relutheory.estimate import BoundedMoments, Estimate
from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.bounded import Array, moments_of
from relutheory.simulate.gaussian_units import Matrix, Vector
from relutheory.simulate.sampling import Run, RunOptions
from relutheory.simulate.single_unit_drift import TEACHERS
from relutheory.simulate.single_unit_inputs import NAME, chosen, gaussian, integer, vector
from relutheory.simulate.single_unit_intervals import Interval, SharpImage, SharpMoments, computed, root
from relutheory.simulate.streams import Block, entropy_of

__all__ = ["activation_spread", "dead_set_distance", "stationary_points"]

_BATCH = 1000
_STARTS = 32
_DESCENT = 1500
_GRID = 2_000_001
#: Directions a sample, for the product of positive parts and for the count of open pairs.
_SPOKES = {True: 16, False: 64}


def stationary_points(
    *,
    theta_star: Vector,
    m: Vector | None = None,
    S: Matrix | None = None,
    teacher: str = "relu",
    **options: Unpack[RunOptions],
) -> Estimate:
    """Count the distinct limits of descent from random starts that are not dead, on a noise-free batch.

    A limit counts if its drift vanishes and it is open on more than one point in a hundred of the batch.

    Parameters
    ----------
    theta_star : array_like
        Teacher, bias first.
    m, S : array_like, optional
        Mean and covariance of the input.
    teacher : {"relu", "affine"}
        Target.
    **options
        See `RunOptions`; the size of the batch is fixed, the seed makes batch and starts.

    Examples
    --------
    >>> stationary_points(theta_star=(0, 1), seed=0).value
    1.0
    """
    target = np.array(vector("theta_star", theta_star))
    law = gaussian(len(target) - 1, m, S)
    chosen("teacher", teacher, TEACHERS)
    names = {"theta_star": theta_star, "m": m, "S": S, "teacher": teacher}
    run = Run.of(NAME + "stationary_points", "descent from random starts", names, options)
    generator = Block(0, _BATCH, entropy_of(run.seed)).draws().generator
    rows = law.map
    xt = rows[:, :1] + rows[:, 1:] @ generator.standard_normal((law.size, _BATCH))
    wanted = target @ xt
    if teacher == "relu":
        wanted = np.maximum(wanted, 0.0)
    size = float(np.linalg.norm(target)) + 1.0
    units = size * generator.standard_normal((_STARTS, len(target)))
    limits = [unit for unit in _descended(units, xt, wanted) if (unit @ xt > 0).mean() > 0.01]
    distinct: list[Array] = []
    for unit in limits:
        if all(np.linalg.norm(unit - other) > 1e-4 * size for other in distinct):
            distinct.append(unit)
    return computed(run, float(len(distinct)))


def _descended(units: Array, xt: Array, wanted: Array) -> list[Array]:
    """Limits of descent: plain steps first, then steps scaled by the matrix of the open inputs."""
    points = xt.shape[1]
    rate = 1.0 / float(np.linalg.eigvalsh(xt @ xt.T / points)[-1])
    for _ in range(_DESCENT):
        y = units @ xt
        units = units + rate / points * np.where(y > 0, wanted - y, 0.0) @ xt.T
    found = []
    for start in units:
        unit = start
        for _ in range(100):
            y = unit @ xt
            opened = xt[:, y > 0]
            if opened.shape[1] <= len(unit):
                break
            drift = opened @ (wanted - y)[y > 0] / points
            if np.linalg.norm(drift) < 1e-10:
                found.append(unit)
                break
            unit = unit + 0.5 * np.linalg.solve(opened @ opened.T / points, drift)
    return found


def dead_set_distance(
    *,
    theta_star: Vector,
    theta0: Any = None,
    eta: Any = None,
    m: Any = None,
    S: Any = None,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Measure the distance of a unit from the points with zero weights and bias <= 0, on a fine grid.

    The distance changes by at most as much as the point does, so the grid brackets the least one.

    Parameters
    ----------
    theta_star : array_like
        Unit, bias first.
    theta0, eta, m, S
        Not used.
    **options
        See `RunOptions`; nothing is drawn.

    Examples
    --------
    >>> dead_set_distance(theta_star=(0.75, 1)).contains(1.25)
    True
    """
    unit = np.array(vector("theta_star", theta_star))
    run = Run.of(NAME + "dead_set_distance", "grid", {"theta_star": theta_star}, options)
    # Biases below the window are farther away than the origin, which is in it.
    window = 2.0 * float(np.linalg.norm(unit)) + 1e-9
    bias = np.linspace(-window, 0.0, _GRID)
    least = math.sqrt(float(((bias - unit[0]) ** 2).min()) + float((unit[1:] ** 2).sum()))
    error = window / (_GRID - 1) / 4
    return computed(run, least - error, error * (1 + 1e-9) + 1e-15 * least)


@dataclass(frozen=True)
class _Spokes:
    """Mean over equally spaced directions at a random phase of a function of two correlated normals.

    The second normal is the first direction turned by the angle with this cosine. With ``product`` the
    function is the product of the positive parts of the cosines, else whether both are positive.
    """

    cosine: float
    product: bool

    def __call__(self, block: Block) -> CurveMoments:
        spokes = _SPOKES[self.product]
        phase = block.draws().generator.uniform(0.0, 2 * np.pi / spokes, block.size)
        angle = phase + np.arange(spokes)[:, None] * (2 * np.pi / spokes)
        one = np.cos(angle)
        two = self.cosine * one + math.sqrt((1 - self.cosine) * (1 + self.cosine)) * np.sin(angle)
        if self.product:
            value = np.maximum(one, 0.0) * np.maximum(two, 0.0)
        else:
            value = ((one > 0) & (two > 0)).astype(np.float64)
        return moments_of([value.mean(axis=0)])

    @property
    def reach(self) -> float:
        """How far one sample can be from its mean: the function has slope <= 1, the event is one arc."""
        spokes = _SPOKES[self.product]
        return np.pi / (2 * spokes) if self.product else 1 / spokes


def activation_spread(
    *,
    l: int,  # noqa: E741  # the name of the parameter in the statement
    what: str = "variance",
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate the spread over units of their activation probabilities, at initialisation, infinitely wide.

    Two independent inputs are followed: the correlation of their images in a layer is that of the positive
    parts of two correlated normals, sampled layer by layer, and the variance over units is the probability
    that both images open a unit, minus 1/4. A layer does not spread correlations (its derivative is the
    probability that both are open, over that of one), and turning a half-plane by an angle changes a
    probability by at most the angle over pi: so the error of every layer is carried to the end.

    Parameters
    ----------
    l : int
        Hidden layer, 1..200.
    what : {"variance", "std"}
        Variance or standard deviation.
    **options
        See `RunOptions`; the samples are those of one layer.

    Examples
    --------
    >>> activation_spread(l=2, what="std", samples=20_000, seed=0).contains(0.227063040175191)
    True
    """
    depth = integer("l", l, 1, 200)
    chosen("what", what, ("variance", "std"))
    names = {"l": l, "what": what}
    run = Run.of(NAME + "activation_spread", "pairs of normals, layer by layer", names, options)
    seed, cosine = entropy_of(run.seed), 0.0
    parts: list[SharpMoments] = []
    complete = True
    for layer in range(1, depth + 1):
        task = _Spokes(cosine, product=layer < depth)
        # Each layer has a stream of its own, because its correlation comes from the layers before.
        stage = replace(run, seed=(seed << 8) + layer)
        found = stage.mean_curve(task, 1 << 11, (np.zeros(1), np.ones(1)))[0]
        base, complete = found.statistic, complete and found.complete
        assert isinstance(base, BoundedMoments)
        parts.append(SharpMoments(base.samples, base.mean, base.squares, 0.0, 1.0, task.reach, 1e-15))
        cosine = _next_cosine(base.mean)
    centres = (0.0, *(_next_cosine(part.mean) for part in parts[:-1]))
    image = partial(_spread, centres, what == "std")
    return run.estimate(SharpImage(tuple(parts), image), complete)  # type: ignore[arg-type]  # same use


def _next_cosine(product: float) -> float:
    # The mean square of the positive part of a cosine is 1/4.
    return min(max(4 * product, -1.0), 1.0)


def _spread(centres: tuple[float, ...], std: bool, parts: Sequence[Interval]) -> Interval:
    low = high = 0.0
    for part, centre in zip(parts[:-1], centres[:-1], strict=True):
        low, high = (
            max(4 * part[0] - max(centre - low, 0.0), -1.0),
            min(4 * part[1] + max(high - centre, 0.0), 1.0),
        )
    angle = math.acos(centres[-1])
    below, above = max(math.acos(low) - angle, 0.0), max(angle - math.acos(high), 0.0)
    variance = parts[-1][0] - below / math.pi - 0.25, parts[-1][1] + above / math.pi - 0.25
    return root(variance) if std else variance
