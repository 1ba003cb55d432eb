"""Bounds at finite width and depth."""

from __future__ import annotations

from sympy import Integer

from relutheory.domain import BooleanSet, Domain, IntegerSet, Parameter
from relutheory.functions import BDP
from relutheory.symbols import N1, N2, D, L, N, bias
from relutheory.theorems import Example, Theorem, Trial, Witness
from relutheory.theory.born_dead import expressions as ex
from relutheory.theory.born_dead import hypotheses as h

SIMULATOR = "relutheory.simulate.born_dead:born_dead"
BIAS = Parameter("bias", bias, BooleanSet(), "whether the layers have biases")

UPPER = Theorem(
    id="born-dead-upper-bound",
    stem="born_dead",
    kind="upper bound",
    title="Distribution-free upper bound",
    meaning="Holds for every input set and every input dimension; attained by a single input.",
    lhs=BDP(D),
    relation="<=",
    rhs=ex.upper_bound(),
    results={"value": ex.upper_bound()},
    domain=Domain((h.WIDTHS,), {"widths": (5, 2, 5, 3)}),
    hypotheses=(h.H_ROW, h.ADMISSIBLE, h.DEPTH, h.DEAD),
    source=h.PAPER,
    uses=("born-dead-single-point", "born-dead-monotonicity"),
    proof="proofs.born_dead:upper_bound",
    witness=Witness(
        SIMULATOR,
        (
            Trial({"widths": (5, 2, 5, 3)}, {"D": "two-sided"}, ">="),
            Trial({"N": 3, "L": 5}, {"D": "two-sided", "law": "uniform", "bias": True}, ">="),
            Trial({"N": 2, "L": 3}, {"D": "one-sided", "law": "laplace"}),
            Trial({"widths": (3, 2, 4, 3, 2)}, {"D": "point", "bias": True}),
            Trial({"widths": (2,) * 5}, {"D": "two-sided", "law": "rademacher"}, "<"),
        ),
        why="attained on a ray, so a bound that is too large is caught there; +-1 weights (atoms) exceed it",
    ),
    examples=(
        Example({"widths": (5, 2, 5, 3)}, "12587/32768"),
        Example({"N": 5, "L": 10}, "0.2485407414997382602450670674443"),
        Example({"N": 10, "L": 10}, "0.008754808341221147929788321559517"),
        Example({"N": 10, "L": 50}, "0.04674700917251811269485130252602"),
    ),
)

CHAIN = Theorem(
    id="born-dead-lower-bound-1d-chain",
    stem="born_dead",
    kind="lower bound",
    title="Lower bound on the line, general widths",
    meaning=(
        "A three-state chain on the images of the two half-lines: A both alive and not collinear, B one "
        "ray, C dead. Equality for at most two hidden layers or N_1 = 1; it depends on the order of the "
        "widths."
    ),
    lhs=BDP(D),
    relation=">=",
    rhs=ex.chain_lower_bound(),
    results={"value": ex.chain_lower_bound()},
    invariants=(ex.chain_state("total") - 1,),
    domain=Domain((h.WIDTHS,), {"widths": (5, 2, 5, 3)}),
    hypotheses=h.ONE_DIMENSIONAL,
    source=h.NEW,
    proof="proofs.born_dead:lower_bound_1d_chain",
    witness=Witness(
        SIMULATOR,
        (
            Trial({"widths": (5, 2, 5, 3)}, {"D": "two-sided"}, "<="),
            Trial({"widths": (3, 2)}, {"D": "two-sided", "law": "uniform"}),
            Trial({"widths": (2, 3)}, {"D": "two-sided", "law": "cauchy"}),
            Trial({"widths": (1, 2, 3, 2)}, {"D": "two-sided", "law": "laplace"}),
            Trial({"widths": (3, 5, 2, 5)}, {"D": "two-sided", "law": "laplace"}, "<="),
            Trial({"widths": (2, 2, 2)}, {"D": "two-sided", "law": "uniform"}, "<="),
            Trial({"widths": (2, 2)}, {"D": "plane", "d_in": 2}, ">"),
        ),
        why="attained for two layers and for N_1 = 1; in the plane the bound fails",
    ),
    examples=(
        Example({"widths": (5, 2, 5, 3)}, "681613/4194304"),
        Example({"widths": (3, 5, 2, 5)}, "2402299/16777216"),
        Example({"N": 30, "L": 10}, "6.938893920709333950824225374758e-17"),
        Example({"N": 1, "L": 10}, "255/256"),
    ),
)

