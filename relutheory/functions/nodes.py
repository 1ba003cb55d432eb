"""SymPy functions and nodes of the field.

They take symbols and numbers, print themselves in LaTeX and Python, and are enclosed in balls by
`relutheory.evaluate`, which finds the way to do so by the class of the node. None of them evaluates
itself on construction: a statement stays the statement until it is asked for digits.
"""

from __future__ import annotations

from typing import Any

from sympy import Basic, Expr, Function, Lambda, Product, S, Symbol, Tuple, sympify
from sympy.core.relational import Relational

__all__ = [
    "BDP",
    "Alive",
    "BinomialExtinction",
    "Event",
    "Iterate",
    "LargestInteger",
    "QPochhammer",
    "SmallestInteger",
]


class BDP(Function):
    r"""Born-dead probability ``BDP(D)``, the probability that some hidden layer is dead on ``D``.

    .. math:: \operatorname{BDP}(D) = P(\exists\, 1 \le l \le L-1:\ h_l = 0 \text{ on } D)

    It stays symbolic: statements bound it or give it a closed form.
    """

    is_real = True
    is_nonnegative = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = r",\,".join(printer._print(a) for a in self.args)
        text = rf"\operatorname{{BDP}}\left({inner}\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"


class Alive(Function):
    """Probability ``1 - BDP(D)`` that no hidden layer is dead on ``D``."""

    is_real = True
    is_nonnegative = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = r",\,".join(printer._print(a) for a in self.args)
        text = rf"\operatorname{{P}}\left(\text{{alive on }} {inner}\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"


def _limits(limits: Any) -> Tuple:
    index, low, high = limits
    if not isinstance(index, Symbol):
        raise TypeError(f"index = {index!r} must be a Symbol")
    return Tuple(index, sympify(low), sympify(high))


class Event(Symbol):
    """An event or a property in words, for statements that have no formula."""

    def _latex(self, printer: Any) -> str:
        # Words in between dollars would be set as a product of letters.
        marks = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
        marks |= {c: "\\" + c for c in "_{}#$%&"}
        return rf"\text{{{''.join(marks.get(c, c) for c in self.name)}}}"


class _Binder(Expr):
    """An expression with bound symbols; subclasses name them in `bound_symbols`."""

    is_commutative = True
    is_real = True

    @property
    def bound_symbols(self) -> list[Symbol]:
        """Symbols that have no meaning outside the node."""
        raise NotImplementedError

    @property
    def free_symbols(self) -> set[Basic]:
        free: set[Basic] = set().union(*(a.free_symbols for a in self.args))
        return free - set(self.bound_symbols)

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__}({', '.join(printer._print(a) for a in self.args)})"


