"""The derivations hold, cover every record, and break when a number in them is changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from proof_tools import check_end, check_models, compile_derivations, library, surviving

from proofs.checking import LEMMA_MODULES, Library, derivation_of
from proofs.claims import Derivation, Step
from proofs.exact import World
from proofs.polynomials import Refused
from proofs.rules_logic import check_in_witness
from proofs.substitution import variables
from relutheory.errors import UnknownTheoremError
from relutheory.prove import ProofAxis, Status, TestAxis, prove, prove_all, status
from relutheory.theorems import all_theorems, theorem

IDS = [t.id for t in all_theorems("born_dead")]


@pytest.mark.parametrize("id", IDS)
def test_derivation_is_accepted(id: str) -> None:
    report = prove(id)
    assert report.ok, report.error
    assert report.steps
    assert report.tier > ProofAxis.REFUSED
    assert report.seconds < 5
    assert theorem(id).id in str(report)


def test_only_these_rest_on_citations() -> None:
    weak = {r.theorem for r in prove_all("born_dead") if r.tier < ProofAxis.DERIVED}
    assert weak == WEAK


#: Named in the output of the check: a classical result is cited, none is in words.
WEAK = {
    "born-dead-event",
    "born-dead-infinite-depth-dichotomy",
}


def test_no_step_is_in_words_only() -> None:
    for report in prove_all("born_dead"):
        assert not report.stated, report.theorem
        assert bool(report.citations) == (report.theorem in WEAK)


def test_status_has_two_axes() -> None:
    assert status(theorem("born-dead-single-point")) == Status(ProofAxis.DERIVED, TestAxis.INSTANCED)
    assert str(status(theorem("born-dead-single-point"))) == "DERIVED, INSTANCED"
    assert Status(ProofAxis.DERIVED, TestAxis.REFUTED).refuted


def test_unknown_id() -> None:
    with pytest.raises(UnknownTheoremError):
        prove("born-dead-nothing")


@pytest.mark.parametrize("id", IDS)
def test_models_name_hypotheses_of_the_record(id: str) -> None:
    check_models(id)


def is_false(derivation: Derivation, mutant: Step) -> bool:
    """Whether the model of the derivation, or small numbers, contradict a claim."""
    try:
        check_in_witness(derivation, mutant)
    except Refused as error:
        return "contradicts" in str(error)
    return False


def references() -> list[str]:
    import importlib

    names = [f"lemma:{n}" for m in LEMMA_MODULES for n in importlib.import_module(m).LEMMAS]
    return [*names, *(f"theorem:{id}" for id in IDS)]


@pytest.mark.parametrize("reference", references())
def test_changed_numbers_are_noticed(reference: str) -> None:
    """A changed number is refused there or where it is used; what survives is true as well."""
    tried, left = surviving(reference)
    for mutant in left:
        assert not is_false(library().find(reference), mutant), f"{mutant.label}: {mutant.claim}"
    # Empty products and bounds with room to spare survive; most changes must not.
    assert len(left) <= max(3, tried // 5), [f"{m.label}: {m.claim}" for m in left]


@pytest.mark.parametrize("id", IDS)
def test_end_is_the_statement(id: str) -> None:
    check_end(id)


@pytest.mark.parametrize("id", IDS)
def test_every_step_is_needed_by_order(id: str) -> None:
    """A step that is moved before what it uses is refused."""
    derivation = derivation_of(theorem(id))
    last = derivation.steps[-1]
    own = {s.label for s in derivation.steps}
    if set(last.uses) & own:
        with pytest.raises(Refused):
            Library({id: replace(derivation, steps=(last, *derivation.steps[:-1]))}).theorem(id)


def test_chain_equals_closed_form_and_any_other_instance() -> None:
    """The lemma on the closed form agrees with exact evaluation of both sides."""
    claim = library()._once("lemma:closed-chain").final
    for count in range(4):
        for width in range(1, 5):
            world = World({s: count if s.name == "n" else width for s in variables(claim.conclusion)})
            assert world.holds(claim.conclusion)


def test_latex_compiles(tmp_path: Path, pdflatex: str) -> None:
    compile_derivations(IDS, tmp_path, pdflatex)
