"""Recursions and counting chains inside a tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import comb
from typing import TYPE_CHECKING, Any

from flint import arb_mat, fmpq_mat

from relutheory.evaluate.arithmetic import NotExact, Number, Rationals, by_squaring, size

if TYPE_CHECKING:
    from relutheory.evaluate.tree import Tree
    from relutheory.functions import BinomialExtinction, Iterate

__all__ = [
    "affine_map",
    "binomial_extinction",
    "initial_state",
    "is_affine",
    "iterate",
    "linear_step",
    "states_along",
]

#: From this many equal steps on, a matrix power is cheaper than stepping.
_MATRIX_FROM = 48
#: Chains whose exact value needs more bits than this are enclosed in balls.
_EXACT_CHAIN_BITS = 2**13


def is_affine(expr: Any, states: Sequence[Any]) -> bool:
    """Whether an expression is affine in the states, by its structure alone."""
    if not expr.free_symbols & set(states) or expr in states:
        return True
    if expr.is_Add:
        return all(is_affine(a, states) for a in expr.args)
    if expr.is_Mul:
        touched = [a for a in expr.args if a.free_symbols & set(states)]
        return len(touched) == 1 and is_affine(touched[0], states)
    return False


def affine_map(tree: Tree, node: Iterate, position: int) -> list[list[Number]]:
    """Matrix rows ``[constant, coefficient of each state]`` of the step at one position."""
    updates = list(node.updates)
    here = tree.bound({node.limits[0]: position})
    zero, one = tree.arithmetic.number(0), tree.arithmetic.number(1)
    at_zero = here.bound(dict.fromkeys(node.states, 0))
    constants = [at_zero.value(u) for u in updates]
    rows: list[list[Number]] = [[c] for c in constants]
    for state in node.states:
        at_unit = here.bound({s: 1 if s == state else 0 for s in node.states})
        for row, update, constant in zip(rows, updates, constants, strict=True):
            touched = state in update.free_symbols
            difference = at_unit.value(update) - constant if touched else zero
            row.append(one if difference == one else difference)
    return rows


def linear_step(rows: list[list[Number]]) -> Callable[..., tuple[Number, ...]]:
    """Function of the states for one affine step, with zeros and ones left out.

    The source consists of our own index names only; it is compiled because this is the inner loop of
    certified tables.
    """
    names = [f"x{j}" for j in range(len(rows))]
    constants: dict[str, Number] = {}
    bodies = []
    for i, row in enumerate(rows):
        terms = []
        for j, coefficient in enumerate(row):
            if coefficient == 0:
                continue
            constants[f"c{i}_{j}"] = coefficient
            if j == 0:
                terms.append(f"c{i}_{j}")
            else:
                terms.append(names[j - 1] if coefficient == 1 else f"c{i}_{j}*{names[j - 1]}")
        bodies.append("+".join(terms) or "zero")
    constants["zero"] = rows[0][0] * 0
    source = f"lambda {','.join(names)}: ({','.join(bodies)},)"
    step: Callable[..., tuple[Number, ...]] = eval(source, constants)
    return step


def initial_state(tree: Tree, node: Iterate) -> tuple[Number, ...]:
    """Values of the states before the first step."""
    return tuple(tree.value(v) for v in node.initial)


def states_along(tree: Tree, node: Iterate, last: int) -> Iterator[tuple[Number, ...]]:
    """States before the first step and after each step up to index ``last``."""
    index, low, _ = node.limits
    state = initial_state(tree, node)
    yield state
    steps = range(tree.integer(low), last + 1)
    if not all(is_affine(u, list(node.states)) for u in node.updates):
        for position in steps:
            here = tree.bound({index: position} | dict(zip(node.states, state, strict=True)))
            state = tuple(here.value(u) for u in node.updates)
            yield state
        return
    # One compiled step for each distinct width, not for each layer.
    same = all(tree.same_for_all(u, index) for u in node.updates)
    compiled: dict[Any, Callable[..., tuple[Number, ...]]] = {}
    for position in steps:
        key = None if same else _signature(tree, node, position)
        if key not in compiled:
            compiled[key] = linear_step(affine_map(tree, node, position))
        state = compiled[key](*state)
        yield state


def _signature(tree: Tree, node: Iterate, position: int) -> Any:
    """What one step depends on: the indexed values at this position, or the position itself."""
    import sympy as sp

    index = node.limits[0]
    items = sorted(node.updates.atoms(sp.Indexed), key=str)
    plain = node.updates.xreplace({item: sp.Dummy() for item in items})
    if index in plain.free_symbols:
        return position
    here = tree.bound({index: position})
    return tuple(str(here.value(item)) for item in items)


def iterate(tree: Tree, node: Iterate) -> Number:
    """Value of the output after the last step."""
    index, low, high = node.limits
    first, last = tree.integer(low), tree.integer(high)
    count = last - first + 1
    same = all(tree.same_for_all(u, index) for u in node.updates)
    affine = all(is_affine(u, list(node.states)) for u in node.updates)
    if count >= _MATRIX_FROM and same and affine:
        state: Sequence[Number] = _matrix_power(tree, node, count)
    else:
        state = initial_state(tree, node)
        for found in states_along(tree, node, last):
            state = found
            if isinstance(tree.arithmetic, Rationals) and max(map(size, state)) > _EXACT_CHAIN_BITS:
                raise NotExact
    return tree.bound(dict(zip(node.states, state, strict=True))).value(node.output)


def _matrix_power(tree: Tree, node: Iterate, count: int) -> list[Number]:
    rows = affine_map(tree, node, tree.integer(node.limits[1]))
    width = len(rows) + 1
    one, zero = tree.arithmetic.number(1), tree.arithmetic.number(0)
    homogeneous = [[one] + [zero] * (width - 1), *rows]
    start = [one, *initial_state(tree, node)]
    if isinstance(tree.arithmetic, Rationals):
        # The entries of the power have at most count times the bits of one step.
        if count * max(size(c) for row in rows for c in row) > 2 * tree.arithmetic.max_bits:
            raise NotExact
        power: Any = by_squaring(fmpq_mat(homogeneous), count)
    else:
        power = by_squaring(arb_mat(homogeneous), count)
    entries = [[power[i, j] for j in range(width)] for i in range(width)]
    return [sum((a * b for a, b in zip(row, start, strict=True)), start=zero) for row in entries[1:]]


def binomial_extinction(tree: Tree, node: BinomialExtinction) -> Number:
    """Mass at zero of a binomial counting chain, carried as a sum of positive terms."""
    index, low, high = node.limits
    start, first, last = tree.integer(node.start), tree.integer(low), tree.integer(high)
    law = _BinomialLaw(tree, node)
    arithmetic = tree.arithmetic
    if last < first:
        return arithmetic.number(1 if start == 0 else 0)
    count, head = last - first + 1, tree.bound({index: first}).integer(node.trials)
    # The first step leaves the starting count; equal steps after it are one matrix power.
    if count > _MATRIX_FROM and tree.same_for_all(node.trials, index):
        law.refuse_large(count * head, {start, head})
        return _absorbed(law, head, law.row(head, start), count - 1)
    trials = [tree.bound({index: position}).integer(node.trials) for position in range(first, last + 1)]
    law.refuse_large(sum(trials), {start, *trials})
    masses = law.row(head, start)
    for n in trials[1:]:
        following = [arithmetic.number(0)] * (n + 1)
        for m, mass in enumerate(masses):
            for k, share in enumerate(law.row(n, m)):
                following[k] += mass * share
        masses = following
    return masses[0]


def _absorbed(law: _BinomialLaw, n: int, masses: list[Number], count: int) -> Number:
    rows = [law.row(n, m) for m in range(n + 1)]
    kind: Any = fmpq_mat if isinstance(law.arithmetic, Rationals) else arb_mat
    power = by_squaring(kind(rows), count)
    return sum((mass * power[m, 0] for m, mass in enumerate(masses)), start=law.arithmetic.number(0))


class _BinomialLaw:
    """Laws of the next count, each computed once; zero is absorbing."""

    def __init__(self, tree: Tree, node: BinomialExtinction) -> None:
        self.tree, self.node, self.arithmetic = tree, node, tree.arithmetic
        self.rows: dict[tuple[int, int], list[Number]] = {}

    def success(self, m: int) -> Number:
        (count,) = self.node.success.variables
        return self.tree.bound({count: m}).value(self.node.success.expr)

    def row(self, n: int, m: int) -> list[Number]:
        """Probabilities of 0..n successes after a count of ``m``."""
        if (n, m) not in self.rows:
            self.rows[n, m] = self._row(n, m)
        return self.rows[n, m]

    def _row(self, n: int, m: int) -> list[Number]:
        one, zero = self.arithmetic.number(1), self.arithmetic.number(0)
        if m == 0:
            return [one] + [zero] * n
        p = self.success(m)
        up, down = [one], [one]
        for _ in range(n):
            up.append(up[-1] * p)
            down.append(down[-1] * (one - p))
        return [self.arithmetic.number(comb(n, k)) * up[k] * down[n - k] for k in range(n + 1)]

    def refuse_large(self, trials: int, counts: set[int]) -> None:
        """Leave long chains to balls before the rationals grow: their cost is quadratic in the bits."""
        exact = isinstance(self.arithmetic, Rationals)
        if exact and trials * max(size(self.success(m)) for m in counts) > _EXACT_CHAIN_BITS:
            raise NotExact
