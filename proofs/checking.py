"""Finds derivations, what their theorems allow them to assume, and checks them once."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from sympy import And, Ge, Gt, Indexed, Integer, Le, Lt, Rational

from proofs.claims import Derivation
from proofs.kernel import Checked, check
from proofs.polynomials import Refused
from relutheory.domain import BooleanSet, Domain, IntegerSet, Parameter, RealSet, WidthsSet
from relutheory.symbols import L
from relutheory.theorems import Theorem, theorem

#: Modules with a dictionary ``LEMMAS``: about numbers and born-dead probabilities, and about analysis.
LEMMA_MODULES = ("proofs.lemmas", "proofs.born_dead.closed_form", "proofs.born_dead.leading")
ANALYSIS_MODULES = (
    "proofs.gaussian.edges",
    "proofs.gaussian.mills",
    "proofs.gaussian.moments",
    "proofs.gaussian.orthant",
    "proofs.gaussian.quadrants",
    "proofs.rai.circular",
    "proofs.rai.common",
    "proofs.rai.convexity",
    "proofs.rai.floor",
    "proofs.rai.gate",
    "proofs.rai.laws",
    "proofs.rai.tangent",
    "proofs.single_unit.death",
    "proofs.single_unit.traps",
)

__all__ = ["Library", "derivation_of", "domain_relations"]


def derivation_of(record: Theorem) -> Derivation:
    """Derivation that a record names.

    Raises
    ------
    Refused
        There is none, or it is for another theorem.
    """
    module, name = record.proof.split(":")
    try:
        found: Any = getattr(importlib.import_module(module), name)()
    except (ImportError, AttributeError) as error:
        raise Refused(f"{record.id}: no derivation {record.proof} ({error})") from error
    if not isinstance(found, Derivation) or found.theorem_id != record.id or found.lemma:
        raise Refused(f"{record.proof} is not a derivation of {record.id}")
    return found


def domain_relations(domain: Domain) -> tuple[Any, ...]:
    """What a domain says about its symbols, as relations.

    Examples
    --------
    >>> from proofs.checking import domain_relations
    >>> from relutheory.theorems import theorem
    >>> [str(r) for r in domain_relations(theorem("born-dead-lower-bound-1d").domain)]
    ['N >= 1', 'L >= 2']
    """
    found: list[Any] = []
    for parameter in domain.parameters:
        found += _parameter(parameter)
    for condition, _ in domain.constraints:
        found += list(condition.args) if isinstance(condition, And) else [condition]
    return tuple(found)


def _parameter(parameter: Parameter) -> list[Any]:
    symbol, values = parameter.symbol, parameter.set
    if isinstance(values, IntegerSet):
        _typed(symbol, Integer(values.low))
        found = [Ge(symbol, values.low, evaluate=False)]
        return found if values.high is None else [*found, Le(symbol, values.high, evaluate=False)]
    if isinstance(values, BooleanSet):
        return [Ge(symbol, 0, evaluate=False), Le(symbol, 1, evaluate=False)]
    if isinstance(values, RealSet):
        return _interval(symbol, values)
    # A non-empty list of hidden widths; the entries of other vectors and words carry no relation.
    return [Ge(L, 2, evaluate=False)] if isinstance(values, WidthsSet) else []


def _interval(symbol: Any, values: RealSet) -> list[Any]:
    found: list[Any] = []
    if values.low is not None:
        low = Rational(values.low.numerator, values.low.denominator)
        _typed(symbol, low, strict=values.ends[0] == "(")
        found.append((Gt if values.ends[0] == "(" else Ge)(symbol, low, evaluate=False))
    elif symbol.is_nonnegative or symbol.is_nonpositive:
        raise Refused(f"the symbol {symbol} assumes more than its domain")
    if values.high is not None:
        high = Rational(values.high.numerator, values.high.denominator)
        found.append((Lt if values.ends[1] == ")" else Le)(symbol, high, evaluate=False))
    return found


def _typed(symbol: Any, low: Any, *, strict: bool = False) -> None:
    """Assumptions on a symbol may not exceed the set of the parameter."""
    if isinstance(symbol, Indexed):
        return
    positive = low > 0 or (strict and low >= 0)
    if (symbol.is_positive and not positive) or (symbol.is_nonnegative and low < 0):
        raise Refused(f"the symbol {symbol} assumes more than its domain")


class Library:
    """Derivations that were checked, each once.

    Parameters
    ----------
    replaced : mapping, optional
        Derivations that are checked in place of the ones that the records name.
    """

    def __init__(self, replaced: Mapping[str, Derivation] | None = None) -> None:
        self.replaced = dict(replaced or {})
        self.done: dict[str, Checked] = {}
        self.open: list[str] = []

    def theorem(self, id: str) -> Checked:
        """Check the derivation of a theorem."""
        return self._once(f"theorem:{id}")

    def find(self, reference: str) -> Derivation:
        """Derivation of ``theorem:<id>`` or ``lemma:<name>``."""
        kind, name = reference.split(":", 1)
        if name in self.replaced:
            return self.replaced[name]
        if kind == "theorem":
            return derivation_of(theorem(name))
        for module in (*LEMMA_MODULES, *ANALYSIS_MODULES):
            known = importlib.import_module(module).LEMMAS
            if name in known:
                lemma: Derivation = known[name]()
                return lemma
        raise Refused(f"there is no lemma {name!r}")

    def _once(self, reference: str) -> Checked:
        if reference in self.done:
            return self.done[reference]
        if reference in self.open:
            raise Refused(f"circular: {' -> '.join([*self.open, reference])}")
        self.open.append(reference)
        try:
            self.done[reference] = self._check(reference)
        finally:
            self.open.pop()
        return self.done[reference]

    def _check(self, reference: str) -> Checked:
        derivation = self.find(reference)
        if derivation.lemma:
            return check(derivation, derivation.hypotheses, self._lookup(None))
        record = theorem(derivation.theorem_id)
        return check(
            derivation,
            record.hypotheses,
            self._lookup(record),
            record.statement,
            record.also,
            domain_relations(record.domain),
        )

    def _lookup(self, record: Theorem | None) -> Any:
        def lookup(reference: str) -> Checked:
            kind, _, name = reference.partition(":")
            if kind == "theorem" and (record is None or name not in record.uses):
                raise Refused(f"the theorem does not say that it uses {name}")
            return self._once(reference)

        return lookup
