"""How often the units of trained networks are open: published observations on another data set.

Douglas and Yu (2018) observed on an image task that trained units in layers without skip connections are as a
rule open on fewer than half of the inputs (O1), that open probabilities tend to fall with depth there (O2),
and that this is not an artefact of the initial weights (O3). These are observations, not theorems. Here they
are looked for in networks trained on scikit-learn's digits; each is answered by an interval over independent
networks: agrees, disagrees or undecided.
"""

from relutheory.observations.data import digits
from relutheory.observations.experiment import OPTIMIZERS, Observations, observe
from relutheory.observations.groups import STAGES, Group
from relutheory.observations.intervals import Spread, median_interval
from relutheory.observations.verdicts import STATEMENTS, Verdict, beside, verdicts, within

__all__ = [
    "OPTIMIZERS",
    "STAGES",
    "STATEMENTS",
    "Group",
    "Observations",
    "Spread",
    "Verdict",
    "beside",
    "digits",
    "median_interval",
    "observe",
    "verdicts",
    "within",
]
