"""The sparse phase over a grid of penalties, and the linear end of that grid.

Only training and validation rows are seen here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from nimo.linear import lasso_path, minimise_linear
from nimo.network import initial_weights
from nimo.problem import Problem, State, validation_loss
from nimo.training import Best, Phase, lasso_start, train

PENALTIES = (1e-3, 4e-3)
GROUP_PENALTIES = (3e-4, 1e-3, 3e-3)
GROUP_START = 1e-2
# Shares of the steps after which the worse half of the grid is given up.
HALVE_AT = (0.15, 0.35)
# Share of the sparse phase before the first look at the validation rows: real data may be
# overfitted long before the group penalty has reached its value.
FIRST_CHECK = 0.05
# Features that the lasso keeps at this penalty start active; the others may enter later.
START_PENALTY = 0.1
# Training ends when no model has improved for this share of the steps.
PATIENCE = 0.35
# Without corrections a fit costs next to nothing.
LINEAR_PENALTIES = tuple(10 ** (-4 + i / 6) for i in range(25))
# Going down them ends when so many in a row, a factor of ten, have not helped.
PATH_PATIENCE = 6


@dataclass
class Settings:
    """The estimator's parameters that training needs, see :class:`nimo.NIMORegressor`."""

    penalty: float | str = "auto"
    group_penalty: float | str = "auto"
    delta: float = 1.0
    relax: bool = False
    hidden: int = 64
    noise: float = 0.2
    learning_rate: float = 2e-2
    max_steps: int = 600
    n_init: int = 1


def _values(given: float | str, grid: tuple[float, ...]) -> list[float]:
    return list(grid) if given == "auto" else [float(given)]


def start_state(problem: Problem, models: int, hidden: int) -> State:
    """Fresh networks, c = 1, gamma = 0, all features allowed."""
    d = problem.x.shape[1]
    device = problem.x.device
    ones = torch.ones(models, d, dtype=torch.float64, device=device)
    intercept = problem.family.start(problem.y).expand(models).clone()
    weights = initial_weights(models, d, hidden, problem.generator).map(lambda t: t.to(device))
    return State(weights, ones, torch.zeros_like(ones), intercept, ones.bool())


def _train_sparse(
    problem: Problem, settings: Settings, grid: list[tuple[float, float]], halve_at, progress
) -> tuple[Best, Tensor]:
    """A fresh network for each pair of penalties; the second value is their lasso penalty."""
    device = problem.x.device
    penalty = torch.tensor([p for p, _ in grid], dtype=torch.float64, device=device)
    state = start_state(problem, len(grid), settings.hidden)
    sparse = settings.penalty != 0
    if sparse:
        lasso_start(problem, state, START_PENALTY)
    phase = Phase(
        steps=settings.max_steps,
        learning_rate=settings.learning_rate,
        penalty=penalty,
        group_penalty=torch.tensor([g for _, g in grid], dtype=torch.float32, device=device),
        noise=settings.noise,
        noise_at_baseline=True,
        delta=settings.delta,
        scales=sparse,
        first_check=FIRST_CHECK,
        group_start=GROUP_START,
        halve_at=halve_at,
        patience=PATIENCE,
    )
    return train(problem, state, phase, progress), penalty


def search_sparse(
    problem: Problem, settings: Settings, progress=None
) -> tuple[Best, list[dict], Tensor]:
    """The best half of the better half of the grid, trained to the end.

    Returns
    -------
    Best of the models that are left, a record of each, and their lasso penalties (M,)
    """
    penalties = _values(settings.penalty, PENALTIES)
    groups = _values(settings.group_penalty, GROUP_PENALTIES)
    grid = [(p, g) for p in penalties for g in groups for _ in range(settings.n_init)]
    best, penalty = _train_sparse(problem, settings, grid, HALVE_AT, progress)
    records = [
        {"penalty": grid[m][0], "group_penalty": grid[m][1], "steps": int(s)}
        for m, s in zip(best.models.tolist(), best.step, strict=True)
    ]
    return best, records, penalty[best.models]


def more_members(
    problem: Problem, settings: Settings, record: dict, count: int, progress=None
) -> State:
    """Further initialisations of the penalties in ``record``, none of them given up."""
    grid = [(record["penalty"], record["group_penalty"])] * count
    return _train_sparse(problem, settings, grid, (), progress)[0].state


def search_linear(problem: Problem, settings: Settings) -> tuple[State, dict]:
    """The best model of the lasso path, without corrections."""
    penalties = _values(settings.penalty, LINEAR_PENALTIES)
    penalty = torch.tensor(penalties, dtype=torch.float64, device=problem.x.device)
    state = start_state(problem, 1, settings.hidden)
    state.weights.features.zero_()  # closed columns: g = 0
    state.inputs.zero_()
    choice, best, least, since = 0, state, math.inf, 0
    for m, model in lasso_path(problem, state, penalty, settings.delta):
        loss = float(validation_loss(problem, model))
        since += bool((model.coef != 0).any())
        if loss < least:
            choice, best, least, since = m, model, loss, 0
        if since == PATH_PATIENCE:
            break
    minimise_linear(problem, best, penalty[[choice]], settings.delta)
    return best, {"penalty": penalties[choice], "group_penalty": 0.0, "steps": 1}
