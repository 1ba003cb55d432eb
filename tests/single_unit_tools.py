"""What the tests of the single unit share: values, strategies, and the definitions by quadrature."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
from hypothesis import strategies as st

import relutheory as rt
from relutheory.theorems import theorem as get

entries = st.fractions(-3, 3, max_denominator=8)


def values(id: str, digits: int = 30, **parameters: Any) -> Any:
    return get(id).evaluate(digits=digits, **parameters)


def one(id: str, result: str = "value", digits: int = 30, **parameters: Any) -> Any:
    found = values(id, digits, **parameters)
    return found if isinstance(found, rt.Enclosure) else found[result]


def middle(id: str, result: str = "value", digits: int = 30, **parameters: Any) -> Fraction:
    found = one(id, result, digits, **parameters)
    return (found.lower + found.upper) / 2


def close(a: Fraction, b: Fraction, scale: Fraction | int = 1, digits: int = 25) -> bool:
    """Equal to so many digits, relative to the terms that were added."""
    return abs(a - b) <= Fraction(1, 10**digits) * max(abs(a), abs(b), scale)


@st.composite
def pairs(draw: Any, sizes: tuple[int, int] = (1, 3)) -> dict[str, Any]:
    """Student and teacher on an input with a covariance of moderate condition."""
    size = draw(st.integers(*sizes))
    factor = [[draw(entries) for _ in range(size)] for _ in range(size)]
    covariance = tuple(
        tuple(sum(factor[i][k] * factor[j][k] for k in range(size)) + int(i == j) for j in range(size))
        for i in range(size)
    )
    found: dict[str, Any] = {"m": tuple(draw(entries) for _ in range(size)), "S": covariance}
    for name in ("theta", "theta_star"):
        weights = [draw(entries) for _ in range(size)]
        weights[0] = weights[0] or Fraction(1)
        found[name] = (draw(entries), *weights)
    return found


def error(pair: dict[str, Any]) -> tuple[Fraction, ...]:
    return tuple(a - b for a, b in zip(pair["theta"], pair["theta_star"], strict=True))


def number(value: Any) -> Any:
    """An exact number as one of mpmath."""
    value = Fraction(value)
    return mpmath.mpf(value.numerator) / value.denominator


def text(value: Any, digits: int = 25) -> str:
    return str(mpmath.nstr(value, digits))


def near(found: Any, slow: Any, digits: int = 25) -> bool:
    """Whether an enclosure lies within so many decimal places of a number of mpmath."""
    return bool(abs(number(found.lower) - slow) < mpmath.mpf(10) ** -digits)


def over_input(body: Callable[[Any], Any], m: Any, s2: Any, kinks: list[Any]) -> Any:
    """``E body(x)`` for scalar ``x ~ N(m, s2)`` by quadrature between the kinks of the body."""
    m, s = number(m), mpmath.sqrt(number(s2))
    inner = sorted(k for k in kinks if m - 14 * s < k < m + 14 * s)
    points = [m - 14 * s, *inner, m + 14 * s]
    return mpmath.quad(lambda x: body(x) * mpmath.npdf(x, m, s), points, maxdegree=8)


def slow_drift(
    theta: Any, star: Any, m: Any = 0, s2: Any = 1, *, teacher: str = "relu", slope: Any = 0
) -> Any:
    """Mean of ``(d - f(y)) f'(y) (1, x)`` in one dimension, from the definition."""
    (b, w), (b_star, w_star) = (tuple(map(number, v)) for v in (theta, star))
    l = number(slope)  # noqa: E741

    def unit(y: Any) -> Any:
        return y if y > 0 else l * y

    def residual(x: Any) -> Any:
        y, d = b + w * x, b_star + w_star * x
        d = d if teacher == "affine" else unit(d)
        return (d - unit(y)) * (1 if y > 0 else l)

    kinks = [-b / w, -b_star / w_star]
    return [over_input(lambda x, k=k: residual(x) * x**k, m, s2, kinks) for k in (0, 1)]
