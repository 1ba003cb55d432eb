"""Intervals, answers, tables and figure of the open probabilities of trained networks."""

from __future__ import annotations

import builtins
import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from relutheory.cli_observe import observe as command
from relutheory.errors import DomainError, MissingExtraError
from relutheory.estimate import clopper_pearson
from relutheory.observations import (
    Group,
    Observations,
    Spread,
    Verdict,
    beside,
    digits,
    experiment,
    median_interval,
    observe,
    verdicts,
    within,
)
from relutheory.simulate.classifiers_runs import ClassifierRecords
from relutheory.simulate.training import Optimizer

QUICK = {"depths": (2,), "width": 8, "inits": ("he", "rai"), "replicas": 6, "epochs": 2}


@pytest.fixture(scope="module")
def found() -> Observations:
    return observe(**QUICK, seed=2)


# ---------------------------------------------------------------- the data


def test_the_digits_are_cut_and_standardised() -> None:
    data = digits()
    assert (len(data.train_x), len(data.test_x), data.d_in, data.classes) == (1257, 540, 64, 10)
    assert set(data.train_labels) == set(data.test_labels) == set(range(10))
    varying = data.train_x.std(axis=0) > 0
    np.testing.assert_allclose(data.train_x.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(data.train_x.std(axis=0)[varying], 1, rtol=1e-12)
    assert digits().digest == data.digest != digits(split_seed=1).digest


def test_missing_scikit_learn_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: object, **options: object) -> object:
        if name.startswith("sklearn"):
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    words = "the digits need scikit-learn: pip install 'relutheory[data]'"
    with pytest.raises(MissingExtraError) as caught:
        observe(**QUICK)
    assert str(caught.value) == words
    done = run("--replicas", "1")
    assert (done.exit_code, done.stderr.strip()) == (2, f"Error: {words}")


# ---------------------------------------------------------------- intervals


@given(st.integers(1, 80), st.sampled_from([0.5, 0.9, 0.95, 0.99, Fraction(799, 800)]))
def test_the_interval_is_the_shortest_that_is_exact(n: int, confidence: float | Fraction) -> None:
    """The ranks from an independent count: the chance that fewer than k of n fair coins show heads."""
    low, high = median_interval(range(1, n + 1), confidence)
    miss = 1 - Fraction(str(confidence))

    def missed(k: int) -> Fraction:
        return 2 * sum(Fraction(math.comb(n, j), 2**n) for j in range(k))

    if math.isinf(low):
        assert missed(1) > miss
        assert math.isinf(high)
    else:
        k = int(low)
        assert high == n + 1 - k
        assert missed(k) <= miss < missed(k + 1)


@pytest.mark.parametrize(
    ("draw", "median"),
    [
        (lambda rng, shape: rng.beta(2, 5, shape), 0.2644499832956422),
        (lambda rng, shape: rng.integers(0, 3, shape) / 2, 0.5),
        (lambda rng, shape: rng.standard_cauchy(shape), 0.0),
    ],
)
def test_intervals_cover_as_often_as_they_say(draw, median: float) -> None:
    """Skew, atoms and no mean: none matters."""
    rng = np.random.default_rng(11)
    sets = draw(rng, (4000, 16))
    covered = 0
    for values in sets:
        low, high = median_interval(values.tolist(), 0.9)
        covered += low <= median <= high
    # Above 0.9 beyond doubt of 1e-6; for a continuous law it is 0.923.
    assert clopper_pearson(covered, len(sets), 1 - 1e-6)[1] > 0.9
    assert covered / len(sets) > 0.9


def test_too_few_networks_tell_nothing() -> None:
    assert median_interval([0.5] * 7, 0.99, 0, 1) == (0, 1)
    assert median_interval([0.5] * 8, 0.99, 0, 1) == (0.5, 0.5)
    one = Spread((0.25,))
    assert (one.interval, one.standard_error) == ((0, 1), None)
    assert one.as_dict()["standard_error"] is None
    assert Spread((1.0,), 0.9, -math.inf, math.inf).as_dict()["low"] is None


