"""How a unit dies: the law of an invisible target, traps, and the time to come back."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import (
    Derivative,
    Eq,
    Gt,
    Implies,
    Integer,
    Le,
    Limit,
    Lt,
    Max,
    Min,
    Symbol,
    erfi,
    log,
    oo,
    pi,
    sqrt,
)

from relutheory.domain import Domain, Parameter, RealSet
from relutheory.functions import InverseErfi, Iterate, Phi, RampMoment, phi
from relutheory.theorems import Display, Theorem, Trial, Witness
from relutheory.theory.single_unit import expressions as e
from relutheory.theory.single_unit import notation as n
from relutheory.theory.single_unit import printed
from relutheory.theory.single_unit import unit as d
from relutheory.theory.single_unit.drift import examples
from relutheory.theory.single_unit.notation import a0, eta, steps, t

SIMULATOR = "relutheory.simulate.single_unit:"
h, s, r = Symbol("h", real=True), Symbol("s", positive=True), Symbol("r", positive=True)
a = Symbol("a", real=True)
REAL = RealSet(None, None)

INVISIBLE = (
    "invisible target: E[u d xt] = 0, that is target 0, or a ReLU teacher whose open half-space does not "
    "meet that of the unit; noise has mean 0"
)
UNIT = "unit: w != 0, margin h = b/s, s = |w|, any N; the drift is -M(theta) theta = -(s J_1(h), P w)"

# --- the flow --------------------------------------------------------------------------------------------


def clock(margin: Any) -> Any:
    """Time scale on which ``a = -h`` moves: ``da/dt = phi(a)``."""
    return pi * erfi(margin / sqrt(2))


_a_at_t = sqrt(2) * InverseErfi(erfi(a0 / sqrt(2)) + t / pi)
_A0 = Parameter("a0", a0, REAL, "distance into the tail at the start, a_0 = -h_0")
_TIME = Parameter("t", t, RealSet(Fraction(0), None, "[)"), "flow time t = eta k")
_drop = phi(h) - (r - 1) * h * Phi(h)


def _later(exact: Any) -> bool:
    return "a" not in exact or as_number(exact["a"]) >= as_number(exact["a0"])


def as_number(value: Any) -> Any:
    """A fraction, or an irrational number in SymPy."""
    return value if isinstance(value, Fraction) else value.sympy()


_flow_results = {"a": _a_at_t, "P": Phi(-_a_at_t), "value": clock(a) - clock(a0)}

FLOW = Theorem(
    id="zero-target-flow",
    stem="single_unit",
    kind="identity",
    title="The death law",
    meaning=(
        "With an invisible target the flow is s' = -P s, b' = -s J_1(h), so h' = -J_1 + h P = -phi(h) in any "
        "dimension, and with a = -h: erfi(a(t)/sqrt 2) = erfi(a_0/sqrt 2) + t/pi. The margin goes to -oo, "
        "but is finite at every finite time. For general S (m = 0) -h' = phi - (r - 1) h Phi with r = "
        "w'S^2w/w'Sw, between min(1, r) phi and max(1, r) phi for h <= 0. The value is the time from a_0 to "
        "a."
    ),
    lhs=-RampMoment(1, h) + h * Phi(h),
    relation="=",
    rhs=-phi(h),
    also=(
        Eq(Derivative(clock(a), a), 1 / phi(a), evaluate=False),
        Implies(Le(h, 0), Le(Min(1, r) * phi(h), _drop, evaluate=False), evaluate=False),
        Implies(Le(h, 0), Le(_drop, Max(1, r) * phi(h), evaluate=False), evaluate=False),
    ),
    results=_flow_results,
    display=printed.clock_display(_a_at_t),
    when={"a": "t", "P": "t", "value": "a"},
    domain=Domain(
        (_A0, _TIME, Parameter("a", a, REAL, "distance into the tail at the end, a >= a_0")),
        {"a0": 0, "t": 1},
        constraints=((_later, "a >= a0"),),
        forms=(("a0", "t"), ("a0", "a")),
    ),
    hypotheses=(
        d.STANDARD + "; the bracket is for m = 0 and any S",
        UNIT,
        INVISIBLE,
        "time: t = eta k in the limit of small steps",
    ),
    source=d.PAPER,
    uses=("gated-moment-identities", "ramp-moment-recursion"),
    proof="proofs.single_unit:zero_target_flow",
    witness=Witness(
        SIMULATOR + "zero_target_flow",
        (
            Trial({"a0": 0, "t": 1}, {"what": "a"}, result="a"),
            Trial({"a0": Fraction(1, 5), "t": 10}, {"what": "a"}, result="a"),
            Trial({"a0": 0, "t": 100}, {"what": "a"}, result="a"),
            Trial({"a0": -1, "t": 10}, {"what": "P"}, result="P"),
            Trial({"a0": Fraction(1, 2), "t": 5}, {"what": "P"}, result="P"),
            Trial({"a0": 0, "a": 2}, {"what": "time"}),
            Trial({"a0": -1, "a": Fraction(7, 2)}, {"what": "time"}),
        ),
        why="the flow is integrated in the plane; a wrong constant shows at t = 1",
    ),
    examples=(
        *examples({"a0": 0, "t": 1}, ("a", "0.3889118105501738497751")),
        *examples({"a0": 0, "t": 100}, ("a", "3.046586649359785055223")),
        *examples({"a0": 0, "t": 10**6}, ("a", "5.393272562741181735133")),
        *examples({"a0": "1/5", "t": 10}, ("a", "1.921371585656375174192")),
        *examples({"a0": 0, "a": 2}, ("value", "11.85361396353375")),
        *examples({"a0": 0, "a": "7/2"}, ("value", "366.2825839466041")),
        *examples({"a0": 0, "a": 5}, ("value", "140743.2640264168")),
    ),
)

_P = Phi(-_a_at_t)
_tail = Symbol("a", positive=True)
#: ``P t a^2`` with the time t in which the margin falls from ``-a_0`` to ``-a``.
_sharp = Phi(-_tail) * (clock(_tail) - clock(a0)) * _tail**2

_rate_results = {"sharp": _P * t * _a_at_t**2, "rough": 2 * t * log(t) * _P}

RATE = Theorem(
    id="zero-target-death-rate",
    stem="single_unit",
    kind="asymptotic",
    title="Rate of death",
    meaning=(
        "a ~ sqrt(2 ln t), P(t) ~ 1/(2 t ln t), and sharper P(t) t a(t)^2 -> 1: from any start it is 1 + "
        "5/a^4 + o(a^-4). The relations are limits in a, as t = pi (erfi(a/sqrt 2) - erfi(a_0/sqrt 2)). The "
        "rough form has slow corrections of order ln ln t/ln t. Training the bias alone gives "
        "another law, P ~ 1/t without the logarithm. The results are P t a^2 and 2 t ln(t) P."
    ),
    lhs=Limit(_sharp, _tail, oo, "-"),
    relation="=",
    rhs=Integer(1),
    also=(Eq(Limit(_tail**4 * (_sharp - 1), _tail, oo, "-"), 5, evaluate=False),),
    results=_rate_results,
    display=printed.clock_display(_a_at_t),
    domain=Domain(
        (
            Parameter("t", t, RealSet(Fraction(0), None, "()"), "flow time t = eta k"),
            Parameter("a0", a0, REAL, "distance into the tail at the start", "0"),
        ),
        {"t": 1000},
    ),
    hypotheses=(d.STANDARD, UNIT, INVISIBLE, "tail: t -> +oo, so that a -> +oo"),
    source=d.NEW,
    uses=("zero-target-flow", "mills-ratio-bounds"),
    proof="proofs.single_unit:death_rate",
    witness=Witness(
        SIMULATOR + "death_rate",
        tuple(
            Trial({"t": time, "a0": start}, {"what": what}, result=what)
            for time, start in ((1000, 0), (10, Fraction(1, 2)), (50, -1))
            for what in ("sharp", "rough")
        ),
        why="the flow is integrated in the plane, from three starts",
    ),
    examples=(
        *examples({"t": 1000}, ("sharp", "1.03014207737"), ("rough", "0.983520573508")),
        *examples({"t": 10**6}, ("sharp", "1.0062183357"), ("rough", "0.955838289303")),
    ),
)

# --- the map ---------------------------------------------------------------------------------------------

_k = Symbol("l", integer=True, positive=True)


def _mapped(output: Any) -> Any:
    step_h, step_s = e.zero_target_step(n.h, n.s1, eta)
    return Iterate(output, (n.h, n.s1), (h, s), (step_h, step_s), (_k, 1, steps))


def _moves(exact: Any) -> bool:
    """At h = 0 half of the inputs are open, so eta = 2 leaves no weight at all."""
    return not (exact["h"] == 0 and exact["eta"] == 2)


MAP = Theorem(
    id="zero-target-map",
    stem="single_unit",
    kind="recursion",
    title="One mean step with an invisible target",
    meaning=(
        "s+ = s |1 - eta P|, h+ = (h - eta J_1)/|1 - eta P|; w keeps its direction if eta P < 1 and flips if "
        "eta P > 1. For eta P < 1 this is h+ = h - eta phi/(1 - eta P) < h: the margin falls in every step. "
        "For eta P > 1 it is h+ = -h - eta phi/(eta P - 1) < -h: a healthy unit dies in one step."
    ),
    lhs=Lt(eta * Phi(h), 1),
    relation="=>",
    rhs=Eq(
        (h - eta * RampMoment(1, h)) / (1 - eta * Phi(h)),
        h - eta * phi(h) / (1 - eta * Phi(h)),
        evaluate=False,
    ),
    also=(
        Implies(
            Lt(eta * Phi(h), 1),
            Lt((h - eta * RampMoment(1, h)) / (1 - eta * Phi(h)), h, evaluate=False),
            evaluate=False,
        ),
        Implies(
            Gt(eta * Phi(h), 1),
            Eq(
                (h - eta * RampMoment(1, h)) / (eta * Phi(h) - 1),
                -h - eta * phi(h) / (eta * Phi(h) - 1),
                evaluate=False,
            ),
            evaluate=False,
        ),
    ),
    results={"h": _mapped(n.h), "s": _mapped(n.s1)},
    display=Display({"h": Symbol("h_k"), "s": Symbol("s_k")}),
    domain=Domain(
        (
            Parameter("h", h, REAL, "margin at the start"),
            Parameter("s", s, RealSet(Fraction(0), None, "()"), "|w| at the start", "1"),
            d.ETA,
            d.STEPS,
        ),
        {"h": Fraction(1, 5), "eta": Fraction(1, 10)},
        constraints=((_moves, "eta Phi(h) != 1"),),
    ),
    hypotheses=(
        d.STANDARD,
        UNIT,
        INVISIBLE,
        "rule: the mean step theta+ = theta + eta g with eta P(h) != 1, where h+ and s+ are margin and scale",
    ),
    source=d.NEW,
    uses=("gated-moment-identities", "ramp-moment-recursion"),
    proof="proofs.single_unit:zero_target_map",
    witness=Witness(
        SIMULATOR + "zero_target_step",
        tuple(
            Trial({"h": start, "s": scale, "eta": step, "steps": 1}, {"what": what}, result=what)
            for start, scale, step in (
                (Fraction(1, 5), 1, 1),
                (-1, 2, Fraction(1, 2)),
                (1, 1, 2),
            )
            for what in ("h", "s")
        ),
        why="eta P on both sides of 1, both signs of the margin",
    ),
    examples=(
        *examples({"h": "1/5", "eta": "1/10", "steps": 200}, ("h", "-2.30596049766996202")),
        *examples({"h": "1/5", "eta": "1/100", "steps": 2000}, ("h", "-2.29790041680849302")),
    ),
)

THEOREMS = (FLOW, RATE, MAP)
