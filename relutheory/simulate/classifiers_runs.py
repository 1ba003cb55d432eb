"""How often the units of trained classifiers are open, with a journal of finished blocks of networks."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.simulate.checks import whole
from relutheory.simulate.classifiers import (
    INITIALISATIONS,
    Classification,
    activation_probabilities,
    correct,
    initial_classifiers,
    train_classifiers,
)
from relutheory.simulate.ensemble import Ensemble, run_blocks
from relutheory.simulate.journal import Columns, journalled, open_journal
from relutheory.simulate.streams import Block, entropy_of
from relutheory.simulate.training import Optimizer

__all__ = ["ClassifierRecords", "ClassifierSettings", "classifier_records", "train_replicas"]

Array = NDArray[Any]

# Changes when the same settings would give other numbers, so that old journals are not read.
_FORMAT = 1
_BLOCK = 4


@dataclass(frozen=True)
class ClassifierSettings:
    """Everything but the data that fixes the law of a trained classifier.

    Parameters
    ----------
    depth, width : int
        Hidden layers >= 1 and units in each >= 1.
    skip : bool
        Whether hidden layers 2, 3, ... have a skip connection.
    init : str
        "he", "lecun" or "rai".
    epochs : int
        Passes over the training set >= 0.
    batch_size : int
        Samples a step >= 1.
    optimizer : Optimizer
        Heavy ball by default.
    stops : tuple of int
        Epochs in 0..epochs after which a record is made, besides the first and the last.
    single : bool
        Train in single precision.
    """

    depth: int = 8
    width: int = 64
    skip: bool = False
    init: str = "he"
    epochs: int = 30
    batch_size: int = 32
    optimizer: Optimizer = field(default_factory=lambda: Optimizer("heavy-ball", rate=0.01, momentum=0.9))
    stops: tuple[int, ...] = ()
    single: bool = True

    def __post_init__(self) -> None:
        for name in ("depth", "width", "batch_size"):
            whole(name, getattr(self, name), 1)
        whole("epochs", self.epochs, 0)
        if self.init not in INITIALISATIONS:
            raise DomainError(f"init: one of {', '.join(INITIALISATIONS)}, got {self.init!r}")
        for stop in self.stops:
            whole("stops", stop, 0, self.epochs)

    @property
    def records(self) -> list[int]:
        """Epochs after which a record is made, in order.

        Examples
        --------
        >>> ClassifierSettings(epochs=10, stops=(5,)).records
        [0, 5, 10]
        """
        return sorted({0, *self.stops, self.epochs})

    def key(self, data: Classification) -> str:
        """Short hash of everything above and of the data."""
        plain = {**asdict(self), "stops": self.records, "data": data.digest, "format": _FORMAT}
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class ClassifierRecords(Columns):
    """What was seen of each network, one row a network and one column a record.

    Parameters
    ----------
    opened : numpy.ndarray
        Share of the held-out inputs on which a unit is open, (networks, records, layers, width).
    train_accuracy, test_accuracy : numpy.ndarray
        Share of right answers, (networks, records).
    """

    opened: Array
    train_accuracy: Array
    test_accuracy: Array

    def __len__(self) -> int:
        return len(self.opened)

    @property
    def mean(self) -> Array:
        """Mean over the units of a layer, (networks, records, layers)."""
        means: Array = self.opened.mean(axis=3)
        return means

    def below(self, threshold: float = 0.5) -> Array:
        """Share of a layer's units that are open on less than this share of the inputs.

        Examples
        --------
        >>> few = ClassifierRecords(np.array([[[[0.0, 0.2, 0.5, 0.9]]]]), np.ones((1, 1)), np.ones((1, 1)))
        >>> few.below().tolist(), few.dead().tolist()
        ([[[0.5]]], [[[0.25]]])
        """
        shares: Array = (self.opened < threshold).mean(axis=3)
        return shares

    def dead(self) -> Array:
        """Share of a layer's units that are open on no input, (networks, records, layers)."""
        shares: Array = (self.opened == 0).mean(axis=3)
        return shares


