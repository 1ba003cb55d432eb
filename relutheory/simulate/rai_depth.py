"""Witnesses for whole networks under randomized asymmetric initialisation: death.

Public as functions of `relutheory.simulate.rai`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.estimate import BinomialCount, Estimate
from relutheory.simulate.checks import real, whole
from relutheory.simulate.derived import MonotoneStatistic
from relutheory.simulate.polylines import insert_crossings, segment, simplify
from relutheory.simulate.rai_laws import Number, ReplacingLaw, read_sigma_w
from relutheory.simulate.rai_sampler import he_rows, rai_rows
from relutheory.simulate.rai_targets import read_radius
from relutheory.simulate.rai_units import RaiOptions, read_law
from relutheory.simulate.sampling import Run, RunOptions, read_widths
from relutheory.simulate.streams import Block

__all__ = [
    "born_dead_rai",
    "born_dead_rai_curve",
    "gamma_chain",
    "layer_death",
    "single_input_depth3",
    "survival_gamma",
]

_STEM = "relutheory.simulate.rai"
# Weights of one layer of one batch.
_WEIGHTS = 1 << 18
Array = NDArray[Any]
Point = Number | Sequence[Number]


@dataclass(frozen=True)
class _Networks:
    """The law of the hidden layers."""

    widths: tuple[int, ...]
    d_in: int
    sigma_w: float
    law: ReplacingLaw
    everywhere: bool

    def rows(self, generator: np.random.Generator, layer: int, networks: int) -> Array:
        """Draw layer 1, 2, ... of many networks, shape (networks, fan_out, fan_in + 1)."""
        fan_in = self.d_in if layer == 1 else self.widths[layer - 2]
        fan_out = self.widths[layer - 1]
        if layer == 1 and not self.everywhere:
            return he_rows(generator, networks, fan_in, fan_out)
        return rai_rows(generator, (networks, fan_out), fan_in, self.sigma_w, self.law)

    @property
    def batch(self) -> int:
        """Networks that are propagated together."""
        return max(64, _WEIGHTS // (max(self.widths) * (max(self.d_in, *self.widths) + 1)))


def born_dead_rai(
    *,
    widths: Sequence[int] | None = None,
    N: int | None = None,
    L: int | None = None,
    x: Point = 1,
    d_in: int = 1,
    D: str = "point",
    r: Number | str | None = None,
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    everywhere: bool = False,
    **options: Unpack[RaiOptions],
) -> Estimate:
    """Estimate the probability that a network is born dead under randomized asymmetric initialisation.

    Layer 1 is He's, the later ones are randomized; dead means that some hidden layer is zero on all of D.

    Parameters
    ----------
    widths : sequence of int, optional
        Hidden widths, each >= 1; or give `N` and `L`.
    N, L : int, optional
        Common width >= 1 and number of affine layers >= 2: N repeated L - 1 times.
    x : number or sequence of numbers
        The input, for D = "point"; a number stands for d_in equal coordinates.
    d_in : int
        Input dimension, >= 1.
    D : str
        "point" for {x}, or "interval" for [-r, r] (d_in = 1), which is treated exactly.
    r : number or str, optional
        Radius > 0 of the interval, such as 1.5 or "sqrt3".
    sigma_w : number, optional
        Gaussian scale > 0; `SIGMA_W` by default.
    law : str or ReplacingLaw
        Law of the replacing number.
    everywhere : bool
        Randomize layer 1 too.
    **options
        See `RaiOptions`.

    Examples
    --------
    >>> born_dead_rai(N=2, L=2, samples=20_000, seed=1).contains(1 / 4)
    True
    """
    return list(
        born_dead_rai_curve(
            widths=widths,
            N=N,
            L=L,
            x=x,
            d_in=d_in,
            D=D,
            r=r,
            sigma_w=sigma_w,
            law=law,
            everywhere=everywhere,
            **options,
        ).values()
    )[-1]


def born_dead_rai_curve(
    *,
    widths: Sequence[int] | None = None,
    N: int | None = None,
    L: int | None = None,
    x: Point = 1,
    d_in: int = 1,
    D: str = "point",
    r: Number | str | None = None,
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    everywhere: bool = False,
    **options: Unpack[RaiOptions],
) -> dict[int, Estimate]:
    """Estimate `born_dead_rai` for every number 2..L of affine layers from one run.

    Parameters are those of `born_dead_rai`; the estimates share their samples, so they are dependent.

    Examples
    --------
    >>> curve = born_dead_rai_curve(N=2, L=4, samples=20_000, seed=1)
    >>> curve[2].value < curve[3].value < curve[4].value
    True
    """
    hidden = read_widths(widths, N, L)
    sigma = read_sigma_w(sigma_w)
    replacing, run_options = read_law(law, options)
    networks = _Networks(hidden, whole("d_in", d_in, 1), sigma, replacing, bool(everywhere))
    parameters: dict[str, object] = {
        "widths": hidden,
        "d_in": d_in,
        "D": D,
        "sigma_w": sigma,
        "law": replacing,
        "everywhere": everywhere,
    }
    if D == "point":
        points = _point(x, d_in)
        parameters["x"] = points[0].tolist()
        task = partial(_count_first_dead, networks, points)
    elif D == "interval":
        if d_in != 1 or r is None:
            wanted = "a radius > 0, with d_in = 1, for D = 'interval'"
            raise DomainError(f"r: {wanted}, got r={r!r}, d_in={d_in!r}")
        end = read_radius(r)
        parameters["r"] = end
        task = partial(_count_first_dead_on_path, networks, segment(-end, end, bias=True))
    else:
        raise DomainError(f"D: 'point' or 'interval', got {D!r}")
    run = Run.of(f"{_STEM}:born_dead_rai", "networks", parameters, {**run_options})
    return dict(enumerate(run.death_curve(task, max(64, (1 << 21) // sum(hidden))), start=2))


def _point(x: Point, d_in: int) -> Array:
    given: object = x
    if isinstance(given, str):
        raise DomainError(f"x: a number or {d_in} of them, got {x!r}")
    values = list(x) if isinstance(x, Sequence) else [x] * d_in
    if len(values) != d_in:
        raise DomainError(f"x: a number or {d_in} of them, got {x!r}")
    return np.array([[real("x", value, -1e100, 1e100) for value in values]])


def _count_first_dead(networks: _Networks, points: Array, block: Block) -> NDArray[np.int64]:
    generator = block.draws().generator
    counts = np.zeros(len(networks.widths) + 1, np.int64)
    for start in range(0, block.size, networks.batch):
        alive = min(networks.batch, block.size - start)
        h: Array = np.broadcast_to(points, (alive, *points.shape))
        for layer in range(1, len(networks.widths) + 1):
            rows = networks.rows(generator, layer, alive)
            z = h @ rows[..., :-1].transpose(0, 2, 1) + rows[:, None, :, -1]
            keep = (z > 0).any(axis=(1, 2))
            counts[layer - 1] += alive - np.count_nonzero(keep)
            h = np.maximum(z[keep], 0.0)
            alive = len(h)
            if not alive:
                break
        counts[-1] += alive
    return counts


def _count_first_dead_on_path(networks: _Networks, path: Array, block: Block) -> NDArray[np.int64]:
    generator = block.draws().generator
    counts = np.zeros(len(networks.widths) + 1, np.int64)
    for start in range(0, block.size, networks.batch):
        alive = min(networks.batch, block.size - start)
        owner = np.repeat(np.arange(alive), len(path))
        points = np.tile(path, (alive, 1))
        for layer, units in enumerate(networks.widths, start=1):
            rows = networks.rows(generator, layer, alive)
            # The last coordinate of a vertex is a constant, which the biases act on.
            z = np.einsum("voi,vi->vo", rows[owner], points)
            owner, z = insert_crossings(owner, np.column_stack([z, points[:, -1]]), units)
            np.maximum(z[:, :units], 0.0, out=z[:, :units])
            owner, points = simplify(owner, z)
            first = np.flatnonzero(np.diff(owner, prepend=-1))
            living = np.maximum.reduceat(points[:, :units].max(axis=1), first) > 0
            counts[layer - 1] += alive - np.count_nonzero(living)
            keep = living[owner]
            owner, points = (np.cumsum(living) - 1)[owner[keep]], points[keep]
            alive = int(np.count_nonzero(living))
            if not alive:
                break
        counts[-1] += alive
    return counts


def single_input_depth3(
    *,
    N: int,
    x: Number = 1,
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    **options: Unpack[RaiOptions],
) -> Estimate:
    """Estimate the probability of being born dead at one input for widths (N, N) and d_in = 1.

    Parameters are those of `born_dead_rai`.

    Examples
    --------
    >>> single_input_depth3(N=1, samples=20_000, seed=1).contains(0.58693821)
    True
    """
    return born_dead_rai(N=N, L=3, x=x, sigma_w=sigma_w, law=law, **options)


def _death_given_alive(
    widths: Sequence[int], layer: int, arguments: dict[str, Any]
) -> tuple[BinomialCount, Estimate]:
    depth = whole("layer", layer, 1, len(widths))
    curve = born_dead_rai_curve(widths=tuple(widths)[:depth], **arguments)
    last = curve[depth + 1]
    dead = [0, *(round(e.value * e.samples) for e in curve.values())]
    trials = last.samples - dead[-2]
    if trials < 1:
        raise DomainError(f"samples: enough for a network alive before layer {depth}, got {last.samples}")
    return BinomialCount(dead[-1] - dead[-2], trials), last


def _read_out(statistic: Any, like: Estimate, name: str, layer: int) -> Estimate:
    return Estimate(
        statistic,
        confidence=like.confidence,
        seed=like.seed,
        method=like.method,
        simulator=f"{_STEM}:{name}",
        parameters={**like.parameters, "layer": layer},
        complete=like.complete,
    )


def layer_death(*, widths: Sequence[int], layer: int, **options: Any) -> Estimate:
    """Estimate the probability that a layer is the first dead one, given that none before it is.

    Other parameters are those of `born_dead_rai`.

    Examples
    --------
    >>> layer_death(widths=(2, 2), layer=1, samples=20_000, seed=1).contains(1 / 4)
    True
    """
    count, like = _death_given_alive(widths, layer, options)
    return _read_out(count, like, "layer_death", layer)


def survival_gamma(*, widths: Sequence[int], layer: int, **options: Any) -> Estimate:
    """Estimate gamma with (1/2 - gamma)^N_l = P(layer l is dead | alive before layer l).

    Other parameters are those of `born_dead_rai`.

    Examples
    --------
    >>> survival_gamma(widths=(1, 1), layer=2, samples=20_000, seed=1).contains(0.32612357)
    True
    """
    count, like = _death_given_alive(widths, layer, options)
    statistic = MonotoneStatistic(count, _gamma, 1 / tuple(widths)[layer - 1])
    return _read_out(statistic, like, "survival_gamma", layer)


def _gamma(power: float, value: float) -> float:
    return 0.5 - float(value**power)


def gamma_chain(
    *, widths: Sequence[int], gammas: Sequence[Number], **options: Unpack[RunOptions]
) -> Estimate:
    """Estimate the probability that some layer closes, unit i of layer l closing with chance 1/2 - gamma_l.

    Parameters
    ----------
    widths : sequence of int
        Hidden widths, each >= 1.
    gammas : sequence of numbers
        As many, each in [0, 1/2].
    **options
        See `RunOptions`.

    Examples
    --------
    >>> gamma_chain(widths=(3, 2), gammas=(0, 0.1), samples=20_000, seed=1).contains(0.265)
    True
    """
    hidden = read_widths(widths, None, None)
    chances = [0.5 - real("gammas", gamma, 0.0, 0.5) for gamma in gammas]
    if len(chances) != len(hidden):
        raise DomainError(f"gammas: {len(hidden)} numbers, one a layer, got {gammas!r}")
    run = Run.of(f"{_STEM}:gamma_chain", "units", {"widths": hidden, "gammas": list(gammas)}, options)
    return run.frequency(partial(_count_closed_layers, hidden, chances), max(64, (1 << 20) // max(hidden)))


def _count_closed_layers(widths: tuple[int, ...], chances: list[float], block: Block) -> int:
    generator = block.draws().generator
    alive = np.ones(block.size, bool)
    for width, chance in zip(widths, chances, strict=True):
        alive &= (generator.random((width, block.size)) >= chance).any(axis=0)
    return int(block.size - np.count_nonzero(alive))
