"""Figures of certified bounds and simulated values.

Every function returns a `matplotlib.figure.Figure` of one text column's width. The object-oriented
interface is used throughout, with settings local to the figure: neither `pyplot` nor the global style is
touched. Colours are those of Okabe and Ito, distinguishable without colour vision; line styles repeat
what colours say.
"""

from relutheory.plots.born_dead import (
    LOWER,
    UPPER,
    born_dead_against_depth,
    born_dead_against_width,
    safe_region,
)
from relutheory.plots.gaussian import gated_rates
from relutheory.plots.observations import open_probabilities
from relutheory.plots.rai import (
    gate_functions,
    rai_against_depth,
    trained_collapse,
    unit_dead_range,
)
from relutheory.plots.recursions import death_basin, phase_portrait
from relutheory.plots.single_unit import mean_against_ensemble, slow_down
from relutheory.plots.style import COLOURS, figure_bytes

__all__ = [
    "COLOURS",
    "LOWER",
    "UPPER",
    "born_dead_against_depth",
    "born_dead_against_width",
    "death_basin",
    "figure_bytes",
    "gate_functions",
    "gated_rates",
    "mean_against_ensemble",
    "open_probabilities",
    "phase_portrait",
    "rai_against_depth",
    "safe_region",
    "slow_down",
    "trained_collapse",
    "unit_dead_range",
]
