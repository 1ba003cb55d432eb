"""Born-dead statements: reference values, slow references, properties, boundaries, ties."""

from __future__ import annotations

from fractions import Fraction

import pytest
import reference
from hypothesis import assume, example, given
from hypothesis import strategies as st

import relutheory as rt
from relutheory.evaluate import enclose
from relutheory.symbols import L as DEPTH
from relutheory.symbols import widths as WIDTHS
from relutheory.theorems import all_theorems
from relutheory.theorems import theorem as get
from relutheory.theory import born_dead as bd

EXAMPLES = [(t.id, e) for t in all_theorems("born_dead") for e in t.examples]

small_widths = st.lists(st.integers(1, 3), min_size=1, max_size=4).map(tuple)
any_widths = st.lists(st.integers(1, 8), min_size=1, max_size=11).map(tuple)
deltas = st.fractions(Fraction(1, 1000), Fraction(999, 1000), max_denominator=10**6)


def value(id: str, **parameters: object) -> Fraction:
    found = get(id).evaluate(**parameters)
    assert isinstance(found, rt.Enclosure)
    assert found.exact is not None
    return found.exact


@pytest.mark.parametrize(("id", "example"), EXAMPLES, ids=[f"{i}-{n}" for n, (i, _) in enumerate(EXAMPLES)])
def test_reference_values(id: str, example: object) -> None:
    found = get(id).evaluate(digits=60, **example.parameters)
    result = found if isinstance(found, rt.Enclosure) else found[example.result]
    assert result.agrees_with(example.value)


@given(small_widths)
@example((1,))
@example((3, 1, 3))
def test_single_point_counts_patterns(widths: tuple[int, ...]) -> None:
    assert value("born-dead-single-point", widths=widths) == reference.dead_at_one_point(widths)


@given(small_widths)
@example((1, 1, 1))
@example((5, 2))
def test_chain_counts_sign_pairs(widths: tuple[int, ...]) -> None:
    expected = reference.quarter_chain(widths)
    bindings = {WIDTHS: widths, DEPTH: len(widths) + 1}
    assert value("born-dead-lower-bound-1d-chain", widths=widths) == expected[2]
    assert [enclose(bd.chain_state(s), bindings).exact for s in "AB"] == list(expected[:2])


@given(st.lists(st.integers(1, 3), min_size=1, max_size=4).map(tuple), st.booleans())
@example((3,), True)
def test_any_dimension_counts_weight_signs(widths: tuple[int, ...], bias: bool) -> None:
    assert value("born-dead-lower-bound-any-dim", widths=widths, bias=bias) == reference.live_unit_chain(
        widths, bias
    )


@given(
    st.fractions(Fraction(1, 20), 1, max_denominator=20),
    st.integers(1, 4),
    st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple),
)
@example(Fraction(1), 1, (2, 2))
def test_sparse_counts_masks(keep: Fraction, m0: int, widths: tuple[int, ...]) -> None:
    found = value("born-dead-sparse-single-point", keep=keep, m0=m0, widths=widths)
    assert found == reference.sparse_at_one_point(keep, m0, widths)


@given(any_widths)
def test_bounds_are_ordered(widths: tuple[int, ...]) -> None:
    with_bias = value("born-dead-lower-bound-any-dim", widths=widths, bias=True)
    zero_bias = value("born-dead-lower-bound-any-dim", widths=widths, bias=False)
    chain = value("born-dead-lower-bound-1d-chain", widths=widths)
    upper = value("born-dead-upper-bound", widths=widths)
    assert 0 <= with_bias <= zero_bias <= chain <= upper <= 1


@given(st.integers(1, 10), st.integers(2, 40))
@example(1, 2)
@example(1, 40)
def test_chain_is_the_closed_form(N: int, L: int) -> None:
    assert value("born-dead-lower-bound-1d-chain", N=N, L=L) == value("born-dead-lower-bound-1d", N=N, L=L)


@given(st.integers(1, 12), st.integers(1, 12))
def test_chain_is_exact_for_two_layers(first: int, second: int) -> None:
    e, f = Fraction(1, 2**first), Fraction(1, 2**second)
    # Layer 2 after disjoint supports: both rays die independently; after one ray: it dies.
    assert value("born-dead-lower-bound-1d-chain", widths=(first, second)) == (1 - 2 * e) * f**2 + 2 * e * f


