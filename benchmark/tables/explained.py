"""What the tables of explanations share: their cells, and average ranks over data sets."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import pandas as pd

import baselines
import explainers
from benchmark.config import dataset_tasks
from benchmark.evaluation.results import read_csv
from benchmark.tables.cells import dataset_label, number
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


class Graded:
    """The grades of a run's explanations.

    Parameters
    ----------
    config : validated configuration, with ``explanations``
    root : project root
    folder : where ``explained.csv`` and ``graded.csv`` lie, if not in the run's own folder
    """

    def __init__(self, config, root=".", folder=None):
        self.config = config
        folder = Path(root) / "results" / config["run"] if folder is None else Path(folder)
        self.outcomes, graded, scores = (
            read_csv(folder / f"{name}.csv") for name in ("explained", "graded", "scores")
        )
        # what is said of a fit's coefficients and supports is a score of the fit
        self.grades = pd.concat([graded, scores[scores.metric.isin(OF_FITS)]])
        for table in (self.outcomes, self.grades):
            table["explainer"] = table["explainer"].fillna("")
        self._values = {
            key: group.sort_values("split").value.to_numpy()
            for key, group in self.grades.groupby(["dataset", "method", "explainer", "metric"])
        }
        self.tasks = dataset_tasks(config)

    def datasets(self, task=None) -> list[str]:
        """Data sets in the order of the run, of one task or of both."""
        found = dict.fromkeys(self.outcomes.dataset)
        return [name for name in found if task in (None, self.tasks[name])]

    def explained(self, dataset=None) -> list[tuple[str, str]]:
        """(method, explainer) of all explanations that are there, in the order of the run."""
        rows = self.outcomes
        if dataset is not None:
            rows = rows[rows.dataset == dataset]
        rows = rows[(rows.explainer != "") & (rows.status == "ok")]
        order = {name: k for k, name in enumerate(self.config["methods"])}
        found = dict.fromkeys(zip(rows.method, rows.explainer, strict=True))
        return sorted(found, key=lambda pair: order[pair[0]])

    def methods(self) -> list[str]:
        """Methods of the run with any answer."""
        there = set(self.grades.method)
        return [name for name in self.config["methods"] if name in there]

    def values(self, dataset, method, explainer, metric) -> np.ndarray:
        """A measure by split; empty where there is none."""
        return self._values.get((dataset, method, explainer, metric), np.empty(0))

    def failures(self) -> list[str]:
        """One line per explanation that could not be made, the same reason named once."""
        rows = self.outcomes[~self.outcomes.status.isin(["ok", "none"])]
        lines = []
        for (method, explainer, status, error), group in rows.groupby(
            ["method", "explainer", "status", "error"], dropna=False, sort=False
        ):
            what = f"{label(method, explainer)}: {status} in {len(group)} splits"
            lines.append(f"{what}, {error}" if isinstance(error, str) else what)
        return lines


def label(method, explainer="") -> str:
    """``NIMO, built in``; the method alone for the model itself."""
    name = baselines.load(method).label
    return f"{name}, {explainers.load(explainer).label}" if explainer else name


def two_lines(method, explainer) -> str:
    """The same for the title of a panel, the explainer below the method."""
    return f"{wrapped(method)}\n{explainers.load(explainer).label}"


def wrapped(method) -> str:
    """The name of a method in lines that fit above a small panel."""
    return textwrap.fill(label(method), 22)


def cell(values, n_splits) -> str:
    """``0.123 ± 0.010``, with k/n where splits are missing."""
    if not len(values):
        return DASH
    text = number(float(np.mean(values)))
    if len(values) > 1:
        decimals = len(text.partition(".")[2])
        text += f" ± {number(float(np.std(values, ddof=1)), decimals)}"
    return text if len(values) == n_splits else f"{text} ({len(values)}/{n_splits})"


def grid(graded, dataset, pairs, columns, title) -> Block | None:
    """One data set: a row per explanation, a column per measure; None if nothing is there.

    Parameters
    ----------
    pairs : list of (method, explainer)
    columns : list of Metric
    """
    n, rows = graded.config["splits"], []
    for method, explainer in pairs:
        cells = [cell(graded.values(dataset, method, explainer, m.name), n) for m in columns]
        if set(cells) != {DASH}:
            rows.append([label(method, explainer), *cells])
    return Block(title, [dataset_label(dataset), *map(short, columns)], rows) if rows else None


def short(metric) -> str:
    """The name of a measure as a column shows it."""
    return metric.name.replace("_", " ")


def tidy(graded, pairs, columns) -> pd.DataFrame:
    """All means, one row per data set, explanation and measure."""
    rows = []
    for dataset in graded.datasets():
        for method, explainer in pairs:
            for metric in columns:
                values = graded.values(dataset, method, explainer, metric.name)
                if len(values):
                    sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
                    found = dataset, method, explainer, metric.name, float(values.mean()), sd
                    rows.append([*found, len(values), graded.config["splits"]])
    return pd.DataFrame(rows, columns=COLUMNS)


def average_ranks(graded, pairs, metric, task) -> dict[tuple[str, str], float]:
    """Mean rank over the data sets of a task; only explanations with a value on all are ranked.

    1 is best; ties share a rank.  {} where fewer than two explanations can be ranked.
    """
    means = pd.DataFrame(
        {
            pair: {
                dataset: values.mean()
                for dataset in graded.datasets(task)
                if len(values := graded.values(dataset, *pair, metric.name))
            }
            for pair in pairs
        },
        index=graded.datasets(task),
    )
    means = means.dropna(axis=0, how="all").dropna(axis=1)
    if means.shape[1] < 2:
        return {}
    return means.rank(axis=1, ascending=not metric.larger_is_better).mean(axis=0).to_dict()


def overall(graded, pairs, columns, task) -> Block | None:
    """Average ranks of all explanations in all measures, over the data sets of a task."""
    ranks = {m.name: average_ranks(graded, pairs, m, task) for m in columns}
    rows = []
    for pair in pairs:
        cells = [number(ranks[m.name][pair]) if pair in ranks[m.name] else DASH for m in columns]
        if set(cells) != {DASH}:
            rows.append([label(*pair), *cells])
    title = f"Average rank over the {task} data sets, 1 is best"
    return Block(title, [task, *map(short, columns)], rows) if rows else None


def table(name, title, graded, pairs, columns, notes) -> Table:
    """A table of explanations: average ranks first, then a grid per data set."""
    blocks = [overall(graded, pairs, columns, task) for task in ("regression", "classification")]
    blocks += [grid(graded, d, pairs, columns, dataset_label(d)) for d in graded.datasets()]
    explain = [f"{short(m)}: {m.label}{_direction(m)}." for m in columns]
    return Table(
        name,
        title,
        tidy(graded, pairs, columns),
        [block for block in blocks if block],
        [LEGEND, *explain, *notes, *graded.failures()],
    )


def _direction(metric) -> str:
    if metric.larger_is_better is None:
        return ""
    return "; larger is better" if metric.larger_is_better else "; smaller is better"
