"""What a model of a frame says of its categories, and of values that are missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from nimo.frames.input import FrameInput
from nimo.reading.effects import Effects


class FrameReading(FrameInput, Effects):
    """Methods of a fitted estimator whose features may be categories."""

    @property
    def _categories(self) -> np.ndarray:
        """(d,) bool"""
        return self._table.categories

    def level_effects(self, feature) -> Any:
        """Effects of a category's levels, the largest first.

        What a level adds to the linear predictor, the category's part in surfaces apart.  The mean
        over the training rows is 0, and so is the effect of a level that training has not seen.

        Parameters
        ----------
        feature : int or str

        Returns
        -------
        pandas.DataFrame
            Columns level (None where missing) and effect; with K > 2 classes a column per class in
            place of effect.

        Raises
        ------
        ValueError
            No such feature, or not a category without order.
        ImportError
            pandas is not installed.
        """
        import pandas as pd

        check_is_fitted(self)
        number = self._number(feature)
        column = self._table.columns[number]
        if not column.category:
            raise ValueError(f"{column.name!r} is no category without order: read shape")
        # of two levels the difference is a line
        line = np.multiply.outer(column.codes - self.baseline_[number], self.coef_.T[number])
        effect = self.shape(number, column.levels) + line
        frame = pd.DataFrame({"level": pd.Series(column.levels, dtype=object)})
        if effect.ndim > 1:
            names = self.classes_  # type: ignore[attr-defined]
            return frame.join(pd.DataFrame(effect, columns=list(names)))
        frame["effect"] = effect
        return frame.sort_values("effect", ascending=False, kind="stable", ignore_index=True)

    def term_kinds(self) -> np.ndarray:
        """What each feature is, (d,) of ``KINDS``; "levels" for a category without surfaces."""
        kinds = super().term_kinds()
        kinds[(kinds == "nonlinear") & self._categories] = "levels"
        return kinds

    def row_table(self, X) -> list[dict[str, Any]]:
        table, columns = super().row_table(X), self._table.columns
        for row in table:
            column = columns[self._number(row["feature"])]
            if column.levels:
                row["value"] = column.level(row["value"])
        return table

    row_table.__doc__ = Effects.row_table.__doc__

    def _acting(self) -> Iterator[int]:
        return (j for j in super()._acting() if not self._table.columns[j].block)

    def _without_effects(self, rows: np.ndarray) -> np.ndarray:
        # there is no step from one level to the next
        return np.where(self._table.level_counts > 0, np.nan, np.zeros(rows.shape))
