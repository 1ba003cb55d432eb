"""The kernel's rules for limits, thresholds, enumeration, means and logarithms, with wrong certificates."""

from __future__ import annotations

from dataclasses import replace

from kernel_tools import HALF, f, g, k, n, q, refused, run, x, y, z
from sympy import (
    Equivalent,
    Integer,
    Limit,
    Rational,
    Sum,
    Symbol,
    log,
    oo,
)

from proofs.claims import (
    Assume,
    Claim,
    Combination,
    Enumeration,
    Extremal,
    Instance,
    Inverse,
    LogOrder,
    LogProduct,
    Mean,
    Sandwich,
    Supremum,
    Witness,
)
from proofs.nodes import Expect, Sup
from proofs.notation import eq, ge, gt, le, lt, step
from relutheory.functions import LargestInteger, SmallestInteger


class TestLimit:
    zero = step("above", ge(3 * HALF**k, 2**-k), Combination(((2, (ge(2**-k, 0),)),)))
    below = step("below", ge(3 * HALF**k, -(2**-k)), Combination(((4, (ge(2**-k, 0),)),)))
    claim = eq(Limit(2**-n, n, oo), 0)

    def test_accepts(self) -> None:
        run(self.zero, self.below, step("l", self.claim, Sandwich(k, "above", "below", Integer(3), HALF)))

    def test_ratio_of_one_or_more(self) -> None:
        for ratio in (Integer(1), Rational(3, 2), Integer(-1)):
            above = step("above", ge(ratio**k, 0 * k), Assume("a geometric sequence"))
            refused(
                above,
                step("l", eq(Limit(0 * n + x, n, oo), x), Sandwich(k, "above", "above", Integer(1), ratio)),
            )

    def test_unproven_ratio(self) -> None:
        above = step("above", ge(q**k, 0), Combination(((0, ()), (1, (gt(q**k, 0),)))), gt(q**k, 0))
        refused(
            above,
            step("l", self.claim, Sandwich(k, "above", "above", Integer(1), q)),
            match="neither a hypothesis",
        )

    def test_wrong_value(self) -> None:
        refused(
            self.zero,
            self.below,
            step("l", eq(Limit(2**-n, n, oo), 1), Sandwich(k, "above", "below", Integer(3), HALF)),
        )

    def test_wrong_coefficient(self) -> None:
        refused(self.zero, self.below, step("l", self.claim, Sandwich(k, "above", "below", Integer(2), HALF)))

    def test_moving_coefficient(self) -> None:
        refused(
            self.zero,
            self.below,
            step("l", self.claim, Sandwich(k, "above", "below", k, HALF)),
            match="moves",
        )

    def test_one_side_is_not_enough(self) -> None:
        refused(self.zero, self.below, step("l", self.claim, Sandwich(k, "above", "above", Integer(3), HALF)))

    def test_harmonic(self) -> None:
        above = step(
            "above", ge(1 / k, 1 / (k + 1)), Combination(((1, (Inverse(gt(k, 0)), Inverse(gt(k + 1, 0)))),))
        )
        below = step(
            "below",
            ge(1 / k, -1 / (k + 1)),
            Combination(((1, (Inverse(gt(k, 0)),)), (1, (Inverse(gt(k + 1, 0)),)))),
        )
        run(
            above,
            below,
            step("l", eq(Limit(1 / (n + 1), n, oo), 0), Sandwich(k, "above", "below", Integer(1))),
        )


