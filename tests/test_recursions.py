"""Recursions as objects: certified orbits against independent ones, linearisation, printing, bad input."""

from __future__ import annotations

import random
import subprocess
from fractions import Fraction
from pathlib import Path

import mpmath
import pytest
from flint import arb, ctx, fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Abs, Float, Piecewise, Symbol, exp, sqrt, symbols

import relutheory as rt
from relutheory.errors import DomainError, PrecisionError
from relutheory.evaluate import enclose
from relutheory.evaluate.arithmetic import Balls
from relutheory.functions import BivariateCDF, MillsRatio, Phi, RampMoment, TruncatedMoment, phi
from relutheory.recursions import (
    Recursion,
    affine_teacher,
    bias_only,
    certified_fate,
    from_expressions,
    relu_teacher,
    zero_target,
)
from relutheory.recursions.enclosures import _Run
from relutheory.recursions.runner import Runner, Scalars
from relutheory.theory.gaussian.expressions import lam_minus, lam_plus

X = Symbol("x", real=True)
HALVES = st.fractions(-2, 2, max_denominator=8)
E1_INPUT = {"m": ["1/2", "-1/4"], "S": [[1, "3/10"], ["3/10", "1/2"]]}
E1_START, E1_TEACHER = ["-1/2", 1, "1/2"], ["1/4", 1, -1]


def logistic(rate: object) -> Recursion:
    return from_expressions("logistic", {X: rate * X * (1 - X)})


def texts(state, digits: int) -> list[str]:
    return [x.digits(digits) for x in state]


def quadrature_step(theta, theta_star, eta, teacher: str):
    """One mean step for one standard input, from the definition: E[(d - y) 1(y > 0) (1, x)]."""
    (b, w), (b_star, w_star) = theta, theta_star

    def error(x):
        y, y_star = b + w * x, b_star + w_star * x
        if y <= 0:
            return mpmath.mpf(0)
        return ((max(y_star, 0) if teacher == "relu" else y_star) - y) * mpmath.npdf(x)

    cuts = sorted({mpmath.mpf(-14), -b / w, -b_star / w_star, mpmath.mpf(0), mpmath.mpf(14)})
    cuts = [c for c in cuts if -14 <= c <= 14]
    drift = [mpmath.quad(lambda x, k=k: error(x) * x**k, cuts) for k in (0, 1)]
    return b + eta * drift[0], w + eta * drift[1]


@pytest.mark.parametrize("teacher", ["affine", "relu"])
@pytest.mark.parametrize("start", [("1/10", "1/2"), ("1/5", "-3/4"), ("-1/3", "2")])
def test_orbits_of_one_input_are_those_of_the_definition(teacher: str, start: tuple[str, str]) -> None:
    make = affine_teacher if teacher == "affine" else relu_teacher
    found = make([-1, 1], "1/4").iterate(start, 4, digits=25)
    with mpmath.workdps(25):
        theta = tuple(mpmath.mpf(Fraction(x).numerator) / Fraction(x).denominator for x in start)
        for _ in range(4):
            theta = quadrature_step(theta, (mpmath.mpf(-1), mpmath.mpf(1)), mpmath.mpf(1) / 4, teacher)
        for one, two in zip(found, theta, strict=True):
            assert abs(one.mpf() - two) < mpmath.mpf(10) ** -15


def test_reference_orbits() -> None:
    start = ["1/10", "1/2"]
    affine = affine_teacher([-1, 1], "1/10").orbit(start, 100, digits=24)
    assert affine.complete
    assert affine[1][0].agrees_with("0.05583356666047146136577051")
    assert affine[1][1].agrees_with("0.482037862194900445791069")
    assert affine[100][0].agrees_with("-0.3407644069571495451682593")
    assert affine[100][1].agrees_with("0.5187440751207288023022521")
    relu = relu_teacher([-1, 1], "1/10").orbit(start, 100, every=10, digits=24)
    assert relu[10][0].agrees_with("-0.01842038239481976501858737")
    assert relu[10][1].agrees_with("0.4160428978237333192874431")
    assert relu[100][0].agrees_with("-0.2188571359354478225586462")
    assert relu[100][1].agrees_with("0.4650265836915565887323333")
    assert zero_target("1/10").iterate(["1/5", 1], 200)[0].agrees_with("-2.30596049766996202")
    long = zero_target("1/100").iterate(["1/5", 1], 2000)
    assert long[0].agrees_with("-2.29790041680849302")
    trapped = relu_teacher([0, 1], "1/10").iterate(["-1/10", "-1/2"], 1000, digits=20)
    assert trapped[0].agrees_with("-0.31975731628616736226")
    assert trapped[1].agrees_with("-0.10483792489140519859")
    death = affine_teacher([0, 1], "1/4").iterate([-1, "-1/2"], 300)
    assert float(death[0]) / abs(float(death[1])) == pytest.approx(-4.2280411609988772, abs=1e-14)


