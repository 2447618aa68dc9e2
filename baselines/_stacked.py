"""Networks of one shape side by side: their parameters are the rows of one matrix.

On one thread a step of a small network is mostly what it takes to call its operations.  Networks
whose layers have the same sizes share the calls: a layer is one product of batched matrices.  Each
network has its own random numbers, rows, step sizes and end, so that its training is what it would
be alone, up to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

if TYPE_CHECKING:
    from baselines._adam import Adam


class Stack:
    """K networks of one shape; a subclass defines ``__call__``.

    Parameters
    ----------
    starts : sequence of K mappings from names to tensors
        The parameters of each network before training; the same names and shapes in all.
    generators : sequence of K torch.Generator, optional
        Where each network's random numbers come from; needed for training only.
    settings : mapping of str to K numbers
        What differs from network to network.

    Attributes
    ----------
    rows : (K, P) tensor
        All parameters of a network, one after the other.
    parameters : dict of str to (K, *shape) tensor
        Views of the rows, by which losses are differentiated.
    numbers : dict of str to (K,) tensor
        The settings.
    training : bool
    """

    def __init__(
        self,
        starts: Sequence[Mapping[str, torch.Tensor]],
        generators: Sequence[torch.Generator] = (),
        **settings,
    ):
        self.shapes = {name: tuple(value.shape) for name, value in starts[0].items()}
        self.generators = list(generators)
        self.numbers = {
            name: torch.tensor(values, dtype=torch.get_default_dtype())
            for name, values in settings.items()
        }
        self.training = False
        self._hold(
            torch.stack([torch.cat([v.flatten() for v in start.values()]) for start in starts])
        )

    def _hold(self, rows):
        """Take these rows (K, P), and the parameters as views of them."""
        self.rows = rows
        pieces = rows.split([math.prod(shape) for shape in self.shapes.values()], dim=1)
        self.parameters = {
            name: piece.view(len(rows), *shape).detach().requires_grad_()
            for (name, shape), piece in zip(self.shapes.items(), pieces, strict=True)
        }

    def __getstate__(self):
        return {name: value for name, value in self.__dict__.items() if name != "parameters"}

    def __setstate__(self, state):
        self.__dict__.update(state)
        self._hold(self.rows)

    def __len__(self):
        return len(self.rows)

    def gradient(self, loss: torch.Tensor) -> torch.Tensor:
        """(K, P) derivatives of the sum of the losses (K,): each by the network's own row."""
        leaves = list(self.parameters.values())
        found = torch.autograd.grad(loss, leaves, torch.ones_like(loss))
        return torch.cat([slope.flatten(1) for slope in found], dim=1)

    def keep(self, which: Sequence[int]):
        """Go on with some of the networks."""
        self.generators = [self.generators[k] for k in which]
        self.numbers = {name: values[list(which)] for name, values in self.numbers.items()}
        self._hold(self.rows[list(which)])

    def alone(self, k: int, row: torch.Tensor | None = None):
        """One of the networks as a stack of its own, not in training.

        Parameters
        ----------
        k : int
        row : (P,) tensor, optional
            Its parameters, if not those of today.
        """
        other = copy(self)
        other.generators, other.training = [], False
        other.numbers = {name: values[k : k + 1] for name, values in self.numbers.items()}
        other._hold((self.rows[k] if row is None else row).clone()[None])
        return other

    def double(self):
        """The same networks in double precision."""
        other = copy(self)
        other._hold(self.rows.double())
        return other

    def dropout(self, h, rates: torch.Tensor, copies: int = 1):
        """Entries of h (K, ...) left out in training, each network at its rate (K,).

        ``copies``: the second axis holds that many versions of the same rows, which share a mask.
        """
        mask = self.mask((h.shape[0], h.shape[1] // copies, *h.shape[2:]), rates)
        if mask is None:
            return h
        return h * (mask if copies == 1 else torch.cat([mask] * copies, dim=1))

    def mask(self, shape, rates: torch.Tensor):
        """What dropout multiplies values of a shape (K, ...) with; None outside of training.

        The numbers are those of torch's dropout of one network after the other, which compares
        uniform numbers of double precision with the rate.  A network with the rate 0 draws nothing.
        """
        listed = rates.tolist() if self.training else [0.0]
        if not any(listed):
            return None
        # without a draw 0, which is below every share that is kept
        drawn = (torch.empty if all(listed) else torch.zeros)(shape, dtype=torch.float64)
        for piece, rate, generator in zip(drawn.unbind(), listed, self.generators, strict=True):
            if rate:
                piece.uniform_(generator=generator)
        kept = (1 - rates.double()).view(-1, *[1] * (len(shape) - 1))
        return (drawn < kept).to(self.rows.dtype) / kept.to(self.rows.dtype)


def affine(X, weight, bias):
    """(K, n, out) values of K linear layers.

    Parameters
    ----------
    X : (n, in) or (K, n, in) tensor
    weight : (K, out, in) tensor
    bias : (K, out) tensor
    """
    if X.dim() == 2:
        X = X.expand(len(weight), *X.shape)
    return torch.baddbmm(bias.unsqueeze(1), X, weight.transpose(1, 2))


def linear_start(fan_in: int, fan_out: int, generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights (out, in) and biases (out,) as ``torch.nn.Linear`` draws them."""
    weight = torch.empty(fan_out, fan_in)
    nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)
    bound = 1 / math.sqrt(fan_in)
    return weight, torch.empty(fan_out).uniform_(-bound, bound, generator=generator)


def loss_of(task: str) -> Callable:
    """Mean loss (K,) of scores (K, n) and targets (n,) or (K, n)."""
    each = F.mse_loss if task == "regression" else F.binary_cross_entropy_with_logits

    def loss(score, y):
        return each(score, y.expand_as(score), reduction="none").mean(1)

    return loss


def batches(n_rows: int, size: int, generators, join: bool = True) -> list[torch.Tensor]:
    """Row numbers (K, size) of one epoch, shuffled for each network, in batches.

    ``join``: a last batch of one row joins the one before.  Batch normalisation has no variance to
    divide by in a batch of one.
    """
    order = torch.stack([torch.randperm(n_rows, generator=g) for g in generators])
    pieces = list(order.split(size, dim=1))
    if join and len(pieces) > 1 and pieces[-1].shape[1] == 1:
        pieces[-2:] = [torch.cat(pieces[-2:], dim=1)]
    return pieces


def n_batches(n_rows: int, size: int) -> int:
    """Number of batches that :func:`batches` makes."""
    full, rest = divmod(n_rows, size)
    return max(1, full + (rest > 1 or (rest == 1 and full == 0)))


def epochs_within(epochs: int, n_rows: int, batch_size: int, max_steps: int) -> int:
    """Epochs that fit into ``max_steps`` optimiser steps, at least one."""
    return max(1, min(epochs, max_steps // n_batches(n_rows, batch_size)))


def never_finite() -> FloatingPointError:
    """What a network fails with that :func:`train_to_best` has nothing of."""
    return FloatingPointError("the validation loss was never finite; lower learning_rate")


def train_to_best(
    stack: Stack,
    loss: Callable,
    validation_loss: Callable,
    X,
    y,
    *,
    optimizer: Adam,
    epochs: Sequence[int],
    batch_size: int,
    join: bool = True,
    patience: Sequence[float] | None = None,
    decay: Sequence[float] | None = None,
) -> list[tuple[Stack | None, float, int]]:
    """Train and keep for each network the weights of the epoch of its smallest validation loss.

    Parameters
    ----------
    stack : Stack
    loss : callable (X (K, n, d), y (K, n)) -> (K,) tensor
        What is minimised on a batch, penalties included.
    validation_loss : callable () -> (K,) tensor
        Called without gradients and outside of training after every epoch.
    X, y : tensors of the training rows
    optimizer : Adam
    epochs : K ints
    batch_size : int
    join : bool
        See :func:`batches`.
    patience : K numbers, optional
        Epochs without a better validation loss after which a network's training ends.
    decay : K floats, optional
        Factor of the learning rate after every epoch.

    Returns
    -------
    (the network alone, its validation loss, its epoch from 1) of each; None for the first where the
    validation loss was never finite.
    """
    count = len(stack)
    patience = [math.inf] * count if patience is None else patience
    decay = [1.0] * count if decay is None else decay
    best, best_epoch = np.full(count, np.inf), np.zeros(count, dtype=int)
    best_rows = stack.rows.clone()
    found: list = [None] * count
    left = list(range(count))  # the networks that the rows of the stack belong to
    for epoch in range(1, max(epochs) + 1):
        stack.training = True
        for rows in batches(len(X), batch_size, stack.generators, join):
            optimizer.step(stack.gradient(loss(X[rows], y[rows])))
        stack.training = False
        rates = zip(optimizer.learning_rates, left, strict=True)
        optimizer.learning_rates = [rate * decay[k] for rate, k in rates]
        with torch.no_grad():
            now = validation_loss().tolist()
        going_on = []
        for at, (k, value) in enumerate(zip(left, now, strict=True)):
            if value < best[k]:
                best[k], best_epoch[k] = value, epoch
                best_rows[k] = stack.rows[at]
            elif epoch - best_epoch[k] >= patience[k]:
                continue
            if epoch < epochs[k]:
                going_on.append(at)
        for at in sorted(set(range(len(left))) - set(going_on)):
            k = left[at]
            network = stack.alone(at, best_rows[k]) if best_epoch[k] else None
            found[k] = (network, float(best[k]), int(best_epoch[k]))
        if len(going_on) < len(left):
            left = [left[at] for at in going_on]
            if not left:
                break
            stack.keep(going_on)
            optimizer.keep(going_on)
    return found
