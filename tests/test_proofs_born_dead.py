"""The derivations hold, cover every record, and break when a number in them is changed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sympy import Basic, Rational

from proofs.checking import LEMMA_MODULES, Library, derivation_of
from proofs.claims import Assume, Cite, Claim, Definition, Derivation, Model, Step, Wording
from proofs.exact import World
from proofs.kernel import Context, accept
from proofs.polynomials import Refused
from proofs.rules_logic import check_in_witness
from proofs.substitution import variables
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


#: Numbers of one relation that are changed, one at a time.
MOST = 16


def mutants(step: Step) -> Iterator[Claim]:
    """Claims with one number changed."""
    parts = (step.claim.conclusion, *step.claim.given)
    for j, part in enumerate(parts):
        found = list(positions(part))
        # A long claim repeats its numbers; an even choice keeps the test short.
        for path in found[:: 1 + len(found) // MOST]:
            try:
                new = changed(part, path)
            except (TypeError, ValueError):
                continue  # SymPy itself refuses the term
            if new == part or not isinstance(new, type(part)):
                continue
            yield Claim(new, parts[1:]) if j == 0 else Claim(parts[0], (*parts[1:j], new, *parts[j + 1 :]))


def survives(context: Context, mutant: Step, users: list[Step]) -> bool:
    """Whether the kernel accepts the changed step, its model and every step that uses it."""
    fresh = replace(
        context, earlier=dict(context.earlier), tiers=dict(context.tiers), imported=dict(context.imported)
    )
    before = fresh.earlier.pop(mutant.label)
    try:
        accept(fresh, mutant)
        if isinstance(mutant.certificate, Model | Wording | Assume | Cite | Definition):
            check_in_witness(context.derivation, mutant)
        for user in users:
            fresh.earlier.pop(user.label, None)
            accept(fresh, user)
    except Refused:
        return False
    return before is not mutant


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
    library()._once(reference)
    derivation = library().find(reference)
    record = None if derivation.lemma else theorem(derivation.theorem_id)
    hypotheses = derivation.hypotheses if record is None else record.hypotheses
    context = Context(derivation, hypotheses, library()._lookup(record))
    for step in derivation.steps:
        accept(context, step)
    tried, left = 0, []
    for step in derivation.steps:
        users = [s for s in derivation.steps if step.label in s.uses]
        for claim in mutants(step):
            tried += 1
            mutant = Step(step.label, claim, step.certificate)
            if survives(context, mutant, users):
                left.append(mutant)
                assert not is_false(derivation, mutant), f"{mutant.label}: {claim}"
    # Empty products and bounds with room to spare survive; most changes must not.
    assert len(left) <= max(3, tried // 5), [f"{m.label}: {m.claim}" for m in left]


@pytest.mark.parametrize("id", IDS)
def test_end_is_the_statement(id: str) -> None:
    derivation = derivation_of(theorem(id))
    assert derivation.steps[-1].claim.conclusion == theorem(id).statement
    cut = replace(derivation, steps=derivation.steps[:-1])
    with pytest.raises(Refused):
        Library({id: cut}).theorem(id)


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
    body = "\n".join(derivation_latex(id) for id in IDS)
    text = "\n".join(
        [r"\documentclass{article}", r"\usepackage{amsmath}", r"\begin{document}", body, r"\end{document}"]
    )
    (tmp_path / "all.tex").write_text(text, encoding="utf-8")
    run = subprocess.run(
        [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout.decode(errors="replace")[-2000:]
