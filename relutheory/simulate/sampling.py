"""What all witnesses share: the options of a run and the step from block results to estimates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.estimate import BinomialCount, BoundedMoments, Estimate
from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.checks import whole
from relutheory.simulate.ensemble import run_blocks
from relutheory.simulate.streams import Block, entropy_of

__all__ = ["Run", "RunOptions", "read_widths"]


class RunOptions(TypedDict, total=False):
    """Options every witness takes; all optional.

    samples: number of independent samples, >= 1 (default 100 000).
    seed: integer >= 0, or None for fresh entropy (default None); the estimate records what was used.
    confidence: of the interval, in (0, 1) (default 0.99).
    workers: number of processes, >= 1 (default 1); the result does not depend on it.
    executor: a concurrent.futures.Executor to use instead of processes of our own.
    progress: show a progress bar on standard error (default False).
    """

    samples: int
    seed: int | None
    confidence: float | Fraction
    workers: int
    executor: Executor | None
    progress: bool


@dataclass(frozen=True)
class Run:
    """The options of a run, checked, with the name and the parameters it is recorded under."""

    simulator: str
    method: str
    parameters: Mapping[str, object]
    samples: int = 100_000
    seed: int | None = None
    confidence: float | Fraction = 0.99
    workers: int = 1
    executor: Executor | None = None
    progress: bool = False

    @classmethod
    def of(cls, simulator: str, method: str, parameters: Mapping[str, object], options: RunOptions) -> Run:
        """Return a run, refusing an unknown option in one line."""
        known = RunOptions.__annotations__
        for name, value in options.items():
            if name not in known:
                raise DomainError(f"{name}: not a parameter of {simulator.split(':')[-1]}, got {value!r}")
        run = cls(simulator, method, dict(parameters), **options)
        return run if run.seed is not None else cls(**{**run._shallow(), "seed": entropy_of(None)})

    def _shallow(self) -> dict[str, Any]:
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def _blocks(self, task: Callable[[Block], Any], block_size: int) -> Any:
        return run_blocks(
            task,
            self.samples,
            block_size,
            entropy_of(self.seed),
            workers=self.workers,
            executor=self.executor,
            progress=self.progress,
        )

    def estimate(self, statistic: BinomialCount | BoundedMoments, complete: bool) -> Estimate:
        """Return an estimate with the provenance of this run."""
        return Estimate(
            statistic,
            confidence=self.confidence,
            seed=entropy_of(self.seed),
            method=self.method,
            simulator=self.simulator,
            parameters=self.parameters,
            complete=complete,
        )

    def frequency(self, task: Callable[[Block], int], block_size: int) -> Estimate:
        """Return the frequency of an event that `task` counts."""
        done = self._blocks(task, block_size)
        return self.estimate(BinomialCount(int(done.total), done.samples), done.complete)

    def death_curve(self, task: Callable[[Block], NDArray[np.int64]], block_size: int) -> list[Estimate]:
        """Return the frequency of death by layer 1, 2, ... from counts of first dead layers."""
        done = self._blocks(task, block_size)
        by_layer = np.cumsum(done.total[:-1])
        return [self.estimate(BinomialCount(int(k), done.samples), done.complete) for k in by_layer]

    def mean_curve(
        self,
        task: Callable[[Block], CurveMoments],
        block_size: int,
        bounds: tuple[NDArray[np.float64], NDArray[np.float64]],
    ) -> list[Estimate]:
        """Return one estimate per depth from moments of bounded samples."""
        done = self._blocks(task, block_size)
        rows = zip(done.total.mean, done.total.squares, *bounds, strict=True)
        return [
            self.estimate(BoundedMoments(done.samples, *(float(value) for value in row)), done.complete)
            for row in rows
        ]


def read_widths(widths: object, N: object, L: object) -> tuple[int, ...]:
    """Return the hidden widths, given either as a list or as N repeated L - 1 times.

    Examples
    --------
    >>> read_widths(None, 3, 4)
    (3, 3, 3)
    """
    if widths is None:
        if N is None or L is None:
            raise DomainError(f"widths: a list of hidden widths, or both N and L, got N={N!r}, L={L!r}")
        return (whole("N", N, 1),) * (whole("L", L, 2) - 1)
    if N is not None or L is not None:
        raise DomainError(f"widths: either widths or N and L, not both, got N={N!r}, L={L!r}")
    if isinstance(widths, str) or not hasattr(widths, "__iter__"):
        raise DomainError(f"widths: a list of integers >= 1, got {widths!r}")
    result = tuple(whole("widths", n, 1) for n in widths)
    if not result:
        raise DomainError("widths: a non-empty list of integers >= 1, got []")
    return result
