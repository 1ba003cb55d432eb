"""Exact death on infinite one-parameter input sets: a segment, the line, the plane of directions.

A ReLU network maps a polyline to a polyline. Each layer is linear between neighbouring vertices until a
unit changes sign; there a vertex is inserted. A layer is zero on the whole set iff it is zero at every
vertex, so no grid is involved. Biases act as weights of a constant coordinate, so a point is a ray, a point
at infinity has constant 0, and vertices may be rescaled freely.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from relutheory.errors import DomainError
from relutheory.simulate.networks import Initialisation, layer_parameters
from relutheory.simulate.streams import Block, Draws

__all__ = [
    "insert_crossings",
    "line",
    "plane",
    "polyline_first_dead_layers",
    "quadrant",
    "segment",
    "simplify",
]

Array = NDArray[Any]

_NETWORKS_PER_BATCH = 2048


def segment(start: float, end: float, *, bias: bool) -> Array:
    """Return the path of the inputs between two numbers.

    Examples
    --------
    >>> segment(-1.0, 2.0, bias=True).tolist()
    [[-1.0, 1.0], [2.0, 1.0]]
    """
    if not (np.isfinite(start) and np.isfinite(end) and start < end):
        raise DomainError(f"D: a segment with finite start < end, got {start!r}, {end!r}")
    if bias:
        return np.array([[start, 1.0], [end, 1.0]])
    # Without a bias only the rays matter, and the path must not cut through the origin between them.
    return np.array([[start], [0.0], [end]]) if start < 0 < end else np.array([[start], [end]])


def line(*, bias: bool) -> Array:
    """Return the path of all real inputs, ends at infinity included."""
    return np.array([[-1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]) if bias else np.array([[-1.0], [0.0], [1.0]])


def plane() -> Array:
    """Return the closed path of all directions of the plane (zero bias only)."""
    return np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0], [1.0, 0.0]])


def quadrant() -> Array:
    """Return the path of all directions of the quadrant [0, inf)^2 (zero bias only)."""
    return np.array([[1.0, 0.0], [0.0, 1.0]])


def polyline_first_dead_layers(
    init: Initialisation, path: Array, block: Block, first_layer: int = 1
) -> NDArray[np.int64]:
    """Count, over a block of networks, in which layer each one first dies on a whole path of inputs.

    Parameters
    ----------
    init : Initialisation
    path : numpy.ndarray
        Vertices as rows, of dimension d_in, or d_in + 1 with a last constant coordinate when there are
        biases.
    block : Block
    first_layer : int
        Layer the path enters; larger than 1 when the path is the image of the inputs under the layers before.

    Returns
    -------
    numpy.ndarray
        Entry l - 1 counts the networks whose first dead layer is l; the last entry those alive in every
        layer.
    """
    draws = block.draws()
    counts = np.zeros(init.hidden + 1, np.int64)
    for start in range(0, block.size, _NETWORKS_PER_BATCH):
        networks = min(_NETWORKS_PER_BATCH, block.size - start)
        counts += _batch(init, path, draws, networks, first_layer)
    return counts


def _batch(
    init: Initialisation, path: Array, draws: Draws, networks: int, first_layer: int
) -> NDArray[np.int64]:
    counts = np.zeros(init.hidden + 1, np.int64)
    owner = np.repeat(np.arange(networks), len(path))
    points = np.tile(np.asarray(path, np.float64), (networks, 1))
    for layer in range(first_layer, init.hidden + 1):
        weights, biases = layer_parameters(init, draws, layer, networks)
        matrix = np.moveaxis(weights, -1, 0).astype(np.float64)
        if biases is not None:
            matrix = _with_constant(matrix, biases)
        z = np.einsum("voi,vi->vo", matrix[owner], points)
        units = init.widths[layer - 1]
        owner, z = insert_crossings(owner, z, units)
        np.maximum(z[:, :units], 0.0, out=z[:, :units])
        owner, points = simplify(owner, z)
        starts = np.flatnonzero(np.diff(owner, prepend=-1))
        alive = np.maximum.reduceat(points[:, :units].max(axis=1), starts) > 0
        survivors = int(np.count_nonzero(alive))
        counts[layer - 1] = networks - survivors
        if survivors == 0:
            return counts
        keep = alive[owner]
        owner, points = (np.cumsum(alive) - 1)[owner[keep]], points[keep]
        networks = survivors
    counts[-1] = networks
    return counts


def _with_constant(matrix: Array, biases: Array) -> Array:
    """Append the biases as a column and a row that carries the constant coordinate on."""
    networks, fan_out, fan_in = matrix.shape
    full = np.zeros((networks, fan_out + 1, fan_in + 1))
    full[:, :-1, :-1] = matrix
    full[:, :-1, -1] = biases.T
    full[:, -1, -1] = 1.0
    return full


def insert_crossings(owner: Array, z: Array, units: int) -> tuple[Array, Array]:
    """Insert a vertex wherever one of the first `units` coordinates changes sign between neighbours."""
    left = np.flatnonzero(owner[1:] == owner[:-1])
    a, b = z[left, :units], z[left + 1, :units]
    edge, unit = np.nonzero((a < 0) != (b < 0))
    # A coordinate that is exactly zero at one end is no crossing.
    inner = (a[edge, unit] != 0) & (b[edge, unit] != 0)
    edge, unit = edge[inner], unit[inner]
    before = left[edge]
    t = a[edge, unit] / (a[edge, unit] - b[edge, unit])
    crossing = z[before] + t[:, None] * (z[before + 1] - z[before])
    crossing[np.arange(unit.size), unit] = 0.0
    order = np.lexsort((np.concatenate([np.zeros(len(z)), t]), np.concatenate([np.arange(len(z)), before])))
    return np.concatenate([owner, owner[before]])[order], np.concatenate([z, crossing])[order]


def simplify(owner: Array, points: Array) -> tuple[Array, Array]:
    """Scale every vertex to maximum 1 and drop repetitions; zero vertices stay, they separate rays."""
    top = np.abs(points).max(axis=1)
    top[top == 0] = 1.0
    points = points / top[:, None]
    fresh = np.ones(len(points), bool)
    fresh[1:] = (owner[1:] != owner[:-1]) | (points[1:] != points[:-1]).any(axis=1)
    return owner[fresh], points[fresh]
