"""The unit and the origin of numbers change nothing but the unit and the origin of the answers."""

import numpy as np
import pytest
from sklearn.linear_model import PoissonRegressor
from sklearn.metrics import d2_tweedie_score

from nimo import NIMOClassifier, NIMORegressor, SelectionSettings
from nimo.paper.settings import Ablation
from nimo.scaling import measure
from tests.nimo.toy import toy_rows

SHORT = SelectionSettings(groups=(1e-3,), stretches=1, distil_rows=0, steps=4)
OPTIONS = {
    "auto": {"max_iter": 10, "n_hidden": 6, "settings": SHORT},
    "relaxed": {"max_iter": 10, "n_hidden": 6, "settings": SHORT, "relax": True},
    "paper": {"max_iter": 10, "n_hidden": 6, "selection": "paper"},
    "lasso": {"network": Ablation(use_correction=False)},
}


MARKS = [pytest.mark.slow]


def slow_but(names, *fast):
    """Parameters of which all but a few are looked at in the second tier."""
    return [
        pytest.param(*(n if isinstance(n, tuple) else (n,)), marks=[] if n in fast else MARKS)
        for n in names
    ]


@pytest.fixture(params=slow_but(OPTIONS, "auto", "lasso"))
def options(request):
    return OPTIONS[request.param] | {"random_state": 0}


# ------------------------------------------------------------------------------ what is measured


@pytest.mark.parametrize("factor", [1e-300, 1e-150, 1e-13, 1.0, 1e13, 1e150, 1e300])
def test_mean_and_spread_of_any_size(factor):
    values = np.random.default_rng(0).normal(size=(200, 3)) * [1, 1e-5, 1e5] + [1, 0, 5]
    weight = np.arange(200.0)
    for given in (None, weight):
        found, plain = measure(values * factor, given), measure(values, given)
        np.testing.assert_allclose(found.mean / factor, plain.mean, rtol=1e-9)
        np.testing.assert_allclose(found.spread / factor, plain.spread, rtol=1e-9)
        assert not found.constant.any()
    plain = measure(values)
    np.testing.assert_array_equal(plain.mean, values.mean(0))
    np.testing.assert_array_equal(plain.spread, values.std(0))


def test_what_is_constant_does_not_depend_on_the_unit():
    n = 100
    ramp = np.arange(n) / n
    for factor in (1e-300, 1e-30, 1.0, 1e30, 1e290):
        for column in (np.zeros(n), np.full(n, 0.1), np.where(ramp > 0.5, 0.1 + 0.2, 0.3)):
            found = measure(column * factor)
            assert found.constant and found.spread == 1
        for column in (ramp, 1e6 + ramp, 1e12 + ramp, np.eye(n)[0]):
            assert not measure(column * factor).constant


# ------------------------------------------------------------------------------ features


def rescaled(estimator, X, y, change):
    """Fits on rows and on the same rows in other units, and what both say of fresh rows."""
    rows = toy_rows(50, seed=1)[0]
    found = []
    for now in (lambda rows: rows, change):
        model = type(estimator)(**estimator.get_params()).fit(now(X), y)
        found.append((model, now(rows)))
    return found


@pytest.mark.parametrize("factor", [1e-150, 1e-13, 1e13])
def test_units_of_a_feature(options, factor):
    X, y = toy_rows(80)
    units = np.array([factor, 1.0, 1.0])
    (plain, rows), (model, moved) = rescaled(NIMORegressor(**options), X, y, lambda X: X * units)
    np.testing.assert_allclose(model.predict(moved), plain.predict(rows), atol=1e-2)
    np.testing.assert_allclose(model.coef_ * units, plain.coef_, atol=1e-2)
    np.testing.assert_allclose(model.local_coef(moved) * units, plain.local_coef(rows), atol=2e-2)
    np.testing.assert_array_equal(model.selected_features_, plain.selected_features_)
    assert plain.coef_[0] != 0


