"""Fates of many starting points: which converge to the teacher, which die, and what is proven about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

from sympy import Rational, sqrt

from relutheory.errors import DomainError
from relutheory.evaluate import decide
from relutheory.functions import Phi
from relutheory.recursions.arrays import read_points, trajectories
from relutheory.sets import IntegerSet
from relutheory.theory.single_unit.unit import below_input_limit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from relutheory.recursions.recursion import Recursion

__all__ = [
    "Basins",
    "Fate",
    "basins",
    "certified_fate",
    "in_safe_ball",
    "is_standard",
    "is_trapped",
    "margins",
    "safe_radius_squared",
]

#: A final state this close to the teacher (relative to its size) has converged.
_NEAR = 1e-3
#: A final margin below this that still falls counts as death.
_DEAD_MARGIN = -3.0
#: Comparisons of doubles that are closer than this are made again in exact rationals.
_CLOSE = 1e-9
#: Parts of a run between which orbits are looked at.
_LOOKS = 20


class Fate(StrEnum):
    """What becomes of a starting point."""

    CONVERGES = "converges"
    DIES = "dies"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Basins:
    """Fates of starting points.

    Parameters
    ----------
    recursion : Recursion
        The map.
    starts : array of shape (points, entries)
        Starting points.
    fates : array of str
        ``converges``, ``dies`` or ``undecided``.
    certified : array of bool
        Whether a theorem proves the fate; otherwise it was observed in double precision.
    reasons : array of str
        The theorem (``safe-ball``, ``trapping-set-1d``, ``stationary-set``) or what was observed.
    steps : int
        Length of the trajectories.
    """

    recursion: Recursion
    starts: NDArray[np.float64]
    fates: NDArray[np.str_]
    certified: NDArray[np.bool_]
    reasons: NDArray[np.str_]
    steps: int

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def counts(self) -> Mapping[str, int]:
        """Number of points of each fate."""
        return {fate.value: int((self.fates == fate.value).sum()) for fate in Fate}

    @property
    def certified_counts(self) -> Mapping[str, int]:
        """Number of points of each fate that a theorem proves."""
        return {fate.value: int(((self.fates == fate.value) & self.certified).sum()) for fate in Fate}

    def __str__(self) -> str:
        proven = self.certified_counts
        parts = [f"{n} {fate} ({proven[fate]} certified)" for fate, n in self.counts.items() if n]
        return f"{len(self)} starts, {self.steps} steps: {', '.join(parts)}"


def basins(recursion: Recursion, starts: ArrayLike, steps: int = 2000) -> Basins:
    """Fates of starting points of `affine_teacher` or `relu_teacher`.

    Certified are starts in the safe ball (they converge), in the dead set, and, for the ReLU teacher on
    standard input, starts whose weights point against the teacher's and that do not see its half-space
    (they die). The others are followed in double precision: they converge when they enter the safe ball or
    come near the teacher, die when they enter the trapping set or end with a falling margin below -3. What
    is observed is no proof: close to the boundary margins have been seen to come back from below -4.
    `certified_fate` proves the fate of a single start that enters one of these sets.

    Parameters
    ----------
    recursion : Recursion
        From `affine_teacher` or `relu_teacher`.
    starts : array of shape (points, N+1)
        Starting points; doubles are exact numbers here.
    steps : int
        Length of the trajectories.

    Examples
    --------
    >>> from relutheory.recursions import basins, relu_teacher
    >>> found = basins(relu_teacher([0, 1], "1/4"), [[0, -1], [0, 0.5], [-1, -0.5], [1, -1], [0, 0]], 500)
    >>> found.fates.tolist()
    ['dies', 'converges', 'dies', 'converges', 'dies']
    >>> found.reasons.tolist()
    ['trapping-set-1d', 'safe-ball', 'trapping-set-1d', 'enters the safe ball', 'stationary-set']
    """
    import numpy as np

    teacher = _teacher(recursion)
    count = IntegerSet(1).read("steps", steps)
    points = read_points(recursion, starts)
    fates = np.full(len(points), Fate.UNDECIDED.value, dtype="U10")
    certified = np.zeros(len(points), dtype=bool)
    reasons = np.full(len(points), "", dtype="U24")

    def settle(rows: Any, fate: Fate, reason: str, proven: bool = False) -> None:
        fates[rows], reasons[rows], certified[rows] = fate.value, reason, proven

    still = ~points[:, 1:].any(axis=1)
    settle(still & (points[:, 0] <= 0), Fate.DIES, "stationary-set", True)
    settle(still & (points[:, 0] > 0), Fate.UNDECIDED, "no weight: no margin")
    safe = in_safe_ball(recursion, points) & ~still
    settle(safe, Fate.CONVERGES, "safe-ball", True)
    trapped = is_trapped(recursion, points) & ~still
    settle(trapped, Fate.DIES, "trapping-set-1d", True)
    open_rows = np.flatnonzero(~(still | safe | trapped))
    state, before = points[open_rows], np.zeros(len(open_rows))
    done = 0
    for look in range(1, _LOOKS + 1):
        length = count * look // _LOOKS - done
        if not length or not len(open_rows):
            continue
        before = margins(recursion, state)
        state = trajectories(recursion, state, length)
        done += length
        entered = in_safe_ball(recursion, state)
        settle(open_rows[entered], Fate.CONVERGES, "enters the safe ball")
        caught = is_trapped(recursion, state)
        settle(open_rows[caught], Fate.DIES, "enters the trapping set")
        going = ~(entered | caught)
        open_rows, state, before = open_rows[going], state[going], before[going]
    with np.errstate(all="ignore"):
        away = np.linalg.norm(state - teacher, axis=1) / max(1.0, float(np.linalg.norm(teacher)))
        now = margins(recursion, state)
        settle(open_rows[away < _NEAR], Fate.CONVERGES, "ends near the teacher")
        settle(open_rows[(now < _DEAD_MARGIN) & (now < before)], Fate.DIES, "falling margin")
        settle(open_rows[~np.isfinite(state).all(axis=1)], Fate.UNDECIDED, "diverges")
    return Basins(recursion, points, fates, certified, reasons, count)


def certified_fate(recursion: Recursion, start: Any, steps: int = 200) -> tuple[Fate, str, int]:
    """Fate of one starting point, proven: a certified orbit that enters a set about which a theorem decides.

    Parameters
    ----------
    recursion : Recursion
        From `affine_teacher` or `relu_teacher`.
    start : sequence or str
        Exact starting point.
    steps : int
        Longest orbit.

    Returns
    -------
    (Fate, str, int)
        The fate, the theorem and the step at which it applies; `Fate.UNDECIDED` if none does.

    Examples
    --------
    >>> from relutheory.recursions import certified_fate, relu_teacher
    >>> learning = relu_teacher([0, 1], "1/4")
    >>> [certified_fate(learning, start)[:2] for start in (["3/2", -1], ["1/2", -1])]
    [(<Fate.CONVERGES: 'converges'>, 'safe-ball'), (<Fate.DIES: 'dies'>, 'trapping-set-1d')]
    """
    _teacher(recursion)
    count = IntegerSet(1).read("steps", steps)
    orbit = recursion.orbit(start, count, every=max(1, count // _LOOKS), digits=10)
    for step, state in zip(orbit.steps, orbit.states, strict=True):
        corners = list(product(*((x.lower, x.upper) for x in state)))
        # Both sets are convex, and a box lies in a convex set with its corners.
        if all(_is_safe(recursion, corner) for corner in corners):
            return Fate.CONVERGES, "safe-ball", step
        caught = all(_is_caught(recursion, corner) for corner in corners)
        if caught and _keeps_sign(recursion, corners):
            return Fate.DIES, "trapping-set-1d", step
    return Fate.UNDECIDED, "", orbit.enclosed


def _is_safe(recursion: Recursion, state: tuple[Fraction, ...]) -> bool:
    """Whether an exact state is in the open safe ball."""
    pairs = zip(state, recursion.shown["theta_star"], strict=True)
    return sum(((x - y) ** 2 for x, y in pairs), Fraction(0)) < safe_radius_squared(recursion)


def _is_caught(recursion: Recursion, state: tuple[Fraction, ...]) -> bool:
    """Whether an exact state sees nothing of a ReLU teacher on standard input (without the step size)."""
    teacher = recursion.shown["theta_star"]
    if recursion.kind != "relu" or not is_standard(recursion):
        return False
    bias, *w = state
    place = next(k for k, x in enumerate(teacher[1:]) if x)
    factor = w[place] / teacher[1 + place]
    if factor >= 0 or any(x != factor * y for x, y in zip(w, teacher[1:], strict=True)):
        return False
    # h <= -h* is b |w*| + b* |w| <= 0, and |w| = -factor |w*|.
    return bool(bias - factor * teacher[0] <= 0)


def _keeps_sign(recursion: Recursion, corners: Sequence[tuple[Fraction, ...]]) -> bool:
    """Whether ``eta P < 1`` at all corners, certified; ``P`` is monotone in each entry of one input."""
    eta = recursion.shown["eta"]
    squares = (sum((x * x for x in corner[1:]), Fraction(0)) for corner in corners)
    values = ((corner[0], square) for corner, square in zip(corners, squares, strict=True))
    return all(decide(_exact(eta) * Phi(_exact(b) / sqrt(_exact(square))) < 1, {}) for b, square in values)


def _exact(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator)


def is_standard(recursion: Recursion) -> bool:
    """Whether the input has mean 0 and the identity as covariance."""
    rows = enumerate(recursion.shown["S"])
    return not any(recursion.shown["m"]) and all(x == (i == j) for i, row in rows for j, x in enumerate(row))


def margins(recursion: Recursion, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Normalised margins ``h`` of units, in double precision; nan without a weight."""
    import numpy as np

    mean = np.array([1.0, *map(float, recursion.shown["m"])])
    covariance = np.array([[float(x) for x in row] for row in recursion.shown["S"]])
    weights = points[:, 1:]
    with np.errstate(all="ignore"):
        found: NDArray[np.float64] = points @ mean / np.sqrt(((weights @ covariance) * weights).sum(axis=1))
    return found