class Iterate(_Binder):
    r"""Value of ``output`` after iterating a recursion from ``low`` to ``high``.

    The states start at ``initial``; for each index in ``low..high`` all of them are replaced
    *simultaneously* by ``updates``. With ``high = low - 1`` nothing is iterated.

    Parameters
    ----------
    output : Expr
        Expression in the states.
    states : sequence of Symbol
        Bound symbols.
    initial, updates : sequence of Expr
        One for each state; updates may use the states and the index.
    limits : (Symbol, Expr, Expr)
        Index, first and last value, as in ``Sum``.

    Examples
    --------
    >>> from sympy import Symbol, symbols
    >>> from relutheory.functions import Iterate
    >>> a, b = symbols("a b")
    >>> l = Symbol("l", integer=True, positive=True)
    >>> Iterate(a, (a, b), (0, 1), (b, a + b), (l, 1, 10)).doit()
    55
    """

    def __new__(cls, output: Any, states: Any, initial: Any, updates: Any, limits: Any) -> Iterate:
        """Store the arguments unevaluated."""
        states_t, initial_t, updates_t = Tuple(*states), Tuple(*initial), Tuple(*updates)
        if not len(states_t) == len(initial_t) == len(updates_t):
            raise ValueError("states, initial and updates must have the same length")
        obj: Iterate = Expr.__new__(cls, sympify(output), states_t, initial_t, updates_t, _limits(limits))
        return obj

    @property
    def output(self) -> Expr:
        """Expression in the states that is returned."""
        return self.args[0]

    @property
    def states(self) -> Tuple:
        """Bound symbols of the state."""
        return self.args[1]

    @property
    def initial(self) -> Tuple:
        """Values before the first step."""
        return self.args[2]

    @property
    def updates(self) -> Tuple:
        """Right-hand sides of one step."""
        return self.args[3]

    @property
    def limits(self) -> Tuple:
        """Index, first and last value."""
        return self.args[4]

    @property
    def bound_symbols(self) -> list[Symbol]:
        """States and index."""
        return [*self.states, self.limits[0]]

    @property
    def free_symbols(self) -> set[Basic]:
        """Symbols that a value is needed for (the index is bound only in the updates)."""
        inner = (self.output.free_symbols | self.updates.free_symbols) - set(self.bound_symbols)
        outer = self.initial.free_symbols | self.limits[1].free_symbols | self.limits[2].free_symbols
        return set(inner | outer)

    def doit(self, **hints: Any) -> Expr:
        """Unroll the recursion when both limits are integers."""
        index, low, high = self.limits
        if not (low.is_Integer and high.is_Integer):
            return self
        values = list(self.initial)
        for step in range(int(low), int(high) + 1):
            where = dict(zip(self.states, values, strict=True)) | {index: sympify(step)}
            values = [u.subs(where, simultaneous=True) for u in self.updates]
        return self.output.subs(dict(zip(self.states, values, strict=True)), simultaneous=True)

    def _latex(self, printer: Any) -> str:
        index, low, high = (printer._print(x) for x in self.limits)
        before = printer._print(self.limits[1] - 1)
        marks = {s: Symbol(f"{s.name}'") for s in self.states}
        start = r",\ ".join(
            f"{printer._print(s)} = {printer._print(v)}"
            for s, v in zip(self.states, self.initial, strict=True)
        )
        steps = r" \\ & ".join(
            f"{printer._print(marks[s])} = {printer._print(u)}"
            for s, u in zip(self.states, self.updates, strict=True)
        )
        return (
            rf"\left.{printer._print(self.output)}\right|_{{{index} = {high}}}"
            rf"\quad\text{{where}}\quad \begin{{aligned}} & {start} \quad ({index} = {before}) \\"
            rf" & {steps} \quad ({index} = {low}, \dots, {high}) \end{{aligned}}"
        )


class BinomialExtinction(_Binder):
    r"""Probability that a chain of binomial counts has hit zero by the last layer.

    .. math:: M_{l} \mid M_{l-1} = m \ \sim\ \operatorname{Binomial}(n_l,\ s(m)),\qquad
              P(M_{\text{high}} = 0),\quad M_{\text{low}-1} = m_0,\quad s(0) = 0

    Parameters
    ----------
    start : Expr
        Count before the first step.
    success : Lambda
        Success probability ``s(m)``; zero is absorbing whatever ``s(0)`` says.
    trials : Expr
        Number of trials of step ``index``, for example ``widths[l]``.
    limits : (Symbol, Expr, Expr)
        Index, first and last value.
    """

    def __new__(cls, start: Any, success: Lambda, trials: Any, limits: Any) -> BinomialExtinction:
        """Store the arguments unevaluated."""
        obj: BinomialExtinction = Expr.__new__(cls, sympify(start), success, sympify(trials), _limits(limits))
        return obj

    @property
    def start(self) -> Expr:
        """Count before the first step."""
        return self.args[0]

    @property
    def success(self) -> Lambda:
        """Success probability as a function of the count."""
        return self.args[1]

    @property
    def trials(self) -> Expr:
        """Number of trials of one step."""
        return self.args[2]

    @property
    def limits(self) -> Tuple:
        """Index, first and last value."""
        return self.args[3]

    @property
    def bound_symbols(self) -> list[Symbol]:
        """Index."""
        return [self.limits[0]]

    @property
    def free_symbols(self) -> set[Basic]:
        """Symbols that a value is needed for."""
        inner = self.success.free_symbols | self.trials.free_symbols
        outer = self.start.free_symbols | self.limits[1].free_symbols | self.limits[2].free_symbols
        return set((inner - {self.limits[0]}) | outer)

    def _latex(self, printer: Any) -> str:
        index, high = printer._print(self.limits[0]), printer._print(self.limits[2])
        before = printer._print(self.limits[1] - 1)
        (count,) = self.success.variables
        letter = printer._print(count)
        return (
            rf"\operatorname{{P}}\left(M_{{{high}}} = 0\right)"
            rf"\quad\text{{where}}\quad M_{{{before}}} = {printer._print(self.start)},\ "
            rf"M_{{{index}}} \mid M_{{{index} - 1}} = {letter} \sim"
            rf" \operatorname{{Binomial}}\left({printer._print(self.trials)},\ "
            rf"{printer._print(self.success.expr)}\right)"
        )


