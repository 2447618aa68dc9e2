"""Quantiles of a new response: a mixture over structures, over what each leaves open, and noise.

Shapes: n rows, s structures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
from scipy.special import gammaincinv, gdtr, ndtr, ndtri, pdtr, roots_hermitenorm

from nimo.paper import likelihoods
from nimo.plus.members import Member
from nimo.plus.noise import FREEDOM
from nimo.plus.responses import LARGEST_LOG

#: Of t noise as a mixture of normal ones, and of a normal predictor within a family of its own.
NOISE_NODES, PREDICTOR_NODES = 20, 15
#: Below which and above which share of its mass the precision is left out.
TAILS = np.array([1e-6, 1 - 1e-9])
BISECTIONS = 60
#: Degrees of freedom beyond which Student's t is taken for normal: its 95 % interval is a hundredth
#: wider.
NORMAL_FREEDOM = 120.0


def _precisions(freedom: float) -> Iterator[tuple[float, float]]:
    """Masses and precisions: of normal distributions that make up Student's t."""
    if freedom > NORMAL_FREEDOM:
        yield 1.0, 1.0
        return
    # the trapezoid rule over the log of a gamma variable, whose ends count nothing
    shape = freedom / 2
    low, high = np.log(gammaincinv(shape, TAILS))
    logs = np.linspace(low, high, NOISE_NODES)
    density = np.exp(shape * (logs - np.log(shape)) - np.exp(logs) + shape)
    yield from zip(density / density.sum(), np.exp(logs) / shape, strict=True)


def _bisected(cdf: Callable, low: np.ndarray, high: np.ndarray, probability: float) -> np.ndarray:
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        below = cdf(middle) < probability
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return 0.5 * (low + high)


def noisy_quantile(
    members: list[Member], means: np.ndarray, variances: np.ndarray, unit: float, probability: float
) -> np.ndarray:
    """Of a response with normal or t noise.

    Parameters
    ----------
    means, variances : (s, n), of the function under each structure
    unit : float
        Of the response, in which the structures' noise is.
    probability : float

    Returns
    -------
    (n,)
    """
    weights, places, spreads = [], [], []
    for one, mean, variance in zip(members, means, variances, strict=True):
        # a, of the noise's variance, to which the rest goes; b, of the noise
        both = product(_precisions(one.freedom), _precisions(FREEDOM if one.heavy else np.inf))
        for (known, a), (own, b) in both:
            weights.append(one.share * known * own)
            places.append(mean)
            spreads.append(np.sqrt((variance + unit**2 * one.noise / b) / a))
    weight, place, spread = np.array(weights), np.array(places), np.array(spreads)
    each = place + ndtri(probability) * spread

    def cdf(values):
        return weight @ ndtr((values - place) / spread)

    return _bisected(cdf, each.min(axis=0), each.max(axis=0), probability)


def _predictors(members, means, variances):
    """Weights (m,) and predictors (m, n) that stand for the posterior."""
    nodes, masses = roots_hermitenorm(PREDICTOR_NODES)
    masses = masses / masses.sum()
    weight = np.concatenate([one.share * masses for one in members])
    at = means[:, None] + np.sqrt(variances)[:, None] * nodes[None, :, None]
    return weight, at.reshape(-1, at.shape[-1])


def count_quantile(
    members: list[Member], means: np.ndarray, variances: np.ndarray, probability: float
) -> np.ndarray:
    """Smallest count that is not exceeded with ``probability``, (n,); as for noisy_quantile."""
    weight, at = _predictors(members, means, variances)
    expected = likelihoods.Poisson.mean(at)

    def enough(count):
        return weight @ pdtr(count, expected) >= probability

    low, high = np.full(at.shape[1], -1.0), np.ones(at.shape[1])
    while not (done := enough(high)).all():
        low, high = np.where(done, low, high), np.where(done, high, 2 * high)
    # beyond 2^53 neighbouring numbers are more than 1 apart
    while (apart := high - low > np.maximum(1.0, np.spacing(high))).any():
        middle = np.floor(0.5 * (low + high))
        middle = np.where(apart, middle, high)
        reached = enough(middle)
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return high


def amount_quantile(
    members: list[Member], means: np.ndarray, variances: np.ndarray, probability: float
) -> np.ndarray:
    """Of a response with a gamma distribution whose dispersion is the noise, (n,)."""
    weight, at = _predictors(members, means, variances)
    at = np.minimum(at, LARGEST_LOG)
    shape = np.repeat([1 / one.noise for one in members], PREDICTOR_NODES)[:, None]

    def cdf(logs):
        return weight @ gdtr(shape * np.exp(logs - at), shape, 1.0)

    low, high = at.min(axis=0), at.max(axis=0)
    step = 1.0 + np.sqrt(max(one.noise for one in members))
    while (cdf(low) > probability).any():
        low = low - step
    while (cdf(high) < probability).any():
        high = high + step
    return np.exp(_bisected(cdf, low, high, probability))
