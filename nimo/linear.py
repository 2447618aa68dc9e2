"""NIMO with the corrections switched off: a generalised linear model with the lasso's penalty.

Nothing has to be learned by gradient steps then.  The adaptive ridge objective of
:mod:`nimo.profile` is minimised over gamma and over c in turn, each in closed form, until beta
stands still; for delta = 1 it is convex in beta and the limit is the lasso solution.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nimo.profile import solve
from nimo.training import Problem, State

SWEEPS = 3000
NEWTON_STEPS = 25
TOLERANCE = 1e-9
# The sweeps approach a zero coefficient, but never reach it: below this share of the largest ridge
# coefficient, with a gradient inside the penalty, it is 0.
VANISHING = 1e-6


def minimise_linear(problem: Problem, state: State, penalty: Tensor, delta: float) -> None:
    """Minimise mean loss + penalty (||gamma||^2 + sum c^(2 delta)) / 2 over gamma and c, in place.

    Parameters
    ----------
    penalty : (M,); 0 leaves c = 1
    delta : float
    """
    for m in range(len(penalty)):
        one = state.select(torch.tensor([m]))
        _minimise_one(problem, one, penalty[m : m + 1], delta)
        state.scale[m], state.gamma[m] = one.scale[0], one.gamma[0]
        state.intercept[m] = one.intercept[0]


def _minimise_one(problem: Problem, state: State, penalty: Tensor, delta: float) -> None:
    x, y, family = problem.x64, problem.y, problem.family
    kept = torch.ones_like(state.inputs[0])
    scale, gamma, intercept = state.scale[0], state.gamma[0], state.intercept
    largest = None
    for _ in range(SWEEPS):
        before = scale * gamma
        design = (x[:, kept] * scale[kept])[None]
        start = gamma[kept][None]
        solved, intercept = solve(family, design, y, penalty, start, intercept, NEWTON_STEPS)
        gamma = torch.zeros_like(scale)
        gamma[kept] = solved[0]
        beta = scale * gamma
        size = beta.abs()
        if largest is None:
            largest = size.max().clamp_min(1e-12)
        if penalty == 0 or not kept.any():
            break
        slope = (x.T @ family.gradient(intercept + x @ beta, y)).abs() / len(y)
        # With delta < 1 the penalty is steeper than any slope at 0.
        inside = (slope <= penalty) if delta == 1 else torch.ones_like(kept)
        gone = kept & (size <= VANISHING * largest) & inside
        still = (beta - before).abs().max() <= TOLERANCE * largest
        kept = kept & ~gone
        if still and not gone.any():
            back = ~kept & ~inside
            if not back.any():
                break
            kept = kept | back
            beta = torch.where(back, 0.01 * largest, beta)
        # The best c for fixed beta = c gamma.
        scale = torch.where(kept, (beta**2 / delta) ** (1 / (2 * delta + 2)), 0.0)
        gamma = torch.where(kept, beta / scale.clamp_min(1e-150), 0.0)
    state.scale = scale[None] * kept
    state.gamma = gamma[None] * kept
    state.intercept = intercept