def safe_radius_squared(recursion: Recursion) -> Fraction:
    """Squared distance from the teacher to the dead set; 0 where the step size is too large."""
    _teacher(recursion)
    shown = recursion.shown
    if not below_input_limit(shown):
        return Fraction(0)
    bias, *weights = shown["theta_star"]
    return sum((w * w for w in weights), bias * bias if bias > 0 else Fraction(0))


def in_safe_ball(recursion: Recursion, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether points are in the open safe ball; points too close to its edge for doubles exactly."""
    square, teacher = safe_radius_squared(recursion), _teacher(recursion)
    distance = ((points - teacher) ** 2).sum(axis=1)
    scale = (points**2).sum(axis=1) + float((teacher**2).sum())
    gap = float(square) - distance

    def exactly(row: NDArray[np.float64]) -> bool:
        return _is_safe(recursion, tuple(map(Fraction, row.tolist())))

    return _decided(points, gap, _CLOSE * scale, exactly) & (square > 0)


def is_trapped(recursion: Recursion, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether starts are in the trapping set of a ReLU teacher on standard input.

    In two and more dimensions the weights must be exact negative multiples of the teacher's.
    """
    import numpy as np

    shown, teacher = recursion.shown, recursion.shown["theta_star"]
    if recursion.kind != "relu" or not is_standard(recursion):
        return np.zeros(len(points), dtype=bool)
    weights, target = points[:, 1:], np.array([float(x) for x in teacher[1:]])
    length, norm = np.linalg.norm(weights, axis=1), float(np.linalg.norm(target))
    with np.errstate(all="ignore"):
        against = (weights @ target) / (length * norm)
    candidates = against < _CLOSE - 1
    gap = -(points[:, 0] * norm + float(teacher[0]) * length)
    inside = np.zeros(len(points), dtype=bool)
    for k in np.flatnonzero(candidates & (gap > -_CLOSE * (1 + np.abs(points).sum(axis=1)) * (1 + norm))):
        inside[k] = _is_caught(recursion, tuple(map(Fraction, points[k].tolist())))
    # The open probability falls from its first value, so eta P < 1 stays true; near 1 nothing is claimed.
    from relutheory.recursions.normal import cdf

    with np.errstate(all="ignore"):
        keeps = float(shown["eta"]) * cdf(margins(recursion, points)) < 1 - _CLOSE
    found: NDArray[np.bool_] = inside & keeps
    return found


def _decided(points: Any, gap: Any, slack: Any, exactly: Any) -> NDArray[np.bool_]:
    """``gap > 0``, asked exactly where doubles are too close to it."""
    import numpy as np

    with np.errstate(all="ignore"):
        found: NDArray[np.bool_] = gap > 0
        close = np.flatnonzero(np.abs(gap) <= slack)
    for k in close:
        found[k] = exactly(points[k])
    return found


def _teacher(recursion: Recursion) -> NDArray[np.float64]:
    import numpy as np

    if recursion.kind not in ("affine", "relu"):
        raise DomainError(f"basins need the recursion of a teacher, got {recursion.name}")
    return np.array([float(x) for x in recursion.shown["theta_star"]])
