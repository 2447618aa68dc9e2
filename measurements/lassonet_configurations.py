"""The LassoNet configurations that were compared, and the table in docs/methods.md.

    python measurements/lassonet_configurations.py run chosen --data toy boston --seeds 1000 1001
    python measurements/lassonet_configurations.py table

``run`` fits and appends to docs/lassonet_configurations.csv; ``table`` rewrites the table between
the two markers in docs/methods.md.  Development data only: seeds of 1000 and above, drawn here,
which the suite never uses.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from baselines.lassonet import SETTINGS, LassoNetPath  # noqa: E402
from benchmark import datasets  # noqa: E402

RECORDS = ROOT / "docs" / "lassonet_configurations.csv"
PAGE = ROOT / "docs" / "methods.md"
MARKERS = ("<!-- lassonet: begin -->", "<!-- lassonet: end -->")
FIELDS = (
    "configuration data seed validation_loss test cpu_seconds lambda path_length n_selected".split()
)

# The package's defaults, but for hidden layers, start and step of the path.
DEFAULTS = {
    "hidden_dims": (64, 64),
    "batch_size": None,
    "n_iters": (1000, 100),
    "patience": (100, 10),
    "learning_rate": (1e-3, 1e-3),
    "momentum": 0.9,
    "backtrack": False,
    "lambda_start": 1.0,
    "path_multiplier": 1.05,
}
BACKTRACK = {**DEFAULTS, "backtrack": True}
LARGE_STEPS = {
    **BACKTRACK,
    "batch_size": 32,
    "n_iters": (1000, 50),
    "patience": (100, 5),
    "learning_rate": (1e-2, 1e-2),
    "lambda_start": 3.0,
    "path_multiplier": 1.1,
}


def _decayed():
    from torch.optim import SGD, AdamW

    return (
        partial(AdamW, lr=1e-2, weight_decay=0.1),
        partial(SGD, lr=1e-2, momentum=0.9, weight_decay=1e-3),
    )


def configurations() -> dict[str, dict]:
    """Arguments of :class:`baselines.lassonet.LassoNetPath` by name."""
    return {
        "defaults": DEFAULTS,
        "backtrack": BACKTRACK,
        "backtrack, M 1": {**BACKTRACK, "M": 1.0},
        "backtrack, M 100": {**BACKTRACK, "M": 100.0},
        "long dense phase": {**BACKTRACK, "n_iters": (5000, 100), "patience": (500, 10)},
        "dense lr 5e-3": {
            **BACKTRACK,
            "n_iters": (3000, 100),
            "patience": (300, 10),
            "learning_rate": (5e-3, 1e-3),
        },
        "batch 32": {
            **BACKTRACK,
            "batch_size": 32,
            "patience": (100, 5),
            "path_multiplier": 1.1,
        },
        "large steps": LARGE_STEPS,
        "large steps, dropout 0.1": {**LARGE_STEPS, "dropout": 0.1},
        "large steps, dropout 0.2": {**LARGE_STEPS, "dropout": 0.2},
        "large steps, dropout 0.1, M 100": {
            **LARGE_STEPS,
            "dropout": 0.1,
            "M": 100.0,
            "path_multiplier": 1.15,
        },
        "large steps, dropout 0.1, weight decay": {
            **LARGE_STEPS,
            "dropout": 0.1,
            "optim": _decayed(),
        },
        "large steps, dropout 0.1, batch 64": {**LARGE_STEPS, "dropout": 0.1, "batch_size": 64},
        "chosen, dropout 0.1": {**SETTINGS, "dropout": 0.1},
        "chosen": SETTINGS,
    }


def development_data(name, seed):
    """(X, y) of training, validation and test rows, and the task."""
    rng = np.random.default_rng(seed)
    dataset = datasets.declared()[name]
    if not dataset.independent:
        table = dataset.load()
        X, y = np.column_stack([column.values for column in table.columns]), table.y
        order = rng.permutation(len(y))
        X, y = X[order], y[order]
        a, b = int(0.6 * len(y)), int(0.8 * len(y))
        X = (X - X[:a].mean(0)) / X[:a].std(0)
        y = (y - y[:a].mean()) / y[:a].std()
    else:
        X, y, _ = dataset.draw(400, rng)
        a, b = 200, 300
    return (X[:a], y[:a]), (X[a:b], y[a:b]), (X[b:], y[b:]), dataset.task


def measure(configuration, name, seed) -> dict:
    """Fit one configuration to one development data set."""
    (X, y), (X_val, y_val), (X_test, y_test), task = development_data(name, seed)
    model = LassoNetPath(task, seed=seed, **{"M": 10.0, **configurations()[configuration]})
    start = time.process_time()
    model.fit(X, y, X_val=X_val, y_val=y_val)
    seconds = time.process_time() - start
    predicted = model.predict(X_test)
    regression = task == "regression"
    return {
        "configuration": configuration,
        "data": name,
        "seed": seed,
        "validation_loss": model.fit_info_["validation_loss"],
        "test": np.mean((predicted - y_test) ** 2 if regression else predicted == y_test),
        "cpu_seconds": seconds,
        "lambda": model.fit_info_["lambda"],
        "path_length": model.fit_info_["path_length"],
        "n_selected": model.fit_info_["n_selected"],
    }


def run(names, data, seeds):
    new = not RECORDS.exists()
    with RECORDS.open("a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        if new:
            writer.writeheader()
        for name in names:
            for data_set in data:
                for seed in seeds:
                    row = measure(name, data_set, seed)
                    writer.writerow(row)
                    file.flush()
                    print(row, flush=True)


def table() -> str:
    """Markdown: one row per configuration, one column per data set."""
    import pandas as pd

    records = pd.read_csv(RECORDS).drop_duplicates(["configuration", "data", "seed"], keep="last")
    order = [name for name in configurations() if name in set(records["configuration"])]
    data = [name for name in datasets.declared() if name in set(records["data"])]
    lines = ["| configuration | " + " | ".join(data) + " | CPU s |", "|---" * (len(data) + 2) + "|"]
    for name in order:
        rows = records[records["configuration"] == name]
        cells = []
        for data_set in data:
            some = rows[rows["data"] == data_set]
            if some.empty:
                cells.append("-")
                continue
            count = f" ({len(some)})" if len(some) > 1 else ""
            cells.append(f"{some['validation_loss'].mean():.4f}; {some['test'].mean():.2f}{count}")
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {rows['cpu_seconds'].mean():.0f} |")
    return "\n".join(lines)


def write_table():
    before, rest = PAGE.read_text().split(MARKERS[0])
    _, after = rest.split(MARKERS[1])
    PAGE.write_text(f"{before}{MARKERS[0]}\n{table()}\n{MARKERS[1]}{after}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    run_parser = commands.add_parser("run")
    run_parser.add_argument("configurations", nargs="+", choices=list(configurations()))
    run_parser.add_argument("--data", nargs="+", required=True)
    run_parser.add_argument("--seeds", nargs="+", type=int, required=True)
    commands.add_parser("table")
    args = parser.parse_args()
    if args.command == "run":
        if min(args.seeds) < 1000:
            parser.error("development seeds start at 1000")
        run(args.configurations, args.data, args.seeds)
    else:
        write_table()


if __name__ == "__main__":
    main()
