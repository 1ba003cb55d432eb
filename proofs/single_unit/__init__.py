"""Derivations of the statements on the convergence of one unit."""

from proofs.single_unit.contraction import dichotomy, safe_ball
from proofs.single_unit.death import death_rate, zero_target_flow, zero_target_map
from proofs.single_unit.descent import descent_chain, nonexpansion
from proofs.single_unit.drift import affine_drift, drift_variants, gating, relu_drift
from proofs.single_unit.networks import activation_spread, committee_drift
from proofs.single_unit.rates import local_rates, teacher_jacobian
from proofs.single_unit.squares import mean_square_recursion
from proofs.single_unit.stationary import stationary_set
from proofs.single_unit.steady import noise_bias, steady_state, step_limit
from proofs.single_unit.traps import escape_time, trapping

__all__ = [
    "activation_spread",
    "affine_drift",
    "committee_drift",
    "death_rate",
    "descent_chain",
    "dichotomy",
    "drift_variants",
    "escape_time",
    "gating",
    "local_rates",
    "mean_square_recursion",
    "noise_bias",
    "nonexpansion",
    "relu_drift",
    "safe_ball",
    "stationary_set",
    "steady_state",
    "step_limit",
    "teacher_jacobian",
    "trapping",
    "zero_target_flow",
    "zero_target_map",
]
