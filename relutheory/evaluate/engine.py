"""Exact rationals first, then balls at growing precision until the digits asked for are certain."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flint import ctx

from relutheory.certificate import Enclosure
from relutheory.decimals import decimal_digits
from relutheory.errors import DomainError, PrecisionError
from relutheory.evaluate.arithmetic import Balls, NotExact, Rationals, Undecided, dyadic, to_fraction
from relutheory.evaluate.tree import Tree

__all__ = ["MAX_DIGITS", "Evaluation", "check_digits", "decide", "enclose", "working_bits"]

#: Most significant digits that can be asked for.
MAX_DIGITS = 100_000
#: Rational values up to this many bits stay exact.
EXACT_BITS = 2**17
#: Comparisons that balls cannot decide (ties) are decided exactly up to this many bits.
TIE_BITS = 2**25
#: Cancellation may cost this many bits before a value is refused.
_EXTRA_BITS = 2**19
#: Magnitudes beyond ``2**(+-this)`` are refused: their decimal expansion could not be printed.
_MAX_EXPONENT = 4_000_000


def check_digits(digits: Any) -> int:
    """Check a number of digits."""
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= MAX_DIGITS:
        raise DomainError(f"digits must be an integer in 1..{MAX_DIGITS}, got {digits!r}")
    return digits


def working_bits(digits: int) -> int:
    """First working precision for a number of digits."""
    return int(digits * 3.3219280948873626) + 40


def enclose(expr: Any, bindings: Mapping[Any, Any], *, digits: int = 30) -> Enclosure:
    """Value of a SymPy expression with certified digits.

    Parameters
    ----------
    expr : sympy Expr
        May contain sums and products over indexed symbols, piecewise, elementary and special functions,
        and the nodes of `relutheory.functions`.
    bindings : mapping
        Exact values of the free symbols.
    digits : int
        Significant digits, 1 to 100,000.

    Raises
    ------
    PrecisionError
        The digits are not certain within the precision limit.

    Examples
    --------
    >>> from sympy import Symbol, log
    >>> from relutheory.evaluate import enclose
    >>> x = Symbol("x")
    >>> enclose(log(x), {x: 2}, digits=40).digits()
    '0.6931471805599453094172321214581765680755'
    >>> enclose(x**-3 + 1, {x: 2}).exact
    Fraction(9, 8)
    """
    return Evaluation(bindings).enclose(expr, digits)


class Evaluation:
    """Values of several expressions at one point; what they share is evaluated once for each precision.

    Parameters
    ----------
    bindings : mapping
        Exact values of the free symbols.
    extra_bits : int
        Cancellation may cost this many bits before a value is refused.

    Examples
    --------
    >>> from relutheory.evaluate.engine import Evaluation
    >>> from relutheory.functions import Phi
    >>> at = Evaluation({})
    >>> [at.enclose(e, 10).digits() for e in (Phi(1), Phi(1) ** 2)]
    ['0.8413447461', '0.7078609817']
    """

    def __init__(self, bindings: Mapping[Any, Any], extra_bits: int = _EXTRA_BITS) -> None:
        self.bindings = bindings
        self.extra_bits = extra_bits
        self.trees: dict[int, Tree] = {}

    def enclose(self, expr: Any, digits: int) -> Enclosure:
        """Value with certified digits; see `enclose`."""
        check_digits(digits)
        exact = exact_value(expr, self.bindings, EXACT_BITS)
        if exact is not None:
            return Enclosure(exact, exact, digits, "exact")
        bits = working_bits(digits)
        limit = 4 * bits + self.extra_bits
        while bits <= limit:
            tree = self.trees.setdefault(bits, Tree(Balls(), self.bindings))
            found = _interval(tree, expr, bits)
            if found is not None and decimal_digits(*found, digits) is not None:
                if found[0] == found[1]:
                    # An exact ball of a value that is not a small rational: it is that rational.
                    return Enclosure(*found, digits, "exact")
                return Enclosure(*found, digits, "validated" if tree.validated else "certified")
            bits *= 2
        raise PrecisionError(
            f"{digits} digits are not certain at {limit} bits: too much cancellation, or an exact tie"
        )


def exact_value(expr: Any, bindings: Mapping[Any, Any], max_bits: int) -> Fraction | None:
    """Rational value, or None when it is not rational or too large."""
    try:
        return to_fraction(Tree(Rationals(max_bits), bindings).value(expr))
    except NotExact:
        return None
    except ZeroDivisionError:
        raise DomainError(f"division by zero at this point: {expr}") from None


def decide(condition: Any, bindings: Mapping[Any, Any]) -> bool:
    """Truth value of a condition, exactly or by separated balls.

    Small rationals are compared exactly, other values by balls at growing precision, and ties of
    large rationals exactly in the end.

    Raises
    ------
    PrecisionError
        The two sides cannot be told apart.

    Examples
    --------
    >>> from sympy import Symbol, Rational, log
    >>> from relutheory.evaluate import decide
    >>> n = Symbol("n")
    >>> decide((1 - Rational(1, 4)) ** n >= Rational(9, 16), {n: 2}), decide(log(n) < 1, {n: 3})
    (True, False)
    """
    for exact_bits, ball_bits in ((512, 2**15), (TIE_BITS, 2**21)):
        try:
            return Tree(Rationals(exact_bits), bindings).truth(condition)
        except NotExact:
            pass
        bits = 64 if exact_bits == 512 else 2**16
        while bits <= ball_bits:
            with ctx.workprec(bits):
                try:
                    return Tree(Balls(), bindings).truth(condition)
                except Undecided:
                    bits *= 2
    raise PrecisionError(f"cannot decide {condition} within the precision limit")


def _interval(tree: Tree, expr: Any, bits: int) -> tuple[Fraction, Fraction] | None:
    with ctx.workprec(bits):
        try:
            value = tree.value(expr)
        except Undecided:
            return None
        if not value.is_finite():
            return None
        middle, radius = value.mid(), value.rad()
        if not middle.is_zero() and abs(int(middle.man_exp()[1])) > _MAX_EXPONENT + 8 * bits:
            raise PrecisionError(
                "the value is too small or too large to be printed: its exponent is out of range"
            )
        centre, spread = dyadic(middle), dyadic(radius)
    return centre - spread, centre + spread
