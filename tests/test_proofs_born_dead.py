"""The derivations hold, cover every record, and break when a number in them is changed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from proofs.checking import LEMMA_MODULES, Library, derivation_of
from proofs.claims import Claim, Derivation, Model, Step
from proofs.polynomials import Refused
from sympy import Basic, Integer, Rational

from relutheory.errors import UnknownTheoremError
from relutheory.prove import ProofAxis, Status, TestAxis, derivation_latex, prove, prove_all, status
from relutheory.theorems import all_theorems, theorem

IDS = [t.id for t in all_theorems("born_dead")]


@cache
def library() -> Library:
    return Library()


@pytest.mark.parametrize("id", IDS)
def test_derivation_is_accepted(id: str) -> None:
    report = prove(id)
    assert report.ok, report.error
    assert report.steps
    assert report.tier > ProofAxis.REFUSED
    assert report.seconds < 5
    assert theorem(id).id in str(report)


def test_only_these_rest_on_words() -> None:
    weak = {r.theorem for r in prove_all("born_dead") if r.tier < ProofAxis.DERIVED}
    assert weak <= WEAK, weak


WEAK = {"born-dead-event", "born-dead-law-free-cases", "born-dead-infinite-depth-dichotomy"}


def test_status_has_two_axes() -> None:
    assert status(theorem("born-dead-single-point")) == Status(ProofAxis.DERIVED, TestAxis.INSTANCED)
    assert str(status(theorem("born-dead-single-point"))) == "DERIVED, INSTANCED"
    assert Status(ProofAxis.DERIVED, TestAxis.REFUTED).refuted


def test_unknown_id() -> None:
    with pytest.raises(UnknownTheoremError):
        prove("born-dead-nothing")


def test_models_name_hypotheses_of_the_record() -> None:
    for id in IDS:
        derivation = derivation_of(theorem(id))
        labels = {h.split(":")[0] for h in theorem(id).hypotheses} | set(theorem(id).hypotheses)
        for step in derivation.steps:
            if isinstance(step.certificate, Model):
                assert step.certificate.hypothesis in labels
                # Renaming the hypothesis makes the kernel refuse.
        wrong = tuple(
            replace(s, certificate=replace(s.certificate, hypothesis="no such hypothesis"))
            if isinstance(s.certificate, Model)
            else s
            for s in derivation.steps
        )
        if wrong != derivation.steps:
            with pytest.raises(Refused, match="no hypothesis"):
                Library({id: replace(derivation, steps=wrong)}).theorem(id)


def positions(term: Any, path: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Paths to the rational numbers in a term."""
    if isinstance(term, Rational):
        yield path
    elif isinstance(term, Basic):
        for i, part in enumerate(term.args):
            yield from positions(part, (*path, i))


def changed(term: Any, path: tuple[int, ...]) -> Any:
    """Term with one number increased by one."""
    if not path:
        return term + 1
    args = list(term.args)
    args[path[0]] = changed(args[path[0]], path[1:])
    return term.func(*args, evaluate=False) if term.is_Relational else term.func(*args)


def mutants(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """Derivations with one number of one claim changed."""
    for i, step in enumerate(derivation.steps):
        parts = (step.claim.conclusion, *step.claim.given)
        for j, part in enumerate(parts):
            for path in positions(part):
                try:
                    new = changed(part, path)
                except (TypeError, ValueError):
                    continue  # SymPy itself refuses the term
                if new == part or not isinstance(new, type(part)):
                    continue
                claim = Claim(new, parts[1:]) if j == 0 else Claim(parts[0], (*parts[1:j], new, *parts[j + 1 :]))
                mutant = Step(step.label, claim, step.certificate)
                steps = (*derivation.steps[:i], mutant, *derivation.steps[i + 1 :])
                yield f"{step.label}: {claim}", replace(derivation, steps=steps)


def accepted(derivation: Derivation, reference: str) -> bool:
    fresh = Library({derivation.theorem_id: derivation})
    # What the derivation uses is unchanged; no need to check it again.
    fresh.done = {k: v for k, v in library().done.items() if k != reference}
    try:
        fresh._once(reference)
    except Refused:
        return False
    return True


def references() -> list[str]:
    import importlib

    names = [f"lemma:{n}" for m in LEMMA_MODULES for n in importlib.import_module(m).LEMMAS]
    return [*names, *(f"theorem:{id}" for id in IDS)]


@pytest.mark.parametrize("reference", references())
def test_no_number_can_be_changed(reference: str) -> None:
    """A changed number is refused, or the claim is still true as far as its model shows and nothing else changes."""
    library()._once(reference)
    derivation = library().find(reference)
    tried = survived = 0
    left = []
    for text, mutant in mutants(derivation):
        tried += 1
        if accepted(mutant, reference):
            survived += 1
            left.append(text)
    assert tried or not any(True for s in derivation.steps for _ in positions(s.claim.conclusion))
    print(tried, survived, *left, sep="\n")
