"""What an estimator does with a frame, or with an array in which values may be missing."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_array, check_is_fitted, check_X_y, validate_data

from nimo.frames.table import DATES, Level, Table, is_frame

GAPS = {"dtype": np.float64, "ensure_all_finite": "allow-nan"}


class FrameInput:
    """Methods of estimators that take frames; ``_table`` is what training has learned of them."""

    _table: Table
    n_features_in_: int

    def _read(self, X: Any, y: Any, **checks: Any) -> tuple[np.ndarray, np.ndarray]:
        """Training rows (n, d) of floats, NaN where missing, and checked y."""
        if checks.get("y_numeric"):
            check_no_dates("y", y)
        if not is_frame(X) and not _of_objects(X):
            X, y = validate_data(self, X, y, **GAPS, **checks)
            names = getattr(self, "feature_names_in_", None)
            self._table = Table.numeric(
                [f"x{j + 1}" for j in range(X.shape[1])] if names is None else list(names)
            )
            return X, y
        self._table = Table.learned(X)
        validate_data(self, X, skip_check_array=True)  # learns the names
        return check_X_y(self._table.matrix(X), y, **GAPS, estimator=self, **checks)

    def _validated(self, X: Any) -> np.ndarray:
        """Rows (n, d) of floats: NaN where missing, codes of levels."""
        check_is_fitted(self)
        return self._coded(X)

    def _coded(self, X: Any) -> np.ndarray:
        if not is_frame(X):
            if self._table.plain:
                return validate_data(self, X, **GAPS, reset=False)
            X = X if isinstance(X, np.ndarray) else np.asarray(X, dtype=object)
        validate_data(self, X, skip_check_array=True, reset=False)
        self._check_other_names(X)
        return check_array(self._table.matrix(X), **GAPS, estimator=self, input_name="X")

    def _check_other_names(self, X: Any) -> None:
        """ValueError for integers and the like as names that are not those of training, in order.

        scikit-learn checks names of text only.
        """
        given, names = list(getattr(X, "columns", ())), self._table.names
        numbered = names == [f"x{j + 1}" for j in range(len(names))]  # training had an array
        if numbered or hasattr(self, "feature_names_in_") or len(given) != len(names):
            return
        for name, wanted in zip(given, names, strict=True):
            if not isinstance(name, str) and str(name) != wanted:
                raise ValueError(
                    "the columns of X must be those of training in the same order, got "
                    f"{name!r} in place of {wanted}"
                )

    @property
    def levels_(self) -> dict[str, list[Level]]:
        """Levels of each category, as training has seen them; None where missing."""
        check_is_fitted(self)
        columns = self._table.columns
        return {column.name: list(column.levels) for column in columns if column.levels}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags


def check_no_dates(name: str, y: Any) -> None:
    """ValueError for dates and times in a response: NumPy would make numbers of them."""
    values = np.asarray(y)
    dates = values.dtype.kind in "mM"
    if values.dtype.kind == "O":
        dates = any(isinstance(value, DATES) for value in values.ravel())
    if dates:
        raise ValueError(f"{name} holds dates or times; give numbers in its place, such as days")


def _of_objects(X: Any) -> bool:
    """Whether it is what other estimators make of a frame with text in it."""
    return isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype == object
