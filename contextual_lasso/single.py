"""Single-precision sums, rounded in the order in which the original adds.

The last bit of theta decides when a ReLU of a nearly dead unit opens, and one such event moves
later losses by 1e-3.  With these orders the port keeps to the recorded traces of the Julia package
over thousands of epochs.
"""

from __future__ import annotations

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
        vector = np.add.reduce(np.add.reduce(lanes, axis=0).reshape(-1, VECTOR), axis=0)
        vector = vector[:4] + vector[4:]
        vector = vector[:2] + vector[2:]
        total = vector[0] + vector[1]
    if stop == len(values):
        return total
    # a cumulative sum adds one after the other
    return np.cumsum(np.concatenate(((total,), values[stop:])), dtype=np.float32)[-1]


def pairwise_cumsum(values):
    """Cumulative sums of a (k,) float32 array, by recursive halving."""
    sums = np.array(values, np.float32)

    def add(before, start, n):
        if n >= LEAF:
            left = add(before, start, n >> 1)
            return left + add(before + left, start + (n >> 1), n - (n >> 1))
        block = np.cumsum(sums[start : start + n], dtype=np.float32)
        sums[start : start + n] = block + before
        return block[-1]

    if len(sums) > 1:
        add(sums[0], 1, len(sums) - 1)
    return sums


def active_count(ordered, radius):
    """How many of the values stay positive when projected onto a ball that they are outside of.

    Parameters
    ----------
    ordered : (k,) float32 array, non-negative, descending
    radius : float32
    """
    rank = np.arange(1, len(ordered) + 1)
    sums = np.cumsum(ordered, dtype=np.float64)
    margin = ordered * rank - sums + radius
    count = np.count_nonzero(margin > 0)
    # single-precision sums err by less than this: only a close call needs the original's order
    doubt = 1e-5 * sums[count - 1]
    if margin[count - 1] > doubt and (count == len(ordered) or margin[count] < -doubt):
        return count
    excess = pairwise_cumsum(ordered) - radius
    return int(np.flatnonzero(ordered * rank.astype(np.float32) > excess)[-1]) + 1
