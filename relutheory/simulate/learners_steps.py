"""The steps of many single-unit learners at once: all coordinates, or the summary that has the same law.

Runs lie along the last axis and operations are in place, so a block of runs stays in the cache and drawing
the inputs is what costs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from relutheory.errors import DomainError
from relutheory.simulate.bounded import Array
from relutheory.simulate.checks import real, whole
from relutheory.simulate.gaussian_units import GaussianInput
from relutheory.simulate.single_unit_inputs import chosen, gaussian, positive, vector
from relutheory.simulate.streams import Block

__all__ = ["METHODS", "SUMMARIES", "LearnerSettings", "Learners", "learners"]

METHODS = ("literal", "summary")
#: What is recorded of every run; a literal run also records the entries of its unit.
SUMMARIES = ("b", "w_par", "square", "P", "below", "v_0_0", "v_0_1", "v_1_1", "v_perp")


@dataclass(frozen=True)
class LearnerSettings:
    """Everything that fixes the law of a learner ``theta+ = theta + eta u (d - y) xt``.

    Parameters
    ----------
    theta_star : array_like
        Teacher, bias first; its weights are not all zero.
    eta : number
        Step size > 0.
    steps : int
        Updates >= 0.
    teacher : {"relu", "affine"}
        Target ``max(y*, 0)`` or ``y*``, plus noise.
    sig : number
        Standard deviation of the Gaussian noise of the target, >= 0.
    batch : int
        Samples averaged in an update, >= 1.
    beta : number
        Momentum in [0, 1): the velocity is ``beta`` times the last one plus the gradient.
    ema : bool
        Weigh the gradient in the velocity with ``1 - beta``.
    m, S : array_like, optional
        Mean and covariance of the input; standard normal by default.
    theta0 : array_like, optional
        Start; by default the bias is `bias0` and the weights are normal.
    bias0, spread : number
        Initial bias, standard deviation of an initial weight (by default ``1/sqrt(N)``).
    every : int
        Recorded are the steps 0, every, 2 every, ...
    burn : int
        Averages over time are over the recorded steps after this one.
    threshold : number
        "below" tells whether the activation probability is less.
    antithetic : bool
        Let a run be the average of two learners with the same inputs and opposite noise.
    method : {"literal", "summary"}
        All coordinates; or bias, weight along the teacher and length of the rest, for standard input and no
        momentum.
    single : bool
        Draw normals in single precision, at most 5.8: their second moment is off by less than 1e-7, and a
        step takes a third less time. All else is in double precision.
    """

    theta_star: Any
    eta: Any
    steps: int
    teacher: str = "relu"
    sig: Any = 0
    batch: int = 1
    beta: Any = 0
    ema: bool = False
    m: Any = None
    S: Any = None
    theta0: Any = None
    bias0: Any = 0
    spread: Any = None
    every: int = 1
    burn: int = 0
    threshold: Any = 0.05
    antithetic: bool = False
    method: str = "literal"
    single: bool = True
    target: tuple[float, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "target", vector("theta_star", self.theta_star))
        if not any(self.target[1:]):
            raise DomainError(f"theta_star: weights that are not all zero, got {self.theta_star!r}")
        positive("eta", self.eta)
        whole("steps", self.steps, 0)
        chosen("teacher", self.teacher, ("relu", "affine"))
        real("sig", self.sig, 0, 1e300)
        whole("batch", self.batch, 1)
        if real("beta", self.beta, 0, 1) == 1:
            raise DomainError(f"beta: a number in [0, 1), got {self.beta!r}")
        if self.theta0 is not None:
            vector("theta0", self.theta0, len(self.target))
        real("bias0", self.bias0, -1e300, 1e300)
        if self.spread is not None:
            real("spread", self.spread, 0, 1e300)
        whole("every", self.every, 1)
        whole("burn", self.burn, 0)
        real("threshold", self.threshold, 0, 1)
        chosen("method", self.method, METHODS)
        plain = self.m is None and self.S is None and not self.beta and not self.antithetic
        if self.method == "summary" and not plain:
            raise DomainError(
                "method: literal with a given m or S, momentum or antithetic noise, got 'summary'"
            )
        _ = self.law

    @property
    def size(self) -> int:
        """Dimension of the input."""
        return len(self.target) - 1

    @cached_property
    def law(self) -> GaussianInput:
        """Law of the input."""
        return gaussian(self.size, self.m, self.S)

    @property
    def recorded(self) -> tuple[int, ...]:
        """Steps that are recorded."""
        return tuple(range(0, self.steps + 1, self.every))

    @property
    def names(self) -> tuple[str, ...]:
        """Quantities that are recorded."""
        entries = tuple(f"theta_{i}" for i in range(self.size + 1)) if self.method == "literal" else ()
        return SUMMARIES + entries

    @property
    def deviation(self) -> float:
        """Standard deviation of an initial weight."""
        return 1 / math.sqrt(self.size) if self.spread is None else float(self.spread)


class Learners(Protocol):
    """A block of learners."""

    def step(self) -> None:
        """Make one update."""
        ...

    def record(self) -> Array:
        """Return the recorded quantities, one a row, one run a column."""
        ...


def learners(settings: LearnerSettings, block: Block) -> Learners:
    """Return the learners of a block at their start.

    Examples
    --------
    >>> unit = learners(LearnerSettings((0, 1), 0.1, 5, theta0=(0, 2)), Block(0, 3, 0))
    >>> unit.record()[1].tolist()
    [2.0, 2.0, 2.0]
    """
    return _Literal(settings, block) if settings.method == "literal" else _Summary(settings, block)


_open = np.frompyfunc(lambda h: 0.5 * math.erfc(-h / math.sqrt(2.0)), 1, 1)


def _summaries(settings: LearnerSettings, b: Array, along: Array, rest: Array, margin: Array) -> list[Array]:
    """The quantities of `SUMMARIES`; `rest` is the squared length beside the teacher."""
    target = settings.target
    length = math.sqrt(math.fsum(w * w for w in target[1:]))
    first, second = b - target[0], along - length
    chance = _open(margin).astype(np.float64)
    below = (chance < float(settings.threshold)).astype(np.float64)
    beside = rest / max(settings.size - 1, 1)
    square = first**2 + second**2 + rest
    return [b, along, square, chance, below, first**2, first * second, second**2, beside]


class _Source:
    """Normals of one block, in single or double precision."""

    def __init__(self, settings: LearnerSettings, block: Block) -> None:
        self.draws = block.draws()
        self.single = settings.single

    def fill(self, out: Array) -> None:
        """Overwrite an array with standard normals."""
        if self.single:
            np.copyto(out, self.draws.normals(out.shape))
        else:
            self.draws.generator.standard_normal(out=out)


class _Literal:
    """All coordinates; row 0 of the inputs is the constant of the bias."""

    def __init__(self, settings: LearnerSettings, block: Block) -> None:
        self.settings = settings
        self.source = _Source(settings, block)
        generator = self.source.draws.generator
        size, runs = settings.size, block.size
        self.copies = 2 if settings.antithetic else 1
        self.runs = runs
        self.theta = np.empty((size + 1, self.copies, runs))
        if settings.theta0 is not None:
            self.theta[...] = np.array(vector("theta0", settings.theta0))[:, None, None]
        else:
            self.theta[0] = float(settings.bias0)
            self.theta[1:] = settings.deviation * generator.standard_normal((size, 1, runs))
        self.xt = np.ones((size + 1, 1, runs))
        self.target = np.array(settings.target)
        rows = settings.law.map
        self.plain = not rows[1:, 0].any() and np.array_equal(rows[1:, 1:], np.eye(size))
        self.mean, self.root = rows[1:, 0].copy(), rows[1:, 1:].copy()
        self.normals = self.xt[1:] if self.plain else np.empty((size, 1, runs))
        self.work = np.empty_like(self.theta)
        self.y = np.empty((self.copies, runs))
        self.signal = np.empty((self.copies, runs))
        self.wanted = np.empty((1, runs))
        self.noise = np.empty((1, runs))
        self.gradient = np.empty_like(self.theta) if settings.batch > 1 or settings.beta else self.work
        self.velocity = np.zeros_like(self.theta) if settings.beta else None

    def _draw(self) -> None:
        self.source.fill(self.normals)
        if not self.plain:
            flat = self.xt[1:].reshape(-1, self.runs)
            np.matmul(self.root, self.normals.reshape(-1, self.runs), out=flat)
            flat += self.mean[:, None]

    def _sample(self, rate: float) -> None:
        """Put ``rate u (d - y) xt`` of a fresh sample into the work space."""
        settings = self.settings
        self._draw()
        np.multiply(self.theta, self.xt, out=self.work)
        np.add.reduce(self.work, axis=0, out=self.y)
        np.dot(self.target, self.xt.reshape(-1, self.runs), out=self.wanted[0])
        if settings.teacher == "relu":
            np.maximum(self.wanted, 0.0, out=self.wanted)
        np.subtract(self.wanted, self.y, out=self.signal)
        if settings.sig:
            self.source.fill(self.noise)
            self.noise *= float(settings.sig)
            self.signal[0] += self.noise[0]
            if self.copies == 2:
                self.signal[1] -= self.noise[0]
        self.signal *= rate
        self.signal *= self.y > 0
        np.multiply(self.xt, self.signal, out=self.work)

    def step(self) -> None:
        settings = self.settings
        eta, beta = float(settings.eta), float(settings.beta)
        gain = (1 - beta) if settings.ema else 1.0
        rate = eta * gain / settings.batch
        self._sample(rate)
        if self.gradient is not self.work:
            np.copyto(self.gradient, self.work)
            for _ in range(settings.batch - 1):
                self._sample(rate)
                self.gradient += self.work
        if self.velocity is None:
            self.theta += self.gradient
            return
        # The velocity includes the step size.
        self.velocity *= beta
        self.velocity += self.gradient
        self.theta += self.velocity

    def record(self) -> Array:
        settings = self.settings
        weights = self.theta[1:]
        axis = self.target[1:] / np.linalg.norm(self.target[1:])
        along = np.tensordot(axis, weights, 1)
        beside = weights - axis[:, None, None] * along
        rest = np.einsum("icr,icr->cr", beside, beside)
        mean = self.theta[0] + np.tensordot(self.mean, weights, 1)
        turned = np.tensordot(self.root.T, weights, 1)
        margin = _margin(mean, np.sqrt(np.einsum("icr,icr->cr", turned, turned)))
        found = _summaries(settings, self.theta[0], along, rest, margin)
        # A pair of learners is one run.
        return np.asarray(np.stack([*found, *self.theta]).mean(axis=1))


def _margin(mean: Array, deviation: Array) -> Array:
    # A unit without weights is open if its bias is positive, else closed.
    signs = np.where(mean > 0, np.inf, -np.inf)
    return np.divide(mean, deviation, out=signs, where=deviation > 0)


class _Summary:
    """Bias, weight along the teacher and length of the rest: a Markov chain, as the input is isotropic.

    Of the input only the coordinates along the teacher and along the rest matter for the error; the others
    add a vector with independent normal entries beside both.
    """

    def __init__(self, settings: LearnerSettings, block: Block) -> None:
        self.settings = settings
        self.source = _Source(settings, block)
        self.generator = self.source.draws.generator
        size, runs = settings.size, block.size
        target = np.array(settings.target)
        self.bias, self.length = float(target[0]), float(np.linalg.norm(target[1:]))
        if settings.theta0 is not None:
            start = np.array(vector("theta0", settings.theta0))
            along = float(start[1:] @ target[1:]) / self.length
            rest = np.linalg.norm(start[1:] - along * target[1:] / self.length)
            self.state = np.repeat([[start[0]], [along], [float(rest)]], runs, axis=1)
        else:
            along_all = settings.deviation * self.generator.standard_normal(runs)
            rest_all = np.zeros(runs)
            if size > 1:
                rest_all = settings.deviation * np.sqrt(self.generator.chisquare(size - 1, runs))
            self.state = np.stack([np.full(runs, float(settings.bias0)), along_all, rest_all])
        self.x = np.zeros((2, runs))
        self.noise = np.empty(runs)

    def step(self) -> None:
        settings = self.settings
        rate = float(settings.eta) / settings.batch
        change = np.zeros_like(self.state)
        total = np.zeros(self.state.shape[1])
        for _ in range(settings.batch):
            self.source.fill(self.x if settings.size > 1 else self.x[0])
            y = self.state[0] + self.state[1] * self.x[0] + self.state[2] * self.x[1]
            signal = self.bias + self.length * self.x[0]
            if settings.teacher == "relu":
                np.maximum(signal, 0.0, out=signal)
            signal -= y
            if settings.sig:
                self.source.fill(self.noise)
                self.noise *= float(settings.sig)
                signal += self.noise
            signal *= rate
            signal *= y > 0
            change[0] += signal
            change[1:] += signal * self.x
            total += signal**2
        self.state += change
        if settings.size > 2:
            total *= self.generator.chisquare(settings.size - 2, len(total))
            total += self.state[2] ** 2
            np.sqrt(total, out=self.state[2])
        else:
            np.abs(self.state[2], out=self.state[2])

    def record(self) -> Array:
        b, along, rest = self.state
        margin = _margin(b, np.hypot(along, rest))
        return np.stack(_summaries(self.settings, b, along, rest**2, margin))
