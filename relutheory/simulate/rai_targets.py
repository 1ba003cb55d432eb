"""The functions that networks are asked to learn in the training experiments."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.estimate import Estimate
from relutheory.simulate.checks import real
from relutheory.simulate.rai_tempered import Spread, bounded_mean
from relutheory.simulate.sampling import Run, RunOptions

__all__ = ["TARGETS", "Target", "collapsed_loss", "evaluation_grid", "named_target", "read_radius"]

Array = NDArray[Any]


@dataclass(frozen=True)
class Target:
    """A function on [-r, r]^d_in with the network that is trained on it.

    Parameters
    ----------
    name, formula : str
        Short name and LaTeX.
    d_in, d_out : int
        Dimensions.
    L, N : int
        Affine layers and common hidden width of the network.
    function : callable
        From (..., d_in) to (..., d_out).
    bounds : callable
        From r to bounds of every output on the domain.
    """

    name: str
    formula: str
    d_in: int
    d_out: int
    L: int
    N: int
    function: Callable[[Array], Array]
    bounds: Callable[[float], tuple[float, float]]

    def __call__(self, x: Array) -> Array:
        """Return the values, (..., d_out), at points (..., d_in)."""
        return self.function(x)


def _wave(x: Array) -> Array:
    return np.asarray(x * np.sin(5.0 * x))


def _jump(x: Array) -> Array:
    return np.asarray((x > 0) + 0.2 * np.sin(5.0 * x))


def _pair(x: Array) -> Array:
    both: Array = np.abs(np.stack([x[..., 0] + x[..., 1], x[..., 0] - x[..., 1]], axis=-1))
    return both


TARGETS: dict[str, Target] = {
    "f1": Target("f1", r"|x|", 1, 1, 10, 2, np.abs, lambda r: (0.0, r)),
    "f2": Target("f2", r"x \sin 5x", 1, 1, 10, 2, _wave, lambda r: (-r, r)),
    "f3": Target("f3", r"1_{x>0} + 0.2 \sin 5x", 1, 1, 10, 2, _jump, lambda r: (-0.2, 1.2)),
    "f4": Target("f4", r"(|x_1 + x_2|, |x_1 - x_2|)", 2, 2, 20, 4, _pair, lambda r: (0.0, 2.0 * r)),
}


def named_target(target: str) -> Target:
    """Return a target by its name.

    Examples
    --------
    >>> named_target("f1")(np.array([[-2.0]])).tolist()
    [[2.0]]
    """
    if target not in TARGETS:
        raise DomainError(f"target: one of {', '.join(TARGETS)}, got {target!r}")
    return TARGETS[target]


def read_radius(r: str | int | float | Fraction) -> float:
    """Return the radius of a domain: a number > 0, "pi", or "sqrt" followed by an integer.

    Examples
    --------
    >>> read_radius("sqrt3") == 3**0.5
    True
    """
    if isinstance(r, str):
        root = r.removeprefix("sqrt")
        if r == "pi":
            return math.pi
        if root != r and root.isdecimal() and int(root) > 0:
            return math.sqrt(int(root))
        raise DomainError(f"r: a number > 0, 'pi' or such as 'sqrt3', got {r!r}")
    return real("r", r, 0.0, 1e6, open_low=True)


def evaluation_grid(r: float, d_in: int) -> Array:
    """Return equally spaced points of [-r, r]^d_in: 2001 on a line, 65 by 65 on a square.

    Examples
    --------
    >>> evaluation_grid(1.0, 1).shape, evaluation_grid(1.0, 2).shape
    ((2001, 1), (4225, 2))
    """
    if d_in == 1:
        return np.linspace(-r, r, 2001)[:, None]
    axis = np.linspace(-r, r, 65)
    return np.stack(np.meshgrid(*[axis] * d_in, indexing="ij"), axis=-1).reshape(-1, d_in)


def collapsed_loss(
    *, target: str, r: str | int | float | Fraction, what: str = "variance", **options: Unpack[RunOptions]
) -> Estimate:
    """Estimate the best constant and its loss: mean and variance of a target over uniform inputs.

    Parameters
    ----------
    target : str
        A name in `TARGETS`; of several outputs the first, which has the law of the others.
    r : number or str
        Radius > 0 of the domain, such as 1.5 or "sqrt3".
    what : str
        "mean" or "variance", the latter from half the squared differences of independent pairs.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> collapsed_loss(target="f1", r="sqrt3", samples=20_000, seed=1).contains(1 / 4)
    True
    """
    if what not in ("mean", "variance"):
        raise DomainError(f"what: mean or variance, got {what!r}")
    chosen, radius = named_target(target), read_radius(r)
    low, high = chosen.bounds(radius)
    spread = Spread(low, high) if what == "mean" else Spread(0.0, (high - low) ** 2 / 2.0)
    parameters = {"target": target, "r": radius, "what": what}
    run = Run.of("relutheory.simulate.rai:collapsed_loss", "uniform inputs", parameters, options)
    return bounded_mean(run, partial(_values if what == "mean" else _half_squares, target, radius), spread)


def _values(target: str, r: float, generator: np.random.Generator, size: int) -> Array:
    chosen = named_target(target)
    values: Array = chosen(generator.uniform(-r, r, (size, chosen.d_in)))[:, 0]
    return values


def _half_squares(target: str, r: float, generator: np.random.Generator, size: int) -> Array:
    values = _values(target, r, generator, 2 * size)
    result: Array = (values[:size] - values[size:]) ** 2 / 2.0
    return result
