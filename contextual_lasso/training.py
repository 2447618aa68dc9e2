"""Full-batch training at one lambda with early stopping on the validation rows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch.nn.functional import softplus

from contextual_lasso.network import Adam


class SquaredLoss:
    """Squared error of real targets."""

    scales_target = True

    @staticmethod
    def values(prediction, y):
        return (prediction - y).square_()

    @staticmethod
    def gradient(prediction, y):
        return (prediction - y).mul_(2)


class LogisticLoss:
    """Cross-entropy of log-odds against targets 0 and 1."""

    scales_target = False

    @staticmethod
    def values(prediction, y):
        return softplus(prediction) - y * prediction

    @staticmethod
    def gradient(prediction, y):
        return torch.sigmoid(prediction) - y


LOSSES = {"squared": SquaredLoss, "logistic": LogisticLoss}


@dataclass(frozen=True)
class Batch:
    """Standardised training rows followed by the validation rows, float32."""

    X: torch.Tensor  # (n, d); float64 without an intercept, as in the original
    Z: torch.Tensor  # (n, m)
    y: torch.Tensor  # (n,)
    n_train: int


class Objective:
    """Loss of a network under a constraint, and its gradient.

    Parameters
    ----------
    network : Network; its first output is the intercept where ``intercept`` is true
    batch : Batch
    loss : SquaredLoss or LogisticLoss
    constraint : L1Ball or Mask
    intercept : bool
    """

    def __init__(self, network, batch, loss, constraint, intercept):
        self.network, self.batch, self.loss = network, batch, loss
        self.constraint, self.first = constraint, int(intercept)

    def evaluate(self, training=True):
        """(training loss, validation loss, theta) at the present weights."""
        n = self.batch.n_train
        raw = self.network.forward(self.batch.Z, n_dropout=n if training else 0)
        self.coef, theta = self.constraint.forward(raw[:, self.first :])
        self.prediction = (self.batch.X * self.coef).sum(1)
        if self.first:
            self.prediction += raw[:, 0]
        self.values = self.loss.values(self.prediction, self.batch.y)
        return self.values[:n].mean().item(), self.values[n:].mean().item(), theta

    def backpropagate(self):
        """Fill the network's gradient for the last evaluation."""
        n, first = self.batch.n_train, self.first
        slope = self.loss.gradient(self.prediction[:n], self.batch.y[:n]).mul_(1 / n)
        d_coef = self.constraint.backward((self.batch.X[:n] * slope[:, None]).float())
        self.network.backward(torch.cat((slope[:, None].float(), d_coef), 1) if first else d_coef)

    def validation_summary(self):
        """Standard error of the validation loss and mean number of non-zero coefficients."""
        values, coef = self.values[self.batch.n_train :], self.coef[self.batch.n_train :]
        return standard_error(values), torch.count_nonzero(coef).item() / len(coef)


def standard_error(values):
    """Population standard deviation over the root of the number of rows."""
    return values.std(correction=0).item() / math.sqrt(len(values))


@dataclass(frozen=True)
class Trained:
    """The kept state of one training."""

    weights: torch.Tensor  # flat
    theta: float
    train_loss: float
    val_loss: float
    epochs: int  # updates made when this state was reached


@torch.no_grad()
def train(objective, patience, max_epochs, early_stopping=True, history=None):
    """Train ``objective.network`` in place and return the kept state.

    The best validation loss starts at its value before training.  Training stops after
    ``patience`` epochs in a row without a strict improvement, or at ``max_epochs``; without
    ``early_stopping`` the training loss is watched and the last state is kept.  A loss that is no
    longer finite ends the training.

    Parameters
    ----------
    history : list or None
        Receives (training loss, validation loss, theta) of every epoch.
    """
    network = objective.network
    adam = Adam(network.weights.numpy(), network.gradient.numpy())
    train_loss, val_loss, theta = objective.evaluate(training=False)
    best = Trained(network.weights.clone(), theta, train_loss, val_loss, 0)
    watched = val_loss if early_stopping else math.inf
    stalled = updates = 0
    for epoch in range(1, max_epochs + 1):
        train_loss, val_loss, theta = objective.evaluate()
        if history is not None:
            history.append((train_loss, val_loss, theta))
        if not early_stopping or val_loss < best.val_loss:
            best = Trained(network.weights.clone(), theta, train_loss, val_loss, updates)
        score = val_loss if early_stopping else train_loss
        if score < watched:
            watched, stalled = score, 0
        else:
            stalled += 1
        if stalled >= patience or not math.isfinite(score):
            break
        if epoch < max_epochs:
            objective.backpropagate()
            adam.step()
            updates = epoch
    network.weights.copy_(best.weights)
    return best
