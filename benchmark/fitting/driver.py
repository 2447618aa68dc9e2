"""The judge's side of a fit: hand out data, watch the worker, write records."""

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
        path = self.cell.record_path(".").with_name(".lock")
        with lock.hold(path, f"{self.name} on {self.dataset}", wait=True):
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self.log.write_bytes(b"")
            missing = provenance.missing(baselines.load(self.name))
            todo = []
            for index in indices:
                if self._is_there(index):
                    continue
                if missing:
                    self._skip(index, missing)
                else:
                    todo.append(index)
            size = self.config["chunk_size"]
            for start in range(0, len(todo), size):
                self._chunk().work_off(todo[start : start + size])
        written = map(self.cell.record_path, indices)
        return [file for path in written for file in (path, records.arrays_path(path))]

    def _skip(self, index, missing):
        """A method whose package is not here has an outcome too, and the package's name in it."""
        error = {"class": "MissingPackage", "message": f"needs {', '.join(missing)}"}
        self._write(index, {"status": "skipped", "error": error}, {})
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(f"--- split {index}: skipped: {error['message']}\n")

    def _is_there(self, index) -> bool:
        """Whether a record of the same key need not be made again; it is judged again.

        A fit stopped by another limit than today's is repeated, and one without the model that the
        run now asks for.  What the judge refused is too: its arrays have not been kept.
        """
        path = self.cell.record_path(index)
        try:
            record = records.read(path)
            arrays = records.read_arrays(path, record)
        except storage.DamagedFile:
            return False
        result, run = record["result"], record["run"]
        if result["key"] != self.cell.key(index) or judge.refused(result):
            return False
        if run.get("limits", self.config["limits"]) != self.config["limits"]:
            return False
        if self.keeps_models and result["status"] == "ok" and "model_error" not in run:
            if records.read_model(path, record) is None:
                return False
        if result["status"] != "ok":
            # a failure that is not repeated can still be read in the log
            with open(self.log, "a", encoding="utf-8", errors="replace") as log:
                kept = f"--- split {index}: {result['status']}, kept from an earlier run\n"
                log.write(f"{kept}{run.get('traceback', '')}\n")
        self._write(index, result | run, arrays)
        return True

    def _chunk(self) -> Chunk:
        """What fits splits in a worker, and makes records of its outcomes."""
        grid = self.cell.grid

        def prepare(index, folder):
            split = splits.read(self.split_path(index))
            data = folder / f"data{index}.npz"
            storage.write_arrays(data, split.shown_to_methods())
            return {"task": split.task, "seed": self.cell.seed(index), "data": str(data)}

        def blame(index, facts):
            if facts["status"] in ("timeout", "memory"):
                facts = facts | {"limits": self.config["limits"]}
            self._write(index, facts, {})

        return Chunk(
            module="benchmark.fitting.worker",
            request={
                "method": self.name,
                "grid": grid,
                "all_rows": self.cell.all_rows,
                "keep_models": self.keeps_models,
            },
            prepare=prepare,
            keep=lambda index, folder: self._keep(folder, index),
            blame=blame,
            log=self.log,
            limits=self.limits,
            variables=self.cell.implementation.environment,
            server=forks.server_of(ROOT / file for file in provenance.method_files(self.name)),
            again=self.again,
        )

    def _keep(self, folder, index) -> bool:
        """Make a record of an outcome; say whether there was a whole one."""
        found = outcome(folder, index)
        if found is None:
            return False
        facts, arrays = found
        if facts.get("error"):
            facts["error"]["message"] = self._comparable(facts["error"]["message"], folder)
        if "model_sha256" in facts:
            model = (folder / f"{index}.model").read_bytes()
            storage.write_bytes(records.model_path(self.cell.record_path(index)), model)
        self._write(index, facts, arrays)
        return True

    def _comparable(self, message, folder) -> str:
        """A message without what differs from run to run: the folder's name and addresses."""
        for name, path in (("<folder>", folder), ("<project>", self.root), ("<project>", ROOT)):
            for spelling in {str(path.resolve()), str(path.absolute())}:
                message = message.replace(spelling, name)
        return re.sub(r"\b0x[0-9a-f]+\b", "0x...", message)

    def _write(self, index, facts, arrays):
        """Judge an outcome and write its record, with what made it: a kept one says so itself."""
        split = splits.read(self.split_path(index))
        judged, arrays = judge.verdict(facts, arrays, split, self.cell.frame)
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
            "n_features": len(split.columns(self.cell.frame)),
            "key": self.cell.key(index),
            "code_sha256": self.cell.code,
            "data_sha256": self.cell.data_sha256(index),
            "versions": self.cell.versions,
        }
        run = {name: facts.get(name) for name in records.COST}
        run |= {name: facts.get(name, now) for name, now in self.made_by.items()}
        run |= {name: facts[name] for name in records.NOTED if name in facts}
        run |= {"log": self.log_name, "config_sha256": digest(self.config)}
        records.write(self.cell.record_path(index), result, run, arrays)
