"""Witnesses of the born-dead probability.

A network is born dead on an input set D when, right after random initialisation, some hidden layer is zero
on all of D. `L` counts affine layers, so there are L - 1 hidden ReLU layers; `widths` lists the hidden
widths. Every function takes keywords only, and the options of `relutheory.simulate.sampling.RunOptions`
(samples, seed, confidence, workers, executor, progress).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.estimate import Estimate
from relutheory.simulate import polylines
from relutheory.simulate.angle_chain import chain_first_dead_layers, conditional_bounds, conditional_death
from relutheory.simulate.born_dead_criteria import (
    enumerated_born_dead,
    event_holds,
    full_space_depth3,
    monotonicity_holds,
    survival_factor,
    unit_dead_frequency,
)
from relutheory.simulate.born_dead_training import trained_to_constant, weight_decay_revival
from relutheory.simulate.checks import real, whole
from relutheory.simulate.inputs import input_points
from relutheory.simulate.laws import Law, named_law
from relutheory.simulate.networks import Initialisation, first_dead_layers
from relutheory.simulate.sampling import Run, RunOptions, read_widths
from relutheory.simulate.streams import Block

__all__ = [
    "any_dimension",
    "born_dead",
    "born_dead_curve",
    "enumerated_born_dead",
    "event_holds",
    "full_space_depth3",
    "monotonicity_holds",
    "orthogonal",
    "single_point",
    "sparse_single_point",
    "survival_factor",
    "trained_to_constant",
    "two_inputs",
    "unit_dead_frequency",
    "weight_decay_revival",
]

_STEM = "relutheory.simulate.born_dead"
InputSet = str | Sequence[Any] | NDArray[Any]
CountTask = Callable[[Block], NDArray[np.int64]]


def born_dead(
    *,
    widths: Sequence[int] | None = None,
    N: int | None = None,
    L: int | None = None,
    D: InputSet = "two-sided",
    d_in: int = 1,
    law: str | Law = "gaussian",
    keep: float | None = None,
    bias: bool | str | Law = False,
    weight_scale: float | str = 1.0,
    bias_scale: float | None = None,
    m0: int | None = None,
    method: str = "networks",
    **options: Unpack[RunOptions],
) -> Estimate:
    """Estimate the probability that a random ReLU network is born dead on an input set.

    P(for some hidden layer l in 1..L-1: h_l(x) = 0 for all x in D), h_0 = x, h_l = max(W_l h_{l-1} + b_l, 0).

    Parameters
    ----------
    widths : sequence of int, optional
        Hidden widths, each >= 1; or give `N` and `L`.
    N, L : int, optional
        Common width >= 1 and number of affine layers >= 2: N repeated L - 1 times.
    D : str or array_like
        Input set. Finite: "point", "two-sided", "one-sided", "corners" (see `input_points`) or the points
        themselves. Infinite and exact: "line" (all reals, d_in = 1), ("segment", a, b) (d_in = 1), "plane"
        (R^2, d_in = 2, zero bias).
    d_in : int
        Input dimension, >= 1.
    law : str or Law
        Law of the weights: a name in `LAWS` or a law.
    keep : float, optional
        In (0, 1]: keep each weight with this probability, else make it zero.
    bias : bool, str or Law
        False: zero biases; True: biases of the same (unmasked) law as the weights; or another law.
    weight_scale : float or "he"
        Factor of the weights, "he" is sqrt(2/fan_in). Matters only with biases.
    bias_scale : float, optional
        Factor of the biases; default that of the weights of the same layer.
    m0 : int, optional
        Number of nonzero coordinates of the named points, in 1..d_in.
    method : str
        "networks" draws every weight. For Gaussian weights, zero bias and D = "two-sided" also "angle-chain"
        (rotation invariance only) and "conditional" (deaths integrated out, much smaller variance).
    **options
        See `RunOptions`.

    Returns
    -------
    Estimate
        With an exact binomial interval, or an empirical Bernstein interval for "conditional".

    Raises
    ------
    DomainError
        If a parameter is outside its domain.

    Examples
    --------
    >>> e = born_dead(N=2, L=3, samples=20_000, seed=1)
    >>> e.contains(5 / 32)
    True
    >>> born_dead(N=2, L=3, samples=100, seed=1, method="conditional").value
    0.15625
    """
    given = {
        "widths": widths, "N": N, "L": L, "D": D, "d_in": d_in, "law": law, "keep": keep, "bias": bias,
        "weight_scale": weight_scale, "bias_scale": bias_scale, "m0": m0, "method": method,
    }  # fmt: skip
    return _curve(given, options, "born_dead")[-1]


def born_dead_curve(
    *,
    widths: Sequence[int] | None = None,
    N: int | None = None,
    L: int | None = None,
    D: InputSet = "two-sided",
    d_in: int = 1,
    law: str | Law = "gaussian",
    keep: float | None = None,
    bias: bool | str | Law = False,
    weight_scale: float | str = 1.0,
    bias_scale: float | None = None,
    m0: int | None = None,
    method: str = "networks",
    **options: Unpack[RunOptions],
) -> dict[int, Estimate]:
    """Estimate the born-dead probability at every depth 2..L from one run.

    Same parameters as `born_dead`; the estimates share their samples, so they are dependent.

    Returns
    -------
    dict
        Estimates by number of affine layers.

    Raises
    ------
    DomainError
        If a parameter is outside its domain.

    Examples
    --------
    >>> curve = born_dead_curve(N=2, L=4, samples=100, seed=1, method="conditional")
    >>> [curve[L].value for L in (2, 3)]
    [0.0, 0.15625]
    """
    given = {
        "widths": widths, "N": N, "L": L, "D": D, "d_in": d_in, "law": law, "keep": keep, "bias": bias,
        "weight_scale": weight_scale, "bias_scale": bias_scale, "m0": m0, "method": method,
    }  # fmt: skip
    return dict(enumerate(_curve(given, options, "born_dead_curve"), start=2))


def _curve(given: dict[str, Any], options: RunOptions, name: str) -> list[Estimate]:
    widths = read_widths(given["widths"], given["N"], given["L"])
    method = given.pop("method")
    parameters = {key: value for key, value in given.items() if value is not None and key not in ("N", "L")}
    if isinstance(given["D"], np.ndarray):
        parameters["D"] = given["D"].tolist()
    run = Run.of(f"{_STEM}:{name}", method, {**parameters, "widths": widths}, options)
    if method == "networks":
        init = _initialisation(widths, given)
        return run.death_curve(_network_task(init, given["D"], given["m0"]), _block_size(init))
    if method in ("angle-chain", "conditional"):
        gaussian = _is_name(given["law"], "gaussian") and not given["bias"] and given["keep"] is None
        if not (gaussian and _is_name(given["D"], "two-sided")):
            raise DomainError(
                f"method: 'networks' unless law='gaussian', bias=False, D='two-sided', got {method!r}"
            )
        return _two_ray_curve(run, widths, math.pi)
    raise DomainError(f"method: networks, angle-chain or conditional, got {method!r}")


def _two_ray_curve(run: Run, widths: tuple[int, ...], theta: float) -> list[Estimate]:
    block_size = max(1 << 10, (1 << 24) // sum(widths))
    if run.method == "angle-chain":
        return run.death_curve(partial(chain_first_dead_layers, widths, theta), block_size)
    return run.mean_curve(
        partial(conditional_death, widths, theta), block_size, conditional_bounds(widths, theta)
    )


def _initialisation(widths: tuple[int, ...], given: dict[str, Any]) -> Initialisation:
    bias, keep = given["bias"], given["keep"]
    if keep is not None:
        real("keep", keep, 0.0, 1.0, open_low=True)
    # With biases activations are never rescaled and their size matters: double precision.
    double = bool(bias) or _is_name(given["D"], "line", "plane") or _is_segment(given["D"])
    weights = named_law(given["law"], keep=keep, double=double)
    biases = None
    if bias is True:
        biases = named_law(given["law"], double=True)
    elif bias is not False:
        biases = named_law(bias, double=True)
    d_in = whole("d_in", given["d_in"], 1)
    return Initialisation(widths, d_in, weights, biases, given["weight_scale"], given["bias_scale"])


def _is_name(D: object, *names: str) -> bool:
    """Tell whether D is one of these names; D may be an array, which does not compare to a text."""
    return isinstance(D, str) and D in names


def _is_segment(D: object) -> bool:
    return isinstance(D, tuple) and len(D) == 3 and isinstance(D[0], str) and D[0] == "segment"


def _network_task(init: Initialisation, D: Any, m0: int | None) -> CountTask:
    has_bias = init.bias is not None
    if _is_segment(D) or _is_name(D, "line"):
        if init.d_in != 1:
            raise DomainError(f"d_in: 1 for a segment or the line, got {init.d_in!r}")
        line = _is_name(D, "line")
        path = polylines.line(bias=has_bias) if line else polylines.segment(D[1], D[2], bias=has_bias)
        return partial(polylines.polyline_first_dead_layers, init, path)
    if _is_name(D, "plane"):
        if init.d_in != 2 or has_bias:
            raise DomainError(
                f"D: plane needs d_in=2 and bias=False, got d_in={init.d_in!r}, bias={has_bias!r}"
            )
        return partial(polylines.polyline_first_dead_layers, init, polylines.plane())
    points = input_points(D, init.d_in, nonzero=m0)
    if not has_bias and not points.any():
        raise DomainError(f"D: at least one nonzero point when bias=False, got {D!r}")
    return partial(first_dead_layers, init, points)


def _block_size(init: Initialisation) -> int:
    """Return the networks a block: about a quarter of a second of work, whatever the widths."""
    cost = sum(init.widths[i] * (init.fan_in(i + 1) + 1) for i in range(init.hidden))
    return min(max((1 << 26) // cost, 1 << 10), 1 << 20)


def single_point(
    *,
    widths: Sequence[int] | None = None,
    N: int | None = None,
    L: int | None = None,
    d_in: int = 3,
    law: str | Law = "gaussian",
    bias: bool | str | Law = False,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Estimate the born-dead probability at one input, under any law, with or without biases.

    Parameters are those of `born_dead` with D = "point".

    Examples
    --------
    >>> single_point(N=2, L=3, samples=20_000, seed=1, law="cauchy", bias=True).contains(7 / 16)
    True
    """
    return born_dead(widths=widths, N=N, L=L, D="point", d_in=d_in, law=law, bias=bias, **options)


