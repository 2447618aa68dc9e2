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
import pandas as pd
from sklearn.linear_model import LassoCV, LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score

from benchmark import ROOT, datasets
from nimo import NIMOPlusClassifier, NIMOPlusRegressor

CONTROLS = ("carseats", "bdims", "breast_cancer")
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

#: Around the function whose quantiles are sought.
NOISES = {
    "normal": lambda X, rng: 0.5 * rng.normal(size=len(X)),
    "uneven": lambda X, rng: 0.5 * np.exp(0.5 * X[:, 4]) * rng.normal(size=len(X)),
    "exponential": lambda X, rng: 0.5 * rng.exponential(size=len(X)),
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


def rows(options):
    for seed in range(options.seed, options.seed + options.draws):
        yield ("rows", "linear", seed), lambda seed=seed: _linear(seed)
        yield ("rows", "rare class", seed), lambda seed=seed: _rare(seed)
        yield ("rows", "100 x 5000", seed), lambda seed=seed: _wide(seed)


def _linear(seed):
    rng = np.random.default_rng(seed)
    X, Z = rng.normal(size=(200, 5)), rng.normal(size=(2000, 5))
    y = 2 * X[:, 0] - X[:, 1] + rng.normal(size=200)
    truth, drawn = 2 * Z[:, 0] - Z[:, 1], rng.integers(200, size=200)
    wild = y.copy()
    wild[7] = 1000
    cases = {
        "plain": (X, y, None),
        "all weights 1/n": (X, y, np.full(200, 1 / 200)),
        "exponential weights": (X, y, rng.exponential(size=200)),
        "bootstrap sample": (X[drawn], y[drawn], None),
        "ten copies": (np.repeat(X, 10, axis=0), np.repeat(y, 10), None),
        "one response of 1000": (X, wild, None),
    }
    found = {}
    for label, (features, response, weight) in cases.items():
        # a ridge regression has no answer to one wild response, and is spared it
        spared = y if response is wild else response
        ours = NIMOPlusRegressor().fit(features, response, sample_weight=weight)
        ridge = Ridge(1.0).fit(features, spared, sample_weight=weight)
        found[label] = [
            float(np.sqrt(np.mean((model.predict(Z) - truth) ** 2))) for model in (ours, ridge)
        ]
    return {"found": found}


def _rare(seed):
    rng = np.random.default_rng(seed)
    X, Z = rng.normal(size=(2000, 6)), rng.normal(size=(20_000, 6))
    logits = [-5.6 + 1.2 * A[:, 0] - A[:, 1] + 0.5 * A[:, 2] for A in (X, Z)]
    y, z = (rng.random(len(f)) < 1 / (1 + np.exp(-f)) for f in logits)
    models = (NIMOPlusClassifier(), LogisticRegression())
    scores = [float(roc_auc_score(z, model.fit(X, y).decision_function(Z))) for model in models]
    return {"found": {f"{int(y.sum())} of 2000": scores}}


def _wide(seed):
    rng = np.random.default_rng(seed)
    beta = np.zeros(5000)
    beta[rng.choice(5000, 5, replace=False)] = rng.uniform(1, 3, 5) * rng.choice([-1, 1], 5)
    X, Z = rng.normal(size=(100, 5000)), rng.normal(size=(1000, 5000))
    y = X @ beta + 0.7 * rng.normal(size=100)
    errors = []
    for model in (NIMOPlusRegressor(), LassoCV()):
        errors.append(float(np.mean((model.fit(X, y).predict(Z) - Z @ beta) ** 2)))
    return {"found": {"mean squared error": errors}}


def coverage(options):
    for noise in (0.1, 0.5, 1.0, 2.0):
        yield ("coverage", noise), lambda noise=noise: _coverage(noise, options)


def _coverage(noise, options):
    inside = {"slope of x1": [], "slope of x2": [], "slope of x3": [], "curve of x3": []}
    inside |= {"surface of x1, x4": [], "function": [], "new response": []}

    def note(label, interval, truth):
        low, high = np.asarray(interval).T
        inside[label].append(float(np.mean((low <= truth) & (truth <= high))))

    def function(X):
        return 2 * X[:, 0] - X[:, 1] + X[:, 2] + np.sin(2 * X[:, 2]) + X[:, 0] * X[:, 3]

    x = np.linspace(-1.9, 1.9, 39)
    for seed in range(options.seed, options.seed + options.intervals):
        rng = np.random.default_rng(seed)
        X = rng.uniform(-2, 2, size=(200, 5))
        y = function(X) + noise * rng.normal(size=200)
        model = NIMOPlusRegressor(baseline="zero").fit(X, y)
        slopes = model.coef_interval()
        for j, slope in enumerate((2.0, -1.0, 3.0)):
            note(f"slope of x{j + 1}", slopes[[j]], slope)
        note("curve of x3", model.term_interval(2, x, line=True), x + np.sin(2 * x))
        Z = rng.uniform(-2, 2, size=(200, 5))
        note("surface of x1, x4", model.term_interval((0, 3), Z[:, [0, 3]]), Z[:, 0] * Z[:, 3])
        note("function", model.mean_interval(Z), function(Z))
        new = function(Z) + noise * rng.normal(size=200)
        note("new response", model.predict_interval(Z), new)
    return {"found": {label: float(np.mean(values)) for label, values in inside.items()}}


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


def quantiles(options):
    for noise in NOISES:
        for level in (0.1, 0.5, 0.9):
            yield (
                ("quantiles", noise, level),
                lambda noise=noise, level=level: _quantiles(noise, level, options),
            )


def _quantiles(noise, level, options):
    shares = []
    for seed in range(options.seed, options.seed + options.draws):
        rng = np.random.default_rng(seed)
        X, Z = rng.normal(size=(1000, 6)), rng.normal(size=(10_000, 6))
        y, z = (
            np.sin(2 * A[:, 0]) + 0.5 * A[:, 1] + 0.5 * A[:, 2] * A[:, 3] + NOISES[noise](A, rng)
            for A in (X, Z)
        )
        model = NIMOPlusRegressor(family="quantile", quantile=level).fit(X, y)
        shares.append(float(np.mean(z < model.predict(Z))))
    return {"found": {"share below": float(np.mean(shares))}}


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


PARTS = {f.__name__: f for f in (tables, ablation, rows, coverage, intervals, quantiles, size)}


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


# ---------------------------------------------------------------- report


def _geometric(values):
    return float(np.exp(np.mean(np.log(values))))


def group(name, task):
    return "control" if name in CONTROLS else task


def report(options):
    lines = [json.loads(line) for line in options.store.open()]
    of = {part: [line for line in lines if line["key"][0] == part] for part in PARTS}
    for part, show in (("tables", _show_tables), ("ablation", _show_ablation)):
        if of[part]:
            show(of[part])
    for part in ("rows", "coverage", "intervals", "quantiles", "size"):
        if of[part]:
            _show_plain(part, of[part])


def _show_tables(lines):
    found = []
    for line in lines:
        _, name, cut = line["key"]
        for rows in ("training", "all"):
            of = {k.split(",")[0]: v for k, v in line["found"].items() if k.endswith(f", {rows}")}
            own, rivals = of.pop("NIMO+"), list(of.values())
            best = min(e for e, _ in rivals)
            fastest = min(s for _, s in rivals)
            found.append(
                (group(name, line["task"]), name, cut, rows, own[0], best, own[1], fastest)
            )
    names = ["group", "name", "cut", "rows", "error", "best", "seconds", "fastest"]
    frame = pd.DataFrame(found, columns=names)
    means = frame.groupby(["group", "rows", "name"]).mean(numeric_only=True)
    bags = sorted({k.split(",")[0] for line in lines for k in line["found"]} - {"NIMO+"})
    print(f"\n## Error over EBM's, the best of {', '.join(bags)} (bags) on each table\n")
    print("| group | rows | tables | cuts | geometric mean | worst table | seconds over EBM's |")
    print("|---|---|---|---|---|---|---|")
    for (name, rows), of in means.groupby(["group", "rows"]):
        ratio = of.error / of.best
        seconds = (frame.seconds / frame.fastest)[(frame.group == name) & (frame.rows == rows)]
        print(
            f"| {name} | {rows} | {len(of)} | {frame.cut.nunique()} | {_geometric(ratio):.3f} "
            f"| {ratio.max():.2f} {ratio.idxmax()[2]} | {seconds.median():.2f} |"
        )
    print("\nBy table, all rows: ", end="")
    whole = means.xs("all", level="rows")
    ratio = (whole.error / whole.best).sort_values()
    print(", ".join(f"{name} {value:.2f}" for (_, name), value in ratio.items()))


def _show_ablation(lines):
    frame = pd.DataFrame(
        [
            (group(line["key"][1], line["task"]), line["key"][1], label, e, s)
            for line in lines
            for label, (e, s) in line["found"].items()
        ],
        columns=["group", "name", "label", "error", "seconds"],
    )
    means = frame.groupby(["group", "label", "name"])[["error", "seconds"]].mean()
    print("\n## Error without a part, over that with all of it\n")
    print("| group | without | tables | mean | worst table | seconds, median |")
    print("|---|---|---|---|---|---|")
    for (name, label), of in means.groupby(["group", "label"]):
        whole = means.loc[name, "all of it"]
        ratio = of.error.droplevel([0, 1]) / whole.error
        print(
            f"| {name} | {label} | {len(of)} | {_geometric(ratio):.3f} "
            f"| {ratio.max():.2f} {ratio.idxmax()} | {of.seconds.median():.2f} |"
        )


def _show_plain(part, lines):
    print(f"\n## {part}\n")
    for line in lines:
        shown = ", ".join(f"{label}: {value}" for label, value in line["found"].items())
        print(f"* {' '.join(map(str, line['key'][1:]))}: {shown}")


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
    else:
        {"fit": fit, "report": report}[options.what](options)


if __name__ == "__main__":
    main()
