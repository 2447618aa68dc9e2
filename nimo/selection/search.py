"""The sparse phase over a grid of penalties, and the linear end of that grid.

Only training and validation rows are seen here.
"""

from __future__ import annotations

import math

import torch

from nimo.paper.checkpoint import Best
from nimo.paper.problem import Problem, initial_state, validation_loss
from nimo.paper.state import State
from nimo.selection.training import Phase, train
from nimo.settings import Settings
from nimo.solvers.lasso import lasso_path, lasso_start, minimise_linear

PENALTIES = (1e-3, 4e-3)
GROUP_PENALTIES = (3e-4, 1e-3, 3e-3)
GROUP_START = 1e-2
# Share of ``max_steps`` that the search takes: enough to see which features matter. Fitting comes
# after it.
SEARCH_SHARE = 0.5
# Shares of the search after which the worse half of the grid is given up.
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


def _values(given: float | str, grid: tuple[float, ...]) -> list[float]:
    return list(grid) if given == "auto" else [float(given)]


def sparse_phase(problem: Problem, settings: Settings, grid: list[dict], **options) -> Phase:
    """The paper's algorithms with the estimator's settings.

    Parameters
    ----------
    grid : list of dict
        ``penalty`` and ``group_penalty`` of each model.
    options
        Of :class:`nimo.selection.training.Phase`.
    """
    penalty, group = (
        torch.tensor([pair[name] for pair in grid], dtype=torch.float64, device=problem.x.device)
        for name in ("penalty", "group_penalty")
    )
    return Phase(
        penalty=penalty,
        group_penalty=group.float(),
        noise=settings.noise,
        noise_at_baseline=True,
        delta=settings.delta,
        scales=settings.penalty != 0,
        patience=PATIENCE,
        **options,
    )


def _train_sparse(
    problem: Problem, settings: Settings, grid: list[dict], share: float, halve_at, progress
) -> Best:
    """A fresh network for each pair of penalties, for a share of ``max_steps``."""
    state = initial_state(problem, len(grid), settings.hidden)
    if settings.penalty != 0:
        lasso_start(problem, state, START_PENALTY)
    phase = sparse_phase(
        problem,
        settings,
        grid,
        steps=max(1, round(share * settings.max_steps)),
        learning_rate=settings.learning_rate,
        first_check=FIRST_CHECK,
        group_start=GROUP_START,
        halve_at=halve_at,
    )
    return train(problem, state, phase, progress)


def search_sparse(problem: Problem, settings: Settings, progress=None) -> tuple[Best, list[dict]]:
    """The best half of the better half of the grid, trained to the end.

    Returns
    -------
    Best of the models that are left, and a record of each
    """
    penalties = _values(settings.penalty, PENALTIES)
    groups = _values(settings.group_penalty, GROUP_PENALTIES)
    grid = [
        {"penalty": p, "group_penalty": g}
        for p in penalties
        for g in groups
        for _ in range(settings.n_init)
    ]
    # One pair of penalties: this is the fit, not a search.
    share = SEARCH_SHARE if len(penalties) * len(groups) > 1 else 1.0
    best = _train_sparse(problem, settings, grid, share, HALVE_AT, progress)
    records = [
        grid[m] | {"steps": int(s)} for m, s in zip(best.models.tolist(), best.step, strict=True)
    ]
    return best, records


def more_members(
    problem: Problem, settings: Settings, record: dict, count: int, progress=None
) -> State:
    """Fresh networks with the penalties in ``record``, all trained to the end."""
    return _train_sparse(problem, settings, [record] * count, 1.0, (), progress).state


def search_linear(problem: Problem, settings: Settings) -> tuple[State, dict]:
    """The best model of the lasso path, without corrections."""
    penalties = _values(settings.penalty, LINEAR_PENALTIES)
    penalty = torch.tensor(penalties, dtype=torch.float64, device=problem.x.device)
    state = initial_state(problem, 1, settings.hidden)
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
