"""Two-sided inputs on the line: Harris' inequality on signs, the transitions, and the bound of the chain."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Function, Integer, Rational, Symbol

from proofs.born_dead.chain_numbers import SA, SB, backward_steps, k, to_ray
from proofs.born_dead.common import HALF, UNIT, half_steps, j, omega, record, row_steps
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

QUARTER = Rational(1, 4)
LAW = "H-entry"
theta, z, sigma, mu = Symbol("theta"), Symbol("z"), Symbol("sigma"), Symbol("mu")
#: Coordinates that are still random, and a prefix of signs coded as a binary number with a leading 1.
m = Symbol("m", integer=True, nonnegative=True)
r = Symbol("r", integer=True, positive=True)

f, g, F, G, H = (Function(name) for name in ("f", "g", "F", "G", "H"))
F_tie, F_plus, G_tie, G_plus = (Function(name) for name in ("F_tie", "F_plus", "G_tie", "G_plus"))
pair, off2, neg2, pos2, on2, tie2 = (
    Function(name) for name in ("pair", "off2", "neg2", "pos2", "on2", "tie2")
)
joint, one, u = Function("joint"), Function("one"), Function("u")
collinear, tie, normal = Function("collinear"), Function("tie"), Function("normal")
both_dead, meet, kept, t, after, beta = (
    Function(x) for x in ("both_dead", "meet", "kept", "t", "after", "beta")
)
start = Function("start")


def harris_steps() -> tuple[Step, ...]:
    """``P(both off | magnitudes) >= 1/4``: the certificate of Harris' inequality, by induction over the signs.

    Given the magnitudes of the weights, ``F, G, H(m, r, z)`` are the probabilities over the last m signs, the
    earlier ones coded by r, that a unit is off at the first image, at the second, at both.
    """
    steps: list[Step] = []
    for name, single, mean in (("f", f, F), ("g", g, G)):
        steps += [
            step(
                f"{name}-mean",
                eq(mean(m, r, z), Expect(single(m, r, z, sigma), sigma)),
                Model(LAW, "given the magnitudes and the first signs, the mean over the other signs"),
            ),
            step(
                f"{name}-down",
                ge(single(m, 2 * r, z, sigma), single(m, 2 * r + 1, z, sigma)),
                Model(
                    "dead",
                    "images are >= 0: turning a sign from - (2r) to + (2r+1) never switches a unit off",
                ),
            ),
            step(
                f"{name}-order",
                ge(Expect(single(m, 2 * r, z, sigma), sigma), Expect(single(m, 2 * r + 1, z, sigma), sigma)),
                Mean(f"{name}-down"),
            ),
            step(
                f"{name}-falls",
                ge(mean(m, 2 * r, z), mean(m, 2 * r + 1, z)),
                Combination(
                    ((1, (f"{name}-order",)),),
                    ((1, at(f"{name}-mean", {r: 2 * r})), (-1, at(f"{name}-mean", {r: 2 * r + 1}))),
                ),
            ),
        ]
    for name, mean in (("F", F), ("G", G), ("H", H)):
        steps.append(
            step(
                f"{name}-split",
                eq(mean(m + 1, r, z), (mean(m, 2 * r, z) + mean(m, 2 * r + 1, z)) / 2),
                Model(
                    LAW, "symmetric independent entries: the next sign is + or - with probability 1/2 each"
                ),
            )
        )
    goal = ge(H(m, r, z), F(m, r, z) * G(m, r, z))
    left, right = {r: 2 * r}, {r: 2 * r + 1}
    first, second = (
        ge(H(m, 2 * r, z), F(m, 2 * r, z) * G(m, 2 * r, z)),
        ge(H(m, 2 * r + 1, z), F(m, 2 * r + 1, z) * G(m, 2 * r + 1, z)),
    )
    return (
        *steps,
        step(
            "H-leaf",
            eq(H(0, r, z), F(0, r, z) * G(0, r, z)),
            Model("dead", "with all signs given, off at both images is the product of the two indicators"),
        ),
        step("harris-base", ge(H(0, r, z), F(0, r, z) * G(0, r, z)), Combination((), ((1, "H-leaf"),))),
        # (a0 b0 + a1 b1)/2 - (a0+a1)(b0+b1)/4 = (a0-a1)(b0-b1)/4
        step(
            "harris-step",
            ge(H(m + 1, r, z), F(m + 1, r, z) * G(m + 1, r, z)),
            Combination(
                ((HALF, (first,)), (HALF, (second,)), (QUARTER, ("f-falls", "g-falls"))),
                (
                    (1, "H-split"),
                    (-G(m + 1, r, z), "F-split"),
                    (-(F(m, 2 * r, z) + F(m, 2 * r + 1, z)) / 2, "G-split"),
                ),
            ),
            first,
            second,
        ),
        step("harris", goal, Induction(m, Integer(0), "harris-base", "harris-step", shifts=(left, right))),
        *_root_steps("F", F, F_plus, F_tie),
        *_root_steps("G", G, G_plus, G_tie),
    )


def _root_steps(name: str, mean: Any, plus: Any, tied: Any) -> tuple[Step, ...]:
    """Over all signs a unit is off at one image with probability 1/2."""
    here = mean(widths[L - 2 - k], 1, pair(k, theta, mu))
    args = (k, theta, mu)
    return (
        step(
            f"{name}-flip",
            eq(here - tied(*args), plus(*args)),
            Model(LAW, "flipping all signs exchanges negative and positive preactivations at this image"),
        ),
        step(
            f"{name}-sum",
            eq(here + plus(*args), 1),
            Model("dead", "a unit is off (preactivation <= 0) or on (> 0) at this image"),
        ),
        step(
            f"{name}-tie",
            eq(tied(*args), 0),
            Model(
                LAW, "no point masses and image != 0: for almost all magnitudes no choice of signs gives 0"
            ),
        ),
        step(
            f"{name}-half",
            eq(here, HALF),
            Combination(equalities=((HALF, f"{name}-flip"), (HALF, f"{name}-sum"), (HALF, f"{name}-tie"))),
        ),
    )


def quarter_steps() -> tuple[Step, ...]:
    """A unit is off at both images with probability at least 1/4, and on at both with the same probability."""
    here = {m: widths[L - 2 - k], r: Integer(1), z: pair(k, theta, mu)}
    args = (k, theta)
    root = H(widths[L - 2 - k], 1, pair(k, theta, mu))
    return (
        *harris_steps(),
        # H - 1/4 = (H - F G) + G (F - 1/2) + (G - 1/2)/2
        step(
            "given-magnitudes",
            ge(root, QUARTER),
            Combination(
                ((1, (at("harris", here),)),),
                ((G(widths[L - 2 - k], 1, pair(k, theta, mu)), "F-half"), (HALF, "G-half")),
            ),
        ),
        step("mean-magnitudes", ge(Expect(root, mu), QUARTER), Mean("given-magnitudes")),
        step(
            "off2",
            eq(off2(*args), Expect(root, mu)),
            Model(
                LAW,
                "off at both images: the mean over the magnitudes of one row, whose entries are the N_(l-1) weights",
            ),
        ),
        step("quarter", ge(off2(*args), QUARTER), Combination(((1, ("mean-magnitudes",)),), ((1, "off2"),))),
        step(
            "off2-parts",
            eq(off2(*args), neg2(*args) + tie2(*args)),
            Model("dead", "off at both: both negative, or a tie"),
        ),
        step(
            "tie2",
            eq(tie2(*args), 0),
            Model(LAW, "no point masses: a tie at a nonzero image has probability 0"),
        ),
        step("flip2", eq(neg2(*args), pos2(*args)), Model(LAW, "the row and its negative agree in law")),
        step(
            "on2",
            eq(on2(*args), pos2(*args)),
            Model("dead", "on at both images: both preactivations are positive"),
        ),
        step(
            "on-off",
            eq(on2(*args), off2(*args)),
            Combination(equalities=((1, "on2"), (-1, "flip2"), (-1, "off2-parts"), (-1, "tie2"))),
        ),
    )


def layer_steps() -> tuple[Step, ...]:
    """A layer seen from state A: ``joint(j)`` rows off at both images, ``one(j)`` exactly one of j on at both."""
    args = (k, theta)
    p = off2(*args)
    low = ge(joint(j, *args), QUARTER**j)
    count = eq(one(j, *args), j * joint(j, *args))
    return (
        step("joint-none", eq(joint(0, *args), 1), Model(LAW, "no row: nothing is asked")),
        step(
            "joint-next",
            eq(joint(j + 1, *args), joint(j, *args) * p),
            Model(LAW, "rows are independent: the next row is off at both images with the same probability"),
        ),
        step("one-none", eq(one(0, *args), 0), Model(LAW, "no row: none is on")),
        step(
            "one-next",
            eq(one(j + 1, *args), one(j, *args) * p + joint(j, *args) * on2(*args)),
            Model(LAW, "rows are independent: the one that is on is among the first j, or it is the next"),
        ),
        step("joint-base", ge(joint(0, *args), QUARTER**0), Combination((), ((1, "joint-none"),))),
        # J p - 4^-j / 4 = (J - 4^-j) p + 4^-j (p - 1/4)
        step(
            "joint-step",
            ge(joint(j + 1, *args), QUARTER ** (j + 1)),
            Combination(
                ((1, (low, "quarter")), (QUARTER, (low,)), (1, (ge(QUARTER**j, 0), "quarter"))),
                ((1, "joint-next"),),
            ),
            low,
        ),
        step("joint-low", low, Induction(j, Integer(0), "joint-base", "joint-step")),
        step(
            "one-base",
            eq(one(0, *args), 0 * joint(0, *args)),
            Combination(equalities=((1, "one-none"),)),
        ),
        step(
            "one-step",
            eq(one(j + 1, *args), (j + 1) * joint(j + 1, *args)),
            Combination(
                equalities=(
                    (1, "one-next"),
                    (p, count),
                    (joint(j, *args), "on-off"),
                    (-(j + 1), "joint-next"),
                )
            ),
            count,
        ),
        step("one", count, Induction(j, Integer(0), "one-base", "one-step")),
    )


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
                "from A to one ray: exactly one image dead (dead at it, less dead at both), or both alive and collinear: "
                "exactly one unit on at both and the others off at both, or more units on and collinear by chance",
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
                "from one ray the layer is dead if all rows are off on the ray, else the image is one ray again",
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
                "only the rays x > 0 and x < 0 matter: alive over k+1 layers from a state A is staying in A (at a random "
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
                "zero bias, d_in = 1: layer 1 is never dead on both sides; it leaves one ray, or two images with disjoint "
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
