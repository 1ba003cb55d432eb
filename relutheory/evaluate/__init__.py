"""Certified evaluation of SymPy trees: exact rationals first, then Arb balls at growing precision.

This package knows SymPy and Arb and nothing of the theorems.
"""

from relutheory.evaluate.engine import MAX_DIGITS, Evaluation, decide, enclose
from relutheory.evaluate.rows import Row, sweep

__all__ = ["MAX_DIGITS", "Evaluation", "Row", "decide", "enclose", "sweep"]
