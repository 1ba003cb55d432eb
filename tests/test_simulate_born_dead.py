"""The witnesses against exact values, with exact intervals and points that tell the mutants apart.

Every interval has confidence 1 - 1e-6, so the whole file fails by chance about once in 10^4 seeds; the seeds
are fixed. Where a test says "rejects", the interval must also exclude the nearby wrong value.
"""

from __future__ import annotations

import math
import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relutheory.errors import DomainError
from relutheory.estimate import Estimate
from relutheory.simulate import born_dead as bd
from relutheory.simulate.inputs import direction_grid
from relutheory.simulate.laws import Orthogonal

SURE = 1 - 1e-6


def single_point_value(widths: tuple[int, ...]) -> Fraction:
    alive = Fraction(1)
    for n in widths:
        alive *= 1 - Fraction(1, 2**n)
    return 1 - alive


def accepts(estimate: Estimate, value: float | Fraction) -> bool:
    return estimate.at(SURE).contains(value)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("law", ["gaussian", "uniform", "laplace", "cauchy"])
def test_single_point_law_rejects_one_layer_more_or_less(law: str, bias: bool) -> None:
    for widths in ((2, 2), (3, 2, 4, 3, 2)):
        e = bd.single_point(widths=widths, law=law, bias=bias, samples=60_000, seed=17)
        assert accepts(e, single_point_value(widths))
        assert not accepts(e, single_point_value(widths[:-1]))
        assert not accepts(e, single_point_value((*widths, widths[-1])))


def test_mixed_laws_of_weights_and_biases() -> None:
    e = bd.born_dead(
        N=2, L=3, D="point", law="cauchy", bias="uniform", bias_scale=3.0, samples=60_000, seed=4
    )
    assert accepts(e, Fraction(7, 16))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=5), st.integers(0, 10**6))
def test_single_point_law_on_random_widths(widths: list[int], seed: int) -> None:
    e = bd.single_point(widths=widths, samples=20_000, seed=seed)
    assert e.at(1 - 1e-9).contains(single_point_value(tuple(widths)))


# N, L, lower bound, an independent estimate with its standard error, upper bound.
TRUTH = [
    (3, 5, 0.173306, (0.2063, 2e-4), 0.413818),
    (3, 10, 0.513389, (0.5786, 2e-4), 0.699342),
    (5, 10, 0.063985, (0.1285, 2e-4), 0.248541),
    (5, 20, 0.213793, (0.3556, 2e-4), 0.452956),
    (7, 20, 0.019526, (0.0812, 1e-4), 0.138448),
    (10, 20, 0.000339, (0.00707, 2e-5), 0.018393),
]


@pytest.mark.parametrize(("N", "L", "lower", "truth", "upper"), TRUTH)
def test_truth_table_by_three_methods(
    N: int, L: int, lower: float, truth: tuple[float, float], upper: float
) -> None:
    sharp = bd.born_dead(N=N, L=L, method="conditional", samples=40_000, seed=2).at(SURE)
    value, error = truth
    assert abs(sharp.value - value) < 5 * math.hypot(error, sharp.standard_error)
    assert lower < sharp.low
    assert sharp.high < upper
    for method, samples in (("networks", 60_000), ("angle-chain", 60_000)):
        e = bd.born_dead(N=N, L=L, method=method, samples=samples, seed=3).at(SURE)
        assert e.low <= sharp.high
        assert sharp.low <= e.high
        assert lower < e.high
        assert e.low < upper


# Hidden widths and exact values.
EXACT = [
    ((3,) * 3, 0.1185277514809),
    ((4,) * 10, 0.3365705332211),
    ((8,) * 20, 0.03953330489575),
    ((12,) * 10, 2.932636104e-4),
    ((2,) * 10, 0.909877262761100),
    ((4, 3, 5, 2), 0.22240745933634),
    ((3, 2, 6, 2), 0.30799106350377),
    ((2, 3, 4, 5), 0.13367589406018),
]


@pytest.mark.parametrize(("widths", "value"), EXACT)
def test_conditional_estimator_is_sharp(widths: tuple[int, ...], value: float) -> None:
    e = bd.born_dead(widths=widths, method="conditional", samples=100_000, seed=1)
    assert accepts(e, value)
    assert abs(e.value - value) < 5 * e.standard_error
    # As sharp as at least five million networks would be at this value.
    assert e.standard_error < math.sqrt(value * (1 - value) / 5e6)
    shorter = bd.born_dead(widths=widths[:-1], method="conditional", samples=100_000, seed=1)
    assert not accepts(shorter, value)


