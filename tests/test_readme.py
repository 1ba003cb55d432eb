"""The README's examples run and print what it says; its generated part is up to date."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import readme_results
from click.testing import CliRunner

from relutheory.cli import cli


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_python_examples(root: Path) -> None:
    examples = blocks((root / "README.md").read_text(), "python")
    assert examples
    for number, block in enumerate(examples):
        test = doctest.DocTestParser().get_doctest(block, {}, f"README {number}", "README.md", 0)
        assert test.examples
        runner = doctest.DocTestRunner(verbose=False)
        assert runner.run(test).failed == 0


def test_console_examples(root: Path) -> None:
    examples = blocks((root / "README.md").read_text(), "console")
    assert len(examples) >= 3
    for block in examples:
        command, _, expected = block.partition("\n")
        words = shlex.split(command.removeprefix("$ "))
        assert words[0] == "relutheory"
        assert CliRunner().invoke(cli, words[1:]).output == expected


def test_generated_results_are_current(root: Path) -> None:
    _, between, _ = readme_results.split((root / "README.md").read_text())
    assert between.strip() == readme_results.results().strip()


def test_ci_runs_the_commands_of_the_readme(root: Path) -> None:
    readme, script = (root / "README.md").read_text(), (root / ".ci" / "run").read_text()
    for name in ("main job", "tests", "latex"):
        assert f"<!-- command: {name} -->" in readme
        assert f'readme_command "{name}"' in script


def test_the_citation_names_this_version(root: Path) -> None:
    from relutheory import __version__

    citation, changes = (root / "CITATION.cff").read_text(), (root / "CHANGELOG.md").read_text()
    assert f"\nversion: {__version__}\n" in citation
    assert __version__ in changes
    assert "### Mathematical corrections" in changes
