"""Small data and quick estimators for the tests of this folder."""

import numpy as np

from nimo import NIMOClassifier, NIMORegressor

FAST = {"max_steps": 20, "hidden": 8, "random_state": 0}
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
    if isinstance(model, NIMOClassifier):
        return model.decision_function(X)
    return np.log(model.predict(X)) if model.family == "poisson" else model.predict(X)
