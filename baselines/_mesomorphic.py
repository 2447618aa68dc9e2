"""Interpretable mesomorphic networks: a network that writes a linear model for every row.

    f(x) = w(x)' x + w0(x)

IMN: Kadra, Arango, Grabocka, Interpretable Mesomorphic Networks for Tabular Data, NeurIPS 2024.
LFR-IMN: Hammer et al., arXiv 2606.29951, 2026; the same network, asked to agree with itself on a
neighbour of each row.  One estimator; the second penalty is a switch.
"""

from __future__ import annotations

import numpy as np
import torch

from baselines._backbone import Backbone
from baselines._neural import NeuralModel, tensor
from baselines._snapshots import Plan, train_to_snapshots
from baselines._stacked import loss_of

BACKBONES = ("residual", "mlp")
SCHEDULES = ("constant", "restarts")
NEIGHBORS = ("gaussian", "interpolation")
#: what may differ among networks that train side by side, besides their training
SETTINGS = ("dropout", "l1", "fidelity")


def linear(weights, X):
    """(..., n) value of the linear models ``weights`` (..., n, d + 1) at the rows of X."""
    return (weights[..., :-1] * X).sum(-1) + weights[..., -1]


def infidelity(network, X, neighbours):
    """Mean squared difference between the linear model of x and f, both at the neighbour of x.

    Gradients reach w(x) and f(x~) alike.

    Parameters
    ----------
    network : Backbone of K networks
    X, neighbours : (K, n, d) tensors

    Returns
    -------
    ((K,) tensor, (K, n, d + 1) weights at X)
    """
    here, there = network(torch.cat([X, neighbours], dim=1), copies=2).chunk(2, dim=1)
    return (linear(here, neighbours) - linear(there, neighbours)).square().mean(1), here


def tuning_score(performance, infidelity, base_infidelity):
    """The LFR-IMN paper's score S = (max(0, D) + R) / 2 of a model on validation rows.

    Parameters
    ----------
    performance : float
        D: R^2 or area under the ROC curve.
    infidelity, base_infidelity : float
        I of the model, and of the same model without the penalty; R = I_base / (I + I_base), which
        is 1/2 for the model without the penalty.
    """
    total = infidelity + base_infidelity
    fidelity = base_infidelity / total if total > 0 else 0.5
    return (max(0.0, performance) + fidelity) / 2


