"""What every method costs.

    python -m measurements.costs rows              # seconds and memory at 200, 2000, 20000 rows
    python -m measurements.costs configurations    # seconds and errors of a tuning budget
    python -m measurements.costs cells > cells.csv    # seconds and memory on data sets of the suite

``rows``: one default fit each on setting 3 (d = 50), in a process of its own with one thread; a
fit that is not done after ``--cap`` CPU seconds is ended and told as such.  The peak memory is what
the fit adds to the process, imports and data before it.  Ratios are to the lasso's.

``configurations``: the first ``--count`` of a method's list on settings 1 to 3, as the suite tries
them, 200 training and 100 validation rows; test error of the default, of the chosen one and of the
best on the test rows, which nobody may choose.

``cells``: one default fit and prediction each of what ``config/real.yaml`` would fit, as a table of
fits that ``python -m tools.costs cells.csv`` takes into ``workflow/costs.csv``.

Seconds are CPU seconds; data seeds from 1000 on, which the suite never uses.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import time

import numpy as np

import baselines
from benchmark import ROOT, config, datasets, provenance
from benchmark.fitting import given, tuning
from benchmark.fitting.key import grid_of, trains_on_all

SEED = 1000
THREADS = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


def methods():
    """All methods, in the order of names."""
    return baselines.names()


def child(function, *arguments, cap=None):
    """What a function of this file returns, called in a process of its own; None past the cap."""
    code = (
        "from measurements import costs; "
        f"import json; print(json.dumps(costs.{function}(*{arguments!r})))"
    )
    limit = None if cap is None else lambda: resource.setrlimit(resource.RLIMIT_CPU, (cap, cap + 5))
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | THREADS,
        preexec_fn=limit,
    )
    if done.returncode < 0:
        return None
    if done.returncode:
        raise RuntimeError(f"{arguments}: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def _peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _params(method):
    params = dict(grid_of(method, False)[0])
    return params | ({"backend": "torch"} if method.implementation else {})


def one(name, n):
    """CPU seconds and added peak memory of one default fit with n rows."""
    method = baselines.load(name)
    task = method.tasks[0]
    setting = datasets.declared()["regression3" if task == "regression" else "classification3"]
    X, y, _ = setting.draw(n + n // 2, np.random.default_rng(SEED))
    estimator = method.build(task, _params(method), 0)
    before, start = _peak_mb(), time.process_time()
    estimator.fit(X[:n], y[:n], X_val=X[n:], y_val=y[n:])
    return {"seconds": time.process_time() - start, "mb": _peak_mb() - before, "base": before}


def rows(args):
    """Table of seconds and memory by number of rows."""
    print("| method | " + " | ".join(f"n = {n}" for n in args.rows) + " | growth |")
    print("|---" * (len(args.rows) + 2) + "|", flush=True)
    lasso = {}
    for name in ["lasso", *(m for m in args.methods if m != "lasso")]:
        missing = provenance.missing(baselines.load(name))
        if missing:
            print(f"| {name} | needs {', '.join(missing)} |", flush=True)
            continue
        cells, seconds = [], []
        for n in args.rows:
            found = child("one", name, n, cap=args.cap + 15) if None not in seconds else None
            if found is not None and found["seconds"] > args.cap:
                found = None
            seconds.append(found and found["seconds"])
            if found is None:
                cells.append(f"over {args.cap} s")
                continue
            lasso.setdefault(n, found["seconds"])
            ratio = found["seconds"] / lasso[n]
            cells.append(f"{found['seconds']:.2f} s ({ratio:.3g}), {found['mb']:.0f} MB")
        growth = seconds[-1] / seconds[0] if None not in seconds else None
        cells.append("-" if growth is None else f"{growth:.3g}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def search(name, setting, seed, count):
    """Validation loss, test loss and CPU seconds of each configuration; None for a failed one."""
    method, data = baselines.load(name), datasets.declared()[setting]
    X, y, _ = data.draw(1300, np.random.default_rng(seed))
    found = []
    method.build(data.task, method.configurations[0], seed)  # imports are no part of a fit
    for params in method.configurations[:count]:
        start = time.process_time()
        try:
            model = method.build(data.task, params, seed)
            model.fit(X[:200], y[:200], X_val=X[200:300], y_val=y[200:300])
            val, test = (
                tuning.validation_loss(model, data.task, X[use], y[use])[1]
                for use in (slice(200, 300), slice(300, None))
            )
            found.append((val, test, time.process_time() - start))
        except Exception:  # counted as failed, as the suite does
            found.append((None, None, time.process_time() - start))
    return found


def configurations(args):
    """Table of a tuning budget's cost and worth."""
    head = ("method", "setting", "failed", "default", f"chosen of {args.count}", "which", "best")
    print("| " + " | ".join((*head, "seconds, default", "all", "slowest")) + " |")
    print("|---" * (len(head) + 3) + "|", flush=True)
    for name in args.methods:
        method = baselines.load(name)
        if not method.configurations or provenance.missing(method):
            continue
        for setting in args.settings:
            for seed in args.seeds:
                tried = child("search", name, setting, seed, args.count)
                good = [k for k, (val, _, _) in enumerate(tried) if val is not None]
                chosen = min(good, key=lambda k: tried[k][0])
                spent = [s for _, _, s in tried]
                default = "failed" if tried[0][1] is None else f"{tried[0][1]:.3f}"
                cells = [
                    name,
                    setting,
                    str(len(tried) - len(good)),
                    default,
                    f"{tried[chosen][1]:.3f}",
                    str(chosen),
                    f"{min(tried[k][1] for k in good):.3f}",
                    f"{spent[0]:.1f}",
                    f"{sum(spent):.1f}",
                    f"{max(spent):.1f}",
                ]
                print(f"| {' | '.join(cells)} |", flush=True)


