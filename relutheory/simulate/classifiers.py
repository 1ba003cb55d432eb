"""Classifiers trained many at once, with or without skip connections, by softmax cross-entropy.

All networks see the same data; each has its own initial weights and order of mini-batches, from a stream that
depends on the seed and on its number alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.simulate.checks import whole
from relutheory.simulate.classifiers_kernel import ClassifierDescent, ClassifierPasses
from relutheory.simulate.rai_sampler import he_networks, rai_networks
from relutheory.simulate.training import Network, Optimizer, pack, unpack
from relutheory.simulate.training_data import Data, epochs
from relutheory.simulate.training_kernel import layer_views

__all__ = [
    "INITIALISATIONS",
    "Classification",
    "activation_probabilities",
    "correct",
    "cross_entropy",
    "cross_entropy_gradients",
    "initial_classifier",
    "initial_classifiers",
    "train_classifiers",
]

Array = NDArray[Any]

#: Normal weights of variance 2 / fan_in or 1 / fan_in with zero biases, or randomized asymmetric rows.
INITIALISATIONS = ("he", "lecun", "rai")


@dataclass(frozen=True)
class Classification:
    """A data set with labels, cut into a part to train on and a part held out.

    Parameters
    ----------
    train_x, test_x : numpy.ndarray
        Finite inputs, (samples, d_in).
    train_labels, test_labels : numpy.ndarray
        Integers 0, 1, ..., classes - 1, (samples,).
    classes : int
        Number of classes >= 2.

    Examples
    --------
    >>> Classification(np.zeros((4, 3)), np.array([0, 1, 0, 1]), np.zeros((2, 3)), np.array([0, 1]), 2).d_in
    3
    """

    train_x: Array
    train_labels: Array
    test_x: Array
    test_labels: Array
    classes: int

    def __post_init__(self) -> None:
        whole("classes", self.classes, 2)
        for part in ("train", "test"):
            x = _inputs(f"{part}_x", getattr(self, f"{part}_x"), None)
            object.__setattr__(self, f"{part}_x", x)
            name = f"{part}_labels"
            object.__setattr__(self, name, _labels(name, getattr(self, name), len(x), self.classes))
        _inputs("test_x", self.test_x, self.d_in)

    @property
    def d_in(self) -> int:
        """Number of inputs."""
        return int(self.train_x.shape[1])

    @property
    def digest(self) -> str:
        """Short hash of the numbers."""
        found = hashlib.sha256(str(self.classes).encode())
        for array in (self.train_x, self.train_labels, self.test_x, self.test_labels):
            found.update(str(array.shape).encode() + array.tobytes())
        return found.hexdigest()[:16]


def _inputs(name: str, values: Any, d_in: int | None) -> Array:
    """Read inputs, (samples, d_in), all finite."""
    x = np.ascontiguousarray(values, np.float64)
    if x.ndim != 2 or 0 in x.shape or (d_in is not None and x.shape[1] != d_in):
        raise DomainError(f"{name}: shape (samples, {d_in or 'd_in'}), got {x.shape}")
    bad = ~np.isfinite(x)
    if bad.any():
        row, column = (int(i) for i in np.argwhere(bad)[0])
        raise DomainError(f"{name}: finite numbers, got {x[row, column]} in row {row}, column {column}")
    return x


def _labels(name: str, values: Any, samples: int, classes: int) -> Array:
    labels = np.asarray(values)
    if labels.shape != (samples,):
        raise DomainError(f"{name}: shape ({samples},), got {labels.shape}")
    wrong = labels[~np.isin(labels, np.arange(classes))]
    if len(wrong):
        raise DomainError(f"{name}: integers in 0..{classes - 1}, got {wrong[0]}")
    return np.ascontiguousarray(labels, np.int64)


def initial_classifier(
    sizes: Sequence[int], init: str = "he", *, seed: int | np.random.Generator | None = None
) -> Network:
    """Return one network before training.

    Parameters
    ----------
    sizes : sequence of int
        d_in, the hidden widths, the number of classes.
    init : str
        "he", "lecun" or "rai" (He in layer 1, randomized asymmetric rows later), see `INITIALISATIONS`.
    seed : int or numpy.random.Generator, optional
        Integer >= 0, or a source of randomness; fresh entropy by default.

    Returns
    -------
    Network
        A batch of one.

    Raises
    ------
    DomainError
        If a parameter is outside its domain.

    Examples
    --------
    >>> [w.shape for w in initial_classifier((4, 3, 3, 2), seed=0).weights]
    [(1, 3, 4), (1, 3, 3), (1, 2, 3)]
    """
    if init not in INITIALISATIONS:
        raise DomainError(f"init: one of {', '.join(INITIALISATIONS)}, got {init!r}")
    if init == "rai":
        return rai_networks(sizes, networks=1, seed=seed)
    network = he_networks(sizes, networks=1, seed=seed)
    if init == "lecun":
        for weight in network.weights:
            weight *= 0.5**0.5
    return network


def initial_classifiers(
    sizes: Sequence[int], init: str, generators: Sequence[np.random.Generator]
) -> Network:
    """Return a batch of networks, each from its own source of randomness.

    Examples
    --------
    >>> initial_classifiers((4, 3, 2), "rai", [np.random.default_rng(i) for i in range(5)]).biases[1].shape
    (5, 2)
    """
    each = [initial_classifier(sizes, init, seed=generator) for generator in generators]
    weights, biases = [n.weights for n in each], [n.biases for n in each]
    return Network(
        [np.concatenate(layer) for layer in zip(*weights, strict=True)],
        [np.concatenate(layer) for layer in zip(*biases, strict=True)],
    )


def _forward(network: Network, x: Array, skip: bool) -> Iterator[Array]:
    """Yield the preactivations of every layer, (networks, samples, units); the last are the logits."""
    h: Array = np.broadcast_to(x, (len(network.weights[0]), *x.shape))
    last = len(network.weights) - 1
    for index, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        y: Array = h @ weight.transpose(0, 2, 1) + bias[:, None, :]
        yield y
        if index < last:
            opened = np.maximum(y, 0.0)
            h = h + opened if skip and index else opened


def _check_shape(network: Network, skip: bool) -> None:
    hidden = network.sizes[1:-1]
    if not hidden:
        raise DomainError("network: at least one hidden layer, got none")
    if skip and len(set(hidden)) > 1:
        raise DomainError(f"network: hidden layers of one width with skip connections, got widths {hidden}")


def activation_probabilities(network: Network, x: Array, *, skip: bool = False) -> Array:
    """Return on which share of the inputs each hidden unit is open, its preactivation y > 0.

    With skip connections y is that of the branch, W h + b, before the summand h.

    Parameters
    ----------
    network : Network
        Hidden layers of one width.
    x : numpy.ndarray
        Inputs, (samples, d_in).
    skip : bool
        Whether hidden layers 2, 3, ... have a skip connection.

    Returns
    -------
    numpy.ndarray
        (networks, hidden layers, width), numbers in [0, 1].

    Raises
    ------
    DomainError
        If a parameter is outside its domain.

    Examples
    --------
    >>> net = Network([np.array([[[1.0], [-1.0]]]), np.ones((1, 2, 2))], [np.zeros((1, 2)), np.zeros((1, 2))])
    >>> activation_probabilities(net, np.array([[1.0], [2.0], [-1.0], [0.0]])).tolist()
    [[[0.5, 0.25]]]
    """
    _check_shape(network, skip)
    inputs = _inputs("x", x, network.sizes[0])
    *hidden, _ = ((y > 0).sum(axis=1) for y in _forward(network, inputs, skip))
    shares: Array = np.stack(hidden, axis=1) / len(inputs)
    return shares


def correct(network: Network, x: Array, labels: Array, *, skip: bool = False) -> Array:
    """Return how many inputs each network puts into the right class.

    Examples
    --------
    >>> weights = [np.ones((1, 1, 1)), np.array([[[1.0], [0.0]]])]
    >>> net = Network(weights, [np.zeros((1, 1)), np.array([[0.0, 1.0]])])
    >>> correct(net, np.array([[2.0], [0.5], [3.0]]), np.array([0, 1, 1])).tolist()
    [2]
    """
    _check_shape(network, skip)
    inputs = _inputs("x", x, network.sizes[0])
    known = _labels("labels", labels, len(inputs), network.sizes[-1])
    *_, logits = _forward(network, inputs, skip)
    count: Array = (logits.argmax(axis=2) == known).sum(axis=1)
    return count


def cross_entropy(network: Network, x: Array, labels: Array, *, skip: bool = False) -> Array:
    """Return each network's mean of -log(probability of the right class), the softmax of its outputs.

    Examples
    --------
    >>> net = initial_classifier((3, 2, 2), seed=0)
    >>> net.weights[-1][:] = 0
    >>> round(float(cross_entropy(net, np.ones((5, 3)), np.zeros(5, int))[0]), 6)  # log 2
    0.693147
    """
    _check_shape(network, skip)
    inputs = _inputs("x", x, network.sizes[0])
    known = _labels("labels", labels, len(inputs), network.sizes[-1])
    *_, logits = _forward(network, inputs, skip)
    logits = logits - logits.max(axis=2, keepdims=True)
    chosen = logits[:, np.arange(len(known)), known]
    mean: Array = (np.log(np.exp(logits).sum(axis=2)) - chosen).mean(axis=1)
    return mean


def cross_entropy_gradients(network: Network, x: Array, labels: Array, *, skip: bool = False) -> Network:
    """Return the gradient of every network's `cross_entropy`, in the shape of the parameters.

    Parameters
    ----------
    network : Network
    x : numpy.ndarray
        Inputs, (samples, d_in).
    labels : numpy.ndarray
        Integers 0, 1, ..., classes - 1.
    skip : bool
        Whether hidden layers 2, 3, ... have a skip connection.

    Returns
    -------
    Network
        Holding derivatives instead of parameters.

    Raises
    ------
    DomainError
        If a parameter is outside its domain.

    Examples
    --------
    >>> net = initial_classifier((3, 2, 2), seed=0)
    >>> net.weights[-1][:] = 0
    >>> cross_entropy_gradients(net, np.ones((5, 3)), np.zeros(5, int)).biases[-1].tolist()
    [[-0.5, 0.5]]
    """
    sizes, flat = network.sizes, pack(network, np.float64)
    data = _prepared(network, x, labels, skip, np.float64)
    inputs, targets = data.batches(slice(None), None, 1, data.samples)
    out = np.empty_like(flat)
    passes = ClassifierPasses(sizes, len(flat), data.samples, np.float64, skip)
    layers, slots = layer_views(sizes, flat), layer_views(sizes, out)
    passes.gradient(layers, inputs[0], targets[0], "cross-entropy", 1.0, slots)
    return unpack(sizes, out)


def _prepared(network: Network, x: Array, labels: Array, skip: bool, dtype: Any) -> Data:
    _check_shape(network, skip)
    classes = network.sizes[-1]
    inputs = _inputs("x", x, network.sizes[0])
    known = _labels("labels", labels, len(inputs), classes)
    return Data.of(inputs, np.eye(classes)[known], len(network.weights[0]), network.sizes[0], classes, dtype)


def train_classifiers(
    network: Network,
    x: Array,
    labels: Array,
    optimizer: Optimizer,
    stops: Sequence[int],
    *,
    batch_size: int,
    generators: Sequence[np.random.Generator],
    skip: bool = False,
    single: bool = False,
) -> Iterator[Network]:
    """Train, and yield the networks after each of the numbers of epochs in `stops`.

    Parameters
    ----------
    network : Network
        Is not changed.
    x, labels : numpy.ndarray
        Training inputs, (samples, d_in), and classes, (samples,), for all networks.
    optimizer : Optimizer
        State starts from zero.
    stops : sequence of int
        Increasing numbers of epochs >= 0; the last ends the training.
    batch_size : int
        Samples a step, in 1..samples; the remainder of an epoch that fills no batch is left out.
    generators : sequence of numpy.random.Generator
        One a network, for the order of its samples.
    skip : bool
        Whether hidden layers 2, 3, ... have a skip connection.
    single : bool
        Compute in single precision, which takes about half the time.

    Yields
    ------
    Network
        An independent copy.

    Raises
    ------
    DomainError
        If a parameter is outside its domain, or if the training diverges.

    Examples
    --------
    >>> x, labels = np.array([[1.0], [-1.0]]), np.array([0, 1])
    >>> net, rngs = initial_classifier((1, 8, 2), seed=1), [np.random.default_rng(0)]
    >>> rule = Optimizer(rate=0.1)
    >>> stages = train_classifiers(net, x, labels, rule, [0, 50], batch_size=1, generators=rngs)
    >>> *_, done = stages
    >>> correct(done, x, labels).tolist()
    [2]
    """
    data = _prepared(network, x, labels, skip, np.float32 if single else np.float64)
    wanted = _increasing(stops)
    size = whole("batch_size", batch_size, 1, data.samples)
    sizes, flat = network.sizes, pack(network, data.table.dtype)
    descent = ClassifierDescent(sizes, flat, size, optimizer, skip)
    orders = epochs(data.samples, size, generators, len(flat))
    done = step = 0
    for stop in wanted:
        for _ in range(stop - done):
            order, count = next(orders)
            inputs, targets = data.batches(slice(None), order, count, size)
            # A divergence is reported below, once.
            with np.errstate(over="ignore", invalid="ignore"):
                for i in range(count):
                    step += 1
                    descent.step(step, inputs[i], targets[i])
        done = stop
        # Comparisons with nan are false: a diverged network would pass for a dead one.
        if not np.isfinite(flat).all():
            raise DomainError(
                f"rate: a step size with which training does not diverge, got {optimizer.rate!r}"
            )
        yield unpack(sizes, flat)


def _increasing(stops: Sequence[int]) -> list[int]:
    wanted = [whole("stops", stop, 0) for stop in stops]
    if not wanted or wanted != sorted(set(wanted)):
        raise DomainError(f"stops: increasing numbers of epochs, got {list(stops)!r}")
    return wanted
