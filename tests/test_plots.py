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
from relutheory.experiments import REPORTED, TrainingRow, TrainingTable
from relutheory.plots.rai import LAWS
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


def test_gated_rates_lie_in_their_bracket() -> None:
    figure = plots.gated_rates(range(-6, 2))
    upper, lower = figure.axes
    assert upper.get_yscale() == "log"
    small, large = upper.get_lines()
    gram = theorem("gated-gram-eigenvalues")
    phi = [value("ramp-moment-recursion", n=0, h=h) for h in range(-6, 2)]
    for line, name in ((small, "lam_minus"), (large, "lam_plus")):
        wanted = [float(gram.evaluate(h=h, digits=17)[name].digits(17)) for h in range(-6, 2)]
        assert list(line.get_ydata()) == pytest.approx([w / p for w, p in zip(wanted, phi, strict=True)])
    (band,) = upper.collections
    for a, rate in zip(range(6, -1, -1), small.get_ydata(), strict=False):
        assert 1 / (a**4 + 9 * a**2 + 7.5) < rate < 1 / (a**4 + 9 * a**2 + 2)
    assert band.get_paths()[0].vertices[:, 0].max() == 0
    place = lower.get_lines()[0]
    assert list(place.get_xdata()) == list(range(-6, 1))
    assert all(2 < f < 7.5 for f in place.get_ydata())


def test_gate_functions_are_the_statement() -> None:
    figure = plots.gate_functions(ratios=range(4))
    (axes,) = figure.axes
    assert len(axes.get_lines()) == 6
    for line, (name, parameters) in zip(axes.get_lines(), LAWS, strict=False):
        assert line.get_label() == name
        wanted = [value("rai-gate-function", t=t, **parameters) for t in range(4)]
        assert list(line.get_ydata()) == wanted
        assert wanted[0] == 0.5


def test_unit_range_holds_a_unit() -> None:
    figure = plots.unit_dead_range(range(1, 8))
    (axes,) = figure.axes
    lines = {line.get_label(): list(line.get_ydata()) for line in axes.get_lines()}
    any_law, high, single, low = (
        next(v for k, v in lines.items() if words in k)
        for words in ("any law", "upper end", "(1, 0", "lower end")
    )
    assert high == [n / (2 * (n + 1)) for n in range(1, 8)]
    assert low[0] == single[0] == value("rai-unit-dead-probability", h=(1,))
    for a, b, c, d in zip(low, single, high, any_law, strict=True):
        assert a <= b < c < d < 0.5


def test_rai_against_depth_draws_bounds_simulation_and_symmetric_laws() -> None:
    depths = range(2, 9)
    figure = plots.rai_against_depth((2, 5), depths, {2: {4: run(300), 40: run(900)}})
    (axes,) = figure.axes
    high, low, symmetric = axes.get_lines()[:3]
    explicit = theorem("rai-born-dead-explicit")
    for line, name in ((low, "lower"), (high, "upper")):
        wanted = [float(explicit.evaluate(N=2, L=depth, digits=17)[name].digits(17)) for depth in depths]
        assert list(line.get_ydata()) == wanted
    assert list(symmetric.get_ydata()) == [value(plots.UPPER, N=2, L=depth) for depth in depths]
    (bars,) = axes.containers
    assert list(bars[0].get_xdata()) == [4]
    assert {"RAI, simulated, one input", "symmetric law, one input"} <= set(legends(figure))


def test_trained_collapse_draws_intervals_beside_reported_figures() -> None:
    rows = [TrainingRow(r, r_, run(400)) for r in REPORTED[:3] for r_ in ("sqrt3", Fraction(3, 2))]
    figure = plots.trained_collapse(TrainingTable(tuple(rows)))
    (axes,) = figure.axes
    assert [t.get_text() for t in axes.get_xticklabels()] == ["$f_1$\n$r = \\sqrt{3}$", "$f_1$\n$r = 1.5$"]
    he, rai = axes.containers
    assert list(he[0].get_ydata()) == list(rai[0].get_ydata()) == [40.0, 40.0]
    low, high = run(400).interval
    (first, _) = he[2][0].get_segments()
    assert [y for _, y in first] == pytest.approx([100 * low, 100 * high])
    reported = [line for line in axes.get_lines() if "reported" in str(line.get_label())]
    assert [list(line.get_ydata()) for line in reported] == [[93.6, 93.6], [40.3, 40.3]]


def test_nothing_of_the_new_figures_overlaps() -> None:
    rows = [TrainingRow(r, "sqrt3", run(400)) for r in REPORTED]
    figures = (
        plots.gated_rates(range(-6, 2)),
        plots.gate_functions(ratios=range(4)),
        plots.unit_dead_range(range(1, 8)),
        plots.rai_against_depth((2, 3, 5), range(2, 9), {2: {4: run(300)}}),
        plots.trained_collapse(TrainingTable(tuple(rows))),
    )
    for figure in figures:
        assert plots.figure_bytes(figure, "png")
        boxes = [legend.get_window_extent() for legend in figure.legends]
        boxes += [axes.get_window_extent() for axes in figure.axes]
        for k, one in enumerate(boxes):
            assert not any(one.overlaps(other) for other in boxes[k + 1 :])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: plots.born_dead_against_depth((0,)), "widths must be integers >= 1, got 0"),
        (lambda: plots.born_dead_against_depth((3,), [1]), "depths must be integers >= 2, got 1"),
        (lambda: plots.born_dead_against_depth((3,), []), "depths must have"),
        (lambda: plots.born_dead_against_depth(range(1, 9)), "widths must have 1..6 values"),
        (lambda: plots.born_dead_against_width((2,)), "depths must be integers >= 3"),
        (lambda: plots.safe_region("2"), "delta"),
        (lambda: plots.gated_rates([1]), "margins must have at least one value <= 0"),
        (lambda: plots.gate_functions(()), "laws must have 1..6 entries, got 0"),
        (lambda: plots.gate_functions(ratios=[-1]), "t must be"),
        (lambda: plots.unit_dead_range([0]), "fan_ins must be integers >= 1, got 0"),
        (lambda: plots.rai_against_depth((2,), [1]), "depths must be integers >= 2, got 1"),
        (lambda: plots.trained_collapse(TrainingTable(())), "the training table has no rows"),
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
