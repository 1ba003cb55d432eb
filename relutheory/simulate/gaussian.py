"""Witnesses of the Gaussian calculus: moments of standard normals, half-lines and quadrants of two of them.

Every function draws from the definition; none uses a formula of the statements. Far tails are reached by
exponential proposals. Witnesses for units on Gaussian input are in `gaussian_units`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Unpack

import numpy as np

from relutheory.errors import DomainError
from relutheory.estimate import Estimate
from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.bounded import (
    Array,
    combined,
    moments_of,
    normals,
    polynomial_bound,
    product_bound,
    quotient,
)
from relutheory.simulate.gaussian_gram import gram, gram_bracket, gram_tail
from relutheory.simulate.gaussian_units import (
    gated_eigenvalue,
    gated_moment,
    leaky_gated_moment,
    quadrant_gated_moment,
    relu_cross,
    relu_moment,
    surface_moment,
)
from relutheory.simulate.sampling import Run, RunOptions
from relutheory.simulate.streams import Block

__all__ = [
    "gated_eigenvalue",
    "gated_moment",
    "gram",
    "gram_bracket",
    "gram_tail",
    "leaky_gated_moment",
    "leaky_moment",
    "mills_ratio",
    "orthant",
    "quadrant_gated_moment",
    "quadrant_moment",
    "ramp_moment",
    "ramp_tail",
    "relu_cross",
    "relu_moment",
    "surface_moment",
    "truncated_moment",
    "turan",
]

Number = int | float | Fraction
Interval = tuple[float, float]
_NAME = "relutheory.simulate.gaussian:"
#: Margins below this are sampled with exponential proposals.
_TAIL = -1.5


def _density(x: float) -> float:
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


@dataclass(frozen=True)
class _Ramps:
    """Ramp moments ``E max(z+h, 0)**n`` of several orders from the same draws.

    In the tail they are integrals of ``v**n phi(v - h)``, with exponential proposals for ``v``.
    """

    orders: tuple[int, ...]
    h: float

    @property
    def tail(self) -> bool:
        return self.h < _TAIL

    def __call__(self, block: Block) -> CurveMoments:
        if self.tail:
            v = block.draws().generator.exponential(1.0, block.size) / -self.h
            weight = np.exp(-v * v / 2)
            return moments_of([v**n * weight for n in self.orders])
        z, weight = normals(block, 1)
        ramp = np.maximum(z[:, 0] + self.h, 0.0)
        opened = ramp > 0
        return moments_of([(opened if n == 0 else ramp**n) * weight for n in self.orders])

    @property
    def scale(self) -> float:
        """Factor of the sampled means: ``phi(t)/t`` in the tail."""
        return _density(self.h) / -self.h if self.tail else 1.0

    @property
    def bounds(self) -> list[Interval]:
        """Bounds of one sample, before the factor."""
        if self.tail:
            # v**n exp(-v**2/2) is largest at v**2 = n.
            return [(0.0, (n / math.e) ** (n / 2) * (1 + 1e-9) if n else 1.0) for n in self.orders]
        return [(0.0, polynomial_bound(product_bound([(self.h, 1.0)] * n), 1)) for n in self.orders]


def _scaled(factor: float, parts: Sequence[Interval]) -> Interval:
    low, high = sorted(factor * end for end in parts[0])
    return low, high


def ramp_moment(*, n: int, h: Number, **options: Unpack[RunOptions]) -> Estimate:
    """Simulate ``E max(z+h, 0)**n`` (``P(z > -h)`` for ``n = 0``), also far in the tail.

    Parameters
    ----------
    n : int
        Order, >= 0.
    h : number
        Margin.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> from relutheory.simulate.gaussian import ramp_moment
    >>> ramp_moment(n=4, h=0, samples=20_000, seed=1).contains(1.5)
    True
    """
    task = _Ramps((n,), float(h))
    run = Run.of(_NAME + "ramp_moment", "bounded importance sampling", {"n": n, "h": h}, options)
    return combined(run, task, task.bounds, partial(_scaled, task.scale))


def truncated_moment(*, n: int, h: Number, **options: Unpack[RunOptions]) -> Estimate:
    """Simulate ``E[z**n 1(z > -h)]``.

    Parameters
    ----------
    n : int
        Order, >= 0.
    h : number
        Margin.
    **options
        See `RunOptions`.
    """
    run = Run.of(_NAME + "truncated_moment", "bounded importance sampling", {"n": n, "h": h}, options)
    bound = polynomial_bound(product_bound([(0.0, 1.0)] * n), 1)
    return combined(run, partial(_truncated, n, float(h)), [(-bound, bound)])


def _truncated(n: int, h: float, block: Block) -> CurveMoments:
    z, weight = normals(block, 1)
    return moments_of([np.where(z[:, 0] > -h, z[:, 0] ** n, 0.0) * weight])


def ramp_tail(*, n: int, t: Number, what: str = "J", **options: Unpack[RunOptions]) -> Estimate:
    """Simulate ``J_n(-t)``, the ratio ``r = J_n(-t)/J_(n-1)(-t)`` or the Mills ratio ``R = J_0(-t)/phi(t)``.

    Parameters
    ----------
    n : int
        Order.
    t : number
        Distance into the tail, > 0.
    what : {"J", "r", "R"}
        Quantity.
    **options
        See `RunOptions`.
    """
    run = Run.of(_NAME + "ramp_tail", "exponential proposals", {"n": n, "t": t, "what": what}, options)
    if what == "R":
        tail = _Ramps((0,), -float(t))
        return combined(run, tail, tail.bounds, partial(_scaled, tail.scale / _density(float(t))))
    task = _Ramps((n, n - 1) if what == "r" else (n,), -float(t))
    image = partial(quotient, 1.0) if what == "r" else partial(_scaled, task.scale)
    return combined(run, task, task.bounds, image)


def mills_ratio(*, t: Number, what: str = "R", **options: Unpack[RunOptions]) -> Estimate:
    """Simulate the Mills ratio ``R(t)``, the integral of ``exp(-v**2/2 - t v)`` over ``v > 0``.

    Parameters
    ----------
    t : number
        Argument, > -4.
    what : {"R", "gap_low", "gap_high"}
        ``R``, or the relative gap of Birnbaum's lower (Sampford's upper) bound, a function of ``R``.
    **options
        See `RunOptions`.
    """
    point = float(t)
    run = Run.of(_NAME + "mills_ratio", "half-normal proposals", {"t": t, "what": what}, options)
    # The proposal has twice the variance; v -> -v**2/4 - t v is largest at v = -2 t.
    bound = math.sqrt(math.pi) * (math.exp(point * point) if point < 0 else 1.0) * (1 + 1e-9)
    images: dict[str, Callable[[Sequence[Interval]], Interval]] = {
        "R": _same,
        "gap_low": partial(_gap_low, point),
        "gap_high": partial(_gap_high, point),
    }
    if what not in images:
        raise DomainError(f"what: one of {', '.join(images)}, got {what!r}")
    return combined(run, partial(_mills, point), [(0.0, bound)], images[what])


def _mills(t: float, block: Block) -> CurveMoments:
    v = np.abs(block.draws().generator.standard_normal(block.size)) * math.sqrt(2.0)
    return moments_of([math.sqrt(math.pi) * np.exp(-v * v / 4 - t * v)])


def _same(parts: Sequence[Interval]) -> Interval:
    return parts[0]


def _gap_low(t: float, parts: Sequence[Interval]) -> Interval:
    bound = 2 / (t + math.sqrt(t * t + 4))
    low, high = parts[0]
    return 1 - bound / low if low > 0 else -math.inf, 1 - bound / high


def _gap_high(t: float, parts: Sequence[Interval]) -> Interval:
    bound = 4 / (3 * t + math.sqrt(t * t + 8))
    low, high = parts[0]
    return bound / high - 1, bound / low - 1 if low > 0 else math.inf


def turan(*, n: int, h: Number, what: str = "left", **options: Unpack[RunOptions]) -> Estimate:
    """Simulate ``J_n**2/(J_(n-1) J_(n+1))`` or ``n J_(n-1) J_(n+1)/((n+1) J_n**2)``.

    Parameters
    ----------
    n : int
        Order, >= 1.
    h : number
        Margin.
    what : {"left", "right"}
        Quotient.
    **options
        See `RunOptions`.
    """
    task = _Ramps((n - 1, n, n + 1), float(h))
    run = Run.of(_NAME + "turan", "bounded importance sampling", {"n": n, "h": h, "what": what}, options)
    return combined(run, task, task.bounds, partial(_turan, n if what == "right" else 0))


def _turan(n: int, parts: Sequence[Interval]) -> Interval:
    (a, b), (c, d), (e, f) = parts
    low, high = (c * c / (b * f), d * d / (a * e) if a * e > 0 else math.inf)
    if not n:
        return low, high
    factor = n / (n + 1)
    return factor / high, factor / low if low > 0 else math.inf


def orthant(*, a: Number, b: Number, rho: Number, **options: Unpack[RunOptions]) -> Estimate:
    """Simulate ``P(z1 > -a, z2 > -b)`` for standard normals with correlation ``rho``.

    Parameters
    ----------
    a, b : number
        Margins.
    rho : number
        Correlation in [-1, 1].
    **options
        See `RunOptions`.
    """
    run = Run.of(_NAME + "orthant", "frequency", {"a": a, "b": b, "rho": rho}, options)
    return run.frequency(partial(_orthant_count, float(a), float(b), float(rho)), 1 << 16)


def _pair(g: Array, rho: float) -> tuple[Array, Array]:
    return g[:, 0], rho * g[:, 0] + math.sqrt((1 - rho) * (1 + rho)) * g[:, 1]


def _orthant_count(a: float, b: float, rho: float, block: Block) -> int:
    g = block.draws().generator.standard_normal((block.size, 2))
    first, second = _pair(g, rho)
    return int(np.count_nonzero((first > -a) & (second > -b)))


def quadrant_moment(
    *, i: int, j: int, h1: Number, h2: Number, rho: Number, **options: Unpack[RunOptions]
) -> Estimate:
    """Simulate ``E[z1**i z2**j 1(z1 > -h1) 1(z2 > -h2)]``.

    Parameters
    ----------
    i, j : int
        Powers, >= 0.
    h1, h2 : number
        Margins.
    rho : number
        Correlation in (-1, 1).
    **options
        See `RunOptions`.
    """
    names = {"i": i, "j": j, "h1": h1, "h2": h2, "rho": rho}
    run = Run.of(_NAME + "quadrant_moment", "bounded importance sampling", names, options)
    bound = polynomial_bound(product_bound([(0.0, 1.0)] * (i + j)), 2)
    task = partial(_quadrant, i, j, float(h1), float(h2), float(rho))
    return combined(run, task, [(-bound, bound)])


def _quadrant(i: int, j: int, h1: float, h2: float, rho: float, block: Block) -> CurveMoments:
    g, weight = normals(block, 2)
    first, second = _pair(g, rho)
    opened = (first > -h1) & (second > -h2)
    return moments_of([np.where(opened, first**i * second**j, 0.0) * weight])


def leaky_moment(
    *, slope: Number, h: Number, s: Number = 1, what: str = "mean", **options: Unpack[RunOptions]
) -> Estimate:
    """Simulate moments of ``f(y)`` and ``f'(y)`` of a leaky unit with ``y = s (z + h)``.

    Parameters
    ----------
    slope, h, s : number
        Slope for ``y <= 0``, margin, standard deviation.
    what : {"mean", "second_moment", "gain", "gain_second"}
        ``E f``, ``E f**2``, ``E f'``, ``E f'**2``.
    **options
        See `RunOptions`.
    """
    names = {"slope": slope, "h": h, "s": s, "what": what}
    run = Run.of(_NAME + "leaky_moment", "bounded importance sampling", names, options)
    steep = max(1.0, abs(float(slope)))
    power = 2 if what in ("second_moment", "gain_second") else 1
    forms = [(steep * float(s) * float(h), steep * float(s))] * power
    if what.startswith("gain"):
        forms = [(steep, 0.0)] * power
    bound = polynomial_bound(product_bound(forms), 1)
    task = partial(_leaky, float(slope), float(h), float(s), what)
    return combined(run, task, [(-bound, bound)])


def _leaky(slope: float, h: float, s: float, what: str, block: Block) -> CurveMoments:
    z, weight = normals(block, 1)
    y = s * (z[:, 0] + h)
    gain = np.where(y > 0, 1.0, slope)
    value = gain if what.startswith("gain") else gain * y
    return moments_of([value ** (2 if what in ("second_moment", "gain_second") else 1) * weight])
