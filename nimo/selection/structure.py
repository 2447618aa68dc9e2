"""Which features the model needs, and which of them interact.

While a network is still far from the data, its residual hides what single features are worth.
Trained close to the data on too many features, it can miss what it does not need: a needed feature
then costs several times the loss, any other a tenth of it at most.
"""

from __future__ import annotations

import torch

from nimo.paper.problem import Problem
from nimo.paper.state import State
from nimo.selection.relaxation import LOOSE_PENALTY, loosen, restrict
from nimo.selection.trimming import Bar, as_good, open_columns, trim, without_least_needed_column
from nimo.settings import Settings

# Coefficients of features that are not needed shrink; those that are needed hardly feel it.
STRUCTURE_LASSO = 5e-4
# Gauss-Newton steps: the order of magnitude of the loss is enough.
STRUCTURE_STEPS = 15
# What all drops of a round may cost together.
STRUCTURE_BAR = Bar(2.5, 0.4, 0.4)
# Each round trains on what the one before has left, and so sees more clearly.
ROUNDS = 4


def _same_support(one: State, other: State) -> bool:
    return all(torch.equal(a, b) for a, b in zip(_support(one), _support(other), strict=True))


def _support(state: State) -> tuple[torch.Tensor, torch.Tensor]:
    return state.coef != 0, state.weights.features.norm(dim=1) > 0


def find_structure(
    problem: Problem,
    settings: Settings,
    survivors: State,
    start: State,
    kinds: list[str],
    enough: float,
    progress=None,
) -> State | None:
    """The survivors of the search, trained to the data, on the features that are needed.

    Parameters
    ----------
    survivors : State
    start : State
        One model with the features to begin with; all that have a coefficient may interact.
    kinds : list of {"columns", "coefs"}
        What may be dropped.
    enough : float
        Validation loss below which the data can be said to be explained.

    Returns
    -------
    State
        The best model first.  None if its loss is above ``enough``: nothing tells what is needed
        then.
    """
    used = start.weights.features.norm(dim=1) > 0
    if not used.any():
        return None
    start = start.copy()
    start.inputs = used | (start.coef != 0)
    lasso = STRUCTURE_LASSO if "coefs" in kinds else 0.0
    first = loosen(problem, settings, restrict(survivors, start), progress, lasso, STRUCTURE_STEPS)
    order = first.loss.argsort()
    if first.loss[order[0]] > enough:
        return None
    leader = first.state.select(order[:1])
    penalty = torch.full_like(leader.intercept, LOOSE_PENALTY)
    for _ in range(ROUNDS):
        simpler = trim(problem, leader, penalty, kinds, STRUCTURE_BAR)
        if _same_support(simpler, leader):
            break
        simpler.inputs = _support(simpler)[1]
        leader = loosen(problem, settings, simpler, progress, lasso, STRUCTURE_STEPS).state
    if "columns" in kinds:
        leader = _leaner(problem, settings, leader, progress)
    return State.join([leader, restrict(first.state.select(order[1:]), leader)])


def _leaner(problem: Problem, settings: Settings, leader: State, progress) -> State:
    """Take away the least needed first-layer column, while training on makes up for it.

    Two sets of columns can express nearly the same function, and then no column can be missed
    before the network has learned to do without it.
    """
    penalty = torch.full_like(leader.intercept, LOOSE_PENALTY)
    while open_columns(leader) > 1:
        lean = without_least_needed_column(problem, leader, penalty)
        lean = loosen(problem, settings, lean, progress, steps=STRUCTURE_STEPS).state
        if not as_good(problem, leader, lean):
            break
        leader = lean
    leader.inputs = _support(leader)[1]
    return leader
