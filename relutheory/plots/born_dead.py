"""Figures of the born-dead probability of networks with symmetric laws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from relutheory.estimate import Estimate
from relutheory.plots.style import (
    COLOURS,
    certified,
    draw_estimates,
    integer_ticks,
    integers,
    new_figure,
    style,
)
from relutheory.tables import cell_text, table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["LOWER", "UPPER", "born_dead_against_depth", "born_dead_against_width", "safe_region"]

#: Estimates by width and depth: ``estimates[N][L]``.
Estimates = Mapping[int, Mapping[int, Estimate]]

UPPER = "born-dead-upper-bound"
LOWER = "born-dead-lower-bound-1d"
DEPTH_LABEL = "depth $L$ (affine layers; $L-1$ hidden ReLU layers)"
WIDTH_LABEL = "width $N$ (units per hidden layer)"


def born_dead_against_depth(
    widths: Sequence[int] = (3, 5),
    depths: Iterable[int] = range(2, 31),
    estimates: Estimates | None = None,
) -> Figure:
    """Born-dead probability against depth: certified lower and upper bound, simulated values in between.

    Parameters
    ----------
    widths : sequence of int
        Common widths N, at most six.
    depths : iterable of int
        Depths L >= 2.
    estimates : mapping, optional
        ``estimates[N][L]``: simulated values, drawn with their confidence intervals.

    Examples
    --------
    >>> from relutheory.plots import born_dead_against_depth
    >>> figure = born_dead_against_depth((3,), range(2, 6))
    >>> figure.axes[0].get_xlabel()
    'depth $L$ (affine layers; $L-1$ hidden ReLU layers)'
    """
    shown = integers("widths", widths, 1, most=len(COLOURS))
    along = integers("depths", depths, 2)
    with style():
        figure, axes = new_figure()
        for position, width in enumerate(shown):
            bounds = {id: certified(id, N=width, L=along) for id in (LOWER, UPPER)}
            here = dict((estimates or {}).get(width, {}))
            _draw_bounds(axes, along, bounds, here, position, f"$N = {width}$")
        _finish(axes, DEPTH_LABEL, "born-dead probability", with_estimates=bool(estimates))
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlim(along[0] - 0.5, along[-1] + 0.5)
        integer_ticks(axes)
    return figure


def born_dead_against_width(
    depths: Sequence[int] = (10,),
    widths: Iterable[int] = range(1, 16),
    estimates: Estimates | None = None,
) -> Figure:
    """Born-dead probability against width on a logarithmic scale, at fixed depths.

    Parameters
    ----------
    depths : sequence of int
        Depths L >= 3, at most six (the lower bound on the line is 0 at L = 2).
    widths : iterable of int
        Common widths N.
    estimates : mapping, optional
        ``estimates[N][L]``.

    Examples
    --------
    >>> from relutheory.plots import born_dead_against_width
    >>> born_dead_against_width((10,), range(1, 5)).axes[0].get_yscale()
    'log'
    """
    shown = integers("depths", depths, 3, most=len(COLOURS))
    along = integers("widths", widths, 1)
    with style():
        figure, axes = new_figure()
        for position, depth in enumerate(shown):
            bounds = {id: certified(id, N=along, L=depth) for id in (LOWER, UPPER)}
            here = {n: row[depth] for n, row in (estimates or {}).items() if depth in row}
            _draw_bounds(axes, along, bounds, here, position, f"$L = {depth}$")
        axes.set_yscale("log")
        _finish(axes, WIDTH_LABEL, "born-dead probability", with_estimates=bool(estimates))
        axes.set_xlim(along[0] - 0.5, along[-1] + 0.5)
        axes.set_ylim(top=1.5)
        integer_ticks(axes)
    return figure


def safe_region(
    delta: Fraction | str | int = Fraction(1, 10),
    widths: Iterable[int] = range(1, 15),
    estimates: Mapping[int, int] | None = None,
) -> Figure:
    """Safe operating region in the plane of width and depth for an admitted probability `delta`.

    Up to ``L_max`` the probability is at most delta for every input set; from ``L_bad`` on it is larger
    than delta for certain for inputs on both sides of 0 on the line; in between the bounds leave it open.

    Parameters
    ----------
    delta : Fraction or str
        Exact number in (0, 1).
    widths : iterable of int
        Common widths N.
    estimates : mapping, optional
        Simulated last safe depth by width, drawn as points.

    Examples
    --------
    >>> from relutheory.plots import safe_region
    >>> safe_region("0.1", range(1, 5)).axes[0].get_xlabel()
    'width $N$ (units per hidden layer)'
    """
    along = integers("widths", widths, 1)
    designs = table(["born-dead-max-depth", "born-dead-dead-depth"], N=along, delta=[delta])
    safe, dead = (
        [int(cell) for cell in designs[id]] for id in ("born-dead-max-depth", "born-dead-dead-depth")
    )
    shown = cell_text(designs["delta"][0] if not isinstance(delta, str) else Fraction(delta), 6)
    # A layer more or less is a step, so the regions are drawn as steps around each width.
    edges = [n + side for n in along for side in (-0.5, 0.5)]
    low, high = ([v for v in values for _ in (0, 1)] for values in (safe, dead))
    top = 3.0 * max(dead)
    with style():
        figure, axes = new_figure()
        axes.fill_between(
            edges,
            0.8,
            low,
            color=COLOURS[2],
            alpha=0.35,
            linewidth=0,
            label=rf"safe for every input set: BDP $\leq {shown}$",
        )
        axes.fill_between(
            edges, low, high, color="#999999", alpha=0.25, linewidth=0, label="left open by the bounds"
        )
        axes.fill_between(
            edges,
            high,
            top,
            color=COLOURS[1],
            alpha=0.35,
            linewidth=0,
            label=rf"certainly worse on the line: BDP $> {shown}$",
        )
        axes.plot(
            along,
            safe,
            color=COLOURS[2],
            marker="o",
            markersize=3.5,
            linestyle="none",
            label=r"$L_{\mathrm{max}}$, last safe depth",
        )
        axes.plot(
            along,
            dead,
            color=COLOURS[1],
            marker="s",
            markersize=3.5,
            linestyle="none",
            label=r"$L_{\mathrm{bad}}$, first certainly bad depth",
        )
        if estimates:
            places = sorted(estimates)
            axes.plot(
                places, [estimates[n] for n in places], "k_", markersize=8, label="simulated last safe depth"
            )
        axes.set_yscale("log")
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0.8, top)
        axes.set_xlabel(WIDTH_LABEL)
        axes.set_ylabel("depth $L$ (affine layers)")
        axes.legend(loc="upper left")
        integer_ticks(axes)
    return figure


def _draw_bounds(
    axes: Axes,
    along: Sequence[int],
    bounds: Mapping[str, Sequence[float]],
    estimates: Mapping[int, Estimate],
    position: int,
    name: str,
) -> None:
    colour = COLOURS[position]
    positive = [(x, lo, hi) for x, lo, hi in zip(along, bounds[LOWER], bounds[UPPER], strict=True) if hi > 0]
    xs = [x for x, _, _ in positive]
    axes.fill_between(
        xs,
        [lo for _, lo, _ in positive],
        [hi for _, _, hi in positive],
        color=colour,
        alpha=0.12,
        linewidth=0,
    )
    axes.plot(along, bounds[UPPER], color=colour, linestyle="-", label=name)
    axes.plot(along, bounds[LOWER], color=colour, linestyle="--")
    inside = {x: e for x, e in estimates.items() if along[0] <= x <= along[-1] and e.value > 0}
    draw_estimates(axes, inside, position)


def _finish(axes: Axes, xlabel: str, ylabel: str, *, with_estimates: bool) -> None:
    """Labels and two legends: colours tell the curves, line styles the kinds."""
    from matplotlib.lines import Line2D

    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    kinds = [
        Line2D([], [], color="black", linestyle="-", label="upper bound, every input set"),
        Line2D([], [], color="black", linestyle="--", label="lower bound, two-sided inputs"),
    ]
    if with_estimates:
        kinds.insert(
            1,
            Line2D(
                [],
                [],
                color="black",
                marker="o",
                markersize=3.2,
                linestyle="none",
                label="simulated, two-sided inputs",
            ),
        )
    handles, labels = axes.get_legend_handles_labels()
    columns = min(3, max(1, len(handles)))
    curves = axes.figure.legend(
        handles, labels, loc="outside upper left", ncols=columns, handlelength=1.5, columnspacing=1.0
    )
    curves.set_in_layout(True)
    axes.figure.legend(handles=kinds, loc="outside upper right", handlelength=1.8)
