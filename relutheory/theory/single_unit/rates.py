"""The linearised recursion: Jacobian of the drift and local rates at the solution."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import (
    Abs,
    DiracDelta,
    Eq,
    Equivalent,
    Gt,
    Integer,
    Lt,
    Max,
    Piecewise,
    Symbol,
    log,
    sqrt,
)

from relutheory import symbols
from relutheory.domain import Domain, IntegerSet, Parameter, RealSet, WordSet
from relutheory.errors import DomainError
from relutheory.functions import Expectation, Phi, RampMoment, phi
from relutheory.theorems import Family, Theorem, Trial, Witness
from relutheory.theory.gaussian import expressions as ex
from relutheory.theory.gaussian.unit import SIZE
from relutheory.theory.single_unit import expressions as e
from relutheory.theory.single_unit import notation as n
from relutheory.theory.single_unit import printed
from relutheory.theory.single_unit import unit as d
from relutheory.theory.single_unit.drift import BALANCED, NEGATIVE, examples
from relutheory.theory.single_unit.notation import (
    St,
    a,
    c1,
    eta,
    gate1,
    h1,
    h_star,
    i,
    j,
    mt,
    s1,
    slope,
    theta_star,
    xt,
)

SIMULATOR = "relutheory.simulate.single_unit:"

# --- Jacobian --------------------------------------------------------------------------------------------

y1 = Symbol("y1", real=True)
#: Mean and variance of the teacher's ``y*`` on the student's boundary ``y = 0``.
edge_mean, edge_variance = Symbol("m_0", real=True), Symbol("v_0", nonnegative=True)
_rule = Symbol("rule", integer=True, nonnegative=True)
_RULES = ("gated", "ungated", "leaky")
_density = phi(h1) / s1


def _mean_there(p: Any) -> Any:
    return mt[p] - h1 * c1[p]


def _covariance_there(p: Any, r: Any) -> Any:
    return St[p, r] - c1[p] * c1[r]


def _teacher_there(p: Any) -> Any:
    """Covariance of ``xt_p`` and ``y*`` on the boundary."""
    return e.over(_covariance_there(p, a) * theta_star[a], a)


_square = _covariance_there(i, j) + _mean_there(i) * _mean_there(j)
_mixed = _mean_there(i) * _teacher_there(j) + _teacher_there(i) * _mean_there(j)
_k = edge_mean / sqrt(edge_variance)


def _surface(square: Any, mixed: Any, teacher: Any, k: Any = _k) -> tuple[Any, Any]:
    """Surface averages of ``y* xt xt'`` and ``f* xt xt'``, from the moments on the boundary."""
    affine = _density * (edge_mean * square + mixed)
    relu = _density * (
        sqrt(edge_variance) * RampMoment(Integer(1), k) * square
        + Phi(k) * mixed
        + phi(k) / sqrt(edge_variance) * teacher[i] * teacher[j]
    )
    return affine, relu


_affine_edge, _relu_edge = _surface(_square, _mixed, {k: _teacher_there(k) for k in (i, j)})
_relu_limit = Piecewise(
    (_density * Max(edge_mean, 0) * _square, Eq(edge_variance, 0)),
    (_relu_edge, True),
)
_M = e.open_moment(i, j)
_leaky = -(slope**2 * e.input_moment(i, j) + (1 - slope**2) * _M)
_jacobian = Piecewise(
    (-_M, Eq(_rule, 1)),
    (_leaky, Eq(_rule, 2)),
    (-_M + _relu_limit, Eq(n.relu, 1)),
    (-_M + _affine_edge, True),
)


def _edge(exact: Any) -> dict[Any, Any]:
    """Rational mean and variance of ``y*`` given ``y = 0``."""
    student, teacher, m, S = (exact[name] for name in ("theta", "theta_star", "m", "S"))

    def form(left: Any, right: Any) -> Fraction:
        rows = (sum((v * r for v, r in zip(row, right, strict=True)), Fraction(0)) for row in S)
        return sum((x * v for x, v in zip(left, rows, strict=True)), Fraction(0))

    def mean(unit: Any) -> Fraction:
        return sum((x * v for x, v in zip(unit[1:], m, strict=True)), Fraction(unit[0]))

    w, star = student[1:], teacher[1:]
    ratio = form(w, star) / form(w, w)
    found = {
        edge_mean: mean(teacher) - mean(student) * ratio,
        edge_variance: form(star, star) - form(w, star) * ratio,
        _rule: _RULES.index(exact["rule"]),
    }
    return d.derive(exact) | found


def _leaky_at_teacher(exact: dict[str, Any]) -> dict[str, Any]:
    exact = d.complete(exact)
    if exact["rule"] == "leaky" and exact["theta"] != exact["theta_star"]:
        raise DomainError("rule = leaky has a Jacobian here at theta = theta_star only")
    return exact


def _entries(point: Any, *pairs: tuple[int, int], share: float = 1) -> tuple[Trial, ...]:
    return tuple(
        Trial(point, {"row": row, "column": column}, result=f"jac_{row}_{column}", share=share)
        for row, column in pairs
    )


_RELU = {**d.E1, "rule": "gated", "teacher": "relu"}
_AFFINE = {**d.E1, "rule": "gated", "teacher": "affine"}
_FAR = {"theta": (Fraction(1, 4), 1, -1), "theta_star": (1, Fraction(1, 2), 2)}
_LEAKY = {
    **d.E1,
    "theta": d.E1["theta_star"],
    "rule": "leaky",
    "slope": Fraction(1, 2),
}
_parameters = (
    Parameter("rule", Symbol("rule_word"), WordSet(_RULES), "update rule", "gated"),
    Parameter(
        "teacher", Symbol("teacher"), WordSet(("affine", "relu")), "teacher", "relu",
        only=("rule", ("gated",)),
    ),
    Parameter(
        "slope", slope, RealSet(Fraction(0), Fraction(1), "[]"), "slope for negative preactivations",
        only=("rule", ("leaky",)),
    ),
)  # fmt: skip

_output = e.over(theta_star[a] * xt[a], a)

_also_jacobian = (
    Eq(
        Expectation(DiracDelta(y1) * Max(_output, 0) * xt[i] * xt[j]),
        _relu_edge,
        evaluate=False,
    ),
)

JACOBIAN = Theorem(
    id="teacher-jacobian",
    stem="single_unit",
    kind="identity",
    title="Jacobian of the drift",
    meaning=(
        "dg/dtheta = -M + E[delta(y) y* xt xt'] (affine teacher), -M + E[delta(y) f* xt xt'] (ReLU teacher, "
        "second term >= 0), -M (ungated error); at theta* all are -M(theta*), so v_(k+1) = (I - eta "
        "M(theta*)) v_k + o(v) whatever the initialisation and the noise. Leaky (at theta* only): -(l^2 R + "
        "(1 - l^2) M) with R = E[xt xt'], all rates at least l^2 lam_min(R). The drift with a ReLU teacher "
        "is only once differentiable at theta*. On the boundary y* has mean m_0 and variance v_0; for v_0 = "
        "0 (one dimension, or collinear weights) it is constant there."
    ),
    lhs=Expectation((DiracDelta(y1) * _output - gate1) * xt[i] * xt[j]),
    relation="=",
    rhs=-_M + _affine_edge,
    also=_also_jacobian,
    families={"jac": Family(_jacobian, (i, j), SIZE)},
    display=printed.jacobian_display(
        (_mean_there, _covariance_there, _teacher_there), _also_jacobian, _surface, _k, Symbol("J_{i,j}")
    ),
    domain=d.student_teacher(
        _parameters,
        {"rule": "gated", "teacher": "affine"},
        complete=_leaky_at_teacher,
        derive=_edge,
    ),
    hypotheses=(
        d.INPUT,
        d.UNIT,
        "surface: the derivative of the gate is du/dtheta = delta(y) xt, the density of y at 0 with the law "
        "of x given y = 0",
        "teacher: affine (y*) or ReLU (max(y*, 0)), y* = theta*.xt",
        d.MARGINS,
        "boundary: given y = 0, y* has mean m_0 = theta*.g and variance v_0 = theta*'(St - c_1 c_1')theta*, "
        "with g = mt - h_1 c_1; the ReLU formula needs v_0 > 0",
    ),
    source=d.PAPER,
    uses=("surface-moment", "gated-second-moment", "affine-teacher-drift", "relu-teacher-drift"),
    proof="proofs.single_unit:teacher_jacobian",
    witness=Witness(
        SIMULATOR + "jacobian",
        (
            *_entries(_AFFINE, (0, 0), (0, 1), (1, 2), (2, 2)),
            *_entries(_RELU, (0, 0), (1, 1), (1, 2)),
            *_entries(_FAR, (0, 0), (0, 1), (1, 1), (2, 2)),
            *_entries({**NEGATIVE, "theta_star": (3, Fraction(3, 2))}, (0, 0), (0, 1), (1, 1)),
            *_entries({**BALANCED, "rule": "ungated"}, (1, 1), (2, 2)),
            *_entries(_LEAKY, (0, 1), (1, 1), (1, 2)),
        ),
        why="each rule and teacher, one dimension included, where the surface term is as large as M",
    ),
    examples=examples(
        _AFFINE,
        ("jac_0_0", "-0.108438574045442946"),
        ("jac_0_1", "-0.329429509827295206"),
        ("jac_1_2", "-0.287896115450938323"),
        ("jac_2_2", "-0.00242809288871619606"),
    ),
)

# --- local rates -----------------------------------------------------------------------------------------

N = symbols.N
variable = Symbol("x", real=True)
_minus, _plus = ex.lam_minus(h_star), ex.lam_plus(h_star)
_P = Phi(h_star)


def _tau(rate: Any) -> Any:
    return -1 / log(Abs(1 - eta * rate))


def _mean_stable(exact: Any) -> bool:
    if "eta" not in exact:
        return True
    from relutheory.evaluate import decide

    return decide(Lt(eta * _plus, 2, evaluate=False), {eta: exact["eta"], h_star: exact["h_star"]})


_rates_rhs = (variable - _P) * (variable - _P + h_star * phi(h_star)) - phi(h_star) ** 2

RATES = Theorem(
    id="local-rates",
    stem="single_unit",
    kind="identity",
    title="Local rates at the solution",
    meaning=(
        "For m = 0, S = I the local rates are eta times P* = Phi(h*) (N - 1 times) and lam_minus(h*), "
        "lam_plus(h*): they depend on the activation probability of the solution alone, not on the start. "
        "Time constants tau = -1/ln|1 - eta lam|. The slow-down 1/lam_minus against a linear unit grows like "
        "a^4/P* for h* = -a, far more than 1/P*. Each rate increases with P*. The mean recursion is stable "
        "iff 0 < eta < 2/lam_plus. With a frozen bias the rates are P* and Phi - h phi."
    ),
    lhs=(variable - _minus) * (variable - _plus),
    relation="=",
    rhs=_rates_rhs,
    display=printed.rates_display(variable, _rates_rhs, (_minus, _plus), _P, _tau),
    also=(
        Equivalent(
            Lt(Abs(1 - eta * _plus), 1, evaluate=False),
            Lt(eta, 2 / _plus, evaluate=False),
            evaluate=False,
        ),
        Gt(_minus, 0, evaluate=False),
        Gt(_plus, _P, evaluate=False),
        Gt(_P, _minus, evaluate=False),
    ),
    results={
        "lam_minus": _minus,
        "lam_plus": _plus,
        "slowdown": 1 / _minus,
        "eta_max": 2 / _plus,
        "tau_minus": _tau(_minus),
        "tau_plus": _tau(_plus),
        "tau_perp": Piecewise((0, Eq(eta * _P, 1)), (_tau(_P), True)),
    },
    when={
        "tau_minus": "eta",
        "tau_plus": "eta",
        "tau_perp": lambda exact: "eta" in exact and exact["N"] >= 2,
    },
    domain=Domain(
        (
            d.H_STAR,
            Parameter("N", N, IntegerSet(1), "input dimension", "1"),
            d.ETA,
        ),
        {"h_star": -1, "N": 3, "eta": Fraction(1, 10)},
        forms=d.optional(("h_star", "N"), "eta"),
        constraints=((_mean_stable, "0 < eta < 2/lam_plus (mean stability)"),),
    ),
    hypotheses=(
        d.STANDARD,
        "matrix: M(theta*) is diag(A(h*), P* I) in the basis bias, w*/|w*|, rest, with A = [[Phi, phi], "
        "[phi, Phi - h phi]] at h = h*, and the local map is v -> (I - eta M(theta*)) v",
    ),
    source=d.PAPER,
    uses=("teacher-jacobian", "gated-gram-eigenvalues", "gram-eigenvalue-bracket", "gated-second-moment"),
    proof="proofs.single_unit:local_rates",
    witness=Witness(
        SIMULATOR + "local_rates",
        tuple(
            Trial({"h_star": h, "N": 2, "eta": step}, {"what": what}, result=what)
            for h, step in ((-1, Fraction(1, 2)), (1, Fraction(1, 2)))
            for what in (
                "lam_minus",
                "lam_plus",
                "slowdown",
                "eta_max",
                "tau_minus",
                "tau_plus",
                "tau_perp",
            )
        ),
        why="both signs of the margin, where -h for h changes every rate",
    ),
    examples=(
        *(
            example
            for h, value in (
                (3, "1.01624704537"),
                (1, "2.22307247574"),
                (0, "9.89533510129"),
                (-1, "109.780065674"),
                (-2, "2588.38444558"),
                (-3, "124342.502121"),
            )
            for example in examples({"h_star": h}, ("slowdown", value))
        ),
        *examples(
            {"h_star": 0, "eta": "1/10"},
            ("tau_minus", "98.4525045825258111"),
            ("tau_plus", "10.6163363652093135"),
        ),
    ),
)

THEOREMS = (JACOBIAN, RATES)
