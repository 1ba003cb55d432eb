"""The steady state of the mean-square recursion, step-size limits and the bias that noise leaves."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import And, Eq, Ge, Gt, Implies, Integer, Lt, Matrix, Piecewise, Rational, Symbol, diag, sqrt

from relutheory import symbols
from relutheory.domain import Domain, IntegerSet, Parameter, RealSet
from relutheory.functions import (
    LinearSolution,
    Phi,
    RampMoment,
    SmallestPencilRoot,
    TruncatedMoment,
    phi,
)
from relutheory.theorems import Display, Theorem, Trial, Witness
from relutheory.theory.single_unit import unit as d
from relutheory.theory.single_unit.drift import examples
from relutheory.theory.single_unit.notation import eta, h_star, sig

SIMULATOR = "relutheory.simulate.single_unit:"
N = symbols.N

# --- the symmetric sector --------------------------------------------------------------------------------

#: Truncated moments at the teacher's margin.
_t = [TruncatedMoment(Integer(k), h_star) for k in range(5)]
_DIM = Parameter("N", N, IntegerSet(1), "input dimension")
_rows = Piecewise((3, Eq(N, 1)), (4, True))


def sector(t: Any = None) -> tuple[Any, Any]:
    """Matrices of ``V -> M V + V M`` and ``V -> T(V)`` on ``V = (V_00, V_01, V_11, V_perp)``."""
    t0, t1, t2, t3, t4 = _t if t is None else t
    rest = N - 1
    first = Matrix([[2 * t0, 2 * t1, 0, 0], [t1, t0 + t2, t1, 0], [0, 2 * t1, 2 * t2, 0], [0, 0, 0, 2 * t0]])
    second = Matrix(
        [
            [t0, 2 * t1, t2, rest * t0],
            [t1, 2 * t2, t3, rest * t1],
            [t2, 2 * t3, t4, rest * t2],
            [t0, 2 * t1, t2, (N + 1) * t0],
        ]
    )
    return first, second


_first, _second = sector()
#: Weights of the entries in the Frobenius product, which makes both operators symmetric.
_weights = diag(1, 2, 1, N - 1)
_limit = SmallestPencilRoot(_rows, _weights * _first, _weights * _second)
_M = Matrix([_t[0], _t[1], _t[2], _t[0]])


#: At h = 0 the covariance is that of a linear unit (LMS): rational, diag(k_0, k I).
_even = 2 / (2 - (N + 3) * eta + eta**2)
_at_zero_margin = [(2 + eta * N * _even) / (2 - eta), Integer(0), _even, _even]


def _ratio(k: int) -> Any:
    solved = LinearSolution(k, _rows, _first - eta * _second, 2 * _M)
    return Piecewise((_at_zero_margin[k], Eq(h_star, 0)), (solved, True))


_trace = (
    _t[0] * _ratio(0)
    + 2 * _t[1] * _ratio(1)
    + _t[2] * _ratio(2)
    + Piecewise((0, Eq(N, 1)), ((N - 1) * _t[0] * _ratio(3), True))
)
_even_trace = (_at_zero_margin[0] + N * _even) / 2
_excess = eta * sig**2 / 2 * Piecewise((_even_trace, Eq(h_star, 0)), (_trace, True))


def _mean_square_stable(exact: Any) -> bool:
    from relutheory.evaluate import decide

    bindings = {h_star: exact["h_star"], N: exact["N"], eta: exact["eta"]}
    return decide(Lt(eta, _limit, evaluate=False), bindings)


_FROZEN = (
    "recursion: V+ = V - eta (M V + V M) + eta^2 (T(V) + sigma^2 M) with M and T at theta*, affine teacher, "
    "noise n with mean 0 and standard deviation sigma independent of x"
)
_x = Symbol("x", real=True)
_at_zero = [Rational(1, 2), phi(Integer(0)), Rational(1, 2), 2 * phi(Integer(0)), Rational(3, 2)]
_zero_first, _zero_second = sector(_at_zero)
#: Characteristic polynomial of LMS.
_lms = _x**2 - (N + 3) * _x + 2

_ENTRIES = {"0_0": "00", "0_1": "01", "1_1": "11", "perp": r"\perp"}

#: The equation of the steady state at h = 0, for the direction diag(1 - eta, I) of its solution.
_origin = [TruncatedMoment(Integer(k), Integer(0)) for k in range(5)]
_origin_first, _origin_second = sector(_origin)
_left = (_origin_first - eta * _origin_second) * Matrix([1 - eta, 0, 1, 1])
_right = [(2 - (N + 3) * eta + eta**2) * _origin[k] for k in (0, 1, 2, 0)]
_solved_at_zero = tuple(Eq(_left[k], right, evaluate=False) for k, right in enumerate(_right))

STEADY = Theorem(
    id="steady-state-covariance",
    stem="single_unit",
    kind="identity",
    title="Steady-state covariance",
    meaning=(
        "K solves M K + K M - eta T(K) = eta sigma^2 M; K = (eta sigma^2/2)(I + O(eta)), to leading order "
        "independent of P*, and the excess error is tr(M K) ~ (eta sigma^2/2) tr M. The ratios are the "
        "entries 00, 01, 11 and perp of K divided by eta sigma^2/2, in the basis bias, w*/|w*|, rest. The "
        "relations are these entries of the equation at h* = 0, in truncated moments of margin 0, where K "
        "= (eta sigma^2/2) 2/(2 - (N + 3) eta + eta^2) diag(1 - eta, I)."
    ),
    lhs=_solved_at_zero[0].lhs,
    relation="=",
    rhs=_solved_at_zero[0].rhs,
    also=_solved_at_zero[1:],
    results={
        "ratio_0_0": _ratio(0),
        "ratio_0_1": _ratio(1),
        "ratio_1_1": _ratio(2),
        "ratio_perp": _ratio(3),
        "excess": _excess,
    },
    when={"ratio_perp": lambda exact: exact["N"] >= 2},
    display=Display(
        {f"ratio_{k}": Symbol(rf"K_{{{entry}}}") / (eta * sig**2 / 2) for k, entry in _ENTRIES.items()}
        | {"excess": Symbol(r"\operatorname{tr}(M K)")}
    ),
    domain=Domain(
        (d.H_STAR, _DIM, d.ETA, d.SIG),
        {"h_star": 1, "N": 2, "eta": Fraction(1, 50), "sig": Fraction(1, 10)},
        constraints=((_mean_square_stable, "eta < eta_ms(h_star, N) (mean-square stability)"),),
    ),
    hypotheses=(d.STANDARD, _FROZEN, "step size: eta < eta_ms(h*, N)"),
    source=d.NEW,
    uses=("mean-square-recursion", "mean-square-step-limit", "gated-fourth-moment"),
    proof="proofs.single_unit:steady_state",
    witness=Witness(
        SIMULATOR + "steady_state",
        (
            *(
                Trial(
                    {"h_star": h, "N": 2, "eta": Fraction(1, 4), "sig": 1},
                    {"what": what},
                    result=what,
                    share=4,
                )
                for h in (1, -1)
                for what in ("ratio_0_0", "ratio_0_1", "ratio_1_1", "ratio_perp", "excess")
            ),
            Trial(
                {"h_star": 0, "N": 1, "eta": Fraction(1, 4), "sig": Fraction(1, 2)},
                {"what": "ratio_1_1"},
                result="ratio_1_1",
                share=4,
            ),
        ),
        why="a step size at which the ratios are far from 1, both signs of the margin",
    ),
    examples=(
        *examples(
            {"h_star": 1, "N": 2, "eta": "1/50", "sig": "1/10"},
            ("ratio_0_0", "1.02668228156"),
            ("ratio_0_1", "0.00541949561122"),
            ("ratio_1_1", "1.04585596725"),
            ("ratio_perp", "1.04922543708"),
        ),
        *examples(
            {"h_star": 0, "N": 2, "eta": "1/50", "sig": "1/10"},
            ("ratio_0_0", "1.03136181856"),
            ("ratio_0_1", "0"),
            ("ratio_1_1", "1.05241001894"),
            ("ratio_perp", "1.05241001894"),
        ),
    ),
)

_det_name = Symbol("D(x)")
_det_at_zero = (_zero_first - _x * _zero_second).det()
#: Twice the smaller root of the polynomial of LMS, and the factors of the determinant at h = 0.
_twice_root = N + 3 - sqrt((N + 3) ** 2 - 8)
_square = phi(Integer(0)) ** 2
_factors = (1 - _x) * _lms * ((1 - 4 * _square) * (1 - _x) + 2 * _square * _x) / 2
_below_root = And(Ge(_x, 0), Lt(2 * _x, _twice_root, evaluate=False))

LIMIT = Theorem(
    id="mean-square-step-limit",
    stem="single_unit",
    kind="criterion",
    title="Step-size limit of mean-square stability",
    meaning=(
        "Without noise E|v|^2 of the frozen recursion tends to 0 for 0 < eta < eta_ms and for no larger eta: "
        "eta_ms is the smallest positive root of D(x) = det(V -> M V + V M - x T(V)) on the symmetric sector "
        "(V_00, V_01, V_11, V_perp). At h = 0 it is the LMS value ((N + 3) - sqrt((N + 3)^2 - 8))/2: D > 0 "
        "before it (the relation) and D = 0 there; LMS is also the limit h -> +oo. For h < 0 it falls as h "
        "falls (computed, not proved) while the mean limit 2/lam_plus grows: raising eta to compensate a "
        "small P* is unsafe."
    ),
    lhs=_below_root,
    relation="=>",
    rhs=Gt(_det_at_zero, 0, evaluate=False),
    also=(
        Eq(_det_at_zero, _factors, evaluate=False),
        Implies(
            Eq(2 * _x, _twice_root, evaluate=False),
            Eq(_det_at_zero, 0, evaluate=False),
            evaluate=False,
        ),
    ),
    results={"value": _limit},
    display=Display(
        {
            "rhs": Gt(_det_name, 0, evaluate=False),
            0: Eq(_det_name, _factors, evaluate=False),
            1: Implies(
                Eq(2 * _x, _twice_root, evaluate=False),
                Eq(_det_name, 0, evaluate=False),
                evaluate=False,
            ),
            "value": Symbol(r"\eta_{\mathrm{ms}}"),
        },
        {_det_name: _det_at_zero},
        r"D(x) = \det(A_1 - x A_2),\\ A_1: V \mapsto M V + V M,\quad A_2: V \mapsto T(V)\ \text{on}\ "
        r"(V_{00}, V_{01}, V_{11}, V_\perp)",
    ),
    domain=Domain((d.H_STAR, _DIM), {"h_star": -1, "N": 4}),
    hypotheses=(
        d.STANDARD,
        _FROZEN,
        "limit: eta_ms is the smallest positive root of D(x) = det(A_1 - x A_2), at which V -> E[(I - eta u "
        "xt xt')V(.)'], a map of positive semidefinite matrices into themselves, has an eigenvalue 1",
        "margin: h* = 0 in the relations",
    ),
    source=d.NEW,
    uses=("mean-square-recursion", "gated-fourth-moment"),
    proof="proofs.single_unit:step_limit",
    witness=Witness(
        SIMULATOR + "step_limit",
        (
            Trial({"h_star": 0, "N": 1}),
            Trial({"h_star": -1, "N": 2}),
            Trial({"h_star": 2, "N": 2}),
        ),
        why="both signs of the margin; the full operator on symmetric matrices is sampled, not the sector",
    ),
    examples=(
        *examples({"h_star": 2, "N": 1}, ("value", "0.655835174776441856")),
        *examples({"h_star": -2, "N": 1}, ("value", "0.276662403528437083")),
        *examples({"h_star": 0, "N": 4}, ("value", "0.298437881283575657")),
        *examples({"h_star": -1, "N": 4}, ("value", "0.252010289249221151")),
        *examples({"h_star": 0, "N": 1}, ("value", "0.585786437626904951198311275790")),
    ),
)

# --- bias of the mean ------------------------------------------------------------------------------------

kappa = Symbol("kappa", positive=True)
_J = [RampMoment(Integer(k), h_star) for k in range(3)]
_det = _J[0] * _J[2] - _J[1] ** 2
_c0 = kappa * eta * sig**2 / 2 * phi(h_star) * (N + h_star**2) / _det
_P = Phi(h_star)


def _is_kappa(exact: Any) -> bool:
    return exact["kappa"] in (1, Fraction(3, 4))


BIAS = Theorem(
    id="noise-induced-bias",
    stem="single_unit",
    kind="asymptotic",
    title="Gradient noise lowers the activation probability",
    meaning=(
        "To leading order in eta the steady-state mean is E v = -kappa (eta sigma^2/2) M^(-1) E[delta(y*) "
        "|xt|^2 xt], kappa = 1 for an affine and 3/4 for a ReLU teacher. For standard input and |w*| = 1: "
        "(delta b, delta w_par) = c_0 (-P, J_1), delta h = -c_0 J_2 < 0 with c_0 = kappa (eta sigma^2/2) phi "
        "(N + h*^2)/det A. The relations solve the 2 x 2 system: A (P, -J_1) = det A (1, -h*)."
    ),
    lhs=_P * _P - phi(h_star) * _J[1],
    relation="=",
    rhs=_det,
    also=(
        Eq(phi(h_star) * _P - (_P - h_star * phi(h_star)) * _J[1], -h_star * _det, evaluate=False),
        Eq(_P + h_star * _J[1], _J[2], evaluate=False),
        Gt(_det, 0, evaluate=False),
    ),
    results={"delta_b": -_c0 * _P, "delta_w_par": _c0 * _J[1], "delta_h": -_c0 * _J[2]},
    domain=Domain(
        (
            d.H_STAR,
            _DIM,
            d.ETA,
            d.SIG,
            Parameter("kappa", kappa, RealSet(Fraction(0), Fraction(1), "(]"), "1 affine, 3/4 ReLU teacher"),
        ),
        {"h_star": 0, "N": 2, "eta": Fraction(1, 50), "sig": Fraction(1, 10), "kappa": 1},
        constraints=((_is_kappa, "kappa = 1 (affine teacher) or 3/4 (ReLU teacher)"),),
    ),
    hypotheses=(
        d.STANDARD + ", |w*| = 1",
        "noise: n symmetric with standard deviation sigma, independent of x",
        "order: eta -> 0; E v v' = (eta sigma^2/2) I and the drift at theta* to second order",
        "teacher: kappa = 1 affine, 3/4 ReLU",
    ),
    source=d.NEW,
    uses=("steady-state-covariance", "teacher-jacobian", "surface-moment", "ramp-moment-turan"),
    proof="proofs.single_unit:noise_bias",
    witness=Witness(
        SIMULATOR + "noise_bias",
        tuple(
            Trial(
                {"h_star": h, "N": size, "eta": 1, "sig": 1, "kappa": weight},
                {"what": what},
                result=what,
                share=16,
            )
            for h, size, weight in ((0, 2, 1), (1, 2, Fraction(3, 4)), (Fraction(-1, 2), 3, 1))
            for what in ("delta_b", "delta_w_par", "delta_h")
        ),
        why="the leading order is linear in eta sigma^2; margins of both signs",
    ),
    examples=(
        *examples(
            {"h_star": 0, "N": 2, "eta": "1/50", "sig": "1/10", "kappa": 1},
            ("delta_b", "-4.39145831352153e-4"),
            ("delta_w_par", "3.50387678776822e-4"),
            ("delta_h", "-4.39145831352153e-4"),
        ),
        *examples(
            {"h_star": 1, "N": 2, "eta": "1/50", "sig": "1/10", "kappa": "3/4"},
            ("delta_b", "-1.02765448324013e-4"),
            ("delta_w_par", "1.3232078827555e-4"),
            ("delta_h", "-2.35086236599563e-4"),
        ),
    ),
)

THEOREMS = (STEADY, LIMIT, BIAS)
