"""Answers to the questions of a designer of networks with randomized asymmetric initialization.

Every number is evaluated from the statements that an answer names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relutheory.errors import DomainError

if TYPE_CHECKING:
    from relutheory.certificate import Enclosure

__all__ = ["RaiDepth", "RaiScale", "rai_depth", "rai_scale"]

_SCALE_IDS = ("rai-sigma-w", "rai-sharp-sigma", "rai-second-moment-bounds", "rai-second-moment-sharp")
_DEPTH_IDS = ("rai-born-dead-explicit", "born-dead-upper-bound", "rai-infinite-depth", "rai-sigma-w")


@dataclass(frozen=True)
class RaiScale:
    """Gaussian scale of randomized asymmetric initialization for one law of the replacing number.

    Parameters
    ----------
    law : mapping
        Name and parameters of the law, as read.
    mu1, mu2 : Enclosure
        First two moments of the law.
    sigma_w : Enclosure
        Scale with ``C_upp = 1``.
    C_low, C_upp, C_sharp : Enclosure
        Lower, upper and sharp upper constant of the gain at that scale.
    sharp_sigma_w : Enclosure
        Largest scale at which the sharp constant is at most 1, so that no second moment explodes.
    statements : tuple of str
        Ids of the statements used.
    """

    law: Mapping[str, Any]
    mu1: Enclosure
    mu2: Enclosure
    sigma_w: Enclosure
    C_low: Enclosure
    C_upp: Enclosure
    C_sharp: Enclosure
    sharp_sigma_w: Enclosure
    statements: tuple[str, ...] = _SCALE_IDS


@dataclass(frozen=True)
class RaiDepth:
    """What randomized asymmetric initialization guarantees at a width and a depth.

    Parameters
    ----------
    N, L : int
        Common hidden width and number of affine maps.
    delta : Fraction
        Admitted born-dead probability.
    law : str
        Law of the replacing number that the guarantee is about.
    sigma_w : Enclosure
        Scale that it is about.
    upper : Enclosure
        Bound of the born-dead probability for every data set.
    lower : Enclosure
        Bound from below at a single input.
    symmetric : Enclosure
        Born-dead probability of a symmetric law at a single input, which bounds it on every set.
    guaranteed, symmetric_guaranteed : bool
        Whether the upper bounds are at most delta; decided exactly.
    min_width : Enclosure
        Smallest common width with the guarantee at this depth.
    max_depth : Enclosure or None
        Largest depth with the guarantee at this width; None if not even one hidden layer has it.
    symmetric_min_width, symmetric_max_depth
        The same for symmetric laws.
    statements : tuple of str
        Ids of the statements used.
    """

    N: int
    L: int
    delta: Any
    law: str
    sigma_w: Enclosure
    upper: Enclosure
    lower: Enclosure
    symmetric: Enclosure
    guaranteed: bool
    symmetric_guaranteed: bool
    min_width: Enclosure
    max_depth: Enclosure | None
    symmetric_min_width: Enclosure
    symmetric_max_depth: Enclosure | None
    statements: tuple[str, ...] = _DEPTH_IDS


def rai_scale(law: str = "beta", *, digits: int = 20, **parameters: Any) -> RaiScale:
    """Scale of randomized asymmetric initialization for a law of the replacing number.

    Parameters
    ----------
    law : str
        "beta", "uniform", "halfnormal", "exponential" or "constant".
    digits : int
        Significant digits, all of them proven.
    **parameters
        Of the law: a, b of "beta" (2, 1 by default), M of "uniform", s of "halfnormal", rate of
        "exponential", c of "constant".

    Returns
    -------
    RaiScale

    Raises
    ------
    DomainError
        A parameter is outside its domain, or the second moment of the law is not below 1.

    Examples
    --------
    >>> from relutheory.design import rai_scale
    >>> scale = rai_scale("uniform", M=1)
    >>> scale.sigma_w.digits(10), scale.sharp_sigma_w.digits(10), scale.mu2.exact
    ('0.8227320937', '0.9264545647', Fraction(1, 3))
    """
    from relutheory.evaluate import decide, enclose
    from relutheory.functions import LawMoment, SharpSigma
    from relutheory.theory.rai import expressions as ex
    from relutheory.theory.rai import layer

    exact = layer.layer(*layer.LAW, witness={}).read({"law": law, **parameters}, "rai_scale")
    chosen = layer.law_of(exact)

    def value(expr: Any) -> Enclosure:
        return enclose(expr, {}, digits=digits)

    second = LawMoment(2, chosen)
    if not decide(second < 1, {}):
        shown = ", ".join(f"{name} = {number}" for name, number in exact.items())
        raise DomainError(
            f"mu_2 = E X^2 of the law must be < 1, or no sigma_w > 0 has C_upp = 1: got mu_2 = "
            f"{_short(value(second))} ({shown})"
        )
    scale = ex.sigma_w(chosen)
    return RaiScale(
        law=exact,
        mu1=value(LawMoment(1, chosen)),
        mu2=value(second),
        sigma_w=value(scale),
        C_low=value(ex.c_low(scale, chosen)),
        C_upp=value(ex.c_upp(scale, chosen)),
        C_sharp=value(ex.c_sharp(scale, chosen)),
        sharp_sigma_w=value(SharpSigma(chosen)),
    )


def _short(value: Enclosure) -> str:
    text = value.fraction_text()
    return text if text is not None and len(text) < 20 else value.digits(min(value.asked, 10))


def rai_depth(N: Any, L: Any, delta: Any, *, digits: int = 20) -> RaiDepth:
    """Whether randomized asymmetric initialization keeps the born-dead probability below delta.

    The guarantee is the explicit bound for Beta(2, 1) and the default scale, which holds for every data
    set with a nonzero point; the answers in integers are decided exactly on both sides.

    Parameters
    ----------
    N : int
        Common hidden width >= 1.
    L : int
        Number of affine maps >= 2.
    delta : Fraction or str
        Admitted probability, an exact number in (0, 1).
    digits : int
        Significant digits, all of them proven.

    Returns
    -------
    RaiDepth

    Raises
    ------
    DomainError
        A parameter is outside its domain.

    Examples
    --------
    >>> from relutheory.design import rai_depth
    >>> found = rai_depth(5, 10, "1/10")
    >>> found.guaranteed, found.upper.digits(6), str(found.min_width), str(found.max_depth)
    (False, '0.124407', '6', '7')
    """
    from relutheory.evaluate import decide, enclose
    from relutheory.theorems import theorem
    from relutheory.theory.rai.layer import SIGMA

    exact = _read_depth(N, L, delta)
    point = {"N": exact["N"], "L": exact["L"]}
    rai: Any = theorem("rai-born-dead-explicit").evaluate(digits=digits, **point)
    symmetric: Any = theorem("born-dead-upper-bound").evaluate(digits=digits, **point)
    (safe, bind), (width, depth) = _guarantee(exact), _thresholds()
    shallow = bind(L=2)
    symmetric_depth: Any = theorem("born-dead-max-depth").evaluate(N=exact["N"], delta=exact["delta"])
    symmetric_width: Any = theorem("born-dead-min-width").evaluate(L=exact["L"], delta=exact["delta"])
    return RaiDepth(
        N=exact["N"],
        L=exact["L"],
        delta=exact["delta"],
        law="Beta(2, 1)",
        sigma_w=enclose(SIGMA, {}, digits=digits),
        upper=rai["upper"],
        lower=rai["lower"],
        symmetric=symmetric,
        guaranteed=decide(safe, bind()),
        symmetric_guaranteed=exact["L"] <= int(symmetric_depth),
        min_width=enclose(width, bind(without="N"), digits=digits),
        max_depth=enclose(depth, bind(without="L"), digits=digits) if decide(safe, shallow) else None,
        symmetric_min_width=symmetric_width,
        # With one affine map there is no layer that could be dead.
        symmetric_max_depth=symmetric_depth if int(symmetric_depth) >= 2 else None,
    )


def _read_depth(N: Any, L: Any, delta: Any) -> dict[str, Any]:
    from relutheory import symbols
    from relutheory.domain import Domain, IntegerSet, Parameter
    from relutheory.theorems import theorem

    (tolerance,) = (q for q in theorem("born-dead-max-depth").domain.parameters if q.name == "delta")
    width = Parameter("N", symbols.N, IntegerSet(1), "common hidden width")
    depth = Parameter("L", symbols.L, IntegerSet(2), "number of affine maps")
    return Domain((width, depth, tolerance)).read({"N": N, "L": L, "delta": delta}, "rai_depth")


def _safe() -> Any:
    """The explicit bound of equal widths is at most delta: decreasing in N, increasing in L."""
    from sympy import Ge

    from relutheory.symbols import L, N, delta

    return Ge((1 - 2**-N) * (1 - (N / (2 * (N + 1))) ** N) ** (L - 2), 1 - delta)


def _guarantee(exact: Mapping[str, Any]) -> tuple[Any, Any]:
    from relutheory import symbols

    named = {"N": symbols.N, "L": symbols.L, "delta": symbols.delta}

    def bind(without: str = "", **other: Any) -> dict[Any, Any]:
        values = {**exact, **other}
        return {symbol: values[name] for name, symbol in named.items() if name != without}

    return _safe(), bind


def _thresholds() -> tuple[Any, Any]:
    """Smallest width and largest depth with the guarantee; the guesses only say where to look first."""
    from sympy import log

    from relutheory.functions import LargestInteger, SmallestInteger
    from relutheory.symbols import L, N, delta

    first, other = 1 - 2**-N, 1 - (N / (2 * (N + 1))) ** N
    width = SmallestInteger(N, 1, _safe(), -log(1 - (1 - delta) ** (1 / (L - 1)), 2))
    return width, LargestInteger(L, 2, _safe(), 2 + log((1 - delta) / first) / log(other))
