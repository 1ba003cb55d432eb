"""Witnesses of the design rules of randomized asymmetric initialization and of its limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.estimate import BinomialCount, BoundedMoments, Estimate
from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.bounded import Combined, combined, moments_of
from relutheory.simulate.checks import whole
from relutheory.simulate.derived import MonotoneStatistic
from relutheory.simulate.rai import born_dead_rai, second_moment, unit_dead
from relutheory.simulate.rai_laws import ReplacingLaw, read_sigma_w, replacing_law
from relutheory.simulate.rai_tempered import square_bound, tempered, tempered_normals
from relutheory.simulate.rai_units import RaiOptions, read_law
from relutheory.simulate.sampling import Run, RunOptions
from relutheory.simulate.streams import Block, entropy_of

__all__ = ["born_dead_own_gammas", "critical_scale", "population_limit", "second_moment_limit", "unit_gamma"]

Number = int | float | Fraction
Interval = tuple[float, float]
_STEM = "relutheory.simulate.rai_designs:"
#: Relative distances from the pilot root at which the constant is compared with 1.
_STEPS = (0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005)
_PARTICLES, _LAYERS, _CLIP = 500, 15, 2.0


def unit_gamma(**arguments: Any) -> Estimate:
    """Estimate ``gamma = 1/2 - P(z <= 0)`` of a unit on an input; parameters as for `unit_dead`.

    Examples
    --------
    >>> from relutheory.simulate.rai_designs import unit_gamma
    >>> unit_gamma(h=(0,), samples=20_000, seed=1).contains(0.25)
    True
    """
    found = unit_dead(**arguments)
    assert isinstance(found.statistic, BinomialCount)
    return _again(found, MonotoneStatistic(found.statistic, _below, 0.5), "unit_gamma")


def _below(top: float, value: float) -> float:
    return top - value


def born_dead_own_gammas(*, gammas: Sequence[Number], **arguments: Any) -> Estimate:
    """Estimate the born-dead probability of real networks, whose asymmetries are their own.

    Parameters
    ----------
    gammas : sequence of numbers
        What a bound assumes; not used.
    **arguments
        As for `born_dead_rai`.
    """
    del gammas
    return born_dead_rai(**arguments)


def second_moment_limit(
    *,
    n: int,
    what: str,
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    **options: Unpack[RaiOptions],
) -> Estimate:
    """Estimate the fixed point of ``v -> (n G v + 1)/(n + 1)`` for a simulated extreme gain ``G``.

    Parameters
    ----------
    n : int
        Width >= 1.
    what : {"limit_low", "limit_high"}
        The gain at ``h = 0`` or at ``h = (1, ..., 1)``.
    sigma_w, law
        As for `unit_dead`.
    **options
        See `RaiOptions`.
    """
    if what not in ("limit_low", "limit_high"):
        raise DomainError(f"what: limit_low or limit_high, got {what!r}")
    width = whole("n", n, 1)
    h = (0 if what == "limit_low" else 1,) * width
    found = second_moment(h=h, sigma_w=sigma_w, law=law, what="gain", **options)
    assert isinstance(found.statistic, BoundedMoments)
    return _again(found, Combined((found.statistic,), partial(_fixed_point, width)), "second_moment_limit")


def _fixed_point(n: int, parts: Sequence[Interval]) -> Interval:
    low, high = (n + 1 - n * gain for gain in parts[0])
    return 1 / low if low > 0 else math.inf, 1 / high if high > 0 else math.inf


def _again(found: Estimate, statistic: Any, name: str) -> Estimate:
    return Estimate(
        statistic,
        confidence=found.confidence,
        seed=found.seed,
        method=found.method,
        simulator=_STEM + name,
        parameters=found.parameters,
        complete=found.complete,
    )


def critical_scale(
    *, what: str = "C_upp", law: str | ReplacingLaw = "beta", **options: Unpack[RaiOptions]
) -> Estimate:
    """Estimate the scale at which ``E (X + max(s g, 0))**2`` or ``E max(X + s g, 0)**2`` is 1.

    Both increase with ``s``. A pilot finds the root roughly; the same draws then give simultaneous
    intervals of the constant at scales around it.

    Parameters
    ----------
    what : {"C_upp", "upper"}
        Which constant.
    law : str or ReplacingLaw
        Law of X, with E X**2 < 1.
    **options
        See `RaiOptions`.
    """
    if what not in ("C_upp", "upper"):
        raise DomainError(f"what: C_upp or upper, got {what!r}")
    replacing, run_options = read_law(law, options)
    run = Run.of(
        _STEM + "critical_scale", "tempered pairs", {"law": replacing, "what": what}, {**run_options}
    )
    pilot = _pilot(what, replacing, entropy_of(run.seed))
    scales = tuple(pilot * (1 + sign * step) for step in _STEPS for sign in (-1, 1))
    bounds = [(0.0, square_bound(replacing, 1.0, s)) for s in scales]
    return combined(run, partial(_constants, what, replacing, scales), bounds, partial(_crossing, scales))


def _terms(what: str, x: NDArray[np.float64], g: NDArray[np.float64], s: float) -> NDArray[np.float64]:
    found: NDArray[np.float64] = (
        (x + s * np.maximum(g, 0.0)) ** 2 if what == "C_upp" else np.maximum(x + s * g, 0.0) ** 2
    )
    return found


def _pilot(what: str, law: ReplacingLaw, entropy: int) -> float:
    generator = np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=(1 << 31,)))
    x, of_x = tempered(law, generator, (100_000,))
    g, of_g = tempered_normals(generator, (100_000,))
    low, high = 1e-6, 2.0
    for _ in range(40):
        middle = (low + high) / 2
        above = float(np.mean(_terms(what, x, g, middle) * of_x * of_g)) > 1
        low, high = (low, middle) if above else (middle, high)
    return low


def _constants(what: str, law: ReplacingLaw, scales: Sequence[float], block: Block) -> CurveMoments:
    generator = block.draws().generator
    x, of_x = tempered(law, generator, (block.size,))
    g, of_g = tempered_normals(generator, (block.size,))
    weight = of_x * of_g
    return moments_of([_terms(what, x, g, s) * weight for s in scales])


def _crossing(scales: Sequence[float], parts: Sequence[Interval]) -> Interval:
    below = [s for s, (_, high) in zip(scales, parts, strict=True) if high < 1]
    above = [s for s, (low, _) in zip(scales, parts, strict=True) if low > 1]
    return max(below, default=0.0), min(above, default=math.inf)


def population_limit(
    *,
    what: str = "gain",
    sigma_w: Number | None = None,
    law: str | ReplacingLaw = "beta",
    **options: Unpack[RunOptions],
) -> Estimate:
    """Estimate the limiting growth (or open fraction) per layer from independent populations of particles.

    Each population plays ``H <- max(X H + sigma_w g, 0)`` with its own mean square scaled to 1 after each
    layer; that normalisation has a bias of the order of one over the number of particles.

    Parameters
    ----------
    what : {"gain", "open_fraction"}
        Quantity after the last layer.
    sigma_w, law
        As for `unit_dead`.
    **options
        See `RunOptions`; a sample is a population.
    """
    if what not in ("gain", "open_fraction"):
        raise DomainError(f"what: gain or open_fraction, got {what!r}")
    sigma = read_sigma_w(sigma_w)
    run = Run.of(_STEM + "population_limit", "particles", {"sigma_w": sigma, "what": what}, options)
    task = partial(_populations, what, sigma, replacing_law(law))
    return run.mean_curve(task, 64, (np.zeros(1), np.full(1, _CLIP if what == "gain" else 1.0)))[0]


def _populations(what: str, sigma: float, law: ReplacingLaw, block: Block) -> CurveMoments:
    generator = block.draws().generator
    shape = (block.size, _PARTICLES)
    h = math.sqrt(2.0) * np.maximum(generator.standard_normal(shape), 0.0)
    growth = np.ones(block.size)
    for _ in range(_LAYERS):
        h *= np.sqrt(1.0 / np.maximum(np.mean(h * h, axis=1, keepdims=True), 1e-300))
        h = np.maximum(law.draw(generator, shape) * h + sigma * generator.standard_normal(shape), 0.0)
        growth = np.mean(h * h, axis=1)
    value = np.minimum(growth, _CLIP) if what == "gain" else np.mean(h > 0, axis=1)
    return moments_of([value])
