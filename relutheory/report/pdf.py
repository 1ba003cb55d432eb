"""Compile a written report with pdflatex, where it is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Compilation", "compile_pdf", "latex_complaints"]

_OVERFULL = re.compile(r"Overfull \\hbox \((\d+(?:\.\d+)?)pt too wide\)")
#: Lines that stand out by less than this many points are not seen.
_TOLERANCE = 3.0
_TIMEOUT = 300
#: Two runs settle the references; more are only made if TeX asks for them.
_RUNS = 4


@dataclass(frozen=True)
class Compilation:
    """What pdflatex made of a paper.

    ``complaints`` holds errors, warnings and lines that stick out into the margin.
    """

    directory: Path
    ok: bool
    complaints: tuple[str, ...] = ()
    skipped: str = ""

    def __str__(self) -> str:
        if self.skipped:
            return self.skipped
        if not self.ok:
            return f"pdflatex failed: {self.complaints[0] if self.complaints else 'see paper.log'}"
        return f"{self.directory / 'paper.pdf'}" + "".join(f"\n  {line}" for line in self.complaints)


def compile_pdf(directory: str | os.PathLike[str]) -> Compilation:
    """Run pdflatex on ``paper.tex`` until references are settled; no other program is needed.

    Parameters
    ----------
    directory : path
        Where `write_report` wrote.

    Returns
    -------
    Compilation
        With ``skipped`` set when pdflatex is not installed.
    """
    path = Path(directory)
    if shutil.which("pdflatex") is None:
        return Compilation(
            path, False, skipped=f"pdflatex is not installed: run it twice on {path / 'paper.tex'}"
        )
    # The same paper gives the same bytes: the clock is kept out of the file.
    environment = os.environ | {
        "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH", "0"),
        "FORCE_SOURCE_DATE": "1",
    }
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "paper.tex"]
    log = ""
    for _ in range(_RUNS):
        run = subprocess.run(
            command,
            cwd=path,
            env=environment,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        log = run.stdout.decode(errors="replace")
        if run.returncode:
            return Compilation(path, False, latex_complaints(log))
        if "Rerun" not in log and "have changed" not in log and (path / "paper.aux").exists():
            break
    return Compilation(path, True, latex_complaints(log))


def latex_complaints(log: str) -> tuple[str, ...]:
    r"""Errors, warnings and visibly overfull lines of a TeX log.

    Examples
    --------
    >>> from relutheory.report.pdf import latex_complaints
    >>> latex_complaints("Overfull \\hbox (0.4pt too wide) in\nOverfull \\hbox (9.5pt too wide) in")
    ('Overfull \\hbox (9.5pt too wide) in',)
    """
    found = []
    for line in log.splitlines():
        overfull = _OVERFULL.match(line)
        if (overfull and float(overfull[1]) > _TOLERANCE) or line.startswith("!") or "Warning" in line:
            found.append(line.strip())
    return tuple(found)
