"""Cells of a table: what they hold and how they are written."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from relutheory.certificate import Enclosure
from relutheory.decimals import decimal_digits
from relutheory.estimate import Estimate
from relutheory.grammar import show

__all__ = ["DASH", "Cell", "Outside", "cell_json", "cell_number", "cell_text"]

DASH = "—"


@dataclass(frozen=True)
class Outside:
    """A cell whose point lies outside the domain of the statement."""

    reason: str

    def __str__(self) -> str:
        return DASH


#: A certified value, a simulated value, a parameter, a word, or nothing.
Cell = Enclosure | Estimate | Outside | Fraction | int | bool | str | tuple[int, ...] | None


def cell_text(cell: Any, digits: int, scientific: bool = False) -> str:
    """Text of one cell; digits of an enclosure are proven, with a power of ten if `scientific`.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from relutheory.certificate import Enclosure
    >>> from relutheory.tables.cells import cell_text
    >>> cell_text(Enclosure(Fraction(1, 3), Fraction(1, 3), 20, "exact"), 4), cell_text(Fraction(1, 10), 4)
    ('0.3333', '0.1')
    >>> cell_text(Enclosure(Fraction(1, 30), Fraction(1, 30), 20, "exact"), 4, scientific=True)
    '3.333e-2'
    """
    if cell is None or isinstance(cell, Outside):
        return DASH
    if isinstance(cell, Enclosure):
        return _scientific(cell, digits) if scientific else cell.digits(digits)
    if isinstance(cell, Fraction):
        return fraction_text(cell)
    if isinstance(cell, str | Estimate):
        return str(cell)
    return show(cell)


def _scientific(cell: Enclosure, digits: int) -> str:
    found = decimal_digits(cell.lower, cell.upper, digits)
    if found is None or not any(found[1].strip("0")):
        return cell.digits(digits)
    sign, figures, exponent = found
    return f"{'-' if sign < 0 else ''}{figures[0]}.{figures[1:] or '0'}e{exponent}"


def fraction_text(value: Fraction) -> str:
    """Short finite decimals as such, other fractions as ``p/q``."""
    scaled = value * 10**6
    if scaled.denominator != 1:
        return str(value)
    text = f"{int(scaled):07d}" if scaled >= 0 else f"-{int(-scaled):07d}"
    return f"{text[:-6]}.{text[-6:]}".rstrip("0").rstrip(".")


def cell_json(cell: Any, digits: int) -> Any:
    """Plain JSON value of one cell."""
    if isinstance(cell, Enclosure):
        return cell.json(digits)
    if isinstance(cell, Estimate):
        return cell.as_dict()
    if isinstance(cell, Outside):
        return {"value": None, "reason": cell.reason}
    if cell is None or isinstance(cell, bool | int | str):
        return cell
    return show(cell)


def cell_number(cell: Any, digits: int) -> Any:
    """Number for data frames: integers stay, everything else that is a number becomes a float."""
    if cell is None or isinstance(cell, Outside):
        return None
    if isinstance(cell, Enclosure):
        return int(cell) if cell.is_integer else float(cell.digits(digits))
    if isinstance(cell, Estimate | Fraction):
        return float(cell)
    return show(cell) if isinstance(cell, tuple) else cell
