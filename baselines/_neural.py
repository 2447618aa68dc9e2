"""What the small networks among the rivals share: checks, scales, seeds, training, outputs."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.utils import check_X_y
from torch.nn import functional as F

from baselines._score import ScoreModel, center_and_scale

ROWS_AT_ONCE = 8192  # rows explained or predicted in one pass: bounds memory, not the result


class NeuralModel(ScoreModel):
    """Base of networks that split their prediction into parts of single features.

    A real target is standardised with training moments inside and put back in every output; the
    features are taken as they come.  In classification all parts are on the scale of the logit.

    A subclass defines ``_train(X, y, X_val, y_val)`` (float32 tensors, target on the inner scale)
    and ``_parts(X)``, which returns contributions (n, d) and an intercept (n,), both float64 arrays
    on the inner scale.  The prediction is their sum and nothing else, so that an explanation is
    exact by construction.

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

    def fit(self, X, y, X_val=None, y_val=None):
        """Train on (X, y); validation rows stop or choose, they are never trained on.

        Parameters
        ----------
        X : (n, d) array
        y : (n,) array
            Real values, or labels 0/1.
        X_val, y_val : arrays, optional where the method trains for a fixed number of epochs

        Raises
        ------
        ValueError
            NaN, infinite values, rows of X and y that do not match, labels other than 0 and 1, a
            word that is not an option, or no validation rows where they are needed.
        FloatingPointError
            Training diverged.
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
        torch.set_num_threads(1)
        # The caller's random state is left as it was.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            self._train(
                tensor(X),
                self._target(y),
                None if X_val is None else tensor(X_val),
                None if X_val is None else self._target(y_val),
            )
        self.feature_importances_ = np.abs(self.contributions(X)).mean(axis=0)
        return self

    def _check_options(self):
        """Refuse a word or a number that is no option; nothing to do here."""

    def _target(self, y):
        return tensor((np.asarray(y, dtype=float) - self._center) / self._scale)

    @property
    def _loss(self):
        """Mean loss of predictions on the inner scale."""
        return F.mse_loss if self.task == "regression" else F.binary_cross_entropy_with_logits

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
    """Array to float32 tensor."""
    return torch.as_tensor(np.asarray(a), dtype=torch.float32)


def batches(n_rows, size):
    """Row numbers of one epoch, shuffled, in batches; a last batch of one row joins the one before.

    Batch normalisation has no variance to divide by in a batch of one.
    """
    pieces = list(torch.randperm(n_rows).split(size))
    if len(pieces) > 1 and len(pieces[-1]) == 1:
        pieces[-2:] = [torch.cat(pieces[-2:])]
    return pieces


def epochs_within(epochs, n_rows, batch_size, max_steps):
    """Epochs that fit into ``max_steps`` optimiser steps, at least one."""
    per_epoch = n_batches(n_rows, batch_size)
    return max(1, min(epochs, max_steps // per_epoch))


def n_batches(n_rows, size):
    """Number of batches that :func:`batches` makes."""
    full, rest = divmod(n_rows, size)
    return max(1, full + (rest > 1 or (rest == 1 and full == 0)))


def state_of(network):
    """A copy of all parameters and buffers."""
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def train_to_best(
    network,
    loss,
    validation_loss,
    X,
    y,
    *,
    optimizer,
    epochs,
    batch_size,
    patience=None,
    decay=1.0,
):
    """Train and keep the weights of the epoch with the smallest validation loss.

    Parameters
    ----------
    network : torch.nn.Module
    loss : callable (X, y) -> scalar tensor
        What is minimised on a batch, penalties included.
    validation_loss : callable () -> scalar tensor
        Called without gradients and in evaluation mode after every epoch.
    X, y : tensors of the training rows
    optimizer : torch.optim.Optimizer
    epochs, batch_size : int
    patience : int or None
        Epochs without a better validation loss after which training ends; None: never.
    decay : float
        Factor of the learning rate after every epoch.

    Returns
    -------
    (best validation loss, its epoch from 1, epochs trained)

    Raises
    ------
    FloatingPointError
        The validation loss was never finite.
    """
    best, best_epoch, best_state = np.inf, 0, None
    for epoch in range(1, epochs + 1):
        network.train()
        for rows in batches(len(X), batch_size):
            optimizer.zero_grad()
            loss(X[rows], y[rows]).backward()
            optimizer.step()
        for group in optimizer.param_groups:
            group["lr"] *= decay
        network.eval()
        with torch.no_grad():
            now = validation_loss().item()
        if now < best:
            best, best_epoch, best_state = now, epoch, state_of(network)
        elif patience is not None and epoch - best_epoch >= patience:
            break
    if best_state is None:
        raise FloatingPointError("the validation loss was never finite; lower learning_rate")
    network.load_state_dict(best_state)
    network.eval()
    return best, best_epoch, epoch
