"""Traps without return, and the time that a bias needs to come back."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from sympy import Integral, Symbol

from proofs.certificates import Monotone
from proofs.claims import Combination, Derivation, Instance, Inverse, Leibniz, Logic, at
from proofs.lemmas import lemma
from proofs.notation import eq, gt, le, lt, step
from proofs.rules_dynamics import Elementary, UpperEnd
from relutheory.functions import Phi, phi
from relutheory.theorems import theorem
from relutheory.theory.gaussian.notation import h as gaussian_h
from relutheory.theory.single_unit.notation import a0, eta, h1, h_star
from relutheory.theory.single_unit.traps import w_star

__all__ = ["LEMMAS", "escape_time", "trapping"]

x, y = Symbol("x", real=True), Symbol("y", real=True)


@cache
def _phi_increasing() -> Derivation:
    """``Phi(y) < Phi(x)`` for ``y < x``."""
    return lemma(
        "Phi-increasing",
        step("slope", gt(phi(x), 0), Combination(((1, (gt(phi(x), 0),)),))),
        step("all", gt(Phi(x), Phi(y)), Monotone(x, "slope", y), gt(x, y)),
    )


@cache
def trapping() -> Derivation:
    """Linear inequalities in one input; the margin falls, so that the gate closes further."""
    found = theorem("trapping-set-1d")
    against, order = found.lhs.args
    opened, shut = found.rhs.args
    (stays,) = found.also
    inside, after = stays.args
    deep, slow = inside.args
    falls, deeper, slower = after.args
    margin, following, gap = h1, falls.lhs, 1 - eta * Phi(h1)
    return Derivation(
        found.id,
        (
            # -(b* + w* x) = w* (-b*/w* + b/w) + w* (b + w x)/(-w)
            step(
                "shut",
                shut,
                Combination(
                    (
                        (1, (gt(w_star, 0), order)),
                        (1, (gt(w_star, 0), opened, Inverse(against))),
                    ),
                    nonzero=(against,),
                ),
                order,
                against,
                opened,
            ),
            step(
                "formula",
                eq(following, margin - eta * phi(margin) / gap),
                Combination(equalities=((-eta / gap, at("lemma:ramp-one", {gaussian_h: margin})),)),
                slow,
            ),
            step(
                "falls",
                falls,
                Combination(((1, (gt(eta, 0), gt(phi(margin), 0), Inverse(slow))),), ((-1, "formula"),)),
                slow,
            ),
            step("deeper", deeper, Combination(((1, (deep,)), (1, ("falls",)))), deep, slow),
            step(
                "closes",
                gt(Phi(margin), Phi(following)),
                Instance(at("lemma:Phi-increasing", {x: margin, y: following}, "falls")),
                slow,
            ),
            step("slower", slower, Combination(((1, (gt(eta, 0), "closes")), (1, (slow,)))), slow),
            step("stays", stays, Logic(("falls", "deeper", "slower"))),
            step("theorem", found.statement, Logic(("shut",))),
        ),
    )


@cache
def escape_time() -> Derivation:
    """The integrand at the upper end; over an empty interval nothing is left."""
    found = theorem("bias-escape-time")
    (start,) = found.also
    node, (end,) = found.lhs.expr, found.lhs.variables
    v = Symbol("v", real=True)
    given = (lt(-a0, end), lt(end, h_star))
    body = 1 / (Phi(v) * (h_star - v))
    empty = Integral(body, (v, -a0, -a0))
    return Derivation(
        found.id,
        (
            step("meaning", eq(node, Integral(body, (v, -a0, end))), Elementary(), *given),
            step("room", gt(h_star, -a0), Combination(tuple((1, (part,)) for part in given)), *given),
            step("begin", eq(start.lhs, empty), Elementary(("room",)), *given),
            step("empty", eq(empty, 0), Elementary(("room",)), *given),
            step("start", start, Leibniz(eq(start.lhs, x), x, "empty", "begin"), *given),
            step(
                "away",
                gt(h_star - v, 0),
                Combination(((1, (le(v, end),)), (1, (given[1],)))),
                given[1],
                le(v, end),
            ),
            step("theorem", found.statement, UpperEnd("meaning", v, ("away",)), *given),
        ),
    )


#: Lemmas by name.
LEMMAS: dict[str, Callable[[], Derivation]] = {"Phi-increasing": _phi_increasing}
