"""Order of the work: cheap and certain first, each file as soon as it is ready."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relutheory import plots
from relutheory._version import __version__
from relutheory.errors import DomainError, MissingExtraError
from relutheory.evaluate.engine import check_digits
from relutheory.recursions import relu_teacher
from relutheory.report import captions, content, paper
from relutheory.report.content_gaussian import gaussian_tables
from relutheory.report.content_rai import rai_tables
from relutheory.report.content_single_unit import ensemble_table, observation_tables, single_unit_tables
from relutheory.report.files import Blocks, OutputDirectory, source_fingerprint
from relutheory.report.runs import (
    Interrupted,
    Outcome,
    observed,
    simulated_curves,
    simulated_learners,
    simulated_rai_curves,
    trained,
    verified,
)
from relutheory.tables import Table
from relutheory.theorems import Theorem, all_theorems

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ReportResult", "write_report"]

_DEPTH_WIDTHS, _DEPTHS = (3, 5, 8), 30
_WIDTH_DEPTHS, _WIDTHS = (5, 10), 15
_RAI_WIDTHS = (2, 3, 5)
_PACKAGES = ("sympy", "mpmath", "numpy", "python-flint", "matplotlib", "tabulate", "pybtex")


@dataclass(frozen=True)
class ReportResult:
    """What a run wrote and found.

    Parameters
    ----------
    directory : Path
        Where the files are.
    files : tuple of str
        Names relative to it, in the order of writing.
    complete : bool
        False after an interrupt.
    problems : tuple of str
        Contradictions, statements without a definite check, surviving mutants.
    """

    directory: Path
    files: tuple[str, ...]
    complete: bool
    problems: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything was done and nothing contradicts."""
        return self.complete and not self.problems

    def __str__(self) -> str:
        lines = [f"{len(self.files)} files in {self.directory}"]
        lines += [f"PROBLEM {line}" for line in self.problems]
        if not self.complete:
            lines.append("interrupted: what is written stays; run again with the same settings to continue")
        return "\n".join(lines)


def write_report(
    directory: str | PathLike[str],
    *,
    samples: int = 100_000,
    seed: int = 0,
    workers: int = 1,
    digits: int = 10,
    training: bool = True,
    networks: int = 200,
    steps: int = 2000,
    progress: bool = False,
    theorems: Iterable[Theorem] | None = None,
) -> ReportResult:
    """Write tables, figures, statements, verification and a compiling ``paper.tex`` into a directory.

    Parameters
    ----------
    directory : path
        Made if it does not exist.
    samples, seed, workers
        Of every simulation; the numbers depend on samples and seed only.
    digits : int
        Significant digits of certified values in the tables, 1 to 30.
    training : bool
        Train networks: compare with reported figures, the most expensive experiment, and observe how often
        units are open.
    networks, steps : int
        Networks for each target, initialisation and domain of the first experiment, and their updates; at
        most 12 networks and 10 passes over the data in the second one.
    progress : bool
        Show progress bars on standard error.
    theorems : iterable of Theorem, optional
        Statements to print and verify; default all.

    Returns
    -------
    ReportResult
        After an interrupt ``complete`` is False, the files written so far stay, and a run with the same
        settings continues.

    Raises
    ------
    DomainError
        A setting is outside its domain, or the directory cannot be written to.
    """
    whole = {"samples": (samples, 2), "seed": (seed, 0), "workers": (workers, 1)}
    _check(digits, **whole, networks=(networks, 1), steps=(steps, 0))
    records = tuple(all_theorems() if theorems is None else theorems)
    output = OutputDirectory.create(directory)
    sizes = {"networks": networks, "steps": steps} if training else None
    run = _Report(output, records, samples, seed, workers, digits, progress, sizes)
    complete = True
    try:
        run.static()
        run.simulated()
        run.learners()
        run.training()
        run.observations()
        run.verification()
    except (KeyboardInterrupt, Interrupted):
        complete = False
        run.paper.incomplete = "The run was interrupted; what follows was finished before."
    run.finish()
    return ReportResult(output.path, tuple(dict.fromkeys(output.written)), complete, tuple(run.problems))