def test_relu_orbit_in_two_inputs_starts_with_the_reference_drift() -> None:
    found = relu_teacher(E1_TEACHER, 1, **E1_INPUT).iterate(E1_START, 1, digits=20)
    drift = ("0.24858952178774226707", "0.31951467232771699393", "-0.20268569488769507131")
    for value, start, g in zip(found, E1_START, drift, strict=True):
        assert abs((value.lower - Fraction(start)) - Fraction(g)) < Fraction(1, 10**19)


@given(HALVES, st.integers(1, 9), st.integers(0, 6))
def test_rational_recursions_stay_exact(start: Fraction, rate: int, steps: int) -> None:
    expected = start
    for _ in range(steps):
        expected = rate * expected * (1 - expected)
    (found,) = logistic(rate).iterate([start], steps)
    assert found.exact == expected


@given(HALVES, HALVES, st.integers(1, 60))
def test_linear_maps_are_matrix_powers(x: Fraction, y: Fraction, steps: int) -> None:
    a, b = symbols("a b", real=True)
    found = from_expressions("fibonacci", {a: b, b: a + b}).iterate([x, y], steps)
    for _ in range(steps):
        x, y = y, x + y
    assert [v.exact for v in found] == [x, y]


@settings(max_examples=10)
@given(HALVES, HALVES, HALVES, st.sampled_from(["affine", "relu"]))
def test_enclosures_contain_the_orbit_node(b: Fraction, w: Fraction, b_star: Fraction, teacher: str) -> None:
    from relutheory.functions import Components
    from relutheory.theory.single_unit import expressions as ex
    from relutheory.theory.single_unit import notation as n
    from relutheory.theory.single_unit.unit import complete, derive

    assume(w != 0)
    exact = complete({"theta": (b, w), "theta_star": (b_star, Fraction(1))})
    make, node = {"affine": (affine_teacher, ex.affine_orbit), "relu": (relu_teacher, ex.relu_orbit)}[teacher]
    orbit = make([b_star, 1], "1/5").orbit([b, w], 12, every=6, digits=12)
    for steps, state in zip(orbit.steps, orbit.states, strict=True):
        bindings = {**derive(exact), n.eta: Fraction(1, 5), n.steps: steps}
        bindings |= {n.theta: Components((b, w)), n.theta_star: Components((b_star, Fraction(1)))}
        for k, value in enumerate(state):
            reference = enclose(node(n.theta[k]), bindings, digits=30)
            assert value.lower <= reference.upper
            assert reference.lower <= value.upper


@settings(max_examples=15)
@given(st.fractions(0, 1, max_denominator=50), st.integers(1, 300))
def test_chaotic_enclosures_contain_the_exact_orbit(start: Fraction, steps: int) -> None:
    orbit = logistic(4).orbit([start], steps, digits=10, max_bits=200)
    with mpmath.workdps(200):
        x, reached = mpmath.mpf(start.numerator) / start.denominator, 0
        for step, (value,) in zip(orbit.steps, orbit.states, strict=True):
            while reached < step:
                x, reached = 4 * x * (1 - x), reached + 1
            slack = Fraction(1, 10**90)
            exact = Fraction(int(x * mpmath.mpf(10) ** 150), 10**150)
            assert value.lower - slack <= exact <= value.upper + slack
    if not orbit.complete:
        assert orbit.certified < steps
        assert orbit.reason


