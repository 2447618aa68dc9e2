"""Responses, as weighted least squares problems at the current predictor.

Shapes: n rows, k predictors (one, or one for each of several classes).
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, log_softmax, ndtr, ndtri, softmax

from nimo.paper import likelihoods

#: Weights below this share of the largest would make working responses without bound.
LEAST_CURVATURE = 1e-6


class Family:
    """What the engine needs to know of a response."""

    name: str
    has_noise = False
    #: Whether the loss is divided by a dispersion, which is found at each reweighting.
    dispersed = False
    #: Size of the predictor, where the search starts.
    unit = 1.0

    def inner(self, y: np.ndarray, centre: float, unit: float) -> np.ndarray:
        """The response whose predictor is (eta - centre) / unit."""
        return (y - centre) / unit

    def start(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """(k,) predictor without any feature."""
        raise NotImplementedError

    def opening(self, y: np.ndarray) -> np.ndarray | None:
        """(n, k) response whose least squares begin near the fit, where there is one."""
        return None

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

    def dispersion(self, eta: np.ndarray, y: np.ndarray, weight: np.ndarray, open_: float) -> float:
        """What the loss is divided by; ``open_`` is the share of rows not used up by the fit."""
        return 1.0

    def shift(self, eta: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
        """What the intercept lacks at the end; smoothed losses have theirs elsewhere."""
        return 0.0

    def normaliser(self, y: np.ndarray, dispersion: float) -> np.ndarray:
        """(n,), what the loss over the dispersion lacks to be a negative log-likelihood."""
        return np.zeros(len(y))


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
        return likelihoods.Binomial.loss(eta, y)[:, 0]

    def mean(self, eta):
        return likelihoods.Binomial.mean(eta)

    def curvature(self, eta, y):
        return np.maximum(likelihoods.Binomial.variance(eta), LEAST_CURVATURE)


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
        return likelihoods.Poisson.loss(eta, y)[:, 0]

    def mean(self, eta):
        return likelihoods.Poisson.mean(eta)

    def curvature(self, eta, y):
        found = likelihoods.Poisson.variance(eta)
        return np.maximum(found, LEAST_CURVATURE * found.max())


class Gamma(Family):
    """y (n, 1) positive, log of the mean; the variance is the dispersion times the mean squared."""

    name = "gamma"
    dispersed = True

    def inner(self, y, centre, unit):
        return y / np.exp(centre)

    def start(self, y, weight):
        return np.log(np.average(y, axis=0, weights=weight))

    def opening(self, y):
        # amounts over many orders of magnitude are far from their mean, and not on a log scale
        return np.log(y)

    def loss(self, eta, y):
        return (y * likelihoods.Poisson.mean(-eta) + eta)[:, 0]

    def mean(self, eta):
        return likelihoods.Poisson.mean(eta)

    def score(self, eta, y):
        return y * likelihoods.Poisson.mean(-eta) - 1

    def curvature(self, eta, y):
        return np.ones_like(eta)

    def dispersion(self, eta, y, weight, open_):
        return float(np.average(self.score(eta, y)[:, 0] ** 2, weights=weight)) / open_

    def normaliser(self, y, dispersion):
        shape = 1 / dispersion
        return gammaln(shape) - shape * np.log(shape) - (shape - 1) * np.log(y[:, 0])


class Quantile(Family):
    """y (n, 1), whose quantile at ``level`` is the predictor.

    The loss is the check loss (Koenker and Bassett, Econometrica 46, 1978) over a dispersion, that
    is an asymmetric Laplace distribution (Yu and Moyeed, Bayesian quantile regression, Statistics
    and Probability Letters 54, 2001) to the power at which, with normal noise, the variance of its
    score is its curvature, as of a likelihood that is true.  Scores are those of the loss smoothed
    over a bandwidth (He, Pan, Tan and Zhou, Smoothed quantile regression with large-scale
    inference, Journal of Econometrics 232, 2023); rows share their mean curvature.
    """

    name = "quantile"
    dispersed = True

    def __init__(self, level: float):
        self.level = level
        #: Mean check loss and density at the quantile of a standard normal distribution.
        self.height = float(np.exp(-0.5 * ndtri(level) ** 2) / np.sqrt(2 * np.pi))
        self.temper = level * (1 - level) / self.height**2

    def start(self, y, weight):
        order = np.argsort(y[:, 0])
        share = np.cumsum(weight[order]) / weight.sum()
        return y[order[np.searchsorted(share, self.level)]]

    def shift(self, eta, y, weight):
        return float(self.start(y - eta, weight)[0])

    def loss(self, eta, y):
        left = (y - eta)[:, 0]
        return np.where(left > 0, self.level, self.level - 1) * left

    def mean(self, eta):
        return eta

    def _bandwidth(self, eta, y):
        n = len(y)
        width = np.sqrt(self.level * (1 - self.level)) * (np.log(n) / n) ** 0.4
        low, high = np.quantile(y - eta, [0.25, 0.75])
        spread = (high - low) / STANDARD_QUARTILES or self.loss(eta, y).mean() / self.height
        return max(width, LEAST_BANDWIDTH) * max(float(spread), LEAST_QUARTILES)

    def score(self, eta, y):
        return self.level - ndtr((eta - y) / self._bandwidth(eta, y))

    def curvature(self, eta, y):
        width = self._bandwidth(eta, y)
        density = np.exp(-0.5 * ((y - eta) / width) ** 2) / (width * np.sqrt(2 * np.pi))
        return np.full_like(eta, density.mean())

    def dispersion(self, eta, y, weight, open_):
        return self.temper * float(np.average(self.loss(eta, y), weights=weight)) / open_

    def normaliser(self, y, dispersion):
        return np.full(len(y), np.log(dispersion) / self.temper)


#: Of the smoothed check loss, in standard deviations of the noise, which are taken from the
#: quartiles: a wild response has no part in them.
LEAST_BANDWIDTH, LEAST_QUARTILES = 0.05, 1e-12
#: Their distance, of a standard normal variable.
STANDARD_QUARTILES = 1.349

RESPONSES = {one.name: one for one in (Normal(), Binomial(), Multinomial(), Poisson(), Gamma())}
