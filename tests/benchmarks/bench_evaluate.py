"""Certified tables against the ways people fill them today; prints ratios, asserts correctness only.

python -m pytest -o addopts= --import-mode=importlib tests/benchmarks/bench_evaluate.py -s
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from flint import arb

from relutheory.domain import RepeatedWidths
from relutheory.evaluate import sweep
from relutheory.symbols import L, N, widths
from relutheory.theory.born_dead import closed_lower_bound, upper_bound

DIGITS = 50
WIDTHS = range(1, 65)
DEPTHS = (2, 1000)
#: Lower and upper bound for N = 1..64 and L = 2..1000 (at L = 1 there is no hidden layer).
CELLS = 2 * len(WIDTHS) * (DEPTHS[1] - DEPTHS[0] + 1)
#: The lower bound cancels 2 N bits, so that mpmath needs guard digits to be right at all.
GUARD = 45
RATES: dict[str, float] = {}


def certified() -> dict[tuple[str, int], Any]:
    """The whole certified table."""
    table = {}
    for n in WIDTHS:
        table["lower", n] = sweep(closed_lower_bound(N, L), {N: n}, L, *DEPTHS, digits=DIGITS)
        table["upper", n] = sweep(
            upper_bound(), {widths: RepeatedWidths(n, DEPTHS[1] - 1)}, L, *DEPTHS, digits=DIGITS
        )
    return table


def mpmath_cell(n: int, depth: int) -> tuple[Any, Any]:
    """Both bounds of one cell, straight from the formula."""
    e = mpmath.mpf(2) ** -n
    a1, a2 = 1 - e, 1 - 2 * e - (n - 1) * e * e
    factor = (1 - 2 * e) * (1 - e) / (1 + (n - 1) * e)
    power = a1 ** (depth - 2)
    return 1 - power + factor * (a2 ** (depth - 2) - power), 1 - a1 ** (depth - 1)


def sympy_cell(n: int, depth: int) -> tuple[Any, Any]:
    """Both bounds of one cell by substitution and evalf."""
    where = {N: n, L: depth}
    return (
        closed_lower_bound(N, L).subs(where).evalf(DIGITS),
        upper_bound(N, L).subs(where).evalf(DIGITS),
    )


def sample(step: int) -> list[tuple[int, int]]:
    cells = [(n, depth) for n in WIDTHS for depth in range(DEPTHS[0], DEPTHS[1] + 1)]
    return cells[::step]


def seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


@pytest.mark.parametrize("contender", ["certified", "mpmath", "sympy"])
def test_rate(benchmark: Any, contender: str) -> None:
    if contender == "certified":
        benchmark.pedantic(certified, rounds=5, warmup_rounds=1)
        RATES[contender] = CELLS / benchmark.stats.stats.median
        return
    cell, step = (mpmath_cell, 7) if contender == "mpmath" else (sympy_cell, 211)
    points = sample(step)
    with mpmath.workdps(DIGITS + GUARD):
        benchmark.pedantic(lambda: [cell(*p) for p in points], rounds=3, warmup_rounds=1)
    RATES[contender] = 2 * len(points) / benchmark.stats.stats.median


def test_ratios_and_digits(capsys: pytest.CaptureFixture[str]) -> None:
    table = certified()
    for n, depth in sample(1_009):
        with mpmath.workdps(DIGITS + GUARD):
            lower, upper = mpmath_cell(n, depth)
            if lower:
                assert mpmath.nstr(lower, 40) == mpmath.nstr(
                    mpmath.mpf(table["lower", n][depth - 2].digits(50)), 40
                )
            assert mpmath.nstr(upper, 40) == mpmath.nstr(
                mpmath.mpf(table["upper", n][depth - 2].digits(50)), 40
            )
    with capsys.disabled():
        print(f"\ncertified table, {CELLS} cells at {DIGITS} digits (mpmath backend: {mpmath.libmp.BACKEND})")
        for name in ("mpmath", "sympy"):
            if {"certified", name} <= set(RATES):
                print(
                    f"  certified / {name}: {RATES['certified'] / RATES[name]:.1f} times the cells per second"
                )


def test_balls_carry_the_digits() -> None:
    for row in certified().values():
        assert all(arb.rel_accuracy_bits(b) >= DIGITS * 3.32 for b in row.balls)