def sparse_single_point(
    *,
    keep: float,
    m0: int,
    widths: Sequence[int] | None = None,
    N: int | None = None,
    L: int | None = None,
    law: str | Law = "gaussian",
    **options: Unpack[RunOptions],
) -> Estimate:
    """Estimate the born-dead probability of sparse weights at an input with `m0` nonzero coordinates.

    Weights are kept with probability `keep` in (0, 1], independently, and zero otherwise; biases are zero.
    The input has two more coordinates, which are zero.

    Examples
    --------
    >>> sparse_single_point(keep=1, m0=2, N=2, L=3, samples=20_000, seed=1).contains(7 / 16)
    True
    """
    m0 = whole("m0", m0, 1)
    return born_dead(widths=widths, N=N, L=L, D="point", d_in=m0 + 2, m0=m0, law=law, keep=keep, **options)


def orthogonal(*, N: int, L: int = 3, D: InputSet = "two-sided", **options: Unpack[RunOptions]) -> Estimate:
    """Estimate the born-dead probability with Haar orthogonal square layers l >= 2, d_in = 1, zero biases.

    Examples
    --------
    >>> orthogonal(N=2, L=3, samples=20_000, seed=1).contains(1 / 8)
    True
    """
    return born_dead(N=N, L=L, D=D, law="orthogonal", **options)


