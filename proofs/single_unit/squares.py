"""The second moment of the error after one step: products of sums, noise, and moments of order four."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Sum

from proofs.certificates import UnitMean
from proofs.claims import Combination, Derivation, Step, Termwise
from proofs.gaussian.edges import moment
from proofs.gaussian.moments import T
from proofs.notation import eq, step
from proofs.single_unit.common import CLOSED_1, QUADRANT, WITNESS, noisy, student
from proofs.single_unit.drift import quadrant_steps
from relutheory.functions import Expectation
from relutheory.symbols import N
from relutheory.theorems import theorem
from relutheory.theory.gaussian.expressions import quadrant_fourth_moment, quadrant_second_moment
from relutheory.theory.gaussian.notation import g1, g2
from relutheory.theory.single_unit.expressions import error, open_moment
from relutheory.theory.single_unit.notation import (
    St,
    V,
    a,
    c1,
    c2,
    eta,
    gate1,
    gate2,
    h1,
    i,
    j,
    mt,
    sig,
    theta,
    theta_star,
    xt,
)
from relutheory.theory.single_unit.squares import FIXED, affine_square, own_fourth_moment, relu_square

__all__ = ["mean_square_recursion"]


def _open_moment(p: Any, r: Any) -> Any:
    """``M_pr`` in truncated moments, as the mean of the product gives it."""
    rest = St[p, r] - c1[p] * c1[r]
    mixed = mt[p] * c1[r] + c1[p] * mt[r]
    return T(0, h1) * (rest + mt[p] * mt[r]) + T(1, h1) * mixed + T(2, h1) * c1[p] * c1[r]


def _shared_moment(p: Any, r: Any) -> Any:
    """``Q2_pr`` in truncated moments over the quadrant."""
    rest = St[p, r] - c1[p] * g1[r] - c2[p] * g2[r]
    return (
        moment(0, 0) * (rest + mt[p] * mt[r])
        + moment(1, 0) * (mt[p] * g1[r] + g1[p] * mt[r])
        + moment(0, 1) * (mt[p] * g2[r] + g2[p] * mt[r])
        + moment(2, 0) * g1[p] * g1[r]
        + moment(1, 1) * (g1[p] * g2[r] + g2[p] * g1[r])
        + moment(0, 2) * g2[p] * g2[r]
    )


def _over(body: Any) -> Sum:
    return Sum(body, (a, 0, N))


def _closed(p: Any, r: Any, *kinds: str) -> tuple[Step, ...]:
    """Moments of order two are the same mean in truncated moments and in closed form."""
    own, shared = gate1 * xt[p] * xt[r], gate1 * gate2 * xt[p] * xt[r]
    found: list[Step] = []
    for name, body, law, before, after, moments in (
        ("own", own, "student", _open_moment(p, r), open_moment(p, r), CLOSED_1),
        ("shared", shared, "pair", _shared_moment(p, r), quadrant_second_moment(p, r), QUADRANT),
    ):
        if name not in kinds:
            continue
        label, mean = f"{name}-{p}-{r}", Expectation(body)
        proper = ("proper",) if law == "pair" else ()
        found += [
            step(f"{label}-truncated", eq(mean, before), UnitMean(law, nonzero=proper)),
            step(f"{label}-closed", eq(mean, after), UnitMean(law, None, moments, proper)),
            step(
                label,
                eq(before, after),
                Combination(equalities=((-1, f"{label}-truncated"), (1, f"{label}-closed")), nonzero=proper),
            ),
        ]
    return tuple(found)


@cache
def mean_square_recursion() -> Derivation:
    """Means of products of sums in truncated moments; those of order two then get their closed form."""
    found = theorem("mean-square-recursion")
    (relu,) = found.also
    before = affine_square(_open_moment, own_fourth_moment).xreplace(FIXED)
    row, closed_row = (
        (M(i, a) * V[a, j] + V[i, a] * M(a, j)).xreplace(FIXED) for M in (_open_moment, open_moment)
    )

    def drift(open_: Any, shared: Any, p: Any) -> Any:
        return shared(p, a) * theta_star[a] - open_(p, a) * theta[a]

    def moved(p: Any) -> Any:
        return _over(drift(_open_moment, _shared_moment, p))

    relu_before = relu_square(moved, _open_moment, own_fourth_moment, quadrant_fourth_moment).xreplace(FIXED)
    drifts: list[Step] = []
    for p in (i, j):
        first = drift(_open_moment, _shared_moment, p)
        second = drift(open_moment, quadrant_second_moment, p)
        drifts += [
            step(
                f"term-{p}",
                eq(first, second),
                Combination(
                    equalities=((theta_star[a], f"shared-{p}-{a}"), (-theta[a], f"own-{p}-{a}")),
                    nonzero=("proper",),
                ),
            ),
            step(f"drift-{p}", eq(_over(first), _over(second)), Termwise(f"term-{p}")),
        ]
    return Derivation(
        found.id,
        (
            student(),
            *quadrant_steps(),
            noisy(),
            *_closed(i, j, "own"),
            *_closed(i, a, "own", "shared"),
            *_closed(j, a, "own", "shared"),
            *_closed(a, j, "own"),
            step(
                "row",
                eq(row, closed_row),
                Combination(
                    equalities=((error(a) * error(j), f"own-{i}-{a}"), (error(a) * error(i), f"own-{a}-{j}"))
                ),
            ),
            step("rows", eq(_over(row), _over(closed_row)), Termwise("row")),
            *drifts,
            step("relu-mean", eq(relu.lhs, relu_before), UnitMean("pair", "noise", nonzero=("proper",))),
            step(
                "relu",
                relu,
                Combination(
                    equalities=(
                        (1, "relu-mean"),
                        (eta * error(j), f"drift-{i}"),
                        (eta * error(i), f"drift-{j}"),
                        (eta**2 * sig**2, f"own-{i}-{j}"),
                    ),
                    nonzero=("proper",),
                ),
            ),
            step("mean", eq(found.lhs, before), UnitMean("student", "noise")),
            step(
                "theorem",
                found.statement,
                Combination(equalities=((1, "mean"), (-eta, "rows"), (eta**2 * sig**2, f"own-{i}-{j}"))),
            ),
        ),
        WITNESS,
    )
