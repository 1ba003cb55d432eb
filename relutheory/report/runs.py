"""The expensive parts, in blocks that survive an interrupt: verification, simulated curves, training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from relutheory.errors import MissingExtraError
from relutheory.estimate import BinomialCount, BoundedMoments, Estimate
from relutheory.report.files import Blocks, OutputDirectory, cannot_write, source_fingerprint
from relutheory.theorems import Theorem

if TYPE_CHECKING:
    from relutheory.experiments import TrainingTable
    from relutheory.observations import Observations
    from relutheory.simulate.learners import LearnerRuns, LearnerSettings

__all__ = [
    "Interrupted",
    "Outcome",
    "estimate_from",
    "observed",
    "simulated_curves",
    "simulated_learners",
    "simulated_rai_curves",
    "trained",
    "verified",
]

CURVE_CONFIDENCE = 0.99
#: Margins of the teacher and step sizes of the ensembles of single units, and the runs of each at most.
LEARNER_MARGINS, LEARNER_SIZES = (1, 0, -1), (Fraction(1, 20), Fraction(1, 100))
LEARNER_RUNS, LEARNER_TIME = 2000, 40
#: Networks of each kind and passes over the training set, at most.
OBSERVED_NETWORKS, OBSERVED_EPOCHS = 12, 10


class Interrupted(Exception):
    """The user stopped the run; finished blocks are kept."""


@dataclass(frozen=True)
class Outcome:
    """Verification of one theorem in numbers."""

    id: str
    agrees: int
    contradicts: int
    no_power: int
    rejected: int
    mutants: int
    problems: tuple[str, ...]


def verified(
    records: Sequence[Theorem], blocks: Blocks, *, samples: int, seed: int, workers: int, progress: bool
) -> Iterator[Outcome]:
    """Verify theorem by theorem, reusing what an earlier run finished."""
    from relutheory.verify import verify

    for record in _with_bar(records, "verify", progress):
        name = f"verification/{record.id}"
        data = blocks.load(name)
        if data is None:
            found = verify([record], samples=samples, seed=seed, workers=workers)
            if not found.complete:
                raise Interrupted
            data = blocks.save(name, _verification_data(record.id, found))
        counts = {
            word: sum(v["verdict"] == word for v in data["verdicts"])
            for word in ("agrees", "contradicts", "no power")
        }
        yield Outcome(
            record.id,
            counts["agrees"],
            counts["contradicts"],
            counts["no power"],
            len(data["mutants"]["killed"]),
            len(data["mutants"]["killed"]) + len(data["mutants"]["survived"]),
            tuple(data["problems"]),
        )


def _verification_data(id: str, found: Any) -> dict[str, Any]:
    tally = found.mutants[id]
    return {
        "verdicts": [
            {
                "label": v.label,
                "result": v.result,
                "value": v.value,
                "relation": v.relation,
                "verdict": v.verdict,
                "estimate": v.estimate.as_dict(),
            }
            for v in found
        ],
        "mutants": {
            "killed": list(tally.killed),
            "survived": list(tally.survived),
            "weaker": list(tally.weaker),
        },
        "problems": list(found.problems),
    }


def simulated_curves(
    widths: Sequence[int],
    depth: int,
    blocks: Blocks,
    *,
    method: str,
    samples: int,
    seed: int,
    workers: int,
    progress: bool,
) -> dict[int, dict[int, Estimate]]:
    """Born-dead probability of Gaussian networks on two-sided inputs by width and depth ``2..depth``."""
    from relutheory.simulate.born_dead import born_dead_curve

    run = partial(born_dead_curve, method=method, samples=samples, seed=seed, workers=workers)
    return _curves(widths, depth, blocks, method, f"simulate ({method})", run, progress)


def simulated_rai_curves(
    widths: Sequence[int],
    depth: int,
    blocks: Blocks,
    *,
    samples: int,
    seed: int,
    workers: int,
    progress: bool,
) -> dict[int, dict[int, Estimate]]:
    """Born-dead probability of RAI networks at one input by width and depth ``2..depth``."""
    from relutheory.simulate.rai import born_dead_rai_curve

    run = partial(born_dead_rai_curve, samples=samples, seed=seed, workers=workers)
    return _curves(widths, depth, blocks, "rai", "simulate (RAI)", run, progress)


def _curves(
    widths: Sequence[int],
    depth: int,
    blocks: Blocks,
    name: str,
    words: str,
    run: Callable[..., Mapping[int, Estimate]],
    progress: bool,
) -> dict[int, dict[int, Estimate]]:
    """Curves by width, each stored as a block."""
    curves: dict[int, dict[int, Estimate]] = {}
    for width in _with_bar(widths, words, progress):
        block = f"curves/{name}-{width}-{depth}"
        data = blocks.load(block)
        if data is None:
            data = blocks.save(block, _finished(run(N=width, L=depth, confidence=CURVE_CONFIDENCE)))
        curves[width] = {int(length): estimate_from(e) for length, e in data.items()}
    return curves


def _finished(curve: Mapping[int, Estimate]) -> dict[str, Any]:
    if not all(e.complete for e in curve.values()):
        raise Interrupted
    return {str(length): e.as_dict() for length, e in curve.items()}


def simulated_learners(
    blocks: Blocks, *, samples: int, seed: int, workers: int, progress: bool
) -> list[LearnerRuns]:
    """Ensembles of single units with affine teachers from one starting point, by margin and step size."""
    from relutheory.simulate.angle_chain import CurveMoments
    from relutheory.simulate.learners import LearnerRuns, train_learners

    wanted = [_learners(h, eta) for h in LEARNER_MARGINS for eta in LEARNER_SIZES]
    found = []
    for settings in _with_bar(wanted, "simulate (units)", progress):
        name = f"learners/{settings.target[0]:g}-{settings.steps}"
        data = blocks.load(name)
        if data is None:
            done = train_learners(settings, runs=min(samples, LEARNER_RUNS), seed=seed, workers=workers)
            if not done.complete:
                raise Interrupted
            curves = {"mean": done.moments.mean.tolist(), "squares": done.moments.squares.tolist()}
            data = blocks.save(name, {"runs": done.runs, **curves})
        moments = CurveMoments(data["runs"], *(_array(data[part]) for part in ("mean", "squares")))
        found.append(LearnerRuns(settings, data["runs"], moments, seed, complete=True))
    return found


def _learners(margin: int, eta: Fraction) -> LearnerSettings:
    from relutheory.simulate.learners import LearnerSettings

    # The unit starts at a right angle to the teacher, open on half of the inputs.
    target, start = (margin, 1, 0, 0, 0), (0, 0, 1, 0, 0)
    steps = int(LEARNER_TIME / eta)
    return LearnerSettings(target, eta, steps, "affine", sig=0.1, theta0=start, every=steps // 80)


def _array(values: Any) -> Any:
    import numpy as np

    return np.array(values, float)


def trained(
    output: OutputDirectory,
    *,
    networks: int,
    steps: int,
    seed: int,
    workers: int,
    progress: bool,
) -> TrainingTable:
    """Training experiments, with a journal of the finished blocks beside the results.

    After an interrupt the table has fewer rows, or none, and ``complete`` is False.
    """
    from relutheory.experiments import TrainingTable, training_table

    journal = _journal("training")
    try:
        found = training_table(
            networks=networks,
            steps=steps,
            seed=seed,
            workers=workers,
            progress=progress,
            directory=output.path / journal,
        )
    except KeyboardInterrupt:
        found = TrainingTable((), complete=False)
    except OSError as error:
        raise cannot_write(output.path, error) from error
    _add_journal(output, journal)
    return found


def observed(
    output: OutputDirectory, *, networks: int, steps: int, seed: int, workers: int, progress: bool
) -> Observations | None:
    """Open probabilities of trained networks, with a journal of the finished networks beside the results.

    None after an interrupt before anything was finished; otherwise ``complete`` is False after one.
    """
    from relutheory.observations import observe

    journal = _journal("observations")
    try:
        found = observe(
            depths=(6,),
            width=32,
            inits=("he", "lecun"),
            replicas=min(networks, OBSERVED_NETWORKS),
            epochs=min(steps, OBSERVED_EPOCHS),
            seed=seed,
            workers=workers,
            progress=progress,
            directory=output.path / journal,
        )
    except KeyboardInterrupt:
        return None
    except OSError as error:
        raise cannot_write(output.path, error) from error
    _add_journal(output, journal)
    return found


def _journal(name: str) -> str:
    """Directory of a journal: like blocks it is reused by the same sources only, its files name settings."""
    return f"data/{name}/{source_fingerprint()[:12]}"


def _add_journal(output: OutputDirectory, journal: str) -> None:
    files = sorted(p for p in (output.path / journal).rglob("*") if p.is_file())
    output.written += [p.relative_to(output.path).as_posix() for p in files if p.suffix in (".json", ".npz")]


def estimate_from(data: Mapping[str, Any]) -> Estimate:
    """Estimate of its plain data.

    Examples
    --------
    >>> from relutheory.estimate import BinomialCount, Estimate
    >>> from relutheory.report.runs import estimate_from
    >>> e = Estimate(BinomialCount(3, 10), seed=5)
    >>> estimate_from(e.as_dict()).interval == e.interval
    True
    """
    kinds = {kind.kind: kind for kind in (BinomialCount, BoundedMoments)}
    return Estimate(
        kinds[data["interval"]](**data["statistic"]),
        confidence=data["confidence"],
        seed=data["seed"],
        method=data["method"],
        simulator=data["simulator"],
        parameters=data["parameters"],
        complete=data["complete"],
    )


def _with_bar(items: Iterable[Any], words: str, progress: bool) -> Iterable[Any]:
    if not progress:
        return items
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise MissingExtraError("progress bars need tqdm: pip install 'relutheory[cli]'") from error
    return tqdm(items, desc=words)  # type: ignore[no-any-return]  # tqdm has no types
