"""Negative log-likelihoods of one response by their linear predictor.

Each takes NumPy arrays or torch tensors of any shape, element by element.  The links are canonical,
so the derivative with respect to the predictor is ``mean - y``, and the second one the variance
function (McCullagh and Nelder, Generalized Linear Models, 1989, section 2.5).  Constants that
depend on y alone are left out.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from scipy.special import expit

#: From here on, at ten million million, an expected count goes on as the parabola of its
#: exponential: a step too long may come to any predictor, and what it is part of has to stay convex
#: and finite.  A bounded loss would fall for ever with large counts.
LARGEST_LOG_COUNT = 30.0


def _exp(values: Any) -> Any:
    return np.exp(values) if isinstance(values, np.ndarray | float) else values.exp()


def sigmoid(eta: Any) -> Any:
    return expit(eta) if isinstance(eta, np.ndarray | float) else eta.sigmoid()


def softplus(eta: Any) -> Any:
    """log(1 + exp(eta))."""
    if isinstance(eta, np.ndarray | float):
        return np.logaddexp(0, eta)
    from torch.nn import functional  # NIMO+ is in NumPy alone

    return functional.softplus(eta)


class Likelihood(Protocol):
    """A family's loss, its mean (the inverse link) and its variance function."""

    @staticmethod
    def loss(eta: Any, y: Any) -> Any: ...

    @staticmethod
    def mean(eta: Any) -> Any: ...

    @staticmethod
    def variance(eta: Any) -> Any: ...


class Gaussian:
    """Half the squared error."""

    @staticmethod
    def loss(eta: Any, y: Any) -> Any:
        return 0.5 * (y - eta) ** 2

    @staticmethod
    def mean(eta: Any) -> Any:
        return eta

    @staticmethod
    def variance(eta: Any) -> Any:
        return np.ones_like(eta) if isinstance(eta, np.ndarray | float) else eta.new_ones(eta.shape)


class Binomial:
    """Cross-entropy of labels 0 and 1, or of shares of ones, with log-odds."""

    @staticmethod
    def loss(eta: Any, y: Any) -> Any:
        return softplus(eta) - y * eta

    @staticmethod
    def mean(eta: Any) -> Any:
        return sigmoid(eta)

    @staticmethod
    def variance(eta: Any) -> Any:
        p = sigmoid(eta)
        return p * (1 - p)


class Poisson:
    """Counts, with the logarithm of the expected one."""

    @staticmethod
    def loss(eta: Any, y: Any) -> Any:
        value, beyond = _count(eta)
        return value * (1 + beyond + 0.5 * beyond**2) - y * eta

    @staticmethod
    def mean(eta: Any) -> Any:
        value, beyond = _count(eta)
        return value * (1 + beyond)

    @staticmethod
    def variance(eta: Any) -> Any:
        return _count(eta)[0]


def _count(eta: Any) -> tuple[Any, Any]:
    """The exponential up to its end, and how far the predictor is beyond that."""
    return _exp(eta.clip(max=LARGEST_LOG_COUNT)), (eta - LARGEST_LOG_COUNT).clip(min=0)
