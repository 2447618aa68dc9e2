"""Monotone difference models: a function as the difference of two increasing networks."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from baselines._neural import NeuralModel, epochs_within, tensor, train_to_best

ACTIVATIONS = ("convex", "mixed")
WEIGHT_SPREAD = 1.0  # standard deviation of the logarithm of the initial weights


class Increasing(nn.Module):
    """A network that increases in every feature: weights are softplus of what is trained.

    Parameters
    ----------
    n_features : int
    hidden : sequence of int
    activation : {"convex", "mixed"}
        Softplus throughout, which makes the network convex too; or, in each layer, one half
        softplus and one half its concave mirror image -softplus(-z).
    sharpness : float
        Initial sum of the weights, and spread of the biases, of a unit of the first layer.  At 1
        the units are so smooth on features of unit scale that training starts near a linear model.
    """

    def __init__(self, n_features, hidden, activation, sharpness):
        super().__init__()
        sizes = [n_features, *hidden, 1]
        self.activation = activation
        self.raw, self.biases = nn.ParameterList(), nn.ParameterList()
        for fan_in, fan_out in pairwise(sizes):
            # Positive weights cannot cancel: their sum, not their square sum, sets the scale.
            total = 1.0 if self.raw else sharpness
            weights = torch.exp(WEIGHT_SPREAD * torch.randn(fan_out, fan_in))
            weights = total * weights / weights.sum(1, keepdim=True)
            self.raw.append(nn.Parameter(torch.log(torch.expm1(weights))))
            self.biases.append(nn.Parameter(total * torch.randn(fan_out)))
        # Beside the layers a linear part, which no layer has to imitate.
        self.skip = nn.Parameter(torch.full((n_features,), math.log(math.expm1(1 / n_features))))
        self.biases[-1].requires_grad_(False).zero_()  # the model has one intercept

    def weights(self):
        """Non-negative weight matrices, first layer first."""
        return [F.softplus(raw) for raw in self.raw]

    def forward(self, X):
        """(n,) values and (n,) sums of all partial derivatives.

        All partial derivatives are non-negative, so that their sum is the l1 norm of the gradient
        and the derivative along (1, ..., 1): one forward sweep gives both.
        """
        weights = self.weights()
        value, slope = X, torch.ones_like(X)
        for weight, bias in zip(weights[:-1], self.biases, strict=False):
            z, dz = F.linear(value, weight, bias), F.linear(slope, weight)
            if self.activation == "mixed":
                sign = torch.ones(len(bias))
                sign[len(bias) // 2 :] = -1.0
                value, slope = sign * F.softplus(sign * z), dz * torch.sigmoid(sign * z)
            else:
                value, slope = F.softplus(z), dz * torch.sigmoid(z)
        linear = F.softplus(self.skip)
        value = F.linear(value, weights[-1]).squeeze(1) + X @ linear
        return value, F.linear(slope, weights[-1]).squeeze(1) + linear.sum()


class Difference(nn.Module):
    """b + g(x) - h(x), g and h increasing in every feature."""

    def __init__(self, n_features, hidden, activation, sharpness):
        super().__init__()
        self.increasing = Increasing(n_features, hidden, activation, sharpness)
        self.decreasing = Increasing(n_features, hidden, activation, sharpness)
        self.intercept = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        """(n,) predictions and (n,) sums of the slopes of g and h."""
        g, slope_g = self.increasing(X)
        h, slope_h = self.decreasing(X)
        return self.intercept + g - h, slope_g + slope_h


class MonotoneDifference(NeuralModel):
    """Monotone difference model.

        f(x) = b + g(x) - h(x),  g and h increasing in every feature of the same x

    minimising loss + gradient_penalty mean_i sum_j (dg/dx_j + dh/dx_j).  g and h are determined
    only up to a common increasing part; the penalty keeps that part small.

    There is no additive form; contributions are gradient x (x - mean of the training rows), which
    add up to the prediction with an intercept that differs from row to row.

    Parameters
    ----------
    task : {"regression", "classification"}
    hidden : sequence of int
        Widths of the layers of g, and of h.
    activation : {"convex", "mixed"}
    sharpness : float
        See :class:`Increasing`.
    gradient_penalty : float
        On the scale of the standardised target.
    learning_rate, weight_decay : float
        AdamW.
    epochs, batch_size, patience : int
        Early stopping: the best epoch's weights are kept.
    max_steps : int
        Limit on optimiser steps; the epochs are cut to it.
    seed : int

    Attributes
    ----------
    first_layer_weights_ : (2 h, d) array
        Of g, then of h; non-negative.
    validation_loss_ : float
    n_epochs_ : int
        The epoch whose weights are kept.
    """

    def __init__(
        self,
        task="regression",
        *,
        hidden=(64, 64),
        activation="mixed",
        sharpness=3.0,
        gradient_penalty=1e-3,
        learning_rate=1e-2,
        weight_decay=0.0,
        epochs=1000,
        batch_size=256,
        patience=200,
        max_steps=10000,
        seed=0,
    ):
        self.task = task
        self.hidden = hidden
        self.activation = activation
        self.sharpness = sharpness
        self.gradient_penalty = gradient_penalty
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.epochs = epochs
        self.batch_size = batch_size
        self.patience = patience
        self.max_steps = max_steps
        self.seed = seed

    def _check_options(self):
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {ACTIVATIONS}, got {self.activation!r}")

    def _train(self, X, y, X_val, y_val):
        network = Difference(X.shape[1], self.hidden, self.activation, self.sharpness)

        def objective(X, y):
            score, slopes = network(X)
            return self._loss(score, y) + self.gradient_penalty * slopes.mean()

        size = min(self.batch_size, len(X))
        trained = [p for p in network.parameters() if p.requires_grad]
        self.validation_loss_, self.n_epochs_, _ = train_to_best(
            network,
            objective,
            lambda: self._loss(network(X_val)[0], y_val),
            X,
            y,
            optimizer=torch.optim.AdamW(
                trained, lr=self.learning_rate, weight_decay=self.weight_decay, fused=True
            ),
            epochs=epochs_within(self.epochs, len(X), size, self.max_steps),
            batch_size=size,
            patience=self.patience,
        )
        self._network = network
        self._means = X.double().mean(0).numpy()
        self.first_layer_weights_ = np.concatenate(
            [
                part.weights()[0].detach().double().numpy()
                for part in (network.increasing, network.decreasing)
            ]
        )

    def _gradients(self, X):
        """Gradients (n, d) of g and of h, and predictions (n,), all on the inner scale."""
        X = tensor(X).requires_grad_()
        found = []
        for part in (self._network.increasing, self._network.decreasing):
            (gradient,) = torch.autograd.grad(part(X)[0].sum(), X)
            found.append(gradient.double().numpy())
        with torch.no_grad():
            return *found, self._network(X)[0].double().numpy()

    def _parts(self, X):
        up, down, score = self._gradients(X)
        parts = (up - down) * (X - self._means)
        return parts, score - parts.sum(axis=1)

    def local_coef(self, X):
        """(n, d) gradient dg/dx_j - dh/dx_j, on the scale of the target (of the logit)."""
        up, down = self.monotone_gradients(X)
        return up - down

    def monotone_gradients(self, X):
        """Two (n, d) arrays, dg/dx_j and dh/dx_j, none negative, on the same scale."""
        up, down, _ = self._gradients(self._checked(X))
        return up * self._scale, down * self._scale

    @property
    def fit_info_(self):
        return {
            "epochs": self.n_epochs_,
            "activation": self.activation,
            "gradient_penalty": self.gradient_penalty,
            "learning_rate": self.learning_rate,
            "validation_loss": self.validation_loss_,
        }
