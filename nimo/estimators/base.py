"""What the estimators of both models share: where features are measured from, in what unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import narwhals.stable.v2 as nw
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import StrOptions

from nimo.reading.effects import two_values
from nimo.scaling import Columns


class NimoEstimator(BaseEstimator):
    """The parameter ``baseline``, and what training learns of the columns of X (n, d)."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "baseline": [StrOptions({"mean", "zero"}), "array-like"],
    }

    baseline: Any
    _names: Callable[[], list[str]]

    def _by_name(self, parameter: str) -> Any:
        """The parameter as it is; a Series whose index is names, in the order of the columns.

        Integers are names where they are those of the columns; else they are positions.

        Raises
        ------
        ValueError
            A name that no column has, or a column without a value.
        """
        given = getattr(self, parameter)
        if not nw.dependencies.is_pandas_series(given):
            return given
        labels, names = [str(label) for label in given.index], self._names()
        if hasattr(self, "feature_names_in_"):
            named = any(isinstance(label, str) for label in given.index)
        else:
            named = sorted(labels) == sorted(names)
        if not named:
            return given
        for label in labels:
            if label not in names:
                raise ValueError(f"{parameter} has a value for {label!r}, which is no column")
            if labels.count(label) > 1:
                raise ValueError(f"{parameter} has more than one value for {label!r}")
        for name in names:
            if name not in labels:
                raise ValueError(f"{parameter} has no value for the column {name!r}")
        return given.to_numpy()[[labels.index(name) for name in names]]

    def _checked_baseline(self, mean: np.ndarray) -> np.ndarray:
        """(d,); ValueError for other names, another length, or not of finite numbers."""
        if isinstance(self.baseline, str):
            return mean if self.baseline == "mean" else np.zeros(len(mean))
        baseline = self._by_name("baseline")
        try:
            given = np.asarray(baseline, dtype=np.float64)
        except (TypeError, ValueError):
            given = np.full(0, np.nan)
        if given.shape != mean.shape or not np.isfinite(given).all():
            raise ValueError(
                f"baseline must be 'mean', 'zero' or {len(mean)} finite numbers, got "
                f"{self.baseline!r}"
            )
        return given

    def _learn_columns(
        self, X: np.ndarray, columns: Columns, categories: np.ndarray | None = None
    ) -> np.ndarray:
        """Learn the baseline of training rows, their range, and the unit of an effect's step.

        Parameters
        ----------
        X : (n, d)
        columns : Columns, of X
        categories : (d,) bool, optional
            Features that are no numbers: their baseline is 0, and no step leads from one level to
            the next.

        Returns
        -------
        (d,) units; whatever a feature does later that was constant here, it is 0 in an infinite one
        """
        if categories is None:
            categories = np.zeros(X.shape[1], dtype=bool)
        self.baseline_ = np.where(categories, 0.0, self._checked_baseline(columns.mean))
        self._spread = columns.spread
        self._n_rows = len(X)
        self._range = np.stack([np.fmin.reduce(X, axis=0), np.fmax.reduce(X, axis=0)])
        self._two_values = np.where(categories, np.nan, two_values(X))
        return np.where(columns.constant, np.inf, columns.spread)
