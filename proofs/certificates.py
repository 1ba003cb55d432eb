"""Certificates of the rules about functions of a real variable, integrals and Gaussian means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sympy import Expr, Integer, Symbol

from proofs.claims import Certificate, Model, Source

__all__ = [
    "Affine",
    "Apply",
    "Differentiate",
    "Integrate",
    "LargestEigenvalue",
    "LargestScale",
    "Linear",
    "Monotone",
    "NonnegativeMean",
    "NullState",
    "OpenOrder",
    "OpenZero",
    "Ordered",
    "SquaresVanish",
    "Sturm",
    "Tends",
    "UnderIntegral",
    "Unfold",
    "UnitMean",
    "Wick",
]


@dataclass(frozen=True)
class Unfold(Certificate):
    """The meaning of a named function, or a value of the normal law, from a fixed table."""

    rule: ClassVar[str] = "meaning"
    nonzero: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Differentiate(Certificate):
    """``Derivative(f, x) = g``: the kernel differentiates and compares.

    Parameters
    ----------
    equation : source
        ``f = F`` where the claim is made; then F is differentiated.
    via : tuple of sources
        Derivatives of functions that occur, ``Derivative(F(x), x) = G(x)``, for the chain rule.
    nonzero : tuple of sources
        What differentiation presumes: denominators, radicands, bases of powers.
    """

    rule: ClassVar[str] = "derivative"
    equation: Source = None
    via: tuple[Source, ...] = ()
    nonzero: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Monotone(Certificate):
    """``f > g`` because ``f - g`` moves away from a value >= 0 at one end of the interval.

    Parameters
    ----------
    variable : Symbol
    slope : source
        Sign of the derivative of ``f - g`` between x and the end: ``d < 0`` if the end lies above x (like
        ``oo``), else ``d > 0``.
    end : Expr
        ``oo``, ``-oo`` or a finite end of the interval.
    value : source
        At a finite end, ``f >= g`` there; at an infinite one, ``f - g >= e`` with e tending to 0 (not
        needed when the kernel sees that ``f - g`` itself tends to a number >= 0).
    via, nonzero : tuple of sources
        As in `Differentiate`.
    """

    rule: ClassVar[str] = "monotone"
    variable: Symbol
    slope: Source
    end: Expr
    value: Source = None
    via: tuple[Source, ...] = ()
    nonzero: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Tends(Certificate):
    """``Limit(f, x, oo) = c`` from the growth of the terms, or between two functions with that limit.

    Parameters
    ----------
    low, high : source
        ``f >= a`` and ``b >= f`` for large x with a and b of known growth.
    nonzero : tuple of sources
    """

    rule: ClassVar[str] = "limit at infinity"
    low: Source = None
    high: Source = None
    nonzero: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Integrate(Certificate):
    """``Integral(f, (v, a, b)) = F(b) - F(a)`` with a primitive F; at infinity its limit counts."""

    rule: ClassVar[str] = "primitive"
    primitive: Expr
    nonzero: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Linear(Certificate):
    """An equation between linear combinations of integrals (or sums) whose integrands agree."""

    rule: ClassVar[str] = "linearity"
    nonzero: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Affine(Certificate):
    """``Integral(f) = Integral(g)`` by ``v = scale*u + shift``."""

    rule: ClassVar[str] = "substitution"
    scale: Expr = field(default_factory=lambda: Integer(1))
    shift: Expr = field(default_factory=lambda: Integer(0))
    nonzero: tuple[Source, ...] = ()


@dataclass(frozen=True)
class UnderIntegral(Certificate):
    """``Derivative(Integral(f, (v, a, b)), x)`` by Leibniz' rule, with the kernel's domination test.

    Parameters
    ----------
    equation : source
        ``F = Integral(...)`` when the claim differentiates F.
    nonzero : tuple of sources
    """

    rule: ClassVar[str] = "derivative under the integral"
    equation: Source = None
    nonzero: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Ordered(Certificate):
    """``Integral(f) > Integral(g)`` (or ``> 0``) from ``f > g`` at all inner points."""

    rule: ClassVar[str] = "integral order"
    pointwise: str


@dataclass(frozen=True)
class Sturm(Certificate):
    """Sign of an algebraic function of one variable with at most one square root, on an interval.

    Parameters
    ----------
    variable : Symbol
        The interval is what the hypotheses say about it.
    cuts : tuple of numbers
        Where the interval is divided; each piece has its own reason.
    nonzero : tuple of sources
    """

    rule: ClassVar[str] = "sign by Sturm"
    variable: Symbol
    cuts: tuple[Any, ...] = ()
    nonzero: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Wick(Certificate):
    """Mean of a polynomial in Gaussian variables over a half-space or quadrant, from a law.

    Parameters
    ----------
    moments : tuple of sources
        Values of truncated moments that are inserted.
    """

    rule: ClassVar[str] = "Gaussian mean"
    law: Source
    moments: tuple[Source, ...] = ()
    nonzero: tuple[Source, ...] = ()


@dataclass(frozen=True)
class UnitMean(Certificate):
    """An equation between means of polynomials in gates, inputs and noise, and finite sums of such means.

    Parameters
    ----------
    law : source
        Law of one unit or of two; under the law of two each may have its gate alone. Without a law the
        means must cancel by linearity.
    noise : source
        Law of the noise, if there is any.
    moments : tuple of sources
        Values of truncated moments that are inserted.
    nonzero : tuple of sources
    """

    rule: ClassVar[str] = "mean of sums"
    law: Source = None
    noise: Source = None
    moments: tuple[Source, ...] = ()
    nonzero: tuple[Source, ...] = ()


@dataclass(frozen=True)
class LargestEigenvalue(Certificate):
    """``lam_max sum p_a**2 >= sum M_ab p_a p_b`` for a vector p, or ``lam_max >= M_ii``.

    Parameters
    ----------
    eigenvalue : Expr
        `OrderedEigenvalue` with the last number.
    index : Symbol
        Component in which the vector is written.
    vector : Expr
        Component ``index`` of p; None if the claim is about an entry on the diagonal.
    component : Expr
        That i.
    """

    rule: ClassVar[str] = "largest eigenvalue"
    eigenvalue: Expr
    index: Symbol | None = None
    vector: Expr | None = None
    component: Expr | None = None


@dataclass(frozen=True)
class OpenOrder(Certificate):
    """Means are ordered like their bodies, which are compared for each state of the gates.

    Parameters
    ----------
    laws : tuple of sources
        Laws of units; a gate of 1 says ``y > 0``, a gate of 0 says ``y <= 0``.
    cases : tuple of (numbers, label)
        For all values of the gates, in the order of the laws, the claim about the bodies.
    """

    rule: ClassVar[str] = "order of means"
    laws: tuple[Source, ...]
    cases: tuple[tuple[tuple[int, ...], str], ...]


@dataclass(frozen=True)
class NullState(Certificate):
    """A state of the gates in which a quantity is positive, though its gated square has mean 0, is null.

    Parameters
    ----------
    laws : tuple of sources
        Laws of units.
    null : source
        ``E[state * q**2] = 0`` with a product of gates and of their complements.
    pointwise : str
        ``q > 0`` in this state.
    """

    rule: ClassVar[str] = "null state"
    laws: tuple[Source, ...]
    null: Source
    pointwise: str


@dataclass(frozen=True)
class OpenZero(Certificate):
    """``p_i = 0`` from ``E[gate * (sum p_a xt_a)**2] = 0``: the input has a density and the unit is open.

    Parameters
    ----------
    law : source
        Law of the unit with this gate.
    support : source
        That the law of the input has a density, and which components it has.
    null : source
        The equation.
    component : Expr
        That i.
    """

    rule: ClassVar[str] = "zero where open"
    law: Source
    support: Source
    null: Source
    component: Expr


@dataclass(frozen=True)
class SquaresVanish(Certificate):
    """``f(i) = 0`` from ``sum f(a)**2 = 0`` for i in the range of the sum."""

    rule: ClassVar[str] = "sum of squares"
    source: Source
    component: Expr


@dataclass(frozen=True)
class NonnegativeMean(Certificate):
    """``E[...] >= 0`` for a product of gates, their complements and even powers."""

    rule: ClassVar[str] = "nonnegative mean"
    law: Source


@dataclass(frozen=True)
class Apply(Certificate):
    """A relation of another theorem for quantities that satisfy its hypotheses here.

    Parameters
    ----------
    source : str
        ``theorem:<id>``; the step has its tier.
    relation : Relational
        Its statement, or one of its further relations.
    where : mapping
        Terms for its symbols and for its quantities in words (probabilities of events, means).
    model : Model
        Why these quantities satisfy the hypotheses of that theorem.
    """

    rule: ClassVar[str] = "theorem"
    source: str
    relation: Any
    where: Mapping[Any, Any]
    model: Model


@dataclass(frozen=True)
class LargestScale(Certificate):
    """`SharpSigma` is the largest scale with ``C* <= 1``: it exceeds the others, and there ``C* = 1``.

    Parameters
    ----------
    member : source
        ``C*(v) <= 1`` for some ``v > 0``.
    bound : str
        ``x <= b`` for every scale x with ``C*(x) <= 1``, which is its last hypothesis.
    variable : Symbol
        That x.
    scale : Expr
        That v.
    positive : source
        ``v > 0``.
    """

    rule: ClassVar[str] = "largest scale"
    member: Source
    bound: str
    variable: Symbol
    scale: Expr
    positive: Source
