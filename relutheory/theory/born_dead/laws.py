"""Exact laws: one input, law-free small cases, atoms, sparse and orthogonal weights, and the event itself."""

from __future__ import annotations

from fractions import Fraction

from sympy import And, Eq, Integer, Or, Piecewise, Product, Symbol

from relutheory.domain import Domain, IntegerSet, Parameter, RealSet
from relutheory.functions import BDP, Event
from relutheory.symbols import D, L, N, keep, l, m0, p0, widths
from relutheory.theorems import Example, Theorem, Trial, Witness
from relutheory.theory.born_dead import expressions as ex
from relutheory.theory.born_dead import hypotheses as h

X = Symbol("x")
SIMULATOR = "relutheory.simulate.born_dead:born_dead"

EVENT = Theorem(
    id="born-dead-event",
    stem="born_dead",
    kind="definition",
    title="Born dead means constant",
    meaning=(
        "BD(D) is the event that some hidden layer is 0 on all of D. Almost surely the network is "
        "constant on D if and only if BD(D) happens."
    ),
    lhs=Event("the network is constant on D"),
    relation="<=>",
    rhs=Event("some hidden layer is 0 on all of D"),
    hypotheses=(
        "two points: D has at least two points",
        "no ties: every row w satisfies P(w.u = 0) = 0 for every fixed u != 0, rows are independent over "
        "layers",
        h.DEPTH,
        h.DEAD,
    ),
    source=h.PAPER,
    proof="proofs.born_dead:event",
    witness=Witness(
        "relutheory.simulate.born_dead:event_holds",
        (
            Trial({}, {"widths": (2, 2, 2), "law": "gaussian"}, result="one"),
            Trial({}, {"widths": (3, 2, 2), "law": "uniform"}, result="one"),
            Trial({}, {"widths": (2, 2, 2), "law": "rademacher"}, "!=", result="one"),
        ),
        why="frequency of networks in which both or none of the two events hold; with atoms it is not 1",
    ),
)

MONOTONICITY = Theorem(
    id="born-dead-monotonicity",
    stem="born_dead",
    kind="criterion",
    title="Monotone in depth and in the input set",
    meaning=(
        "The born-dead probability does not decrease when a layer is appended and does not increase when "
        "D grows; with zero bias it depends on D only through the cone that D generates."
    ),
    lhs=And(Event("D is a subset of D'"), Event("L <= L'")),
    relation="=>",
    rhs=BDP(Symbol("D'"), L) <= BDP(D, Symbol("L'")),
    hypotheses=(
        "any law: the two networks share their first L layers; any weights, biases and input sets",
        h.DEPTH,
        h.DEAD,
    ),
    source=h.NEW,
    proof="proofs.born_dead:monotonicity",
    witness=Witness(
        "relutheory.simulate.born_dead:monotonicity_holds",
        (
            Trial({}, {"widths": (2, 3, 2)}, result="one"),
            Trial({}, {"widths": (2, 2), "bias": True}, result="one"),
            Trial({}, {"widths": (2, 3, 2), "reverse": True}, "!=", result="one"),
        ),
        why="frequency of networks that respect the order; the reversed order is violated",
    ),
)

SINGLE_POINT = Theorem(
    id="born-dead-single-point",
    stem="born_dead",
    kind="identity",
    title="Born-dead probability of a single input",
    meaning="Exact, and independent of the input, of the law of the weights and of all scales.",
    lhs=BDP(X),
    relation="=",
    rhs=ex.single_point(),
    results={"value": ex.single_point()},
    domain=Domain((h.WIDTHS,), {"widths": (3, 2, 4, 3, 2)}),
    hypotheses=(h.H_ROW, h.SINGLE_POINT, h.DEPTH, h.DEAD),
    source=h.PAPER,
    proof="proofs.born_dead:single_point",
    witness=Witness(
        SIMULATOR,
        (
            Trial({"N": 2, "L": 3}, {"D": "point", "law": "gaussian"}),
            Trial({"widths": (3, 2, 4, 3, 2)}, {"D": "point", "law": "uniform", "bias": True}),
            Trial({"N": 4, "L": 20}, {"D": "point", "law": "laplace"}),
            Trial({"widths": (1, 3)}, {"D": "point", "law": "cauchy", "bias": True}),
            Trial({"widths": (3, 1)}, {"D": "point", "law": "gaussian", "d_in": 3}),
            Trial({"widths": (2, 2, 2)}, {"D": ((1, 1),), "d_in": 2, "law": "rademacher"}, "!="),
        ),
        why="four laws with and without bias; depth off by one is visible at N = 2, L = 3; atoms break the "
        "law",
    ),
    examples=(
        Example({"widths": (3, 2, 4, 3, 2)}, "9769/16384"),
        Example({"N": 2, "L": 10}, "242461/262144"),
        Example({"N": 2, "L": 3}, "7/16"),
        Example({"N": 3, "L": 10}, "0.699342198669910430908203125"),
        Example({"N": 4, "L": 20}, "0.7066039574524412351417106619867596"),
        Example({"N": 60, "L": 10}, "7.806255641895631897770270323318e-18"),
        Example({"N": 40, "L": 10}, "8.185452315926576e-12"),
    ),
)

