"""Forward and backward passes of many small ReLU networks at once, in buffers made once.

All parameters of a network are one row of a matrix: row by row of [W_1, b_1], then of [W_2, b_2], and so on.
Activations have the layout (units + 1, networks, samples); the last unit is the constant 1 that carries the
biases. So a layer of all networks is one call of `numpy.matmul`, ReLUs and gates run over contiguous memory,
and an optimiser step is a few passes over one matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Passes", "layer_views", "parameter_count"]

Array = NDArray[Any]


def parameter_count(sizes: Sequence[int]) -> int:
    """Return the number of parameters of a network with these layer sizes, input and output included.

    Examples
    --------
    >>> parameter_count((1, 2, 1))
    7
    """
    return sum(fan_out * (fan_in + 1) for fan_in, fan_out in pairwise(sizes))


def layer_views(sizes: Sequence[int], flat: Array) -> list[Array]:
    """Return views of the layers [W, b], each (networks, fan_out, fan_in + 1), of rows of parameters.

    Examples
    --------
    >>> [view.shape for view in layer_views((1, 2, 1), np.zeros((5, 7)))]
    [(5, 2, 2), (5, 1, 3)]
    """
    views = []
    start = 0
    for fan_in, fan_out in pairwise(sizes):
        end = start + fan_out * (fan_in + 1)
        views.append(flat[:, start:end].reshape(len(flat), fan_out, fan_in + 1))
        start = end
    return views


class Passes:
    """Buffers and passes for networks of one shape, on batches of one size.

    Parameters
    ----------
    sizes : sequence of int
        d_in, the hidden widths, d_out.
    networks, samples : int
        Networks, and samples a batch.
    dtype : numpy.dtype
        Of all arithmetic.
    """

    def __init__(self, sizes: Sequence[int], networks: int, samples: int, dtype: Any) -> None:
        self.sizes = tuple(sizes)
        self._samples = samples
        self._zeros = np.zeros((max(sizes), networks, samples), dtype)
        self._open = np.empty((max(sizes), networks, samples), bool)
        self._values = []
        for size in sizes:
            buffer = np.empty((size + 1, networks, samples), dtype)
            buffer[-1] = 1.0
            self._values.append(buffer)
        self._signals = [np.empty((size, networks, samples), dtype) for size in sizes]

    def forward(self, layers: Sequence[Array], inputs: Array) -> Array:
        """Return the outputs, (d_out, networks, samples), for inputs of shape (d_in, networks, samples).

        The result is a buffer: the next pass overwrites it.
        """
        self._values[0][:-1] = inputs
        last = len(layers) - 1
        for index, layer in enumerate(layers):
            image = self._values[index + 1][:-1]
            np.matmul(layer, _by_network(self._values[index]), out=_by_network(image))
            if index < last:
                np.maximum(image, self._zeros[: len(image)], out=image)
        result: Array = self._values[-1][:-1]
        return result

    def backward(self, layers: Sequence[Array], slope: Array, gradient: Sequence[Array]) -> None:
        """Fill `gradient` from the loss's derivative by the outputs, after `forward` on the same layers.

        The derivative of the ReLU is 1 where the activation is positive and 0 elsewhere, at 0 too.
        """
        signal = self._signals[-1]
        signal[...] = slope
        for index in range(len(layers) - 1, -1, -1):
            values = self._values[index]
            np.matmul(_by_network(signal), values.transpose(1, 2, 0), out=gradient[index])
            if index:
                before = self._signals[index]
                weights = layers[index][:, :, :-1].transpose(0, 2, 1)
                np.matmul(weights, _by_network(signal), out=_by_network(before))
                gate = self._open[: len(before)]
                np.greater(values[:-1], self._zeros[: len(before)], out=gate)
                signal = np.multiply(before, gate, out=before)

    def gradient(
        self,
        layers: Sequence[Array],
        inputs: Array,
        targets: Array,
        loss: str,
        scale: float,
        out: Sequence[Array],
    ) -> None:
        """Fill `out` with the gradient of each network's mean loss over the batch, times `scale`.

        Parameters
        ----------
        layers, out : sequence of numpy.ndarray
            Parameters and their derivatives, as `layer_views`.
        inputs, targets : numpy.ndarray
            (d_in, networks, samples) and (d_out, networks, samples).
        loss : str
            "squared", or anything else for "absolute"; summed over the outputs.
        scale : float
            Factor of the loss.
        """
        slope = self.forward(layers, inputs)
        slope -= targets
        if loss == "squared":
            slope *= np.asarray(2.0 * scale / self._samples, slope.dtype)
        else:
            np.sign(slope, out=slope)
            slope *= np.asarray(scale / self._samples, slope.dtype)
        self.backward(layers, slope, out)


def _by_network(array: Array) -> Array:
    """View (units, networks, samples) as a stack of matrices, one a network."""
    return array.transpose(1, 0, 2)
