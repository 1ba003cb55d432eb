"""The main job: evaluate, verify, simulate, draw and typeset everything into one directory."""

from relutheory.report.pdf import Compilation, compile_pdf
from relutheory.report.write import ReportResult, write_report

__all__ = ["Compilation", "ReportResult", "compile_pdf", "write_report"]