def _check(digits: Any, **whole: tuple[Any, int]) -> None:
    for name, (value, low) in whole.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise DomainError(f"{name} must be an integer >= {low}, got {value!r}")
    if check_digits(digits) > 30:
        raise DomainError(f"digits must be an integer in 1..30 so that the tables fit a page, got {digits}")


def _portrait() -> Figure:
    starts = [(-1, 1.1), (-1, 0.5), (-0.5, -0.5), (0.3, -1.2), (1.5, -1.2)]
    return plots.phase_portrait(relu_teacher([0, 1], "1/4"), starts)


def _basin() -> Figure:
    return plots.death_basin(relu_teacher([0, 1, 0], "1/4"), resolution=61, steps=2500)


class _Report:
    """One run; each method writes the files of one part."""

    def __init__(
        self,
        output: OutputDirectory,
        records: tuple[Theorem, ...],
        samples: int,
        seed: int,
        workers: int,
        digits: int,
        progress: bool,
        sizes: dict[str, int] | None,
    ) -> None:
        self.output, self.records, self.digits, self.sizes = output, records, digits, sizes
        self.options: dict[str, Any] = {
            "samples": samples,
            "seed": seed,
            "workers": workers,
            "progress": progress,
        }
        self.drawn_with = {"samples": samples, "seed": seed}
        self.blocks = Blocks(output, {"version": __version__, **self.drawn_with})
        self.paper = paper.Paper()
        self.problems: list[str] = []

    def static(self) -> None:
        """What needs no simulation."""
        from relutheory.references import bibtex

        self.output.write("references.bib", bibtex())
        self.output.write("bibliography.tex", paper.bibliography())
        self.output.write_json("provenance.json", self._provenance())
        for topic, tables in (
            ("gaussian", gaussian_tables(self.digits)),
            ("born_dead", content.certified_tables(self.digits)),
            ("rai", rai_tables(self.digits)),
            ("single_unit", single_unit_tables(self.digits)),
        ):
            for name, made in tables.items():
                self._table(name, made, topic)
        values = content.examples_table(self.records, self.digits)
        if len(values):
            self._table("values", values, "")
        self._figure("gated-rates", plots.gated_rates(), captions.GATED_RATES, "gaussian")
        self._figure("region", plots.safe_region(), captions.REGION, "born_dead")
        self._figure("gate-functions", plots.gate_functions(), captions.GATES, "rai")
        self._figure("unit-range", plots.unit_dead_range(), captions.UNIT_RANGE, "rai")
        self._figure("slow-down", plots.slow_down(), captions.SLOW_DOWN, "single_unit")
        self._figure("phase-portrait", _portrait(), captions.PORTRAIT, "single_unit")
        self._figure("death-basin", _basin(), captions.BASIN, "single_unit")
        self.output.write("cards.tex", paper.cards(self.records))
        self.paper.has_cards = True
        found = paper.derivations(self.records)
        if found is not None:
            self.output.write("derivations.tex", found[0])
            self.problems += found[1]
            self.paper.has_derivations = True
        self._paper()

    def simulated(self) -> None:
        """Tables and figures with simulated values."""
        widths = sorted({n for n, _ in content.POINTS})
        drawn = simulated_curves(
            widths, max(d for _, d in content.POINTS), self.blocks, method="networks", **self.options
        )
        self._table("simulation", content.simulation_table(drawn, **self.drawn_with), "born_dead")
        smooth = simulated_curves(_DEPTH_WIDTHS, _DEPTHS, self.blocks, method="conditional", **self.options)
        made = captions.simulated(**self.drawn_with)
        figure = plots.born_dead_against_depth(_DEPTH_WIDTHS, range(2, _DEPTHS + 1), smooth)
        self._figure("depth", figure, f"{captions.DEPTH} {made}", "born_dead")
        across = simulated_curves(
            range(1, _WIDTHS + 1), max(_WIDTH_DEPTHS), self.blocks, method="conditional", **self.options
        )
        figure = plots.born_dead_against_width(_WIDTH_DEPTHS, range(1, _WIDTHS + 1), across)
        self._figure("width", figure, f"{captions.WIDTH} {made}", "born_dead")
        asymmetric = simulated_rai_curves(_RAI_WIDTHS, _DEPTHS, self.blocks, **self.options)
        figure = plots.rai_against_depth(_RAI_WIDTHS, range(2, _DEPTHS + 1), asymmetric)
        self._figure("rai-depth", figure, f"{captions.RAI_DEPTH} {made}", "rai")
        self._paper()

    def learners(self) -> None:
        """Ensembles of single units beside the mean map."""
        found = simulated_learners(self.blocks, **self.options)
        self._table("mean-field-gap", ensemble_table(found), "single_unit")
        caption = captions.ensembles(**self.drawn_with)
        self._figure("ensembles", plots.mean_against_ensemble(found), caption, "single_unit")
        self._paper()

    def training(self) -> None:
        """Trained networks beside reported figures."""
        if self.sizes is None:
            return
        found = trained(self.output, **self._training_options())
        if len(found):
            self._table("training", found.table(), "rai")
            self._figure("training", plots.trained_collapse(found), captions.TRAINING, "rai")
            self._paper()
        if not found.complete:
            raise Interrupted

    def observations(self) -> None:
        """How often the units of trained networks are open."""
        if self.sizes is None:
            return
        try:
            found = observed(self.output, **self._training_options())
        except MissingExtraError as error:
            self.paper.left_out = f"The observation of trained networks is left out: {error}."
            return
        if found is not None:
            for name, made in observation_tables(found).items():
                self._table(name, made, "single_unit")
            figure = plots.open_probabilities(found)
            self._figure("open-probabilities", figure, captions.observed(**self.sizes), "single_unit")
            self._paper()
        if found is None or not found.complete:
            raise Interrupted

    def _training_options(self) -> dict[str, Any]:
        return {name: self.options[name] for name in ("seed", "workers", "progress")} | (self.sizes or {})

    def verification(self) -> None:
        """Theorem against simulator."""
        outcomes: list[Outcome] = []
        try:
            for outcome in verified(self.records, self.blocks, **self.options):
                outcomes.append(outcome)
                self.problems += outcome.problems
        finally:
            if outcomes:
                self._table("verification", content.verification_table(outcomes, **self.drawn_with))
                self.paper.verification = "tables/verification"

    def finish(self) -> None:
        """Write the paper from what is there."""
        self._paper()

    def _paper(self) -> None:
        self.output.write("paper.tex", self.paper.latex())

    def _table(self, name: str, found: Table, topic: str | None = None) -> None:
        """Write a table in all formats; with a topic it is listed among the values of the paper."""
        for suffix, text in (
            ("csv", found.csv()),
            ("md", found.markdown()),
            ("json", found.json()),
            ("tex", found.latex()),
        ):
            self.output.write(f"tables/{name}.{suffix}", text)
        if topic is not None:
            self.paper.tables[f"tables/{name}"] = topic

    def _figure(self, name: str, figure: Figure, caption: str, topic: str) -> None:
        for suffix in ("pdf", "png"):
            self.output.write(f"figures/{name}.{suffix}", plots.figure_bytes(figure, suffix))
        self.paper.figures.append(paper.Figure(f"figures/{name}.pdf", caption, f"fig:{name}", topic))

    def _provenance(self) -> dict[str, Any]:
        versions = {}
        for package in _PACKAGES:
            try:
                versions[package] = metadata.version(package)
            except metadata.PackageNotFoundError:
                continue
        return {
            "relutheory": __version__,
            "sources": source_fingerprint(),
            "python": platform.python_version(),
            "packages": versions,
            "settings": {**self.drawn_with, "digits": self.digits, "training": self.sizes},
            "theorems": [t.id for t in self.records],
        }
