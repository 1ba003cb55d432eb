"""Born-dead probability of networks with randomized asymmetric initialization."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import Eq, IndexedBase, Le, Limit, Product, Rational, Symbol, oo

from relutheory.domain import Domain, IntegerSet, Parameter, RealSet, VectorSet, WidthsSet
from relutheory.errors import DomainError
from relutheory.functions import BDP, Alive, Expectation, SecondLayerDeath
from relutheory.grammar import show
from relutheory.symbols import D, L, N, l, widths
from relutheory.theorems import Example, Theorem, Trial, Witness
from relutheory.theory.rai import expressions as ex
from relutheory.theory.rai import layer as d

SIMULATOR = "relutheory.simulate.rai:"
NETWORK = (
    "RAI network: layer 1 is He initialised with zero bias, N(0, 2/fan_in), and layers 2..L are RAI "
    "layers with independent rows"
)
DEPTH = "depth convention: L counts affine maps; the ReLU layers are 1..L-1 and N_l is the width of layer l"
DEAD = (
    "dead: a unit is dead on D if its preactivation is <= 0 on all of D, a layer if its output is 0 on "
    "all of D; BDP is the probability that some hidden layer is dead on D at initialisation"
)
POINT = "input set: D contains a point x != 0"
x = Symbol("x", real=True)
M = Symbol("M", positive=True)
gammas = IndexedBase("gamma")
_WIDTHS = Parameter("widths", widths, WidthsSet(), "hidden widths N_1..N_(L-1)")
_GAMMAS = Parameter(
    "gammas",
    gammas,
    VectorSet(Fraction(0), high=Fraction(1, 2), ends="[)"),
    "gamma_1..gamma_(L-1), gamma_1 = 0 for a He layer",
)


def _matching(exact: dict[str, Any]) -> dict[str, Any]:
    if len(exact["gammas"]) != len(exact["widths"]):
        count = len(exact["widths"])
        raise DomainError(
            f"gammas must have one entry for each of the {count} widths, got {show(exact['gammas'])}"
        )
    return exact


# The bound counts layers from 1, components are counted from 0.
_bound = 1 - Product(1 - (Rational(1, 2) - gammas[l - 1]) ** widths[l], (l, 1, L - 1))

UPPER = Theorem(
    id="rai-born-dead-upper-bound",
    stem="rai",
    kind="upper bound",
    title="Born-dead bound with asymmetry gamma",
    meaning=(
        "gamma_l is defined by (1/2 - gamma_l)^N_l = E[p(h_(l-1)(x))^N_l | alive at x before layer l]: "
        "how much the asymmetry helps, in (0, 1/2) for an RAI layer; it depends on the data and on all "
        "earlier widths. Equality for D = {x}."
    ),
    lhs=BDP(D),
    relation="<=",
    rhs=_bound,
    also=(Eq(BDP(x), _bound, evaluate=False),),
    results={"value": _bound},
    domain=Domain(
        (_WIDTHS, _GAMMAS),
        {"widths": (2, 2, 2), "gammas": (0, Fraction(1, 4), Fraction(1, 4))},
        complete=_matching,
    ),
    hypotheses=(
        NETWORK,
        "asymmetry: (1/2 - gamma_l)^N_l is the probability that layer l is dead at x given that no "
        "earlier layer is",
        POINT,
        DEPTH,
        DEAD,
    ),
    source=d.PAPER,
    uses=("rai-unit-dead-probability",),
    proof="proofs.rai:born_dead_upper_bound",
    witness=Witness(
        SIMULATOR + "gamma_chain",
        (
            Trial({"widths": (2, 2, 2), "gammas": (0, Fraction(1, 4), Fraction(1, 4))}),
            Trial({"widths": (3, 2), "gammas": (0, Fraction(1, 10))}),
            Trial({"widths": (2, 3, 1, 2), "gammas": (0, Fraction(1, 5), Fraction(1, 3), Fraction(1, 10))}),
            # gamma_2 of widths (1, 1) at x = 1, rounded down: the probability of the real network.
            Trial(
                {"widths": (1, 1), "gammas": (0, Fraction(326123, 10**6))},
                {"x": 1, "D": "point"},
                simulator="relutheory.simulate.rai_designs:born_dead_own_gammas",
                slack=Fraction(1, 10**6),
            ),
            Trial(
                {"widths": (1, 1), "gammas": (0, Fraction(326123, 10**6))},
                {"x": 1, "D": "interval", "r": 1},
                ">=",
                simulator="relutheory.simulate.rai_designs:born_dead_own_gammas",
            ),
        ),
        why="units that close with the stated probabilities, and a network whose gamma is known",
    ),
    examples=(
        Example({"widths": (2, 2, 2), "gammas": "0,1/4,1/4"}, "0.3408203125"),
        Example({"widths": (3, 2), "gammas": "0,1/10"}, "0.265"),
    ),
)

_death = SecondLayerDeath(N, x, d.SIGMA)

DEPTH3 = Theorem(
    id="rai-single-input-depth3",
    stem="rai",
    kind="identity",
    title="Two hidden layers at one input",
    meaning=(
        "BDP({x}) = 1 - (1 - 2^-N)(1 - E[p(h_1)^N | h_1 != 0]) with h_1 = sqrt(2) |x| max(g, 0): He, then "
        "RAI. The biases make it depend on |x|. One integral for N = 1, two for N = 2."
    ),
    lhs=BDP(x),
    relation="=",
    rhs=1 - (1 - 2**-N) * (1 - Expectation(Symbol("p_alive") ** N)),
    also=(Eq(BDP(x), _death, evaluate=False),),
    results={"value": _death},
    domain=Domain(
        (
            Parameter("N", N, IntegerSet(1, 2), "width of both hidden layers"),
            Parameter("x", x, RealSet(None, None), "input, not 0"),
        ),
        {"N": 1, "x": 1},
        constraints=((lambda exact: exact["x"] != 0, "x must not be 0"),),
    ),
    hypotheses=(
        "network: d_in = 1, widths (N, N) and L = 3; layer 1 is He initialised with zero bias, layer 2 is "
        "an RAI layer with Beta(2, 1) and the default sigma_w",
        "conditioning: p_alive is the dead probability p(h_1) of a unit of layer 2 under the law of h_1 "
        "given h_1 != 0",
        DEAD,
    ),
    source=d.NEW,
    uses=("rai-unit-dead-probability", "rai-born-dead-upper-bound"),
    proof="proofs.rai:single_input_depth3",
    witness=Witness(
        SIMULATOR + "single_input_depth3",
        (
            Trial({"N": 1, "x": 1}),
            Trial({"N": 1, "x": 3}, share=4),
            Trial({"N": 2, "x": 1}),
            Trial({"N": 2, "x": Fraction(-1, 2)}),
        ),
        why="two inputs tell the dependence on |x|",
    ),
    examples=(
        Example({"N": 1, "x": 1}, "0.586938217378912147703487925278"),
        Example({"N": 1, "x": 3}, "0.595123268636327003051943"),
    ),
)

_low, _high = ex.explicit_lower_bound(), ex.explicit_upper_bound()

EXPLICIT = Theorem(
    id="rai-born-dead-explicit",
    stem="rai",
    kind="upper bound",
    title="Explicit born-dead bounds for RAI",
    meaning=(
        "Both bounds hold at a single input; the upper one for every set that contains a nonzero point, "
        "without any data. For equal widths (N/(2(N+1)))^N is about 2^-N/e: in the worst case RAI gains a "
        "factor e per layer over symmetric laws."
    ),
    lhs=BDP(D),
    relation="<=",
    rhs=_high,
    also=(Le(_low, BDP(x), evaluate=False),),
    results={"lower": _low, "upper": _high},
    domain=Domain(
        (_WIDTHS, d.SIGMA_W),
        {"widths": (3, 5, 2, 4)},
        constraints=((d.small_sigma, "sigma_w/sqrt(N_l) <= (1 + sqrt(6))/5 = 0.68989... for l = 1..L-2"),),
        derive=d.derive,
    ),
    hypotheses=(
        NETWORK,
        d.BETA21,
        "small scale: sigma_w/sqrt(N_l) <= (1 + sqrt(6))/5 for l = 1..L-2, true for the default sigma_w",
        POINT,
        DEPTH,
        DEAD,
    ),
    source=d.NEW,
    uses=("rai-unit-dead-range", "rai-born-dead-upper-bound"),
    proof="proofs.rai:born_dead_explicit",
    witness=Witness(
        SIMULATOR + "born_dead_rai",
        (
            Trial({"N": 2, "L": 2}, {"x": 1, "D": "point"}, "=", "upper"),
            Trial({"N": 1, "L": 3}, {"x": 1, "D": "point"}, ">=", "upper"),
            Trial({"N": 2, "L": 10}, {"x": 1, "D": "point"}, ">=", "upper"),
            Trial({"N": 2, "L": 10}, {"x": 1, "D": "point"}, "<=", "lower"),
            Trial({"N": 2, "L": 2}, {"x": 1, "D": "point"}, "=", "lower"),
            Trial({"N": 1, "L": 3}, {"x": 1, "D": "point"}, "<=", "lower"),
            Trial({"widths": (2, 1)}, {"x": Fraction(7, 10), "D": "point"}, "<=", "lower"),
        ),
        why="one hidden layer, where both bounds are attained, shallow networks, where they are close, and a "
        "deep one",
    ),
    examples=(
        Example({"N": 2, "L": 10}, "0.376613395516891970865", "lower"),
        Example({"N": 2, "L": 10}, "0.707691742653290595583", "upper"),
        Example({"N": 5, "L": 10}, "0.031861382385836907954", "lower"),
        Example({"N": 5, "L": 10}, "0.124407347519065832771", "upper"),
        Example({"widths": (3, 5, 2, 4)}, "0.145505979558281798", "lower"),
        Example({"widths": (3, 5, 2, 4)}, "0.291132834059057249", "upper"),
    ),
)

_floor = ex.row_floor(N, M)

INFINITE_DEPTH = Theorem(
    id="rai-infinite-depth",
    stem="rai",
    kind="limit",
    title="RAI changes the rate, not the limit",
    meaning=(
        "Networks of bounded width still die almost surely as the depth grows, at one input and on a "
        "bounded interval: the second moments stay bounded, and a row is dead on all of D, where the "
        "features are at most M, with at least the probability q(M) that is evaluated."
    ),
    lhs=Limit(BDP(D), L, oo, "-"),
    relation="=",
    rhs=Rational(1),
    also=(Eq(Limit(Alive(x), L, oo, "-"), 0, evaluate=False),),
    results={"value": _floor},
    domain=Domain(
        (
            Parameter("N", N, IntegerSet(1), "width of all hidden layers"),
            Parameter("M", M, RealSet(Fraction(0), None, "()"), "largest feature on D"),
        ),
        {"N": 2, "M": 1},
    ),
    hypotheses=(
        NETWORK,
        d.BETA21,
        "equal widths: all hidden layers have width N",
        "input set: d_in = 1 and D is a bounded interval, or D is a finite union of points and segments",
        "no explosion: sigma_w is the default, so that sigma_w^2 + mu_2 <= 1 and C_upp <= 1",
        DEPTH,
        DEAD,
    ),
    source=d.NEW,
    uses=("rai-born-dead-explicit", "rai-second-moment-recursion", "rai-second-moment"),
    proof="proofs.rai:infinite_depth",
    witness=Witness(
        SIMULATOR + "row_dead_on_cube",
        (
            Trial({"N": 1, "M": 1}),
            Trial({"N": 1, "M": 3}),
            Trial({"N": 2, "M": 1}, {}, "<="),
            Trial({"N": 3, "M": Fraction(1, 2)}, {}, "<="),
        ),
        why="the floor is the exact probability of one way to be dead on the cube, for N = 1 of all but one",
    ),
    examples=(
        Example({"N": 2, "M": 1}, "0.029074381562151757085"),
        Example({"N": 1, "M": 1}, "0.075578146493524247027"),
    ),
)

THEOREMS = (UPPER, DEPTH3, EXPLICIT, INFINITE_DEPTH)
