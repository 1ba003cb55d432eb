"""Imports point one way, and the rooms of the house agree."""

from __future__ import annotations

import ast
import importlib
import json
from pathlib import Path

import pytest

from relutheory._ids import IDS
from relutheory.theorems import STEMS, all_theorems

PACKAGE = "relutheory"
#: What each room may import from the package (besides itself).
ALLOWED = {
    "errors": set(),
    "_version": set(),
    "_ids": set(),
    "symbols": set(),
    "functions": set(),
    "decimals": set(),
    "grammar": {"errors"},
    "references": {"errors"},
    "certificate": {"decimals", "errors"},
    "estimate": {"errors"},
    "sets": {"errors", "grammar"},
    "domain": {"symbols", "errors", "grammar", "sets", "functions"},
    "evaluate": {"certificate", "decimals", "domain", "sets", "errors", "functions", "grammar"},
    "simulate": {"errors", "estimate"},
}
FORBIDDEN = {"simulate": {"sympy", "flint", "mpmath"}, "evaluate": {"numpy"}}
#: Nothing below these imports them at import time.
TOP = {"verify", "tables", "plots", "cli", "report", "prove", "cards", "mutants"}


def imports(path: Path, lazy: bool = True) -> set[str]:
    """Modules that a file imports; without the ones inside functions unless ``lazy``."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = (
        ast.walk(tree)
        if lazy
        else (n for top in tree.body if not isinstance(top, ast.FunctionDef | ast.ClassDef) for n in [top])
    )
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module)
            if node.module == PACKAGE:
                found |= {f"{PACKAGE}.{alias.name}" for alias in node.names}
    return found


def rooms(found: set[str]) -> set[str]:
    return {name.split(".")[1] for name in found if name.startswith(PACKAGE + ".")}


def sources(root: Path, folder: str) -> list[Path]:
    return sorted(p for p in (root / folder).rglob("*.py") if "__pycache__" not in p.parts)


def room_of(path: Path, root: Path) -> str:
    return path.relative_to(root / PACKAGE).parts[0].removesuffix(".py")


def test_arrows_point_one_way(root: Path) -> None:
    files = sources(root, PACKAGE)
    assert len(files) > 30
    for path in files:
        room = room_of(path, root)
        if room in ALLOWED:
            extra = rooms(imports(path)) - ALLOWED[room] - {room}
            assert not extra, f"{path} imports {extra}"


def test_witness_and_evaluator_stay_apart(root: Path) -> None:
    for room, banned in FORBIDDEN.items():
        for path in sources(root, f"{PACKAGE}/{room}"):
            heads = {name.split(".")[0] for name in imports(path)}
            # The mean field is validated, not certified: its quadrature is planned in floats.
            if path.name == "mean_field.py":
                heads.discard("numpy")
            assert not heads & banned, f"{path} imports {heads & banned}"


def test_statements_do_not_import_what_sits_on_top(root: Path) -> None:
    for path in [*sources(root, f"{PACKAGE}/theory"), root / PACKAGE / "theorems.py"]:
        assert not rooms(imports(path, lazy=False)) & TOP, path


def test_the_package_never_imports_proofs(root: Path) -> None:
    for path in sources(root, PACKAGE):
        assert not {n for n in imports(path) if n.split(".")[0] == "proofs"}, path


def test_nothing_is_imported_with_a_star(root: Path) -> None:
    for folder in (PACKAGE, "proofs", "tests"):
        for path in sources(root, folder):
            stars = [
                n
                for n in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(n, ast.ImportFrom) and any(a.name == "*" for a in n.names)
            ]
            assert not stars, path


def test_static_ids_are_the_registry() -> None:
    assert tuple(t.id for t in all_theorems()) == IDS


@pytest.mark.parametrize("stem", STEMS)
def test_each_stem_has_all_rooms(stem: str, root: Path) -> None:
    for room in (f"{PACKAGE}/theory", f"{PACKAGE}/simulate", "proofs", "tests"):
        name = f"test_{stem}" if room == "tests" else stem
        assert (root / room / f"{name}.py").exists() or (root / room / name / "__init__.py").exists(), room
    assert list((root / "notebooks").glob(f"[0-9][0-9]_{stem}.ipynb"))


@pytest.mark.parametrize("record", list(all_theorems()), ids=lambda t: t.id)
def test_every_theorem_has_proof_witness_and_notebook(record: object, root: Path) -> None:
    module, name = record.proof.split(":")
    assert hasattr(importlib.import_module(module), name)
    assert callable(record.witness.function())
    assert record.witness.trials
    assert record.witness.why
    assert record.stem in STEMS
    (notebook,) = (root / "notebooks").glob(f"[0-9][0-9]_{record.stem}.ipynb")
    code = "".join("".join(c["source"]) for c in json.loads(notebook.read_text())["cells"])
    assert record.id in code, f"{record.id} is not in {notebook.name}"


@pytest.mark.parametrize("record", list(all_theorems()), ids=lambda t: t.id)
def test_records_are_complete(record: object) -> None:
    from relutheory.references import keys

    known = {t.id for t in all_theorems()}
    assert record.hypotheses
    assert all(":" in h for h in record.hypotheses)
    assert record.meaning
    assert record.source.key in keys()
    assert set(record.uses) <= known - {record.id}
    for example in record.examples:
        exact = record.read(**example.parameters)
        assert example.result in record.results_at(exact), example
    exact = record.read(**record.domain.witness)
    assert record.results_at(exact) or not record.formulas


def test_uses_have_no_cycle() -> None:
    uses = {t.id: set(t.uses) for t in all_theorems()}
    while uses:
        free = [i for i, u in uses.items() if not u & set(uses)]
        assert free, f"cycle among {sorted(uses)}"
        for i in free:
            del uses[i]


def test_files_stay_small_enough_to_hold_in_the_head(root: Path) -> None:
    for folder in (PACKAGE, "proofs"):
        for path in sources(root, folder):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 450, path
