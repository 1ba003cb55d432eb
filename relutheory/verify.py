"""Theorem against simulator: exact intervals, one false-alarm budget, mutants that must be rejected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import isfinite
from typing import Any, Literal

from relutheory import symbols
from relutheory.certificate import Enclosure
from relutheory.domain import IntegerSet, RepeatedWidths
from relutheory.errors import DomainError, PrecisionError, RelutheoryError
from relutheory.estimate import Estimate
from relutheory.grammar import show
from relutheory.mutants import Mutant, mutants_of
from relutheory.theorems import Theorem, Trial, all_theorems

__all__ = ["FALSE_ALARM_BUDGET", "MutantTally", "Verdict", "Verification", "simulate", "verify"]

#: Probability that a run over all statements rejects a true one, by the union bound over all trials.
FALSE_ALARM_BUDGET = Fraction(1, 10**6)
_DIGITS = 20
_EXTRA_BITS = 2**12
_COUNTEREXAMPLE = ("<", ">", "!=")

Outcome = Literal["agrees", "contradicts", "no power"]


@dataclass(frozen=True)
class Verdict:
    """One trial: the certified value, the estimate and what they say about each other.

    ``agrees`` is definite: an inequality that the interval proves, or an equality inside an interval
    that rejects at least one mutant of the formula.
    """

    theorem: str
    label: str
    relation: str
    result: str
    value: str
    estimate: Estimate
    verdict: Outcome
    rejected: tuple[str, ...] = ()

    @property
    def definite(self) -> bool:
        """Whether the trial decided anything."""
        return self.verdict != "no power"

    @property
    def is_counterexample(self) -> bool:
        """Whether a hypothesis is dropped here, so that the statement must fail."""
        return self.relation in _COUNTEREXAMPLE

    def __str__(self) -> str:
        low, high = self.estimate.interval
        name = "probability that it holds" if self.result == "one" else self.result
        return (
            f"{self.theorem} [{self.label}] {name} = {self.value} {self.relation} "
            f"{self.estimate} in [{low:.6g}, {high:.6g}]: {self.verdict}"
        )


@dataclass(frozen=True)
class MutantTally:
    """How many wrong variants of a statement were rejected at its trials.

    ``weaker`` lists variants of a bound that are looser than the bound at every trial: they are true, so
    no simulation can reject them. The exact identities of the test suite do.
    """

    killed: tuple[str, ...] = ()
    survived: tuple[str, ...] = ()
    weaker: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{len(self.killed)}/{len(self.killed) + len(self.survived)}"


@dataclass(frozen=True)
class Verification(Sequence[Verdict]):
    """Verdicts of a run with the mutants of each theorem."""

    verdicts: tuple[Verdict, ...]
    mutants: Mapping[str, MutantTally] = field(default_factory=dict)
    complete: bool = True

    def __len__(self) -> int:
        return len(self.verdicts)

    def __getitem__(self, position: Any) -> Any:
        return self.verdicts[position]

    def definite(self, id: str) -> int:
        """Definite checks of one theorem."""
        return sum(v.definite for v in self.verdicts if v.theorem == id)

    @property
    def contradictions(self) -> tuple[Verdict, ...]:
        """Trials in which the theorem is rejected."""
        return tuple(v for v in self.verdicts if v.verdict == "contradicts")

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that makes the run a failure, in words."""
        lines = [f"contradicted: {v}" for v in self.contradictions]
        for id in dict.fromkeys(v.theorem for v in self.verdicts):
            if not self.definite(id):
                lines.append(f"no definite check: {id}: raise the number of samples")
            if self.mutants[id].survived:
                lines.append(f"wrong variants not rejected: {id}: {'; '.join(self.mutants[id].survived)}")
        return tuple(lines)

    @property
    def ok(self) -> bool:
        """Whether every theorem has a definite check, no contradiction and no surviving mutant."""
        return self.complete and not self.problems


def trials_in_all() -> int:
    """Number of trials of the whole registry; the budget is split over all of them."""
    return sum(len(t.witness.trials) for t in all_theorems())


def confidence() -> Fraction:
    """Confidence of each interval."""
    return 1 - FALSE_ALARM_BUDGET / trials_in_all()


def simulate(record: Theorem, parameters: Mapping[str, Any], **options: Any) -> Estimate:
    """Simulate the quantity of a theorem; see `Theorem.simulate`."""
    own = set(record.domain.names) | ({"N", "L"} if record.domain.has_widths else set())
    chosen = {k: v for k, v in parameters.items() if k in own}
    setting = {k: v for k, v in parameters.items() if k not in own}
    exact = record.read(**chosen)
    first = record.witness.trials[0]
    return _run(record, exact, replace(first, setting=setting or first.setting), options)


