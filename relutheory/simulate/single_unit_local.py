"""Witnesses for the neighbourhood of the solution: rates, steady state, largest step and bias of the noise.

All are functions of means over the half-line ``z > -h*`` of the standard input: ``z`` along the weights, and
``q``, the squared length of the other N - 1 coordinates. Small eigenvalues come from sampled determinants,
which are means of squares and keep their relative accuracy in the tail.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Unpack

import numpy as np

from relutheory.errors import DomainError
from relutheory.estimate import Estimate
from relutheory.simulate.angle_chain import CurveMoments
from relutheory.simulate.bounded import Array, moments_of
from relutheory.simulate.checks import real
from relutheory.simulate.gaussian_units import Number
from relutheory.simulate.sampling import Run, RunOptions
from relutheory.simulate.single_unit_halfline import Polynomial, Polynomials, beside, ends, plus, product
from relutheory.simulate.single_unit_inputs import NAME, chosen, integer, positive
from relutheory.simulate.single_unit_intervals import (
    Bound,
    Interval,
    add,
    estimated,
    inverse,
    multiply,
    root,
    square,
)
from relutheory.simulate.streams import Block

__all__ = ["local_rates", "noise_bias", "steady_state", "step_limit"]

_ROOT2 = math.sqrt(2.0)
_RATES = ("lam_minus", "lam_plus", "slowdown", "eta_max", "tau_minus", "tau_plus", "tau_perp")


def local_rates(
    *,
    h_star: Number,
    N: int,
    eta: Number | None = None,
    what: str = "lam_minus",
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate rates of convergence at the solution from the sampled matrix ``E[u* xt xt']``.

    Parameters
    ----------
    h_star : number
        Margin of the teacher.
    N : int
        Dimension of the standard input.
    eta : number, optional
        Step size > 0, for the time constants.
    what : {"lam_minus", "lam_plus", "slowdown", "eta_max", "tau_minus", "tau_plus", "tau_perp"}
        Eigenvalue in the plane of bias and weights, ``1/lam_minus``, ``2/lam_plus``, or the time constant
        ``-1/log|1 - eta lam|`` of one of them or of the eigenvalue beside the plane.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> e = local_rates(h_star=-2, N=1, what="slowdown", samples=20_000, seed=0)
    >>> e.contains(2588.38444558) and e.high < 1.1 * e.low
    True
    """
    h = real("h_star", h_star, -30, 30)
    chosen("what", what, _RATES)
    least = 2 if what == "tau_perp" else 1
    size = integer("N", N, least)
    step = positive("eta", eta) if what.startswith("tau") else 0.0
    task = Polynomials(h, size - 1, ({(0, 0): 1.0, (2, 0): 1.0}, {(0, 0): 1.0}), pair=True)
    names = {"h_star": h_star, "N": N, "eta": eta, "what": what}
    run = Run.of(NAME + "local_rates", "sampled matrix on the half-line", names, options)
    return estimated(run, task, task.bounds, partial(_rate, what, step))


def _rate(what: str, eta: float, parts: Sequence[Interval]) -> Interval:
    (det_low, det_high), (low, high), chance = parts
    # The larger root grows with the trace and falls with the determinant, the smaller one the other way.
    plus = _larger(low, det_high), _larger(high, det_low)
    minus = max(det_low, 0.0) / _larger(high, det_low), det_high / _larger(low, det_high)
    if what in ("lam_plus", "lam_minus"):
        return plus if what == "lam_plus" else minus
    if what in ("slowdown", "eta_max"):
        factor = 1.0 if what == "slowdown" else 2.0
        return multiply((factor, factor), inverse(minus if what == "slowdown" else plus))
    rate = {"tau_minus": minus, "tau_plus": plus, "tau_perp": chance}[what]
    return _time_constant((1 - eta * rate[1], 1 - eta * rate[0]))


def _larger(trace: float, det: float) -> float:
    return (trace + math.sqrt(max(trace * trace - 4 * max(det, 0.0), 0.0))) / 2


