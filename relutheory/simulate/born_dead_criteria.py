"""Witnesses of the statements around the born-dead probability: single layers, events and training.

Public as functions of `relutheory.simulate.born_dead`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.estimate import Estimate
from relutheory.simulate.checks import real, whole
from relutheory.simulate.enumerate import RADEMACHER, enumerate_born_dead
from relutheory.simulate.inputs import input_points
from relutheory.simulate.laws import Law, Sign, Sparse, named_law
from relutheory.simulate.networks import Initialisation, first_dead_layers, forward
from relutheory.simulate.sampling import Run, RunOptions, read_widths
from relutheory.simulate.streams import Block
from relutheory.simulate.training import Network, Optimizer, losses, outputs, train

__all__ = [
    "enumerated_born_dead",
    "event_holds",
    "full_space_depth3",
    "monotonicity_holds",
    "survival_factor",
    "trained_to_constant",
    "unit_dead_frequency",
    "weight_decay_revival",
]

_STEM = "relutheory.simulate.born_dead"
Array = NDArray[Any]


def _blocks(cost: int) -> int:
    return min(max((1 << 24) // cost, 64), 1 << 18)


def unit_dead_frequency(
    *, p0: float | Fraction, law: str | Law = "gaussian", **options: Unpack[RunOptions]
) -> Estimate:
    """Estimate P(unit <= 0) for a symmetric pre-activation that is exactly zero with probability `p0`.

    The pre-activation is one weight of a continuous symmetric law, masked with probability `p0`, at input 1.

    Parameters
    ----------
    p0 : float or Fraction
        In [0, 1).
    law : str or Law
        Law of the unmasked weight.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> unit_dead_frequency(p0=0.5, samples=20_000, seed=1).contains(3 / 4)
    True
    """
    weight = Sparse(1.0 - real("p0", p0, 0.0, 1.0 - 1e-9), named_law(law))
    run = Run.of(f"{_STEM}:unit_dead_frequency", "networks", {"p0": p0, "law": law}, options)
    return run.frequency(partial(_count_dead_units, weight), 1 << 20)


def _count_dead_units(law: Law, block: Block) -> int:
    return int(np.count_nonzero(law.entries(block.draws(), (block.size,)) <= 0))


def full_space_depth3(
    *,
    N1: int,
    N2: int,
    bias: bool = False,
    d_in: int | None = None,
    law: str | Law = "gaussian",
    **options: Unpack[RunOptions],
) -> Estimate:
    """Estimate the born-dead probability on all of R^d_in at L = 3, d_in >= N1, exactly decided per draw.

    A first-layer matrix of rank N1 (checked for each draw) makes the pre-activations all of R^N1, hence the
    activations the orthant [0, inf)^N1. A second-layer unit is affine there, so it is <= 0 everywhere iff
    it is at the apex and decreasing along each axis. The first layer is never dead: every orthant point is
    reached.

    Parameters
    ----------
    N1, N2 : int
        Hidden widths >= 1.
    bias : bool
        Whether there are biases of the same law.
    d_in : int, optional
        Input dimension >= N1; default N1.
    law : str or Law
        Continuous law of the entries.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> full_space_depth3(N1=2, N2=2, samples=20_000, seed=1).contains(1 / 16)
    True
    """
    N1, N2 = whole("N1", N1, 1), whole("N2", N2, 1)
    d_in = whole("d_in", N1 if d_in is None else d_in, N1)
    entries = named_law(law, double=True)
    parameters = {"N1": N1, "N2": N2, "bias": bias, "d_in": d_in, "law": law}
    run = Run.of(f"{_STEM}:full_space_depth3", "networks", parameters, options)
    task = partial(_count_dead_on_orthant, N1, N2, bias, d_in, entries)
    return run.frequency(task, _blocks(N1 * (d_in + N2)))


def _count_dead_on_orthant(N1: int, N2: int, bias: bool, d_in: int, law: Law, block: Block) -> int:
    draws = block.draws()
    first = np.moveaxis(law.entries(draws, (N1, d_in, block.size)), -1, 0)
    if not bool(np.all(np.linalg.matrix_rank(first) == N1)):
        raise DomainError(f"law: first layers of rank N1, got {law!r}")
    falling = (law.entries(draws, (N2, N1, block.size)) <= 0).all(axis=1)
    if bias:
        falling &= law.entries(draws, (N2, block.size)) <= 0
    return int(np.count_nonzero(falling.all(axis=0)))


def survival_factor(*, p: float | Fraction, L: int, **options: Unpack[RunOptions]) -> Estimate:
    """Estimate P(alive) on D = {-1, 1} when each layer is entirely nonpositive with probability `p`.

    Networks of width 1 with weight -1 with probability p and +1 otherwise: the law with the given p that dies
    least, since nothing but a nonpositive layer l >= 2 kills it.

    Parameters
    ----------
    p : float or Fraction
        In (0, 1].
    L : int
        Number of affine layers >= 2.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> survival_factor(p=0.25, L=5, samples=20_000, seed=3).contains(27 / 64)
    True
    """
    init = Initialisation(read_widths(None, 1, L), law=Sign(real("p", p, 0.0, 1.0, open_low=True)))
    run = Run.of(f"{_STEM}:survival_factor", "networks", {"p": p, "L": L}, options)
    return run.frequency(partial(_count_alive, init), 1 << 18)


def _count_alive(init: Initialisation, block: Block) -> int:
    return int(first_dead_layers(init, input_points("two-sided"), block)[-1])


def event_holds(
    *,
    widths: Sequence[int] | None = None,
    N: int | None = None,
    L: int | None = None,
    D: Any = (-1.0, 0.5, 2.0),
    d_in: int = 1,
    law: str | Law = "gaussian",
    bias: bool = False,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Estimate the probability that "constant on D" and "some hidden layer is zero on D" agree.

    Both are decided for each network: the output takes one value on D; a layer is exactly zero on D.

    Examples
    --------
    >>> event_holds(N=2, L=4, samples=2_000, seed=1).value
    1.0
    """
    layers = read_widths(widths, N, L)
    points = input_points(D, d_in)
    if len(points) < 2:
        raise DomainError(f"D: at least two points, got {D!r}")
    entries = named_law(law, double=True)
    init = Initialisation(layers, d_in, entries, entries if bias else None)
    parameters = {"widths": layers, "D": D, "d_in": d_in, "law": law, "bias": bias}
    run = Run.of(f"{_STEM}:event_holds", "networks", parameters, options)
    return run.frequency(partial(_count_events, init, points), _blocks(sum(layers) * max(layers)))


