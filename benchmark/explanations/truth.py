"""What a data set's own function answers to the probes of a split; None where nobody knows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.explanations import shapley
from benchmark.explanations.observe import forward_effects, mean_product

STEP = 1e-5  # of central differences in double precision: error about 1e-9


@dataclass(frozen=True)
class Known:
    """The true answers; m rows, d features.

    Attributes
    ----------
    gradient : (m, d), df/dx_j
    local_coef : (m, d), beta_j (1 + g_j(x_-j)), the slope within a feature's own term
    shapley : (m, d), by the same background and samples as the model's
    shapley_error : (m, d)
    forward : (m, d), f(x + h e_j) - f(x)
    feature_matrix : (d, d), mean outer product of the gradients at the training rows
    """

    gradient: np.ndarray | None = None
    local_coef: np.ndarray | None = None
    shapley: np.ndarray | None = None
    shapley_error: np.ndarray | None = None
    forward: np.ndarray | None = None
    feature_matrix: np.ndarray | None = None


def of_probes(dataset, probes) -> Known:
    """The truth about the rows of the probes.

    Parameters
    ----------
    dataset : benchmark.datasets.DataSet
    probes : benchmark.explanations.probes.Probes
    """
    f = getattr(dataset, "f", None)
    if f is None:
        return Known()
    rng = np.random.default_rng(probes.seed)
    values, error = shapley.values(f, probes.rows, probes.background, rng)
    return Known(
        gradient=gradient(f, probes.rows),
        local_coef=dataset.local_coef(probes.rows),
        shapley=values,
        shapley_error=error,
        forward=forward_effects(f, probes.rows, probes.forward),
        feature_matrix=mean_product(gradient(f, probes.training)),
    )


def gradient(f, rows):
    """(m, d) central differences of a smooth function in double precision."""
    m, d = rows.shape
    moves = STEP * np.eye(d)[:, None, :]
    up, down = (f((rows[None] + sign * moves).reshape(-1, d)).reshape(d, m) for sign in (1, -1))
    return ((up - down) / (2 * STEP)).T


def background(dataset, arrays, n_rows):
    """(b, d) rows that stand for the law of the features.

    For a synthetic data set a quasi-random sample of the law itself, else training rows.
    """
    if hasattr(dataset, "f"):
        return dataset.quasi_random(n_rows)
    return np.asarray(arrays["X_train"][:n_rows], dtype=float)