class TestExtremal:
    condition = ge(10, k)
    largest = LargestInteger(k, 1, ge(10, k))
    monotone = step("monotone", ge(10, k), Combination(((1, (ge(10, k + 1),)), (1, ()))), ge(10, k + 1))
    first = step("first", ge(10, 1), Combination(((9, ()),)))
    reached = step("reached", lt(10, k), Instance(gt(1 * k, 10)), gt(1 * k, 10))
    slope = step("slope", gt(1, 0), Combination(((1, ()),)))
    claim = Equivalent(le(k, largest), condition)

    def test_accepts(self) -> None:
        run(
            self.monotone,
            self.first,
            self.reached,
            self.slope,
            step("e", self.claim, Extremal(k, "monotone", "reached", "slope", "first")),
        )

    def test_wrong_direction(self) -> None:
        wrong = Equivalent(ge(k, self.largest), self.condition)
        refused(
            self.monotone,
            self.first,
            self.reached,
            self.slope,
            step("e", wrong, Extremal(k, "monotone", "reached", "slope", "first")),
            match="must be",
        )

    def test_not_monotone(self) -> None:
        other = step("monotone", ge(10, k + 1), Assume("the wrong direction"), ge(10, k))
        refused(
            other,
            self.first,
            self.reached,
            self.slope,
            step("e", self.claim, Extremal(k, "monotone", "reached", "slope", "first")),
        )

    def test_never_false(self) -> None:
        other = step("reached", ge(10, k), Instance(ge(10, k)), ge(10, k), gt(1 * k, 10))
        refused(
            self.monotone,
            self.first,
            other,
            self.slope,
            step("e", self.claim, Extremal(k, "monotone", "reached", "slope", "first")),
        )

    def test_no_slope(self) -> None:
        flat = step("reached", lt(10, k), Assume("never far enough"), gt(0 * k, 10))
        refused(
            self.monotone,
            self.first,
            flat,
            self.slope,
            step("e", self.claim, Extremal(k, "monotone", "reached", "slope", "first")),
        )

    def test_first_value(self) -> None:
        refused(
            self.monotone,
            self.reached,
            self.slope,
            step("e", self.claim, Extremal(k, "monotone", "reached", "slope")),
            match="first",
        )

    def test_smallest(self) -> None:
        smallest = SmallestInteger(k, 1, ge(k, 3))
        up = step("monotone", ge(k + 1, 3), Combination(((1, (ge(k, 3),)), (1, ()))), ge(k, 3))
        far = step("reached", ge(k, 3), Combination(((1, (gt(1 * k, 3),)),)), gt(1 * k, 3))
        good = step("e", Equivalent(ge(k, smallest), ge(k, 3)), Extremal(k, "monotone", "reached", "slope"))
        run(up, far, self.slope, good)
        refused(
            up,
            far,
            self.slope,
            replace(good, claim=Claim(Equivalent(ge(k, smallest), ge(k, 4)))),
            match="must be",
        )


class TestEnumeration:
    m = Symbol("m", integer=True, nonnegative=True)

    def test_accepts(self) -> None:
        run(step("a", ge(5, self.m + 2), Enumeration({self.m: (0, 1, 2, 3)}), le(self.m, 3)))
        run(step("a", eq(Sum(k**2, (k, 1, 3)), 14), Enumeration()))

    def test_refuses(self) -> None:
        refused(
            step("a", ge(4, self.m + 2), Enumeration({self.m: (0, 1, 2, 3)}), le(self.m, 3)), match="false at"
        )
        refused(step("a", ge(5, self.m + 2), Enumeration({self.m: (0, 1, 2)}), le(self.m, 3)), match="cover")
        refused(step("a", ge(5, self.m + 2), Enumeration({self.m: (0, 1, 3)}), le(self.m, 3)), match="gaps")
        refused(step("a", ge(5, self.m + 2), Enumeration({self.m: (0, 1, 2, 3)})), match="cover")
        refused(step("a", ge(x**2, 0), Enumeration()), match="not enumerated")
        refused(step("a", eq(Sum(k**2, (k, 1, 3)), 15), Enumeration()))