LAW_FREE = Theorem(
    id="born-dead-law-free-cases",
    stem="born_dead",
    kind="identity",
    title="Law-free small cases on the line",
    meaning="Exact born-dead probability when the first layer has one unit, and for widths (2, 2, N3).",
    lhs=BDP(D),
    relation="=",
    rhs=Piecewise(
        (1 - Product(1 - ex.half_power(widths[l]), (l, 2, L - 1)), Eq(widths[1], 1)),
        (ex.two_two_law_free(widths[3]), True),
    ),
    results={
        "value": Piecewise(
            (1 - Product(1 - ex.half_power(widths[l]), (l, 2, L - 1)), Eq(widths[1], 1)),
            (ex.two_two_law_free(widths[3]), True),
        )
    },
    domain=Domain(
        (h.WIDTHS,),
        {"widths": (2, 2, 3)},
        (
            (
                Or(Eq(widths[1], 1), And(Eq(L, 4), Eq(widths[1], 2), Eq(widths[2], 2))),
                "widths must start with 1 or be 2,2,N3",
            ),
        ),
    ),
    hypotheses=(
        *h.ONE_DIMENSIONAL,
        "identical entries: for widths (2, 2, N3) all entries are iid from one symmetric continuous law, "
        "up to a scale per layer",
    ),
    source=h.NEW,
    uses=("born-dead-single-point",),
    proof="proofs.born_dead:law_free_cases",
    witness=Witness(
        SIMULATOR,
        (
            Trial({"widths": (2, 2, 3)}, {"D": "two-sided", "law": "gaussian"}, share=4),
            Trial({"widths": (2, 2, 1)}, {"D": "two-sided", "law": "uniform"}),
            Trial({"widths": (2, 2, 2)}, {"D": "two-sided", "law": "cauchy"}, share=4),
            Trial({"widths": (1, 3, 2)}, {"D": "two-sided", "law": "laplace"}),
            Trial({"widths": (1, 1, 2, 3)}, {"D": "two-sided", "law": "gaussian"}),
        ),
        why="three laws agree at widths (2, 2, N3); (1, 3, 2) sees a wrong first index",
    ),
    examples=(
        Example({"widths": (2, 2, 2)}, "1045/3072"),
        Example({"widths": (2, 2, 3)}, "5019/20480"),
        Example({"widths": (1, 3, 2)}, "11/32"),
    ),
)

ATOMS = Theorem(
    id="born-dead-symmetric-atoms",
    stem="born_dead",
    kind="identity",
    title="Dead units under symmetric laws with atoms",
    meaning="A tie w.h + b = 0 counts as dead, so atoms raise the dead probability of a unit above one half.",
    lhs=Symbol(r"\operatorname{P}(w\cdot h + b \le 0 \mid h)"),
    relation="=",
    rhs=(1 + p0) / 2,
    results={"value": (1 + p0) / 2},
    domain=Domain((Parameter("p0", p0, RealSet(ends="[)"), "P(w.h + b = 0 | h)"),), {"p0": Fraction(1, 2)}),
    hypotheses=(
        "symmetric rows: the rows [w, b] are independent and symmetric; atoms are allowed",
        "tie probability: p0 = P(w.h + b = 0 | h)",
        "single point: one input",
        h.DEAD,
    ),
    source=h.NEW,
    proof="proofs.born_dead:symmetric_atoms",
    witness=Witness(
        "relutheory.simulate.born_dead:unit_dead_frequency",
        (
            Trial({"p0": Fraction(1, 2)}, {}),
            Trial({"p0": Fraction(1, 5)}, {}),
            Trial({"p0": 0}, {}),
        ),
        why="three tie probabilities separate (1 + p0)/2 from 1/2, p0 and 1 - p0/2",
    ),
    examples=(Example({"p0": 0}, "1/2"), Example({"p0": "1/2"}, "3/4")),
)

