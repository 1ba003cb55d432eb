"""Training experiments beside the figures that are reported for them.

The reported percentages of collapsed networks reached us second-hand, some of them with doubts about what
they belong to; every row says so. Ours are frequencies with exact intervals, from
`relutheory.simulate.rai_training`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from relutheory.errors import DomainError
from relutheory.estimate import Estimate
from relutheory.simulate.rai_laws import Number
from relutheory.simulate.rai_targets import named_target, read_radius
from relutheory.simulate.rai_training import collapse_after_training

if TYPE_CHECKING:
    from relutheory.tables import Table

__all__ = ["REPORTED", "Reported", "TrainingRow", "TrainingTable", "training_table"]

_NAMES = {"he": "He", "rai": "RAI", "rai-everywhere": "RAI everywhere"}


@dataclass(frozen=True)
class Reported:
    """A percentage of collapsed networks from the literature.

    Parameters
    ----------
    target, init : str
        As in `collapse_after_training`.
    percentage : str or None
        As reported, in words or digits; None if there is no figure.
    status : str
        "second-hand", "unconfirmed" or "assignment uncertain".
    """

    target: str
    init: str
    percentage: str | None
    status: str

    @property
    def number(self) -> Fraction | None:
        """The probability, if the percentage is a plain number."""
        text = self.percentage
        plain = text is not None and text.replace(".", "", 1).isdecimal()
        return Fraction(text) / 100 if plain and text is not None else None


#: What is reported, in the order of the table.
REPORTED: tuple[Reported, ...] = (
    Reported("f1", "he", "above 90", "second-hand"),
    Reported("f1", "he", "93.6", "unconfirmed"),
    Reported("f1", "rai", "40.3", "unconfirmed"),
    Reported("f2", "he", "91.9", "assignment uncertain"),
    Reported("f2", "rai", "29.2", "assignment uncertain"),
    Reported("f3", "he", "93.8", "assignment uncertain"),
    Reported("f3", "rai", "32.6", "assignment uncertain"),
    Reported("f4", "he", "76.8", "second-hand"),
    Reported("f4", "rai", "9.6", "second-hand"),
)


@dataclass(frozen=True)
class TrainingRow:
    """A reported figure and our estimate on one domain.

    Parameters
    ----------
    reported : Reported
        The figure.
    r : str or number
        Radius of the domain, as asked for.
    ours : Estimate
        Frequency of collapsed networks.
    """

    reported: Reported
    r: Number | str
    ours: Estimate

    @property
    def interval(self) -> tuple[float, float]:
        """Exact interval of our frequency."""
        return self.ours.interval

    @property
    def agrees(self) -> bool | None:
        """Whether the interval contains the reported number; None if that is not a number."""
        number = self.reported.number
        return None if number is None else self.ours.contains(number)


@dataclass(frozen=True)
class TrainingTable:
    """Rows of the experiment; `complete` is False if it was interrupted."""

    rows: tuple[TrainingRow, ...]
    complete: bool = True

    def __iter__(self) -> Iterator[TrainingRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def table(self) -> Table:
        """Return reported figure, ours and its interval side by side, to print as LaTeX or Markdown.

        Examples
        --------
        >>> few = training_table(targets=("f1",), radii=(1,), networks=20, steps=5)
        >>> few.table().columns[3].header
        'reported (%)'
        """
        from relutheory.tables import Column, Table

        headers = [
            Column("target", (), kind="text"),
            Column("r", (), kind="text", latex="$r$"),
            Column("initialisation", (), kind="text"),
            Column("reported (%)", (), name="reported", kind="text"),
            Column("status", (), kind="text"),
            Column("ours (%)", (), name="ours", kind="text"),
            Column("interval (%)", (), name="interval", kind="text"),
        ]
        cells = [_cells(row) for row in self.rows]
        return Table.from_columns(
            headers, cells, caption=self._caption(), label="tab:training", notes=self._notes()
        )

    def _caption(self) -> str:
        return "Networks that are collapsed after training: reported and our own frequencies"

    def _notes(self) -> list[str]:
        if not self.rows:
            return []
        ours = self.rows[0].ours
        threshold, steps = ours.parameters["threshold"], ours.parameters["steps"]
        notes = [
            f"Collapsed: the range of every output over the domain is below {threshold:g}",
            f"Ours: {ours.samples} networks a row, {steps} steps of mini-batches; "
            f"exact intervals of confidence {float(ours.confidence):g}",
        ]
        return notes if self.complete else [*notes, "Interrupted: rows are missing, or have fewer networks"]


def _radius_text(r: Number | str) -> str:
    root = r.removeprefix("sqrt") if isinstance(r, str) else r
    if root != r:
        return f"sqrt({root})"
    return r if isinstance(r, str) else f"{float(r):g}"


def _cells(row: TrainingRow) -> list[str]:
    low, high = row.interval
    reported = row.reported
    return [
        reported.target,
        _radius_text(row.r),
        _NAMES[reported.init],
        reported.percentage or "none",
        reported.status,
        f"{100 * row.ours.value:.1f}",
        f"{100 * low:.1f} to {100 * high:.1f}",
    ]


def training_table(
    *,
    networks: int = 1000,
    steps: int = 2000,
    targets: Sequence[str] = ("f1", "f2", "f3", "f4"),
    radii: Sequence[Number | str] = ("sqrt3", "sqrt7"),
    seed: int = 0,
    confidence: float | Fraction = 0.99,
    workers: int = 1,
    executor: Executor | None = None,
    directory: str | os.PathLike[str] | None = None,
    progress: bool = False,
) -> TrainingTable:
    """Train networks of every kind for which a figure is reported, and put the frequencies beside them.

    Parameters
    ----------
    networks : int
        Networks for each target, initialisation and radius, >= 1.
    steps : int
        Updates >= 0.
    targets : sequence of str
        Names in `TARGETS`.
    radii : sequence of numbers or str
        Radii of the domain [-r, r]^d; the reported ones are not certain.
    seed : int
        Integer >= 0.
    confidence : float or Fraction
        Of each interval, in (0, 1).
    workers, executor, directory, progress
        As in `collapse_after_training`. With a directory an interrupted run continues where it stopped.

    Returns
    -------
    TrainingTable

    Raises
    ------
    DomainError
        If a parameter is outside its domain.
    KeyboardInterrupt
        If it is interrupted before anything is finished.

    Examples
    --------
    >>> rows = training_table(targets=("f1",), radii=("sqrt3",), networks=20, steps=5)
    >>> [(row.reported.init, row.reported.percentage) for row in rows]
    [('he', 'above 90'), ('he', '93.6'), ('rai', '40.3')]
    """
    _check_names(targets, radii)
    rows: list[TrainingRow] = []
    estimates: dict[tuple[str, str, float], Estimate] = {}
    for reported in REPORTED:
        if reported.target not in targets:
            continue
        for r in radii:
            key = (reported.target, reported.init, read_radius(r))
            if key not in estimates:
                if progress:
                    print(f"{reported.target}, {_NAMES[reported.init]}, r = {r}", file=sys.stderr)
                try:
                    estimates[key] = collapse_after_training(
                        reported.target,
                        reported.init,
                        r,
                        networks=networks,
                        steps=steps,
                        seed=seed,
                        confidence=confidence,
                        workers=workers,
                        executor=executor,
                        directory=directory,
                        progress=progress,
                    )
                except KeyboardInterrupt:
                    if not rows:
                        raise
                    return TrainingTable(tuple(rows), complete=False)
            rows.append(TrainingRow(reported, r, estimates[key]))
            if not estimates[key].complete:
                return TrainingTable(tuple(rows), complete=False)
    return TrainingTable(tuple(rows))


def _check_names(targets: Sequence[str], radii: Sequence[Number | str]) -> None:
    for name, values in (("targets", targets), ("radii", radii)):
        if isinstance(values, str) or not len(values):
            raise DomainError(f"{name}: a non-empty sequence, got {values!r}")
    for target in targets:
        named_target(target)
    for r in radii:
        read_radius(r)
