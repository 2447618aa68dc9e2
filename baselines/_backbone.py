"""The network of mesomorphic models: features to the weights of a linear model of every row."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch.nn import functional as F

from baselines._stacked import Stack, affine, linear_start


class Backbone(Stack):
    """Features to the weights of a linear model.

    Parameters
    ----------
    starts, generators
        See :class:`baselines._stacked.Stack`.
    kind : {"residual", "mlp"}
    settings : K numbers each
        dropout, and what the objective takes.

    Attributes
    ----------
    moving : list of pairs of (K, width) tensors
        Mean and variance of each batch normalisation, moved along in training; none without.
    """

    def __init__(self, starts, generators, kind, **settings):
        super().__init__(starts, generators, **settings)
        self.kind = kind
        self.moving = [
            (torch.zeros(len(starts), shape[0]), torch.ones(len(starts), shape[0]))
            for name, shape in self.shapes.items()
            if name.startswith("gain")
        ]

    @staticmethod
    def start(n_features, width, n_blocks, kind, batch_norm, zero_last_layer, generator):
        """Parameters of one network before training.

        Parameters
        ----------
        n_features, width : int
        n_blocks : int
            Residual blocks, or further hidden layers of the MLP.
        kind : {"residual", "mlp"}
        batch_norm : bool
        zero_last_layer : bool
            Start from the linear model 0.
        """
        n_hidden = (2 if kind == "residual" else 1) * n_blocks
        sizes = [n_features] + [width] * (n_hidden + 1) + [n_features + 1]
        layers = [linear_start(fan_in, fan_out, generator) for fan_in, fan_out in pairwise(sizes)]
        if zero_last_layer:
            layers[-1] = tuple(torch.zeros_like(value) for value in layers[-1])
        found = {}
        for at, (weight, bias) in enumerate(layers):
            found |= {f"weight{at}": weight, f"bias{at}": bias}
            if batch_norm and at <= n_hidden:
                # Each block starts as the identity.
                last = kind == "residual" and at and at % 2 == 0
                found |= {f"gain{at}": (torch.zeros if last else torch.ones)(width)}
                found |= {f"offset{at}": torch.zeros(width)}
        return found

    def keep(self, which):
        super().keep(which)
        self.moving = [tuple(values[list(which)] for values in pair) for pair in self.moving]

    def alone(self, k, row=None):
        other = super().alone(k, row)
        other.moving = [tuple(values[k : k + 1].clone() for values in p) for p in self.moving]
        return other

    def __call__(self, X, copies=1):
        """(K, n, d + 1) weights, the intercept last.

        ``copies``: X holds that many versions of the same rows, one below the other.  In training
        the versions of a row share its dropout mask, and all rows share the batch statistics: two
        passes with masks of their own would differ where the inputs do not.
        """
        parts = self.parameters
        last = sum(name.startswith("weight") for name in parts) - 1
        rates = self.numbers["dropout"]

        def layer(h, at):
            return self._normed(affine(h, parts[f"weight{at}"], parts[f"bias{at}"]), at, parts)

        h = self.dropout(F.gelu(layer(X, 0)), rates, copies)
        if self.kind == "mlp":
            for at in range(1, last):
                h = self.dropout(F.gelu(layer(h, at)), rates, copies)
        else:
            for at in range(1, last, 2):
                inner = self.dropout(F.gelu(layer(h, at)), rates, copies)
                h = F.gelu(h + layer(inner, at + 1))
        return affine(h, parts[f"weight{last}"], parts[f"bias{last}"])

    def _normed(self, h, at, parts):
        """Batch normalisation of each network's units, where there is one."""
        if not self.moving:
            return h
        k, n, width = h.shape
        mean, variance = self.moving[at]
        units = F.batch_norm(
            h.transpose(0, 1).reshape(n, k * width),
            mean.view(-1),
            variance.view(-1),
            parts[f"gain{at}"].reshape(-1),
            parts[f"offset{at}"].reshape(-1),
            self.training,
        )
        return units.view(n, k, width).transpose(0, 1)

    def finite(self):
        """Whether all parameters and moving statistics are."""
        values = [self.rows, *(value for pair in self.moving for value in pair)]
        return all(torch.isfinite(value).all() for value in values)
