"""Equal widths: the closed form of the chain, its monotonicity in depth and its decay."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Integer, Rational, Symbol

from proofs.born_dead.chain_numbers import chain_at
from proofs.born_dead.common import record
from proofs.claims import Combination, Derivation, Identity, Induction, Instance, Inverse, Step, Witness, at
from proofs.lemmas import a, w
from proofs.notation import eq, ge, gt, step
from proofs.substitution import substitute
from relutheory.functions import BDP
from relutheory.symbols import D, L, N, widths
from relutheory.theory.born_dead import closed_lower_bound_constants

__all__ = ["LEMMAS", "alive_part", "closed_chain", "constants", "lower_bound_1d"]

HALF = Rational(1, 2)
n = Symbol("n", integer=True, nonnegative=True)


def constants(width: Any = w) -> tuple[Any, Any, Any, Any]:
    """``e, a1, a2, K`` of the closed form."""
    return (2 ** (-width), *closed_lower_bound_constants(width))


def stay_part(k: Any) -> Any:
    """State A ``k`` layers after the first."""
    e, _, a2, _ = constants()
    return (1 - 2 * e) * a2**k


def ray_part(k: Any) -> Any:
    """State B ``k`` layers after the first."""
    e, a1, a2, _ = constants()
    return 2 * e * a1**k + (1 - 2 * e) * (2 + (w - 2) * e) / (1 + (w - 1) * e) * (a1**k - a2**k)


def alive_part(k: Any) -> Any:
    """Probability that the chain is alive, as in the closed lower bound."""
    _, a1, a2, factor = constants()
    return a1**k - factor * (a2**k - a1**k)


def _equal(name: str, top: Any) -> Any:
    return substitute(chain_at(name, top), {widths: w})


@cache
def closed_chain() -> Derivation:
    """The chain with equal widths is ``1 - a1**k + K (a2**k - a1**k)`` ``k`` layers after the first."""
    claims = {
        "A": eq(_equal("A", n + 1), stay_part(n)),
        "B": eq(_equal("B", n + 1), ray_part(n)),
        "C": eq(_equal("C", n + 1), 1 - alive_part(n)),
    }
    bases = {
        "A": eq(_equal("A", 1), stay_part(0)),
        "B": eq(_equal("B", 1), ray_part(0)),
        "C": eq(_equal("C", 1), 1 - alive_part(0)),
    }
    nexts = {
        "A": eq(_equal("A", n + 2), stay_part(n + 1)),
        "B": eq(_equal("B", n + 2), ray_part(n + 1)),
        "C": eq(_equal("C", n + 2), 1 - alive_part(n + 1)),
    }
    e, a1, a2, _ = constants()
    to_ray = 2 * e + (w - 2) * e**2
    steps: list[Step] = [
        step("A-base", bases["A"], Identity()),
        step("A-step", nexts["A"], Combination(equalities=((a2, claims["A"]),)), claims["A"]),
        step("A", claims["A"], Induction(n, Integer(0), "A-base", "A-step")),
        step("B-base", bases["B"], Identity()),
        step("B-step", nexts["B"], Combination(equalities=((a1, claims["B"]), (to_ray, "A"))), claims["B"]),
        step("B", claims["B"], Induction(n, Integer(0), "B-base", "B-step")),
        step("C-base", bases["C"], Identity()),
        step(
            "C-step",
            nexts["C"],
            Combination(equalities=((1, claims["C"]), (e**2, "A"), (e, "B"))),
            claims["C"],
        ),
        step("C", claims["C"], Induction(n, Integer(0), "C-base", "C-step")),
    ]
    return Derivation("closed-chain", tuple(steps), lemma=True)


@cache
def lower_bound_1d() -> Derivation:
    """``BDP(D) >= 1 - a1**(L-2) + K (a2**(L-2) - a1**(L-2))``."""
    statement = record("born-dead-lower-bound-1d").statement
    bound = substitute(chain_at("C", L - 1), {widths: N})
    return Derivation(
        "born-dead-lower-bound-1d",
        (
            step(
                "chain",
                ge(BDP(D), bound),
                Instance(at("theorem:born-dead-lower-bound-1d-chain", {widths: N})),
                ge(L, 2),
            ),
            step(
                "closed",
                eq(bound, statement.rhs),
                Instance(at("lemma:closed-chain", {w: N, n: L - 2})),
                ge(L, 2),
            ),
            step("theorem", statement, Combination(((1, ("chain",)),), ((1, "closed"),)), ge(L, 2)),
        ),
        Witness({L: 4, N: 3, D: 1}),
    )


def decay_steps() -> tuple[Step, ...]:
    """Signs of the parts of the closed form."""
    e, a1, a2, factor = constants()
    given = ge(HALF, e)
    rest = 1 + (w - 1) * e
    return (
        step("half", given, Instance("lemma:half-power")),
        step("a2", ge(a2, 0), Instance("lemma:chain-stays")),
        step("a1", ge(a1, 0), Combination(((1, ("half",)), (HALF, ())))),
        step("a2-power", ge(a2**n, 0), Instance(at("lemma:power-nonneg", {a: a2}, "a2"))),
        step("order", ge(a1, a2), Combination(((1, (ge(e, 0),)), (1, (ge(w - 1, 0), ge(e**2, 0)))))),
        step(
            "powers",
            ge(a1**n, a2**n),
            Instance(at("lemma:power-monotone", {a: a2, Symbol("b", real=True): a1}, "a2", "order")),
        ),
        # K = 2 (1/2 - e)(1 - e) / rest
        step("K-low", ge(factor, 0), Combination(((2, ("half", "a1", _inverse(rest))),))),
        # 1 - K = e (3 - 2e + w - 1) / rest, and 3 - 2e + w - 1 = 2 (1/2 - e) + (w - 1) + 2
        step(
            "K-high",
            ge(1, factor),
            Combination(
                (
                    (2, (ge(e, 0), "half", _inverse(rest))),
                    (1, (ge(e, 0), ge(w - 1, 0), _inverse(rest))),
                    (2, (ge(e, 0), _inverse(rest))),
                )
            ),
        ),
        step("a1-power", ge(a1**n, 0), Instance(at("lemma:power-nonneg", {a: a1}, "a1"))),
        step(
            "two",
            ge(2 + (w - 2) * e, 0),
            Combination(((1, (ge(w - 1, 0), ge(e, 0))), (1, ("half",)), (HALF + 1, ()))),
        ),
        step(
            "ray",
            ge(ray_part(n), 0),
            Combination(
                (
                    (2, (ge(e, 0), "a1-power")),
                    (2, ("half", "two", _inverse(rest), "powers")),
                )
            ),
        ),
    )


@cache
def ray_nonneg() -> Derivation:
    """State B is not negative."""
    return Derivation(
        "ray-nonneg",
        (*decay_steps(), step("all", ge(ray_part(n), 0), Instance("ray"))),
        lemma=True,
    )


@cache
def chain_falls() -> Derivation:
    """``a1**k - K (a2**k - a1**k)`` falls in ``k``."""
    e = constants()[0]
    return Derivation(
        "chain-falls",
        (
            *decay_steps(),
            # what is lost is what dies: A e^2 + B e
            step(
                "falls",
                ge(alive_part(n), alive_part(n + 1)),
                Combination(((2, ("half", "a2-power", ge(e**2, 0))), (1, ("ray", ge(e, 0))))),
            ),
        ),
        lemma=True,
    )


@cache
def chain_at_most() -> Derivation:
    """``a1**k - K (a2**k - a1**k) <= 2 a1**k``."""
    a1 = constants()[1]
    return Derivation(
        "chain-at-most",
        (
            *decay_steps(),
            # 2 a1^k - alive = (1 - K) a1^k + K a2^k
            step(
                "at-most",
                ge(2 * a1**n, alive_part(n)),
                Combination(((1, ("K-high", "a1-power")), (1, ("K-low", "a2-power")))),
            ),
        ),
        lemma=True,
    )


@cache
def chain_loss() -> Derivation:
    """``K a2**k >= 0``."""
    _, _, a2, factor = constants()
    return Derivation(
        "chain-loss",
        (
            *decay_steps(),
            step("loss", ge(factor * a2**n, 0), Combination(((1, ("K-low", "a2-power")),))),
        ),
        lemma=True,
    )


def _inverse(denominator: Any) -> Any:
    return Inverse(gt(denominator, 0))


LEMMAS = {
    "chain-at-most": chain_at_most,
    "chain-falls": chain_falls,
    "chain-loss": chain_loss,
    "closed-chain": closed_chain,
    "ray-nonneg": ray_nonneg,
}
