"""The tables of the report about error backpropagation of one unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sympy import Expr, Symbol, erfi, pi, sqrt

from relutheory.evaluate import enclose
from relutheory.functions import Phi
from relutheory.tables import Column, Table
from relutheory.theorems import theorem

if TYPE_CHECKING:
    from relutheory.estimate import Estimate
    from relutheory.observations import Observations
    from relutheory.simulate.learners import LearnerRuns

__all__ = ["ensemble_table", "observation_tables", "single_unit_tables"]

_MARGINS = (-40, -10, -5, -4, -3, -2, -1, 0, 1, 2, 3)
_LIMIT_MARGINS = (-5, -4, -3, -2, -1, 0, 1, 2, 3)
_INPUTS = (1, 4, 16)
_DISTANCES = (1, 2, 3, 4, 5, 6)
_STARTS = (1, 2, 3, 4, 5, 6)
_STEADY = tuple((h, count) for count in (2, 8) for h in (1, 0, -1, -2))
_ETA, _SIG = Fraction(1, 50), Fraction(1, 10)
_LAYERS = (1, 2, 3, 4, 6, 8, 16, 32, 64)
_a = Symbol("a", positive=True)


def single_unit_tables(digits: int) -> dict[str, Table]:
    """Tables of error backpropagation of one unit, by file name."""
    digits = min(digits, 8)
    return {
        "slow-down": _slow_down(min(digits, 6)),
        "step-limits": _step_limits(digits),
        "death-law": _death_law(digits),
        "escape-times": _escape_times(digits),
        "steady-state": _steady_state(min(digits, 5)),
        "probability-spread": _spread(digits),
    }


def _table(
    name: str, headers: Sequence[Column], rows: Sequence[Any], digits: int, words: str, *notes: str
) -> Table:
    caption = f"{words}. {digits} significant digits"
    return Table.from_columns(headers, rows, digits=digits, caption=caption, label=f"tab:{name}", notes=notes)


def _tail(name: str, latex: str) -> Column:
    """Column of values that span many powers of ten."""
    return Column(name, (), name, latex, "value", scientific=True)


def _plain(name: str, latex: str) -> Column:
    return Column(name, (), name, latex, "value")


def _along(name: str, latex: str) -> Column:
    return Column(name, (), name, latex, "axis")


def _at(expression: Expr, a: Any, digits: int) -> Any:
    return enclose(expression, {_a: a}, digits=digits)


def _slow_down(digits: int) -> Table:
    rows = []
    for h in _MARGINS:
        found: Any = theorem("local-rates").evaluate(h_star=h, digits=digits)
        chance = [enclose(v, {}, digits=digits) for v in (Phi(h), 1 / Phi(h))]
        rows.append([h, *chance, found["lam_minus"], found["lam_plus"], found["slowdown"]])
    headers = [
        _along("h*", "$h^*$"),
        _tail("P*", "$P^*$"),
        _tail("1/P*", "$1/P^*$"),
        _tail("lam_minus", r"$\lambda_-$"),
        _tail("lam_plus", r"$\lambda_+$"),
        _tail("1/lam_minus", r"$1/\lambda_-$"),
    ]
    return _table(
        "slow-down",
        headers,
        rows,
        digits,
        "Slow-down of a unit near its solution against a linear unit (last column), by the margin h* of the "
        "solution, beside the naive factor 1/P*; the local rates are the eigenvalues times the step size "
        "(`local-rates`)",
    )


def _step_limits(digits: int) -> Table:
    rows = []
    for h in _LIMIT_MARGINS:
        found: Any = theorem("local-rates").evaluate(h_star=h, digits=digits)
        limits = [
            theorem("mean-square-step-limit").evaluate(h_star=h, N=count, digits=digits) for count in _INPUTS
        ]
        rows.append([h, found["eta_max"], *limits])
    headers = [_along("h*", "$h^*$"), _tail("eta_max", r"$2/\lambda_+$")]
    headers += [_plain(f"eta_ms, N = {k}", rf"$\eta_{{\mathrm{{ms}}}}$, $N = {k}$") for k in _INPUTS]
    return _table(
        "step-limits",
        headers,
        rows,
        digits,
        "Largest step size for stability of the mean (`local-rates`, first column) and of the mean square "
        "(`mean-square-step-limit`), by the margin h* of the solution and the number N of inputs: "
        "below 0 the first one grows as h* falls, the second one falls",
    )


def _death_law(digits: int) -> Table:
    chance, time = Phi(-_a), pi * erfi(_a / sqrt(2))
    rows = []
    for a in _DISTANCES:
        fall = theorem("zero-target-flow").evaluate(a0=0, a=a, digits=digits)
        rows.append([-a, fall, *(_at(value, a, digits) for value in (chance, chance * time * _a**2))])
    headers = [
        _along("h", "$h$"),
        _tail("t", "$t$"),
        _tail("P", "$P$"),
        _plain("P t h^2", r"$P\,t\,h^2$"),
    ]
    return _table(
        "death-law",
        headers,
        rows,
        digits,
        "Death of a unit that sees nothing of its target: time t in which the margin falls from 0 to h "
        "(`zero-target-flow`), activation probability P there, and P t h^2, which tends to 1 "
        "(`zero-target-death-rate`)",
        "Time: step size times number of steps, in the limit of small steps",
    )


def _escape_times(digits: int) -> Table:
    rows = []
    for a in _STARTS:
        row: list[Any] = [-a]
        for target in (0, 1):
            point = {"a0": a, "h_star": target, "h1": Fraction(-1, 2)}
            time = theorem("bias-escape-time").evaluate(**point, digits=digits)
            asymptote = 1 / (_a * Phi(-_a) * (target + _a))
            row += [time, _at(asymptote, a, digits)]
        rows.append(row)
    headers = [_along("h_0", "$h_0$")]
    for target in (0, 1):
        headers += [
            _tail(f"T, h* = {target}", f"$T$, $h^* = {target}$"),
            _tail(f"asymptote, h* = {target}", f"asymptote, $h^* = {target}$"),
        ]
    return _table(
        "escape-times",
        headers,
        rows,
        digits,
        "Time T in which the bias of a nearly dead unit with the teacher's weights comes back from the "
        "margin h_0 to -1/2, and its asymptote 1/(|h_0| Phi(h_0) (h* - h_0)), by the margin h* of an affine "
        "teacher (`bias-escape-time`)",
    )


def _steady_state(digits: int) -> Table:
    rows = []
    for h, count in _STEADY:
        point = {"h_star": h, "N": count, "eta": _ETA, "sig": _SIG}
        found: Any = theorem("steady-state-covariance").evaluate(**point, digits=digits)
        shift: Any = theorem("noise-induced-bias").evaluate(**point, kappa=Fraction(3, 4), digits=digits)
        ratios = [found[f"ratio_{name}"] for name in ("0_0", "0_1", "1_1", "perp")]
        rows.append([count, h, *ratios, found["excess"], shift["delta_h"]])
    headers = [
        _along("N", "$N$"),
        _along("h*", "$h^*$"),
        _plain("K_00", "$K_{00}$"),
        _plain("K_01", "$K_{01}$"),
        _plain("K_11", "$K_{11}$"),
        _plain("K_perp", r"$K_\perp$"),
        _tail("excess", r"$\operatorname{tr} MK$"),
        _tail("delta h", r"$\delta h$"),
    ]
    return _table(
        "steady-state",
        headers,
        rows,
        digits,
        "Steady state at step size eta = 1/50 and noise sigma = 1/10: entries of the covariance K over "
        "eta sigma^2/2 and excess error (`steady-state-covariance`), and shift of the margin by the noise "
        "with a ReLU teacher, to first order in eta (`noise-induced-bias`)",
    )


def _spread(digits: int) -> Table:
    rows = []
    for layer in _LAYERS:
        found: Any = theorem("activation-probability-spread").evaluate(l=layer, digits=digits)
        rows.append([layer, found["variance"], found["std"]])
    headers = [_along("layer", "layer $l$"), _plain("variance", "variance"), _plain("std", "std. deviation")]
    return _table(
        "probability-spread",
        headers,
        rows,
        digits,
        "Spread of the activation probabilities of the units of a layer at initialisation, in wide networks "
        "without biases; their mean is 1/2, the largest possible standard deviation too "
        "(`activation-probability-spread`)",
    )


def ensemble_table(found: Sequence[LearnerRuns]) -> Table:
    """Largest distance of the mean of ensembles from the mean map, with its intervals."""
    from relutheory.plots.single_unit import mean_orbit
    from relutheory.simulate.learners import mean_field_gap

    rows = []
    for runs in found:
        settings, gap = runs.settings, mean_field_gap(runs, mean_orbit(runs))
        below = runs.estimate("below", runs.steps[-1])
        rows.append(
            [Fraction(settings.target[0]), Fraction(settings.eta), _interval(gap, 3), _interval(below, 4)]
        )
    headers = [
        _along("h*", "$h^*$"),
        _along("eta", r"$\eta$"),
        Column("largest distance", (), "gap", "largest distance", "text"),
        Column("P < 0.05 at the end", (), "nearly dead", "$P < 0.05$ at the end", "text"),
    ]
    return Table.from_columns(
        headers,
        rows,
        caption="Error of the mean map: largest distance of the mean unit of an ensemble from it, by the "
        "margin h* of the teacher and the step size eta, and share of nearly dead units at the end. "
        f"{found[0].runs} runs each, seed {found[0].seed}",
        label="tab:mean-field-gap",
        notes=(
            "In brackets intervals of confidence 0.99: for distances of the central limit theorem, at all "
            "recorded steps at once, for shares exact",
        ),
    )


def _interval(found: Estimate, places: int) -> str:
    return f"{found.value:.{places}f} ({found.low:.{places}f} to {found.high:.{places}f})"


def observation_tables(found: Observations) -> dict[str, Table]:
    """What was observed of trained networks of one depth, by file name: layer by layer, and the answers."""
    layers, answers = found.table(init=found.groups[0].init), found.verdict_table()
    return {"observed": _narrow(layers, "depth", "init"), "observations": _narrow(answers, "depth")}


def _narrow(found: Table, *dropped: str) -> Table:
    """Table without some columns, with a short header, so that it fits a page."""
    columns = [
        replace(column, latex="obs.") if column.key == "observation" else column
        for column in found.columns
        if column.key not in dropped
    ]
    return replace(found, columns=tuple(columns))
