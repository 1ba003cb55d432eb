"""Derivations re-checked, and the status of a theorem computed from them.

The checker and the derivations are the package `proofs`, which is loaded when it is asked for; nothing
here trusts it more than its verdict on each step.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any

from relutheory.errors import MissingExtraError, RelutheoryError
from relutheory.theorems import Theorem, all_theorems, theorem

__all__ = [
    "ProofAxis",
    "ProofReport",
    "ProofStep",
    "Status",
    "TestAxis",
    "derivation_latex",
    "prove",
    "prove_all",
    "status",
]


class ProofAxis(IntEnum):
    """How a statement is proven; the weakest step of everything that it uses decides."""

    REFUSED = -1
    STATED = 0
    CITED = 1
    DERIVED = 2
    FORMAL = 3

    @property
    def letter(self) -> str:
        """Tier: A formal, B exact kernel, E cited or assumed."""
        return {"FORMAL": "A", "DERIVED": "B"}.get(self.name, "E")


class TestAxis(IntEnum):
    """How a statement is tested."""

    __test__ = False

    REFUTED = -1
    NONE = 0
    INSTANCED = 1
    SIMULATED = 2


@dataclass(frozen=True)
class ProofStep:
    """One accepted step of a derivation."""

    label: str
    rule: str
    claim: str
    uses: tuple[str, ...]
    tier: ProofAxis
    ok: bool = True

    def __str__(self) -> str:
        uses = f" from {', '.join(self.uses)}" if self.uses else ""
        return f"[{self.tier.letter}] {self.label} ({self.rule}{uses}): {self.claim}"


@dataclass(frozen=True)
class ProofReport:
    """Outcome of checking one derivation.

    Parameters
    ----------
    theorem : str
        Id of the theorem.
    tier : ProofAxis
        Weakest of all steps and of everything they use, or ``REFUSED``.
    steps : tuple of ProofStep
        Accepted steps of this derivation, those of used theorems and lemmas not included.
    assumptions : tuple of str
        Hypotheses that were translated into relations, with the reason of each translation; those of used
        theorems are marked with their ids.
    stated : tuple of str
        Arguments in words that the kernel did not check; they lower the tier.
    citations : tuple of str
        Published results that were used; they lower the tier.
    uses : tuple of str
        Other theorems and lemmas, directly or through others.
    seconds : float
    error : str or None
        Why the derivation was refused.
    """

    theorem: str
    tier: ProofAxis
    steps: tuple[ProofStep, ...] = ()
    assumptions: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    seconds: float = 0.0
    error: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the kernel accepted the derivation."""
        return self.error is None

    def summary(self) -> str:
        """One line."""
        if not self.ok:
            return f"{self.theorem}: REFUSED: {self.error}"
        notes = f", {len(self.stated)} in words" if self.stated else ""
        notes += f", {len(self.citations)} cited" if self.citations else ""
        return (
            f"{self.theorem}: {self.tier.name} (tier {self.tier.letter}), {len(self.steps)} steps, "
            f"{len(self.assumptions)} translate hypotheses{notes}, {self.seconds:.2f} s"
        )

    def __str__(self) -> str:
        lines = [self.summary(), *(f"  {s}" for s in self.steps)]
        if self.uses:
            lines.append(f"  uses: {', '.join(self.uses)}")
        for title, items in (
            ("assumes", self.assumptions),
            ("in words", self.stated),
            ("cites", self.citations),
        ):
            lines += [f"  {title}: {item}" for item in items]
        return "\n".join(lines)


@dataclass(frozen=True)
class Status:
    """Proof axis and test axis of a theorem."""

    proof: ProofAxis
    test: TestAxis

    @property
    def refuted(self) -> bool:
        """Whether the tests contradict the statement."""
        return self.test is TestAxis.REFUTED

    def __str__(self) -> str:
        return "REFUTED" if self.refuted else f"{self.proof.name}, {self.test.name}"


