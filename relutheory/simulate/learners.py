"""Ensembles of single-unit learners: stochastic gradient descent of one ReLU unit, many runs at once.

Runs are made in blocks that stay in the cache; each block has a stream of its own, so results do not depend
on the number of workers, and an interrupt keeps the finished blocks.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from statistics import NormalDist

import numpy as np

from relutheory.errors import DomainError
from relutheory.estimate import BinomialCount, BoundedMoments, Estimate
from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.bounded import Array
from relutheory.simulate.checks import whole
from relutheory.simulate.ensemble import run_blocks
from relutheory.simulate.learners_steps import METHODS, SUMMARIES, LearnerSettings, learners
from relutheory.simulate.single_unit_inputs import chosen
from relutheory.simulate.single_unit_intervals import Interval, SharpMoments
from relutheory.simulate.streams import Block, entropy_of

__all__ = ["METHODS", "SUMMARIES", "LearnerRuns", "LearnerSettings", "mean_field_gap", "train_learners"]

# Units of one block take a quarter of a megabyte.
_VALUES = 1 << 15
_LARGEST = sys.float_info.max
_NAME = "relutheory.simulate.learners:"


@dataclass(frozen=True)
class NormalMoments(BoundedMoments):
    """Moments of an unbounded quantity; the interval is that of the central limit theorem over runs."""

    kind = "normal approximation over runs"

    def interval(self, confidence: float | Fraction) -> Interval:
        """Return mean and quantile times standard error; everything for a single run."""
        if self.samples < 2:
            return -math.inf, math.inf
        # The lower quantile keeps its accuracy when the confidence is next to one.
        reach = -NormalDist().inv_cdf(float((1 - Fraction(confidence)) / 2)) * self.standard_error
        return self.mean - reach, self.mean + reach


@dataclass(frozen=True)
class LearnerRuns:
    """What was recorded of an ensemble of learners.

    Parameters
    ----------
    settings : LearnerSettings
        What was run.
    runs : int
        Finished runs.
    moments : CurveMoments
        Mean and squared deviations over runs: a row for each recorded step, then one for the averages of
        each run over the recorded steps after the burn-in.
    seed : int
        Entropy.
    complete : bool
        False after an interrupt.
    """

    settings: LearnerSettings
    runs: int
    moments: CurveMoments
    seed: int
    complete: bool

    @property
    def steps(self) -> tuple[int, ...]:
        """Recorded steps."""
        return self.settings.recorded

    def mean(self, name: str) -> Array:
        """Return the means over runs of a quantity at the recorded steps."""
        chosen("name", name, self.settings.names)
        return self.moments.mean[:-1, self.settings.names.index(name)]

    def mean_theta(self) -> Array:
        """Return the mean unit at the recorded steps, one row a step (literal runs)."""
        if self.settings.method != "literal":
            raise DomainError(f"method: literal, for the mean unit, got {self.settings.method!r}")
        return self.moments.mean[:-1, len(SUMMARIES) :]

    def estimate(self, name: str, step: int | None = None, confidence: float | Fraction = 0.99) -> Estimate:
        """Return the mean over runs of a quantity, at a recorded step or over time.

        Parameters
        ----------
        name : str
            "b", "w_par" (along the teacher), "square" (``|v|**2``), "P" (activation probability), "below"
            (whether it is below the threshold), "v_0_0", "v_0_1", "v_1_1", "v_perp" (products of entries of
            ``v`` in the basis of bias, teacher and the rest), and "theta_0", ... for literal runs.
        step : int, optional
            Recorded step; by default the average of each run after the burn-in.
        confidence : float or Fraction
            Of the interval, in (0, 1). Exact for "below" at a step, rigorous for "P", else of the central
            limit theorem.
        """
        chosen("name", name, self.settings.names)
        if step is not None and step not in self.steps:
            raise DomainError(f"step: one of the recorded steps, got {step!r}")
        row = -1 if step is None else self.steps.index(step)
        column = self.settings.names.index(name)
        mean, squares = float(self.moments.mean[row, column]), float(self.moments.squares[row, column])
        statistic: BinomialCount | BoundedMoments
        if name == "below" and step is not None and not self.settings.antithetic:
            statistic = BinomialCount(round(mean * self.runs), self.runs)
        elif name in ("P", "below"):
            statistic = SharpMoments(self.runs, mean, squares, 0.0, 1.0)
        else:
            statistic = NormalMoments(self.runs, mean, squares, -_LARGEST, _LARGEST)
        return Estimate(
            statistic,
            confidence=confidence,
            seed=self.seed,
            method=f"{self.settings.method} learners",
            simulator=_NAME + "train_learners",
            parameters={"settings": repr(self.settings), "name": name, "step": step},
            complete=self.complete,
        )


def train_learners(
    settings: LearnerSettings,
    *,
    runs: int = 1000,
    seed: int | None = 0,
    workers: int = 1,
    executor: Executor | None = None,
    progress: bool = False,
) -> LearnerRuns:
    """Run independent learners and return what was recorded.

    Parameters
    ----------
    settings : LearnerSettings
        What is run.
    runs : int
        Number of runs >= 1 (of pairs, with antithetic noise).
    seed : int, optional
        Integer >= 0; None for fresh entropy.
    workers, executor, progress
        As in `relutheory.simulate.ensemble.run_blocks`; the result does not depend on them.

    Returns
    -------
    LearnerRuns
        After Ctrl-C those of the finished blocks.

    Raises
    ------
    DomainError
        If a parameter is outside its domain.

    Examples
    --------
    >>> found = train_learners(LearnerSettings((0, 1), 0.1, 200, sig=0.1, every=100), runs=100)
    >>> found.steps, bool(found.mean("square")[-1] < found.mean("square")[0])
    ((0, 100, 200), True)
    """
    whole("runs", runs, 1)
    entropy = entropy_of(seed)
    columns = (settings.size + 1) * (2 if settings.antithetic else 1) if settings.method == "literal" else 3
    size = max(64, _VALUES // columns)
    done = run_blocks(
        partial(_block, settings),
        runs,
        size,
        entropy,
        workers=workers,
        executor=executor,
        progress=progress,
    )
    return LearnerRuns(settings, done.samples, done.total, entropy, done.complete)


def _block(settings: LearnerSettings, block: Block) -> CurveMoments:
    units = learners(settings, block)
    means, squares = [], []
    average: Array = np.zeros((len(settings.names), block.size))
    averaged = 0

    def keep(values: Array) -> None:
        mean = values.mean(axis=1)
        means.append(mean)
        squares.append(((values - mean[:, None]) ** 2).sum(axis=1))

    for step in range(settings.steps + 1):
        if step:
            units.step()
        if step % settings.every == 0:
            values = units.record()
            keep(values)
            if step > settings.burn or step + settings.every > settings.steps:
                average += values
                averaged += 1
    keep(average / averaged)
    return CurveMoments(block.size, np.array(means), np.array(squares))


@dataclass(frozen=True)
class Gap:
    """Largest distance over the recorded steps between the mean unit and an orbit."""

    difference: tuple[tuple[float, ...], ...]
    errors: tuple[tuple[float, ...], ...]
    samples: int
    kind = "normal approximation over runs, simultaneous"

    @property
    def value(self) -> float:
        """Largest observed distance."""
        return max(math.hypot(*row) for row in self.difference)

    @property
    def standard_error(self) -> float:
        """Length of the standard errors at the step of the largest distance."""
        step = max(range(len(self.difference)), key=lambda k: math.hypot(*self.difference[k]))
        return math.hypot(*self.errors[step])

    def interval(self, confidence: float | Fraction) -> Interval:
        """Interval from simultaneous ones of all entries at all steps (union bound)."""
        entries = sum(map(len, self.errors))
        quantile = -NormalDist().inv_cdf(float((1 - Fraction(confidence)) / (2 * entries)))
        low = high = 0.0
        for row, error in zip(self.difference, self.errors, strict=True):
            distance, reach = math.hypot(*row), quantile * math.hypot(*error)
            low, high = max(low, distance - reach), max(high, distance + reach)
        return low, high


def mean_field_gap(
    found: LearnerRuns, orbit: Sequence[Sequence[float]] | Array, confidence: float | Fraction = 0.99
) -> Estimate:
    """Return the largest distance over the recorded steps of the mean unit from an orbit of the mean map.

    Parameters
    ----------
    found : LearnerRuns
        Literal runs.
    orbit : array_like
        Unit of the mean map at each recorded step, one row a step.
    confidence : float or Fraction
        Of the interval, in (0, 1).

    Returns
    -------
    Estimate
        The distance, with an interval of the central limit theorem that holds at all steps at once.

    Raises
    ------
    DomainError
        If the orbit has another shape than the recorded units.

    Examples
    --------
    >>> found = train_learners(LearnerSettings((0, 1), 0.1, 2, theta0=(0, 1)), runs=50)
    >>> mean_field_gap(found, [[0, 1]] * 3).value
    0.0
    """
    means = found.mean_theta()
    other = np.asarray(orbit, float)
    if other.shape != means.shape:
        raise DomainError(f"orbit: an array of shape {means.shape}, got one of shape {other.shape}")
    if found.runs < 2:
        raise DomainError(f"runs: at least 2 for an interval, got {found.runs!r}")
    squares = found.moments.squares[:-1, len(SUMMARIES) :]
    errors = np.sqrt(squares / (found.runs - 1) / found.runs)
    gap = Gap(_rows(means - other), _rows(errors), found.runs)
    return Estimate(
        gap,  # type: ignore[arg-type]  # a statistic in all that is used
        confidence=confidence,
        seed=found.seed,
        method="mean of literal learners against an orbit",
        simulator=_NAME + "mean_field_gap",
        parameters={"settings": repr(found.settings)},
        complete=found.complete,
    )


def _rows(table: Array) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(map(float, row)) for row in table)
