"""Layers after randomized asymmetric initialisation: death of the second layer and the mean field.

The death probability is certified. The numbers of the mean field are validated only: two independent
discretisations of a linear integral equation agree, and their difference is the radius of the result.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from flint import acb, arb, arb_mat, ctx

from relutheory.errors import DomainError, PrecisionError
from relutheory.evaluate.gaussian import cdf, density, integral
from relutheory.evaluate.replacing_laws import Beta, critical_bound_sigma, gain_bound, gate

__all__ = ["critical_sigma", "first_gain", "mean_field_gain", "mean_field_sequence", "second_layer_death"]

#: Half-width of the strip, below pi/4, on which the integrands over ``log r`` are analytic and bounded.
_STRIP = arb(7) / 10
#: Most quadrature nodes of the mean field; a system of this size takes about a minute.
_MAX_NODES = 1600


def second_layer_death(width: int, x: arb, sigma_w: arb | None = None) -> arb:
    """Probability that one of two layers of ``width`` 1 or 2 is dead at the one-dimensional input ``x != 0``.

    The first layer is a He layer, so its output is ``sqrt(2)|x| (g_+)``; the second has a number from
    ``beta(2, 1)`` in each row. With the probability ``p`` of a dead unit given the first layer,

    ``1 - (1 - 2^-N)(1 - E[p^N | alive])``.

    For width 1, the mean of the weight's term is elementary, and that of the bias's term is
    ``(2 b^2/pi)(pi/4 - int_0^inf (1 + l) exp(-l) du/cosh(u)^3)`` with ``b = sqrt(2)|x| sigma_w``,
    ``l = cosh(u)/b``; for large ``b`` it loses about ``2 log2 b`` bits.

    For width 2 the integral over the logarithm of the radius uses the trapezoidal rule, whose error is
    bounded on a strip: for ``|arg t| <= pi/4`` the gate function satisfies ``|F(t)| <= 1/2``, and the
    margins keep that sector. The integral over the angle, at real radii, is enclosed adaptively.

    Examples
    --------
    >>> from flint import arb
    >>> second_layer_death(1, arb(1)).str(12, radius=False)
    '0.586938217379'
    """
    scale = critical_bound_sigma(Beta(arb(2), arb(1))) if sigma_w is None else sigma_w
    size = arb(2).sqrt() * abs(x)
    if width == 1:
        return (1 + _width_one(size, scale)) / 2
    if width == 2:
        scale /= arb(2).sqrt()
        return (1 + 2 * _one_open(size, scale) + _both_open(size, scale)) / 4
    raise ValueError(f"the width must be 1 or 2, got {width}")


def _width_one(size: arb, sigma: arb) -> arb:
    """``E p`` for a layer of one unit whose input is ``size |g|``."""
    pi, alpha, beta = arb.pi(), size / sigma, size * sigma
    # E F(alpha |g|) = E atan(1/(alpha X))/pi, integrated over the density 2x.
    weight = ((1 / alpha).atan() + (1 - alpha.atan() / alpha) / alpha) / pi
    digits = _digits()
    end = (2 * (1 + beta) * digits).log()
    # On |Im u| <= 6/5: |cosh u| >= cosh(Re u) cos(6/5), and |1 + l| exp(-Re l) <= 1 + 1/(e cos(6/5)).
    strip, narrow = arb(6) / 5, (arb(6) / 5).cos()
    bound = pi / 2 * (1 + (-arb(1)).exp() / narrow) / (narrow * narrow * narrow)

    def integrand(u: arb) -> arb:
        c = u.cosh()
        return (1 + c / beta) * (-c / beta).exp() / (c * c * c)

    step, error = _step(strip, bound)
    count = int((end / step).upper().ceil().unique_fmpz() or 0)
    total = integrand(arb(0)) / 2 + sum((integrand(step * k) for k in range(1, count)), start=arb(0))
    # The integrand decreases: terms left out are at most the first one plus the rest of the integral.
    last = step * count
    rest = integrand(last) * (step + 1)
    value = step * total + rest * _unit() + error / 2
    return (weight + 2 * beta * beta / pi * (pi / 4 - value)) / 2


def _digits() -> arb:
    """Natural logarithm of the rounding error, with a few guard bits."""
    return (ctx.prec + 8) * arb(2).log()


def _unit() -> arb:
    """The ball of ``[0, 1]``."""
    return arb(0).union(arb(1))


def _step(strip: arb, bound: arb) -> tuple[arb, arb]:
    """Step of the trapezoidal rule, and the ball of its error.

    A function that is analytic on ``|Im w| < a`` with integrals of ``|f(. + ib)|`` at most ``M`` there has
    the error at most ``2M/(exp(2 pi a/h) - 1)``.
    """
    step = (2 * arb.pi() * strip / _digits()).mid()
    return step, 2 * bound / (2 * arb.pi() * strip / step).expm1() * arb(-1).union(arb(1))


def _radial(term: Callable[[arb, arb], arb], power: int) -> arb:
    """``int_0^inf r^(power-1) exp(-r^2/2) K(r) dr`` for ``|K| <= 1`` on ``|arg r| < 7/10``.

    ``term(r, w)`` encloses ``K(r)``; its own error is multiplied by the weight ``w``. In ``log r`` the
    integrand is at most ``|r|^power exp(-cos(7/5) |r|^2/2)`` on the strip.
    """
    half = arb(power) / 2
    narrow = (2 * _STRIP).cos()
    # int_0^inf r^(power-1) exp(-c r^2/2) dr
    step, error = _step(_STRIP, half.gamma() * (2 / narrow) ** half / 2)
    digits = _digits()
    low = -int((digits / power / step).upper().ceil().unique_fmpz() or 0)
    high = int(((3 * digits).log() / 2 / step).upper().ceil().unique_fmpz() or 0)
    total = arb(0)
    for k in range(low, high):
        r = (step * k).exp()
        weight = r**power * (-r * r / 2).exp()
        total += weight * term(r, step * weight)
    # Left of the sum: a geometric series. Right of it: a decreasing weight, first term plus integral.
    first, last = (step * (low - 1)).exp(), (step * high).exp()
    rest = step * first**power / (1 - (-power * step).exp())
    rest += (step * last**power + 1) * (-last * last / 2).exp()
    return step * total + rest * arb(-1).union(arb(1)) + error


def _one_open(size: arb, sigma: arb) -> arb:
    """``E p^2`` over the half-normal first coordinate when the second one is closed."""
    half, law = arb(1) / 2, Beta(arb(2), arb(1))

    def squared(r: arb, _: arb) -> arb:
        y = size * r
        p = gate(y / sigma, law) + half + gate(1 / (sigma * y), law)
        return p * p * 4 / 9

    # |p| <= 1/2 for p = (...)/3, so 4 p^2 is the bounded factor.
    return 2 * density(arb(0)) * _radial(squared, 1) / 4


def _both_open(size: arb, sigma: arb) -> arb:
    """``E p^2`` over both half-normal coordinates, in polar coordinates."""
    law = Beta(arb(2), arb(1))
    quarter = arb.pi() / 4

    def squared(r: arb, weight: arb) -> arb:
        q = size * r
        bias = gate(1 / (sigma * q), law)

        def at_angle(angle: acb, analytic: bool) -> acb:
            c, s = angle.cos(), angle.sin()
            t1 = q * c / ((1 + q * q * s * s).sqrt(analytic=analytic) * sigma)
            t2 = q * s / ((1 + q * q * c * c).sqrt(analytic=analytic) * sigma)
            p = _gate(t1) + _gate(t2) + bias
            return p * p

        tolerance = arb(2) ** -ctx.prec / weight.mid()
        mean = integral(at_angle, arb(0), quarter, abs_tol=tolerance) / quarter
        return mean * 4 / 9

    return _radial(squared, 2) / 4


def _gate(t: acb) -> acb:
    """Gate function of ``beta(2, 1)`` on the complex plane."""
    half, tail = arb(1) / 2, cdf(-t)
    if abs(t) < half:
        return tail + t * density(arb(0)) / 3 * (-t * t / 2).hypgeom_1f1(3 * half, 5 * half)
    return tail + (half - tail - t * density(t)) / (t * t)


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
    decay = max(min(_tail_exponent(gain), 25.0) - 2, 0.05)
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
    return _fitting(gain, digits + 1, 2.5), _fitting(gain, digits + 2, 3.5)


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
