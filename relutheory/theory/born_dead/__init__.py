"""Born-dead probability: laws, bounds, limits and design rules.

Expressions are plain SymPy; the records in `THEOREMS` carry hypotheses, domain, derivation and witness.
"""

from relutheory.theory.born_dead import bounds, designs, laws, limits
from relutheory.theory.born_dead.expressions import (
    any_dim_lower_bound,
    chain_lower_bound,
    chain_state,
    closed_lower_bound,
    closed_lower_bound_constants,
    lower_bound_1d,
    single_point,
    sparse_single_point,
    two_two_law_free,
    union_bound,
    upper_bound,
)

__all__ = [
    "THEOREMS",
    "any_dim_lower_bound",
    "chain_lower_bound",
    "chain_state",
    "closed_lower_bound",
    "closed_lower_bound_constants",
    "lower_bound_1d",
    "single_point",
    "sparse_single_point",
    "two_two_law_free",
    "union_bound",
    "upper_bound",
]

THEOREMS = (*laws.THEOREMS, *bounds.THEOREMS, *limits.THEOREMS, *designs.THEOREMS)
