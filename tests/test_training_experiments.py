"""Training of many networks, the journal of its experiments, and the table of reported figures."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relutheory.errors import DomainError
from relutheory.experiments import REPORTED, Reported, training_table
from relutheory.simulate import rai_training, training
from relutheory.simulate.rai_training import (
    Outcomes,
    TrainingSettings,
    collapse_after_training,
    train_networks,
    trained_outcomes,
)
from relutheory.simulate.streams import Block
from relutheory.simulate.training import Network, Optimizer, gradients, losses, outputs, train

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


# ---------------------------------------------------------------- collapse


SMALL = TrainingSettings("f1", "rai", steps=30, L=5, points=128, batch_size=32)


def same(a: Outcomes, b: Outcomes) -> bool:
    names = ("ranges", "errors", "dead_before", "dead_after")
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)


def test_outcomes_are_what_the_networks_do() -> None:
    settings_ = TrainingSettings("f4", "rai", steps=20, L=4, N=3, points=64, batch_size=16)
    block = Block(0, 6, 3)
    _, after = train_networks(settings_, block)
    found = rai_training._train_block(settings_, block)
    axis = np.linspace(-(3**0.5), 3**0.5, 65)
    grid = np.array([(a, b) for a in axis for b in axis])
    values = outputs(after, grid)
    wanted = np.stack([np.abs(grid[:, 0] + grid[:, 1]), np.abs(grid[:, 0] - grid[:, 1])], axis=1)
    np.testing.assert_allclose(found.ranges, values.max(axis=1) - values.min(axis=1), rtol=1e-12)
    np.testing.assert_allclose(found.errors, ((values - wanted) ** 2).mean(axis=1), rtol=1e-12)
    dead = np.array([h.max(axis=(1, 2)) == 0 for h in after.hidden(grid)])
    np.testing.assert_array_equal(found.dead_after, np.where(dead.any(axis=0), dead.argmax(axis=0) + 1, 0))


def test_without_training_he_networks_die_as_often_as_is_known() -> None:
    """Zero biases on a two-sided input, N = 2, L = 3: 1 - P(alive) = 5/32; and N = 2, L = 10: .8798."""
    short = trained_outcomes(TrainingSettings("f1", "he", steps=0, L=3), networks=1500, seed=1).total
    assert abs((short.dead_before > 0).mean() - 5 / 32) < 4 * (5 / 32 * 27 / 32 / 1500) ** 0.5
    np.testing.assert_array_equal(short.dead_before, short.dead_after)
    long = trained_outcomes(TrainingSettings("f1", "he", steps=0), networks=1500, seed=1).total
    assert abs((long.dead_before > 0).mean() - 0.8798) < 0.034


def test_randomized_networks_collapse_less_often() -> None:
    he, rai = (
        collapse_after_training("f1", init, networks=200, steps=200, points=512, seed=2)
        for init in ("he", "rai")
    )
    assert he.low > 0.8
    assert rai.high < 0.6
    # A dead layer makes a constant; training kills, it does not only reveal.
    settings_ = TrainingSettings("f1", "rai", steps=200, points=512)
    found = trained_outcomes(settings_, networks=200, seed=2).total
    assert found.collapsed().sum() == round(rai.value * 200)
    assert (found.ranges[found.dead_after > 0] == 0).all()
    assert (found.dead_after > 0).sum() > (found.dead_before > 0).sum()
    assert found.collapsed(1e-8).sum() <= found.collapsed(1e-4).sum() <= found.collapsed(1e-1).sum()


def test_the_estimate_records_its_settings() -> None:
    estimate = collapse_after_training("f2", "he", 1.5, networks=20, steps=5, L=4, N=3, seed=9)
    assert estimate.parameters["sizes"] == (1, 3, 3, 3, 1)
    assert estimate.parameters["target"] == "f2"
    assert estimate.seed == 9
    assert estimate.interval_kind == "clopper-pearson"
    assert estimate.as_dict()["samples"] == 20


def test_settings_have_their_own_key() -> None:
    keys = [
        SMALL.key,
        TrainingSettings().key,
        TrainingSettings(r="sqrt7").key,
        TrainingSettings(init="he").key,
        TrainingSettings(steps=10).key,
        TrainingSettings(sigma_w=0.5).key,
        TrainingSettings(optimizer=Optimizer("gd")).key,
        TrainingSettings(loss="absolute").key,
    ]
    assert len(set(keys)) == len(keys)
    # The same settings in other words have the same key.
    assert TrainingSettings(r=3**0.5, L=10, N=2).key == TrainingSettings().key


# ---------------------------------------------------------------- the journal


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Small blocks; the list tells which were computed."""
    monkeypatch.setattr(rai_training, "_BLOCK", 8)
    computed: list[int] = []
    real = rai_training._train_block

    def watched(chosen: TrainingSettings, block: Block) -> Outcomes:
        computed.append(block.index)
        return real(chosen, block)

    monkeypatch.setattr(rai_training, "_train_block", watched)
    return computed


