"""A multilayer perceptron with early stopping on validation rows, shared by two methods."""

from __future__ import annotations

from itertools import groupby, pairwise

import numpy as np
import torch
from sklearn.utils import check_X_y

from baselines._adam import Adam
from baselines._layers import chain
from baselines._neural import tensor
from baselines._score import ScoreModel, center_and_scale
from baselines._stacked import (
    Stack,
    linear_start,
    loss_of,
    never_finite,
    train_to_best,
)
from baselines._together import Together, fit_together


class Networks(Stack):
    """Linear layers with a dropout after every hidden activation; one output.

    Parameters
    ----------
    starts, generators
        See :class:`baselines._stacked.Stack`.
    activations : K sequences of str
        One word of ``baselines._layers.ACTIVATIONS`` per hidden layer.
    dropout : K floats
    """

    def __init__(self, starts, generators, activations, dropout):
        super().__init__(starts, generators, dropout=dropout)
        self.width = self.shapes["bias0"][0]
        self.activations = list(activations)

    @staticmethod
    def start(n_features, width, n_hidden, generator):
        """Parameters of one network before training."""
        sizes = [n_features] + [width] * n_hidden + [1]
        layers = [linear_start(a, b, generator) for a, b in pairwise(sizes)]
        return {
            f"{name}{at}": value
            for at, layer in enumerate(layers)
            for name, value in zip(("weight", "bias"), layer, strict=True)
        }

    def keep(self, which):
        super().keep(which)
        self.activations = [self.activations[k] for k in which]

    def alone(self, k, row=None):
        other = super().alone(k, row)
        other.activations = [self.activations[k]]
        return other

    def layers(self):
        """Weights (K, out, in) and biases (K, out) of each layer, the first layer first."""
        values = list(self.parameters.values())
        return list(zip(values[::2], values[1::2], strict=True))

    def __call__(self, X):
        """(K, n) outputs."""
        n_hidden = len(self.activations[0])
        # the numbers of the first layer are drawn before those of the second
        shape = len(self), n_hidden, X.shape[-2], self.width
        mask = self.mask(shape, self.numbers["dropout"])
        masks = None if mask is None else mask.unbind(1)
        runs = [
            [
                (name, len(list(run)))
                for name, run in groupby(words[at] for words in self.activations)
            ]
            for at in range(n_hidden)
        ]
        return chain(X, list(self.parameters.values()), runs, masks).squeeze(-1)


