"""The derivations of the Gaussian calculus hold, cover every record, and break when a number is changed."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from proof_tools import core, mutants, survives
from sympy import Integer

from proofs.checking import Library, derivation_of
from proofs.claims import Cite, Derivation, Model, Step
from proofs.gaussian import edges, mills, moments, orthant, quadrants
from proofs.kernel import Context, accept
from proofs.polynomials import Refused
from proofs.substitution import substitute
from relutheory.evaluate import enclose
from relutheory.prove import ProofAxis, derivation_latex, prove
from relutheory.theorems import all_theorems, theorem
from relutheory.theory.gaussian.notation import h1, h2, i, j, rho

IDS = [t.id for t in all_theorems("gaussian")]
LEMMAS = [*edges.LEMMAS, *mills.LEMMAS, *moments.LEMMAS, *orthant.LEMMAS, *quadrants.LEMMAS]

#: Theorems that rest on a citation, which their output names.
WEAK = {"quadrant-truncated-moments"}


@cache
def library() -> Library:
    return Library()


@pytest.mark.parametrize("id", IDS)
def test_derivation_is_accepted(id: str) -> None:
    report = prove(id)
    assert report.ok, report.error
    assert (report.tier >= ProofAxis.DERIVED) == (id not in WEAK)
    assert not report.stated
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


#: Steps that stay true with another number: bounds with room, or an identity for any factor of zero.
ROOM = 0.12


@pytest.mark.parametrize("reference", [*(f"lemma:{n}" for n in LEMMAS), *(f"theorem:{id}" for id in IDS)])
def test_changed_numbers_are_noticed(reference: str) -> None:
    """A changed number is refused there or where it is used."""
    library()._once(reference)
    derivation, context = _context(reference)
    tried, left = 0, []
    for step in derivation.steps:
        if isinstance(step.certificate, Cite | Model):
            continue
        users = [s for s in derivation.steps if step.label in s.uses]
        for claim in mutants(step, most=4):
            tried += 1
            mutant = Step(step.label, claim, step.certificate)
            if survives(context, mutant, users):
                left.append(mutant)
    assert len(left) <= max(2, ROOM * tried), [f"{m.label}: {m.claim}" for m in left]


@pytest.mark.parametrize("id", IDS)
def test_changed_statements_are_refused(id: str) -> None:
    """No statement of the topic has room: each number of it matters to its last step."""
    derivation, context = _context(f"theorem:{id}")
    wanted = (theorem(id).statement, *theorem(id).also)
    for step in derivation.steps:
        if step.claim.conclusion in wanted:
            for claim in mutants(step, most=12):
                if core(claim.conclusion) == core(step.claim.conclusion):
                    continue  # another hypothesis
                mutant = Step(step.label, claim, step.certificate)
                assert not survives(context, mutant, []), f"{step.label}: {claim}"


@pytest.mark.parametrize("orders", [(1, 0), (1, 2), (2, 1), (3, 2)])
def test_cited_recursion_holds_in_numbers(orders: tuple[int, int]) -> None:
    """The one cited step of the topic, against the certified integral."""
    claim = library()._once("lemma:quadrant-recursion").final.conclusion
    numbers = {i: Integer(orders[0]), j: Integer(orders[1])}
    left, right = (substitute(side, numbers).doit() for side in claim.args)
    point = {h1: Fraction(1, 2), h2: Fraction(-1, 3), rho: Fraction(3, 5)}
    value = enclose(left, point, digits=20).digits()
    assert value == enclose(right, point, digits=20).digits()
    assert value != enclose(right + rho / 1000, point, digits=20).digits()


@pytest.mark.parametrize("stem", ["gaussian", "rai"])
def test_latex_compiles(stem: str, tmp_path: Path, pdflatex: str) -> None:
    body = "\n".join(derivation_latex(t.id) for t in all_theorems(stem))
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
