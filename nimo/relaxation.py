"""The relaxed phase: on with the selected support, without the strong penalties.

After the relaxed lasso (Meinshausen, CSDA 2007): the penalties that find a support are stronger
than what serves the fit on it.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from nimo.problem import Problem, State, refit, validation_loss
from nimo.search import PATIENCE, Settings, start_state
from nimo.training import Best, Phase, train
from nimo.trimming import Bar, as_good, open_columns, trim, without_least_needed_column

PENALTY = 1e-5
GROUP_PENALTY = 1e-3
# In the last part, in turn over the networks: data sets differ in which is better, and a mean gains
# from both.
GROUP_PENALTIES = (1e-3, 3e-4)
# Networks that start afresh: on one data set restarts differ more than anything else does.
FRESH = 4
TRIM = Bar(1.0, 0.08, 0.3)


def _restrict(state: State, support: State) -> None:
    """Freeze at 0 what ``support`` (one model) does not allow, and set c = 1, in place."""
    kept = support.scale > 0
    state.gamma = state.coef * kept
    state.scale = kept.double().expand_as(state.scale).clone()
    state.inputs = support.inputs.expand_as(state.inputs).clone()
    state.weights.features.mul_(state.inputs[:, None])


def relax(
    problem: Problem,
    settings: Settings,
    sparse: State,
    support: State,
    kinds: list[str],
    progress=None,
) -> Best:
    """Go on from the sparse models, and from fresh networks, on the support of the chosen one.

    At first a feature with a coefficient may interact even where the sparse phase had closed its
    column.  Then the support is trimmed again: the residual is smaller now, so the validation rows
    tell more surely what is needed.
    """
    state = State.join([sparse, start_state(problem, FRESH, settings.hidden)])
    like = torch.ones_like(state.intercept)
    phase = Phase(
        steps=max(1, settings.max_steps // 2),
        learning_rate=0.5 * settings.learning_rate,
        penalty=PENALTY * like,
        group_penalty=GROUP_PENALTY * like.float(),
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
    leader = trim(problem, first.state.select(choice[None]), phase.penalty[:1], kinds, TRIM)
    if "columns" in kinds:
        leader = _leaner(problem, leader, phase, progress)
        _restrict(first.state, leader)
        # Some networks never find the structure.  Where none but the leader has, it must not be
        # alone in a mean with sparse models, which bring their superfluous features.
        others = first.loss.argsort()[:-1]
        first.state = State.join([leader, first.state.select(others)])
        turns = torch.tensor(GROUP_PENALTIES, device=like.device).repeat(len(like))[: len(like)]
        phase = replace(phase, group_penalty=turns)
    return train(problem, first.state, replace(phase, steps=settings.max_steps), progress)


def _leaner(problem: Problem, leader: State, phase: Phase, progress) -> State:
    """Take away the least needed first-layer column, while training on makes up for it.

    Two sets of columns can express nearly the same function, and then no column can be missed
    before the network has learned to do without it.
    """
    phase = phase.select(torch.tensor([0]))
    while open_columns(leader) > 1:
        lean = without_least_needed_column(problem, leader, phase.penalty)
        lean = train(problem, lean, phase, progress).state
        if not as_good(problem, leader, lean):
            break
        leader = lean
    leader.inputs = leader.weights.features.norm(dim=1) > 0
    return leader