def _run(record: Theorem, exact: Mapping[str, Any], trial: Trial, options: Mapping[str, Any]) -> Estimate:
    values = {record.witness.renamed.get(k, k): _plain(v) for k, v in exact.items() if not _is_expression(v)}
    if "widths" in values:
        values["widths"] = tuple(values["widths"])
    # The setting may fix what the simulator needs in place of a parameter of the statement.
    arguments = {k: v for k, v in values.items() if k not in record.witness.left_out} | dict(trial.setting)
    estimate: Estimate = record.witness.function(trial)(**arguments, **options)
    return estimate


def _is_expression(value: Any) -> bool:
    """Whether a value is a default that cannot be typed; the simulator has the same default."""
    return hasattr(value, "free_symbols")


def _plain(value: Any) -> Any:
    """Irrational numbers as floats: simulators know numbers only."""
    return float(value.sympy()) if hasattr(value, "sympy") else value


def verify(
    theorems: Iterable[Theorem] | None = None,
    *,
    samples: int = 100_000,
    seed: int = 0,
    workers: int = 1,
    executor: Executor | None = None,
    progress: bool = False,
) -> Verification:
    """Compare theorems with the simulator.

    Parameters
    ----------
    theorems : iterable of Theorem, optional
        Default: all.
    samples : int
        Samples of a trial (some trials ask for a fixed multiple).
    seed : int
        Entropy; each trial has a stream of its own.
    workers : int
        Processes; the numbers do not depend on it.
    executor : concurrent.futures.Executor, optional
        Where to run instead of processes of our own, for example that of a Dask client.
    progress : bool
        Show a progress bar on standard error.

    Returns
    -------
    Verification
        After an interrupt, the finished trials with ``complete=False``.

    Examples
    --------
    >>> from relutheory.theorems import theorem
    >>> from relutheory.verify import verify
    >>> verify([theorem("born-dead-symmetric-atoms")], samples=20_000).ok
    True
    """
    IntegerSet(1).read("samples", samples)
    IntegerSet(0).read("seed", seed)
    records = list(all_theorems() if theorems is None else theorems)
    numbers = {
        (t.id, i): n
        for n, (t, i) in enumerate((t, i) for t in all_theorems() for i in range(len(t.witness.trials)))
    }
    verdicts: list[Verdict] = []
    tallies: dict[str, MutantTally] = {}
    confident = confidence()
    for record, done in _with_bar(records, progress):
        mutants = _Mutants(record)
        try:
            for i, trial in enumerate(record.witness.trials):
                options = {
                    "samples": max(2, int(samples * trial.share)),
                    "seed": _trial_seed(seed, numbers.get((record.id, i), i)),
                    "workers": workers,
                    "executor": executor,
                    "confidence": confident,
                }
                estimate = _run(record, record.read(**trial.parameters), trial, options)
                if not estimate.complete:
                    raise KeyboardInterrupt
                verdicts.append(_judge(record, trial, estimate, mutants))
                done()
        except KeyboardInterrupt:
            return Verification(tuple(verdicts), tallies | {record.id: mutants.tally()}, complete=False)
        tallies[record.id] = mutants.tally()
    return Verification(tuple(verdicts), tallies)


def _trial_seed(seed: int, number: int) -> int:
    """Entropy of one trial: distinct for all pairs of seed and trial number."""
    return (seed << 16) + number


def _with_bar(records: list[Theorem], progress: bool) -> Iterator[tuple[Theorem, Any]]:
    if not progress:
        for record in records:
            yield record, lambda: None
        return
    from tqdm import tqdm

    with tqdm(total=sum(len(r.witness.trials) for r in records), unit="trial") as bar:
        for record in records:
            bar.set_description(record.id)
            yield record, bar.update


def _judge(record: Theorem, trial: Trial, estimate: Estimate, mutants: _Mutants) -> Verdict:
    point = _Point(record, trial)
    ends = point.value(Mutant("none"))
    if ends is None:
        raise RelutheoryError(f"{record.id} has no value at its own trial {dict(trial.parameters)}")
    interval = _fraction(estimate.low) + trial.offset, _fraction(estimate.high) + trial.offset
    holds = _compare(trial.relation, ends, interval, trial.slack)
    rejected: tuple[str, ...] = ()
    if trial.relation not in _COUNTEREXAMPLE:
        rejected = mutants.confront(trial, point, interval)
    if holds is None:
        holds = True if trial.relation == "=" and rejected else None
    outcome: Outcome = "no power" if holds is None else "agrees" if holds else "contradicts"
    label = ", ".join(f"{k} = {show(v)}" for k, v in {**trial.parameters, **trial.setting}.items())
    return Verdict(record.id, label, trial.relation, trial.result, _text(ends), estimate, outcome, rejected)


def _fraction(end: float) -> Fraction:
    # Infinite ends (a crossing beyond the simulated range) stay far outside every value.
    return Fraction(end) if isfinite(end) else Fraction(10**400) * (1 if end > 0 else -1)


