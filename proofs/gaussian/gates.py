"""Moments of one unit on Gaussian input over its open half-space and on its boundary."""

from __future__ import annotations

from functools import cache

from proofs.certificates import NonnegativeMean, Wick
from proofs.claims import Combination, Derivation
from proofs.gaussian.common import UNIT_WITNESS, centred_steps, truncated_steps, unit_law
from proofs.notation import eq, ge, step
from relutheory.functions import Expectation
from relutheory.theorems import theorem
from relutheory.theory.gaussian.notation import St, gate, i, j, mt, s, xt

__all__ = [
    "gated_fourth_moment",
    "gated_moment_identities",
    "gated_second_moment",
    "stein_gated",
    "surface_moment",
]


@cache
def stein_gated() -> Derivation:
    """The regression on z, and the moments t_0, t_1, t_2."""
    found = theorem("stein-gated")
    pair, weighted = found.also

    return Derivation(
        found.id,
        (
            unit_law(),
            *centred_steps("pair", pair, (i, j)),
            *centred_steps("weighted", weighted, (i,), 1),
            *centred_steps("theorem", found.statement, (i,)),
        ),
        UNIT_WITNESS,
    )


@cache
def gated_second_moment() -> Derivation:
    """Isserlis given z, then t_0, t_1, t_2."""
    found = theorem("gated-second-moment")
    gate_mean, first = found.also
    return Derivation(
        found.id,
        (
            unit_law(),
            *truncated_steps("gate", gate_mean),
            *truncated_steps("first", first, (i,)),
            *truncated_steps("theorem", found.statement, (i, j)),
        ),
        UNIT_WITNESS,
    )


@cache
def gated_moment_identities() -> Derivation:
    """The preactivation is ``s (z + h)``; a gate and its complement add up to one."""
    found = theorem("gated-moment-identities")
    mean, second, halves, bound = found.also
    square = xt[i] ** 2
    closed, whole = Expectation((1 - gate) * square), St[i, i] + mt[i] ** 2
    return Derivation(
        found.id,
        (
            unit_law(),
            *truncated_steps("mean", mean, (), 1, (-s, "lemma:ramp-one")),
            *truncated_steps("second", second, (), 2, (-(s**2), "lemma:ramp-two")),
            step("halves", halves, Wick("law")),
            step("closed", ge(closed, 0), NonnegativeMean("law")),
            step("sum", eq(Expectation(gate * square) + closed, whole), Wick("law")),
            step("bound", bound, Combination(((1, ("closed",)),), ((-1, "sum"),))),
            *truncated_steps("theorem", found.statement, (i,), 1, (-s * mt[i], "lemma:ramp-one")),
        ),
        UNIT_WITNESS,
    )


@cache
def gated_fourth_moment() -> Derivation:
    """Isserlis given z."""
    found = theorem("gated-fourth-moment")
    return Derivation(
        found.id,
        (
            unit_law(),
            step("halves", found.also[0], Wick("law")),
            step("theorem", found.statement, Wick("law")),
        ),
        UNIT_WITNESS,
    )


@cache
def surface_moment() -> Derivation:
    """On the boundary z is ``-h``, with density ``phi(h)/s`` of the preactivation."""
    found = theorem("surface-moment")
    density, cubic = found.also
    return Derivation(
        found.id,
        (
            unit_law(),
            step("density", density, Wick("law")),
            step("cubic", cubic, Wick("law")),
            step("theorem", found.statement, Wick("law")),
        ),
        UNIT_WITNESS,
    )
