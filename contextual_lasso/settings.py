"""What goes into a fit of the path and what comes out, whatever the backend."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

STARTS = ("warm", "cold")


@dataclass(frozen=True)
class Settings:
    """What a fit depends on besides the data; the defaults are those of the Julia package."""

    loss: str = "squared"
    intercept: bool = True
    lambdas: Sequence[float] | None = None
    n_lambdas: int = 50
    relax: bool = False
    gammas: Sequence[float] = tuple(i / 10 for i in range(11))
    groups: np.ndarray | None = None  # (d,) group numbers from 0
    signs: np.ndarray | None = None  # (d,) of -1, 0, 1
    hidden_layers: Sequence[int] = (128, 128)
    dropout: float = 0.0
    start: str = "warm"
    early_stopping: bool = True
    patience: int = 30
    max_epochs: int = 10000

    def __post_init__(self):
        if self.lambdas is not None:
            lambdas = np.asarray(self.lambdas, float)
            if lambdas.ndim != 1 or not len(lambdas):
                raise ValueError(f"lambdas must be a non-empty sequence, got {self.lambdas!r}")
            if np.isnan(lambdas).any() or (lambdas < 0).any():
                raise ValueError(f"lambdas must be 0 or greater, got {self.lambdas!r}")
        else:
            _whole("n_lambdas", self.n_lambdas, 2)
        if self.relax:
            gammas = np.asarray(self.gammas, float)
            if gammas.ndim != 1 or not len(gammas) or not ((gammas >= 0) & (gammas <= 1)).all():
                raise ValueError(f"gammas must lie between 0 and 1, got {self.gammas!r}")
        for width in self.hidden_layers:
            _whole("each of hidden_layers", width, 1)
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must lie in [0, 1), got {self.dropout!r}")
        if self.start not in STARTS:
            raise ValueError(f"start must be one of {STARTS}, got {self.start!r}")
        _whole("patience", self.patience, 1)
        _whole("max_epochs", self.max_epochs, 1)


def _whole(name, value, least):
    if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")


def per_feature(name, values, n_features):
    """(d,) array of one entry per feature, or None."""
    if values is None:
        return None
    values = np.asarray(values)
    if values.shape != (n_features,):
        raise ValueError(f"{name} needs one entry per feature, {n_features}, got {values.shape}")
    return values


@dataclass(frozen=True)
class Path:
    """What every backend returns; arrays with one entry per lambda, losses in standardised units.

    ``chosen`` maps "min" and "1se" to a pair of indices into (lambdas, gammas), a *point*.
    ``relaxed_val_loss`` is (n_lambdas, n_gammas), or None without the relaxed fit.  A backend adds
    ``coef(Z, point)``: coefficients (n, d) and intercepts (n,) or None, on the original scale, and
    ``predict(X, Z, point)``: the linear predictor (n,), log-odds for the logistic loss.
    """

    lambdas: np.ndarray
    theta: np.ndarray
    train_loss: np.ndarray
    val_loss: np.ndarray
    val_loss_se: np.ndarray
    val_nonzero: np.ndarray
    epochs: np.ndarray
    gammas: np.ndarray
    chosen: dict
    relaxed_val_loss: np.ndarray | None

    def loss_at(self, point):
        """Validation loss at a point."""
        i, j = point
        loss = self.val_loss[i] if self.relaxed_val_loss is None else self.relaxed_val_loss[i, j]
        return float(loss)
