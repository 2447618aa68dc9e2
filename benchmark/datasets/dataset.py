"""What a data set is: a declaration, and the splits that it makes.

To add one, write a module beside this one with a :class:`DataSet` and put it into the list in
:mod:`benchmark.datasets`.  Nothing else asks where a data set comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata

import numpy as np

from benchmark import frames
from benchmark.seeds import derive

PARTS = ("train", "val", "test")
#: drawn by us; real tables on which a straight line is known to do best; all other real tables
GROUPS = ("synthetic", "control", "real")


class TableError(ValueError):
    """A table that cannot be used or cannot be had; the message names it and what is wrong."""


@dataclass(frozen=True)
class Truth:
    """What is known about the function behind a synthetic split; None where it is not.

    Attributes
    ----------
    coef : (d,), marginal effects at the mean: df/dx_j at x = 0
    intercept : float, f(0)
    interacting : (d,) bool, features that modulate the effect of another: a first layer's support
    f_test : (n_test,), the noise-free response of the test rows, the logit in classification
    noise_variance : float, that of the response; regression only
    bayes_accuracy : float, accuracy of the Bayes rule on the test rows; classification only
    """

    coef: np.ndarray | None = None
    intercept: float | None = None
    interacting: np.ndarray | None = None
    f_test: np.ndarray | None = None
    noise_variance: float | None = None
    bayes_accuracy: float | None = None


@dataclass(frozen=True)
class Split:
    """One split of one data set.

    Attributes
    ----------
    dataset, task : str
    index : int
    feature_names : list of d str
    arrays : dict
        X_train, y_train, X_val, y_val, X_test, y_test.
    notes : list of str
        What was done to the table on the way, for the manifest.
    truth : Truth
        Never shown to a method, and kept in a file of its own.
    frame : dict of arrays
        The same rows as they were read (:mod:`benchmark.frames`), for methods that ask for them;
        {} where the arrays tell all.
    """

    dataset: str
    task: str
    index: int
    feature_names: list[str]
    arrays: dict
    notes: list[str] = field(default_factory=list)
    truth: Truth = field(default_factory=Truth)
    frame: Mapping[str, np.ndarray] = field(default_factory=dict)

    def shown_to_methods(self) -> dict:
        """The arrays that a method may see: everything but the test labels."""
        return {name: self.arrays[name] for name in SHOWN} | dict(self.frame)

    def columns(self, frame: bool) -> list[str]:
        """Names of the features that a method has; ``frame``: whether it asks for the frame."""
        return frames.names(self.frame) if frame and self.frame else self.feature_names

    def have_slopes(self, frame: bool) -> np.ndarray:
        """(d,) bool, which of these are numbers: a category has no slope."""
        if frame and self.frame:
            return frames.numeric(self.frame)
        return np.ones(len(self.feature_names), dtype=bool)


SHOWN = ("X_train", "y_train", "X_val", "y_val", "X_test")


@dataclass(frozen=True)
class DataSet:
    """A data set, declared.

    Parameters
    ----------
    name : str
        The word used in a config and in file names.
    task : {"regression", "classification"}
    group : {"synthetic", "control", "real"}
        Aggregates never mix groups.
    source : str
        Where it was published.
    requires : tuple of str
        Distributions (the names that pip knows) that hold it.  Where one is not installed, the run
        is refused, or the data set is left out, as the config says (``missing_data``).
    extra : str, optional
        The extra of pyproject.toml that installs them.
    """

    name: str
    task: str
    group: str
    source: str
    requires: tuple[str, ...] = field(default=(), kw_only=True)
    extra: str | None = field(default=None, kw_only=True)

    #: whether its splits are independent draws, or share the rows of one table
    independent = False

    @property
    def downloaded(self) -> bool:
        """Whether it comes over a network, once, and not with a package."""
        return False

    def split(self, index: int, config: Mapping) -> Split:
        """Make one split of a validated configuration; the same seed gives the same numbers."""
        raise NotImplementedError

    def missing(self) -> str | None:
        """Why it cannot be had here, in words; None if it can.  Asks the disk, never a network."""
        absent = [name for name in self.requires if not _installed(name)]
        if not absent:
            return None
        how = f'pip install ".[{self.extra}]"' if self.extra else "install it"
        return f"needs {', '.join(absent)}, which is not installed; {how}"

    def obtain(self):
        """Fetch what is not on this machine yet; does nothing for most data sets.

        Raises
        ------
        TableError
            It cannot be had.
        """

    def generator(self, index: int, config: Mapping) -> np.random.Generator:
        """The source of chance of one split; no other data set or split has a part in it."""
        return np.random.default_rng(derive(config["seed"], "data", self.name, index))


@cache
def _installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def cut(X, y, sizes) -> dict:
    """The arrays of a split: the first rows for training, then validation, then test."""
    arrays, start = {}, 0
    for part, size in zip(PARTS, sizes, strict=True):
        arrays[f"X_{part}"] = X[start : start + size]
        arrays[f"y_{part}"] = y[start : start + size]
        start += size
    return arrays
