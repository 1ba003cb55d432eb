"""Loss of a collapsed network: mean and variance of the targets of the training experiments."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sympy import Eq, Expr, Piecewise, Rational, Symbol, cos, sin

from relutheory.domain import Bindings, Domain, Parameter, RealSet, WordSet
from relutheory.functions import Event, Expectation
from relutheory.theorems import Display, Example, Theorem, Trial, Witness
from relutheory.theory.rai import layer as d

r = Symbol("r", positive=True)
#: Number of the target.
k = Symbol("k", integer=True, positive=True)
f = Symbol("f", real=True)
TARGETS = ("f1", "f2", "f3", "f4")

_mean_2 = (sin(5 * r) / 25 - r * cos(5 * r) / 5) / r
_square_2 = (r**3 / 6 - r**2 * sin(10 * r) / 20 - r * cos(10 * r) / 100 + sin(10 * r) / 1000) / r
_spread_3 = Rational(1, 4) + (1 - cos(5 * r)) / (25 * r) + (Rational(1, 2) - sin(10 * r) / (20 * r)) / 25


def _by_target(*values: Expr) -> Any:
    cases = [(value, Eq(k, i + 1)) for i, value in enumerate(values[:-1])]
    return Piecewise(*cases, (values[-1], True))


_mean = _by_target(r / 2, _mean_2, Rational(1, 2), 2 * r / 3)
_variance = _by_target(r**2 / 12, _square_2 - _mean_2**2, _spread_3, 2 * r**2 / 9)


_v2 = Symbol("v_2")
_where = (
    r"v_2 = \frac{r^2}{6} - \frac{r \sin 10 r}{20} - \frac{\cos 10 r}{100} + \frac{\sin 10 r}{1000 r} "
    r"- \left(\frac{\sin 5 r}{25 r} - \frac{\cos 5 r}{5}\right)^2"
)
_printed = _by_target(r**2 / 12, _v2, _spread_3, 2 * r**2 / 9)
_DISPLAY = Display(
    {0: Eq(Expectation(Event("(f_k(x) - E f_k(x))^2")), _printed, evaluate=False), "variance": _printed},
    {_v2: _square_2 - _mean_2**2},
    _where,
)


def _derive(exact: Mapping[str, Any]) -> Bindings:
    return {k: TARGETS.index(exact["target"]) + 1}


COLLAPSED = Theorem(
    id="rai-collapsed-loss",
    stem="rai",
    kind="identity",
    title="Loss of a collapsed network",
    meaning=(
        "A collapsed network is constant; with squared loss the best constant is the mean of the target "
        "and its loss is the variance. Targets f_1 = |x|, f_2 = x sin 5x, f_3 = 1(x > 0) + 0.2 sin 5x, "
        "f_4 = (|x1 + x2|, |x1 - x2|) (per output), with every coordinate uniform on [-r, r]."
    ),
    lhs=Expectation(Event("f_k(x)")),
    relation="=",
    rhs=_mean,
    also=(Eq(Expectation(Event("(f_k(x) - E f_k(x))^2")), _variance, evaluate=False),),
    display=_DISPLAY,
    results={"mean": _mean, "variance": _variance},
    domain=Domain(
        (
            Parameter("target", Symbol("target"), WordSet(TARGETS), "target function f_k, k = 1, 2, 3, 4"),
            Parameter(
                "r", r, RealSet(Fraction(0), None, "()"), "half-width of the domain of each coordinate"
            ),
        ),
        {"target": "f1", "r": 1},
        derive=_derive,
    ),
    hypotheses=(
        "targets: f_1 = |x|, f_2 = x sin 5x, f_3 = 1(x > 0) + 0.2 sin 5x, f_4 = one of |x1 + x2|, |x1 - x2|",
        "uniform inputs: the coordinates of x are independent and uniform on [-r, r]",
    ),
    source=d.NEW,
    proof="proofs.rai:collapsed_loss",
    witness=Witness(
        "relutheory.simulate.rai:collapsed_loss",
        (
            Trial({"target": "f1", "r": "sqrt(3)"}, {"what": "mean"}, result="mean"),
            Trial({"target": "f2", "r": "sqrt(3)"}, {"what": "mean"}, result="mean"),
            Trial({"target": "f3", "r": 1}, {"what": "mean"}, result="mean"),
            Trial({"target": "f4", "r": 2}, {"what": "mean"}, result="mean"),
            Trial({"target": "f1", "r": "sqrt(3)"}, {"what": "variance"}, result="variance"),
            Trial({"target": "f2", "r": "sqrt(3)"}, {"what": "variance"}, result="variance"),
            Trial({"target": "f2", "r": Fraction(1, 2)}, {"what": "variance"}, result="variance"),
            Trial({"target": "f2", "r": Fraction(1, 10)}, {"what": "variance"}, result="variance"),
            Trial({"target": "f3", "r": "sqrt(7)"}, {"what": "variance"}, result="variance"),
            Trial({"target": "f3", "r": Fraction(1, 2)}, {"what": "variance"}, result="variance"),
            Trial({"target": "f3", "r": Fraction(1, 10)}, {"what": "variance"}, result="variance"),
            Trial({"target": "f4", "r": 1}, {"what": "variance"}, result="variance"),
        ),
        why="two domains for the targets with sines, whose terms change places between them",
    ),
    examples=(
        Example({"target": "f1", "r": "sqrt(3)"}, "1/4", "variance"),
        Example({"target": "f2", "r": "sqrt(3)"}, "0.160327919162767991907", "mean"),
        Example({"target": "f2", "r": "sqrt(3)"}, "0.559827827603326855488", "variance"),
        Example({"target": "f3", "r": "sqrt(3)"}, "0.310914929327874967963", "variance"),
        Example({"target": "f4", "r": "sqrt(3)"}, "2/3", "variance"),
        Example({"target": "f1", "r": "sqrt(7)"}, "7/12", "variance"),
        Example({"target": "f3", "r": "sqrt(7)"}, "0.272464002706932367841", "variance"),
    ),
)

THEOREMS = (COLLAPSED,)
