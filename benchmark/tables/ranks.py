"""Average ranks over data sets and the critical difference."""

from __future__ import annotations

import math

import pandas as pd

from benchmark.evaluation.aggregates import title_of
from benchmark.evaluation.comparisons import rankings
from benchmark.evaluation.statistics import FEWEST
from benchmark.tables.cells import dataset_label, failure_notes, grid, implementation_notes
from benchmark.tables.table import Block, Table

TITLE = "Average ranks over data sets"
COLUMNS = [
    "task",
    "group",
    "metric",
    "method",
    "average_rank",
    "critical_difference",
    "friedman_p",
    "n_datasets",
]
NOTES = [
    "1 is best; ties share a rank. Methods are ranked by their mean over splits; one that failed "
    "on every split of a data set ranks last there.",
    "Two average ranks differ (Nemenyi test, 5 % over all pairs) if they are further apart than "
    "the critical difference CD. Neither two tasks nor two groups of data sets are ranked "
    "together. It takes the data sets for independent and is coarse for few of them.",
]
FRIEDMAN = f"Friedman p: all methods rank alike; from {FEWEST} data sets of {FEWEST} splits on."


def _tested(ranking) -> str:
    """``CD 12.86, Friedman p 0.003``, as far as there is one."""
    cd, p = ranking.critical_difference, ranking.friedman_p
    shown = "CD not defined" if math.isnan(cd) else f"CD {cd:.2f}"
    return shown if math.isnan(p) else f"{shown}, Friedman p {p:.2g}"


def build(results, published):
    blocks, rows, cells = [], [], {}
    for ranking in rankings(results, results.config["metrics"]):
        datasets = list(ranking.ranks.index)
        for method, average in ranking.average.items():
            row = dict(
                zip(
                    COLUMNS,
                    (
                        ranking.task,
                        ranking.group,
                        ranking.metric,
                        method,
                        average,
                        ranking.critical_difference,
                        ranking.friedman_p,
                        len(datasets),
                    ),
                    strict=True,
                )
            )
            rows.append(row | {f"rank_{d}": ranking.ranks.loc[d, method] for d in datasets})
        failed = set(ranking.failed)
        title = f"{title_of(ranking)} ({_tested(ranking)})"
        body = [
            [
                results.label(method),
                f"{average:.2f}",
                *(
                    f"{ranking.ranks.loc[d, method]:g}{' failed' if (d, method) in failed else ''}"
                    for d in datasets
                ),
            ]
            for method, average in ranking.average.items()
        ]
        blocks.append(Block(title, ["method", "average", *map(dataset_label, datasets)], body))
        cells |= grid(results, datasets, list(ranking.ranks), "rank", values_of=lambda *cell: ())
    others = sorted({key for row in rows for key in row} - set(COLUMNS))
    tidy = pd.DataFrame(rows, columns=COLUMNS + others)
    tested = any(not math.isnan(row["friedman_p"]) for row in rows)
    notes = (
        NOTES
        + [FRIEDMAN] * tested
        + failure_notes(cells.values())
        + implementation_notes(results, cells.values())
    )
    return Table("ranks", TITLE, tidy, blocks, notes)
