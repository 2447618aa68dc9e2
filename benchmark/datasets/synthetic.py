"""The synthetic data sets of the NIMO paper (arXiv 2506.05059, section 4 and appendix).

Features are independent and uniform on [-2, 2], so their true baseline is 0; they are never
re-standardised.  The noise is N(0, 0.1^2).  In classification the label is Bernoulli(s(f + noise)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit as s

NOISE_SD = 0.1
HALF_WIDTH = 2.0


@dataclass(frozen=True)
class Equation:
    """One generating equation, with what is true about it.

    ``f`` maps X (n, d) to the noise-free response (n,), the logit in classification.  ``coef`` is
    the marginal effect at the mean, df/dx_j at x = 0, by feature number from 1; features not named
    have 0.  ``interacting`` are the features that occur inside a bracket that multiplies another
    feature: the true support of a first layer.
    """

    task: str
    n_features: int
    f: Callable[[np.ndarray], np.ndarray]
    coef: dict[int, float]
    interacting: frozenset[int]
    intercept: float = 0.0
    written_coef: dict[int, float] | None = None


def _columns(X):
    """Columns of X numbered from 1, as the paper writes them."""
    return dict(enumerate(X.T, start=1))


def _vanilla(X):
    return X @ (np.arange(1, 11) - 6.0)


def _toy(X):
    x = _columns(X)
    return 3 * x[1] * (1 + np.tanh(10 * x[2])) - 3 * x[2] * (1 + np.sin(-2 * x[1]))


def _regression1(X):
    x = _columns(X)
    return 3 * x[1] * (1 + (2 * s(x[2] * x[3]) - 1)) - 2 * x[2] + 2 * x[3]


def _regression2(X):
    x = _columns(X)
    return (
        x[1] * (1 + np.tanh(x[2] * x[3] + np.sin(x[4])))
        + 2 * x[2] * (1 + np.sin(2 * x[1]))
        - x[3] * (1 + 2 / np.pi * np.arctan(x[2] * x[4]))
    )


def _four_terms(X, a1, a2, a4, a5):
    """The shape shared by regression setting 3 and classification setting 3."""
    x = _columns(X)
    return (
        a1 * x[1] * (1 + np.tanh(x[2] * x[4]))
        + a2 * x[2] * (1 + 2 / np.pi * np.arctan(x[4] - x[5]))
        + a4 * x[4] * (1 + np.tanh(x[2] + np.sin(x[5])))
        + a5 * x[5] * (1 + (2 * s(x[1] * x[4]) - 1))
    )


def _regression3(X):
    return _four_terms(X, -2, 2, 3, -1)


def _classification1(X):
    x = _columns(X)
    return (
        2 * x[1] * (1 + 2 * np.tanh(x[2]))
        - 2 * x[2] * (1 + 3 * np.sin(2 * x[1]) + np.tanh(2 * x[1]))
        + 1
    )


def _classification2(X):
    x = _columns(X)
    return (
        10 * x[1] * (1 + 2 * np.tanh(2 * x[2]) + np.sin(x[4]))
        + 20 * x[2] * (1 + 2 * np.cos(2 * x[1]))
        - 20 * x[3] * (1 + 2 * np.arctan(x[2] * x[4]))
        + 10 * x[4]
        - 10
    )


def _classification3(X):
    return _four_terms(X, -20, 20, 30, -10)


EQUATIONS: dict[str, Equation] = {
    "vanilla": Equation(
        "regression", 10, _vanilla, {j: j - 6.0 for j in range(1, 11)}, frozenset()
    ),
    "toy": Equation("regression", 3, _toy, {1: 3.0, 2: -3.0}, frozenset({1, 2})),
    "regression1": Equation(
        "regression", 5, _regression1, {1: 3.0, 2: -2.0, 3: 2.0}, frozenset({2, 3})
    ),
    "regression2": Equation(
        "regression", 10, _regression2, {1: 1.0, 2: 2.0, 3: -1.0}, frozenset({1, 2, 3, 4})
    ),
    "regression3": Equation(
        "regression",
        50,
        _regression3,
        {1: -2.0, 2: 2.0, 4: 3.0, 5: -1.0},
        frozenset({1, 2, 4, 5}),
    ),
    "classification1": Equation(
        "classification",
        3,
        _classification1,
        {1: 2.0, 2: -2.0},
        frozenset({1, 2}),
        intercept=1.0,
    ),
    # cos(0) = 1, so the marginal effect of x2 is 20 (1 + 2) = 60, not the 20 that is written.
    "classification2": Equation(
        "classification",
        10,
        _classification2,
        {1: 10.0, 2: 60.0, 3: -20.0, 4: 10.0},
        frozenset({1, 2, 4}),
        intercept=-10.0,
        written_coef={1: 10.0, 2: 20.0, 3: -20.0, 4: 10.0},
    ),
    "classification3": Equation(
        "classification",
        50,
        _classification3,
        {1: -20.0, 2: 20.0, 4: 30.0, 5: -10.0},
        frozenset({1, 2, 4, 5}),
    ),
}


@dataclass(frozen=True)
class Truth:
    """What is known about a synthetic data set."""

    coef: np.ndarray  # (d,) marginal effect at the mean
    intercept: float
    interacting: np.ndarray  # (d,) bool
    f: np.ndarray  # (n,) noise-free response, in the order of the rows


def generate(name: str, n_rows: int, rng: np.random.Generator):
    """Draw ``n_rows`` rows of a data set.

    Returns
    -------
    X : (n, d) array, y : (n,) array (float, or 0/1 int64), truth : Truth
    """
    eq = EQUATIONS[name]
    X = rng.uniform(-HALF_WIDTH, HALF_WIDTH, size=(n_rows, eq.n_features))
    f = eq.f(X)
    noisy = f + rng.normal(0.0, NOISE_SD, size=n_rows)
    if eq.task == "regression":
        y = noisy
    else:
        y = (rng.uniform(size=n_rows) < s(noisy)).astype(np.int64)
    coef = np.zeros(eq.n_features)
    for j, value in eq.coef.items():
        coef[j - 1] = value
    interacting = np.zeros(eq.n_features, dtype=bool)
    interacting[[j - 1 for j in eq.interacting]] = True
    return X, y, Truth(coef, eq.intercept, interacting, f)
