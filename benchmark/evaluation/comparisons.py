"""What the statistics say of a run: every pair of its methods, and their ranks.

Never over two tasks, and never over two groups of data sets.
"""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd

from benchmark import metrics
from benchmark.datasets import GROUPS
from benchmark.evaluation import statistics
from benchmark.evaluation.statistics import FEWEST, Ranking, overlap_of, rank_methods
from benchmark.split_counts import fewest_splits


def compare(results, metric: str) -> pd.DataFrame:
    """Every pair of methods on every data set that has the metric, corrected within a data set.

    Returns
    -------
    DataFrame : as :func:`benchmark.evaluation.statistics.compare`, with the column task
    """
    task = metrics.get(metric).task
    of = {name: own for name, own in results.tasks.items() if task in (None, own)}
    scores = results.scores[results.scores.metric == metric]
    methods = {name: results.methods(own) for name, own in of.items()}
    overlap = {name: overlap_of(results, name) for name in of}
    table = statistics.compare(scores, metric, methods, overlap)
    table.insert(1, "task", table.dataset.map(of))
    return table


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
    if min(fewest_splits(results.config, datasets), len(datasets)) < FEWEST:
        return replace(ranking, friedman_p=math.nan)
    return ranking


def _failed_methods(results, datasets) -> set[str]:
    """Methods with a fit that failed.  One whose package is not installed has not failed."""
    fits = results.fits[results.fits.dataset.isin(datasets)]
    return set(fits.method[~fits.status.isin(("ok", "skipped"))])
