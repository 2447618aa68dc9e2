"""The package pytorch-tabnet in the suite's manner."""

from __future__ import annotations

import warnings

import numpy as np
import torch
from pytorch_tabnet.tab_model import TabNetClassifier, TabNetRegressor

from baselines._score import ScoreModel, center_and_scale, with_validation

BATCH_SIZE = 1024  # the package's


class TabNet(ScoreModel):
    """Trained on the training rows, stopped by the validation rows.

    A real target is standardised with training moments inside.  As in the paper both widths are
    ``n_d``.  The package leaves out an incomplete last batch, which is everything where there are
    fewer rows than a batch has: then all rows are one batch.

    Parameters
    ----------
    task : {"regression", "classification"}
    max_epochs, patience : int
        The package's defaults.
    seed : int
    **settings
        Arguments of the package's estimator.

    Attributes
    ----------
    feature_importances_ : (d,) array
        The package's: attention, aggregated over steps and training rows; its sum is 1.
    """

    def __init__(
        self,
        task="regression",
        *,
        n_d=8,
        n_steps=3,
        gamma=1.3,
        n_independent=2,
        n_shared=2,
        momentum=0.02,
        mask_type="sparsemax",
        max_epochs=200,
        patience=15,
        seed=0,
    ):
        self.task = task
        self.n_d = n_d
        self.n_steps = n_steps
        self.gamma = gamma
        self.n_independent = n_independent
        self.n_shared = n_shared
        self.momentum = momentum
        self.mask_type = mask_type
        self.max_epochs = max_epochs
        self.patience = patience
        self.seed = seed

    def fit(self, X, y, X_val=None, y_val=None):
        """Train on (X, y), stop by (X_val, y_val).

        Raises
        ------
        ValueError
            NaN, infinite values, rows of X and y that do not match, or no validation rows.
        """
        X, y, X_val, y_val = with_validation("TabNet", X, y, X_val, y_val)
        self.n_features_in_ = X.shape[1]
        torch.set_num_threads(1)
        regression = self.task == "regression"
        self._center, self._scale = center_and_scale(y, self.task)
        if regression:
            y, y_val = (((a - self._center) / self._scale)[:, None] for a in (y, y_val))
        settings = self.get_params()
        for name in ("task", "seed", "max_epochs", "patience"):
            del settings[name]
        # The caller's random states are left as they were.
        state = np.random.get_state()
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what it says about its own device
            self._model = (TabNetRegressor if regression else TabNetClassifier)(
                n_a=self.n_d, seed=self.seed, verbose=0, device_name="cpu", **settings
            )
            np.random.seed(self.seed)
            self._model.fit(
                X.astype(np.float32),
                y,
                eval_set=[(X_val.astype(np.float32), y_val)],
                eval_metric=["rmse" if regression else "logloss"],
                max_epochs=self.max_epochs,
                patience=self.patience,
                batch_size=BATCH_SIZE,
                drop_last=len(X) > BATCH_SIZE,
            )
        np.random.set_state(state)
        self.feature_importances_ = np.asarray(self._model.feature_importances_)
        self.fit_info_ = {"epochs": len(self._model.history["loss"])}
        return self

    def predict(self, X):
        """(n,) predicted values, or labels 0/1."""
        if self.task == "classification":
            return (self.predict_proba(X)[:, 1] > 0.5).astype(np.int64)
        X = self._checked(X).astype(np.float32)
        return self._model.predict(X).astype(float)[:, 0] * self._scale + self._center

    def _probabilities(self, X):
        return self._model.predict_proba(self._checked(X).astype(np.float32)).astype(float)
