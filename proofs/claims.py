"""The data of a derivation: claims, certificates, steps.

A claim is a sequent: from the relations in ``given`` follows the ``conclusion``, for all values of the free
symbols that their SymPy assumptions allow. Functions that a derivation introduces (``s(n)``) are fixed
objects of that derivation; ``widths[l]`` is any sequence of integers >= 1 over all integers ``l``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import IntEnum
from fractions import Fraction
from typing import Any, ClassVar

from sympy import Basic, Expr, Symbol

__all__ = ["Claim", "Derivation", "Model", "Ref", "Step", "Tier", "Witness", "at", "labels_of"]


class Tier(IntEnum):
    """Proof axis of the status, weakest first."""

    STATED = 0
    CITED = 1
    DERIVED = 2
    FORMAL = 3


@dataclass(frozen=True)
class Claim:
    """A sequent: ``given`` entail the ``conclusion``."""

    conclusion: Any
    given: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return (
            f"{', '.join(map(str, self.given))} |- {self.conclusion}" if self.given else str(self.conclusion)
        )


@dataclass(frozen=True)
class Ref:
    """An earlier claim at particular terms.

    Parameters
    ----------
    label : str
        Label of an earlier step, ``theorem:<id>`` or ``lemma:<name>``.
    where : mapping
        Terms for free symbols of that claim, or for ``widths``.
    given : tuple
        Earlier claims that prove hypotheses of that claim which the current claim does not have.
    """

    label: str
    where: Mapping[Any, Any] = field(default_factory=dict)
    given: tuple[Any, ...] = ()


def at(label: str, where: Mapping[Any, Any] | None = None, *given: Any) -> Ref:
    """Short form of `Ref`."""
    return Ref(label, where or {}, given)


#: A label, an instance of a label, or a relation among the hypotheses (or evident from the symbols).
Source = Any


@dataclass(frozen=True)
class Square:
    """A square in a certificate: never negative."""

    term: Expr


@dataclass(frozen=True)
class Inverse:
    """Reciprocal of a claim ``d > 0`` in a certificate."""

    source: Source


@dataclass(frozen=True)
class Certificate:
    """Base of all certificates; `rule` names the rule that checks it."""

    rule: ClassVar[str] = ""


@dataclass(frozen=True)
class Identity(Certificate):
    """Both sides are the same function over Q of the atoms; ``nonzero`` proves denominators nonzero."""

    rule: ClassVar[str] = "identity"
    nonzero: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Combination(Certificate):
    """``goal = sum c * product(factors) + sum cofactor * (left - right)`` with ``c >= 0``.

    Parameters
    ----------
    terms : tuple of (number, tuple of factors)
        Each factor is a source (``a >= b`` counts as ``a - b``), a `Square` or an `Inverse`.
    equalities : tuple of (Expr, source)
        Any multiple of an equation.
    nonzero : tuple
        Claims that prove denominators nonzero.
    """

    rule: ClassVar[str] = "certificate"
    terms: tuple[tuple[Any, tuple[Any, ...]], ...] = ()
    equalities: tuple[tuple[Any, Source], ...] = ()
    nonzero: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Instance(Certificate):
    """The claim is an earlier one at particular terms."""

    rule: ClassVar[str] = "instance"
    source: Source


@dataclass(frozen=True)
class Induction(Certificate):
    """From ``P(low)`` and ``P(n) => P(n+1)`` follows ``P(n)`` for all integers ``n >= low`` (up to ``high``).

    ``shifts`` lists the instances (in the other variables) of ``P(n)`` that the step uses.
    """

    rule: ClassVar[str] = "induction"
    variable: Symbol
    low: Expr
    base: str
    step: str
    high: Any = None
    shifts: tuple[Mapping[Any, Any], ...] = ({},)


@dataclass(frozen=True)
class Cases(Certificate):
    """Each source proves the claim under one more hypothesis; the extra hypotheses cover everything."""

    rule: ClassVar[str] = "cases"
    splits: tuple[tuple[Any, str], ...]


@dataclass(frozen=True)
class Enumeration(Certificate):
    """Exact evaluation at every point of an explicit finite set; without variables at one point."""

    rule: ClassVar[str] = "enumeration"
    values: Mapping[Symbol, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Sandwich(Certificate):
    """Limit ``f -> c`` from ``f - c <= g`` and ``c - f <= g`` with a null sequence ``g``.

    ``g`` is ``coefficient * ratio**n`` (``0 <= ratio < 1``: ``nonnegative``, ``below_one``) or
    ``coefficient / n`` (``ratio`` is None), with ``coefficient`` and ``ratio`` free of ``n``.
    """

    rule: ClassVar[str] = "limit"
    variable: Symbol
    above: Source
    below: Source
    coefficient: Expr
    ratio: Any = None
    nonnegative: Source = None
    below_one: Source = None


@dataclass(frozen=True)
class Extremal(Certificate):
    """``v <= LargestInteger(...)`` or ``v >= SmallestInteger(...)`` is equivalent to the condition.

    Parameters
    ----------
    monotone : str
        Condition at ``v + 1`` entails that at ``v`` (largest), or the converse (smallest).
    first : str or None
        The condition holds at ``low`` (largest only).
    reached : str
        Claim whose last hypothesis is ``a*v > b`` with ``a > 0`` free of ``v`` and whose conclusion is the
        negated condition (largest) or the condition (smallest): such ``v`` exist.
    slope : source
        Proves ``a > 0``.
    """

    rule: ClassVar[str] = "extremal"
    variable: Symbol
    monotone: str
    reached: str
    slope: Source
    first: Any = None


@dataclass(frozen=True)
class Definition(Certificate):
    """A new symbol or function: explicit, or by primitive recursion on its first argument."""

    rule: ClassVar[str] = "definition"


@dataclass(frozen=True)
class Mean(Certificate):
    """``E`` is monotone: ``f >= g`` at every sample point entails ``E f >= E g`` (also with equality)."""

    rule: ClassVar[str] = "mean"
    pointwise: str


@dataclass(frozen=True)
class Supremum(Certificate):
    """``f <= sup f``; and a bound of ``f`` at all states bounds the supremum."""

    rule: ClassVar[str] = "supremum"
    pointwise: Any = None


@dataclass(frozen=True)
class Extinction(Certificate):
    """What `BinomialExtinction` means: 1 from zero, 0 from another count after no step, else one step.

    A binomial count is the number of successes in independent trials: ``first`` and ``next`` are the
    definitions of ``u(0, j) = extinction from j`` and ``u(t+1, j) = s u(t, j+1) + (1-s) u(t, j)``.
    """

    rule: ClassVar[str] = "extinction"
    first: str = ""
    next: str = ""


@dataclass(frozen=True)
class LogOrder(Certificate):
    """``log`` is increasing: ``log(x) >= log(y)`` from ``x >= y`` and ``y > 0``."""

    rule: ClassVar[str] = "logarithm order"
    greater: Source
    positive: Source


@dataclass(frozen=True)
class LogProduct(Certificate):
    """``log(x) = sum c*log(y)`` from ``x = product y**c`` with ``y > 0`` and integers ``c``.

    Parameters
    ----------
    factors : tuple of (Expr, source)
        Exponent ``c`` and the claim ``y > 0`` of each factor.
    """

    rule: ClassVar[str] = "logarithm"
    factors: tuple[tuple[Any, Source], ...]


@dataclass(frozen=True)
class Logic(Certificate):
    """Propositional step: the claim holds in every row of the truth table where the sources hold."""

    rule: ClassVar[str] = "logic"
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Between(Certificate):
    """``a = b`` from ``a >= b`` and ``b >= a``."""

    rule: ClassVar[str] = "between"
    low: Source
    high: Source


@dataclass(frozen=True)
class Generalise(Certificate):
    """`Always` from the same property for arbitrary values."""

    rule: ClassVar[str] = "generalise"
    source: str


@dataclass(frozen=True)
class Specialise(Certificate):
    """`Always` (a hypothesis, or an earlier claim) at particular values of its bound symbols."""

    rule: ClassVar[str] = "specialise"
    source: Source
    where: Mapping[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Leibniz(Certificate):
    """Replace equals by equals: ``pattern`` with the hole filled by both sides of an equation."""

    rule: ClassVar[str] = "equals"
    pattern: Any
    hole: Symbol
    equation: Source
    source: Source


@dataclass(frozen=True)
class Choice(Certificate):
    """``x = Piecewise((a, c), ..., (b, True))`` from ``x = a`` given ``c``, ..., ``x = b`` otherwise.

    Each of the `branches`, in order, may assume its condition and the negations of those before it.
    """

    rule: ClassVar[str] = "choice"
    branches: tuple[str, ...]


@dataclass(frozen=True)
class Termwise(Certificate):
    """Sums over the same indices are ordered like their terms; limits and chains of equal terms are equal."""

    rule: ClassVar[str] = "termwise"
    pointwise: str


@dataclass(frozen=True)
class Wording(Certificate):
    """What words of the statement mean, once for each: they stand for a relation, or entail one."""

    rule: ClassVar[str] = "wording"
    meaning: str


@dataclass(frozen=True)
class Model(Certificate):
    """Translation of a hypothesis of the theorem into a relation.

    Parameters
    ----------
    hypothesis : str
        Text of the hypothesis, or its label (what precedes the colon).
    reading : str
        Why the relation says the same.
    """

    rule: ClassVar[str] = "model"
    hypothesis: str
    reading: str


@dataclass(frozen=True)
class Cite(Certificate):
    """A published result; taints the status."""

    rule: ClassVar[str] = "cite"
    reference: str
    statement: str


@dataclass(frozen=True)
class Assume(Certificate):
    """An argument in words that the kernel cannot check; taints the status."""

    rule: ClassVar[str] = "assume"
    argument: str


@dataclass(frozen=True)
class Step:
    """A labelled claim with the certificate that justifies it."""

    label: str
    claim: Claim
    certificate: Certificate

    @property
    def rule(self) -> str:
        """Name of the rule that checks the step."""
        return self.certificate.rule

    @property
    def uses(self) -> tuple[str, ...]:
        """Labels of the steps that the certificate refers to."""
        return tuple(dict.fromkeys(labels_of(self.certificate)))


@dataclass(frozen=True)
class Witness:
    """A model of everything that a derivation does not prove; it shows that the assumptions are consistent.

    Parameters
    ----------
    point : mapping
        Values of fixed symbols.
    functions : mapping
        Exact functions for the undefined functions, by name; ``"N"`` gives the widths.
    ranges : mapping
        Values to run through for other free or bound symbols; integers run through four values by default.
    """

    point: Mapping[Symbol, Fraction | int] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    ranges: Mapping[Symbol, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Derivation:
    """Steps that end in the statement of a theorem, or in a lemma.

    Parameters
    ----------
    theorem_id : str
        Id of the theorem, or the name of a lemma (then ``hypotheses`` are its own).
    steps : tuple of Step
        In order; each uses only earlier ones.
    witness : Witness
        Model of the hypotheses.
    hypotheses : tuple of str
        Of a lemma; a theorem has those of its record.
    lemma : bool
    others : tuple of Witness
        Further models, where cases of the statement exclude each other.
    """

    theorem_id: str
    steps: tuple[Step, ...]
    witness: Witness = field(default_factory=Witness)
    hypotheses: tuple[str, ...] = ()
    lemma: bool = False
    others: tuple[Witness, ...] = ()


def labels_of(item: object) -> Iterator[str]:
    """Labels that a certificate refers to."""
    if isinstance(item, Model | Cite | Assume | Wording):
        return
    if isinstance(item, Ref):
        yield item.label
        yield from labels_of(item.given)
    elif isinstance(item, str):
        if item:
            yield item
    elif isinstance(item, Certificate | Inverse):
        for f in fields(item):
            yield from labels_of(getattr(item, f.name))
    elif isinstance(item, tuple) and not isinstance(item, Basic):
        for part in item:
            yield from labels_of(part)
