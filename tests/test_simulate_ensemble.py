"""Blocks, streams, workers, interrupts: the same result whoever does the work."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relutheory.errors import DomainError
from relutheory.simulate import born_dead as bd
from relutheory.simulate import ensemble
from relutheory.simulate.angle_chain import CurveMoments, conditional_death
from relutheory.simulate.ensemble import run_blocks
from relutheory.simulate.streams import Block, entropy_of


def first_number(block: Block) -> float:
    return float(block.draws().generator.random())


class Recorder(Executor):
    """Runs a task when its result is asked for, and notes how many are in flight."""

    def __init__(self, interrupt_at: int | None = None) -> None:
        self.in_flight = self.most = self.cancelled = 0
        self.interrupt_at = interrupt_at

    def submit(self, task: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        recorder = self

        class Lazy(Future[Any]):
            def result(self, timeout: float | None = None) -> Any:
                recorder.in_flight -= 1
                if args[0].index == recorder.interrupt_at:
                    raise KeyboardInterrupt
                return task(*args, **kwargs)

            def cancel(self) -> bool:
                recorder.cancelled += 1
                return True

        return Lazy()


def test_blocks_partition_the_samples() -> None:
    seen: list[Block] = []

    def note(block: Block) -> int:
        seen.append(block)
        return block.size

    done = run_blocks(note, 23, 5, 7)
    assert (done.total, done.samples, done.complete) == (23, 23, True)
    assert [block.size for block in seen] == [5, 5, 5, 5, 3]
    assert [block.index for block in seen] == list(range(5))


def test_streams_depend_on_seed_and_block_only() -> None:
    numbers = {first_number(Block(i, size, s)) for i in range(3) for s in range(3) for size in (1, 9)}
    assert len(numbers) == 9
    assert entropy_of(None) != entropy_of(None)
    for bad in (-1, 1.5, True, "x"):
        with pytest.raises(DomainError, match=r"^seed: "):
            entropy_of(bad)


@pytest.mark.parametrize(
    "run",
    [
        partial(bd.born_dead_curve, N=3, L=4, samples=3_000_000, seed=11),
        partial(bd.born_dead_curve, N=40, L=3, samples=300_000, seed=11, method="conditional"),
    ],
)
def test_any_number_of_workers_gives_the_same_estimates(run: Any) -> None:
    alone = run()
    assert alone == run(workers=2)
    assert alone == run(workers=3)


def test_any_executor_gives_the_same_estimates_with_bounded_work_in_flight() -> None:
    alone = run_blocks(first_number, 100, 1, 3)
    executor = Recorder()
    assert run_blocks(first_number, 100, 1, 3, executor=executor, workers=2) == alone
    assert executor.most <= 2 * max(2, os.cpu_count() or 1)
    with ThreadPoolExecutor(3) as threads:
        assert run_blocks(first_number, 100, 1, 3, executor=threads) == alone


def test_an_interrupt_keeps_the_finished_prefix() -> None:
    def interrupted(block: Block) -> float:
        if block.index == 3:
            raise KeyboardInterrupt
        return first_number(block)

    prefix = run_blocks(first_number, 6, 2, 9)
    for done in (
        run_blocks(interrupted, 20, 2, 9),
        run_blocks(first_number, 20, 2, 9, executor=Recorder(interrupt_at=3), workers=2),
    ):
        assert (done.total, done.samples, done.complete) == (prefix.total, 6, False)


def test_an_interrupt_cancels_what_is_pending() -> None:
    executor = Recorder(interrupt_at=1)
    run_blocks(first_number, 100, 1, 0, executor=executor, workers=2)
    assert executor.cancelled == executor.most - 1


def test_an_interrupt_before_the_first_result_is_passed_on() -> None:
    def stop(block: Block) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_blocks(stop, 2, 1, 0)


def test_an_interrupted_estimate_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from relutheory.simulate import born_dead_criteria

    def interrupted(law: Any, block: Block) -> int:
        if block.index:
            raise KeyboardInterrupt
        return block.size // 2

    monkeypatch.setattr(born_dead_criteria, "_count_dead_units", interrupted)
    estimate = bd.unit_dead_frequency(p0=0, samples=3 << 20, seed=0)
    assert not estimate.complete
    assert estimate.samples == 1 << 20


def test_an_error_in_a_block_is_passed_on() -> None:
    def fail(block: Block) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_blocks(fail, 4, 1, 0, executor=Recorder())


def test_a_dask_client_is_refused_with_advice() -> None:
    class Client:
        def submit(self) -> None: ...

        def get_executor(self) -> None: ...

    with pytest.raises(TypeError, match=r"get_executor\(pure=False\)"):
        run_blocks(first_number, 1, 1, 0, executor=Client())
    with pytest.raises(TypeError, match="Executor"):
        run_blocks(first_number, 1, 1, 0, executor=3)


@pytest.mark.parametrize("name", ["samples", "workers"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "2"])
def test_bad_counts_are_named(name: str, value: object) -> None:
    with pytest.raises(DomainError, match=f"^{name}: an integer >= 1, got"):
        bd.unit_dead_frequency(p0=0, **{name: value})


def test_progress_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    run_blocks(first_number, 4, 1, 0, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "4.00/4.00" in err


def test_progress_without_tqdm_is_silent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert run_blocks(first_number, 4, 1, 0, progress=True).samples == 4
    assert capsys.readouterr() == ("", "")


def test_moments_pool_like_one_sample() -> None:
    rng = np.random.default_rng(0)
    x = rng.random((50, 3)) + 1e6
    parts = [
        CurveMoments(len(p), p.mean(axis=0), ((p - p.mean(axis=0)) ** 2).sum(axis=0))
        for p in (x[:7], x[7:20], x[20:])
    ]
    pooled = parts[0] + parts[1] + parts[2]
    assert pooled.count == 50
    np.testing.assert_allclose(pooled.mean, x.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(pooled.squares / 49, x.var(axis=0, ddof=1), rtol=1e-7)


def test_conditional_samples_respect_their_bounds() -> None:
    from relutheory.simulate.angle_chain import conditional_bounds

    for widths in ((2,) * 6, (3, 1, 4), (1, 2, 2), (5, 2, 7, 3)):
        for theta in (np.pi, 2.0, 0.3):
            low, high = conditional_bounds(widths, theta)
            for seed in range(40):
                value = conditional_death(widths, theta, Block(0, 1, seed)).mean
                assert np.all(low <= value)
                assert np.all(value <= high)


INTERRUPTED_POOL = """
import os, signal
from contextlib import nullcontext
from functools import partial
from relutheory.simulate import ensemble
from relutheory.simulate.born_dead_criteria import _count_dead_units
from relutheory.simulate.laws import Uniform

def interrupt_after_five(samples, progress):
    calls = []
    def advance(size):
        calls.append(size)
        if len(calls) == 5:
            os.kill(os.getpid(), signal.SIGINT)
    return nullcontext(advance)

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    task = partial(_count_dead_units, Uniform())
    plain = ensemble._bar
    ensemble._bar = interrupt_after_five
    done = ensemble.run_blocks(task, 10**7, 1000, 3, workers=2)
    ensemble._bar = plain
    assert not done.complete and done.samples == 5000, done
    assert ensemble.run_blocks(task, 5000, 1000, 3).total == done.total
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal to itself")
def test_a_real_interrupt_of_a_process_pool_keeps_the_prefix(tmp_path: Path) -> None:
    script = tmp_path / "interrupted.py"
    script.write_text(INTERRUPTED_POOL)
    # A script has its own directory on the path, not this one.
    root = str(Path(ensemble.__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    subprocess.run([sys.executable, str(script)], check=True, timeout=60, env=env)
