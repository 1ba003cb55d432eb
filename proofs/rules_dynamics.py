"""Rules about the dynamics of units: elementary functions, means on a boundary, families of units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sympy import (
    Abs,
    Basic,
    Derivative,
    Eq,
    Expr,
    Ge,
    Gt,
    Indexed,
    IndexedBase,
    Integer,
    Integral,
    Le,
    Lt,
    Max,
    Min,
    Sum,
    Symbol,
    binomial,
    erfi,
    exp,
    factorial2,
    pi,
    sqrt,
)
from sympy.core.relational import Relational

from proofs.claims import Certificate, Claim, Model, Source, Tier
from proofs.differential import derivative, read_safely
from proofs.kernel import RULES, Context, check_ranges, require, rule, same
from proofs.nodes import GaussianPair
from proofs.polynomials import Fractional
from proofs.relations import Evidence
from proofs.roots import agree
from proofs.rules_differential import known, open_in
from proofs.rules_gaussian import GaussianMean, plain
from proofs.rules_units import random_in
from proofs.substitution import substitute, variables
from relutheory.functions import BiasEscapeTime, Expectation, Phi, TruncatedMoment, phi
from relutheory.theorems import theorem

__all__ = ["Elementary", "SurfaceMean", "Units", "UpperEnd"]


@dataclass(frozen=True)
class Elementary(Certificate):
    """A fact from a fixed table: signs of ``|x|``, ends of Min and Max, the derivative of erfi, escape times.

    Parameters
    ----------
    nonzero : tuple of sources
        What the fact presumes: the order of the ends of an integral, denominators.
    """

    rule: ClassVar[str] = "elementary"
    nonzero: tuple[Source, ...] = ()


@dataclass(frozen=True)
class UpperEnd(Certificate):
    """``Derivative(F(x), x) = f(x)`` for ``F(x) = Integral(f(v), (v, a, x))`` with a continuous f.

    Parameters
    ----------
    equation : source
        That F is this integral.
    variable : Symbol
        The v in which `regular` is written.
    regular : tuple of sources
        Denominators of f, or what they presume, for v between the ends.
    """

    rule: ClassVar[str] = "upper end"
    equation: Source
    variable: Symbol
    regular: tuple[Source, ...] = ()


@dataclass(frozen=True)
class SurfaceMean(Certificate):
    """Mean over the boundary ``y_1 = 0`` of a polynomial in the gate and output of unit 2 and in the input.

    Parameters
    ----------
    law : source
        Law of both units.
    moments : tuple of sources
        Values of truncated moments that are inserted.
    nonzero : tuple of sources
        That the correlation is proper.
    """

    rule: ClassVar[str] = "mean on a boundary"
    law: Source
    moments: tuple[Source, ...] = ()
    nonzero: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Units(Certificate):
    """A relation of another theorem for members of families of units.

    Parameters
    ----------
    source : str
        ``theorem:<id>``; the step has its tier.
    relation : Relational
        Its statement, or one of its further relations.
    symbols : mapping
        Quantities of the members for the symbols of that theorem.
    vectors : mapping
        Family and index of the member for vectors: ``v[p]`` becomes ``family[member, p]``.
    model : Model
        Why these members satisfy the hypotheses of that theorem.
    """

    rule: ClassVar[str] = "theorem for units"
    source: str
    relation: Any
    symbols: Mapping[Any, Any]
    vectors: Mapping[Any, tuple[Any, Any]]
    model: Model = field(kw_only=True)


def _facts(goal: Any, evidence: Evidence) -> Iterator[Any]:
    """What the table says about the function on the left of the claim."""
    node = goal.lhs
    if isinstance(node, Abs):
        (x,) = node.args
        yield from (Ge(node, bound, evaluate=False) for bound in (Integer(0), x, -x))
        if isinstance(goal, Lt):
            both = [Lt(bound, goal.rhs, evaluate=False) for bound in (x, -x)]
            require(all(evidence.entails(part) for part in both), f"{both} is not evident")
            yield goal
    if isinstance(node, Max):
        yield from (Ge(node, part, evaluate=False) for part in node.args)
    if isinstance(node, Min):
        yield from (Le(node, part, evaluate=False) for part in node.args)
    if isinstance(node, Derivative) and isinstance(node.expr, erfi):
        (x,) = node.expr.args
        require(node.variables == (x,) and bool(x.is_real) and not x.is_integer, f"{node} is something else")
        yield Eq(node, 2 * exp(x**2) / sqrt(pi), evaluate=False)
    if isinstance(node, BiasEscapeTime):
        start, target, end = node.args
        for relation in (Ge(end, -start, evaluate=False), Gt(target, end, evaluate=False)):
            require(evidence.entails(relation), f"{relation} is not evident")
        v = Symbol("v", real=True)
        yield Eq(node, Integral(1 / (Phi(v) * (target - v)), (v, -start, end)), evaluate=False)
    if isinstance(node, Integral) and len(node.limits[0]) == 3:
        v, low, high = node.limits[0]
        one, two = read_safely([low, high], evidence)
        require(len(node.limits) == 1 and agree(one, two), "the ends differ")
        read_safely([substitute(node.function, {v: low})], evidence)
        yield Eq(node, 0, evaluate=False)


@rule(Elementary)
def elementary(context: Context, claim: Claim, c: Elementary) -> Tier:
    """The claim is one of the facts about the function on its left side."""
    goal = claim.conclusion
    require(isinstance(goal, Relational), "the claim is not a relation")
    evidence = known(context, claim, c.nonzero)
    facts = list(_facts(goal, evidence))
    require(bool(facts), f"the table says nothing about {goal.lhs}")
    require(any(same(goal, fact, evidence) for fact in facts), f"the table says {', '.join(map(str, facts))}")
    if isinstance(goal.lhs, Derivative):
        require(not set(goal.lhs.variables) & context.fixed, f"{goal.lhs.variables[0]} is fixed")
    return Tier.DERIVED


@rule(UpperEnd)
def upper_end(context: Context, claim: Claim, c: UpperEnd) -> Tier:
    """The integrand is continuous up to the end, where its value is the slope."""
    goal, v = claim.conclusion, c.variable
    require(isinstance(goal, Eq) and isinstance(goal.lhs, Derivative), "the claim is not a derivative")
    x, *more = goal.lhs.variables
    require(not more and x not in context.fixed, f"{x} is fixed, or the derivative is a higher one")
    open_in(claim, x)
    equation = context.resolve(c.equation, claim)
    require(isinstance(equation, Eq) and equation.lhs == goal.lhs.expr, f"{equation} is not about {goal.lhs}")
    node = equation.rhs
    require(isinstance(node, Integral) and len(node.limits) == 1, f"{node} is not one integral")
    bound, low, high = node.limits[0]
    require(high == x and x not in variables(low), f"{x} is not the upper end alone")
    require(x not in variables(node.function) - {bound}, f"the integrand depends on {x}")
    body = substitute(node.function, {bound: v})
    loose = variables(*claim.given, goal, equation)
    require(bool(v.is_real) and not v.is_integer, f"{v} is no real variable")
    require(v not in context.fixed and v not in loose, f"{v} is not arbitrary")
    require(not (v.is_positive or v.is_nonnegative), f"{v} has a sign")
    evidence = Evidence(claim.given)
    require(evidence.entails(Gt(x, low, evaluate=False)), f"{x} > {low} is not evident")
    ends = (Ge(v, low, evaluate=False), Le(v, x, evaluate=False))
    here = Claim(claim.conclusion, (*claim.given, *ends))
    inside = known(context, here, c.regular)
    # What the kernel can differentiate is continuous where the result has a value.
    rate, presumed = derivative(body, v)
    require(all(inside.discharges(o) for o in presumed), "the integrand may be irregular")
    read_safely([body, rate], inside)
    wanted = Eq(goal.lhs, substitute(body, {v: x}), evaluate=False)
    require(goal == wanted, f"the claim must be {wanted}")
    return Tier.DERIVED


class _Boundary(GaussianMean):
    """Given ``z_1 = -h_1``, ``z_2 = -rho h_1 + sqrt(1 - rho**2) g`` with a standard normal g."""

    open = False

    def _surface(self, y: Any) -> Expr:
        require(y == self.law.part("y1"), "only the density of the first preactivation at 0")
        return self.delta

    def _monomial(self, powers: list[int], components: list[Any]) -> Fractional:
        gate1, gate2, y1, y2, delta, *rest = powers
        require(delta == 1 and not gate1 and not y1, "the first unit is at its boundary")
        self.open = bool(gate2)
        return super()._monomial([0, 0, 0, y2, 1, *rest], components)

    def _moment(self, orders: list[int], gates: list[int], delta: int) -> Expr:
        one, two = orders
        h1, h2, rho, s1 = (self.law.part(name) for name in ("h1", "h2", "rho", "s1"))
        root = sqrt(1 - rho**2)
        total: Expr = Integer(0)
        for k in range(two + 1):
            total += binomial(two, k) * (-rho * h1) ** (two - k) * root**k * self._normal(k, h1, h2, rho)
        return (-h1) ** one * phi(h1) / s1 * total

    def _normal(self, k: int, h1: Expr, h2: Expr, rho: Expr) -> Expr:
        if not self.open:
            return Integer(0) if k % 2 else factorial2(k - 1)
        node = TruncatedMoment(Integer(k), (h2 - rho * h1) / sqrt(1 - rho**2))
        value: Expr = self.known.get(node, node)
        return value


@rule(SurfaceMean)
def surface_mean(context: Context, claim: Claim, c: SurfaceMean) -> Tier:
    """Isserlis' theorem given both preactivations, the first of which is 0."""
    goal = claim.conclusion
    require(isinstance(goal, Eq) and isinstance(goal.lhs, Expectation), "the claim is not E[...] = value")
    require(not random_in(*claim.given), "a hypothesis about the sample changes its law")
    law = context.resolve(c.law, claim)
    require(isinstance(law, GaussianPair), f"{law} is not the law of two units")
    evidence = known(context, claim, c.nonzero)
    rho = law.part("rho")
    require(evidence.entails(Gt(1 - rho**2, 0, evaluate=False)), f"|{rho}| may be 1")
    values: dict[Any, Any] = {}
    for source in c.moments:
        found = context.resolve(source, claim)
        require(isinstance(found, Eq), f"{found} is not the value of a moment")
        values[found.lhs] = found.rhs
    total = _Boundary(law, values, evidence).of(goal.lhs.args[0])
    require(not goal.rhs.has(Expectation) and not random_in(goal.rhs), "the value is random")
    (value,) = read_safely([plain(goal.rhs, law)], evidence)
    require(agree(total, value), "the mean is another one")
    return Tier.DERIVED


