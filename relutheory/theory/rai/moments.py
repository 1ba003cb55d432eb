"""Second moments of signals under randomized asymmetric initialization, and the scales that they suggest."""

from __future__ import annotations

from fractions import Fraction

from sympy import Eq, Gt, Implies, Le, Limit, Lt, Max, Symbol, oo, sqrt

from relutheory.functions import (
    Expectation,
    MeanFieldGain,
    MeanFieldOpenFraction,
    OpenSecondMoment,
    SharpSigma,
)
from relutheory.theorems import Example, Theorem, Trial, Witness
from relutheory.theory.rai import expressions as ex
from relutheory.theory.rai import layer as d
from relutheory.theory.rai.layer import P, n, sigma_w

SIMULATOR = "relutheory.simulate.rai:"
DESIGNS = "relutheory.simulate.rai_designs:"
LAYER = (d.SAMPLER, d.POSITIVE, d.INPUT)
z = Symbol("z", real=True)
u = Symbol("u", positive=True)
_UNIFORM = {"law": "uniform", "M": 1}
_mu2_words = "E X^2 < 1: no sigma_w > 0 solves the equation otherwise"

_second = ex.second_moment()

SECOND = Theorem(
    id="rai-second-moment",
    stem="rai",
    kind="identity",
    title="Second moment of a preactivation",
    meaning=(
        "E[z^2 | h] = (sigma_w^2 + mu_2) u for every fan-in and every input; also with any vector of "
        "R^(n+1) in place of h~."
    ),
    lhs=Expectation(z**2),
    relation="=",
    rhs=(sigma_w**2 + d.mu2) * u,
    results={"value": _second},
    domain=d.layer(d.HIDDEN, d.SIGMA_W, *d.LAW, witness={"h": (1, 0)}),
    hypotheses=LAYER,
    source=d.PAPER,
    proof="proofs.rai:second_moment",
    witness=Witness(
        SIMULATOR + "second_moment",
        (
            Trial({"h": (1, 0)}),
            Trial({"h": (1, 0), "sigma_w": Fraction(1, 2), **_UNIFORM}),
            Trial({"h": (Fraction(1, 5), 3), "sigma_w": 1, "law": "exponential", "rate": 2}),
            Trial({"h": (0,), "law": "halfnormal", "s": 2}),
            Trial({"h": (2, 1, 1), "law": "constant", "c": Fraction(1, 2)}),
        ),
        why="four laws; fan-in n + 1 in the scale, or an excluded bias position, shifts the value",
    ),
    examples=(
        Example({"h": (0,)}, "0.43044866472446620831451934780"),
        Example({"h": (1, 0), "sigma_w": "1/2", **_UNIFORM}, "7/18"),
    ),
)

_positive_part = Expectation(Max(z, 0) ** 2)
_low, _upp = ex.c_low(), ex.c_upp()

BOUNDS = Theorem(
    id="rai-second-moment-bounds",
    stem="rai",
    kind="upper bound",
    title="Bounds of the second moment after the ReLU",
    meaning=(
        "C_low u <= E[max(z, 0)^2 | h] <= C_upp u for every input. C_upp is the mean of (X + max(sigma_w "
        "g, 0))^2, C_low half of that of X^2 + (sigma_w g)^2. At the default sigma_w, C_upp = 1."
    ),
    lhs=_positive_part,
    relation="<=",
    rhs=_upp * u,
    also=(Le(_low * u, _positive_part, evaluate=False),),
    results={"C_low": _low, "C_upp": _upp},
    domain=d.layer(d.SIGMA_W, *d.LAW, witness={}),
    hypotheses=LAYER,
    source=d.PAPER,
    uses=("rai-second-moment",),
    proof="proofs.rai:second_moment_bounds",
    witness=Witness(
        SIMULATOR + "gain_constant",
        (
            Trial({}, {"what": "C_upp"}, result="C_upp"),
            Trial({"sigma_w": Fraction(1, 2), **_UNIFORM}, {"what": "C_upp"}, result="C_upp"),
            Trial(
                {"sigma_w": 1, "law": "halfnormal", "s": Fraction(1, 2)}, {"what": "C_upp"}, result="C_upp"
            ),
            Trial({}, {"what": "C_low"}, result="C_low"),
            Trial({"sigma_w": Fraction(1, 2), **_UNIFORM}, {"what": "C_low"}, result="C_low"),
            Trial(
                {}, {"h": (1, 1), "what": "gain"}, ">=", result="C_upp", simulator=SIMULATOR + "second_moment"
            ),
            Trial(
                {}, {"h": (3, 0), "what": "gain"}, "<=", result="C_low", simulator=SIMULATOR + "second_moment"
            ),
        ),
        why="the constants as the means that they are, and layers on both sides of the bounds",
    ),
    examples=(
        Example({}, "1", "C_upp"),
        Example({}, "0.43044866472446620831451934780", "C_low"),
        Example({"sigma_w": "0.6007"}, "0.99994641544952081285", "C_upp"),
        Example({"sigma_w": "1/2", **_UNIFORM}, "7/24", "C_low"),
        Example({"sigma_w": "1/2", **_UNIFORM}, "0.657804473534049672303306", "C_upp"),
    ),
)

