"""A fitted model as an explainer sees it: its response, its slopes, its training rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

STEP = 1e-3  # of a feature's standard deviation: float32 networks round below it


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

        A function whose differences are 0 in all rows but one in a hundred is made of steps, unless
        it is constant.
        """
        rows = np.asarray(rows, dtype=float)
        m, d = rows.shape
        h = STEP * self.scale
        moved = np.repeat(rows[None], 2 * d, axis=0)
        for j in range(d):
            moved[2 * j, :, j] += h[j]
            moved[2 * j + 1, :, j] -= h[j]
        f = self.response(moved.reshape(-1, d)).reshape(d, 2, m)
        slopes = ((f[:, 0] - f[:, 1]) / (2 * h[:, None])).T
        moves = (slopes != 0).any(axis=1).mean()
        if moves <= 0.01 and np.ptp(self.response(self.X)) > 0:
            return None
        return slopes
