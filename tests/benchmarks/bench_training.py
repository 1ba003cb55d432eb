"""Rates of training, many networks at once against one at a time, measured in one run.

    pytest tests/benchmarks/bench_training.py --benchmark-only -s

The contenders take turns, so a busy machine slows all of them; rates are medians of network steps a second.
"loop" is one network in a plain NumPy loop, in the precision of its rivals, with one shuffle in all; "own
data and orders" shuffles the samples of every network each epoch.
"""

from __future__ import annotations

import time
from statistics import median

import numpy as np
import pytest

from relutheory.simulate.rai import rai_networks
from relutheory.simulate.training import Network, Optimizer, train

ROUNDS = 5
OWN = "own data and orders"
ADAM = Optimizer("adam", rate=1e-3)


def plain_loop(network: Network, x: np.ndarray, y: np.ndarray, steps: int, size: int, dtype: type) -> None:
    """One network: matrix products, ReLUs, Adam, layer by layer."""
    rng = np.random.default_rng(0)
    weights = [w[0].astype(dtype) for w in network.weights]
    biases = [b[0].astype(dtype) for b in network.biases]
    parameters = [*weights, *biases]
    first = [np.zeros_like(p) for p in parameters]
    second = [np.zeros_like(p) for p in parameters]
    x, y = x.astype(dtype), y.astype(dtype)
    order = rng.permutation(len(x))
    for step in range(1, steps + 1):
        start = step * size % (len(x) - size)
        chosen = order[start : start + size]
        values = [x[chosen]]
        for w, b in zip(weights[:-1], biases[:-1], strict=True):
            values.append(np.maximum(values[-1] @ w.T + b, 0.0))
        signal = 2.0 / size * (values[-1] @ weights[-1].T + biases[-1] - y[chosen])
        by_weight, by_bias = [], []
        for layer in range(len(weights) - 1, -1, -1):
            by_weight.append(signal.T @ values[layer])
            by_bias.append(signal.sum(axis=0))
            signal = (signal @ weights[layer]) * (values[layer] > 0)
        for p, g, m, v in zip(parameters, [*by_weight[::-1], *by_bias[::-1]], first, second, strict=True):
            m *= 0.9
            m += 0.1 * g
            v *= 0.999
            v += 0.001 * g**2
            p -= 1e-3 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)


@pytest.mark.parametrize("single", [True, False])
@pytest.mark.parametrize(("width", "layers", "d"), [(2, 10, 1), (4, 20, 2)])
def test_side_by_side(
    width: int, layers: int, d: int, single: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    networks, steps, size = 256, 46, 64
    network = rai_networks((d, *(width,) * (layers - 1), d), networks=networks, seed=0)
    rng = np.random.default_rng(1)
    x = rng.uniform(-1.7, 1.7, (networks, 3000, d))
    y = np.abs(x)
    orders = [np.random.default_rng(i) for i in range(networks)]
    dtype = np.float32 if single else np.float64
    seconds: dict[str, list[float]] = {"loop": [], "one order": [], OWN: []}
    for _ in range(ROUNDS):
        start = time.process_time()
        plain_loop(network, x[0], y[0], 100, size, dtype)
        seconds["loop"].append((time.process_time() - start) / 100)
        for name, data, generator in (("one order", (x[0], y[0]), orders[0]), (OWN, (x, y), orders)):
            start = time.process_time()
            train(network, *data, ADAM, steps, batch_size=size, generator=generator, single=single)
            seconds[name].append((time.process_time() - start) / (networks * steps))
    cost = {name: median(times) for name, times in seconds.items()}
    with capsys.disabled():
        print(f"\nwidth {width}, {layers} layers, batch {size}, {'single' if single else 'double'} precision")
        for name, each in cost.items():
            print(f"  {name:20} {1 / each:10.4g} network steps/s   gain {cost['loop'] / each:6.1f}")


def test_rate(benchmark) -> None:
    network = rai_networks((1, *(2,) * 9, 1), networks=256, seed=0)
    x = np.linspace(-1.7, 1.7, 3000)[:, None]
    arguments = {"batch_size": 64, "generator": np.random.default_rng(0), "single": True}
    benchmark.pedantic(
        train, args=(network, x, np.abs(x), ADAM, 46), kwargs=arguments, rounds=ROUNDS, warmup_rounds=1
    )
