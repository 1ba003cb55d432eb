"""Derivations of the statements on randomized asymmetric initialization."""

from proofs.rai.bounds import second_moment_bounds
from proofs.rai.depth import born_dead_explicit, born_dead_upper_bound, infinite_depth, single_input_depth3
from proofs.rai.floor import gamma_floor_any_law
from proofs.rai.gate import gate_function
from proofs.rai.loss import collapsed_loss
from proofs.rai.moments import (
    mean_field_gain,
    post_activation_gain,
    second_moment,
    second_moment_recursion,
)
from proofs.rai.moments import sigma_w_design as sigma_w
from proofs.rai.sharp import second_moment_sharp, sharp_sigma
from proofs.rai.unit import sampler, unit_dead_probability, unit_dead_range

__all__ = [
    "born_dead_explicit",
    "born_dead_upper_bound",
    "collapsed_loss",
    "gamma_floor_any_law",
    "gate_function",
    "infinite_depth",
    "mean_field_gain",
    "post_activation_gain",
    "sampler",
    "second_moment",
    "second_moment_bounds",
    "second_moment_recursion",
    "second_moment_sharp",
    "sharp_sigma",
    "sigma_w",
    "single_input_depth3",
    "unit_dead_probability",
    "unit_dead_range",
]
