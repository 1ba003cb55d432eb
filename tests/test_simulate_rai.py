"""The sampler of randomized asymmetric initialisation and its witnesses against simple facts."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relutheory.errors import DomainError
from relutheory.estimate import BinomialCount
from relutheory.simulate import rai
from relutheory.simulate.polylines import segment
from relutheory.simulate.rai_depth import _count_first_dead, _count_first_dead_on_path, _Networks
from relutheory.simulate.rai_laws import REPLACING_LAWS, replacing_law
from relutheory.simulate.rai_tempered import NORMAL_BOUNDS, law_bounds, tempered, tempered_normals
from relutheory.simulate.streams import Block

SURE = 1 - Fraction(1, 10**6)
LAWS = [
    replacing_law(),
    replacing_law("beta", a=3, b=Fraction(1, 2)),
    replacing_law("uniform", M=2),
    replacing_law("halfnormal", s=0.5),
    replacing_law("exponential", rate=3),
    replacing_law("constant", c=0.25),
]


def Phi(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2


def frequency(event: np.ndarray) -> tuple[float, float]:
    flat = np.asarray(event).ravel()
    return BinomialCount(int(flat.sum()), flat.size).interval(SURE)


def inside(value: float, interval: tuple[float, float]) -> bool:
    return interval[0] <= value <= interval[1]


# ---------------------------------------------------------------- the sampler


def test_the_scale_makes_the_upper_constant_one() -> None:
    s, mean, square = rai.SIGMA_W, 2 / 3, 1 / 2
    assert abs(s**2 / 2 + math.sqrt(2 / math.pi) * mean * s + square - 1) < 1e-15
    assert round(s, 4) == 0.6007


@pytest.mark.parametrize("n", [1, 2, 4, 9])
def test_exactly_one_entry_is_replaced_and_every_place_is_equally_likely(n: int) -> None:
    law = replacing_law("constant", c=7)
    rows = rai.rai_rows(np.random.default_rng(n), (200_000,), n, law=law)
    marked = rows == 7.0
    assert (marked.sum(axis=1) == 1).all()
    for place in range(n + 1):
        interval = frequency(marked[:, place])
        assert inside(1 / (n + 1), interval)
        # Power: a bias that is never replaced leaves 1/n and 0, a row of n + 2 places 1/(n + 2).
        for mutant in (0.0, 1 / n, 1 / (n + 2)):
            assert not inside(mutant, interval)


@pytest.mark.parametrize("n", [1, 3])
def test_other_entries_are_normal_with_the_fan_in_in_the_scale(n: int) -> None:
    rows = rai.rai_rows(
        np.random.default_rng(3), (200_000,), n, sigma_w=0.8, law=replacing_law("constant", c=99)
    )
    others = rows[rows != 99.0]
    quartile = 0.6744897501960817
    assert inside(0.5, frequency(others < 0))
    assert inside(0.5, frequency(np.abs(others) < quartile * 0.8 / math.sqrt(n)))
    # The bias has the same scale as the weights.
    bias = rows[:, -1][rows[:, -1] != 99.0]
    assert inside(0.5, frequency(np.abs(bias) < quartile * 0.8 / math.sqrt(n)))
    for mutant in (n + 1, max(n - 1, 0.5), n * n + 1):
        assert not inside(0.5, frequency(np.abs(others) < quartile * 0.8 / math.sqrt(mutant)))


@pytest.mark.parametrize(
    ("law", "t", "below"),
    [
        (replacing_law(), 0.6, 0.36),
        (replacing_law("beta", a=3, b=1), 0.6, 0.216),
        (replacing_law("beta", a=1, b=2), 0.6, 0.84),
        (replacing_law("uniform", M=2), 0.6, 0.3),
        (replacing_law("halfnormal", s=0.5), 0.6, 2 * Phi(1.2) - 1),
        (replacing_law("exponential", rate=3), 0.6, 1 - math.exp(-1.8)),
    ],
)
def test_replacing_laws_have_their_distribution_functions(law, t: float, below: float) -> None:
    values = law.draw(np.random.default_rng(0), (100, 1000))
    assert values.shape == (100, 1000)
    assert (values > 0).all()
    assert (values <= law.supremum).all()
    assert inside(below, frequency(values <= t))


def test_networks_are_he_first_and_randomized_after() -> None:
    sizes = (2, 3, 4, 1)
    law = replacing_law("constant", c=7)
    network = rai.rai_networks(sizes, networks=50, law=law, seed=1)
    assert network.sizes == sizes
    assert (network.biases[0] == 0).all()
    for weights, biases in list(zip(network.weights, network.biases, strict=True))[1:]:
        rows = np.concatenate([weights, biases[..., None]], axis=2)
        assert ((rows == 7).sum(axis=2) == 1).all()
    everywhere = rai.rai_networks(
        sizes, networks=50, law=replacing_law("constant", c=7), everywhere=True, seed=1
    )
    rows = np.concatenate([everywhere.weights[0], everywhere.biases[0][..., None]], axis=2)
    assert ((rows == 7).sum(axis=2) == 1).all()


def test_networks_are_functions_of_their_seed() -> None:
    one, two, other = (rai.rai_network((1, 2, 2, 1), seed=s) for s in (5, 5, 6))
    for (a, b), (c, d) in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, c)
        np.testing.assert_array_equal(b, d)
    assert (one[0][0] != other[0][0]).all()
    weights, biases = rai.rai_layer(3, 5, sigma_w=Fraction(1, 2), rng=np.random.default_rng(0))
    assert weights.shape == (5, 3)
    assert biases.shape == (5,)


def test_he_networks_have_the_variance_of_their_fan_in() -> None:
    network = rai.he_networks((1, 4, 2, 1), networks=50_000, seed=0)
    assert inside(0.5, frequency(np.abs(network.weights[1]) < 0.6744897501960817 * math.sqrt(2 / 4)))
    assert all((b == 0).all() for b in network.biases)


# ---------------------------------------------------------------- bounded estimators


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(LAWS), st.integers(0, 10**6))
def test_weighted_powers_stay_within_their_bounds(law, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, weight = tempered(law, rng, (10_000,))
    g, of_g = tempered_normals(rng, (10_000,))
    for k, (bound, normal) in enumerate(zip(law_bounds(law), NORMAL_BOUNDS, strict=True)):
        assert (weight * x**k).max() <= bound * (1 + 1e-12)
        assert (of_g * np.abs(g) ** k).max() <= normal * (1 + 1e-12)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_weights_give_back_the_moments(law) -> None:
    first = law.parameters[0]
    second = {
        "uniform": first**2 / 3,
        "halfnormal": first**2,
        "exponential": 2 / first**2,
        "constant": first**2,
    }
    a, b = (*law.parameters, 1.0)[:2]
    square = second.get(law.name, a * (a + 1) / ((a + b) * (a + b + 1)))
    estimate = rai.gain_constant(law=law, sigma_w=1, what="C_low", samples=200_000, seed=1, confidence=SURE)
    assert estimate.contains((1 + square) / 2)
    assert estimate.high - estimate.low < 0.08 * (1 + square)


# ---------------------------------------------------------------- single rows


@pytest.mark.parametrize("n", [1, 2, 5])
def test_entries(n: int) -> None:
    options = {"n": n, "samples": 100_000, "seed": 1, "confidence": SURE}
    assert rai.rai_entry(what="negative", **options).contains(n / (2 * (n + 1)))
    assert rai.rai_entry(**options).contains(2 / 3 / (n + 1))
    assert rai.rai_entry(what="second_moment", **options).contains((rai.SIGMA_W**2 + 0.5) / (n + 1))


@pytest.mark.parametrize(
    ("law", "t", "value"),
    [
        ({"law": "constant", "c": 0.5}, 2, Phi(-1.0)),
        ({"law": "halfnormal", "s": 2}, 0.75, 0.5 - math.atan(1.5) / math.pi),
        ({}, 0, 0.5),
        ({"law": "exponential", "rate": 1}, 1e9, 0.0),
    ],
)
def test_gates(law: dict, t: float, value: float) -> None:
    estimate = rai.gate_probability(t=t, samples=200_000, seed=2, confidence=SURE, **law)
    assert estimate.contains(value)
    if value:
        assert not estimate.contains(value * 1.05)


@pytest.mark.parametrize("h", [(1.0,), (0.5, 2.0), (1.0, 0.0, 3.0)])
def test_a_closed_unit_has_power_against_mutants(h: tuple[float, ...]) -> None:
    """With a constant replacing number the probability is a mean of normal tails."""
    full, n, c, s = (*h, 1.0), len(h), 0.7, 0.9

    def death(fan_in: float, places: range, power: float = 1.0) -> float:
        tails = []
        for k in places:
            rest = s / math.sqrt(fan_in) * math.sqrt(sum(v * v for i, v in enumerate(full) if i != k))
            tails.append(Phi(-((c * full[k] / rest) ** power if full[k] else 0.0)))
        return sum(tails) / len(tails)

    estimate = rai.unit_dead(h=h, sigma_w=s, law="constant", c=c, samples=400_000, seed=3, confidence=SURE)
    assert estimate.contains(death(n, range(n + 1)))
    assert not estimate.contains(death(n + 1, range(n + 1)))
    if len(set(full)) > 1:
        assert not estimate.contains(death(n, range(n)))
        assert not estimate.contains(death(n, range(n + 1), power=-1.0))


def test_a_unit_without_input_hangs_on_its_bias() -> None:
    for n in (1, 4):
        estimate = rai.unit_dead(h=(0,) * n, samples=100_000, seed=4, confidence=SURE)
        assert estimate.contains(n / (2 * (n + 1)))
        assert not estimate.contains(0.5)
        assert not estimate.contains(0.0)


@pytest.mark.parametrize("h", [(1, 1), (0, 0), (Fraction(1, 5), 3), (9, 0, 0)])
def test_second_moments(h: tuple) -> None:
    options = {"h": h, "samples": 200_000, "seed": 5, "confidence": SURE}
    u = (sum(float(v) ** 2 for v in h) + 1) / (len(h) + 1)
    ratio = rai.second_moment(what="ratio", **options)
    assert ratio.contains(rai.SIGMA_W**2 + 0.5)
    assert rai.second_moment(**options).contains(u * (rai.SIGMA_W**2 + 0.5))
    gain = rai.second_moment(what="gain", **options)
    assert gain.high > (rai.SIGMA_W**2 + 0.5) / 2
    assert gain.low < 1
    if not any(h):
        assert gain.contains(rai.SIGMA_W**2 / 2 + 0.5)
    step = rai.second_moment_step(**options)
    n = len(h)
    assert abs(step.value - (n * gain.value * u + 1) / (n + 1)) < (step.high - step.low) / 2 + u * (
        gain.high - gain.low
    )


def test_constants_of_the_gain() -> None:
    options = {"samples": 200_000, "seed": 6, "confidence": SURE}
    values = {what: rai.gain_constant(what=what, **options) for what in ("C_low", "lower", "upper", "C_upp")}
    assert values["C_low"].contains((rai.SIGMA_W**2 + 0.5) / 2)
    assert values["lower"].contains(rai.SIGMA_W**2 / 2 + 0.5)
    assert values["C_upp"].contains(1)
    ordered = [values[what].value for what in ("C_low", "lower", "upper", "C_upp")]
    assert ordered == sorted(ordered)


def test_a_row_closed_on_a_cube() -> None:
    # For one feature: the weight is replaced and the bias below its negative, constant 1/2 against N(0, 1).
    estimate = rai.row_dead_on_cube(
        N=1, M=2, sigma_w=1, law=replacing_law("constant", c=0.5), samples=200_000, seed=7, confidence=SURE
    )
    assert estimate.contains(Phi(-1) / 2)
    assert rai.row_dead_on_cube(N=3, M=1, samples=20_000, seed=7).value < 0.05


# ---------------------------------------------------------------- networks


def test_the_first_layer_dies_as_a_symmetric_one() -> None:
    options = {"samples": 100_000, "seed": 8, "confidence": SURE}
    assert rai.born_dead_rai(N=3, L=2, x=-2, **options).contains(1 / 8)
    assert rai.born_dead_rai(N=2, L=2, D="interval", r=1, **options).contains(0)
    curve = rai.born_dead_rai_curve(N=3, L=5, **options)
    values = [curve[L].value for L in range(2, 6)]
    assert values == sorted(values)
    # Randomized rows keep more networks alive than a symmetric law does.
    assert curve[5].high < 1 - (1 - 1 / 8) ** 4


def test_death_on_an_interval_is_death_on_a_fine_grid() -> None:
    networks = _Networks((2, 3, 2, 2), 1, rai.SIGMA_W, replacing_law(), everywhere=False)
    block = Block(0, 2_000, 11)
    exact = _count_first_dead_on_path(networks, segment(-1.5, 1.5, bias=True), block)
    grid = _count_first_dead(networks, np.linspace(-1.5, 1.5, 1001)[:, None], block)
    np.testing.assert_array_equal(exact, grid)
    assert 0 < exact[:-1].sum() < exact.sum()


def test_conditional_death_and_its_gamma() -> None:
    options = {"widths": (2, 2), "samples": 100_000, "seed": 9, "confidence": SURE}
    assert rai.layer_death(layer=1, **options).contains(1 / 4)
    assert rai.survival_gamma(layer=1, **options).contains(0)
    second, gamma = rai.layer_death(layer=2, **options), rai.survival_gamma(layer=2, **options)
    assert abs(gamma.value - (0.5 - math.sqrt(second.value))) < 1e-12
    assert gamma.low > 1 / 6  # The floor of Beta(2, 1) for fan-in 2.
    whole = rai.born_dead_rai(widths=(2, 2), samples=100_000, seed=10, confidence=SURE)
    # Independent runs: the chain rule holds between the intervals.
    assert whole.low <= 1 - (1 - 1 / 4) * (1 - second.high)
    assert whole.high >= 1 - (1 - 1 / 4) * (1 - second.low)
    assert not whole.low <= second.high  # without the factor of the first layer it fails


def test_a_chain_of_given_gammas() -> None:
    estimate = rai.gamma_chain(
        widths=(2, 2, 2), gammas=(0, Fraction(1, 4), Fraction(1, 4)), samples=100_000, seed=1, confidence=SURE
    )
    assert estimate.contains(1 - 3 / 4 * (15 / 16) ** 2)
    assert not estimate.contains(1 - 3 / 4 * (15 / 16) ** 3)


def test_signals_settle_below_one() -> None:
    after_one = rai.capped_second_moment(n=10, layers=1, samples=20_000, seed=1, confidence=SURE)
    assert after_one.contains(1)
    late = rai.capped_second_moment(n=2, layers=20, samples=100_000, seed=1, confidence=SURE)
    assert late.high < 0.75
    assert late.low > 0.6


def test_mean_field() -> None:
    estimate = rai.mean_field_gain(samples=200_000, seed=1, confidence=SURE)
    played = rai.mean_field_particles(layers=3, particles=200_000, seed=1)
    assert estimate.contains(played.gains[0])
    # Without a replacing number nothing but half of the variance is left.
    alone = rai.mean_field_gain(law="constant", c=1e-9, sigma_w=1, samples=200_000, seed=1, confidence=SURE)
    assert alone.contains(0.5)
    assert all(0.6 < fraction < 0.75 for fraction in played.open_fractions)


@pytest.mark.parametrize(
    ("target", "mean", "variance"),
    [("f1", 0.75, 0.1875), ("f4", 1.0, 0.5), ("f3", 0.5, None), ("f2", None, None)],
)
def test_collapsed_losses(target: str, mean: float | None, variance: float | None) -> None:
    options = {"target": target, "r": 1.5, "samples": 100_000, "seed": 2, "confidence": SURE}
    grid = rai_grid_values(target, 1.5)
    for what, value in (("mean", mean), ("variance", variance)):
        estimate = rai.collapsed_loss(what=what, **options)
        slow = grid.mean() if what == "mean" else grid.var()
        assert estimate.contains(slow)
        assert value is None or abs(value - slow) < 1e-3


def rai_grid_values(target: str, r: float) -> np.ndarray:
    axis = (np.arange(2000) + 0.5) / 1000 * r - r
    if target == "f4":
        return np.abs(axis[:, None] + axis[None, :])
    return {
        "f1": np.abs(axis),
        "f2": axis * np.sin(5 * axis),
        "f3": (axis > 0) + 0.2 * np.sin(5 * axis),
    }[target]


def test_workers_do_not_change_a_witness() -> None:
    options = {"h": (1, 0.5), "samples": 300_000, "seed": 3}
    assert rai.unit_dead(**options).as_dict() == rai.unit_dead(workers=2, **options).as_dict()


def test_every_name_is_documented() -> None:
    for name in rai.__all__:
        assert getattr(rai, name).__doc__


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: replacing_law("gamma"), "law"),
        (lambda: replacing_law("beta", a=0), "a"),
        (lambda: replacing_law("beta", b=-1), "b"),
        (lambda: replacing_law("uniform"), "M"),
        (lambda: replacing_law("uniform", M=1, s=1), "s"),
        (lambda: replacing_law("halfnormal", s="1"), "s"),
        (lambda: replacing_law("exponential", rate=math.inf), "rate"),
        (lambda: replacing_law("constant", c=math.nan), "c"),
        (lambda: replacing_law(replacing_law(), a=2), "a"),
        (lambda: rai.ReplacingLaw("beta", (1.0,)), "parameters"),
        (lambda: rai.rai_layer(0, 2, rng=np.random.default_rng()), "fan_in"),
        (lambda: rai.rai_layer(2, 0, rng=np.random.default_rng()), "fan_out"),
        (lambda: rai.rai_layer(2, 2, sigma_w=0, rng=np.random.default_rng()), "sigma_w"),
        (lambda: rai.rai_layer(2, 2, rng=0), "rng"),
        (lambda: rai.rai_network("12"), "sizes"),
        (lambda: rai.rai_network((1,)), "sizes"),
        (lambda: rai.rai_network((1, 0, 1)), "sizes"),
        (lambda: rai.rai_networks((1, 1), networks=0), "networks"),
        (lambda: rai.rai_entry(n=0), "n"),
        (lambda: rai.rai_entry(n=1, what="third"), "what"),
        (lambda: rai.gate_probability(t=-1), "t"),
        (lambda: rai.unit_dead(h=[]), "h"),
        (lambda: rai.unit_dead(h="1"), "h"),
        (lambda: rai.unit_dead(h=[-1]), "h"),
        (lambda: rai.unit_dead(h=[1], rate=2), "rate"),
        (lambda: rai.unit_dead(h=[1], speed=2), "speed"),
        (lambda: rai.second_moment(h=[1], what="z"), "what"),
        (lambda: rai.gain_constant(what="C"), "what"),
        (lambda: rai.row_dead_on_cube(N=1, M=0), "M"),
        (lambda: rai.born_dead_rai(N=2), "widths"),
        (lambda: rai.born_dead_rai(N=2, L=3, D="plane"), "D"),
        (lambda: rai.born_dead_rai(N=2, L=3, D="interval"), "r"),
        (lambda: rai.born_dead_rai(N=2, L=3, x=[1, 2]), "x"),
        (lambda: rai.layer_death(widths=(2, 2), layer=3), "layer"),
        (lambda: rai.gamma_chain(widths=(2,), gammas=(0.6,)), "gammas"),
        (lambda: rai.gamma_chain(widths=(2,), gammas=(0.1, 0.1)), "gammas"),
        (lambda: rai.capped_second_moment(n=2, layers=0), "layers"),
        (lambda: rai.mean_field_particles(particles=1), "particles"),
        (lambda: rai.collapsed_loss(target="f5", r=1), "target"),
        (lambda: rai.collapsed_loss(target="f1", r="root3"), "r"),
        (lambda: rai.collapsed_loss(target="f1", r=0), "r"),
        (lambda: rai.collapsed_loss(target="f1", r=1, what="mode"), "what"),
    ],
)
def test_bad_input_is_named(call, name: str) -> None:
    with pytest.raises(DomainError, match=rf"^{name}: .*got") as refusal:
        call()
    assert "\n" not in str(refusal.value)


def test_every_law_is_tested() -> None:
    assert {law.name for law in LAWS} == set(REPLACING_LAWS)
