"""Rates of single-unit learners: blocks of runs against one run at a time, measured in one run.

    pytest tests/benchmarks/bench_single_unit.py --benchmark-only -s

The contenders take turns, so a busy machine slows all of them; rates are medians of updates a second in one
thread. "loop" is one learner in a plain NumPy loop, "compiled" the same loop compiled by Numba (if it is
installed), "normals" only draws the inputs. "double" draws them in
double precision.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import numpy as np
import pytest

from relutheory.simulate.learners import LearnerSettings, train_learners

ROUNDS = 5
ETA, SIG = 0.05, 0.1


def plain_loop(rng: np.random.Generator, theta: np.ndarray, star: np.ndarray, steps: int) -> None:
    """One learner, one update at a time."""
    xt = np.ones(len(theta))
    for _ in range(steps):
        xt[1:] = rng.standard_normal(len(theta) - 1)
        y = theta @ xt
        if y > 0:
            d = max(star @ xt, 0.0) + SIG * rng.standard_normal()
            theta += ETA * (d - y) * xt


def compiled_loop() -> Callable[..., None] | None:
    """All runs one after the other, every update in scalar code."""
    try:
        import numba
    except ImportError:
        return None

    @numba.njit
    def loop(rng, thetas, star, steps, eta, sig):
        size = len(star)
        xt = np.ones(size)
        for run in range(len(thetas)):
            theta = thetas[run]
            for _ in range(steps):
                y, wanted = theta[0], star[0]
                for i in range(1, size):
                    xt[i] = rng.standard_normal()
                    y += theta[i] * xt[i]
                    wanted += star[i] * xt[i]
                noise = sig * rng.standard_normal()
                if y > 0:
                    signal = eta * (max(wanted, 0.0) + noise - y)
                    for i in range(size):
                        theta[i] += signal * xt[i]

    return loop


def only_normals(rng: np.random.Generator, columns: int, rows: int, steps: int) -> None:
    out = np.empty((rows, columns))
    for _ in range(steps):
        rng.standard_normal(out=out)


@pytest.mark.parametrize("size", [2, 10, 50])
def test_side_by_side(size: int, capsys: pytest.CaptureFixture[str]) -> None:
    runs, steps = 10_000, 100
    star = np.concatenate([[0.25], np.ones(size) / np.sqrt(size)])
    settings = {
        name: LearnerSettings(tuple(star), ETA, steps, sig=SIG, every=steps, method=name)
        for name in ("literal", "summary")
    }
    settings["double"] = replace(settings["literal"], single=False)
    start = np.random.default_rng(0).standard_normal((runs, size + 1)) / np.sqrt(size)
    contenders: dict[str, tuple[Callable[[], object], int]] = {
        "loop": (lambda: plain_loop(np.random.default_rng(0), start[0].copy(), star, 3000), 3000),
        "normals": (
            lambda: only_normals(
                np.random.Generator(np.random.SFC64(0)), 1000, size + 1, steps * runs // 1000
            ),
            runs * steps,
        ),
        "literal": (lambda: train_learners(settings["literal"], runs=runs), runs * steps),
        "double": (lambda: train_learners(settings["double"], runs=runs), runs * steps),
        "summary": (lambda: train_learners(settings["summary"], runs=runs), runs * steps),
    }
    compiled = compiled_loop()
    if compiled is not None:

        def all_runs(units: np.ndarray, count: int) -> None:
            compiled(np.random.Generator(np.random.SFC64(0)), units.copy(), star, count, ETA, SIG)

        # The first call compiles.
        all_runs(start[:2], 1)
        contenders["compiled"] = (lambda: all_runs(start, steps), runs * steps)
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, (work, updates) in contenders.items():
            begin = time.process_time()
            work()
            seconds[name].append((time.process_time() - begin) / updates)
    cost = {name: median(times) for name, times in seconds.items()}
    with capsys.disabled():
        print(f"\n{size} inputs, {runs} runs")
        for name, each in cost.items():
            line = f"  {name:10} {1 / each:10.4g} updates/s   gain {cost['loop'] / each:6.1f}"
            print(line + (f"   against compiled {cost['compiled'] / each:5.2f}" if compiled else ""))


@pytest.mark.parametrize("method", ["literal", "summary"])
def test_rate(method: str, benchmark) -> None:
    settings = LearnerSettings((0.25, *[0.3] * 10), ETA, 100, sig=SIG, every=100, method=method)
    benchmark.pedantic(train_learners, (settings,), {"runs": 10_000}, rounds=ROUNDS, warmup_rounds=1)