@pytest.mark.parametrize("name", slow_but(["auto", "paper"], "auto"))
def test_units_of_the_features_of_labels(name):
    X, y = toy_rows(80, task="classification")
    units = np.array([1e-13, 1e13, 1e-30])
    estimator = NIMOClassifier(**OPTIONS[name], random_state=0)
    (plain, rows), (model, moved) = rescaled(estimator, X, y, lambda X: X * units)
    np.testing.assert_allclose(model.predict_proba(moved), plain.predict_proba(rows), atol=1e-2)


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("value", [0.1, 1e6])
def test_a_feature_that_was_constant_has_no_effect(options, scale, value):
    X, y = toy_rows(60)
    X[:, 2] = value
    penalties = {"alpha": 0.0, "group_alpha": 0.0}
    model = NIMORegressor(**options | penalties, scale=scale).fit(X, y)
    assert model.coef_[2] == 0 and not model.selected_features_[2]
    assert not model.interaction_features_[2]
    expected = model.predict(X)
    for change in (1.0, -1e3, 1e12):
        np.testing.assert_array_equal(model.predict(X + [0, 0, change]), expected)


# ------------------------------------------------------------------------------ the response


@pytest.mark.parametrize("factor", [1e-300, 1e-30, 1e30])
def test_units_of_the_response(options, factor):
    X, y = toy_rows(80)
    y = y / 10
    plain, model = (NIMORegressor(**options).fit(X, y * unit) for unit in (1, factor))
    np.testing.assert_allclose(model.predict(X) / factor, plain.predict(X), atol=1e-2)
    np.testing.assert_allclose(model.coef_ / factor, plain.coef_, atol=1e-2)


def test_a_response_far_from_zero(options):
    X, y = toy_rows(80)
    plain, model = (NIMORegressor(**options).fit(X, y + move) for move in (0, 1e8))
    np.testing.assert_allclose(model.predict(X) - 1e8, plain.predict(X), atol=0.05)
    np.testing.assert_allclose(model.coef_, plain.coef_, atol=0.02)


@pytest.mark.parametrize("value", [0.0, 7.5, -1e-30, 1e30])
def test_a_constant_response(options, value):
    X, _ = toy_rows(60)
    model = NIMORegressor(**options).fit(X, np.full(60, value))
    np.testing.assert_allclose(model.predict(X), value, rtol=1e-9, atol=1e-12 * abs(value))


# ------------------------------------------------------------------------------ counts


COUNTS = {
    "auto": {"max_iter": 60, "n_hidden": 8},
    "paper": {"max_iter": 100, "n_hidden": 8, "selection": "paper"},
    "lasso": {"network": Ablation(use_correction=False)},
    "responses": {
        "max_iter": 60,
        "n_hidden": 8,
        "settings": SelectionSettings(distil_max_rows=100),
    },
}


@pytest.mark.parametrize("model", slow_but(COUNTS, "auto"))
@pytest.mark.parametrize(
    ("mean", "spread"),
    slow_but([(1, 0.5), (1e4, 0.5), (1e6, 0.02), (1e3, 2.3), (1e6, 2.0)], (1e4, 0.5), (1e3, 2.3)),
)
def test_counts_of_any_size(model, mean, spread):
    """The last but one have means from 1 to 1e6."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(360, 4))
    rate = mean * np.exp(spread * (X[:, 0] - 0.5 * X[:, 1]) / 1.25**0.5)
    y = rng.poisson(rate)
    train, test = slice(0, 200), slice(200, None)
    linear = PoissonRegressor(alpha=1e-8, max_iter=1000).fit(X[train], y[train])
    found = NIMORegressor(family="poisson", random_state=0, **COUNTS[model])
    found.fit(X[train], y[train])

    def quality(model):
        return d2_tweedie_score(rate[test], model.predict(X[test]), power=1)

    assert 1 - quality(found) < 3 * (1 - quality(linear)) + 0.02


@pytest.mark.slow
def test_counts_that_are_far_apart_stay_finite():
    """One row of 1e6 among zeros: what is fitted is judged by finite numbers on the way."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(80, 2))
    y = np.zeros(80)
    y[:3] = [1e6, 3e5, 1.0]
    for options in COUNTS.values():
        model = NIMORegressor(family="poisson", random_state=0, **options).fit(X, y)
        assert np.isfinite(model.predict(X * 100)).all() and (model.predict(X) >= 0).all()
