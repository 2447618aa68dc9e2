"""``selection="auto"``: supports by the evidence, and networks that are trained on them.

A few networks are trained by the paper's algorithm and, for ``relax=True``, by Gauss-Newton steps
without noise, on what :mod:`nimo.selection.distillation` makes of the training rows.  The model is
the best mean of some of them.  Nothing is trimmed.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from nimo.paper.algorithm import Penalties, Progress, train
from nimo.paper.checkpoint import Best
from nimo.paper.problem import Problem, initial_state, refit
from nimo.paper.settings import Settings
from nimo.paper.state import State
from nimo.selection.distillation import can_distil, distilled
from nimo.selection.means import best_mean, mean_loss
from nimo.selection.supports import Supports, find_supports
from nimo.selection_settings import SelectionSettings
from nimo.solvers.gauss_newton import Strengths, affordable, gauss_newton


def fit_on_evidence(
    problem: Problem,
    settings: Settings,
    progress: Progress | None = None,
    *,
    numbers: SelectionSettings,
    relax: bool = False,
) -> tuple[State, dict]:
    """Find the supports and train on them.

    The problem's network is told which features each correction must not see.

    Returns
    -------
    State of the members, dict of JSON scalars
    """
    supports = find_supports(problem, settings, numbers)
    info: dict = {"structure": "sparse" if supports.modulate else "linear"}
    network = problem.correction
    if supports.modulate:
        if network.mask_self:
            problem.network = replace(network, unseen=supports.unseen(problem.x64))
        state, found = _networks(problem, settings, supports, numbers, relax, progress)
        info |= found
    else:
        state = _straight(problem, settings, supports)
        info |= {"phase": "linear", "group_alpha": 0.0, "steps": 1}
    loss = mean_loss(problem, state)
    return state, info | {"members": len(state.intercept), "validation_loss": loss}


def _straight(problem: Problem, settings: Settings, supports: Supports) -> State:
    """A linear model on the features that have a coefficient."""
    state = supports.on(initial_state(problem, 1, settings.n_hidden))
    state.inputs.zero_()
    state.weights.features.zero_()
    refit(problem, state, torch.full_like(state.intercept, supports.shrink or 0.0), 20)
    return state


def _networks(problem, settings, supports, numbers, relax, progress) -> tuple[State, dict]:
    """The mean of the networks of one phase or of both, computed on the used features alone."""
    d = problem.x.shape[1]
    used = (supports.coefs | supports.modulators).nonzero()[:, 0]
    observed = expected = problem.narrow(used)
    structure = supports.structure
    if numbers.distil and structure is not None and can_distil(problem, numbers):
        expected = distilled(problem, structure, numbers).narrow(used)

    def fresh(models: int) -> State:
        return supports.on(initial_state(problem, models, settings.n_hidden)).narrow(used)

    candidates, info = _sparse(expected, settings, fresh, numbers, progress)
    info["phase"] = "sparse"
    if expected is not observed:
        # With little noise the responses say more than the structure expects, which is smooth.
        last = _respond(observed, settings, candidates, info, progress)
        candidates = State.join([candidates, last])
    if relax:
        # What the penalties have closed may open again.
        best = supports.on(candidates.select(torch.tensor([0])).widen(used, d)).narrow(used)
        starts = State.join([best, fresh(settings.n_init)])
        descents: list[Best] = []
        if expected is not observed:
            descents.append(_descend(expected, settings, starts, numbers, progress))
            learned = descents[0].state.select(descents[0].loss.argmin()[None].cpu())
            starts = State.join([starts, learned])
        # The responses from each start, and from what was distilled.
        descents.append(_descend(observed, settings, starts, numbers, progress))
        candidates = State.join([candidates, *(descent.state for descent in descents)])
        steps = sum(int(descent.step.max()) for descent in descents)
        info |= {"phase": "relaxed", "steps": info["steps"] + steps}
    return best_mean(observed, candidates)[0].widen(used, d), info


def _respond(problem, settings, candidates, record, progress) -> State:
    """One more stretch of the first network, on the responses."""
    best = candidates.select(torch.tensor([0]))
    like = torch.ones_like(best.intercept)
    lasso, group = record["alpha"] * like, record["group_alpha"] * like
    return _stretch(problem, settings, best, lasso, group, 0.5, progress).state


def _stretch(problem, settings, state, lasso, group, share, progress) -> Best:
    """Half of the steps of the paper's algorithm, at a share of its rate."""
    penalties = Penalties(lasso, group.float(), settings.delta, settings.group_power)
    steps, rate = max(1, settings.max_iter // 2), share * settings.learning_rate_init
    return train(problem, state, penalties, steps, rate, settings.input_noise, progress)


def _given(value: float | str, numbers: tuple[float, ...]) -> tuple[float, ...]:
    return numbers if value == "auto" else (float(value),)


def _sparse(problem, settings, fresh, numbers, progress) -> tuple[State, dict]:
    """Networks by the paper's algorithm: the best one, and one for each group penalty.

    The best one goes on in stretches with lower and lower penalties.
    """
    device = problem.x.device
    (first,) = _given(settings.alpha, (numbers.lasso,))
    groups = torch.tensor(
        _given(settings.group_alpha, numbers.groups), dtype=torch.float64, device=device
    )
    penalty = torch.full_like(groups, first)
    state = fresh(len(groups))
    least, done = float("inf"), 0
    record: dict[str, float] = {}
    found: list[State] = []
    share = 1.0
    for _ in range(numbers.stretches):
        best = _stretch(problem, settings, state, penalty, groups, share, progress)
        choice = int(best.loss.argmin())
        if best.loss[choice] >= least:
            break
        least, done = float(best.loss[choice]), done + int(best.step[choice])
        chosen = best.state.select(torch.tensor([choice]))
        found = found or [best.state]
        record = {"alpha": float(penalty[choice]), "group_alpha": float(groups[choice])}
        share = 0.5
        lower = numbers.less if settings.alpha == "auto" else 1.0
        shares = (1.0, numbers.less) if settings.group_alpha == "auto" else (1.0,)
        groups = groups[choice] * torch.tensor(shares, dtype=torch.float64, device=device)
        penalty = torch.full_like(groups, lower * record["alpha"])
        state = State.join([chosen] * len(groups))
    return State.join([chosen, *found]), {**record, "steps": done}


def _descend(problem, settings, state, numbers, progress) -> Best:
    """Train without noise or lasso: by Gauss-Newton steps where they are affordable."""
    groups = _given(settings.group_alpha, numbers.groups)
    group = groups[len(groups) // 2]
    if affordable(problem, state):
        return gauss_newton(problem, state, Strengths(0.0, group), numbers.steps, progress)
    none = torch.zeros_like(state.intercept)
    penalties = Penalties(
        none, torch.full_like(none, group).float(), settings.delta, settings.group_power
    )
    steps, rate = settings.max_iter, settings.learning_rate_init
    return train(problem, state, penalties, steps, rate, 0.0, progress)
