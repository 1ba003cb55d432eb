"""Laws of the student, of the teacher, of both, and of the noise of the target."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import Integer, Max, Piecewise, Sum, Symbol

from proofs.certificates import Unfold
from proofs.claims import (
    Between,
    Choice,
    Combination,
    Identity,
    Inverse,
    Model,
    Step,
    Witness,
    at,
)
from proofs.gaussian.common import PAIR, PAIR_WITNESS
from proofs.nodes import GaussianUnit, Noise
from proofs.notation import eq, ge, gt, le, step
from relutheory.symbols import N
from relutheory.theory.gaussian.notation import m, x, y1, y2
from relutheory.theory.single_unit import notation as n
from relutheory.theory.single_unit.notation import (
    St,
    a,
    c1,
    c2,
    gate1,
    gate2,
    h1,
    h2,
    mt,
    noise,
    rho,
    s1,
    s2,
    sig,
    theta,
    theta_star,
    xt,
)

__all__ = [
    "CLOSED_1",
    "CLOSED_2",
    "NOISE",
    "PROPER",
    "QUADRANT",
    "STUDENT",
    "TEACHER",
    "WITNESS",
    "both",
    "noisy",
    "outputs",
    "rectifier",
    "student",
    "teacher",
    "vector",
]

ZERO, ONE = Integer(0), Integer(1)
STUDENT = GaussianUnit(gate=gate1, y=y1, xt=xt, x=x, m=m, h=h1, s=s1, mt=mt, c=c1, St=St)
TEACHER = GaussianUnit(gate=gate2, y=y2, xt=xt, x=x, m=m, h=h2, s=s2, mt=mt, c=c2, St=St)
NOISE = Noise(noise=noise, deviation=sig)
PROPER = (gt(rho + 1, 0), gt(1 - rho, 0))


def vector(*entries: Any) -> Any:
    """Entries of a vector in a witness; there are none beyond the last."""
    return lambda i: entries[int(i)] if int(i) < len(entries) else Fraction(0)


#: A student with ``y = 2 x_1`` and a teacher at correlation 3/5, on normal input; the sample is ``x = 0``.
WITNESS = Witness(
    {
        **PAIR_WITNESS.point, noise: 0, sig: Fraction(1, 2), n.eta: Fraction(1, 4), N: 2,
        y1: 0, y2: Fraction(-33, 10), theta.label: 0, theta_star.label: 0,
    },
    {
        **PAIR_WITNESS.functions,
        str(theta): vector(0, 2, 0),
        str(theta_star): vector(Fraction(-33, 10), Fraction(9, 5), Fraction(12, 5)),
        str(xt): vector(1, 0, 0),
    },
)  # fmt: skip


def student(hypothesis: str = "margins") -> Step:
    """The unit and its input in terms of its standardised preactivation."""
    return step(
        "student",
        STUDENT,
        Model(
            hypothesis,
            "y and xt are jointly Gaussian: xt is its mean plus c_1 z plus a remainder that is uncorrelated "
            "with z, hence independent of it, and y > 0 means z > -h_1",
        ),
    )


def teacher(hypothesis: str = "margins") -> Step:
    """The same for the teacher."""
    return step(
        "teacher",
        TEACHER,
        Model(hypothesis, "y* and xt are jointly Gaussian, as y and xt are, and u* = 1 means y* > 0"),
    )


def both(hypothesis: str = "margins", proper: str = "not collinear") -> tuple[Step, ...]:
    """Student and teacher, not multiples of each other."""
    words = "the two preactivations are not multiples of each other"
    return (
        step(
            "pair",
            PAIR,
            Model(
                hypothesis,
                "y, y* and xt are jointly Gaussian: xt is its mean plus its regression on both standardised "
                "preactivations plus a remainder that is uncorrelated with them, hence independent of them",
            ),
        ),
        step("more", PROPER[0], Model(proper, words)),
        step("less", PROPER[1], Model(proper, words)),
    )


def noisy() -> Step:
    """The noise of the target."""
    return step(
        "noise", NOISE, Model("noise", "mean, standard deviation and independence of n are the hypothesis")
    )


def outputs(unit: str, target: str) -> tuple[Step, ...]:
    """Both preactivations as sums over the components of the sample."""
    return (
        step(
            "own",
            eq(y1, Sum(theta[a] * xt[a], (a, 0, N))),
            Model(unit, "y = theta.xt at every sample, as a sum over the components 0 .. N"),
        ),
        step(
            "target",
            eq(y2, Sum(theta_star[a] * xt[a], (a, 0, N))),
            Model(target, "y* = theta*.xt at every sample, as a sum over the components 0 .. N"),
        ),
    )


def rectifier(y: Any) -> tuple[Step, ...]:
    """``max(y, 0)`` is y where ``y > 0`` and 0 elsewhere; ``1 = 0`` where both hold."""
    opened, shut = gt(y, 0), le(y, 0)
    choice = Piecewise((y, gt(y, 0)), (0, True))
    return (
        # (0 - y) (1/y) = -1
        step(
            "never-low",
            ge(ZERO, ONE),
            Combination(((1, (shut, Inverse(opened))),), nonzero=(opened,)),
            opened,
            shut,
        ),
        step("never-high", ge(ONE, ZERO), Combination(((1, ()),)), opened, shut),
        step("never", eq(ONE, ZERO), Between("never-high", "never-low"), opened, shut),
        step("max", eq(Max(y, 0), choice), Unfold()),
        step("same", eq(y, y), Identity(), opened),
        step("scaled", eq(y, ZERO), Combination(equalities=((y, "never"),)), opened, shut),
        step("choice-open", eq(y, choice), Choice(("same", "scaled")), opened),
        step("max-open", eq(Max(y, 0), y), Combination(equalities=((1, "max"), (-1, "choice-open"))), opened),
        step("zero", eq(ZERO, ZERO), Identity(), shut),
        step("other", eq(ZERO, y), Combination(equalities=((-y, "never"),)), opened, shut),
        step("choice-shut", eq(ZERO, choice), Choice(("other", "zero")), shut),
        step("max-shut", eq(Max(y, 0), 0), Combination(equalities=((1, "max"), (-1, "choice-shut"))), shut),
    )


def _closed(margin: Symbol, top: int) -> tuple[Any, ...]:
    """Truncated moments of one margin up to an order, in closed form."""
    origin = Symbol("h", real=True)
    return tuple(at(f"lemma:truncated-{Integer(k)}", {origin: margin}) for k in range(top + 1))


CLOSED_1, CLOSED_2 = _closed(h1, 2), _closed(h2, 2)
#: Moments over the quadrant up to the second order, once "more" and "less" are there and "whole" is T_00.
QUADRANT = ("whole", *(at(f"lemma:quadrant-{k}", {}, "more", "less") for k in ("10", "01", "11", "20", "02")))
