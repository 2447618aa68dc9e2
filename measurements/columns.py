"""Methods as a config names them, side by side on drawn data: the first one and changes to it.

    python measurements/columns.py nimo_paper "nimo_paper[first_slope=0.3,group_power=0.25]" \
        --datasets regression1 vanilla --seeds 7000 7001

Each seed is a draw that the suite never makes: 200 training, 100 validation and 2000 test rows.
Of every method and data set: the test error (MSE, or the share of wrong labels), its difference
from the first method's with the standard error over the seeds, the error of the coefficients
relative to their size, and CPU seconds of a fit.  One process, one thread.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import argparse  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import baselines  # noqa: E402
from benchmark import datasets  # noqa: E402

TRAIN, VALIDATION, TEST = 200, 100, 2000


def fit(method, dataset, seed) -> tuple[float, float, float]:
    """Test error, error of the coefficients and CPU seconds of one fit."""
    X, y, _ = dataset.draw(TRAIN + VALIDATION + TEST, np.random.default_rng(seed))
    train, val, test = np.split(np.arange(len(X)), [TRAIN, TRAIN + VALIDATION])
    model = method.build(dataset.task, {key: one for key, (one,) in method.grid.items()}, seed)
    start = time.process_time()
    model.fit(X[train], y[train], X_val=X[val], y_val=y[val])
    seconds = time.process_time() - start
    predicted, truth = model.predict(X[test]), dataset.true_coef()
    wrong = (predicted - y[test]) ** 2 if dataset.task == "regression" else predicted != y[test]
    coef = np.linalg.norm(model.coef_ - truth) / np.linalg.norm(truth)
    return float(wrong.mean()), float(coef), seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("methods", nargs="+", metavar="METHOD")
    parser.add_argument("--datasets", nargs="+", required=True)
    parser.add_argument("--seeds", nargs="+", type=int, default=[7000, 7001, 7002, 7003])
    given = parser.parse_args()
    print("| data set | method | test error | difference | error of beta | CPU seconds |")
    print("|---|---|--:|--:|--:|--:|")
    for name in given.datasets:
        first = None
        for written in given.methods:
            method, dataset = baselines.load(written), datasets.declared()[name]
            fits = np.array([fit(method, dataset, seed) for seed in given.seeds])
            first = fits if first is None else first
            gap = fits[:, 0] - first[:, 0]
            error = gap.std(ddof=1) / np.sqrt(len(gap)) if len(gap) > 1 else np.nan
            test, coef, seconds = fits.mean(0)
            print(
                f"| {name} | `{written}` | {test:.4f} | {gap.mean():+.4f} ± {error:.4f} "
                f"| {coef:.3f} | {seconds:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
