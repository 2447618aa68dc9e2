"""Does a published value agree with ours?  The rule, once.

A published value rests on ONE data set with 100 test rows (or, read off a box plot, on the median
of five runs).  It therefore scatters as one of our splits does, not as our mean.  It *agrees* if it
lies where one more split of ours would be expected to fall: inside the 95 % prediction interval for
a new observation,

    mean +- t(n-1, 0.975) * sd * sqrt(v + 1/n)

from our n splits.  v is the variance of what was published in units of a split's variance: 1 for
one run; 0.2868 for the median of five, which is that of the median of five normal values.  The
interval is formed on a scale on which splits scatter evenly (``Metric.scale``: the logarithm of the
MSE, arcsin(sqrt(accuracy))) and put back.  A value outside says that ours is *better* or *worse*.

With fewer than five splits there is no verdict: the interval is so wide that nearly every value
would agree, and a word that cannot come out otherwise says nothing.

The published value is known up to its rounding or reading error only, so it agrees if any value
within that tolerance does.  measurements/verdict_calibration.py checks that "agrees" comes out
at its nominal rate (docs/statistics.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from benchmark import metrics
from benchmark.evaluation.statistics import FEWEST

LEVEL = 0.95
#: variance of the median of five independent normal values of variance 1
MEDIAN_OF_FIVE = 0.28683


@dataclass(frozen=True)
class Verdict:
    """``word`` is agrees, better (ours is) or worse; the interval is on the metric's own scale."""

    word: str
    lower: float
    upper: float


def prediction_interval(values, metric: str, variance: float = 1.0, level: float = LEVEL):
    """Where one more observation is expected to fall.

    Parameters
    ----------
    values : (n,) scores of our splits, n >= 2
    metric : str
        Name of a metric; its scale is where splits scatter evenly.
    variance : variance of the new observation in units of the variance of a split

    Returns
    -------
    (lower, upper) : float, on the metric's own scale

    Raises
    ------
    ValueError
        Fewer than two splits.
    """
    scale = metrics.get(metric).scale
    values = scale.to(values)
    n = len(values)
    if n < 2:
        raise ValueError("a prediction interval needs at least two splits")
    half = (
        stats.t.ppf((1 + level) / 2, n - 1) * np.std(values, ddof=1) * math.sqrt(variance + 1 / n)
    )
    center = np.mean(values)
    return scale.back(center - half), scale.back(center + half)


def judge(values, published, level: float = LEVEL) -> Verdict | None:
    """The verdict on one cell; None with fewer than five splits.

    Parameters
    ----------
    values : scores of our splits
    published : benchmark.evaluation.published.Published
    """
    if len(values) < FEWEST:
        return None
    variance = MEDIAN_OF_FIVE if published.is_median else 1.0
    lower, upper = prediction_interval(values, published.metric, variance, level)
    larger = metrics.get(published.metric).larger_is_better
    slack = published.tolerance * (1 + 1e-9)  # 0.005 is not exactly half of 0.01
    if published.value + slack < lower:
        word = "better" if larger else "worse"
    elif published.value - slack > upper:
        word = "worse" if larger else "better"
    else:
        word = "agrees"
    return Verdict(word, lower, upper)
