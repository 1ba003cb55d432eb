"""Training sets and mini-batches for many networks: shared by all of them, or one for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.simulate.checks import whole

__all__ = ["Data", "Generators", "epochs"]

Array = NDArray[Any]
Generators = np.random.Generator | Sequence[np.random.Generator]

# Steps that share one preparation of the data when every step sees all of it.
_STEPS = 256


@dataclass(frozen=True)
class Data:
    """Samples, (sets, samples, d_in + d_out), with one set for all networks or one for each."""

    table: Array
    d_in: int

    @classmethod
    def of(cls, x: Array, y: Array, networks: int, d_in: int, d_out: int, dtype: Any = np.float64) -> Data:
        """Read a training set in the shapes that `train` takes.

        Examples
        --------
        >>> Data.of(np.zeros((3, 2)), np.zeros(3), networks=5, d_in=2, d_out=1).targets.shape
        (1, 3, 1)
        """
        inputs, targets = np.asarray(x, dtype), np.asarray(y, dtype)
        if inputs.ndim == 2:
            inputs = inputs[None]
        if inputs.ndim != 3 or inputs.shape[0] not in (1, networks) or inputs.shape[2] != d_in:
            wanted = f"(samples, {d_in}) or ({networks}, samples, {d_in})"
            raise DomainError(f"x: shape {wanted}, got {np.shape(x)}")
        shape = (inputs.shape[0], inputs.shape[1], d_out)
        if targets.shape not in _shapes(shape):
            wanted = " or ".join(map(str, _shapes(shape)))
            raise DomainError(f"y: shape {wanted}, got {np.shape(y)}")
        return cls(np.concatenate([inputs, targets.reshape(shape)], axis=2), d_in)

    @property
    def samples(self) -> int:
        """Samples in a set."""
        return int(self.table.shape[1])

    @property
    def targets(self) -> Array:
        """Targets, (sets, samples, d_out)."""
        return self.table[:, :, self.d_in :]

    def batches(self, part: slice, order: Array | None, steps: int, size: int) -> tuple[Array, Array]:
        """Return inputs and targets of `steps` steps for some networks, each (steps, dimension, sets, size).

        Parameters
        ----------
        part : slice
            The networks.
        order : numpy.ndarray or None
            Samples in their order, (samples,) or (networks of the part, samples); None for all, every step.
        steps, size : int
            Steps, and samples a step.
        """
        own = self.table if len(self.table) == 1 else self.table[part]
        if order is None:
            full = own.transpose(2, 0, 1).copy()
            split = np.broadcast_to(full, (steps, *full.shape))
        else:
            chosen = order[..., : steps * size]
            # Places in one long list of samples, set after set.
            places = chosen + self.samples * np.arange(len(own))[:, None]
            drawn = np.take(own.reshape(-1, own.shape[2]), places, axis=0)
            split = np.ascontiguousarray(drawn.reshape(len(drawn), steps, size, -1).transpose(1, 3, 0, 2))
        return split[:, : self.d_in], split[:, self.d_in :]


def _shapes(shape: tuple[int, int, int]) -> list[tuple[int, ...]]:
    """Shapes of targets that mean the full one."""
    found: list[tuple[int, ...]] = [shape]
    if shape[2] == 1:
        found.append(shape[:2])
    if shape[0] == 1:
        found += [full[1:] for full in list(found)]
    return found


def epochs(
    samples: int, size: int | None, generator: Generators | None, networks: int
) -> Iterator[tuple[Array | None, int]]:
    """Yield the order of the samples in each epoch and the number of its steps.

    The order is None if every step sees all samples, (samples,) from one generator, and (networks, samples)
    from a generator for each network; that array is shuffled again in place for the next epoch.

    Examples
    --------
    >>> order, steps = next(epochs(7, 2, np.random.default_rng(0), 1))
    >>> sorted(order.tolist()), steps
    ([0, 1, 2, 3, 4, 5, 6], 3)
    """
    while size is None:
        yield None, _STEPS
    if generator is None:
        raise DomainError("generator: a numpy.random.Generator, or one a network, with batch_size, got None")
    steps = samples // whole("batch_size", size, 1, samples)
    if isinstance(generator, np.random.Generator):
        while True:
            yield generator.permutation(samples), steps
    if len(generator) != networks:
        raise DomainError(f"generator: one, or {networks} of them, got {len(generator)}")
    order = np.tile(np.arange(samples), (networks, 1))
    while True:
        for row, each in zip(order, generator, strict=True):
            each.shuffle(row)
        yield order, steps
