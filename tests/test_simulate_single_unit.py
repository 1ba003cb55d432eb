"""The witnesses of a single unit: reference values inside the intervals, wrong ones outside, bad input."""

from __future__ import annotations

import math
from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest

from relutheory.errors import DomainError
from relutheory.estimate import Estimate
from relutheory.simulate import single_unit

SURE = 1 - F(1, 10**9)
M, S = (F(1, 2), F(-1, 4)), ((1, F(3, 10)), (F(3, 10), F(1, 2)))
INPUT = {"m": M, "S": S}
E1 = {**INPUT, "theta": (F(-1, 2), 1, F(1, 2)), "theta_star": (F(1, 4), 1, -1)}
ONE = {"theta": (F(1, 10), F(1, 2)), "theta_star": (-1, 1), "eta": F(1, 10)}
NOISY = {"N": 2, "eta": F(1, 50), "sig": F(1, 10)}
COMMITTEE = {
    **INPUT,
    "theta_rows": ((F(-1, 2), 1, F(1, 2)), (F(1, 4), 1, -1)),
    "v": (1, F(-1, 2)),
    "c": 0,
    "theta_star_rows": ((0, 1, F(1, 3)),),
    "v_star": (1,),
    "c_star": 0,
}
DIES = {"theta0": (-1, F(-1, 2)), "theta_star": (0, 1), "eta": F(1, 4)}
TRAPPED = {"theta0": (F(-1, 10), F(-1, 2)), "theta_star": (0, 1), "eta": F(1, 10)}


def Phi(h: float) -> float:
    return math.erfc(-h / math.sqrt(2)) / 2


def phi(h: float) -> float:
    return math.exp(-h * h / 2) / math.sqrt(2 * math.pi)


def zero_map(h: float, eta: float) -> float:
    return h - eta * phi(h) / (1 - eta * Phi(h))


def gated(theta: tuple[float, float]) -> np.ndarray:
    """The gated second moment for N = 1, m = 0, S = 1."""
    h, side = theta[0] / abs(theta[1]), math.copysign(1, theta[1])
    return np.array([[Phi(h), side * phi(h)], [side * phi(h), Phi(h) - h * phi(h)]])


def once_dying() -> np.ndarray:
    start, star = np.array([-1.0, -0.5]), np.array([0.0, 1.0])
    return start - gated((-1.0, -0.5)) @ (start - star) / 4


