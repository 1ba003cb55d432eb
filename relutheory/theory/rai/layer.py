"""Domain of the statements about randomized asymmetric initialization: laws, scales, inputs, conventions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import Expr, IndexedBase, Rational, Symbol, pi, sqrt

from relutheory.domain import Bindings, Domain, IntegerSet, Parameter, RealSet, VectorSet, WordSet
from relutheory.functions import (
    BetaLaw,
    Components,
    ConstantLaw,
    ExponentialLaw,
    HalfNormalLaw,
    LawMoment,
    UniformLaw,
)
from relutheory.references import Source
from relutheory.sets import RepeatedWidths

__all__ = [
    "BETA21",
    "FAN_IN",
    "INPUT",
    "LAW",
    "NEW",
    "PAPER",
    "SIGMA",
    "SIGMA_W",
    "SMALL_SIGMA",
    "P",
    "h",
    "ht",
    "layer",
    "mu1",
    "mu2",
    "n",
    "norm2",
    "second_moment_below_one",
    "sigma_w",
    "small_sigma",
]

PAPER = Source("LuShinSuKarniadakis2020", "re-derived")
NEW = Source("LuShinSuKarniadakis2020", "new here")

#: Fan-in, Gaussian scale, law of the replacing number.
n = Symbol("n", integer=True, positive=True)
sigma_w = Symbol("sigma_w", positive=True)
P = Symbol("P")
#: Input of the layer, the same with a 1 for the bias, and the squared norm of the latter.
h = IndexedBase("h")
ht = IndexedBase(r"\tilde{h}")
norm2 = Symbol("H", positive=True)

mu1, mu2 = LawMoment(1, P), LawMoment(2, P)

SAMPLER = (
    "RAI layer: the n + 1 entries of a row (n weights and the bias) are independent N(0, sigma_w^2/n); "
    "then one position, uniform over all n + 1, is overwritten by X ~ P, independently over rows"
)
POSITIVE = "replacing law: X ~ P is positive"
INPUT = (
    "input: h >= 0 is the input of the layer, ht = (h, 1), H is the squared norm of ht and u = H/(n+1); dead "
    "means z <= 0"
)
BETA21 = "Beta(2, 1): P has density 2x on (0, 1)"
SMALL_SIGMA = (
    "small scale: sigma_w/sqrt(n) <= (1 + sqrt(6))/5 = 0.68989..., true for the default sigma_w and every n"
)

#: The scale at which C_upp = 1 for Beta(2, 1), 0.6007473...
SIGMA: Expr = sqrt(1 + 8 / (9 * pi)) - 2 * sqrt(2) / (3 * sqrt(pi))

FAN_IN = Parameter("n", n, IntegerSet(1), "fan-in of the layer")
SIGMA_W = Parameter(
    "sigma_w",
    sigma_w,
    RealSet(Fraction(0), None, "()"),
    "Gaussian scale; entries have standard deviation sigma_w/sqrt(n)",
    "sqrt(1+8/(9 pi)) - 2 sqrt(2)/(3 sqrt(pi)) = 0.60074730914830772684...",
    SIGMA,
)
HIDDEN = Parameter("h", h, VectorSet(Fraction(0)), "input of the layer, numbers >= 0")

_WORDS = ("beta", "uniform", "halfnormal", "exponential", "constant")
_ABOVE_ZERO = RealSet(Fraction(0), None, "()")


def _of(name: str, word: str, doc: str, default: str | None = None) -> Parameter:
    return Parameter(name, Symbol(f"{name}_P"), _ABOVE_ZERO, doc, default, only=("law", (word,)))


LAW = (
    Parameter("law", Symbol("law"), WordSet(_WORDS), "law P of the replacing number", "beta"),
    _of("a", "beta", "first parameter of Beta(a, b)", "2"),
    _of("b", "beta", "second parameter of Beta(a, b)", "1"),
    _of("M", "uniform", "upper end of the uniform law on (0, M)"),
    _of("s", "halfnormal", "scale of s|g|, g ~ N(0, 1)"),
    _of("rate", "exponential", "rate of the exponential law"),
    _of("c", "constant", "value of the constant law"),
)


def law_of(exact: Mapping[str, Any]) -> Any:
    """Law of the replacing number, from the parameters; Beta(2, 1) where they do not name one."""
    word = exact.get("law", "beta")
    if word == "beta":
        return BetaLaw(_number(exact.get("a", Fraction(2))), _number(exact.get("b", Fraction(1))))
    name = {"uniform": "M", "halfnormal": "s", "exponential": "rate", "constant": "c"}[word]
    kind = {
        "uniform": UniformLaw,
        "halfnormal": HalfNormalLaw,
        "exponential": ExponentialLaw,
        "constant": ConstantLaw,
    }[word]
    return kind(_number(exact[name]))


def _number(value: Any) -> Any:
    return value.sympy() if hasattr(value, "sympy") else Rational(value.numerator, value.denominator)


def derive(exact: Mapping[str, Any]) -> Bindings:
    """Bindings of the law, of ``h~`` and of its squared norm."""
    found: Bindings = {P: law_of(exact)}
    if "sigma_w" not in exact:
        found[sigma_w] = SIGMA
    if "h" in exact:
        full = (*exact["h"], Fraction(1))
        found |= {n: len(exact["h"]), ht: Components(full), norm2: sum((v * v for v in full), Fraction(0))}
    return found


def layer(*parameters: Parameter, witness: Mapping[str, Any], constraints: Sequence[Any] = ()) -> Domain:
    """Domain of a statement about one layer or about a scale."""
    return Domain(parameters, witness, tuple(constraints), derive=derive)


def second_moment_below_one(exact: Mapping[str, Any]) -> bool:
    """Whether ``E X**2 < 1``."""
    return bool(law_of(exact).moment(2) < 1)


def small_sigma(exact: Mapping[str, Any]) -> bool:
    """Whether ``sigma_w/sqrt(n) <= (1 + sqrt(6))/5`` for every fan-in that occurs."""
    scale = exact.get("sigma_w", SIGMA)
    scale = scale if isinstance(scale, Expr) else _number(scale)
    widths = exact.get("widths")
    # RAI layers 2, 3, ... of the bound have fan-ins N_1, ..., N_(L-2).
    if "n" in exact:
        fan_ins = {exact["n"]}
    elif isinstance(widths, RepeatedWidths):
        fan_ins = {widths.width}
    else:
        fan_ins = set(tuple(widths or (1, 1))[:-1])
    return all(bool(scale / sqrt(k) <= (1 + sqrt(6)) / 5) for k in fan_ins)
