"""A journal of finished blocks: what was computed is read again, never lost and never computed twice."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np

from relutheory.simulate.streams import Block

__all__ = ["Columns", "journalled", "open_journal"]


class Columns:
    """Base of dataclasses whose fields are arrays with one row a network: they add up and are kept in files.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Sizes(Columns):
    ...     sizes: np.ndarray
    >>> (Sizes(np.arange(2)) + Sizes(np.arange(3))).sizes.tolist()
    [0, 1, 0, 1, 2]
    """

    def __add__(self, other: Self) -> Self:
        """Put the rows of two runs together."""
        pairs = ((getattr(self, name), getattr(other, name)) for name in _names(type(self)))
        return type(self)(*(np.concatenate(pair) for pair in pairs))

    def save(self, path: Path) -> None:
        """Write to a file, whole or not at all."""
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        with part.open("wb") as file:
            np.savez(file, **{name: getattr(self, name) for name in _names(type(self))})
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """Read a file; None if there is none, or if it is damaged."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                return cls(*(arrays[name] for name in _names(cls)))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None


def _names(kind: Any) -> list[str]:
    return [item.name for item in fields(kind)]


Kept = TypeVar("Kept", bound=Columns)


def open_journal(
    directory: str | os.PathLike[str] | None, key: str, settings: Mapping[str, Any]
) -> Path | None:
    """Folder of a run with these settings, made and labelled if it is new; None without a directory."""
    if directory is None:
        return None
    folder = Path(directory) / key
    folder.mkdir(parents=True, exist_ok=True)
    label = folder / "settings.json"
    if not label.exists():
        label.write_text(json.dumps(dict(settings), indent=1, default=str) + "\n", encoding="utf-8")
    return folder


def journalled(kind: type[Kept], folder: Path | None, block: Block, compute: Callable[[], Kept]) -> Kept:
    """Return a block from the journal, or compute it and keep it there."""
    if folder is None:
        return compute()
    path = folder / f"{block.entropy}-{block.index}-{block.size}.npz"
    found = kind.load(path)
    if found is None:
        found = compute()
        found.save(path)
    return found
