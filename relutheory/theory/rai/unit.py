"""The sampler and the probability that one unit is dead."""

from __future__ import annotations

from fractions import Fraction

from sympy import Eq, Gt, Implies, Integer, Le, Lt, Rational, Symbol, atan, pi, sqrt

from relutheory.domain import Parameter, RealSet
from relutheory.functions import (
    BetaLaw,
    ConstantLaw,
    Event,
    Expectation,
    ExponentialLaw,
    GateFunction,
    HalfNormalLaw,
    MillsRatio,
    Phi,
    Probability,
    UniformLaw,
    phi,
)
from relutheory.theorems import Example, Theorem, Trial, Witness
from relutheory.theory.rai import expressions as ex
from relutheory.theory.rai import layer as d
from relutheory.theory.rai.layer import P, n, sigma_w

SIMULATOR = "relutheory.simulate.rai:"
W = Symbol("W", real=True)
X = Symbol("X", positive=True)
t = Symbol("t", nonnegative=True)
M, s, rate, c = (Symbol(name, positive=True) for name in ("M", "s", "rate", "c"))
HALF = Rational(1, 2)

_mean = d.mu1 / (n + 1)
_second = (sigma_w**2 + d.mu2) / (n + 1)
_negative = n / (2 * (n + 1))

SAMPLER = Theorem(
    id="rai-sampler",
    stem="rai",
    kind="definition",
    title="Randomized asymmetric initialization",
    meaning=(
        "Layer 1 is He initialised (it is the input layer); in every later layer, the linear output layer "
        "included, one entry of each row [weights, bias] is overwritten by a positive number. No row is "
        "without a positive entry. The results are those of one entry W of a row."
    ),
    lhs=Expectation(W),
    relation="=",
    rhs=_mean,
    also=(
        Eq(Expectation(W**2), _second, evaluate=False),
        Eq(Probability(Event("W < 0")), _negative, evaluate=False),
        Eq(Probability(Event("a row has no positive entry")), 0, evaluate=False),
    ),
    results={"mean": _mean, "second_moment": _second, "negative": _negative},
    domain=d.layer(d.FAN_IN, d.SIGMA_W, *d.LAW, witness={"n": 4}),
    hypotheses=(d.SAMPLER, d.POSITIVE),
    source=d.PAPER,
    proof="proofs.rai:sampler",
    witness=Witness(
        SIMULATOR + "rai_entry",
        (
            Trial({"n": 4}, {"what": "mean"}, result="mean"),
            Trial({"n": 2, "law": "uniform", "M": 2}, {"what": "mean"}, result="mean"),
            Trial({"n": 4}, {"what": "second_moment"}, result="second_moment"),
            Trial(
                {"n": 1, "law": "exponential", "rate": 3}, {"what": "second_moment"}, result="second_moment"
            ),
            Trial({"n": 1}, {"what": "negative"}, result="negative"),
            Trial({"n": 4}, {"what": "negative"}, result="negative"),
        ),
        why="small fan-ins, where n and n + 1 are far apart",
    ),
    examples=(
        Example({"n": 4}, "2/15", "mean"),
        Example({"n": 4}, "0.17217946588978648", "second_moment"),
    ),
)

_F = GateFunction(t, P)


def _closed(law: object, value: object) -> object:
    return Implies(Gt(t, 0), Eq(GateFunction(t, law), value, evaluate=False), evaluate=False)


