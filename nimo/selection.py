"""Search over penalties and initialisations, trimming, and the choice between the phases.

Only training and validation rows are seen here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nimo.linear import lasso_path, minimise_linear
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
# Going down them ends when so many in a row, a factor of ten, have not helped.
PATH_PATIENCE = 6
GROUP_PENALTIES = (3e-4, 1e-3, 3e-3)
GROUP_START = 1e-2
# Share of the sparse phase before the first look at the validation rows: real data may be
# overfitted long before the group penalty has reached its value.
FIRST_CHECK = 0.05
# Features that the lasso keeps at this penalty start active; the others may enter later.
START_PENALTY = 0.1
RELAXED_PENALTY = 1e-5
RELAXED_GROUP_PENALTIES = (1e-3, 3e-4)
RELAXED_FRESH = 1
# Stretches of training on the support that is left, each with lower penalties.
POLISHES = 3
# What they must gain together, as a share of the validation loss.
POLISH_GAIN = 0.1
# Training ends when no model has improved for this share of the steps.
PATIENCE = 0.35
# Columns and coefficients below this share of the largest are dropped together, before the
# one-by-one trimming.
SMALL = 0.05
# What a simpler model may cost on the validation rows: standard errors of the paired difference,
# and share of the loss, for first-layer columns and for coefficients.
TRIM_SPARSE = {"columns": (1.0, 0.02), "coefs": (1.0, 0.02)}
TRIM_RELAXED = {"columns": (1.0, 0.08), "coefs": (1.0, 0.08)}
# What all drops may cost on the training rows, as a share of the loss.  What is irrelevant costs
# little there too; without this bar a search over many drops fits the validation rows.
TRIM_TRAINING = 0.3
# The same three for a model that was trained on without a column.  A column that is needed costs
# far more; one that only serves another way to write the same function costs up to this much.
RETRAINED = (2.7, 0.5)
RETRAINED_TRAINING = 0.3
# Models whose loss is above this many times the best one are no members of a mean: it would
# dilute their error, but take over every feature they use.
MEMBER = 1.5
# What a mean of more models may cost.
MEAN = (1.0, 0.05)
# What the corrections as a whole must gain on the validation rows: standard errors of the paired
# difference, and share of the lasso's loss.
WORTH = (2.0, 0.1)


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
        halve_at=(0.15, 0.35),
        patience=PATIENCE,
    )
    best = train(problem, state, phase, progress)
    info = [
        {"penalty": grid[m][0], "group_penalty": grid[m][1], "steps": int(s)}
        for m, s in zip(best.models.tolist(), best.step, strict=True)
    ]
    return best, info, penalty[best.models]


def _linear(problem: Problem, settings: Settings) -> tuple[State, dict]:
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


def _row_losses(problem: Problem, state: State) -> Tensor:
    """Validation loss of each row (n,) of one model, or of the mean of several."""
    eta = predictor(problem, state, problem.x_val, problem.x_val64).mean(0)
    return problem.family.loss(eta, problem.y_val)


def _training_loss(problem: Problem, state: State) -> float:
    eta = predictor(problem, state, problem.x_fit, problem.x_fit64)
    return float(problem.family.loss(eta, problem.y_fit).mean())


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
    validation losses to those at the start stays within ``allowed`` and the training rows do not
    miss what was dropped.
    """
    base = _row_losses(problem, state)
    before = _training_loss(problem, state)
    bar = before + TRIM_TRAINING * abs(before)

    def attempt(state, **drop):
        new = _without(problem, state, penalty, **drop)
        kind = next(iter(drop))
        if not _acceptable(base, _row_losses(problem, new), *allowed[kind]):
            return state
        return new if _training_loss(problem, new) <= bar else state

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
    problem: Problem,
    settings: Settings,
    chosen: State,
    record: dict,
    penalty: Tensor,
    opened: bool,
    progress,
) -> tuple[State, dict, Tensor]:
    """Train the chosen model on, by the same algorithm, on the support that was left by trimming.

    The penalties that were needed to find the support are stronger than what serves the fit on it,
    so those that "auto" leaves free are lowered.  The support without its least needed column is
    trained beside it, since two sets of columns can express nearly the same function.  With
    ``opened``, a feature with a coefficient may interact even where its column was closed.
    """
    free = {name: getattr(settings, name) == "auto" for name in ("penalty", "group_penalty")}
    p = record["penalty"] / 4 if free["penalty"] else record["penalty"]
    g = record["group_penalty"]
    grid = [(p, g), (p, g / 4)] if free["group_penalty"] else [(p, g)]
    used = chosen.weights.features.norm(dim=1) > 0
    first = chosen.select(torch.tensor([0]))
    first.inputs = used | (first.scale > 0) if opened else used
    supports = [first]
    if settings.group_penalty != 0 and _columns(chosen) > 1:
        supports.append(_least_needed_dropped(problem, chosen, penalty))
    size = len(grid)
    grid = grid * len(supports)
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
        scales=settings.penalty != 0,
        entry_start=math.inf,
        patience=PATIENCE,
    )
    best = train(problem, State.join([s for s in supports for _ in range(size)]), phase, progress)
    leaders = [int(best.loss[i : i + size].argmin()) + i for i in range(0, len(grid), size)]
    states = [best.state.select(torch.tensor([m])) for m in leaders]
    choice, state = leaders[0], states[0]
    if len(states) > 1 and _as_good(problem, *states):
        choice, state = leaders[1], states[1]
    info = dict(zip(("penalty", "group_penalty"), grid[choice], strict=True))
    return state, info | {"steps": int(best.step[choice])}, penalty[[choice]]


