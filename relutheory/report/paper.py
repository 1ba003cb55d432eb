r"""Assembly of ``paper.tex`` from the parts that a run has finished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from relutheory._version import __version__
from relutheory.cards import card_latex, escape, prose_latex
from relutheory.errors import MissingExtraError, RelutheoryError
from relutheory.report.layout import breakable, breakable_values
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
A ReLU unit whose preactivation is negative on all inputs outputs zero and has no gradient: it is dead. A
fully connected ReLU network is \emph{born dead} when, right after random initialisation, some hidden layer
outputs zero on the whole input set. It then computes a constant and stays one under every gradient method
\cite{LuShinSuKarniadakis2020}. Units can also die while they are trained. The following pages state laws,
bounds and design rules on four topics: the \emph{Gaussian calculus} of a gated unit, on which the other
topics rest; the \emph{born-dead probability}, $\operatorname{BDP}(D)$ on the input set $D$; \emph{randomized
asymmetric initialization} (RAI), which lowers it; and \emph{single-unit error backpropagation}, the mean and
mean-square recursions of one unit that learns. Certified values, an independent simulation and the hypotheses
of every statement are included.
Everything here was written by \texttt{relutheory} @VERSION@ from the records of the statements
\cite{relutheory}; nothing was typed by hand.

\subsection{Conventions}
\begin{itemize}
\item $L$ counts affine maps: a network has $L-1$ hidden ReLU layers $l = 1, \dots, L-1$ of widths $N_1,
\dots, N_{L-1}$. ``Common width'' means $N_l = N$ for all of them. The last affine map never enters a
formula.
\item $h_0 = x$, $h_l = \max(W_l h_{l-1} + b_l, 0)$. A unit is dead on $D$ if its preactivation is $\le 0$
on all of $D$; a layer is dead on $D$ if its output is $0$ on all of $D$. All statements of this document
are about the network at initialisation, unless they say otherwise, or speak of a unit that learns.
\item Gaussian calculus: the parameter of a unit is $\theta = (b, w)$, bias first, and its preactivation is
$\theta \cdot \tilde{x}$ with the augmented input $\tilde{x} = (1, x)$. The margin $h$ is the mean of the
preactivation over its standard deviation; with the distribution function $\Phi$ and the density $\varphi$
of the standard normal law, $\Phi(h)$ is the activation probability. The letter $h$ with a layer index, or
as the input of a layer, is a vector of features instead.
\item RAI: in every layer but the first each row of $n$ weights and one bias is drawn from $N(0, \sigma^2)$
with $\sigma = \sigma_w/\sqrt{n}$, where $n$ is the fan-in (the bias is not counted in it). Then one of the
$n + 1$ entries, the bias included, is chosen uniformly and overwritten by a positive random number $X$ with
moments $\mu_k = \operatorname{E} X^k$. The first layer is He initialised. Without further words $X$ is
Beta(2, 1) and $\sigma_w = 0.6007\dots$
\item Single-unit error backpropagation: $\theta^+ = \theta + \eta\,u\,(d - y)\,\tilde{x}$ with the
preactivation $y = \theta \cdot \tilde{x}$, the gate $u = 1(y > 0)$ and the target $d$, that of a teacher
$\theta^*$ with margin $h^*$ and activation probability $P^* = \Phi(h^*)$. The step size is $\eta$, and time
is $\eta$ times the number of steps. Standard input means mean $0$ and covariance $I$.
\item A printed digit of a certified value is proven: it is an exact rational, or enclosed by ball
arithmetic. Values that are validated only are marked as such. Simulated values are written with their
standard error in units of the last digit, $0.7066(5)$.
\item Probabilities and counts carry no unit. Seeds and sample sizes stand in the captions.
\end{itemize}
"""

#: Topics in the order of the sections, by stem.
TOPICS: Mapping[str, str] = {
    "gaussian": "Gaussian calculus",
    "born_dead": "Born-dead probability",
    "rai": "Randomized asymmetric initialization",
    "single_unit": "Single-unit error backpropagation",
}


@dataclass(frozen=True)
class Figure:
    """A figure file with its caption in LaTeX."""

    file: str
    caption: str
    label: str
    topic: str = ""