GATE = Theorem(
    id="rai-gate-function",
    stem="rai",
    kind="identity",
    title="Probability that a replaced entry does not open a unit",
    meaning=(
        "F_P(t) = E Phi(-tX), decreasing and convex with F_P(0) = 1/2. For Beta(2, 1), t^2 F(t) < 1/2 and "
        "F ~ 1/(2 t^2). The half-normal law depends on st only, the uniform law on Mt, the exponential "
        "law on rate/t. Any law: 1/2 - (2 pi)^(-1/2) sum (-1)^j t^(2j+1) m_(2j+1)/(2^j j! (2j+1)). The "
        "closed form of Beta(2, 1) cancels like 1/t^2 for small t and is evaluated by an incomplete gamma "
        "function instead."
    ),
    lhs=_F,
    relation="=",
    rhs=Expectation(Phi(-t * X)),
    also=(
        _closed(BetaLaw(2, 1), Phi(-t) + (Phi(t) - HALF - t * phi(t)) / t**2),
        _closed(BetaLaw(3, 1), Phi(-t) + (2 * phi(Integer(0)) - (t**2 + 2) * phi(t)) / t**3),
        _closed(UniformLaw(M), Phi(-M * t) + (phi(Integer(0)) - phi(M * t)) / (M * t)),
        _closed(HalfNormalLaw(s), HALF - atan(s * t) / pi),
        _closed(ExponentialLaw(rate), HALF - MillsRatio(rate / t) / sqrt(2 * pi)),
        _closed(ConstantLaw(c), Phi(-c * t)),
        Le(_F, HALF, evaluate=False),
        Lt(t**2 * GateFunction(t, BetaLaw(2, 1)), HALF, evaluate=False),
    ),
    results={"value": _F},
    domain=d.layer(
        Parameter(
            "t", t, RealSet(Fraction(0), None, "[)"), "ratio of the replaced part to the Gaussian part"
        ),
        *d.LAW,
        witness={"t": 1},
    ),
    hypotheses=(d.POSITIVE, "ratio: t >= 0; the closed forms hold for t > 0"),
    source=d.NEW,
    proof="proofs.rai:gate_function",
    witness=Witness(
        SIMULATOR + "gate_probability",
        (
            Trial({"t": 1}),
            Trial({"t": 5}),
            Trial({"t": 2, "law": "beta", "a": 3, "b": 1}),
            Trial({"t": 1, "law": "beta", "a": 2, "b": 2}),
            Trial({"t": 1, "law": "uniform", "M": 1}),
            Trial({"t": Fraction(1, 2), "law": "halfnormal", "s": 1}),
            Trial({"t": 1, "law": "exponential", "rate": 2}),
            Trial({"t": 1, "law": "constant", "c": Fraction(1, 2)}),
        ),
        why="each law at a ratio where its parameter, or 1/t for t, shifts the value by many standard errors",
    ),
    examples=(
        Example({"t": "0.01"}, "0.49734041139319085277601640407"),
        Example({"t": "0.5"}, "0.37025673029344035536375294863198"),
        Example({"t": 1}, "0.25802927548085665020216980706444"),
        Example({"t": 5}, "0.019999977841606057166613625154"),
        Example({"t": 1, "law": "uniform", "M": 1}, "0.31562680981374637955688332136678"),
        Example({"t": 2, "law": "beta", "a": 3, "b": 1}, "0.081992477163646337722346001842"),
        Example({"t": 1, "law": "exponential", "rate": 2}, "0.33189799877682939357285088597"),
        Example({"t": "0.05", "law": "exponential", "rate": 3}, "0.49335280741131567879820853680"),
        Example({"t": "0.5", "law": "halfnormal", "s": 1}, "0.35241638234956672582459892378"),
    ),
)

DEAD_EVENT = Event("z <= 0 on h")
_p = ex.unit_dead_probability()

UNIT_DEAD = Theorem(
    id="rai-unit-dead-probability",
    stem="rai",
    kind="identity",
    title="Probability that a unit is dead on an input",
    meaning=(
        "Mean over the replaced position k of F_P(t_k), where t_k is the replaced entry of ht over "
        "sigma_w/sqrt(n) times the norm of the others: given k and X, the preactivation is X ht_k plus a "
        "centred Gaussian. Always less than 1/2; p(0) = n/(2(n+1)); invariant under permutations of h."
    ),
    lhs=Probability(DEAD_EVENT),
    relation="=",
    rhs=_p,
    also=(Lt(Probability(DEAD_EVENT), HALF, evaluate=False),),
    results={"value": _p},
    domain=d.layer(d.HIDDEN, d.SIGMA_W, *d.LAW, witness={"h": (1, 0)}),
    hypotheses=(d.SAMPLER, d.POSITIVE, d.INPUT),
    source=d.NEW,
    uses=("rai-gate-function",),
    proof="proofs.rai:unit_dead_probability",
    witness=Witness(
        SIMULATOR + "unit_dead",
        (
            Trial({"h": (1, 0)}),
            Trial({"h": (Fraction(1, 5), 3)}, share=4),
            Trial({"h": (5, 0, 0, 2)}),
            Trial({"h": (0,)}),
            Trial({"h": (1, 2), "sigma_w": 1, "law": "uniform", "M": 2}),
            Trial({"h": (1,), "law": "constant", "c": Fraction(1, 2)}),
        ),
        why="inputs at which fan-in n + 1, an excluded bias position or F(1/t) shift the value",
    ),
    examples=(
        Example({"h": 1}, "0.151156292987048494053988411206"),
        Example({"h": (1, 1, 1)}, "0.151156292987048494053988411206"),
        Example({"h": (1, 0)}, "0.224815429790970180836366784342"),
        Example({"h": "0.2,3"}, "0.258217009930655481511825650231"),
        Example({"h": (5, 0, 0, 2)}, "0.310648347879422388689953493643"),
        Example({"h": (50, 0)}, "0.329172304929752580611545700038"),
        Example({"h": 0}, "1/4"),
    ),
)

