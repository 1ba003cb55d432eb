"""What all figures share: size, colours, settings that stay local to a figure, certified values."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from relutheory.errors import DomainError, MissingExtraError
from relutheory.estimate import Estimate
from relutheory.tables import table
from relutheory.tables.cells import Outside

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "COLOURS",
    "MARKERS",
    "SIZE",
    "certified",
    "draw_estimates",
    "figure_bytes",
    "integer_ticks",
    "integers",
    "new_figure",
    "style",
    "two_panels",
]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
MARKERS = ("o", "s", "^", "D", "v", "P")
SIZE = (5.4, 3.6)
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
    with style():
        figure.savefig(content, format=format, dpi=200, metadata=_DATES[format])
    return content.getvalue()


def draw_estimates(axes: Axes, estimates: Mapping[Any, Estimate], position: int, **options: Any) -> None:
    """Points with the confidence intervals of estimates, by place."""
    places = sorted(estimates)
    if not places:
        return
    values = [estimates[x].value for x in places]
    down = [estimates[x].value - estimates[x].low for x in places]
    up = [estimates[x].high - estimates[x].value for x in places]
    axes.errorbar(
        places,
        values,
        yerr=[down, up],
        color=COLOURS[position],
        marker=MARKERS[position],
        markersize=3.2,
        linestyle="none",
        elinewidth=0.8,
        capsize=1.5,
        **options,
    )


def certified(id: str, **axes: Any) -> list[float]:
    """Certified values as floats; 17 digits decide which."""
    column = table(id, digits=17, **axes)[id]
    return [float("nan") if isinstance(cell, Outside) else float(cell.digits(17)) for cell in column]


def integers(name: str, values: Any, low: int, most: int | None = None) -> list[int]:
    """Check integers and sort them."""
    found: list[Any] = [values] if isinstance(values, int) else list(values)
    for value in found:
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise DomainError(f"{name} must be integers >= {low}, got {value!r}")
    if not found or (most is not None and len(found) > most):
        raise DomainError(f"{name} must have 1..{most or 'many'} values, got {len(found)}")
    return sorted(found)


def integer_ticks(axes: Axes) -> None:
    """Ticks at integers only."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def style() -> AbstractContextManager[None]:
    """Context with the settings of all figures."""
    try:
        from matplotlib import rc_context
    except ImportError as error:
        raise MissingExtraError("figures need matplotlib: pip install 'relutheory[plots]'") from error
    return rc_context(_STYLE)


def new_figure() -> tuple[Figure, Axes]:
    """Empty figure of one text column."""
    # A figure made without pyplot has the Agg canvas and is not kept in any global list.
    from relutheory.figures import SelfShowingFigure

    figure = SelfShowingFigure(figsize=SIZE, layout="constrained")
    return figure, figure.add_subplot()


def two_panels() -> tuple[Figure, tuple[Axes, Axes]]:
    """Figure with a high panel over a low one that share their horizontal axis."""
    from relutheory.figures import SelfShowingFigure

    figure = SelfShowingFigure(figsize=(SIZE[0], 1.25 * SIZE[1]), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    return figure, (upper, lower)
