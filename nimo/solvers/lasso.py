"""NIMO with the corrections switched off: a generalised linear model with the lasso's penalty.

Nothing has to be learned by gradient steps then.  The adaptive ridge objective of
:mod:`nimo.paper.elimination` is minimised over gamma and over c in turn, each in closed form, until
beta stands still; for delta = 1 it is convex in beta and the limit is the lasso solution.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator

import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso
from torch import Tensor

from nimo.paper.elimination import solve
from nimo.paper.problem import Problem
from nimo.paper.state import State

SWEEPS = 3000
LASSO_NEWTON_STEPS = 25
TOLERANCE = 1e-9
# Along a path of penalties, of which one is then solved to the end.
ROUGHLY = 1e-5
# The sweeps approach a zero coefficient, but never reach it: below this share of the largest ridge
# coefficient, with a gradient inside the penalty, it is 0.
VANISHING = 1e-6


def minimise_linear(problem: Problem, state: State, penalty: Tensor, delta: float) -> None:
    """Minimise mean loss + penalty (||gamma||^2 + sum c^(2 delta)) / 2 over gamma and c, in place.

    A feature whose c is 0 at the start comes in only if its slope exceeds the penalty.

    Parameters
    ----------
    penalty : (M,); 0 leaves c = 1
    delta : float
    """
    for m in range(len(penalty)):
        one = state.select(torch.tensor([m]))
        _minimise_one(problem, one, penalty[m : m + 1], delta, TOLERANCE)
        state.scale[m], state.gamma[m] = one.scale[0], one.gamma[0]
        state.intercept[m] = one.intercept[0]


def lasso_path(
    problem: Problem, state: State, penalty: Tensor, delta: float
) -> Iterator[tuple[int, State]]:
    """Yield index and rough solution (one model) for each penalty (M,), the strongest first.

    ``state`` holds one model, the start.  For the squared error and delta = 1 scikit-learn's
    coordinate descent is the faster way to the same solutions.
    """
    if problem.family.name == "gaussian" and delta == 1 and bool((penalty > 0).all()):
        return _coordinate_descent(problem, state, penalty)
    return screened_sweeps(problem, state, penalty, delta)


def screened_sweeps(
    problem: Problem, state: State, penalty: Tensor, delta: float
) -> Iterator[tuple[int, State]]:
    """:func:`lasso_path` for any family and exponent.

    For delta = 1 the sweeps for a penalty see only the features that the one before kept and those
    that pass the sequential strong rule (Tibshirani et al., 2012); with thousands of features that
    is what makes the path cheap.  The optimality conditions are checked for all features.
    """
    solution, before = state, None
    x, y, family = problem.x64, problem.y, problem.family
    for m in penalty.argsort(descending=True).tolist():
        lam = float(penalty[m])
        one = state.select(torch.tensor([0]))
        if delta == 1 and lam > 0:
            coef, intercept = solution.coef[0], solution.intercept[0]
            if before is None:
                coef, intercept = torch.zeros_like(coef), family.start(y)
            slope = (x.T @ family.gradient(intercept + x @ coef, y)).abs() / len(y)
            before = float(slope.max()) if before is None else before
            one.scale *= (slope >= 2 * lam - before) | (coef != 0)
        _minimise_one(problem, one, penalty[m : m + 1], delta, ROUGHLY)
        solution, before = one, lam
        yield m, one


def _coordinate_descent(
    problem: Problem, state: State, penalty: Tensor
) -> Iterator[tuple[int, State]]:
    """:func:`lasso_path` by scikit-learn."""
    device = problem.x.device
    x, y = problem.x64.cpu().numpy(), problem.y.cpu().numpy()
    lasso = Lasso(tol=ROUGHLY, warm_start=True)
    for m in penalty.argsort(descending=True).tolist():
        with warnings.catch_warnings():
            # Rough solutions will do here, see ROUGHLY.
            warnings.simplefilter("ignore", ConvergenceWarning)
            lasso.set_params(alpha=float(penalty[m])).fit(x, y)
        coef = torch.tensor(lasso.coef_, device=device)[None]
        one = state.select(torch.tensor([0]))
        one.scale = coef.abs().sqrt()  # the best split of beta = c gamma
        one.gamma = one.scale * coef.sign()
        one.intercept = torch.full_like(one.intercept, float(lasso.intercept_))
        yield m, one


def _minimise_one(
    problem: Problem, state: State, penalty: Tensor, delta: float, tolerance: float
) -> None:
    """One model; the sweeps end when they move beta by less than this share of the largest."""
    x, y, family = problem.x64, problem.y, problem.family
    kept = state.scale[0] > 0
    scale, gamma, intercept = state.scale[0], state.gamma[0], state.intercept
    largest = None
    before = torch.full_like(scale, math.inf)
    for _ in range(SWEEPS):
        design = (x[:, kept] * scale[kept])[None]
        start = gamma[kept][None]
        solved, intercept = solve(family, design, y, penalty, start, intercept, LASSO_NEWTON_STEPS)
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
        still = (beta - before).abs().max() <= tolerance * largest
        kept = kept & ~gone
        before = beta
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
