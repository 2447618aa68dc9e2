"""The package xrfm in the suite's manner."""

from __future__ import annotations

import numpy as np
import torch
from scipy.special import logit
from xrfm import RFM
from xrfm.rfm_src.class_conversion import ClassificationConverter

from baselines._score import ScoreModel, center_and_scale, with_validation

FLOOR = 1e-3  # the package's: no probability is nearer to 0 or 1


class XRFM(ScoreModel):
    """Kernel ridge regression whose metric is learned: distances are x' M x.

    M is the average outer product of the model's gradients (AGOP) at the training rows; model and
    M take turns, and the validation rows choose the turn.  The package splits more than 60,000
    rows by a tree; below that its model is the one leaf fitted here, and nothing is random.
    A real target is standardised with training moments inside; labels are fitted as 0 and 1 by
    squared error, as the package does.

    Parameters
    ----------
    task : {"regression", "classification"}
    bandwidth, exponent : float
        Of the kernel exp(-(distance / bandwidth)^exponent).
    reg : float
        Ridge penalty.
    diag : bool
        M is a diagonal matrix.
    iterations : int
        Updates of M.

    Attributes
    ----------
    agop_ : (d, d) array
        Feature matrix of the chosen model, largest entry 1.
    feature_importances_ : (d,) array
        Its diagonal: mean squared slopes.
    """

    #: There is no global coefficient (see ``baselines.contract``).
    coef_is_local_ = True

    def __init__(
        self,
        task="regression",
        *,
        bandwidth=10.0,
        exponent=1.0,
        reg=1e-3,
        diag=False,
        iterations=5,
    ):
        self.task = task
        self.bandwidth = bandwidth
        self.exponent = exponent
        self.reg = reg
        self.diag = diag
        self.iterations = iterations

    def fit(self, X, y, X_val=None, y_val=None):
        """Fit (X, y), choose the number of updates by (X_val, y_val).

        Raises
        ------
        ValueError
            NaN, infinite values, rows of X and y that do not match, or no validation rows.
        """
        X, y, X_val, y_val = with_validation("xRFM", X, y, X_val, y_val)
        self.n_features_in_ = X.shape[1]
        torch.set_num_threads(1)
        self._center, self._scale = center_and_scale(y, self.task)
        labels = self.task == "classification"
        self._model = RFM(
            kernel="l2",
            bandwidth=self.bandwidth,
            exponent=self.exponent,
            diag=self.diag,
            device="cpu",
            verbose=False,
            tuning_metric="brier" if labels else "mse",
            **({"class_converter": ClassificationConverter("zero_one", 2)} if labels else {}),
        )
        rows, rows_val = self._tensor(X), self._tensor(X_val)
        target, target_val = (
            self._tensor((a - self._center) / self._scale)[:, None] for a in (y, y_val)
        )
        with torch.random.fork_rng(devices=[]):
            self._model.fit(
                (rows, target),
                (rows_val, target_val),
                reg=self.reg,
                iters=self.iterations,
                early_stop_rfm=False,
                return_best_params=True,
                get_agop_best_model=True,
                verbose=False,
            )
        agop = self._model.agop_best_model.double().numpy()
        agop = np.diag(agop) if self.diag else agop
        self.agop_ = agop / (agop.max() or 1.0)
        self.feature_importances_ = np.diag(self.agop_).copy()
        self.fit_info_ = {"updates": int(self._model.best_iter)}
        return self

    def _tensor(self, values):
        return torch.as_tensor(np.asarray(values), dtype=torch.float64)

    def _raw(self, X):
        """(n,) what the kernel machine says, before any cut."""
        rows = self._tensor(self._checked(X))
        return self._model.predict(rows).numpy().ravel() * self._scale + self._center

    def local_coef(self, X):
        """(n, d) gradients of the prediction, or of the logit: 0 where a probability is cut."""
        slopes = self._model.get_grads(self._tensor(self._checked(X)))[:, 0].numpy() * self._scale
        if self.task == "regression":
            return slopes
        p = self._raw(X)
        inside = (p > FLOOR) & (p < 1 - FLOOR)
        p = np.clip(p, FLOOR, 1 - FLOOR)
        return slopes * (inside / (p * (1 - p)))[:, None]

    def decision_function(self, X):
        """(n,) predicted values, or logits."""
        raw = self._raw(X)
        return raw if self.task == "regression" else logit(np.clip(raw, FLOOR, 1 - FLOOR))
