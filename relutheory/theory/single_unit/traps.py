"""Traps without return, and the time that a bias needs to come back."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import And, Derivative, Eq, Gt, Implies, Le, Lt, Symbol

from relutheory.domain import Domain, Parameter
from relutheory.functions import BiasEscapeTime, Phi, RampMoment
from relutheory.theorems import Family, Theorem, Trial, Witness
from relutheory.theory.gaussian.unit import SIZE
from relutheory.theory.single_unit import expressions as e
from relutheory.theory.single_unit import notation as n
from relutheory.theory.single_unit import unit as d
from relutheory.theory.single_unit.death import REAL
from relutheory.theory.single_unit.drift import examples
from relutheory.theory.single_unit.notation import a0, eta, h_star, i, theta

SIMULATOR = "relutheory.simulate.single_unit:"

# --- traps -----------------------------------------------------------------------------------------------

_trapped = Symbol("trapped", integer=True, nonnegative=True)


def is_trapped(exact: Any) -> bool:
    """``w w* < 0`` and ``h <= -h*``, in rationals: squares are compared where scales are roots."""
    (b, *w), (b_star, *w_star) = exact["theta0"], exact["theta_star"]
    if sum((x * y for x, y in zip(w, w_star, strict=True)), Fraction(0)) >= 0:
        return False
    size, size_star = (sum((x * x for x in v), Fraction(0)) for v in (w, w_star))
    # b/|w| + b*/|w*| <= 0
    one, two = b * abs(b) * size_star, b_star * abs(b_star) * size
    return bool(one + two <= 0)


def _opposite_or_one(exact: Any) -> bool:
    """In several dimensions the weights must be opposite multiples of each other."""
    w, w_star = exact["theta0"][1:], exact["theta_star"][1:]
    if len(w) == 1:
        return True
    return d.stays_on_a_line(w_bias(w), w_bias(w_star), (Fraction(0),) * len(w), _identity(len(w))) and (
        sum((x * y for x, y in zip(w, w_star, strict=True)), Fraction(0)) < 0
    )


def w_bias(weights: Any) -> tuple[Fraction, ...]:
    """Weights with a bias in front of them."""
    return (Fraction(0), *weights)


def _identity(size: int) -> tuple[tuple[Fraction, ...], ...]:
    return tuple(tuple(Fraction(int(j == k)) for j in range(size)) for k in range(size))


def _half_open(exact: Any) -> bool:
    """``eta P < 1`` at the start of a trapped unit; P then falls."""
    if "eta" not in exact or not is_trapped(exact):
        return True
    from relutheory.evaluate import decide

    bindings = _trap_bindings(exact)
    return decide(Lt(eta * Phi(n.h1), 1, evaluate=False), bindings)


def _trap_bindings(exact: Any) -> dict[Any, Any]:
    size = len(exact["theta0"]) - 1
    input_law = {"m": (Fraction(0),) * size, "S": _identity(size)}
    return d.derive({**exact, **input_law}) | {_trapped: int(is_trapped(exact)), eta: exact.get("eta")}


def _same_length(exact: dict[str, Any]) -> dict[str, Any]:
    filled = d.complete(dict(exact))
    return {name: value for name, value in filled.items() if name not in ("m", "S")}


def _runs(exact: Any) -> bool:
    return "eta" in exact and is_trapped(exact)


def _alone(output: Any) -> Any:
    """Value of `output` after ``k`` mean steps that see no target."""
    return e.orbit(output, lambda p: -e.over(e.open_moment(p, n.a) * theta[n.a], n.a), e.ONE_UNIT_DEFINITIONS)


TRAP = {"theta0": (Fraction(-1, 10), Fraction(-1, 2)), "theta_star": (0, 1), "eta": Fraction(1, 10)}
_TRAP_STEP = {**TRAP, "eta": 1, "steps": 1}
w, w_star, z = Symbol("w", real=True), Symbol("w^*", positive=True), Symbol("x", real=True)
bias, bias_star = Symbol("b", real=True), Symbol("b^*", real=True)
_apart = And(Lt(w, 0), Le(-bias / w, -bias_star / w_star, evaluate=False))
#: One step from inside the trap, by the formulas of `zero-target-map`.
_gap = 1 - eta * Phi(n.h1)
_next = (n.h1 - eta * RampMoment(1, n.h1)) / _gap
_stays = Implies(
    And(Le(n.h1, -h_star, evaluate=False), Lt(eta * Phi(n.h1), 1, evaluate=False)),
    And(
        Lt(_next, n.h1, evaluate=False),
        Le(_next, -h_star, evaluate=False),
        Lt(eta * Phi(_next), 1, evaluate=False),
    ),
    evaluate=False,
)

TRAPPING = Theorem(
    id="trapping-set-1d",
    stem="single_unit",
    kind="criterion",
    title="Certain death",
    meaning=(
        "With w against w* and h <= -h* the half-spaces {y > 0} and {y* > 0} do not meet: the target is "
        "invisible, the set is invariant for eta P < 1, and the margin falls for ever (zero-target-map). "
        "With b_0 = b* = 0 in one dimension this is every start of the wrong sign. h = -h* is inside. The "
        "relations are for w* > 0: no input opens both units, and a step from inside stays inside."
    ),
    lhs=_apart,
    relation="=>",
    rhs=Implies(Gt(bias + w * z, 0), Le(bias_star + w_star * z, 0, evaluate=False), evaluate=False),
    also=(_stays,),
    results={"trapped": _trapped, "h": _alone(n.h1)},
    families={"theta": Family(_alone(theta[i]), (i,), SIZE)},
    when={"h": _runs, "theta": _runs},
    domain=Domain(
        (d.THETA0, d.THETA_STAR, d.ETA, d.STEPS),
        TRAP,
        constraints=(
            (_opposite_or_one, "one dimension, or w = -k w* with k > 0"),
            (_half_open, "eta Phi(h) < 1 at the start"),
        ),
        forms=d.optional(("theta0", "theta_star"), "eta", "steps"),
        complete=_same_length,
        derive=_trap_bindings,
    ),
    hypotheses=(
        d.STANDARD + ", N = 1 or w = -k w* with k > 0",
        d.UNIT,
        d.RULE,
        d.RELU,
        "step size: eta P(h) < 1 at the start",
    ),
    source=d.NEW,
    uses=("zero-target-map",),
    proof="proofs.single_unit:trapping",
    witness=Witness(
        SIMULATOR + "trapping",
        (
            Trial(
                {"theta0": (Fraction(-3, 5), -1), "theta_star": (Fraction(1, 2), 1)},
                {"what": "trapped"},
                result="trapped",
            ),
            Trial(
                {"theta0": (Fraction(-2, 5), -1), "theta_star": (Fraction(1, 2), 1)},
                {"what": "trapped"},
                result="trapped",
            ),
            Trial(
                {"theta0": (Fraction(-1, 2), -1), "theta_star": (Fraction(1, 2), 1)},
                {"what": "trapped"},
                result="trapped",
            ),
            Trial(
                {"theta0": (-1, 2, -2), "theta_star": (Fraction(1, 3), -1, 1)},
                {"what": "trapped"},
                result="trapped",
            ),
            Trial(_TRAP_STEP, {"what": "h"}, result="h"),
            Trial(_TRAP_STEP, {"what": "theta", "entry": 0}, result="theta_0"),
            Trial(_TRAP_STEP, {"what": "theta", "entry": 1}, result="theta_1"),
        ),
        why="inside, outside and on the boundary of the trap; a large step, so that the drift shows",
    ),
    examples=(
        *examples({"theta0": "-3/5,-1", "theta_star": "1/2,1"}, ("trapped", "1")),
        *examples({"theta0": "-2/5,-1", "theta_star": "1/2,1"}, ("trapped", "0")),
        *examples({**TRAP, "steps": 10}, ("h", "-0.58317473085978465564")),
        *examples(
            {**TRAP, "steps": 1000},
            ("h", "-3.0500156943909678762"),
            ("theta_0", "-0.31975731628616736226"),
            ("theta_1", "-0.10483792489140519859"),
        ),
    ),
)

# --- coming back -----------------------------------------------------------------------------------------

_END = Symbol("h_1", real=True)


ESCAPE = Theorem(
    id="bias-escape-time",
    stem="single_unit",
    kind="identity",
    title="Time for a bias to come back",
    meaning=(
        "With w frozen at w*, |w*| = 1, an affine teacher moves the bias by b' = P(h) (h* - h), so the time "
        "from h = -a_0 to h_1 < h* is an integral; it is ~ 1/(a_0 Phi(-a_0) (h* + a_0)) for a_0 -> oo, "
        "exponential in a_0^2/2: a unit that is dead enough does not come back in practice."
    ),
    lhs=Derivative(BiasEscapeTime(a0, h_star, _END), _END),
    relation="=",
    rhs=1 / (Phi(_END) * (h_star - _END)),
    also=(Eq(BiasEscapeTime(a0, h_star, -a0), 0, evaluate=False),),
    results={"value": BiasEscapeTime(a0, h_star, _END)},
    domain=Domain(
        (
            Parameter("a0", a0, REAL, "distance into the tail at the start"),
            d.H_STAR,
            Parameter("h1", _END, REAL, "margin at the end"),
        ),
        {"a0": 3, "h_star": 0, "h1": -1},
        constraints=((And(Lt(-a0, _END), Lt(_END, h_star)), "-a0 < h1 < h_star"),),
    ),
    hypotheses=(
        d.STANDARD,
        "unit: w frozen at w* with |w*| = 1, so h = b and P = Phi(b)",
        d.AFFINE,
        "time: t = eta k in the limit of small steps",
    ),
    source=d.NEW,
    uses=("affine-teacher-drift",),
    proof="proofs.single_unit:escape_time",
    witness=Witness(
        SIMULATOR + "escape_time",
        (
            Trial({"a0": 3, "h_star": 0, "h1": -1}),
            Trial({"a0": 1, "h_star": 1, "h1": 0}),
            Trial({"a0": 2, "h_star": -1, "h1": Fraction(-3, 2)}),
        ),
        why="both signs of the target's margin",
    ),
    examples=(
        *examples({"a0": 3, "h_star": 0, "h1": -1}, ("value", "97.07392953154298")),
        *examples({"a0": 4, "h_star": 0, "h1": -1}, ("value", "2152.406061752247")),
        *examples({"a0": 5, "h_star": 0, "h1": -1}, ("value", "146497.706524591")),
    ),
)

THEOREMS = (TRAPPING, ESCAPE)
