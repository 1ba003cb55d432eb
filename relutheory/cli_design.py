"""The commands that choose scale, width and depth from theorems."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import click

from relutheory.cli_tools import assignments, digits_option, one_line_errors

__all__ = ["design"]


@click.group()
def design() -> None:
    """Choose scale, width and depth of a network with certified guarantees."""


@design.command(name="sigma_w")
@click.argument("law", nargs=-1, metavar="[law=NAME] [NAME=VALUE]...")
@digits_option(20)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def sigma_w(law: tuple[str, ...], digits: int, as_json: bool) -> None:
    """Scale of randomized asymmetric initialization for a law of the replacing number.

    law=beta a=2 b=1 (default), law=uniform M=1, law=halfnormal s=1/2, law=exponential rate=3, law=constant
    c=1/2.
    """
    with one_line_errors():
        from relutheory.design import rai_scale

        found = rai_scale(**_free(law), digits=digits)
        if as_json:
            click.echo(_json(found, digits))
            return
        click.echo(", ".join(f"{name} = {value}" for name, value in found.law.items()))
        _lines(
            [
                ("mu_1", found.mu1),
                ("mu_2", found.mu2),
                ("sigma_w with C_upp = 1 (rai-sigma-w)", found.sigma_w),
                ("C_low there (rai-second-moment-bounds)", found.C_low),
                ("C_upp there (rai-second-moment-bounds)", found.C_upp),
                ("sharp constant there (rai-second-moment-sharp)", found.C_sharp),
                ("sharp sigma_w (rai-sharp-sigma)", found.sharp_sigma_w),
            ],
            digits,
        )
        click.echo(
            "entries have standard deviation sigma_w/sqrt(fan-in), the bias included; up to the sharp "
            "sigma_w no second moment explodes"
        )


@design.command(name="rai")
@click.argument("point", nargs=-1, metavar="N=WIDTH L=DEPTH delta=PROBABILITY")
@digits_option(10)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def rai(point: tuple[str, ...], digits: int, as_json: bool) -> None:
    """Whether randomized asymmetric initialization keeps the born-dead probability below delta.

    N is the common hidden width, L the number of affine maps; delta an exact number in (0, 1).
    """
    with one_line_errors():
        from relutheory.design import rai_depth
        from relutheory.errors import DomainError

        given = assignments(point)
        names = ("N", "L", "delta")
        for name in given:
            if name not in names:
                raise DomainError(f"design rai has no parameter {name}: it takes {', '.join(names)}")
        for name in names:
            if name not in given:
                raise DomainError(f"design rai needs {name}: N=8 L=20 delta=1/10")
        found = rai_depth(given["N"], given["L"], given["delta"], digits=digits)
        if as_json:
            click.echo(_json(found, digits))
            return
        _print_depth(found, digits)


def _print_depth(found: Any, digits: int) -> None:
    word = "guaranteed" if found.guaranteed else "NOT guaranteed"
    click.echo(f"born-dead probability <= {found.delta} at N = {found.N}, L = {found.L}: {word}")
    _lines(
        [
            (f"law {found.law}, sigma_w (rai-sigma-w)", found.sigma_w),
            ("upper bound, every data set (rai-born-dead-explicit)", found.upper),
            ("lower bound, one input (rai-born-dead-explicit)", found.lower),
            ("symmetric law, one input (born-dead-upper-bound)", found.symmetric),
            (f"smallest N with the guarantee at L = {found.L}", found.min_width),
            (f"largest L with the guarantee at N = {found.N}", found.max_depth),
            ("  the same N for symmetric laws (born-dead-min-width)", found.symmetric_min_width),
            ("  the same L for symmetric laws (born-dead-max-depth)", found.symmetric_max_depth),
        ],
        digits,
    )
    click.echo(
        "RAI changes the rate and not the limit: at every fixed width the born-dead probability tends to 1 "
        "with the depth (rai-infinite-depth, on the input sets named there)"
    )


def _free(law: tuple[str, ...]) -> dict[str, Any]:
    from relutheory.errors import DomainError

    given = assignments(law)
    if "digits" in given:
        raise DomainError("digits is an option: --digits 30")
    return dict(given)


def _lines(rows: list[tuple[str, Any]], digits: int) -> None:
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        click.echo(f"{name:<{width}}  {'none' if value is None else _value(value, digits)}")


def _value(value: Any, digits: int) -> str:
    text: str = value.digits(digits)
    fraction = value.fraction_text()
    short = fraction is not None and "/" in fraction and len(fraction) <= 40
    return f"{text} = {fraction}" if short else text


def _json(found: Any, digits: int) -> str:
    def plain(value: Any) -> Any:
        if hasattr(value, "json"):
            return value.json(digits)
        if isinstance(value, dict):
            return {name: plain(v) for name, v in value.items()}
        if isinstance(value, tuple):
            return list(value)
        return value if value is None or isinstance(value, bool | int | str) else str(value)

    return json.dumps({item.name: plain(getattr(found, item.name)) for item in fields(found)}, indent=2)
