"""The kernel's remaining rules and its assumptions, with wrong certificates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from kernel_tools import f, k, n, refused, run, s, u, x, y, z
from sympy import (
    Equivalent,
    Implies,
    Integer,
    Lambda,
    Limit,
    Piecewise,
    Sum,
    Symbol,
    oo,
)

from proofs.claims import (
    Assume,
    Between,
    Choice,
    Cite,
    Claim,
    Combination,
    Definition,
    Extinction,
    Generalise,
    Identity,
    Induction,
    Instance,
    Leibniz,
    Logic,
    Model,
    Specialise,
    Square,
    Step,
    Termwise,
    Tier,
    Witness,
    Wording,
    at,
)
from proofs.nodes import Always
from proofs.notation import eq, ge, gt, le, ne, step
from proofs.polynomials import Refused
from relutheory.functions import BinomialExtinction, Event
from relutheory.symbols import widths


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
            step("c", eq(f(x), whole), Choice(("a", "b"))),
            witness=world,
        )
        refused(
            branch("a", 1, eq(x, 0)),
            branch("b", 2, ne(x, 0)),
            step("c", eq(f(x), whole), Choice(("b", "a"))),
            witness=world,
        )
        refused(branch("a", 1, eq(x, 0)), step("c", eq(f(x), whole), Choice(("a", "a"))), witness=world)

    def test_choice_of_many(self) -> None:
        def branch(label: str, value: Any, *given: Any) -> Step:
            return step(label, eq(f(x), value), Assume("the value of the branch"), *given)

        world = Witness(functions={"f": lambda a: min(int(a), 2)}, ranges={x: (0, 1, 2, 3)})
        zero, one = eq(x, 0), eq(x, 1)
        whole = eq(f(x), Piecewise((Integer(0), zero), (Integer(1), one), (Integer(2), True)))
        three = (
            branch("a", 0, zero),
            branch("b", 1, one, ne(x, 0)),
            branch("c", 2, ne(x, 0), ne(x, 1)),
        )
        run(*three, step("d", whole, Choice(("a", "b", "c"))), witness=world)
        refused(*three, step("d", whole, Choice(("b", "a", "c"))), witness=world, match="another branch")
        refused(*three, step("d", whole, Choice(("a", "c"))), witness=world, match="branches")
        refused(*three, step("d", whole, Choice(("a", "b", "c", "c"))), witness=world, match="branches")
        # The last branch may not use the condition of another one, nor may an early one use a later one.
        last = branch("c", 2, ne(x, 0), ne(x, 1), ne(x, 3))
        refused(*three[:2], last, step("d", whole, Choice(("a", "b", "c"))), witness=world, match="assumes")
        early = branch("a", 0, zero, ne(x, 1), ge(y, 0))
        refused(
            early,
            *three[1:],
            step("d", whole, Choice(("a", "b", "c"))),
            witness=replace(world, ranges={**world.ranges, y: (0,)}),
            match="assumes|one value suffices",
        )
        partial = eq(f(x), Piecewise((Integer(0), zero), (Integer(1), one)))
        refused(*three, step("d", partial, Choice(("a", "b"))), witness=world, match="not the rest")

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
        # A defined number has one value; as a free symbol it could be replaced by another one.
        run(step("a", eq(x, 1), Definition()), witness=Witness({x: 1}))
        refused(step("a", eq(x, 1), Definition()), witness=Witness(ranges={x: (1,)}), match="cannot vary")
        refused(start, step("b", eq(s(0), 1), Definition()), witness=world, match="not new")
        refused(
            start, step("b", eq(s(n + 1), 2 * s(n + 1)), Definition()), witness=world, match="may be called"
        )
        refused(step("a", eq(f(n), k), Definition()), witness=world, match="not an argument")
        refused(step("a", eq(f(n), f(n) + 1), Definition()), witness=world, match="not new")
        refused(step("a", eq(f(n, x + 1), n), Definition()), witness=world, match="symbols")


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
