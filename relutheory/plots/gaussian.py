"""Figures of the Gaussian calculus of a gated unit."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from relutheory.errors import DomainError
from relutheory.plots.style import COLOURS, style, two_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["gated_rates"]

_DIGITS = 17


def gated_rates(margins: Iterable[Any] | None = None) -> Figure:
    """Eigenvalues of the gated Gram matrix over the activation probability, against the margin.

    The upper panel shows the smaller and the larger one on a logarithmic scale, the lower one how the
    smaller one lies in its bracket.

    Parameters
    ----------
    margins : iterable of numbers, optional
        Exact margins h, at least one of them <= 0; default -12 to 2.

    Examples
    --------
    >>> from relutheory.plots import gated_rates
    >>> gated_rates(range(-3, 1)).axes[0].get_yscale()
    'log'
    """
    along = sorted(Fraction(h) for h in (_margins() if margins is None else margins))
    if not along or along[0] > 0:
        raise DomainError("margins must have at least one value <= 0")
    rates = [_rates(h) for h in along]
    tail = [h for h in along if h <= 0]
    bracket = [_bracket(-h) for h in tail]
    xs, tail_xs = [float(h) for h in along], [float(h) for h in tail]
    with style():
        figure, (axes, below) = two_panels()
        axes.fill_between(
            tail_xs,
            [1 / high for _, _, high in bracket],
            [1 / low for low, _, _ in bracket],
            color=COLOURS[1],
            alpha=0.3,
            linewidth=0,
            label=r"bracket of $\lambda_-/P$, $a = -h \geq 0$",
        )
        axes.plot(xs, [low for low, _ in rates], color=COLOURS[0], label=r"$\lambda_-/P$")
        axes.plot(xs, [high for _, high in rates], color=COLOURS[2], linestyle="--", label=r"$\lambda_+/P$")
        axes.set_yscale("log")
        axes.set_ylabel(r"eigenvalue over $P = \Phi(h)$")
        axes.legend(loc="lower right")
        below.plot(tail_xs, [f for _, f, _ in bracket], color=COLOURS[0])
        for level, words, side in ((2.0, "$2$", "top"), (7.5, "$15/2$", "bottom")):
            below.axhline(level, color=COLOURS[1], linestyle=":")
            below.annotate(
                words,
                (xs[-1], level),
                xytext=(-3, -2 if side == "top" else 2),
                textcoords="offset points",
                horizontalalignment="right",
                verticalalignment=side,
                fontsize=8,
            )
        below.set_ylim(0.0, 9.5)
        below.set_ylabel(r"$P/\lambda_- - a^4 - 9a^2$")
        below.set_xlabel("margin $h$, mean of the preactivation over its standard deviation")
        below.set_xlim(xs[0], xs[-1])
    return figure


def _margins() -> list[Fraction]:
    return [Fraction(k, 10) for k in range(-120, 21, 2)]


def _rates(h: Fraction) -> tuple[float, float]:
    from relutheory.evaluate import enclose
    from relutheory.functions import Phi
    from relutheory.theory.gaussian import expressions as ex
    from relutheory.theory.gaussian.notation import h as symbol

    quotients = (ex.lam_minus(symbol) / Phi(symbol), ex.lam_plus(symbol) / Phi(symbol))
    low, high = (float(enclose(q, {symbol: h}, digits=_DIGITS).digits(_DIGITS)) for q in quotients)
    return low, high


def _bracket(a: Fraction) -> tuple[float, float, float]:
    from relutheory.theorems import theorem

    found: Any = theorem("gram-eigenvalue-bracket").evaluate(a=a, digits=_DIGITS)
    low, f, high = (float(found[name].digits(_DIGITS)) for name in ("low", "f", "high"))
    return low, f, high
