"""NIMO+: what its coefficients mean, what rows and weights are to it, what it finds."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.ensemble import BaggingRegressor
from sklearn.linear_model import LassoCV, LogisticRegression, PoissonRegressor, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from nimo import NIMOPlusClassifier, NIMOPlusRegressor


def mixed(X):
    return 2 * X[:, 0] - X[:, 1] + np.sin(2 * X[:, 2]) + X[:, 0] * X[:, 3] + X[:, 4] ** 2


def linear(X):
    return 2 * X[:, 0] - X[:, 1]


def draw(function, n=300, d=6, noise=0.3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    return X, function(X) + noise * rng.normal(size=n)


def rmse(model, X, truth):
    return float(np.sqrt(np.mean((model.predict(X) - truth) ** 2)))


TEST = np.random.default_rng(99).normal(size=(2000, 6))


@pytest.fixture(scope="module")
def fitted():
    X, y = draw(mixed)
    return NIMOPlusRegressor().fit(X, y), X, y


def gradient(model, at, step=1e-5):
    ahead, back = (at + sign * step * np.eye(len(at)) for sign in (1, -1))
    return (model._eta(ahead) - model._eta(back)) / (2 * step)


# ---------------------------------------------------------------- what coefficients are


@pytest.mark.parametrize("baseline", ["mean", "zero", [0.5, -0.3, 0.2, 0.1, -0.7, 0.0]])
def test_coefficients_are_the_gradient_at_the_baseline(baseline):
    X, y = draw(mixed, n=200)
    model = NIMOPlusRegressor(baseline=baseline).fit(X, y)
    assert len(model.model_.terms) >= 3
    np.testing.assert_allclose(gradient(model, model.baseline_), model.coef_, atol=2e-4)
    touching = model.intercept_ + model.coef_ @ model.baseline_
    np.testing.assert_allclose(model.predict(model.baseline_[None])[0], touching, rtol=1e-9)


def test_coefficients_are_the_gradient_for_counts_and_labels():
    X, eta = draw(lambda X: 0.5 * X[:, 0] + 0.3 * X[:, 1] ** 2 + 0.4 * X[:, 0] * X[:, 2], noise=0)
    rng = np.random.default_rng(1)
    counts = NIMOPlusRegressor(family="poisson").fit(X, rng.poisson(np.exp(1 + eta)))
    labels = NIMOPlusClassifier().fit(X, 3 * eta + rng.logistic(size=300) > 1)
    for model in (counts, labels):
        assert model.terms_
        np.testing.assert_allclose(gradient(model, model.baseline_), model.coef_, atol=2e-4)


def test_pieces_add_up_and_vanish_at_the_baseline(fitted):
    model, X, _ = fitted
    parts = model.term_contributions(X)
    total = model._at_baseline + sum(parts.values())
    np.testing.assert_allclose(total, model.predict(X), atol=1e-9)
    by_feature = model.contributions(X)
    np.testing.assert_allclose(
        by_feature.sum(1) + model.local_intercept(X), model.predict(X), atol=1e-9
    )
    for features in model.model_.terms:
        base = model.baseline_[list(features)]
        if len(features) == 1:
            assert abs(model.shape(features[0], base)[0]) < 1e-12
        else:
            assert abs(model.surface(features, base[None])[0]) < 1e-12


def test_a_row_is_read_like_a_row_of_the_other_models(fitted):
    model, X, _ = fitted
    for row in model.row_table(X[:3]):
        own = (row["value"] - row["baseline"]) * row["local_coef"] + row["shape"]
        assert own == pytest.approx(row["contribution"], abs=1e-6)
    assert "prediction at the baseline" in model.row_text(X[:1])
    local = model.local_coef(model.baseline_[None])[0]
    np.testing.assert_allclose(local, model.coef_, atol=1e-3)
    assert {row["kind"] for row in model.term_table()} <= {
        *("absent", "linear", "nonlinear", "modulated", "both")
    }
    assert model.coef_interval().shape == (6, 2)
    np.testing.assert_allclose(
        model.marginal_effects(X[:4]), [gradient(model, x) for x in X[:4]], atol=1e-3
    )


def test_what_is_drawn_can_be_saved(fitted, tmp_path):
    pytest.importorskip("matplotlib")
    model, X, _ = fitted
    model.draw(X).savefig(tmp_path / "model.png")
    assert (tmp_path / "model.png").stat().st_size > 20_000


def test_what_is_there_is_found_and_nothing_else():
    X, y = draw(mixed)
    model = NIMOPlusRegressor(n_structures=1, noise="normal").fit(X, y)
    assert set(model.model_.terms) >= {(2,), (4,), (0, 3)}
    assert not model.selected_features_[5]
    assert model.coef_[5] == 0 and abs(model.coef_[3]) < 0.1
    assert rmse(model, TEST, mixed(TEST)) < 0.25
    assert "p(x1, x4)" in model.formula()


def test_a_curve_that_shows_only_once_products_are_in():
    X, y = draw(lambda X: np.sin(X[:, 0]) + 4 * X[:, 1] * X[:, 2], n=200, noise=0.1)
    model = NIMOPlusRegressor(n_structures=1, max_order=2).fit(X, y)
    assert set(model.model_.terms) >= {(0,), (1, 2)}
    truth = np.sin(TEST[:, 0]) + 4 * TEST[:, 1] * TEST[:, 2]
    assert rmse(model, TEST, truth) < 0.5


def test_the_slope_of_a_smooth_curve_at_the_baseline_is_the_coefficient():
    """Of sin(2 x), whose slope over the whole range is another one."""
    for seed in range(4):
        X, y = draw(mixed, seed=seed)
        model = NIMOPlusRegressor(max_order=2, noise="normal", baseline="zero").fit(X, y)
        assert abs(model.coef_[2] - 2) < 0.6, seed


# ---------------------------------------------------------------- rows and weights


@pytest.mark.parametrize("kind", ["plain", "twice", "small", "ten copies", "bootstrap", "random"])
def test_weights_and_copies_cost_what_they_cost_a_ridge(kind):
    ratios = []
    for seed in range(4):
        X, y = draw(linear, n=200, noise=1.0, seed=seed)
        rng = np.random.default_rng(seed)
        weight = {
            "twice": np.full(200, 2.0),
            "small": np.full(200, 1 / 200),
            "random": rng.exponential(size=200),
        }.get(kind)
        if kind == "ten copies":
            X, y = np.repeat(X, 10, axis=0), np.repeat(y, 10)
        if kind == "bootstrap":
            rows = rng.integers(200, size=200)
            X, y = X[rows], y[rows]
        ours = NIMOPlusRegressor().fit(X, y, sample_weight=weight)
        ridge = Ridge(1.0).fit(X, y, sample_weight=weight)
        ratios.append(rmse(ours, TEST, linear(TEST)) / rmse(ridge, TEST, linear(TEST)))
        assert 0.7 < ours.fit_info_["noise_std"] < 1.3
    assert np.exp(np.mean(np.log(ratios))) < 1.2
    assert max(ratios) < 1.6


def test_the_scale_of_weights_has_no_effect_and_copies_are_weights():
    X, y = draw(mixed, n=150)
    times = np.random.default_rng(0).integers(1, 4, size=150)
    # with modulations a search by gradients ends where rounding lets it
    for order, tolerance in ((2, 1e-7), (3, 1e-3)):
        model = NIMOPlusRegressor(max_order=order)
        weighted = clone(model).fit(X, y, sample_weight=times).predict(TEST)
        heavy = clone(model).fit(X, y, sample_weight=1e6 * times)
        copied = clone(model).fit(np.repeat(X, times, axis=0), np.repeat(y, times))
        for other in (heavy, copied):
            np.testing.assert_allclose(other.predict(TEST), weighted, atol=tolerance)


def test_a_weight_of_0_is_a_row_that_is_not_there():
    X, y = draw(mixed, n=150)
    weight = np.r_[np.ones(120), np.zeros(30)]
    np.testing.assert_allclose(
        NIMOPlusRegressor().fit(X, y, sample_weight=weight).predict(TEST),
        NIMOPlusRegressor().fit(X[:120], y[:120]).predict(TEST),
    )
    # so it may have any response, and is none of the counts that a model needs
    amounts, weight = np.exp(y / 4), np.r_[np.ones(100), np.zeros(50)]
    model = NIMOPlusRegressor(family="gamma", max_order=1, n_structures=1)
    holed = clone(model).fit(X, np.where(weight > 0, amounts, -1.0), sample_weight=weight)
    np.testing.assert_allclose(holed.predict(TEST), model.fit(X[:100], amounts[:100]).predict(TEST))
    counts = np.arange(150) % 3
    with pytest.raises(ValueError, match="a count above 0, got y = 0 throughout"):
        NIMOPlusRegressor(family="poisson").fit(X, counts, sample_weight=(counts == 0) * 1.0)


def test_rows_that_coincide_by_chance_are_not_copies():
    """Three features of few values: a table of counts, where equal rows are the rule."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 3, size=(3000, 3)).astype(float)
    y = X[:, 0] - X[:, 1] + rng.logistic(size=3000) > 0
    model = NIMOPlusClassifier().fit(X, y)
    assert model.fit_info_["distinct_rows"] == 3000
    assert abs(model.coef_[0] - 1) < 0.2 and abs(model.coef_[1] + 1) < 0.2


