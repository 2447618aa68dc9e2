"""What an estimator does with a frame, or with an array in which values may be missing."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_array, check_is_fitted, check_X_y, validate_data

from nimo.frames.table import Level, Table, is_frame

GAPS = {"dtype": np.float64, "ensure_all_finite": "allow-nan"}


class FrameInput:
    """Methods of estimators that take frames; ``_table`` is what training has learned of them."""

    _table: Table
    n_features_in_: int

    def _read(self, X: Any, y: Any, **checks: Any) -> tuple[np.ndarray, np.ndarray]:
        """Training rows (n, d) of floats, NaN where missing, and checked y."""
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
        return check_array(self._table.matrix(X), **GAPS, estimator=self, input_name="X")

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


def _of_objects(X: Any) -> bool:
    """Whether it is what other estimators make of a frame with text in it."""
    return isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype == object
