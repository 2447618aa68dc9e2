"""What a model can do without: first-layer columns and coefficients that the rows do not miss."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from nimo.paper.problem import Problem, predictor, refit
from nimo.paper.state import State

# Columns and coefficients below this share of the largest are dropped together, before the
# one-by-one trimming.
SMALL_TOGETHER = 0.05


@dataclass(frozen=True)
class Bar:
    """What a simpler model may cost.

    Parameters
    ----------
    errors, share : float
        On the validation rows: standard errors of the mean paired difference of the losses, and
        share of the loss; the smaller of the two counts.
    training : float
        On the training rows, as a share of the larger of the two losses.  What is irrelevant costs
        little there too; without this a search over many drops fits the validation rows.
    """

    errors: float
    share: float
    training: float = math.inf

    def passes(self, base: Tensor, losses: Tensor) -> bool:
        """Whether validation losses (n,) of a simpler model are close enough to ``base`` (n,)."""
        difference = losses - base
        error = float(difference.std()) / len(base) ** 0.5 if len(base) > 1 else 0.0
        allowed = min(self.errors * error, self.share * float(base.mean().abs()))
        return float(difference.mean()) <= allowed

    def trains(self, base: Tensor, before: float, after: float) -> bool:
        """Whether training losses are close enough; ``base`` as in :meth:`passes`."""
        return after - before <= self.training * max(abs(before), float(base.mean().abs()))


# For a model that was trained on without a column.  A column that is needed costs far more; one
# that only serves another way to write the same function costs up to this much.
RETRAINED = Bar(2.7, 0.5, 0.3)


def row_losses(problem: Problem, state: State) -> Tensor:
    """Validation loss of each row (n,) of one model, or of the mean of several."""
    eta = predictor(problem, state, problem.x_val, problem.x_val64).mean(0)
    return problem.family.loss(eta, problem.y_val)


def training_loss(problem: Problem, state: State) -> float:
    """Mean loss on the training rows of one model."""
    eta = predictor(problem, state, problem.x_fit, problem.x_fit64)
    return float(problem.family.loss(eta, problem.y_fit).mean())


def open_columns(state: State) -> int:
    """Number of first-layer columns that any of the models uses."""
    return int((state.weights.features.norm(dim=1) > 0).any(0).sum())


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


def trim(problem: Problem, state: State, penalty: Tensor, kinds: list[str], bar: Bar) -> State:
    """Drop first-layer columns, then coefficients, that neither set of rows misses.

    ``state`` holds one model.  All columns are tried together, then the small ones together, the
    others one by one from the smallest.  All drops together must stay below ``bar``.

    Parameters
    ----------
    kinds : list of {"columns", "coefs"}
    """
    base, before = row_losses(problem, state), training_loss(problem, state)

    def attempt(state, **drop):
        new = _without(problem, state, penalty, **drop)
        if not bar.passes(base, row_losses(problem, new)):
            return state
        return new if bar.trains(base, before, training_loss(problem, new)) else state

    for kind in kinds:

        def sizes(state, kind=kind):
            if kind == "columns":
                return state.weights.features[0].norm(dim=0)
            return state.coef[0].abs()

        size = sizes(state)
        if kind == "columns" and (size > 0).any():
            state = attempt(state, columns=size > 0)
            size = sizes(state)
        small = (size > 0) & (size < SMALL_TOGETHER * size.max())
        if small.any():
            state = attempt(state, **{kind: small})
        size = sizes(state)
        for j in size.argsort().tolist():
            if size[j] > 0:
                one = torch.zeros_like(small)
                one[j] = True
                state = attempt(state, **{kind: one})
    return state


def without_least_needed_column(problem: Problem, state: State, penalty: Tensor) -> State:
    """One model without the first-layer column whose loss costs least on the validation rows."""
    columns = (state.weights.features[0].norm(dim=0) > 0).nonzero()[:, 0].tolist()
    options = []
    for j in columns:
        one = torch.zeros_like(state.inputs[0])
        one[j] = True
        options.append(_without(problem, state, penalty, columns=one))
    if not options:
        return state
    costs = [float(row_losses(problem, o).mean()) for o in options]
    return options[costs.index(min(costs))]


def as_good(problem: Problem, larger: State, simpler: State) -> bool:
    """Whether a simpler model that was trained on its own can replace the larger one."""
    base, losses = (row_losses(problem, state) for state in (larger, simpler))
    before, after = (training_loss(problem, state) for state in (larger, simpler))
    return RETRAINED.trains(base, before, after) and RETRAINED.passes(base, losses)
