"""Randomized asymmetric initialisation: the law of the replacing number and one unit or layer that uses it.

A row of ``n`` weights and a bias, all ``N(0, sigma_w^2/n)``, has one entry, uniformly chosen, replaced by
``X ~ P`` with ``X > 0``. Everything reduces to ``E f(tX)`` for the normal distribution function and the
ramp moment ``J_2``; the forms used are sums of positive terms at small as well as at large ``t``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb
from typing import Any

from flint import arb, ctx

from relutheory.errors import DomainError
from relutheory.evaluate.arithmetic import Undecided
from relutheory.evaluate.gaussian import cdf, density, mills_ratio, positive_root, ramp_moment

__all__ = [
    "Beta",
    "Constant",
    "Exponential",
    "HalfNormal",
    "Law",
    "Uniform",
    "critical_bound_sigma",
    "gain_bound",
    "gate",
    "law_moment",
    "open_second_moment",
    "sharp_sigma",
]

#: Up to this integer second parameter a beta law is expanded into laws with second parameter one.
_MAX_EXPANSION = 40


@dataclass(frozen=True)
class Beta:
    """Beta law on ``(0, 1)``, density proportional to ``x^(a-1) (1-x)^(b-1)``."""

    a: arb
    b: arb


@dataclass(frozen=True)
class Uniform:
    """Uniform law on ``(0, M)``."""

    M: arb


@dataclass(frozen=True)
class HalfNormal:
    """Law of ``s |g|`` with a standard normal ``g``."""

    s: arb


@dataclass(frozen=True)
class Exponential:
    """Exponential law with mean ``1/rate``."""

    rate: arb


@dataclass(frozen=True)
class Constant:
    """The constant ``c > 0``."""

    c: arb


Law = Beta | Uniform | HalfNormal | Exponential | Constant


def law_moment(k: int, law: Law) -> arb:
    """Moment ``E X^k`` for an integer ``k >= 0``.

    Examples
    --------
    >>> from flint import arb
    >>> law_moment(2, Beta(arb(2), arb(1))).str(5, radius=False)
    '0.50000'
    """
    if isinstance(law, Beta):
        return law.a.rising(k) / (law.a + law.b).rising(k)
    if isinstance(law, Uniform):
        return law.M**k / (k + 1)
    if isinstance(law, HalfNormal):
        half = arb(k + 1) / 2
        return law.s**k * arb(2).sqrt() ** k * half.gamma() / arb.const_sqrt_pi()
    if isinstance(law, Exponential):
        return arb(k).fac() / law.rate**k
    return law.c**k


def gate(t: arb, law: Law) -> arb:
    """Gate function ``F(t) = E Phi(-t X)`` for ``t >= 0``, in full relative accuracy.

    Closed forms: ``beta(a, 1)``: ``Phi(-t) + t int_0^1 y^a phi(t y) dy`` by the incomplete gamma function;
    uniform: ``Phi(-y) + phi(0) (1 - exp(-y^2/2))/y``, ``y = M t``; half-normal: ``atan(1/(s t))/pi``;
    exponential: ``1/2 - phi(0) R(rate/t)`` with the Mills ratio ``R``; constant: ``Phi(-c t)``.

    Examples
    --------
    >>> from flint import arb
    >>> gate(arb(1), Beta(arb(2), arb(1))).str(12, radius=False)
    '0.258029275481'
    >>> gate(arb(10) ** 6, Beta(arb(2), arb(1))).str(5, radius=False)
    '5.0000e-13'
    """
    if t.is_zero():
        return arb(1) / 2
    if isinstance(law, Constant):
        return cdf(-law.c * t)
    if isinstance(law, Uniform):
        y = law.M * t
        return cdf(-y) - density(arb(0)) * (-y * y / 2).expm1() / y
    if isinstance(law, HalfNormal):
        return (1 / (law.s * t)).atan() / arb.pi()
    if isinstance(law, Exponential):
        z = law.rate / t
        if z > 1:
            return arb(1) / 2 - density(arb(0)) * mills_ratio(z)
        # The same without the cancellation that arises for large t, where F is about z phi(0).
        half_square = z * z / 2
        return half_square.exp() * (z / arb(2).sqrt()).erf() / 2 - half_square.expm1() / 2
    return _beta_mean(t, law, _gate_power, _gate_series)


def open_second_moment(t: arb, law: Law) -> arb:
    """Mean second ramp moment ``G2(t) = E J_2(t X)`` for ``t >= 0``; ``G2(0) = 1/2``.

    Beta laws: ``1 + t^2 mu2 - E J_2(-tX)``, where the subtracted mean is at most half of the rest.
    Uniform: ``(J_3(y) - J_3(0))/(3y)``; half-normal by polar coordinates; exponential by parts down to the
    Mills ratio.

    Examples
    --------
    >>> from flint import arb
    >>> open_second_moment(arb(1), Beta(arb(2), arb(1))).str(12, radius=False)
    '1.33331547059'
    """
    half = arb(1) / 2
    if t.is_zero():
        return half
    if isinstance(law, Constant):
        return ramp_moment(2, law.c * t)
    if isinstance(law, Uniform):
        y = law.M * t
        # (J_3(y) - J_3(0))/(3y); the only negative term is the smaller one.
        bend = 2 * density(arb(0)) * (-y * y / 2).expm1() / y
        return ((y * y + 3) * cdf(y) + y * density(y) + bend) / 3
    if isinstance(law, HalfNormal):
        y = law.s * t
        return (1 + y * y) * (half + y.atan() / arb.pi()) + y / arb.pi()
    if isinstance(law, Exponential):
        y, peak = t / law.rate, density(arb(0))
        return half + 2 * y * (peak + y * (half + peak * mills_ratio(1 / y)))
    return 1 + t * t * law_moment(2, law) - _beta_mean(t, law, _square_power, _square_series)


def _power_mean(s: arb, t: arb) -> arb:
    """``int_0^1 x^s phi(t x) dx`` by the incomplete gamma function, with no division by ``t``."""
    order = (s + 1) / 2
    return order.gamma() * (t * t / 2).gamma_lower(order, regularized=2) * density(arb(0)) / 2


def _gate_power(a: arb, t: arb) -> arb:
    """``E Phi(-t X)`` for ``beta(a, 1)``."""
    return cdf(-t) + t * _power_mean(a, t)


def _square_power(a: arb, t: arb) -> arb:
    """``E J_2(-t X)`` for ``beta(a, 1)``, by parts down to `_gate_power`."""
    inner = ramp_moment(1, -t) + t / (a + 2) * _gate_power(a + 2, t)
    return ramp_moment(2, -t) + 2 * t / (a + 1) * inner


def _gate_series(t: arb, a: arb, b: arb) -> arb:
    """``E Phi(-tX) = 1/2 - E[tX phi(0) 1F1(1/2; 3/2; -(tX)^2/2)]``."""
    half = arb(1) / 2
    return half - _odd_series(t, a, b, half)


def _square_series(t: arb, a: arb, b: arb) -> arb:
    """``E J_2(-tX) = E[(1 + (tX)^2)/2 - 2 tX phi(0) 1F1(-1/2; 3/2; -(tX)^2/2)]``."""
    even = (1 + t * t * law_moment(2, Beta(a, b))) / 2
    return even - 2 * _odd_series(t, a, b, -arb(1) / 2)


def _odd_series(t: arb, a: arb, b: arb, first: arb) -> arb:
    """``E[phi(0) tX 1F1(first; 3/2; -(tX)^2/2)]`` as a 3F3."""
    upper: list[Any] = [first, (a + 1) / 2, (a + 2) / 2]
    lower: list[Any] = [arb(3) / 2, (a + b + 1) / 2, (a + b + 2) / 2]
    return density(arb(0)) * t * a / (a + b) * (-t * t / 2).hypgeom(upper, lower)


def _beta_mean(
    t: arb, law: Beta, power: Callable[[arb, arb], arb], series: Callable[[arb, arb, arb], arb]
) -> arb:
    """``E f(tX)`` for a positive decreasing ``f``, here ``Phi(-x)`` or ``J_2(-x)``.

    With an integer ``b`` the density is an alternating sum of powers, for which ``power`` is the mean.
    Otherwise the hypergeometric ``series`` is summed with extra bits for its cancellation, about
    ``0.72 t^2``, and for large ``t`` the binomial series of ``(1-x)^(b-1)`` on ``x < 1/2`` converges fast.
    """
    a, b = law.a, law.b
    whole = b.unique_fmpz() if b.is_exact() else None
    if whole is not None and 1 <= whole <= _MAX_EXPANSION:
        count = int(whole)
        norm = a.rising(count) / arb(count - 1).fac()
        return sum(
            ((-1) ** j * comb(count - 1, j) * norm / (a + j) * power(a + j, t) for j in range(count)),
            start=arb(0),
        )
    square = int((t * t).upper().ceil().unique_fmpz() or 0)
    if square > 8 * ctx.prec:
        return _binomial_sum(t, a, b, power)
    # Cancellation would magnify the radii of the arguments, so the corners of the box are exact: the mean
    # decreases in t and in a and increases in b.
    ends = []
    with ctx.workprec(ctx.prec + 4 * square // 5 + 40):
        for corner in ((t.upper(), a.upper(), b.lower()), (t.lower(), a.lower(), b.upper())):
            ends.append(series(*corner))
    return ends[0].union(ends[1])


def _binomial_sum(t: arb, a: arb, b: arb, power: Callable[[arb, arb], arb]) -> arb:
    """``E f(tX)`` for large ``t``: the part ``X < 1/2`` by the binomial series of ``(1-x)^(b-1)``.

    With coefficients ``c_j = (1-b)_j/j!`` the term is ``c_j 2^-(a+j)/(a+j)`` times the mean for
    ``beta(a+j, 1)`` at ``t/2``. From ``2j >= b`` on the coefficients decrease in size, so the rest is at
    most twice the size of the first term left out. The part ``X > 1/2`` is at most
    ``f(t/2) <= Phi(-t/2)``, as ``J_2(-x) < Phi(-x)`` for ``x > 0``.
    """
    half, weight = arb(1) / 2, (a + b).gamma() / (a.gamma() * b.gamma())
    total, coefficient, scale, j = arb(0), weight, half**a, 0
    while True:
        term = coefficient * scale / (a + j) * power(a + j, t / 2)
        if 2 * j >= b and abs(term).mid() <= (abs(total) * arb(2) ** (-ctx.prec - 8)).mid():
            break
        total += term
        coefficient *= (1 - b + j) / (j + 1)
        scale *= half
        j += 1
    return total + 2 * abs(term) * arb(-1).union(arb(1)) + cdf(-t / 2) * arb(0).union(arb(1))


def gain_bound(sigma_w: arb, law: Law) -> arb:
    """Sharp upper bound ``C*(sigma_w) = sigma_w^2 G2(1/sigma_w)`` of the gain ``E[(z_+)^2 | h]/u``."""
    return sigma_w * sigma_w * open_second_moment(1 / sigma_w, law)


def critical_bound_sigma(law: Law) -> arb:
    """Positive root of ``s^2/2 + sqrt(2/pi) mu1 s + mu2 = 1``.

    Examples
    --------
    >>> from flint import arb
    >>> critical_bound_sigma(Beta(arb(2), arb(1))).str(12, radius=False)
    '0.600747309148'
    """
    slope = (2 / arb.pi()).sqrt() * law_moment(1, law)
    rest = 2 * _unit_rest(law)
    # 2(1 - mu2)/(slope + sqrt(...)) instead of the difference of root and slope.
    return rest / (slope + (slope * slope + rest).sqrt())


def _unit_rest(law: Law) -> arb:
    """``1 - mu2``, which must be positive for a critical scale to exist."""
    rest = 1 - law_moment(2, law)
    if rest <= 0:
        raise DomainError("the second moment of the replacing law must be below 1")
    if not rest > 0:
        raise Undecided
    return rest


def sharp_sigma(law: Law) -> arb:
    """Largest ``sigma_w`` without growth of the second moment: the root of ``C*(sigma_w) = 1``.

    Between ``C* <= C_upp`` and ``sigma_w^2/2 + mu2 <= C*`` the root is bracketed.

    Examples
    --------
    >>> from flint import arb
    >>> sharp_sigma(Beta(arb(2), arb(1))).str(9, radius=False)
    '0.752477863'
    """
    high = (2 * _unit_rest(law)).sqrt() * arb(65) / 64
    return positive_root(lambda s: gain_bound(s, law) - 1, critical_bound_sigma(law) / 2, high)
