"""Witnesses for second moments under randomized asymmetric initialisation.

Public as functions of `relutheory.simulate.rai`. Normals are drawn from a wider normal law and weighted,
which bounds every sample.
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
from relutheory.simulate.rai_laws import Number, ReplacingLaw, read_sigma_w
from relutheory.simulate.rai_tempered import Spread, bounded_mean, square_bound, tempered, tempered_normals
from relutheory.simulate.rai_units import RaiOptions, read_features, read_law
from relutheory.simulate.sampling import Run

__all__ = ["gain_constant", "second_moment", "second_moment_step"]

_STEM = "relutheory.simulate.rai"
Array = NDArray[Any]


def second_moment(
    *,
    h: Sequence[Number],
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    what: str = "second_moment",
    **options: Unpack[RaiOptions],
) -> Estimate:
    """Estimate a second moment of the pre-activation z = w . h + b of a unit, given h.

    Parameters
    ----------
    h : sequence of numbers
        Input of the layer, each >= 0.
    sigma_w : number, optional
        Gaussian scale > 0; `SIGMA_W` by default.
    law : str or ReplacingLaw
        Law of the replacing number.
    what : str
        "second_moment" is E z^2, "ratio" that divided by u = (|h|^2 + 1)/(n + 1), "positive" E max(z, 0)^2
        and "gain" that divided by u.
    **options
        See `RaiOptions`.

    Examples
    --------
    >>> second_moment(h=[1, 0], sigma_w=0.5, law="uniform", M=1, samples=20_000, seed=1).contains(7 / 18)
    True
    """
    if what not in ("second_moment", "ratio", "positive", "gain"):
        raise DomainError(f"what: one of second_moment, ratio, positive, gain, got {what!r}")
    features, sigma = read_features(h), read_sigma_w(sigma_w)
    replacing, run_options = read_law(law, options)
    parameters = {"h": features[:-1].tolist(), "sigma_w": sigma, "law": replacing, "what": what}
    run = Run.of(f"{_STEM}:second_moment", "tempered rows", parameters, {**run_options})
    unit = float(features @ features) / len(features) if what in ("ratio", "gain") else 1.0
    positive_part = what in ("positive", "gain")
    sample = partial(_squares, features, sigma, replacing, positive_part, 1 / unit)
    return bounded_mean(run, sample, Spread(0.0, _largest_square(features, sigma, replacing) / unit))


def _rest(features: Array) -> Array:
    """Return for each k the norm of the features without the k-th."""
    return np.array([np.linalg.norm(np.delete(features, k)) for k in range(len(features))])


def _largest_square(features: Array, sigma: float, law: ReplacingLaw) -> float:
    """Return a bound of weight times z^2, the same for every replaced position."""
    scales = sigma / math.sqrt(len(features) - 1) * _rest(features)
    return max(square_bound(law, float(c), float(s)) for c, s in zip(features, scales, strict=True))


def _squares(
    features: Array,
    sigma: float,
    law: ReplacingLaw,
    positive_part: bool,
    factor: float,
    generator: np.random.Generator,
    size: int,
) -> Array:
    # Given the position k and X, the other entries make one normal variable.
    k = generator.integers(0, len(features), size)
    x, of_x = tempered(law, generator, (size,))
    g, of_g = tempered_normals(generator, (size,))
    z = features[k] * x + (sigma / math.sqrt(len(features) - 1)) * _rest(features)[k] * g
    if positive_part:
        np.maximum(z, 0.0, out=z)
    result: Array = z**2 * of_x * of_g * factor
    return result


def second_moment_step(
    *,
    h: Sequence[Number],
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    **options: Unpack[RaiOptions],
) -> Estimate:
    """Estimate E[u' | h], u' = (|h'|^2 + 1)/(n + 1) for the output h' of a layer of as many units as h has.

    Parameters
    ----------
    h, sigma_w, law
        As for `second_moment`.
    **options
        See `RaiOptions`.

    Examples
    --------
    >>> estimate = second_moment_step(h=[1, 0], samples=20_000, seed=1)
    >>> 0.5 < estimate.value < 0.8
    True
    """
    features, sigma = read_features(h), read_sigma_w(sigma_w)
    replacing, run_options = read_law(law, options)
    parameters = {"h": features[:-1].tolist(), "sigma_w": sigma, "law": replacing}
    run = Run.of(f"{_STEM}:second_moment_step", "tempered rows", parameters, {**run_options})
    n = len(features) - 1
    spread = Spread(1 / (n + 1), (n * _largest_square(features, sigma, replacing) + 1) / (n + 1))
    block = max((1 << 17) // n, 64)
    return bounded_mean(run, partial(_layers, features, sigma, replacing), spread, block)


def _layers(
    features: Array, sigma: float, law: ReplacingLaw, generator: np.random.Generator, size: int
) -> Array:
    n = len(features) - 1
    squares = _squares(features, sigma, law, True, 1.0, generator, size * n)
    result: Array = (squares.reshape(size, n).sum(axis=1) + 1.0) / (n + 1)
    return result


def gain_constant(
    *,
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    what: str = "C_upp",
    **options: Unpack[RaiOptions],
) -> Estimate:
    """Estimate a constant that bounds the gain E max(z, 0)^2 / u, as the mean it is.

    Parameters
    ----------
    sigma_w : number, optional
        Gaussian scale > 0; `SIGMA_W` by default.
    law : str or ReplacingLaw
        Law of X.
    what : str
        With Y = sigma_w g: "C_upp" is E (X + max(Y, 0))^2, "C_low" E (X^2 + Y^2)/2, "upper"
        E max(X + Y, 0)^2 and "lower" E (X^2 + max(Y, 0)^2).
    **options
        See `RaiOptions`.

    Examples
    --------
    >>> gain_constant(samples=20_000, seed=1).contains(1)
    True
    """
    if what not in ("C_upp", "C_low", "upper", "lower"):
        raise DomainError(f"what: one of C_upp, C_low, upper, lower, got {what!r}")
    sigma = read_sigma_w(sigma_w)
    replacing, run_options = read_law(law, options)
    parameters = {"sigma_w": sigma, "law": replacing, "what": what}
    run = Run.of(f"{_STEM}:gain_constant", "tempered pairs", parameters, {**run_options})
    sample = partial(_gain_terms, sigma, replacing, what)
    return bounded_mean(run, sample, Spread(0.0, square_bound(replacing, 1.0, sigma)))


def _gain_terms(
    sigma: float, law: ReplacingLaw, what: str, generator: np.random.Generator, size: int
) -> Array:
    x, of_x = tempered(law, generator, (size,))
    g, of_g = tempered_normals(generator, (size,))
    y = sigma * g
    above = np.maximum(y, 0.0)
    if what == "C_upp":
        values = (x + above) ** 2
    elif what == "upper":
        values = np.maximum(x + y, 0.0) ** 2
    else:
        values = (x**2 + y**2) / 2.0 if what == "C_low" else x**2 + above**2
    result: Array = values * of_x * of_g
    return result
