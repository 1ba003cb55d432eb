"""The kernel's rules for derivatives, signs, limits and monotone functions, with wrong certificates."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from kernel_tools import n, q, refused, run, x, y
from sympy import Derivative, Function, Integer, Limit, Rational, Symbol, cos, exp, log, oo, sin, sqrt

from proofs.certificates import Differentiate, LargestScale, Monotone, Sturm, Tends
from proofs.claims import Assume, Combination, Identity, Instance, Step, Tier, Witness, at
from proofs.differential import limit
from proofs.nodes import LAW
from proofs.notation import eq, ge, gt, le, lt, step
from proofs.polynomials import Refused
from proofs.relations import Evidence
from proofs.sturm import Interval, leading, no_root, odd_part, sign_with_root
from relutheory.functions import OpenSecondMoment, Phi, SharpSigma, phi

r4 = sqrt(x**2 + 4)


def poly(*c: int) -> tuple[Fraction, ...]:
    return tuple(Fraction(a) for a in c)


class TestRootsInIdentities:
    def test_square_of_a_root(self) -> None:
        run(step("a", eq((r4 - x) * (r4 + x), 4), Identity()))
        refused(step("a", eq((r4 - x) * (r4 + x), 5), Identity()), match="differ")
        run(step("a", eq(sqrt(2) * sqrt(3) * sqrt(6), 6), Identity()))
        refused(step("a", eq(sqrt(2) * sqrt(3), 6), Identity()))

    def test_radicands_are_not_negative(self) -> None:
        claim = eq((sqrt(x) + 1) * (sqrt(x) - 1), x - 1)
        refused(step("a", claim, Identity()), match="not declared")
        run(step("a", claim, Identity(), ge(x, 0)))

    def test_normal_law(self) -> None:
        run(step("a", eq(Phi(x - y) + Phi(y - x), 1), Identity()))
        run(step("a", eq(phi(x - y), phi(y - x)), Identity()))
        run(step("a", eq(Phi(x - x), Rational(1, 2)), Identity()))
        refused(step("a", eq(Phi(-x), Phi(x)), Identity()))
        refused(step("a", eq(phi(x), phi(2 * x)), Identity()))
        run(step("a", gt(Phi(x) * phi(y), 0), Combination(((1, (gt(Phi(x), 0), gt(phi(y), 0))),))))
        refused(step("a", gt(Phi(x), Rational(1, 2)), Combination(((1, (gt(Phi(x), Rational(1, 2)),)),))))

    def test_circular(self) -> None:
        run(step("a", eq(sin(x - y), -sin(y - x)), Identity()))
        run(step("a", eq(cos(x - y), cos(y - x)), Identity()))
        run(step("a", eq(sin(x - x) + cos(x - x), 1), Identity()))
        run(step("a", eq(sin(Integer(0), evaluate=False), 0), Identity()))
        run(step("a", eq(cos(Integer(0), evaluate=False), 1), Identity()))
        refused(step("a", eq(sin(x - y), sin(y - x)), Identity()))
        refused(step("a", eq(cos(x - y), -cos(y - x)), Identity()))
        refused(step("a", eq(sin(2 * x), 2 * sin(x)), Identity()))
        refused(step("a", eq(cos(Integer(0), evaluate=False), 0), Identity()))
        refused(step("a", ge(cos(x), 0), Combination(((1, (ge(cos(x), 0),)),))))

    def test_exponentials(self) -> None:
        run(step("a", eq(exp(-((x + y) ** 2) / 2), exp(-(x**2) / 2) * exp(-x * y - y**2 / 2)), Identity()))
        refused(step("a", eq(exp(-((x + y) ** 2) / 2), exp(-(x**2) / 2) * exp(-(y**2) / 2)), Identity()))


class TestDifferentiate:
    def test_accepts(self) -> None:
        run(step("a", eq(Derivative(x * Phi(-x), x), Phi(-x) - x * phi(x)), Differentiate()))
        run(step("a", eq(Derivative(r4, x), x / r4), Differentiate()))
        run(step("a", eq(Derivative(x**n, x), n * x ** (n - 1)), Differentiate(), ge(n, 1)))
        run(step("a", eq(Derivative(sin(x) * cos(x), x), cos(x) ** 2 - sin(x) ** 2), Differentiate()))
        run(step("a", eq(Derivative(log(x), x), 1 / x), Differentiate(), gt(x, 0)))

    @pytest.mark.parametrize(
        "wrong", [Phi(-x) + x * phi(x), Phi(-x) - x * phi(2 * x), Phi(x) - x * phi(x), 2 * Phi(-x)]
    )
    def test_wrong_derivative(self, wrong: object) -> None:
        refused(step("a", eq(Derivative(x * Phi(-x), x), wrong), Differentiate()), match="the derivative is")

    def test_conditions(self) -> None:
        refused(step("a", eq(Derivative(x**n, x), n * x ** (n - 1)), Differentiate()), match="not declared")
        refused(step("a", eq(Derivative(log(x), x), 1 / x), Differentiate()), match="not declared")
        refused(step("a", eq(Derivative(sqrt(x), x), 1 / (2 * sqrt(x))), Differentiate()))
        # At the end of a closed interval the derivative would be one-sided.
        refused(step("a", eq(Derivative(x**2, x), 2 * x), Differentiate(), ge(x, 0)), match="neighbourhood")
        refused(step("a", eq(Derivative(n**2, n), 2 * n), Differentiate()), match="integer")

    def test_a_fixed_parameter_does_not_vary(self) -> None:
        claim = step("a", eq(Derivative(x**2, x), 2 * x), Differentiate())
        refused(claim, witness=Witness({x: 1}), match="fixed")

    def test_equation_and_chain_rule(self) -> None:
        f = Function("f")
        known = step("f", eq(f(x), Phi(x)), Assume("a function with this value"))
        slope = step("s", eq(Derivative(f(x), x), phi(x)), Differentiate("f"))
        inner = eq(Derivative(f(2 * y + 1), y), 2 * phi(2 * y + 1))
        world = Witness(functions={"f": lambda a: 0, "Phi": lambda a: 0}, ranges={x: (0, 1)})
        run(known, slope, step("c", inner, Differentiate(via=("s",))), witness=world)
        refused(
            known,
            slope,
            step("c", inner.func(inner.lhs, phi(2 * y + 1)), Differentiate(via=("s",))),
            witness=world,
        )
        refused(known, step("s", eq(Derivative(f(x), x), phi(x)), Differentiate()), witness=world)

    def test_a_derivative_cannot_be_taken_at_a_term(self) -> None:
        slope = step("s", eq(Derivative(x**2, x), 2 * x), Differentiate())
        run(slope, step("r", eq(Derivative(y**2, y), 2 * y), Instance(at("s", {x: y}))))
        refused(slope, step("r", eq(Derivative(y**2, y), 2 * (y + 1)), Instance(at("s", {x: y + 1}))))
        product = step("s", eq(Derivative(x * y, x), y), Differentiate())
        refused(product, step("r", eq(Derivative(x * x, x), x), Instance(at("s", {y: x}))), match="depend")


class TestSturm:
    def test_polynomials(self) -> None:
        run(step("a", gt(x**4 + x + 1, 0), Sturm(x)))
        run(step("a", gt(x**3 - 2, 0), Sturm(x), ge(x, 2)))
        run(step("a", ge((x - 1) ** 2 * (x**2 + 1), 0), Sturm(x)))
        run(step("a", gt(1 / (x**2 + 1), 0), Sturm(x)))

    def test_roots(self) -> None:
        run(step("a", gt(r4 + x, 0), Sturm(x)))
        run(step("a", gt(3 * x + sqrt(x**2 + 8), 0), Sturm(x, (Rational(1, 2),)), gt(x, -1)))

    def test_refuses(self) -> None:
        refused(step("a", gt(x**3 - 2, 0), Sturm(x), ge(x, 1)), match="not seen")
        refused(step("a", gt((x - 1) ** 2, 0), Sturm(x)), match="not seen")
        refused(step("a", ge((x - 1) ** 3, 0), Sturm(x)), match="not seen")
        refused(step("a", lt(x**4 + x + 1, 0), Sturm(x)), match="opposite")
        refused(step("a", gt(x, r4), Sturm(x)), match="opposite")
        refused(step("a", gt(3 * x + sqrt(x**2 + 8), 0), Sturm(x)), match="not seen")
        refused(step("a", gt(3 * x + sqrt(x**2 + 8), 0), Sturm(x, (Rational(1, 2),)), ge(x, -1)))
        refused(step("a", gt(1 / x**2, 0), Sturm(x)), match="may vanish")
        refused(step("a", gt(x * y + x**2 + y**2 + 1, 0), Sturm(x)), match="more than one variable")
        refused(step("a", gt(r4 + sqrt(x**2 + 8), 0), Sturm(x)), match="more than one root")
        refused(step("a", gt(sqrt(x) + 1, 0), Sturm(x), gt(x, -1)))

    def test_arithmetic(self) -> None:
        assert no_root(poly(-2, 0, 1), Interval(Fraction(-1), Fraction(1)))
        assert not no_root(poly(-1, 0, 1), Interval(Fraction(-1), Fraction(1), (True, False)))
        assert no_root(poly(-1, 0, 1), Interval(Fraction(-1), Fraction(1)))
        assert no_root(poly(1, 0, 2, 0, 1), Interval())
        assert odd_part(poly(-1, 3, -3, 1)) == poly(-1, 1)
        assert sign_with_root(poly(0, 1), poly(-1), poly(4, 0, 1), Interval()) == -1
        assert sign_with_root(poly(0, 1), poly(-1), poly(-4, 0, 1), Interval(Fraction(2), None)) == 1
        assert leading(poly(0, -1), poly(1), poly(4, 0, 1)) == (-1, 2)


class TestMonotone:
    rate = step("rate", lt(-phi(x), 0), Combination(((1, (gt(phi(x), 0),)),)))

    def test_accepts(self) -> None:
        run(self.rate, step("a", gt(Phi(-x), 0), Monotone(x, "rate", oo)))
        rising = step("rate", gt(phi(x), 0), Combination(((1, (gt(phi(x), 0),)),)))
        run(rising, step("a", gt(Phi(x), 0), Monotone(x, "rate", -oo)))
        run(rising, step("a", gt(Phi(x), Rational(1, 2)), Monotone(x, "rate", Integer(0)), gt(x, 0)))
        run(rising, step("a", ge(Phi(x), Rational(1, 2)), Monotone(x, "rate", Integer(0)), ge(x, 0)))

    def test_refuses(self) -> None:
        rising = step("rate", gt(phi(x), 0), Combination(((1, (gt(phi(x), 0),)),)))
        refused(self.rate, step("a", gt(Phi(-x), 1), Monotone(x, "rate", oo)), match="does not tend")
        refused(self.rate, step("a", gt(Phi(-x), 0), Monotone(x, "rate", -oo)), match="the slope is")
        refused(self.rate, step("a", gt(2 * Phi(-x), 0), Monotone(x, "rate", oo)), match="the slope is")
        refused(
            rising, step("a", gt(Phi(x), Rational(1, 2)), Monotone(x, "rate", Integer(0))), match="restricted"
        )
        refused(
            rising,
            step("a", gt(Phi(x), Rational(1, 2)), Monotone(x, "rate", Integer(0)), ge(x, 0)),
            match="evident",
        )
        refused(rising, step("a", gt(Phi(x), 1), Monotone(x, "rate", Integer(0)), gt(x, 0)), match="evident")
        # The hypothesis must hold on the whole ray.
        refused(
            self.rate, step("a", gt(Phi(-x), 0), Monotone(x, "rate", oo), lt(x, 1)), match="up to the end"
        )
        local = step("rate", lt(-phi(x), 0), Combination(((1, (gt(phi(x), 0),)),)), eq(x, 1))
        refused(local, step("a", gt(Phi(-x), 0), Monotone(x, "rate", oo), eq(x, 1)), match="does not bound")
        refused(
            self.rate,
            step("a", gt(Phi(-x), 0), Monotone(x, "rate", oo)),
            witness=Witness({x: 1}),
            match="fixed",
        )

    def test_right_end(self) -> None:
        falling = step("rate", le(-2 * x, 0), Combination(((2, (ge(x, 0),)),)), ge(x, 0))
        goal = ge(1 - x**2, 0)
        run(falling, step("a", goal, Monotone(x, "rate", Integer(1)), ge(x, 0), le(x, 1)))
        refused(
            falling, step("a", goal, Monotone(x, "rate", Integer(2)), ge(x, 0), le(x, 2)), match="evident"
        )
        refused(falling, step("a", goal, Monotone(x, "rate", Integer(1)), ge(x, 0)), match="restricted")
        refused(falling, step("a", goal, Monotone(x, "rate", Integer(1)), le(x, 1)), match="rate")

    def test_weak_slope_gives_a_weak_claim(self) -> None:
        flat = step("rate", le(0 * x, 0), Identity())
        run(flat, step("a", ge(1 + 0 * x, 1), Monotone(x, "rate", oo)))
        refused(flat, step("a", gt(1 + 0 * x, 1), Monotone(x, "rate", oo)), match="may vanish")

    def test_a_floor_that_does_not_vanish(self) -> None:
        flat = step("rate", ge(0 * x, 0), Identity())
        low = step("low", ge(-1 + 0 * x, -1 + phi(x) - phi(x)), Identity(), le(x, -1))
        refused(flat, low, step("a", ge(-1 + 0 * x, 0), Monotone(x, "rate", -oo, "low")), match="tend")

    def test_a_pole_in_the_interval(self) -> None:
        slope = step("rate", lt(-1 / x**2, 0), Assume("negative away from the pole"), gt(x**2, 0))
        refused(slope, step("a", gt(1 / x, 0), Monotone(x, "rate", oo)))


class TestLimits:
    def test_known_growth(self) -> None:
        nothing = Evidence([])
        assert limit(x**7 * phi(x - y), x, oo, nothing).is_zero()
        assert limit(x**7 * phi(3 - 2 * x), x, -oo, nothing).is_zero()
        assert limit(x**n * Phi(-x), x, oo, nothing).is_zero()
        assert limit(Phi(x) + Phi(-x), x, oo, nothing).constant_value() == 1
        assert limit(r4 - x, x, oo, nothing).is_zero()
        assert limit(x * (r4 - x), x, oo, nothing).constant_value() == 2
        assert limit((3 * x + 1) / (x + 2), x, oo, nothing).constant_value() == 3

    def test_unknown_growth(self) -> None:
        for term in (
            x,
            x * Phi(x),
            phi(x) / phi(x - 1),
            phi(y * x),
            sin(x),
            phi(x) / (r4 - x),
            sqrt(x**2 + 4) * x,
        ):
            with pytest.raises(Refused):
                limit(term, x, oo, Evidence([]))

    def test_tends(self) -> None:
        t = Symbol("t", positive=True)
        run(step("a", eq(Limit(t * (sqrt(t**2 + 4) - t), t, oo), 2), Tends()))
        refused(step("a", eq(Limit(t * (sqrt(t**2 + 4) - t), t, oo), 3), Tends()), match="another one")
        high = step("high", ge(1 / t, sin(t) ** 2 / t), Assume("a square of a sine is at most 1"))
        low = step("low", ge(sin(t) ** 2 / t, 0), Assume("a square is not negative"))
        world = Witness(functions={"sin": lambda a: 0}, ranges={t: (1, 2)})
        goal = eq(Limit(sin(t) ** 2 / t, t, oo), 0)
        run(high, low, step("a", goal, Tends("low", "high")), witness=world)
        refused(high, low, step("a", goal, Tends("low", "low")), witness=world)
        refused(high, low, step("a", eq(goal.lhs, 1), Tends("low", "high")), witness=world)
        assert q.is_positive


class TestLargestScale:
    """The scale where a continuous function crosses 1, from a scale below it and a bound."""

    star = SharpSigma(LAW)
    world = Witness({LAW: 0})

    @staticmethod
    def constant(scale: Any) -> Any:
        return scale**2 * OpenSecondMoment(1 / scale, LAW)

    def steps(self, bound: Any = None, given: Any = None, member: Any = None) -> tuple[Step, ...]:
        at_most = ge(1, self.constant(q)) if given is None else given
        return (
            step(
                "member",
                ge(1, self.constant(Integer(2))) if member is None else member,
                Assume("a scale below the level"),
            ),
            step("bound", ge(5, q) if bound is None else bound, Assume("no scale beyond five"), at_most),
            step("positive", gt(2, 0), Identity()),
        )

    def crossing(self, **more: Any) -> LargestScale:
        given: dict[str, Any] = {
            "member": "member", "bound": "bound", "variable": q, "scale": Integer(2), "positive": gt(2, 0),
        }  # fmt: skip
        return LargestScale(**{**given, **more})

    def test_accepts(self) -> None:
        first, second, _ = self.steps()
        for goal in (gt(self.star, 0), le(2, self.star), eq(self.constant(self.star), 1)):
            assert run(first, second, step("a", goal, self.crossing()), witness=self.world) is Tier.STATED

    def refuse(
        self, goal: Any = None, *, match: str, witness: Any = None, parts: Any = (), **more: Any
    ) -> None:
        first, second, _ = self.steps(**dict(parts))
        goal = eq(self.constant(self.star), 1) if goal is None else goal
        refused(
            first, second, step("a", goal, self.crossing(**more)), match=match, witness=witness or self.world
        )

    def test_refuses(self) -> None:
        self.refuse(eq(self.constant(self.star), 2), match="one of")
        self.refuse(le(3, self.star), match="one of")
        self.refuse(ge(2, self.star), match="one of")
        self.refuse(match="is not", parts={"member": ge(2, self.constant(Integer(2)))})
        self.refuse(match="is not", parts={"member": ge(self.constant(Integer(2)), 1)})
        self.refuse(match="is not", scale=Integer(3))
        self.refuse(match="evident", scale=-q, positive=gt(-q, 0))
        # The bound: of the right set, free of the scale, for a scale that varies.
        self.refuse(match="C\\*", parts={"given": ge(2, self.constant(q))})
        self.refuse(match="C\\*", parts={"given": ge(self.constant(q), 1)})
        self.refuse(match="not a bound", parts={"bound": ge(q, 5)})
        self.refuse(match="moves", parts={"bound": ge(q**2 + 1, q)})
        self.refuse(match="varies", witness=Witness({LAW: 0, q: 1}))
        self.refuse(match="varies", variable=x)

    def test_a_bound_without_its_hypothesis(self) -> None:
        first, _, _ = self.steps()
        free = step("bound", ge(q, q), Identity(), ge(1, self.constant(q)))
        goal = step("a", gt(self.star, 0), self.crossing())
        refused(first, free, goal, witness=self.world, match="moves")
        more = step("bound", ge(y, q), Assume("another reason"), ge(y, 0), ge(1, self.constant(q)))
        refused(first, more, goal, witness=self.world, match="assumes")
        none = step("bound", ge(5, q), Assume("every scale is at most five"))
        refused(first, none, goal, witness=self.world, match="no hypothesis")
