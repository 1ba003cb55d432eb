"""The law of one and of two units, and means in terms of truncated moments."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from sympy import Integer, Poly, Symbol, expand

from proofs.certificates import Wick
from proofs.claims import Combination, Model, Step, Witness, at
from proofs.gaussian.moments import T
from proofs.nodes import GaussianPair, GaussianUnit
from proofs.notation import eq, step
from proofs.rules_gaussian import matchings
from relutheory.theory.gaussian.notation import (
    St,
    c,
    c1,
    c2,
    g1,
    g2,
    gate,
    gate1,
    gate2,
    h,
    h1,
    h2,
    m,
    mt,
    rho,
    s,
    s1,
    s2,
    x,
    xt,
    y,
    y1,
    y2,
)

__all__ = [
    "PAIR_WITNESS",
    "UNIT_WITNESS",
    "centred_steps",
    "pair_law",
    "truncated_steps",
    "unit_law",
    "unit_mean",
]

UNIT = GaussianUnit(gate=gate, y=y, xt=xt, x=x, m=m, h=h, s=s, mt=mt, c=c, St=St)
PAIR = GaussianPair(
    gate1=gate1, gate2=gate2, y1=y1, y2=y2, xt=xt, h1=h1, h2=h2, s1=s1, s2=s2, rho=rho,
    mt=mt, c1=c1, c2=c2, g1=g1, g2=g2, St=St,
)  # fmt: skip

THREE_FIFTHS, FOUR_FIFTHS = Fraction(3, 5), Fraction(4, 5)
_FIRST = (Fraction(0), Fraction(1), Fraction(0))
_SECOND = (Fraction(0), THREE_FIFTHS, FOUR_FIFTHS)
_OM2 = 1 - THREE_FIFTHS**2


def _vector(*entries: Any) -> Any:
    return lambda i: entries[int(i)]


def _covariance(i: Any, j: Any) -> Fraction:
    return Fraction(int(i == j and i > 0))


_NAMES = dict.fromkeys((gate, y, gate1, gate2, y1, y2), 0)
_LABELS = {base.label: 0 for base in (xt, x, m, mt, c, c1, c2, g1, g2, St)}
_INPUT = {str(mt): _vector(1, Fraction(1, 2), Fraction(-1, 4)), str(St): _covariance}

#: A unit on standard normal input in two dimensions.
UNIT_WITNESS = Witness({**_NAMES, **_LABELS, h: Fraction(1, 2), s: 2}, {**_INPUT, str(c): _vector(*_SECOND)})
#: Two units on the same input, with correlation 3/5.
PAIR_WITNESS = Witness(
    {
        **_NAMES, **_LABELS, h1: Fraction(1, 2), h2: -1, s1: 2, s2: 3, rho: THREE_FIFTHS,
    },
    {
        **_INPUT,
        str(c1): _vector(*_FIRST),
        str(c2): _vector(*_SECOND),
        str(g1): _vector(*((a - THREE_FIFTHS * b) / _OM2 for a, b in zip(_FIRST, _SECOND, strict=True))),
        str(g2): _vector(*((b - THREE_FIFTHS * a) / _OM2 for a, b in zip(_FIRST, _SECOND, strict=True))),
    },
)  # fmt: skip


def unit_law(hypothesis: str = "standardised preactivation") -> Step:
    """The unit and its input in terms of the standardised preactivation."""
    return step(
        "law",
        UNIT,
        Model(
            hypothesis,
            "y and xt are jointly Gaussian: xt is its mean plus c z plus a remainder that is uncorrelated "
            "with z, hence independent of it, and y > 0 means z > -h",
        ),
    )


def pair_law(hypothesis: str) -> Step:
    """Two units and their input in terms of both standardised preactivations."""
    return step(
        "pair",
        PAIR,
        Model(
            hypothesis,
            "y_1, y_2 and xt are jointly Gaussian: xt is its mean plus its regression on z_1, z_2 plus a "
            "remainder that is uncorrelated with both, hence independent of them",
        ),
    )


def unit_mean(indices: Sequence[Any] = (), ys: int = 0) -> dict[int, Any]:
    """Coefficients of the truncated moments in ``E[gate y^k xt_i xt_j ...]``."""
    z = Symbol("z")
    total: Any = Integer(0)
    for pairs, single in matchings(list(indices)):
        term: Any = (s * (z + h)) ** ys
        for p, q in pairs:
            term *= St[p, q] - c[p] * c[q]
        for p in single:
            term *= mt[p] + c[p] * z
        total += term
    coefficients = Poly(expand(total), z).all_coeffs()
    return {k: v for k, v in enumerate(reversed(coefficients)) if v != 0}


def truncated_steps(
    label: str, goal: Any, indices: Sequence[Any] = (), ys: int = 0, *more: tuple[Any, Any]
) -> tuple[Step, ...]:
    """A mean over the open half-space, with the truncated moments in closed form."""
    return closed_steps(label, goal, unit_mean(indices, ys), 0, *more)


def closed_steps(
    label: str, goal: Any, parts: dict[int, Any], rest: Any = 0, *more: tuple[Any, Any]
) -> tuple[Step, ...]:
    """A mean equal to ``rest + sum_k parts[k] t_k``, with the truncated moments in closed form."""
    value = rest + sum(v * T(k) for k, v in parts.items())
    truncated = tuple((v, at(f"lemma:truncated-{k}")) for k, v in parts.items())
    return (
        step(f"{label}-mean", eq(goal.lhs, value), Wick("law")),
        step(label, goal, Combination(equalities=((1, f"{label}-mean"), *truncated, *more))),
    )


def centred_steps(label: str, goal: Any, indices: Sequence[Any], ys: int = 0) -> tuple[Step, ...]:
    """The same with components of ``x - m``, whose mean is zero and whose covariances are shifted."""
    parts = {k: _shifted(v) for k, v in unit_mean([i + 1 for i in indices], ys).items()}
    return closed_steps(label, goal, {k: v for k, v in parts.items() if v != 0})


def _shifted(value: Any) -> Any:
    """A coefficient without the means of the components."""
    return expand(value.replace(lambda e: getattr(e, "base", None) == mt, lambda e: Integer(0)))
