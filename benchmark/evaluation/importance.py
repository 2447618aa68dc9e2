"""Four measures of importance of the features of a model, and how alike they rank them."""

from __future__ import annotations

import numpy as np

from benchmark.config import cells
from benchmark.split_counts import splits_of

MEASURES = ("effect at baseline", "average effect", "mean |Shapley|", "permutation")


def mean_correlations(explained, method) -> np.ndarray | None:
    """Spearman correlations of the four rankings, mean over data sets and splits.

    Parameters
    ----------
    explained : benchmark.evaluation.grades.Explained
    method : str, or None for the true function

    Returns
    -------
    (4, 4) array in the order of :data:`MEASURES`, NaN where a measure is never there; None where
    nothing can be ranked.
    """
    found = []
    for dataset in dict.fromkeys(dataset for dataset, _ in cells(explained.config)):
        if method is not None and (dataset, method) not in cells(explained.config):
            continue  # of the other task
        for index in range(splits_of(explained.config, dataset)):
            importance = importances(explained, dataset, method, index)
            if importance is not None:
                found.append(correlations(importance))
    if not found:
        return None
    found = np.array(found)
    there = ~np.isnan(found)
    total, count = np.where(there, found, 0).sum(axis=0), there.sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def importances(explained, dataset, method, index) -> np.ndarray | None:
    """(4, d) by measure, NaN for one that is not there; effects per standard deviation."""
    asked, known = explained.probes(dataset, index), explained.known(dataset, index)
    d = asked.rows.shape[1]
    rows = [np.full(d, np.nan) for _ in MEASURES]
    coef = explained.coef(dataset, method, index)
    if coef is not None:
        rows[0] = np.abs(coef) * asked.forward
    if method is None:
        if known.gradient is None:
            return None
        gradient, shapley = known.gradient, known.shapley
    else:
        answers = explained.answers(dataset, method, index)
        if answers is None:
            return None
        gradient, shapley = answers.get("gradient"), answers["shapley"]
        rows[3] = answers["permutation"]
    if gradient is not None:
        rows[1] = np.abs(gradient.mean(axis=0)) * asked.forward
    rows[2] = np.abs(shapley).mean(axis=0)
    return np.array(rows)


def correlations(importance) -> np.ndarray:
    """(k, k) Spearman correlations of the rows of (k, d) importances.

    NaN where a row is missing or ranks all features alike.
    """
    from scipy.stats import rankdata

    ranks = np.array([rankdata(np.round(row, 12)) for row in importance])
    ranks = ranks - ranks.mean(axis=1, keepdims=True)
    size = np.linalg.norm(ranks, axis=1)
    undefined = np.isnan(importance).any(axis=1) | (size == 0)
    size[undefined] = 1
    found = (ranks @ ranks.T) / np.outer(size, size)
    found[undefined] = np.nan
    found[:, undefined] = np.nan
    return found
