"""Whether a Gaussian law exists at the numbers of a witness: its remainders need a covariance."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import Derivative, Integral

from proofs.claims import Witness
from proofs.nodes import Density, GaussianPair, GaussianUnit, Noise
from relutheory.functions import (
    Expectation,
    GateFunction,
    MeanFieldGain,
    OpenSecondMoment,
    Phi,
    QuadrantMoment,
    RampMoment,
    SecondLayerDeath,
    SharpSigma,
    phi,
)

__all__ = ["NOT_RATIONAL", "law_holds"]

#: Terms without exact values, so that no witness can evaluate them.
NOT_RATIONAL = (
    Derivative,
    Expectation,
    GateFunction,
    Integral,
    MeanFieldGain,
    OpenSecondMoment,
    Phi,
    QuadrantMoment,
    RampMoment,
    SecondLayerDeath,
    SharpSigma,
    phi,
)

#: Components of the augmented input in a witness.
SIZE = 3


def law_holds(law: Any, witness: Witness) -> bool:
    """Whether scales are positive, correlations proper, and the remainders have a covariance matrix."""

    def number(name: str) -> Fraction:
        return Fraction(witness.point[law.part(name)])

    def entry(name: str, *indices: int) -> Fraction:
        return Fraction(witness.functions[str(law.part(name))](*indices))

    if isinstance(law, Noise):
        return number("deviation") >= 0
    parts = range(SIZE)
    whole = [[entry("St", i, j) for j in parts] for i in parts]
    if any(whole[i][j] != whole[j][i] for i in parts for j in parts):
        return False
    if isinstance(law, Density):
        inner = [row[1:] for row in whole[1:]]
        return number("top") + 1 == SIZE and not any(whole[0]) and _positive(inner)
    if isinstance(law, GaussianUnit):
        taken = [[entry("c", i) * entry("c", j) for j in parts] for i in parts]
        proper = number("s") > 0
    else:
        assert isinstance(law, GaussianPair)
        taken = [
            [entry("c1", i) * entry("g1", j) + entry("c2", i) * entry("g2", j) for j in parts] for i in parts
        ]
        rho = number("rho")
        proper = number("s1") > 0 and number("s2") > 0 and -1 < rho < 1
        for i in parts:
            g1, g2 = entry("g1", i), entry("g2", i)
            proper = proper and entry("c1", i) == g1 + rho * g2 and entry("c2", i) == rho * g1 + g2
    return proper and _nonnegative([[whole[i][j] - taken[i][j] for j in parts] for i in parts])


def _nonnegative(matrix: list[list[Fraction]]) -> bool:
    """Positive semidefinite, by symmetric elimination."""
    size = len(matrix)
    for k in range(size):
        pivot = matrix[k][k]
        if pivot < 0 or (pivot == 0 and any(matrix[k][j] or matrix[j][k] for j in range(k, size))):
            return False
        for i in range(k + 1, size):
            if pivot and matrix[k][i] != matrix[i][k]:
                return False
            factor = matrix[i][k] / pivot if pivot else Fraction(0)
            matrix[i] = [a - factor * b for a, b in zip(matrix[i], matrix[k], strict=True)]
    return True


def _positive(matrix: list[list[Fraction]]) -> bool:
    """Positive definite, by symmetric elimination."""
    if not matrix:
        return True
    (pivot, *row), *rest = matrix
    if pivot <= 0:
        return False
    return _positive(
        [[b - a * c / pivot for b, c in zip(r[1:], row, strict=True)] for a, r in zip(row, rest, strict=True)]
    )
