"""The derivations of the convergence of one unit hold, and break when a number or a sign is changed."""

from __future__ import annotations

import pytest
from proof_tools import check_end, check_models, check_statements, surviving

from proofs.certificates import Apply
from proofs.claims import Model
from relutheory.prove import ProofAxis, prove
from relutheory.theorems import all_theorems
from relutheory.theory.single_unit import descent, drift

IDS = [t.id for t in (*drift.THEOREMS, *descent.THEOREMS)]


ALL = [t.id for t in all_theorems("single_unit")]


@pytest.mark.parametrize("id", ALL)
def test_derivation_is_accepted(id: str) -> None:
    report = prove(id)
    assert report.ok, report.error
    assert report.tier == ProofAxis.DERIVED
    assert not report.stated


@pytest.mark.parametrize("id", ALL)
def test_end_is_the_statement(id: str) -> None:
    check_end(id)


@pytest.mark.parametrize("id", ALL)
def test_models_name_hypotheses_of_the_record(id: str) -> None:
    check_models(id)


#: Share of changed numbers that may pass: hypotheses of steps that hold without them.
ROOM = 0.02


@pytest.mark.parametrize("id", IDS)
def test_changed_numbers_are_noticed(id: str) -> None:
    """A changed number of a derived step is refused there or where it is used."""
    tried, left = surviving(f"theorem:{id}", (Apply, Model), most=4)
    assert len(left) <= max(2, ROOM * tried), [f"{m.label}: {m.claim}" for m in left]


@pytest.mark.parametrize("id", IDS)
def test_changed_statements_are_refused(id: str) -> None:
    """Each number of a statement matters to its last step."""
    check_statements(id, (Apply,))
