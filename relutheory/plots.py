"""Figures of certified bounds and simulated values.

Every function returns a `matplotlib.figure.Figure` of one text column's width. The object-oriented
interface is used throughout, with settings local to the figure: neither `pyplot` nor the global style is
touched. Colours are those of Okabe and Ito, distinguishable without colour vision; line styles repeat
what colours say.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from relutheory.errors import DomainError, MissingExtraError
from relutheory.estimate import Estimate
from relutheory.tables import cell_text, table
from relutheory.tables.cells import Outside

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["born_dead_against_depth", "born_dead_against_width", "figure_bytes", "safe_region"]

#: Estimates by width and depth: ``estimates[N][L]``.
Estimates = Mapping[int, Mapping[int, Estimate]]

UPPER = "born-dead-upper-bound"
LOWER = "born-dead-lower-bound-1d"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
_MARKERS = ("o", "s", "^", "D", "v", "P")
_DEPTH_LABEL = "depth $L$ (affine layers; $L-1$ hidden ReLU layers)"
_WIDTH_LABEL = "width $N$ (units per hidden layer)"
_SIZE = (5.4, 3.6)
#: Metadata that keeps the date out of a file.
_DATES: dict[str, dict[str, Any]] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": {}}
_STYLE: dict[Any, Any] = {
    "font.size": 9.0,
    "axes.titlesize": 9.0,
    "axes.labelsize": 9.0,
    "legend.fontsize": 8.0,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "lines.linewidth": 1.2,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "grid.linewidth": 0.5,
    "legend.frameon": True,
    "legend.framealpha": 0.9,
    "pdf.fonttype": 42,
    "svg.hashsalt": "relutheory",
}


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
    shown = _integers("widths", widths, 1, most=len(COLOURS))
    along = _integers("depths", depths, 2)
    with _style():
        figure, axes = _figure()
        for position, width in enumerate(shown):
            bounds = {id: _values(id, N=width, L=along) for id in (LOWER, UPPER)}
            here = dict((estimates or {}).get(width, {}))
            _draw_bounds(axes, along, bounds, here, position, f"$N = {width}$")
        _finish(axes, _DEPTH_LABEL, "born-dead probability", with_estimates=bool(estimates))
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlim(along[0] - 0.5, along[-1] + 0.5)
        _integer_ticks(axes)
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
    shown = _integers("depths", depths, 3, most=len(COLOURS))
    along = _integers("widths", widths, 1)
    with _style():
        figure, axes = _figure()
        for position, depth in enumerate(shown):
            bounds = {id: _values(id, N=along, L=depth) for id in (LOWER, UPPER)}
            here = {n: row[depth] for n, row in (estimates or {}).items() if depth in row}
            _draw_bounds(axes, along, bounds, here, position, f"$L = {depth}$")
        axes.set_yscale("log")
        _finish(axes, _WIDTH_LABEL, "born-dead probability", with_estimates=bool(estimates))
        axes.set_xlim(along[0] - 0.5, along[-1] + 0.5)
        axes.set_ylim(top=1.5)
        _integer_ticks(axes)
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
    along = _integers("widths", widths, 1)
    designs = table(["born-dead-max-depth", "born-dead-dead-depth"], N=along, delta=[delta])
    safe, dead = (
        [int(cell) for cell in designs[id]] for id in ("born-dead-max-depth", "born-dead-dead-depth")
    )
    shown = cell_text(designs["delta"][0] if not isinstance(delta, str) else Fraction(delta), 6)
    # A layer more or less is a step, so the regions are drawn as steps around each width.
    edges = [n + side for n in along for side in (-0.5, 0.5)]
    low, high = ([v for v in values for _ in (0, 1)] for values in (safe, dead))
    top = 3.0 * max(dead)
    with _style():
        figure, axes = _figure()
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
        axes.set_xlabel(_WIDTH_LABEL)
        axes.set_ylabel("depth $L$ (affine layers)")
        axes.legend(loc="upper left")
        _integer_ticks(axes)
    return figure


def figure_bytes(figure: Figure, format: str = "pdf") -> bytes:
    """File content of a figure: fonts embedded as TrueType, no date, the same bytes each time.

    Parameters
    ----------
    figure : Figure
        From one of the functions of this module.
    format : str
        ``pdf``, ``svg`` or ``png`` (200 dots per inch).

    Examples
    --------
    >>> from relutheory.plots import figure_bytes, safe_region
    >>> figure_bytes(safe_region("0.1", range(1, 4)))[:5]
    b'%PDF-'
    """
    if format not in _DATES:
        raise DomainError(f"format must be one of {', '.join(_DATES)}, got {format!r}")
    content = io.BytesIO()
    with _style():
        figure.savefig(content, format=format, dpi=200, metadata=_DATES[format])
    return content.getvalue()


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
    places = sorted(x for x in estimates if along[0] <= x <= along[-1] and estimates[x].value > 0)
    if not places:
        return
    values = [estimates[x].value for x in places]
    down = [estimates[x].value - estimates[x].low for x in places]
    up = [estimates[x].high - estimates[x].value for x in places]
    axes.errorbar(
        places,
        values,
        yerr=[down, up],
        color=colour,
        marker=_MARKERS[position],
        markersize=3.2,
        linestyle="none",
        elinewidth=0.8,
        capsize=1.5,
    )


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


def _values(id: str, **axes: Any) -> list[float]:
    """Certified values as floats; 17 digits decide which."""
    column = table(id, digits=17, **axes)[id]
    return [float("nan") if isinstance(cell, Outside) else float(cell.digits(17)) for cell in column]


def _integers(name: str, values: Any, low: int, most: int | None = None) -> list[int]:
    found: list[Any] = [values] if isinstance(values, int) else list(values)
    for value in found:
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise DomainError(f"{name} must be integers >= {low}, got {value!r}")
    if not found or (most is not None and len(found) > most):
        raise DomainError(f"{name} must have 1..{most or 'many'} values, got {len(found)}")
    return sorted(found)


def _integer_ticks(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _style() -> AbstractContextManager[None]:
    try:
        from matplotlib import rc_context
    except ImportError as error:
        raise MissingExtraError("figures need matplotlib: pip install 'relutheory[plots]'") from error
    return rc_context(_STYLE)


def _figure() -> tuple[Figure, Axes]:
    # A figure made without pyplot has the Agg canvas and is not kept in any global list.
    from relutheory.figures import SelfShowingFigure

    figure = SelfShowingFigure(figsize=_SIZE, layout="constrained")
    return figure, figure.add_subplot()
