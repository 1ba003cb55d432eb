"""Witnesses of survival, rates and design rules, derived from simulated born-dead frequencies."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Unpack

from relutheory.errors import DomainError
from relutheory.estimate import BinomialCount, Estimate
from relutheory.simulate.born_dead import born_dead, born_dead_curve
from relutheory.simulate.checks import whole
from relutheory.simulate.derived import MonotoneStatistic, Threshold, hazard, scaled
from relutheory.simulate.sampling import RunOptions

__all__ = ["alive", "dead_depth", "hazard_rate", "max_depth", "min_width", "survival_ratio"]

_STEM = "relutheory.simulate.born_dead_designs"
_PILOT = 2_000


def _count(estimate: Estimate) -> BinomialCount:
    statistic = estimate.statistic
    if not isinstance(statistic, BinomialCount):
        raise DomainError(f"method must count networks here, got {estimate.method!r}")
    return statistic


def _survivors(estimate: Estimate) -> BinomialCount:
    dead = _count(estimate)
    return BinomialCount(dead.trials - dead.successes, dead.trials)


def _derived(estimate: Estimate, name: str, statistic: Any) -> Estimate:
    return Estimate(
        statistic,
        confidence=estimate.confidence,
        seed=estimate.seed,
        method=estimate.method,
        simulator=f"{_STEM}:{name}",
        parameters=estimate.parameters,
        complete=estimate.complete,
    )


def alive(**arguments: Any) -> Estimate:
    """Estimate the probability that no hidden layer is dead.

    Same parameters as `relutheory.simulate.born_dead.born_dead`.

    Examples
    --------
    >>> alive(N=1, L=4, samples=20_000, seed=1).contains(1 / 4)
    True
    """
    estimate = born_dead(**arguments)
    return _derived(estimate, "alive", _survivors(estimate))


def survival_ratio(*, N: int, L: int, **arguments: Any) -> Estimate:
    """Estimate ``P(alive) / (1 - 2**-N)**(L - 2)``.

    Other parameters as in `relutheory.simulate.born_dead.born_dead`.

    Examples
    --------
    >>> survival_ratio(N=2, L=4, D="point", samples=20_000, seed=1).contains(3 / 4)
    True
    """
    estimate = born_dead(N=N, L=L, **arguments)
    factor = float((1 - Fraction(1, 2**N)) ** (2 - L))
    return _derived(estimate, "survival_ratio", MonotoneStatistic(_survivors(estimate), scaled, factor))


def hazard_rate(*, N: int, **arguments: Any) -> Estimate:
    """Estimate ``-ln P(one layer of N units stays alive at one input)``.

    Examples
    --------
    >>> hazard_rate(N=2, samples=20_000, seed=1).contains(0.28768207)
    True
    """
    estimate = born_dead(N=N, L=2, D="point", **arguments)
    return _derived(estimate, "hazard_rate", MonotoneStatistic(_survivors(estimate), hazard))


def max_depth(*, N: int, delta: Fraction, law: str = "gaussian", **options: Unpack[RunOptions]) -> Estimate:
    """Estimate the largest depth at which a single input dies with probability at most ``delta``.

    Examples
    --------
    >>> max_depth(N=2, delta=Fraction(1, 2), samples=20_000, seed=1).value
    3
    """
    return _depth(N, delta, "point", law, "last below", "max_depth", options)


def dead_depth(*, N: int, delta: Fraction, law: str = "gaussian", **options: Unpack[RunOptions]) -> Estimate:
    """Estimate the first depth at which two-sided inputs on the line die with probability above ``delta``.

    Examples
    --------
    >>> dead_depth(N=2, delta=Fraction(1, 10), samples=20_000, seed=1).value
    3
    """
    return _depth(N, delta, "two-sided", law, "first above", "dead_depth", options)


def _depth(N: int, delta: Fraction, D: str, law: str, kind: Any, name: str, options: RunOptions) -> Estimate:
    level = _level(delta)
    pilot: RunOptions = {**options, "samples": _PILOT}
    L = 4
    # The pilot only decides how deep to look; the frequencies come from a run of its own.
    while born_dead(N=N, L=L, D=D, law=law, **pilot).value <= min(1.0, 1.2 * float(level) + 0.05):
        L *= 2
        if L > 4096:
            raise DomainError(f"delta must be reachable at a depth below 4096, got {delta} at N = {N}")
    curve = born_dead_curve(N=N, L=L, D=D, law=law, **options)
    counts = {depth: _count(e) for depth, e in curve.items()}
    return _derived(curve[L], name, Threshold(counts, level, kind))


def min_width(*, L: int, delta: Fraction, law: str = "gaussian", **options: Unpack[RunOptions]) -> Estimate:
    """Estimate the smallest width at which a single input dies with probability at most ``delta``.

    Examples
    --------
    >>> min_width(L=4, delta=Fraction(1, 2), samples=20_000, seed=1).value
    3
    """
    level, depth = _level(delta), whole("L", L, 2)
    pilot: RunOptions = {**options, "samples": _PILOT}
    widest = 1
    while born_dead(N=widest, L=depth, D="point", law=law, **pilot).value > 0.6 * float(level):
        widest += 1
    runs = {N: born_dead(N=N, L=depth, D="point", law=law, **options) for N in range(1, widest + 2)}
    counts = {N: _count(e) for N, e in runs.items()}
    return _derived(runs[widest], "min_width", Threshold(counts, level, "first below"))


def _level(delta: Fraction) -> Fraction:
    level = Fraction(delta)
    if not 0 < level < 1:
        raise DomainError(f"delta must be in (0, 1), got {delta}")
    return level
