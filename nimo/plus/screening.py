"""Which features the tied model looks at where there are more than its rows can tell apart.

Sure independence screening (Fan and Lv, 2008) keeps n / log(n) features.  Ranked one by one, with
thousands of them and a few hundred rows at most, several of those that matter fall behind the best
of chance.  So here they come in the order in which they enter the lasso's path, each beside those
before it.  A feature without a line may still modulate one that has it, which is looked for in what
these leave over.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
from scipy.special import log_ndtr
from sklearn.linear_model import lars_path


def room(n: int) -> int:
    """Features that n rows can tell apart."""
    return math.ceil(n / math.log(max(n, 3)))


def screened(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Numbers of the features to search among, in increasing order.

    Parameters
    ----------
    x : (n, d) array
        Features of unit size.
    y : (n,) array
        Response.

    Returns
    -------
    (q,) int array, all d where n / log(n) is not smaller
    """
    n, d = x.shape
    if d <= room(n):
        return np.arange(d)
    x, y = x - x.mean(0), y - y.mean()
    lines = _first_of_the_lasso(x, y, room(n))
    # A modulation takes two features, so half as many places are theirs at most.
    modulators = _modulators(x, y, lines)[: room(n) // 2]
    kept = np.concatenate([lines[: room(n) - len(modulators)], modulators])
    # Where the response is constant nothing enters, and any features will do.
    return np.sort(kept) if len(kept) else np.arange(room(n))


def _first_of_the_lasso(x: np.ndarray, y: np.ndarray, count: int) -> np.ndarray:
    """Numbers (count or fewer,) of the features that enter its path first, in that order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # copies are left out, as they should be
        path = lars_path(x, y, method="lasso", max_iter=2 * count)[2]
    entered = path != 0
    step = np.where(entered.any(1), entered.argmax(1), path.shape[1])
    order = np.argsort(step, kind="stable")
    return order[: min(count, int(entered.any(1).sum()))]


def _modulators(x: np.ndarray, y: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """Other features whose best product with one of ``lines`` is better than chance makes one.

    Better: among as many products less than one would do as well by chance.
    """
    n, d = x.shape
    basis = np.linalg.qr(np.column_stack([np.ones(n), x[:, lines]]))[0]
    left = y - basis @ (basis.T @ y)
    best = np.zeros(d)
    for j in lines:
        product = x[:, j, None] * x
        product -= basis @ (basis.T @ product)
        size = np.linalg.norm(product, axis=0) * np.linalg.norm(left)
        best = np.maximum(best, np.abs(left @ product) / np.where(size > 0, size, np.inf))
    freedom = n - len(lines) - 3
    if freedom < 1:
        return np.zeros(0, dtype=int)
    # Fisher's transform of a partial correlation.
    log_p = math.log(2) + log_ndtr(-math.sqrt(freedom) * np.arctanh(np.minimum(best, 1 - 1e-12)))
    chance = log_p + math.log(max(1, len(lines) * d))
    chance[lines] = 0.0
    order = np.argsort(chance, kind="stable")
    return order[chance[order] < 0]
