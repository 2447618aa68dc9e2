"""Intervals of a mean over splits, and of a share."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from benchmark.evaluation.statistics.bounds import UNKNOWN

LEVEL = 0.95


def standard_error(values, overlap: float = 0.0) -> float:
    """Standard error of the mean of n >= 2 values: sd * sqrt(1/n + overlap)."""
    values = np.asarray(values, dtype=float)
    return float(np.std(values, ddof=1)) * math.sqrt(1 / len(values) + overlap)


def mean_interval(
    values, overlap: float = 0.0, level: float = LEVEL, bounds: tuple[float, float] = UNKNOWN
) -> tuple[float, float]:
    """t interval of the mean; (nan, nan) for fewer than two values.

    It stays within the bounds, because it is formed where there are none and put back: on the
    logarithm of the distance from a single bound, on the arcsine of the root of the share between
    two.  The standard error goes there by the slope at the mean (the delta method), so that the
    interval is that of the arithmetic mean, which lies inside.

    Parameters
    ----------
    values : (n,) scores, one per split
    overlap : see :func:`benchmark.evaluation.statistics.dependence.overlap_of`
    bounds : see :func:`benchmark.evaluation.statistics.bounds.bounds`
    """
    if len(values) < 2:
        return math.nan, math.nan
    center = float(np.mean(values))
    half = float(stats.t.ppf((1 + level) / 2, len(values) - 1)) * standard_error(values, overlap)
    low, high = bounds
    if half == 0 or not low < center < high or UNKNOWN == (low, high):
        return center - half, center + half
    if math.isinf(high):
        factor = math.exp(half / (center - low))
        return low + (center - low) / factor, low + (center - low) * factor
    if math.isinf(low):
        factor = math.exp(half / (high - center))
        return high - (high - center) * factor, high - (high - center) / factor
    share, width = (center - low) / (high - low), high - low
    angle = math.asin(math.sqrt(share))
    turn = half / width / (2 * math.sqrt(share * (1 - share)))
    ends = max(angle - turn, 0.0), min(angle + turn, math.pi / 2)
    return low + width * math.sin(ends[0]) ** 2, low + width * math.sin(ends[1]) ** 2


def share_interval(count: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's interval of a share of independent cases (JASA 22, 1927); (nan, nan) of none."""
    if n == 0:
        return math.nan, math.nan
    found = stats.binomtest(int(count), int(n)).proportion_ci(level, method="wilson")
    return float(found.low), float(found.high)
