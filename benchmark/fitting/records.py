"""Records: what became of a fit, one JSON file per data set, split and method, written once.

Its arrays lie in an .npz beside it, and the fitted model where a run explains.  A record has three
parts.  ``result`` is what is compared between runs and is byte-identical on a rerun, its key among
it; ``run`` holds what is not (seconds, memory, commit, a traceback); ``sha256`` covers both, so
that a truncated or hand-edited record is noticed.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import baselines
from benchmark import storage

SCHEMA_VERSION = 3
SCHEMA = Path(__file__).resolve().parents[2] / "workflow" / "schemas" / "record.schema.yaml"
#: of the ``run`` part: what a fit has cost, and what is there only where there is something to note
COST = ("fit_seconds", "chosen_fit_seconds", "predict_seconds", "peak_memory_mb")
NOTED = ("limits", "traceback", "model_sha256", "model_error")


def _folder(run, dataset, method) -> Path:
    return Path("results") / run / "records" / dataset / baselines.file_id(method)


def path_of(run: str, dataset: str, method: str, index) -> str:
    """Where a record lies, relative to the project root."""
    return str(_folder(run, dataset, method) / f"split{index}.json")


def manifest_path_of(run: str, dataset: str, method: str) -> str:
    """Where the manifest of a method's records on a data set lies, relative to the project root."""
    return str(_folder(run, dataset, method) / "manifest.json")


def arrays_path(path) -> Path:
    """The .npz that belongs to a record."""
    return Path(path).with_suffix(".npz")


def model_path(path) -> Path:
    """The fitted model of a record, where a run keeps them."""
    return Path(path).with_suffix(".model")


def write(path, result: dict, run: dict, arrays: dict):
    """Write a record, its arrays first ({} for a failed fit): a record on disk is complete."""
    result = result | {"arrays_sha256": storage.write_arrays(arrays_path(path), arrays)}
    document = {"schema_version": SCHEMA_VERSION, "result": result, "run": run}
    _validator().validate(document)
    storage.write_document(path, document)


@cache
def _validator():
    import jsonschema
    import yaml

    return jsonschema.Draft202012Validator(yaml.safe_load(SCHEMA.read_text()))


def read(path) -> dict:
    """Read a record.

    Raises
    ------
    benchmark.storage.DamagedFile
        It is missing, truncated, altered since it was written, or of another schema version.
    """
    document = storage.read_document(path)
    if document.get("schema_version") != SCHEMA_VERSION:
        raise storage.DamagedFile(
            f"{path}: schema version {document.get('schema_version')}, expected {SCHEMA_VERSION}"
        )
    return document


def read_arrays(path, record: dict) -> dict:
    """The arrays of a record; {} for a failed one.

    Raises
    ------
    benchmark.storage.DamagedFile
        The .npz is missing, truncated or not the one that was written with the record.
    """
    return storage.read_arrays(arrays_path(path), record["result"]["arrays_sha256"])


def read_model(path, record: dict) -> bytes | None:
    """The fitted model of a record, pickled; None if there is no whole one."""
    sha256 = record["run"].get("model_sha256")
    try:
        return storage.read_bytes(model_path(path), sha256) if sha256 else None
    except storage.DamagedFile:
        return None
