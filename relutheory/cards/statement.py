r"""LaTeX of a record's statement, broken into lines where one would be too long to read.

`sympy.latex` prints the objects; this module names what repeats (:math:`\varepsilon = 2^{-N}`), sets
events as words, and lays out several relations or a long right-hand side in an ``aligned`` block.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sympy import And, Basic, Equivalent, Implies, Indexed, IndexedBase, Symbol, latex, sympify
from sympy.core.relational import Relational
from sympy.printing.latex import LatexPrinter, translate

from relutheory.cards.prose import prose_latex
from relutheory.functions import Event, LargestInteger, SmallestInteger
from relutheory.symbols import N

if TYPE_CHECKING:
    from relutheory.theorems import Theorem

__all__ = ["expression_latex", "results_latex", "statement_latex", "symbol_latex"]

_SIGNS = {
    "=": "=",
    "<=": r"\le",
    ">=": r"\ge",
    "<": "<",
    "=>": r"\Longrightarrow",
    "<=>": r"\Longleftrightarrow",
}
_RELATIONS = {"==": "=", "<=": r"\le", ">=": r"\ge", "<": "<", ">": ">", "!=": r"\neq"}

#: Lines with more visible symbols than this are broken.
_LINE = 66
#: From this many powers ``2**-N`` on, they are abbreviated.
_REPEATS = 3
_WHERE = r"\quad\text{where}\quad "
_SMALL = Symbol(r"\varepsilon")
_SMALL_INDEXED = IndexedBase(r"\varepsilon")


def statement_latex(t: Theorem) -> str:
    r"""LaTeX of a statement without delimiters; it compiles with amsmath.

    Examples
    --------
    >>> from relutheory.theorems import theorem
    >>> from relutheory.cards import statement_latex
    >>> print(statement_latex(theorem("born-dead-orthogonal")))
    \operatorname{BDP}\left(D\right) = 2 \cdot 4^{- N}
    """
    lhs, rhs, also, names = _abbreviated(t)
    blocks = [
        _block(_relation_lines(lhs, _SIGNS[t.relation], rhs)),
        *(_block(_boolean_lines(a)) for a in also),
    ]
    if names:
        joined = [r",\qquad ".join(names)] if _length("".join(names)) <= _LINE // 2 else names
        blocks += [rf"\text{{with}}\quad {joined[0]}", *joined[1:]]
    blocks[0], *clause = blocks[0].split(_WHERE) if _length(blocks[0]) > _LINE else [blocks[0]]
    blocks[1:1] = [rf"\text{{where}}\quad {text}" for text in clause]
    if len(blocks) == 1:
        return blocks[0]
    return "\\begin{gathered}\n" + " \\\\\n".join(blocks) + "\n\\end{gathered}"


def _block(lines: list[str]) -> str:
    if len(lines) == 1:
        return re.sub("&(?! )", "", lines[0], count=1)
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def results_latex(t: Theorem) -> dict[str, str]:
    r"""LaTeX of the named results that the statement does not already show.

    Examples
    --------
    >>> from relutheory.theorems import theorem
    >>> from relutheory.cards import results_latex
    >>> results_latex(theorem("born-dead-depth-rate"))["low"]
    '1 - 2^{- N}'
    >>> results_latex(theorem("born-dead-orthogonal"))
    {}
    """
    return {
        name: expression_latex(t.display.parts.get(name, e))
        for name, e in t.formulas.items()
        if not (name == "value" and e == t.rhs)
    }


def expression_latex(expr: Any) -> str:
    r"""`sympy.latex` with events as words and parameter names of several letters upright.

    Examples
    --------
    >>> from sympy import Symbol
    >>> from relutheory.cards import expression_latex
    >>> expression_latex(1 - Symbol("keep"))
    '1 - \\mathrm{keep}'
    """
    expr = sympify(expr)
    events = {e: Symbol(e.name) for e in expr.atoms(Event)}
    names = {plain: rf"\text{{{prose_latex(e.name)}}}" for e, plain in events.items()}
    words = {plain.name for plain in events.values()}
    for symbol in expr.atoms(Symbol) - set(events):
        if symbol.name.startswith("F("):
            names[symbol] = symbol.name
            continue
        shown = symbol_latex(symbol.name)
        if symbol.name not in words and shown is not None:
            names[symbol] = shown
    plain = expr.xreplace(events) if events else expr
    text = str(_Printer({"symbol_names": names}).doprint(plain))
    # Fractions in the rows of a case distinction would be set as small as in running text.
    return text.replace(r"\frac", r"\dfrac") if r"\begin{cases}" in text else text


class _Printer(LatexPrinter):  # type: ignore[misc]  # SymPy has no types
    """SymPy's printer, with sums in ascending powers of a small quantity: 1 - 2 eps - eps^2."""

    def _print_Add(self, expr: Any, order: Any = None) -> str:
        small = bool(expr.atoms(Symbol) & {_SMALL, _SMALL_INDEXED.label})
        return str(super()._print_Add(expr, order="rev-lex" if small else order))


