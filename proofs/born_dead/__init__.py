"""Derivations of the statements on the born-dead probability."""

from proofs.born_dead.chain import lower_bound_1d_chain
from proofs.born_dead.closed_form import lower_bound_1d
from proofs.born_dead.constant import event
from proofs.born_dead.counts import lower_bound_any_dim, sparse_single_point
from proofs.born_dead.designs import dead_depth, max_depth, min_width
from proofs.born_dead.inclusion import monotonicity, upper_bound
from proofs.born_dead.law_free import law_free_cases
from proofs.born_dead.limits import depth_limit, small_probability, width_limit
from proofs.born_dead.points import single_point, symmetric_atoms
from proofs.born_dead.rates import depth_rate, infinite_depth_dichotomy
from proofs.born_dead.small_cases import full_space_depth3, orthogonal
from proofs.born_dead.training import stays_constant

__all__ = [
    "dead_depth",
    "depth_limit",
    "depth_rate",
    "event",
    "full_space_depth3",
    "infinite_depth_dichotomy",
    "law_free_cases",
    "lower_bound_1d",
    "lower_bound_1d_chain",
    "lower_bound_any_dim",
    "max_depth",
    "min_width",
    "monotonicity",
    "orthogonal",
    "single_point",
    "small_probability",
    "sparse_single_point",
    "stays_constant",
    "symmetric_atoms",
    "upper_bound",
    "width_limit",
]
