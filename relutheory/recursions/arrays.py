"""Fast trajectories: the update of a recursion, run on NumPy arrays of many initial points at once.

The arithmetic is that of doubles, so each step commits a rounding error of about ``1e-16`` relative to the
size of the state, and the map stretches or shrinks what earlier steps left. Against certified orbits,
trajectories of one unit that converge or die are right to ``1e-14`` over hundreds of steps. The exception is
a ReLU teacher of two or more inputs with the unit at a small angle to it: rounding of the correlation then
costs about ``4e-17`` over the angle in one step, at most ``1e-9``. `Recursion.orbit` certifies a single
trajectory.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy as sp

from relutheory import functions as f
from relutheory.errors import DomainError
from relutheory.recursions import normal
from relutheory.recursions.graph import Template
from relutheory.recursions.runner import Runner
from relutheory.sets import IntegerSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from relutheory.recursions.recursion import Recursion

__all__ = ["Arrays", "read_points", "runner", "trajectories"]

#: Points that run together; more would only leave the cache.
_CHUNK = 2**14
#: Numbers that differ by less than this count as equal in a case distinction (``rho = 1`` after rounding).
_EQUAL = 1e-15

_ELEMENTARY = {
    sp.exp: "exp",
    sp.log: "log",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.tan: "tan",
    sp.asin: "arcsin",
    sp.acos: "arccos",
    sp.atan: "arctan",
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.tanh: "tanh",
    sp.Abs: "abs",
    sp.floor: "floor",
    sp.ceiling: "ceil",
}
_FIELD: dict[type, Callable[..., Any]] = {
    f.Phi: normal.cdf,
    f.phi: normal.density,
    f.MillsRatio: normal.mills_ratio,
    f.BivariateCDF: normal.bivariate_cdf,
    f.RampMoment: normal.ramp_moment,
    f.TruncatedMoment: normal.truncated_moment,
}


class Arrays:
    """Arithmetic of NumPy arrays of doubles, in the form that a graph needs."""

    def number(self, value: Any) -> float:
        """Nearest double."""
        if isinstance(value, Fraction):
            return value.numerator / value.denominator
        low, high = value.bounds()
        return float((low + high) / 2)

    def constant(self, node: Any) -> float:
        """Nearest double."""
        return float(node)

    def power(self, base: Any, exponent: Fraction) -> Any:
        """Rational power; integer ones by products."""
        import numpy as np

        if exponent == Fraction(1, 2):
            return np.sqrt(base)
        if exponent == Fraction(-1, 2):
            return 1 / np.sqrt(base)
        if exponent.denominator == 1 and abs(exponent) <= 4:
            found = base
            for _ in range(abs(int(exponent)) - 1):
                found = found * base
            return found if exponent > 0 else 1 / found
        return np.power(base, self.number(exponent))

    def call(self, template: Template, values: list[Any]) -> Any:
        """Function of the field or elementary function."""
        import numpy as np

        kind = type(template.node)
        if kind in _ELEMENTARY:
            return getattr(np, _ELEMENTARY[kind])(*values)
        if kind in (sp.erf, sp.erfc, sp.erfi):
            return getattr(normal.special(), kind.__name__)(*values)
        if kind not in _FIELD:
            raise DomainError(f"arrays have no fast form of {kind.__name__}: use orbit")
        rest = iter(values)
        return _FIELD[kind](*(next(rest) if a.is_Symbol else int(a) for a in template.node.args))

    def sign(self, value: Any) -> Any:
        """Slope of the absolute value."""
        import numpy as np

        return np.sign(value)

    def compare(self, kind: str, left: Any, right: Any) -> Any:
        """Comparison of doubles; equal up to rounding."""
        import numpy as np

        if kind == "eq":
            return np.abs(np.subtract(left, right)) <= _EQUAL
        return np.less(left, right) if kind == "lt" else np.less_equal(left, right)

    def choose(self, run: Runner, node: Any) -> Any:
        """Each point takes the first case that holds; cases that no point takes are not calculated."""
        import numpy as np

        found: Any = None
        left: Any = np.bool_(True)
        for k in range(0, len(node.args) - 1, 2):
            here = left & run.value(node.args[k])
            if np.any(here):
                value = run.value(node.args[k + 1])
                found = value if found is None else np.where(here, value, found)
                left = left & ~here
            if not np.any(left):
                return found
        last = run.value(node.args[-1])
        return last if found is None else np.where(left, last, found)


def runner(recursion: Recursion, *, line: bool | None = None) -> Runner:
    """One step of a recursion on arrays: a function of the list of the entries.

    Parameters
    ----------
    recursion : Recursion
        The map.
    line : bool, optional
        All units are parallel to their ReLU teacher; by default only where there is one input.
    """
    flags = recursion.parallel
    if not (recursion.count == 2 if line is None else line):
        flags = tuple((symbol, 0) for symbol, _ in flags)
    return Runner(recursion.program_with(flags), Arrays())


def read_points(recursion: Recursion, starts: ArrayLike, name: str = "starts") -> NDArray[np.float64]:
    """Check initial points: an array of shape (points, entries) of finite numbers; one point is a row."""
    import numpy as np

    try:
        found = np.array(starts, dtype=np.float64, ndmin=2)
    except (TypeError, ValueError):
        raise DomainError(f"{name} must be an array of numbers, got {type(starts).__name__}") from None
    if found.ndim != 2 or found.shape[1] != recursion.count or not len(found):
        raise DomainError(f"{name} must have shape (points, {recursion.count}), got {found.shape}")
    if not np.isfinite(found).all():
        row = int(np.argmin(np.isfinite(found).all(axis=1)))
        raise DomainError(f"{name} must be finite, got {found[row].tolist()} in row {row}")
    return found


def trajectories(
    recursion: Recursion, starts: ArrayLike, steps: int, *, every: int | None = None
) -> NDArray[np.float64]:
    """Trajectories of many initial points in double precision.

    Parameters
    ----------
    recursion : Recursion
        The map.
    starts : array of shape (points, entries)
        Initial points.
    steps : int
        Number of steps.
    every : int, optional
        Keep each state whose step is a multiple of this, and the last one. By default only the last state
        is kept.

    Returns
    -------
    array
        Shape (points, entries) of the last states, or (kept steps, points, entries) with ``every``.
        Points that leave the range of doubles are infinite or nan.

    Examples
    --------
    >>> from relutheory.recursions import affine_teacher
    >>> from relutheory.recursions.arrays import trajectories
    >>> trajectories(affine_teacher([-1, 1], "1/10"), [[0.1, 0.5], [0, -2]], 100, every=50).shape
    (3, 2, 2)
    """
    import numpy as np

    count = IntegerSet(0).read("steps", steps)
    stride = None if every is None else IntegerSet(1).read("every", every)
    points = read_points(recursion, starts)
    kept = [count] if stride is None else sorted({*range(0, count + 1, stride), count})
    found = np.empty((len(kept), *points.shape))
    step = runner(recursion)
    with np.errstate(all="ignore"):
        for low in range(0, len(points), _CHUNK):
            state = list(points[low : low + _CHUNK].T)
            at = 0
            for now in range(count + 1):
                if now == kept[at]:
                    for j, entry in enumerate(state):
                        found[at, low : low + _CHUNK, j] = entry
                    at += 1
                if now < count:
                    state = step(state)
    return found[0] if every is None else found
