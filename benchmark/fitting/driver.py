"""The judge's side of a fit: hand out data, watch the worker, compute metrics, write records."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from itertools import product
from pathlib import Path

import numpy as np

import baselines
from benchmark import lock, metrics, provenance, storage
from benchmark.config import ROOT, digest
from benchmark.datasets import splits
from benchmark.fitting import processes, records
from benchmark.seeds import derive

LOG_TAIL = 4000  # characters of a worker's output kept with the outcome of a fit that ended it


def grid_of(method, config, root=".") -> list[dict]:
    """All points of a method's grid, in a fixed order.

    A method with a parameter ``backend`` gets the one that the run has resolved.
    """
    grid = {k: list(v) for k, v in (method.smoke if config["reduced"] else method.grid).items()}
    if "backend" in grid:
        resolved = Path(root) / backend_path(config["run"])
        grid["backend"] = [json.loads(resolved.read_text())["backend"]]
    names = sorted(grid)
    return [dict(zip(names, values, strict=True)) for values in product(*map(grid.get, names))]


def backend_path(run: str) -> str:
    """Where a run writes down which backend it found, relative to the project root."""
    return str(Path("results") / run / "backend.json")


class Store:
    """Outcomes of single fits, kept by a hash of everything that decides them.

    It makes a killed job go on where it was, and a new split or a changed table cost no refit.
    An outcome that is damaged is as good as absent.
    """

    def __init__(self, folder: Path):
        self.folder = Path(folder)

    def _path(self, key):
        return self.folder / key[:2] / f"{key}.json"

    def get(self, key):
        path = self._path(key)
        try:
            outcome = json.loads(path.read_text())
            if outcome.pop("sha256") != storage.sha256_of(outcome):
                return None
            sha256 = outcome["facts"].get("arrays_sha256")
            arrays = storage.read_arrays(path.with_suffix(".npz"), sha256) if sha256 else {}
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return None
        return outcome["facts"], arrays, outcome["made_by"]

    def put(self, key, facts, arrays, made_by):
        path = self._path(key)
        if arrays:
            storage.write_arrays(path.with_suffix(".npz"), arrays)
        outcome = {"facts": facts, "made_by": made_by}
        outcome["sha256"] = storage.sha256_of(outcome)
        storage.write_text(path, json.dumps(outcome))

    def keys(self) -> list[str]:
        """Keys of all outcomes."""
        return sorted(path.stem for path in self.folder.glob("*/*.json"))

    def drop(self, key):
        """Forget an outcome."""
        self._path(key).unlink(missing_ok=True)


def _check_shapes(arrays, n_rows, d):
    """Explanations must have the shapes of the contract and be finite."""
    shapes = {
        "coef": (d,),
        "selected_features": (d,),
        "interaction_features": (d,),
        "local_coef": (n_rows, d),
        "correction": (n_rows, d),
        "probability": (n_rows, 2),
    }
    for name, shape in shapes.items():
        if name in arrays and arrays[name].shape != shape:
            raise metrics.InvalidPrediction(
                f"{name} has shape {arrays[name].shape}, expected {shape}"
            )
    weights = arrays.get("first_layer_weights")
    if weights is not None and (weights.ndim != 2 or weights.shape[1] != d):
        raise metrics.InvalidPrediction(
            f"first_layer_weights has shape {weights.shape}, expected (hidden, {d})"
        )
    for name, values in arrays.items():
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise metrics.InvalidPrediction(f"{name} is not finite")


def _score(task, y, prediction, probability=None) -> dict:
    with np.errstate(over="ignore"):
        scores = metrics.score(task, y, prediction, probability)
    for name, value in scores.items():
        if not np.isfinite(value):
            raise metrics.InvalidPrediction(f"{name} of the predictions is not finite")
    return scores


def _judge(facts, arrays, split) -> tuple[dict, dict]:
    """Metrics of an outcome, or the error that its predictions amount to."""
    blank = {"metrics": None, "validation": None, "alternatives": {}, "error": facts.get("error")}
    if facts["status"] != "ok":
        return blank | {"status": facts["status"]}, {}
    task, data = split.task, split.arrays
    n_test, d = data["X_test"].shape
    try:
        prediction = metrics.check_prediction(arrays["prediction"], task, n_test)
        val = metrics.check_prediction(arrays["prediction_val"], task, len(data["y_val"]))
        others = {
            name.removeprefix("alternative_"): metrics.check_prediction(values, task, n_test)
            for name, values in arrays.items()
            if name.startswith("alternative_")
        }
        _check_shapes(arrays, n_test, d)
        scores = {
            "metrics": _score(task, data["y_test"], prediction, arrays.get("probability")),
            "validation": _score(task, data["y_val"], val),
            "alternatives": {k: _score(task, data["y_test"], v) for k, v in others.items()},
        }
    except metrics.InvalidPrediction as error:
        message = {"class": type(error).__name__, "message": str(error)}
        return blank | {"status": "error", "error": message}, {}
    return {"status": "ok", "error": None} | scores, arrays


class Fits:
    """All fits of one method on one data set.

    Parameters
    ----------
    config : validated configuration
    dataset, method : str
    log : path of the log
    root : folder that paths of data and results are relative to
    """

    def __init__(self, config, dataset: str, method: str, log, root="."):
        self.config, self.dataset, self.name = config, dataset, method
        self.method = baselines.load(method)
        self.root = Path(root)
        self.log = self.root / log
        self.log_name = str(log)
        self.grid = grid_of(self.method, config, root)
        self.code = provenance.code_sha256(method)
        self.versions = provenance.versions(method)
        self.store = Store(self.root / "results" / config["run"] / "store")
        commit, dirty = provenance.commit()
        self.made_by = {"commit": commit, "dirty": dirty}
        self.limits = processes.Limits(config["limits"]["seconds"], config["limits"]["memory_mb"])

    def seed(self, index) -> int:
        """Seed of one fit: no other data set, split or method has a part in it."""
        return derive(self.config["seed"], "fit", self.dataset, index, self.name)

    def split_path(self, index) -> Path:
        return self.root / splits.path_of(self.config["run"], self.dataset, index)

    def key(self, index) -> str:
        """Hash of everything that decides the outcome of one fit."""
        return storage.sha256_of(
            {
                "method": self.name,
                "grid": self.grid,
                "code": self.code,
                "data": storage.sha256_file(self.split_path(index)),
                "seed": self.seed(index),
                "versions": self.versions,
            }
        )

    def run(self, indices):
        """Fit the given splits and write one record each.  Never raises for a method's failure.

        Raises
        ------
        benchmark.storage.DamagedFile
            A split is not the one that the configuration makes.
        OSError
            The disk is full or a folder cannot be written.
        """
        for index in indices:
            splits.verify(self.split_path(index), self.dataset, index, self.config)
        # After a kill -9 a judge may outlive its workflow by a moment: wait for it.
        name = f".{self.dataset}.{self.name}.lock"
        with lock.hold(self.store.folder / name, f"{self.name} on {self.dataset}", wait=True):
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self.log.write_bytes(b"")
            keys = {index: self.key(index) for index in indices}
            todo = []
            for index in indices:
                outcome = self._stored(keys[index])
                if outcome is None:
                    todo.append(index)
                else:
                    self._note_kept(index, outcome[0])
            size = self.config["chunk_size"]
            for start in range(0, len(todo), size):
                self._fit_chunk(todo[start : start + size], keys)
            for index in indices:
                self._write_record(index, keys[index])

    def _stored(self, key):
        """The outcome kept under a key; a fit stopped by another limit than today's is repeated."""
        outcome = self.store.get(key)
        if outcome and outcome[0].get("limits", self.config["limits"]) != self.config["limits"]:
            return None
        return outcome

    def _note_kept(self, index, facts):
        """A failure that is not repeated can still be read in the log."""
        if facts["status"] != "ok":
            with open(self.log, "a", encoding="utf-8", errors="replace") as log:
                log.write(
                    f"--- split {index}: {facts['status']}, kept from an earlier run\n"
                    f"{facts.get('traceback', '')}\n"
                )

    def _fit_chunk(self, todo, keys):
        """One worker after another until every split of the chunk has an outcome."""
        while todo:
            folder = Path(tempfile.mkdtemp(prefix="fit-"))
            start_of_log = self.log.stat().st_size
            try:
                end, at, todo = self._run_worker(folder, todo, keys)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            if todo:
                # the split at work when the worker ended takes the blame, the others go on
                blamed = at if at in todo else todo[0]
                facts = self._blame(end, start_of_log)
                self.store.put(keys[blamed], facts, {}, self.made_by)
                todo.remove(blamed)

    def _run_worker(self, folder, todo, keys):
        """Run a worker; return how it ended, the split it was at, and the splits left to fit."""
        jobs = []
        for index in todo:
            split = splits.read(self.split_path(index))
            data = folder / f"data{index}.npz"
            storage.write_arrays(data, split.shown_to_methods())
            jobs.append(
                {
                    "split": index,
                    "task": split.task,
                    "seed": self.seed(index),
                    "data": str(data),
                }
            )
        request = folder / "request.json"
        storage.write_text(
            request,
            json.dumps(
                {"method": self.name, "folder": str(folder), "grid": self.grid, "jobs": jobs}
            ),
        )

        left = list(todo)

        def collect():
            """Store what is finished at once, so that a kill costs the fit at work and no other."""
            for index in [i for i in left if (folder / f"{i}.json").exists()]:
                if self._keep(folder, index, keys[index]):
                    left.remove(index)

        def mark():
            collect()
            try:
                return (folder / "progress").read_text()
            except OSError:
                return ""

        end = processes.watch(request, folder, ROOT, self.log, self.limits, mark)
        at = mark()
        return end, int(at) if at else None, left

    def _keep(self, folder, index, key) -> bool:
        """Move an outcome into the store; say whether there was a whole one."""
        try:
            facts = json.loads((folder / f"{index}.json").read_text())
            sha256 = facts.get("arrays_sha256")
            arrays = storage.read_arrays(folder / f"{index}.npz", sha256) if sha256 else {}
        except (OSError, ValueError):
            return False
        if facts.get("error"):
            facts["error"]["message"] = self._comparable(facts["error"]["message"], folder)
        self.store.put(key, facts, arrays, self.made_by)
        return True

    def _comparable(self, message, folder) -> str:
        """A message without what differs from run to run: the folder's name and addresses."""
        for name, path in (("<folder>", folder), ("<project>", self.root), ("<project>", ROOT)):
            for spelling in {str(path.resolve()), str(path.absolute())}:
                message = message.replace(spelling, name)
        return re.sub(r"\b0x[0-9a-f]+\b", "0x...", message)

    def _blame(self, end, start_of_log) -> dict:
        with open(self.log, "rb") as log:
            log.seek(start_of_log)
            tail = log.read().decode(errors="replace")[-LOG_TAIL:]
        if end.status in ("timeout", "memory"):
            error = {"class": end.status, "message": end.message}
            limits = self.config["limits"]
            return {"status": end.status, "error": error, "traceback": tail, "limits": limits}
        message = end.message or "the worker ended without an outcome"
        error = {"class": "WorkerDied", "message": message}
        return {"status": "error", "error": error, "traceback": tail}

    def _write_record(self, index, key):
        facts, arrays, made_by = self.store.get(key)
        split = splits.read(self.split_path(index))
        verdict, arrays = _judge(facts, arrays, split)
        ok = verdict["status"] == "ok"
        info = dict(facts.get("info", {})) if ok else {}
        result = verdict | {
            "dataset": self.dataset,
            "task": split.task,
            "split": index,
            "method": self.name,
            "seed": self.seed(index),
            "params": facts.get("params") if ok else None,
            "backend": info.pop("backend", None),
            "info": info,
            "coef_is_local": facts.get("coef_is_local", False),
            "n_features": len(split.feature_names),
            "key": key,
            "code_sha256": self.code,
            "data_sha256": storage.sha256_file(self.split_path(index)),
            "versions": self.versions,
        }
        run = made_by | {
            "fit_seconds": facts.get("fit_seconds"),
            "predict_seconds": facts.get("predict_seconds"),
            "peak_memory_mb": facts.get("peak_memory_mb"),
            "log": self.log_name,
            "config_sha256": digest(self.config),
        }
        path = records.path_of(self.config["run"], self.dataset, self.name, index)
        records.write(self.root / path, result, run, arrays)