def two_inputs(
    *,
    theta0: float,
    widths: Sequence[int] | None = None,
    N: int | None = None,
    L: int | None = None,
    method: str = "conditional",
    **options: Unpack[RunOptions],
) -> Estimate:
    """Estimate the probability that two inputs at an angle both die: Gaussian weights, zero biases.

    Parameters
    ----------
    theta0 : float
        Angle between the inputs, in (0, pi].
    widths, N, L
        As in `born_dead`.
    method : str
        "networks" (two points of the plane), "angle-chain" or "conditional".
    **options
        See `RunOptions`.

    Examples
    --------
    >>> from math import pi
    >>> two_inputs(theta0=pi / 3, N=2, L=2, samples=10, seed=1).contains(1 / 9)
    True
    """
    theta = real("theta0", theta0, 0.0, math.pi, open_low=True)
    layers = read_widths(widths, N, L)
    if method == "networks":
        points = [[1.0, 0.0], [math.cos(theta), math.sin(theta)]]
        return born_dead(widths=layers, D=points, d_in=2, **options)
    if method not in ("angle-chain", "conditional"):
        raise DomainError(f"method: networks, angle-chain or conditional, got {method!r}")
    run = Run.of(f"{_STEM}:two_inputs", method, {"theta0": theta0, "widths": layers}, options)
    return _two_ray_curve(run, layers, theta)[-1]


