"""Neural additive models: one small network for each feature, summed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from baselines._neural import NeuralModel, epochs_within, tensor, train_to_best

KNOT_SD = 0.5  # of the first layer's kinks, on the scale where a feature fills [-1, 1]


class FeatureNetworks(nn.Module):
    """ReLU networks of one input and one output, all features at once.

    Parameters
    ----------
    low, high : (d,) tensors
        Range of the training rows; it is moved to [-1, 1].
    hidden : sequence of int
    dropout : float
        Within each network.
    """

    def __init__(self, low, high, hidden, dropout):
        super().__init__()
        d = len(low)
        span = torch.where(high > low, high - low, torch.ones_like(low))
        self.register_buffer("low", low)
        self.register_buffer("span", span)
        self.dropout = dropout
        sizes = [1, *hidden, 1]
        self.weights = nn.ParameterList(
            # Glorot's uniform distribution
            nn.Parameter((2 * torch.rand(d, a, b) - 1) * (6 / (a + b)) ** 0.5)
            for a, b in pairwise(sizes)
        )
        # relu(w (x - c)): kinks spread over the range, not all at one point
        self.knots = nn.Parameter(torch.randn(d, 1, hidden[0]) * KNOT_SD)
        self.biases = nn.ParameterList(
            nn.Parameter(torch.zeros(d, 1, width)) for width in hidden[1:]
        )
        self.intercept = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        """(n, d) values of the feature networks."""
        x = 2 * (X - self.low) / self.span - 1
        h = F.relu((x.T.unsqueeze(2) - self.knots) * self.weights[0])
        for weight, bias in zip(self.weights[1:-1], self.biases, strict=True):
            h = F.relu(torch.baddbmm(bias, F.dropout(h, self.dropout, self.training), weight))
        h = F.dropout(h, self.dropout, self.training)
        return torch.bmm(h, self.weights[-1]).squeeze(2).T

    def mean_square(self):
        """Half the sum of squared parameters of the feature networks, averaged over features."""
        parameters = [*self.weights, self.knots, *self.biases]
        return 0.5 * sum((p**2).sum() for p in parameters) / len(self.low)


class NAM(NeuralModel):
    """Neural additive model.

        g(E y) = b + sum_k f_k(x_k)

    minimising

        loss + output_penalty mean_k mean_i f_k(x_ik)^2 + weight_decay mean_k |theta_k|^2 / 2.

    A contribution is f_k(x_k) less its mean over the training rows.

    Parameters
    ----------
    task : {"regression", "classification"}
    hidden : sequence of int
        Widths of every feature's network.
    output_penalty, weight_decay : float
    dropout : float
        Within the feature networks.
    feature_dropout : float
        Share of feature networks left out of a row's sum in training.
    learning_rate, decay : float
        Adam; the learning rate shrinks by ``decay`` after every epoch.
    epochs, batch_size, patience : int
        Early stopping: the best epoch's weights are kept.
    max_steps : int
        Limit on optimiser steps; the epochs are cut to it.
    n_members : int
        Networks with seeds of their own whose outputs are averaged.
    seed : int

    Attributes
    ----------
    validation_loss_ : float
        Mean of the members'.
    n_epochs_ : int
        Mean over the members of the epoch whose weights are kept.
    """

    def __init__(
        self,
        task="regression",
        *,
        hidden=(64, 64, 32),
        output_penalty=1e-3,
        weight_decay=1e-6,
        dropout=0.0,
        feature_dropout=0.0,
        learning_rate=6.74e-3,
        decay=0.995,
        epochs=1000,
        batch_size=1024,
        patience=60,
        max_steps=10000,
        n_members=1,
        seed=0,
    ):
        self.task = task
        self.hidden = hidden
        self.output_penalty = output_penalty
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.feature_dropout = feature_dropout
        self.learning_rate = learning_rate
        self.decay = decay
        self.epochs = epochs
        self.batch_size = batch_size
        self.patience = patience
        self.max_steps = max_steps
        self.n_members = n_members
        self.seed = seed

    def _check_options(self):
        if self.n_members < 1:
            raise ValueError(f"n_members must be at least 1, got {self.n_members}")

    def _train(self, X, y, X_val, y_val):
        # The seed of fit has been set; members follow in the same stream.
        fits = [self._train_member(X, y, X_val, y_val) for _ in range(self.n_members)]
        self._networks = [network for network, _, _ in fits]
        self.validation_loss_ = float(np.mean([loss for _, loss, _ in fits]))
        self.n_epochs_ = int(round(np.mean([epoch for _, _, epoch in fits])))
        shapes = self._shapes(X.double().numpy())
        self._means = shapes.mean(axis=0)
        self._constant = float(np.mean([n.intercept.item() for n in self._networks]))
        self._constant += self._means.sum()

    def _train_member(self, X, y, X_val, y_val):
        network = FeatureNetworks(X.amin(0), X.amax(0), self.hidden, self.dropout)

        def objective(X, y):
            shapes = network(X)
            score = F.dropout(shapes, self.feature_dropout, network.training).sum(1)
            return (
                self._loss(score + network.intercept, y)
                + self.output_penalty * (shapes**2).mean()
                + self.weight_decay * network.mean_square()
            )

        size = min(self.batch_size, len(X))
        best, epoch, _ = train_to_best(
            network,
            objective,
            lambda: self._loss(network(X_val).sum(1) + network.intercept, y_val),
            X,
            y,
            optimizer=torch.optim.Adam(network.parameters(), lr=self.learning_rate, fused=True),
            epochs=epochs_within(self.epochs, len(X), size, self.max_steps),
            batch_size=size,
            patience=self.patience,
            decay=self.decay,
        )
        return network, best, epoch

    def _shapes(self, X):
        """(n, d) mean of the members' f_k(x_k), not centred."""
        with torch.no_grad():
            return sum(n(tensor(X)).double() for n in self._networks).numpy() / self.n_members

    @property
    def reading_(self):
        """What a reader has to hold: no curve is ever 0."""
        return {"curves": len(self._means)}

    def _parts(self, X):
        return self._shapes(X) - self._means, np.full(len(X), self._constant)

    def local_coef(self, X):
        """(n, d) slopes f_k'(x_k), on the scale of the target (of the logit)."""
        X = tensor(self._checked(X)).requires_grad_()
        # f_k depends on x_k alone, so the gradient of the sum holds every slope.
        total = sum(network(X).sum() for network in self._networks) / self.n_members
        (slopes,) = torch.autograd.grad(total, X)
        return slopes.double().numpy() * self._scale

    @property
    def fit_info_(self):
        return {
            "epochs": self.n_epochs_,
            "learning_rate": self.learning_rate,
            "output_penalty": self.output_penalty,
            "members": self.n_members,
            "validation_loss": self.validation_loss_,
        }
