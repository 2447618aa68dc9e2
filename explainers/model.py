"""A fitted model as an explainer sees it: its response, its slopes, its training rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

STEP = 1e-3  # of a feature's standard deviation: float32 networks round below a tenth of it


@dataclass(frozen=True)
class Model:
    """A fitted estimator with the rows it was trained on.

    Parameters
    ----------
    estimator : fitted estimator of the folder ``baselines``
    task : {"regression", "classification"}
    X : (n, d) training rows
    """

    estimator: Any
    task: str
    X: np.ndarray

    @property
    def n_features(self) -> int:
        return self.X.shape[1]

    @property
    def scale(self) -> np.ndarray:
        """(d,) standard deviations of the training rows, 1 for a feature that does not vary."""
        deviation = self.X.std(axis=0)
        return np.where(deviation > 0, deviation, 1.0)

    def response(self, rows) -> np.ndarray:
        """What is explained: the prediction, or the logit of class 1, of each row; (m,) float.

        A probability of 0 or 1 has no logit; it is moved inwards by half a training row.
        """
        rows = np.asarray(rows, dtype=float)
        if self.task == "regression":
            return np.asarray(self.estimator.predict(rows), dtype=float)
        if hasattr(self.estimator, "decision_function"):
            return np.asarray(self.estimator.decision_function(rows), dtype=float).reshape(-1)
        half = 0.5 / len(self.X)
        p = np.clip(self.estimator.predict_proba(rows)[:, 1], half, 1 - half)
        return np.log(p / (1 - p))

    def gradient(self, rows) -> np.ndarray | None:
        """(m, d) slopes df/dx_j by central differences; None for a function made of steps.

        Slopes over two lengths, one a tenth of the other, agree where there is a gradient.  Those
        of a step function do not: the shorter the length, the rarer and larger its jumps.
        """
        rows = np.asarray(rows, dtype=float)
        wide, narrow = self._slopes(rows, STEP), self._slopes(rows, STEP / 10)
        size = np.sqrt(np.mean(wide**2) + np.mean(narrow**2))
        if size > 0 and np.sqrt(np.mean((wide - narrow) ** 2)) > 0.5 * size:
            return None
        if size == 0 and np.ptp(self.response(self.X)) > 0:
            return None  # not one jump was met
        return wide

    def _slopes(self, rows, step):
        m, d = rows.shape
        h = step * self.scale
        moves = np.diag(h)[:, None, :]
        up, down = (
            self.response((rows[None] + sign * moves).reshape(-1, d)).reshape(d, m)
            for sign in (1, -1)
        )
        return ((up - down) / (2 * h[:, None])).T