# Name of the function, arguments, value, and values that a wrong formula gives.
CASES: list[tuple[str, dict[str, Any], float, tuple[float, ...]]] = [
    ("backpropagation", {"theta": (0, 1), "x": (2,), "d": 1, "what": "gated"}, -1, (1, 0)),
    ("backpropagation", {"theta": (0, 1), "x": (2,), "d": 1, "what": "linear"}, -1, (1, 0)),
    ("backpropagation", {"theta": (0, 1), "x": (-2,), "d": 1, "what": "gated"}, 0, (1,)),
    ("backpropagation", {"theta": (0, 1), "x": (-2,), "d": 1, "what": "linear"}, 0, (1,)),
    # The affine and the ReLU teacher are told apart.
    ("mean_update", {**E1, "teacher": "affine", "entry": 0}, 0.2413841478797955158, (0.24858952,)),
    ("mean_update", {**E1, "teacher": "affine", "entry": 1}, 0.31679882244749397345, (-0.31679,)),
    ("mean_update", {**E1, "teacher": "affine", "entry": 2}, -0.21164756945490124322, (-0.20268569,)),
    ("mean_update", {**E1, "entry": 0}, 0.24858952178774226707, (0.2413841478,)),
    ("mean_update", {**E1, "entry": 1}, 0.31951467232771699393, (0.6390293, 0.159757)),
    ("mean_update", {**E1, "entry": 2}, -0.20268569488769507131, (0.20268569, -0.21164756)),
    ("mean_update", {**E1, "entry": 1, "sig": F(3, 10)}, 0.31951467232771699393, (0.35, 0.29)),
    ("mean_update", {**ONE, "teacher": "affine", "what": "theta"}, 0.05583356666047146137, (0.1, 0.0532)),
    (
        "mean_update",
        {**ONE, "teacher": "affine", "what": "theta", "entry": 1},
        0.482037862194900445791069,
        (0.5, 0.4851),
    ),
    ("mean_update", {**E1, "rule": "ungated", "entry": 0}, 0.654888763270567524, (0.6,)),
    ("mean_update", {**E1, "rule": "ungated", "entry": 2}, -0.586604007393149576, (-0.55,)),
    ("mean_update", {**E1, "rule": "leaky", "slope": F(1, 10)}, 0.29327207465160391, (0.2486, 0.2875)),
    (
        "mean_update",
        {**E1, "rule": "leaky", "slope": F(1, 10), "entry": 2},
        -0.246330554775357581,
        (-0.2027, -0.235),
    ),
    (
        "mean_update",
        {**INPUT, "theta": E1["theta"], "a_vec": E1["theta"], "rule": "given", "entry": 1},
        0.7352164971097518495783906,
        (0.68, 0.79),
    ),
    ("descent", {**E1, "what": "left"}, 0.486876583462496576, (0.55, 0.42)),
    ("descent", {**E1, "what": "middle"}, 0.490470683672349307, (0.55, 0.42)),
    ("descent", {**E1, "what": "right"}, 0.498509465092198502, (0.55, 0.42)),
    ("stationary_points", {"theta_star": (F(1, 4), 1, -1), **INPUT}, 1, (0, 2)),
    ("stationary_points", {"theta_star": (-1, 1), "teacher": "affine"}, 1, (0, 2)),
    ("nonexpansion", {**E1, "eta": F(1, 2), "what": "dist2"}, 2.8125, (2.8,)),
    ("nonexpansion", {**E1, "eta": F(1, 2), "what": "dist2_next"}, 2.37327128309951433, (2.322, 2.495)),
    ("nonexpansion", {**E1, "eta": F(1, 2), "what": "bound"}, 2.49423546323513502, (2.374, 2.322)),
    ("dichotomy", {**DIES, "what": "theta", "entry": 0}, float(once_dying()[0]), (-1, -1.1)),
    ("dichotomy", {**DIES, "what": "theta", "entry": 1}, float(once_dying()[1]), (-0.5,)),
    ("dichotomy", {**DIES, "what": "h"}, float(once_dying()[0] / abs(once_dying()[1])), (-2, -2.1)),
    ("dichotomy", {**DIES, "what": "dist"}, float(np.hypot(once_dying()[0], once_dying()[1] - 1)), (1.9,)),
    ("dichotomy", {**DIES, "what": "h", "steps": 0}, -2, (-1.99,)),
    ("dead_set_distance", {"theta_star": (-3, F(3, 5), F(4, 5)), "eta": 1}, 1, (1.0001, 0.9999)),
    ("dead_set_distance", {"theta_star": (F(3, 4), 1), "theta0": (0, 1)}, 1.25, (1.2501, 1.0)),
    ("jacobian", {**E1, "teacher": "affine", "row": 0, "column": 0}, -0.108438574045442946, (-0.12, -0.09)),
    ("jacobian", {**E1, "teacher": "affine", "row": 0, "column": 1}, -0.329429509827295206, (-0.35,)),
    ("jacobian", {**E1, "teacher": "affine", "row": 1, "column": 2}, -0.287896115450938323, (-0.31,)),
    ("jacobian", {**E1, "teacher": "affine", "row": 2, "column": 2}, -0.00242809288871619606, (0.01, -0.02)),
    (
        "jacobian",
        {**E1, "rule": "ungated", "row": 1, "column": 1},
        -0.99366013710638111062,
        (-0.9, -1.1),
    ),
    (
        "jacobian",
        {**INPUT, "theta": E1["theta"], "theta_star": E1["theta"], "rule": "leaky", "slope": F(1, 10)},
        -(0.01 + 0.99 * 0.45830158379979371945),
        (-0.4583, -0.5125),
    ),
    ("local_rates", {"h_star": 1, "N": 2, "what": "slowdown"}, 2.22307247574, (2.1, 2.4)),
    ("local_rates", {"h_star": 0, "N": 2, "what": "slowdown"}, 9.89533510129, (9.0, 11.0)),
    ("local_rates", {"h_star": -2, "N": 1, "what": "slowdown"}, 2588.38444558, (2300, 2900)),
    ("local_rates", {"h_star": -2, "N": 1, "what": "lam_minus"}, 1 / 2588.38444558, (1 / 44,)),
    (
        "local_rates",
        {"h_star": 0, "N": 2, "eta": F(1, 10), "what": "tau_minus"},
        98.45250458258,
        (98.95 + 4,),
    ),
    ("local_rates", {"h_star": 0, "N": 2, "eta": F(1, 10), "what": "tau_plus"}, 10.6163363652, (11.1164,)),
    ("local_rates", {"h_star": 0, "N": 2, "eta": F(1, 10), "what": "tau_perp"}, -1 / math.log(0.95), (20,)),
    ("local_rates", {"h_star": 0, "N": 2, "what": "eta_max"}, 2 / (0.5 + phi(0)), (2,)),
    ("zero_target_flow", {"a0": 0, "t": 1}, 0.3889118105501738497751, (0.3889,)),
    ("zero_target_flow", {"a0": 0, "t": 100}, 3.046586649359785055223, (3.0465,)),
    ("zero_target_flow", {"a0": 0, "t": 10**6}, 5.393272562741181735133, (5.3932,)),
    ("zero_target_flow", {"a0": F(1, 5), "t": 10}, 1.921371585656375174192, (1.9213,)),
    ("zero_target_flow", {"a0": 0, "t": 1, "what": "P"}, Phi(-0.3889118105501738), (0.34868,)),
    ("zero_target_flow", {"a0": 0, "a": F(7, 2), "what": "time"}, 366.2825839466041, (366.28,)),
    ("zero_target_flow", {"a0": 0, "a": 5, "what": "time"}, 140743.2640264168, (140740,)),
    ("death_rate", {"t": 1000}, 1.03014207737, (1.0301, 1.0302)),
    ("death_rate", {"t": 10**6, "a0": 0, "what": "rough"}, 0.955838289303, (0.9558, 0.9559)),
    ("zero_target_step", {"h": F(1, 5), "eta": F(1, 10)}, zero_map(0.2, 0.1), (0.2, 0.2 - 0.1 * phi(0.2))),
    ("zero_target_step", {"h": F(1, 5), "eta": F(1, 10), "what": "s"}, 1 - 0.1 * Phi(0.2), (0.95, 1)),
    ("zero_target_step", {"h": 1, "s": 2, "eta": 2, "what": "s"}, 2 * (2 * Phi(1) - 1), (2, 1.3, -1.365)),
    ("trapping", {"theta0": (F(-3, 5), -1), "theta_star": (F(1, 2), 1)}, 1, (0,)),
    ("trapping", {"theta0": (F(-1, 2), -1), "theta_star": (F(1, 2), 1)}, 1, (0,)),
    ("trapping", {"theta0": (F(-2, 5), -1), "theta_star": (F(1, 2), 1)}, 0, (1,)),
    ("trapping", {"theta0": (-9, 1), "theta_star": (-9, 1)}, 0, (1,)),
    ("trapping", {"theta0": (-1, -1, -2), "theta_star": (0, 1, 2)}, 1, (0,)),
    ("trapping", {"theta0": (-1, -1, -1), "theta_star": (0, 1, 2)}, 0, (1,)),
    ("trapping", {**TRAPPED, "what": "h"}, zero_map(-0.2, 0.1), (-0.2, -0.2 - 0.1 * phi(-0.2))),
    ("trapping", {**TRAPPED, "what": "theta", "entry": 1}, -0.5 * (1 - 0.1 * Phi(-0.2)), (-0.5,)),
    ("escape_time", {"a0": 3, "h_star": 0, "h1": -1}, 97.07392953154298, (97.0, 97.1)),
    ("escape_time", {"a0": 5, "h_star": 0, "h1": -1}, 146497.706524591, (146490,)),
    (
        "second_moment",
        {**E1, "eta": F(1, 5), "sig": F(3, 10), "teacher": "affine", "row": 0, "column": 1},
        -0.0172001495656406534,
        (-0.02, 0.0172),
    ),
    (
        "second_moment",
        {**E1, "eta": F(1, 5), "sig": F(3, 10), "row": 2, "column": 2},
        2.14308139655552979,
        (2.12, 2.25),
    ),
    (
        "second_moment",
        {"theta": (0, 1), "theta_star": (5, 5), "V": ((2, 1), (1, 3)), "eta": 1, "teacher": "affine"},
        # One step from v: v - u xt xt'v, so V_00 - (M V + V M)_00 + E[u (xt'V xt)].
        2 - 2 * (1 + phi(0)) + (1 + 2 * phi(0) + 1.5),
        (2.9, 2.1),
    ),
    (
        "second_moment",
        {
            **E1,
            "V": ((F(9, 16), 0, F(-9, 8)), (0, 0, 0), (F(-9, 8), 0, F(9, 4))),
            "eta": F(1, 5),
            "sig": F(3, 10),
            "teacher": "affine",
        },
        0.511675019941428543,
        (0.508, 0.515),
    ),
    ("steady_state", {**NOISY, "h_star": 1, "what": "ratio_0_0"}, 1.02668228156, (1, 1.03)),
    ("steady_state", {**NOISY, "h_star": 1, "what": "ratio_0_1"}, 0.00541949561122, (0, 0.011)),
    ("steady_state", {**NOISY, "h_star": 1, "what": "ratio_1_1"}, 1.04585596725, (1, 1.05)),
    ("steady_state", {**NOISY, "h_star": 0, "what": "ratio_perp"}, 1.05241001894, (1, 1.06)),
    ("steady_state", {**NOISY, "h_star": 0, "what": "ratio_0_1"}, 0, (0.01, -0.01)),
    ("step_limit", {"h_star": 0, "N": 1}, 2 - math.sqrt(2), (2, 0.6)),
    ("step_limit", {"h_star": 2, "N": 1}, 0.655835174776441856, (0.5858, 0.7)),
    ("step_limit", {"h_star": -2, "N": 1}, 0.276662403528437083, (0.5858, 0.35)),
    ("step_limit", {"h_star": -1, "N": 4}, 0.252010289249221151, (0.2984, 0.24)),
    ("noise_bias", {**NOISY, "h_star": 0, "what": "delta_b"}, -4.39145831352153e-4, (-4.2e-4, 4.39e-4)),
    ("noise_bias", {**NOISY, "h_star": 0, "what": "delta_w_par"}, 3.50387678776822e-4, (3.6e-4, 4.39e-4)),
    (
        "noise_bias",
        {**NOISY, "h_star": 1, "kappa": F(3, 4), "what": "delta_h"},
        -2.35086236599563e-4,
        (-3.13e-4, -2.25e-4),
    ),
    ("committee", {**COMMITTEE, "entry": 0}, 0.550243890759391, (0.52, 0.58)),
    ("committee", {**COMMITTEE, "entry": 2}, -0.0224403830036042, (0.0, -0.045)),
    ("committee", {**COMMITTEE, "what": "dv", "unit": 1}, 1.3260718306358, (1.27, 1.38)),
    ("committee", {**COMMITTEE, "what": "dc"}, 0.80518366429617, (0.77, 0.84)),
    ("activation_spread", {"l": 1}, 0, (0.001,)),
    ("activation_spread", {"l": 2, "what": "std"}, 0.227063040175191, (0.2, 0.24)),
    ("activation_spread", {"l": 4, "what": "std"}, 0.3215254520317, (0.31, 0.33)),
    ("activation_spread", {"l": 8, "what": "std"}, 0.387344151695886, (0.37, 0.4)),
]


