"""What methods of this folder share: prediction from a score, checks, a standard target."""

from __future__ import annotations

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.utils import check_array, check_X_y

from baselines._rows import is_frame


class ScoreModel(BaseEstimator):
    """Base of estimators that predict from one number per row.

    A subclass has the attribute ``task`` and defines ``decision_function(X)``: (n,) predicted
    values in regression, logits in classification.
    """

    def predict(self, X):
        """(n,) predicted values, or labels 0/1."""
        score = self.decision_function(X)
        return score if self.task == "regression" else (score > 0).astype(np.int64)

    def predict_proba(self, X):
        """(n, 2) class probabilities; classification only."""
        if self.task != "classification":
            raise AttributeError("predict_proba is there for classification only")
        return self._probabilities(X)

    def _probabilities(self, X):
        p = expit(self.decision_function(X))
        return np.column_stack([1 - p, p])

    def _checked(self, X):
        """X with as many columns as the model was fitted on: an array of numbers, or a frame."""
        X = X if is_frame(X) else check_array(X)
        if X.shape[1] != self.n_features_in_:
            raise ValueError(f"X has {X.shape[1]} features, the model has {self.n_features_in_}")
        return X


def with_validation(label, X, y, X_val, y_val):
    """Training and validation rows as arrays of numbers, for a method that needs both."""
    X, y = check_X_y(X, y)
    if X_val is None:
        raise ValueError(f"{label} needs validation rows (X_val, y_val)")
    return X, y, *check_X_y(X_val, y_val)


def center_and_scale(y, task):
    """Mean and standard deviation that a target is standardised with; 0 and 1 for labels.

    The scale of a constant target is 1, so that nothing is divided by 0.
    """
    if task == "classification":
        return 0.0, 1.0
    return float(np.mean(y)), float(np.std(y)) or 1.0