def any_dimension(
    *,
    widths: Sequence[int] | None = None,
    N: int | None = None,
    L: int | None = None,
    d_in: int = 2,
    bias: bool = False,
    law: str | Law = "gaussian",
    **options: Unpack[RunOptions],
) -> Estimate:
    """Estimate the probability of being born dead on the *whole* space R^d_in, without a grid.

    Exact path tracing: zero bias with d_in = 2, or with first width 2 and any d_in >= 2 (the first layer is
    onto the quadrant when its matrix has rank 2, which is checked for each draw); biases with d_in = 1.

    Parameters
    ----------
    widths, N, L, law
        As in `born_dead`; the law must be continuous.
    d_in : int
        Input dimension, >= 1.
    bias : bool
        Whether there are biases of the same law.
    **options
        See `RunOptions`.

    Returns
    -------
    Estimate

    Raises
    ------
    DomainError
        If the case cannot be decided exactly here.

    Examples
    --------
    >>> any_dimension(N=2, L=3, d_in=5, samples=20_000, seed=1).contains(1 / 16)
    True
    """
    layers = read_widths(widths, N, L)
    d_in = whole("d_in", d_in, 1)
    if named_law(law).has_atoms:
        raise DomainError(f"law: one without atoms, got {law!r}")
    if d_in == 1:
        return born_dead(widths=layers, D="line", law=law, bias=bias, **options)
    if bias or (d_in > 2 and layers[0] != 2):
        raise DomainError(
            f"d_in: 1 with biases, else 1 or 2, or any if the first width is 2, got {d_in!r}, bias={bias!r}"
        )
    if d_in == 2:
        return born_dead(widths=layers, D="plane", d_in=2, law=law, **options)
    parameters = {"widths": layers, "d_in": d_in, "law": law, "bias": bias}
    run = Run.of(f"{_STEM}:any_dimension", "networks", parameters, options)
    init = Initialisation(layers, d_in, named_law(law, double=True))
    return run.death_curve(partial(_rank_two_first_layer, init), _block_size(init))[-1]


def _rank_two_first_layer(init: Initialisation, block: Block) -> NDArray[np.int64]:
    """Follow the quadrant, the image of the first layer, after checking that its matrices have rank 2."""
    # A stream of its own for the first layer: the path tracer draws the later ones.
    first = Block(block.index, block.size, block.entropy + 1).draws()
    matrices = np.moveaxis(init.law.weights(first, 1, 2, init.d_in, block.size), -1, 0)
    if not bool(np.all(np.linalg.matrix_rank(matrices) == 2)):
        raise DomainError(f"law: first layers of rank 2, got {init.law!r}")
    return polylines.polyline_first_dead_layers(init, polylines.quadrant(), block, first_layer=2)
