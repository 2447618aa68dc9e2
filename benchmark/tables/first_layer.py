"""First-layer support: are the features that modulate others' effects the true ones?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmark.datasets import synthetic
from benchmark.tables.cells import (
    backend_notes,
    block_rows,
    failure_notes,
    grid,
    used_methods,
)
from benchmark.tables.coefficients import precision_recall_f1
from benchmark.tables.table import Block, Table

TITLE = "Recovery of the interacting features (first-layer support)"
MEASURES = {
    "precision": ("Precision", lambda found, truth: precision_recall_f1(found, truth)[0]),
    "recall": ("Recall", lambda found, truth: precision_recall_f1(found, truth)[1]),
    "f1": ("F1", lambda found, truth: precision_recall_f1(found, truth)[2]),
    "exact": ("Exactly right", lambda found, truth: float(np.array_equal(found, truth))),
}
NOTES = [
    "Truth: the features that occur inside a bracket that multiplies another feature (none in "
    "vanilla). Found: the method's interaction_features_. Exactly right: share of splits.",
    "Finding nothing counts as precise, and where nothing is to be found everything is recalled. A "
    "dash: the method does not do the task or does not name such features.",
]


def build(results, published):
    datasets = [d for d in results.datasets() if d in synthetic.EQUATIONS]
    blocks, found = [], []
    for metric, (title, function) in MEASURES.items():

        def value_of(row, function=function):
            arrays = results.arrays(row.dataset, row.method, row.split)
            named = arrays.get("interaction_features")
            truth = results.split(row.dataset, row.split).interacting
            return None if named is None else function(named.astype(bool), truth)

        cells = grid(results, datasets, results.methods(), metric, value_of)
        methods = used_methods(results.methods(), cells)
        if cells:
            header = ["data set", *map(results.label, methods)]
            blocks.append(Block(title, header, block_rows(datasets, methods, cells)))
            found.extend(cells.values())
    rows = [cell.row() for cell in found]
    columns = list(rows[0]) if rows else ["dataset", "method", "metric", "mean", "n_ok", "n"]
    notes = NOTES + failure_notes(found) + backend_notes(results, found)
    return Table("first_layer", TITLE, pd.DataFrame(rows, columns=columns), blocks, notes)
