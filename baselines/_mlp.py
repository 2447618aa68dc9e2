"""A multilayer perceptron with early stopping on validation rows, shared by two methods."""

from __future__ import annotations

import copy
from itertools import pairwise

import numpy as np
import torch
from sklearn.utils import check_X_y
from torch import nn
from torch.nn import functional as F

from baselines._score import ScoreModel, center_and_scale

ACTIVATIONS = {"tanh": torch.tanh, "sin": torch.sin, "relu": F.relu, "gelu": F.gelu}


class Network(nn.Module):
    """Linear layers with a dropout after every hidden activation; one output.

    Parameters
    ----------
    n_features, width : int
    activations : sequence of str
        One word of ``ACTIVATIONS`` per hidden layer.
    dropout : float
    """

    def __init__(self, n_features, width, activations, dropout):
        super().__init__()
        sizes = [n_features] + [width] * len(activations)
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.output = nn.Linear(sizes[-1], 1)
        self.activations = [ACTIVATIONS[name] for name in activations]
        self.dropout = dropout

    def forward(self, X):
        for layer, activation in zip(self.hidden, self.activations, strict=True):
            X = F.dropout(activation(layer(X)), self.dropout, self.training)
        return self.output(X).squeeze(-1)


class MLP(ScoreModel):
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

    def fit(self, X, y, X_val, y_val):
        """Train on (X, y), stop by (X_val, y_val).

        Raises
        ------
        ValueError
            NaN, infinite values, or rows of X and y that do not match.
        """
        check_X_y(X, y)
        check_X_y(X_val, y_val)
        torch.set_num_threads(1)
        self._center, self._scale = center_and_scale(y, self.task)
        regression = self.task == "regression"
        loss = F.mse_loss if regression else F.binary_cross_entropy_with_logits
        # The caller's random state is left as it was.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            self._train(_tensor(X), self._target(y), _tensor(X_val), self._target(y_val), loss)
        self.first_layer_weights_ = self._network.hidden[0].weight.detach().double().numpy()
        return self

    def _target(self, y):
        return _tensor((np.asarray(y) - self._center) / self._scale)

    def _train(self, X, y, X_val, y_val, loss):
        network = Network(X.shape[1], self.width, self.activations, self.dropout)
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay
        )
        batch_size = self.batch_size or len(X)
        best, best_epoch, best_state = np.inf, 0, None
        for epoch in range(1, self.max_epochs + 1):
            network.train()
            for rows in torch.randperm(len(X)).split(batch_size):
                optimizer.zero_grad()
                loss(network(X[rows]), y[rows]).backward()
                optimizer.step()
            network.eval()
            with torch.no_grad():
                now = loss(network(X_val), y_val).item()
            if now < best:
                best, best_epoch, best_state = now, epoch, copy.deepcopy(network.state_dict())
            elif epoch - best_epoch >= self.patience:
                break
        if best_state is None:
            raise FloatingPointError("the validation loss was never finite; lower learning_rate")
        network.load_state_dict(best_state)
        self._network = network.eval()
        self.validation_loss_, self.n_epochs_ = best, best_epoch

    def decision_function(self, X):
        """(n,) predicted values, or logits in classification."""
        with torch.no_grad():
            return self._network(_tensor(X)).double().numpy() * self._scale + self._center

    def gradient(self, X):
        """(n, d) derivatives of the prediction, or of the logit, by each feature, in float64.

        In units of the response per unit of the feature, by backpropagation through a copy of the
        network in double precision.
        """
        network = copy.deepcopy(self._network).double()
        rows = torch.tensor(np.asarray(X), dtype=torch.float64, requires_grad=True)
        (slopes,) = torch.autograd.grad(network(rows).sum(), rows)
        return slopes.numpy() * self._scale

    def layers(self):
        """Weights (out, in) and biases (out,) of each layer in float64, the first layer first.

        Between two layers stands the activation of ``activations``; the last layer's output is in
        units of the response, with the target's scale and mean inside.
        """
        network = self._network
        pairs = [
            (layer.weight.detach().double().numpy(), layer.bias.detach().double().numpy())
            for layer in (*network.hidden, network.output)
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


def _tensor(a):
    return torch.as_tensor(np.asarray(a), dtype=torch.float32)


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
            MLP(self.task, seed=self.seed, **{**self.common, **candidate}).fit(X, y, X_val, y_val)
            for candidate in self.candidates
        ]
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
