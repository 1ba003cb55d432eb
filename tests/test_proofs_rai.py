"""The derivations of randomized asymmetric initialization hold, and break when a number is changed."""

from __future__ import annotations

import pytest
from proof_tools import check_end, check_models, check_statements, surviving

from proofs.certificates import Apply
from proofs.claims import Assume, Cite, Model
from proofs.rai import circular, common, convexity, floor, gate, laws, tangent
from relutheory.prove import ProofAxis, prove
from relutheory.theorems import all_theorems

IDS = [t.id for t in all_theorems("rai")]
MODULES = (circular, common, convexity, floor, gate, laws, tangent)
LEMMAS = [name for module in MODULES for name in module.LEMMAS]

#: Theorems that rest on an argument in words, which the output prints.
STATED = {"rai-infinite-depth", "rai-mean-field-gain"}


@pytest.mark.parametrize("id", IDS)
def test_derivation_is_accepted(id: str) -> None:
    report = prove(id)
    assert report.ok, report.error
    expected = ProofAxis.STATED if id in STATED else ProofAxis.DERIVED
    assert report.tier == expected


@pytest.mark.parametrize("id", IDS)
def test_end_is_the_statement(id: str) -> None:
    check_end(id)


@pytest.mark.parametrize("id", IDS)
def test_models_name_hypotheses_of_the_record(id: str) -> None:
    check_models(id)


#: Share of changed numbers that may pass: bounds with room to spare.
ROOM = 0.2


@pytest.mark.parametrize("reference", [*(f"lemma:{n}" for n in LEMMAS), *(f"theorem:{id}" for id in IDS)])
def test_changed_numbers_are_noticed(reference: str) -> None:
    """A changed number of a derived step is refused there or where it is used."""
    tried, left = surviving(reference, (Apply, Assume, Cite, Model), most=4)
    assert len(left) <= max(2, ROOM * tried), [f"{m.label}: {m.claim}" for m in left]


@pytest.mark.parametrize("id", sorted(set(IDS) - STATED))
def test_changed_statements_are_refused(id: str) -> None:
    """Each number of a derived statement matters to its last step."""
    check_statements(id, (Apply, Assume, Cite, Model))
