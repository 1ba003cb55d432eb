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
from typing import TYPE_CHECKING, Any, Literal

from sympy import Eq, Equivalent, Expr, Ge, Implies, Le, Lt

from relutheory.domain import Bindings, Domain
from relutheory.errors import NoValueError, UnknownTheoremError
from relutheory.references import Source

if TYPE_CHECKING:
    from relutheory.certificate import Enclosure, Values
    from relutheory.estimate import Estimate

__all__ = ["Example", "Theorem", "Trial", "Witness", "all_theorems", "theorem"]

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
STEMS = ("born_dead",)


@dataclass(frozen=True)
class Example:
    """A reference value: parameters, the value as printed, and the named result it belongs to."""

    parameters: Mapping[str, Any]
    value: str
    result: str = "value"


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
    domain : Domain
        Parameters, sets, constraints, a point inside.
    hypotheses : tuple of str
        Complete: weight law, bias, input set, conventions.
    source : Source
        Provenance.
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
    also: tuple[Any, ...] = ()
    invariants: tuple[Any, ...] = ()
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

    def require_value(self) -> None:
        """Raise `NoValueError` when there is nothing to evaluate."""
        if not self.results:
            raise NoValueError(
                f"{self.id} is a {self.kind} without a value: read it with 'relutheory show {self.id}'"
            )

    def evaluate(self, *, digits: int = 30, **parameters: Any) -> Enclosure | Values:
        """Value at a point of the domain with certified digits.

        Parameters
        ----------
        digits : int
            Significant digits that must be proven, 1 to 100,000.
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
        from relutheory.evaluate import enclose

        self.require_value()
        bindings = self.bindings(**parameters)
        values = {name: enclose(expr, bindings, digits=digits) for name, expr in self.results.items()}
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
