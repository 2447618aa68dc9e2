"""RealMLP of the package pytabkit in the suite's manner."""

from __future__ import annotations

import logging
import warnings

import numpy as np
import torch
from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor

from baselines._score import ScoreModel, with_validation


class RealMLP(ScoreModel):
    """A network with tuned defaults, trained on the training rows.

    The validation rows choose the epoch.  The package standardises features and target itself.

    Parameters
    ----------
    task : {"regression", "classification"}
    n_epochs : int
        The package's default.
    seed : int
    """

    def __init__(self, task="regression", *, n_epochs=256, seed=0):
        self.task = task
        self.n_epochs = n_epochs
        self.seed = seed

    def fit(self, X, y, X_val=None, y_val=None):
        """Train on (X, y), choose the epoch by (X_val, y_val).

        Raises
        ------
        ValueError
            NaN, infinite values, rows of X and y that do not match, or no validation rows.
        """
        X, y, X_val, y_val = with_validation("RealMLP", X, y, X_val, y_val)
        self.n_features_in_ = X.shape[1]
        torch.set_num_threads(1)
        logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)  # it advertises
        kind = RealMLP_TD_Regressor if self.task == "regression" else RealMLP_TD_Classifier
        # the caller's random states are left as they were
        state = np.random.get_state()
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what it says about workers and devices
            self._model = kind(
                device="cpu",
                random_state=self.seed,
                n_cv=1,
                n_refit=0,
                n_epochs=self.n_epochs,
                n_threads=1,
                verbosity=0,
            )
            self._model.fit(X.astype(np.float32), y, X_val=X_val.astype(np.float32), y_val=y_val)
        np.random.set_state(state)
        return self

    def predict(self, X):
        """(n,) predicted values, or labels 0/1."""
        if self.task == "classification":
            return (self.predict_proba(X)[:, 1] > 0.5).astype(np.int64)
        return np.ravel(self._model.predict(self._checked(X).astype(np.float32))).astype(float)

    def _probabilities(self, X):
        return self._model.predict_proba(self._checked(X).astype(np.float32)).astype(float)
