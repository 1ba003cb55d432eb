"""Training of many networks, the journal of its experiments, and the table of reported figures."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from relutheory.errors import DomainError
from relutheory.estimate import BinomialCount, Estimate
from relutheory.experiments import REPORTED, Reported, training_table
from relutheory.simulate import rai_training
from relutheory.simulate.rai_training import (
    Outcomes,
    TrainingSettings,
    collapse_after_training,
    train_networks,
    trained_outcomes,
)
from relutheory.simulate.streams import Block
from relutheory.simulate.training import Optimizer, outputs

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


def dead_fraction(outcomes: Outcomes) -> Estimate:
    dead = outcomes.dead_before > 0
    return Estimate(BinomialCount(int(dead.sum()), len(dead)), confidence=1 - Fraction(1, 10**6))


def test_without_training_he_networks_die_as_often_as_is_known() -> None:
    """Zero biases on a two-sided input, N = 2, L = 3: 1 - P(alive) = 5/32; and N = 2, L = 10: .8798."""
    short = trained_outcomes(TrainingSettings("f1", "he", steps=0, L=3), networks=1500, seed=1).total
    assert dead_fraction(short).contains(Fraction(5, 32))
    np.testing.assert_array_equal(short.dead_before, short.dead_after)
    long = trained_outcomes(TrainingSettings("f1", "he", steps=0), networks=1500, seed=1).total
    assert dead_fraction(long).contains(Fraction("0.8798"))


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
