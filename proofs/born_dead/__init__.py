"""Derivations of the statements on the born-dead probability."""

from proofs.born_dead.chain import lower_bound_1d_chain
from proofs.born_dead.closed_form import lower_bound_1d
from proofs.born_dead.designs import dead_depth, max_depth, min_width
from proofs.born_dead.inclusion import monotonicity, upper_bound
from proofs.born_dead.limits import depth_limit, small_probability, width_limit
from proofs.born_dead.points import single_point, symmetric_atoms

__all__ = [
    "dead_depth",
    "depth_limit",
    "lower_bound_1d",
    "lower_bound_1d_chain",
    "max_depth",
    "min_width",
    "monotonicity",
    "single_point",
    "small_probability",
    "symmetric_atoms",
    "upper_bound",
    "width_limit",
]
