"""Differences between two methods on the same splits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from benchmark import metrics
from benchmark.evaluation.statistics.bounds import bounds
from benchmark.evaluation.statistics.intervals import LEVEL, mean_interval, standard_error
from benchmark.evaluation.statistics.multiplicity import holm
from benchmark.evaluation.statistics.ties import FEWEST, rounding

COLUMNS = ["dataset", "metric", "method_a", "method_b", "scale"]
COLUMNS += ["n", "estimate", "lower", "upper", "p", "p_holm"]


@dataclass(frozen=True)
class Difference:
    """Method a against method b over ``n`` common splits.

    ``estimate`` with its interval (``lower``, ``upper``) is the ratio of geometric means a/b for a
    metric on the logarithmic scale (errors) and the difference a - b for any other; ``p`` is
    two-sided and not corrected for multiplicity.  What cannot be said is nan: an interval of fewer
    than two splits, a p-value of fewer than five, and both where the differences are all equal,
    which leaves no spread to judge by.  Only if all are ties p is 1.
    """

    n: int
    estimate: float
    lower: float
    upper: float
    p: float


def paired_difference(a, b, metric: str, overlap: float = 0.0, level: float = LEVEL) -> Difference:
    """Interval and t test of the mean paired difference.

    With ``overlap`` > 0 this is the corrected resampled t test (Nadeau and Bengio, 2003); with 0
    the ordinary paired t test.  A difference that is rounding counts as 0.

    Parameters
    ----------
    a, b : (n,) scores on the same splits
    metric : str
        Name of a metric; its scale says how a difference is told.
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    n = len(a)
    if n == 0:
        return Difference(0, math.nan, math.nan, math.nan, math.nan)
    scale = metrics.get(metric).scale
    ratio = scale.paired == "ratio"
    noise = rounding(a, b, metric)
    tied = np.abs(a - b) <= noise
    if ratio:
        noise = noise / np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)
        a, b = scale.to(a), scale.to(b)
    differences = np.where(tied, 0.0, a - b)
    mean = float(np.mean(differences))
    lower = upper = p = math.nan
    if np.ptp(differences) > np.max(noise):
        lower, upper = mean_interval(differences, overlap, level)
        if n >= FEWEST:
            p = float(2 * stats.t.sf(abs(mean) / standard_error(differences, overlap), n - 1))
    elif n >= FEWEST and tied.all():
        p = 1.0
    if ratio:
        return Difference(n, *(_exp(v) for v in (mean, lower, upper)), p)
    widest = np.subtract(*bounds(metric)[::-1])
    return Difference(n, mean, max(lower, -widest), min(upper, widest), p)


def _exp(value: float) -> float:
    """e to the value, infinite where that is too large for a number."""
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def compare(
    scores: pd.DataFrame,
    metric: str,
    methods: Mapping[str, Sequence[str]],
    overlap: Mapping[str, float],
) -> pd.DataFrame:
    """Every pair of methods on every table, corrected within a table.

    Parameters
    ----------
    scores : DataFrame
        One row per data set, method and split of one metric.
    methods : mapping of each table to the methods that are compared there, in order
    overlap : mapping of each table to what its splits share

    Returns
    -------
    DataFrame with the columns :data:`COLUMNS`.  Only splits on which both methods have a value are
    compared; n counts them.
    """
    by_cell = {
        cell: rows.set_index("split").value.sort_index()
        for cell, rows in scores.groupby(["dataset", "method"], sort=False)
    }
    nothing, found = pd.Series(dtype=float), []
    for name, compared in methods.items():
        rows = []
        for a, b in combinations(compared, 2):
            one, other = by_cell.get((name, a), nothing), by_cell.get((name, b), nothing)
            common = one.index.intersection(other.index)
            difference = paired_difference(one[common], other[common], metric, overlap[name])
            where = {"dataset": name, "metric": metric, "method_a": a, "method_b": b}
            rows.append(where | {"scale": metrics.get(metric).scale.paired, **vars(difference)})
        for row, adjusted in zip(rows, holm([row["p"] for row in rows]), strict=True):
            found.append(row | {"p_holm": adjusted})
    return pd.DataFrame(found, columns=COLUMNS)
