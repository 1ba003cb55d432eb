"""SymPy expressions of the convergence recursions of one unit."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Eq, Gt, Indexed, Le, Ne, Piecewise, Sum, sqrt, sympify

from relutheory import symbols
from relutheory.functions import Orbit, Phi, RampMoment
from relutheory.theory.gaussian import expressions as ex
from relutheory.theory.single_unit import notation as n
from relutheory.theory.single_unit.notation import St, c1, c2, h1, h2, mt, s1, theta, theta_star

__all__ = [
    "ONE_UNIT_DEFINITIONS",
    "TWO_UNIT_DEFINITIONS",
    "affine_drift",
    "distance",
    "open_moment",
    "orbit",
    "relu_drift",
    "shared_moment",
    "zero_target_step",
]

_N = symbols.N


def renamed(expr: Any, names: dict[Any, Any], bases: dict[Any, Any]) -> Any:
    """An expression for other quantities: symbols and vectors change their names."""
    changed = {item: bases[item.base][item.indices] for item in expr.atoms(Indexed) if item.base in bases}
    return expr.xreplace({**names, **changed})


def over(body: Any, *indices: Any) -> Any:
    """Sum over the components of ``xt``."""
    return Sum(body, *((k, 0, _N) for k in indices))


def error(k: Any) -> Any:
    """Component of ``v = theta - theta*``."""
    return theta[k] - theta_star[k]


def open_moment(i: Any, j: Any) -> Any:
    """``M_ij`` of the student."""
    return ex.gated_second_moment(i, j, h1, c1)


def teacher_moment(i: Any, j: Any) -> Any:
    """``M_ij`` of the teacher."""
    return ex.gated_second_moment(i, j, h2, c2)


def shared_moment(i: Any, j: Any) -> Any:
    """``Q2_ij`` of student and teacher, also where they are collinear."""
    return ex.quadrant_with_limits(
        ex.quadrant_second_moment(i, j), lambda h, c: ex.gated_second_moment(i, j, h, c)
    )


def input_moment(i: Any, j: Any) -> Any:
    """``R_ij = E[xt_i xt_j]``."""
    return St[i, j] + mt[i] * mt[j]


def affine_drift(i: Any) -> Any:
    """Entry of the drift ``-M(theta) (theta - theta*)`` for an affine teacher."""
    return -over(open_moment(i, n.a) * error(n.a), n.a)


def relu_drift(i: Any, shared: Any = shared_moment) -> Any:
    """Entry of the drift ``Q2 theta* - M(theta) theta`` for a ReLU teacher."""
    drift = over(shared(i, n.a) * theta_star[n.a] - open_moment(i, n.a) * theta[n.a], n.a)
    if shared is not shared_moment:
        return drift
    return Piecewise((0, Eq(n.solved, 1)), (drift, True))


def drift(i: Any) -> Any:
    """Entry of the drift for either teacher."""
    return Piecewise((relu_drift(i), Eq(n.relu, 1)), (affine_drift(i), True))


_along = Sum(c2[n.a] * theta[n.a], (n.a, 1, _N))

#: Margin, scale and covariance of the student, found from its parameters.
ONE_UNIT_DEFINITIONS = (
    (s1, sqrt(Sum(St[n.a, n.b] * theta[n.a] * theta[n.b], (n.a, 1, _N), (n.b, 1, _N)))),
    (h1, over(mt[n.a] * theta[n.a], n.a) / s1),
    (c1, over(St[n.p, n.a] * theta[n.a], n.a) / s1),
)

#: The same and the relation to the teacher. On an invariant line the correlation is a sign, and the
#: quadrant is the half-space of the smaller margin or a slab.
TWO_UNIT_DEFINITIONS = (
    *ONE_UNIT_DEFINITIONS,
    (
        n.rho,
        Piecewise(
            (_along / s1, Ne(n.line, 1)),
            (1, Gt(_along, 0)),
            (-1, True),
        ),
    ),
    (n.h, Piecewise((h1, Ne(n.rho, 1)), (h1, Le(h1, h2)), (h2, True))),
    (n.c, c1[n.p]),
    (n.slab, Piecewise((0, Ne(n.rho, -1)), (1, Gt(h1 + h2, 0)), (0, True))),
)


def orbit(output: Any, drift_of: Any, definitions: Any) -> Any:
    """Value of `output` after ``k`` mean steps ``theta + eta g(theta)``."""
    update = theta[n.p] + n.eta * drift_of(n.p)
    return Orbit(output, theta, update, n.p, _N + 1, definitions, n.steps)


def affine_orbit(output: Any) -> Any:
    """Value of `output` after ``k`` mean steps, affine teacher."""
    return orbit(output, affine_drift, ONE_UNIT_DEFINITIONS)


def relu_orbit(output: Any) -> Any:
    """Value of `output` after ``k`` mean steps, ReLU teacher."""
    return orbit(output, relu_drift, TWO_UNIT_DEFINITIONS)


def distance(k: Any = n.a) -> Any:
    """``|theta - theta*|``."""
    return sqrt(over(error(k) ** 2, k))


def zero_target_step(h: Any, s: Any, eta: Any) -> tuple[Any, Any]:
    """Margin and scale after one mean step towards a target that is 0 where the unit is open."""
    h, s, eta = sympify(h), sympify(s), sympify(eta)
    factor = Abs(1 - eta * Phi(h))
    return (h - eta * RampMoment(1, h)) / factor, s * factor
