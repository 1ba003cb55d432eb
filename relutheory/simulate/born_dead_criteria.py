"""Witnesses of the statements around the born-dead probability: single layers and events.

Public as functions of `relutheory.simulate.born_dead`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

__all__ = [
    "enumerated_born_dead",
    "event_holds",
    "full_space_depth3",
    "monotonicity_holds",
    "survival_factor",
    "unit_dead_frequency",
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
    reverse: bool = False,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Estimate the probability that a network dead on D is dead on the first `subset` points of D.

    The same networks are evaluated on both sets; with zero bias also on D scaled point by point, which must
    give the same events. `reverse` exchanges the two sets: then the order is violated.

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
    parameters |= {"reverse": reverse}
    run = Run.of(f"{_STEM}:monotonicity_holds", "networks", parameters, options)
    task = partial(_count_monotone, init, points, subset, reverse)
    return run.frequency(task, _blocks(sum(layers) * max(layers)))


def _count_monotone(init: Initialisation, points: Array, subset: int, reverse: bool, block: Block) -> int:
    hidden, _ = forward(init, points, block.draws(), block.size)
    on_all = np.any([h.max(axis=(0, 1)) == 0 for h in hidden], axis=0)
    on_part = np.any([h[:, :subset].max(axis=(0, 1)) == 0 for h in hidden], axis=0)
    fine = on_all | ~on_part if reverse else on_part | ~on_all
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
