"""Born-dead probability of networks with randomized asymmetric initialization."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from sympy import Function, Integer, Product, Symbol

from proofs.certificates import Apply
from proofs.claims import (
    Combination,
    Derivation,
    Induction,
    Instance,
    Inverse,
    Mean,
    Model,
    Step,
    Witness,
    at,
)
from proofs.lemmas import a, b, w
from proofs.lemmas import n as power
from proofs.nodes import Expect
from proofs.notation import eq, ge, gt, step
from proofs.rai.common import HALF, in_words
from proofs.rai.gate import BETA21, t
from relutheory.functions import BDP, Expectation, GateFunction, Probability
from relutheory.symbols import D, L, N, l, widths
from relutheory.theorems import theorem
from relutheory.theory.rai.depth import gammas, x
from relutheory.theory.rai.layer import P, n, sigma_w
from relutheory.theory.rai.unit import DEAD_EVENT

__all__ = ["born_dead_explicit", "born_dead_upper_bound", "infinite_depth", "single_input_depth3"]

j = Symbol("j", integer=True, nonnegative=True)
layer = Symbol("m", integer=True, positive=True)
omega = Symbol("omega")
s, unit_dead, layer_dead = Function("s"), Function("p"), Function("q")


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


def _layer_steps(best: Any) -> tuple[Step, ...]:
    """Bounds of the probability that an RAI layer is dead, given that the earlier ones are alive."""
    here = unit_dead(layer, omega)
    late = ge(layer, 2)
    size, below = widths[layer], widths[layer - 1]
    worst = below / (2 * (below + 1))
    model = Model(
        "RAI network",
        "given the features of the previous layer, whose width is the fan-in, a unit of an RAI layer is the "
        "unit of that theorem; its hypotheses Beta(2, 1) and small scale are hypotheses here",
    )
    range_ = theorem("rai-unit-dead-range")
    unit = {Probability(DEAD_EVENT): here}
    return (
        step(
            "rows",
            eq(layer_dead(layer), Expect(here**size, omega)),
            Model(
                "RAI network", "given the features the rows are independent; the mean is over what is alive"
            ),
            late,
        ),
        step(
            "range-low",
            ge(here, best),
            Apply("theorem:rai-unit-dead-range", range_.statement, unit, model),
            late,
        ),
        step(
            "range-high",
            ge(worst, here),
            Apply("theorem:rai-unit-dead-range", range_.also[0], {**unit, n: below}, model),
            late,
        ),
        step("best-low", ge(best, 0), Instance(at("lemma:gate-nonneg", {t: 1 / sigma_w, P: BETA21}))),
        step("best-half", ge(HALF, best), Instance(at("lemma:gate-half", {t: 1 / sigma_w, P: BETA21}))),
        step("best-one", ge(1, best), Combination(((1, ("best-half",)), (HALF, ())))),
        step("here-low", ge(here, 0), Combination(((1, ("range-low",)), (1, ("best-low",)))), late),
        step(
            "power-low",
            ge(here**size, best**size),
            Instance(at("lemma:power-monotone", {a: best, b: here, power: size}, "best-low", "range-low")),
            late,
        ),
        step(
            "power-high",
            ge(worst**size, here**size),
            Instance(at("lemma:power-monotone", {a: here, b: worst, power: size}, "here-low", "range-high")),
            late,
        ),
        step("mean-low", ge(Expect(here**size, omega), best**size), Mean("power-low"), late),
        step("mean-high", ge(worst**size, Expect(here**size, omega)), Mean("power-high"), late),
        step(
            "dead-low",
            ge(layer_dead(layer), best**size),
            Combination(((1, ("mean-low",)),), ((1, "rows"),)),
            late,
        ),
        step(
            "dead-high",
            ge(worst**size, layer_dead(layer)),
            Combination(((1, ("mean-high",)),), ((-1, "rows"),)),
            late,
        ),
        step("worst-low", ge(worst, 0), Combination(((HALF, (gt(below, 0), Inverse(gt(below + 1, 0)))),))),
        step(
            "worst-one",
            ge(1, worst),
            Combination(
                ((HALF, (gt(below, 0), Inverse(gt(below + 1, 0)))), (1, (Inverse(gt(below + 1, 0)),)))
            ),
        ),
        step(
            "worst-power",
            ge(1, worst**size),
            Instance(at("lemma:power-at-most-one", {a: worst, power: size}, "worst-low", "worst-one")),
        ),
        step(
            "best-power",
            ge(1, best**size),
            Instance(at("lemma:power-at-most-one", {a: best, power: size}, "best-low", "best-one")),
        ),
        step(
            "dead-one",
            ge(1, layer_dead(layer)),
            Combination(((1, ("dead-high",)), (1, ("worst-power",)))),
            late,
        ),
    )


@cache
def born_dead_explicit() -> Derivation:
    """Each RAI layer dies with a probability between the powers of the range of a unit."""
    found = theorem("rai-born-dead-explicit")
    (lower,) = found.also
    best = GateFunction(1 / sigma_w, BETA21)
    first = 1 - 2 ** -widths[1]
    following = {layer: j + 2}

    def worst(index: Any) -> Any:
        return widths[index - 1] / (2 * (widths[index - 1] + 1))

    def low(top: Any) -> Any:
        return first * Product(1 - worst(l) ** widths[l], (l, 2, top))

    def high(top: Any) -> Any:
        return first * Product(1 - best ** widths[l], (l, 2, top))

    low_goal, high_goal = ge(s(j + 1), low(j + 1)), ge(high(j + 1), s(j + 1))
    positive, alive = ge(low(j + 1), 0), ge(s(j + 1), 0)
    zero = Integer(0)
    nxt = (1, "next")
    return Derivation(
        found.id,
        (
            *_layer_steps(best),
            step(
                "start",
                eq(s(1), first),
                Model("RAI network", "each of the N_1 units of the He layer is off with probability 1/2"),
            ),
            step(
                "next",
                eq(s(j + 2), s(j + 1) * (1 - layer_dead(j + 2))),
                Model("dead", "s(j) is the probability that layers 1..j are alive at x: the chain rule"),
            ),
            step("half", ge(HALF, 2 ** -widths[1]), Instance(at("lemma:half-power", {w: widths[1]}))),
            step("positive-base", ge(low(1), 0), Combination(((1, ("half",)), (HALF, ())))),
            step(
                "positive-step",
                ge(low(j + 2), 0),
                Combination(((1, (positive, at("worst-power", following))),)),
                positive,
            ),
            step("positive", positive, Induction(j, zero, "positive-base", "positive-step")),
            step("low-base", ge(s(1), low(1)), Combination((), ((1, "start"),))),
            # s (1-q) - P (1-w) = (s - P)(1 - q) + P (w - q)
            step(
                "low-step",
                ge(s(j + 2), low(j + 2)),
                Combination(
                    (
                        (1, (low_goal, at("dead-one", following))),
                        (1, ("positive", at("dead-high", following))),
                    ),
                    (nxt,),
                ),
                low_goal,
            ),
            step("low", low_goal, Induction(j, zero, "low-base", "low-step")),
            step("alive", alive, Combination(((1, ("low",)), (1, ("positive",))))),
            step("high-base", ge(high(1), s(1)), Combination((), ((-1, "start"),))),
            # P (1-b) - s (1-q) = (P - s)(1 - b) + s (q - b)
            step(
                "high-step",
                ge(high(j + 2), s(j + 2)),
                Combination(
                    (
                        (1, (high_goal, at("best-power", following))),
                        (1, ("alive", at("dead-low", following))),
                    ),
                    ((-1, "next"),),
                ),
                high_goal,
            ),
            step("high", high_goal, Induction(j, zero, "high-base", "high-step")),
            step(
                "complement",
                eq(BDP(x), 1 - s(L - 1)),
                Model("depth convention", "the ReLU layers are 1..L-1"),
            ),
            step(
                "lower",
                lower,
                Combination(((1, (at("high", {j: L - 2}),)),), ((1, "complement"),)),
                ge(L, 2),
            ),
            _inclusion("dead"),
            step(
                "theorem",
                found.statement,
                Combination(((1, ("inclusion",)), (1, (at("low", {j: L - 2}),))), ((-1, "complement"),)),
                ge(L, 2),
            ),
        ),
        Witness(
            {L: 4, x: 1, D: 0, sigma_w: Fraction(1, 2)},
            {
                "N": lambda i: 1,
                "s": lambda i: Fraction(1, 2) * Fraction(3, 4) ** (int(i) - 1),
                "q": lambda i: Fraction(1, 4),
                "p": lambda i, sample: Fraction(1, 4),
                "BDP": lambda point_: 1 - Fraction(1, 2) * Fraction(9, 16) if point_ else Fraction(1, 100),
            },
            {omega: (0, 1)},
        ),
    )


@cache
def single_input_depth3() -> Derivation:
    """The chain rule with two layers."""
    found = theorem("rai-single-input-depth3")
    (closed,) = found.also
    first, second = Symbol("s_1", real=True), Symbol("q_2", real=True)
    (mean,) = found.rhs.atoms(Expectation)
    return Derivation(
        found.id,
        (
            step(
                "chain",
                eq(BDP(x), 1 - first * (1 - second)),
                Model("dead", "layer 1 is alive at x with probability s_1, then layer 2 is dead with q_2"),
            ),
            step(
                "first",
                eq(first, 1 - 2**-N),
                Model("network", "each He unit is off at x with probability 1/2"),
            ),
            step(
                "second",
                eq(second, mean),
                Model("conditioning", "given h_1 the N rows are independent and each is dead with p_alive"),
            ),
            step(
                "closed",
                closed,
                Model(
                    "network", "the same for d_in = 1: the named function is this probability as an integral"
                ),
            ),
            step(
                "theorem",
                found.statement,
                Combination(equalities=((1, "chain"), (-(1 - second), "first"), (1 - 2**-N, "second"))),
            ),
        ),
        Witness(
            {x: 1, N: 1, first: Fraction(1, 2), second: Fraction(1, 4)},
            {"BDP": lambda point_: Fraction(5, 8)},
        ),
    )


@cache
def infinite_depth() -> Derivation:
    """A uniform chance to die in every layer, in words."""
    return in_words(
        "rai-infinite-depth",
        "second moments of the signal and of its slope stay bounded, so the largest feature on D is bounded "
        "in mean square; given a bound M a row is dead on D with at least the probability q(M), and such "
        "chances add up",
    )
