"""Rules about units and their targets: means of finite sums, with noise, and means ordered by their gates.

The mean of a finite sum is the sum of the means, and a product of finite sums is a sum over all pairs of
indices. Noise has mean 0 and is independent of the input. Under the law of two units each of them has the
law of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, permutations, product
from typing import Any

from sympy import Add, Basic, Eq, Expr, Ge, Gt, Indexed, Integer, Le, Mul, Sum, Symbol

from proofs.certificates import OpenOrder, UnitMean
from proofs.claims import Claim, Tier
from proofs.differential import read_safely
from proofs.kernel import Context, require, rule, same
from proofs.nodes import GaussianPair, GaussianUnit, Noise
from proofs.polynomials import Fractional, constant
from proofs.relations import Evidence
from proofs.roots import reduce_roots, vanishes
from proofs.rules_differential import known
from proofs.rules_gaussian import GaussianMean, plain
from proofs.substitution import substitute, variables
from relutheory.functions import Event, Expectation
from relutheory.theory.gaussian import notation as names
from relutheory.theory.single_unit.networks import gates, gates_star
from relutheory.theory.single_unit.notation import noise as target_noise

__all__ = ["RANDOM", "gates_of", "polynomial_in", "random_in"]

#: What is random wherever it occurs: gates, preactivations, the input, the noise of the target.
RANDOM = frozenset(
    {
        names.gate, names.gate1, names.gate2, names.y, names.y1, names.y2, names.x.label, names.xt.label,
        target_noise, gates.label, gates_star.label,
    }
)  # fmt: skip

#: Higher powers of sums are refused, and so are more indices.
MAX_POWER, MAX_INDICES = 4, 4

Range = tuple[Symbol, Expr, Expr]


@dataclass(frozen=True)
class _Part:
    """``outside * E[inside * noise**power]`` summed over indices; without a mean ``inside`` is None."""

    outside: Expr
    inside: Expr | None = None
    power: int = 0
    ranges: tuple[Range, ...] = ()

    def times(self, other: _Part) -> _Part:
        """Product of two parts, of which one has a mean at most."""
        require(self.inside is None or other.inside is None, "a product of means")
        inside = self.inside if other.inside is None else other.inside
        ranges = (*self.ranges, *other.ranges)
        return _Part(self.outside * other.outside, inside, self.power + other.power, ranges)


class _Spread:
    """Takes sums, products of sums and noise apart; every index gets a name of its own."""

    def __init__(self, noise: Any) -> None:
        self.noise = noise
        self.fresh: set[Symbol] = set()

    def parts(self, term: Expr, within: bool = False) -> list[_Part]:
        """Parts whose sum is the term; `within` a mean noise may occur."""
        if isinstance(term, Add):
            return [p for a in term.args for p in self.parts(a, within)]
        if isinstance(term, Mul):
            return self._product([self.parts(a, within) for a in term.args])
        if isinstance(term, Sum):
            return self._sum(term, within)
        if isinstance(term, Expectation) and not within:
            return [replace(p, outside=Integer(1), inside=p.outside) for p in self.parts(term.args[0], True)]
        if within and term == self.noise:
            return [_Part(Integer(1), power=1)]
        hidden = term.has(Sum, Expectation) or (self.noise is not None and self.noise in variables(term))
        if hidden and term.is_Pow and term.exp.is_Integer and 0 < term.exp <= MAX_POWER:
            return self._product([self.parts(term.base, within) for _ in range(int(term.exp))])
        require(not hidden, f"{term} is not a polynomial in sums and means")
        return [_Part(term)]

    def _product(self, factors: Sequence[list[_Part]]) -> list[_Part]:
        found = [_Part(Integer(1))]
        for factor in factors:
            found = [a.times(b) for a in found for b in factor]
        return found

    def _sum(self, term: Sum, within: bool) -> list[_Part]:
        body, ranges = term.function, []
        for index, low, high in term.limits:
            require(bool(index.is_integer), f"{index} is no integer")
            moving = variables(low, high) & ({limits[0] for limits in term.limits} | self.fresh)
            require(not moving, f"the ends of {term} move")
            fresh = Symbol(f"#{len(self.fresh)}", integer=True)
            self.fresh.add(fresh)
            body = substitute(body, {index: fresh})
            ranges.append((fresh, low, high))
        return [replace(p, ranges=(*ranges, *p.ranges)) for p in self.parts(body, within)]


def _aligned(part: _Part) -> tuple[tuple[Any, ...], _Part]:
    """Ranges in a fixed order, and the part with the names of the indices that this order gives."""
    require(len(part.ranges) <= MAX_INDICES, "too many sums")
    ordered = sorted(part.ranges, key=lambda r: (str(r[1]), str(r[2])))
    where = {r[0]: Symbol(f"index {k}", integer=True) for k, r in enumerate(ordered)}
    return tuple(r[1:] for r in ordered), _moved(part, where)


def _moved(part: _Part, where: dict[Symbol, Symbol]) -> _Part:
    inside = None if part.inside is None else substitute(part.inside, where)
    return _Part(substitute(part.outside, where), inside, part.power)


def _exchanges(ranges: tuple[Any, ...]) -> Iterator[dict[Symbol, Symbol]]:
    """Ways to rename indices that run through the same values."""
    indices = [Symbol(f"index {k}", integer=True) for k in range(len(ranges))]
    runs = [[i for i, _ in run] for _, run in groupby(zip(indices, ranges, strict=True), lambda p: p[1])]
    for images in product(*(permutations(run) for run in runs)):
        pairs = [p for run, image in zip(runs, images, strict=True) for p in zip(run, image, strict=True)]
        yield dict(pairs)


class _Single(GaussianMean):
    """One unit of two; covariances are written through the regression on both."""

    def __init__(self, law: Any, pair: Any, moments: dict[Any, Any], evidence: Evidence) -> None:
        super().__init__(law, moments, evidence)
        self.frame = pair

    def _moments(self, term: Expr, gates: list[int], delta: int) -> Fractional:
        return super()._moments(plain(term, self.frame), gates, delta)


class _Units(GaussianMean):
    """Means under a law of two units, also with one gate or none."""

    def _monomial(self, powers: list[int], components: list[Any]) -> Fractional:
        gates, ys, rest = powers[: self.count], powers[self.count : 2 * self.count], powers[2 * self.count :]
        if not self.pair or all(gates):
            return super()._monomial(powers, components)
        used = [k for k in (0, 1) if gates[k] or ys[k]] or [0]
        require(len(used) == 1, "the law of one unit says nothing about the other")
        (k,) = used
        return self._single(k)._monomial([gates[k], ys[k], *rest], components)

    def _single(self, k: int) -> GaussianMean:
        part = {n: self.law.part(f"{n}{k + 1}") for n in ("gate", "y", "h", "s", "c")}
        both = {n: self.law.part(n) for n in ("xt", "mt", "St")}
        law = GaussianUnit(**part, **both, x=both["xt"], m=both["mt"])
        return _Single(law, self.law, self.known, self.evidence)


class _Means:
    """Value of a part, under laws or by linearity alone."""

    def __init__(self, law: Any, noise: Any, moments: dict[Any, Any], evidence: Evidence) -> None:
        self.law, self.noise, self.evidence = law, noise, evidence
        self.mean = None if law is None else _Units(law, moments, evidence)

    def value(self, part: _Part) -> Fractional:
        """Mean of the part; without a law, its body."""
        require(not random_in(part.outside), f"{part.outside} is random")
        (outside,) = read_safely([self._written(part.outside)], self.evidence)
        if part.inside is None:
            return outside
        if self.mean is None:
            body = part.inside * self.noise.part("noise") ** part.power if part.power else part.inside
            require(polynomial_in(body), f"{body} is not a polynomial")
            (inside,) = read_safely([body], self.evidence)
            return outside * inside
        require(part.power <= 2, "only the first two moments of the noise")
        covered = {a for a in self.law.args if isinstance(a, Symbol)} | {self.law.part("xt").label}
        covered |= set() if self.mean.pair else {self.law.part("x").label}
        loose = (RANDOM & variables(part.inside)) - covered
        require(not loose, f"{', '.join(map(str, loose))} has no law")
        inside = self.mean.of(part.inside)
        if part.power == 1:
            return constant(0)
        if part.power == 2:
            (square,) = read_safely([self.noise.part("deviation") ** 2], self.evidence)
            outside = outside * square
        return outside * inside

    def _written(self, term: Expr) -> Expr:
        return term if self.law is None else plain(term, self.law)


@rule(UnitMean)
def unit_mean(context: Context, claim: Claim, c: UnitMean) -> Tier:
    """Both sides are the same sum of means over the components."""
    goal = claim.conclusion
    require(isinstance(goal, Eq), "the claim is not an equation")
    require(not random_in(*claim.given), "a hypothesis about the sample changes its law")
    stated = [s.claim.conclusion for s in context.earlier.values()]
    require(any(isinstance(s, GaussianUnit | GaussianPair) for s in stated), "no law of the sample is stated")
    require(not goal.atoms(Event), "an event in words has no moments here")
    law = None if c.law is None else context.resolve(c.law, claim)
    require(law is None or isinstance(law, GaussianUnit | GaussianPair), f"{law} is not a Gaussian law")
    noise = None if c.noise is None else context.resolve(c.noise, claim)
    require(noise is None or isinstance(noise, Noise), f"{noise} is not a law of noise")
    evidence = known(context, claim, c.nonzero)
    values: dict[Any, Any] = {}
    for source in c.moments:
        found = context.resolve(source, claim)
        require(isinstance(found, Eq) and law is not None, f"{found} is not the value of a moment")
        values[found.lhs] = plain(found.rhs, law)
    means = _Means(law, noise, values, evidence)
    spread = _Spread(None if noise is None else noise.part("noise"))
    groups: dict[Any, list[_Part]] = {}
    for side, sign in ((goal.lhs, 1), (goal.rhs, -1)):
        for part in spread.parts(side):
            ranges, moved = _aligned(part)
            groups.setdefault(ranges, []).append(replace(moved, outside=sign * moved.outside))
    for ranges, members in groups.items():
        _cancel(means, ranges, members)
    return Tier.DERIVED


def _cancel(means: _Means, ranges: tuple[Any, ...], members: list[_Part]) -> None:
    """The terms add up to 0, as they are or after exchanging indices of the same range."""
    orders = list(_exchanges(ranges))
    total = constant(0)
    for where in orders:
        for part in members:
            total = total + means.value(_moved(part, where))
        if vanishes(reduce_roots(total)):
            return
    require(False, "the means differ")


def random_in(*terms: Any) -> set[Any]:
    """What is random in terms; a mean is a number."""
    found: set[Any] = set()
    for term in terms:
        means = term.atoms(Expectation) if isinstance(term, Basic) else ()
        found |= RANDOM & variables(term.xreplace({m: Symbol("mean") for m in means}) if means else term)
    return found


def polynomial_in(term: Expr) -> bool:
    """Whether a term is a polynomial in random quantities, with finite sums."""
    if not random_in(term):
        return True
    if isinstance(term, Add | Mul):
        return all(polynomial_in(a) for a in term.args)
    if isinstance(term, Sum):
        return not random_in(*(end for r in term.limits for end in r[1:])) and polynomial_in(term.function)
    if term.is_Pow:
        return bool(term.exp.is_Integer and term.exp > 0) and polynomial_in(term.base)
    return isinstance(term, Symbol) or (isinstance(term, Indexed) and not random_in(*term.indices))


def gates_of(law: Any) -> list[tuple[Symbol, Symbol]]:
    """Gates with their preactivations."""
    if isinstance(law, GaussianPair):
        return [(law.part(f"gate{k}"), law.part(f"y{k}")) for k in (1, 2)]
    require(isinstance(law, GaussianUnit), f"{law} is not a Gaussian law")
    return [(law.part("gate"), law.part("y"))]


@rule(OpenOrder)
def open_order(context: Context, claim: Claim, c: OpenOrder) -> Tier:
    """Bodies that are ordered for each state of the gates have ordered means."""
    goal = claim.conclusion
    require(isinstance(goal, Eq | Ge | Le), "means keep =, >= and <=")
    require(not random_in(*claim.given), "a hypothesis about the sample changes its law")
    bodies = []
    for side in goal.args:
        require(side == 0 or isinstance(side, Expectation), f"{side} is not a mean")
        bodies.append(side.args[0] if isinstance(side, Expectation) else side)
        require(polynomial_in(bodies[-1]), f"{bodies[-1]} is not a polynomial")
    laws = [context.resolve(source, claim) for source in c.laws]
    gates = [pair for law in laws for pair in gates_of(law)]
    require(len({law.part("xt") for law in laws}) == 1, "the units have different inputs")
    require(len({g for g, _ in gates}) == len(gates), "a gate is named twice")
    states = [state for state, _ in c.cases]
    every = sorted(product((0, 1), repeat=len(gates)))
    require(sorted(states) == every, "the cases are not all states of the gates")
    for state, label in c.cases:
        where = {gate: Integer(value) for (gate, _), value in zip(gates, state, strict=True)}
        signs = [
            (Gt if value else Le)(y, 0, evaluate=False) for (_, y), value in zip(gates, state, strict=True)
        ]
        inside = Evidence([*claim.given, *signs])
        wanted = goal.func(*(substitute(body, where) for body in bodies), evaluate=False)
        part = context.claim(label)
        require(same(part.conclusion, wanted, inside), f"{label!r} is not {wanted}")
        for g in part.given:
            require(g in claim.given or inside.entails(g), f"{label!r} assumes {g}")
    return Tier.DERIVED
