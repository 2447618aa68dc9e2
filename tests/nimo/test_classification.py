"""What is particular to two classes: the damped Newton step, the range of g, elimination."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from nimo import NetworkSettings, NIMOClassifier
from nimo.paper.elimination import solve, weighted_ridge
from nimo.paper.families import FAMILIES
from tests.nimo.toy import toy_rows

BINOMIAL = FAMILIES["binomial"]


def separable():
    x = torch.linspace(-2, 2, 60, dtype=torch.float64)
    return x[None, :, None], (x > 0.3).double()


def objective(design, y, lam, gamma, intercept):
    eta = intercept[:, None] + (design @ gamma[..., None])[..., 0]
    return float(BINOMIAL.loss(eta, y).mean() + 0.5 * lam * (gamma**2).sum())


def test_undamped_irls_diverges_on_separable_classes_and_step_halving_does_not():
    design, y = separable()
    lam = torch.tensor([1e-4], dtype=torch.float64)
    start = torch.tensor([[-8.0]], dtype=torch.float64), torch.zeros(1, dtype=torch.float64)

    gamma, intercept = start
    undamped = [objective(design, y, lam, gamma, intercept)]
    for _ in range(3):
        weight, target = BINOMIAL.working(intercept[:, None] + design[..., 0] * gamma, y)
        gamma, intercept = weighted_ridge(design, target, weight, lam)
        undamped.append(objective(design, y, lam, gamma, intercept))
    assert max(undamped[1:]) > 10 * undamped[0]

    damped = [undamped[0]]
    gamma, intercept = start
    for _ in range(60):
        gamma, intercept = solve(BINOMIAL, design, y, lam, gamma, intercept, 1, halvings=30)
        damped.append(objective(design, y, lam, gamma, intercept))
    assert all(b <= a + 1e-12 for a, b in zip(damped, damped[1:], strict=False))
    residual = torch.sigmoid(intercept[:, None] + design[..., 0] * gamma) - y
    slope = (design[..., 0] * residual).mean() + lam * gamma[0]
    assert abs(float(slope)) < 1e-6
    assert abs(float(residual.mean())) < 1e-6


@pytest.mark.parametrize(
    ("g_range", "low", "high"), [("auto", -2, 2), ((-1, 3), -1, 3)], ids=["default", "given"]
)
def test_each_member_keeps_g_within_its_range(g_range, low, high):
    X, y = toy_rows(120, task="classification")
    model = NIMOClassifier(
        network=NetworkSettings(g_range=g_range),
        max_iter=60,
        n_hidden=8,
        random_state=0,
        baseline="zero",
        scale=False,
    ).fit(X, y)
    rows = torch.tensor(np.random.default_rng(1).uniform(-20, 20, (200, X.shape[1])))
    terms = torch.arange(X.shape[1]).expand(len(model.model_.member_coef), -1)
    network = model.model_.network
    g, _ = network.forward(model.model_.weights, network.inputs(rows, terms))
    assert float(g.min()) >= low and float(g.max()) <= high
    assert float(g.abs().max()) > 0.1  # the range is put to a test


def interaction_rows(n, seed):
    """Two features that only matter together, and two that do not matter."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-2, 2, (n, 4))
    eta = 5 * X[:, 0] * (1 + np.tanh(2 * X[:, 1])) - 3 * X[:, 1]
    return X, (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)


@pytest.mark.slow
@pytest.mark.parametrize("relax", [False, True])
def test_beats_logistic_regression_where_features_interact(relax):
    X, y = interaction_rows(300, seed=5)
    X_test, y_test = interaction_rows(3000, seed=6)
    linear = LogisticRegression().fit(X[:200], y[:200]).score(X_test, y_test)
    model = NIMOClassifier(relax=relax, baseline="zero", scale=False, random_state=0)
    model.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    assert model.score(X_test, y_test) > linear + 0.02
    assert model.selected_features_[0]
    assert model.interaction_features_[1]


def test_a_relaxed_ensemble_reads_like_one_model():
    X, y = toy_rows(160, task="classification")
    model = NIMOClassifier(
        relax=True, max_iter=30, n_hidden=8, random_state=0, baseline="zero", scale=False
    )
    model.fit(X[:100], y[:100], X_val=X[100:], y_val=y[100:])
    eta = model.intercept_ + (X * model.local_coef(X)).sum(1)
    np.testing.assert_allclose(eta, model.decision_function(X), atol=1e-9)
    h = 1e-5
    steps = h * np.eye(X.shape[1])
    slope = (model.decision_function(steps) - model.decision_function(-steps)) / (2 * h)
    np.testing.assert_allclose(slope, model.coef_, atol=1e-5, rtol=1e-5)


@pytest.mark.slow
def test_many_weak_effects_are_shrunken_not_selected():
    rng = np.random.default_rng(8)
    X = rng.standard_normal((300, 30))
    eta = X @ np.tile([0.3, -0.3], 15)
    y = (rng.random(300) < 1 / (1 + np.exp(-eta))).astype(int)
    model = NIMOClassifier(random_state=0, baseline="zero").fit(X[:200], y[:200])
    assert model.selected_features_.all() and not model.interaction_features_.any()
    unpenalised = LogisticRegression(C=np.inf).fit(X[:150], y[:150])
    assert np.linalg.norm(model.coef_) < 0.8 * np.linalg.norm(unpenalised.coef_)
