"""Laws, literal networks, angle chain and polylines against slow definitions written independently."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relutheory.errors import DomainError
from relutheory.estimate import clopper_pearson
from relutheory.simulate import laws, networks, polylines
from relutheory.simulate.angle_chain import chain_first_dead_layers, conditional_death
from relutheory.simulate.inputs import direction_grid, input_points, random_points
from relutheory.simulate.laws import named_law
from relutheory.simulate.networks import Initialisation, first_dead_layers, forward
from relutheory.simulate.streams import Block

SURE = 1 - 1e-6


def draws(seed: int = 0):
    return Block(0, 1, seed).draws()


# Thresholds below zero, at zero and above, with the probability of a smaller value under each law.
DISTRIBUTIONS = {
    "gaussian": lambda t: 0.5 * math.erfc(-t / math.sqrt(2)),
    "uniform": lambda t: min(max((t + 1) / 2, 0.0), 1.0),
    "laplace": lambda t: 0.5 * math.exp(t) if t < 0 else 1 - 0.5 * math.exp(-t),
    "cauchy": lambda t: 0.5 + math.atan(t) / math.pi,
    "rademacher": lambda t: 0.5 if -1 < t < 1 else float(t > 1),
    "orthogonal": lambda t: 0.5 * math.erfc(-t / math.sqrt(2)),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_laws_have_their_distribution(name: str) -> None:
    n = 300_000
    values = named_law(name).entries(draws(3), (n,))
    for t in (-2.0, -0.3, 0.0, 0.5, 3.0):
        low, high = clopper_pearson(int(np.count_nonzero(values < t)), n, SURE)
        assert low <= DISTRIBUTIONS[name](t) <= high


def test_fast_normals_are_independent_symmetric_normals() -> None:
    n = 1 << 20
    x = draws(1).normals((n + 1,))[:n].astype(float)
    assert x.dtype == np.float64
    # Moments of a normal: the standard error of the mean of x^k is sqrt(E x^2k - (E x^k)^2) / sqrt(n).
    for k, mean, error in ((1, 0, 1), (2, 1, math.sqrt(2)), (3, 0, math.sqrt(15)), (4, 3, math.sqrt(96))):
        assert abs((x**k).mean() - mean) < 6 * error / math.sqrt(n)
    # Sine and cosine of one angle are made in one pass: check that pairs do not correlate, nor their squares.
    half = (1 << 16) // 2
    first, second = x[:half], x[half : 2 * half]
    assert abs((first * second).mean()) < 6 / math.sqrt(half)
    assert abs((first**2 * second**2).mean() - 1) < 6 * math.sqrt(8) / math.sqrt(half)
    assert not (x == 0).any()


def test_sparse_entries_keep_their_fraction_and_base() -> None:
    values = named_law("uniform", keep=0.25).entries(draws(), (100_000,))
    low, high = clopper_pearson(int(np.count_nonzero(values)), values.size, SURE)
    assert low <= 0.25 <= high
    assert np.abs(values).max() <= 1


def test_near_two_point_entries_are_near_two_points() -> None:
    values = laws.NearTwoPoint(0.01).entries(draws(), (10_000,))
    assert np.all((np.abs(values) >= 1) & (np.abs(values) <= 1.01))


def test_orthogonal_layers_are_orthogonal_and_isotropic() -> None:
    law = laws.Orthogonal()
    q = law.weights(draws(), 2, 3, 3, 40_000)
    product = np.einsum("ijb,kjb->ikb", q, q)
    np.testing.assert_allclose(product, np.broadcast_to(np.eye(3)[:, :, None], product.shape), atol=1e-12)
    # Without the sign fix the entries of a column would lean to one sign.
    for i in range(3):
        for j in range(3):
            low, high = clopper_pearson(int(np.count_nonzero(q[i, j] > 0)), q.shape[2], SURE)
            assert low <= 0.5 <= high
    with pytest.raises(DomainError, match=r"^widths: "):
        law.weights(draws(), 2, 3, 2, 1)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: named_law("normal"), "law"),
        (lambda: named_law(3), "law"),
        (lambda: laws.Sparse(0.0), "keep"),
        (lambda: laws.NearTwoPoint(0.0), "spread"),
        (lambda: laws.Sign(2.0), "p"),
        (lambda: Initialisation(()), "widths"),
        (lambda: Initialisation((2, 0)), "widths"),
        (lambda: Initialisation((2,), d_in=0), "d_in"),
        (lambda: Initialisation((2,), weight_scale="xavier"), "weight_scale"),
        (lambda: Initialisation((2,), weight_scale=-1.0), "weight_scale"),
        (lambda: Initialisation((2,), bias_scale=0.0), "bias_scale"),
        (lambda: Initialisation((8,) * 30, law=laws.Rademacher()), "widths"),
        (lambda: input_points("circle"), "D"),
        (lambda: input_points([[1.0, 2.0]], 3), "D"),
        (lambda: input_points([math.nan]), "D"),
        (lambda: input_points(["a"]), "D"),
        (lambda: input_points("point", 2, nonzero=3), "m0"),
        (lambda: direction_grid(0, 2), "directions"),
        (lambda: polylines.segment(1.0, 0.0, bias=False), "D"),
    ],
)
def test_bad_input_is_named_in_one_line(call, name: str) -> None:
    with pytest.raises(DomainError, match=rf"^{name}: .*got") as caught:
        call()
    assert "\n" not in str(caught.value)


def test_inputs() -> None:
    assert input_points("point", 3, nonzero=2).tolist() == [[1, 1, 0]]
    assert input_points("one-sided", 1).tolist() == [[1], [2]]
    assert input_points("corners", 2).tolist() == [[1, 0], [0, 1], [1, 1]]
    assert input_points((1, -2)).tolist() == [[1], [-2]]
    np.testing.assert_allclose(np.linalg.norm(direction_grid(9, 3), axis=1), 1)
    assert np.array_equal(random_points(4, 2, 5), random_points(4, 2, 5))


def one_network(init: Initialisation, inputs, rng):
    """First dead layer (1, 2, ...) of one network by the definition, or one more than the depth."""
    h = inputs.T
    for layer in range(1, init.hidden + 1):
        z = rng.standard_normal((init.widths[layer - 1], len(h))) @ h
        if init.bias is not None:
            z += rng.standard_normal((len(z), 1))
        h = np.maximum(z, 0)
        if not h.any():
            return layer
    return init.hidden + 1


@pytest.mark.parametrize("bias", [None, laws.Gaussian(double=True)])
@pytest.mark.parametrize("widths", [(2, 3, 1), (1, 4)])
def test_batches_agree_with_one_network_at_a_time(bias, widths) -> None:
    inputs = np.array([[1.0, 0.5], [-1.0, 2.0], [0.0, -1.0]])
    init = Initialisation(widths, 2, bias=bias)
    rng = np.random.default_rng(0)
    slow = np.bincount([one_network(init, inputs, rng) for _ in range(6000)], minlength=init.hidden + 2)[1:]
    n = 200_000
    fast = first_dead_layers(init, inputs, Block(0, n, 1))
    assert fast.sum() == n
    for a, b in zip(slow, fast, strict=True):
        slow_low, slow_high = clopper_pearson(int(a), 6000, SURE)
        fast_low, fast_high = clopper_pearson(int(b), n, SURE)
        assert slow_low <= fast_high
        assert fast_low <= slow_high


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(1, 3), st.booleans(), st.integers(0, 99))
def test_counts_are_the_zero_layers_of_the_same_draws(width: int, d_in: int, bias: bool, seed: int) -> None:
    # A single layer draws the same numbers whether or not dead networks are removed afterwards.
    gaussian = laws.Gaussian(double=True)
    init = Initialisation((width,), d_in, gaussian, gaussian if bias else None)
    inputs = random_points(3, d_in, seed)
    counts = first_dead_layers(init, inputs, Block(0, 50, seed))
    hidden, output = forward(init, inputs, Block(0, 50, seed).draws(), 50)
    assert output.shape == (3, 50)
    assert counts.sum() == 50
    assert counts[0] == np.count_nonzero(hidden[0].max(axis=(0, 1)) == 0)


def test_deep_networks_neither_overflow_nor_underflow() -> None:
    with np.errstate(all="raise", under="ignore"):
        for law in ("gaussian", "cauchy"):
            init = Initialisation((6,) * 300, law=named_law(law))
            counts = first_dead_layers(init, input_points("point"), Block(0, 3000, 0))
            # (63/64)^300 = 0.0089: a numerical death would show at once, an overflow as an eternal life.
            low, high = clopper_pearson(int(counts[-1]), 3000, SURE)
            assert low <= (63 / 64) ** 300 <= high


def test_the_angle_chain_is_the_networks() -> None:
    widths, n = (3, 2, 4), 300_000
    two_rays = first_dead_layers(Initialisation(widths), input_points("two-sided"), Block(0, n, 1))
    chain = chain_first_dead_layers(widths, math.pi, Block(0, n, 2))
    mean = conditional_death(widths, math.pi, Block(0, 20_000, 3)).mean
    for layer in range(3):
        for counts in (two_rays, chain):
            low, high = clopper_pearson(int(counts[: layer + 1].sum()), n, SURE)
            assert low <= mean[layer] <= high


def test_a_collapsed_angle_keeps_its_relative_accuracy() -> None:
    from relutheory.simulate.angle_chain import _step

    for sin in (1e-3, 1e-12, 1e-17):
        size = 1000
        step = _step(draws(5), 6, np.ones(size, np.float32), np.full(size, sin, np.float32))
        u, z = draws(5).normals((2, 6, size)).astype(np.float64)
        on = u > 0
        # To first order in the angle: the part of z orthogonal to u, on the units that are active.
        zu = (on * z * u).sum(axis=0) / np.maximum((on * u * u).sum(axis=0), 1e-300)
        square = np.maximum((on * u * u).sum(axis=0), 1e-300)
        expected = sin * np.sqrt((on * (z - zu * u) ** 2).sum(axis=0) / square)
        usable = (on.sum(axis=0) >= 2) & (np.abs(u).min(axis=0) > 20 * sin)
        np.testing.assert_allclose(step.sin[usable], expected[usable], rtol=2e-2 if sin > 1e-6 else 2e-3)


def test_polylines_agree_with_a_fine_grid_network_by_network() -> None:
    for bias in (False, True):
        gaussian = laws.Gaussian(double=True)
        init = Initialisation((3, 3), 1 if bias else 2, gaussian, gaussian if bias else None)
        path = polylines.segment(-2.0, 1.0, bias=True) if bias else polylines.plane()
        grid = np.linspace(-2, 1, 4001)[:, None] if bias else direction_grid(4000, 2)
        agree = 0
        for seed in range(300):
            exact = polylines.polyline_first_dead_layers(init, path, Block(0, 1, seed)).argmax()
            hidden, _ = forward(init, grid, Block(0, 1, seed).draws(), 1)
            dead = [not h.any() for h in hidden]
            on_grid = dead.index(True) if any(dead) else 2
            # A grid misses activity but never invents it.
            assert on_grid <= exact
            agree += on_grid == exact
        assert agree >= 297


def test_one_dimensional_lines_are_two_rays_without_bias() -> None:
    gaussian = laws.Gaussian(double=True)
    init = Initialisation((2, 2, 2), 1, gaussian)
    for path in (polylines.line(bias=False), polylines.segment(-3.0, 0.5, bias=False)):
        for seed in range(200):
            block = Block(0, 1, seed)
            exact = polylines.polyline_first_dead_layers(init, path, block)
            assert np.array_equal(exact, first_dead_layers(init, np.array([[1.0], [-1.0]]), block))


def test_batch_constants_are_not_part_of_the_law() -> None:
    assert networks.layer_parameters(Initialisation((3,), 2), draws(), 1, 5)[0].shape == (3, 2, 5)
    he, bias = networks.layer_parameters(
        Initialisation((400,), 8, weight_scale="he", bias=laws.Gaussian(double=True)), draws(), 1, 50
    )
    assert bias is not None
    for values in (he, bias):
        assert abs(values.var() - 2 / 8) < 6 * (2 / 8) * math.sqrt(2 / values.size)
