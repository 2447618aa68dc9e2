"""NIMO+ on tables with categories as they are, beside the same tables encoded 0 and 1.

    python -m measurements.categories [TABLE ...] [--seed 9300] [--cuts 2] [--sample 2000]

Both sides have the training and validation rows of the same cuts.  The encoded side is what every
method of the suite sees: a column per level, rare levels pooled, a missing number filled and
marked (benchmark/datasets/encoding.py).  The other is a frame: text, ordered categories, gaps.
Error: mean squared, or 1 - AUROC.  One process, one thread, CPU seconds.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from benchmark import datasets
from benchmark.datasets.tabular import make_split, rows_of
from nimo import NIMOPlusClassifier, NIMOPlusRegressor

TABLES = (
    *("ames", "hitters", "college", "wage", "auto", "house_prices", "deliveries", "carseats"),
    *("credit_data", "attrition", "mlc_churn", "hmda", "oj", "email"),
)


def as_frame(table) -> pd.DataFrame:
    """What a user would have read: numbers, text, ordered categories, gaps."""

    def column(one):
        if one.numeric:
            return one.values
        text = pd.Series(one.values, dtype=object).replace("", None)
        return pd.Categorical(text, one.levels, ordered=True) if one.levels else text

    return pd.DataFrame({one.name: column(one) for one in table.columns})


def measured(task, train, y, test, truth):
    """Error and CPU seconds."""
    model = NIMOPlusRegressor() if task == "regression" else NIMOPlusClassifier()
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
    options = parser.parse_args()
    config = {"seed": options.seed, "sample": options.sample}
    print("| table | categories, levels | as it is | encoded | ratio | seconds | encoded |")
    print("|---|---|---|---|---|---|---|")
    logs = []
    for name in options.tables:
        dataset = datasets.declared()[name]
        table = dataset.table(options.sample)
        frame = as_frame(table)
        text = [one for one in table.columns if not one.numeric and not one.levels]
        levels = sum(len(set(one.values)) for one in text)
        found = []
        for cut in range(options.cuts):
            arrays = make_split(dataset, cut, config, table).arrays
            order, sizes, _ = rows_of(dataset, cut, config, table)
            train, test = np.split(order, [sizes[0] + sizes[1]])
            X = np.vstack([arrays["X_train"], arrays["X_val"]])
            y = np.r_[arrays["y_train"], arrays["y_val"]]
            truth = arrays["y_test"]
            ours = measured(dataset.task, frame.iloc[train], y, frame.iloc[test], truth)
            found.append((ours, measured(dataset.task, X, y, arrays["X_test"], truth)))
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
