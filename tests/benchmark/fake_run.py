"""A run of invented records, for tests of what reads them: no fit, seconds instead of minutes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import baselines
from benchmark import config as configuration
from benchmark import metrics, records, splits
from benchmark.collect import tidy
from benchmark.results import Results

WITH_COEF = {"lasso", "logistic", "lassonet", "nimo", "nimo_relaxed"}
WITH_LAYER = {"mlp", "mlp_tuned", "lassonet", "nimo", "nimo_relaxed"}
WITH_CORRECTION = {"nimo", "nimo_relaxed"}


def _explanations(method, split, rng):
    d = split.arrays["X_test"].shape[1]
    truth = rng.normal(0, 0.3, d) if split.coef is None else split.coef
    arrays = {}
    if method in WITH_COEF:
        arrays["coef"] = np.where(
            (truth == 0) & (rng.uniform(size=d) < 0.7), 0.0, truth + rng.normal(0, 0.2, d)
        )
        arrays["intercept"] = np.array((split.intercept or 0.0) + rng.normal(0, 0.1))
    if baselines.load(method).name.startswith("contextual_lasso"):
        rows = len(split.arrays["X_test"])
        arrays["local_coef"] = (truth + rng.normal(0, 1, (rows, d))).astype(np.float32)
    if method in WITH_LAYER:
        weights = rng.normal(0, 0.3, (24, d))
        if method in WITH_CORRECTION:
            used = rng.uniform(size=d) < 0.3 if split.interacting is None else split.interacting
            weights *= used
            arrays["interaction_features"] = np.asarray(used)
        arrays["first_layer_weights"] = weights
    if method in WITH_CORRECTION and d <= 13:
        points = np.linspace(-1.9 - 0.1 * rng.uniform(), 1.9, 61)
        sweep = np.zeros((d, 61, d), dtype=np.float32)
        if split.dataset == "toy":
            sweep[1, :, 0] = np.tanh(8 * points) + rng.normal(0, 0.1)
            sweep[0, :, 1] = np.sin(-2 * points)
        arrays["correction_sweep"] = sweep
        arrays["sweep_points"] = np.tile(points, (d, 1))
    return arrays


def _record(config, dataset, task, method, index, status, score, names):
    scores = {"mse": score, "r2": 1 - score} if task == "regression" else {"accuracy": score}
    ok = status == "ok"
    result = {
        "dataset": dataset,
        "task": task,
        "split": index,
        "method": method,
        "seed": 1,
        "status": status,
        "error": None if ok else {"class": status, "message": "invented"},
        "params": {} if ok else None,
        "info": {},
        "backend": "torch" if method.startswith("contextual") and ok else None,
        "metrics": scores if ok else None,
        "validation": scores if ok else None,
        "alternatives": {},
        "coef_is_local": ok and method.startswith("contextual"),
        "n_features": len(names),
        "key": "invented",
        "code_sha256": "",
        "data_sha256": "",
        "versions": {},
    }
    run = {
        "fit_seconds": 1.0,
        "predict_seconds": 0.1,
        "peak_memory_mb": 100.0,
        "log": "",
        "commit": "",
        "dirty": False,
        "config_sha256": "",
    }
    return result, run


def write(root, raw, failed=()) -> Results:
    """Write splits, records and the tidy table of a run under ``root``.

    Parameters
    ----------
    raw : mapping, a configuration
    failed : collection of (data set, method, split)
        Cells with status ``error``; split None: all of them.
    """
    root = Path(root)
    config = configuration.validate(raw)
    tasks = configuration.dataset_tasks(config)
    documents = []
    for dataset in tasks:
        for index in range(config["splits"]):
            split = splits.make(dataset, index, config)
            splits.write(split, root / splits.path_of(config["run"], dataset, index))
            for place, (_, method) in enumerate(
                cell for cell in configuration.cells(config) if cell[0] == dataset
            ):
                rng = np.random.default_rng([index, place, len(dataset)])
                bad = (dataset, method, index) in failed or (dataset, method, None) in failed
                score = float(np.exp(rng.normal(-place / 2, 0.3)))
                if split.task == "classification":
                    score = 1 - 0.3 * min(score, 1.0)
                result, run = _record(
                    config,
                    dataset,
                    split.task,
                    method,
                    index,
                    "error" if bad else "ok",
                    score,
                    split.feature_names,
                )
                path = root / records.path_of(config["run"], dataset, method, index)
                records.write(path, result, run, {} if bad else _explanations(method, split, rng))
                documents.append(records.read(path))
    table = root / "results" / config["run"] / "records.csv"
    tidy(documents).to_csv(table, index=False)
    assert metrics.PRIMARY.keys() >= set(tasks.values())
    return Results(config, root)
