"""What is fitted and what has been found: rows, family and network, and the states of M models.

A state is completed by :func:`refit` and judged by :func:`validation_loss`; how it comes about is a
matter of :mod:`nimo.training` and :mod:`nimo.linear`.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from typing import ClassVar

import torch
from torch import Tensor

from nimo.families import Family
from nimo.network import Network, Weights
from nimo.profile import solve

# Rows of (row, term) pairs that one forward pass may hold, times hidden units, in floats.
MAX_FLOATS = 16_000_000
# Rows used where all rows would do, in training on random subsets of the rows.
FIT_ROWS = 4096


@dataclass
class Problem:
    """Rows, family and network: what stays the same for all models.

    ``y`` is on the training scale.  Tensors are float32 for the network, float64 for the profile.
    """

    x: Tensor  # (n, d) float32
    y: Tensor  # (n,) float64
    x_val: Tensor
    y_val: Tensor
    family: Family
    network: Network | None  # None: no g, the lasso
    generator: torch.Generator
    batch_rows: int | None = None
    x64: Tensor = field(init=False)
    x_val64: Tensor = field(init=False)
    # What a noise-free solution for gamma is computed on: all rows, or a sample of very many.
    x_fit: Tensor = field(init=False)
    x_fit64: Tensor = field(init=False)
    y_fit: Tensor = field(init=False)

    def __post_init__(self):
        self.x64 = self.x.double()
        self.x_val64 = self.x_val.double()
        self.x_fit, self.x_fit64, self.y_fit = self.x, self.x64, self.y
        if self.batch_rows is not None and len(self.x) > FIT_ROWS:
            order = torch.randperm(len(self.x), generator=self.generator)
            sample = order[:FIT_ROWS].to(self.x.device)
            self.x_fit, self.x_fit64 = self.x[sample], self.x64[sample]
            self.y_fit = self.y[sample]

    def narrow(self, features: Tensor) -> Problem:
        """The problem on the given features (q,) int64."""
        new = copy.copy(self)
        for name in ("x", "x_val", "x_fit", "x64", "x_val64", "x_fit64"):
            setattr(new, name, getattr(self, name)[:, features])
        if self.network is not None:
            new.network = replace(self.network, code=self.network.code[:, features])
        return new


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


def corrected_design(
    problem: Problem, weights: Weights, x: Tensor, x64: Tensor, terms: Tensor
) -> Tensor:
    """B = X (1 + G) without noise, (M, n, k) float64, in chunks of rows."""
    x_terms = x64.T[terms].mT
    if problem.network is None:
        return x_terms
    models, k = terms.shape
    per_row = models * k * weights.hidden.shape[1]
    chunk = max(1, MAX_FLOATS // per_row)
    g = [
        problem.network.forward(weights, problem.network.inputs(x[i : i + chunk], terms))[0]
        for i in range(0, len(x), chunk)
    ]
    return x_terms * (1 + torch.cat(g, dim=1).double())


def predictor(problem: Problem, state: State, x: Tensor, x64: Tensor) -> Tensor:
    """Linear predictor (M, n)."""
    terms = kept_terms(state.scale)
    coef = state.coef.gather(1, terms)
    design = corrected_design(problem, state.weights, x, x64, terms)
    return state.intercept[:, None] + (design @ coef[..., None])[..., 0]


def refit(problem: Problem, state: State, penalty: Tensor, newton_steps: int) -> None:
    """Solve gamma on the training rows without noise, in place."""
    terms = kept_terms(state.scale)
    scale = state.scale.gather(1, terms)
    design = (
        corrected_design(problem, state.weights, problem.x_fit, problem.x_fit64, terms)
        * scale[:, None]
    )
    gamma, state.intercept = solve(
        problem.family,
        design,
        problem.y_fit,
        penalty,
        state.gamma.gather(1, terms),
        state.intercept,
        newton_steps,
    )
    state.gamma = torch.zeros_like(state.gamma).scatter_(1, terms, gamma)


def validation_loss(problem: Problem, state: State) -> Tensor:
    """Mean loss of each model on the validation rows, (M,)."""
    eta = predictor(problem, state, problem.x_val, problem.x_val64)
    return problem.family.loss(eta, problem.y_val).mean(1)
