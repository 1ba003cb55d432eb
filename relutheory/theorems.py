"""The record of a theorem and the registry of all records.

A `Theorem` states one result: a SymPy relation, the domain of its parameters, its hypotheses in words,
its source, and by name its derivation and its simulation counterpart. Everything else (values, LaTeX,
cards, tables, tests) is derived from the record.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

from sympy import Eq, Equivalent, Expr, Ge, Implies, Integer, Le, Lt

from relutheory.domain import Bindings, Domain
from relutheory.errors import NoValueError, UnknownTheoremError
from relutheory.references import Source

if TYPE_CHECKING:
    from relutheory.certificate import Enclosure, Values
    from relutheory.estimate import Estimate

__all__ = ["Display", "Example", "Family", "Theorem", "Trial", "Witness", "all_theorems", "theorem"]

Kind = Literal[
    "definition",
    "criterion",
    "identity",
    "upper bound",
    "lower bound",
    "recursion",
    "limit",
    "asymptotic",
    "design",
]
Relation = Literal["=", "<=", ">=", "<", "=>", "<=>"]

_RELATIONS: dict[str, Any] = {"=": Eq, "<=": Le, ">=": Ge, "<": Lt, "=>": Implies, "<=>": Equivalent}

#: Stems in the order of the topics; `theory/<stem>.py` holds the statements of each.
STEMS = ("gaussian", "born_dead", "rai", "single_unit")


@dataclass(frozen=True)
class Example:
    """A reference value: parameters, the value as printed, and the named result it belongs to."""

    parameters: Mapping[str, Any]
    value: str
    result: str = "value"


@dataclass(frozen=True)
class Family:
    """Results with indices: the entries of a vector or a matrix, named ``M_0_1`` and so on.

    Parameters
    ----------
    expr : sympy Expr
        Entry as an expression in the indices.
    indices : tuple of Symbol
        Run from 0 to ``count - 1``.
    count : sympy Expr or tuple of them
        Number of values of each index at a point of the domain.
    """

    expr: Any
    indices: tuple[Any, ...]
    count: Any

    def entries(self, name: str, bindings: Bindings) -> Iterator[tuple[str, Any]]:
        """Names and expressions of all entries at a point."""
        counts = self.count if isinstance(self.count, tuple) else (self.count,) * len(self.indices)
        sizes = (int(c.subs({s: bindings[s] for s in c.free_symbols})) for c in counts)
        for position in product(*map(range, sizes)):
            where = {s: Integer(k) for s, k in zip(self.indices, position, strict=True)}
            yield "_".join([name, *map(str, position)]), self.expr.xreplace(where)


@dataclass(frozen=True)
class Display:
    """How a long statement is printed; what is printed must expand to the statement itself.

    Parameters
    ----------
    parts : mapping
        Printed forms by name: ``lhs``, ``rhs``, the number of a relation of ``also``, or a result.
    names : mapping
        What the names in the printed forms stand for.
    where : str
        LaTeX that explains the names.
    """

    parts: Mapping[Any, Any] = field(default_factory=dict)
    names: Mapping[Any, Any] = field(default_factory=dict)
    where: str = ""


@dataclass(frozen=True)
class Trial:
    """One comparison of a statement with the simulator.

    Parameters
    ----------
    parameters : mapping
        Parameters of the theorem.
    setting : mapping
        What the simulator needs besides: input set, weight law, method.
    relation : {"=", "<=", ">=", "<", ">", "!="}
        How the theorem's value relates to the simulated truth *at this point*: bounds are compared as
        equalities where they are attained. ``<``, ``>`` and ``!=`` mark counter-examples in which a
        hypothesis is dropped, so that the statement must fail.
    result : str
        Named result that is compared; ``"one"`` is the probability 1 of statements without a value.
    share : float
        Samples of this trial as a multiple of the number asked for.
    slack : Fraction
        Proven bound on how far the simulated quantity may be from the one in the statement.
    offset : Fraction
        Exact difference between the value in the statement and the simulated quantity at this point.
    simulator : str
        ``module:function`` where this result needs another one than the witness's.
    """

    parameters: Mapping[str, Any]
    setting: Mapping[str, Any] = field(default_factory=dict)
    relation: Literal["=", "<=", ">=", "<", ">", "!="] = "="
    result: str = "value"
    share: float = 1.0
    slack: Fraction = Fraction(0)
    offset: Fraction = Fraction(0)
    simulator: str = ""


@dataclass(frozen=True)
class Witness:
    """Simulation counterpart of a theorem: a function named by a string and trials chosen for power.

    Parameters
    ----------
    simulator : str
        ``module:function``; it takes the theorem's parameters by name, and the settings of the trial.
    trials : tuple of Trial
        Points of comparison.
    why : str
        Why these points have power.
    left_out : tuple of str
        Parameters of the statement that the simulator does not take (the setting says what stands for them).
    renamed : mapping
        Parameter names of the simulator where they differ.
    """

    simulator: str
    trials: tuple[Trial, ...]
    why: str = ""
    left_out: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)

    def function(self, trial: Trial | None = None) -> Any:
        """Load the simulator function (of a trial)."""
        module, name = ((trial and trial.simulator) or self.simulator).split(":")
        return getattr(importlib.import_module(module), name)


@dataclass(frozen=True, kw_only=True, eq=False)
class Theorem:
    """A statement with everything that is known about it.

    Parameters
    ----------
    id : str
        Permanent kebab-case name.
    stem : str
        Topic; names the module in every room.
    kind, title, meaning : str
        What sort of statement it is, its name and its reading in words.
    lhs, relation, rhs
        The statement in SymPy.
    also : tuple of sympy Boolean
        Further relations that belong to the statement.
    results : mapping
        Expressions that evaluation returns; a single entry ``"value"`` is the bold quantity.
    families : mapping
        Entries of vectors and matrices that evaluation returns besides.
    when : mapping
        Where a result (or family) is defined: a condition on the parameters, a function of their exact
        values, or the name of a parameter of the form in which it is; others are defined everywhere.
    domain : Domain
        Parameters, sets, constraints, a point inside.
    hypotheses : tuple of str
        Complete: weight law, bias, input set, conventions.
    source : Source
        Provenance.
    digits : int
        Significant digits of a value unless a user asks for another number.
    display : Display
        How a long statement is printed.
    invariants : tuple of sympy Expr
        Expressions that vanish on the whole domain; they share their parts with the formula, so that a
        wrong variant of it which no simulation can reject (a true but unproven bound) is caught exactly.
    uses : tuple of str
        Ids of statements that its derivation builds on.
    proof : str
        ``module:name`` of the derivation.
    witness : Witness
        Simulation counterpart.
    examples : tuple of Example
        Reference values.
    """

    id: str
    stem: str
    kind: Kind
    title: str
    meaning: str
    lhs: Any
    relation: Relation
    rhs: Any
    hypotheses: tuple[str, ...]
    source: Source
    proof: str
    witness: Witness
    domain: Domain = field(default_factory=Domain)
    results: Mapping[str, Expr] = field(default_factory=dict)
    families: Mapping[str, Family] = field(default_factory=dict)
    when: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[Any, ...] = ()
    display: Display = field(default_factory=lambda: Display())
    invariants: tuple[Any, ...] = ()
    digits: int = 30
    uses: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()

    @property
    def statement(self) -> Any:
        """The statement as an unevaluated SymPy relation."""
        make = _RELATIONS[self.relation]
        return make(self.lhs, self.rhs, evaluate=False)

    def read(self, **parameters: Any) -> dict[str, Any]:
        """Check parameters against the domain and return their exact values."""
        return self.domain.read(parameters, self.id)

    def bindings(self, **parameters: Any) -> Bindings:
        """Bindings of the statement's symbols at a point of the domain."""
        return self.domain.bind(self.read(**parameters))

    @property
    def formulas(self) -> dict[str, Any]:
        """Formulas of the results and, once each, of the families."""
        named = {"_".join([name, *map(str, f.indices)]): f.expr for name, f in self.families.items()}
        return {**self.results, **named}

    def results_at(self, exact: Mapping[str, Any], bindings: Bindings | None = None) -> dict[str, Any]:
        """Formulas of all results that are defined at a point (`exact` is what `read` returned)."""
        bound = self.domain.bind(exact) if bindings is None else bindings
        found = {name: e for name, e in self.results.items() if self._defined(name, exact, bound)}
        for name, family in self.families.items():
            if self._defined(name, exact, bound):
                found |= family.entries(name, bound)
        return found

    def _defined(self, name: str, exact: Mapping[str, Any], bindings: Bindings) -> bool:
        condition = self.when.get(name)
        if condition is None:
            return True
        if isinstance(condition, str):
            return condition in exact
        if callable(condition):
            return bool(condition(exact))
        from relutheory.evaluate import decide

        return decide(condition, bindings)

    def require_value(self) -> None:
        """Raise `NoValueError` when there is nothing to evaluate."""
        if not self.formulas:
            raise NoValueError(
                f"{self.id} is a {self.kind} without a value: read it with 'relutheory show {self.id}'"
            )

    def evaluate(self, *, digits: int | None = None, **parameters: Any) -> Enclosure | Values:
        """Value at a point of the domain with certified digits.

        Parameters
        ----------
        digits : int, optional
            Significant digits that must be proven, 1 to 100,000; default 30 (12 for values that are only
            validated).
        **parameters
            Named as in the domain; ``N, L`` stands for equal ``widths``.

        Returns
        -------
        Enclosure or Values
            `Values` when the statement has several named results.

        Raises
        ------
        DomainError
            A parameter is missing, superfluous or outside its domain.
        NoValueError
            The statement has no value.
        PrecisionError
            The digits could not be proven.

        Examples
        --------
        >>> import relutheory as rt
        >>> rt.theorem("born-dead-upper-bound").evaluate(N=5, L=10, digits=20).digits(20)
        '0.24854074149973826025'
        """
        from relutheory.certificate import Values
        from relutheory.evaluate import Evaluation

        self.require_value()
        exact = self.read(**parameters)
        bindings = self.domain.bind(exact)
        point = Evaluation(bindings)
        formulas = self.results_at(exact, bindings)
        digits = self.digits if digits is None else digits
        values = {name: point.enclose(expr, digits) for name, expr in formulas.items()}
        return values["value"] if list(values) == ["value"] else Values(values)

    def simulate(
        self, *, samples: int, seed: int, workers: int = 1, progress: bool = False, **parameters: Any
    ) -> Estimate:
        """Simulate the quantity of the statement; same parameter names as `evaluate`.

        Parameters outside the theorem's domain (input set, weight law, method) are passed to the
        simulator; without them those of the first trial of the witness are used.

        Examples
        --------
        >>> import relutheory as rt
        >>> t = rt.theorem("born-dead-single-point")
        >>> t.simulate(N=2, L=3, samples=20_000, seed=0).contains(t.evaluate(N=2, L=3).exact)
        True
        """
        from relutheory.verify import simulate

        return simulate(self, parameters, samples=samples, seed=seed, workers=workers, progress=progress)

    def verify(self, *, samples: int = 100_000, seed: int = 0, workers: int = 1) -> Any:
        """Compare with the simulator at the witness's trials; returns the verdicts."""
        from relutheory.verify import verify

        return verify([self], samples=samples, seed=seed, workers=workers)

    def prove(self) -> Any:
        """Re-check the derivation; returns the checker's report."""
        from relutheory.prove import prove

        return prove(self.id)

    def status(self) -> Any:
        """Proof axis and test axis, computed now."""
        from relutheory.prove import status

        return status(self)

    def latex(self) -> str:
        """LaTeX of the statement, without delimiters."""
        from relutheory.cards import statement_latex

        return statement_latex(self)

    def bibtex(self) -> str:
        """BibTeX entry of the source."""
        from relutheory.references import bibtex

        return bibtex(self.source.key)

    def __repr__(self) -> str:
        return f"Theorem({self.id!r})"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"

    def _repr_html_(self) -> str:
        from relutheory.cards import card_html

        return card_html(self)


@cache
def _registry() -> dict[str, Theorem]:
    registry: dict[str, Theorem] = {}
    for stem in STEMS:
        module = importlib.import_module(f"relutheory.theory.{stem}")
        for record in module.THEOREMS:
            if record.id in registry:
                raise ValueError(f"two theorems have the id {record.id}")
            registry[record.id] = record
    return registry


def all_theorems(stem: str | None = None) -> Iterator[Theorem]:
    """All records in the order of the topics, or those of one stem."""
    return (t for t in _registry().values() if stem is None or t.stem == stem)


def theorem(id: str) -> Theorem:
    """Record with this id.

    Raises
    ------
    UnknownTheoremError
        Names the nearest ids.

    Examples
    --------
    >>> from relutheory.theorems import theorem
    >>> theorem("born-dead-single-point").kind
    'identity'
    """
    registry = _registry()
    if id not in registry:
        near = difflib.get_close_matches(str(id), registry, n=3, cutoff=0.5)
        hint = f": did you mean {' or '.join(near)}?" if near else ": 'relutheory list' shows all"
        raise UnknownTheoremError(f"unknown theorem id {id!r}{hint}")
    return registry[id]
