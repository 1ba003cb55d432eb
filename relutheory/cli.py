"""Command line. Help and completion import neither NumPy nor SymPy; each command loads what it needs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

try:
    import click
except ImportError:  # pragma: no cover - exercised in an environment without the extra
    sys.exit("the command line needs click: pip install 'relutheory[cli]'")

from relutheory._ids import IDS
from relutheory._version import __version__
from relutheory.cli_design import design
from relutheory.cli_observe import observe
from relutheory.cli_tools import (
    assignments,
    digits_option,
    one_line_errors,
    whole,
    workers_option,
    write_text,
)
from relutheory.cli_train import train

__all__ = ["main"]


def _complete_id(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [i for i in IDS if i.startswith(incomplete)]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="relutheory")
def cli() -> None:
    """Theory of the dying ReLU: certified values, proofs, simulation, tables.

    In all born-dead statements L counts affine maps, so there are L-1 hidden ReLU layers, and widths are the
    hidden widths; N= L= is a shorthand for equal widths.
    """


@cli.command(name="list")
@click.option("--stem", help="Only one topic, such as born_dead.")
def list_command(stem: str | None) -> None:
    """One line a theorem: id, kind, title, status."""
    with one_line_errors():
        from relutheory.errors import DomainError
        from relutheory.theorems import STEMS, all_theorems

        if stem is not None and stem not in STEMS:
            raise DomainError(f"--stem must be one of {', '.join(STEMS)}, got {stem!r}")
        records = list(all_theorems(stem))
        width, kinds = max(len(t.id) for t in records), max(len(t.kind) for t in records)
        for t in records:
            click.echo(f"{t.id:<{width}}  {t.kind:<{kinds}}  {t.status()!s:<20}  {t.title}")


@cli.command()
@click.argument("id", shell_complete=_complete_id)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "latex", "bibtex", "json"]),
    default="text",
    show_default=True,
)
def show(id: str, form: str) -> None:
    """Statement, hypotheses, domain, source and status of a theorem."""
    with one_line_errors():
        from relutheory import cards
        from relutheory.theorems import theorem

        record = theorem(id)
        if form == "json":
            click.echo(json.dumps(cards.card_json(record), indent=2, ensure_ascii=False))
        elif form == "bibtex":
            click.echo(record.bibtex().rstrip())
        else:
            click.echo(cards.card_text(record) if form == "text" else cards.card_latex(record))


@cli.command(name="eval", context_settings={"ignore_unknown_options": True})
@click.argument("id", shell_complete=_complete_id)
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@digits_option(None)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def eval_command(id: str, parameters: tuple[str, ...], digits: int | None, as_json: bool) -> None:
    """Value of a statement with certified digits.

    Values are integers, rationals 1/3, decimals (read exactly), multiples of pi (3pi/4), true/false, words,
    vectors 3,2,4 and matrices "1,2;3,4".
    """
    with one_line_errors():
        from relutheory.certificate import Values
        from relutheory.theorems import theorem

        record = theorem(id)
        given = assignments(parameters)
        digits = record.digits if digits is None else digits
        found = record.evaluate(digits=digits, **given)
        if as_json:
            body = {n: v.json(digits) for n, v in found.items()} if isinstance(found, Values) else None
            shown = {"values": body} if body is not None else found.json(digits)  # type: ignore[union-attr]  # one value
            click.echo(json.dumps({"id": id, "parameters": given} | shown))
            return
        point = "  ".join(f"{n}={v}" for n, v in given.items())
        click.echo(f"{id}  {point}  ({record.kind})".replace("    ", "  "))
        results = found.items() if isinstance(found, Values) else [("value", found)]
        for name, value in results:
            _print_value(name, value, digits)


def _print_value(name: str, value: Any, digits: int) -> None:
    fraction = value.fraction_text()
    if fraction is not None and "/" in fraction:
        short = (
            fraction
            if len(fraction) <= 2_000
            else f"a fraction of {len(fraction)} characters (--json prints it)"
        )
        click.echo(f"{name} = {short}")
    label = "exact integer" if value.is_integer else f"{digits} digits, {value.trust}"
    click.echo(f"{name} = {value.digits(digits)}  ({label})")


@cli.command()
@click.argument("ids", nargs=-1, shell_complete=_complete_id, metavar="[ID]...")
@click.option(
    "--samples", type=str, callback=whole(1), default=100_000, show_default=True, help="Samples of a trial."
)
@click.option(
    "--seed",
    type=str,
    callback=whole(0),
    default=0,
    show_default=True,
    help="Seed; the same seed gives the same numbers.",
)
@workers_option()
@click.option(
    "--dask", metavar="ADDRESS", help="Scheduler of a Dask cluster to run on instead of local processes."
)
@click.option("--quiet", is_flag=True, help="No progress bar.")
def verify(
    ids: tuple[str, ...], samples: int, seed: int, workers: int, dask: str | None, quiet: bool
) -> None:
    """Theory against simulator; exit status 1 on a contradiction or a check without power."""
    with one_line_errors():
        from relutheory.prove import status
        from relutheory.theorems import all_theorems, theorem
        from relutheory.verify import FALSE_ALARM_BUDGET, verify

        records = [theorem(i) for i in ids] if ids else list(all_theorems())
        shown = not quiet and sys.stderr.isatty()
        with _executor(dask) as executor:
            found = verify(
                records, samples=samples, seed=seed, workers=workers, executor=executor, progress=shown
            )
        for verdict in found:
            click.echo(str(verdict))
        click.echo(f"\n{'theorem':<40} definite  trials  mutants rejected  status")
        for t in records:
            if t.id in found.mutants:
                own = [v for v in found if v.theorem == t.id]
                counts = f"{found.definite(t.id):>8}  {len(own):>6}  {found.mutants[t.id]!s:>16}"
                click.echo(f"{t.id:<40} {counts}  {status(t, own)}")
        click.echo(f"\nfalse-alarm budget of the suite {FALSE_ALARM_BUDGET}, seed {seed}")
        for line in found.problems:
            click.echo(f"PROBLEM {line}", err=True)
        if not found.complete:
            click.echo("interrupted: the trials above are finished", err=True)
            sys.exit(130)
        sys.exit(0 if found.ok else 1)


@contextmanager
def _executor(address: str | None) -> Iterator[Executor | None]:
    """Executor of the Dask cluster at an address, or None."""
    if address is None:
        yield None
        return
    from relutheory.errors import DomainError, MissingExtraError

    try:
        from distributed import Client
    except ImportError as error:
        raise MissingExtraError("--dask needs distributed: pip install 'relutheory[dask]'") from error
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError, TypeError) as error:
        raise DomainError(f"--dask must be the address of a running scheduler, got {address!r}") from error
    with client:
        yield client.get_executor(pure=False)


@cli.command()
@click.argument("ids", nargs=-1, required=True, shell_complete=_complete_id, metavar="ID [ID]...")
@click.option(
    "--over", multiple=True, required=True, metavar="NAME=VALUES", help="Axis: N=2,3,4 or L=2..100."
)
@digits_option(8)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "latex", "markdown", "csv", "json"]),
    default="text",
    show_default=True,
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), help="File to write; default: standard output."
)
def table(ids: tuple[str, ...], over: tuple[str, ...], digits: int, form: str, output: str | None) -> None:
    """Table of certified values over a grid of parameters."""
    with one_line_errors():
        from relutheory.tables import parse_axis
        from relutheory.tables import table as make_table

        axes = {name: parse_axis(name, text) for name, text in assignments(over).items()}
        made = make_table(list(ids), digits=digits, **axes)
        text = getattr(made, form)()
        if form == "csv":
            # The other formats carry the reasons of empty cells themselves.
            for note in made.notes:
                if note.startswith("—"):
                    click.echo(note, err=True)
        write_text(text, output)


@cli.command()
@click.argument("ids", nargs=-1, shell_complete=_complete_id, metavar="[ID]...")
@click.option("--steps", is_flag=True, help="Print every step of the derivations.")
def prove(ids: tuple[str, ...], steps: bool) -> None:
    """Re-check the derivations; exit status 1 on a failure."""
    with one_line_errors():
        from relutheory.prove import prove
        from relutheory.theorems import all_theorems, theorem

        reports = [prove(t.id) for t in ([theorem(i) for i in ids] or all_theorems())]
        for report in reports:
            click.echo(str(report) if steps else report.summary())
        failed = [r for r in reports if not r.ok]
        click.echo(f"{len(reports) - len(failed)} derivations accepted, {len(failed)} refused")
        sys.exit(1 if failed else 0)


@cli.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=True),
    default="relutheory-report",
    show_default=True,
    help="Directory.",
)
@click.option(
    "--samples", type=str, callback=whole(1), default=100_000, show_default=True, help="Samples of a trial."
)
@click.option("--seed", type=str, callback=whole(0), default=0, show_default=True)
@workers_option()
@digits_option(10)
@click.option(
    "--pdf/--no-pdf", default=True, show_default=True, help="Compile paper.tex when pdflatex is installed."
)
@click.option(
    "--networks",
    type=str,
    callback=whole(1),
    default=200,
    show_default=True,
    help="Networks trained for each target, initialisation and domain.",
)
@click.option(
    "--steps", type=str, callback=whole(0), default=2000, show_default=True, help="Updates of a network."
)
@click.option(
    "--training/--no-training",
    default=True,
    show_default=True,
    help="Train networks, and observe activation probabilities on digits.",
)
@click.option("--quiet", is_flag=True, help="No progress bar.")
def report(output: str, pdf: bool, quiet: bool, **options: Any) -> None:
    """Evaluate, verify, draw and typeset everything into a directory: the main job."""
    with one_line_errors():
        from relutheory.errors import DomainError
        from relutheory.report import compile_pdf, write_report

        if not output.strip():
            raise DomainError("-o must be the name of a directory, got ''")
        shown = not quiet and sys.stderr.isatty()
        result = write_report(output, progress=shown, **options)
        click.echo(str(result))
        if pdf:
            click.echo(str(compile_pdf(output)))
        sys.exit((0 if result.ok else 1) if result.complete else 130)


cli.add_command(design)
cli.add_command(observe)
cli.add_command(train)


def main() -> None:
    """Entry point of the console script."""
    cli(prog_name="relutheory")
