"""Groups and verdicts as rows of tables and as plain values."""

from __future__ import annotations

from typing import Any

from relutheory.observations.groups import Group
from relutheory.observations.verdicts import STATEMENTS, Verdict

__all__ = ["NAMES", "group_data", "layer_rows", "verdict_data", "verdict_row"]

#: Initialisations as printed.
NAMES = {"he": "He", "lecun": "LeCun", "rai": "RAI"}


def layer_rows(group: Group) -> list[list[str]]:
    """Return a row a layer: where it is, mean P before and after, shares of units after."""
    columns = (
        group.layers("before"),
        group.layers("after"),
        group.below("after", 0.5),
        group.below("after", 0.05),
    )
    dead = group.dead("after")
    return [
        [
            str(group.depth),
            group.stack,
            NAMES[group.init],
            str(k + 1),
            *(str(column[k]) for column in columns),
            f"{dead[k].value:.3f}",
        ]
        for k in range(group.depth)
    ]


def verdict_row(verdict: Verdict) -> list[str]:
    """Return where, what, before, after, answer."""
    # Slopes are small.
    places = 4 if verdict.observation == "O2" else 3
    init = " - ".join(NAMES.get(part, part) for part in verdict.init.split(" - "))
    return [
        verdict.observation,
        str(verdict.depth),
        verdict.stack,
        init,
        verdict.quantity,
        f"{verdict.before:.{places}f}",
        verdict.spread.text(places),
        verdict.answer or "—",
    ]


def group_data(group: Group) -> dict[str, Any]:
    """Return a group as plain JSON values."""
    columns = {
        "mean before": group.layers("before"),
        "mean after": group.layers("after"),
        "below half": group.below("after", 0.5),
        "below 0.05": group.below("after", 0.05),
        "dead": group.dead("after"),
    }
    return {
        "depth": group.depth,
        "stack": group.stack,
        "init": group.init,
        "networks": len(group),
        "training accuracy": group.accuracy("after", "train").as_dict(),
        "held-out accuracy": group.accuracy("after").as_dict(),
        "layers": [
            {"layer": k + 1} | {name: column[k].as_dict() for name, column in columns.items()}
            for k in range(group.depth)
        ],
    }


def verdict_data(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as plain JSON values."""
    return {
        "observation": verdict.observation,
        "statement": STATEMENTS[verdict.observation],
        "depth": verdict.depth,
        "stack": verdict.stack,
        "init": verdict.init,
        "quantity": verdict.quantity,
        "before": verdict.before,
        "after": verdict.spread.as_dict(),
        "answer": verdict.answer,
    }
