r"""Words of the records as LaTeX: formulas written in plain text are set as mathematics.

The records word their hypotheses in plain text such as ``P(w.h + b = 0) = 0 for every fixed h != 0``.
Names of code stand in backticks. Here the text is cut into tokens, runs of formula tokens are
translated, and everything else is escaped.
Whatever the text says, the result compiles: braces are only ever written in pairs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["escape", "prose_latex"]

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "—": "---",
    "–": "--",
}

_GREEK = "alpha|beta|gamma|delta|epsilon|eta|theta|kappa|lambda|mu|nu|pi|rho|sigma|tau|phi|psi|omega|Phi"
#: Letters with a tilde: the augmented input, its mean and its covariance.
_TILDES = {"xt": r"\tilde{x}", "mt": r"\tilde{m}", "St": r"\tilde{S}"}
_COMMANDS = {"sum": r"\sum", "prod": r"\prod", "log": r"\log", "ln": r"\ln", "exp": r"\exp"} | {
    name: rf"\{name}" for name in ("max", "min", "sin", "cos", "tan", "arccos", "arcsin")
}
#: Functions whose argument may be words: ``P(alive)``.
_OPERATORS = ("P", "E", "BDP", "BD", "floor", "ceil", "Binomial", "log2")
_SYMBOLS = {
    "<=": r"\le",
    ">=": r"\ge",
    "!=": r"\neq",
    "->": r"\to",
    "=>": r"\Rightarrow",
    "..": r", \dots, ",
    "+-": r"\pm",
    "~": r"\sim",
    "*": r"\cdot",
    "|": r"\mid",
}

_TOKEN = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<word>(?:e\.g\.|i\.e\.|[A-Za-z]+(?:-[A-Za-z]{{2,}})+
      |\d+-(?:D(?![A-Za-z])|layer|dimensional)|\d+d(?![A-Za-z])))
  | (?P<code>`[^`]*`)
  | (?P<function>(?:{"|".join(_OPERATORS)})(?=\()|(?:{"|".join(_COMMANDS)})(?![A-Za-z]))
  | (?P<times>(?<=[A-Za-z0-9][ ])x(?=[ ][A-Z0-9]))
  | (?P<name>(?:{_GREEK}|{"|".join(_TILDES)}|[A-Za-z])(?![A-Za-z])(?:\d(?!\d))?'?
      (?:\*(?![A-Za-z0-9(]))?(?:_(?:\([^()]*\)|[A-Za-z0-9]+))?
      | [A-Za-z]+_(?:\([^()]*\)|[A-Za-z0-9]+))
  | (?P<infinity>infinity|oo(?![A-Za-z]))
  | (?P<text>[A-Za-z]+(?:'[a-z]+)?)
  | (?P<number>\d+(?:\.\d+)?(?:e-?\d+(?![A-Za-z0-9]))?)
  | (?P<power>\^)
  | (?P<relation><=|>=|!=|->|=>|=|<|>|~|(?<=[ ])\|(?=[ ]))
  | (?P<operator>\.\.|\+-|[+*/-]|(?<=[a-z*])\.(?=(?:[a-z]|xt)\b))
  | (?P<open>[(\[{{])
  | (?P<close>[)\]}}])
  | (?P<other>.)
    """,
    re.VERBOSE,
)

_Kind = Literal["space", "words", "operand", "number", "operator", "relation", "comma"]


@dataclass(frozen=True)
class _Piece:
    """A part of the text: its role in a formula, its LaTeX as a formula and as words."""

    kind: _Kind
    math: str
    words: str


def escape(text: str) -> str:
    r"""Text with the characters that LaTeX treats specially made printable.

    Examples
    --------
    >>> from relutheory.cards.prose import escape
    >>> escape("50% of N_l")
    '50\\% of N\\_l'
    """
    return "".join(_SPECIAL.get(c, c) for c in text)


def prose_latex(text: str) -> str:
    r"""LaTeX of a sentence whose formulas are written in plain text.

    Examples
    --------
    >>> from relutheory.cards.prose import prose_latex
    >>> print(prose_latex("N >= log2((L-1)/delta) is enough"))
    $N \ge \log_2((L - 1) / \delta)$ is enough
    >>> print(prose_latex("the sum of 2^-N_l converges & all is well"))
    the sum of $2^{-N_{l}}$ converges \& all is well
    """
    return "".join(_runs(_Parser(text).pieces()))


