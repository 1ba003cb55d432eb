"""Lemmas about numbers that several derivations use."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sympy import Integer, Rational, Symbol

from proofs.claims import Claim, Combination, Derivation, Identity, Induction, Instance, Square, Step, at
from proofs.notation import ge, gt, step

__all__ = ["LEMMAS", "stays"]

n = Symbol("n", integer=True, nonnegative=True)
v = Symbol("v", integer=True, positive=True)
w = Symbol("w", integer=True, positive=True)
a = Symbol("a", real=True)
b = Symbol("b", real=True)
y = Symbol("y", real=True)
HALF = Rational(1, 2)


def lemma(name: str, *steps: Step) -> Derivation:
    """A derivation that uses no hypotheses."""
    return Derivation(name, steps, lemma=True)


@cache
def power_nonneg() -> Derivation:
    """``a >= 0`` entails ``a**n >= 0``."""
    given = (ge(a, 0),)
    return lemma(
        "power-nonneg",
        Step("base", Claim(ge(a**0, 0), given), Combination(((1, ()),))),
        Step(
            "step",
            Claim(ge(a ** (n + 1), 0), (*given, ge(a**n, 0))),
            Combination(((1, (ge(a**n, 0), ge(a, 0))),)),
        ),
        Step("all", Claim(ge(a**n, 0), given), Induction(n, Integer(0), "base", "step")),
    )


@cache
def power_positive() -> Derivation:
    """``a > 0`` entails ``a**n > 0``."""
    given = (gt(a, 0),)
    return lemma(
        "power-positive",
        Step("base", Claim(gt(a**0, 0), given), Combination(((1, ()),))),
        Step(
            "step",
            Claim(gt(a ** (n + 1), 0), (*given, gt(a**n, 0))),
            Combination(((1, (gt(a**n, 0), gt(a, 0))),)),
        ),
        Step("all", Claim(gt(a**n, 0), given), Induction(n, Integer(0), "base", "step")),
    )


@cache
def power_monotone() -> Derivation:
    """``0 <= a <= b`` entails ``a**n <= b**n``."""
    given = (ge(a, 0), ge(b, a))
    return lemma(
        "power-monotone",
        Step("base", Claim(ge(b**0, a**0), given), Identity()),
        Step("nonneg", Claim(ge(a**n, 0), given), Instance(at("lemma:power-nonneg"))),
        Step("b", Claim(ge(b, 0), given), Combination(((1, (ge(b, a),)), (1, (ge(a, 0),))))),
        Step(
            "step",
            Claim(ge(b ** (n + 1), a ** (n + 1)), (*given, ge(b**n, a**n))),
            # b^n b - a^n a = (b^n - a^n) b + a^n (b - a)
            Combination(((1, (ge(b**n, a**n), "b")), (1, ("nonneg", ge(b, a))))),
        ),
        Step("all", Claim(ge(b**n, a**n), given), Induction(n, Integer(0), "base", "step")),
    )


@cache
def power_at_most_one() -> Derivation:
    """``0 <= a <= 1`` entails ``a**n <= 1``."""
    given = (ge(a, 0), ge(1, a))
    return lemma(
        "power-at-most-one",
        Step("all", Claim(ge(1, a**n), given), Instance(at("lemma:power-monotone", {b: Integer(1)}))),
    )


@cache
def half_power() -> Derivation:
    """``2**-w <= 1/2`` for integers ``w >= 1``."""
    return lemma(
        "half-power",
        Step("base", Claim(ge(HALF, Integer(2) ** (-1))), Identity()),
        Step(
            "step",
            Claim(ge(HALF, 2 ** (-(w + 1))), (ge(HALF, 2**-w),)),
            Combination(((HALF, (ge(HALF, 2**-w),)), (Rational(1, 4), ()))),
        ),
        Step("all", Claim(ge(HALF, 2**-w)), Induction(w, Integer(1), "base", "step")),
    )


@cache
def half_power_falls() -> Derivation:
    """``2**-n <= 2**-m`` for integers ``n >= m >= 1``."""
    gap = Symbol("q", integer=True, nonnegative=True)
    goal = ge(2 ** (-v), 2 ** (-(v + gap)))
    return lemma(
        "half-power-falls",
        step("base", ge(2 ** (-v), 2 ** (-(v + 0))), Identity()),
        step(
            "step",
            ge(2 ** (-v), 2 ** (-(v + gap + 1))),
            Combination(((1, (goal,)), (HALF, (ge(2 ** (-(v + gap)), 0),)))),
            goal,
        ),
        step("gap", goal, Induction(gap, Integer(0), "base", "step")),
        step("all", ge(2 ** (-v), 2 ** (-w)), Instance(at("gap", {gap: w - v})), ge(w, v)),
    )


@cache
def bernoulli() -> Derivation:
    """Bernoulli's inequality ``(1-y)**n >= 1 - n y`` for ``y <= 1``."""
    given = (ge(1, y),)
    return lemma(
        "bernoulli",
        Step("base", Claim(ge((1 - y) ** 0, 1 - 0 * y), given), Identity()),
        Step(
            "step",
            Claim(ge((1 - y) ** (n + 1), 1 - (n + 1) * y), (*given, ge((1 - y) ** n, 1 - n * y))),
            # (1-y)^(n+1) - 1 + (n+1) y = ((1-y)^n - 1 + n y)(1-y) + n y^2
            Combination(((1, (ge((1 - y) ** n, 1 - n * y), ge(1, y))), (1, (ge(n, 0), Square(y))))),
        ),
        Step("all", Claim(ge((1 - y) ** n, 1 - n * y), given), Induction(n, Integer(0), "base", "step")),
    )


