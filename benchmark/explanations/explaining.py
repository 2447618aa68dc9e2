"""The judge's side of explaining: hand out stored models, watch the worker, write what it found.

What was explained is kept beside the records, one JSON file per split and its arrays.  It is made
anew when the fit, the explainers, what they are asked, or the code changes; a fit is never
repeated for it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import baselines
import explainers
from baselines.contract import NOT_DONE
from benchmark import ROOT, closure, datasets, lock, provenance, storage
from benchmark.datasets import splits
from benchmark.explanations import probes, truth
from benchmark.fitting import processes, records
from benchmark.fitting.chunk import Chunk, outcome
from benchmark.fitting.key import sha256_code

#: what decides the answers of a model besides the model itself
CODE = (
    "benchmark/explanations/observe.py",
    "benchmark/explanations/probes.py",
    "benchmark/explanations/shapley.py",
    "benchmark/explanations/truth.py",
    "benchmark/explanations/asking.py",
    "explainers/contract.py",
    "explainers/model.py",
)


def folder_of(run: str, dataset: str, method: str) -> Path:
    """Where the explanations of a method on a data set lie, relative to the project root."""
    return Path("results") / run / "explanations" / dataset / baselines.file_id(method)


def explainers_of(config, method: str) -> list[str]:
    """Explainers of one method: what it says itself, and what the config asks for afterwards."""
    return ["own", *config["explanations"].get("posthoc", {}).get(method, [])]


@cache
def code_sha256(names: tuple[str, ...]) -> str:
    """sha256 of the executed code behind the answers: the suite's and that of some explainers."""
    own = closure.files(f"explainers.{name}" for name in names)
    return sha256_code(ROOT / file for file in {*CODE, *own})


