"""Randomized asymmetric initialization: sampler, death probabilities, second moments and design.

Expressions are plain SymPy; the records in `THEOREMS` carry hypotheses, domain, derivation and witness.
"""

from relutheory.theory.rai import depth, loss, moments, unit
from relutheory.theory.rai.expressions import (
    BETA21,
    c_low,
    c_sharp,
    c_upp,
    explicit_lower_bound,
    explicit_upper_bound,
    gate_floor,
    post_activation_gain,
    row_floor,
    second_moment,
    sigma_w,
    unit_dead_probability,
)

__all__ = [
    "BETA21",
    "THEOREMS",
    "c_low",
    "c_sharp",
    "c_upp",
    "explicit_lower_bound",
    "explicit_upper_bound",
    "gate_floor",
    "post_activation_gain",
    "row_floor",
    "second_moment",
    "sigma_w",
    "unit_dead_probability",
]

THEOREMS = (*unit.THEOREMS, *depth.THEOREMS, *moments.THEOREMS, *loss.THEOREMS)
