"""The parts of measurements/engine.py on functions of known truth."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LassoCV, LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score

from nimo import NIMOPlusClassifier, NIMOPlusRegressor

#: Around the function whose quantiles are sought.
NOISES = {
    "normal": lambda X, rng: 0.5 * rng.normal(size=len(X)),
    "uneven": lambda X, rng: 0.5 * np.exp(0.5 * X[:, 4]) * rng.normal(size=len(X)),
    "exponential": lambda X, rng: 0.5 * rng.exponential(size=len(X)),
}


def rows(options):
    for seed in range(options.seed, options.seed + options.draws):
        yield ("rows", "linear", seed), lambda seed=seed: _linear(seed)
        yield ("rows", "rare class", seed), lambda seed=seed: _rare(seed)
        yield ("rows", "100 x 5000", seed), lambda seed=seed: _wide(seed)


def _linear(seed):
    rng = np.random.default_rng(seed)
    X, Z = rng.normal(size=(200, 5)), rng.normal(size=(2000, 5))
    y = 2 * X[:, 0] - X[:, 1] + rng.normal(size=200)
    truth, drawn = 2 * Z[:, 0] - Z[:, 1], rng.integers(200, size=200)
    wild = y.copy()
    wild[7] = 1000
    cases = {
        "plain": (X, y, None),
        "all weights 1/n": (X, y, np.full(200, 1 / 200)),
        "exponential weights": (X, y, rng.exponential(size=200)),
        "bootstrap sample": (X[drawn], y[drawn], None),
        "ten copies": (np.repeat(X, 10, axis=0), np.repeat(y, 10), None),
        "one response of 1000": (X, wild, None),
    }
    found = {}
    for label, (features, response, weight) in cases.items():
        # a ridge regression has no answer to one wild response, and is spared it
        spared = y if response is wild else response
        ours = NIMOPlusRegressor().fit(features, response, sample_weight=weight)
        ridge = Ridge(1.0).fit(features, spared, sample_weight=weight)
        found[label] = [
            float(np.sqrt(np.mean((model.predict(Z) - truth) ** 2))) for model in (ours, ridge)
        ]
    return {"found": found}


def _rare(seed):
    rng = np.random.default_rng(seed)
    X, Z = rng.normal(size=(2000, 6)), rng.normal(size=(20_000, 6))
    logits = [-5.6 + 1.2 * A[:, 0] - A[:, 1] + 0.5 * A[:, 2] for A in (X, Z)]
    y, z = (rng.random(len(f)) < 1 / (1 + np.exp(-f)) for f in logits)
    models = (NIMOPlusClassifier(), LogisticRegression())
    scores = [float(roc_auc_score(z, model.fit(X, y).decision_function(Z))) for model in models]
    return {"found": {f"{int(y.sum())} of 2000": scores}}


def _wide(seed):
    rng = np.random.default_rng(seed)
    beta = np.zeros(5000)
    beta[rng.choice(5000, 5, replace=False)] = rng.uniform(1, 3, 5) * rng.choice([-1, 1], 5)
    X, Z = rng.normal(size=(100, 5000)), rng.normal(size=(1000, 5000))
    y = X @ beta + 0.7 * rng.normal(size=100)
    errors = []
    for model in (NIMOPlusRegressor(), LassoCV()):
        errors.append(float(np.mean((model.fit(X, y).predict(Z) - Z @ beta) ** 2)))
    return {"found": {"mean squared error": errors}}


def coverage(options):
    for noise in (0.1, 0.5, 1.0, 2.0):
        yield ("coverage", noise), lambda noise=noise: _coverage(noise, options)


def _coverage(noise, options):
    inside = {"slope of x1": [], "slope of x2": [], "slope of x3": [], "curve of x3": []}
    inside |= {"surface of x1, x4": [], "function": [], "new response": []}

    def note(label, interval, truth):
        low, high = np.asarray(interval).T
        inside[label].append(float(np.mean((low <= truth) & (truth <= high))))

    def function(X):
        return 2 * X[:, 0] - X[:, 1] + X[:, 2] + np.sin(2 * X[:, 2]) + X[:, 0] * X[:, 3]

    x = np.linspace(-1.9, 1.9, 39)
    for seed in range(options.seed, options.seed + options.intervals):
        rng = np.random.default_rng(seed)
        X = rng.uniform(-2, 2, size=(200, 5))
        y = function(X) + noise * rng.normal(size=200)
        model = NIMOPlusRegressor(baseline="zero").fit(X, y)
        slopes = model.coef_interval()
        for j, slope in enumerate((2.0, -1.0, 3.0)):
            note(f"slope of x{j + 1}", slopes[[j]], slope)
        note("curve of x3", model.term_interval(2, x, line=True), x + np.sin(2 * x))
        Z = rng.uniform(-2, 2, size=(200, 5))
        note("surface of x1, x4", model.term_interval((0, 3), Z[:, [0, 3]]), Z[:, 0] * Z[:, 3])
        note("function", model.mean_interval(Z), function(Z))
        new = function(Z) + noise * rng.normal(size=200)
        note("new response", model.predict_interval(Z), new)
    return {"found": {label: float(np.mean(values)) for label, values in inside.items()}}


def quantiles(options):
    for noise in NOISES:
        for level in (0.1, 0.5, 0.9):
            yield (
                ("quantiles", noise, level),
                lambda noise=noise, level=level: _quantiles(noise, level, options),
            )


def _quantiles(noise, level, options):
    shares = []
    for seed in range(options.seed, options.seed + options.draws):
        rng = np.random.default_rng(seed)
        X, Z = rng.normal(size=(1000, 6)), rng.normal(size=(10_000, 6))
        y, z = (
            np.sin(2 * A[:, 0]) + 0.5 * A[:, 1] + 0.5 * A[:, 2] * A[:, 3] + NOISES[noise](A, rng)
            for A in (X, Z)
        )
        model = NIMOPlusRegressor(family="quantile", quantile=level).fit(X, y)
        shares.append(float(np.mean(z < model.predict(Z))))
    return {"found": {"share below": float(np.mean(shares))}}
