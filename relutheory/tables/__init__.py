"""Tables of certified and simulated values: LaTeX, Markdown, CSV, JSON, text, HTML, data frames."""

from relutheory.tables.build import table
from relutheory.tables.cells import DASH, Outside, cell_text
from relutheory.tables.grid import parse_axis
from relutheory.tables.tabular import Column, Table

__all__ = ["DASH", "Column", "Outside", "Table", "cell_text", "parse_axis", "table"]
