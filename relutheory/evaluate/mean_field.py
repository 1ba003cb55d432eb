"""Mean field of randomized asymmetric initialisation: growth per layer at infinite width.

These numbers are validated only, not certified: two independent discretisations of a linear integral
equation agree, and a multiple of their difference is the radius of the result.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from flint import arb, arb_mat, ctx

from relutheory.errors import DomainError, PrecisionError
from relutheory.evaluate.gaussian import density
from relutheory.evaluate.replacing_laws import Beta, gain_bound

__all__ = ["critical_sigma", "first_gain", "mean_field_gain", "mean_field_sequence"]

#: Most quadrature nodes of the mean field; a system of this size takes about a minute.
_MAX_NODES = 1600


@dataclass(frozen=True)
class _Rule:
    """Gauss-Legendre nodes and weights on panels of ``(0, inf)``."""

    nodes: list[arb]
    weights: list[arb]


def _tail_exponent(gain: float) -> float:
    """Positive ``k`` with ``2/(k+2) = gain^(k/2)``: the invariant law has the density tail ``v^(-k-1)``."""
    if gain >= 1:
        return math.inf
    rate, z = -math.log(gain), 1e3
    for _ in range(200):
        z = math.log1p(z) / rate
    return 2 * z


def _panels(gain: float, digits: int, widest: float) -> list[tuple[float, float, int]]:
    """Panels and their numbers of nodes for an error of about ``10^-digits``.

    A discretisation has to resolve a normal density of standard deviation ``min(1, sqrt(gain))`` with ``d``
    digits, which takes ``sqrt(2 d log 10)/(pi deviation)`` nodes per unit; ``d`` falls along the tail.
    """
    decay = max(min(_tail_exponent(gain), 18.0) - 2, 0.05)
    start = 0.0
    panels: list[tuple[float, float, int]] = []
    while True:
        need = digits + 4 - decay * math.log10(max(start, 5.0) / 5)
        if need <= 0 or len(panels) > _MAX_NODES:
            return panels
        width = max(widest, start / 4)
        density_of_nodes = math.sqrt(2 * need * math.log(10)) / (math.pi * min(1.0, math.sqrt(gain)))
        panels.append((start, start + width, math.ceil(width * density_of_nodes) + 4 + digits // 3))
        start += width


def _rule(panels: list[tuple[float, float, int]]) -> _Rule:
    nodes, weights = [], []
    for start, end, count in panels:
        half = arb(end - start) / 2
        for k in range(count):
            node, weight = arb.legendre_p_root(count, k, True)
            nodes.append((start + half * (1 + node)).mid())
            weights.append((half * weight).mid())
    return _Rule(nodes, weights)


def _transition(rule: _Rule, root: arb) -> tuple[arb_mat, arb_mat]:
    """Density of ``(X V/root + g)_+`` at the nodes: the matrix acting on masses, and the column of ``V = 0``.

    ``E_X phi(v - X a) = (2/a^2)(a Phi(-c) - J_1(-c) + J_1(-v))`` with ``c = v - a``; about
    ``2 log2(1/a)`` bits are lost for small ``a``, which the guard bits cover. Radii are dropped.
    """
    n, far = len(rule.nodes), math.sqrt(2 * ctx.prec * math.log(2))
    peak, root2 = 1 / (2 * arb.pi()).sqrt(), arb(2).sqrt()
    scaled = [(v / root).mid() for v in rule.nodes]
    factors = [(2 / (a * a)).mid() for a in scaled]
    rough, rough_scaled = [float(v) for v in rule.nodes], [float(a) for a in scaled]
    matrix, column = arb_mat(n, n), arb_mat(n, 1)
    for i, v in enumerate(rule.nodes):
        height = (-v * v / 2).exp() * peak
        column[i, 0] = height.mid()
        upper = height - v * (v / root2).erfc() / 2
        for j, a in enumerate(scaled):
            gap = rough[i] - rough_scaled[j]
            if gap > far:
                continue
            if gap < -far:
                value = v + upper
            else:
                c = v - a
                value = v * (c / root2).erfc() / 2 - (-c * c / 2).exp() * peak + upper
            matrix[i, j] = (factors[j] * value).mid()
    return matrix, column


def _invariant(rule: _Rule, gain: arb) -> tuple[arb, arb]:
    """``E V^2`` and ``P(V > 0)`` for the invariant law of ``V' = (X V/sqrt(gain) + g)_+``.

    The linear system of the masses at the nodes is solved by refinement: a float64 inverse gains about
    twelve digits in each step, residuals are calculated at the working precision.
    """
    n = len(rule.nodes)
    matrix, column = _transition(rule, gain.sqrt())
    rough = np.array([[float(w) * float(matrix[i, j]) for j in range(n)] for i, w in enumerate(rule.weights)])
    inverse = np.linalg.inv(np.eye(n) - rough)
    masses = arb_mat(n, 1)
    for _ in range(ctx.prec // 20 + 4):
        image = matrix * masses
        residual = [
            (w * (column[i, 0] + image[i, 0]) - masses[i, 0]).mid() for i, w in enumerate(rule.weights)
        ]
        largest = max(abs(r) for r in residual)
        if largest < arb(2) ** (8 - ctx.prec):
            break
        step = inverse @ np.array([float(r / largest) for r in residual])
        for i in range(n):
            masses[i, 0] = (masses[i, 0] + arb(float(step[i])) * largest).mid()
    total = sum((masses[i, 0] for i in range(n)), start=arb(0))
    square = sum((masses[i, 0] * v * v for i, v in enumerate(rule.nodes)), start=arb(0))
    return (square / (1 + total)).mid(), (total / (1 + total)).mid()


def _fitting(gain: float, digits: int, widest: float) -> _Rule:
    """Quadrature rule, unless it is too large."""
    for fewer in range(digits, 0, -1):
        panels = _panels(gain, fewer, widest)
        if sum(count for *_, count in panels) <= _MAX_NODES:
            if fewer == digits:
                return _rule(panels)
            raise PrecisionError(f"at most {max(fewer - 3, 0)} digits of the mean field are validated here")
    raise PrecisionError("the mean field has too heavy a tail here: no digits are validated")


def _root(f: Callable[[arb], arb], old: arb, new: arb, goal: arb) -> tuple[arb, arb]:
    """Root by secant steps down to ``goal``, and the slope there."""
    f_old, slope = f(old), arb(1)
    for _ in range(60):
        f_new = f(new)
        if not (new - old).is_zero() and not (f_new - f_old).is_zero():
            slope = ((f_new - f_old) / (new - old)).mid()
        old, new, f_old = new, (new - f_new / slope).mid(), f_new
        if abs(new - old) < goal:
            return new, slope
    raise PrecisionError("the mean field gain was not found")


def _ball(value: arb, other: arb, digits: int) -> arb:
    """Ball around a value whose radius is a multiple of the difference of two discretisations."""
    radius = 8 * abs(value - other) + abs(value) * arb(10) ** (-digits - 3)
    if radius > abs(value) * arb(10) ** -digits / 2:
        agreed = math.floor(-math.log10(float(2 * radius / abs(value))))
        raise PrecisionError(f"at most {max(agreed, 0)} digits of the mean field are validated here")
    return value + radius.upper() * arb(-1).union(arb(1))


def _two_rules(gain: float, digits: int) -> tuple[_Rule, _Rule]:
    """Two quadrature rules with different panels, both meant for the digits."""
    return _fitting(gain, digits + 2, 2.5), _fitting(gain, digits + 3, 3.5)


def _bits(digits: int) -> int:
    return int(3.33 * digits) + 70


def mean_field_gain(sigma_w: arb, digits: int = 13) -> tuple[arb, arb]:
    """Growth ``lambda`` of the second moment per layer of infinite width, and the fraction of open units.

    In the mean field the normalised output obeys ``H' = (X H + sigma_w g)_+/sqrt(lambda)`` with
    ``E H^2 = 1``, ``X`` from ``beta(2, 1)``. With ``H = sigma_w V/sqrt(lambda)`` the invariant law of
    ``V' = (X V/sqrt(lambda) + g)_+`` depends on ``lambda`` alone, and ``sigma_w^2 E V^2 = lambda``. Its
    density is the solution of a linear integral equation, discretised by Gauss-Legendre panels.

    The result is *validated*, not certified: the radius is eight times the difference of two independent
    discretisations.

    Raises
    ------
    PrecisionError
        The digits are not validated; the message names how many are. The power tail of the law becomes
        heavy for small ``sigma_w``.
    """
    if not sigma_w > 0:
        raise DomainError("sigma_w must be positive")
    with ctx.workprec(_bits(digits)):
        low = (sigma_w * sigma_w + 1) / 2
        high = gain_bound(sigma_w, Beta(arb(2), arb(1)))
        square = sigma_w * sigma_w

        def mismatch(rule: _Rule) -> Callable[[arb], arb]:
            return lambda gain: (gain - square * _invariant(rule, gain)[0]).mid()

        with ctx.workprec(100):
            middle = ((low + 2 * high) / 3).mid()
            coarse = mismatch(_fitting(float(middle), 7, 2.5))
            start, slope = _root(coarse, middle, high.mid(), arb(10) ** -6)
        rules = _two_rules(float(start), digits)
        fine = mismatch(rules[0])
        # The coarse gain has seven digits; its slope makes the second point of the secant.
        gain, slope = _root(fine, start, (start - fine(start) / slope).mid(), arb(10) ** (-digits // 2 - 2))
        second = [_invariant(rule, gain) for rule in rules]
        gains = [(gain - (gain - square * moment) / slope).mid() for moment, _ in second]
        return _ball(gains[0], gains[1], digits), _ball(second[0][1], second[1][1], digits)


def critical_sigma(digits: int = 13) -> arb:
    """The ``sigma_w`` at which the mean field neither grows nor decays: ``(E V^2)^(-1/2)`` at gain one.

    Validated like `mean_field_gain`.

    Examples
    --------
    >>> critical_sigma(8).str(8, radius=False)
    '0.84651353'
    """
    with ctx.workprec(_bits(digits)):
        values = [1 / _invariant(rule, arb(1))[0].sqrt() for rule in _two_rules(1.0, digits)]
        return _ball(values[0].mid(), values[1].mid(), digits)


def first_gain(sigma_w: arb) -> arb:
    """First gain ``lambda_1 = E (X H_1 + sigma_w g)_+^2`` for ``H_1 = sqrt(2) g_+``, certified.

    Half of it is the atom ``H_1 = 0``; the rest is ``E[(1 + k^2 X^2)(1/2 + atan(k X)/pi) + k X/pi]`` with
    ``k = sqrt(2)/sigma_w``, elementary for ``beta(2, 1)``.
    """
    k = arb(2).sqrt() / sigma_w
    angle, pi = k.atan(), arb.pi()
    first = ((1 + 1 / (k * k)) * angle - 1 / k) / 2
    third = (angle * (1 - 1 / k**4) - 1 / (3 * k) + 1 / k**3) / 4
    mean = (1 + k * k / 2) / 2 + 2 * k / (3 * pi) + 2 / pi * (first + k * k * third)
    return sigma_w * sigma_w / 2 * (arb(1) / 2 + mean)


def mean_field_sequence(sigma_w: arb, layers: int, digits: int = 13) -> list[arb]:
    """Gains ``lambda_1, ..., lambda_layers`` from a He layer on; the first is certified, others validated.

    The density of ``V`` is carried from layer to layer on two sets of nodes, as in `mean_field_gain`.
    """
    found = [first_gain(sigma_w)]
    with ctx.workprec(_bits(digits)):
        # After few layers the tail is lighter than that of the invariant law with the first gain.
        rules = _two_rules(float(found[0]), digits) if layers > 1 else ()
        both = [_gains(rule, sigma_w, layers) for rule in rules]
        found += [_ball(one, other, digits) for one, other in zip(*both, strict=True)]
    return found


def _gains(rule: _Rule, sigma_w: arb, layers: int) -> list[arb]:
    """Gains ``lambda_2, ..., lambda_layers`` on one set of nodes."""
    # H_1 = sqrt(2) V_1 with a half-normal V_1 of mass 1/2.
    masses = arb_mat([[(w * density(v)).mid()] for v, w in zip(rule.nodes, rule.weights, strict=True)])
    root, gains = sigma_w / arb(2).sqrt(), []
    for _ in range(layers):
        matrix, column = _transition(rule, root)
        total = sum((masses[i, 0] for i in range(len(rule.nodes))), start=arb(0))
        image = matrix * masses + column * (1 - total)
        masses = arb_mat([[(w * image[i, 0]).mid()] for i, w in enumerate(rule.weights)])
        square = sum((masses[i, 0] * v * v for i, v in enumerate(rule.nodes)), start=arb(0))
        gain = (sigma_w * sigma_w * square).mid()
        gains.append(gain)
        root = gain.sqrt()
    return gains[1:]
