"""Run a task over blocks of independent samples, serially or on any executor, and add the results up.

Blocks are seeded by their index and added in the order of their index: the sum is the same for any number of
workers. An interrupt keeps the finished prefix of the blocks.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar

from relutheory.simulate.checks import whole
from relutheory.simulate.streams import Block

__all__ = ["Ensemble", "run_blocks"]


class Addable(Protocol):
    """Anything that adds to its own kind."""

    def __add__(self, other: Self, /) -> Self:
        """Return the sum."""
        ...


Result = TypeVar("Result", bound=Addable)


@dataclass(frozen=True, slots=True)
class Ensemble(Generic[Result]):
    """The sum over the finished blocks, the number of samples in it, and whether all were finished."""

    total: Result
    samples: int
    complete: bool


def run_blocks(
    task: Callable[[Block], Result],
    samples: int,
    block_size: int,
    entropy: int,
    *,
    workers: int = 1,
    executor: Executor | None = None,
    progress: bool = False,
) -> Ensemble[Result]:
    """Add up `task(block)` over blocks that hold `samples` samples in all.

    Parameters
    ----------
    task : callable
        Module-level function (or partial of one) of a `Block`; its results add with ``+``.
    samples : int
        Number of samples, >= 1.
    block_size : int
        Samples a block; part of the definition of the random streams, so never derived from `workers`.
    entropy : int
        Entropy of the run, >= 0.
    workers : int
        Number of processes; 1 runs in this process.
    executor : concurrent.futures.Executor, optional
        Used instead of processes of our own and not shut down. Only `submit` and `result` are called.
    progress : bool
        Show a progress bar on standard error, if tqdm is installed.

    Returns
    -------
    Ensemble
        The sum; after KeyboardInterrupt the sum of the finished blocks 0..j with ``complete=False``.

    Raises
    ------
    DomainError
        If a parameter is outside its domain.
    TypeError
        If `executor` is not an executor.
    KeyboardInterrupt
        If not even the first block was finished.

    Examples
    --------
    >>> run_blocks(lambda block: block.size, 10, 4, entropy=0).total
    10
    """
    for name, value in (("samples", samples), ("block_size", block_size), ("workers", workers)):
        whole(name, value, 1)
    _check_executor(executor)
    blocks = _cut(samples, block_size, entropy)
    with _bar(samples, progress) as advance:
        if executor is not None:
            window = 2 * max(workers, os.cpu_count() or 1)
            return _add_up(_submitted(executor, task, blocks, window), samples, advance)
        if workers == 1 or samples <= block_size:
            return _add_up(((task(block), block.size) for block in blocks), samples, advance)
        with _process_pool(workers) as pool:
            return _add_up(_submitted(pool, task, blocks, 2 * workers), samples, advance)


def _check_executor(executor: object) -> None:
    if executor is None or isinstance(executor, Executor):
        return
    if hasattr(executor, "get_executor"):
        raise TypeError("executor: a Dask client is not an executor; pass client.get_executor(pure=False)")
    if not hasattr(executor, "submit"):
        raise TypeError(f"executor: a concurrent.futures.Executor or None, got {executor!r}")


def _cut(samples: int, block_size: int, entropy: int) -> Iterator[Block]:
    for index, start in enumerate(range(0, samples, block_size)):
        yield Block(index, min(block_size, samples - start), entropy)


def _add_up(
    results: Iterator[tuple[Result, int]], samples: int, advance: Callable[[int], object]
) -> Ensemble[Result]:
    total: Result | None = None
    done = 0
    try:
        for result, size in results:
            total = result if total is None else total + result
            done += size
            advance(size)
    except KeyboardInterrupt:
        if total is None:
            raise
    assert total is not None
    return Ensemble(total, done, done == samples)


def _submitted(
    executor: Executor, task: Callable[[Block], Result], blocks: Iterator[Block], window: int
) -> Iterator[tuple[Result, int]]:
    """Yield results in block order with at most `window` blocks in flight."""
    pending: deque[tuple[Future[Result], int]] = deque()
    try:
        for block in blocks:
            pending.append((executor.submit(task, block), block.size))
            if len(pending) >= window:
                future, size = pending.popleft()
                yield future.result(), size
        while pending:
            future, size = pending.popleft()
            yield future.result(), size
    finally:
        for future, _ in pending:
            future.cancel()


@contextmanager
def _process_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    # A forked copy of a process with threads (a notebook, a BLAS pool) may deadlock; a fork server may not.
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        context.set_forkserver_preload(["numpy"])
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_ignore_interrupts)
    try:
        yield pool
    finally:
        # A second Ctrl-C here would lose what the first one kept, and may leave workers that never end. The
        # wait is short: what is queued is cancelled, and a block takes about a quarter of a second.
        with _deaf_to_interrupts():
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the parent, which keeps what is finished."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _bar(samples: int, progress: bool) -> AbstractContextManager[Callable[[int], object]]:
    if not progress:
        return nullcontext(lambda size: None)
    try:
        from tqdm import tqdm
    except ImportError:
        return nullcontext(lambda size: None)
    return _tqdm_bar(tqdm, samples)


@contextmanager
def _tqdm_bar(tqdm: Any, samples: int) -> Iterator[Callable[[int], object]]:
    with tqdm(total=samples, unit="sample", unit_scale=True) as bar:
        yield bar.update
