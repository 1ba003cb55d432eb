"""Errors that a user can act on: one line naming the parameter, its domain and the value."""

from __future__ import annotations

__all__ = [
    "DomainError",
    "MissingExtraError",
    "NoValueError",
    "PrecisionError",
    "RelutheoryError",
    "UnknownTheoremError",
]


class RelutheoryError(Exception):
    """Base class of every error that `relutheory` raises on purpose."""


class DomainError(RelutheoryError, ValueError):
    """A parameter is missing, superfluous, malformed or outside its domain."""


class UnknownTheoremError(RelutheoryError, LookupError):
    """No theorem has this id; the message names the nearest ids."""

    def __str__(self) -> str:
        # LookupError would print the repr of the message.
        return str(self.args[0]) if self.args else ""


class PrecisionError(RelutheoryError, ArithmeticError):
    """The digits asked for could not be proven within the precision limit."""


class NoValueError(RelutheoryError, TypeError):
    """The statement is a criterion or a definition and has no value to evaluate."""


class MissingExtraError(RelutheoryError, ImportError):
    """An optional dependency is missing; the message names the extra that installs it."""
