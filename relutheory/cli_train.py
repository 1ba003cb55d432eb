"""The command that trains networks beside the reported figures."""

from __future__ import annotations

import re
import sys
from fractions import Fraction
from typing import Any

import click

from relutheory.cli_tools import (
    check_writable,
    how_to_resume,
    one_line_errors,
    run_options,
    whole,
    workers_option,
    write_text,
)

__all__ = ["train"]

_TARGETS = ("f1", "f2", "f3", "f4")


def _complete_target(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in _TARGETS if name.startswith(incomplete)]


def _radius(text: str) -> Fraction | str:
    """Radius from its text: ``sqrt3``, ``sqrt(3)``, ``pi``, or an exact number."""
    from relutheory.errors import DomainError
    from relutheory.grammar import parse
    from relutheory.simulate.rai_targets import read_radius

    if root := re.fullmatch(r"sqrt\(?(\d{1,9})\)?", text.strip(), re.ASCII):
        found: Any = f"sqrt{root[1]}"
    else:
        found = "pi" if text.strip() == "pi" else parse(text, "--radius")
    try:
        if isinstance(found, str):
            read_radius(found)
            return found
        if isinstance(found, int | Fraction) and not isinstance(found, bool):
            read_radius(Fraction(found))
            return Fraction(found)
    except DomainError:
        pass
    raise DomainError(f"--radius must be a number in (0, 1000000], pi or such as sqrt3, got {text!r}")


@click.command()
@click.argument("targets", nargs=-1, shell_complete=_complete_target, metavar="[TARGET]...")
@click.option(
    "--networks",
    type=str,
    callback=whole(1),
    default=1000,
    show_default=True,
    help="Networks for each target, initialisation and radius.",
)
@click.option(
    "--steps", type=str, callback=whole(0), default=2000, show_default=True, help="Updates of a network."
)
@click.option(
    "--radius",
    "radii",
    multiple=True,
    default=("sqrt3", "sqrt7"),
    show_default=True,
    help="Domain [-r, r]^d; may be repeated.",
)
@click.option("--seed", type=str, callback=whole(0), default=0, show_default=True)
@workers_option()
@run_options("blocks")
def train(
    targets: tuple[str, ...],
    radii: tuple[str, ...],
    journal: str | None,
    form: str,
    output: str | None,
    quiet: bool,
    **options: Any,
) -> None:
    """Train networks and compare how many collapse with the figures that are reported.

    TARGET is f1 = |x|, f2 = x sin 5x, f3 = 1(x > 0) + 0.2 sin 5x or f4 = (|x1 + x2|, |x1 - x2|); default:
    all.
    He's initialisation stands beside randomized asymmetric initialization (RAI).
    """
    with one_line_errors():
        from relutheory.errors import DomainError
        from relutheory.experiments import training_table

        for name in targets:
            if name not in _TARGETS:
                raise DomainError(f"TARGET must be one of {', '.join(_TARGETS)}, got {name!r}")
        chosen = [_radius(text) for text in radii]
        check_writable(journal, output)
        try:
            found = training_table(
                targets=targets or _TARGETS,
                radii=chosen,
                directory=journal,
                progress=not quiet and sys.stderr.isatty(),
                **options,
            )
        except KeyboardInterrupt:
            found = None
        if found is not None:
            write_text(getattr(found.table(), form)(), output)
        if found is None or not found.complete:
            click.echo(how_to_resume(journal, found is not None), err=True)
            sys.exit(130)