@cache
def quadratic_half_power() -> Derivation:
    """``w**2 2**-w <= 9/8`` for integers ``w >= 3``."""
    e = 2 ** (-w)
    bound, late = Rational(9, 8), ge(w, 3)
    goal = ge(bound, w**2 * e)
    return lemma(
        "quadratic-half-power",
        step("base", ge(bound, 3**2 * Integer(2) ** (-3)), Identity()),
        # 9/8 - (w+1)^2 e/2 = (9/8 - w^2 e) + e ((w-3)^2 + 4 (w-3) + 2)/2
        step(
            "step",
            ge(bound, (w + 1) ** 2 * 2 ** (-(w + 1))),
            Combination(
                ((1, (goal,)), (HALF, (ge(e, 0), Square(w - 3))), (2, (ge(e, 0), late)), (1, (ge(e, 0),)))
            ),
            late,
            goal,
        ),
        step("all", goal, Induction(w, Integer(3), "base", "step"), late),
    )


@cache
def second_bernoulli() -> Derivation:
    """``(1-y)**n <= 1 - n y + n**2 y**2 / 2`` for ``0 <= y <= 1``."""
    given = (ge(y, 0), ge(1, y))
    goal = ge(1 - n * y + n**2 * y**2 / 2, (1 - y) ** n)
    return lemma(
        "second-bernoulli",
        step("base", ge(1 - 0 * y + 0 * y**2 / 2, (1 - y) ** 0), Identity(), *given),
        step("lower", ge((1 - y) ** n, 1 - n * y), Instance(at("lemma:bernoulli")), *given),
        # Q(n+1) - P (1-y) = (Q(n) - P) + y (P - 1 + n y) + y^2/2
        step(
            "step",
            ge(1 - (n + 1) * y + (n + 1) ** 2 * y**2 / 2, (1 - y) ** (n + 1)),
            Combination(((1, (goal,)), (1, (ge(y, 0), "lower")), (HALF, (Square(y),)))),
            *given,
            goal,
        ),
        step("all", goal, Induction(n, Integer(0), "base", "step"), *given),
    )


@cache
def reciprocal_bernoulli() -> Derivation:
    """``(1-y)**n (1 + n y) <= 1`` for ``0 <= y <= 1``: powers below one fall at least like ``1/(n y)``."""
    given = (ge(y, 0), ge(1, y))
    hypothesis = ge(1, (1 - y) ** n * (1 + n * y))
    return lemma(
        "reciprocal-bernoulli",
        Step("base", Claim(ge(1, (1 - y) ** 0 * (1 + 0 * y)), given), Identity()),
        Step("factor", Claim(ge(1 - y, 0), given), Combination(((1, (ge(1, y),)),))),
        Step(
            "power",
            Claim(ge((1 - y) ** n, 0), given),
            Instance(at("lemma:power-nonneg", {a: 1 - y}, "factor")),
        ),
        Step(
            "step",
            Claim(ge(1, (1 - y) ** (n + 1) * (1 + (n + 1) * y)), (*given, hypothesis)),
            # 1 - P (1-y)(1+(n+1)y) = 1 - P (1+n y) + P (n+1) y^2
            Combination(((1, (hypothesis,)), (1, ("power", ge(n + 1, 0), Square(y))))),
        ),
        Step(
            "all", Claim(ge(1, (1 - y) ** n * (1 + n * y)), given), Induction(n, Integer(0), "base", "step")
        ),
    )


def stays(width: Any, e: Any) -> Any:
    """Probability that the chain stays in A."""
    return 1 - 2 * e - (width - 1) * e**2


@cache
def linear_half_power() -> Derivation:
    """``w 2**-w <= 1/2`` for integers ``w >= 1``."""
    goal = ge(HALF, w * 2 ** (-w))
    return lemma(
        "linear-half-power",
        step("base", ge(HALF, 1 * Integer(2) ** (-1)), Identity()),
        # 1/2 - (w+1) 2^-w / 2 = (1/2 - w 2^-w)/2 + (1/2 - 2^-w)/2
        step(
            "step",
            ge(HALF, (w + 1) * 2 ** (-(w + 1))),
            Combination(((HALF, (goal,)), (HALF, ("lemma:half-power",)))),
            goal,
        ),
        step("all", goal, Induction(w, Integer(1), "base", "step")),
    )


@cache
def chain_stays() -> Derivation:
    """``1 - 2e - (w-1) e**2 >= 0`` for ``e = 2**-w``."""
    e = 2 ** (-w)
    return lemma(
        "chain-stays",
        step("small", ge(HALF, e), Instance("lemma:half-power")),
        step("linear", ge(HALF, w * e), Instance("lemma:linear-half-power")),
        step("two", ge(2, e), Combination(((1, ("small",)), (Rational(3, 2), ())))),
        # 1 - 2e - (w-1)e^2 = (1/2 - e)(2 - e) + e (1/2 - w e)
        step("all", ge(stays(w, e), 0), Combination(((1, ("small", "two")), (1, (ge(e, 0), "linear"))))),
    )


#: Lemmas by name.
LEMMAS: dict[str, Callable[[], Derivation]] = {
    "bernoulli": bernoulli,
    "chain-stays": chain_stays,
    "half-power": half_power,
    "half-power-falls": half_power_falls,
    "linear-half-power": linear_half_power,
    "power-at-most-one": power_at_most_one,
    "power-monotone": power_monotone,
    "power-nonneg": power_nonneg,
    "power-positive": power_positive,
    "quadratic-half-power": quadratic_half_power,
    "reciprocal-bernoulli": reciprocal_bernoulli,
    "second-bernoulli": second_bernoulli,
}
