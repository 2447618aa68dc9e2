"""LocalGLMnet: a generalised linear model whose coefficients are a network of the features."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from torch import nn

from baselines._adam import NAdam
from baselines._layers import chain
from baselines._neural import NeuralModel, tensor
from baselines._stacked import (
    Stack,
    epochs_within,
    linear_start,
    loss_of,
    never_finite,
    train_to_best,
)

STARTS = ("null", "glm")
SMOOTHING = 1e-5  # under the root of the l1 penalty, which has no kink then


class Attention(Stack):
    """Features to regression attentions beta(x), and a free intercept.

    Parameters
    ----------
    starts, generators
        See :class:`baselines._stacked.Stack`.
    settings : K numbers each
        eta, alpha.
    """

    @staticmethod
    def start(coef, intercept, hidden, generator):
        """Parameters of one network that begins as a generalised linear model.

        Parameters
        ----------
        coef : (d,) array
        intercept : float
        hidden : sequence of int
            Widths of the tanh layers.
        """
        d = len(coef)
        found = {}
        for at, (fan_in, fan_out) in enumerate(pairwise([d, *hidden])):
            # the numbers that its linear layers draw before they are drawn anew
            linear_start(fan_in, fan_out, generator)
            found |= {
                f"weight{at}": torch.empty(fan_out, fan_in),
                f"bias{at}": torch.zeros(fan_out),
            }
        linear_start([d, *hidden][-1], d, generator)
        for name, value in found.items():
            if name.startswith("weight"):
                nn.init.xavier_uniform_(value, generator=generator)
        # Whatever the bias, the model starts as a generalised linear one.
        return found | {
            "output_weight": torch.zeros(d, [d, *hidden][-1]),
            "output_bias": tensor(coef),
            "intercept": tensor([intercept]),
        }

    def __call__(self, X):
        """(K, n, d) attentions, and (K, 1) intercepts."""
        *layers, intercept = self.parameters.values()
        tanh = [[("tanh", len(self))]] * (len(layers) // 2 - 1)
        return chain(X, layers, tanh), intercept

    def objective(self, X, y, loss):
        """(K,) loss and penalty."""
        attentions, intercept = self(X)
        eta, alpha = (self.numbers[name].view(-1, 1, 1) for name in ("eta", "alpha"))
        found = loss((attentions * X).sum(2) + intercept, y)
        return found + elastic_net(attentions, eta, alpha).mean(1) if eta.any() else found


def elastic_net(attentions, eta, alpha):
    """(..., n) penalty eta [alpha sum_j sqrt(beta_j^2 + 1e-5) + (1 - alpha) sum_j beta_j^2].

    Parameters
    ----------
    attentions : (..., n, d) tensor
    eta, alpha : floats, or tensors that fit
    """
    square = attentions**2
    return (eta * (alpha * (square + SMOOTHING).sqrt() + (1 - alpha) * square)).sum(-1)


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

    def _begin(self, X, y, generator):
        """Parameters of the network before training."""
        coef, intercept = np.zeros(X.shape[1]), 0.0
        if self.task == "classification":
            share = float(np.clip(y.mean().item(), 1 / (2 * len(y)), 1 - 1 / (2 * len(y))))
            intercept = np.log(share / (1 - share))
        if self.start == "glm":
            coef, intercept = _generalised_linear(self.task, X.numpy(), y.numpy())
        return Attention.start(coef, float(intercept), self.hidden, generator)

    def _shape(self, n_rows):
        return tuple(self.hidden), min(self.batch_size, n_rows)

    def _layer(self, n_rows, n_features):
        return min(self.batch_size, n_rows) * max(n_features, *self.hidden)

    @staticmethod
    def _train(models, generators, X, y, X_val, y_val):
        _, batch_size = models[0]._shape(len(X))
        starts = [m._begin(X, y, g) for m, g in zip(models, generators, strict=True)]
        settings = {name: [getattr(m, name) for m in models] for name in ("eta", "alpha")}
        networks = Attention(starts, generators, **settings)
        loss = loss_of(models[0].task)
        found = train_to_best(
            networks,
            lambda X, y: networks.objective(X, y, loss),
            lambda: networks.objective(X_val, y_val, loss),
            X,
            y,
            optimizer=NAdam(networks, [m.learning_rate for m in models], [0.0] * len(models)),
            epochs=[epochs_within(m.epochs, len(X), batch_size, m.max_steps) for m in models],
            batch_size=batch_size,
        )
        return [model._take(*result) for model, result in zip(models, found, strict=True)]

    def _take(self, network, validation_loss, epoch):
        """Keep what training has found; return what it failed with."""
        if network is None:
            return never_finite()
        self._network, self.validation_loss_, self.n_epochs_ = network, validation_loss, epoch
        self.first_layer_weights_ = network.parameters["weight0"][0].detach().double().numpy()
        return None

    def _attentions(self, X):
        with torch.no_grad():
            return self._network(tensor(X))[0][0].double().numpy()

    def _parts(self, X):
        return self._attentions(X) * X, np.full(len(X), self._network.rows[0, -1].item())

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