# ---------------------------------------------------------------- answers


def group(layers: list[list[float]], *, skip: bool = False, init: str = "he", spread: float = 0.0) -> Group:
    """20 networks whose units are open with these probabilities after training, and 1/2 before."""
    after = np.array(layers)[None] + spread * np.linspace(-1, 1, 20)[:, None, None]
    opened = np.stack([np.full_like(after, 0.5), after], axis=1)
    accuracy = np.ones((20, 2))
    return Group(len(layers), skip, init, ClassifierRecords(opened, accuracy, accuracy))


def answers(*groups: Group, margin: float = 0.05) -> dict[tuple[str, str, str], str | None]:
    return {(v.observation, v.stack, v.init): v.answer for v in verdicts(groups, margin)}


@pytest.mark.parametrize(
    ("layers", "spread", "first", "second"),
    [
        ([[0.4, 0.4], [0.3, 0.6]], 0.01, "agrees", "disagrees"),
        ([[0.6, 0.6], [0.4, 0.55]], 0.01, "disagrees", "agrees"),
        ([[0.4, 0.6], [0.4, 0.6]], 0.0, "undecided", "undecided"),
        ([[0.52, 0.52], [0.52, 0.52]], 0.1, "undecided", "undecided"),
        ([[0.45, 0.45], [0.2, 0.2]], 0.01, "agrees", "agrees"),
    ],
)
def test_each_observation_is_answered_by_its_interval(
    layers: list[list[float]], spread: float, first: str, second: str
) -> None:
    said = answers(group(layers, spread=spread), group(layers, spread=spread, skip=True))
    assert said["O1", "plain", "he"] == first
    assert said["O2", "plain", "he"] == second
    assert said["O1", "skip", "he"] is None
    assert said["O2", "skip", "he"] is None


@pytest.mark.parametrize(
    ("other", "spread", "answer"),
    [
        ([[0.4], [0.32]], 0.0, "agrees"),
        ([[0.4], [0.5]], 0.0, "disagrees"),
        ([[0.4], [0.35]], 0.2, "undecided"),
    ],
)
def test_initial_weights_matter_or_not(other: list[list[float]], spread: float, answer: str) -> None:
    base = group([[0.4], [0.3]])
    assert answers(base, group(other, init="rai", spread=spread))["O3", "plain", "rai - he"] == answer


def test_the_layer_that_differs_most_is_shown_with_a_joint_interval() -> None:
    found = verdicts([group([[0.4], [0.3], [0.2]]), group([[0.4], [0.5], [0.3]], init="lecun")])
    (third,) = (v for v in found if v.observation == "O3")
    assert third.quantity == "difference of mean P, layer 2"
    assert third.spread.value == pytest.approx(0.2)
    assert third.spread.confidence == 1 - Fraction(1, 300)
    assert third.before == 0


def test_the_slope_is_that_of_least_squares() -> None:
    rng = np.random.default_rng(3)
    opened = rng.uniform(size=(5, 2, 6, 4))
    one = Group(6, False, "he", ClassifierRecords(opened, np.ones((5, 2)), np.ones((5, 2))))
    wanted = [np.polyfit(range(1, 7), network.mean(axis=1), 1)[0] for network in opened[:, 1]]
    np.testing.assert_allclose(one.slope("after").values, wanted, rtol=1e-10)
    np.testing.assert_allclose(one.layers("before")[2].values, opened[:, 0, 2].mean(axis=1))
    np.testing.assert_allclose(one.below_half("after").values, (opened[:, 1] < 0.5).mean(axis=(1, 2)))


def test_a_single_layer_has_no_slope() -> None:
    assert [v.observation for v in verdicts([group([[0.2, 0.3]])])] == ["O1"]


# ---------------------------------------------------------------- the experiment


