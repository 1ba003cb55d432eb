"""A constant unit is stationary exactly where it is closed."""

from __future__ import annotations

from typing import Any

from sympy import Piecewise, Sum

from proofs.certificates import Linear, OpenOrder, SquaresVanish, UnitMean
from proofs.claims import (
    Between,
    Cases,
    Choice,
    Combination,
    Identity,
    Instance,
    Inverse,
    Logic,
    Model,
    Square,
    Step,
    Termwise,
)
from proofs.notation import eq, ge, gt, le, step
from proofs.single_unit.common import CLOSED_2, ONE, ZERO
from proofs.single_unit.descent import over
from relutheory.functions import Expectation, Phi
from relutheory.symbols import N
from relutheory.theory.gaussian.notation import y2
from relutheory.theory.single_unit.notation import a, gate2, h2, q, s2, theta, theta_star, xt

__all__ = ["constant_units", "gate_steps"]

BIAS, HERE = theta[0], le(q, N)
#: The gate of a constant unit.
OPEN = Piecewise((1, gt(BIAS, 0)), (0, True))
ABOVE, BELOW = gt(BIAS, 0), le(BIAS, 0)


def gate_steps() -> tuple[Step, ...]:
    """The gate of a constant unit is 1 for ``b > 0`` and 0 for ``b <= 0``."""
    never = (ABOVE, BELOW)
    inverse = Combination(((1, (BELOW, Inverse(ABOVE))),), nonzero=(ABOVE,))
    return (
        step("never-low", ge(ZERO, ONE), inverse, *never),
        step("never-high", ge(ONE, ZERO), Combination(((1, ()),)), *never),
        step("one-is-zero", eq(ONE, ZERO), Between("never-high", "never-low"), *never),
        step("zero-is-one", eq(ZERO, ONE), Combination(equalities=((-1, "one-is-zero"),)), *never),
        step("one", eq(ONE, ONE), Identity(), ABOVE),
        step("gate-open", eq(ONE, OPEN), Choice(("one", "one-is-zero")), ABOVE),
        step("gate-shut", eq(ZERO, OPEN), Choice(("zero-is-one", "closed")), BELOW),
    )


def _constant(
    kind: str, statement: Any, error: Any, excess: Any, proof: tuple[Step, ...], certificate: Combination
) -> tuple[Step, ...]:
    """``|g| = 0`` iff ``b <= 0``; `proof` ends in ``<g, theta* - theta> >= excess > 0`` for ``b > 0``."""
    drift = Expectation(error * xt[q])
    norm, whole = Sum(drift**2, (q, 0, N)), Sum((OPEN * drift) ** 2, (q, 0, N))
    given, plain = eq(whole, 0), eq(norm, 0)
    back = Expectation(error * (over(theta_star[a] * xt[a]) - BIAS * xt[0]))
    along, first = Sum(theta_star[q] * drift, (q, 0, N)), drift.subs(q, 0)
    both = (given, ABOVE)
    return (
        step(f"{kind}-factor", eq(whole, OPEN * norm), Linear()),
        step(
            f"{kind}-shut",
            given,
            Combination(equalities=((1, f"{kind}-factor"), (-norm, "gate-shut"))),
            BELOW,
        ),
        step(
            f"{kind}-none",
            plain,
            Combination(equalities=((norm, "gate-open"), (-1, f"{kind}-factor"), (1, given))),
            *both,
        ),
        step(f"{kind}-entry", eq(drift, 0), SquaresVanish(f"{kind}-none", q), *both, HERE),
        step(f"{kind}-first", eq(first, 0), SquaresVanish(f"{kind}-none", ZERO), *both),
        step(
            f"{kind}-product",
            eq(theta_star[q] * drift, drift**2),
            Combination(equalities=((theta_star[q] - drift, f"{kind}-entry"),)),
            *both,
            HERE,
        ),
        step(f"{kind}-products", eq(along, norm), Termwise(f"{kind}-product"), *both),
        step(f"{kind}-back", eq(back, along - BIAS * first), UnitMean()),
        *proof,
        # 0 = <g, theta* - theta> >= excess, which is positive
        step(
            f"{kind}-most",
            ge(0, excess),
            Combination(
                ((1, (f"{kind}-least",)),),
                (
                    (-1, f"{kind}-back"),
                    (-1, f"{kind}-products"),
                    (-1, f"{kind}-none"),
                    (BIAS, f"{kind}-first"),
                ),
            ),
            *both,
        ),
        step(f"{kind}-dead", BELOW, certificate, *both),
        step(f"{kind}-below", BELOW, Combination(((1, (BELOW,)),)), given, BELOW),
        step(f"{kind}-all", BELOW, Cases(((ABOVE, f"{kind}-dead"), (BELOW, f"{kind}-below"))), given),
        step(f"{kind}-constant", statement, Logic((f"{kind}-all", f"{kind}-shut"))),
    )


