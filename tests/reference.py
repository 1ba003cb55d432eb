"""Slow, independent definitions: everything is counted, nothing uses a formula of the package.

Only for tiny networks. `fractions.Fraction` throughout.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from itertools import product

HALF = Fraction(1, 2)


def dead_at_one_point(widths: tuple[int, ...]) -> Fraction:
    """Count the on/off patterns of all units (equally likely at one input) with a layer that is all off."""
    dead = 0
    patterns = list(product(*[list(product((0, 1), repeat=n)) for n in widths]))
    for pattern in patterns:
        dead += any(not any(layer) for layer in pattern)
    return Fraction(dead, len(patterns))


def quarter_chain(widths: tuple[int, ...]) -> tuple[Fraction, Fraction, Fraction]:
    """Law of (both rays apart, one ray, dead) when every pair of signs has probability one quarter.

    Layer 1 sees the inputs +1 and -1: each unit is on for exactly one of them. Later, while the two images
    are apart, the sign pairs of a unit on the images are uniform over the four; when they lie on one ray
    each unit is on or off.
    """
    law = {"apart": Fraction(0), "ray": Fraction(0), "dead": Fraction(0)}
    for pattern in product((0, 1), repeat=widths[0]):
        law["apart" if len(set(pattern)) == 2 else "ray"] += HALF ** widths[0]
    for n in widths[1:]:
        after = {"apart": Fraction(0), "ray": Fraction(0), "dead": law["dead"]}
        for pattern in product((0, 1), repeat=n):
            after["ray" if any(pattern) else "dead"] += law["ray"] * HALF**n
        for pairs in product(((0, 0), (0, 1), (1, 0), (1, 1)), repeat=n):
            after[_class_of(pairs)] += law["apart"] * Fraction(1, 4) ** n
        law = after
    return law["apart"], law["ray"], law["dead"]


def _class_of(pairs: tuple[tuple[int, int], ...]) -> str:
    first, second = any(a for a, _ in pairs), any(b for _, b in pairs)
    if not first and not second:
        return "dead"
    if not (first and second):
        return "ray"
    # Two nonzero images are collinear only if a single unit carries both.
    carriers = [p for p in pairs if p != (0, 0)]
    return "ray" if len(carriers) == 1 else "apart"


def live_unit_chain(widths: tuple[int, ...], bias: bool) -> Fraction:
    """Probability that the count of possibly live units hits zero, counting sign patterns of the weights."""
    law = {widths[0]: Fraction(1)}
    for n in widths[1:]:
        after: dict[int, Fraction] = defaultdict(Fraction)
        for m, mass in law.items():
            if m == 0:
                after[0] += mass
                continue
            signs = list(product((-1, 1), repeat=m + bias))
            alive = Fraction(sum(any(s > 0 for s in row) for row in signs), len(signs))
            for units in product((0, 1), repeat=n):
                k = sum(units)
                after[k] += mass * alive**k * (1 - alive) ** (n - k)
        law = dict(after)
    return law.get(0, Fraction(0))


def sparse_at_one_point(keep: Fraction, m0: int, widths: tuple[int, ...]) -> Fraction:
    """Count masks and signs: a unit is on if some kept weight meets an active input and the sum is "
    "positive."""
    law = {m0: Fraction(1)}
    for n in widths:
        after: dict[int, Fraction] = defaultdict(Fraction)
        for m, mass in law.items():
            if m == 0:
                after[0] += mass
                continue
            on = Fraction(0)
            for mask in product((0, 1), repeat=m):
                weight = Fraction(1)
                for kept in mask:
                    weight *= keep if kept else 1 - keep
                on += weight * HALF if any(mask) else 0
            for units in product((0, 1), repeat=n):
                k = sum(units)
                after[k] += mass * on**k * (1 - on) ** (n - k)
        law = dict(after)
    return law.get(0, Fraction(0))


def largest_depth(width: int, delta: Fraction) -> int:
    """Add layers while the single-point survival stays at or above ``1 - delta``."""
    survival, depth = Fraction(1), 1
    while survival * (1 - HALF**width) >= 1 - delta:
        survival *= 1 - HALF**width
        depth += 1
    return depth


def smallest_width(depth: int, delta: Fraction) -> int:
    """Try widths one by one."""
    width = 1
    while (1 - HALF**width) ** (depth - 1) < 1 - delta:
        width += 1
    return width


def first_bad_depth(width: int, delta: Fraction) -> int:
    """Step the three-state chain with its transition probabilities counted by `quarter_chain`."""
    depth = 2
    while quarter_chain((width,) * (depth - 1))[2] <= delta:
        depth += 1
    return depth