@pytest.mark.parametrize("kind", ["affine", "relu", "plane", "zero", "henon"])
def test_fat_sets_are_carried_rigorously(kind: str) -> None:
    # Points of a box stay in the set that the enclosure carries, however wide it is.
    a, b = symbols("a b", real=True)
    learning, start = {
        "affine": (affine_teacher([-1, 1], "1/4"), (Fraction(-1), Fraction(3, 4))),
        "relu": (relu_teacher([-1, 1], "1/4"), (Fraction(1, 2), Fraction(3, 4))),
        "plane": (
            affine_teacher(E1_TEACHER, "1/2", **E1_INPUT),
            (Fraction(-1, 2), Fraction(1), Fraction(1, 2)),
        ),
        "zero": (zero_target("1/3"), (Fraction(1, 2), Fraction(1))),
        "henon": (from_expressions("henon", {a: 1 - 7 * a**2 / 5 + b, b: 3 * a / 10}), (Fraction(0),) * 2),
    }[kind]
    program = learning.program(start)
    run, step = _Run(program, 80, "mean value", None), Runner(program, Scalars(Balls(), unite=True))
    rng, radius = random.Random(kind), Fraction(1, 20_000)
    centre = [arb(fmpq(x.numerator, x.denominator)) for x in start]
    points = [[c + fmpq(rng.randint(-8, 8), 8 * 20_000) for c in centre] for _ in range(12)]
    with ctx.workprec(300):
        run.begin([c + arb(0, 1) * fmpq(radius.numerator, radius.denominator) for c in centre])
    for _ in range(12):
        with ctx.workprec(80):
            run.advance()
        with ctx.workprec(300):
            points = [step(point) for point in points]
        assert all(x.overlaps(box) for point in points for x, box in zip(point, run.box, strict=True))


def test_a_blow_up_is_reported() -> None:
    orbit = logistic(4).orbit(["1/3"], 400, max_bits=200)
    assert not orbit.complete
    assert 40 < orbit.certified <= orbit.enclosed < 250
    assert f"step {orbit.enclosed + 1}" in orbit.reason
    assert orbit.steps[-1] == orbit.enclosed
    assert str(orbit.certified) in str(orbit)
    assert orbit[orbit.certified][0].digits(30)
    with pytest.raises(PrecisionError, match=r"not certified beyond step \d+: step \d+"):
        logistic(4).iterate(["1/3"], 400, max_bits=200)
    assert logistic(4).orbit(["1/3"], 400).complete


def test_divergence_is_reported() -> None:
    orbit = logistic(5).orbit(["1/3"], 60)
    assert "the state exceeds" in orbit.reason
    assert 10 < orbit.enclosed < 30
    assert float(orbit.final[0].mpf()) < -(10**300) or orbit.final[0].upper < -(10**300)


@pytest.mark.parametrize("eta", ["2.2", "5/2", 5])
def test_orbits_beyond_the_stable_step_size_are_certified_while_bounded(eta: object) -> None:
    learning = affine_teacher([0, 1], eta)
    orbit = learning.orbit(["1/10", "1/2"], 150, digits=12)
    assert orbit.complete
    assert learning.is_stable([0, 1]) == (eta == "2.2")


def test_mean_value_form_needs_fewer_bits_than_balls() -> None:
    learning = zero_target("1/10")
    clever, plain = (
        learning.orbit(["1/5", 1], 600, every=600, digits=15, method=method)
        for method in ("mean value", "plain")
    )
    assert clever.bits < plain.bits
    assert clever.final[0].lower <= plain.final[0].upper
    assert plain.final[0].lower <= clever.final[0].upper
    # Rotation in the plane: balls wrap, the frame follows.
    a, b = symbols("a b", real=True)
    turn = from_expressions(
        "rotation", {a: 3 * a / 5 - 4 * b / 5 + exp(-(a**2)) / 50, b: 4 * a / 5 + 3 * b / 5}
    )
    clever, plain = (
        turn.orbit([1, 0], 400, every=400, digits=10, max_bits=200, method=method)
        for method in ("mean value", "plain")
    )
    assert clever.complete
    assert clever.bits < 100
    assert not plain.complete