class _Parser:
    """Turns tokens into pieces; brackets and function calls become one piece each."""

    def __init__(self, text: str) -> None:
        self.tokens = [(str(m.lastgroup), m.group()) for m in _TOKEN.finditer(text.replace("\n", " "))]
        self.position = 0

    def pieces(self, closing: bool = False) -> list[_Piece]:
        """Pieces up to the end, or up to the bracket that closes."""
        found: list[_Piece] = []
        while self.position < len(self.tokens) and not (closing and self._kind() == "close"):
            found.append(self._powers(self._piece(found)))
        return found

    def _kind(self) -> str:
        return self.tokens[self.position][0] if self.position < len(self.tokens) else "end"

    def _piece(self, before: Sequence[_Piece]) -> _Piece:
        kind, text = self.tokens[self.position]
        self.position += 1
        if kind == "space":
            return _Piece("space", " ", " ")
        if kind == "code":
            # Typewriter fonts never break at hyphens by themselves.
            inside = escape(text.strip("`")).replace("-", r"-\allowbreak{}")
            return _Piece("words", rf"\text{{\texttt{{{inside}}}}}", rf"\texttt{{{inside}}}")
        if kind == "name" and not (text in "aAI" and self._kind() != "power"):
            return _Piece("operand", _name(text), escape(text))
        if kind == "number":
            mantissa, power, exponent = text.partition("e")
            if power:
                return _Piece("operand", rf"{mantissa} \times 10^{{{int(exponent)}}}", text)
            return _Piece("number", text, text)
        if kind == "function":
            return self._call(text)
        if kind == "relation":
            return _Piece("relation", _SYMBOLS.get(text, text), escape(text))
        if kind == "infinity":
            return _Piece("operand", r"\infty", text)
        if kind == "times":
            return _Piece("operator", r"\times", text)
        if kind == "operator":
            return _Piece("operator", r"\cdot" if text == "." else _SYMBOLS.get(text, text), escape(text))
        if kind == "open" and (found := self._bracket(text, before)):
            return found
        if text == ",":
            return _Piece("comma", ",", ",")
        return _Piece("words", rf"\text{{{escape(text)}}}", escape(text))

    def _bracket(self, opening: str, before: Sequence[_Piece]) -> _Piece | None:
        """A bracket with nothing but a formula in it is an operand."""
        start = self.position
        inner = self.pieces(closing=True)
        kinds = {p.kind for p in inner}
        closed = self._kind() == "close"
        label = len(inner) == 1 and (not before or before[-1].kind in ("space", "words"))
        if closed and label and opening == "(" and inner[0].kind == "operand" and len(inner[0].words) == 1:
            self.position += 1
            return _Piece("words", rf"\text{{({inner[0].words})}}", f"({inner[0].words})")
        if not closed or "words" in kinds or not kinds & {"operand", "number"}:
            self.position = start
            return None
        closing = self.tokens[self.position][1]
        self.position += 1
        left, right = opening.replace("{", r"\{"), closing.replace("}", r"\}")
        body = f"{left}{_join(inner)}{right}"
        opening, closing = escape(opening), escape(closing)
        return _Piece("operand", body, opening + "".join(p.words for p in inner) + closing)

    def _call(self, name: str) -> _Piece:
        command = _COMMANDS.get(name) or {"log2": r"\log_2"}.get(name, rf"\operatorname{{{name}}}")
        if self._kind() != "open" or self.tokens[self.position][1] != "(":
            is_math = name in ("sum", "prod", "ln") and self._formula_follows()
            return _Piece("operand" if is_math else "words", command, escape(name))
        start = self.position
        self.position += 1
        inner = self.pieces(closing=True)
        wordy = any(p.kind == "words" for p in inner)
        if self._kind() != "close" or (wordy and name not in _OPERATORS):
            self.position = start
            return _Piece("words", command, escape(name))
        self.position += 1
        body = f"{command}({_join(inner)})"
        return _Piece("operand", body, escape(name) + "(" + "".join(p.words for p in inner) + ")")

    def _formula_follows(self) -> bool:
        """Whether a formula follows the space: ``sum 2^-N_l`` but not ``the sum of``."""
        rest = [kind for kind, _ in self.tokens[self.position : self.position + 2]]
        return rest[:1] == ["space"] and rest[1:] in (["number"], ["name"], ["open"], ["function"])

    def _powers(self, base: _Piece) -> _Piece:
        """Exponents bind to what is before them: ``2^-N_l``, ``2^(-N^2)``."""
        while base.kind in ("operand", "number") and self._kind() == "power":
            start = self.position
            self.position += 1
            sign = ""
            if self._kind() == "operator" and self.tokens[self.position][1] in "+-":
                sign = self.tokens[self.position][1]
                self.position += 1
            exponent = self._piece([base]) if self.position < len(self.tokens) else None
            if exponent is None or exponent.kind not in ("operand", "number"):
                self.position = start + 1
                return _Piece("words", base.math, base.words + escape("^"))
            inner = exponent.math
            if inner.startswith("(") and inner.endswith(")") and not sign:
                inner = inner[1:-1]
            # A second superscript is an error in TeX; a prime is one.
            lower = f"{{{base.math}}}" if "^" in base.math or "'" in base.math else base.math
            base = _Piece(
                "operand", f"{lower}^{{{sign}{inner}}}", base.words + escape("^") + sign + exponent.words
            )
        return base