@given(st.integers(1, 12))
def test_chain_is_below_the_law_free_case(third: int) -> None:
    widths = (2, 2, third)
    assert value("born-dead-lower-bound-1d-chain", widths=widths) < value(
        "born-dead-law-free-cases", widths=widths
    )


@given(st.lists(st.integers(1, 8), min_size=0, max_size=8).map(lambda w: (1, *w)))
def test_chain_is_exact_from_one_unit(widths: tuple[int, ...]) -> None:
    found = value("born-dead-law-free-cases", widths=widths)
    assert found == value("born-dead-lower-bound-1d-chain", widths=widths)
    if len(widths) > 1:
        assert found == reference.dead_at_one_point((widths[1],)) + (1 - Fraction(1, 2 ** widths[1])) * (
            value("born-dead-single-point", widths=widths[2:]) if widths[2:] else 0
        )


MONOTONE = ["born-dead-single-point", "born-dead-lower-bound-1d-chain", "born-dead-width-limit"]


@pytest.mark.parametrize("id", MONOTONE)
@given(widths=any_widths, more=st.integers(1, 8))
def test_appending_a_layer_never_lowers(id: str, widths: tuple[int, ...], more: int) -> None:
    assert value(id, widths=widths) <= value(id, widths=(*widths, more))


@given(any_widths, st.integers(1, 8), st.booleans())
def test_appending_a_layer_never_lowers_any_dim(widths: tuple[int, ...], more: int, bias: bool) -> None:
    before = value("born-dead-lower-bound-any-dim", widths=widths, bias=bias)
    assert before <= value("born-dead-lower-bound-any-dim", widths=(*widths, more), bias=bias)


@given(any_widths, st.randoms())
def test_upper_bound_ignores_the_order(widths: tuple[int, ...], random: object) -> None:
    shuffled = list(widths)
    random.shuffle(shuffled)
    assert value("born-dead-upper-bound", widths=widths) == value("born-dead-upper-bound", widths=shuffled)


def test_chain_depends_on_the_order() -> None:
    assert value("born-dead-lower-bound-1d-chain", widths=(5, 2, 5, 3)) != value(
        "born-dead-lower-bound-1d-chain", widths=(3, 5, 2, 5)
    )


@given(any_widths, st.data())
def test_upper_bound_decreases_in_each_width(widths: tuple[int, ...], data: st.DataObject) -> None:
    where = data.draw(st.integers(0, len(widths) - 1))
    wider = [w + (i == where) for i, w in enumerate(widths)]
    assert value("born-dead-upper-bound", widths=wider) < value("born-dead-upper-bound", widths=widths)


@given(any_widths)
def test_chain_mass_is_one(widths: tuple[int, ...]) -> None:
    bindings = {WIDTHS: widths, DEPTH: len(widths) + 1}
    assert sum(enclose(bd.chain_state(s), bindings).exact for s in "ABC") == 1


