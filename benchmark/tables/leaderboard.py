"""Methods over several data sets: improvability, ranks, cost; per task, group and metric."""

from __future__ import annotations

import math

import pandas as pd

from benchmark.evaluation.aggregates import (
    aggregates,
    configurations_tried,
    seconds_of_fit,
)
from benchmark.evaluation.statistics import between
from benchmark.tables.cells import (
    configuration_notes,
    failure_notes,
    grid,
    implementation_notes,
    number,
)
from benchmark.tables.table import DASH, Block, Table
from benchmark.words import interval

TITLE = "Leaderboards"
HEADER = [
    "method",
    "improvability",
    "Elo",
    "win rate",
    "average rank",
    "best on",
    "data sets",
    "fits",
    "seconds",
]
COLUMNS = [
    "task",
    "group",
    "metric",
    "method",
    *between.COLUMNS,
    "average_rank",
    "best_on",
    "n_datasets_with_value",
    "n_datasets",
    "n_ok",
    "n",
    "fit_seconds_median",
    "configurations",
]
NOTES = [
    "Improvability: 1 - best error / error on each data set, the best among the methods of this "
    "run, averaged over data sets (TabArena, NeurIPS 2025); 0 % is best everywhere. The error of "
    "an accuracy or AUROC is what is missing to 1. A method without a value on some data set "
    "stands below those that have all.",
    "Elo: a difference of 400 is a chance of 10 to 1 to have the smaller error on a data set; the "
    "methods of this run average 1000. Win rate: the share of the others that a method beats, "
    "averaged over data sets, ties as half. In brackets: 95 % intervals of a bootstrap over data "
    "sets, from five data sets on; they tell what other data sets of the kind would have shown.",
    "Average rank: 1 is best; what two ranks must differ by is in the table of ranks. Best on: "
    "data sets with the least mean error, ties counted for each.",
    "Fits: successful / all. Seconds: median over data sets of the median fit, one thread, all "
    "that was tried included.",
]


def rows_of(results, aggregate) -> list[dict]:
    """One row per method, best first."""
    wins = aggregate.wins()
    fits = results.fits[results.fits.dataset.isin(aggregate.datasets)]
    rows = []
    for method, mean in aggregate.mean_improvability().items():
        own = fits[fits.method == method]
        rows.append(
            {
                "task": aggregate.task,
                "group": aggregate.group,
                "metric": aggregate.metric.name,
                "method": method,
                **aggregate.measures.loc[method],
                "improvability": mean,
                "average_rank": aggregate.ranking.average[method],
                "best_on": int(wins[method]),
                "n_datasets_with_value": int(aggregate.errors[method].notna().sum()),
                "n_datasets": len(aggregate.errors),
                "n_ok": int((own.status == "ok").sum()),
                "n": len(own),
                "fit_seconds_median": seconds_of_fit(results, aggregate.datasets, method),
                "configurations": configurations_tried(results, aggregate.datasets, method),
            }
        )
    return rows


def _ends(row, measure, unit, decimals) -> str:
    """The interval, such as `` [4.1, 9.6]``; nothing where there is none."""
    return interval(row[f"{measure}_lower"], row[f"{measure}_upper"], unit, decimals)


def _texts(results, row) -> list[str]:
    def shown(value, text):
        return DASH if value is None or math.isnan(value) else text(value)

    error = shown(row["improvability"], lambda v: f"{100 * v:.1f} %")
    return [
        results.label(row["method"]),
        error + _ends(row, "improvability", 100, 1),
        shown(row["elo"], lambda v: f"{v:.0f}") + _ends(row, "elo", 1, 0),
        f"{100 * row['win_rate']:.0f} %" + _ends(row, "win_rate", 100, 0),
        f"{row['average_rank']:.2f}",
        str(row["best_on"]),
        f"{row['n_datasets_with_value']}/{row['n_datasets']}",
        f"{row['n_ok']}/{row['n']}",
        shown(row["fit_seconds_median"], number),
    ]


def build(results, published):
    blocks, found, cells = [], [], {}
    for aggregate in aggregates(results):
        rows = rows_of(results, aggregate)
        blocks.append(Block(aggregate.heading, HEADER, [_texts(results, row) for row in rows]))
        found += rows
        methods = list(aggregate.errors)
        cells |= grid(results, aggregate.datasets, methods, "", values_of=lambda *cell: ())
    tidy = pd.DataFrame(found, columns=COLUMNS)
    tidy["configurations"] = tidy.configurations.astype("Int64")
    found_cells = cells.values()
    notes = NOTES + configuration_notes(results, found_cells) + failure_notes(found_cells)
    notes += implementation_notes(results, found_cells)
    return Table("leaderboard", TITLE, tidy, blocks, notes)