def cell(name, dataset):
    """A row of a table of fits: one default fit of the first split, or None for another task."""
    settings = config.read(ROOT / "config" / "real.yaml") | {"seed": SEED}
    method, declared = baselines.load(name), datasets.declared()[dataset]
    if declared.task not in method.tasks:
        return None
    split = declared.split(0, settings)
    rows = given.to_method(split.shown_to_methods(), method.frame)
    if trains_on_all(settings, declared, method):
        rows = given.joined(rows)
    estimator = method.build(declared.task, _params(method), 0)
    start = time.process_time()
    X, y = rows["X_train"], rows["y_train"]
    estimator.fit(X, y, **{part: rows[part] for part in ("X_val", "y_val") if part in rows})
    fitted = time.process_time()
    estimator.predict(rows["X_test"])
    return {
        "dataset": dataset,
        "method": name,
        "status": "ok",
        "fit_seconds": fitted - start,
        "predict_seconds": time.process_time() - fitted,
        "peak_memory_mb": _peak_mb(),
    }


def cells(args):
    """Table of fits in the manner of ``fits.csv``."""
    writer = None
    for name in args.methods:
        if missing := provenance.missing(baselines.load(name)):
            print(f"{name} needs {', '.join(missing)}", file=sys.stderr)
            continue
        for dataset in args.datasets:
            row = child("cell", name, dataset)
            if row is None:
                continue
            if writer is None:
                writer = csv.DictWriter(sys.stdout, row)
                writer.writeheader()
            writer.writerow(row)
            sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=["rows", "configurations", "cells"])
    parser.add_argument("--methods", nargs="+", choices=methods(), default=methods())
    parser.add_argument("--rows", nargs="+", type=int, default=[200, 2000, 20000])
    parser.add_argument("--datasets", nargs="+", default=["wage", "credit_data"])
    parser.add_argument("--cap", type=int, default=120, help="CPU seconds of one fit")
    parser.add_argument("--count", type=int, default=10, help="configurations tried")
    parser.add_argument("--seeds", nargs="+", type=int, default=[SEED])
    parser.add_argument(
        "--settings", nargs="+", default=["regression1", "regression2", "regression3"]
    )
    args = parser.parse_args()
    if min(args.seeds) < 1000:
        parser.error("development seeds start at 1000")
    {"rows": rows, "configurations": configurations, "cells": cells}[args.part](args)


if __name__ == "__main__":
    main()
