"""The main job: complete, compiling, reproducible, interruptible."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from relutheory import experiments
from relutheory.errors import DomainError, RelutheoryError
from relutheory.experiments import REPORTED
from relutheory.report import compile_pdf, content, paper, runs, write_report
from relutheory.report.content_gaussian import gaussian_tables
from relutheory.report.content_rai import rai_tables
from relutheory.report.content_single_unit import single_unit_tables
from relutheory.report.files import Blocks, OutputDirectory
from relutheory.report.layout import breakable
from relutheory.theorems import all_theorems, theorem

IDS = (
    "born-dead-upper-bound",
    "born-dead-lower-bound-1d",
    "born-dead-symmetric-atoms",
    "born-dead-max-depth",
    "stein-gated",
    "relu-moments",
    "gram-eigenvalue-bracket",
    "rai-gate-function",
    "rai-collapsed-loss",
    "rai-born-dead-explicit",
    "gating-identity",
    "safe-ball",
    "zero-target-flow",
)
SETTINGS = {
    "samples": 2000,
    "seed": 7,
    "digits": 8,
    "networks": 10,
    "steps": 2,
    "theorems": [theorem(i) for i in IDS],
}
QUICK = SETTINGS | {"theorems": SETTINGS["theorems"][:4]}
BORN_DEAD = ("bounds", "max-depth", "min-width", "dead-depth", "values", "simulation", "verification")
GAUSSIAN = ("ramp-moments", "bracket", "orthants")
RAI = ("rai-scales", "rai-units", "rai-bounds", "training")
RATES = ("slow-down", "step-limits", "death-law", "escape-times", "steady-state", "probability-spread")
RUNS = ("mean-field-gap", "observed", "observations")
TABLES = (*BORN_DEAD, *GAUSSIAN, *RAI, *RATES, *RUNS)
BOUNDS = ("depth", "width", "region", "gated-rates", "gate-functions", "unit-range", "rai-depth", "training")
FIGURES = (*BOUNDS, "slow-down", "phase-portrait", "death-basin", "ensembles", "open-probabilities")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory):
    directory = tmp_path_factory.mktemp("report")
    return write_report(directory, **SETTINGS)


def contents(directory: Path) -> dict[str, bytes]:
    files = (p for p in sorted(directory.rglob("*")) if p.is_file())
    return {str(p.relative_to(directory)): p.read_bytes() for p in files}


def need_pdflatex() -> None:
    if shutil.which("pdflatex") is None:
        if os.environ.get("CI"):
            pytest.fail("pdflatex is not installed, and CI must compile what the package prints")
        pytest.skip("pdflatex is not installed")


def test_everything_is_written(finished) -> None:
    assert finished.complete
    expected = {
        "paper.tex",
        "references.bib",
        "bibliography.tex",
        "cards.tex",
        "derivations.tex",
        "provenance.json",
    }
    expected |= {f"tables/{name}.{suffix}" for name in TABLES for suffix in ("tex", "csv", "md", "json")}
    expected |= {f"figures/{name}.{suffix}" for name in FIGURES for suffix in ("pdf", "png")}
    assert expected <= set(finished.files)
    assert all((finished.directory / name).stat().st_size for name in finished.files)
    assert not list(finished.directory.rglob(".*"))
    paper = (finished.directory / "paper.tex").read_text()
    for name in TABLES:
        assert rf"\input{{tables/{name}}}" in paper
    assert str(len(finished.files)) in str(finished)


def test_paper_compiles_without_complaints(finished, tmp_path: Path) -> None:
    need_pdflatex()
    directory = tmp_path / "copy"
    shutil.copytree(finished.directory, directory)
    done = compile_pdf(directory)
    assert done.ok, done
    assert done.complaints == ()
    first = (directory / "paper.pdf").read_bytes()
    assert len(first) > 50_000
    compile_pdf(directory)
    assert (directory / "paper.pdf").read_bytes() == first


def test_nothing_of_the_machine_is_written(finished) -> None:
    for name, data in contents(finished.directory).items():
        assert str(finished.directory).encode() not in data, name
        assert os.getcwd().encode() not in data, name
    provenance = json.loads((finished.directory / "provenance.json").read_text())
    assert provenance["settings"] == {
        "samples": 2000,
        "seed": 7,
        "digits": 8,
        "training": {"networks": 10, "steps": 2},
    }
    assert provenance["packages"]["numpy"]
    assert provenance["theorems"] == list(IDS)


def test_same_settings_give_the_same_bytes(finished, tmp_path: Path) -> None:
    again = write_report(tmp_path / "again", **SETTINGS)
    assert contents(again.directory) == contents(finished.directory)


def test_simulated_values_lie_between_the_bounds(finished) -> None:
    rows = json.loads((finished.directory / "tables/simulation.json").read_text())["rows"]
    assert [(r["N"], r["L"]) for r in rows] == [(3, 5), (3, 10), (5, 10), (5, 20), (7, 20), (10, 20)]
    for row in rows:
        # The interval of one value, at 99 %, may not leave the bounds altogether.
        assert row["simulated"]["high"] >= float(row["lower"]["value"])
        assert row["simulated"]["low"] <= float(row["upper"]["value"])
        assert row["simulated"]["samples"] == 2000


def test_finished_blocks_are_reused_only_for_the_same_settings(
    finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "again"
    shutil.copytree(finished.directory, directory)

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr("relutheory.verify.verify", refuse)
    monkeypatch.setattr("relutheory.simulate.born_dead.born_dead_curve", refuse)
    monkeypatch.setattr("relutheory.simulate.rai.born_dead_rai_curve", refuse)
    monkeypatch.setattr("relutheory.simulate.rai_training.train_networks", refuse)
    monkeypatch.setattr("relutheory.simulate.learners.train_learners", refuse)
    monkeypatch.setattr("relutheory.simulate.classifiers_runs.train_replicas", refuse)
    again = write_report(directory, **SETTINGS)
    assert again.complete
    assert contents(directory) == contents(finished.directory)
    with pytest.raises(AssertionError, match="computed again"):
        write_report(directory, **(SETTINGS | {"seed": 8}))


STAGES = ("simulated_curves", "simulated_rai_curves", "simulated_learners", "trained", "observed", "verified")


@pytest.mark.parametrize("stage", STAGES)
def test_an_interrupt_keeps_what_is_finished(
    stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"relutheory.report.write.{stage}", interrupt)
    result = write_report(tmp_path, **QUICK)
    assert not result.complete
    assert not result.ok
    assert "interrupted" in str(result)
    assert (tmp_path / "tables/bounds.tex").exists()
    assert (tmp_path / "figures/region.pdf").exists()
    written = {
        "tables/simulation.tex": "simulated_curves",
        "figures/rai-depth.pdf": "simulated_rai_curves",
        "tables/mean-field-gap.tex": "simulated_learners",
        "tables/training.tex": "trained",
        "figures/open-probabilities.pdf": "observed",
    }
    for name, maker in written.items():
        assert (tmp_path / name).exists() == (STAGES.index(stage) > STAGES.index(maker)), name
    assert "Incomplete" in (tmp_path / "paper.tex").read_text()
    if stage == "simulated_curves":
        need_pdflatex()
        assert compile_pdf(tmp_path).complaints == ()


def test_an_interrupted_verification_keeps_the_finished_statements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import relutheory.verify as module

    real, calls = module.verify, []

    def verify(records, **options):
        calls.append(records)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return real(records, **options)

    monkeypatch.setattr(module, "verify", verify)
    result = write_report(tmp_path, **QUICK, training=False)
    assert not result.complete
    rows = json.loads((tmp_path / "tables/verification.json").read_text())["rows"]
    assert [r["theorem"] for r in rows] == list(IDS[:2])


def test_problems_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = runs.Outcome("born-dead-upper-bound", 1, 1, 0, 2, 3, ("contradicted: x",))
    monkeypatch.setattr("relutheory.report.write.verified", lambda *a, **k: iter([found]))
    result = write_report(tmp_path, **QUICK, training=False)
    assert result.complete
    assert not result.ok
    assert "PROBLEM contradicted: x" in str(result)
    # Training was left out.
    assert not (tmp_path / "tables/training.tex").exists()
    assert not (tmp_path / "data/training").exists()
    assert json.loads((tmp_path / "provenance.json").read_text())["settings"]["training"] is None


def test_an_unwritable_directory_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for target in (file, file / "below"):
        with pytest.raises(DomainError) as caught:
            write_report(target, **SETTINGS)
        assert str(caught.value).startswith(f"cannot write to -o {target}: ")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"samples": 1}, "samples must be an integer >= 2, got 1"),
        ({"seed": -1}, "seed must be an integer >= 0, got -1"),
        ({"workers": True}, "workers must be an integer >= 1, got True"),
        ({"networks": 0}, "networks must be an integer >= 1, got 0"),
        ({"steps": 0.5}, "steps must be an integer >= 0, got 0.5"),
        ({"digits": 31}, "digits must be an integer in 1..30"),
        ({"digits": 0}, "digits must be an integer"),
    ],
)
def test_bad_settings_are_refused_before_anything_is_written(setting, words: str, tmp_path: Path) -> None:
    with pytest.raises(DomainError) as caught:
        write_report(tmp_path / "new", **(SETTINGS | setting))
    assert words in str(caught.value)
    assert not (tmp_path / "new").exists()


def test_statements_are_grouped_by_topic_and_kind(finished) -> None:
    text = (finished.directory / "cards.tex").read_text()
    heads = [line for line in text.splitlines() if line.startswith((r"\subsection{", r"\subsubsection*{"))]
    topics = [line for line in heads if line.startswith(r"\subsection{")]
    assert topics == [
        r"\subsection{Gaussian calculus}",
        r"\subsection{Born-dead probability}",
        r"\subsection{Randomized asymmetric initialization}",
        r"\subsection{Single-unit error backpropagation}",
    ]
    assert heads[-2:] == [r"\subsubsection*{Definitions and criteria}", r"\subsubsection*{Exact laws}"]
    assert text.index("stein-") < text.index("born-") < text.index("rai-") < text.index("gating-")


def test_first_words_of_shared_hypotheses_tell_them_apart() -> None:
    for stem in paper.TOPICS:
        text = paper.cards(list(all_theorems(stem)))
        names = re.findall(r"\\item\[(.*?)\]", text)
        assert len(set(names)) == len(names)


def test_paper_of_all_statements_compiles_without_complaints(finished, tmp_path: Path) -> None:
    need_pdflatex()
    directory = tmp_path / "copy"
    shutil.copytree(finished.directory, directory)
    records = list(all_theorems())
    (directory / "cards.tex").write_text(paper.cards(records))
    (directory / "derivations.tex").write_text("")
    for digits in (10, 30):
        made = {
            **gaussian_tables(digits),
            **rai_tables(digits),
            **single_unit_tables(digits),
            "values": content.examples_table(records, digits),
        }
        for name, table in made.items():
            (directory / f"tables/{name}.tex").write_text(table.latex())
        done = compile_pdf(directory)
        assert done.ok, done
        assert done.complaints == ()


def test_values_are_certified_at_the_reference_points() -> None:
    records = list(all_theorems())
    table = content.examples_table(records, 6)
    counts = Counter(table["statement"])
    assert max(counts.values()) == 3
    assert set(counts) == {t.id for t in records if t.examples}
    found = {(row[0], row[1]): row[3] for row in table}
    for record in records:
        for example in record.examples:
            name = "" if example.result == "value" else example.result
            shown = found.pop((record.id, name), None)
            if shown is not None:
                assert shown.agrees_with(example.value), (record.id, name)
    assert not found
    assert any("rai-mean-field-gain" in note for note in table.notes)


def test_tables_of_the_new_topics_hold_the_statements(finished) -> None:
    def rows(name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads((finished.directory / f"tables/{name}.json").read_text())[
            "rows"
        ]
        return found

    margins = {r["h"]: r for r in rows("ramp-moments")}
    assert margins[-40]["J_0"]["value"] == "3.6558935e-350"
    assert margins[0]["lam_minus"]["value"] == "0.10105772"
    for row in rows("bracket"):
        assert float(row["low"]["value"]) < float(row["quotient"]["value"]) < float(row["high"]["value"])
    assert rows("orthants")[-1]["a=0,b=0"]["exact"] == "1/2"
    scales = {r["law"]: r for r in rows("rai-scales")}
    assert scales["Beta(2, 1)"]["sigma_w"]["value"] == "0.60074731"
    assert len(scales) == 7
    for row in rows("rai-units"):
        assert float(row["lower"]["value"]) <= float(row["upper"]["value"]) < 0.5
    bounds = rows("rai-bounds")
    assert [(r["N"], r["L"]) for r in bounds] == [(n, depth) for n in (2, 3, 5, 10) for depth in (10, 20)]
    for row in bounds:
        low, high, symmetric = (float(row[k]["value"]) for k in ("lower", "upper", "symmetric"))
        assert low < high < symmetric
    training = rows("training")
    assert len(training) == 2 * len(REPORTED)
    assert {r["reported"] for r in training} == {r.percentage for r in REPORTED}


def test_scientific_columns_print_a_power_of_ten(finished) -> None:
    text = (finished.directory / "tables/ramp-moments.csv").read_text()
    assert "\n0,5.0000000e-1,3.9894228e-1,1.0105772e-1,8.9894228e-1\n" in text


def test_an_interrupted_training_keeps_its_rows_and_continues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = experiments.collapse_after_training, []

    def interrupted(target: str, *args: object, **options: object) -> object:
        calls.append(target)
        if target == "f2":
            raise KeyboardInterrupt
        return real(target, *args, **options)

    monkeypatch.setattr(experiments, "collapse_after_training", interrupted)
    settings = QUICK | {"theorems": []}
    result = write_report(tmp_path, **settings)
    assert not result.complete
    rows = json.loads((tmp_path / "tables/training.json").read_text())["rows"]
    assert {r["target"] for r in rows} == {"f1"}
    kept = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.npz")}
    assert len(kept) == 4
    monkeypatch.setattr(experiments, "collapse_after_training", real)
    again = runs.trained(
        OutputDirectory.create(tmp_path), networks=10, steps=2, seed=7, workers=1, progress=False
    )
    assert again.complete
    assert {p: p.stat().st_mtime_ns for p in kept} == kept
    assert len(list(tmp_path.rglob("*.npz"))) == 16


def test_damaged_blocks_are_computed_again(tmp_path: Path) -> None:
    output = OutputDirectory.create(tmp_path)
    blocks = Blocks(output, {"seed": 1})
    blocks.save("a", [1, 2])
    assert blocks.load("a") == [1, 2]
    assert Blocks(output, {"seed": 2}).load("a") is None
    (tmp_path / "data/a.json").write_text('{"settings"')
    assert blocks.load("a") is None


def test_missing_pdflatex_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    done = compile_pdf(tmp_path)
    assert not done.ok
    assert "pdflatex is not installed" in str(done)


def test_tex_errors_are_reported(tmp_path: Path) -> None:
    need_pdflatex()
    (tmp_path / "paper.tex").write_text(r"\documentclass{article}\begin{document}\nonsense\end{document}")
    done = compile_pdf(tmp_path)
    assert not done.ok
    assert "Undefined control sequence" in str(done)


def test_derivation_formulas_break_within_the_margins(tmp_path: Path) -> None:
    need_pdflatex()
    words = "hidden layer l is dead on the training inputs and everything after it is constant for ever"
    long = " + ".join(rf"\left(a_{{{i}}} + b_{{{i}}}\right)" for i in range(60))
    rule = r"\left.C\right|_{l = n}\quad\text{where}\quad \begin{aligned} & C = 0 \\"
    rule += r" & C' = 1 \quad (l = 2, \dots, n) \end{aligned}"
    formulas = [
        rf"\text{{{words}}} \Rightarrow \text{{2^-N_l & more}}",
        long,
        rule,
        rf"{rule} = {rule}",
        r"x_{\text{a b}} = 1",
    ]
    items = [rf"\item by {i} \begin{{multline*}} {f} \end{{multline*}}" for i, f in enumerate(formulas)]
    text = breakable("\n".join([r"\begin{enumerate}", *items, r"\end{enumerate}"]))
    assert text.count(r"\begin{aligned}") == 1
    assert r"\left(" not in text
    packages = r"\usepackage[T1]{fontenc}\usepackage{amsmath}\emergencystretch=3em"
    (tmp_path / "paper.tex").write_text(
        rf"\documentclass{{article}}{packages}\begin{{document}}{text}\end{{document}}"
    )
    done = compile_pdf(tmp_path)
    assert done.ok, done
    assert done.complaints == ()


def test_a_refused_derivation_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(id: str) -> str:
        raise RelutheoryError("step 3 is wrong")

    monkeypatch.setattr("relutheory.prove.derivation_latex", refuse)
    text, problems = paper.derivations([theorem(IDS[0])])
    assert problems == (f"derivation not accepted: {IDS[0]}: step 3 is wrong",)
    assert "No accepted derivation" in text


def test_missing_derivations_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "relutheory.prove", None)
    assert paper.derivations([theorem(IDS[0])]) is None
