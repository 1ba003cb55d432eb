"""The kernel: checks a derivation step by step and refuses what it cannot follow.

Small on purpose. The arithmetic is in `polynomials`, the reading of terms in `terms` and `relations`, the
rules in the modules `rules_...`; this module resolves references, keeps the order of the steps, and
compares the end with the theorem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Ge, Gt, Lambda, Symbol
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from proofs.claims import Certificate, Claim, Derivation, Ref, Step, Tier
from proofs.nodes import LAW, Expect
from proofs.polynomials import Refused
from proofs.relations import Evidence, read_relations, same_relation
from proofs.substitution import substitute, variables
from proofs.terms import is_integer, read_together
from relutheory.functions import BDP, Alive
from relutheory.symbols import widths

__all__ = ["Checked", "CheckedStep", "Context", "Refused", "check", "rule"]

Rule = Callable[["Context", Claim, Any], Tier]
RULES: dict[type[Certificate], Rule] = {}


def rule(kind: type[Certificate]) -> Callable[[Rule], Rule]:
    """Register the function that checks a kind of certificate."""

    def register(function: Rule) -> Rule:
        RULES[kind] = function
        return function

    return register


@dataclass(frozen=True)
class CheckedStep:
    """A step that was accepted, with its tier."""

    step: Step
    tier: Tier


@dataclass(frozen=True)
class Checked:
    """A derivation that was accepted.

    Parameters
    ----------
    derivation : Derivation
    steps : tuple of CheckedStep
    tier : Tier
        Weakest of the steps and of everything they use.
    """

    derivation: Derivation
    steps: tuple[CheckedStep, ...]
    tier: Tier

    @property
    def final(self) -> Claim:
        """Last claim."""
        return self.derivation.steps[-1].claim


#: Finds another accepted derivation by ``theorem:<id>`` or ``lemma:<name>``.
Lookup = Callable[[str], Checked]


@dataclass
class Context:
    """What a rule may look at: earlier claims, other derivations, hypotheses of the theorem."""

    derivation: Derivation
    hypotheses: Sequence[str]
    lookup: Lookup
    earlier: dict[str, Step] = field(default_factory=dict)
    imported: dict[Any, Any] = field(default_factory=dict)
    tiers: dict[str, Tier] = field(default_factory=dict)

    def claim(self, label: str) -> Claim:
        """Earlier claim, or final claim of another derivation."""
        if label in self.earlier:
            return self.earlier[label].claim
        if label.startswith(("theorem:", "lemma:")):
            return self.lookup(label).final
        raise Refused(f"{label!r} is not an earlier step")

    @property
    def fixed(self) -> set[Any]:
        """Parameters of the theorem: the same in all steps, because functions such as BDP depend on them."""
        return {widths, *self.derivation.witness.point}

    def allow(self, ref: Ref) -> None:
        """Fixed symbols may be replaced only in what is imported, and everywhere in the same way."""
        if ref.label in self.earlier:
            require(not self.fixed & set(ref.where), f"a fixed parameter of {ref.label!r} is replaced")
            return
        found = self.lookup(ref.label)
        require(not found.final.conclusion.atoms(AppliedUndef), f"{ref.label!r} has functions of its own")
        if not found.final.conclusion.has(BDP, Alive):
            return
        for symbol in {widths, *found.derivation.witness.point}:
            image = ref.where.get(symbol, symbol)
            require(self.imported.setdefault(symbol, image) == image, f"{symbol} is replaced in two ways")
            # BDP depends on all of them, whether they occur or not.
            occurs = symbol in variables(found.final.conclusion, *found.final.given) or symbol in ref.where
            require(
                not occurs or variables(image) <= self.fixed, f"{symbol} is used as something that varies"
            )

    def tier(self, label: str) -> Tier:
        """Tier of what a label refers to."""
        return self.tiers[label] if label in self.tiers else self.lookup(label).tier

    def instantiate(self, source: Any, claim: Claim) -> Claim:
        """An earlier claim at particular terms, which must be in the ranges of the symbols they replace."""
        ref = source if isinstance(source, Ref) else Ref(source)
        original = self.claim(ref.label)
        self.allow(ref)
        parts = (original.conclusion, *original.given)
        moved = LAW in ref.where and any(p.has(Expect) for p in parts)
        require(not moved, "the sample of a mean has its law")
        evidence = Evidence([*claim.given, *(self.resolve(g, claim) for g in ref.given)])
        check_ranges(ref.where, original, evidence)
        return Claim(
            substitute(original.conclusion, ref.where),
            tuple(substitute(g, ref.where) for g in original.given),
        )

    def resolve(self, source: Any, claim: Claim) -> Any:
        """Relation that a source provides where `claim` is made; its own hypotheses must hold there."""
        if isinstance(source, Relational):
            if not Evidence(claim.given).entails(source):
                raise Refused(f"{source} is neither a hypothesis nor evident")
            return source
        found = self.instantiate(source, claim)
        ref = source if isinstance(source, Ref) else Ref(source)
        extra = [self.resolve(g, claim) for g in ref.given]
        evidence = Evidence([*claim.given, *extra])
        for hypothesis in found.given:
            known = hypothesis in claim.given or hypothesis in extra
            if not known and not (isinstance(hypothesis, Relational) and evidence.entails(hypothesis)):
                raise Refused(f"hypothesis {hypothesis} of {ref.label!r} is missing")
        return found.conclusion


def check_ranges(where: Mapping[Any, Any], original: Claim, evidence: Evidence) -> None:
    """Terms that replace symbols must lie in the ranges of the symbols."""
    known = variables(original.conclusion, *original.given)
    for symbol, term in where.items():
        if symbol == widths:
            if isinstance(term, Lambda):
                raise Refused("widths can be replaced by one number only")
            typed = Symbol("width", integer=True, positive=True)
        elif symbol not in known:
            raise Refused(f"{symbol} does not occur in the claim that is used")
        else:
            typed = symbol
        if typed.is_integer:
            (value,), _ = read_together([term])
            if not is_integer(value):
                raise Refused(f"{term} replaces the integer {symbol} but is not known to be an integer")
        if typed.is_positive and not evidence.entails(Gt(term, 0, evaluate=False)):
            raise Refused(f"{term} replaces the positive {symbol} but is not known to be positive")
        if typed.is_nonnegative and not evidence.entails(Ge(term, 0, evaluate=False)):
            raise Refused(f"{term} replaces the nonnegative {symbol} but is not known to be nonnegative")


def same(a: Any, b: Any, evidence: Evidence) -> bool:
    """Whether two conclusions are the same statement."""
    if a == b:
        return True
    if not (isinstance(a, Relational) and isinstance(b, Relational)):
        return False
    (first, second), presumed = read_relations([a, b])
    return same_relation(first, second) and all(evidence.discharges(o) for o in presumed)


def require(condition: bool, message: str) -> None:
    """Refuse unless the condition holds."""
    if not condition:
        raise Refused(message)


def check(
    derivation: Derivation,
    hypotheses: Sequence[str],
    lookup: Lookup,
    statement: Any = None,
    also: Iterable[Any] = (),
    domain: Iterable[Any] = (),
) -> Checked:
    """Check all steps, the assumptions' model, and the end.

    Parameters
    ----------
    derivation : Derivation
    hypotheses : sequence of str
        Those of the theorem; `Model` steps may translate no others.
    lookup : callable
        Accepted derivations of what this one uses.
    statement : optional
        What the last claim must be; None for a lemma.
    also : iterable
        Further conclusions that some step must reach.
    domain : iterable of relations
        What the domain of the theorem says about its symbols: the only hypotheses that the end may have.

    Raises
    ------
    Refused
        Names the step and the reason.
    """
    import proofs.rules_algebra
    import proofs.rules_analysis
    import proofs.rules_calculus
    import proofs.rules_differential
    import proofs.rules_dynamics
    import proofs.rules_forms
    import proofs.rules_gaussian
    import proofs.rules_integrals
    import proofs.rules_logic
    import proofs.rules_units  # noqa: F401  registers the rules
    from proofs.rules_logic import check_witness

    require(
        all(set(o.point) == set(derivation.witness.point) for o in derivation.others), "the witnesses differ"
    )
    context = Context(derivation, hypotheses, lookup)
    checked = []
    require(bool(derivation.steps), "a derivation needs at least one step")
    for step in derivation.steps:
        checked.append(CheckedStep(step, accept(context, step)))
    try:
        if statement is not None:
            check_end(derivation, statement, tuple(also), tuple(domain))
        check_witness(derivation)
    except Refused as error:
        raise Refused(f"{derivation.theorem_id}: {error}") from None
    last = [checked[-1].tier]
    last += [c.tier for c in checked if any(c.step.claim.conclusion == a for a in also)]
    return Checked(derivation, tuple(checked), min(last))


def accept(context: Context, step: Step) -> Tier:
    """Check one step and remember it for the later ones."""
    try:
        require(step.label not in context.earlier, "the label is used twice")
        require(not step.label.startswith(("theorem:", "lemma:")), "the label looks like a reference")
        require(type(step.certificate) in RULES, f"unknown rule {step.rule!r}")
        own = apply_rule(context, step)
        tier = min([own, *(context.tier(label) for label in step.uses)])
    except Refused as error:
        name = context.derivation.theorem_id
        raise Refused(f"{name}, step {step.label!r} ({step.rule}): {error}") from None
    context.earlier[step.label] = step
    context.tiers[step.label] = tier
    return tier


def apply_rule(context: Context, step: Step) -> Tier:
    """Run the rule of a step; malformed terms are refused like wrong ones."""
    try:
        return RULES[type(step.certificate)](context, step.claim, step.certificate)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise Refused(f"malformed: {type(error).__name__}: {error}") from error


def check_end(derivation: Derivation, statement: Any, also: tuple[Any, ...], domain: tuple[Any, ...]) -> None:
    """The last claim is the statement, under no hypotheses but the domain; so are the further relations."""
    evidence = Evidence(domain)
    final = derivation.steps[-1].claim
    require(
        final.conclusion == statement, f"the last claim {final.conclusion} is not the statement {statement}"
    )
    for wanted in (statement, *also):
        claims = [s.claim for s in derivation.steps if s.claim.conclusion == wanted]
        require(bool(claims), f"no step claims {wanted}")
        given = claims[-1].given
        missing = [g for g in given if g not in domain and not _entailed(evidence, g)]
        require(not missing, f"{wanted} needs {', '.join(map(str, missing))}, which the domain does not say")


def _entailed(evidence: Evidence, relation: Any) -> bool:
    return isinstance(relation, Relational) and evidence.entails(relation)
