"""scikit-learn's support vector machines behind one estimator for both tasks."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from baselines._score import ScoreModel, center_and_scale

FOLDS = 5  # where probabilities have no validation rows


class SupportVectors(ScoreModel):
    """SVR or SVC on standardised features; a real target is standardised too.

    Class probabilities are a logistic function of the margin, its slope and offset fitted to the
    margins of rows that it has not seen (Platt, 1999): training margins are too sure.  Predicted
    labels are the more probable class, so that the two agree.

    Parameters
    ----------
    task : {"regression", "classification"}
    C, gamma, epsilon : as in scikit-learn
        ``epsilon`` is in standard deviations of the target and has no part in classification.
    max_iter : int
        Steps of the solver, after which it stops where it is; ``fit_info_`` tells.  Large C on
        large tables would need hours.
    """

    def __init__(self, task="regression", *, C=1.0, gamma="scale", epsilon=0.1, max_iter=1_000_000):
        self.task = task
        self.C = C
        self.gamma = gamma
        self.epsilon = epsilon
        self.max_iter = max_iter

    def fit(self, X, y, X_val=None, y_val=None):
        """Fit on (X, y); the validation rows set the scale of the probabilities.

        Without them that is done by margins of ``FOLDS`` machines, each for the rows it lacks.

        Raises
        ------
        ValueError
            NaN, infinite values, rows of X and y that do not match.
        """
        self._scaler = StandardScaler().fit(X)
        common = {"C": self.C, "gamma": self.gamma, "max_iter": self.max_iter, "cache_size": 500}
        regression = self.task == "regression"
        self._center, self._scale = center_and_scale(y, self.task)
        if regression:
            self._machine = SVR(epsilon=self.epsilon, **common)
        else:
            self._machine = SVC(**common)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ConvergenceWarning)
            self._machine.fit(
                self._scaler.transform(X), (y - self._center) / self._scale if regression else y
            )
        if not regression:
            if X_val is None:
                machine = make_pipeline(StandardScaler(), clone(self._machine))
                margin = cross_val_predict(machine, X, y, cv=FOLDS, method="decision_function")
                self._slope, self._offset = platt(margin, y)
            else:
                self._slope, self._offset = platt(self._margin(X_val), y_val)
        self.fit_info_ = {
            "support_vectors": int(self._machine.n_support_.sum()),
            "converged": not any(issubclass(w.category, ConvergenceWarning) for w in caught),
        }
        return self

    def _margin(self, X):
        X = self._scaler.transform(X)
        if self.task == "regression":
            return self._machine.predict(X)
        return self._machine.decision_function(X)

    def decision_function(self, X):
        """(n,) predicted values, or logits."""
        if self.task == "regression":
            return self._margin(X) * self._scale + self._center
        return self._slope * self._margin(X) + self._offset


def platt(margin, y):
    """Slope and offset of the logit as a line in the margin (Platt, 1999).

    Labels are moved inwards as there, to (n1 + 1) / (n1 + 2) and 1 / (n0 + 2), so that classes that
    are wholly apart give a finite slope.

    Parameters
    ----------
    margin : (n,) array
    y : (n,) array of 0 and 1

    Returns
    -------
    slope, offset : float
    """
    margin, positive = np.asarray(margin, dtype=float), np.asarray(y) == 1
    n1, n0 = positive.sum(), (~positive).sum()
    target = np.where(positive, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))
    unit = np.std(margin) or 1.0

    def loss(line):
        logit = line[0] * margin / unit + line[1]
        value = -np.sum(target * log_expit(logit) + (1 - target) * log_expit(-logit))
        residual = expit(logit) - target
        return value, np.array([residual @ margin / unit, residual.sum()])

    start = np.array([1.0, np.log((n1 + 1) / (n0 + 1))])
    found = minimize(loss, start, jac=True, method="BFGS").x
    return float(found[0] / unit), float(found[1])
