"""SymPy expressions of the Gaussian calculus, for people who want expressions and for the records."""

from __future__ import annotations

from itertools import combinations, product
from math import prod
from typing import Any

from sympy import Eq, Integer, Piecewise, Sum, sqrt, sympify

from relutheory import symbols
from relutheory.functions import (
    BivariateCDF,
    Phi,
    QuadrantMoment,
    RampMoment,
    TruncatedMoment,
    phi,
)
from relutheory.theory.gaussian import notation as q

__all__ = [
    "birnbaum",
    "contracted",
    "det_gram",
    "gated_fourth_moment",
    "gated_mean",
    "gated_second_moment",
    "lam_minus",
    "lam_plus",
    "leaky_mean",
    "leaky_second_moment",
    "quadrant_fourth_moment",
    "quadrant_mean",
    "quadrant_second_moment",
    "sampford",
]


def birnbaum(t: Any) -> Any:
    """Lower bound ``2/(t + sqrt(t**2 + 4))`` of the Mills ratio, all real ``t``."""
    t = sympify(t)
    return 2 / (t + sqrt(t**2 + 4))


def sampford(t: Any) -> Any:
    """Upper bound ``4/(3 t + sqrt(t**2 + 8))`` of the Mills ratio, ``t > -1``."""
    t = sympify(t)
    return 4 / (3 * t + sqrt(t**2 + 8))


def lam_minus(h: Any) -> Any:
    """Smaller eigenvalue of ``A(h) = [[Phi, phi], [phi, Phi - h phi]]``."""
    h = sympify(h)
    return Phi(h) - phi(h) * (sqrt(h**2 + 4) + h) / 2


def lam_plus(h: Any) -> Any:
    """Larger eigenvalue of ``A(h)``."""
    h = sympify(h)
    return Phi(h) + phi(h) * (sqrt(h**2 + 4) - h) / 2


def det_gram(h: Any) -> Any:
    """Determinant of ``A(h)``."""
    h = sympify(h)
    return Phi(h) ** 2 - h * phi(h) * Phi(h) - phi(h) ** 2


def gated_mean(i: Any, h: Any = q.h, c: Any = q.c) -> Any:
    """``E[u xt_i]``."""
    return Phi(h) * q.mt[i] + phi(h) * c[i]


def gated_second_moment(i: Any, j: Any, h: Any = q.h, c: Any = q.c) -> Any:
    """``M_ij = E[u xt_i xt_j]`` of a unit with margin ``h``."""
    return (
        Phi(h) * (q.St[i, j] + q.mt[i] * q.mt[j])
        + phi(h) * (q.mt[i] * c[j] + c[i] * q.mt[j])
        - h * phi(h) * c[i] * c[j]
    )


def half_space_moments(*indices: Any) -> Any:
    """``E[u prod_p (mt_p + c_p z)]``."""
    return sum(
        TruncatedMoment(Integer(len(chosen)), q.h)
        * prod(q.c[p] if k in chosen else q.mt[p] for k, p in enumerate(indices))
        for size in range(len(indices) + 1)
        for chosen in combinations(range(len(indices)), size)
    )


def half_space_rest(p: Any, r: Any) -> Any:
    """Covariance of ``xt`` given ``z``."""
    return q.St[p, r] - q.c[p] * q.c[r]


def gated_fourth_moment(i: Any, j: Any, a: Any, b: Any) -> Any:
    """``E[u xt_i xt_j xt_a xt_b]`` by Isserlis given ``z``, for ``xt = mt + c z + r``."""
    return isserlis(half_space_moments, half_space_rest, (i, j, a, b))


def quadrant_moments(*indices: Any) -> Any:
    """``E[u1 u2 prod_p (mt_p + g1_p z1 + g2_p z2)]``."""
    parts = (q.mt, q.g1, q.g2)
    return sum(
        QuadrantMoment(Integer(which.count(1)), Integer(which.count(2)), q.h1, q.h2, q.rho)
        * prod(parts[k][p] for k, p in zip(which, indices, strict=True))
        for which in product(range(3), repeat=len(indices))
    )


