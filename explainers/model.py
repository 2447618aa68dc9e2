"""A fitted model as an explainer sees it: its response, its slopes, its training rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

STEP = 1e-3  # of a feature's standard deviation: float32 networks round below it
# How a function made of steps is told from a smooth one (Model.smooth); all three are ours.
PROBE_ROWS = 128  # training rows that are looked at
SHORTER = 4.0  # the second step is so many times shorter than the first
AGREEMENT = 0.1  # relative difference up to which two slopes of a row agree


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

    @cached_property
    def smooth(self) -> bool:
        """Whether the response has slopes; False for a function made of steps, as trees are.

        All features of a row are moved at once along one direction, by a step and by one
        ``SHORTER`` times as short.  Where the function is smooth, the two differences give the same
        slope; where it is made of steps they are 0, or jumps that do not shrink with the step.  It
        counts as smooth if the slopes agree in more than half of the rows.  That costs five
        predictions of at most ``PROBE_ROWS`` training rows, whatever the number of features, and
        does not mind kinks, nor features that the model does not use.  A constant is smooth.
        """
        if hasattr(self.estimator, "gradient"):
            return True
        rows = np.asarray(self.X[:PROBE_ROWS], dtype=float)
        if np.ptp(self.response(rows)) == 0:
            return True
        signs = np.where(np.arange(self.n_features) % 2, -1.0, 1.0)
        slopes = []
        for step in (STEP, STEP / SHORTER):
            move = step * self.scale * signs
            slopes.append((self.response(rows + move) - self.response(rows - move)) / (2 * step))
        near = np.abs(slopes[0] - slopes[1]) <= AGREEMENT * np.abs(slopes[0])
        return bool(np.mean(near & (slopes[0] != 0)) > 0.5)

    def gradient(self, rows) -> np.ndarray | None:
        """(m, d) slopes df/dx_j, in units of the response per unit of the feature.

        The estimator's own ``gradient(rows)`` where it offers one, else central differences; None
        for a function made of steps.
        """
        if not self.smooth:
            return None
        rows = np.asarray(rows, dtype=float)
        if hasattr(self.estimator, "gradient"):
            return np.asarray(self.estimator.gradient(rows), dtype=float)
        slopes = np.empty_like(rows)
        for j, h in enumerate(STEP * self.scale):
            above, below = rows.copy(), rows.copy()
            above[:, j] += h
            below[:, j] -= h
            slopes[:, j] = (self.response(above) - self.response(below)) / (2 * h)
        return slopes
