"""The batched trainer: exact gradients, equality with one network at a time, mini-batches, bad input."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relutheory.errors import DomainError
from relutheory.simulate import training
from relutheory.simulate.training import Network, Optimizer, gradients, losses, train

SOURCE = np.random.default_rng(0)
Layers = list[tuple[list[list[Fraction]], list[Fraction]]]


def random_network(sizes: tuple[int, ...], networks: int, seed: int) -> Network:
    rng = np.random.default_rng(seed)
    return Network(
        [rng.standard_normal((networks, b, a)) for a, b in pairwise(sizes)],
        [0.3 * rng.standard_normal((networks, b)) for b in sizes[1:]],
    )


def random_data(shape: tuple[int, ...], d_out: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape), rng.standard_normal((*shape[:-1], d_out))


# ---------------------------------------------------------------- exact arithmetic


def exact_gradient(layers: Layers, data: list, loss: str) -> Layers:
    """Back-propagation in rationals, one sample, one unit and one weight at a time."""
    total = [([[Fraction(0)] * len(row) for row in w], [Fraction(0)] * len(b)) for w, b in layers]
    for x, y in data:
        values = [x]
        for index, (w, b) in enumerate(layers):
            z = [
                sum((p * q for p, q in zip(row, values[-1], strict=True)), c)
                for row, c in zip(w, b, strict=True)
            ]
            values.append(z if index == len(layers) - 1 else [max(v, Fraction(0)) for v in z])
        errors = [f - t for f, t in zip(values[-1], y, strict=True)]
        signal = [2 * e if loss == "squared" else Fraction((e > 0) - (e < 0)) for e in errors]
        for index in range(len(layers) - 1, -1, -1):
            w = layers[index][0]
            for i, s in enumerate(signal):
                total[index][1][i] += s / len(data)
                for j, v in enumerate(values[index]):
                    total[index][0][i][j] += s * v / len(data)
            signal = [
                sum((s * w[i][j] for i, s in enumerate(signal)), Fraction(0)) if v > 0 else Fraction(0)
                for j, v in enumerate(values[index])
            ]
    return total


def dyadic_network(sizes: tuple[int, ...], seed: int) -> Network:
    rng = np.random.default_rng(seed)
    return Network(
        [rng.integers(-3, 4, (1, b, a)) / 2.0 for a, b in pairwise(sizes)],
        [rng.integers(-2, 3, (1, b)) / 2.0 for b in sizes[1:]],
    )


def as_rationals(network: Network) -> Layers:
    return [
        ([[Fraction(float(v)) for v in row] for row in w[0]], [Fraction(float(v)) for v in b[0]])
        for w, b in zip(network.weights, network.biases, strict=True)
    ]


def as_floats(layers: Layers) -> list[np.ndarray]:
    return [np.array([[float(v) for v in row] for row in w]) for w, _ in layers] + [
        np.array([float(v) for v in b]) for _, b in layers
    ]


GRID_X = np.array([[1.0, -0.5], [0.0, 2.0], [-1.5, 0.5], [0.0, 0.0]])
GRID_Y = np.array([[1.0, 0.5], [-1.0, 0.0], [0.25, 2.0], [0.0, -0.5]])
GRID = [([Fraction(v) for v in x], [Fraction(v) for v in y]) for x, y in zip(GRID_X, GRID_Y, strict=True)]


@pytest.mark.parametrize("loss", ["squared", "absolute"])
@pytest.mark.parametrize("seed", range(20))
def test_gradients_are_exact(loss: str, seed: int) -> None:
    """Small dyadic numbers: floating point does no rounding, and many pre-activations are exactly zero."""
    network = dyadic_network((2, 3, 2, 2), seed)
    found = gradients(network, GRID_X, GRID_Y, loss)
    wanted = as_floats(exact_gradient(as_rationals(network), GRID, loss))
    for a, b in zip([*found.weights, *found.biases], wanted, strict=True):
        np.testing.assert_array_equal(a[0], b)


def test_some_preactivations_of_the_exact_test_are_zero() -> None:
    ties = 0
    for seed in range(20):
        network = dyadic_network((2, 3, 2, 2), seed)
        z = GRID_X @ network.weights[0][0].T + network.biases[0][0]
        ties += int((z == 0).sum())
    assert ties > 10


@pytest.mark.parametrize("seed", range(5))
def test_gradient_descent_steps_are_exact(seed: int) -> None:
    network, rate = dyadic_network((2, 2, 2), seed), Fraction(1, 8)
    layers = as_rationals(network)
    for _ in range(3):
        slopes = exact_gradient(layers, GRID, "squared")
        layers = [
            (
                [[p - rate * g for p, g in zip(r, s, strict=True)] for r, s in zip(w, dw, strict=True)],
                [p - rate * g for p, g in zip(b, db, strict=True)],
            )
            for (w, b), (dw, db) in zip(layers, slopes, strict=True)
        ]
    done = train(network, GRID_X, GRID_Y, Optimizer(rate=0.125), 3)
    for a, b in zip([*done.weights, *done.biases], as_floats(layers), strict=True):
        np.testing.assert_allclose(a[0], b, rtol=1e-12, atol=1e-13)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
    st.integers(1, 3),
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from(["squared", "absolute"]),
    st.integers(0, 999),
)
def test_gradients_are_the_central_differences(
    widths: list[int], d_in: int, d_out: int, own: bool, loss: str, seed: int
) -> None:
    network = random_network((d_in, *widths, d_out), 3, seed)
    x, y = random_data((3, 5, d_in) if own else (5, d_in), d_out, seed)
    exact = gradients(network, x, y, loss)
    step = 1e-6
    y = y if d_out > 1 else y[..., 0]
    for parameters, derivative in zip(network.parameters, exact.parameters, strict=True):
        for index in np.ndindex(*parameters.shape[1:]):
            where = (slice(None), *index)
            centre = parameters[where].copy()
            parameters[where] = centre + step
            above = losses(network, x, y, loss)
            parameters[where] = centre - step
            below = losses(network, x, y, loss)
            parameters[where] = centre
            smooth = np.abs(above + below - 2 * losses(network, x, y, loss)) < 1e-9
            difference = (above - below) / (2 * step)
            np.testing.assert_allclose(derivative[where][smooth], difference[smooth], rtol=1e-4, atol=1e-6)


# ---------------------------------------------------------------- many networks are one and one and one


@pytest.mark.parametrize("kind", ["gd", "heavy-ball", "adam"])
@pytest.mark.parametrize("own", [True, False])
def test_together_is_one_at_a_time(kind: str, own: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    network = random_network((2, 3, 3, 2), 7, 4)
    x, y = random_data((7, 11, 2) if own else (11, 2), 2, 5)
    optimizer = Optimizer(kind, rate=0.01, clip=5.0, shrink=0.999)

    def sources() -> list[np.random.Generator]:
        return [np.random.default_rng(i) for i in range(7)]

    together = train(network, x, y, optimizer, 30, batch_size=4, generator=sources())
    for i in range(7):
        alone = train(
            network.select(np.array([i])),
            x[i : i + 1] if own else x,
            y[i : i + 1] if own else y,
            optimizer,
            30,
            batch_size=4,
            generator=[np.random.default_rng(i)],
        )
        for a, b in zip(together.parameters, alone.parameters, strict=True):
            np.testing.assert_allclose(a[i : i + 1], b, rtol=1e-9, atol=1e-12)
    # Cutting the networks into parts changes nothing.
    monkeypatch.setattr(training, "_CHUNK", 24)
    parts = train(network, x, y, optimizer, 30, batch_size=4, generator=sources())
    for a, b in zip(together.parameters, parts.parameters, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_minibatches_take_the_samples_in_the_drawn_order() -> None:
    network = random_network((1, 2, 1), 2, 0)
    x, y = random_data((7, 1), 1, 1)
    done = train(network, x, y, Optimizer(rate=0.05), 5, batch_size=3, generator=np.random.default_rng(3))
    source = np.random.default_rng(3)
    slow = network
    for _ in range(3):
        order = source.permutation(7)
        for batch in (order[:3], order[3:6]):
            slow = train(slow, x[batch], y[batch], Optimizer(rate=0.05), 1)
            if _ == 2:
                break
    for a, b in zip(done.parameters, slow.parameters, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def test_networks_with_their_own_order_differ_and_see_everything() -> None:
    one = random_network((1, 2, 1), 1, 0)
    same = one.select(np.zeros(2, int))
    x, y = random_data((8, 1), 1, 1)
    sources = [np.random.default_rng(i) for i in range(2)]
    apart = train(same, x, y, Optimizer(rate=0.05), 3, batch_size=2, generator=sources)
    assert not np.array_equal(apart.weights[0][0], apart.weights[0][1])
    shared = train(same, x, y, Optimizer(rate=0.05), 3, batch_size=2, generator=np.random.default_rng(0))
    np.testing.assert_array_equal(shared.weights[0][0], shared.weights[0][1])


def test_single_precision_follows_double() -> None:
    network = random_network((1, 2, 2, 1), 20, 6)
    x, y = random_data((16, 1), 1, 2)
    optimizer = Optimizer("adam", rate=1e-3)
    double, single = (train(network, x, y, optimizer, 40, single=s) for s in (False, True))
    for a, b in zip(double.parameters, single.parameters, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)
        assert b.dtype == np.float64


@pytest.mark.parametrize(
    ("x", "y", "more", "name"),
    [
        (np.zeros((4, 2)), np.zeros(4), {}, "x"),
        (np.zeros((2, 4, 1)), np.zeros((2, 4)), {}, "x"),
        (np.zeros((4, 1)), np.zeros(5), {}, "y"),
        (np.zeros((4, 1)), np.zeros((1, 4, 2)), {}, "y"),
        (
            np.zeros((4, 1)),
            np.zeros(4),
            {"batch_size": 0, "generator": np.random.default_rng()},
            "batch_size",
        ),
        (
            np.zeros((4, 1)),
            np.zeros(4),
            {"batch_size": 2, "generator": [np.random.default_rng()]},
            "generator",
        ),
    ],
)
def test_bad_training_sets_are_named(x: np.ndarray, y: np.ndarray, more: dict, name: str) -> None:
    with pytest.raises(DomainError, match=rf"^{name}: .*got"):
        train(random_network((1, 2, 1), 3, 0), x, y, Optimizer(), 1, **more)
