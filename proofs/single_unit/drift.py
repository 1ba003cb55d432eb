"""Means of one step: the gate by cases, then moments over half-spaces and quadrants."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Expr, Integer, Max, Piecewise, Symbol

from proofs.certificates import Unfold, UnitMean
from proofs.claims import (
    Cases,
    Choice,
    Combination,
    Derivation,
    Leibniz,
    Logic,
    Step,
    Witness,
)
from proofs.gaussian.edges import WHOLE, moment
from proofs.notation import eq, gt, le, step
from proofs.single_unit.common import CLOSED_1, CLOSED_2, QUADRANT, WITNESS, both, noisy, rectifier, student
from relutheory.functions import Phi, phi
from relutheory.theorems import theorem
from relutheory.theory.single_unit.notation import St, c1, h1, i, j, rho, y

__all__ = ["affine_drift", "drift_variants", "gating", "quadrant_steps", "relu_drift"]

ZERO, ONE = Integer(0), Integer(1)


@cache
def gating() -> Derivation:
    """``f(y) = y`` on the open inputs, and both sides are 0 on the others."""
    found = theorem("gating-identity")
    (gate,) = found.lhs.atoms(Piecewise)
    (output,) = found.lhs.atoms(Max)
    opened, closed = gt(y, 0), le(y, 0)
    return Derivation(
        found.id,
        (
            *rectifier(y),
            step("turned", eq(ZERO, ONE), Combination(equalities=((-1, "never"),)), opened, closed),
            step("gate-closed", eq(ZERO, gate), Choice(("turned", "zero")), closed),
            # (y - f) u with f = y, and with u = 0
            step("open", found.statement, Combination(equalities=((-gate, "max-open"),)), opened),
            step(
                "closed",
                found.statement,
                Combination(equalities=((output - y, "gate-closed"),)),
                closed,
            ),
            step("theorem", found.statement, Cases(((opened, "open"), (closed, "closed")))),
        ),
        Witness({y: 1, Symbol("d", real=True): 3}),
    )


@cache
def affine_drift() -> Derivation:
    """The noise is independent of the gated input; the rest is the gated second moment."""
    found = theorem("affine-teacher-drift")
    free, halves = found.also
    condition, half = halves.args
    mean = half.lhs
    hole = Symbol("q", real=True)
    value = _centred(h1)
    return Derivation(
        found.id,
        (
            student(),
            noisy(),
            step("free", free, UnitMean("student", "noise")),
            # at h = 0 the terms with phi cancel
            step("centred", eq(mean, value), UnitMean("student", moments=CLOSED_1)),
            step(
                "at-zero",
                eq(mean, _centred(ZERO)),
                Leibniz(eq(mean, _centred(hole)), hole, condition, "centred"),
                condition,
            ),
            step("half", half, Combination(equalities=((1, "at-zero"),)), condition),
            step("halves", halves, Logic(("half",))),
            step("theorem", found.statement, UnitMean("student", "noise", CLOSED_1)),
        ),
        WITNESS,
    )


def _centred(h: Any) -> Expr:
    """``E[u (xt_i - mt_i)(xt_j - mt_j)]``."""
    return Phi(h) * St[i, j] - h * phi(h) * c1[i] * c1[j]


def quadrant_steps() -> tuple[Step, ...]:
    """The law of both units, and what the moments over the quadrant need."""
    return (
        *both(),
        step("proper", gt(1 - rho**2, 0), Combination(((1, ("more", "less")),))),
        step("whole", eq(moment(0, 0), WHOLE), Unfold()),
    )


@cache
def relu_drift() -> Derivation:
    """``f* = u* y*``, so that the teacher enters through both gates."""
    found = theorem("relu-teacher-drift")
    return Derivation(
        found.id,
        (
            *quadrant_steps(),
            noisy(),
            step("theorem", found.statement, UnitMean("pair", "noise", (*CLOSED_1, *QUADRANT), ("proper",))),
        ),
        WITNESS,
    )


@cache
def drift_variants() -> Derivation:
    """Products of gates, each with the moments of its half-space or of the quadrant."""
    found = theorem("drift-variants")
    ungated, affine, given = found.also
    values = (*CLOSED_1, *CLOSED_2, *QUADRANT)
    return Derivation(
        found.id,
        (
            *quadrant_steps(),
            step("ungated", ungated, UnitMean("pair", None, values, ("proper",))),
            step("affine", affine, UnitMean("pair", None, values, ("proper",))),
            step("given", given, UnitMean("pair", None, values, ("proper",))),
            step("theorem", found.statement, UnitMean("pair", None, values, ("proper",))),
        ),
        WITNESS,
    )
