"""Witnesses for signal growth over many layers under randomized asymmetric initialisation.

Public as functions of `relutheory.simulate.rai`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from relutheory.estimate import Estimate
from relutheory.simulate.checks import real, whole
from relutheory.simulate.rai_laws import Number, ReplacingLaw, read_sigma_w, replacing_law
from relutheory.simulate.rai_sampler import he_rows, rai_rows
from relutheory.simulate.rai_tempered import (
    NORMAL_BOUNDS,
    Spread,
    bounded_mean,
    law_bounds,
    tempered,
    tempered_normals,
)
from relutheory.simulate.rai_units import RaiOptions, read_law
from relutheory.simulate.sampling import Run
from relutheory.simulate.streams import Block, entropy_of

__all__ = ["MeanFieldParticles", "capped_second_moment", "mean_field_gain", "mean_field_particles"]

_STEM = "relutheory.simulate.rai"
Array = NDArray[Any]


def capped_second_moment(
    *,
    n: int,
    layers: int,
    x: Number = 1,
    cap: Number = 50,
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    **options: Unpack[RaiOptions],
) -> Estimate:
    """Estimate E min(u, cap), u = (|h|^2 + 1)/(n + 1) of the last of several hidden layers of width n.

    Layer 1 is He's at a single input x, the others are randomized. The cap makes the samples bounded; it
    hides only the tail, so the value is a lower bound of E u, and close to it for a large cap.

    Parameters
    ----------
    n : int
        Common width >= 1.
    layers : int
        Number of hidden layers >= 1.
    x : number
        Input, d_in = 1.
    cap : number
        Largest value that counts, > 1.
    sigma_w : number, optional
        Gaussian scale > 0; `SIGMA_W` by default.
    law : str or ReplacingLaw
        Law of the replacing number.
    **options
        See `RaiOptions`.

    Examples
    --------
    >>> capped_second_moment(n=2, layers=20, samples=20_000, seed=1).value < 0.8
    True
    """
    width, depth, sigma = whole("n", n, 1), whole("layers", layers, 1), read_sigma_w(sigma_w)
    top, point = real("cap", cap, 1.0, 1e6, open_low=True), real("x", x, -1e100, 1e100)
    replacing, run_options = read_law(law, options)
    parameters = {"n": width, "layers": depth, "x": point, "cap": top, "sigma_w": sigma, "law": replacing}
    run = Run.of(f"{_STEM}:capped_second_moment", "networks", parameters, {**run_options})
    sample = partial(_capped, width, depth, point, top, sigma, replacing)
    return bounded_mean(run, sample, Spread(1 / (width + 1), top), max(64, (1 << 18) // width**2))


def _capped(
    n: int,
    layers: int,
    x: float,
    cap: float,
    sigma: float,
    law: ReplacingLaw,
    generator: np.random.Generator,
    size: int,
) -> Array:
    h = np.maximum(x * he_rows(generator, size, 1, n)[..., 0], 0.0)
    for _ in range(layers - 1):
        rows = rai_rows(generator, (size, n), n, sigma, law)
        h = np.maximum((rows[..., :-1] @ h[:, :, None])[..., 0] + rows[..., -1], 0.0)
    result: Array = np.minimum(((h**2).sum(axis=1) + 1.0) / (n + 1), cap)
    return result


def mean_field_gain(
    *, sigma_w: Number | None = None, law: str | ReplacingLaw = "beta", **options: Unpack[RaiOptions]
) -> Estimate:
    """Estimate the growth E max(X H + sigma_w g, 0)^2 of the second layer, H = sqrt(2) max(g', 0).

    Parameters
    ----------
    sigma_w : number, optional
        Gaussian scale > 0; `SIGMA_W` by default.
    law : str or ReplacingLaw
        Law of X.
    **options
        See `RaiOptions`.

    Examples
    --------
    >>> mean_field_gain(samples=20_000, seed=1).contains(0.74513527)
    True
    """
    sigma = read_sigma_w(sigma_w)
    replacing, run_options = read_law(law, options)
    run = Run.of(
        f"{_STEM}:mean_field_gain", "tempered", {"sigma_w": sigma, "law": replacing}, {**run_options}
    )
    x, g = law_bounds(replacing), NORMAL_BOUNDS
    # (X sqrt(2) |g'| + sigma |g|)^2, term by term, each factor with its own weight.
    high = 2.0 * x[2] * g[2] * g[0] + 2.0 * math.sqrt(2.0) * sigma * x[1] * g[1] ** 2
    high += sigma**2 * x[0] * g[0] * g[2]
    return bounded_mean(run, partial(_growth, sigma, replacing), Spread(0.0, high))


def _growth(sigma: float, law: ReplacingLaw, generator: np.random.Generator, size: int) -> Array:
    x, of_x = tempered(law, generator, (size,))
    g, of_g = tempered_normals(generator, (2, size))
    h = math.sqrt(2.0) * np.maximum(g[0], 0.0)
    result: Array = np.maximum(x * h + sigma * g[1], 0.0) ** 2 * of_x * of_g[0] * of_g[1]
    return result


@dataclass(frozen=True)
class MeanFieldParticles:
    """Growth and open fraction of layers 2, 3, ... of a finite population of particles.

    These numbers carry no interval: the particles interact through their common mean.
    """

    gains: tuple[float, ...]
    open_fractions: tuple[float, ...]


def mean_field_particles(
    *,
    layers: int = 30,
    particles: int = 100_000,
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    seed: int | None = None,
) -> MeanFieldParticles:
    """Play the mean-field recursion H <- max(X H + sigma_w g, 0) / root mean square with particles.

    Parameters
    ----------
    layers : int
        Steps >= 1.
    particles : int
        Size of the population >= 2.
    sigma_w : number, optional
        Gaussian scale > 0; `SIGMA_W` by default.
    law : str or ReplacingLaw
        Law of X.
    seed : int, optional
        Integer >= 0; fresh entropy by default.

    Returns
    -------
    MeanFieldParticles
        Estimates without a rigorous interval; the error is of order 1/sqrt(particles).

    Examples
    --------
    >>> played = mean_field_particles(layers=20, seed=1)
    >>> abs(played.gains[-1] - 0.7646) < 0.02
    True
    """
    whole("layers", layers, 1)
    size = whole("particles", particles, 2)
    sigma, replacing = read_sigma_w(sigma_w), replacing_law(law)
    generator = Block(0, size, entropy_of(seed)).draws().generator
    h = math.sqrt(2.0) * np.maximum(generator.standard_normal(size), 0.0)
    gains, fractions = [], []
    for _ in range(layers):
        h = np.maximum(replacing.draw(generator, (size,)) * h + sigma * generator.standard_normal(size), 0.0)
        gains.append(float((h**2).mean()))
        fractions.append(float((h > 0).mean()))
        h /= math.sqrt(gains[-1])
    return MeanFieldParticles(tuple(gains), tuple(fractions))
