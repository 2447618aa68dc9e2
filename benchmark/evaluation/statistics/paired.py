"""Differences between two methods on the same splits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from benchmark import metrics
from benchmark.evaluation.statistics.dependence import overlap_of
from benchmark.evaluation.statistics.intervals import LEVEL, mean_interval, standard_error
from benchmark.evaluation.statistics.multiplicity import holm


@dataclass(frozen=True)
class Difference:
    """Method a against method b over ``n`` common splits.

    ``estimate`` with its interval (``lower``, ``upper``) is the ratio of geometric means a/b for a
    metric on the logarithmic scale (errors) and the difference a - b for any other; ``p`` is
    two-sided and not corrected for multiplicity.  What cannot be said (fewer than two splits, or
    differences that are all equal and not zero, which leave no spread to judge by) is nan.
    """

    n: int
    estimate: float
    lower: float
    upper: float
    p: float


def paired_difference(a, b, metric: str, overlap: float = 0.0, level: float = LEVEL) -> Difference:
    """Interval and t test of the mean paired difference.

    With ``overlap`` > 0 this is the corrected resampled t test (Nadeau and Bengio, 2003); with 0
    the ordinary paired t test.

    Parameters
    ----------
    a, b : (n,) scores on the same splits
    metric : str
        Name of a metric; its scale says how a difference is told.
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    scale = metrics.get(metric).scale
    ratio = scale.paired == "ratio"
    if ratio:
        a, b = scale.to(a), scale.to(b)
    differences = a - b
    n = len(differences)
    if n == 0:
        return Difference(0, math.nan, math.nan, math.nan, math.nan)
    mean = float(np.mean(differences))
    lower, upper = mean_interval(differences, overlap, level)
    p = math.nan
    if n >= 2 and not np.any(differences):
        p = 1.0
    elif n >= 2 and np.ptp(differences) > 0:
        p = float(2 * stats.t.sf(abs(mean) / standard_error(differences, overlap), n - 1))
    told = [math.exp(v) if ratio else v for v in (mean, lower, upper)]
    return Difference(n, *told, p)


def compare(results, metric: str) -> pd.DataFrame:
    """Every pair of methods on every data set that has the metric, corrected within a data set.

    Returns
    -------
    DataFrame with the columns dataset, task, metric, method_a, method_b, scale, n, estimate, lower,
    upper, p, p_holm.  Only splits on which both methods have a value are compared; n counts them.
    """
    declared = metrics.get(metric)
    rows = []
    for dataset, task in results.tasks.items():
        if declared.task not in (None, task):
            continue
        scores = {m: results.values(dataset, m, metric) for m in results.methods(task)}
        overlap = overlap_of(results, dataset)
        found = []
        for a, b in combinations(scores, 2):
            common = scores[a].index.intersection(scores[b].index)
            difference = paired_difference(scores[a][common], scores[b][common], metric, overlap)
            found.append(
                {
                    "dataset": dataset,
                    "task": task,
                    "metric": metric,
                    "method_a": a,
                    "method_b": b,
                    "scale": declared.scale.paired,
                    **vars(difference),
                }
            )
        for row, adjusted in zip(found, holm([row["p"] for row in found]), strict=True):
            rows.append(row | {"p_holm": adjusted})
    columns = ["dataset", "task", "metric", "method_a", "method_b", "scale"]
    columns += ["n", "estimate", "lower", "upper", "p", "p_holm"]
    return pd.DataFrame(rows, columns=columns)
