"""Limits and rates in depth and width."""

from __future__ import annotations

from fractions import Fraction

from sympy import And, Ge, Implies, Integer, Le, Limit, Product, Symbol, log, oo

from relutheory.domain import Domain, IntegerSet, Parameter, RealSet
from relutheory.functions import BDP, Alive, Event, QPochhammer
from relutheory.symbols import D, L, N, l, p, widths
from relutheory.theorems import Example, Theorem, Trial, Witness
from relutheory.theory.born_dead import expressions as ex
from relutheory.theory.born_dead import hypotheses as h

SIMULATOR = "relutheory.simulate.born_dead:born_dead"
_A1, _A2, _K = ex.closed_lower_bound_constants(N)
_SLOPE = Symbol("slope", integer=True, positive=True)
_OFFSET = Symbol("offset", integer=True, nonnegative=True)
#: Probability that a single input survives the layers 1..L-1.
_FINITE = Product(1 - ex.half_power(widths[l]), (l, 1, L - 1))

DEPTH_LIMIT = Theorem(
    id="born-dead-depth-limit",
    stem="born_dead",
    kind="limit",
    title="Infinite depth kills",
    meaning="With bounded widths every network dies in the limit of infinite depth, for every input set.",
    lhs=Alive(D),
    relation="<=",
    rhs=(1 - p) ** (L - 2),
    also=(Event("the bound tends to 0 as L grows"),),
    results={"value": (1 - p) ** (L - 2)},
    domain=Domain(
        (
            Parameter("p", p, RealSet(ends="(]"), "lower bound on P(all entries of [W_l, b_l] <= 0)"),
            h.DEPTH_L,
        ),
        {"p": Fraction(1, 16), "L": 10},
    ),
    hypotheses=(
        "independent layers: the layers are independent, their widths are bounded by N",
        "nonpositive layer: P(all entries of [W_l, b_l] <= 0) >= p > 0 for each l; for symmetric entries "
        "p = 2^(-N^2) with zero bias and p = 2^(-N(N+1)) with bias",
        "any D: any input dimension and any input set",
        h.DEPTH,
        h.DEAD,
    ),
    source=h.PAPER,
    proof="proofs.born_dead:depth_limit",
    witness=Witness(
        "relutheory.simulate.born_dead_designs:alive",
        (
            Trial({"p": Fraction(1, 16), "L": 3}, {"widths": (2, 2), "D": "plane", "d_in": 2}),
            Trial({"p": Fraction(1, 2), "L": 5}, {"N": 1, "L": 5, "D": "two-sided"}),
            Trial({"p": Fraction(1, 16), "L": 8}, {"N": 2, "L": 8, "D": "two-sided", "law": "uniform"}, ">="),
        ),
        why="attained at N = 1 and, on the whole plane, at L = 3",
        left_out=("p", "L"),
    ),
    examples=(
        Example({"p": "1/4", "L": 5}, "27/64"),
        Example({"p": "1/16", "L": 10}, "0.5967194738332182169"),
    ),
)

WIDTH_LIMIT = Theorem(
    id="born-dead-width-limit",
    stem="born_dead",
    kind="limit",
    title="Infinite width saves",
    meaning="At fixed depth the born-dead probability tends to 0 with growing widths, and whenever L 2^-N "
    "-> 0.",
    lhs=BDP(D),
    relation="<=",
    rhs=ex.union_bound(),
    also=(Event("the bound tends to 0 as the smallest width grows at fixed L"),),
    results={"value": ex.union_bound()},
    domain=Domain((h.WIDTHS,), {"widths": (6, 5)}),
    hypotheses=(h.H_ROW, h.ADMISSIBLE, h.DEPTH, h.DEAD),
    source=h.PAPER,
    uses=("born-dead-upper-bound",),
    proof="proofs.born_dead:width_limit",
    witness=Witness(
        SIMULATOR,
        (
            Trial({"widths": (3,)}, {"D": "point"}),
            Trial({"widths": (1,)}, {"D": "one-sided", "law": "uniform"}),
            Trial({"widths": (2, 2)}, {"D": "point", "bias": True}, ">="),
            Trial({"widths": (2, 3)}, {"D": "two-sided"}, ">="),
        ),
        why="attained by a single input at L = 2",
    ),
    examples=(Example({"widths": (3,)}, "1/8"), Example({"widths": (6, 5)}, "3/64")),
)

