"""The mean of several models: how many of the best take part."""

from __future__ import annotations

from nimo.paper.problem import Problem, validation_loss
from nimo.paper.state import State
from nimo.selection.trimming import Bar, row_losses

# Models whose loss is above this many times the best one are no members of a mean: it would
# dilute their error, but take over every feature they use.
MEMBER = 1.5
# What a mean of more models may cost.
MEAN = Bar(1.0, 0.05)


def best_mean(problem: Problem, candidates: State) -> tuple[State, list[int]]:
    """The mean of the k best candidates that has most members and is about as good as the best.

    A mean varies less from one draw of the rows to the next, which the loss on one draw cannot
    show.

    Returns
    -------
    State of the members, and which of the candidates they are
    """
    loss = validation_loss(problem, candidates)
    order = loss.argsort()
    order = order[loss[order] - loss.min() <= (MEMBER - 1) * loss.min().abs()]
    means = [candidates.select(order[:k]) for k in range(1, len(order) + 1)]
    losses = [row_losses(problem, state) for state in means]
    best = min(losses, key=lambda rows: float(rows.mean()))
    members = max(k for k, rows in enumerate(losses, 1) if MEAN.passes(best, rows))
    return means[members - 1], order[:members].tolist()
