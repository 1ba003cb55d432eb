"""Mean squares: the second moment of the error, its steady state, step-size limits and the noise bias."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import Eq, Piecewise

from relutheory import symbols
from relutheory.domain import MatrixSet, Parameter
from relutheory.errors import DomainError
from relutheory.functions import Components, Expectation
from relutheory.grammar import show
from relutheory.theorems import Family, Theorem, Trial, Witness
from relutheory.theory.gaussian import expressions as ex
from relutheory.theory.gaussian import notation as g
from relutheory.theory.gaussian.unit import SIZE
from relutheory.theory.single_unit import expressions as e
from relutheory.theory.single_unit import notation as n
from relutheory.theory.single_unit import printed
from relutheory.theory.single_unit import unit as d
from relutheory.theory.single_unit.drift import BALANCED, NEGATIVE, examples
from relutheory.theory.single_unit.notation import (
    V,
    a,
    b,
    eta,
    gate1,
    gate2,
    i,
    j,
    noise,
    sig,
    theta,
    theta_star,
    xt,
)

SIMULATOR = "relutheory.simulate.single_unit:"
N = symbols.N

# --- one step --------------------------------------------------------------------------------------------


def fourth_moment(h: Any, c: Any, *indices: Any) -> Any:
    """``E[u xt_i xt_j xt_a xt_b]`` of the half-space with margin ``h``."""
    return e.renamed(ex.gated_fourth_moment(*indices), {g.h: h}, {g.c: c})


def shared_fourth_moment(*indices: Any) -> Any:
    """``E[u u* xt_i xt_j xt_a xt_b]``, also where the two units are collinear."""
    generic = ex.quadrant_fourth_moment(*indices)
    return ex.quadrant_with_limits(generic, lambda h, c: fourth_moment(h, c, *indices))


def _second_moment(drift_terms: Any, fourth_terms: Any, M: Any) -> Any:
    return V[i, j] + eta * drift_terms + eta**2 * (fourth_terms + sig**2 * M)


def affine_square(M: Any, fourth: Any) -> Any:
    """One step of V, affine teacher, from the moments of order two and four."""
    drift = -e.over(M(i, a) * V[a, j] + V[i, a] * M(a, j), a)
    return _second_moment(drift, e.over(V[a, b] * fourth(i, j, a, b), a, b), M(i, j))


_form = theta_star[a] * theta_star[b] - theta_star[a] * theta[b] - theta[a] * theta_star[b]


def relu_square(drift: Any, M: Any, fourth: Any, shared: Any, error: Any = e.error) -> Any:
    """One step of ``V = v v'``, ReLU teacher, from its drift and the moments of order two and four."""
    own = e.over(theta[a] * theta[b] * fourth(i, j, a, b), a, b)
    crossed = e.over(_form * shared(i, j, a, b), a, b)
    turned = drift(i) * error(j) + error(i) * drift(j)
    return _second_moment(turned, own + crossed, M(i, j))


def own_fourth_moment(*indices: Any) -> Any:
    """Fourth moment over the student's half-space."""
    return fourth_moment(n.h1, n.c1, *indices)


def _printed(g: Any, v: Any) -> Any:
    """One step with letters: affine teacher, or ReLU teacher with the letters of its drift and error."""
    M, F, X = (lambda *k: printed.M[k]), (lambda *k: printed.F[k]), (lambda *k: printed.X[k])
    if g is None:
        return affine_square(M, F)
    return relu_square(lambda k: g[k], M, F, X, lambda k: v[k])


_affine = affine_square(e.open_moment, own_fourth_moment)
_relu = relu_square(e.relu_drift, e.open_moment, own_fourth_moment, shared_fourth_moment)
_apart = relu_square(
    lambda k: e.relu_drift(k, ex.quadrant_second_moment),
    e.open_moment,
    own_fourth_moment,
    ex.quadrant_fourth_moment,
)
# At the solution all errors vanish and only the noise is left.
_relu = Piecewise((eta**2 * sig**2 * e.open_moment(i, j), Eq(n.solved, 1)), (_relu, True))
_value = Piecewise((_relu, Eq(n.relu, 1)), (_affine, True))


def _with_second_moment(exact: dict[str, Any]) -> dict[str, Any]:
    exact = d.complete(exact)
    if "V" not in exact:
        return exact
    if exact["teacher"] == "relu":
        raise DomainError("V is v v' for teacher = relu: another second moment needs the affine teacher")
    size = len(exact["theta"])
    if len(exact["V"]) != size:
        raise DomainError(f"V must be a {size} x {size} matrix for this theta, got {show(exact['V'])}")
    return exact


def _bindings(exact: Any) -> dict[Any, Any]:
    """Without a second moment of its own the error is the fixed one."""
    v = [x - y for x, y in zip(exact["theta"], exact["theta_star"], strict=True)]
    fixed = Components(Components(x * y for y in v) for x in v)
    return d.derive(exact) | {V: Components(exact["V"]) if "V" in exact else fixed}


