"""From one unit to networks: a committee of units, and activation probabilities at initialisation."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sympy import (
    And,
    Eq,
    Expr,
    Gt,
    Implies,
    IndexedBase,
    Integer,
    Lt,
    Rational,
    Sum,
    Symbol,
    acos,
    asin,
    pi,
    sqrt,
)

from relutheory import symbols
from relutheory.domain import Domain, IntegerSet, Parameter, RealSet, RowsSet, VectorSet
from relutheory.errors import DomainError
from relutheory.functions import BivariateCDF, Components, Expectation, Iterate, QuadrantMoment, RampMoment
from relutheory.grammar import show
from relutheory.theorems import Display, Family, Theorem, Trial, Witness
from relutheory.theory.gaussian import expressions as ex
from relutheory.theory.gaussian import notation as g
from relutheory.theory.gaussian import unit as gaussian
from relutheory.theory.gaussian.unit import SIZE
from relutheory.theory.single_unit import expressions as e
from relutheory.theory.single_unit import unit as d
from relutheory.theory.single_unit.drift import examples
from relutheory.theory.single_unit.notation import a, i, j, xt

SIMULATOR = "relutheory.simulate.single_unit:"
N = symbols.N

# --- a committee -----------------------------------------------------------------------------------------

#: Students and teachers (one a row), their output weights and constants, and the number of students.
rows, rows_star = IndexedBase("theta"), IndexedBase(r"\theta^{*}")
v, v_star = IndexedBase("v"), IndexedBase(r"v^{*}")
constant, constant_star = Symbol("c_0", real=True), Symbol("c_0^*", real=True)
students = Symbol("K", integer=True, positive=True)
#: Margins, scales and covariances of students and teachers, and correlations between them.
hs, ss, cs = IndexedBase("h"), IndexedBase("s"), IndexedBase("c")
ht, ct = IndexedBase(r"h^{*}"), IndexedBase(r"c^{*}")
rho_st = IndexedBase(r"\rho^{*}")
#: The network "teacher minus student": its distinct units, their output weights, number, margins, scales
#: and covariances, and correlation, smaller margin and open slab of each student with each of them.
units, gap = IndexedBase(r"\vartheta"), IndexedBase(r"\delta")
others = Symbol("D", integer=True, positive=True)
hd, sd, cd = IndexedBase("eta_d"), IndexedBase("sigma_d"), IndexedBase("gamma_d")
rho_d, low_d, slab_d = IndexedBase("rho_d"), IndexedBase("low_d"), IndexedBase("slab_d")
gates, gates_star = IndexedBase("u"), IndexedBase(r"u^{*}")
_j = Symbol("l", integer=True, nonnegative=True)


class _Rows:
    """Row of a matrix of covariances, as a vector of its own."""

    def __init__(self, base: IndexedBase, row: Any) -> None:
        self.base, self.row = base, row

    def __getitem__(self, indices: Any) -> Any:
        (p,) = indices if isinstance(indices, tuple) else (indices,)
        return self.base[self.row, p]


def _shared(i: Any, k: Any, one: Any, two: Any) -> Expr:
    """``Q2`` of student `one` and of unit `two` of the difference."""
    whole = ex.quadrant_with_limits(
        ex.quadrant_second_moment(i, k), lambda h, c: ex.gated_second_moment(i, k, h, c)
    )
    names = {
        g.h1: hs[one],
        g.h2: hd[two],
        g.rho: rho_d[one, two],
        g.h: low_d[one, two],
        g.slab: slab_d[one, two],
    }
    own = _Rows(cs, one)
    return e.renamed(whole, names, {g.c1: own, g.c2: _Rows(cd, two), g.c: own})


def _open_mean(k: Any, unit: Any) -> Expr:
    return ex.gated_mean(k, hs[unit], _Rows(cs, unit))


def signal(unit: Any, k: Any, weight: Any = 1, *limits: Any) -> Expr:
    """``z``: mean of the committee's error times gate times input of one student, weighted and summed.

    Each term is one sum over all its indices: SymPy would move the cases out of a sum of sums.
    """
    here = _open_mean(k, unit) * weight
    own = Sum(here, *limits) if limits else here
    pair = weight * gap[_j] * _shared(k, a, unit, _j) * units[_j, a]
    return (constant_star - constant) * own + Sum(pair, (a, 0, N), (_j, 0, others - 1), *limits)


_dtheta = v[i] * signal(i, j)
_b = Symbol("b", integer=True, nonnegative=True)
_dv = signal(i, _b, rows[i, _b], (_b, 0, N))
_dc = constant_star - constant + Sum(gap[_j] * sd[_j] * RampMoment(1, hd[_j]), (_j, 0, others - 1))


def _committee_shapes(exact: dict[str, Any]) -> dict[str, Any]:
    size = len(exact["theta_rows"][0])
    if len(exact["theta_star_rows"][0]) != size:
        shown = show(exact["theta_star_rows"])
        raise DomainError(f"theta_star_rows must have rows of {size} entries like theta_rows, got {shown}")
    for name, weights in (("theta_rows", "v"), ("theta_star_rows", "v_star")):
        count = len(exact[name])
        if len(exact[weights]) != count:
            raise DomainError(
                f"{weights} must have {count} entries, one for each row of {name}, got {show(exact[weights])}"
            )
        if not all(any(row[1:]) for row in exact[name]):
            raise DomainError(f"{name} must have a weight other than 0 in each row, got {show(exact[name])}")
    filled = gaussian.complete({**exact, "theta": exact["theta_rows"][0]})
    del filled["theta"]
    return filled


def _difference(exact: Mapping[str, Any]) -> dict[tuple[Fraction, ...], Fraction]:
    """Distinct units of teacher minus student with their weights; equal units are taken together."""
    found: dict[tuple[Fraction, ...], Fraction] = {}
    for rows, weights, sign in (("theta_star_rows", "v_star", 1), ("theta_rows", "v", -1)):
        for row, weight in zip(exact[rows], exact[weights], strict=True):
            found[row] = found.get(row, Fraction(0)) + sign * weight
    return found


def _committee_bindings(exact: Mapping[str, Any]) -> dict[Any, Any]:
    law = {"m": exact["m"], "S": exact["S"]}
    own, weights = exact["theta_rows"], _difference(exact)
    found: dict[Any, Any] = {
        N: len(own[0]) - 1,
        students: len(own),
        others: len(weights),
        units: Components(Components(row) for row in weights),
        gap: Components(weights.values()),
    }
    for names, group in (((hs, ss, cs), own), ((hd, sd, cd), weights)):
        alone = [gaussian.derive({"theta": row, **law}) for row in group]
        found |= {key: alone[0][key] for key in (g.mt, g.St)}
        for name, key in zip(names, (g.h, g.s, g.c), strict=True):
            found[name] = Components(one[key] for one in alone)
    pairs = [[gaussian.derive({"theta1": x, "theta2": y, **law}) for y in weights] for x in own]
    for name, key in ((rho_d, g.rho), (low_d, g.h), (slab_d, g.slab)):
        found[name] = Components(Components(pair.get(key, 0) for pair in row) for row in pairs)
    return found


COMMITTEE_POINT: dict[str, Any] = {
    "theta_rows": (d.E1["theta"], d.E1["theta_star"]),
    "v": (1, Fraction(-1, 2)),
    "c": 0,
    "theta_star_rows": ((0, 1, Fraction(1, 3)),),
    "v_star": (1,),
    "c_star": 0,
    "m": d.E1["m"],
    "S": d.E1["S"],
}
_MIXED = {
    **COMMITTEE_POINT,
    "theta_rows": ((Fraction(1, 2), 1, -1), (-1, -1, 1)),
    "v": (2, 1),
    "c": Fraction(1, 2),
    "theta_star_rows": ((0, 1, 1), (Fraction(1, 2), -1, 1)),
    "v_star": (1, -1),
    "c_star": -1,
}


def _committee_trials(point: Any, share: float = 4) -> tuple[Trial, ...]:
    return (
        *(
            Trial(
                point,
                {"what": "dtheta", "unit": unit, "entry": entry},
                result=f"dtheta_{unit}_{entry}",
                share=share,
            )
            for unit in (0, 1)
            for entry in (0, 1, 2)
        ),
        *(Trial(point, {"what": "dv", "unit": unit}, result=f"dv_{unit}", share=share) for unit in (0, 1)),
        Trial(point, {"what": "dc"}, result="dc", share=share),
    )


_REAL = RealSet(None, None)
_dtheta_name, _dv_name = Symbol(r"v_i z_{i,j}"), Symbol(r"\theta_i \cdot z_i")

_Q = IndexedBase("Q")
_pair_moment = e.renamed(
    ex.quadrant_second_moment(j, a),
    {g.h1: hs[i], g.h2: ht[_j], g.rho: rho_st[i, _j]},
    {g.c1: _Rows(cs, i), g.c2: _Rows(ct, _j)},
)


COMMITTEE = Theorem(
    id="committee-drift",
    stem="single_unit",
    kind="recursion",
    title="Mean step of a committee of units",
    meaning=(
        "Student c + sum v_i f(theta_i.xt), teacher of the same form, squared loss and full "
        "backpropagation: z_i = (c* - c) E[u_i xt] + sum v*_l Q2(theta_i, theta*_l) theta*_l - sum v_l "
        "Q2(theta_i, theta_l) theta_l, E d theta_i = eta v_i z_i, E d v_i = eta theta_i.z_i, E d c = eta (c* "
        "- c + sum v*_l E f*_l - sum v_l E f_l). Unit i has the effective rates v_i^2 lam(M(theta_i)). The "
        "results are divided by eta; units are counted from 0. The relation is one term of z_i."
    ),
    lhs=Expectation(gates[i] * gates_star[_j] * e.over(rows_star[_j, a] * xt[a], a) * xt[j]),
    relation="=",
    rhs=e.over(_pair_moment * rows_star[_j, a], a),
    results={"dc": _dc},
    families={
        "dtheta": Family(_dtheta, (i, j), (students, SIZE)),
        "dv": Family(_dv, (i,), students),
    },
    display=Display(
        {
            "dtheta_i_j": _dtheta_name,
            "dv_i": _dv_name,
            "dc": constant_star - constant + Symbol("Delta"),
            "rhs": e.over(_Q[j, a] * rows_star[_j, a], a),
        },
        {_dtheta_name: _dtheta, _dv_name: _dv, _Q[j, a]: _pair_moment},
        r"Q_{j,a} = \operatorname{E}\left[u_i u^{*}_l \tilde{x}_j \tilde{x}_a\right],\\ "
        r"\Delta = \sum_l v^{*}_l \operatorname{E} f^{*}_l - \sum_l v_l \operatorname{E} f_l",
    ),
    domain=Domain(
        (
            Parameter("theta_rows", rows, RowsSet(2), "student units, bias first, one a row"),
            Parameter("v", v, VectorSet(), "output weights of the students"),
            Parameter("c", constant, _REAL, "output constant of the student", "0"),
            Parameter("theta_star_rows", rows_star, RowsSet(2), "teacher units, bias first, one a row"),
            Parameter("v_star", v_star, VectorSet(), "output weights of the teacher"),
            Parameter("c_star", constant_star, _REAL, "output constant of the teacher", "0"),
            *d.INPUT_LAW,
        ),
        COMMITTEE_POINT,
        complete=_committee_shapes,
        derive=_committee_bindings,
    ),
    hypotheses=(
        d.INPUT,
        "student: c + sum v_i max(y_i, 0) with y_i = theta_i.xt, w_i != 0; teacher of the same form with "
        "theta*_l, v*_l, c*, plus noise of mean 0 independent of x",
        "rule: full backpropagation of the squared loss on independent samples",
        "margins: h_i, s_i, c_i of the students, h*_l, s*_l, c*_l of the teacher units, rho their "
        "correlations; in the formulas |rho| < 1, the values include collinear units",
    ),
    source=d.NEW,
    uses=("quadrant-gated-moments", "relu-teacher-drift"),
    proof="proofs.single_unit:committee_drift",
    witness=Witness(
        SIMULATOR + "committee",
        (*_committee_trials(COMMITTEE_POINT), *_committee_trials(_MIXED)),
        why="opposite and collinear units, output weights of both signs, constants",
    ),
    examples=examples(
        COMMITTEE_POINT,
        ("dtheta_0_0", "0.550243890759391"),
        ("dtheta_0_1", "0.817305508069693"),
        ("dtheta_0_2", "-0.0224403830036042"),
        ("dv_0", "0.530963371188195"),
        ("dv_1", "1.3260718306358"),
        ("dc", "0.80518366429617"),
    ),
)

# --- at initialisation -----------------------------------------------------------------------------------

layer = Symbol("l", integer=True, positive=True)
rho = Symbol("rho", real=True)
_proper = And(Gt(rho, -1), Lt(rho, 1))
_step = (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / pi
_k = Symbol("k", integer=True, positive=True)


def _at_layer(output: Any) -> Any:
    return Iterate(output, (rho,), (0,), (_step,), (_k, 1, layer - 1))


_variance = _at_layer(asin(rho) / (2 * pi))

_shown = asin(Symbol("rho_l")) / (2 * pi)

SPREAD = Theorem(
    id="activation-probability-spread",
    stem="single_unit",
    kind="identity",
    title="Activation probabilities at initialisation spread with depth",
    meaning=(
        "The mean of P over the units of each layer is 1/2, and Var P_l = asin(rho_l)/(2 pi) with rho_1 = 0 "
        "and rho_(l+1) = (sqrt(1 - rho^2) + rho (pi - acos rho))/pi: P becomes 0 or 1 with depth, its "
        "standard deviation tends to 1/2. In layer 2 the margin h of a unit is N(0, 1/(pi - 1)). The "
        "recursion is that of the correlation of two inputs: for standard normal z_1, z_2 it is the mean of "
        "max(z_1, 0) max(z_2, 0) divided by E[max(z_1, 0)^2] = 1/2."
    ),
    lhs=_proper,
    relation="=>",
    rhs=Eq(
        BivariateCDF(Integer(0), Integer(0), rho) - Rational(1, 4),
        asin(rho) / (2 * pi),
        evaluate=False,
    ),
    also=(
        Implies(
            _proper,
            Eq(
                2 * QuadrantMoment(Integer(1), Integer(1), Integer(0), Integer(0), rho), _step, evaluate=False
            ),
            evaluate=False,
        ),
    ),
    results={"variance": _variance, "std": sqrt(_variance)},
    display=Display({"variance": _shown, "std": sqrt(_shown)}),
    domain=Domain(
        (Parameter("l", layer, IntegerSet(1), "hidden layer"),),
        {"l": 3},
    ),
    hypotheses=(
        "weights: independent centred Gaussian, zero bias; P does not depend on their scale",
        "width: infinite widths and infinite input dimension, so that two inputs are uncorrelated and "
        "preactivations are Gaussian processes; |rho| < 1",
        "variance: Var P = P(y(x) > 0, y(x') > 0) - 1/4 for independent inputs x, x'",
    ),
    source=d.NEW,
    uses=("orthant-probability", "relu-moments"),
    proof="proofs.single_unit:activation_spread",
    witness=Witness(
        SIMULATOR + "activation_spread",
        tuple(
            Trial({"l": depth}, {"what": what}, result=what)
            for depth in (2, 3, 5)
            for what in ("variance", "std")
        ),
        why="layer by layer by sampled pairs; a layer more or less changes the value by a tenth",
    ),
    examples=(
        *examples({"l": 2}, ("std", "0.227063040175191")),
        *examples({"l": 3}, ("std", "0.286676897814477")),
        *examples({"l": 4}, ("std", "0.3215254520317")),
        *examples({"l": 8}, ("std", "0.387344151695886")),
    ),
)

THEOREMS = (COMMITTEE, SPREAD)
