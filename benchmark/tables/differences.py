"""Paired differences between methods, with intervals and corrected p-values."""

from __future__ import annotations

import math

import pandas as pd

from benchmark import metrics
from benchmark.evaluation.comparisons import compare
from benchmark.evaluation.statistics import FEWEST, untested
from benchmark.split_counts import fewest_splits, most_splits
from benchmark.tables.cells import dataset_label, failure_notes, grid, implementation_notes
from benchmark.tables.table import DASH, Block, Table

TITLE = "Paired differences between methods"
ALPHA = 0.05
#: with more methods than this each is held against the best one only
MANY = 12
MANY_NOTE = (
    "Against the best mean: the best is chosen by the same splits, so that its lead is a little "
    "flattered. Every pair is in the CSV."
)
NOTES = [
    "Row against column, over the splits on which both succeeded. MSE: ratio of geometric means "
    "(0.50: half the error). Accuracy: difference in percentage points. Other metrics likewise: "
    "errors as ratios, the rest as differences. Two scores that are equal to 1e-9 are a tie.",
]
TESTED = (
    "*: the difference is significant (p < 0.05, two-sided t test on the splits, corrected for "
    "overlapping splits of one real table, and by Holm for all pairs of a data set). Intervals "
    f"(95 %) and p-values of every pair are in the CSV, p-values of {FEWEST} common splits or more."
)


def _text(row, flipped: bool) -> str:
    value = row.estimate
    if math.isnan(value):
        return DASH
    if row.scale == "ratio":
        value = 1 / value if flipped else value
        shown = f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"
        shown = f"{value:.3g}" if value >= 100 else shown
    else:
        unit = 100 if metrics.get(row.metric).scale.name == "arcsine" else 1
        shown = f"{unit * (-value if flipped else value):+.{1 if unit > 1 else 3}f}"
    return shown + ("*" if row.p_holm < ALPHA else "")


def _what(name) -> str:
    metric = metrics.get(name)
    if metric.scale.paired == "ratio":
        return f"ratio of {metric.label}"
    points = ", points" if metric.scale.name == "arcsine" else ""
    return f"difference of {metric.label}{points}"


def _every_pair(results, dataset, metric, pairs, methods) -> Block:
    """All methods against all on one data set."""
    rows = []
    for a in methods:
        texts = []
        for b in methods:
            pair = pairs.get((a, b)) or pairs.get((b, a))
            texts.append(_text(pair, (a, b) not in pairs) if pair else "")
        rows.append([results.label(a), *texts])
    title = f"{dataset_label(dataset)}: {_what(metric)}, row against column"
    return Block(title, ["row \\ column", *map(results.label, methods)], rows)


def _against_best(results, metric, by_dataset, methods) -> Block:
    """All methods against the one with the best mean, on every data set.

    For many methods: a square of all pairs for each data set would not be read by anybody.
    """
    rows = []
    for dataset, pairs in by_dataset.items():
        means = {m: results.values(dataset, m, metric).mean() for m in methods}
        means = {m: mean for m, mean in means.items() if not math.isnan(mean)}
        if not means:
            continue
        chosen = max if metrics.get(metric).larger_is_better else min
        best = chosen(means, key=means.get)
        texts = []
        for method in methods:
            pair = pairs.get((method, best)) or pairs.get((best, method))
            text = _text(pair, (method, best) not in pairs) if pair else DASH
            texts.append("best" if method == best else text)
        rows.append([dataset_label(dataset), *texts])
    title = f"{_what(metric)}, against the method with the best mean"
    return Block(title, ["data set", *map(results.label, methods)], rows, "method")


def build(results, published):
    found = [compare(results, metric) for metric in results.config["metrics"]]
    table = pd.concat(found, ignore_index=True)
    blocks, cells, many = [], {}, False
    for (metric, task), of_task in table.groupby(["metric", "task"], sort=False):
        methods = results.methods(task)
        by_dataset = {
            dataset: {(r.method_a, r.method_b): r for r in of_one.itertuples()}
            for dataset, of_one in of_task.groupby("dataset", sort=False)
        }
        cells |= grid(results, list(by_dataset), methods, metric)
        if len(methods) > MANY:
            many = True
            blocks.append(_against_best(results, metric, by_dataset, methods))
            continue
        for dataset, pairs in by_dataset.items():
            blocks.append(_every_pair(results, dataset, metric, pairs, methods))
    for end in ("a", "b"):
        table[f"implementation_{end}"] = [
            cells[row.dataset, getattr(row, f"method_{end}")].implementation
            for row in table.itertuples()
        ]
    few = untested(fewest_splits(results.config, results.tasks))
    tested = most_splits(results.config, results.tasks) >= FEWEST
    notes = NOTES + [few] * bool(few) + [TESTED] * tested + [MANY_NOTE] * many
    notes += failure_notes(cells.values()) + implementation_notes(results, cells.values())
    return Table("differences", TITLE, table, blocks, notes)
