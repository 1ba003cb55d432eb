"""The kernel's rules for the dynamics of units, with wrong certificates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from kernel_tools import refused, run, x, y
from proof_tools import library
from sympy import (
    Abs,
    Derivative,
    DiracDelta,
    Function,
    Integer,
    Integral,
    Max,
    Min,
    Symbol,
    erf,
    erfi,
    exp,
    floor,
    log,
    pi,
    sign,
    sqrt,
)

from proofs.claims import Combination, Definition, Derivation, Model, Witness, at
from proofs.gaussian.common import PAIR, PAIR_WITNESS
from proofs.gaussian.edges import K1
from proofs.kernel import check
from proofs.notation import eq, ge, gt, le, lt, step
from proofs.polynomials import Refused
from proofs.rules_dynamics import Elementary, SurfaceMean, Units, UpperEnd
from relutheory.functions import BiasEscapeTime, Expectation, Phi, TruncatedMoment, phi
from relutheory.theorems import theorem
from relutheory.theory.gaussian import notation as u
from relutheory.theory.single_unit import networks
from relutheory.theory.single_unit.notation import a0, h_star

ZERO = Integer(0)
v = Symbol("v", real=True)
r = Symbol("r", positive=True)

# --- the table -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fact",
    [
        ge(Abs(x), 0),
        ge(Abs(x), x),
        ge(Abs(x), -x),
        ge(Max(1, r), r),
        ge(Max(1, r), 1),
        le(Min(1, r), r),
        eq(Derivative(erfi(x), x), 2 * exp(x**2) / sqrt(pi)),
    ],
)
def test_facts_of_the_table(fact: Any) -> None:
    run(step("fact", fact, Elementary()))


@pytest.mark.parametrize(
    "wrong",
    [
        gt(Abs(x), 0),
        ge(Abs(x), 2 * x),
        le(Abs(x), x),
        ge(Min(1, r), r),
        le(Max(1, r), r),
        gt(Max(1, r), r),
        ge(Max(1, r), 2),
        eq(Derivative(erfi(x), x), 2 * exp(-(x**2)) / sqrt(pi)),
        eq(Derivative(erfi(x), x), exp(x**2) / sqrt(pi)),
        eq(Derivative(erfi(2 * x), x), 2 * exp(4 * x**2) / sqrt(pi)),
        eq(Derivative(erfi(x), y), 2 * exp(x**2) / sqrt(pi)),
        eq(Derivative(erf(x), x), 2 * exp(x**2) / sqrt(pi)),
        gt(erfi(x), 0),
    ],
)
def test_other_facts_are_refused(wrong: Any) -> None:
    refused(step("fact", wrong, Elementary()))


def test_a_fixed_symbol_has_no_derivative() -> None:
    fact = eq(Derivative(erfi(x), x), 2 * exp(x**2) / sqrt(pi))
    refused(step("fact", fact, Elementary()), match="fixed", witness=Witness({x: 1}))
    whole = Symbol("n", integer=True)
    other = eq(Derivative(erfi(whole), whole), 2 * exp(whole**2) / sqrt(pi))
    refused(step("fact", other, Elementary()), match="something else")


def test_a_size_is_bounded_by_both_signs() -> None:
    goal, both = lt(Abs(x), 1), (lt(x, 1), lt(-x, 1))
    run(step("size", goal, Elementary(both), *both))
    for one in both:
        refused(step("size", goal, Elementary((one,)), one), match="not evident")


def test_an_empty_interval() -> None:
    run(step("empty", eq(Integral(exp(v), (v, x, x)), 0), Elementary()))
    refused(step("empty", eq(Integral(exp(v), (v, x, x)), 1), Elementary()))
    refused(step("empty", eq(Integral(exp(v), (v, x, y)), 0), Elementary()), match="ends differ")
    # the integrand must have a value there
    refused(step("empty", eq(Integral(1 / v, (v, x, x)), 0), Elementary()), match="not declared")
    run(step("empty", eq(Integral(1 / v, (v, x, x)), 0), Elementary((gt(x, 0),)), gt(x, 0)))


END = Symbol("h_1", real=True)
ORDERED = (lt(-a0, END), lt(END, h_star))
ESCAPE = 1 / (Phi(v) * (h_star - v))


def test_escape_times_need_their_order() -> None:
    meaning = eq(BiasEscapeTime(a0, h_star, END), Integral(ESCAPE, (v, -a0, END)))
    run(step("time", meaning, Elementary(), *ORDERED))
    for one in ORDERED:
        refused(step("time", meaning, Elementary(), one), match="not evident")
    other = eq(BiasEscapeTime(a0, h_star, END), Integral(ESCAPE, (v, a0, END)))
    refused(step("time", other, Elementary(), *ORDERED), match="the table says")


# --- the upper end of an integral ------------------------------------------------------------------------


def _defined(body: Any, low: Any = ZERO, high: Any = x) -> Any:
    return step("area", eq(Function("F")(x, y), Integral(body, (v, low, high))), Definition())


def _slope(value: Any, *given: Any, variable: Any = v, regular: Any = ()) -> Any:
    goal = eq(Derivative(Function("F")(x, y), x), value)
    return step("slope", goal, UpperEnd("area", variable, regular), *given)


def test_slope_at_the_upper_end() -> None:
    run(_defined(exp(v**2)), _slope(exp(x**2), gt(x, 0)))
    refused(_defined(exp(v**2)), _slope(exp(x), gt(x, 0)), match="must be")
    refused(_defined(exp(v**2)), _slope(exp(x**2)), match="not evident")
    refused(_defined(exp(v**2), x, Integer(1)), _slope(exp(x**2), gt(x, 0)), match="upper end")
    refused(_defined(exp(v**2), x - 1), _slope(exp(x**2), gt(x, 0)), match="upper end")
    refused(_defined(x * exp(v**2)), _slope(x * exp(x**2), gt(x, 0)), match="depends on")
    refused(_defined(exp(v**2)), _slope(exp(x**2), gt(x, 0), variable=x), match="not arbitrary")
    refused(_defined(exp(v**2)), _slope(exp(x**2), gt(x, 0), variable=r), match="has a sign")


def test_the_integrand_is_continuous() -> None:
    for body, value in ((floor(v), floor(x)), (sign(v), sign(x)), (Function("g")(v), Function("g")(x))):
        refused(_defined(body), _slope(value, gt(x, 0)), match="cannot differentiate")
    refused(_defined(log(v)), _slope(log(x), gt(x, 0)), match="irregular")
    run(_defined(log(v), Integer(1)), _slope(log(x), gt(x, 1)))


def test_the_integrand_is_regular_up_to_the_end() -> None:
    pole = 1 / (y - v)
    below = gt(y, x)
    refused(_defined(pole), _slope(1 / (y - x), gt(x, 0), below), match="not declared")
    away = step("away", gt(y - v, 0), Combination(((1, (below,)), (1, (le(v, x),)))), below, le(v, x))
    run(_defined(pole), away, _slope(1 / (y - x), gt(x, 0), below, regular=("away",)))
    # the pole may lie between the ends
    refused(_defined(pole), away, _slope(1 / (y - x), gt(x, 0), regular=("away",)))
    # where the pole lies is not known to be away from smaller v
    late = step("late", gt(y - v, 0), Combination(((1, (gt(y, v),)),)), gt(y, v))
    refused(_defined(pole), late, _slope(1 / (y - x), gt(x, 0), below, regular=("late",)), match="missing")


# --- means on a boundary ---------------------------------------------------------------------------------

LAW = step("pair", PAIR, Model("law", "a law of two units for this test"))
MODELS = (
    LAW,
    step("more", gt(u.rho + 1, 0), Model("law", "the units are not collinear")),
    step("less", gt(1 - u.rho, 0), Model("law", "the units are not collinear")),
    step("proper", gt(1 - u.rho**2, 0), Combination(((1, ("more", "less")),))),
)
DENSITY = phi(u.h1) / u.s1
CLOSED = tuple(at(f"lemma:truncated-{k}", {u.h: K1}) for k in range(3))


def _boundary(body: Any, value: Any, moments: Any = CLOSED) -> tuple[Any, ...]:
    goal = eq(Expectation(DiracDelta(u.y1) * body), value)
    return (*MODELS, step("mean", goal, SurfaceMean("pair", moments, ("proper",))))


def _runs(*steps: Any) -> None:
    run(*steps, witness=PAIR_WITNESS)


def _refused(*steps: Any, match: str | None = None) -> None:
    refused(*steps, witness=PAIR_WITNESS, match=match)


LEVEL = u.h2 - u.rho * u.h1
ROOT = sqrt(1 - u.rho**2)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (Integer(1), DENSITY),
        (u.gate2, DENSITY * Phi(K1)),
        (u.y2, DENSITY * u.s2 * LEVEL),
        (u.y2**2, DENSITY * u.s2**2 * (LEVEL**2 + 1 - u.rho**2)),
        (u.gate2 * u.y2, DENSITY * u.s2 * (LEVEL * Phi(K1) + ROOT * phi(K1))),
        (Max(u.y2, 0), DENSITY * u.s2 * (LEVEL * Phi(K1) + ROOT * phi(K1))),
        (u.xt[u.i], DENSITY * (u.mt[u.i] - u.h1 * u.c1[u.i])),
        (
            u.xt[u.i] * u.xt[u.j],
            DENSITY
            * (
                u.St[u.i, u.j]
                - u.c1[u.i] * u.c1[u.j]
                + (u.mt[u.i] - u.h1 * u.c1[u.i]) * (u.mt[u.j] - u.h1 * u.c1[u.j])
            ),
        ),
    ],
)
def test_means_on_the_boundary(body: Any, value: Any) -> None:
    _runs(*_boundary(body, value))
    _refused(*_boundary(body, 2 * value), match="another one")
    _refused(*_boundary(body, value.subs(u.s1, u.s2)), match="another one")


def test_what_a_boundary_does_not_know() -> None:
    # the first unit is neither open nor closed there, and delta is not a square
    _refused(*_boundary(u.gate1, DENSITY), match="boundary")
    _refused(*_boundary(u.y1, Integer(0)), match="boundary")
    _refused(*_boundary(DiracDelta(u.y1), DENSITY), match="boundary")
    other = eq(Expectation(DiracDelta(u.y2)), phi(u.h2) / u.s2)
    _refused(*MODELS, step("mean", other, SurfaceMean("pair", (), ("proper",))), match="first")
    plain = eq(Expectation(u.gate2), Phi(u.h2))
    _refused(*MODELS, step("mean", plain, SurfaceMean("pair", (), ("proper",))), match="boundary")
    _refused(*_boundary(u.gate2, DENSITY * u.gate2), match="random")
    goal = eq(Expectation(DiracDelta(u.y1)), DENSITY)
    _refused(LAW, step("mean", goal, SurfaceMean("pair")), match="may be 1")
    _refused(*MODELS, step("mean", goal, SurfaceMean("proper", (), ("proper",))), match="law of two")
    _refused(*MODELS, step("mean", goal, SurfaceMean("pair", (), ("proper",)), gt(u.y2, 0)), match="sample")


def test_a_boundary_mean_uses_the_moments_that_are_named() -> None:
    open_ = DENSITY * TruncatedMoment(Integer(0), K1)
    _runs(*_boundary(u.gate2, open_, ()))
    _refused(*_boundary(u.gate2, DENSITY * TruncatedMoment(Integer(0), u.h2), ()), match="another one")


# --- theorems for families -------------------------------------------------------------------------------

GENERAL = theorem("quadrant-gated-moments").also[0]
STUDENT, TEACHER = networks.gates[u.i], networks.gates_star[u.j]
NAMES = {
    u.gate1: STUDENT, u.gate2: TEACHER, u.h1: networks.hs[u.i], u.h2: networks.ht[u.j],
    u.rho: networks.rho_st[u.i, u.j],
}  # fmt: skip
MODEL = Model("margins", "these are two units on the same input")
FAMILY = Units("theorem:quadrant-gated-moments", GENERAL, NAMES, {}, model=MODEL)


def _member(certificate: Units, conclusion: Any) -> None:
    record = theorem("committee-drift")
    check(
        Derivation(record.id, (step("pair", conclusion, certificate),)),
        record.hypotheses,
        library()._lookup(record),
    )


def test_a_theorem_for_members_of_families() -> None:
    wanted = GENERAL.func(*(side.subs(NAMES, simultaneous=True) for side in GENERAL.args), evaluate=False)
    _member(FAMILY, wanted)
    for side, other in ((networks.hs[u.i], networks.hs[u.j]), (TEACHER, STUDENT)):
        with pytest.raises(Refused):
            _member(FAMILY, wanted.subs(side, other))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"relation": eq(Expectation(u.gate1), Integer(1))}, "does not state"),
        ({"symbols": {**NAMES, u.gate2: STUDENT}}, "the same one"),
        ({"symbols": {**NAMES, u.h1: u.h2, u.h2: networks.ht[u.j]}}, "must be"),
        ({"symbols": {u.h1: u.h2}}, "used again"),
        ({"symbols": {**NAMES, Expectation(u.gate1): Integer(1)}}, "only symbols"),
        ({"vectors": {u.h1: (networks.cs, u.i)}}, "only symbols"),
        ({"model": Model("no such", "these are two units on the same input")}, "no hypothesis"),
        ({"source": "theorem:relu-moments"}, "does not say that it uses"),
    ],
)
def test_other_members_are_refused(change: dict[str, Any], words: str) -> None:
    wanted = GENERAL.func(*(side.subs(NAMES, simultaneous=True) for side in GENERAL.args), evaluate=False)
    with pytest.raises(Refused, match=words):
        _member(replace(FAMILY, **change), wanted)


def test_vectors_become_rows() -> None:
    relation = theorem("quadrant-gated-moments").also[1]
    rows = {u.c1: (networks.cs, u.i), u.c2: (networks.ct, u.j)}
    names = {**NAMES, u.i: u.a}
    certificate = Units("theorem:quadrant-gated-moments", relation, names, rows, model=MODEL)
    found = relation.xreplace({**NAMES, u.c1[u.i]: networks.cs[u.i, u.a], u.c2[u.i]: networks.ct[u.j, u.a]})
    moved = {base[u.i]: base[u.a] for base in (u.xt, u.mt)}
    wanted = eq(*(side.xreplace(moved) for side in found.args))
    _member(certificate, wanted)
    swapped = replace(certificate, vectors={u.c1: (networks.ct, u.j), u.c2: (networks.cs, u.i)})
    with pytest.raises(Refused, match="must be"):
        _member(swapped, wanted)


def test_a_bound_index_is_not_renamed() -> None:
    relation = theorem("surface-moment").also[1]
    record = theorem("noise-induced-bias")
    model = Model("noise", "these are units on the same input")
    bad = Units("theorem:surface-moment", relation, {}, {u.c: (networks.cs, u.i)}, model=model)
    steps = (step("pair", relation, bad),)
    with pytest.raises(Refused, match="binds a symbol"):
        check(Derivation(record.id, steps), record.hypotheses, library()._lookup(record))
