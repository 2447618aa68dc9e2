"""The supports that the paper's model is given, and its errors: known functions, the default grid.

    python -m measurements.supports functions [NAME ...] [--noise .1 1 2] [--draws 3] [--seed 9500]
    python -m measurements.supports grid [NAME ...] [--splits 10]

``functions``: 200 training and 100 validation rows; excess error on 2000 rows, in how many draws
the features with a coefficient and those that modulate are exactly the true ones, CPU seconds.
``grid``: splits of config/paper.yaml; the same supports, test errors beside the published ones with
a paired t over the splits, CPU seconds.
"""

from __future__ import annotations

import argparse
import warnings

import numpy as np
import torch
from scipy.stats import ttest_rel

from measurements.known_functions import FUNCTIONS, Split, draw, numbers, timed

METHODS = ("nimo", "nimo_relaxed")


def found(model):
    return numbers(model.coef_ != 0), numbers(model.interaction_features_)


def functions(a):
    print("| function | sd | method | excess error | coefs | columns | CPU s |")
    print("|---" * 7 + "|")
    for name in a.names or FUNCTIONS:
        truth = FUNCTIONS[name]
        for noise in a.noise:
            for method in METHODS:
                lines = []
                for seed in range(a.seed, a.seed + a.draws):
                    X, y, X_test, f_test = draw(name, noise, seed)
                    split = Split(method)
                    seconds = timed(split, X, y)
                    coefs, columns = found(split.model)
                    error = np.mean((split.predict(X_test) - f_test) ** 2)
                    lines.append((error, coefs == truth.coefs, columns == truth.columns, seconds))
                error, coefs, columns, seconds = np.transpose(lines)
                print(
                    f"| {name} | {noise:g} | {method} | {error.mean():.4f} | "
                    f"{coefs.sum():.0f}/{a.draws} | {columns.sum():.0f}/{a.draws} | "
                    f"{seconds.mean():.1f} |",
                    flush=True,
                )


def grid(a):
    import pandas as pd
    import yaml

    import baselines
    from benchmark import ROOT, config, datasets
    from benchmark.datasets import splits

    run = config.validate(yaml.safe_load((ROOT / "config/paper.yaml").read_text()))
    scores = pd.read_csv(ROOT / "docs/results/scores.csv")
    scores = scores.set_index(["dataset", "method", "metric", "split"])["value"]
    print("| data set | method | now | published | t | coefs, columns exact | CPU s |")
    print("|---" * 7 + "|")
    for name in a.names or run["datasets"]:
        one = datasets.declared()[name]
        metric = "accuracy" if one.task == "classification" else "mse"
        known = hasattr(one, "coef")
        for method in METHODS:
            lines = []
            for i in range(a.splits):
                arrays = splits.make(name, i, run).arrays
                model = baselines.load(method).build(one.task, {}, i)
                rows = {"X_val": arrays["X_val"], "y_val": arrays["y_val"]}
                seconds = timed(model, arrays["X_train"], arrays["y_train"], **rows)
                p, y = model.predict(arrays["X_test"]), arrays["y_test"]
                now = np.mean(p == y) if metric == "accuracy" else np.mean((p - y) ** 2)
                coefs, columns = found(model)
                exact = known and (coefs == set(one.coef), columns == set(one.interacting))
                before = scores[name, method, metric, i]
                lines.append((now, before, *(exact or (False, False)), seconds))
            now, before, coefs, columns, seconds = np.transpose(lines)
            t = ttest_rel(now, before).statistic
            exact = f"{coefs.sum():.0f}, {columns.sum():.0f}" if known else ""
            print(
                f"| {name} | {method} | {now.mean():.4f} | {before.mean():.4f} | {t:.1f} | "
                f"{exact} | {seconds.mean():.1f} |",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("functions", "grid"))
    parser.add_argument("names", nargs="*")
    parser.add_argument("--noise", type=float, nargs="+", default=[0.1, 1.0, 2.0])
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--seed", type=int, default=9500)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    globals()[arguments.what](arguments)


if __name__ == "__main__":
    main()
