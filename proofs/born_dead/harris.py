"""Two images of one layer: Harris' inequality on the signs, and the rows that are off or on at both."""

from __future__ import annotations

from typing import Any

from sympy import Function, Integer, Rational, Symbol

from proofs.born_dead.chain_numbers import k
from proofs.born_dead.common import HALF, j
from proofs.claims import Combination, Induction, Mean, Model, Step, at
from proofs.nodes import Expect
from proofs.notation import eq, ge, step
from relutheory.symbols import L, widths

__all__ = ["LAW", "QUARTER", "joint", "layer_steps", "mu", "one", "quarter_steps", "sigma", "theta", "z"]

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
joint, one = Function("joint"), Function("one")


def harris_steps() -> tuple[Step, ...]:
    """``P(both off | magnitudes) >= 1/4``: Harris' inequality by induction over the signs.

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
    """A unit is off at both images with probability at least 1/4, and on at both just as often."""
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
                "off at both images: the mean over the magnitudes of one row, "
                "whose entries are the N_(l-1) weights",
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
    """A layer seen from state A: ``joint(j)`` rows off at both images, ``one(j)`` one of them on."""
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
