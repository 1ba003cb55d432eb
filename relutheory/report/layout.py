r"""Layout of derivations: formulas of any length, set so that they break within the margins.

A derivation comes as a list of steps, each with its formula in a display. Checked formulas are longer than
those that people write; here they become paragraphs of their own in which TeX may break at relations and
operators, and a recursion that many of them repeat is written once in front.
"""

from __future__ import annotations

import re

from relutheory.cards import prose_latex

__all__ = ["breakable", "breakable_values"]

_DISPLAY = re.compile(
    r"\\begin\{(multline\*|equation\*|gather\*|displaymath)\}(?P<a>.*?)\\end\{\1\}|\\\[(?P<b>.*?)\\\]",
    re.DOTALL,
)
#: What `Iterate` prints: a state at an index, and the recursion that it follows.
_RECURSION = re.compile(
    r"\\quad\\text\{where\}\\quad \\begin\{aligned\}(?P<rule>.*?)\\dots, [^)]*\) \\end\{aligned\}",
    re.DOTALL,
)
#: Words of an event, as the printer leaves them.
_WORDS = re.compile(r"\\text\{([^{}\\$]+)\}")
_LONG = 30
#: Numerators with more characters of source than this leave their fraction, where TeX cannot break them.
_LONG_NUMERATOR = 160


def breakable(derivation: str) -> str:
    r"""LaTeX of a derivation whose formulas can be broken.

    Examples
    --------
    >>> from relutheory.report.layout import breakable
    >>> breakable(r"\item by (1) \[ a \left(b + c\right) = 0 \]").splitlines()[1]
    '\\noindent $a (b + c) = 0$\\par}'
    """
    rules: dict[str, None] = {}

    def formula(match: re.Match[str]) -> str:
        text = _RECURSION.sub(lambda m: _remember(rules, m), match["a"] or match["b"] or "")
        return "\n{\\par\\raggedright\n\\noindent " + _loose(text.strip()) + "\\par}"

    body = _DISPLAY.sub(formula, derivation).replace("\n\n{\\par", "\n{\\par")
    # Only blank space was left between an item and its formula.
    body = re.sub(r"[ \t]*\n\{\\par", "{\\\\par", body)
    if not rules:
        return body
    lines = [r"\noindent In this derivation the states at an index follow"]
    lines += [rf"\[ \begin{{aligned}}{rule}\dots) \end{{aligned}} \]" for rule in rules]
    return "\n".join([*lines, body])


_VALUES = re.compile(r"\\noindent\\emph\{Values\.\} (?P<list>.*?)\n\n", re.DOTALL)
_INLINE = re.compile(r"\$([^$]+)\$")
#: Formulas with more characters of source than this are made breakable.
_INLINE_LONG = 120


def breakable_values(card: str) -> str:
    r"""Card of a statement whose list of evaluated formulas can be broken into lines.

    Examples
    --------
    >>> from relutheory.report.layout import breakable_values
    >>> print(breakable_values("\\noindent\\emph{Values.} a: $b$.\n\n").strip())
    {\raggedright\noindent\emph{Values.} a: $b$.\par}
    """

    def formula(match: re.Match[str]) -> str:
        fixed = len(match[1]) <= _INLINE_LONG or r"\begin{" in match[1]
        return match[0] if fixed else _loose(match[1])

    def values(match: re.Match[str]) -> str:
        body = _INLINE.sub(formula, match["list"])
        return rf"{{\raggedright\noindent\emph{{Values.}} {body}\par}}" + "\n\n"

    return _VALUES.sub(values, card)


def _remember(rules: dict[str, None], match: re.Match[str]) -> str:
    rules[match["rule"]] = None
    return ""


def _loose(formula: str) -> str:
    """Formula without what keeps TeX from breaking it, in dollars."""
    formula = re.sub(r"\\(?:left|right)\s*\.", "", formula)
    formula = re.sub(r"\\(?:left|right)(?![A-Za-z])\s*", "", formula)
    formula = formula.replace(r"\ \vdash\ ", r"\ \vdash\ \allowbreak ").replace(r",\ ", r",\ \allowbreak ")
    formula = _flat(formula)
    parts, end = [], 0
    for match in _WORDS.finditer(formula):
        before = formula[: match.start()]
        inside = before.count("{") - before.count(r"\{") != before.count("}") - before.count(r"\}")
        words = prose_latex(match[1])
        # Long words break only outside the formula, where they are not in an index; the empty groups keep
        # the space around a relation next to them.
        shown = rf"\text{{{words}}}" if inside or len(match[1]) < _LONG else f"{{}}$ {words} ${{}}"
        parts += [formula[end : match.start()], shown]
        end = match.end()
    return f"${''.join([*parts, formula[end:]])}$"


def _flat(formula: str) -> str:
    r"""Formula with long numerators as factors after their fraction.

    >>> _flat(r"a + \frac{b}{c}") == r"a + \frac{b}{c}"
    True
    >>> long = " + ".join("x" * 60)
    >>> _flat(rf"\frac{{{long}}}{{c}}") == rf"\frac{{1}}{{c}} ({long})"
    True
    """
    start = 0
    while (start := formula.find(r"\frac{", start)) >= 0:
        first = start + len(r"\frac")
        middle = _group_end(formula, first)
        end = _group_end(formula, middle)
        above, below = formula[first + 1 : middle - 1], formula[middle:end]
        if len(above) > _LONG_NUMERATOR:
            formula = rf"{formula[:start]}\frac{{1}}{below} ({above}){formula[end:]}"
        start += 1
    return formula


def _group_end(formula: str, start: int) -> int:
    """End of the group in braces that begins at a place."""
    depth, place = 0, start
    while True:
        depth += {"{": 1, "}": -1}.get(formula[place], 0)
        place += 2 if formula[place] == "\\" else 1
        if depth == 0:
            return place