def _compare(
    relation: str, ends: tuple[Fraction, Fraction], interval: tuple[Fraction, Fraction], slack: Fraction
) -> bool | None:
    """True or False when the interval decides ``value relation truth``, else None."""
    (lower, upper), (low, high) = ends, interval
    apart = upper + slack < low or lower - slack > high
    if relation == "=":
        return False if apart else None
    if relation == "!=":
        return True if apart else None
    below, above = upper <= low, lower >= high
    if relation in ("<=", "<"):
        return True if (below if relation == "<=" else upper < low) else (False if lower > high else None)
    return True if (above if relation == ">=" else lower > high) else (False if upper < low else None)


class _Point:
    """A trial of a theorem: its bindings and its formula, found once for all mutants."""

    def __init__(self, record: Theorem, trial: Trial) -> None:
        from sympy import Integer

        exact = record.read(**trial.parameters)
        self.digits = min(_DIGITS, record.digits)
        self.bindings = record.domain.bind(exact)
        #: None where the statement has no value: it then holds with probability one.
        self.formula = record.results_at(exact, self.bindings).get(trial.result)
        self.expr = Integer(1) if self.formula is None else self.formula

    def value(self, mutant: Mutant, expr: Any = None) -> tuple[Fraction, Fraction] | None:
        """Ends of the (mutated) value, or of another expression, or None where it has no value."""
        from relutheory.evaluate import Evaluation

        bindings = mutant.bindings(self.bindings)
        if bindings is None:
            return None
        if {symbols.N, symbols.L} <= set(bindings) and symbols.widths not in bindings:
            # Invariants may compare an equal-width formula with one for general widths.
            widths = RepeatedWidths(bindings[symbols.N], bindings[symbols.L] - 1)
            bindings = {**bindings, symbols.widths: widths}
        try:
            # A wrong variant may have no value at all, which must not be searched for at any cost.
            point = Evaluation(bindings, _EXTRA_BITS)
            found: Enclosure = point.enclose(
                mutant.expression(self.expr if expr is None else expr), self.digits
            )
        except (DomainError, PrecisionError, IndexError, TypeError, ValueError, ZeroDivisionError):
            return None
        return found.lower, found.upper


def _text(ends: tuple[Fraction, Fraction]) -> str:
    if ends[0] == ends[1] and ends[0].denominator < 10**6:
        return str(ends[0])
    return f"{float(ends[0]):.10g}"


def _overlap(one: tuple[Fraction, Fraction], two: tuple[Fraction, Fraction]) -> bool:
    return one[0] <= two[1] and two[0] <= one[1]


class _Mutants:
    """Which mutants of a theorem have been rejected so far."""

    def __init__(self, record: Theorem) -> None:
        self.record = record
        self.killed: dict[tuple[str, str], None] = {}
        self.wrong: dict[tuple[str, str], bool] = {}

    def confront(self, trial: Trial, point: _Point, interval: tuple[Fraction, Fraction]) -> tuple[str, ...]:
        """Names of the mutants that this trial rejects."""
        original = point.value(Mutant("none"))
        rejected = []
        for mutant in mutants_of(self.record, trial.result, point.formula):
            key = trial.result, mutant.name
            ends = point.value(mutant)
            if ends is None or original is None or _overlap(ends, original):
                continue
            looser = self._is_looser(trial.relation, ends, original)
            self.wrong[key] = self.wrong.get(key, False) or not looser
            if _compare(trial.relation, ends, interval, trial.slack) is False:
                self.killed[key] = None
                # A "probability" above one is wrong without any data, so it proves no power.
                if not (0 <= original[0] <= 1) or 0 <= ends[0] <= 1:
                    rejected.append(mutant.name)
            elif self._breaks_invariant(point, mutant):
                self.killed[key] = None
        return tuple(rejected)

    def _breaks_invariant(self, point: _Point, mutant: Mutant) -> bool:
        for invariant in self.record.invariants:
            ends = point.value(mutant, invariant)
            if ends is not None and not ends[0] <= 0 <= ends[1]:
                return True
        return False

    def tally(self) -> MutantTally:
        """Killed, surviving and weaker mutants; those equal to the formula at all trials are none."""
        several = len({result for result, _ in self.wrong}) > 1

        def labels(keys: Iterable[tuple[str, str]]) -> tuple[str, ...]:
            return tuple(f"{k[0]}: {k[1]}" if several else k[1] for k in keys)

        alive = [k for k in self.wrong if k not in self.killed]
        return MutantTally(
            labels(self.killed),
            labels(k for k in alive if self.wrong[k]),
            labels(k for k in alive if not self.wrong[k]),
        )

    def _is_looser(
        self, relation: str, mutant: tuple[Fraction, Fraction], original: tuple[Fraction, Fraction]
    ) -> bool:
        if relation == "<=" or (relation == "=" and self.record.kind == "lower bound"):
            return mutant[1] < original[0]
        return (relation == ">=" or self.record.kind == "upper bound") and mutant[0] > original[1]
