"""Figure of the open probabilities of trained networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relutheory.plots.style import COLOURS, MARKERS, integer_ticks, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from relutheory.observations import Group, Observations

__all__ = ["open_probabilities"]

_STACKS = {"plain": "no skip connections", "skip": "skip connections"}


def open_probabilities(found: Observations, depth: int | None = None, init: str | None = None) -> Figure:
    """Mean open probability of each hidden layer before and after training, with its intervals.

    Parameters
    ----------
    found : Observations
        From `relutheory.observations.observe`.
    depth : int, optional
        Number of hidden layers; the largest by default.
    init : str, optional
        Initialisation; the first one by default.

    Examples
    --------
    >>> from relutheory.observations import observe
    >>> from relutheory.plots.observations import open_probabilities
    >>> few = observe(depths=(2,), width=4, inits=("he",), replicas=2, epochs=1)
    >>> open_probabilities(few).axes[0].get_xlabel()
    'hidden layer'
    """
    shown = found.chosen(max(found.depths) if depth is None else depth, init or found.groups[0].init)
    with style():
        figure, axes = new_figure()
        axes.axhline(0.5, color="0.4", linewidth=0.8, linestyle=":")
        for group in shown:
            _draw(axes, group)
        axes.set_xlabel("hidden layer")
        axes.set_ylabel("mean open probability")
        axes.set_ylim(0, 1)
        integer_ticks(axes)
        axes.figure.legend(loc="outside upper center", ncols=2)
    return figure


def _draw(axes: Axes, group: Group) -> None:
    position = int(group.skip)
    for stage, line, side in (("before", "--", -0.06), ("after", "-", 0.06)):
        spreads = group.layers("before" if stage == "before" else "after")
        values = [spread.value for spread in spreads]
        axes.errorbar(
            # A little to the side, so that intervals do not hide each other.
            [k + 1 + side + 0.03 * (2 * position - 1) for k in range(group.depth)],
            values,
            yerr=[
                [value - spread.low for value, spread in zip(values, spreads, strict=True)],
                [spread.high - value for value, spread in zip(values, spreads, strict=True)],
            ],
            color=COLOURS[position],
            marker=MARKERS[position],
            markersize=3.8,
            markerfacecolor="white" if stage == "before" else COLOURS[position],
            linestyle=line,
            linewidth=0.9,
            elinewidth=0.9,
            capsize=2.0,
            label=f"{_STACKS[group.stack]}, {stage} training",
        )