class _Threshold(_Binder):
    """Common part of the extreme integers that satisfy a monotone condition."""

    name = ""

    def __new__(cls, variable: Symbol, low: Any, condition: Relational, guess: Any = S.NaN) -> _Threshold:
        """Store the arguments unevaluated."""
        obj: _Threshold = Expr.__new__(cls, variable, sympify(low), condition, sympify(guess))
        return obj

    is_integer = True

    @property
    def variable(self) -> Symbol:
        """Bound integer."""
        return self.args[0]

    @property
    def low(self) -> Expr:
        """First integer that is looked at."""
        return self.args[1]

    @property
    def condition(self) -> Relational:
        """Condition on the bound integer; it must change its truth value at most once."""
        return self.args[2]

    @property
    def guess(self) -> Expr:
        """Expression near the answer, or NaN; it only speeds up the search and is never believed."""
        return self.args[3]

    @property
    def bound_symbols(self) -> list[Symbol]:
        """Bound integer."""
        return [self.variable]

    def _sympystr(self, printer: Any) -> str:
        # The guess is no part of the statement.
        shown = ", ".join(printer._print(a) for a in self.args[:3])
        return f"{type(self).__name__}({shown})"

    def _latex(self, printer: Any) -> str:
        variable = printer._print(self.variable)
        return (
            rf"\{self.name}\left\{{{variable} \ge {printer._print(self.low)} :\ "
            rf"{printer._print(self.condition)}\right\}}"
        )


class LargestInteger(_Threshold):
    r"""Largest integer ``n >= low`` with a condition that is true up to it and false after it.

    .. math:: \max\{n \ge \text{low}:\ c(n)\}

    The condition must hold at ``low`` and be monotone (true, then false for ever); both sides are
    compared exactly or by balls at ``n`` and at ``n + 1``, never through a rounded quotient.

    Examples
    --------
    >>> from sympy import Le, Symbol
    >>> from relutheory.evaluate import enclose
    >>> from relutheory.functions import LargestInteger
    >>> n, x = Symbol("n", integer=True), Symbol("x")
    >>> enclose(LargestInteger(n, 1, Le(n**2, x)), {x: 99}).exact
    Fraction(9, 1)
    """

    name = "max"


class SmallestInteger(_Threshold):
    r"""Smallest integer ``n >= low`` with a condition that is false before it and true from it on.

    .. math:: \min\{n \ge \text{low}:\ c(n)\}
    """

    name = "min"


class QPochhammer(Function):
    r"""Infinite product :math:`(a; q)_\infty = \prod_{k \ge 0} (1 - a q^k)`, ``0 <= a <= 1``, ``0 <= q < 1``.

    Enclosed by a partial product and the tail bound
    :math:`1 - a q^K/(1-q) \le \prod_{k \ge K} (1 - a q^k) \le 1`.
    """

    nargs = 2
    is_real = True
    is_nonnegative = True

    def doit(self, **hints: Any) -> Expr:
        """Return the unevaluated SymPy product."""
        a, q = self.args
        k = Symbol("k", integer=True, nonnegative=True)
        return Product(1 - a * q**k, (k, 0, S.Infinity))

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        a, q = (printer._print(x) for x in self.args)
        text = rf"\left({a};\, {q}\right)_{{\infty}}"
        return text if exp is None else rf"{text}^{{{exp}}}"