def _error_after(output: Any, k: Any) -> Any:
    return e.error(k) + eta * gate1 * (noise + output) * xt[k]


def _lhs(output: Any) -> Any:
    return Expectation(_error_after(output, i) * _error_after(output, j))


_linear = e.over(-e.error(a) * xt[a], a)
_with_gate = e.over((gate2 * theta_star[a] - theta[a]) * xt[a], a)
#: V = v v' of a fixed error.
FIXED = {V[p, q]: e.error(p) * e.error(q) for p in (i, j, a, b) for q in (i, j, a, b)}


def _squares(point: Any, *pairs: tuple[int, int], share: float = 1) -> tuple[Trial, ...]:
    return tuple(
        Trial(point, {"row": row, "column": column}, result=f"V_{row}_{column}", share=share)
        for row, column in pairs
    )


_NOISY = {**d.E1, "eta": Fraction(1, 5), "sig": Fraction(3, 10)}
_LARGE = {"eta": 1, "sig": 1}
_IDENTITY = tuple(tuple(Fraction(int(k == m)) for k in range(3)) for m in range(3))

_also_squares = (Eq(_lhs(_with_gate), _apart.xreplace(FIXED), evaluate=False),)

RECURSION = Theorem(
    id="mean-square-recursion",
    stem="single_unit",
    kind="recursion",
    title="Mean-square recursion",
    meaning=(
        "Affine teacher: V+ = V - eta (M V + V M) + eta^2 (T(V) + sigma^2 M). ReLU teacher: V+ = V + eta (g "
        "v' + v g') + eta^2 (B + sigma^2 M) with B = E[u (f* - y)^2 xt xt'] = T(theta theta') + T4(theta* "
        "theta*' - theta* theta' - theta theta*'). Exact for one step from a fixed theta, V = v v'; as a "
        "closed recursion for E[v v'] (affine teacher, other V) M and T are frozen."
    ),
    lhs=_lhs(_linear),
    relation="=",
    rhs=_affine.xreplace(FIXED),
    also=_also_squares,
    families={"V": Family(_value, (i, j), SIZE)},
    display=printed.squares_display(
        _printed,
        (lambda k: _error_after(_linear, k), lambda k: _error_after(_with_gate, k)),
        lambda k: e.relu_drift(k, ex.quadrant_second_moment),
        own_fourth_moment,
        ex.quadrant_fourth_moment,
    ),
    domain=d.student_teacher(
        (
            Parameter("V", V, MatrixSet(), "second moment E[v v'] of the error", "v v'", filled=True),
            d.ETA,
            d.SIG,
            d.TEACHER,
        ),
        {"eta": Fraction(1, 5), "sig": Fraction(3, 10)},
        complete=_with_second_moment,
        derive=_bindings,
    ),
    hypotheses=(
        d.INPUT,
        d.UNIT,
        d.RULE,
        d.NOISE,
        "teacher: affine (d = y* + n) or ReLU (d = max(y*, 0) + n), w* != 0",
        d.MARGINS,
        d.DISTINCT,
        "second moment: V = v v' with v = theta - theta*, theta fixed; another V is that of an error which "
        "is independent of the sample, with the gate of theta",
    ),
    source=d.NEW,
    uses=("gated-fourth-moment", "quadrant-truncated-moments", "affine-teacher-drift", "relu-teacher-drift"),
    proof="proofs.single_unit:mean_square_recursion",
    witness=Witness(
        SIMULATOR + "second_moment",
        (
            *_squares({**_NOISY, "teacher": "affine"}, (0, 0), (0, 1)),
            *_squares({**d.E1, **_LARGE, "teacher": "affine"}, (2, 2), share=4),
            *_squares({**BALANCED, **_LARGE, "teacher": "affine"}, (1, 1), (1, 2)),
            *_squares({**d.E1, **_LARGE, "teacher": "affine", "V": _IDENTITY}, (0, 0), (1, 2), (1, 1)),
            *_squares({**d.E1, **_LARGE, "teacher": "relu"}, (0, 0), (0, 1), (1, 1)),
            *_squares({**BALANCED, **_LARGE, "teacher": "relu"}, (1, 2), (2, 2)),
            *_squares({**NEGATIVE, **_LARGE, "teacher": "relu"}, (0, 0), (0, 1), (1, 1)),
        ),
        why="a step size of 1, at which the terms of second order are as large as the others",
    ),
    examples=(
        *examples(
            {**_NOISY, "teacher": "affine"},
            ("V_0_0", "0.511675019941428543"),
            ("V_0_1", "-0.0172001495656406534"),
            ("V_2_2", "2.13873598726426642"),
        ),
        *examples(
            {**_NOISY, "teacher": "relu"},
            ("V_0_0", "0.50904809250385644"),
            ("V_0_1", "-0.0178410633295313482"),
            ("V_2_2", "2.14308139655552979"),
        ),
    ),
)

THEOREMS = (RECURSION,)
