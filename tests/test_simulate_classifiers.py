"""The classifier trainer against finite differences and a loop over one network; its journal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relutheory.errors import DomainError
from relutheory.estimate import clopper_pearson
from relutheory.simulate import classifiers_runs
from relutheory.simulate.classifiers import (
    Classification,
    activation_probabilities,
    correct,
    cross_entropy,
    cross_entropy_gradients,
    initial_classifier,
    initial_classifiers,
    train_classifiers,
)
from relutheory.simulate.classifiers_runs import (
    ClassifierRecords,
    ClassifierSettings,
    classifier_records,
    train_replicas,
)
from relutheory.simulate.streams import Block
from relutheory.simulate.training import Network, Optimizer

RNG = np.random.default_rng(7)
X = RNG.standard_normal((12, 3))
LABELS = RNG.integers(0, 3, 12)


def clusters(samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three noisy classes in the plane."""
    rng = np.random.default_rng(seed)
    labels = np.arange(samples) % 3
    centres = np.array([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]])
    return centres[labels] + 0.6 * rng.standard_normal((samples, 2)), labels


DATA = Classification(*clusters(90, 0), *clusters(60, 1), classes=3)
SMALL = ClassifierSettings(depth=3, width=6, epochs=2, batch_size=16, stops=(1,), single=False)


def networks(depth: int, width: int, count: int, seed: int) -> Network:
    sizes = (3, *(width,) * depth, 3)
    net = initial_classifiers(sizes, "he", [np.random.default_rng([seed, i]) for i in range(count)])
    rng = np.random.default_rng(seed)
    for bias in net.biases:
        bias += 0.3 * rng.standard_normal(bias.shape)
    return net


# ---------------------------------------------------------------- one network, from the definition


def plain_forward(net: Network, i: int, x: np.ndarray, skip: bool) -> tuple[np.ndarray, list[np.ndarray]]:
    """Logits and which hidden units are open, for one input of one network."""
    h, gates = x, []
    for k in range(len(net.weights) - 1):
        y = np.array([row @ h + b for row, b in zip(net.weights[k][i], net.biases[k][i], strict=True)])
        gates.append(y > 0)
        branch = np.where(y > 0, y, 0.0)
        h = h + branch if skip and k > 0 else branch
    return net.weights[-1][i] @ h + net.biases[-1][i], gates


def plain_gradient(net: Network, i: int, x: np.ndarray, label: int, skip: bool) -> list[np.ndarray]:
    """Gradient of one input's loss by the parameters, in the order of `Network.parameters`."""
    inputs, gates, h = [], [], x
    for k in range(len(net.weights) - 1):
        inputs.append(h)
        y = net.weights[k][i] @ h + net.biases[k][i]
        gates.append(y > 0)
        h = np.maximum(y, 0.0) + (h if skip and k > 0 else 0.0)
    inputs.append(h)
    logits = net.weights[-1][i] @ h + net.biases[-1][i]
    p = np.exp(logits - logits.max())
    signal = p / p.sum() - np.eye(len(p))[label]
    found: list[np.ndarray] = []
    for k in range(len(net.weights) - 1, -1, -1):
        branch = signal * gates[k] if k < len(gates) else signal
        found = [np.outer(branch, inputs[k]), branch, *found]
        below = net.weights[k][i].T @ branch
        signal = below + signal if skip and 0 < k < len(gates) else below
    return found


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.booleans(), st.integers(0, 999))
def test_gradients_are_the_central_differences(depth: int, width: int, skip: bool, seed: int) -> None:
    net = networks(depth, width, 2, seed)
    exact = cross_entropy_gradients(net, X, LABELS, skip=skip)
    step = 1e-6
    middle = cross_entropy(net, X, LABELS, skip=skip)
    for parameters, derivative in zip(net.parameters, exact.parameters, strict=True):
        for index in np.ndindex(*parameters.shape[1:]):
            where = (slice(None), *index)
            centre = parameters[where].copy()
            parameters[where] = centre + step
            above = cross_entropy(net, X, LABELS, skip=skip)
            parameters[where] = centre - step
            below = cross_entropy(net, X, LABELS, skip=skip)
            parameters[where] = centre
            # A kink between the two points shows in the second difference.
            smooth = np.abs(above + below - 2 * middle) < 1e-9
            np.testing.assert_allclose(
                derivative[where][smooth], ((above - below) / (2 * step))[smooth], rtol=1e-5, atol=1e-7
            )


