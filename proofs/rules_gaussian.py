"""Rules about the normal law: what the named functions mean, and means of polynomials over half-spaces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sympy import (
    Add,
    DiracDelta,
    Eq,
    Expr,
    Ge,
    Gt,
    Indexed,
    Integer,
    Integral,
    Max,
    Min,
    Mul,
    Piecewise,
    S,
    Sum,
    Symbol,
    acos,
    asin,
    binomial,
    exp,
    factorial2,
    oo,
    pi,
    sqrt,
)

from proofs.certificates import Apply, NonnegativeMean, Unfold, Wick
from proofs.claims import Claim, Model, Tier
from proofs.differential import read_safely
from proofs.kernel import RULES, Context, check_ranges, require, rule, same
from proofs.nodes import LAW, Expect, GaussianPair, GaussianUnit
from proofs.polynomials import Fractional, Refused, atoms_of, constant, of_atom
from proofs.relations import Evidence
from proofs.roots import agree, reduce_roots
from proofs.rules_differential import known
from proofs.substitution import substitute, variables
from proofs.terms import read_together
from relutheory.functions import (
    BetaLaw,
    BivariateCDF,
    ConstantLaw,
    Expectation,
    ExponentialLaw,
    GateFunction,
    HalfNormalLaw,
    LawMoment,
    MillsRatio,
    OpenSecondMoment,
    Phi,
    Probability,
    QuadrantMoment,
    RampMoment,
    RampRatio,
    TruncatedMoment,
    UniformLaw,
    phi,
)
from relutheory.theorems import theorem

#: Longer products of Gaussian variables are refused.
MAX_FACTORS = 8

__all__ = ["GaussianMean", "matchings", "plain"]


def _named(term: Expr) -> tuple[Expr, list[Any]]:
    """Meaning of a named function at its arguments, and what it presumes."""
    v = Symbol("v", real=True)
    args = term.args
    if isinstance(term, phi):
        return exp(-(args[0] ** 2) / 2) / sqrt(2 * pi), []
    if isinstance(term, Phi):
        return Integral(phi(v), (v, -oo, args[0])), []
    if isinstance(term, MillsRatio):
        return Phi(-args[0]) / phi(args[0]), []
    if isinstance(term, RampMoment):
        return Integral(v ** args[0] * phi(v - args[1]), (v, 0, oo)), [Ge(args[0], 0, evaluate=False)]
    if isinstance(term, TruncatedMoment):
        return Integral(v ** args[0] * phi(v), (v, -args[1], oo)), [Ge(args[0], 0, evaluate=False)]
    if isinstance(term, RampRatio):
        n, t = args
        return RampMoment(n, -t) / RampMoment(n - 1, -t), [Ge(n, 1, evaluate=False)]
    if isinstance(term, BivariateCDF):
        a, b, rho = args
        if rho == 1:
            return Phi(Min(a, b)), []
        if rho == -1:
            return Max(Phi(a) + Phi(b) - 1, 0), []
        root = sqrt(1 - rho**2)
        body = phi(v) * Phi((b + rho * v) / root)
        return Integral(body, (v, -a, oo)), [Gt(1 - rho**2, 0, evaluate=False)]
    if isinstance(term, QuadrantMoment):
        i, j, a, b, rho = args
        require(j in (0, 1), "the second order is 0 or 1")
        root = sqrt(1 - rho**2)
        # Given z_1 = v, z_2 is rho v + root g with g > -far.
        far = (b + rho * v) / root
        inner = TruncatedMoment(Integer(0), far)
        inner = inner if j == 0 else rho * v * inner + root * TruncatedMoment(Integer(1), far)
        proper = [Ge(i, 0, evaluate=False), Gt(1 - rho**2, 0, evaluate=False)]
        return Integral(v**i * phi(v) * inner, (v, -a, oo)), proper
    if isinstance(term, Max) and len(args) == 2:
        first, second = sorted(args, key=lambda a: a.is_number)
        return Piecewise((first, Gt(first, second, evaluate=False)), (second, True)), []
    if isinstance(term, LawMoment):
        return law_mean(term.args[1], lambda x: x ** term.args[0]), [Ge(term.args[0], 0, evaluate=False)]
    if isinstance(term, GateFunction):
        return law_mean(term.args[1], lambda x: Phi(-term.args[0] * x)), []
    if isinstance(term, OpenSecondMoment):
        return law_mean(term.args[1], lambda x: _second_moment(term.args[0] * x)), []
    raise Refused(f"{term} has no meaning in the table")


def _second_moment(c: Expr) -> Expr:
    """``E max(g + c, 0)**2`` for a standard normal g."""
    return (1 + c**2) * Phi(c) + c * phi(c)


def law_mean(law: Any, body: Any) -> Expr:
    """Mean of a function under a law: over its density, or of an arbitrary positive sample."""
    x = Symbol("x", real=True)
    if isinstance(law, BetaLaw) and law.args[1] == 1:
        a = law.args[0]
        return Integral(a * x ** (a - 1) * body(x), (x, 0, 1))
    if isinstance(law, UniformLaw):
        (end,) = law.args
        return Integral(body(x) / end, (x, 0, end))
    if isinstance(law, HalfNormalLaw):
        (s,) = law.args
        return Integral(2 * phi(x / s) / s * body(x), (x, 0, oo))
    if isinstance(law, ExponentialLaw):
        (rate,) = law.args
        return Integral(rate * exp(-rate * x) * body(x), (x, 0, oo))
    if isinstance(law, ConstantLaw):
        return body(law.args[0])
    require(law == LAW, f"{law} has no density in the table")
    sample = Symbol("X", positive=True)
    return Expect(body(sample), sample)


def _known_facts(goal: Any) -> Iterator[Any]:
    """Facts without a name: values of Phi lie below 1, two variables change places, the binomial theorem."""
    if isinstance(goal, Gt) and isinstance(goal.rhs, Phi):
        yield Gt(1, goal.rhs, evaluate=False)
    if isinstance(goal, Eq) and isinstance(goal.lhs, QuadrantMoment):
        i, j, one, two, rho = goal.lhs.args
        yield Eq(goal.lhs, QuadrantMoment(j, i, two, one, rho), evaluate=False)
        if i == 0 and j == 0:
            yield Eq(goal.lhs, BivariateCDF(one, two, rho), evaluate=False)
    if isinstance(goal, Eq) and isinstance(goal.lhs, GateFunction) and isinstance(goal.rhs, Expectation):
        sample = Symbol("X", positive=True)
        yield Eq(goal.lhs, Expectation(Phi(-goal.lhs.args[0] * sample)), evaluate=False)
    if isinstance(goal, Eq) and isinstance(goal.lhs, asin):
        yield Eq(goal.lhs, pi / 2 - acos(goal.lhs.args[0]), evaluate=False)
    if isinstance(goal, Eq) and isinstance(goal.rhs, Sum) and goal.lhs.is_Pow and goal.lhs.base.is_Add:
        base, n = goal.lhs.args
        index = goal.rhs.limits[0][0]
        if len(base.args) == 2:
            for x, y in (base.args, tuple(reversed(base.args))):
                body = binomial(n, index) * x**index * y ** (n - index)
                yield Eq(goal.lhs, Sum(body, (index, 0, n)), evaluate=False)


def _rotated(goal: Any, evidence: Evidence) -> bool:
    """``phi(a) phi(b) = phi(c) phi(d)`` with ``a**2 + b**2 = c**2 + d**2``."""
    if not isinstance(goal, Eq) or not (goal.lhs.is_Mul and goal.rhs.is_Mul):
        return False
    sides = [side.args for side in goal.args]
    if any(len(side) != 2 or not all(isinstance(f, phi) for f in side) for side in sides):
        return False
    one, two = read_safely([Add(*(f.args[0] ** 2 for f in side)) for side in sides], evidence)
    return agree(one, two)


@rule(Unfold)
def unfold(context: Context, claim: Claim, c: Unfold) -> Tier:
    """A named function is its meaning; the table is all that the kernel knows about it."""
    goal = claim.conclusion
    evidence = known(context, claim, c.nonzero)
    if any(goal == fact for fact in _known_facts(goal)):
        if isinstance(goal, Eq) and goal.lhs.is_Pow:
            n = goal.lhs.exp
            require(bool(n.is_integer) and evidence.entails(Ge(n, 0, evaluate=False)), f"{n} is no order")
        return Tier.DERIVED
    require(isinstance(goal, Eq), "the claim is not an equation")
    if _rotated(goal, evidence):
        return Tier.DERIVED
    meaning, presumed = _named(goal.lhs)
    for relation in presumed:
        require(evidence.entails(relation), f"{relation} is not evident")
    one, two = read_safely([goal.rhs, meaning], evidence)
    require(agree(one, two), f"the meaning is {meaning}")
    return Tier.DERIVED


def _nonnegative(factor: Expr, law: Any) -> bool:
    """A gate, its complement, an even power, or a number >= 0."""
    names = ("gate1", "gate2") if isinstance(law, GaussianPair) else ("gate",)
    gates = [law.part(name) for name in names]
    if factor in gates or factor in [1 - g for g in gates]:
        return True
    if factor.is_Pow and factor.exp.is_Integer:
        return bool(factor.exp > 0 and factor.exp % 2 == 0)
    return bool(factor.is_Rational and factor >= 0)


@rule(NonnegativeMean)
def nonnegative_mean(context: Context, claim: Claim, c: NonnegativeMean) -> Tier:
    """A product of gates and squares has a mean >= 0."""
    goal, law = claim.conclusion, context.resolve(c.law, claim)
    require(isinstance(law, GaussianUnit | GaussianPair), f"{law} is not a Gaussian law")
    fits = isinstance(goal, Ge) and goal.rhs == 0 and isinstance(goal.lhs, Expectation)
    require(fits, "the claim is not E[...] >= 0")
    factors = Mul.make_args(goal.lhs.args[0])
    require(all(_nonnegative(f, law) for f in factors), "a factor may be negative")
    return Tier.DERIVED


def plain(term: Any, law: Any) -> Any:
    """Gates instead of ``Max`` and ``Piecewise``; components of xt instead of those of x."""
    pair = isinstance(law, GaussianPair)
    gates = {law.part(f"y{k}"): law.part(f"gate{k}") for k in (1, 2)} if pair else {}
    gates = gates or {law.part("y"): law.part("gate")}
    if isinstance(term, Max) and len(term.args) == 2 and 0 in term.args:
        (y,) = [a for a in term.args if a != 0]
        require(y in gates, f"{y} is not a preactivation")
        return gates[y] * y
    if isinstance(term, Piecewise):
        (first, condition), (second, last) = term.args
        require(last == S.true, "the second branch is not the rest")
        y = condition.lhs
        require(y in gates and condition == Gt(y, 0), f"{condition} is not a gate")
        return gates[y] * plain(first, law) + (1 - gates[y]) * plain(second, law)
    if isinstance(term, Indexed) and not pair and term.base in (law.part("x"), law.part("m")):
        target = law.part("xt") if term.base == law.part("x") else law.part("mt")
        return target[term.indices[0] + 1]
    if isinstance(term, Indexed):
        return _entries(term, law)
    if not getattr(term, "args", ()):
        return term
    return term.func(*(plain(a, law) for a in term.args))


def _entries(term: Indexed, law: Any) -> Expr:
    """Entries of the symmetric covariance in one order, covariances through the regression."""
    if term.base == law.part("St"):
        p, q = sorted(term.indices, key=str)
        return law.part("St")[p, q]
    if isinstance(law, GaussianPair):
        (p,) = term.indices if len(term.indices) == 1 else (None,)
        g1, g2, rho = law.part("g1"), law.part("g2"), law.part("rho")
        if p is not None and term.base == law.part("c1"):
            return g1[p] + rho * g2[p]
        if p is not None and term.base == law.part("c2"):
            return rho * g1[p] + g2[p]
    return term


def matchings(items: Sequence[Any]) -> Iterator[tuple[tuple[tuple[Any, Any], ...], tuple[Any, ...]]]:
    """Sets of disjoint pairs, and what is left single."""
    if not items:
        yield (), ()
        return
    first, rest = items[0], items[1:]
    for pairs, single in matchings(rest):
        yield pairs, (first, *single)
    for k, other in enumerate(rest):
        for pairs, single in matchings([*rest[:k], *rest[k + 1 :]]):
            yield ((first, other), *pairs), single


class GaussianMean:
    """Mean of polynomials under a law."""

    def __init__(self, law: Any, known: dict[Any, Any], evidence: Evidence) -> None:
        self.law = law
        self.known = known
        self.evidence = evidence
        self.pair = isinstance(law, GaussianPair)
        self.count = 2 if self.pair else 1
        names = ("gate1", "gate2", "y1", "y2") if self.pair else ("gate", "y")
        self.random = {name: law.part(name) for name in names}
        self.delta = Symbol("delta of y")
        self.z = [Symbol(f"z {k}") for k in range(self.count)]

    def rest(self, p: Any, q: Any) -> Expr:
        """Covariance of two remainders."""
        low, high = sorted((p, q), key=str)
        whole = self.law.part("St")[low, high]
        if not self.pair:
            return whole - self.law.part("c")[p] * self.law.part("c")[q]
        g1, g2, rho = (self.law.part(name) for name in ("g1", "g2", "rho"))
        mixed = g1[p] * g2[q] + g2[p] * g1[q]
        return whole - g1[p] * g1[q] - g2[p] * g2[q] - rho * mixed

    def centre(self, p: Any) -> Expr:
        """Mean of a component given the standardised preactivations."""
        tilts = ("g1", "g2") if self.pair else ("c",)
        total = self.law.part("mt")[p]
        for z, name in zip(self.z, tilts, strict=True):
            total += self.law.part(name)[p] * z
        return total

    def of(self, body: Expr) -> Fractional:
        """Mean of a body without sums."""
        body = plain(body, self.law).replace(DiracDelta, lambda y: self._surface(y))
        components = sorted((e for e in body.atoms(Indexed) if e.base == self.law.part("xt")), key=str)
        marks = [*self.random.values(), self.delta, *components]
        values, presumed = read_together([body, *marks])
        require(not presumed, "the body is not a polynomial")
        numbers = [next(iter(atoms_of([v]))) for v in values[1:]]
        value = values[0]
        require(value.is_polynomial(), "the body is not a polynomial")
        hidden = {s: Symbol(f"hidden {s}") for s in [*self.random.values(), self.delta]}
        other = body.xreplace({**hidden, **{e: Symbol(f"hidden {e}") for e in components}})
        (renamed,), _ = read_together([other])
        still = atoms_of([value]) & atoms_of([renamed])
        require(atoms_of([value]) - still <= set(numbers), "a random quantity occurs inside a function")
        total = constant(0)
        for monomial, factor in value.num.items():
            powers = dict(monomial)
            moving = [powers.pop(n, 0) for n in numbers]
            part = constant(factor)
            for number, power in powers.items():
                part = part * of_atom(number, power)
            total = total + part * self._monomial(moving, components)
        return reduce_roots(total)

    def _surface(self, y: Any) -> Expr:
        require(not self.pair and y == self.law.part("y"), "only the density of the preactivation at 0")
        return self.delta

    def _monomial(self, powers: list[int], components: list[Any]) -> Fractional:
        gates, ys = powers[: self.count], powers[self.count : 2 * self.count]
        delta = powers[2 * self.count]
        require(delta <= 1 and not (delta and any(gates)), "no product of surface and gate")
        indices = [
            e.indices[0]
            for e, k in zip(components, powers[2 * self.count + 1 :], strict=True)
            for _ in range(k)
        ]
        require(len(indices) + sum(ys) <= MAX_FACTORS, "the product is too long")
        scale: Expr = Integer(1)
        for k in range(self.count):
            name = str(k + 1) if self.pair else ""
            scale *= (self.law.part(f"s{name}") * (self.z[k] + self.law.part(f"h{name}"))) ** ys[k]
        total = constant(0)
        for pairs, single in matchings(indices):
            term = scale
            for p, q in pairs:
                term *= self.rest(p, q)
            for p in single:
                term *= self.centre(p)
            total = total + self._moments(term, gates, delta)
        return total

    def _moments(self, term: Expr, gates: list[int], delta: int) -> Fractional:
        """Replace powers of z by their means."""
        values, _ = read_together([term, *self.z])
        numbers = [next(iter(atoms_of([v]))) for v in values[1:]]
        total = constant(0)
        for monomial, factor in values[0].num.items():
            powers = dict(monomial)
            orders = [powers.pop(n, 0) for n in numbers]
            part = constant(factor)
            for number, power in powers.items():
                part = part * of_atom(number, power)
            node = self._moment(orders, gates, delta)
            (moment,) = read_safely([self.known.get(node, node)], self.evidence)
            total = total + part * moment
        return total

    def _moment(self, orders: list[int], gates: list[int], delta: int) -> Expr:
        if self.pair:
            require(all(gates), "both gates are needed")
            h1, h2, rho = (self.law.part(name) for name in ("h1", "h2", "rho"))
            return QuadrantMoment(Integer(orders[0]), Integer(orders[1]), h1, h2, rho)
        (k,), h = orders, self.law.part("h")
        if delta:
            return (-h) ** k * phi(h) / self.law.part("s")
        if gates[0]:
            return TruncatedMoment(Integer(k), h)
        return Integer(0) if k % 2 else factorial2(k - 1)


@rule(Wick)
def wick(context: Context, claim: Claim, c: Wick) -> Tier:
    """Isserlis' theorem given the standardised preactivation, then truncated moments."""
    goal = claim.conclusion
    require(isinstance(goal, Eq), "the claim is not an equation")
    law = context.resolve(c.law, claim)
    require(isinstance(law, GaussianUnit | GaussianPair), f"{law} is not a Gaussian law")
    evidence = known(context, claim, c.nonzero)
    values: dict[Any, Any] = {}
    for source in c.moments:
        found = context.resolve(source, claim)
        require(isinstance(found, Eq), f"{found} is not the value of a moment")
        values[found.lhs] = plain(found.rhs, law)
    _compare(GaussianMean(law, values, evidence), goal.lhs, goal.rhs, evidence)
    return Tier.DERIVED


