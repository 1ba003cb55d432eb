"""The output directory: complete files or none, and finished blocks that a later run may reuse."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field, is_dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from relutheory.errors import DomainError

__all__ = ["Blocks", "OutputDirectory", "cannot_write", "source_fingerprint"]


@dataclass
class OutputDirectory:
    """A directory that files are written to one by one, each complete as soon as it appears."""

    path: Path
    written: list[str] = field(default_factory=list)

    @classmethod
    def create(cls, path: str | os.PathLike[str]) -> OutputDirectory:
        """Make the directory, or say in one line why it cannot be written to."""
        directory = Path(path)
        try:
            directory.mkdir(parents=True, exist_ok=True)
            probe = directory / ".relutheory-probe"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise cannot_write(path, error) from error
        return cls(directory)

    def write(self, name: str, content: str | bytes) -> str:
        """Write one file through a temporary name, so that an interrupt leaves no half file."""
        target = self.path / name
        temporary = target.with_name(f".{target.name}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(content.encode() if isinstance(content, str) else content)
            temporary.replace(target)
        except OSError as error:
            raise cannot_write(self.path, error) from error
        if name not in self.written:
            self.written.append(name)
        return name

    def write_json(self, name: str, data: Any) -> str:
        """Write plain data."""
        return self.write(
            name, json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True, default=_plain) + "\n"
        )


def _plain(value: Any) -> Any:
    """Nested records as dictionaries, anything else as its text."""
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)


def cannot_write(path: str | os.PathLike[str], error: OSError) -> DomainError:
    """One line for a directory that cannot be written to."""
    return DomainError(f"cannot write to -o {os.fspath(path)}: {error.strerror or error}")


@dataclass(frozen=True)
class Blocks:
    """Finished blocks of a run, kept beside the results.

    A block is reused only if it was made by the same sources with the same settings.
    """

    output: OutputDirectory
    settings: dict[str, Any]

    def load(self, name: str) -> Any:
        """Data of a finished block, or None."""
        try:
            stored = json.loads((self.output.path / self._file(name)).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(stored, dict) or stored.get("settings") != self._key():
            return None
        self.output.written.append(self._file(name))
        return stored.get("data")

    def save(self, name: str, data: Any) -> Any:
        """Keep a finished block; returns its data as a later run will read them."""
        self.output.write_json(self._file(name), {"settings": self._key(), "data": data})
        return json.loads((self.output.path / self._file(name)).read_text(encoding="utf-8"))["data"]

    def _key(self) -> dict[str, Any]:
        return {**self.settings, "sources": source_fingerprint()}

    def _file(self, name: str) -> str:
        return f"data/{name}.json"


@cache
def source_fingerprint() -> str:
    """SHA-256 of the package's own modules, which tells two states of one version apart."""
    digest = hashlib.sha256()
    for name, content in sorted(_modules(files("relutheory"), "")):
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()


def _modules(directory: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for item in directory.iterdir():
        if item.is_dir() and item.name != "__pycache__":
            found += _modules(item, f"{prefix}{item.name}/")
        elif item.name.endswith((".py", ".bib")):
            found.append((prefix + item.name, item.read_bytes()))
    return found
