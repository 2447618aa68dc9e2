"""Rows as a method is given them: a matrix, or where it asks for it a frame (``Method.frame``)."""

from __future__ import annotations

import numpy as np


def is_frame(X) -> bool:
    """Whether rows are a pandas.DataFrame and not a matrix."""
    return hasattr(X, "dtypes")


def column_kinds(X) -> list[str]:
    """What each column of a frame holds: "number", "text" or "ordered"."""
    kinds = {"f": "number", "O": "text"}
    return ["ordered" if hasattr(dtype, "categories") else kinds[dtype.kind] for dtype in X.dtypes]


def stacked(X, more):
    """The rows of both, of the same columns."""
    if not is_frame(X):
        return np.vstack([X, more])
    import pandas as pd

    return pd.concat([X, more], ignore_index=True)


def checked(X, y):
    """A frame as it is, a matrix as an array of numbers; y to match.

    Raises
    ------
    ValueError
        Rows that do not match; NaN or infinite values in a matrix.
    """
    from sklearn.utils import check_consistent_length, check_X_y

    if not is_frame(X):
        return check_X_y(X, y)
    check_consistent_length(X, y)
    return X, np.asarray(y)
