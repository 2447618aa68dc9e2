"""NIMO+ on tables with categories as they are, beside the same tables encoded 0 and 1.

    python -m measurements.categories [TABLE ...] [--seed 9300] [--cuts 2] [--sample 2000]

``--method ebm_default`` or ``catboost``: another method that asks for the frame, and trains on all
rows that it is given.

Both sides have the training and validation rows of the same cuts.  The encoded side is the matrix
of the suite: a column per level, rare levels pooled, a missing number filled and marked
(benchmark/datasets/encoding.py).  The other is its frame: text, ordered categories, gaps.
Error: mean squared, or 1 - AUROC.  One process, one thread, CPU seconds.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from sklearn.metrics import roc_auc_score

import baselines
from benchmark import datasets
from benchmark.datasets.tabular import make_split
from benchmark.fitting import given
from benchmark.fitting.key import grid_of

METHODS = ("nimo_plus", "ebm_default", "catboost")

TABLES = (
    *("ames", "hitters", "college", "wage", "auto", "house_prices", "deliveries", "carseats"),
    *("credit_data", "attrition", "mlc_churn", "hmda", "oj", "email"),
)


def measured(method, task, train, y, test, truth):
    """Error and CPU seconds of the default."""
    model = method.build(task, grid_of(method, False)[0], 0)
    start = time.process_time()
    model.fit(train, y)
    seconds = time.process_time() - start
    if task == "regression":
        return float(np.mean((truth - model.predict(test)) ** 2)), seconds
    return float(1 - roc_auc_score(truth, model.predict_proba(test)[:, 1])), seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", default=TABLES)
    parser.add_argument("--seed", type=int, default=9300)
    parser.add_argument("--cuts", type=int, default=2)
    parser.add_argument("--sample", type=int, default=2000)
    parser.add_argument("--method", default="nimo_plus", choices=METHODS)
    options = parser.parse_args()
    method = baselines.load(options.method)
    config = {"seed": options.seed, "sample": options.sample}
    print("| table | categories, levels | as it is | encoded | ratio | seconds | encoded |")
    print("|---|---|---|---|---|---|---|")
    logs = []
    for name in options.tables:
        dataset = datasets.declared()[name]
        table = dataset.table(options.sample)
        text = [one for one in table.columns if not one.numeric and not one.levels]
        levels = sum(len(set(one.values)) for one in text)
        found = []
        for cut in range(options.cuts):
            split = make_split(dataset, cut, config, table)
            sides = []
            for frame in (True, False):
                rows = given.joined(given.to_method(split.shown_to_methods(), frame))
                fit = rows["X_train"], rows["y_train"], rows["X_test"]
                sides.append(measured(method, dataset.task, *fit, split.arrays["y_test"]))
            found.append(sides)
        (own, own_seconds), (coded, coded_seconds) = np.exp(np.mean(np.log(found), axis=0))
        logs.append(np.log(own / coded))
        print(
            f"| {name} | {len(text)}, {levels} | {own:.4f} | {coded:.4f} | {own / coded:.3f} | "
            f"{own_seconds:.1f} | {coded_seconds:.1f} |",
            flush=True,
        )
    print(f"| geometric mean | | | | {np.exp(np.mean(logs)):.3f} | | |")


if __name__ == "__main__":
    main()
