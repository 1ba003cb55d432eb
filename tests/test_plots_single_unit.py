"""Figures of single units: the slow-down is certified, ensembles are drawn beside their own mean map."""

from __future__ import annotations

from fractions import Fraction

import matplotlib as mpl
import numpy as np
import pytest

from relutheory.errors import DomainError
from relutheory.plots import figure_bytes, mean_against_ensemble, slow_down
from relutheory.plots.single_unit import mean_map, mean_orbit
from relutheory.simulate.learners import LearnerRuns, LearnerSettings, mean_field_gap, train_learners
from relutheory.theorems import theorem


def learners(margin: float = 0, eta: Fraction = Fraction(1, 10), **more: object) -> LearnerRuns:
    given = {"theta0": (0, 0, 1), "every": 5, "sig": 0.1} | more
    return train_learners(LearnerSettings((margin, 1, 0), eta, 20, **given), runs=100, seed=3)


def test_slow_down_is_the_statement_and_lies_above_the_naive_factor() -> None:
    (axes,) = slow_down(range(-4, 2)).axes
    slow, naive, *marks = axes.get_lines()
    local = theorem("local-rates")
    wanted = [float(local.evaluate(h_star=h, digits=17)["slowdown"].digits(17)) for h in range(-4, 2)]
    assert list(slow.get_ydata()) == wanted
    assert list(slow.get_xdata()) == list(naive.get_xdata())
    for p, one, other in zip(slow.get_xdata(), slow.get_ydata(), naive.get_ydata(), strict=True):
        assert other == 1 / p < one
    assert [m.get_ydata()[0] for m in marks] == wanted
    assert {t.get_text() for t in axes.texts} == {f"$h^* = {h}$" for h in range(-4, 1)}
    assert axes.get_xscale() == axes.get_yscale() == "log"


def test_slow_down_marks_integers_only() -> None:
    (axes,) = slow_down(["-1/2", 0]).axes
    assert len(axes.get_lines()) == 3
    with pytest.raises(DomainError, match="at least one value"):
        slow_down([])


@pytest.mark.parametrize("teacher", ["affine", "relu"])
def test_the_mean_orbit_is_that_of_the_recursion(teacher: str) -> None:
    found = learners(0.5, teacher=teacher)
    drift = theorem(f"{teacher}-teacher-drift")
    exact = drift.evaluate(theta=(0, 0, 1), theta_star=("1/2", 1, 0), eta="1/10", steps=20, digits=20)
    orbit = mean_orbit(found)
    assert orbit.shape == (5, 3)
    assert orbit[-1] == pytest.approx([float(exact[f"theta_{i}"]) for i in range(3)], rel=1e-9, abs=1e-12)
    # One step from a point is exact, so the ensemble starts on the orbit.
    assert orbit[0].tolist() == [0, 0, 1]


def test_the_mean_map_knows_the_inputs() -> None:
    found = learners(m=(0.5, -0.25), S=((1, 0.25), (0.25, 0.5)), teacher="affine")
    shown = mean_map(found).shown
    assert shown["m"] == (Fraction(1, 2), Fraction(-1, 4))
    assert shown["S"][0] == (1, Fraction(1, 4))
    assert shown["eta"] == Fraction(1, 10)


def test_an_orbit_ends_with_the_last_recorded_step() -> None:
    found = learners(every=6)
    assert found.steps == (0, 6, 12, 18)
    assert len(mean_orbit(found)) == 4


@pytest.mark.parametrize("more", [{"beta": 0.5}, {"theta0": None}])
def test_other_learners_have_no_mean_map(more: dict[str, object]) -> None:
    with pytest.raises(DomainError, match="without momentum from one starting point"):
        mean_map(learners(**more))


def test_ensembles_are_drawn_beside_their_mean_map() -> None:
    found = [learners(h, eta) for h in (1, -1) for eta in (Fraction(1, 10), Fraction(1, 50))]
    figure = mean_against_ensemble(found)
    upper, lower = figure.axes
    # Of the larger step size the bias, of both the distance.
    bias, orbit = upper.get_lines()[:2]
    assert bias.get_label() == "$h^* = 1$"
    assert list(bias.get_xdata()) == [k / 10 for k in (0, 5, 10, 15, 20)]
    assert list(bias.get_ydata()) == list(found[0].mean("b"))
    assert list(orbit.get_ydata()) == mean_orbit(found[0])[:, 0].tolist()
    band = upper.collections[0].get_paths()[0].vertices
    low, high = found[0].estimate("b", 20).interval
    assert {low, high} <= set(band[:, 1].tolist())
    assert [line.get_linestyle() for line in lower.get_lines()] == ["-", "--", "-", "--"]
    for runs, line in zip(found, lower.get_lines(), strict=True):
        assert max(line.get_ydata()) == pytest.approx(mean_field_gap(runs, mean_orbit(runs)).value)
    names = [t.get_text() for legend in figure.legends for t in legend.get_texts()]
    assert names == ["$h^* = 1$", "$h^* = -1$", "mean map"]
    assert [t.get_text() for t in lower.get_legend().get_texts()] == [r"$\eta = 0.1$", r"$\eta = 0.02$"]


def test_too_many_or_no_ensembles_are_refused() -> None:
    one = learners()
    with pytest.raises(DomainError, match="step sizes"):
        mean_against_ensemble([])
    sizes = [learners(eta=Fraction(1, k)) for k in (2, 3, 4, 5)]
    with pytest.raises(DomainError, match="step sizes"):
        mean_against_ensemble(sizes)
    assert len(mean_against_ensemble([one]).axes) == 2


def test_figures_are_reproducible_and_leave_no_trace() -> None:
    before = dict(mpl.rcParams)
    found = learners()
    for draw in (lambda: slow_down(range(-2, 1)), lambda: mean_against_ensemble([found])):
        assert figure_bytes(draw(), "pdf") == figure_bytes(draw(), "pdf")
    assert dict(mpl.rcParams) == before
    assert np.isfinite(found.mean("b")).all()
