"""The tables of the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from relutheory.cards.card import status_text
from relutheory.certificate import Values
from relutheory.estimate import Estimate
from relutheory.grammar import show
from relutheory.report.runs import Outcome
from relutheory.tables import Column, Table, cell_text, table
from relutheory.tables.build import DEPTH_CONVENTION
from relutheory.theorems import Example, Theorem, theorem

__all__ = ["certified_tables", "examples_table", "simulation_table", "verification_table"]

LOWER, UPPER = "born-dead-lower-bound-1d", "born-dead-upper-bound"
_DELTAS = (Fraction(1, 1000), Fraction(1, 100), Fraction(1, 10), Fraction(1, 2))
_TWO_SIDED = "input dimension 1, inputs on both sides of 0, zero bias; upper bound: every input set"
#: Rows of a statement in the table of values, and characters of a reference value that fits it.
_ROWS, _LONGEST = 3, 60
#: More digits do not fit a line beside statement and point.
_MOST_DIGITS = 10
#: Width and depth of the comparison of bounds and simulation.
POINTS = ((3, 5), (3, 10), (5, 10), (5, 20), (7, 20), (10, 20))


def certified_tables(digits: int) -> dict[str, Table]:
    """Tables that need no simulation, by file name."""
    return {
        "bounds": _bounds(digits),
        "max-depth": _design(
            "born-dead-max-depth",
            "N",
            (2, 3, 4, 5, 6, 8, 10, 12, 16, 20),
            "Largest depth L_max at which the born-dead probability is at most delta for every input set, "
            f"by width N (`born-dead-max-depth`). {DEPTH_CONVENTION}",
        ),
        "min-width": _design(
            "born-dead-min-width",
            "L",
            (2, 3, 5, 10, 20, 50, 100, 1000, 10_000),
            "Smallest common width N_min at which the born-dead probability is at most delta for every input "
            f"set, by depth L (`born-dead-min-width`). {DEPTH_CONVENTION}",
        ),
        "dead-depth": _design(
            "born-dead-dead-depth",
            "N",
            (2, 3, 4, 5, 6, 8, 10, 12),
            "First depth L_bad from which on the born-dead probability exceeds delta for certain, for inputs "
            "on both sides of 0 on the line and zero bias, by width N (`born-dead-dead-depth`). "
            f"{DEPTH_CONVENTION}",
        ),
    }


def _bounds(digits: int) -> Table:
    found = table([LOWER, UPPER], N=[2, 3, 5, 7, 10], L=[3, 5, 10, 20, 50], digits=digits)
    return Table(
        tuple(_renamed(column) for column in found.columns),
        digits,
        f"Certified bounds on the born-dead probability (`{LOWER}`, `{UPPER}`) for common width N. "
        f"{DEPTH_CONVENTION}. {digits} significant digits",
        "tab:bounds",
        (f"Lower bound: {_TWO_SIDED}",),
    )


def _renamed(column: Column) -> Column:
    short = {LOWER: "lower bound", UPPER: "upper bound"}.get(column.key)
    return Column(short, column.cells, column.key, short, "value") if short else column


def _design(id: str, axis: str, along: Sequence[int], caption: str) -> Table:
    axes: dict[str, Any] = {axis: along, "delta": _DELTAS}
    found = table(id, **axes)
    cells = list(found[id])
    step = len(_DELTAS)
    rows = [[value, *cells[i * step : (i + 1) * step]] for i, value in enumerate(along)]
    shown = [cell_text(d, 6) for d in _DELTAS]
    headers = [Column(axis, (), axis, f"${axis}$", "axis")]
    headers += [Column(f"delta = {d}", (), f"delta={d}", rf"$\delta = {d}$", "value") for d in shown]
    return Table.from_columns(headers, rows, caption=caption, label=f"tab:{id.removeprefix('born-dead-')}")


def simulation_table(curves: Mapping[int, Mapping[int, Estimate]], *, samples: int, seed: int) -> Table:
    """Lower bound, simulated value, upper bound."""
    rows = []
    for width, depth in POINTS:
        bounds = table([LOWER, UPPER], N=width, L=depth, digits=6)
        rows.append([width, depth, bounds[0, LOWER], curves[width][depth], bounds[0, UPPER]])
    headers = [
        Column("N", (), "N", "$N$", "axis"),
        Column("L", (), "L", "$L$", "axis"),
        Column("lower bound", (), "lower", "lower bound", "value"),
        Column("simulated", (), "simulated", "simulated", "value"),
        Column("upper bound", (), "upper", "upper bound", "value"),
    ]
    return Table.from_columns(
        headers,
        rows,
        digits=6,
        caption="Certified bounds and simulated born-dead probability of Gaussian networks of common width "
        f"N. {DEPTH_CONVENTION}. {samples} networks for each width, seed {seed}",
        label="tab:simulation",
        notes=(
            f"Lower bound and simulation: {_TWO_SIDED}",
            "Simulated values of one width at several depths share their networks",
        ),
    )


def verification_table(outcomes: Iterable[Outcome], *, samples: int, seed: int) -> Table:
    """Theorem against simulator: one line a theorem."""
    from relutheory.verify import FALSE_ALARM_BUDGET, confidence

    headers = [
        Column("theorem", (), "theorem", "theorem", "code"),
        Column("derivation", (), "derivation", "derivation", "text"),
        Column("agrees", (), "agrees", "agrees", "axis"),
        Column("contradicts", (), "contradicts", "contradicts", "axis"),
        Column("no power", (), "no_power", "no power", "axis"),
        Column("mutants rejected", (), "mutants", "mutants rejected", "axis"),
    ]
    rows = [
        [o.id, _derivation(o.id), o.agrees, o.contradicts, o.no_power, f"{o.rejected} of {o.mutants}"]
        for o in outcomes
    ]
    share = (1 - confidence()).limit_denominator(10**12)
    return Table.from_columns(
        headers,
        rows,
        caption="Theorems against the simulator: number of trials by verdict, and wrong variants (mutants) "
        f"of the formula that the trials reject. {samples} samples a trial unless its witness asks for a "
        f"multiple, seed {seed}",
        label="tab:verification",
        notes=(
            f"Each trial uses an exact confidence interval that misses with probability at most "
            f"{float(share):.2g}; by the union bound a run over all statements rejects a true one with "
            f"probability at most {float(FALSE_ALARM_BUDGET):g}",
            "Derivation: the weakest step of the machine-checked derivation and of all that it uses",
            "Agrees: an inequality that the interval proves, or an equality inside an interval that rejects "
            "at least one mutant",
        ),
    )


def _derivation(id: str) -> str | None:
    """Proof axis of a statement, or None where the derivations are not installed."""
    status = status_text(theorem(id))
    return None if status is None else status.partition(",")[0].lower()


def examples_table(records: Sequence[Theorem], digits: int) -> Table:
    """Certified values at reference points: of each statement the first few results that have one."""
    digits = min(digits, _MOST_DIGITS)
    rows = [
        _example_row(record, example, digits) for record in records for example in _reference_points(record)
    ]
    validated = dict.fromkeys(row[0] for row in rows if row[-1].trust == "validated")
    headers = [
        Column("statement", (), "statement", "statement", "code"),
        Column("result", (), "result", "result", "code"),
        Column("point", (), "point", "point", "text"),
        Column("value", (), "value", "value", "value"),
    ]
    return Table.from_columns(
        headers,
        rows,
        digits=digits,
        caption=f"Certified values at reference points, at most {_ROWS} results of a statement. "
        f"{DEPTH_CONVENTION}; widths are those of the hidden layers. {digits} significant digits (integers "
        "in full)",
        label="tab:values",
        notes=[f"Validated only: {', '.join(f'`{id}`' for id in validated)}"] if validated else [],
    )


def _reference_points(record: Theorem) -> list[Example]:
    """First reference point of each result, entries of vectors and matrices included."""
    first: dict[str, Example] = {}
    for example in record.examples:
        if len(example.value) <= _LONGEST:
            first.setdefault(example.result, example)
    return list(first.values())[:_ROWS]


def _example_row(record: Theorem, example: Example, digits: int) -> list[Any]:
    found: Any = theorem(record.id).evaluate(digits=digits, **example.parameters)
    value = found[example.result] if isinstance(found, Values) else found
    shown = [f"{key} = {_point(v)}" for key, v in example.parameters.items()]
    name = "" if example.result == "value" else example.result
    return [record.id, name, ", ".join(shown) or "defaults", value]


def _point(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_point, value))})"
    return show(value).strip("'")
