"""Rules about functions of real numbers: logarithms, and where a continuous function crosses a level."""

from __future__ import annotations

from typing import Any

from sympy import Add, Eq, Expr, Ge, Gt, Integer, Le, Mul, Pow, log, sympify

from proofs.certificates import LargestScale
from proofs.claims import Claim, LogOrder, LogProduct, Tier
from proofs.kernel import Context, require, rule, same
from proofs.relations import Evidence, read_relations
from proofs.substitution import variables
from proofs.terms import is_integer, read_together
from relutheory.functions import OpenSecondMoment, SharpSigma


def _log(term: Expr) -> Expr:
    """Logarithm as it stands; only that of 1 is a number."""
    return Integer(0) if term == 1 else log(term, evaluate=False)


@rule(LogOrder)
def log_order(context: Context, claim: Claim, c: LogOrder) -> Tier:
    """The logarithm is increasing on the positive numbers."""
    found = context.resolve(c.greater, claim)
    require(isinstance(found, Ge | Gt), f"{found} is not of the form x >= y")
    positive = context.resolve(c.positive, claim)
    evidence = Evidence(claim.given)
    require(same(positive, Gt(found.rhs, 0, evaluate=False), evidence), f"{found.rhs} > 0 is needed")
    wanted = Ge(_log(found.lhs), _log(found.rhs), evaluate=False)
    require(same(claim.conclusion, wanted, evidence), f"the claim must be {wanted}")
    return Tier.DERIVED


@rule(LogProduct)
def log_product(context: Context, claim: Claim, c: LogProduct) -> Tier:
    """The logarithm of a product of powers of positive numbers."""
    goal = claim.conclusion
    require(isinstance(goal, Eq) and isinstance(goal.lhs, log), "the claim is not of the form log(x) = ...")
    bases: list[Expr] = []
    declared: list[Any] = []
    for exponent, source in c.factors:
        (value,), _ = read_together([sympify(exponent)])
        require(is_integer(value), f"the exponent {exponent} is not known to be an integer")
        positive = context.resolve(source, claim)
        require(isinstance(positive, Gt) and positive.rhs == 0, f"{positive} is not of the form y > 0")
        bases.append(positive.lhs)
        declared.append(positive)
    exponents = [sympify(exponent) for exponent, _ in c.factors]
    product = Mul(*(Pow(y, e) for y, e in zip(bases, exponents, strict=True)))
    evidence = Evidence([*claim.given, *declared])
    (whole,), presumed = read_relations([Eq(goal.lhs.args[0], product, evaluate=False)])
    require(all(evidence.discharges(o) for o in presumed), "the powers are not known to have values")
    require(whole.difference.is_zero(), f"{goal.lhs.args[0]} is not the product {product}")
    total = Add(*(e * _log(y) for y, e in zip(bases, exponents, strict=True)))
    wanted = Eq(goal.lhs, total, evaluate=False)
    require(same(goal, wanted, evidence), f"the claim must be {wanted}")
    return Tier.DERIVED


@rule(LargestScale)
def largest_scale(context: Context, claim: Claim, c: LargestScale) -> Tier:
    """``C*(x) = E[(x**2 + X**2) Phi(X/x) + x X phi(X/x)]`` is continuous for ``x > 0``.

    ``C*(v) <= 1`` makes ``E X**2 <= 2`` finite, hence dominated convergence applies. So the scales with
    ``C* <= 1`` are closed in ``(0, oo)``; they contain v and are bounded: the largest exists, and a smaller
    value than 1 there would leave room for a larger one.
    """
    goal = claim.conclusion
    nodes = goal.atoms(SharpSigma)
    require(len(nodes) == 1, "one sharp scale at a time")
    (star,) = nodes
    (law,) = star.args

    def constant(scale: Expr) -> Expr:
        return scale**2 * OpenSecondMoment(1 / scale, law)

    member = context.resolve(c.member, claim)
    positive = context.resolve(c.positive, claim)
    evidence = Evidence([*claim.given, positive])
    require(same(positive, Gt(c.scale, 0, evaluate=False), evidence), f"{positive} is not {c.scale} > 0")
    wanted = Ge(1, constant(c.scale), evaluate=False)
    require(same(member, wanted, evidence), f"{member} is not {wanted}")

    x = c.variable
    require(
        bool(x.is_positive) and not x.is_integer and x not in context.fixed, f"{x} is no scale that varies"
    )
    bound = context.claim(c.bound)
    require(bool(bound.given), f"{c.bound!r} has no hypothesis")
    *others, last = bound.given
    require(same(last, Ge(1, constant(x), evaluate=False), Evidence([])), f"{last} is not C*({x}) <= 1")
    for g in others:
        known = g in claim.given or evidence.entails(g)
        require(known and x not in variables(g), f"{c.bound!r} assumes {g}")
    above = bound.conclusion
    require(isinstance(above, Ge) and above.rhs == x, f"{above} is not a bound of {x}")
    require(x not in variables(above.lhs, law), f"the bound {above.lhs} moves")

    facts = (
        Gt(star, 0, evaluate=False),
        Le(c.scale, star, evaluate=False),
        Eq(constant(star), 1, evaluate=False),
    )
    require(goal in facts, f"the claim must be one of {', '.join(map(str, facts))}")
    return Tier.DERIVED
