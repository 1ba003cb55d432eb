"""Design rules: certified integer inversions of the bounds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import And, Equivalent, Ge, Gt, Implies, Le, Symbol, log

from relutheory.domain import Domain
from relutheory.functions import BDP, LargestInteger, SmallestInteger
from relutheory.symbols import D, L, N, delta
from relutheory.theorems import Example, Theorem, Trial, Witness
from relutheory.theory.born_dead import expressions as ex
from relutheory.theory.born_dead import hypotheses as h

_SAFE = Ge((1 - ex.half_power(N)) ** (L - 1), 1 - delta)
_MAX_DEPTH = LargestInteger(L, 1, _SAFE, 1 + log(1 - delta) / log(1 - ex.half_power(N)))
_MIN_WIDTH = SmallestInteger(N, 1, _SAFE, -log(1 - (1 - delta) ** (1 / (L - 1)), 2))
_DEAD_DEPTH = SmallestInteger(L, 2, Gt(ex.closed_lower_bound(N, L), delta))
#: The rules for networks are about at least one hidden layer; x is any single admissible input.
_HIDDEN = Ge(L, 2)
_L_MAX, _N_MIN, _L_BAD = (ex.symbol_named(name) for name in ("L_max", "N_min", "L_bad"))
_X = Symbol("x")


def _exactly(within: Any) -> tuple[Any, ...]:
    """BDP <= delta within the rule for every D, and at a single input only there."""
    return (
        Implies(And(_HIDDEN, within), Le(BDP(D), delta, evaluate=False), evaluate=False),
        Implies(
            _HIDDEN, Equivalent(Le(BDP(_X), delta, evaluate=False), within, evaluate=False), evaluate=False
        ),
    )


MAX_DEPTH = Theorem(
    id="born-dead-max-depth",
    stem="born_dead",
    kind="design",
    title="Largest safe depth",
    meaning=(
        "BDP(D) <= delta for every admissible D if and only if L <= L_max: a single input x attains the "
        "bound. L_max = 1 + floor(log(1-delta)/log(1-2^-N)), about -ln(1-delta) 2^N: exponential in N."
    ),
    lhs=_L_MAX,
    relation="=",
    rhs=_MAX_DEPTH,
    also=_exactly(Le(L, _L_MAX)),
    results={"value": _MAX_DEPTH},
    domain=Domain((h.WIDTH, h.DELTA), {"N": 8, "delta": Fraction(1, 10)}),
    hypotheses=(h.H_ROW, h.ADMISSIBLE, h.EQUAL_WIDTHS, h.DEPTH, h.DEAD),
    source=h.PAPER,
    uses=("born-dead-upper-bound", "born-dead-single-point"),
    proof="proofs.born_dead:max_depth",
    witness=Witness(
        "relutheory.simulate.born_dead_designs:max_depth",
        (
            Trial({"N": 2, "delta": Fraction(1, 2)}, {}),
            Trial({"N": 3, "delta": Fraction(3, 10)}, {}),
            Trial({"N": 5, "delta": Fraction(1, 10)}, {"law": "uniform"}),
        ),
        why="the simulated depth curve of a single input brackets L_max; the points lie far from a tie",
    ),
    examples=(
        Example({"N": 2, "delta": "0.1"}, "1"),
        Example({"N": 5, "delta": "0.1"}, "4"),
        Example({"N": 8, "delta": "0.1"}, "27"),
        Example({"N": 10, "delta": "0.01"}, "11"),
        Example({"N": 10, "delta": "0.5"}, "710"),
        Example({"N": 16, "delta": "0.1"}, "6905"),
        Example({"N": 20, "delta": "0.5"}, "726818"),
        Example({"N": 1, "delta": "1/2"}, "2"),
        Example({"N": 2, "delta": "7/16"}, "3"),
    ),
)

MIN_WIDTH = Theorem(
    id="born-dead-min-width",
    stem="born_dead",
    kind="design",
    title="Smallest safe width",
    meaning=(
        "BDP(D) <= delta for every admissible D if and only if N >= N_min, the smallest common width with "
        "(1-2^-N)^(L-1) >= 1-delta; N >= log2((L-1)/delta) is a simple sufficient rule. The width grows "
        "logarithmically with depth."
    ),
    lhs=_N_MIN,
    relation="=",
    rhs=_MIN_WIDTH,
    also=(
        *_exactly(Ge(N, _N_MIN)),
        Implies(Le((L - 1) * ex.half_power(N), delta), Ge(N, _N_MIN), evaluate=False),
    ),
    results={"value": _MIN_WIDTH},
    domain=Domain((h.DEPTH_L1, h.DELTA), {"L": 10, "delta": Fraction(1, 10)}),
    hypotheses=(h.H_ROW, h.ADMISSIBLE, h.EQUAL_WIDTHS, h.DEPTH, h.DEAD),
    source=h.PAPER,
    uses=("born-dead-upper-bound", "born-dead-single-point"),
    proof="proofs.born_dead:min_width",
    witness=Witness(
        "relutheory.simulate.born_dead_designs:min_width",
        (
            Trial({"L": 4, "delta": Fraction(1, 2)}, {}),
            Trial({"L": 10, "delta": Fraction(1, 5)}, {}),
            Trial({"L": 3, "delta": Fraction(1, 10)}, {"law": "uniform"}),
        ),
        why="simulated single-input probabilities of neighbouring widths bracket N_min; the points lie far "
        "from a tie",
    ),
    examples=(
        Example({"L": 10, "delta": "0.1"}, "7"),
        Example({"L": 10, "delta": "0.01"}, "10"),
        Example({"L": 20, "delta": "0.001"}, "15"),
        Example({"L": 100, "delta": "0.5"}, "8"),
        Example({"L": 1000, "delta": "0.1"}, "14"),
        Example({"L": 3, "delta": "7/16"}, "2"),
        Example({"L": 1, "delta": "1/2"}, "1"),
    ),
)

DEAD_DEPTH = Theorem(
    id="born-dead-dead-depth",
    stem="born_dead",
    kind="design",
    title="Certainly dead depth",
    meaning=(
        "The first L at which the lower bound on the line exceeds delta (strictly); from it on BDP > "
        "delta for certain. Also 2 (1-2^-N)^(L-2) <= delta, that is L >= 2 + ln(2/delta)/(-ln(1-2^-N)), "
        "gives BDP >= 1-delta."
    ),
    lhs=_L_BAD,
    relation="=",
    rhs=_DEAD_DEPTH,
    also=(
        Implies(And(_HIDDEN, Ge(L, _L_BAD)), Gt(BDP(D), delta, evaluate=False), evaluate=False),
        Implies(
            And(_HIDDEN, Le(2 * (1 - ex.half_power(N)) ** (L - 2), delta, evaluate=False)),
            Ge(BDP(D), 1 - delta, evaluate=False),
            evaluate=False,
        ),
    ),
    results={"value": _DEAD_DEPTH},
    domain=Domain((h.WIDTH, h.DELTA), {"N": 5, "delta": Fraction(1, 10)}),
    hypotheses=(*h.ONE_DIMENSIONAL, h.EQUAL_WIDTHS),
    source=h.NEW,
    uses=("born-dead-lower-bound-1d",),
    proof="proofs.born_dead:dead_depth",
    witness=Witness(
        "relutheory.simulate.born_dead_designs:dead_depth",
        (
            Trial({"N": 2, "delta": Fraction(1, 10)}, {}),
            Trial({"N": 1, "delta": Fraction(1, 5)}, {"law": "uniform"}),
            Trial({"N": 2, "delta": Fraction(1, 5)}, {}),
            Trial({"N": 3, "delta": Fraction(1, 2)}, {}, ">="),
        ),
        why="the simulated two-sided depth curve has exceeded delta at L_bad; attained where the chain is "
        "sharp",
    ),
    examples=(
        Example({"N": 2, "delta": "0.1"}, "3"),
        Example({"N": 5, "delta": "0.1"}, "13"),
        Example({"N": 5, "delta": "0.5"}, "39"),
        Example({"N": 8, "delta": "0.5"}, "313"),
        Example({"N": 10, "delta": "0.1"}, "390"),
        Example({"N": 2, "delta": "5/32"}, "4"),
    ),
)

THEOREMS = (MAX_DEPTH, MIN_WIDTH, DEAD_DEPTH)