LOWER_1D = Theorem(
    id="born-dead-lower-bound-1d",
    stem="born_dead",
    kind="lower bound",
    title="Lower bound on the line, equal widths",
    meaning="Closed form of the three-state chain for equal widths.",
    lhs=BDP(D),
    relation=">=",
    rhs=ex.closed_lower_bound(N, L),
    results={"value": ex.closed_lower_bound(N, L)},
    invariants=(ex.closed_lower_bound(N, L) - ex.chain_lower_bound(),),
    domain=Domain((h.WIDTH, h.DEPTH_L), {"N": 3, "L": 10}),
    hypotheses=(*h.ONE_DIMENSIONAL, h.EQUAL_WIDTHS),
    source=h.PAPER,
    uses=("born-dead-lower-bound-1d-chain",),
    proof="proofs.born_dead:lower_bound_1d",
    witness=Witness(
        SIMULATOR,
        (
            Trial({"N": 2, "L": 3}, {"D": "two-sided"}),
            Trial({"N": 1, "L": 4}, {"D": "two-sided", "law": "uniform"}),
            Trial({"N": 3, "L": 3}, {"D": "two-sided", "law": "laplace"}, share=2),
            Trial({"N": 2, "L": 10}, {"D": "two-sided"}, "<="),
            Trial({"N": 3, "L": 10}, {"D": "two-sided", "law": "cauchy"}, "<="),
            Trial({"N": 2, "L": 3}, {"D": "plane", "d_in": 2}, ">"),
        ),
        why="attained at L = 3 and at N = 1; the plane, orthogonal layers and biases break it",
    ),
    examples=(
        Example({"N": 2, "L": 4}, "167/512"),
        Example({"N": 2, "L": 10}, "7475441063/8589934592"),
        Example({"N": 3, "L": 10}, "0.5133887021530654237722046673298"),
        Example({"N": 5, "L": 10}, "0.06398540615758068233058947779993"),
        Example({"N": 10, "L": 10}, "7.596526158725861106506370230598e-5"),
        Example({"N": 4, "L": 20}, "0.5198453875606483801191211831534"),
        Example({"N": 30, "L": 10}, "6.938893920709333950824225374758e-17"),
    ),
)

ANY_DIM = Theorem(
    id="born-dead-lower-bound-any-dim",
    stem="born_dead",
    kind="lower bound",
    title="Lower bound in any input dimension",
    meaning=(
        "Counts the units that are active somewhere on D: the count is at most a binomial chain, which "
        "may hit 0. Close to the truth only for small widths."
    ),
    lhs=BDP(D),
    relation=">=",
    rhs=ex.any_dim_lower_bound(bias),
    results={"value": ex.any_dim_lower_bound(bias)},
    domain=Domain((h.WIDTHS, BIAS), {"widths": (2, 2, 2), "bias": False}),
    hypotheses=(
        h.SYMMETRIC_ENTRIES,
        "bias: either all biases are 0 (bias = false) or they are entries like the weights (bias = true)",
        "any D: any input dimension and any input set",
        h.DEPTH,
        h.DEAD,
    ),
    source=h.NEW,
    proof="proofs.born_dead:lower_bound_any_dim",
    witness=Witness(
        SIMULATOR,
        (
            Trial({"widths": (2, 2), "bias": False}, {"D": "plane", "d_in": 2}),
            Trial({"widths": (1, 2), "bias": True}, {"D": "line"}),
            Trial({"widths": (1, 3), "bias": False}, {"D": "plane", "d_in": 2}),
            Trial({"N": 2, "L": 5, "bias": False}, {"D": "plane", "d_in": 2}, "<="),
            Trial({"N": 2, "L": 6, "bias": False}, {"D": "two-sided", "law": "rademacher"}, "<="),
        ),
        why="attained at L = 3 on the whole plane; at larger depth the truth lies strictly above",
    ),
    examples=(
        Example({"N": 2, "L": 3, "bias": False}, "1/16"),
        Example({"N": 2, "L": 4, "bias": False}, "49/256"),
        Example({"N": 2, "L": 10, "bias": False}, "3071439985/4294967296"),
        Example({"N": 3, "L": 3, "bias": False}, "1/512"),
        Example({"N": 3, "L": 10, "bias": False}, "0.1258858262541155762804565265136"),
        Example({"widths": (5, 2, 5, 3), "bias": False}, "305477659/34359738368"),
        Example({"N": 2, "L": 10, "bias": True}, "0.1920771677340304961489891866222"),
        Example({"N": 3, "L": 10, "bias": True}, "0.006105400829074527346185876371230"),
    ),
)

FULL_SPACE = Theorem(
    id="born-dead-full-space-depth3",
    stem="born_dead",
    kind="identity",
    title="Whole input space, depth 3",
    meaning="Layer 1 maps onto the closed orthant, so layer 2 is dead exactly when all its entries are "
    "nonpositive.",
    lhs=BDP(D),
    relation="=",
    rhs=Integer(2) ** (-N2 * (N1 + bias)),
    results={"value": Integer(2) ** (-N2 * (N1 + bias))},
    domain=Domain(
        (
            Parameter("N1", N1, IntegerSet(1), "width of hidden layer 1"),
            Parameter("N2", N2, IntegerSet(1), "width of hidden layer 2"),
            BIAS,
        ),
        {"N1": 2, "N2": 2, "bias": False},
    ),
    hypotheses=(
        h.H_ENTRY,
        "bias: either all biases are 0 (bias = false) or they are entries like the weights (bias = true)",
        "whole space: D = R^d_in with d_in >= N1",
        "depth: L = 3 affine maps, widths (N1, N2)",
        h.DEAD,
    ),
    source=h.NEW,
    proof="proofs.born_dead:full_space_depth3",
    witness=Witness(
        "relutheory.simulate.born_dead:full_space_depth3",
        (
            Trial({"N1": 2, "N2": 2, "bias": False}, {"d_in": 2}),
            Trial({"N1": 2, "N2": 1, "bias": True}, {"d_in": 2}),
            Trial({"N1": 1, "N2": 2, "bias": True}, {"d_in": 2}),
            Trial({"N1": 1, "N2": 3, "bias": False}, {"d_in": 2}),
        ),
        why="N1 != N2 separates the exponent from its transpose; the bias adds one coordinate",
    ),
    examples=(
        Example({"N1": 2, "N2": 2, "bias": False}, "1/16"),
        Example({"N1": 2, "N2": 2, "bias": True}, "1/64"),
    ),
)

THEOREMS = (UPPER, CHAIN, LOWER_1D, ANY_DIM, FULL_SPACE)
