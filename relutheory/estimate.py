"""What a simulation returns: a value with a finite-sample confidence interval and its provenance.

Two intervals, both valid at every sample size and neither resting on a normal approximation:

* `clopper_pearson` for a frequency: the exact binomial interval, each end certified with Arb;
* `empirical_bernstein` for the mean of a bounded estimator.

An `Estimate` keeps the sufficient statistic, so the same run can be read at another confidence
(`Estimate.at`), which is what splitting one false-alarm budget over many checks needs.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import lru_cache
from statistics import NormalDist
from typing import Any

from relutheory.errors import DomainError

__all__ = ["BinomialCount", "BoundedMoments", "Estimate", "clopper_pearson", "empirical_bernstein"]

Confidence = float | Fraction

# The confidence at which half the width of a normal interval is one standard error.
_ONE_SIGMA = 0.6826894921370859


def _miss(confidence: object) -> Fraction:
    """Return 1 - confidence as an exact rational; a float stands for the binary number it is."""
    if not isinstance(confidence, int | float | Fraction) or not 0 < confidence < 1:
        raise DomainError(f"confidence: a number in (0, 1), got {confidence!r}")
    return 1 - Fraction(confidence)


def _count(name: str, value: object, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise DomainError(f"{name}: an integer >= {least}, got {value!r}")
    return value


def clopper_pearson(successes: int, trials: int, confidence: Confidence) -> tuple[float, float]:
    """Return the exact binomial confidence interval, each end certified and rounded outward.

    The ends solve P(Bin(n, low) >= k) = P(Bin(n, high) <= k) = (1 - confidence)/2. The returned floats are
    proven, with ball arithmetic, to lie on or outside these solutions (by about one part in 10^11), so the
    coverage is at least `confidence` for every n and every success probability.

    Parameters
    ----------
    successes : int
        k, 0 <= k <= n.
    trials : int
        n >= 1.
    confidence : float or Fraction
        In (0, 1).

    Returns
    -------
    tuple of float
        (low, high) with 0 <= low <= k/n <= high <= 1.

    Raises
    ------
    DomainError
        If a parameter is outside its domain.

    Examples
    --------
    >>> low, high = clopper_pearson(3, 10, 0.95)
    >>> print(f"{low:.6f} {high:.6f}")
    0.066740 0.652453
    >>> clopper_pearson(0, 10, 0.95)[0], clopper_pearson(10, 10, 0.95)[1]
    (0.0, 1.0)

    References
    ----------
    C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the
    binomial", Biometrika 26, 404-413, 1934, doi:10.1093/biomet/26.4.404.
    """
    n = _count("trials", trials, 1)
    k = _count("successes", successes, 0)
    if k > n:
        raise DomainError(f"successes: an integer in 0..{n}, got {successes!r}")
    half = _miss(confidence) / 2
    low = _lower_end(k, n, half)
    # The upper end for k successes is one minus the lower end for k failures; solving for the small number
    # keeps its relative accuracy when the end is next to one.
    other = _lower_end(n - k, n, half)
    high = 1.0 - other
    if Fraction(high) < 1 - Fraction(other):
        high = math.nextafter(high, 2.0)
    return low, high


@lru_cache(maxsize=4096)
def _lower_end(k: int, n: int, tail: Fraction) -> float:
    """Return a float x, as large as is cheap, that is proven to satisfy P(Bin(n, x) >= k) <= tail."""
    if k == 0:
        return 0.0
    from flint import arb, ctx, fmpq

    with ctx.workprec(128):
        bound = arb(fmpq(tail.numerator, tail.denominator))
    x = _approximate_lower_end(k, n, tail)
    step = 1e-12
    while True:
        x *= 1.0 - step
        if _upper_tail(k, n, x) <= bound:
            return x
        step *= 4.0


def _approximate_lower_end(k: int, n: int, tail: Fraction) -> float:
    """Solve P(Bin(n, x) >= k) = tail by Newton's method for the log of the tail as a function of log x.

    That function is concave, so from any start the second iterate is on the safe side and convergence
    monotone.
    """
    wanted = math.log(tail.numerator) - math.log(tail.denominator)
    log_beta = math.lgamma(k) + math.lgamma(n - k + 1) - math.lgamma(n + 1)
    mean = k / n
    sigma = NormalDist().inv_cdf(max(float(tail), 1e-300)) * math.sqrt(mean * (1 - mean) / n)
    t = math.log(max(mean + sigma, mean * 1e-3))
    for _ in range(200):
        x = min(math.exp(t), 1.0 - 1e-16)
        log_tail = float(_upper_tail(k, n, x).log())
        slope = math.exp(k * math.log(x) + (n - k) * math.log1p(-x) - log_beta - log_tail)
        change = (wanted - log_tail) / slope
        t += max(min(change, 50.0), -50.0)
        if abs(change) < 1e-11:
            break
    return min(math.exp(t), mean)


def _upper_tail(k: int, n: int, x: float) -> Any:
    """Enclose P(Bin(n, x) >= k), a regularised incomplete beta function, in a ball of >= 60 certain bits."""
    from flint import arb, ctx

    precision = 128
    while True:
        with ctx.workprec(precision):
            ball = arb(x).beta_lower(arb(k), arb(n - k + 1), 1)
        if ball.is_finite() and ball.rel_accuracy_bits() >= 60:
            return ball
        precision *= 2
        if precision > 1 << 14:
            raise ArithmeticError(f"no enclosure of the binomial tail at k={k}, n={n}, p={x!r}")


def empirical_bernstein(
    mean: float, variance: float, samples: int, lowest: float, highest: float, confidence: Confidence
) -> tuple[float, float]:
    """Return a two-sided confidence interval for the mean of independent samples bounded in an interval.

    mean -+ [sqrt(2 V ln(4/a) / n) + 7 (highest - lowest) ln(4/a) / (3 (n - 1))], a = 1 - confidence,
    clipped to the bounds: the empirical Bernstein inequality of Maurer and Pontil on each side at a/2.

    Parameters
    ----------
    mean : float
        Sample mean.
    variance : float
        Unbiased sample variance V >= 0 (divisor n - 1).
    samples : int
        n >= 2.
    lowest, highest : float
        Almost sure bounds of one sample, lowest <= highest.
    confidence : float or Fraction
        In (0, 1).

    Returns
    -------
    tuple of float
        (low, high) with lowest <= low <= high <= highest.

    Raises
    ------
    DomainError
        If a parameter is outside its domain.

    Examples
    --------
    >>> low, high = empirical_bernstein(0.3, 0.01, 10_000, 0.0, 1.0, 0.99)
    >>> print(f"{low:.5f} {high:.5f}")
    0.29514 0.30486

    References
    ----------
    A. Maurer, M. Pontil, "Empirical Bernstein bounds and sample variance penalization", COLT 2009,
    arXiv:0907.3740.
    """
    n = _count("samples", samples, 2)
    if not (math.isfinite(lowest) and math.isfinite(highest) and lowest <= highest):
        raise DomainError(f"lowest, highest: finite numbers in order, got {lowest!r}, {highest!r}")
    if not (math.isfinite(variance) and variance >= 0):
        raise DomainError(f"variance: a finite number >= 0, got {variance!r}")
    miss = _miss(confidence)
    log = math.log(4 * miss.denominator) - math.log(miss.numerator)
    radius = math.sqrt(2 * variance * log / n) + 7 * (highest - lowest) * log / (3 * (n - 1))
    # One part in 10^12 covers the rounding of these few operations.
    radius = radius * (1 + 1e-12) + 1e-15 * abs(mean)
    return min(max(mean - radius, lowest), highest), max(min(mean + radius, highest), lowest)


@dataclass(frozen=True, slots=True)
class BinomialCount:
    """Sufficient statistic of a frequency: successes out of independent trials."""

    successes: int
    trials: int
    kind = "clopper-pearson"

    @property
    def samples(self) -> int:
        """Number of independent trials."""
        return self.trials

    @property
    def value(self) -> float:
        """Observed frequency."""
        return self.successes / self.trials

    @property
    def standard_error(self) -> float:
        """Estimated standard error of the frequency."""
        return math.sqrt(self.value * (1 - self.value) / self.trials)

    def interval(self, confidence: Confidence) -> tuple[float, float]:
        """Return the `clopper_pearson` interval."""
        return clopper_pearson(self.successes, self.trials, confidence)

    def __add__(self, other: BinomialCount) -> BinomialCount:
        """Pool two independent runs."""
        return BinomialCount(self.successes + other.successes, self.trials + other.trials)


@dataclass(frozen=True, slots=True)
class BoundedMoments:
    """Sufficient statistic of the mean of a bounded estimator: n, mean and sum of squared deviations."""

    samples: int
    mean: float
    squares: float
    lowest: float
    highest: float
    kind = "empirical-bernstein"

    @property
    def value(self) -> float:
        """Sample mean."""
        return self.mean

    @property
    def variance(self) -> float:
        """Unbiased variance of one sample."""
        return self.squares / (self.samples - 1) if self.samples > 1 else math.inf

    @property
    def standard_error(self) -> float:
        """Estimated standard error of the mean."""
        return math.sqrt(self.variance / self.samples)

    def interval(self, confidence: Confidence) -> tuple[float, float]:
        """Return the `empirical_bernstein` interval; one sample tells nothing beyond the bounds."""
        if self.samples < 2:
            return self.lowest, self.highest
        return empirical_bernstein(
            self.mean, self.variance, self.samples, self.lowest, self.highest, confidence
        )


@dataclass(frozen=True)
class Estimate:
    """A simulated value with its confidence interval and everything needed to reproduce it.

    Parameters
    ----------
    statistic : BinomialCount or BoundedMoments
        Sufficient statistic of the run.
    confidence : float or Fraction
        Confidence of the interval, in (0, 1).
    seed : int
        Entropy of the run.
    method : str
        Name of the sampling method.
    simulator : str
        "module:function" that made it.
    parameters : mapping
        Keyword arguments of that function that fix the law.
    complete : bool
        False when the run was interrupted; then `samples` tells how many were finished.

    Examples
    --------
    >>> e = Estimate(BinomialCount(7066, 10_000), confidence=0.95, seed=0)
    >>> print(e)
    0.707(5)
    >>> e.latex()
    '\\\\num{0.707(5)}'
    >>> e.contains(0.7066) and e.at(0.999).low < e.low
    True
    """

    statistic: BinomialCount | BoundedMoments
    confidence: Confidence = 0.99
    seed: int = 0
    method: str = ""
    simulator: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    complete: bool = True
    low: float = field(init=False)
    high: float = field(init=False)

    def __post_init__(self) -> None:
        low, high = self.statistic.interval(self.confidence)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    @property
    def value(self) -> float:
        """Point estimate."""
        return self.statistic.value

    @property
    def samples(self) -> int:
        """Number of independent samples behind the value."""
        return self.statistic.samples

    @property
    def standard_error(self) -> float:
        """Estimated standard error (the interval does not use it)."""
        return self.statistic.standard_error

    @property
    def interval(self) -> tuple[float, float]:
        """Confidence interval (low, high)."""
        return self.low, self.high

    @property
    def interval_kind(self) -> str:
        """Name of the interval: "clopper-pearson" or "empirical-bernstein"."""
        return self.statistic.kind

    def at(self, confidence: Confidence) -> Estimate:
        """Return the same run with its interval at another confidence."""
        return replace(self, confidence=confidence)

    def contains(self, value: float | Fraction) -> bool:
        """Tell whether the confidence interval contains a value."""
        return self.low <= value <= self.high

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return _concise(self.value, self._uncertainty())

    def _uncertainty(self) -> float:
        """Return the standard error, or half an interval where every sample agreed by chance."""
        if self.standard_error > 0:
            return self.standard_error
        low, high = self.statistic.interval(_ONE_SIGMA)
        width = max(high - self.value, self.value - low)
        return width if width > 1e-9 * abs(self.value) else 0.0

    def latex(self) -> str:
        r"""Return the value and its standard error as a siunitx ``\num{...}``."""
        return rf"\num{{{self}}}"

    def as_dict(self) -> dict[str, object]:
        """Return a dictionary of plain JSON values."""
        names = list(type(self.statistic).__dataclass_fields__)
        return {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "confidence": float(self.confidence),
            "interval": self.interval_kind,
            "standard_error": self.standard_error if math.isfinite(self.standard_error) else None,
            "samples": self.samples,
            "seed": self.seed,
            "method": self.method,
            "simulator": self.simulator,
            "parameters": {name: _plain(value) for name, value in self.parameters.items()},
            "complete": self.complete,
            "statistic": {name: getattr(self.statistic, name) for name in names},
        }

    def _repr_html_(self) -> str:
        ends = f"[{self.low:.8g}, {self.high:.8g}]"
        rows = {
            "value": str(self),
            f"{float(self.confidence):.12g} interval": f"{ends} ({self.interval_kind})",
            "samples": f"{self.samples:,}" + ("" if self.complete else " (interrupted)"),
            "seed": str(self.seed),
            "method": f"{self.method} ({self.simulator})",
            "parameters": ", ".join(f"{name}={value}" for name, value in self.parameters.items()),
        }
        cells = "".join(
            f"<tr><th>{html.escape(k)}</th><td>{html.escape(v)}</td></tr>" for k, v in rows.items()
        )
        return f"<table>{cells}</table>"


def _plain(value: object) -> object:
    """Return a JSON value: numbers, texts and lists stay, anything else becomes its text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)


def _concise(value: float, uncertainty: float) -> str:
    """Write 0.7066(5): the value to the place of the first digit of its uncertainty (GUM, siunitx)."""
    if not math.isfinite(uncertainty) or uncertainty <= 0:
        return f"{value:.15g}"
    shift = math.floor(math.log10(abs(value))) if 0 < abs(value) < 1e-3 else 0
    if value == 0 and uncertainty < 1e-3:
        shift = math.floor(math.log10(uncertainty))
    scaled, error = Decimal(value).scaleb(-shift), Decimal(uncertainty).scaleb(-shift)
    place = min(error.adjusted(), 0)
    digits = int(error.scaleb(-place).to_integral_value(ROUND_HALF_EVEN))
    if digits == 10 and place < 0:
        place, digits = place + 1, 1
    text = f"{scaled.quantize(Decimal(1).scaleb(place), ROUND_HALF_EVEN):f}({digits})"
    return f"{text}e{shift}" if shift else text
