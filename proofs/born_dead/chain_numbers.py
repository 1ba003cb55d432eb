r"""The three-state chain as arithmetic: bounds of its coefficients, and its value read backwards.

``SA(k)``, ``SB(k)`` are the survival probabilities of the chain over the last k layers from A and B.
They run backwards, the states ``A, B, C`` of the statement forwards; ``A SA + B SB`` does not depend on
where both meet.
"""

from __future__ import annotations

from typing import Any

from sympy import Function, Integer, Rational, Symbol

from proofs.born_dead.points import half_power
from proofs.claims import Combination, Definition, Identity, Induction, Instance, Step, at
from proofs.lemmas import stays, w
from proofs.notation import eq, ge, step
from relutheory.functions import Iterate
from relutheory.symbols import L, widths
from relutheory.theory.born_dead import chain_state

__all__ = ["SA", "SB", "backward_steps", "chain_at", "k", "stay_steps", "to_ray"]

HALF = Rational(1, 2)
SA, SB = Function("SA"), Function("SB")
#: Remaining layers.
k = Symbol("k", integer=True, nonnegative=True)
#: Layers passed.
n = Symbol("n", integer=True, positive=True)


def to_ray(width: Any, e: Any) -> Any:
    """Probability that the chain goes from A to B."""
    return 2 * e + (width - 2) * e**2


def chain_at(name: str, top: Any) -> Iterate:
    """State of the chain after the layer ``top``."""
    whole = chain_state(name)
    index, low, _ = whole.limits
    return Iterate(whole.output, whole.states, whole.initial, whole.updates, (index, low, top))


def stay_steps(width: Any, prefix: str) -> tuple[Step, ...]:
    """Facts about ``e = 2**-width`` for a width of the network."""
    e = 2 ** (-width)
    return (
        step(f"{prefix}-half", ge(HALF, e), Instance(at("lemma:half-power", {w: width}))),
        step(f"{prefix}-stays", ge(stays(width, e), 0), Instance(at("lemma:chain-stays", {w: width}))),
    )


def backward_steps() -> tuple[Step, ...]:
    """Definitions of ``SA, SB``, their order, and the duality with the forward chain."""
    here = widths[L - 1 - k]
    e = half_power(L - 1 - k)
    order, low = ge(SA(k), SB(k)), ge(SB(k), 0)
    dual = eq(
        chain_at("A", n) * SA(L - 1 - n) + chain_at("B", n) * SB(L - 1 - n),
        (1 - 2 * half_power(1)) * SA(L - 2) + 2 * half_power(1) * SB(L - 2),
    )
    total = eq(chain_at("A", n) + chain_at("B", n) + chain_at("C", n), 1)
    following = {k: L - 2 - n}
    inside = (ge(L, 2), ge(L - 1, n))
    before = (ge(L, 2), ge(L - 2, n))
    return (
        *stay_steps(here, "layer"),
        step("SB-start", eq(SB(0), 1), Definition()),
        step("SB-next", eq(SB(k + 1), (1 - e) * SB(k)), Definition()),
        step("SA-start", eq(SA(0), 1), Definition()),
        step("SA-next", eq(SA(k + 1), stays(here, e) * SA(k) + to_ray(here, e) * SB(k)), Definition()),
        step("SB-base", ge(SB(0), 0), Combination(((1, ()),), ((1, "SB-start"),))),
        # (1-e) SB = (1/2 - e) SB + SB/2
        step(
            "SB-step",
            ge(SB(k + 1), 0),
            Combination(((1, ("layer-half", low)), (HALF, (low,))), ((1, "SB-next"),)),
            low,
        ),
        step("SB-nonneg", low, Induction(k, Integer(0), "SB-base", "SB-step")),
        step("order-base", ge(SA(0), SB(0)), Combination((), ((1, "SA-start"), (-1, "SB-start")))),
        # SA' - SB' = stays (SA - SB) + (e - e^2) SB and e - e^2 = e (1/2 - e) + e/2
        step(
            "order-step",
            ge(SA(k + 1), SB(k + 1)),
            Combination(
                (
                    (1, ("layer-stays", order)),
                    (1, (ge(e, 0), "layer-half", "SB-nonneg")),
                    (HALF, (ge(e, 0), "SB-nonneg")),
                ),
                ((1, "SA-next"), (-1, "SB-next")),
            ),
            order,
        ),
        step("order", order, Induction(k, Integer(0), "order-base", "order-step")),
        step(
            "dual-base",
            eq(
                chain_at("A", 1) * SA(L - 2) + chain_at("B", 1) * SB(L - 2),
                (1 - 2 * half_power(1)) * SA(L - 2) + 2 * half_power(1) * SB(L - 2),
            ),
            Identity(),
            ge(L, 2),
        ),
        # A' SA(k) + B' SB(k) = A SA(k+1) + B SB(k+1)
        step(
            "dual-step",
            eq(
                chain_at("A", n + 1) * SA(L - 2 - n) + chain_at("B", n + 1) * SB(L - 2 - n),
                (1 - 2 * half_power(1)) * SA(L - 2) + 2 * half_power(1) * SB(L - 2),
            ),
            Combination(
                equalities=(
                    (1, dual),
                    (-chain_at("A", n), at("SA-next", following)),
                    (-chain_at("B", n), at("SB-next", following)),
                )
            ),
            *before,
            dual,
        ),
        step("dual", dual, Induction(n, Integer(1), "dual-base", "dual-step", L - 1), *inside),
        step("total-base", eq(chain_at("A", 1) + chain_at("B", 1) + chain_at("C", 1), 1), Identity()),
        step(
            "total-step",
            eq(chain_at("A", n + 1) + chain_at("B", n + 1) + chain_at("C", n + 1), 1),
            Combination(equalities=((1, total),)),
            total,
        ),
        step("total", total, Induction(n, Integer(1), "total-base", "total-step")),
        # C = 1 - (A SA(0) + B SB(0)) at the last layer
        step(
            "chain-value",
            eq(
                chain_at("C", L - 1),
                1 - (1 - 2 * half_power(1)) * SA(L - 2) - 2 * half_power(1) * SB(L - 2),
            ),
            Combination(
                equalities=(
                    (1, at("total", {n: L - 1})),
                    (-1, at("dual", {n: L - 1})),
                    (chain_at("A", L - 1), "SA-start"),
                    (chain_at("B", L - 1), "SB-start"),
                )
            ),
            ge(L, 2),
        ),
    )
