"""Recursions as objects: a symbolic update that prints, iterates with certified digits and runs in arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sympy import Expr, Float, IndexedBase, Symbol, sympify

from relutheory.certificate import Enclosure
from relutheory.errors import DomainError, PrecisionError
from relutheory.evaluate.engine import check_digits, working_bits
from relutheory.recursions import linear
from relutheory.recursions.enclosures import Method, propagate
from relutheory.recursions.graph import Builder, Program
from relutheory.recursions.orbit import CertifiedOrbit
from relutheory.sets import IntegerSet, RealSet, VectorSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Recursion", "from_expressions"]

#: Chaotic orbits lose a bit or so in each step: this many bits more than the digits need are spent.
EXTRA_BITS = 2**12
_STEPS = IntegerSet(0, 10**7)
_ENTRY = RealSet(None, None)


@dataclass(frozen=True, eq=False, repr=False)
class Recursion:
    r"""A map of a real vector into itself, as a formula with exact parameters.

    Make one with `affine_teacher`, `relu_teacher`, `zero_target`, `bias_only` or `from_expressions`.

    Parameters
    ----------
    name : str
        What it is called in messages.
    state : IndexedBase or tuple of Symbol
        The vector (entries counted from 0) or the scalar states.
    update : tuple of Expr
        Next state: one expression in ``state[index]`` for a vector, one for each scalar state.
    count : int
        Number of entries.
    index : Symbol, optional
        Index of the entries of a vector.
    definitions : tuple of (name, Expr)
        Quantities that the update uses, found anew from each state, in this order.
    bindings : mapping
        Exact values of the parameters.
    labels : tuple of str
        Names of the entries.
    check : callable, optional
        Refuses a starting point in one line.
    flags : callable, optional
        Exact facts about the orbit of a starting point that the formulas ask for.
    parallel : tuple of (Symbol, int)
        Those facts for a unit that is parallel to its ReLU teacher.
    shown : mapping
        Parameters by name.
    letters : mapping
        Values that are printed below the formula, by symbol.
    display : (index, update, definitions), optional
        What is printed in place of formulas that carry all their special cases.
    kind : str
        Which family it belongs to.
    linear_at : (state, Recursion), optional
        A state at which the derivative is taken from another recursion.
    gradient : bool
        Whether the map is a gradient step, so that its Jacobian is symmetric everywhere.
    symmetric_at : tuple of states
        Other states where the Jacobian is symmetric.

    Examples
    --------
    >>> from relutheory.recursions import zero_target
    >>> target = zero_target("1/10")
    >>> [x.digits(12) for x in target.iterate(["1/5", 1], 200)]
    ['-2.30596049767', '0.163359605912']
    """

    name: str
    state: IndexedBase | tuple[Symbol, ...]
    update: tuple[Expr, ...]
    count: int
    index: Symbol | None = None
    definitions: tuple[tuple[Any, Expr], ...] = ()
    bindings: Mapping[Any, Any] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    check: Callable[[tuple[Fraction, ...]], None] | None = None
    flags: Callable[[tuple[Fraction, ...]], Mapping[Symbol, int]] | None = None
    parallel: tuple[tuple[Symbol, int], ...] = ()
    shown: Mapping[str, Any] = field(default_factory=dict)
    letters: Mapping[Any, Any] = field(default_factory=dict)
    display: tuple[Symbol, Expr, tuple[tuple[Any, Expr], ...]] | None = None
    kind: str = ""
    linear_at: tuple[tuple[Fraction, ...], Recursion] | None = None
    gradient: bool = False
    symmetric_at: tuple[tuple[Fraction, ...], ...] = ()

    def __repr__(self) -> str:
        from relutheory.grammar import show

        inner = ", ".join(f"{k} = {show(v)}" for k, v in self.shown.items())
        return f"<Recursion {self.name}: {inner or ', '.join(self.labels)}>"

    def program(self, start: tuple[Fraction, ...]) -> Program:
        """One step as a graph of scalar operations, for orbits from a starting point."""
        flags = tuple(sorted(self.flags(start).items(), key=str)) if self.flags else ()
        return self.program_with(flags)

    def _opening(self, start: tuple[Fraction, ...]) -> Program | None:
        """The first step of a unit that is parallel to its teacher and leaves their line."""
        if self.flags is None or not self.on_a_line(start) or any(self.flags(start).values()):
            return None
        return self.program_with(self.parallel)

    def program_with(self, flags: tuple[tuple[Symbol, int], ...]) -> Program:
        """One step as a graph of scalar operations, for given facts about the orbit."""
        if flags not in self._programs:
            builder = Builder({**self.bindings, **dict(flags)})
            builder.states(self.state, self.count)
            for name, value in self.definitions:
                builder.define(name, value, self.index, self.count)
            if isinstance(self.state, IndexedBase):
                outputs = builder.entries(self.update[0], self.index, self.count)
            else:
                outputs = [builder.expression(u) for u in self.update]
            self._programs[flags] = builder.finished(outputs)
        return self._programs[flags]

    def on_a_line(self, state: tuple[Fraction, ...]) -> bool:
        """Whether a unit of two or more inputs is parallel to its ReLU teacher: the formula is singular."""
        if self.linear_at is None or self.count < 3:
            return False
        pairs = list(zip(state[1:], self.linear_at[0][1:], strict=True))
        return all(a * d == b * c for a, b in pairs for c, d in pairs)

    @cached_property
    def _programs(self) -> dict[tuple[tuple[Symbol, int], ...], Program]:
        return {}

    def read(self, start: Any, name: str = "start") -> tuple[Fraction, ...]:
        """Check a starting point: ``count`` exact numbers.

        Examples
        --------
        >>> from relutheory.recursions import zero_target
        >>> zero_target("1/10").read("1/5,1")
        (Fraction(1, 5), Fraction(1, 1))
        """
        found = VectorSet().read(name, start)
        if len(found) != self.count:
            names = ", ".join(self.labels)
            raise DomainError(f"{name} must have {self.count} entries ({names}), got {len(found)}")
        if self.check is not None:
            self.check(found)
        return found

    def orbit(
        self,
        start: Any,
        steps: int,
        *,
        every: int = 1,
        digits: int = 30,
        max_bits: int | None = None,
        method: Method = "mean value",
    ) -> CertifiedOrbit:
        """Certified enclosures of the states along an orbit.

        Rational orbits stay exact while their numbers are small. Otherwise the error set is carried by the
        mean value theorem, at growing precision until the digits asked for are certain; where the map
        stretches errors too much for ``max_bits``, the result says up to which step it is certified.

        Parameters
        ----------
        start : sequence or str
            Exact initial state.
        steps : int
            Number of steps.
        every : int
            Keep each state whose step is a multiple of this, and the last one.
        digits : int
            Significant digits; of an entry near 0, digits relative to the largest entry.
        max_bits : int, optional
            Highest working precision; by default 4096 bits more than the digits need.
        method : {"mean value", "plain"}
            ``plain`` iterates balls; it needs many more bits and is there for comparison.

        Examples
        --------
        >>> from relutheory.recursions import affine_teacher
        >>> orbit = affine_teacher([-1, 1], "1/10").orbit(["1/10", "1/2"], 100, every=50, digits=20)
        >>> orbit.steps, [x.digits() for x in orbit[100]]
        ((0, 50, 100), ['-0.34076440695714954517', '0.51874407512072880230'])
        """
        count, stride = _STEPS.read("steps", steps), IntegerSet(1).read("every", every)
        first = self.read(start)
        limit = 4 * working_bits(check_digits(digits)) + EXTRA_BITS
        if max_bits is not None:
            limit = IntegerSet(64).read("max_bits", max_bits)
        if method not in ("mean value", "plain"):
            raise DomainError(f"method must be 'mean value' or 'plain', got {method!r}")
        keep = {*range(0, count + 1, stride), count}
        program, opening = self.program(first), self._opening(first)
        found = propagate(program, first, count, keep, digits, limit, method, opening)
        kept = tuple(sorted(found.states))
        return CertifiedOrbit(
            self,
            kept,
            tuple(found.states[k] for k in kept),
            count,
            digits,
            found.certified,
            found.enclosed,
            found.reason,
            found.bits,
        )

    def iterate(
        self, start: Any, steps: int, *, digits: int = 30, max_bits: int | None = None
    ) -> tuple[Enclosure, ...]:
        """Certified state after ``steps`` steps.

        Raises
        ------
        PrecisionError
            The digits are not certain within ``max_bits``; the message names the step where they end.

        Examples
        --------
        >>> from relutheory.recursions import relu_teacher
        >>> [x.digits(12) for x in relu_teacher([-1, 1], "1/10").iterate(["1/10", "1/2"], 10)]
        ['-0.0184203823948', '0.416042897824']
        """
        found = self.orbit(start, steps, every=max(1, steps), digits=digits, max_bits=max_bits)
        if not found.complete:
            raise PrecisionError(f"not certified beyond step {found.enclosed}: {found.reason}")
        return found.final

    def arrays(self, starts: ArrayLike, steps: int, *, every: int | None = None) -> NDArray[np.float64]:
        """Fast trajectories of many initial points in double precision; see `relutheory.recursions.arrays`.

        Examples
        --------
        >>> from relutheory.recursions import zero_target
        >>> zero_target("1/10").arrays([[0.2, 1.0], [-1.0, 1.0]], 200).round(6).tolist()
        [[-2.30596, 0.16336], [-2.391069, 0.508311]]
        """
        from relutheory.recursions.arrays import trajectories

        return trajectories(self, starts, steps, every=every)

    def jacobian(self, at: Any, *, digits: int = 30) -> tuple[tuple[Enclosure, ...], ...]:
        """Certified derivative of one step at a state; see `relutheory.recursions.linear.jacobian`."""
        return linear.jacobian(self, at, digits)

    def spectrum(self, at: Any, *, digits: int = 30) -> tuple[linear.Multiplier, ...]:
        """Certified eigenvalues of the Jacobian, the largest modulus first."""
        return linear.spectrum(self, at, digits)

    def spectral_radius(self, at: Any, *, digits: int = 30) -> Enclosure:
        """Largest modulus of the eigenvalues."""
        return linear.spectral_radius(self, at, digits)

    def time_constants(self, at: Any, *, digits: int = 30) -> tuple[Enclosure, ...]:
        """Steps ``-1/ln|mu|`` in which each mode shrinks by ``e``."""
        return linear.time_constants(self, at, digits)

    def is_stable(self, at: Any) -> bool:
        """Whether all eigenvalues at a state have modulus below one, decided with certainty.

        Examples
        --------
        >>> from relutheory.recursions import relu_teacher
        >>> relu_teacher([0, 1], "1/10").is_stable([0, 1])
        True
        """
        return linear.is_stable(self, at)

    def latex(self) -> str:
        r"""LaTeX of one step with its definitions, without delimiters; it compiles with amsmath.

        Examples
        --------
        >>> from relutheory.recursions import zero_target
        >>> print(zero_target("1/10").latex())
        \begin{aligned}
        h^{+} &= \frac{- \eta J_{1}\left(h\right) + h}{\left|{\eta \Phi\left(h\right) - 1}\right|} \\
        s^{+} &= s \left|{\eta \Phi\left(h\right) - 1}\right|, \\
        \text{with}\quad & \eta = \tfrac{1}{10}
        \end{aligned}
        """
        from relutheory.recursions.typeset import recursion_latex

        return recursion_latex(self)

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"


def from_expressions(
    name: str,
    updates: Mapping[Symbol, Any],
    *,
    parameters: Mapping[Symbol, Any] | None = None,
    definitions: Sequence[tuple[Symbol, Any]] = (),
) -> Recursion:
    r"""Recursion of scalar states from SymPy expressions; all states are replaced simultaneously.

    Parameters
    ----------
    name : str
        What it is called in messages.
    updates : mapping from Symbol to Expr
        Next value of each state.
    parameters : mapping from Symbol to exact number, optional
        Values of the other symbols.
    definitions : sequence of (Symbol, Expr)
        Quantities that the updates use, in this order.

    Examples
    --------
    >>> from sympy import symbols
    >>> from relutheory.recursions import from_expressions
    >>> v, g, beta = symbols("v g beta", real=True)
    >>> heavy_ball = from_expressions("momentum", {v: v - g, g: beta * g + v}, parameters={beta: "9/10"})
    >>> [x.exact for x in heavy_ball.iterate([1, 0], 2)]
    [Fraction(0, 1), Fraction(19, 10)]
    """
    if not updates:
        raise DomainError("updates must name at least one state, got none")
    states = tuple(updates)
    exact = {symbol: _ENTRY.read(str(symbol), value) for symbol, value in (parameters or {}).items()}
    right = tuple(sympify(u) for u in updates.values())
    defined = tuple((symbol, sympify(value)) for symbol, value in definitions)
    known = {*states, *exact, *(symbol for symbol, _ in defined)}
    for expr in (*right, *(value for _, value in defined)):
        if missing := expr.free_symbols - known:
            raise DomainError(f"parameters must give a value of {min(map(str, missing))}, got none")
        if floats := expr.atoms(Float):
            raise DomainError(f"an update must be exact, got the binary float {floats.pop()}")
    return Recursion(
        name,
        states,
        right,
        len(states),
        definitions=defined,
        bindings=exact,
        labels=tuple(map(str, states)),
        shown={str(k): v for k, v in exact.items()},
        letters=exact,
    )