@pytest.mark.parametrize("skip", [False, True])
def test_probabilities_and_answers_are_counted_one_by_one(skip: bool) -> None:
    net = networks(3, 5, 4, 1)
    shares = activation_probabilities(net, X, skip=skip)
    right = correct(net, X, LABELS, skip=skip)
    for i in range(4):
        seen = [plain_forward(net, i, x, skip) for x in X]
        opened = np.array([gates for _, gates in seen])
        np.testing.assert_array_equal(shares[i], opened.sum(axis=0) / len(X))
        assert right[i] == sum(logits.argmax() == y for (logits, _), y in zip(seen, LABELS, strict=True))


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize(
    "rule", [Optimizer("gd", rate=0.1), Optimizer("heavy-ball", rate=0.05), Optimizer("adam", rate=0.01)]
)
def test_training_together_is_training_alone(skip: bool, rule: Optimizer) -> None:
    """The batched trainer against a loop over steps, samples and one network, in double precision."""
    net = networks(3, 5, 3, 2)
    rngs = [np.random.default_rng(100 + i) for i in range(3)]
    *_, done = train_classifiers(net, X, LABELS, rule, [3], batch_size=5, generators=rngs, skip=skip)
    for i in range(3):
        one = Network([w[i : i + 1].copy() for w in net.weights], [b[i : i + 1].copy() for b in net.biases])
        order, rng, t = np.arange(12), np.random.default_rng(100 + i), 0
        first = [np.zeros(p.shape[1:]) for p in one.parameters]
        second = [np.zeros(p.shape[1:]) for p in one.parameters]
        for _ in range(3):
            rng.shuffle(order)
            for batch in (order[:5], order[5:10]):
                t += 1
                each = [plain_gradient(one, 0, X[j], LABELS[j], skip) for j in batch]
                for k, parameters in enumerate(one.parameters):
                    g = sum(gradient[k] for gradient in each) / 5
                    if rule.kind == "adam":
                        first[k] = 0.9 * first[k] + 0.1 * g
                        second[k] = 0.999 * second[k] + 0.001 * g * g
                        root = np.sqrt(second[k] / (1 - 0.999**t)) + 1e-8
                        parameters[0] -= rule.rate * first[k] / (1 - 0.9**t) / root
                    else:
                        first[k] = g + (0.9 * first[k] if rule.kind == "heavy-ball" else 0)
                        parameters[0] -= rule.rate * first[k]
        for together, alone in zip(done.parameters, one.parameters, strict=True):
            np.testing.assert_allclose(together[i], alone[0], rtol=1e-9, atol=1e-12)


def test_a_network_does_not_depend_on_its_company() -> None:
    for skip in (False, True):
        kind = replace(SMALL, skip=skip)
        together = train_replicas(kind, DATA, range(5), 3)
        for i in (0, 4):
            alone = train_replicas(kind, DATA, [i], 3)
            np.testing.assert_array_equal(alone.opened[0], together.opened[i])


# ---------------------------------------------------------------- what is recorded


def test_records_are_those_of_the_networks() -> None:
    found = train_replicas(SMALL, DATA, range(3), 5)
    assert found.opened.shape == (3, 3, 3, 6)
    sizes = (2, 6, 6, 6, 3)
    before = initial_classifiers(sizes, "he", [classifiers_runs._stream(5, r, 0) for r in range(3)])
    np.testing.assert_array_equal(found.opened[:, 0], activation_probabilities(before, DATA.test_x))
    np.testing.assert_array_equal(found.test_accuracy[:, 0], correct(before, *clusters(60, 1)) / 60)
    # A record in between is where a shorter run ends.
    short = train_replicas(replace(SMALL, epochs=1), DATA, range(3), 5)
    np.testing.assert_array_equal(found.opened[:, 1], short.opened[:, -1])
    np.testing.assert_array_equal(found.train_accuracy[:, 1], short.train_accuracy[:, -1])