DICHOTOMY = Theorem(
    id="born-dead-infinite-depth-dichotomy",
    stem="born_dead",
    kind="criterion",
    title="Infinite depth: which widths survive",
    meaning=(
        "(a) Any D: if sum 2^-N_l is finite, P(alive at all depths) >= prod (1 - 2^-N_l) > 0, with "
        "equality for a single input. (b) A single input, or two-sided inputs on the line with zero bias "
        "and H-entry: if the sum diverges the network dies almost surely. (c) Any D, independent "
        "symmetric entries: if sum 2^(-N_l N_(l-1)) diverges (with bias: N_l (N_(l-1) + 1)) it dies "
        "almost surely. Widths log2(l) + c die, (1 + s) log2(l) survive with positive probability."
    ),
    lhs=Alive(Symbol("x"), oo),
    relation="=",
    rhs=Product(1 - ex.half_power(widths[l]), (l, 1, oo)),
    also=(
        Ge(_FINITE, 1 - ex.union_bound(), evaluate=False),
        Le(_FINITE * (1 + ex.union_bound()), 1, evaluate=False),
        Event("the product is positive if and only if the sum of 2^-N_l converges"),
    ),
    results={"value": QPochhammer(Integer(2) ** (-_OFFSET - _SLOPE), Integer(2) ** (-_SLOPE))},
    domain=Domain(
        (
            Parameter("slope", _SLOPE, IntegerSet(1), "N_l = slope l + offset, single input", default="1"),
            Parameter("offset", _OFFSET, IntegerSet(0), "N_l = slope l + offset, single input", default="0"),
        ),
        {"slope": 1, "offset": 0},
    ),
    hypotheses=(
        h.H_ROW,
        "(b) and (c): H-entry, or independent symmetric entries, as the meaning says",
        "evaluated case: single input, N_l = slope l + offset",
        h.DEPTH,
        h.DEAD,
    ),
    source=h.NEW,
    uses=(
        "born-dead-single-point",
        "born-dead-upper-bound",
        "born-dead-lower-bound-1d-chain",
        "born-dead-lower-bound-any-dim",
    ),
    proof="proofs.born_dead:infinite_depth_dichotomy",
    witness=Witness(
        "relutheory.simulate.born_dead_designs:alive",
        (
            Trial({}, {"widths": tuple(range(1, 16)), "D": "point"}, slack=Fraction(1, 2**15)),
            Trial({"offset": 1}, {"widths": tuple(range(2, 17)), "D": "point"}, slack=Fraction(1, 2**16)),
            Trial({"slope": 2}, {"widths": tuple(range(2, 26, 2)), "D": "point"}, slack=Fraction(1, 2**24)),
        ),
        left_out=("slope", "offset"),
        why="the simulated depth is finite: what later layers can kill is at most the sum of 2^-N_l over "
        "them, the slack",
    ),
    examples=(Example({}, "0.2887880950866024212788997219292307800889"),),
)

