"""Shared parts: sums of constants, arguments in words, probabilities of the normal law."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sympy import Integer, Rational, Sum, Symbol

from proofs.certificates import Monotone
from proofs.claims import Assume, Combination, Derivation, Induction, Witness
from proofs.lemmas import lemma
from proofs.notation import eq, ge, gt, step
from relutheory.functions import Phi, phi
from relutheory.theorems import theorem

__all__ = ["HALF", "LEMMAS", "in_words"]

HALF = Rational(1, 2)
top = Symbol("n", integer=True, nonnegative=True)
k = Symbol("k", integer=True, nonnegative=True)
u = Symbol("u", real=True)


def in_words(id: str, argument: str, witness: Witness | None = None) -> Derivation:
    """A derivation that is an argument in words only."""
    found = theorem(id)
    return Derivation(
        id,
        (
            *(step(f"part-{i}", a, Assume(argument)) for i, a in enumerate(found.also)),
            step("theorem", found.statement, Assume(argument)),
        ),
        witness or Witness(),
    )


@cache
def _count() -> Derivation:
    """``sum_{k=0}^n 1 = n + 1``."""

    def goal(end: Any) -> Any:
        return eq(Sum(1, (k, 0, end)), end + 1)

    return lemma(
        "count",
        step("base", goal(Integer(0)), Combination()),
        step("step", goal(top + 1), Combination(equalities=((1, goal(top)),)), goal(top)),
        step("all", goal(top), Induction(top, Integer(0), "base", "step")),
    )


@cache
def _half() -> Derivation:
    """``Phi(u) >= 1/2`` for ``u >= 0``."""
    return lemma(
        "Phi-half",
        step("slope", gt(phi(u), 0), Combination(((1, (gt(phi(u), 0),)),))),
        step("all", ge(Phi(u), HALF), Monotone(u, "slope", Integer(0)), ge(u, 0)),
    )


@cache
def _above_half() -> Derivation:
    """``Phi(u) > 1/2`` for ``u > 0``."""
    return lemma(
        "Phi-above-half",
        step("slope", gt(phi(u), 0), Combination(((1, (gt(phi(u), 0),)),))),
        step("all", gt(Phi(u), HALF), Monotone(u, "slope", Integer(0)), gt(u, 0)),
    )


#: Lemmas by name.
LEMMAS: dict[str, Callable[[], Derivation]] = {
    "Phi-above-half": _above_half,
    "Phi-half": _half,
    "count": _count,
}
