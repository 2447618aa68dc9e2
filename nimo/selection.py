"""Search over penalties and initialisations, trimming, and the choice between the phases.

Only training and validation rows are seen here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

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
GROUP_PENALTIES = (3e-4, 1e-3, 3e-3)
GROUP_START = 1e-2
# Share of the sparse phase before the first look at the validation rows: real data may be
# overfitted long before the group penalty has reached its value.
FIRST_CHECK = 0.05
# Features that the lasso keeps at this penalty start active; the others may enter later.
START_PENALTY = 0.05
RELAXED_PENALTY = 1e-5
RELAXED_GROUP_PENALTIES = (1e-3, 3e-4)
RELAXED_FRESH = 1
# Columns and coefficients below this share of the largest are dropped together, before the
# one-by-one trimming.
SMALL = 0.05
# What a simpler model may cost on the validation rows: standard errors of the paired difference,
# and share of the loss, for first-layer columns and for coefficients.
TRIM_SPARSE = {"columns": (0.5, 0.01), "coefs": (1.0, 0.02)}
TRIM_RELAXED = {"columns": (1.0, 0.08), "coefs": (1.0, 0.08)}


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
        noise_at_baseline=True,
        delta=settings.delta,
        scales=sparse,
        first_check=FIRST_CHECK,
        group_start=GROUP_START,
        halve_at=(0.25, 0.5),
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


def trim(problem: Problem, state: State, penalty: Tensor, allowed: dict) -> State:
    """Drop first-layer columns, then coefficients, that the validation rows do not miss.

    ``state`` holds one model.  All columns are tried together, then the small ones together, the
    others one by one from the smallest; a drop is kept if the mean paired difference of the
    validation losses stays within ``allowed``.
    """
    base = _row_losses(problem, state)

    def attempt(state, **drop):
        new = _without(problem, state, penalty, **drop)
        kind = next(iter(drop))
        return new if _acceptable(base, _row_losses(problem, new), *allowed[kind]) else state

    for kind in allowed:

        def sizes(state, kind=kind):
            if kind == "columns":
                return state.weights.features[0].norm(dim=0)
            return state.coef[0].abs()

        size = sizes(state)
        if kind == "columns" and (size > 0).any():
            state = attempt(state, columns=size > 0)
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


def _polish(
    problem: Problem, settings: Settings, chosen: State, record: dict, progress
) -> tuple[State, dict, Tensor]:
    """Train the chosen model on, by the same algorithm, on the support that was left by trimming.

    The penalties that were needed to find the support are stronger than what serves the fit on it,
    so penalties that "auto" leaves free are also tried at a quarter.
    """
    penalties, groups = (
        (record[name], record[name] / 4) if getattr(settings, name) == "auto" else (record[name],)
        for name in ("penalty", "group_penalty")
    )
    grid = [(p, g) for p in penalties for g in groups]
    device = problem.x.device
    penalty = torch.tensor([p for p, _ in grid], dtype=torch.float64, device=device)
    phase = Phase(
        steps=max(1, settings.max_steps // 2),
        learning_rate=0.5 * settings.learning_rate,
        penalty=penalty,
        group_penalty=torch.tensor([g for _, g in grid], dtype=torch.float32, device=device),
        noise=settings.noise,
        noise_at_baseline=True,
        delta=settings.delta,
        entry_start=math.inf,
    )
    best = train(problem, State.join([chosen for _ in grid]), phase, progress)
    choice = int(best.loss.argmin())
    info = dict(zip(("penalty", "group_penalty"), grid[choice], strict=True))
    state = best.state.select(torch.tensor([choice]))
    return state, info | {"steps": int(best.step[choice])}, penalty[[choice]]


def _restrict(state: State, support: State) -> None:
    """Freeze at 0 what ``support`` (one model) does not allow, and set c = 1, in place."""
    kept = support.scale > 0
    state.gamma = state.coef * kept
    state.scale = kept.double().expand_as(state.scale).clone()
    state.inputs = support.inputs.expand_as(state.inputs).clone()
    state.weights.features.mul_(state.inputs[:, None])


def _relaxed(
    problem: Problem,
    settings: Settings,
    sparse: State,
    support: State,
    kinds: list[str],
    progress,
) -> Best:
    """Go on from the sparse models, and from fresh networks, on the support of the chosen one.

    At first a feature with a coefficient may interact even where the sparse phase had closed its
    column.  Then the support is trimmed again: the residual is smaller now, so the validation rows
    tell more surely what is needed.
    """
    state = State.join([sparse, start_state(problem, RELAXED_FRESH, settings.hidden)])
    like = torch.ones_like(state.intercept)
    phase = Phase(
        steps=max(1, settings.max_steps // 2),
        learning_rate=0.5 * settings.learning_rate,
        penalty=RELAXED_PENALTY * like,
        group_penalty=RELAXED_GROUP_PENALTIES[0] * like.float(),
        noise=0.0,
        scales=False,
        patience=0.35,
    )
    support = support.select(torch.tensor([0]))
    used = support.weights.features.norm(dim=1) > 0
    support.inputs = (used | (support.scale > 0)) & used.any()
    _restrict(state, support)
    if problem.network is None or not used.any():
        # Without interactions what remains is a linear model.
        linear = state.select(torch.tensor([0]))
        refit(problem, linear, phase.penalty[:1], 20)
        loss = validation_loss(problem, linear)
        return Best(linear, loss, torch.zeros(1).long(), torch.zeros(1).long())
    first = train(problem, state, phase, progress)
    leader = first.state.select(first.loss.argmin()[None])
    support = trim(problem, leader, phase.penalty[:1], {kind: TRIM_RELAXED[kind] for kind in kinds})
    support.inputs = support.weights.features.norm(dim=1) > 0
    if "columns" not in kinds:
        return train(problem, first.state, replace(phase, steps=settings.max_steps), progress)
    leaner = _least_needed_dropped(problem, support, phase.penalty[:1])
    both = [first.state, first.state.select(torch.arange(len(like)))]
    _restrict(both[0], support)
    _restrict(both[1], leaner)
    phase = replace(
        phase,
        steps=settings.max_steps,
        penalty=phase.penalty.repeat(2),
        group_penalty=RELAXED_GROUP_PENALTIES[1] * like.float().repeat(2),
    )
    final = train(problem, State.join(both), phase, progress)
    full, lean = (
        final.select(torch.arange(len(like))),
        final.select(torch.arange(len(like), 2 * len(like))),
    )
    losses = [_row_losses(problem, g.state.select(g.loss.argmin()[None])) for g in (full, lean)]
    return lean if _acceptable(losses[0], losses[1], *TRIM_RELAXED["columns"]) else full


def _acceptable(base: Tensor, losses: Tensor, errors: float, share: float) -> bool:
    """Whether row losses (n,) of a simpler model are close enough to those of the larger one."""
    difference = losses - base
    error = float(difference.std()) / len(base) ** 0.5 if len(base) > 1 else 0.0
    return float(difference.mean()) <= min(errors * error, share * float(base.mean().abs()))


def _least_needed_dropped(problem: Problem, support: State, penalty: Tensor) -> State:
    """The support without the first-layer column whose loss costs least on the validation rows."""
    columns = support.inputs[0].nonzero()[:, 0].tolist()
    options = []
    for j in columns:
        one = torch.zeros_like(support.inputs[0])
        one[j] = True
        options.append(_without(problem, support, penalty, columns=one))
    if not options:
        return support
    costs = [float(_row_losses(problem, o).mean()) for o in options]
    return options[costs.index(min(costs))]


def _or_without_corrections(problem, settings, chosen: State, info: dict) -> tuple[State, dict]:
    """The lasso instead, if the validation rows do not miss the corrections.

    It is the end of the grid: an infinite group penalty closes every column, and then the best
    penalty is found on a finer grid than the network could afford.
    """
    if settings.group_penalty != "auto":
        return chosen, info
    best, records, penalties = _linear(problem, settings)
    choice = int(best.loss.argmin())
    linear = best.state.select(torch.tensor([choice]))
    linear.weights.features.zero_()
    losses = [_row_losses(problem, state) for state in (chosen, linear)]
    if not _acceptable(*losses, *TRIM_SPARSE["columns"]):
        return chosen, info
    if settings.penalty != 0:
        linear = trim(problem, linear, penalties[[choice]], {"coefs": TRIM_SPARSE["coefs"]})
    return linear, {"phase": "sparse", "members": 1, **records[choice]}


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
    info = {"phase": "sparse", "members": 1, **records[choice]}
    # A penalty that is switched off asks for no zeros; the lasso has its zeros already.
    strengths = {"columns": settings.group_penalty, "coefs": settings.penalty}
    kinds = [kind for kind, strength in strengths.items() if strength != 0]
    if problem.network is not None and kinds:
        allowed = {kind: TRIM_SPARSE[kind] for kind in kinds}
        chosen = trim(problem, chosen, penalties[[choice]], allowed)
        if settings.penalty != 0 and bool((chosen.weights.features != 0).any()):
            polished, better, penalty = _polish(
                problem, settings, chosen, records[choice], progress
            )
            if validation_loss(problem, polished) < validation_loss(problem, chosen):
                chosen = trim(problem, polished, penalty, allowed)
                info |= better
        chosen, info = _or_without_corrections(problem, settings, chosen, info)
    value = float(validation_loss(problem, chosen)[0])
    if settings.relax and bool((chosen.coef != 0).any()):
        relaxed = _relaxed(problem, settings, best.state, chosen, kinds, progress)
        order = relaxed.loss.argsort()
        for members in range(1, len(order) + 1):
            state = relaxed.state.select(order[:members])
            loss = _mean_loss(problem, state)
            if loss < value:
                value, chosen = loss, state
                steps = int(relaxed.step[order[:members]].max())
                info |= {"phase": "relaxed", "members": members, "steps": steps}
    info["validation_loss"] = value * unit**2
    return NimoModel.from_state(problem.network, chosen, unit), info
