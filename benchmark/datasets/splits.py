"""Splits on disk: the rows in one .npz file, what is true about them in another.

The rows decide what a method finds, the truth only what is thought of it: a data set that learns to
tell more about itself costs no fit.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields
from pathlib import Path

import numpy as np

from benchmark import datasets, storage
from benchmark.datasets.dataset import PARTS, Split, Truth


def make(name: str, index: int, config) -> Split:
    """Make split ``index`` of a data set of a validated configuration.

    Raises
    ------
    benchmark.datasets.TableError
        A CSV file of the user's cannot be used.
    """
    return datasets.of_run(config)[name].split(index, config)


def path_of(run: str, dataset: str, index) -> str:
    """Where a split lies, relative to the project root."""
    return str(Path("data") / run / dataset / f"split{index}.npz")


def truth_path_of(run: str, dataset: str, index) -> str:
    """Where the truth of a split lies, relative to the project root."""
    return str(Path("data") / run / dataset / f"truth{index}.npz")


def manifest_path_of(run: str, dataset: str) -> str:
    """Where the manifest of a data set's splits lies, relative to the project root."""
    return str(Path("data") / run / dataset / "splits.json")


def truth_manifest_path_of(run: str, dataset: str) -> str:
    """Where the manifest of their truths lies, relative to the project root."""
    return str(Path("data") / run / dataset / "truths.json")


def _content(split: Split) -> dict:
    """The rows of a split as arrays."""
    return split.arrays | {
        "dataset": np.array(split.dataset),
        "task": np.array(split.task),
        "index": np.array(split.index),
        "feature_names": np.array(split.feature_names),
        "notes": np.array(split.notes, dtype=str),
    }


def _known(truth: Truth) -> dict:
    """What is known, as arrays."""
    known = {f.name: getattr(truth, f.name) for f in fields(Truth)}
    return {name: np.asarray(value) for name, value in known.items() if value is not None}


def sha256(split: Split) -> str:
    """The sha256 that the file of its rows has, as in a manifest."""
    return hashlib.sha256(storage.pack_arrays(_content(split))).hexdigest()


def write(split: Split, path, truth_path):
    """Write both files; the same seed gives the same bytes."""
    storage.write_arrays(path, _content(split))
    storage.write_arrays(truth_path, _known(split.truth))


def verify(path, truth_path, name: str, index: int, config):
    """Make a split anew and compare it with its files.

    Raises
    ------
    benchmark.storage.DamagedFile
        A file is missing, truncated, altered, or was made with other settings.
    """
    split = make(name, index, config)
    for file, content in ((path, _content(split)), (truth_path, _known(split.truth))):
        try:
            found = storage.sha256_file(file)
        except OSError as error:
            raise storage.DamagedFile(f"{file}: cannot be read: {error.strerror}") from None
        if found != hashlib.sha256(storage.pack_arrays(content)).hexdigest():
            raise storage.DamagedFile(
                f"{file}: truncated, altered or made with other settings; "
                "delete it and run the same command again"
            )


def read(path) -> Split:
    """Read the rows of a split back; its truth is not among them.

    Raises
    ------
    benchmark.storage.DamagedFile
        The file is not whole, or is not a split.
    """
    content = storage.read_arrays(path)
    try:
        return Split(
            dataset=str(content["dataset"]),
            task=str(content["task"]),
            index=int(content["index"]),
            feature_names=[str(name) for name in content["feature_names"]],
            arrays={k: v for k, v in content.items() if k[:2] in ("X_", "y_")},
            notes=[str(note) for note in content["notes"]],
        )
    except KeyError as error:
        raise storage.DamagedFile(f"{path}: not a split: no entry {error}") from None


def manifest(paths):
    """One row per split: path, sha256, data set, split, its rows and features, what was done.

    Returns
    -------
    pandas.DataFrame
    """
    import pandas as pd  # half a second, which no job of a fit needs to spend

    rows = []
    for path in paths:
        split = read(path)
        sizes = {f"n_{part}": len(split.arrays[f"y_{part}"]) for part in PARTS}
        rows.append(
            {
                "path": str(path),
                "sha256": storage.sha256_file(path),
                "dataset": split.dataset,
                "split": split.index,
                **sizes,
                "n_features": len(split.feature_names),
                "notes": "; ".join(split.notes),
            }
        )
    return pd.DataFrame(rows)


def read_truth(path) -> Truth:
    """Read what is known about a split.

    Raises
    ------
    benchmark.storage.DamagedFile
        The file is not whole.
    """
    content = storage.read_arrays(path)
    known = {f.name: content[f.name] for f in fields(Truth) if f.name in content}
    return Truth(**{k: float(v) if v.ndim == 0 else v for k, v in known.items()})