def test_a_kink_is_passed_by_plain_balls() -> None:
    tent = from_expressions("tent", {X: 1 - Abs(X) * sqrt(2)})
    assert tent.orbit([0], 30, digits=10).complete
    cases = from_expressions("cases", {X: Piecewise((X / 3, exp(-1) > X), (X - exp(-2), True))})
    assert cases.orbit([5], 60, digits=10).complete


def test_a_unit_on_the_teachers_line_is_enclosed_there() -> None:
    learning = relu_teacher([0, 3, 4], "1/10")
    state = learning.iterate(["-1/10", "-3/10", "-2/5"], 40, digits=15)
    scalar = relu_teacher([0, 5], "1/10").iterate(["-1/10", "-1/2"], 40, digits=15)
    assert float(state[0]) == float(scalar[0])
    assert float(state[1]) / float(scalar[1]) == pytest.approx(3 / 5, rel=1e-14)
    same_margin = relu_teacher([1, 1], "1/10").orbit([2, 2], 10)
    assert same_margin.complete


def test_a_unit_that_leaves_the_teachers_line_is_enclosed() -> None:
    learning = relu_teacher(E1_TEACHER, "1/10", **E1_INPUT)
    for start in (["1/2", 2, -2], ["1/8", -1, 1], ["1/2", "2", "-2"]):
        found = learning.orbit(start, 6, digits=12)
        assert found.complete
        # The same from a point beside the line, by the formula for distinct units.
        beside = [Fraction(start[0]), Fraction(start[1]) + Fraction(1, 10**20), Fraction(start[2])]
        close = learning.orbit(beside, 6, digits=12)
        for one, two in zip(found.final, close.final, strict=True):
            assert abs(one.lower - two.lower) < Fraction(1, 10**9)


def test_fates_are_certified_by_an_orbit_and_a_theorem() -> None:
    learning = relu_teacher([0, 1], "1/4")
    assert certified_fate(learning, [0, "1/2"]) == ("converges", "safe-ball", 0)
    fate, theorem, step = certified_fate(learning, ["3/2", -1])
    assert (fate, theorem) == ("converges", "safe-ball")
    state = learning.iterate(["3/2", -1], step, digits=10)
    assert sum((x.upper - t) ** 2 for x, t in zip(state, (0, 1), strict=True)) < 1
    assert certified_fate(learning, ["1/2", -1])[:2] == ("dies", "trapping-set-1d")
    assert certified_fate(affine_teacher([0, 1], "1/4"), [-1, "-1/2"]) == ("undecided", "", 200)
    assert certified_fate(affine_teacher([0, 1], 3), [0, "1/2"], 10)[0] == "undecided"


@pytest.mark.parametrize("make", [affine_teacher, relu_teacher])
def test_the_teacher_is_a_fixed_point(make) -> None:
    learning = make(E1_TEACHER, "1/3", **E1_INPUT)
    for value, target in zip(learning.iterate(E1_TEACHER, 5), E1_TEACHER, strict=True):
        assert value.contains(Fraction(target))


@settings(max_examples=8)
@given(HALVES, HALVES, HALVES, st.sampled_from([affine_teacher, relu_teacher]))
def test_orbits_turn_with_the_data(b: Fraction, v: Fraction, w: Fraction, make) -> None:
    assume(v != 0 and w != 0)
    c, s = Fraction(3, 5), Fraction(4, 5)

    def turned(state):
        return [state[0], c * state[1] - s * state[2], s * state[1] + c * state[2]]

    teacher = [Fraction(1, 2), Fraction(1), Fraction(0)]
    straight = make(teacher, "1/4").iterate([b, v, w], 3, digits=15)
    rotated = make(turned(teacher), "1/4").iterate(turned([b, v, w]), 3, digits=15)
    expected = turned([(x.lower + x.upper) / 2 for x in straight])
    for value, target in zip(rotated, expected, strict=True):
        assert abs(value.lower - target) < Fraction(1, 10**13)


