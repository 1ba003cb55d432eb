"""Rules about functions of real numbers: logarithms."""

from __future__ import annotations

from typing import Any

from sympy import Add, Eq, Expr, Ge, Gt, Integer, Mul, Pow, log, sympify

from proofs.claims import Claim, LogOrder, LogProduct, Tier
from proofs.kernel import Context, require, rule, same
from proofs.relations import Evidence, read_relations
from proofs.terms import is_integer, read_together


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
