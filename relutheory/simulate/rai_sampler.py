"""Randomized asymmetric initialisation: random layers and networks.

A row [w, b] of a layer has n weights and a bias, n the fan-in. All n + 1 entries are independent normals of
variance sigma_w^2 / n; then one position, uniform on the n + 1 and independent of everything, is overwritten
by a positive random number X of a law P. Layer 1 is He's (variance 2 / n, zero bias) unless every layer is
randomized.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.simulate.checks import whole
from relutheory.simulate.rai_laws import (
    SIGMA_W,
    Number,
    ReplacingLaw,
    positive,
    read_sigma_w,
    replacing_law,
)
from relutheory.simulate.streams import Block, entropy_of
from relutheory.simulate.training import Network

__all__ = ["he_networks", "he_rows", "rai_layer", "rai_network", "rai_networks", "rai_rows"]

Array = NDArray[np.float64]


def rai_rows(
    generator: np.random.Generator,
    shape: tuple[int, ...],
    fan_in: int,
    sigma_w: float = SIGMA_W,
    law: ReplacingLaw | None = None,
) -> Array:
    """Return independent rows [w, b], shape (*shape, fan_in + 1).

    Examples
    --------
    >>> rai_rows(np.random.default_rng(0), (4, 2), fan_in=3).shape
    (4, 2, 4)
    """
    scale = positive("sigma_w", sigma_w) / math.sqrt(whole("fan_in", fan_in, 1))
    rows = scale * generator.standard_normal((*shape, fan_in + 1))
    place = generator.integers(0, fan_in + 1, (*shape, 1))
    value = replacing_law(law or "beta").draw(generator, (*shape, 1))
    np.put_along_axis(rows, place, value, axis=-1)
    return rows


def rai_layer(
    fan_in: int,
    fan_out: int,
    *,
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Return the weights (fan_out, fan_in) and biases (fan_out,) of one layer.

    Parameters
    ----------
    fan_in, fan_out : int
        Numbers of inputs and units, each >= 1.
    sigma_w : number, optional
        Gaussian scale > 0; `SIGMA_W` by default.
    law : str or ReplacingLaw
        Law of the replacing number; Beta(2, 1) by default.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    tuple of numpy.ndarray

    Raises
    ------
    DomainError
        If a parameter is outside its domain.

    Examples
    --------
    >>> weights, biases = rai_layer(3, 2, rng=np.random.default_rng(0))
    >>> weights.shape, biases.shape
    ((2, 3), (2,))
    """
    fan_in, fan_out = whole("fan_in", fan_in, 1), whole("fan_out", fan_out, 1)
    if not isinstance(rng, np.random.Generator):
        raise DomainError(f"rng: a numpy.random.Generator, got {rng!r}")
    rows = rai_rows(rng, (fan_out,), fan_in, read_sigma_w(sigma_w), replacing_law(law))
    return rows[:, :-1].copy(), rows[:, -1].copy()


def rai_network(
    sizes: Sequence[int],
    *,
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    everywhere: bool = False,
    seed: int | None = None,
) -> list[tuple[Array, Array]]:
    """Return a whole network as pairs of weights (fan_out, fan_in) and biases (fan_out,).

    Layer 1 is He's, all later ones, the linear output layer included, are randomized asymmetric.

    Parameters
    ----------
    sizes : sequence of int
        d_in, the hidden widths, d_out.
    sigma_w, law
        As for `rai_layer`.
    everywhere : bool
        Use RAI for layer 1 too.
    seed : int, optional
        Integer >= 0; fresh entropy by default.

    Returns
    -------
    list of tuple of numpy.ndarray

    Raises
    ------
    DomainError
        If a parameter is outside its domain.

    Examples
    --------
    >>> [w.shape for w, b in rai_network((1, 3, 2, 1), seed=0)]
    [(3, 1), (2, 3), (1, 2)]
    """
    one = rai_networks(sizes, networks=1, sigma_w=sigma_w, law=law, everywhere=everywhere, seed=seed)
    return [(w[0], b[0]) for w, b in zip(one.weights, one.biases, strict=True)]


def rai_networks(
    sizes: Sequence[int],
    *,
    networks: int,
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    everywhere: bool = False,
    seed: int | np.random.Generator | None = None,
) -> Network:
    """Return many independent networks, drawn as `rai_network` does, with the networks on the first axis.

    Parameters
    ----------
    sizes, sigma_w, law, everywhere
        As for `rai_network`.
    networks : int
        Number of networks >= 1.
    seed : int or numpy.random.Generator, optional
        Integer >= 0, or a source of randomness; fresh entropy by default.

    Returns
    -------
    Network

    Examples
    --------
    >>> rai_networks((1, 2, 1), networks=5, seed=0).weights[1].shape
    (5, 1, 2)
    """
    layers, generator = _layers(sizes, networks, seed)
    sigma, replacing = read_sigma_w(sigma_w), replacing_law(law)
    rows = [
        rai_rows(generator, (networks, fan_out), fan_in, sigma, replacing)
        if index or everywhere
        else he_rows(generator, networks, fan_in, fan_out)
        for index, (fan_in, fan_out) in enumerate(layers)
    ]
    return Network([r[..., :-1].copy() for r in rows], [r[..., -1].copy() for r in rows])


def he_networks(
    sizes: Sequence[int], *, networks: int, seed: int | np.random.Generator | None = None
) -> Network:
    """Return many networks with normal weights of variance 2 / fan_in and zero biases.

    Examples
    --------
    >>> float(he_networks((1, 2, 1), networks=5, seed=0).biases[0].max())
    0.0
    """
    layers, generator = _layers(sizes, networks, seed)
    rows = [he_rows(generator, networks, fan_in, fan_out) for fan_in, fan_out in layers]
    return Network([r[..., :-1].copy() for r in rows], [r[..., -1].copy() for r in rows])


def he_rows(generator: np.random.Generator, networks: int, fan_in: int, fan_out: int) -> Array:
    """Return rows [w, 0] of variance 2 / fan_in, shape (networks, fan_out, fan_in + 1)."""
    rows = np.zeros((networks, fan_out, fan_in + 1))
    rows[..., :-1] = generator.standard_normal((networks, fan_out, fan_in)) * math.sqrt(2.0 / fan_in)
    return rows


def _layers(
    sizes: Sequence[int], networks: int, seed: int | np.random.Generator | None
) -> tuple[list[tuple[int, int]], np.random.Generator]:
    """Check the arguments; return fan-in and fan-out of each layer and the source of randomness."""
    if not isinstance(sizes, tuple | list) or len(sizes) < 2:
        raise DomainError(f"sizes: d_in, the hidden widths and d_out, got {sizes!r}")
    for size in sizes:
        whole("sizes", size, 1)
    whole("networks", networks, 1)
    if not isinstance(seed, np.random.Generator):
        seed = Block(0, networks, entropy_of(seed)).draws().generator
    return list(pairwise(sizes)), seed
