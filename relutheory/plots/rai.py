"""Figures of randomized asymmetric initialization."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from relutheory.errors import DomainError
from relutheory.estimate import Estimate
from relutheory.plots.born_dead import DEPTH_LABEL, UPPER
from relutheory.plots.style import (
    COLOURS,
    MARKERS,
    certified,
    draw_estimates,
    integer_ticks,
    integers,
    new_figure,
    style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from relutheory.experiments import TrainingTable

__all__ = ["LAWS", "gate_functions", "rai_against_depth", "trained_collapse", "unit_dead_range"]

#: Laws of the replacing number with their parameters, as shown.
LAWS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("Beta(2, 1)", {"law": "beta", "a": 2, "b": 1}),
    ("Beta(3, 1)", {"law": "beta", "a": 3, "b": 1}),
    ("Beta(2, 2)", {"law": "beta", "a": 2, "b": 2}),
    ("uniform on (0, 1)", {"law": "uniform", "M": 1}),
    ("half-normal, scale 1/2", {"law": "halfnormal", "s": Fraction(1, 2)}),
    ("exponential, rate 3", {"law": "exponential", "rate": 3}),
    ("constant 1/2", {"law": "constant", "c": Fraction(1, 2)}),
)
_LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))
_INITIALISATIONS = ("he", "rai", "rai-everywhere")
_NAMES = {"he": "He", "rai": "RAI", "rai-everywhere": "RAI everywhere"}


def gate_functions(
    laws: Sequence[tuple[str, Mapping[str, Any]]] = LAWS[:6], ratios: Iterable[Any] | None = None
) -> Figure:
    """Probability that a replaced entry does not open a unit, for several laws.

    Parameters
    ----------
    laws : sequence of (str, mapping)
        Shown name and parameters, at most six.
    ratios : iterable of numbers, optional
        Exact t >= 0; default 0 to 8.

    Examples
    --------
    >>> from relutheory.plots import gate_functions
    >>> gate_functions(ratios=range(3)).axes[0].get_ylabel()
    '$F_P(t)$, replaced entry does not open the unit'
    """
    if not 1 <= len(laws) <= len(COLOURS):
        raise DomainError(f"laws must have 1..{len(COLOURS)} entries, got {len(laws)}")
    along = sorted(Fraction(t) for t in ([Fraction(k, 10) for k in range(81)] if ratios is None else ratios))
    xs = [float(t) for t in along]
    with style():
        figure, axes = new_figure()
        for position, (name, parameters) in enumerate(laws):
            single = {key: [value] for key, value in parameters.items()}
            values = certified("rai-gate-function", **single, t=along)
            axes.plot(xs, values, color=COLOURS[position], linestyle=_LINES[position], label=name)
        axes.set_xlabel("$t$, replaced part over Gaussian part of the preactivation")
        axes.set_ylabel("$F_P(t)$, replaced entry does not open the unit")
        axes.set_xlim(xs[0], xs[-1])
        axes.set_ylim(0.0, 0.52)
        axes.legend(loc="upper right")
    return figure


def unit_dead_range(fan_ins: Iterable[int] = range(1, 31)) -> Figure:
    """Range of the probability that a unit is dead on an input, against the fan-in.

    Parameters
    ----------
    fan_ins : iterable of int
        Fan-ins n >= 1.

    Examples
    --------
    >>> from relutheory.plots import unit_dead_range
    >>> unit_dead_range(range(1, 4)).axes[0].get_xlabel()
    'fan-in $n$'
    """
    along = integers("fan_ins", fan_ins, 1)
    low, high = (_unit_range(along, name) for name in ("lower", "upper"))
    floor = [0.5 - v for v in certified("rai-gamma-floor-any-law", n=along)]
    single = [certified("rai-unit-dead-probability", h=[(1, *(0,) * (n - 1))])[0] for n in along]
    with style():
        figure, axes = new_figure()
        axes.fill_between(along, low, high, color=COLOURS[0], alpha=0.15, linewidth=0)
        axes.axhline(0.5, color="black", linestyle=":", label="symmetric laws, every input: $1/2$")
        axes.plot(along, floor, color=COLOURS[3], linestyle="-.", label="bound for any law, here Beta(2, 1)")
        axes.plot(along, high, color=COLOURS[1], linestyle="--", label="upper end $n/(2(n+1))$, at $h = 0$")
        axes.plot(
            along,
            single,
            color=COLOURS[2],
            marker=MARKERS[2],
            markersize=3.2,
            linestyle="none",
            label="$h = (1, 0, \\dots, 0)$",
        )
        axes.plot(along, low, color=COLOURS[0], label=r"lower end $F(1/\sigma_w)$, at $h = (1, \dots, 1)$")
        axes.set_xlabel("fan-in $n$")
        axes.set_ylabel("dead probability $p(h)$ of a unit")
        axes.set_xlim(along[0] - 0.5, along[-1] + 0.5)
        axes.set_ylim(0.0, 0.55)
        axes.figure.legend(loc="outside upper center", ncols=2)
        integer_ticks(axes)
    return figure


def _unit_range(along: Sequence[int], name: str) -> list[float]:
    from relutheory.tables import table

    column = table("rai-unit-dead-range", digits=17, n=along)[f"rai-unit-dead-range:{name}"]
    return [float(cell.digits(17)) for cell in column]


def rai_against_depth(
    widths: Sequence[int] = (2, 5),
    depths: Iterable[int] = range(2, 31),
    estimates: Mapping[int, Mapping[int, Estimate]] | None = None,
) -> Figure:
    """Born-dead probability against depth: explicit bounds for RAI and the value of symmetric laws.

    Parameters
    ----------
    widths : sequence of int
        Common widths N, at most six.
    depths : iterable of int
        Depths L >= 2.
    estimates : mapping, optional
        ``estimates[N][L]`` of RAI networks at one input.

    Examples
    --------
    >>> from relutheory.plots import rai_against_depth
    >>> len(rai_against_depth((2,), range(2, 6)).axes[0].get_lines())
    3
    """
    shown = integers("widths", widths, 1, most=len(COLOURS))
    along = integers("depths", depths, 2)
    with style():
        figure, axes = new_figure()
        for position, width in enumerate(shown):
            colour = COLOURS[position]
            low, high = ([_explicit(width, depth)[k] for depth in along] for k in (0, 1))
            axes.fill_between(along, low, high, color=colour, alpha=0.12, linewidth=0)
            axes.plot(along, high, color=colour, linestyle="-", label=f"$N = {width}$")
            axes.plot(along, low, color=colour, linestyle="--")
            axes.plot(along, certified(UPPER, N=width, L=along), color=colour, linestyle=":")
            here = dict((estimates or {}).get(width, {}))
            inside = {x: e for x, e in here.items() if along[0] <= x <= along[-1]}
            draw_estimates(axes, inside, position)
        _depth_legends(axes, with_estimates=bool(estimates))
        axes.set_xlabel(DEPTH_LABEL)
        axes.set_ylabel("born-dead probability")
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlim(along[0] - 0.5, along[-1] + 0.5)
        integer_ticks(axes)
    return figure


def _explicit(width: int, depth: int) -> tuple[float, float]:
    from relutheory.theorems import theorem

    found: Any = theorem("rai-born-dead-explicit").evaluate(N=width, L=depth, digits=17)
    return float(found["lower"].digits(17)), float(found["upper"].digits(17))


def _depth_legends(axes: Axes, *, with_estimates: bool) -> None:
    from matplotlib.lines import Line2D

    kinds = [
        Line2D([], [], color="black", linestyle=":", label="symmetric law, one input"),
        Line2D([], [], color="black", linestyle="-", label="RAI, upper bound, every input set"),
        Line2D([], [], color="black", linestyle="--", label="RAI, lower bound, one input"),
    ]
    if with_estimates:
        marker = Line2D([], [], color="black", marker="o", markersize=3.2, linestyle="none")
        marker.set_label("RAI, simulated, one input")
        kinds.insert(2, marker)
    handles, labels = axes.get_legend_handles_labels()
    columns = min(3, max(1, len(handles)))
    axes.figure.legend(
        handles, labels, loc="outside upper left", ncols=columns, handlelength=1.5, columnspacing=1.0
    )
    axes.figure.legend(handles=kinds, loc="outside upper right", handlelength=1.8)


def trained_collapse(found: TrainingTable) -> Figure:
    """Share of networks that are collapsed after training, with its intervals, beside reported figures.

    Parameters
    ----------
    found : TrainingTable
        Rows of `relutheory.experiments.training_table`.

    Examples
    --------
    >>> from relutheory.experiments import training_table
    >>> from relutheory.plots import trained_collapse
    >>> few = training_table(targets=("f1",), radii=(1,), networks=20, steps=5)
    >>> trained_collapse(few).axes[0].get_ylabel()
    'collapsed networks (%)'
    """
    if not len(found):
        raise DomainError("the training table has no rows")
    groups = list(dict.fromkeys((row.reported.target, str(row.r)) for row in found))
    with style():
        figure, axes = new_figure()
        seen = [i for i in _INITIALISATIONS if any(row.reported.init == i for row in found)]
        for position, init in enumerate(seen):
            side = 0.12 * (2 * position - len(seen) + 1)
            ours, reported = {}, []
            for row in found:
                if row.reported.init != init:
                    continue
                place = groups.index((row.reported.target, str(row.r))) + side
                ours[place] = row.ours
                if row.reported.number is not None:
                    reported.append((place, float(100 * row.reported.number)))
            _draw_percentages(axes, ours, reported, position, _NAMES[init])
        axes.set_xticks(range(len(groups)), [f"$f_{t[1:]}$\n$r = {_radius_text(r)}$" for t, r in groups])
        axes.set_xlim(-0.5, len(groups) - 0.5)
        axes.set_ylim(-2, 102)
        axes.set_ylabel("collapsed networks (%)")
        axes.figure.legend(loc="outside upper center", ncols=2)
    return figure


def _draw_percentages(
    axes: Axes,
    ours: Mapping[float, Estimate],
    reported: Sequence[tuple[float, float]],
    position: int,
    name: str,
) -> None:
    places = sorted(ours)
    values = [100 * ours[x].value for x in places]
    down = [100 * (ours[x].value - ours[x].low) for x in places]
    up = [100 * (ours[x].high - ours[x].value) for x in places]
    axes.errorbar(
        places,
        values,
        yerr=[down, up],
        color=COLOURS[position],
        marker=MARKERS[position],
        markersize=3.8,
        linestyle="none",
        elinewidth=1.0,
        capsize=2.5,
        label=f"{name}, ours",
    )
    if reported:
        axes.plot(
            [x for x, _ in reported],
            [y for _, y in reported],
            color=COLOURS[position],
            marker="_",
            markersize=13,
            markeredgewidth=1.6,
            linestyle="none",
            label=f"{name}, reported",
        )


def _radius_text(r: str) -> str:
    if r.startswith("sqrt"):
        return rf"\sqrt{{{r.removeprefix('sqrt')}}}"
    return r"\pi" if r == "pi" else f"{float(Fraction(r)):g}"
