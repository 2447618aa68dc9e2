"""Which methods nothing beats in two respects at once: error and size of reading, or seconds."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from benchmark.evaluation.aggregates import seconds_of_fit

SIZE = "reading_size"


def front(points: Mapping[str, tuple[float, float]]) -> list[str]:
    """Names of the points that no other beats in both: least error for its cost.

    Parameters
    ----------
    points : mapping of name to (cost, error), both smaller is better

    Returns
    -------
    list of names, by rising cost
    """
    found, least = [], math.inf
    for name, (_, error) in sorted(points.items(), key=lambda item: item[1]):
        if error < least:
            found.append(name)
            least = error
    return found


def reading_size(results, datasets, method) -> float:
    """Median over data sets of a method's mean size of reading; nan where it tells none."""
    means = [results.values(dataset, method, SIZE).mean() for dataset in datasets]
    return float(pd.Series(means, dtype=float).median())


def costs(results, aggregate) -> pd.DataFrame:
    """Error and costs of the methods of an aggregate, and who is on which front.

    Only methods that have a value on every data set can be on a front.

    Returns
    -------
    DataFrame, one row per method, best first: ``improvability``, ``seconds``, ``reading_size``,
    ``whole``, ``on_seconds``, ``on_reading``
    """
    means = aggregate.mean_improvability()
    table = pd.DataFrame({"improvability": means})
    for name, cost in (("seconds", seconds_of_fit), (SIZE, reading_size)):
        table[name] = [cost(results, aggregate.datasets, method) for method in table.index]
    table["whole"] = aggregate.errors.notna().all().reindex(table.index)
    for name, cost in (("on_seconds", "seconds"), ("on_reading", SIZE)):
        full = table[table.whole & table[cost].notna()]
        points = zip(full[cost], full.improvability, strict=True)
        table[name] = table.index.isin(front(dict(zip(full.index, points, strict=True))))
    return table
