"""One method against another over the data sets of a task and group: better, equal, worse."""

from __future__ import annotations

import pandas as pd

from benchmark.evaluation import pairwise
from benchmark.evaluation.aggregates import aggregates
from benchmark.evaluation.statistics import FEWEST
from benchmark.tables.table import DASH, Block, Table

TITLE = "One method against another, over data sets"
NOTES = [
    "Row against column, in per cent: the probability that the row is better / practically equal / "
    "worse on most data sets of the kind (hierarchical correlated Bayesian t test, Corani et al., "
    "Machine Learning 2017). Practically equal: a ratio of errors within one per cent, a "
    "difference of accuracy or AUROC within one point.",
    f"Every pair with {FEWEST} common data sets of {FEWEST} common splits is in the CSV, with the "
    "typical difference, its 95 % interval, and the chances on one further data set.",
]
NOTHING = f"There are not {FEWEST} data sets of {FEWEST} splits of a task and group."


def _columns(results, aggregate) -> list[str]:
    """Methods that all others are held against: ours, or where there is none the best."""
    ours = [m for m in aggregate.errors if results.is_in(m, "ours")]
    return ours or list(aggregate.mean_improvability().index[:1])


def chances(row) -> str:
    """``97 / 3 / 0``: the error smaller, practically equal, larger, in per cent."""
    return " / ".join(f"{100 * row[word]:.0f}" for word in ("better", "equal", "worse"))


def build(results, published):
    blocks, found = [], []
    for aggregate in aggregates(results):
        table = pairwise.of_aggregate(results, aggregate)
        if table.empty:
            continue
        found.append(table.assign(task=aggregate.task, group=aggregate.group))
        chosen = _columns(results, aggregate)
        rows = []
        for method in aggregate.mean_improvability().index:
            told = {other: chances(row) for other, row in pairwise.beside(table, method).items()}
            told[method] = ""
            rows.append([results.label(method), *(told.get(other, DASH) for other in chosen)])
        header = ["method", *map(results.label, chosen)]
        blocks.append(Block(aggregate.heading, header, rows))
    columns = ["task", "group", *pairwise.COLUMNS]
    tidy = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
    return Table("pairs", TITLE, tidy[columns], blocks, NOTES, NOTHING)