def _train_on(
    problem: Problem,
    settings: Settings,
    trimmed: State,
    record: dict,
    penalty: Tensor,
    allowed: dict,
    progress,
) -> tuple[State, dict]:
    """Stretches of training and trimming in turn, kept if they gain visibly.

    On data with more noise than structure they only fit the validation rows, stretch by stretch.
    """
    chosen, found = trimmed, {}
    for stretch in range(POLISHES):
        if _columns(chosen) == 0:
            break
        polished, better, strength = _polish(
            problem, settings, chosen, record, penalty, stretch == 0, progress
        )
        gained = bool(validation_loss(problem, polished) < validation_loss(problem, chosen))
        leaner = _columns(polished) < _columns(chosen)
        if not gained and not (leaner and _as_good(problem, chosen, polished)):
            break
        chosen = trim(problem, polished, strength, allowed)
        record, penalty, found = better, strength, better
    before, after = (float(validation_loss(problem, s)) for s in (trimmed, chosen))
    return (chosen, found) if before - after > POLISH_GAIN * abs(before) else (trimmed, {})


def _columns(state: State) -> int:
    """Open first-layer columns of one model."""
    return int((state.weights.features.norm(dim=1) > 0).sum())


def _as_good(problem: Problem, larger: State, simpler: State) -> bool:
    """Whether a simpler model that was trained on its own can replace the larger one."""
    losses = [_row_losses(problem, state) for state in (larger, simpler)]
    before, after = (_training_loss(problem, state) for state in (larger, simpler))
    trains_as_well = after - before <= RETRAINED_TRAINING * abs(before)
    return trains_as_well and _acceptable(*losses, *RETRAINED)


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
        patience=PATIENCE,
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
    choice = first.loss.argmin()
    allowed = {kind: TRIM_RELAXED[kind] for kind in kinds}
    leader = trim(problem, first.state.select(choice[None]), phase.penalty[:1], allowed)
    if "columns" in kinds:
        leader = _leaner(problem, leader, phase, progress)
        _restrict(first.state, leader)
        phase = replace(phase, group_penalty=RELAXED_GROUP_PENALTIES[1] * like.float())
    return train(problem, first.state, replace(phase, steps=settings.max_steps), progress)


def _leaner(problem: Problem, leader: State, phase: Phase, progress) -> State:
    """Take away the least needed first-layer column, while training on makes up for it.

    Two sets of columns can express nearly the same function, and then no column can be missed
    before the network has learned to do without it.
    """
    phase = phase.select(torch.tensor([0]))
    while _columns(leader) > 1:
        lean = _least_needed_dropped(problem, leader, phase.penalty)
        lean = train(problem, lean, phase, progress).state
        if not _as_good(problem, leader, lean):
            break
        leader = lean
    leader.inputs = leader.weights.features.norm(dim=1) > 0
    return leader


