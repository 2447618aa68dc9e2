"""The mean of several models: how many of the best take part."""

from __future__ import annotations

import torch

from nimo.paper.problem import Problem, predictor
from nimo.paper.state import State


def mean_loss(problem: Problem, members: State) -> float:
    """Loss of the mean of the members' predictors on the validation rows."""
    eta = predictor(problem, members, problem.x_val, problem.x_val64).mean(0)
    return float(problem.family.loss(eta, problem.y_val).mean())


def best_mean(problem: Problem, candidates: State) -> tuple[State, list[int]]:
    """The mean of the k best candidates whose loss on the validation rows is the smallest.

    Returns
    -------
    State of the members, and which of the candidates they are
    """
    eta = predictor(problem, candidates, problem.x_val, problem.x_val64)
    order = problem.family.loss(eta, problem.y_val).mean(1).argsort()
    count = torch.arange(1, len(order) + 1, device=eta.device)
    means = eta[order].cumsum(0) / count[:, None]
    losses = problem.family.loss(means, problem.y_val).mean(1)
    members = order[: int(losses.argmin()) + 1]
    return candidates.select(members.cpu()), members.tolist()
