"""The gated Gram matrix of (1, z): its eigenvalues, their tail and a bracket."""

from __future__ import annotations

from fractions import Fraction

from sympy import Add, Derivative, Eq, Gt, Limit, Lt, Mul, Rational, Symbol, oo

from relutheory.domain import Domain, Parameter, RealSet
from relutheory.functions import MillsRatio, Phi, phi
from relutheory.theorems import Example, Theorem, Trial, Witness
from relutheory.theory.gaussian import expressions as ex
from relutheory.theory.gaussian import unit as d
from relutheory.theory.gaussian.notation import h
from relutheory.theory.gaussian.printed import gram_display

SIMULATOR = "relutheory.simulate.gaussian:"
NORMAL = "standard normal: z ~ N(0, 1)"
MATRIX = "gated Gram matrix: A(h) = E[1(z > -h) (1, z)(1, z)'] = [[Phi, phi], [phi, Phi - h phi]]"
lam = Symbol("lambda", real=True)
a = Symbol("a", nonnegative=True)
a_tail = Symbol("a", positive=True)

_characteristic = (lam - ex.lam_minus(h)) * (lam - ex.lam_plus(h))
_eigen_also = (
    Eq(ex.lam_minus(h) + ex.lam_plus(h), 2 * Phi(h) - h * phi(h), evaluate=False),
    Eq(ex.lam_minus(h) * ex.lam_plus(h), ex.det_gram(h), evaluate=False),
    Gt(ex.lam_minus(h), 0, evaluate=False),
    Lt(ex.lam_minus(h), Phi(h), evaluate=False),
    Lt(Phi(h), ex.lam_plus(h), evaluate=False),
    Lt(ex.lam_plus(h), 1, evaluate=False),
    Eq(ex.lam_minus(h), Phi(h) * (1 - ex.birnbaum(-h) / MillsRatio(-h)), evaluate=False),
    Eq(ex.lam_plus(h), Phi(h) * (1 + 1 / (ex.birnbaum(-h) * MillsRatio(-h))), evaluate=False),
    Gt(Derivative(ex.lam_minus(h), h), 0, evaluate=False),
    Gt(Derivative(ex.lam_plus(h), h), 0, evaluate=False),
)

EIGENVALUES = Theorem(
    id="gated-gram-eigenvalues",
    stem="gaussian",
    kind="identity",
    title="Eigenvalues of the gated Gram matrix",
    meaning=(
        "The smaller one slows learning along the nearly dead direction, the larger one bounds the step "
        "size. With t = -h, lam_minus = Phi (1 - R0(t)/R(t)) and lam_plus = Phi (1 + 1/(R0(t) R(t))). "
        "Both increase with h, 0 < lam_minus < Phi < lam_plus < 1, and A(h) + F A(-h) F = I with F = "
        "diag(1, -1)."
    ),
    lhs=_characteristic,
    relation="=",
    rhs=(lam - Phi(h)) * (lam - (Phi(h) - h * phi(h))) - phi(h) ** 2,
    also=_eigen_also,
    display=gram_display(lam, _eigen_also),
    results={
        "lam_minus": ex.lam_minus(h),
        "lam_plus": ex.lam_plus(h),
        "det": ex.det_gram(h),
        "trace": 2 * Phi(h) - h * phi(h),
    },
    domain=Domain((d.REAL_H,), {"h": -2}),
    hypotheses=(NORMAL, MATRIX),
    source=d.PAPER,
    uses=("truncated-moment-translation", "mills-ratio-bounds"),
    proof="proofs.gaussian:gated_gram_eigenvalues",
    witness=Witness(
        SIMULATOR + "gram",
        (
            Trial({"h": 0}, {"what": "lam_minus"}, result="lam_minus"),
            Trial({"h": 1}, {"what": "lam_minus"}, result="lam_minus"),
            Trial({"h": -1}, {"what": "lam_minus"}, result="lam_minus", share=4),
            Trial({"h": 1}, {"what": "lam_plus"}, result="lam_plus"),
            Trial({"h": -2}, {"what": "lam_plus"}, result="lam_plus"),
            Trial({"h": 1}, {"what": "det"}, result="det"),
            Trial({"h": -1}, {"what": "trace"}, result="trace"),
            Trial({"h": 1}, {"what": "trace"}, result="trace"),
        ),
        why="eigenvalues of the sampled matrix; at h = 1 and h = -1 every term has another weight",
    ),
    examples=(
        Example({"h": 0}, "0.1010577195985673220600539", "lam_minus"),
        Example({"h": 1}, "0.4498278895141314522349335", "lam_minus"),
        Example({"h": 1}, "0.9908908781038110951377014", "lam_plus"),
        Example({"h": -2}, "3.863413727851019399101539e-4", "lam_minus"),
        Example({"h": -2}, "0.1530958555499494163617835", "lam_plus"),
        Example({"h": -3}, "8.042302374036687645908336e-6", "lam_minus"),
    ),
)

