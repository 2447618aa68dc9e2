"""Does a number of each table go with another?  Spearman's correlation, resampled over tables."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from benchmark.evaluation.statistics.between import REPETITIONS
from benchmark.evaluation.statistics.intervals import LEVEL
from benchmark.evaluation.statistics.ties import FEWEST


def spearman(x, y, repetitions: int = REPETITIONS, seed: int = 0, level: float = LEVEL):
    """Spearman's rank correlation with its percentile interval over tables.

    Parameters
    ----------
    x, y : (n,) numbers, one pair per table; a pair with nan is left out

    Returns
    -------
    correlation, lower, upper, n : nan with fewer than five tables or a constant side
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    both = np.isfinite(x) & np.isfinite(y)
    x, y, n = x[both], y[both], int(both.sum())
    if n < FEWEST or np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan, math.nan, math.nan, n
    rng = np.random.default_rng(seed)
    rows = rng.integers(n, size=(repetitions, n))
    ranks = [stats.rankdata(values[rows], axis=1) for values in (x, y)]
    a, b = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
    size = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    drawn = (a * b).sum(axis=1)[size > 0] / size[size > 0]
    lower, upper = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(stats.spearmanr(x, y).statistic), float(lower), float(upper), n