def run(name: str, arguments: dict[str, Any], samples: int = 100_000, **options: Any) -> Estimate:
    function = getattr(single_unit, name)
    found: Estimate = function(**arguments, samples=samples, seed=3, confidence=SURE, **options)
    return found


@pytest.mark.parametrize(("name", "arguments", "value", "wrong"), CASES)
def test_the_value_is_inside_and_wrong_ones_are_not(
    name: str, arguments: dict[str, Any], value: float, wrong: tuple[float, ...]
) -> None:
    estimate = run(name, arguments)
    assert estimate.complete
    assert estimate.low <= estimate.value <= estimate.high
    assert all(type(end) is float for end in estimate.interval)
    # The reference values are given to twelve digits or more.
    slack = 1e-11 * abs(value)
    assert estimate.low - slack <= value <= estimate.high + slack
    for other in wrong:
        assert not estimate.contains(other), f"{estimate.interval} contains {other}"


def test_every_function_has_a_case() -> None:
    assert {name for name, *_ in CASES} == set(single_unit.__all__)


@pytest.mark.parametrize("name", sorted(single_unit.__all__))
def test_estimates_are_reproducible_and_plain(name: str) -> None:
    arguments = next(arguments for other, arguments, *_ in CASES if other == name)
    one, two = (run(name, arguments, samples=1500) for _ in range(2))
    assert (one.value, one.interval) == (two.value, two.interval)
    assert one.as_dict()["simulator"] == f"relutheory.simulate.single_unit:{name}"
    assert one.parameters


