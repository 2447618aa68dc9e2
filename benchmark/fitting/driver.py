"""The judge's side of a fit: hand out data, watch the worker, keep outcomes, write records."""

from __future__ import annotations

import re
from pathlib import Path

import baselines
from benchmark import ROOT, lock, provenance, storage
from benchmark.config import digest
from benchmark.datasets import splits
from benchmark.fitting import forks, judge, processes, records
from benchmark.fitting.chunk import Chunk, outcome
from benchmark.fitting.plan import Cell
from benchmark.fitting.store import Store


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
        self.cell = Cell(config, dataset, method, root)
        self.root = Path(root)
        self.log = self.root / log
        self.log_name = str(log)
        self.store = Store.of_run(config["run"], root)
        commit, dirty = provenance.commit()
        self.made_by = {"commit": commit, "dirty": dirty}
        # explanations are made of fitted models, whenever they are asked for
        self.keeps_models = bool(config["explanations"])
        self.again = False  # whether a job that is ended from outside is submitted again
        self.limits = processes.Limits(config["limits"]["seconds"], config["limits"]["memory_mb"])

    def split_path(self, index) -> Path:
        return self.root / splits.path_of(self.config["run"], self.dataset, index)

    def run(self, indices):
        """Fit the given splits and write one record each.  Never raises for a method's failure.

        Returns
        -------
        paths of the records and of their arrays

        Raises
        ------
        benchmark.storage.DamagedFile
            A split is not the one that the configuration makes.
        OSError
            The disk is full or a folder cannot be written.
        """
        if found := splits.problems(self.dataset, self.config, indices, self.root, truths=False):
            raise storage.DamagedFile("\n".join(found))
        # After a kill -9 a judge may outlive its workflow by a moment: wait for it.
        name = f".{self.dataset}.{baselines.file_id(self.name)}.lock"
        with lock.hold(self.store.folder / name, f"{self.name} on {self.dataset}", wait=True):
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self.log.write_bytes(b"")
            keys = {index: self.cell.key(index) for index in indices}
            missing = provenance.missing(baselines.load(self.name))
            todo = []
            for index in indices:
                outcome = self._stored(keys[index])
                if outcome is not None:
                    self._note_kept(index, outcome[0])
                elif missing:
                    self._skip(index, keys[index], missing)
                else:
                    todo.append(index)
            size = self.config["chunk_size"]
            for start in range(0, len(todo), size):
                self._chunk(keys).work_off(todo[start : start + size])
            written = [self._write_record(index, keys[index]) for index in indices]
        return [file for path in written for file in (path, records.arrays_path(path))]

    def _skip(self, index, key, missing):
        """A method whose package is not here has an outcome too, and the package's name in it."""
        error = {"class": "MissingPackage", "message": f"needs {', '.join(missing)}"}
        self.store.put(key, {"status": "skipped", "error": error}, {}, self.made_by)
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(f"--- split {index}: skipped: {error['message']}\n")

    def _stored(self, key):
        """The outcome kept under a key; a fit stopped by another limit than today's is repeated."""
        outcome = self.store.get(key)
        if outcome and outcome[0].get("limits", self.config["limits"]) != self.config["limits"]:
            return None
        if outcome and self.keeps_models and self._lacks_model(key, outcome[0]):
            return None
        return outcome

    def _lacks_model(self, key, facts) -> bool:
        """Whether a fit that succeeded was made when nobody asked for its model."""
        if facts["status"] != "ok" or "model_error" in facts:
            return False
        return self.store.model(key, facts) is None

    def _note_kept(self, index, facts):
        """A failure that is not repeated can still be read in the log."""
        if facts["status"] != "ok":
            with open(self.log, "a", encoding="utf-8", errors="replace") as log:
                log.write(
                    f"--- split {index}: {facts['status']}, kept from an earlier run\n"
                    f"{facts.get('traceback', '')}\n"
                )

    def _chunk(self, keys) -> Chunk:
        """What fits splits in a worker, and takes its outcomes into the store."""
        grid = self.cell.grid

        def prepare(index, folder):
            split = splits.read(self.split_path(index))
            data = folder / f"data{index}.npz"
            storage.write_arrays(data, split.shown_to_methods())
            return {"task": split.task, "seed": self.cell.seed(index), "data": str(data)}

        def blame(index, facts):
            if facts["status"] in ("timeout", "memory"):
                facts = facts | {"limits": self.config["limits"]}
            self.store.put(keys[index], facts, {}, self.made_by)

        return Chunk(
            module="benchmark.fitting.worker",
            request={"method": self.name, "grid": grid, "keep_models": self.keeps_models},
            prepare=prepare,
            keep=lambda index, folder: self._keep(folder, index, keys[index]),
            blame=blame,
            log=self.log,
            limits=self.limits,
            variables=self.cell.implementation.environment,
            server=forks.server_of(ROOT / file for file in provenance.method_files(self.name)),
            again=self.again,
        )

    def _keep(self, folder, index, key) -> bool:
        """Move an outcome into the store; say whether there was a whole one."""
        found = outcome(folder, index)
        if found is None:
            return False
        facts, arrays = found
        if facts.get("error"):
            facts["error"]["message"] = self._comparable(facts["error"]["message"], folder)
        model = (folder / f"{index}.model").read_bytes() if "model_sha256" in facts else None
        self.store.put(key, facts, arrays, self.made_by, model)
        return True

    def _comparable(self, message, folder) -> str:
        """A message without what differs from run to run: the folder's name and addresses."""
        for name, path in (("<folder>", folder), ("<project>", self.root), ("<project>", ROOT)):
            for spelling in {str(path.resolve()), str(path.absolute())}:
                message = message.replace(spelling, name)
        return re.sub(r"\b0x[0-9a-f]+\b", "0x...", message)

    def _write_record(self, index, key):
        facts, arrays, made_by = self.store.get(key)
        split = splits.read(self.split_path(index))
        judged, arrays = judge.verdict(facts, arrays, split)
        ok = judged["status"] == "ok"
        result = judged | {
            "dataset": self.dataset,
            "task": split.task,
            "split": index,
            "method": self.name,
            "seed": self.cell.seed(index),
            "params": facts.get("params") if ok else None,
            "implementation": self.cell.implementation.name,
            "info": facts.get("info", {}) if ok else {},
            "coef_is_local": facts.get("coef_is_local", False),
            "n_features": len(split.feature_names),
            "key": key,
            "code_sha256": self.cell.code,
            "data_sha256": self.cell.data_sha256(index),
            "versions": self.cell.versions,
        }
        run = made_by | {
            "fit_seconds": facts.get("fit_seconds"),
            "chosen_fit_seconds": facts.get("chosen_fit_seconds"),
            "predict_seconds": facts.get("predict_seconds"),
            "peak_memory_mb": facts.get("peak_memory_mb"),
            "log": self.log_name,
            "config_sha256": digest(self.config),
        }
        path = self.cell.record_path(index)
        records.write(path, result, run, arrays)
        return path
