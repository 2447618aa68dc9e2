"""LocalGLMnet: a generalised linear model whose coefficients are a network of the features."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from torch import nn

from baselines._neural import NeuralModel, epochs_within, tensor, train_to_best

STARTS = ("null", "glm")
SMOOTHING = 1e-5  # under the root of the l1 penalty, which has no kink then


class Attention(nn.Module):
    """Features to regression attentions beta(x), and a free intercept.

    Parameters
    ----------
    n_features : int
    hidden : sequence of int
        Widths of the tanh layers.
    """

    def __init__(self, n_features, hidden):
        super().__init__()
        sizes = [n_features, *hidden]
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.output = nn.Linear(sizes[-1], n_features)
        self.intercept = nn.Parameter(torch.zeros(()))
        for layer in self.hidden:
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        # Whatever the bias, the model starts as a generalised linear one.
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, X):
        """(n, d) attentions."""
        h = X
        for layer in self.hidden:
            h = torch.tanh(layer(h))
        return self.output(h)


def elastic_net(attentions, eta, alpha):
    """(n,) penalty eta [alpha sum_j sqrt(beta_j^2 + 1e-5) + (1 - alpha) sum_j beta_j^2]."""
    square = attentions**2
    return eta * (alpha * (square + SMOOTHING).sqrt() + (1 - alpha) * square).sum(1)


class LocalGLMnet(NeuralModel):
    """LocalGLMnet, with or without the elastic-net penalty on the attentions.

        g(E y) = b0 + beta(x)' x

    The published networks, start and training: tanh layers, last layer 0 with b0 the mean, NAdam,
    300 epochs, the weights with the smallest validation loss (penalty included).

    Parameters
    ----------
    task : {"regression", "classification"}
    hidden : sequence of int
    eta, alpha : float
        Strength of the penalty on the scale of the standardised target, and share of its l1 part.
    start : {"null", "glm"}
        Begin at the constant, or at the generalised linear model fitted to the training rows.
    learning_rate : float
    epochs, batch_size : int
    max_steps : int
        Limit on optimiser steps; the epochs are cut to it.
    seed : int

    Attributes
    ----------
    first_layer_weights_ : (h, d) array
    validation_loss_ : float
    n_epochs_ : int
        The epoch whose weights are kept.
    """

    def __init__(
        self,
        task="regression",
        *,
        hidden=(15, 10),
        eta=0.0,
        alpha=1.0,
        start="null",
        learning_rate=1e-3,
        epochs=300,
        batch_size=5000,
        max_steps=10000,
        seed=0,
    ):
        self.task = task
        self.hidden = hidden
        self.eta = eta
        self.alpha = alpha
        self.start = start
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.max_steps = max_steps
        self.seed = seed

    def _check_options(self):
        if self.start not in STARTS:
            raise ValueError(f"start must be one of {STARTS}, got {self.start!r}")

    def _begin(self, X, y):
        """The network before training."""
        network = Attention(X.shape[1], self.hidden)
        coef, intercept = np.zeros(X.shape[1]), 0.0
        if self.task == "classification":
            share = float(np.clip(y.mean().item(), 1 / (2 * len(y)), 1 - 1 / (2 * len(y))))
            intercept = np.log(share / (1 - share))
        if self.start == "glm":
            coef, intercept = _generalised_linear(self.task, X.numpy(), y.numpy())
        with torch.no_grad():
            network.output.bias.copy_(tensor(coef))
            network.intercept.fill_(float(intercept))
        return network

    def _train(self, X, y, X_val, y_val):
        network = self._begin(X, y)

        def objective(X, y):
            attentions = network(X)
            score = (attentions * X).sum(1) + network.intercept
            penalty = elastic_net(attentions, self.eta, self.alpha).mean() if self.eta else 0.0
            return self._loss(score, y) + penalty

        size = min(self.batch_size, len(X))
        self.validation_loss_, self.n_epochs_, _ = train_to_best(
            network,
            objective,
            lambda: objective(X_val, y_val),
            X,
            y,
            optimizer=torch.optim.NAdam(network.parameters(), lr=self.learning_rate),
            epochs=epochs_within(self.epochs, len(X), size, self.max_steps),
            batch_size=size,
        )
        self._network = network
        self.first_layer_weights_ = network.hidden[0].weight.detach().double().numpy()

    def _attentions(self, X):
        with torch.no_grad():
            return self._network(tensor(X)).double().numpy()

    def _parts(self, X):
        return self._attentions(X) * X, np.full(len(X), self._network.intercept.item())

    def local_coef(self, X):
        """(n, d) attentions beta(x), on the scale of the target (of the logit)."""
        return self._attentions(self._checked(X)) * self._scale

    @property
    def fit_info_(self):
        return {
            "epochs": self.n_epochs_,
            "learning_rate": self.learning_rate,
            "eta": self.eta,
            "alpha": self.alpha,
            "validation_loss": self.validation_loss_,
        }


def _generalised_linear(task, X, y):
    """(coefficients, intercept) of least squares, or of nearly unpenalised logistic regression."""
    from sklearn.linear_model import LinearRegression, LogisticRegression

    if task == "regression":
        model = LinearRegression().fit(X, y)
        return model.coef_, model.intercept_
    # Without any penalty separable rows would have no finite solution.
    model = LogisticRegression(C=100.0, max_iter=1000).fit(X, y)
    return model.coef_[0], model.intercept_[0]