def _time_constant(factor: Interval) -> Interval:
    low, high = root(square(factor))
    return (-1 / math.log(low) if 0 < low < 1 else 0.0), (-1 / math.log(high) if 0 < high < 1 else math.inf)


def _basis(size: int) -> list[Polynomial]:
    """``xt' E xt`` for an orthonormal basis of the matrices ``(K00, K01, K11, K_perp I)``."""
    found: list[Polynomial] = [{(0, 0): 1.0}, {(1, 0): _ROOT2}, {(2, 0): 1.0}]
    return [*found, {(0, 1): 1 / math.sqrt(size - 1)}] if size > 1 else found


def _anticommutator(size: int) -> dict[tuple[int, int], Polynomial]:
    """``<E_i, xt xt' E_j + E_j xt xt'>`` on the same basis, where it is not zero."""
    found: dict[tuple[int, int], Polynomial] = {
        (0, 0): {(0, 0): 2.0},
        (1, 0): {(1, 0): _ROOT2},
        (1, 1): {(0, 0): 1.0, (2, 0): 1.0},
        (2, 1): {(1, 0): _ROOT2},
        (2, 2): {(2, 0): 2.0},
    }
    return found | ({(3, 3): {(0, 1): 2 / (size - 1)}} if size > 1 else {})


def _lower(count: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(count) for j in range(i + 1)]


def _centred(parts: Sequence[Interval], count: int) -> tuple[Array, Array]:
    """Symmetric matrix of the middles and of the half-widths."""
    middle, radius = np.zeros((count, count)), np.zeros((count, count))
    for (i, j), (low, high) in zip(_lower(count), parts, strict=True):
        middle[i, j] = middle[j, i] = (low + high) / 2
        radius[i, j] = radius[j, i] = (high - low) / 2
    return middle, radius


def step_limit(*, h_star: Number, N: int, **options: Unpack[RunOptions]) -> Estimate:
    """Simulate the smallest ``<V, M V + V M>/<V, E[u xt xt' V xt xt']>`` over symmetric matrices V.

    V is invariant under the rotations that keep the weights.

    Parameters
    ----------
    h_star : number
        Margin of the teacher.
    N : int
        Dimension of the standard input.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> step_limit(h_star=0, N=1, samples=20_000, seed=0).contains(2 - 2**0.5)
    True
    """
    h, size = real("h_star", h_star, -30, 30), integer("N", N, 1)
    basis, first = _basis(size), _anticommutator(size)
    places = _lower(len(basis))
    wanted = [first.get(place, {(0, 0): 0.0}) for place in places]
    wanted += [product(basis[i], basis[j]) for i, j in places]
    task = Polynomials(h, size - 1, tuple(wanted))
    run = Run.of(NAME + "step_limit", "sampled operators", {"h_star": h_star, "N": N}, options)
    return estimated(run, task, task.bounds, partial(_quotient_limit, len(basis)))


def _quotient_limit(count: int, parts: Sequence[Interval]) -> Interval:
    half = len(parts) // 2
    first, first_radius = _centred(parts[:half], count)
    second, second_radius = _centred(parts[half:], count)
    try:
        # In these coordinates the denominator is the identity, up to its error.
        change = np.linalg.inv(np.linalg.cholesky(second)).T
    except np.linalg.LinAlgError:
        return 0.0, math.inf
    value, vectors = np.linalg.eigh(change.T @ first @ change)
    # Also diagonalise the numerator, so that each entry is compared with its own size.
    change = change @ vectors
    size = np.abs(change)
    above = size.T @ first_radius @ size
    below = size.T @ second_radius @ size
    limit = float(value[0])
    # The infimum over V: where the errors allow a smaller quotient t, first - t second is not positive.
    return _smallest(value, above, below, limit), _rayleigh(limit, float(above[0, 0]), float(below[0, 0]))


def _rayleigh(limit: float, above: float, below: float) -> float:
    """Quotient of the minimiser of the middles, at its worst."""
    return (limit + above) / (1 - below) if below < 1 else math.inf