_gain = ex.post_activation_gain()

GAIN = Theorem(
    id="rai-post-activation-gain",
    stem="rai",
    kind="identity",
    title="Gain of the second moment after the ReLU",
    meaning=(
        "E[max(z, 0)^2 | h]/u, a mean over the replaced position with the same t_k as the dead "
        "probability. For Beta(2, 1), G(t) = (1 + t^2/2) Phi(t) + (t phi + t^3 phi - Phi + 1/2)/(2 t^2), "
        "which cancels for small t and is evaluated in another form."
    ),
    lhs=_positive_part / u,
    relation="=",
    rhs=_gain,
    results={"value": _gain},
    domain=d.layer(d.HIDDEN, d.SIGMA_W, witness={"h": (1, 0)}),
    hypotheses=(d.SAMPLER, d.BETA21, d.INPUT),
    source=d.NEW,
    uses=("rai-unit-dead-probability",),
    proof="proofs.rai:post_activation_gain",
    witness=Witness(
        SIMULATOR + "second_moment",
        (
            Trial({"h": (1, 0)}, {"what": "gain"}),
            Trial({"h": (5, 0, 0, 2)}, {"what": "gain"}),
            Trial({"h": (Fraction(1, 5), 3)}, {"what": "gain"}, share=4),
            Trial({"h": (0,)}, {"what": "gain"}),
            Trial({"h": (1, 2), "sigma_w": 1}, {"what": "gain"}),
        ),
        why="zeros, equal and unequal features",
    ),
    examples=(
        Example({"h": (1, 0)}, "0.762628647639913949644285"),
        Example({"h": (5, 0, 0, 2)}, "0.739054172578422904407646"),
        Example({"h": "0.2,3"}, "0.749793313613581289805162"),
    ),
)

_sharp_low, _sharp_upp = ex.sharp_low(), ex.c_sharp()

SHARP = Theorem(
    id="rai-second-moment-sharp",
    stem="rai",
    kind="upper bound",
    title="Sharp bounds of the gain",
    meaning=(
        "sigma_w^2/2 + mu_2 <= E[max(z, 0)^2 | h]/u <= C* with C* = E[(sigma_w^2 + X^2) Phi(X/sigma_w) + "
        "sigma_w X phi(X/sigma_w)]: the left side is attained at h = 0, the right one only at h = (1, "
        "..., 1); both are free of n."
    ),
    lhs=_positive_part / u,
    relation="<=",
    rhs=_sharp_upp,
    also=(
        Le(_sharp_low, _positive_part / u, evaluate=False),
        Le(_low, _sharp_low, evaluate=False),
        Le(_sharp_upp, _upp, evaluate=False),
    ),
    results={"lower": _sharp_low, "upper": _sharp_upp},
    domain=d.layer(d.SIGMA_W, *d.LAW, witness={}),
    hypotheses=LAYER,
    source=d.NEW,
    uses=("rai-second-moment-bounds",),
    proof="proofs.rai:second_moment_sharp",
    witness=Witness(
        SIMULATOR + "second_moment",
        (
            Trial({}, {"h": (1, 1, 1), "what": "gain"}, result="upper"),
            Trial({"sigma_w": 1}, {"h": (1,), "what": "gain"}, result="upper"),
            Trial({"sigma_w": 1, **_UNIFORM}, {"h": (1, 1), "what": "gain"}, result="upper"),
            Trial({"law": "exponential", "rate": 2}, {"h": (1,), "what": "gain"}, result="upper"),
            Trial({}, {"h": (0,), "what": "gain"}, result="lower"),
            Trial({"sigma_w": 1, **_UNIFORM}, {"h": (0, 0), "what": "gain"}, result="lower"),
        ),
        why="both ends where they are attained",
    ),
    examples=(
        Example({}, "0.83094559211251338415399012945062", "upper"),
        Example({}, "0.68044866472446620831451934780239", "lower"),
        Example({"sigma_w": 1}, "1", "lower"),
        Example({"sigma_w": 1}, "1.33331547058768629838306273857", "upper"),
    ),
)

_limit_low = 1 / (n + 1 - n * _sharp_low)
_limit_high = 1 / (n + 1 - n * _sharp_upp)
_now, _next = Symbol("E u_l", positive=True), Symbol("E u_(l+1)", positive=True)