def _count_events(init: Initialisation, points: Array, block: Block) -> int:
    hidden, output = forward(init, points, block.draws(), block.size)
    dead = np.any([h.max(axis=(0, 1)) == 0 for h in hidden], axis=0)
    constant = (output == output[:1]).all(axis=0)
    return int(np.count_nonzero(dead == constant))


def monotonicity_holds(
    *,
    widths: Sequence[int] | None = None,
    N: int | None = None,
    L: int | None = None,
    D: Any = (-1.0, 0.5, 2.0),
    subset: int = 1,
    d_in: int = 1,
    law: str | Law = "gaussian",
    bias: bool = False,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Estimate the probability that a network dead on D is dead on the first `subset` points of D.

    The same networks are evaluated on both sets; with zero bias also on D scaled point by point, which must
    give the same events.

    Examples
    --------
    >>> monotonicity_holds(N=2, L=4, samples=2_000, seed=1).value
    1.0
    """
    layers = read_widths(widths, N, L)
    points = input_points(D, d_in)
    whole("subset", subset, 1, len(points))
    entries = named_law(law, double=True)
    init = Initialisation(layers, d_in, entries, entries if bias else None)
    parameters = {"widths": layers, "D": D, "subset": subset, "d_in": d_in, "law": law, "bias": bias}
    run = Run.of(f"{_STEM}:monotonicity_holds", "networks", parameters, options)
    task = partial(_count_monotone, init, points, subset)
    return run.frequency(task, _blocks(sum(layers) * max(layers)))


def _count_monotone(init: Initialisation, points: Array, subset: int, block: Block) -> int:
    hidden, _ = forward(init, points, block.draws(), block.size)
    on_all = np.any([h.max(axis=(0, 1)) == 0 for h in hidden], axis=0)
    on_part = np.any([h[:, :subset].max(axis=(0, 1)) == 0 for h in hidden], axis=0)
    fine = on_part | ~on_all
    if init.bias is None:
        # Powers of two scale exactly, and the same block draws the same networks again.
        scaled = points * 2.0 ** np.arange(len(points))[:, None]
        again, _ = forward(init, scaled, block.draws(), block.size)
        fine &= on_all == np.any([h.max(axis=(0, 1)) == 0 for h in again], axis=0)
    return int(np.count_nonzero(fine))


def enumerated_born_dead(
    *,
    widths: Sequence[int] | None = None,
    N: int | None = None,
    L: int | None = None,
    D: Sequence[Sequence[int]] = ((1,), (-1,)),
    law: Mapping[int, Fraction] = RADEMACHER,
) -> Fraction:
    """Return the exact born-dead probability for integer-valued weights, by enumeration.

    See `relutheory.simulate.enumerate.enumerate_born_dead`.

    Examples
    --------
    >>> enumerated_born_dead(widths=(2, 2, 2), D=[[1, 1]])
    Fraction(3273, 4096)
    """
    return enumerate_born_dead(D, read_widths(widths, N, L), law)


def trained_to_constant(
    *,
    N: int = 2,
    L: int = 5,
    optimizer: Optimizer | None = None,
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
    optimizer : Optimizer, optional
        Default: gradient descent of step size 0.05.
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
    optimizer = optimizer or Optimizer(rate=0.05)
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
