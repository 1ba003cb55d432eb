"""Enclosures of the Gaussian integrals behind one gated unit, with full relative accuracy in the tails.

All functions return balls at the current working precision. Sums are arranged so that all of their terms
are positive wherever the value can be small; what remains of cancellation is repaired by more bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import overload

from flint import acb, arb, arb_mat, ctx

from relutheory.evaluate.arithmetic import Undecided

__all__ = [
    "cdf",
    "density",
    "integral",
    "mills_ratio",
    "positive_root",
    "ramp_moment",
    "ramp_moments",
    "ramp_ratio",
    "symmetric_eigenvalues",
    "truncated_moment",
    "truncated_moments",
]

#: Beyond this argument `erfc` gives a crude bound; the Mills ratio keeps the digits.
_FAR = 2**9
#: Sweeps of the Jacobi iteration; convergence is quadratic, so a few dozen serve any precision.
_MAX_SWEEPS = 80


@overload
def density(x: arb) -> arb: ...
@overload
def density(x: acb) -> acb: ...
def density(x: arb | acb) -> arb | acb:
    """Standard normal density ``exp(-x^2/2)/sqrt(2 pi)``; about ``2 log2 |x|`` bits are lost in the exponent.

    Examples
    --------
    >>> from flint import arb
    >>> density(arb(0)).str(10, radius=False)
    '0.3989422804'
    """
    return (-x * x / 2).exp() / (2 * arb.pi()).sqrt()


@overload
def cdf(x: arb) -> arb: ...
@overload
def cdf(x: acb) -> acb: ...
def cdf(x: arb | acb) -> arb | acb:
    """Standard normal distribution function ``erfc(-x/sqrt 2)/2``, relatively accurate in the lower tail.

    The upper tail ``1 - cdf(x)`` is ``cdf(-x)``: never form the difference.

    Examples
    --------
    >>> from flint import arb
    >>> cdf(arb(-8)).str(10, radius=False)
    '6.220960574e-16'
    """
    if isinstance(x, arb) and x < -_FAR:
        return density(x) * mills_ratio(-x)
    return (-x / arb(2).sqrt()).erfc() / 2


def mills_ratio(t: arb) -> arb:
    """Mills ratio ``R(t) = cdf(-t)/density(t)``, for every real ``t``.

    ``R(t) = U(1/2, 1/2, t^2/2)/sqrt 2`` for ``t > 0``, so nothing underflows; otherwise the quotient.

    Examples
    --------
    >>> from flint import arb
    >>> mills_ratio(arb(10)).str(12, radius=False), mills_ratio(arb(10) ** 9).str(5, radius=False)
    ('0.0990285964717', '1.0000e-9')
    """
    if t > 0:
        return _tricomi(0, t)
    return (t * t / 2).exp() * (arb.pi() / 2).sqrt() * (t / arb(2).sqrt()).erfc()


def _tricomi(n: int, t: arb) -> arb:
    """``J_n(-t)/density(t)`` for ``t > 0``, a Tricomi function with positive integrand."""
    half = arb(1) / 2
    return arb(n).fac() * half ** (half * (n + 1)) * (t * t / 2).hypgeom_u(half * (n + 1), half)


def ramp_moments(n: int, h: arb) -> list[arb]:
    """Ramp moments ``J_0(h), ..., J_n(h)`` with ``J_k(h) = E max(z + h, 0)^k``.

    ``J_0 = cdf``, ``J_1 = density + h cdf``, ``J_k = h J_{k-1} + (k-1) J_{k-2}``: all terms are positive for
    ``h >= 0``. For ``h = -t < 0`` the recursion would cancel like ``t^{2k}``, there
    ``J_k = k! density(t) 2^{-(k+1)/2} U((k+1)/2, 1/2, t^2/2)``.
    """
    if h < 0:
        scale = density(h)
        return [scale * _tricomi(k, -h) for k in range(n + 1)]
    values = [cdf(h), density(h) + h * cdf(h)]
    for k in range(2, n + 1):
        values.append(h * values[k - 1] + (k - 1) * values[k - 2])
    return values[: n + 1]


def ramp_moment(n: int, h: arb) -> arb:
    """Ramp moment ``J_n(h) = E max(z + h, 0)^n``; see `ramp_moments`.

    Examples
    --------
    >>> from flint import arb
    >>> ramp_moment(2, arb(-8)).str(11, radius=False), ramp_moment(4, arb(0)).str(5, radius=False)
    ('1.8075064471e-17', '1.5000')
    """
    if h < 0:
        return density(h) * _tricomi(n, -h)
    return ramp_moments(n, h)[n]


def ramp_ratio(n: int, t: arb) -> arb:
    """Quotient ``r_n(t) = J_n(-t)/J_{n-1}(-t)`` for ``n >= 1`` and every real ``t``.

    The density cancels, so no tail is lost: a quotient of two Tricomi functions for ``t > 0``.

    Examples
    --------
    >>> from flint import arb
    >>> ramp_ratio(1, arb(8)).str(12, radius=False), ramp_ratio(2, arb(10) ** 8).str(5, radius=False)
    ('0.121368112236', '2.0000e-8')
    """
    if n < 1:
        raise ValueError(f"the ratio needs n >= 1, got {n}")
    if t > 0:
        return _tricomi(n, t) / _tricomi(n - 1, t)
    values = ramp_moments(n, -t)
    return values[n] / values[n - 1]


def truncated_moments(n: int, h: arb) -> list[arb]:
    """Truncated moments ``t_0(h), ..., t_n(h)`` with ``t_k(h) = E[z^k 1(z > -h)]``.

    ``t_0 = cdf``, ``t_1 = density``, ``t_k = (k-1) t_{k-2} + (-h)^{k-1} density``: all terms are positive for
    ``h <= 0``. For ``h > 0`` reflection: ``t_k(h) = E z^k - (-1)^k t_k(-h)``, at most half of ``E z^k``.
    """
    if h > 0:
        return [arb(_normal_moment(k)) - (-1) ** k * v for k, v in enumerate(truncated_moments(n, -h))]
    edge = density(h)
    values = [cdf(h), edge]
    for k in range(2, n + 1):
        edge *= -h
        values.append((k - 1) * values[k - 2] + edge)
    return values[: n + 1]


def truncated_moment(n: int, h: arb) -> arb:
    """Truncated moment ``t_n(h) = E[z^n 1(z > -h)]``; see `truncated_moments`.

    Examples
    --------
    >>> from flint import arb
    >>> truncated_moment(2, arb(-2)).str(12, radius=False)
    '0.130732064975'
    """
    return truncated_moments(n, h)[n]


def _normal_moment(k: int) -> int:
    """``E z^k`` of a standard normal variable: ``(k-1)!!`` for even ``k``, else 0."""
    value = 0 if k % 2 else 1
    for factor in range(k - 1, 1, -2):
        value *= factor
    return value


def integral(
    f: Callable[[acb, bool], acb],
    a: arb,
    b: arb,
    *,
    rel_tol: arb | None = None,
    abs_tol: arb | None = None,
    evaluations: int | None = None,
) -> arb:
    """Real integral of ``f`` from ``a`` to ``b``, enclosed, with a tolerance relative to its value.

    Parameters
    ----------
    f : callable
        ``f(x, analytic)``; when ``analytic`` is true it must return a non-finite ball wherever it is not
        analytic on all of the box ``x``. A square root, logarithm or power has to forward the flag: a
        callback that ignores it gives a confident wrong ball.
    a, b : arb
        Finite end points. Inexact end points are replaced by their centres and a bound for the difference.
    rel_tol, abs_tol : arb, optional
        Goals; by default ``2^-prec`` relative to the value and nothing absolute, since the absolute default
        of Arb loses every value below ``2^-prec``. The radius of the result is rigorous in any case.
    evaluations : int, optional
        Effort after which the enclosure found so far is returned.

    Raises
    ------
    Undecided
        The enclosure found is not finite.

    Examples
    --------
    >>> from flint import arb
    >>> integral(lambda x, _: (-x * x / 2 - 5000).exp(), arb(-3), arb(2)).str(9, radius=False)
    '8.24300802e-2172'
    >>> integral(lambda x, analytic: x.sqrt(analytic=analytic), arb(1), arb(4)).str(9, radius=False)
    '4.66666667'
    """
    failure: list[BaseException] = []

    def guarded(x: acb, analytic: bool) -> acb:
        # An exception other than TypeError or ValueError would be lost inside the C callback.
        if failure:
            return acb("nan")
        try:
            return f(x, analytic)
        except BaseException as error:
            failure.append(error)
            return acb("nan")

    low, high = a.mid(), b.mid()
    value = acb.integral(
        guarded,
        low,
        high,
        rel_tol=arb(2) ** -ctx.prec if rel_tol is None else rel_tol,
        abs_tol=arb(0) if abs_tol is None else abs_tol,
        eval_limit=evaluations or 20_000 + 200 * ctx.prec,
    ).real
    if not a.is_exact():
        value -= (a - low) * guarded(acb(a), False).real
    if not b.is_exact():
        value += (b - high) * guarded(acb(b), False).real
    if failure:
        raise failure[0]
    if not value.is_finite():
        raise Undecided
    return value


def positive_root(
    f: Callable[[arb], arb], low: arb, high: arb, derivative: Callable[[arb], arb] | None = None
) -> arb:
    """Enclosure of the root of an increasing function with ``f(low) < 0 < f(high)``, ``0 <= low < high``.

    The root is located by precision-doubling secant steps, without rigour; then signs at both ends of a ball
    of radius about ``2^-prec`` prove the enclosure (with a derivative: one interval Newton step, which
    also shrinks the ball).

    Raises
    ------
    Undecided
        The signs at the ends cannot be proven at this precision.

    Examples
    --------
    >>> from flint import arb
    >>> positive_root(lambda x: x * x - 2, arb(1), arb(2)).str(12, radius=False)
    '1.41421356237'
    """
    left, right = low.mid(), high.mid()
    if not (f(left) < 0 and f(right) > 0):
        raise Undecided
    goal = int(ctx.prec)
    ladder = [goal]
    while ladder[-1] > 96:
        ladder.append(ladder[-1] // 2 + 16)
    centre = _bisected(f, left, right, ladder[-1])
    for bits in reversed(ladder):
        with ctx.workprec(bits):
            centre = _secant(f, centre, bits, left, right)
    for slack in (6, 10, 16, 24, 40, goal // 4, goal // 2):
        spread = abs(centre) * arb(2) ** (slack - goal)
        ends = (centre - spread).lower(), (centre + spread).upper()
        if ends[0] > left and ends[1] < right and f(ends[0]) < 0 and f(ends[1]) > 0:
            found = ends[0].union(ends[1])
            if derivative is not None:
                newton = centre - f(centre) / derivative(found)
                if newton.is_finite() and newton.overlaps(found):
                    return found.intersection(newton)
            return found
    raise Undecided


def _bisected(f: Callable[[arb], arb], left: arb, right: arb, bits: int) -> arb:
    """Approximate root by bisection to half of the bits; the signs of centres are enough here."""
    with ctx.workprec(bits):
        for _ in range(4 * bits):
            if right - left < right * arb(2) ** (8 - bits // 2):
                break
            middle = ((left + right) / 2).mid()
            if f(middle).mid() < 0:
                left = middle
            else:
                right = middle
        return ((left + right) / 2).mid()


def _secant(f: Callable[[arb], arb], centre: arb, bits: int, left: arb, right: arb) -> arb:
    """Two secant steps from an approximate root; a step out of the bracket is not taken."""
    other = (centre * (1 + arb(2) ** (-bits // 2))).mid()
    f_centre, f_other = f(centre).mid(), f(other).mid()
    for _ in range(2):
        slope = f_centre - f_other
        if slope.is_zero():
            break
        step = (centre - f_centre * (centre - other) / slope).mid()
        if not (step > left and step < right):
            break
        centre, other, f_other = step, centre, f_centre
        f_centre = f(centre).mid()
    return centre


def symmetric_eigenvalues(matrix: arb_mat) -> list[arb]:
    """Eigenvalues of a real symmetric matrix, ascending, multiple ones included.

    Jacobi rotations of the centres give an approximate eigenbasis ``Q`` (no difficulty at multiple
    eigenvalues); then the discs of Gershgorin of the enclosed similar matrix ``Q^-1 A Q`` are rigorous, and
    overlapping discs share their union. The error is absolute, about ``2^-prec`` of the largest eigenvalue,
    so the relative accuracy of a tiny one comes with more bits.

    Examples
    --------
    >>> from flint import arb_mat
    >>> [v.str(5, radius=False) for v in symmetric_eigenvalues(arb_mat([[2, 1, 0], [1, 2, 0], [0, 0, 3]]))]
    ['1.0000', '3.0000', '3.0000']
    """
    n = matrix.nrows()
    basis = _jacobi_basis(matrix.mid())
    try:
        similar = basis.solve(matrix * basis)
    except ZeroDivisionError:
        raise Undecided from None
    discs = []
    for i in range(n):
        radius = sum((similar[i, j].abs_upper() for j in range(n) if j != i), start=arb(0))
        discs.append(similar[i, i] + arb(0, 1) * radius)
    if not all(d.is_finite() for d in discs):
        raise Undecided
    discs.sort(key=arb.mid)  # centres are exact, so their order is certain
    clusters: list[tuple[arb, int]] = []
    for disc in discs:
        count = 1
        while clusters and clusters[-1][0].overlaps(disc):
            disc, count = disc.union(clusters[-1][0]), count + clusters[-1][1]
            clusters.pop()
        clusters.append((disc, count))
    return [disc for disc, count in clusters for _ in range(count)]


def _jacobi_basis(a: arb_mat) -> arb_mat:
    """Approximate orthonormal eigenvectors (columns) by cyclic Jacobi rotations of exact centres."""
    n = a.nrows()
    q = arb_mat(n, n)
    for i in range(n):
        q[i, i] = arb(1)
    small = arb(2) ** (-ctx.prec)
    for _ in range(_MAX_SWEEPS):
        rotated = False
        for i in range(n):
            for j in range(i + 1, n):
                x, d, y = a[i, j], a[i, i], a[j, j]
                if x.is_zero() or abs(x).mid() <= (small * (abs(d) + abs(y))).mid():
                    continue
                rotated = True
                tau = (y - d) / (2 * x)
                root = (1 + tau * tau).sqrt()
                t = (1 / (tau + root if tau.mid() >= 0 else tau - root)).mid()
                c = (1 / (1 + t * t).sqrt()).mid()
                s = (t * c).mid()
                _rotate(a, q, i, j, c, s)
        if not rotated:
            break
    return q


def _rotate(a: arb_mat, q: arb_mat, i: int, j: int, c: arb, s: arb) -> None:
    """Replace ``a`` by ``J'aJ`` and ``q`` by ``qJ`` for the rotation ``J`` in the plane ``(i, j)``."""
    n = a.nrows()
    for m in (a, q):
        for k in range(n):
            u, v = m[k, i], m[k, j]
            m[k, i], m[k, j] = (c * u - s * v).mid(), (s * u + c * v).mid()
    for k in range(n):
        u, v = a[i, k], a[j, k]
        a[i, k], a[j, k] = (c * u - s * v).mid(), (s * u + c * v).mid()
    a[i, j] = a[j, i] = arb(0)
