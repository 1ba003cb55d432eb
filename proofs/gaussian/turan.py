"""Turán inequalities of the ramp moments: Cauchy-Schwarz, and an induction along the order."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Product, Symbol, oo

from proofs.certificates import Linear, Monotone, Ordered, Unfold
from proofs.claims import (
    Combination,
    Derivation,
    Generalise,
    Induction,
    Instance,
    Inverse,
    Specialise,
    Square,
    Step,
    at,
)
from proofs.gaussian.moments import J, integral_of, v
from proofs.lemmas import a
from proofs.nodes import Always
from proofs.notation import eq, ge, gt, le, step
from relutheory.functions import Phi, phi
from relutheory.theorems import theorem
from relutheory.theory.gaussian.notation import h, n

__all__ = ["ramp_moment_turan"]

k = Symbol("k", integer=True, positive=True)
#: ``n!``, as a product that the kernel can extend by one factor.
FACTORIAL = Product(k, (k, 1, n))
FAR = le(h, -1)


def _cauchy_schwarz() -> tuple[Step, ...]:
    """``int v^(n-1) (J_n - J_{n-1} v)^2 phi(v-h) dv >= 0``."""
    first = ge(n, 1)
    bell = phi(v - h)
    body = v ** (n - 1) * (J(n) - J(n - 1) * v) ** 2 * bell
    parts = [integral_of(v ** (n - 1 + i) * bell) for i in range(3)]
    spread = J(n) ** 2 * parts[0] - 2 * J(n) * J(n - 1) * parts[1] + J(n - 1) ** 2 * parts[2]
    return (
        *(step(f"moment-{i}", eq(J(n - 1 + i), parts[i]), Unfold(), first) for i in range(3)),
        step(
            "power",
            gt(v ** (n - 1), 0),
            Instance(at("lemma:power-positive", {a: v, n: n - 1})),
            first,
            gt(v, 0),
        ),
        step(
            "point",
            ge(body, 0),
            Combination(((1, ("power", Square(J(n) - J(n - 1) * v), gt(bell, 0))),)),
            first,
            gt(v, 0),
        ),
        step("square", ge(integral_of(body), 0), Ordered("point"), first),
        step("spread", eq(integral_of(body), spread), Linear(), first),
        step("before", gt(J(n - 1), 0), Instance(at("lemma:ramp-positive", {n: n - 1})), first),
        # J_{n-1} (J_{n-1} J_{n+1} - J_n^2) is the integral of the square.
        step(
            "theorem",
            le(J(n) ** 2, J(n - 1) * J(n + 1)),
            Combination(
                ((1, ("square", Inverse("before"))),),
                (
                    (-1 / J(n - 1), "spread"),
                    (J(n) ** 2 / J(n - 1), "moment-0"),
                    (-2 * J(n), "moment-1"),
                    (J(n - 1), "moment-2"),
                ),
                ("before",),
            ),
            first,
        ),
    )


def _defect(order: Any) -> Any:
    """``(n+1) J_n^2 - n J_{n-1} J_{n+1}``."""
    return (order + 1) * J(order) ** 2 - order * J(order - 1) * J(order + 1)


def _shrinks() -> tuple[Step, ...]:
    """``J_n <= n! Phi`` for ``h <= -1``."""
    goal = ge(FACTORIAL * Phi(h), J(n))
    return (
        step("later", gt(J(n + 2), 0), Instance(at("lemma:ramp-positive", {n: n + 2}))),
        step("here", gt(J(n), 0), Instance("lemma:ramp-positive")),
        step("next", gt(J(n + 1), 0), Instance(at("lemma:ramp-positive", {n: n + 1}))),
        step(
            "recursion",
            eq(J(n + 2), h * J(n + 1) + (n + 1) * J(n)),
            Instance(at("lemma:ramp-recursion", {n: n + 2})),
        ),
        # (n+1) J_n - J_{n+1} = J_{n+2} + (-1-h) J_{n+1}
        step(
            "ratio",
            ge((n + 1) * J(n), J(n + 1)),
            Combination(((1, ("later",)), (1, ("next", FAR))), ((-1, "recursion"),)),
            FAR,
        ),
        step("size-base", ge(1 * Phi(h), J(0)), Combination((), ((-1, "lemma:ramp-zero"),)), FAR),
        step(
            "size-step",
            ge(FACTORIAL.subs(n, n + 1) * Phi(h), J(n + 1)),
            Combination(((1, ("ratio",)), (1, (goal, ge(n + 1, 0))))),
            FAR,
            goal,
        ),
        step("size", goal, Induction(n, 0 * n, "size-base", "size-step"), FAR),
    )


def _start() -> tuple[Step, ...]:
    """``J_0^2 >= phi J_1``, because ``J_0 - phi J_1/J_0`` increases from 0."""
    one = phi(h) + h * Phi(h)
    quotient = Phi(h) - phi(h) * one / Phi(h)
    slope = phi(h) * one**2 / Phi(h) ** 2
    return (
        step("one", eq(J(1), one), Instance("lemma:ramp-one")),
        step("zero", eq(J(0), Phi(h)), Instance("lemma:ramp-zero")),
        step("one-positive", gt(J(1), 0), Instance(at("lemma:ramp-positive", {n: 1 + 0 * n}))),
        step("two-positive", gt(J(2), 0), Instance(at("lemma:ramp-positive", {n: 2 + 0 * n}))),
        step("two", eq(J(2), h * J(1) + J(0)), Instance(at("lemma:ramp-recursion", {n: 2 + 0 * n}))),
        step(
            "start-slope",
            ge(slope, 0),
            Combination(((1, (gt(phi(h), 0), Square(one / Phi(h)))),)),
        ),
        # J_1 <= J_0 there, so that the quotient is at least J_0 - phi >= -phi.
        step(
            "one-small",
            ge(Phi(h), one),
            Combination(((1, (at("ratio", {n: 0 * n}),)),), ((1, "one"), (-1, "zero"))),
            FAR,
        ),
        step(
            "start-floor",
            ge(quotient, -phi(h)),
            Combination(((1, ("one-small", gt(phi(h), 0), Inverse(gt(Phi(h), 0)))), (1, (gt(Phi(h), 0),)))),
            FAR,
        ),
        step("start", ge(quotient, 0), Monotone(h, "start-slope", -oo, "start-floor")),
        step(
            "first",
            le(phi(h) * J(1), J(0) ** 2),
            Combination(
                ((1, ("start", gt(Phi(h), 0))),),
                ((-phi(h), "one"), (J(0) + Phi(h), "zero")),
            ),
        ),
    )


def _rise(name: str, order: Any, before: Any, derivatives: tuple[Any, ...], *given: Any) -> tuple[Step, ...]:
    """``W_{m} >= 0`` for the order m from the defect `before` of the order below."""
    m = order
    low, here, high = J(m - 1), J(m), J(m + 1)
    quotient = here - m * low * high / ((m + 1) * here)
    return (
        step(f"{name}-low", gt(low, 0), Instance(at("lemma:ramp-positive", {n: m - 1}))),
        step(f"{name}-here", gt(here, 0), Instance(at("lemma:ramp-positive", {n: m}))),
        step(f"{name}-high", gt(high, 0), Instance(at("lemma:ramp-positive", {n: m + 1}))),
        step(
            f"{name}-slope",
            ge(m * high * before / ((m + 1) * here**2), 0),
            Combination(
                (
                    (
                        1,
                        (
                            ge(m, 0),
                            f"{name}-high",
                            f"{name}-before",
                            Inverse(gt(m + 1, 0)),
                            Inverse(f"{name}-here"),
                            Inverse(f"{name}-here"),
                        ),
                    ),
                ),
                (),
                (f"{name}-here",),
            ),
            *given,
        ),
        # J_{m+1} <= (m+1) J_m, so that the quotient is at least -m J_{m-1}.
        step(
            f"{name}-floor",
            ge(quotient, -m * low),
            Combination(
                (
                    (1, (f"{name}-here",)),
                    (
                        1,
                        (
                            ge(m, 0),
                            f"{name}-low",
                            at("ratio", {n: m}),
                            Inverse(gt(m + 1, 0)),
                            Inverse(f"{name}-here"),
                        ),
                    ),
                ),
                (),
                (f"{name}-here",),
            ),
            FAR,
        ),
        step(
            f"{name}-bound",
            ge(quotient, -m * FACTORIAL.subs(n, m - 1) * Phi(h)),
            Combination(
                ((1, (f"{name}-floor",)), (1, (ge(m, 0), at("size", {n: m - 1})))), (), (f"{name}-here",)
            ),
            FAR,
        ),
        step(
            f"{name}-quotient",
            ge(quotient, 0),
            Monotone(h, f"{name}-slope", -oo, f"{name}-bound", derivatives, (f"{name}-here",)),
            *given,
        ),
        step(
            name,
            ge(_defect(m), 0),
            Combination(((1, (f"{name}-quotient", f"{name}-here", gt(m + 1, 0))),), (), (f"{name}-here",)),
            *given,
        ),
    )


def _right() -> tuple[Step, ...]:
    first = ge(n, 1)
    always = Always(ge(_defect(n), 0), h)
    following = Always(ge(_defect(n + 1), 0), h)
    one = n * 0 + 1

    def slope(order: Any) -> Any:
        return at("lemma:ramp-derivative", {n: order})

    zero_slope = "lemma:ramp-zero-derivative"
    return (
        # The defect of order 1 rises with J_0^2 - phi J_1.
        step("base-before", ge(J(0) ** 2 - phi(h) * J(1), 0), Combination(((1, ("first",)),))),
        *_rise("base", one, J(0) ** 2 - phi(h) * J(1), (slope(one), slope(one + 1), zero_slope)),
        step("base-always", Always(ge(_defect(one), 0), h), Generalise("base")),
        step("step-before", ge(_defect(n), 0), Specialise(always), always),
        *_rise("step", n + 1, _defect(n), (slope(n), slope(n + 1), slope(n + 2)), first, always),
        step("step-always", following, Generalise("step"), first, always),
        step("always", always, Induction(n, one, "base-always", "step-always"), first),
        step("defect", ge(_defect(n), 0), Specialise("always"), first),
    )


@cache
def ramp_moment_turan() -> Derivation:
    """Left: a square under the integral. Right: ``I_n = J_n/n!`` is log-concave, by induction on n."""
    found = theorem("ramp-moment-turan")
    right, start, determinant = found.also
    first = ge(n, 1)
    return Derivation(
        found.id,
        (
            *_shrinks(),
            *_start(),
            *_right(),
            step("right", right, Combination(((1, ("defect", Inverse(gt(n, 0)))),)), first),
            step("start-again", start, Instance("first")),
            step(
                "determinant",
                determinant,
                # J_0 J_2 - J_1^2 - J_0^2 + phi J_1 = J_0 (J_2 - h J_1 - J_0) - J_1 (J_1 - phi - h J_0)
                Combination(equalities=((J(0), "two"), (-J(1), "one"), (h * J(1), "zero"))),
            ),
            *_cauchy_schwarz(),
        ),
    )
