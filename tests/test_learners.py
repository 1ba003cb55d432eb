"""Ensembles of single-unit learners: law, two methods, momentum, streams, interruption, bad input."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest

from relutheory.errors import DomainError
from relutheory.simulate import learners, learners_steps
from relutheory.simulate.learners import LearnerRuns, LearnerSettings, mean_field_gap, train_learners
from relutheory.simulate.streams import Block

SURE = 1 - F(1, 10**9)
SLOPE = LearnerSettings((-1, 1), F(1, 10), 1, teacher="affine", theta0=(F(1, 10), F(1, 2)))


def states(settings: LearnerSettings, runs: int, seed: int) -> np.ndarray:
    units = learners_steps.learners(settings, Block(0, runs, seed))
    for _ in range(settings.steps):
        units.step()
    return units.record()


def mean_map(theta: np.ndarray, star: np.ndarray, eta: float) -> np.ndarray:
    """One mean step of the affine teacher in one dimension, standard input."""
    h, side = theta[0] / abs(theta[1]), math.copysign(1, theta[1])
    P, density = math.erfc(-h / math.sqrt(2)) / 2, math.exp(-h * h / 2) / math.sqrt(2 * math.pi)
    matrix = np.array([[P, side * density], [side * density, P - h * density]])
    moved: np.ndarray = theta - eta * matrix @ (theta - star)
    return moved


@pytest.mark.parametrize("single", [True, False])
@pytest.mark.parametrize("sig", [0, 1])
def test_one_step_has_the_mean_of_the_theory(single: bool, sig: int) -> None:
    found = train_learners(replace(SLOPE, single=single, sig=sig), runs=200_000, seed=1)
    for name, value, wrong in (
        ("theta_0", 0.05583356666047146, 0.0532),
        ("theta_1", 0.482037862194900445, 0.4851),
    ):
        estimate = found.estimate(name, 1, SURE)
        assert estimate.contains(value)
        assert not estimate.contains(wrong)


def test_one_step_of_two_units_is_made_as_written() -> None:
    """The update of each run, from the inputs that the same stream gives."""
    settings = LearnerSettings((0.5, 1, -2), 0.3, 1, theta0=(0.2, -1, 1), m=(1, 2), S=((2, 1), (1, 3)))
    found = states(settings, 50, 4)
    z = np.asarray(Block(0, 50, 4).draws().normals((2, 1, 50)), float)[:, 0]
    x = np.array([[1.0], [2.0]]) + np.linalg.cholesky([[2.0, 1.0], [1.0, 3.0]]) @ z
    for k in range(50):
        xt = np.array([1.0, *x[:, k]])
        theta = np.array([0.2, -1.0, 1.0])
        y = theta @ xt
        if y > 0:
            theta = theta + 0.3 * (max(np.array([0.5, 1.0, -2.0]) @ xt, 0.0) - y) * xt
        assert np.allclose(found[-3:, k], theta, rtol=1e-12, atol=1e-12)


def test_a_batch_averages_its_samples() -> None:
    # The mean step does not depend on the size of the batch, its variance falls in proportion.
    one, many = (train_learners(replace(SLOPE, batch=b), runs=40_000, seed=2) for b in (1, 8))
    assert many.estimate("theta_0", 1, SURE).contains(0.05583356666047146)
    ratio = one.moments.squares[1, -2] / many.moments.squares[1, -2]
    assert 7 < ratio < 9.2


def test_momentum_of_both_forms() -> None:
    settings = LearnerSettings((0, 1, 1), F(1, 20), 30, sig=0.1, beta=F(1, 2), theta0=(1, 1, 0))
    ball = states(settings, 100, 3)
    average = states(replace(settings, eta=F(1, 10), ema=True), 100, 3)
    assert np.allclose(ball, average, rtol=1e-10, atol=1e-12)
    assert not np.allclose(ball, states(replace(settings, beta=0), 100, 3), atol=1e-3)
    # The first step of the heavy ball is that of plain descent.
    once = replace(settings, steps=1)
    assert np.allclose(states(once, 100, 3), states(replace(once, beta=0), 100, 3), rtol=1e-12)


@pytest.mark.parametrize("teacher", ["relu", "affine"])
@pytest.mark.parametrize("N", [1, 2, 5])
def test_both_methods_have_one_law(N: int, teacher: str) -> None:
    """Dvoretzky-Kiefer-Wolfowitz on both samples: a false alarm has probability at most 1e-9 a quantity."""
    runs = 20_000
    star = (0.3, *np.linspace(1, 2, N))
    settings = LearnerSettings(star, 0.2, 12, teacher=teacher, sig=0.5, batch=2, bias0=-0.2)
    literal, summary = states(settings, runs, 11), states(replace(settings, method="summary"), runs, 12)
    reach = 2 * math.sqrt(math.log(4 / 1e-9) / (2 * runs))
    wrong = states(replace(settings, method="summary", eta=0.4), runs, 12)
    power = 0
    for name in ("b", "w_par", "square", "P", "v_perp"):
        row = learners_steps.SUMMARIES.index(name)
        assert ks_distance(literal[row], summary[row]) <= reach, name
        power += ks_distance(literal[row], wrong[row]) > reach
    assert power > 0


def ks_distance(one: np.ndarray, two: np.ndarray) -> float:
    points = np.concatenate([one, two])
    ranks = [np.searchsorted(np.sort(x), points, side="right") / len(x) for x in (one, two)]
    return float(np.abs(ranks[0] - ranks[1]).max())


def test_the_steady_state_is_that_of_the_linear_recursion() -> None:
    """The ratios of the covariance to eta sig**2/2; small noise keeps the learner in the linear range."""
    eta, sig, theta_star = 0.02, 0.01, (1, 1, 0)
    settings = LearnerSettings(
        theta_star, eta, 3000, sig=sig, theta0=theta_star, every=10, burn=1000, teacher="affine"
    )
    found = train_learners(settings, runs=3000, seed=5)
    scale = eta * sig**2 / 2
    values = {
        "v_0_0": 1.02668228156,
        "v_0_1": 0.00541949561122,
        "v_1_1": 1.04585596725,
        "v_perp": 1.04922543708,
    }
    for name, value in values.items():
        low, high = (end / scale for end in found.estimate(name, confidence=SURE).interval)
        # The quadratic terms of the gate are of relative order sig.
        assert low - 0.01 < value < high + 0.01, name
    low, _ = (end / scale for end in found.estimate("v_perp", confidence=0.9999).interval)
    assert low > 1.02


@pytest.mark.parametrize(("teacher", "bias"), [("affine", -4.39145831352153e-4), ("relu", -3.29359373514e-4)])
def test_noise_lowers_the_bias_as_the_expansion_says(teacher: str, bias: float) -> None:
    eta, sig = 0.02, 0.2
    settings = LearnerSettings(
        (0, 1, 0),
        eta,
        5000,
        sig=sig,
        theta0=(0, 1, 0),
        every=20,
        burn=2500,
        teacher=teacher,
        antithetic=True,
    )
    estimate = train_learners(settings, runs=3000, seed=6).estimate("b", confidence=SURE)
    expected = bias * sig**2 / 0.1**2
    # The next order is eta (or sig sqrt(eta)) relative to this one: 10 % is allowed.
    assert estimate.low - 0.1 * abs(expected) < expected < estimate.high + 0.1 * abs(expected)
    assert estimate.high < 0.5 * expected
    assert estimate.low > 1.5 * expected


def test_a_trapped_unit_dies_and_a_free_one_lives() -> None:
    dying = LearnerSettings((0, 1), F(1, 20), 2000, theta0=(-0.1, -0.5), every=1000)
    found = train_learners(dying, runs=200)
    assert found.mean("below")[-1] > 0.9
    assert found.estimate("below", 2000, 0.999).low > 0.8
    assert found.estimate("P", 2000, 0.999).high < 0.2
    living = train_learners(replace(dying, theta0=(0.1, 0.5)), runs=200)
    assert living.mean("below")[-1] == 0
    assert living.mean("square")[-1] < 1e-3


def test_the_mean_field_gap_is_of_the_order_of_the_step() -> None:
    star, gaps = np.array([-1.0, 1.0]), []
    for eta in (0.2, 0.05):
        steps = round(10 / eta)
        settings = replace(SLOPE, eta=eta, steps=steps, every=steps // 5)
        orbit = [np.array([0.1, 0.5])]
        for _ in range(steps):
            orbit.append(mean_map(orbit[-1], star, eta))
        found = train_learners(settings, runs=20_000, seed=7)
        gap = mean_field_gap(found, orbit[:: steps // 5], 0.999)
        assert gap.low <= gap.value <= gap.high
        gaps.append(gap)
    assert gaps[0].low > gaps[1].high > 0
    assert gaps[0].value == pytest.approx(4 * gaps[1].value, rel=0.6)


def test_results_do_not_depend_on_the_workers() -> None:
    settings = LearnerSettings((0, 1), 0.1, 20, sig=0.3, every=10)
    alone, together = (train_learners(settings, runs=40_000, workers=w, seed=9) for w in (1, 2))
    assert np.array_equal(alone.moments.mean, together.moments.mean)
    assert np.array_equal(alone.moments.squares, together.moments.squares)
    other = train_learners(settings, runs=40_000, seed=10)
    assert not np.array_equal(alone.moments.mean, other.moments.mean)


def test_an_interrupt_keeps_the_finished_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = learners._block
    calls = []

    def stopping(settings: LearnerSettings, block: Block) -> Any:
        calls.append(block)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return whole(settings, block)

    monkeypatch.setattr(learners, "_block", stopping)
    found = train_learners(LearnerSettings((0, 1), 0.1, 2), runs=100_000)
    assert not found.complete
    assert found.runs == calls[0].size + calls[1].size
    assert not found.estimate("b", 2).complete


def test_momentum_and_noise_free_runs_at_the_teacher_stay() -> None:
    found = train_learners(LearnerSettings((1, 2, 3), 0.1, 20, beta=0.5, theta0=(1, 2, 3)), runs=64)
    assert isinstance(found, LearnerRuns)
    assert found.mean("square").max() < 1e-25
    assert found.mean_theta().shape == (21, 3)


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"theta_star": (1,)}, "theta_star"),
        ({"theta_star": (1, 0)}, "theta_star"),
        ({"eta": 0}, "eta"),
        ({"steps": -1}, "steps"),
        ({"teacher": "none"}, "teacher"),
        ({"sig": -1}, "sig"),
        ({"batch": 0}, "batch"),
        ({"beta": 1}, "beta"),
        ({"theta0": (1, 2, 3)}, "theta0"),
        ({"S": ((0,),)}, "S"),
        ({"every": 0}, "every"),
        ({"threshold": 2}, "threshold"),
        ({"method": "other"}, "method"),
        ({"method": "summary", "beta": 0.5}, "method"),
        ({"method": "summary", "m": (1,)}, "method"),
    ],
)
def test_bad_settings_are_refused_in_one_line(changes: dict[str, Any], parameter: str) -> None:
    with pytest.raises(DomainError) as caught:
        LearnerSettings(**{"theta_star": (0, 1), "eta": 0.1, "steps": 1, **changes})
    assert str(caught.value).startswith(f"{parameter}: ")
    assert "\n" not in str(caught.value)


def test_bad_questions_are_refused_in_one_line() -> None:
    settings = LearnerSettings((0, 1), 0.1, 2, every=2)
    found = train_learners(settings, runs=10)
    summary = train_learners(replace(settings, method="summary"), runs=10)
    for ask, parameter in (
        (lambda: found.estimate("loss"), "name"),
        (lambda: found.estimate("b", 1), "step"),
        (lambda: summary.mean_theta(), "method"),
        (lambda: mean_field_gap(found, [[0, 1]]), "orbit"),
        (lambda: train_learners(settings, runs=0), "runs"),
    ):
        with pytest.raises(DomainError, match=f"^{parameter}: "):
            ask()
