"""Collapse in training: how often a trained ReLU network ends as a constant.

Networks are independent: each has its own initial parameters, training set and order of mini-batches. What is
kept of a network (its output ranges, errors and dead layers) can be read later at other thresholds. Finished
blocks go to a journal, so an interrupted run continues where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field, fields
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.estimate import BinomialCount, Estimate
from relutheory.simulate.checks import real, whole
from relutheory.simulate.ensemble import Ensemble, run_blocks
from relutheory.simulate.journal import Columns, journalled, open_journal
from relutheory.simulate.rai_laws import Number, ReplacingLaw, read_sigma_w, replacing_law
from relutheory.simulate.rai_sampler import he_networks, rai_networks
from relutheory.simulate.rai_targets import evaluation_grid, named_target, read_radius
from relutheory.simulate.streams import Block, entropy_of
from relutheory.simulate.training import LOSSES, Network, Optimizer, train

__all__ = [
    "INITIALISATIONS",
    "Outcomes",
    "TrainingSettings",
    "collapse_after_training",
    "train_networks",
    "trained_outcomes",
]

Array = NDArray[Any]

INITIALISATIONS = ("he", "rai", "rai-everywhere")
# Changes when the same settings would give other numbers, so that old journals are not read.
_FORMAT = 1
_BLOCK = 100
# Values of one layer in an evaluation.
_EVALUATED = 1 << 19


@dataclass(frozen=True)
class TrainingSettings:
    """Everything that fixes the law of a trained network.

    Parameters
    ----------
    target : str
        A name in `TARGETS`; inputs are uniform on [-r, r]^d_in.
    init : str
        "he", "rai" (He in layer 1) or "rai-everywhere".
    r : number or str
        Radius > 0 of the domain, such as 1.5, "sqrt3" or "pi".
    steps : int
        Updates >= 0.
    L, N : int, optional
        Affine layers >= 2 and common hidden width >= 1; the target's own by default.
    points : int
        Training points >= 1, independent for each network.
    batch_size : int
        Samples a step, in 1..points; every network has its own order.
    optimizer : Optimizer
        Adam with step size 0.001 by default.
    loss : str
        "squared" or "absolute".
    sigma_w : number, optional
        Gaussian scale of the randomized layers; `SIGMA_W` by default.
    law : ReplacingLaw
        Law of the replacing number.
    single : bool
        Train in single precision.
    """

    target: str = "f1"
    init: str = "rai"
    r: Number | str = "sqrt3"
    steps: int = 2000
    L: int | None = None
    N: int | None = None
    points: int = 3000
    batch_size: int = 64
    optimizer: Optimizer = field(default_factory=lambda: Optimizer("adam", rate=1e-3))
    loss: str = "squared"
    sigma_w: Number | None = None
    law: ReplacingLaw = field(default_factory=replacing_law)
    single: bool = True

    def __post_init__(self) -> None:
        named_target(self.target)
        if self.init not in INITIALISATIONS:
            raise DomainError(f"init: one of {', '.join(INITIALISATIONS)}, got {self.init!r}")
        read_radius(self.r)
        read_sigma_w(self.sigma_w)
        if self.loss not in LOSSES:
            raise DomainError(f"loss: one of {', '.join(LOSSES)}, got {self.loss!r}")
        whole("steps", self.steps, 0)
        whole("L", len(self.sizes) - 1, 2)
        whole("points", self.points, 1)
        whole("batch_size", self.batch_size, 1, self.points)

    @property
    def sizes(self) -> tuple[int, ...]:
        """d_in, the hidden widths, d_out."""
        target = named_target(self.target)
        depth = target.L if self.L is None else whole("L", self.L, 2)
        width = target.N if self.N is None else whole("N", self.N, 1)
        return (target.d_in, *(width,) * (depth - 1), target.d_out)

    @property
    def key(self) -> str:
        """Short hash of everything above."""
        plain = {**asdict(self), "r": read_radius(self.r), "sigma_w": read_sigma_w(self.sigma_w)}
        # The sizes say what L and N say, whether these were given or not.
        del plain["L"], plain["N"]
        text = json.dumps({**plain, "sizes": self.sizes, "format": _FORMAT}, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def describe(self) -> dict[str, object]:
        """Return the settings as plain values."""
        return {item.name: getattr(self, item.name) for item in fields(self)} | {"sizes": self.sizes}


@dataclass(frozen=True)
class Outcomes(Columns):
    """What became of each network, one row a network.

    Parameters
    ----------
    ranges : numpy.ndarray
        Largest minus smallest value of each output on the evaluation grid.
    errors : numpy.ndarray
        Mean squared error of each output on that grid.
    dead_before, dead_after : numpy.ndarray
        First hidden layer (1, 2, ...) that is zero on the whole grid, before and after training; 0 for none.
    """

    ranges: Array
    errors: Array
    dead_before: Array
    dead_after: Array

    def __len__(self) -> int:
        return len(self.ranges)

    def collapsed(self, threshold: float = 1e-4) -> Array:
        """Tell for each network whether every output has a range below the threshold.

        Examples
        --------
        >>> Outcomes(np.array([[0.0], [1.0]]), *[np.zeros((2, 1))] * 3).collapsed().tolist()
        [True, False]
        """
        return np.asarray((self.ranges < threshold).all(axis=1))


def trained_outcomes(
    settings: TrainingSettings,
    *,
    networks: int = 1000,
    seed: int | None = 0,
    directory: str | os.PathLike[str] | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    progress: bool = False,
) -> Ensemble[Outcomes]:
    """Train independent networks and return what became of each.

    Parameters
    ----------
    settings : TrainingSettings
        What is trained.
    networks : int
        Number of networks >= 1.
    seed : int, optional
        Integer >= 0; None for fresh entropy.
    directory : path, optional
        Where the journal is kept: blocks found there are read instead of computed, new ones are added.
    workers, executor, progress
        As in `relutheory.simulate.ensemble.run_blocks`; the result does not depend on them.

    Returns
    -------
    Ensemble
        With the `Outcomes` as total; after Ctrl-C those of the finished blocks.

    Raises
    ------
    DomainError
        If a parameter is outside its domain.

    Examples
    --------
    >>> done = trained_outcomes(TrainingSettings(steps=10, L=3), networks=20)
    >>> len(done.total), done.complete
    (20, True)
    """
    whole("networks", networks, 1)
    folder = open_journal(directory, settings.key, settings.describe())
    task = partial(_block_outcomes, settings, folder)
    entropy = entropy_of(seed)
    return run_blocks(task, networks, _BLOCK, entropy, workers=workers, executor=executor, progress=progress)


def collapse_after_training(
    target: str = "f1",
    init: str = "rai",
    r: Number | str = "sqrt3",
    *,
    networks: int = 1000,
    steps: int = 2000,
    seed: int | None = 0,
    threshold: float = 1e-4,
    confidence: float | Fraction = 0.99,
    directory: str | os.PathLike[str] | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    progress: bool = False,
    **settings: Any,
) -> Estimate:
    """Estimate the probability that a network is collapsed after training.

    Collapsed: the range of every output on a fine grid of the domain is below `threshold`.

    Parameters
    ----------
    target, init, r, steps
        See `TrainingSettings`.
    networks : int
        Number of independent networks >= 1.
    seed : int, optional
        Integer >= 0; None for fresh entropy.
    threshold : float
        Largest range that counts as constant, > 0.
    confidence : float or Fraction
        Of the interval, in (0, 1).
    directory : path, optional
        Journal of finished blocks, see `trained_outcomes`.
    workers, executor, progress
        See `relutheory.simulate.ensemble.run_blocks`.
    **settings
        Other fields of `TrainingSettings`.

    Returns
    -------
    Estimate
        With an exact binomial interval.

    Raises
    ------
    DomainError
        If a parameter is outside its domain.

    Examples
    --------
    >>> collapse_after_training("f1", "he", networks=50, steps=20).value > 0.7
    True
    """
    real("threshold", threshold, 0.0, float("inf"), open_low=True)
    known = {item.name for item in fields(TrainingSettings)}
    for name, value in settings.items():
        if name not in known:
            raise DomainError(f"{name}: not a parameter of collapse_after_training, got {value!r}")
    chosen = TrainingSettings(target=target, init=init, r=r, steps=steps, **settings)
    entropy = entropy_of(seed)
    done = trained_outcomes(
        chosen,
        networks=networks,
        seed=entropy,
        directory=directory,
        workers=workers,
        executor=executor,
        progress=progress,
    )
    return Estimate(
        BinomialCount(int(done.total.collapsed(threshold).sum()), done.samples),
        confidence=confidence,
        seed=entropy,
        method="trained networks",
        simulator="relutheory.simulate.rai:collapse_after_training",
        parameters={**chosen.describe(), "threshold": threshold},
        complete=done.complete,
    )


def _block_outcomes(settings: TrainingSettings, folder: Path | None, block: Block) -> Outcomes:
    return journalled(Outcomes, folder, block, partial(_train_block, settings, block))


def _train_block(settings: TrainingSettings, block: Block) -> Outcomes:
    before, after = train_networks(settings, block)
    target = named_target(settings.target)
    grid = evaluation_grid(read_radius(settings.r), target.d_in)
    dead_before = np.concatenate([dead for _, dead in _evaluated(before, grid)])
    found = [(*_compared(outputs, target(grid)), dead) for outputs, dead in _evaluated(after, grid)]
    ranges, errors, dead_after = (np.concatenate(column) for column in zip(*found, strict=True))
    return Outcomes(ranges, errors, dead_before, dead_after)


def train_networks(settings: TrainingSettings, block: Block) -> tuple[Network, Network]:
    """Return the networks of a block before and after training.

    Network i draws its training set and its batches from a stream of its own.

    Examples
    --------
    >>> before, after = train_networks(TrainingSettings(steps=3), Block(0, 5, 1))
    >>> before.weights[0].shape
    (5, 2, 1)
    """
    target = named_target(settings.target)
    before = _initial(settings, block)
    streams = [
        np.random.Generator(
            np.random.SFC64(np.random.SeedSequence(block.entropy, spawn_key=(block.index, i)))
        )
        for i in range(block.size)
    ]
    r = read_radius(settings.r)
    x = np.stack([stream.uniform(-r, r, (settings.points, target.d_in)) for stream in streams])
    after = train(
        before,
        x,
        target(x),
        settings.optimizer,
        settings.steps,
        loss=settings.loss,
        batch_size=settings.batch_size,
        generator=streams,
        single=settings.single,
    )
    return before, after


def _initial(settings: TrainingSettings, block: Block) -> Network:
    generator = block.draws().generator
    if settings.init == "he":
        return he_networks(settings.sizes, networks=block.size, seed=generator)
    return rai_networks(
        settings.sizes,
        networks=block.size,
        sigma_w=settings.sigma_w,
        law=settings.law,
        everywhere=settings.init == "rai-everywhere",
        seed=generator,
    )


def _evaluated(network: Network, grid: Array) -> Iterator[tuple[Array, Array]]:
    """Yield, for some networks at a time, outputs on the grid and first dead layers."""
    networks = len(network.weights[0])
    step = max(1, _EVALUATED // (len(grid) * max(network.sizes)))
    for start in range(0, networks, step):
        part = network.select(np.arange(start, min(start + step, networks)))
        h: Array = np.broadcast_to(grid, (len(part.weights[0]), *grid.shape))
        dead = np.zeros(len(h), np.int64)
        last = len(part.weights) - 1
        for layer, (weight, bias) in enumerate(zip(part.weights, part.biases, strict=True)):
            h = h @ weight.transpose(0, 2, 1) + bias[:, None, :]
            if layer < last:
                np.maximum(h, 0.0, out=h)
                zero = h.max(axis=(1, 2)) == 0
                dead[zero & (dead == 0)] = layer + 1
        yield h, dead


def _compared(outputs: Array, wanted: Array) -> tuple[Array, Array]:
    return np.ptp(outputs, axis=1), ((outputs - wanted) ** 2).mean(axis=1)
