"""Functions of the normal law on NumPy arrays in double precision, for trajectories of many points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relutheory.errors import MissingExtraError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["bivariate_cdf", "cdf", "density", "mills_ratio", "ramp_moment", "special", "truncated_moment"]

#: Beyond this distance into the tail the asymptotic series of J_1 is exact to rounding.
_FAR = 25.0


def special() -> Any:
    """``scipy.special``, or one line that says how to install it."""
    try:
        from scipy import special as found
    except ImportError as error:
        raise MissingExtraError("arrays need scipy: pip install 'relutheory[recursions]'") from error
    return found


def density(x: Array) -> Array:
    """Standard normal density."""
    import numpy as np

    found: Array = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    return found


def cdf(x: Array) -> Array:
    """Standard normal distribution function, relatively accurate in the lower tail."""
    found: Array = special().ndtr(x)
    return found


def mills_ratio(t: Array) -> Array:
    """``R(t) = Phi(-t)/phi(t)``."""
    import numpy as np

    found: Array = np.sqrt(np.pi / 2) * special().erfcx(t / np.sqrt(2))
    return found


def ramp_moment(n: int, h: Array) -> Array:
    """``J_n(h) = E max(z + h, 0)^n``; relatively accurate (2e-13) in the lower tail for ``n <= 1`` only."""
    import numpy as np

    if n == 0:
        return cdf(h)
    t = np.maximum(-h, 0.0)
    # phi(h) (1 - t R(t)) cancels like 1/t^2; further out the series takes over.
    far = t > _FAR
    u = 1 / np.where(far, t, np.inf) ** 2
    series = np.ones_like(u)
    for odd in (13, 11, 9, 7, 5, 3):
        series = 1 - odd * u * series
    lower = density(h) * np.where(far, u * series, 1 - t * mills_ratio(t))
    values = [cdf(h), np.where(h < 0, lower, density(h) + h * cdf(h))]
    for k in range(2, n + 1):
        values.append(h * values[k - 1] + (k - 1) * values[k - 2])
    found: Array = values[n]
    return found


def truncated_moment(n: int, h: Array) -> Array:
    """``t_n(h) = E[z^n 1(z > -h)]``."""
    edge = density(h)
    values = [cdf(h), edge]
    for k in range(2, n + 1):
        edge = -h * edge
        values.append((k - 1) * values[k - 2] + edge)
    return values[n]


def bivariate_cdf(a: Array, b: Array, rho: Array) -> Array:
    """Orthant probability ``P(Z1 <= a, Z2 <= b)`` by Owen's T, absolute error below 1e-14.

    The conditional margins ``(b - rho a)/sqrt(1 - rho^2)`` are formed as
    ``((b - a) + (1 - rho) a)/sqrt(1 - rho^2)`` for ``rho > 0``, with sums in place of differences for
    ``rho < 0``: both terms are small together, so nothing is lost as ``|rho|`` tends to one.

    Examples
    --------
    >>> import numpy as np
    >>> from relutheory.recursions.normal import bivariate_cdf
    >>> bivariate_cdf(np.zeros(3), np.zeros(3), np.array([-1.0, 0.5, 1.0])).round(12).tolist()
    [0.0, 0.333333333333, 0.5]
    """
    import numpy as np

    owens_t, ndtr = special().owens_t, special().ndtr
    a, b, rho = np.broadcast_arrays(a, b, np.clip(rho, -1.0, 1.0))
    side = np.where(rho < 0, -1.0, 1.0)
    gap = 1 - side * rho
    with np.errstate(all="ignore"):
        root = np.sqrt(gap * (1 + side * rho))
        of_b = (side * (side * b - a) + side * gap * a) / root
        of_a = (side * (side * a - b) + side * gap * b) / root
        slope_a, slope_b = of_b / a, of_a / b
        both = (ndtr(a) + ndtr(b)) / 2 - owens_t(a, slope_a) - owens_t(b, slope_b)
        half = np.where((a * b < 0) | ((a * b == 0) & (a + b < 0)), 0.5, 0.0)
        value = both - half
    value = np.where((a == 0) & (b == 0), 0.25 + np.arcsin(rho) / (2 * np.pi), value)
    value = np.where(rho == 1, np.minimum(ndtr(a), ndtr(b)), value)
    slab = np.where(a + b > 0, ndtr(a) - ndtr(-b), 0.0)
    found: Array = np.where(rho == -1, slab, np.clip(value, 0.0, 1.0))
    return found
