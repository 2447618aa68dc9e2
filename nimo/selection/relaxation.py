"""The relaxed phase: on with a support that was found, without noise and strong penalties.

After the relaxed lasso (Meinshausen, CSDA 2007): the penalties that find a support are stronger
than what serves the fit on it.
"""

from __future__ import annotations

import torch

from nimo.paper.checkpoint import Best
from nimo.paper.problem import Problem, initial_state, refit
from nimo.paper.state import State
from nimo.selection.search import PATIENCE
from nimo.selection.training import Phase, train
from nimo.settings import Settings
from nimo.solvers.gauss_newton import Strengths, affordable, gauss_newton

LOOSE_PENALTY = 1e-5
LOOSE_GROUP_PENALTY = 1e-3
# Of Gauss-Newton, at most; most models are done after twenty.
LOOSE_STEPS = 40
# Networks that start afresh beside those of the sparse phase, which may be stuck.
FRESH = 2


def restrict(state: State, support: State) -> State:
    """The models with everything at 0 that no model of ``support`` uses, and c = 1 elsewhere."""
    state = state.copy()
    kept = (support.coef != 0).any(0)
    state.gamma = state.coef * kept
    state.scale = kept.double().expand_as(state.scale).clone()
    state.inputs = support.inputs.any(0).expand_as(state.inputs).clone()
    state.weights.features.mul_(state.inputs[:, None])
    return state


def loosen(
    problem: Problem,
    settings: Settings,
    state: State,
    progress=None,
    lasso: float = 0.0,
    steps: int = LOOSE_STEPS,
    gradual: bool = False,
) -> Best:
    """Train the models on their supports, c = 1, without noise and with weak penalties.

    By Gauss-Newton steps where they are affordable, by gradient steps otherwise.

    Parameters
    ----------
    lasso : float
        Lasso penalty, for Gauss-Newton steps alone.
    steps : int
        Gauss-Newton steps at most; of gradient steps there are half of ``max_steps``.
    gradual : bool
        Gradient steps in any case: where the validation rows stop training long before it has
        converged, many small steps find a better place to stop.
    """
    if not gradual and affordable(problem, state):
        strengths = Strengths(ridge=LOOSE_PENALTY, group=LOOSE_GROUP_PENALTY, lasso=lasso)
        return gauss_newton(problem, state, strengths, steps, progress)
    like = torch.ones_like(state.intercept)
    phase = Phase(
        steps=max(1, settings.max_steps // 2),
        learning_rate=0.5 * settings.learning_rate,
        penalty=LOOSE_PENALTY * like,
        group_penalty=LOOSE_GROUP_PENALTY * like.float(),
        noise=0.0,
        scales=False,
        patience=PATIENCE,
    )
    return train(problem, state, phase, progress)


def relax(
    problem: Problem, settings: Settings, sparse: State, gradual: bool, progress=None
) -> tuple[State, list[int]]:
    """The models, and fresh ones, trained on the features that any of the models uses.

    Parameters
    ----------
    gradual : bool
        See :func:`loosen`.

    Returns
    -------
    State, and the step at which each was best
    """
    state = restrict(sparse, sparse)
    if problem.network is None or not (state.weights.features != 0).any():
        # What remains is one linear model.
        linear = state.select(torch.tensor([0]))
        refit(problem, linear, torch.full_like(linear.intercept, LOOSE_PENALTY), 20)
        return linear, [0]
    fresh = initial_state(problem, FRESH, settings.hidden)
    fresh.gamma = state.coef[:1].expand_as(fresh.gamma).clone()
    state = State.join([state, restrict(fresh, state)])
    best = loosen(problem, settings, state, progress, gradual=gradual)
    return best.state, best.step.tolist()
