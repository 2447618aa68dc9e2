"""Interpretable mesomorphic networks: a network that writes a linear model for every row.

    f(x) = w(x)' x + w0(x)

IMN: Kadra, Arango, Grabocka, Interpretable Mesomorphic Networks for Tabular Data, NeurIPS 2024.
LFR-IMN: Hammer et al., arXiv 2606.29951, 2026; the same network, asked to agree with itself on a
neighbour of each row.  One estimator; the second penalty is a switch.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from baselines._neural import (
    NeuralModel,
    batches,
    epochs_within,
    n_batches,
    state_of,
    tensor,
)

BACKBONES = ("residual", "mlp")
SCHEDULES = ("constant", "restarts")
NEIGHBORS = ("gaussian", "interpolation")
WARM_UP_EPOCHS = 5
# Cosine cycles of lengths T, 2 T and 4 T fill the training; a snapshot is taken after each.
CYCLE_FACTOR, N_CYCLES = 2, 3


class Backbone(nn.Module):
    """Features to the weights of a linear model.

    Parameters
    ----------
    n_features, width : int
    n_blocks : int
        Residual blocks, or further hidden layers of the MLP.
    kind : {"residual", "mlp"}
    batch_norm : bool
    dropout : float
    zero_last_layer : bool
        Start from the linear model 0.
    """

    def __init__(
        self, n_features, width, n_blocks, kind, batch_norm, dropout, zero_last_layer=False
    ):
        super().__init__()
        self.kind, self.dropout = kind, dropout
        self.inputs = nn.Linear(n_features, width)
        per_block = 2 if kind == "residual" else 1
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(per_block * n_blocks))
        self.norms = nn.ModuleList(
            nn.BatchNorm1d(width) if batch_norm else nn.Identity()
            for _ in range(1 + len(self.hidden))
        )
        self.output = nn.Linear(width, n_features + 1)
        if batch_norm and kind == "residual":
            # Each block starts as the identity.
            for norm in self.norms[2::2]:
                nn.init.zeros_(norm.weight)
        if zero_last_layer:
            nn.init.zeros_(self.output.weight)
            nn.init.zeros_(self.output.bias)

    def forward(self, X, copies=1):
        """(n, d + 1) weights, the intercept last.

        ``copies``: X holds that many versions of the same rows, one below the other.  In training
        the versions of a row share its dropout mask, and all rows share the batch statistics: two
        passes with masks of their own would differ where the inputs do not.
        """
        h = F.gelu(self.norms[0](self.inputs(X)))
        if self.kind == "mlp":
            for layer, norm in zip(self.hidden, self.norms[1:], strict=True):
                h = F.gelu(norm(layer(self._drop(h, copies))))
            return self.output(self._drop(h, copies))
        h = self._drop(h, copies)
        for block in range(len(self.hidden) // 2):
            a, b = 2 * block, 2 * block + 1
            inner = F.gelu(self.norms[a + 1](self.hidden[a](h)))
            h = F.gelu(h + self.norms[b + 1](self.hidden[b](self._drop(inner, copies))))
        return self.output(h)

    def _drop(self, h, copies):
        if not self.training or not self.dropout:
            return h
        if copies == 1:
            return F.dropout(h, self.dropout)
        mask = F.dropout(torch.ones(len(h) // copies, h.shape[1]), self.dropout)
        return h * mask.repeat(copies, 1)


def linear(weights, X):
    """(n,) value of the linear models ``weights`` (n, d + 1) at the rows of X."""
    return (weights[:, :-1] * X).sum(1) + weights[:, -1]


def infidelity(network, X, neighbours):
    """Mean squared difference between the linear model of x and f, both at the neighbour of x.

    Gradients reach w(x) and f(x~) alike.

    Returns
    -------
    (scalar tensor, (n, d + 1) weights at X)
    """
    here, there = network(torch.cat([X, neighbours]), copies=2).chunk(2)
    return F.mse_loss(linear(here, neighbours), linear(there, neighbours)), here


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


class Neighbours:
    """A fresh synthetic neighbour for each training row.

    Parameters
    ----------
    scheme : {"gaussian", "interpolation"}
        x + sigma eps with eps standard normal, or x + u (x' - x) with u uniform on [0, 1] and x'
        one of the ``n_neighbors`` nearest training rows.
    X : (n, d) tensor
    sigma : float
    n_neighbors : int
    """

    def __init__(self, scheme, X, sigma, n_neighbors):
        self.scheme, self.X, self.sigma = scheme, X, sigma
        if scheme == "interpolation":
            from sklearn.neighbors import NearestNeighbors

            k = min(n_neighbors, len(X) - 1)
            found = NearestNeighbors(n_neighbors=k).fit(X.numpy()).kneighbors(return_distance=False)
            self.nearest = torch.as_tensor(found)

    def draw(self, rows):
        """(len(rows), d) neighbours of the given training rows."""
        X = self.X[rows]
        if self.scheme == "gaussian":
            return X + self.sigma * torch.randn_like(X)
        choice = torch.randint(self.nearest.shape[1], (len(rows),))
        other = self.X[self.nearest[rows, choice]]
        return X + torch.rand(len(rows), 1) * (other - X)


def learning_rate_factor(step, warm_up, cycle):
    """Factor of the learning rate: linear warm-up, then cosine cycles, each twice as long.

    Parameters
    ----------
    step : int
        From 0.
    warm_up, cycle : int
        Steps of the warm-up and of the first cycle.
    """
    if step < warm_up:
        return step / warm_up
    at, length = step - warm_up, cycle
    while at >= length:
        at, length = at - length, length * CYCLE_FACTOR
    return 0.5 * (1 + math.cos(math.pi * at / length))


def snapshot_steps(cycle):
    """Steps (counted from 1) after which a snapshot is taken: T, 3 T and 7 T."""
    return [cycle * (CYCLE_FACTOR ** (k + 1) - 1) // (CYCLE_FACTOR - 1) for k in range(N_CYCLES)]


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

    def _train(self, X, y, X_val, y_val):
        balanced = None
        if self.task == "classification" and self.oversample:
            balanced = Balanced(y)
        self._shift = balanced.log_odds if balanced else 0.0
        n_rows = len(X)
        size = min(self.batch_size or n_rows, n_rows)
        epochs = epochs_within(self.epochs, n_rows, size, self.max_steps)
        per_epoch = n_batches(n_rows, size)
        cycle = max(1, epochs * per_epoch // (CYCLE_FACTOR**N_CYCLES - 1))
        warm_up = WARM_UP_EPOCHS * per_epoch if self.schedule == "restarts" else 0
        # A snapshot of the warm-up is of a network that has hardly been trained.
        wanted = {s for s in snapshot_steps(cycle) if s > warm_up}

        network = Backbone(
            X.shape[1],
            self.width,
            self.n_blocks,
            self.backbone,
            self.batch_norm,
            self.dropout,
            self.zero_last_layer,
        )
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay, fused=True
        )
        neighbours = None
        if self.fidelity:
            neighbours = Neighbours(self.neighbors, X, self.sigma, self.n_neighbors)
        step, states = 0, []
        network.train()
        for _ in range(epochs):
            for rows in batches(n_rows, size):
                if balanced:
                    rows = balanced.draw(rows)
                if self.schedule == "restarts":
                    factor = learning_rate_factor(step, warm_up, cycle)
                    optimizer.param_groups[0]["lr"] = self.learning_rate * factor
                optimizer.zero_grad()
                self._objective(network, X[rows], y[rows], neighbours, rows).backward()
                optimizer.step()
                step += 1
                if self.schedule == "restarts" and step in wanted:
                    states.append(state_of(network))
        if not states:
            states = [state_of(network)]
        if not all(torch.isfinite(v).all() for state in states for v in state.values()):
            raise FloatingPointError("training diverged; lower learning_rate")
        self._network, self._states = network.eval(), states
        self.n_snapshots_, self.n_epochs_ = len(states), epochs
        self.first_layer_weights_ = np.concatenate(
            [state["inputs.weight"].double().numpy() for state in states]
        )
        self.validation_loss_ = self.validation_infidelity_ = None
        if X_val is not None:
            weights = tensor(self._weights(X_val))
            self.validation_loss_ = self._loss(linear(weights, X_val), y_val).item()
            there = X_val + self.sigma * torch.randn_like(X_val)
            gap = linear(weights, there) - linear(tensor(self._weights(there)), there)
            self.validation_infidelity_ = (gap**2).mean().item()

    def _objective(self, network, X, y, neighbours, rows):
        if neighbours is None:
            penalty, weights = 0.0, network(X)
        else:
            penalty, weights = infidelity(network, X, neighbours.draw(rows))
        shrunk = weights if self.l1_with_intercept else weights[:, :-1]
        return (
            self._loss(linear(weights, X), y)
            + self.fidelity * penalty
            + self.l1 * shrunk.abs().mean()
        )

    def _weights(self, X):
        """(n, d + 1) weights on the inner scale, averaged over the snapshots."""
        total = 0.0
        with torch.no_grad():
            for state in self._states:
                self._network.load_state_dict(state)
                total = total + self._network(tensor(X)).double()
        weights = (total / len(self._states)).numpy()
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


class Balanced:
    """Training rows drawn with replacement, both classes equally often.

    Attributes
    ----------
    log_odds : float
        Of class 1 in the data; 0 where one class is absent and there is nothing to balance.
    """

    def __init__(self, y):
        self.classes = [torch.nonzero(y == label).squeeze(1) for label in (0, 1)]
        counts = [len(rows) for rows in self.classes]
        self.possible = min(counts) > 0
        self.log_odds = math.log(counts[1] / counts[0]) if self.possible else 0.0

    def draw(self, rows):
        """As many balanced rows as there are in ``rows``, which is used if one class is absent."""
        if not self.possible:
            return rows
        zero, one = (c[torch.randint(len(c), (len(rows),))] for c in self.classes)
        return torch.where(torch.rand(len(rows)) < 0.5, zero, one)
