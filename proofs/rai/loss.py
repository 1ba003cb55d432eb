"""Mean and variance of the targets: integrals over the square, piece by piece."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sympy import Integer, Integral, Symbol, cos, expand, integrate, sin

from proofs.certificates import Integrate, Ordered
from proofs.claims import Choice, Combination, Derivation, Model, Step, Witness, at
from proofs.notation import eq, ge, gt, lt, ne, step
from proofs.rai.circular import x as angle
from relutheory.functions import Event
from relutheory.theorems import theorem
from relutheory.theory.rai.loss import k, r

__all__ = ["collapsed_loss"]

x, y = Symbol("x", real=True), Symbol("y", real=True)
SINE, DOUBLE = sin(5 * x), cos(10 * x)
#: Primitives of ``x sin 5x`` and ``sin 5x``, and of their squares with ``sin^2 5x = (1 - cos 10x)/2``.
PRODUCT = SINE / 25 - x * cos(5 * x) / 5
PRODUCT_2 = x**3 / 6 - x**2 * sin(10 * x) / 20 - x * DOUBLE / 100 + sin(10 * x) / 1000
WAVE, WAVE_2 = -cos(5 * x) / 5, x / 2 - sin(10 * x) / 20
UNIFORM = "uniform inputs"
FIRST = tuple(eq(k, i) for i in (1, 2, 3))
LAST = tuple(ne(k, i) for i in (1, 2, 3))


class Piece:
    """A target on an interval, with primitives of itself and of its square."""

    def __init__(self, body: Any, low: Any, high: Any, first: Any, second: Any) -> None:
        self.body, self.low, self.high = body, low, high
        self.first, self.second = first, second

    def integral(self, body: Any) -> Any:
        """Over the interval."""
        return Integral(body, (x, self.low, self.high))

    def value(self, primitive: Any) -> Any:
        """Difference at the ends."""
        return primitive.subs(x, self.high) - primitive.subs(x, self.low)


def _constant_pieces() -> dict[int, tuple[str, tuple[Piece, ...]]]:
    third = x**3 / 3
    waves = SINE / 5
    return {
        1: (
            "f_1(x) = |x|, which is -x below 0 and x above",
            (Piece(-x, -r, Integer(0), -(x**2) / 2, third), Piece(x, Integer(0), r, x**2 / 2, third)),
        ),
        2: ("f_2(x) = x sin(5 x)", (Piece(x * SINE, -r, r, PRODUCT, PRODUCT_2),)),
        3: (
            "f_3(x) = 1(x > 0) + sin(5 x)/5, which is sin(5 x)/5 up to 0 and 1 more above",
            (
                Piece(waves, -r, Integer(0), WAVE / 5, WAVE_2 / 25),
                Piece(1 + waves, Integer(0), r, x + WAVE / 5, x + 2 * WAVE / 5 + WAVE_2 / 25),
            ),
        ),
    }


def _one_input(
    i: int, words: str, pieces: Sequence[Piece], mean: Any, variance: Any, m: Any, spread: Any
) -> tuple[Step, ...]:
    """A target of one input: the mean m is that of the pieces, the spread that of ``(f - m)^2``."""
    steps: list[Step] = []
    for p, piece in enumerate(pieces):
        name = f"target-{i}-{p}"
        square = (piece.body - m) ** 2
        # sin^2 5x = (1 - cos 10x)/2 where it occurs.
        factor = expand(piece.body).coeff(SINE) ** 2
        plain = square + factor * ((1 - DOUBLE) / 2 - SINE**2)
        primitive = piece.second - 2 * m * piece.first + m**2 * x
        steps += [
            step(
                f"{name}-mean",
                eq(piece.integral(piece.body), piece.value(piece.first)),
                Integrate(piece.first),
            ),
            step(
                f"{name}-point",
                eq(square, plain),
                Combination(equalities=((factor, at("lemma:sine-square", {angle: 5 * x})),)),
            ),
            step(
                f"{name}-plain", eq(piece.integral(square), piece.integral(plain)), Ordered(f"{name}-point")
            ),
            step(f"{name}-square", eq(piece.integral(plain), piece.value(primitive)), Integrate(primitive)),
        ]
    names = [f"target-{i}-{p}" for p in range(len(pieces))]
    total = sum(piece.integral(piece.body) for piece in pieces)
    squares = sum(piece.integral((piece.body - m) ** 2) for piece in pieces)
    whole = 1 / (2 * r)
    return (
        *steps,
        step(f"target-{i}", eq(m, total / (2 * r)), Model(UNIFORM, f"k = {i}: {words}"), FIRST[i - 1]),
        step(
            f"loss-{i}",
            eq(spread, squares / (2 * r)),
            Model(UNIFORM, f"k = {i}: {words}; its mean is a number"),
            FIRST[i - 1],
        ),
        step(
            f"mean-{i}",
            eq(m, mean),
            Combination(equalities=((1, f"target-{i}"), *((whole, f"{name}-mean") for name in names))),
            FIRST[i - 1],
        ),
        # E (f - m)^2 = E f^2 - 2 m E f + m^2 with E f = m
        step(
            f"variance-{i}",
            eq(spread, variance),
            Combination(
                equalities=(
                    (1, f"loss-{i}"),
                    *((whole, f"{name}-plain") for name in names),
                    *((whole, f"{name}-square") for name in names),
                    (m - mean, f"mean-{i}"),
                )
            ),
            FIRST[i - 1],
        ),
    )


def _two_inputs(mean: Any, variance: Any, m: Any, spread: Any) -> tuple[Step, ...]:
    """``|x + y|`` over the square: for each x up to ``y = -x`` and from there on."""
    words = (
        "k is 1, 2, 3 or 4, and for k = 4 an output is |x + y| of independent coordinates, or |x - y|, which "
        "has the same law because -y has the law of y"
    )
    steps: list[Step] = []
    inside = (gt(x, -r), lt(x, r))
    sums: dict[str, tuple[Any, Any]] = {}
    for name, low, high in (("mean", -x - y, x + y), ("square", (-x - y - m) ** 2, (x + y - m) ** 2)):
        below, above = Integral(low, (y, -r, -x)), Integral(high, (y, -x, r))
        values = []
        for side, node, given in (("below", below, ge(r, x)), ("above", above, ge(x, -r))):
            primitive = integrate(expand(node.function), y)
            _, start, end = node.limits[0]
            values.append(expand(primitive.subs(y, end) - primitive.subs(y, start)))
            steps.append(step(f"pair-{name}-{side}", eq(node, values[-1]), Integrate(primitive), given))
        body = expand(sum(values))
        primitive = integrate(body, x)
        outer, plain = Integral(below + above, (x, -r, r)), Integral(body, (x, -r, r))
        value = expand(primitive.subs(x, r) - primitive.subs(x, -r))
        steps += [
            step(
                f"pair-{name}-point",
                eq(below + above, body),
                Combination(equalities=((1, f"pair-{name}-below"), (1, f"pair-{name}-above"))),
                *inside,
            ),
            step(f"pair-{name}-plain", eq(outer, plain), Ordered(f"pair-{name}-point")),
            step(f"pair-{name}", eq(plain, value), Integrate(primitive)),
        ]
        sums[name] = outer, value
    whole = 1 / (4 * r**2)
    return (
        *steps,
        step("target-4", eq(m, sums["mean"][0] * whole), Model(UNIFORM, words), *LAST),
        step("loss-4", eq(spread, sums["square"][0] * whole), Model(UNIFORM, words), *LAST),
        step(
            "mean-4",
            eq(m, mean),
            Combination(equalities=((1, "target-4"), (whole, "pair-mean-plain"), (whole, "pair-mean"))),
            *LAST,
        ),
        step(
            "variance-4",
            eq(spread, variance),
            Combination(
                equalities=(
                    (1, "loss-4"),
                    (whole, "pair-square-plain"),
                    (whole, "pair-square"),
                    (m - mean, "mean-4"),
                )
            ),
            *LAST,
        ),
    )


@cache
def collapsed_loss() -> Derivation:
    """The integrals of f_k and ``(f_k - m)^2``, divided by the area."""
    found = theorem("rai-collapsed-loss")
    (loss,) = found.also
    m, spread = found.lhs, loss.lhs
    means, variances = ([value for value, _ in side.args] for side in (found.rhs, loss.rhs))
    steps: list[Step] = []
    for i, (words, pieces) in _constant_pieces().items():
        steps += _one_input(i, words, pieces, means[i - 1], variances[i - 1], m, spread)
    return Derivation(
        found.id,
        (
            *steps,
            *_two_inputs(means[3], variances[3], m, spread),
            step("variance", loss, Choice(tuple(f"variance-{i}" for i in range(1, 5)))),
            step("theorem", found.statement, Choice(tuple(f"mean-{i}" for i in range(1, 5)))),
        ),
        Witness({k: 1, r: 1, **dict.fromkeys((m + spread).atoms(Event), 0)}),
    )
