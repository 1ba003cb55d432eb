"""Enclosures for two correlated standard normal variables: orthant probability and quadrant moments."""

from __future__ import annotations

from functools import cache
from math import comb

from flint import acb, arb, ctx

from relutheory.evaluate.arithmetic import Undecided
from relutheory.evaluate.gaussian import cdf, density, integral, truncated_moments

__all__ = ["bivariate_cdf", "quadrant_moment"]


def bivariate_cdf(a: arb, b: arb, rho: arb) -> arb:
    """Orthant probability ``Phi2(a, b; rho) = P(Z1 <= a, Z2 <= b)`` for correlation ``rho`` in ``[-1, 1]``.

    Plackett's derivative ``d Phi2/d rho = phi2(a, b; rho)`` is integrated from ``rho = -1`` in the variable
    ``u = sqrt((1+r)/(1-r))``, which makes every term positive:

    ``Phi2 = max(Phi(a) + Phi(b) - 1, 0)``
    ``+ (1/pi) int_0^U exp(-(a^2+b^2)/4 - (a+b)^2/(8u^2) - (a-b)^2 u^2/8) du/(1+u^2)``.

    The maximum of the exponent is factored out and the end pieces are cut off below the rounding error with
    explicit bounds, so the tails keep full relative accuracy. Close to ``|rho| = 1`` the digits lost are
    those of ``1 - |rho|``.

    Raises
    ------
    Undecided
        The ball ``rho`` contains ``1`` or ``-1`` without being exact: monotonicity gives a crude enclosure
        only, and more bits are needed.

    Examples
    --------
    >>> from flint import arb
    >>> bivariate_cdf(arb(0), arb(0), arb(1) / 2).str(10, radius=False)
    '0.3333333333'
    >>> bivariate_cdf(arb(-40), arb(-40), arb(-1) / 2).str(10, radius=False)
    '5.194471638e-1395'
    """
    if rho == 1:
        return cdf(a).min(cdf(b))
    if rho == -1:
        return _slab(a, b)
    if rho.is_zero():
        return cdf(a) * cdf(b)
    if not (rho > -1 and rho < 1):
        raise Undecided
    upper = ((1 + rho) / (1 - rho)).sqrt()
    if a.is_zero() and b.is_zero():
        return upper.atan() / arb.pi()
    return _slab(a, b) + _plackett(a, b, upper)


def _slab(a: arb, b: arb) -> arb:
    """``max(Phi(a) + Phi(b) - 1, 0) = P(-b < Z <= a)``, as a difference of two small tails."""
    if a + b <= 0:
        return arb(0)
    if a < 0:
        value = cdf(a) - cdf(-b)
    elif b < 0:
        value = cdf(b) - cdf(-a)
    else:
        value = 1 - cdf(-a) - cdf(-b)
    return value if a + b > 0 else value.union(arb(0)).max(arb(0))


def _plackett(a: arb, b: arb, upper: arb) -> arb:
    """The integral of `bivariate_cdf` from 0 to ``upper``."""
    lead = -(a * a + b * b) / 4
    low_rate, high_rate = (a + b) * (a + b) / 8, (a - b) * (a - b) / 8
    defect = arb(0)
    if (a + b).contains(0):
        # Between the values at rate 0 and at the largest rate; they differ by at most
        # int_0^inf (1 - exp(-rate/u^2)) du = sqrt(pi rate).
        defect = (arb.pi() * low_rate.abs_upper()).sqrt() * arb(-1).union(arb(0))
        low_rate = arb(0)
    # Largest exponent on (0, upper]: where low_rate/u^2 and high_rate u^2 balance or at the end, or 0.
    top = arb(0)
    if not low_rate.is_zero():
        turn = upper
        if high_rate > 0:
            balance = (low_rate / high_rate).root(4)
            turn = balance if balance < upper else upper
        top = -(low_rate / (turn * turn) + high_rate * turn * turn).mid()
    bits = (ctx.prec + 16) * arb(2).log()
    end, cut = upper, arb(0)
    if high_rate > 0:
        # The tail beyond v is at most exp(-high_rate v^2)/v.
        last = ((bits - top + (1 + high_rate).log()) / high_rate).sqrt().mid()
        if last < upper:
            end, cut = last, cut + (-high_rate * last * last - top).exp() / last
    start = arb(0)
    if not low_rate.is_zero():
        # The piece below v is at most v exp(-low_rate/v^2), which increases in v.
        start = (low_rate / (bits - top + (1 + low_rate).log())).sqrt().mid()
        if not start < end:
            start = (end / 2).mid()
        cut += start * (-low_rate / (start * start) - top).exp()

    if end < 1:
        value = _piece(start, end, low_rate, high_rate, top, arb(0))
    elif start > 1:
        value = _piece(1 / end, 1 / start, high_rate, low_rate, top, arb(0))
    else:
        value = _piece(start, arb(1), low_rate, high_rate, top, arb(0))
        value += _piece(1 / end, arb(1), high_rate, low_rate, top, value)
    value += cut * arb(0).union(arb(1))
    return (value + defect) * (lead + top).exp() / arb.pi()


