"""Outcomes of single fits, kept by a hash of everything that decides them."""

from __future__ import annotations

import json
from pathlib import Path

from benchmark import storage


class Store:
    """Makes a killed job go on where it was, and a new split or a changed table cost no refit.

    An outcome that is damaged is as good as absent.
    """

    def __init__(self, folder: Path):
        self.folder = Path(folder)

    @classmethod
    def of_run(cls, run: str, root=".") -> Store:
        """The store of a run."""
        return cls(Path(root) / "results" / run / "store")

    def _path(self, key):
        return self.folder / key[:2] / f"{key}.json"

    def get(self, key):
        """(facts, arrays, made_by) of an outcome; None if there is no whole one."""
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

    def put(self, key, facts, arrays, made_by, model: bytes | None = None):
        """Keep an outcome; its model and arrays first, so that one on disk is whole."""
        path = self._path(key)
        if model is not None:
            storage.write_bytes(path.with_suffix(".model"), model)
        if arrays:
            storage.write_arrays(path.with_suffix(".npz"), arrays)
        outcome = {"facts": facts, "made_by": made_by}
        outcome["sha256"] = storage.sha256_of(outcome)
        storage.write_text(path, json.dumps(outcome))

    def model(self, key, facts) -> bytes | None:
        """The fitted model of an outcome, pickled; None if there is no whole one."""
        if "model_sha256" not in facts:
            return None
        try:
            return storage.read_bytes(self._path(key).with_suffix(".model"), facts["model_sha256"])
        except storage.DamagedFile:
            return None

    def keys(self) -> list[str]:
        """Keys of all outcomes."""
        return sorted(path.stem for path in self.folder.glob("*/*.json"))

    def drop(self, key):
        """Forget an outcome."""
        self._path(key).unlink(missing_ok=True)
