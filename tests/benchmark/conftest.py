"""Runs with chosen scores, for tests of what reads results: no fit is made."""

import numpy as np
import pytest

import baselines
from benchmark import config as configuration
from benchmark.datasets import splits
from benchmark.evaluation.collect import tidy
from benchmark.evaluation.results import Results
from benchmark.fitting import records


def _record(config, split, method, index, score, backend, is_local):
    """``score`` is the value of the primary metric, or the status of a failed fit."""
    ok = not isinstance(score, str)
    metric = "mse" if split.task == "regression" else "accuracy"
    scores = {metric: score} if ok else None
    result = {
        "dataset": split.dataset,
        "task": split.task,
        "split": index,
        "method": method,
        "seed": 1,
        "status": "ok" if ok else score,
        "error": None if ok else {"class": "Invented", "message": f"the {score} of a test"},
        "params": {} if ok else None,
        "info": {},
        "backend": backend if ok else None,
        "metrics": scores,
        "validation": scores,
        "alternatives": {},
        "coef_is_local": ok and is_local,
        "n_features": len(split.feature_names),
        "key": "",
        "code_sha256": "",
        "data_sha256": "",
        "versions": {},
    }
    run = {
        "fit_seconds": 2.0 if ok else None,
        "predict_seconds": 0.5 if ok else None,
        "peak_memory_mb": 100.0,
        "log": f"logs/{config['run']}/{split.dataset}/{method}.log",
        "commit": "0123456789abcdef",
        "dirty": False,
        "config_sha256": "",
    }
    return result, run


@pytest.fixture
def make_run(tmp_path):
    """Write a run and return its Results.

    ``scores``: data set -> method -> one score (or status of a failed fit) per split.
    ``csv``: name -> task of data sets of the user's own.
    ``arrays``: function (split, method) -> arrays of a fit.  ``local``: methods whose coefficients
    are local.  ``backends``: (data set, method) -> backend.
    """

    def make(scores, csv=None, arrays=None, local=(), backends=None):
        rng = np.random.default_rng(0)
        specs = {}
        for name, task in (csv or {}).items():
            path = tmp_path / f"{name}.csv"
            table = rng.normal(size=(60, 3))
            if task == "classification":
                table[:, 2] = table[:, 2] > 0
            np.savetxt(path, table, delimiter=",", header="a,b,target", comments="")
            specs[name] = {"path": str(path), "target": "target", "task": task}
        named = {method for by_method in scores.values() for method in by_method}
        n_splits = len(next(iter(next(iter(scores.values())).values())))
        config = configuration.validate(
            {
                "run": "invented",
                "splits": n_splits,
                "datasets": [name for name in scores if name not in specs],
                "csv": specs,
                "methods": [name for name in baselines.names() if name in named],
            }
        )
        documents = []
        for dataset, method in configuration.cells(config):
            for index, score in enumerate(scores[dataset][method]):
                at = tmp_path / splits.path_of("invented", dataset, index)
                if not at.exists():
                    splits.write(splits.make(dataset, index, config), at)
                split = splits.read(at)
                backend = (backends or {}).get((dataset, method))
                parts = _record(config, split, method, index, score, backend, method in local)
                given = arrays(split, method) if arrays and not isinstance(score, str) else {}
                path = tmp_path / records.path_of("invented", dataset, method, index)
                records.write(path, *parts, given)
                documents.append(records.read(path))
        gathered = tmp_path / "results" / "invented" / "records.csv"
        gathered.write_text(tidy(documents).to_csv(index=False))
        return Results(config, tmp_path)

    return make
