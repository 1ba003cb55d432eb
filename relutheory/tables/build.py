"""From ids and axes to a table with short headers and a caption that states the conventions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sympy import Symbol

from relutheory.cards.prose import escape, prose_latex
from relutheory.cards.statement import symbol_latex
from relutheory.errors import DomainError
from relutheory.evaluate.engine import check_digits
from relutheory.tables.grid import Axes, ValueColumn, axis_parameter, value_columns
from relutheory.tables.tabular import Column, Table
from relutheory.theorems import Theorem
from relutheory.theorems import theorem as find

__all__ = ["table"]

#: What `L` and `widths` count, in every statement that uses these letters.
DEPTH_CONVENTION = "L counts affine maps, so there are L - 1 hidden ReLU layers"


def table(ids: str | Theorem | Iterable[str | Theorem], *, digits: int = 8, **axes: Any) -> Table:
    """Certified values of statements over a grid of parameters.

    Parameters
    ----------
    ids : str, Theorem or sequence of them
        One column for each statement, or for each of its named results.
    digits : int
        Significant digits, all of them proven.
    **axes
        Values of each parameter: a value, a sequence, or a text such as ``"2,3,5"`` or ``"2..100"``.
        ``N`` and ``L`` stand for equal ``widths``; an axis that a statement does not take leaves its
        values unchanged. The rows run over the product, the last axis fastest.

    Returns
    -------
    Table
        Cells outside the domain of their statement are dashes, with the reasons in the notes.

    Raises
    ------
    DomainError
        An axis fits none of the statements, a parameter is missing, or no cell lies inside a domain.

    Examples
    --------
    >>> from relutheory.tables import table
    >>> t = table(["born-dead-lower-bound-1d", "born-dead-upper-bound"], N=[3, 5], L=[10], digits=6)
    >>> print(t)
      N    L    lower bound 1d    upper bound
    ---  ---  ----------------  -------------
      3   10          0.513389       0.699342
      5   10         0.0639854       0.248541
    <BLANKLINE>
    Values: exact rationals, rounded for print; every printed digit is certain.
    >>> table("born-dead-max-depth", N=[5, 8], delta="0.1").columns[2].cells[1].exact
    Fraction(27, 1)
    """
    items = [ids] if isinstance(ids, str | Theorem) else list(ids)
    theorems = [find(item) if isinstance(item, str) else item for item in items]
    if not theorems:
        raise DomainError("a table needs at least one theorem id")
    if not axes:
        theorems[0].require_value()
        raise DomainError(
            f"a table needs at least one axis: {theorems[0].id} takes {theorems[0].domain.describe()}"
        )
    check_digits(digits)
    grid = Axes.of(axes)
    values = value_columns(theorems, grid, digits)
    parameters = [_axis_column(grid, name) for name in grid.names]
    return Table(
        columns=(*parameters, *(_value_column(column, theorems) for column in values)),
        digits=digits,
        caption=_caption(theorems, grid, digits),
        label="tab:" + "-".join(dict.fromkeys(t.id for t in theorems)),
        note_sources=tuple(values),
    )


def _axis_column(grid: Axes, name: str) -> Column:
    position = grid.names.index(name)
    shown = symbol_latex(name)
    if name == "widths":
        latex = r"$(N_1, \dots, N_{L-1})$"
    elif shown:
        latex = f"${shown}$"
    else:
        latex = prose_latex(name) if prose_latex(name).startswith("$") else escape(name)
    return Column(name, [point[position] for point in grid.points], name=name, latex=latex, kind="axis")


def _value_column(column: ValueColumn, theorems: Sequence[Theorem]) -> Column:
    theorem, result = column.theorem, column.result
    key = theorem.id if result == "value" else f"{theorem.id}:{result}"
    header, latex = _header(theorem)
    if result != "value":
        alone = len(theorems) == 1
        header, latex = (result, result) if alone else (f"{header}: {result}", f"{latex}: {result}")
    return Column(header, column, name=key, latex=latex, kind="value")


def _header(theorem: Theorem) -> tuple[str, str]:
    """Short header of a statement: its symbol, or its id without the topic."""
    if type(theorem.lhs) is Symbol and re.fullmatch(r"[A-Za-z]_\w+", theorem.lhs.name):
        return theorem.lhs.name, f"${symbol_latex(theorem.lhs.name) or theorem.lhs.name}$"
    short = theorem.id.removeprefix(theorem.stem.replace("_", "-") + "-").replace("-", " ")
    return short, escape(short)


def _caption(theorems: Sequence[Theorem], grid: Axes, digits: int) -> str:
    named = "; ".join(
        f"{_header(t)[0]}: {t.title[0].lower()}{t.title[1:]} (`{t.id}`)" for t in dict.fromkeys(theorems)
    )
    taken = [name for name in grid.names if not (name == "L" and _counts_affine(theorems))]
    meanings = [
        f"{name} is the {doc}"
        if not (doc := axis_parameter(theorems, name).doc).startswith(("whether", "P("))
        else f"{name}: {doc}"
        for name in taken
    ]
    if {"L", "widths"} & set(grid.names) and _counts_affine(theorems):
        meanings.append(DEPTH_CONVENTION)
    named = named[0].upper() + named[1:] if named[1] not in "_:" else named
    return f"{named}. {'; '.join(meanings)}. {digits} significant digits (integers in full)."


def _counts_affine(theorems: Sequence[Theorem]) -> bool:
    return any({"L", "widths"} & set(t.domain.names) for t in theorems)
