"""Substitution that respects binders; structural, without simplification of relations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Basic, Derivative, Indexed, Lambda, Limit, Product, Sum, Symbol, Tuple
from sympy.core.relational import Relational

from proofs.polynomials import Refused
from relutheory.functions import OrderedEigenvalue
from relutheory.symbols import widths

__all__ = ["substitute", "variables"]


def _bound(term: Basic) -> set[Basic]:
    if isinstance(term, Product | Sum):
        return {limit[0] for limit in term.limits}
    if isinstance(term, Limit):
        return {term.args[1]}
    if isinstance(term, Lambda):
        return set(term.variables)
    if isinstance(term, OrderedEigenvalue):
        return set(term.args[3:])
    return set(getattr(term, "bound_symbols", ()) or ())


def substitute(term: Any, where: Mapping[Any, Any]) -> Any:
    """Replace free symbols (and ``widths``) simultaneously.

    Raises
    ------
    Refused
        A replacement would be captured by a binder.

    Examples
    --------
    >>> from sympy import Product, Symbol, symbols
    >>> from proofs.substitution import substitute
    >>> k, n = symbols("k n", integer=True)
    >>> substitute(Product(k, (k, 1, n)) + k, {n: n + 1, k: 3})
    Product(k, (k, 1, n + 1)) + 3
    """
    if not where or not isinstance(term, Basic):
        return term
    if term in where:
        return where[term]
    if isinstance(term, Indexed) and term.base in where:
        return where[term.base]
    if not term.args:
        return term
    if isinstance(term, Derivative):
        return _derivative(term, where)
    bound = _bound(term)
    if bound:
        inner = {k: v for k, v in where.items() if k not in bound and k in term.free_symbols | _bases(term)}
        for value in inner.values():
            if bound & value.free_symbols:
                raise Refused(f"{value} would be captured in {term}")
        where = inner
        if not where:
            return term
    args = [substitute(a, where) for a in term.args]
    if list(term.args) == args:
        return term
    if isinstance(term, Relational):
        return term.func(*args, evaluate=False)
    return Tuple(*args) if isinstance(term, Tuple) else term.func(*args)


def _derivative(term: Derivative, where: Mapping[Any, Any]) -> Any:
    """The variable of a derivative may be renamed only, and nothing else may begin to depend on it."""
    (variable,) = term.variables
    image = where.get(variable, variable)
    others = {k: v for k, v in where.items() if k != variable and k in term.free_symbols | _bases(term)}
    if not isinstance(image, Symbol) or (image != variable and image in term.free_symbols):
        raise Refused(f"{variable} cannot become {image} in {term}")
    for value in others.values():
        if isinstance(value, Basic) and {variable, image} & value.free_symbols:
            raise Refused(f"{value} would depend on the variable of {term}")
    return Derivative(substitute(term.expr, {**others, variable: image}), image, evaluate=False)


def _bases(term: Basic) -> set[Basic]:
    return {i.base for i in term.atoms(Indexed)}


def variables(*parts: Any) -> set[Symbol]:
    """Free symbols; the name of the sequence of widths is none of them."""
    found: set[Symbol] = set()
    for part in parts:
        if isinstance(part, Basic):
            found |= {s for s in part.free_symbols if isinstance(s, Symbol) and s != widths.label}
    return found
