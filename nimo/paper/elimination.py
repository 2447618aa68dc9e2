"""The eliminated parameters: coefficients in closed form (gaussian) or by damped Newton steps.

For fixed design B = X (1 + G) and scales c, the coefficients gamma and the intercept minimise

    mean_i loss(b0 + B_i D_c gamma, y_i) + (lam / 2) ||gamma||^2,

the intercept being unpenalised.  With the term (mu / 2) ||c||^2 this is the adaptive ridge form of
the lasso with penalty sqrt(lam mu) ||c * gamma||_1 (Grandvalet, 1998; arXiv 2506.05059, eq. 5 and
algorithms 1 and 2), on the scale of scikit-learn's ``Lasso(alpha=sqrt(lam mu))``.
Shapes: M models, n rows, k terms; everything in float64.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nimo.paper.families import Family


def weighted_ridge(
    design: Tensor, target: Tensor, weight: Tensor | None, lam: Tensor
) -> tuple[Tensor, Tensor]:
    """Weighted ridge with an unpenalised intercept, in the smaller of the k x k and n x n forms.

    Minimises mean_i weight_i (target_i - b0 - design_i gamma)^2 / 2 + lam ||gamma||^2 / 2.

    Parameters
    ----------
    design : (M, n, k), target : (M, n), lam : (M,)
    weight : (M, n) or None
        None: all 1.

    Returns
    -------
    gamma : (M, k), intercept : (M,)
    """
    n, k = design.shape[1:]
    if weight is None:
        mean_x, mean_y = design.mean(1), target.mean(1, keepdim=True)
        x, y = design - mean_x[:, None], (target - mean_y)[..., None]
    else:
        total = weight.sum(1, keepdim=True)
        mean_x = (weight[:, None] @ design)[:, 0] / total
        mean_y = (weight * target).sum(1, keepdim=True) / total
        root = weight.sqrt()
        x = (design - mean_x[:, None]) * root[..., None]
        y = ((target - mean_y) * root)[..., None]
    # A touch of ridge, relative to the design, keeps the system solvable when lam is 0.
    gram = x.mT @ x if k <= n else x @ x.mT
    size = gram.diagonal(dim1=1, dim2=2).mean(1) if k else torch.zeros_like(lam)
    ridge = n * lam + 1e-10 * size + 1e-12
    gram.diagonal(dim1=1, dim2=2).add_(ridge[:, None])
    factor = torch.linalg.cholesky(gram)
    if k <= n:
        gamma = torch.cholesky_solve(x.mT @ y, factor)[..., 0]
    else:
        gamma = (x.mT @ torch.cholesky_solve(y, factor))[..., 0]
    return gamma, mean_y[:, 0] - (mean_x * gamma).sum(1)


def solve(
    family: Family,
    design: Tensor,
    y: Tensor,
    lam: Tensor,
    gamma: Tensor,
    intercept: Tensor,
    steps: int,
    halvings: int = 8,
) -> tuple[Tensor, Tensor]:
    """Minimise over gamma and the intercept, from a warm start.

    Gaussian: exact.  Otherwise up to ``steps`` IRLS (Newton) steps, each halved until the penalised
    objective does not increase, separately for every model: a single undamped step per gradient
    step (algorithm 2 as printed) diverges when lam is small and the classes separate.

    Parameters
    ----------
    design : (M, n, k), B D_c
    y : (n,)
    lam : (M,)
    gamma : (M, k), intercept : (M,), the start
    """
    if family.name == "gaussian":
        return weighted_ridge(design, y.expand(design.shape[0], -1), None, lam)

    def objective(gamma, intercept):
        eta = intercept[:, None] + (design @ gamma[..., None])[..., 0]
        return family.loss(eta, y).mean(1) + 0.5 * lam * (gamma**2).sum(1)

    value = objective(gamma, intercept)
    for _ in range(steps):
        eta = intercept[:, None] + (design @ gamma[..., None])[..., 0]
        weight, target = family.working(eta, y)
        new_gamma, new_intercept = weighted_ridge(design, target, weight, lam)
        share = torch.ones_like(intercept)
        for _ in range(halvings):
            try_gamma = gamma + share[:, None] * (new_gamma - gamma)
            try_intercept = intercept + share * (new_intercept - intercept)
            tried = objective(try_gamma, try_intercept)
            worse = ~(tried <= value + 1e-12)
            if not worse.any():
                break
            share = torch.where(worse, share / 2, share)
        keep = worse[:, None]
        gamma = torch.where(keep, gamma, try_gamma)
        intercept = torch.where(worse, intercept, try_intercept)
        change = value - torch.where(worse, value, tried)
        value = value - change
        if (change <= 1e-9 * value.abs()).all():
            break
    return gamma, intercept
