"""Cards: every record prints, compiles and escapes what TeX and HTML treat specially."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from relutheory.cards import (
    card_html,
    card_json,
    card_latex,
    card_text,
    expression_latex,
    prose_latex,
    statement_latex,
)
from relutheory.cards.prose import escape
from relutheory.functions import Event
from relutheory.theorems import all_theorems, theorem

RECORDS = tuple(all_theorems())
PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[T1]{fontenc}\usepackage{lmodern,amsmath,amssymb,siunitx}
\usepackage[a4paper,margin=25mm]{geometry}
\emergencystretch=3em
\begin{document}
"""


def compile_latex(directory: Path, body: str) -> str:
    """Log of pdflatex; on CI the program must be there."""
    if shutil.which("pdflatex") is None:
        if os.environ.get("CI"):
            pytest.fail("pdflatex is not installed, and CI must compile what the package prints")
        pytest.skip("pdflatex is not installed")
    (directory / "a.tex").write_text(PREAMBLE + body + "\n\\end{document}\n", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    run = subprocess.run(command, cwd=directory, capture_output=True, timeout=120, check=False)
    log = run.stdout.decode(errors="replace")
    assert run.returncode == 0, log[-1500:]
    return log


def test_all_statements_and_cards_compile_within_the_margins(tmp_path: Path) -> None:
    keys = {t.source.key for t in RECORDS}
    parts = [card_latex(t) for t in RECORDS]
    parts += [f"\\[ {statement_latex(t)} \\]\n$ {statement_latex(t)} $\n" for t in RECORDS]
    items = "".join(rf"\bibitem{{{key}}} {key}" for key in sorted(keys))
    log = compile_latex(
        tmp_path, "\n\n".join(parts) + rf"\begin{{thebibliography}}{{9}}{items}\end{{thebibliography}}"
    )
    displays = [line for line in log.splitlines() if "Overfull" in line and "detected at line" in line]
    assert not displays
    assert "Missing character" not in log


@pytest.mark.parametrize("t", RECORDS, ids=lambda t: t.id)
def test_card_forms_hold_the_record(t) -> None:
    data = card_json(t)
    assert json.loads(json.dumps(data)) == data
    assert data["id"] == t.id
    assert [p["name"] for p in data["domain"]["parameters"]] == list(t.domain.names)
    text, page = card_text(t), card_html(t)
    for word in (t.id, t.kind):
        assert word in text
        assert word in page
    assert all(h.partition(":")[0] in text for h in t.hypotheses)
    assert max(map(len, text.splitlines())) <= 100
    assert rf"\cite{{{t.source.key}}}" in card_latex(t)


def test_html_escapes_formulas_and_words() -> None:
    page = card_html(theorem("born-dead-stays-constant"))
    assert "&amp; \\Longrightarrow" in page or "&amp;" in page
    assert "<=" not in page


def test_shared_hypotheses_are_named_by_their_first_words() -> None:
    t = theorem("born-dead-upper-bound")
    short = card_latex(t, standing=set(t.hypotheses))
    assert "H-row" in short
    assert "independent over rows" not in short
    assert "independent over rows" in card_latex(t)


def test_repeated_powers_are_abbreviated_and_say_so() -> None:
    text = statement_latex(theorem("born-dead-lower-bound-1d"))
    assert r"\varepsilon = 2^{-N}" in text
    assert "2^{- N}" not in text.replace(r"\varepsilon = 2^{-N}", "")


def test_abbreviated_statement_is_the_statement() -> None:
    from relutheory.cards.statement import _SMALL, _abbreviated
    from relutheory.symbols import N

    t = theorem("born-dead-lower-bound-1d")
    _, rhs, _, _ = _abbreviated(t)
    assert sympy.simplify(rhs.subs(_SMALL, 2 ** (-N)) - t.rhs) == 0


def test_events_become_words_with_formulas() -> None:
    assert expression_latex(Event("50% of L <= L'")) == r"\text{50\% of $L \le L'$}"
    assert expression_latex(sympy.Symbol("keep")) == r"\mathrm{keep}"
    assert expression_latex(sympy.Symbol("delta")) == r"\delta"


def test_printers_stay_as_they_were() -> None:
    before = sympy.latex(sympy.Symbol("keep") + Event("a_b").func("x"))
    card_latex(theorem("born-dead-sparse-single-point"))
    assert sympy.latex(sympy.Symbol("keep") + Event("a_b").func("x")) == before


@pytest.mark.parametrize(
    ("plain", "latex"),
    [
        ("p = 2^(-N(N+1)) with bias", "$p = 2^{-N(N + 1)}$ with bias"),
        ("w_ij = mask_ij g_ij", r"$w_{ij} = \mathrm{mask}_{ij}\,g_{ij}$"),
        ("D = {x} with x != 0", r"$D = \{x\}$ with $x \neq 0$"),
        ("(a) P(alive at depth) > 0", r"(a) $\operatorname{P}(\text{alive at depth}) > 0$"),
        ("an N x N matrix", r"an $N \times N$ matrix"),
        (
            "the 1d bound `born-dead` at 1e-06",
            r"the 1d bound \texttt{born-\allowbreak{}dead} at $1 \times 10^{-6}$",
        ),
        ("+-1 weights at 5% & #1", r"$\pm 1$ weights at 5\% \& \#1"),
    ],
)
def test_prose(plain: str, latex: str) -> None:
    assert prose_latex(plain) == latex


@given(st.text(alphabet="abN L_^{}()[]<>=!-+*/.,;:'\"`$%&#~\\|0123e", max_size=40))
def test_prose_has_balanced_braces_and_dollars(text: str) -> None:
    out = prose_latex(text).replace(r"\{", "").replace(r"\}", "").replace(r"\$", "")
    assert out.count("$") % 2 == 0
    depth = 0
    for c in out:
        depth += (c == "{") - (c == "}")
        assert depth >= 0
    assert depth == 0


def test_random_prose_compiles(tmp_path: Path) -> None:
    import random

    source = random.Random(0)
    alphabet = "abN L_^{}()[]<>=!-+*/.,;:'\"`$%&#~\\|0123e"
    lines = ["".join(source.choice(alphabet) for _ in range(30)) for _ in range(300)]
    compile_latex(tmp_path, "\n\n".join("x " + prose_latex(line) for line in lines))


def test_escape_leaves_no_special_character() -> None:
    assert escape("a_b%{}") == r"a\_b\%\{\}"
