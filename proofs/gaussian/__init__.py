"""Derivations of the statements on the Gaussian calculus of a gated unit."""

from proofs.gaussian.activations import leaky_moments
from proofs.gaussian.gates import (
    gated_fourth_moment,
    gated_moment_identities,
    gated_second_moment,
    stein_gated,
    surface_moment,
)
from proofs.gaussian.gram import gated_gram_eigenvalues, gram_eigenvalue_bracket, gram_eigenvalue_tail
from proofs.gaussian.mills import mills_ratio_bounds
from proofs.gaussian.orthant import orthant_probability
from proofs.gaussian.quadrants import quadrant_gated_moments, quadrant_truncated_moments, relu_moments
from proofs.gaussian.ramp import ramp_moment_recursion, ramp_moment_tail, truncated_moment_translation
from proofs.gaussian.turan import ramp_moment_turan

__all__ = [
    "gated_fourth_moment",
    "gated_gram_eigenvalues",
    "gated_moment_identities",
    "gated_second_moment",
    "gram_eigenvalue_bracket",
    "gram_eigenvalue_tail",
    "leaky_moments",
    "mills_ratio_bounds",
    "orthant_probability",
    "quadrant_gated_moments",
    "quadrant_truncated_moments",
    "ramp_moment_recursion",
    "ramp_moment_tail",
    "ramp_moment_turan",
    "relu_moments",
    "stein_gated",
    "surface_moment",
    "truncated_moment_translation",
]
