"""What predicts the winner: properties of the data sets, and which family does well where."""

from __future__ import annotations

import math

import pandas as pd

from baselines.contract import FAMILIES
from benchmark.evaluation import properties
from benchmark.evaluation.aggregates import firsts
from benchmark.evaluation.statistics import FEWEST
from benchmark.tables.cells import dataset_label
from benchmark.tables.table import DASH, Block, Table

TITLE = "What predicts the winner"
NOTES = [
    "Correlation (Spearman) of a property of a data set with the advantage of a family: the error "
    "of the best other method over that of its best; in brackets the 95 % interval of a bootstrap "
    "over data sets. Above 0: the family does better where the property is larger.",
    "Noise, linearity and steps are read off the errors of the same methods, so that they are no "
    "news from outside: they say what the data set rewards.",
    "Columns with two values are those made of categories, and whatever else has two values.",
]
NOTHING = f"There are not {FEWEST} data sets of a task and group."


def chosen(results) -> list:
    """One aggregate per task and group with enough data sets, by the config's first metric."""
    return [aggregate for aggregate in firsts(results) if len(aggregate.datasets) >= FEWEST]


def correlation(rho, lower, upper) -> str:
    """``+0.42 [0.10, 0.71]``."""
    return DASH if math.isnan(rho) else f"{rho:+.2f} [{lower:.2f}, {upper:.2f}]"


def _associations(aggregate, found, families) -> Block:
    texts = {
        (row.property, row.family): correlation(row.correlation, row.lower, row.upper)
        for row in found.itertuples()
    }
    shown = [name for name in families if (properties.PROPERTIES[0].name, name) in texts]
    rows = [
        [one.label, *(texts[one.name, name] for name in shown)] for one in properties.PROPERTIES
    ]
    title = f"{aggregate.heading}: correlation with the lead of"
    return Block(title, ["property", *(FAMILIES[name] for name in shown)], rows)


def _data_sets(aggregate, table, families) -> Block:
    won = properties.winners(aggregate.errors, families)
    rows = [
        [dataset_label(name)]
        + [DASH if math.isnan(value) else f"{value:.3g}" for value in row]
        + [FAMILIES.get(won[name], DASH)]
        for name, row in zip(table.index, table.to_numpy(dtype=float), strict=True)
    ]
    title = f"{aggregate.title}: the data sets, and the family of the best method"
    return Block(title, ["data set", *table.columns, "best"], rows)


def build(results, published):
    blocks, tidy = [], []
    for aggregate in chosen(results):
        table = properties.of_aggregate(results, aggregate)
        families = properties.families_of(results, aggregate.errors)
        found = properties.associations(table, aggregate.errors, families)
        where = {"task": aggregate.task, "group": aggregate.group, "metric": aggregate.metric.name}
        tidy.append(found.assign(**where))
        blocks += [_associations(aggregate, found, families)] if len(found) else []
        blocks.append(_data_sets(aggregate, table, families))
    columns = ["task", "group", "metric", *properties.COLUMNS]
    frame = pd.concat(tidy, ignore_index=True) if tidy else pd.DataFrame(columns=columns)
    return Table("predictors", TITLE, frame[columns], blocks, NOTES, NOTHING)
