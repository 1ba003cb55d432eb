"""Fast trajectories and basins: doubles against certified orbits, certified fates against long orbits."""

from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Symbol

from relutheory.errors import DomainError, MissingExtraError
from relutheory.evaluate import bivariate, gaussian
from relutheory.functions import QuadrantMoment
from relutheory.recursions import affine_teacher, basins, from_expressions, normal, relu_teacher, zero_target
from relutheory.recursions.basins import in_safe_ball, is_trapped, margins

E1 = {"m": ["1/2", "-1/4"], "S": [[1, "3/10"], ["3/10", "1/2"]]}
TEACHER = ["1/4", 1, -1]
GRID = st.fractions(-3, 3, max_denominator=16)


def exactly(row) -> list[Fraction]:
    return [Fraction(float(x)) for x in row]


def hard_points(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Margins and correlations, half of them close to one of the singular lines."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(0, 2, count), rng.normal(0, 2, count)
    gap = 10.0 ** -rng.uniform(1, 16, count)
    side = rng.choice([-1.0, 1.0], count)
    near = np.where(rng.random(count) < 0.7, side * a + np.sqrt(gap) * rng.normal(0, 1, count), b)
    flat = rng.random(count) < 0.5
    rho = np.where(flat, np.tanh(rng.normal(0, 2, count)), side * (1 - gap))
    b = np.where(flat, b, near)
    a[:4], b[2:6], b[6:9], rho[9], rho[10] = 0, 0, a[6:9], 1, -1
    return a, b, rho


def test_bivariate_cdf_agrees_with_the_certified_one() -> None:
    a, b, rho = hard_points(120, 1)
    found = normal.bivariate_cdf(a, b, rho)
    with ctx.workprec(160):
        for x, y, r, value in zip(a, b, rho, found, strict=True):
            exact = bivariate.bivariate_cdf(arb(x), arb(y), arb(r))
            assert abs(exact - arb(value)) < 1e-14, (x, y, r)


def test_ramp_moments_keep_their_digits_in_the_tail() -> None:
    margins = np.linspace(-37, 9, 93)
    found = normal.ramp_moment(1, margins), normal.ramp_moment(2, margins)
    with ctx.workprec(160):
        for k, h in enumerate(margins):
            assert abs(arb(found[0][k]) / gaussian.ramp_moment(1, arb(h)) - 1) < 3e-13, h
            assert abs(arb(found[1][k]) - gaussian.ramp_moment(2, arb(h))) < 1e-13, h


@settings(max_examples=12)
@given(GRID, GRID, st.sampled_from(["affine", "relu", "zero"]))
def test_arrays_follow_the_certified_orbit(b: Fraction, w: Fraction, kind: str) -> None:
    w = w or Fraction(1, 2)
    if kind == "zero":
        learning, start = zero_target("1/10"), [b, abs(w)]
    else:
        make = affine_teacher if kind == "affine" else relu_teacher
        learning, start = make([-1, 1], "1/10"), [b, w]
    orbit = learning.orbit(start, 200, every=40, digits=18)
    fast = learning.arrays([[float(x) for x in start]], 200, every=40)
    scale = np.abs(orbit.floats()).max()
    assert np.abs(fast[:, 0] - orbit.floats()).max() < 1e-12 * max(1.0, scale)


@pytest.mark.parametrize("make", [affine_teacher, relu_teacher])
def test_arrays_in_two_inputs(make) -> None:
    learning = make(TEACHER, "1/10", **E1)
    starts = np.array([[-0.5, 1, 0.5], [-1, 1, -0.5], [0.25, -1, 1.5]])
    fast = learning.arrays(starts, 40)
    for row, start in zip(fast, starts, strict=True):
        exact = [float(x) for x in learning.iterate(exactly(start), 40, digits=18)]
        assert row == pytest.approx(exact, abs=1e-13)


def test_trajectories_reach_the_relu_teacher_in_two_inputs() -> None:
    learning = relu_teacher([0, 1, 0], "1/4")
    orbit = learning.orbit(["1/2", 1, "1/2"], 60, every=20, digits=16)
    fast = learning.arrays([[0.5, 1.0, 0.5]], 60, every=20)[:, 0]
    assert np.abs(fast - orbit.floats()).max() < 1e-14
    end = learning.arrays([[0.5, 1.0, 0.5]], 2000)[0]
    assert np.abs(end - [0, 1, 0]).max() < 1e-12


@pytest.mark.parametrize("side", [1, -1])
def test_small_angles_cost_digits_but_no_more_than_stated(side: int) -> None:
    learning = relu_teacher(["1/3", 1, 0], 1)
    for exponent in (2, 5, 7, 8, 12):
        angle = 10.0**-exponent
        starts = [[b, side, angle] for b in (side / 3, side / 3 * (1 + angle), 0.4)]
        for start, fast in zip(starts, learning.arrays(starts, 1), strict=True):
            exact = [float(x) for x in learning.iterate(exactly(start), 1, digits=18)]
            assert np.abs(fast - exact).max() < min(1e-9, 1e-14 + 1e-15 / angle)


def test_shapes_and_kept_steps() -> None:
    learning = affine_teacher([-1, 1], "1/10")
    starts = np.random.default_rng(0).normal(size=(7, 2))
    whole = learning.arrays(starts, 25, every=1)
    assert whole.shape == (26, 7, 2)
    assert (whole[0] == starts).all()
    thin = learning.arrays(starts, 25, every=10)
    assert (thin == whole[[0, 10, 20, 25]]).all()
    assert (learning.arrays(starts, 25) == whole[-1]).all()
    assert (learning.arrays(starts[3], 25)[0] == whole[-1, 3]).all()
    many = np.tile(starts, (3000, 1))
    assert (learning.arrays(many, 3)[-7:] == whole[3]).all()


def test_arrays_turn_with_the_data() -> None:
    turn = np.array([[1, 0, 0], [0, 0.6, -0.8], [0, 0.8, 0.6]])
    starts = np.random.default_rng(2).normal(size=(200, 3))
    straight = relu_teacher(["1/2", 1, 0], "1/4").arrays(starts, 10)
    rotated = relu_teacher(["1/2", "3/5", "4/5"], "1/4").arrays(starts @ turn.T, 10)
    assert np.abs(straight @ turn.T - rotated).max() < 1e-9


def test_divergence_is_not_hidden() -> None:
    x = Symbol("x", real=True)
    end = from_expressions("square", {x: x**2}).arrays([[2.0], [0.5]], 20)
    assert np.isinf(end[0, 0])
    assert end[1, 0] == 0


@pytest.mark.parametrize("eta", ["1/4", "1"])
def test_certified_fates_are_those_of_certified_orbits(eta: str) -> None:
    learning = relu_teacher(["1/2", 1], eta)
    starts = np.random.default_rng(3).normal(size=(60, 2))
    found = basins(learning, starts, 200)
    seen: list[str] = []
    for start, fate in zip(starts[found.certified], found.fates[found.certified], strict=True):
        if seen.count(fate) == 8:
            continue
        seen.append(str(fate))
        orbit = learning.orbit(exactly(start), 120, every=30, digits=12)
        distances = [
            sum((x.upper - t) ** 2 for x, t in zip(s, (Fraction(1, 2), 1), strict=True)) for s in orbit.states
        ]
        at = margins(learning, orbit.floats())
        if fate == "converges":
            assert distances == sorted(distances, reverse=True)
            assert distances[-1] < distances[0] / 2
        else:
            assert fate == "dies"
            assert (np.diff(at) < 1e-14).all()
            assert at[-1] < -0.5
    assert set(seen) == {"converges", "dies"}


def test_criteria_are_exact_on_their_edges() -> None:
    learning = relu_teacher([0, 1], "1/4")
    ulp = np.spacing(1.0)
    starts = np.array([[0, -1], [ulp, -1], [0, 2], [0, 2 - ulp], [1, 1], [0, 0.5]])
    assert is_trapped(learning, starts).tolist() == [True, False, False, False, False, False]
    assert in_safe_ball(learning, starts).tolist() == [False, False, False, True, False, True]
    shifted = relu_teacher(["1/2", 1], "1/4")
    assert is_trapped(shifted, np.array([[-0.6, -1], [-0.5, -1], [-0.4, -1]])).tolist() == [True, True, False]
    plane = relu_teacher([0, 3, 4], "1/4")
    starts = np.array([[-1, -3, -4], [-1, -3, -4.000001], [-1, 3, 4], [-1, -1.5, -2]])
    assert is_trapped(plane, starts).tolist() == [True, False, False, True]


def test_theorems_are_claimed_only_where_they_hold() -> None:
    starts = np.array([[-1.0, -1.0], [0.0, 0.9]])
    wide = relu_teacher([0, 1], 3)
    assert not basins(wide, starts, 5).certified[1]
    assert not is_trapped(relu_teacher([0, 1], "1/4", S=[[2]]), starts).any()
    assert not is_trapped(affine_teacher([0, 1], "1/4"), starts).any()
    fast = relu_teacher([-3, 1], "5/2")
    assert not is_trapped(fast, np.array([[2.0, -1.0]])).any()


def test_observed_fates_of_the_reference() -> None:
    # h_0 = -1, |w_0| = |w*| = 1: two wide angles die, one dips (below -4, affine teacher) and revives.
    angles = np.deg2rad([150, 135, 120, 100, 80])
    starts = np.column_stack([-np.ones(5), np.cos(angles), np.sin(angles)])
    for make in (affine_teacher, relu_teacher):
        found = basins(make([0, 1, 0], "1/2"), starts, 6000)
        assert found.fates.tolist() == ["dies", "dies", "converges", "converges", "converges"]
        assert found.counts == {"converges": 3, "dies": 2, "undecided": 0}
        assert not found.certified.any()
        assert str(found).startswith("5 starts, 6000 steps: 3 converges")


def test_the_dead_set_and_units_without_weight() -> None:
    found = basins(relu_teacher([0, 1], "1/4"), [[-1, 0], [0, 0], [1, 0]], 10)
    assert found.fates.tolist() == ["dies", "dies", "undecided"]
    assert found.certified.tolist() == [True, True, False]


def test_scipy_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'relutheory\[recursions\]'"):
        affine_teacher([0, 1], "1/4").arrays([[0, 2]], 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda r: r.arrays([[0, 1, 2]], 1), r"starts must have shape \(points, 2\), got \(1, 3\)"),
        (lambda r: r.arrays([[0, float("nan")]], 1), r"starts must be finite, got \[0.0, nan\] in row 0"),
        (lambda r: r.arrays("text", 1), "starts must be an array of numbers, got str"),
        (lambda r: r.arrays([[0, 1]], -1), "steps must be an integer >= 0, got -1"),
        (lambda r: r.arrays([[0, 1]], 1, every=0), "every must be an integer >= 1, got 0"),
        (
            lambda r: basins(zero_target(1), [[0, 1]]),
            "basins need the recursion of a teacher, got zero target",
        ),
        (lambda r: basins(r, [[0, 1]], 0), "steps must be an integer >= 1, got 0"),
    ],
)
def test_bad_input_gets_one_clear_line(call, words: str) -> None:
    with pytest.raises(DomainError, match=words) as caught:
        call(affine_teacher([0, 1], "1/4"))
    assert "\n" not in str(caught.value)


def test_functions_without_a_fast_form_are_named() -> None:
    x = Symbol("x", real=True)
    slow = from_expressions("slow", {x: QuadrantMoment(1, 1, x, x, x / 9)})
    with pytest.raises(DomainError, match="arrays have no fast form of QuadrantMoment"):
        slow.arrays([[0.1]], 1)
    assert slow.orbit(["1/10"], 3, digits=10).complete
    with pytest.raises(DomainError, match="derivative is not known"):
        slow.jacobian(["1/10"])
