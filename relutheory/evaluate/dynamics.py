"""Enclosures of the functions and nodes of the convergence recursions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flint import acb, arb, arb_mat, ctx, fmpq_mat

from relutheory.evaluate.arithmetic import Balls, NotExact, Number, Rationals, Undecided
from relutheory.evaluate.gaussian import integral, positive_root, symmetric_eigenvalues

if TYPE_CHECKING:
    from relutheory.evaluate.tree import Tree

__all__ = ["escape_time", "inverse_erfi", "linear_solution", "smallest_pencil_root"]


def inverse_erfi(y: arb) -> arb:
    """Root of ``erfi(x) = y``; for large ``y`` that of the logarithms.

    Examples
    --------
    >>> from flint import arb
    >>> inverse_erfi(arb(10) ** 1000).str(10, radius=False)
    '48.03154275'
    """
    if y.is_zero():
        return arb(0)
    if y < 0:
        return -inverse_erfi(-y)
    centre, spread = y.mid(), y.rad()
    if not y > 0:
        # |x| <= |y| sqrt(pi)/2, since the slope of erfi is least at 0.
        return arb(0, 1) * (abs(y) * arb.pi().sqrt() / 2).abs_upper()
    root = _root(centre)
    if spread == 0:
        return root
    # The slope of the inverse is largest at the lower end.
    low = y.lower()
    steepest = arb.pi().sqrt() / 2 * (-(_root(low) ** 2)).exp()
    return root + arb(0, 1) * (steepest * spread).abs_upper()


def _root(y: arb) -> arb:
    """Root for an exact positive number."""
    scale = arb.pi().sqrt() / 2
    if y < 1:
        return positive_root(lambda x: x.erfi() - y, arb(0), arb(1), lambda x: (x * x).exp() / scale)
    goal = y.log()
    # erfi(x) lies between x^2/2 in the exponent and e^(x^2) for x >= 1/2.
    high = (goal + 2).sqrt() + 1
    while not high.erfi() > y:
        high = 2 * high

    def slope(x: arb) -> arb:
        return (x * x).exp() / (scale * x.erfi())

    return positive_root(lambda x: x.erfi().log() - goal, arb(1) / 2, high.mid(), slope)


def escape_time(a0: arb, target: arb, end: arb) -> arb:
    """Integral of ``1/(Phi(v) (target - v))`` from ``-a0`` to ``end``."""
    if not (-a0 < end and end < target):
        raise Undecided
    root2 = acb(2).sqrt()

    def integrand(v: acb, analytic: bool) -> acb:
        return 2 / ((-v / root2).erfc() * (target - v))

    # Most of the time is spent at the lower end: the rest need not be accurate relative to itself.
    slow = integrand(acb(-a0.mid()), False).real / (1 + abs(a0.mid()))
    goal = slow.mid() * (end + a0).mid() / (1 + (end + a0).mid())
    return integral(integrand, -a0, end, abs_tol=goal * arb(2) ** -int(ctx.prec))


def _matrix(tree: Tree, matrix: Any, size: int) -> list[list[Number]]:
    return [[tree.value(matrix[i, j]) for j in range(min(size, matrix.cols))] for i in range(size)]


def linear_solution(tree: Tree, node: Any) -> Number:
    """Solution of a linear system; its other entries are kept."""
    k, size, matrix, rhs = node.args
    key = ("solution", size, matrix, rhs)
    if key not in tree.known:
        count = tree.integer(size)
        make: Any = fmpq_mat if isinstance(tree.arithmetic, Rationals) else arb_mat
        try:
            found = make(_matrix(tree, matrix, count)).solve(make(_matrix(tree, rhs, count)))
        except ZeroDivisionError:
            raise Undecided from None
        tree.known[key] = [found[i, 0] for i in range(count)]
    return tree.known[key][tree.integer(k)]


def smallest_pencil_root(tree: Tree, node: Any) -> Number:
    """Reciprocal of the largest eigenvalue of ``L^-1 B L^-T`` with ``A = L L'``."""
    if not isinstance(tree.arithmetic, Balls):
        raise NotExact
    size, a, b = node.args
    count = tree.integer(size)
    lower = arb_mat(_cholesky(_matrix(tree, a, count)))
    try:
        half = lower.solve(arb_mat(_matrix(tree, b, count)))
        whole = lower.solve(half.transpose())
    except ZeroDivisionError:
        raise Undecided from None
    full = [[whole[max(i, j), min(i, j)] for j in range(count)] for i in range(count)]
    largest = symmetric_eigenvalues(arb_mat(full))[-1]
    if not largest > 0:
        raise Undecided
    return 1 / largest


def _cholesky(rows: list[list[arb]]) -> list[list[arb]]:
    count = len(rows)
    found = [[arb(0)] * count for _ in range(count)]
    for i in range(count):
        for j in range(i + 1):
            rest = rows[i][j] - sum((found[i][k] * found[j][k] for k in range(j)), start=arb(0))
            if i != j:
                found[i][j] = rest / found[j][j]
            elif rest > 0:
                found[i][i] = rest.sqrt()
            else:
                raise Undecided
    return found
