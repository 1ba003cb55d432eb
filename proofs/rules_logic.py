"""Rules about the shape of claims: induction, cases, logic, definitions, and what is not derived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from sympy import (
    And,
    Basic,
    Eq,
    Equivalent,
    Ge,
    Implies,
    Indexed,
    Le,
    Limit,
    Lt,
    Not,
    Or,
    Piecewise,
    S,
    Symbol,
)
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from proofs.claims import (
    Assume,
    Cases,
    Choice,
    Cite,
    Claim,
    Definition,
    Derivation,
    Generalise,
    Induction,
    Leibniz,
    Logic,
    Model,
    Specialise,
    Step,
    Tier,
    Wording,
)
from proofs.exact import World
from proofs.kernel import Context, check_ranges, require, rule, same
from proofs.laws import NOT_RATIONAL, law_holds
from proofs.nodes import Always, Law
from proofs.polynomials import Refused, constant
from proofs.relations import Evidence, negation, proportional, read_relations
from proofs.substitution import substitute, variables
from relutheory.functions import Event

#: How many values a free integer symbol takes when a witness is evaluated.
TRIED = 4


@rule(Induction)
def induction(context: Context, claim: Claim, c: Induction) -> Tier:
    """Base, step, and the hypotheses of both, checked instance by instance."""
    n = c.variable
    require(bool(n.is_integer) and n not in context.fixed, f"{n} is not an integer that varies")
    require(
        n not in variables(c.low) and (c.high is None or n not in variables(c.high)),
        f"the range of {n} mentions it",
    )
    lower, upper = Ge(n, c.low, evaluate=False), Le(n, c.high if c.high is not None else n, evaluate=False)
    outer = tuple(g for g in claim.given if n not in variables(g))
    evidence = Evidence([*claim.given])
    require(evidence.entails(lower), f"the claim is not restricted to {lower}")
    for g in claim.given:
        require(g in outer or same(g, lower, evidence) or same(g, upper, evidence), f"{g} depends on {n}")
    require(c.high is None or evidence.entails(upper), f"the claim is not restricted to {upper}")
    # The symbol itself must allow the first value, or base and step would say nothing about it.
    allowed = Evidence(outer)
    if n.is_positive or n.is_nonnegative:
        low_end = Ge(c.low, 1 if n.is_positive else 0, evaluate=False)
        require(allowed.entails(low_end), f"{n} cannot be {c.low}")

    base = context.claim(c.base)
    require(
        same(base.conclusion, substitute(claim.conclusion, {n: c.low}), allowed),
        f"{c.base!r} is not the base case",
    )
    for g in base.given:
        require(g in outer or allowed.entails(g), f"the base case assumes {g}")

    step = context.claim(c.step)
    inner = [*outer, lower]
    if c.high is not None:
        inner.append(Lt(n, c.high, evaluate=False))
    during = Evidence(inner)
    require(
        same(step.conclusion, substitute(claim.conclusion, {n: n + 1}), during),
        f"{c.step!r} does not end in n + 1",
    )
    hypotheses = []
    for shift in c.shifts:
        require(n not in shift and not context.fixed & set(shift), "a shift may move other variables only")
        require(not any(set(shift) & variables(g) for g in outer), "a shift moves a hypothesis")
        check_ranges(shift, claim, during)
        hypotheses.append(substitute(claim.conclusion, shift))
    for g in step.given:
        fine = any(same(g, h, during) for h in hypotheses) or g in outer or _evident(during, g)
        require(fine, f"the step assumes {g}")
    return Tier.DERIVED


def _evident(evidence: Evidence, relation: Any) -> bool:
    return isinstance(relation, Relational) and evidence.entails(relation)


@rule(Cases)
def cases(context: Context, claim: Claim, c: Cases) -> Tier:
    """The claim under each of several hypotheses that together cover everything."""
    evidence = Evidence(claim.given)
    for split, label in c.splits:
        part = context.claim(label)
        inside = Evidence([*claim.given, split])
        require(same(part.conclusion, claim.conclusion, inside), f"{label!r} proves something else")
        for g in part.given:
            require(g in claim.given or g == split or inside.entails(g), f"{label!r} assumes {g}")
    splits = [s for s, _ in c.splits]
    if len(splits) == 2 and same(negation(splits[0]), splits[1], evidence):
        return Tier.DERIVED
    # Otherwise: v = a, v = a+1, ..., and the rest; the rest may be impossible.
    require(all(isinstance(s, Eq) for s in splits[:-1]) and bool(splits), "the cases do not cover everything")
    variable = splits[0].lhs
    require(
        bool(getattr(variable, "is_integer", False)) or isinstance(variable, Indexed),
        f"{variable} is no integer",
    )
    bound = splits[0].rhs
    for i, s in enumerate(splits):
        last = i == len(splits) - 1
        here = Eq(variable, bound + i, evaluate=False)
        rest = Ge(variable, bound + i, evaluate=False)
        below = Le(variable, bound + i, evaluate=False)
        fine = same(s, here, evidence) and (not last or evidence.entails(below))
        require(fine or (last and same(s, rest, evidence)), "the cases do not cover everything")
    require(evidence.entails(Ge(variable, bound, evaluate=False)), f"{variable} may be less than {bound}")
    return Tier.DERIVED


def _literals(formula: Any, found: list[Any]) -> Any:
    """Formula as a nested tuple over numbered atoms; a relation and its negation share an atom."""
    if isinstance(formula, And | Or | Implies | Equivalent | Not):
        return (type(formula).__name__, *(_literals(a, found) for a in formula.args))
    if isinstance(formula, Relational):
        for i, known in enumerate(found):
            if isinstance(known, Relational):
                if _equivalent(known, formula):
                    return ("atom", i)
                if _equivalent(negation(known), formula):
                    return ("Not", ("atom", i))
    elif formula in found:
        return ("atom", found.index(formula))
    found.append(formula)
    return ("atom", len(found) - 1)


def _equivalent(a: Any, b: Any) -> bool:
    """Same relation up to a positive factor (without denominators that could vanish)."""
    if a == b:
        return True
    if not (isinstance(a, Relational) and isinstance(b, Relational)):
        return False
    (x, y), presumed = read_relations([a, b])
    if x.kind != y.kind or not all(Evidence([]).discharges(o) for o in presumed):
        return False
    if x.difference.equals(y.difference):
        return True
    if x.kind in ("=", "!="):
        return proportional(x.difference, y.difference)
    for (m, p), (k, q) in [(min(x.difference.num.items()), min(y.difference.num.items()))]:
        if m == k and p / q > 0 and x.difference.equals(y.difference * constant(p / q)):
            return True
    return False


def _true(formula: Any, row: tuple[bool, ...]) -> bool:
    kind, *parts = formula
    if kind == "atom":
        return bool(row[parts[0]])
    values = [_true(p, row) for p in parts]
    return {
        "And": all(values),
        "Or": any(values),
        "Not": not values[0],
        "Implies": not values[0] or values[-1],
        "Equivalent": len(set(values)) == 1,
    }[kind]


@rule(Logic)
def logic(context: Context, claim: Claim, c: Logic) -> Tier:
    """Truth table over the relations and words that occur."""
    atoms: list[Any] = []
    assumed = [_literals(g, atoms) for g in claim.given]
    for source in c.sources:
        found = context.instantiate(source, claim)
        conclusion = _literals(found.conclusion, atoms)
        # Hypotheses that are evident here need not appear as atoms.
        open_ = [g for g in found.given if g not in claim.given and not _evident(Evidence(claim.given), g)]
        for g in open_:
            conclusion = ("Implies", _literals(g, atoms), conclusion)
        assumed.append(conclusion)
    goal = _literals(claim.conclusion, atoms)
    require(len(atoms) <= 12, "too many atoms for a truth table")
    for row in product((False, True), repeat=len(atoms)):
        if all(_true(a, row) for a in assumed):
            require(_true(goal, row), f"does not follow: {dict(zip(map(str, atoms), row, strict=True))}")
    return Tier.DERIVED


def _functions(part: Any) -> set[str]:
    if not isinstance(part, Basic):
        return set()
    names = {f.func.__name__ for f in part.atoms(AppliedUndef)}
    return names | {s.name for s in variables(part)}


@rule(Definition)
def definition(context: Context, claim: Claim, c: Definition) -> Tier:
    """``f(x, ...) = term`` for a new f, or ``f(0, ...)`` and ``f(n+1, ...)`` from ``f(n, ...)``."""
    require(
        isinstance(claim.conclusion, Eq) and not claim.given, "a definition is an equation without hypotheses"
    )
    new, term = claim.conclusion.args
    if isinstance(new, Symbol):
        seen = set().union(
            *(_functions(p) for s in context.earlier.values() for p in (s.claim.conclusion, *s.claim.given))
        )
        require(new.name not in seen | _functions(term), f"{new} is not new")
        require(new in context.fixed, f"{new} has one value, so it cannot vary")
        return Tier.DERIVED
    require(isinstance(new, AppliedUndef), f"{new} is not a new function")
    name = new.func.__name__
    before = [s for s in context.earlier.values() if name in _functions(s.claim.conclusion)]
    first, *others = new.args
    require(
        all(isinstance(a, Symbol) for a in others) and len(set(others)) == len(others),
        "arguments must be symbols",
    )
    require(variables(term) <= variables(new) | context.fixed, "a free symbol of the term is not an argument")
    if isinstance(first, Symbol):
        require(first not in others and not before and name not in _functions(term), f"{name} is not new")
    elif first == 0:
        require(not before and name not in _functions(term), f"{name} is not new")
    else:
        n = first - 1
        require(
            isinstance(n, Symbol) and bool(n.is_integer) and bool(n.is_nonnegative) and n not in others,
            "not a recursion",
        )
        (start,) = before if len(before) == 1 else (None,)
        require(start is not None and isinstance(start.certificate, Definition), f"{name} is not new")
        require(start is not None and start.claim.conclusion.lhs.args[0] == 0, f"{name} does not start at 0")
        calls = [f for f in term.atoms(AppliedUndef) if f.func.__name__ == name]
        require(all(f.args[0] == n for f in calls), f"{name} may be called at {n} only")
    return Tier.DERIVED


@rule(Generalise)
def generalise(context: Context, claim: Claim, c: Generalise) -> Tier:
    """The symbols are arbitrary in the source: they are not fixed and no hypothesis mentions them."""
    goal, source = claim.conclusion, context.claim(c.source)
    require(isinstance(goal, Always), "the claim is not general")
    bound = set(goal.bound_symbols)
    require(not bound & context.fixed, "a fixed parameter is not arbitrary")
    require(source.conclusion == goal.body, f"{c.source!r} says something else")
    for g in source.given:
        require(g in claim.given or _evident(Evidence(claim.given), g), f"{c.source!r} assumes {g}")
        require(not bound & variables(g), f"{g} mentions a bound symbol")
    return Tier.DERIVED


@rule(Specialise)
def specialise(context: Context, claim: Claim, c: Specialise) -> Tier:
    """What holds for all values holds at terms in the ranges of the bound symbols."""
    if isinstance(c.source, Always):
        require(c.source in claim.given, f"{c.source} is not a hypothesis")
        found = c.source
    else:
        found = context.resolve(c.source, claim)
    require(isinstance(found, Always), f"{found} is not general")
    bound = set(found.bound_symbols)
    require(set(c.where) <= bound, "only bound symbols may be replaced")
    require(not bound & context.fixed, "a fixed parameter is not arbitrary")
    evidence = Evidence(claim.given)
    check_ranges(c.where, Claim(found.body), evidence)
    wanted = substitute(found.body, c.where)
    require(same(claim.conclusion, wanted, evidence), f"the claim must be {wanted}")
    return Tier.DERIVED


@rule(Leibniz)
def leibniz(context: Context, claim: Claim, c: Leibniz) -> Tier:
    """The claim and its source are one pattern with equal terms in the hole."""
    equation = context.resolve(c.equation, claim)
    require(isinstance(equation, Eq) and c.hole not in context.fixed, "an equation and a new hole are needed")
    evidence = Evidence(claim.given)
    before = substitute(c.pattern, {c.hole: equation.lhs})
    after = substitute(c.pattern, {c.hole: equation.rhs})
    require(same(context.resolve(c.source, claim), before, evidence), f"the source is not {before}")
    require(same(claim.conclusion, after, evidence), f"the claim is not {after}")
    return Tier.DERIVED


@rule(Choice)
def choice(context: Context, claim: Claim, c: Choice) -> Tier:
    """Each branch where its condition holds and none of the earlier ones does."""
    goal = claim.conclusion
    require(isinstance(goal, Eq) and isinstance(goal.rhs, Piecewise), "the claim is not a choice")
    rows = goal.rhs.args
    require(len(rows) == len(c.branches) > 1, f"there are {len(rows)} branches")
    require(rows[-1][1] == S.true, "the last branch is not the rest")
    missed: list[Any] = []
    for label, (value, condition) in zip(c.branches, rows, strict=True):
        last = condition == S.true
        require(last or isinstance(condition, Relational), f"{condition} is not a relation")
        part = context.claim(label)
        extra = missed if last else [*missed, condition]
        inside = Evidence([*claim.given, *extra])
        require(
            same(part.conclusion, Eq(goal.lhs, value, evaluate=False), inside), f"{label!r} is another branch"
        )
        for g in part.given:
            require(g in claim.given or g in extra or _evident(inside, g), f"{label!r} assumes {g}")
        if not last:
            missed.append(negation(condition))
    return Tier.DERIVED


@rule(Wording)
def wording(context: Context, claim: Claim, c: Wording) -> Tier:
    """Words stand for one thing; each occurs in one wording only."""
    require(len(c.meaning) >= 10, "a wording says what the words mean")
    if isinstance(claim.conclusion, Equivalent) and not claim.given:
        words = [a for a in claim.conclusion.args if isinstance(a, Event)]
        require(len(words) == 1 and len(claim.conclusion.args) == 2, "words are equivalent to one relation")
        loose = variables(claim.conclusion) - set(words) - context.fixed
        require(not loose, f"for which {', '.join(map(str, loose))} do the words hold?")
    else:
        words = [g for g in claim.given if isinstance(g, Event)]
        require(len(words) == 1 and len(claim.given) == 1, "one event in words entails the relation")
        require(isinstance(claim.conclusion, Relational), "words entail a relation")
    for s in context.earlier.values():
        used = s.claim.conclusion.atoms(Event) | {g for g in s.claim.given if isinstance(g, Event)}
        require(
            not (isinstance(s.certificate, Wording) and words[0] in used), f"{words[0]} has a meaning already"
        )
    return Tier.FORMAL


def determined(context: Context, claim: Claim) -> None:
    """A symbol in the hypotheses only would make one instance of them suffice."""
    loose = variables(*claim.given) - variables(claim.conclusion) - context.fixed
    loose = {s for s in loose if not isinstance(s, Event)}
    require(not loose, f"a hypothesis about {', '.join(map(str, loose))} alone says that one value suffices")


@rule(Model)
def model(context: Context, claim: Claim, c: Model) -> Tier:
    """Translation of a hypothesis that the theorem has."""
    labels = {h: h for h in context.hypotheses} | {h.split(":")[0]: h for h in context.hypotheses}
    require(c.hypothesis in labels, f"the theorem has no hypothesis {c.hypothesis!r}")
    require(len(c.reading) >= 10, "a model step says why its relation translates the hypothesis")
    if isinstance(claim.conclusion, Law):
        loose = variables(claim.conclusion) - context.fixed
        require(not loose and not claim.given, f"the law leaves {', '.join(map(str, loose))} open")
    determined(context, claim)
    return Tier.FORMAL


@rule(Cite)
def cite(context: Context, claim: Claim, c: Cite) -> Tier:
    """A published result."""
    require(bool(c.reference) and bool(c.statement), "a citation names its source and its statement")
    determined(context, claim)
    return Tier.CITED


@rule(Assume)
def assume(context: Context, claim: Claim, c: Assume) -> Tier:
    """An argument in words."""
    require(len(c.argument) >= 10, "an assumption is stated in words")
    determined(context, claim)
    return Tier.STATED


def _values(symbol: Basic, ranges: Mapping[Symbol, tuple[Any, ...]]) -> Iterable[Any]:
    if symbol in ranges:
        return ranges[symbol]
    if not symbol.is_integer:
        raise Refused(f"the witness has no values for {symbol}")
    low = 1 if symbol.is_positive else 0
    return range(low, low + TRIED)


def check_witness(derivation: Derivation) -> None:
    """Evaluate what is not derived in every witness: all of it must hold somewhere, none may fail."""
    for step in derivation.steps:
        if isinstance(step.certificate, Model | Cite | Assume | Definition):
            check_in_witness(derivation, step)


def check_in_witness(derivation: Derivation, step: Step) -> None:
    """One claim in all witnesses."""
    parts = (step.claim.conclusion, *step.claim.given)
    if any(isinstance(p, Basic) and p.has(Limit, S.Infinity, *NOT_RATIONAL) for p in parts):
        return  # about infinitely many or irrational values: no exact witness
    if isinstance(step.claim.conclusion, Law):
        for w in (derivation.witness, *derivation.others):
            require(law_holds(step.claim.conclusion, w), f"the witness contradicts step {step.label!r}")
        return
    met = False
    for w in (derivation.witness, *derivation.others):
        moving = sorted(variables(*parts) - set(w.point), key=str)
        for values in product(*(_values(s, w.ranges) for s in moving)):
            here = {**w.point, **dict(zip(moving, values, strict=True))}
            exact = {key: Fraction(v) if isinstance(v, int) else v for key, v in here.items()}
            world = World(exact, w.functions, w.ranges)
            if not all(world.holds(g) for g in step.claim.given):
                continue
            met = True
            require(
                world.holds(step.claim.conclusion),
                f"the witness contradicts step {step.label!r} at {dict(zip(moving, values, strict=True))}",
            )
    require(met, f"the hypotheses of step {step.label!r} hold nowhere in the witness")
