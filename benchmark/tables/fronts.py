"""Error against size of reading and against seconds: who is on which front."""

from __future__ import annotations

import math

import pandas as pd

from benchmark.evaluation.aggregates import aggregates
from benchmark.evaluation.pareto import SIZE, costs
from benchmark.tables.cells import number
from benchmark.tables.table import DASH, Block, Table

TITLE = "Fronts: error against size of reading, and against seconds"
HEADER = ["method", "improvability", "size of reading", "seconds of a fit", "on the front of"]
COLUMNS = ["task", "group", "metric", "method", "improvability", SIZE, "seconds"]
COLUMNS += ["on_reading", "on_seconds"]
NOTES = [
    "On a front: no method of the run has a smaller mean improvability at no larger cost. Both: "
    "the methods that are on both.",
    "Size of reading: coefficients that are not 0, curves, surfaces and split points of trees that "
    "a reader of the whole model has to hold; median over data sets of the mean over splits. A "
    "curve counts once, however it is made. A dash: what the model does is not in such pieces.",
    "Coefficients that depend on other features count a curve for each pair of a feature and one "
    "that modulates it, which leaves out that several may act together.",
]
ON = {(True, True): "both", (True, False): "reading", (False, True): "seconds"}


def _texts(results, method, row) -> list[str]:
    error = DASH if math.isnan(row.improvability) else f"{100 * row.improvability:.1f} %"
    size = DASH if math.isnan(row[SIZE]) else f"{row[SIZE]:.0f}"
    seconds = DASH if math.isnan(row.seconds) else number(row.seconds)
    on = ON.get((bool(row.on_reading), bool(row.on_seconds)), "")
    return [results.label(method), error, size, seconds, on]


def build(results, published):
    blocks, found = [], []
    for aggregate in aggregates(results):
        table = costs(results, aggregate)
        where = {"task": aggregate.task, "group": aggregate.group, "metric": aggregate.metric.name}
        found.append(table.assign(**where).rename_axis("method").reset_index())
        rows = [_texts(results, method, row) for method, row in table.iterrows()]
        blocks.append(Block(aggregate.heading, HEADER, rows))
    tidy = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=COLUMNS)
    return Table("fronts", TITLE, tidy[COLUMNS], blocks, NOTES)
