"""Training of many small ReLU networks at once, with the gradient written out.

The derivative of the ReLU at 0 is 0. Networks are independent: the loss of each is its own, and a step of
one never touches another. Arrays have the networks on the first axis.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.simulate.checks import whole

__all__ = ["LOSSES", "Network", "Optimizer", "gradients", "losses", "outputs", "train"]

Array = NDArray[np.float64]

LOSSES = ("squared", "absolute")
_KINDS = ("gd", "heavy-ball", "adam")


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
        """Return the activations of the hidden layers, each (networks, samples, width)."""
        h = np.broadcast_to(x, (len(self.weights[0]), *x.shape))
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
    """Return the scalar outputs, shape (networks, samples), for inputs of shape (samples, d_in).

    Examples
    --------
    >>> net = Network([np.array([[[2.0]]]), np.array([[[3.0]]])], [np.zeros((1, 1)), np.ones((1, 1))])
    >>> outputs(net, np.array([[1.0], [-1.0]])).tolist()
    [[7.0, 1.0]]
    """
    last: Array = network.hidden(x)[-1] @ network.weights[-1].transpose(0, 2, 1)
    last += network.biases[-1][:, None, :]
    return last[..., 0]


def losses(network: Network, x: Array, y: Array, loss: str = "squared") -> Array:
    """Return each network's mean loss over the samples: (f - y)^2 or |f - y|."""
    error = outputs(network, x) - y
    mean: Array = (error**2 if _known(loss) == "squared" else np.abs(error)).mean(axis=1)
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
    x : numpy.ndarray
        Inputs, (samples, d_in).
    y : numpy.ndarray
        Targets, (samples,).
    loss : str
        "squared" or "absolute" (derivative 0 at 0).
    scale : float
        Factor of the loss.

    Returns
    -------
    Network
        Holding derivatives instead of parameters.
    """
    hidden = network.hidden(x)
    error = outputs(network, x) - y
    slope = 2.0 * error if _known(loss) == "squared" else np.sign(error)
    signal = (slope * (scale / len(x)))[..., None]
    weights: list[Array] = []
    biases: list[Array] = []
    layers = [np.broadcast_to(x, (len(error), *x.shape)), *hidden]
    for layer in range(len(network.weights) - 1, -1, -1):
        weights.append(signal.transpose(0, 2, 1) @ layers[layer])
        biases.append(signal.sum(axis=1))
        if layer:
            # The derivative of the ReLU: 1 where the activation is positive, 0 elsewhere, at 0 too.
            signal = (signal @ network.weights[layer]) * (layers[layer] > 0)
    return Network(weights[::-1], biases[::-1])


def train(
    network: Network,
    x: Array,
    y: Array,
    optimizer: Optimizer,
    steps: int,
    *,
    loss: str = "squared",
    batch_size: int | None = None,
    generator: np.random.Generator | None = None,
) -> Network:
    """Return the networks after `steps` updates; the argument is not changed.

    Parameters
    ----------
    network : Network
    x, y : numpy.ndarray
        Training set, (samples, d_in) and (samples,).
    optimizer : Optimizer
        State (velocities, moments) starts from zero.
    steps : int
        Number of updates >= 0.
    loss : str
        "squared" or "absolute".
    batch_size : int, optional
        Samples a step, drawn without replacement each epoch; all of them by default.
    generator : numpy.random.Generator, optional
        Needed with `batch_size`.

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
    network = network.copy()
    first = [np.zeros_like(p) for p in network.parameters]
    second = [np.zeros_like(p) for p in network.parameters]
    batches = _batches(len(x), batch_size, generator)
    for step in range(1, steps + 1):
        chosen = next(batches)
        gradient = gradients(network, x[chosen], y[chosen], loss, optimizer.loss_scale).parameters
        gradient = _conditioned(gradient, optimizer)
        for p, g, m, v in zip(network.parameters, gradient, first, second, strict=True):
            if optimizer.shrink != 1.0:
                p *= optimizer.shrink
            p -= optimizer.rate * _direction(optimizer, g, m, v, step)
    return network


def _batches(samples: int, size: int | None, generator: np.random.Generator | None) -> Iterator[Any]:
    if size is None:
        while True:
            yield slice(None)
    if generator is None:
        raise DomainError("generator: a numpy.random.Generator with batch_size, got None")
    whole("batch_size", size, 1, samples)
    while True:
        order = generator.permutation(samples)
        for start in range(0, samples - size + 1, size):
            yield order[start : start + size]


def _conditioned(gradient: list[Array], optimizer: Optimizer) -> list[Array]:
    """Undo the loss scale and clip each network's gradient."""
    if optimizer.loss_scale != 1.0:
        gradient = [g / optimizer.loss_scale for g in gradient]
    if optimizer.clip is None:
        return gradient
    square = sum((g.reshape(len(g), -1) ** 2).sum(axis=1) for g in gradient)
    norm = np.sqrt(np.asarray(square))
    factor = optimizer.clip / np.maximum(norm, optimizer.clip)
    return [g * factor.reshape(-1, *[1] * (g.ndim - 1)) for g in gradient]


def _direction(optimizer: Optimizer, g: Array, m: Array, v: Array, step: int) -> Array:
    """Return the update direction and advance the optimiser state in place."""
    if optimizer.kind == "gd":
        return g
    if optimizer.kind == "heavy-ball":
        m *= optimizer.momentum
        m += g
        return m
    m *= optimizer.momentum
    m += (1.0 - optimizer.momentum) * g
    v *= optimizer.second_momentum
    v += (1.0 - optimizer.second_momentum) * g**2
    unbiased = np.sqrt(v / (1.0 - optimizer.second_momentum**step)) + optimizer.epsilon
    return m / (1.0 - optimizer.momentum**step) / unbiased