@pytest.mark.parametrize("kind", ["one", "dummies", "several", "parity", "levels"])
def test_columns_of_two_values_are_no_copies(kind):
    """Leaving out a column of two values at most doubles the pairs that agree."""
    rng = np.random.default_rng(0)
    X = (rng.random((1000, 1 if kind == "one" else 5)) < 0.5).astype(float)
    chance = 0.3 + 0.4 * X[:, 0]
    if kind == "dummies":  # all levels of a category have a column
        levels = rng.integers(0, 4, size=1000)
        X, chance = np.eye(4)[levels], np.array([0.1, 0.3, 0.5, 0.9])[levels]
    if kind == "parity":
        chance = 0.1 + 0.8 * (X[:, 0] != X[:, 1])
    y = rng.random(1000) < chance
    if kind == "levels":
        X = rng.integers(1, 6, size=(1000, 1)).astype(float)
        model = NIMOPlusRegressor(n_structures=1).fit(X, X[:, 0] ** 2)
        assert np.abs(model.predict(X) - X[:, 0] ** 2).max() < 0.1
    else:
        model = NIMOPlusClassifier(n_structures=1).fit(X, y)
        assert np.abs(model.predict_proba(X)[:, 1] - chance).mean() < 0.05
    assert model.fit_info_["distinct_rows"] == 1000


