"""Sources of statements and their BibTeX entries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from relutheory.errors import MissingExtraError

__all__ = ["Source", "bibtex", "keys"]

Provenance = Literal["re-derived", "new here"]


@dataclass(frozen=True)
class Source:
    """Where a statement comes from.

    Parameters
    ----------
    key : str
        Entry of ``references.bib``.
    provenance : {"re-derived", "new here"}
        ``re-derived``: known from the source and derived again here; ``new here``: not known to be in
        print. Theorem numbers are never quoted.
    note : str
        What else a reader should know.
    """

    key: str
    provenance: Provenance
    note: str = ""

    def __str__(self) -> str:
        words = (
            f"new here, after {self.key}" if self.provenance == "new here" else f"{self.key}, re-derived here"
        )
        return f"{words} ({self.note})" if self.note else words


@cache
def _library() -> Any:
    try:
        from pybtex.database import parse_string
    except ImportError as error:
        raise MissingExtraError("BibTeX needs pybtex: pip install 'relutheory[tables]'") from error
    text = files("relutheory").joinpath("references.bib").read_text(encoding="utf-8")
    return parse_string(text, "bibtex")


def keys() -> tuple[str, ...]:
    """Keys of all references.

    Examples
    --------
    >>> from relutheory.references import keys
    >>> "LuShinSuKarniadakis2020" in keys()
    True
    """
    return tuple(_library().entries)


def bibtex(*wanted: str) -> str:
    """BibTeX text of the named entries, or of all.

    Examples
    --------
    >>> from relutheory.references import bibtex
    >>> bibtex("Harris1960").splitlines()[0]
    '@article{Harris1960,'
    """
    library = _library()
    from pybtex.database import BibliographyData

    chosen = {key: library.entries[key] for key in (wanted or keys())}
    return str(BibliographyData(chosen).to_string("bibtex"))
