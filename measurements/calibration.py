"""Whether the probabilities of NIMO+ are frequencies, on the real tables of two classes.

    python -m measurements.calibration fit --store FILE [--cuts 2] [--seed 9300]
    python -m measurements.calibration report --store FILE [--picture FILE]

``fit`` writes probabilities and labels of the test rows, one line of JSON for each table, cut and
method; what is in the file already is not done again.  Beside NIMO+ stands a logistic regression
(scikit-learn, penalty 1, standardised features).  ``report`` gives Brier's score, the log-loss and
the expected calibration error, the mean distance of frequency and probability over ten bins of
equal numbers of rows; ``--picture`` draws frequencies against probabilities, all tables together.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss

from benchmark import datasets
from measurements.engine import REAL, split
from nimo import NIMOPlusClassifier

BINS = 10
METHODS = {"NIMO+": NIMOPlusClassifier, "logistic regression": LogisticRegression}


def fit(options):
    done = set()
    if options.store.exists():
        done = {tuple(json.loads(line)["key"]) for line in options.store.open()}
    names = [name for name in REAL if datasets.declared()[name].task == "classification"]
    for cut in range(options.cuts):
        for name in names:
            a = split(name, cut, options.seed).arrays
            X, y = np.vstack([a["X_train"], a["X_val"]]), np.r_[a["y_train"], a["y_val"]]
            for method, build in METHODS.items():
                if (name, cut, method) in done:
                    continue
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    p = build().fit(X, y).predict_proba(a["X_test"])[:, 1]
                found = {"key": [name, cut, method], "p": p.tolist(), "y": a["y_test"].tolist()}
                with options.store.open("a") as store:
                    store.write(json.dumps(found) + "\n")


def binned(p, y):
    """Mean probability, frequency and number of rows in bins of equal numbers of rows."""
    parts = np.array_split(np.argsort(p, kind="stable"), BINS)
    return np.array([(p[part].mean(), y[part].mean(), len(part)) for part in parts])


def calibration_error(p, y):
    mean, frequency, count = binned(p, y).T
    return float(np.average(np.abs(mean - frequency), weights=count))


def report(options):
    lines = [json.loads(line) for line in options.store.open()]
    rows, pooled = [], {method: [] for method in METHODS}
    for line in lines:
        name, _, method = line["key"]
        p, y = np.array(line["p"]), np.array(line["y"])
        scores = brier_score_loss(y, p), log_loss(y, p), calibration_error(p, y)
        rows.append((name, method, *scores))
        pooled[method].append((p, y))
    columns = ["table", "method", "Brier", "log-loss", "calibration error"]
    frame = pd.DataFrame(rows, columns=columns)
    table = frame.groupby(["table", "method"]).mean().unstack("method")
    table.loc["mean"] = table.mean()
    print(table.round(4).to_string())
    together = {
        method: tuple(map(np.concatenate, zip(*parts, strict=True)))
        for method, parts in pooled.items()
    }
    for method, (p, y) in together.items():
        print(f"{method}, all rows together: calibration error {calibration_error(p, y):.4f}")
    if options.picture:
        _draw(together, options.picture)


def _draw(pooled, path):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 3.9), layout="constrained")
    for ax, scale in zip(figure.subplots(1, 2), ("linear", "log"), strict=True):
        ends = [0, 1] if scale == "linear" else [0.002, 1]
        ax.plot(ends, ends, color="0.7", lw=1)
        for method, (p, y) in pooled.items():
            mean, frequency, count = binned(p, y).T
            error = np.sqrt(frequency * (1 - frequency) / count)
            ax.errorbar(mean, frequency, error, fmt="o-", ms=4, capsize=2, label=method)
        ax.set(xscale=scale, yscale=scale, xlim=ends, ylim=ends)
        ax.set_xlabel(f"probability, mean of a bin{', log scale' if scale == 'log' else ''}")
        ax.set_ylabel("frequency, with its standard error")
    ax.legend(loc="upper left")
    figure.savefig(path, dpi=80)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("fit", "report"))
    parser.add_argument("--store", type=Path, default=Path("calibration.jsonl"))
    parser.add_argument("--cuts", type=int, default=2)
    parser.add_argument("--seed", type=int, default=9300)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    {"fit": fit, "report": report}[options.what](options)


if __name__ == "__main__":
    main()