RECURSION = Theorem(
    id="rai-second-moment-recursion",
    stem="rai",
    kind="recursion",
    title="Second moments from layer to layer",
    meaning=(
        "(n c E u_l + 1)/(n+1) <= E u_(l+1) <= (n C E u_l + 1)/(n+1) for any pair of bounds c, C of the "
        "gain. If C <= 1 then E u_(l+1) - 1 <= n/(n+1) (E u_l - 1): no explosion at any width. All limit "
        "points lie between the two results (the upper one exists for n C* < n + 1). C_upp = 1 does not "
        "mean that E u stays 1: it decays to a floor."
    ),
    lhs=_next,
    relation="<=",
    rhs=(n * _sharp_upp * _now + 1) / (n + 1),
    also=(
        Le((n * _sharp_low * _now + 1) / (n + 1), _next, evaluate=False),
        Implies(
            Le(_sharp_upp, 1, evaluate=False),
            Le(_next - 1, n * (_now - 1) / (n + 1), evaluate=False),
            evaluate=False,
        ),
    ),
    results={"limit_low": _limit_low, "limit_high": _limit_high},
    when={"limit_low": Lt(n * _sharp_low, n + 1), "limit_high": Lt(n * _sharp_upp, n + 1)},
    domain=d.layer(d.FAN_IN, d.SIGMA_W, *d.LAW, witness={"n": 2}),
    hypotheses=(*LAYER, "equal widths: layers l and l+1 have width n, and E u_l is finite"),
    source=d.PAPER,
    uses=("rai-second-moment-sharp",),
    proof="proofs.rai:second_moment_recursion",
    witness=Witness(
        DESIGNS + "second_moment_limit",
        (
            Trial({"n": 2}, {"what": "limit_low"}, result="limit_low"),
            Trial({"n": 2}, {"what": "limit_high"}, result="limit_high"),
            Trial({"n": 10}, {"what": "limit_low"}, result="limit_low"),
            Trial({"n": 10}, {"what": "limit_high"}, result="limit_high"),
            Trial(
                {"n": 1, "sigma_w": Fraction(1, 2), **_UNIFORM}, {"what": "limit_high"}, result="limit_high"
            ),
        ),
        why="the affine maps are simulated by one step at the inputs where the gain is extreme; their fixed "
        "points follow",
    ),
    examples=(
        Example({"n": 2}, "0.610089909538", "limit_low"),
        Example({"n": 2}, "0.747323377749", "limit_high"),
        Example({"n": 10}, "0.238349855172", "limit_low"),
        Example({"n": 10}, "0.371672037582", "limit_high"),
    ),
)

_scale = ex.sigma_w()

SIGMA_W = Theorem(
    id="rai-sigma-w",
    stem="rai",
    kind="design",
    title="Scale of randomized asymmetric initialization",
    meaning=(
        "C_upp = 1 exactly at the positive root of s^2/2 + sqrt(2/pi) mu_1 s + mu_2 - 1 = 0, which exists "
        "if and only if mu_2 < 1 (not for the exponential law with rate <= sqrt(2) or the half-normal law "
        "with s >= 1). 0.6007... for Beta(2, 1); it falls with mu_1 and mu_2 from the sqrt(2) of He at "
        "mu_1 = mu_2 = 0. C_upp is only an upper bound."
    ),
    lhs=_upp.subs(sigma_w, _scale),
    relation="=",
    rhs=1,
    also=(
        Gt(_scale, 0, evaluate=False),
        Implies(Eq(_upp, 1, evaluate=False), Eq(sigma_w, _scale, evaluate=False), evaluate=False),
        Eq(_scale.subs(P, ex.BETA21), d.SIGMA, evaluate=False),
    ),
    results={"value": _scale},
    domain=d.layer(*d.LAW, witness={}, constraints=((d.second_moment_below_one, _mu2_words),)),
    hypotheses=(d.POSITIVE, "solvable: mu_2 = E X^2 < 1"),
    source=d.PAPER,
    uses=("rai-second-moment-bounds",),
    proof="proofs.rai:sigma_w",
    witness=Witness(
        DESIGNS + "critical_scale",
        (
            Trial({}, {"what": "C_upp"}),
            Trial({**_UNIFORM}, {"what": "C_upp"}),
            Trial({"law": "halfnormal", "s": Fraction(1, 2)}, {"what": "C_upp"}),
            Trial({"law": "exponential", "rate": 3}, {"what": "C_upp"}),
            Trial({"law": "constant", "c": Fraction(1, 2)}, {"what": "C_upp"}),
        ),
        why="the scale at which the simulated constant crosses 1, by intervals at two scales",
    ),
    examples=(
        Example({}, "0.60074730914830772684080680065442827076657102420989"),
        Example(_UNIFORM, "0.8227320937364669130860996413"),
        Example({"law": "beta", "a": 3, "b": 1}, "0.4777364862216003784654057866"),
        Example({"law": "beta", "a": 2, "b": 2}, "0.8497189799457822807624347347"),
        Example({"law": "halfnormal", "s": "1/2"}, "0.9471233138083455279249214654"),
        Example({"law": "exponential", "rate": 3}, "1.0092996631056588699884671930"),
        Example({"law": "constant", "c": "1/2"}, "0.8891396048418523639538370173"),
    ),
)