def symbol_latex(name: str) -> str | None:
    r"""Upright LaTeX of a name of several letters, or None when SymPy's own is right.

    Examples
    --------
    >>> from relutheory.cards.statement import symbol_latex
    >>> symbol_latex("L_max"), symbol_latex("delta")
    ('L_{\\mathrm{max}}', None)
    """
    if not re.fullmatch(r"[A-Za-z]+(_[A-Za-z]+)?", name):
        return None
    base, _, index = name.partition("_")
    # SymPy knows the Greek letters; a name that it leaves alone is a word.
    upright = len(base) > 1 and translate(base) == base
    if not upright and len(index) < 2:
        return None
    shown = rf"\mathrm{{{base}}}" if upright else translate(base)
    return rf"{shown}_{{\mathrm{{{index}}}}}" if index else str(shown)


def _abbreviated(t: Theorem) -> tuple[Any, Any, tuple[Any, ...], list[str]]:
    """Sides of the statement with what repeats or is too long named, and the names in LaTeX."""
    shown = t.display.parts
    also = (shown.get(k, relation) for k, relation in enumerate(t.also))
    parts = [sympify(x) for x in (shown.get("lhs", t.lhs), shown.get("rhs", t.rhs), *also)]
    names: list[str] = [t.display.where] if t.display.where else []
    bases = [b for part in parts for b in _powers(part)]
    if len(bases) >= _REPEATS:
        parts = [part.replace(_is_power, _small) for part in parts]
        names += [rf"{_SMALL} = 2^{{-N}}"] if N in bases else []
        names += [rf"{_SMALL}_l = 2^{{-N_l}}"] if any(isinstance(b, Indexed) for b in bases) else []
    node = parts[1]
    if (
        isinstance(node, LargestInteger | SmallestInteger)
        and _length(expression_latex(node.condition)) > _LINE // 2
    ):
        named = Symbol(f"F({node.variable})")
        names.insert(0, f"{named} = {expression_latex(node.condition.lhs)}")
        condition = node.condition.func(named, node.condition.rhs, evaluate=False)
        parts[1] = node.func(node.variable, node.low, condition, node.guess)
    return parts[0], parts[1], tuple(parts[2:]), names


def _is_power(expr: Basic) -> bool:
    return _base(expr) is not None


def _base(expr: Any) -> tuple[Any, int] | None:
    """``(width, k)`` of a power ``2**(-k*width)``."""
    if not (expr.is_Pow and expr.base == 2):
        return None
    factor, width = expr.exp.as_coeff_Mul()
    named = width == N or isinstance(width, Indexed)
    return (width, int(-factor)) if named and factor.is_Integer and factor < 0 else None


def _powers(expr: Basic) -> list[Any]:
    found = expr.find(_is_power) if isinstance(expr, Basic) else set()
    # Occurrences, not kinds, tell whether a name pays.
    text = str(latex(expr))
    bases: list[tuple[Any, Any]] = [(node, _base(node)) for node in found]
    return [base[0] for node, base in bases for _ in range(max(1, text.count(latex(node))))]


