"""One unit and its teacher: reference values, slow references, properties, dropped hypotheses, bad input."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import mpmath
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from single_unit_tools import (
    close,
    error,
    middle,
    near,
    number,
    one,
    over_input,
    pairs,
    slow_drift,
    text,
    values,
)

import relutheory as rt
from relutheory.theorems import all_theorems
from relutheory.theorems import theorem as get
from relutheory.theory.single_unit.unit import E1

EXAMPLES = [(t.id, e) for t in all_theorems("single_unit") for e in t.examples]
GATED = ("affine-teacher-drift", "relu-teacher-drift")
SCALARS = [
    ((Fraction(1, 10), Fraction(1, 2)), (-1, 1), 0, 1),
    ((Fraction(1, 2), -1), (Fraction(1, 4), Fraction(3, 2)), Fraction(1, 3), 2),
    ((-1, -2), (Fraction(1, 2), -1), Fraction(-1, 2), Fraction(1, 2)),
    ((3, 1), (-2, Fraction(1, 2)), 1, 1),
]


def scalar(case: Any) -> dict[str, Any]:
    theta, star, m, s2 = case
    return {"theta": theta, "theta_star": star, "m": (m,), "S": ((s2,),)}


@pytest.mark.parametrize(("id", "example"), EXAMPLES, ids=[f"{i}-{n}" for n, (i, _) in enumerate(EXAMPLES)])
def test_reference_values(id: str, example: Any) -> None:
    found = get(id).evaluate(digits=60, **example.parameters)
    result = found if isinstance(found, rt.Enclosure) else found[example.result]
    assert result.agrees_with(example.value)


# --- drifts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", SCALARS)
@pytest.mark.parametrize("teacher", ["affine", "relu"])
def test_drifts_are_means_of_the_update(case: Any, teacher: str) -> None:
    with mpmath.workdps(35):
        slow = slow_drift(*case, teacher=teacher)
        found = values(f"{teacher}-teacher-drift", 40, **scalar(case))
        for k in (0, 1):
            assert found[f"g_{k}"].agrees_with(text(slow[k]))


@pytest.mark.parametrize("case", SCALARS)
@pytest.mark.parametrize("slope", [Fraction(1, 10), Fraction(1, 2), 1, 0])
def test_leaky_drifts_are_means_of_the_update(case: Any, slope: Any) -> None:
    with mpmath.workdps(35):
        slow = slow_drift(*case, slope=slope)
        found = values("drift-variants", 40, **scalar(case), rule="leaky", slope=slope)
        for k in (0, 1):
            assert near(found[f"g_{k}"], slow[k])


@pytest.mark.parametrize("teacher", ["affine", "relu"])
def test_orbits_iterate_the_mean_update(teacher: str) -> None:
    theta, star = (Fraction(1, 10), Fraction(1, 2)), (-1, 1)
    with mpmath.workdps(35):
        point: Any = list(map(number, theta))
        for _ in range(4):
            g = slow_drift(
                tuple(Fraction(str(mpmath.nstr(v, 34))) for v in point),
                star,
                teacher=teacher,
            )
            point = [a + b / 4 for a, b in zip(point, g, strict=True)]
        found = values(f"{teacher}-teacher-drift", 40, theta=theta, theta_star=star, eta="1/4", steps=4)
        for k in (0, 1):
            assert found[f"theta_{k}"].agrees_with(text(point[k]))


@given(pairs())
@settings(max_examples=25)
def test_no_drift_at_the_solution(pair: dict[str, Any]) -> None:
    at = {**pair, "theta": pair["theta_star"], "eta": "1/3", "steps": 7}
    for id in GATED:
        found = values(id, **at)
        for k, value in enumerate(pair["theta_star"]):
            assert found[f"g_{k}"].exact == 0
            assert found[f"theta_{k}"].exact == value
    leaky = values("drift-variants", rule="leaky", slope="1/4", **{k: at[k] for k in pair})
    assert all(leaky[name].exact == 0 for name in leaky)


@given(pairs((2, 2)), st.integers(1, 4))
@settings(max_examples=20)
def test_drifts_turn_with_the_input(pair: dict[str, Any], k: int) -> None:
    # A rational rotation by the angle of the triple (k^2 - 1, 2 k, k^2 + 1).
    c, s = Fraction(k * k - 1, k * k + 1), Fraction(2 * k, k * k + 1)
    turn = ((c, -s), (s, c))

    def turned(v: Any) -> tuple[Fraction, ...]:
        return tuple(sum((a * b for a, b in zip(row, v, strict=True)), Fraction(0)) for row in turn)

    S = pair["S"]
    half = [turned(column) for column in zip(*S, strict=True)]
    rotated = {
        "m": turned(pair["m"]),
        "S": tuple(turned(row) for row in zip(*half, strict=True)),
        **{name: (pair[name][0], *turned(pair[name][1:])) for name in ("theta", "theta_star")},
    }
    for id in GATED:
        before, after = values(id, **pair), values(id, **rotated)
        moved = (before["g_0"].lower, *turned([before["g_1"].lower, before["g_2"].lower]))
        for entry, value in enumerate(moved):
            assert close(value, after[f"g_{entry}"].lower, 10**4)


def test_without_bias_the_weights_follow_the_angle() -> None:
    # m = 0, S = I, b = b* = 0: ((pi - a) w* + |w*| sin a w/|w|)/(2 pi) - w/2 for the angle a.
    w, star = (Fraction(3, 5), Fraction(4, 5)), (2, -1)
    found = values("relu-teacher-drift", 40, theta=(0, *w), theta_star=(0, *star))
    with mpmath.workdps(40):
        size = mpmath.sqrt(5)
        angle = mpmath.acos(number(Fraction(6, 5) - Fraction(4, 5)) / size)
        for k in (0, 1):
            value = ((mpmath.pi - angle) * star[k] + size * mpmath.sin(angle) * number(w[k])) / (
                2 * mpmath.pi
            )
            assert found[f"g_{k + 1}"].agrees_with(text(value - number(w[k]) / 2, 30))


@given(pairs())
@settings(max_examples=20)
def test_variants_meet_in_their_limits(pair: dict[str, Any]) -> None:
    gated = values("relu-teacher-drift", **pair)
    leaky = values("drift-variants", rule="leaky", slope=0, **pair)
    linear = values("drift-variants", rule="leaky", slope=1, **pair)
    given_error = values(
        "drift-variants", rule="given", theta=pair["theta"], m=pair["m"], S=pair["S"],
        a_vec=tuple(-v for v in error(pair)),
    )  # fmt: skip
    affine = values("affine-teacher-drift", **pair)
    mean = (Fraction(1), *pair["m"])
    for i in range(len(mean)):
        assert close(gated[f"g_{i}"].lower, leaky[f"g_{i}"].lower, 10**4)
        assert close(given_error[f"g_{i}"].lower, affine[f"g_{i}"].lower, 10**4)
        R = [(pair["S"][i - 1][j - 1] if i and j else 0) + mean[i] * mean[j] for j in range(len(mean))]
        lms = -sum((r * v for r, v in zip(R, error(pair), strict=True)), Fraction(0))
        assert close(linear[f"g_{i}"].lower, lms, 10**4)


def test_weights_on_a_line_stay_there_like_in_one_dimension() -> None:
    # w and w* opposite multiples of (3, 4): the same recursion in one dimension.
    many = values(
        "relu-teacher-drift", theta=(1, Fraction(-3, 5), Fraction(-4, 5)), theta_star=(Fraction(1, 4), 6, 8),
        eta="1/4", steps=20,
    )  # fmt: skip
    single = values("relu-teacher-drift", theta=(1, -1), theta_star=(Fraction(1, 4), 10), eta="1/4", steps=20)
    assert close(many["theta_0"].lower, single["theta_0"].lower)
    assert close(many["theta_1"].lower, single["theta_1"].lower * Fraction(3, 5))
    assert close(many["theta_2"].lower, single["theta_1"].lower * Fraction(4, 5))


def test_a_collinear_start_may_leave_its_line() -> None:
    found = values("relu-teacher-drift", theta=(1, 1, 2), theta_star=(0, 2, 4), m=(1, 0), eta="1/8", steps=3)
    assert not close(found["theta_2"].lower, 2 * found["theta_1"].lower)


# --- descent ---------------------------------------------------------------------------------------------


@given(pairs())
@settings(max_examples=30)
@example({"theta": (5, -1), "theta_star": (5, 1), "m": (0,), "S": ((1,),)})
def test_the_descent_inequalities(pair: dict[str, Any]) -> None:
    found = values("descent-chain", **pair)
    slack = Fraction(1, 10**20)
    assert -slack <= found["left"].upper
    assert found["left"].lower <= found["middle"].upper + slack
    assert found["middle"].lower <= found["right"].upper + slack
    drift = {t: values(f"{t}-teacher-drift", **pair) for t in ("affine", "relu")}
    for name, teacher in (("middle", "relu"), ("right", "affine")):
        inner = -sum((drift[teacher][f"g_{k}"].lower * v for k, v in enumerate(error(pair))), Fraction(0))
        assert close(inner, found[name].lower, 10**5)


def test_the_left_side_is_the_mean_square_on_open_inputs() -> None:
    theta, star = (Fraction(1, 2), -1), (Fraction(1, 4), Fraction(3, 2))
    with mpmath.workdps(35):

        def body(x: Any) -> Any:
            y, d = mpmath.mpf(1) / 2 - x, max(mpmath.mpf(1) / 4 + 3 * x / 2, 0)
            return (d - y) ** 2 if y > 0 else mpmath.mpf(0)

        slow = over_input(body, 0, 1, [mpmath.mpf(1) / 2, -mpmath.mpf(1) / 6])
        assert one("descent-chain", "left", 40, theta=theta, theta_star=star).agrees_with(text(slow))


@given(pairs(), st.fractions(Fraction(1, 50), 1, max_denominator=50), st.sampled_from(["affine", "relu"]))
@settings(max_examples=25)
def test_one_step_does_not_lead_away(pair: dict[str, Any], share: Fraction, teacher: str) -> None:
    # The trace bounds the largest eigenvalue of E[xt xt'].
    trace = 1 + sum((v * v for v in pair["m"]), Fraction(0)) + sum(r[k] for k, r in enumerate(pair["S"]))
    found = values("distance-nonexpansion", **pair, eta=2 * share / trace, teacher=teacher)
    slack = Fraction(1, 10**20)
    assert found["dist2_next"].lower <= found["bound"].upper + slack
    assert found["bound"].lower <= found["dist2"].upper + slack
    if any(error(pair)):
        assert found["dist2_next"].upper < found["dist2"].lower


def test_a_step_beyond_the_limit_leads_away() -> None:
    at = {"theta": (10, 1), "theta_star": (9, 1)}
    with pytest.raises(rt.DomainError, match="lam_max"):
        values("distance-nonexpansion", **at, eta="21/10")
    found = values("affine-teacher-drift", **at, eta="21/10", steps=1)
    distance = abs(found["theta_0"].lower - 9)
    assert Fraction("1.0999") < distance < Fraction("1.1001")


@pytest.mark.parametrize(
    ("star", "start"),
    [
        ((Fraction(3, 4), 1), (Fraction(-1, 4), Fraction(27, 100))),
        ((Fraction(-1, 2), 1), (Fraction(-1, 2), Fraction(1, 10))),
    ],
)
def test_no_unit_dies_inside_the_safe_ball(star: Any, start: Any) -> None:
    assert one("safe-ball", theta0=start, theta_star=star, eta=1).lower > 0
    distances = [
        middle("gd-dichotomy", "dist", theta0=start, theta_star=star, eta=1, steps=k)
        for k in (0, 1, 5, 20, 60)
    ]
    assert all(b < a for a, b in pairwise(distances))


def test_the_safe_ball_cannot_be_enlarged() -> None:
    # b* <= 0: a dead point at distance |w*|; a start just outside the ball dies.
    with pytest.raises(rt.DomainError, match="dist"):
        values("safe-ball", theta0=(0, Fraction(-1, 100)), theta_star=(0, 1))
    trapped = values("trapping-set-1d", theta0=(0, Fraction(-1, 100)), theta_star=(0, 1), eta=1, steps=50)
    assert trapped["trapped"].exact == 1
    assert trapped["h"].upper < Fraction(-1)


@given(pairs((1, 2)), st.fractions(Fraction(1, 10), 10, max_denominator=10))
@settings(max_examples=20)
def test_the_safe_radius_is_the_distance_to_dead_points(pair: dict[str, Any], gamma: Fraction) -> None:
    star = pair["theta_star"]
    radius = one("safe-ball", theta_star=star)
    for b in (Fraction(0), Fraction(-1), min(star[0], Fraction(0))):
        away = (star[0] - b) ** 2 + sum((w * w for w in star[1:]), Fraction(0))
        assert radius.lower**2 <= away
    assert close(middle("safe-ball", theta_star=tuple(gamma * v for v in star)), gamma * radius.lower)


def test_converge_or_die() -> None:
    outcomes = set()
    for b, w in product((-2, 0, 2), (Fraction(-3, 4), Fraction(1, 2))):
        found = values("gd-dichotomy", theta0=(b, w), theta_star=(0, 1), eta=1, steps=300)
        converged, died = found["dist"].upper < Fraction(1, 100), found["h"].upper < Fraction(-5, 2)
        assert converged != died, (b, w)
        outcomes.add(converged)
    assert outcomes == {True, False}


def test_a_step_can_land_in_the_dead_set() -> None:
    # theta_0 = (0, -1), theta* = (0, 1), eta = 1 < 2: w_1 = -1 + g_1 = 0 and b_1 = g_0 < 0, so no h_k -> -oo.
    found = values("affine-teacher-drift", theta=(0, -1), theta_star=(0, 1))
    assert found["g_1"].exact == 1
    assert found["g_0"].upper < 0


# --- linearisation ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [*SCALARS, None])
@pytest.mark.parametrize("teacher", ["affine", "relu"])
def test_jacobians_are_differences_of_the_drift(case: Any, teacher: str) -> None:
    point = E1 if case is None else scalar(case)
    size, step = len(point["theta"]), Fraction(1, 10**12)
    jacobian = values("teacher-jacobian", 40, **point, teacher=teacher)
    for j in range(size):
        shifted = []
        for sign in (1, -1):
            theta = list(map(Fraction, point["theta"]))
            theta[j] += sign * step
            shifted.append(values(f"{teacher}-teacher-drift", 50, **{**point, "theta": tuple(theta)}))
        for i in range(size):
            slope = (shifted[0][f"g_{i}"].lower - shifted[1][f"g_{i}"].lower) / (2 * step)
            assert close(slope, jacobian[f"jac_{i}_{j}"].lower, 1, 18), (i, j)


@given(pairs())
@settings(max_examples=15)
def test_all_rules_have_the_same_jacobian_at_the_solution(pair: dict[str, Any]) -> None:
    at = {**pair, "theta": pair["theta_star"]}
    found = [
        values("teacher-jacobian", **at, rule="gated", teacher="affine"),
        values("teacher-jacobian", **at, rule="gated", teacher="relu"),
        values("teacher-jacobian", **at, rule="ungated"),
        values("teacher-jacobian", **at, rule="leaky", slope=0),
    ]
    M = values("gated-second-moment", theta=at["theta"], m=at["m"], S=at["S"])
    for i, j in product(range(len(at["theta"])), repeat=2):
        for one_rule in found:
            assert close(one_rule[f"jac_{i}_{j}"].lower, -M[f"M_{i}_{j}"].lower, 100)


@pytest.mark.parametrize("h", [-40, -8, -1, 0, 2])
def test_local_rates_are_eigenvalues(h: int) -> None:
    found = values("local-rates", 50, h_star=h, N=3)
    with mpmath.workdps(80):
        # Moments of z over the open half-line, divided by phi(h), from their definition.
        def moment(k: int) -> Any:
            ends = [0, *(mpmath.mpf(2) ** j / max(1, -h) for j in range(-2, 9))]
            return mpmath.quad(lambda v: (v - h) ** k * mpmath.exp(h * v - v * v / 2), ends)

        t = [mpmath.npdf(h) * moment(k) for k in range(3)]
        scale = mpmath.npdf(h)
        matrix = mpmath.matrix([[t[0], t[1]], [t[1], t[2]]]) / scale
        small, large = mpmath.eigsy(matrix, eigvals_only=True) * scale
        assert found["lam_minus"].agrees_with(text(small, 48))
        assert found["lam_plus"].agrees_with(text(large, 48))
        assert found["slowdown"].agrees_with(text(1 / small, 48))
        assert found["eta_max"].agrees_with(text(2 / large, 48))


@given(st.fractions(-6, 4, max_denominator=16), st.fractions(Fraction(1, 100), 2, max_denominator=100))
@settings(max_examples=30)
def test_rates_grow_with_the_activation_probability(h: Fraction, step: Fraction) -> None:
    here, later = values("local-rates", h_star=h), values("local-rates", h_star=h + step)
    for name in ("lam_minus", "lam_plus"):
        assert here[name].upper < later[name].lower
    assert here["slowdown"].lower > 1 / here["lam_plus"].upper


def test_the_mean_recursion_is_stable_up_to_two_over_the_largest_rate() -> None:
    limit = middle("local-rates", "eta_max", h_star=1)
    below = values("local-rates", h_star=1, N=2, eta=limit * Fraction(99, 100))
    assert all(below[f"tau_{k}"].lower > 0 for k in ("minus", "plus", "perp"))
    with pytest.raises(rt.DomainError, match="eta < 2/lam_plus"):
        values("local-rates", h_star=1, eta=limit * Fraction(101, 100))


def test_a_rate_of_one_is_reached_in_one_step() -> None:
    assert one("local-rates", "tau_perp", h_star=0, N=2, eta=2).exact == 0
