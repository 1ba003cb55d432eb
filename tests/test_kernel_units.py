"""The kernel's rules for units and their targets, with wrong certificates."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from kernel_tools import refused, run, x
from sympy import Function, IndexedBase, Integer, Max, Piecewise, Sum, Symbol

from proofs.certificates import (
    LargestEigenvalue,
    NullState,
    OpenOrder,
    OpenZero,
    SquaresVanish,
    Unfold,
    UnitMean,
)
from proofs.claims import Combination, Identity, Model, Square, Step
from proofs.gaussian.common import PAIR
from proofs.nodes import Density
from proofs.notation import eq, ge, gt, le, step
from proofs.single_unit.common import CLOSED_1, NOISE, STUDENT, TEACHER, WITNESS
from proofs.substitution import substitute
from relutheory.functions import (
    Event,
    Expectation,
    OrderedEigenvalue,
    Phi,
    QuadrantMoment,
    TruncatedMoment,
    phi,
)
from relutheory.symbols import N
from relutheory.theory.gaussian import notation as u
from relutheory.theory.single_unit.notation import a, b, noise, p, q, sig

E = Expectation
gate, other, xt, St, mt, c1 = u.gate1, u.gate2, u.xt, u.St, u.mt, u.c1
i, j, h1, h2 = u.i, u.j, u.h1, u.h2
v, w = IndexedBase("v"), IndexedBase("w")
ZERO = Integer(0)
LAWS: tuple[Step, ...] = tuple(
    step(name, law, Model("law", "a unit on Gaussian input with a noisy target"))
    for name, law in (
        ("student", STUDENT),
        ("teacher", TEACHER),
        ("pair", PAIR),
        ("noise", NOISE),
        ("density", Density(xt=xt, St=St, top=N)),
    )
)


def over(body: Any, *indices: Any) -> Any:
    return Sum(body, *((k, 0, N) for k in indices or (a,)))


def accept(*steps: Step) -> None:
    run(*LAWS, *steps, witness=WITNESS)


def reject(*steps: Step, match: str | None = None) -> None:
    refused(*LAWS, *steps, witness=WITNESS, match=match)


def opened(order: int, margin: Any = h1) -> Any:
    return TruncatedMoment(Integer(order), margin)


def half(p_: Any) -> Any:
    """``E[u_1 xt_p]``."""
    return mt[p_] * opened(0) + c1[p_] * opened(1)


class TestUnitMean:
    def test_sums(self) -> None:
        goal = eq(E(gate * over(v[a] * xt[a])), over(v[a] * half(a)))
        accept(step("m", goal, UnitMean("student")))
        reject(step("m", eq(goal.lhs, over(v[a] * half(i))), UnitMean("student")), match="differ")
        reject(step("m", eq(goal.lhs, Sum(v[a] * half(a), (a, 1, N))), UnitMean("student")), match="differ")
        reject(step("m", eq(goal.lhs, 2 * goal.rhs), UnitMean("student")), match="differ")

    def test_products_of_sums(self) -> None:
        square = E(over(v[a] * xt[a]) * over(w[a] * xt[a]))
        form = over(v[a] * w[b] * (St[a, b] + mt[a] * mt[b]), a, b)
        accept(step("m", eq(square, form), UnitMean("student")))
        # The roles of the indices may be exchanged, as both run through the same values.
        turned = over(v[b] * w[a] * (St[a, b] + mt[a] * mt[b]), a, b)
        accept(step("m", eq(square, turned), UnitMean("student")))
        diagonal = over(v[a] * w[a] * (St[a, a] + mt[a] ** 2))
        reject(step("m", eq(square, diagonal), UnitMean("student")), match="differ")
        uneven = over(v[a] * v[b] * (St[a, b] + mt[a] * mt[b]), a, b)
        reject(step("m", eq(square, uneven), UnitMean("student")), match="differ")
        longer = over(v[a] * xt[a]) ** 5
        reject(step("m", eq(E(longer), 0), UnitMean("student")), match="polynomial in sums")

    def test_exchange_needs_the_same_range(self) -> None:
        def term(first: Any, second: Any) -> Any:
            return Sum(v[first] * w[second], (a, 0, N), (b, 1, N))

        accept(step("m", eq(term(a, b), term(a, b)), UnitMean()))
        reject(step("m", eq(term(a, b), term(b, a)), UnitMean()), match="differ")

    def test_by_linearity(self) -> None:
        error = over(v[a] * xt[a])
        goal = eq(E(gate * (x - error) * xt[i]), x * E(gate * xt[i]) - over(v[a] * E(gate * xt[a] * xt[i])))
        accept(step("m", goal, UnitMean()))
        reject(step("m", eq(goal.lhs, x * E(gate * xt[i])), UnitMean()), match="differ")
        reject(step("m", eq(E(gate * xt[i]), E(gate) * E(xt[i])), UnitMean()), match="product of means")
        reject(step("m", eq(gate * E(xt[i]), E(gate * xt[i])), UnitMean()), match="random")
        reject(step("m", eq(E(1 / u.y1), E(1 / u.y1)), UnitMean()), match="not a polynomial")
        reject(step("m", eq(E(E(xt[i]) * xt[j]), E(xt[i]) * E(xt[j])), UnitMean()), match="sums and means")

    def test_noise(self) -> None:
        accept(step("m", eq(E(noise * gate * xt[i]), 0), UnitMean("student", "noise")))
        second = eq(E((noise + x) ** 2 * gate), (sig**2 + x**2) * opened(0))
        accept(step("m", second, UnitMean("student", "noise")))
        reject(step("m", eq(second.lhs, x**2 * opened(0)), UnitMean("student", "noise")), match="differ")
        reject(step("m", eq(second.lhs, second.rhs), UnitMean("student")), match="no law")
        reject(step("m", eq(E(noise**3), 0), UnitMean("student", "noise")), match="first two moments")
        reject(step("m", eq(E(noise), noise), UnitMean("student", "noise")), match="sums and means")
        reject(step("m", eq(E(noise), 0), UnitMean("student", "student")), match="law of noise")
        reject(step("m", eq(E(noise), 0), UnitMean("noise", "noise")), match="Gaussian law")

    def test_one_gate_of_two(self) -> None:
        values = CLOSED_1
        first = eq(E(gate * xt[i]), Phi(h1) * mt[i] + phi(h1) * c1[i])
        accept(step("m", first, UnitMean("pair", None, values)))
        second = eq(E(other * xt[i]), opened(0, h2) * mt[i] + opened(1, h2) * u.c2[i])
        accept(step("m", second, UnitMean("pair")))
        accept(step("m", eq(E(gate**2 * other * 0 + xt[i]), mt[i]), UnitMean("pair")))
        both = QuadrantMoment(ZERO, ZERO, h1, h2, u.rho)
        accept(step("m", eq(E(gate**2 * other), both), UnitMean("pair")))
        for wrong in (Phi(h2) * mt[i] + phi(h1) * c1[i], Phi(h1) * mt[i] + phi(h1) * u.c2[i]):
            reject(step("m", eq(first.lhs, wrong), UnitMean("pair", None, values)), match="differ")
        reject(step("m", eq(E(gate * u.y2), 0), UnitMean("pair")), match="about the other")

    def test_a_quantity_without_a_law(self) -> None:
        reject(step("m", eq(E(other * gate), other * opened(0)), UnitMean("student")), match="no law")
        reject(step("m", eq(E(gate), gate), UnitMean("student")), match="random")
        reject(step("m", eq(E(other * gate), 0), UnitMean("student")), match="no law")

    def test_words_and_samples_without_a_law(self) -> None:
        words = Event("the loss")
        reject(step("m", eq(E(words), words), UnitMean()), match="in words")
        refused(step("m", eq(E(x), x), UnitMean()), match="no law of the sample")

    def test_ends_that_move(self) -> None:
        moving = Sum(v[a] * Sum(w[b], (b, 0, a)), (a, 0, N))
        reject(step("m", eq(moving, moving + 0 * x), UnitMean()), match="move")

    def test_no_hypothesis_about_the_sample(self) -> None:
        goal = eq(E(gate), opened(0))
        reject(step("m", goal, UnitMean("student"), gt(u.y1, 0)), match="changes its law")

    def test_noise_has_a_model(self) -> None:
        loud = replace(WITNESS, point={**WITNESS.point, sig: Fraction(-1)})
        refused(*LAWS, witness=loud, match="contradicts")


class TestOpenOrder:
    y1, y2 = u.y1, u.y2
    goal = le(E(gate * (1 - other) * u.y1 * u.y2), 0)
    signs = (gt(u.y1, 0), le(u.y2, 0))
    trivial = step("trivial", le(ZERO, ZERO), Identity())
    product = step("product", le(u.y1 * u.y2, ZERO), Combination(((1, signs),)), *signs)
    cases: tuple[Any, ...] = (
        ((0, 0), "trivial"),
        ((0, 1), "trivial"),
        ((1, 0), "product"),
        ((1, 1), "trivial"),
    )

    def certificate(self, *cases: Any) -> OpenOrder:
        return OpenOrder(("student", "teacher"), cases or self.cases)

    def test_accepts(self) -> None:
        accept(self.trivial, self.product, step("m", self.goal, self.certificate()))
        accept(self.trivial, self.product, step("m", self.goal, OpenOrder(("pair",), self.cases)))

    def test_every_state_counts(self) -> None:
        steps = (self.trivial, self.product)
        reject(*steps, step("m", self.goal, self.certificate(*self.cases[:3])), match="not all states")
        twice = (*self.cases[:3], self.cases[0])
        reject(*steps, step("m", self.goal, self.certificate(*twice)), match="not all states")
        moved = (((1, 1), "product"), ((0, 1), "trivial"), ((0, 0), "trivial"), ((1, 0), "trivial"))
        reject(*steps, step("m", self.goal, self.certificate(*moved)), match="is not")

    def test_wrong_signs(self) -> None:
        wrong = step(
            "product",
            le(self.y1 * self.y2, ZERO),
            Combination(((1, (ge(0, self.y1), ge(self.y2, 0))),)),
            ge(0, self.y1),
            ge(self.y2, 0),
        )
        reject(self.trivial, wrong, step("m", self.goal, self.certificate()), match="assumes")

    def test_other_claims(self) -> None:
        steps = (self.trivial, self.product)
        turned = ge(self.goal.lhs, 0)
        reject(*steps, step("m", turned, self.certificate()), match="is not")
        reject(*steps, step("m", gt(0, self.goal.lhs), self.certificate()), match="means keep")
        whole = le(E((1 - other) * self.y1 * self.y2), 0)
        reject(*steps, step("m", whole, self.certificate()), match="is not")
        reject(*steps, step("m", le(self.goal.lhs, x), self.certificate()), match="not a mean")
        root = le(E(gate * (1 - other) * self.y1 ** Integer(-1)), 0)
        reject(*steps, step("m", root, self.certificate()), match="polynomial")
        reject(*steps, step("m", self.goal, OpenOrder(("student", "student"), self.cases)), match="twice")
        reject(*steps, step("m", self.goal, OpenOrder(("noise",), self.cases)))

    def test_no_hypothesis_about_the_sample(self) -> None:
        given = gt(self.y2, 0)
        reject(self.trivial, self.product, step("m", self.goal, self.certificate(), given), match="changes")


class TestLargestEigenvalue:
    matrix = E(gate * xt[a] * xt[b])
    node = OrderedEigenvalue(N, N + 1, matrix, a, b)
    f = Function("f")
    norm = Sum(f(q) ** 2, (q, 0, N))
    form = over(matrix * f(a) * f(b), a, b)

    def test_accepts(self) -> None:
        accept(step("m", ge(self.node * self.norm, self.form), LargestEigenvalue(self.node, q, self.f(q))))
        corner = self.matrix.subs({a: 0, b: 0})
        accept(step("m", ge(self.node, corner), LargestEigenvalue(self.node, component=ZERO)))
        entry = self.matrix.subs({a: i, b: i})
        accept(step("m", ge(self.node, entry), LargestEigenvalue(self.node, component=i), le(i, N)))

    @pytest.mark.parametrize("number", [N - 1, ZERO])
    def test_another_eigenvalue(self, number: Any) -> None:
        node = OrderedEigenvalue(number, N + 1, self.matrix, a, b)
        claim = ge(node * self.norm, self.form)
        reject(step("m", claim, LargestEigenvalue(node, q, self.f(q))), match="not the last")

    def test_refuses(self) -> None:
        right = LargestEigenvalue(self.node, q, self.f(q))
        reject(step("m", le(self.node * self.norm, self.form), right), match="must be")
        reject(step("m", ge(self.node * self.norm, 2 * self.form), right), match="must be")
        skew = OrderedEigenvalue(N, N + 1, v[a] * w[b], a, b)
        form = over(v[a] * w[b] * self.f(a) * self.f(b), a, b)
        reject(
            step("m", ge(skew * self.norm, form), LargestEigenvalue(skew, q, self.f(q))), match="symmetric"
        )
        entry = self.matrix.subs({a: i, b: i})
        reject(step("m", ge(self.node, entry), LargestEigenvalue(self.node, component=i)), match="evident")
        mixed = self.matrix.subs({a: 0, b: i})
        reject(step("m", ge(self.node, mixed), LargestEigenvalue(self.node, component=ZERO)), match="must be")
        bound = LargestEigenvalue(self.node, q, self.f(q) + v[a])
        reject(step("m", ge(self.node * self.norm, self.form), bound), match="bound")

    def test_its_indices_are_bound(self) -> None:
        assert substitute(self.node, {a: q}) == self.node
        assert substitute(self.node, {N: p + 1}) != self.node


class TestSquaresVanish:
    null = eq(over(v[a] ** 2), 0)

    def test_accepts(self) -> None:
        accept(step("m", eq(v[i], 0), SquaresVanish(self.null, i), self.null, le(i, N)))
        accept(step("m", eq(v[0], 0), SquaresVanish(self.null, ZERO), self.null))

    def test_refuses(self) -> None:
        reject(step("m", eq(v[i], 0), SquaresVanish(self.null, i), self.null), match="evident")
        reject(step("m", eq(v[i], 0), SquaresVanish(self.null, i), le(i, N)))
        reject(step("m", eq(w[0], 0), SquaresVanish(self.null, ZERO), self.null), match="must be")
        plain = eq(over(v[a]), 0)
        reject(step("m", eq(v[0], 0), SquaresVanish(plain, ZERO), plain), match="not a square")
        cubes = eq(over(v[a] ** 3), 0)
        reject(step("m", eq(v[0], 0), SquaresVanish(cubes, ZERO), cubes), match="not a square")
        one = eq(over(v[a] ** 2), 1)
        reject(step("m", eq(v[0], 0), SquaresVanish(one, ZERO), one), match="no sum")
        late = eq(Sum(v[a] ** 2, (a, 1, N)), 0)
        reject(step("m", eq(v[0], 0), SquaresVanish(late, ZERO), late), match="evident")


class TestOpenZero:
    null = eq(E(gate * over(v[a] * xt[a]) ** 2), 0)

    def certificate(self, null: Any = None, component: Any = i, **more: Any) -> OpenZero:
        return OpenZero(
            more.get("law", "student"),
            more.get("support", "density"),
            self.null if null is None else null,
            component,
        )

    def test_accepts(self) -> None:
        accept(step("m", eq(v[i], 0), self.certificate(), self.null, le(i, N)))

    def test_refuses(self) -> None:
        low = le(i, N)
        reject(step("m", eq(v[i], 0), self.certificate(), self.null), match="evident")
        reject(step("m", eq(w[i], 0), self.certificate(), self.null, low), match="must be")
        for body in (
            over(v[a] * xt[a]) ** 2,  # no gate: then the rule has nothing to say
            other * over(v[a] * xt[a]) ** 2,
            gate * over(v[a] * xt[a]),
            gate * over(v[a] * xt[a] ** 2) ** 2,
            gate * over(v[a] * xt[a] * u.y1) ** 2,
            gate * over(v[a] * xt[0]) ** 2,
            gate * other * over(v[a] * xt[a]) ** 2,
            gate * Sum(v[a] * xt[a], (a, 1, N)) ** 2,
        ):
            null = eq(E(body), 0)
            reject(step("m", eq(v[i], 0), self.certificate(null), null, low))
        positive = eq(E(gate * over(v[a] * xt[a]) ** 2), 1)
        reject(step("m", eq(v[i], 0), self.certificate(positive), positive, low), match="is not E")
        reject(step("m", eq(v[i], 0), self.certificate(support="student"), self.null, low), match="density")
        reject(step("m", eq(v[i], 0), self.certificate(law="pair"), self.null, low), match="law of a unit")

    def test_a_density_has_a_model(self) -> None:
        flat = {**WITNESS.functions, str(St): lambda p_, q_: Fraction(int(p_ == q_ == 1))}
        refused(*LAWS[-1:], witness=replace(WITNESS, functions=flat), match="contradicts")
        short = replace(WITNESS, point={**WITNESS.point, N: 1})
        refused(*LAWS[-1:], witness=short, match="contradicts")


class TestNullState:
    null = eq(E(gate * (1 - other) * u.y1**2), 0)
    goal = eq(E(gate * (1 - other) * xt[i] ** 2), 0)
    positive = step("positive", gt(u.y1, 0), Combination(((1, (gt(u.y1, 0),)),)), gt(u.y1, 0))
    certificate = NullState(("student", "teacher"), null, "positive")

    def test_accepts(self) -> None:
        accept(self.positive, step("m", self.goal, self.certificate, self.null))

    def test_refuses(self) -> None:
        wider = eq(E(gate * xt[i] ** 2), 0)
        reject(self.positive, step("m", wider, self.certificate, self.null), match="over the state")
        reject(self.positive, step("m", eq(self.goal.lhs, 1), self.certificate, self.null), match="is not E")
        reject(self.positive, step("m", self.goal, self.certificate), match="hypothesis")
        # Where the gate is shut, y is not positive.
        shut = eq(E((1 - gate) * u.y1**2), 0)
        goal = eq(E((1 - gate) * xt[i] ** 2), 0)
        reject(
            self.positive, step("m", goal, NullState(("student",), shut, "positive"), shut), match="assumes"
        )
        weak = step("weak", ge(u.y1, 0), Combination(((1, (gt(u.y1, 0),)),)), gt(u.y1, 0))
        reject(
            weak, step("m", self.goal, replace(self.certificate, pointwise="weak"), self.null), match="is not"
        )
        plain = eq(E(gate * (1 - other) * u.y1), 0)
        reject(
            self.positive,
            step("m", self.goal, replace(self.certificate, null=plain), plain),
            match="not a square",
        )
        alone = eq(E(u.y1**2), 0)
        reject(
            self.positive, step("m", self.goal, replace(self.certificate, null=alone), alone), match="state"
        )


class TestReading:
    def test_sums_over_two_indices(self) -> None:
        first = over(v[a] * w[b], a, b)
        accept(step("m", eq(first, over(v[q] * w[p], q, p)), Identity()))
        reject(step("m", eq(first, over(v[b] * w[a], a, b)), Identity()), match="differ")
        reject(step("m", eq(first, Sum(v[a] * w[b], (a, 0, N), (b, 1, N))), Identity()), match="differ")

    def test_a_sum_of_zeros(self) -> None:
        accept(step("m", eq(over(v[a] - v[a] + 0 * w[a]), 0), Identity()))
        reject(step("m", eq(over(v[a] - w[a]), 0), Identity()), match="differ")

    def test_maximum(self) -> None:
        y = Symbol("y", real=True)
        accept(step("m", eq(Max(y, 0), Piecewise((y, gt(y, 0)), (0, True))), Unfold()))
        reject(step("m", eq(Max(y, 0), Piecewise((0, gt(y, 0)), (y, True))), Unfold()), match="meaning")

    def test_squares(self) -> None:
        claim = ge(over(v[a]) ** 2, 0)
        accept(step("m", claim, Combination(((1, (Square(over(v[a])),)),))))
