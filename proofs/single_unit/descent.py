"""Inequalities of one mean step, for each state of the gates of student and teacher."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Function, Integer, Sum, Symbol

from proofs.certificates import Apply, LargestEigenvalue, Linear, NonnegativeMean, OpenOrder, UnitMean
from proofs.claims import (
    Combination,
    Definition,
    Derivation,
    Identity,
    Instance,
    Inverse,
    Logic,
    Model,
    Square,
    Step,
    Termwise,
    Witness,
)
from proofs.notation import eq, ge, gt, le, step
from proofs.single_unit.common import CLOSED_1, WITNESS, outputs, student, teacher
from relutheory.functions import Expectation, OrderedEigenvalue, Phi, phi
from relutheory.symbols import N
from relutheory.theorems import theorem
from relutheory.theory.gaussian.notation import y1, y2
from relutheory.theory.gaussian.unit import SIZE
from relutheory.theory.single_unit import notation as n
from relutheory.theory.single_unit.expressions import input_moment, open_moment
from relutheory.theory.single_unit.notation import (
    St,
    a,
    b,
    c1,
    gate1,
    gate2,
    h1,
    mt,
    theta,
    theta_star,
    xt,
)

__all__ = [
    "ERROR",
    "INPUT_MATRIX",
    "LAWS",
    "MISSED",
    "RELU_ERROR",
    "STATES",
    "cauchy_schwarz",
    "descent_chain",
    "eigenvalue",
    "error_steps",
    "largest",
    "nonexpansion",
    "over",
    "positive_steps",
]

ZERO, ONE = Integer(0), Integer(1)
STATES = ((0, 0), (0, 1), (1, 0), (1, 1))
LAWS = ("student", "teacher")


def over(body: Any) -> Sum:
    """Sum over the components of the sample."""
    return Sum(body, (a, 0, N))


#: ``f* - y`` where the teacher is closed, and ``y* - y``.
MISSED = over(-theta[a] * xt[a])
ERROR = over((theta_star[a] - theta[a]) * xt[a])
#: ``f* - y``.
RELU_ERROR = over((gate2 * theta_star[a] - theta[a]) * xt[a])


def error_steps() -> tuple[Step, ...]:
    """Both errors in terms of the preactivations."""
    own, target = over(theta[a] * xt[a]), over(theta_star[a] * xt[a])
    return (
        step("missed-sum", eq(MISSED, -own), Linear()),
        step("error-sum", eq(ERROR, target - own), Linear()),
        step("missed", eq(MISSED, -y1), Combination(equalities=((1, "missed-sum"), (1, "own")))),
        step(
            "error",
            eq(ERROR, y2 - y1),
            Combination(equalities=((1, "error-sum"), (-1, "target"), (1, "own"))),
        ),
    )


def _at(relation: Any, state: tuple[int, int]) -> Any:
    """A relation between means at one state of the gates."""
    bodies = (side.args[0] for side in relation.args)
    where = {gate1: Integer(state[0]), gate2: Integer(state[1])}
    return relation.func(*(body.subs(where, simultaneous=True) for body in bodies), evaluate=False)


def ordered_steps(label: str, relation: Any, certificate: Combination) -> tuple[Step, ...]:
    """An order of two means; they agree where both units are open, the certificate is for ``u* = 0``."""
    names = tuple((state, f"{label}-{state[0]}{state[1]}") for state in STATES)
    own: dict[tuple[int, int], Any] = {(1, 0): certificate}
    return (
        *(
            step(
                name,
                _at(relation, state),
                own.get(state, Identity()),
                *((gt(y1, 0), le(y2, 0)) if state in own else ()),
            )
            for state, name in names
        ),
        step(label, relation, OpenOrder(LAWS, names)),
    )


@cache
def descent_chain() -> Derivation:
    """Where ``y > 0 >= y*``, the product ``y (y - y*)`` lies between ``y^2`` and ``(y - y*)^2``."""
    found = theorem("descent-chain")
    first, second, last, inner = found.also
    return Derivation(
        found.id,
        (
            student(),
            teacher(),
            *outputs("unit", "ReLU teacher"),
            *error_steps(),
            # -y (y* - y) - y^2 = -y y*
            *ordered_steps(
                "first",
                first,
                Combination(
                    ((1, (gt(y1, 0), le(y2, 0))),),
                    ((ERROR - MISSED + y1, "missed"), (-y1, "error")),
                ),
            ),
            # (y* - y)^2 + y (y* - y) = y*^2 - y y*
            *ordered_steps(
                "second",
                second,
                Combination(
                    ((1, (Square(y2),)), (1, (gt(y1, 0), le(y2, 0)))),
                    ((-ERROR, "missed"), (ERROR + y2, "error")),
                ),
            ),
            step("last", last, UnitMean("student", moments=CLOSED_1)),
            step("inner", inner, UnitMean()),
            step("nonnegative", ge(found.rhs, 0), NonnegativeMean("student")),
            step("theorem", found.statement, Instance("nonnegative")),
        ),
        WITNESS,
    )


q = n.q
largest = Symbol("lambda", real=True)
MATRIX = Expectation(gate1 * xt[a] * xt[b])
INPUT_MATRIX = Expectation(xt[a] * xt[b])


def eigenvalue(matrix: Any) -> OrderedEigenvalue:
    """The largest one."""
    return OrderedEigenvalue(N, SIZE, matrix, a, b)


def _form(matrix: Any, vector: Any) -> Sum:
    return Sum(matrix * vector(a) * vector(b), (a, 0, N), (b, 0, N))


def _rayleigh(kind: str, matrix: Any) -> tuple[Step, ...]:
    """``g'Mg <= lam_max |g|^2``; the form of the input exceeds that of the open inputs."""
    g = Function(f"g_{kind}")
    norm, along = Sum(g(q) ** 2, (q, 0, N)), over(g(a) * xt[a])
    node, form, name = eigenvalue(matrix), _form(matrix, g), f"{kind}-rayleigh"
    if matrix == MATRIX:
        return (step(name, ge(node * norm, form), LargestEigenvalue(node, q, g(q))),)
    shut, whole = Expectation((1 - gate1) * along**2), _form(MATRIX, g)
    return (
        step(f"{kind}-input", ge(node * norm, form), LargestEigenvalue(node, q, g(q))),
        step(f"{kind}-shut", ge(shut, 0), NonnegativeMean("student")),
        step(f"{kind}-parts", eq(shut, form - whole), UnitMean()),
        step(
            name,
            ge(node * norm, whole),
            Combination(((1, (f"{kind}-input",)), (1, (f"{kind}-shut",))), ((-1, f"{kind}-parts"),)),
        ),
    )


