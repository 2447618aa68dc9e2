"""Rows split off to choose and to stop by, and rows that count several times."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import _check_sample_weight


def repetitions(X: np.ndarray, sample_weight: Any) -> np.ndarray:
    """How often each row of X (n, d) counts, (n,) int; networks are trained on whole rows.

    Raises
    ------
    ValueError
        A weight that is no whole number, unless all are equal; fewer than two rows in all.
    """
    if sample_weight is None:
        return np.ones(len(X), dtype=int)
    weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    if np.all(weight == weight[0]) and weight[0] > 0:
        return np.ones(len(X), dtype=int)
    broken = np.flatnonzero(weight != np.round(weight))
    if len(broken):
        raise ValueError(
            "networks repeat rows and need whole numbers as sample_weight, got "
            f"{float(weight[broken[0]])} in row {broken[0]}; NIMOPlusRegressor and "
            "NIMOPlusClassifier take any"
        )
    if weight.sum() < 2:
        raise ValueError("at least 2 rows with a positive weight are needed")
    return weight.astype(int)


def count_split_off(n: int, fraction: float) -> int:
    """Rows that are split off n, 0 where fewer than two would be left."""
    n_val = int(round(fraction * n))
    return n_val if n - n_val >= 2 else 0


def split(
    X: np.ndarray,
    y: np.ndarray,
    times: np.ndarray,
    n_val: int,
    rng: np.random.RandomState,
    stratify: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training rows and responses, then those of validation; with ``n_val`` 0 they are the same.

    Rows are repeated ``times`` (n,) after they were divided, so that both sides share none.
    """

    def repeated(rows: Any) -> tuple[np.ndarray, np.ndarray]:
        return np.repeat(X[rows], times[rows], axis=0), np.repeat(y[rows], times[rows])

    if n_val == 0:
        return *repeated(slice(None)), *repeated(slice(None))
    n = len(X)
    order = rng.permutation(n)
    val = np.zeros(n, dtype=bool)
    if stratify:
        # Alternate the classes in a fixed proportion, so that both sides hold every class.
        rank = np.empty(n)
        for value in np.unique(y):
            rows = order[y[order] == value]
            rank[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
        order = order[np.argsort(rank[order], kind="stable")]
        val[order[np.linspace(0, n - 1, n_val).round().astype(int)]] = True
        for value in np.unique(y):
            if val[y == value].all():
                val[np.flatnonzero(y == value)[0]] = False
    else:
        val[order[:n_val]] = True
    return *repeated(~val), *repeated(val)
