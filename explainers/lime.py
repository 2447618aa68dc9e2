"""LIME for tables with continuous features: a weighted ridge regression around each row."""

from __future__ import annotations

import numpy as np

from explainers.contract import Explainer, Explanation

# Defaults of the authors' package (lime 0.2.0.1, lime_tabular.py and lime_base.py).  The package
# bins features into quartiles unless told not to; here they stay continuous, as its
# discretize_continuous=False has them, and all features are kept.
NEIGHBOURS = 5000
KERNEL_WIDTH = 0.75  # times the root of the number of features
PENALTY = 1.0  # of the squared coefficients; the intercept is free


def kernel(distance, width):
    """Weight of a neighbour at a distance: exp(-distance^2 / (2 width^2)).

    The paper's kernel is exp(-distance^2 / width^2); the package takes its root.
    """
    return np.exp(-(distance**2) / (2 * width**2))


def weighted_ridge(X, y, weights, penalty):
    """(d,) coefficients that minimise sum w (y - b0 - X b)^2 + penalty |b|^2."""
    share = weights / (weights.sum() or 1.0)  # no neighbour counts: the penalty alone, so 0
    X, y = X - share @ X, y - share @ y
    gram = (X * weights[:, None]).T @ X
    gram[np.diag_indices_from(gram)] += penalty
    return np.linalg.solve(gram, (X * weights[:, None]).T @ y)


def explain(model, rows, rng):
    """Slopes of the local linear fit; part: its term, counted from the training mean.

    As in the package, neighbours are drawn from a normal distribution with the mean and the
    standard deviation of each training feature, not around the row: the row enters through the
    kernel, with distances in standard deviations.  For labels it is the logit that is explained,
    as by all explainers here; the package takes the probability.
    """
    rows = np.asarray(rows, dtype=float)
    mean, scale, d = model.X.mean(axis=0), model.scale, model.n_features
    slopes = np.empty_like(rows)
    for i, row in enumerate(rows):
        z = rng.standard_normal((NEIGHBOURS, d))
        distance = np.linalg.norm(z - (row - mean) / scale, axis=1)
        weights = kernel(distance, KERNEL_WIDTH * np.sqrt(d))
        slopes[i] = weighted_ridge(z, model.response(mean + scale * z), weights, PENALTY)
    slopes /= scale
    return Explanation(slope=slopes, part=slopes * (rows - mean))


EXPLAINER = Explainer(
    name="lime",
    label="LIME",
    built_in=False,
    applies=lambda model: True,
    explain=explain,
    source="Ribeiro, Singh, Guestrin, Why should I trust you?, KDD 2016",
)
