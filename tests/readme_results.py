"""Results at a glance: generates the tables between the markers of the README, or checks them."""

from __future__ import annotations

import sys
from pathlib import Path

import relutheory as rt
from relutheory.theorems import all_theorems

BEGIN = "<!-- results: begin (python tests/readme_results.py) -->\n"
END = "<!-- results: end -->\n"


def results() -> str:
    """Markdown of the generated part."""
    values = rt.table(
        ["born-dead-lower-bound-1d", "born-dead-upper-bound"], N=[2, 3, 5, 10], L=[10, 20, 50], digits=6
    )
    scales = rt.table(["rai-sigma-w", "rai-sharp-sigma"], law="beta", a=[1, 2, 3], b=[1, 2], digits=12)
    rates = rt.table(
        ["local-rates", "mean-square-step-limit"], h_star=[2, 1, 0, -1, -2, -3, -5], N=[4], digits=8
    )
    lines = [
        "Probability that a network is born dead: lower bound (inputs on a line) and upper bound (any "
        "inputs).",
        "",
        values.markdown().strip(),
        "",
        "Scale `sigma_w` of randomized asymmetric initialization for Beta(a, b), from the bound "
        "`C_upp = 1` and sharp.",
        "",
        scales.markdown().strip(),
        "",
        "How slowly a unit learns near a solution of margin `h_star` (activation probability "
        "`Phi(h_star)`), against a "
        "linear unit, and how large a step may be: in the mean (`eta_max`) it may grow, in the mean square "
        "it may not.",
        "",
        rates.markdown().strip(),
        "",
        "Statements, with status computed from the derivation; trials are comparisons with the simulator.",
        "",
        "| id | kind | proof | trials | reference values |",
        "|---|---|---|---|---|",
    ]
    for t in all_theorems():
        lines.append(
            f"| `{t.id}` | {t.kind} | {t.status().proof.name} | {len(t.witness.trials)} | {len(t.examples)} |"
        )
    return "\n".join(lines) + "\n"


def split(text: str) -> tuple[str, str, str]:
    """README before, between and after the markers."""
    before, rest = text.split(BEGIN)
    between, after = rest.split(END)
    return before, between, after


if __name__ == "__main__":
    readme = Path(__file__).resolve().parent.parent / "README.md"
    head, _, tail = split(readme.read_text(encoding="utf-8"))
    readme.write_text(head + BEGIN + "\n" + results() + "\n" + END + tail, encoding="utf-8")
    sys.exit(0)
