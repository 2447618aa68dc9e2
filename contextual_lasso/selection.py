"""Which point of the path: least validation loss, or the one-standard-error rule."""

from __future__ import annotations

import numpy as np


def select(val_loss, val_loss_se, lambdas, gammas):
    """Indices into (lambdas, gammas) by both rules.

    Parameters
    ----------
    val_loss, val_loss_se : (n_lambdas, n_gammas) arrays
        Mean validation loss and its standard error.
    lambdas : (n_lambdas,) array, gammas : (n_gammas,) array

    Returns
    -------
    dict : ``{"min": (i, j), "1se": (i, j)}``.  "1se" is the smallest lambda, and among those the
    smallest gamma, anywhere on the path whose loss is at most the least one plus its standard
    error.

    Raises
    ------
    ValueError
        If no validation loss is finite.
    """
    loss = np.where(np.isfinite(val_loss), val_loss, np.inf)
    if np.isinf(loss).all():
        raise ValueError("no point of the lambda path has a finite validation loss")
    # by column: with equal losses the smaller gamma wins, then the earlier lambda
    j, i = np.unravel_index(np.argmin(loss.T), loss.T.shape)
    within = np.argwhere(loss <= loss[i, j] + val_loss_se[i, j])
    smallest = min(within, key=lambda ij: (lambdas[ij[0]], gammas[ij[1]]))
    return {"min": (int(i), int(j)), "1se": (int(smallest[0]), int(smallest[1]))}
