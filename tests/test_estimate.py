"""Intervals against exact rational arithmetic, and the record that carries them."""

from __future__ import annotations

import json
import math
import pickle
from fractions import Fraction

import flint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relutheory.errors import DomainError
from relutheory.estimate import (
    BinomialCount,
    BoundedMoments,
    Estimate,
    clopper_pearson,
    empirical_bernstein,
)

CONFIDENCES = [0.5, 0.95, Fraction(99, 100), 1 - 1e-6, 1 - 1e-12]


def pmf(k: int, n: int, p: Fraction) -> Fraction:
    return math.comb(n, k) * p**k * (1 - p) ** (n - k)


def upper_tail(k: int, n: int, p: Fraction) -> Fraction:
    return sum((pmf(j, n, p) for j in range(k, n + 1)), Fraction(0))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 25), st.data(), st.sampled_from(CONFIDENCES))
def test_ends_are_outside_the_exact_solutions_and_tight(
    n: int, data: st.DataObject, confidence: float
) -> None:
    k = data.draw(st.integers(0, n))
    half = (1 - Fraction(confidence)) / 2
    low, high = clopper_pearson(k, n, confidence)
    assert 0 <= low <= Fraction(k, n) <= high <= 1
    if k > 0:
        assert upper_tail(k, n, Fraction(low)) <= half
        assert upper_tail(k, n, Fraction(low) * (1 + Fraction(1, 10**9))) > half
    if k < n:
        # P(Bin(n, p) <= k) = P(Bin(n, 1 - p) >= n - k).
        miss = 1 - Fraction(high)
        assert upper_tail(n - k, n, miss) <= half
        assert upper_tail(n - k, n, miss + Fraction(1, 10**9)) > half


@pytest.mark.parametrize("n", [1, 2, 5, 12])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 1 - 1e-6])
def test_coverage_is_never_below_the_confidence(n: int, confidence: float) -> None:
    intervals = [clopper_pearson(k, n, confidence) for k in range(n + 1)]
    # The coverage is smallest next to an end of an interval, so those are the success probabilities tried.
    tiny = Fraction(1, 2**80)
    ends = {Fraction(end) for interval in intervals for end in interval}
    tried = {min(max(end + shift, Fraction(0)), Fraction(1)) for end in ends for shift in (-tiny, 0, tiny)}
    for p in tried:
        covered = sum(pmf(k, n, p) for k, (low, high) in enumerate(intervals) if low <= p <= high)
        assert covered >= Fraction(confidence)


@pytest.mark.parametrize("n", [10**6, 10**9])
def test_large_samples(n: int) -> None:
    for k in (0, 1, n // 2, n - 1, n):
        low, high = clopper_pearson(k, n, 1 - 1e-12)
        mirrored = clopper_pearson(n - k, n, 1 - 1e-12)
        assert math.isclose(low, 1 - mirrored[1], rel_tol=1e-9, abs_tol=1e-15)
        # No farther than what a normal interval of eight standard errors plus a Poisson one would be.
        assert high - low < 16 * math.sqrt(k / n * (1 - k / n) / n) + 60 / n
    half = (1 - Fraction(1 - 1e-12)) / 2
    # No failures at all: the end is known in closed form.
    assert math.isclose(clopper_pearson(n, n, 1 - 1e-12)[0], float(half) ** (1 / n), rel_tol=1e-12)


def test_intervals_are_nested_and_monotone() -> None:
    for n in (7, 1000):
        for k in range(0, n, max(1, n // 7)):
            wide, narrow = clopper_pearson(k, n, 0.999), clopper_pearson(k, n, 0.9)
            assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]
            following = clopper_pearson(k + 1, n, 0.9)
            assert narrow[0] < following[0]
            assert narrow[1] <= following[1]


def test_the_working_precision_of_flint_is_left_alone() -> None:
    before = flint.ctx.prec
    clopper_pearson(17, 1017, 0.97)
    assert flint.ctx.prec == before


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda: clopper_pearson(3, 2, 0.9), "successes"),
        (lambda: clopper_pearson(-1, 2, 0.9), "successes"),
        (lambda: clopper_pearson(0, 0, 0.9), "trials"),
        (lambda: clopper_pearson(1, 2, 1.0), "confidence"),
        (lambda: clopper_pearson(1, 2, True), "confidence"),
        (lambda: empirical_bernstein(0.5, 0.1, 1, 0, 1, 0.9), "samples"),
        (lambda: empirical_bernstein(0.5, 0.1, 9, 1, 0, 0.9), "lowest"),
        (lambda: empirical_bernstein(0.5, -0.1, 9, 0, 1, 0.9), "variance"),
    ],
)
def test_bad_input_is_named_in_one_line(call, names) -> None:
    with pytest.raises(DomainError) as caught:
        call()
    assert str(caught.value).startswith(names)
    assert "got" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("n", [2, 6, 14])
