"""Rules about quadratic forms: the largest eigenvalue, and when sums and means of squares vanish."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Expr, Ge, Gt, Integer, Le, Mul, Sum

from proofs.certificates import LargestEigenvalue, NullState, OpenZero, SquaresVanish
from proofs.claims import Claim, Tier
from proofs.kernel import Context, require, rule, same
from proofs.nodes import Density, GaussianUnit
from proofs.relations import Evidence
from proofs.rules_units import gates_of, polynomial_in, random_in
from proofs.substitution import substitute, variables
from proofs.terms import read_together
from relutheory.functions import Expectation, OrderedEigenvalue

__all__: list[str] = []


def _same_term(one: Expr, two: Expr) -> bool:
    (a, b), presumed = read_together([one, two])
    return not presumed and a.equals(b)


def _in_range(term: Expr, low: Expr, high: Expr, evidence: Evidence) -> None:
    """The term is an integer between the ends."""
    require(bool(term.is_integer), f"{term} is no integer")
    for relation in (Ge(term, low, evaluate=False), Le(term, high, evaluate=False)):
        require(evidence.entails(relation), f"{relation} is not evident")


@rule(LargestEigenvalue)
def largest_eigenvalue(context: Context, claim: Claim, c: LargestEigenvalue) -> Tier:
    """The largest eigenvalue of a symmetric matrix is the largest value of its form at unit vectors."""
    node = c.eigenvalue
    require(isinstance(node, OrderedEigenvalue), f"{node} is not an eigenvalue")
    number, size, entry, row, column = node.args
    require(_same_term(number + 1, size), "it is not the last eigenvalue")
    evidence = Evidence(claim.given)
    turned = substitute(entry, {row: column, column: row})
    require(_same_term(turned, entry), f"{entry} is not symmetric")
    if c.vector is None:
        component = c.component
        require(component is not None, "a vector or a component is needed")
        assert component is not None
        _in_range(component, Integer(0), number, evidence)
        wanted = Ge(node, substitute(entry, {row: component, column: component}), evaluate=False)
    else:
        p, i = c.vector, c.index
        require(i is not None and bool(i.is_integer) and not {row, column} & variables(p), f"{i} is bound")
        require(i not in context.fixed, f"{i} is fixed")
        ends = [(row, 0, number), (column, 0, number)]
        form = Sum(entry * substitute(p, {i: row}) * substitute(p, {i: column}), *ends)
        wanted = Ge(node * Sum(p**2, (i, 0, number)), form, evaluate=False)
    require(same(claim.conclusion, wanted, evidence), f"the claim must be {wanted}")
    return Tier.DERIVED


@rule(SquaresVanish)
def squares_vanish(context: Context, claim: Claim, c: SquaresVanish) -> Tier:
    """Squares are not negative, so that each is 0 when their sum is."""
    found = context.resolve(c.source, claim)
    require(isinstance(found, Eq) and found.rhs == 0 and isinstance(found.lhs, Sum), f"{found} is no sum = 0")
    node = found.lhs
    require(len(node.limits) == 1, "more than one index")
    (index, low, high) = node.limits[0]
    square = node.function
    require(square.is_Pow and square.exp == 2 and bool(index.is_integer), f"{square} is not a square")
    evidence = Evidence(claim.given)
    _in_range(c.component, low, high, evidence)
    wanted = Eq(substitute(square.base, {index: c.component}), 0, evaluate=False)
    require(same(claim.conclusion, wanted, evidence), f"the claim must be {wanted}")
    return Tier.DERIVED


def _null_mean(context: Context, claim: Claim, source: Any) -> tuple[Expr, ...]:
    """Factors of a body whose mean is 0."""
    found = context.resolve(source, claim)
    fits = isinstance(found, Eq) and found.rhs == 0 and isinstance(found.lhs, Expectation)
    require(fits, f"{found} is not E[...] = 0")
    return tuple(Mul.make_args(found.lhs.args[0]))


@rule(OpenZero)
def open_zero(context: Context, claim: Claim, c: OpenZero) -> Tier:
    """Another affine function is 0 with probability 0, and the unit is open with a positive one."""
    law, support = context.resolve(c.law, claim), context.resolve(c.support, claim)
    require(isinstance(law, GaussianUnit), f"{law} is not the law of a unit")
    require(isinstance(support, Density), f"{support} is not a density")
    xt, top = support.part("xt"), support.part("top")
    require(law.part("xt") == xt, "the unit has another input")
    gate, *rest = sorted(_null_mean(context, claim, c.null), key=lambda f: f != law.part("gate"))
    require(gate == law.part("gate") and len(rest) == 1, "the mean is not over the open half-space")
    (square,) = rest
    require(square.is_Pow and square.exp == 2 and isinstance(square.base, Sum), f"{square} is not a square")
    node = square.base
    require(len(node.limits) == 1 and node.limits[0][1:] == (0, top), "the sum is not over all components")
    index = node.limits[0][0]
    entry = node.function.xreplace({xt[index]: Integer(1)})
    require(not random_in(entry), f"{entry} is random")
    require(_same_term(entry * xt[index], node.function), f"{node.function} is not linear in the input")
    evidence = Evidence(claim.given)
    _in_range(c.component, Integer(0), top, evidence)
    wanted = Eq(substitute(entry, {index: c.component}), 0, evaluate=False)
    require(same(claim.conclusion, wanted, evidence), f"the claim must be {wanted}")
    return Tier.DERIVED


@rule(NullState)
def null_state(context: Context, claim: Claim, c: NullState) -> Tier:
    """What happens in a state of probability 0 does not count in any mean."""
    laws = [context.resolve(source, claim) for source in c.laws]
    require(len({law.part("xt") for law in laws}) == 1, "the units have different inputs")
    gates = dict(pair for law in laws for pair in gates_of(law))
    require(not random_in(*claim.given), "a hypothesis about the sample changes its law")
    state, others, signs = [], [], []
    for factor in _null_mean(context, claim, c.null):
        shut = {1 - gate: y for gate, y in gates.items()}
        if factor in gates or factor in shut:
            state.append(factor)
            order, y = (Gt, gates[factor]) if factor in gates else (Le, shut[factor])
            signs.append(order(y, 0, evaluate=False))
        else:
            others.append(factor)
    require(len(others) == 1 and bool(state), "the body is not a state times one square")
    (square,) = others
    require(square.is_Pow and square.exp == 2, f"{square} is not a square")
    inside = Evidence([*claim.given, *signs])
    part = context.claim(c.pointwise)
    wanted = Gt(square.base, 0, evaluate=False)
    require(same(part.conclusion, wanted, inside), f"{c.pointwise!r} is not {wanted}")
    for g in part.given:
        require(g in claim.given or inside.entails(g), f"{c.pointwise!r} assumes {g}")
    goal = claim.conclusion
    fits = isinstance(goal, Eq) and goal.rhs == 0 and isinstance(goal.lhs, Expectation)
    require(fits, "the claim is not E[...] = 0")
    factors = list(Mul.make_args(goal.lhs.args[0]))
    require(all(f in factors for f in state), "the mean is not over the state")
    require(all(polynomial_in(f) for f in [square, *factors]), "the body is not a polynomial")
    return Tier.DERIVED
