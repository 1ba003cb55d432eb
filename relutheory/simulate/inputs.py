"""Input sets on which a network is asked to be dead.

Finite sets are arrays of shape (points, d_in). Infinite one-parameter sets (a segment, the line, the plane of
directions) are handled exactly by `relutheory.simulate.polylines`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from relutheory.errors import DomainError
from relutheory.simulate.checks import whole

__all__ = ["direction_grid", "input_points", "random_points"]

Points = NDArray[np.float64]


def input_points(
    D: str | Sequence[Any] | NDArray[Any], d_in: int = 1, *, nonzero: int | None = None
) -> Points:
    """Return a finite input set as an array of shape (points, d_in).

    Parameters
    ----------
    D : str or array_like
        "point": the vector of ones (of `nonzero` ones followed by zeros); "two-sided": that vector and its
        negative; "one-sided": that vector and its double; "corners": the corners {0, 1}^d_in except the
        origin; or the points themselves, shape (points, d_in), or (points,) when ``d_in=1``.
    d_in : int
        Input dimension, >= 1.
    nonzero : int, optional
        Number of nonzero coordinates of the named points, in 1..d_in.

    Returns
    -------
    numpy.ndarray
        Points as rows.

    Raises
    ------
    DomainError
        If the name is unknown or the shape does not fit.

    Examples
    --------
    >>> input_points("two-sided").tolist()
    [[1.0], [-1.0]]
    """
    whole("d_in", d_in, 1)
    if not isinstance(D, str):
        return _explicit_points(D, d_in)
    x = np.ones(d_in)
    if nonzero is not None:
        x[whole("m0", nonzero, 1, d_in) :] = 0.0
    named = {"point": [x], "two-sided": [x, -x], "one-sided": [x, 2.0 * x]}
    if D == "corners":
        if d_in > 12:
            raise DomainError(f"d_in: at most 12 for corners, got {d_in!r}")
        return np.array([[k >> i & 1 for i in range(d_in)] for k in range(1, 1 << d_in)], dtype=np.float64)
    if D not in named:
        raise DomainError(f"D: one of {', '.join(named)}, corners, or points, got {D!r}")
    return np.array(named[D])


def _explicit_points(D: ArrayLike, d_in: int) -> Points:
    try:
        points = np.array(D, dtype=np.float64)
    except (TypeError, ValueError):
        raise DomainError(f"D: real points of dimension {d_in}, got {D!r}") from None
    if points.ndim == 1 and d_in == 1:
        points = points[:, None]
    if points.ndim != 2 or points.shape[1] != d_in or not points.size or not np.isfinite(points).all():
        raise DomainError(f"D: finite points of shape (points, {d_in}), got {D!r}")
    return points


def direction_grid(directions: int, d_in: int, seed: int = 0) -> Points:
    """Return unit vectors that spread over the sphere: equally spaced in the plane, else uniform and random.

    A grid tests fewer directions than the sphere has, so it *over*estimates the probability of death on all
    of it.

    Examples
    --------
    >>> direction_grid(4, 2).round(12).tolist()[1]
    [0.0, 1.0]
    """
    whole("directions", directions, 1)
    if d_in == 2:
        angle = 2.0 * np.pi * np.arange(directions) / directions
        return np.column_stack([np.cos(angle), np.sin(angle)])
    points = random_points(directions, d_in, seed)
    unit: Points = points / np.linalg.norm(points, axis=1, keepdims=True)
    return unit


def random_points(points: int, d_in: int, seed: int = 0) -> Points:
    """Return fixed standard normal points, a function of the seed.

    Examples
    --------
    >>> random_points(3, 2, seed=1).shape
    (3, 2)
    """
    return np.random.Generator(np.random.SFC64(seed)).standard_normal((points, d_in))
