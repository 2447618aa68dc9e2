"""Which features the search looks at where there are more than the rows can tell apart.

Sure independence screening (Fan and Lv, 2008) keeps n / log(n) features.  A feature is ranked by
the smallest of three p-values: that of its correlation with the response, that of its bend's, and
that of its best product with another feature, the last two with what a linear model leaves over.
The last is multiplied by the number of products that were looked at.
"""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr


def ranked_features(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Numbers of the features to search among, the most promising first.

    Parameters
    ----------
    x : (n, d), features of unit size, 0 at the baseline
    y : (n,), response
    weight : (n,)

    Returns
    -------
    (q,) int array, all d where n / log(n) is not smaller
    """
    n, d = x.shape
    q = room(n)
    root = np.sqrt(weight / weight.mean())
    y = (y - np.average(y, weights=weight)) * root
    left = _left_over(x * root[:, None], y)
    straight = _log_p(_correlation(x * root[:, None], y), n)
    bend = np.abs(x)
    bend = (bend - np.average(bend, axis=0, weights=weight)) * root[:, None]
    bent = _log_p(_correlation(bend, left), n)
    product = (x * (left * root)[:, None]).T @ x
    size = np.sqrt((x**2).T @ (x**2 * (root**2)[:, None]))
    with np.errstate(invalid="ignore", divide="ignore"):
        pairs = np.nan_to_num(np.abs(product) / (size * np.linalg.norm(left)))
    np.fill_diagonal(pairs, 0.0)
    best = _log_p(pairs.max(1), n) + np.log(d)
    rank = np.minimum(np.minimum(straight, bent), best)
    return np.argsort(rank, kind="stable")[:q]


def room(n: int) -> int:
    """Features that n rows can tell apart."""
    return int(np.ceil(n / np.log(max(n, 3))))


def _correlation(x, y):
    size = np.linalg.norm(x, axis=0) * np.linalg.norm(y)
    return np.abs(x.T @ y) / np.where(size > 0, size, np.inf)


def _log_p(correlation, n):
    """Logarithm of the two-sided p-value, by Fisher's transform."""
    return np.log(2) + log_ndtr(
        -np.sqrt(max(n - 3, 1)) * np.arctanh(np.minimum(correlation, 1 - 1e-12))
    )


def _left_over(x, y):
    """Leave-one-out residuals of a ridge regression with as much penalty as there is signal."""
    gram = x @ x.T
    values, vectors = np.linalg.eigh(gram)
    values = np.maximum(values, 0)
    turned = vectors.T @ y
    best = None
    for penalty in values.mean() * np.logspace(-3, 2, 11):
        kept = penalty / (values + penalty)
        residual = vectors @ (kept * turned)
        leverage = (vectors**2) @ kept
        out = residual / np.maximum(leverage, 1e-12)
        loss = float(out @ out)
        if best is None or loss < best[0]:
            best = (loss, out)
    return best[1]
