"""The verifier accepts what is true, rejects what is false and says when it has no power."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from relutheory import verify as module
from relutheory.mutants import mutants_of
from relutheory.theorems import Trial, all_theorems, theorem
from relutheory.verify import FALSE_ALARM_BUDGET, Verification, confidence, trials_in_all, verify

RECORDS = list(all_theorems())


@pytest.mark.witness
@pytest.mark.parametrize("record", RECORDS, ids=lambda t: t.id)
def test_theorem_against_simulator(record: object, capsys: pytest.CaptureFixture[str]) -> None:
    found = verify([record], samples=100_000, seed=2)
    with capsys.disabled():
        print(
            f"\n  {record.id}: {found.definite(record.id)} definite checks, mutants "
            f"{found.mutants[record.id]}",
            end="",
        )
    assert not found.problems
    assert found.definite(record.id) == len(record.witness.trials)


@pytest.mark.witness
@pytest.mark.parametrize("record", [t for t in RECORDS if t.results], ids=lambda t: t.id)
def test_a_wrong_record_is_contradicted(record: object) -> None:
    for result, expr in record.results.items():
        trials = [t for t in record.witness.trials if t.result == result]
        relations = {t.relation for t in trials}
        assert relations, f"no trial of {result}"
        witness = replace(record.witness, trials=tuple(trials))
        changes = [4 * expr + 3] if relations & {"=", "<="} else []
        changes += [expr / 2 - 1] if relations & {"=", ">="} else []
        assert changes
        for change in changes:
            wrong = {**record.results, result: change}
            found = verify([replace(record, results=wrong, witness=witness, invariants=())], samples=20_000)
            assert found.contradictions, (record.id, change)


def test_the_budget_is_split_over_all_trials() -> None:
    assert (1 - confidence()) * trials_in_all() == FALSE_ALARM_BUDGET
    assert trials_in_all() == sum(len(t.witness.trials) for t in RECORDS)


def test_no_power_is_a_failure() -> None:
    record = theorem("born-dead-width-limit")
    loose = Trial({"widths": (2, 3)}, {"D": "two-sided"}, ">=")
    found = verify([replace(record, witness=replace(record.witness, trials=(loose,)))], samples=2)
    assert [v.verdict for v in found] == ["no power"]
    assert any("no definite check" in p for p in found.problems)
    assert not verify([theorem("born-dead-single-point")], samples=3).ok


def test_a_dropped_hypothesis_that_does_not_matter_is_noticed() -> None:
    record = theorem("born-dead-single-point")
    tame = Trial({"N": 2, "L": 3}, {"D": "point", "law": "uniform"}, "!=")
    changed = replace(record, witness=replace(record.witness, trials=(tame,)))
    assert not verify([changed], samples=20_000).ok


def test_numbers_do_not_depend_on_workers() -> None:
    record = theorem("born-dead-lower-bound-1d")
    one, two = (verify([record], samples=20_000, seed=5, workers=w) for w in (1, 2))
    assert [v.estimate.value for v in one] == [v.estimate.value for v in two]


def test_the_global_generator_is_untouched() -> None:
    before = np.random.get_state()[1].tolist()  # noqa: NPY002  the legacy state is what is watched
    verify([theorem("born-dead-single-point")], samples=1_000)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_seeds_of_trials_are_distinct() -> None:
    first = verify([theorem("born-dead-symmetric-atoms")], samples=100, seed=1)
    second = verify([theorem("born-dead-symmetric-atoms")], samples=100, seed=2)
    seeds = [v.estimate.seed for v in (*first, *second)]
    assert len(set(seeds)) == len(seeds)


def test_interrupt_keeps_the_finished_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = module._run, []

    def interrupted(*arguments: object) -> object:
        calls.append(1)
        estimate = real(*arguments)
        return estimate if len(calls) < 3 else replace(estimate, complete=False)

    monkeypatch.setattr(module, "_run", interrupted)
    found = verify(RECORDS, samples=200)
    assert isinstance(found, Verification)
    assert not found.complete
    assert len(found) == 2


@pytest.mark.parametrize(
    ("relation", "value", "interval", "expected"),
    [
        ("=", (1, 1), (2, 3), False),
        ("=", (4, 4), (2, 3), False),
        ("=", (2, 2), (2, 3), None),
        ("<=", (1, 1), (2, 3), True),
        ("<=", (4, 4), (2, 3), False),
        ("<=", (2, 3), (2, 3), None),
        (">=", (3, 3), (2, 3), True),
        (">=", (1, 1), (2, 3), False),
        ("!=", (1, 1), (2, 3), True),
        ("!=", (2, 2), (2, 3), None),
        ("<", (2, 2), (2, 3), None),
        (">", (4, 4), (2, 3), True),
    ],
)
def test_comparisons_are_three_valued(
    relation: str, value: tuple[int, int], interval: tuple[int, int], expected: bool | None
) -> None:
    ends = tuple(map(Fraction, value)), tuple(map(Fraction, interval))
    assert module._compare(relation, ends[0], ends[1], Fraction(0)) is expected


def test_every_formula_has_mutants() -> None:
    for record in RECORDS:
        for result in record.results or record.families or ["one"]:
            formula = record.families[result].expr if result in record.families else None
            assert len(list(mutants_of(record, result, formula))) >= 2


# The cluster's event loop and sockets are the library's business.
@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_gives_the_same_numbers() -> None:
    from click.testing import CliRunner
    from distributed import LocalCluster

    from relutheory.cli import cli

    arguments = ["verify", "born-dead-orthogonal", "--samples", "20000", "--quiet"]
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        remote = CliRunner().invoke(cli, [*arguments, "--dask", cluster.scheduler_address])
    assert remote.exit_code == 0, remote.output
    assert remote.output == CliRunner().invoke(cli, arguments).output
