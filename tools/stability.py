"""Do explanations rank the same on fresh data?  ``python -m tools.stability CONFIG OTHER``.

Both runs must be there, with the same methods and explainers and different seeds.  For every
measure the average ranks of the explanations are compared: Spearman's correlation of the orders.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from benchmark import ROOT, metrics
from benchmark.config import ConfigError, read
from benchmark.explanations.rankings import correlations
from benchmark.tables.explained import Graded, average_ranks, label
from benchmark.tables.table import DASH, Block


def agreement(first, second, metric, task, pairs) -> tuple[float, int]:
    """(Spearman's correlation, number of explanations ranked in both); NaN below three."""
    ranks = [average_ranks(graded, pairs, metric, task) for graded in (first, second)]
    common = [pair for pair in ranks[0] if pair in ranks[1]]
    if len(common) < 3:
        return float("nan"), len(common)
    orders = np.array([[rank[pair] for pair in common] for rank in ranks])
    return float(correlations(orders)[0, 1]), len(common)


def table(first, second) -> Block:
    """A row per measure, a column per task."""
    rows = []
    model = [(method, "") for method in first.methods()]
    for pairs, declared in (
        (model, metrics.CORRECTNESS_OF_MODEL),
        (first.explained(), metrics.CORRECTNESS),
        (first.explained(), metrics.FIDELITY),
    ):
        for metric in declared:
            cells = []
            for task in ("regression", "classification"):
                found, n = agreement(first, second, metric, task, pairs)
                cells.append(DASH if np.isnan(found) else f"{found:.2f} ({n})")
            rows.append([metric.name.replace("_", " "), *cells])
    header = ["Spearman (explanations ranked)", "regression", "classification"]
    return Block("Agreement of two runs on fresh data", header, rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configs", nargs=2)
    try:
        configs = [read(path) for path in parser.parse_args().configs]
    except ConfigError as error:
        sys.exit(str(error))
    if configs[0]["seed"] == configs[1]["seed"]:
        sys.exit(f'both runs have "seed": {configs[0]["seed"]}: their data are the same')
    first, second = (Graded(config, ROOT) for config in configs)
    missing = set(first.explained()) ^ set(second.explained())
    if missing:
        sys.exit(f"only one of the runs has {', '.join(sorted(label(*pair) for pair in missing))}")
    print(table(first, second).markdown())


if __name__ == "__main__":
    main()
