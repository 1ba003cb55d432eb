"""LaTeX of a derivation, from the same data that the kernel checks."""

from __future__ import annotations

from typing import Any

from sympy import Symbol
from sympy.core.function import AppliedUndef
from sympy.printing.latex import LatexPrinter

from proofs.claims import Assume, Cite, Claim, Derivation, Model, Step, Wording
from relutheory.cards import prose_latex
from relutheory.functions import Event

__all__ = ["claim_latex", "derivation_latex", "escape"]

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"$<$",
    ">": r"$>$",
    "|": r"$|$",
}


def escape(text: str) -> str:
    r"""Plain words as LaTeX text.

    Examples
    --------
    >>> from proofs.latex import escape
    >>> print(escape("N_l >= 1 & 50 %"))
    N\_l $>$= 1 \& 50 \%
    """
    return "".join(_SPECIAL.get(c, c) for c in text)


class _Printer(LatexPrinter):  # type: ignore[misc]  # SymPy has no types
    """Names of several letters upright; no other difference from SymPy."""

    def _print(self, expr: Any, **kwargs: Any) -> str:
        if isinstance(expr, Event):
            return rf"\text{{{escape(expr.name)}}}"
        text: str = super()._print(expr, **kwargs)
        return text

    def _print_Symbol(self, expr: Symbol, style: str = "plain") -> str:
        text: str = super()._print_Symbol(expr, style)
        plain = expr.name.isalnum() and expr.name.isascii() and expr.name[0].isalpha()
        return rf"\mathit{{{text}}}" if plain and len(expr.name) > 1 and text == expr.name else text

    def _print_Function(self, expr: Any, exp: str | None = None) -> str:
        if not isinstance(expr, AppliedUndef):
            text: str = super()._print_Function(expr, exp)
            return text
        name = rf"\mathit{{{escape(expr.func.__name__)}}}"
        inner = ",\\,".join(self._print(a) for a in expr.args)
        call = rf"{name}\left({inner}\right)"
        return call if exp is None else rf"{call}^{{{exp}}}"


def _math(term: Any) -> str:
    text: str = _Printer({"mul_symbol": None}).doprint(term)
    return text


def claim_latex(claim: Claim) -> str:
    """Claim as a formula: hypotheses, turnstile, conclusion."""
    conclusion = _math(claim.conclusion)
    if not claim.given:
        return conclusion
    given = r",\ ".join(_math(g) for g in claim.given)
    return rf"{given} \ \vdash\  {conclusion}"


def _reason(step: Step, numbers: dict[str, int]) -> str:
    c = step.certificate
    if isinstance(c, Model):
        return prose_latex(f"hypothesis ({c.hypothesis.split(':')[0]}): {c.reading}")
    if isinstance(c, Wording):
        return prose_latex(f"wording: {c.meaning}")
    if isinstance(c, Assume):
        return prose_latex(f"in words, unchecked: {c.argument}")
    if isinstance(c, Cite):
        return prose_latex(f"cited, {c.reference}: {c.statement}")
    uses = [f"({numbers[u]})" if u in numbers else escape(u.split(":", 1)[1]) for u in step.uses]
    return f"{escape(step.rule)}{' from ' + ', '.join(uses) if uses else ''}"


def derivation_latex(derivation: Derivation) -> str:
    """Steps as an ``enumerate`` list; it needs ``amsmath`` only."""
    numbers = {step.label: i for i, step in enumerate(derivation.steps, start=1)}
    lines = [r"\begin{enumerate}"]
    for step in derivation.steps:
        lines.append(rf"\item \emph{{{_reason(step, numbers)}}}")
        lines.append(rf"\[ {claim_latex(step.claim)} \]")
    lines.append(r"\end{enumerate}")
    return "\n".join(lines)
