"""Far more features than rows."""

import time

import numpy as np
import pytest
from sklearn.linear_model import LassoCV

from nimo import NIMORegressor
from nimo.plus.screening import room, screened


def draw(seed, n=100, d=5000, sd=0.7):
    """Rows, responses and coefficients of five features, for which the lasso has R^2 .97 to .99."""
    rng = np.random.default_rng(seed)
    X, coef = rng.normal(size=(n, d)), np.zeros(d)
    coef[rng.choice(d, 5, replace=False)] = rng.choice([-1, 1], 5) * rng.uniform(1, 3, 5)
    return X, X @ coef + sd * rng.normal(size=n), coef


def excess(model, coef):
    """Mean squared error on fresh rows of a linear model, without their noise."""
    return float(np.sum((model.coef_ - coef) ** 2) + model.intercept_**2)


def check(seed):
    X, y, coef = draw(seed)
    lasso = LassoCV(cv=5).fit(X, y)
    model = NIMORegressor(random_state=0).fit(X, y)
    assert not model.interaction_features_.any()
    assert excess(model, coef) <= 2 * excess(lasso, coef)


@pytest.mark.parametrize("seed", [0, 1])
def test_no_worse_than_twice_the_lasso(seed):
    check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 10))
def test_no_worse_than_twice_the_lasso_in_ten_draws(seed):
    check(seed)


@pytest.mark.parametrize("seed", range(5))
def test_what_matters_passes_the_screening(seed):
    X, y, coef = draw(seed)
    kept = screened(X, y)
    assert len(kept) <= room(len(y)) and np.all(np.diff(kept) > 0)
    assert np.isin(np.flatnonzero(coef), kept).all()


def test_a_modulator_without_a_line_passes_the_screening():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 1000))
    y = 2 * X[:, 7] * (1 + np.tanh(2 * X[:, 400])) - 2 * X[:, 30] + 0.3 * rng.normal(size=150)
    assert np.isin([7, 30, 400], screened(X, y)).all()


def test_few_features_all_pass_the_screening():
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(screened(rng.normal(size=(50, 9)), rng.normal(size=50)), range(9))


def test_the_papers_algorithm_takes_seconds():
    X, y, coef = draw(0, n=60, d=2000)
    start = time.process_time()
    model = NIMORegressor(selection="paper", max_iter=60, random_state=0).fit(X, y)
    assert time.process_time() - start < 15
    assert 5 <= model.selected_features_.sum() <= 60
    assert model.score(X, y) > 0.8


@pytest.mark.parametrize("rows", [1, 2, 30])
def test_a_constant_response_leaves_features_to_search_among(rows):
    X = np.random.default_rng(0).normal(size=(rows, 200))
    kept = screened(X, np.ones(rows))
    assert 0 < len(kept) <= max(1, rows)