@given(any_widths, any_widths)
def test_survival_multiplies(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    both = 1 - value("born-dead-single-point", widths=first + second)
    assert both == (1 - value("born-dead-single-point", widths=first)) * (
        1 - value("born-dead-single-point", widths=second)
    )


@given(st.integers(1, 6), small_widths)
def test_dense_masks_are_the_dense_law(m0: int, widths: tuple[int, ...]) -> None:
    found = value("born-dead-sparse-single-point", keep=1, m0=m0, widths=widths)
    assert found == value("born-dead-single-point", widths=widths)


@given(st.fractions(Fraction(1, 50), 1), st.fractions(Fraction(1, 50), 1), st.integers(1, 5), small_widths)
def test_sparse_death_decreases_in_keep(a: Fraction, b: Fraction, m0: int, widths: tuple[int, ...]) -> None:
    assume(a < b)
    denser = value("born-dead-sparse-single-point", keep=b, m0=m0, widths=widths)
    assert value("born-dead-sparse-single-point", keep=a, m0=m0, widths=widths) >= denser


@given(st.integers(1, 6), deltas)
@example(1, Fraction(1, 2))
@example(2, Fraction(7, 16))
@example(2, Fraction(7, 16) - Fraction(1, 10**30))
@example(3, 1 - Fraction(7, 8) ** 9)
def test_max_depth_is_the_brute_force_answer(N: int, delta: Fraction) -> None:
    assert value("born-dead-max-depth", N=N, delta=delta) == reference.largest_depth(N, delta)


@given(st.integers(1, 200), deltas)
@example(3, Fraction(7, 16))
@example(1, Fraction(1, 2))
@example(2, Fraction(1, 2))
@example(2, Fraction(1, 2) - Fraction(1, 10**40))
def test_min_width_is_the_brute_force_answer(L: int, delta: Fraction) -> None:
    assert value("born-dead-min-width", L=L, delta=delta) == reference.smallest_width(L, delta)


@given(st.integers(1, 3), st.fractions(Fraction(1, 100), Fraction(6, 10), max_denominator=1000))
@example(2, Fraction(5, 32))
@example(1, Fraction(1, 2))
def test_dead_depth_is_the_brute_force_answer(N: int, delta: Fraction) -> None:
    assume(reference.quarter_chain((N,) * 6)[2] > delta)
    assert value("born-dead-dead-depth", N=N, delta=delta) == reference.first_bad_depth(N, delta)


@given(st.integers(1, 20), st.integers(1, 3000), deltas)
def test_depth_and_width_designs_are_inverse(N: int, L: int, delta: Fraction) -> None:
    deep_enough = value("born-dead-max-depth", N=N, delta=delta) >= L
    assert deep_enough == (value("born-dead-min-width", L=L, delta=delta) <= N)


@given(st.integers(1, 12), deltas)
def test_dead_depth_lies_beyond_the_safe_depth(N: int, delta: Fraction) -> None:
    assert value("born-dead-dead-depth", N=N, delta=delta) > value("born-dead-max-depth", N=N, delta=delta)


@pytest.mark.parametrize("N", [20, 30, 64])
def test_ties_of_wide_networks(N: int) -> None:
    tie = 1 - (1 - Fraction(1, 2**N)) ** 3
    assert value("born-dead-max-depth", N=N, delta=tie) == 4
    assert value("born-dead-max-depth", N=N, delta=tie - Fraction(1, 10**200)) == 3
    assert value("born-dead-min-width", L=4, delta=tie) == N
    assert value("born-dead-min-width", L=4, delta=tie - Fraction(1, 10**200)) == N + 1


def test_simple_sufficient_rule() -> None:
    for L in (2, 10, 1000):
        for delta in (Fraction(1, 2), Fraction(1, 1000)):
            simple = value("born-dead-min-width", L=L, delta=delta)
            assert 2**simple <= 2 * (L - 1) / delta


@given(st.integers(1, 40))
def test_rate_constants(N: int) -> None:
    found = get("born-dead-depth-rate").evaluate(N=N, digits=30)
    assert found["low"].exact == 1 - Fraction(1, 2**N)
    assert 1 <= found["high"].exact < 2


@pytest.mark.parametrize("N", [1, 2, 3, 7])
def test_survival_lies_between_the_rate_constants(N: int) -> None:
    found = get("born-dead-depth-rate").evaluate(N=N, digits=30)
    for L in (2, 3, 10, 60):
        scale = (1 - Fraction(1, 2**N)) ** (L - 2)
        assert (1 - value("born-dead-upper-bound", N=N, L=L)) / scale == found["low"].exact
        assert (1 - value("born-dead-lower-bound-1d", N=N, L=L)) / scale <= found["high"].exact


def test_small_probability_ratios() -> None:
    small = get("born-dead-small-probability").evaluate(N=20, L=10)
    lower = value("born-dead-lower-bound-1d", N=20, L=10) / small["lower"].exact
    upper = value("born-dead-upper-bound", N=20, L=10) / small["upper"].exact
    assert rt.Enclosure(lower, lower, 20, "exact").agrees_with("0.99999914164091038816")
    assert rt.Enclosure(upper, upper, 20, "exact").agrees_with("0.99999618531122298007")


@pytest.mark.parametrize("L", [3, 5, 10])
def test_small_probability_limits(L: int) -> None:
    for N in (20, 40, 80):
        small = get("born-dead-small-probability").evaluate(N=N, L=L)
        gap = abs(1 - value("born-dead-lower-bound-1d", N=N, L=L) / small["lower"].exact)
        assert gap < Fraction(N * L * L, 2**N)
        assert abs(1 - value("born-dead-upper-bound", N=N, L=L) / small["upper"].exact) < Fraction(L, 2**N)


def test_logarithmic_widths_die() -> None:
    widths = [layer.bit_length() for layer in range(1, 1001)]
    found = get("born-dead-single-point").evaluate(widths=widths, digits=30)
    assert found.agrees_with("0.9950683193058869107910244730542818")


def test_large_points() -> None:
    deep = get("born-dead-upper-bound").evaluate(N=60, L=10_000, digits=50)
    exact = 1 - (1 - Fraction(1, 2**60)) ** 9_999
    assert deep.contains(exact)
    chain = get("born-dead-lower-bound-1d-chain").evaluate(N=60, L=10_000, digits=50)
    closed = get("born-dead-lower-bound-1d").evaluate(N=60, L=10_000, digits=50)
    assert chain.digits(50) == closed.digits(50)
    assert closed.lower <= chain.upper
    assert chain.lower <= closed.upper


def test_survival_probability_is_never_above_the_depth_limit() -> None:
    for N in (1, 2):
        p = Fraction(1, 2 ** (N * N))
        for L in (2, 3, 8):
            assert 1 - value("born-dead-lower-bound-any-dim", N=N, L=L, bias=False) <= value(
                "born-dead-depth-limit", p=p, L=L
            )


def test_full_space_is_where_the_any_dimension_bound_is_sharp() -> None:
    for N1 in range(1, 5):
        for N2 in range(1, 5):
            for bias in (False, True):
                full = value("born-dead-full-space-depth3", N1=N1, N2=N2, bias=bias)
                assert full == value("born-dead-lower-bound-any-dim", widths=(N1, N2), bias=bias)


# What goes wrong when a hypothesis is dropped; the simulated cases are trials of the records.


def test_atoms_exceed_the_upper_bound() -> None:
    from relutheory.simulate.born_dead import enumerated_born_dead

    square = enumerated_born_dead(widths=(2, 2, 2), D=((1, 1),))
    assert square == Fraction(3273, 4096) > value("born-dead-upper-bound", widths=(2, 2, 2))
    line = enumerated_born_dead(widths=(2,) * 5)
    assert line == Fraction(51347, 65536) > value("born-dead-upper-bound", widths=(2,) * 5)
    assert (
        enumerated_born_dead(widths=(2, 2), D=((1,),))
        == Fraction(33, 64)
        != value("born-dead-single-point", widths=(2, 2))
    )


def test_orthogonal_layers_break_the_line_bound() -> None:
    assert value("born-dead-orthogonal", N=2) == Fraction(1, 8) < value("born-dead-lower-bound-1d", N=2, L=3)


def test_doubles_lose_what_the_exact_value_keeps() -> None:
    naive = 1 - (1 - 2.0**-40) ** 9
    exact = get("born-dead-single-point").evaluate(N=40, L=10, digits=17)
    assert naive != float(exact) == 8.185452315926576e-12


def test_swapping_N_and_L_is_visible() -> None:
    assert value("born-dead-upper-bound", N=3, L=5) != value("born-dead-upper-bound", N=5, L=3)


def test_the_line_value_is_nearly_but_not_quite_free_of_the_law() -> None:
    from relutheory.simulate.born_dead import born_dead
    from relutheory.simulate.laws import NearTwoPoint

    gaussian = Fraction("0.20626277945")
    estimate = born_dead(
        N=3, L=5, law=NearTwoPoint(0.001), samples=4_000_000, seed=4, confidence=1 - Fraction(1, 10**6)
    )
    assert estimate.low > gaussian
    normal = born_dead(
        N=3, L=5, method="conditional", samples=400_000, seed=4, confidence=1 - Fraction(1, 10**6)
    )
    assert normal.contains(gaussian)


def test_the_mean_angle_map_is_only_a_heuristic_and_too_low() -> None:
    from math import acos, cos, pi, sin

    from relutheory.simulate.born_dead import born_dead

    N, L, e = 10, 10, 2.0**-10
    apart, ray, dead, angle = 1 - 2 * e, 2 * e, 0.0, pi / 2
    for _ in range(2, L):
        q = ((pi - angle) / (2 * pi)) ** N
        dead += apart * q + ray * e
        apart, ray = apart * (1 - 2 * e + q), ray * (1 - e) + apart * 2 * (e - q)
        angle = acos((sin(angle) + (pi - angle) * cos(angle)) / pi)
    estimate = born_dead(
        N=N, L=L, method="conditional", samples=200_000, seed=4, confidence=1 - Fraction(1, 10**6)
    )
    assert float(value("born-dead-lower-bound-1d", N=N, L=L)) < dead < estimate.low
