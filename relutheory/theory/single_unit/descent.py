"""Descent: inequalities of one mean step, stationary points, the dichotomy and the safe ball."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import Eq, Equivalent, Expr, Gt, Implies, Integer, Le, Lt, Max, Piecewise, Sum, sqrt

from relutheory import symbols
from relutheory.domain import Domain, Parameter, VectorSet
from relutheory.errors import DomainError
from relutheory.functions import Expectation, OrderedEigenvalue
from relutheory.grammar import show
from relutheory.theorems import Family, Theorem, Trial, Witness
from relutheory.theory.gaussian import expressions as ex
from relutheory.theory.gaussian.unit import SIZE
from relutheory.theory.single_unit import expressions as e
from relutheory.theory.single_unit import notation as n
from relutheory.theory.single_unit import printed
from relutheory.theory.single_unit import unit as d
from relutheory.theory.single_unit.drift import BALANCED, SCALAR, examples
from relutheory.theory.single_unit.notation import a, b, eta, gate1, gate2, i, theta, theta_star, xt

SIMULATOR = "relutheory.simulate.single_unit:"
STEP = (d.INPUT, d.UNIT, d.RULE, d.NOISE)
N = symbols.N

# --- the chain of inequalities ---------------------------------------------------------------------------

#: ``f* - y`` and ``y* - y``.
_relu_error = e.over((gate2 * theta_star[a] - theta[a]) * xt[a], a)
_linear_error = e.over((theta_star[a] - theta[a]) * xt[a], a)


def _form(matrix: Any, left: Any, right: Any) -> Any:
    return e.over(matrix(a, b) * left[a] * right[b], a, b)


_left = (
    _form(e.open_moment, theta, theta)
    - 2 * _form(e.shared_moment, theta, theta_star)
    + _form(e.shared_moment, theta_star, theta_star)
)
_inner_relu = e.over(
    (e.open_moment(a, b) * theta[b] - e.shared_moment(a, b) * theta_star[b]) * e.error(a), a, b
)
_inner_affine = e.over(e.open_moment(a, b) * e.error(a) * e.error(b), a, b)


def _unless_solved(value: Any) -> Expr:
    return Piecewise((0, Eq(n.solved, 1)), (value, True))


_LEFT = Expectation(gate1 * _relu_error**2)
_MIDDLE = Expectation(gate1 * _relu_error * _linear_error)
_RIGHT = Expectation(gate1 * _linear_error**2)

CHAIN = Theorem(
    id="descent-chain",
    stem="single_unit",
    kind="lower bound",
    title="Descent inequalities",
    meaning=(
        "0 <= E[u (f* - y)^2] <= -v'g_relu <= -v'g_affine = v'M(theta)v with v = theta - theta*: both "
        "drifts point towards the solution, the affine one more so, and neither can be 0 unless the unit is "
        "right wherever it is open. The results are the three terms; the left one cancels near theta*."
    ),
    lhs=Integer(0),
    relation="<=",
    rhs=_LEFT,
    also=(
        Le(_LEFT, _MIDDLE, evaluate=False),
        Le(_MIDDLE, _RIGHT, evaluate=False),
        Eq(_RIGHT, _inner_affine, evaluate=False),
        # the middle term is <g_relu, theta* - theta>
        Eq(
            _MIDDLE,
            -e.over(e.error(n.q) * Expectation(gate1 * _relu_error * xt[n.q]), n.q),
            evaluate=False,
        ),
    ),
    results={
        "left": _unless_solved(_left),
        "middle": _unless_solved(_inner_relu),
        "right": _inner_affine,
    },
    display=printed.chain_display(_RIGHT, left=_LEFT, middle=_MIDDLE, right=_RIGHT),
    domain=d.student_teacher(),
    hypotheses=(d.INPUT, d.UNIT, d.RELU, d.MARGINS),
    source=d.NEW,
    uses=("relu-teacher-drift", "affine-teacher-drift"),
    proof="proofs.single_unit:descent_chain",
    witness=Witness(
        SIMULATOR + "descent",
        tuple(
            Trial(point, {"what": what}, result=what)
            for point in (d.E1, BALANCED, SCALAR)
            for what in ("left", "middle", "right")
        ),
        why="points where the three terms differ by much more than the width of an interval",
    ),
    examples=examples(
        d.E1,
        ("left", "0.486876583462496576"),
        ("middle", "0.490470683672349307"),
        ("right", "0.498509465092198502"),
    ),
)

# --- stationary points -----------------------------------------------------------------------------------

#: The gate and the output of a constant unit ``y = b``, whose error has no gate of its own.
_constant_open = Piecewise((1, Gt(theta[0], 0)), (0, True))


def _no_step(error: Any, gate: Any = gate1) -> Any:
    """``|g|^2 = 0`` for ``g_i = E[u error xt_i]``; a constant gate is a factor."""
    inside, outside = (gate, Integer(1)) if gate == gate1 else (Integer(1), gate)
    return Eq(e.over((outside * Expectation(inside * error * xt[n.q])) ** 2, n.q), 0, evaluate=False)


_at_solution = Eq(e.over(e.error(n.q) ** 2, n.q), 0, evaluate=False)
_dead = Le(theta[0], 0, evaluate=False)
_constant_errors = (
    e.over(gate2 * theta_star[a] * xt[a], a) - theta[0],
    e.over(theta_star[a] * xt[a], a) - theta[0],
)

STATIONARY = Theorem(
    id="stationary-set",
    stem="single_unit",
    kind="criterion",
    title="Stationary points of the gated rule",
    meaning=(
        "The mean step vanishes at theta* and on the dead set D = {w = 0, b <= 0}, nowhere else, for either "
        "teacher; the value is the number of stationary points outside D. There are no spurious local "
        "minima: what stops learning is death. The relations say |g|^2 = 0 iff |theta - theta*|^2 = 0 for "
        "w != 0 (ReLU teacher, then affine), and |g|^2 = 0 iff b <= 0 for w = 0, where y = b."
    ),
    lhs=_no_step(_relu_error),
    relation="<=>",
    rhs=_at_solution,
    also=(
        Equivalent(_no_step(_linear_error), _at_solution),
        *(Equivalent(_no_step(error, _constant_open), _dead) for error in _constant_errors),
    ),
    results={"value": Integer(1)},
    domain=Domain(
        (d.THETA_STAR, *d.INPUT_LAW), {"theta_star": (0, 1, -1)}, complete=d.complete, derive=d.derive
    ),
    hypotheses=(
        d.INPUT,
        "unit: output max(y, 0), gate 1(y > 0), closed at y = 0; w != 0 in the relations with the gate u_1, "
        "w = 0 and y = b in the others",
        d.RULE,
        "teacher: y* = theta*.xt, affine or ReLU, w* != 0",
        d.MARGINS,
    ),
    source=d.NEW,
    uses=("descent-chain",),
    proof="proofs.single_unit:stationary_set",
    witness=Witness(
        SIMULATOR + "stationary_points",
        (
            Trial({"theta_star": (Fraction(1, 2), 1)}),
            Trial({"theta_star": d.E1["theta_star"], "m": d.E1["m"], "S": d.E1["S"]}),
            Trial({"theta_star": (Fraction(1, 2), 1, -1)}, {"teacher": "affine"}),
        ),
        why="descent from many starts on a noise-free batch: limits that are not dead are counted",
    ),
    examples=examples({"theta_star": "0,1,-1"}, ("value", "1")),
)

# --- one step --------------------------------------------------------------------------------------------

_lam_max = OrderedEigenvalue(N, SIZE, e.open_moment(a, b), a, b)
_dist2 = e.over(e.error(a) ** 2, a)
_next2 = e.over((e.error(n.q) + eta * e.drift(n.q)) ** 2, n.q)
_inner = Piecewise((_unless_solved(_inner_relu), Eq(n.relu, 1)), (_inner_affine, True))
_bound = _dist2 - eta * (2 - eta * _lam_max) * _inner
#: The largest eigenvalue of ``M = E[u xt xt']``.
_largest = OrderedEigenvalue(N, SIZE, Expectation(gate1 * xt[a] * xt[b]), a, b)


def _following(error: Any) -> Any:
    """Squared distance from theta* after a step."""
    drift = Expectation(gate1 * error * xt[n.q])
    return e.over((e.error(n.q) + eta * drift) ** 2, n.q)


def _one_step(error: Any) -> Any:
    """``|v + eta g|^2 <= |v|^2 - eta (2 - eta lam_max) <g, -v> <= |v|^2`` with ``g_i = E[u error xt_i]``."""
    bound = _dist2 - eta * (2 - eta * _largest) * Expectation(gate1 * error * _linear_error)
    return Le(_following(error), bound, evaluate=False) & Le(bound, _dist2, evaluate=False)


def _small_step(exact: Any) -> bool:
    """``eta lam_max(M(theta)) <= 2``; by ``M <= E[xt xt']`` it is enough that this holds for the input."""
    if d.below_input_limit(exact):
        return True
    from relutheory.evaluate import decide

    bindings = d.derive(exact) | {eta: exact["eta"]}
    return decide(Le(eta * _lam_max, 2, evaluate=False), bindings)


NONEXPANSION = Theorem(
    id="distance-nonexpansion",
    stem="single_unit",
    kind="upper bound",
    title="One mean step does not lead away",
    meaning=(
        "|v + eta g|^2 <= |v|^2 - eta (2 - eta lam_max(M)) (-v'g) <= |v|^2 with v = theta - theta* for "
        "both teachers, if eta lam_max(M(theta)) <= 2; eta <= 2/lam_max(E[xt xt']) is enough everywhere, "
        "for standard input eta <= 2. The relation is that of a ReLU teacher, the further one that of an "
        "affine teacher; g_i = E[u e xt_i] with the error e of the output, M = E[u xt xt']."
    ),
    lhs=Le(eta * _largest, 2, evaluate=False),
    relation="=>",
    rhs=_one_step(_relu_error),
    also=(Implies(Le(eta * _largest, 2, evaluate=False), _one_step(_linear_error), evaluate=False),),
    results={"dist2": _dist2, "dist2_next": _next2, "bound": _bound},
    display=printed.nonexpansion_display(
        tuple(
            (Expectation(gate1 * error * _linear_error), _following(error))
            for error in (_relu_error, _linear_error)
        ),
        _largest,
        _dist2,
    ),
    domain=d.student_teacher(
        (d.ETA, d.TEACHER),
        {"eta": Fraction(1, 2)},
        constraints=((_small_step, "eta lam_max(M(theta)) <= 2"),),
    ),
    hypotheses=(
        *STEP,
        "teacher: affine or ReLU, w* != 0",
        d.MARGINS,
        "step size: 0 < eta lam_max(M(theta)) <= 2",
    ),
    source=d.NEW,
    uses=("descent-chain", "affine-teacher-drift", "relu-teacher-drift"),
    proof="proofs.single_unit:nonexpansion",
    witness=Witness(
        SIMULATOR + "nonexpansion",
        tuple(
            Trial({**point, "eta": step, "teacher": teacher}, {"what": what}, result=what)
            for point, step, teacher in (
                (d.E1, Fraction(1, 2), "relu"),
                (d.E1, Fraction(1, 2), "affine"),
                (SCALAR, Fraction(3, 2), "relu"),
            )
            for what in ("dist2", "dist2_next", "bound")
        ),
        why="both teachers, and a step near the limit where the quadratic term counts",
    ),
    examples=examples(
        {**d.E1, "eta": "1/2"},
        ("dist2", "2.8125"),
        ("dist2_next", "2.37327128309951433"),
        ("bound", "2.49423546323513502"),
    ),
)

# --- many steps ------------------------------------------------------------------------------------------

DIES = {"theta0": (-1, Fraction(-1, 2)), "theta_star": (0, 1), "eta": Fraction(1, 4)}
LIVES = {"theta0": (-1, Fraction(1, 2)), "theta_star": (0, 1), "eta": Fraction(1, 4)}
_input_limit = (d.below_input_limit, "eta < 2/lam_max(E[xt xt'])")
_h = e.ONE_UNIT_DEFINITIONS[1][0]


def _orbit_trials(point: Any) -> tuple[Trial, ...]:
    entries = range(len(point["theta0"]))
    return (
        Trial({**point, "steps": 1}, {"what": "h"}, result="h"),
        Trial({**point, "steps": 1}, {"what": "dist"}, result="dist"),
        *(Trial({**point, "steps": 1}, {"what": "theta", "entry": k}, result=f"theta_{k}") for k in entries),
    )


#: The largest eigenvalue of ``E[xt xt']``.
_input_largest = OrderedEigenvalue(N, SIZE, Expectation(xt[a] * xt[b]), a, b)

DICHOTOMY = Theorem(
    id="gd-dichotomy",
    stem="single_unit",
    kind="criterion",
    title="Converge or die",
    meaning=(
        "The mean map of an affine teacher either converges to theta* or dies: lam_min(M) -> 0 with |theta - "
        "theta*| bounded, that is h -> -oo, or, for special values, a step that lands in the dead set. There "
        "is no divergence and no third outcome. For in each step |v|^2 falls at least by eta (2 - eta "
        "lam_max) lam_minus(h) E[(y* - y)^2], where lam_max is that of E[xt xt'] and the mean is at least "
        "lam_min(E[xt xt']) |v|^2; so the sum of lam_minus(h_k) |v_k|^2 over all steps is finite, and unless "
        "|v_k| tends to 0, lam_minus(h_k) does. The relations are this fall in one step and what it rests "
        "on, M(theta) >= lam_minus(h) E[xt xt']; the limits are not part of them. The results follow the map."
    ),
    lhs=Le(eta * _input_largest, 2, evaluate=False),
    relation="=>",
    rhs=Le(
        _following(_linear_error),
        _dist2 - eta * (2 - eta * _input_largest) * ex.lam_minus(n.h1) * Expectation(_linear_error**2),
        evaluate=False,
    ),
    also=(Le(ex.lam_minus(n.h1) * Expectation(_linear_error**2), _RIGHT, evaluate=False),),
    display=printed.dichotomy_display(
        _input_largest,
        _dist2,
        _following(_linear_error),
        Expectation(_linear_error**2),
        _RIGHT,
        ex.lam_minus(n.h1),
    ),
    results={"h": e.affine_orbit(_h), "dist": e.affine_orbit(e.distance())},
    families={"theta": Family(e.affine_orbit(theta[i]), (i,), SIZE)},
    domain=d.student_teacher(
        (d.ETA, d.STEPS),
        {"theta": (-1, Fraction(1, 2), Fraction(1, 3)), "eta": Fraction(1, 4)},
        start=d.THETA0,
        constraints=(_input_limit,),
    ),
    hypotheses=(*STEP, d.AFFINE, d.MARGINS, "step size: 0 < eta < 2/lam_max(E[xt xt'])"),
    source=d.NEW,
    uses=("distance-nonexpansion", "gated-second-moment"),
    proof="proofs.single_unit:dichotomy",
    witness=Witness(
        SIMULATOR + "dichotomy",
        (
            *_orbit_trials(DIES),
            *_orbit_trials(LIVES),
            *_orbit_trials(
                {
                    "theta0": d.E1["theta"],
                    "theta_star": d.E1["theta_star"],
                    "m": d.E1["m"],
                    "S": d.E1["S"],
                    "eta": 1,
                }
            ),
        ),
        why="a start that dies, one that converges, and a generic one",
    ),
    examples=(
        *examples({**DIES, "steps": 10}, ("h", "-2.931494716113662216")),
        *examples({**DIES, "steps": 300}, ("h", "-4.2280411609988772359")),
        *examples(
            {**LIVES, "steps": 10},
            ("theta_0", "-0.68462142293395851889"),
            ("theta_1", "1.0401751589021887168"),
        ),
        *examples({**LIVES, "steps": 300}, ("dist", "8.87635e-4")),
    ),
)

_square = Max(theta_star[0], 0) ** 2 + Sum(theta_star[a] ** 2, (a, 1, N))
_radius = sqrt(_square)


def _in_ball(square: Any) -> Any:
    """The point with this squared distance from theta* is nearer than the dead set."""
    return Lt(square, _square, evaluate=False)


def _inside(exact: Any) -> bool:
    """A start that is given must lie in the open ball (exact comparison of squares)."""
    if "theta0" not in exact:
        return True
    count = len(exact["theta_star"])
    if len(exact["theta0"]) != count:
        raise DomainError(f"theta0 must have {count} entries like theta_star, got {show(exact['theta0'])}")
    squares = [x**2 for x in exact["theta_star"][1:]]
    reach = sum(squares, max(exact["theta_star"][0], Fraction(0)) ** 2)
    return bool(sum((x - y) ** 2 for x, y in zip(exact["theta0"], exact["theta_star"], strict=True)) < reach)


_start = Parameter("theta0", theta, VectorSet(least=2), "start inside the ball", filled=True, default="any")

SAFE_BALL = Theorem(
    id="safe-ball",
    stem="single_unit",
    kind="criterion",
    title="A ball in which no unit dies",
    meaning=(
        "From every start with |theta_0 - theta*| < dist(theta*, D) the mean map converges to theta*, at a "
        "geometric rate in the end: the unit cannot die. The distance to the dead set is |w*| if b* <= 0 and "
        "|theta*| if b* > 0, so a target scaled by gamma scales the radius by gamma. The ball cannot be "
        "enlarged. The relations say that no step leaves the ball (ReLU teacher, then affine) and that w = 0 "
        "entails b > 0 in it; convergence, which follows because M is bounded below on a smaller closed "
        "ball, is not part of them. The value needs theta_star only; a start and a step size that are given "
        "are checked."
    ),
    lhs=_in_ball(_dist2) & Le(eta * _input_largest, 2, evaluate=False),
    relation="=>",
    rhs=_in_ball(_following(_relu_error)),
    also=(
        Implies(
            _in_ball(_dist2) & Le(eta * _input_largest, 2, evaluate=False),
            _in_ball(_following(_linear_error)),
            evaluate=False,
        ),
        Implies(
            _in_ball(_dist2) & Eq(Sum(theta[a] ** 2, (a, 1, N)), 0, evaluate=False),
            Gt(theta[0], 0, evaluate=False),
            evaluate=False,
        ),
    ),
    results={"value": _radius},
    domain=Domain(
        (
            d.THETA_STAR,
            _start,
            Parameter("eta", eta, d.ETA.set, "step size", filled=True, default="any below the limit"),
            *d.INPUT_LAW,
        ),
        {"theta_star": (Fraction(3, 4), 1)},
        constraints=(
            (_inside, "|theta0 - theta_star| < dist(theta_star, D)"),
            _input_limit,
        ),
        complete=d.complete,
        derive=lambda exact: {N: len(exact["theta_star"]) - 1},
    ),
    hypotheses=(
        *STEP,
        "teacher: affine or ReLU, w* != 0",
        d.MARGINS,
        "step size: 0 < eta < 2/lam_max(E[xt xt'])",
    ),
    source=d.NEW,
    uses=("descent-chain", "distance-nonexpansion", "stationary-set", "teacher-jacobian"),
    proof="proofs.single_unit:safe_ball",
    witness=Witness(
        SIMULATOR + "dead_set_distance",
        (
            Trial({"theta_star": (-3, Fraction(3, 5), Fraction(4, 5))}),
            Trial({"theta_star": (Fraction(3, 4), 1)}),
            Trial({"theta_star": (2, 1, -1, 3)}),
        ),
        why="teacher biases of both signs",
    ),
    examples=(
        *examples({"theta_star": "-3,0.6,0.8"}, ("value", "1")),
        *examples({"theta_star": "3/4,1"}, ("value", "5/4")),
    ),
)

THEOREMS = (CHAIN, STATIONARY, NONEXPANSION, DICHOTOMY, SAFE_BALL)