def test_units_learn_the_digits_and_are_recorded() -> None:
    one = observe(depths=(3,), width=32, inits=("he",), replicas=2, epochs=6, seed=1)
    for each in one.groups:
        for accuracy in each.accuracy("after").values:
            low, _ = clopper_pearson(round(accuracy * 540), 540, 1 - 1e-6)
            assert low > 0.5  # chance: 0.1
        for accuracy in each.accuracy("before").values:
            assert accuracy < 0.4


def test_before_training_symmetric_weights_open_half() -> None:
    """Zero bias and symmetric weights: P and 1 - P have the same law, so every layer's median is 1/2."""
    one = observe(depths=(2,), width=16, inits=("he", "lecun"), replicas=40, epochs=0, confidence=1 - 1e-4)
    for each in one.groups:
        for spread in each.layers("before"):
            assert spread.low <= 0.5 <= spread.high
        assert each.layers("before") == each.layers("after")


def test_the_tables_show_what_was_found(found: Observations) -> None:
    assert [(g.stack, g.init) for g in found.groups] == [
        ("plain", "he"), ("plain", "rai"), ("skip", "he"), ("skip", "rai")
    ]  # fmt: skip
    layers = found.table()
    assert len(layers) == 8
    assert layers[0, "mean P after"] == str(found.groups[0].layers("after")[0])
    assert len(found.table(depth=2, init="he")) == 4
    assert "6 networks a group" in layers.text()
    assert len(found.verdict_table()) == len(found.verdicts) == 10
    assert all(isinstance(v, Verdict) for v in found.verdicts)
    assert "held-out accuracy" in found.accuracy_table().markdown()
    assert r"\begin{tabular}" in found.verdict_table().latex()
    for form in ("text", "latex", "markdown", "csv"):
        assert "plain" in found.render(form)
    data = json.loads(found.render("json"))
    assert data["settings"]["optimizer"] == "heavy-ball"
    assert data["groups"][0]["layers"][0]["mean after"]["median"] == found.groups[0].layers("after")[0].value


def test_workers_and_journal_change_nothing(found: Observations, tmp_path: Path) -> None:
    again = observe(**QUICK, seed=2, workers=2, directory=tmp_path)
    read = observe(**QUICK, seed=2, directory=tmp_path)
    assert found.render("json") == again.render("json") == read.render("json")
    assert observe(**QUICK, seed=3).render("json") != found.render("json")


def test_an_interrupted_run_keeps_its_groups(
    found: Observations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = experiment.classifier_records

    def impatient(kind, data, **options: object) -> object:
        if kind.skip:
            raise KeyboardInterrupt
        return real(kind, data, **options)

    monkeypatch.setattr(experiment, "classifier_records", impatient)
    broken = observe(**QUICK, seed=2, directory=tmp_path)
    assert (len(broken), broken.complete) == (2, False)
    assert "Interrupted" in broken.render()
    done = run(*SMALL, "--seed", "2", "--journal", str(tmp_path))
    assert done.exit_code == 130
    assert f"--journal {tmp_path} to continue" in done.stderr
    monkeypatch.setattr(experiment, "classifier_records", lambda *_, **__: _interrupt())
    with pytest.raises(KeyboardInterrupt):
        observe(**QUICK)
    assert run(*SMALL).exit_code == 130
    monkeypatch.setattr(experiment, "classifier_records", real)
    assert observe(**QUICK, seed=2, directory=tmp_path).render("json") == found.render("json")


def _interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: observe(depths=(0,)), "depths: an integer >= 2, got 0"),
        (lambda: observe(depths=()), r"depths: a non-empty sequence, got \(\)"),
        (lambda: observe(depths=(2, 2)), "depths: different values, got"),
        (lambda: observe(inits="he"), "inits: a non-empty sequence, got 'he'"),
        (lambda: observe(inits=("zero",)), "init: .* got 'zero'"),
        (lambda: observe(width=0), "width: .* got 0"),
        (lambda: observe(replicas=0), "replicas: .* got 0"),
        (lambda: observe(epochs=-1), "epochs: .* got -1"),
        (lambda: observe(batch_size=2000), r"batch_size: an integer in 1\.\.1257, got 2000"),
        (lambda: observe(optimizer="newton"), "optimizer: .* got 'newton'"),
        (lambda: observe(optimizer=Optimizer(rate=-0.1)), "rate: a number > 0, got -0.1"),
        (lambda: observe(seed=-1), "seed: .* got -1"),
        (lambda: observe(confidence=1), "confidence: .* got 1"),
        (lambda: observe(margin=0), "margin: a number > 0, got 0"),
        (lambda: digits(split_seed=-1), "split_seed: .* got -1"),
        (lambda: digits(test_share=1), "test_share: .* got 1"),
        (lambda: median_interval([]), r"values: at least one finite number, got \[\]"),
        (lambda: median_interval([math.nan]), "values: .* got"),
        (lambda: median_interval([1.0], 0), "confidence: .* got 0"),
        (lambda: beside((0, 1), 0.5, "left"), "side: .* got 'left'"),
        (lambda: within([], 0.1), "intervals: .* got none"),
        (lambda: within([(0, 0)], math.nan), "margin: .* got nan"),
    ],
)
def test_bad_input_is_named(call, words: str) -> None:
    with pytest.raises(DomainError, match=rf"^{words}") as caught:
        call()
    assert "\n" not in str(caught.value)


