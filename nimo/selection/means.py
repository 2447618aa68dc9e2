"""The mean of several models: how many of the best take part."""

from __future__ import annotations

import torch

from nimo.paper.problem import Problem, predictor, validation_loss
from nimo.paper.state import State


def best_mean(problem: Problem, candidates: State) -> tuple[State, list[int]]:
    """The mean of the k best candidates whose loss on the validation rows is the smallest.

    Returns
    -------
    State of the members, and which of the candidates they are
    """
    order = validation_loss(problem, candidates).argsort()
    eta = predictor(problem, candidates, problem.x_val, problem.x_val64)[order]
    count = torch.arange(1, len(order) + 1, device=eta.device)
    losses = problem.family.loss(eta.cumsum(0) / count[:, None], problem.y_val).mean(1)
    members = order[: int(losses.argmin()) + 1]
    return candidates.select(members.cpu()), members.tolist()
