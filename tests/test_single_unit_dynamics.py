"""Death, mean squares and networks of units: slow references, properties, tails, bad input."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from single_unit_tools import close, error, middle, near, number, one, over_input, pairs, text, values

import relutheory as rt
from relutheory.theorems import theorem as get
from relutheory.theory.single_unit.networks import COMMITTEE_POINT
from relutheory.theory.single_unit.unit import E1

# --- death -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a0", "a"), [(0, 2), (-3, Fraction(7, 2)), (1, 8), (Fraction(-1, 2), -Fraction(1, 4))]
)
def test_the_death_clock_is_the_integral_of_one_over_phi(a0: Any, a: Any) -> None:
    with mpmath.workdps(40):
        points = list(mpmath.linspace(number(a0), number(a), 12))
        slow = mpmath.quad(lambda v: 1 / mpmath.npdf(v), points)
        assert one("zero-target-flow", digits=35, a0=a0, a=a).agrees_with(text(slow, 30))


@given(st.fractions(-6, 6, max_denominator=16), st.fractions(0, 1000, max_denominator=4))
@settings(max_examples=40)
@example(Fraction(0), Fraction(0))
@example(Fraction(-6), Fraction(1, 4))
def test_time_and_margin_are_inverse(a0: Fraction, t: Fraction) -> None:
    if t == 0:
        assert close(middle("zero-target-flow", "P", a0=a0, t=0), middle("ramp-moment-recursion", n=0, h=-a0))
        return
    a = middle("zero-target-flow", "a", digits=60, a0=a0, t=t)
    assert a > a0
    assert close(middle("zero-target-flow", a0=a0, a=a), t, 1, 20)


def test_death_is_slow_but_certain() -> None:
    at = [one("zero-target-flow", "a", a0=0, t=10**k) for k in (1, 10, 100, 1000)]
    assert all(b.lower > a.upper for a, b in pairwise(at))
    # a ~ sqrt(2 ln t)
    assert abs(float(at[-1]) / (2 * 1000 * np.log(10)) ** 0.5 - 1) < 0.01


@given(st.fractions(3, 40, max_denominator=8), st.fractions(Fraction(1, 8), 4, max_denominator=8))
@settings(max_examples=30)
def test_the_sharp_law_of_death_decreases_to_one(a: Fraction, step: Fraction) -> None:
    def sharp(margin: Fraction) -> tuple[Fraction, Fraction]:
        t = middle("zero-target-flow", digits=60, a0=0, a=margin)
        found = one("zero-target-death-rate", "sharp", digits=40, t=t)
        return found.lower, found.upper

    here, later = sharp(a), sharp(a + step)
    assert 1 < later[1] < here[0] < Fraction(108, 100)


def test_the_death_rate_has_the_stated_correction() -> None:
    a = Fraction(30)
    t = middle("zero-target-flow", digits=80, a0=0, a=a)
    excess = middle("zero-target-death-rate", "sharp", digits=60, t=t) - 1
    assert Fraction(5) < excess * a**4 < 5 + Fraction(100) / a**2


@given(
    st.fractions(-6, 4, max_denominator=16),
    st.fractions(Fraction(1, 20), 4, max_denominator=20),
    st.fractions(Fraction(1, 4), 4, max_denominator=4),
)
@settings(max_examples=40)
def test_one_step_towards_an_invisible_target(h: Fraction, eta: Fraction, s: Fraction) -> None:
    found = values("zero-target-map", h=h, s=s, eta=eta)
    P, J = (middle("ramp-moment-recursion", n=n, h=h) for n in (0, 1))
    # The step itself in one dimension: b = h s, w = s.
    w, b = s * (1 - eta * P), s * (h - eta * J)
    assert close(found["s"].lower, abs(w), 10)
    assert close(found["h"].lower * abs(w), b, 100)
    if eta * P < 1:
        assert found["h"].upper < h


def test_a_large_step_kills_at_once() -> None:
    found = values("zero-target-map", h=6, eta=2)
    assert abs(found["h"].lower + 6) < Fraction(1, 10**6)


@given(
    st.fractions(-2, 2, max_denominator=8),
    st.fractions(Fraction(1, 2), 3, max_denominator=8),
    st.fractions(0, 2, max_denominator=8),
    st.fractions(Fraction(1, 10), Fraction(1, 2), max_denominator=10),
)
@settings(max_examples=20, deadline=None)
def test_trapped_starts_stay_trapped(
    b_star: Fraction, w_star: Fraction, gap: Fraction, eta: Fraction
) -> None:
    w = -w_star / 2
    b = -(b_star / w_star + gap) * abs(w)
    at = {"theta0": (b, w), "theta_star": (b_star, w_star), "eta": eta}
    found = values("trapping-set-1d", **at, steps=5)
    assert found["trapped"].exact == 1
    later = (found["theta_0"].lower, found["theta_1"].lower)
    assert later[1] < 0
    assert found["h"].upper < b / abs(w)
    # The same orbit as that of the ReLU teacher, which is invisible.
    relu = values("relu-teacher-drift", theta=at["theta0"], theta_star=at["theta_star"], eta=eta, steps=5)
    for k in (0, 1):
        assert close(found[f"theta_{k}"].lower, relu[f"theta_{k}"].lower, 10)


def test_the_trap_needs_opposite_weights() -> None:
    assert one("trapping-set-1d", "trapped", theta0=(-3, 1), theta_star=(1, 1)).exact == 0
    boundary = {"theta0": (Fraction(-1, 2), -1), "theta_star": (Fraction(1, 2), 1)}
    assert one("trapping-set-1d", "trapped", **boundary).exact == 1
    plane = {"theta0": (Fraction(-1), 1, -2), "theta_star": (Fraction(1, 2), -1, 2)}
    assert one("trapping-set-1d", "trapped", **plane).exact == 1


@pytest.mark.parametrize(
    ("a0", "target", "end"), [(3, 0, -1), (1, 1, Fraction(1, 2)), (2, -1, Fraction(-3, 2)), (-1, 3, 2)]
)
def test_escape_times_are_their_integrals(a0: Any, target: Any, end: Any) -> None:
    with mpmath.workdps(35):
        points = list(mpmath.linspace(-number(a0), number(end), 10))
        slow = mpmath.quad(lambda v: 1 / (mpmath.ncdf(v) * (number(target) - v)), points)
        assert one("bias-escape-time", digits=30, a0=a0, h_star=target, h1=end).agrees_with(text(slow))


def test_escape_from_far_away() -> None:
    found = one("bias-escape-time", digits=50, a0=40, h_star=0, h1=-1)
    with mpmath.workdps(30):
        rough = 1 / (40 * mpmath.ncdf(-40) * 40)
        assert 1 < number(found.lower) / rough < mpmath.mpf("1.002")
    assert found.trust == "certified"


# --- mean squares ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("teacher", ["affine", "relu"])
@pytest.mark.parametrize("theta", [(Fraction(1, 2), -1), (Fraction(-1, 3), 2)])
def test_second_moments_after_one_update(teacher: str, theta: Any) -> None:
    star, eta, sig = (Fraction(1, 4), Fraction(3, 2)), Fraction(1, 2), Fraction(3, 4)
    with mpmath.workdps(30):
        (b, w), (b_star, w_star) = (tuple(map(number, v)) for v in (theta, star))
        v = [b - b_star, w - w_star]

        def after(x: Any, i: int, j: int) -> Any:
            y, d = b + w * x, b_star + w_star * x
            if y <= 0:
                return v[i] * v[j]
            e = (max(d, 0) if teacher == "relu" else d) - y
            moved = [v[k] + number(eta) * e * x**k for k in (0, 1)]
            # The noise adds its variance.
            return moved[i] * moved[j] + (number(eta) * number(sig)) ** 2 * x ** (i + j)

        found = values(
            "mean-square-recursion", theta=theta, theta_star=star, eta=eta, sig=sig, teacher=teacher
        )
        for i, j in ((0, 0), (0, 1), (1, 1)):
            slow = over_input(lambda x, i=i, j=j: after(x, i, j), 0, 1, [-b / w, -b_star / w_star])
            assert near(found[f"V_{i}_{j}"], slow, 22)


@given(pairs((1, 2)), st.fractions(Fraction(1, 10), 1, max_denominator=10))
@settings(max_examples=5, deadline=None)
def test_at_the_solution_only_noise_is_left(pair: dict[str, Any], eta: Fraction) -> None:
    at = {**pair, "theta": pair["theta_star"], "eta": eta, "sig": 2}
    M = values("gated-second-moment", theta=at["theta"], m=at["m"], S=at["S"])
    for teacher in ("affine", "relu"):
        found = values("mean-square-recursion", **at, teacher=teacher)
        for name in found:
            assert close(found[name].lower, 4 * eta**2 * M[name.replace("V", "M")].lower, 100)


def _operators(h: Any, size: int) -> tuple[Any, Any, Any]:
    """M and the tables of V -> M V + V M and V -> T(V) on all matrices, through the general record."""
    theta = (h, 1, *[0] * (size - 1))
    M = np.array(
        [[float(values("gated-second-moment", theta=theta)[f"M_{i}_{j}"]) for j in range(size + 1)]
         for i in range(size + 1)]
    )  # fmt: skip
    n = size + 1
    first, second = np.zeros((n * n, n * n)), np.zeros((n * n, n * n))
    for p, q in product(range(n), repeat=2):
        form = tuple(tuple(Fraction(int({i, j} == {p, q}), 1 + (p != q)) for j in range(n)) for i in range(n))
        image = values("gated-fourth-moment", 20, theta=theta, K=form)
        second[:, p * n + q] = [float(image[f"T_{i}_{j}"]) for i, j in product(range(n), repeat=2)]
        unit = np.zeros((n, n))
        unit[p, q] = 1
        first[:, p * n + q] = (M @ unit + unit @ M).ravel()
    return M, first, second


@pytest.mark.parametrize(("h", "size"), [(0, 1), (-1, 2), (1, 2)])
def test_the_step_limit_is_where_the_spectral_radius_is_one(h: Any, size: int) -> None:
    _, first, second = _operators(h, size)
    limit = float(one("mean-square-step-limit", h_star=h, N=size))
    n = size + 1
    symmetric = np.array(
        [np.eye(n * n)[i * n + j] + np.eye(n * n)[j * n + i] for i in range(n) for j in range(i, n)]
    ).T

    def radius(eta: float) -> float:
        step = np.eye(n * n) - eta * first + eta**2 * second
        reduced = np.linalg.lstsq(symmetric, step @ symmetric, rcond=None)[0]
        return float(max(abs(np.linalg.eigvals(reduced))))

    assert radius(limit * (1 - 1e-9)) < 1 < radius(limit * (1 + 1e-9))
    assert limit <= float(one("local-rates", "eta_max", h_star=h))


@pytest.mark.parametrize(("h", "size"), [(0, 1), (-1, 2), (1, 2), (0, 2)])
def test_the_steady_state_is_a_fixed_point_of_the_whole_recursion(h: Any, size: int) -> None:
    M, first, second = _operators(h, size)
    eta, n = 0.1, size + 1
    whole = np.linalg.solve(first - eta * second, (2 * M).ravel()).reshape(n, n)
    found = values("steady-state-covariance", h_star=h, N=size, eta="1/10", sig=3)
    assert np.allclose([float(found["ratio_0_0"]), float(found["ratio_0_1"]), float(found["ratio_1_1"])],
                       [whole[0, 0], whole[0, 1], whole[1, 1]], rtol=1e-12, atol=1e-13)  # fmt: skip
    if size > 1:
        assert abs(float(found["ratio_perp"]) - whole[2, 2]) < 1e-12
    assert abs(float(found["excess"]) / (eta * 9 / 2) - np.trace(M @ whole)) < 1e-12


def test_no_margin_means_a_linear_unit() -> None:
    found = values("steady-state-covariance", h_star=0, N=3, eta="1/10", sig=1)
    assert {v.trust for v in (found[k] for k in found)} == {"exact"}
    for size in (1, 2, 5):
        with mpmath.workdps(40):
            lms = (size + 3 - mpmath.sqrt((size + 3) ** 2 - 8)) / 2
            assert one("mean-square-step-limit", h_star=0, N=size).agrees_with(text(lms, 28))
            far = one("mean-square-step-limit", h_star=12, N=size)
            assert abs(number(far.lower) - lms) < mpmath.mpf(10) ** -25


@given(st.fractions(-8, 4, max_denominator=8), st.integers(1, 6))
@settings(max_examples=30)
def test_the_mean_square_limit_is_below_the_mean_limit(h: Fraction, size: int) -> None:
    limit = one("mean-square-step-limit", h_star=h, N=size)
    assert limit.lower > 0
    assert limit.upper <= one("local-rates", "eta_max", h_star=h).lower
    with pytest.raises(rt.DomainError, match="eta_ms"):
        values("steady-state-covariance", h_star=h, N=size, eta=limit.upper * Fraction(1001, 1000), sig=1)
    stable = values("steady-state-covariance", h_star=h, N=size, eta=limit.lower * Fraction(9, 10), sig=1)
    assert stable["ratio_0_0"].lower > 0
    assert stable["ratio_0_0"].lower * stable["ratio_1_1"].lower >= stable["ratio_0_1"].lower ** 2
    assert stable["excess"].lower > 0


def test_small_activation_probabilities_do_not_allow_larger_steps() -> None:
    limits = [one("mean-square-step-limit", h_star=h, N=2) for h in (0, -1, -2, -4, -8, -40)]
    assert all(b.upper < a.lower for a, b in pairwise(limits))


@given(st.fractions(-12, 6, max_denominator=8), st.integers(1, 9), st.sampled_from(["1", "3/4"]))
@settings(max_examples=30)
def test_noise_lowers_the_activation_probability(h: Fraction, size: int, kappa: str) -> None:
    found = values("noise-induced-bias", h_star=h, N=size, eta="1/50", sig="1/10", kappa=kappa)
    assert found["delta_h"].upper < 0
    assert found["delta_b"].upper < 0 < found["delta_w_par"].lower
    # h = b/|w| to first order
    moved = found["delta_b"].lower - h * found["delta_w_par"].lower
    assert close(moved, found["delta_h"].lower, abs(h * found["delta_w_par"].lower))


# --- networks --------------------------------------------------------------------------------------------


@given(pairs((1, 2)))
@settings(max_examples=10, deadline=None)
def test_a_committee_of_one_is_one_unit(pair: dict[str, Any]) -> None:
    found = values(
        "committee-drift", theta_rows=(pair["theta"],), v=(1,), c=0, theta_star_rows=(pair["theta_star"],),
        v_star=(1,), c_star=0, m=pair["m"], S=pair["S"],
    )  # fmt: skip
    drift = values("relu-teacher-drift", **pair)
    inner = Fraction(0)
    for k, value in enumerate(pair["theta"]):
        assert close(found[f"dtheta_0_{k}"].lower, drift[f"g_{k}"].lower, 10**4)
        inner += value * drift[f"g_{k}"].lower
    assert close(found["dv_0"].lower, inner, 10**4) or not any(error(pair))


def test_a_committee_equal_to_its_teacher_rests() -> None:
    rows = ((Fraction(1, 2), 1, -1), (0, 2, 1))
    same = {"theta_rows": rows, "v": (1, -2), "theta_star_rows": rows[::-1], "v_star": (-2, 1)}
    found = values("committee-drift", **same, c=1, c_star=1, m=(1, 0))
    assert all(found[name].exact == 0 for name in found)


def _overlap(angle: Any) -> Any:
    """Integral of the product of two positive parts of cosines, from its definition."""
    half = mpmath.pi / 2
    return mpmath.quad(lambda t: mpmath.cos(t) * mpmath.cos(t - angle), [angle - half, half])


@pytest.mark.parametrize("layer", [1, 2, 3, 6])
def test_activation_probabilities_spread_like_the_correlation(layer: int) -> None:
    with mpmath.workdps(20):
        rho = mpmath.mpf(0)
        for _ in range(layer - 1):
            # E[relu(z1) relu(z2)] / E[relu(z)^2] as an integral over the angle.
            rho = 2 * _overlap(mpmath.acos(rho)) / mpmath.pi
        found = values("activation-probability-spread", l=layer)
        assert near(found["variance"], mpmath.asin(rho) / (2 * mpmath.pi), 15)
        assert near(found["std"], mpmath.sqrt(mpmath.asin(rho) / (2 * mpmath.pi)), 12)


def test_deep_layers_are_open_or_closed() -> None:
    found = [one("activation-probability-spread", "std", l=k) for k in (2, 10, 100, 1000)]
    assert all(a.upper < b.lower < Fraction(1, 2) for a, b in pairwise(found))
    assert found[-1].lower > Fraction(498, 1000)


# --- bad input -------------------------------------------------------------------------------------------

_T, _TS = (0, 1), (1, 1)
_BOTH = {"theta": _T, "theta_star": _TS}
_SINGULAR = ((1, 1), (1, 1))
_PLANE = {"theta": (0, 1, 0), "theta_star": (0, 1, 1)}
BAD = [
    ("affine-teacher-drift", {**_PLANE, "S": _SINGULAR}, "S must be a symmetric positive definite"),
    ("relu-teacher-drift", {**_PLANE, "S": _SINGULAR}, "S must be a symmetric positive definite"),
    ("stationary-set", {"theta_star": (0, 1, 1), "S": _SINGULAR}, "S must be a symmetric positive definite"),
    ("safe-ball", {"theta_star": (0, 1, 1), "S": _SINGULAR}, "S must be a symmetric positive definite"),
    ("affine-teacher-drift", {"theta": (1, 0), "theta_star": _TS}, "theta must have a weight other than 0"),
    ("relu-teacher-drift", {"theta": _T, "theta_star": (1, 0)}, "theta_star must have a weight other than 0"),
    ("relu-teacher-drift", {"theta": _T, "theta_star": (1, 0, 2)}, "theta_star must have 2 entries"),
    ("relu-teacher-drift", {"theta": (1,), "theta_star": _TS}, "theta must be a list of at least 2"),
    ("relu-teacher-drift", {**_BOTH, "eta": 0}, "eta must be an exact number > 0"),
    ("relu-teacher-drift", {**_BOTH, "eta": 0.1}, "binary float"),
    ("relu-teacher-drift", {**_BOTH, "eta": 1, "steps": -1}, "steps must be an integer >= 0"),
    ("relu-teacher-drift", {**_BOTH, "eta": "nan"}, "eta"),
    ("relu-teacher-drift", {"theta": _T}, "needs theta_star"),
    ("gating-identity", {"theta": _T, "x": (1, 2), "d": 1}, "x must be a list of 1 numbers"),
    ("drift-variants", {**_BOTH, "rule": "gated"}, "rule must be one of"),
    ("drift-variants", {"theta": _T, "rule": "leaky", "slope": "1/2"}, "needs theta_star"),
    ("drift-variants", {**_BOTH, "rule": "leaky", "slope": 2}, "slope must be"),
    ("drift-variants", {**_BOTH, "rule": "given", "a_vec": (1, 2)}, "theta_star is not used"),
    ("drift-variants", {"theta": _T, "rule": "given", "a_vec": (1, 2, 3)}, "a_vec must have 2 entries"),
    ("distance-nonexpansion", {**_BOTH, "eta": 3}, "lam_max"),
    ("gd-dichotomy", {"theta0": _T, "theta_star": _TS, "eta": 2}, "eta < 2/lam_max"),
    ("gd-dichotomy", {"theta0": _T, "theta_star": _TS, "eta": 1, "m": (3,)}, "eta < 2/lam_max"),
    ("safe-ball", {"theta0": (5, 5), "theta_star": _TS}, "dist"),
    ("teacher-jacobian", {**_BOTH, "rule": "leaky", "slope": 0}, "theta = theta_star only"),
    ("local-rates", {"h_star": 0, "eta": 3}, "eta < 2/lam_plus"),
    ("local-rates", {"h_star": 0, "N": 0}, "N must be an integer >= 1"),
    ("zero-target-flow", {"a0": 1, "a": 0}, "a >= a0"),
    ("zero-target-flow", {"a0": 1, "t": -1}, "t must be an exact number >= 0"),
    ("zero-target-death-rate", {"t": 0}, "t must be an exact number > 0"),
    ("zero-target-map", {"h": 0, "eta": 2}, "eta Phi\\(h\\) != 1"),
    ("trapping-set-1d", {"theta0": (0, 1, 1), "theta_star": (0, 1, 2)}, "w = -k w"),
    ("trapping-set-1d", {"theta0": (0, -1), "theta_star": (0, 1), "eta": 3}, "eta Phi\\(h\\) < 1"),
    ("bias-escape-time", {"a0": 1, "h_star": 0, "h1": 0}, "h1 < h_star"),
    ("bias-escape-time", {"a0": -1, "h_star": 3, "h1": 0}, "-a0 < h1"),
    ("mean-square-recursion", {**_PLANE, "eta": 1, "sig": -1}, "sig must be"),
    ("mean-square-recursion", {**_PLANE, "eta": 1, "sig": 1, "V": ((1, 0), (0, 1))}, "V"),
    ("mean-square-recursion", {**_BOTH, "eta": 1, "sig": 1, "teacher": "affine", "V": 1}, "a 2 x 2 matrix"),
    ("steady-state-covariance", {"h_star": 0, "N": 2, "eta": 1, "sig": 1}, "eta < eta_ms"),
    ("noise-induced-bias", {"h_star": 0, "N": 2, "eta": 1, "sig": 1, "kappa": "1/2"}, "kappa = 1"),
    ("committee-drift", {**COMMITTEE_POINT, "v": (1,)}, "v must have 2 entries"),
    ("committee-drift", {**COMMITTEE_POINT, "theta_rows": ((0, 1), (1, 2, 3))}, "theta_rows must be rows"),
    ("committee-drift", {**COMMITTEE_POINT, "theta_star_rows": ((0, 0, 0),)}, "weight other than 0"),
    ("activation-probability-spread", {"l": 0}, "l must be an integer >= 1"),
]  # fmt: skip


@pytest.mark.parametrize(("id", "parameters", "words"), BAD)
def test_bad_input_is_refused_in_one_line(id: str, parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(rt.DomainError, match=words) as caught:
        get(id).evaluate(**parameters)
    assert "\n" not in str(caught.value)


def test_the_running_example_is_inside_every_domain() -> None:
    for id in ("affine-teacher-drift", "relu-teacher-drift", "descent-chain", "teacher-jacobian"):
        assert values(id, **E1) is not None