def _smallest(values: Array, above: Array, below: Array, limit: float) -> float:
    """Largest t found with ``diag(values) - above - t (1 + below)`` certainly positive definite."""
    low, high = 0.0, limit
    for _ in range(60):
        t = (low + high) / 2
        error = above + t * below
        # diag(values - t) scaled to the identity must beat the norm of the scaled error.
        gap = values - t
        fits = bool((gap > 0).all()) and np.linalg.norm(error / np.sqrt(np.outer(gap, gap)), 2) < 1
        low, high = (t, high) if fits else (low, t)
    return low


def steady_state(
    *, h_star: Number, N: int, eta: Number, sig: Number, what: str = "excess", **options: Unpack[RunOptions]
) -> Estimate:
    """Simulate the stationary second moment K of ``v+ = (I - eta u* xt xt') v + eta n u* xt``.

    The mean change of the second moment in one step is sampled at ``(eta sig**2/2) I`` and in the directions
    of a basis; K is where the change vanishes.

    Parameters
    ----------
    h_star : number
        Margin of the teacher.
    N : int
        Dimension of the standard input.
    eta, sig : number
        Step size and standard deviation of the noise, > 0.
    what : {"ratio_0_0", "ratio_0_1", "ratio_1_1", "ratio_perp", "excess"}
        Entry of ``K/(eta sig**2/2)`` in the basis of bias, weights and the rest, or ``tr(M K)``.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> e = steady_state(h_star=0, N=2, eta=0.02, sig=0.1, what="ratio_0_0", samples=20_000, seed=0)
    >>> e.contains(1.03136181856)
    True
    """
    h, size = real("h_star", h_star, -30, 30), integer("N", N, 1)
    step, noise = positive("eta", eta), positive("sig", sig)
    names = ("ratio_0_0", "ratio_0_1", "ratio_1_1", "ratio_perp")
    chosen("what", what, (*names, "excess"))
    if what == "ratio_perp" and size < 2:
        raise DomainError(f"N: an integer >= 2 for ratio_perp, got {N!r}")
    basis, first = _basis(size), _anticommutator(size)
    # Minus the change of one step over eta; the noise of the step cancels the first order at the identity.
    wanted = [plus(first.get((i, j), {}), product(basis[i], basis[j]), -step) for i, j in _lower(len(basis))]
    length: Polynomial = {(0, 0): 1.0, (2, 0): 1.0, (0, 1): 1.0}
    wanted += [{k: step * c for k, c in product(length, one).items()} for one in basis]
    wanted += [*basis, length]
    task = Polynomials(h, size - 1, tuple(wanted))
    described = {"h_star": h_star, "N": N, "eta": eta, "sig": sig, "what": what}
    run = Run.of(NAME + "steady_state", "sampled one-step operator", described, options)
    position = names.index(what) if what in names else -1
    image = partial(_stationary, size, position, step * noise**2 / 2)
    return estimated(run, task, task.bounds, image)


def _stationary(size: int, position: int, scale: float, parts: Sequence[Interval]) -> Interval:
    count = 4 if size > 1 else 3
    pairs = count * (count + 1) // 2
    matrix, radius = _centred(parts[:pairs], count)
    right = np.array(parts[pairs : pairs + count])
    middle, half = right.mean(axis=1), (right[:, 1] - right[:, 0]) / 2
    if np.linalg.eigvalsh(matrix)[0] <= 0:
        return -math.inf, math.inf
    back = np.abs(np.linalg.inv(matrix))
    solution = np.linalg.solve(matrix, middle)
    growth = back @ radius
    if max(abs(np.linalg.eigvals(growth))) >= 1:
        return -math.inf, math.inf
    error = np.linalg.solve(np.eye(count) - growth, back @ (half + radius @ np.abs(solution)))
    box = [(float(s - e), float(s + e)) for s, e in zip(solution, error, strict=True)]
    if position >= 0:
        weight = (1.0, 1 / _ROOT2, 1.0, 1 / math.sqrt(max(size - 1, 1)))[position]
        start = 0.0 if position == 1 else 1.0
        return start + weight * box[position][0], start + weight * box[position][1]
    total = parts[-1]
    for gain, entry in zip(parts[pairs + count : -1], box, strict=True):
        total = add(total, multiply(gain, entry))
    return multiply((scale, scale), total)


