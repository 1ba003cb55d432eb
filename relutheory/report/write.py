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
from relutheory.errors import DomainError
from relutheory.evaluate.engine import check_digits
from relutheory.report import content, paper
from relutheory.report.files import Blocks, OutputDirectory, source_fingerprint
from relutheory.report.runs import CURVE_CONFIDENCE, Interrupted, Outcome, simulated_curves, verified
from relutheory.tables import Table
from relutheory.theorems import Theorem, all_theorems

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ReportResult", "write_report"]

_DEPTH_WIDTHS, _DEPTHS = (3, 5, 8), 30
_WIDTH_DEPTHS, _WIDTHS = (5, 10), 15
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
    _check(samples, seed, workers, digits)
    records = tuple(all_theorems() if theorems is None else theorems)
    output = OutputDirectory.create(directory)
    run = _Report(output, records, samples, seed, workers, digits, progress)
    complete = True
    try:
        run.static()
        run.simulated()
        run.verification()
    except (KeyboardInterrupt, Interrupted):
        complete = False
        run.paper.incomplete = "The run was interrupted; what follows was finished before."
    run.finish()
    return ReportResult(output.path, tuple(dict.fromkeys(output.written)), complete, tuple(run.problems))


def _check(samples: Any, seed: Any, workers: Any, digits: Any) -> None:
    for name, value, low in (("samples", samples, 2), ("seed", seed, 0), ("workers", workers, 1)):
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise DomainError(f"{name} must be an integer >= {low}, got {value!r}")
    if check_digits(digits) > 30:
        raise DomainError(f"digits must be an integer in 1..30 so that the tables fit a page, got {digits}")


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
    ) -> None:
        self.output, self.records, self.digits = output, records, digits
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
        for name, made in content.certified_tables(self.digits).items():
            self._table(name, made)
        values = content.examples_table(self.records, self.digits)
        if len(values):
            self._table("values", values)
        self._figure("region", plots.safe_region(), _REGION)
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
        self._table("simulation", content.simulation_table(drawn, **self.drawn_with))
        smooth = simulated_curves(_DEPTH_WIDTHS, _DEPTHS, self.blocks, method="conditional", **self.options)
        runs = f"{self.drawn_with['samples']} samples for each width, seed {self.drawn_with['seed']}"
        bars = (
            rf"error bars: {CURVE_CONFIDENCE * 100:g}\,\% intervals, smaller than the markers where not seen"
        )
        figure = plots.born_dead_against_depth(_DEPTH_WIDTHS, range(2, _DEPTHS + 1), smooth)
        self._figure("depth", figure, f"{_DEPTH} Simulated: {runs}; {bars}.")
        across = simulated_curves(
            range(1, _WIDTHS + 1), max(_WIDTH_DEPTHS), self.blocks, method="conditional", **self.options
        )
        figure = plots.born_dead_against_width(_WIDTH_DEPTHS, range(1, _WIDTHS + 1), across)
        self._figure("width", figure, f"{_WIDTH} Simulated: {runs}; {bars}.")
        self._paper()

    def verification(self) -> None:
        """Theorem against simulator."""
        outcomes: list[Outcome] = []
        try:
            for outcome in verified(self.records, self.blocks, **self.options):
                outcomes.append(outcome)
                self.problems += outcome.problems
        finally:
            if outcomes:
                self._table(
                    "verification", content.verification_table(outcomes, **self.drawn_with), listed=False
                )
                self.paper.verification = "tables/verification"

    def finish(self) -> None:
        """Write the paper from what is there."""
        self._paper()

    def _paper(self) -> None:
        self.output.write("paper.tex", self.paper.latex())

    def _table(self, name: str, found: Table, listed: bool = True) -> None:
        for suffix, text in (
            ("csv", found.csv()),
            ("md", found.markdown()),
            ("json", found.json()),
            ("tex", found.latex()),
        ):
            self.output.write(f"tables/{name}.{suffix}", text)
        if listed:
            self.paper.tables.append(f"tables/{name}")

    def _figure(self, name: str, figure: Figure, caption: str) -> None:
        for suffix in ("pdf", "png"):
            self.output.write(f"figures/{name}.{suffix}", plots.figure_bytes(figure, suffix))
        self.paper.figures.append(paper.Figure(f"figures/{name}.pdf", caption, f"fig:{name}"))

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
            "settings": {**self.drawn_with, "digits": self.digits},
            "theorems": [t.id for t in self.records],
        }


_DEPTH = (
    r"Born-dead probability against depth $L$ (affine layers; $L-1$ hidden ReLU layers) for common "
    r"widths $N$: certified upper bound (every input set), certified lower bound and simulated values "
    r"(Gaussian weights, zero bias, input dimension 1, inputs on both sides of 0; deaths integrated out "
    r"layer by layer)."
)
_WIDTH = (
    r"Born-dead probability against width $N$ at fixed depths $L$, logarithmic scale; networks, bounds "
    r"and simulation as in Figure~\ref{fig:depth}. The bounds decay as $(L-1)\,2^{-N}$ and "
    r"$L(L-2)\,4^{-N}$: the lower bound is no estimate of the truth."
)
_REGION = (
    r"Safe operating region for an admitted born-dead probability (BDP) of $\delta = 0.1$ in the plane "
    r"of width $N$ and depth $L$ (affine layers), from certified integers. Up to $L_{\mathrm{max}}$ the "
    r"probability is at most $\delta$ for every input set; from $L_{\mathrm{bad}}$ on it exceeds "
    r"$\delta$ for inputs on both sides of 0 on the line with zero bias."
)
