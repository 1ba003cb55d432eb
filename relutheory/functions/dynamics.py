"""Functions and nodes of the convergence recursions: clocks, linear systems and pencils."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Function, ImmutableDenseMatrix, Integral, Symbol, exp, pi, sqrt, sympify

from relutheory.functions.gaussian import Phi

__all__ = ["BiasEscapeTime", "InverseErfi", "LinearSolution", "SmallestPencilRoot"]


class InverseErfi(Function):
    r"""Inverse of the imaginary error function :math:`\operatorname{erfi}(x) = 2/\sqrt\pi\int_0^x e^{t^2}dt`.

    Examples
    --------
    >>> from relutheory.evaluate import enclose
    >>> from relutheory.functions import InverseErfi
    >>> enclose(InverseErfi(1), {}, digits=20).digits()
    '0.73169715346849239632'
    """

    nargs = 1
    is_real = True

    def fdiff(self, argindex: int = 1) -> Expr:
        """Derivative ``sqrt(pi) exp(-self**2)/2``."""
        return sqrt(pi) * exp(-(self**2)) / 2

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = printer._print(self.args[0])
        text = rf"\operatorname{{erfi}}^{{-1}}\left({inner}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class BiasEscapeTime(Function):
    r"""Time in which a bias climbs back, weights frozen: :math:`\int_{-a_0}^{h_1} dh/(\Phi(h)\,(h^* - h))`.

    The arguments are ``a0, h_star, h1`` with ``-a0 < h1 < h_star``.
    """

    nargs = 3
    is_positive = True

    def doit(self, **hints: Any) -> Expr:
        """Return the unevaluated SymPy integral."""
        a0, target, end = self.args
        v = Symbol("v", real=True)
        return Integral(1 / (Phi(v) * (target - v)), (v, -a0, end))

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        a0, target, end = (printer._print(a) for a in self.args)
        text = rf"\int_{{-{a0}}}^{{{end}}} \frac{{dv}}{{\Phi(v)\,({target} - v)}}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class _Matrices(Expr):
    """Common part of nodes with matrices as arguments."""

    is_commutative = True
    is_real = True

    def _parts(self, printer: Any) -> list[str]:
        return [printer._print(a) for a in self.args]


class LinearSolution(_Matrices):
    r"""Entry ``k`` (from 0) of the solution of ``matrix @ x = rhs``, cut to the first ``size`` rows.

    Examples
    --------
    >>> from sympy import Matrix
    >>> from relutheory.evaluate import enclose
    >>> from relutheory.functions import LinearSolution
    >>> enclose(LinearSolution(1, 2, Matrix([[2, 1], [1, 3]]), Matrix([3, 5])), {}).exact
    Fraction(7, 5)
    """

    def __new__(cls, k: Any, size: Any, matrix: Any, rhs: Any) -> LinearSolution:
        """Store the arguments unevaluated."""
        system, right = ImmutableDenseMatrix(matrix), ImmutableDenseMatrix(rhs)
        obj: LinearSolution = Expr.__new__(cls, sympify(k), sympify(size), system, right)
        return obj

    def _latex(self, printer: Any) -> str:
        k, _, matrix, rhs = self._parts(printer)
        return rf"\left({matrix}^{{-1}} {rhs}\right)_{{{k}}}"


class SmallestPencilRoot(_Matrices):
    r"""Smallest root of ``det(A - x B)``, ``A`` positive definite, ``B`` positive semidefinite and not 0.

    Both are symmetric and cut to their first ``size`` rows. All roots are real and positive.

    Examples
    --------
    >>> from sympy import Matrix
    >>> from relutheory.evaluate import enclose
    >>> from relutheory.functions import SmallestPencilRoot
    >>> root = SmallestPencilRoot(2, Matrix([[2, 0], [0, 3]]), Matrix([[1, 1], [1, 1]]))
    >>> enclose(root, {}, digits=20).digits()
    '1.2000000000000000000'
    """

    def __new__(cls, size: Any, a: Any, b: Any) -> SmallestPencilRoot:
        """Store the arguments unevaluated."""
        obj: SmallestPencilRoot = Expr.__new__(
            cls, sympify(size), ImmutableDenseMatrix(a), ImmutableDenseMatrix(b)
        )
        return obj

    def _latex(self, printer: Any) -> str:
        _, a, b = self._parts(printer)
        return rf"\min\left\{{x > 0 :\ \det\left({a} - x {b}\right) = 0\right\}}"
