"""From SymPy terms to the kernel's fractions, and back to nothing: no SymPy algebra is used.

Read are sums, products, integer powers, powers with symbolic exponents, ``Product``, ``Sum`` and
`Iterate` with symbolic upper limits, functions, integrals, square roots and ``widths[l]``. Everything else
is an atom that equals itself only. Square roots become atoms whose squares `proofs.roots` knows.

Powers, products, sums and iterates that differ by an integer in their exponent or upper limit are
written over the smallest one of the whole comparison: ``b**(n+1)`` is ``b * b**n``, a product up to
``n+1`` is the product up to ``n`` times one factor, and so on. What such a step presumes (``n >= 0``, a
denominator that is not zero) is returned as a list of *obligations*; the rule that compares must
discharge them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import comb
from typing import Any

from sympy import (
    Add,
    Basic,
    Derivative,
    Expr,
    Indexed,
    Integer,
    Integral,
    Mul,
    Piecewise,
    Pow,
    Product,
    Rational,
    S,
    Sum,
    Symbol,
    binomial,
    cos,
    pi,
    sin,
)
from sympy.core.function import Function
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from proofs.nodes import Expect, Sup
from proofs.polynomials import Fractional, Refused, atom, atoms_of, constant, of_atom, properties
from relutheory.functions import Iterate, Phi, phi
from relutheory.symbols import widths

__all__ = ["Obligation", "is_integer", "read_together"]

#: Explicit products, sums and iterates longer than this are refused.
MAX_EXPANSION = 64
#: Bases of powers with larger prime factors are refused.
MAX_PRIME = 10**6
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Obligation:
    """Something that a reading presumes.

    Kinds: ``nonzero`` (``term != 0``), ``nonneg`` (``term >= 0``), ``positive`` (``term > 0``), ``power``
    (``term >= 0``, or the base is not 0).
    """

    kind: str
    term: Fractional
    text: str
    base: Fractional | None = None


def read_together(terms: Sequence[Expr]) -> tuple[list[Fractional], list[Obligation]]:
    """Read terms over common atoms.

    Parameters
    ----------
    terms : sequence of Expr
        Terms that will be compared with each other.

    Returns
    -------
    list of Fractional, list of Obligation

    Examples
    --------
    >>> from sympy import Symbol
    >>> from proofs.terms import read_together
    >>> N = Symbol("N", integer=True, positive=True)
    >>> (a, b), presumed = read_together([4**-N, (2**-N) ** 2])
    >>> a.equals(b), presumed
    (True, [])
    """
    read, presumed = _remembered(tuple(terms))
    return list(read), list(presumed)


@lru_cache(maxsize=20_000)
def _remembered(terms: tuple[Expr, ...]) -> tuple[tuple[Fractional, ...], tuple[Obligation, ...]]:
    """The same terms read the same; certificates repeat many of them."""
    read, presumed = _together(terms, {}, 0)
    return tuple(read), tuple(presumed)


def _together(
    terms: Sequence[Expr], env: Mapping[Basic, Fractional], depth: int
) -> tuple[list[Fractional], list[Obligation]]:
    lows: dict[Hashable, int] = {}
    for _ in range(6):
        before = dict(lows)
        reader = _Reader(env, depth, lows)
        read = [reader.read(t) for t in terms]
        if lows == before:
            return read, reader.obligations
    raise Refused("the offsets of powers and limits do not settle")


def is_integer(value: Fractional) -> bool:
    """Whether a term is an integer by its atoms."""
    if not value.is_polynomial() or any(c.denominator != 1 for c in value.num.values()):
        return False
    return all(properties(n).integer for n in atoms_of([value])) and all(
        e > 0 for m in value.num for _, e in m
    )


def _symbol(symbol: Symbol) -> Fractional:
    low: Fraction | None = None
    if symbol.is_positive:
        low = Fraction(1) if symbol.is_integer else Fraction(0)
    elif symbol.is_nonnegative:
        low = Fraction(0)
    facts = tuple(sorted((k, v) for k, v in symbol.assumptions0.items() if v is not None))
    return of_atom(atom(("symbol", symbol.name, facts), integer=bool(symbol.is_integer), low=low))


def _factors(number: int, sign: int) -> list[tuple[int, int]]:
    """Primes of a positive integer with their multiplicities times ``sign``, by trial division."""
    found, divisor = [], 2
    while number > 1:
        if divisor * divisor > number:
            divisor = number
        if divisor > MAX_PRIME:
            raise Refused(f"the prime factors of {number} are too large")
        count = 0
        while number % divisor == 0:
            number //= divisor
            count += 1
        if count:
            found.append((divisor, sign * count))
        divisor += 1
    return found


class _Reader:
    """One pass over terms that share the smallest offsets `lows`."""

    def __init__(self, env: Mapping[Basic, Fractional], depth: int, lows: dict[Hashable, int]) -> None:
        self.env = env
        self.depth = depth
        self.lows = lows
        self.obligations: list[Obligation] = []

    def read(self, term: Expr) -> Fractional:
        """Value of a term."""
        if isinstance(term, Rational):
            return constant(Fraction(int(term.p), int(term.q)))
        if isinstance(term, Symbol):
            return self.env[term] if term in self.env else _symbol(term)
        if isinstance(term, Add | Mul):
            parts = [self.read(a) for a in term.args]
            total = parts[0]
            for part in parts[1:]:
                total = total + part if isinstance(term, Add) else total * part
            return total
        if isinstance(term, Pow):
            return self.power(term.base, term.exp)
        if isinstance(term, Product | Sum):
            return self.fold(term)
        if isinstance(term, Iterate):
            return self.iterate(term)
        if isinstance(term, Indexed):
            known = term.base == widths
            key = ("indexed", str(term.base), *(self.key(i) for i in term.indices))
            return of_atom(atom(key, integer=known, low=Fraction(1) if known else None))
        if isinstance(term, Expect | Sup):
            body = self.body_key(term.body, [term.variable])
            return of_atom(atom((type(term).__name__, body)))
        if isinstance(term, Integral):
            return self.integral(term)
        if isinstance(term, Piecewise):
            return self.choice(term)
        if isinstance(term, phi | Phi):
            return self.gaussian(term)
        if isinstance(term, sin | cos):
            return self.circular(term)
        if isinstance(term, Function):
            name = term.func.__name__
            if name == "exp":
                return self.exponential(term)
            if isinstance(term, binomial):
                n, k = (self.alone(a).constant_value() for a in term.args)
                if n is not None and k is not None and n.denominator == k.denominator == 1 and n >= k >= 0:
                    return constant(comb(int(n), int(k)))
            return of_atom(atom(("function", name, *(self.argument(a) for a in term.args))))
        if term is pi:
            return of_atom(atom(("term", pi), low=Fraction(3)))
        return self.opaque(term)

    def opaque(self, term: Basic) -> Fractional:
        """Any other term equals itself only."""
        if isinstance(term, Derivative) and len(term.variables) != 1:
            raise Refused(f"{term} is not a first derivative")
        if isinstance(term, Boolean) or term in (S.Infinity, S.NegativeInfinity, S.NaN, S.ComplexInfinity):
            raise Refused(f"{term} is not a real number")
        if set(self.env) & term.free_symbols:
            raise Refused(f"cannot read {term} under a binder")
        return of_atom(atom(("term", term), integer=bool(getattr(term, "is_integer", False))))

    def argument(self, term: Basic) -> Hashable:
        """Identity of an argument; infinity is a name there, never a number."""
        if term in (S.Infinity, S.NegativeInfinity):
            return ("infinity", str(term))
        return self.key(term)

    def integral(self, term: Integral) -> Fractional:
        """An integral over one variable is an atom; the name of the variable does not matter."""
        if len(term.limits) != 1 or len(term.limits[0]) != 3:
            raise Refused(f"{term} is not an integral over an interval")
        variable, low, high = term.limits[0]
        body = self.body_key(term.function, [variable])
        return of_atom(atom(("integral", body, self.argument(low), self.argument(high))))

    def choice(self, term: Piecewise) -> Fractional:
        """A value by cases is an atom; what its branches presume holds where they count."""
        before = list(self.obligations)
        rows: list[Hashable] = []
        for value, condition in term.args:
            if condition is S.true:
                rows.append((self.key(value), ("else",)))
                continue
            if not isinstance(condition, Relational):
                raise Refused(f"cannot read the condition {condition}")
            sides = (self.key(condition.lhs), self.key(condition.rhs))
            rows.append((self.key(value), (condition.rel_op, *sides)))
        self.obligations = before
        return of_atom(atom(("choice", *rows)))

    def gaussian(self, term: Function) -> Fractional:
        """``phi`` is even and ``Phi(-x) = 1 - Phi(x)``, so that arguments are read up to their sign."""
        value = self.alone(term.args[0])
        turned = bool(value.num) and value.num[min(value.num)] < 0
        key = ("function", term.func.__name__, (-value if turned else value).key())
        if isinstance(term, phi):
            return of_atom(atom(key, low=Fraction(0)))
        if value.is_zero():
            return constant(HALF)
        found = of_atom(atom(key, low=Fraction(0)))
        return constant(1) - found if turned else found

    def circular(self, term: Function) -> Fractional:
        """``sin`` is odd and ``cos`` is even; their values at 0 are numbers."""
        value = self.alone(term.args[0])
        odd = isinstance(term, sin)
        if value.is_zero():
            return constant(0 if odd else 1)
        turned = value.num[min(value.num)] < 0
        found = of_atom(atom(("function", term.func.__name__, (-value if turned else value).key())))
        return -found if odd and turned else found

    def exponential(self, term: Function) -> Fractional:
        """``exp`` of a sum is the product of one positive unit for each monomial."""
        value = self.alone(term.args[0])
        if not value.is_polynomial():
            return of_atom(atom(("function", "exp", value.key()), unit=True))
        total = constant(1)
        for monomial, c in value.num.items():
            total = total * of_atom(atom(("exp", monomial, c.denominator), unit=True), int(c.numerator))
        return total

    # Keys are read on their own, so that they do not depend on what they are compared with.
    def alone(self, term: Expr) -> Fractional:
        """Value that does not depend on the other terms."""
        (value,), presumed = _together([term], self.env, self.depth)
        self.obligations += presumed
        return value

    def key(self, term: Expr) -> Hashable:
        """Identity of a term."""
        return self.alone(term).key()

    def bound(self, symbols: Sequence[Basic]) -> dict[Basic, Fractional]:
        """Environment in which the symbols are bound; names of bound symbols do not matter."""
        inner = dict(self.env)
        for i, symbol in enumerate(symbols):
            integer = bool(getattr(symbol, "is_integer", False))
            inner[symbol] = of_atom(atom(("bound", self.depth, i), integer=integer))
        return inner

    def body_key(self, body: Expr, symbols: Sequence[Basic]) -> Hashable:
        """Identity of a term with bound symbols."""
        (value,), presumed = _together([body], self.bound(symbols), self.depth + 1)
        self.obligations += presumed
        return value.key()

    def power(self, base_term: Expr, exponent_term: Expr) -> Fractional:
        """Power; the cases are numbers, positive rationals with any exponent, integer exponents."""
        exponent = self.alone(exponent_term)
        number = exponent.constant_value()
        if number is not None and number.denominator == 1:
            base = self.read(base_term)
            if number < 0:
                self.obligations.append(Obligation("nonzero", base, f"{base_term} != 0"))
            return base ** int(number)
        if isinstance(base_term, Rational) and base_term > 0 and exponent.is_polynomial():
            return self.rational_power(base_term, exponent)
        base = self.alone(base_term)
        if base.is_positive_unit() and exponent.is_polynomial():
            return self.unit_power(base, exponent)
        if number is not None and number.denominator == 2:
            return self.root(base, int(number - HALF), str(base_term))
        if not is_integer(exponent):
            return of_atom(atom(("power", base.key(), exponent.key())))
        if base.is_zero():
            self.obligations.append(Obligation("positive", exponent, f"{exponent_term} > 0"))
            return constant(0)
        rest, offset = exponent.split_constant()
        if all(c < 0 for c in rest.num.values()):
            # b**(1-n) is the reciprocal of b**(n-1).
            self.obligations.append(Obligation("nonzero", base, f"{base_term} != 0"))
            return self.power(base_term, -exponent_term).inverse()
        group = ("integer power", base.key(), rest.key())
        low = self.lowest(group, int(offset))
        if int(offset) > low:
            presumed = rest + constant(low)
            self.obligations.append(
                Obligation("power", presumed, f"{exponent_term} >= {int(offset) - low}", base)
            )
        return of_atom(atom((group, low))) * self.read(base_term) ** (int(offset) - low)

    def root(self, base: Fractional, whole: int, text: str) -> Fractional:
        """``base**(whole + 1/2)`` of a base that is not negative."""
        self.obligations.append(Obligation("nonneg", base, f"{text} >= 0"))
        if whole < 0:
            self.obligations.append(Obligation("nonzero", base, f"{text} != 0"))
        return of_atom(atom(("root", base.key()), low=Fraction(0))) * base**whole

    def lowest(self, group: Hashable, offset: int) -> int:
        """Smallest offset seen of a family of powers or of upper limits."""
        self.lows[group] = min(offset, self.lows.get(group, offset))
        return self.lows[group]

    def rational_power(self, base: Rational, exponent: Fractional) -> Fractional:
        """Power of a positive rational, split into primes."""
        total = constant(1)
        for prime, multiplicity in _factors(int(base.p), 1) + _factors(int(base.q), -1):
            for monomial, c in exponent.num.items():
                steps = c * multiplicity
                unit = atom(("prime power", int(prime), monomial, steps.denominator), unit=True)
                if not monomial and steps.denominator == 1:
                    total = total * constant(Fraction(int(prime)) ** int(steps))
                else:
                    total = total * of_atom(unit, int(steps.numerator))
        return total

    def unit_power(self, base: Fractional, exponent: Fractional) -> Fractional:
        """``(c * (2**m)**k) ** E = c**E * 2**(m k E)``."""
        ((monomial, c),) = base.num.items()
        total = self.rational_power(Rational(c.numerator, c.denominator), exponent)
        for number, k in monomial:
            key = properties(number).key
            if not (isinstance(key, tuple) and key[0] == "prime power"):
                raise Refused("cannot take a power of this term")
            inner = Fractional({key[2]: Fraction(k, key[3])}, constant(1).den)
            total = total * self.rational_power(Integer(key[1]), exponent * inner)
        return total

    def fold(self, term: Any) -> Fractional:
        """``Product`` or ``Sum``; over several indices the first is innermost."""
        *inner, (index, low_term, high_term) = term.limits
        body = term.func(term.function, *inner) if inner else term.function
        if high_term is S.Infinity:
            return self.opaque(term)
        first, last = self.alone(low_term), self.alone(high_term)
        rest, offset = last.split_constant()
        if not (is_integer(first) and is_integer(last)):
            return self.opaque(term)
        adds = isinstance(term, Sum)
        length = (last - first).constant_value()
        if length is not None:
            if not -1 <= length < MAX_EXPANSION:
                raise Refused(f"cannot expand {term}")
            start, total = first, constant(0 if adds else 1)
            count = int(length) + 1
        else:
            inside = self.body_key(body, [index])
            if adds and inside == constant(0).key():
                return constant(0)
            group = (type(term).__name__, inside, first.key(), rest.key())
            low = self.lowest(group, int(offset))
            total = of_atom(atom((group, low)))
            start, count = rest + constant(low + 1), int(offset) - low
            if count:
                self.obligations.append(
                    Obligation("nonneg", start - first, f"{term} has an upper limit to shift")
                )
        for j in range(count):
            (value,), presumed = _together([body], {**self.env, index: start + constant(j)}, self.depth)
            self.obligations += presumed
            total = total + value if adds else total * value
        return total

    def iterate(self, term: Iterate) -> Fractional:
        """`Iterate`: its states after the smallest number of steps are atoms."""
        index, low_term, high_term = term.limits
        states, updates = list(term.states), list(term.updates)
        first, last = self.alone(low_term), self.alone(high_term)
        rest, offset = last.split_constant()
        length = (last - first).constant_value()
        if length is not None:
            if not -1 <= length < MAX_EXPANSION:
                raise Refused(f"cannot expand {term}")
            values = [self.read(v) for v in term.initial]
            start, count = first, int(length) + 1
        else:
            bodies = tuple(self.body_key(u, [*states, index]) for u in updates)
            begin = tuple(self.key(v) for v in term.initial)
            group = ("Iterate", bodies, begin, first.key(), rest.key())
            low = self.lowest(group, int(offset))
            values = [of_atom(atom((group, low, i))) for i in range(len(states))]
            start, count = rest + constant(low + 1), int(offset) - low
            if count:
                self.obligations.append(
                    Obligation("nonneg", start - first, f"{term} has an upper limit to shift")
                )
        for j in range(count):
            env = {**self.env, **dict(zip(states, values, strict=True)), index: start + constant(j)}
            values, presumed = _together(updates, env, self.depth)
            self.obligations += presumed
        (value,), presumed = _together(
            [term.output], {**self.env, **dict(zip(states, values, strict=True))}, self.depth
        )
        self.obligations += presumed
        return value