@pytest.mark.parametrize("make", [affine_teacher, relu_teacher])
def test_jacobian_is_the_derivative(make) -> None:
    learning = make(E1_TEACHER, "1/3", **E1_INPUT)
    at, step = [Fraction(x) for x in E1_START], Fraction(1, 10**8)
    rows = learning.jacobian(at)
    for j in range(3):
        ahead, behind = (
            learning.iterate([x + sign * step * (i == j) for i, x in enumerate(at)], 1) for sign in (1, -1)
        )
        for i in range(3):
            slope = (ahead[i].lower - behind[i].lower) / (2 * step)
            assert float(slope) == pytest.approx(float(rows[i][j].digits(17)), abs=1e-12)


def test_reference_jacobian() -> None:
    rows = affine_teacher(E1_TEACHER, 1, **E1_INPUT).jacobian(E1_START)
    for (i, j), text in {
        (0, 0): "-0.108438574045442946",
        (0, 1): "-0.329429509827295206",
        (1, 2): "-0.287896115450938323",
        (2, 2): "-0.00242809288871619606",
    }.items():
        assert abs(rows[i][j].lower - (i == j) - Fraction(text)) < Fraction(1, 10**17)


@pytest.mark.parametrize("make", [affine_teacher, relu_teacher])
def test_the_multipliers_at_the_teacher_are_one_minus_eta_lambda(make) -> None:
    # Standard input, three dimensions: lam_minus, lam_plus and twice the open probability.
    learning = make([1, 1, 0, 0], "1/10")
    rates = [lam_minus(1), Phi(1), Phi(1), lam_plus(1)]
    exact = sorted((enclose(1 - r / 10, {}, digits=25) for r in rates), key=lambda v: -v.lower)
    found = learning.spectrum([1, 1, 0, 0], digits=20)
    for mu, value in zip(found, exact, strict=True):
        assert mu.is_real
        assert mu.real.digits(20) == value.digits(20)
        assert mu.modulus.digits(20) == value.digits(20)
    assert learning.spectral_radius([1, 1, 0, 0], digits=20).digits() == exact[0].digits(20)


def test_time_constants_of_the_reference() -> None:
    taus = relu_teacher([0, 1], "1/10").time_constants([0, 1], digits=15)
    assert texts(taus, 14) == ["98.452504582526", "10.616336365209"]


@settings(max_examples=10)
@given(st.fractions(-2, 2, max_denominator=4), st.sampled_from([1, -1]))
def test_stable_below_two_over_the_largest_eigenvalue(bias: Fraction, side: int) -> None:
    limit = enclose(2 / lam_plus(bias), {}, digits=20)
    eta = Fraction(round(limit.lower * 10**9), 10**9) * (1 + side * Fraction(1, 10**6))
    assert relu_teacher([bias, 1], eta).is_stable([bias, 1]) == (side < 0)


def test_stability_of_rational_maps_is_exact() -> None:
    a, b = symbols("a b", real=True)
    assert from_expressions("inside", {a: b, b: -a * 99 / 100}).is_stable([0, 0])
    assert not from_expressions("on the circle", {a: b, b: -a}).is_stable([0, 0])
    assert not from_expressions("shift", {X: X + 1}).is_stable([0])
    assert logistic(2).is_stable(["1/2"])
    turn = from_expressions("turn", {a: b, b: -a / 4}).spectrum([0, 0])
    assert [(str(mu.real.lower), mu.modulus.contains(Fraction(1, 2)), mu.is_real) for mu in turn] == [
        ("0", True, False),
        ("0", True, False),
    ] or all(mu.modulus.contains(Fraction(1, 2)) for mu in turn)


def test_every_function_of_the_field_can_be_iterated() -> None:
    parts = (
        phi(X) + Phi(X) / 2 + MillsRatio(X) / 3 + RampMoment(1, X) / 5 + RampMoment(2, X) / 9
        + TruncatedMoment(1, X) / 7 + TruncatedMoment(2, X) / 8 + BivariateCDF(X, X / 2, 1 / (2 + X**2))
    )  # fmt: skip
    busy = from_expressions("busy", {X: parts / 3})
    (certified,) = busy.iterate(["1/3"], 6, digits=15)
    (fast,) = busy.arrays([[1 / 3]], 6)[0]
    assert float(certified.digits(17) if certified.exact else certified.mpf()) == pytest.approx(
        fast, abs=1e-14
    )
    step = Fraction(1, 10**9)
    ahead, behind = (busy.iterate([Fraction(1, 3) + s * step], 1)[0].lower for s in (1, -1))
    ((slope,),) = busy.jacobian(["1/3"], digits=17)
    assert float((ahead - behind) / (2 * step)) == pytest.approx(float(slope), abs=1e-13)


