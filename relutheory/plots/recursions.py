"""Figures of recursions of one unit: phase portraits with the dead set, and basins of death."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import pi
from typing import TYPE_CHECKING, Any

from relutheory.errors import DomainError
from relutheory.plots.style import COLOURS, new_figure, style
from relutheory.sets import IntegerSet

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from relutheory.recursions import Recursion

__all__ = ["death_basin", "phase_portrait"]

_DEAD, _SAFE, _TRAP = "black", COLOURS[2], COLOURS[1]
_LINE, _DRIFT = COLOURS[0], "0.6"
#: Fate, certified, colour and words of the classes of a basin picture.
_CLASSES = (
    ("converges", True, COLOURS[0], "converges, certified"),
    ("converges", False, "#A6CEE8", "converges, observed"),
    ("undecided", False, "0.9", "undecided"),
    ("dies", False, "#F2B48A", "dies, observed"),
    ("dies", True, COLOURS[1], "dies, certified"),
)


def phase_portrait(
    recursion: Recursion,
    starts: Iterable[Sequence[float]] = (),
    *,
    steps: int = 2000,
    weights: tuple[float, float] | None = None,
    biases: tuple[float, float] | None = None,
    grid: int = 60,
) -> Figure:
    """Mean drift of a unit in the plane of its bias and its weight along the teacher's.

    The horizontal axis is the signed length ``w.w*/|w*|`` of weights parallel to the teacher's (negative:
    opposite direction), the vertical axis the bias. Drawn are the stream lines, the nullclines of both
    components, the teacher, the dead set ``w = 0, b <= 0``, the safe ball where the step size admits it, and
    for a ReLU teacher on standard input the trapping set. Where mean or covariance of the input drive
    units out of this plane, the drift is that at units in the plane and trajectories are projected.

    Parameters
    ----------
    recursion : Recursion
        From `relutheory.recursions.affine_teacher` or `relu_teacher`.
    starts : iterable of (float, float)
        Starting points ``(w, b)`` of trajectories to draw.
    steps : int
        Length of the trajectories.
    weights, biases : (float, float), optional
        Shown range.
    grid : int
        Points along each axis at which the drift is calculated, >= 10.

    Examples
    --------
    >>> from relutheory.plots import phase_portrait
    >>> from relutheory.recursions import relu_teacher
    >>> figure = phase_portrait(relu_teacher([0, 1], "1/10"), [(-1, 0.5)], steps=200, grid=12)
    >>> figure.axes[0].get_ylabel()
    'bias $b$'
    """
    import numpy as np

    from relutheory.recursions.basins import is_standard, safe_radius_squared

    teacher = _teacher(recursion)
    radius = float(safe_radius_squared(recursion)) ** 0.5
    IntegerSet(10, 1000).read("grid", grid)
    norm, bias = float(np.linalg.norm(teacher[1:])), float(teacher[0])
    size = max(norm, abs(bias))
    low_w, high_w = weights or (-2 * size, 2 * size)
    low_b, high_b = biases or (min(bias, 0.0) - 1.5 * size, max(bias, 0.0) + 1.2 * size)
    # An even number of points keeps w = 0 off a symmetric grid; there the margin is infinite.
    along = np.linspace(low_w, high_w, grid + grid % 2)
    across = np.linspace(low_b, high_b, grid + grid % 2)
    drift_w, drift_b = _plane_drift(recursion, along, across)
    with style():
        figure, axes = new_figure()
        axes.grid(visible=False)
        axes.streamplot(
            along, across, drift_w, drift_b, color=_DRIFT, density=1.1, linewidth=0.6, arrowsize=0.6, zorder=1
        )
        _nullclines(axes, along, across, drift_w, drift_b)
        if recursion.kind == "relu" and is_standard(recursion) and _keeps_sign(recursion):
            edge = low_w * bias / norm
            axes.fill(
                [low_w, 0.0, 0.0, low_w],
                [edge, 0.0, low_b - size, low_b - size],
                color=_TRAP,
                alpha=0.18,
                linewidth=0,
                label="trapping set",
                zorder=0,
            )
        if radius > 0:
            from matplotlib.patches import Circle

            disc = Circle((norm, bias), radius, color=_SAFE, alpha=0.2, linewidth=0, zorder=0)
            disc.set_label("safe ball")
            axes.add_patch(disc)
        axes.plot(
            [0.0, 0.0],
            [low_b, 0.0],
            color=_DEAD,
            linewidth=2.4,
            solid_capstyle="round",
            label="dead set",
            zorder=4,
        )
        _draw_trajectories(axes, recursion, list(starts), steps)
        axes.plot(
            norm,
            bias,
            color=COLOURS[5],
            marker="*",
            markersize=11,
            markeredgecolor="black",
            markeredgewidth=0.6,
            linestyle="none",
            label="teacher",
            zorder=6,
        )
        axes.set_xlim(low_w, high_w)
        axes.set_ylim(low_b, high_b)
        axes.set_xlabel(r"weight along the teacher's, $w \cdot w^*/|w^*|$")
        axes.set_ylabel("bias $b$")
        axes.figure.legend(loc="outside upper center", ncols=4, handlelength=1.6, columnspacing=1.2)
    return figure


def _plane_drift(
    recursion: Recursion, along: NDArray[np.float64], across: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Drift along the teacher's weights and of the bias, on a grid of units parallel to the teacher."""
    import numpy as np

    from relutheory.recursions.arrays import runner

    direction, eta = _direction(recursion), float(recursion.shown["eta"])
    w, b = np.meshgrid(along, across)
    state = [b.ravel(), *(w.ravel() * x for x in direction)]
    with np.errstate(all="ignore"):
        after = runner(recursion, line=True)(state)
    moved = [(new - old) / eta for new, old in zip(after, state, strict=True)]
    # Where the drift is below the rounding of the state there is no direction to draw.
    noise = 1e-14 * max(1.0, 1 / eta)
    lost = np.max(np.abs(moved), axis=0) < noise
    moved = [np.where(lost, np.nan, g) for g in moved]
    parallel = sum((x * g for x, g in zip(direction, moved[1:], strict=True)), start=np.zeros(w.size))
    return parallel.reshape(w.shape), moved[0].reshape(w.shape)


