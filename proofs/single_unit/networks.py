"""From one unit to networks: a committee of units, and activation probabilities at initialisation."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from sympy import Integer, Rational, Sum, acos, asin, pi, sqrt

from proofs.certificates import Unfold, UnitMean
from proofs.claims import Combination, Derivation, Instance, Logic, Model, Termwise, Witness, at
from proofs.gaussian.edges import moment
from proofs.notation import eq, gt, step
from proofs.rules_dynamics import Units
from proofs.single_unit.common import WITNESS, student
from relutheory.functions import BivariateCDF, Expectation, phi
from relutheory.symbols import N
from relutheory.theorems import theorem
from relutheory.theory.gaussian import notation as g
from relutheory.theory.single_unit import networks as record
from relutheory.theory.single_unit.notation import a, i, j, rho, xt

__all__ = ["activation_spread", "committee_drift"]

ZERO = Integer(0)


@cache
def committee_drift() -> Derivation:
    """The mean is linear in the components of the teacher unit; each is a moment over the quadrant."""
    found = theorem("committee-drift")
    general = theorem("quadrant-gated-moments").statement
    other = record._j
    gates = record.gates[i] * record.gates_star[other]
    component = Expectation(gates * xt[j] * xt[a])
    weight = record.rows_star[other, a]
    value = found.rhs.function
    correlation, proper = record.rho_st[i, other], "|rho| < 1 for student i and teacher unit l"
    spread = {**WITNESS.functions, str(correlation.base): lambda *_: Fraction(3, 5)}
    return Derivation(
        found.id,
        (
            # Any one of the students has this law on the common input, so that all means exist.
            student(),
            step("more", gt(correlation + 1, 0), Model("margins", proper)),
            step("less", gt(1 - correlation, 0), Model("margins", proper)),
            step("proper", gt(1 - correlation**2, 0), Combination(((1, ("more", "less")),))),
            step(
                "pair",
                eq(component, value / weight),
                Units(
                    "theorem:quadrant-gated-moments",
                    general,
                    {
                        g.gate1: record.gates[i],
                        g.gate2: record.gates_star[other],
                        g.h1: record.hs[i],
                        g.h2: record.ht[other],
                        g.rho: correlation,
                        g.i: j,
                        g.j: a,
                    },
                    {g.c1: (record.cs, i), g.c2: (record.ct, other)},
                    model=Model(
                        "margins",
                        "student i and teacher unit l are two units on the same input, with |rho| < 1, and "
                        "these are their gates, margins, covariances and correlation",
                    ),
                ),
            ),
            step("linear", eq(found.lhs, Sum(component * weight, (a, 0, N))), UnitMean()),
            step(
                "term",
                eq(component * weight, value),
                Combination(equalities=((weight, "pair"),), nonzero=("proper",)),
            ),
            step("terms", eq(Sum(component * weight, (a, 0, N)), found.rhs), Termwise("term")),
            step(
                "theorem",
                found.statement,
                Combination(equalities=((1, "linear"), (1, "terms")), nonzero=("proper",)),
            ),
        ),
        Witness({**WITNESS.point, correlation.base.label: 0}, spread),
    )


@cache
def activation_spread() -> Derivation:
    """Sheppard's orthant probability, and the mixed moment over the quadrant at the origin."""
    found = theorem("activation-probability-spread")
    (recursion,) = found.also
    given = found.lhs.args
    root = sqrt(1 - rho**2)
    whole, mixed = BivariateCDF(ZERO, ZERO, rho), moment(1, 1, ZERO, ZERO)
    quarter = Rational(1, 4) + asin(rho) / (2 * pi)
    origin = {g.h1: ZERO, g.h2: ZERO}
    return Derivation(
        found.id,
        (
            step("proper", gt(1 - rho**2, 0), Combination(((1, given),)), *given),
            step("sheppard", eq(whole, quarter), Instance(at("lemma:sheppard")), *given),
            step("variance", found.rhs, Combination(equalities=((1, "sheppard"),)), *given),
            step("centre", eq(phi(ZERO), 1 / sqrt(2 * pi)), Unfold()),
            step(
                "mixed",
                eq(mixed, rho * whole + root * phi(ZERO) ** 2),
                Instance(at("lemma:quadrant-11", origin)),
                *given,
            ),
            step("angle", eq(asin(rho), pi / 2 - acos(rho)), Unfold()),
            step(
                "correlation",
                recursion.args[1],
                Combination(
                    equalities=(
                        (2, "mixed"),
                        (2 * rho, "sheppard"),
                        (2 * root * (phi(ZERO) + 1 / sqrt(2 * pi)), "centre"),
                        (rho / pi, "angle"),
                    ),
                    nonzero=("proper",),
                ),
                *given,
            ),
            step("recursion", recursion, Logic(("correlation",))),
            step("theorem", found.statement, Logic(("variance",))),
        ),
    )
