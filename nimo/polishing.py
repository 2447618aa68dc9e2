"""The sparse phase, continued on the support that trimming has left."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

from nimo.problem import Problem, State, validation_loss
from nimo.search import PATIENCE, Settings
from nimo.training import Phase, train
from nimo.trimming import Bar, as_good, open_columns, trim, without_least_needed_column

# Penalties of a stretch, as shares of those before it.
SHARES = {"penalty": (1 / 4,), "group_penalty": (1.0, 1 / 4)}
# What all stretches must gain together, as a share of the validation loss.
GAIN = 0.1
# After a stretch the residual is small: what is needed costs far more than this, on either set of
# rows.
TRIM = Bar(2.0, 0.1, 1.0)


@dataclass
class _Stretch:
    """A model with its lasso penalty, and how it was trained."""

    state: State
    penalty: Tensor
    info: dict


def _stretch(
    problem: Problem, settings: Settings, before: _Stretch, leaner: bool, opened: bool, progress
) -> _Stretch:
    """Train the model on, by the same algorithm, on its support.

    The penalties that were needed to find the support are stronger than what serves the fit on it,
    so those that "auto" leaves free are lowered.  With ``leaner``, the support without its least
    needed column is trained beside it, since two sets of columns can express nearly the same
    function.  With ``opened``, a feature with a coefficient may interact even where its column was
    closed.
    """
    lower = {
        name: [before.info[name] * share for share in shares]
        if getattr(settings, name) == "auto"
        else [before.info[name]]
        for name, shares in SHARES.items()
    }
    grid = list(product(*lower.values()))
    used = before.state.weights.features.norm(dim=1) > 0
    first = before.state.select(torch.tensor([0]))
    first.inputs = used | (first.scale > 0) if opened else used
    supports = [first]
    if leaner:
        supports.append(without_least_needed_column(problem, before.state, before.penalty))
    device = problem.x.device
    penalty, group = torch.tensor(grid * len(supports), dtype=torch.float64, device=device).T
    phase = Phase(
        steps=max(1, settings.max_steps // 2),
        learning_rate=0.5 * settings.learning_rate,
        penalty=penalty,
        group_penalty=group.float(),
        noise=settings.noise,
        noise_at_baseline=True,
        delta=settings.delta,
        scales=settings.penalty != 0,
        entry_start=math.inf,
        patience=PATIENCE,
    )
    best = train(problem, State.join([s for s in supports for _ in grid]), phase, progress)
    # The best penalties for each support.
    losses = best.loss.view(len(supports), len(grid))
    leaders = [i * len(grid) + int(row.argmin()) for i, row in enumerate(losses)]
    states = [best.state.select(torch.tensor([m])) for m in leaders]
    taken = int(leaner and as_good(problem, *states))
    choice = leaders[taken]
    info = dict(zip(lower, grid[choice % len(grid)], strict=True))
    info["steps"] = int(best.step[choice])
    return _Stretch(states[taken], penalty[[choice]], info)


def polish(
    problem: Problem,
    settings: Settings,
    trimmed: State,
    record: dict,
    penalty: Tensor,
    kinds: list[str],
    stretches: int,
    progress=None,
) -> tuple[State, dict]:
    """Up to ``stretches`` of training, each followed by trimming.

    They are kept if they gain visibly, or need fewer columns: on data with more noise than
    structure they only fit the validation rows, stretch by stretch.

    Returns
    -------
    State of one model, and a record of the last stretch: empty if ``trimmed`` is returned
    """
    chosen, found = _Stretch(trimmed, penalty, record), {}
    for number in range(stretches):
        columns = open_columns(chosen.state)
        if columns == 0:
            break
        leaner = settings.group_penalty != 0 and columns > 1
        longer = _stretch(problem, settings, chosen, leaner, number == 0, progress)
        before, after = (float(validation_loss(problem, s.state)) for s in (chosen, longer))
        fewer = open_columns(longer.state) < columns
        if after >= before and not (fewer and as_good(problem, chosen.state, longer.state)):
            break
        longer.state = trim(problem, longer.state, longer.penalty, kinds, TRIM)
        chosen, found = longer, longer.info
    before, after = (float(validation_loss(problem, s)) for s in (trimmed, chosen.state))
    leaner = open_columns(chosen.state) < open_columns(trimmed)
    worth = before - after > GAIN * abs(before)
    if worth or (leaner and as_good(problem, trimmed, chosen.state)):
        return chosen.state, found
    return trimmed, {}
