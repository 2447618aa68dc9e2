"""The path over lambda: the port of ContextualLasso.jl's ``classo``.

Thompson, Dezfouli & Kohn, "The contextual lasso: sparse linear models via deep neural networks",
NeurIPS 2023; the behaviour of version 0.2.0 of the package at commit 81e2b34.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from contextual_lasso.network import Network
from contextual_lasso.projection import L1Ball, Mask, Threshold, threshold
from contextual_lasso.scaling import Scaling
from contextual_lasso.selection import select
from contextual_lasso.settings import Path, Settings
from contextual_lasso.training import LOSSES, Batch, Objective, standard_error, train


@dataclass(frozen=True)
class TorchPath(Path):
    """A path fitted by the port: flat weights, one row per lambda."""

    weights: np.ndarray
    relaxed_weights: np.ndarray | None
    scaling: Scaling
    settings: Settings

    @torch.no_grad()
    def coef(self, Z, point):
        """Coefficients (n, d) and intercepts (n,) or None, on the original scale, float32."""
        i, j = point
        Z = _aligned(self.scaling.standardise_context(Z))
        first = int(self.settings.intercept)
        network = _network(self.settings, len(self.scaling.z_mean), len(self.scaling.x_mean))
        raw = network.load(self.weights[i]).forward(Z)
        coef = threshold(raw[:, first:], float(self.theta[i]), _tensor(self.settings.groups))
        offset = raw[:, 0]
        if self.settings.relax:
            gamma = float(self.gammas[j])
            relaxed = network.load(self.relaxed_weights[i]).forward(Z)
            coef = (1 - gamma) * coef + gamma * relaxed[:, first:] * (coef != 0)
            offset = (1 - gamma) * offset + gamma * relaxed[:, 0]
        return self.scaling.restore(coef.numpy(), offset.numpy() if first else None)

    def predict(self, X, Z, point):
        """Linear predictor (n,), float64."""
        coef, offset = self.coef(Z, point)
        linear = (np.asarray(X, np.float64) * coef).sum(1)
        return linear if offset is None else linear + offset


def _aligned(array):
    """A copy in memory that torch aligned: the rounding of a product may depend on alignment."""
    return torch.from_numpy(array).clone(memory_format=torch.contiguous_format)


def _tensor(values, dtype=torch.int64):
    return None if values is None else torch.as_tensor(values, dtype=dtype)


def _network(settings, n_context, n_features, generator=None):
    signs = settings.signs
    if signs is not None and settings.intercept:
        signs = np.concatenate(([0], signs))
    sizes = [n_context, *settings.hidden_layers, n_features + int(settings.intercept)]
    return Network(sizes, _tensor(signs, torch.float32), settings.dropout, generator)


@torch.no_grad()
def fit_path(X, Z, y, X_val, Z_val, y_val, settings, seed, start_weights=None, history=None):
    """Fit every lambda.

    Parameters
    ----------
    X : (n, d), Z : (n, m), y : (n,) arrays, and the validation rows likewise
    settings : Settings
    seed : int, of the initial weights and the dropout
    start_weights : flat float32 array or None, in place of random initial weights
    history : list or None
        Receives one list of (training loss, validation loss, theta) per lambda.

    Returns
    -------
    TorchPath
    """
    scaling = Scaling.of(X, Z, y, settings.intercept, LOSSES[settings.loss].scales_target)
    train_rows, val_rows = scaling.standardise(X, Z, y), scaling.standardise(X_val, Z_val, y_val)
    stacked = (_aligned(np.concatenate(p)) for p in zip(train_rows, val_rows, strict=True))
    fitter = _Fitter(Batch(*stacked, n_train=len(X)), settings, seed)
    return fitter.fit(scaling, start_weights, history)


class _Fitter:
    """The loop over lambda on one batch."""

    def __init__(self, batch, settings, seed):
        self.batch, self.settings = batch, settings
        self.loss = LOSSES[settings.loss]
        self.groups = _tensor(settings.groups)
        self.generator = torch.Generator().manual_seed(seed)
        sizes = batch.Z.shape[1], batch.X.shape[1]
        self.network = _network(settings, *sizes, self.generator)
        self.relaxed = _network(settings, *sizes, self.generator)

    def fit(self, scaling, start_weights=None, history=None):
        s, n = self.settings, self.batch.n_train
        lambdas = None if s.lambdas is None else np.asarray(s.lambdas, np.float32)
        gammas = np.asarray(s.gammas if s.relax else [0.0], np.float64)
        results, relaxed_results, summaries, surface = [], [], [], []
        for i in range(s.n_lambdas if lambdas is None else len(lambdas)):
            self._start(self.network, i, start_weights)
            record = None if history is None else []
            # without a given grid the first fit is unconstrained and sets lambda_max
            ball = L1Ball(np.inf if lambdas is None else lambdas[i], n, self.groups)
            result = self._train(self.network, ball, record)
            if lambdas is None:
                raw = self.network.forward(self.batch.Z[:n])[:, int(s.intercept) :]
                widest = raw.abs().sum().item() / n
                lambdas = np.linspace(widest, 0, s.n_lambdas).astype(np.float32)
            fixed = self._objective(self.network, Threshold(result.theta, self.groups))
            fixed.evaluate(training=False)
            results.append(result)
            summaries.append(fixed.validation_summary())
            if history is not None:
                history.append(record)
            if s.relax:
                relaxed, losses = self._relax(i, fixed, gammas)
                relaxed_results.append(relaxed)
                surface.append(losses)
        val_loss = np.array([r.val_loss for r in results])
        val_loss_se, val_nonzero = np.array(summaries).T
        grid, grid_se = val_loss[:, None], val_loss_se[:, None]
        if s.relax:
            grid, grid_se = np.moveaxis(np.array(surface), -1, 0)
        return TorchPath(
            lambdas=lambdas,
            theta=np.array([r.theta for r in results]),
            train_loss=np.array([r.train_loss for r in results]),
            val_loss=val_loss,
            val_loss_se=val_loss_se,
            val_nonzero=val_nonzero,
            epochs=np.array([r.epochs for r in results]),
            gammas=gammas,
            chosen=select(grid, grid_se, lambdas, gammas),
            relaxed_val_loss=grid if s.relax else None,
            weights=np.array([r.weights.numpy() for r in results]),
            relaxed_weights=np.array([r.weights.numpy() for r in relaxed_results]),
            scaling=scaling,
            settings=s,
        )

    def _start(self, network, i, weights=None):
        """Random (or given) weights at first or for cold starts; else those of the last fit."""
        if i == 0 and weights is not None:
            network.load(weights)
        elif i == 0 or self.settings.start == "cold":
            network.initialise(self.generator)

    def _objective(self, network, constraint):
        return Objective(network, self.batch, self.loss, constraint, self.settings.intercept)

    def _train(self, network, constraint, history=None):
        s = self.settings
        objective = self._objective(network, constraint)
        return train(objective, s.patience, s.max_epochs, s.early_stopping, history)

    def _relax(self, i, fixed, gammas):
        """Refit on the support of a fit; losses and their errors of the blends over gamma."""
        n = self.batch.n_train
        mask = Mask((fixed.coef != 0).to(torch.float32), n)
        self._start(self.relaxed, i)
        result = self._train(self.relaxed, mask)
        polished = self._objective(self.relaxed, mask)
        polished.evaluate(training=False)
        losses = []
        for gamma in gammas:
            blend = (1 - gamma) * fixed.prediction + gamma * polished.prediction
            values = self.loss.values(blend, self.batch.y)[n:]
            losses.append((values.mean().item(), standard_error(values)))
        return result, losses