SPARSE = Theorem(
    id="born-dead-sparse-single-point",
    stem="born_dead",
    kind="recursion",
    title="Born-dead probability of a single input with sparse weights",
    meaning="The number of active units is a Markov chain; the network is born dead when it hits 0. keep = "
    "1 is the dense law.",
    lhs=BDP(X),
    relation="=",
    rhs=ex.sparse_single_point(keep, m0),
    results={"value": ex.sparse_single_point(keep, m0)},
    domain=Domain(
        (
            Parameter("keep", keep, RealSet(ends="(]"), "probability that a weight is kept"),
            Parameter("m0", m0, IntegerSet(1), "number of nonzero coordinates of x"),
            h.WIDTHS,
        ),
        {"keep": Fraction(1, 2), "m0": 4, "widths": (4, 4, 4, 4, 4)},
    ),
    hypotheses=(
        "masked entries: w_ij = mask_ij g_ij with iid Bernoulli(keep) masks and g as in H-entry",
        h.H_ENTRY,
        h.ZERO_BIAS,
        "single point: D = {x}, m0 coordinates of x are nonzero",
        h.DEPTH,
        h.DEAD,
    ),
    source=h.NEW,
    uses=("born-dead-symmetric-atoms",),
    proof="proofs.born_dead:sparse_single_point",
    witness=Witness(
        "relutheory.simulate.born_dead:sparse_single_point",
        (
            Trial({"keep": Fraction(1, 2), "m0": 4, "widths": (4, 4, 4, 4, 4)}, {}),
            Trial({"keep": Fraction(1, 5), "m0": 2, "widths": (3, 5)}, {}),
            Trial({"keep": 1, "m0": 3, "widths": (2, 2)}, {}),
        ),
        why="keep = 1/2 and 1/5 separate the chain from the dense law and from a swapped mask probability",
    ),
    examples=(
        Example({"keep": "1/2", "m0": 4, "widths": (4,) * 5}, "0.6471966311753665690895307302887"),
        Example({"keep": "1/5", "m0": 4, "widths": (4,) * 5}, "0.9798838859478325098703972814144"),
        Example({"keep": 1, "m0": 4, "widths": (4,) * 5}, "0.27580"),
    ),
)

ORTHOGONAL = Theorem(
    id="born-dead-orthogonal",
    stem="born_dead",
    kind="identity",
    title="Orthogonal layers, depth 3, two-sided inputs",
    meaning=(
        "With Haar orthogonal second layer BDP = 2 4^-N, less than the value 3 4^-N - 2 8^-N of "
        "independent entries; for a single input the law is that of independent rows."
    ),
    lhs=BDP(D),
    relation="=",
    rhs=2 * Integer(4) ** (-N),
    results={"value": 2 * Integer(4) ** (-N)},
    domain=Domain((h.WIDTH,), {"N": 2}),
    hypotheses=(
        "Haar layers: layer 2 is an N x N Haar orthogonal matrix, independent of layer 1",
        "first layer: independent symmetric entries without atoms, any law",
        h.ZERO_BIAS,
        h.TWO_SIDED,
        "depth: L = 3 affine maps, widths (N, N)",
        h.DEAD,
    ),
    source=h.NEW,
    proof="proofs.born_dead:orthogonal",
    witness=Witness(
        "relutheory.simulate.born_dead:orthogonal",
        (Trial({"N": 2}, {}), Trial({"N": 1}, {}), Trial({"N": 3}, {}, share=2)),
        why="N = 2 separates 1/8 from the 5/32 of independent entries",
    ),
    examples=(Example({"N": 2}, "1/8"), Example({"N": 3}, "1/32")),
)

STAYS_CONSTANT = Theorem(
    id="born-dead-stays-constant",
    stem="born_dead",
    kind="criterion",
    title="Born dead stays constant under training",
    meaning=(
        "If hidden layer l is dead on all training inputs, then for every loss and at all times the "
        "parameters of the layers <= l and W_(l+1) do not move, the network is constant on the training "
        "inputs, and its loss is at least the best constant's: the variance of the targets for squared "
        "loss, the mean deviation from a median for absolute loss."
    ),
    lhs=Event("hidden layer l is dead on the training inputs"),
    relation="=>",
    rhs=Event(
        "layers 1..l and the weights of layer l+1 never move and the network stays constant on the "
        "training inputs"
    ),
    hypotheses=(
        "dead layer: some hidden layer l is 0 on the set X of all training inputs",
        "gate: phi'(0) = 0",
        "update: a parameter stays unchanged whenever its current gradient and its optimiser state are "
        "zero (GD, SGD, momentum and Adam from zero state, gradient clipping, loss scaling; no weight "
        "decay)",
    ),
    source=h.PAPER,
    uses=("born-dead-event",),
    proof="proofs.born_dead:stays_constant",
    witness=Witness(
        "relutheory.simulate.born_dead:trained_to_constant",
        (
            Trial({}, {"N": 2, "L": 5, "optimizer": "gd"}, result="one", share=0.03),
            Trial({}, {"N": 3, "L": 4, "optimizer": "heavy-ball"}, result="one", share=0.03),
            Trial({}, {"N": 2, "L": 4, "optimizer": "adam"}, result="one", share=0.03),
            Trial({}, {"N": 2, "L": 4, "optimizer": "gd", "loss": "absolute"}, result="one", share=0.03),
            Trial({}, {"N": 2, "L": 5, "shrink": Fraction(9, 10)}, "!=", result="one", share=0.03),
        ),
        why="frequency of born-dead networks in which a frozen parameter moved by a single bit; weight "
        "decay moves them",
    ),
)

THEOREMS = (EVENT, MONOTONICITY, SINGLE_POINT, LAW_FREE, ATOMS, SPARSE, ORTHOGONAL, STAYS_CONSTANT)
