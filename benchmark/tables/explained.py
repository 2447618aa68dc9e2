"""What the tables of explanations share: their cells, and average ranks over data sets."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd

import explainers
from benchmark.split_counts import splits_of
from benchmark.tables.cells import dataset_label, mean_and_sd, number
from benchmark.tables.table import DASH, Block, Table

#: scores of fits that answer a question about explanations
OF_FITS = (
    "relative_error",
    "sign_agreement",
    "beta_precision",
    "beta_recall",
    "interaction_precision",
    "interaction_recall",
)
COLUMNS = ["dataset", "method", "explainer", "metric", "mean", "sd", "n", "n_splits"]
LEGEND = (
    "Cell: mean over splits ± standard deviation; k/n splits where some are missing. "
    "A dash: the explanation has no such thing, or there is no truth."
)


def models(results) -> list[tuple[str, str]]:
    """(method, "") of the methods with any answer about their model, in the order of the run."""
    scored = results.scores[results.scores.metric.isin(OF_FITS)]
    there = {*results.graded.method, *scored.method}
    return [(name, "") for name in results.config["methods"] if name in there]


def failures(results) -> list[str]:
    """One line per explanation that could not be made, the same reason named once."""
    rows = results.explained[~results.explained.status.isin(["ok", "none"])]
    lines = []
    for (method, explainer, status, error), group in rows.groupby(
        ["method", "explainer", "status", "error"], dropna=False, sort=False
    ):
        what = f"{results.label(method, explainer)}: {status} in {len(group)} splits"
        lines.append(f"{what}, {error}" if isinstance(error, str) else what)
    return lines


def two_lines(results, method, explainer) -> str:
    """The name of an explanation for the title of a panel, the explainer below the method."""
    return f"{wrapped(results, method)}\n{explainers.load(explainer).label}"


def wrapped(results, method) -> str:
    """The name of a method in lines that fit above a small panel."""
    return textwrap.fill(results.label(method), 22)


def cell(values, n_splits) -> str:
    """``0.123 ± 0.010``, with k/n where splits are missing."""
    if not len(values):
        return DASH
    text = mean_and_sd(values)
    return text if len(values) == n_splits else f"{text} ({len(values)}/{n_splits})"


def grid(results, dataset, pairs, columns, title) -> Block | None:
    """One data set: a row per explanation, a column per measure; None if nothing is there.

    Parameters
    ----------
    pairs : list of (method, explainer)
    columns : list of Metric
    """
    n, rows = splits_of(results.config, dataset), []
    for method, explainer in pairs:
        cells = [cell(results.grades(dataset, method, explainer, m.name), n) for m in columns]
        if set(cells) != {DASH}:
            rows.append([results.label(method, explainer), *cells])
    return Block(title, [dataset_label(dataset), *map(short, columns)], rows) if rows else None


def short(metric) -> str:
    """The name of a measure as a column shows it."""
    return metric.name.replace("_", " ")


def tidy(results, pairs, columns) -> pd.DataFrame:
    """All means, one row per data set, explanation and measure."""
    rows = []
    for dataset in results.datasets():
        for method, explainer in pairs:
            for metric in columns:
                values = results.grades(dataset, method, explainer, metric.name)
                if len(values):
                    sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
                    found = dataset, method, explainer, metric.name, float(values.mean()), sd
                    rows.append([*found, len(values), splits_of(results.config, dataset)])
    return pd.DataFrame(rows, columns=COLUMNS)


def average_ranks(results, pairs, metric, task) -> dict[tuple[str, str], float]:
    """Mean rank over the data sets of a task; only explanations with a value on all are ranked.

    1 is best; ties share a rank.  {} where fewer than two explanations can be ranked.
    """
    means = pd.DataFrame(
        {
            pair: {
                dataset: values.mean()
                for dataset in results.datasets(task)
                if len(values := results.grades(dataset, *pair, metric.name))
            }
            for pair in pairs
        },
        index=results.datasets(task),
    )
    means = means.dropna(axis=0, how="all").dropna(axis=1)
    if means.shape[1] < 2:
        return {}
    return means.rank(axis=1, ascending=not metric.larger_is_better).mean(axis=0).to_dict()


def overall(results, pairs, columns, task) -> Block | None:
    """Average ranks of all explanations in all measures, over the data sets of a task."""
    ranks = {m.name: average_ranks(results, pairs, m, task) for m in columns}
    rows = []
    for pair in pairs:
        cells = [number(ranks[m.name][pair]) if pair in ranks[m.name] else DASH for m in columns]
        if set(cells) != {DASH}:
            rows.append([results.label(*pair), *cells])
    title = f"Average rank over the {task} data sets, 1 is best"
    return Block(title, [task, *map(short, columns)], rows) if rows else None


def table(name, title, results, pairs, columns, notes) -> Table:
    """A table of explanations: average ranks first, then a grid per data set."""
    blocks = [overall(results, pairs, columns, task) for task in ("regression", "classification")]
    blocks += [grid(results, d, pairs, columns, dataset_label(d)) for d in results.datasets()]
    explain = [f"{short(m)}: {m.label}{_direction(m)}." for m in columns]
    return Table(
        name,
        title,
        tidy(results, pairs, columns),
        [block for block in blocks if block],
        [LEGEND, *explain, *notes, *failures(results)],
    )


def _direction(metric) -> str:
    if metric.larger_is_better is None:
        return ""
    return "; larger is better" if metric.larger_is_better else "; smaller is better"
