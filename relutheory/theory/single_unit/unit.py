"""Domains of the statements about one unit and its teacher: shapes, defaults and derived quantities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import Symbol

from relutheory.domain import Bindings, Domain, IntegerSet, MatrixSet, Parameter, RealSet, VectorSet, WordSet
from relutheory.errors import DomainError
from relutheory.grammar import show
from relutheory.references import Source
from relutheory.theory.gaussian import unit as g
from relutheory.theory.gaussian.notation import s as scale
from relutheory.theory.single_unit import notation as n

__all__ = [
    "AFFINE",
    "DISTINCT",
    "E1",
    "ETA",
    "INPUT",
    "MARGINS",
    "NEW",
    "NOISE",
    "ONE",
    "PAPER",
    "RELU",
    "RULE",
    "SIG",
    "STANDARD",
    "STEPS",
    "TEACHER",
    "THETA",
    "THETA0",
    "THETA_STAR",
    "UNIT",
    "complete",
    "derive",
    "student_teacher",
]

PAPER = Source("DouglasYu2018", "re-derived", "realises a claim of the abstract")
NEW = Source("DouglasYu2018", "new here")

INPUT = g.INPUT
UNIT = (
    "unit: y = theta.xt with theta = (b, w), bias first, w != 0, output f(y) = max(y, 0), gate u = 1(y > 0), "
    "closed at y = 0"
)
RULE = (
    "rule: error backpropagation theta+ = theta + eta e u xt with e = d - f(y) on independent samples, so "
    "that one-step conditional means are exact; several steps iterate the mean map"
)
NOISE = "noise: n has mean 0 and standard deviation sigma and is independent of x"
AFFINE = "affine teacher: d = y* + n with y* = theta*.xt"
RELU = "ReLU teacher: d = f* + n with f* = max(y*, 0), y* = theta*.xt and w* != 0"
MARGINS = (
    "margins: h_1, s_1, c_1 are margin, standard deviation and covariance with xt of the student's "
    "standardised preactivation, h_2, s_2, c_2 those of the teacher, rho their correlation"
)
DISTINCT = "not collinear: |rho| < 1 in the formulas; the values include the collinear cases"
STANDARD = "standard input: m = 0 and S = I in N dimensions"

THETA = Parameter("theta", n.theta, VectorSet(least=2), "bias and weights of the unit, bias first")
THETA0 = Parameter("theta0", n.theta, VectorSet(least=2), "bias and weights at the start, bias first")
THETA_STAR = Parameter("theta_star", n.theta_star, VectorSet(least=2), "bias and weights of the teacher")
MEAN = g.ONE_UNIT[1]
COVARIANCE = g.ONE_UNIT[2]
ETA = Parameter("eta", n.eta, RealSet(Fraction(0), None, "()"), "step size")
STEPS = Parameter("steps", n.steps, IntegerSet(0), "number of mean steps", "1")
SIG = Parameter("sig", n.sig, RealSet(Fraction(0), None, "[)"), "standard deviation of the target noise")
TEACHER = Parameter("teacher", Symbol("teacher"), WordSet(("affine", "relu")), "teacher", "relu")
H_STAR = Parameter("h_star", n.h_star, RealSet(None, None), "margin of the teacher")

INPUT_LAW = (MEAN, COVARIANCE)
ONE = (THETA, THETA_STAR, *INPUT_LAW)

#: The running example: student, teacher and input.
E1 = {**g.E1, "theta_star": g.E1_TWO["theta2"]}


def student_teacher(
    more: Sequence[Parameter] = (),
    witness: Mapping[str, Any] | None = None,
    *,
    start: Parameter = THETA,
    **options: Any,
) -> Domain:
    """Domain of a statement about a student and its teacher."""
    point = {**E1, **(witness or {})}
    point = {start.name if name == "theta" else name: value for name, value in point.items()}
    options = {"complete": complete, "derive": derive, **options}
    return Domain((start, THETA_STAR, *INPUT_LAW, *more), point, **options)


def optional(names: Sequence[str], *more: str) -> tuple[tuple[str, ...], ...]:
    """Forms of a statement with and without the last parameters."""
    return (tuple(names), (*names, *more))


def complete(exact: dict[str, Any]) -> dict[str, Any]:
    """Fill in ``m = 0`` and ``S = I`` and check that all shapes fit."""
    return g.complete(exact, ("theta", "theta0", "theta_star"))


def derive(exact: Mapping[str, Any]) -> Bindings:
    """Bindings of both margins, and whether the two units are or stay collinear."""
    student, teacher = exact.get("theta", exact.get("theta0")), exact.get("theta_star")
    found: Bindings = {n.relu: int(exact.get("teacher", "relu") == "relu")}
    both = {"m": exact.get("m"), "S": exact.get("S")}
    if student is not None and teacher is not None:
        found |= g.derive({"theta1": student, "theta2": teacher, **both})
        found[n.line] = int(stays_on_a_line(student, teacher, exact["m"], exact["S"]))
        found[n.solved] = int(student == teacher)
    elif student is not None:
        one = g.derive({"theta": student, **both})
        found |= one | {n.h1: one[n.h], n.s1: one[scale], n.c1: one[n.c]}
    elif teacher is not None:
        one = g.derive({"theta": teacher, **both})
        found |= one | {n.h2: one[n.h], n.s2: one[scale], n.c2: one[n.c]}
    return found


def stays_on_a_line(student: Any, teacher: Any, m: Any, S: Any) -> bool:
    """Whether all weights stay multiples of those of the teacher: w, m and S w* are such multiples."""
    direction = teacher[1:]
    image = [sum((a * b for a, b in zip(row, direction, strict=True)), Fraction(0)) for row in S]
    return all(_parallel(vector, direction) for vector in (student[1:], m, image))


def _parallel(one: Sequence[Fraction], two: Sequence[Fraction]) -> bool:
    pairs = list(zip(one, two, strict=True))
    return all(a * d == b * c for (a, b), (c, d) in ((p, r) for p in pairs for r in pairs))


def below_input_limit(exact: Mapping[str, Any], name: str = "eta", strict: bool = True) -> bool:
    """``eta lam_max(R) < 2`` for ``R = E[xt xt']``, decided exactly by the pivots of ``2/eta - R``."""
    if name not in exact:
        return True
    mean = (Fraction(1), *exact["m"])
    zero = (Fraction(0),) * len(mean)
    rows = (zero, *((Fraction(0), *row) for row in exact["S"]))
    step = exact[name]
    if not isinstance(step, Fraction):
        raise DomainError(f"eta must be a rational number here, got {show(step)}")
    gap = tuple(
        tuple((2 / step if i == j else 0) - rows[i][j] - mean[i] * mean[j] for j in range(len(mean)))
        for i in range(len(mean))
    )
    return MatrixSet(positive=True).contains(gap)