def quadrant_rest(p: Any, r: Any) -> Any:
    """Covariance of ``xt`` given ``z1`` and ``z2``."""
    return q.St[p, r] - q.c1[p] * q.g1[r] - q.c2[p] * q.g2[r]


def quadrant_fourth_moment(i: Any, j: Any, a: Any, b: Any) -> Any:
    """``E[u1 u2 xt_i xt_j xt_a xt_b]`` with ``xt = mt + g1 z1 + g2 z2 + r``."""
    return isserlis(quadrant_moments, quadrant_rest, (i, j, a, b))


def isserlis(moments: Any, rest: Any, indices: tuple[Any, Any, Any, Any]) -> Any:
    """Mean of four Gaussians whose means are random: none, one or two pairs of remainders are matched."""
    i, j, a, b = indices
    total = moments(i, j, a, b)
    for one, two in (((i, j), (a, b)), ((i, a), (j, b)), ((i, b), (j, a))):
        total += rest(*one) * moments(*two) + rest(*two) * moments(*one)
        total += rest(*one) * rest(*two) * moments()
    return total


def contracted(fourth: Any, i: Any, j: Any) -> Any:
    """``sum_ab K_ab E[.. xt_i xt_j xt_a xt_b]``."""
    a, b = q.a, q.b
    return Sum(q.K[a, b] * fourth(i, j, a, b), (a, 0, symbols.N), (b, 0, symbols.N))


def quadrant_mean(i: Any) -> Any:
    """``Q1_i = E[u1 u2 xt_i]``."""
    return BivariateCDF(q.h1, q.h2, q.rho) * q.mt[i] + _tilt(i)


def quadrant_second_moment(i: Any, j: Any) -> Any:
    """``Q2_ij = E[u1 u2 xt_i xt_j]``."""
    d = phi(q.h1) * phi(_other(q.h1, q.h2)) / sqrt(1 - q.rho**2)
    one = -q.h1 * _edge(q.h1, q.h2) - q.rho * d
    two = -q.h2 * _edge(q.h2, q.h1) - q.rho * d
    return (
        BivariateCDF(q.h1, q.h2, q.rho) * (q.St[i, j] + q.mt[i] * q.mt[j])
        + q.mt[i] * _tilt(j)
        + _tilt(i) * q.mt[j]
        + one * q.c1[i] * q.c1[j]
        + d * (q.c1[i] * q.c2[j] + q.c2[i] * q.c1[j])
        + two * q.c2[i] * q.c2[j]
    )


def quadrant_with_limits(generic: Any, half_space: Any) -> Any:
    """The moments over a quadrant, and over a half-space or a slab where the two units are collinear.

    `half_space` is a function of ``h`` and of the vector ``c``.
    """
    slab = q.slab * (half_space(q.h1, q.c1) - half_space(-q.h2, q.c1))
    return Piecewise((half_space(q.h, q.c), Eq(q.rho, 1)), (slab, Eq(q.rho, -1)), (generic, True))


def _other(h: Any, k: Any) -> Any:
    return (k - q.rho * h) / sqrt(1 - q.rho**2)


def _edge(h: Any, k: Any) -> Any:
    """Density of the first margin on the edge of the quadrant, for standardised preactivations."""
    return phi(h) * Phi(_other(h, k))


def _tilt(i: Any) -> Any:
    return _edge(q.h1, q.h2) * q.c1[i] + _edge(q.h2, q.h1) * q.c2[i]


def leaky_mean() -> Any:
    """``E f`` of a leaky unit."""
    return q.s * (q.slope * q.h + (1 - q.slope) * RampMoment(Integer(1), q.h))


def leaky_second_moment() -> Any:
    """``E f**2`` of a leaky unit."""
    return q.s**2 * (q.slope**2 * (1 + q.h**2) + (1 - q.slope**2) * RampMoment(Integer(2), q.h))
