"""The law of an invisible target: flow, rate and map."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sympy import Derivative, Integer, Max, Min, Symbol, cancel, diff, erfi, exp, pi, sqrt

from proofs.certificates import Differentiate, Monotone, Sturm, Tends, Unfold
from proofs.claims import Cases, Combination, Derivation, Instance, Inverse, Logic, Step, at
from proofs.gaussian.mills import convergent
from proofs.lemmas import lemma
from proofs.notation import eq, ge, gt, le, lt, step
from proofs.rules_dynamics import Elementary
from relutheory.functions import Phi, RampMoment, phi
from relutheory.theorems import theorem
from relutheory.theory.gaussian.notation import h as gaussian_h
from relutheory.theory.gaussian.notation import n as order
from relutheory.theory.gaussian.notation import t as mills_t
from relutheory.theory.single_unit.death import clock, h, r
from relutheory.theory.single_unit.notation import a0, eta

__all__ = ["LEMMAS", "death_rate", "zero_target_flow", "zero_target_map"]

y = Symbol("y", real=True)
ROOT = sqrt(2 * pi)
#: ``J_1 = phi + h Phi`` at the margin of these statements.
RAMP_ONE = at("lemma:ramp-one", {gaussian_h: h})


@cache
def _erfi_derivative() -> Derivation:
    """``erfi' = 2 exp(y^2)/sqrt(pi)``."""
    return lemma(
        "erfi-derivative", step("all", eq(Derivative(erfi(y), y), 2 * exp(y**2) / sqrt(pi)), Elementary())
    )


def _bracket(low: Any, high: Any) -> tuple[Step, ...]:
    """``phi - (r - 1) h Phi`` between ``min(1, r) phi`` and ``max(1, r) phi`` for ``h <= 0``."""
    condition, ramp = low.args[0], "ramp-positive"
    less, more = Min(1, r), Max(1, r)
    large, small = ge(r, 1), le(r, 1)
    small_strict = lt(r, 1)
    bell = gt(phi(h), 0)
    steps: list[Step] = [
        step("least-one", le(less, 1), Elementary()),
        step("least-r", le(less, r), Elementary()),
        step("most-one", ge(more, 1), Elementary()),
        step("most-r", ge(more, r), Elementary()),
        # drop - m phi = (1 - m) phi + (r - 1)(-h) Phi = (r - m) phi + (1 - r) J_1
        step(
            "low-large",
            low.args[1],
            Combination(((1, ("least-one", bell)), (1, (large, condition, gt(Phi(h), 0))))),
            condition,
            large,
        ),
        step(
            "low-small",
            low.args[1],
            Combination(((1, ("least-r", bell)), (1, (small, ramp))), ((-(1 - r), RAMP_ONE),)),
            condition,
            small_strict,
        ),
        step("low-case", low.args[1], Cases(((large, "low-large"), (small_strict, "low-small"))), condition),
        step("low", low, Logic(("low-case",))),
        step(
            "high-large",
            high.args[1],
            Combination(((1, ("most-r", bell)), (1, (large, ramp))), ((1 - r, RAMP_ONE),)),
            condition,
            large,
        ),
        step(
            "high-small",
            high.args[1],
            Combination(((1, ("most-one", bell)), (1, (small, condition, gt(Phi(h), 0))))),
            condition,
            small_strict,
        ),
        step(
            "high-case", high.args[1], Cases(((large, "high-large"), (small_strict, "high-small"))), condition
        ),
        step("high", high, Logic(("high-case",))),
    ]
    return tuple(steps)


@cache
def zero_target_flow() -> Derivation:
    """``J_1 = phi + h Phi``, and the clock turns at the rate ``1/phi``."""
    found = theorem("zero-target-flow")
    turning, low, high = found.also
    (a,) = turning.lhs.variables
    return Derivation(
        found.id,
        (
            step("bell", eq(phi(a), exp(-(a**2) / 2) / ROOT), Unfold()),
            step(
                "clock",
                eq(turning.lhs, ROOT * exp(a**2 / 2)),
                Differentiate(via=("lemma:erfi-derivative",)),
            ),
            # sqrt(2 pi) e^(a^2/2) - 1/phi = sqrt(2 pi) e^(a^2/2) (phi - e^(-a^2/2)/sqrt(2 pi))/phi
            step(
                "turning",
                turning,
                Combination(equalities=((1, "clock"), (ROOT * exp(a**2 / 2) / phi(a), "bell"))),
            ),
            step(
                "ramp-positive",
                gt(RampMoment(Integer(1), h), 0),
                Instance(at("lemma:ramp-positive", {gaussian_h: h, order: Integer(1)})),
            ),
            *_bracket(low, high),
            step("theorem", found.statement, Combination(equalities=((-1, RAMP_ONE),))),
        ),
    )