def test_shares_are_strict() -> None:
    opened = np.array([[[[0.0, 0.05, 0.5, 0.4]]]])
    found = ClassifierRecords(opened, np.ones((1, 1)), np.ones((1, 1)))
    assert found.below(0.5).item() == 0.75
    assert found.below(0.05).item() == 0.25
    assert found.dead().item() == 0.25
    assert found.mean.item() == pytest.approx(0.2375)


def test_initialisations_are_what_they_say() -> None:
    wide = {name: initial_classifier((64, 512, 512, 10), name, seed=3) for name in ("he", "lecun", "rai")}
    for name, factor in (("he", 2.0), ("lecun", 1.0)):
        layer = wide[name].weights[1]
        assert layer.var() * 512 == pytest.approx(factor, rel=0.02)
        assert not wide[name].biases[1].any()
    # The stream is the same, so are the signs; randomized rows are He's in layer 1 only.
    np.testing.assert_array_equal(np.sign(wide["he"].weights[1]), np.sign(wide["lecun"].weights[1]))
    assert not wide["rai"].biases[0].any()
    assert wide["rai"].biases[1].any()


@pytest.mark.parametrize("skip", [False, True])
def test_learning_happens(skip: bool) -> None:
    kind = ClassifierSettings(depth=3, width=16, skip=skip, epochs=15, batch_size=16)
    found = train_replicas(kind, DATA, range(2), 1)
    for accuracy in found.test_accuracy[:, -1]:
        low, _ = clopper_pearson(round(accuracy * 60), 60, 1 - 1e-6)
        assert low > 0.5  # chance: 1/3


def test_a_divergence_is_not_taken_for_death() -> None:
    wild = replace(SMALL, depth=6, epochs=10, optimizer=Optimizer("gd", rate=1e6), single=True)
    with pytest.raises(
        DomainError, match=r"^rate: a step size with which training does not diverge, got 100"
    ):
        train_replicas(replace(wild, skip=True), DATA, range(2), 0)


# ---------------------------------------------------------------- workers and the journal


