"""Certified death probability of the second layer after randomized asymmetric initialisation."""

from __future__ import annotations

from collections.abc import Callable

from flint import acb, arb, ctx

from relutheory.evaluate.gaussian import cdf, density, integral
from relutheory.evaluate.replacing_laws import Beta, critical_bound_sigma, gate

__all__ = ["second_layer_death"]

#: Half-width of the strip, below pi/4, on which the integrands over ``log r`` are analytic and bounded.
_STRIP = arb(7) / 10


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