_best, _worst = GateFunction(1 / sigma_w, ex.BETA21), n / (2 * (n + 1))
_words = "sigma_w/sqrt(n) <= (1 + sqrt(6))/5 = 0.68989..."

RANGE = Theorem(
    id="rai-unit-dead-range",
    stem="rai",
    kind="lower bound",
    title="Range of the dead probability of a unit",
    meaning=(
        "F(1/sigma_w) <= p(h) <= n/(2(n+1)) for every input: the left side is attained only at h = (1, "
        "..., 1), the right one only at h = 0 (and in the limit of one huge feature). So gamma(h) = 1/2 - "
        "p(h) >= 1/(2(n+1)) without any data. The floor alone holds up to sigma_w/sqrt(n) = "
        "0.91204536361506070144."
    ),
    lhs=_best,
    relation="<=",
    rhs=Probability(DEAD_EVENT),
    also=(Le(Probability(DEAD_EVENT), _worst, evaluate=False),),
    results={"lower": _best, "upper": _worst},
    domain=d.layer(d.FAN_IN, d.SIGMA_W, witness={"n": 2}, constraints=((d.small_sigma, _words),)),
    hypotheses=(d.SAMPLER, d.BETA21, d.SMALL_SIGMA, d.INPUT),
    source=d.NEW,
    uses=("rai-unit-dead-probability", "rai-gate-function"),
    proof="proofs.rai:unit_dead_range",
    witness=Witness(
        SIMULATOR + "unit_dead",
        (
            Trial({"n": 2}, {"h": (1, 1)}, result="lower"),
            Trial({"n": 1, "sigma_w": Fraction(2, 5)}, {"h": (1,)}, result="lower"),
            Trial({"n": 2}, {"h": (0, 0)}, result="upper"),
            Trial({"n": 1}, {"h": (0,)}, result="upper"),
            Trial({"n": 2}, {"h": (3, Fraction(1, 2))}, "<=", result="lower"),
            Trial({"n": 2}, {"h": (3, Fraction(1, 2))}, ">=", result="upper"),
            # The law must vanish at 0: with a uniform law the floor fails.
            Trial(
                {"n": 1},
                {"h": (2,), "law": "uniform", "M": 1, "sigma_w": Fraction(8227, 10000)},
                "<",
                result="upper",
                share=16,
            ),
        ),
        why="both ends where they are attained; a law with positive density at 0 breaks the upper end",
        left_out=("n",),
    ),
    examples=(
        Example({"n": 2}, "0.151156292987048494053988411206", "lower"),
        Example({"n": 7}, "0.151156292987048494053988411206", "lower"),
        Example({"n": 2}, "1/3", "upper"),
        Example({"n": 1, "sigma_w": "2/5"}, "0.0782047986762245385953982789756", "lower"),
        Example({"n": 1, "sigma_w": "2/5"}, "1/4", "upper"),
    ),
)

_floor = ex.gate_floor()

ANY_LAW = Theorem(
    id="rai-gamma-floor-any-law",
    stem="rai",
    kind="lower bound",
    title="Floor of gamma for any law",
    meaning=(
        "gamma(h) = 1/2 - p(h) >= (1/2 - F_P(sqrt(n)/sigma_w))/(n+1) for every replacing law and every "
        "input; weaker than 1/(2(n+1)), which is special to Beta(2, 1)."
    ),
    lhs=_floor,
    relation="<=",
    rhs=HALF - Probability(DEAD_EVENT),
    results={"value": _floor},
    domain=d.layer(d.FAN_IN, d.SIGMA_W, *d.LAW, witness={"n": 2}),
    hypotheses=(d.SAMPLER, d.POSITIVE, d.INPUT),
    source=d.NEW,
    uses=("rai-unit-dead-probability", "rai-gate-function"),
    proof="proofs.rai:gamma_floor_any_law",
    witness=Witness(
        "relutheory.simulate.rai_designs:unit_gamma",
        (
            Trial({"n": 1}, {"h": (0,)}, "<="),
            Trial({"n": 2}, {"h": (0, 0)}, "<="),
            Trial({"n": 1, "law": "uniform", "M": 1}, {"h": (2,)}, "<="),
            Trial({"n": 1, "law": "exponential", "rate": Fraction(1, 4)}, {"h": (0,)}, "<="),
        ),
        why="inputs near 0, where the floor is nearly attained for laws with large X",
        left_out=("n",),
    ),
    examples=(
        Example({"n": 1}, "0.17442185350647575297"),
        Example({"n": 2}, "0.13759228510451490958"),
        Example({"n": 10}, "0.043814103496358455408"),
    ),
)

THEOREMS = (SAMPLER, GATE, UNIT_DEAD, RANGE, ANY_LAW)
