"""Amounts, quantiles, and labels that are nearly sure."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import GammaRegressor

from nimo import NIMOPlusClassifier, NIMOPlusRegressor
from nimo.plus.families import RESPONSES, Binomial, Quantile
from nimo.plus.pieces import Piece
from nimo.plus.problem import Problem


def function(X):
    return np.sin(2 * X[:, 0]) + 0.5 * X[:, 1] + 0.5 * X[:, 2] * X[:, 3]


def draw(n, seed):
    X = np.random.default_rng(seed).normal(size=(n, 5))
    return X, function(X)


@pytest.mark.parametrize("unit", [1.0, 1e20, 1e-13])
def test_amounts_of_any_unit(unit):
    X, eta = draw(600, 0)
    Z, truth = draw(4000, 1)
    rng = np.random.default_rng(2)
    y, z = (unit * rng.gamma(4, np.exp(of) / 4) for of in (eta, truth))
    model = NIMOPlusRegressor(family="gamma").fit(X, y)
    assert np.sqrt(np.mean((np.log(model.predict(Z) / unit) - truth) ** 2)) < 0.2
    assert model.fit_info_["dispersion"] == pytest.approx(0.25, abs=0.05)
    assert {(0,), (2, 3)} <= set(model.model_.terms)
    low, high = model.predict_interval(Z, 0.9).T
    assert abs(np.mean((low <= z) & (z <= high)) - 0.9) < 0.04
    step = 1e-5 * np.eye(5)
    slope = (model._eta(model.baseline_ + step) - model._eta(model.baseline_ - step)) / 2e-5
    np.testing.assert_allclose(slope, model.coef_, atol=2e-4)


def test_amounts_without_curves_are_those_of_a_linear_model():
    X = np.random.default_rng(0).normal(size=(300, 3))
    y = np.random.default_rng(1).gamma(2, np.exp(X[:, 0] - 0.5 * X[:, 1]) / 2)
    ours = NIMOPlusRegressor(family="gamma", keep=[0, 1, 2], level=1e-4, n_structures=1).fit(X, y)
    theirs = GammaRegressor(alpha=0, tol=1e-8).fit(X, y)
    assert not ours.model_.terms
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=0.01)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_the_share_of_rows_below_a_quantile(level):
    """0.016 is what a sample of 1000 leaves open of a median; here the mean of three."""
    shares, errors = [], []
    Z, truth = draw(10_000, 9)
    z = truth + 0.5 * np.random.default_rng(8).exponential(size=10_000)
    for seed in range(3):
        X, eta = draw(1000, seed)
        y = eta + 0.5 * np.random.default_rng(10 + seed).exponential(size=1000)
        model = NIMOPlusRegressor(family="quantile", quantile=level, max_order=2).fit(X, y)
        found = model.predict(Z)
        shares.append(np.mean(z < found))
        errors.append(np.sqrt(np.mean((found - truth + 0.5 * np.log(1 - level)) ** 2)))
    assert abs(np.mean(shares) - level) < 0.03
    assert max(errors) < 0.4


def test_a_median_does_not_see_wild_responses():
    X, eta = draw(600, 0)
    y = eta + 0.3 * np.random.default_rng(1).normal(size=600)
    y[::60] += 100
    model = NIMOPlusRegressor(family="quantile", max_order=2).fit(X, y)
    assert np.sqrt(np.mean((model.predict(X) - eta) ** 2)) < 0.2
    assert abs(np.mean(y < model.predict(X)) - 0.5) < 0.005
    assert model.path_[-1].error == pytest.approx(
        np.mean(np.abs(y - np.median(y))) / 2, rel=0.02
    ), "the mean check loss in the unit of y"
    with pytest.raises(ValueError, match="one quantile"):
        model.predict_interval(X)


@pytest.mark.parametrize("family", [RESPONSES["gamma"], Quantile(0.3)])
def test_scores_are_derivatives_of_the_loss(family):
    rng = np.random.default_rng(0)
    y, eta = rng.gamma(2, size=(4000, 1)), 0.3 * rng.normal(size=(4000, 1))
    step = 1e-6
    slope = (family.loss(eta - step, y) - family.loss(eta + step, y)).sum() / (2 * step)
    assert family.score(eta, y).sum() == pytest.approx(slope, rel=0.05, abs=40)
    # with the dispersion, the variance of the score is the curvature
    normal = rng.normal(size=(4000, 1)) if family.name == "quantile" else rng.gamma(4, size=y.shape)
    at = np.full_like(y, family.start(normal, np.ones(4000))[0])
    spread = np.mean(family.score(at, normal) ** 2) / family.dispersion(
        at, normal, np.ones(4000), 1.0
    )
    assert spread == pytest.approx(family.curvature(at, normal).mean(), rel=0.1)


def test_amounts_that_are_not_positive_are_refused():
    X, eta = draw(50, 0)
    y = np.exp(eta)
    y[3] = 0
    with pytest.raises(ValueError, match="gamma family needs y > 0, got .*0.0"):
        NIMOPlusRegressor(family="gamma").fit(X, y)


def test_intervals_far_out_end():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(150, 3))
    counts = NIMOPlusRegressor(family="poisson").fit(X, rng.poisson(np.exp(1 + X[:, 0])))
    low, high = counts.predict_interval([[1000.0, 0, 0]])[0]
    assert 0 < low <= high
    amounts = NIMOPlusRegressor(family="gamma").fit(X, np.exp(X[:, 0]) * rng.gamma(2, size=150))
    far = 1e4 * np.eye(3)[:1]
    low, high = amounts.predict_interval(far)[0]
    assert low <= amounts.predict(far)[0] <= high


# ---------------------------------------------------------------- labels that are nearly sure


def steep(scale, n, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, (scale * X[:, 0] + rng.logistic(size=n) > 0).astype(int)


@pytest.mark.parametrize("settings", [{}, {"n_structures": 1}, {"max_terms": 2}])
@pytest.mark.parametrize("scale, seed", [(10, 22), (10, 3), (1000, 0), (1000, 1), (1000, 2)])
def test_labels_that_a_line_nearly_tells_apart(scale, seed, settings):
    """A start is too sure there, and the factor of a piece that is needed is small."""
    model = NIMOPlusClassifier(**settings).fit(*steep(scale, 100, seed))
    X, y = steep(scale, 2000, 1000 + seed)
    assert model.coef_[0] > 0
    assert model.score(X, y) > 0.9


def test_a_class_that_one_feature_tells_apart_is_no_constant():
    X, y = load_iris(return_X_y=True)
    for settings in ({"n_structures": 1}, {"max_terms": 2}):
        assert NIMOPlusClassifier(**settings).fit(X, y == 0).score(X, y == 0) == 1


def test_coefficients_are_those_that_the_steps_have_reached():
    """A halved step is halved in the predictor and in its coefficients."""
    X, y = steep(10, 100, 22)
    response, weight = y[:, None].astype(float), np.ones(100)
    problem = Problem.of(Binomial(), X, response, weight)
    pieces = [Piece("line", (j,)) for j in range(3)]
    state = problem.fit(pieces, np.full(3, 1.0), 1.0)
    # from a predictor as sure as it may be, of the wrong signs
    state.solution.posteriors[0].coefficients[:] = [0.0, -40.0, 5.0, 5.0]
    again = problem.fit(pieces, np.full(3, 30.0), 1.0, start=state)
    design = np.column_stack([np.ones(100), *(problem.columns(piece) for piece in pieces)])
    np.testing.assert_allclose(design @ again.solution.coefficients, again.eta, atol=1e-8)
    assert np.corrcoef(again.eta[:, 0], X[:, 0])[0, 1] > 0.9


# ---------------------------------------------------------------- amounts of all sizes


@pytest.mark.parametrize("seed", [0, 2, 5])
def test_amounts_over_many_orders_of_magnitude(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(100, 3))
    y = np.exp(3 * X[:, 0] + X[:, 1]) * rng.gamma(1, 1, size=100)
    model = NIMOPlusRegressor(family="gamma", n_structures=1, max_order=1).fit(X, y)
    np.testing.assert_allclose(model.coef_, [3, 1, 0], atol=0.35)
    assert 0.6 < model.fit_info_["dispersion"] < 1.6


def test_fewer_terms_leave_amounts_more_scatter():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2400, 2))
    y = np.exp(X[:, 0] + X[:, 1] / 2) * rng.gamma(20, 1 / 20, size=2400)
    model = NIMOPlusRegressor(family="gamma").fit(X[:400], y[:400])
    for terms in (2, 1, 0):
        fewer = model.with_terms(terms)
        lower, upper = fewer.predict_interval(X[400:]).T
        inside = np.mean((lower <= y[400:]) & (y[400:] <= upper))
        assert 0.92 < inside < 0.99
    assert fewer.fit_info_["dispersion"] > 10 * model.fit_info_["dispersion"]
