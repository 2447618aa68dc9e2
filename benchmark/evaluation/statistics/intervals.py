"""Interval of a mean over splits."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

LEVEL = 0.95


def standard_error(values, overlap: float = 0.0) -> float:
    """Standard error of the mean of n >= 2 values: sd * sqrt(1/n + overlap)."""
    values = np.asarray(values, dtype=float)
    return float(np.std(values, ddof=1)) * math.sqrt(1 / len(values) + overlap)


def mean_interval(values, overlap: float = 0.0, level: float = LEVEL) -> tuple[float, float]:
    """t interval of the mean; (nan, nan) for fewer than two values.

    Parameters
    ----------
    values : (n,) scores, one per split
    overlap : see :func:`benchmark.evaluation.statistics.dependence.overlap_of`
    """
    if len(values) < 2:
        return math.nan, math.nan
    half = stats.t.ppf((1 + level) / 2, len(values) - 1) * standard_error(values, overlap)
    center = float(np.mean(values))
    return center - half, center + half
