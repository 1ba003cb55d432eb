"""Networks trained in one way, and what is read off them layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from relutheory.observations.intervals import Spread
from relutheory.simulate.classifiers_runs import ClassifierRecords

__all__ = ["STAGES", "Group", "Stage"]

Stage = Literal["before", "after"]
#: First and last record.
STAGES: tuple[Stage, Stage] = ("before", "after")


@dataclass(frozen=True)
class Group:
    """Networks of one depth, with or without skip connections, of one initialisation.

    Parameters
    ----------
    depth : int
        Hidden layers.
    skip : bool
        Whether hidden layers 2, 3, ... have a skip connection.
    init : str
        Initialisation.
    records : ClassifierRecords
        Of the networks.
    confidence : float or Fraction
        Of each interval.

    Examples
    --------
    >>> opened = np.array([[[[0.5, 0.75]], [[0.25, 0.5]]]])  # a network, two records, a layer, two units
    >>> one = Group(1, False, "he", ClassifierRecords(opened, np.ones((1, 2)), np.ones((1, 2))))
    >>> one.layers("after")[0].value, one.below("after", 0.5)[0].value
    (0.375, 0.5)
    """

    depth: int
    skip: bool
    init: str
    records: ClassifierRecords
    confidence: float | Fraction = 0.99

    @property
    def stack(self) -> str:
        """ "skip" or "plain"."""
        return "skip" if self.skip else "plain"

    def __len__(self) -> int:
        return len(self.records)

    def means(self, stage: Stage) -> NDArray[Any]:
        """Mean open probability of each layer, (networks, layers)."""
        means: NDArray[Any] = self.records.mean[:, _record(stage)]
        return means

    def layers(self, stage: Stage) -> list[Spread]:
        """Mean open probability over the units of a layer, for each layer."""
        return self._spreads(self.means(stage))

    def below(self, stage: Stage, threshold: float) -> list[Spread]:
        """Share of units that are open on less than this share of the inputs, for each layer."""
        return self._spreads(self.records.below(threshold)[:, _record(stage)])

    def dead(self, stage: Stage) -> list[Spread]:
        """Share of units that are open on no held-out input, for each layer."""
        return self._spreads(self.records.dead()[:, _record(stage)])

    def below_half(self, stage: Stage) -> Spread:
        """Share of the units of all hidden layers together that are open on fewer than half of the inputs."""
        return self._spread(self.records.below(0.5)[:, _record(stage)].mean(axis=1))

    def slope(self, stage: Stage) -> Spread:
        """Least-squares slope of a network's layer means against the number of the layer."""
        means = self.means(stage)
        place = np.arange(self.depth) - (self.depth - 1) / 2
        slopes = means @ place / (place @ place)
        return self._spread(slopes, lowest=-1.0)

    def accuracy(self, stage: Stage, part: Literal["train", "test"] = "test") -> Spread:
        """Share of right answers on the held-out or the training inputs."""
        found = self.records.test_accuracy if part == "test" else self.records.train_accuracy
        return self._spread(found[:, _record(stage)])

    def _spread(self, values: NDArray[Any], lowest: float = 0.0) -> Spread:
        return Spread(tuple(values.tolist()), self.confidence, lowest, 1.0)

    def _spreads(self, values: NDArray[Any]) -> list[Spread]:
        return [self._spread(column) for column in values.T]


def _record(stage: Stage) -> int:
    return 0 if stage == "before" else -1
