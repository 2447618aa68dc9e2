"""Rows as the paper's model sees them: columns of numbers, and nothing missing."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_X_y

from nimo.frames.dummies import NumberColumns
from nimo.frames.input import GAPS, FrameInput, check_no_dates


class PaperRows(FrameInput):
    """Methods of its estimators; d are the columns of numbers, ``_columns`` says of what."""

    _columns: NumberColumns
    baseline_: np.ndarray

    def _training_rows(self, X: Any, y: Any, **checks: Any) -> tuple[np.ndarray, np.ndarray]:
        """Rows (n, d), NaN where missing, and checked y; learns what the columns are."""
        coded, y = self._read(X, y, **checks)
        self._columns = NumberColumns.learned(self._table, coded)
        self.column_names_ = self._columns.names
        return self._columns.matrix(coded), y

    def _validation_rows(self, X_val: Any, y_val: Any, **checks: Any) -> tuple[Any, Any]:
        """The same of validation rows, or None twice."""
        if (X_val is None) != (y_val is None):
            raise ValueError("X_val and y_val must be given together")
        if X_val is None:
            return None, None
        if checks.get("y_numeric"):
            check_no_dates("y_val", y_val)
        rows = self._columns.matrix(self._coded(X_val))
        return check_X_y(rows, y_val, **GAPS, estimator=self, **checks)

    def _validated(self, X: Any) -> np.ndarray:
        """Rows (n, d), at the baseline where something is missing or a level is new."""
        coded = super()._validated(X)
        return self._filled(self._columns.matrix(coded))

    def _filled(self, rows: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(rows), self.baseline_, rows)

    def _names(self) -> list[str]:
        return self.column_names_