_scaled = (
    ex.lam_minus(-a_tail) * a_tail**4 / Phi(-a_tail) - (1 - 9 / a_tail**2 + 79 / a_tail**4 - 782 / a_tail**6)
) * a_tail**8
_plus = ex.lam_plus(-a_tail) / (Phi(-a_tail) * a_tail**2)

TAIL = Theorem(
    id="gram-eigenvalue-tail",
    stem="gaussian",
    kind="asymptotic",
    title="Eigenvalues of the gated Gram matrix in the tail",
    meaning=(
        "For h = -a with a -> +oo and P = Phi(-a): lam_minus = (P/a^4)(1 - 9/a^2 + 79/a^4 - 782/a^6 + "
        "9004/a^8 + O(a^-10)) and lam_plus = P a^2 (1 + 3/a^2 - 2/a^4 + 9/a^6 + O(a^-8)), so the "
        "condition number grows like a^6. The value is the scaled remainder, which tends to 9004."
    ),
    lhs=Limit(_scaled, a_tail, oo, "-"),
    relation="=",
    rhs=Rational(9004),
    also=(
        Eq(
            Limit((_plus - (1 + 3 / a_tail**2 - 2 / a_tail**4)) * a_tail**6, a_tail, oo, "-"),
            9,
            evaluate=False,
        ),
    ),
    results={"value": _scaled},
    domain=Domain(
        (Parameter("a", a_tail, RealSet(Fraction(0), None, "()"), "distance into the tail, h = -a"),),
        {"a": 10},
    ),
    hypotheses=(NORMAL, MATRIX, "tail: h = -a and a -> +oo"),
    source=d.PAPER,
    uses=("gated-gram-eigenvalues", "mills-ratio-bounds"),
    proof="proofs.gaussian:gram_eigenvalue_tail",
    witness=Witness(
        SIMULATOR + "gram_tail",
        (
            Trial({"a": Fraction(1, 2)}),
            Trial({"a": 1}),
            Trial({"a": Fraction(3, 2)}, share=4),
        ),
        why="the whole expression at moderate a, where the eight powers of a do not amplify the noise yet",
    ),
    examples=(
        Example({"a": 10}, "7958.4405"),
        Example({"a": 40}, "8929.5352"),
    ),
)

_LOW, _HIGH = a**4 + 9 * a**2 + 2, a**4 + 9 * a**2 + Rational(15, 2)
_f = Phi(-a) / ex.lam_minus(-a) - a**4 - 9 * a**2

BRACKET = Theorem(
    id="gram-eigenvalue-bracket",
    stem="gaussian",
    kind="lower bound",
    title="Bracket of the slowest rate",
    meaning=(
        "a^4 + 9 a^2 + 2 < P/lam_minus(-a) < a^4 + 9 a^2 + 15/2 for all a >= 0: the slow-down of a nearly "
        "dead unit, relative to its activation probability. The middle minus a^4 + 9 a^2 has its maximum "
        "7.4331901338661632844 at a = 1.11742110204751 and tends to 2."
    ),
    lhs=a**4 + 9 * a**2 + 2,
    relation="<",
    rhs=Phi(-a) / ex.lam_minus(-a),
    also=(Lt(Phi(-a) / ex.lam_minus(-a), a**4 + 9 * a**2 + Rational(15, 2), evaluate=False),),
    invariants=(Add(_HIGH, Mul(-1, _LOW, evaluate=False), -Rational(11, 2), evaluate=False),),
    results={"f": _f, "low": _LOW, "high": _HIGH},
    domain=Domain(
        (Parameter("a", a, RealSet(Fraction(0), None, "[)"), "distance into the tail, h = -a"),), {"a": 1}
    ),
    hypotheses=(NORMAL, MATRIX, "tail: P = Phi(-a) with a >= 0"),
    source=d.NEW,
    uses=("gated-gram-eigenvalues", "mills-ratio-bounds"),
    proof="proofs.gaussian:gram_eigenvalue_bracket",
    witness=Witness(
        SIMULATOR + "gram_bracket",
        (
            Trial({"a": 0}, {"what": "f"}, result="f"),
            Trial({"a": 1}, {"what": "f"}, result="f"),
            Trial({"a": 2}, {"what": "f"}, result="f", share=4),
            Trial({"a": 0}, {"what": "quotient"}, "<=", result="low"),
            Trial({"a": 1}, {"what": "quotient"}, "<=", result="low"),
            Trial({"a": 0}, {"what": "quotient"}, ">=", result="high"),
        ),
        why="f between 4.9 and 7.4 leaves little room between the bounds",
    ),
    examples=(
        Example({"a": 0}, "4.9476675506448733893", "f"),
        Example({"a": 1}, "7.4171841961886136816", "f"),
        Example({"a": 5}, "4.2628443381118621742", "f"),
        Example({"a": 10}, "2.7762065951671445069", "f"),
    ),
)

THEOREMS = (EIGENVALUES, TAIL, BRACKET)
