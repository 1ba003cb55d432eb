"""The derivations of randomized asymmetric initialization hold, and break when a number is changed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from proof_tools import core, mutants, survives

from proofs.certificates import Apply
from proofs.checking import Library, derivation_of
from proofs.claims import Assume, Cite, Derivation, Model, Step
from proofs.kernel import Context, accept
from proofs.polynomials import Refused
from proofs.rai import circular, common, convexity, floor, gate, laws, tangent
from relutheory.prove import ProofAxis, prove
from relutheory.theorems import all_theorems, theorem

IDS = [t.id for t in all_theorems("rai")]
MODULES = (circular, common, convexity, floor, gate, laws, tangent)
LEMMAS = [name for module in MODULES for name in module.LEMMAS]

#: Theorems that rest on an argument in words, which the output prints.
STATED = {"rai-infinite-depth", "rai-mean-field-gain"}


@cache
def library() -> Library:
    return Library()


@pytest.mark.parametrize("id", IDS)
def test_derivation_is_accepted(id: str) -> None:
    report = prove(id)
    assert report.ok, report.error
    expected = ProofAxis.STATED if id in STATED else ProofAxis.DERIVED
    assert report.tier == expected
    assert report.seconds < 8


@pytest.mark.parametrize("id", IDS)
def test_end_is_the_statement(id: str) -> None:
    derivation = derivation_of(theorem(id))
    assert derivation.steps[-1].claim.conclusion == theorem(id).statement
    cut = replace(derivation, steps=derivation.steps[:-1])
    with pytest.raises(Refused):
        Library({id: cut}).theorem(id)


def test_models_name_hypotheses_of_the_record() -> None:
    for id in IDS:
        derivation = derivation_of(theorem(id))
        wrong = tuple(
            replace(s, certificate=replace(s.certificate, hypothesis="no such hypothesis"))
            if isinstance(s.certificate, Model)
            else s
            for s in derivation.steps
        )
        if wrong != derivation.steps:
            with pytest.raises(Refused, match="no hypothesis"):
                Library({id: replace(derivation, steps=wrong)}).theorem(id)


def _context(reference: str) -> tuple[Derivation, Context]:
    derivation = library().find(reference)
    record = None if derivation.lemma else theorem(derivation.theorem_id)
    hypotheses = derivation.hypotheses if record is None else record.hypotheses
    context = Context(derivation, hypotheses, library()._lookup(record))
    for step in derivation.steps:
        accept(context, step)
    return derivation, context


#: Share of changed numbers that may pass: bounds with room to spare.
ROOM = 0.2


@pytest.mark.parametrize("reference", [*(f"lemma:{n}" for n in LEMMAS), *(f"theorem:{id}" for id in IDS)])
def test_changed_numbers_are_noticed(reference: str) -> None:
    """A changed number of a derived step is refused there or where it is used."""
    library()._once(reference)
    derivation, context = _context(reference)
    tried, left = 0, []
    for step in derivation.steps:
        if isinstance(step.certificate, Apply | Assume | Cite | Model):
            continue
        users = [s for s in derivation.steps if step.label in s.uses]
        for claim in mutants(step, most=4):
            tried += 1
            mutant = Step(step.label, claim, step.certificate)
            if survives(context, mutant, users):
                left.append(mutant)
    assert len(left) <= max(2, ROOM * tried), [f"{m.label}: {m.claim}" for m in left]


@pytest.mark.parametrize("id", sorted(set(IDS) - STATED))
def test_changed_statements_are_refused(id: str) -> None:
    """Each number of a derived statement matters to its last step."""
    derivation, context = _context(f"theorem:{id}")
    wanted = (theorem(id).statement, *theorem(id).also)
    for step in derivation.steps:
        if step.claim.conclusion in wanted and not isinstance(
            step.certificate, Apply | Assume | Cite | Model
        ):
            for claim in mutants(step, most=12):
                if core(claim.conclusion) == core(step.claim.conclusion):
                    continue  # another hypothesis
                mutant = Step(step.label, claim, step.certificate)
                assert not survives(context, mutant, []), f"{step.label}: {claim}"
