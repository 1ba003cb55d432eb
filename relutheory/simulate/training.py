"""Training of many small ReLU networks at once, with the gradient written out.

The derivative of the ReLU at 0 is 0. Networks are independent: the loss of each is its own, and a step of
one never touches another. Arrays have the networks on the first axis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.simulate.checks import whole
from relutheory.simulate.training_data import Data, Generators, epochs
from relutheory.simulate.training_kernel import Passes, layer_views, parameter_count

__all__ = [
    "LOSSES",
    "Descent",
    "Network",
    "Optimizer",
    "gradients",
    "losses",
    "outputs",
    "pack",
    "train",
    "unpack",
]

Array = NDArray[Any]

LOSSES = ("squared", "absolute")
_KINDS = ("gd", "heavy-ball", "adam")
# Activations of one layer of the networks trained together: all layers of a chunk fit the cache.
_CHUNK = 1 << 15


@dataclass
class Network:
    """Parameters of a batch of networks of one shape.

    Parameters
    ----------
    weights : list of numpy.ndarray
        W_1, .., W_L, each of shape (networks, fan_out, fan_in); the last maps to the output.
    biases : list of numpy.ndarray
        b_1, .., b_L, each of shape (networks, fan_out).
    """

    weights: list[Array]
    biases: list[Array]

    @property
    def sizes(self) -> tuple[int, ...]:
        """d_in, the hidden widths, d_out."""
        return (self.weights[0].shape[2], *(w.shape[1] for w in self.weights))

    @property
    def parameters(self) -> list[Array]:
        """All arrays, W_1, b_1, W_2, b_2, ..."""
        return [array for pair in zip(self.weights, self.biases, strict=True) for array in pair]

    def copy(self) -> Network:
        """Return an independent copy."""
        return Network([w.copy() for w in self.weights], [b.copy() for b in self.biases])

    def select(self, index: NDArray[Any]) -> Network:
        """Return the chosen networks of the batch."""
        return Network([w[index] for w in self.weights], [b[index] for b in self.biases])

    def hidden(self, x: Array) -> list[Array]:
        """Return the activations of the hidden layers, each (networks, samples, width).

        Inputs have the shape (samples, d_in), or (networks, samples, d_in).
        """
        h = x if x.ndim == 3 else np.broadcast_to(x, (len(self.weights[0]), *x.shape))
        layers = []
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            h = np.maximum(h @ weight.transpose(0, 2, 1) + bias[:, None, :], 0.0)
            layers.append(h)
        return layers


@dataclass(frozen=True)
class Optimizer:
    """A gradient method, with the usual extras.

    Parameters
    ----------
    kind : str
        "gd", "heavy-ball" (v <- momentum v + g, p <- p - rate v) or "adam".
    rate : float
        Step size > 0.
    momentum : float
        Heavy ball factor, or Adam's first moment factor, in [0, 1).
    second_momentum : float
        Adam's second moment factor, in [0, 1).
    epsilon : float
        Adam's regularisation > 0.
    shrink : float
        Factor of every parameter before each step (decoupled weight decay), in (0, 1]; 1 is none.
    clip : float or None
        Largest Euclidean norm of a network's whole gradient; None for no clipping.
    loss_scale : float
        Factor of the loss in the backward pass, divided out of the gradient again.
    """

    kind: str = "gd"
    rate: float = 0.01
    momentum: float = 0.9
    second_momentum: float = 0.999
    epsilon: float = 1e-8
    shrink: float = 1.0
    clip: float | None = None
    loss_scale: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise DomainError(f"kind: one of {', '.join(_KINDS)}, got {self.kind!r}")
        if not self.rate > 0:
            raise DomainError(f"rate: a number > 0, got {self.rate!r}")
        if not 0 < self.shrink <= 1:
            raise DomainError(f"shrink: a number in (0, 1], got {self.shrink!r}")
        if self.clip is not None and not self.clip > 0:
            raise DomainError(f"clip: a number > 0 or None, got {self.clip!r}")


def outputs(network: Network, x: Array) -> Array:
    """Return the outputs for inputs of shape (samples, d_in), or (networks, samples, d_in).

    The shape is (networks, samples) if there is one output, and (networks, samples, d_out) otherwise.

    Examples
    --------
    >>> net = Network([np.array([[[2.0]]]), np.array([[[3.0]]])], [np.zeros((1, 1)), np.ones((1, 1))])
    >>> outputs(net, np.array([[1.0], [-1.0]])).tolist()
    [[7.0, 1.0]]
    """
    last = _outputs(network, x)
    return last[..., 0] if last.shape[2] == 1 else last


def _outputs(network: Network, x: Array) -> Array:
    last: Array = network.hidden(x)[-1] @ network.weights[-1].transpose(0, 2, 1)
    last += network.biases[-1][:, None, :]
    return last


def losses(network: Network, x: Array, y: Array, loss: str = "squared") -> Array:
    """Return each network's mean loss over the samples: (f - y)^2 or |f - y|, summed over the outputs.

    Inputs and targets are those of `train`.
    """
    data = Data.of(x, y, len(network.weights[0]), network.sizes[0], network.sizes[-1])
    error = _outputs(network, np.asarray(x, np.float64)) - data.targets
    each: Array = error**2 if _known(loss) == "squared" else np.abs(error)
    mean: Array = each.sum(axis=2).mean(axis=1)
    return mean


def _known(loss: str) -> str:
    if loss not in LOSSES:
        raise DomainError(f"loss: one of {', '.join(LOSSES)}, got {loss!r}")
    return loss


def gradients(network: Network, x: Array, y: Array, loss: str = "squared", scale: float = 1.0) -> Network:
    """Return the gradient of every network's mean loss, times `scale`, in the shape of the parameters.

    Parameters
    ----------
    network : Network
    x, y : numpy.ndarray
        Inputs and targets, as for `train`.
    loss : str
        "squared" or "absolute" (derivative 0 at 0).
    scale : float
        Factor of the loss.

    Returns
    -------
    Network
        Holding derivatives instead of parameters.
    """
    sizes, flat = network.sizes, pack(network, np.float64)
    data = Data.of(x, y, len(flat), sizes[0], sizes[-1])
    inputs, targets = data.batches(slice(None), None, 1, data.samples)
    out = np.empty_like(flat)
    passes = Passes(sizes, len(flat), data.samples, np.float64)
    layers, slots = layer_views(sizes, flat), layer_views(sizes, out)
    passes.gradient(layers, inputs[0], targets[0], _known(loss), scale, slots)
    return unpack(sizes, out)


def train(
    network: Network,
    x: Array,
    y: Array,
    optimizer: Optimizer,
    steps: int,
    *,
    loss: str = "squared",
    batch_size: int | None = None,
    generator: Generators | None = None,
    single: bool = False,
) -> Network:
    """Return the networks after `steps` updates; the argument is not changed.

    Parameters
    ----------
    network : Network
    x : numpy.ndarray
        Training inputs: (samples, d_in) for all networks, or (networks, samples, d_in), a set for each.
    y : numpy.ndarray
        Targets: like `x`, with d_out in place of d_in; without that axis if there is one output.
    optimizer : Optimizer
        State (velocities, moments) starts from zero.
    steps : int
        Number of updates >= 0.
    loss : str
        "squared" or "absolute", summed over the outputs.
    batch_size : int, optional
        Samples a step, drawn without replacement; all of them by default. The remainder of an epoch that
        fills no batch is left out.
    generator : numpy.random.Generator or sequence of them, optional
        Needed with `batch_size`: one generator gives all networks the same order of the samples, a sequence
        gives each network an order of its own.
    single : bool
        Compute in single precision, which takes about half the time.

    Returns
    -------
    Network

    Raises
    ------
    DomainError
        If a parameter is outside its domain.

    Examples
    --------
    >>> net = Network([np.ones((1, 1, 1)), np.zeros((1, 1, 1))], [np.zeros((1, 1)), np.zeros((1, 1))])
    >>> done = train(net, np.array([[1.0]]), np.array([2.0]), Optimizer(rate=0.1), 100)
    >>> round(float(outputs(done, np.array([[1.0]]))[0, 0]), 6)
    2.0
    """
    whole("steps", steps, 0)
    dtype = np.float32 if single else np.float64
    sizes, flat = network.sizes, pack(network, dtype)
    data = Data.of(x, y, len(flat), sizes[0], sizes[-1], dtype)
    orders = epochs(data.samples, batch_size, generator, len(flat))
    size = data.samples if batch_size is None else whole("batch_size", batch_size, 1, data.samples)
    chunks = _chunks(len(flat), size * max(sizes))
    descents = [Descent(sizes, flat[chunk], size, optimizer, _known(loss)) for chunk in chunks]
    done = 0
    while done < steps:
        order, count = next(orders)
        count = min(count, steps - done)
        for chunk, descent in zip(chunks, descents, strict=True):
            used = order if order is None or order.ndim == 1 else order[chunk]
            inputs, targets = data.batches(chunk, used, count, size)
            for i in range(count):
                descent.step(done + i + 1, inputs[i], targets[i])
        done += count
    return unpack(sizes, flat)


def pack(network: Network, dtype: Any) -> Array:
    """Return the parameters as rows in the order of `layer_views`."""
    flat = np.empty((len(network.weights[0]), parameter_count(network.sizes)), dtype)
    layers = layer_views(network.sizes, flat)
    for layer, weight, bias in zip(layers, network.weights, network.biases, strict=True):
        layer[:, :, :-1] = weight
        layer[:, :, -1] = bias
    return flat


def unpack(sizes: tuple[int, ...], flat: Array) -> Network:
    """Network whose parameters are the rows of a table."""
    layers = layer_views(sizes, flat.astype(np.float64))
    return Network(
        [layer[:, :, :-1].copy() for layer in layers], [layer[:, :, -1].copy() for layer in layers]
    )


def _chunks(networks: int, elements: int) -> list[slice]:
    """Cut the networks into equal parts whose buffers stay in the cache."""
    parts = -(-networks * elements // _CHUNK) if elements < _CHUNK else networks
    cuts = np.linspace(0, networks, min(max(parts, 1), networks) + 1).astype(int).tolist()
    return [slice(a, b) for a, b in pairwise(cuts)]


class Descent:
    """Some networks under an optimiser; `parameters` are changed in place."""

    def __init__(
        self, sizes: tuple[int, ...], parameters: Array, samples: int, optimizer: Optimizer, loss: str
    ) -> None:
        self._optimizer, self._loss = optimizer, loss
        self._passes = Passes(sizes, len(parameters), samples, parameters.dtype)
        self._parameters = parameters
        self._gradient, self._first, self._second, self._work = np.zeros(
            (4, *parameters.shape), parameters.dtype
        )
        self._layers, self._slots = layer_views(sizes, parameters), layer_views(sizes, self._gradient)

    def step(self, number: int, inputs: Array, targets: Array) -> None:
        """Make step 1, 2, ... on one batch."""
        optimizer = self._optimizer
        scale = optimizer.loss_scale
        self._passes.gradient(self._layers, inputs, targets, self._loss, scale, self._slots)
        if scale != 1.0:
            self._gradient /= scale
        if optimizer.clip is not None:
            norm = np.linalg.norm(self._gradient, axis=1, keepdims=True)
            self._gradient *= optimizer.clip / np.maximum(norm, optimizer.clip)
        if optimizer.shrink != 1.0:
            self._parameters *= optimizer.shrink
        self._parameters -= self._adam(number) if optimizer.kind == "adam" else self._heavy_ball()

    def _heavy_ball(self) -> Array:
        optimizer = self._optimizer
        direction = self._gradient
        if optimizer.kind == "heavy-ball":
            direction = self._first
            direction *= optimizer.momentum
            direction += self._gradient
        result: Array = np.multiply(direction, optimizer.rate, out=self._work)
        return result

    def _adam(self, number: int) -> Array:
        # rate m' / (sqrt(v') + epsilon) with the unbiased m', v', the corrections moved into two numbers.
        optimizer, gradient = self._optimizer, self._gradient
        work: Array = self._work
        a, b = optimizer.momentum, optimizer.second_momentum
        root = math.sqrt(1.0 - b**number)
        self._first *= a
        self._first += np.multiply(gradient, 1.0 - a, out=work)
        self._second *= b
        gradient *= gradient
        gradient *= 1.0 - b
        self._second += gradient
        np.sqrt(self._second, out=gradient)
        gradient += optimizer.epsilon * root
        np.divide(self._first, gradient, out=work)
        work *= optimizer.rate * root / (1.0 - a**number)
        return work
