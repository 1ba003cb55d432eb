"""Every rule of the proof kernel accepts a right certificate and refuses wrong ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sympy import (
    Equivalent,
    Function,
    Implies,
    Integer,
    Lambda,
    Limit,
    Piecewise,
    Product,
    Rational,
    Sum,
    Symbol,
    log,
    oo,
    symbols,
)

from proofs.checking import Library
from proofs.claims import (
    Assume,
    Between,
    Cases,
    Choice,
    Cite,
    Claim,
    Combination,
    Definition,
    Derivation,
    Enumeration,
    Extinction,
    Extremal,
    Generalise,
    Identity,
    Induction,
    Instance,
    Inverse,
    Leibniz,
    Logic,
    LogOrder,
    LogProduct,
    Mean,
    Model,
    Sandwich,
    Specialise,
    Square,
    Step,
    Supremum,
    Termwise,
    Tier,
    Witness,
    Wording,
    at,
)
from proofs.kernel import RULES, check
from proofs.nodes import Always, Expect, Sup
from proofs.notation import eq, ge, gt, le, lt, ne, step
from proofs.polynomials import Refused
from relutheory.functions import BinomialExtinction, Event, Iterate, LargestInteger, SmallestInteger
from relutheory.symbols import widths

x, y, z = symbols("x y z", real=True)
n = Symbol("n", integer=True, nonnegative=True)
k = Symbol("k", integer=True, positive=True)
q = Symbol("q", positive=True)
s, f, g, u = (Function(name) for name in ("s", "f", "g", "u"))
HALF = Rational(1, 2)


def run(*steps: Step, hypotheses: tuple[str, ...] = ("law: any",), **more: Any) -> Tier:
    return check(
        Derivation("test", steps, more.pop("witness", Witness()), lemma=True),
        hypotheses,
        Library()._once,
        **more,
    ).tier


def refused(*steps: Step, match: str | None = None, **more: Any) -> None:
    with pytest.raises(Refused, match=match):
        run(*steps, **more)


class TestIdentity:
    def test_accepts(self) -> None:
        assert run(step("a", eq((x + y) ** 2, x**2 + 2 * x * y + y**2), Identity())) is Tier.DERIVED
        run(step("a", eq(4**-k, (2**-k) ** 2), Identity()))
        run(step("a", eq((1 - 2**-k) ** (n + 2), (1 - 2**-k) ** n * (1 - 2 * 2**-k + 4**-k)), Identity()))
        run(step("a", eq(6 ** (k + 1), 6 * 2**k * 3**k), Identity()))

    def test_refuses_a_mutated_literal(self) -> None:
        refused(step("a", eq((x + y) ** 2, x**2 + 3 * x * y + y**2), Identity()), match="differ")
        refused(step("a", eq(4**-k, (2**-k) ** 3), Identity()))
        refused(step("a", eq(6 ** (k + 1), 5 * 2**k * 3**k), Identity()))

    def test_needs_declared_denominators(self) -> None:
        claim = eq((x**2 - 1) / (x - 1), x + 1)
        refused(step("a", claim, Identity()), match="not declared")
        refused(step("a", claim, Identity((ne(x, 1),))), match="neither a hypothesis")
        refused(step("a", claim, Identity(), ne(x, 2)), match="not declared")
        run(step("a", claim, Identity(), ne(x, 1)))

    def test_denominators_that_are_evident(self) -> None:
        run(step("a", eq((q**2 - 1) / (q + 1), q - 1), Identity()))
        refused(step("a", eq((q**2 - 1) / (q - 1), q + 1), Identity()))

    def test_powers_of_a_base_that_may_vanish(self) -> None:
        # 0**(n-1+1) = 0 * 0**(n-1) is false at n = 0 when 0**-1 has no value.
        refused(step("a", eq(x**n, x * x ** (n - 1)), Identity()), match="not declared")
        run(step("a", eq(x**n, x * x ** (n - 1)), Identity(), ge(n, 1)))
        run(step("a", eq(x ** (n + 1), x * x**n), Identity()))

    def test_negative_exponents_are_reciprocals(self) -> None:
        claim = eq(x ** (2 - k) * x ** (k - 1), x)
        refused(step("a", claim, Identity()), match="not declared")
        run(step("a", claim, Identity(), ne(x, 0)))
        refused(step("a", eq(x ** (2 - k) * x ** (k - 1), 1), Identity(), ne(x, 0)), match="differ")

    def test_products_and_iterates_shift_inside_their_range(self) -> None:
        def product(top: Any) -> Any:
            return Product(1 - 2 ** -widths[k], (k, 1, top))

        run(step("a", eq(product(n + 1), product(n) * (1 - 2 ** -widths[n + 1])), Identity()))
        refused(step("a", eq(product(n + 1), product(n) * (1 - 2 ** -widths[n])), Identity()))
        refused(
            step("a", eq(product(n), product(n - 1) * (1 - 2 ** -widths[n])), Identity()),
            match="not declared",
        )

        def iterate(top: Any) -> Any:
            return Iterate(x, (x,), (1,), (2 * x + k,), (k, 1, top))

        run(step("a", eq(iterate(n + 1), 2 * iterate(n) + n + 1), Identity()))
        refused(step("a", eq(iterate(n + 1), 2 * iterate(n) + n), Identity()))

    def test_renamed_bound_symbols_are_the_same(self) -> None:
        m = Symbol("m", integer=True, positive=True)
        run(step("a", eq(Sum(k**2, (k, 1, n)), Sum(m**2, (m, 1, n))), Identity()))
        refused(step("a", eq(Sum(k**2, (k, 1, n)), Sum(m**2, (m, 0, n))), Identity()))

    def test_infinity_is_no_number(self) -> None:
        refused(step("a", eq(oo - oo + x * 0, oo), Identity()))
        refused(step("a", eq(x + oo, oo + 1), Identity()))

    def test_lookalike_symbols_are_different(self) -> None:
        refused(step("a", eq(Symbol("w", real=True) - Symbol("w", positive=True), 0), Identity()))


class TestCombination:
    GOAL = ge(x**2 + y**2, 2 * x * y)

    def test_accepts(self) -> None:
        run(step("a", self.GOAL, Combination(((1, (Square(x - y),)),))))
        run(step("a", gt(x**2 + 1, 0), Combination(((1, (Square(x),)), (1, ())))))

    def test_wrong_coefficient(self) -> None:
        refused(step("a", self.GOAL, Combination(((2, (Square(x - y),)),))), match="not the goal")

    def test_negative_coefficient(self) -> None:
        refused(step("a", ge(-((x - y) ** 2), 0), Combination(((-1, (Square(x - y),)),))), match="negative")

    def test_strictness(self) -> None:
        refused(step("a", gt(x**2, 0), Combination(((1, (Square(x),)),))), match="strictly")
        refused(step("a", gt(x, 0), Combination(((1, (ge(x, 0),)),)), ge(x, 0)), match="strictly")
        refused(step("a", gt(x, 0), Combination(((0, (gt(y, 0),)), (1, (ge(x, 0),)))), ge(x, 0), gt(y, 0)))
        run(step("a", gt(x * y, 0), Combination(((1, (gt(x, 0), gt(y, 0))),)), gt(x, 0), gt(y, 0)))
        refused(step("a", gt(x * y, 0), Combination(((1, (gt(x, 0), ge(y, 0))),)), gt(x, 0), ge(y, 0)))

    def test_missing_hypothesis(self) -> None:
        refused(step("a", ge(x * y, 0), Combination(((1, (ge(x, 0), ge(y, 0))),)), ge(x, 0)), match="neither")

    def test_equations(self) -> None:
        run(step("a", eq(x**2, 4), Combination(equalities=((x + 2, eq(x, 2)),)), eq(x, 2)))
        refused(step("a", eq(x**2, 4), Combination(equalities=((x + 1, eq(x, 2)),)), eq(x, 2)))
        refused(step("a", eq(x, 0), Combination(((1, (ge(x, 0),)),)), ge(x, 0)), match="equations only")
        refused(
            step("a", ge(x, 2), Combination(equalities=((1, ge(x, 2)),)), ge(x, 2)), match="not an equation"
        )

    def test_inverse_needs_a_positive_denominator(self) -> None:
        run(step("a", gt(1 / x, 0), Combination(((1, (Inverse(gt(x, 0)),)),)), gt(x, 0)))
        refused(step("a", ge(1 / x, 0), Combination(((1, (Inverse(ge(x, 0)),)),)), ge(x, 0)))

    def test_irrational_coefficient(self) -> None:
        refused(step("a", ge(x, 0), Combination(((Symbol("c"), (ge(x, 0),)),)), ge(x, 0)))


class TestInduction:
    base = step("base", ge(2**0, 0 + 1), Identity())
    next = step(
        "next",
        ge(2 ** (n + 1), n + 2),
        Combination(((2, (ge(2**n, n + 1),)), (1, (ge(n, 0),)))),
        ge(2**n, n + 1),
    )
    end = step("end", ge(2**n, n + 1), Induction(n, Integer(0), "base", "next"))

    def test_accepts(self) -> None:
        assert run(self.base, self.next, self.end) is Tier.DERIVED

    def test_wrong_base(self) -> None:
        other = step("base", ge(3, 1), Combination(((2, ()),)))
        refused(other, self.next, self.end, match="base case")

    def test_wrong_first_value(self) -> None:
        refused(self.base, self.next, step("end", ge(2**n, n + 1), Induction(n, Integer(1), "base", "next")))

    def test_wrong_step(self) -> None:
        other = step(
            "next",
            ge(2 ** (n + 2), n + 2),
            Combination(((4, (ge(2**n, n + 1),)), (3, (ge(n, 0),)), (2, ()))),
            ge(2**n, n + 1),
        )
        refused(self.base, other, self.end, match=r"n \+ 1")

    def test_step_with_another_hypothesis(self) -> None:
        stronger = step(
            "next",
            ge(2 ** (n + 1), n + 2),
            Combination(((2, (ge(2**n, n + 2),)), (1, (ge(n + 2, 0),)))),
            ge(2**n, n + 2),
        )
        refused(self.base, stronger, self.end, match="the step assumes")

    def test_step_that_assumes_its_conclusion(self) -> None:
        circular = step(
            "next", ge(2 ** (n + 1), n + 2), Instance(ge(2 ** (n + 1), n + 2)), ge(2 ** (n + 1), n + 2)
        )
        refused(self.base, circular, self.end, match="the step assumes")

    def test_real_variable(self) -> None:
        refused(
            step("b", ge(q, 0), Combination(((1, (gt(q, 0),)),))),
            step("e", ge(q, 0), Induction(q, Integer(0), "b", "b")),
        )

    def test_fixed_parameter(self) -> None:
        refused(self.base, self.next, self.end, witness=Witness({n: 1}), match="varies")

    def test_beyond_the_upper_end(self) -> None:
        upto = step("end", ge(2**n, n + 1), Induction(n, Integer(0), "base", "next", Integer(5)))
        refused(self.base, self.next, upto, match="not restricted")
        run(self.base, self.next, replace(upto, claim=Claim(upto.claim.conclusion, (le(n, 5),))))

    def test_hypothesis_about_the_variable(self) -> None:
        refused(
            self.base,
            self.next,
            step("end", ge(2**n, n + 1), Induction(n, Integer(0), "base", "next"), ge(x, n)),
            match="depends",
        )


class TestReferences:
    def test_forward_and_self(self) -> None:
        refused(
            step("a", ge(x, 0), Instance("b")),
            step("b", ge(x, 0), Assume("words that say why")),
            match="not an earlier step",
        )
        refused(step("a", ge(x, 0), Instance("a")), match="not an earlier step")

    def test_label_twice(self) -> None:
        one = step("a", eq(x, x), Identity())
        refused(one, one, match="twice")

    def test_unknown_lemma_and_theorem(self) -> None:
        refused(step("a", ge(x, 0), Instance("lemma:none")))
        refused(step("a", ge(x, 0), Instance("theorem:none")))

    def test_circular_derivations(self) -> None:
        one = Derivation("one", (step("a", ge(x**2, 0), Instance("lemma:two")),), lemma=True)
        two = Derivation("two", (step("a", ge(x**2, 0), Instance("lemma:one")),), lemma=True)
        with pytest.raises(Refused, match="circular"):
            Library({"one": one, "two": two})._once("lemma:one")

    def test_substitution_leaves_the_range(self) -> None:
        law = step("a", ge(2**k, 2), Assume("positive integers only"))
        refused(law, step("b", ge(2**0, 2), Instance(at("a", {k: Integer(0)}))), match="positive")
        refused(law, step("b", ge(2**HALF, 2), Instance(at("a", {k: HALF}))), match="integer")
        refused(law, step("b", ge(2**n, 2), Instance(at("a", {k: n}))), match="positive")
        run(law, step("b", ge(2 ** (n + 1), 2), Instance(at("a", {k: n + 1}))))

    def test_substitution_of_another_symbol(self) -> None:
        refused(
            step("a", ge(x**2, 0), Combination(((1, (Square(x),)),))),
            step("b", ge(y, 0), Instance(at("a", {z: y}))),
            match="does not occur",
        )

    def test_capture(self) -> None:
        law = step("a", eq(Sum(k, (k, 1, n)), n * (n + 1) / 2), Assume("a sum over its own index"))
        refused(law, step("b", eq(Sum(k, (k, 1, k)), 0), Instance(at("a", {n: k}))), match="captured")

    def test_fixed_parameters_stay(self) -> None:
        law = step("a", eq(s(n), n), Definition())
        refused(
            law,
            step("b", eq(s(2), 2), Instance(at("a", {n: Integer(2)}))),
            witness=Witness({n: 1}, {"s": lambda i: i}),
            match="fixed",
        )

    def test_hypotheses_of_the_source(self) -> None:
        law = step("a", ge(x, 1), Assume("a number that is large"), ge(x, 5))
        refused(law, step("b", ge(x, 1), Instance("a")), match="missing")
        run(law, step("b", ge(x, 1), Instance("a"), ge(x, 5)), witness=Witness(ranges={x: (5, 6)}))

    def test_functions_of_another_derivation(self) -> None:
        own = Derivation(
            "own", (step("a", eq(s(n), n), Definition()),), Witness(functions={"s": lambda i: i}), lemma=True
        )
        other = Derivation("other", (step("a", eq(s(n), n), Instance("lemma:own")),), lemma=True)
        with pytest.raises(Refused, match="functions of its own"):
            Library({"own": own, "other": other})._once("lemma:other")


class TestCases:
    low = step("low", ge(x**2, 0), Combination(((1, (ge(x, 0), ge(x, 0))),)), ge(x, 0))
    high = step("high", ge(x**2, 0), Combination(((1, (gt(-x, 0), gt(-x, 0))),)), lt(x, 0))

    def test_accepts(self) -> None:
        run(self.low, self.high, step("all", ge(x**2, 0), Cases(((ge(x, 0), "low"), (lt(x, 0), "high")))))

    def test_gap(self) -> None:
        middle = step("high", ge(x**2, 0), Combination(((1, (Square(x),)),)), lt(x, -1))
        refused(
            self.low,
            middle,
            step("all", ge(x**2, 0), Cases(((ge(x, 0), "low"), (lt(x, -1), "high")))),
            match="cover",
        )

    def test_integers(self) -> None:
        def part(label: str, *given: Any) -> Step:
            return step(label, ge(n**2, 0), Combination(((1, (Square(n),)),)), *given)

        zero, rest = eq(n, 0), ge(n, 1)
        run(part("a", zero), part("b", rest), step("c", ge(n**2, 0), Cases(((zero, "a"), (rest, "b")))))
        refused(
            part("a", zero),
            part("b", ge(n, 2)),
            step("c", ge(n**2, 0), Cases(((zero, "a"), (ge(n, 2), "b")))),
            match="cover",
        )
        refused(
            part("a", eq(n, 1)),
            part("b", ge(n, 2)),
            step("c", ge(n**2, 0), Cases(((eq(n, 1), "a"), (ge(n, 2), "b")))),
            match="less",
        )

    def test_a_case_that_proves_something_else(self) -> None:
        refused(
            self.low,
            self.high,
            step("all", ge(x**2 + 1, 0), Cases(((ge(x, 0), "low"), (lt(x, 0), "high")))),
            match="something else",
        )

    def test_a_case_with_one_more_hypothesis(self) -> None:
        extra = replace(self.high, claim=Claim(self.high.claim.conclusion, (lt(x, 0), ge(y, 0))))
        refused(
            self.low,
            extra,
            step("all", ge(x**2, 0), Cases(((ge(x, 0), "low"), (lt(x, 0), "high")))),
            match="assumes",
        )


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


class TestOtherRules:
    def test_termwise(self) -> None:
        i = Symbol("i", integer=True, positive=True)
        term = step("t", ge(i**2, i), Combination(((1, (ge(i, 1), gt(i, 0))),)))
        run(term, step("s", ge(Sum(i**2, (i, 1, n)), Sum(i, (i, 1, n))), Termwise("t")))
        refused(term, step("s", ge(Sum(i, (i, 1, n)), Sum(i**2, (i, 1, n))), Termwise("t")))
        refused(term, step("s", ge(Sum(i**2, (i, 0, n)), Sum(i, (i, 0, n))), Termwise("t")), match="less")
        refused(
            term, step("s", ge(Sum(i**2, (i, 1, n)), Sum(i, (i, 1, n + 1))), Termwise("t")), match="different"
        )

    def test_between(self) -> None:
        low, high = ge(x, y), ge(y, x)
        run(step("a", eq(x, y), Between(low, high), low, high))
        refused(step("a", eq(x, y), Between(low, low), low, high))
        refused(step("a", eq(x, y), Between(low, high), low), match="neither")
        refused(step("a", eq(x, y + 1), Between(low, high), low, high))
        refused(step("a", ge(x, y), Between(low, high), low, high), match="not an equation")

    def test_chains_and_limits_of_equal_terms(self) -> None:
        def dies(success: Any) -> Any:
            return BinomialExtinction(k, Lambda(n, success), widths[k], (k, 1, 5))

        same = step("s", eq((1 - 2**-n) * 2, 2 - 2 * 2**-n), Identity())
        run(same, step("t", eq(dies((1 - 2**-n) * 2), dies(2 - 2 * 2**-n)), Termwise("s")))
        refused(same, step("t", eq(dies((1 - 2**-n) * 2), dies(2 - 3 * 2**-n)), Termwise("s")))
        run(same, step("t", eq(Limit((1 - 2**-n) * 2, n, oo), Limit(2 - 2 * 2**-n, n, oo)), Termwise("s")))
        refused(same, step("t", eq(Limit((1 - 2**-n) * 2, n, oo), Limit(2 - 2**-n, n, oo)), Termwise("s")))

    def test_generalise(self) -> None:
        known = step("k", ge(x**2, 0), Combination(((1, (Square(x),)),)))
        run(known, step("g", Always(ge(x**2, 0), x), Generalise("k")))
        refused(known, step("g", Always(ge(x**2, 1), x), Generalise("k")), match="something else")
        narrow = step("k", ge(x, 0), Instance(ge(x, 0)), ge(x, 0))
        refused(narrow, step("g", Always(ge(x, 0), x), Generalise("k"), ge(x, 0)), match="bound symbol")
        refused(
            known, step("g", Always(ge(x**2, 0), x), Generalise("k")), witness=Witness({x: 1}), match="fixed"
        )

    def test_specialise(self) -> None:
        every = Always(ge(f(n), x), n)
        run(step("s", ge(f(k), x), Specialise(every, {n: k}), every))
        run(step("s", ge(f(n + 1), x), Specialise(every, {n: n + 1}), every))
        refused(step("s", ge(f(k), x), Specialise(every, {n: k})), match="not a hypothesis")
        refused(step("s", ge(f(k), y), Specialise(every, {n: k}), every), match="the claim must be")
        refused(step("s", ge(f(n - 1), x), Specialise(every, {n: n - 1}), every), match="not known to be")
        refused(step("s", ge(f(z), x), Specialise(every, {n: z}), every), match="not known to be an integer")
        refused(step("s", ge(f(n), y), Specialise(every, {x: y}), every), match="only bound symbols")
        refused(step("s", ge(f(n), x), Specialise(ge(f(n), x)), ge(f(n), x)), match="not general")
        refused(
            step("s", ge(f(k), x), Specialise(every, {n: k}), every), witness=Witness({n: 1}), match="fixed"
        )

    def test_general_hypotheses_are_supplied_by_general_claims(self) -> None:
        every, other = Always(ge(x**2, 0), x), Always(ge(x**2, 1), x)
        known = (
            step("k", ge(x**2, 0), Combination(((1, (Square(x),)),))),
            step("g", every, Generalise("k")),
        )
        use = step("u", ge(y**2, 0), Specialise(every, {x: y}), every)
        wrong = step("u", ge(y**2, 1), Specialise(other, {x: y}), other)
        run(*known, use, step("e", ge(y**2, 0), Instance(at("u", {}, "g"))))
        refused(*known, use, step("e", ge(y**2, 0), Instance("u")), match="missing")
        refused(*known, wrong, step("e", ge(y**2, 1), Instance(at("u", {}, "g"))), match="missing")

    def test_induction_over_general_claims(self) -> None:
        def every(count: Any) -> Any:
            return Always(ge(f(count, x), 0), x)

        first = step("b0", ge(f(0, x), 0), Assume("the value at the start"))
        base = step("b", every(Integer(0)), Generalise("b0"))
        more = step("m", ge(f(n + 1, x), f(n, x + 1)), Assume("the next value"))
        here = step("h", ge(f(n, x + 1), 0), Specialise(every(n), {x: x + 1}), every(n))
        then = step("t", ge(f(n + 1, x), 0), Combination(((1, ("m",)), (1, ("h",)))), every(n))
        next_ = step("s", every(n + 1), Generalise("t"), every(n))
        world = Witness(functions={"f": lambda i, a: 0}, ranges={x: (0, 1)})
        end = step("i", every(n), Induction(n, Integer(0), "b", "s"))
        run(first, base, more, here, then, next_, end, witness=world)
        there = replace(then, claim=Claim(then.claim.conclusion, (*then.claim.given, ge(x, 0))))
        narrow = step("s", every(n + 1), Generalise("t"), every(n), ge(x, 0))
        refused(first, base, more, here, there, narrow, witness=world, match="bound symbol")
        refused(first, base, more, here, there, next_, witness=world, match="assumes")

    def test_leibniz(self) -> None:
        hole = Symbol("hole")
        known = step("k", ge(f(x), 0), Assume("a value that is known"))
        good = step("l", ge(f(y), 0), Leibniz(ge(f(hole), 0), hole, eq(x, y), "k"), eq(x, y))
        world = Witness(functions={"f": lambda a: 1}, ranges={x: (0, 1), y: (0, 1)})
        run(known, good, witness=world)
        refused(known, replace(good, claim=Claim(ge(f(z), 0), (eq(x, y),))), witness=world)
        refused(known, replace(good, claim=Claim(ge(f(y), 0))), witness=world)

    def test_choice(self) -> None:
        def branch(label: str, value: Any, *given: Any) -> Step:
            return step(label, eq(f(x), value), Assume("the value of the branch"), *given)

        world = Witness(functions={"f": lambda a: 1 if a == 0 else 2}, ranges={x: (0, 1)})
        whole = Piecewise((Integer(1), eq(x, 0)), (Integer(2), True))
        run(
            branch("a", 1, eq(x, 0)),
            branch("b", 2, ne(x, 0)),
            step("c", eq(f(x), whole), Choice("a", "b")),
            witness=world,
        )
        refused(
            branch("a", 1, eq(x, 0)),
            branch("b", 2, ne(x, 0)),
            step("c", eq(f(x), whole), Choice("b", "a")),
            witness=world,
        )
        refused(branch("a", 1, eq(x, 0)), step("c", eq(f(x), whole), Choice("a", "a")), witness=world)

    def test_logic(self) -> None:
        one, two = Event("one"), Event("two")
        known = step("k", Implies(one, two), Assume("one thing entails the other"))
        world = Witness({one: True, two: True})
        run(known, step("l", two, Logic(("k",)), one), witness=world)
        refused(known, step("l", one, Logic(("k",)), two), witness=world, match="does not follow")
        refused(known, step("l", two, Logic(("k",))), witness=world)
        run(step("l", Equivalent(le(1 - x, y), ge(x, 1 - y)), Logic(())))
        refused(step("l", Equivalent(le(1 - x, y), gt(x, 1 - y)), Logic(())))
        refused(step("l", Equivalent(le(1 - x, y), ge(x, 2 - y)), Logic(())))

    def test_extinction(self) -> None:
        success = Lambda(n, 1 - 2**-n)

        def dies(start: Any, low: Any) -> Any:
            return BinomialExtinction(start, success, widths[k], (k, low, 5))

        run(step("a", eq(dies(Integer(0), 2), 1), Extinction()))
        run(step("a", eq(dies(n + 1, 6), 0), Extinction()))
        refused(step("a", eq(dies(n, 6), 0), Extinction()), match="may be 0")
        refused(step("a", eq(dies(n + 1, 5), 0), Extinction()), match="steps left")
        refused(step("a", eq(dies(Integer(0), 2), 0), Extinction()))
        j = Symbol("j", integer=True, nonnegative=True)
        first = step("f", eq(u(0, j, k), dies(j, 3)), Definition())
        second = step(
            "g", eq(u(n + 1, j, k), (1 - 2**-k) * u(n, j + 1, k) + 2**-k * u(n, j, k)), Definition()
        )
        wrong = step("g", eq(u(n + 1, j, k), (1 - 2**-k) * u(n, j, k) + 2**-k * u(n, j + 1, k)), Definition())
        end = step("e", eq(dies(k, 2), u(widths[2], 0, k)), Extinction("f", "g"))
        with pytest.raises(Refused, match="witness"):
            run(first, second, end)  # everything but the witness is right
        refused(first, wrong, end, match="another trial")
        refused(
            first,
            second,
            step("e", eq(dies(k, 1), u(widths[1], 0, k)), Extinction("f", "g")),
            match="must be",
        )

    def test_definition(self) -> None:
        world = Witness(functions={"s": lambda i: 2 ** int(i), "f": lambda i: i})
        start, following = (
            step("a", eq(s(0), 1), Definition()),
            step("b", eq(s(n + 1), 2 * s(n)), Definition()),
        )
        run(start, following, witness=world)
        refused(following, witness=world, match="not new")
        refused(start, start, witness=world)
        refused(start, step("b", eq(s(0), 1), Definition()), witness=world, match="not new")
        refused(
            start, step("b", eq(s(n + 1), 2 * s(n + 1)), Definition()), witness=world, match="may be called"
        )
        refused(step("a", eq(f(n), k), Definition()), witness=world, match="not an argument")
        refused(step("a", eq(f(n), f(n) + 1), Definition()), witness=world, match="not new")
        refused(step("a", eq(f(n, x + 1), n), Definition()), witness=world, match="symbols")


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


class TestAssumptions:
    good = step("a", eq(s(0), 1), Model("law", "why the relation says the same"))
    world = Witness(functions={"s": lambda i: 1})

    def test_tiers(self) -> None:
        assert run(self.good, step("b", eq(s(0), 1), Instance("a")), witness=self.world) is Tier.DERIVED
        cited = step("a", eq(s(0), 1), Cite("somebody 1960", "the statement of the result"))
        assert run(cited, step("b", eq(s(0), 1), Instance("a")), witness=self.world) is Tier.CITED
        assumed = step("a", eq(s(0), 1), Assume("an argument in words"))
        assert run(assumed, step("b", eq(s(0), 1), Instance("a")), witness=self.world) is Tier.STATED

    def test_weakness_is_not_inherited_by_what_does_not_use_it(self) -> None:
        assumed = step("a", eq(s(0), 1), Assume("an argument in words"))
        assert run(assumed, step("b", eq(x, x), Identity()), witness=self.world) is Tier.DERIVED

    def test_hypothesis_that_the_theorem_does_not_have(self) -> None:
        refused(
            step("a", eq(s(0), 1), Model("H-entry", "why the relation says the same")),
            witness=self.world,
            match="no hypothesis",
        )
        refused(step("a", eq(s(0), 1), Model("law", "short")), witness=self.world, match="says why")

    def test_contradictory_and_vacuous_hypotheses(self) -> None:
        other = step("b", eq(s(0), 2), Model("law", "why the relation says the same"))
        refused(self.good, other, witness=self.world, match="contradicts")
        empty = step("b", eq(s(n), 1), Model("law", "why the relation says the same"), gt(0, n))
        refused(self.good, empty, witness=self.world, match="nowhere")
        refused(self.good, match="no function")

    def test_general_hypotheses_in_the_witness(self) -> None:
        low = Always(ge(f(x), 0), x)
        claim = step("a", eq(s(0), 1), Model("law", "why the relation says the same"), low)
        values = {"s": lambda i: 1, "f": lambda a: a}
        run(claim, witness=Witness(functions=values, ranges={x: (0, 1)}))
        refused(claim, witness=Witness(functions=values, ranges={x: (-1, 1)}), match="nowhere")
        refused(claim, witness=Witness(functions=values), match="cannot decide")
        other = {**values, "s": lambda i: 2}
        refused(claim, witness=Witness(functions=other, ranges={x: (0, 1)}), match="contradicts")

    def test_wording(self) -> None:
        words = Event("it tends to zero")
        everywhere = Always(ge(x**2, 0), x)
        meaning = step("w", Equivalent(words, everywhere), Wording("what the words mean"))
        run(
            meaning,
            step("p", ge(x**2, 0), Combination(((1, (Square(x),)),))),
            step("g", everywhere, Generalise("p")),
            step("l", words, Logic(("w", "g"))),
        )
        refused(meaning, replace(meaning, label="v"), match="meaning already")
        refused(step("w", words, Wording("what the words mean")))
        loose = step("w", Equivalent(words, ge(f(x), 0)), Wording("what the words mean"))
        refused(loose, match="for which")

    def test_one_instance_of_a_hypothesis_does_not_suffice(self) -> None:
        loose = step("a", eq(s(0), 1), Cite("a book", "if f is >= 0 then s(0) is 1"), ge(f(n), 0))
        refused(loose, match="one value suffices")


class TestEnd:
    claim = step("a", ge(x**2, 0), Combination(((1, (Square(x),)),)))

    def test_last_claim(self) -> None:
        run(self.claim, statement=ge(x**2, 0))
        refused(self.claim, statement=ge(x**2, 1), match="not the statement")
        refused(self.claim, step("b", eq(x, x), Identity()), statement=ge(x**2, 0), match="not the statement")

    def test_hypotheses_beyond_the_domain(self) -> None:
        narrow = step("a", ge(x, 0), Combination(((1, (ge(x, 0),)),)), ge(x, 0))
        refused(narrow, statement=ge(x, 0), match="the domain does not say")
        run(narrow, statement=ge(x, 0), domain=(ge(x, 0),))
        run(narrow, statement=ge(x, 0), domain=(gt(x, 0),))

    def test_further_relations(self) -> None:
        refused(self.claim, statement=ge(x**2, 0), also=(ge(x, 0),), match="no step claims")

    def test_empty(self) -> None:
        refused(match="at least one step")


def test_every_rule_is_tested_here() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert all(f"{kind.__name__}(" in source for kind in RULES)
    assert len(RULES) >= 20
