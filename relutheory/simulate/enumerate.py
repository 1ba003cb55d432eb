"""Exact born-dead probabilities by enumeration in rational arithmetic.

A state is the matrix of activations (units by inputs) up to what cannot matter: the order of units, units
that are zero, the scale of each input's column (zero bias: homogeneity) and inputs that repeat. Laws with
few values reach few states at small widths, so the probability is an exact fraction.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import combinations_with_replacement, product
from math import factorial, gcd

from relutheory.errors import DomainError
from relutheory.simulate.checks import whole

__all__ = ["RADEMACHER", "enumerate_born_dead", "enumerate_sign_patterns"]

State = tuple[tuple[int, ...], ...]

RADEMACHER: Mapping[int, Fraction] = {-1: Fraction(1, 2), 1: Fraction(1, 2)}

# Transitions of one layer beyond this are refused: the answer would take minutes or more.
_LARGEST = 2_000_000


def enumerate_born_dead(
    inputs: Sequence[Sequence[int]],
    widths: Sequence[int],
    law: Mapping[int, Fraction] = RADEMACHER,
) -> Fraction:
    """Return the exact born-dead probability for independent integer-valued weights, zero bias.

    Parameters
    ----------
    inputs : sequence of sequences of int
        Points of D, each with d_in coordinates, at least one of them nonzero.
    widths : sequence of int
        Hidden widths, each >= 1.
    law : mapping
        Probabilities of the integer values of one weight; they sum to 1.

    Returns
    -------
    Fraction

    Raises
    ------
    DomainError
        If a parameter is outside its domain or the enumeration would be too large.

    Examples
    --------
    >>> enumerate_born_dead([[1, 1]], [2, 2, 2])
    Fraction(3273, 4096)
    >>> enumerate_born_dead([[1], [-1]], [2, 2, 2, 2, 2])
    Fraction(51347, 65536)
    """
    _check(inputs, widths, law)
    # The inputs are the columns of the first state; signs are kept, a column may be scaled by positive
    # numbers.
    states: dict[State, Fraction] = {_canonical(tuple(zip(*inputs, strict=True))): Fraction(1)}
    dead = Fraction(0)
    for width in widths:
        following: defaultdict[State, Fraction] = defaultdict(Fraction)
        for state, probability in states.items():
            for target, chance in _transitions(state, width, law):
                if target:
                    following[target] += probability * chance
                else:
                    dead += probability * chance
        states = dict(following)
    return dead


def _check(inputs: Sequence[Sequence[int]], widths: Sequence[int], law: Mapping[int, Fraction]) -> None:
    for width in widths:
        whole("widths", width, 1)
    if not inputs or len({len(point) for point in inputs}) != 1:
        raise DomainError(f"inputs: points of one dimension, got {inputs!r}")
    coordinates: list[object] = [value for point in inputs for value in point]
    if not all(isinstance(value, int) for value in coordinates) or not any(coordinates):
        raise DomainError(f"inputs: integer points, one of them nonzero, got {inputs!r}")
    if not law or any(p < 0 for p in law.values()) or sum(law.values()) != 1:
        raise DomainError(f"law: probabilities >= 0 that sum to 1, got {dict(law)!r}")


def _canonical(rows: State) -> State:
    """Return the representative of a state: () when every activation is zero."""
    columns = {_reduced(column) for column in zip(*rows, strict=True) if any(column)}
    if not columns:
        return ()
    return tuple(sorted(row for row in zip(*sorted(columns), strict=True) if any(row)))


def _reduced(column: tuple[int, ...]) -> tuple[int, ...]:
    divisor = gcd(*column)
    return tuple(value // divisor for value in column)


def _transitions(state: State, width: int, law: Mapping[int, Fraction]) -> Iterator[tuple[State, Fraction]]:
    """Yield the states after a layer with their probabilities (states may repeat)."""
    units = _unit_law(state, law)
    outcomes = list(units)
    if len(outcomes) ** width > _LARGEST * factorial(width):
        raise DomainError(f"widths: small enough to enumerate (at most {_LARGEST} states), got {width!r}")
    for chosen in combinations_with_replacement(outcomes, width):
        multiplicity = factorial(width)
        chance = Fraction(1)
        for outcome, times in Counter(chosen).items():
            multiplicity //= factorial(times)
            chance *= units[outcome] ** times
        yield _canonical(chosen), multiplicity * chance


def _unit_law(state: State, law: Mapping[int, Fraction]) -> dict[tuple[int, ...], Fraction]:
    """Return the law of one unit's activations on all inputs, given the state before."""
    points = len(state[0])
    if len(law) ** len(state) > _LARGEST:
        raise DomainError(f"widths: small enough to enumerate, got {len(state)!r} live units")
    units: defaultdict[tuple[int, ...], Fraction] = defaultdict(Fraction)
    for weights in product(law, repeat=len(state)):
        chance = Fraction(1)
        for weight in weights:
            chance *= law[weight]
        total = (sum(w * row[k] for w, row in zip(weights, state, strict=True)) for k in range(points))
        units[tuple(map(partial(max, 0), total))] += chance
    return dict(units)


def enumerate_sign_patterns(N1: int, N2: int) -> Fraction:
    """Return the born-dead probability at L = 3 on the line by counting signs, whatever the law.

    d_in = 1, zero bias, two-sided D, independent symmetric entries without atoms. Layer 1 gives the rays +1
    and -1 disjoint supports, so the two pre-activations of a second-layer unit are functions of different
    weights and all sign patterns are equally likely; if all first-layer weights have one sign, only one ray
    is left.

    Parameters
    ----------
    N1, N2 : int
        Hidden widths, N1 + 2 N2 <= 20.

    Returns
    -------
    Fraction

    Raises
    ------
    DomainError
        If the widths are not in the domain.

    Examples
    --------
    >>> enumerate_sign_patterns(2, 2)
    Fraction(5, 32)
    """
    if whole("N1", N1, 1) + 2 * whole("N2", N2, 1) > 20:
        raise DomainError(f"N1, N2: integers >= 1 with N1 + 2 N2 <= 20, got {N1!r}, {N2!r}")
    dead = total = 0
    for first in product((False, True), repeat=N1):
        rays = len(set(first))
        for second in product(product((False, True), repeat=2), repeat=N2):
            total += 1
            dead += not any(active for unit in second for active in unit[:rays])
    return Fraction(dead, total)
