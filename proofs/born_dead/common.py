"""Steps and symbols that several derivations of the topic share."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Function, Integer, Rational, Symbol

from proofs.claims import Combination, Induction, Mean, Model, Step, at
from proofs.nodes import Expect
from proofs.notation import eq, ge, step
from relutheory.theorems import Theorem, theorem

__all__ = ["HALF", "half_steps", "inclusion_steps", "record", "row_steps"]

HALF = Rational(1, 2)

#: Moving integers of inductions; `L` and `N` are parameters and stay fixed.
n = Symbol("n", integer=True, nonnegative=True)
j = Symbol("j", integer=True, nonnegative=True)
layer = Symbol("k", integer=True, positive=True)
omega = Symbol("omega")

p_neg, p_zero, p_pos, p_off = (Symbol(f"p_{name}", real=True) for name in ("neg", "zero", "pos", "off"))
#: Values of the probabilities of one preactivation in the witnesses.
UNIT = {p_neg: HALF, p_zero: Integer(0), p_pos: HALF, p_off: HALF}


def record(id: str) -> Theorem:
    """Record of the theorem that is being derived."""
    return theorem(id)


def half_steps(law: str = "H-row") -> tuple[Step, ...]:
    """One unit is off with probability 1/2 at a fixed nonzero input: symmetry and no ties."""
    return (
        step(
            "signs",
            eq(p_neg + p_zero + p_pos, 1),
            Model(law, "given h != 0 a preactivation w.h + b is negative, zero or positive"),
        ),
        step(
            "symmetry",
            eq(p_neg, p_pos),
            Model(law, "(w, b) ~ -(w, b): the preactivation and its negative agree in law"),
        ),
        step("no-tie", eq(p_zero, 0), Model(law, "no atoms: P(w.h + b = 0) = 0 for every fixed h != 0")),
        step(
            "off",
            eq(p_off, p_neg + p_zero),
            Model("dead", "a unit is dead at one input if its preactivation is <= 0"),
        ),
        # p_off - 1/2 = (p_off - p_neg - p_zero) + (sum - 1)/2 + (p_neg - p_pos)/2 + (p_zero - 0)/2
        step(
            "half",
            eq(p_off, HALF),
            Combination(equalities=((1, "off"), (HALF, "signs"), (HALF, "symmetry"), (HALF, "no-tie"))),
        ),
    )


def row_steps(name: str, law: str = "H-row", what: str = "off", prefix: str = "rows") -> tuple[Step, ...]:
    """``name(j)``, the probability that j given rows are all off at one nonzero input, is ``2**-j``."""
    u = Function(name)
    return (
        step(f"{prefix}-none", eq(u(0), 1), Model(law, "no row: nothing is asked")),
        step(
            f"{prefix}-next",
            eq(u(j + 1), u(j) * p_off),
            Model(
                law,
                f"independent rows: the next row is {what} with the same probability",
            ),
        ),
        step(f"{prefix}-base", eq(u(0), Integer(2) ** 0), Combination(equalities=((1, f"{prefix}-none"),))),
        # u(j+1) - 2^-(j+1) = (u(j+1) - u(j) p) + u(j) (p - 1/2) + (u(j) - 2^-j)/2
        step(
            f"{prefix}-step",
            eq(u(j + 1), 2 ** (-(j + 1))),
            Combination(equalities=((1, f"{prefix}-next"), (u(j), "half"), (HALF, eq(u(j), 2**-j)))),
            eq(u(j), 2**-j),
        ),
        step(prefix, eq(u(j), 2**-j), Induction(j, Integer(0), f"{prefix}-base", f"{prefix}-step")),
    )


def inclusion_steps(
    small: Symbol, large: Symbol, inclusion: Step, given: tuple[Any, ...] = (), dead: str = "dead"
) -> tuple[Step, ...]:
    """What is alive on a subset is alive on the set: ``E a(n, small) <= E a(n, large)``.

    ``d(l, A, omega)`` is 1 if layer l is dead on A and 0 otherwise, ``a(n, A, omega)`` is 1 if the layers
    1..n are alive on A. The step ``inclusion`` states ``d(l, small) >= d(l, large)``.
    """
    d, a = Function("d"), Function("a")
    area = Symbol("A")

    def alive(k: Any, where: Symbol) -> Expr:
        return a(k, where, omega)

    both = ge(alive(n, large), alive(n, small))
    following = at("alive-next", {area: small})
    return (
        step(
            "indicator",
            ge(1, d(layer, area, omega)),
            Model(dead, "the indicator of a dead layer is at most 1"),
        ),
        step("alive-start", eq(alive(0, area), 1), Model(dead, "before the first layer nothing is dead")),
        step(
            "alive-next",
            eq(alive(n + 1, area), alive(n, area) * (1 - d(n + 1, area, omega))),
            Model(dead, "layers 1..n+1 are alive if layers 1..n are and layer n+1 is"),
        ),
        inclusion,
        step("nonneg-base", ge(alive(0, area), 0), Combination(((1, ()),), ((1, "alive-start"),))),
        step(
            "nonneg-step",
            ge(alive(n + 1, area), 0),
            Combination(
                ((1, (ge(alive(n, area), 0), at("indicator", {layer: n + 1}))),), ((1, "alive-next"),)
            ),
            ge(alive(n, area), 0),
        ),
        step("nonneg", ge(alive(n, area), 0), Induction(n, Integer(0), "nonneg-base", "nonneg-step")),
        step(
            "inclusion-base",
            ge(alive(0, large), alive(0, small)),
            Combination((), ((1, at("alive-start", {area: large})), (-1, at("alive-start", {area: small})))),
            *given,
        ),
        # a'(n)(1-d') - a(n)(1-d) = (a'(n) - a(n))(1-d') + a(n)(d - d')
        step(
            "inclusion-step",
            ge(alive(n + 1, large), alive(n + 1, small)),
            Combination(
                (
                    (1, (both, at("indicator", {layer: n + 1, area: large}))),
                    (1, (at("nonneg", {area: small}), at(inclusion.label, {layer: n + 1}))),
                ),
                ((1, at("alive-next", {area: large})), (-1, following)),
            ),
            *given,
            both,
        ),
        step("inclusion-all", both, Induction(n, Integer(0), "inclusion-base", "inclusion-step"), *given),
        step(
            "inclusion-mean",
            ge(Expect(alive(n, large), omega), Expect(alive(n, small), omega)),
            Mean("inclusion-all"),
            *given,
        ),
    )
