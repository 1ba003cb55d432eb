"""Certified orbits: exact as long as the numbers stay small rationals, then balls that do not wrap.

A ball iteration loses a constant number of bits in each step, since it forgets how the entries of the
state depend on each other. Here the midpoint orbit carries the digits, and the error set around it is
propagated by the mean value theorem

.. math:: f(x) \\in f(c) + Df(X)\\,(x - c),\\qquad x, c \\in X \\text{ convex},

in coordinates ``c + Q r`` with an almost orthogonal ``Q`` that follows the map (Lohner), so that the error
grows as fast as the map itself stretches, no faster.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from flint import arb, arb_mat, ctx, fmpq

from relutheory.certificate import Enclosure
from relutheory.decimals import decimal_digits
from relutheory.errors import DomainError
from relutheory.evaluate.arithmetic import Balls, NotExact, Rationals, Undecided, dyadic, size, to_fraction
from relutheory.evaluate.engine import check_digits, working_bits
from relutheory.recursions.graph import Program
from relutheory.recursions.runner import Runner, Scalars

__all__ = ["Method", "Passage", "enclosure", "propagate"]

Method = Literal["mean value", "plain"]

#: Exact orbits whose entries need more bits than this go on in balls.
EXACT_BITS = 2**13
#: Precision of the Jacobian enclosure, which multiplies a small error only.
_JACOBIAN_BITS = 64
#: Magnitudes beyond ``2**this`` count as divergence.
_MAX_EXPONENT = 2**16


@dataclass(frozen=True)
class Passage:
    """What a run of the enclosure found.

    Parameters
    ----------
    states : dict
        Enclosures of the kept steps.
    certified : int
        Last kept step up to which the digits of all kept ones are certain.
    enclosed : int
        Last step that is enclosed at all.
    reason : str
        Why the run ended before the last step or without all of the digits; empty if it did not.
    bits : int
        Working precision of the balls.
    """

    states: dict[int, tuple[Enclosure, ...]]
    certified: int
    enclosed: int
    reason: str
    bits: int


class _Blown(Exception):
    """The enclosure says nothing any more; the message tells why."""


def propagate(
    program: Program,
    start: Sequence[Fraction],
    steps: int,
    keep: Iterable[int],
    digits: int,
    max_bits: int,
    method: Method = "mean value",
    opening: Program | None = None,
) -> Passage:
    """Enclosures of the orbit at the steps in ``keep``, at growing precision until the digits are certain.

    Parameters
    ----------
    program : Program
        One step.
    start : sequence of Fraction
        Initial state.
    steps, keep, digits
        Length, kept steps and significant digits.
    max_bits : int
        Highest working precision.
    method : {"mean value", "plain"}
        ``plain`` iterates balls, for comparison.
    opening : Program, optional
        The first step, where the starting point needs another formula.
    """
    check_digits(digits)
    kept = sorted(set(keep))
    exact, first, state = _exact_part(program, start, steps, kept, digits)
    if first == steps:
        return Passage(exact, steps, steps, "", 0)
    bits = min(max_bits, working_bits(digits) + 2 * steps.bit_length())
    while True:
        run = _Run(program, bits, method, opening if first == 0 else None)
        found = _attempt(run, state, first, steps, kept, digits, last=bits >= max_bits)
        if found.certified == steps or bits >= max_bits:
            return Passage(exact | found.states, found.certified, found.enclosed, found.reason, bits)
        bits = min(max_bits, _next_bits(bits, digits, first, found.enclosed, steps))


def _next_bits(bits: int, digits: int, first: int, reached: int, steps: int) -> int:
    """More bits, by the loss so far carried on to the last step."""
    loss = (bits - 3.33 * digits) / max(1, reached - first)
    foreseen = int(3.33 * digits + 1.1 * loss * (steps - first)) + 40
    return max(bits + bits // 2, min(foreseen, 8 * bits))


def _exact_part(
    program: Program, start: Sequence[Fraction], steps: int, kept: Sequence[int], digits: int
) -> tuple[dict[int, tuple[Enclosure, ...]], int, list[fmpq]]:
    """States as long as they are small rationals, the step at which that ends and the state there."""
    run = Runner(program, Scalars(Rationals(EXACT_BITS)))
    state = [fmpq(x.numerator, x.denominator) for x in start]
    wanted = set(kept)
    found: dict[int, tuple[Enclosure, ...]] = {}
    for step in range(steps + 1):
        if step in wanted:
            values = [to_fraction(x) for x in state]
            found[step] = tuple(Enclosure(v, v, digits, "exact") for v in values)
        if step == steps:
            break
        try:
            following = run(state)
        except NotExact:
            return found, step, state
        except ZeroDivisionError:
            raise DomainError(f"step {step + 1} of the recursion divides by zero") from None
        if max(map(size, following)) > EXACT_BITS:
            return found, step, state
        state = following
    return found, steps, state


def _attempt(
    run: _Run, state: Sequence[fmpq], first: int, steps: int, kept: Sequence[int], digits: int, *, last: bool
) -> Passage:
    """One run at one precision; it stops at the first lost digit unless it is the last attempt."""
    wanted = set(kept)
    found: dict[int, tuple[Enclosure, ...]] = {}
    certified, reason = steps, ""
    with ctx.workprec(run.bits):
        run.begin([arb(x) for x in state])
        for step in range(first + 1, steps + 1):
            try:
                run.advance()
            except _Blown as error:
                before = max((k for k in found if k <= certified), default=first)
                return Passage(found, before, step - 1, f"step {step}: {error}", run.bits)
            if step not in wanted and step != steps:
                continue
            values = [enclosure(x, digits, run.scale()) for x in run.box]
            if None in values and certified == steps:
                certified = max([k for k in found if k < step], default=first)
                reason = f"step {step}: {digits} digits are not certain with {run.bits} bits"
                if not last:
                    return Passage(found, certified, step, reason, run.bits)
            if step in wanted:
                found[step] = tuple(
                    _wide(x) if v is None else v for x, v in zip(run.box, values, strict=True)
                )
    return Passage(found, certified, steps, reason, run.bits)


def enclosure(value: arb, digits: int, scale: arb) -> Enclosure | None:
    """Enclosure with certain digits; of an entry near 0 digits relative to the whole state are enough."""
    middle, radius = dyadic(value.mid()), dyadic(value.rad())
    low, high = middle - radius, middle + radius
    if low == high:
        return Enclosure(low, high, digits, "exact")
    if decimal_digits(low, high, digits) is None:
        near_zero = low <= 0 <= high and radius * Fraction(10) ** digits <= dyadic(scale)
        return Enclosure(low, high, digits) if near_zero else None
    return Enclosure(low, high, digits)


def _wide(value: arb) -> Enclosure:
    """Enclosure with as many digits as are certain, at least one asked."""
    middle, radius = dyadic(value.mid()), dyadic(value.rad())
    count = max(1, math.floor(int(value.rel_accuracy_bits()) * math.log10(2)))
    while count > 1 and decimal_digits(middle - radius, middle + radius, count) is None:
        count -= 1
    return Enclosure(middle - radius, middle + radius, count)


class _Run:
    """The set ``{c + Q r}`` intersected with a box, moved by one map at one precision."""

    def __init__(self, program: Program, bits: int, method: Method, opening: Program | None) -> None:
        self.opening = opening
        self.bits = bits
        self.method = method
        self.count = len(program.outputs)
        self.jacobian = program.jacobian
        self.outputs = program.outputs
        self.values = Runner(program, Scalars(Balls(), unite=True))
        self.fine = Runner(program, Scalars(Balls()))
        self.coarse = Runner(program, Scalars(Balls()))
        self.box: list[arb] = []

    def begin(self, state: Sequence[arb]) -> None:
        """Start at a box."""
        self.box = list(state)
        self._split()

    def scale(self) -> arb:
        """Largest entry of the state in absolute value."""
        found = arb(0)
        for x in self.box:
            found = found.max(abs(x.mid()))
        return found

    def advance(self) -> None:
        """One step."""
        if self.opening is not None:
            first, self.opening = Runner(self.opening, Scalars(Balls(), unite=True)), None
            self.box = self._safely(first, self.box, first.program.outputs)
            self._split()
        elif self.method == "plain" or not self.jacobian:
            self.box = self._safely(self.values, self.box, self.outputs)
        else:
            self._mean_value()
        self._check()

    def _split(self) -> None:
        self.centre = [x.mid() for x in self.box]
        self.rest = arb_mat([[x - x.mid()] for x in self.box])
        self.frame = _identity(self.count)

    def _mean_value(self) -> None:
        value = self._safely(self.values, self.centre, self.outputs)
        try:
            slopes, plain = self._over_box()
        except _Blown:
            # The map has a kink in the box: the plain image is what is left.
            self.box = self._safely(self.values, self.box, self.outputs)
            self._split()
            return
        centre = [x.mid() for x in value]
        rounding = arb_mat([[x - x.mid()] for x in value])
        with ctx.workprec(_JACOBIAN_BITS):
            stretched = slopes * self.frame
            frame = _frame(stretched, self.rest)
            try:
                rest = frame.solve(stretched) * self.rest + frame.solve(rounding)
            except ZeroDivisionError:
                frame = _identity(self.count)
                rest = stretched * self.rest + rounding
            spread = frame * rest
        box = [c + spread[i, 0] for i, c in enumerate(centre)]
        narrow = [_narrower(new, old) for new, old in zip(plain, box, strict=True)]
        self.box = [_common(new, old) for new, old in zip(plain, box, strict=True)]
        self.centre, self.rest, self.frame = centre, rest, frame
        if all(narrow):
            self._split()

    def _over_box(self) -> tuple[arb_mat, list[arb]]:
        """Jacobian and image over the box; a few bits are enough unless a comparison needs more."""
        failure: _Blown | None = None
        hull = [c.union(x) for c, x in zip(self.centre, self.box, strict=True)]
        for run, bits in ((self.coarse, _JACOBIAN_BITS), (self.fine, self.bits)):
            with ctx.workprec(bits):
                try:
                    found = self._safely(run, hull, (*self.jacobian, *self.outputs))
                except _Blown as error:
                    failure = error
                    continue
            n = self.count
            rows = [found[n * i : n * (i + 1)] for i in range(n)]
            return arb_mat(rows), found[n * n :]
        assert failure is not None
        raise failure

    def _safely(self, run: Runner, state: Sequence[arb], outputs: Sequence[int]) -> list[arb]:
        try:
            found = run(state, outputs)
        except Undecided:
            raise _Blown("the enclosure is too wide to decide a case or an argument") from None
        if not all(x.is_finite() for x in found):
            raise _Blown("the enclosure is no longer finite")
        return found

    def _check(self) -> None:
        scale = self.scale()
        for x in self.box:
            if not x.mid().is_zero() and int(x.mid().man_exp()[1]) > _MAX_EXPONENT:
                raise _Blown(f"the state exceeds 2^{_MAX_EXPONENT}")
            radius = x.rad()
            if 2 * radius > 1 and 2 * radius > scale:
                raise _Blown("the radius of the enclosure exceeds half of the state")


def _identity(n: int) -> arb_mat:
    return arb_mat([[int(i == j) for j in range(n)] for i in range(n)])


def _frame(stretched: arb_mat, rest: arb_mat) -> arb_mat:
    """Almost orthonormal columns that follow the longest edges of the image of the error set."""
    n = stretched.nrows()
    edges = [[(stretched[i, j] * rest[j, 0].rad()).mid() for i in range(n)] for j in range(n)]
    edges.sort(key=_Longer)
    basis: list[list[arb]] = []
    spare = [[arb(int(i == j)) for i in range(n)] for j in range(n)]
    for edge in [*edges, *spare]:
        if len(basis) == n:
            break
        length = _norm(edge)
        rest_of = edge
        for one in basis:
            along = sum((a * b for a, b in zip(rest_of, one, strict=True)), start=arb(0))
            rest_of = [(a - along * b).mid() for a, b in zip(rest_of, one, strict=True)]
        left = _norm(rest_of)
        # A direction that the earlier ones explain to a few bits is noise.
        if not left > length / 2**20:
            continue
        basis.append([(a / left).mid() for a in rest_of])
    return arb_mat([[basis[j][i] for j in range(n)] for i in range(n)])


class _Longer:
    """Sort key: longer edges first, compared exactly."""

    def __init__(self, edge: Sequence[arb]) -> None:
        self.length = _norm(edge)

    def __lt__(self, other: _Longer) -> bool:
        return bool(self.length > other.length)


def _norm(vector: Sequence[arb]) -> arb:
    return sum((a * a for a in vector), start=arb(0)).sqrt().mid()


def _narrower(new: arb, old: arb) -> bool:
    return bool(2 * new.rad() < old.rad())


def _common(new: arb, old: arb) -> arb:
    """The narrower one of two enclosures of the same number."""
    return new if new.rad() < old.rad() else old
