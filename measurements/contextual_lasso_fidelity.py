"""The contextual lasso port beside the original: test scores over seeds of its own.

    python -m measurements.contextual_lasso_fidelity run --output fidelity.csv
    python -m measurements.contextual_lasso_fidelity table fidelity.csv
    python -m measurements.contextual_lasso_fidelity same-rows
    python -m measurements.contextual_lasso_fidelity paired
    python -m measurements.contextual_lasso_fidelity cost

``same-rows`` fits the rows of two recorded data sets, where five fits of the Julia package with
other start weights are known.  ``paired`` and ``cost`` fit nothing: they print what the recorded
fits in data/reference/contextual_lasso say, those of both from the same start weights and seconds
and memory.

Each fit has 200 training, 100 validation and 100 test rows, hidden layers (64, 64) and otherwise
the package's defaults.  The figures of the Julia package beside them are five-seed means of
ContextualLasso.jl 0.2.0 (Julia 1.10.4, Flux 0.16.10), recorded once.  What ``run`` and
``same-rows`` fit themselves is headed by what ran: the port, or Julia with ``--backend julia``.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmark import ROOT, datasets, metrics
from benchmark.evaluation.statistics import holm, paired_difference
from contextual_lasso.resolve import resolve

FIRST_SEED = 2000  # the suite's own data sets have other seeds
RULES = ("min", "1se")
# setting, intercept: score at lambda_min, at lambda_1se; non-zero coefficients a row, likewise
JULIA = {
    ("toy", True): (0.599, 0.640, 0.92, 0.34),
    ("regression1", True): (0.399, 0.402, 2.39, 0.78),
    ("regression2", True): (3.641, 3.616, 0.53, 0.00),
    ("regression3", True): (25.07, 25.07, 0.0, 0.0),
    ("vanilla", True): (1.849, 1.849, 0.0, 0.0),
    ("classification1", True): (0.858, 0.846, 0.97, 0.03),
    ("classification2", True): (0.690, 0.678, 4.21, 0.09),
    ("classification3", True): (0.668, 0.656, 2.39, 0.62),
    ("toy", False): (0.643, 0.725, 2.35, 2.17),
    ("regression1", False): (0.713, 0.739, 4.63, 4.41),
    ("regression2", False): (5.038, 5.400, 6.41, 3.22),
    ("regression3", False): (38.6, 39.3, 4.92, 0.0),
    ("vanilla", False): (20.9, 22.4, 7.96, 4.89),
    ("classification1", False): (0.842, 0.806, 2.21, 1.32),
    ("classification2", False): (0.706, 0.666, 6.98, 2.69),
    ("classification3", False): (0.592, 0.524, 5.34, 0.62),
}
# rows, intercept: test MSE of five Julia fits each, at lambda_min and at lambda_1se
JULIA_FITS = {
    ("toy_seed0", True): ([0.687, 0.675, 0.486, 0.713, 0.859], [0.687, 0.439, 0.486, 0.786, 0.897]),
    ("setting1_seed1", True): (
        [0.449, 0.373, 0.273, 0.214, 0.295],
        [0.449, 0.373, 0.466, 0.385, 0.544],
    ),
    ("toy_seed0", False): (
        [0.508, 0.723, 0.821, 0.440, 0.689],
        [0.622, 0.779, 0.656, 0.508, 0.688],
    ),
    ("setting1_seed1", False): (
        [0.732, 0.366, 0.674, 0.601, 0.773],
        [0.885, 0.370, 0.760, 0.672, 1.076],
    ),
}
RECORDED = ROOT / "tests" / "contextual_lasso" / "data"
REFERENCE = ROOT / "data" / "reference" / "contextual_lasso"
MEASURED = ("contextual_lasso", "contextual_lasso_sparse")
NAMES = {"julia": "Julia", "torch": "port"}


def start(backend):
    """Get a backend ready; return the one that runs and its name for a heading."""
    found = resolve(backend)
    if found["backend"] == "torch":
        import torch

        torch.set_num_threads(1)
    name = NAMES[found["backend"]]
    return found["backend"], f"{name} {found['version']}" if name == "Julia" else name


def warm_up(backend, regression, intercept):
    """Keep start and compilation of Julia out of the seconds of a fit."""
    if backend == "julia":
        from contextual_lasso import julia

        julia.warm_up("squared" if regression else "logistic", intercept, 2)


def fit_once(setting, intercept, seed, backend):
    """One row of the result: scores on the test rows by both rules."""
    from contextual_lasso import ContextualLassoClassifier, ContextualLassoRegressor

    declared = datasets.declared()[setting]
    X, y, _ = declared.draw(400, np.random.default_rng(seed))
    regression = declared.task == "regression"
    model = (ContextualLassoRegressor if regression else ContextualLassoClassifier)(
        hidden_layers=(64, 64), intercept=intercept, random_state=seed, backend=backend
    )
    warm_up(backend, regression, intercept)
    began = time.process_time()
    model.fit(X[:200], y[:200], X_val=X[200:300], y_val=y[200:300])
    row = {"setting": setting, "intercept": intercept, "seed": seed, "backend": backend}
    row["seconds"] = time.process_time() - began
    row["epochs"] = int(model.path_.epochs.sum())
    for rule in RULES:
        difference = model.predict(X[300:], selection=rule) - y[300:]
        row[rule] = np.mean(difference**2) if regression else np.mean(difference == 0)
        row[f"nonzero_{rule}"] = (model.local_coef(X[300:], selection=rule) != 0).sum(1).mean()
    return row


def run(options):
    """Fit everything; one line per fit, written as it comes."""
    backend, _ = start(options.backend)
    options.output.unlink(missing_ok=True)
    for setting, intercept in JULIA:
        for seed in range(FIRST_SEED, FIRST_SEED + options.seeds):
            row = pd.DataFrame([fit_once(setting, intercept, seed, backend)])
            row.to_csv(options.output, mode="a", header=not options.output.exists(), index=False)


def table(options):
    """Print mean and standard deviation over the seeds beside the Julia means, as Markdown."""
    results = pd.read_csv(options.results)
    (backend,) = results.pop("backend").unique()
    ran, groups = NAMES[backend], results.groupby(["setting", "intercept"])
    known = "Julia" if backend != "julia" else "Julia, recorded"
    mean, sd, count = groups.mean(), groups.std(), groups.size()
    print(f"| setting | intercept | seeds | {ran}, lambda_min | {known} | {ran}, lambda_1se |"
          f" {known} | nz {ran} min / 1se | nz {known} | CPU s a fit |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|---|")
    for key, (score_min, score_1se, nz_min, nz_1se) in JULIA.items():
        if key not in mean.index:
            continue
        m, s = mean.loc[key], sd.loc[key]
        print(
            f"| {key[0]} | {'yes' if key[1] else 'no'} | {count[key]} "
            f"| {m['min']:.3f} ± {s['min']:.3f} | {score_min} "
            f"| {m['1se']:.3f} ± {s['1se']:.3f} | {score_1se} "
            f"| {m['nonzero_min']:.2f} / {m['nonzero_1se']:.2f} | {nz_min:.2f} / {nz_1se:.2f} "
            f"| {m['seconds']:.1f} |"
        )


def same_rows(options):
    """Print mean and standard deviation over start weights on recorded rows, as Markdown."""
    from contextual_lasso import ContextualLassoRegressor

    backend, name = start(options.backend)
    print(f"| rows | intercept | rule | {name} | Julia, recorded |\n|---|---|---|---|---|")
    for (rows, intercept), julia in JULIA_FITS.items():
        data = np.load(RECORDED / f"data_{rows}.npz")
        scores = []
        for seed in range(options.seeds):
            model = ContextualLassoRegressor(
                hidden_layers=(64, 64),
                intercept=intercept,
                random_state=seed,
                backend=backend,
            ).fit(data["X"], data["y"], X_val=data["Xv"], y_val=data["yv"])
            errors = (model.predict(data["Xt"], selection=rule) - data["yt"] for rule in RULES)
            scores.append([np.mean(error**2) for error in errors])
        for rule, ours, theirs in zip(RULES, np.transpose(scores), julia, strict=True):
            cells = [f"{np.mean(v):.3f} ± {np.std(v, ddof=1):.3f}" for v in (ours, theirs)]
            print(f"| {rows} | {'yes' if intercept else 'no'} | {rule} | {' | '.join(cells)} |")


def paired(options):
    """Print recorded fits of Julia and of the port from the same start weights, as Markdown."""
    table = pd.read_csv(REFERENCE / "paired_julia_port.csv")
    cells, lines = [], {}
    for (setting, intercept, rule), fits in table.groupby(["setting", "intercept", "rule"]):
        by = {name: of.set_index("seed").sort_index() for name, of in fits.groupby("backend")}
        both = julia, port = by["julia"], by["torch"]
        metric = metrics.PRIMARY[datasets.declared()[setting].task]
        cells.append((setting, intercept, rule, paired_difference(port.score, julia.score, metric)))
        of_rule = [f"{fits.score.mean():.3f}" for fits in both]
        of_rule += [f"{fits.nonzero.mean():.2f}" for fits in both]
        of_rule += [f"{(fits['lambda'] == 0).sum()}" for fits in both]
        of_rule += [f"{cells[-1][3].p:.2g}"]
        lines.setdefault((setting, intercept), {})[rule] = of_rule
    print("| setting | intercept | Julia | port | nz Julia | nz port |"
          " lambda 0, Julia | lambda 0, port | p |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for (setting, intercept), of in lines.items():
        both = (" / ".join(pair) for pair in zip(of["min"], of["1se"], strict=True))
        print(f"| {setting} | {'yes' if intercept else 'no'} | {' | '.join(both)} |")
    for (*cell, found), p in zip(cells, holm([cell[-1].p for cell in cells]), strict=True):
        if p < 0.05:
            print(f"differs after Holm: {cell}, port / Julia {found.estimate:.3f}, p {p:.2g}")


def cost(options):
    """Print seconds a fit after compiling and peak memory of the recorded fits, as Markdown."""
    table = pd.read_csv(REFERENCE / "paired_julia_port.csv")
    seconds = table[table.rule == "min"].groupby(["setting", "backend"]).seconds.median().unstack()
    print("| setting | Julia | port |\n|---|---|---|")
    for setting, row in seconds.iterrows():
        print(f"| {setting} | {row.julia:.1f} | {row.torch:.1f} |")
    memory = {"Julia": pd.read_csv(REFERENCE / "grid_julia.csv").peak_memory_mb}
    if options.fits:
        fits = pd.read_csv(options.fits)
        memory["these fits"] = fits[fits.method.isin(MEASURED)].peak_memory_mb
    for name, values in memory.items():
        print(f"peak memory, {name}: {values.min():.0f} to {values.max():.0f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("run")
    command.add_argument("--output", type=Path, required=True)
    command.add_argument("--seeds", type=int, default=5)
    command.add_argument("--backend", default="torch")
    command.set_defaults(action=run)
    command = commands.add_parser("table")
    command.add_argument("results", type=Path)
    command.set_defaults(action=table)
    command = commands.add_parser("same-rows")
    command.add_argument("--seeds", type=int, default=5)
    command.add_argument("--backend", default="torch")
    command.set_defaults(action=same_rows)
    command = commands.add_parser("paired")
    command.set_defaults(action=paired)
    command = commands.add_parser("cost")
    command.add_argument("--fits", type=Path, help="table of fits whose memory stands beside")
    command.set_defaults(action=cost)
    options = parser.parse_args()
    options.action(options)


if __name__ == "__main__":
    main()