def test_two_layers_have_no_variance() -> None:
    for N in (1, 2, 3, 16):
        e = bd.born_dead(N=N, L=3, method="conditional", samples=50, seed=0)
        h = Fraction(1, 2**N)
        assert e.value == pytest.approx(float(3 * h**2 - 2 * h**3), rel=1e-14)
        assert e.high - e.low < 1e-11 * e.value


def test_law_free_cases() -> None:
    for law in ("gaussian", "uniform", "cauchy"):
        e = bd.born_dead(widths=(2, 2, 3), law=law, samples=200_000, seed=6)
        assert accepts(e, Fraction(5019, 20480))
        assert accepts(bd.born_dead(widths=(1, 3, 2), law=law, samples=50_000, seed=6), Fraction(11, 32))
    assert accepts(bd.born_dead(widths=(2, 2, 2), samples=200_000, seed=6), Fraction(1045, 3072))


def test_one_run_gives_the_whole_curve() -> None:
    for method in ("networks", "angle-chain", "conditional"):
        curve = bd.born_dead_curve(N=3, L=6, method=method, samples=30_000, seed=5)
        assert list(curve) == [2, 3, 4, 5, 6]
        values = [e.value for e in curve.values()]
        assert values == sorted(values)
        assert values[0] == 0
        assert accepts(curve[6], 0.2942459839720)
        last = bd.born_dead(N=3, L=6, method=method, samples=30_000, seed=5)
        assert last.statistic == curve[6].statistic


def test_two_inputs_at_an_angle() -> None:
    for theta, N, L, value in (
        (math.pi / 3, 2, 6, 0.69525988673501081148),
        (math.pi / 3, 3, 6, 0.375799681176),
        (2 * math.pi / 3 + 0.3, 2, 3, 0.18084874935372562925),
        (math.pi, 3, 6, 0.2942459839720),
    ):
        for method in ("networks", "angle-chain", "conditional"):
            e = bd.two_inputs(theta0=theta, N=N, L=L, method=method, samples=60_000, seed=8)
            assert accepts(e, value)
    assert bd.two_inputs(theta0=math.pi / 3, N=2, L=2, samples=10, seed=0).value == pytest.approx(1 / 9)


def test_atoms_raise_the_probability() -> None:
    for p0, value in ((0, Fraction(1, 2)), (0.5, Fraction(3, 4)), (Fraction(1, 10), Fraction(11, 20))):
        assert accepts(bd.unit_dead_frequency(p0=p0, samples=100_000, seed=1), value)
    point = bd.born_dead(widths=(2, 2, 2), D="point", d_in=2, law="rademacher", samples=60_000, seed=1)
    assert accepts(point, bd.enumerated_born_dead(widths=(2, 2, 2), D=[[1, 1]]))
    assert not accepts(point, single_point_value((2, 2, 2)))
    line = bd.born_dead(widths=(2,) * 5, law="rademacher", samples=200_000, seed=1)
    assert accepts(line, Fraction(51347, 65536))
    assert not accepts(line, single_point_value((2,) * 5))


def test_atoms_break_the_constant_output_criterion() -> None:
    for law in ("gaussian", "uniform", "laplace"):
        for bias in (False, True):
            e = bd.event_holds(N=2, L=4, law=law, bias=bias, samples=20_000, seed=3)
            assert e.value == 1.0
    assert bd.event_holds(N=2, L=4, law="rademacher", samples=20_000, seed=3).at(SURE).high < 1


def test_monotonicity_in_the_input_set() -> None:
    for bias in (False, True):
        e = bd.monotonicity_holds(N=2, L=5, subset=2, bias=bias, samples=20_000, seed=3)
        assert e.value == 1.0


def test_more_input_dimensions_break_the_line_bound() -> None:
    for d_in in (2, 3, 7):
        e = bd.any_dimension(N=2, L=3, d_in=d_in, samples=40_000, seed=4)
        assert accepts(e, Fraction(1, 16))
        assert e.at(SURE).high < 5 / 32
    for L, value in ((4, Fraction(359, 1536)), (5, 0.406610506661148752954)):
        assert accepts(bd.any_dimension(N=2, L=L, d_in=2, samples=40_000, seed=4), value)
        assert accepts(bd.any_dimension(N=2, L=L, d_in=4, samples=40_000, seed=4), value)
    assert accepts(bd.any_dimension(N=3, L=3, d_in=2, samples=60_000, seed=4), 0.00427714233476476)


def test_a_direction_grid_overestimates() -> None:
    coarse = bd.born_dead(N=2, L=3, D=direction_grid(5, 2), d_in=2, samples=40_000, seed=9)
    assert coarse.at(SURE).low > 1 / 16


