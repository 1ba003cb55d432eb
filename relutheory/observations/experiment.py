"""The experiment: train, and put what is observed into tables."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from relutheory.errors import DomainError
from relutheory.observations.data import digits
from relutheory.observations.groups import Group
from relutheory.observations.intervals import METHOD
from relutheory.observations.present import NAMES, group_data, layer_rows, verdict_data, verdict_row
from relutheory.observations.verdicts import STATEMENTS, Verdict, verdicts
from relutheory.simulate.checks import whole
from relutheory.simulate.classifiers import INITIALISATIONS, Classification
from relutheory.simulate.classifiers_runs import ClassifierSettings, classifier_records
from relutheory.simulate.training import Optimizer

if TYPE_CHECKING:
    from relutheory.tables import Table

__all__ = ["FORMATS", "OPTIMIZERS", "Observations", "observe"]

#: Optimisers by name: mini-batch gradient descent with momentum, and Adam.
OPTIMIZERS: Mapping[str, Optimizer] = {
    "sgd": Optimizer("heavy-ball", rate=0.01, momentum=0.9),
    "adam": Optimizer("adam", rate=0.001),
}
FORMATS = ("text", "latex", "markdown", "csv", "json")


@dataclass(frozen=True)
class Observations:
    """Groups of trained networks with the answers they give.

    Parameters
    ----------
    groups : tuple of Group
        For every depth plain stacks, then stacks with skip connections, of each initialisation.
    settings : mapping
        What fixed the run, for the record.
    margin : float
        See `verdicts`.
    complete : bool
        False if it was interrupted: groups are missing, or have fewer networks.
    """

    groups: tuple[Group, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    margin: float = 0.05
    complete: bool = True

    def __len__(self) -> int:
        return len(self.groups)

    @property
    def depths(self) -> tuple[int, ...]:
        """Depths in their order."""
        return tuple(dict.fromkeys(group.depth for group in self.groups))

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The answers, see `verdicts`."""
        return verdicts(self.groups, self.margin)

    def chosen(self, depth: int | None = None, init: str | None = None) -> list[Group]:
        """Return the groups of one depth and of one initialisation; None for all."""
        found = [g for g in self.groups if depth in (None, g.depth) and init in (None, g.init)]
        if not found:
            raise DomainError(f"depth, init: those of a group, got depth={depth!r}, init={init!r}")
        return found

    def table(self, depth: int | None = None, init: str | None = None) -> Table:
        """Return open probabilities layer by layer, to print as LaTeX or Markdown.

        Parameters
        ----------
        depth, init
            Only these; None for all.

        Examples
        --------
        >>> few = observe(depths=(2,), width=4, inits=("he",), replicas=2, epochs=1)
        >>> few.table()["layer"]
        ['1', '2', '1', '2']
        """
        from relutheory.tables import Column, Table

        headers = [
            Column("depth", (), kind="text"),
            Column("stack", (), kind="text"),
            Column("init", (), kind="text"),
            Column("layer", (), kind="text"),
            Column("mean P before", (), name="before", kind="text", latex="mean $P$ before"),
            Column("mean P after", (), name="after", kind="text", latex="mean $P$ after"),
            Column("P < 1/2", (), name="below half", kind="text", latex="$P < 1/2$"),
            Column("P < 0.05", (), name="below 0.05", kind="text", latex=r"$P < 0.05$"),
            Column("dead", (), kind="text"),
        ]
        rows = [row for group in self.chosen(depth, init) for row in layer_rows(group)]
        caption = "Open probabilities P before and after training, layer by layer"
        return Table.from_columns(headers, rows, caption=caption, label="tab:observed", notes=self._notes())

    def verdict_table(self, depth: int | None = None) -> Table:
        """Return the answers with their intervals, to print as LaTeX or Markdown.

        Parameters
        ----------
        depth : int, optional
            Only this one.

        Examples
        --------
        >>> few = observe(depths=(2,), width=4, inits=("he", "rai"), replicas=2, epochs=1)
        >>> few.verdict_table()["answer"]
        ['undecided', 'undecided', '—', '—', 'undecided', 'undecided', '—', '—', 'undecided', '—']
        """
        from relutheory.tables import Column, Table

        headers = [
            Column("observation", (), kind="text"),
            Column("depth", (), kind="text"),
            Column("stack", (), kind="text"),
            Column("init", (), kind="text"),
            Column("quantity", (), kind="text"),
            Column("before", (), kind="text"),
            Column("after", (), kind="text"),
            Column("answer", (), kind="text"),
        ]
        found = verdicts(self.chosen(depth), self.margin)
        rows = [verdict_row(verdict) for verdict in found]
        notes = [
            *(f"{name}: {words}" for name, words in STATEMENTS.items()),
            f"O3 agrees if the difference is at most {self.margin:g} in every layer; the layer with the "
            "largest is shown, its interval holds for all layers together",
            "Stacks with skip connections are shown for comparison: the observations say nothing about them",
        ]
        caption = "What the trained networks say about the observations"
        return Table.from_columns(headers, rows, caption=caption, label="tab:observations", notes=notes)

    def accuracy_table(self) -> Table:
        """Return right answers after training, for each group.

        Examples
        --------
        >>> few = observe(depths=(2,), width=4, inits=("he",), replicas=2, epochs=1)
        >>> len(few.accuracy_table())
        2
        """
        from relutheory.tables import Column, Table

        names = ("depth", "stack", "init", "networks", "training accuracy", "held-out accuracy")
        rows = [
            [
                str(g.depth),
                g.stack,
                NAMES[g.init],
                str(len(g)),
                str(g.accuracy("after", "train")),
                str(g.accuracy("after")),
            ]
            for g in self.groups
        ]
        headers = [Column(name, (), kind="text") for name in names]
        return Table.from_columns(
            headers, rows, caption="Right answers after training", label="tab:observed-accuracy"
        )

    def render(self, form: str = "text") -> str:
        """Return everything in a format: "text", "latex", "markdown", "csv" (layers only) or "json"."""
        if form not in FORMATS:
            raise DomainError(f"form: one of {', '.join(FORMATS)}, got {form!r}")
        if form == "csv":
            return self.table().csv()
        if form == "json":
            return json.dumps(self.data(), indent=1, ensure_ascii=False) + "\n"
        parts = (self.table(), self.accuracy_table(), self.verdict_table())
        return "\n\n".join(getattr(part, form)().strip("\n") for part in parts) + "\n"

    def data(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        return {
            "settings": dict(self.settings),
            "complete": self.complete,
            "margin": self.margin,
            "groups": [group_data(group) for group in self.groups],
            "verdicts": [verdict_data(verdict) for verdict in self.verdicts],
        }

    def _notes(self) -> list[str]:
        sizes = sorted({len(group) for group in self.groups})
        networks = str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
        confidence = float(self.groups[0].confidence)
        notes = [
            "P: share of the held-out inputs on which a unit's preactivation is positive; with a skip "
            "connection that of the branch",
            "mean P: over the units of a layer; P < 1/2, P < 0.05, dead (P = 0): shares of units after "
            "training",
            f"Medians over {networks} networks a group, in brackets the {METHOD}, confidence "
            f"{confidence:g} each",
        ]
        return notes if self.complete else [*notes, "Interrupted: groups are missing, or have fewer networks"]


def observe(
    *,
    depths: Sequence[int] = (4, 8),
    width: int = 64,
    inits: Sequence[str] = INITIALISATIONS,
    replicas: int = 16,
    epochs: int = 30,
    batch_size: int = 32,
    optimizer: str | Optimizer = "sgd",
    seed: int = 0,
    confidence: float | Fraction = 0.99,
    margin: float = 0.05,
    data: Classification | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    directory: str | os.PathLike[str] | None = None,
    progress: bool = False,
) -> Observations:
    """Train plain stacks and stacks with skip connections, and see how often their units are open.

    Parameters
    ----------
    depths : sequence of int
        Numbers of hidden layers, each >= 2.
    width : int
        Units in each hidden layer >= 1.
    inits : sequence of str
        Initialisations "he", "lecun", "rai"; the first is what the others are compared with.
    replicas : int
        Independent networks of each kind >= 1.
    epochs, batch_size : int
        Passes over the training set >= 0, and samples a step >= 1.
    optimizer : str or Optimizer
        A name in `OPTIMIZERS`, or any other.
    seed : int
        Integer >= 0, of weights and mini-batches.
    confidence : float or Fraction
        Of each interval, in (0, 1).
    margin : float
        Largest difference that counts as none in O3, > 0.
    data : Classification, optional
        `digits()` by default.
    workers, executor, directory, progress
        As in `classifier_records`. With a directory an interrupted run continues where it stopped.

    Returns
    -------
    Observations

    Raises
    ------
    DomainError
        If a parameter is outside its domain, or if the training diverges.
    MissingExtraError
        If the digits are asked for and scikit-learn is not installed.
    KeyboardInterrupt
        If it is interrupted before anything is finished.

    Examples
    --------
    >>> few = observe(depths=(2,), width=4, inits=("he",), replicas=2, epochs=1)
    >>> [(group.depth, group.stack, group.init, len(group)) for group in few.groups]
    [(2, 'plain', 'he', 2), (2, 'skip', 'he', 2)]
    """
    chosen = _read_optimizer(optimizer)
    _check(depths, inits, seed, confidence, margin)
    kinds = [
        ClassifierSettings(depth, width, skip, init, epochs, batch_size, chosen)
        for depth in depths
        for skip in (False, True)
        for init in inits
    ]
    whole("replicas", replicas, 1)
    given = digits() if data is None else data
    whole("batch_size", batch_size, 1, len(given.train_x))
    settings = {
        "width": width,
        "epochs": epochs,
        "batch_size": batch_size,
        "optimizer": chosen.kind,
        "rate": chosen.rate,
        "seed": seed,
        "replicas": replicas,
        "data": given.digest,
    }
    groups: list[Group] = []
    for kind in kinds:
        if progress:
            stack = "skip" if kind.skip else "plain"
            print(f"{kind.depth} hidden layers, {stack}, {NAMES[kind.init]}", file=sys.stderr)
        try:
            done = classifier_records(
                kind,
                given,
                replicas=replicas,
                seed=seed,
                directory=directory,
                workers=workers,
                executor=executor,
                progress=progress,
            )
        except KeyboardInterrupt:
            if not groups:
                raise
            return Observations(tuple(groups), settings, margin, complete=False)
        groups.append(Group(kind.depth, kind.skip, kind.init, done.total, confidence))
        if not done.complete:
            return Observations(tuple(groups), settings, margin, complete=False)
    return Observations(tuple(groups), settings, margin)


def _read_optimizer(optimizer: str | Optimizer) -> Optimizer:
    if isinstance(optimizer, Optimizer):
        return optimizer
    if optimizer not in OPTIMIZERS:
        raise DomainError(f"optimizer: one of {', '.join(OPTIMIZERS)}, or an Optimizer, got {optimizer!r}")
    return OPTIMIZERS[optimizer]


def _check(
    depths: Sequence[int], inits: Sequence[str], seed: int, confidence: float | Fraction, margin: float
) -> None:
    for name, values in (("depths", depths), ("inits", inits)):
        if isinstance(values, str) or not len(values):
            raise DomainError(f"{name}: a non-empty sequence, got {values!r}")
        if len(set(values)) < len(values):
            raise DomainError(f"{name}: different values, got {values!r}")
    for depth in depths:
        whole("depths", depth, 2)
    whole("seed", seed, 0)
    if not 0 < confidence < 1:
        raise DomainError(f"confidence: a number in (0, 1), got {confidence!r}")
    if not margin > 0:
        raise DomainError(f"margin: a number > 0, got {margin!r}")
