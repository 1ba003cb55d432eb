"""Values of vectors and matrices in a statement."""

from __future__ import annotations

from typing import Any

__all__ = ["Components"]


class Components(tuple[Any, ...]):
    """Entries of a vector or (nested) of a matrix to which an `IndexedBase` is bound, counted from 0.

    Entries are exact numbers or SymPy expressions in bound symbols.

    Examples
    --------
    >>> from relutheory.functions.components import Components
    >>> Components(((1, 2), (3, 4))).entry(1, 0)
    3
    """

    __slots__ = ()

    def entry(self, *indices: int) -> Any:
        """Component with these indices."""
        found: Any = self
        for position in indices:
            if not 0 <= position < len(found):
                raise IndexError(f"index {position} of {len(found)}")
            found = found[position]
        return found
