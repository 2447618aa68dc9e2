"""Average ranks over data sets, and how far apart they must be (Demsar, JMLR 2006).

Friedman's test and the studentised range are SciPy's.  The critical difference is one line on top
of them, for which scikit-posthocs would bring seaborn and statsmodels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from benchmark import metrics
from benchmark.datasets import GROUPS
from benchmark.evaluation.statistics.ties import FEWEST, merged

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


def rankings(results, chosen=None) -> list[Ranking]:
    """One ranking per metric, task and group of data sets.

    A method without a single value takes no part, unless it has failed; a group without data sets
    or with a single method is left out.

    Parameters
    ----------
    chosen : names of metrics; default the primary one of each task
    """
    found = []
    for metric in (metrics.get(name) for name in chosen or metrics.PRIMARY.values()):
        if metric.larger_is_better is None:
            continue
        for task in metrics.PRIMARY:
            if metric.task in (None, task):
                for group in GROUPS:
                    found.append(_ranking(results, task, group, metric))
    return [ranking for ranking in found if ranking is not None]


def _ranking(results, task, group, metric) -> Ranking | None:
    datasets, methods = results.datasets(task, group), results.methods(task)
    if not datasets:
        return None
    sign = -1.0 if metric.larger_is_better else 1.0
    scores = pd.DataFrame(index=datasets, columns=methods, dtype=float)
    for dataset in datasets:
        for method in methods:
            scores.loc[dataset, method] = sign * results.values(dataset, method, metric.name).mean()
    lost = _failed_methods(results, datasets) if metric.name in metrics.PRIMARY.values() else set()
    has = [m for m in methods if scores[m].notna().any() or m in lost]
    if len(has) < 2:
        return None
    ranking = rank_methods(task, group, metric.name, scores[has])
    # of two cuts the ranks are mostly chance, and of two data sets the test knows nothing
    if min(results.config["splits"], len(datasets)) < FEWEST:
        return replace(ranking, friedman_p=math.nan)
    return ranking


def _failed_methods(results, datasets) -> set[str]:
    """Methods with a fit that failed.  One whose package is not installed has not failed."""
    fits = results.fits[results.fits.dataset.isin(datasets)]
    return set(fits.method[~fits.status.isin(("ok", "skipped"))])