def test_full_space_at_depth_three() -> None:
    for N1, N2, d_in in ((2, 2, 2), (1, 3, 4), (2, 1, 3)):
        plain = bd.full_space_depth3(N1=N1, N2=N2, d_in=d_in, samples=60_000, seed=1)
        assert accepts(plain, Fraction(1, 2 ** (N1 * N2)))
        biased = bd.full_space_depth3(N1=N1, N2=N2, d_in=d_in, bias=True, samples=60_000, seed=1)
        assert accepts(biased, Fraction(1, 2 ** (N2 * (N1 + 1))))
        assert not accepts(plain, Fraction(1, 2 ** (N2 * (N1 + 1))))
    # Two witnesses that share no code path: cases by the orthant, and paths through the plane.
    assert accepts(bd.any_dimension(N=2, L=3, d_in=2, samples=40_000, seed=2), Fraction(1, 16))


def test_orthogonal_weights_break_the_line_bound() -> None:
    for N, value, independent in (
        (2, Fraction(1, 8), Fraction(5, 32)),
        (3, Fraction(1, 32), Fraction(11, 256)),
    ):
        e = bd.orthogonal(N=N, samples=60_000, seed=1)
        assert accepts(e, value)
        assert not accepts(e, independent)
    point = bd.orthogonal(N=2, L=5, D="point", samples=30_000, seed=1)
    assert accepts(point, single_point_value((2,) * 4))
    assert accepts(bd.orthogonal(N=3, L=10, samples=30_000, seed=1), 0.5609)
    other = bd.born_dead(N=2, L=3, law=Orthogonal(), samples=30_000, seed=1)
    assert accepts(other, Fraction(1, 8))


@pytest.mark.parametrize(("N", "value", "bound"), [(2, 0.8203, 0.87026), (3, 0.4816, 0.5134)])
def test_biases_break_the_line_bound(N: int, value: float, bound: float) -> None:
    end = math.sqrt(3)
    segment = ("segment", -end, end)
    e = bd.born_dead(N=N, L=10, D=segment, bias=True, weight_scale="he", samples=20_000, seed=2)
    assert e.at(SURE).high < bound
    assert accepts(e, value)


def test_biases_on_two_points_and_on_segments() -> None:
    # The first layer is dead on a segment iff it is at both ends; later layers need the segment between.
    given_law = {"N": 2, "bias": True, "weight_scale": "he", "bias_scale": 0.7, "seed": 4}
    for D in ("two-sided", ("segment", -1.0, 1.0)):
        assert accepts(bd.born_dead(L=2, D=D, samples=200_000, **given_law), 0.02140409)
    ends = bd.born_dead(L=3, samples=400_000, **given_law)
    assert accepts(ends, 0.1313)
    between = bd.born_dead(L=3, D=("segment", -1.0, 1.0), samples=300_000, **given_law)
    assert between.at(SURE).high < ends.at(SURE).low
    assert accepts(bd.any_dimension(N=1, L=3, d_in=1, bias=True, samples=60_000, seed=4), Fraction(1, 4))


def test_one_sided_inputs_have_the_single_point_value() -> None:
    e = bd.born_dead(N=3, L=5, D="one-sided", samples=60_000, seed=5)
    assert accepts(e, 0.413818359375)
    assert not accepts(e, 0.20626277945)


def test_sparse_weights() -> None:
    for keep, value in ((0.5, 0.6471966311753665690895), (0.2, 0.9798838859478325)):
        e = bd.sparse_single_point(keep=keep, m0=4, widths=(4,) * 5, samples=60_000, seed=5)
        assert accepts(e, value)
        assert not accepts(e, single_point_value((4,) * 5))
    # The number of live inputs matters.
    few = bd.sparse_single_point(keep=0.5, m0=1, widths=(2,), samples=60_000, seed=5)
    assert accepts(few, Fraction(9, 16))


def test_survival_of_the_least_mortal_law() -> None:
    for p, L, value in ((0.25, 5, Fraction(27, 64)), (Fraction(1, 16), 10, Fraction(15, 16) ** 8)):
        assert accepts(bd.survival_factor(p=p, L=L, samples=60_000, seed=5), value)


