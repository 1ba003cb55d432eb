"""One gated unit on Gaussian input: moments over its open half-space and on its boundary."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import DiracDelta, Eq, Le, Sum, Symbol

from relutheory import symbols
from relutheory.functions import Expectation, OrderedEigenvalue, Phi, RampMoment, phi
from relutheory.theorems import Example, Family, Theorem, Trial, Witness
from relutheory.theory.gaussian import expressions as ex
from relutheory.theory.gaussian import unit as d
from relutheory.theory.gaussian.notation import St, a, b, c, gate, h, i, j, m, mt, s, x, xt, y
from relutheory.theory.gaussian.printed import fourth_display, surface_display

SIMULATOR = "relutheory.simulate.gaussian:gated_moment"
PREACTIVATION = "relutheory.simulate.gaussian_preactivations:preactivation"
UNIT = (d.INPUT, d.UNIT, d.MARGIN, d.GATE)
N = symbols.N
k = Symbol("k", integer=True, nonnegative=True)


def _mean(body: Any) -> Any:
    return Expectation(body)


def _centred(index: Any) -> Any:
    return x[index] - m[index]


def _with(example: Any, *pairs: tuple[str, str]) -> tuple[Example, ...]:
    return tuple(Example(example, value, name) for name, value in pairs)


_theta_star = {**d.E1, "theta": d.E1_TWO["theta2"]}
#: A unit near its boundary on an input far from 0: all terms of the formulas have the same order.
_balanced = {**d.E1, "theta": (Fraction(-7, 4), Fraction(1), Fraction(-1)), "m": (Fraction(1), Fraction(-1))}

STEIN = Theorem(
    id="stein-gated",
    stem="gaussian",
    kind="identity",
    title="Stein's identity with a gate",
    meaning=(
        "E[(x-m) F(x)] = S E[grad F] for Lipschitz F; with the gate, E[u (x-m) p(x)] = S (E[u grad p] + w "
        "E[delta(y) p]) for polynomials p, the second term being a surface average. Here p = 1, p = "
        "(x-m)_j and p = y. Components are those of x, counted from 0; (0, Sw) = s c."
    ),
    lhs=_mean(gate * _centred(i)),
    relation="=",
    rhs=phi(h) * c[i + 1],
    also=(
        Eq(
            _mean(gate * _centred(i) * _centred(j)),
            Phi(h) * St[i + 1, j + 1] - h * phi(h) * c[i + 1] * c[j + 1],
            evaluate=False,
        ),
        Eq(_mean(gate * y * _centred(i)), s * Phi(h) * c[i + 1], evaluate=False),
    ),
    families={
        "g": Family(phi(h) * c[i + 1], (i,), N),
        "C": Family(Phi(h) * St[i + 1, j + 1] - h * phi(h) * c[i + 1] * c[j + 1], (i, j), N),
        "Y": Family(s * Phi(h) * c[i + 1], (i,), N),
    },
    domain=d.one_unit(),
    hypotheses=UNIT,
    source=d.PAPER,
    uses=("truncated-moment-translation",),
    proof="proofs.gaussian:stein_gated",
    witness=Witness(
        SIMULATOR,
        (
            Trial(d.E1, {"centred": (0,)}, result="g_0"),
            Trial(_theta_star, {"centred": (0, 0)}, result="C_0_0"),
            Trial(_theta_star, {"centred": (0, 1)}, result="C_0_1"),
            Trial(_theta_star, {"centred": (1, 1)}, result="C_1_1"),
            Trial(d.E1, {"centred": (1,), "preactivation": 1}, result="Y_1"),
        ),
        why="the sign of the h phi term shows at theta*, where h = 1.05",
    ),
    examples=_with(
        d.E1,
        ("g_0", "0.3822253381566282198358"),
        ("g_1", "0.1828034225966482790519"),
        ("C_0_0", "0.4968594029998044609206"),
        ("C_0_1", "0.1559311712790736878434"),
        ("C_1_1", "0.2379702552707877854667"),
    ),
)

SECOND = Theorem(
    id="gated-second-moment",
    stem="gaussian",
    kind="identity",
    title="Gated second moment",
    meaning=(
        "M(theta) = E[u xt xt'], the matrix that drives gradient descent of one unit, and E[u xt]. For m "
        "= 0 and S = I its eigenvalues are P = Phi(h) (N-1 times) and those of the gated Gram matrix; in "
        "general the quotients with these lie between the extreme squared singular values of L = [[1, 0], "
        "[m, S^(1/2)]]."
    ),
    lhs=_mean(gate * xt[i] * xt[j]),
    relation="=",
    rhs=ex.gated_second_moment(i, j),
    also=(
        Eq(_mean(gate), Phi(h), evaluate=False),
        Eq(_mean(gate * xt[i]), ex.gated_mean(i), evaluate=False),
    ),
    results={"h": h, "s": s, "P": Phi(h)},
    families={
        "v": Family(ex.gated_mean(i), (i,), d.SIZE),
        "M": Family(ex.gated_second_moment(i, j), (i, j), d.SIZE),
        "lam": Family(OrderedEigenvalue(k, d.SIZE, ex.gated_second_moment(a, b), a, b), (k,), d.SIZE),
    },
    domain=d.one_unit(),
    hypotheses=UNIT,
    source=d.PAPER,
    uses=("truncated-moment-translation",),
    proof="proofs.gaussian:gated_second_moment",
    witness=Witness(
        SIMULATOR,
        (
            Trial(d.E1, {"augmented": (1, 1)}, result="M_1_1"),
            Trial(_theta_star, {"augmented": (1, 1)}, result="M_1_1", share=4),
            Trial(_theta_star, {"augmented": (1, 2)}, result="M_1_2", share=4),
            Trial(_theta_star, {"augmented": (2, 0)}, result="M_2_0"),
            Trial(d.E1, {"augmented": (1,)}, result="v_1"),
            Trial(d.E1, {"augmented": ()}, result="P"),
            Trial(_theta_star, {"what": "h"}, result="h", simulator=PREACTIVATION),
            Trial(d.E1, {"what": "s"}, result="s", simulator=PREACTIVATION),
            Trial(
                _theta_star,
                {"number": 2},
                result="lam_2",
                share=16,
                simulator="relutheory.simulate.gaussian:gated_eigenvalue",
            ),
            Trial(
                _theta_star,
                {"number": 0},
                result="lam_0",
                share=16,
                simulator="relutheory.simulate.gaussian:gated_eigenvalue",
            ),
        ),
        why="at theta* every term of the formula counts: dropping -h phi cc' changes M_11 by more than 0.1",
    ),
    examples=(
        *_with(
            d.E1,
            ("h", "-0.1047134770729238767453354"),
            ("s", "1.193733638631332194896823"),
            ("P", "0.4583015837997937194459713"),
            ("M_0_0", "0.45830158379979371945"),
            ("M_0_1", "0.61137613005652507956"),
            ("M_0_2", "0.06822802664669984919"),
            ("M_1_1", "0.99366013710638111062"),
            ("M_1_2", "0.09448885006326655748"),
            ("M_2_2", "0.17521239295995075341"),
        ),
        *_with(
            _theta_star,
            ("lam_0", "0.14481399092651484497"),
            ("lam_1", "0.71470686644692505242"),
            ("lam_2", "1.5935144174888032962"),
        ),
    ),
)

_loss_direction = s * RampMoment(1, h) * mt[i] + s * Phi(h) * c[i]
_covariance = St[i, j] + mt[i] * mt[j]

IDENTITIES = Theorem(
    id="gated-moment-identities",
    stem="gaussian",
    kind="identity",
    title="Identities of the gated second moment",
    meaning=(
        "M theta = E[u y xt] = (s J_1, m s J_1 + P S w) and theta'M theta = E[u y^2] = s^2 J_2; M(theta) "
        "+ M(-theta) = E[xt xt']; M(k theta) = M(theta) for k > 0; 0 <= M <= E[xt xt'] in the Loewner "
        "order and lam_min(M) <= P. If x is replaced by Bx + d with B invertible and theta by Bt'^(-1) "
        "theta, Bt = [[1, 0], [d, B]], then M becomes Bt M Bt'."
    ),
    lhs=_mean(gate * y * xt[i]),
    relation="=",
    rhs=_loss_direction,
    also=(
        Eq(_mean(gate * y), s * RampMoment(1, h), evaluate=False),
        Eq(_mean(gate * y**2), s**2 * RampMoment(2, h), evaluate=False),
        Eq(_mean(gate * xt[i] * xt[j]) + _mean((1 - gate) * xt[i] * xt[j]), _covariance, evaluate=False),
        Le(_mean(gate * xt[i] ** 2), St[i, i] + mt[i] ** 2, evaluate=False),
    ),
    results={"quad": s**2 * RampMoment(2, h)},
    families={"Mtheta": Family(_loss_direction, (i,), d.SIZE)},
    domain=d.one_unit(),
    hypotheses=UNIT,
    source=d.PAPER,
    uses=("gated-second-moment", "ramp-moment-recursion"),
    proof="proofs.gaussian:gated_moment_identities",
    witness=Witness(
        SIMULATOR,
        (
            Trial(d.E1, {"augmented": (0,), "preactivation": 1}, result="Mtheta_0"),
            Trial(d.E1, {"augmented": (1,), "preactivation": 1}, result="Mtheta_1"),
            Trial(_theta_star, {"augmented": (2,), "preactivation": 1}, result="Mtheta_2"),
            Trial(d.E1, {"augmented": (), "preactivation": 2}, result="quad"),
            Trial(_theta_star, {"augmented": (), "preactivation": 2}, result="quad"),
        ),
        why="a margin on each side of 0; the components of w differ in sign",
    ),
    examples=_with(
        d.E1,
        ("Mtheta_0", "0.4163393514799781444310473"),
        ("Mtheta_1", "0.7352164971097518495783906"),
        ("Mtheta_2", "0.1479810332198920095875224"),
        ("quad", "0.60103733797970878216"),
    ),
)

_fourth = ex.contracted(ex.gated_fourth_moment, i, j)
_R = {(p, r): St[p, r] + mt[p] * mt[r] for p in (i, j, a, b) for r in (i, j, a, b)}


def _entry(one: int, two: int) -> tuple[tuple[int, ...], ...]:
    """Symmetric matrix with one entry (and its mirror image)."""
    return tuple(tuple(int({p, r} == {one, two}) for r in range(3)) for p in range(3))


def _single(form: Any, augmented: tuple[int, int], result: str) -> Trial:
    setting = {"augmented": augmented, "form": True}
    return Trial({**_balanced, "K": form}, setting, result=result, share=16)


FOURTH = Theorem(
    id="gated-fourth-moment",
    stem="gaussian",
    kind="identity",
    title="Gated fourth moment",
    meaning=(
        "E[u xt_i xt_j xt_a xt_b] by Isserlis' theorem given z and the truncated moments t_0..t_4; the "
        "value is the contraction T(K) = E[u xt xt'K xt xt'], the noise of stochastic gradients. Both "
        "half-spaces together give T_theta(K) + T_(-theta)(K) = 2 R K R + tr(K R) R - 2 (mt'K mt) mt mt' "
        "with R = E[xt xt']."
    ),
    lhs=_mean(gate * xt[i] * xt[j] * xt[a] * xt[b]),
    relation="=",
    rhs=ex.gated_fourth_moment(i, j, a, b),
    also=(
        Eq(
            _mean(gate * xt[i] * xt[j] * xt[a] * xt[b]) + _mean((1 - gate) * xt[i] * xt[j] * xt[a] * xt[b]),
            _R[i, j] * _R[a, b]
            + _R[i, a] * _R[j, b]
            + _R[i, b] * _R[j, a]
            - 2 * mt[i] * mt[j] * mt[a] * mt[b],
            evaluate=False,
        ),
    ),
    families={"T": Family(_fourth, (i, j), d.SIZE)},
    display=fourth_display(),
    domain=d.one_unit((d.FORM,)),
    hypotheses=UNIT,
    source=d.NEW,
    uses=("truncated-moment-translation",),
    proof="proofs.gaussian:gated_fourth_moment",
    witness=Witness(
        SIMULATOR,
        (
            Trial(d.E1, {"augmented": (0, 1), "form": True}, result="T_0_1", share=4),
            _single(_entry(1, 1), (1, 1), "T_1_1"),
            _single(_entry(2, 2), (1, 1), "T_1_1"),
            _single(_entry(1, 2), (1, 2), "T_1_2"),
        ),
        why="forms with one entry, so that single moments of an input far from 0 are seen",
    ),
    examples=_with(
        d.E1,
        ("T_0_0", "1.627174113866125583470068"),
        ("T_0_1", "2.750530655354686548987814"),
        ("T_2_2", "0.8401399798992417832040756"),
    ),
)


def _on_boundary(index: Any) -> Any:
    """Mean of ``xt`` where ``y = 0``."""
    return mt[index] - h * c[index]


def _within(p: Any, r: Any) -> Any:
    """Covariance of ``xt`` on the boundary."""
    return St[p, r] - c[p] * c[r]


_density = phi(h) / s
_pair = _density * (_within(i, j) + _on_boundary(i) * _on_boundary(j))
_cubic = Sum(
    _density
    * (_on_boundary(i) * (_on_boundary(a) ** 2 + _within(a, a)) + 2 * _within(i, a) * _on_boundary(a)),
    (a, 0, N),
)

_surface_also = (
    Eq(_mean(DiracDelta(y)), _density, evaluate=False),
    Eq(_mean(DiracDelta(y) * xt[i] * Sum(xt[a] ** 2, (a, 0, N))), _cubic, evaluate=False),
)

SURFACE = Theorem(
    id="surface-moment",
    stem="gaussian",
    kind="identity",
    title="Moments on the boundary of a gate",
    meaning=(
        "E[delta(y) F(xt)] = (phi(h)/s) E[F(g + r)] with g = mt - h c and r ~ N(0, St - c c'): the flow "
        "of mass through the boundary y = 0, which the derivative of gated moments in theta consists of. "
        "No cancellation."
    ),
    lhs=_mean(DiracDelta(y) * xt[i] * xt[j]),
    relation="=",
    rhs=_pair,
    also=_surface_also,
    display=surface_display(_surface_also),
    results={"density": _density},
    families={"D": Family(_pair, (i, j), d.SIZE), "cubic": Family(_cubic, (i,), d.SIZE)},
    domain=d.one_unit(),
    hypotheses=(
        d.INPUT,
        d.UNIT,
        d.MARGIN,
        "surface: delta(y) is the density of y at 0 with the law of x given y = 0",
    ),
    source=d.PAPER,
    proof="proofs.gaussian:surface_moment",
    witness=Witness(
        "relutheory.simulate.gaussian:surface_moment",
        (
            Trial(d.E1, {"augmented": ()}, result="density"),
            Trial(d.E1, {"augmented": (1, 1)}, result="D_1_1", share=4),
            Trial(_theta_star, {"augmented": (1, 2)}, result="D_1_2", share=4),
            Trial(d.E1, {"augmented": (0,), "norm": True}, result="cubic_0"),
            Trial(_balanced, {"augmented": (1,), "norm": True}, result="cubic_1", share=4),
            Trial(_balanced, {"augmented": (2,), "norm": True}, result="cubic_2", share=4),
        ),
        why="points are drawn on the hyperplane itself, by eliminating one coordinate of x",
    ),
    examples=_with(
        d.E1,
        ("density", "0.3323698592666332346398552"),
        ("cubic_0", "0.5854387150613510335833784"),
        ("cubic_1", "0.3998010963100164750122593"),
        ("cubic_2", "-0.2141634775586819164411402"),
    ),
)

THEOREMS = (STEIN, SECOND, IDENTITIES, FOURTH, SURFACE)
