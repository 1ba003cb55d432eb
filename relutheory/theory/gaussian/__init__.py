"""Gaussian calculus of a gated unit: the common floor of all other topics.

Expressions are plain SymPy; the records in `THEOREMS` carry hypotheses, domain, derivation and witness.
"""

from relutheory.theory.gaussian import activations, gates, gram, quadrants, ramp
from relutheory.theory.gaussian.expressions import (
    birnbaum,
    contracted,
    det_gram,
    gated_fourth_moment,
    gated_mean,
    gated_second_moment,
    lam_minus,
    lam_plus,
    leaky_mean,
    leaky_second_moment,
    quadrant_fourth_moment,
    quadrant_mean,
    quadrant_second_moment,
    sampford,
)

__all__ = [
    "THEOREMS",
    "birnbaum",
    "contracted",
    "det_gram",
    "gated_fourth_moment",
    "gated_mean",
    "gated_second_moment",
    "lam_minus",
    "lam_plus",
    "leaky_mean",
    "leaky_second_moment",
    "quadrant_fourth_moment",
    "quadrant_mean",
    "quadrant_second_moment",
    "sampford",
]

THEOREMS = (
    *ramp.THEOREMS,
    *gram.THEOREMS,
    *gates.THEOREMS,
    *quadrants.THEOREMS,
    *activations.THEOREMS,
)