@dataclass
class Paper:
    """Parts of the paper that are ready, by file name without suffix; tables with their topics."""

    tables: dict[str, str] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    has_cards: bool = False
    verification: str = ""
    has_derivations: bool = False
    incomplete: str = ""
    left_out: str = ""

    def latex(self) -> str:
        r"""Complete ``paper.tex``."""
        parts = [_PREAMBLE, r"\begin{document}", r"\maketitle", _INTRODUCTION]
        if self.incomplete:
            parts.append(rf"\paragraph{{Incomplete.}} {escape(self.incomplete)}")
        if self.has_cards:
            parts += [r"\section{Statements}", r"\input{cards}"]
        if self.tables:
            parts += [r"\clearpage", r"\section{Certified and simulated values}", self._overview()]
            if self.left_out:
                parts.append(escape(self.left_out))
            for topic, names in _by_topic(self.tables):
                # Floats stay in the section of their topic.
                parts += [
                    rf"\subsection{{{topic}}}",
                    _named(names),
                    *map(r"\input{{{}}}".format, names),
                    r"\clearpage",
                ]
        if self.figures:
            parts += [r"\clearpage", r"\section{Figures}", "All bounds are drawn from certified values."]
            files = {figure.file: figure.topic for figure in self.figures}
            parts += [_figure(f) for _, names in _by_topic(files) for f in self.figures if f.file in names]
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
        return "The tables collect values of the statements by topic." if len(self.tables) > 1 else ""


def _by_topic(topics: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Titles of the topics that occur, in order, each with its files; files without a topic come last."""
    titles = {**TOPICS, "": "All topics"}
    found = [(title, [n for n, topic in topics.items() if topic == stem]) for stem, title in titles.items()]
    return [(title, names) for title, names in found if names]


def _named(names: Sequence[str]) -> str:
    labels = [r"\ref{tab:" + name.removeprefix("tables/") + "}" for name in names]
    return f"Table~{labels[0]}." if len(labels) == 1 else f"Tables~{', '.join(labels)}."


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
    """All statements by topic and kind, each topic after the hypotheses that several statements share."""
    lines: list[str] = []
    for stem, title in TOPICS.items():
        members = [t for t in records if t.stem == stem]
        if members:
            lines += [rf"\subsection{{{title}}}", *_topic(members)]
    return "\n\n".join(lines) + "\n"


def _topic(members: Sequence[Theorem]) -> list[str]:
    standing = _standing(members)
    lines: list[str] = []
    if standing:
        lines += [
            r"\subsubsection*{Shared hypotheses}",
            "Statements name these by their first words.",
            r"\begin{description}",
        ]
        for hypothesis in standing:
            name, _, words = hypothesis.partition(":")
            lines.append(rf"\item[{prose_latex(name)}] {prose_latex(words.strip())}.")
        lines.append(r"\end{description}")
    for kinds, title in _groups(members):
        lines += [
            rf"\subsubsection*{{{title}}}",
            *(breakable_values(card_latex(t, set(standing))) for t in kinds),
        ]
    return lines


def _standing(members: Sequence[Theorem]) -> list[str]:
    """Hypotheses that several statements of a topic share, where their first words tell them apart."""
    counts = Counter(h for t in members for h in dict.fromkeys(t.hypotheses))
    shared = [h for h, count in counts.items() if count >= _SHARED and ":" in h]
    names = Counter(h.partition(":")[0] for h in shared)
    return [h for h in shared if names[h.partition(":")[0]] == 1]


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


def derivations(records: Sequence[Theorem]) -> tuple[str, tuple[str, ...]] | None:
    """Derivations of all statements and what is wrong with them, or None where none are installed."""
    try:
        from relutheory.prove import derivation_latex, prove
    except ImportError:
        return None
    lines: list[str] = []
    problems: list[str] = []
    for stem, title in TOPICS.items():
        members = [t for t in records if t.stem == stem]
        if members:
            lines.append(rf"\subsection{{{title}}}")
        for t in members:
            lines += [
                rf"\subsubsection*{{{prose_latex(t.title)}}}",
                rf"\noindent {prose_latex(f'`{t.id}`')}",
                "",
            ]
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
