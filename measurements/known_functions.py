"""Functions of known truth, their draws, and methods of the suite on them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

import baselines
from benchmark import datasets

TRAIN, ROWS, TEST_ROWS = 200, 300, 2000


@dataclass(frozen=True)
class Function:
    """A function of d features, which have a coefficient (``coefs``), which modulate (``columns``).

    Features are numbered from 1.
    """

    d: int
    f: Callable
    coefs: frozenset = frozenset()
    columns: frozenset = frozenset()
    correlations: np.ndarray | None = None


def _paper(name: str, decay: float = 0.0) -> Function:
    """A setting of the paper; decay ** abs(j - k) is the correlation of j and k, if not 0."""
    one = datasets.declared()[name]
    d, coefs, columns = one.n_features, frozenset(one.coef), frozenset(one.interacting)
    correlations = decay ** np.abs(np.subtract.outer(range(d), range(d))) if decay else None
    return Function(d, one.f, coefs, columns, correlations)


FUNCTIONS = {
    "setting1": _paper("regression1"),
    "setting2": _paper("regression2"),
    "setting3": _paper("regression3"),
    "toy": _paper("toy"),
    "setting2-correlated": _paper("regression2", 0.6),
}


def features(rng, rows, d, correlations=None):
    """Uniform on [-2, 2]; correlated by a Gaussian copula, if a matrix (d, d) is given."""
    if correlations is None:
        return rng.uniform(-2, 2, (rows, d))
    return 4 * norm.cdf(rng.standard_normal((rows, d)) @ np.linalg.cholesky(correlations).T) - 2


def draw(name, noise, seed):
    """Rows and responses to fit, test rows and their noiseless response."""
    one = FUNCTIONS[name]
    X, y, X_test = draw_rows(one, noise, seed)
    return X, y, X_test, one.f(X_test)


def draw_rows(one, noise, seed):
    """The same of a function: rows and responses to fit, test rows."""
    rng = np.random.default_rng(seed)
    X = features(rng, ROWS, one.d, one.correlations)
    y = one.f(X) + noise * rng.standard_normal(ROWS)
    return X, y, features(rng, TEST_ROWS, one.d, one.correlations)


class Split:
    """A method of the suite, given training and validation rows as there."""

    def __init__(self, name):
        self.name = name

    def fit(self, X, y):
        self.model = baselines.load(self.name).build("regression", {}, 0)
        self.model.fit(X[:TRAIN], y[:TRAIN], X_val=X[TRAIN:], y_val=y[TRAIN:])
        return self

    def predict(self, X):
        return self.model.predict(X)


def timed(model, *args, **rows):
    """CPU seconds of a fit."""
    before = time.process_time()
    model.fit(*args, **rows)
    return time.process_time() - before


def numbers(mask):
    return frozenset(int(j) + 1 for j in np.flatnonzero(mask))