@pytest.mark.parametrize("name", ["mean_update", "jacobian", "steady_state", "activation_spread"])
def test_the_number_of_workers_does_not_matter(name: str) -> None:
    arguments = next(arguments for other, arguments, *_ in CASES if other == name)
    alone, together = (run(name, arguments, samples=5000, workers=workers) for workers in (1, 2))
    assert alone.interval == together.interval


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("mean_update", {**ONE, "teacher": "affine", "what": "theta"}, 0.05583356666047146137),
        ("mean_update", {**E1, "sig": 1}, 0.24858952178774226707),
        (
            "second_moment",
            {**E1, "eta": F(1, 5), "sig": F(3, 10), "row": 2, "column": 2},
            2.14308139655552979,
        ),
        ("committee", {**COMMITTEE, "what": "dv"}, 0.530963371188195),
        ("zero_target_step", {"h": F(1, 5), "eta": F(1, 10), "what": "s"}, 1 - 0.1 * Phi(0.2)),
    ],
)
def test_estimates_are_unbiased(name: str, arguments: dict[str, Any], value: float) -> None:
    found = [getattr(single_unit, name)(**arguments, samples=1000, seed=s) for s in range(60)]
    scores = np.array([(e.value - value) / e.standard_error for e in found])
    # Five standard errors of the mean of 60 standardised values; a false alarm has probability 6e-7.
    assert abs(scores.mean()) < 5 / math.sqrt(60)
    assert 0.6 < scores.std() < 1.4


