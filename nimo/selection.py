"""Search over penalties and initialisations, and the choice between the phases.

Only training and validation rows are seen here.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nimo.model import NimoModel
from nimo.network import initial_weights
from nimo.training import Phase, Problem, State, train

PENALTIES = (5e-4, 2e-3, 8e-3)
GROUP_PENALTIES = (3e-4, 1e-3, 3e-3)
RELAXED_GROUP_PENALTIES = (0.0, 1e-4)
# A coefficient below this share of the largest counts as zero when the relaxed phase starts.
SMALL_COEF = 0.02
SMALL_COLUMN = 0.1


@dataclass
class Settings:
    """The estimator's parameters that training needs, see :class:`nimo.NIMORegressor`."""

    penalty: float | str = "auto"
    group_penalty: float | str = "auto"
    delta: float = 1.0
    relax: bool = False
    hidden: int = 64
    noise: float = 0.2
    learning_rate: float = 5e-3
    max_steps: int = 1000
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


def _sparse(problem: Problem, settings: Settings, progress) -> tuple[State, Tensor, list[dict]]:
    penalties = _values(settings.penalty, PENALTIES)
    groups = [0.0] if problem.network is None else _values(settings.group_penalty, GROUP_PENALTIES)
    grid = [(p, g) for p in penalties for g in groups for _ in range(settings.n_init)]
    device = problem.x.device
    penalty = torch.tensor([p for p, _ in grid], dtype=torch.float64, device=device)
    group = torch.tensor([g for _, g in grid], dtype=torch.float32, device=device)
    state = start_state(problem, len(grid), settings.hidden)
    phase = Phase(
        steps=settings.max_steps,
        learning_rate=settings.learning_rate,
        penalty=penalty,
        group_penalty=group,
        noise=settings.noise,
        delta=settings.delta,
        scales=settings.penalty != 0,
    )
    best = train(problem, state, phase, progress)
    info = [
        {"penalty": p, "group_penalty": g, "steps": int(s)}
        for (p, g), s in zip(grid, best.step, strict=True)
    ]
    return best.state, best.loss, info


def _relaxed(
    problem: Problem, settings: Settings, state: State, progress
) -> tuple[State, Tensor, list[dict]]:
    groups = RELAXED_GROUP_PENALTIES
    state = State.join([state for _ in groups])
    coef = state.coef.abs()
    kept = coef > SMALL_COEF * coef.amax(1, keepdim=True)
    state.gamma = state.coef * kept
    state.scale = kept.double()
    norms = state.weights.features.norm(dim=1)
    state.inputs = norms > SMALL_COLUMN * norms.amax(1, keepdim=True)
    state.weights.features.mul_(state.inputs[:, None])
    device = problem.x.device
    phase = Phase(
        steps=settings.max_steps,
        learning_rate=0.4 * settings.learning_rate,
        penalty=torch.full((len(groups),), 1e-5, dtype=torch.float64, device=device),
        group_penalty=torch.tensor(groups, device=device),
        noise=settings.noise / 4,
        scales=False,
    )
    best = train(problem, state, phase, progress)
    info = [
        {"relaxed_group_penalty": g, "steps": int(s)}
        for g, s in zip(groups, best.step, strict=True)
    ]
    return best.state, best.loss, info


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
    state, loss, records = _sparse(problem, settings, progress)
    choice = int(loss.argmin())
    chosen = state.select(torch.tensor([choice]))
    info = {"phase": "sparse", "candidates": len(records), **records[choice]}
    value = float(loss[choice])
    if settings.relax and bool((chosen.coef != 0).any()):
        relaxed, relaxed_loss, relaxed_records = _relaxed(problem, settings, chosen, progress)
        best = int(relaxed_loss.argmin())
        info["candidates"] += len(relaxed_records)
        if float(relaxed_loss[best]) < value:
            value = float(relaxed_loss[best])
            chosen = relaxed.select(torch.tensor([best]))
            info |= {"phase": "relaxed", **relaxed_records[best]}
    info["validation_loss"] = value * unit**2
    return NimoModel.from_state(problem.network, chosen, unit), info


