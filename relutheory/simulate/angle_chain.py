"""Two inputs of a zero-bias Gaussian network, followed through the angle between their images.

Rows of a Gaussian weight matrix are isotropic, so the pre-activations of two inputs at angle theta are,
unit by unit, independent normal pairs of correlation cos(theta): N pairs a layer instead of N^2 weights.

* `chain_first_dead_layers` plays the chain as it is, deaths included; it uses isotropy and nothing else.
* `conditional_death` never samples a death: it integrates the deaths out with the orthant probability
  P(both <= 0) = 1/2 - theta/(2 pi) and samples only pairs that stay alive (Rao-Blackwell).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relutheory.simulate.streams import Block, Draws

__all__ = ["CurveMoments", "chain_first_dead_layers", "conditional_bounds", "conditional_death"]

Array = NDArray[Any]

_UNITS_PER_BATCH = 1 << 17


@dataclass(frozen=True)
class CurveMoments:
    """Mean and sum of squared deviations of one estimate per depth, over `count` samples."""

    count: int
    mean: NDArray[np.float64]
    squares: NDArray[np.float64]

    def __add__(self, other: CurveMoments) -> CurveMoments:
        """Pool two independent runs without cancellation (Chan, Golub, LeVeque)."""
        count = self.count + other.count
        delta = other.mean - self.mean
        return CurveMoments(
            count,
            self.mean + delta * (other.count / count),
            self.squares + other.squares + delta**2 * (self.count * other.count / count),
        )


@dataclass(frozen=True)
class _Step:
    """A batch of pairs after one layer: who is alive, cosine and sine of the angle where both are."""

    first_alive: NDArray[np.bool_]
    second_alive: NDArray[np.bool_]
    cos: NDArray[np.float32]
    sin: NDArray[np.float32]


def _step(draws: Draws, width: int, cos: NDArray[np.float32], sin: NDArray[np.float32]) -> _Step:
    """Draw one layer of `width` units for pairs of given angles.

    The pre-activations are u and v = cos u + sin z. With u+ = max(u, 0) the part of v+ that u+ does not
    explain, d = v+ - cos u+ = max(sin z + cos min(u, 0), -cos u+), is formed without a subtraction of close
    numbers, so a collapsing angle keeps its relative accuracy down to about 1e-19, below which it counts as
    zero.
    """
    u, z = draws.normals((2, width, cos.size))
    positive = np.maximum(u, 0)
    u -= positive
    u *= cos
    z *= sin
    z += u
    explained = np.multiply(positive, cos, out=u)
    d = np.maximum(z, -explained, out=z)
    second = explained
    second += d
    square_first = np.einsum("ib,ib->b", positive, positive)
    square_second = np.einsum("ib,ib->b", second, second)
    first_alive, second_alive = square_first > 0, square_second > 0
    np.maximum(square_first, np.float32(1e-38), out=square_first)
    np.maximum(square_second, np.float32(1e-38), out=square_second)
    excess = np.einsum("ib,ib->b", positive, d) / square_first
    d -= np.multiply(positive, excess, out=positive)
    length = np.sqrt(square_second)
    new_cos = (cos + excess) * np.sqrt(square_first) / length
    new_sin = np.sqrt(np.einsum("ib,ib->b", d, d)) / length
    return _Step(first_alive, second_alive, new_cos, new_sin)


def _batches(block: Block, widths: tuple[int, ...]) -> list[int]:
    batch = max(64, _UNITS_PER_BATCH // (2 * max(widths)))
    return [min(batch, block.size - start) for start in range(0, block.size, batch)]


def chain_first_dead_layers(widths: tuple[int, ...], theta: float, block: Block) -> NDArray[np.int64]:
    """Count in which layer both inputs are first zero, playing the angle chain with its deaths.

    Parameters
    ----------
    widths : tuple of int
        Hidden widths.
    theta : float
        Angle between the two inputs, in (0, pi].
    block : Block

    Returns
    -------
    numpy.ndarray
        Entry l - 1 counts first deaths in layer l; the last entry the pairs not dead in any layer.
    """
    draws = block.draws()
    counts = np.zeros(len(widths) + 1, np.int64)
    for pairs in _batches(block, widths):
        counts += _chain_batch(widths, theta, draws, pairs)
    return counts


def _chain_batch(widths: tuple[int, ...], theta: float, draws: Draws, pairs: int) -> NDArray[np.int64]:
    counts = np.zeros(len(widths) + 1, np.int64)
    cos, sin = _start(theta, pairs)
    single = 0
    for layer, width in enumerate(widths):
        # A lone ray: only its direction is left, and that is isotropic.
        kept = int((draws.normals((width, single)) > 0).any(axis=0).sum()) if single else 0
        counts[layer] += single - kept
        step = _step(draws, width, cos, sin)
        both = step.first_alive & step.second_alive
        either = int(np.count_nonzero(step.first_alive | step.second_alive))
        counts[layer] += cos.size - either
        cos, sin = step.cos[both], step.sin[both]
        single = kept + either - cos.size
    counts[-1] = cos.size + single
    return counts


def _start(theta: float, pairs: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    sin = 0.0 if theta == np.pi else np.sin(theta)
    return np.full(pairs, np.cos(theta), np.float32), np.full(pairs, sin, np.float32)


def conditional_death(widths: tuple[int, ...], theta: float, block: Block) -> CurveMoments:
    """Estimate, for every depth, the probability that both inputs die, sampling only pairs that survive.

    With e = 2^-N, q = (1/2 - angle/(2 pi))^N, w the probability that both are alive before a layer and o that
    exactly one is, the layer completes w q + o e deaths; then o <- o (1 - e) + 2 w (e - q) and
    w <- w (1 - 2 e + q), and the next angle is drawn given that both survive. Every term is positive.

    Parameters
    ----------
    widths : tuple of int
        Hidden widths.
    theta : float
        Angle between the two inputs, in (0, pi].
    block : Block

    Returns
    -------
    CurveMoments
        Entry l - 1: the probability of death by hidden layer l.
    """
    draws = block.draws()
    total: CurveMoments | None = None
    for pairs in _batches(block, widths):
        part = _conditional_batch(widths, theta, draws, pairs)
        total = part if total is None else total + part
    assert total is not None
    return total


def _conditional_batch(widths: tuple[int, ...], theta: float, draws: Draws, pairs: int) -> CurveMoments:
    both, one, dead = np.ones(pairs), np.zeros(pairs), np.zeros(pairs)
    cos, sin = _start(theta, pairs)
    angle: NDArray[np.float64] = np.full(pairs, theta)
    mean, squares = np.zeros(len(widths)), np.zeros(len(widths))
    for layer, width in enumerate(widths):
        e = 0.5**width
        q = _orthant_power(angle, width)
        dead += both * q + one * e
        one *= 1.0 - e
        one += 2.0 * both * (e - q)
        both *= 1.0 - 2.0 * e + q
        mean[layer] = dead.mean()
        squares[layer] = ((dead - mean[layer]) ** 2).sum()
        if layer + 1 < len(widths):
            cos, sin = _surviving_step(draws, width, cos, sin, both)
            angle = np.arctan2(sin.astype(np.float64), cos.astype(np.float64))
    return CurveMoments(pairs, mean, squares)


def _orthant_power(angle: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    base: NDArray[np.float64] = 0.5 - angle / (2.0 * np.pi)
    # Integer powers by squaring: the general power costs more than the rest of the step.
    result = np.ones_like(base)
    while width:
        if width & 1:
            result *= base
        width >>= 1
        if width:
            base = base * base
    return result


def _surviving_step(
    draws: Draws,
    width: int,
    cos: NDArray[np.float32],
    sin: NDArray[np.float32],
    both: NDArray[np.float64],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Redraw a layer until both inputs survive it."""
    step = _step(draws, width, cos, sin)
    new_cos, new_sin = step.cos, step.sin
    # A pair that cannot survive (width 1 at angle pi) has weight zero and is not redrawn.
    todo = np.flatnonzero(~(step.first_alive & step.second_alive) & (both > 0))
    while todo.size:
        step = _step(draws, width, cos[todo], sin[todo])
        done = step.first_alive & step.second_alive
        new_cos[todo[done]], new_sin[todo[done]] = step.cos[done], step.sin[done]
        todo = todo[~done]
    # What stands for the angle of a pair of weight zero must stay finite.
    lost = both <= 0
    new_cos[lost], new_sin[lost] = 1.0, 0.0
    return new_cos, new_sin