def constant_units(relu: Any, affine: Any) -> tuple[Step, ...]:
    """A constant open unit is wrong where a ReLU teacher is closed, and has the variance of an affine one."""
    target = over(theta_star[a] * xt[a])
    missed = Expectation((1 - gate2) * BIAS**2)
    relu_error, error = over(gate2 * theta_star[a] * xt[a]) - BIAS, target - BIAS
    closed = 1 - Phi(h2)
    whole = s2**2 + (s2 * h2 - BIAS) ** 2
    relu_back, back = (Expectation(e * (target - BIAS * xt[0])) for e in (relu_error, error))
    plain = Expectation((y2 - BIAS) ** 2)
    flat = step(
        "flat",
        eq(error * (target - BIAS * xt[0]), (y2 - BIAS) ** 2),
        Combination(
            equalities=(
                (target + y2 - 2 * BIAS, "target-turned"),
                (-error * BIAS, "unit-component"),
            )
        ),
    )
    return (
        step(
            "unit-component",
            eq(xt[0], 1),
            Model("Gaussian input", "xt = (1, x), so that its first component is the constant 1"),
        ),
        step("target-turned", eq(target, y2), Combination(equalities=((-1, "target"),))),
        flat,
        *_constant(
            "relu-constant",
            relu,
            relu_error,
            BIAS**2 * closed,
            (
                # u* = 1: (y* - b)^2 >= 0; u* = 0: -b (y* - b) >= b^2
                step(
                    "relu-constant-1",
                    le(ZERO, error * (target - BIAS * xt[0])),
                    Combination(((1, (Square(y2 - BIAS),)),), ((1, "flat"),)),
                ),
                step(
                    "relu-constant-0",
                    le(BIAS**2, -BIAS * (target - BIAS * xt[0])),
                    Combination(
                        ((1, (ABOVE, le(y2, 0))),),
                        ((-BIAS, "target-turned"), (BIAS**2, "unit-component")),
                    ),
                    ABOVE,
                    le(y2, 0),
                ),
                step(
                    "relu-constant-order",
                    le(missed, relu_back),
                    OpenOrder(("teacher",), (((0,), "relu-constant-0"), ((1,), "relu-constant-1"))),
                    ABOVE,
                ),
                step(
                    "relu-constant-missed",
                    eq(missed, BIAS**2 * closed),
                    UnitMean("teacher", moments=CLOSED_2),
                ),
                step(
                    "relu-constant-least",
                    ge(relu_back, BIAS**2 * closed),
                    Combination(((1, ("relu-constant-order",)),), ((1, "relu-constant-missed"),)),
                    ABOVE,
                ),
                step("often", gt(closed, 0), Instance("below-one")),
            ),
            Combination(
                ((1, ("relu-constant-most", Inverse(ABOVE), Inverse("often"))),), nonzero=(ABOVE, "often")
            ),
        ),
        *_constant(
            "affine-constant",
            affine,
            error,
            whole,
            (
                step(
                    "affine-constant-square",
                    eq(back, plain),
                    OpenOrder(("teacher",), (((0,), "flat"), ((1,), "flat"))),
                ),
                step("affine-constant-value", eq(plain, whole), UnitMean("teacher")),
                step(
                    "affine-constant-least",
                    ge(back, whole),
                    Combination((), ((1, "affine-constant-square"), (1, "affine-constant-value"))),
                ),
                step(
                    "spread",
                    gt(whole, 0),
                    Combination(((1, (gt(s2, 0), gt(s2, 0))), (1, (Square(s2 * h2 - BIAS),)))),
                ),
            ),
            Combination(((1, ("affine-constant-most", ABOVE, Inverse("spread"))),), nonzero=("spread",)),
        ),
    )