class TestMeanAndSupremum:
    w, t = Symbol("w"), Symbol("t")

    def test_mean(self) -> None:
        point = step("p", ge(f(self.w), g(self.w)), Assume("at every sample point"))
        world = Witness(functions={"f": lambda a: 1, "g": lambda a: 0}, ranges={self.w: (0, 1)})
        run(
            point,
            step("m", ge(Expect(f(self.w), self.w), Expect(g(self.w), self.w)), Mean("p")),
            witness=world,
        )
        refused(
            point,
            step("m", ge(Expect(g(self.w), self.w), Expect(f(self.w), self.w)), Mean("p")),
            witness=world,
        )
        refused(
            point,
            step("m", gt(Expect(f(self.w), self.w), Expect(g(self.w), self.w)), Mean("p")),
            witness=world,
        )
        refused(
            point,
            step("m", ge(Expect(f(self.w), self.w), g(self.w)), Mean("p")),
            witness=world,
            match="depends",
        )

    def test_strict_mean(self) -> None:
        point = step("p", gt(f(self.w), g(self.w)), Assume("at every sample point"))
        world = Witness(functions={"f": lambda a: 1, "g": lambda a: 0}, ranges={self.w: (0, 1)})
        goal = gt(Expect(f(self.w), self.w), Expect(g(self.w), self.w))
        run(point, step("m", goal, Mean("p")), witness=world)
        refused(point, step("m", gt(goal.rhs, goal.lhs), Mean("p")), witness=world)

    def test_mean_under_a_hypothesis_on_the_sample(self) -> None:
        point = step("p", ge(f(self.w), 0), Assume("at some sample points"), eq(self.w, 0))
        world = Witness(functions={"f": lambda a: 1}, ranges={self.w: (0, 1)})
        refused(
            point,
            step("m", ge(Expect(f(self.w), self.w), 0), Mean("p"), eq(self.w, 0)),
            witness=world,
            match="bound symbol",
        )

    def test_supremum(self) -> None:
        point = step("p", ge(1, f(self.t)), Assume("a bound for every state"))
        world = Witness(functions={"f": lambda a: 0}, ranges={self.t: (0, 1)})
        run(point, step("s", ge(1, Sup(f(self.t), self.t)), Supremum("p")), witness=world)
        run(point, step("s", ge(Sup(f(self.t), self.t), f(self.t)), Supremum("p")), witness=world)
        refused(point, step("s", ge(0, Sup(f(self.t), self.t)), Supremum("p")), witness=world)
        refused(point, step("s", ge(Sup(f(self.t), self.t), 1), Supremum("p")), witness=world)
        refused(point, step("s", ge(f(self.t), Sup(f(self.t), self.t)), Supremum("p")), witness=world)
        moving = step("p", ge(g(self.t), f(self.t)), Assume("a bound that depends on the state"))
        more = Witness(functions={"f": lambda a: 0, "g": lambda a: 0}, ranges={self.t: (0, 1)})
        refused(moving, step("s", ge(g(self.t), Sup(f(self.t), self.t)), Supremum("p")), witness=more)


class TestLogarithms:
    def test_order(self) -> None:
        given = (ge(x, y), gt(y, 0))
        run(step("a", ge(log(x), log(y)), LogOrder(*given), *given))
        run(step("a", ge(log(x), 0), LogOrder(ge(x, 1), gt(1, 0)), ge(x, 1)))
        refused(step("a", ge(log(y), log(x)), LogOrder(*given), *given), match="the claim must be")
        refused(
            step("a", ge(log(x), log(y)), LogOrder(ge(x, y), gt(x, 0)), ge(x, y), gt(x, 0)), match="> 0 is"
        )
        refused(
            step("a", ge(log(x), log(y)), LogOrder(ge(x, y), ge(y, 0)), ge(x, y), ge(y, 0)), match="> 0 is"
        )
        refused(step("a", ge(log(x), log(y)), LogOrder(le(y, x), gt(y, 0)), le(y, x), gt(y, 0)), match="form")
        refused(step("a", gt(log(x), log(y)), LogOrder(*given), *given), match="the claim must be")

    def test_product(self) -> None:
        given = (gt(x, 0), gt(y, 0))
        both = LogProduct(((n, given[0]), (-2, given[1])))
        run(step("a", eq(log(x**n / y**2), n * log(x) - 2 * log(y)), both, *given))
        refused(
            step("a", eq(log(x**n / y**2), n * log(x) - 3 * log(y)), both, *given), match="the claim must be"
        )
        refused(
            step("a", eq(log(x**n * y**2), n * log(x) - 2 * log(y)), both, *given), match="not the product"
        )
        refused(
            step("a", eq(n * log(x), log(x**n)), LogProduct(((n, given[0]),)), *given), match="of the form"
        )

    def test_product_needs_positive_factors_and_integers(self) -> None:
        # log((-1)**2) = 0 is not 2 log(-1).
        weak = ge(x, 0)
        refused(step("a", eq(log(x**2), 2 * log(x)), LogProduct(((2, weak),)), weak), match="of the form")
        refused(step("a", eq(log(x**2), 2 * log(x)), LogProduct(((2, gt(x, 0)),))), match="neither")
        refused(step("a", eq(log(q**z), z * log(q)), LogProduct(((z, gt(q, 0)),))), match="integer")
