"""How the paper chooses its penalties: a grid, and the best model on the validation rows.

Each pair of penalties is trained from an initialisation of its own by
:func:`nimo.paper.algorithm.train`.  Regression takes the smallest validation loss, classification
the highest validation accuracy and, among equals, the smallest loss.  Nothing else is done.
"""

from __future__ import annotations

from itertools import groupby, product

import torch
from torch import Tensor

from nimo.paper.algorithm import NEWTON_STEPS, ZERO_SCALE, Penalties, Progress, train
from nimo.paper.checkpoint import Best
from nimo.paper.elimination import solve
from nimo.paper.problem import Problem, initial_state, predictor
from nimo.paper.settings import Settings
from nimo.paper.state import State

# The paper names neither its grid nor the number of steps.
# On the scale of scikit-learn's Lasso(alpha) for a response of unit variance.
LASSO_GRID = (5e-3, 3e-2)
GROUP_GRID = (2e-3, 6e-3, 2e-2)
# c at the start: small enough that what is not needed is soon gone, and need not be computed.
INITIAL_SCALE = 0.3
# Rounds of gamma and c in turn for g = 0, where c starts at their limit.
LINEAR_ROUNDS = 100
# What the estimators' parameters are here where they are left at "auto".
PAPER_DEFAULTS = {
    "n_hidden": 64,
    "learning_rate_init": 2e-2,
    "max_iter": 300,
    "n_init": 1,
}


def pairs(settings: Settings) -> list[tuple[float, float]]:
    """Penalty and group penalty of each model; a value that the user has given stays."""
    lasso = LASSO_GRID if settings.alpha == "auto" else (float(settings.alpha),)
    group = GROUP_GRID if settings.group_alpha == "auto" else (float(settings.group_alpha),)
    return [pair for pair in product(lasso, group) for _ in range(settings.n_init)]


def validation_accuracy(problem: Problem, state: State) -> Tensor:
    """Share of the validation rows that each model puts into their class, (M,)."""
    eta = predictor(problem, state, problem.x_val, problem.x_val64)
    weight = problem.family.row_weight(problem.y_val)
    return (((eta > 0) == (problem.y_val > 0.5)) * weight).mean(1) / weight.mean()


def fit_grid(
    problem: Problem,
    settings: Settings,
    progress: Progress | None = None,
) -> tuple[State, dict]:
    """Train the grid and choose.

    Returns
    -------
    State of one model, and a record of the choice (JSON scalars); ``validation_loss`` is in the
    unit of the training response
    """
    grid = pairs(settings)
    # One batch for each lasso penalty: its models keep about as many features, and a batch computes
    # with as many as the model that keeps most of them.
    batches = [
        _train_batch(problem, settings, list(batch), progress)
        for _, batch in groupby(grid, key=lambda pair: pair[0])
    ]
    state = State.join([batch.state for batch in batches])
    loss, steps = (torch.cat([getattr(b, name) for b in batches]) for name in ("loss", "step"))
    record: dict[str, object] = {}
    order = loss.argsort(stable=True)
    if problem.family.name == "binomial":
        accuracy = validation_accuracy(problem, state)
        order = order[accuracy[order].argsort(descending=True, stable=True)]
        record["validation_accuracy"] = float(accuracy[order[0]])
    choice = int(order[0])
    alpha, group_alpha = grid[choice]
    record |= {
        "alpha": alpha,
        "group_alpha": group_alpha,
        "steps": int(steps[choice]),
        "validation_loss": float(loss[choice]),
    }
    return state.select(order[:1]), record


def _start_linear(problem: Problem, state: State, lasso: Tensor, delta: float) -> None:
    """Start c where the objective is least for g = 0, in place.

    With more features than rows there it is exactly 0 for most of them, and those need not be
    computed: the first steps, with a network's pass for every feature, would take minutes.  All
    features stay open to the first layer.  One penalty for all models of a batch.
    """
    one = state.select(torch.tensor([0]))
    for _ in range(LINEAR_ROUNDS):
        gamma, one.intercept = solve(
            problem.family,
            problem.x64[None] * one.scale[:, None],
            problem.y,
            lasso[:1],
            one.gamma,
            one.intercept,
            NEWTON_STEPS,
        )
        # The best c for a given beta = c gamma.
        beta = one.scale * gamma
        one.scale = (beta**2 / delta) ** (1 / (2 * delta + 2))
        one.gamma = torch.where(beta != 0, beta / one.scale.clamp_min(1e-150), 0.0)
    largest = one.scale.amax(1, keepdim=True)
    one.scale *= one.scale > ZERO_SCALE * largest
    if not bool((one.scale > 0).any()):
        return
    state.scale = one.scale.expand_as(state.scale).clone()
    state.gamma = (one.gamma * (one.scale > 0)).expand_as(state.gamma).clone()
    state.intercept = one.intercept.expand_as(state.intercept).clone()


def _train_batch(
    problem: Problem,
    settings: Settings,
    batch: list[tuple[float, float]],
    progress: Progress | None,
) -> Best:
    lasso, group = torch.tensor(batch, dtype=torch.float64, device=problem.x.device).T
    state = initial_state(problem, len(batch), settings.n_hidden)
    if settings.alpha != 0:
        state.scale.fill_(INITIAL_SCALE)
        if problem.x.shape[1] > len(problem.x):
            _start_linear(problem, state, lasso, settings.delta)
    if not settings.use_correction:  # every column closed: g = 0
        state.inputs[:] = False
        state.weights.features.zero_()
    return train(
        problem,
        state,
        Penalties(lasso, group.float(), settings.delta, settings.group_power),
        settings.max_iter,
        settings.learning_rate_init,
        settings.input_noise,
        progress,
    )
