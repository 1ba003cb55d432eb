"""Cards: one theorem as LaTeX, HTML, text or plain data, derived from its record."""

from relutheory.cards.card import card_html, card_json, card_latex, card_text
from relutheory.cards.prose import escape, prose_latex
from relutheory.cards.statement import expression_latex, results_latex, statement_latex

__all__ = [
    "card_html",
    "card_json",
    "card_latex",
    "card_text",
    "escape",
    "expression_latex",
    "prose_latex",
    "results_latex",
    "statement_latex",
]
