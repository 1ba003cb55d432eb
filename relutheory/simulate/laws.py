"""Laws of the weights and biases at initialisation.

A law draws whole weight arrays in the layout (fan_out, fan_in, networks): the networks run along the
contiguous last axis, so every operation on small layers is one long vectorised loop.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.simulate.streams import Draws

__all__ = [
    "LAWS",
    "Cauchy",
    "Gaussian",
    "Laplace",
    "Law",
    "NearTwoPoint",
    "Orthogonal",
    "Rademacher",
    "Sign",
    "Sparse",
    "Uniform",
    "named_law",
]

Array = NDArray[Any]


@dataclass(frozen=True)
class Law:
    """A law of independent entries; subclasses give `entries`, and `weights` if entries are dependent."""

    def entries(self, draws: Draws, shape: tuple[int, ...]) -> Array:
        """Return independent entries of unit scale."""
        raise NotImplementedError

    def weights(self, draws: Draws, layer: int, fan_out: int, fan_in: int, networks: int) -> Array:
        """Return the weights of layer 1, 2, ... of many networks, shape (fan_out, fan_in, networks)."""
        return self.entries(draws, (fan_out, fan_in, networks))

    @property
    def has_atoms(self) -> bool:
        """Whether a pre-activation can be zero by coincidence of values, which asks for exact sums."""
        return False


@dataclass(frozen=True)
class Gaussian(Law):
    """Standard normal entries; `double` asks for double precision (the ziggurat) instead of single."""

    double: bool = False

    def entries(self, draws: Draws, shape: tuple[int, ...]) -> Array:
        """Return standard normals."""
        if self.double:
            return draws.generator.standard_normal(shape)
        return draws.normals(shape)


@dataclass(frozen=True)
class Uniform(Law):
    """Entries uniform on (-1, 1)."""

    def entries(self, draws: Draws, shape: tuple[int, ...]) -> Array:
        """Return uniform entries."""
        return draws.generator.uniform(-1.0, 1.0, shape)


@dataclass(frozen=True)
class Laplace(Law):
    """Entries of density exp(-|w|)/2."""

    def entries(self, draws: Draws, shape: tuple[int, ...]) -> Array:
        """Return Laplace entries."""
        return draws.generator.laplace(size=shape)


@dataclass(frozen=True)
class Cauchy(Law):
    """Standard Cauchy entries: symmetric and continuous, without any moment."""

    def entries(self, draws: Draws, shape: tuple[int, ...]) -> Array:
        """Return Cauchy entries."""
        return draws.generator.standard_cauchy(shape)


@dataclass(frozen=True)
class Rademacher(Law):
    """Entries +1 or -1 with probability one half each: a symmetric law with atoms."""

    def entries(self, draws: Draws, shape: tuple[int, ...]) -> Array:
        """Return signs."""
        return draws.generator.integers(0, 2, shape, dtype=np.int8) * 2.0 - 1.0

    @property
    def has_atoms(self) -> bool:
        """Sums of signs tie."""
        return True


@dataclass(frozen=True)
class NearTwoPoint(Law):
    """Entries +-(1 + spread U), U uniform on (0, 1): continuous, yet close to two points."""

    spread: float = 1e-3

    def __post_init__(self) -> None:
        if not self.spread > 0:
            raise DomainError(f"spread: a number > 0, got {self.spread!r}")

    def entries(self, draws: Draws, shape: tuple[int, ...]) -> Array:
        """Return the entries."""
        uniform = draws.generator.uniform(-1.0, 1.0, shape)
        return np.copysign(1.0 + self.spread * np.abs(uniform), uniform)


@dataclass(frozen=True)
class Sign(Law):
    """Entries -1 with probability `p`, +1 otherwise: asymmetric, with a given chance to be nonpositive."""

    p: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.p <= 1:
            raise DomainError(f"p: a number in [0, 1], got {self.p!r}")

    def entries(self, draws: Draws, shape: tuple[int, ...]) -> Array:
        """Return signs."""
        return np.where(draws.generator.random(shape) < self.p, -1.0, 1.0)

    @property
    def has_atoms(self) -> bool:
        """Sums of signs tie."""
        return True


@dataclass(frozen=True)
class Sparse(Law):
    """Entries of a base law, each kept with probability `keep` and replaced by zero otherwise."""

    keep: float = 0.5
    base: Law = field(default_factory=Gaussian)

    def __post_init__(self) -> None:
        if not 0 < self.keep <= 1:
            raise DomainError(f"keep: a number in (0, 1], got {self.keep!r}")

    def entries(self, draws: Draws, shape: tuple[int, ...]) -> Array:
        """Return masked entries; a sum of zeros is exactly zero, so no exact arithmetic is needed."""
        values = self.base.entries(draws, shape)
        values *= draws.generator.random(shape) < self.keep
        return values

    @property
    def has_atoms(self) -> bool:
        """As the base law: the atom at zero alone causes no rounding question."""
        return self.base.has_atoms


@dataclass(frozen=True)
class Orthogonal(Law):
    """Haar orthogonal square matrices from layer 2 on; layer 1 and biases: entries of a base law."""

    base: Law = field(default_factory=lambda: Gaussian(double=True))

    def entries(self, draws: Draws, shape: tuple[int, ...]) -> Array:
        """Return entries of the base law."""
        return self.base.entries(draws, shape)

    def weights(self, draws: Draws, layer: int, fan_out: int, fan_in: int, networks: int) -> Array:
        """Return Q of the QR decomposition with the signs of diag(R) moved into Q, which makes it Haar."""
        if layer == 1:
            return self.base.entries(draws, (fan_out, fan_in, networks))
        if fan_out != fan_in:
            raise DomainError(f"widths: equal for orthogonal layers, got {fan_in} before {fan_out}")
        q, r = np.linalg.qr(draws.generator.standard_normal((networks, fan_in, fan_in)))
        q *= np.sign(np.einsum("bii->bi", r))[:, None, :]
        return np.ascontiguousarray(np.moveaxis(q, 0, -1))


LAWS: dict[str, Law] = {
    "gaussian": Gaussian(),
    "uniform": Uniform(),
    "laplace": Laplace(),
    "cauchy": Cauchy(),
    "rademacher": Rademacher(),
    "near-two-point": NearTwoPoint(),
    "orthogonal": Orthogonal(),
}


def named_law(law: str | Law, *, keep: float | None = None, double: bool = False) -> Law:
    """Return a law by its name, masked if `keep` is given.

    Parameters
    ----------
    law : str or Law
        One of the names in `LAWS`, or a law itself.
    keep : float, optional
        In (0, 1]: the law becomes ``Sparse(keep, law)``.
    double : bool
        Ask for double precision where the default is single.

    Returns
    -------
    Law

    Raises
    ------
    DomainError
        If the name is unknown or `keep` is outside (0, 1].

    Examples
    --------
    >>> named_law("gaussian", keep=0.5)
    Sparse(keep=0.5, base=Gaussian(double=False))
    """
    if isinstance(law, str):
        if law not in LAWS:
            raise DomainError(f"law: one of {', '.join(LAWS)}, got {law!r}")
        law = LAWS[law]
    elif not isinstance(law, Law):
        raise DomainError(f"law: one of {', '.join(LAWS)}, or a Law, got {law!r}")
    if double and isinstance(law, Gaussian):
        law = Gaussian(double=True)
    return law if keep is None else Sparse(float(keep), law)
