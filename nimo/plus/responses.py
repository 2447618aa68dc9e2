"""Families of a response with a logarithmic link: what is allowed, and its mean."""

from __future__ import annotations

import numpy as np

from nimo.paper import likelihoods

#: By family: the smallest response, and whether that itself is allowed.
LEAST_RESPONSE = {"poisson": (0.0, True), "gamma": (0.0, False)}
#: Beyond it there are no numbers.
LARGEST_LOG = 700.0


def check_sign(family: str, y: np.ndarray) -> None:
    """ValueError for a response of (n,) that the family cannot have."""
    least, allowed = LEAST_RESPONSE[family]
    if y.min() < least or (y.min() == least and not allowed):
        sign = ">=" if allowed else ">"
        raise ValueError(f"the {family} family needs y {sign} 0, got {y.min()!r}")


def check_response(family: str, y: np.ndarray) -> None:
    """ValueError for training responses (n,) that the family cannot have; 0 throughout, too."""
    check_sign(family, y)
    if y.max() == 0:
        raise ValueError(f"the {family} family needs a count above 0, got y = 0 throughout")


def mean_response(family: str, eta: np.ndarray) -> np.ndarray:
    """From the linear predictor."""
    if family == "poisson":
        return likelihoods.Poisson.mean(eta)
    return np.exp(np.minimum(eta, LARGEST_LOG)) if family == "gamma" else eta
