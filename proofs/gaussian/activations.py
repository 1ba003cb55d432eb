"""Moments of leaky-ReLU units: the linear part and the gated part."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from proofs.claims import Derivation
from proofs.gaussian.common import UNIT_WITNESS, closed_steps, unit_law, unit_mean
from relutheory.theorems import theorem
from relutheory.theory.gaussian.notation import St, h, i, j, mt, s, slope

__all__ = ["leaky_moments"]


@cache
def leaky_moments() -> Derivation:
    """``f = slope y + (1 - slope) u y`` and ``f^2 = slope^2 y^2 + (1 - slope^2) u y^2``."""
    found = theorem("leaky-moments")
    second, gain, gain_second, weighted = found.also
    one, two = 1 - slope, 1 - slope**2

    def scaled(factor: Any, indices: Sequence[Any] = (), ys: int = 0) -> dict[int, Any]:
        return {k: factor * v for k, v in unit_mean(indices, ys).items()}

    return Derivation(
        found.id,
        (
            unit_law(),
            *closed_steps(
                "second",
                second,
                scaled(two, (), 2),
                slope**2 * s**2 * (1 + h**2),
                (-two * s**2, "lemma:ramp-two"),
            ),
            *closed_steps("gain", gain, scaled(one), slope),
            *closed_steps("gain-second", gain_second, scaled(two), slope**2),
            *closed_steps("weighted", weighted, scaled(two, (i, j)), slope**2 * (St[i, j] + mt[i] * mt[j])),
            *closed_steps(
                "theorem", found.statement, scaled(one, (), 1), slope * s * h, (-one * s, "lemma:ramp-one")
            ),
        ),
        UNIT_WITNESS,
    )