DEPTH_RATE = Theorem(
    id="born-dead-depth-rate",
    stem="born_dead",
    kind="asymptotic",
    title="Rate of dying with depth",
    meaning=(
        "With a1 = 1 - 2^-N the ratio P(alive) / a1^(L-2) lies between low = a1 and high = 1 + K < 2 at "
        "every depth, so that -(1/L) ln P(alive) tends to rate = -ln(1 - 2^-N); the difference is at most "
        "3 ln(2)/L."
    ),
    lhs=Ge(L, 2),
    relation="=>",
    rhs=And(
        Ge(Alive(D), _A1 ** (L - 1), evaluate=False),
        Le(Alive(D), _A1 ** (L - 2) + _K * (_A1 ** (L - 2) - _A2 ** (L - 2)), evaluate=False),
    ),
    also=(
        Implies(
            Ge(L, 2),
            And(
                Ge(Alive(D) / _A1 ** (L - 2), _A1, evaluate=False),
                Le(Alive(D) / _A1 ** (L - 2), 1 + _K, evaluate=False),
            ),
        ),
        Implies(
            Ge(L, 2),
            And(
                Le(-log(Alive(D)) / L, -log(_A1), evaluate=False),
                Ge(-log(Alive(D)) / L, -log(_A1) - 3 * log(2) / L, evaluate=False),
            ),
        ),
    ),
    results={"rate": -log(1 - ex.half_power(N)), "low": _A1, "high": 1 + _K},
    domain=Domain((h.WIDTH,), {"N": 2}),
    hypotheses=(*h.ONE_DIMENSIONAL, h.EQUAL_WIDTHS),
    source=h.NEW,
    uses=("born-dead-upper-bound", "born-dead-lower-bound-1d"),
    proof="proofs.born_dead:depth_rate",
    witness=Witness(
        "relutheory.simulate.born_dead_designs:survival_ratio",
        (
            Trial({"N": 2}, {"L": 4, "D": "point"}, result="low"),
            Trial({"N": 3}, {"L": 3, "D": "point"}, result="low"),
            Trial({"N": 2}, {"L": 8, "D": "two-sided"}, "<=", result="low"),
            Trial({"N": 2}, {"L": 8, "D": "two-sided"}, ">=", result="high"),
            Trial({"N": 1}, {"L": 4, "D": "two-sided"}, result="high"),
            Trial({"N": 2}, {"L": 3, "D": "two-sided"}, result="high", offset=Fraction(7, 40)),
            Trial({"N": 1}, {}, result="rate", simulator="relutheory.simulate.born_dead_designs:hazard_rate"),
            Trial({"N": 2}, {}, result="rate", simulator="relutheory.simulate.born_dead_designs:hazard_rate"),
        ),
        why=(
            "low is attained by a single input, high at N = 1; at N = 2, L = 3 the chain is sharp and the "
            "ratio is high - K a2/a1 = high - 7/40; the rate is that of one layer at one input"
        ),
    ),
    examples=(
        Example({"N": 2}, "0.28768207245178092744", "rate"),
        Example({"N": 2}, "3/4", "low"),
        Example({"N": 2}, "13/10", "high"),
        Example({"N": 3}, "61/40", "high"),
    ),
)

SMALL = Theorem(
    id="born-dead-small-probability",
    stem="born_dead",
    kind="asymptotic",
    title="Wide networks: the two bounds live on different scales",
    meaning=(
        "At fixed L and N -> infinity the upper bound is asymptotic to (L-1) 2^-N and, for L >= 3, the "
        "lower bound on the line to L (L-2) 4^-N (at L = 2 it is 0): never read the lower bound as an "
        "estimate."
    ),
    lhs=Limit((1 - (1 - ex.half_power(N)) ** (L - 1)) / ((L - 1) * ex.half_power(N)), N, oo),
    relation="=",
    rhs=Integer(1),
    also=(Event("for L >= 3 the lower bound on the line divided by L (L-2) 4^-N tends to 1"),),
    results={"lower": L * (L - 2) * Integer(4) ** (-N), "upper": (L - 1) * Integer(2) ** (-N)},
    domain=Domain((h.WIDTH, h.DEPTH_L), {"N": 5, "L": 4}),
    hypotheses=(*h.ONE_DIMENSIONAL, h.EQUAL_WIDTHS, "wide: L fixed, N -> infinity"),
    source=h.NEW,
    uses=("born-dead-upper-bound", "born-dead-lower-bound-1d"),
    proof="proofs.born_dead:small_probability",
    witness=Witness(
        SIMULATOR,
        (
            Trial({"N": 3, "L": 2}, {"D": "point"}, result="upper"),
            Trial({"N": 2, "L": 3}, {"D": "point"}, ">=", result="upper"),
            Trial({"N": 3, "L": 2}, {"D": "two-sided"}, result="lower"),
            Trial({"N": 3, "L": 3}, {"D": "two-sided"}, result="lower", offset=Fraction(1, 256)),
        ),
        why=(
            "the leading terms are upper bounds at L <= 3 and exact at L = 2; at L = 3 the lower bound is "
            "sharp, 3 4^-N - 2 8^-N, which is 2 8^-N below its leading term"
        ),
    ),
    examples=(Example({"N": 5, "L": 4}, "8/1024", "lower"), Example({"N": 5, "L": 4}, "3/32", "upper")),
)

THEOREMS = (DEPTH_LIMIT, WIDTH_LIMIT, DICHOTOMY, DEPTH_RATE, SMALL)
