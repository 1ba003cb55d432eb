"""The exact mean of one step of error backpropagation."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import Eq, Expr, Gt, Implies, Max, Piecewise, Sum, Symbol

from relutheory import symbols
from relutheory.domain import Domain, Parameter, RealSet, VectorSet, WordSet
from relutheory.errors import DomainError
from relutheory.functions import Expectation
from relutheory.grammar import show
from relutheory.theorems import Example, Family, Theorem, Trial, Witness
from relutheory.theory.gaussian import expressions as ex
from relutheory.theory.gaussian.unit import SIZE
from relutheory.theory.single_unit import expressions as e
from relutheory.theory.single_unit import notation as n
from relutheory.theory.single_unit import printed
from relutheory.theory.single_unit import unit as d
from relutheory.theory.single_unit.notation import (
    a,
    a_vec,
    gate1,
    gate2,
    i,
    j,
    noise,
    slope,
    theta,
    theta_star,
    x,
    xt,
    y,
)

SIMULATOR = "relutheory.simulate.single_unit:mean_update"
STEP = (d.INPUT, d.UNIT, d.RULE, d.NOISE)
target = Symbol("d", real=True)
N = symbols.N


def examples(parameters: Any, *pairs: tuple[str, str]) -> tuple[Example, ...]:
    """Reference values of several results at one point."""
    return tuple(Example(parameters, value, name) for name, value in pairs)


def drifts(point: Any, *entries: int, share: float = 1, **setting: Any) -> tuple[Trial, ...]:
    """Trials of entries of the drift."""
    return tuple(
        Trial(point, {"what": "g", "entry": k, **setting}, result=f"g_{k}", share=share) for k in entries
    )


# --- the gate --------------------------------------------------------------------------------------------

_open = Piecewise((1, Gt(y, 0)), (0, True))
_y = theta[0] + Sum(theta[a + 1] * x[a], (a, 0, N - 1))
_gate_of_x = Piecewise((1, Gt(_y, 0)), (0, True))


def _gating_shapes(exact: dict[str, Any]) -> dict[str, Any]:
    if len(exact["x"]) != len(exact["theta"]) - 1:
        count = len(exact["theta"]) - 1
        raise DomainError(f"x must be a list of {count} numbers for this theta, got {show(exact['x'])}")
    return exact


GATING = Theorem(
    id="gating-identity",
    stem="single_unit",
    kind="identity",
    title="Backpropagation is the linear error, gated",
    meaning=(
        "(d - f(y)) u = (d - y) u for every sample: the update of a ReLU unit is that of a linear unit "
        "(LMS) on the open inputs and none on the others."
    ),
    lhs=(target - Max(y, 0)) * _open,
    relation="=",
    rhs=(target - y) * _open,
    display=printed.gating_display(target),
    results={"gated": (target - Max(_y, 0)) * _gate_of_x, "linear": (target - _y) * _gate_of_x},
    domain=Domain(
        (
            Parameter("theta", theta, VectorSet(least=2), "bias and weights of the unit, bias first"),
            Parameter("x", x, VectorSet(), "one input"),
            Parameter("d", target, RealSet(None, None), "its target"),
        ),
        {"theta": (0, 1), "x": (2,), "d": 1},
        complete=_gating_shapes,
        derive=lambda exact: {N: len(exact["x"])},
    ),
    hypotheses=(
        "unit: y = theta.xt with xt = (1, x), output f(y) = max(y, 0), gate u = 1(y > 0), so u = 0 at y = 0",
        "rule: error backpropagation theta+ = theta + eta e u xt with e = d - f(y)",
    ),
    source=d.NEW,
    proof="proofs.single_unit:gating",
    witness=Witness(
        "relutheory.simulate.single_unit:backpropagation",
        (
            Trial({"theta": (0, 1), "x": (2,), "d": 1}, {"what": "gated"}, result="gated"),
            Trial({"theta": (0, 1), "x": (2,), "d": 1}, {"what": "linear"}, result="linear"),
            Trial(
                {"theta": (Fraction(1, 2), 1, -1), "x": (1, Fraction(1, 4)), "d": 3},
                {"what": "gated"},
                result="gated",
            ),
            Trial(
                {"theta": (Fraction(1, 2), 1, -1), "x": (1, Fraction(1, 4)), "d": 3},
                {"what": "linear"},
                result="linear",
            ),
            Trial({"theta": (0, 1), "x": (-2,), "d": 1}, {"what": "gated"}, result="gated"),
            Trial({"theta": (0, 1), "x": (0,), "d": 1}, {"what": "linear"}, result="linear"),
        ),
        why="open, closed and on the boundary; both rules are run literally",
    ),
    examples=(
        *examples({"theta": "0,1", "x": "2", "d": 1}, ("gated", "-1"), ("linear", "-1")),
        *examples({"theta": "0,1", "x": "-2", "d": 1}, ("gated", "0"), ("linear", "0")),
    ),
)

# --- the two teachers ------------------------------------------------------------------------------------

#: One dimension, with a teacher on the other side of the boundary.
SCALAR = {"theta": (Fraction(1, 10), Fraction(1, 2)), "theta_star": (-1, 1)}
#: A negative weight, for the sign of the off-diagonal entry.
NEGATIVE = {"theta": (Fraction(1, 2), -1), "theta_star": (Fraction(1, 4), Fraction(3, 2))}
#: Units near their boundaries on an input far from 0: all terms have the same order.
BALANCED = {
    "theta": (Fraction(-7, 4), Fraction(1), Fraction(-1)),
    "theta_star": (Fraction(-1), Fraction(1, 2), Fraction(-1)),
    "m": (Fraction(1), Fraction(-1)),
    "S": d.E1["S"],
}
_ONE_STEP = {"eta": Fraction(1, 2), "steps": 1}
_FORMS = d.optional(("theta", "theta_star", "m", "S"), "eta", "steps")


def steps_of(point: Any, *entries: int, share: float = 1, **setting: Any) -> tuple[Trial, ...]:
    """Trials of entries of the mean next parameters."""
    return tuple(
        Trial({**point, **_ONE_STEP}, {"what": "theta", "entry": k, **setting}, "=", f"theta_{k}", share)
        for k in entries
    )


_residual = noise - e.over(e.error(a) * xt[a], a)
_affine = e.affine_drift(i)

AFFINE = Theorem(
    id="affine-teacher-drift",
    stem="single_unit",
    kind="recursion",
    title="Mean recursion with an affine teacher",
    meaning=(
        "E[theta_(k+1) | theta_k] = theta_k - eta M(theta_k) (theta_k - theta*): the drift g is the gated "
        "second moment times the error, whatever the noise. If (x, d) is jointly Gaussian this is the "
        "general case: d = theta*.xt + n with w* = S^(-1) Cov(x, d), b* = E d - w*.m. With h = 0 and m = 0 "
        "(no bias, centred input) M_ww = S/2 for every w, so that nothing dies: a bias or a mean is "
        "necessary for dying."
    ),
    lhs=Expectation(gate1 * _residual * xt[i]),
    relation="=",
    rhs=_affine,
    also=(
        Eq(Expectation(noise * gate1 * xt[i]), 0, evaluate=False),
        Implies(
            Eq(n.h1, 0, evaluate=False),
            Eq(
                Expectation(gate1 * (xt[i] - n.mt[i]) * (xt[j] - n.mt[j])),
                n.St[i, j] / 2,
                evaluate=False,
            ),
            evaluate=False,
        ),
    ),
    display=printed.affine_display(),
    families={
        "g": Family(_affine, (i,), SIZE),
        "theta": Family(e.affine_orbit(theta[i]), (i,), SIZE),
    },
    when={"theta": "eta"},
    domain=d.student_teacher((d.ETA, d.STEPS), forms=_FORMS),
    hypotheses=(*STEP, d.AFFINE, d.MARGINS),
    source=d.PAPER,
    uses=("gated-second-moment", "gating-identity"),
    proof="proofs.single_unit:affine_drift",
    witness=Witness(
        SIMULATOR,
        (
            *drifts(d.E1, 0, 1, 2, teacher="affine"),
            *drifts(NEGATIVE, 0, 1, teacher="affine"),
            *drifts(BALANCED, 1, 2, teacher="affine"),
            Trial(
                d.E1,
                {"what": "g", "entry": 1, "teacher": "affine", "sig": Fraction(1, 2)},
                result="g_1",
            ),
            *steps_of(SCALAR, 0, 1, teacher="affine"),
        ),
        why="a weight of each sign, an input far from 0, and noise, which must not matter",
    ),
    examples=(
        *examples(
            d.E1,
            ("g_0", "0.2413841478797955158"),
            ("g_1", "0.31679882244749397345"),
            ("g_2", "-0.21164756945490124322"),
        ),
        *examples(
            {**SCALAR, "eta": "1/10", "steps": 1},
            ("theta_0", "0.05583356666047146136577051"),
            ("theta_1", "0.482037862194900445791069"),
        ),
        *examples(
            {**SCALAR, "eta": "1/10", "steps": 100},
            ("theta_0", "-0.3407644069571495451682593"),
            ("theta_1", "0.5187440751207288023022521"),
        ),
    ),
)

_relu_residual = noise + e.over((gate2 * theta_star[a] - theta[a]) * xt[a], a)

RELU = Theorem(
    id="relu-teacher-drift",
    stem="single_unit",
    kind="recursion",
    title="Mean recursion with a ReLU teacher",
    meaning=(
        "E[theta_(k+1) | theta_k] = theta_k + eta (Q2(theta_k, theta*) theta* - M(theta_k) theta_k), the "
        "negative gradient of E[(f* - f)^2]/2. For m = 0, S = I and no bias the weight block of Q2 theta* "
        "is ((pi - alpha) w* + |w*| sin(alpha) w/|w|)/(2 pi) with the angle alpha between w and w*. In one "
        "dimension the quadrant is always a half-line or an interval."
    ),
    lhs=Expectation(gate1 * _relu_residual * xt[i]),
    relation="=",
    rhs=e.relu_drift(i, ex.quadrant_second_moment),
    display=printed.relu_display(),
    families={
        "g": Family(e.relu_drift(i), (i,), SIZE),
        "theta": Family(e.relu_orbit(theta[i]), (i,), SIZE),
    },
    when={"theta": "eta"},
    domain=d.student_teacher((d.ETA, d.STEPS), forms=_FORMS),
    hypotheses=(*STEP, d.RELU, d.MARGINS, d.DISTINCT),
    source=d.PAPER,
    uses=("quadrant-gated-moments", "gated-second-moment", "gating-identity"),
    proof="proofs.single_unit:relu_drift",
    witness=Witness(
        SIMULATOR,
        (
            *drifts(d.E1, 0, 1, 2),
            *drifts(BALANCED, 1, 2),
            *drifts(SCALAR, 0, 1),
            *drifts(NEGATIVE, 0, 1),
            *steps_of(SCALAR, 0, 1),
        ),
        why="a generic pair, one dimension with equal and with opposite signs, an input far from 0",
    ),
    examples=(
        *examples(
            d.E1,
            ("g_0", "0.24858952178774226707"),
            ("g_1", "0.31951467232771699393"),
            ("g_2", "-0.20268569488769507131"),
        ),
        *examples(
            {**SCALAR, "eta": "1/10", "steps": 10},
            ("theta_0", "-0.01842038239481976501858737"),
            ("theta_1", "0.4160428978237333192874431"),
        ),
        *examples(
            {**SCALAR, "eta": "1/10", "steps": 100},
            ("theta_0", "-0.2188571359354478225586462"),
            ("theta_1", "0.4650265836915565887323333"),
        ),
    ),
)

# --- other rules -----------------------------------------------------------------------------------------

_rule = Symbol("rule", integer=True, nonnegative=True)
_RULES = ("ungated", "leaky", "given")


def _ungated(teacher: Any) -> Expr:
    return e.over(teacher * theta_star[a] - e.open_moment(i, a) * theta[a], a)


def _leaky(shared: Any) -> Expr:
    l = slope  # noqa: E741  the letter of the statement
    R, M, star = e.input_moment(i, a), e.open_moment(i, a), e.teacher_moment(i, a)
    at_teacher = l**2 * R + l * (1 - l) * (star + M) + (1 - l) ** 2 * shared(i, a)
    return e.over(at_teacher * theta_star[a] - (l**2 * R + (1 - l**2) * M) * theta[a], a)


_given = e.over(e.open_moment(i, a) * a_vec[a], a)
_relu_teacher, _affine_teacher = _ungated(e.teacher_moment(i, a)), _ungated(e.input_moment(i, a))
_solved_leaky = Piecewise((0, Eq(n.solved, 1)), (_leaky(e.shared_moment), True))
_variants = Piecewise(
    (_given, Eq(_rule, 2)),
    (_solved_leaky, Eq(_rule, 1)),
    (_relu_teacher, Eq(n.relu, 1)),
    (_affine_teacher, True),
)


def _variant_shapes(exact: dict[str, Any]) -> dict[str, Any]:
    """Each rule has parameters of its own."""
    rule = exact["rule"]
    if rule == "given" and "theta_star" in exact:
        raise DomainError("theta_star is not used by rule = given: give a_vec alone")
    if rule != "given" and "theta_star" not in exact:
        raise DomainError(f"rule = {rule} needs theta_star: {d.THETA_STAR.describe()}")
    exact = d.complete(exact)
    if "a_vec" in exact and len(exact["a_vec"]) != len(exact["theta"]):
        count = len(exact["theta"])
        raise DomainError(f"a_vec must have {count} entries like theta, got {show(exact['a_vec'])}")
    return exact


def _variant_bindings(exact: Any) -> dict[Any, Any]:
    return d.derive(exact) | {_rule: _RULES.index(exact["rule"])}


_LEAKY_STEP = gate1 + slope * (1 - gate1)
_LEAKY_TEACHER = gate2 + slope * (1 - gate2)
_E1 = {**d.E1}
_GIVEN = {"theta": d.E1["theta"], "m": d.E1["m"], "S": d.E1["S"], "rule": "given", "a_vec": (1, -1, 2)}

_rule_parameters = (
    Parameter("theta", theta, VectorSet(least=2), "bias and weights of the unit, bias first"),
    Parameter("rule", Symbol("rule_word"), WordSet(_RULES), "update rule"),
    Parameter("theta_star", theta_star, VectorSet(least=2), "bias and weights of the teacher", filled=True,
              default="none for rule = given"),
    *d.INPUT_LAW,
    Parameter("teacher", Symbol("teacher"), WordSet(("affine", "relu")), "teacher", "relu",
              only=("rule", ("ungated",))),
    Parameter("slope", slope, RealSet(Fraction(0), Fraction(1), "[]"), "slope for negative preactivations",
              only=("rule", ("leaky",))),
    Parameter("a_vec", a_vec, VectorSet(least=2), "vector a of the given error a.xt + n",
              only=("rule", ("given",))),
)  # fmt: skip

_also_variants = (
    Eq(
        Expectation(e.over((gate2 * theta_star[a] - gate1 * theta[a]) * xt[a], a) * xt[i]),
        _relu_teacher,
        evaluate=False,
    ),
    Eq(
        Expectation(e.over((theta_star[a] - gate1 * theta[a]) * xt[a], a) * xt[i]),
        _affine_teacher,
        evaluate=False,
    ),
    Eq(Expectation(gate1 * e.over(a_vec[a] * xt[a], a) * xt[i]), _given, evaluate=False),
)

VARIANTS = Theorem(
    id="drift-variants",
    stem="single_unit",
    kind="identity",
    title="Drift of ungated, leaky and given errors",
    meaning=(
        "Ungated error (update eta (f* - f) xt), leaky unit and leaky teacher (same slope), and an error "
        "delta = a.xt + n given from above (g = M(theta) a). The ungated rules are not stuck in the dead "
        "set: there g = M(theta*) theta* or E[xt xt'] theta*. With slope 1 the leaky rule is LMS, with "
        "slope 0 the gated one."
    ),
    lhs=Expectation(
        _LEAKY_STEP * e.over((_LEAKY_TEACHER * theta_star[a] - _LEAKY_STEP * theta[a]) * xt[a], a) * xt[i]
    ),
    relation="=",
    rhs=_leaky(ex.quadrant_second_moment),
    also=_also_variants,
    families={"g": Family(_variants, (i,), SIZE)},
    display=printed.variants_display((_LEAKY_STEP, _LEAKY_TEACHER), _also_variants, Symbol("g_i")),
    domain=Domain(
        _rule_parameters,
        {**_E1, "rule": "leaky", "slope": Fraction(1, 10)},
        complete=_variant_shapes,
        derive=_variant_bindings,
    ),
    hypotheses=(
        d.INPUT,
        d.UNIT,
        "rule: ungated theta+ = theta + eta (d - f(y)) xt; leaky theta+ = theta + eta (d - f(y)) f'(y) xt "
        "with f(y) = y for y > 0, slope y else, also in the teacher; given theta+ = theta + eta delta u xt",
        d.NOISE,
        d.MARGINS,
        d.DISTINCT,
    ),
    source=d.NEW,
    uses=("quadrant-gated-moments", "gated-second-moment"),
    proof="proofs.single_unit:drift_variants",
    witness=Witness(
        SIMULATOR,
        (
            *drifts({**_E1, "rule": "ungated"}, 0, 1, 2),
            *drifts({**_E1, "rule": "ungated", "teacher": "affine"}, 1, 2),
            *drifts({**_E1, "rule": "leaky", "slope": Fraction(1, 10)}, 0, 1, 2),
            *drifts({**BALANCED, "rule": "leaky", "slope": Fraction(1, 2)}, 1),
            *drifts({**NEGATIVE, "rule": "leaky", "slope": Fraction(1, 2)}, 0, 1),
            *drifts(_GIVEN, 0, 1, 2),
        ),
        why="each rule at a point where each of its matrices counts",
    ),
    examples=(
        *examples(
            {**_E1, "rule": "ungated"},
            ("g_0", "0.654888763270567524"),
            ("g_1", "0.398253369465195006"),
            ("g_2", "-0.586604007393149576"),
        ),
        *examples(
            {**_E1, "rule": "leaky", "slope": "1/10"},
            ("g_0", "0.29327207465160391"),
            ("g_1", "0.324286581857592773"),
            ("g_2", "-0.246330554775357581"),
        ),
    ),
)

THEOREMS = (GATING, AFFINE, RELU, VARIANTS)
