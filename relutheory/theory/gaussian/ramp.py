"""Half-line moments of a standard normal variable and bounds of the Mills ratio."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import (
    Derivative,
    Eq,
    Ge,
    Gt,
    Implies,
    Integer,
    Integral,
    Le,
    Lt,
    Sum,
    Symbol,
    binomial,
    exp,
    oo,
    pi,
    sqrt,
)

from relutheory.domain import Domain, Parameter, RealSet
from relutheory.functions import MillsRatio, Phi, RampMoment, RampRatio, TruncatedMoment, phi
from relutheory.references import Source
from relutheory.theorems import Example, Theorem, Trial, Witness
from relutheory.theory.gaussian import expressions as ex
from relutheory.theory.gaussian import unit as d
from relutheory.theory.gaussian.notation import h, j, n, t

SIMULATOR = "relutheory.simulate.gaussian:"
v = Symbol("v", positive=True)
z = Symbol("z", real=True)
#: Order of a moment that starts at one, and the distance into the upper tail.
_TAIL = Parameter("t", t, RealSet(Fraction(0), None, "()"), "distance into the tail, t = -h")
_REAL_T = Parameter("t", t, RealSet(None, None), "argument of the Mills ratio")


def _J(order: Any) -> Any:
    return RampMoment(order, h)


RAMP = Theorem(
    id="ramp-moment-recursion",
    stem="gaussian",
    kind="recursion",
    title="Ramp moments",
    meaning=(
        "J_n(h) = E[max(z+h, 0)^n] for z ~ N(0, 1), with J_0 = P(z + h > 0). For h >= 0 the recursion has "
        "positive terms only; for h < 0 it loses a factor h^(2n), and the tail form is evaluated instead. "
        "With I_n = J_n/n! and I_(-1) = phi it is uniform: n I_n = h I_(n-1) + I_(n-2)."
    ),
    lhs=_J(n),
    relation="=",
    rhs=Integral(v**n * phi(v - h), (v, 0, oo)),
    also=(
        Eq(_J(Integer(0)), Phi(h), evaluate=False),
        Eq(_J(Integer(1)), phi(h) + h * Phi(h), evaluate=False),
        Implies(Ge(n, 2), Eq(_J(n), h * _J(n - 1) + (n - 1) * _J(n - 2), evaluate=False), evaluate=False),
        Implies(Ge(n, 1), Eq(Derivative(_J(n), h), n * _J(n - 1), evaluate=False), evaluate=False),
        Eq(Derivative(_J(Integer(0)), h), phi(h), evaluate=False),
    ),
    results={"value": _J(n)},
    domain=Domain((d.order(0), d.REAL_H), {"n": 2, "h": Fraction(3, 2)}),
    hypotheses=("standard normal: z ~ N(0, 1)",),
    source=d.PAPER,
    proof="proofs.gaussian:ramp_moment_recursion",
    witness=Witness(
        SIMULATOR + "ramp_moment",
        (
            Trial({"n": 4, "h": Fraction(3, 2)}),
            Trial({"n": 2, "h": -8}),
            Trial({"n": 3, "h": -2}),
            Trial({"n": 0, "h": Fraction(-1, 2)}),
            Trial({"n": 5, "h": 0}),
        ),
        why="at h = 3/2, n = 4 a missing factor n-1 shifts the value by more than 10 %; h = -8 is a tail",
    ),
    examples=(
        Example({"n": 4, "h": 0}, "3/2"),
        Example({"n": 2, "h": "1.5"}, "3.22715298937504887690654370375"),
        Example({"n": 4, "h": "1.5"}, "21.5304735755068204895814299341"),
        Example({"n": 3, "h": -2}, "0.00544395180461941089942828213281"),
        Example({"n": 1, "h": -8}, "7.55026241194649891373884774403e-17"),
        Example({"n": 2, "h": -8}, "1.80750644714584992524916977365e-17"),
    ),
)

_t0, _t1, _t2, _t3, _t4 = (TruncatedMoment(Integer(k), h) for k in range(5))

TRUNCATED = Theorem(
    id="truncated-moment-translation",
    stem="gaussian",
    kind="identity",
    title="Truncated moments",
    meaning=(
        "t_n(h) = E[z^n 1(z > -h)], the moments over an open half-line, and their translation into ramp "
        "moments and back. For h <= 0 the first sum has positive terms only."
    ),
    lhs=TruncatedMoment(n, h),
    relation="=",
    rhs=Integral(z**n * phi(z), (z, -h, oo)),
    also=(
        Eq(TruncatedMoment(n, h), Sum(binomial(n, j) * (-h) ** (n - j) * _J(j), (j, 0, n)), evaluate=False),
        Eq(_J(n), Sum(binomial(n, j) * h ** (n - j) * TruncatedMoment(j, h), (j, 0, n)), evaluate=False),
        Eq(_t0, Phi(h), evaluate=False),
        Eq(_t1, phi(h), evaluate=False),
        Implies(
            Ge(n, 2),
            Eq(
                TruncatedMoment(n, h),
                (n - 1) * TruncatedMoment(n - 2, h) + (-h) ** (n - 1) * phi(h),
                evaluate=False,
            ),
            evaluate=False,
        ),
        Eq(Derivative(TruncatedMoment(n, h), h), (-h) ** n * phi(h), evaluate=False),
        Eq(_t2, Phi(h) - h * phi(h), evaluate=False),
        Eq(_t3, (h**2 + 2) * phi(h), evaluate=False),
        Eq(_t4, 3 * Phi(h) - (h**3 + 3 * h) * phi(h), evaluate=False),
    ),
    results={"value": TruncatedMoment(n, h)},
    domain=Domain((d.order(0), d.REAL_H), {"n": 2, "h": -2}),
    hypotheses=("standard normal: z ~ N(0, 1)",),
    source=d.PAPER,
    uses=("ramp-moment-recursion",),
    proof="proofs.gaussian:truncated_moment_translation",
    witness=Witness(
        SIMULATOR + "truncated_moment",
        (
            Trial({"n": 2, "h": -2}),
            Trial({"n": 3, "h": -2}),
            Trial({"n": 4, "h": Fraction(3, 4)}),
            Trial({"n": 5, "h": Fraction(1, 2)}),
        ),
        why="J_2(-2) = 0.0058 against t_2(-2) = 0.131: the families cannot be confused; odd orders see signs",
    ),
    examples=(
        Example({"n": 2, "h": -2}, "0.130732064974555311101411037988"),
        Example({"n": 3, "h": -2}, "0.323945799079128311703385202464"),
        Example({"n": 4, "h": "3/4"}, "1.51551636633077738259200448681"),
    ),
)

_r = RampRatio

TAIL = Theorem(
    id="ramp-moment-tail",
    stem="gaussian",
    kind="identity",
    title="Ramp moments in the tail",
    meaning=(
        "J_n(-t) without cancellation; the integral is n! 2^(-(n+1)/2) U((n+1)/2, 1/2, t^2/2) with "
        "Tricomi's U. The ratios r_n = J_n(-t)/J_(n-1)(-t) obey r_n = n/(t + r_(n+1)), which unrolls into "
        "Laplace's continued fraction R(t) = 1/(t + 1/(t + 2/(t + 3/(t + ...)))). J_n(-t) ~ n! "
        "phi(t)/t^(n+1)."
    ),
    lhs=RampMoment(n, -t),
    relation="=",
    rhs=phi(t) * Integral(v**n * exp(-(v**2) / 2 - t * v), (v, 0, oo)),
    also=(
        Implies(
            Ge(n, 1),
            Eq(_r(n, t), RampMoment(n, -t) / RampMoment(n - 1, -t), evaluate=False),
            evaluate=False,
        ),
        Implies(Ge(n, 1), Eq(_r(n, t), n / (t + _r(n + 1, t)), evaluate=False), evaluate=False),
        Eq(MillsRatio(t), 1 / (t + _r(Integer(1), t)), evaluate=False),
    ),
    results={"J": RampMoment(n, -t), "r": _r(n, t), "R": MillsRatio(t)},
    when={"r": Ge(n, 1)},
    domain=Domain((d.order(0), _TAIL), {"n": 1, "t": 8}),
    hypotheses=("standard normal: z ~ N(0, 1)", "tail: t > 0"),
    source=d.NEW,
    uses=("ramp-moment-recursion",),
    proof="proofs.gaussian:ramp_moment_tail",
    witness=Witness(
        SIMULATOR + "ramp_tail",
        (
            Trial({"n": 1, "t": 8}, {"what": "r"}, result="r"),
            Trial({"n": 2, "t": 3}, {"what": "r"}, result="r"),
            Trial({"n": 4, "t": 8}, {"what": "J"}, result="J"),
            Trial({"n": 0, "t": 30}, {"what": "J"}, result="J"),
            Trial({"n": 0, "t": 10}, {"what": "R"}, result="R"),
        ),
        why="exponential proposals reach any tail: the quadrature of the first integral by random nodes",
    ),
    examples=(
        Example({"n": 1, "t": 8}, "0.1213681122361126806535202", "r"),
        Example({"n": 2, "t": 8}, "0.2393965068400668851365267", "r"),
        Example({"n": 0, "t": 8}, "6.220960574271784123516e-16", "J"),
        Example({"n": 4, "t": 8}, "2.987333676279623718728e-18", "J"),
        Example({"n": 0, "t": 10}, "0.0990285964717319213953371885953", "R"),
    ),
)

_R = MillsRatio(t)

MILLS = Theorem(
    id="mills-ratio-bounds",
    stem="gaussian",
    kind="lower bound",
    title="Bounds of the Mills ratio",
    meaning=(
        "Birnbaum's lower bound R0 for all real t, Sampford's upper bound for t > -1, and Laplace's two "
        "bounds for t > 0, whose continued fraction they start. Partial sums of 1/t - 1/t^3 + 3/t^5 - ... "
        "alternately over- and underestimate R for t > 0. R(0) = sqrt(pi/2)."
    ),
    lhs=ex.birnbaum(t),
    relation="<",
    rhs=_R,
    also=(
        Implies(Gt(t, -1), Lt(_R, ex.sampford(t), evaluate=False), evaluate=False),
        Implies(Gt(t, 0), Lt(t / (1 + t**2), _R, evaluate=False), evaluate=False),
        Implies(Gt(t, 0), Lt(_R, 1 / t, evaluate=False), evaluate=False),
        Eq(Derivative(_R, t), t * _R - 1, evaluate=False),
        Eq(MillsRatio(Integer(0)), sqrt(pi / 2), evaluate=False),
    ),
    results={
        "R": _R,
        "R0": ex.birnbaum(t),
        "gap_low": 1 - ex.birnbaum(t) / _R,
        "sampford": ex.sampford(t),
        "gap_high": ex.sampford(t) / _R - 1,
        "low": t / (1 + t**2),
        "high": 1 / t,
    },
    when={"sampford": Gt(t, -1), "gap_high": Gt(t, -1), "low": Gt(t, 0), "high": Gt(t, 0)},
    domain=Domain((_REAL_T,), {"t": 1}),
    hypotheses=(
        "lower bound: t is any real number",
        "upper bound: t > -1 (Sampford), t > 0 (Laplace)",
    ),
    source=Source("Birnbaum1942", "re-derived", "with the upper bound of Sampford1953"),
    proof="proofs.gaussian:mills_ratio_bounds",
    witness=Witness(
        SIMULATOR + "mills_ratio",
        (
            Trial({"t": 1}, {}, result="R"),
            Trial({"t": Fraction(-9, 10)}, {}, result="R"),
            Trial({"t": 5}, {}, result="R"),
            Trial({"t": 1}, {}, "<=", result="R0"),
            Trial({"t": Fraction(-9, 10)}, {}, "<=", result="R0"),
            Trial({"t": 1}, {"what": "gap_low"}, result="gap_low"),
            Trial({"t": Fraction(-9, 10)}, {"what": "gap_high"}, result="gap_high"),
            Trial({"t": Fraction(1, 2)}, {}, ">=", result="sampford"),
            Trial({"t": 1}, {}, "<=", result="low"),
            Trial({"t": 1}, {}, ">=", result="high"),
        ),
        why="at t = -0.9 Sampford's relative gap is 3.9; the gaps themselves are compared, so that the "
        "bounds and not only their direction are tested",
    ),
    examples=(
        Example({"t": 1}, "0.6180339887498948482", "R0"),
        Example({"t": 1}, "0.655679542418798471543871230731", "R"),
        Example({"t": 1}, "0.66666666666666666667", "sampford"),
        Example({"t": 0}, "1", "R0"),
        Example({"t": 0}, "1.25331413731550025120788264241", "R"),
        Example({"t": 0}, "1.41421356237309504880", "sampford"),
    ),
)

_left = _J(n) ** 2 / (_J(n - 1) * _J(n + 1))
_right = n * _J(n - 1) * _J(n + 1) / ((n + 1) * _J(n) ** 2)

TURAN = Theorem(
    id="ramp-moment-turan",
    stem="gaussian",
    kind="upper bound",
    title="Turan inequalities of the ramp moments",
    meaning=(
        "J_n^2 <= J_(n-1) J_(n+1) <= (n+1)/n J_n^2. Both constants are sharp: the left quotient tends to "
        "1 for h -> +oo, the right one for h -> -oo. For n = 0, phi J_1 <= J_0^2, and J_0 J_2 - J_1^2 is "
        "the determinant of the gated Gram matrix."
    ),
    lhs=_J(n) ** 2,
    relation="<=",
    rhs=_J(n - 1) * _J(n + 1),
    also=(
        Le(_J(n - 1) * _J(n + 1), (n + 1) * _J(n) ** 2 / n, evaluate=False),
        Le(phi(h) * _J(Integer(1)), _J(Integer(0)) ** 2, evaluate=False),
        Eq(
            _J(Integer(0)) * _J(Integer(2)) - _J(Integer(1)) ** 2,
            _J(Integer(0)) ** 2 - phi(h) * _J(Integer(1)),
            evaluate=False,
        ),
    ),
    # Quotients of ratios: no power of phi is left, so they hold their digits in the tail.
    results={"left": _r(n, -h) / _r(n + 1, -h), "right": n * _r(n + 1, -h) / ((n + 1) * _r(n, -h))},
    domain=Domain((d.order(1), d.REAL_H), {"n": 1, "h": -3}),
    hypotheses=("standard normal: z ~ N(0, 1)", "order: n >= 1"),
    source=d.NEW,
    uses=("ramp-moment-recursion",),
    proof="proofs.gaussian:ramp_moment_turan",
    witness=Witness(
        SIMULATOR + "turan",
        (
            Trial({"n": 1, "h": -3}, {"what": "left"}, result="left"),
            Trial({"n": 1, "h": -3}, {"what": "right"}, result="right"),
            Trial({"n": 2, "h": -1}, {"what": "left"}, result="left"),
            Trial({"n": 2, "h": 1}, {"what": "right"}, result="right"),
        ),
        why="both quotients lie clearly inside (0, 1), so that halves, doubles and complements are seen",
    ),
    examples=(
        Example({"n": 1, "h": -3}, "0.53180294", "left"),
        Example({"n": 1, "h": -3}, "0.94019789", "right"),
        Example({"n": 2, "h": -3}, "0.70320610", "left"),
        Example({"n": 2, "h": -3}, "0.94803879", "right"),
    ),
)

THEOREMS = (RAMP, TRUNCATED, TAIL, MILLS, TURAN)
