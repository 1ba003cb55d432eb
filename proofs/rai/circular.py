"""Sine and cosine: what their derivatives and their values at 0 entail."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sympy import Integer, Symbol, cos, sin

from proofs.certificates import Monotone
from proofs.claims import (
    Between,
    Cases,
    Combination,
    Derivation,
    Identity,
    Instance,
    Inverse,
    Square,
    Step,
    at,
)
from proofs.lemmas import lemma
from proofs.notation import eq, ge, gt, le, lt, step
from proofs.rai.common import HALF

__all__ = ["LEMMAS", "x"]

x = Symbol("x", real=True)
y = Symbol("y", real=True)
S, C = sin(x), cos(x)


def _still(name: str, goal: Any) -> tuple[Step, ...]:
    """An inequality between terms whose difference has the derivative 0, on both sides of 0."""
    return (
        step(f"{name}-slope", ge(Integer(0), 0), Identity()),
        step(f"{name}-right", goal, Monotone(x, f"{name}-slope", Integer(0)), ge(x, 0)),
        step(f"{name}-left", goal, Monotone(x, f"{name}-slope", Integer(0)), le(x, 0)),
        step(f"{name}-open", goal, Instance(f"{name}-left"), lt(x, 0)),
        step(name, goal, Cases(((ge(x, 0), f"{name}-right"), (lt(x, 0), f"{name}-open")))),
    )


@cache
def _pythagoras() -> Derivation:
    """``sin^2 + cos^2 = 1``."""
    return lemma(
        "pythagoras",
        *_still("low", ge(S**2 + C**2, 1)),
        *_still("high", ge(1, S**2 + C**2)),
        step("all", eq(S**2 + C**2, 1), Between("low", "high")),
    )


@cache
def _square_zero() -> Derivation:
    """``y = 0`` from ``y^2 <= 0``."""
    given = le(y**2, 0)
    up, down = gt(y, 0), le(y, 0)
    low, high = lt(y, 0), ge(y, 0)
    return lemma(
        "square-zero",
        step("above", le(y, 0), Combination(((1, (given, Inverse(up))),)), given, up),
        step("at-most", le(y, 0), Instance(down), given, down),
        step("high", le(y, 0), Cases(((up, "above"), (down, "at-most"))), given),
        step("below", ge(y, 0), Combination(((1, (given, Inverse(low))),)), given, low),
        step("at-least", ge(y, 0), Instance(high), given, high),
        step("low", ge(y, 0), Cases(((low, "below"), (high, "at-least"))), given),
        step("all", eq(y, 0), Between("low", "high"), given),
    )


@cache
def _sine_square() -> Derivation:
    """``sin^2 x = (1 - cos 2x)/2``.

    ``U = sin 2x - 2 sin x cos x`` and ``V = cos 2x - cos^2 x + sin^2 x`` satisfy ``U' = 2 V``, ``V' = -2 U``,
    so that ``U^2 + V^2`` keeps its value 0.
    """
    U, V = sin(2 * x) - 2 * S * C, cos(2 * x) - C**2 + S**2
    return lemma(
        "sine-square",
        *_still("whole", ge(0, U**2 + V**2)),
        step("part", le(V**2, 0), Combination(((1, ("whole",)), (1, (Square(U),))))),
        step("double", eq(V, 0), Instance(at("lemma:square-zero", {y: V}, "part"))),
        step(
            "all",
            eq(S**2, (1 - cos(2 * x)) / 2),
            Combination(equalities=((HALF, "double"), (HALF, "lemma:pythagoras"))),
        ),
    )


#: Lemmas by name.
LEMMAS: dict[str, Callable[[], Derivation]] = {
    "pythagoras": _pythagoras,
    "sine-square": _sine_square,
    "square-zero": _square_zero,
}
