"""The package igann in the suite's manner."""

from __future__ import annotations

import warnings

import numpy as np
import torch
from igann import IGANN as Package
from sklearn.linear_model import Lasso, LogisticRegression
from torch.nn import functional as F

from baselines._score import ScoreModel, center_and_scale, with_validation

VALUES_AT_ONCE = 2**20  # bounds memory, not the result


class IGANN(ScoreModel):
    """A sum of curves: a sparse linear model, then boosted networks of one feature each.

    The boosting is the package's.  What comes before it is done here, since the package's ``fit``
    takes columns in an order that changes from process to process, does not encode the validation
    rows it is given, and does not run for labels with NumPy 2.4.  The validation rows stop it.
    Hidden weights are drawn from the number of the step, so that no seed has a part.

    Parameters
    ----------
    task : {"regression", "classification"}
    n_hid, n_estimators, boost_rate, init_reg, elm_scale, elm_alpha, early_stopping
        The package's arguments and defaults.  ``init_reg`` is the lasso's penalty; for a
        standardised target 1 leaves no linear coefficient.

    Attributes
    ----------
    feature_importances_ : (d,) array
        Mean absolute contribution over the training rows.
    """

    #: There is no global coefficient (see ``baselines.contract``).
    coef_is_local_ = True

    def __init__(
        self,
        task="regression",
        *,
        n_hid=10,
        n_estimators=5000,
        boost_rate=0.1,
        init_reg=1,
        elm_scale=1,
        elm_alpha=1,
        early_stopping=50,
    ):
        self.task = task
        self.n_hid = n_hid
        self.n_estimators = n_estimators
        self.boost_rate = boost_rate
        self.init_reg = init_reg
        self.elm_scale = elm_scale
        self.elm_alpha = elm_alpha
        self.early_stopping = early_stopping

    def fit(self, X, y, X_val=None, y_val=None):
        """Fit (X, y), stop by (X_val, y_val).

        Raises
        ------
        ValueError
            NaN, infinite values, rows of X and y that do not match, or no validation rows.
        """
        X, y, X_val, y_val = with_validation("IGANN", X, y, X_val, y_val)
        self.n_features_in_ = X.shape[1]
        torch.set_num_threads(1)
        self._center, self._scale = center_and_scale(y, self.task)
        regression = self.task == "regression"
        if regression:
            y, y_val = ((a - self._center) / self._scale for a in (y, y_val))
            linear = Lasso(alpha=self.init_reg, random_state=0).fit(X, y)
        else:
            linear = LogisticRegression(
                l1_ratio=1, solver="liblinear", C=1 / self.init_reg, random_state=0
            ).fit(X, y)
            y, y_val = (2.0 * a - 1 for a in (y, y_val))
        self._linear = np.ravel(linear.coef_), float(np.ravel(linear.intercept_)[0])
        self._boost(X, y, X_val, y_val)
        self._mean_parts = self._curves(X, slope=False).mean(axis=0)
        self.feature_importances_ = np.abs(self.contributions(X)).mean(axis=0)
        return self

    def _boost(self, X, y, X_val, y_val):
        settings = self.get_params()
        model = Package(**settings)
        model.n_categorical_cols = 0
        model._reset_state()
        if self.task == "regression":
            model.criterion = torch.nn.MSELoss()
        else:
            model.criterion = lambda score, sign: F.softplus(-sign * score).mean()
        coef, intercept = self._linear

        def tensor(values):
            return torch.as_tensor(np.asarray(values), dtype=torch.float32)

        start, start_val = (tensor(rows @ coef + intercept) for rows in (X, X_val))
        X, y, X_val, y_val = map(tensor, (X, y, X_val, y_val))
        # The caller's random states are left as they were.
        state = np.random.get_state()
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # where a logit is cut to 100
            best = model.criterion(start_val, y_val)
            loss = model._run_optimization(X, y, start, X_val, y_val, start_val, best)
        np.random.set_state(state)
        # hidden_mat is zero but for each feature's own units: (networks, units, d) remain
        d = X.shape[1]
        own, out = np.empty((2, len(model.regressors), self.n_hid, d))
        for k, network in enumerate(model.regressors):
            hidden = network.hidden_mat.double().numpy().reshape(d, d, self.n_hid)
            own[k] = hidden[range(d), range(d)].T
            out[k] = network.output_model.coef_.double().numpy().reshape(d, self.n_hid).T
        out *= self.boost_rate
        self._units = own.reshape(-1, d), out.reshape(-1, d)
        self.fit_info_ = {"networks": len(model.regressors), "validation_loss": float(loss)}

    def _curves(self, X, slope):
        """(n, d) curves or their slopes, not centred, on the inner scale."""
        linear, (own, out) = self._linear[0], self._units
        found = np.tile(linear, (len(X), 1)) if slope else X * linear
        size = max(1, VALUES_AT_ONCE // max(1, len(own)))
        for start in range(0, len(X), size):
            rows = slice(start, start + size)
            for j in range(X.shape[1]):
                z = X[rows, j, None] * own[:, j]
                below = np.exp(np.minimum(z, 0))
                if slope:
                    found[rows, j] += np.where(z > 0, 1.0, below) @ (own[:, j] * out[:, j])
                else:
                    found[rows, j] += np.where(z > 0, z, below - 1) @ out[:, j]
        return found

    @property
    def reading_(self):
        """What a reader has to hold."""
        alive = (self._linear[0] != 0) | (self._units[1] != 0).any(axis=0)
        return {"curves": np.count_nonzero(alive)}

    def contributions(self, X):
        """(n, d) part of each feature in the prediction (the logit), 0 on average in training."""
        return (self._curves(self._checked(X), slope=False) - self._mean_parts) * self._scale

    def local_intercept(self, X):
        """(n,) what is left of the prediction when all contributions are taken away."""
        inner = self._linear[1] + self._mean_parts.sum()
        return np.full(len(X), self._center + self._scale * inner)

    def local_coef(self, X):
        """(n, d) slopes of the curves, on the scale of the target (of the logit)."""
        return self._curves(self._checked(X), slope=True) * self._scale

    def decision_function(self, X):
        """(n,) predicted values, or logits."""
        return self.contributions(X).sum(axis=1) + self.local_intercept(X)
