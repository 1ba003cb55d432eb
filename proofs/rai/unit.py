"""The sampler, and the probability that a unit is dead on an input."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from sympy import Function, Sum, Symbol, sqrt

from proofs.certificates import Linear
from proofs.claims import (
    Between,
    Cases,
    Combination,
    Derivation,
    Identity,
    Instance,
    Inverse,
    Model,
    Step,
    Termwise,
    Witness,
    at,
)
from proofs.notation import eq, ge, gt, lt, step
from proofs.rai.common import HALF, k, top
from proofs.rai.convexity import SLOPE, a, s
from proofs.rai.convexity import t as real_t
from proofs.rai.gate import BETA21, SCALE, t
from relutheory.functions import GateFunction, LawMoment, Probability
from relutheory.theorems import theorem
from relutheory.theory.rai.layer import P, n, sigma_w
from relutheory.theory.rai.unit import DEAD_EVENT

__all__ = [
    "OPEN",
    "SHUT",
    "dead",
    "sampler",
    "share",
    "share_steps",
    "tau",
    "unit_dead_probability",
    "unit_dead_range",
    "unit_worlds",
]

dead, share, tau = Function("dead"), Function("share"), Function("tau")
DEATH = Probability(DEAD_EVENT)
OPEN, SHUT = lt(share(k), 1), ge(share(k), 1)


@cache
def sampler() -> Derivation:
    """An entry is the overwritten one with probability 1/(n+1), else Gaussian."""
    found = theorem("rai-sampler")
    second, negative, none = found.also
    first_mean, second_mean, below, replaced = (
        Symbol(name, real=True) for name in ("g_1", "g_2", "g_neg", "x_neg")
    )
    mu1, mu2 = LawMoment(1, P), LawMoment(2, P)

    def mixed(gauss: Any, other: Any) -> Any:
        return (n * gauss + other) / (n + 1)

    words = "an entry is overwritten with probability 1/(n + 1) and N(0, sigma_w^2/n) otherwise"
    layer, law = "RAI layer", "replacing law"
    return Derivation(
        found.id,
        (
            step("centre", eq(first_mean, 0), Model(layer, "a Gaussian entry has mean 0")),
            step("spread", eq(second_mean, sigma_w**2 / n), Model(layer, "its variance is sigma_w^2/n")),
            step("sign", eq(below, HALF), Model(layer, "it is negative with probability 1/2")),
            step(
                "positive", eq(replaced, 0), Model(law, "X is positive, so it is negative with probability 0")
            ),
            step("second-mixed", eq(second.lhs, mixed(second_mean, mu2)), Model(layer, words)),
            step("second", second, Combination(equalities=((1, "second-mixed"), (n / (n + 1), "spread")))),
            step("negative-mixed", eq(negative.lhs, mixed(below, replaced)), Model(layer, words)),
            step(
                "negative",
                negative,
                Combination(
                    equalities=((1, "negative-mixed"), (n / (n + 1), "sign"), (1 / (n + 1), "positive"))
                ),
            ),
            step("none", none, Model(law, "the overwritten entry of a row is positive")),
            step("mixed", eq(found.lhs, mixed(first_mean, mu1)), Model(layer, words)),
            step(
                "theorem",
                found.statement,
                Combination(equalities=((1, "mixed"), (n / (n + 1), "centre"))),
            ),
        ),
        Witness(
            {
                **dict.fromkeys(negative.lhs.args[0].free_symbols, 1),
                **dict.fromkeys(none.lhs.args[0].free_symbols, 0),
                P: 0,
                n: 4,
                sigma_w: HALF_SCALE,
                first_mean: 0,
                second_mean: Fraction(1, 16),
                below: Fraction(1, 2),
                replaced: 0,
            },
            {"LawMoment": lambda order, law_: Fraction(1, 2), "Probability": lambda e: e * Fraction(2, 5)},
        ),
    )


HALF_SCALE = Fraction(1, 2)


def share_steps(law: Any) -> tuple[Step, ...]:
    """The replaced position is uniform; the ratio at position k is that of its share of the norm."""
    layer, inputs = "RAI layer", "input"
    return (
        step(
            "mixture",
            eq(DEATH, Sum(dead(k), (k, 0, n)) / (n + 1)),
            Model(layer, "the overwritten position is uniform on 0..n; dead(k) is the probability given it"),
        ),
        step("share-low", ge(share(k), 0), Model(inputs, "share(k) is ht_k^2 over the squared norm of ht")),
        step("share-high", ge(1, share(k)), Model(inputs, "one square is at most the squared norm")),
        step(
            "shares", eq(Sum(share(k), (k, 0, n)), 1), Model(inputs, "the squares add up to the squared norm")
        ),
        step(
            "tau-low",
            ge(tau(k), 0),
            Model(inputs, "tau(k) = ht_k over the deviation of the rest, and ht >= 0"),
        ),
        step(
            "tau",
            eq(sigma_w**2 * tau(k) ** 2 * (1 - share(k)), n * share(k)),
            Model(layer, "the rest of the row gives a Gaussian with variance sigma_w^2/n (|ht|^2 - ht_k^2)"),
            OPEN,
        ),
        step(
            "open",
            eq(dead(k), GateFunction(tau(k), law)),
            Model(layer, "given X the unit is dead if a standard normal is at most -tau(k) X"),
            OPEN,
        ),
        step(
            "shut",
            eq(dead(k), 0),
            Model(layer, "if all other coordinates vanish, z = X ht_k is positive"),
            SHUT,
        ),
    )


def unit_worlds(law_point: dict[Any, Any]) -> tuple[Witness, tuple[Witness, ...]]:
    """h = (1), where both shares are 1/2, and h = (0), where all of the norm is in the bias."""
    point = {DEAD_EVENT: 1, n: 1, sigma_w: HALF_SCALE, P: 0, **law_point}
    near = Witness(
        point,
        {
            "Probability": lambda e: Fraction(1, 10),
            "dead": lambda i: Fraction(1, 10),
            "share": lambda i: Fraction(1, 2),
            "tau": lambda i: 2,
        },
        {k: (0, 1)},
    )
    far = Witness(
        point,
        {
            "Probability": lambda e: Fraction(1, 4),
            "dead": lambda i: Fraction(1, 2) if i == 0 else 0,
            "share": lambda i: Fraction(0) if i == 0 else Fraction(1),
            "tau": lambda i: 0 if i == 0 else 1,
        },
        {k: (0, 1)},
    )
    return near, (far,)


@cache
def unit_dead_range() -> Derivation:
    """Above: the floor of the gate function. Below: its tangent in the shares at ``1/(n+1)``."""
    found = theorem("rai-unit-dead-range")
    (upper,) = found.also
    scale = sigma_w / sqrt(n)
    place = {a: 1 / sigma_w, s: scale}
    best = GateFunction(1 / sigma_w, BETA21)
    node = GateFunction(tau(k), BETA21)
    slope = SLOPE.subs(place, simultaneous=True)
    weight = 1 + scale**2 * tau(k) ** 2
    high = (1 - share(k)) / 2
    low = best + slope * ((1 - share(k)) - n / (n + 1))
    ones, shares = Sum(1, (k, 0, n)), Sum(share(k), (k, 0, n))
    near, others = unit_worlds({})
    inverse = (Inverse(gt(sigma_w, 0)),) * 2
    return Derivation(
        found.id,
        (
            *share_steps(BETA21),
            step(
                "small",
                ge(1 + 2 * scale - 5 * scale**2, 0),
                Model("small scale", "(1 + sqrt(6))/5 is the positive root of 1 + 2 s - 5 s^2"),
            ),
            step("count", eq(ones, n + 1), Instance(at("lemma:count", {top: n}))),
            step("small-square", ge(SCALE, scale**2), Instance(at("lemma:gate-small", {s: scale}, "small"))),
            step("nonneg", ge(node, 0), Instance(at("lemma:gate-nonneg", {t: tau(k), P: BETA21}, "tau-low"))),
            step(
                "floor",
                ge(HALF, (1 + SCALE * tau(k) ** 2) * node),
                Instance(at("lemma:gate-floor", {t: tau(k)}, "tau-low")),
            ),
            # (1-r)/2 - F = (1-r)(1/2 - (1 + c t^2) F) + F r (c n/sigma_w^2 - 1)
            step(
                "high-open",
                ge(high, dead(k)),
                Combination(
                    (
                        (1, ("share-high", "floor")),
                        (1, ("nonneg", "share-low", "small-square", gt(n, 0), *inverse)),
                    ),
                    ((-1, "open"), (node * SCALE / sigma_w**2, "tau")),
                ),
                OPEN,
            ),
            step(
                "high-shut", ge(high, dead(k)), Combination(((HALF, ("share-high",)),), ((-1, "shut"),)), SHUT
            ),
            step("high", ge(high, dead(k)), Cases(((OPEN, "high-open"), (SHUT, "high-shut")))),
            step("high-sum", ge(Sum(high, (k, 0, n)), Sum(dead(k), (k, 0, n))), Termwise("high")),
            step("high-total", eq(Sum(high, (k, 0, n)), ones / 2 - shares / 2), Linear()),
            step(
                "upper",
                upper,
                Combination(
                    ((1, ("high-sum", Inverse(gt(n + 1, 0)))),),
                    (
                        (-1, "mixture"),
                        (-1 / (n + 1), "high-total"),
                        (-1 / (2 * (n + 1)), "count"),
                        (1 / (2 * (n + 1)), "shares"),
                    ),
                ),
            ),
            step(
                "weight",
                gt(weight, 0),
                Combination(
                    ((1, ()), (1, (gt(sigma_w, 0), gt(sigma_w, 0), ge(tau(k) ** 2, 0), Inverse(gt(n, 0)))))
                ),
            ),
            step(
                "tangent",
                ge(node, best + slope * (1 / weight - n / (n + 1))),
                Instance(at("lemma:gate-tangent", {real_t: tau(k), **place}, "small", "tau-low")),
            ),
            step(
                "low-open",
                ge(dead(k), low),
                Combination(
                    ((1, ("tangent",)),),
                    ((1, "open"), (-slope / (n * weight), "tau")),
                    ("weight",),
                ),
                OPEN,
            ),
            step("end", ge(slope * n / (n + 1), best), Instance(at("lemma:gate-end", place, "small"))),
            step("one", eq(share(k), 1), Between(SHUT, "share-high"), SHUT),
            step(
                "low-shut",
                ge(dead(k), low),
                Combination(((1, ("end",)),), ((1, "shut"), (slope, "one"))),
                SHUT,
            ),
            step("low", ge(dead(k), low), Cases(((OPEN, "low-open"), (SHUT, "low-shut")))),
            step("low-sum", ge(Sum(dead(k), (k, 0, n)), Sum(low, (k, 0, n))), Termwise("low")),
            step(
                "low-total",
                eq(Sum(low, (k, 0, n)), (best + slope / (n + 1)) * ones - slope * shares),
                Linear(),
            ),
            step(
                "theorem",
                found.statement,
                Combination(
                    ((1, ("low-sum", Inverse(gt(n + 1, 0)))),),
                    (
                        (1, "mixture"),
                        (1 / (n + 1), "low-total"),
                        ((best + slope / (n + 1)) / (n + 1), "count"),
                        (-slope / (n + 1), "shares"),
                    ),
                ),
            ),
        ),
        near,
        others=others,
    )


@cache
def unit_dead_probability() -> Derivation:
    """Condition on the overwritten position and its number; the bias coordinate makes it less than 1/2."""
    found = theorem("rai-unit-dead-probability")
    (below,) = found.also
    (total,) = found.rhs.atoms(Sum)
    node, last = GateFunction(tau(k), P), {k: n}
    whole, most = Sum(dead(k), (k, 0, n)), Sum(dead(k), (k, 0, n - 1))
    half = Sum(HALF, (k, 0, n - 1))
    open_last, shut_last = lt(share(n), 1), ge(share(n), 1)
    near, others = unit_worlds({})
    return Derivation(
        found.id,
        (
            *share_steps(P),
            step(
                "bias-ratio",
                gt(tau(n), 0),
                Model("input", "the last coordinate of ht is 1, so its ratio to the rest is positive"),
                open_last,
            ),
            step("half", ge(HALF, node), Instance(at("lemma:gate-half", {t: tau(k)}, "tau-low"))),
            step("most-open", ge(HALF, dead(k)), Combination(((1, ("half",)),), ((-1, "open"),)), OPEN),
            step("most-shut", ge(HALF, dead(k)), Combination(((HALF, ()),), ((-1, "shut"),)), SHUT),
            step("most", ge(HALF, dead(k)), Cases(((OPEN, "most-open"), (SHUT, "most-shut")))),
            step("most-sum", ge(half, most), Termwise("most")),
            step("half-sum", eq(half, Sum(1, (k, 0, n - 1)) / 2), Linear()),
            step("count", eq(Sum(1, (k, 0, n - 1)), n), Instance(at("lemma:count", {top: n - 1}))),
            step(
                "strict",
                gt(HALF, GateFunction(tau(n), P)),
                Instance(at("lemma:gate-strict", {t: tau(n)}, "bias-ratio", at("tau-low", last))),
                open_last,
            ),
            step(
                "last-open",
                gt(HALF, dead(n)),
                Combination(((1, ("strict",)),), ((-1, at("open", last)),)),
                open_last,
            ),
            step(
                "last-shut",
                gt(HALF, dead(n)),
                Combination(((HALF, ()),), ((-1, at("shut", last)),)),
                shut_last,
            ),
            step("last", gt(HALF, dead(n)), Cases(((open_last, "last-open"), (shut_last, "last-shut")))),
            step("split", eq(whole, most + dead(n)), Identity()),
            # 1/2 - p = ((n/2 - sum over the weights) + (1/2 - dead(n)))/(n+1)
            step(
                "below",
                below,
                Combination(
                    ((1, ("most-sum", Inverse(gt(n + 1, 0)))), (1, ("last", Inverse(gt(n + 1, 0))))),
                    (
                        (-1, "mixture"),
                        (-1 / (n + 1), "split"),
                        (-1 / (n + 1), "half-sum"),
                        (-1 / (2 * (n + 1)), "count"),
                    ),
                ),
            ),
            step(
                "term",
                eq(dead(k), total.function),
                Model("RAI layer", "tau(k) in the coordinates of ht, and 0 where all others vanish"),
            ),
            step("sum", eq(whole, total), Termwise("term")),
            step(
                "theorem",
                found.statement,
                Combination(equalities=((1, "mixture"), (1 / (n + 1), "sum"))),
            ),
        ),
        near,
        others=others,
    )
