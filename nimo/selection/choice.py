"""Regression, from the search to the final model: what the validation rows decide between.

Only training and validation rows are seen here.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nimo.paper.algorithm import Progress
from nimo.paper.problem import Problem, refit
from nimo.paper.state import State
from nimo.selection.means import best_mean
from nimo.selection.polishing import polish
from nimo.selection.relaxation import relax
from nimo.selection.search import more_members, search_linear, search_sparse
from nimo.selection.structure import find_structure
from nimo.selection.trimming import Bar, row_losses, trim
from nimo.settings import Settings

# Drops after the search, while the residual still hides small effects.
SEARCH_BAR = Bar(1.0, 0.02, 0.3)
# A network that leaves less than this share of the lasso's loss has found the structure, and a mean
# would only blur its support.
RESOLVED = 0.1
# Networks whose mean is taken where none has.
MEMBERS = 8
# What the corrections as a whole must gain over the lasso: standard errors, share of its loss.
WORTH_ERRORS, WORTH_SHARE = 1.5, 0.25
# Share of the lasso's loss that the search, which is short, must gain for members to be trained.
HOPEFUL = 0.1


def is_worth(problem: Problem, larger: State, linear: State) -> bool:
    """Whether corrections gain surely and visibly on the validation rows.

    A network can be harmless on the validation rows and wrong between them: with g = 1 everywhere
    but in a dip around the baseline, half of every coefficient is hidden in g.
    """
    base = row_losses(problem, linear)
    gain = base - row_losses(problem, larger)
    surely = gain.mean() > WORTH_ERRORS * gain.std() / len(gain) ** 0.5
    return bool(surely and gain.mean() > WORTH_SHARE * base.mean().abs())


@dataclass
class SparseFit:
    """What the sparse phase hands on."""

    model: State  # the members of the sparse model
    candidates: State  # for a mean
    base: State  # what the relaxed phase goes on from
    resolved: bool  # whether one network has found the structure
    info: dict


def fit_sparse(problem: Problem, settings: Settings, kinds: list[str], progress) -> SparseFit:
    """Search, find the structure, train on; then one network, a mean of several, or the lasso.

    The lasso is the end of the grid: an infinite group penalty closes every column, and then the
    best penalty is found on a finer grid than the network could afford.  It is not trimmed: the
    penalty has chosen.
    """
    best, records = search_sparse(problem, settings, progress)
    choice = best.loss.argmin()
    record = records[int(choice)]
    penalty = torch.full((1,), record["penalty"], dtype=torch.float64, device=problem.x.device)
    start = trim(problem, best.state.select(choice[None]), penalty, kinds, SEARCH_BAR)
    linear, linear_record = search_linear(problem, settings)
    left = float(row_losses(problem, linear).mean())
    structure = None
    # A loss that can be negative does not say how much of the data is explained.
    if left > 0:
        enough = RESOLVED * left
        structure = find_structure(problem, settings, best.state, start, kinds, enough, progress)
    resolved, fixed = structure is not None, settings.group_penalty != "auto"
    if structure is not None:
        start = _on_support(problem, start, structure.select(torch.tensor([0])), penalty)
    model = start
    if not settings.relax and (resolved or fixed):
        model, better = polish(problem, settings, start, record, progress)
        record = record | better
    fit = SparseFit(model, model, model if structure is None else structure, resolved, record)
    if resolved or fixed:
        return fit
    several = float(row_losses(problem, best.state).mean())
    if left - several > HOPEFUL * abs(left):
        members = more_members(problem, settings, record, MEMBERS, progress)
        fit.candidates = State.join([start, best.state, members])
        fit.model, _ = best_mean(problem, fit.candidates)
        fit.base = fit.model
    if is_worth(problem, fit.model, linear):
        return fit
    return SparseFit(linear, linear, linear, False, linear_record)


def _on_support(problem: Problem, state: State, support: State, penalty: Tensor) -> State:
    """The model on the features that ``support`` uses, refitted; columns may open again."""
    state = state.copy()
    state.inputs = support.inputs.clone()
    state.weights.features.mul_(state.inputs[:, None])
    kept = support.coef != 0
    state.scale, state.gamma = state.scale * kept, state.gamma * kept
    refit(problem, state, penalty, 3)
    return state


def fit_model(
    problem: Problem, settings: Settings, progress: Progress | None = None
) -> tuple[State, dict]:
    """Search, select on the validation rows, and return the models with a record of the choice.

    Returns
    -------
    State of the members, dict of JSON scalars
    """
    # A penalty that is switched off asks for no zeros.
    strengths = {"columns": settings.group_penalty, "coefs": settings.penalty}
    kinds = [kind for kind, strength in strengths.items() if strength != 0]
    if problem.network is None:
        linear, record = search_linear(problem, settings)
        fit = SparseFit(linear, linear, linear, False, record)
    else:
        fit = fit_sparse(problem, settings, kinds, progress)
    chosen = fit.model
    info = {"phase": "sparse", "members": len(chosen.intercept), **fit.info}
    if settings.relax and bool((fit.base.coef != 0).any()):
        relaxed, best_steps = relax(problem, settings, fit.base, not fit.resolved, progress)
        sparse = len(fit.candidates.intercept)
        chosen, members = best_mean(problem, State.join([fit.candidates, relaxed]))
        steps = [best_steps[m - sparse] for m in members if m >= sparse]
        info["members"] = len(members)
        if steps:
            info |= {"phase": "relaxed", "steps": max(steps) or info["steps"]}
    info["validation_loss"] = float(row_losses(problem, chosen).mean())
    return chosen, info