def cauchy_schwarz(kind: str, error: Any, middle: str, matrix: Any = MATRIX) -> tuple[Step, ...]:
    """``|g|^2 <= lam_max E[u error^2]`` from the square of ``lam_max error - g.xt``."""
    g = Function(f"g_{kind}")
    drift, size = Expectation(gate1 * error * xt[q]), Expectation(gate1 * error**2)
    along = over(g(a) * xt[a])
    square = Expectation(gate1 * (largest * error - along) ** 2)
    norm, mixed = Sum(g(q) ** 2, (q, 0, N)), Sum(g(q) * drift, (q, 0, N))
    form = _form(MATRIX, g)
    return (
        step(f"{kind}-drift", eq(g(q), drift), Definition()),
        step(f"{kind}-square", ge(square, 0), NonnegativeMean("student")),
        step(
            f"{kind}-spread",
            eq(square, largest**2 * size - 2 * largest * mixed + form),
            UnitMean(),
        ),
        *_rayleigh(kind, matrix),
        step(
            f"{kind}-component",
            eq(g(q) * drift, g(q) ** 2),
            Combination(equalities=((-g(q), f"{kind}-drift"),)),
        ),
        step(f"{kind}-mixed", eq(mixed, norm), Termwise(f"{kind}-component")),
        step(
            f"{kind}-entry",
            eq(g(q) ** 2, drift**2),
            Combination(equalities=((g(q) + drift, f"{kind}-drift"),)),
        ),
        step(f"{kind}-norm", eq(norm, Sum(drift**2, (q, 0, N))), Termwise(f"{kind}-entry")),
        # lam (lam E - |g|^2) is the mean of the square plus lam |g|^2 - g'Mg
        step(
            f"{kind}-bound",
            ge(largest * size, norm),
            Combination(
                (
                    (1, (f"{kind}-square", Inverse("positive"))),
                    (1, (f"{kind}-rayleigh", Inverse("positive"))),
                ),
                (
                    (-1 / largest, f"{kind}-spread"),
                    (2, f"{kind}-mixed"),
                    (norm / largest, "largest"),
                ),
                nonzero=("positive",),
            ),
        ),
        *_one_step(kind, error, middle, eigenvalue(matrix)),
    )


