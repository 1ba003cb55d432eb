"""Wrong variants of a formula; a witness has power only if it rejects them.

Mutants are made from the record, so a new theorem gets them for free: values off by a factor two or by
one, complements, depths off by one, widths off by one, reversed or swapped, flipped signs and a wrong
base of a power.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

import sympy as sp

from relutheory import symbols
from relutheory.domain import Bindings, RealSet, RepeatedWidths
from relutheory.theorems import Theorem

__all__ = ["Mutant", "mutants_of"]

#: Sign flips of one formula that are tried.
_MAX_FLIPS = 16


@dataclass(frozen=True)
class Mutant:
    """A named change of the expression or of the bindings."""

    name: str
    expression: Callable[[Any], Any] = lambda expr: expr
    bindings: Callable[[Bindings], Bindings | None] = lambda bindings: bindings


def mutants_of(record: Theorem, result: str, expr: Any = None) -> Iterator[Mutant]:
    """Mutants of one result of a theorem; statements without a value get a shifted constant.

    `expr` is the formula of the result where the record has it in a family.

    Examples
    --------
    >>> from relutheory.mutants import mutants_of
    >>> from relutheory.theorems import theorem
    >>> names = [m.name for m in mutants_of(theorem("born-dead-single-point"), "value")]
    >>> "twice the value" in names and "one layer less" in names
    True
    """
    expr = record.results.get(result, expr)
    if expr is None:
        yield Mutant("one percent off", lambda e: e + sp.Rational(1, 100))
        yield Mutant("minus one percent", lambda e: e - sp.Rational(1, 100))
        return
    if record.kind == "design" and expr.is_integer:
        yield Mutant("one more", lambda e: e + 1)
        yield Mutant("one less", lambda e: e - 1)
    else:
        yield Mutant("twice the value", lambda e: 2 * e)
        yield Mutant("half the value", lambda e: e / 2)
        yield Mutant("complement", lambda e: 1 - e)
        yield from _sign_flips(expr)
        yield from _base_changes(expr)
    yield from _binding_changes(record)


def _sign_flips(expr: Any) -> Iterator[Mutant]:
    sums = [node for node in sp.preorder_traversal(expr) if node.is_Add]
    flips = [(node, i) for node in dict.fromkeys(sums) for i in range(len(node.args))]
    for node, i in flips[:_MAX_FLIPS]:
        wrong = node.func(*(-a if j == i else a for j, a in enumerate(node.args)))
        yield Mutant(f"sign of {_short(node.args[i])}", partial(_replaced, {node: wrong}))


def _short(expr: Any) -> str:
    text = str(expr).replace("\\tilde", "")
    return text if len(text) <= 60 else text[:57] + "..."


def _base_changes(expr: Any) -> Iterator[Mutant]:
    powers = [p for p in expr.atoms(sp.Pow) if p.base.is_Integer and not p.exp.is_number]
    if powers:
        yield Mutant("base one larger", partial(_replaced, {p: (p.base + 1) ** p.exp for p in powers}))


def _replaced(table: Mapping[Any, Any], expr: Any) -> Any:
    return expr.xreplace(table)


def _binding_changes(record: Theorem) -> Iterator[Mutant]:
    names = set(record.domain.names)
    if "widths" in names or "L" in names:
        yield Mutant("one layer more", bindings=partial(_deeper, 1))
        yield Mutant("one layer less", bindings=partial(_deeper, -1))
    for parameter in record.domain.parameters:
        if parameter.name in {"N", "N1", "N2", "m0"}:
            yield Mutant(f"{parameter.name} one larger", bindings=partial(_larger, parameter.symbol))
        if parameter.name in {"n", "i", "j"}:
            yield Mutant(f"{parameter.name} one larger", bindings=partial(_larger, parameter.symbol))
        if isinstance(parameter.set, RealSet) and parameter.set.low is None:
            yield Mutant(f"sign of {parameter.name}", bindings=partial(_negated, parameter.symbol))
        if parameter.name == "bias":
            yield Mutant("bias dropped or added", bindings=partial(_toggled, parameter.symbol))
    if "widths" in names:
        yield Mutant("widths one larger", bindings=_wider)
        yield Mutant("widths reversed", bindings=_reversed)
    integers = [p for p in record.domain.parameters if p.name in {"N", "L", "N1", "N2"}]
    for one, two in combinations(integers, 2):
        yield Mutant(f"{one.name} and {two.name} swapped", bindings=partial(_swapped, one.symbol, two.symbol))


def _larger(symbol: Any, bindings: Bindings) -> Bindings | None:
    return bindings | {symbol: bindings[symbol] + 1} if symbol in bindings else None


def _negated(symbol: Any, bindings: Bindings) -> Bindings | None:
    return bindings | {symbol: -bindings[symbol]} if symbol in bindings else None


def _toggled(symbol: Any, bindings: Bindings) -> Bindings:
    return bindings | {symbol: 1 - bindings[symbol]}


def _swapped(one: Any, two: Any, bindings: Bindings) -> Bindings:
    return bindings | {one: bindings[two], two: bindings[one]}


def _wider(bindings: Bindings) -> Bindings:
    return bindings | {symbols.widths: tuple(w + 1 for w in bindings[symbols.widths])}


def _reversed(bindings: Bindings) -> Bindings:
    return bindings | {symbols.widths: tuple(bindings[symbols.widths])[::-1]}


def _deeper(by: int, bindings: Mapping[Any, Any]) -> Bindings | None:
    changed = dict(bindings)
    sizes = changed.get(symbols.widths)
    if sizes is not None:
        if len(sizes) + by < 1:
            return None
        if isinstance(sizes, RepeatedWidths):
            changed[symbols.widths] = RepeatedWidths(sizes.width, sizes.length + by)
        else:
            changed[symbols.widths] = (*sizes, sizes[-1]) if by > 0 else tuple(sizes[:-1])
    if symbols.L in changed:
        changed[symbols.L] += by
        if changed[symbols.L] < 1:
            return None
    return changed
