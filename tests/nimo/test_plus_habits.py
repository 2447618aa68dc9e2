"""NIMO+ inside scikit-learn and beside other tools."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import BaggingRegressor
from sklearn.inspection import partial_dependence
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nimo import NIMOPlusClassifier, NIMOPlusRegressor


def draw(n=200, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    eta = 2 * X[:, 0] + np.sin(2 * X[:, 1]) + X[:, 2] * X[:, 3]
    return X, eta, rng


@pytest.fixture(scope="module")
def fitted():
    X, eta, rng = draw()
    model = NIMOPlusRegressor(interaction_cst=[[2, 3], [0], [1]])
    return model.fit(X, eta + 0.5 * rng.normal(size=200)), X


def test_weights_are_routed():
    X, eta, rng = draw()
    y = eta + 0.5 * rng.normal(size=200)
    y[:100] += 50 * (X[:100, 0] > 0)
    weight = np.r_[np.zeros(100), np.ones(100)]
    with config_context(enable_metadata_routing=True):
        model = NIMOPlusRegressor(max_order=1).set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=True)
        pipe = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), model)
        pipe.fit(X, y, sample_weight=weight)
        scores = cross_validate(model, X, y, cv=2, params={"sample_weight": weight + 1e-9})
        search = GridSearchCV(model, {"max_terms": [1, 3]}, cv=2)
        search.fit(X[::-1], y[::-1], sample_weight=weight[::-1] + 1e-9)
    alone = NIMOPlusRegressor(max_order=1).fit(X[100:], y[100:])
    assert np.corrcoef(pipe.predict(X), alone.predict(X))[0, 1] > 0.999
    assert len(scores["test_score"]) == 2
    assert search.best_params_ == {"max_terms": 3}


def test_bagging_and_calibration():
    X, eta, rng = draw()
    y = eta + rng.normal(size=200)
    bag = BaggingRegressor(NIMOPlusRegressor(max_order=1, max_terms=4), 3, random_state=0)
    assert bag.fit(X, y).score(X, y) > 0.6
    labels = eta + rng.logistic(size=200) > 0
    several = CalibratedClassifierCV(NIMOPlusClassifier(max_order=1), cv=2)
    assert several.fit(X, labels).score(X, labels) > 0.7


def test_partial_dependence_is_the_curve_where_nothing_interacts(fitted):
    model, X = fitted
    for j in (0, 1):
        assert not model.modulated_by_[j].any()
        found = partial_dependence(model, X, [j], grid_resolution=20)
        x = found["grid_values"][0]
        own = model.coef_[j] * (x - model.baseline_[j]) + model.shape(j, x)
        difference = found["average"][0] - own
        np.testing.assert_allclose(difference, difference[0], atol=1e-9)


@pytest.mark.slow
def test_shapley_values_are_the_curves_where_nothing_interacts(fitted):
    shap = pytest.importorskip("shap")
    model, X = fitted
    values = shap.Explainer(model.predict, X[:50])(X[:10]).values
    for j in (0, 1):
        own, mean = (
            model.coef_[j] * (rows[:, j] - model.baseline_[j]) + model.shape(j, rows[:, j])
            for rows in (X[:10], X[:50])
        )
        np.testing.assert_allclose(values[:, j], own - mean.mean(), atol=1e-6)


def test_probabilities_are_calibrated_where_the_model_is_right():
    """Share of labels within each tenth of the probabilities."""
    rng = np.random.default_rng(0)
    X, Z = rng.normal(size=(1500, 4)), rng.normal(size=(20_000, 4))
    y, z = (A[:, 0] + np.sin(2 * A[:, 1]) + rng.logistic(size=len(A)) > 0 for A in (X, Z))
    found = NIMOPlusClassifier(max_order=1).fit(X, y).predict_proba(Z)[:, 1]
    place = np.minimum((found * 10).astype(int), 9)
    for k in range(10):
        assert abs(z[place == k].mean() - found[place == k].mean()) < 0.06
