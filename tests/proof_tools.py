"""Changing numbers in derivations, to see that the kernel notices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sympy import Basic, Implies, Rational

from proofs.claims import Assume, Cite, Claim, Definition, Model, Step, Wording
from proofs.kernel import Context, accept
from proofs.polynomials import Refused
from proofs.rules_logic import check_in_witness


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
