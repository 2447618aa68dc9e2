"""What a fit costs."""

from __future__ import annotations

from benchmark.tables.cells import (
    block_rows,
    configuration_notes,
    failure_notes,
    grid,
    implementation_notes,
    tidy,
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
    datasets, fits = results.datasets(), results.fits[results.fits.status == "ok"]
    by_cell = dict(iter(fits.sort_values("split").groupby(["dataset", "method"])))
    for measure, (title, decimals) in MEASURES.items():

        def values_of(*cell, measure=measure):
            return by_cell[cell][measure].dropna() if cell in by_cell else ()

        cells = grid(results, datasets, results.methods(), measure, values_of=values_of)
        methods = used_methods(results.methods(), cells)
        header = ["data set", *map(results.label, methods)]
        rows = block_rows(datasets, methods, cells, decimals)
        blocks.append(Block(title, header, rows, "method"))
        found.extend(cells.values())
    notes = NOTES + failure_notes(found) + implementation_notes(results, found)
    notes += configuration_notes(results, found)
    return Table("runtime", TITLE, tidy(found), blocks, notes)
