"""Witnesses of randomized asymmetric initialisation (RAI).

Every row [w, b] of a layer with n inputs has n + 1 independent normal entries of variance sigma_w^2 / n, one
of which, chosen uniformly (the bias included), is overwritten by a positive random number X of a law P.
Layer 1 is He's. `L` counts affine layers and `widths` lists the hidden widths. Witnesses take keywords only
and the options of `relutheory.simulate.rai_units.RaiOptions`: the parameters of P, and samples, seed,
confidence, workers, executor, progress.
"""

from __future__ import annotations

from relutheory.simulate.rai_depth import (
    born_dead_rai,
    born_dead_rai_curve,
    gamma_chain,
    layer_death,
    single_input_depth3,
    survival_gamma,
)
from relutheory.simulate.rai_laws import REPLACING_LAWS, SIGMA_W, ReplacingLaw, replacing_law
from relutheory.simulate.rai_mean_field import (
    MeanFieldParticles,
    capped_second_moment,
    mean_field_gain,
    mean_field_particles,
)
from relutheory.simulate.rai_moments import gain_constant, second_moment, second_moment_step
from relutheory.simulate.rai_sampler import he_networks, rai_layer, rai_network, rai_networks, rai_rows
from relutheory.simulate.rai_targets import collapsed_loss
from relutheory.simulate.rai_training import (
    Outcomes,
    TrainingSettings,
    collapse_after_training,
    trained_outcomes,
)
from relutheory.simulate.rai_units import (
    RaiOptions,
    gate_probability,
    rai_entry,
    read_law,
    row_dead_on_cube,
    unit_dead,
)

__all__ = [
    "REPLACING_LAWS",
    "SIGMA_W",
    "MeanFieldParticles",
    "Outcomes",
    "RaiOptions",
    "ReplacingLaw",
    "TrainingSettings",
    "born_dead_rai",
    "born_dead_rai_curve",
    "capped_second_moment",
    "collapse_after_training",
    "collapsed_loss",
    "gain_constant",
    "gamma_chain",
    "gate_probability",
    "he_networks",
    "layer_death",
    "mean_field_gain",
    "mean_field_particles",
    "rai_entry",
    "rai_layer",
    "rai_network",
    "rai_networks",
    "rai_rows",
    "read_law",
    "replacing_law",
    "row_dead_on_cube",
    "second_moment",
    "second_moment_step",
    "single_input_depth3",
    "survival_gamma",
    "trained_outcomes",
    "unit_dead",
]
