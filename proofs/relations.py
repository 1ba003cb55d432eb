"""Relations between terms: normal form, comparison, and what is evident from signs of symbols."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from sympy import Eq, Ge, Gt, Le, Lt, Ne
from sympy.core.relational import Relational

from proofs.polynomials import ONE, Fractional, Refused, atom, atoms_of, constant, of_atom, properties
from proofs.roots import agree, base_of_root
from proofs.terms import Obligation, is_integer, read_together

__all__ = ["Evidence", "Reading", "negation", "read_relations", "same_relation"]

#: Functions with positive values only.
POSITIVE = ("phi", "Phi")
_KINDS = {Eq: "=", Ne: "!=", Ge: ">=", Gt: ">", Le: "<=", Lt: "<"}


@dataclass(frozen=True)
class Reading:
    """``difference kind 0`` with kind one of ``=``, ``!=``, ``>=``, ``>``."""

    kind: str
    difference: Fractional


def read_relations(relations: Sequence[Any]) -> tuple[list[Reading], list[Obligation]]:
    """Read relations over common atoms."""
    for r in relations:
        if not isinstance(r, Relational) or type(r) not in _KINDS:
            raise Refused(f"{r} is not a relation between terms")
    sides, presumed = read_together([s for r in relations for s in (r.lhs, r.rhs)])
    readings = []
    for i, r in enumerate(relations):
        kind, left, right = _KINDS[type(r)], sides[2 * i], sides[2 * i + 1]
        if kind in ("<=", "<"):
            kind, left, right = {"<=": ">=", "<": ">"}[kind], right, left
        readings.append(Reading(kind, left - right))
    return readings, presumed


def same_relation(a: Reading, b: Reading) -> bool:
    """Whether two readings are the same relation (equations also with sides exchanged)."""
    if a.kind != b.kind:
        return False
    if agree(a.difference, b.difference):
        return True
    return a.kind in ("=", "!=") and agree(a.difference, -b.difference)


def negation(relation: Any) -> Any:
    """Relation that holds where this one does not."""
    opposite = {Eq: Ne, Ne: Eq, Ge: Lt, Gt: Le, Le: Gt, Lt: Ge}[type(relation)]
    return opposite(relation.lhs, relation.rhs, evaluate=False)


class Lows(dict[int, Fraction]):
    """Lower bounds of atoms that hypotheses give, and the atoms that they say to be positive."""

    def __init__(self) -> None:
        super().__init__()
        self.positive: set[int] = set()


_NO_LOWS = Lows()


def _sure(number: int, exponent: int, strict: bool, lows: Lows) -> bool:
    """Whether a power of an atom (shifted by its lower bound) is known to be >= 0, or > 0."""
    known = properties(number)
    if known.unit:
        return True
    if strict:
        if number in lows.positive and not lows.get(number):
            return True
        key = known.key
        if isinstance(key, tuple) and key[0] == "function" and key[1] in POSITIVE:
            return True
        base = base_of_root(number)
        if base is not None:
            return _obvious(base, True, lows)
        return (
            isinstance(key, tuple)
            and key[0] == "symbol"
            and ("positive", True) in key[2]
            and not known.integer
        )
    return known.low is not None or number in lows or exponent % 2 == 0


def _shifted(value: Fractional, lows: Lows) -> Fractional:
    """Polynomial in the atoms minus their lower bounds."""
    total = constant(0)
    for monomial, c in value.num.items():
        part = constant(c)
        for number, exponent in monomial:
            low = lows.get(number, properties(number).low)
            base = of_atom(number) + constant(low) if low and exponent > 0 else of_atom(number)
            part = part * base**exponent
        total = total + part
    return total


def _obvious(value: Fractional, strict: bool, lows: Lows) -> bool:
    """Sign by signs of the coefficients, over atoms with lower bounds."""
    if not value.is_polynomial() and not _obvious(Fractional(value.den, constant(1).den), True, lows):
        return False
    shifted = _shifted(value, lows)
    for monomial, c in shifted.num.items():
        if c < 0 or not all(_sure(n, e, False, lows) for n, e in monomial):
            return False
    if not strict:
        return True
    return any(m == ONE or all(_sure(n, e, True, lows) for n, e in m) for m in shifted.num)


def _is_tail(key: object) -> bool:
    return isinstance(key, tuple) and key[:2] == ("function", "Phi")


def _other_tail(value: Fractional) -> Fractional:
    """The same fraction over ``1 - Phi`` in place of ``Phi``: both are positive."""
    numbers = {n for n in atoms_of([value]) if _is_tail(properties(n).key)}
    if not numbers:
        return value
    tails = {
        n: constant(1) - of_atom(atom(("function", "Phi", ("other tail", n)), low=Fraction(0)))
        for n in numbers
    }
    parts = []
    for polynomial in (value.num, value.den):
        total = constant(0)
        for monomial, c in polynomial.items():
            part = constant(c)
            for n, e in monomial:
                part = part * (tails[n] ** e if n in tails else of_atom(n, e))
            total = total + part
        parts.append(total)
    return parts[0] * parts[1].inverse()


def _common(value: Fractional) -> tuple[set[int], Fractional]:
    """Atoms that divide a numerator of several terms, and what is left without them."""
    if len(value.num) < 2:
        return set(), value
    powers = [dict(m) for m in value.num]
    shared = {n: min(p.get(n, 0) for p in powers) for n in powers[0]}
    shared = {n: e for n, e in shared.items() if e > 0}
    rest = {
        tuple((n, e - shared.get(n, 0)) for n, e in m if e != shared.get(n, 0)): c
        for m, c in value.num.items()
    }
    return set(shared), Fractional(rest, {ONE: Fraction(1)})


class Evidence:
    """Facts that hold where a claim is made: its hypotheses and the assumptions on its symbols.

    Parameters
    ----------
    relations : iterable
        Hypotheses (relations only are used).
    """

    def __init__(self, relations: Iterable[Any]) -> None:
        self.relations = [r for r in relations if isinstance(r, Relational)]
        self.readings: list[Reading] = []
        self.lows = Lows()
        for r in self.relations:
            # Each is read on its own; what its reading presumes must be evident without it.
            (reading,), presumed = read_relations([r])
            if all(self.discharges(o) for o in presumed):
                self.readings.append(reading)
                self._raise_low(reading)

    def _raise_low(self, reading: Reading) -> None:
        """A hypothesis ``x >= c`` on one symbol raises the lower bound that its assumptions give."""
        rest, c = reading.difference.split_constant()
        if reading.kind in (">=", ">") and reading.difference.is_polynomial() and len(rest.num) == 1:
            ((monomial, factor),) = rest.num.items()
            if len(monomial) == 1 and monomial[0][1] == 1 and factor > 0:
                number = monomial[0][0]
                known = self.lows.get(number, properties(number).low)
                if known is None or -c / factor > known:
                    self.lows[number] = -c / factor
                if reading.kind == ">" and c == 0:
                    self.lows.positive.add(number)

    def _lower(self) -> list[Fractional]:
        facts = []
        for r in self.readings:
            if r.kind == ">" and is_integer(r.difference):
                facts.append(r.difference - constant(1))
            elif r.kind in (">=", ">"):
                facts.append(r.difference)
            elif r.kind == "=":
                facts += [r.difference, -r.difference]
        return facts

    def nonneg(self, value: Fractional) -> bool:
        """Whether ``value >= 0`` is evident."""
        return self._by_facts(value, strict=False)

    def positive(self, value: Fractional) -> bool:
        """Whether ``value > 0`` is evident."""
        if is_integer(value) and self._by_facts(value - constant(1), strict=False):
            return True
        return self._by_facts(value, strict=True) or any(
            r.kind == ">" and r.difference.equals(value) for r in self.readings
        )

    def _by_facts(self, value: Fractional, strict: bool) -> bool:
        if self._sign(value, strict) or self._sign(_other_tail(value), strict):
            return True
        facts = self._lower()
        for size in (1, 2):
            for chosen in combinations(facts, size):
                rest = value
                for fact in chosen:
                    rest = rest - fact
                if self._sign(rest, strict):
                    return True
        return False

    def _sign(self, value: Fractional, strict: bool) -> bool:
        """By the signs of coefficients, over the atoms and over what they exceed their lower bounds by."""
        return _obvious(value, strict, self.lows) or (bool(self.lows) and _obvious(value, strict, _NO_LOWS))

    def nonzero(self, value: Fractional) -> bool:
        """Whether ``value != 0`` is evident."""
        if self.positive(value) or self.positive(-value):
            return True
        common, rest = _common(value)
        if common and self.nonzero(rest):
            return all(self.nonzero(base_of_root(n) or of_atom(n)) for n in common)
        return any(r.kind in ("!=", ">") and proportional(r.difference, value) for r in self.readings)

    def discharges(self, obligation: Obligation) -> bool:
        """Whether what a reading presumes is evident."""
        if obligation.kind == "nonzero":
            return self.nonzero(obligation.term)
        if obligation.kind == "positive":
            return self.positive(obligation.term)
        if self.nonneg(obligation.term):
            return True
        return obligation.base is not None and self.nonzero(obligation.base)

    def entails(self, relation: Any) -> bool:
        """Whether a relation is a hypothesis or evident."""
        if any(relation == r for r in self.relations):
            return True
        (reading,), presumed = read_relations([relation])
        if not all(self.discharges(o) for o in presumed):
            return False
        if any(same_relation(reading, r) for r in self.readings):
            return True
        if any(
            r.kind == ">" and reading.kind == ">=" and r.difference.equals(reading.difference)
            for r in self.readings
        ):
            return True
        test = {">=": self.nonneg, ">": self.positive, "!=": self.nonzero, "=": Fractional.is_zero}[
            reading.kind
        ]
        return test(reading.difference)


def proportional(a: Fractional, b: Fractional) -> bool:
    """Whether two terms differ by a number and units only, so that they vanish together."""
    if a.is_zero() or b.is_zero() or not (a.is_polynomial() and b.is_polynomial()):
        return a.equals(b)
    (m, c), (k, d) = min(a.num.items()), min(b.num.items())
    if a.equals(b * constant(Fraction(c) / d)):
        return True
    ratio = _monomial(m, c) * _monomial(k, d).inverse()
    return all(properties(n).unit for part in (m, k) for n, _ in part) and a.equals(b * ratio)


def _monomial(monomial: Any, c: Fraction) -> Fractional:
    return Fractional({monomial: c}, {ONE: Fraction(1)})
