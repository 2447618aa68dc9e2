"""What the small networks among the rivals share: checks, scales, outputs."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.utils import check_X_y

from baselines._score import ScoreModel, center_and_scale
from baselines._together import Together

ROWS_AT_ONCE = 8192  # rows explained or predicted in one pass: bounds memory, not the result


class NeuralModel(Together, ScoreModel):
    """Base of networks that split their prediction into parts of single features.

    A real target is standardised with training moments inside and put back in every output; the
    features are taken as they come.  In classification all parts are on the scale of the logit.

    A subclass defines what :class:`baselines._together.Together` asks for (its rows are float32
    tensors, the target on the inner scale), and ``_parts(X)``, which returns contributions (n, d)
    and an intercept (n,), both float64 arrays on the inner scale.  The prediction is their sum and
    nothing else, so that an explanation is exact by construction.

    Attributes
    ----------
    n_features_in_ : int
    feature_importances_ : (d,) array
        Mean absolute contribution over the training rows.  A signed mean would let positive and
        negative contributions cancel.
    """

    #: There is no global coefficient (see ``baselines.contract``).
    coef_is_local_ = True
    _needs_validation = True

    def _prepare(self, X, y, X_val, y_val):
        """Rows as tensors, the target on the inner scale.

        Raises
        ------
        ValueError
            NaN, infinite values, rows of X and y that do not match, labels other than 0 and 1, a
            word that is not an option, or no validation rows where they are needed.
        """
        if self.task not in ("regression", "classification"):
            raise ValueError(f"task must be 'regression' or 'classification', got {self.task!r}")
        self._check_options()
        X, y = check_X_y(X, y)
        self.n_features_in_ = X.shape[1]
        if X_val is not None:
            X_val, y_val = check_X_y(X_val, y_val)
        elif self._needs_validation:
            raise ValueError(f"{type(self).__name__} needs validation rows (X_val, y_val)")
        if self.task == "classification":
            for name, labels in (("y", y), ("y_val", y_val)):
                if labels is not None and not np.isin(labels, (0, 1)).all():
                    raise ValueError(f"{name} must hold the labels 0 and 1 only")
        self._center, self._scale = center_and_scale(y, self.task)
        return (
            tensor(X),
            self._target(y),
            None if X_val is None else tensor(X_val),
            None if X_val is None else self._target(y_val),
        )

    def _finish(self, X):
        self.feature_importances_ = np.abs(self.contributions(X)).mean(axis=0)

    def _check_options(self):
        """Refuse a word or a number that is no option; nothing to do here."""

    def _target(self, y):
        return tensor((np.asarray(y, dtype=float) - self._center) / self._scale)

    def _split(self, X):
        """Contributions (n, d) and intercept (n,) on the scale of the target."""
        X = self._checked(X)
        pieces = [
            self._parts(X[start : start + ROWS_AT_ONCE]) for start in range(0, len(X), ROWS_AT_ONCE)
        ]
        parts = np.concatenate([piece[0] for piece in pieces])
        intercept = np.concatenate([piece[1] for piece in pieces])
        return parts * self._scale, intercept * self._scale + self._center

    def contributions(self, X):
        """(n, d) part of each feature in the prediction, on the scale of the linear predictor."""
        return self._split(X)[0]

    def local_intercept(self, X):
        """(n,) what is left of the prediction when all contributions are taken away."""
        return self._split(X)[1]

    def decision_function(self, X):
        """(n,) predicted values, or logits in classification: contributions plus intercept."""
        parts, intercept = self._split(X)
        return parts.sum(axis=1) + intercept


def tensor(a):
    """Array to tensor of torch's default type, float32 where nobody has changed it."""
    return torch.as_tensor(np.asarray(a), dtype=torch.get_default_dtype())
