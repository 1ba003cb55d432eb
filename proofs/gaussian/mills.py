"""Bounds of the Mills ratio, each from the sign of one algebraic function."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sympy import Derivative, Integer, Rational, Symbol, cancel, diff, oo, pi, sqrt

from proofs.certificates import Differentiate, Monotone, Sturm, Unfold
from proofs.claims import Combination, Derivation, Inverse, Logic, Step
from proofs.lemmas import lemma
from proofs.notation import eq, gt, lt, step
from relutheory.functions import MillsRatio, Phi, phi
from relutheory.theorems import theorem
from relutheory.theory.gaussian.expressions import birnbaum, sampford
from relutheory.theory.gaussian.notation import t

__all__ = ["LEMMAS", "bound_steps", "convergent", "mills_ratio_bounds"]


def bound_steps(
    name: str,
    x: Symbol,
    bound: Any,
    given: tuple[Any, ...] = (),
    *,
    below: bool,
    cuts: tuple[Any, ...] = (),
    proper: Any = None,
    rate: Any = None,
    inner: tuple[Any, ...] | None = None,
) -> tuple[Step, ...]:
    """``phi B < Phi(-x)`` (or ``>``): both tend to 0, and the difference has slope ``phi (1 + B' - x B)``.

    Parameters
    ----------
    bound : Expr
        B, an algebraic function of x with the positive denominator `proper`.
    rate : Expr
        ``1 + B' - x B`` in another form.
    inner : tuple
        Hypotheses inside the interval, where it has a left end.
    """
    inner = given if inner is None else inner
    rate = 1 + diff(bound, x) - x * bound if rate is None else rate
    rate = rate if proper is not None else cancel(rate)
    tail, area = phi(x) * bound, Phi(-x)
    more = (f"{name}-proper",) if proper is not None else ()
    first = (step(f"{name}-proper", gt(proper, 0), Sturm(x, cuts), *given),) if more else ()
    sign = 1 if below else -1
    return (
        *first,
        step(f"{name}-rate", gt(sign * rate, 0), Sturm(x, cuts, more), *inner),
        step(
            f"{name}-slope",
            lt(-sign * phi(x) * rate, 0),
            Combination(((1, (gt(phi(x), 0), f"{name}-rate")),), nonzero=more),
            *inner,
        ),
        step(
            name,
            gt(area, tail) if below else gt(tail, area),
            Monotone(x, f"{name}-slope", oo, nonzero=more),
            *given,
        ),
    )


def convergent(n: int, x: Any) -> Any:
    """``1/(x + 1/(x + 2/(... + n/x)))``, which is below the Mills ratio for odd n and above for even n."""
    total = x
    for k in range(n, 0, -1):
        total = x + k / total
    return cancel(1 / total)


@cache
def _birnbaum() -> Derivation:
    root = sqrt(t**2 + 4)
    return lemma("birnbaum", *bound_steps("birnbaum", t, birnbaum(t), below=True, proper=t + root))


def _laplace(n: int) -> Callable[[], Derivation]:
    @cache
    def build() -> Derivation:
        name = f"laplace-{n}"
        # The interval is open at 0, where the bounds above have a pole.
        return lemma(name, *bound_steps(name, t, convergent(n, t), (gt(t, 0),), below=n % 2 == 1))

    return build


def _ratio(name: str, bound: Any, given: tuple[Any, ...], *, below: bool, proper: Any = None) -> Step:
    """From ``phi B < Phi(-t)`` to ``B < R``."""
    more = (f"{name}-proper",) if proper is not None else ()
    mills = (1, "mills") if below else (-1, "mills")
    goal = lt(bound, MillsRatio(t)) if below else lt(MillsRatio(t), bound)
    return step(
        f"{name}-ratio",
        goal,
        Combination(((1, (name, Inverse(gt(phi(t), 0)))),), (mills,), more),
        *given,
    )


@cache
def mills_ratio_bounds() -> Derivation:
    """Birnbaum, Sampford, Laplace."""
    found = theorem("mills-ratio-bounds")
    above, low, high, slope, at_zero = found.also
    R, wide = MillsRatio(t), sqrt(t**2 + 8)
    late, positive = gt(t, -1), gt(t, 0)
    start = 1 / sqrt(2 * pi)
    return Derivation(
        found.id,
        (
            step("mills", eq(R, Phi(-t) / phi(t)), Unfold()),
            # On each side of 1/2 another reason keeps 3 t + sqrt(t^2 + 8) positive.
            *bound_steps(
                "sampford",
                t,
                sampford(t),
                (late,),
                below=False,
                cuts=(Rational(1, 2),),
                proper=3 * t + wide,
                rate=2 * (t**3 + 6 * t - (t**2 + 2) * wide) / (wide * (3 * t + wide) ** 2),
            ),
            _ratio("sampford", sampford(t), (late,), below=False, proper=3 * t + wide),
            step("above", above, Logic(("sampford-ratio",))),
            *bound_steps("low", t, t / (1 + t**2), (positive,), below=True),
            _ratio("low", t / (1 + t**2), (positive,), below=True),
            step("low-if", low, Logic(("low-ratio",))),
            *bound_steps("high", t, 1 / t, (positive,), below=False),
            _ratio("high", 1 / t, (positive,), below=False),
            step("high-if", high, Logic(("high-ratio",))),
            step("slope-of-quotient", eq(Derivative(R, t), t * Phi(-t) / phi(t) - 1), Differentiate("mills")),
            step("slope", slope, Combination(equalities=((1, "slope-of-quotient"), (-t, "mills")))),
            step("half", eq(MillsRatio(Integer(0)), 1 / (2 * phi(Integer(0)))), Unfold()),
            step("centre", eq(phi(Integer(0)), start), Unfold()),
            # 1/(2 phi) - sqrt(pi/2) = -sqrt(2 pi)/(2 phi) (phi - 1/sqrt(2 pi))
            step(
                "at-zero",
                at_zero,
                Combination(equalities=((1, "half"), (-sqrt(2 * pi) / (2 * phi(Integer(0))), "centre"))),
            ),
            *bound_steps("birnbaum", t, birnbaum(t), below=True, proper=t + sqrt(t**2 + 4)),
            step(
                "theorem",
                found.statement,
                Combination(
                    ((1, ("birnbaum", Inverse(gt(phi(t), 0)))),), ((1, "mills"),), ("birnbaum-proper",)
                ),
            ),
        ),
    )


#: Lemmas by name: ``phi(t) B(t)`` against ``Phi(-t)``.
LEMMAS: dict[str, Callable[[], Derivation]] = {
    "birnbaum": _birnbaum,
    "laplace-7": _laplace(7),
    "laplace-8": _laplace(8),
}
