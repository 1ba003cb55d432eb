"""Witnesses for one randomized asymmetric row: its entries and its death.

Public as functions of `relutheory.simulate.rai`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.estimate import Estimate
from relutheory.simulate.checks import real, whole
from relutheory.simulate.rai_laws import Number, ReplacingLaw, read_sigma_w, replacing_law
from relutheory.simulate.rai_sampler import rai_rows
from relutheory.simulate.rai_tempered import (
    NORMAL_BOUNDS,
    Spread,
    bounded_mean,
    law_bounds,
    tempered,
    tempered_normals,
)
from relutheory.simulate.sampling import Run, RunOptions
from relutheory.simulate.streams import Block

__all__ = [
    "RaiOptions",
    "gate_probability",
    "rai_entry",
    "read_features",
    "read_law",
    "row_dead_on_cube",
    "unit_dead",
]

_STEM = "relutheory.simulate.rai"
Array = NDArray[Any]


class RaiOptions(RunOptions, total=False):
    """Options of a run, and the parameters of the replacing law.

    a, b: of "beta" (default 2 and 1); M: of "uniform"; s: of "halfnormal"; rate: of "exponential"; c: of
    "constant". The others as in `RunOptions`.
    """

    a: Number | None
    b: Number | None
    M: Number | None
    s: Number | None
    rate: Number | None
    c: Number | None


def read_law(law: str | ReplacingLaw, options: RaiOptions) -> tuple[ReplacingLaw, RunOptions]:
    """Split the options into the replacing law and those of the run.

    Examples
    --------
    >>> read_law("constant", {"c": 0.5, "samples": 10})
    (ReplacingLaw(name='constant', parameters=(0.5,)), {'samples': 10})
    """
    rest: Any = dict(options)
    own = {name: rest.pop(name) for name in ("a", "b", "M", "s", "rate", "c") if name in rest}
    return replacing_law(law, **own), rest


def read_features(h: Sequence[Number]) -> Array:
    """Return the input of a layer with the constant 1 appended."""
    given: object = h
    if isinstance(given, str) or not hasattr(given, "__iter__"):
        raise DomainError(f"h: a list of numbers >= 0, got {h!r}")
    values = [real("h", value, 0.0, 1e100) for value in h]
    if not values:
        raise DomainError("h: a non-empty list of numbers >= 0, got []")
    return np.array([*values, 1.0])


def _rows_a_block(n: int) -> int:
    return min(max((1 << 20) // (n + 1), 64), 1 << 17)


def rai_entry(
    *,
    n: int,
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    what: str = "mean",
    **options: Unpack[RaiOptions],
) -> Estimate:
    """Estimate a moment of one entry of a row, or the probability that it is negative.

    Every position of the row is used in turn.

    Parameters
    ----------
    n : int
        Fan-in >= 1; the row has n + 1 entries.
    sigma_w : number, optional
        Gaussian scale > 0; `SIGMA_W` by default.
    law : str or ReplacingLaw
        Law of the replacing number.
    what : str
        "mean", "second_moment" or "negative".
    **options
        See `RaiOptions`.

    Examples
    --------
    >>> rai_entry(n=3, what="negative", samples=20_000, seed=1).contains(3 / 8)
    True
    """
    n, sigma = whole("n", n, 1), read_sigma_w(sigma_w)
    replacing, run_options = read_law(law, options)
    parameters = {"n": n, "sigma_w": sigma, "law": replacing, "what": what}
    run = Run.of(f"{_STEM}:rai_entry", "rows", parameters, {**run_options})
    if what == "negative":
        return run.frequency(partial(_count_negative, n, sigma, replacing), _rows_a_block(n))
    if what not in ("mean", "second_moment"):
        raise DomainError(f"what: one of mean, second_moment, negative, got {what!r}")
    power = 1 if what == "mean" else 2
    scale = sigma / math.sqrt(n)
    high = max(scale**power * NORMAL_BOUNDS[power], law_bounds(replacing)[power])
    low = -scale * NORMAL_BOUNDS[1] if power == 1 else 0.0
    return bounded_mean(run, partial(_entries, n, scale, replacing, power), Spread(low, high))


def _count_negative(n: int, sigma: float, law: ReplacingLaw, block: Block) -> int:
    rows = rai_rows(block.draws().generator, (block.size,), n, sigma, law)
    turn = np.arange(block.size) % (n + 1)
    return int(np.count_nonzero(rows[np.arange(block.size), turn] < 0))


def _entries(
    n: int, scale: float, law: ReplacingLaw, power: int, generator: np.random.Generator, size: int
) -> Array:
    g, weight = tempered_normals(generator, (size,))
    x, of_x = tempered(law, generator, (size,))
    replaced = generator.integers(0, n + 1, size) == np.arange(size) % (n + 1)
    return np.where(replaced, x**power * of_x, (scale * g) ** power * weight)


def gate_probability(
    *, t: Number, law: str | ReplacingLaw = "beta", **options: Unpack[RaiOptions]
) -> Estimate:
    """Estimate P(t X + g <= 0) for a standard normal g and X of the replacing law.

    Parameters
    ----------
    t : number
        Ratio >= 0 of the replaced input to the scale of the rest.
    law : str or ReplacingLaw
        Law of X.
    **options
        See `RaiOptions`.

    Examples
    --------
    >>> gate_probability(t=0, samples=20_000, seed=1).contains(1 / 2)
    True
    """
    ratio = real("t", t, 0.0, 1e300)
    replacing, run_options = read_law(law, options)
    run = Run.of(f"{_STEM}:gate_probability", "pairs", {"t": ratio, "law": replacing}, {**run_options})
    return run.frequency(partial(_count_closed, ratio, replacing), 1 << 17)


def _count_closed(t: float, law: ReplacingLaw, block: Block) -> int:
    generator = block.draws().generator
    g = generator.standard_normal(block.size)
    return int(np.count_nonzero(g + t * law.draw(generator, (block.size,)) <= 0))


def unit_dead(
    *,
    h: Sequence[Number],
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    **options: Unpack[RaiOptions],
) -> Estimate:
    """Estimate the probability that a unit is closed, w . h + b <= 0, given the input h of its layer.

    Parameters
    ----------
    h : sequence of numbers
        Input of the layer, each >= 0.
    sigma_w : number, optional
        Gaussian scale > 0; `SIGMA_W` by default.
    law : str or ReplacingLaw
        Law of the replacing number.
    **options
        See `RaiOptions`.

    Examples
    --------
    >>> unit_dead(h=[0], samples=20_000, seed=1).contains(1 / 4)
    True
    """
    features, sigma = read_features(h), read_sigma_w(sigma_w)
    replacing, run_options = read_law(law, options)
    parameters = {"h": features[:-1].tolist(), "sigma_w": sigma, "law": replacing}
    run = Run.of(f"{_STEM}:unit_dead", "rows", parameters, {**run_options})
    return run.frequency(partial(_count_dead, features, sigma, replacing), _rows_a_block(len(features)))


def _count_dead(features: Array, sigma: float, law: ReplacingLaw, block: Block) -> int:
    rows = rai_rows(block.draws().generator, (block.size,), len(features) - 1, sigma, law)
    return int(np.count_nonzero(rows @ features <= 0))


def row_dead_on_cube(
    *,
    N: int,
    M: Number,
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    **options: Unpack[RunOptions],
) -> Estimate:
    """Estimate the probability that a unit is closed for every input in [0, M]^N.

    Parameters
    ----------
    N : int
        Fan-in >= 1.
    M : number
        Largest feature > 0.
    sigma_w : number, optional
        Gaussian scale > 0; `SIGMA_W` by default.
    law : str or ReplacingLaw
        Law of the replacing number.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> row_dead_on_cube(N=1, M=1, samples=20_000, seed=1).contains(0.0755781)
    True
    """
    n, top = whole("N", N, 1), real("M", M, 0.0, 1e100, open_low=True)
    sigma, replacing = read_sigma_w(sigma_w), replacing_law(law)
    parameters = {"N": n, "M": top, "sigma_w": sigma, "law": replacing}
    run = Run.of(f"{_STEM}:row_dead_on_cube", "rows", parameters, options)
    return run.frequency(partial(_count_dead_on_cube, n, top, sigma, replacing), _rows_a_block(n))


def _count_dead_on_cube(n: int, top: float, sigma: float, law: ReplacingLaw, block: Block) -> int:
    rows = rai_rows(block.draws().generator, (block.size,), n, sigma, law)
    # The largest pre-activation is at the corner that has the features of positive weights.
    largest = top * np.maximum(rows[:, :-1], 0.0).sum(axis=1) + rows[:, -1]
    return int(np.count_nonzero(largest <= 0))
