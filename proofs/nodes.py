"""Terms that only derivations use: means over a sample, suprema over states, Gaussian laws.

Means and suprema are binders; the kernel knows nothing about them but the rules `Mean` and `Supremum`.
"""

from __future__ import annotations

from typing import Any

from sympy import Basic, Expr, Symbol, sympify
from sympy.logic.boolalg import Boolean

__all__ = ["LAW", "Always", "Density", "Expect", "GaussianPair", "GaussianUnit", "Law", "Noise", "Sup"]


#: Law of the sample of a mean that stands for an arbitrary law; no term may replace it where a mean occurs.
LAW = Symbol("P")


class _Over(Expr):  # type: ignore[misc]  # SymPy has no types
    """An operator that binds one symbol."""

    is_commutative = True
    is_real = True

    def __new__(cls, body: Any, variable: Symbol) -> _Over:
        obj: _Over = Expr.__new__(cls, sympify(body), variable)
        return obj

    @property
    def body(self) -> Expr:
        """What is averaged or maximised."""
        return self.args[0]

    @property
    def variable(self) -> Symbol:
        """Bound symbol."""
        return self.args[1]

    @property
    def bound_symbols(self) -> list[Symbol]:
        """Bound symbol."""
        return [self.variable]

    @property
    def free_symbols(self) -> set[Basic]:
        """Symbols of the body without the bound one."""
        return set(self.body.free_symbols - {self.variable})

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__}({printer._print(self.body)}, {printer._print(self.variable)})"


class Expect(_Over):
    """Mean of ``body`` over the random sample ``variable``.

    Examples
    --------
    >>> from sympy import symbols
    >>> from proofs.nodes import Expect
    >>> x, w = symbols("x w")
    >>> Expect(x * w, w).free_symbols
    {x}
    """

    def _latex(self, printer: Any) -> str:
        return (
            rf"\operatorname{{E}}_{{{printer._print(self.variable)}}}\left[{printer._print(self.body)}\right]"
        )


class Sup(_Over):
    """Supremum of ``body`` over the non-empty set of states ``variable``."""

    def _latex(self, printer: Any) -> str:
        return rf"\sup_{{{printer._print(self.variable)}}} {printer._print(self.body)}"


class Always(Boolean):  # type: ignore[misc]  # SymPy has no types
    """A property for all values of some symbols; the rule `Generalise` proves it, `Specialise` uses it."""

    def __new__(cls, body: Any, *variables: Symbol) -> Always:
        """Property and the symbols that run through all values."""
        obj: Always = Boolean.__new__(cls, body, *variables)
        return obj

    @property
    def body(self) -> Any:
        """What holds for all values."""
        return self.args[0]

    @property
    def bound_symbols(self) -> list[Symbol]:
        """Symbols that run through all values."""
        return list(self.args[1:])

    @property
    def free_symbols(self) -> set[Basic]:
        """Symbols of the body without the bound ones."""
        return set(self.body.free_symbols - set(self.bound_symbols))

    def _sympystr(self, printer: Any) -> str:
        names = ", ".join(s.name for s in self.bound_symbols)
        return f"(for all {names}: {printer._print(self.body)})"

    def _latex(self, printer: Any) -> str:
        names = ", ".join(printer._print(s) for s in self.bound_symbols)
        return rf"\forall {names}:\ {printer._print(self.body)}"


class Law(Boolean):  # type: ignore[misc]  # SymPy has no types
    """What a hypothesis says about the joint law of gates, preactivations and inputs."""

    names: tuple[str, ...] = ()

    def __new__(cls, **parts: Any) -> Law:
        """Parts by name."""
        if set(parts) != set(cls.names):
            raise TypeError(f"a {cls.__name__} has {', '.join(cls.names)}")
        return cls._make(tuple(parts[name] for name in cls.names))

    @classmethod
    def _make(cls, parts: tuple[Any, ...]) -> Law:
        obj: Law = Boolean.__new__(cls, *parts)
        return obj

    @property
    def func(self) -> Any:
        """Constructor that takes the parts in order."""
        return lambda *parts: type(self)._make(parts)

    def part(self, name: str) -> Any:
        """Part with this name."""
        return self.args[self.names.index(name)]

    def _sympystr(self, printer: Any) -> str:
        parts = ", ".join(f"{n}={printer._print(a)}" for n, a in zip(self.names, self.args, strict=True))
        return f"{type(self).__name__}({parts})"


class GaussianUnit(Law):
    """``y = s (z + h)``, ``gate = 1(z > -h)``, ``xt_i = mt_i + c_i z + r_i``.

    ``z ~ N(0, 1)`` is independent of the centred Gaussian ``r`` with ``E[r_i r_j] = St_ij - c_i c_j``, and
    ``St`` is symmetric. ``x_i = xt_{i+1}`` and ``m_i = mt_{i+1}``.
    """

    names = ("gate", "y", "xt", "x", "m", "h", "s", "mt", "c", "St")

    def _latex(self, printer: Any) -> str:
        gate, y, xt, _, _, h, s, mt, c, _ = (printer._print(a) for a in self.args)
        return (
            rf"{y} = {s} (z + {h}),\ {gate} = 1(z > -{h}),\ {{{xt}}}_i = {{{mt}}}_i + {{{c}}}_i z + r_i,\ "
            r"z \sim N(0, 1) \text{ independent of } r"
        )


class GaussianPair(Law):
    """``y_k = s_k (z_k + h_k)``, ``gate_k = 1(z_k > -h_k)``, ``xt_i = mt_i + g1_i z_1 + g2_i z_2 + r_i``.

    ``(z_1, z_2)`` are standard normal with correlation ``rho`` and independent of the centred Gaussian
    ``r``; ``c1 = g1 + rho g2`` and ``c2 = rho g1 + g2`` are the covariances of ``xt`` with them,
    ``E[r_i r_j] = St_ij - c1_i g1_j - c2_i g2_j``, and ``St`` is symmetric.
    """

    names = (
        "gate1", "gate2", "y1", "y2", "xt", "h1", "h2", "s1", "s2", "rho", "mt", "c1", "c2", "g1", "g2", "St",
    )  # fmt: skip

    def _latex(self, printer: Any) -> str:
        part = {n: printer._print(a) for n, a in zip(self.names, self.args, strict=True)}
        return (
            rf"{part['y1']} = {part['s1']} (z_1 + {part['h1']}),\ {part['y2']} = {part['s2']} (z_2 + "
            rf"{part['h2']}),\ {{{part['xt']}}}_i = {{{part['mt']}}}_i + {{{part['g1']}}}_i z_1 "
            rf"+ {{{part['g2']}}}_i z_2 + r_i"
        )


class Noise(Law):
    """``noise`` has mean 0 and standard deviation ``deviation`` and is independent of the input."""

    names = ("noise", "deviation")

    def _latex(self, printer: Any) -> str:
        noise, deviation = (printer._print(a) for a in self.args)
        return rf"E[{noise}] = 0,\ E[{noise}^2] = {deviation}^2,\ {noise} \text{{ independent of the input}}"


class Density(Law):
    """``xt = (1, x)`` with components 0 to ``top`` and a Gaussian x whose covariance is positive definite."""

    names = ("xt", "St", "top")

    def _latex(self, printer: Any) -> str:
        xt, _, top = (printer._print(a) for a in self.args)
        return rf"({xt}_1, \dots, {xt}_{{{top}}}) \text{{ has a positive density}},\ {xt}_0 = 1"
