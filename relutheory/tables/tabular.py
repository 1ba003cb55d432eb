"""A table: columns of cells with a caption, in every format that papers and programs read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from relutheory.certificate import Enclosure
from relutheory.errors import DomainError, MissingExtraError
from relutheory.estimate import Estimate
from relutheory.tables.cells import Outside, cell_json, cell_number, cell_text
from relutheory.tables.typeset import latex_table, plain_table

__all__ = ["Column", "Table"]

_TRUST = {
    "integer": "exact integers",
    "exact": "exact rationals, rounded for print",
    "certified": "certified by ball arithmetic",
}
_MAX_REASONS = 4


@dataclass(frozen=True)
class Column:
    """A named sequence of cells.

    Parameters
    ----------
    header : str
        As printed.
    cells : sequence
        `Enclosure`, `Estimate`, numbers, texts, or `Outside`.
    name : str
        Key in CSV and JSON; the header when empty.
    latex : str
        Header in LaTeX; the escaped header when empty.
    kind : {"axis", "value", "text", "code"}
        Parameters, values that line up at the decimal point, words, or names of code.
    scientific : bool
        Write certified values with a power of ten.
    """

    header: str
    cells: Sequence[Any]
    name: str = ""
    latex: str = ""
    kind: Literal["axis", "value", "text", "code"] = "value"
    scientific: bool = False

    @property
    def key(self) -> str:
        """Key in CSV and JSON."""
        return self.name or self.header


@dataclass(frozen=True)
class Table(Sequence[tuple[Any, ...]]):
    """Rows of cells that become text when they are printed.

    A table is a sequence of rows; ``t["header"]`` is a column, ``t[i, "header"]`` a cell.

    Examples
    --------
    >>> from relutheory.tables import table
    >>> t = table("born-dead-upper-bound", N=5, L=[1, 10], digits=10)
    >>> str(t[0, "upper bound"]), str(t[1, "born-dead-upper-bound"])
    ('—', '0.2485407415')
    >>> t.notes[0]
    '—: L must be an integer >= 2, got 1'
    """

    columns: tuple[Column, ...]
    digits: int = 8
    caption: str = ""
    label: str = ""
    extra_notes: tuple[str, ...] = ()
    note_sources: tuple[Any, ...] = field(default=(), repr=False)

    @classmethod
    def from_columns(
        cls,
        headers: Sequence[str | Column],
        rows: Sequence[Sequence[Any]],
        *,
        digits: int = 8,
        caption: str = "",
        label: str = "",
        notes: Sequence[str] = (),
    ) -> Table:
        """Table of given cells: enclosures, estimates, numbers and words.

        Parameters
        ----------
        headers : sequence of str or Column
            A `Column` tells kind and LaTeX header; its cells are replaced.
        rows : sequence of sequences
            Cells row by row.
        digits, caption, label, notes
            As for `Table`.

        Examples
        --------
        >>> from relutheory.estimate import BinomialCount, Estimate
        >>> from relutheory.tables import Table
        >>> run = Estimate(BinomialCount(7066, 10_000), seed=1)
        >>> print(Table.from_columns(["N", "simulated"], [[4, run]]).csv().splitlines()[1])
        4,0.707(5)
        """
        if any(len(row) != len(headers) for row in rows):
            raise DomainError(f"every row needs {len(headers)} cells")
        columns = []
        for position, header in enumerate(headers):
            cells = [row[position] for row in rows]
            given = header if isinstance(header, Column) else Column(header, (), kind=_kind(cells))
            columns.append(replace(given, cells=cells))
        return cls(tuple(columns), digits, caption, label, tuple(notes))

    def __len__(self) -> int:
        return len(self.columns[0].cells)

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, str):
            return self.column(item).cells
        if isinstance(item, tuple):
            return self.column(item[1]).cells[item[0]]
        if isinstance(item, slice):
            return [self[i] for i in range(*item.indices(len(self)))]
        if not -len(self) <= item < len(self):
            raise IndexError(item)
        return tuple(column.cells[item] for column in self.columns)

    def column(self, name: str) -> Column:
        """Column with this header or key."""
        for column in self.columns:
            if name in (column.header, column.key):
                return column
        raise DomainError(f"no column {name!r}: the table has {', '.join(c.header for c in self.columns)}")

    @cached_property
    def rows(self) -> list[tuple[Any, ...]]:
        """All rows, each cell computed once."""
        return list(zip(*(list(column.cells) for column in self.columns), strict=True))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Why cells are empty, what the digits rest on, and notes given by the maker of the table."""
        reasons = list(
            dict.fromkeys(cell.reason for row in self.rows for cell in row if isinstance(cell, Outside))
        )
        found = [f"—: {reason}" for reason in reasons[:_MAX_REASONS]]
        if len(reasons) > _MAX_REASONS:
            found.append(f"—: and {len(reasons) - _MAX_REASONS} more reasons")
        values = [cell for row in self.rows for cell in row if isinstance(cell, Enclosure)]
        kinds = {"integer" if cell.is_integer else cell.trust for cell in values}
        # A single integer among rationals needs no mention.
        trust = [
            words
            for name, words in _TRUST.items()
            if name in kinds and (name != "integer" or len(kinds) == 1)
        ]
        if trust:
            found.append("Values: " + "; ".join(trust) + "; every printed digit is certain")
        if "validated" in kinds:
            words = "some others are" if trust else "Values:"
            found.append(f"{words[0].upper()}{words[1:]} validated, not proven")
        if any(isinstance(cell, Estimate) for row in self.rows for cell in row):
            found.append("In brackets: standard error in units of the last digit")
        return (*found, *self.extra_notes)

    def _texts(self) -> Iterator[list[str]]:
        for row in self.rows:
            yield [
                cell_text(cell, self.digits, column.scientific)
                for cell, column in zip(row, self.columns, strict=True)
            ]

    def text(self) -> str:
        """Plain text with aligned columns and the notes."""
        body = plain_table([c.header for c in self.columns], list(self._texts()), "simple", self._aligned())
        return body + "\n" + "".join(f"\n{_stopped(note)}" for note in self.notes)

    def markdown(self) -> str:
        """Markdown pipe table, with caption and notes."""
        body = plain_table(
            [c.header.replace("|", r"\|") for c in self.columns],
            [
                [_markdown_cell(text, column) for text, column in zip(row, self.columns, strict=True)]
                for row in self._texts()
            ],
            "pipe",
            self._aligned(),
        )
        below = [self.caption, *self.notes]
        return body + "\n" + "".join(f"\n{_stopped(line)}\n" for line in below if line)

    def latex(self, *, environment: Literal["auto", "table", "longtable", "tabular"] = "auto") -> str:
        """LaTeX with booktabs and siunitx ``S`` columns, caption and label.

        Parameters
        ----------
        environment : {"auto", "table", "longtable", "tabular"}
            ``auto``: ``longtable`` for tables longer than a page, else ``table``; ``tabular``: the body
            alone.
        """
        return latex_table(self, list(self._texts()), environment)

    def csv(self) -> str:
        """Comma-separated values; empty cells are empty, estimates ``0.7066(5)``."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([column.key for column in self.columns])
        for row, texts in zip(self.rows, self._texts(), strict=True):
            writer.writerow(
                ["" if c is None or isinstance(c, Outside) else t for c, t in zip(row, texts, strict=True)]
            )
        return out.getvalue()

    def data(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        keys = [column.key for column in self.columns]
        return {
            "columns": [{"name": c.key, "header": c.header, "kind": c.kind} for c in self.columns],
            "digits": self.digits,
            "caption": self.caption,
            "notes": list(self.notes),
            "rows": [
                {key: cell_json(cell, self.digits) for key, cell in zip(keys, row, strict=True)}
                for row in self.rows
            ],
        }

    def json(self) -> str:
        """JSON text; a value is ``{"value", "digits", "exact", "trust"}``."""
        return json.dumps(self.data(), indent=1, ensure_ascii=False) + "\n"

    def to_pandas(self) -> Any:
        """Return a pandas ``DataFrame``: integers, floats of the printed digits, None for empty cells."""
        try:
            import pandas as pd  # type: ignore[import-untyped,unused-ignore]  # stubs are a package of their own
        except ImportError as error:
            raise MissingExtraError("data frames need pandas: pip install 'relutheory[pandas]'") from error
        cells = {c.key: [cell_number(cell, self.digits) for cell in c.cells] for c in self.columns}
        frame = pd.DataFrame(cells)
        frame.attrs.update(caption=self.caption, notes=list(self.notes))
        return frame

    def _aligned(self) -> list[str]:
        return ["left" if column.kind in ("text", "code") else "right" for column in self.columns]

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Table: {len(self)} rows, columns {', '.join(c.header for c in self.columns)}>"

    def _repr_html_(self) -> str:
        import html

        body = plain_table([c.header for c in self.columns], list(self._texts()), "html", self._aligned())
        below = "<br>".join(html.escape(line) for line in (self.caption, *self.notes) if line)
        return f"<div>{body}<p style='font-size:85%'>{below}</p></div>"

    def _repr_latex_(self) -> str:
        return self.latex(environment="tabular")


def _markdown_cell(text: str, column: Column) -> str:
    escaped = text.replace("|", r"\|")
    return f"`{escaped}`" if column.kind == "code" and text else escaped


def _stopped(line: str) -> str:
    return line if line.endswith(".") else line + "."


def _kind(cells: Sequence[Any]) -> Literal["axis", "value", "text"]:
    if any(isinstance(cell, Enclosure | Estimate) for cell in cells):
        return "value"
    return "text" if any(isinstance(cell, str) for cell in cells) else "axis"