def _acceptable(base: Tensor, losses: Tensor, errors: float, share: float) -> bool:
    """Whether row losses (n,) of a simpler model are close enough to those of the larger one."""
    difference = losses - base
    error = float(difference.std()) / len(base) ** 0.5 if len(base) > 1 else 0.0
    return float(difference.mean()) <= min(errors * error, share * float(base.mean().abs()))


def _least_needed_dropped(problem: Problem, support: State, penalty: Tensor) -> State:
    """The support without the first-layer column whose loss costs least on the validation rows."""
    columns = (support.weights.features[0].norm(dim=0) > 0).nonzero()[:, 0].tolist()
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
    """The lasso instead, unless the corrections gain surely and visibly on the validation rows.

    A network can be harmless on the validation rows and wrong between them: with g = 1 everywhere
    but in a dip around the baseline, half of every coefficient is hidden in g.  The lasso is the
    end of the grid: an infinite group penalty closes every column, and then the best penalty is
    found on a finer grid than the network could afford.  It is not trimmed: the penalty has chosen.
    """
    if settings.group_penalty != "auto":
        return chosen, info
    linear, record = _linear(problem, settings)
    base = _row_losses(problem, linear)
    gain = base - _row_losses(problem, chosen)
    errors, share = WORTH
    surely = gain.mean() > errors * gain.std() / len(gain) ** 0.5
    if surely and gain.mean() > share * base.mean().abs():
        return chosen, info
    return linear, {"phase": "sparse", "members": 1, **record}


def _best_mean(problem: Problem, sparse: State, relaxed: Best) -> tuple[State, int, int]:
    """A sparse model, the best relaxed ones, or a mean of such, as the validation rows say.

    Of the means of the k best models, the one with most members that is about as good as the best:
    a mean varies less from one draw of the rows to the next, which the loss on one draw cannot
    show.

    Returns
    -------
    State of the members, their number, and the most steps that a relaxed one took (0: none).
    """
    every = State.join([sparse, relaxed.state])
    loss = torch.cat([validation_loss(problem, sparse), relaxed.loss])
    step = torch.cat([torch.zeros(len(sparse.intercept)).long(), relaxed.step])
    order = loss.argsort()
    order = order[loss[order] - loss.min() <= (MEMBER - 1) * loss.min().abs()]
    means = [every.select(order[:k]) for k in range(1, len(order) + 1)]
    losses = [_row_losses(problem, state) for state in means]
    best = min(losses, key=lambda rows: float(rows.mean()))
    members = max(k for k, rows in enumerate(losses, 1) if _acceptable(best, rows, *MEAN))
    return means[members - 1], members, int(step[order[:members]].max())


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
        chosen, record = _linear(problem, settings)
        sparse = chosen
    else:
        best, records, penalties = _sparse(problem, settings, progress)
        choice = int(best.loss.argmin())
        sparse, chosen = best.state, best.state.select(torch.tensor([choice]))
        record, penalty = records[choice], penalties[[choice]]
    info = {"phase": "sparse", "members": 1, **record}
    # A penalty that is switched off asks for no zeros; the lasso has its zeros already.
    strengths = {"columns": settings.group_penalty, "coefs": settings.penalty}
    kinds = [kind for kind, strength in strengths.items() if strength != 0]
    if problem.network is not None and kinds:
        allowed = {kind: TRIM_SPARSE[kind] for kind in kinds}
        chosen = trim(problem, chosen, penalty, allowed)
        chosen, better = _train_on(problem, settings, chosen, record, penalty, allowed, progress)
        info |= better
        chosen, info = _or_without_corrections(problem, settings, chosen, info)
    if settings.relax and bool((chosen.coef != 0).any()):
        relaxed = _relaxed(problem, settings, sparse, chosen, kinds, progress)
        if problem.network is not None and _columns(chosen) > 0:
            # Before trimming: where it hurts a little without being seen to, they make up for it.
            chosen = State.join([chosen, sparse])
        chosen, members, steps = _best_mean(problem, chosen, relaxed)
        if members > 1 or steps:
            info |= {"phase": "relaxed", "members": members, "steps": steps or info["steps"]}
    value = float(_row_losses(problem, chosen).mean())
    info["validation_loss"] = value * unit**2
    return NimoModel.from_state(problem.network, chosen, unit), info
