"""Symbols and helpers of the kernel's tests."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import (
    Function,
    Rational,
    Symbol,
    symbols,
)

from proofs.checking import Library
from proofs.claims import (
    Derivation,
    Step,
    Tier,
    Witness,
)
from proofs.kernel import check
from proofs.polynomials import Refused

x, y, z = symbols("x y z", real=True)
n = Symbol("n", integer=True, nonnegative=True)
k = Symbol("k", integer=True, positive=True)
q = Symbol("q", positive=True)
s, f, g, u = (Function(name) for name in ("s", "f", "g", "u"))
HALF = Rational(1, 2)


def run(*steps: Step, hypotheses: tuple[str, ...] = ("law: any",), **more: Any) -> Tier:
    return check(
        Derivation("test", steps, more.pop("witness", Witness()), lemma=True),
        hypotheses,
        Library()._once,
        **more,
    ).tier


def refused(*steps: Step, match: str | None = None, **more: Any) -> None:
    with pytest.raises(Refused, match=match):
        run(*steps, **more)
