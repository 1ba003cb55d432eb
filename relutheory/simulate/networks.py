"""Literal random networks, many at a time: draw every weight, propagate every input, look for a zero layer.

No theory is used: a layer is dead when it is exactly zero on every input, nothing else. Networks that died
are removed (compaction), so no weight is drawn for them any more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.simulate.checks import real, whole
from relutheory.simulate.laws import Gaussian, Law
from relutheory.simulate.streams import Block, Draws

__all__ = ["Initialisation", "first_dead_layers", "forward", "layer_parameters"]

Array = NDArray[Any]

# Weights of one layer of one batch: small enough for the cache, large enough to hide the cost of a call.
_WEIGHTS_PER_BATCH = 1 << 17
# With zero bias activations may be rescaled at any time; this often keeps single precision far from its
# limits.
_RESCALE_EVERY = 4


@dataclass(frozen=True)
class Initialisation:
    """The law of a random fully connected ReLU network.

    Parameters
    ----------
    widths : tuple of int
        Hidden widths, each >= 1.
    d_in : int
        Input dimension, >= 1.
    law : Law
        Law of the weights.
    bias : Law or None
        Law of the biases; None for zero biases.
    weight_scale : float or "he"
        Factor of the weights; "he" is sqrt(2 / fan_in).
    bias_scale : float or None
        Factor of the biases; None for that of the weights of the same layer.
    """

    widths: tuple[int, ...]
    d_in: int = 1
    law: Law = field(default_factory=Gaussian)
    bias: Law | None = None
    weight_scale: float | str = 1.0
    bias_scale: float | None = None

    def __post_init__(self) -> None:
        if not self.widths:
            raise DomainError("widths: a non-empty list of integers >= 1, got ()")
        for width in self.widths:
            whole("widths", width, 1)
        whole("d_in", self.d_in, 1)
        if isinstance(self.weight_scale, str) and self.weight_scale != "he":
            raise DomainError(f"weight_scale: a number > 0 or 'he', got {self.weight_scale!r}")
        if not isinstance(self.weight_scale, str):
            real("weight_scale", self.weight_scale, 0.0, float("inf"), open_low=True)
        if self.bias_scale is not None:
            real("bias_scale", self.bias_scale, 0.0, float("inf"), open_low=True)
        # Exact ties need exact sums of integers: they grow at most by the fan-in (plus the bias) per layer.
        growth = (max(self.d_in, *self.widths) + (self.bias is not None)) ** len(self.widths)
        if self.law.has_atoms and growth >= 2**53:
            raise DomainError(f"widths: too deep for exact ties of a law with atoms, got {self.widths!r}")

    @property
    def hidden(self) -> int:
        """Number of hidden layers."""
        return len(self.widths)

    def fan_in(self, layer: int) -> int:
        """Return the number of inputs of layer 1, 2, ..."""
        return self.d_in if layer == 1 else self.widths[layer - 2]

    @property
    def rescalable(self) -> bool:
        """Whether activations may be rescaled: zero biases (homogeneity) and no ties to keep exact."""
        return self.bias is None and not self.law.has_atoms


def layer_parameters(
    init: Initialisation, draws: Draws, layer: int, networks: int
) -> tuple[Array, Array | None]:
    """Draw the weights (fan_out, fan_in, networks) and biases (fan_out, networks) of a layer."""
    fan_in, fan_out = init.fan_in(layer), init.widths[layer - 1]
    weights = init.law.weights(draws, layer, fan_out, fan_in, networks)
    scale = (2.0 / fan_in) ** 0.5 if init.weight_scale == "he" else float(init.weight_scale)
    if scale != 1.0:
        weights *= np.asarray(scale, weights.dtype)
    if init.bias is None:
        return weights, None
    biases = init.bias.entries(draws, (fan_out, networks))
    biases *= np.asarray(scale if init.bias_scale is None else init.bias_scale, biases.dtype)
    return weights, biases


def first_dead_layers(init: Initialisation, inputs: Array, block: Block) -> NDArray[np.int64]:
    """Count, over a block of networks, in which layer each one first dies on the whole input set.

    Parameters
    ----------
    init : Initialisation
    inputs : numpy.ndarray
        Input set, shape (points, d_in).
    block : Block

    Returns
    -------
    numpy.ndarray
        Entry l - 1 counts the networks whose first dead layer is l; the last entry those alive in every
        layer.
    """
    draws = block.draws()
    counts = np.zeros(init.hidden + 1, np.int64)
    largest = max(init.widths[i] * init.fan_in(i + 1) for i in range(init.hidden))
    batch = max(16, min(_WEIGHTS_PER_BATCH // largest, _WEIGHTS_PER_BATCH // 8))
    for start in range(0, block.size, batch):
        counts += _batch(init, inputs, draws, min(batch, block.size - start))
    return counts


def _batch(init: Initialisation, inputs: Array, draws: Draws, networks: int) -> NDArray[np.int64]:
    counts = np.zeros(init.hidden + 1, np.int64)
    h: Array = inputs.T
    for layer in range(1, init.hidden + 1):
        weights, biases = layer_parameters(init, draws, layer, networks)
        h = _relu_layer(weights, biases, h)
        alive = h.max(axis=(0, 1)) > 0
        survivors = int(np.count_nonzero(alive))
        counts[layer - 1] = networks - survivors
        if survivors == 0:
            return counts
        if survivors < networks:
            h = np.compress(alive, h, axis=2)
            networks = survivors
        if init.rescalable and layer % _RESCALE_EVERY == 0:
            _rescale(h)
    counts[-1] = networks
    return counts


def _relu_layer(weights: Array, biases: Array | None, h: Array) -> Array:
    """Return relu(W h + b), shape (fan_out, points, networks), in the precision of the weights."""
    if h.ndim == 2:
        z: Array = np.einsum("ijb,jk->ikb", weights, h.astype(weights.dtype, copy=False))
    else:
        z = np.einsum("ijb,jkb->ikb", weights, h)
    if biases is not None:
        z += biases[:, None, :]
    return np.maximum(z, 0, out=z)


def _rescale(h: Array) -> None:
    """Divide every input's activations by their maximum: with zero bias no later sign changes."""
    top = h.max(axis=0)
    top[top == 0] = 1
    h /= top


def forward(init: Initialisation, inputs: Array, draws: Draws, networks: int) -> tuple[list[Array], Array]:
    """Return the activations of every hidden layer and the outputs of a random linear read-out.

    Nothing is removed and nothing is rescaled; meant for small depths.

    Returns
    -------
    tuple
        Hidden activations, each (width, points, networks), and outputs, (points, networks).
    """
    h: Array = np.asarray(inputs, np.float64).T
    hidden = []
    for layer in range(1, init.hidden + 1):
        weights, biases = layer_parameters(init, draws, layer, networks)
        h = _relu_layer(weights.astype(np.float64), biases, h)
        hidden.append(h)
    readout = init.law.entries(draws, (init.widths[-1], networks)).astype(np.float64)
    return hidden, np.einsum("jb,jkb->kb", readout, h)
