"""Derivatives and growth: what the kernel knows of functions of one real variable.

`derivative` follows the structure of a term; what it presumes (a base that is positive, a denominator
that does not vanish) comes back when the result is read, or as obligations. `limit` knows three facts:
``x**k phi(c x + d)`` and ``x**k Phi(-c x + d)`` tend to 0 for ``c > 0``, and ``Phi(c x + d)`` tends to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from sympy import Add, Eq, Expr, Integer, Mul, Pow, Symbol, acos, asin, atan, cos, exp, log, oo, sin, sqrt
from sympy.core.function import Derivative, Function

from proofs.polynomials import Fractional, Polynomial, Refused, atom, atoms_of, constant, of_atom, properties
from proofs.relations import Evidence
from proofs.roots import base_of_root, reduce_roots
from proofs.sturm import Poly, leading
from proofs.substitution import substitute, variables
from proofs.terms import Obligation, read_together
from relutheory.functions import Phi, phi

__all__ = ["derivative", "limit", "read_safely", "univariate"]


def read_safely(terms: Sequence[Expr], evidence: Evidence) -> list[Fractional]:
    """Read terms whose presumptions the evidence discharges."""
    values, presumed = read_together(terms)
    for obligation in presumed:
        if not evidence.discharges(obligation):
            raise Refused(f"not declared: {obligation.text}")
    return values


def derivative(term: Expr, x: Symbol, facts: Sequence[Any] = ()) -> tuple[Expr, list[Obligation]]:
    """Derivative of a term, and what it presumes besides the reading of the result.

    Parameters
    ----------
    term : Expr
    x : Symbol
    facts : sequence of Eq
        ``Derivative(F(y), y) = G(y)`` for functions that the kernel does not know.

    Examples
    --------
    >>> from sympy import Symbol
    >>> from proofs.differential import derivative
    >>> from relutheory.functions import Phi
    >>> t = Symbol("t", real=True)
    >>> derivative(t * Phi(-t), t)[0]
    -t*phi(-t) + Phi(-t)
    """
    presumed: list[Obligation] = []
    return _derivative(term, x, facts, presumed), presumed


def _derivative(term: Expr, x: Symbol, facts: Sequence[Any], presumed: list[Obligation]) -> Expr:
    def inner(part: Expr) -> Expr:
        return _derivative(part, x, facts, presumed)

    if x not in variables(term):
        return Integer(0)
    if term == x:
        return Integer(1)
    if isinstance(term, Add):
        return Add(*(inner(a) for a in term.args))
    if isinstance(term, Mul):
        parts = list(term.args)
        return Add(*(Mul(*parts[:i], inner(p), *parts[i + 1 :]) for i, p in enumerate(parts)))
    if isinstance(term, Pow):
        if x in variables(term.exp):
            raise Refused(f"cannot differentiate {term}")
        if not term.exp.is_number:
            (base, exponent), more = read_together([term.base, term.exp])
            presumed.extend(more)
            text = f"{term.exp} >= 1 or {term.base} != 0"
            presumed.append(Obligation("power", exponent - constant(1), text, base))
        return term.exp * term.base ** (term.exp - 1) * inner(term.base)
    for fact in facts:
        found = _by_fact(term, x, fact, inner)
        if found is not None:
            return found
    if isinstance(term, Function) and len(term.args) == 1:
        u = term.args[0]
        known: dict[Any, Callable[[], Expr]] = {
            phi: lambda: -u * phi(u),
            Phi: lambda: phi(u),
            exp: lambda: exp(u),
            sin: lambda: cos(u),
            cos: lambda: -sin(u),
            atan: lambda: 1 / (1 + u**2),
            asin: lambda: 1 / sqrt(1 - u**2),
            acos: lambda: -1 / sqrt(1 - u**2),
        }
        if term.func in known:
            return known[term.func]() * inner(u)
        if term.func is log:
            (value,), more = read_together([u])
            presumed.extend(more)
            presumed.append(Obligation("positive", value, f"{u} > 0"))
            return inner(u) / u
    raise Refused(f"cannot differentiate {term}")


def _by_fact(term: Expr, x: Symbol, fact: Any, inner: Any) -> Expr | None:
    """Chain rule for ``F(u)`` with a proven derivative of ``F(y)``."""
    if not (isinstance(fact, Eq) and isinstance(fact.lhs, Derivative) and len(fact.lhs.variables) == 1):
        raise Refused(f"{fact} is not a derivative")
    pattern, (y,) = fact.lhs.expr, fact.lhs.variables
    if term.func != pattern.func or len(term.args) != len(pattern.args):
        return None
    places = [i for i, a in enumerate(pattern.args) if a == y]
    if len(places) != 1 or any(y in variables(a) for a in pattern.args if a != y):
        raise Refused(f"{pattern} is not a function of {y} in one place")
    u = term.args[places[0]]
    if any(a != b for i, (a, b) in enumerate(zip(term.args, pattern.args, strict=True)) if i != places[0]):
        return None
    if any(x in variables(a) for i, a in enumerate(term.args) if i != places[0]):
        return None
    return substitute(fact.rhs, {y: u}) * inner(u)


class _Growth:
    """Atoms of a fraction that depend on x, and how they grow for ``x -> oo``."""

    def __init__(self, value: Fractional, renamed: Fractional, x: int) -> None:
        self.x = x
        self.moving = atoms_of([value]) - atoms_of([renamed])
        self.null: set[int] = set()
        self.fast: dict[int, int] = {}
        for number in self.moving:
            self._classify(number)

    def _classify(self, number: int) -> None:
        key = properties(number).key
        if number == self.x:
            return
        base = base_of_root(number)
        if base is not None and self._polynomial(base):
            return
        if isinstance(key, tuple) and key[0] == "function" and key[1] in ("phi", "Phi"):
            slope = self._slope(Fractional(dict(key[2][0]), dict(key[2][1])))
            if key[1] == "phi" or slope < 0:
                self.null.add(number)
            else:
                # Phi tends to 1: it is 1 minus something that vanishes fast.
                self.fast[number] = atom(("tail of", number))
                self.null.add(self.fast[number])
            return
        if isinstance(key, tuple) and isinstance(key[0], tuple) and key[0][0] == "integer power":
            # A power of a polynomial grows like a power of x.
            base = Fractional(dict(key[0][1][0]), dict(key[0][1][1]))
            if self._polynomial(base):
                return
        raise Refused(f"the growth of {key} is not known")

    def _polynomial(self, value: Fractional) -> bool:
        return value.is_polynomial() and all(
            n == self.x or n not in self._dependent(value) for m in value.num for n, _ in m
        )

    def _dependent(self, value: Fractional) -> set[int]:
        return atoms_of([value]) & self.moving

    def _slope(self, value: Fractional) -> int:
        """Sign of the coefficient of an affine argument."""
        found = 0
        if not value.is_polynomial():
            raise Refused("only affine arguments")
        for monomial, c in value.num.items():
            if monomial == ((self.x, 1),):
                found = 1 if c > 0 else -1
            elif any(n in self.moving for n, _ in monomial):
                raise Refused("only affine arguments with a number as slope")
        if not found:
            raise Refused("only affine arguments with a number as slope")
        return found

    def split(self, part: Polynomial) -> tuple[Fractional, bool]:
        """Part of a polynomial without what vanishes fast, and whether there was any."""
        total = constant(0)
        for monomial, c in part.items():
            value = constant(c)
            for number, exponent in monomial:
                if number in self.fast:
                    value = value * (constant(1) - of_atom(self.fast[number])) ** exponent
                else:
                    value = value * of_atom(number, exponent)
            total = total + value
        kept = {m: c for m, c in total.num.items() if not any(n in self.null for n, _ in m)}
        return Fractional(kept, total.den), len(kept) != len(total.num)

    def bounded_below(self, den: Polynomial, evidence: Evidence) -> bool:
        """Whether the absolute value of a denominator stays away from zero for large x."""
        if any(n in self.null or n in self.fast for m in den for n, _ in m):
            return False
        if all(n == self.x or n not in self.moving for m in den for n, _ in m):
            top = max(dict(m).get(self.x, 0) for m in den)
            lead = {
                tuple(p for p in m if p[0] != self.x): c
                for m, c in den.items()
                if dict(m).get(self.x, 0) == top
            }
            return evidence.nonzero(Fractional(lead, constant(1).den))
        # All terms are >= 0 for x >= 1, one of them is at least a positive number.
        good = all(c > 0 and all(n in self.moving and e > 0 for n, e in m) for m, c in den.items())
        return good and any(all(n == self.x for n, _ in m) for m in den)

    def degree(self, part: Polynomial) -> int | None:
        """Degree in x if x is all that moves."""
        if any(n in self.moving and n != self.x for m in part for n, _ in m):
            return None
        return max((dict(m).get(self.x, 0) for m in part), default=-1)

    def leading(self, part: Polynomial, degree: int) -> Fractional:
        """Coefficient of a power of x."""
        return Fractional(
            {
                tuple(p for p in m if p[0] != self.x): c
                for m, c in part.items()
                if dict(m).get(self.x, 0) == degree
            },
            constant(1).den,
        )


def limit(term: Expr, x: Symbol, end: Any, evidence: Evidence) -> Fractional:
    """Limit of a term for ``x -> oo`` or ``x -> -oo``, as a value that is free of x.

    Examples
    --------
    >>> from sympy import Symbol, oo
    >>> from proofs.differential import limit
    >>> from proofs.relations import Evidence
    >>> from relutheory.functions import Phi, phi
    >>> x = Symbol("x", real=True)
    >>> limit(3 * Phi(x) - x**5 * phi(x) + 2, x, oo, Evidence([])).constant_value()
    Fraction(5, 1)
    """
    if x.is_integer:
        raise Refused(f"{x} is an integer")
    moving = Symbol("#x", positive=True)
    other = Symbol("#y", positive=True)
    if {moving, other} & variables(term):
        raise Refused("a name clashes")
    turned = 1 if end is oo else -1
    # Far out the variable is positive; a second name of it shows which atoms depend on it.
    far = substitute(term, {x: turned * moving})
    near = substitute(far, {moving: other})
    (value, x_value), presumed = read_together([far, moving])
    (renamed,), _ = read_together([near])
    for obligation in presumed:
        if not Evidence([substitute(r, {x: turned * moving}) for r in evidence.relations]).discharges(
            obligation
        ):
            raise Refused(f"not declared: {obligation.text}")
    value, renamed = reduce_roots(value), reduce_roots(renamed)
    (x_atom,) = atoms_of([x_value])
    growth = _Growth(value, renamed, x_atom)
    if not growth.moving:
        return value
    if not growth.bounded_below(value.den, evidence):
        raise Refused("a denominator is not known to stay away from zero")
    kept, _ = growth.split(value.num)
    rest = kept * Fractional(value.den, constant(1).den).inverse()
    if not atoms_of([rest]) & growth.moving:
        return rest
    up, down = growth.degree(rest.num), growth.degree(rest.den)
    if up is None or down is None:
        return _algebraic_limit(rest, x_atom)
    if up < down:
        return constant(0)
    if up == down:
        return growth.leading(rest.num, up) * growth.leading(rest.den, down).inverse()
    raise Refused("the term grows")


def _algebraic_limit(value: Fractional, x: int) -> Fractional:
    """Limit of ``(a0 + a1 r)/(b0 + b1 r)`` with a root r of a polynomial, by the leading terms."""
    roots = {n for n in atoms_of([value]) if base_of_root(n) is not None}
    if len(roots) != 1:
        raise Refused("the limit is not known")
    (root,) = roots
    base = base_of_root(root)
    assert base is not None
    radicand, _ = univariate(base, x, None)
    sides = (value.num, value.den)
    top, bottom = (univariate(Fractional(p, constant(1).den), x, root) for p in sides)
    (up, a), (down, b) = leading(*top, radicand), leading(*bottom, radicand)
    if not a or up < down:
        return constant(0)
    if up > down:
        raise Refused("the term grows")
    return constant(a / b)


def univariate(value: Fractional, x: int, root: int | None) -> tuple[Poly, Poly]:
    """Coefficients of the polynomial ``p0 + p1 r`` in x."""
    parts: tuple[dict[int, Fraction], dict[int, Fraction]] = ({}, {})
    if not value.is_polynomial():
        raise Refused("not a polynomial")
    for monomial, c in value.num.items():
        powers = dict(monomial)
        degree, with_root = powers.pop(x, 0), powers.pop(root, 0) if root is not None else 0
        if powers or not 0 <= with_root <= 1 or degree < 0:
            raise Refused("there is more than one variable or root")
        parts[with_root][degree] = c
    p0, p1 = (tuple(p.get(k, Fraction(0)) for k in range(max(p, default=-1) + 1)) for p in parts)
    return p0, p1