def _one_step(kind: str, error: Any, middle: str, node: Any) -> tuple[Step, ...]:
    """Expand ``|v + eta g|^2``; ``middle`` says that ``<g, theta* - theta>`` is at least ``E[u error^2]``."""
    v, drift = theta[q] - theta_star[q], Expectation(gate1 * error * xt[q])
    size, inner = Expectation(gate1 * error**2), Expectation(gate1 * error * ERROR)
    before = over((theta[a] - theta_star[a]) ** 2)
    along = Sum(v * drift, (q, 0, N))
    after = Sum((v + n.eta * drift) ** 2, (q, 0, N))
    bound = before - n.eta * (2 - n.eta * node) * inner
    condition = le(n.eta * node, 2)
    first, second = le(after, bound), le(bound, before)
    return (
        step(f"{kind}-along", eq(along, -inner), UnitMean()),
        step(
            f"{kind}-expanded",
            eq(after, before + 2 * n.eta * along + n.eta**2 * Sum(drift**2, (q, 0, N))),
            Linear(),
        ),
        step(f"{kind}-least", ge(size, 0), NonnegativeMean("student")),
        step(
            f"{kind}-after",
            first,
            Combination(
                (
                    (1, (gt(n.eta, 0), gt(n.eta, 0), f"{kind}-bound")),
                    (1, (gt(n.eta, 0), gt(n.eta, 0), "positive", middle)),
                ),
                (
                    (-1, f"{kind}-expanded"),
                    (-2 * n.eta, f"{kind}-along"),
                    (n.eta**2, f"{kind}-norm"),
                    (-(n.eta**2) * inner, "largest"),
                ),
            ),
        ),
        step(
            f"{kind}-middle",
            ge(inner, 0),
            Combination(((1, (middle,)), (1, (f"{kind}-least",)))),
        ),
        step(
            f"{kind}-before",
            second,
            Combination(((1, (gt(n.eta, 0), condition, f"{kind}-middle")),)),
            condition,
        ),
    )


def positive_steps(matrix: Any = MATRIX) -> tuple[Step, ...]:
    """``lam_max >= M_00 > 0``, which is ``Phi(h_1)`` on the open inputs and 1 on all."""
    node, whole = eigenvalue(matrix), matrix == INPUT_MATRIX
    corner = matrix.subs({a: 0, b: 0})
    value, margin = (Integer(1), ZERO) if whole else (Phi(h1), phi(h1))
    entry = input_moment(ZERO, ZERO) if whole else open_moment(ZERO, ZERO)
    words = "xt = (1, x), so that its first component is the constant 1"
    return (
        step("largest", eq(largest, node), Definition()),
        step("one", eq(mt[0], 1), Model("Gaussian input", words)),
        step("still", eq(St[0, 0], 0), Model("Gaussian input", words)),
        step("apart", eq(c1[0], 0), Model("Gaussian input", words)),
        # lam_max >= M_00 = Phi(h_1) > 0
        step(
            "corner-mean",
            eq(corner, entry),
            UnitMean("student", moments=CLOSED_1),
        ),
        step(
            "corner",
            eq(corner, value),
            Combination(
                equalities=(
                    (1, "corner-mean"),
                    (value * (mt[0] + 1), "one"),
                    (value, "still"),
                    (2 * margin * mt[0] - h1 * margin * c1[0], "apart"),
                )
            ),
        ),
        step("diagonal", ge(node, corner), LargestEigenvalue(node, component=Integer(0))),
        step(
            "positive",
            gt(largest, 0),
            Combination(((1, ("diagonal",)), (1, (gt(value, 0),))), ((1, "corner"), (1, "largest"))),
        ),
    )


@cache
def nonexpansion() -> Derivation:
    """Cauchy-Schwarz in the direction of the drift, and the descent inequalities."""
    found = theorem("distance-nonexpansion")
    (affine,) = found.also
    size = Expectation(gate1 * ERROR**2)
    (middle, *_) = theorem("descent-chain").also
    return Derivation(
        found.id,
        (
            student(),
            *positive_steps(),
            step("affine-middle-least", ge(size, size), Identity()),
            *cauchy_schwarz("affine", ERROR, "affine-middle-least"),
            step("affine", affine, Logic(("affine-after", "affine-before"))),
            step(
                "relu-middle-least",
                middle,
                Apply("theorem:descent-chain", middle, {}, Model("unit", "the same unit, teacher and input")),
            ),
            *cauchy_schwarz("relu", RELU_ERROR, "relu-middle-least"),
            step("theorem", found.statement, Logic(("relu-after", "relu-before"))),
        ),
        Witness({**WITNESS.point, largest: 1}, WITNESS.functions),
    )
