"""What the intervals say about each observation: agrees, disagrees or undecided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from relutheory.errors import DomainError
from relutheory.observations.groups import Group, Stage
from relutheory.observations.intervals import Spread

__all__ = ["STATEMENTS", "Answer", "Verdict", "beside", "differences", "verdicts", "within"]

Answer = Literal["agrees", "disagrees", "undecided"]

#: The observations in words.
STATEMENTS = {
    "O1": "units of layers without skip connections are as a rule open on fewer than half of the inputs",
    "O2": "without skip connections open probabilities tend to fall with depth",
    "O3": "the slow convergence of such units is not an artefact of the initial weights; looked at here: "
    "whether open probabilities after training depend on the initialisation",
}


@dataclass(frozen=True)
class Verdict:
    """An answer and the interval that it rests on.

    Parameters
    ----------
    observation : str
        "O1", "O2" or "O3".
    depth : int
        Hidden layers.
    stack : str
        "plain" or "skip".
    init : str
        Initialisation; for O3 the two that are compared.
    quantity : str
        What was measured.
    spread : Spread
        Its values and interval.
    answer : str or None
        "agrees", "disagrees", "undecided"; None where the observation says nothing, for comparison.
    before : float
        Median of the same quantity before training.
    """

    observation: str
    depth: int
    stack: str
    init: str
    quantity: str
    spread: Spread
    answer: Answer | None
    before: float


def beside(interval: tuple[float, float], threshold: float, side: Literal["above", "below"]) -> Answer:
    """Tell whether an interval lies on one side of a threshold.

    Examples
    --------
    >>> [beside(i, 0.5, "above") for i in ((0.6, 0.7), (0.2, 0.3), (0.4, 0.6))]
    ['agrees', 'disagrees', 'undecided']
    """
    if side not in ("above", "below"):
        raise DomainError(f"side: above or below, got {side!r}")
    low, high = interval
    if low > threshold:
        return "agrees" if side == "above" else "disagrees"
    if high < threshold:
        return "disagrees" if side == "above" else "agrees"
    return "undecided"


def within(intervals: Sequence[tuple[float, float]], margin: float) -> Answer:
    """Tell whether all intervals lie in [-margin, margin], or one wholly outside.

    Examples
    --------
    >>> within([(-0.01, 0.02)], 0.05), within([(0, 0.01), (0.1, 0.2)], 0.05), within([(0, 0.1)], 0.05)
    ('agrees', 'disagrees', 'undecided')
    """
    if not margin > 0:
        raise DomainError(f"margin: a number > 0, got {margin!r}")
    if not intervals:
        raise DomainError("intervals: at least one, got none")
    if any(low > margin or high < -margin for low, high in intervals):
        return "disagrees"
    return "agrees" if all(-margin <= low and high <= margin for low, high in intervals) else "undecided"


def differences(group: Group, other: Group, stage: Stage) -> list[Spread]:
    """Mean open probability of each layer under `other` minus that under `group`, network by network.

    Networks of one number share the order of their mini-batches, pairs of different numbers nothing. The
    intervals hold for all layers together: each has its part of the error (Bonferroni).
    """
    shared = min(len(group), len(other))
    values = other.means(stage)[:shared] - group.means(stage)[:shared]
    # The decimal that a float stands for, so that 1 - confidence is exact.
    confidence = 1 - (1 - Fraction(str(group.confidence))) / group.depth
    return [Spread(tuple(column.tolist()), confidence, -1.0, 1.0) for column in values.T]


def verdicts(groups: Sequence[Group], margin: float = 0.05) -> tuple[Verdict, ...]:
    """Return the answers for groups of networks.

    O1: more than half of the units of all hidden layers are open on fewer than half of the inputs. O2: the
    least-squares slope of the layer means is negative. O3: the layer means of another initialisation differ
    by at most `margin` in every layer from those of the first one; this looks at the state after training,
    not at its speed. The answers are for plain stacks; the same quantities of stacks with skip connections
    stand beside them without an answer.

    Parameters
    ----------
    groups : sequence of Group
    margin : float
        Largest difference of a layer's mean that counts as none, in O3, > 0.

    Returns
    -------
    tuple of Verdict
        Observation by observation.
    """
    if not margin > 0:
        raise DomainError(f"margin: a number > 0, got {margin!r}")
    ordered = sorted(groups, key=lambda g: g.skip)
    return (
        *(_first(group) for group in ordered),
        *(_second(group) for group in ordered if group.depth > 1),
        *_third(ordered, margin),
    )


def _first(group: Group) -> Verdict:
    spread = group.below_half("after")
    answer = None if group.skip else beside(spread.interval, 0.5, "above")
    quantity = "share of units with P < 1/2"
    return _of("O1", group, quantity, spread, answer, group.below_half("before").value)


def _second(group: Group) -> Verdict:
    spread = group.slope("after")
    answer = None if group.skip else beside(spread.interval, 0.0, "below")
    quantity = "slope of mean P, per layer"
    return _of("O2", group, quantity, spread, answer, group.slope("before").value)


def _of(
    name: str, group: Group, quantity: str, spread: Spread, answer: Answer | None, before: float
) -> Verdict:
    return Verdict(name, group.depth, group.stack, group.init, quantity, spread, answer, before)


def _third(groups: Sequence[Group], margin: float) -> list[Verdict]:
    found = []
    firsts: dict[tuple[int, bool], Group] = {}
    for group in groups:
        first = firsts.setdefault((group.depth, group.skip), group)
        if first is group:
            continue
        after, before = (differences(first, group, stage) for stage in ("after", "before"))
        answer = None if group.skip else within([s.interval for s in after], margin)
        largest = max(range(group.depth), key=lambda k: abs(after[k].value))
        found.append(
            Verdict(
                "O3",
                group.depth,
                group.stack,
                f"{group.init} - {first.init}",
                f"difference of mean P, layer {largest + 1}",
                after[largest],
                answer,
                before[largest].value,
            )
        )
    return found
