"""Enclosures of the field's own special functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flint import arb, arb_mat, ctx

from relutheory import functions as f
from relutheory.evaluate import bivariate, dynamics, gaussian, replacing_laws
from relutheory.evaluate.arithmetic import Balls, NotExact, Number
from relutheory.evaluate.orbits import orbit

if TYPE_CHECKING:
    from relutheory.evaluate.tree import Tree

__all__ = ["SPECIAL"]


def _need_balls(tree: Tree) -> None:
    """Refuse exact arithmetic: the function has no rational values that are worth finding."""
    if not isinstance(tree.arithmetic, Balls):
        raise NotExact


def q_pochhammer(tree: Tree, node: Any) -> Number:
    """Partial product, then ``1 - a q^K / (1-q) <= tail <= 1``."""
    _need_balls(tree)
    a, q = (tree.value(x) for x in node.args)
    if not (a >= 0 and a <= 1 and q >= 0 and q < 1):
        raise TypeError(f"{node} needs 0 <= a <= 1 and 0 <= q < 1")
    product, factor = arb(1), a
    while True:
        tail = factor / (1 - q)
        # Stop when the tail is below the rounding of the product itself.
        if not factor > 0 or tail.upper() < product.rad() / 2 or tail.upper() < arb(2) ** -int(ctx.prec):
            return product * (1 - tail).union(arb(1))
        product *= 1 - factor
        factor *= q


def _plain(function: Callable[..., arb]) -> Callable[[Tree, Any], Number]:
    """Enclosure of a function whose arguments are real numbers."""

    def enclose(tree: Tree, node: Any) -> Number:
        _need_balls(tree)
        return function(*(tree.value(x) for x in node.args))

    return enclose


def _indexed(function: Callable[..., arb], indices: int) -> Callable[[Tree, Any], Number]:
    """Enclosure of a function whose first arguments are integers."""

    def enclose(tree: Tree, node: Any) -> Number:
        _need_balls(tree)
        orders = (tree.integer(x) for x in node.args[:indices])
        return function(*orders, *(tree.value(x) for x in node.args[indices:]))

    return enclose


def exactly_half(tree: Tree, node: Any) -> Number:
    """``Phi(0) = 1/2`` is exact; other values are balls."""
    if not isinstance(tree.arithmetic, Balls):
        if tree.value(node.args[0]) == 0:
            return tree.arithmetic.number(1) / tree.arithmetic.number(2)
        raise NotExact
    return gaussian.cdf(tree.value(node.args[0]))


def ordered_eigenvalue(tree: Tree, node: Any) -> Number:
    """Eigenvalue of a symmetric matrix; the others of the same matrix are kept."""
    _need_balls(tree)
    k, size, entry, i, j = node.args
    key = ("eigenvalues", size, entry)
    if key not in tree.known:
        count = tree.integer(size)
        rows = [[tree.bound({i: p, j: q}).value(entry) for q in range(p + 1)] for p in range(count)]
        full = [[rows[max(p, q)][min(p, q)] for q in range(count)] for p in range(count)]
        tree.known[key] = gaussian.symmetric_eigenvalues(arb_mat(full))
    return tree.known[key][tree.integer(k)]


def _law(tree: Tree, node: Any) -> Any:
    """Law of the replacing number, from its node or from the symbol that is bound to it."""
    node = tree.bindings.get(node, node)
    kinds = {
        f.BetaLaw: replacing_laws.Beta,
        f.UniformLaw: replacing_laws.Uniform,
        f.HalfNormalLaw: replacing_laws.HalfNormal,
        f.ExponentialLaw: replacing_laws.Exponential,
        f.ConstantLaw: replacing_laws.Constant,
    }
    if type(node) not in kinds:
        raise TypeError(f"{node} is no law of a replacing number")
    return kinds[type(node)](*(tree.value(a) for a in node.args))


def law_moment(tree: Tree, node: Any) -> Number:
    """Moments have elementary forms, often rational."""
    order, law = node.args
    return tree.value(tree.bindings.get(law, law).moment(tree.integer(order)))


def gate(tree: Tree, node: Any) -> Number:
    """``F_P(0) = 1/2`` is exact; other values are balls."""
    t, law = node.args
    if not isinstance(tree.arithmetic, Balls):
        if tree.value(t) == 0:
            return tree.arithmetic.number(1) / tree.arithmetic.number(2)
        raise NotExact
    return replacing_laws.gate(tree.value(t), _law(tree, law))


def open_second_moment(tree: Tree, node: Any) -> Number:
    """``E J_2(t X)``."""
    _need_balls(tree)
    return replacing_laws.open_second_moment(tree.value(node.args[0]), _law(tree, node.args[1]))


def sharp_sigma(tree: Tree, node: Any) -> Number:
    """Root of an increasing function."""
    _need_balls(tree)
    return replacing_laws.sharp_sigma(_law(tree, node.args[0]))


def second_layer_death(tree: Tree, node: Any) -> Number:
    """Certified quadrature, for width 2 of seconds: recent values are kept."""
    _need_balls(tree)
    x, sigma = (tree.value(a) for a in node.args[1:])
    return _second_layer(tree.integer(node.args[0]), _key(x), _key(sigma), int(ctx.prec))


def _key(value: arb) -> tuple[Any, Any]:
    return value.mid().man_exp(), value.rad().man_exp()


def _from_key(key: tuple[Any, Any]) -> arb:
    middle, radius = (arb(man) * arb(2) ** exponent for man, exponent in key)
    return arb(middle, radius)


@lru_cache(maxsize=64)
def _second_layer(width: int, x: Any, sigma: Any, bits: int) -> arb:
    from relutheory.evaluate.second_layer import second_layer_death as enclose

    with ctx.workprec(bits):
        return enclose(width, _from_key(x), _from_key(sigma))


def mean_field(tree: Tree, node: Any) -> Number:
    """Validated, not certified; both numbers of a point are kept."""
    _need_balls(tree)
    tree.mark_validated()
    found = _mean_field(_key(tree.value(node.args[0])), engine_digits(), int(ctx.prec))
    return found[0 if isinstance(node, f.MeanFieldGain) else 1]


@lru_cache(maxsize=64)
def _mean_field(sigma: Any, digits: int, bits: int) -> tuple[arb, arb]:
    from relutheory.evaluate.mean_field import mean_field_gain

    with ctx.workprec(bits):
        return mean_field_gain(_from_key(sigma), digits)


def engine_digits() -> int:
    """Digits that the working precision was chosen for."""
    # One digit more, so that the last one asked for rounds.
    return max(1, math.ceil((int(ctx.prec) - 40) / 3.3219280948873626)) + 1


SPECIAL: dict[type, Callable[[Tree, Any], Number]] = {
    f.QPochhammer: q_pochhammer,
    f.Phi: exactly_half,
    f.phi: _plain(gaussian.density),
    f.MillsRatio: _plain(gaussian.mills_ratio),
    f.RampMoment: _indexed(gaussian.ramp_moment, 1),
    f.RampRatio: _indexed(gaussian.ramp_ratio, 1),
    f.TruncatedMoment: _indexed(gaussian.truncated_moment, 1),
    f.BivariateCDF: _plain(bivariate.bivariate_cdf),
    f.QuadrantMoment: _indexed(bivariate.quadrant_moment, 2),
    f.OrderedEigenvalue: ordered_eigenvalue,
    f.LawMoment: law_moment,
    f.GateFunction: gate,
    f.OpenSecondMoment: open_second_moment,
    f.SharpSigma: sharp_sigma,
    f.SecondLayerDeath: second_layer_death,
    f.MeanFieldGain: mean_field,
    f.MeanFieldOpenFraction: mean_field,
    f.Orbit: orbit,
    f.InverseErfi: _plain(dynamics.inverse_erfi),
    f.BiasEscapeTime: _plain(dynamics.escape_time),
    f.LinearSolution: dynamics.linear_solution,
    f.SmallestPencilRoot: dynamics.smallest_pencil_root,
}
