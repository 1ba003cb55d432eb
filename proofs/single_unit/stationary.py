"""Where the mean step vanishes: at the solution, and at closed constant units."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Expr, Integer, Sum

from proofs.certificates import (
    Apply,
    NonnegativeMean,
    NullState,
    OpenOrder,
    OpenZero,
    SquaresVanish,
    UnitMean,
)
from proofs.claims import (
    Between,
    Combination,
    Derivation,
    Identity,
    Instance,
    Logic,
    Model,
    Square,
    Step,
    Termwise,
    at,
)
from proofs.nodes import Density
from proofs.notation import eq, ge, gt, le, step
from proofs.single_unit.common import WITNESS, outputs, student, teacher
from proofs.single_unit.constant_units import constant_units, gate_steps
from proofs.single_unit.descent import ERROR, LAWS, MISSED, RELU_ERROR, STATES, error_steps
from relutheory.functions import Expectation, Phi
from relutheory.symbols import N
from relutheory.theorems import theorem
from relutheory.theory.gaussian.notation import h, y1, y2
from relutheory.theory.single_unit.notation import (
    St,
    gate1,
    gate2,
    h2,
    q,
    theta,
    theta_star,
    xt,
)

__all__ = ["stationary_set"]

ZERO, ONE = Integer(0), Integer(1)
#: ``theta* - theta`` and its opposite.
BACK, V = theta_star[q] - theta[q], theta[q] - theta_star[q]
DISTANCE = Sum(V**2, (q, 0, N))
SOLVED = eq(DISTANCE, 0)
HERE = le(q, N)
BIAS = theta[0]


def drift_of(error: Any) -> Expr:
    """Component q of the drift."""
    return Expectation(gate1 * error * xt[q])


def _still(error: Any) -> Any:
    return eq(Sum(drift_of(error) ** 2, (q, 0, N)), 0)


def _no_descent(kind: str, error: Any) -> tuple[Step, ...]:
    """Without a drift ``E[u error (y* - y)] = 0``."""
    given, drift, inner = _still(error), drift_of(error), Expectation(gate1 * error * ERROR)
    along, norm = Sum(V * drift, (q, 0, N)), Sum(drift**2, (q, 0, N))
    return (
        step(f"{kind}-entry", eq(drift, 0), SquaresVanish(given, q), given, HERE),
        step(
            f"{kind}-product",
            eq(V * drift, drift**2),
            Combination(equalities=((V - drift, f"{kind}-entry"),)),
            given,
            HERE,
        ),
        step(f"{kind}-products", eq(along, norm), Termwise(f"{kind}-product"), given),
        step(f"{kind}-along", eq(along, -inner), UnitMean()),
        step(
            f"{kind}-inner",
            eq(inner, 0),
            Combination(equalities=((1, f"{kind}-along"), (-1, f"{kind}-products"), (-1, given))),
            given,
        ),
    )


def _solved(kind: str, error: Any, null: str) -> tuple[Step, ...]:
    """``E[u (y* - y)^2] = 0`` entails ``theta = theta*``."""
    given, drift = _still(error), drift_of(error)
    return (
        step(f"{kind}-support", eq(BACK, 0), OpenZero("student", "density", null, q), given, HERE),
        step(
            f"{kind}-square",
            eq(V**2, drift**2),
            Combination(equalities=((-V, f"{kind}-support"), (-drift, f"{kind}-entry"))),
            given,
            HERE,
        ),
        step(
            f"{kind}-squares",
            eq(DISTANCE, Sum(drift**2, (q, 0, N))),
            Termwise(f"{kind}-square"),
            given,
        ),
        step(f"{kind}-only", SOLVED, Combination(equalities=((1, f"{kind}-squares"), (1, given))), given),
    )


def _right_where_open() -> tuple[Step, ...]:
    """``E[u (f* - y)^2] = 0``: the teacher is open wherever the unit is, and then ``y* = y``."""
    given = _still(RELU_ERROR)
    least = Expectation(gate1 * RELU_ERROR**2)
    missed = Expectation(gate1 * (1 - gate2) * y1**2)
    wrong = Expectation(gate1 * (1 - gate2) * ERROR**2)
    right, both = Expectation(gate1 * ERROR**2), gate1 * RELU_ERROR**2 + gate1 * (1 - gate2) * ERROR**2
    (chain, *_) = theorem("descent-chain").also

    def cases(name: str) -> tuple[tuple[tuple[int, int], str], ...]:
        return tuple((state, f"{name}-{state[0]}{state[1]}") for state in STATES)

    return (
        step("chain", chain, Apply("theorem:descent-chain", chain, {}, Model("unit", "the same units"))),
        step("least-low", ge(least, 0), NonnegativeMean("student")),
        step(
            "least-high",
            ge(0, least),
            Combination(((1, ("chain",)),), ((-1, "relu-inner"),)),
            given,
        ),
        step("least", eq(least, 0), Between("least-low", "least-high"), given),
        # u (1 - u*) y^2 <= u (f* - y)^2
        step("missed-00", le(ZERO, ZERO), Identity()),
        step("missed-01", le(ZERO, ZERO), Identity()),
        step("missed-10", le(y1**2, MISSED**2), Combination(equalities=((MISSED - y1, "missed"),))),
        step("missed-11", le(ZERO, ERROR**2), Combination(((1, (Square(ERROR),)),))),
        step("missed-mean", le(missed, least), OpenOrder(LAWS, cases("missed"))),
        step("positive-00", ge(ZERO, ZERO), Identity()),
        step("positive-01", ge(ZERO, ZERO), Identity()),
        step("positive-10", ge(y1**2, ZERO), Combination(((1, (Square(y1),)),))),
        step("positive-11", ge(ZERO, ZERO), Identity()),
        step("missed-low", ge(missed, 0), OpenOrder(LAWS, cases("positive"))),
        step(
            "missed-high",
            ge(0, missed),
            Combination(((1, ("missed-mean",)),), ((-1, "least"),)),
            given,
        ),
        step("missed-null", eq(missed, 0), Between("missed-low", "missed-high"), given),
        step("open", gt(y1, 0), Combination(((1, (gt(y1, 0),)),)), gt(y1, 0)),
        step("never", eq(wrong, 0), NullState(LAWS, "missed-null", "open"), given),
        # u (y* - y)^2 <= u (f* - y)^2 + u (1 - u*) (y* - y)^2
        step("whole-00", le(ZERO, ZERO), Identity()),
        step("whole-01", le(ZERO, ZERO), Identity()),
        step("whole-10", le(ERROR**2, MISSED**2 + ERROR**2), Combination(((1, (Square(MISSED),)),))),
        step("whole-11", le(ERROR**2, ERROR**2), Identity()),
        step("whole", le(right, Expectation(both)), OpenOrder(LAWS, cases("whole"))),
        step("split", eq(Expectation(both), least + wrong), UnitMean()),
        step("right-low", ge(right, 0), NonnegativeMean("student")),
        step(
            "right-high",
            ge(0, right),
            Combination(((1, ("whole",)),), ((-1, "split"), (-1, "least"), (-1, "never"))),
            given,
        ),
        step("right", eq(right, 0), Between("right-low", "right-high"), given),
    )


def _at_solution() -> tuple[Step, ...]:
    """``y = y*`` at every sample."""
    impossible = (gt(y1, 0), le(y2, 0))
    return (
        step("equal", eq(V, 0), SquaresVanish(SOLVED, q), SOLVED, HERE),
        step(
            "term",
            eq(theta[q] * xt[q], theta_star[q] * xt[q]),
            Combination(equalities=((xt[q], "equal"),)),
            SOLVED,
            HERE,
        ),
        step(
            "terms",
            eq(Sum(theta[q] * xt[q], (q, 0, N)), Sum(theta_star[q] * xt[q], (q, 0, N))),
            Termwise("term"),
            SOLVED,
        ),
        step(
            "outputs",
            eq(y1, y2),
            Combination(equalities=((1, "own"), (-1, "target"), (1, "terms"))),
            SOLVED,
        ),
        step("low", ge(y1, 0), Combination(((1, (gt(y1, 0),)),)), SOLVED, *impossible),
        step(
            "high",
            ge(0, y1),
            Combination(((1, (le(y2, 0),)),), ((-1, "outputs"),)),
            SOLVED,
            *impossible,
        ),
        step("shut", eq(y1, 0), Between("low", "high"), SOLVED, *impossible),
        step(
            "no-error",
            eq(ERROR * xt[q], 0),
            Combination(equalities=((xt[q], "error"), (-xt[q], "outputs"))),
            SOLVED,
        ),
        step(
            "no-miss",
            eq(MISSED * xt[q], 0),
            Combination(equalities=((xt[q], "missed"), (-xt[q], "shut"))),
            SOLVED,
            *impossible,
        ),
        step("closed", eq(ZERO, ZERO), Identity()),
    )


def _vanishes(kind: str, error: Any, missing: str) -> tuple[Step, ...]:
    """At the solution there is no drift, so that both sides of the criterion are sums of zeros."""
    drift, given = drift_of(error), _still(error)
    names = ("closed", "closed", missing, "no-error")
    entry, square, squares = f"{kind}-zero", f"{kind}-zero-square", f"{kind}-zero-squares"
    return (
        step(
            entry,
            eq(drift, 0),
            OpenOrder(LAWS, tuple(zip(STATES, names, strict=True))),
            SOLVED,
        ),
        step(
            square,
            eq(drift**2, V**2),
            Combination(equalities=((drift, entry), (-V, "equal"))),
            SOLVED,
            HERE,
        ),
        step(squares, eq(Sum(drift**2, (q, 0, N)), DISTANCE), Termwise(square), SOLVED),
        step(f"{kind}-if", given, Combination(equalities=((1, squares), (1, SOLVED))), SOLVED),
    )


@cache
def stationary_set() -> Derivation:
    """The chain of descent: without a drift the unit is right wherever it is open."""
    found = theorem("stationary-set")
    affine, relu_constant, affine_constant = found.also
    density = Density(xt=xt, St=St, top=N)
    return Derivation(
        found.id,
        (
            student(),
            teacher(),
            step("density", density, Model("Gaussian input", "x ~ N(m, S) with S positive definite")),
            *outputs("unit", "teacher"),
            *error_steps(),
            *_at_solution(),
            *_no_descent("affine", ERROR),
            *_solved("affine", ERROR, "affine-inner"),
            *_vanishes("affine", ERROR, "no-error"),
            step("affine", affine, Logic(("affine-only", "affine-if"))),
            *_no_descent("relu", RELU_ERROR),
            *_right_where_open(),
            *_solved("relu", RELU_ERROR, "right"),
            *_vanishes("relu", RELU_ERROR, "no-miss"),
            *gate_steps(),
            step("below-one", gt(1, Phi(h2)), Instance(at("lemma:Phi-below-one", {h: h2}))),
            *constant_units(relu_constant, affine_constant),
            step("theorem", found.statement, Logic(("relu-only", "relu-if"))),
        ),
        WITNESS,
    )
