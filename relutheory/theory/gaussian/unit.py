"""Domain of the statements about units on Gaussian input: shapes, defaults and derived quantities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import Rational, Symbol, sqrt, sympify

from relutheory import symbols
from relutheory.domain import Bindings, Domain, IntegerSet, MatrixSet, Parameter, RealSet, VectorSet
from relutheory.errors import DomainError
from relutheory.functions import Components
from relutheory.grammar import show
from relutheory.references import Source
from relutheory.theory.gaussian import notation as q

__all__ = [
    "CLASSIC",
    "E1",
    "E1_TWO",
    "GATE",
    "INPUT",
    "MARGIN",
    "NEW",
    "ONE_UNIT",
    "PAPER",
    "REAL_H",
    "SECOND_GATE",
    "SIZE",
    "TWO_UNITS",
    "UNIT",
    "one_unit",
    "two_units",
]

PAPER = Source("DouglasYu2018", "re-derived")
CLASSIC = Source("DouglasYu2018", "re-derived", "classical")
NEW = Source("DouglasYu2018", "new here")

INPUT = "Gaussian input: x ~ N(m, S) in R^N with S symmetric positive definite; xt = (1, x) is augmented"
UNIT = (
    "unit: y = theta.xt with theta = (b, w), bias first, w != 0, mean m_y = b + w.m and standard "
    "deviation s = sqrt(w'Sw) > 0 of y"
)
MARGIN = (
    "standardised preactivation: h = m_y/s, z = (y - m_y)/s ~ N(0, 1), mt = (1, m), St = diag(0, S) and c "
    "= (0, Sw/s), the covariance of xt with z"
)
GATE = "gate: u = 1(y > 0), closed at y = 0"
SECOND_GATE = (
    "two units: y_k = theta_k.xt with w_k != 0, gates u_k = 1(y_k > 0), margins h_k, standard deviations "
    "s_k, c_k = (0, S w_k/s_k) and correlation rho = w_1'S w_2/(s_1 s_2)"
)

#: Number of augmented components, ``N + 1``.
SIZE = symbols.N + 1

REAL_H = Parameter("h", q.h, RealSet(None, None), "normalised margin, mean over standard deviation")
_VECTOR = VectorSet(least=2)
_THETA = Parameter("theta", q.theta, _VECTOR, "bias and weights of the unit, bias first")
_THETA1 = Parameter("theta1", q.theta1, _VECTOR, "bias and weights of the first unit")
_THETA2 = Parameter("theta2", q.theta2, _VECTOR, "bias and weights of the second unit")
_MEAN = Parameter("m", q.m, VectorSet(), "mean of the input", "0", filled=True)
_COVARIANCE = Parameter("S", q.S, MatrixSet(positive=True), "covariance of the input", "I", filled=True)
#: Symmetric matrix of a quadratic form on xt.
FORM = Parameter("K", q.K, MatrixSet(), "matrix of a quadratic form on xt", "I", filled=True)

ONE_UNIT = (_THETA, _MEAN, _COVARIANCE)
TWO_UNITS = (_THETA1, _THETA2, _MEAN, _COVARIANCE)

#: The running example of the topic.
E1 = {
    "theta": (Fraction(-1, 2), Fraction(1), Fraction(1, 2)),
    "m": (Fraction(1, 2), Fraction(-1, 4)),
    "S": ((Fraction(1), Fraction(3, 10)), (Fraction(3, 10), Fraction(1, 2))),
}
E1_TWO = {
    "theta1": E1["theta"],
    "theta2": (Fraction(1, 4), Fraction(1), Fraction(-1)),
    "m": E1["m"],
    "S": E1["S"],
}


def one_unit(
    more: Sequence[Parameter] = (), witness: Mapping[str, Any] | None = None, **options: Any
) -> Domain:
    """Domain of a statement about one unit."""
    return Domain(
        (*ONE_UNIT, *more),
        {**E1, **(witness or {})},
        complete=complete_form if FORM in more else complete,
        derive=derive,
        **options,
    )


def two_units(
    more: Sequence[Parameter] = (), witness: Mapping[str, Any] | None = None, **options: Any
) -> Domain:
    """Domain of a statement about two units."""
    return Domain(
        (*TWO_UNITS, *more), {**E1_TWO, **(witness or {})}, complete=complete, derive=derive, **options
    )


def complete(exact: dict[str, Any], names: Sequence[str] = ("theta", "theta1", "theta2")) -> dict[str, Any]:
    """Fill in ``m = 0`` and ``S = I`` and check that all shapes fit; `names` are those of the units."""
    units: list[str] = [name for name in names if name in exact]
    if not units:
        return exact
    size = len(exact[units[0]]) - 1
    for name in units:
        if len(exact[name]) != size + 1:
            raise DomainError(f"{name} must have {size + 1} entries like {units[0]}, got {show(exact[name])}")
        if not any(exact[name][1:]):
            raise DomainError(f"{name} must have a weight other than 0, got {show(exact[name])}")
    exact.setdefault("m", (Fraction(0),) * size)
    exact.setdefault("S", _identity(size))
    words = {
        "m": f"a list of {size} numbers",
        "S": f"a {size} x {size} matrix",
        "K": f"a {size + 1} x {size + 1} matrix",
    }
    for name, count in (("m", size), ("S", size), ("K", size + 1)):
        if name in exact and len(exact[name]) != count:
            raise DomainError(f"{name} must be {words[name]} for this {units[0]}, got {show(exact[name])}")
    return exact


def complete_form(exact: dict[str, Any]) -> dict[str, Any]:
    """`complete`, and ``K = I`` by default."""
    for name in ("theta", "theta1"):
        if name in exact:
            exact.setdefault("K", _identity(len(exact[name])))
    return complete(exact)


def _identity(size: int) -> tuple[tuple[Fraction, ...], ...]:
    return tuple(tuple(Fraction(int(i == j)) for j in range(size)) for i in range(size))


def derive(exact: Mapping[str, Any]) -> Bindings:
    """Bindings of the margin, the standard deviation, the covariances and the moments of ``xt``."""
    if "theta" in exact:
        return _input(exact) | _margin(exact, "theta", q.h, q.s, q.c)
    if "theta1" in exact:
        found = (
            _input(exact)
            | _margin(exact, "theta1", q.h1, q.s1, q.c1)
            | _margin(exact, "theta2", q.h2, q.s2, q.c2)
        )
        covariance = _form(exact["S"], exact["theta1"][1:], exact["theta2"][1:])
        found[q.rho] = _number(covariance) / (found[q.s1] * found[q.s2])
        return found | _regression(found)
    return {}


def _input(exact: Mapping[str, Any]) -> Bindings:
    size = len(exact["m"])
    mean = Components((Fraction(1), *exact["m"]))
    zero = (Fraction(0),) * (size + 1)
    return {
        symbols.N: size,
        q.mt: mean,
        q.St: Components((zero, *((Fraction(0), *row) for row in exact["S"]))),
    }


def _margin(exact: Mapping[str, Any], name: str, h: Symbol, s: Symbol, c: Any) -> Bindings:
    bias, *weights = exact[name]
    mean = bias + sum((a * b for a, b in zip(weights, exact["m"], strict=True)), Fraction(0))
    deviation = sqrt(_number(_form(exact["S"], weights, weights)))
    image = [sum((a * b for a, b in zip(row, weights, strict=True)), Fraction(0)) for row in exact["S"]]
    return {
        h: _number(mean) / deviation,
        s: deviation,
        c: Components((Fraction(0), *(_number(v) / deviation for v in image))),
    }


def _regression(found: Bindings) -> Bindings:
    """Coefficients of the two standardised preactivations in the regression of ``xt`` on them."""
    rho = found[q.rho]
    rest = 1 - rho**2
    if rest == 0:
        return _collinear(found)
    pairs = [(sympify(one), sympify(two)) for one, two in zip(found[q.c1], found[q.c2], strict=True)]
    return {
        q.g1: Components(tuple((one - rho * two) / rest for one, two in pairs)),
        q.g2: Components(tuple((two - rho * one) / rest for one, two in pairs)),
    }


def _collinear(found: Bindings) -> Bindings:
    """Units with ``|rho| = 1``: both gates are one (the tighter one), or the gate of a slab."""
    first = bool(found[q.h1] <= found[q.h2])
    return {
        q.h: found[q.h1] if first else found[q.h2],
        q.c: found[q.c1] if first else found[q.c2],
        q.slab: int(bool(found[q.h1] + found[q.h2] > 0)),
    }


def _form(
    matrix: Sequence[Sequence[Fraction]], left: Sequence[Fraction], right: Sequence[Fraction]
) -> Fraction:
    rows = zip(left, matrix, strict=True)
    return sum(
        (a * sum((v * b for v, b in zip(row, right, strict=True)), Fraction(0)) for a, row in rows),
        Fraction(0),
    )


def _number(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator)


def order(low: int) -> Parameter:
    """Order of a moment."""
    return Parameter("n", q.n, IntegerSet(low), "order of the moment")
