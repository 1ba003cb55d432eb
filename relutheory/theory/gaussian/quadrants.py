"""Two gated units on Gaussian input: orthants, quadrants and their moments."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import (
    And,
    Derivative,
    Eq,
    Ge,
    Gt,
    Implies,
    Integer,
    Lt,
    Max,
    Min,
    Rational,
    Symbol,
    asin,
    pi,
    sqrt,
)

from relutheory.domain import Domain, IntegerSet, Parameter, RealSet
from relutheory.functions import BivariateCDF, Expectation, Phi, QuadrantMoment, TruncatedMoment, phi
from relutheory.references import Source
from relutheory.theorems import Example, Family, Theorem, Trial, Witness
from relutheory.theory.gaussian import expressions as ex
from relutheory.theory.gaussian import notation as q
from relutheory.theory.gaussian import unit as d
from relutheory.theory.gaussian.notation import gate1, gate2, h1, h2, i, j, rho, xt
from relutheory.theory.gaussian.printed import gated_display, quadrant_display

SIMULATOR = "relutheory.simulate.gaussian:"
PAIR = (d.INPUT, d.SECOND_GATE, "not collinear: |rho| < 1")
STANDARD_PAIR = "standard normal pair: z1, z2 ~ N(0, 1) jointly normal with correlation rho"
a, b = Symbol("a", real=True), Symbol("b", real=True)
_CLOSED = RealSet(Fraction(-1), Fraction(1), "[]")
_OPEN = RealSet(Fraction(-1), Fraction(1), "()")
_RHO = Parameter("rho", rho, _CLOSED, "correlation")
_root = sqrt(1 - rho**2)


def _swap(theta1: Any, theta2: Any) -> dict[str, Any]:
    return {**d.E1_TWO, "theta1": theta1, "theta2": theta2}


_ORTHANT = BivariateCDF(a, b, rho)
_PROPER = And(Gt(rho, -1), Lt(rho, 1))

ORTHANT = Theorem(
    id="orthant-probability",
    stem="gaussian",
    kind="identity",
    title="Bivariate orthant probability",
    meaning=(
        "Phi2(a, b; rho) = P(z1 > -a, z2 > -b). Its derivative in rho is the bivariate density "
        "(Plackett), so that Phi2(a, b; rho) is an integral of it from -1 if a + b <= 0; at a = b = 0 it "
        "is Sheppard's 1/4 + asin(rho)/(2 pi). Evaluated by integrals of positive terms, so that tails "
        "and |rho| -> 1 keep their digits."
    ),
    lhs=_PROPER,
    relation="=>",
    rhs=Eq(Derivative(_ORTHANT, rho), phi(a) * phi((b - rho * a) / _root) / _root, evaluate=False),
    also=(
        Implies(
            _PROPER,
            Eq(Derivative(_ORTHANT, a), phi(a) * Phi((b - rho * a) / _root), evaluate=False),
            evaluate=False,
        ),
        Eq(BivariateCDF(a, b, Integer(1)), Phi(Min(a, b)), evaluate=False),
        Eq(BivariateCDF(a, b, Integer(-1)), Max(Phi(a) + Phi(b) - 1, 0), evaluate=False),
        Implies(
            _PROPER,
            Eq(
                BivariateCDF(Integer(0), Integer(0), rho),
                Rational(1, 4) + asin(rho) / (2 * pi),
                evaluate=False,
            ),
            evaluate=False,
        ),
        Implies(_PROPER, Eq(_ORTHANT + BivariateCDF(a, -b, -rho), Phi(a), evaluate=False), evaluate=False),
    ),
    results={"value": _ORTHANT},
    domain=Domain(
        (
            Parameter("a", a, RealSet(None, None), "first upper limit"),
            Parameter("b", b, RealSet(None, None), "second upper limit"),
            _RHO,
        ),
        {"a": Fraction(1, 2), "b": -1, "rho": Fraction(3, 10)},
    ),
    hypotheses=(STANDARD_PAIR, "derivatives: |rho| < 1"),
    source=Source("Plackett1954", "re-derived"),
    proof="proofs.gaussian:orthant_probability",
    witness=Witness(
        SIMULATOR + "orthant",
        (
            Trial({"a": Fraction(1, 2), "b": -1, "rho": Fraction(3, 10)}),
            Trial({"a": -2, "b": -1, "rho": Fraction(-1, 2)}, share=16),
            Trial({"a": 1, "b": 1, "rho": Fraction(9, 10)}),
            Trial({"a": 0, "b": 0, "rho": Fraction(1, 2)}),
            Trial({"a": Fraction(1, 2), "b": 1, "rho": -1}),
            Trial({"a": Fraction(1, 2), "b": 1, "rho": 1}),
        ),
        why="both signs of the correlation, both ends of its range, a tail",
    ),
    examples=(
        Example({"a": "1/2", "b": -1, "rho": "3/10"}, "0.133256135449951107966750016606"),
        Example({"a": -2, "b": -1, "rho": "-1/2"}, "1.46859766014257086710335701484e-4"),
        Example({"a": 1, "b": 1, "rho": "9/10"}, "0.798179829565444193909685908664"),
        Example({"a": 0, "b": 0, "rho": "1/2"}, "0.333333333333333333333333333333"),
    ),
)

_FIRST = ex.quadrant_with_limits(ex.quadrant_mean(i), lambda h, c: ex.gated_mean(i, h, c))
_SECOND = ex.quadrant_with_limits(
    ex.quadrant_second_moment(i, j), lambda h, c: ex.gated_second_moment(i, j, h, c)
)
_ZERO = ex.quadrant_with_limits(BivariateCDF(h1, h2, rho), lambda h, _: Phi(h))
_MARGINS = "relutheory.simulate.gaussian_preactivations:pair_preactivation"
_OPPOSITE = _swap((Fraction(1, 2), Fraction(1), Fraction(-1)), (Fraction(1, 4), Fraction(-1), Fraction(1)))

#: Units near their boundaries on an input far from 0, and forms with one entry.
_BALANCED = {
    "theta1": (Fraction(-7, 4), Fraction(1), Fraction(-1)),
    "theta2": (Fraction(-1), Fraction(1, 2), Fraction(-1)),
    "m": (Fraction(1), Fraction(-1)),
    "S": d.E1["S"],
}
_ONE, _TWO = ((0, 0, 0), (0, 1, 0), (0, 0, 0)), ((0, 0, 0), (0, 0, 0), (0, 0, 1))
#: Three dimensions, where the two preactivations leave a remainder.
_SPACE = {
    "theta1": (Fraction(1, 4), Fraction(1), Fraction(-1), Fraction(1, 2)),
    "theta2": (Fraction(1, 2), Fraction(-1, 2), Fraction(0), Fraction(1)),
    "m": (Fraction(1, 2), Fraction(1, 2), Fraction(-1, 2)),
}
_THREE = ((0, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0))
_FOUR = ((0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 1, 0), (0, 0, 0, 0))
_FORM_11: dict[str, Any] = {"augmented": (1, 1), "form": True}
_UNITS = SIMULATOR + "quadrant_gated_moment"

GATED = Theorem(
    id="quadrant-gated-moments",
    stem="gaussian",
    kind="identity",
    title="Moments over the quadrant of two gates",
    meaning=(
        "E[u1 u2], E[u1 u2 xt] and E[u1 u2 xt xt'], how two units share their inputs. For rho = 1 the "
        "quadrant is the half-space of the smaller margin, for rho = -1 a slab: M(theta1) - M(-theta2) if "
        "h1 + h2 > 0, else 0; the values include these cases (in one dimension there is no other)."
    ),
    lhs=Expectation(gate1 * gate2 * xt[i] * xt[j]),
    relation="=",
    rhs=ex.quadrant_second_moment(i, j),
    also=(
        Eq(Expectation(gate1 * gate2), BivariateCDF(h1, h2, rho), evaluate=False),
        Eq(Expectation(gate1 * gate2 * xt[i]), ex.quadrant_mean(i), evaluate=False),
    ),
    results={"rho": rho, "h1": h1, "h2": h2, "Q0": _ZERO},
    display=gated_display(),
    families={"Q1": Family(_FIRST, (i,), d.SIZE), "Q2": Family(_SECOND, (i, j), d.SIZE)},
    domain=d.two_units(),
    hypotheses=PAIR,
    source=d.PAPER,
    uses=("quadrant-truncated-moments",),
    proof="proofs.gaussian:quadrant_gated_moments",
    witness=Witness(
        SIMULATOR + "quadrant_gated_moment",
        (
            Trial(d.E1_TWO, {"augmented": ()}, result="Q0"),
            *(
                Trial(d.E1_TWO, {"what": name}, result=name, share=16, simulator=_MARGINS)
                for name in ("rho", "h1", "h2")
            ),
            Trial(_BALANCED, {"augmented": (1,)}, result="Q1_1", share=16),
            Trial(_BALANCED, {"augmented": (2,)}, result="Q1_2", share=16),
            Trial(_BALANCED, {"augmented": (1, 1)}, result="Q2_1_1", share=16),
            Trial(_BALANCED, {"augmented": (2, 2)}, result="Q2_2_2", share=16),
            Trial(d.E1_TWO, {"augmented": (1, 2)}, result="Q2_1_2", share=16),
            Trial(_OPPOSITE, {"augmented": (1, 1)}, result="Q2_1_1", share=4),
        ),
        why="a generic pair, and an opposite collinear one whose quadrant is a slab",
    ),
    examples=tuple(
        Example(d.E1_TWO, value, name)
        for name, value in (
            ("h2", "1.054092553389459777332965"),
            ("rho", "0.5298129428260175226131007"),
            ("Q0", "0.4373821347894124446108579"),
            ("Q2_0_0", "0.43738213478941244461"),
            ("Q2_0_1", "0.60112652727600249425"),
            ("Q2_0_2", "0.045543187705635193894"),
            ("Q2_1_1", "0.98639819262464220921"),
            ("Q2_1_2", "0.081948655006173989259"),
            ("Q2_2_2", "0.14803911360038584945"),
        )
    ),
)


def _edge_moment(order: Any, near: Any, far: Any) -> Any:
    """``E[Z**order 1(Z > -far)]`` for ``Z ~ N(-rho near, 1 - rho**2)``."""
    from sympy import Sum, binomial

    k = Symbol("k", integer=True, nonnegative=True)
    margin = (far - rho * near) / _root
    term = binomial(order, k) * (-rho * near) ** (order - k) * _root**k * TruncatedMoment(k, margin)
    return Sum(term, (k, 0, order))


_T = QuadrantMoment(i, j, h1, h2, rho)
_STEP = (
    (i - 1) * QuadrantMoment(i - 2, j, h1, h2, rho)
    + rho * j * QuadrantMoment(i - 1, j - 1, h1, h2, rho)
    + (-h1) ** (i - 1) * phi(h1) * _edge_moment(j, h1, h2)
    + rho * (-h2) ** j * phi(h2) * _edge_moment(i - 1, h2, h1)
)
_FOURTH = ex.contracted(ex.quadrant_fourth_moment, i, j)
_ORDERS = (
    Parameter("i", i, IntegerSet(0), "power of z1"),
    Parameter("j", j, IntegerSet(0), "power of z2"),
    Parameter("h1", h1, RealSet(None, None), "first margin"),
    Parameter("h2", h2, RealSet(None, None), "second margin"),
    Parameter("rho", rho, _OPEN, "correlation"),
)
_FOURTH_I, _FOURTH_J = (
    Symbol("p", integer=True, nonnegative=True),
    Symbol("r", integer=True, nonnegative=True),
)
_FOURTH = ex.contracted(ex.quadrant_fourth_moment, _FOURTH_I, _FOURTH_J)


def _not_collinear(exact: Any) -> bool:
    if "theta1" not in exact:
        return True
    return bool(d.derive(exact)[q.rho] ** 2 != 1)


TRUNCATED = Theorem(
    id="quadrant-truncated-moments",
    stem="gaussian",
    kind="recursion",
    title="Truncated moments over a quadrant",
    meaning=(
        "T_ij = E[z1^i z2^j 1(z1 > -h1) 1(z2 > -h2)] by Stein's identity in z1, with boundary terms on "
        "both edges. With xt = mt + g1 z1 + g2 z2 + r they give all moments over the quadrant of two "
        "units; the fourth one is T4(K) = E[u1 u2 xt xt'K xt xt'], and T4(theta1, theta2) + T4(theta1, "
        "-theta2) = T(theta1)."
    ),
    lhs=Ge(i, 1),
    relation="=>",
    rhs=Eq(_T, _STEP, evaluate=False),
    also=(
        Eq(QuadrantMoment(Integer(0), Integer(0), h1, h2, rho), BivariateCDF(h1, h2, rho), evaluate=False),
        Eq(
            Expectation(gate1 * gate2 * xt[i] * xt[j] * xt[q.a] * xt[q.b]),
            ex.quadrant_fourth_moment(i, j, q.a, q.b),
            evaluate=False,
        ),
    ),
    results={"value": _T},
    families={"T4": Family(_FOURTH, (_FOURTH_I, _FOURTH_J), d.SIZE)},
    when={"value": "i", "T4": "theta1"},
    display=quadrant_display(),
    domain=Domain(
        (*_ORDERS, *d.TWO_UNITS, d.FORM),
        {"i": 2, "j": 2, "h1": Fraction(1, 2), "h2": -1, "rho": Fraction(3, 10)},
        constraints=(
            (
                _not_collinear,
                "|rho| < 1: the two units must not be collinear (one input dimension always is)",
            ),
        ),
        forms=(("i", "j", "h1", "h2", "rho"), ("theta1", "theta2", "m", "S", "K")),
        complete=d.complete_form,
        derive=d.derive,
    ),
    hypotheses=(STANDARD_PAIR, "recursion: i >= 1 and |rho| < 1", d.INPUT, d.SECOND_GATE),
    source=d.NEW,
    uses=("truncated-moment-translation",),
    proof="proofs.gaussian:quadrant_truncated_moments",
    witness=Witness(
        SIMULATOR + "quadrant_moment",
        (
            Trial({"i": 1, "j": 1, "h1": Fraction(1, 2), "h2": -1, "rho": Fraction(3, 10)}),
            Trial({"i": 2, "j": 2, "h1": Fraction(1, 2), "h2": -1, "rho": Fraction(3, 10)}),
            Trial({"i": 3, "j": 1, "h1": Fraction(1, 2), "h2": -1, "rho": Fraction(3, 10)}),
            Trial({"i": 2, "j": 1, "h1": Fraction(-1, 2), "h2": 1, "rho": Fraction(-4, 5)}),
            Trial({"i": 0, "j": 1, "h1": 1, "h2": Fraction(1, 2), "rho": Fraction(1, 2)}),
            Trial({**_BALANCED, "K": _ONE}, _FORM_11, "=", "T4_1_1", 16.0, simulator=_UNITS),
            Trial({**_BALANCED, "K": _TWO}, _FORM_11, "=", "T4_1_1", 16.0, simulator=_UNITS),
            Trial({**_SPACE, "K": _THREE}, _FORM_11, "=", "T4_1_1", 16.0, simulator=_UNITS),
            Trial({**_SPACE, "K": _FOUR}, _FORM_11, "=", "T4_1_1", 16.0, simulator=_UNITS),
        ),
        why="even and odd orders, both signs of the correlation",
    ),
    examples=(
        Example({"i": 1, "j": 1, "h1": "1/2", "h2": -1, "rho": "3/10"}, "0.15675362276969358231"),
        Example({"i": 2, "j": 2, "h1": "1/2", "h2": -1, "rho": "3/10"}, "0.42890363332088750452"),
        Example({"i": 3, "j": 1, "h1": "1/2", "h2": -1, "rho": "3/10"}, "0.42733165685572690056"),
        Example(d.E1_TWO, "1.57181944101444050327", "T4_0_0"),
        Example(d.E1_TWO, "0.2815620110150716604014", "T4_0_2"),
        Example(d.E1_TWO, "0.7455841656929059686024", "T4_2_2"),
    ),
)

THEOREMS = (ORTHANT, TRUNCATED, GATED)
