"""A matplotlib figure that shows itself in Jupyter without pyplot."""

from __future__ import annotations

from matplotlib.figure import Figure

__all__ = ["SelfShowingFigure"]


class SelfShowingFigure(Figure):
    """Figure made without pyplot, so that nothing else would draw it at the end of a cell."""

    def _repr_png_(self) -> bytes:
        from relutheory.plots import figure_bytes

        return figure_bytes(self, "png")
