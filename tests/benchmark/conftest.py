"""Runs with chosen scores, for tests of what reads results: no fit is made."""

import numpy as np
import pandas as pd
import pytest

import baselines
from benchmark import config as configuration
from benchmark import metrics
from benchmark.datasets import splits
from benchmark.evaluation.results import Results
from benchmark.evaluation.scoring import FITS, SCORES, fit_row
from benchmark.fitting import records
from benchmark.metrics import PRIMARY


def _record(config, split, method, index, score, implementation, is_local):
    """``score`` is the value of the primary metric, or the status of a failed fit."""
    ok = not isinstance(score, str)
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
        "implementation": implementation or "" if ok else "",
        "coef_is_local": ok and is_local,
        "n_features": len(split.feature_names),
        "key": "",
        "code_sha256": "",
        "data_sha256": "",
        "versions": {},
    }
    run = {
        "fit_seconds": 2.0 if ok else None,
        "chosen_fit_seconds": 2.0 if ok else None,
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

    ``scores``: data set -> method -> one score (or status of a failed fit) per split of the data
    set.
    ``csv``: name -> task of data sets of the user's own.
    ``arrays``: function (split, method) -> arrays of a fit; metrics that need them are computed,
    the primary one is as given.  ``local``: methods whose coefficients are local.
    ``implementations``: (data set, method) -> name.
    """

    def make(scores, csv=None, arrays=None, local=(), implementations=None):
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
        order = baselines.names()
        counts = {name: len(next(iter(by_method.values()))) for name, by_method in scores.items()}
        fewest = min(counts.values())
        config = configuration.validate(
            {
                "run": "invented",
                "splits": fewest,
                "more_splits": {name: n for name, n in counts.items() if n > fewest},
                "datasets": [name for name in scores if name not in specs],
                "csv": specs,
                "methods": sorted(named, key=lambda m: (order.index(baselines.base(m)), m)),
            }
        )
        fits, values = [], []
        for dataset, method in configuration.cells(config):
            for index, score in enumerate(scores[dataset][method]):
                where = [
                    tmp_path / path_of("invented", dataset, index)
                    for path_of in (splits.path_of, splits.truth_path_of)
                ]
                if not where[0].exists():
                    splits.write(splits.make(dataset, index, config), *where)
                split, truth = splits.read(where[0]), splits.read_truth(where[1])
                name = (implementations or {}).get((dataset, method))
                parts = _record(config, split, method, index, score, name, method in local)
                ok = not isinstance(score, str)
                given = dict(arrays(split, method)) if arrays and ok else {}
                if method in local and "local_coef" in given:
                    given["coef"] = given["local_coef"].astype(float).mean(axis=0)
                path = tmp_path / records.path_of("invented", dataset, method, index)
                records.write(path, *parts, given)
                fits.append(fit_row(records.read(path)))
                if ok:
                    found = metrics.scores(metrics.Sample(given, split, truth))
                    found |= {PRIMARY[split.task]: score}
                    cell = {"dataset": dataset, "method": method, "split": index}
                    values += [cell | {"metric": m, "value": v} for m, v in found.items()]
        results = Results(config, tmp_path)
        for name, rows, columns in (("fits", fits, FITS), ("scores", values, SCORES)):
            pd.DataFrame(rows, columns=columns).to_csv(results.folder / f"{name}.csv", index=False)
        return results

    return make
