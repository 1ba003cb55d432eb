"""Figures of error backpropagation of one unit: the slow-down, and the mean map beside ensembles of runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from relutheory.errors import DomainError
from relutheory.plots.style import COLOURS, MARKERS, certified, new_figure, style, two_panels

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from relutheory.recursions import Recursion
    from relutheory.simulate.learners import LearnerRuns

__all__ = ["mean_against_ensemble", "mean_map", "mean_orbit", "slow_down"]

_LINES: tuple[Literal["-", "--", ":"], ...] = ("-", "--", ":")


def slow_down(margins: Iterable[Any] | None = None) -> Figure:
    """Slow-down of a unit against a linear one, and the naive ``1/P``, against the activation probability.

    Parameters
    ----------
    margins : iterable of numbers, optional
        Exact margins h* of the solution; default -6 to 2. Integers are marked, those <= 0 named.

    Examples
    --------
    >>> from relutheory.plots import slow_down
    >>> slow_down(range(-2, 1)).axes[0].get_xscale()
    'log'
    """
    default = [Fraction(k, 5) for k in range(-30, 11)]
    along = sorted(Fraction(h) for h in (default if margins is None else margins))
    if not along:
        raise DomainError("margins must have at least one value")
    open_share = certified("ramp-moment-recursion", n=[0], h=along)
    slow = [_slow_down(h) for h in along]
    with style():
        figure, axes = new_figure()
        axes.plot(open_share, slow, color=COLOURS[0], label=r"slow-down $1/\lambda_-(h^*)$")
        naive = [1 / p for p in open_share]
        axes.plot(open_share, naive, color=COLOURS[1], linestyle="--", label="naive: $1/P^*$")
        for h, p, value in zip(along, open_share, slow, strict=True):
            if h.denominator == 1:
                axes.plot(p, value, color=COLOURS[0], marker=MARKERS[0], markersize=3.8, linestyle="none")
                if h <= 0:
                    axes.annotate(
                        f"$h^* = {h}$", (p, value), xytext=(5, 3), textcoords="offset points", fontsize=8
                    )
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.margins(x=0.08, y=0.06)
        axes.set_xlabel(r"activation probability of the solution, $P^* = \Phi(h^*)$")
        axes.set_ylabel("time to converge over that of a linear unit")
        axes.legend(loc="lower left")
    return figure


def _slow_down(h: Fraction) -> float:
    from relutheory.theorems import theorem

    found: Any = theorem("local-rates").evaluate(h_star=h, digits=17)
    return float(found["slowdown"].digits(17))


def mean_map(found: LearnerRuns) -> Recursion:
    """Mean recursion of an ensemble of learners.

    Examples
    --------
    >>> from relutheory.plots.single_unit import mean_map
    >>> from relutheory.simulate.learners import LearnerSettings, train_learners
    >>> mean_map(train_learners(LearnerSettings((0, 1), 0.5, 2, theta0=(0, 1)), runs=2))
    <Recursion ReLU teacher: theta_star = 0,1, eta = 1/2, m = 0, S = 1>
    """
    from relutheory.recursions import affine_teacher, relu_teacher

    settings = found.settings
    if settings.beta or settings.theta0 is None:
        raise DomainError("the mean map is that of learners without momentum from one starting point")
    kind = affine_teacher if settings.teacher == "affine" else relu_teacher
    # Doubles are exact numbers here: they are what the learners use.
    m = None if settings.m is None else [Fraction(x) for x in settings.m]
    S = None if settings.S is None else [[Fraction(x) for x in row] for row in settings.S]
    return kind([Fraction(x) for x in settings.target], Fraction(settings.eta), m, S)


def mean_orbit(found: LearnerRuns) -> NDArray[np.float64]:
    """Orbit of the mean map from the start of an ensemble, at its recorded steps, one row a step.

    Examples
    --------
    >>> from relutheory.plots.single_unit import mean_orbit
    >>> from relutheory.simulate.learners import LearnerSettings, train_learners
    >>> mean_orbit(train_learners(LearnerSettings((0, 1), 0.5, 2, theta0=(0, 1)), runs=2)).tolist()
    [[0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]
    """
    settings, recursion = found.settings, mean_map(found)
    orbit = recursion.arrays([settings.theta0], settings.steps, every=settings.every)[:, 0]
    # A trajectory ends with the last step even where that is not recorded.
    shown: NDArray[np.float64] = orbit[: len(found.steps)]
    return shown


def mean_against_ensemble(found: Sequence[LearnerRuns]) -> Figure:
    """Orbits of the mean map beside the means of ensembles, and the distance between them.

    Above: bias of the ensembles with the largest step size, with intervals, and of the mean map. Below:
    distance of the mean unit from the mean map for every step size.

    Parameters
    ----------
    found : sequence of LearnerRuns
        From `relutheory.simulate.learners.train_learners`: literal runs from one starting point each, for
        at most six teachers and three step sizes.

    Examples
    --------
    >>> from relutheory.plots import mean_against_ensemble
    >>> from relutheory.simulate.learners import LearnerSettings, train_learners
    >>> few = train_learners(LearnerSettings((0, 1), 0.1, 20, sig=1, theta0=(0, 2), every=5), runs=50)
    >>> [axes.get_ylabel() for axes in mean_against_ensemble([few]).axes]
    ['mean bias', 'distance']
    """
    import numpy as np

    teachers = list(dict.fromkeys(runs.settings.target for runs in found))
    sizes = sorted({Fraction(runs.settings.eta) for runs in found}, reverse=True)
    if not (0 < len(teachers) <= len(COLOURS) and len(sizes) <= len(_LINES)):
        raise DomainError(f"found must have 1..{len(COLOURS)} teachers and 1..{len(_LINES)} step sizes")
    with style():
        figure, (axes, below) = two_panels()
        for runs in found:
            position = teachers.index(runs.settings.target)
            eta, colour = Fraction(runs.settings.eta), COLOURS[position]
            times, orbit = [float(eta) * k for k in runs.steps], mean_orbit(runs)
            gap = np.linalg.norm(runs.mean_theta() - orbit, axis=1)
            below.plot(times, gap, color=colour, linestyle=_LINES[sizes.index(eta)])
            if eta == sizes[0]:
                _draw_bias(axes, runs, times, orbit, position)
        axes.set_ylabel("mean bias")
        below.set_ylabel("distance")
        below.set_ylim(bottom=0.0)
        below.set_xlabel(r"time $\eta k$")
        below.set_xlim(left=0.0)
        _ensemble_legends(axes, below, sizes)
    return figure


def _draw_bias(axes: Axes, runs: LearnerRuns, times: Sequence[float], orbit: Any, position: int) -> None:
    import numpy as np

    from relutheory.recursions.basins import margins

    ends = [runs.estimate("b", step).interval for step in runs.steps]
    low, high = ([float(end[k]) for end in ends] for k in (0, 1))
    recursion = mean_map(runs)
    margin = float(margins(recursion, np.array([runs.settings.target]))[0])
    axes.fill_between(times, low, high, color=COLOURS[position], alpha=0.35, linewidth=0)
    axes.plot(times, runs.mean("b"), color=COLOURS[position], linewidth=0.8, label=f"$h^* = {margin:g}$")
    axes.plot(times, orbit[:, 0], color="black", linestyle="--", linewidth=0.9)


def _ensemble_legends(axes: Axes, below: Axes, sizes: Sequence[Fraction]) -> None:
    from matplotlib.lines import Line2D

    handles, _ = axes.get_legend_handles_labels()
    mean = Line2D([], [], color="black", linestyle="--", linewidth=0.9, label="mean map")
    steps = [
        Line2D([], [], color="black", linestyle=line, label=rf"$\eta = {float(size):g}$")
        for size, line in zip(sizes, _LINES, strict=False)
    ]
    axes.figure.legend(handles=[*handles, mean], loc="outside upper center", ncols=len(handles) + 1)
    below.legend(handles=steps, loc="upper right")
