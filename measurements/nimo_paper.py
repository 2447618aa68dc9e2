"""The paper's algorithm alone (``selection="paper"``) on the synthetic settings.

    python measurements/nimo_paper.py [--datasets NAME ...] [--seeds N ...] [--auto] [--json FILE]
                                      [--set PARAMETER=VALUE ...]

Data are drawn with seeds from 1000 on, which the suite never uses: 200 training, 100 validation
and 2000 test rows.  One process, one thread; seconds are CPU seconds.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import argparse  # noqa: E402
import ast  # noqa: E402
import json  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # noqa: E402
import torch  # noqa: E402

from benchmark import datasets  # noqa: E402
from nimo import NIMOClassifier, NIMORegressor  # noqa: E402

TRAIN, VALIDATION, TEST = 200, 100, 2000
SETTINGS = [name for name, d in datasets.declared().items() if "synthetic" in type(d).__module__]


def measure(name: str, seed: int, selection: str, options: dict) -> dict:
    """One fit: test error or accuracy, both supports, what was chosen, CPU seconds."""
    dataset = datasets.declared()[name]
    X, y, _ = dataset.draw(TRAIN + VALIDATION + TEST, np.random.default_rng(seed))
    ends = TRAIN, TRAIN + VALIDATION
    regression = dataset.task == "regression"
    cls = NIMORegressor if regression else NIMOClassifier
    model = cls(selection=selection, standardize=False, random_state=seed, **options)
    start = time.process_time()
    model.fit(X[: ends[0]], y[: ends[0]], X_val=X[ends[0] : ends[1]], y_val=y[ends[0] : ends[1]])
    seconds = time.process_time() - start
    predicted = model.predict(X[ends[1] :])
    test = y[ends[1] :]
    true_coef, true_columns = dataset.true_coef(), dataset.true_interacting()
    return {
        "dataset": name,
        "seed": seed,
        "selection": selection,
        "test": float(np.mean((predicted - test) ** 2 if regression else predicted == test)),
        "coef": [round(float(b), 2) for b in model.coef_[true_coef != 0]],
        "coef_missing": int((~model.selected_features_ & (true_coef != 0)).sum()),
        "coef_extra": int((model.selected_features_ & (true_coef == 0)).sum()),
        "columns_missing": int((~model.interaction_features_ & true_columns).sum()),
        "columns_extra": int((model.interaction_features_ & ~true_columns).sum()),
        "seconds": round(seconds, 1),
        **{k: model.fit_info_[k] for k in ("penalty", "group_penalty", "steps")},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--datasets", nargs="+", default=SETTINGS, choices=SETTINGS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1000, 1001])
    parser.add_argument("--auto", action="store_true", help='selection="auto" beside it')
    parser.add_argument("--set", nargs="*", default=[], metavar="PARAMETER=VALUE")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    options = {}
    for item in given.set:
        key, _, value = item.partition("=")
        options[key] = ast.literal_eval(value)
    found = []
    for name in given.datasets:
        for seed in given.seeds:
            for selection in ("paper", "auto") if given.auto else ("paper",):
                found.append(measure(name, seed, selection, options))
                print(json.dumps(found[-1]), flush=True)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
