"""The tables of the report about randomized asymmetric initialization."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from relutheory.design import rai_scale
from relutheory.plots.rai import LAWS
from relutheory.tables import Column, Table
from relutheory.tables.build import DEPTH_CONVENTION
from relutheory.theorems import theorem

__all__ = ["rai_tables"]

_FAN_INS = (1, 2, 3, 4, 5, 8, 10, 20, 50, 100)
_WIDTHS, _DEPTHS = (2, 3, 5, 10), (10, 20)


def rai_tables(digits: int) -> dict[str, Table]:
    """Tables of randomized asymmetric initialization, by file name."""
    return {
        "rai-scales": _scales(digits),
        "rai-units": _units(digits),
        "rai-bounds": _bounds(digits),
    }


def _scales(digits: int) -> Table:
    digits = min(digits, 10)
    rows = []
    for name, parameters in LAWS:
        found = rai_scale(**parameters, digits=digits)
        rows.append([name, found.mu1, found.mu2, found.sigma_w, found.sharp_sigma_w])
    headers = [
        Column("law", (), kind="text"),
        Column("mu_1", (), "mu_1", r"$\mu_1$"),
        Column("mu_2", (), "mu_2", r"$\mu_2$"),
        Column("sigma_w", (), "sigma_w", r"$\sigma_w$"),
        Column("sharp sigma_w", (), "sharp_sigma_w", r"sharp $\sigma_w$"),
    ]
    return Table.from_columns(
        headers,
        rows,
        digits=digits,
        caption="Scale of randomized asymmetric initialization by law of the replacing number: sigma_w with "
        "C_upp = 1 (`rai-sigma-w`) and the largest sigma_w at which no second moment explodes "
        f"(`rai-sharp-sigma`), with the first two moments of the law. {digits} significant digits",
        label="tab:rai-scales",
    )


def _units(digits: int) -> Table:
    digits = min(digits, 10)
    rows = []
    for n in _FAN_INS:
        found: Any = theorem("rai-unit-dead-range").evaluate(n=n, digits=digits)
        floor = Fraction(1, 2) - found["upper"].exact
        other = theorem("rai-gamma-floor-any-law").evaluate(n=n, digits=digits)
        rows.append([n, found["lower"], found["upper"], str(floor), other])
    headers = [
        Column("n", (), "n", "$n$", "axis"),
        Column("p(h) at least", (), "lower", r"$p(h) \ge$"),
        Column("p(h) at most", (), "upper", r"$p(h) \le$"),
        Column("gamma floor", (), "gamma_floor", r"$\gamma \ge 1/(2(n+1))$", "axis"),
        Column("gamma floor of any law", (), "gamma_floor_any_law", r"$\gamma \ge$, any law"),
    ]
    return Table.from_columns(
        headers,
        rows,
        digits=digits,
        caption="Dead probability p(h) of a unit on an input, by fan-in n, for Beta(2, 1) and the default "
        "sigma_w (`rai-unit-dead-range`), and the floors of gamma = 1/2 - p(h) from it and from the argument "
        f"that holds for any law (`rai-gamma-floor-any-law`). {digits} significant digits",
        label="tab:rai-units",
    )


def _bounds(digits: int) -> Table:
    digits = min(digits, 10)
    rows = []
    for width in _WIDTHS:
        for depth in _DEPTHS:
            found: Any = theorem("rai-born-dead-explicit").evaluate(N=width, L=depth, digits=digits)
            symmetric = theorem("born-dead-upper-bound").evaluate(N=width, L=depth, digits=digits)
            rows.append([width, depth, found["lower"], found["upper"], symmetric])
    headers = [
        Column("N", (), "N", "$N$", "axis"),
        Column("L", (), "L", "$L$", "axis"),
        Column("RAI, lower bound", (), "lower", "RAI, lower bound"),
        Column("RAI, upper bound", (), "upper", "RAI, upper bound"),
        Column("symmetric law", (), "symmetric", "symmetric law"),
    ]
    return Table.from_columns(
        headers,
        rows,
        digits=digits,
        caption="Explicit bounds on the born-dead probability of RAI networks of common width N "
        "(`rai-born-dead-explicit`) beside the value of symmetric laws at a single input "
        f"(`born-dead-upper-bound`). {DEPTH_CONVENTION}. {digits} significant digits",
        label="tab:rai-bounds",
        notes=(
            "RAI: Beta(2, 1), default sigma_w, first layer He; lower bound at a single input, upper bound "
            "for every input set with a nonzero point",
        ),
    )