def _name(text: str) -> str:
    """Letter with index: ``N_l``, ``d_in``, ``a1``, ``W_(l+1)``."""
    base, _, index = text.partition("_")
    star = "^{*}" if base.endswith("*") else ""
    prime = "'" if base.rstrip("*").endswith("'") else ""
    base = base.rstrip("'*")
    if match := re.fullmatch(r"([A-Za-z]+)(\d)", base):
        base, index = match[1], index or match[2]
    if re.fullmatch(_GREEK, base):
        base = rf"\{base}"
    elif base in _TILDES:
        base = _TILDES[base]
    elif len(base) > 1:
        base = rf"\mathrm{{{base}}}"
    if not index:
        return base + prime + star
    index = index.strip("()")
    if re.fullmatch(r"[A-Za-z]{2,}", index) and not re.fullmatch("[ijklmn]{2}(?<!in)", index):
        index = rf"\mathrm{{{index}}}"
    return f"{base}{prime}{star}_{{{index}}}"


def _join(pieces: Sequence[_Piece]) -> str:
    """One formula; words inside it keep their spaces."""
    parts: list[str] = []
    words: list[str] = []

    def flush() -> None:
        if words:
            parts.append(rf"\text{{{' '.join(words)} }}")
            words.clear()

    for at, piece in enumerate(pieces):
        if piece.kind == "words":
            words.append(piece.words)
        elif piece.kind != "space":
            flush()
            symbol = piece.math
            unary = piece.kind == "operator" and not any(
                q.kind in ("operand", "number") for q in pieces[at - 1 : at]
            )
            spaced = piece.kind in ("relation", "operator") and not (unary and not _space_after(pieces, at))
            # A command must not run into the letter after it.
            ends = " " if piece.kind == "comma" or re.search(r"\\[A-Za-z]+$", symbol) else ""
            parts.append(f" {symbol} " if spaced else symbol + ends)
        elif parts and not words and at + 1 < len(pieces) and _adjacent(pieces, at):
            parts.append(r"\,")
    if words:
        parts.append(rf"\text{{{' '.join(words)}}}")
    return re.sub(r" {2,}", " ", "".join(parts)).strip()


def _space_after(pieces: Sequence[_Piece], at: int) -> bool:
    return at + 1 < len(pieces) and pieces[at + 1].kind == "space" and at > 0


def _adjacent(pieces: Sequence[_Piece], at: int) -> bool:
    """Whether a space stands for a product."""
    solid = ("operand", "number")
    return pieces[at - 1].kind in solid and pieces[at + 1].kind in solid


def _runs(pieces: Sequence[_Piece]) -> list[str]:
    """Maximal runs of formula pieces between words."""
    out: list[str] = []
    run: list[_Piece] = []
    for piece in [*pieces, _Piece("words", "", "")]:
        if piece.kind == "words":
            out += _set_run(run)
            run = []
            out.append(piece.words)
        elif piece.kind == "comma":
            out += _set_run(run)
            run = []
            out.append(",")
        else:
            run.append(piece)
    return out


def _set_run(run: list[_Piece]) -> list[str]:
    """A run in dollars, with what does not belong to the formula at its ends outside."""
    solid = ("operand", "number")
    start, end = 0, len(run)
    while end > start and run[end - 1].kind not in solid:
        end -= 1
    while start < end and not (run[start].kind in (*solid, "relation") or _is_sign(run, start)):
        start += 1
    core = run[start:end]
    before = "".join(p.words for p in run[:start])
    after = "".join(p.words for p in run[end:])
    if not any(p.kind == "operand" for p in core) and not any(
        p.kind in ("relation", "operator") for p in core
    ):
        return ["".join(p.words for p in run)]
    return [before, f"${_join(core)}$", after]


def _is_sign(run: Sequence[_Piece], at: int) -> bool:
    return run[at].kind == "operator" and at + 1 < len(run) and run[at + 1].kind in ("operand", "number")
