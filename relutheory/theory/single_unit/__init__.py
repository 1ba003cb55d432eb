"""Convergence recursions of a single unit under error backpropagation.

Expressions are plain SymPy; the records in `THEOREMS` carry hypotheses, domain, derivation and witness.
"""

from relutheory.theory.single_unit import death, descent, drift, networks, rates, squares, steady, traps
from relutheory.theory.single_unit.expressions import (
    affine_drift,
    distance,
    open_moment,
    relu_drift,
    shared_moment,
    zero_target_step,
)

__all__ = [
    "THEOREMS",
    "affine_drift",
    "distance",
    "open_moment",
    "relu_drift",
    "shared_moment",
    "zero_target_step",
]

THEOREMS = (
    *drift.THEOREMS,
    *descent.THEOREMS,
    *rates.THEOREMS,
    *death.THEOREMS,
    *traps.THEOREMS,
    *squares.THEOREMS,
    *steady.THEOREMS,
    *networks.THEOREMS,
)
