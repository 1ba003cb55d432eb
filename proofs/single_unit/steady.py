"""The steady state of the mean-square recursion, step-size limits and the bias that noise leaves."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import Integer, Rational, pi, sqrt

from proofs.certificates import Unfold
from proofs.claims import Combination, Derivation, Identity, Inverse, Logic, Step, at
from proofs.notation import eq, ge, gt, step
from proofs.single_unit.rates import positive_steps
from relutheory.functions import Phi, RampMoment, TruncatedMoment, phi
from relutheory.symbols import N
from relutheory.theorems import theorem
from relutheory.theory.gaussian.notation import h as gaussian_h
from relutheory.theory.single_unit.notation import h_star

__all__ = ["noise_bias", "steady_state", "step_limit"]

ZERO = Integer(0)


def _entry(label: str, relation: Any) -> Step:
    """An entry of the equation: it is linear in the truncated moments at 0, which have values."""
    left, right = relation.args
    whole = (left - right).expand()
    values = tuple(
        (whole.coeff(moment), at(f"lemma:truncated-{moment.args[0]}", {gaussian_h: ZERO}))
        for moment in sorted(whole.atoms(TruncatedMoment), key=str)
    )
    return step(label, relation, Combination(equalities=values))


@cache
def steady_state() -> Derivation:
    """Truncated moments of margin 0 are those of a linear unit, halved, or multiples of ``phi(0)``."""
    found = theorem("steady-state-covariance")
    entries = (_entry(f"entry-{k}", relation) for k, relation in enumerate(found.also, start=1))
    return Derivation(found.id, (*entries, _entry("theorem", found.statement)))


@cache
def step_limit() -> Derivation:
    """The determinant at margin 0 has the factors ``1 - x``, that of LMS, and one with a root above 1."""
    found = theorem("mean-square-step-limit")
    factors, at_root = found.also
    given, root = found.lhs.args, at_root.args[0]
    low, below = given
    (x,) = low.free_symbols
    spread, centre = sqrt((N + 3) ** 2 - 8), phi(ZERO)
    lms = x**2 - (N + 3) * x + 2
    last = (1 - 4 * centre**2) * (1 - x) + 2 * centre**2 * x
    return Derivation(
        found.id,
        (
            step("factors", factors, Identity()),
            # (N + 3)^2 - 8 - (N + 1)^2 = 4 N
            step(
                "wide", gt(spread + N + 1, 0), Combination(((1, (ge(spread, 0),)), (1, (gt(N, 0),)), (1, ())))
            ),
            step(
                "gap",
                gt(spread - N - 1, 0),
                Combination(((4, (gt(N, 0), Inverse("wide"))),), nonzero=("wide",)),
            ),
            step(
                "small",
                gt(1 - x, 0),
                Combination(((Rational(1, 2), (below,)), (Rational(1, 2), ("gap",)))),
                below,
            ),
            step(
                "above",
                gt(N + 3 + spread - 2 * x, 0),
                Combination(((1, (below,)), (1, ("wide",)), (1, ("gap",)))),
                below,
            ),
            # the two roots are (N + 3 -+ sqrt((N + 3)^2 - 8))/2
            step("lms", gt(lms, 0), Combination(((Rational(1, 4), (below, "above")),)), below),
            step("centre", eq(centre, 1 / sqrt(2 * pi)), Unfold()),
            step(
                "square",
                eq(centre**2, 1 / (2 * pi)),
                Combination(equalities=((centre + 1 / sqrt(2 * pi), "centre"),)),
            ),
            # 1 - 4 phi^2 = (pi - 2)/pi
            step(
                "rest",
                gt(1 - 4 * centre**2, 0),
                Combination(((1, (gt(pi - 2, 0), Inverse(gt(pi, 0)))),), ((-4, "square"),)),
            ),
            step(
                "last",
                gt(last, 0),
                Combination(((1, ("rest", "small")), (2, (gt(centre, 0), gt(centre, 0), low)))),
                low,
                below,
            ),
            step(
                "positive",
                found.rhs,
                Combination(((Rational(1, 2), ("small", "lms", "last")),)),
                low,
                below,
            ),
            step(
                "lms-root", eq(lms, 0), Combination(equalities=((-(N + 3 + spread - 2 * x) / 4, root),)), root
            ),
            step(
                "at-root-value",
                at_root.args[1],
                Combination(equalities=((1, "factors"), ((1 - x) * last / 2, "lms-root"))),
                root,
            ),
            step("at-root", at_root, Logic(("at-root-value",))),
            step("theorem", found.statement, Logic(("positive",))),
        ),
    )


@cache
def noise_bias() -> Derivation:
    """Ramp moments in closed form, and the product of two positive eigenvalues."""
    found = theorem("noise-induced-bias")
    second, margin, positive = found.also
    h = h_star
    zero, one, two = (at(f"lemma:ramp-{name}", {gaussian_h: h}) for name in ("zero", "one", "two"))
    J = [RampMoment(Integer(k), h) for k in range(3)]
    P, f = Phi(h), phi(h)
    return Derivation(
        found.id,
        (
            # J_0 J_2 - J_1^2 = P^2 - phi J_1
            step(
                "determinant",
                eq(J[0] * J[2] - J[1] ** 2, P * P - f * J[1]),
                Combination(equalities=((J[2], zero), (P, two), (-J[1] - h * P, one))),
            ),
            step(
                "second",
                second,
                Combination(equalities=((h, "determinant"), (-P, one))),
            ),
            step("margin", margin, Combination(equalities=((-1, two), (h, one)))),
            *positive_steps(),
            # both eigenvalues are positive; P^2 - h phi P - phi^2 is their product
            step(
                "positive-determinant",
                positive,
                Combination(((1, ("positive", "plus-positive")),), ((1, "determinant"), (-f, one))),
            ),
            step("theorem", found.statement, Combination(equalities=((-1, "determinant"),))),
        ),
    )
