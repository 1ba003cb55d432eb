"""The command that looks how often the units of trained networks are open."""

from __future__ import annotations

import sys
from typing import Any

import click

from relutheory.cli_tools import (
    UsageFailure,
    check_writable,
    how_to_resume,
    one_line_errors,
    run_options,
    whole,
    workers_option,
    write_text,
)

__all__ = ["observe"]

_INITS = ("he", "lecun", "rai")
_FIGURES = ("pdf", "png", "svg")


def _depths(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[int, ...]:
    read = whole(2, 1000)
    return tuple(dict.fromkeys(read(ctx, param, value) for value in values))


@click.command()
@click.option(
    "--depth",
    "depths",
    type=str,
    callback=_depths,
    multiple=True,
    default=("4", "8"),
    show_default=True,
    help="Hidden layers; may be repeated.",
)
@click.option(
    "--width", type=str, callback=whole(1, 4096), default=64, show_default=True, help="Units in a layer."
)
@click.option(
    "--init",
    "inits",
    type=click.Choice(_INITS),
    multiple=True,
    default=_INITS,
    show_default=True,
    help="Initialisation; may be repeated, the others are compared with the first.",
)
@click.option(
    "--replicas", type=str, callback=whole(1), default=16, show_default=True, help="Networks of each kind."
)
@click.option(
    "--epochs",
    type=str,
    callback=whole(0),
    default=30,
    show_default=True,
    help="Passes over the training set.",
)
@click.option(
    "--optimizer",
    type=click.Choice(["sgd", "adam"]),
    default="sgd",
    show_default=True,
    help="Gradient descent with momentum 0.9 and step size 0.01, or Adam with 0.001.",
)
@click.option("--quick", is_flag=True, help="At most 8 networks and 10 epochs.")
@click.option("--seed", type=str, callback=whole(0), default=0, show_default=True)
@workers_option()
@click.option("--figure", type=click.Path(dir_okay=False), help="Draw, too, into a .pdf, .png or .svg file.")
@run_options("networks")
def observe(
    quick: bool,
    journal: str | None,
    form: str,
    output: str | None,
    figure: str | None,
    quiet: bool,
    **options: Any,
) -> None:
    """See how often units are open in networks trained on handwritten digits, layer by layer.

    Plain stacks stand beside stacks with skip connections. Three published observations are answered by
    intervals over independent networks: agrees, disagrees or undecided.
    """
    with one_line_errors():
        kind = None if figure is None else figure.rpartition(".")[2].lower()
        if kind is not None and kind not in _FIGURES:
            raise UsageFailure(f"--figure must end in .pdf, .png or .svg, got {figure!r}")

        from relutheory.observations import observe as run

        if figure is not None:
            # Without matplotlib this is refused now and not after minutes of training.
            from relutheory.plots.style import style

            style()
        check_writable(journal, output)
        check_writable(None, figure)
        if quick:
            options |= {"replicas": min(options["replicas"], 8), "epochs": min(options["epochs"], 10)}
        try:
            found = run(directory=journal, progress=not quiet and sys.stderr.isatty(), **options)
        except KeyboardInterrupt:
            found = None
        if found is not None:
            write_text(found.render(form), output)
            if figure is not None and kind is not None:
                from relutheory.plots import figure_bytes
                from relutheory.plots.observations import open_probabilities

                with open(figure, "wb") as file:
                    file.write(figure_bytes(open_probabilities(found), kind))
        if found is None or not found.complete:
            click.echo(how_to_resume(journal, found is not None), err=True)
            sys.exit(130)
