"""What is asked of NIMO+ (`NIMOPlusRegressor`, `NIMOPlusClassifier`) outside the suite.

    python -m measurements.engine fit [PART ...] --store FILE [--cuts 2] [--draws 3] [--seed 9300]
        [--bags 1 14]
    python -m measurements.engine report --store FILE

``fit`` writes one line of JSON for each thing measured; what is in the file already is not done
again.  One process, one thread, CPU seconds.  The parts:

``tables``
    The real tables of the suite, at most 2000 rows, cuts drawn from ``--seed``: test error (mean
    squared, or 1 - AUROC) and seconds of NIMO+ and of EBM with ``--bags`` bags (1, and 14, the
    package's default, which takes twenty times as long), on training rows alone and on training
    and validation rows.
``ablation``
    The same for NIMO+ without a part of it, on training and validation rows.
``rows``
    Weights, copies, bootstrap samples, one wild response: root mean squared error beside a ridge
    regression's on the same rows; a rare class: AUROC beside logistic regression's; 100 rows of
    5000 features: error beside the lasso's.
``coverage``
    Of nominal 95 % intervals, by noise: coefficients, a curve with its line, a surface, the whole
    function, new responses.
``intervals``
    Share of the test rows of the real tables inside their predictive interval.
``quantiles``
    Share of new rows below the quantile that 1000 rows say, by noise and level.
``size``
    Seconds and peak memory of fits, and of predicting a million rows, each in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmark import ROOT, datasets
from measurements import engine_known
from measurements.engine_report import CONTROLS, report
from nimo import NIMOPlusClassifier, NIMOPlusRegressor

REAL = (
    *("concrete", "ames", "hitters", "college", "wage", "auto", "house_prices", "diamonds"),
    *("deliveries", "car_prices", "credit_data", "attrition", "mlc_churn", "cells", "hmda"),
    *("oj", "pima", "email", *CONTROLS),
)
ABLATION = {
    "all of it": {},
    "lines and curves alone": {"max_order": 1},
    "no products of three": {"max_order": 2},
    "normal noise alone": {"noise": "normal"},
    "t noise alone": {"noise": "t"},
    "two structures of each noise": {"n_structures": 2},
    "one structure": {"n_structures": 1},
}
SIZES = {
    "2000 x 60": (2000, 60),
    "1000 x 400": (1000, 400),
    "100,000 x 10": (100_000, 10),
    "1,000,000 x 10": (1_000_000, 10),
}

#: Of predictive intervals.
LEVELS = (0.5, 0.8, 0.95)


def ours(task, **options):
    if task == "classification":
        options.pop("noise", None)
        return NIMOPlusClassifier(**options)
    return NIMOPlusRegressor(**options)


def ebm(task, bags):
    from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor

    base = ExplainableBoostingRegressor if task == "regression" else ExplainableBoostingClassifier
    return base(outer_bags=bags, n_jobs=1, random_state=0)


def fitted(model, X, y):
    start = time.process_time()
    model.fit(X, y)
    return model, time.process_time() - start


def error(task, model, X, y):
    if task == "regression":
        return float(np.mean((y - model.predict(X)) ** 2))
    return float(1 - roc_auc_score(y, model.predict_proba(X)[:, 1]))


def split(name, cut, seed):
    config = {"seed": seed, "sample": 2000}
    return datasets.declared()[name].split(cut, config)


def tables(options):
    for cut in range(options.cuts):
        for name in options.tables or REAL:
            yield ("tables", name, cut), lambda name=name, cut=cut: _table(name, cut, options)


def _table(name, cut, options):
    one = split(name, cut, options.seed)
    a, task, found = one.arrays, one.task, {}
    both = np.vstack([a["X_train"], a["X_val"]]), np.r_[a["y_train"], a["y_val"]]
    for rows, (X, y) in {"training": (a["X_train"], a["y_train"]), "all": both}.items():
        models = {"NIMO+": ours(task)} | {f"EBM {bags}": ebm(task, bags) for bags in options.bags}
        for label, model in models.items():
            model, seconds = fitted(model, X, y)
            found[f"{label}, {rows}"] = error(task, model, a["X_test"], a["y_test"]), seconds
    return {"task": task, "found": found}


def ablation(options):
    for cut in range(options.cuts):
        for name in options.tables or REAL:
            yield (
                ("ablation", name, cut),
                lambda name=name, cut=cut: _ablation(name, cut, options.seed),
            )


def _ablation(name, cut, seed):
    one = split(name, cut, seed)
    a, task, found = one.arrays, one.task, {}
    X, y = np.vstack([a["X_train"], a["X_val"]]), np.r_[a["y_train"], a["y_val"]]
    for label, changed in ABLATION.items():
        if task == "classification" and "noise" in changed:
            continue
        model, seconds = fitted(ours(task, **changed), X, y)
        found[label] = error(task, model, a["X_test"], a["y_test"]), seconds
    return {"task": task, "found": found}


def intervals(options):
    for cut in range(options.cuts):
        for name in options.tables or REAL:
            if datasets.declared()[name].task == "regression":
                yield (
                    ("intervals", name, cut),
                    lambda name=name, cut=cut: _intervals(name, cut, options.seed),
                )


def _intervals(name, cut, seed):
    a = split(name, cut, seed).arrays
    X, y = np.vstack([a["X_train"], a["X_val"]]), np.r_[a["y_train"], a["y_val"]]
    model, found = NIMOPlusRegressor().fit(X, y), {}
    for level in LEVELS:
        low, high = model.predict_interval(a["X_test"], level).T
        found[f"{level:.0%}"] = float(np.mean((low <= a["y_test"]) & (a["y_test"] <= high)))
    return {"found": found}


def size(options):
    for label in SIZES:
        if label.startswith("1,000,000") and options.quick:
            continue
        yield ("size", label), lambda label=label: _size(label)


def _size(label):
    done = subprocess.run(
        [sys.executable, "-m", "measurements.engine", "one-size", label],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {"found": json.loads(done.stdout)}


def one_size(label):
    n, d = SIZES[label]
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d))
    y = X[:, 0] + np.sin(2 * X[:, 1]) + X[:, 2] * X[:, 3] + rng.normal(size=n)
    model, seconds = fitted(NIMOPlusRegressor(), X, y)
    start = time.process_time()
    model.predict(rng.normal(size=(100_000, d)))
    found = {
        "seconds": seconds,
        "peak GB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "seconds to predict a million rows": 10 * (time.process_time() - start),
    }
    print(json.dumps(found))


KNOWN = (engine_known.rows, engine_known.coverage, engine_known.quantiles)
PARTS = {part.__name__: part for part in (tables, ablation, *KNOWN, intervals, size)}


def fit(options):
    done = set()
    if options.store.exists():
        done = {tuple(json.loads(line)["key"]) for line in options.store.open()}
    for part in options.parts or PARTS:
        for key, measure in PARTS[part](options):
            if key in done:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                line = json.dumps({"key": key, **measure()})
            with options.store.open("a") as store:
                store.write(line + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("fit", "report", "one-size"))
    parser.add_argument("parts", nargs="*")
    parser.add_argument("--store", type=Path, default=Path("engine.jsonl"))
    parser.add_argument("--tables", nargs="*")
    parser.add_argument("--cuts", type=int, default=2)
    parser.add_argument("--bags", nargs="+", type=int, default=[1, 14])
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--intervals", type=int, default=200)
    parser.add_argument("--seed", type=int, default=9300)
    parser.add_argument("--quick", action="store_true", help="without the million rows")
    options = parser.parse_args()
    if options.what == "one-size":
        one_size(options.parts[0])
    elif options.what == "report":
        report([json.loads(line) for line in options.store.open()])
    else:
        fit(options)


if __name__ == "__main__":
    main()
