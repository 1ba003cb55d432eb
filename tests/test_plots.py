"""Figures: they draw the certified values, name their axes and leave no trace outside themselves."""

from __future__ import annotations

import io
import subprocess
import sys
from fractions import Fraction

import matplotlib as mpl
import pytest

from relutheory import plots
from relutheory.errors import DomainError, MissingExtraError
from relutheory.estimate import BinomialCount, Estimate
from relutheory.theorems import theorem


def run(successes: int) -> Estimate:
    return Estimate(BinomialCount(successes, 1000), seed=1)


def value(id: str, **point: object) -> float:
    return float(theorem(id).evaluate(digits=17, **point).digits(17))


def legends(figure) -> list[str]:
    texts = [t.get_text() for legend in figure.legends for t in legend.get_texts()]
    own = figure.axes[0].get_legend()
    return texts + ([t.get_text() for t in own.get_texts()] if own else [])


def test_depth_figure_draws_the_certified_values() -> None:
    depths = range(2, 15)
    figure = plots.born_dead_against_depth((3, 5), depths, {3: {5: run(206), 10: run(578)}})
    (axes,) = figure.axes
    upper, lower = axes.get_lines()[:2]
    assert list(upper.get_xdata()) == list(depths)
    assert list(upper.get_ydata()) == [value(plots.UPPER, N=3, L=depth) for depth in depths]
    assert list(lower.get_ydata()) == [value(plots.LOWER, N=3, L=depth) for depth in depths]
    assert "affine" in axes.get_xlabel()
    assert axes.get_ylabel() == "born-dead probability"
    assert {"$N = 3$", "$N = 5$", "upper bound, every input set"} <= set(legends(figure))
    (bars,) = axes.containers
    assert list(bars[0].get_xdata()) == [5, 10]
    assert list(bars[0].get_ydata()) == [0.206, 0.578]


def test_error_bars_are_the_intervals() -> None:
    estimate = run(300)
    figure = plots.born_dead_against_depth((3,), range(2, 9), {3: {5: estimate}})
    (segment,) = figure.axes[0].containers[0][2][0].get_segments()
    assert [y for _, y in segment] == pytest.approx(list(estimate.interval))


def test_width_figure_is_logarithmic() -> None:
    figure = plots.born_dead_against_width((5, 10), range(1, 8), {n: {10: run(100 * n)} for n in (2, 3)})
    (axes,) = figure.axes
    assert axes.get_yscale() == "log"
    assert "width" in axes.get_xlabel()
    assert list(axes.get_lines()[0].get_ydata()) == [value(plots.UPPER, N=n, L=5) for n in range(1, 8)]


@pytest.mark.parametrize("delta", ["0.1", Fraction(1, 3)])
def test_safe_region_draws_certified_integers(delta: object) -> None:
    figure = plots.safe_region(delta, range(1, 9), {3: 2})
    (axes,) = figure.axes
    safe, dead = axes.get_lines()[:2]
    assert list(safe.get_ydata()) == [value("born-dead-max-depth", N=n, delta=delta) for n in range(1, 9)]
    assert list(dead.get_ydata()) == [value("born-dead-dead-depth", N=n, delta=delta) for n in range(1, 9)]
    assert "depth" in axes.get_ylabel()
    assert any("safe for every input set" in text for text in legends(figure))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: plots.born_dead_against_depth((0,)), "widths must be integers >= 1, got 0"),
        (lambda: plots.born_dead_against_depth((3,), [1]), "depths must be integers >= 2, got 1"),
        (lambda: plots.born_dead_against_depth((3,), []), "depths must have"),
        (lambda: plots.born_dead_against_depth(range(1, 9)), "widths must have 1..6 values"),
        (lambda: plots.born_dead_against_width((2,)), "depths must be integers >= 3"),
        (lambda: plots.safe_region("2"), "delta"),
    ],
)
def test_bad_input_is_refused_in_one_line(make, words: str) -> None:
    with pytest.raises(DomainError) as caught:
        make()
    assert words in str(caught.value)


def test_no_global_state_is_changed() -> None:
    before = dict(mpl.rcParams)
    plots.safe_region("0.1", range(1, 4)).savefig(io.BytesIO(), format="png")
    assert dict(mpl.rcParams) == before


def test_pyplot_is_not_imported_and_no_display_is_needed() -> None:
    code = (
        "import io, sys; from relutheory.plots import safe_region;"
        "safe_region('0.1', range(1, 4)).savefig(io.BytesIO(), format='pdf');"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", code], check=True, timeout=60, env={"MPLBACKEND": "agg", **_environment()}
    )


def _environment() -> dict[str, str]:
    import os

    return {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "MPLBACKEND")}


def test_same_figure_gives_the_same_bytes() -> None:
    for kind in ("pdf", "svg", "png"):
        one, other = (plots.figure_bytes(plots.safe_region("0.1", range(1, 4)), kind) for _ in range(2))
        assert one == other
    assert b"/Type3" not in plots.figure_bytes(plots.safe_region("0.1", range(1, 4)))
    with pytest.raises(DomainError, match="format must be"):
        plots.figure_bytes(plots.safe_region("0.1", range(1, 4)), "gif")


def test_missing_matplotlib_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"relutheory\[plots\]"):
        plots.safe_region("0.1", range(1, 4))


def test_figures_show_themselves_in_a_notebook() -> None:
    figure = plots.safe_region("0.1", range(1, 4))
    assert figure._repr_png_()[:8] == b"\x89PNG\r\n\x1a\n"
