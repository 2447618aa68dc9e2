"""Without g: the lasso, its penalty chosen on the validation rows.

Nothing has to be learned by gradient steps, so the grid of penalties can be fine.
"""

from __future__ import annotations

import math

import torch

from nimo.paper.algorithm import Progress
from nimo.paper.problem import Problem, initial_state, refit, validation_loss
from nimo.paper.settings import Settings
from nimo.paper.state import State
from nimo.selection.means import best_mean, mean_loss
from nimo.solvers.lasso import lasso_path, minimise_linear

LINEAR_PENALTIES = tuple(10 ** (-4 + i / 6) for i in range(25))
# Going down them ends when so many in a row, a factor of ten, have not helped.
PATH_PATIENCE = 6


def fit_lasso(
    problem: Problem,
    settings: Settings,
    progress: Progress | None = None,
    *,
    relax: bool = False,
) -> tuple[State, dict]:
    """The best model of the lasso path; with ``relax``, its mean with the unpenalised fit.

    Returns
    -------
    State of the members, dict of JSON scalars
    """
    given = settings.alpha
    penalties = list(LINEAR_PENALTIES) if given == "auto" else [float(given)]
    penalty = torch.tensor(penalties, dtype=torch.float64, device=problem.x.device)
    state = initial_state(problem, 1, settings.n_hidden)
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
    info = {"phase": "sparse", "alpha": penalties[choice], "group_alpha": 0.0, "steps": 1}
    if relax and bool((best.coef != 0).any()):
        free = best.copy()
        free.scale = (free.coef != 0).double()
        refit(problem, free, torch.zeros_like(free.intercept), 20)
        best, members = best_mean(problem, State.join([best, free]))
        info["phase"] = "relaxed" if 1 in members else "sparse"
    loss = mean_loss(problem, best)
    return best, info | {"members": len(best.intercept), "validation_loss": loss}
