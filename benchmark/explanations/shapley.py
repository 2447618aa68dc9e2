"""Shapley values of any function of d features, exact for few features, sampled for many.

The value of a set of features S at a row x is the mean of f over a background sample z in which
the features of S are those of x: v(S) = E_z f(x_S, z_-S), features taken for independent
(interventional values; Lundberg and Lee, 2017; Janzing et al., 2020).
"""

from __future__ import annotations

from math import comb

import numpy as np

EVALUATIONS = 200_000  # of f, at most; decides between exact and sampled, and how many samples
AT_ONCE = 50_000  # rows handed to f in one call: bounds memory, not the result


def exact(f, rows, background):
    """Shapley values over all 2^d sets of features.

    Parameters
    ----------
    f : callable (n, d) -> (n,)
    rows : (m, d)
    background : (b, d)

    Returns
    -------
    (m, d)
    """
    rows, background = np.asarray(rows, float), np.asarray(background, float)
    m, d = rows.shape
    sets = (np.arange(2**d)[:, None] >> np.arange(d)) & 1 == 1
    value = np.empty((2**d, m))
    for index, inside in enumerate(sets):
        mixed = np.where(inside, rows[:, None, :], background[None, :, :])
        value[index] = in_pieces(f, mixed.reshape(-1, d)).reshape(m, -1).mean(axis=1)
    found = np.empty((m, d))
    sizes = sets.sum(axis=1)
    for j in range(d):
        without = np.flatnonzero(~sets[:, j])
        weight = np.array([1 / (d * comb(d - 1, s)) for s in sizes[without]])
        found[:, j] = weight @ (value[without + 2**j] - value[without])
    return found


def sampled(f, rows, background, n_pairs, rng):
    """Shapley values by permutations in pairs, an order of the features and its reverse.

    Each pair walks from one row of the background to the row that is explained.  Orders and
    background rows are the same for all rows and, with the same ``rng``, for all functions: errors
    of sampling are then nearly the same in two functions that are nearly the same.

    Returns
    -------
    values : (m, d)
    standard_error : (m, d)
        Of the mean over pairs, from their spread; NaN for one pair.
    """
    rows, background = np.asarray(rows, float), np.asarray(background, float)
    m, d = rows.shape
    orders = np.array([rng.permutation(d) for _ in range(n_pairs)])
    starts = background[rng.integers(len(background), size=n_pairs)]
    total, squares = np.zeros((m, d)), np.zeros((m, d))
    for order, start in zip(orders, starts, strict=True):
        gain = _walk(f, rows, start, order) + _walk(f, rows, start, order[::-1])
        total += gain / 2
        squares += (gain / 2) ** 2
    mean = total / n_pairs
    if n_pairs < 2:
        return mean, np.full((m, d), np.nan)
    variance = np.maximum(squares / n_pairs - mean**2, 0) * n_pairs / (n_pairs - 1)
    return mean, np.sqrt(variance / n_pairs)


def values(f, rows, background, rng, evaluations=EVALUATIONS):
    """Exact values where that takes no more evaluations of f than allowed, else sampled ones.

    Returns
    -------
    values : (m, d)
    standard_error : (m, d), 0 where they are exact
    """
    m, d = np.shape(rows)
    if d < 30 and 2**d * m * len(background) <= evaluations:
        return exact(f, rows, background), np.zeros((m, d))
    n_pairs = max(2, evaluations // (2 * m * (d + 1)))
    return sampled(f, rows, background, n_pairs, rng)


def _walk(f, rows, start, order):
    """Gains of the features, in the given order, on the way from ``start`` to each row."""
    m, d = rows.shape
    path = np.empty((d + 1, m, d))
    path[0] = start
    for step, j in enumerate(order):
        path[step + 1] = path[step]
        path[step + 1, :, j] = rows[:, j]
    reached = in_pieces(f, path.reshape(-1, d)).reshape(d + 1, m)
    gain = np.empty((m, d))
    gain[:, order] = np.diff(reached, axis=0).T
    return gain


def in_pieces(f, rows):
    """(n,) values of f at (n, d) rows, ``AT_ONCE`` rows in a call."""
    pieces = [f(rows[start : start + AT_ONCE]) for start in range(0, len(rows), AT_ONCE)]
    return np.concatenate([np.asarray(piece, float) for piece in pieces])
