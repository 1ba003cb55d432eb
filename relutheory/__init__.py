"""The theory of the dying ReLU as software.

Importing this package imports neither SymPy nor NumPy; its names are loaded when they are first used.

Examples
--------
>>> import relutheory as rt
>>> bound = rt.theorem("born-dead-upper-bound").evaluate(widths=(3, 2, 4, 3, 2), digits=20)
>>> bound.exact, bound.digits(20)
(Fraction(9769, 16384), '0.59625244140625000000')
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from relutheory._version import __version__

if TYPE_CHECKING:
    from relutheory import recursions
    from relutheory.certificate import Enclosure, Values
    from relutheory.errors import (
        DomainError,
        MissingExtraError,
        NoValueError,
        PrecisionError,
        RelutheoryError,
        UnknownTheoremError,
    )
    from relutheory.estimate import Estimate
    from relutheory.simulate.rai import rai_layer, rai_network
    from relutheory.tables import Table, table
    from relutheory.theorems import Theorem, all_theorems, theorem
    from relutheory.theory import born_dead, gaussian, rai, single_unit
    from relutheory.verify import Verdict, Verification

__all__ = [
    "DomainError",
    "Enclosure",
    "Estimate",
    "MissingExtraError",
    "NoValueError",
    "PrecisionError",
    "RelutheoryError",
    "Table",
    "Theorem",
    "UnknownTheoremError",
    "Values",
    "Verdict",
    "Verification",
    "__version__",
    "all_theorems",
    "born_dead",
    "gaussian",
    "rai",
    "rai_layer",
    "rai_network",
    "recursions",
    "single_unit",
    "table",
    "theorem",
]

_HOMES = {
    "DomainError": "errors",
    "Enclosure": "certificate",
    "Estimate": "estimate",
    "MissingExtraError": "errors",
    "NoValueError": "errors",
    "PrecisionError": "errors",
    "RelutheoryError": "errors",
    "Table": "tables",
    "Theorem": "theorems",
    "UnknownTheoremError": "errors",
    "Values": "certificate",
    "Verdict": "verify",
    "Verification": "verify",
    "all_theorems": "theorems",
    "born_dead": "theory",
    "gaussian": "theory",
    "rai": "theory",
    "rai_layer": "simulate.rai",
    "rai_network": "simulate.rai",
    "recursions": "recursions",
    "single_unit": "theory",
    "table": "tables",
    "theorem": "theorems",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'relutheory' has no attribute {name!r}")
    home = importlib.import_module(f"relutheory.{_HOMES[name]}")
    if _HOMES[name] == "theory":
        return importlib.import_module(f"relutheory.theory.{name}")
    if _HOMES[name] == name:
        return home
    value = getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