def conditional_bounds(
    widths: tuple[int, ...], theta: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return almost sure bounds, per depth, of one sample of `conditional_death`.

    The recursion is increasing in every q. The first q is known; later images are nonnegative, so their
    angle is in [0, pi/2] and q in [4^-N, 2^-N]; at angle pi the first angle is pi/2 and the second q is
    known too.
    """
    ends = []
    for extreme in (np.pi / 2, 0.0):
        both, one, dead = 1.0, 0.0, 0.0
        curve = []
        for layer, width in enumerate(widths):
            angle = theta if layer == 0 else np.pi / 2 if layer == 1 and theta == np.pi else extreme
            e, q = 0.5**width, float(_orthant_power(np.array([angle]), width)[0])
            dead += both * q + one * e
            one = one * (1.0 - e) + 2.0 * both * (e - q)
            both *= 1.0 - 2.0 * e + q
            curve.append(dead)
        ends.append(np.array(curve))
    # One part in 10^6 times the spread covers single-precision angles, one in 10^12 the sums.
    slack = 1e-6 * (ends[1] - ends[0])
    low: NDArray[np.float64] = np.maximum((ends[0] - slack) * (1 - 1e-12), 0.0)
    high: NDArray[np.float64] = np.minimum((ends[1] + slack) * (1 + 1e-12), 1.0)
    return low, high
