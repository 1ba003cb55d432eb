"""Two-sided inputs on the line: the transitions of the three states, and the bound of the chain."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Function, Integer, Rational, Symbol

from proofs.born_dead.chain_numbers import SA, SB, backward_steps, k, to_ray
from proofs.born_dead.common import HALF, UNIT, half_steps, j, omega, record, row_steps
from proofs.born_dead.harris import LAW, QUARTER, joint, layer_steps, mu, one, quarter_steps, sigma, theta, z
from proofs.born_dead.points import half_power, some_widths
from proofs.claims import (
    Combination,
    Derivation,
    Induction,
    Instance,
    Mean,
    Model,
    Step,
    Supremum,
    Witness,
    at,
)
from proofs.lemmas import stays, w
from proofs.nodes import Expect, Sup
from proofs.notation import eq, ge, step
from relutheory.functions import BDP
from relutheory.symbols import D, L, widths

__all__ = ["lower_bound_1d_chain"]

u = Function("u")
collinear, tie, normal = Function("collinear"), Function("tie"), Function("normal")
both_dead, meet, kept, t, after, beta = (
    Function(x) for x in ("both_dead", "meet", "kept", "t", "after", "beta")
)
start = Function("start")


def transition_steps() -> tuple[Step, ...]:
    """Transition probabilities from A, and survival from A and B."""
    here = widths[L - 1 - k]
    args = (k, theta)
    e = half_power(L - 1 - k)
    q = joint(here, *args)
    rows = at("rows", {j: here})
    return (
        *half_steps(LAW),
        *row_steps("u", LAW),
        step(
            "collinear",
            eq(collinear(*args), Expect(tie(normal(k, theta, omega)), omega)),
            Model(
                LAW,
                "two units on at both images: collinear means w1.h = 0 for h = (w2.v) u - (w2.u) v, w2 given",
            ),
        ),
        step(
            "tie",
            eq(tie(z), 0),
            Model(LAW, "no point masses: P(w.h = 0) = 0 for fixed h != 0 (u, v are not collinear)"),
        ),
        step(
            "tie-here", eq(tie(normal(k, theta, omega)), 0), Instance(at("tie", {z: normal(k, theta, omega)}))
        ),
        step("tie-mean", eq(Expect(tie(normal(k, theta, omega)), omega), 0), Mean("tie-here")),
        step("general", eq(collinear(*args), 0), Combination(equalities=((1, "collinear"), (1, "tie-mean")))),
        step(
            "both-dead",
            eq(both_dead(*args), q),
            Model("dead", "from A: the layer is dead if all its rows are off at both images"),
        ),
        step(
            "meet",
            eq(meet(*args), 2 * (u(here) - q) + one(here, *args) + collinear(*args)),
            Model(
                "dead",
                "from A to one ray: exactly one image dead (dead at it, less dead at "
                "both), or both alive and collinear: "
                "exactly one unit on at both and the others off at both, or more "
                "units on and collinear by chance",
            ),
        ),
        step(
            "kept",
            eq(kept(*args), 1 - both_dead(*args) - meet(*args)),
            Model("dead", "otherwise the chain stays in A"),
        ),
        step(
            "kept-low", ge(kept(*args), 0), Model("dead", "the probability of staying in A is not negative")
        ),
        # meet = 2e + (N-2) q
        step(
            "to-ray",
            eq(meet(*args), 2 * e + (here - 2) * q),
            Combination(
                equalities=((1, "meet"), (2, rows), (1, at("one", {j: here})), (1, "general")),
            ),
        ),
        step(
            "stay",
            eq(kept(*args), 1 - 2 * e - (here - 1) * q),
            Combination(equalities=((1, "kept"), (-1, "both-dead"), (-1, "to-ray"))),
        ),
        step(
            "more-dead",
            ge(q, e**2),
            Instance(at("joint-low", {j: here})),
        ),
        step("beta-start", eq(beta(0), 1), Model("depth convention", "no layer left: alive")),
        step(
            "beta-next",
            eq(beta(k + 1), (1 - u(here)) * beta(k)),
            Model(
                "zero bias",
                "from one ray the layer is dead if all rows are off on the "
                "ray, else the image is one ray again",
            ),
        ),
        step("beta-base", eq(beta(0), SB(0)), Combination(equalities=((1, "beta-start"), (-1, "SB-start")))),
        step(
            "beta-step",
            eq(beta(k + 1), SB(k + 1)),
            Combination(
                equalities=((1, "beta-next"), (-1, "SB-next"), (-beta(k), rows), (1 - e, eq(beta(k), SB(k))))
            ),
            eq(beta(k), SB(k)),
        ),
        step("beta", eq(beta(k), SB(k)), Induction(k, Integer(0), "beta-base", "beta-step")),
    )


def survival_steps() -> tuple[Step, ...]:
    """Survival from any state A is at most ``SA``: certificate in the probability of both images dying."""
    here = widths[L - 1 - k]
    args = (k, theta)
    onward = t(k, after(k, theta, omega))
    top = Sup(t(k, theta), theta)
    above = ge(SA(k), top)
    return (
        step("t-start", eq(t(0, theta), 1), Model("depth convention", "no layer left: alive")),
        step("t-high", ge(1, t(k, theta)), Model("dead", "survival probabilities are at most 1")),
        step(
            "t-next",
            eq(t(k + 1, theta), kept(*args) * Expect(onward, omega) + meet(*args) * beta(k)),
            Model(
                "zero bias",
                "only the rays x > 0 and x < 0 matter: alive over k+1 layers from a "
                "state A is staying in A (at a random "
                "next state) or going to one ray, and surviving k more layers",
            ),
        ),
        step("sup", ge(top, t(k, theta)), Supremum("t-high")),
        step("sup-onward", ge(top, onward), Instance(at("sup", {theta: after(k, theta, omega)}))),
        step("sup-mean", ge(top, Expect(onward, omega)), Mean("sup-onward")),
        step("top-pointwise", ge(1, t(0, theta)), Combination((), ((-1, "t-start"),))),
        step("top-one", ge(1, Sup(t(0, theta), theta)), Supremum("top-pointwise")),
        step(
            "top-base",
            ge(SA(0), Sup(t(0, theta), theta)),
            Combination(((1, ("top-one",)),), ((1, "SA-start"),)),
        ),
        # SA' - t' = kept (SA - E) + (q - e^2)((N-1)(SA - SB) + SB), E the mean of the onward survival
        step(
            "t-step",
            ge(SA(k + 1), t(k + 1, theta)),
            Combination(
                (
                    (1, ("kept-low", above)),
                    (1, ("kept-low", "sup-mean")),
                    (1, ("more-dead", ge(here, 1), "order")),
                    (1, ("more-dead", "SB-nonneg")),
                ),
                (
                    (1, "SA-next"),
                    (-1, "t-next"),
                    (-SA(k), "stay"),
                    (-SB(k), "to-ray"),
                    (-meet(*args), "beta"),
                ),
            ),
            above,
        ),
        step("top-step", ge(SA(k + 1), Sup(t(k + 1, theta), theta)), Supremum("t-step"), above),
        step("top", above, Induction(k, Integer(0), "top-base", "top-step")),
    )


def first_layer_steps() -> tuple[Step, ...]:
    """Layer 1 leaves one ray if all its weights have one sign, and otherwise disjoint supports: state A."""
    left, right, ray = Symbol("all_neg", real=True), Symbol("all_pos", real=True), Symbol("ray", real=True)
    onward = t(L - 2, start(omega))
    rows = at("rows", {j: widths[1]})
    e = half_power(1)
    sup = at("sup", {k: L - 2, theta: start(omega)})
    return (
        step(
            "first-neg",
            eq(left, u(widths[1])),
            Model("two-sided", "at x > 0 the layer is off if all weights are negative"),
        ),
        step(
            "first-pos",
            eq(right, left),
            Model(LAW, "symmetric entries: all weights are positive with the same probability"),
        ),
        step(
            "ray",
            eq(ray, left + right),
            Model("two-sided", "exactly one side is off: all weights have one sign"),
        ),
        step(
            "ray-value",
            eq(ray, 2 * e),
            Combination(equalities=((1, "ray"), (1, "first-pos"), (2, "first-neg"), (2, rows))),
        ),
        step(
            "born-dead",
            eq(BDP(D), 1 - (1 - ray) * Expect(onward, omega) - ray * beta(L - 2)),
            Model(
                "two-sided",
                "zero bias, d_in = 1: layer 1 is never dead on both sides; it leaves "
                "one ray, or two images with disjoint "
                "supports (state A); then the L - 2 layers 2..L-1 follow",
            ),
            ge(L, 2),
        ),
        step("start-sup", ge(Sup(t(L - 2, theta), theta), onward), Instance(sup), ge(L, 2)),
        step(
            "start-mean", ge(Sup(t(L - 2, theta), theta), Expect(onward, omega)), Mean("start-sup"), ge(L, 2)
        ),
        step("first-half", ge(HALF, e), Instance(at("lemma:half-power", {w: widths[1]}))),
        step(
            "bound",
            ge(BDP(D), 1 - (1 - 2 * e) * SA(L - 2) - 2 * e * SB(L - 2)),
            # (1 - 2e)((SA - sup) + (sup - E)) with 1 - 2e = 2 (1/2 - e)
            Combination(
                (
                    (2, ("first-half", at("top", {k: L - 2}))),
                    (2, ("first-half", "start-mean")),
                ),
                (
                    (1, "born-dead"),
                    (Expect(onward, omega) - beta(L - 2), "ray-value"),
                    (-2 * e, at("beta", {k: L - 2})),
                ),
            ),
            ge(L, 2),
        ),
    )


@cache
def lower_bound_1d_chain() -> Derivation:
    """``BDP(D)`` is at least the value C of the three-state chain."""
    statement = record("born-dead-lower-bound-1d-chain").statement
    return Derivation(
        "born-dead-lower-bound-1d-chain",
        (
            *backward_steps(),
            *quarter_steps(),
            *layer_steps(),
            *transition_steps(),
            *survival_steps(),
            *first_layer_steps(),
            step("theorem", statement, Combination(((1, ("bound",)),), ((-1, "chain-value"),)), ge(L, 2)),
        ),
        _witness(),
    )


def _power(width: int) -> Rational:
    return Rational(1, 2**width)


def _remaining(i: Any) -> int:
    """Width of the layer before which i + 1 layers remain, in the witness with L = 5."""
    return some_widths(4 - int(i))


def _beta(i: Any) -> Rational:
    total = Rational(1)
    for x in range(int(i)):
        total *= 1 - _power(_remaining(x))
    return total


def _t(i: Any) -> Rational:
    """Survival from A when both images are always off together (probability 1/2 a unit)."""
    if i <= 0:
        return Rational(1)
    width = _remaining(i - 1)
    e = _power(width)
    return (1 - e - width * e) * _t(i - 1) + width * e * _beta(i - 1)


def _SA(i: Any) -> Rational:
    if i <= 0:
        return Rational(1)
    width = _remaining(i - 1)
    e = _power(width)
    return stays(width, e) * _SA(i - 1) + to_ray(width, e) * _beta(i - 1)


def _sign(left: Any, code: Any) -> Rational:
    """In the witness a unit is off exactly if its first sign is negative."""
    return HALF if code == 1 else Rational(int(bin(int(code))[3] == "0"))


def _witness() -> Witness:
    e = _power(some_widths(1))
    return Witness(
        {
            L: 5,
            D: 1,
            **UNIT,
            Symbol("all_neg", real=True): e,
            Symbol("all_pos", real=True): e,
            Symbol("ray", real=True): 2 * e,
        },
        {
            "N": some_widths,
            "u": lambda i: _power(int(i)),
            "f": lambda i, code, state, sign: _sign(i, code),
            "g": lambda i, code, state, sign: _sign(i, code),
            "F": lambda i, code, state: _sign(i, code),
            "G": lambda i, code, state: _sign(i, code),
            "H": lambda i, code, state: QUARTER if (i, code) == (0, 1) else _sign(i, code),
            "F_plus": lambda *a: HALF,
            "G_plus": lambda *a: HALF,
            "F_tie": lambda *a: 0,
            "G_tie": lambda *a: 0,
            "pair": lambda *a: 0,
            "off2": lambda *a: HALF,
            "neg2": lambda *a: HALF,
            "pos2": lambda *a: HALF,
            "on2": lambda *a: HALF,
            "tie2": lambda *a: 0,
            "joint": lambda i, *a: _power(int(i)),
            "one": lambda i, *a: i * _power(int(i)),
            "collinear": lambda *a: 0,
            "tie": lambda *a: 0,
            "normal": lambda *a: 0,
            "both_dead": lambda i, state: _power(_remaining(i)),
            "meet": lambda i, state: _remaining(i) * _power(_remaining(i)),
            "kept": lambda i, state: 1 - (1 + _remaining(i)) * _power(_remaining(i)),
            "t": lambda i, state: _t(i),
            "after": lambda *a: 0,
            "start": lambda *a: 0,
            "beta": _beta,
            "SA": _SA,
            "SB": _beta,
            "BDP": lambda a: 1 - (1 - 2 * e) * _t(3) - 2 * e * _beta(3),
        },
        {theta: (0, 1), z: (0, 1), sigma: (0, 1), mu: (0, 1), omega: (0, 1)},
    )