def _compare(mean: GaussianMean, left: Expr, right: Expr, evidence: Evidence) -> None:
    """Means on the left (a sum of them), their value on the right."""
    if isinstance(left, Expectation) and left.args[0].has(Sum):
        body = left.args[0]
        sums = [f for f in body.args if isinstance(f, Sum)] if body.is_Mul else [body]
        require(len(sums) == 1 and isinstance(sums[0], Sum), "only one sum in a mean")
        (node,) = sums
        require(isinstance(right, Sum) and right.limits == node.limits, "the sums differ")
        outer = body.xreplace({node: Integer(1)})
        index = node.limits[0][0]
        require(len(node.limits) == 1 and index not in variables(outer), f"{index} is bound")
        inner = Expectation(outer * node.function)
        _compare(mean, inner, right.function, evidence)
        return
    total = constant(0)
    for part in left.args if left.is_Add else (left,):
        require(isinstance(part, Expectation), f"{part} is not a mean")
        total = total + mean.of(part.args[0])
    require(not right.has(Expectation), "the value has a mean")
    (value,) = read_safely([plain(right, mean.law)], evidence)
    random = [*mean.random.values(), mean.law.part("xt").label]
    require(not set(random) & variables(right), "the value is random")
    require(agree(total, value), "the mean is another one")


@rule(Apply)
def apply(context: Context, claim: Claim, c: Apply) -> Tier:
    """The theorem holds for whatever satisfies its hypotheses; the model step says why these do."""
    tier = context.lookup(c.source).tier
    record = theorem(c.source.split(":", 1)[1])
    require(c.relation in (record.statement, *record.also), f"{record.id} does not state {c.relation}")
    quantities = [key for key in c.where if not isinstance(key, Symbol)]
    require(all(isinstance(q, Expectation | Probability) for q in quantities), "only means and probabilities")
    RULES[Model](context, claim, c.model)
    symbols = {key: value for key, value in c.where.items() if isinstance(key, Symbol)}
    evidence = Evidence(claim.given)
    check_ranges(symbols, Claim(c.relation), evidence)
    wanted = substitute(c.relation, c.where)
    require(same(claim.conclusion, wanted, evidence), f"the claim must be {wanted}")
    return tier
