"""The networks among the methods at two commits: CPU seconds as ratios, and whether errors agree.

    python measurements/networks.py COMMIT [--tuning 5] [--datasets toy regression3 concrete]

Fits the same splits with the code of COMMIT and with that of this checkout, in processes of their
own with one thread, one after the other: other work on the machine changes seconds by a half, and
ratios less.  ``difference``: validation losses of this checkout less those of COMMIT, mean over the
splits with its standard error, in units of the mean loss.  ``same``: splits on which both choose
the same configuration and predictions differ by less than a hundredth of their standard deviation.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
METHODS = (
    "mlp",
    "mlp_tuned",
    "mlp_relu",
    "imn",
    "lfr_imn",
    "nam",
    "localglmnet",
    "monotone_difference",
)
THREADS = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


def side(dataset, index, method, tuning, reduced):
    """One fit by the code of the current folder: seconds, what is chosen, predictions, error."""
    sys.path.insert(0, os.getcwd())
    import baselines
    from benchmark import config, datasets
    from benchmark.datasets import splits
    from benchmark.fitting import tuning as choice
    from benchmark.fitting.key import grid_of

    task = datasets.declared()[dataset].task
    linear = "lasso" if task == "regression" else "logistic"
    settings = {"run": "networks", "datasets": [dataset], "methods": [linear], "splits": index + 1}
    split = splits.make(dataset, index, config.validate(settings))
    data, method = split.shown_to_methods(), baselines.load(method)
    grid = grid_of(method, reduced, {}, tuning)
    method.build(task, grid[0], index)  # imports are no part of a fit
    choose = choice.best_of_configurations if method.configurations else choice.best_of_grid
    start = time.process_time()
    chosen = choose(method, task, grid, index, data)
    seconds = time.process_time() - start
    # on validation rows: two commits can be held against each other without a test label
    score = chosen.estimator.decision_function(data["X_val"])
    name, error = choice.validation_loss(chosen.estimator, task, data["X_val"], data["y_val"])
    which = chosen.tuning["chosen"] if chosen.tuning else chosen.estimator.fit_info_["epochs"]
    return {
        "seconds": seconds,
        "which": which,
        "score": np.asarray(score).tolist(),
        "error": error,
    }


def run(folder, *arguments):
    """What :func:`side` returns in another folder."""
    command = [sys.executable, str(Path(__file__).resolve()), "--side", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | THREADS, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{arguments} in {folder}: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def same(one, other) -> bool:
    """Whether two fits are one but for rounding."""
    a, b = np.array(one["score"]), np.array(other["score"])
    return one["which"] == other["which"] and np.abs(a - b).max() < 0.01 * np.std(b)


def row(before, now) -> list[str]:
    """Cells of a method on a data set, from the fits of its splits at both commits."""
    old, new = (sum(fit["seconds"] for fit in fits) for fits in (before, now))
    gaps = np.array([b["error"] - a["error"] for a, b in zip(before, now, strict=True)])
    scale = np.mean([fit["error"] for fit in before])
    spread = gaps.std(ddof=1) / np.sqrt(len(gaps)) if len(gaps) > 1 else np.nan
    equal = sum(same(b, a) for a, b in zip(before, now, strict=True))
    return [
        f"{old / len(before):.1f}",
        f"{new / len(now):.1f}",
        f"{new / old:.2f}",
        f"{equal} of {len(now)}",
        f"{gaps.mean() / scale:+.3f} ± {spread / scale:.3f}",
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("commit")
    parser.add_argument("--datasets", nargs="+", default=["toy", "regression3", "concrete"])
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--splits", type=int, default=1)
    parser.add_argument("--tuning", type=int, default=5, help="configurations tried")
    parser.add_argument("--reduced", action="store_true", help="few epochs, as in smoke.yaml")
    args = parser.parse_args()
    columns = ("data set", "method", "seconds then", "now", "ratio", "same", "difference")
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "archive", args.commit], cwd=ROOT, check=True, capture_output=True
        )
        subprocess.run(["tar", "x"], cwd=folder, input=archive.stdout, check=True)
        for dataset in args.datasets:
            for method in args.methods:
                fits = [
                    [
                        run(where, dataset, split, method, args.tuning, int(args.reduced))
                        for where in (folder, ROOT)
                    ]
                    for split in range(args.splits)
                ]
                before, now = zip(*fits, strict=True)
                print(f"| {dataset} | {method} | {' | '.join(row(before, now))} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--side"]:
        name, index, method, *numbers = sys.argv[2:]
        print(json.dumps(side(name, int(index), method, *map(int, numbers))))
    else:
        main()
