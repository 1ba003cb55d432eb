r"""Functions of the Gaussian calculus of a gated unit.

Conventions: ``z ~ N(0, 1)``, ``phi`` its density and ``Phi`` its distribution function; ``h`` is the
normalised margin of a preactivation, mean over standard deviation, so that the gate is open when
``z > -h``. Nothing here evaluates itself on construction; `relutheory.evaluate` encloses each function
with full relative accuracy in both tails.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Function, Integer, Symbol, exp, pi, sqrt
from sympy.core.function import ArgumentIndexError

__all__ = [
    "BivariateCDF",
    "Expectation",
    "MillsRatio",
    "OrderedEigenvalue",
    "Phi",
    "QuadrantMoment",
    "RampMoment",
    "RampRatio",
    "TruncatedMoment",
    "phi",
]


class _Real(Function):
    """A real function that prints as a letter with its arguments."""

    is_real = True
    letter = ""

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = r",\,".join(printer._print(a) for a in self.args)
        return rf"{self.letter}{'' if exp is None else f'^{{{exp}}}'}\left({inner}\right)"


class phi(_Real):
    r"""Standard normal density :math:`\varphi(x) = e^{-x^2/2}/\sqrt{2\pi}`.

    Examples
    --------
    >>> from sympy import Symbol, diff
    >>> from relutheory.functions import phi
    >>> x = Symbol("x")
    >>> diff(phi(x), x)
    -x*phi(x)
    """

    nargs = 1
    is_positive = True
    letter = r"\varphi"

    def fdiff(self, argindex: int = 1) -> Expr:
        """Derivative ``-x phi(x)``."""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return -self.args[0] * self

    def doit(self, **hints: Any) -> Expr:
        """Elementary form."""
        return exp(-(self.args[0] ** 2) / 2) / sqrt(2 * pi)


class Phi(_Real):
    r"""Standard normal distribution function :math:`\Phi(x) = \int_{-\infty}^x \varphi(t)\,dt`.

    With a normalised margin as argument it is the activation probability of a unit.

    Examples
    --------
    >>> from sympy import Symbol, diff
    >>> from relutheory.evaluate import enclose
    >>> from relutheory.functions import Phi
    >>> x = Symbol("x")
    >>> diff(Phi(x), x)
    phi(x)
    >>> enclose(Phi(x), {x: -40}, digits=20).digits()
    '3.6558935409150297037e-350'
    """

    nargs = 1
    is_positive = True
    letter = r"\Phi"

    def fdiff(self, argindex: int = 1) -> Expr:
        """Derivative ``phi(x)``."""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return phi(self.args[0])


class MillsRatio(_Real):
    r"""Mills ratio :math:`R(t) = \Phi(-t)/\varphi(t) = \int_0^\infty e^{-v^2/2 - tv}\,dv`, all real ``t``.

    Examples
    --------
    >>> from sympy import Symbol, diff
    >>> from relutheory.functions import MillsRatio
    >>> t = Symbol("t")
    >>> diff(MillsRatio(t), t)
    t*MillsRatio(t) - 1
    """

    nargs = 1
    is_positive = True
    letter = "R"

    def fdiff(self, argindex: int = 1) -> Expr:
        """Derivative ``t R(t) - 1``."""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return self.args[0] * self - 1


class _Moment(_Real):
    """A family of functions whose first argument is an index."""

    nargs = 2

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        index, argument = (printer._print(a) for a in self.args)
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"{self.letter}_{{{index}}}{power}\left({argument}\right)"


class RampMoment(_Moment):
    r"""Ramp moment :math:`J_n(h) = E[\max(z+h, 0)^n] = \int_0^\infty v^n \varphi(v-h)\,dv`.

    ``J_0`` is the activation probability ``Phi(h)``. For ``h < 0`` it is evaluated through Tricomi's
    function, because the recursion loses a factor ``h**(2n)`` there.

    Examples
    --------
    >>> from relutheory.evaluate import enclose
    >>> from relutheory.functions import RampMoment
    >>> enclose(RampMoment(1, -8), {}, digits=20).digits()
    '7.5502624119464989137e-17'
    """

    is_positive = True
    letter = "J"

    def fdiff(self, argindex: int = 1) -> Expr:
        """Derivative ``n J_{n-1}`` in ``h`` (``phi`` for ``n = 0``)."""
        n, h = self.args
        if argindex != 2:
            raise ArgumentIndexError(self, argindex)
        return phi(h) if n == 0 else n * RampMoment(n - 1, h)


class TruncatedMoment(_Moment):
    r"""Truncated moment :math:`t_n(h) = E[z^n\,1(z > -h)]`."""

    letter = "t"

    def fdiff(self, argindex: int = 1) -> Expr:
        """Derivative ``(-h)**n phi(h)`` in ``h``."""
        n, h = self.args
        if argindex != 2:
            raise ArgumentIndexError(self, argindex)
        return (-h) ** n * phi(h)


class RampRatio(_Moment):
    r"""Ratio :math:`r_n(t) = J_n(-t)/J_{n-1}(-t)` of ramp moments; ``r_n = n/(t + r_{n+1})``."""

    is_positive = True
    letter = "r"


class BivariateCDF(Function):
    r"""Orthant probability :math:`\Phi_2(a, b; \rho) = P(z_1 > -a,\ z_2 > -b)`, correlation ``rho``.

    Examples
    --------
    >>> from sympy import Rational
    >>> from relutheory.evaluate import enclose
    >>> from relutheory.functions import BivariateCDF
    >>> enclose(BivariateCDF(0, 0, Rational(1, 2)), {}, digits=10).digits()
    '0.3333333333'
    """

    nargs = 3
    is_real = True
    is_nonnegative = True

    def fdiff(self, argindex: int = 1) -> Expr:
        """Derivatives: the conditional densities, and Plackett's identity in ``rho``."""
        a, b, rho = self.args
        root = sqrt(1 - rho**2)
        if argindex == 1:
            return phi(a) * Phi((b - rho * a) / root)
        if argindex == 2:
            return phi(b) * Phi((a - rho * b) / root)
        if argindex == 3:
            return phi(a) * phi((b - rho * a) / root) / root
        raise ArgumentIndexError(self, argindex)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        a, b, rho = (printer._print(x) for x in self.args)
        return rf"\Phi_2{'' if exp is None else f'^{{{exp}}}'}\left({a},\,{b};\,{rho}\right)"


