"""Chains of binomial counts: the more units are alive, the less likely the chain dies out.

``dies(r, m)`` is the probability that m live units die out within the last r layers. One layer is drawn unit
by unit: ``drawn(t, j, r, m)`` is the same probability when t units of the layer are still to be drawn and j
are alive so far, each being dead with probability ``2**-(m + bias)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sympy import Function, Integer, Lambda, Rational, Symbol

from proofs.claims import (
    Certificate,
    Combination,
    Definition,
    Extinction,
    Generalise,
    Induction,
    Instance,
    Specialise,
    Step,
    at,
)
from proofs.lemmas import a, n
from proofs.nodes import Always
from proofs.notation import eq, ge, step
from proofs.substitution import substitute
from relutheory.functions import BinomialExtinction
from relutheory.symbols import L, bias, l, m, widths

__all__ = ["chain_steps", "dead", "dies", "drawn", "extinction", "inward", "j", "outward", "r", "t", "units"]

HALF = Rational(1, 2)
#: Units to be drawn, units alive so far, layers left.
t = Symbol("t", integer=True, nonnegative=True)
j = Symbol("j", integer=True, nonnegative=True)
r = Symbol("r", integer=True, nonnegative=True)
dies, drawn = Function("dies"), Function("drawn")


def dead(count: Any) -> Any:
    """Probability that a unit with this number of live features is dead."""
    return 2 ** (-(count + bias))


def extinction(layers: Any, count: Any) -> BinomialExtinction:
    """Extinction within the last layers."""
    return BinomialExtinction(count, Lambda(m, 1 - dead(m)), widths[l], (l, L - layers, L - 1))


def units(layers: Any) -> Any:
    """Width of the layer that is drawn before this number of further layers."""
    return widths[L - 1 - layers]


def inward(
    label: str,
    body: Callable[[Any], Any],
    bound: tuple[Symbol, ...],
    base: Certificate,
    shifts: Mapping[str, Mapping[Any, Any]],
    following: Certificate,
    *given: Any,
    between: tuple[Step, ...] = (),
) -> tuple[Step, ...]:
    """Induction over the units of one layer, for all values of the bound symbols at once.

    Parameters
    ----------
    label : str
        Label of the result; parts of the induction begin with it.
    body : callable
        Relation for a number of units.
    bound : tuple of Symbol
        Symbols that move in the induction.
    base : Certificate
        Proves ``body(0)``.
    shifts : mapping
        Instances of the hypothesis by the ends of their labels.
    following : Certificate
        Proves ``body(t + 1)``.
    *given
        Hypotheses of all steps.
    between : tuple of Step
        Steps after the instances of the hypothesis.
    """
    hypothesis = Always(body(t), *bound)
    here = body(t)
    return (
        step(f"{label}-none", body(Integer(0)), base, *given),
        step(f"{label}-base", Always(body(Integer(0)), *bound), Generalise(f"{label}-none"), *given),
        *(
            step(f"{label}-{name}", substitute(here, where), Specialise(hypothesis, where), hypothesis)
            for name, where in shifts.items()
        ),
        *between,
        step(f"{label}-more", body(t + 1), following, *given, hypothesis),
        step(f"{label}-step", Always(body(t + 1), *bound), Generalise(f"{label}-more"), *given, hypothesis),
        step(f"{label}-all", hypothesis, Induction(t, Integer(0), f"{label}-base", f"{label}-step"), *given),
        step(label, here, Specialise(f"{label}-all"), *given),
    )


def outward(
    label: str,
    body: Callable[[Any, Any], Any],
    bound: tuple[Symbol, ...],
    last: tuple[Certificate, Certificate],
    before: tuple[Step, ...],
    following: tuple[Certificate, Certificate],
) -> tuple[Step, ...]:
    """Induction over the layers that are left; in each, no live unit and at least one are two cases.

    Parameters
    ----------
    label : str
    body : callable
        Relation for a number of layers and a number of live units.
    bound : tuple of Symbol
        `m` and other symbols that are arbitrary.
    last : two certificates
        No layer left: for no live unit, and for ``m + 1``.
    before : tuple of Step
        Steps that use the hypothesis for r layers.
    following : two certificates
        The same for ``r + 1`` layers.
    """
    hypothesis = Always(body(r, m), *bound)
    zero = Integer(0)
    return (
        step(f"{label}-last-gone", body(zero, zero), last[0]),
        step(f"{label}-last-more", body(zero, m + 1), last[1]),
        step(f"{label}-last", body(zero, m), Induction(m, zero, f"{label}-last-gone", f"{label}-last-more")),
        step(f"{label}-base", Always(body(zero, m), *bound), Generalise(f"{label}-last")),
        *before,
        step(f"{label}-gone", body(r + 1, zero), following[0]),
        step(f"{label}-more", body(r + 1, m + 1), following[1], hypothesis),
        step(
            f"{label}-next",
            body(r + 1, m),
            Induction(m, zero, f"{label}-gone", f"{label}-more"),
            hypothesis,
        ),
        step(f"{label}-step", Always(body(r + 1, m), *bound), Generalise(f"{label}-next"), hypothesis),
        step(f"{label}-all", hypothesis, Induction(r, zero, f"{label}-base", f"{label}-step")),
        step(label, body(r, m), Specialise(f"{label}-all")),
    )


def chain_steps() -> tuple[Step, ...]:
    """``dies(r, m)`` is at most 1 and does not increase in m."""
    e = dead(m)
    now = {t: units(r), j: Integer(0), m: m + 1}

    def at_most_one(layers: Any, count: Any) -> Any:
        return ge(1, dies(layers, count))

    def falls(layers: Any, count: Any) -> Any:
        return ge(dies(layers, count), dies(layers, count + 1))

    high, lower = Always(at_most_one(r, m), m), Always(falls(r, m), m)
    return (
        step("dies", eq(dies(r, m), extinction(r, m)), Definition()),
        step("drawn-none", eq(drawn(0, j, r, m), extinction(r, j)), Definition()),
        step(
            "drawn-next",
            eq(drawn(t + 1, j, r, m), (1 - e) * drawn(t, j + 1, r, m) + e * drawn(t, j, r, m)),
            Definition(),
        ),
        step("extinct", eq(extinction(r, Integer(0)), 1), Extinction()),
        step(
            "gone",
            eq(dies(r, 0), 1),
            Combination(equalities=((1, at("dies", {m: Integer(0)})), (1, "extinct"))),
        ),
        step("alive", eq(extinction(0, m + 1), 0), Extinction()),
        step(
            "last",
            eq(dies(0, m + 1), 0),
            Combination(equalities=((1, at("dies", {r: Integer(0), m: m + 1})), (1, "alive"))),
        ),
        step(
            "unfold",
            eq(extinction(r + 1, m + 1), drawn(units(r), 0, r, m + 1)),
            Extinction("drawn-none", "drawn-next"),
        ),
        step(
            "dies-next",
            eq(dies(r + 1, m + 1), drawn(units(r), 0, r, m + 1)),
            Combination(equalities=((1, at("dies", {r: r + 1, m: m + 1})), (1, "unfold"))),
        ),
        step(
            "drawn-start",
            eq(drawn(0, j, r, m), dies(r, j)),
            Combination(equalities=((1, "drawn-none"), (-1, at("dies", {m: j})))),
        ),
        step("dead-high", ge(1, e), Instance(at("lemma:power-at-most-one", {a: HALF, n: m + bias}))),
        *outward(
            "high",
            at_most_one,
            (m,),
            (Combination((), ((-1, at("gone", {r: Integer(0)})),)), Combination(((1, ()),), ((-1, "last"),))),
            (
                step("high-here", ge(1, dies(r, j)), Specialise(high, {m: j}), high),
                # 1 - drawn' = (1-e)(1 - drawn(j+1)) + e (1 - drawn(j))
                *inward(
                    "drawn-high",
                    lambda k: ge(1, drawn(k, j, r, m)),
                    (j,),
                    Combination(((1, ("high-here",)),), ((-1, "drawn-start"),)),
                    {"same": {}, "up": {j: j + 1}},
                    Combination(
                        ((1, ("dead-high", "drawn-high-up")), (1, (ge(e, 0), "drawn-high-same"))),
                        ((-1, "drawn-next"),),
                    ),
                    high,
                ),
            ),
            (
                Combination((), ((-1, at("gone", {r: r + 1})),)),
                Combination(((1, (at("drawn-high", now),)),), ((-1, "dies-next"),)),
            ),
        ),
        *outward(
            "falls",
            falls,
            (m,),
            (
                Combination(
                    ((1, ()),), ((1, at("gone", {r: Integer(0)})), (-1, at("last", {m: Integer(0)})))
                ),
                Combination((), ((1, "last"), (-1, at("last", {m: m + 1})))),
            ),
            (
                step("falls-here", falls(r, j), Specialise(lower, {m: j}), lower),
                *inward(
                    "drawn-falls",
                    lambda k: ge(drawn(k, j, r, m), drawn(k, j + 1, r, m)),
                    (j,),
                    Combination(
                        ((1, ("falls-here",)),), ((1, "drawn-start"), (-1, at("drawn-start", {j: j + 1})))
                    ),
                    {"same": {}, "up": {j: j + 1}},
                    Combination(
                        ((1, ("dead-high", "drawn-falls-up")), (1, (ge(e, 0), "drawn-falls-same"))),
                        ((1, "drawn-next"), (-1, at("drawn-next", {j: j + 1}))),
                    ),
                    lower,
                ),
                # With m + 1 features a unit is dead half as often: e - e/2 = e/2.
                *inward(
                    "drawn-wider",
                    lambda k: ge(drawn(k, j, r, m), drawn(k, j, r, m + 1)),
                    (j,),
                    Combination((), ((1, "drawn-start"), (-1, at("drawn-start", {m: m + 1})))),
                    {"same": {}, "up": {j: j + 1}},
                    Combination(
                        (
                            (1, ("dead-high", "drawn-wider-up")),
                            (1, (ge(e, 0), "drawn-wider-same")),
                            (HALF, (ge(e, 0), at("drawn-falls", {m: m + 1}))),
                        ),
                        ((1, "drawn-next"), (-1, at("drawn-next", {m: m + 1}))),
                    ),
                    lower,
                ),
            ),
            (
                Combination(((1, (at("high", {r: r + 1, m: Integer(1)}),)),), ((1, at("gone", {r: r + 1})),)),
                Combination(
                    ((1, (at("drawn-wider", now),)),), ((1, "dies-next"), (-1, at("dies-next", {m: m + 1})))
                ),
            ),
        ),
    )