_star = SharpSigma(P)

SHARP_SIGMA = Theorem(
    id="rai-sharp-sigma",
    stem="rai",
    kind="design",
    title="Sharp scale of randomized asymmetric initialization",
    meaning=(
        "E[u_(l+1) | h] <= max(1, u_l) for every input and every width if and only if C*(sigma_w) <= 1; "
        "the value is the largest such sigma_w, the root of C*(sigma_w) = 1 (C* increases with sigma_w). "
        "It lies between the sigma_w of C_upp = 1 and sqrt(2(1 - mu_2))."
    ),
    lhs=_star**2 * OpenSecondMoment(1 / _star, P),
    relation="=",
    rhs=1,
    also=(
        Le(_scale, _star, evaluate=False),
        Le(_star, sqrt(2 * (1 - d.mu2)), evaluate=False),
    ),
    results={"value": _star},
    domain=d.layer(*d.LAW, witness={}, constraints=((d.second_moment_below_one, _mu2_words),)),
    hypotheses=(d.POSITIVE, "solvable: mu_2 = E X^2 < 1"),
    source=d.NEW,
    uses=("rai-second-moment-sharp", "rai-sigma-w"),
    proof="proofs.rai:sharp_sigma",
    witness=Witness(
        DESIGNS + "critical_scale",
        (
            Trial({}, {"what": "upper"}),
            Trial({**_UNIFORM}, {"what": "upper"}),
            Trial({"law": "constant", "c": Fraction(1, 2)}, {"what": "upper"}),
        ),
        why="the scale at which the simulated gain at h = (1, ..., 1) crosses 1",
    ),
    examples=(
        Example({}, "0.75247786309619893941338345322"),
        Example(_UNIFORM, "0.92645456471689058028444783447"),
        Example({"law": "constant", "c": "1/2"}, "0.97049009601022072544565751757"),
    ),
)

_lam, _open = MeanFieldGain(sigma_w), MeanFieldOpenFraction(sigma_w)
_gain_at = Symbol("lambda_l", positive=True)

MEAN_FIELD = Theorem(
    id="rai-mean-field-gain",
    stem="rai",
    kind="recursion",
    title="Growth per layer at infinite width",
    meaning=(
        "H_1 = sqrt(2) max(g, 0), lambda_l = E max(X H_l + sigma_w g, 0)^2 and H_(l+1) = max(X H_l + "
        "sigma_w g, 0)/sqrt(lambda_l) in law; lambda_l tends to the growth per layer. At the default "
        "sigma_w it is 0.76..., so C_upp = 1 is an upper bound and not criticality; lambda = 1 at sigma_w "
        "= 0.8465135311102. The values are validated by two independent discretisations, not certified."
    ),
    lhs=Limit(_gain_at, Symbol("l", integer=True, positive=True), oo, "-"),
    relation="=",
    rhs=_lam,
    results={"gain": _lam, "open_fraction": _open},
    digits=12,
    domain=d.layer(d.SIGMA_W, witness={}),
    hypotheses=(
        d.BETA21,
        "mean field: n -> oo, the units of a layer are independent with the law of H_l, the bias term is "
        "negligible",
        "convergence: the law of H_l converges",
    ),
    source=d.NEW,
    proof="proofs.rai:mean_field_gain",
    witness=Witness(
        DESIGNS + "population_limit",
        (
            Trial({}, {"what": "gain"}, result="gain", slack=Fraction(1, 100), share=0.04),
            Trial(
                {"sigma_w": Fraction(8, 10)},
                {"what": "gain"},
                result="gain",
                slack=Fraction(1, 100),
                share=0.04,
            ),
            Trial(
                {},
                {"what": "open_fraction"},
                result="open_fraction",
                slack=Fraction(1, 100),
                share=0.04,
            ),
        ),
        why="populations of particles, whose self-normalisation has a bias of the order of one over their "
        "number; the slack is several times that",
    ),
    examples=(
        Example({}, "0.7645949602696", "gain"),
        Example({}, "0.6915843816960", "open_fraction"),
        Example({"sigma_w": "0.7"}, "0.851671498505", "gain"),
        Example({"sigma_w": "0.8"}, "0.950389137634", "gain"),
        Example({"sigma_w": "0.9"}, "1.059915732974", "gain"),
    ),
)

THEOREMS = (SECOND, BOUNDS, GAIN, SHARP, RECURSION, SIGMA_W, SHARP_SIGMA, MEAN_FIELD)