def _small(expr: Any) -> Any:
    found = _base(expr)
    assert found is not None
    width, power = found
    symbol = _SMALL_INDEXED[width.indices] if isinstance(width, Indexed) else _SMALL
    return symbol**power


def _relation_lines(lhs: Any, sign: str, rhs: Any) -> list[str]:
    left, right = _conjuncts(lhs), _conjuncts(rhs)
    whole = f"{' '.join(left)} &{sign} {right[0]}"
    if len(left) == 1 and len(right) == 1 and _length(whole) <= _LINE:
        return [whole]
    if sign in (_SIGNS["=>"], _SIGNS["<=>"]):
        return [
            *(f"&{part}" for part in left),
            rf"&{sign}\ {right[0]}",
            *(rf"&\qquad {part}" for part in right[1:]),
        ]
    head = f"{left[0]} &{sign} {right[0]}"
    return [head, *(rf"&\qquad {part}" for part in right[1:])]


def _conjuncts(expr: Any) -> list[str]:
    """Parts of a conjunction, one a line, each broken where it is long."""
    if not isinstance(expr, And):
        return _side(expr)
    # The arguments of a conjunction have no order of their own: short ones first.
    groups = sorted((_boolean_parts(a) for a in expr.args), key=lambda g: len(" ".join(g)))
    lines: list[str] = []
    for at, group in enumerate(groups):
        lines += [*group[:-1], group[-1] + (r",\quad\text{and}" if at + 1 < len(groups) else "")]
    return lines


def _boolean_parts(expr: Any) -> list[str]:
    if not isinstance(expr, Relational):
        return _side(expr)
    head = f"{expression_latex(expr.lhs)} {_RELATIONS[expr.rel_op]}"
    parts = _side(expr.rhs)
    if len(parts) == 1 and _length(head + parts[0]) <= _LINE:
        return [f"{head} {parts[0]}"]
    return [f"{head} {parts[0]}", *(rf"\qquad {p}" for p in parts[1:])]


def _boolean_lines(expr: Any) -> list[str]:
    if isinstance(expr, Implies | Equivalent):
        # The sides of an equivalence have no order of their own: short ones first.
        one, other = (
            expr.args if isinstance(expr, Implies) else sorted(expr.args, key=lambda a: len(latex(a)))
        )
        return _relation_lines(one, _SIGNS["=>" if isinstance(expr, Implies) else "<=>"], other)
    parts = _boolean_parts(expr)
    return [f"&{parts[0]}", *(rf"&\qquad {p}" for p in parts[1:])]


def _side(expr: Any) -> list[str]:
    """LaTeX of one side in lines: words are wrapped, long sums broken between their terms."""
    expr = sympify(expr)
    if isinstance(expr, Event):
        return [rf"\text{{{prose_latex(line)}}}" for line in _wrapped(expr.name)]
    if isinstance(expr, Relational):
        return _boolean_parts(expr)
    text = expression_latex(expr)
    if not expr.is_Add or _length(text) <= _LINE - 8:
        return [text]
    lines: list[str] = []
    for term in expr.as_ordered_terms():
        shown = expression_latex(term)
        signed = shown if shown.startswith("-") or not lines else f"+ {shown}"
        if lines and _length(lines[-1] + signed) <= _LINE - 8:
            lines[-1] += f" {signed}"
        else:
            lines.append(("{}" if lines else "") + signed)
    return lines


def _wrapped(text: str, width: int = 72) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def _length(text: str) -> int:
    """Rough number of symbols that one line of a formula shows side by side."""
    fraction = re.compile(
        r"\\d?frac\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
    )
    while match := fraction.search(text):
        wider = max(match[1], match[2], key=len)
        text = text[: match.start()] + wider + text[match.end() :]
    if r"\begin{" in text:
        text = max(re.split(r"\\\\|\\begin\{\w+\}", text), key=len)
    text = text.replace(r"\quad", "xx")
    text = re.sub(r"\\(?:left|right|text|mathrm|operatorname|end\{\w+\}|[,:; ])", "", text)
    return len(
        re.sub(r"\\[A-Za-z]+|[^\s{}^_&$\\]", "x", text).replace(" ", "").replace("{", "").replace("}", "")
    )
