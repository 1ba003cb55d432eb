"""The derivations of rates, death, traps and mean squares hold, and break when a number is changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from proof_tools import check_statements, compile_derivations, context_of, surviving
from sympy import Expr, Symbol, oo

from proofs.checking import Library, derivation_of
from proofs.claims import Model, Step
from proofs.kernel import accept
from proofs.notation import eq
from proofs.polynomials import Refused
from proofs.rules_dynamics import Units
from proofs.single_unit import death as death_proofs
from proofs.single_unit import traps as trap_proofs
from relutheory.theorems import theorem
from relutheory.theory.single_unit import death, networks, rates, squares, steady, traps

MODULES = (rates, death, traps, squares, steady, networks)
IDS = [t.id for module in MODULES for t in module.THEOREMS]
#: Long, and true for any number in front of one of its terms.
LONG, ANY_START = "mean-square-recursion", "zero-target-death-rate"
LEMMAS = [*death_proofs.LEMMAS, *trap_proofs.LEMMAS]


#: Share of changed numbers that may pass: bounds with room to spare.
ROOM = 0.12


@pytest.mark.parametrize("reference", [*(f"lemma:{n}" for n in LEMMAS), *(f"theorem:{id}" for id in IDS)])
def test_changed_numbers_are_noticed(reference: str) -> None:
    """A changed number of a derived step is refused there or where it is used."""
    # Each look at moments of order four over a quadrant takes seconds.
    most = 1 if reference == f"theorem:{LONG}" else 4
    tried, left = surviving(reference, (Model, Units), most=most)
    assert len(left) <= max(2, ROOM * tried), [f"{m.label}: {m.claim}" for m in left]


@pytest.mark.parametrize("id", sorted({*IDS} - {LONG, ANY_START}))
def test_changed_statements_are_refused(id: str) -> None:
    """Each number of a statement matters to its last step."""
    check_statements(id, (Units,))


def test_the_limits_of_the_rate_of_death_are_exact() -> None:
    """The limits do not depend on the start, but on all else."""
    derivation, context = context_of(f"theorem:{ANY_START}")
    record = theorem(ANY_START)
    a = record.lhs.args[1]
    for step in derivation.steps:
        goal = step.claim.conclusion
        if goal not in (record.statement, *record.also):
            continue
        body = goal.lhs.args[0]
        others = [(goal.lhs, goal.rhs + 1), (goal.lhs, -goal.rhs)]
        others += [(goal.lhs.func(body * factor, a, oo, "-"), goal.rhs) for factor in (2, a, 1 / a)]
        for left, right in others:
            fresh = replace(context, earlier=dict(context.earlier), tiers=dict(context.tiers))
            fresh.earlier.pop(step.label)
            claim = replace(step.claim, conclusion=eq(left, right))
            with pytest.raises(Refused):
                accept(fresh, Step(step.label, claim, step.certificate))


def _flipped(term: Any, path: tuple[int, ...]) -> Any:
    """Term with the sign of one part turned."""
    if not path:
        return -term
    args = list(term.args)
    args[path[0]] = _flipped(args[path[0]], path[1:])
    return term.func(*args, evaluate=False) if term.is_Relational else term.func(*args)


def _summands(term: Any, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """Paths to the summands outside of functions, means and sums."""
    if isinstance(term, Expr) and not (term.is_Add or term.is_Mul):
        return [path] if path else []
    found = [path] if isinstance(term, Expr) and path and not term.is_Add else []
    for k, part in enumerate(term.args):
        if isinstance(part, Expr) and term.is_Mul:
            continue
        found += _summands(part, (*path, k))
    return found


@pytest.mark.parametrize("id", IDS)
def test_changed_signs_are_refused(id: str) -> None:
    """A turned sign of a summand in an equation between terms is refused."""
    derivation, context = context_of(f"theorem:{id}")
    record = theorem(id)
    for step in derivation.steps:
        goal = step.claim.conclusion
        equation = goal in (record.statement, *record.also) and getattr(goal, "rel_op", "") == "=="
        if not equation:
            continue
        for path in _summands(goal)[: 2 if id == LONG else 6]:
            turned = _flipped(goal, path)
            if turned == goal or any(side.is_zero for side in goal.args):
                continue
            fresh = replace(context, earlier=dict(context.earlier), tiers=dict(context.tiers))
            fresh.earlier.pop(step.label)
            claim = replace(step.claim, conclusion=turned)
            with pytest.raises(Refused):
                accept(fresh, Step(step.label, claim, step.certificate))


@pytest.mark.parametrize("id", IDS)
def test_a_missing_step_is_noticed(id: str) -> None:
    """Every step but those of further relations is needed by a later one."""
    derivation = derivation_of(theorem(id))
    wanted = (theorem(id).statement, *theorem(id).also)
    used = {label for step in derivation.steps for label in step.uses}
    idle = [s.label for s in derivation.steps if s.label not in used and s.claim.conclusion not in wanted]
    assert set(idle) <= {"student"}


def test_the_rate_of_death_is_sharp() -> None:
    """The bounds of the clock do not hold from an earlier start, or with a smaller last term."""
    derivation = derivation_of(theorem("zero-target-death-rate"))
    a = Symbol("a", positive=True)
    steps = []
    for step in derivation.steps:
        weaker = step.label == "high-clock-rate"
        given = tuple(g.func(a, 2, evaluate=False) for g in step.claim.given) if weaker else step.claim.given
        steps.append(replace(step, claim=replace(step.claim, given=given)))
    with pytest.raises(Refused, match="high-clock-rate"):
        Library({derivation.theorem_id: replace(derivation, steps=tuple(steps))}).theorem(
            derivation.theorem_id
        )


def test_latex_compiles(tmp_path: Any, pdflatex: str) -> None:
    compile_derivations(IDS, tmp_path, pdflatex)
