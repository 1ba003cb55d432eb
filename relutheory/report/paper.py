r"""Assembly of ``paper.tex`` from the parts that a run has finished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from relutheory._version import __version__
from relutheory.cards import card_latex, escape, prose_latex
from relutheory.errors import MissingExtraError, RelutheoryError
from relutheory.report.layout import breakable
from relutheory.theorems import Theorem

__all__ = ["Figure", "Paper", "bibliography", "cards", "derivations"]

#: Hypotheses that at least this many statements share are worded once, in their own section.
_SHARED = 3

_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage{amsmath,amssymb}
\usepackage{booktabs,array,longtable}
\usepackage{siunitx}
\usepackage{graphicx}
\usepackage[a4paper,margin=26mm]{geometry}
\usepackage{microtype}
\usepackage[hidelinks]{hyperref}
\emergencystretch=3em
\allowdisplaybreaks
\setcounter{secnumdepth}{2}
\hypersetup{pdftitle={The theory of the dying ReLU: certified values, simulation, statements}}
\title{The theory of the dying ReLU:\\ certified values, simulation, statements}
\author{\texttt{relutheory} @VERSION@}
\date{}
"""

_INTRODUCTION = r"""
\section{What this document contains}
A fully connected ReLU network is \emph{born dead} when, right after random initialisation, some hidden layer
outputs zero on the whole input set. It then computes a constant and stays one under every gradient method
\cite{LuShinSuKarniadakis2020}. The following pages state laws, bounds and design rules for the probability of
this event, $\operatorname{BDP}(D)$ on the input set $D$, with certified values, an independent simulation and
the hypotheses of every statement. Everything here was written by \texttt{relutheory} @VERSION@ from the
records of the statements \cite{relutheory}; nothing was typed by hand.

\subsection{Conventions}
\begin{itemize}
\item $L$ counts affine maps: a network has $L-1$ hidden ReLU layers $l = 1, \dots, L-1$ of widths
$N_1, \dots, N_{L-1}$.
``Common width'' means $N_l = N$ for all of them. The last affine map never enters a formula.
\item $h_0 = x$, $h_l = \max(W_l h_{l-1} + b_l, 0)$. A unit is dead on $D$ if its preactivation is
$\le 0$ on all of $D$; a layer is dead on $D$ if its output is $0$ on all of $D$. All statements of this
document are about the network at initialisation, unless they say otherwise.
\item A printed digit of a certified value is proven: it is an exact rational, or enclosed by ball arithmetic.
Simulated values are written with their standard error in units of the last digit, $0.7066(5)$.
\item Probabilities and counts carry no unit. Seeds and sample sizes stand in the captions.
\end{itemize}
"""


@dataclass(frozen=True)
class Figure:
    """A figure file with its caption in LaTeX."""

    file: str
    caption: str
    label: str


@dataclass
class Paper:
    """Parts of the paper that are ready, by file name without suffix."""

    tables: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    has_cards: bool = False
    verification: str = ""
    has_derivations: bool = False
    incomplete: str = ""

    def latex(self) -> str:
        r"""Complete ``paper.tex``."""
        parts = [_PREAMBLE, r"\begin{document}", r"\maketitle", _INTRODUCTION]
        if self.incomplete:
            parts.append(rf"\paragraph{{Incomplete.}} {escape(self.incomplete)}")
        if self.has_cards:
            parts += [r"\section{Statements}", r"\input{cards}"]
        if self.tables:
            parts += [r"\clearpage", r"\section{Certified and simulated values}", self._overview()]
            parts += [rf"\input{{{name}}}" for name in self.tables]
        if self.figures:
            parts += [r"\clearpage", r"\section{Figures}", "All bounds are drawn from certified values."]
            parts += [_figure(figure) for figure in self.figures]
        if self.verification:
            parts += [
                r"\clearpage",
                r"\section{Verification}",
                _VERIFICATION,
                rf"\input{{{self.verification}}}",
            ]
        if self.has_derivations:
            parts += [r"\clearpage", r"\appendix", r"\section{Derivations}", r"\input{derivations}"]
        whole = "\n".join([*parts, r"\input{bibliography}", r"\end{document}", ""])
        return whole.replace("@VERSION@", __version__)

    def _overview(self) -> str:
        labels = [r"\ref{tab:" + name.removeprefix("tables/") + "}" for name in self.tables]
        return f"Tables~{', '.join(labels)} collect values of the statements." if len(labels) > 1 else ""


_VERIFICATION = r"""
Every statement is compared with a simulator that shares no formula with it. Where a bound is attained the
comparison is one of equality, so that a bound that is valid but too weak fails as well; where a hypothesis is
dropped on purpose the statement must fail.
"""


def _figure(figure: Figure) -> str:
    return "\n".join(
        [
            r"\begin{figure}[htbp]",
            r"\centering",
            rf"\includegraphics{{{figure.file}}}",
            rf"\caption{{{figure.caption}\label{{{figure.label}}}}}",
            r"\end{figure}",
        ]
    )


def cards(records: Sequence[Theorem]) -> str:
    """All statements, after the hypotheses that several of them share."""
    counts = Counter(h for t in records for h in dict.fromkeys(t.hypotheses))
    standing = [h for h, count in counts.items() if count >= _SHARED and ":" in h]
    lines: list[str] = []
    if standing:
        lines += [
            r"\subsection{Shared hypotheses}",
            "Statements name these by their first words.",
            r"\begin{description}",
        ]
        for hypothesis in standing:
            name, _, words = hypothesis.partition(":")
            lines.append(rf"\item[{prose_latex(name)}] {prose_latex(words.strip())}.")
        lines.append(r"\end{description}")
    for kinds, title in _groups(records):
        lines += [rf"\subsection{{{title}}}", *(_card(t, set(standing)) for t in kinds)]
    return "\n\n".join(lines) + "\n"


_GROUPS: Mapping[str, tuple[str, ...]] = {
    "Definitions and criteria": ("definition", "criterion"),
    "Exact laws": ("identity", "recursion"),
    "Bounds": ("upper bound", "lower bound"),
    "Limits and rates": ("limit", "asymptotic"),
    "Design rules": ("design",),
}


def _groups(records: Sequence[Theorem]) -> list[tuple[list[Theorem], str]]:
    found = [([t for t in records if t.kind in kinds], title) for title, kinds in _GROUPS.items()]
    return [(members, title) for members, title in found if members]


def _card(t: Theorem, standing: Container[str]) -> str:
    return card_latex(t, standing)


def derivations(records: Sequence[Theorem]) -> tuple[str, tuple[str, ...]] | None:
    """Derivations of all statements and what is wrong with them, or None where none are installed."""
    try:
        from relutheory.prove import derivation_latex, prove
    except ImportError:
        return None
    lines, problems = [], []
    for t in records:
        lines += [rf"\subsection*{{{prose_latex(t.title)}}}", rf"\noindent {prose_latex(f'`{t.id}`')}", ""]
        try:
            report = prove(t.id)
            if not report.ok:
                raise RelutheoryError(report.error)
            lines.append(breakable(derivation_latex(t.id)))
        except MissingExtraError:
            return None
        except RelutheoryError as error:
            problems.append(f"derivation not accepted: {t.id}: {error}")
            lines.append("No accepted derivation.")
        lines.append("")
    return "\n".join(lines), tuple(problems)


def bibliography() -> str:
    """Ready ``thebibliography``, so that no BibTeX run is needed."""
    from pybtex import PybtexEngine

    from relutheory.references import bibtex

    return str(PybtexEngine().format_from_string(bibtex(), style="plain", output_backend="latex"))
