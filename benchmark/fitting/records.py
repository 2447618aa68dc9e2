"""Records: one JSON file per data set, split and method, and its arrays in an .npz beside it.

A record has three parts.  ``result`` is what is compared between runs and is byte-identical on a
rerun; ``run`` holds what is not (seconds, memory, commit); ``sha256`` covers both, so that a
truncated or hand-edited record is noticed.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import baselines
from benchmark import storage

SCHEMA_VERSION = 3
SCHEMA = Path(__file__).resolve().parents[2] / "workflow" / "schemas" / "record.schema.yaml"
STATUSES = ("ok", "error", "timeout", "memory", "skipped")


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


def write(path, result: dict, run: dict, arrays: dict):
    """Write a record, its arrays first ({} for a failed fit): a record on disk is complete."""
    result = dict(result)
    result["arrays_sha256"] = storage.write_arrays(arrays_path(path), arrays)
    document = {"schema_version": SCHEMA_VERSION, "result": result, "run": run}
    document["sha256"] = storage.sha256_of(document)
    _validator().validate(document)
    storage.write_text(path, json.dumps(document, indent=1, sort_keys=True) + "\n")


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
    try:
        document = json.loads(Path(path).read_text())
    except OSError as error:
        raise storage.DamagedFile(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise storage.DamagedFile(f"{path}: truncated or not JSON") from None
    if not isinstance(document, dict) or "schema_version" not in document:
        raise storage.DamagedFile(f"{path}: not a record")
    if document["schema_version"] != SCHEMA_VERSION:
        raise storage.DamagedFile(
            f"{path}: schema version {document['schema_version']}, expected {SCHEMA_VERSION}"
        )
    expected = document.pop("sha256", None)
    if expected != storage.sha256_of(document):
        raise storage.DamagedFile(f"{path}: altered since it was written (sha256 differs)")
    return document


def read_arrays(path, record: dict) -> dict:
    """The arrays of a record; {} for a failed one.

    Raises
    ------
    benchmark.storage.DamagedFile
        The .npz is missing, truncated or not the one that was written with the record.
    """
    return storage.read_arrays(arrays_path(path), record["result"]["arrays_sha256"])
