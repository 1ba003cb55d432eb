"""Passes of many classifiers at once: softmax cross-entropy, with or without skip connections.

A stack with skip connections maps h_1 = relu(W_1 x + b_1) and h_k = h_{k-1} + relu(W_k h_{k-1} + b_k) for the
later hidden layers; the output is affine in the last h. A plain stack leaves out the summand h_{k-1}. Layout
of parameters and activations: `relutheory.simulate.training_kernel`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relutheory.simulate.training import Descent, Optimizer
from relutheory.simulate.training_kernel import Passes

__all__ = ["ClassifierDescent", "ClassifierPasses", "softmax"]

Array = NDArray[Any]


def softmax(logits: Array, axis: int) -> Array:
    """Return the probabilities of the classes, computed without overflow and in place.

    Examples
    --------
    >>> softmax(np.array([[1000.0, 1000.0]]), axis=1).tolist()
    [[0.5, 0.5]]
    """
    logits -= logits.max(axis=axis, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=axis, keepdims=True)
    return logits


class ClassifierPasses(Passes):
    """Buffers and passes for classifiers of one shape, on batches of one size.

    Parameters
    ----------
    sizes, networks, samples, dtype
        As for `Passes`; hidden widths are equal if there are skip connections.
    skip : bool
        Whether hidden layers 2, 3, ... have a skip connection.
    """

    def __init__(self, sizes: Sequence[int], networks: int, samples: int, dtype: Any, skip: bool) -> None:
        super().__init__(sizes, networks, samples, dtype)
        self._skip = skip
        # With a skip the sign of an activation does not tell whether the unit is open.
        hidden = sizes[1:-1] if skip else ()
        self._gates = [np.empty((size, networks, samples), bool) for size in hidden]
        self._branch = np.empty((max(sizes), networks, samples), dtype)

    def forward(self, layers: Sequence[Array], inputs: Array) -> Array:
        """Return the logits, (classes, networks, samples), for inputs of shape (d_in, networks, samples).

        The result is a buffer: the next pass overwrites it.
        """
        if not self._skip:
            return super().forward(layers, inputs)
        self._values[0][:-1] = inputs
        last = len(layers) - 1
        for index, layer in enumerate(layers):
            image = self._values[index + 1][:-1]
            np.matmul(layer, self._values[index].transpose(1, 0, 2), out=image.transpose(1, 0, 2))
            if index < last:
                zeros = self._zeros[: len(image)]
                np.greater(image, zeros, out=self._gates[index])
                np.maximum(image, zeros, out=image)
                if index:
                    image += self._values[index][:-1]
        result: Array = self._values[-1][:-1]
        return result

    def backward(self, layers: Sequence[Array], slope: Array, gradient: Sequence[Array]) -> None:
        """Fill `gradient` from the loss's derivative by the logits, after `forward` on the same layers."""
        if not self._skip:
            super().backward(layers, slope, gradient)
            return
        signal = self._signals[-1]
        signal[...] = slope
        last = len(layers) - 1
        for index in range(last, -1, -1):
            branch = signal
            if index < last:
                branch = np.multiply(signal, self._gates[index], out=self._branch[: len(signal)])
            np.matmul(branch.transpose(1, 0, 2), self._values[index].transpose(1, 2, 0), out=gradient[index])
            if index:
                before = self._signals[index]
                weights = layers[index][:, :, :-1].transpose(0, 2, 1)
                np.matmul(weights, branch.transpose(1, 0, 2), out=before.transpose(1, 0, 2))
                if index < last:
                    before += signal
                signal = before

    def gradient(
        self,
        layers: Sequence[Array],
        inputs: Array,
        targets: Array,
        loss: str,
        scale: float,
        out: Sequence[Array],
    ) -> None:
        """Fill `out` with the gradient of each network's mean cross-entropy over the batch, times `scale`.

        `targets` is 1 at the right class and 0 elsewhere, (classes, networks, samples); `loss` is not read.
        """
        slope = softmax(self.forward(layers, inputs), axis=0)
        slope -= targets
        slope *= np.asarray(scale / self._samples, slope.dtype)
        self.backward(layers, slope, out)


class ClassifierDescent(Descent):
    """Classifiers under an optimiser; `parameters` are changed in place.

    Parameters
    ----------
    sizes, parameters
        Layer sizes, and a row of parameters for each network as in `layer_views`.
    samples : int
        Samples a batch.
    optimizer : Optimizer
    skip : bool
        Whether hidden layers 2, 3, ... have a skip connection.
    """

    def __init__(
        self, sizes: tuple[int, ...], parameters: Array, samples: int, optimizer: Optimizer, skip: bool
    ) -> None:
        super().__init__(sizes, parameters, samples, optimizer, "cross-entropy")
        self._passes = ClassifierPasses(sizes, len(parameters), samples, parameters.dtype, skip)
