"""Rates of the born-dead samplers, side by side in one run.

    pytest tests/benchmarks/bench_simulate.py --benchmark-only -s

The contenders take turns, so a busy machine slows all of them; rates are CPU time medians. "gain" is the rate
over that of the loop; "efficiency" is the variance of one sample times its CPU time, the loop's over the
contender's: how many times less work for the same standard error.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np
import pytest

from relutheory.simulate.angle_chain import chain_first_dead_layers, conditional_death
from relutheory.simulate.inputs import input_points
from relutheory.simulate.networks import Initialisation, first_dead_layers
from relutheory.simulate.streams import Block

ROUNDS = 5


def loop(widths: tuple[int, ...], samples: int) -> float:
    """One network at a time, leaving at the first dead layer; returns the variance of one sample."""
    rng = np.random.default_rng(0)
    dead = 0
    for _ in range(samples):
        h = np.array([[1.0, -1.0]])
        for width in widths:
            h = np.maximum(rng.standard_normal((width, len(h))) @ h, 0.0)
            if not h.any():
                dead += 1
                break
    return dead / samples * (1 - dead / samples)


def counted(sampler: Callable[[Block], np.ndarray], samples: int) -> float:
    alive = sampler(Block(0, samples, 0))[-1] / samples
    return float(alive * (1 - alive))


def conditional(widths: tuple[int, ...], samples: int) -> float:
    return float(conditional_death(widths, np.pi, Block(0, samples, 0)).squares[-1] / (samples - 1))


def contenders(widths: tuple[int, ...]) -> dict[str, tuple[Callable[[int], float], int]]:
    literal = partial(first_dead_layers, Initialisation(widths), input_points("two-sided"))
    cost = sum(widths) * max(widths)
    return {
        "loop": (partial(loop, widths), 20_000 // len(widths)),
        "networks": (partial(counted, literal), max(2_000, 40_000_000 // cost)),
        "angle-chain": (
            partial(counted, partial(chain_first_dead_layers, widths, np.pi)),
            10_000_000 // sum(widths),
        ),
        "conditional": (partial(conditional, widths), 10_000_000 // sum(widths)),
    }


@pytest.mark.parametrize(("N", "L"), [(2, 10), (4, 20), (8, 100), (64, 10)])
def test_side_by_side(N: int, L: int, capsys: pytest.CaptureFixture[str]) -> None:
    widths = (N,) * (L - 1)
    seconds: dict[str, list[float]] = {name: [] for name in contenders(widths)}
    variances: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, (sampler, samples) in contenders(widths).items():
            start = time.process_time()
            variances[name] = sampler(samples)
            seconds[name].append((time.process_time() - start) / samples)
    cost = {name: median(times) for name, times in seconds.items()}
    # At tiny probabilities the frequencies see no death; the indicator's variance is then the probability.
    mean = conditional_death(widths, np.pi, Block(0, 20_000, 1)).mean[-1]
    indicator = float(mean * (1 - mean))
    with capsys.disabled():
        print(f"\nN={N} L={L}  P(born dead) = {mean:.4g}")
        for name in cost:
            variance = variances[name] if name == "conditional" else indicator
            efficiency = indicator * cost["loop"] / (variance * cost[name])
            gain = cost["loop"] / cost[name]
            print(f"  {name:12} {1 / cost[name]:10.4g} /s   gain {gain:8.1f}   efficiency {efficiency:10.4g}")


@pytest.mark.parametrize("name", ["loop", "networks", "angle-chain", "conditional"])
def test_rate(benchmark, name: str) -> None:
    sampler, samples = contenders((4,) * 19)[name]
    benchmark.extra_info["samples"] = samples
    benchmark.pedantic(sampler, args=(samples,), rounds=ROUNDS, warmup_rounds=1)
