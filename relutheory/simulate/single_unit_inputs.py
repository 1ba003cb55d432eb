"""Reading the arguments of the witnesses of a single unit: vectors with the bias first, mean, covariance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from relutheory.errors import DomainError
from relutheory.simulate.checks import real, whole
from relutheory.simulate.gaussian_units import GaussianInput, Matrix, Number, Vector, floats

__all__ = ["NAME", "chosen", "gaussian", "integer", "place", "positive", "rows_of", "vector"]

#: Where the witnesses are re-exported.
NAME = "relutheory.simulate.single_unit:"


def vector(name: str, value: Any, size: int | None = None) -> tuple[float, ...]:
    """Return a vector of finite numbers, of at least two entries or of the given size.

    Examples
    --------
    >>> vector("theta", ("1", 2), 3)
    Traceback (most recent call last):
    relutheory.errors.DomainError: theta: a list of 3 finite numbers, got ('1', 2)
    """
    domain = "at least 2" if size is None else str(size)
    try:
        found = () if isinstance(value, str) else floats(value)
        fits = not any(isinstance(entry, str) for entry in value)
    except (TypeError, ValueError):
        found, fits = (), False
    if (
        not fits
        or not all(map(math.isfinite, found))
        or (len(found) < 2 if size is None else len(found) != size)
    ):
        raise DomainError(f"{name}: a list of {domain} finite numbers, got {value!r}")
    return found


def rows_of(name: str, value: Any, size: int) -> tuple[tuple[float, ...], ...]:
    """Return a non-empty list of vectors of one size."""
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise DomainError(f"{name}: a list of rows of {size} numbers, got {value!r}")
    return tuple(vector(name, row, size) for row in value)


def gaussian(size: int, m: Vector | None, S: Matrix | None, extra: int = 0) -> GaussianInput:
    """Return the law of the input, with `extra` independent standard normals appended to it.

    Examples
    --------
    >>> gaussian(1, None, None, extra=1).S
    ((1.0, 0.0), (0.0, 1.0))
    """
    mean = (0.0,) * size if m is None else vector("m", m, size)
    covariance = np.eye(size) if S is None else np.array(rows_of("S", S, size))
    fits = covariance.shape == (size, size) and np.array_equal(covariance, covariance.T)
    if not fits or np.linalg.eigvalsh(covariance)[0] <= 0:
        raise DomainError(f"S: a symmetric positive definite {size} x {size} matrix, got {S!r}")
    full = np.eye(size + extra)
    full[:size, :size] = covariance
    return GaussianInput(mean + (0.0,) * extra, tuple(tuple(map(float, row)) for row in full))


def chosen(name: str, value: object, among: Sequence[str]) -> str:
    """Return one of several words."""
    if isinstance(value, str) and value in among:
        return value
    raise DomainError(f"{name}: one of {', '.join(among)}, got {value!r}")


def integer(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return an integer, also when it comes as a fraction."""
    if isinstance(value, Fraction) and value.denominator == 1:
        value = int(value)
    return whole(name, value, least, most)


def place(what: str, stem: str, size: int) -> int | None:
    """Return the index in a name such as ``theta_1``, None for other names."""
    head, _, tail = what.rpartition("_")
    return int(tail) if head == stem and tail.isdecimal() and int(tail) < size else None


def positive(name: str, value: Number | None) -> float:
    """Return a finite number > 0."""
    return real(name, value, 0.0, 1e300, open_low=True)
