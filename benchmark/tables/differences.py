"""Paired differences between methods, with intervals and corrected p-values."""

from __future__ import annotations

import math

from benchmark.evaluation.statistics import compare
from benchmark.metrics import PRIMARY
from benchmark.tables.cells import backend_notes, dataset_label, failure_notes, grid
from benchmark.tables.table import DASH, Block, Table

TITLE = "Paired differences between methods"
ALPHA = 0.05
NOTES = [
    "Row against column, over the splits on which both succeeded. MSE: ratio of geometric means "
    "(0.50: half the error). Accuracy: difference in percentage points.",
    "*: the difference is significant (p < 0.05, two-sided t test on the splits, corrected for "
    "overlapping splits of one real table, and by Holm for all pairs of a data set). Intervals "
    "(95 %) and p-values of every pair are in the CSV.",
]


def _text(row, flipped: bool) -> str:
    value = row.estimate
    if math.isnan(value):
        return DASH
    if row.scale == "ratio":
        value = 1 / value if flipped else value
        shown = f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"
        shown = f"{value:.3g}" if value >= 100 else shown
    else:
        shown = f"{100 * (-value if flipped else value):+.1f}"
    return shown + ("*" if row.p_holm < ALPHA else "")


def build(results, published):
    table = compare(results)
    blocks, cells = [], {}
    for dataset, task in results.tasks.items():
        methods = results.methods(task)
        pairs = {(r.method_a, r.method_b): r for r in table.itertuples() if r.dataset == dataset}
        if not pairs:
            continue
        rows = []
        for a in methods:
            texts = []
            for b in methods:
                pair = pairs.get((a, b)) or pairs.get((b, a))
                texts.append(_text(pair, (a, b) not in pairs) if pair else "")
            rows.append([results.label(a), *texts])
        metric, _ = PRIMARY[task]
        what = "ratio of test MSE" if metric == "mse" else "difference of accuracy, points"
        title = f"{dataset_label(dataset)}: {what}, row against column"
        blocks.append(Block(title, ["row \\ column", *map(results.label, methods)], rows))
        cells |= grid(results, [dataset], methods, metric, lambda row: row.value)
    for end in ("a", "b"):
        table[f"backend_{end}"] = [
            cells[row.dataset, getattr(row, f"method_{end}")].backend for row in table.itertuples()
        ]
    notes = NOTES + failure_notes(cells.values()) + backend_notes(results, cells.values())
    return Table("differences", TITLE, table, blocks, notes)