def same(a: ClassifierRecords, b: ClassifierRecords) -> bool:
    names = ("opened", "train_accuracy", "test_accuracy")
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The first number of each block that was trained."""
    trained: list[int] = []
    real = classifiers_runs.train_replicas

    def watched(kind: ClassifierSettings, data: Classification, numbers: range, entropy: int) -> object:
        trained.append(numbers[0])
        return real(kind, data, numbers, entropy)

    monkeypatch.setattr(classifiers_runs, "train_replicas", watched)
    return trained


def test_an_interrupted_run_goes_on_where_it_stopped(
    blocks: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = classifier_records(SMALL, DATA, replicas=10, seed=4).total
    assert blocks == [0, 4, 8]
    blocks.clear()
    watched = classifiers_runs.train_replicas

    def impatient(kind: ClassifierSettings, data: Classification, numbers: range, entropy: int) -> object:
        if numbers[0] == 8:
            raise KeyboardInterrupt
        return watched(kind, data, numbers, entropy)

    monkeypatch.setattr(classifiers_runs, "train_replicas", impatient)
    broken = classifier_records(SMALL, DATA, replicas=10, seed=4, directory=tmp_path)
    assert (len(broken.total), broken.samples, broken.complete) == (8, 8, False)
    monkeypatch.setattr(classifiers_runs, "train_replicas", watched)
    again = classifier_records(SMALL, DATA, replicas=10, seed=4, directory=tmp_path)
    assert blocks == [0, 4, 8]
    assert again.complete
    assert same(again.total, whole)
    # A damaged file is computed again, another seed, other settings and other data too.
    path = next(tmp_path.glob("*/4-1-4.npz"))
    path.write_bytes(path.read_bytes()[:100])
    assert same(classifier_records(SMALL, DATA, replicas=10, seed=4, directory=tmp_path).total, whole)
    assert blocks == [0, 4, 8, 4]
    other = Classification(DATA.train_x + 1, DATA.train_labels, DATA.test_x, DATA.test_labels, 3)
    for kind, data, seed in ((SMALL, DATA, 5), (replace(SMALL, init="rai"), DATA, 4), (SMALL, other, 4)):
        found = classifier_records(kind, data, replicas=4, seed=seed, directory=tmp_path).total
        assert not np.array_equal(found.opened, whole.opened[:4])
    assert blocks[4:] == [0, 0, 0]
    assert not list(tmp_path.glob("*/*.part"))


def test_workers_do_not_change_the_networks(tmp_path: Path) -> None:
    alone = classifier_records(SMALL, DATA, replicas=10, seed=6).total
    shared = classifier_records(SMALL, DATA, replicas=10, seed=6, workers=2, directory=tmp_path).total
    read = classifier_records(SMALL, DATA, replicas=10, seed=6, directory=tmp_path).total
    assert same(alone, shared)
    assert same(alone, read)


def test_an_interrupt_before_the_first_block_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def impatient(
        settings_: ClassifierSettings, data: Classification, folder: object, block: Block
    ) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(classifiers_runs, "_block_records", impatient)
    with pytest.raises(KeyboardInterrupt):
        classifier_records(SMALL, DATA, replicas=3)


def with_nan() -> np.ndarray:
    x = X.copy()
    x[2, 1] = np.nan
    return x


def trained(stops: list[int], **changes: object) -> list[Network]:
    options = {"batch_size": 4, "generators": [np.random.default_rng(0)], **changes}
    return list(train_classifiers(networks(2, 3, 1, 0), X, LABELS, Optimizer(), stops, **options))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ClassifierSettings(depth=0), "depth: an integer >= 1, got 0"),
        (lambda: ClassifierSettings(width=0), "width: an integer >= 1, got 0"),
        (lambda: ClassifierSettings(epochs=-1), "epochs: an integer >= 0, got -1"),
        (lambda: ClassifierSettings(init="zero"), "init: one of he, lecun, rai, got 'zero'"),
        (lambda: ClassifierSettings(epochs=2, stops=(3,)), "stops: an integer in 0..2, got 3"),
        (lambda: ClassifierSettings(optimizer=Optimizer(rate=-1.0)), "rate: a number > 0, got -1.0"),
        (lambda: classifier_records(SMALL, DATA, replicas=0), "replicas: an integer >= 1, got 0"),
        (lambda: train_replicas(replace(SMALL, batch_size=91), DATA, [0], 0), "batch_size: .* got 91"),
        (lambda: cross_entropy(networks(1, 2, 1, 0), with_nan(), LABELS), "x: finite .* row 2, column 1"),
        (lambda: Classification(with_nan(), LABELS, X, LABELS, 3), "train_x: finite numbers, got nan"),
        (lambda: Classification(X, LABELS + 1, X, LABELS, 3), r"train_labels: integers in 0\.\.2, got 3"),
        (lambda: Classification(X, LABELS, X[:, :2], LABELS, 3), r"test_x: shape \(samples, 3\), got"),
        (lambda: Classification(X, LABELS[:4], X, LABELS, 3), r"train_labels: shape \(12,\), got \(4,\)"),
        (lambda: Classification(X[:0], LABELS[:0], X, LABELS, 3), "train_x: shape .* got"),
        (lambda: initial_classifier((3,), "he"), "sizes: .* got"),
        (lambda: activation_probabilities(initial_classifier((3, 2), seed=0), X), "network: .* got none"),
        (
            lambda: activation_probabilities(initial_classifier((3, 2, 4, 2), seed=0), X, skip=True),
            r"network: hidden layers of one width with skip connections, got widths \(2, 4\)",
        ),
        (lambda: trained([2, 1]), r"stops: increasing numbers of epochs, got \[2, 1\]"),
        (lambda: trained([]), "stops: .* got"),
        (lambda: trained([1], batch_size=13), "batch_size: .* got 13"),
        (lambda: trained([1], generators=[]), "generator: .* got 0"),
    ],
)
def test_bad_input_is_named(call, words: str) -> None:
    with pytest.raises(DomainError, match=rf"^{words}") as caught:
        call()
    assert "\n" not in str(caught.value)
