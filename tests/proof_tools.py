"""Changing numbers in derivations, to see that the kernel notices."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sympy import Basic, Implies, Rational

from proofs.checking import Library, derivation_of
from proofs.claims import Assume, Certificate, Cite, Claim, Definition, Derivation, Model, Step, Wording
from proofs.kernel import Context, accept
from proofs.polynomials import Refused
from proofs.rules_logic import check_in_witness
from relutheory.prove import derivation_latex
from relutheory.theorems import theorem


@cache
def library() -> Library:
    """Derivations that are checked once for all tests of a process."""
    return Library()


def check_end(id: str) -> None:
    """The last claim is the statement, and without its last step a derivation is refused."""
    derivation = derivation_of(theorem(id))
    assert derivation.steps[-1].claim.conclusion == theorem(id).statement
    cut = replace(derivation, steps=derivation.steps[:-1])
    with pytest.raises(Refused):
        Library({id: cut}).theorem(id)


def check_models(id: str) -> None:
    """A model step must name a hypothesis of the record."""
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


def context_of(reference: str) -> tuple[Derivation, Context]:
    """A derivation with everything that its steps may refer to."""
    library()._once(reference)
    derivation = library().find(reference)
    record = None if derivation.lemma else theorem(derivation.theorem_id)
    hypotheses = derivation.hypotheses if record is None else record.hypotheses
    context = Context(derivation, hypotheses, library()._lookup(record))
    for step in derivation.steps:
        accept(context, step)
    return derivation, context


def surviving(
    reference: str, skipped: tuple[type[Certificate], ...] = (), most: int | None = None
) -> tuple[int, list[Step]]:
    """Number of changed claims, and those that pass where they are made and where they are used."""
    derivation, context = context_of(reference)
    tried, left = 0, []
    for step in derivation.steps:
        if isinstance(step.certificate, skipped):
            continue
        users = [s for s in derivation.steps if step.label in s.uses]
        for claim in mutants(step, most or MOST):
            tried += 1
            mutant = Step(step.label, claim, step.certificate)
            if survives(context, mutant, users):
                left.append(mutant)
    return tried, left


def check_statements(id: str, skipped: tuple[type[Certificate], ...] = ()) -> None:
    """Each number of a statement matters to the step that ends in it."""
    derivation, context = context_of(f"theorem:{id}")
    wanted = (theorem(id).statement, *theorem(id).also)
    for step in derivation.steps:
        if step.claim.conclusion in wanted and not isinstance(step.certificate, skipped):
            for claim in mutants(step, most=12):
                if core(claim.conclusion) == core(step.claim.conclusion):
                    continue  # another hypothesis
                mutant = Step(step.label, claim, step.certificate)
                assert not survives(context, mutant, []), f"{step.label}: {claim}"


def compile_derivations(ids: list[str], directory: Path, pdflatex: str) -> None:
    """Typeset derivations and run LaTeX."""
    body = "\n".join(derivation_latex(id) for id in ids)
    text = "\n".join(
        [r"\documentclass{article}", r"\usepackage{amsmath}", r"\begin{document}", body, r"\end{document}"]
    )
    (directory / "all.tex").write_text(text, encoding="utf-8")
    run = subprocess.run(
        [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=directory,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout.decode(errors="replace")[-2000:]


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


def mutants(step: Step, most: int = MOST) -> Iterator[Claim]:
    """Claims with one number changed."""
    parts = (step.claim.conclusion, *step.claim.given)
    for j, part in enumerate(parts):
        found = list(positions(part))
        # A long claim repeats its numbers; an even choice keeps the test short.
        for path in found[:: 1 + len(found) // most]:
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


def core(conclusion: Any) -> Any:
    """What a statement says under its condition."""
    return conclusion.args[1] if isinstance(conclusion, Implies) else conclusion