def _member(term: Any, symbols: Mapping[Any, Any], vectors: Mapping[Any, tuple[Any, Any]]) -> Any:
    """A term about single units, written for members of families."""
    if isinstance(term, Symbol):
        return symbols.get(term, term)
    if isinstance(term, Indexed):
        indices = [_member(p, symbols, vectors) for p in term.indices]
        if term.base not in vectors:
            return term.base[tuple(indices)]
        family, member = vectors[term.base]
        return family[(member, *indices)]
    if not isinstance(term, Basic) or not term.args:
        return term
    require(not isinstance(term, Sum | Integral | Derivative), f"{term} binds a symbol")
    args = [_member(a, symbols, vectors) for a in term.args]
    return term.func(*args, evaluate=False) if isinstance(term, Relational) else term.func(*args)


@rule(Units)
def units(context: Context, claim: Claim, c: Units) -> Tier:
    """The theorem holds for any units that satisfy its hypotheses; the model step says why these do."""
    tier = context.lookup(c.source).tier
    record = theorem(c.source.split(":", 1)[1])
    require(c.relation in (record.statement, *record.also), f"{record.id} does not state {c.relation}")
    require(all(isinstance(key, Symbol) for key in c.symbols), "only symbols and vectors are replaced")
    require(all(isinstance(key, IndexedBase) for key in c.vectors), "only symbols and vectors are replaced")
    images = [*c.symbols.values(), *c.vectors.values()]
    require(len(set(images)) == len(images), "two quantities become the same one")
    kept = variables(c.relation) - set(c.symbols) - {base.label for base in c.vectors}
    new = {image for image in c.symbols.values() if isinstance(image, Symbol)}
    require(not kept & new, "a quantity of that theorem is used again")
    RULES[Model](context, claim, c.model)
    evidence = Evidence(claim.given)
    check_ranges(c.symbols, Claim(c.relation), evidence)
    wanted = _member(c.relation, c.symbols, c.vectors)
    require(same(claim.conclusion, wanted, evidence), f"the claim must be {wanted}")
    return tier