def _proofs(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(f"the package of derivations is not installed ({error.name})") from error


@cache
def _library() -> Any:
    return _proofs("proofs.checking").Library()


def prove(id: str) -> ProofReport:
    """Check the derivation of a theorem; a derivation is checked once in a session.

    Parameters
    ----------
    id : str
        Id of the theorem.

    Returns
    -------
    ProofReport
        With ``ok`` false and a message if the kernel refuses a step.

    Raises
    ------
    UnknownTheoremError
        No theorem has this id.

    Examples
    --------
    >>> from relutheory.prove import prove
    >>> report = prove("born-dead-single-point")
    >>> report.ok, report.tier.name
    (True, 'DERIVED')
    """
    record = theorem(id)
    begin = time.perf_counter()
    try:
        checked = _library().theorem(record.id)
    except MissingExtraError:
        raise
    except RelutheoryError as error:
        return ProofReport(
            record.id, ProofAxis.REFUSED, seconds=time.perf_counter() - begin, error=str(error)
        )
    return _report(record.id, checked, time.perf_counter() - begin)


def _report(id: str, checked: Any, seconds: float) -> ProofReport:
    steps = tuple(
        ProofStep(i.step.label, i.step.rule, str(i.step.claim), i.step.uses, ProofAxis[i.tier.name])
        for i in checked.steps
    )
    uses = _used(checked)
    notes: dict[str, list[str]] = {"model": [], "assume": [], "cite": []}
    for origin, item in [("", checked), *((f"[{u}] ", _library().done[u]) for u in uses)]:
        for rule, text in _notes(item):
            notes[rule].append(origin + text)
    return ProofReport(
        id,
        ProofAxis[checked.tier.name],
        steps,
        tuple(notes["model"]),
        tuple(notes["assume"]),
        tuple(notes["cite"]),
        uses,
        seconds,
    )


def _used(checked: Any) -> tuple[str, ...]:
    """Theorems and lemmas that a derivation uses, directly or through others."""
    found: dict[str, None] = {}
    waiting = [checked]
    while waiting:
        for item in waiting.pop().steps:
            for label in item.step.uses:
                if label.startswith(("theorem:", "lemma:")) and label not in found:
                    found[label] = None
                    waiting.append(_library().done[label])
    return tuple(found)


def _notes(checked: Any) -> list[tuple[str, str]]:
    """What a derivation takes from outside the kernel, by rule."""
    found = []
    for item in checked.steps:
        step, c = item.step, item.step.certificate
        if step.rule == "model":
            found.append(("model", f"{c.hypothesis}: {c.reading} [{step.claim}]"))
        elif step.rule == "wording":
            found.append(("model", f"words: {c.meaning} [{step.claim}]"))
        elif step.rule == "assume":
            found.append(("assume", f"{c.argument} [{step.claim}]"))
        elif step.rule == "cite":
            found.append(("cite", f"{c.reference}: {c.statement} [{step.claim}]"))
    return found


def prove_all(stem: str | None = None) -> tuple[ProofReport, ...]:
    """Check the derivations of all theorems, or of one topic."""
    return tuple(prove(t.id) for t in all_theorems(stem))


@cache
def _instanced(id: str) -> TestAxis:
    """Whether evaluation reproduces every reference value of the record."""
    record = theorem(id)
    if not record.examples:
        return TestAxis.NONE
    # Values that are only validated take seconds each: one point of them.
    slow = record.digits < 30
    for example in record.examples[: 1 if slow else None]:
        found = record.evaluate(digits=record.digits if slow else 40, **dict(example.parameters))
        value = found if hasattr(found, "agrees_with") else found[example.result]
        if not value.agrees_with(example.value):
            return TestAxis.REFUTED
    return TestAxis.INSTANCED


def status(record: Theorem, verdicts: Iterable[Any] | None = None) -> Status:
    """Proof axis and test axis, computed now.

    Parameters
    ----------
    record : Theorem
    verdicts : iterable of Verdict, optional
        Outcomes of `relutheory.verify.verify`: with a definite agreement and no contradiction the test axis
        is ``SIMULATED``.

    Returns
    -------
    Status
    """
    tested = _instanced(record.id)
    mine = [v for v in verdicts or () if v.theorem == record.id]
    if any(v.verdict == "contradicts" for v in mine):
        tested = TestAxis.REFUTED
    elif tested is not TestAxis.REFUTED and any(v.verdict == "agrees" for v in mine):
        tested = TestAxis.SIMULATED
    return Status(prove(record.id).tier, tested)


def derivation_latex(id: str) -> str:
    r"""LaTeX of a derivation as an ``enumerate`` list, generated from the steps that are checked.

    Parameters
    ----------
    id : str
        Id of the theorem.

    Returns
    -------
    str
        Needs ``amsmath`` only.

    Examples
    --------
    >>> from relutheory.prove import derivation_latex
    >>> derivation_latex("born-dead-single-point").splitlines()[0]
    '\\begin{enumerate}'
    """
    record = theorem(id)
    text: str = _proofs("proofs.latex").derivation_latex(_proofs("proofs.checking").derivation_of(record))
    return text
