"""Lemmas about ramp moments, truncated moments and the normal law."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sympy import Derivative, Integer, Integral, Rational, Symbol, oo

from proofs.certificates import (
    Affine,
    Differentiate,
    Integrate,
    Linear,
    Monotone,
    Ordered,
    UnderIntegral,
    Unfold,
)
from proofs.claims import Combination, Derivation, Instance, at
from proofs.lemmas import a, lemma
from proofs.notation import eq, ge, gt, step
from relutheory.functions import Phi, RampMoment, TruncatedMoment, phi
from relutheory.theory.gaussian.notation import h, n

__all__ = ["LEMMAS", "J", "T", "integral_of"]

HALF = Rational(1, 2)
v = Symbol("v", real=True)
z = Symbol("z", real=True)


def J(order: Any, at_: Any = h) -> Any:
    """Ramp moment."""
    return RampMoment(Integer(order) if isinstance(order, int) else order, at_)


def T(order: Any, at_: Any = h) -> Any:
    """Truncated moment."""
    return TruncatedMoment(Integer(order) if isinstance(order, int) else order, at_)


def integral_of(body: Any) -> Any:
    """Integral over the positive half-line."""
    return Integral(body, (v, 0, oo))


@cache
def ramp_zero() -> Derivation:
    """``J_0 = Phi(h)``."""
    return lemma(
        "ramp-zero",
        step("meaning", eq(J(0), integral_of(phi(v - h))), Unfold()),
        step("value", eq(integral_of(phi(v - h)), Phi(h)), Integrate(Phi(v - h))),
        step("all", eq(J(0), Phi(h)), Combination(equalities=((1, "meaning"), (1, "value")))),
    )


@cache
def ramp_one() -> Derivation:
    """``J_1 = phi(h) + h Phi(h)``."""
    right = phi(h) + h * Phi(h)
    return lemma(
        "ramp-one",
        step("meaning", eq(J(1), integral_of(v * phi(v - h))), Unfold()),
        step("value", eq(integral_of(v * phi(v - h)), right), Integrate(-phi(v - h) + h * Phi(v - h))),
        step("all", eq(J(1), right), Combination(equalities=((1, "meaning"), (1, "value")))),
    )


@cache
def ramp_two() -> Derivation:
    """``J_2 = h phi(h) + (1 + h^2) Phi(h)``."""
    return lemma(
        "ramp-two",
        step("recursion", eq(J(2), h * J(1) + J(0)), Instance(at("lemma:ramp-recursion", {n: Integer(2)}))),
        step(
            "all",
            eq(J(2), h * phi(h) + (1 + h**2) * Phi(h)),
            Combination(equalities=((1, "recursion"), (h, "lemma:ramp-one"), (1, "lemma:ramp-zero"))),
        ),
    )


@cache
def ramp_two_upper() -> Derivation:
    """``J_2(h) <= 1/2 + 2 h phi(0) + h^2`` for h >= 0."""
    closed, top = h * phi(h) + (1 + h**2) * Phi(h), phi(Integer(0))
    bound = HALF + 2 * h * top + h**2
    inside = ge(h, 0)
    return lemma(
        "ramp-two-upper",
        step("fall", ge(h * phi(h), 0), Combination(((1, (gt(h, 0), gt(phi(h), 0))),)), gt(h, 0)),
        step("peak", ge(top, phi(h)), Monotone(h, "fall", Integer(0)), inside),
        step(
            "rise",
            ge(2 * (top - phi(h)) + 2 * h * Phi(-h), 0),
            Combination(((2, ("peak",)), (2, (inside, gt(Phi(-h), 0))))),
            inside,
        ),
        step("closed", ge(bound, closed), Monotone(h, "rise", Integer(0)), inside),
        step("all", ge(bound, J(2)), Combination(((1, ("closed",)),), ((-1, "lemma:ramp-two"),)), inside),
    )


@cache
def ramp_two_lower() -> Derivation:
    """``J_2(h) >= (1 + h^2)/2`` for h >= 0."""
    closed = h * phi(h) + (1 + h**2) * Phi(h)
    inside = ge(h, 0)
    return lemma(
        "ramp-two-lower",
        step("half-slope", gt(phi(h), 0), Combination(((1, (gt(phi(h), 0),)),))),
        step("half", ge(Phi(h), HALF), Monotone(h, "half-slope", Integer(0)), inside),
        step(
            "rise",
            ge(2 * phi(h) + 2 * h * (Phi(h) - HALF), 0),
            Combination(((2, (gt(phi(h), 0),)), (2, (inside, "half")))),
            inside,
        ),
        step("closed", ge(closed, (1 + h**2) / 2), Monotone(h, "rise", Integer(0)), inside),
        step(
            "all",
            ge(J(2), (1 + h**2) / 2),
            Combination(((1, ("closed",)),), ((1, "lemma:ramp-two"),)),
            inside,
        ),
    )


@cache
def ramp_recursion() -> Derivation:
    """``J_n = h J_{n-1} + (n-1) J_{n-2}`` for ``n >= 2``."""
    late = ge(n, 2)

    def part(k: Any) -> Any:
        return v**k * phi(v - h)

    whole = integral_of((v - h) * part(n - 1) - (n - 1) * part(n - 2))
    return lemma(
        "ramp-recursion",
        step("first", eq(J(n), integral_of(part(n))), Unfold(), late),
        step("second", eq(J(n - 1), integral_of(part(n - 1))), Unfold(), late),
        step("third", eq(J(n - 2), integral_of(part(n - 2))), Unfold(), late),
        # By parts: the derivative of -v^(n-1) phi(v-h) is (v-h) v^(n-1) phi(v-h) - (n-1) v^(n-2) phi(v-h).
        step("parts", eq(whole, 0), Integrate(-part(n - 1)), late),
        step(
            "linear",
            eq(
                integral_of(part(n)) - h * integral_of(part(n - 1)) - (n - 1) * integral_of(part(n - 2)),
                whole,
            ),
            Linear(),
            late,
        ),
        step(
            "all",
            eq(J(n), h * J(n - 1) + (n - 1) * J(n - 2)),
            Combination(
                equalities=(
                    (1, "first"),
                    (-h, "second"),
                    (-(n - 1), "third"),
                    (1, "linear"),
                    (1, "parts"),
                )
            ),
            late,
        ),
    )


@cache
def ramp_derivative() -> Derivation:
    """``dJ_n/dh = n J_{n-1}`` for ``n >= 1``."""
    late = ge(n, 1)

    def part(k: Any) -> Any:
        return v**k * phi(v - h)

    slope = integral_of((v - h) * part(n))
    whole = integral_of((v - h) * part(n) - n * part(n - 1))
    return lemma(
        "ramp-derivative",
        step("meaning", eq(J(n), integral_of(part(n))), Unfold(), late),
        step("below", eq(J(n - 1), integral_of(part(n - 1))), Unfold(), late),
        step("under", eq(Derivative(J(n), h), slope), UnderIntegral("meaning"), late),
        step("parts", eq(whole, 0), Integrate(-part(n)), late),
        step("linear", eq(slope - n * integral_of(part(n - 1)), whole), Linear(), late),
        step(
            "all",
            eq(Derivative(J(n), h), n * J(n - 1)),
            Combination(equalities=((1, "under"), (1, "linear"), (1, "parts"), (-n, "below"))),
            late,
        ),
    )


@cache
def ramp_zero_derivative() -> Derivation:
    """``dJ_0/dh = phi``."""
    return lemma(
        "ramp-zero-derivative",
        step("all", eq(Derivative(J(0), h), phi(h)), Differentiate("lemma:ramp-zero")),
    )


@cache
def ramp_positive() -> Derivation:
    """``J_n > 0``."""
    body = v**n * phi(v - h)
    return lemma(
        "ramp-positive",
        step("meaning", eq(J(n), integral_of(body)), Unfold()),
        step("power", gt(v**n, 0), Instance(at("lemma:power-positive", {a: v})), gt(v, 0)),
        step("point", gt(body, 0), Combination(((1, ("power", gt(phi(v - h), 0))),)), gt(v, 0)),
        step("integral", gt(integral_of(body), 0), Ordered("point")),
        step("all", gt(J(n), 0), Combination(((1, ("integral",)),), ((1, "meaning"),))),
    )


@cache
def truncated_recursion() -> Derivation:
    """``t_n = (n-1) t_{n-2} + (-h)^(n-1) phi`` for ``n >= 2``."""
    late = ge(n, 2)

    def over(body: Any) -> Any:
        return Integral(body, (z, -h, oo))

    first, last = z**n * phi(z), z ** (n - 2) * phi(z)
    whole = over(first - (n - 1) * last)
    end = (-h) ** (n - 1) * phi(h)
    return lemma(
        "truncated-recursion",
        step("first", eq(T(n), over(first)), Unfold(), late),
        step("last", eq(T(n - 2), over(last)), Unfold(), late),
        step("parts", eq(whole, end), Integrate(-(z ** (n - 1)) * phi(z)), late),
        step("linear", eq(over(first) - (n - 1) * over(last), whole), Linear(), late),
        step(
            "all",
            eq(T(n), (n - 1) * T(n - 2) + end),
            Combination(equalities=((1, "first"), (1, "linear"), (1, "parts"), (-(n - 1), "last"))),
            late,
        ),
    )


def _closed(order: int, value: Any, primitive: Any) -> Callable[[], Derivation]:
    """``t_k`` for a number k, by a primitive of ``z**k phi(z)``."""

    @cache
    def build() -> Derivation:
        over = Integral(z**order * phi(z), (z, -h, oo))
        return lemma(
            f"truncated-{order}",
            step("meaning", eq(T(order), over), Unfold()),
            step("value", eq(over, value), Integrate(primitive)),
            step("all", eq(T(order), value), Combination(equalities=((1, "meaning"), (1, "value")))),
        )

    return build


@cache
def truncated_derivative() -> Derivation:
    """``dt_n/dh = (-h)^n phi``."""
    over = Integral(z**n * phi(z), (z, -h, oo))
    return lemma(
        "truncated-derivative",
        step("meaning", eq(T(n), over), Unfold()),
        step("all", eq(Derivative(T(n), h), (-h) ** n * phi(h)), UnderIntegral("meaning")),
    )


@cache
def phi_below_one() -> Derivation:
    """``Phi(h) < 1``."""
    return lemma("Phi-below-one", step("all", gt(1, Phi(h)), Unfold()))


@cache
def translated() -> Derivation:
    """``int (v-h)^n phi(v-h) dv = t_n``."""
    over = Integral(z**n * phi(z), (z, -h, oo))
    moved = integral_of((v - h) ** n * phi(v - h))
    return lemma(
        "translated",
        step("meaning", eq(T(n), over), Unfold()),
        step("moved", eq(over, moved), Affine(Integer(1), -h)),
        step("all", eq(T(n), moved), Combination(equalities=((1, "meaning"), (1, "moved")))),
    )


#: Lemmas by name.
LEMMAS: dict[str, Callable[[], Derivation]] = {
    "Phi-below-one": phi_below_one,
    "ramp-derivative": ramp_derivative,
    "ramp-one": ramp_one,
    "ramp-positive": ramp_positive,
    "ramp-recursion": ramp_recursion,
    "ramp-two": ramp_two,
    "ramp-two-lower": ramp_two_lower,
    "ramp-two-upper": ramp_two_upper,
    "ramp-zero": ramp_zero,
    "ramp-zero-derivative": ramp_zero_derivative,
    "translated": translated,
    "truncated-0": _closed(0, Phi(h), Phi(z)),
    "truncated-1": _closed(1, phi(h), -phi(z)),
    "truncated-2": _closed(2, Phi(h) - h * phi(h), Phi(z) - z * phi(z)),
    "truncated-3": _closed(3, (h**2 + 2) * phi(h), -(z**2 + 2) * phi(z)),
    "truncated-4": _closed(4, 3 * Phi(h) - (h**3 + 3 * h) * phi(h), 3 * Phi(z) - (z**3 + 3 * z) * phi(z)),
    "truncated-derivative": truncated_derivative,
    "truncated-recursion": truncated_recursion,
}
