"""Born-dead probability of networks with randomized asymmetric initialization."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from sympy import Function, Integer, Product, Rational, Symbol

from proofs.claims import Cite, Combination, Derivation, Induction, Instance, Mean, Model, Step, Witness, at
from proofs.lemmas import a, b
from proofs.lemmas import n as power
from proofs.nodes import Expect
from proofs.notation import eq, ge, step
from proofs.rai.common import HALF, in_words
from relutheory.functions import BDP
from relutheory.symbols import D, L, l, widths
from relutheory.theorems import theorem
from relutheory.theory.rai.depth import gammas, x

__all__ = ["born_dead_explicit", "born_dead_upper_bound", "infinite_depth", "single_input_depth3"]

j = Symbol("j", integer=True, nonnegative=True)
s = Function("s")


def _inclusion(hypothesis: str) -> Step:
    return step(
        "inclusion",
        ge(BDP(x), BDP(D)),
        Model(hypothesis, "a layer that is dead on D is dead at each point x of D"),
    )


@cache
def born_dead_upper_bound() -> Derivation:
    """The chain rule over the layers at one input."""
    found = theorem("rai-born-dead-upper-bound")
    (point,) = found.also

    def factor(layer: Any) -> Any:
        return 1 - (HALF - gammas[layer - 1]) ** widths[layer]

    def product(top: Any) -> Any:
        return Product(factor(l), (l, 1, top))

    goal = eq(s(j), product(j))
    return Derivation(
        found.id,
        (
            step("start", eq(s(0), 1), Model("dead", "before the first layer nothing is dead")),
            step(
                "next",
                eq(s(j + 1), s(j) * factor(j + 1)),
                Model("asymmetry", "s(j) is the probability that layers 1..j are alive at x: the chain rule"),
            ),
            step("base", eq(s(0), product(0)), Combination(equalities=((1, "start"),))),
            step(
                "step",
                eq(s(j + 1), product(j + 1)),
                Combination(equalities=((1, "next"), (factor(j + 1), goal))),
                goal,
            ),
            step("product", goal, Induction(j, Integer(0), "base", "step")),
            step(
                "complement",
                eq(BDP(x), 1 - s(L - 1)),
                Model("depth convention", "the ReLU layers are 1..L-1"),
            ),
            step(
                "point",
                point,
                Combination(equalities=((1, "complement"), (-1, at("product", {j: L - 1})))),
            ),
            _inclusion("dead"),
            step(
                "theorem",
                found.statement,
                Combination(((1, ("inclusion",)),), ((-1, "point"),)),
            ),
        ),
        Witness(
            {L: 4, x: 1, D: 0, gammas.label: 0},
            {
                "N": lambda i: 2,
                "gamma": lambda i: Fraction(1, 4),
                "s": lambda i: Fraction(15, 16) ** int(i),
                "BDP": lambda point_: 1 - Fraction(15, 16) ** 3 if point_ else Fraction(1, 100),
            },
        ),
    )


@cache
def born_dead_explicit() -> Derivation:
    """The range of the dead probability in every layer, in words."""
    return in_words(
        "rai-born-dead-explicit",
        "given the features of layer l-1 the rows are independent, so layer l is dead with probability p^N_l and "
        "rai-unit-dead-range bounds p; multiply the factors of rai-born-dead-upper-bound",
        Witness({L: 4, D: 0}, {"N": lambda i: 2, "BDP": lambda point_: Fraction(1, 3)}),
    )


@cache
def single_input_depth3() -> Derivation:
    """The chain rule with two layers, in words."""
    return in_words(
        "rai-single-input-depth3",
        "the chain rule of rai-born-dead-upper-bound with two layers; the first is dead with probability 2^-N, and "
        "h_1 = sqrt(2) |x| max(g, 0) componentwise",
    )


@cache
def infinite_depth() -> Derivation:
    """A uniform chance to die in every layer, in words."""
    return in_words(
        "rai-infinite-depth",
        "second moments of the signal and of its slope stay bounded, so the largest feature on D is bounded in mean "
        "square; given a bound M a row is dead on D with at least the probability q(M), and such chances add up",
    )


_ = (Cite, Instance, Mean, Rational, Expect, a, b, power)
