"""The kernel's rules for integrals and for Gaussian means, with wrong certificates."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from kernel_tools import k, n, q, refused, run, x, y
from sympy import (
    Derivative,
    DiracDelta,
    Integer,
    Integral,
    Max,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    binomial,
    exp,
    floor,
    oo,
    pi,
    sign,
    sqrt,
)

from proofs.certificates import (
    Affine,
    Apply,
    Integrate,
    Linear,
    NonnegativeMean,
    Ordered,
    UnderIntegral,
    Unfold,
    Wick,
)
from proofs.claims import Assume, Combination, Identity, Instance, Model, Tier, Witness, at
from proofs.gaussian.common import PAIR, PAIR_WITNESS, UNIT, UNIT_WITNESS
from proofs.nodes import LAW, Expect
from proofs.notation import eq, ge, gt, le, step
from relutheory.functions import (
    BetaLaw,
    ConstantLaw,
    Expectation,
    GateFunction,
    MillsRatio,
    OpenSecondMoment,
    Phi,
    RampMoment,
    TruncatedMoment,
    phi,
)
from relutheory.theorems import theorem
from relutheory.theory.gaussian import notation as u

v = Symbol("v", real=True)
s = Symbol("s", positive=True)
X = Symbol("X", positive=True)


def half_line(body: Any) -> Any:
    return Integral(body, (v, 0, oo))


class TestIntegrate:
    def test_accepts(self) -> None:
        run(step("a", eq(half_line(phi(v)), Rational(1, 2)), Integrate(Phi(v))))
        run(
            step(
                "a",
                eq(half_line(v * phi(v - x)), phi(x) + x * Phi(x)),
                Integrate(x * Phi(v - x) - phi(v - x)),
            )
        )
        run(step("a", eq(Integral(v**n, (v, 0, 1)), 1 / (n + 1)), Integrate(v ** (n + 1) / (n + 1))))
        run(step("a", eq(Integral(phi(v), (v, -oo, x)), Phi(x)), Integrate(Phi(v))))

    def test_wrong_value_or_primitive(self) -> None:
        refused(step("a", eq(half_line(phi(v)), 1), Integrate(Phi(v))), match="another one")
        refused(
            step("a", eq(half_line(phi(v)), Rational(1, 2)), Integrate(Phi(2 * v))), match="derivative of"
        )
        refused(
            step("a", eq(half_line(v * phi(v)), phi(Integer(0))), Integrate(phi(v))), match="derivative of"
        )

    def test_a_primitive_with_a_pole_inside(self) -> None:
        claim = eq(Integral(1 / v**2, (v, -1, 1)), -2)
        refused(step("a", claim, Integrate(-1 / v)), match="not declared")
        refused(step("a", eq(Integral(1 / v**2, (v, 0, 1)), 0), Integrate(-1 / v)), match="not declared")

    def test_divergence(self) -> None:
        refused(step("a", eq(half_line(v), 0), Integrate(v**2 / 2)), match="grows")

    def test_ends_in_the_wrong_order(self) -> None:
        refused(
            step("a", eq(Integral(v, (v, x, y)), (y**2 - x**2) / 2), Integrate(v**2 / 2)), match="evident"
        )
        run(step("a", eq(Integral(v, (v, x, y)), (y**2 - x**2) / 2), Integrate(v**2 / 2), ge(y, x)))


class TestLinear:
    def test_accepts(self) -> None:
        parts = eq(
            half_line((v + x) ** 2 * phi(v)),
            half_line(v**2 * phi(v)) + 2 * x * half_line(v * phi(v)) + x**2 * half_line(phi(v)),
        )
        run(step("a", parts, Linear()))
        run(
            step(
                "a",
                eq(
                    half_line(Sum(k * v**k * phi(v), (k, 1, n))), Sum(k * half_line(v**k * phi(v)), (k, 1, n))
                ),
                Linear(),
            )
        )
        run(step("a", eq(x * Sum(k, (k, 1, n)), Sum(x * k, (k, 1, n))), Linear()))

    def test_refuses(self) -> None:
        refused(
            step(
                "a",
                eq(
                    half_line((v + x) ** 2 * phi(v)),
                    half_line(v**2 * phi(v)) + x * half_line(v * phi(v)) + x**2 * half_line(phi(v)),
                ),
                Linear(),
            ),
            match="do not cancel",
        )
        refused(
            step("a", eq(half_line(v * phi(v)) ** 2, half_line(v**2 * phi(v))), Linear()), match="not linear"
        )
        refused(step("a", eq(half_line(v * phi(v)), v * half_line(phi(v))), Linear()))
        refused(
            step("a", eq(half_line(phi(v)), Integral(phi(v), (v, 1, oo))), Linear()), match="do not cancel"
        )
        refused(step("a", eq(half_line(phi(v)), half_line(phi(v)) + 1), Linear()), match="outside")
        # oo - oo: neither integral exists.
        refused(
            step("a", eq(half_line(v + 1 - v), half_line(v + 1) - half_line(v)), Linear()),
            match="vanish fast",
        )
        refused(step("a", eq(k * Sum(x, (k, 1, n)), Sum(k * x, (k, 1, n))), Linear()), match="bound")


class TestAffine:
    def test_accepts(self) -> None:
        run(step("a", eq(half_line(phi(v - x)), Integral(phi(v), (v, -x, oo))), Affine(shift=x)))
        run(step("a", eq(half_line(phi(v)), Integral(phi(v), (v, -oo, 0))), Affine(Integer(-1))))
        run(step("a", eq(half_line(phi(q * v)), half_line(phi(v) / q)), Affine(1 / q)))

    def test_refuses(self) -> None:
        refused(
            step("a", eq(half_line(phi(v - x)), Integral(phi(v), (v, x, oo))), Affine(shift=x)), match="ends"
        )
        refused(
            step("a", eq(half_line(phi(v)), half_line(phi(v) * 2)), Affine(Integer(2))), match="integrands"
        )
        refused(step("a", eq(half_line(phi(x * v)), half_line(phi(v) / x)), Affine(1 / x), gt(x**2, 0)))
        refused(
            step("a", eq(half_line(phi(v)), Integral(phi(v), (v, 0, oo))), Affine(Integer(-1))), match="ends"
        )


class TestUnderIntegral:
    def test_accepts(self) -> None:
        run(
            step(
                "a",
                eq(Derivative(half_line(v * phi(v - x)), x), half_line(v * (v - x) * phi(v - x))),
                UnderIntegral(),
            )
        )
        run(step("a", eq(Derivative(Integral(phi(v), (v, -x, oo)), x), phi(x)), UnderIntegral()))
        run(
            step(
                "a",
                eq(Derivative(Integral(v * x, (v, 0, x)), x), x**2 + Integral(v, (v, 0, x))),
                UnderIntegral(),
            )
        )

    def test_refuses(self) -> None:
        refused(
            step(
                "a",
                eq(Derivative(half_line(v * phi(v - x)), x), half_line(v * (x - v) * phi(v - x))),
                UnderIntegral(),
            )
        )
        refused(step("a", eq(Derivative(Integral(phi(v), (v, -x, oo)), x), -phi(x)), UnderIntegral()))
        refused(
            step("a", eq(Derivative(Integral(v * x, (v, 0, x)), x), Integral(v, (v, 0, x))), UnderIntegral())
        )
        # A jump at a moving end has no rate: at x = 1 this would be 1.
        for jump in (floor, sign):
            rate = eq(Derivative(Integral(jump(v), (v, 0, x)), x), jump(x))
            refused(step("a", rate, UnderIntegral()))
        # No domination by the form: the slope in v could vanish.
        refused(
            step(
                "a",
                eq(Derivative(half_line(phi(x * v)), x), half_line(-(v**2) * x * phi(x * v))),
                UnderIntegral(),
            ),
            match="vanish fast",
        )
        refused(
            step(
                "a",
                eq(Derivative(half_line(exp(-x * v)), x), half_line(-v * exp(-x * v))),
                UnderIntegral(),
                gt(x, 0),
            ),
            match="vanish fast",
        )


class TestOrdered:
    def test_accepts(self) -> None:
        point = step("p", gt(v * phi(v), 0), Combination(((1, (gt(v, 0), gt(phi(v), 0))),)), gt(v, 0))
        run(point, step("a", gt(half_line(v * phi(v)), 0), Ordered("p")))

    def test_refuses(self) -> None:
        point = step("p", gt(v * phi(v), 0), Combination(((1, (gt(v, 0), gt(phi(v), 0))),)), gt(v, 0))
        refused(point, step("a", gt(Integral(v * phi(v), (v, -1, oo)), 0), Ordered("p")), match="assumes")
        refused(point, step("a", gt(half_line(v**2 * phi(v)), 0), Ordered("p")), match="something else")
        refused(
            point, step("a", gt(Integral(v * phi(v), (v, x, x)), 0), Ordered("p"), ge(x, 0)), match="evident"
        )
        weak = step("p", ge(v * phi(v), 0), Combination(((1, (gt(v, 0), gt(phi(v), 0))),)), gt(v, 0))
        refused(weak, step("a", gt(half_line(v * phi(v)), 0), Ordered("p")), match="same kind")
        positive = Symbol("v", positive=True)
        everywhere = step(
            "p", gt(positive * phi(positive), 0), Combination(((1, (gt(positive, 0), gt(phi(positive), 0))),))
        )
        refused(
            everywhere,
            step("a", gt(Integral(positive * phi(positive), (positive, -oo, oo)), 0), Ordered("p")),
        )


class TestUnfold:
    def test_meanings(self) -> None:
        run(step("a", eq(MillsRatio(x), Phi(-x) / phi(x)), Unfold()))
        run(step("a", eq(RampMoment(n, x), half_line(v**n * phi(v - x))), Unfold()))
        run(step("a", eq(phi(x), exp(-(x**2) / 2) / sqrt(2 * pi)), Unfold()))
        run(step("a", gt(1, Phi(x)), Unfold()))
        ramp = (1 + (q * s) ** 2) * Phi(q * s) + q * s * phi(q * s)
        run(step("a", eq(OpenSecondMoment(q, ConstantLaw(s)), ramp), Unfold()))
        run(step("a", eq(OpenSecondMoment(q, LAW), Expect(ramp.subs(s, X), X)), Unfold()))
        refused(step("a", eq(OpenSecondMoment(q, ConstantLaw(s)), ramp + 1), Unfold()), match="meaning")
        refused(step("a", eq(OpenSecondMoment(q, BetaLaw(2, 2)), ramp), Unfold()), match="density")
        run(step("a", eq((x + y) ** n, Sum(binomial(n, k) * x**k * y ** (n - k), (k, 0, n))), Unfold()))

    def test_refuses(self) -> None:
        refused(step("a", eq(MillsRatio(x), Phi(x) / phi(x)), Unfold()), match="meaning")
        refused(step("a", eq(RampMoment(n, x), half_line(v**n * phi(v + x))), Unfold()), match="meaning")
        refused(step("a", eq(RampMoment(x, y), half_line(v**x * phi(v - y))), Unfold()), match="evident")
        refused(step("a", eq(TruncatedMoment(n, x), half_line(v**n * phi(v))), Unfold()), match="meaning")
        refused(step("a", eq(phi(x), exp(-(x**2)) / sqrt(2 * pi)), Unfold()), match="meaning")
        refused(step("a", gt(Rational(1, 2), Phi(x)), Unfold()))
        refused(step("a", eq((x + y) ** n, Sum(binomial(n, k) * x**k * y**n, (k, 0, n))), Unfold()))
        refused(step("a", eq((x + y) ** x, Sum(binomial(x, k) * x**k * y ** (x - k), (k, 0, x))), Unfold()))


class TestWick:
    law = step("law", UNIT, Model("law", "a unit on Gaussian input"))
    pair = step("pair", PAIR, Model("law", "two units on Gaussian input"))
    i, j = u.i, u.j

    def accept(self, goal: Any, law: Any = None, certificate: Any = None) -> None:
        run(law or self.law, step("a", goal, certificate or Wick("law")), witness=UNIT_WITNESS)

    def refuse(self, goal: Any, **more: Any) -> None:
        refused(self.law, step("a", goal, Wick("law")), witness=UNIT_WITNESS, **more)

    def open(self, order: int) -> Any:
        return TruncatedMoment(Integer(order), u.h)

    def test_means(self) -> None:
        one = u.mt[self.i] * self.open(0) + u.c[self.i] * self.open(1)
        self.accept(eq(Expectation(u.gate * u.xt[self.i]), one))
        self.accept(
            eq(Expectation(u.xt[self.i] * u.xt[self.j]), u.St[self.j, self.i] + u.mt[self.i] * u.mt[self.j])
        )
        self.accept(eq(Expectation(Max(u.y, 0)), u.s * (self.open(1) + u.h * self.open(0))))
        self.accept(eq(Expectation(Piecewise((1, u.y > 0), (0, True))), self.open(0)))
        self.accept(
            eq(
                Expectation(DiracDelta(u.y) * u.xt[self.i]),
                phi(u.h) / u.s * (u.mt[self.i] - u.h * u.c[self.i]),
            )
        )
        self.accept(eq(Expectation(u.y**4 * u.gate**0), u.s**4 * (3 + 6 * u.h**2 + u.h**4)))

    def test_wrong_means(self) -> None:
        self.refuse(eq(Expectation(u.gate * u.xt[self.i]), u.mt[self.i] * self.open(0)), match="another one")
        self.refuse(
            eq(Expectation(u.gate * u.xt[self.i]), u.mt[self.i] * self.open(0) - u.c[self.i] * self.open(1))
        )
        self.refuse(
            eq(Expectation(u.xt[self.i] * u.xt[self.j]), u.St[self.i, self.j] + u.mt[self.i] * u.mt[self.i])
        )
        self.refuse(eq(Expectation(u.xt[self.i] ** 4), 2 * u.St[self.i, self.i] ** 2))
        self.refuse(eq(Expectation(u.y**4), u.s**4 * (2 + 6 * u.h**2 + u.h**4)))
        self.refuse(eq(Expectation(DiracDelta(u.y)), phi(u.h)))

    def test_what_is_not_a_polynomial(self) -> None:
        self.refuse(eq(Expectation(exp(u.y)), exp(u.s)), match="inside a function")
        self.refuse(eq(Expectation(1 / u.y), 1 / u.s))
        self.refuse(eq(Expectation(Max(x, 0)), 0), match="not a preactivation")
        self.refuse(eq(Expectation(u.gate * u.xt[self.i]), u.gate * u.mt[self.i]), match="random")

    def test_pair(self) -> None:
        from relutheory.functions import QuadrantMoment

        t = QuadrantMoment(Integer(1), Integer(0), u.h1, u.h2, u.rho)
        zero = QuadrantMoment(Integer(0), Integer(0), u.h1, u.h2, u.rho)
        goal = eq(Expectation(u.gate1 * u.gate2 * u.y1), u.s1 * (t + u.h1 * zero))
        run(self.pair, step("a", goal, Wick("pair")), witness=PAIR_WITNESS)
        wrong = eq(Expectation(u.gate1 * u.gate2 * u.y1), u.s1 * (t + u.h2 * zero))
        refused(self.pair, step("a", wrong, Wick("pair")), witness=PAIR_WITNESS)
        one = eq(Expectation(u.gate1 * u.y1), u.s1 * (t + u.h1 * zero))
        refused(self.pair, step("a", one, Wick("pair")), witness=PAIR_WITNESS, match="both gates")

    def test_nonnegative(self) -> None:
        square = Expectation((1 - u.gate) * u.xt[self.i] ** 2)
        self.accept(ge(square, 0), certificate=NonnegativeMean("law"))
        for body in (u.gate * u.xt[self.i], u.xt[self.i] ** 3, -u.gate, (2 - u.gate) * u.y**2, u.gate - 1):
            refused(
                self.law, step("a", ge(Expectation(body), 0), NonnegativeMean("law")), witness=UNIT_WITNESS
            )
        refused(self.law, step("a", gt(square, 0), NonnegativeMean("law")), witness=UNIT_WITNESS)

    def test_the_law_is_about_fixed_things(self) -> None:
        names = {key: value for key, value in UNIT_WITNESS.point.items() if key != u.h}
        refused(self.law, witness=Witness(names, UNIT_WITNESS.functions), match="open")
        moved = step("m", eq(x, x), Wick(at("law", {u.h: x})))
        refused(self.law, moved, witness=UNIT_WITNESS)

    def test_the_law_has_a_model(self) -> None:
        steep = {**UNIT_WITNESS.functions, "c": lambda i: Fraction(2)}
        refused(self.law, witness=Witness(UNIT_WITNESS.point, steep), match="contradicts")
        other = {**PAIR_WITNESS.functions, "g1": lambda i: Fraction(0)}
        refused(self.pair, witness=Witness(PAIR_WITNESS.point, other), match="contradicts")
        flat = Witness({**PAIR_WITNESS.point, u.rho: 1}, PAIR_WITNESS.functions)
        refused(self.pair, witness=flat, match="contradicts")

    def test_a_law_needs_its_model(self) -> None:
        refused(step("law", UNIT, Assume("a unit on Gaussian input")), step("a", le(u.h, u.h), Wick("law")))


class TestMeansAndChoices:
    w = Symbol("w", real=True)

    def test_linear(self) -> None:
        both = eq(Expect(2 * self.w**2 + x, self.w), 2 * Expect(self.w**2, self.w) + x)
        run(step("a", both, Linear()))
        refused(step("a", eq(both.lhs, 3 * Expect(self.w**2, self.w) + x), Linear()), match="cancel")
        refused(step("a", eq(both.lhs, 2 * Expect(self.w**2, self.w) + y), Linear()), match="cancel")
        square = eq(Expect(self.w**2, self.w), Expect(self.w, self.w) ** 2)
        refused(step("a", square, Linear()))
        outside = eq(Expect(self.w**2, self.w), self.w * Expect(self.w, self.w))
        refused(step("a", outside, Linear()), match="not linear")

    def test_the_law_of_a_sample_is_not_replaced(self) -> None:
        sample = Symbol("X", positive=True)
        law = Symbol("P")
        mean = Expect(Phi(-x * sample), sample)
        known = step("m", eq(GateFunction(x, law), mean), Unfold())
        run(known)
        beta = eq(GateFunction(x, BetaLaw(2, 1)), mean)
        refused(known, step("a", beta, Instance(at("m", {law: BetaLaw(2, 1)}))), match="has its law")
        refused(step("m", eq(GateFunction(x, Symbol("Q")), mean), Unfold()), match="density")

    def test_choices_equal_themselves_only(self) -> None:
        first = Piecewise((x, y > 0), (1, True))
        run(step("a", eq(first + 1, 1 + first), Identity()))
        for other in (
            Piecewise((x, y >= 0), (1, True)),
            Piecewise((x, y > 0), (2, True)),
            Piecewise((x + 1, y > 0), (1, True)),
        ):
            refused(step("a", eq(first, other), Identity()), match="differ")


class TestApply:
    """A theorem for other quantities that satisfy its hypotheses."""

    source = "theorem:rai-unit-dead-range"
    p = Symbol("p", positive=True)
    model = Model("law", "the quantity is the one of the theorem")

    def test_accepts_and_keeps_the_tier(self) -> None:
        record = theorem("rai-unit-dead-range")
        goal = le(record.lhs, self.p)
        where = {record.rhs: self.p}
        assert run(step("a", goal, Apply(self.source, record.statement, where, self.model))) is Tier.DERIVED

    def test_refuses(self) -> None:
        record = theorem("rai-unit-dead-range")
        where = {record.rhs: self.p}
        goal, good = le(record.lhs, self.p), Apply(self.source, record.statement, where, self.model)
        refused(step("a", le(record.lhs, self.p / 2), good), match="the claim must be")
        refused(step("a", goal, replace(good, relation=le(record.lhs, record.rhs / 2))), match="not state")
        refused(
            step("a", goal, replace(good, model=Model("other", "another hypothesis"))), match="hypothesis"
        )
        refused(step("a", goal, replace(good, where={record.lhs: self.p})), match="only means")
        refused(step("a", goal, replace(good, source="theorem:rai-unit-dead-probability")), match="not state")
        (n_in,) = record.also[0].rhs.free_symbols
        wrong = replace(good, relation=record.also[0], where={**where, n_in: Rational(1, 2)})
        refused(step("a", le(self.p, Rational(1, 6)), wrong), match="integer")
