"""Average ranks over data sets and the critical difference."""

from __future__ import annotations

import math

import pandas as pd

from benchmark.evaluation.statistics import rankings
from benchmark.tables.cells import backend_notes, dataset_label, failure_notes, grid
from benchmark.tables.table import Block, Table

TITLE = "Average ranks over data sets"
COLUMNS = ["group", "method", "average_rank", "critical_difference", "friedman_p", "n_datasets"]
NAMES = {
    "regression": "Regression data sets, test MSE",
    "classification": "Classification data sets, test accuracy",
    "all": "All data sets, methods that do both tasks",
}
NOTES = [
    "1 is best; ties share a rank. Methods are ranked by their mean over splits; one that failed "
    "on every split of a data set ranks last there.",
    "Two average ranks differ (Nemenyi test, 5 % over all pairs) if they are further apart than "
    "the critical difference CD. Friedman p: all methods rank alike. Both take the data sets for "
    "independent and are coarse for few of them.",
]


def _shown(value, form) -> str:
    return "not defined" if math.isnan(value) else format(value, form)


def build(results, published):
    blocks, rows, cells = [], [], {}
    for ranking in rankings(results):
        datasets = list(ranking.ranks.index)
        for method, average in ranking.average.items():
            row = dict(
                zip(
                    COLUMNS,
                    (
                        ranking.group,
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
        title = (
            f"{NAMES[ranking.group]} (CD {_shown(ranking.critical_difference, '.2f')}, "
            f"Friedman p {_shown(ranking.friedman_p, '.2g')})"
        )
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
        cells |= grid(results, datasets, list(ranking.ranks), "rank", lambda row: row.value)
    others = sorted({key for row in rows for key in row} - set(COLUMNS))
    tidy = pd.DataFrame(rows, columns=COLUMNS + others)
    notes = NOTES + failure_notes(cells.values()) + backend_notes(results, cells.values())
    return Table("ranks", TITLE, tidy, blocks, notes)
