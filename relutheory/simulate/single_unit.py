"""Witnesses for error backpropagation of a single ReLU unit on Gaussian input.

Every function makes what the statement speaks of (updates, flows, linearised recursions) and uses none of
its formulas. Means are over stratified designs with rigorous finite-sample intervals; what is integrated
without chance carries an error bound.
"""

from __future__ import annotations

from relutheory.simulate.single_unit_committee import committee
from relutheory.simulate.single_unit_descent import descent, dichotomy, nonexpansion
from relutheory.simulate.single_unit_drift import backpropagation, mean_update
from relutheory.simulate.single_unit_flow import (
    death_rate,
    escape_time,
    trapping,
    zero_target_flow,
    zero_target_step,
)
from relutheory.simulate.single_unit_local import local_rates, noise_bias, steady_state, step_limit
from relutheory.simulate.single_unit_points import activation_spread, dead_set_distance, stationary_points
from relutheory.simulate.single_unit_squares import jacobian, second_moment

__all__ = [
    "activation_spread",
    "backpropagation",
    "committee",
    "dead_set_distance",
    "death_rate",
    "descent",
    "dichotomy",
    "escape_time",
    "jacobian",
    "local_rates",
    "mean_update",
    "noise_bias",
    "nonexpansion",
    "second_moment",
    "stationary_points",
    "steady_state",
    "step_limit",
    "trapping",
    "zero_target_flow",
    "zero_target_step",
]
