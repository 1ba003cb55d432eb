"""Eigenvalues of the gated Gram matrix: closed form, order, tail and bracket."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Derivative, Rational, Symbol, diff, sqrt

from proofs.certificates import Differentiate, Sturm, Tends, Unfold
from proofs.claims import Combination, Derivation, Identity, Instance, Inverse, Step, at
from proofs.gaussian.mills import bound_steps, convergent
from proofs.notation import eq, ge, gt, lt, step
from relutheory.functions import MillsRatio, Phi, phi
from relutheory.theorems import theorem
from relutheory.theory.gaussian.expressions import birnbaum, lam_minus, lam_plus
from relutheory.theory.gaussian.notation import h, t

__all__ = ["gated_gram_eigenvalues", "gram_eigenvalue_bracket", "gram_eigenvalue_tail"]

HALF = Rational(1, 2)


def _order() -> tuple[Step, ...]:
    """``0 < lam_minus < Phi < lam_plus < 1`` with Birnbaum's bound at h and at -h."""
    root = sqrt(h**2 + 4)
    shift, back = gt(root + h, 0), gt(root - h, 0)
    bell = gt(phi(h), 0)
    low, high = lam_minus(h), lam_plus(h)
    return (
        step("up", shift, Sturm(h)),
        step("down", back, Sturm(h)),
        step("left", gt(Phi(h), phi(-h) * birnbaum(-h)), Instance(at("lemma:birnbaum", {t: -h}))),
        step("right", gt(Phi(-h), phi(h) * birnbaum(h)), Instance(at("lemma:birnbaum", {t: h}))),
        # 2/(r - h) = (r + h)/2
        step("positive", gt(low, 0), Combination(((1, ("left",)),), (), ("down",))),
        step("below", lt(low, Phi(h)), Combination(((HALF, (bell, "up")),))),
        step("above", lt(Phi(h), high), Combination(((HALF, (bell, "down")),))),
        step("below-one", lt(high, 1), Combination(((1, ("right",)),), (), ("up",))),
    )


def _by_mills() -> tuple[Step, ...]:
    """Both eigenvalues through the Mills ratio at ``-h``."""
    R, B = MillsRatio(-h), birnbaum(-h)
    return (
        step("mills", eq(R, Phi(h) / phi(h)), Unfold()),
        step(
            "mills-positive",
            gt(R, 0),
            Combination(((1, (gt(Phi(h), 0), Inverse(gt(phi(h), 0)))),), ((1, "mills"),)),
        ),
        # Phi B/R - phi B = -phi B/R (R - Phi/phi)
        step(
            "minus-by-mills",
            eq(lam_minus(h), Phi(h) * (1 - B / R)),
            Combination(equalities=((-phi(h) * B / R, "mills"),), nonzero=("mills-positive", "down")),
        ),
        step(
            "plus-by-mills",
            eq(lam_plus(h), Phi(h) * (1 + 1 / (B * R))),
            Combination(equalities=((phi(h) / (B * R), "mills"),), nonzero=("mills-positive", "down")),
        ),
    )


def _increasing(name: str, value: Any) -> tuple[Step, ...]:
    """The derivative is phi times an algebraic function of one sign."""
    rate = diff(value, h)
    factor = sum(a / phi(h) for a in rate.expand().args)
    return (
        step(f"{name}-rate", gt(factor, 0), Sturm(h)),
        step(f"{name}-slope", eq(Derivative(value, h), phi(h) * factor), Differentiate()),
        step(
            f"{name}-increasing",
            gt(Derivative(value, h), 0),
            Combination(((1, (gt(phi(h), 0), f"{name}-rate")),), ((1, f"{name}-slope"),)),
        ),
    )


@cache
def gated_gram_eigenvalues() -> Derivation:
    """Roots of the characteristic polynomial, ordered by Birnbaum's bound."""
    found = theorem("gated-gram-eigenvalues")
    return Derivation(
        found.id,
        (
            step("trace", found.also[0], Identity()),
            step("determinant", found.also[1], Identity()),
            *_order(),
            *_by_mills(),
            *_increasing("minus", lam_minus(h)),
            *_increasing("plus", lam_plus(h)),
            step("theorem", found.statement, Identity()),
        ),
    )


