"""The trainer against finite differences and against a plain loop over one network."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relutheory.errors import DomainError
from relutheory.simulate import born_dead as bd
from relutheory.simulate.training import Network, Optimizer, gradients, losses, outputs, train

X = np.linspace(-1.0, 1.0, 7)[:, None]
Y = np.abs(X[:, 0]) + 0.1


def random_network(widths: tuple[int, ...], networks: int, seed: int) -> Network:
    rng = np.random.default_rng(seed)
    shape = (1, *widths, 1)
    return Network(
        [rng.standard_normal((networks, b, a)) for a, b in pairwise(shape)],
        [0.3 * rng.standard_normal((networks, b)) for b in shape[1:]],
    )


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
    st.sampled_from(["squared", "absolute"]),
    st.integers(0, 999),
)
def test_gradients_are_the_central_differences(widths: list[int], loss: str, seed: int) -> None:
    network = random_network(tuple(widths), 3, seed)
    exact = gradients(network, X, Y, loss, scale=2.0)
    step = 1e-6
    for parameters, derivative in zip(network.parameters, exact.parameters, strict=True):
        for index in np.ndindex(*parameters.shape[1:]):
            where = (slice(None), *index)
            centre = parameters[where].copy()
            parameters[where] = centre + step
            above = losses(network, X, Y, loss)
            parameters[where] = centre - step
            below = losses(network, X, Y, loss)
            parameters[where] = centre
            kinked = np.abs(above + below - 2 * losses(network, X, Y, loss)) > 1e-9
            difference = 2.0 * (above - below) / (2 * step)
            smooth = ~kinked
            np.testing.assert_allclose(derivative[where][smooth], difference[smooth], rtol=1e-5, atol=1e-7)


def test_the_derivative_at_zero_is_zero() -> None:
    one, none = np.ones((1, 1, 1)), np.zeros((1, 1))
    network = Network([one, one], [none - 1.0, none])
    x, y = np.array([[1.0]]), np.array([5.0])
    assert network.hidden(x)[0].max() == 0
    gradient = gradients(network, x, y)
    assert gradient.weights[0] == gradient.biases[0] == gradient.weights[1] == 0
    assert gradient.biases[1] == -10


def plain_training(network: Network, optimizer: Optimizer, steps: int) -> list[np.ndarray]:
    """One network, scalar formulas from the textbook definitions of the optimisers."""
    parameters = [p.copy() for p in network.parameters]
    velocity = [np.zeros_like(p) for p in parameters]
    square = [np.zeros_like(p) for p in parameters]
    for t in range(1, steps + 1):
        current = Network(parameters[0::2], parameters[1::2])
        for i, g in enumerate(gradients(current, X, Y).parameters):
            if optimizer.kind == "gd":
                parameters[i] = parameters[i] - optimizer.rate * g
            elif optimizer.kind == "heavy-ball":
                velocity[i] = optimizer.momentum * velocity[i] + g
                parameters[i] = parameters[i] - optimizer.rate * velocity[i]
            else:
                a, b = optimizer.momentum, optimizer.second_momentum
                velocity[i] = a * velocity[i] + (1 - a) * g
                square[i] = b * square[i] + (1 - b) * g * g
                m, v = velocity[i] / (1 - a**t), square[i] / (1 - b**t)
                parameters[i] = parameters[i] - optimizer.rate * m / (np.sqrt(v) + optimizer.epsilon)
    return parameters


@pytest.mark.parametrize("kind", ["gd", "heavy-ball", "adam"])
def test_batched_training_is_training_one_by_one(kind: str) -> None:
    networks = random_network((3, 2), 4, 1)
    optimizer = Optimizer(kind, rate=0.02)
    together = train(networks, X, Y, optimizer, 20)
    for i in range(4):
        alone = plain_training(networks.select(np.array([i])), optimizer, 20)
        for a, b in zip(together.parameters, alone, strict=True):
            np.testing.assert_allclose(a[i : i + 1], b, rtol=1e-10, atol=1e-12)


def test_clipping_scaling_and_shrinking() -> None:
    network = random_network((2,), 5, 3)
    plain = train(network, X, Y, Optimizer(rate=0.1), 1)
    scaled = train(network, X, Y, Optimizer(rate=0.1, loss_scale=1024.0), 1)
    for a, b in zip(plain.parameters, scaled.parameters, strict=True):
        np.testing.assert_array_equal(a, b)
    clipped = train(network, X, Y, Optimizer(rate=1.0, clip=1e-3), 1)
    moved = sum(
        ((a - b).reshape(5, -1) ** 2).sum(axis=1)
        for a, b in zip(clipped.parameters, network.parameters, strict=True)
    )
    assert np.all(np.sqrt(moved) <= 1e-3 * (1 + 1e-9))
    shrunk = train(network, X, Y, Optimizer(rate=1e-300, shrink=0.5), 3)
    for a, b in zip(shrunk.parameters, network.parameters, strict=True):
        np.testing.assert_allclose(a, b / 8)


def test_minibatches_visit_every_sample_once_an_epoch() -> None:
    network = random_network((2,), 1, 0)
    with pytest.raises(DomainError, match=r"^generator: "):
        train(network, X, Y, Optimizer(), 1, batch_size=2)
    with pytest.raises(DomainError, match=r"^batch_size: an integer in 1\.\.7"):
        train(network, X, Y, Optimizer(), 1, batch_size=8, generator=np.random.default_rng(0))
    full = train(network, X, Y, Optimizer(), 3)
    whole = train(network, X, Y, Optimizer(), 3, batch_size=7, generator=np.random.default_rng(0))
    for a, b in zip(full.parameters, whole.parameters, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize(
    ("optimizer", "loss", "steps"),
    [
        (Optimizer(rate=0.05), "squared", 200),
        (Optimizer("heavy-ball", rate=0.01), "squared", 400),
        (Optimizer("adam", rate=0.02), "squared", 800),
        (Optimizer(rate=0.05, clip=1.0, loss_scale=256.0), "squared", 400),
        (Optimizer(rate=0.004), "absolute", 600),
    ],
)
def test_dead_networks_stay_constant_and_reach_the_best_constant(
    optimizer: Optimizer, loss: str, steps: int
) -> None:
    estimate = bd.trained_to_constant(optimizer=optimizer, loss=loss, steps=steps, samples=60, seed=2)
    assert estimate.value == 1.0
    assert estimate.samples == 60


def test_dead_networks_stay_constant_under_minibatches() -> None:
    slow = Optimizer(rate=0.002)
    estimate = bd.trained_to_constant(optimizer=slow, steps=3000, batch_size=4, samples=40, seed=3)
    assert estimate.value == 1.0


def test_live_networks_do_not_stay_constant() -> None:
    """Power of the witness: the same check on networks that are not dead must fail."""
    network = random_network((4, 4), 20, 5)
    alive = np.array([h.max(axis=(1, 2)) > 0 for h in network.hidden(X)]).all(axis=0)
    assert alive.any()
    after = train(network, X, Y, Optimizer(rate=0.05), 50)
    spread = np.ptp(outputs(after, X), axis=1)
    assert np.all(spread[alive] > 0)
    assert np.all(losses(after, X, Y)[alive] < losses(network, X, Y)[alive])


@pytest.mark.parametrize(("g", "step"), [(0.9, 7), (0.99, 69), (0.5, 2)])
def test_weight_decay_revives(g: float, step: int) -> None:
    assert bd.weight_decay_revival(g=g) == step


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: Optimizer("rmsprop"), "kind"),
        (lambda: Optimizer(rate=0.0), "rate"),
        (lambda: Optimizer(shrink=0.0), "shrink"),
        (lambda: Optimizer(clip=0.0), "clip"),
        (lambda: train(random_network((1,), 1, 0), X, Y, Optimizer(), -1), "steps"),
        (lambda: losses(random_network((1,), 1, 0), X, Y, "hinge"), "loss"),
        (lambda: bd.weight_decay_revival(g=1.0), "g"),
    ],
)
def test_bad_input_is_named(call, name: str) -> None:
    with pytest.raises(DomainError, match=rf"^{name}: .*got"):
        call()