def train_replicas(
    settings: ClassifierSettings, data: Classification, replicas: Sequence[int], entropy: int
) -> ClassifierRecords:
    """Train the networks of these numbers together and return what was seen of each.

    A network's initial weights and its orders of the samples come from two streams that depend on `entropy`
    and on its number alone; so they are the same, where shapes allow, for all settings.

    Parameters
    ----------
    settings : ClassifierSettings
    data : Classification
    replicas : sequence of int
        Numbers >= 0 of the networks.
    entropy : int
        Entropy of the run >= 0.

    Returns
    -------
    ClassifierRecords

    Raises
    ------
    DomainError
        If a parameter is outside its domain, or if the training diverges.

    Examples
    --------
    >>> points = np.linspace(-1, 1, 8)[:, None]
    >>> labels = np.repeat([0, 1], 4)
    >>> few = ClassifierSettings(depth=2, width=3, epochs=1, batch_size=4)
    >>> train_replicas(few, Classification(points, labels, points, labels, 2), range(5), 0).mean.shape
    (5, 2, 2)
    """
    whole("batch_size", settings.batch_size, 1, len(data.train_x))
    sizes = (data.d_in, *(settings.width,) * settings.depth, data.classes)
    network = initial_classifiers(sizes, settings.init, [_stream(entropy, r, 0) for r in replicas])
    stages = train_classifiers(
        network,
        data.train_x,
        data.train_labels,
        settings.optimizer,
        settings.records,
        batch_size=settings.batch_size,
        generators=[_stream(entropy, r, 1) for r in replicas],
        skip=settings.skip,
        single=settings.single,
    )
    opened, train, test = [], [], []
    for stage in stages:
        opened.append(activation_probabilities(stage, data.test_x, skip=settings.skip))
        right = correct(stage, data.train_x, data.train_labels, skip=settings.skip)
        train.append(right / len(data.train_x))
        right = correct(stage, data.test_x, data.test_labels, skip=settings.skip)
        test.append(right / len(data.test_x))
    return ClassifierRecords(np.stack(opened, axis=1), np.stack(train, axis=1), np.stack(test, axis=1))


def _stream(entropy: int, replica: int, purpose: int) -> np.random.Generator:
    sequence = np.random.SeedSequence(entropy, spawn_key=(replica, purpose))
    return np.random.Generator(np.random.SFC64(sequence))


def classifier_records(
    settings: ClassifierSettings,
    data: Classification,
    *,
    replicas: int = 16,
    seed: int | None = 0,
    directory: str | os.PathLike[str] | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    progress: bool = False,
) -> Ensemble[ClassifierRecords]:
    """Train independent networks on the same data and return what was seen of each.

    Parameters
    ----------
    settings : ClassifierSettings
        What is trained.
    data : Classification
        On what.
    replicas : int
        Number of networks >= 1.
    seed : int, optional
        Integer >= 0; None for fresh entropy.
    directory : path, optional
        Where the journal is kept: blocks of networks found there are read instead of computed, new ones are
        added.
    workers, executor, progress
        As in `relutheory.simulate.ensemble.run_blocks`; the result does not depend on them.

    Returns
    -------
    Ensemble
        With the `ClassifierRecords` as total; after Ctrl-C those of the finished blocks.

    Raises
    ------
    DomainError
        If a parameter is outside its domain, or if the training diverges.

    Examples
    --------
    >>> points = np.linspace(-1, 1, 8)[:, None]
    >>> labels = np.repeat([0, 1], 4)
    >>> few = ClassifierSettings(depth=2, width=3, epochs=1, batch_size=4)
    >>> done = classifier_records(few, Classification(points, labels, points, labels, 2), replicas=6)
    >>> len(done.total), done.complete
    (6, True)
    """
    whole("replicas", replicas, 1)
    folder = open_journal(directory, settings.key(data), {**asdict(settings), "data": data.digest})
    task = partial(_block_records, settings, data, folder)
    return run_blocks(
        task, replicas, _BLOCK, entropy_of(seed), workers=workers, executor=executor, progress=progress
    )


def _block_records(
    settings: ClassifierSettings, data: Classification, folder: Path | None, block: Block
) -> ClassifierRecords:
    numbers = range(block.index * _BLOCK, block.index * _BLOCK + block.size)
    train = partial(train_replicas, settings, data, numbers, block.entropy)
    return journalled(ClassifierRecords, folder, block, train)
