"""Loss of a collapsed network."""

from __future__ import annotations

from functools import cache

from proofs.claims import Derivation
from proofs.rai.common import in_words

__all__ = ["collapsed_loss"]


@cache
def collapsed_loss() -> Derivation:
    """Elementary integrals, in words."""
    return in_words(
        "rai-collapsed-loss",
        "the integrals of f_k and f_k^2 over the square, divided by its area",
    )