def test_an_interrupted_run_goes_on_where_it_stopped(
    blocks: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained_outcomes(SMALL, networks=30, seed=4).total
    assert blocks == [0, 1, 2, 3]
    blocks.clear()
    watched = rai_training._train_block

    def impatient(chosen: TrainingSettings, block: Block) -> Outcomes:
        if block.index == 2:
            raise KeyboardInterrupt
        return watched(chosen, block)

    monkeypatch.setattr(rai_training, "_train_block", impatient)
    broken = trained_outcomes(SMALL, networks=30, seed=4, directory=tmp_path)
    assert (len(broken.total), broken.samples, broken.complete) == (16, 16, False)
    monkeypatch.setattr(rai_training, "_train_block", watched)
    again = trained_outcomes(SMALL, networks=30, seed=4, directory=tmp_path)
    assert blocks == [0, 1, 2, 3]
    assert again.complete
    assert same(again.total, whole)
    # Nothing is left to do; other thresholds need no training.
    estimate = collapse_after_training(
        "f1", "rai", networks=30, steps=30, L=5, points=128, batch_size=32, seed=4, threshold=0.5,
        directory=tmp_path,
    )  # fmt: skip
    assert blocks == [0, 1, 2, 3]
    assert estimate.value == whole.collapsed(0.5).mean()
    # More networks of the same seed keep the whole blocks.
    trained_outcomes(SMALL, networks=40, seed=4, directory=tmp_path)
    assert blocks == [0, 1, 2, 3, 3, 4]


def test_an_interrupt_before_the_first_block_is_passed_on(
    blocks: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(chosen: TrainingSettings, block: Block) -> Outcomes:
        raise KeyboardInterrupt

    monkeypatch.setattr(rai_training, "_train_block", impatient)
    with pytest.raises(KeyboardInterrupt):
        trained_outcomes(SMALL, networks=30, seed=4, directory=tmp_path)


def test_other_seeds_and_damaged_files_are_computed(blocks: list[int], tmp_path: Path) -> None:
    first = trained_outcomes(SMALL, networks=8, seed=1, directory=tmp_path).total
    second = trained_outcomes(SMALL, networks=8, seed=2, directory=tmp_path).total
    assert blocks == [0, 0]
    assert not same(first, second)
    (path,) = tmp_path.glob("*/1-0-8.npz")
    for damage in (b"", b"PK\x03\x04", path.read_bytes()[:200]):
        path.write_bytes(damage)
        assert same(trained_outcomes(SMALL, networks=8, seed=1, directory=tmp_path).total, first)
    assert blocks == [0] * 5
    assert not list(tmp_path.glob("*/*.part"))
    (label,) = tmp_path.glob("*/settings.json")
    assert '"target": "f1"' in label.read_text()


def test_workers_do_not_change_the_networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rai_training, "_BLOCK", 8)
    alone = trained_outcomes(SMALL, networks=20, seed=6).total
    shared = trained_outcomes(SMALL, networks=20, seed=6, workers=2, directory=tmp_path).total
    read = trained_outcomes(SMALL, networks=20, seed=6, directory=tmp_path).total
    assert same(alone, shared)
    assert same(alone, read)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: TrainingSettings("f9"), "target"),
        (lambda: TrainingSettings(init="orthogonal"), "init"),
        (lambda: TrainingSettings(r=-1), "r"),
        (lambda: TrainingSettings(r="sqrt-3"), "r"),
        (lambda: TrainingSettings(steps=-1), "steps"),
        (lambda: TrainingSettings(L=1), "L"),
        (lambda: TrainingSettings(N=0), "N"),
        (lambda: TrainingSettings(batch_size=4000), "batch_size"),
        (lambda: TrainingSettings(sigma_w=0), "sigma_w"),
        (lambda: TrainingSettings(loss="hinge"), "loss"),
        (lambda: collapse_after_training(networks=0), "networks"),
        (lambda: collapse_after_training(threshold=0), "threshold"),
        (lambda: collapse_after_training(depth=3), "depth"),
        (lambda: training_table(targets=()), "targets"),
        (lambda: training_table(targets="f1"), "targets"),
        (lambda: training_table(targets=("f7",)), "target"),
        (lambda: training_table(radii=("seven",)), "r"),
    ],
)
def test_bad_input_is_named(call, name: str) -> None:
    with pytest.raises(DomainError, match=rf"^{name}: .*got"):
        call()


