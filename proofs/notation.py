"""Short forms for writing derivations; relations stay as they are written."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Ge, Gt, Le, Lt, Ne

from proofs.claims import Certificate, Claim, Step

__all__ = ["eq", "ge", "gt", "le", "lt", "ne", "step"]


def eq(left: Any, right: Any) -> Any:
    """``left = right``."""
    return Eq(left, right, evaluate=False)


def ne(left: Any, right: Any) -> Any:
    """``left != right``."""
    return Ne(left, right, evaluate=False)


def ge(left: Any, right: Any) -> Any:
    """``left >= right``."""
    return Ge(left, right, evaluate=False)


def gt(left: Any, right: Any) -> Any:
    """``left > right``."""
    return Gt(left, right, evaluate=False)


def le(left: Any, right: Any) -> Any:
    """``left <= right``."""
    return Le(left, right, evaluate=False)


def lt(left: Any, right: Any) -> Any:
    """``left < right``."""
    return Lt(left, right, evaluate=False)


def step(label: str, conclusion: Any, certificate: Certificate, *given: Any) -> Step:
    """Step with the hypotheses at the end.

    Examples
    --------
    >>> from proofs.claims import Identity
    >>> from proofs.notation import eq, step
    >>> from sympy.abc import x
    >>> step("square", eq((x + 1) ** 2, x**2 + 2 * x + 1), Identity()).rule
    'identity'
    """
    return Step(label, Claim(conclusion, given), certificate)
