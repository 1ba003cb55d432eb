"""Rules with a quantifier over an infinite set: limits, extreme integers, means, suprema, extinction."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Equivalent, Ge, Gt, Integer, Le, Limit, Rational, S, Sum, Symbol
from sympy.core.relational import Relational

from proofs.claims import Claim, Extinction, Extremal, Mean, Sandwich, Supremum, Termwise, Tier
from proofs.kernel import Context, require, rule, same
from proofs.nodes import Expect, Sup
from proofs.relations import Evidence, negation
from proofs.substitution import substitute, variables
from relutheory.functions import BinomialExtinction, LargestInteger, SmallestInteger


def _outer(claim: Claim, given: tuple[Any, ...], evidence: Evidence, *bound: Any) -> None:
    """Hypotheses of a source are hypotheses here too and do not mention what is bound."""
    for g in given:
        known = g in claim.given or (isinstance(g, Relational) and evidence.entails(g))
        require(known, f"the source assumes {g}")
        require(not set(bound) & variables(g), f"{g} mentions a bound symbol")


@rule(Sandwich)
def sandwich(context: Context, claim: Claim, c: Sandwich) -> Tier:
    """``|f - value| <= g`` from some n on and g is a null sequence that the kernel knows."""
    require(
        isinstance(claim.conclusion, Eq) and isinstance(claim.conclusion.lhs, Limit),
        "the claim is not a limit",
    )
    limit, value = claim.conclusion.args
    body, index, target, _ = limit.args
    n = c.variable
    require(
        target is S.Infinity and bool(index.is_integer) and bool(n.is_integer),
        "only limits over integers to infinity",
    )
    require(
        n not in variables(value, *claim.given) and n not in context.fixed, f"{n} is not the moving integer"
    )
    f = substitute(body, {index: n})
    require(n not in variables(c.coefficient), "the coefficient moves")
    if c.ratio is None:
        g = c.coefficient / n
    else:
        require(n not in variables(c.ratio), "the ratio moves")
        g = c.coefficient * c.ratio**n
        for source, wanted in (
            (c.nonnegative, Ge(c.ratio, 0, evaluate=False)),
            (c.below_one, Gt(1, c.ratio, evaluate=False)),
        ):
            found = context.resolve(wanted if source is None else source, claim)
            require(same(found, wanted, Evidence(claim.given)), f"the ratio must satisfy {wanted}")
    for source, difference in ((c.above, f - value), (c.below, value - f)):
        found = context.instantiate(source, claim)
        # From some n on is enough: a hypothesis n >= number may be dropped.
        late = [
            g for g in found.given if not (isinstance(g, Ge) and g.lhs == n and isinstance(g.rhs, Integer))
        ]
        _outer(claim, tuple(late), Evidence(claim.given), n)
        here = Evidence([*claim.given, *found.given])
        require(
            same(found.conclusion, Ge(g, difference, evaluate=False), here),
            f"{found.conclusion} is not {difference} <= {g}",
        )
    return Tier.DERIVED


@rule(Extremal)
def extremal(context: Context, claim: Claim, c: Extremal) -> Tier:
    """A condition that changes its truth value once holds exactly up to (from) the extreme integer."""
    v = c.variable
    require(isinstance(claim.conclusion, Equivalent), "the claim is not an equivalence")
    nodes = claim.conclusion.atoms(LargestInteger, SmallestInteger)
    require(
        len(nodes) == 1 and v not in context.fixed and bool(v.is_integer), "one extreme integer, one variable"
    )
    (node,) = nodes
    largest = isinstance(node, LargestInteger)
    condition = substitute(node.condition, {node.variable: v})
    side = Le(v, node, evaluate=False) if largest else Ge(v, node, evaluate=False)
    require(claim.conclusion == Equivalent(side, condition), f"the claim must be {side} <=> {condition}")
    evidence = Evidence(claim.given)
    require(evidence.entails(Ge(v, node.low, evaluate=False)), f"{v} may be less than {node.low}")

    following = substitute(condition, {v: v + 1})
    given, wanted = (following, condition) if largest else (condition, following)
    monotone = context.claim(c.monotone)
    require(same(monotone.conclusion, wanted, evidence), f"{c.monotone!r} does not end in {wanted}")
    for g in monotone.given:
        known = (
            g in claim.given
            or same(g, given, evidence)
            or (isinstance(g, Relational) and evidence.entails(g))
        )
        require(known, f"{c.monotone!r} assumes {g}")

    if largest:
        require(c.first is not None, "the condition must hold at the first integer")
        found = context.resolve(
            c.first, Claim(S.true, tuple(g for g in claim.given if v not in variables(g)))
        )
        require(
            same(found, substitute(condition, {v: node.low}), evidence),
            "the condition at the first integer is needed",
        )
    reached = context.claim(c.reached)
    require(
        bool(reached.given) and isinstance(reached.given[-1], Gt),
        f"{c.reached!r} needs a last hypothesis a*v > b",
    )
    *others, far = reached.given
    # Archimedes: a*v > b has solutions for every a > 0, whatever b.
    slope = context.resolve(c.slope, claim)
    require(
        isinstance(slope, Gt) and slope.rhs == 0 and v not in variables(slope), "the slope must be positive"
    )
    require(v not in variables(far.rhs), "the threshold moves")
    require(
        same(far, Gt(slope.lhs * v, far.rhs, evaluate=False), evidence),
        f"{far} is not slope * {v} > threshold",
    )
    for g in others:
        require(g in claim.given or evidence.entails(g), f"{c.reached!r} assumes {g}")
    end = negation(condition) if largest else condition
    require(same(reached.conclusion, end, evidence), f"{c.reached!r} does not end in {end}")
    return Tier.DERIVED


@rule(Mean)
def mean(context: Context, claim: Claim, c: Mean) -> Tier:
    """A relation at every sample point passes to the means (of bounded quantities)."""
    goal = claim.conclusion
    require(isinstance(goal, Eq | Ge | Le | Gt), "means keep =, >=, <= and >")
    sides = [s for s in (goal.lhs, goal.rhs) if isinstance(s, Expect)]
    require(bool(sides), "no mean in the claim")
    sample = sides[0].variable
    require(sample not in context.fixed, f"{sample} is fixed")
    bodies = []
    for s in (goal.lhs, goal.rhs):
        if isinstance(s, Expect):
            require(s.variable == sample, "the means are over different samples")
            bodies.append(s.body)
        else:
            require(sample not in variables(s), f"{s} depends on the sample")
            bodies.append(s)
    pointwise = context.claim(c.pointwise)
    evidence = Evidence(claim.given)
    require(
        same(pointwise.conclusion, goal.func(*bodies, evaluate=False), evidence),
        f"{c.pointwise!r} says something else",
    )
    _outer(claim, pointwise.given, evidence, sample)
    return Tier.DERIVED


@rule(Termwise)
def termwise(context: Context, claim: Claim, c: Termwise) -> Tier:
    """A weak relation of all terms passes to the sums, an equation of all terms to the limits."""
    goal = claim.conclusion
    if isinstance(goal, Eq) and isinstance(goal.lhs, Limit) and isinstance(goal.rhs, Limit):
        require(goal.lhs.args[1:] == goal.rhs.args[1:], "the limits differ")
        moving = goal.lhs.args[1]
        require(moving not in context.fixed, f"{moving} is fixed")
        terms = context.claim(c.pointwise)
        equation = Eq(goal.lhs.args[0], goal.rhs.args[0], evaluate=False)
        require(same(terms.conclusion, equation, Evidence(claim.given)), f"{c.pointwise!r} is not {equation}")
        _outer(claim, terms.given, Evidence(claim.given), moving)
        return Tier.DERIVED
    if (
        isinstance(goal, Eq)
        and isinstance(goal.lhs, BinomialExtinction)
        and isinstance(goal.rhs, BinomialExtinction)
    ):
        a, b = goal.args
        same_frame = (a.start, a.trials, a.limits) == (b.start, b.trials, b.limits)
        require(
            same_frame and a.success.variables == b.success.variables,
            "the chains differ in more than success",
        )
        (count,) = a.success.variables
        terms = context.claim(c.pointwise)
        equation = Eq(a.success.expr, b.success.expr, evaluate=False)
        require(same(terms.conclusion, equation, Evidence(claim.given)), f"{c.pointwise!r} is not {equation}")
        require(count not in context.fixed, f"{count} is fixed")
        _outer(claim, terms.given, Evidence(claim.given), count)
        return Tier.DERIVED
    require(
        isinstance(goal, Ge | Eq) and isinstance(goal.lhs, Sum) and isinstance(goal.rhs, Sum),
        "not a >= or = of two sums",
    )
    require(
        goal.lhs.limits == goal.rhs.limits and len(goal.lhs.limits) == 1, "the sums have different indices"
    )
    index, low, high = goal.lhs.limits[0]
    require(index not in context.fixed and bool(index.is_integer), f"{index} is fixed or no integer")
    pointwise = context.claim(c.pointwise)
    inside = Evidence([*claim.given, Ge(index, low, evaluate=False), Le(index, high, evaluate=False)])
    # The symbol of the terms must allow every value that the index takes.
    least = 1 if index.is_positive else 0
    signed = bool(index.is_positive or index.is_nonnegative)
    require(
        not signed or Evidence(claim.given).entails(Ge(low, least, evaluate=False)), f"{index} may be less"
    )
    wanted = goal.func(goal.lhs.function, goal.rhs.function, evaluate=False)
    require(same(pointwise.conclusion, wanted, inside), f"{c.pointwise!r} is not {wanted}")
    for g in pointwise.given:
        require(
            g in claim.given or (isinstance(g, Relational) and inside.entails(g)),
            f"{c.pointwise!r} assumes {g}",
        )
    require(not any(index in variables(g) for g in claim.given), f"a hypothesis mentions {index}")
    return Tier.DERIVED


@rule(Supremum)
def supremum(context: Context, claim: Claim, c: Supremum) -> Tier:
    """A bound of all values bounds the supremum, which then is at least every value."""
    goal = claim.conclusion
    require(isinstance(goal, Ge), "the claim must be of the form a >= b")
    require(c.pointwise is not None, "a supremum needs an upper bound")
    pointwise = context.claim(c.pointwise)
    require(isinstance(pointwise.conclusion, Ge), f"{c.pointwise!r} is not an upper bound")
    bound, value = pointwise.conclusion.args
    node = goal.lhs if isinstance(goal.lhs, Sup) else goal.rhs
    require(isinstance(node, Sup) and node.variable not in context.fixed, "no supremum in the claim")
    require(
        node.body == value and node.variable not in variables(bound), f"{c.pointwise!r} is no bound of it"
    )
    evidence = Evidence(claim.given)
    _outer(claim, pointwise.given, evidence, node.variable)
    if goal.lhs == node:
        require(goal.rhs == value, f"the supremum exceeds {value} only")
    else:
        require(goal.lhs == bound, f"the bound of the supremum is {bound}")
    return Tier.DERIVED


@rule(Extinction)
def extinction(context: Context, claim: Claim, c: Extinction) -> Tier:
    """Unfold one step of a chain of binomial counts."""
    require(isinstance(claim.conclusion, Eq), "the claim is not an equation")
    node, value = claim.conclusion.args
    require(isinstance(node, BinomialExtinction), "the left side is not an extinction probability")
    index, low, high = node.limits
    if node.start == 0:
        require(value == 1, "an extinct chain stays extinct")
        return Tier.DERIVED
    evidence = Evidence(claim.given)
    require(evidence.entails(Ge(node.start, 1, evaluate=False)), f"{node.start} may be 0")
    if not c.first:
        require(
            same(Eq(low, high + 1, evaluate=False), Eq(0, 0, evaluate=False), evidence),
            "there are steps left",
        )
        require(value == 0, "without a step nothing dies")
        return Tier.DERIVED
    require(evidence.entails(Ge(high, low, evaluate=False)), f"{low} may be beyond {high}")
    first, following = context.claim(c.first).conclusion, context.claim(c.next).conclusion
    name = first.lhs.func
    zero, j, *others = list(first.lhs.args)
    require(zero == 0 and isinstance(j, Symbol), f"{c.first!r} does not start the trials")
    fits = dict(zip(others, value.args[2:], strict=True))
    trials = substitute(node.trials, {index: low})
    require(
        value == name(trials, Rational(0), *value.args[2:]), f"the right side is not {name} after all trials"
    )
    rest = BinomialExtinction(j, node.success, node.trials, (index, low + 1, high))
    require(substitute(first.rhs, fits) == rest, f"{c.first!r} must be {rest}")
    t = following.lhs.args[0] - 1
    (count,) = node.success.variables
    s = substitute(node.success.expr, {count: node.start})
    wanted = s * name(t, j + 1, *value.args[2:]) + (1 - s) * name(t, j, *value.args[2:])
    found = substitute(following, fits)
    require(
        same(found, Eq(name(t + 1, j, *value.args[2:]), wanted, evaluate=False), evidence),
        f"{c.next!r} is another trial",
    )
    return Tier.DERIVED
