"""Rules decided by the normal form: identity, certificate, instance, enumeration."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

from sympy import Eq, Expr, Ge, Le, Rational, sympify

from proofs.claims import Between, Claim, Combination, Enumeration, Identity, Instance, Inverse, Square, Tier
from proofs.exact import World
from proofs.kernel import Context, require, rule, same
from proofs.polynomials import Fractional, Refused, constant
from proofs.relations import Evidence, read_relations
from proofs.roots import agree, vanishes
from proofs.substitution import variables
from proofs.terms import read_together


@rule(Identity)
def identity(context: Context, claim: Claim, certificate: Identity) -> Tier:
    """Both sides have the same normal form, and all denominators are nonzero."""
    (goal,), presumed = read_relations([claim.conclusion])
    declared = [context.resolve(s, claim) for s in certificate.nonzero]
    evidence = Evidence([*claim.given, *declared])
    for obligation in presumed:
        require(evidence.discharges(obligation), f"not declared: {obligation.text}")
    require(goal.kind in ("=", ">="), "an identity is an equation (or the weak inequality that it entails)")
    require(vanishes(goal.difference), f"the two sides of {claim.conclusion} differ")
    return Tier.DERIVED


def _number(value: Any) -> Fraction:
    number = sympify(value)
    require(isinstance(number, Rational), f"the coefficient {value} is not a rational number")
    return Fraction(int(number.p), int(number.q))


@rule(Combination)
def combination(context: Context, claim: Claim, certificate: Combination) -> Tier:
    """The goal is the stated combination of facts, as an identity of fractions."""
    declared = [context.resolve(s, claim) for s in certificate.nonzero]
    # Everything is read together, so that all parts share their atoms: first the goal, then each part.
    relations, shape = [claim.conclusion], []
    squares: list[Expr] = []
    for c, factors in certificate.terms:
        names: list[tuple[str, int]] = []
        for factor in factors:
            if isinstance(factor, Square):
                names.append(("square", len(squares)))
                squares.append(factor.term)
            else:
                inverse = isinstance(factor, Inverse)
                names.append(("inverse" if inverse else "fact", len(relations)))
                relations.append(context.resolve(factor.source if inverse else factor, claim))
        shape.append((_number(c), names))
    cofactors: list[Expr] = []
    first_equation = len(relations)
    for cofactor, source in certificate.equalities:
        cofactors.append(sympify(cofactor))
        relations.append(context.resolve(source, claim))
    readings, values = _read_all(
        relations, [*squares, *cofactors], Evidence([*claim.given, *declared, *relations[1:]])
    )

    goal = readings[0]
    total, strict = constant(0), False
    for c, names in shape:
        require(c >= 0, f"the coefficient {c} is negative")
        part, positive = constant(c), c > 0
        for kind, i in names:
            if kind == "square":
                part, positive = part * values[i] * values[i], False
                continue
            fact = readings[i]
            require(
                fact.kind in ((">",) if kind == "inverse" else (">=", ">")), f"{relations[i]} has no sign"
            )
            positive = positive and fact.kind == ">"
            part = part * (fact.difference.inverse() if kind == "inverse" else fact.difference)
        total, strict = total + part, strict or positive
    for j, value in enumerate(values[len(squares) :]):
        fact = readings[first_equation + j]
        require(fact.kind == "=", f"{relations[first_equation + j]} is not an equation")
        total = total + value * fact.difference
    if goal.kind == "=":
        require(not shape, "an equation follows from equations only")
    else:
        require(goal.kind == ">=" or strict, "nothing in the certificate is strictly positive")
    if goal.kind == "!=":
        require(
            agree(goal.difference, total) or agree(goal.difference, -total), "the combination is not the goal"
        )
    else:
        require(agree(goal.difference, total), f"the combination is not the goal {claim.conclusion}")
    return Tier.DERIVED


def _read_all(
    relations: list[Any], terms: list[Expr], evidence: Evidence
) -> tuple[list[Any], list[Fractional]]:
    """Read relations and terms over common atoms."""
    sides = [s for r in relations for s in (r.lhs, r.rhs)]
    for r in relations:
        read_relations([r])  # refuses what is not a relation between terms
    everything, presumed = read_together([*sides, *terms])
    for obligation in presumed:
        require(evidence.discharges(obligation), f"not declared: {obligation.text}")
    readings = []
    for i, r in enumerate(relations):
        left, right = everything[2 * i], everything[2 * i + 1]
        (own,), _ = read_relations([r])
        if r.rel_op in ("<=", "<"):
            left, right = right, left
        readings.append(type(own)(own.kind, left - right))
    return readings, everything[len(sides) :]


@rule(Instance)
def instance(context: Context, claim: Claim, certificate: Instance) -> Tier:
    """The claim is an earlier one at particular terms, up to normal form; ``>`` may be weakened to ``>=``."""
    found = context.resolve(certificate.source, claim)
    evidence = Evidence(claim.given)
    if same(found, claim.conclusion, evidence):
        return Tier.DERIVED
    if getattr(found, "rel_op", "") in ("==", ">", "<") and hasattr(claim.conclusion, "rel_op"):
        wider = Ge(found.lhs, found.rhs, evaluate=False)
        other = Le(found.lhs, found.rhs, evaluate=False)
        weak = {"==": (wider, other), ">": (wider,), "<": (other,)}[found.rel_op]
        if any(same(w, claim.conclusion, evidence) for w in weak):
            return Tier.DERIVED
    raise Refused(f"{found} is not the claim {claim.conclusion}")


@rule(Between)
def between(context: Context, claim: Claim, certificate: Between) -> Tier:
    """Two opposite weak inequalities are an equation."""
    require(isinstance(claim.conclusion, Eq), "the claim is not an equation")
    a, b = claim.conclusion.args
    evidence = Evidence(claim.given)
    low, high = context.resolve(certificate.low, claim), context.resolve(certificate.high, claim)
    require(same(low, Ge(a, b, evaluate=False), evidence), f"{low} is not {a} >= {b}")
    require(same(high, Ge(b, a, evaluate=False), evidence), f"{high} is not {b} >= {a}")
    return Tier.DERIVED


@rule(Enumeration)
def enumeration(context: Context, claim: Claim, certificate: Enumeration) -> Tier:
    """Exact evaluation at every point; each variable is an integer whose range the hypotheses bound."""
    names = list(certificate.values)
    require(variables(claim.conclusion, *claim.given) <= set(names), "a free symbol is not enumerated")
    evidence = Evidence(claim.given)
    for v in names:
        values = [int(x) for x in certificate.values[v]]
        require(bool(v.is_integer) and bool(values), f"{v} is not an integer symbol")
        require(sorted(values) == list(range(min(values), max(values) + 1)), f"the values of {v} have gaps")
        low, high = Ge(v, min(values), evaluate=False), Le(v, max(values), evaluate=False)
        require(evidence.entails(low) and evidence.entails(high), f"the values do not cover all of {v}")
    for point in product(*(certificate.values[v] for v in names)):
        world = World(dict(zip(names, point, strict=True)))
        if all(world.holds(g) for g in claim.given):
            require(world.holds(claim.conclusion), f"false at {dict(zip(names, point, strict=True))}")
    return Tier.DERIVED
