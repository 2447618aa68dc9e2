"""Monotone difference models: a function as the difference of two increasing networks."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch.nn import functional as F

from baselines._adam import Adam
from baselines._layers import IncreasingLayer
from baselines._neural import NeuralModel, tensor
from baselines._stacked import Stack, epochs_within, loss_of, never_finite, train_to_best

ACTIVATIONS = ("convex", "mixed")
WEIGHT_SPREAD = 1.0  # standard deviation of the logarithm of the initial weights


class Differences(Stack):
    """b + g(x) - h(x), g and h networks that increase in every feature.

    Their weights are softplus of what is trained.

    Parameters
    ----------
    starts, generators
        See :class:`baselines._stacked.Stack`.
    activations : K of {"convex", "mixed"}
        Softplus throughout, which makes g and h convex too; or, in each layer, one half softplus
        and one half its concave mirror image -softplus(-z).
    settings : K numbers each
        gradient_penalty.
    """

    def __init__(self, starts, generators, activations, **settings):
        mixed = [float(activation == "mixed") for activation in activations]
        super().__init__(starts, generators, mixed=mixed, **settings)

    @staticmethod
    def start(n_features, hidden, sharpness, generator):
        """Parameters of one model before training; of each layer those of g, then those of h.

        Parameters
        ----------
        hidden : sequence of int
            Widths of the layers of g, and of h.
        sharpness : float
            Initial sum of the weights, and spread of the biases, of a unit of the first layer.  At
            1 the units are so smooth on features of unit scale that training starts near a linear
            model.
        """
        g, h = (_increasing(n_features, hidden, sharpness, generator) for _ in range(2))
        both = {name: torch.stack([g[name], h[name]]) for name in g}
        return both | {"intercept": torch.zeros(1)}

    def __call__(self, X):
        """(K, 2, n) values and (K, 2, n) sums of all partial derivatives, of g and of h.

        All partial derivatives are non-negative, so that their sum is the l1 norm of the gradient
        and the derivative along (1, ..., 1): one forward sweep gives both.
        """
        k, (n, d) = len(self), X.shape[-2:]
        *weights, last = self.weights()
        biases = [part.reshape(2 * k, 1, -1) for part in self._parts("bias")]
        linear = F.softplus(self.parameters["skip"]).view(2 * k, d, 1)
        # g and h of all models are one batch; values and slopes are rows of the same products
        X = X.expand(k, n, d).unsqueeze(1).expand(k, 2, n, d).reshape(2 * k, n, d)
        both = torch.cat([X, torch.ones_like(X)], dim=1)
        for weight, bias in zip(weights, biases, strict=True):
            both = IncreasingLayer.apply(both, weight, bias, self._sign(bias.shape[2]))
        both = torch.bmm(both, last.transpose(1, 2)).view(k, 2, 2, n)
        value = both[:, :, 0] + torch.bmm(X, linear).view(k, 2, n)
        return value, both[:, :, 1] + linear.view(k, 2, d).sum(2, keepdim=True)

    def _parts(self, kind):
        return [part for name, part in self.parameters.items() if name.startswith(kind)]

    def weights(self):
        """Non-negative weights (2 K, out, in) of each layer, the first layer first."""
        return [F.softplus(part.reshape(-1, *part.shape[2:])) for part in self._parts("raw")]

    def _sign(self, width):
        """(2 K, 1, width): -1 for the concave units; None where there is none."""
        mixed = self.numbers["mixed"]
        if not mixed.any():
            return None
        sign = torch.ones(len(self), 2, width)
        sign[:, :, width // 2 :] -= 2 * mixed.view(-1, 1, 1)
        return sign.view(-1, 1, width)

    def score(self, X):
        """(K, n) predictions and (K, n) sums of the slopes of g and h."""
        value, slope = self(X)
        intercept = self.parameters["intercept"]
        return intercept + value[:, 0] - value[:, 1], slope.sum(1)


def _increasing(n_features, hidden, sharpness, generator):
    """What one increasing network begins with."""
    found = {}
    for at, (fan_in, fan_out) in enumerate(pairwise([n_features, *hidden, 1])):
        # Positive weights cannot cancel: their sum, not their square sum, sets the scale.
        total = 1.0 if at else sharpness
        weights = torch.exp(WEIGHT_SPREAD * torch.randn(fan_out, fan_in, generator=generator))
        weights = total * weights / weights.sum(1, keepdim=True)
        found[f"raw{at}"] = torch.log(torch.expm1(weights))
        found[f"bias{at}"] = total * torch.randn(fan_out, generator=generator)
    del found[f"bias{len(hidden)}"]  # the model has one intercept
    # Beside the layers a linear part, which no layer has to imitate.
    return found | {"skip": torch.full((n_features,), math.log(math.expm1(1 / n_features)))}


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
        See :meth:`Differences.start`.
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

    def _shape(self, n_rows):
        return tuple(self.hidden), min(self.batch_size, n_rows)

    def _layer(self, n_rows, n_features):
        # values and slopes of g and of h
        return 4 * min(self.batch_size, n_rows) * max(n_features, *self.hidden)

    @staticmethod
    def _train(models, generators, X, y, X_val, y_val):
        hidden, batch_size = models[0]._shape(len(X))
        networks = Differences(
            [
                Differences.start(X.shape[1], hidden, model.sharpness, generator)
                for model, generator in zip(models, generators, strict=True)
            ],
            generators,
            [model.activation for model in models],
            gradient_penalty=[model.gradient_penalty for model in models],
        )
        loss = loss_of(models[0].task)

        def objective(X, y):
            score, slopes = networks.score(X)
            return loss(score, y) + networks.numbers["gradient_penalty"] * slopes.mean(1)

        found = train_to_best(
            networks,
            objective,
            lambda: loss(networks.score(X_val)[0], y_val),
            X,
            y,
            optimizer=Adam(
                networks, [m.learning_rate for m in models], [m.weight_decay for m in models]
            ),
            epochs=[epochs_within(m.epochs, len(X), batch_size, m.max_steps) for m in models],
            batch_size=batch_size,
            patience=[model.patience for model in models],
        )
        return [model._take(*result, X) for model, result in zip(models, found, strict=True)]

    def _take(self, network, validation_loss, epoch, X):
        """Keep what training has found; return what it failed with."""
        if network is None:
            return never_finite()
        self._network, self.validation_loss_, self.n_epochs_ = network, validation_loss, epoch
        self._means = X.double().mean(0).numpy()
        weights = network.weights()[0]
        self.first_layer_weights_ = weights.flatten(0, 1).detach().double().numpy()
        return None

    def _gradients(self, X):
        """Gradients (n, d) of g and of h, and predictions (n,), all on the inner scale."""
        X = tensor(X).requires_grad_()
        found = []
        for at in range(2):
            (gradient,) = torch.autograd.grad(self._network(X)[0][0, at].sum(), X)
            found.append(gradient.double().numpy())
        with torch.no_grad():
            return *found, self._network.score(X)[0][0].double().numpy()

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
