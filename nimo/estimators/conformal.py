"""Split conformal prediction: intervals by the errors of rows that were kept apart.

Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, Distribution-free predictive inference for
regression, Journal of the American Statistical Association 113, 2018.
"""

from __future__ import annotations

import math

import numpy as np


def scores(y: np.ndarray, mean: np.ndarray, family: str) -> np.ndarray:
    """Errors (n,) of rows kept apart, in the order of size, in units of :func:`scale`."""
    return np.sort(np.abs(y - mean) / scale(mean, family))


def scale(mean: np.ndarray, family: str) -> np.ndarray:
    """What errors are in proportion to, (n,): 1, or for counts the root of the mean."""
    if family == "poisson":
        return np.sqrt(np.maximum(mean, np.finfo(np.float64).tiny))
    return np.ones(len(mean))


def interval(mean: np.ndarray, errors: np.ndarray, level: float, family: str) -> np.ndarray:
    """(n, 2), mean -+ the ceil((m + 1) level)-th of m sorted errors; infinite where m is less."""
    place = math.ceil((len(errors) + 1) * level)
    half = scale(mean, family) * (errors[place - 1] if place <= len(errors) else np.inf)
    low = mean - half
    return np.column_stack([np.maximum(low, 0.0) if family == "poisson" else low, mean + half])
