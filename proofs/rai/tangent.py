"""The second moment after the ReLU lies below its tangent in the share r, and above its chord.

With ``t = c/A`` the ratio of the overwritten part ``c = X sqrt(r)`` to the deviation ``A = s sqrt(1-r)`` of
the rest, ``r = s^2 t^2/w`` and ``E max(A g + c, 0)^2 = s^2 X^2 J_2(t)/w`` for ``w = X^2 + s^2 t^2``. Its
slope in r is the bracket ``(X^2 - s^2) Phi(t) + X^2 phi(t)/t``, which decreases.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sympy import Integer, Symbol, oo, pi, sqrt

from proofs.certificates import Linear, Monotone, Unfold
from proofs.claims import Cases, Combination, Derivation, Instance, Inverse, Mean, Square, Step, at
from proofs.gaussian.moments import J
from proofs.lemmas import lemma
from proofs.nodes import Expect
from proofs.notation import eq, ge, gt, le, lt, step
from proofs.rai.common import HALF
from proofs.rai.convexity import a, s, t
from relutheory.functions import LawMoment, OpenSecondMoment, Phi, phi
from relutheory.theory.gaussian.notation import h
from relutheory.theory.rai.expressions import c_sharp, c_upp, sharp_low
from relutheory.theory.rai.layer import P, sigma_w

__all__ = ["LEMMAS", "X", "bracket", "closed", "gain_at"]

X = Symbol("X", positive=True)
POSITIVE, NEAR = gt(t, 0), gt(X, 0)


def closed(at_: Any) -> Any:
    """``J_2`` in closed form."""
    return at_ * phi(at_) + (1 + at_**2) * Phi(at_)


def weight(at_: Any) -> Any:
    """``X^2 + s^2 t^2``."""
    return X**2 + s**2 * at_**2


def bracket(at_: Any) -> Any:
    """Slope in the share."""
    return (X**2 - s**2) * Phi(at_) + X**2 * phi(at_) / at_


def gain_at(at_: Any) -> Any:
    """Second moment at a ratio, for an input of norm 1."""
    return s**2 * X**2 * J(2, at_) / weight(at_)


def _weight_positive() -> Step:
    return step("positive", gt(weight(t), 0), Combination(((1, (NEAR, NEAR)), (1, (Square(s * t),)))))


@cache
def _mills() -> Derivation:
    """``phi(t) > t Phi(-t)``."""
    return lemma(
        "mills-above",
        step("slope", lt(-Phi(-t), 0), Combination(((1, (gt(Phi(-t), 0),)),))),
        step("all", gt(phi(t), t * Phi(-t)), Monotone(t, "slope", oo)),
    )


@cache
def _chord() -> Derivation:
    """``J_2(h) >= 1/2 + h^2`` for ``h >= 0``."""
    inside = ge(h, 0)
    return lemma(
        "ramp-chord",
        step(
            "rise",
            gt(2 * (phi(h) - h * Phi(-h)), 0),
            Combination(((2, (at("lemma:mills-above", {t: h}),)),)),
        ),
        step("closed", ge(closed(h), HALF + h**2), Monotone(h, "rise", Integer(0)), inside),
        step(
            "all",
            ge(J(2), HALF + h**2),
            Combination(((1, ("closed",)),), ((1, "lemma:ramp-two"),)),
            inside,
        ),
    )


def _bracket_rate() -> Step:
    """``-d/dt bracket = phi (s^2 + X^2/t^2)``."""
    return step(
        "rate",
        gt(phi(t) * (s**2 + X**2 / t**2), 0),
        Combination(
            (
                (1, (gt(phi(t), 0), gt(s, 0), gt(s, 0))),
                (1, (gt(phi(t), 0), NEAR, NEAR, Inverse(POSITIVE), Inverse(POSITIVE))),
            )
        ),
        POSITIVE,
    )


@cache
def _bracket_right() -> Derivation:
    return lemma(
        "bracket-right",
        _bracket_rate(),
        step("above", POSITIVE, Combination(((1, (ge(t, a),)), (1, (gt(a, 0),)))), ge(t, a)),
        step(
            "all",
            ge(bracket(a), bracket(t)),
            Monotone(t, "rate", a, nonzero=("above",)),
            POSITIVE,
            ge(t, a),
        ),
    )


@cache
def _bracket_left() -> Derivation:
    return lemma(
        "bracket-left",
        _bracket_rate(),
        step("fall", lt(-phi(t) * (s**2 + X**2 / t**2), 0), Instance("rate"), POSITIVE),
        step("all", ge(bracket(t), bracket(a)), Monotone(t, "fall", a), POSITIVE, le(t, a)),
    )


@cache
def _tangent() -> Derivation:
    """The slope of the difference is ``2 s^2 X^2 t (bracket(a) - bracket(t))/w^2``."""

    def value(at_: Any) -> Any:
        return s**2 * X**2 * closed(at_) / weight(at_)

    share = s**2 * (t**2 / weight(t) - a**2 / weight(a))
    goal = ge(value(a) + bracket(a) * share, value(t))
    moved = (X**2 - s**2) * t * Phi(t) + X**2 * phi(t)
    rate = 2 * s**2 * X**2 * (t * bracket(a) - moved) / weight(t) ** 2
    factor = (POSITIVE, *(NEAR,) * 2, *(gt(s, 0),) * 2, *(Inverse("positive"),) * 2)
    return lemma(
        "second-tangent",
        _weight_positive(),
        step(
            "rise",
            ge(rate, 0),
            Combination(((2, ("lemma:bracket-right", *factor)),), (), ("positive",)),
            POSITIVE,
            ge(t, a),
        ),
        step("above", POSITIVE, Combination(((1, (ge(t, a),)), (1, (gt(a, 0),)))), ge(t, a)),
        step("rise-all", ge(rate, 0), Instance(at("rise", {}, "above")), ge(t, a)),
        step("right", goal, Monotone(t, "rise-all", a, nonzero=("positive",)), ge(t, a)),
        step(
            "fall",
            le(rate, 0),
            Combination(((2, ("lemma:bracket-left", *factor)),), (), ("positive",)),
            POSITIVE,
            le(t, a),
        ),
        step("left", goal, Monotone(t, "fall", a, nonzero=("positive",)), ge(t, 0), le(t, a)),
        step("left-open", goal, Instance("left"), ge(t, 0), lt(t, a)),
        step("closed", goal, Cases(((ge(t, a), "right"), (lt(t, a), "left-open"))), ge(t, 0)),
        step(
            "all",
            ge(gain_at(a) + bracket(a) * share, gain_at(t)),
            Combination(
                ((1, ("closed",)),),
                (
                    (s**2 * X**2 / weight(a), at("lemma:ramp-two", {h: a})),
                    (-(s**2) * X**2 / weight(t), at("lemma:ramp-two", {h: t})),
                ),
                ("positive",),
            ),
            ge(t, 0),
        ),
    )


@cache
def _end() -> Derivation:
    """The tangent at ``r = 1`` exceeds X^2 by ``(phi(a)/a - Phi(-a)) X^2``."""
    return lemma(
        "second-end",
        step(
            "all",
            ge(gain_at(a) + bracket(a) * X**2 / weight(a), X**2),
            Combination(
                ((1, (at("lemma:mills-above", {t: a}), Inverse(gt(a, 0)), NEAR, NEAR)),),
                ((s**2 * X**2 / weight(a), at("lemma:ramp-two", {h: a})),),
            ),
        ),
    )


#: ``E J_2(X/sigma_w)``.
_MEAN = Expect(closed(X / sigma_w), X)
_MU1, _MU2 = LawMoment(1, P), LawMoment(2, P)


def _mean_steps() -> tuple[Step, ...]:
    ratio = X / sigma_w
    return (
        step("meaning", eq(OpenSecondMoment(1 / sigma_w, P), _MEAN), Unfold()),
        step("mu-1", eq(_MU1, Expect(X, X)), Unfold()),
        step("mu-2", eq(_MU2, Expect(X**2, X)), Unfold()),
        step("ratio", gt(ratio, 0), Combination(((1, (NEAR, Inverse(gt(sigma_w, 0)))),))),
        step("closed", eq(J(2, ratio), closed(ratio)), Instance(at("lemma:ramp-two", {h: ratio}))),
    )


@cache
def _constant_below() -> Derivation:
    """``C* <= C_upp``."""
    ratio, top = X / sigma_w, phi(Integer(0))
    bound = HALF + 2 * ratio * top + ratio**2
    return lemma(
        "sharp-below-upp",
        *_mean_steps(),
        step(
            "point",
            ge(bound, closed(ratio)),
            Combination(((1, (at("lemma:ramp-two-upper", {h: ratio}, "ratio"),)),), ((1, "closed"),)),
        ),
        step("mean", ge(Expect(bound, X), _MEAN), Mean("point")),
        step(
            "linear",
            eq(Expect(bound, X), HALF + 2 * top * Expect(X, X) / sigma_w + Expect(X**2, X) / sigma_w**2),
            Linear(),
        ),
        step("bell", eq(top, 1 / sqrt(2 * pi)), Unfold()),
        step(
            "all",
            le(c_sharp(), c_upp()),
            Combination(
                ((1, ("mean", gt(sigma_w, 0), gt(sigma_w, 0))),),
                (
                    (-(sigma_w**2), "meaning"),
                    (-(sigma_w**2), "linear"),
                    (2 * top * sigma_w, "mu-1"),
                    (1, "mu-2"),
                    (-2 * sigma_w * _MU1, "bell"),
                ),
            ),
        ),
    )


@cache
def _constant_above() -> Derivation:
    """``C* >= sigma_w^2/2 + mu_2``."""
    ratio = X / sigma_w
    bound = HALF + ratio**2
    return lemma(
        "sharp-above-low",
        *_mean_steps(),
        step(
            "point",
            ge(closed(ratio), bound),
            Combination(((1, (at("lemma:ramp-chord", {h: ratio}, "ratio"),)),), ((-1, "closed"),)),
        ),
        step("mean", ge(_MEAN, Expect(bound, X)), Mean("point")),
        step("linear", eq(Expect(bound, X), HALF + Expect(X**2, X) / sigma_w**2), Linear()),
        step(
            "all",
            ge(c_sharp(), sharp_low()),
            Combination(
                ((1, ("mean", gt(sigma_w, 0), gt(sigma_w, 0))),),
                ((sigma_w**2, "meaning"), (sigma_w**2, "linear"), (-1, "mu-2")),
            ),
        ),
    )


#: Lemmas by name.
LEMMAS: dict[str, Callable[[], Derivation]] = {
    "bracket-left": _bracket_left,
    "bracket-right": _bracket_right,
    "mills-above": _mills,
    "ramp-chord": _chord,
    "second-end": _end,
    "second-tangent": _tangent,
    "sharp-above-low": _constant_above,
    "sharp-below-upp": _constant_below,
}
