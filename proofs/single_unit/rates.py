"""The linearised recursion: Jacobian of the drift, and local rates at the solution."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from sympy import Abs, DiracDelta, Integer, Max, Rational, Sum, Symbol, sqrt

from proofs.certificates import Linear, Sturm, UnitMean
from proofs.claims import (
    Combination,
    Derivation,
    Identity,
    Instance,
    Inverse,
    Leibniz,
    Logic,
    Model,
    Step,
    Witness,
    at,
)
from proofs.gaussian.edges import K1
from proofs.notation import eq, ge, gt, lt, step
from proofs.rules_dynamics import Elementary, SurfaceMean
from proofs.single_unit.common import CLOSED_1, WITNESS, both, outputs, student
from relutheory.functions import Expectation, Phi, RampMoment, phi
from relutheory.symbols import N
from relutheory.theorems import theorem
from relutheory.theory.gaussian.expressions import birnbaum, lam_minus, lam_plus
from relutheory.theory.gaussian.notation import h as gaussian_h
from relutheory.theory.gaussian.notation import t as mills_t
from relutheory.theory.gaussian.notation import y1, y2
from relutheory.theory.single_unit import rates
from relutheory.theory.single_unit.expressions import open_moment
from relutheory.theory.single_unit.notation import (
    St,
    a,
    b,
    c1,
    c2,
    eta,
    h1,
    h2,
    h_star,
    i,
    j,
    mt,
    rho,
    s1,
    s2,
    theta_star,
    xt,
)

__all__ = ["local_rates", "positive_steps", "teacher_jacobian"]

HALF = Rational(1, 2)


def positive_steps() -> tuple[Step, ...]:
    """``lam_minus > 0`` by Birnbaum's bound, and ``lam_plus > Phi > 0``."""
    h = h_star
    root = sqrt(h**2 + 4)
    minus, plus = lam_minus(h), lam_plus(h)
    return (
        step("down", gt(root - h, 0), Sturm(h)),
        step("tail", gt(Phi(h), phi(-h) * birnbaum(-h)), Instance(at("lemma:birnbaum", {mills_t: -h}))),
        # 2/(r - h) = (r + h)/2
        step("positive", gt(minus, 0), Combination(((1, ("tail",)),), (), ("down",))),
        step("above", gt(plus, Phi(h)), Combination(((HALF, (gt(phi(h), 0), "down")),))),
        step("plus-positive", gt(plus, 0), Combination(((1, ("above",)), (1, (gt(Phi(h), 0),))))),
    )


def _below_steps() -> tuple[Step, ...]:
    """``lam_minus < Phi``."""
    h = h_star
    up = gt(sqrt(h**2 + 4) + h, 0)
    return (
        step("up", up, Sturm(h)),
        step("below", gt(Phi(h), lam_minus(h)), Combination(((HALF, (gt(phi(h), 0), "up")),))),
    )


@cache
def local_rates() -> Derivation:
    """Roots of the characteristic polynomial; ``|1 - x| < 1`` is ``0 < x < 2``."""
    found = theorem("local-rates")
    stable, *order = found.also
    small, inside = sorted(stable.args, key=lambda part: part.has(Abs))
    plus = lam_plus(h_star)
    change = 1 - eta * plus
    size = Abs(change)
    return Derivation(
        found.id,
        (
            *positive_steps(),
            *_below_steps(),
            step("size-up", ge(size, -change), Elementary()),
            # 2 - eta lam = (1 - |x|) + (|x| + x) with x = 1 - eta lam
            step(
                "only-if",
                small,
                Combination(
                    ((1, (inside, Inverse("plus-positive"))), (1, ("size-up", Inverse("plus-positive")))),
                    nonzero=("plus-positive",),
                ),
                inside,
            ),
            step(
                "two",
                gt(2 - eta * plus, 0),
                Combination(((1, (small, "plus-positive")),), nonzero=("plus-positive",)),
                small,
            ),
            step("low", lt(change, 1), Combination(((1, (gt(eta, 0), "plus-positive")),)), small),
            step("high", lt(-change, 1), Combination(((1, ("two",)),)), small),
            step("if", inside, Elementary(("low", "high")), small),
            step("stable", stable, Logic(("only-if", "if"))),
            *(
                step(name, relation, Instance(source))
                for name, relation, source in zip(
                    ("minus-positive", "plus-above", "minus-below"),
                    order,
                    ("positive", "above", "below"),
                    strict=True,
                )
            ),
            step("theorem", found.statement, Identity()),
        ),
    )