class Explanations:
    """All explanations of one method on one data set.

    Parameters
    ----------
    config : validated configuration, with ``explanations``
    dataset, method : str
    log : path of the log
    root : folder that paths of data and results are relative to
    """

    def __init__(self, config, dataset: str, method: str, log, root="."):
        self.config, self.dataset, self.method = config, dataset, method
        self.root, self.log = Path(root), Path(root) / log
        self.folder = self.root / folder_of(config["run"], dataset, method)
        self.names = explainers_of(config, method)
        absent = {name: provenance.missing(explainers.load(name)) for name in self.names}
        self.absent = {name: what for name, what in absent.items() if what}
        self.asked = [name for name in self.names if name not in self.absent]
        self.limits = config["limits"]  # of one split, all explainers included
        self.again = False  # whether a job that is ended from outside is submitted again
        self.declared = datasets.of_run(config)[dataset]

    def path(self, index) -> Path:
        return self.folder / f"split{index}.json"

    def _key(self, index, record) -> str:
        return storage.sha256_of(
            {
                "fit": record["result"]["key"],
                "explainers": self.names,
                "absent": self.absent,
                "rows": self.config["explanations"]["rows"],
                "seed": probes.seed_of(self.config, self.dataset, index),
                "code": code_sha256(tuple(self.asked)),
                "versions": {name: provenance.version(name) for name in self._packages()},
            }
        )

    def _packages(self):
        return sorted({p for name in self.asked for p in explainers.load(name).requires})

    def run(self, indices) -> list[Path]:
        """Explain the given splits.

        Returns
        -------
        paths of all files written
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        self.folder.mkdir(parents=True, exist_ok=True)
        with lock.hold(self.folder / ".lock", f"{self.method} on {self.dataset}", wait=True):
            self._explain(list(indices))
        return [f for i in indices for f in (self.path(i), self.path(i).with_suffix(".npz"))]

    def _explain(self, indices):
        read, keys, todo = {}, {}, []
        for index in indices:
            path = self._record_path(index)
            record = records.read(path)
            result, run = record["result"], record["run"]
            keys[index] = self._key(index, record)
            if self._is_there(index, keys[index]):
                continue
            if result["status"] != "ok":
                self._write(index, keys[index], {"status": "no_fit", "why": result["status"]}, {})
                continue
            if self._is_of_frame(index):
                error = {"class": NOT_DONE, "message": "probes move numbers, and it has categories"}
                self._write(index, keys[index], {"status": "skipped", "error": error}, {})
                continue
            if records.read_model(path, record) is None:
                message = run.get("model_error", "its model was not kept")
                error = {"class": "NoModel", "message": message}
                self._write(index, keys[index], {"status": "error", "error": error}, {})
                continue
            read[index] = record
            todo.append(index)
        size = self.config["chunk_size"]
        for start in range(0, len(todo), size):
            self._chunk(read, keys).work_off(todo[start : start + size])

    def _is_of_frame(self, index) -> bool:
        """Whether the fit is one of a table with categories or gaps as it is."""
        return baselines.load(self.method).frame and bool(self._split(index).frame)

    def _split(self, index):
        return splits.read(self.root / splits.path_of(self.config["run"], self.dataset, index))

    def _record_path(self, index) -> Path:
        return self.root / records.path_of(self.config["run"], self.dataset, self.method, index)

    def _chunk(self, read, keys) -> Chunk:
        def prepare(index, folder):
            split = self._split(index)
            shown = split.shown_to_methods()
            data = folder / f"data{index}.npz"
            background = truth.background(self.declared, shown, probes.BACKGROUND)
            storage.write_arrays(data, shown | {"background": background})
            model = folder / f"{index}.fitted"
            storage.write_bytes(model, records.read_model(self._record_path(index), read[index]))
            return {
                "task": split.task,
                "seed": probes.seed_of(self.config, self.dataset, index),
                "rows": self.config["explanations"]["rows"],
                "data": str(data),
                "model": str(model),
                "model_sha256": read[index]["run"]["model_sha256"],
            }

        def keep(index, folder):
            found_there = outcome(folder, index)
            if found_there is None:
                return False
            facts, arrays = found_there
            facts.pop("arrays_sha256", None)  # the document has its own
            self._write(index, keys[index], facts, arrays)
            return True

        def blame(index, facts):
            if facts["status"] in ("timeout", "memory"):
                facts = facts | {"limits": self.limits}
            self._write(index, keys[index], facts, {})

        return Chunk(
            module="benchmark.explanations.asking",
            request={"explainers": self.asked},
            prepare=prepare,
            keep=keep,
            blame=blame,
            log=self.log,
            limits=processes.Limits(self.limits["seconds"], self.limits["memory_mb"]),
            server="torch",
            again=self.again,
        )

    def _is_there(self, index, key) -> bool:
        """Whether a split need not be asked again: a missing model or other limits may be gone.

        A fit that failed may have been repeated, and its key says nothing of how it ended.
        """
        try:
            document = read(self.path(index))[0]
        except storage.DamagedFile:
            return False
        facts = document["facts"]
        if facts["status"] == "no_fit" or (facts.get("error") or {}).get("class") == "NoModel":
            return False
        return document["key"] == key and facts.get("limits", self.limits) == self.limits

    def _write(self, index, key, facts, arrays):
        """The arrays first: a JSON file on disk is then one whose arrays are there."""
        facts = dict(facts)
        outcomes = facts.setdefault("explainers", {})
        for name, packages in self.absent.items():
            message = f"needs {', '.join(packages)}"
            error = {"class": "MissingPackage", "message": message}
            outcomes[name] = {"status": "skipped", "error": error}
        path = self.path(index)
        document = {
            "dataset": self.dataset,
            "method": self.method,
            "split": index,
            "label": baselines.load(self.method).label,
            "key": key,
            "facts": facts,
            "arrays_sha256": storage.write_arrays(path.with_suffix(".npz"), arrays),
        }
        storage.write_document(path, document)


def read(path) -> tuple[dict, dict]:
    """(document, arrays) of one split.

    Raises
    ------
    benchmark.storage.DamagedFile
        It is missing, truncated or altered since it was written.
    """
    document = storage.read_document(path)
    arrays = storage.read_arrays(Path(path).with_suffix(".npz"), document["arrays_sha256"])
    return document, arrays
