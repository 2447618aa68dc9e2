"""From linear predictors to classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin


class ClassPrediction(ClassifierMixin):
    """A method of the classifiers, whose ``decision_function`` is (n,), or (n, K) with K > 2."""

    classes_: np.ndarray
    decision_function: Any

    def predict(self, X):
        """Predicted class of each row.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n,) ndarray of ``classes_``
        """
        score = self.decision_function(X)
        return self.classes_[score.argmax(1) if score.ndim == 2 else (score > 0).astype(int)]
