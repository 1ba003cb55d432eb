"""Checks of arguments; a refusal is one line naming the parameter, its domain and the value."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from relutheory.errors import DomainError

__all__ = ["real", "whole"]


def whole(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return an integer in least..most, or refuse it.

    Examples
    --------
    >>> whole("N", 3, 1)
    3
    """
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        number = int(value)
        if least <= number and (most is None or number <= most):
            return number
    domain = f">= {least}" if most is None else f"in {least}..{most}"
    raise DomainError(f"{name}: an integer {domain}, got {value!r}")


def real(name: str, value: object, low: float, high: float, *, open_low: bool = False) -> float:
    """Return a real number of [low, high], or of (low, high], as a float.

    Examples
    --------
    >>> real("keep", 0.5, 0, 1, open_low=True)
    0.5
    """
    fits = isinstance(value, int | float | Fraction | np.floating | np.integer) and not isinstance(
        value, bool
    )
    if fits:
        number = float(value)  # type: ignore[arg-type]  # `fits` has narrowed it
        if low <= number <= high and not (open_low and number == low):
            return number
    bracket = "(" if open_low else "["
    raise DomainError(f"{name}: a number in {bracket}{low:g}, {high:g}], got {value!r}")
