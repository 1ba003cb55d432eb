"""Laws of the positive number that randomized asymmetric initialisation puts into each row."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.simulate.checks import real

__all__ = ["REPLACING_LAWS", "SIGMA_W", "Number", "ReplacingLaw", "positive", "read_sigma_w", "replacing_law"]

Array = NDArray[np.float64]
Number = int | float | Fraction

#: The Gaussian scale designed for P = Beta(2, 1), often quoted as 0.6007.
SIGMA_W = math.sqrt(1 + 8 / (9 * math.pi)) - 2 * math.sqrt(2) / (3 * math.sqrt(math.pi))

#: Names of the replacing laws, each with the names of its parameters.
REPLACING_LAWS: dict[str, tuple[str, ...]] = {
    "beta": ("a", "b"),
    "uniform": ("M",),
    "halfnormal": ("s",),
    "exponential": ("rate",),
    "constant": ("c",),
}


@dataclass(frozen=True)
class ReplacingLaw:
    """A law P on the positive numbers; made by `replacing_law`.

    Parameters
    ----------
    name : str
        A name in `REPLACING_LAWS`.
    parameters : tuple of float
        Its parameters, each > 0.
    """

    name: str
    parameters: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.name not in REPLACING_LAWS:
            raise DomainError(f"law: one of {', '.join(REPLACING_LAWS)}, got {self.name!r}")
        names = REPLACING_LAWS[self.name]
        if len(names) != len(self.parameters):
            raise DomainError(
                f"parameters: {', '.join(names)} of the {self.name} law, got {self.parameters!r}"
            )
        for name, value in zip(names, self.parameters, strict=True):
            positive(name, value)

    @property
    def supremum(self) -> float:
        """Smallest number that X never exceeds, maybe infinity."""
        if self.name in ("uniform", "constant"):
            return self.parameters[0]
        return 1.0 if self.name == "beta" else math.inf

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return independent values.

        Examples
        --------
        >>> replacing_law("constant", c=0.5).draw(np.random.default_rng(0), (2,)).tolist()
        [0.5, 0.5]
        """
        first = self.parameters[0]
        if self.name == "beta" and self.parameters == (2.0, 1.0):
            # The larger of two uniform numbers: much cheaper than the general method.
            uniform = generator.random((2, *shape))
            larger: Array = np.maximum(uniform[0], uniform[1], out=uniform[0])
            return larger
        if self.name == "beta":
            return generator.beta(first, self.parameters[1], shape)
        if self.name == "uniform":
            return first * generator.random(shape)
        if self.name == "halfnormal":
            return first * np.abs(generator.standard_normal(shape))
        if self.name == "exponential":
            return generator.standard_exponential(shape) / first
        return np.full(shape, first)


def replacing_law(law: str | ReplacingLaw = "beta", **parameters: Number | None) -> ReplacingLaw:
    """Return a law of the number that replaces one entry of each row.

    Parameters
    ----------
    law : str or ReplacingLaw
        "beta" (on (0, 1)), "uniform" (on (0, M)), "halfnormal" (s times the absolute value of a normal),
        "exponential" (with a rate) or "constant"; or a law, which is returned.
    **parameters
        The law's own, each > 0: a, b (default 2 and 1); M; s; rate; c. None counts as not given.

    Returns
    -------
    ReplacingLaw

    Raises
    ------
    DomainError
        If the name is unknown, or a parameter is missing, foreign or not positive.

    Examples
    --------
    >>> replacing_law()
    ReplacingLaw(name='beta', parameters=(2.0, 1.0))
    >>> replacing_law("uniform", M=1).supremum
    1.0
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    if isinstance(law, ReplacingLaw):
        if given:
            raise DomainError(
                f"{next(iter(given))}: already part of the law, got {next(iter(given.values()))!r}"
            )
        return law
    if law not in REPLACING_LAWS:
        raise DomainError(f"law: one of {', '.join(REPLACING_LAWS)}, got {law!r}")
    names = REPLACING_LAWS[law]
    for name, value in given.items():
        if name not in names:
            raise DomainError(f"{name}: not a parameter of the {law} law ({', '.join(names)}), got {value!r}")
    if law == "beta":
        given = {"a": 2, "b": 1, **given}
    for name in names:
        if name not in given:
            raise DomainError(f"{name}: a number > 0, needed by the {law} law, got None")
    return ReplacingLaw(law, tuple(positive(name, given[name]) for name in names))


def positive(name: str, value: object) -> float:
    """Return a finite number > 0 as a float, or refuse it.

    Examples
    --------
    >>> positive("s", Fraction(1, 2))
    0.5
    """
    number = real(name, value, 0.0, math.inf, open_low=True)
    if math.isinf(number):
        raise DomainError(f"{name}: a finite number > 0, got {value!r}")
    return number


def read_sigma_w(sigma_w: Number | None) -> float:
    """Return a Gaussian scale > 0; None stands for `SIGMA_W`.

    Examples
    --------
    >>> round(read_sigma_w(None), 12)
    0.600747309148
    """
    return SIGMA_W if sigma_w is None else positive("sigma_w", sigma_w)
