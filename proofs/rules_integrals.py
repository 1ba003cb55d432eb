"""Rules about integrals over an interval: primitives, linearity, substitution, order, parameters.

An integral to infinity must converge by its form: each term has a factor ``phi(u)``, ``exp(-v**2/2 ...)`` or
``Phi(-u)`` with u affine in the variable (and increasing towards the end), and all other factors grow at most
like a power or like ``exp`` of an affine term.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    Add,
    Derivative,
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    Integral,
    Le,
    Lt,
    Mul,
    Pow,
    S,
    Sum,
    Symbol,
    exp,
    expand_mul,
)
from sympy.core.relational import Relational

from proofs.certificates import Affine, Integrate, Linear, Ordered, UnderIntegral
from proofs.claims import Claim, Tier
from proofs.differential import derivative, limit, read_safely
from proofs.kernel import Context, require, rule
from proofs.nodes import Expect
from proofs.polynomials import Fractional, atoms_of, constant
from proofs.relations import Evidence
from proofs.roots import agree, reduce_roots, vanishes
from proofs.rules_differential import known, open_in
from proofs.substitution import substitute, variables
from proofs.terms import read_together
from relutheory.functions import Phi, TruncatedMoment, phi

_INFINITE = (S.Infinity, S.NegativeInfinity)


def parts(node: Any) -> tuple[Expr, Symbol, Expr, Expr]:
    """Integrand, variable and ends; the variable becomes one without a sign."""
    require(isinstance(node, Integral) and len(node.limits) == 1, f"{node} is not one integral")
    require(len(node.limits[0]) == 3, f"{node} has no ends")
    v, low, high = node.limits[0]
    require(v not in variables(low, high), f"{v} is bound")
    plain = Symbol(v.name + "'", real=True)
    require(plain not in variables(node.function), "a name clashes")
    return substitute(node.function, {v: plain}), plain, low, high


def between(v: Symbol, low: Expr, high: Expr, *, closed: bool = False) -> list[Any]:
    """The variable lies between finite ends."""
    more, less = (Ge, Le) if closed else (Gt, Lt)
    found = [] if low in _INFINITE else [more(v, low, evaluate=False)]
    return found if high in _INFINITE else [*found, less(v, high, evaluate=False)]


def _slope(term: Expr, v: Symbol) -> Fractional | None:
    """The factor of v in a term that is affine in v; None if it is not affine."""
    (value, x), _ = read_together([term, v])
    (place,) = atoms_of([x])
    (other,), _ = read_together([substitute(term, {v: Symbol(f"#{v.name}", real=True)})])
    moving = atoms_of([value]) - atoms_of([other])
    powers = {dict(m).get(place, 0) for m in value.num}
    if not moving <= {place} or not powers <= {0, 1} or any(place in dict(m) for m in value.den):
        return None
    factor = {tuple(p for p in m if p[0] != place): c for m, c in value.num.items() if place in dict(m)}
    return Fractional(factor, value.den)


def _tame(term: Expr, v: Symbol, evidence: Evidence) -> bool:
    """At most a power of v, or exp of an affine term, locally uniformly in everything else."""
    if v not in variables(term) or term == v:
        return True
    if isinstance(term, Add | Mul):
        return all(_tame(a, v, evidence) for a in term.args)
    if isinstance(term, Pow):
        (power,) = read_safely([term.exp], evidence)
        return v not in variables(term.exp) and evidence.nonneg(power) and _tame(term.base, v, evidence)
    if isinstance(term, phi | Phi):
        return True
    if isinstance(term, TruncatedMoment):
        return v not in variables(term.args[0])  # at most an absolute moment
    if isinstance(term, exp):
        return _slope(term.args[0], v) is not None
    return isinstance(term, Sum) and _tame(term.function, v, _inside_sum(term, v, evidence))


def _inside_sum(term: Sum, v: Symbol, evidence: Evidence) -> Evidence:
    """What is known of the index of a finite sum besides."""
    index, low, high = term.limits[0]
    require(len(term.limits) == 1 and v not in variables(low, high), f"the range of {term} moves")
    ends = [Ge(index, low, evaluate=False), Le(index, high, evaluate=False)]
    return Evidence([*evidence.relations, *ends])


def _falls(term: Expr, v: Symbol, ends: tuple[Expr, ...], evidence: Evidence) -> bool:
    """A factor that vanishes faster than any power and any exp of an affine term at these infinite ends.

    A slope that is not 0 stays away from 0 near the values of the parameters.
    """
    if isinstance(term, exp):
        return _slope(term.args[0] + v**2 / 2, v) is not None
    slope = _slope(term.args[0], v) if isinstance(term, phi | Phi) else None
    if slope is None or slope.is_zero():
        return False
    if isinstance(term, phi):
        # A root in the slope shows by its square.
        tops = (Fractional(f.num, constant(1).den) for f in (slope, reduce_roots(slope * slope)))
        return any(evidence.nonzero(top) for top in tops)
    return (evidence.positive(-slope) and set(ends) <= {S.Infinity}) or (
        evidence.positive(slope) and set(ends) <= {S.NegativeInfinity}
    )


def _vanishes_fast(part: Expr, v: Symbol, ends: tuple[Expr, ...], evidence: Evidence) -> tuple[bool, bool]:
    """Whether a product has a factor that falls fast, and whether the others grow slowly enough."""
    factors = Mul.make_args(part)
    fast = [i for i, f in enumerate(factors) if _falls(f, v, ends, evidence)]
    rest = [f for i, f in enumerate(factors) if fast and i != fast[0]]
    return bool(fast), all(_tame(f, v, evidence) or _falls(f, v, ends, evidence) for f in rest)


def _vanishes_far_out(term: Expr, v: Symbol, end: Expr, evidence: Evidence) -> bool:
    """Each term has a factor that falls fast, and the others grow slowly."""
    return all(all(_vanishes_fast(part, v, (end,), evidence)) for part in Add.make_args(term))


def converges(term: Expr, v: Symbol, low: Expr, high: Expr, evidence: Evidence) -> None:
    """The integral exists: continuous between finite ends, else by its form."""
    closed = Evidence([*evidence.relations, *between(v, low, high, closed=True)])
    read_safely([term], closed)
    ends = tuple(e for e in (low, high) if e in _INFINITE)
    if not ends:
        return
    for part in Add.make_args(term):
        if isinstance(part, Sum):
            converges(part.function, v, low, high, _inside_sum(part, v, evidence))
            continue
        fast, slow = _vanishes_fast(part, v, ends, closed)
        require(fast, f"{part} is not known to vanish fast")
        require(slow, f"the growth of {part} is not known")


@rule(Integrate)
def integrate(context: Context, claim: Claim, c: Integrate) -> Tier:
    """The integral is the difference of the values (or limits) of a primitive at the ends."""
    goal = claim.conclusion
    require(isinstance(goal, Eq), "the claim is not an equation")
    body, v, low, high = parts(goal.lhs)
    (bound,) = [limits[0] for limits in goal.lhs.limits]
    primitive = substitute(c.primitive, {bound: v})
    evidence = known(context, claim, c.nonzero)
    inside = Evidence([*evidence.relations, *between(v, low, high)])
    closed = Evidence([*evidence.relations, *between(v, low, high, closed=True)])
    found, presumed = derivative(primitive, v)
    for obligation in presumed:
        require(inside.discharges(obligation), f"not declared: {obligation.text}")
    have, wanted = read_safely([found, body], inside)
    require(agree(have, wanted), f"the derivative of the primitive is {found}")
    read_safely([primitive], closed)
    if low not in _INFINITE and high not in _INFINITE:
        ordered = Le(low, high, evaluate=False)
        require(evidence.entails(ordered), f"{ordered} is not evident")
    ends = []
    for end in (high, low):
        if end in _INFINITE:
            null = _vanishes_far_out(primitive, v, end, closed)
            ends.append(constant(0) if null else limit(primitive, v, end, closed))
        else:
            (value,) = read_safely([substitute(primitive, {v: end})], evidence)
            ends.append(value)
    (right,) = read_safely([goal.rhs], evidence)
    require(agree(ends[0] - ends[1], right), "the value is another one")
    return Tier.DERIVED


def _shape(node: Any) -> tuple[Any, ...]:
    return (type(node), *node.limits[0][1:])


def _spread(term: Expr, sign: int, kind: type, found: list[tuple[Any, Expr]], rest: list[Expr]) -> None:
    """Write a term as a number times a sum or an integral; what has none is the rest."""
    for part in Add.make_args(term):
        factors = list(Mul.make_args(part))
        nodes = [f for f in factors if isinstance(f, Sum | Integral)]
        if not nodes:
            require(not part.has(kind), f"{part} is not linear")
            rest.append(sign * part)
            continue
        require(len(nodes) == 1, f"{part} is not linear")
        (node,) = nodes
        others = Mul(*(f for f in factors if f is not node))
        require(not others.has(Sum, Integral) and len(node.limits) == 1, f"{part} is not linear")
        index = node.limits[0][0]
        require(index not in variables(others), f"{index} is bound")
        inner = list(Mul.make_args(node.function))
        within = [f for f in inner if isinstance(f, Integral)]
        if isinstance(node, Sum) and kind is Integral and within:
            require(len(within) == 1, f"{part} is not linear")
            (integral,) = within
            scale = Mul(*(f for f in inner if f is not integral))
            limits = integral.limits[0]
            require(index not in variables(*limits[1:]), f"the ends depend on {index}")
            require(limits[0] not in variables(scale, others), f"{limits[0]} is bound")
            node = Integral(Sum(scale * integral.function, *node.limits), limits)
        if not isinstance(node, kind):
            rest.append(sign * part)
            continue
        found.append((node, sign * others))


@rule(Linear)
def linear(context: Context, claim: Claim, c: Linear) -> Tier:
    """Integrals (or sums) over the same range are added under one sign, where everything cancels."""
    goal = claim.conclusion
    require(isinstance(goal, Eq), "the claim is not an equation")
    evidence = known(context, claim, c.nonzero)
    if goal.has(Expect):
        _means(goal, evidence)
        return Tier.DERIVED
    kind: type = Integral if goal.has(Integral) else Sum
    compare(goal.lhs, goal.rhs, kind, evidence)
    return Tier.DERIVED


def _means(goal: Any, evidence: Evidence) -> None:
    """Means over one sample: the combination vanishes at every sample point, constants included."""
    (sample, *more) = {node.variable for node in goal.atoms(Expect)}
    require(not more, "the means are over different samples")
    total: Expr = Integer(0)
    for side, sign in ((goal.lhs, 1), (goal.rhs, -1)):
        for part in Add.make_args(side):
            nodes = [f for f in Mul.make_args(part) if isinstance(f, Expect)]
            require(len(nodes) <= 1, f"{part} is not linear")
            outside = Mul(*(f for f in Mul.make_args(part) if f not in nodes))
            require(not outside.has(Expect) and sample not in variables(outside), f"{part} is not linear")
            total += sign * outside * (nodes[0].body if nodes else 1)
    (value,) = read_safely([total], evidence)
    require(vanishes(value), "the means do not cancel")


def compare(left: Expr, right: Expr, kind: type, evidence: Evidence) -> None:
    """Both sides are the same linear combination of integrals (or sums)."""
    found: list[tuple[Any, Expr]] = []
    rest: list[Expr] = []
    _spread(left, 1, kind, found, rest)
    _spread(right, -1, kind, found, rest)
    (outside,) = read_safely([Add(*rest)], evidence)
    require(vanishes(outside), "the terms outside differ")
    groups: dict[Any, list[Any]] = {}
    for node, scale in found:
        groups.setdefault(_shape(node), []).append((node, scale))
    for (_, low, high), members in groups.items():
        first = members[0][0].limits[0][0]
        integer = kind is Sum
        name = f"#{first.name}"
        v = Symbol(name, integer=True) if integer else Symbol(name, real=True)
        bodies = []
        for node, scale in members:
            require(v not in variables(node.function, scale), "a name clashes")
            require(node.limits[0][0] not in variables(scale), "a name is bound")
            body = substitute(node.function, {node.limits[0][0]: v})
            if not integer:
                converges(body, v, low, high, evidence)
            bodies.append(scale * body)
        if integer:
            inside = [Ge(v, low, evaluate=False), Le(v, high, evaluate=False)]
        else:
            inside = between(v, low, high)
        (total,) = read_safely([Add(*bodies)], Evidence([*evidence.relations, *inside]))
        require(vanishes(total), f"the terms under one sign do not cancel: {low}..{high}")


@rule(Affine)
def affine(context: Context, claim: Claim, c: Affine) -> Tier:
    """A linear change of the variable of integration."""
    goal = claim.conclusion
    require(isinstance(goal, Eq), "the claim is not an equation")
    f, v, a, b = parts(goal.lhs)
    g, u, low, high = parts(goal.rhs)
    other = Symbol("u''", real=True)
    g = substitute(g, {u: other})
    evidence = known(context, claim, c.nonzero)
    up = evidence.entails(Gt(c.scale, 0, evaluate=False))
    require(up or evidence.entails(Gt(0, c.scale, evaluate=False)), "the sign of the scale is not evident")
    moved = substitute(f, {v: c.scale * other + c.shift}) * (c.scale if up else -c.scale)
    inside = Evidence([*evidence.relations, *between(other, low, high)])
    one, two = read_safely([moved, g], inside)
    require(agree(one, two), "the integrands differ")
    for end, image in ((low, a if up else b), (high, b if up else a)):
        if end in _INFINITE:
            flipped = end if up else -end
            require(image is flipped, "the ends differ")
            continue
        require(image not in _INFINITE, "the ends differ")
        x, y = read_safely([c.scale * end + c.shift, image], evidence)
        require(agree(x, y), "the ends differ")
    return Tier.DERIVED


def _continuous(body: Expr, v: Symbol, inside: Evidence) -> bool:
    """Sums, products and whole powers of what the kernel can differentiate, which is continuous."""
    if v not in variables(body):
        return True
    if isinstance(body, Add | Mul):
        return all(_continuous(a, v, inside) for a in body.args)
    if body.is_Pow and body.exp.is_integer and inside.entails(Ge(body.exp, 0, evaluate=False)):
        return _continuous(body.base, v, inside)
    _, presumed = derivative(body, v)
    return all(inside.discharges(o) for o in presumed)


@rule(UnderIntegral)
def under_integral(context: Context, claim: Claim, c: UnderIntegral) -> Tier:
    """Differentiate under the sign; the ends contribute when they move."""
    goal = claim.conclusion
    require(isinstance(goal, Eq) and isinstance(goal.lhs, Derivative), "the claim is not a derivative")
    term, (x, *more) = goal.lhs.expr, goal.lhs.variables
    require(not more and x not in context.fixed, f"{x} is fixed, or the derivative is a higher one")
    open_in(claim, x)
    if c.equation is not None:
        equation = context.resolve(c.equation, claim)
        require(isinstance(equation, Eq) and equation.lhs == term, f"{equation} is not about {term}")
        term = equation.rhs
    evidence = known(context, claim, c.nonzero)
    body, v, low, high = parts(term)
    converges(body, v, low, high, evidence)
    rate, presumed = derivative(body, x)
    inside = Evidence([*evidence.relations, *between(v, low, high, closed=True)])
    for obligation in presumed:
        require(inside.discharges(obligation), f"not declared: {obligation.text}")
    rate = expand_mul(rate)
    total: Expr = Integer(0)
    if rate != 0:
        converges(rate, v, low, high, evidence)
        total = Integral(rate, (v, low, high))
    for end, sign in ((high, 1), (low, -1)):
        if end not in _INFINITE:
            speed, presumed = derivative(end, x)
            require(all(evidence.discharges(o) for o in presumed), "the end is not differentiable")
            # A jump of the integrand at a moving end has no rate.
            require(speed == 0 or _continuous(body, v, inside), "the integrand may jump at the end")
            total += sign * substitute(body, {v: end}) * speed
    if total.has(Integral) or goal.rhs.has(Integral):
        compare(goal.rhs, total, Integral, evidence)
    else:
        one, two = read_safely([goal.rhs, total], evidence)
        require(agree(one, two), f"the derivative is {total}")
    return Tier.DERIVED


@rule(Ordered)
def ordered(context: Context, claim: Claim, c: Ordered) -> Tier:
    """What holds at all inner points holds for the integrals."""
    goal = claim.conclusion
    require(isinstance(goal, Gt | Ge | Eq), "the claim must be of the form a > b, a >= b or a = b")
    left, right = goal.lhs, goal.rhs
    first = left if isinstance(left, Integral) else right
    _, v, low, high = parts(first)
    bodies = []
    evidence = Evidence(claim.given)
    for side in (left, right):
        if side == 0:
            bodies.append(Integer(0))
            continue
        _, _, a, b = parts(side)
        require((a, b) == (low, high), "the ends differ")
        bound = side.limits[0][0]
        bodies.append(substitute(side.function, {bound: v}))
        converges(bodies[-1], v, low, high, evidence)
    if low not in _INFINITE and high not in _INFINITE:
        wanted = (Gt if isinstance(goal, Gt) else Ge)(high, low, evaluate=False)
        require(evidence.entails(wanted), f"{wanted} is not evident")
    else:
        require(low is S.NegativeInfinity or high is S.Infinity, "the ends are in the wrong order")
        require(low is not S.Infinity and high is not S.NegativeInfinity, "the ends are in the wrong order")
    source = context.claim(c.pointwise)
    inner = first.limits[0][0]
    require(inner not in context.fixed, f"{inner} is fixed")
    found = source.conclusion
    require(type(found) is type(goal), f"{c.pointwise!r} is not of the same kind")
    ends = between(inner, low, high)
    inside = Evidence([*claim.given, *ends])
    for g in source.given:
        fine = g in claim.given or (isinstance(g, Relational) and inside.entails(g))
        require(fine, f"{c.pointwise!r} assumes {g}")
    require(not any(inner in variables(g) for g in claim.given), f"a hypothesis mentions {inner}")
    if inner.is_positive or inner.is_nonnegative:
        require(evidence.entails(Ge(low, 0, evaluate=False)), f"{inner} may be negative")
    wanted_sides = [substitute(b, {v: inner}) for b in bodies]
    one, two, x, y = read_safely([found.lhs, found.rhs, *wanted_sides], inside)
    same = agree(one, x) and agree(two, y)
    require(same or agree(one - two, x - y), f"{c.pointwise!r} is about something else")
    return Tier.DERIVED


__all__ = ["between", "compare", "converges", "parts"]