def _bracket_steps(a: Any, name: str, X: Any, *, below: bool) -> tuple[Step, ...]:
    """``X < P/lam_minus(-a)`` (or ``>``) from ``P < phi B`` with ``B = R0 X/(X-1)``."""
    root = sqrt(a**2 + 4)
    q = X - 1
    bound = (root - a) / 2 * X / q
    P, lam = Phi(-a), lam_minus(-a)
    excess = f"{name}-excess"
    goal = lt(X, P / lam) if below else lt(P / lam, X)
    # P/lam - X = (X - 1)(phi B - P)/lam
    return (
        step(excess, gt(q, 0), Sturm(a)),
        *bound_steps(name, a, bound, below=not below, proper=root, inner=(gt(a, 0),)),
        step(
            f"{name}-bound",
            goal,
            Combination(((1, (name, excess, Inverse("positive"))),), (), ("positive", excess)),
        ),
    )


@cache
def gram_eigenvalue_bracket() -> Derivation:
    """Two Sturm certificates."""
    found = theorem("gram-eigenvalue-bracket")
    (a,) = found.lhs.free_symbols
    (upper,) = found.also
    root = sqrt(a**2 + 4)
    return Derivation(
        found.id,
        (
            step("gap", gt(Phi(-a), phi(a) * birnbaum(a)), Instance(at("lemma:birnbaum", {t: a}))),
            step("sum", gt(a + root, 0), Sturm(a)),
            step("positive", gt(lam_minus(-a), 0), Combination(((1, ("gap",)),), (), ("sum",))),
            *_bracket_steps(a, "upper", upper.rhs, below=False),
            *_bracket_steps(a, "lower", found.lhs, below=True),
        ),
    )


def _squeeze(a: Any, name: str, limit: Any, scale: Any, *, falls: bool) -> tuple[Step, ...]:
    """A limit of ``alpha + beta phi/P`` between its values with convergents for ``P/phi``.

    Parameters
    ----------
    scale : Expr
        ``|beta|``, a positive algebraic function; `falls` tells that beta is negative.
    """
    body = limit.lhs.args[0]
    ratio = Symbol("q")
    algebraic = body.subs(phi(-a), ratio * Phi(-a)).expand()
    steps: list[Step] = []
    for n in (7, 8):
        quotient = convergent(n, a)
        # phi/P < 1/K_7 and phi/P > 1/K_8
        lower = falls == (n == 7)
        bound = algebraic.subs(ratio, 1 / quotient)
        claim = ge(body, bound) if lower else ge(bound, body)
        facts = (f"{name}-scale", f"laplace-{n}", Inverse(f"convergent-{n}"), Inverse(gt(Phi(-a), 0)))
        steps.append(
            step(
                f"{name}-{n}",
                claim,
                Combination(((1, facts),), (), (f"convergent-{n}",)),
            )
        )
    low, high = (f"{name}-7", f"{name}-8") if falls else (f"{name}-8", f"{name}-7")
    return (
        step(f"{name}-scale", gt(scale, 0), Sturm(a)),
        *steps,
        step(name, limit, Tends(low, high)),
    )


@cache
def gram_eigenvalue_tail() -> Derivation:
    """Two convergents of Laplace's continued fraction differ by a relative ``O(a^-16)``."""
    found = theorem("gram-eigenvalue-tail")
    a = found.lhs.args[1]
    root = sqrt(a**2 + 4)
    bounds: list[Step] = []
    for n in (7, 8):
        tail = phi(a) * convergent(n, a)
        goal = gt(Phi(-a), tail) if n == 7 else gt(tail, Phi(-a))
        bounds += [
            step(f"laplace-{n}", goal, Instance(at(f"lemma:laplace-{n}", {t: a}))),
            step(f"convergent-{n}", gt(convergent(n, a), 0), Sturm(a)),
        ]
    return Derivation(
        found.id,
        (
            *bounds,
            *_squeeze(a, "plus", found.also[0], (root + a) / 2 * a**4, falls=False),
            *_squeeze(a, "theorem", found.statement, (root - a) / 2 * a**12, falls=True),
        ),
    )
