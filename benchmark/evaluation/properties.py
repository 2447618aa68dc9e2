"""What a table is like, and which kind of method does well on such tables.

A kind is a family or group that methods declare (``baselines.contract``); the functions here take
frames of errors and the members of a kind, and know no method by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from baselines.contract import FAMILIES
from benchmark import metrics
from benchmark.evaluation.statistics.association import spearman
from benchmark.split_counts import splits_of


@dataclass(frozen=True)
class Property:
    """A number of a table: its name, what readers see, and whether its axis is logarithmic."""

    name: str
    label: str
    logarithmic: bool = False


PROPERTIES = (
    Property("rows", "training rows", True),
    Property("columns", "columns that methods see", True),
    Property("categories", "share of columns with two values"),
    Property("noise", "noise: error of the best / of a constant"),
    Property("linearity", "linearity: a line's share of the best's gain"),
    Property("steps", "steps: best error, smooth / with steps", True),
)
COLUMNS = ["property", "family", "correlation", "lower", "upper", "n_tables"]


def constant_error(results, dataset: str, metric) -> float:
    """Mean error of one prediction for all rows: the training mean, or the training shares."""
    found = []
    for index in range(splits_of(results.config, dataset)):
        split, truth = results.split(dataset, index), results.truth(dataset, index)
        mean, n = np.mean(split.arrays["y_train"]), len(split.arrays["y_test"])
        regression = split.task == "regression"
        outputs = {
            "prediction": np.full(n, mean if regression else int(mean > 0.5)),
            "probability": np.tile([1 - mean, mean], (n, 1)),
        }
        found.append(float(metric.function(metrics.Sample(outputs, split, truth))))
    mean = float(np.mean(found))
    return 1 - mean if metric.larger_is_better else mean


def measured(errors: pd.DataFrame, constant: pd.Series, linear, steps, smooth) -> pd.DataFrame:
    """Noise, linearity and steps of each table, read off the errors of those who were there.

    Parameters
    ----------
    errors : DataFrame, tables x methods
        At least 0, smaller is better.
    constant : Series by table, the error of a constant
    linear, steps, smooth : names of methods of these kinds

    Returns
    -------
    DataFrame, tables x (noise, linearity, steps); nan where nobody of a kind has a value
    """
    best = errors.min(axis=1)
    gain = (constant - best).where(constant > best)
    line = errors[list(linear)].min(axis=1)
    found = {
        "noise": best / constant,
        "linearity": ((constant - line) / gain).clip(0, 1),
        "steps": errors[list(smooth)].min(axis=1) / errors[list(steps)].min(axis=1),
    }
    return pd.DataFrame(found).replace([np.inf, -np.inf], np.nan)


def of_aggregate(results, aggregate) -> pd.DataFrame:
    """All :data:`PROPERTIES` of the data sets of an aggregate, one row each."""
    shape = {}
    for dataset in aggregate.datasets:
        X = results.split(dataset, 0).arrays["X_train"]
        two = np.mean([len(np.unique(column)) == 2 for column in X.T])
        shape[dataset] = {"rows": len(X), "columns": X.shape[1], "categories": two}
    constant = pd.Series(
        {d: constant_error(results, d, aggregate.metric) for d in aggregate.datasets}
    )
    kinds = {
        name: [m for m in aggregate.errors if results.is_in(m, name)]
        for name in ("linear", "steps", "smooth")
    }
    table = pd.DataFrame.from_dict(shape, orient="index")
    return table.join(measured(aggregate.errors, constant, **kinds))


def families_of(results, methods: Iterable[str]) -> dict[str, list[str]]:
    """The methods of each family that has some, in the order of the families."""
    found: dict[str, list[str]] = {name: [] for name in FAMILIES}
    for method in methods:
        found[results.family(method)].append(method)
    return {name: members for name, members in found.items() if members}


def winners(errors: pd.DataFrame, families: dict[str, list[str]]) -> pd.Series:
    """The family of the best method of each table, the first of several that are equal."""
    best = pd.DataFrame({name: errors[members].min(axis=1) for name, members in families.items()})
    return best.dropna(how="all").idxmin(axis=1).reindex(errors.index)


def advantage(errors: pd.DataFrame, members: list[str]) -> pd.Series:
    """Error of the best other method over that of the best member, by table: above 1 it leads."""
    others = [name for name in errors if name not in members]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = errors[others].min(axis=1) / errors[members].min(axis=1)
    return ratio.replace([np.inf, 0.0], np.nan)


def associations(
    properties: pd.DataFrame, errors: pd.DataFrame, families: dict[str, list[str]]
) -> pd.DataFrame:
    """Spearman's correlation of each property with the advantage of each family over all others.

    Returns
    -------
    DataFrame with the columns :data:`COLUMNS`
    """
    rows = []
    for name, members in families.items():
        if len(members) == errors.shape[1]:
            continue
        lead = advantage(errors, members)
        for one in PROPERTIES:
            rows.append((one.name, name, *spearman(properties[one.name], lead)))
    return pd.DataFrame(rows, columns=COLUMNS)
