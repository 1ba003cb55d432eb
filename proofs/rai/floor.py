"""Floor of the asymmetry for any law of the replacing number."""

from __future__ import annotations

from functools import cache

from proofs.claims import Derivation
from proofs.rai.common import in_words

__all__ = ["gamma_floor_any_law"]


@cache
def gamma_floor_any_law() -> Derivation:
    """Concavity of ``1/2 - F``, in words."""
    return in_words(
        "rai-gamma-floor-any-law",
        "g = 1/2 - F is concave with g(0) = 0, so g(t_k) >= sqrt(r_k) g(sqrt(n)/sigma_w) with the shares r_k, and the "
        "square roots of the shares add up to at least 1",
    )
