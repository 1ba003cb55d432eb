"""Printed forms of the long statements: moments over gates get the letters of the literature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Eq, Gt, Implies, IndexedBase, Le, Max, Symbol, log

from relutheory.functions import Expectation, Phi
from relutheory.theorems import Display
from relutheory.theory.gaussian import expressions as ex
from relutheory.theory.single_unit import expressions as e
from relutheory.theory.single_unit import notation as n
from relutheory.theory.single_unit.notation import a, b, i, j, slope, theta, theta_star

__all__ = [
    "affine_display",
    "chain_display",
    "gating_display",
    "relu_display",
    "squares_display",
    "variants_display",
]

M, M_STAR, Q, R = IndexedBase("M"), IndexedBase(r"M^{*}"), IndexedBase("Q"), IndexedBase("R")
F, X = IndexedBase("F"), IndexedBase("X")
_open = r"M_{i,j} = \operatorname{E}\left[u_1 \tilde{x}_i \tilde{x}_j\right]"
_shared = r"Q_{i,j} = \operatorname{E}\left[u_1 u_2 \tilde{x}_i \tilde{x}_j\right]"
_teacher = r"M^{*}_{i,j} = \operatorname{E}\left[u_2 \tilde{x}_i \tilde{x}_j\right]"
_input = r"R_{i,j} = \operatorname{E}\left[\tilde{x}_i \tilde{x}_j\right]"


def _letters(*pairs: tuple[Any, Any]) -> dict[Any, Any]:
    """Meanings of M, Q, M* and R at pairs of indices."""
    found: dict[Any, Any] = {}
    for k, p in pairs:
        found[M[k, p]] = e.open_moment(k, p)
        found[Q[k, p]] = ex.quadrant_second_moment(k, p)
        found[M_STAR[k, p]] = e.teacher_moment(k, p)
        found[R[k, p]] = e.input_moment(k, p)
    return found


def gating_display(target: Any) -> Display:
    """Both results with a letter for the gate."""
    u, y = Symbol("u"), n.y
    return Display({"gated": (target - Max(y, 0)) * u, "linear": (target - y) * u})


def affine_display() -> Display:
    """Drift with the letter M."""
    drift = -e.over(M[i, a] * e.error(a), a)
    return Display({"rhs": drift, "g_i": drift}, _letters((i, a)), _open)


def relu_display() -> Display:
    """Drift with the letters M and Q."""
    drift = e.over(Q[i, a] * theta_star[a] - M[i, a] * theta[a], a)
    return Display({"rhs": drift, "g_i": drift}, _letters((i, a)), rf"{_open},\quad {_shared}")


def variants_display(slopes: tuple[Any, Any], also: tuple[Any, ...], g: Any) -> Display:
    """Drifts of all rules with letters; `slopes` are those of student and teacher."""
    l = slope  # noqa: E741  the letter of the statement
    A, B = IndexedBase("A"), IndexedBase("B")
    R_, own, star = e.input_moment(i, a), e.open_moment(i, a), e.teacher_moment(i, a)
    names = _letters((i, a))
    shared = ex.quadrant_second_moment(i, a)
    names[A[i, a]] = l**2 * R_ + l * (1 - l) * (star + own) + (1 - l) ** 2 * shared
    names[B[i, a]] = l**2 * R_ + (1 - l**2) * own
    student, teacher = Symbol("f'_1", real=True), Symbol("f'_2", real=True)
    names |= {student: slopes[0], teacher: slopes[1]}
    right = (
        e.over(M_STAR[i, a] * theta_star[a] - M[i, a] * theta[a], a),
        e.over(R[i, a] * theta_star[a] - M[i, a] * theta[a], a),
        e.over(M[i, a] * n.a_vec[a], a),
    )
    residual = e.over((teacher * theta_star[a] - student * theta[a]) * n.xt[a], a)
    parts: dict[Any, Any] = {
        "lhs": Expectation(student * residual * n.xt[i]),
        "rhs": e.over(A[i, a] * theta_star[a] - B[i, a] * theta[a], a),
        "g_i": g,
    }
    for k, (relation, side) in enumerate(zip(also, right, strict=True)):
        parts[k] = Eq(relation.lhs, side, evaluate=False)
    where = (
        r"f_k' = u_k + \ell(1 - u_k),\quad \ell = \text{slope},\quad B = \ell^2 R + (1 - \ell^2) M,\\ "
        r"A = \ell^2 R + \ell(1-\ell)(M^{*} + M) + (1-\ell)^2 Q,\\ "
        rf"{_open},\quad {_shared},\\ {_teacher},\quad {_input}"
    )
    return Display(parts, names, where)


def chain_display(last: Any, **results: Any) -> Display:
    """Last relation with the letter M."""
    form = e.over(M[a, b] * e.error(a) * e.error(b), a, b)
    return Display({2: Eq(last, form, evaluate=False), **results}, _letters((a, b)), _open)


def _norms(drift: str) -> tuple[Any, Any, Any, Any]:
    """Letters for largest eigenvalue, inner product, squared distance and squared distance after a step."""
    return (
        Symbol(r"\lambda", positive=True),
        Symbol(rf"\left\langle {drift}, -v\right\rangle", nonnegative=True),
        Symbol(r"\left|v\right|^2", nonnegative=True),
        Symbol(rf"\left|v + \eta {drift}\right|^2", nonnegative=True),
    )


def nonexpansion_display(cases: Sequence[tuple[Any, Any]], largest: Any, square: Any) -> Display:
    """One step with norms and inner products; `cases` are inner product and next square of each teacher."""
    eta = n.eta
    names: dict[Any, Any] = {}
    forms = []
    for drift, (inner, following) in zip(("g", r"\bar{g}"), cases, strict=True):
        lam, D, v2, next2 = _norms(drift)
        bound = v2 - eta * (2 - eta * lam) * D
        names |= {lam: largest, D: inner, v2: square, next2: following}
        forms.append(Le(next2, bound, evaluate=False) & Le(bound, v2, evaluate=False))
    lam, D, v2, next2 = _norms("g")
    small = Le(eta * lam, 2, evaluate=False)
    parts = {
        "lhs": small,
        "rhs": forms[0],
        0: Implies(small, forms[1], evaluate=False),
        "dist2": v2,
        "dist2_next": next2,
        "bound": v2 - eta * (2 - eta * lam) * D,
    }
    where = (
        r"\lambda = \lambda_{\max}(\operatorname{E}[u_1 \tilde{x} \tilde{x}']),\quad "
        r"g = \operatorname{E}[u_1 (f^{*} - y)\,\tilde{x}],\quad "
        r"\bar{g} = \operatorname{E}[u_1 (y^{*} - y)\,\tilde{x}]"
    )
    return Display(parts, names, where)


def dichotomy_display(largest: Any, square: Any, following: Any, mean: Any, last: Any, rate: Any) -> Display:
    """Fall of the squared distance with letters; `last` is the mean over open inputs."""
    lam, _, v2, next2 = _norms(r"\bar{g}")
    small = Symbol("mu", positive=True)
    whole = Symbol(r"\operatorname{E}\left[(y^{*} - y)^2\right]", nonnegative=True)
    opened = Symbol(r"\operatorname{E}\left[u_1 (y^{*} - y)^2\right]", nonnegative=True)
    names = {lam: largest, v2: square, next2: following, whole: mean, opened: last, small: rate}
    parts = {
        "lhs": Le(n.eta * lam, 2, evaluate=False),
        "rhs": Le(next2, v2 - n.eta * (2 - n.eta * lam) * small * whole, evaluate=False),
        0: Le(small * whole, opened, evaluate=False),
    }
    where = (
        r"\lambda = \lambda_{\max}(\operatorname{E}[\tilde{x} \tilde{x}']),\quad "
        r"\bar{g} = \operatorname{E}[u_1 (y^{*} - y)\,\tilde{x}],\\ "
        r"\mu = \lambda_-(h_1) = \Phi(h_1) - \tfrac12\varphi(h_1)\left(h_1 + \sqrt{h_1^2+4}\right)"
    )
    return Display(parts, names, where)


def squares_display(
    second_moment: Any, outputs: tuple[Any, Any], drift: Any, fourth: Any, shared: Any
) -> Display:
    """One step of the second moment with letters for errors and for moments over gates."""
    v, g = IndexedBase("v"), IndexedBase("g")
    after = IndexedBase("v^{+}"), IndexedBase(r"\bar{v}^{+}")
    names: dict[Any, Any] = _letters((i, a), (a, j), (i, j))
    names[F[i, j, a, b]], names[X[i, j, a, b]] = fourth(i, j, a, b), shared(i, j, a, b)
    names |= {v[k]: e.error(k) for k in (i, j, a, b)} | {g[k]: drift(k) for k in (i, j)}
    squares = {n.V[p, q]: v[p] * v[q] for p in (i, j, a, b) for q in (i, j, a, b)}
    for base, output in zip(after, outputs, strict=True):
        names |= {base[k]: output(k) for k in (i, j)}
    affine, relu = second_moment(None, None), second_moment(g, v)
    parts = {
        "lhs": Expectation(after[0][i] * after[0][j]),
        "rhs": affine.xreplace(squares),
        0: Eq(Expectation(after[1][i] * after[1][j]), relu.xreplace(squares), evaluate=False),
        "V_i_j": affine,
    }
    where = (
        r"v^{+} = v + \eta u_1 (y^{*} + n - y)\,\tilde{x},\quad \bar{v}^{+} = v + \eta u_1 (f^{*} + n - y)\,"
        r"\tilde{x},\quad v = \theta - \theta^{*},\\ "
        rf"{_open},\quad {_shared},\quad g_i = \sum_a (Q_{{i,a}} \theta^{{*}}_a - M_{{i,a}} \theta_a),\\ "
        r"F_{i,j,a,b} = \operatorname{E}\left[u_1 \tilde{x}_i \tilde{x}_j \tilde{x}_a \tilde{x}_b\right],"
        r"\quad X_{i,j,a,b} = \operatorname{E}\left[u_1 u_2 \tilde{x}_i \tilde{x}_j \tilde{x}_a "
        r"\tilde{x}_b\right]"
    )
    return Display(parts, names, where)


def jacobian_display(edge: Any, also: tuple[Any, ...], relu_edge: Any, ratio: Any, family: Any) -> Display:
    """Jacobian with letters for mean and covariance on the boundary."""
    g, C, T = IndexedBase("g"), IndexedBase("C"), IndexedBase("t")
    mean, covariance, teacher = edge
    names: dict[Any, Any] = {M[i, j]: e.open_moment(i, j), C[i, j]: covariance(i, j)}
    names |= {g[k]: mean(k) for k in (i, j)} | {T[k]: teacher(k) for k in (i, j)}
    square, mixed = C[i, j] + g[i] * g[j], g[i] * T[j] + T[i] * g[j]
    margin = Symbol("k", real=True)
    affine, relu = relu_edge(square, mixed, T, margin)
    output = Symbol("y^*", real=True)
    names |= {margin: ratio, output: e.over(theta_star[a] * n.xt[a], a)}
    back = {value: name for name, value in names.items() if name == output}
    parts = {
        "rhs": -M[i, j] + affine,
        0: Eq(also[0].lhs.xreplace(back), relu, evaluate=False),
        "jac_i_j": family,
    }
    where = (
        rf"{_open},\quad g_p = \tilde{{m}}_p - h_1 c_{{1,p}},\\ "
        r"C_{p,r} = \tilde{S}_{p,r} - c_{1,p} c_{1,r},\quad t_p = \sum_a C_{p,a} \theta^{*}_a,"
        r"\\ k = m_0/\sqrt{v_0}"
    )
    return Display(parts, names, where)


def rates_display(variable: Any, rhs: Any, lams: tuple[Any, Any], P: Any, tau: Any) -> Display:
    """Rates with the letters of the eigenvalues."""
    minus, plus = Symbol(r"\lambda_-", positive=True), Symbol(r"\lambda_+", positive=True)
    parts = {
        "lhs": (variable - minus) * (variable - plus),
        "rhs": rhs,
        1: Gt(minus, 0, evaluate=False),
        2: Gt(plus, P, evaluate=False),
        3: Gt(P, minus, evaluate=False),
        "slowdown": 1 / minus,
        "eta_max": 2 / plus,
        "tau_minus": tau(minus),
        "tau_plus": tau(plus),
        "tau_perp": tau(P),
    }
    where = r"\lambda_\mp = \Phi(h^*) - \tfrac12\varphi(h^*)\left(h^* \pm \sqrt{{h^*}^2+4}\right)"
    return Display(parts, {minus: lams[0], plus: lams[1]}, where)


def clock_display(a_at_t: Any) -> Display:
    """Results with a letter for the distance into the tail at time t."""
    at_t = Symbol("a(t)", real=True)
    P = Phi(-at_t)
    parts = {"a": at_t, "P": P, "sharp": P * n.t * at_t**2, "rough": 2 * n.t * log(n.t) * P}
    where = (
        r"a(t) = \sqrt{2}\,\operatorname{erfi}^{-1}"
        r"\!\left(\operatorname{erfi}(a_0/\sqrt{2}) + t/\pi\right)"
    )
    return Display(parts, {at_t: a_at_t}, where)