def _nullclines(axes: Axes, along: Any, across: Any, drift_w: Any, drift_b: Any) -> None:
    import numpy as np

    for values, line, words in ((drift_w, "--", "no drift of $w$"), (drift_b, ":", "no drift of $b$")):
        # The drift jumps with the sign of w: the halves are contoured apart.
        for side in (along < 0, along > 0):
            if side.sum() > 1 and np.nanmin(values[:, side]) < 0 < np.nanmax(values[:, side]):
                axes.contour(
                    along[side],
                    across,
                    values[:, side],
                    levels=[0.0],
                    colors=COLOURS[3],
                    linestyles=line,
                    linewidths=1.1,
                    zorder=2,
                )
        axes.plot([], [], color=COLOURS[3], linestyle=line, linewidth=1.1, label=words)


def _draw_trajectories(axes: Axes, recursion: Recursion, starts: Sequence[Any], steps: int) -> None:
    import numpy as np

    if not starts:
        return
    direction = _direction(recursion)
    points = np.array(starts, dtype=float)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise DomainError("starts must be pairs (w, b) of finite numbers")
    if not points[:, 0].all():
        raise DomainError("starts must have a weight other than 0")
    states = np.column_stack([points[:, 1], *(points[:, 0] * x for x in direction)])
    found = recursion.arrays(states, steps, every=max(1, steps // 4000))
    for k in range(len(points)):
        line = found[:, k, 1:] @ direction
        label = "mean trajectory" if k == 0 else None
        axes.plot(line, found[:, k, 0], color=_LINE, linewidth=1.3, label=label, zorder=5)
        axes.plot(
            line[0], found[0, k, 0], color=_LINE, marker="o", markersize=3.4, linestyle="none", zorder=5
        )


def death_basin(
    recursion: Recursion,
    *,
    coordinates: str = "",
    length: Any = None,
    first: tuple[float, float] | None = None,
    second: tuple[float, float] | None = None,
    resolution: int = 121,
    steps: int = 4000,
) -> Figure:
    """Fates of a grid of starting points, coloured; what a theorem proves is told from what is observed.

    Parameters
    ----------
    recursion : Recursion
        From `relutheory.recursions.affine_teacher` or `relu_teacher`.
    coordinates : {"angle", "plane"}
        ``angle``: angle between the weights and the teacher's, and initial margin; ``plane``: weight along
        the teacher's and bias. By default ``angle`` in two and more dimensions.
    length : number, optional
        Length of the initial weights for ``angle``; default that of the teacher's.
    first, second : (float, float), optional
        Shown range of the horizontal and the vertical coordinate.
    resolution : int
        Points along each axis.
    steps : int
        Length of the trajectories.

    Examples
    --------
    >>> from relutheory.plots import death_basin
    >>> from relutheory.recursions import relu_teacher
    >>> figure = death_basin(relu_teacher([0, 1, 0], "1/4"), resolution=8, steps=40)
    >>> figure.axes[0].get_xlabel()
    'angle between $w_0$ and $w^*$ (degrees)'
    """
    import numpy as np
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    from relutheory.recursions.basins import basins

    teacher = _teacher(recursion)
    IntegerSet(2, 2000).read("resolution", resolution)
    kind = coordinates or ("angle" if len(teacher) > 2 else "plane")
    if kind not in ("angle", "plane"):
        raise DomainError(f"coordinates must be 'angle' or 'plane', got {coordinates!r}")
    if kind == "angle" and len(teacher) == 2:
        raise DomainError("coordinates must be 'plane' for one input: there is no angle")
    norm = float(np.linalg.norm(teacher[1:]))
    size = max(norm, abs(float(teacher[0])))
    ranges = {"angle": ((0.0, 180.0), (-3.0, 3.0)), "plane": ((-2 * size, 2 * size), (-2 * size, 2 * size))}
    (low_x, high_x), (low_y, high_y) = first or ranges[kind][0], second or ranges[kind][1]
    # Cell centres: the edges, where units are parallel to the teacher or have no weight, are not hit.
    xs, ys = (
        low + (high - low) * (np.arange(resolution) + 0.5) / resolution
        for low, high in ((low_x, high_x), (low_y, high_y))
    )
    across, up = np.meshgrid(xs, ys)
    if kind == "angle":
        scale = norm if length is None else float(Fraction(length))
        points = _at_angles(recursion, across.ravel() * pi / 180, up.ravel(), scale)
    else:
        points = np.column_stack([up.ravel(), *(across.ravel() * x for x in _direction(recursion))])
    found = basins(recursion, points, steps)
    classes = np.zeros(len(points))
    for number, (fate, proven, *_) in enumerate(_CLASSES):
        classes[(found.fates == fate) & (found.certified == proven)] = number
    with style():
        figure, axes = new_figure()
        axes.grid(visible=False)
        axes.imshow(
            classes.reshape(across.shape),
            origin="lower",
            extent=(low_x, high_x, low_y, high_y),
            aspect="auto",
            interpolation="nearest",
            cmap=ListedColormap([colour for _, _, colour, _ in _CLASSES]),
            vmin=-0.5,
            vmax=len(_CLASSES) - 0.5,
        )
        if kind == "angle":
            axes.set_xlabel("angle between $w_0$ and $w^*$ (degrees)")
            axes.set_ylabel("initial margin $h_0$")
        else:
            axes.plot([0, 0], [low_y, min(0.0, high_y)], color=_DEAD, linewidth=2.4, solid_capstyle="round")
            axes.set_xlabel(r"initial weight along the teacher's, $w_0 \cdot w^*/|w^*|$")
            axes.set_ylabel("initial bias $b_0$")
        present = [c for k, c in enumerate(_CLASSES) if (classes == k).any()]
        handles: list[Any] = [Patch(color=colour, label=words) for _, _, colour, words in present]
        if kind == "plane":
            from matplotlib.lines import Line2D

            handles.append(Line2D([], [], color=_DEAD, linewidth=2.4, label="dead set"))
        axes.figure.legend(handles=handles, loc="outside upper center", ncols=3, handlelength=1.4)
    return figure


def _at_angles(
    recursion: Recursion, angles: NDArray[np.float64], margins: NDArray[np.float64], length: float
) -> NDArray[np.float64]:
    """Units with given angles to the teacher's weights, margins and length."""
    import numpy as np

    along = _direction(recursion)
    # Any orthogonal direction: the one of the axis that is farthest from the teacher's.
    axis = np.eye(len(along))[int(np.argmin(np.abs(along)))]
    aside = axis - (axis @ along) * along
    aside /= np.linalg.norm(aside)
    weights = length * (np.cos(angles)[:, None] * along + np.sin(angles)[:, None] * aside)
    covariance = np.array([[float(x) for x in row] for row in recursion.shown["S"]])
    deviation = np.sqrt(((weights @ covariance) * weights).sum(axis=1))
    mean = np.array([float(x) for x in recursion.shown["m"]])
    return np.column_stack([margins * deviation - weights @ mean, weights])


def _teacher(recursion: Recursion) -> NDArray[np.float64]:
    import numpy as np

    if recursion.kind not in ("affine", "relu"):
        raise DomainError(f"recursion must be that of a teacher, got {recursion.name}")
    return np.array([float(x) for x in recursion.shown["theta_star"]])


def _direction(recursion: Recursion) -> NDArray[np.float64]:
    import numpy as np

    weights = _teacher(recursion)[1:]
    found: NDArray[np.float64] = weights / np.linalg.norm(weights)
    return found


def _keeps_sign(recursion: Recursion) -> bool:
    """Whether ``eta P < 1`` on all of the trapping set, whose largest margin is that of ``-h*``."""
    import numpy as np

    from relutheory.recursions.basins import margins
    from relutheory.recursions.normal import cdf

    highest = -float(margins(recursion, _teacher(recursion)[None, :])[0])
    return float(recursion.shown["eta"]) * float(cdf(np.array(highest))) < 1
