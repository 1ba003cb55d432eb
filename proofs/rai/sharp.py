"""Sharp bounds of the second moment after the ReLU, and the scale at which the upper one is 1."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache

from sympy import Sum, Symbol, sqrt

from proofs.certificates import LargestScale, Linear, Unfold
from proofs.claims import (
    Cases,
    Combination,
    Definition,
    Derivation,
    Instance,
    Inverse,
    Mean,
    Square,
    Step,
    Termwise,
    Witness,
    at,
)
from proofs.gaussian.moments import J
from proofs.nodes import Expect
from proofs.notation import eq, ge, gt, step
from proofs.rai.bounds import (
    NONE,
    SOME,
    A,
    C,
    X,
    mixture_steps,
    position_law,
    position_witness,
    rest,
    second,
)
from proofs.rai.common import HALF, k
from proofs.rai.convexity import a, s, t
from proofs.rai.floor import x, y
from proofs.rai.moments import ROOT, scale_steps
from proofs.rai.tangent import bracket, closed, gain_at
from relutheory.functions import LawMoment, OpenSecondMoment, SharpSigma
from relutheory.theorems import theorem
from relutheory.theory.gaussian.notation import h
from relutheory.theory.rai.expressions import c_sharp, c_upp
from relutheory.theory.rai.expressions import sigma_w as design
from relutheory.theory.rai.layer import P, ht, n, norm2, sigma_w
from relutheory.theory.rai.moments import u

__all__ = ["second_moment_sharp", "sharp_sigma"]

MU2 = LawMoment(2, P)
#: Scale of the entries, and the ratio where all shares are equal.
SCALE, EQUAL = sigma_w / sqrt(n), X / sigma_w
PLACE = {a: EQUAL, s: SCALE}
#: Second moment and slope in the share there, for an input of norm 1.
BEST = sigma_w**2 * closed(EQUAL) / (n + 1)
SLOPE = bracket(a).subs(PLACE, simultaneous=True)
HIGH = norm2 * BEST + SLOPE * (ht[k] ** 2 - norm2 / (n + 1))
LOW = A**2 / 2 + C**2


def _high_steps() -> tuple[Step, ...]:
    """``E[max(z, 0)^2 | k, X] <= HIGH``: the tangent at the share ``1/(n+1)``."""
    here, ratio = second(k, X), C / A
    whole = rest(k) ** 2 + ht[k] ** 2
    equal = gain_at(a).subs(PLACE, simultaneous=True)
    gap = SLOPE * ht[k] ** 2 - SCALE**2 * rest(k) ** 2 * J(2, ratio)
    share = SCALE**2 * (ratio**2 / (X**2 + SCALE**2 * ratio**2) - EQUAL**2 / (X**2 + SCALE**2 * EQUAL**2))
    return (
        step("equal-ratio", gt(EQUAL, 0), Combination(((1, (gt(X, 0), Inverse(gt(sigma_w, 0)))),))),
        step("equal", eq(J(2, EQUAL), closed(EQUAL)), Instance(at("lemma:ramp-two", {h: EQUAL}))),
        step(
            "whole",
            gt(whole, 0),
            Combination(((1, (SOME, SOME)), (1, (Square(ht[k]),)))),
            SOME,
        ),
        step(
            "tangent",
            ge(equal + SLOPE * share, gain_at(t).subs({t: ratio, s: SCALE}, simultaneous=True)),
            Instance(at("lemma:second-tangent", {t: ratio, **PLACE}, "ratio")),
            SOME,
        ),
        step(
            "high-open",
            ge(HIGH, here),
            Combination(
                ((1, ("tangent", gt(norm2, 0))),),
                (
                    (-1, "open"),
                    (gap / whole, "rest"),
                    (-(sigma_w**2) * norm2 / (n + 1), "equal"),
                ),
                (SOME, "whole"),
            ),
            SOME,
        ),
        step("end", ge(equal + SLOPE * n / (n + 1), X**2), Instance(at("lemma:second-end", PLACE))),
        step(
            "high-shut",
            ge(HIGH, here),
            Combination(
                ((1, ("end", gt(norm2, 0))),),
                (
                    (-1, "shut"),
                    (-(sigma_w**2) * norm2 / (n + 1), "equal"),
                    ((SLOPE - X**2), "rest"),
                    (-(SLOPE - X**2) * rest(k), "zero"),
                ),
            ),
            NONE,
        ),
        step("high", ge(HIGH, here), Cases(((SOME, "high-open"), (NONE, "high-shut")))),
    )


def _low_steps() -> tuple[Step, ...]:
    """``E[max(z, 0)^2 | k, X] >= A^2/2 + C^2``: the chord between the shares 0 and 1."""
    here, ratio = second(k, X), C / A
    return (
        step(
            "low-open",
            ge(here, LOW),
            Combination(
                ((1, (at("lemma:ramp-chord", {h: ratio}, "ratio"), "wide", "wide")),),
                ((1, "open"),),
                (SOME,),
            ),
            SOME,
        ),
        step(
            "low-shut",
            ge(here, LOW),
            Combination(equalities=((1, "shut"), (-(sigma_w**2) * rest(k) / (2 * n), "zero"))),
            NONE,
        ),
        step("low", ge(here, LOW), Cases(((SOME, "low-open"), (NONE, "low-shut")))),
    )


@cache
def second_moment_sharp() -> Derivation:
    """Bounds at each position and number, averaged and summed; all shares together are 1."""
    found = theorem("rai-second-moment-sharp")
    lower, constants_low, constants_high = found.also
    mean = lower.rhs * u
    here = Expect(second(k, X), X)
    whole, squares, ones = Sum(here, (k, 0, n)), Sum(ht[k] ** 2, (k, 0, n)), Sum(1, (k, 0, n))
    two, best, slope = Expect(X**2, X), Expect(closed(EQUAL), X), Symbol("d", real=True)
    first = sigma_w**2 / n
    top = sigma_w**2 * OpenSecondMoment(1 / sigma_w, P)
    mean_high = norm2 * sigma_w**2 * best / (n + 1) + Expect(SLOPE, X) * (ht[k] ** 2 - norm2 / (n + 1))
    mean_low = first * rest(k) ** 2 / 2 + ht[k] ** 2 * two
    high = norm2 * top / (n + 1) + slope * (ht[k] ** 2 - norm2 / (n + 1))
    low = first * (norm2 - ht[k] ** 2) / 2 + MU2 * ht[k] ** 2
    inverse = Inverse(gt(n + 1, 0))
    per_u = Inverse(gt(u, 0))
    return Derivation(
        found.id,
        (
            *position_law(),
            *_high_steps(),
            *_low_steps(),
            step("mu-2", eq(MU2, two), Unfold()),
            step("constant", eq(OpenSecondMoment(1 / sigma_w, P), best), Unfold()),
            # A name, because a sum over positions is linear in numbers.
            step("slope", eq(slope, Expect(SLOPE, X)), Definition()),
            step("mean-high", ge(Expect(HIGH, X), here), Mean("high")),
            step("linear-high", eq(Expect(HIGH, X), mean_high), Linear()),
            step(
                "position-high",
                ge(high, here),
                Combination(
                    ((1, ("mean-high",)),),
                    (
                        (-1, "linear-high"),
                        (norm2 * sigma_w**2 / (n + 1), "constant"),
                        (ht[k] ** 2 - norm2 / (n + 1), "slope"),
                    ),
                ),
            ),
            step("mean-low", ge(here, Expect(LOW, X)), Mean("low")),
            step("linear-low", eq(Expect(LOW, X), mean_low), Linear()),
            step(
                "position-low",
                ge(here, low),
                Combination(
                    ((1, ("mean-low",)),),
                    ((1, "linear-low"), (first / 2, "rest"), (-(ht[k] ** 2), "mu-2")),
                ),
            ),
            *mixture_steps(mean, whole),
            step("sum-low", ge(whole, Sum(low, (k, 0, n))), Termwise("position-low")),
            step(
                "total-low",
                eq(Sum(low, (k, 0, n)), first * norm2 * ones / 2 + (MU2 - first / 2) * squares),
                Linear(),
            ),
            # The sums are H ((sigma_w^2/n)(n+1)/2 + mu_2 - sigma_w^2/(2 n)) = H (sigma_w^2/2 + mu_2).
            step(
                "lower",
                lower,
                Combination(
                    ((1, ("sum-low", inverse, per_u)),),
                    (
                        (1 / u, "mixture"),
                        (1 / (u * (n + 1)), "total-low"),
                        (first * norm2 / (2 * u * (n + 1)), "count"),
                        (-(MU2 - first / 2) / (u * (n + 1)), "norm"),
                        (-(sigma_w**2 / 2 + MU2) / u, "scaled"),
                    ),
                ),
            ),
            step(
                "second-nonneg",
                ge(X**2, 0),
                Combination(((1, (Square(X),)),)),
            ),
            step("two-nonneg", ge(two, 0), Mean("second-nonneg")),
            step(
                "constants-low",
                constants_low,
                Combination(((HALF, ("two-nonneg",)),), ((HALF, "mu-2"),)),
            ),
            step("constants-high", constants_high, Instance("lemma:sharp-below-upp")),
            step("sum-high", ge(Sum(high, (k, 0, n)), whole), Termwise("position-high")),
            step(
                "total-high",
                eq(
                    Sum(high, (k, 0, n)),
                    (norm2 * top / (n + 1) - slope * norm2 / (n + 1)) * ones + slope * squares,
                ),
                Linear(),
            ),
            step(
                "theorem",
                found.statement,
                Combination(
                    ((1, ("sum-high", inverse, per_u)),),
                    (
                        (-1 / u, "mixture"),
                        (-1 / (u * (n + 1)), "total-high"),
                        (-(top - slope) * norm2 / (u * (n + 1) ** 2), "count"),
                        (slope / (u * (n + 1)), "norm"),
                        (top / u, "scaled"),
                    ),
                ),
            ),
        ),
        replace(position_witness(), point={**position_witness().point, slope: 0}),
    )


@cache
def sharp_sigma() -> Derivation:
    """The design of C_upp is a scale with ``C* <= 1``, and no such scale exceeds ``sqrt(2 (1 - mu_2))``."""
    found = theorem("rai-sharp-sigma")
    above, below = found.also
    scale, star = design(), SharpSigma(P)
    most = sqrt(2 * (1 - MU2))
    small = ge(1, c_sharp())
    proper = (gt(ROOT**2, 0), gt(scale, 0))
    largest = LargestScale(at("member", {}, "radicand", "positive"), "bound", sigma_w, scale, "positive")
    return Derivation(
        found.id,
        (
            *scale_steps(gt(scale, 0)),
            step(
                "upper",
                ge(c_upp(scale), c_sharp(scale)),
                Instance(at("lemma:sharp-below-upp", {sigma_w: scale})),
                *proper,
            ),
            step("design", eq(c_upp(scale), 1), Instance("theorem:rai-sigma-w")),
            step(
                "member",
                ge(1, c_sharp(scale)),
                Combination(((1, ("upper",)),), ((-1, "design"),)),
                *proper,
            ),
            step("room", gt(2 * (1 - MU2), 0), Combination(((2, ("solvable",)),))),
            # 2 (1 - mu_2) - s^2 = 2 (1 - C*) + 2 (C* - s^2/2 - mu_2)
            step(
                "squares",
                ge(most**2, sigma_w**2),
                Combination(((2, (small,)), (2, ("lemma:sharp-above-low",))), (), ("room",)),
                small,
            ),
            step(
                "bound",
                ge(most, sigma_w),
                Instance(at("lemma:square-order", {x: most, y: sigma_w}, "squares")),
                small,
            ),
            step("star", gt(star, 0), largest),
            step("above", above, largest),
            step("value", found.statement, largest),
            step(
                "at-most",
                ge(1, c_sharp(star)),
                Combination(equalities=((-1, "value"),), nonzero=("star",)),
            ),
            step(
                "below",
                below,
                Combination(((1, (at("bound", {sigma_w: star}, "star", "at-most"),)),), (), ("room",)),
            ),
            step("theorem", found.statement, Instance("value")),
        ),
        Witness({P: 0}, {"LawMoment": lambda order, law: Fraction(1, 2)}),
    )
