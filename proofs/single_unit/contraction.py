"""How far one mean step leads towards the solution, and a ball that it does not leave."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Integer, Max, Sum, Symbol, sqrt

from proofs.certificates import Apply, NonnegativeMean, SquaresVanish, UnitMean
from proofs.claims import (
    Cases,
    Combination,
    Derivation,
    Identity,
    Induction,
    Instance,
    Inverse,
    Logic,
    Model,
    Square,
    Step,
    Termwise,
    Witness,
    at,
)
from proofs.notation import eq, ge, gt, le, lt, step
from proofs.single_unit.common import CLOSED_1, WITNESS, ZERO, rectifier, student
from proofs.single_unit.descent import (
    ERROR,
    INPUT_MATRIX,
    RELU_ERROR,
    cauchy_schwarz,
    eigenvalue,
    largest,
    over,
    positive_steps,
)
from relutheory.functions import Expectation, Phi, phi
from relutheory.symbols import N
from relutheory.theorems import theorem
from relutheory.theory.gaussian.expressions import lam_minus
from relutheory.theory.gaussian.notation import y1
from relutheory.theory.single_unit import notation as n
from relutheory.theory.single_unit.notation import (
    St,
    a,
    b,
    c1,
    gate1,
    h1,
    mt,
    s1,
    theta,
    theta_star,
)

__all__ = ["dichotomy", "safe_ball"]


def _back(k: Any) -> Any:
    return theta_star[k] - theta[k]


#: Mean of ``y* - y``, its covariance with z, and its variance.
MEAN, ALONG = over(_back(a) * mt[a]), over(_back(a) * c1[a])
SPREAD = Sum(_back(a) * _back(b) * St[a, b], (a, 0, N), (b, 0, N))
ROOT = sqrt(h1**2 + 4)
#: ``lam_minus = Phi - phi tilt``, and ``tilt (tilt - h) = 1``.
TILT = (h1 + ROOT) / 2
OPEN, ALL = Expectation(gate1 * ERROR**2), Expectation(ERROR**2)


def _gram_bound(goal: Any) -> tuple[Step, ...]:
    """``M >= lam_minus(h) E[xt xt']`` in the direction of the error."""
    away = s1 * (ERROR - MEAN) - ALONG * (y1 - s1 * h1)
    high, low = ge(h1, 0), le(h1, 0)
    return (
        step(
            "tilt-high",
            gt(TILT, 0),
            Combination(((Integer(1) / 2, (gt(ROOT, 0),)), (Integer(1) / 2, (high,)))),
            high,
        ),
        step(
            "other",
            gt(TILT - h1, 0),
            Combination(((Integer(1) / 2, (gt(ROOT, 0),)), (Integer(1) / 2, (low,)))),
            low,
        ),
        # tilt = 1/(tilt - h)
        step("tilt-low", gt(TILT, 0), Combination(((1, (Inverse("other"),)),), nonzero=("other",)), low),
        step("tilt", gt(TILT, 0), Cases(((gt(h1, 0), "tilt-high"), (le(h1, 0), "tilt-low")))),
        step(
            "open",
            eq(
                OPEN,
                Phi(h1) * (SPREAD + MEAN**2) + 2 * phi(h1) * MEAN * ALONG - h1 * phi(h1) * ALONG**2,
            ),
            UnitMean("student", moments=CLOSED_1),
        ),
        step("all", eq(ALL, SPREAD + MEAN**2), UnitMean("student")),
        # the variance that z does not explain
        step("rest", ge(Expectation(away**2), 0), NonnegativeMean("student")),
        step(
            "rest-value",
            eq(Expectation(away**2), s1**2 * (SPREAD - ALONG**2)),
            UnitMean("student"),
        ),
        step(
            "unexplained",
            ge(SPREAD, ALONG**2),
            Combination(
                ((1, ("rest", Inverse(gt(s1, 0)), Inverse(gt(s1, 0)))),),
                ((-1 / s1**2, "rest-value"),),
                nonzero=(gt(s1, 0),),
            ),
        ),
        # phi tilt (mean + along/tilt)^2 + phi tilt (spread - along^2)
        step(
            "gram",
            goal,
            Combination(
                (
                    (1, (gt(phi(h1), 0), "tilt", Square(MEAN + ALONG / TILT))),
                    (1, (gt(phi(h1), 0), "tilt", "unexplained")),
                ),
                ((1, "open"), (-lam_minus(h1), "all")),
                nonzero=("tilt",),
            ),
        ),
    )


@cache
def dichotomy() -> Derivation:
    """One step with the largest eigenvalue of the input, and the smallest gain of the open inputs."""
    found = theorem("gd-dichotomy")
    (gram,) = found.also
    condition = found.lhs
    return Derivation(
        found.id,
        (
            student(),
            *positive_steps(INPUT_MATRIX),
            step("equal", ge(OPEN, OPEN), Identity()),
            *cauchy_schwarz("affine", ERROR, "equal", INPUT_MATRIX),
            *_gram_bound(gram),
            step(
                "fall",
                found.rhs,
                Combination(((1, ("affine-after",)), (1, (gt(n.eta, 0), condition, "gram")))),
                condition,
            ),
            step("theorem", found.statement, Logic(("fall",))),
        ),
        Witness({**WITNESS.point, largest: 1}, WITNESS.functions),
    )


V = theta[a] - theta_star[a]
BIAS, TARGET = theta[0], theta_star[0]
DISTANCE, REACH = over(V**2), Max(TARGET, 0) ** 2 + Sum(theta_star[a] ** 2, (a, 1, N))
end = Symbol("end", integer=True, nonnegative=True)


def _stays(kind: str, statement: Any) -> tuple[Step, ...]:
    """A step that does not lead away stays in the ball."""
    after = statement.args[1]
    inside, small = (lt(DISTANCE, REACH), le(n.eta * eigenvalue(INPUT_MATRIX), 2))
    return (
        step(
            f"{kind}-stays",
            after,
            Combination(((1, (f"{kind}-after",)), (1, (f"{kind}-before",)), (1, (inside,)))),
            inside,
            small,
        ),
        step(f"{kind}-theorem", statement, Logic((f"{kind}-stays",))),
    )


def _not_dead(statement: Any) -> tuple[Step, ...]:
    """Where ``w = 0`` and ``b <= 0`` the distance is at least the radius."""
    inside, flat = lt(DISTANCE, REACH), eq(Sum(theta[a] ** 2, (a, 1, N)), 0)
    shut, k = le(BIAS, 0), n.q
    low, high = ge(k, 1), le(k, N)
    gap = (BIAS - TARGET) ** 2

    def split(top: Any) -> Any:
        return eq(Sum(V**2, (a, 0, top)), gap + Sum(V**2, (a, 1, top)))

    return (
        step("split-base", split(ZERO), Identity()),
        step("split-step", split(end + 1), Combination(equalities=((1, split(end)),)), split(end)),
        step("split-all", split(end), Induction(end, ZERO, "split-base", "split-step")),
        step("split", split(N), Instance(at("split-all", {end: N}))),
        step("weight", eq(theta[k], 0), SquaresVanish(flat, k), flat, low, high),
        step(
            "square",
            eq((theta[k] - theta_star[k]) ** 2, theta_star[k] ** 2),
            Combination(equalities=((theta[k] - 2 * theta_star[k], "weight"),)),
            flat,
            low,
            high,
        ),
        step("squares", eq(_from_one(V**2), _from_one(theta_star[a] ** 2)), Termwise("square"), flat),
        *rectifier(TARGET),
        # (b - b*)^2 - b*^2 = b^2 - 2 b b*
        step(
            "gap-open",
            ge(gap, Max(TARGET, 0) ** 2),
            Combination(
                ((1, (Square(BIAS),)), (2, (gt(TARGET, 0), shut))),
                ((-Max(TARGET, 0) - TARGET, "max-open"),),
            ),
            gt(TARGET, 0),
            shut,
        ),
        step(
            "gap-shut",
            ge(gap, Max(TARGET, 0) ** 2),
            Combination(((1, (Square(BIAS - TARGET),)),), ((-Max(TARGET, 0), "max-shut"),)),
            le(TARGET, 0),
            shut,
        ),
        step(
            "gap",
            ge(gap, Max(TARGET, 0) ** 2),
            Cases(((gt(TARGET, 0), "gap-open"), (le(TARGET, 0), "gap-shut"))),
            shut,
        ),
        step(
            "far",
            ge(DISTANCE, REACH),
            Combination(((1, ("gap",)),), ((1, "split"), (1, "squares"))),
            flat,
            shut,
        ),
        # far and inside exclude each other
        step(
            "not-shut",
            gt(BIAS, 0),
            Combination(
                ((1, ()), (1, ("far", Inverse(inside))), (1, ("far", shut, Inverse(inside)))),
                nonzero=(inside,),
            ),
            inside,
            flat,
            shut,
        ),
        step("open-bias", gt(BIAS, 0), Combination(((1, (gt(BIAS, 0),)),)), gt(BIAS, 0)),
        step("alive", gt(BIAS, 0), Cases(((gt(BIAS, 0), "open-bias"), (shut, "not-shut"))), inside, flat),
        step("alive-theorem", statement, Logic(("alive",))),
    )


def _from_one(body: Any) -> Sum:
    return Sum(body.subs(a, n.q), (n.q, 1, N))


@cache
def safe_ball() -> Derivation:
    """No step leads away, and the dead set is farther; convergence is not part of the relations."""
    found = theorem("safe-ball")
    affine, alive = found.also
    (middle, *_) = theorem("descent-chain").also
    return Derivation(
        found.id,
        (
            student(),
            *positive_steps(INPUT_MATRIX),
            step("equal", ge(OPEN, OPEN), Identity()),
            *cauchy_schwarz("affine", ERROR, "equal", INPUT_MATRIX),
            *_stays("affine", affine),
            step(
                "chain",
                middle,
                Apply("theorem:descent-chain", middle, {}, Model("unit", "the same unit, teacher and input")),
            ),
            *cauchy_schwarz("relu", RELU_ERROR, "chain", INPUT_MATRIX),
            *_not_dead(alive),
            *_stays("relu", found.statement),
        ),
        Witness({**WITNESS.point, largest: 1}, WITNESS.functions),
    )