class QuadrantMoment(Function):
    r"""Truncated moment :math:`T_{ij} = E[z_1^i z_2^j\,1(z_1 > -h_1)\,1(z_2 > -h_2)]`, correlation ``rho``.

    The arguments are ``i, j, h1, h2, rho`` with ``|rho| < 1``.
    """

    nargs = 5
    is_real = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        i, j, *rest = (printer._print(x) for x in self.args)
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"T_{{{i},{j}}}{power}\left({rest[0]},\,{rest[1]};\,{rest[2]}\right)"


class Expectation(Function):
    """Mean of a random quantity; it stays symbolic, statements give it a closed form."""

    nargs = 1
    is_real = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        body = printer._print(self.args[0])
        return rf"\operatorname{{E}}{'' if exp is None else f'^{{{exp}}}'}\left[{body}\right]"


class OrderedEigenvalue(Expr):
    r"""Eigenvalue number ``k`` (from 0, ascending) of the symmetric matrix with entries ``entry[i, j]``.

    Parameters
    ----------
    k : Expr
        Number of the eigenvalue.
    size : Expr
        Number of rows.
    entry : Expr
        Entry as an expression in the bound symbols ``i`` and ``j``.
    i, j : Symbol
        Bound row and column, counted from 0.
    """

    is_commutative = True
    is_real = True

    def __new__(cls, k: Any, size: Any, entry: Any, i: Symbol, j: Symbol) -> OrderedEigenvalue:
        """Store the arguments unevaluated."""
        obj: OrderedEigenvalue = Expr.__new__(cls, Integer(k) if isinstance(k, int) else k, size, entry, i, j)
        return obj

    @property
    def free_symbols(self) -> set[Any]:
        """Symbols that a value is needed for."""
        k, size, entry, i, j = self.args
        return set(k.free_symbols | size.free_symbols | (entry.free_symbols - {i, j}))

    def _latex(self, printer: Any) -> str:
        k, _, entry, i, j = self.args
        number, body, row, column = (printer._print(a) for a in (k, entry, i, j))
        return rf"\lambda_{{{number}}}\left[\,{body}\,\right]_{{{row},{column}}}"
