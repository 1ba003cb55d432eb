"""Second moments under randomized asymmetric initialization, and the scale that keeps the bound at one."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from sympy import Function, Integral, Max, Rational, Sum, Symbol, pi, sqrt

from proofs.certificates import Apply, Integrate, Linear, Unfold
from proofs.claims import (
    Combination,
    Derivation,
    Identity,
    Instance,
    Inverse,
    Leibniz,
    Logic,
    Model,
    Square,
    Step,
    Termwise,
    Witness,
    at,
)
from proofs.notation import eq, ge, gt, le, step
from proofs.rai.common import in_words, k, top
from proofs.rai.gate import BETA21
from relutheory.functions import Expectation, LawMoment
from relutheory.theorems import theorem
from relutheory.theory.rai.layer import P, ht, n, norm2, sigma_w
from relutheory.theory.rai.moments import u, z

__all__ = [
    "mean_field_gain",
    "post_activation_gain",
    "scale_steps",
    "second_moment",
    "second_moment_recursion",
    "sigma_w_design",
]

MU1, MU2 = LawMoment(1, P), LawMoment(2, P)
#: ``E[max(z, 0)^2 | h]``.
MEAN = Expectation(Max(z, 0) ** 2)
x = Symbol("x", real=True)
#: ``C_upp - 1 = (s + B - ROOT)(s + B + ROOT)/2``.
B, ROOT = sqrt(2 / pi) * MU1, sqrt(2 * MU1**2 / pi + 2 * (1 - MU2))


@cache
def second_moment() -> Derivation:
    """The overwritten position contributes ``mu_2 ht_k^2``, the others their variance."""
    found = theorem("rai-second-moment")
    squares, ones = Sum(ht[k] ** 2, (k, 0, n)), Sum(1, (k, 0, n))
    term = sigma_w**2 / n * (norm2 - ht[k] ** 2) + MU2 * ht[k] ** 2
    whole = Sum(term, (k, 0, n))
    return Derivation(
        found.id,
        (
            step(
                "mixture",
                eq(found.lhs, whole / (n + 1)),
                Model(
                    "RAI layer",
                    "the overwritten position is uniform; given it, z is X ht_k plus a centred Gaussian of "
                    "variance sigma_w^2/n (H - ht_k^2)",
                ),
            ),
            step("norm", eq(norm2, squares), Model("input", "H is the squared norm of ht")),
            step("scaled", eq(u, norm2 / (n + 1)), Model("input", "u = H/(n+1)")),
            step("count", eq(ones, n + 1), Instance(at("lemma:count", {top: n}))),
            step(
                "linear",
                eq(whole, sigma_w**2 / n * norm2 * ones + (MU2 - sigma_w**2 / n) * squares),
                Linear(),
            ),
            step(
                "theorem",
                found.statement,
                Combination(
                    equalities=(
                        (1, "mixture"),
                        (1 / (n + 1), "linear"),
                        (sigma_w**2 * norm2 / (n * (n + 1)), "count"),
                        (-(MU2 - sigma_w**2 / n) / (n + 1), "norm"),
                        (-(sigma_w**2 + MU2), "scaled"),
                    )
                ),
            ),
        ),
        Witness(
            {n: 2, sigma_w: 1, norm2: 2, u: Fraction(2, 3), P: 0, ht.label: 0},
            {str(ht): lambda i: (1, 0, 1)[int(i)]},
            {k: (0, 1, 2)},
        ),
    )


def _moment(order: int, value: Any) -> tuple[Step, ...]:
    """Moments of Beta(2, 1)."""
    over = Integral(2 * x * x**order, (x, 0, 1))
    node = LawMoment(order, BETA21)
    return (
        step(f"beta-{order}-meaning", eq(node, over), Unfold()),
        step(f"beta-{order}-integral", eq(over, value), Integrate(2 * x ** (order + 2) / (order + 2))),
        step(
            f"beta-{order}",
            eq(value, node),
            Combination(equalities=((-1, f"beta-{order}-meaning"), (-1, f"beta-{order}-integral"))),
        ),
    )


def scale_steps(positive: Any) -> tuple[Step, ...]:
    """The root ``s = -b + root`` of ``C_upp = 1`` is positive."""
    return (
        step("solvable", gt(1, MU2), Model("solvable", "the hypothesis itself")),
        step("mu", gt(MU1, 0), Model("replacing law", "X is positive, so its mean is")),
        step(
            "radicand",
            gt(2 * MU1**2 / pi + 2 * (1 - MU2), 0),
            Combination(((2, ("solvable",)), (2, (Square(MU1), Inverse(gt(pi, 0)))))),
        ),
        step(
            "sum-if",
            gt(B + ROOT, 0),
            Combination(((1, ("mu", gt(sqrt(2 / pi), 0))), (1, (ge(ROOT, 0),)))),
            gt(ROOT**2, 0),
        ),
        step("sum", gt(B + ROOT, 0), Instance(at("sum-if", {}, "radicand"))),
        # root - b = 2 (1 - mu_2)/(root + b)
        step(
            "positive",
            positive,
            Combination(((2, ("solvable", Inverse("sum"))),), (), ("radicand", "sum")),
        ),
    )


@cache
def sigma_w_design() -> Derivation:
    """The positive root of ``s^2/2 + sqrt(2/pi) mu_1 s + mu_2 - 1``."""
    found = theorem("rai-sigma-w")
    positive, only, beta = found.also
    upp = only.args[0].lhs
    one, two = Symbol("q_1", real=True), Symbol("q_2", real=True)
    form = -sqrt(2 / pi) * one + sqrt(2 * one**2 / pi + 2 * (1 - two))
    first, second = Rational(2, 3), Rational(1, 2)
    at_numbers = form.subs({one: first, two: second}, simultaneous=True)
    half_way = form.subs({one: LawMoment(1, BETA21), two: second}, simultaneous=True)
    return Derivation(
        found.id,
        (
            *scale_steps(positive),
            step(
                "shifted",
                gt(sigma_w + B + ROOT, 0),
                Combination(((1, ("sum",)), (1, (gt(sigma_w, 0),))), (), ("radicand",)),
            ),
            # C_upp - 1 = (s - root + b)(s + root + b)/2
            step(
                "root",
                only.args[1],
                Combination(
                    equalities=((2 / (sigma_w + B + ROOT), eq(upp, 1)),), nonzero=("radicand", "shifted")
                ),
                eq(upp, 1),
            ),
            step("only", only, Logic(("root",))),
            *_moment(1, first),
            *_moment(2, second),
            step("numbers", eq(at_numbers, beta.rhs), Identity()),
            step(
                "numbers-1",
                eq(half_way, beta.rhs),
                Leibniz(eq(form.subs(two, second), beta.rhs), one, "beta-1", "numbers"),
            ),
            step(
                "beta",
                beta,
                Leibniz(eq(form.subs(one, LawMoment(1, BETA21)), beta.rhs), two, "beta-2", "numbers-1"),
            ),
            step("theorem", found.statement, Identity(("radicand",))),
        ),
        Witness({P: 0}, {"LawMoment": lambda order, law: Fraction(1, 2)}),
    )


@cache
def post_activation_gain() -> Derivation:
    """Condition on the overwritten position and its number."""
    found = theorem("rai-post-activation-gain")
    (total,) = found.rhs.atoms(Sum)
    position = Function("second")
    whole = Sum(position(k), (k, 0, n))
    return Derivation(
        found.id,
        (
            step(
                "mixture",
                eq(MEAN, whole / (n + 1)),
                Model("RAI layer", "the overwritten position is uniform on 0..n"),
            ),
            step("scaled", eq(u, norm2 / (n + 1)), Model("input", "u = H/(n+1)")),
            step(
                "term",
                eq(position(k), total.function),
                Model(
                    "RAI layer",
                    "given X, z is Gaussian with mean X ht_k and the deviation of the rest, so the mean of "
                    "max(z, 0)^2 is that variance times J_2 of the ratio; without a rest, mu_2 ht_k^2",
                ),
            ),
            step("sum", eq(whole, total), Termwise("term")),
            # E/u = (sum/(n+1))/(H/(n+1))
            step(
                "theorem",
                found.statement,
                Combination(
                    equalities=(
                        (1 / u, "mixture"),
                        (1 / (u * (n + 1)), "sum"),
                        (-total / (u * norm2), "scaled"),
                    )
                ),
            ),
        ),
        Witness(
            {n: 1, sigma_w: 1, norm2: 1, u: Fraction(1, 2), P: 0, ht.label: 0},
            {"second": lambda i: Fraction(1, 4), str(ht): lambda i: (0, 1)[int(i)]},
            {k: (0, 1)},
        ),
    )


@cache
def second_moment_recursion() -> Derivation:
    """``E u' = (n E g + 1)/(n+1)`` with the bounds of the gain g."""
    found = theorem("rai-second-moment-recursion")
    low, stable = found.also
    following, now = found.lhs, stable.args[1].lhs.args
    (state,) = [s for s in low.lhs.free_symbols if s.name == "E u_l"]
    gain = Symbol("E g", positive=True)
    high_c = stable.args[0].lhs
    low_c = ((low.lhs * (n + 1) - 1) / (n * state)).simplify()
    del now
    sharp = theorem("rai-second-moment-sharp")
    model = Model("equal widths", "the theorem at each input of the layer, averaged over the inputs")

    def averaged(relation: Any, goal: Any, label: str) -> Step:
        return step(
            label, goal, Apply("theorem:rai-second-moment-sharp", relation, {MEAN: gain, u: state}, model)
        )

    return Derivation(
        found.id,
        (
            step(
                "step",
                eq(following, (n * gain + 1) / (n + 1)),
                Model("equal widths", "n outputs with second moment E g each, and the 1 of the bias"),
            ),
            averaged(sharp.statement, ge(high_c, gain / state), "quotient-high"),
            averaged(sharp.also[0], ge(gain / state, low_c), "quotient-low"),
            step(
                "gain-high",
                ge(high_c * state, gain),
                Combination(((1, ("quotient-high", gt(state, 0))),)),
            ),
            step("gain-low", ge(gain, low_c * state), Combination(((1, ("quotient-low", gt(state, 0))),))),
            step(
                "low",
                low,
                Combination(((1, ("gain-low", gt(n, 0), Inverse(gt(n + 1, 0)))),), ((1, "step"),)),
            ),
            step(
                "stable-here",
                stable.args[1],
                Combination(
                    (
                        (1, ("gain-high", gt(n, 0), Inverse(gt(n + 1, 0)))),
                        (1, (le(high_c, 1), gt(state, 0), gt(n, 0), Inverse(gt(n + 1, 0)))),
                    ),
                    ((-1, "step"),),
                ),
                le(high_c, 1),
            ),
            step("stable", stable, Logic(("stable-here",))),
            step(
                "theorem",
                found.statement,
                Combination(((1, ("gain-high", gt(n, 0), Inverse(gt(n + 1, 0)))),), ((-1, "step"),)),
            ),
        ),
        Witness(
            {n: 1, sigma_w: 1, P: 0, state: 1, gain: Fraction(3, 4), following: Fraction(7, 8)},
            {"LawMoment": lambda order, law: Fraction(1, 10)},
        ),
    )


@cache
def mean_field_gain() -> Derivation:
    """The definition of the limit, in words."""
    return in_words(
        "rai-mean-field-gain",
        "the limit of lambda_l is taken as the definition of lambda; that the laws of H_l converge is a "
        "hypothesis",
    )