def noise_bias(
    *,
    h_star: Number,
    N: int,
    eta: Number,
    sig: Number,
    kappa: Number = 1,
    what: str = "delta_h",
    **options: Unpack[RunOptions],
) -> Estimate:
    """Simulate ``-kappa (eta sig**2/2) M**-1 E[delta(y*) |xt|**2 xt]``, the bias of the stationary mean.

    Parameters
    ----------
    h_star : number
        Margin of the teacher, whose weights have length 1.
    N : int
        Dimension of the standard input.
    eta, sig : number
        Step size and standard deviation of the noise, > 0.
    kappa : number
        1 for the affine teacher, 3/4 for the ReLU teacher.
    what : {"delta_b", "delta_w_par", "delta_h"}
        Bias of the bias, of the weights along the teacher, of the margin.
    **options
        See `RunOptions`.

    Examples
    --------
    >>> e = noise_bias(h_star=0, N=2, eta=0.02, sig=0.1, kappa=1, what="delta_b", samples=20_000, seed=0)
    >>> e.contains(-4.39145831352153e-4)
    True
    """
    h, size = real("h_star", h_star, -30, 30), integer("N", N, 1)
    chosen("what", what, ("delta_b", "delta_w_par", "delta_h"))
    scale = positive("kappa", kappa) * positive("eta", eta) * positive("sig", sig) ** 2 / 2
    # On the edge xt = (1, -h, rest); the inverse of the 2 x 2 block is its adjugate over the determinant.
    excess: Polynomial = {(0, 0): h, (1, 0): 1.0}
    solved = {
        "delta_b": product({(1, 0): -1.0}, excess),
        "delta_w_par": excess,
        "delta_h": product({(0, 0): -1.0}, excess, excess),
    }[what]
    task = _EdgeAndHalfLine(Polynomials(h, size - 1, (solved,), pair=True), 1 + h * h)
    names = {"h_star": h_star, "N": N, "eta": eta, "sig": sig, "kappa": kappa, "what": what}
    run = Run.of(NAME + "noise_bias", "sampled matrix and edge", names, options)
    factor = scale * math.exp(-h * h / 2) / math.sqrt(2 * math.pi)
    return estimated(run, task, task.bounds, partial(_bias, factor))


@dataclass(frozen=True)
class _EdgeAndHalfLine:
    """Means over the half-line, and the mean of ``|xt|**2`` over the edge, ``base + q``."""

    inner: Polynomials
    base: float

    def __call__(self, block: Block) -> CurveMoments:
        found = self.inner(block)
        lengths = np.full(block.size, self.base)
        if self.inner.rest:
            sequence = np.random.SeedSequence(block.entropy, spawn_key=(block.index, 1))
            r, chance = beside(self.inner.rest).radii(
                np.random.Generator(np.random.SFC64(sequence)), block.size
            )
            lengths = self.base + (chance * r**2).sum(axis=0)
        edge = moments_of([lengths])
        return CurveMoments(
            block.size, np.concatenate([found.mean, edge.mean]), np.concatenate([found.squares, edge.squares])
        )

    @property
    def bounds(self) -> list[Bound]:
        rest = self.inner.rest
        low, high = ends(beside(rest).power_bound(2)) if rest else (0.0, 0.0)
        return [*self.inner.bounds, Bound(self.base + low, self.base + high, slack=1e-12 * high)]


def _bias(factor: float, parts: Sequence[Interval]) -> Interval:
    det, solved, length = parts
    return multiply((factor, factor), multiply(multiply(solved, length), inverse(det)))
