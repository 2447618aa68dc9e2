"""A table as it is: as arrays that are stored and hashed, and as the frame that a method asks for.

Numbers are floats with NaN where missing, in standard deviations from the mean of the training rows
that have one (the matrix that other methods see is standardised after gaps are filled).  Unordered
categories are text with None where missing, ordered ones ``pandas.Categorical`` with their levels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

PREFIX = "frame_"


def pack(columns: Sequence[Any], order: np.ndarray, n_train: int) -> dict[str, np.ndarray]:
    """The rows of a split as arrays; {} for a table that its matrix tells in full.

    That is one of numbers without a gap: the matrix holds the same.

    Parameters
    ----------
    columns : features of the whole table (:class:`benchmark.datasets.encoding.Column`)
    order : (n,) indices of the split's rows: training, validation, test
    n_train : the number of training rows, which alone set the scale of numbers
    """
    if all(column.numeric and not np.isnan(column.values).any() for column in columns):
        return {}
    packed = {f"{PREFIX}names": np.array([column.name for column in columns])}
    for j, column in enumerate(columns):
        values = column.values[order]
        packed[f"{PREFIX}{j}"] = _standard(values, n_train) if column.numeric else values
        if column.levels:
            packed[f"{PREFIX}levels_{j}"] = np.array(column.levels)
    return packed


def _standard(values, n_train) -> np.ndarray:
    seen = values[:n_train][~np.isnan(values[:n_train])]
    if not len(seen):
        return values
    return (values - seen.mean()) / (seen.std() or 1.0)


def of(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The packed frame among the arrays of a split; {} where there is none."""
    return {name: values for name, values in arrays.items() if name.startswith(PREFIX)}


def names(packed: Mapping[str, np.ndarray]) -> list[str]:
    """Names of the columns of a packed frame."""
    return [str(name) for name in packed[f"{PREFIX}names"]]


def numeric(packed: Mapping[str, np.ndarray]) -> np.ndarray:
    """(d,) bool, which columns of a packed frame hold numbers."""
    d = len(packed[f"{PREFIX}names"])
    return np.array([packed[f"{PREFIX}{j}"].dtype.kind == "f" for j in range(d)])


def frame(packed: Mapping[str, np.ndarray], rows: slice):
    """Some rows of a packed frame.

    Returns
    -------
    pandas.DataFrame
        Of float64, object (text and None) and ordered category columns, its index 0, 1, ...
    """
    import pandas as pd  # half a second, which a fit without a frame need not spend

    def column(j):
        values = packed[f"{PREFIX}{j}"][rows]
        if values.dtype.kind == "f":
            return pd.Series(values)
        text = values.astype(object)
        text[values == ""] = None
        levels = packed.get(f"{PREFIX}levels_{j}")
        if levels is None:
            return pd.Series(text, dtype=object)
        return pd.Series(pd.Categorical(text, levels.astype(object), ordered=True))

    # not from a dictionary: a column may have the name of another
    found = pd.concat([column(j) for j in range(len(names(packed)))], axis=1)
    found.columns = pd.Index(names(packed), dtype=object)
    return found
