"""Methods over the data sets of one task and group: what the leaderboard and its figure say."""

from __future__ import annotations

import math

from benchmark.evaluation.aggregates import aggregates
from benchmark.evaluation.pareto import costs, front
from benchmark.figures.accuracy_cost import AXES
from benchmark.page.details import rounded


def by_size(some: list, data_sets) -> list:
    """Those over most data sets first, else as they come; ``data_sets`` says which one has."""
    return sorted(some, key=lambda one: -len(data_sets(one)))


def of_run(results) -> list[dict]:
    """One standing per compared metric, task and group, most data sets first.

    Each has its ``methods`` best first, their mean improvability, their costs, and for each cost
    the front: methods that no other beats in both.
    """
    found = by_size(aggregates(results), lambda aggregate: aggregate.datasets)
    return [_standing(results, aggregate) for aggregate in found]


def _standing(results, aggregate) -> dict:
    table = costs(results, aggregate)
    return {
        "task": aggregate.task,
        "group": aggregate.group,
        "metric": aggregate.metric.name,
        "title": aggregate.title,
        "datasets": aggregate.datasets,
        "methods": list(table.index),
        "improvability": [_finite(value) for value in table.improvability],
        "whole": [bool(value) for value in table.whole],
        "costs": {
            name: {
                "label": label,
                "values": [_finite(value) for value in table[name]],
                "front": _front(table, name),
            }
            for name, (label, _) in AXES.items()
            if table[name].gt(0).any()
        },
    }


def _front(table, cost) -> list[str]:
    whole = table[table.whole & (table[cost] > 0)]
    return front(
        dict(zip(whole.index, zip(whole[cost], whole.improvability, strict=True), strict=True))
    )


def _finite(value):
    return None if math.isnan(value) else rounded(float(value))


def in_order(leaderboard: dict | None, found: list[dict]) -> dict | None:
    """The printed leaderboard, its blocks in the order of the standings of :func:`of_run`.

    A leaderboard of one block is printed without the block's title, which it is given here.
    """
    if leaderboard is None:
        return None
    titles = [one["title"] for one in found]

    def place(block):
        # behind the title stands the number of data sets
        told = block["title"]
        return next((i for i, title in enumerate(titles) if told.startswith(f"{title}, ")), 0)

    blocks = [block | {"title": block["title"] or titles[0]} for block in leaderboard["blocks"]]
    return leaderboard | {"blocks": sorted(blocks, key=place)}