def test_groups_that_are_not_there_are_refused(found: Observations) -> None:
    with pytest.raises(DomainError, match=r"depth, init: .*got depth=8"):
        found.table(depth=8)
    with pytest.raises(DomainError, match=r"form: .*got 'pdf'"):
        found.render("pdf")


# ---------------------------------------------------------------- figure and command


def test_the_figure_draws_the_intervals(found: Observations) -> None:
    from relutheory.plots import figure_bytes
    from relutheory.plots.observations import open_probabilities

    figure = open_probabilities(found)
    (axes,) = figure.axes
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [
        f"{a}, {b} training" for a in ("no skip connections", "skip connections") for b in ("before", "after")
    ]
    bars = axes.containers[1]
    spreads = found.groups[0].layers("after")
    assert bars.lines[0].get_ydata().tolist() == [s.value for s in spreads]
    for segment, spread in zip(bars.lines[2][0].get_segments(), spreads, strict=True):
        assert [float(y) for _, y in segment] == pytest.approx(list(spread.interval))
    assert figure_bytes(figure, "png") == figure_bytes(open_probabilities(found, depth=2, init="he"), "png")


SMALL = ("--depth", "2", "--width", "8", "--init", "he", "--init", "rai", "--replicas", "6", "--epochs", "2")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def test_the_command_prints_and_draws(found: Observations, tmp_path: Path) -> None:
    target, figure = tmp_path / "found.json", tmp_path / "found.svg"
    done = run(*SMALL, "--seed", "2", "--format", "json", "-o", str(target), "--figure", str(figure))
    assert done.exit_code == 0, done.output
    assert json.loads(target.read_text()) == found.data()
    assert "<svg" in figure.read_text()[:1000]
    quick = run(*SMALL[:8], "--replicas", "1", "--epochs", "1", "--quick")
    assert quick.exit_code == 0, quick.output
    assert "undecided" in quick.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--depth", "1"], "--depth must be an integer in 2..1000, got '1'"),
        (["--replicas", "0"], "--replicas must be an integer >= 1, got '0'"),
        (["--figure", "a.gif"], "--figure must end in .pdf, .png or .svg, got 'a.gif'"),
        (["-o", "/nonexistent/x"], "cannot write to /nonexistent/x: No such file or directory"),
    ],
)
def test_bad_options_are_one_line(arguments: list[str], words: str) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stderr.strip().splitlines()[-1]) == (2, f"Error: {words}")