def test_estimates_say_where_they_come_from() -> None:
    e = bd.born_dead(widths=[2, 3], samples=100, seed=12, law="uniform")
    assert e.simulator == "relutheory.simulate.born_dead:born_dead"
    assert e.parameters["widths"] == (2, 3)
    assert (e.seed, e.samples, e.method, e.complete) == (12, 100, "networks", True)
    again = bd.born_dead(widths=(2, 3), samples=100, seed=12, law="uniform")
    assert again.statistic == e.statistic
    fresh = bd.born_dead(N=2, L=3, samples=100)
    assert bd.born_dead(N=2, L=3, samples=100, seed=fresh.seed).statistic == fresh.statistic


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: bd.born_dead(), "widths"),
        (lambda: bd.born_dead(N=2), "widths"),
        (lambda: bd.born_dead(N=0, L=3), "N"),
        (lambda: bd.born_dead(N=2.0, L=3), "N"),
        (lambda: bd.born_dead(N=2, L=1), "L"),
        (lambda: bd.born_dead(N=2, L=3, widths=(2,)), "widths"),
        (lambda: bd.born_dead(widths="3,2"), "widths"),
        (lambda: bd.born_dead(widths=()), "widths"),
        (lambda: bd.born_dead(widths=(2, -1)), "widths"),
        (lambda: bd.born_dead(N=2, L=3, D="everywhere"), "D"),
        (lambda: bd.born_dead(N=2, L=3, D=[0.0]), "D"),
        (lambda: bd.born_dead(N=2, L=3, D="plane"), "D"),
        (lambda: bd.born_dead(N=2, L=3, D="line", d_in=2), "d_in"),
        (lambda: bd.born_dead(N=2, L=3, d_in=0), "d_in"),
        (lambda: bd.born_dead(N=2, L=3, law="normal"), "law"),
        (lambda: bd.born_dead(N=2, L=3, bias="normal"), "law"),
        (lambda: bd.born_dead(N=2, L=3, keep=0), "keep"),
        (lambda: bd.born_dead(N=2, L=3, keep=1.5), "keep"),
        (lambda: bd.born_dead(N=2, L=3, m0=2), "m0"),
        (lambda: bd.born_dead(N=2, L=3, method="magic"), "method"),
        (lambda: bd.born_dead(N=2, L=3, method="conditional", bias=True), "method"),
        (lambda: bd.born_dead(N=2, L=3, method="conditional", D=[[1.0]]), "method"),
        (lambda: bd.born_dead(N=2, L=3, seed=-1), "seed"),
        (lambda: bd.born_dead(N=2, L=3, confidence=1), "confidence"),
        (lambda: bd.born_dead(N=2, L=3, sample=5), "sample"),
        (lambda: bd.born_dead(widths=(2, 3), law="orthogonal", samples=5), "widths"),
        (lambda: bd.two_inputs(theta0=0, N=2, L=3), "theta0"),
        (lambda: bd.two_inputs(theta0=1, N=2, L=3, method="magic"), "method"),
        (lambda: bd.any_dimension(N=3, L=3, d_in=3), "d_in"),
        (lambda: bd.any_dimension(N=3, L=3, d_in=2, bias=True), "d_in"),
        (lambda: bd.any_dimension(N=3, L=3, law="rademacher"), "law"),
        (lambda: bd.full_space_depth3(N1=3, N2=2, d_in=2), "d_in"),
        (lambda: bd.unit_dead_frequency(p0=1), "p0"),
        (lambda: bd.unit_dead_frequency(p0="1/2"), "p0"),
        (lambda: bd.survival_factor(p=0, L=3), "p"),
        (lambda: bd.sparse_single_point(keep=0.5, m0=0, N=2, L=3), "m0"),
        (lambda: bd.event_holds(N=2, L=3, D=[1.0]), "D"),
        (lambda: bd.monotonicity_holds(N=2, L=3, subset=9), "subset"),
        (lambda: bd.trained_to_constant(L=2), "L"),
    ],
)
def test_bad_input_is_named_in_one_line(call, name: str) -> None:
    with pytest.raises(DomainError, match=rf"^{name}: .*got") as caught:
        call()
    assert "\n" not in str(caught.value)


def test_the_simulator_loads_nothing_symbolic() -> None:
    code = (
        "import sys, relutheory.simulate as s; assert 'numpy' not in sys.modules; "
        "s.born_dead.born_dead(N=2, L=3, samples=10, seed=0, method='networks').statistic; "
        "bad = {'sympy', 'mpmath', 'relutheory.theory'} & set(sys.modules); assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("L", [2, 3, 10, 30])
def test_conditional_chain_of_width_one_is_exact(L: int) -> None:
    # Layer 1 always kills one of the two rays, so no angle is left and the value has no variance.
    estimate = bd.born_dead(N=1, L=L, method="conditional", samples=1_000, seed=0)
    assert estimate.value == 1 - 2.0 ** (2 - L)
    assert estimate.standard_error < 1e-15
