"""Floor of the asymmetry for any law of the replacing number."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from sympy import Function, Integer, Sum, Symbol, sqrt

from proofs.certificates import Linear, Monotone, Unfold
from proofs.claims import (
    Cases,
    Combination,
    Derivation,
    Instance,
    Inverse,
    Mean,
    Model,
    Square,
    Termwise,
    Witness,
    at,
)
from proofs.lemmas import lemma
from proofs.nodes import Expect
from proofs.notation import eq, ge, gt, lt, step
from proofs.rai.common import HALF, k, top
from proofs.rai.gate import t
from proofs.rai.unit import OPEN, SHUT, dead, share, share_steps, tau, unit_worlds
from relutheory.functions import GateFunction, Phi, phi
from relutheory.theorems import theorem
from relutheory.theory.rai.layer import P, n, sigma_w

__all__ = ["LEMMAS", "gamma_floor_any_law"]

x, y, u, q = (Symbol(name, real=True) for name in ("x", "y", "u", "q"))
X = Symbol("X", positive=True)
side = Function("side")


@cache
def _phi_falls() -> Derivation:
    """``phi(x) >= phi(y)`` for ``0 <= x <= y``."""
    given = (ge(x, 0), ge(y, x))
    return lemma(
        "phi-falls",
        step("sign", ge(y, 0), Combination(((1, (given[1],)), (1, (given[0],)))), *given),
        step("slope", ge(y * phi(y), 0), Combination(((1, ("sign", gt(phi(y), 0))),)), *given),
        step("all", ge(phi(x), phi(y)), Monotone(y, "slope", x), *given),
    )


@cache
def _phi_rises() -> Derivation:
    """``Phi(y) >= Phi(x)`` for ``y >= x``."""
    return lemma(
        "Phi-rises",
        step("slope", gt(phi(y), 0), Combination(((1, (gt(phi(y), 0),)),))),
        step("all", ge(Phi(y), Phi(x)), Monotone(y, "slope", x), ge(y, x)),
    )


@cache
def _square_order() -> Derivation:
    """``x >= y`` from ``x^2 >= y^2`` for numbers >= 0."""
    squares, low = ge(x**2, y**2), ge(x, 0)
    other = lt(x, y)
    return lemma(
        "square-order",
        step("here", ge(x, y), Instance(ge(x, y)), ge(x, y)),
        step("sum", gt(x + y, 0), Combination(((1, (other,)), (2, (low,)))), low, other),
        step(
            "there",
            ge(x, y),
            Combination(((1, (squares, Inverse("sum"))),), (), ("sum",)),
            squares,
            low,
            other,
        ),
        step("all", ge(x, y), Cases(((ge(x, y), "here"), (other, "there"))), squares, low),
    )


@cache
def _chord() -> Derivation:
    """``(1-q)/2 + q Phi(-u) >= Phi(-q u)``: the tail is convex."""
    proper = (ge(q, 0), ge(1, q))
    inside = gt(u, 0)
    return lemma(
        "tail-chord",
        step("left", ge(q * u, 0), Combination(((1, (proper[0], inside)),)), *proper, inside),
        step("right", ge(u, q * u), Combination(((1, (proper[1], inside)),)), *proper, inside),
        step(
            "falls",
            ge(phi(q * u), phi(u)),
            Instance(at("lemma:phi-falls", {x: q * u, y: u}, "left", "right")),
            *proper,
            inside,
        ),
        step(
            "slope",
            ge(q * (phi(q * u) - phi(u)), 0),
            Combination(((1, (proper[0], "falls")),)),
            *proper,
            inside,
        ),
        step(
            "all",
            ge((1 - q) / 2 + q * Phi(-u), Phi(-q * u)),
            Monotone(u, "slope", Integer(0)),
            *proper,
            ge(u, 0),
        ),
    )


@cache
def gamma_floor_any_law() -> Derivation:
    """The ratio of a position is at least the root of its share times that of ``(1, ..., 1)``."""
    found = theorem("rai-gamma-floor-any-law")
    most = sqrt(n) / sigma_w
    node, best = GateFunction(tau(k), P), GateFunction(most, P)
    here, there = Expect(Phi(-tau(k) * X), X), Expect(Phi(-most * X), X)
    root = side(k)
    mixed = (1 - root) / 2 + root * Phi(-most * X)
    bound = (1 - root) / 2 + root * best
    roots, shares, ones = (Sum(f, (k, 0, n)) for f in (root, share(k), 1))
    near, others = unit_worlds({})
    inverse = Inverse(gt(n + 1, 0))
    positive = gt(X, 0)

    return Derivation(
        found.id,
        (
            *share_steps(P),
            step("root-low", ge(root, 0), Model("input", "side(k) is ht_k over the norm of ht")),
            step("root", eq(root**2, share(k)), Model("input", "share(k) is its square")),
            step("root-square", ge(1, root**2), Combination(((1, ("share-high",)),), ((-1, "root"),))),
            step(
                "root-high",
                ge(1, root),
                Instance(at("lemma:square-order", {x: Integer(1), y: root}, "root-square")),
            ),
            # tau^2 - share n/sigma_w^2 = tau^2 share
            step(
                "squares",
                ge(tau(k) ** 2, (root * most) ** 2),
                Combination(
                    ((1, ("share-low", Square(tau(k)))),),
                    ((1 / sigma_w**2, "tau"), (-n / sigma_w**2, "root")),
                ),
                OPEN,
            ),
            step(
                "ratio",
                ge(tau(k), root * most),
                Instance(at("lemma:square-order", {x: tau(k), y: root * most}, "squares", "tau-low")),
                OPEN,
            ),
            step("ratio-X", ge(tau(k) * X, root * most * X), Combination(((1, ("ratio", positive)),)), OPEN),
            step(
                "rises",
                ge(Phi(tau(k) * X), Phi(root * most * X)),
                Instance(at("lemma:Phi-rises", {x: root * most * X, y: tau(k) * X}, "ratio-X")),
                OPEN,
            ),
            step(
                "most-low",
                ge(most * X, 0),
                Combination(((1, (gt(sqrt(n), 0), Inverse(gt(sigma_w, 0)), positive)),)),
            ),
            step(
                "chord",
                ge(mixed, Phi(-root * most * X)),
                Instance(at("lemma:tail-chord", {q: root, u: most * X}, "root-low", "root-high", "most-low")),
            ),
            step("point", ge(mixed, Phi(-tau(k) * X)), Combination(((1, ("chord",)), (1, ("rises",)))), OPEN),
            step("mean", ge(Expect(mixed, X), here), Mean("point"), OPEN),
            step("linear", eq(Expect(mixed, X), (1 - root) / 2 + root * there), Linear()),
            step("meaning", eq(node, here), Unfold()),
            step("best-meaning", eq(best, there), Unfold()),
            step("best-low", ge(best, 0), Instance(at("lemma:gate-nonneg", {t: most}))),
            step("best-high", ge(HALF, best), Instance(at("lemma:gate-half", {t: most}))),
            step(
                "high-open",
                ge(bound, dead(k)),
                Combination(
                    ((1, ("mean",)),),
                    ((-1, "linear"), (root, "best-meaning"), (-1, "meaning"), (-1, "open")),
                ),
                OPEN,
            ),
            step(
                "high-shut",
                ge(bound, dead(k)),
                Combination(((HALF, ("root-high",)), (1, ("root-low", "best-low"))), ((-1, "shut"),)),
                SHUT,
            ),
            step("high", ge(bound, dead(k)), Cases(((OPEN, "high-open"), (SHUT, "high-shut")))),
            step("high-sum", ge(Sum(bound, (k, 0, n)), Sum(dead(k), (k, 0, n))), Termwise("high")),
            step("high-total", eq(Sum(bound, (k, 0, n)), ones / 2 - (HALF - best) * roots), Linear()),
            step("count", eq(ones, n + 1), Instance(at("lemma:count", {top: n}))),
            step(
                "root-share",
                ge(root, share(k)),
                Combination(((1, ("root-low", "root-high")),), ((1, "root"),)),
            ),
            step("root-sum", ge(roots, shares), Termwise("root-share")),
            # 1/2 - p = (1/2 - F) sum of roots/(n+1) + (what the bounds leave)/(n+1)
            step(
                "theorem",
                found.statement,
                Combination(
                    ((1, ("high-sum", inverse)), (1, ("best-high", "root-sum", inverse))),
                    (
                        (-1, "mixture"),
                        (-1 / (n + 1), "high-total"),
                        (-1 / (2 * (n + 1)), "count"),
                        ((HALF - best) / (n + 1), "shares"),
                    ),
                ),
            ),
        ),
        Witness(near.point, {**others[0].functions, "side": others[0].functions["share"]}, near.ranges),
    )


#: Lemmas by name.
LEMMAS: dict[str, Callable[[], Derivation]] = {
    "Phi-rises": _phi_rises,
    "phi-falls": _phi_falls,
    "square-order": _square_order,
    "tail-chord": _chord,
}
