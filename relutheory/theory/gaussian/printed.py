"""Printed forms of the long statements: their sums over pairs of indices get names."""

from __future__ import annotations

from math import prod
from typing import Any

from sympy import Eq, Implies, IndexedBase, Max, Piecewise, Sum, Symbol

from relutheory import symbols
from relutheory.functions import Expectation, phi
from relutheory.theorems import Display
from relutheory.theory.gaussian import expressions as ex
from relutheory.theory.gaussian import notation as q

__all__ = [
    "cross_display",
    "fourth_display",
    "gated_display",
    "gram_display",
    "leaky_display",
    "quadrant_display",
    "surface_display",
]

_R = IndexedBase("R")
_LETTERS = {q.i: "i", q.j: "j", q.a: "a", q.b: "b"}


def _name(gates: str, indices: tuple[Any, ...]) -> Symbol:
    inner = "".join(rf"\,g_{_LETTERS[k]}" for k in indices)
    return Symbol(rf"\operatorname{{E}}\left[{gates}{inner}\right]")


def _long(gates: str, moments: Any, rest: Any) -> tuple[Any, dict[Any, Any]]:
    """Isserlis' formula with names for the means given the gates, and what the names stand for."""
    names: dict[Any, Any] = {}

    def named(*indices: Any) -> Any:
        symbol = _name(gates, indices)
        names[symbol] = moments(*indices)
        return symbol

    def remainder(p: Any, r: Any) -> Any:
        names[_R[p, r]] = rest(p, r)
        return _R[p, r]

    return ex.isserlis(named, remainder, (q.i, q.j, q.a, q.b)), names


def fourth_display() -> Display:
    """Printed form of the gated fourth moment."""
    body, names = _long("u", ex.half_space_moments, ex.half_space_rest)
    total = Expectation(q.gate * prod(q.xt[k] for k in (q.i, q.j, q.a, q.b)))
    contracted = Sum(q.K[q.a, q.b] * total, (q.a, 0, symbols.N), (q.b, 0, symbols.N))
    where = (
        r"g_p = \tilde{m}_p + c_p z,\quad \operatorname{E}[u\,z^k] = t_k(h),\quad "
        r"R_{p,r} = \tilde{S}_{p,r} - c_p c_r"
    )
    return Display({"rhs": body, "T_i_j": contracted}, names, where)


def quadrant_display() -> Display:
    """Printed form of the fourth moment over a quadrant."""
    body, names = _long("u_1 u_2", ex.quadrant_moments, ex.quadrant_rest)
    total = Expectation(q.gate1 * q.gate2 * prod(q.xt[k] for k in (q.i, q.j, q.a, q.b)))
    contracted = Sum(q.K[q.a, q.b] * total, (q.a, 0, symbols.N), (q.b, 0, symbols.N))
    where = (
        r"g_p = \tilde{m}_p + g_{1,p} z_1 + g_{2,p} z_2,\quad "
        r"\operatorname{E}[u_1 u_2 z_1^k z_2^l] = T_{k,l},\\ "
        r"R_{p,r} = \tilde{S}_{p,r} - c_{1,p} g_{1,r} - c_{2,p} g_{2,r}"
    )
    return Display({1: Eq(total, body, evaluate=False), "T4_p_r": contracted}, names, where)


def gated_display() -> Display:
    """Printed form of the moments over a quadrant: the values include the collinear cases."""
    u = q.gate1 * q.gate2
    return Display(
        {
            "Q0": Expectation(u),
            "Q1_i": Expectation(u * q.xt[q.i]),
            "Q2_i_j": Expectation(u * q.xt[q.i] * q.xt[q.j]),
        }
    )


def cross_display(also: tuple[Any, ...]) -> Display:
    """Printed form of the mean product of two units, with names for the units."""
    f1, f2 = Symbol("f_1", real=True), Symbol("f_2", real=True)
    product = Expectation(f1 * f2)
    centred = also[2].args[1]
    parts = {
        1: Eq(product, also[1].rhs, evaluate=False),
        2: Implies(also[2].args[0], Eq(product, centred.rhs, evaluate=False), evaluate=False),
        "cross": product,
    }
    where = r"f_1 = \max(y_1, 0),\quad f_2 = \max(y_2, 0)"
    return Display(parts, {f1: Max(q.y1, 0), f2: Max(q.y2, 0)}, where)


def gram_display(variable: Any, also: tuple[Any, ...]) -> Display:
    """Printed form of the eigenvalues of the gated Gram matrix."""
    minus, plus = Symbol(r"\lambda_-", real=True), Symbol(r"\lambda_+", real=True)
    names = {minus: ex.lam_minus(q.h), plus: ex.lam_plus(q.h)}
    back = {value: name for name, value in names.items()}
    parts: dict[Any, Any] = {
        "lhs": (variable - minus) * (variable - plus),
        0: Eq(minus + plus, also[0].rhs, evaluate=False),
    }
    for k, relation in enumerate(also[1:], start=1):
        parts[k] = relation.func(*(side.xreplace(back) for side in relation.args), evaluate=False)
    return Display(parts, names, r"\lambda_\mp = \Phi(h) - \tfrac12\varphi(h)(h \pm \sqrt{h^2+4})")


def surface_display(also: tuple[Any, ...]) -> Display:
    """Printed form of the boundary moments, with names for mean and covariance on the boundary."""
    g = IndexedBase("g")
    names: dict[Any, Any] = {g[k]: q.mt[k] - q.h * q.c[k] for k in (q.i, q.j, q.a)}
    names |= {_R[p, r]: ex.half_space_rest(p, r) for p, r in ((q.i, q.j), (q.a, q.a), (q.i, q.a))}
    density = phi(q.h) / q.s
    two = density * (_R[q.i, q.j] + g[q.i] * g[q.j])
    three = Sum(
        density * (g[q.i] * (g[q.a] ** 2 + _R[q.a, q.a]) + 2 * _R[q.i, q.a] * g[q.a]), (q.a, 0, symbols.N)
    )
    where = r"g_p = \tilde{m}_p - h c_p,\quad R_{p,r} = \tilde{S}_{p,r} - c_p c_r"
    parts = {"rhs": two, 1: Eq(also[1].lhs, three, evaluate=False), "D_i_j": two, "cubic_i": three}
    return Display(parts, names, where)


def leaky_display(also: tuple[Any, ...]) -> Display:
    """Printed form of the moments of a leaky unit, with names for the unit and its slope."""
    f, df = Symbol("f", real=True), Symbol("f'", real=True)
    bodies = (f**2, df, df**2, df**2 * q.xt[q.i] * q.xt[q.j])
    parts: dict[Any, Any] = {"lhs": Expectation(f)}
    for k, (relation, body) in enumerate(zip(also, bodies, strict=True)):
        parts[k] = Eq(Expectation(body), relation.rhs, evaluate=False)
    y = q.y
    slope = Piecewise((1, y > 0), (q.slope, True))
    return Display(parts, {f: Piecewise((y, y > 0), (q.slope * y, True)), df: slope})
