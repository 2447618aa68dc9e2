"""Single-precision sums, rounded in the order in which the original adds.

The last bit of theta decides when a ReLU of a nearly dead unit opens, and one such event moves
later losses by 1e-3.  With these orders the port keeps to the recorded traces of the Julia package
over thousands of epochs.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

LANES = 32  # accumulators of the compiled loop: four vectors of eight
VECTOR = 8
LEAF = 128  # cumulative sums recurse on halves down to blocks shorter than this


def lane_sum(values):
    """Sum of a (k,) float32 array as a vectorised loop adds it."""
    if len(values) < 2:
        return values.sum(dtype=np.float32)
    total = values[0] + values[1]
    stop = 2 + (len(values) - 2) // LANES * LANES
    if stop > 2:
        lanes = values[2:stop].reshape(-1, LANES).copy()
        lanes[0, 0] += total
        vector = np.add.reduce(lanes, axis=0).reshape(-1, VECTOR)
        vector = np.add.reduce(vector, axis=0)
        for half in (4, 2, 1):
            vector = vector[:half] + vector[half:]
        total = vector[0]
    for value in values[stop:]:
        total = total + value
    return total


@lru_cache(maxsize=8)
def _layout(k):
    """Indices (leaves, longest leaf) into k values and a trailing 0, and which are real."""
    lengths = []

    def split(n):
        if n < LEAF:
            lengths.append(n)
        else:
            split(n >> 1)
            split(n - (n >> 1))

    split(k)
    offsets = np.arange(max(lengths))
    real = offsets < np.array(lengths)[:, None]
    starts = np.cumsum([0, *lengths[:-1]])
    return np.where(real, starts[:, None] + offsets, k), real


def pairwise_cumsum(values):
    """Cumulative sums of a (k,) float32 array, k >= 2, by recursive halving."""
    index, real = _layout(len(values) - 1)
    within = np.cumsum(np.append(values[1:], np.float32(0))[index], axis=1, dtype=np.float32)
    totals, before = iter(within[:, -1]), []

    def walk(offset, n):
        if n < LEAF:
            before.append(offset)
            return next(totals)
        left = walk(offset, n >> 1)
        return left + walk(offset + left, n - (n >> 1))

    walk(values[0], len(values) - 1)
    return np.append(values[:1], (within + np.array(before)[:, None])[real])
