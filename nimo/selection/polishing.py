"""The sparse phase, continued on the support that was found."""

from __future__ import annotations

import math
from itertools import product

import torch

from nimo.paper.problem import Problem, validation_loss
from nimo.paper.state import State
from nimo.selection.search import sparse_phase
from nimo.selection.training import train
from nimo.settings import Settings

# Stretches of training at most, each with half of the steps.
STRETCHES = 3
# Penalties of a stretch, as shares of those before it.
SHARES = {"penalty": (1 / 4,), "group_penalty": (1.0, 1 / 4)}
# What all stretches must gain together, as a share of the validation loss.
GAIN = 0.1


def _penalties(settings: Settings, before: dict) -> list[dict]:
    """What a stretch tries; a penalty that the user has given stays."""
    lower = {
        name: [before[name] * share for share in shares]
        if getattr(settings, name) == "auto"
        else [before[name]]
        for name, shares in SHARES.items()
    }
    return [dict(zip(lower, values, strict=True)) for values in product(*lower.values())]


def polish(
    problem: Problem, settings: Settings, start: State, record: dict, progress=None
) -> tuple[State, dict]:
    """Train one model on, by the same algorithm, with lower penalties.

    The penalties that were needed to find the support are stronger than what serves the fit on it.
    The stretches are kept if they gain visibly: on data with more noise than structure they only
    fit the validation rows, stretch by stretch.

    Parameters
    ----------
    record : dict
        The penalties of ``start``.

    Returns
    -------
    State of one model, and a record of the last stretch: empty if ``start`` is returned
    """
    model, found, penalties = start, {}, record
    before = least = float(validation_loss(problem, start))
    for _ in range(STRETCHES if bool(start.inputs.any()) else 0):
        grid = _penalties(settings, penalties)
        phase = sparse_phase(
            problem,
            settings,
            grid,
            steps=max(1, settings.max_steps // 2),
            learning_rate=0.5 * settings.learning_rate,
            entry_start=math.inf,
        )
        best = train(problem, State.join([model] * len(grid)), phase, progress)
        choice = int(best.loss.argmin())
        if best.loss[choice] >= least:
            break
        least = float(best.loss[choice])
        model, penalties = best.state.select(torch.tensor([choice])), grid[choice]
        found = penalties | {"steps": int(best.step[choice])}
    return (model, found) if before - least > GAIN * abs(before) else (start, {})
