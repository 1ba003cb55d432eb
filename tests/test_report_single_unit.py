"""What the report says about single units, and how its ensembles and observations survive an interrupt."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from relutheory import experiments, observations
from relutheory.errors import MissingExtraError
from relutheory.observations import experiment
from relutheory.report import runs, write_report
from relutheory.report.content_single_unit import ensemble_table, observation_tables, single_unit_tables
from relutheory.report.files import Blocks, OutputDirectory
from relutheory.report.layout import breakable
from relutheory.simulate import learners

OBSERVED = {"networks": 10, "steps": 2, "seed": 7, "workers": 1, "progress": False}
ENSEMBLE = {"samples": 50, "seed": 1, "workers": 1, "progress": False}


def test_tables_hold_the_statements() -> None:
    made = single_unit_tables(8)

    def rows(name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(made[name].json())["rows"]
        return found

    slow = {r["h*"]: r for r in rows("slow-down")}
    assert slow[-2]["1/lam_minus"]["value"] == "2588.38"
    assert slow[-40]["1/lam_minus"]["value"].endswith("e355")
    for row in slow.values():
        assert Fraction(row["1/lam_minus"]["value"]) > Fraction(row["1/P*"]["value"])
    limits = rows("step-limits")
    assert next(r for r in limits if r["h*"] == -2)["eta_ms, N = 1"]["value"] == "0.27666240"
    for row in limits:
        assert Fraction(row["eta_ms, N = 16"]["value"]) < Fraction(row["eta_max"]["value"])
    death = {r["h"]: r for r in rows("death-law")}
    assert death[-5]["t"]["value"] == "140743.26"
    assert 1 < float(death[-6]["P t h^2"]["value"]) < float(death[-5]["P t h^2"]["value"]) < 1.01
    for row in rows("escape-times")[-3:]:
        for target in (0, 1):
            time, asymptote = (float(row[f"{k}, h* = {target}"]["value"]) for k in ("T", "asymptote"))
            assert asymptote < time < 1.1 * asymptote
    assert all(float(r["delta h"]["value"]) < 0 for r in rows("steady-state"))
    spread = [float(r["std"]["value"]) for r in rows("probability-spread")]
    assert spread == sorted(spread)
    assert spread[-1] < 0.5


def test_an_interrupted_observation_keeps_its_networks_and_continues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = experiment.classifier_records, []

    def interrupted(*args: Any, **options: Any) -> Any:
        calls.append(args)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return real(*args, **options)

    monkeypatch.setattr(experiment, "classifier_records", interrupted)
    output = OutputDirectory.create(tmp_path)
    found = runs.observed(output, **OBSERVED)
    assert found is not None
    assert not found.complete
    assert len(found) == 2
    kept = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.npz")}
    assert kept
    monkeypatch.setattr(experiment, "classifier_records", real)
    again = runs.observed(output, **OBSERVED)
    assert again is not None
    assert again.complete
    assert len(again) == 4
    made = observation_tables(again)
    assert set(made["observed"]["stack"]) == {"plain", "skip"}
    assert len(made["observed"]) == 12
    assert set(made["observations"]["observation"]) == {"O1", "O2", "O3"}
    assert all("depth" not in [column.key for column in found.columns] for found in made.values())
    assert {p: p.stat().st_mtime_ns for p in kept} == kept
    monkeypatch.setattr(observations, "observe", lambda **options: _interrupt())
    assert runs.observed(output, **OBSERVED) is None


def _interrupt() -> None:
    raise KeyboardInterrupt


def test_without_the_digits_the_report_says_that_the_observation_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*args: object, **options: object) -> None:
        raise MissingExtraError("the digits need scikit-learn: pip install 'relutheory[data]'")

    monkeypatch.setattr("relutheory.observations.observe", missing)
    monkeypatch.setattr("relutheory.report.write.trained", lambda *a, **k: experiments.TrainingTable(()))
    result = write_report(tmp_path, samples=100, networks=10, steps=2, theorems=[])
    assert result.complete
    assert not (tmp_path / "tables/observed.tex").exists()
    text = (tmp_path / "paper.tex").read_text()
    (line,) = (line for line in text.splitlines() if "left out" in line)
    assert "scikit-learn" in line
    assert "tab:observed" not in text


def test_an_interrupted_ensemble_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = learners.train_learners
    monkeypatch.setattr(learners, "train_learners", lambda *a, **k: replace(real(*a, **k), complete=False))
    blocks = Blocks(OutputDirectory.create(tmp_path), {"seed": 1})
    with pytest.raises(runs.Interrupted):
        runs.simulated_learners(blocks, **ENSEMBLE)
    assert not list(tmp_path.rglob("*.json"))
    monkeypatch.setattr(learners, "train_learners", real)
    first = runs.simulated_learners(blocks, **ENSEMBLE)
    again = runs.simulated_learners(blocks, **ENSEMBLE)
    assert len(first) == len(runs.LEARNER_MARGINS) * len(runs.LEARNER_SIZES)
    for one, other in zip(first, again, strict=True):
        assert one.settings == other.settings
        assert one.estimate("b").interval == other.estimate("b").interval
        assert one.mean("square").tolist() == other.mean("square").tolist()
    table = ensemble_table(again)
    assert list(zip(table["h*"], table["eta"], strict=True)) == [
        (h, eta) for h in runs.LEARNER_MARGINS for eta in runs.LEARNER_SIZES
    ]
    assert "50 runs each, seed 1" in table.caption


def test_long_numerators_leave_their_fraction() -> None:
    long = " + ".join(rf"a_{{{i}}}" for i in range(40))
    text = breakable(rf"\item x \[ b = \frac{{{long}}}{{\sqrt{{v}}}} + \frac{{1}}{{2}} \]")
    assert rf"\frac{{1}}{{\sqrt{{v}}}} ({long}) + \frac{{1}}{{2}}" in text