class Mesomorphic(NeuralModel):
    """IMN, and with ``fidelity`` above 0 LFR-IMN.

        loss(f(x), y) + fidelity MSE(w(x)' x~ + w0(x), f(x~)) + l1 mean |w(x)|

    Prediction and explanation come from the same weights: those of the snapshots, averaged.  For a
    real target this is the mean of the snapshots' predictions, for labels that of their logits.

    Parameters
    ----------
    task : {"regression", "classification"}
    backbone : {"residual", "mlp"}
    width, n_blocks : int
    batch_norm : bool
    dropout : float
    zero_last_layer : bool
    epochs, batch_size : int
        ``batch_size`` None: all rows.
    max_steps : int
        Limit on optimiser steps; the epochs are cut to it.
    learning_rate, weight_decay : float
        AdamW.
    schedule : {"constant", "restarts"}
        "restarts": five epochs of warm-up, then three cosine cycles, and one snapshot in each.
    l1 : float
        Factor of the mean absolute weight, on the scale of the standardised target.
    l1_with_intercept : bool
        The mean takes in w0.
    fidelity : float
        gamma; 0 switches the penalty off.
    neighbors : {"gaussian", "interpolation"}
    sigma : float
        Standard deviation of a gaussian neighbour, in units of the features.
    n_neighbors : int
        Candidates for an interpolated one.
    oversample : bool
        In classification, draw rows so that both classes are equally frequent in training.  The
        logit is moved back by the log-odds of the training rows, so that probabilities refer to the
        frequencies of the data; ranks of rows are untouched.
    seed : int

    Attributes
    ----------
    first_layer_weights_ : (h, d) array
        Of all snapshots, one below the other.
    n_snapshots_ : int
    """

    _needs_validation = False

    def __init__(
        self,
        task="regression",
        *,
        backbone="residual",
        width=128,
        n_blocks=2,
        batch_norm=True,
        dropout=0.25,
        zero_last_layer=False,
        epochs=500,
        batch_size=64,
        max_steps=10000,
        learning_rate=1e-2,
        weight_decay=1e-2,
        schedule="restarts",
        l1=0.1,
        l1_with_intercept=True,
        fidelity=0.0,
        neighbors="gaussian",
        sigma=0.1,
        n_neighbors=5,
        oversample=False,
        seed=0,
    ):
        self.task = task
        self.backbone = backbone
        self.width = width
        self.n_blocks = n_blocks
        self.batch_norm = batch_norm
        self.dropout = dropout
        self.zero_last_layer = zero_last_layer
        self.epochs = epochs
        self.batch_size = batch_size
        self.max_steps = max_steps
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.schedule = schedule
        self.l1 = l1
        self.l1_with_intercept = l1_with_intercept
        self.fidelity = fidelity
        self.neighbors = neighbors
        self.sigma = sigma
        self.n_neighbors = n_neighbors
        self.oversample = oversample
        self.seed = seed

    def _check_options(self):
        options = {"backbone": BACKBONES, "schedule": SCHEDULES, "neighbors": NEIGHBORS}
        for name, words in options.items():
            if getattr(self, name) not in words:
                raise ValueError(f"{name} must be one of {words}, got {getattr(self, name)!r}")

    def _shape(self, n_rows):
        kind = self.backbone, self.width, self.n_blocks, self.batch_norm, self.zero_last_layer
        size = min(self.batch_size or n_rows, n_rows)
        return kind, size, self.l1_with_intercept, bool(self.fidelity)

    def _layer(self, n_rows, n_features):
        copies = 2 if self.fidelity else 1
        return copies * min(self.batch_size or n_rows, n_rows) * max(n_features, self.width)

    @staticmethod
    def _train(models, generators, X, y, X_val, y_val):
        (kind, width, n_blocks, *others), size, *_ = models[0]._shape(len(X))
        plans = [
            Plan.of(model, X, y, size, generator)
            for model, generator in zip(models, generators, strict=True)
        ]
        networks = Backbone(
            [
                Backbone.start(X.shape[1], width, n_blocks, kind, *others, generator)
                for generator in generators
            ],
            generators,
            kind,
            **{name: [getattr(model, name) for model in models] for name in SETTINGS},
        )
        train_to_snapshots(networks, plans, models[0]._objective, X, y, size)
        return [model._take(plan, X_val, y_val) for model, plan in zip(models, plans, strict=True)]

    def _take(self, plan, X_val, y_val):
        """Keep what training has found; return what it failed with."""
        if not all(network.finite() for network in plan.snapshots):
            return FloatingPointError("training diverged; lower learning_rate")
        self._networks, self._shift = plan.snapshots, plan.shift
        self.n_snapshots_, self.n_epochs_ = len(plan.snapshots), plan.epochs
        self.first_layer_weights_ = np.concatenate(
            [
                network.parameters["weight0"][0].detach().double().numpy()
                for network in self._networks
            ]
        )
        self.validation_loss_ = self.validation_infidelity_ = None
        if X_val is not None:
            weights = tensor(self._weights(X_val))
            self.validation_loss_ = loss_of(self.task)(linear(weights, X_val)[None], y_val).item()
            there = X_val + self.sigma * torch.randn(X_val.shape, generator=plan.generator)
            gap = linear(weights, there) - linear(tensor(self._weights(there)), there)
            self.validation_infidelity_ = (gap**2).mean().item()
        return None

    def _objective(self, networks, X, y, neighbours):
        """(K,) losses with penalties."""
        numbers = networks.numbers
        if neighbours is None:
            penalty, weights = 0.0, networks(X)
        else:
            penalty, weights = infidelity(networks, X, neighbours)
            penalty = numbers["fidelity"] * penalty
        shrunk = weights if self.l1_with_intercept else weights[..., :-1]
        found = loss_of(self.task)(linear(weights, X), y) + penalty
        return found + numbers["l1"] * shrunk.abs().mean((1, 2))

    def _weights(self, X):
        """(n, d + 1) weights on the inner scale, averaged over the snapshots."""
        total = 0.0
        with torch.no_grad():
            for network in self._networks:
                total = total + network(tensor(X))[0].double()
        weights = (total / len(self._networks)).numpy()
        weights[:, -1] += self._shift
        return weights

    def _parts(self, X):
        weights = self._weights(X)
        return weights[:, :-1] * X, weights[:, -1]

    def local_coef(self, X):
        """(n, d) w(x), on the scale of the target (of the logit in classification)."""
        return self._weights(self._checked(X))[:, :-1] * self._scale

    @property
    def fit_info_(self):
        return {
            "epochs": self.n_epochs_,
            "snapshots": self.n_snapshots_,
            "learning_rate": self.learning_rate,
            "l1": self.l1,
            "fidelity": self.fidelity,
            "validation_loss": self.validation_loss_,
            "validation_infidelity": self.validation_infidelity_,
        }
