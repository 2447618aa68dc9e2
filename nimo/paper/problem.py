"""What is fitted and what has been found: rows, family and network, and the states of M models.

A state is completed by :func:`refit` and judged by :func:`validation_loss`; how it comes about is a
matter of :mod:`nimo.paper.algorithm` and :mod:`nimo.solvers`.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import torch
from torch import Tensor

from nimo.paper.elimination import solve
from nimo.paper.families import Family
from nimo.paper.network import Network, Weights, initial_weights
from nimo.paper.state import State, kept_terms

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

    @property
    def correction(self) -> Network:
        """The network of g, where there is one."""
        assert self.network is not None, "a problem without g has nothing to train by gradient"
        return self.network

    def narrow(self, features: Tensor) -> Problem:
        """The problem on the given features (q,) int64."""
        new = copy.copy(self)
        for name in ("x", "x_val", "x_fit", "x64", "x_val64", "x_fit64"):
            setattr(new, name, getattr(self, name)[:, features])
        if self.network is not None:
            new.network = self.network.narrow(features)
        return new


def initial_state(problem: Problem, models: int, hidden: int) -> State:
    """Fresh networks, c = 1, gamma = 0, all features allowed."""
    d = problem.x.shape[1]
    device = problem.x.device
    ones = torch.ones(models, d, dtype=torch.float64, device=device)
    intercept = problem.family.start(problem.y).expand(models).clone()
    weights = initial_weights(models, d, hidden, problem.generator).map(lambda t: t.to(device))
    return State(weights, ones, torch.zeros_like(ones), intercept, ones.bool())


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