class MLP(Together, ScoreModel):
    """Multilayer perceptron for a real target or for labels 0/1.

    A real target is standardised with training moments inside and put back in ``predict``; the
    features are taken as they come.  Adam; the weights kept are those of the epoch with the least
    validation loss (squared error, or cross-entropy).

    Parameters
    ----------
    task : {"regression", "classification"}
    width : int
    activations : sequence of str
        One per hidden layer.
    dropout, learning_rate, weight_decay : float
        Decoupled weight decay (AdamW).
    batch_size : int or None
        None: full batch.
    max_epochs : int
    patience : int
        Epochs without a better validation loss after which training ends.
    seed : int

    Attributes
    ----------
    first_layer_weights_ : (width, d) array
    validation_loss_ : float
    n_epochs_ : int
        The epoch whose weights are kept.
    """

    def __init__(
        self,
        task="regression",
        *,
        width=64,
        activations=("tanh", "sin"),
        dropout=0.0,
        learning_rate=1e-3,
        weight_decay=0.0,
        batch_size=32,
        max_epochs=1000,
        patience=100,
        seed=0,
    ):
        self.task = task
        self.width = width
        self.activations = activations
        self.dropout = dropout
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.patience = patience
        self.seed = seed

    def _prepare(self, X, y, X_val, y_val):
        """Rows as tensors, the target on the inner scale.

        Raises
        ------
        ValueError
            NaN, infinite values, or rows of X and y that do not match.
        """
        check_X_y(X, y)
        check_X_y(X_val, y_val)
        self._center, self._scale = center_and_scale(y, self.task)
        return tensor(X), self._target(y), tensor(X_val), self._target(y_val)

    def _target(self, y):
        return tensor((np.asarray(y) - self._center) / self._scale)

    def _shape(self, n_rows):
        return self.width, len(self.activations), min(self.batch_size or n_rows, n_rows)

    def _layer(self, n_rows, n_features):
        return min(self.batch_size or n_rows, n_rows) * self.width

    @staticmethod
    def _train(models, generators, X, y, X_val, y_val):
        width, n_hidden, batch_size = models[0]._shape(len(X))
        networks = Networks(
            [Networks.start(X.shape[1], width, n_hidden, g) for g in generators],
            generators,
            [model.activations for model in models],
            [model.dropout for model in models],
        )
        loss = loss_of(models[0].task)
        found = train_to_best(
            networks,
            lambda X, y: loss(networks(X), y),
            lambda: loss(networks(X_val), y_val),
            X,
            y,
            optimizer=Adam(
                networks,
                [model.learning_rate for model in models],
                [model.weight_decay for model in models],
            ),
            epochs=[model.max_epochs for model in models],
            batch_size=batch_size,
            join=False,
            patience=[model.patience for model in models],
        )
        return [model._take(*result) for model, result in zip(models, found, strict=True)]

    def _take(self, network, validation_loss, epoch):
        """Keep what training has found; return what it failed with."""
        if network is None:
            return never_finite()
        self._network, self.validation_loss_, self.n_epochs_ = network, validation_loss, epoch
        weight, _ = network.layers()[0]
        self.first_layer_weights_ = weight[0].detach().double().numpy()
        return None

    def decision_function(self, X):
        """(n,) predicted values, or logits in classification."""
        with torch.no_grad():
            return self._network(tensor(X))[0].double().numpy() * self._scale + self._center

    def gradient(self, X):
        """(n, d) derivatives of the prediction, or of the logit, by each feature, in float64.

        In units of the response per unit of the feature, by backpropagation through a copy of the
        network in double precision.
        """
        rows = torch.tensor(np.asarray(X), dtype=torch.float64, requires_grad=True)
        (slopes,) = torch.autograd.grad(self._network.double()(rows).sum(), rows)
        return slopes.numpy() * self._scale

    def layers(self):
        """Weights (out, in) and biases (out,) of each layer in float64, the first layer first.

        Between two layers stands the activation of ``activations``; the last layer's output is in
        units of the response, with the target's scale and mean inside.
        """
        pairs = [
            (weight[0].detach().double().numpy(), bias[0].detach().double().numpy())
            for weight, bias in self._network.layers()
        ]
        weight, bias = pairs[-1]
        return [*pairs[:-1], (weight * self._scale, bias * self._scale + self._center)]

    @property
    def fit_info_(self):
        return {
            "epochs": self.n_epochs_,
            "learning_rate": self.learning_rate,
            "dropout": self.dropout,
            "weight_decay": self.weight_decay,
            "activations": "-".join(self.activations),
            "validation_loss": self.validation_loss_,
        }


class MLPSearch:
    """The candidate with the smallest validation loss.

    Parameters
    ----------
    task : {"regression", "classification"}
    candidates : list of dict
        Arguments of :class:`MLP`, one dict per network to be tried.
    seed : int
    **common
        Arguments of :class:`MLP` shared by all; a candidate's own come first.

    Attributes
    ----------
    best_ : MLP
    first_layer_weights_ : (width, d) array
    fit_info_ : dict
    """

    def __init__(self, task="regression", candidates=({},), seed=0, **common):
        self.task = task
        self.candidates = candidates
        self.seed = seed
        self.common = common

    def fit(self, X, y, X_val, y_val):
        """Train every candidate on (X, y), stop and choose by (X_val, y_val)."""
        fitted = [
            MLP(self.task, seed=self.seed, **{**self.common, **candidate})
            for candidate in self.candidates
        ]
        for error in fit_together(fitted, X, y, X_val, y_val):
            if error is not None:
                raise error
        self.best_ = min(fitted, key=lambda model: model.validation_loss_)
        self.first_layer_weights_ = self.best_.first_layer_weights_
        self.fit_info_ = {**self.best_.fit_info_, "n_candidates": len(fitted)}
        return self

    def predict(self, X):
        """(n,) predicted values, or labels 0/1."""
        return self.best_.predict(X)

    def predict_proba(self, X):
        """(n, 2) class probabilities; classification only."""
        return self.best_.predict_proba(X)

    def decision_function(self, X):
        """(n,) predicted values, or logits in classification."""
        return self.best_.decision_function(X)

    def gradient(self, X):
        """(n, d) derivatives of the prediction, or of the logit, in float64."""
        return self.best_.gradient(X)
