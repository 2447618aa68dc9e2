"""From a table's columns to the matrix of numbers, fitted on training rows alone.

It is what every method sees that does not ask for the frame (:mod:`benchmark.frames`).

Numbers stay numbers; a missing one becomes the training median, and a column of its own says where
that was.  Ordered categories become 0, 1, 2, ...; unordered ones a column per level, a rare level
(below 1 % of the training rows, or five) pooled with the other rare ones.  A missing category is a
level of its own.  What was done is told in words, for the manifest.

A declared table says below which share of the rows a level is rare (more, where it is wide).  There
a column is made only for what that share of the training rows holds, pooled levels included: one
that is nearly always 0 is worth little, and is many standard deviations away where it is not.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

#: a level with fewer training rows than this, and than this share of them, is rare
RARE_ROWS, RARE_SHARE = 5, 0.01
MISSING = "missing"
POOLED = "other levels"


@dataclass(frozen=True)
class Column:
    """One feature of a table.

    Attributes
    ----------
    name : str
    values : (n,) float with nan where missing, or str with "" where missing
    levels : tuple of str
        All levels from low to high, for an ordered category; empty for every other column.
    """

    name: str
    values: np.ndarray
    levels: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether it holds numbers."""
        return self.values.dtype.kind == "f"

    def rows(self) -> np.ndarray:
        """The values as numbers or as codes, to tell equal rows from different ones."""
        if self.numeric:
            return self.values
        return np.unique(self.values, return_inverse=True)[1].astype(float)


@dataclass
class _Encoded:
    """The columns that one feature becomes, training rows and the others alike."""

    names: list[str]
    values: np.ndarray  # (n, k)
    notes: list[str] = field(default_factory=list)


def encode(
    columns: Sequence[Column], train: np.ndarray, rare_share: float | None = None
) -> tuple[np.ndarray, list[str], list[str]]:
    """Encode a table.

    Parameters
    ----------
    columns : features, all of n rows
    train : (n_train,) indices of the training rows, the only ones that decide anything
    rare_share : float, optional
        Every column made from an unordered category is 1 in at least this share of the training
        rows, and 0 in as many.  None: rare levels are pooled, and have a column even so.

    Returns
    -------
    X : (n, d) float64, names : list of d str, notes : list of str
    """
    parts = [_encode(column, train, rare_share) for column in columns]
    names = [name for part in parts for name in part.names]
    notes = [note for part in parts for note in part.notes]
    return np.hstack([part.values for part in parts]), names, notes


def _encode(column: Column, train, rare_share) -> _Encoded:
    if column.numeric:
        return _numbers(column.name, column.values, train)
    if column.levels:
        codes = {level: float(code) for code, level in enumerate(column.levels)}
        values = np.array([codes.get(value, np.nan) for value in column.values])
        encoded = _numbers(column.name, values, train)
        encoded.notes.insert(0, f"{column.name}: {' < '.join(column.levels)} as 0, 1, ...")
        return encoded
    return _categories(column, train, rare_share)


def _numbers(name, values, train) -> _Encoded:
    missing = np.isnan(values)
    if not missing.any():
        return _Encoded([name], values[:, None])
    median = float(np.nanmedian(values[train])) if not missing[train].all() else 0.0
    filled = np.where(missing, median, values)
    note = f"{name}: {missing.sum()} missing, filled with the training median {median:g}"
    if not missing[train].any():  # an indicator that is never 1 in training teaches nothing
        return _Encoded([name], filled[:, None], [note])
    names = [name, f"{name} {MISSING}"]
    return _Encoded(names, np.column_stack([filled, missing]), [f"{note}, and marked"])


def _categories(column, train, rare_share) -> _Encoded:
    from sklearn.preprocessing import OneHotEncoder  # here, because it takes a second to load

    values = np.where(column.values == "", MISSING, column.values).astype(object)[:, None]
    share = RARE_SHARE if rare_share is None else rare_share
    least = max(RARE_ROWS, int(np.ceil(share * len(train))))
    encoder = OneHotEncoder(
        min_frequency=least, handle_unknown="infrequent_if_exist", sparse_output=False
    )
    with warnings.catch_warnings():
        # A level that training never saw is all zeros; nothing to be told about each row.
        warnings.simplefilter("ignore", UserWarning)
        encoded = encoder.fit(values[train]).transform(values)
    pooled = encoder.infrequent_categories_[0]
    rare = set() if pooled is None else set(pooled)
    levels = [level for level in encoder.categories_[0] if level not in rare]
    if rare:
        levels.append(POOLED)
    # two columns that add up to 1 say the same thing twice
    chosen = list(range(1 if len(levels) == 2 else 0, len(levels)))
    if rare_share is not None:
        held = encoded[train].sum(axis=0)
        chosen = [j for j in chosen if min(held[j], len(train) - held[j]) >= least]
    names = [f"{column.name}: {levels[j]}" for j in chosen]
    note = f"{column.name}: {len(encoder.categories_[0])} levels in {len(names)} column"
    note += "s" if len(names) != 1 else ""
    if rare:
        note += f", {len(rare)} with fewer than {least} training rows pooled"
    return _Encoded(names, encoded[:, chosen], [note])