def test_bagging_is_no_worse_than_one():
    X, y = draw(linear, n=200, noise=1.0)
    one = NIMOPlusRegressor().fit(X, y)
    many = BaggingRegressor(NIMOPlusRegressor(n_structures=1), 5, random_state=0).fit(X, y)
    assert rmse(many, TEST, linear(TEST)) < 1.6 * rmse(one, TEST, linear(TEST)) + 0.05


def test_one_wild_response_costs_nothing():
    for seed in range(3):
        X, y = draw(linear, n=200, noise=1.0, seed=seed)
        clean = rmse(NIMOPlusRegressor().fit(X, y), TEST, linear(TEST))
        y[7] = 1000
        wild = rmse(NIMOPlusRegressor().fit(X, y), TEST, linear(TEST))
        assert wild < 1.5 * clean + 0.05


def test_lognormal_features():
    rng = np.random.default_rng(0)
    X, Z = (np.exp(1.5 * rng.normal(size=(size, 4))) for size in (400, 2000))
    y = np.log(X[:, 0]) + 0.5 * np.log(X[:, 1])
    truth = np.log(Z[:, 0]) + 0.5 * np.log(Z[:, 1])
    model = NIMOPlusRegressor().fit(X, y + 0.1 * rng.normal(size=400))
    assert model.score(Z, truth) > 0.9


# ---------------------------------------------------------------- labels and counts


def test_a_rare_class_is_no_worse_than_logistic_regression():
    gaps = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        X, Z = rng.normal(size=(2000, 6)), rng.normal(size=(20000, 6))
        logit = [-5.6 + 1.2 * A[:, 0] - A[:, 1] + 0.5 * A[:, 2] for A in (X, Z)]
        y, z = (rng.random(len(f)) < 1 / (1 + np.exp(-f)) for f in logit)
        ours = NIMOPlusClassifier().fit(X, y).decision_function(Z)
        linear = LogisticRegression().fit(X, y).decision_function(Z)
        gaps.append(roc_auc_score(z, linear) - roc_auc_score(z, ours))
    assert max(gaps) < 0.03 and np.mean(gaps) < 0.015


def test_probabilities_stay_finite_far_from_the_rows():
    X, y = load_iris(return_X_y=True)
    model = NIMOPlusClassifier().fit(X, y)
    assert model.score(X, y) > 0.95
    far = model.predict_proba(1e4 * X)
    assert np.isfinite(far).all()
    np.testing.assert_allclose(far.sum(1), 1)
    assert model.coef_.shape == (3, 4) and model.intercept_.shape == (3,)


@pytest.mark.parametrize("mean", [1.0, 1e3, 1e6])
def test_counts_of_any_size(mean):
    X, eta = draw(lambda X: 0.5 * X[:, 0] - 0.3 * X[:, 1], noise=0)
    y = np.random.default_rng(0).poisson(mean * np.exp(eta))
    ours = NIMOPlusRegressor(family="poisson").fit(X, y).predict(X)
    truth = mean * np.exp(eta)
    theirs = PoissonRegressor(alpha=0, max_iter=1000).fit(X, y).predict(X)
    error = [np.mean((p / truth - 1) ** 2) for p in (ours, theirs)]
    assert error[0] < 3 * error[1] + 1e-6