# ---------------------------------------------------------------- the table


def test_the_table_puts_reported_and_own_figures_side_by_side(tmp_path: Path) -> None:
    found = training_table(
        targets=("f1", "f2"), radii=("sqrt3", 1), networks=20, steps=5, directory=tmp_path, seed=3
    )
    assert len(found) == 10
    assert found.complete
    rows = list(found)
    assert {row.reported.target for row in rows} == {"f1", "f2"}
    for row in rows:
        low, high = row.interval
        assert low <= row.ours.value <= high
        assert (row.agrees is None) == (row.reported.number is None)
    # Two figures are reported for the first kind; it is trained once.
    assert rows[0].ours is rows[2].ours
    table = found.table()
    text = table.markdown()
    assert "assignment uncertain" in text
    assert "above 90" in text
    assert "20 networks" in text
    assert r"\begin{tabular}" in table.latex()
    again = training_table(
        targets=("f1", "f2"), radii=("sqrt3", 1), networks=20, steps=5, directory=tmp_path, seed=3
    )
    assert [row.ours.value for row in again] == [row.ours.value for row in rows]


def test_an_interrupted_table_keeps_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = rai_training._train_block, []

    def impatient(chosen: TrainingSettings, block: Block) -> Outcomes:
        calls.append(chosen.init)
        if chosen.init == "rai":
            raise KeyboardInterrupt
        return real(chosen, block)

    monkeypatch.setattr(rai_training, "_train_block", impatient)
    found = training_table(targets=("f1",), radii=("sqrt3",), networks=10, steps=2)
    assert not found.complete
    assert [row.reported.init for row in found] == ["he", "he"]
    assert "Interrupted" in found.table().text()
    monkeypatch.setattr(rai_training, "_train_block", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        training_table(targets=("f1",), radii=("sqrt3",), networks=10, steps=2)


def _interrupt(chosen: TrainingSettings, block: Block) -> Outcomes:
    raise KeyboardInterrupt


def test_reported_figures_are_numbers_or_words() -> None:
    assert {row.status for row in REPORTED} == {"second-hand", "unconfirmed", "assignment uncertain"}
    numbers = {row.percentage: row.number for row in REPORTED}
    assert numbers["above 90"] is None
    assert numbers["9.6"] == Fraction(96, 1000)
    assert Reported("f1", "he", None, "unconfirmed").number is None
    assert all(0 < n < 1 for n in numbers.values() if n is not None)