def test_latex_compiles(pdflatex: str, tmp_path: Path) -> None:
    shown = [
        affine_teacher([-1, 1], "1/10"),
        relu_teacher(E1_TEACHER, "1/10", **E1_INPUT),
        zero_target("1/10"),
        bias_only(0, "1/10"),
        logistic(Symbol("x", real=True)),
    ]
    assert r"\frac{3}{10}" in shown[1].latex() or r"\tfrac{3}{10}" in shown[1].latex()
    assert shown[0]._repr_latex_().startswith("$")
    body = "\n".join(rf"\[{r.latex()}\]" for r in shown)
    text = "\\documentclass{article}\\usepackage{amsmath}\\begin{document}" + body + "\\end{document}"
    (tmp_path / "shown.tex").write_text(text)
    run = subprocess.run(
        [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "shown.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-600:]
    assert "Overfull \\hbox" not in run.stdout


def test_the_facade_offers_the_module() -> None:
    assert rt.recursions.affine_teacher is affine_teacher
    assert "recursions" in dir(rt)
    assert repr(relu_teacher([0, 1], "1/10")) == (
        "<Recursion ReLU teacher: theta_star = 0,1, eta = 1/10, m = 0, S = 1>"
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: affine_teacher([0, 1], 0), "eta must be an exact number > 0, got 0"),
        (lambda: affine_teacher([0, 1], -1), "eta must be an exact number > 0, got -1"),
        (lambda: affine_teacher([0, 1], 0.1), "eta must be exact, got the binary float 0.1"),
        (lambda: affine_teacher([0.5, 1], 1), "theta_star must be exact"),
        (lambda: relu_teacher([0, 0], 1), "theta_star must have a weight other than 0"),
        (lambda: relu_teacher([0], 1), "theta_star must be a list of at least 2"),
        (lambda: relu_teacher([0, 1], 1, S=[[-1]]), "S must be a symmetric positive definite matrix"),
        (lambda: relu_teacher([0, 1], 1, m=[0, 0]), "m must be a list of 1 numbers"),
        (lambda: affine_teacher([0, 1], 1).read([0, 1, 2]), r"start must have 2 entries \(b, w\), got 3"),
        (lambda: affine_teacher([0, 1], 1).iterate([1, 0], 1), "start must have a weight other than 0"),
        (lambda: affine_teacher([0, 1], 1).iterate([0.5, 1], 1), "start must be exact"),
        (lambda: affine_teacher([0, 1], 1).iterate(["nan", 1], 1), "start must be"),
        (lambda: affine_teacher([0, 1], 1).iterate([0, 1], -1), "steps must be an integer"),
        (lambda: affine_teacher([0, 1], 1).iterate([0, 1], 1, digits=0), "digits must be an integer"),
        (lambda: affine_teacher([0, 1], 1).orbit([0, 1], 1, method="fast"), "method must be"),
        (lambda: zero_target(1).orbit([0, 2], 5)[7], "step must be a kept and enclosed one, got 7"),
        (lambda: zero_target(1).iterate([0, 0], 1), "start must have a scale s > 0, got 0"),
        (lambda: from_expressions("none", {}), "updates must name at least one state"),
        (lambda: from_expressions("free", {X: X + Symbol("y")}), "parameters must give a value of y"),
        (lambda: from_expressions("float", {X: Float(0.5) * X}), "an update must be exact"),
        (lambda: from_expressions("pole", {X: 1 / X}).iterate([0], 1), "step 1 of the recursion divides"),
        (lambda: relu_teacher([0, 3, 4], 1).jacobian([1, 6, 8]), "at must not be parallel"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_clear_line(call, words: str) -> None:
    with pytest.raises(DomainError, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)