def test_a_unit_that_uses_one_input_does_not_see_the_others() -> None:
    for name, extra in (("mean_update", {"entry": 1}), ("jacobian", {"row": 1, "column": 0})):
        one = run(name, {"theta": (1, 2), "theta_star": (F(1, 2), -1), **extra})
        many = run(name, {"theta": (1, 2, 0, 0), "theta_star": (F(1, 2), -1, 0, 0), **extra})
        assert one.low < many.high
        assert many.low < one.high
        assert many.high - many.low < 0.1


def test_one_hidden_unit_is_a_single_unit() -> None:
    alone = run("mean_update", {**E1, "entry": 1})
    layer = {"theta_rows": (E1["theta"],), "v": (1,), "c": 0, "theta_star_rows": (E1["theta_star"],)}
    found = run("committee", {**INPUT, **layer, "v_star": (1,), "c_star": 0, "entry": 1})
    assert found.value == pytest.approx(alone.value, rel=1e-12)


def test_a_drift_at_the_teacher_is_zero() -> None:
    estimate = run("mean_update", {**INPUT, "theta": (1, 2, 3), "theta_star": (1, 2, 3)}, samples=200)
    assert estimate.value == 0
    assert estimate.high < 1e-9


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("mean_update", {**E1, "theta": (1,)}, "theta"),
    ("mean_update", {**E1, "theta_star": (1, 2)}, "theta_star"),
    ("mean_update", {**E1, "theta_star": None}, "theta_star"),
    ("mean_update", {**E1, "rule": "given"}, "a_vec"),
    ("mean_update", {**E1, "rule": "wrong"}, "rule"),
    ("mean_update", {**E1, "teacher": "sine"}, "teacher"),
    ("mean_update", {**E1, "S": ((1, 2), (2, 1))}, "S"),
    ("mean_update", {**E1, "m": (1,)}, "m"),
    ("mean_update", {**E1, "entry": 3}, "entry"),
    ("mean_update", {**E1, "eta": 1, "steps": 2, "what": "theta"}, "steps"),
    ("mean_update", {**E1, "what": "theta"}, "eta"),
    ("mean_update", {**E1, "slope": 2, "rule": "leaky"}, "slope"),
    ("mean_update", {**E1, "sig": -1}, "sig"),
    ("mean_update", {**E1, "typo": 1}, "typo"),
    ("backpropagation", {"theta": (0, 1), "x": (1, 2), "d": 0}, "x"),
    ("descent", {**E1, "what": "up"}, "what"),
    ("nonexpansion", {**E1, "eta": 0}, "eta"),
    ("dichotomy", {**DIES, "steps": 2}, "steps"),
    ("dichotomy", {**DIES, "theta0": (1, 0)}, "theta0"),
    ("jacobian", {**E1, "rule": "leaky"}, "theta"),
    ("jacobian", {**E1, "row": 3}, "row"),
    ("local_rates", {"h_star": 0, "N": 1, "eta": 1, "what": "tau_perp"}, "N"),
    ("local_rates", {"h_star": 0, "N": 1, "what": "tau_plus"}, "eta"),
    ("local_rates", {"h_star": math.nan, "N": 1}, "h_star"),
    ("zero_target_flow", {"a0": 0, "a": -1, "what": "time"}, "a"),
    ("zero_target_flow", {"a0": 0}, "t"),
    ("death_rate", {"t": 1}, "t"),
    ("zero_target_step", {"h": 0, "s": 0, "eta": 1}, "s"),
    ("trapping", {**TRAPPED, "eta": None, "what": "h"}, "eta"),
    ("trapping", {"theta0": (1, 0), "theta_star": (1, 1)}, "theta0, theta_star"),
    ("escape_time", {"a0": 3, "h_star": 0, "h1": 0}, "h1"),
    ("second_moment", {**E1, "eta": 1, "V": np.eye(3).tolist()}, "V"),
    ("second_moment", {**E1, "eta": 1, "V": ((1,),), "teacher": "affine"}, "V"),
    ("second_moment", {**E1, "eta": 1, "V": np.diag([1, 1, -1]).tolist(), "teacher": "affine"}, "V"),
    ("steady_state", {**NOISY, "h_star": 0, "N": 1, "what": "ratio_perp"}, "N"),
    ("steady_state", {**NOISY, "h_star": 0, "sig": 0}, "sig"),
    ("step_limit", {"h_star": 0, "N": 0}, "N"),
    ("noise_bias", {**NOISY, "h_star": 0, "kappa": 0}, "kappa"),
    ("committee", {**COMMITTEE, "v": (1,)}, "v"),
    ("committee", {**COMMITTEE, "theta_rows": ()}, "theta_rows"),
    ("committee", {**COMMITTEE, "unit": 2}, "unit"),
    ("activation_spread", {"l": 0}, "l"),
    ("dead_set_distance", {"theta_star": "1,2"}, "theta_star"),
    ("stationary_points", {"theta_star": (0, 1), "teacher": "x"}, "teacher"),
]


@pytest.mark.parametrize(("name", "arguments", "parameter"), BAD)
def test_bad_input_is_refused_in_one_line(name: str, arguments: dict[str, Any], parameter: str) -> None:
    with pytest.raises(DomainError) as caught:
        run(name, arguments, samples=100)
    message = str(caught.value)
    assert message.startswith(f"{parameter}: ")
    assert "got " in message
    assert "\n" not in message