LEVEL, VARIANCE = rates.edge_mean, rates.edge_variance
ROOT, SPREAD = sqrt(VARIANCE), s2 * sqrt(1 - rho**2)
MARGIN = LEVEL / ROOT
DENSITY = phi(h1) / s1
HOLE = Symbol("q", real=True)
#: At the solution ``y* = y``; here student and teacher are those of the running witness.
AT_BOUNDARY = Witness(
    {**WITNESS.point, LEVEL: Fraction(-39, 10), VARIANCE: Fraction(144, 25)},
    WITNESS.functions,
    {i: (0, 1, 2), j: (0, 1, 2)},
)


def _over(body: Any) -> Sum:
    return Sum(body, (a, 0, N))


def _there(p: Any) -> Any:
    """Mean of ``xt_p`` on the boundary."""
    return mt[p] - h1 * c1[p]


def _turned(p: Any) -> Any:
    """Covariance of ``xt_p`` and ``y*`` on the boundary, as a sum."""
    return _over((St[p, a] - c1[p] * c1[a]) * theta_star[a])


def _along(p: Any) -> Any:
    """The same through covariances with the standardised preactivations."""
    return s2 * (c2[p] - rho * c1[p])


SQUARE = St[i, j] - c1[i] * c1[j] + _there(i) * _there(j)


def _margin_steps() -> tuple[Step, ...]:
    """Mean and variance of ``y*`` on the boundary, in terms of margins, scales and the correlation."""
    words = "margins and covariances are those of y* = theta*.xt, as a sum over the components 0 .. N"
    form = Sum(theta_star[a] * theta_star[b] * St[a, b], (a, 0, N), (b, 0, N))
    rest = Sum(theta_star[a] * theta_star[b] * (St[a, b] - c1[a] * c1[b]), (a, 0, N), (b, 0, N))
    means, common = _over(theta_star[a] * mt[a]), _over(theta_star[a] * c1[a])
    level = _over(theta_star[a] * _there(a))
    return (
        step("level", eq(LEVEL, level), Model("boundary", "m_0 is the mean of y* given y = 0, as a sum")),
        step(
            "variance",
            eq(VARIANCE, rest),
            Model("boundary", "v_0 is the variance of y* given y = 0, as a sum"),
        ),
        step("teacher-mean", eq(means, s2 * h2), Model("margins", words)),
        step("teacher-scale", eq(form, s2**2), Model("margins", words)),
        step("teacher-common", eq(common, s2 * rho), Model("margins", words)),
        step("level-split", eq(level, means - h1 * common), Linear()),
        step("variance-split", eq(rest, form - common**2), UnitMean()),
        step(
            "level-value",
            eq(LEVEL, s2 * (h2 - rho * h1)),
            Combination(
                equalities=(
                    (1, "level"),
                    (1, "level-split"),
                    (1, "teacher-mean"),
                    (-h1, "teacher-common"),
                )
            ),
        ),
        step(
            "variance-value",
            eq(VARIANCE, s2**2 * (1 - rho**2)),
            Combination(
                equalities=(
                    (1, "variance"),
                    (1, "variance-split"),
                    (1, "teacher-scale"),
                    (-(common + s2 * rho), "teacher-common"),
                )
            ),
        ),
        step(
            "variance-positive",
            gt(VARIANCE, 0),
            Combination(((1, (gt(s2, 0), gt(s2, 0), "proper")),), ((1, "variance-value"),)),
        ),
        step("root-positive", gt(sqrt(1 - rho**2), 0), Instance(at("lemma:spread-root", {}, "proper"))),
        # R - s om = (R^2 - s^2 om^2)/(R + s om)
        step(
            "sum-positive",
            gt(ROOT + SPREAD, 0),
            Combination(
                ((1, (ge(ROOT, 0),)), (1, (gt(s2, 0), "root-positive"))),
                nonzero=("variance-positive", "proper"),
            ),
        ),
        step(
            "root",
            eq(ROOT, SPREAD),
            Combination(
                equalities=((1 / (ROOT + SPREAD), "variance-value"),),
                nonzero=("sum-positive", "variance-positive", "proper"),
            ),
        ),
        step(
            "margin",
            eq(K1, MARGIN),
            Combination(
                equalities=((-1 / ROOT, "level-value"), (K1 / ROOT, "root")),
                nonzero=("variance-positive", "proper"),
            ),
        ),
    )


