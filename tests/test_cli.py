"""The command line as a user meets it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from relutheory.cards import prose_latex
from relutheory.cli import cli
from relutheory.theorems import all_theorems


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


BAD = {
    "N zero": (["eval", "born-dead-upper-bound", "N=0", "L=3"], "N must be an integer >= 1, got '0'"),
    "N fractional": (
        ["eval", "born-dead-upper-bound", "N=2.5", "L=3"],
        "N must be an integer >= 1, got '2.5'",
    ),
    "L too small": (["eval", "born-dead-lower-bound-1d", "N=2", "L=1"], "L must be an integer >= 2, got '1'"),
    "L too small, widths": (
        ["eval", "born-dead-upper-bound", "N=2", "L=1"],
        "L must be an integer >= 2, got '1'",
    ),
    "empty widths": (["eval", "born-dead-upper-bound", "widths="], "widths is empty"),
    "word in widths": (["eval", "born-dead-upper-bound", "widths=3,x"], "widths must be"),
    "delta above one": (
        ["eval", "born-dead-max-depth", "N=3", "delta=1.5"],
        "delta must be an exact number in (0, 1)",
    ),
    "unknown id": (["eval", "born-dead-uper-bound", "N=3", "L=3"], "did you mean born-dead-upper-bound"),
    "missing": (["eval", "born-dead-max-depth", "N=3"], "needs delta"),
    "missing L": (["eval", "born-dead-upper-bound", "N=3"], "missing L"),
    "superfluous": (["eval", "born-dead-max-depth", "N=3", "delta=.1", "q=2"], "no parameter q"),
    "both": (["eval", "born-dead-upper-bound", "widths=3", "N=2", "L=3"], "either widths or N and L"),
    "twice": (["eval", "born-dead-max-depth", "N=3", "N=3"], "given twice"),
    "not an assignment": (["eval", "born-dead-max-depth", "3"], "not of the form name=value"),
    "digits zero": (
        ["eval", "born-dead-upper-bound", "N=3", "L=3", "--digits", "0"],
        "--digits must be an integer in",
    ),
    "digits power": (
        ["eval", "born-dead-upper-bound", "N=3", "L=3", "--digits", "10**9"],
        "--digits must be",
    ),
    "digits huge": (
        ["eval", "born-dead-upper-bound", "N=3", "L=3", "--digits", "1000000000"],
        "--digits must be",
    ),
    "no value": (["eval", "born-dead-event"], "without a value"),
    "outside constraint": (
        ["eval", "born-dead-law-free-cases", "widths=3,2"],
        "must start with 1 or be 2,2,N3",
    ),
    "bias": (["eval", "born-dead-full-space-depth3", "N1=1", "N2=1", "bias=2"], "bias must be true or false"),
    "show unknown": (["show", "nope"], "unknown theorem id"),
    "verify unknown": (["verify", "nope"], "unknown theorem id"),
    "verify samples": (["verify", "--samples", "0"], "--samples must be an integer >= 1"),
    "verify workers": (["verify", "--workers", "none"], "--workers must be"),
    "prove unknown": (["prove", "nope"], "unknown theorem id"),
    "table unknown": (["table", "nope", "--over", "N=2"], "unknown theorem id"),
    "table axis": (["table", "born-dead-upper-bound", "--over", "N=2", "--over", "M=3"], "M"),
    "table range": (
        ["table", "born-dead-upper-bound", "--over", "N=5..2", "--over", "L=3"],
        "a..b with a <= b",
    ),
    "table outside": (
        ["table", "born-dead-upper-bound", "--over", "N=0", "--over", "L=3"],
        "N must be an integer >= 1",
    ),
    "table unwritable": (
        ["table", "born-dead-upper-bound", "--over", "N=2", "--over", "L=3", "-o", "/nonexistent/x.tex"],
        "cannot write to /nonexistent/x.tex",
    ),
    "report unwritable": (["report", "-o", "/proc/nothing/here", "--samples", "10"], "/proc/nothing"),
    "report nowhere": (["report", "-o", ""], "-o must be the name of a directory, got ''"),
    "report networks": (["report", "--networks", "0"], "--networks must be an integer >= 1, got '0'"),
    "train target": (["train", "f9"], "TARGET must be one of f1, f2, f3, f4, got 'f9'"),
    "train networks": (["train", "f1", "--networks", "many"], "--networks must be an integer >= 1"),
    "train steps": (["train", "f1", "--steps", "-1"], "--steps must be an integer >= 0"),
    "train radius": (["train", "f1", "--radius", "-1"], "--radius must be a number in (0, 1000000]"),
    "train radius word": (["train", "f1", "--radius", "sqrt0"], "got 'sqrt0'"),
    "train journal": (["train", "f1", "--journal", "/proc/nothing/here"], "--journal must be a directory"),
    "train unwritable": (["train", "f1", "-o", "/nonexistent/x"], "cannot write to /nonexistent/x"),
    "design law": (["design", "sigma_w", "law=cauchy"], "law must be one of beta"),
    "design no scale": (["design", "sigma_w", "law=uniform", "M=2"], "must be < 1"),
    "design digits": (["design", "sigma_w", "digits=3"], "digits is an option"),
    "design N": (["design", "rai", "N=0", "L=3", "delta=.1"], "N must be an integer >= 1, got '0'"),
    "design missing": (["design", "rai", "N=3", "L=3"], "design rai needs delta"),
    "design superfluous": (["design", "rai", "N=3", "L=3", "delta=.1", "q=1"], "no parameter q"),
    "stem": (["list", "--stem", "nope"], "--stem must be one of gaussian, born_dead"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_status_two(name: str) -> None:
    arguments, expected = BAD[name]
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.strip().splitlines()) == 1
    assert expected in result.stderr
    assert result.stdout == ""


def test_exact_fraction_and_sixty_digits() -> None:
    result = run("eval", "born-dead-upper-bound", "widths=3,2,4,3,2", "--digits", "60")
    assert result.exit_code == 0
    assert "9769/16384" in result.output
    assert "0.596252441406250000000000000000000000000000000000000000000000" in result.output


def test_json_of_one_value_and_of_named_results() -> None:
    one = json.loads(run("eval", "born-dead-single-point", "N=2", "L=3", "--digits", "5", "--json").output)
    assert one == {
        "id": "born-dead-single-point",
        "parameters": {"N": "2", "L": "3"},
        "value": "0.43750",
        "digits": 5,
        "exact": "7/16",
        "trust": "exact",
    }
    many = json.loads(run("eval", "born-dead-depth-rate", "N=2", "--json", "--digits", "20").output)
    assert many["values"]["rate"] == {
        "value": "0.28768207245178092744",
        "digits": 20,
        "exact": None,
        "trust": "certified",
    }
    assert many["values"]["high"]["exact"] == "13/10"


def test_integers_print_whole() -> None:
    result = run("eval", "born-dead-max-depth", "N=20", "delta=.5", "--digits", "2")
    assert "value = 726818  (exact integer)" in result.output


@pytest.mark.parametrize("record", list(all_theorems()), ids=lambda t: t.id)
@pytest.mark.parametrize("form", ["text", "latex", "bibtex", "json"])
def test_show(record: object, form: str) -> None:
    result = run("show", record.id, "--format", form)
    assert result.exit_code == 0, result.output
    if form == "json":
        assert json.loads(result.output)["id"] == record.id
    elif form == "bibtex":
        assert record.source.key in result.output
    else:
        assert (prose_latex(record.title) if form == "latex" else record.title) in result.output


def test_list_names_every_theorem_with_a_status() -> None:
    result = run("list")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert [line.split()[0] for line in lines] == [t.id for t in all_theorems()]
    assert all(any(word in line for word in ("STATED", "CITED", "DERIVED", "FORMAL")) for line in lines)


def test_verify_prints_counts_and_succeeds() -> None:
    result = run("verify", "born-dead-symmetric-atoms", "--samples", "20000")
    assert result.exit_code == 0
    assert "definite  trials  mutants rejected" in result.output


def test_verify_without_power_is_a_failure() -> None:
    result = run("verify", "born-dead-single-point", "--samples", "2")
    assert result.exit_code == 1
    assert "PROBLEM" in result.stderr


def test_prove_succeeds() -> None:
    result = run("prove", "born-dead-single-point")
    assert result.exit_code == 0
    assert "1 derivations accepted, 0 refused" in result.output


@pytest.mark.parametrize("form", ["text", "latex", "markdown", "csv", "json"])
def test_table_formats(form: str, tmp_path: Path) -> None:
    target = tmp_path / "table.out"
    arguments = [
        "table",
        "born-dead-lower-bound-1d",
        "born-dead-upper-bound",
        "--over",
        "N=2,3",
        "--over",
        "L=2..4",
    ]
    printed = run(*arguments, "--format", form)
    assert printed.exit_code == 0, printed.output
    assert run(*arguments, "--format", form, "-o", str(target)).exit_code == 0
    assert target.read_text().strip() == printed.output.strip()


def test_design_of_the_scale() -> None:
    result = run("design", "sigma_w", "law=uniform", "M=1", "--digits", "12")
    assert result.exit_code == 0, result.output
    for text in ("0.822732093736", "0.926454564717", "0.500000000000 = 1/2", "rai-sharp-sigma"):
        assert text in result.output
    data = json.loads(run("design", "sigma_w", "--json").output)
    assert data["sigma_w"]["value"] == "0.60074730914830772684"
    assert data["mu1"]["exact"] == "2/3"
    assert "rai-sigma-w" in data["statements"]


@pytest.mark.parametrize(("width", "word"), [("5", "NOT guaranteed"), ("6", ": guaranteed")])
def test_design_of_width_and_depth(width: str, word: str) -> None:
    result = run("design", "rai", f"N={width}", "L=10", "delta=1/10")
    assert result.exit_code == 0, result.output
    assert word in result.output.splitlines()[0]
    assert "changes the rate and not the limit" in result.output
    for id in ("rai-born-dead-explicit", "born-dead-upper-bound", "rai-infinite-depth"):
        assert id in result.output
    data = json.loads(run("design", "rai", f"N={width}", "L=10", "delta=1/10", "--json").output)
    assert data["min_width"]["exact"] == "6"
    assert data["guaranteed"] == (width == "6")


SMALL = ["train", "f1", "--networks", "10", "--steps", "2", "--radius", "sqrt(3)", "--radius", "1.5"]


@pytest.mark.parametrize("form", ["text", "latex", "markdown", "csv", "json"])
def test_train_prints_reported_figures_beside_ours(form: str, tmp_path: Path) -> None:
    target = tmp_path / "table.out"
    printed = run(*SMALL, "--format", form)
    assert printed.exit_code == 0, printed.output
    assert "93.6" in printed.output
    assert run(*SMALL, "--format", form, "-o", str(target)).exit_code == 0
    assert target.read_text().strip() == printed.output.strip()
    if form == "json":
        assert {row["r"] for row in json.loads(printed.output)["rows"]} == {"sqrt(3)", "1.5"}


def test_an_interrupted_training_says_how_to_continue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from relutheory import experiments

    real = experiments.collapse_after_training

    def interrupted(target: str, init: str, *args: object, **options: object) -> object:
        if init == "rai":
            raise KeyboardInterrupt
        return real(target, init, *args, **options)

    monkeypatch.setattr(experiments, "collapse_after_training", interrupted)
    result = run(*SMALL, "--journal", str(tmp_path))
    assert result.exit_code == 130
    assert "He" in result.stdout
    assert f"run again with the same settings and --journal {tmp_path} to continue" in result.stderr
    assert "with --journal DIR finished blocks are kept" in run(*SMALL).stderr
    monkeypatch.setattr(experiments, "collapse_after_training", real)
    assert run(*SMALL, "--journal", str(tmp_path)).exit_code == 0


def test_ctrl_c_ends_a_training_with_status_130(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "relutheory", "train", "f1", "--networks", "100000", "--steps", "20"]
    process = subprocess.Popen(
        [*command, "--journal", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for _ in range(600):
        if list(tmp_path.rglob("*.npz")):
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "to continue" in errors


def fresh(code: str) -> str:
    """Run code in a new interpreter and return what it prints."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout.strip()


HEAVY = "print(sorted({'sympy', 'numpy', 'mpmath', 'flint', 'matplotlib', 'pandas'} & set(sys.modules)))"


def test_import_is_lazy() -> None:
    assert fresh(f"import sys, relutheory; relutheory.__version__; {HEAVY}") == "[]"


def test_help_is_light() -> None:
    for command in ([], ["train"], ["observe"], ["design"], ["design", "rai"], ["report"]):
        arguments = [*command, "--help"]
        code = f"import sys; from relutheory.cli import cli; cli({arguments}, standalone_mode=False); {HEAVY}"
        assert fresh(code).splitlines()[-1] == "[]"


def test_completion_is_light_and_knows_the_ids() -> None:
    code = (
        "import sys; from relutheory.cli import cli; from click.shell_completion import ShellComplete; "
        "c = ShellComplete(cli, {}, 'relutheory', '_RELUTHEORY_COMPLETE'); "
        "print([i.value for i in c.get_completions(['eval'], 'born-dead-max')]); " + HEAVY
    )
    assert fresh(code).splitlines() == ["['born-dead-max-depth']", "[]"]


def test_the_console_script_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "relutheory", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("relutheory, version ")
