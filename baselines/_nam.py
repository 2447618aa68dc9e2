"""Neural additive models: one small network for each feature, summed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from torch.nn import functional as F

from baselines._adam import Adam
from baselines._neural import NeuralModel, tensor
from baselines._stacked import Stack, epochs_within, loss_of, never_finite, train_to_best

KNOT_SD = 0.5  # of the first layer's kinks, on the scale where a feature fills [-1, 1]


class FeatureNetworks(Stack):
    """ReLU networks of one input and one output, all features and all models at once.

    Parameters
    ----------
    starts, generators
        See :class:`baselines._stacked.Stack`.
    low, high : (d,) tensors
        Range of the training rows; it is moved to [-1, 1].
    settings : K numbers each
        dropout (within each network), feature_dropout, output_penalty, weight_decay.
    """

    def __init__(self, starts, generators, low, high, **settings):
        super().__init__(starts, generators, **settings)
        self.low, self.span = low, torch.where(high > low, high - low, torch.ones_like(low))

    @staticmethod
    def start(d, hidden, generator):
        """Parameters of one model before training; the intercept is the last."""
        weights = {
            # Glorot's uniform distribution
            f"weight{at}": (2 * torch.rand(d, a, b, generator=generator) - 1) * (6 / (a + b)) ** 0.5
            for at, (a, b) in enumerate(pairwise([1, *hidden, 1]))
        }
        # relu(w (x - c)): kinks spread over the range, not all at one point
        knots = torch.randn(d, 1, hidden[0], generator=generator) * KNOT_SD
        biases = {f"bias{at}": torch.zeros(d, 1, w) for at, w in enumerate(hidden[1:], start=1)}
        return weights | {"knots": knots} | biases | {"intercept": torch.zeros(1)}

    def __call__(self, X):
        """(K, n, d) values of the feature networks, and (K, 1) intercepts."""
        k, (n, d) = len(self), X.shape[-2:]
        parts = self.parameters
        flat = {
            name: part.reshape(k * d, *part.shape[2:])
            for name, part in parts.items()
            if name != "intercept"
        }
        x = (2 * (X - self.low) / self.span - 1).expand(k, n, d)
        h = F.relu((x.transpose(1, 2).reshape(k * d, n, 1) - flat["knots"]) * flat["weight0"])
        last = sum(name.startswith("weight") for name in flat) - 1
        for at in range(1, last):
            h = torch.baddbmm(flat[f"bias{at}"], self._dropped(h, d), flat[f"weight{at}"])
            h = F.relu(h)
        shapes = torch.bmm(self._dropped(h, d), flat[f"weight{last}"])
        return shapes.view(k, d, n).transpose(1, 2), parts["intercept"]

    def _dropped(self, h, d):
        shape = len(self), d, *h.shape[1:]
        return self.dropout(h.view(shape), self.numbers["dropout"]).view(h.shape)

    def score(self, X):
        """(K, n) predictions on the inner scale, (K, n, d) values of the feature networks."""
        shapes, intercept = self(X)
        # one mask for each row and feature, drawn feature by feature
        kept = self.dropout(shapes.transpose(1, 2), self.numbers["feature_dropout"])
        return kept.sum(1) + intercept, shapes

    def mean_square(self):
        """(K,) half the sum of squared parameters of the feature networks, over the features."""
        pieces = [part for name, part in self.parameters.items() if name != "intercept"]
        return 0.5 * sum((part**2).flatten(1).sum(1) for part in pieces) / len(self.low)


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

    def _shape(self, n_rows):
        return tuple(self.hidden), min(self.batch_size, n_rows), self.n_members

    def _layer(self, n_rows, n_features):
        return min(self.batch_size, n_rows) * n_features * max(self.hidden)

    @staticmethod
    def _train(models, generators, X, y, X_val, y_val):
        # the members of a model follow in the same stream of random numbers
        members = [
            _train_members(models, generators, X, y, X_val, y_val)
            for _ in range(models[0].n_members)
        ]
        return [model._take(fits, X) for model, *fits in zip(models, *members, strict=True)]

    def _take(self, fits, X):
        """Keep the members that training has found; return what one of them failed with."""
        if any(network is None for network, _, _ in fits):
            return never_finite()
        self._networks = [network for network, _, _ in fits]
        self.validation_loss_ = float(np.mean([loss for _, loss, _ in fits]))
        self.n_epochs_ = int(round(np.mean([epoch for _, _, epoch in fits])))
        shapes = self._shapes(X.double().numpy())
        self._means = shapes.mean(axis=0)
        intercepts = [network.rows[0, -1].item() for network in self._networks]
        self._constant = float(np.mean(intercepts)) + self._means.sum()
        return None

    def _shapes(self, X):
        """(n, d) mean of the members' f_k(x_k), not centred."""
        with torch.no_grad():
            shapes = sum(network(tensor(X))[0][0].double() for network in self._networks)
        return shapes.numpy() / self.n_members

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
        total = sum(network(X)[0].sum() for network in self._networks) / self.n_members
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


def _train_members(models, generators, X, y, X_val, y_val):
    """One member of each model, with what :func:`baselines._stacked.train_to_best` says of it."""
    hidden, batch_size, _ = models[0]._shape(len(X))
    settings = ("dropout", "feature_dropout", "output_penalty", "weight_decay")
    networks = FeatureNetworks(
        [FeatureNetworks.start(X.shape[1], hidden, generator) for generator in generators],
        generators,
        X.amin(0),
        X.amax(0),
        **{name: [getattr(model, name) for model in models] for name in settings},
    )
    loss = loss_of(models[0].task)

    def objective(X, y):
        score, shapes = networks.score(X)
        return (
            loss(score, y)
            + networks.numbers["output_penalty"] * (shapes**2).mean((1, 2))
            + networks.numbers["weight_decay"] * networks.mean_square()
        )

    return train_to_best(
        networks,
        objective,
        lambda: loss(networks.score(X_val)[0], y_val),
        X,
        y,
        optimizer=Adam(networks, [m.learning_rate for m in models], [0.0] * len(models)),
        epochs=[epochs_within(m.epochs, len(X), batch_size, m.max_steps) for m in models],
        batch_size=batch_size,
        patience=[model.patience for model in models],
        decay=[model.decay for model in models],
    )
