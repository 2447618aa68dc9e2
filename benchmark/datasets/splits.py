"""Splits: what a method is trained, tuned and judged on, one .npz file each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from benchmark import storage
from benchmark.datasets import packaged as real
from benchmark.datasets import synthetic, tabular
from benchmark.seeds import derive

PARTS = ("train", "val", "test")
REAL_SHARES = (0.6, 0.2, 0.2)


@dataclass(frozen=True)
class Split:
    """One split of one data set.

    ``arrays`` holds X_train, y_train, X_val, y_val, X_test, y_test and, for synthetic data, f_test
    (the noise-free response or logit of the test rows).  ``coef`` (d,) is the true marginal effect
    at the mean, ``interacting`` (d,) the true first-layer support, ``bayes_accuracy`` the accuracy
    of the Bayes rule on the test rows; all three are None where nobody knows.
    """

    dataset: str
    task: str
    index: int
    feature_names: list[str]
    arrays: dict
    coef: np.ndarray | None = None
    intercept: float | None = None
    interacting: np.ndarray | None = None
    bayes_accuracy: float | None = None

    def shown_to_methods(self) -> dict:
        """The arrays that a method may see: everything but what belongs to the test labels."""
        return {k: self.arrays[k] for k in ("X_train", "y_train", "X_val", "y_val", "X_test")}


def _cut(X, y, sizes):
    arrays, start = {}, 0
    for part, size in zip(PARTS, sizes, strict=True):
        arrays[f"X_{part}"] = X[start : start + size]
        arrays[f"y_{part}"] = y[start : start + size]
        start += size
    return arrays


def _synthetic(name, index, config):
    sizes = [config["rows"][part] for part in PARTS]
    rng = np.random.default_rng(derive(config["seed"], "data", name, index))
    X, y, truth = synthetic.generate(name, sum(sizes), rng)
    arrays = _cut(X, y, sizes)
    arrays["f_test"] = truth.f[-sizes[2] :]
    task = synthetic.EQUATIONS[name].task
    bayes = None
    if task == "classification":
        # the noise is symmetric, so the Bayes rule is the sign of the noise-free logit
        bayes = float(np.mean((arrays["f_test"] > 0) == arrays["y_test"]))
    names = [f"x{j}" for j in range(1, X.shape[1] + 1)]
    return Split(
        name, task, index, names, arrays, truth.coef, truth.intercept, truth.interacting, bayes
    )


def _order(y, task, rng):
    """Row order of a split; in classification each part has its share of both classes."""
    order = rng.permutation(len(y))
    if task == "regression":
        return order
    ones, zeros = order[y[order] == 1], order[y[order] == 0]
    n_ones = np.array(_real_sizes(len(ones)))
    n_zeros = np.array(_real_sizes(len(y))) - n_ones
    parts = zip(
        np.split(ones, np.cumsum(n_ones)[:-1]),
        np.split(zeros, np.cumsum(n_zeros)[:-1]),
        strict=True,
    )
    return np.concatenate([rng.permutation(np.concatenate(part)) for part in parts])


def _real_sizes(n):
    train = int(round(REAL_SHARES[0] * n))
    val = int(round(REAL_SHARES[1] * n))
    return [train, val, n - train - val]


def _tabular(name, task, index, config, X, y, names):
    """60/20/20, standardised with training moments; the target too in regression."""
    rng = np.random.default_rng(derive(config["seed"], "data", name, index))
    order = _order(y, task, rng)
    arrays = _cut(X[order], y[order], _real_sizes(len(y)))
    mean, sd = arrays["X_train"].mean(0), arrays["X_train"].std(0)
    sd[sd == 0] = 1.0  # constant among the training rows only
    for part in PARTS:
        arrays[f"X_{part}"] = (arrays[f"X_{part}"] - mean) / sd
    if task == "regression":
        y_mean, y_sd = arrays["y_train"].mean(), arrays["y_train"].std()
        for part in PARTS:
            arrays[f"y_{part}"] = (arrays[f"y_{part}"] - y_mean) / y_sd
    return Split(name, task, index, names, arrays)


@cache
def _user_table(path, target, task, drop):
    """One reading of a CSV file serves all splits of it."""
    return tabular.read(path, target, task, drop)


def make(name: str, index: int, config) -> Split:
    """Make split ``index`` of a data set of a validated configuration.

    Raises
    ------
    benchmark.datasets.tabular.TableError
        A CSV file of the user's cannot be used.
    """
    if name in synthetic.EQUATIONS:
        return _synthetic(name, index, config)
    if name in config["csv"]:
        spec = config["csv"][name]
        drop = tuple(spec.get("drop", ()))
        table = _user_table(spec["path"], spec["target"], spec["task"], drop)
        return _tabular(name, spec["task"], index, config, *table)
    return _tabular(name, "regression", index, config, *real.load(name))


def _content(split: Split) -> dict:
    """A split as arrays."""
    content = dict(split.arrays)
    content["dataset"] = np.array(split.dataset)
    content["task"] = np.array(split.task)
    content["index"] = np.array(split.index)
    content["feature_names"] = np.array(split.feature_names)
    for key in ("coef", "intercept", "interacting", "bayes_accuracy"):
        if getattr(split, key) is not None:
            content[key] = np.asarray(getattr(split, key))
    return content


def write(split: Split, path) -> str:
    """Write a split; the same seed gives the same bytes.  Returns the sha256."""
    return storage.write_arrays(path, _content(split))


def verify(path, name: str, index: int, config) -> str:
    """Make a split anew and compare it with its file; return the sha256 of both.

    Raises
    ------
    benchmark.storage.DamagedFile
        The file is missing, truncated, altered, or was made with other settings.
    """
    try:
        found = storage.sha256_file(path)
    except OSError as error:
        raise storage.DamagedFile(f"{path}: cannot be read: {error.strerror}") from None
    expected = storage.pack_arrays(_content(make(name, index, config)))
    if found != hashlib.sha256(expected).hexdigest():
        raise storage.DamagedFile(
            f"{path}: truncated, altered or made with other settings; "
            "delete it and run the same command again"
        )
    return found


def read(path, sha256: str | None = None) -> Split:
    """Read a split back.

    Raises
    ------
    benchmark.storage.DamagedFile
        The file is not whole, or is not a split.
    """
    content = storage.read_arrays(path, sha256)
    try:
        arrays = {k: v for k, v in content.items() if k[:2] in ("X_", "y_", "f_")}
        return Split(
            dataset=str(content["dataset"]),
            task=str(content["task"]),
            index=int(content["index"]),
            feature_names=[str(name) for name in content["feature_names"]],
            arrays=arrays,
            coef=content.get("coef"),
            intercept=float(content["intercept"]) if "intercept" in content else None,
            interacting=content.get("interacting"),
            bayes_accuracy=float(content["bayes_accuracy"])
            if "bayes_accuracy" in content
            else None,
        )
    except KeyError as error:
        raise storage.DamagedFile(f"{path}: not a split: no entry {error}") from None


def path_of(run: str, dataset: str, index) -> str:
    """Where a split lies, relative to the project root."""
    return str(Path("data") / run / dataset / f"split{index}.npz")
