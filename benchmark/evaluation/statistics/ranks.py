"""Average ranks over data sets, and how far apart they must be (Demsar, JMLR 2006).

Friedman's test and the studentised range are SciPy's.  The critical difference is one line on top
of them, for which scikit-posthocs would bring seaborn and statsmodels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from benchmark.evaluation.statistics.ties import merged

ALPHA = 0.05


@dataclass(frozen=True)
class Ranking:
    """Methods that do every data set of a group, ranked on each.

    Attributes
    ----------
    task, group : str
        Of the data sets: neither two tasks nor two groups are ever ranked together.
    metric : str
    scores : DataFrame, data sets x methods
        Mean over splits, the sign turned where larger is better, so that smaller is better; nan
        for a cell without a success.  Means that are equal but for rounding are made equal.
    ranks : DataFrame, data sets x methods
        Rank on each data set: 1 is best, ties share the mean rank.
    average : Series by method, best first
    critical_difference : float
        Two average ranks differ (Nemenyi, family-wise 5 %) if they are further apart than this;
        nan with fewer than two methods or data sets.
    friedman_p : float
        p-value of "all methods rank alike"; nan with fewer than three methods or two data sets,
        and in a run with fewer than five splits or data sets.
    failed : list of (data set, method)
        Cells without a single success; they rank last.
    """

    task: str
    group: str
    metric: str
    scores: pd.DataFrame
    ranks: pd.DataFrame
    average: pd.Series
    critical_difference: float
    friedman_p: float
    failed: list


def critical_difference(n_methods: int, n_datasets: int, alpha: float = ALPHA) -> float:
    """Nemenyi's critical difference of average ranks.

    q * sqrt(k (k + 1) / (6 N)), q the upper ``alpha`` quantile of the studentised range of k normal
    variables with infinite degrees of freedom, divided by sqrt(2) (Demsar 2006, section 3.2.2).
    """
    if n_methods < 2 or n_datasets < 2:
        return math.nan
    q = stats.studentized_range.ppf(1 - alpha, n_methods, np.inf) / math.sqrt(2)
    return float(q * math.sqrt(n_methods * (n_methods + 1) / (6 * n_datasets)))


def rank_methods(task: str, group: str, metric: str, scores: pd.DataFrame) -> Ranking:
    """Rank methods on each data set.

    Parameters
    ----------
    scores : DataFrame, data sets x methods
        Smaller is better; nan for a cell without a success, which ranks last.
    """
    equal = [merged(row, metric) for row in scores.to_numpy(dtype=float)]
    scores = pd.DataFrame(equal, index=scores.index, columns=scores.columns)
    ranks = scores.rank(axis=1, na_option="bottom")
    n, k = ranks.shape
    p = math.nan
    if k >= 3 and n >= 2 and (ranks.nunique(axis=1) > 1).any():
        p = float(stats.friedmanchisquare(*ranks.to_numpy().T).pvalue)
    failed = [(d, m) for d in scores.index for m in scores.columns if pd.isna(scores.loc[d, m])]
    average = ranks.mean().sort_values(kind="stable")
    distance = critical_difference(k, n)
    return Ranking(task, group, metric, scores, ranks, average, distance, p, failed)
