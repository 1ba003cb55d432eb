r"""Laws of the replacing number of randomized asymmetric initialization, and the functions that they define.

``X ~ P`` is positive. A statement holds for a symbol ``P``; evaluation binds it to one of the laws here.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Function, Integer, Mul, gamma, pi, sqrt

__all__ = [
    "BetaLaw",
    "ConstantLaw",
    "ExponentialLaw",
    "GateFunction",
    "HalfNormalLaw",
    "LawMoment",
    "MeanFieldGain",
    "MeanFieldOpenFraction",
    "OpenSecondMoment",
    "Probability",
    "SecondLayerDeath",
    "SharpSigma",
    "UniformLaw",
]


class _Law(Function):
    """A law of ``X > 0``; the arguments are its parameters."""

    is_commutative = True
    letter = ""

    def moment(self, k: Any) -> Expr:
        """Moment ``E X**k`` of an integer order ``k >= 0``."""
        raise NotImplementedError

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        del exp
        inner = r",\,".join(printer._print(a) for a in self.args)
        return rf"\operatorname{{{self.letter}}}\left({inner}\right)"


class BetaLaw(_Law):
    r"""Beta law on ``(0, 1)`` with density proportional to :math:`x^{a-1}(1-x)^{b-1}`.

    Examples
    --------
    >>> from relutheory.functions import BetaLaw
    >>> BetaLaw(2, 1).moment(2)
    1/2
    """

    nargs = 2
    letter = "Beta"

    def moment(self, k: Any) -> Expr:
        """``(a)_k/(a+b)_k``."""
        a, b = self.args
        return Mul(*((a + j) / (a + b + j) for j in range(int(k))))


class UniformLaw(_Law):
    """Uniform law on ``(0, M)``."""

    nargs = 1
    letter = "U"

    def moment(self, k: Any) -> Expr:
        """``M**k/(k+1)``."""
        return self.args[0] ** k / (Integer(k) + 1)


class HalfNormalLaw(_Law):
    """Law of ``s |g|`` with ``g ~ N(0, 1)``."""

    nargs = 1
    letter = "HalfNormal"

    def moment(self, k: Any) -> Expr:
        """``s**k 2**(k/2) gamma((k+1)/2)/sqrt(pi)``."""
        k = Integer(k)
        return self.args[0] ** k * sqrt(Integer(2)) ** k * gamma((k + 1) / 2) / sqrt(pi)


class ExponentialLaw(_Law):
    """Exponential law with density ``rate exp(-rate x)``."""

    nargs = 1
    letter = "Exp"

    def moment(self, k: Any) -> Expr:
        """``k!/rate**k``."""
        return gamma(Integer(k) + 1) / self.args[0] ** k


class ConstantLaw(_Law):
    """The constant ``c``."""

    nargs = 1
    letter = "Constant"

    def moment(self, k: Any) -> Expr:
        """``c**k``."""
        return self.args[0] ** k


class _OfLaw(Function):
    """A function whose last argument is a law (or the symbol that stands for it)."""

    is_real = True
    letter = ""

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        argument, law = (printer._print(a) for a in self.args)
        return rf"{self.letter}_{{{law}}}{'' if exp is None else f'^{{{exp}}}'}\left({argument}\right)"


class GateFunction(_OfLaw):
    r"""Probability :math:`F_P(t) = E\,\Phi(-tX)` that a replaced entry does not open a unit, ``t >= 0``.

    Decreasing and convex from ``F_P(0) = 1/2``.

    Examples
    --------
    >>> from relutheory.evaluate import enclose
    >>> from relutheory.functions import BetaLaw, GateFunction
    >>> enclose(GateFunction(1, BetaLaw(2, 1)), {}, digits=20).digits()
    '0.25802927548085665020'
    """

    nargs = 2
    is_positive = True
    letter = "F"


class OpenSecondMoment(_OfLaw):
    r"""Second moment :math:`G_P(t) = E[(1+t^2X^2)\,\Phi(tX) + tX\,\varphi(tX)] = E\,J_2(tX)`, ``t >= 0``."""

    nargs = 2
    is_positive = True
    letter = "G"


class LawMoment(Function):
    """Moment ``E X**k``."""

    nargs = 2
    is_real = True
    is_nonnegative = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        order, _ = (printer._print(a) for a in self.args)
        return rf"\mu_{{{order}}}{'' if exp is None else f'^{{{exp}}}'}"


class SharpSigma(Function):
    r"""Largest :math:`\sigma_w` with :math:`\sigma_w^2\,G_P(1/\sigma_w) \le 1`; needs ``E X**2 < 1``."""

    nargs = 1
    is_positive = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        text = rf"\sigma^\ast\left({printer._print(self.args[0])}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class SecondLayerDeath(Function):
    r"""Born-dead probability at ``x`` of two hidden layers of width ``N``, He then RAI, scalar input.

    The arguments are ``N`` (1 or 2), ``x`` and ``sigma_w``; the law is Beta(2, 1).
    """

    nargs = 3
    is_positive = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        width, x, sigma = (printer._print(a) for a in self.args)
        return rf"B_{{{width}}}{'' if exp is None else f'^{{{exp}}}'}\left({x};\,{sigma}\right)"


class _MeanField(Function):
    nargs = 1
    is_positive = True
    letter = ""

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return (
            rf"{self.letter}{'' if exp is None else f'^{{{exp}}}'}\left({printer._print(self.args[0])}\right)"
        )


class MeanFieldGain(_MeanField):
    r"""Limit :math:`\lambda(\sigma_w)` of the growth of second moments per layer at infinite width."""

    letter = r"\lambda"


class MeanFieldOpenFraction(_MeanField):
    """Limiting fraction of open units at infinite width; the law is Beta(2, 1)."""

    letter = r"\omega"


class Probability(Function):
    """Probability of an event in words; it stays symbolic."""

    nargs = 1
    is_real = True
    is_nonnegative = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        body = printer._print(self.args[0])
        return rf"\operatorname{{P}}{'' if exp is None else f'^{{{exp}}}'}\left({body}\right)"
