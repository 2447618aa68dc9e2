"""Search over penalties and initialisations, trimming, and the choice between the phases.

Only training and validation rows are seen here.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nimo.linear import minimise_linear
from nimo.model import NimoModel
from nimo.network import initial_weights
from nimo.training import (
    Best,
    Phase,
    Problem,
    State,
    lasso_start,
    predictor,
    refit,
    train,
    validation_loss,
)

PENALTIES = (1e-3, 4e-3)
# Without corrections a fit costs next to nothing.
LINEAR_PENALTIES = tuple(10 ** (-4 + i / 6) for i in range(25))
GROUP_PENALTIES = (3e-3, 1e-2)
# Features that the lasso keeps at this penalty start active; the others may enter later.
START_PENALTY = 0.05
RELAXED_PENALTY = 1e-5
RELAXED_GROUP_PENALTY = 3e-4
RELAXED_MODELS = 4
# Columns and coefficients below this share of the largest are dropped together, before the
# one-by-one trimming.
SMALL = 0.05
# Validation loss that a simpler model may cost: standard errors of the paired difference.
TRIM_ERRORS = 0.5


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
    max_steps: int = 400
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


def _sparse(problem: Problem, settings: Settings, progress) -> tuple[Best, list[dict], Tensor]:
    penalties = _values(settings.penalty, PENALTIES)
    groups = _values(settings.group_penalty, GROUP_PENALTIES)
    grid = [(p, g) for p in penalties for g in groups for _ in range(settings.n_init)]
    device = problem.x.device
    penalty = torch.tensor([p for p, _ in grid], dtype=torch.float64, device=device)
    group = torch.tensor([g for _, g in grid], dtype=torch.float32, device=device)
    state = start_state(problem, len(grid), settings.hidden)
    sparse = settings.penalty != 0
    if sparse:
        lasso_start(problem, state, START_PENALTY)
    phase = Phase(
        steps=settings.max_steps,
        learning_rate=settings.learning_rate,
        penalty=penalty,
        group_penalty=group,
        noise=settings.noise,
        delta=settings.delta,
        scales=sparse,
        entry_start=START_PENALTY,
        first_check=0.5,
        halve_at=0.4,
    )
    best = train(problem, state, phase, progress)
    info = [
        {"penalty": grid[m][0], "group_penalty": grid[m][1], "steps": int(s)}
        for m, s in zip(best.models.tolist(), best.step, strict=True)
    ]
    return best, info, penalty[best.models]


def _linear(problem: Problem, settings: Settings) -> tuple[Best, list[dict], Tensor]:
    """The lasso path, without corrections."""
    penalties = _values(settings.penalty, LINEAR_PENALTIES)
    penalty = torch.tensor(penalties, dtype=torch.float64, device=problem.x.device)
    state = start_state(problem, len(penalties), settings.hidden)
    minimise_linear(problem, state, penalty, settings.delta)
    loss = validation_loss(problem, state)
    models = torch.arange(len(penalties))
    info = [{"penalty": p, "group_penalty": 0.0, "steps": 1} for p in penalties]
    return Best(state, loss, torch.ones_like(models), models), info, penalty


def _row_losses(problem: Problem, state: State) -> Tensor:
    eta = predictor(problem, state, problem.x_val, problem.x_val64)
    return problem.family.loss(eta, problem.y_val)[0]


def _without(problem, state, penalty, *, columns=None, coefs=None) -> State:
    """One model with first-layer columns or coefficients (both (d,) bool) set to zero, refitted."""
    new = state.select(torch.tensor([0]))
    if columns is not None:
        new.inputs &= ~columns
        new.weights.features.mul_(new.inputs[:, None])
    if coefs is not None:
        new.scale = new.scale * ~coefs
        new.gamma = new.gamma * ~coefs
    refit(problem, new, penalty, 3)
    return new


def trim(problem: Problem, state: State, penalty: Tensor, kinds=("columns", "coefs")) -> State:
    """Drop first-layer columns, then coefficients, that the validation rows do not miss.

    ``state`` holds one model.  Small ones are tried together, the others one by one from the
    smallest; a drop is kept if the mean paired difference of the validation losses stays below
    ``TRIM_ERRORS`` of its standard errors.
    """
    base = _row_losses(problem, state)

    def attempt(state, **drop):
        nonlocal base
        new = _without(problem, state, penalty, **drop)
        losses = _row_losses(problem, new)
        difference = losses - base
        error = difference.std() / len(base) ** 0.5 if len(base) > 1 else 0.0
        if float(difference.mean()) <= TRIM_ERRORS * float(error):
            return new
        return state

    for kind in kinds:

        def sizes(state, kind=kind):
            if kind == "columns":
                return state.weights.features[0].norm(dim=0)
            return state.coef[0].abs()

        size = sizes(state)
        small = (size > 0) & (size < SMALL * size.max())
        if small.any():
            state = attempt(state, **{kind: small})
        size = sizes(state)
        for j in size.argsort().tolist():
            if size[j] > 0:
                one = torch.zeros_like(small)
                one[j] = True
                state = attempt(state, **{kind: one})
    return state


def _relaxed(problem: Problem, settings: Settings, sparse: State, progress) -> Best:
    """Fresh networks, and the sparse one, on the support of the sparse model."""
    fresh = start_state(problem, RELAXED_MODELS - 1, settings.hidden)
    state = State.join([sparse, fresh])
    kept = sparse.scale > 0
    state.scale = kept.double().expand_as(state.scale).clone()
    state.gamma[:1] = sparse.coef
    state.gamma.mul_(kept)
    state.inputs = (sparse.weights.features.norm(dim=1) > 0).expand_as(state.inputs).clone()
    state.weights.features.mul_(state.inputs[:, None])
    like = torch.ones_like(state.intercept)
    phase = Phase(
        steps=settings.max_steps,
        learning_rate=0.5 * settings.learning_rate,
        penalty=RELAXED_PENALTY * like,
        group_penalty=RELAXED_GROUP_PENALTY * like.float(),
        noise=0.0,
        scales=False,
    )
    return train(problem, state, phase, progress)


def _mean_loss(problem: Problem, state: State) -> float:
    eta = predictor(problem, state, problem.x_val, problem.x_val64).mean(0)
    return float(problem.family.loss(eta, problem.y_val).mean())


def fit_model(problem: Problem, settings: Settings, unit: float, progress=None):
    """Search, select on the validation rows, and return the model with a record of the choice.

    Parameters
    ----------
    unit : float
        Size of one unit of the training response on the user's scale.

    Returns
    -------
    NimoModel, dict of JSON scalars
    """
    if problem.network is None:
        best, records, penalties = _linear(problem, settings)
    else:
        best, records, penalties = _sparse(problem, settings, progress)
    choice = int(best.loss.argmin())
    chosen = best.state.select(torch.tensor([choice]))
    if problem.network is not None:
        # A penalty that is switched off asks for no zeros; the lasso has its zeros already.
        strengths = {"columns": settings.group_penalty, "coefs": settings.penalty}
        kinds = [kind for kind, strength in strengths.items() if strength != 0]
        chosen = trim(problem, chosen, penalties[[choice]], kinds)
    info = {"phase": "sparse", "members": 1, **records[choice]}
    value = float(validation_loss(problem, chosen)[0])
    if settings.relax and bool((chosen.coef != 0).any()):
        relaxed = _relaxed(problem, settings, chosen, progress)
        single = int(relaxed.loss.argmin())
        options = [
            ("relaxed", relaxed.state.select(torch.tensor([single])), int(relaxed.step[single])),
            ("relaxed", relaxed.state, int(relaxed.step.max())),
        ]
        for phase, state, steps in options:
            loss = _mean_loss(problem, state)
            if loss < value:
                value, chosen = loss, state
                info |= {"phase": phase, "members": len(state.intercept), "steps": steps}
    info["validation_loss"] = value * unit**2
    return NimoModel.from_state(problem.network, chosen, unit), info
