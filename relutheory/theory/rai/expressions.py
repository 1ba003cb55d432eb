"""SymPy expressions of randomized asymmetric initialization."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Piecewise, Product, Rational, Sum, Symbol, pi, sqrt, sympify

from relutheory.functions import BetaLaw, GateFunction, LawMoment, OpenSecondMoment
from relutheory.symbols import L, l, widths
from relutheory.theory.rai import layer as d

__all__ = [
    "BETA21",
    "c_low",
    "c_sharp",
    "c_upp",
    "explicit_lower_bound",
    "explicit_upper_bound",
    "gate_floor",
    "post_activation_gain",
    "row_floor",
    "second_moment",
    "sigma_w",
    "unit_dead_probability",
]

#: Default law of the replacing number.
BETA21 = BetaLaw(2, 1)
_k = Symbol("k", integer=True, nonnegative=True)


def _others(k: Any) -> Any:
    """Squared norm of ``h~`` without coordinate k."""
    return d.norm2 - d.ht[k] ** 2


def _ratio(k: Any) -> Any:
    """``h~_k / (sigma |h~_(-k)|)``."""
    return d.ht[k] * sqrt(d.n) / (d.sigma_w * sqrt(_others(k)))


def unit_dead_probability() -> Any:
    """Probability that a unit of an RAI layer is closed on ``h``, the mean over the replaced index."""
    term = Piecewise((0, Eq(_others(_k), 0)), (GateFunction(_ratio(_k), d.P), True))
    return Sum(term, (_k, 0, d.n)) / (d.n + 1)


def u() -> Any:
    """``|h~|^2/(n+1)``."""
    return d.norm2 / (d.n + 1)


def second_moment() -> Any:
    """``E[z^2 | h]``."""
    return (d.sigma_w**2 + d.mu2) * u()


def post_activation_gain() -> Any:
    """``E[max(z, 0)^2 | h]/u``."""
    open_part = d.sigma_w**2 / d.n * _others(_k) * OpenSecondMoment(_ratio(_k), d.P)
    term = Piecewise((d.mu2 * d.ht[_k] ** 2, Eq(_others(_k), 0)), (open_part, True))
    return Sum(term, (_k, 0, d.n)) / d.norm2


def c_low(sigma: Any = d.sigma_w, law: Any = d.P) -> Any:
    """Lower constant of the paper, half of ``sigma_w^2 + mu_2``."""
    return (sympify(sigma) ** 2 + LawMoment(2, law)) / 2


def c_upp(sigma: Any = d.sigma_w, law: Any = d.P) -> Any:
    """Upper constant of the paper."""
    sigma = sympify(sigma)
    return sigma**2 / 2 + sqrt(2 / pi) * LawMoment(1, law) * sigma + LawMoment(2, law)


def c_sharp(sigma: Any = d.sigma_w, law: Any = d.P) -> Any:
    """Sharp upper constant, attained at ``h = (1, ..., 1)``."""
    sigma = sympify(sigma)
    return sigma**2 * OpenSecondMoment(1 / sigma, law)


def sharp_low(sigma: Any = d.sigma_w, law: Any = d.P) -> Any:
    """Sharp lower constant, attained at ``h = 0``."""
    return sympify(sigma) ** 2 / 2 + LawMoment(2, law)


def sigma_w(law: Any = d.P) -> Any:
    """Positive root of ``c_upp = 1``; needs ``mu_2 < 1``.

    Examples
    --------
    >>> from relutheory.evaluate import enclose
    >>> from relutheory.theory import rai
    >>> enclose(rai.sigma_w(rai.BETA21), {}, digits=20).digits()
    '0.60074730914830772684'
    """
    first, second = LawMoment(1, law), LawMoment(2, law)
    return -sqrt(2 / pi) * first + sqrt(2 * first**2 / pi + 2 * (1 - second))


def gate_floor() -> Any:
    """Floor of ``gamma = 1/2 - p(h)`` for any law."""
    return (Rational(1, 2) - GateFunction(sqrt(d.n) / d.sigma_w, d.P)) / (d.n + 1)


def explicit_lower_bound() -> Any:
    """Lower bound of the born-dead probability at one input, Beta(2, 1)."""
    best = GateFunction(1 / d.sigma_w, BETA21)
    return 1 - (1 - 2 ** -widths[1]) * Product(1 - best ** widths[l], (l, 2, L - 1))


def explicit_upper_bound() -> Any:
    """Upper bound of the born-dead probability on any set, Beta(2, 1); free of data."""
    worst = widths[l - 1] / (2 * (widths[l - 1] + 1))
    return 1 - (1 - 2 ** -widths[1]) * Product(1 - worst ** widths[l], (l, 2, L - 1))


def row_floor(width: Any, bound: Any, sigma: Any = d.SIGMA) -> Any:
    """Probability that a row is dead on all inputs whose entries are at most `bound`, from below."""
    width = sympify(width)
    return width / (width + 1) * 2 ** (1 - width) * GateFunction(bound * sqrt(width) / sigma, BETA21)
