"""Rules about one real variable: derivatives, monotone functions, limits, signs of algebraic functions."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from sympy import Derivative, Eq, Expr, Ge, Gt, Le, Limit, Lt, Ne, Rational, S, Symbol, sympify
from sympy.core.relational import Relational

from proofs.certificates import Differentiate, Monotone, Sturm, Tends
from proofs.claims import Claim, Tier
from proofs.differential import derivative, limit, read_safely, univariate
from proofs.kernel import Context, require, rule
from proofs.polynomials import Fractional, atoms_of, constant
from proofs.relations import Evidence, read_relations
from proofs.roots import agree, base_of_root, reduce_roots
from proofs.sturm import Interval, Poly, odd_part, sign_with_root
from proofs.substitution import substitute, variables
from proofs.terms import read_together

#: Relations that hold near each point where they hold.
_OPEN = (Gt, Lt, Ne)


def known(context: Context, claim: Claim, sources: Iterable[Any]) -> Evidence:
    """The hypotheses of a claim and what further sources say."""
    return Evidence([*claim.given, *(context.resolve(s, claim) for s in sources)])


def open_in(claim: Claim, x: Symbol) -> None:
    """The hypotheses hold in a neighbourhood of x, or a derivative would be one-sided."""
    require(not x.is_integer, f"{x} is an integer")
    require(not (x.is_nonnegative and not x.is_positive), f"{x} may be at the end of its range")
    for g in claim.given:
        fine = x not in variables(g) or isinstance(g, _OPEN)
        require(fine, f"{g} does not hold in a neighbourhood")


def differentiated(
    context: Context, claim: Claim, term: Expr, x: Symbol, via: tuple[Any, ...], evidence: Evidence
) -> Expr:
    """Derivative of a term where the claim is made."""
    facts = [context.resolve(source, claim) for source in via]
    found, presumed = derivative(term, x, facts)
    for obligation in presumed:
        require(evidence.discharges(obligation), f"not declared: {obligation.text}")
    return found


@rule(Differentiate)
def differentiate(context: Context, claim: Claim, c: Differentiate) -> Tier:
    """The right side is the derivative that the kernel finds."""
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
    found = differentiated(context, claim, term, x, c.via, evidence)
    a, b, _ = read_safely([found, goal.rhs, term], evidence)
    require(agree(a, b), f"the derivative is {found}")
    return Tier.DERIVED


def _sides(goal: Any) -> tuple[Expr, bool]:
    """Difference that a claim says to be positive (strictly or not)."""
    require(isinstance(goal, Gt | Ge | Lt | Le), "the claim is not an inequality")
    difference = goal.lhs - goal.rhs if isinstance(goal, Gt | Ge) else goal.rhs - goal.lhs
    return difference, isinstance(goal, Gt | Lt)


def _ray(claim: Claim, x: Symbol, end: Any, *, up: bool) -> tuple[Any, ...]:
    """Hypotheses that hold from x up (or down) to the end, and their strict forms beyond x."""
    strict: list[Any] = []
    free = Evidence([g for g in claim.given if x not in variables(g)])
    for g in claim.given:
        if x not in variables(g):
            continue
        require(isinstance(g, Gt | Ge | Lt | Le) and x in (g.lhs, g.rhs), f"{g} does not bound {x}")
        other = g.rhs if g.lhs == x else g.lhs
        require(x not in variables(other), f"{g} does not bound {x}")
        below = isinstance(g, Gt | Ge) == (g.lhs == x)
        if below != up:
            finite = end not in (S.Infinity, S.NegativeInfinity)
            holds = finite and free.entails(substitute(g, {x: end}))
            require(other == end or holds, f"{g} does not hold up to the end {end}")
        else:
            strict.append((Gt if below else Lt)(x, other, evaluate=False))
    if x.is_nonnegative:
        require(up or end not in (S.Infinity, S.NegativeInfinity), f"{x} is not negative")
        strict += [Gt(x, 0, evaluate=False)] if up else []
    return tuple(strict)


@rule(Monotone)
def monotone(context: Context, claim: Claim, c: Monotone) -> Tier:
    """A function that moves away from a value >= 0 at one end of the interval is positive."""
    x, end = c.variable, sympify(c.end)
    require(x not in context.fixed and not x.is_integer, f"{x} is fixed or an integer")
    difference, strict = _sides(claim.conclusion)
    evidence = known(context, claim, c.nonzero)
    finite = end not in (S.Infinity, S.NegativeInfinity)
    # The end lies above x, or below it.
    up = end is S.Infinity
    if finite:
        require(x not in variables(end), f"{end} depends on {x}")
        up = evidence.entails(Ge(end, x, evaluate=False))
        require(
            up or evidence.entails(Ge(x, end, evaluate=False)), f"the claim is not restricted to {x} >= {end}"
        )
    # Only points between x and the end matter, so that an end that belongs to the interval does not count.
    inner_given = (*claim.given, *_ray(claim, x, end, up=up))
    if finite:
        inner_given = (*inner_given, (Lt if up else Gt)(x, end, evaluate=False))
    inside = Claim(claim.conclusion, inner_given)
    read_safely([difference], evidence)
    slope = context.resolve(c.slope, inside)
    require(isinstance(slope, Gt | Ge | Lt | Le), f"{slope} is not the sign of a slope")
    rate = slope.lhs - slope.rhs if isinstance(slope, Gt | Ge) else slope.rhs - slope.lhs
    inner = Evidence([*known(context, claim, c.nonzero).relations, *inner_given])
    for source in c.via:
        context.resolve(source, claim)  # differentiable, hence continuous, at an end that belongs too
    found = differentiated(context, inside, difference, x, c.via, inner)
    wanted, have = read_safely([found, -rate if up else rate], inner)
    require(agree(wanted, have), f"the slope is {found}")
    if finite:
        _start(context, claim, c, difference, strict, isinstance(slope, Gt | Lt), up)
        return Tier.DERIVED
    require(not strict or isinstance(slope, Gt | Lt), "the slope may vanish")
    if c.value is None:
        value = limit(difference, x, end, evidence)
    else:
        floor = context.instantiate(c.value, claim)
        _eventually(claim, floor, x, end)
        bound, _ = _sides(floor.conclusion)
        far = Evidence([*evidence.relations, *floor.given])
        read_safely([bound, difference], far)
        value = limit(difference - bound, x, end, far)
    require(evidence.nonneg(value), f"{difference} does not tend to a value >= 0")
    return Tier.DERIVED


def _start(
    context: Context, claim: Claim, c: Monotone, difference: Expr, strict: bool, steep: bool, up: bool
) -> None:
    """The value at a finite end."""
    x, end = c.variable, sympify(c.end)
    evidence = known(context, claim, c.nonzero)
    outer = Claim(claim.conclusion, tuple(g for g in claim.given if x not in variables(g)))
    begin = substitute(difference, {x: end})
    read_safely([begin], known(context, outer, ()))
    beyond = evidence.entails((Lt if up else Gt)(x, end, evaluate=False)) and steep
    wanted = Ge(begin, 0, evaluate=False) if beyond or not strict else Gt(begin, 0, evaluate=False)
    if c.value is None:
        require(Evidence(outer.given).entails(wanted), f"{wanted} is not evident")
        return
    found = context.resolve(c.value, outer)
    value, sharp = _sides(found) if not isinstance(found, Eq) else (found.lhs - found.rhs, False)
    a, b = read_safely([value, begin], Evidence(outer.given))
    fits = agree(a, b) or (isinstance(found, Eq) and agree(-a, b))
    require(fits, f"{found} is not {wanted}")
    require(isinstance(wanted, Ge) or sharp, "the value at the end may be 0")


def _eventually(claim: Claim, floor: Claim, x: Symbol, end: Any) -> None:
    """A bound that holds from some x on (towards the end)."""
    evidence = Evidence(claim.given)
    for g in floor.given:
        late = (
            isinstance(g, Gt | Ge | Lt | Le)
            and g.lhs == x
            and isinstance(g.rhs, Rational)
            and isinstance(g, Gt | Ge) == (end is S.Infinity)
        )
        fine = late or g in claim.given or (isinstance(g, Relational) and evidence.entails(g))
        require(fine, f"the bound assumes {g}")


@rule(Tends)
def tends(context: Context, claim: Claim, c: Tends) -> Tier:
    """A limit at infinity of terms of known growth, or between two such terms."""
    goal = claim.conclusion
    require(isinstance(goal, Eq) and isinstance(goal.lhs, Limit), "the claim is not a limit")
    body, x, end, _ = goal.lhs.args
    require(end is S.Infinity, "only limits at infinity")
    require(x not in variables(goal.rhs, *claim.given) and x not in context.fixed, f"{x} is not moving")
    evidence = known(context, claim, c.nonzero)
    far = Evidence([*claim.given, Gt(x, 1, evaluate=False)])
    ends: list[Expr] = [body]
    if c.low is not None and c.high is not None:
        ends = []
        for source, sign in ((c.low, 1), (c.high, -1)):
            found = context.instantiate(source, claim)
            _eventually(claim, found, x, S.Infinity)
            gap, _ = _sides(found.conclusion)
            # gap >= 0 is body - low >= 0, or high - body >= 0.
            read_safely([gap], Evidence([*claim.given, *found.given]))
            ends.append(body - sign * gap)
    for term in ends:
        value = limit(term, x, S.Infinity, far)
        (wanted,) = read_safely([goal.rhs], evidence)
        require(agree(value, wanted), f"the limit of {term} is another one")
    return Tier.DERIVED


def interval_of(x: Symbol, evidence: Evidence) -> Interval:
    """What is known of a variable: numbers between which it lies."""
    low: Fraction | None = Fraction(0) if x.is_positive or x.is_nonnegative else None
    high: Fraction | None = None
    closed = [bool(x.is_nonnegative and not x.is_positive), False]
    (value,), _ = read_together([x])
    (number,) = atoms_of([value])
    for r in evidence.readings:
        if r.kind not in (">=", ">") or not r.difference.is_polynomial():
            continue
        rest, c = r.difference.split_constant()
        if list(rest.num) != [((number, 1),)]:
            continue
        (factor,) = rest.num.values()
        end, shut = -c / factor, r.kind == ">="
        if factor > 0 and (low is None or end > low or (end == low and not shut)):
            low, closed[0] = end, shut
        if factor < 0 and (high is None or end < high or (end == high and not shut)):
            high, closed[1] = end, shut
    require(low is None or high is None or low < high, "the interval is empty")
    return Interval(low, high, (closed[0], closed[1]))


@rule(Sturm)
def sturm(context: Context, claim: Claim, c: Sturm) -> Tier:
    """The sign of ``(a0 + a1 r)/(b0 + b1 r)`` piece by piece."""
    (goal,), presumed = read_relations([claim.conclusion])
    require(goal.kind in (">", ">=", "!="), "the claim is not about a sign")
    evidence = known(context, claim, c.nonzero)
    where = interval_of(c.variable, Evidence(claim.given))
    (value,), _ = read_together([c.variable])
    (x,) = atoms_of([value])
    difference = reduce_roots(goal.difference)
    bottom = Fractional(difference.den, constant(1).den)
    top = Fractional(difference.num, constant(1).den)
    roots = {n for n in atoms_of([difference]) if base_of_root(n) is not None}
    require(len(roots) <= 1, "more than one root")
    root = next(iter(roots), None)
    radicand: Poly = (Fraction(1),)
    if root is not None:
        base = base_of_root(root)
        assert base is not None
        require(base.is_polynomial(), "the radicand is not a polynomial")
        radicand, _ = univariate(base, x, None)
    for obligation in presumed:
        if not evidence.discharges(obligation):
            require(obligation.kind != "power", f"not declared: {obligation.text}")
            _presumed(obligation.term, obligation.kind, x, root, radicand, where, c.cuts)
    (a0, a1), (b0, b1) = univariate(top, x, root), univariate(bottom, x, root)
    signs = set()
    for piece in where.cut([Fraction(str(p)) for p in c.cuts]):
        below = sign_with_root(b0, b1, radicand, piece)
        require(below != 0, "the denominator may vanish")
        above = sign_with_root(a0, a1, radicand, piece)
        if above == 0 and goal.kind == ">=":
            above = _weak(a0, a1, radicand, piece)
        require(above != 0, f"the sign is not seen on {piece}")
        signs.add(above * below)
    require(len(signs) == 1, "the sign changes")
    require(goal.kind == "!=" or signs == {1}, "the sign is the opposite one")
    return Tier.DERIVED


def _weak(a0: Poly, a1: Poly, radicand: Poly, piece: Interval) -> int:
    """Weak sign: roots of even multiplicity, or at the ends."""
    inner = Interval(piece.low, piece.high)
    if a1:
        return sign_with_root(a0, a1, radicand, inner)
    return sign_with_root(odd_part(a0), (), radicand, inner) if a0 else 1


def _presumed(
    term: Fractional, kind: str, x: int, root: int | None, q: Poly, where: Interval, cuts: tuple[Any, ...]
) -> None:
    """What the reading presumes, shown by the same method."""
    value = reduce_roots(term)
    top = Fractional(value.num, constant(1).den)
    a0, a1 = univariate(top, x, root)
    b0, b1 = univariate(Fractional(value.den, constant(1).den), x, root)
    for piece in where.cut([Fraction(str(p)) for p in cuts]):
        sign = sign_with_root(a0, a1, q, piece) * sign_with_root(b0, b1, q, piece)
        require(sign != 0 and (kind == "nonzero" or sign > 0), "a denominator or radicand may vanish")


__all__ = ["interval_of", "known", "open_in"]