def _clock_steps(name: str, a: Symbol, bound: Any, start: int, *, below: bool) -> tuple[Step, ...]:
    """``clock(a) >= sqrt(2 pi) e^(a^2/2) B(a)`` plus a number (or ``<=``), for a from `start` on.

    The difference has the slope ``sqrt(2 pi) e^(a^2/2) (1 - B' - a B)``.
    """
    sign = 1 if below else -1
    rate = cancel(sign * (1 - diff(bound, a) - a * bound))
    value = clock(a) - ROOT * exp(a**2 / 2) * bound
    late = ge(a, start)
    least = value.subs(a, start)
    return (
        step(f"{name}-rate", gt(rate, 0), Sturm(a), gt(a, start)),
        step(
            f"{name}-slope",
            gt(ROOT * exp(a**2 / 2) * rate, 0),
            Combination(((1, (gt(ROOT * exp(a**2 / 2), 0), f"{name}-rate")),)),
            gt(a, start),
        ),
        step(
            name,
            ge(value, least) if below else ge(least, value),
            Monotone(a, f"{name}-slope", Integer(start), via=("lemma:erfi-derivative",)),
            late,
        ),
    )


def _rate_steps(a: Symbol, bounds: tuple[Any, Any], starts: tuple[int, int]) -> tuple[Step, ...]:
    """``P t a^2`` between ``K B a^2`` with convergents K of the Mills ratio, up to what decays like P."""
    steps: list[Step] = []
    for name, n, bound, start in (("low", 7, bounds[0], starts[0]), ("high", 8, bounds[1], starts[1])):
        below = name == "low"
        late = ge(a, start)
        least = (clock(a) - ROOT * exp(a**2 / 2) * bound).subs(a, start)
        ratio = convergent(n, a)
        tail = phi(a) * ratio
        laplace = gt(Phi(-a), tail) if below else gt(tail, Phi(-a))
        between = a**2 * bound * ratio + a**2 * Phi(-a) * (least - clock(a0))
        sharp = Phi(-a) * (clock(a) - clock(a0)) * a**2
        growth = ROOT * exp(a**2 / 2)
        steps += [
            step(f"{name}-laplace", laplace, Instance(at(f"lemma:laplace-{n}", {mills_t: a}))),
            step(f"{name}-bound", gt(bound, 0), Sturm(a)),
            *_clock_steps(f"{name}-clock", a, bound, start, below=below),
            step(
                name,
                ge(sharp, between) if below else ge(between, sharp),
                # P a^2 (clock - e B - c) + a^2 e B (P - phi K), as e phi = 1
                Combination(
                    (
                        (1, (gt(Phi(-a), 0), gt(a, 0), gt(a, 0), f"{name}-clock")),
                        (1, (gt(a, 0), gt(a, 0), gt(growth, 0), f"{name}-bound", f"{name}-laplace")),
                    ),
                    (((1 if below else -1) * a**2 * bound * ratio * growth, "bell"),),
                ),
                late,
            ),
        ]
    return tuple(steps)


@cache
def death_rate() -> Derivation:
    """Dawson's expansion of the clock and Laplace's continued fraction of the Mills ratio."""
    found = theorem("zero-target-death-rate")
    (sharper,) = found.also
    a = found.lhs.args[1]
    base = 1 / a + 1 / a**3 + 3 / a**5
    scaled = sharper.lhs.args[0]
    sides = {}
    steps = _rate_steps(a, (base, base + 20 / a**7), (1, 6))
    for s in steps:
        if s.label in ("low", "high"):
            sides[s.label] = s.claim
    more: list[Step] = []
    for name, claim in sides.items():
        bound = claim.conclusion.rhs if name == "low" else claim.conclusion.lhs
        moved = a**4 * (bound - 1)
        more.append(
            step(
                f"{name}-scaled",
                ge(scaled, moved) if name == "low" else ge(moved, scaled),
                Combination(((1, (gt(a, 0), gt(a, 0), gt(a, 0), gt(a, 0), name)),)),
                *claim.given,
            )
        )
    return Derivation(
        found.id,
        (
            step("bell", eq(phi(a), exp(-(a**2) / 2) / ROOT), Unfold()),
            *steps,
            *more,
            step("sharper", sharper, Tends("low-scaled", "high-scaled")),
            step("theorem", found.statement, Tends("low", "high")),
        ),
    )


@cache
def zero_target_map() -> Derivation:
    """``h - eta J_1 = h (1 - eta Phi) - eta phi``."""
    found = theorem("zero-target-map")
    condition, formula = found.lhs, found.rhs
    falls, flips = found.also
    gap = 1 - eta * Phi(h)
    over = flips.args[0]
    return Derivation(
        found.id,
        (
            step("formula", formula, Combination(equalities=((-eta / gap, RAMP_ONE),)), condition),
            step(
                "falls-if",
                falls.args[1],
                Combination(((1, (gt(eta, 0), gt(phi(h), 0), Inverse(condition))),), ((-1, "formula"),)),
                condition,
            ),
            step("falls", falls, Logic(("falls-if",))),
            step("flips-if", flips.args[1], Combination(equalities=((eta / gap, RAMP_ONE),)), over),
            step("flips", flips, Logic(("flips-if",))),
            step("theorem", found.statement, Logic(("formula",))),
        ),
    )


#: Lemmas by name.
LEMMAS: dict[str, Callable[[], Derivation]] = {"erfi-derivative": _erfi_derivative}
