"""The states of M models in training: network, scales c, coefficients gamma, and the intercept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from nimo.paper.network import Weights


@dataclass
class State:
    """M models in training. ``scale`` and ``inputs`` say what is still allowed to be non-zero.

    Every field after the weights is a tensor with one row per model; those with two dimensions
    have one column per feature.
    """

    weights: Weights
    scale: Tensor  # (M, d) c, 0 where a feature is dropped
    gamma: Tensor  # (M, d)
    intercept: Tensor  # (M,)
    inputs: Tensor  # (M, d) bool, columns of the first layer that may be non-zero

    @property
    def coef(self) -> Tensor:
        """beta = c gamma, (M, d)."""
        return self.scale * self.gamma

    def tensors(self) -> dict[str, Tensor]:
        """All fields but the weights, by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "weights"}

    def _with(self, weights: Weights, change: Callable[[Tensor], Tensor]) -> State:
        return State(weights, **{name: change(t) for name, t in self.tensors().items()})

    def select(self, models: Tensor) -> State:
        """Copy of the given models."""
        return self._with(self.weights.select(models), lambda t: t[models].clone())

    def copy(self) -> State:
        return self.select(torch.arange(len(self.intercept)))

    def put(self, models: Tensor, other: State) -> None:
        """Take the given models over from ``other``, in place."""
        self.weights.flat[models] = other.weights.flat[models]
        theirs = other.tensors()
        for name, tensor in self.tensors().items():
            tensor[models] = theirs[name][models]

    def used(self) -> Tensor:
        """Features (q,) that have a coefficient or may interact in any of the models."""
        return ((self.scale > 0) | self.inputs).any(0).nonzero()[:, 0]

    def narrow(self, features: Tensor) -> State:
        """The models on the given features (q,), which must be all that are used."""
        return self._with(
            self.weights.narrow(features),
            lambda t: t[:, features] if t.ndim == 2 else t.clone(),
        )

    def widen(self, features: Tensor, d: int) -> State:
        """The reverse of :meth:`narrow`, for d features."""

        def spread(narrow: Tensor) -> Tensor:
            if narrow.ndim == 1:
                return narrow
            wide = narrow.new_zeros(len(narrow), d)
            wide[:, features] = narrow
            return wide

        return self._with(self.weights.widen(features, d), spread)

    @staticmethod
    def join(parts: list[State]) -> State:
        weights = Weights.join([part.weights for part in parts])
        names = parts[0].tensors()
        return State(
            weights, **{name: torch.cat([getattr(p, name) for p in parts]) for name in names}
        )


def kept_terms(scale: Tensor) -> Tensor:
    """Indices (M, k) of the non-zero scales; models with fewer are filled up with zero ones."""
    k = max(1, int((scale > 0).sum(1).max()))
    return torch.topk((scale > 0).to(torch.int8), k, dim=1).indices.sort(dim=1).values
