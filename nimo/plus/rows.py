"""Rows as the engine counts them: copies once, weights without a scale.

The evidence estimates the noise from rows that are taken for independent.  A row that is there
twice (a bootstrap sample, an oversampled class) would say that there is none.
"""

from __future__ import annotations

import numpy as np

_SEED = 0
#: Times as many pairs as by chance that are copies: columns that depend on each other agree more
#: often than by chance, and copies of a table with a few numbers in it more than a thousand times.
BEYOND_CHANCE = 100


def _hashes(columns: np.ndarray) -> np.ndarray:
    """(n, d) numbers that agree where values agree and, but for chance, nowhere else."""
    rng = np.random.default_rng(_SEED)
    bits = np.ascontiguousarray(columns + 0.0).view(np.uint64)  # -0 becomes 0
    odd = rng.integers(2**63, size=(3, columns.shape[1]), dtype=np.uint64) * 2 + 1
    mixed = bits * odd[0]
    mixed ^= mixed >> np.uint64(29)
    mixed *= odd[1]
    mixed ^= mixed >> np.uint64(32)
    return mixed * odd[2]


def _pairs(hashes: np.ndarray) -> float:
    """Number of pairs of rows that agree."""
    counts = np.unique(hashes, return_counts=True)[1].astype(float)
    return float((counts * (counts - 1) / 2).sum())


def _few(values: int, rows: int) -> bool:
    """Whether so few values are levels, which many rows have."""
    return values**2 < rows


def _apart(hashes: np.ndarray) -> np.ndarray:
    """Without columns of levels that say the same as another, whatever the levels are called."""
    seen, kept = set(), []
    for j, column in enumerate(hashes.T):
        first, which = np.unique(column, return_index=True, return_inverse=True)[1:]
        same = first[which].tobytes()
        if not (_few(len(first), len(column)) and same in seen):
            kept.append(j)
        seen.add(same)
    return hashes[:, kept]


def copies(table: np.ndarray) -> bool:
    """Whether rows that agree in everything are copies of each other, not draws that coincide.

    Where rows coincide by chance, leaving out one column makes many more of them agree, at least
    for the column that the others say least of.  Copies agree whichever column is left out, and far
    more often than columns that know nothing of each other would.  A few different rows that are
    there over and over are levels.

    Parameters
    ----------
    table : (n, d), features and response
    """
    n, hashes = len(table), _hashes(table)
    first = np.unique(hashes.sum(axis=1, dtype=np.uint64), return_index=True)[1]
    if len(first) == n or _few(len(first), n):
        return False
    hashes = _apart(hashes)
    whole = hashes.sum(axis=1, dtype=np.uint64)
    d, same = hashes.shape[1], _pairs(whole)
    if not all(2 * same > _pairs(whole - hashes[:, j]) for j in range(d)):
        return False
    # how often columns agree, copies counted once: else they would explain themselves
    once = hashes[first]
    share = np.array([_pairs(column) for column in once.T]) / (len(first) * (len(first) - 1) / 2)
    return same > BEYOND_CHANCE * share.prod() * n * (n - 1) / 2


def distinct(table: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows to fit and their weights.

    Copies count once, with the sum of their weights.  The weights then add up to the number of rows
    of equal weight that would say as much, (sum w)^2 / sum w^2 (Kish, Survey Sampling, 1965), so
    that their scale has no effect.

    Parameters
    ----------
    table : (n, d), features and response
    weight : (n,), positive

    Returns
    -------
    (m,) int, numbers of rows; (m,) weights
    """
    rows = np.arange(len(table))
    # far from 1 their squares would leave the range of numbers
    weight = weight / weight.max()
    if copies(table):
        whole = _hashes(table).sum(axis=1, dtype=np.uint64)
        rows, which = np.unique(whole, return_index=True, return_inverse=True)[1:]
        weight = np.bincount(which, weight)
        order = np.argsort(rows)
        rows, weight = rows[order], weight[order]
    return rows, weight * (weight.sum() / (weight**2).sum())