def _turned_steps(p: Any) -> tuple[Step, ...]:
    """``sum_a C_pa theta*_a = s_2 (c_2,p - rho c_1,p)``."""
    whole, common = _over(St[p, a] * theta_star[a]), _over(theta_star[a] * c1[a])
    return (
        step(
            f"whole-{p}",
            eq(whole, s2 * c2[p]),
            Model("margins", "s_2 c_2 = St theta* is the covariance of xt with y*, as a sum"),
        ),
        step(f"split-{p}", eq(_turned(p), whole - c1[p] * common), Linear()),
        step(
            f"turned-{p}",
            eq(_turned(p), _along(p)),
            Combination(equalities=((1, f"split-{p}"), (1, f"whole-{p}"), (-c1[p], "teacher-common"))),
        ),
    )


def _boundary_value(margin: Any, root: Any) -> Any:
    """``E[delta(y) f* xt_i xt_j]`` with ``y* = root (g + margin)`` on the boundary."""
    mixed = _there(i) * _along(j) + _along(i) * _there(j)
    ramp = phi(margin) + margin * Phi(margin)
    return DENSITY * (root * ramp * SQUARE + Phi(margin) * mixed + phi(margin) / root * _along(i) * _along(j))


@cache
def teacher_jacobian() -> Derivation:
    """The moments of a unit on the boundary of another, on which ``y*`` is Gaussian too."""
    found = theorem("teacher-jacobian")
    (relu,) = found.also
    level = _over(theta_star[a] * _there(a))
    mixed = _there(i) * _turned(j) + _turned(i) * _there(j)
    mean = Expectation(DiracDelta(y1) * Max(y2, 0) * xt[i] * xt[j])
    known = ("variance-positive", "proper")
    at_boundary = tuple(at(f"lemma:truncated-{k}", {gaussian_h: K1}) for k in range(4))
    return Derivation(
        found.id,
        (
            student(),
            *both("margins", "boundary"),
            step("proper", gt(1 - rho**2, 0), Combination(((1, ("more", "less")),))),
            outputs("unit", "teacher")[1],
            *_margin_steps(),
            *_turned_steps(i),
            *_turned_steps(j),
            step(
                "at-margin",
                eq(mean, _boundary_value(K1, SPREAD)),
                SurfaceMean("pair", at_boundary, ("proper",)),
            ),
            step(
                "at-level",
                eq(mean, _boundary_value(MARGIN, SPREAD)),
                Leibniz(eq(mean, _boundary_value(HOLE, SPREAD)), HOLE, "margin", "at-margin"),
            ),
            step(
                "ramp",
                eq(RampMoment(Integer(1), MARGIN), phi(MARGIN) + MARGIN * Phi(MARGIN)),
                Instance(at("lemma:ramp-one", {gaussian_h: MARGIN})),
            ),
            step(
                "edge",
                eq(mean, relu.rhs),
                Combination(
                    equalities=(
                        (1, "at-level"),
                        (-DENSITY * ROOT * SQUARE, "ramp"),
                        (
                            DENSITY
                            * (
                                phi(MARGIN) * _along(i) * _along(j) / (SPREAD * ROOT)
                                - (phi(MARGIN) + MARGIN * Phi(MARGIN)) * SQUARE
                            ),
                            "root",
                        ),
                        (
                            -DENSITY * (Phi(MARGIN) * _there(i) + phi(MARGIN) / ROOT * _turned(i)),
                            f"turned-{j}",
                        ),
                        (
                            -DENSITY * (Phi(MARGIN) * _there(j) + phi(MARGIN) / ROOT * _along(j)),
                            f"turned-{i}",
                        ),
                    ),
                    nonzero=known,
                ),
            ),
            step(
                "relu",
                relu,
                Leibniz(
                    eq(Expectation(DiracDelta(y1) * Max(HOLE, 0) * xt[i] * xt[j]), relu.rhs),
                    HOLE,
                    "target",
                    "edge",
                ),
            ),
            step(
                "affine",
                eq(found.lhs, -open_moment(i, j) + DENSITY * (level * SQUARE + mixed)),
                UnitMean("student", moments=CLOSED_1),
            ),
            step(
                "theorem",
                found.statement,
                Combination(equalities=((1, "affine"), (-DENSITY * SQUARE, "level"))),
            ),
        ),
        AT_BOUNDARY,
    )
