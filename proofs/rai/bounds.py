"""Bounds of the second moment after the ReLU, from bounds of a Gaussian moment at each position."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from sympy import Function, Integer, Sum, Symbol, pi, sqrt

from proofs.certificates import Linear, Unfold
from proofs.claims import (
    Between,
    Cases,
    Combination,
    Derivation,
    Instance,
    Inverse,
    Mean,
    Model,
    Square,
    Step,
    Termwise,
    Witness,
    at,
)
from proofs.nodes import Expect
from proofs.notation import eq, ge, gt, le, step
from proofs.rai.common import HALF, k, top
from relutheory.functions import LawMoment, RampMoment, phi
from relutheory.theorems import theorem
from relutheory.theory.gaussian.notation import h
from relutheory.theory.rai.layer import P, ht, n, norm2, sigma_w
from relutheory.theory.rai.moments import u

__all__ = [
    "NONE",
    "SOME",
    "A",
    "C",
    "X",
    "mixture_steps",
    "position_law",
    "position_witness",
    "rest",
    "second",
    "second_moment_bounds",
]

X = Symbol("X", positive=True)
second, rest = Function("second"), Function("rest")
MU1, MU2 = LawMoment(1, P), LawMoment(2, P)
#: Deviation of the Gaussian part at a position, and the part that the overwritten entry adds.
A, C = sigma_w * rest(k) / sqrt(n), X * ht[k]
BELL = phi(Integer(0))
SOME, NONE = gt(rest(k), 0), le(rest(k), 0)


def position_law() -> tuple[Step, ...]:
    """The second moment at a position given X: that of a Gaussian, or the overwritten part alone."""
    here = second(k, X)
    ratio = C / A
    layer = "RAI layer"
    wide = (gt(sigma_w, 0), SOME, Inverse(gt(sqrt(n), 0)))
    return (
        step("feature", ge(ht[k], 0), Model("input", "h >= 0, and the last coordinate is 1")),
        step("rest-low", ge(rest(k), 0), Model("input", "rest(k) is the norm of ht without coordinate k")),
        step("rest", eq(rest(k) ** 2, norm2 - ht[k] ** 2), Model("input", "H is the squared norm of ht")),
        step(
            "open",
            eq(here, A**2 * RampMoment(Integer(2), ratio)),
            Model(
                layer, "given k and X, z is Gaussian with mean X ht_k and deviation sigma_w/sqrt(n) rest(k)"
            ),
            SOME,
        ),
        step("shut", eq(here, C**2), Model(layer, "if all other coordinates vanish, z = X ht_k >= 0"), NONE),
        step("wide", gt(A, 0), Combination(((1, wide),)), SOME),
        step("add", ge(C, 0), Combination(((1, (gt(X, 0), "feature")),))),
        step("ratio", ge(ratio, 0), Combination(((1, ("add", Inverse("wide"))),), (), (SOME,)), SOME),
        step("zero", eq(rest(k), 0), Between("rest-low", NONE), NONE),
    )


def mixture_steps(mean: Any, whole: Any) -> tuple[Step, ...]:
    """The mean over the overwritten position, and sums over positions."""
    squares, ones = Sum(ht[k] ** 2, (k, 0, n)), Sum(1, (k, 0, n))
    return (
        step(
            "mixture",
            eq(mean, whole / (n + 1)),
            Model("RAI layer", "the overwritten position is uniform on 0..n"),
        ),
        step("norm", eq(norm2, squares), Model("input", "H is the squared norm of ht")),
        step("scaled", eq(u, norm2 / (n + 1)), Model("input", "u = H/(n+1)")),
        step("count", eq(ones, n + 1), Instance(at("lemma:count", {top: n}))),
    )


def position_witness() -> Witness:
    """Input 0 of one unit, where the bias has all of the norm."""
    return Witness(
        {n: 1, sigma_w: 1, norm2: 1, u: Fraction(1, 2), P: 0, ht.label: 0},
        {
            str(ht): lambda i: (0, 1)[int(i)],
            "rest": lambda i: (1, 0)[int(i)],
            "second": lambda i, sample: sample**2 if i else Fraction(1, 2),
        },
        {k: (0, 1), X: (1, 2)},
    )


def _position_steps() -> tuple[Step, ...]:
    """``(A^2 + C^2)/2 <= E[max(z, 0)^2 | k, X] <= A^2/2 + 2 phi(0) A C + C^2``."""
    here = second(k, X)
    ratio = C / A
    high, low = A**2 / 2 + 2 * BELL * A * C + C**2, (A**2 + C**2) / 2
    root = gt(sqrt(n), 0)
    return (
        *position_law(),
        step(
            "high-open",
            ge(high, here),
            Combination(
                ((1, (at("lemma:ramp-two-upper", {h: ratio}, "ratio"), "wide", "wide")),),
                ((-1, "open"),),
                (SOME,),
            ),
            SOME,
        ),
        step(
            "high-shut",
            ge(high, here),
            Combination(
                (
                    (HALF, (Square(A),)),
                    (2, (gt(BELL, 0), "add", gt(sigma_w, 0), "rest-low", Inverse(root))),
                ),
                ((-1, "shut"),),
            ),
            NONE,
        ),
        step("high", ge(high, here), Cases(((SOME, "high-open"), (NONE, "high-shut")))),
        step(
            "low-open",
            ge(here, low),
            Combination(
                ((1, (at("lemma:ramp-two-lower", {h: ratio}, "ratio"), "wide", "wide")),),
                ((1, "open"),),
                (SOME,),
            ),
            SOME,
        ),
        step(
            "low-shut",
            ge(here, low),
            Combination(
                ((HALF, (Square(C),)),),
                ((1, "shut"), (-(sigma_w**2) * rest(k) / (2 * n), "zero")),
            ),
            NONE,
        ),
        step("low", ge(here, low), Cases(((SOME, "low-open"), (NONE, "low-shut")))),
    )


def _mean_steps() -> tuple[Step, ...]:
    """Average over X; the mixed term by the inequality of the means."""
    here = Expect(second(k, X), X)
    high, low = A**2 / 2 + 2 * BELL * A * C + C**2, (A**2 + C**2) / 2
    one, two = Expect(X, X), Expect(X**2, X)
    scale = sigma_w * rest(k) / sqrt(n)
    mean_high = scale**2 / 2 + 2 * BELL * scale * ht[k] * one + ht[k] ** 2 * two
    mean_low = (scale**2 + ht[k] ** 2 * two) / 2
    square = norm2 - ht[k] ** 2
    bound = square * (sigma_w**2 / 2 + BELL * MU1 * sigma_w) / n + ht[k] ** 2 * (BELL * MU1 * sigma_w + MU2)
    return (
        step("mu-1", eq(MU1, one), Unfold()),
        step("mu-2", eq(MU2, two), Unfold()),
        step("mean-positive", ge(one, 0), Mean("sample")),
        step("mean-high", ge(Expect(high, X), here), Mean("high")),
        step("linear-high", eq(Expect(high, X), mean_high), Linear()),
        # sqrt(n) ht^2 + rest^2/sqrt(n) - 2 ht rest = (n^(1/4) ht - n^(-1/4) rest)^2
        step(
            "mixed",
            ge(sqrt(n) * ht[k] ** 2 + rest(k) ** 2 / sqrt(n), 2 * ht[k] * rest(k)),
            Combination(((1, (Inverse(gt(sqrt(n), 0)), Square(sqrt(n) * ht[k] - rest(k)))),)),
        ),
        step(
            "position-high",
            ge(bound, here),
            Combination(
                (
                    (1, ("mean-high",)),
                    (1, ("mixed", gt(BELL, 0), "mean-positive", gt(sigma_w, 0), Inverse(gt(sqrt(n), 0)))),
                ),
                (
                    (-1, "linear-high"),
                    (BELL * sigma_w * (square / n + ht[k] ** 2), "mu-1"),
                    (ht[k] ** 2, "mu-2"),
                    (-(sigma_w**2) / (2 * n) - BELL * sigma_w * one / n, "rest"),
                ),
            ),
        ),
        step("mean-low", ge(here, Expect(low, X)), Mean("low")),
        step("linear-low", eq(Expect(low, X), mean_low), Linear()),
        step(
            "position-low",
            ge(here, (sigma_w**2 / n * square + MU2 * ht[k] ** 2) / 2),
            Combination(
                ((1, ("mean-low",)),),
                ((1, "linear-low"), (-(ht[k] ** 2) / 2, "mu-2"), (sigma_w**2 / (2 * n), "rest")),
            ),
        ),
    )


@cache
def second_moment_bounds() -> Derivation:
    """Bounds at each position and number, averaged and summed."""
    found = theorem("rai-second-moment-bounds")
    (lower,) = found.also
    here = Expect(second(k, X), X)
    whole, squares, ones = Sum(here, (k, 0, n)), Sum(ht[k] ** 2, (k, 0, n)), Sum(1, (k, 0, n))
    square = norm2 - ht[k] ** 2
    first = (sigma_w**2 / 2 + BELL * MU1 * sigma_w) / n
    last = BELL * MU1 * sigma_w + MU2
    high, low = square * first + ht[k] ** 2 * last, (sigma_w**2 / n * square + MU2 * ht[k] ** 2) / 2
    inverse = Inverse(gt(n + 1, 0))
    return Derivation(
        found.id,
        (
            step("sample", ge(X, 0), Combination(((1, (gt(X, 0),)),))),
            *_position_steps(),
            *_mean_steps(),
            *mixture_steps(lower.rhs, whole),
            step("sum-low", ge(whole, Sum(low, (k, 0, n))), Termwise("position-low")),
            step(
                "total-low",
                eq(
                    Sum(low, (k, 0, n)),
                    sigma_w**2 / (2 * n) * norm2 * ones + (MU2 - sigma_w**2 / n) / 2 * squares,
                ),
                Linear(),
            ),
            step(
                "lower",
                lower,
                Combination(
                    ((1, ("sum-low", inverse)),),
                    (
                        (1, "mixture"),
                        (1 / (n + 1), "total-low"),
                        (sigma_w**2 * norm2 / (2 * n * (n + 1)), "count"),
                        (-(MU2 - sigma_w**2 / n) / (2 * (n + 1)), "norm"),
                        (-(sigma_w**2 + MU2) / 2, "scaled"),
                    ),
                ),
            ),
            step("sum-high", ge(Sum(high, (k, 0, n)), whole), Termwise("position-high")),
            step(
                "total-high",
                eq(Sum(high, (k, 0, n)), first * norm2 * ones + (last - first) * squares),
                Linear(),
            ),
            step("bell", eq(BELL, 1 / sqrt(2 * pi)), Unfold()),
            # H (n first + last)/(n+1) = u (sigma_w^2/2 + 2 phi(0) mu_1 sigma_w + mu_2)
            step(
                "theorem",
                found.statement,
                Combination(
                    ((1, ("sum-high", inverse)),),
                    (
                        (-1, "mixture"),
                        (-1 / (n + 1), "total-high"),
                        (-first * norm2 / (n + 1), "count"),
                        ((last - first) / (n + 1), "norm"),
                        (n * first + last, "scaled"),
                        (-2 * MU1 * sigma_w * u, "bell"),
                    ),
                ),
            ),
        ),
        position_witness(),
    )
