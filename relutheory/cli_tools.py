"""What the commands share: options, one-line errors, the form name=value."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

try:
    import click
except ImportError:  # pragma: no cover - exercised in an environment without the extra
    sys.exit("the command line needs click: pip install 'relutheory[cli]'")

__all__ = [
    "UsageFailure",
    "assignments",
    "check_writable",
    "digits_option",
    "how_to_resume",
    "one_line_errors",
    "run_options",
    "whole",
    "workers_option",
    "write_text",
]


class UsageFailure(click.ClickException):
    """Bad input: one line, exit status 2."""

    exit_code = 2


def whole(low: int, high: int | None = None) -> Callable[[click.Context, click.Parameter, Any], int]:
    """Callback of an option: a whole number in a range, refused in one line that names the option."""
    domain = f"an integer >= {low}" if high is None else f"an integer in {low}..{high}"

    def read(ctx: click.Context, param: click.Parameter, value: Any) -> int:
        text = str(value)
        # Very long numbers are refused before they are converted.
        if not re.fullmatch(r"[+-]?\d{1,30}", text, re.ASCII) or not low <= int(text) <= (high or int(text)):
            raise UsageFailure(f"{param.opts[0]} must be {domain}, got {text[:40]!r}")
        return int(text)

    return read


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn what the package refuses into one line on standard error and exit status 2."""
    from relutheory.errors import RelutheoryError

    try:
        yield
    except RelutheoryError as error:
        raise UsageFailure(" ".join(str(error).split())) from error
    except BrokenPipeError:
        sys.exit(1)
    except OSError as error:
        raise UsageFailure(f"cannot write to {error.filename}: {error.strerror}") from error


def _if_given(read: Callable[..., int]) -> Callable[..., int | None]:
    """Callback of an option that need not be given."""

    def optional(ctx: click.Context, param: click.Parameter, value: Any) -> int | None:
        return None if value is None else read(ctx, param, value)

    return optional


def digits_option(default: int | None) -> Callable[[Any], Any]:
    """Option for significant digits."""
    return click.option(
        "--digits",
        type=str,
        callback=whole(1, 100_000) if default else _if_given(whole(1, 100_000)),
        default=default,
        show_default=True if default else "30; 12 where a value is validated and not certified",
        help="Significant digits.",
    )


def assignments(items: tuple[str, ...]) -> dict[str, str]:
    """Values by name from arguments of the form name=value."""
    values: dict[str, str] = {}
    for item in items:
        name, sign, text = item.partition("=")
        if not sign or not name:
            raise UsageFailure(f"{item!r} is not of the form name=value")
        if name in values:
            raise UsageFailure(f"{name} is given twice")
        values[name] = text
    return values


def workers_option() -> Callable[[Any], Any]:
    """Option for the number of processes."""
    return click.option(
        "--workers",
        type=str,
        callback=whole(1, 1024),
        default=1,
        show_default=True,
        help="Processes; the numbers do not depend on it.",
    )


def write_text(text: str, output: str | None) -> None:
    """Write to a file, or to standard output."""
    if output is None:
        click.echo(text)
        return
    with open(output, "w", encoding="utf-8") as file:
        file.write(text if text.endswith("\n") else text + "\n")


def run_options(what: str) -> Callable[[Any], Any]:
    """Options of a long run that prints a table: journal of finished `what`, form, file, silence."""
    options = (
        click.option(
            "--journal",
            type=click.Path(),
            help=f"Directory for finished {what}; a later run with the same settings continues there.",
        ),
        click.option(
            "--format",
            "form",
            type=click.Choice(["text", "latex", "markdown", "csv", "json"]),
            default="text",
            show_default=True,
        ),
        click.option(
            "-o",
            "--output",
            type=click.Path(dir_okay=False),
            help="File to write; default: standard output.",
        ),
        click.option("--quiet", is_flag=True, help="No progress bar."),
    )

    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def check_writable(journal: str | None, output: str | None) -> None:
    """Refuse files that cannot be written before hours of work, not after."""
    from pathlib import Path

    from relutheory.errors import DomainError

    if journal is not None:
        try:
            Path(journal).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DomainError(
                f"--journal must be a directory that can be written to, got {journal!r}: {error.strerror}"
            ) from error
    if output is not None:
        with open(output, "a", encoding="utf-8"):
            pass


def how_to_resume(journal: str | None, partial: bool) -> str:
    """Say how an interrupted run goes on."""
    kept = "interrupted: what is finished stands above" if partial else "interrupted"
    if journal is None:
        return f"{kept}; with --journal DIR finished blocks are kept, and a later run continues there"
    return f"{kept}; run again with the same settings and --journal {journal} to continue"
