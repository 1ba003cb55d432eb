"""Figures of recursions: the dead set, the teacher and the theorems' regions are drawn and named."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.patches import Circle, Polygon

from relutheory.errors import DomainError
from relutheory.plots import death_basin, figure_bytes, phase_portrait
from relutheory.plots.recursions import _plane_drift
from relutheory.recursions import affine_teacher, relu_teacher, zero_target


def names(figure) -> set[str]:
    return {t.get_text() for legend in figure.legends for t in legend.get_texts()}


def line(axes, label: str):
    (found,) = (x for x in axes.get_lines() if x.get_label() == label)
    return found


def test_portrait_has_the_dead_set_the_teacher_and_the_regions() -> None:
    figure = phase_portrait(relu_teacher(["1/2", 2], "1/10"), [(-1, 0.5), (1.5, -1)], steps=100, grid=14)
    (axes,) = figure.axes
    dead = line(axes, "dead set")
    assert set(dead.get_xdata()) == {0.0}
    assert max(dead.get_ydata()) == 0.0
    assert min(dead.get_ydata()) == axes.get_ylim()[0]
    star = line(axes, "teacher")
    assert (star.get_xdata()[0], star.get_ydata()[0]) == (2.0, 0.5)
    (ball,) = (p for p in axes.patches if isinstance(p, Circle))
    assert ball.center == (2.0, 0.5)
    assert ball.radius == pytest.approx(np.sqrt(4.25))
    (trap,) = (p for p in axes.patches if isinstance(p, Polygon))
    corner = trap.get_xy()[0]
    assert corner[1] / corner[0] == pytest.approx(0.25)
    assert names(figure) == {
        "no drift of $w$",
        "no drift of $b$",
        "trapping set",
        "safe ball",
        "dead set",
        "mean trajectory",
        "teacher",
    }
    assert "w^*" in axes.get_xlabel()
    assert axes.get_ylabel() == "bias $b$"
    path = line(axes, "mean trajectory")
    assert (path.get_xdata()[0], path.get_ydata()[0]) == (-1.0, 0.5)


def test_regions_without_a_theorem_are_not_shaded() -> None:
    affine = phase_portrait(affine_teacher([0, 1], "1/10"), grid=12)
    assert "trapping set" not in names(affine)
    assert "safe ball" in names(affine)
    large = phase_portrait(relu_teacher([0, 1], 3), grid=12)
    assert not {"safe ball", "trapping set"} & names(large)


def test_plane_drift_is_the_drift_in_any_dimension() -> None:
    along, across = np.array([-1.5, 0.5]), np.array([-1.0, 0.25])
    one = _plane_drift(relu_teacher(["1/2", 5], "1/10"), along, across)
    two = _plane_drift(relu_teacher(["1/2", 3, 4], "1/10"), along, across)
    assert np.abs(np.array(one) - np.array(two)).max() < 1e-12
    exact = relu_teacher(["1/2", 5], "1/10").iterate(["1/4", "1/2"], 1)
    assert one[1][1, 1] == pytest.approx((float(exact[0]) - 0.25) * 10, abs=1e-13)
    assert one[0][1, 1] == pytest.approx((float(exact[1]) - 0.5) * 10, abs=1e-13)


def test_basin_of_one_input_shows_what_is_proven() -> None:
    figure = death_basin(relu_teacher([0, 1], "1/4"), resolution=20, steps=200)
    (axes,) = figure.axes
    assert {"converges, certified", "dies, certified", "dead set"} <= names(figure)
    assert axes.get_ylabel() == "initial bias $b_0$"
    (image,) = axes.get_images()
    classes = image.get_array()
    # The lower left quadrant is trapped, the neighbourhood of the teacher safe.
    assert (classes[:10, :10] == 4).all()
    assert classes[10, 15] == 0


def test_basin_by_angle() -> None:
    figure = death_basin(relu_teacher([0, 1, 0], "1/4"), resolution=12, steps=300, second=(-1.2, 0.5))
    (axes,) = figure.axes
    assert "angle" in axes.get_xlabel()
    assert axes.get_ylabel() == "initial margin $h_0$"
    classes = axes.get_images()[0].get_array()
    assert classes[-1, 0] == 0
    assert classes[0, -1] in (2, 3)
    assert axes.get_ylim() == (-1.2, 0.5)


def test_figures_leave_no_trace_and_are_reproducible() -> None:
    before = dict(mpl.rcParams)
    first, second = (figure_bytes(death_basin(relu_teacher([0, 1], 1), resolution=5, steps=9)) for _ in "ab")
    assert first == second
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: phase_portrait(zero_target(1)), "recursion must be that of a teacher, got zero target"),
        (lambda: phase_portrait(relu_teacher([0, 1], 1), [(0, 1)], grid=12), "starts must have a weight"),
        (lambda: phase_portrait(relu_teacher([0, 1], 1), [(1, 2, 3)], grid=12), "starts must be pairs"),
        (
            lambda: phase_portrait(relu_teacher([0, 1], 1), grid=2),
            "grid must be an integer in 10..1000, got 2",
        ),
        (lambda: death_basin(relu_teacher([0, 1], 1), coordinates="polar"), "coordinates must be 'angle'"),
        (lambda: death_basin(relu_teacher([0, 1], 1), coordinates="angle"), "there is no angle"),
        (lambda: death_basin(relu_teacher([0, 1], 1), resolution=1), "resolution must be an integer"),
    ],
)
def test_bad_input_gets_one_clear_line(call, words: str) -> None:
    with pytest.raises(DomainError, match=words):
        call()
