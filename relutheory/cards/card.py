"""The four forms of a card: HTML for Jupyter, text for terminals, LaTeX for papers, a dict for programs."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Container
from typing import TYPE_CHECKING, Any

from relutheory.cards.prose import escape, prose_latex
from relutheory.cards.statement import results_latex, statement_latex
from relutheory.errors import RelutheoryError
from relutheory.grammar import show

if TYPE_CHECKING:
    from relutheory.references import Source
    from relutheory.theorems import Theorem

__all__ = ["card_html", "card_json", "card_latex", "card_text"]

_WIDTH = 96
_LEFT = "text-align:left"


def status_text(t: Theorem) -> str | None:
    """Status of a theorem in words, or None where it cannot be computed.

    The status needs the derivations, which an installation may lack; a card is worth showing without.
    """
    try:
        return str(t.status())
    except (ImportError, RelutheoryError, OSError):
        return None


def card_html(t: Theorem) -> str:
    r"""Card for Jupyter; formulas stand in ``\(...\)`` for MathJax.

    Examples
    --------
    >>> from relutheory.theorems import theorem
    >>> from relutheory.cards import card_html
    >>> "born-dead-orthogonal" in card_html(theorem("born-dead-orthogonal"))
    True
    """

    def formula(text: str) -> str:
        return rf"\(\displaystyle {html.escape(text, quote=False)}\)"

    def listed(items: list[str]) -> str:
        return "<ul style='margin:0;padding-left:1.2em'>" + "".join(f"<li>{i}</li>" for i in items) + "</ul>"

    rows = {"Statement": formula(statement_latex(t))}
    if shown := results_latex(t):
        rows["Results"] = listed([f"{html.escape(name)}: {formula(text)}" for name, text in shown.items()])
    rows["Meaning"] = html.escape(t.meaning)
    rows["Hypotheses"] = listed([html.escape(h) for h in t.hypotheses])
    rows["Domain"] = html.escape(t.domain.describe())
    rows["Source"] = html.escape(str(t.source))
    if (status := status_text(t)) is not None:
        rows["Status"] = html.escape(status)
    cells = "".join(
        f"<tr><th style='{_LEFT};vertical-align:top'>{name}</th><td style='{_LEFT}'>{cell}</td></tr>"
        for name, cell in rows.items()
    )
    title, name, kind = (html.escape(word) for word in (t.title, t.id, t.kind))
    head = f"<strong>{title}</strong> <code>{name}</code> <em>{kind}</em>"
    return f"<div class='relutheory-card'><p>{head}</p><table>{cells}</table></div>"


def card_text(t: Theorem) -> str:
    """Card for the terminal.

    Examples
    --------
    >>> from relutheory.theorems import theorem
    >>> from relutheory.cards import card_text
    >>> print(card_text(theorem("born-dead-orthogonal")).splitlines()[0])
    Orthogonal layers, depth 3, two-sided inputs
    """
    lines = [t.title, "=" * len(t.title), f"{t.id} ({t.kind})", ""]
    lines += [f"  {line}" for line in _statement_text(t)]
    lines += ["", *_paragraph(t.meaning), "", "hypotheses"]
    for hypothesis in t.hypotheses:
        lines += textwrap.wrap(hypothesis, _WIDTH, initial_indent="  - ", subsequent_indent="    ")
    lines += ["", *_paragraph(f"domain: {t.domain.describe()}"), *_paragraph(f"source: {t.source}")]
    if t.uses:
        lines += _paragraph(f"uses: {', '.join(t.uses)}")
    if (status := status_text(t)) is not None:
        lines += _paragraph(f"status: {status}")
    for example in t.examples[:3]:
        point = ", ".join(
            f"{name} = {show(value).strip(chr(39))}" for name, value in example.parameters.items()
        )
        name = example.result
        lines += _paragraph(f"example: {name} = {example.value}" + (f" at {point}" if point else ""))
    return "\n".join(lines)


def card_latex(t: Theorem, standing: Container[str] = ()) -> str:
    r"""LaTeX paragraph with the statement in display; needs amsmath and the reference.

    Parameters
    ----------
    t : Theorem
        Record.
    standing : container of str
        Hypotheses that the document words elsewhere; they are named by what stands before their colon.
        Without it the card is self-contained.

    Examples
    --------
    >>> from relutheory.theorems import theorem
    >>> from relutheory.cards import card_latex
    >>> r"\cite{LuShinSuKarniadakis2020}" in card_latex(theorem("born-dead-orthogonal"))
    True
    """
    code = prose_latex(f"`{t.id}`")
    lines = [
        rf"\paragraph{{{prose_latex(t.title)}}} ({code}, {escape(t.kind)}; {_source_latex(t.source)}.)",
        prose_latex(t.meaning),
        r"\[",
        statement_latex(t),
        r"\]",
    ]
    if shown := results_latex(t):
        named = [
            f"{escape(name) if name != 'value' else 'evaluated'}: ${text}$" for name, text in shown.items()
        ]
        lines += [r"\noindent\emph{Values.} " + ";\n".join(named) + "."]
    words = [h.partition(":")[0] if h in standing else h for h in t.hypotheses]
    lines += ["", r"\noindent\emph{Hypotheses.} " + ";\n".join(prose_latex(h) for h in words) + "."]
    return "\n".join(lines)


def card_json(t: Theorem) -> dict[str, Any]:
    """Card as a dictionary of plain JSON values.

    Examples
    --------
    >>> from relutheory.theorems import theorem
    >>> from relutheory.cards import card_json
    >>> card_json(theorem("born-dead-orthogonal"))["domain"]["parameters"][0]["name"]
    'N'
    """
    parameters = [
        {"name": q.name, "set": q.set.describe(), "doc": q.doc, "default": q.default}
        for q in t.domain.parameters
    ]
    return {
        "id": t.id,
        "stem": t.stem,
        "kind": t.kind,
        "title": t.title,
        "meaning": t.meaning,
        "latex": statement_latex(t),
        "lhs": str(t.lhs),
        "relation": t.relation,
        "rhs": str(t.rhs),
        "also": [str(a) for a in t.also],
        "results": {name: str(expr) for name, expr in t.formulas.items()},
        "hypotheses": list(t.hypotheses),
        "domain": {
            "parameters": parameters,
            "constraints": [words for _, words in t.domain.constraints],
            "inside": {name: show(value) for name, value in t.domain.witness.items()},
        },
        "source": {"key": t.source.key, "provenance": t.source.provenance, "note": t.source.note},
        "uses": list(t.uses),
        "proof": t.proof,
        "simulator": t.witness.simulator,
        "examples": [
            {
                "parameters": {name: show(value).strip("'") for name, value in e.parameters.items()},
                "result": e.result,
                "value": e.value,
            }
            for e in t.examples
        ],
        "status": status_text(t),
    }


def _statement_text(t: Theorem) -> list[str]:
    text = [f"{t.lhs} {t.relation} {t.rhs}", *(f"and {a}" for a in t.also)]
    text += [f"{name}: {expr}" for name, expr in t.formulas.items() if name != "value" or expr != t.rhs]
    return [line for long in text for line in textwrap.wrap(long, _WIDTH - 2, subsequent_indent="  ")]


def _paragraph(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent="  ")


def _source_latex(source: Source) -> str:
    note = f" ({prose_latex(source.note)})" if source.note else ""
    if source.provenance == "new here":
        return rf"new here, after~\cite{{{source.key}}}{note}"
    return rf"\cite{{{source.key}}}, re-derived here{note}"
