"""How far other model classes come where NIMO misses a target.

    python measurements/reach.py real [--seeds 0 2000 3000]
    python measurements/reach.py range [--rows 10000]

``real``: gradient boosting, extremely randomised trees and a support vector machine on the suite's
splits of the two real data sets, their parameters chosen on the validation rows.
``range``: classification setting 1 with so many rows that the number of rows is no limit; what is
left is what the range of g costs.
"""

from __future__ import annotations

import argparse
import sys
from itertools import product
from pathlib import Path

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor
from sklearn.linear_model import LassoCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmark import (  # noqa: E402
    config,
    datasets,  # noqa: E402
    splits,
)
from nimo import NIMOClassifier  # noqa: E402

REAL = ("diabetes", "boston")
SPLITS = 10


def candidates():
    """Name and the models that the validation rows choose from."""
    yield "lasso", [LassoCV(cv=5)]
    yield (
        "gradient boosting",
        [
            GradientBoostingRegressor(
                n_estimators=n, learning_rate=0.05, max_depth=depth, subsample=0.5, random_state=0
            )
            for n, depth in product((50, 100, 200, 400), (2, 3))
        ],
    )
    yield (
        "extra trees",
        [ExtraTreesRegressor(300, max_features=share, random_state=0) for share in (0.3, 0.6, 1.0)],
    )
    yield (
        "support vectors",
        [
            SVR(C=c, gamma=gamma, epsilon=epsilon)
            for c, gamma, epsilon in product((1, 3, 10, 30), (0.003, 0.01, 0.03), (0.05, 0.2))
        ],
    )


def chosen_error(models, a) -> float:
    """Test error of the model with the smallest validation error."""
    errors = {part: [] for part in ("val", "test")}
    for model in models:
        fitted = make_pipeline(StandardScaler(), model).fit(a["X_train"], a["y_train"])
        for part, found in errors.items():
            found.append(np.mean((a[f"y_{part}"] - fitted.predict(a[f"X_{part}"])) ** 2))
    return float(errors["test"][np.argmin(errors["val"])])


def real(seeds):
    for dataset, seed in product(REAL, seeds):
        settings = config.validate(
            {"run": "reach", "methods": ["nimo"], "datasets": [dataset], "seed": seed}
        )
        rows = [splits.make(dataset, i, settings).arrays for i in range(SPLITS)]
        for name, models in candidates():
            errors = [chosen_error(models, a) for a in rows]
            print(
                f"{dataset}, seed {seed}, {SPLITS} splits: {name:18s} test MSE "
                f"{np.mean(errors):.3f} (median {np.median(errors):.3f})",
                flush=True,
            )


def g_range(rows):
    X, y, f = datasets.declared()["classification1"].draw(3 * rows, np.random.default_rng(1000))
    val = rows + rows // 5
    print(f"Bayes rule: accuracy {np.mean((f[val:] > 0) == y[val:]):.3f}")
    for limits in ((-1, 3), (-2, 2), (-5, 7)):
        model = NIMOClassifier(
            g_range=limits,
            standardize=False,
            penalty=1e-4,
            group_penalty=1e-4,
            noise=0.0,
            hidden=40,
            n_init=2,
            max_steps=1200,
            random_state=0,
        )
        model.fit(X[:rows], y[:rows], X_val=X[rows:val], y_val=y[rows:val])
        accuracy = np.mean(model.predict(X[val:]) == y[val:])
        print(
            f"g in [{limits[0]:g}, {limits[1]:g}], {rows} rows: accuracy {accuracy:.3f}", flush=True
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("real", "range"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 2000, 3000])
    parser.add_argument("--rows", type=int, default=10000)
    options = parser.parse_args()
    if options.part == "real":
        real(options.seeds)
    else:
        g_range(options.rows)


if __name__ == "__main__":
    main()
