"""The states of M models in training: scales c, gamma, intercept, and the network's weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from nimo.paper.network import Weights


@dataclass
class State:
    """M models in training. ``scale`` and ``inputs`` say what is still allowed to be non-zero."""

    weights: Weights
    scale: Tensor  # (M, d) c, 0 where a feature is dropped
    gamma: Tensor  # (M, d)
    intercept: Tensor  # (M,)
    inputs: Tensor  # (M, d) bool, columns of the first layer that may be non-zero

    # All fields but the weights.
    TENSORS: ClassVar = ("scale", "gamma", "intercept", "inputs")

    @property
    def coef(self) -> Tensor:
        return self.scale * self.gamma

    def select(self, models: Tensor) -> State:
        return State(
            self.weights.select(models),
            *(getattr(self, name)[models].clone() for name in self.TENSORS),
        )

    def copy(self) -> State:
        return self.select(torch.arange(len(self.intercept)))

    def used(self) -> Tensor:
        """Features (q,) that have a coefficient or may interact in any of the models."""
        return ((self.scale > 0) | self.inputs).any(0).nonzero()[:, 0]

    def narrow(self, features: Tensor) -> State:
        """The models on the given features (q,), which must be all that are used."""
        return State(
            self.weights.narrow(features),
            self.scale[:, features],
            self.gamma[:, features],
            self.intercept.clone(),
            self.inputs[:, features],
        )

    def widen(self, features: Tensor, d: int) -> State:
        """The reverse of :meth:`narrow`, for d features."""

        def spread(narrow: Tensor) -> Tensor:
            wide = narrow.new_zeros(len(narrow), d)
            wide[:, features] = narrow
            return wide

        return State(
            self.weights.widen(features, d),
            spread(self.scale),
            spread(self.gamma),
            self.intercept,
            spread(self.inputs),
        )

    @staticmethod
    def join(parts: list[State]) -> State:
        return State(
            Weights.join([p.weights for p in parts]),
            *(torch.cat([getattr(p, name) for p in parts]) for name in State.TENSORS),
        )


def kept_terms(scale: Tensor) -> Tensor:
    """Indices (M, k) of the non-zero scales; models with fewer are filled up with zero ones."""
    k = max(1, int((scale > 0).sum(1).max()))
    return torch.topk((scale > 0).to(torch.int8), k, dim=1).indices.sort(dim=1).values