@pytest.mark.parametrize("p", [Fraction(1, 2), Fraction(1, 10), Fraction(1, 1000)])
@pytest.mark.parametrize("confidence", [0.5, 0.9])
def test_bernstein_coverage_is_exact_on_bernoulli_samples(n: int, p: Fraction, confidence: float) -> None:
    covered = Fraction(0)
    for k in range(n + 1):
        mean = k / n
        variance = n / (n - 1) * mean * (1 - mean)
        low, high = empirical_bernstein(mean, variance, n, 0.0, 1.0, confidence)
        if low <= p <= high:
            covered += pmf(k, n, p)
    assert covered >= Fraction(confidence)


def test_bernstein_narrows_like_the_variance() -> None:
    wide = empirical_bernstein(0.5, 0.25, 10**8, 0.0, 1.0, 0.99)
    narrow = empirical_bernstein(0.5, 0.0025, 10**8, 0.0, 1.0, 0.99)
    assert (narrow[1] - narrow[0]) < 0.11 * (wide[1] - wide[0])
    assert empirical_bernstein(0.25, 0.0, 10, 0.25, 0.25, 0.99) == (0.25, 0.25)


@pytest.mark.parametrize(
    ("statistic", "text"),
    [
        (BinomialCount(7066, 10_000), "0.707(5)"),
        (BinomialCount(706_600, 1_000_000), "0.7066(5)"),
        (BoundedMoments(100, 2.8e-23, 99 * 100 * 1.44e-48, 0.0, 1.0), "2.8(1)e-23"),
        (BoundedMoments(100, 0.15625, 0.0, 0.15625, 0.15625), "0.15625"),
        (BoundedMoments(100, 123.4, 99 * 100 * 16.0, 0.0, 1000.0), "123(4)"),
        (BoundedMoments(100, 0.5, 99 * 100 * 0.0962**2, 0.0, 1.0), "0.5(1)"),
    ],
)
def test_text_follows_the_uncertainty(statistic: BinomialCount | BoundedMoments, text: str) -> None:
    estimate = Estimate(statistic)
    assert str(estimate) == text
    assert estimate.latex() == rf"\num{{{text}}}"


def test_unanimous_samples_still_show_an_uncertainty() -> None:
    assert str(Estimate(BinomialCount(0, 1000))) != "0"
    assert "(" in str(Estimate(BinomialCount(1000, 1000)))


def test_record_round_trips_and_reads_at_another_confidence() -> None:
    e = Estimate(BinomialCount(3, 10), 0.9, 5, "networks", "m:f", {"widths": (2, 3), "law": object}, False)
    assert float(e) == e.value == 0.3
    assert e.interval == clopper_pearson(3, 10, 0.9)
    assert e.at(0.99).interval == clopper_pearson(3, 10, 0.99)
    assert (e.at(0.99).seed, e.at(0.99).complete) == (5, False)
    assert e.contains(Fraction(3, 10))
    assert not e.contains(0.9)
    data = json.loads(json.dumps(e.as_dict()))
    assert data["parameters"]["widths"] == [2, 3]
    assert data["statistic"] == {"successes": 3, "trials": 10}
    page = e._repr_html_()
    assert "interrupted" in page
    assert "&lt;class" in page
    assert pickle.loads(pickle.dumps(e.at(0.5))).interval == clopper_pearson(3, 10, 0.5)


def test_counts_pool() -> None:
    assert BinomialCount(1, 3) + BinomialCount(2, 4) == BinomialCount(3, 7)
    assert BoundedMoments(1, 0.5, 0.0, 0.0, 1.0).interval(0.9) == (0.0, 1.0)
