"""Responses, as weighted least squares problems at the current predictor.

Shapes: n rows, k predictors (one, or one for each of several classes).
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, log_softmax, softmax

from nimo.counts import powers

#: Weights below this share of the largest would make working responses without bound.
LEAST_CURVATURE = 1e-6


class Family:
    """What the engine needs to know of a response."""

    name: str
    has_noise = False
    #: Size of the predictor, where the search starts.
    unit = 1.0

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """(k,) predictor without any feature."""
        raise NotImplementedError

    def loss(self, eta: np.ndarray, y: np.ndarray) -> np.ndarray:
        """(n,) negative log-likelihood."""
        raise NotImplementedError

    def mean(self, eta: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def score(self, eta: np.ndarray, y: np.ndarray) -> np.ndarray:
        """(n, k) derivative of the log-likelihood."""
        return y - self.mean(eta)

    def curvature(self, eta: np.ndarray, y: np.ndarray) -> np.ndarray:
        """(n, k) minus its expected second derivative."""
        raise NotImplementedError


class Normal(Family):
    """y (n, 1) with normal noise."""

    name = "normal"
    has_noise = True

    def start(self, y, weight):
        return np.average(y, axis=0, weights=weight)

    def mean(self, eta):
        return eta

    def curvature(self, eta, y):
        return np.ones_like(eta)


class Binomial(Family):
    """y (n, 1) of 0 and 1, log-odds."""

    name = "binomial"
    unit = 30.0

    def start(self, y, weight):
        share = np.average(y, axis=0, weights=weight)
        return np.log(share / (1 - share))

    def loss(self, eta, y):
        return (np.logaddexp(0, eta) - y * eta)[:, 0]

    def mean(self, eta):
        return expit(eta)

    def curvature(self, eta, y):
        p = expit(eta)
        return np.maximum(p * (1 - p), LEAST_CURVATURE)


class Multinomial(Family):
    """y (n, k) of 0 and 1, one softmax."""

    name = "multinomial"
    unit = 30.0

    def start(self, y, weight):
        share = np.log(np.average(y, axis=0, weights=weight))
        return share - share.mean()

    def loss(self, eta, y):
        return -(y * log_softmax(eta, axis=1)).sum(1)

    def mean(self, eta):
        return softmax(eta, axis=1)

    def curvature(self, eta, y):
        p = softmax(eta, axis=1)
        return np.maximum(p * (1 - p), LEAST_CURVATURE)


class Poisson(Family):
    """y (n, 1) counts, log of the mean."""

    name = "poisson"

    def start(self, y, weight):
        return np.log(np.average(y, axis=0, weights=weight))

    def loss(self, eta, y):
        return (powers(eta)[0] - y * eta)[:, 0]

    def mean(self, eta):
        return powers(eta)[1]

    def curvature(self, eta, y):
        found = powers(eta)[2]
        return np.maximum(found, LEAST_CURVATURE * found.max())


RESPONSES = {one.name: one for one in (Normal(), Binomial(), Multinomial(), Poisson())}
