"""Wide networks: the lower bound on the line is ``k (k+2) e**2`` up to order ``e**3`` (``k = L - 2``)."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Integer, Rational

from proofs.born_dead.closed_form import alive_part, constants, n, ray_part, stay_part
from proofs.claims import Combination, Derivation, Identity, Induction, Instance, Step, at
from proofs.lemmas import a, w, y
from proofs.notation import ge, step

__all__ = ["LEMMAS"]

HALF = Rational(1, 2)
E, A1, A2, _ = constants()
LOSS = 2 * E + (w - 1) * E**2


def dead_part(k: Any) -> Any:
    """Probability that the chain is dead."""
    return 1 - alive_part(k)


def stay_bounds() -> tuple[Step, ...]:
    """``1 - 2e - k (2e + (w-1) e**2) <= A_k <= 1``."""
    return (
        step("half", ge(HALF, E), Instance("lemma:half-power")),
        step("linear", ge(HALF, w * E), Instance("lemma:linear-half-power")),
        step("a2", ge(A2, 0), Instance("lemma:chain-stays")),
        step("a2-one", ge(1, A2), Combination(((2, (ge(E, 0),)), (1, (ge(w - 1, 0), ge(E**2, 0)))))),
        step("a2-low", ge(A2**n, 0), Instance(at("lemma:power-nonneg", {a: A2}, "a2"))),
        step("a2-high", ge(1, A2**n), Instance(at("lemma:power-at-most-one", {a: A2}, "a2", "a2-one"))),
        # 1 - (1-2e) P = (1 - P) + 2 e P
        step("stay-high", ge(1, stay_part(n)), Combination(((1, ("a2-high",)), (2, (ge(E, 0), "a2-low"))))),
        step("stay-nonneg", ge(stay_part(n), 0), Combination(((2, ("half", "a2-low")),))),
        step("loss", ge(1, LOSS), Combination(((1, ("a2",)),))),
        step("power-low", ge(A2**n, 1 - n * LOSS), Instance(at("lemma:bernoulli", {y: LOSS}, "loss"))),
        # (1-2e) P - 1 + 2e + k loss = (P - 1 + k loss) + 2 e (1 - P)
        step(
            "stay-low",
            ge(stay_part(n), 1 - 2 * E - n * LOSS),
            Combination(((1, ("power-low",)), (2, (ge(E, 0), "a2-high")))),
        ),
    )


@cache
def ray_above() -> Derivation:
    """``B_k <= 2 (1+k) e + k w e**2``."""
    ray = ge(2 * (1 + n) * E + n * w * E**2, ray_part(n))
    zero = Integer(0)
    return Derivation(
        "ray-above",
        (
            *stay_bounds(),
            step("ray-nonneg", ge(ray_part(n), 0), Instance("lemma:ray-nonneg")),
            step("ray-base", ge(2 * (1 + zero) * E + 0 * w * E**2, ray_part(0)), Identity()),
            # B' = A (2e + (w-2) e^2) + B (1-e)
            step(
                "ray-step",
                ge(2 * (2 + n) * E + (n + 1) * w * E**2, ray_part(n + 1)),
                Combination(
                    (
                        (1, (ray,)),
                        (1, ("stay-high", ge(2 * E, 0))),
                        (1, ("stay-high", ge(w - 1, 0), ge(E**2, 0))),
                        (1, ("stay-nonneg", ge(E**2, 0))),
                        (1, (ge(E**2, 0),)),
                        (1, ("ray-nonneg", ge(E, 0))),
                    )
                ),
                ray,
            ),
            step("ray", ray, Induction(n, Integer(0), "ray-base", "ray-step")),
        ),
        lemma=True,
    )


@cache
def leading_above() -> Derivation:
    """``C_k <= k (k+2) e**2 + k**2 w e**3``."""
    goal = ge(n * (n + 2) * E**2 + n**2 * w * E**3, dead_part(n))
    zero = Integer(0)
    return Derivation(
        "leading-above",
        (
            *stay_bounds(),
            step("ray", ge(2 * (1 + n) * E + n * w * E**2, ray_part(n)), Instance("lemma:ray-above")),
            step("base", ge(zero * (zero + 2) * E**2 + 0 * w * E**3, dead_part(0)), Identity()),
            # C' = C + A e^2 + B e
            step(
                "step",
                ge((n + 1) * (n + 3) * E**2 + (n + 1) ** 2 * w * E**3, dead_part(n + 1)),
                Combination(
                    (
                        (1, (goal,)),
                        (1, ("stay-high", ge(E**2, 0))),
                        (1, ("ray", ge(E, 0))),
                        (1, (ge((n + 1) * w, 0), ge(E**3, 0))),
                    )
                ),
                goal,
            ),
            step("all", goal, Induction(n, Integer(0), "base", "step")),
        ),
        lemma=True,
    )


@cache
def leading_below() -> Derivation:
    """``C_k >= k (k+2) e**2 - k (2k+1) (k+2) e**3``."""
    deficit = 7 * n + 4 * n**2
    after = 7 * (n + 1) + 4 * (n + 1) ** 2
    ray = ge(ray_part(n), 2 * (1 + n) * E - deficit * E**2)
    error = n * (2 * n + 1) * (n + 2)
    error_after = (n + 1) * (2 * n + 3) * (n + 3)
    goal = ge(dead_part(n), n * (n + 2) * E**2 - error * E**3)
    return Derivation(
        "leading-below",
        (
            *stay_bounds(),
            step("ray-high", ge(2 * (1 + n) * E + n * w * E**2, ray_part(n)), Instance("lemma:ray-above")),
            step("ray-base", ge(ray_part(0), 2 * (1 + 0) * E - 0 * E**2), Identity()),
            # B' - .. = (B - ..) + 2e (A - 1 + 2e + k loss) + (w-1) e^2 A + (1 - A) e^2 + e (upper - B) + rest
            step(
                "ray-step",
                ge(ray_part(n + 1), 2 * (2 + n) * E - after * E**2),
                Combination(
                    (
                        (1, (ray,)),
                        (2, (ge(E, 0), "stay-low")),
                        (1, ("stay-nonneg", ge(w - 1, 0), ge(E**2, 0))),
                        (1, ("stay-high", ge(E**2, 0))),
                        (1, (ge(E, 0), "ray-high")),
                        (4, (ge(E**2, 0),)),
                        (3, (ge(n, 0), ge(E**2, 0), "linear")),
                        (2, (ge(n, 0), ge(E**3, 0))),
                        (HALF, (ge(n, 0), ge(E**2, 0))),
                    )
                ),
                ray,
            ),
            step("ray", ray, Induction(n, Integer(0), "ray-base", "ray-step")),
            step("base", ge(dead_part(0), 0 * (0 + 2) * E**2 - 0 * E**3), Identity()),
            step(
                "step",
                ge(dead_part(n + 1), (n + 1) * (n + 3) * E**2 - error_after * E**3),
                Combination(
                    (
                        (1, (goal,)),
                        (1, ("stay-low", ge(E**2, 0))),
                        (1, ("ray", ge(E, 0))),
                        (1, (ge(n, 0), ge(E**3, 0), "linear")),
                        (1, (ge(2 * n**2 + Rational(13, 2) * n + 7, 0), ge(E**3, 0))),
                        (1, (ge(n, 0), ge(E**4, 0))),
                    )
                ),
                goal,
            ),
            step("all", goal, Induction(n, Integer(0), "base", "step")),
        ),
        lemma=True,
    )


LEMMAS = {"leading-above": leading_above, "leading-below": leading_below, "ray-above": ray_above}
