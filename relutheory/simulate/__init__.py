"""Simulation of ReLU networks with NumPy: the independent witness of the theory.

Nothing here imports the symbolic part of the package, and no formula is shared with it. Modules load on
first use.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__all__ = [
    "angle_chain",
    "born_dead",
    "ensemble",
    "enumerate",
    "inputs",
    "laws",
    "networks",
    "polylines",
    "streams",
    "training",
]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
