"""What a reader chooses by: error, size of reading and seconds of the methods that can be read."""

from __future__ import annotations

import math

from benchmark.evaluation.aggregates import GROUP_LABELS, aggregates, primary_of, seconds_of_fit
from benchmark.evaluation.pareto import reading_size
from benchmark.evaluation.statistics import FEWEST
from benchmark.metrics import PRIMARY
from benchmark.tables.cells import number
from benchmark.tables.table import DASH, Block
from benchmark.words import measured

GROUPS = ("real", "control")


def choice(results) -> str:
    """A table in Markdown: the readable methods, and the best that is not; "" of few real tables.

    A method can be read if it has a size of reading (``benchmark.evaluation.pareto``).
    """
    found = aggregates(results)
    chosen = [
        (f"{task}, {GROUP_LABELS[group]}", aggregate)
        for group in GROUPS
        for task in PRIMARY
        if (aggregate := primary_of(found, task, group)) is not None
    ]
    if not chosen or chosen[0][1].group != "real" or len(chosen[0][1].datasets) < FEWEST:
        return ""
    datasets = [name for _, aggregate in chosen for name in aggregate.datasets]
    # best first, by the first group; after them those of the other task alone
    ordered = list(dict.fromkeys(m for _, one in chosen for m in one.mean_improvability().index))
    sizes = {method: reading_size(results, datasets, method) for method in ordered}
    readable = [method for method in ordered if not math.isnan(sizes[method])]
    closed = [method for method in ordered if method not in readable][:1]
    rows = []
    for method in [*readable, *closed]:
        name = results.label(method)
        row = [name if method in readable else f"{name} (not readable, the best of these)"]
        row += [
            measured(aggregate, method) if method in aggregate.errors else DASH
            for _, aggregate in chosen
        ]
        row.append(DASH if math.isnan(sizes[method]) else f"{sizes[method]:.0f}")
        row.append(number(seconds_of_fit(results, datasets, method)))
        rows.append(row)
    header = ["method", *(f"{name} ({len(one.datasets)})" for name, one in chosen)]
    return Block("", [*header, "to read", "seconds"], rows).markdown() + "\n"
