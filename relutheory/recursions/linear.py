"""Linearisation of a recursion at a state: Jacobian, multipliers, time constants and stability, certified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from flint import acb, arb, arb_mat, ctx, fmpq, fmpq_mat

from relutheory.certificate import Enclosure
from relutheory.errors import DomainError, PrecisionError
from relutheory.evaluate.arithmetic import Balls, NotExact, Rationals, Undecided, to_fraction
from relutheory.evaluate.engine import EXACT_BITS, check_digits, working_bits
from relutheory.evaluate.gaussian import symmetric_eigenvalues
from relutheory.recursions.enclosures import enclosure
from relutheory.recursions.runner import Runner, Scalars

if TYPE_CHECKING:
    from relutheory.recursions.recursion import Recursion

__all__ = ["Multiplier", "is_stable", "jacobian", "spectral_radius", "spectrum", "time_constants"]

#: Cancellation may cost this many bits more than the digits need.
_EXTRA_BITS = 2**12
_T = TypeVar("_T")


@dataclass(frozen=True)
class Multiplier:
    """Eigenvalue of the Jacobian of one step.

    Parameters
    ----------
    real, imag : Enclosure
        Its parts; the imaginary part of a real one is exactly 0.
    modulus : Enclosure
        Factor by which its mode shrinks in one step.
    """

    real: Enclosure
    imag: Enclosure
    modulus: Enclosure

    @property
    def is_real(self) -> bool:
        """Whether it is known to be real."""
        return self.imag.exact == 0

    def __str__(self) -> str:
        return str(self.real) if self.is_real else f"{self.real} + ({self.imag}) i"


def jacobian(recursion: Recursion, at: object, digits: int = 30) -> tuple[tuple[Enclosure, ...], ...]:
    """Derivative of one step at a state, row by row, with certified digits.

    Examples
    --------
    >>> from relutheory.recursions import affine_teacher
    >>> from relutheory.recursions.linear import jacobian
    >>> [[x.digits(10) for x in row] for row in jacobian(affine_teacher([0, 1], "1/2"), [0, 1])]
    [['0.7500000000', '-0.1994711402'], ['-0.1994711402', '0.7500000000']]
    """
    state = recursion.read(at, "at")
    exact = _exact_jacobian(recursion, state)
    if exact is not None:
        return tuple(tuple(Enclosure(v, v, check_digits(digits), "exact") for v in row) for row in exact)

    def read(matrix: arb_mat) -> tuple[tuple[Enclosure, ...], ...] | None:
        scale = max((abs(x).upper() for x in matrix.entries()), key=_Ordered).mid()
        rows = [[enclosure(x, digits, scale) for x in row] for row in matrix.tolist()]
        return None if any(x is None for row in rows for x in row) else tuple(map(tuple, rows))  # type: ignore[arg-type]

    return _raised(recursion, state, digits, read)


def spectrum(recursion: Recursion, at: object, digits: int = 30) -> tuple[Multiplier, ...]:
    """Eigenvalues of the Jacobian, the largest modulus first, multiple ones repeated.

    Examples
    --------
    >>> from relutheory.recursions import relu_teacher
    >>> from relutheory.recursions.linear import spectrum
    >>> [str(mu.real.digits(12)) for mu in spectrum(relu_teacher([0, 1], "1/10"), [0, 1])]
    ['0.989894228040', '0.910105771960']
    """
    state = recursion.read(at, "at")

    def read(matrix: arb_mat) -> tuple[Multiplier, ...] | None:
        values = _eigenvalues(matrix, _is_symmetric(recursion, state))
        scale = _norm(matrix)
        found = []
        for value in values:
            parts = [enclosure(x, digits, scale) for x in (value.real, value.imag, abs(value))]
            if any(p is None for p in parts):
                return None
            found.append(Multiplier(*parts))  # type: ignore[arg-type]
        return tuple(sorted(found, key=lambda mu: (-mu.modulus.lower, -mu.real.lower, -mu.imag.lower)))

    return _raised(recursion, state, digits, read)


def time_constants(recursion: Recursion, at: object, digits: int = 30) -> tuple[Enclosure, ...]:
    """Steps ``-1/ln|mu|`` in which a mode shrinks by ``e``, in the order of `spectrum`; negative if it grows.

    Examples
    --------
    >>> from relutheory.recursions import relu_teacher
    >>> from relutheory.recursions.linear import time_constants
    >>> [tau.digits(15) for tau in time_constants(relu_teacher([0, 1], "1/10"), [0, 1])]
    ['98.4525045825258', '10.6163363652093']
    """
    state = recursion.read(at, "at")

    def read(matrix: arb_mat) -> tuple[Enclosure, ...] | None:
        values = sorted((abs(v) for v in _eigenvalues(matrix, _is_symmetric(recursion, state))), key=_Ordered)
        found = [enclosure(arb(0) if v.is_zero() else -1 / v.log(), digits, arb(0)) for v in values[::-1]]
        return None if any(tau is None for tau in found) else tuple(found)  # type: ignore[arg-type]

    return _raised(recursion, state, digits, read)


def spectral_radius(recursion: Recursion, at: object, digits: int = 30) -> Enclosure:
    """Largest modulus of an eigenvalue of the Jacobian.

    Examples
    --------
    >>> from relutheory.recursions import affine_teacher
    >>> from relutheory.recursions.linear import spectral_radius
    >>> spectral_radius(affine_teacher([0, 1], 3), [0, 1]).digits(12)
    '1.69682684120'
    """
    state = recursion.read(at, "at")

    def read(matrix: arb_mat) -> Enclosure | None:
        return enclosure(_radius(recursion, state, matrix), digits, _norm(matrix))

    return _raised(recursion, state, digits, read)


def is_stable(recursion: Recursion, at: object) -> bool:
    """Whether all multipliers at a state have modulus below one: exactly where rational, else by balls.

    Raises
    ------
    PrecisionError
        The spectral radius cannot be told from one.

    Examples
    --------
    >>> from relutheory.recursions import affine_teacher
    >>> from relutheory.recursions.linear import is_stable
    >>> [is_stable(affine_teacher([0, 1], eta), [0, 1]) for eta in ("2.2", "2.3")]
    [True, False]
    """
    state = recursion.read(at, "at")
    exact = _exact_jacobian(recursion, state)
    if exact is not None:
        rows = [[fmpq(v.numerator, v.denominator) for v in row] for row in exact]
        return _inside_circle([to_fraction(c) for c in fmpq_mat(rows).charpoly().coeffs()])

    def read(matrix: arb_mat) -> bool | None:
        radius = _radius(recursion, state, matrix)
        return True if radius < 1 else False if radius > 1 else None

    return _raised(recursion, state, 10, read)


def _inside_circle(coefficients: list[Fraction]) -> bool:
    """Whether all roots of a real polynomial, constant term first, have modulus < 1 (Schur and Cohn)."""
    while len(coefficients) > 1:
        low, high = coefficients[0], coefficients[-1]
        if abs(low) >= abs(high):
            return False
        mirrored = coefficients[::-1]
        coefficients = [high * a - low * b for a, b in zip(coefficients, mirrored, strict=True)][1:]
    return True


def _source(recursion: Recursion, state: tuple[Fraction, ...]) -> Recursion:
    """The recursion whose formula has the derivative at this state."""
    if recursion.linear_at is not None and recursion.linear_at[0] == state:
        return recursion.linear_at[1]
    return recursion


def _is_symmetric(recursion: Recursion, state: tuple[Fraction, ...]) -> bool:
    """Whether the Jacobian is known to be symmetric."""
    return recursion.gradient or state in recursion.symmetric_at


def _exact_jacobian(recursion: Recursion, state: tuple[Fraction, ...]) -> list[list[Fraction]] | None:
    program = _source(recursion, state).program(state)
    if not program.jacobian:
        raise DomainError(f"the recursion {recursion.name} has a function whose derivative is not known")
    run = Runner(program, Scalars(Rationals(EXACT_BITS)))
    try:
        found = run([fmpq(x.numerator, x.denominator) for x in state], program.jacobian)
    except NotExact:
        return None
    except ZeroDivisionError:
        raise DomainError(
            "at must be a state where the recursion is defined, got a division by zero"
        ) from None
    size = recursion.count
    return [[to_fraction(x) for x in found[size * i : size * (i + 1)]] for i in range(size)]


def _raised(
    recursion: Recursion, state: tuple[Fraction, ...], digits: int, read: Callable[[arb_mat], _T | None]
) -> _T:
    """What is read off the enclosed Jacobian, with more bits until it is certain."""
    if recursion.on_a_line(state) and _source(recursion, state) is recursion:
        raise DomainError(
            "at must not be parallel to the ReLU teacher for N >= 2, other than the teacher itself"
        )
    program = _source(recursion, state).program(state)
    bits, limit = working_bits(check_digits(digits)), 4 * working_bits(digits) + _EXTRA_BITS
    while bits <= limit:
        with ctx.workprec(bits):
            run = Runner(program, Scalars(Balls()))
            try:
                entries = run([arb(fmpq(x.numerator, x.denominator)) for x in state], program.jacobian)
                if all(x.is_finite() for x in entries):
                    size = recursion.count
                    rows = [entries[size * i : size * (i + 1)] for i in range(size)]
                    if (found := read(arb_mat(rows))) is not None:
                        return found
            except Undecided:
                pass
        bits *= 2
    raise PrecisionError(f"{digits} digits are not certain at {limit} bits: a kink, a tie or a multiple root")


def _eigenvalues(matrix: arb_mat, symmetric: bool) -> list[acb]:
    if symmetric:
        return [acb(v) for v in symmetric_eigenvalues(matrix)]
    from flint import acb_mat

    if matrix.nrows() == 1:
        return [acb(matrix[0, 0])]
    try:
        values: list[acb] = acb_mat(matrix).eig(multiple=True)
    except (ValueError, ZeroDivisionError):
        raise Undecided from None
    found = []
    for value in values:
        # The spectrum of a real matrix is symmetric: alone with its mirror image, a value is real.
        mirror = value.conjugate()
        alone = sum(bool(other.overlaps(mirror)) for other in values) == 1
        found.append(acb(value.real) if alone and value.imag.contains(0) else value)
    return found


def _radius(recursion: Recursion, state: tuple[Fraction, ...], matrix: arb_mat) -> arb:
    found = arb(0)
    for value in _eigenvalues(matrix, _is_symmetric(recursion, state)):
        found = found.max(abs(value))
    return found


def _norm(matrix: arb_mat) -> arb:
    total = arb(0)
    for x in matrix.entries():
        total += abs(x).upper()
    return total.mid()


class _Ordered:
    """Sort key of balls by their centres, compared exactly."""

    def __init__(self, value: arb) -> None:
        self.centre = value.mid()

    def __lt__(self, other: _Ordered) -> bool:
        return bool(self.centre < other.centre)

    def __gt__(self, other: _Ordered) -> bool:
        return bool(self.centre > other.centre)
