"""Moments of order one and two over a quadrant: by parts in the first variable.

Given ``z_1 = v`` the second variable exceeds ``-h2`` with probability ``Phi(k)``, ``k = (h2 + rho v)/om``.
Its derivative leaves the joint density on the edge ``z_2 = -h2``, whose moments are the *edge* lemmas.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sympy import Integer, Integral, Symbol, oo, sqrt

from proofs.certificates import Affine, Integrate, Linear, Ordered, Unfold
from proofs.claims import Between, Cases, Combination, Derivation, Instance, Step, at
from proofs.lemmas import lemma
from proofs.notation import eq, ge, gt, le, lt, step
from relutheory.functions import BivariateCDF, Phi, QuadrantMoment, TruncatedMoment, phi
from relutheory.theory.gaussian.notation import h, h1, h2, rho

__all__ = ["CORNER", "K1", "K2", "LEMMAS", "PROPER", "ROOT", "T10", "T20", "WHOLE", "moment", "proper_step"]

ROOT = sqrt(1 - rho**2)
PROPER = (gt(rho, -1), lt(rho, 1))
K1, K2 = (h2 - rho * h1) / ROOT, (h1 - rho * h2) / ROOT
#: Density of both preactivations at the corner of the quadrant, times ``om``.
CORNER = phi(h1) * phi(K1)
SPREAD = gt(1 - rho**2, 0)

v, w = Symbol("v", real=True), Symbol("w", real=True)
#: Margin of the second variable given the first, and of the first on the edge.
FAR, NEAR = (h2 + rho * v) / ROOT, (v + rho * h2) / ROOT
#: Joint density on the edge, times ``om``.
EDGE = phi(v) * phi(FAR)
WHOLE = BivariateCDF(h1, h2, rho)


def moment(one: Any, two: Any, first: Any = h1, second: Any = h2) -> Any:
    """Truncated moment over the quadrant."""
    return QuadrantMoment(Integer(one), Integer(two), first, second, rho)


def proper_step(*given: Any) -> Step:
    """``1 - rho^2 > 0``."""
    return step("proper", SPREAD, Combination(((1, PROPER),)), *given)


def over(body: Any) -> Any:
    """Integral over the first variable."""
    return Integral(body, (v, -h1, oo))


@cache
def _root() -> Derivation:
    """``om > 0``: it is not negative, and its square is positive."""
    goal, other = gt(ROOT, 0), le(ROOT, 0)
    return lemma(
        "spread-root",
        step("zero", eq(ROOT, 0), Between(ge(ROOT, 0), other), SPREAD, other),
        # om = om^2 + (1 - om) om
        step("there", goal, Combination(((1, (SPREAD,)),), ((1 - ROOT, "zero"),)), SPREAD, other),
        step("here", goal, Instance(goal), SPREAD, goal),
        step("all", goal, Cases(((goal, "here"), (other, "there"))), SPREAD),
    )


def _edge(order: int, primitive: Any, value: Any) -> Callable[[], Derivation]:
    """``int v^order phi(v) phi(k) dv``, by ``v = om w - rho h2``."""

    @cache
    def build() -> Derivation:
        density, turned = v**order * EDGE, v**order * phi(h2) * phi(NEAR)
        moved = Integral(ROOT * (ROOT * w - rho * h2) ** order * phi(h2) * phi(w), (w, -K2, oo))
        return lemma(
            f"edge-{order}",
            step("rotated", eq(EDGE, phi(h2) * phi(NEAR)), Unfold(), SPREAD),
            step("point", eq(density, turned), Combination(equalities=((v**order, "rotated"),)), SPREAD),
            step("turned", eq(over(density), over(turned)), Ordered("point"), SPREAD),
            step("moved", eq(over(turned), moved), Affine(ROOT, -rho * h2, ("lemma:spread-root",)), SPREAD),
            step("value", eq(moved, value), Integrate(primitive), SPREAD),
            step(
                "all",
                eq(over(density), value),
                Combination(equalities=((1, "turned"), (1, "moved"), (1, "value"))),
                SPREAD,
            ),
        )

    return build


def _by_parts(order: int) -> tuple[Step, ...]:
    """``int v^order phi(v) Phi(k) dv`` for order 1 and 2."""
    power, lower = v ** (order - 1), (order - 1) * phi(v) * Phi(FAR)
    rest = rho / ROOT * power * EDGE
    body = v**order * phi(v) * Phi(FAR)
    whole = over(body - lower - rest)
    end = (-h1) ** (order - 1) * phi(h1) * Phi(K1)
    split = over(body) - rho / ROOT * over(power * EDGE)
    split = split - over(phi(v) * Phi(FAR)) if order == 2 else split
    return (
        step("parts", eq(whole, end), Integrate(-power * phi(v) * Phi(FAR)), SPREAD),
        step("split", eq(split, whole), Linear(), SPREAD),
        step("orthant", eq(WHOLE, over(phi(v) * Phi(FAR))), Unfold(), SPREAD),
    )


def _first(name: str, order: int, value: Any, *more: tuple[Any, Any]) -> Callable[[], Derivation]:
    """``T_10`` and ``T_20``."""

    @cache
    def build() -> Derivation:
        node, body = moment(order, 0), v**order * phi(v)
        inner, plain = body * TruncatedMoment(Integer(0), FAR), body * Phi(FAR)
        return lemma(
            name,
            proper_step(*PROPER),
            step("meaning", eq(node, over(inner)), Unfold(), SPREAD),
            step(
                "point",
                eq(inner, plain),
                Combination(equalities=((body, at("lemma:truncated-0", {h: FAR})),)),
                SPREAD,
            ),
            step("plain", eq(over(inner), over(plain)), Ordered("point"), SPREAD),
            *_by_parts(order),
            step(
                "value",
                eq(node, value),
                Combination(
                    equalities=(
                        (1, "meaning"),
                        (1, "plain"),
                        (1, "split"),
                        (1, "parts"),
                        (rho / ROOT, f"lemma:edge-{order - 1}"),
                        *more,
                    )
                ),
                SPREAD,
            ),
            step(
                "all",
                eq(node, value),
                Combination(equalities=((1, at("value", {}, "proper")),), nonzero=("proper",)),
                *PROPER,
            ),
        )

    return build


def _mixed(value: Any) -> Callable[[], Derivation]:
    """``T_11 = rho int v^2 phi Phi(k) + om int v phi phi(k)``."""

    @cache
    def build() -> Derivation:
        node = moment(1, 1)
        inner = (
            v
            * phi(v)
            * (rho * v * TruncatedMoment(Integer(0), FAR) + ROOT * TruncatedMoment(Integer(1), FAR))
        )
        square, edge = v**2 * phi(v) * Phi(FAR), v * EDGE
        plain = rho * square + ROOT * edge
        return lemma(
            "quadrant-11",
            proper_step(*PROPER),
            step("meaning", eq(node, over(inner)), Unfold(), SPREAD),
            step(
                "point",
                eq(inner, plain),
                Combination(
                    equalities=(
                        (rho * v**2 * phi(v), at("lemma:truncated-0", {h: FAR})),
                        (ROOT * v * phi(v), at("lemma:truncated-1", {h: FAR})),
                    )
                ),
                SPREAD,
            ),
            step("plain", eq(over(inner), over(plain)), Ordered("point"), SPREAD),
            step("sum", eq(over(plain), rho * over(square) + ROOT * over(edge)), Linear(), SPREAD),
            *_by_parts(2),
            # The edge enters with rho^2/om + om = 1/om.
            step(
                "value",
                eq(node, value),
                Combination(
                    equalities=(
                        (1, "meaning"),
                        (1, "plain"),
                        (1, "sum"),
                        (rho, "split"),
                        (rho, "parts"),
                        (-rho, "orthant"),
                        (1 / ROOT, "lemma:edge-1"),
                        (-ROOT, "lemma:corner"),
                    )
                ),
                SPREAD,
            ),
            step(
                "all",
                eq(node, value),
                Combination(equalities=((1, at("value", {}, "proper")),), nonzero=("proper",)),
                *PROPER,
            ),
        )

    return build


@cache
def _corner() -> Derivation:
    """``phi(h1) phi(k1) = phi(h2) phi(k2)``, the joint density at the corner."""
    return lemma("corner", step("all", eq(CORNER, phi(h2) * phi(K2)), Unfold(), SPREAD))


_FIRST, _SECOND = phi(h1) * Phi(K1), phi(h2) * Phi(K2)
T10 = _FIRST + rho * _SECOND
T11 = rho * WHOLE - rho * h1 * _FIRST - rho * h2 * _SECOND + ROOT * CORNER
T20 = WHOLE - h1 * _FIRST - rho**2 * h2 * _SECOND + rho * ROOT * CORNER

#: Lemmas by name.
LEMMAS: dict[str, Callable[[], Derivation]] = {
    "corner": _corner,
    "edge-0": _edge(0, ROOT * phi(h2) * Phi(w), ROOT * phi(h2) * Phi(K2)),
    "edge-1": _edge(
        1,
        -ROOT * phi(h2) * (ROOT * phi(w) + rho * h2 * Phi(w)),
        ROOT * phi(h2) * (ROOT * phi(K2) - rho * h2 * Phi(K2)),
    ),
    "quadrant-10": _first("quadrant-10", 1, T10),
    "quadrant-11": _mixed(T11),
    "spread-root": _root,
    "quadrant-20": _first("quadrant-20", 2, T20, (-1, "orthant"), (-rho * ROOT, "lemma:corner")),
}
