"""Splits on disk: the rows in one .npz file, what is true about them in another.

The rows decide what a method finds, the truth only what is thought of it: a data set that learns to
tell more about itself costs no fit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import numpy as np

from benchmark import datasets, frames, manifest, storage
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
    return (
        split.arrays
        | dict(split.frame)
        | {
            "dataset": np.array(split.dataset),
            "task": np.array(split.task),
            "index": np.array(split.index),
            "feature_names": np.array(split.feature_names),
            "notes": np.array(split.notes, dtype=str),
        }
    )


def _known(truth: Truth) -> dict:
    """What is known, as arrays."""
    known = {f.name: getattr(truth, f.name) for f in fields(Truth)}
    return {name: np.asarray(value) for name, value in known.items() if value is not None}


def sha256(split: Split) -> str:
    """The sha256 that the file of its rows has, as in a manifest."""
    return hashlib.sha256(storage.pack_arrays(_content(split))).hexdigest()


def shown_sha256(split: Split) -> str:
    """sha256 of the rows that a method is shown."""
    return hashlib.sha256(storage.pack_arrays(split.shown_to_methods())).hexdigest()


def write(split: Split, path, truth_path):
    """Write both files; the same seed gives the same bytes."""
    storage.write_arrays(path, _content(split))
    storage.write_arrays(truth_path, _known(split.truth))


def _made_with(name: str, config) -> str:
    """sha256 of the settings that decide what the splits of a data set are."""
    settings = {key: config[key] for key in ("seed", "rows", "sample")}
    return storage.sha256_of(settings | {"dataset": name, "csv": config["csv"].get(name)})


def write_all(made: Iterable[Split], config, root="."):
    """Write splits of one data set of a run, and the manifests of their rows and of their truths.

    Beside the sums of the rows stands what was shown to methods (:func:`shown`), and with which
    settings they were made.
    """
    shown, paths, truth_paths = {}, [], []
    for split in made:
        where = config["run"], split.dataset, split.index
        paths.append(Path(root) / path_of(*where))
        truth_paths.append(Path(root) / truth_path_of(*where))
        write(split, paths[-1], truth_paths[-1])
        shown[str(split.index)] = shown_sha256(split)
    run, name, _ = where
    noted = {"shown_sha256": shown, "made_with": _made_with(name, config)}
    manifest.write(Path(root) / manifest_path_of(run, name), paths, **noted)
    manifest.write(Path(root) / truth_manifest_path_of(run, name), truth_paths)


def shown(run: str, dataset: str, root=".") -> dict[int, str]:
    """sha256 of the rows of each split that methods are shown, as noted when it was made.

    Raises
    ------
    benchmark.storage.DamagedFile
        Nothing was noted.
    """
    path = Path(root) / manifest_path_of(run, dataset)
    try:
        return {int(index): sum_ for index, sum_ in manifest.noted(path)["shown_sha256"].items()}
    except KeyError:
        raise storage.DamagedFile(
            f"{path}: does not say what methods are shown; delete it and run the same command again"
        ) from None


def problems(name: str, config, indices, root=".", truths: bool = True) -> list[str]:
    """What is wrong with the files of some splits of a data set; nothing is made anew for it.

    Parameters
    ----------
    truths : whether their truths are looked at too

    Returns
    -------
    one line per split with a file that is missing or not the one made with the run's settings
    """
    run, root, found = config["run"], Path(root), []
    rows = root / manifest_path_of(run, name)
    settings = manifest.noted(rows).get("made_with") == _made_with(name, config)
    kinds = [(path_of, manifest.read(rows) or {})]
    if truths:
        kinds.append((truth_path_of, manifest.read(root / truth_manifest_path_of(run, name)) or {}))
    for index in indices:
        for of, listed in kinds:
            path = root / of(run, name, index)
            try:
                whole = storage.sha256_file(path) == listed.get(path.name)
            except OSError as error:
                found.append(f"{path}: cannot be read: {error.strerror}")
                break
            if not (whole and settings):
                found.append(
                    f"{path}: truncated, altered or made with other settings; "
                    "delete it and run the same command again"
                )
                break
    return found


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
            frame=frames.of(content),
        )
    except KeyError as error:
        raise storage.DamagedFile(f"{path}: not a split: no entry {error}") from None


def table(paths):
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
