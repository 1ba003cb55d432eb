r"""SymPy expressions of the born-dead theory, for people who want expressions.

In all of them ``L`` counts affine maps, so there are ``L - 1`` hidden ReLU layers. The expressions with
an index run over ``widths[l]``, the width of hidden layer ``l = 1 .. L-1``.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer, Lambda, Product, Rational, Sum, Symbol, prod, symbols, sympify

from relutheory.functions import BinomialExtinction, Iterate
from relutheory.symbols import L as DEPTH
from relutheory.symbols import l, m, widths

__all__ = [
    "any_dim_lower_bound",
    "chain_lower_bound",
    "chain_state",
    "closed_lower_bound",
    "closed_lower_bound_constants",
    "lower_bound_1d",
    "single_point",
    "sparse_single_point",
    "two_two_law_free",
    "union_bound",
    "upper_bound",
]


def half_power(width: Any) -> Expr:
    """Probability ``2**-N`` that all ``N`` units of a layer are off at one input."""
    return Integer(2) ** (-sympify(width))


def single_point(N: Any = None, L: Any = None) -> Expr:
    r"""Born-dead probability of a single input.

    .. math:: 1 - \prod_{l=1}^{L-1}(1 - 2^{-N_l}), \qquad 1 - (1 - 2^{-N})^{L-1} \text{ for equal widths}

    Parameters
    ----------
    N : Expr, int or sequence, optional
        Common width, or the sequence of hidden widths (then ``L`` is not given). Nothing: the general
        symbolic product over ``widths``.
    L : Expr or int, optional
        Number of affine maps.

    Returns
    -------
    Expr
        A rational number for integers.

    Notes
    -----
    Valid for rows that are independent, symmetric and without atoms. In doubles the product loses every
    digit once ``2**-N < 1e-16``.

    References
    ----------
    Lu, Shin, Su, Karniadakis, Commun. Comput. Phys. 28 (2020) 1671-1706; re-derived.

    Examples
    --------
    >>> from sympy import symbols
    >>> from relutheory.theory.born_dead import single_point
    >>> single_point((3, 2, 4, 3, 2))
    9769/16384
    >>> single_point(*symbols("N L", positive=True))
    1 - (1 - 1/2**N)**(L - 1)
    """
    if N is None:
        return 1 - Product(1 - half_power(widths[l]), (l, 1, DEPTH - 1))
    if L is None:
        return 1 - prod([1 - half_power(w) for w in N])
    return 1 - (1 - half_power(N)) ** (sympify(L) - 1)


def upper_bound(N: Any = None, L: Any = None) -> Expr:
    r"""Upper bound on the born-dead probability of any input set; the same expression as `single_point`.

    Examples
    --------
    >>> from relutheory.theory.born_dead import upper_bound
    >>> upper_bound((5, 2, 5, 3))
    12587/32768
    """
    return single_point(N, L)


def union_bound() -> Expr:
    r"""Union bound :math:`\sum_{l=1}^{L-1} 2^{-N_l}` on the born-dead probability of any input set.

    Returns
    -------
    Sum
        Over the symbolic ``widths``; it exceeds 1 for narrow networks.

    Examples
    --------
    >>> from relutheory.theory.born_dead import union_bound
    >>> union_bound()
    Sum(2**(-N[l]), (l, 1, L - 1))
    """
    return Sum(half_power(widths[l]), (l, 1, DEPTH - 1))


def chain_state(name: str = "C") -> Iterate:
    r"""State ``A``, ``B`` or ``C`` of the three-state chain after layer ``L - 1``, or their ``total``.

    .. math::
        A' &= A(1 - 2e - (N-1)e^2) \\ B' &= A(2e + (N-2)e^2) + B(1-e) \\ C' &= C + A e^2 + B e

    with ``e = 2**-N_l``, from ``A = 1 - 2 e_1, B = 2 e_1, C = 0``. ``A``: both images nonzero and not
    collinear; ``B``: the image is one ray; ``C``: dead. All terms of ``C`` are positive, so that it
    keeps its relative accuracy; ``1 - A - B`` would lose ``2 N`` bits.

    Parameters
    ----------
    name : {"A", "B", "C", "total"}
        Which state; ``total`` is their sum, 1.

    Returns
    -------
    Iterate

    References
    ----------
    Lu, Shin, Su, Karniadakis, Commun. Comput. Phys. 28 (2020) 1671-1706 for equal widths; general widths
    and laws are new here.

    Examples
    --------
    >>> from relutheory.evaluate import enclose
    >>> from relutheory.symbols import L, widths
    >>> from relutheory.theory.born_dead import chain_state
    >>> [str(enclose(chain_state(s), {widths: (3, 2), L: 3}).exact) for s in "ABC"]
    ['21/64', '9/16', '7/64']
    """
    a, b, c = symbols("A B C", real=True)
    e, first, width = half_power(widths[l]), half_power(widths[1]), widths[l]
    updates = (
        a * (1 - 2 * e - (width - 1) * e**2),
        a * (2 * e + (width - 2) * e**2) + b * (1 - e),
        c + a * e**2 + b * e,
    )
    output = {"A": a, "B": b, "C": c, "total": a + b + c}[name]
    return Iterate(output, (a, b, c), (1 - 2 * first, 2 * first, 0), updates, (l, 2, DEPTH - 1))


def chain_lower_bound() -> Iterate:
    """Lower bound for one-dimensional two-sided inputs and general widths (state ``C`` of the chain)."""
    return chain_state("C")


def closed_lower_bound_constants(N: Any) -> tuple[Expr, Expr, Expr]:
    r"""Constants ``a1, a2, K`` of the closed lower bound.

    .. math:: a_1 = 1 - 2^{-N},\quad a_2 = 1 - 2^{1-N} - (N-1)4^{-N},\quad
              K = \frac{(1-2^{1-N})(1-2^{-N})}{1 + (N-1)2^{-N}}

    Parameters
    ----------
    N : Expr or int
        Common width, at least 1 (then ``a2 = 0`` and ``K = 0``).

    Returns
    -------
    tuple of Expr

    References
    ----------
    Lu, Shin, Su, Karniadakis, Commun. Comput. Phys. 28 (2020) 1671-1706; re-derived.

    Examples
    --------
    >>> from relutheory.theory.born_dead import closed_lower_bound_constants
    >>> closed_lower_bound_constants(2)
    (3/4, 7/16, 3/10)
    """
    width = sympify(N)
    e = half_power(width)
    a1, a2 = 1 - e, 1 - 2 * e - (width - 1) * e**2
    return a1, a2, (1 - 2 * e) * (1 - e) / (1 + (width - 1) * e)


def closed_lower_bound(N: Any, L: Any) -> Expr:
    r"""Lower bound for one-dimensional two-sided inputs and equal widths, in closed form.

    .. math:: 1 - a_1^{L-2} + K\,(a_2^{L-2} - a_1^{L-2})

    Parameters
    ----------
    N : Expr or int
        Common width, at least 1.
    L : Expr or int
        Number of affine maps, at least 2.

    Returns
    -------
    Expr
        A rational number for integers.

    Notes
    -----
    Valid for input dimension 1, inputs on both sides of 0, zero biases, independent symmetric entries
    without atoms. It cancels about ``2 N`` bits: evaluate it with `relutheory.evaluate`, never in doubles.
    At ``N = 1, L = 2`` it needs ``0**0 = 1``.

    References
    ----------
    Lu, Shin, Su, Karniadakis, Commun. Comput. Phys. 28 (2020) 1671-1706; re-derived.

    Examples
    --------
    >>> from relutheory.theory.born_dead import closed_lower_bound
    >>> closed_lower_bound(2, 4)
    167/512
    """
    a1, a2, factor = closed_lower_bound_constants(N)
    steps = sympify(L) - 2
    return 1 - a1**steps + factor * (a2**steps - a1**steps)


def lower_bound_1d(N: Any, L: Any) -> Expr:
    """Alias of `closed_lower_bound`, named after the theorem."""
    return closed_lower_bound(N, L)


def two_two_law_free(third: Any) -> Expr:
    r"""Born-dead probability of widths ``(2, 2, N3)``, the same for every symmetric continuous law.

    .. math::
        &f = 2^{-N_3},\ a = \frac{2^{N_3+1}-1}{N_3+1},\ c = 2\left(\frac{2^{N_3+2}-1}{N_3+2} - a\right), \\
        &\tfrac12\left(\tfrac1{16} + \tfrac f2 + \tfrac{f^2}8 + f^2(\tfrac c{16} + \tfrac a4)\right)
         + \tfrac12\left(\tfrac14 + \tfrac{3f}4\right)

    Examples
    --------
    >>> from relutheory.theory.born_dead import two_two_law_free
    >>> two_two_law_free(2), two_two_law_free(3)
    (1045/3072, 5019/20480)
    """
    n = sympify(third)
    f = half_power(n)
    a = (2 ** (n + 1) - 1) / (n + 1)
    c = 2 * ((2 ** (n + 2) - 1) / (n + 2) - a)
    from_both = Rational(1, 16) + f / 2 + f**2 / 8 + f**2 * (c / 16 + a / 4)
    from_ray = Rational(1, 4) + 3 * f / 4
    return (from_both + from_ray) / 2


def any_dim_lower_bound(bias: Any) -> BinomialExtinction:
    """Lower bound for any input dimension: extinction of a chain of live-unit counts.

    Parameters
    ----------
    bias : Expr or int
        1 with biases, 0 without: ``m`` live features and ``bias`` more coordinates.

    Returns
    -------
    BinomialExtinction

    References
    ----------
    New here, after Lu, Shin, Su, Karniadakis, Commun. Comput. Phys. 28 (2020) 1671-1706.

    Examples
    --------
    >>> from relutheory.evaluate import enclose
    >>> from relutheory.symbols import L, widths
    >>> from relutheory.theory.born_dead import any_dim_lower_bound
    >>> enclose(any_dim_lower_bound(0), {widths: (2, 2), L: 3}).exact
    Fraction(1, 16)
    """
    success = Lambda(m, 1 - Integer(2) ** (-(m + sympify(bias))))
    return BinomialExtinction(widths[1], success, widths[l], (l, 2, DEPTH - 1))


def sparse_single_point(keep: Any, m0: Any) -> BinomialExtinction:
    """Born-dead probability of one input with Bernoulli-masked weights.

    Parameters
    ----------
    keep : Expr or number
        Probability that a weight is kept, in ``(0, 1]``.
    m0 : Expr or int
        Number of nonzero coordinates of the input.

    Returns
    -------
    BinomialExtinction

    References
    ----------
    New here, after Lu, Shin, Su, Karniadakis, Commun. Comput. Phys. 28 (2020) 1671-1706.

    Examples
    --------
    >>> from relutheory.evaluate import enclose
    >>> from relutheory.symbols import L, widths
    >>> from relutheory.theory.born_dead import sparse_single_point
    >>> enclose(sparse_single_point(1, 3), {widths: (2, 2), L: 3}).exact
    Fraction(7, 16)
    """
    success = Lambda(m, (1 - (1 - sympify(keep)) ** m) / 2)
    return BinomialExtinction(m0, success, widths[l], (l, 1, DEPTH - 1))


def symbol_named(name: str) -> Symbol:
    """Positive integer symbol for left-hand sides such as ``L_max``."""
    return Symbol(name, integer=True, positive=True)