@pytest.mark.parametrize(("order", "tolerance"), [(2, 1e-5), (3, 2e-3)])
def test_features_and_responses_of_any_size(order, tolerance):
    X, y = draw(mixed, n=150)
    model = NIMOPlusRegressor(max_order=order)
    plain = clone(model).fit(X, y).predict(TEST)
    unit = np.array([1e-13, 1e13, 1.0, 1e-5, 1e8, 1.0])
    scaled = clone(model).fit(X * unit, 1e30 * y)
    np.testing.assert_allclose(scaled.predict(TEST * unit) / 1e30, plain, atol=tolerance)
    shifted = clone(model).fit(X, y + 1e8)
    # eight digits of the response are gone, and the search by gradients sees it
    moved = shifted.predict(TEST) - 1e8 - plain
    assert np.sqrt(np.mean(moved**2)) < (1e-4 if order == 2 else 0.05)


def test_a_feature_that_was_constant_has_no_effect_later():
    X, y = draw(linear, n=100, noise=0.5)
    X[:, 5] = 3.0
    model = NIMOPlusRegressor().fit(X, y)
    other = X.copy()
    other[:, 5] = -1e9
    np.testing.assert_array_equal(model.predict(X), model.predict(other))


def test_far_more_features_than_rows():
    rng = np.random.default_rng(0)
    beta = np.r_[3.0, -2.0, 1.5, 2.5, -1.0, np.zeros(1995)]
    X, Z = rng.normal(size=(100, 2000)), rng.normal(size=(1000, 2000))
    y = X @ beta + 0.7 * rng.normal(size=100)
    ours = NIMOPlusRegressor().fit(X, y)
    lasso = LassoCV().fit(X, y)
    errors = [np.mean((model.predict(Z) - Z @ beta) ** 2) for model in (ours, lasso)]
    assert errors[0] < 2 * errors[1]


# ---------------------------------------------------------------- scikit-learn


@pytest.mark.parametrize(
    ("parameters", "word"),
    [
        ({"max_order": 4}, "max_order"),
        ({"level": 0.0}, "level"),
        ({"noise": "cauchy"}, "noise"),
        ({"n_structures": 0}, "n_structures"),
        ({"baseline": "median"}, "baseline"),
        ({"baseline": [0.0]}, "baseline"),
        ({"family": "cauchy"}, "family"),
        ({"quantile": 1.0}, "quantile"),
    ],
)
def test_bad_parameters_are_named(parameters, word):
    X, y = draw(linear, n=30)
    with pytest.raises(ValueError, match=word):
        NIMOPlusRegressor(**parameters).fit(X, y)


@parametrize_with_checks([NIMOPlusRegressor(), NIMOPlusClassifier()])
def test_scikit_learn(estimator, check):
    check(clone(estimator))


@pytest.mark.parametrize("value", [5.0, 0.1, 1e9 + 0.1])
@pytest.mark.parametrize("noise", ["normal", "t", "auto"])
def test_a_constant_response_is_predicted(value, noise):
    X = np.random.default_rng(0).uniform(-2, 2, (200, 2))
    model = NIMOPlusRegressor(noise=noise).fit(X, np.full(200, value))
    np.testing.assert_allclose(model.predict(X[:3]), value, rtol=1e-12)
    np.testing.assert_allclose(model.coef_, 0, atol=1e-12 * value)


@pytest.mark.parametrize("family", ["gamma", "quantile", "poisson"])
def test_a_constant_response_of_any_family(family):
    X = np.random.default_rng(0).uniform(-2, 2, (60, 2))
    model = NIMOPlusRegressor(family=family).fit(X, np.full(60, 3.0))
    # the intercept of counts has a prior, if a wide one
    np.testing.assert_allclose(model.predict(X[:3]), 3.0, rtol=1e-3)


def test_weights_near_the_largest_number():
    X, y = draw(lambda X: X[:, 0], n=60)
    plain, heavy = (
        NIMOPlusRegressor(max_order=1).fit(X, y, sample_weight=np.full(60, size))
        for size in (1.0, 1e307)
    )
    np.testing.assert_allclose(heavy.predict(X), plain.predict(X))


def test_a_surface_is_of_different_features():
    X, y = draw(lambda X: X[:, 0], n=60)
    with pytest.raises(ValueError, match="different features"):
        NIMOPlusRegressor(max_order=1).fit(X, y).surface([0, 0], [[1.0, 2.0]])
