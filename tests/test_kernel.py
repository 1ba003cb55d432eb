"""Every rule of the proof kernel accepts a right certificate and refuses wrong ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kernel_tools import HALF, k, n, q, refused, run, s, x, y, z
from sympy import (
    Integer,
    Product,
    Sum,
    Symbol,
    oo,
)

from proofs.checking import Library
from proofs.claims import (
    Assume,
    Cases,
    Claim,
    Combination,
    Definition,
    Derivation,
    Identity,
    Induction,
    Instance,
    Inverse,
    Square,
    Step,
    Tier,
    Witness,
    at,
)
from proofs.kernel import RULES
from proofs.notation import eq, ge, gt, le, lt, ne, step
from proofs.polynomials import Refused
from relutheory.functions import Iterate
from relutheory.symbols import widths


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


def test_every_rule_is_tested() -> None:
    files = Path(__file__).parent.glob("test_kernel*.py")
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    assert all(f"{kind.__name__}(" in source for kind in RULES)
    assert len(RULES) >= 20
