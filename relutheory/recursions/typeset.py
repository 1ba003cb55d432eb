"""LaTeX of a recursion: one step and what it needs, in lines that fit a column."""

from __future__ import annotations

from re import sub
from typing import TYPE_CHECKING, Any

from sympy import Add, IndexedBase, Rational, latex

from relutheory.cards.prose import prose_latex
from relutheory.cards.statement import expression_latex
from relutheory.functions import Event

if TYPE_CHECKING:
    from relutheory.recursions.recursion import Recursion

__all__ = ["recursion_latex"]

#: Visible symbols in a line, roughly.
_LINE = 48


def recursion_latex(recursion: Recursion) -> str:
    r"""One step of a recursion with its definitions, in an ``aligned`` block without delimiters.

    Examples
    --------
    >>> from sympy import Rational, Symbol
    >>> from relutheory.recursions import from_expressions
    >>> x = Symbol("x", real=True)
    >>> print(from_expressions("halving", {x: x / 2}).latex())
    \begin{aligned}
    x^{+} &= \frac{x}{2}
    \end{aligned}
    """
    index, updates, definitions = recursion.index, recursion.update, recursion.definitions
    if recursion.display is not None:
        index, updates, definitions = recursion.display[0], (recursion.display[1],), recursion.display[2]
    vector = isinstance(recursion.state, IndexedBase)
    lines: list[str] = []
    for letter, update in zip(
        [recursion.state[index]] if isinstance(recursion.state, IndexedBase) else recursion.state,
        updates,
        strict=True,
    ):
        lines += _lines(f"{_shown(letter)}^{{+}}", update)
    if vector:
        lines[-1] += rf",\qquad {index} = 0, \dots, {recursion.count - 1}"
    defined: list[str] = []
    for name, value in definitions:
        if isinstance(name, Event):
            defined.append(rf"&\text{{{prose_latex(name.name)}}}")
            continue
        defined += _lines(_shown(name[index] if isinstance(name, IndexedBase) else name), value)
    if defined:
        defined[0] = r"\text{where}\quad " + defined[0]
    values = [
        f"{_shown(symbol.label if isinstance(symbol, IndexedBase) else symbol)} = {_value(value)}"
        for symbol, value in recursion.letters.items()
    ]
    joined = r",\quad ".join(values)
    given = [rf"\text{{with}}\quad & {joined}"] if values else []
    blocks = [block for block in (lines, defined, given) if block]
    for block in blocks[:-1]:
        block[-1] += ","
    return "\\begin{aligned}\n" + " \\\\\n".join(x for block in blocks for x in block) + "\n\\end{aligned}"


def _value(value: Any) -> str:
    """Exact number, vector or matrix."""
    if isinstance(value, tuple) and isinstance(value[0], tuple):
        rows = r" \\ ".join(" & ".join(map(_value, row)) for row in value)
        return rf"\left(\begin{{smallmatrix}} {rows} \end{{smallmatrix}}\right)"
    if isinstance(value, tuple):
        entries = r",\ ".join(map(_value, value))
        return rf"\left({entries}\right)"
    exact = value.sympy() if hasattr(value, "sympy") else Rational(value)
    return str(latex(exact)).replace(r"\frac", r"\tfrac")


def _shown(name: Any) -> str:
    return expression_latex(name)


def _lines(left: str, right: Any) -> list[str]:
    """``left = right``, broken between the terms of a long sum."""
    if not isinstance(right, Add):
        return [f"{left} &= {expression_latex(right)}"]
    lines, length = [f"{left} &="], 0
    for position, term in enumerate(right.as_ordered_terms()):
        text = expression_latex(term)
        signed = text if text.startswith("-") or not position else f"+ {text}"
        if length and length + _visible(signed) > _LINE:
            lines.append(r"&\qquad {}")
            length = 0
        lines[-1] += f" {signed}"
        length += _visible(signed)
    return lines


def _visible(text: str) -> int:
    """Rough number of symbols that a piece of a formula shows."""
    return len(sub(r"\\(left|right)|[\s{}^_]", "", sub(r"\\[A-Za-z]+", "x", text.replace(r"\left", ""))))
