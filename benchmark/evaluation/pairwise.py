"""Every pair of methods over the tables of a task and group: who is better, and by how much.

The summaries of the differences come from a frame of scores; what is asked of them is
:mod:`benchmark.evaluation.statistics.hierarchical`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations

import numpy as np
import pandas as pd

from benchmark import metrics
from benchmark.evaluation.statistics import FEWEST, overlap_of
from benchmark.evaluation.statistics.hierarchical import Summaries, compare_over_tables
from benchmark.evaluation.statistics.ties import rounding
from benchmark.split_counts import fewest_splits

#: errors whose ratio is within one per cent, and scores within one point, are practically equal
REGION = 0.01
COLUMNS = [
    "method_a",
    "method_b",
    "metric",
    "scale",
    "n_tables",
    "estimate",
    "lower",
    "upper",
    "better",
    "equal",
    "worse",
    "next_better",
    "next_equal",
    "next_worse",
]


def region_of(metric: str) -> float:
    """The largest difference that is practically none, on the scale that differences are taken."""
    ratio = metrics.get(metric).scale.paired == "ratio"
    return math.log1p(REGION) if ratio else REGION


def _differences(values: np.ndarray, pairs, metric: str) -> np.ndarray:
    """(splits, pairs) differences on a table, ties exactly 0; nan where one of two is missing."""
    scale = metrics.get(metric).scale
    a, b = values[:, pairs[:, 0]], values[:, pairs[:, 1]]
    tied = np.abs(a - b) <= rounding(a, b, metric)
    if scale.paired == "ratio":
        a, b = scale.to(a), scale.to(b)
    return np.where(tied, 0.0, a - b)


def summaries(
    scores: pd.DataFrame,
    pairs: list[tuple[str, str]],
    metric: str,
    overlap: Mapping[str, float],
) -> Summaries:
    """What the hierarchical test needs of some pairs; a table with fewer than five common cuts is
    left out of a pair.

    Parameters
    ----------
    scores : DataFrame
        One row per data set, method and split of one metric.
    overlap : mapping of data sets to what their cuts share (``overlap_of``)
    """
    tables = list(dict.fromkeys(scores.dataset))
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    chosen = np.array([[names.index(name) for name in pair] for pair in pairs])
    shape = len(pairs), len(tables)
    mean, sd = np.zeros(shape), np.zeros(shape)
    n, factor = np.zeros(shape, dtype=int), np.ones(shape)
    for column, (name, rows) in enumerate(scores.groupby("dataset", sort=False)):
        wide = rows.pivot(index="split", columns="method", values="value").reindex(columns=names)
        found = _differences(wide.to_numpy(dtype=float), chosen, metric)
        count = np.sum(~np.isnan(found), axis=0)
        use = count >= FEWEST
        found = found[:, use]
        n[use, column] = count[use]
        mean[use, column] = np.nanmean(found, axis=0)
        sd[use, column] = np.nanstd(found, axis=0, ddof=1)
        factor[use, column] = 1 / count[use] + overlap[name]
    return Summaries(mean, sd, n, factor)


def compared(scores: pd.DataFrame, metric: str, overlap: Mapping[str, float]):
    """Every pair of the methods in a frame that share five tables or more.

    Parameters
    ----------
    scores, metric, overlap : as in :func:`summaries`

    Returns
    -------
    DataFrame with the columns :data:`COLUMNS`: ``estimate`` with its 95 % interval is the typical
    difference over tables, a over b as a ratio of errors or a - b of scores; ``better`` is the
    probability that a is better than b on most tables, ``next_better`` that on one further table.
    """
    declared = metrics.get(metric)
    names = list(dict.fromkeys(scores.method))
    pairs = list(combinations(names, 2))
    if not pairs:
        return pd.DataFrame(columns=COLUMNS)
    data = summaries(scores, pairs, metric, overlap)
    enough = np.flatnonzero((data.n > 0).sum(1) >= FEWEST)
    if not len(enough):
        return pd.DataFrame(columns=COLUMNS)
    data = Summaries(*(array[enough] for array in vars(data).values()))
    outcome = compare_over_tables(data, region_of(metric))
    ends = ("more", "less") if declared.larger_is_better else ("less", "more")
    back = np.exp if declared.scale.paired == "ratio" else np.asarray
    found = pd.DataFrame([pairs[i] for i in enough], columns=COLUMNS[:2])
    found["metric"], found["scale"] = metric, declared.scale.paired
    found["n_tables"] = (data.n > 0).sum(1)
    for name, values in zip(
        ("estimate", "lower", "upper"), (outcome.mean, outcome.lower, outcome.upper), strict=True
    ):
        found[name] = back(values)
    for start in ("", "next_"):
        found[f"{start}better"] = getattr(outcome, f"{start}{ends[0]}")
        found[f"{start}equal"] = getattr(outcome, f"{start}equal")
        found[f"{start}worse"] = getattr(outcome, f"{start}{ends[1]}")
    return found[COLUMNS]


@lru_cache(maxsize=32)
def _of_tables(results, metric: str, datasets: tuple[str, ...], methods: tuple[str, ...]):
    scores = results.scores
    chosen = (scores.metric == metric) & scores.dataset.isin(datasets) & scores.method.isin(methods)
    overlap = {name: overlap_of(results, name) for name in datasets}
    return compared(scores[chosen], metric, overlap)


def of_aggregate(results, aggregate) -> pd.DataFrame:
    """Every pair of the methods of an aggregate; empty with too few tables or splits."""
    datasets = tuple(aggregate.datasets)
    if min(len(datasets), fewest_splits(results.config, datasets)) < FEWEST:
        return pd.DataFrame(columns=COLUMNS)
    return _of_tables(results, aggregate.metric.name, datasets, tuple(aggregate.errors))


def beside(pairs: pd.DataFrame, a: str) -> dict[str, dict]:
    """The rows of a method, told from its side, by the other one; without pairs not compared."""
    found = {}
    for row in pairs[(pairs.method_a == a) | (pairs.method_b == a)].to_dict("records"):
        row = row if row["method_a"] == a else _turned(row)
        found[row["method_b"]] = row
    return found


def between(pairs: pd.DataFrame, a: str, b: str) -> dict | None:
    """The row of a pair, told from a's side; None if it was not compared."""
    return beside(pairs, a).get(b)


def _turned(row: dict) -> dict:
    """The row of a pair, told from the other side."""
    opposite = (lambda v: 1 / v) if row["scale"] == "ratio" else (lambda v: -v)
    found = {"method_a": row["method_b"], "method_b": row["method_a"]}
    found["estimate"] = opposite(row["estimate"])
    found |= {"lower": opposite(row["upper"]), "upper": opposite(row["lower"])}
    for start in ("", "next_"):
        found[f"{start}better"] = row[f"{start}worse"]
        found[f"{start}worse"] = row[f"{start}better"]
    return row | found
