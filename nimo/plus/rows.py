"""Rows as the engine counts them: copies once, weights without a scale.

The evidence estimates the noise from rows that are taken for independent.  A row that is there
twice (a bootstrap sample, an oversampled class) would say that there is none.
"""

from __future__ import annotations

import numpy as np

_SEED = 0


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


def copies(table: np.ndarray) -> bool:
    """Whether rows that agree in everything are copies of each other, not draws that coincide.

    Where rows coincide by chance, leaving out one column makes many more of them agree, at least
    for the column that the others say least of.  Copies agree whichever column is left out.

    Parameters
    ----------
    table : (n, d), features and response
    """
    hashes = _hashes(table)
    whole = hashes.sum(axis=1, dtype=np.uint64)
    same = _pairs(whole)
    if same == 0:
        return False
    without = (_pairs(whole - hashes[:, j]) for j in range(table.shape[1]))
    return all(2 * same > pairs for pairs in without)


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
