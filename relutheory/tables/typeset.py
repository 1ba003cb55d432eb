"""Text, Markdown, HTML and LaTeX bodies through `tabulate`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from relutheory.cards.prose import escape, prose_latex
from relutheory.errors import MissingExtraError
from relutheory.tables.cells import DASH

if TYPE_CHECKING:
    from relutheory.tables.tabular import Column, Table

__all__ = ["latex_table", "plain_table"]

#: More rows than this do not fit on one page.
PAGE_ROWS = 42
#: Bodies that are probably wider than this many points are set in a smaller size.
LINE_POINTS = 430
_CHARACTER_POINTS, _SEPARATOR_POINTS = 5.75, 12
#: Columns of words with longer cells are set as paragraphs (package array) when the body is too wide.
_PARAGRAPH_FROM = 30
_NUMBER = re.compile(
    r"(?P<sign>-?)(?P<whole>\d+)(?:\.(?P<part>\d+))?(?:\((?P<error>\d+)\))?(?:e(?P<power>-?\d+))?"
)


def _tabulate() -> Any:
    try:
        import tabulate
    except ImportError as error:
        raise MissingExtraError("tables need tabulate: pip install 'relutheory[tables]'") from error
    return tabulate


def plain_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], style: str, align: Sequence[str]
) -> str:
    """Table in one of tabulate's formats; no cell is reinterpreted as a number."""
    return str(_tabulate().tabulate(rows, headers, tablefmt=style, disable_numparse=True, colalign=align))


def latex_table(table: Table, texts: Sequence[Sequence[str]], environment: str) -> str:
    """Complete LaTeX of a table."""
    if environment == "auto":
        environment = "longtable" if len(texts) > PAGE_ROWS else "table"
    columns = [[row[i] for row in texts] for i in range(len(table.columns))]
    specs = [_column_spec(column, cells) for column, cells in zip(table.columns, columns, strict=True)]
    wide = _line_points(table, columns) > LINE_POINTS
    if wide:
        specs = [_paragraph(*each) for each in zip(specs, table.columns, columns, strict=True)]
    headers = [_header(column, spec) for column, spec in zip(table.columns, specs, strict=True)]
    body = [
        [_cell(text, spec, column) for text, spec, column in zip(row, specs, table.columns, strict=True)]
        for row in texts
    ]
    preamble = "@{}" + " ".join(specs) + "@{}"
    caption = _sentence(table.caption) if table.caption else ""
    notes = " ".join(_sentence(note) for note in table.notes)
    label = rf"\label{{{table.label}}}" if table.label else ""
    size = [r"\footnotesize\setlength{\tabcolsep}{3pt}"] if wide else []
    if environment == "longtable":
        return _longtable([preamble, *size], headers, body, f"{caption} {notes}".strip(), label)
    tabular = "\n".join([rf"\begin{{tabular}}{{{preamble}}}", _body(headers, body), r"\end{tabular}"])
    if environment == "tabular":
        return tabular + "\n"
    lines = [r"\begin{table}[htbp]", r"\centering"]
    lines += [rf"\caption{{{caption}{label}}}", r"\par\smallskip"] if caption else []
    lines += [*size, tabular]
    if notes:
        lines.append(
            rf"\par\smallskip\begin{{minipage}}{{0.94\linewidth}}\footnotesize {notes}\end{{minipage}}"
        )
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def _line_points(table: Table, columns: Sequence[Sequence[str]]) -> float:
    """Rough width of the body at the normal size."""
    # A power of ten is printed with a sign of multiplication.
    widest = [
        max(len(c.header), *(len(text) + 2 * ("e" in text and c.kind == "value") for text in texts))
        for c, texts in zip(table.columns, columns, strict=True)
    ]
    return _CHARACTER_POINTS * sum(widest) + _SEPARATOR_POINTS * (len(widest) - 1)


