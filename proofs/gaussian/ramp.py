"""Ramp moments and truncated moments: recursions, translation, tail."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Integer, Integral, Sum, binomial, exp, oo, pi, sqrt

from proofs.certificates import Affine, Linear, Ordered, Unfold
from proofs.claims import Combination, Derivation, Instance, Inverse, Logic, Step, Termwise, at
from proofs.gaussian.moments import J, T, integral_of, v, z
from proofs.notation import eq, ge, gt, step
from relutheory.functions import MillsRatio, Phi, RampRatio, phi
from relutheory.theorems import theorem
from relutheory.theory.gaussian.notation import h, j, n, t

__all__ = ["ramp_moment_recursion", "ramp_moment_tail", "truncated_moment_translation"]


@cache
def ramp_moment_recursion() -> Derivation:
    """By parts, and under the integral."""
    found = theorem("ramp-moment-recursion")
    zero, one, recursion, slope, slope_zero = found.also
    return Derivation(
        found.id,
        (
            step("zero", zero, Instance("lemma:ramp-zero")),
            step("one", one, Instance("lemma:ramp-one")),
            step("recursion", recursion, Logic(("lemma:ramp-recursion",))),
            step("slope", slope, Logic(("lemma:ramp-derivative",))),
            step("slope-zero", slope_zero, Instance("lemma:ramp-zero-derivative")),
            step("theorem", found.statement, Unfold()),
        ),
    )


def _expanded(name: str, x: Any, y: Any, bell: Any, over: Any, moment: Any) -> tuple[Step, ...]:
    """``int (x+y)^n bell = sum_j C(n,j) y^(n-j) moment_j`` from ``moment_j = int x^j bell``."""
    power = Sum(binomial(n, j) * x**j * y ** (n - j), (j, 0, n))
    term = binomial(n, j) * y ** (n - j)
    spread = Sum(term * x**j * bell, (j, 0, n))
    return (
        step(f"{name}-power", eq((x + y) ** n, power), Unfold()),
        step(f"{name}-spread", eq(bell * power, spread), Linear()),
        step(
            f"{name}-point",
            eq((x + y) ** n * bell, spread),
            Combination(equalities=((bell, f"{name}-power"), (1, f"{name}-spread"))),
        ),
        step(f"{name}-integrals", eq(over((x + y) ** n * bell), over(spread)), Ordered(f"{name}-point")),
        step(f"{name}-exchange", eq(over(spread), Sum(term * over(x**j * bell), (j, 0, n))), Linear()),
        step(f"{name}-each", eq(moment(j), over(x**j * bell)), Unfold()),
        step(
            f"{name}-scaled",
            eq(term * moment(j), term * over(x**j * bell)),
            Combination(equalities=((term, f"{name}-each"),)),
        ),
        step(
            f"{name}-sum",
            eq(Sum(term * moment(j), (j, 0, n)), Sum(term * over(x**j * bell), (j, 0, n))),
            Termwise(f"{name}-scaled"),
        ),
    )


@cache
def truncated_moment_translation() -> Derivation:
    """The binomial theorem for ``z = (z + h) - h`` and for ``v = (v - h) + h``."""
    found = theorem("truncated-moment-translation")
    there, back, zero, one, recursion, slope, two, three, four = found.also
    bell = phi(v - h)

    def over(body: Any) -> Any:
        return Integral(body, (z, -h, oo))

    moved = over((z + h) ** n * phi(z))
    return Derivation(
        found.id,
        (
            *_expanded("there", v, -h, bell, integral_of, J),
            step(
                "there",
                there,
                Combination(
                    equalities=(
                        (1, "lemma:translated"),
                        (1, "there-integrals"),
                        (1, "there-exchange"),
                        (-1, "there-sum"),
                    )
                ),
            ),
            *_expanded("back", z, h, phi(z), over, T),
            step("ramp", eq(J(n), integral_of(v**n * bell)), Unfold()),
            step("moved", eq(integral_of(v**n * bell), moved), Affine(shift=h)),
            step(
                "back",
                back,
                Combination(
                    equalities=(
                        (1, "ramp"),
                        (1, "moved"),
                        (1, "back-integrals"),
                        (1, "back-exchange"),
                        (-1, "back-sum"),
                    )
                ),
            ),
            step("zero", zero, Instance("lemma:truncated-0")),
            step("one", one, Instance("lemma:truncated-1")),
            step("recursion", recursion, Logic(("lemma:truncated-recursion",))),
            step("slope", slope, Instance("lemma:truncated-derivative")),
            step("two", two, Instance("lemma:truncated-2")),
            step("three", three, Instance("lemma:truncated-3")),
            step("four", four, Instance("lemma:truncated-4")),
            step("theorem", found.statement, Unfold()),
        ),
    )


def _ratios() -> tuple[Step, ...]:
    """``r_n = n/(t + r_{n+1})`` from the recursion of the moments."""
    first, tail, place = ge(n, 1), gt(t, 0), {h: -t}
    below, here, above = J(n - 1, -t), J(n, -t), J(n + 1, -t)
    r, following = RampRatio(n, t), RampRatio(n + 1, t)
    return (
        step("below", gt(below, 0), Instance(at("lemma:ramp-positive", {n: n - 1, **place})), first),
        step("here", gt(here, 0), Instance(at("lemma:ramp-positive", place))),
        step("above", gt(above, 0), Instance(at("lemma:ramp-positive", {n: n + 1, **place}))),
        step("ratio", eq(r, here / below), Unfold(("below",)), first),
        step("next-ratio", eq(following, above / here), Unfold(("here",)), first),
        step(
            "next-positive",
            gt(following, 0),
            Combination(((1, ("above", Inverse("here"))),), ((1, "next-ratio"),), ("here",)),
            first,
        ),
        step(
            "recursion",
            eq(above, -t * here + n * below),
            Instance(at("lemma:ramp-recursion", {n: n + 1, **place})),
            first,
        ),
        step(
            "whole",
            eq(t + following, n * below / here),
            Combination(equalities=((1, "next-ratio"), (1 / here, "recursion")), nonzero=("here",)),
            first,
        ),
        # here/below - n/(t + r') = here/(below (t + r')) * (t + r' - n below/here)
        step(
            "fraction",
            eq(r, n / (t + following)),
            Combination(
                equalities=((1, "ratio"), (here / (below * (t + following)), "whole")),
                nonzero=("here", "below", "next-positive"),
            ),
            first,
            tail,
        ),
    )


@cache
def ramp_moment_tail() -> Derivation:
    """Complete the square; divide the recursion."""
    found = theorem("ramp-moment-tail")
    ratio, fraction, mills = found.also
    tail, place = gt(t, 0), {h: -t}
    at_zero, at_one = {n: Integer(0), **place}, {n: Integer(1), **place}
    damped = v**n * exp(-(v**2) / 2 - t * v)
    r, R = RampRatio(Integer(1), t), MillsRatio(t)
    one = phi(t) - t * Phi(-t)
    scale = 1 / sqrt(2 * pi)
    return Derivation(
        found.id,
        (
            *_ratios(),
            step("ratio-if", ratio, Logic(("ratio",))),
            step("fraction-if", fraction, Logic(("fraction",)), tail),
            step("zero", eq(J(0, -t), Phi(-t)), Instance(at("lemma:ramp-zero", place))),
            step("one", eq(J(1, -t), one), Instance(at("lemma:ramp-one", place))),
            step(
                "zero-positive",
                gt(J(0, -t), 0),
                Instance(at("lemma:ramp-positive", at_zero)),
            ),
            step("first-ratio", eq(r, J(1, -t) / J(0, -t)), Unfold(("zero-positive",))),
            step("one-positive", gt(J(1, -t), 0), Instance(at("lemma:ramp-positive", at_one))),
            step(
                "first-positive",
                gt(r, 0),
                Combination(
                    ((1, ("one-positive", Inverse("zero-positive"))),),
                    ((1, "first-ratio"),),
                    ("zero-positive",),
                ),
            ),
            # J_0 r_1 = J_1, so that Phi(-t) (t + r_1) = phi(t)
            step(
                "product",
                eq(Phi(-t) * (t + r), phi(t)),
                Combination(
                    equalities=((J(0, -t), "first-ratio"), (1, "one"), (-r, "zero")),
                    nonzero=("zero-positive",),
                ),
            ),
            step("mills", eq(R, Phi(-t) / phi(t)), Unfold()),
            step(
                "mills-fraction",
                mills,
                Combination(
                    equalities=((1, "mills"), (1 / (phi(t) * (t + r)), "product")),
                    nonzero=("first-positive",),
                ),
                tail,
            ),
            step("meaning", eq(J(n, -t), integral_of(v**n * phi(v + t))), Unfold()),
            step("shifted", eq(phi(v + t), exp(-((v + t) ** 2) / 2) * scale), Unfold()),
            step("centre", eq(phi(t), exp(-(t**2) / 2) * scale), Unfold()),
            # exp(-(v+t)^2/2) = exp(-t^2/2) exp(-v^2/2 - t v)
            step(
                "point",
                eq(v**n * phi(v + t), phi(t) * damped),
                Combination(equalities=((v**n, "shifted"), (-damped, "centre"))),
            ),
            step("equal", eq(integral_of(v**n * phi(v + t)), integral_of(phi(t) * damped)), Ordered("point")),
            step("linear", eq(integral_of(phi(t) * damped), phi(t) * integral_of(damped)), Linear()),
            step(
                "theorem",
                found.statement,
                Combination(equalities=((1, "meaning"), (1, "equal"), (1, "linear"))),
            ),
        ),
    )
