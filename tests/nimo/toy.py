"""Small data and quick estimators for the tests of this folder."""

import numpy as np
import torch

from nimo import NIMOClassifier, NIMORegressor
from nimo.paper.families import FAMILIES
from nimo.paper.network import Network, positional_code
from nimo.paper.problem import Problem

FAST = {"max_iter": 20, "n_hidden": 8, "random_state": 0}
# Of scikit-learn's checks: validation rows, or the rows of the folds, are drawn at random, and
# repeated rows are drawn otherwise.
DRAWN = {"check_sample_weight_equivalence_on_dense_data": "rows are drawn at random"}
TASKS = {"regression": NIMORegressor, "classification": NIMOClassifier}


def toy_rows(n, d=3, seed=0, task="regression"):
    """The paper's toy equation on the first two features, uniform on [-2, 2]."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-2, 2, (n, max(d, 2)))
    eta = 3 * X[:, 0] * (1 + np.tanh(3 * X[:, 1])) - 3 * X[:, 1] * (1 + np.sin(-2 * X[:, 0]))
    X = X[:, :d]
    if task == "classification":
        return X, (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)
    return X, eta + 0.1 * rng.normal(size=n)


def predictor(model, X):
    """Linear predictor of a fitted model."""
    if hasattr(model, "decision_function"):
        return model.decision_function(X)
    return np.log(model.predict(X)) if model.family == "poisson" else model.predict(X)


def linear_problem(n=120, d=6, seed=0, coef=(1.5, -1, 0.5)):
    """Half of the rows for validation; the true model is linear."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-2, 2, (n, d))
    y = x[:, : len(coef)] @ np.array(coef) + 0.1 * rng.normal(size=n)
    rows, target, half = torch.tensor(x).float(), torch.tensor(y), n // 2
    family = FAMILIES["gaussian"]
    return Problem(
        rows[:half],
        target[:half],
        rows[half:],
        target[half:],
        family,
        Network(positional_code(d), family.g_range),
        torch.Generator().manual_seed(seed),
    )


def interacting_problem(noise=1.0, strength=3.0, **options):
    """The effect of the first feature depends on the second.

    Up to a ``strength`` of 1.5 a NIMO with g in [-1, 1] can express it.
    """
    problem = linear_problem(**options)
    for x, y in ((problem.x64, problem.y), (problem.x_val64, problem.y_val)):
        y += strength * x[:, 0] * torch.tanh(2 * x[:, 1])
        y += noise * torch.randn(len(y), generator=problem.generator, dtype=torch.float64)
    return problem
