"""What a fit costs."""

from __future__ import annotations

import pandas as pd

from benchmark.tables.cells import (
    backend_notes,
    block_rows,
    failure_notes,
    grid,
    used_methods,
)
from benchmark.tables.table import Block, Table

TITLE = "Time and memory of one fit"
MEASURES = {
    "fit_seconds": ("Fit, all hyper-parameters tried, seconds", 2),
    "predict_seconds": ("Prediction of the test rows, seconds", 4),
    "peak_memory_mb": ("Peak memory of the process, MB", 0),
}
NOTES = [
    "Cell: mean ± standard deviation over successful splits. One thread per fit. Imports are not "
    "part of the time; the peak is that of a process that may have fitted earlier splits too.",
    "Fits share the machine with others, so that times differ from run to run.",
]


def build(results, published):
    blocks, found = [], []
    datasets = results.datasets()
    for metric, (title, decimals) in MEASURES.items():

        def value_of(row, metric=metric):
            value = getattr(row, metric)
            return None if pd.isna(value) else value

        cells = grid(results, datasets, results.methods(), metric, value_of)
        methods = used_methods(results.methods(), cells)
        header = ["data set", *map(results.label, methods)]
        blocks.append(Block(title, header, block_rows(datasets, methods, cells, decimals)))
        found.extend(cells.values())
    notes = NOTES + failure_notes(found) + backend_notes(results, found)
    return Table("runtime", TITLE, pd.DataFrame([c.row() for c in found]), blocks, notes)
