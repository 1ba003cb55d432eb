"""What `Recursion.orbit` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relutheory.certificate import Enclosure
from relutheory.errors import DomainError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from relutheory.recursions.recursion import Recursion

__all__ = ["CertifiedOrbit"]


@dataclass(frozen=True)
class CertifiedOrbit:
    """States of an orbit with certified digits, and the step at which the certificate ends.

    Parameters
    ----------
    recursion : Recursion
        The map.
    steps : tuple of int
        Kept steps that are enclosed.
    states : tuple of tuple of Enclosure
        State after each of them; beyond ``certified`` with fewer digits than were asked for.
    asked : int
        Number of steps that were asked for.
    digits : int
        Significant digits that were asked for.
    certified : int
        Last kept step up to which the digits of all kept ones are certain.
    enclosed : int
        Last step that is enclosed at all.
    reason : str
        What ended the certificate; empty for a complete one.
    bits : int
        Working precision; 0 for an orbit in exact rationals.

    Examples
    --------
    >>> from sympy import Symbol
    >>> from relutheory.recursions import from_expressions
    >>> x = Symbol("x", real=True)
    >>> orbit = from_expressions("square", {x: x**2}).orbit(["1/2"], 3)
    >>> [str(state[0].exact) for state in orbit.states], orbit.complete
    (['1/2', '1/4', '1/16', '1/256'], True)
    """

    recursion: Recursion
    steps: tuple[int, ...]
    states: tuple[tuple[Enclosure, ...], ...]
    asked: int
    digits: int
    certified: int
    enclosed: int
    reason: str
    bits: int

    @property
    def complete(self) -> bool:
        """Whether all digits of all kept steps are certain."""
        return self.certified == self.asked

    @property
    def final(self) -> tuple[Enclosure, ...]:
        """State after the last kept step that is enclosed."""
        return self.states[-1]

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, step: int) -> tuple[Enclosure, ...]:
        """State after a step."""
        try:
            return self.states[self.steps.index(step)]
        except ValueError:
            raise DomainError(f"step must be a kept and enclosed one, got {step}") from None

    def floats(self) -> NDArray[np.float64]:
        """Midpoints as an array of shape (kept steps, entries)."""
        import numpy as np

        return np.array([[float((x.lower + x.upper) / 2) for x in state] for state in self.states])

    def __str__(self) -> str:
        head = f"{self.recursion.name}: {self.asked} steps, {self.digits} digits"
        if self.complete:
            return f"{head}, certified"
        return (
            f"{head}, certified up to step {self.certified}, enclosed up to {self.enclosed} ({self.reason})"
        )