def _piece(start: arb, end: arb, low_rate: arb, high_rate: arb, top: arb, scale: arb) -> arb:
    """Integral of ``exp(-low_rate/u^2 - high_rate u^2 - top)/(1+u^2)`` within ``[0, 1]``.

    The form beyond 1 becomes this one by ``u -> 1/u``, so that an absent rate leaves a smooth integrand
    on a short interval however close to one ``|rho|`` is.
    """

    def integrand(u: acb, _: bool) -> acb:
        # Meromorphic: a box that meets u = 0 or 1 + u^2 = 0 gives a non-finite ball by itself.
        square = u * u
        exponent = -high_rate * square - top
        if not low_rate.is_zero():
            exponent -= low_rate / square
        return exponent.exp() / (1 + square)

    return integral(integrand, start, end, abs_tol=scale.abs_lower() * arb(2) ** (-ctx.prec - 8))


def quadrant_moment(i: int, j: int, h1: arb, h2: arb, rho: arb) -> arb:
    """Truncated moment ``T_ij = E[z1^i z2^j 1(z1 > -h1) 1(z2 > -h2)]``, correlation ``rho`` in ``(-1, 1)``.

    Stein's identity in ``z1`` gives the recursion
    ``T_ij = (i-1) T_{i-2,j} + rho j T_{i-1,j-1} + (-h1)^{i-1} phi(h1) m_j + rho (-h2)^j phi(h2) n_{i-1}``
    with truncated moments ``m``, ``n`` of the conditional normal laws on the edges. Its terms change sign:
    in the tails and close to ``|rho| = 1`` digits are lost and come back with more bits.

    Examples
    --------
    >>> from flint import arb
    >>> quadrant_moment(2, 2, arb(1) / 2, arb(-1), arb(3) / 10).str(12, radius=False)
    '0.428903633321'
    """
    om = ((1 - rho) * (1 + rho)).sqrt()
    if not om.is_finite() or not om > 0:
        raise Undecided
    order = max(i, j)
    # Moments of z2 on the edge z1 = -h1, and of z1 on the edge z2 = -h2.
    second = _shifted_truncated_moments(order, -rho * h1, om, (h2 - rho * h1) / om)
    first = _shifted_truncated_moments(order, -rho * h2, om, (h1 - rho * h2) / om)
    edge1, edge2 = _edge_powers(h1, order), _edge_powers(h2, order)

    @cache
    def moment(p: int, q: int) -> arb:
        if p == 0 and q == 0:
            return bivariate_cdf(h1, h2, rho)
        if p == 0:
            value = edge2[q - 1] * first[0] + rho * edge1[0] * second[q - 1]
            return value + (q - 1) * moment(0, q - 2) if q > 1 else value
        value = edge1[p - 1] * second[q] + rho * edge2[q] * first[p - 1]
        if p > 1:
            value += (p - 1) * moment(p - 2, q)
        if q > 0:
            value += rho * q * moment(p - 1, q - 1)
        return value

    return moment(i, j)


def _edge_powers(h: arb, n: int) -> list[arb]:
    """``(-h)^k density(h)`` for ``k = 0..n``."""
    values = [density(h)]
    for _ in range(n):
        values.append(-h * values[-1])
    return values


def _shifted_truncated_moments(n: int, mean: arb, deviation: arb, h: arb) -> list[arb]:
    """Moments ``E[y^k 1(z > -h)]``, ``k <= n``, of ``y = mean + deviation z``, by the binomial theorem."""
    base = truncated_moments(n, h)
    means, deviations = _powers(mean, n), _powers(deviation, n)
    return [
        sum((comb(k, i) * means[k - i] * deviations[i] * base[i] for i in range(k + 1)), start=arb(0))
        for k in range(n + 1)
    ]


def _powers(base: arb, n: int) -> list[arb]:
    """``base^0, ..., base^n`` by products, which stay finite on balls around zero."""
    values = [arb(1)]
    for _ in range(n):
        values.append(values[-1] * base)
    return values