def _paragraph(spec: str, column: Column, cells: Sequence[str]) -> str:
    r"""``p`` instead of ``l`` for long words."""
    if spec != "l" or max(map(len, cells), default=0) <= _PARAGRAPH_FROM:
        return spec
    return r">{\raggedright\arraybackslash}p{0.26\linewidth}"


def _sentence(note: str) -> str:
    return prose_latex(note) + ("" if note.endswith(".") else ".")


def _longtable(style: list[str], headers: list[str], body: list[list[str]], caption: str, label: str) -> str:
    preamble, *size = style
    repeated = [r"\toprule", " & ".join(headers) + r" \\", r"\midrule"]
    return "\n".join(
        [
            # One chunk and no spanning footer: two runs settle the column widths.
            r"\begingroup\setlength{\LTcapwidth}{\linewidth}",
            rf"\setcounter{{LTchunksize}}{{{len(body) + 20}}}",
            *size,
            rf"\begin{{longtable}}{{{preamble}}}",
            *([rf"\caption{{{caption}{label}}} \\"] if caption else []),
            *repeated,
            r"\endfirsthead",
            *repeated,
            r"\endhead",
            r"\bottomrule",
            r"\endfoot",
            r"\bottomrule",
            r"\endlastfoot",
            _rows(body),
            r"\end{longtable}",
            r"\endgroup",
            "",
        ]
    )


def _format(rules: bool) -> Any:
    """Booktabs body: tabulate's own LaTeX formats escape the cells and cannot set ``S`` columns."""
    module = _tabulate()
    row = module.DataRow("", " & ", r" \\")

    def rule(text: str) -> Any:
        return (lambda widths, aligns: text) if rules else None

    return module.TableFormat(
        lineabove=rule(r"\toprule"),
        linebelowheader=rule(r"\midrule"),
        linebetweenrows=None,
        linebelow=rule(r"\bottomrule"),
        headerrow=row,
        datarow=row,
        padding=0,
        with_header_hide=None,
    )


def _body(headers: list[str], body: list[list[str]]) -> str:
    return str(
        _tabulate().tabulate(body, headers, tablefmt=_format(True), disable_numparse=True, stralign="right")
    )


def _rows(body: list[list[str]]) -> str:
    return str(_tabulate().tabulate(body, tablefmt=_format(False), disable_numparse=True, stralign="right"))


def _header(column: Column, spec: str) -> str:
    text = column.latex or escape(column.header)
    return f"{{{text}}}" if spec.startswith("S") else text


def _cell(text: str, spec: str, column: Column) -> str:
    if text == DASH:
        return "{---}"
    if spec.startswith("S"):
        return text
    if column.key == "widths":
        return f"$({text.replace(',', ', ')})$"
    return prose_latex(f"`{text}`" if column.kind == "code" and text else text)


def _column_spec(column: Column, cells: Sequence[str]) -> str:
    r"""``l`` for words, ``r`` for mixed parameters, ``S`` for numbers, made to measure."""
    filled = [text for text in cells if text != DASH]
    matches = [_NUMBER.fullmatch(text) for text in filled]
    numbers = [m for m in matches if m]
    if column.key == "widths":
        return "r"
    if column.kind in ("text", "code") or not numbers:
        return "r" if column.kind in ("axis", "value") else "l"
    if len(numbers) < len(filled):
        return "r"
    whole = max(len(m["whole"]) for m in numbers)
    part = max(len(m["part"] or "") for m in numbers)
    error = max(len(m["error"] or "") for m in numbers)
    power = max(len((m["power"] or "").lstrip("-")) for m in numbers)
    sign = "-" if any(m["sign"] for m in numbers) else ""
    shape = f"{sign}{whole}" + (f".{part}" if part else ".0" if error else "")
    shape += f"({error})" if error else ""
    if power:
        shape += f"e{'-' if any((m['power'] or '').startswith('-') for m in numbers) else ''}{power}"
    return f"S[table-format={shape}]"
