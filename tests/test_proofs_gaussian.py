"""The derivations of the Gaussian calculus hold, cover every record, and break when a number is changed."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from proof_tools import check_end, check_models, check_statements, compile_derivations, library, surviving
from sympy import Integer

from proofs.claims import Cite, Model
from proofs.gaussian import edges, mills, moments, orthant, quadrants
from proofs.substitution import substitute
from relutheory.evaluate import enclose
from relutheory.prove import ProofAxis, prove
from relutheory.theorems import all_theorems
from relutheory.theory.gaussian.notation import h1, h2, i, j, rho

IDS = [t.id for t in all_theorems("gaussian")]
LEMMAS = [*edges.LEMMAS, *mills.LEMMAS, *moments.LEMMAS, *orthant.LEMMAS, *quadrants.LEMMAS]

#: Theorems that rest on a citation, which their output names.
WEAK = {"quadrant-truncated-moments"}


@pytest.mark.parametrize("id", IDS)
def test_derivation_is_accepted(id: str) -> None:
    report = prove(id)
    assert report.ok, report.error
    assert (report.tier >= ProofAxis.DERIVED) == (id not in WEAK)
    assert not report.stated


@pytest.mark.parametrize("id", IDS)
def test_end_is_the_statement(id: str) -> None:
    check_end(id)


@pytest.mark.parametrize("id", IDS)
def test_models_name_hypotheses_of_the_record(id: str) -> None:
    check_models(id)


#: Steps that stay true with another number: bounds with room, or an identity for any factor of zero.
ROOM = 0.12


@pytest.mark.parametrize("reference", [*(f"lemma:{n}" for n in LEMMAS), *(f"theorem:{id}" for id in IDS)])
def test_changed_numbers_are_noticed(reference: str) -> None:
    """A changed number is refused there or where it is used."""
    tried, left = surviving(reference, (Cite, Model), most=4)
    assert len(left) <= max(2, ROOM * tried), [f"{m.label}: {m.claim}" for m in left]


@pytest.mark.parametrize("id", IDS)
def test_changed_statements_are_refused(id: str) -> None:
    """No statement of the topic has room: each number of it matters to its last step."""
    check_statements(id)


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
    compile_derivations([t.id for t in all_theorems(stem)], tmp_path, pdflatex)
