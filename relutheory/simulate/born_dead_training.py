"""Witness of "born dead stays constant": training of networks that are dead on all training inputs.

Public as functions of `relutheory.simulate.born_dead`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.estimate import Estimate
from relutheory.simulate.checks import real, whole
from relutheory.simulate.sampling import Run, RunOptions, read_widths
from relutheory.simulate.streams import Block
from relutheory.simulate.training import Network, Optimizer, losses, outputs, train

__all__ = ["trained_to_constant", "weight_decay_revival"]

_STEM = "relutheory.simulate.born_dead"
Array = NDArray[Any]


def trained_to_constant(
    *,
    N: int = 2,
    L: int = 5,
    optimizer: Optimizer | str = "gd",
    shrink: float | Fraction = 1.0,
    loss: str = "squared",
    steps: int = 200,
    batch_size: int | None = None,
    target: Callable[[Array], Array] = np.abs,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Estimate the probability that training a born-dead network ends as it must.

    He-initialised networks with zero biases, born dead on 16 training inputs, are trained. Counted are
    those with every parameter of the layers up to the first dead one, and the weights of the next, bit for
    bit unchanged; one output value on all inputs; and a loss within 1 % above the best constant's (the
    variance, or the mean absolute deviation from a median, of the targets).

    Parameters
    ----------
    N, L : int
        Common width >= 1 and number of affine layers >= 3.
    optimizer : Optimizer or str
        A name stands for step size 0.05: "gd", "heavy-ball" or "adam".
    shrink : float or Fraction
        Weight decay of a named optimizer: factor of every parameter before each step, in (0, 1].
    loss : str
        "squared" or "absolute".
    steps : int
        Updates.
    batch_size : int, optional
        Samples a step; all by default. With small batches the last 1 % may not be reached at a fixed step
        size.
    target : callable
        Function of the inputs, shape (16, 1), to learn.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> trained_to_constant(samples=20, seed=1).value
    1.0
    """
    if isinstance(optimizer, str):
        optimizer = Optimizer(optimizer, rate=0.05, shrink=float(shrink))
    layers = read_widths(None, N, whole("L", L, 3))
    parameters = {
        "N": N,
        "L": L,
        "optimizer": optimizer,
        "loss": loss,
        "steps": steps,
        "batch_size": batch_size,
    }
    run = Run.of(f"{_STEM}:trained_to_constant", "networks", parameters, {"samples": 200, **options})
    x = np.linspace(-np.sqrt(3.0), np.sqrt(3.0), 16)[:, None]
    y = target(x)[:, 0]
    return run.frequency(partial(_count_trained, layers, x, y, optimizer, loss, steps, batch_size), 256)


def _count_trained(
    widths: tuple[int, ...],
    x: Array,
    y: Array,
    optimizer: Optimizer,
    loss: str,
    steps: int,
    batch_size: int | None,
    block: Block,
) -> int:
    draws = block.draws()
    before, dead_layer = _born_dead_networks(widths, x, draws.generator, block.size)
    after = train(before, x, y, optimizer, steps, loss=loss, batch_size=batch_size, generator=draws.generator)
    constant = y.mean() if loss == "squared" else np.median(y)
    best = ((y - constant) ** 2).mean() if loss == "squared" else np.abs(y - constant).mean()
    final = losses(after, x, y, loss)
    good = (final >= best * (1 - 1e-12)) & (final <= best * 1.01)
    output = outputs(after, x)
    good &= (output == output[:, :1]).all(axis=1)
    for layer in range(len(before.weights)):
        same_weights = (before.weights[layer] == after.weights[layer]).all(axis=(1, 2))
        same_biases = (before.biases[layer] == after.biases[layer]).all(axis=1)
        # Layers count from 1: array index dead_layer is the layer after the dead one.
        good &= same_weights | (layer > dead_layer)
        good &= same_biases | (layer >= dead_layer)
    return int(np.count_nonzero(good))


def _born_dead_networks(
    widths: tuple[int, ...], x: Array, generator: np.random.Generator, networks: int
) -> tuple[Network, NDArray[np.int64]]:
    """Draw networks until enough are dead on x; return them and their first dead layer (1, 2, ...)."""
    shape = (x.shape[1], *widths, 1)
    pieces: list[Network] = []
    layers: list[NDArray[np.int64]] = []
    while sum(map(len, layers)) < networks:
        weights = [
            generator.standard_normal((4 * networks, shape[i + 1], shape[i])) * np.sqrt(2.0 / shape[i])
            for i in range(len(shape) - 1)
        ]
        drawn = Network(weights, [np.zeros((4 * networks, n)) for n in shape[1:]])
        zero = np.array([h.max(axis=(1, 2)) == 0 for h in drawn.hidden(x)])
        found = np.flatnonzero(zero.any(axis=0))
        pieces.append(drawn.select(found))
        layers.append(zero[:, found].argmax(axis=0) + 1)
    joined = Network(
        [np.concatenate(group) for group in zip(*(piece.weights for piece in pieces), strict=True)],
        [np.concatenate(group) for group in zip(*(piece.biases for piece in pieces), strict=True)],
    )
    return joined.select(np.arange(networks)), np.concatenate(layers)[:networks]


def weight_decay_revival(*, g: float, limit: int = 100_000) -> int:
    """Return the step at which weight decay alone revives a unit that was dead: a hypothesis dropped.

    The network relu(-relu(x) + 1/2) at x = 1 is dead and its gradient zero; multiplying every parameter by
    `g` at each step makes the pre-activation g^t / 2 - g^(2t), which ends positive.

    Parameters
    ----------
    g : float
        Factor in (0, 1).
    limit : int
        Largest number of steps tried.

    Returns
    -------
    int
        First step after which the unit fires.

    Raises
    ------
    DomainError
        If g is outside its domain or the limit is reached.

    Examples
    --------
    >>> weight_decay_revival(g=0.9)
    7
    """
    real("g", g, 0.0, 1.0 - 1e-9, open_low=True)
    one = np.ones((1, 1, 1))
    network = Network([one, -one, one], [np.zeros((1, 1)), np.full((1, 1), 0.5), np.zeros((1, 1))])
    x, y = np.array([[1.0]]), np.array([0.0])
    optimizer = Optimizer(rate=0.1, shrink=g)
    for step in range(1, limit + 1):
        network = train(network, x, y, optimizer, 1)
        if network.hidden(x)[1].max() > 0:
            return step
    raise DomainError(f"limit: enough steps to revive the unit, got {limit!r}")
