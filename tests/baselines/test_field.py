"""What people use today: EBM, lasso with products, boosting, SVM, extra trees, and their extras."""

import json

import numpy as np
import pytest

import baselines
from baselines import boosting, catboost, ebm, extra_trees, svm, tabnet
from baselines._search import LogInteger, LogNormal, NormalInteger, draws
from benchmark import provenance

LISTED = {m.METHOD.name: m for m in (boosting, catboost, ebm, extra_trees, svm, tabnet)}


def build(name, task="regression", **params):
    method = baselines.load(name)
    missing = provenance.missing(method)
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    return method.build(task, params, 0)


def plane_and_product(n=300, d=5, seed=1000):
    """y = 2 x0 - x1 + 3 x2 x3 with a little noise; x4 has no part."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    y = 2 * X[:, 0] - X[:, 1] + 3 * X[:, 2] * X[:, 3] + rng.normal(0, 0.1, size=n)
    return X, y


def labels(n=300, seed=1000):
    X, y = plane_and_product(n, seed=seed)
    chance = 1 / (1 + np.exp(-y))
    return X, (np.random.default_rng(seed + 1).random(n) < chance).astype(int)


@pytest.mark.parametrize("name", list(LISTED))
def test_the_default_comes_first_and_no_two_are_alike(name):
    module = LISTED[name]
    listed = module.METHOD.configurations
    assert len(listed) == 20 and listed[0] == module.DEFAULT
    written = [json.dumps(c, sort_keys=True, allow_nan=False) for c in listed]
    assert len(set(written)) == 20


@pytest.mark.parametrize("task", ["regression", "classification"])
@pytest.mark.parametrize("name", list(LISTED))
def test_every_configuration_can_be_built_as_it_is_written_down(name, task):
    for params in LISTED[name].METHOD.configurations:
        build(name, task, **json.loads(json.dumps(params)))


class TestDraws:
    def test_new_distributions(self):
        rng = np.random.default_rng(0)
        whole = [LogInteger(2, 32).draw(rng) for _ in range(2000)]
        assert set(whole) == set(range(2, 33))
        assert 0.4 < np.mean(np.array(whole) <= 8) < 0.6
        rates = [LogNormal(0.01, 10.0).draw(rng) for _ in range(2000)]
        assert 0.45 < np.mean(np.array(rates) < 0.01) < 0.55
        assert np.std(np.log10(rates)) == pytest.approx(1, abs=0.05)
        leaves = [NormalInteger(3, 2, low=2).draw(rng) for _ in range(500)]
        assert min(leaves) == 2 and all(isinstance(v, int) for v in leaves)

    def test_mistakes_are_named(self):
        with pytest.raises(ValueError, match="low of at least 1, got 0"):
            LogInteger(0, 4)
        with pytest.raises(ValueError, match="median > 0 and factor > 1"):
            LogNormal(0.1, 0.5)

    def test_a_space_without_enough_is_refused(self):
        with pytest.raises(ValueError, match="the space has not 5 different configurations"):
            draws({"a": 1}, {"a": LogInteger(1, 2)}, 5)


class TestLassoProducts:
    def test_it_finds_main_effects_and_the_product(self):
        X, y = plane_and_product()
        model = build("lasso_products").fit(X, y)
        np.testing.assert_allclose(model.coef_[:2], [2, -1], atol=0.1)
        strongest = model.pairs_[np.argmax(np.abs(model.pair_coef_))]
        assert tuple(strongest) == (2, 3)
        assert np.abs(model.pair_coef_).max() == pytest.approx(3, abs=0.1)
        assert model.interaction_features_[[2, 3]].all()

    def test_its_slopes_are_the_derivative(self):
        X, y = plane_and_product()
        model = build("lasso_products").fit(X, y)
        slopes, step = model.local_coef(X), 1e-6
        for j in range(X.shape[1]):
            moved = X.copy()
            moved[:, j] += step
            numeric = (model.predict(moved) - model.predict(X)) / step
            np.testing.assert_allclose(slopes[:, j], numeric, atol=1e-6)

    def test_units_of_a_feature_do_not_matter(self):
        X, y = plane_and_product()
        scale = np.array([10.0, 1.0, 0.1, 1.0, 5.0])
        one, other = (build("lasso_products", n_penalties=25).fit(Z, y) for Z in (X, X * scale))
        np.testing.assert_allclose(other.predict(X * scale), one.predict(X), rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(other.coef_ * scale, one.coef_, atol=1e-4)

    def test_without_products_it_is_the_lasso(self):
        from sklearn.linear_model import LassoCV

        X, y = plane_and_product()
        model = build("lasso_products", max_products=0, n_penalties=100, patience=20).fit(X, y)
        X = (X - X.mean(0)) / X.std(0)
        known = LassoCV(cv=5).fit(X, y)
        assert model.fit_info_["penalty"] == pytest.approx(known.alpha_, rel=0.1)

    @pytest.mark.parametrize("task", ["regression", "classification"])
    def test_strong_hierarchy(self, task):
        X, y = plane_and_product()
        y = y + 2 * X[:, 2] - 2 * X[:, 3]
        y = y if task == "regression" else (y > 0).astype(int)
        model = build("lasso_products", task, hierarchy="strong").fit(X, y)
        with_coefficient = model.pairs_[model.pair_coef_ != 0]
        assert len(with_coefficient) and (model.coef_[with_coefficient] != 0).all()
        assert model.selected_features_.tolist() == (model.coef_ != 0).tolist()

    def test_wide_tables_are_screened(self):
        X, y = plane_and_product(n=200, d=120)
        model = build("lasso_products", max_products=300).fit(X, y)
        assert len(model.pairs_) == 300 and (model.pairs_ == [2, 3]).all(axis=1).any()
        assert (model.pairs_[:, 0] < model.pairs_[:, 1]).all()

    def test_screening_in_blocks_is_screening_at_once(self, monkeypatch):
        from baselines import _lasso_products

        X, y = plane_and_product(n=100, d=30)
        whole = _lasso_products.screened(X, y, 40)
        monkeypatch.setattr(_lasso_products, "BLOCK", 700)
        np.testing.assert_array_equal(_lasso_products.screened(X, y, 40), whole)

    def test_unknown_hierarchy_is_refused(self):
        X, y = plane_and_product()
        with pytest.raises(ValueError, match="hierarchy must be 'none' or 'strong', got 'weak'"):
            build("lasso_products", hierarchy="weak").fit(X, y)

    def test_a_constant_feature_has_no_effect(self):
        X, y = plane_and_product()
        X[:, 4] = 7.0
        model = build("lasso_products").fit(X, y)
        assert model.coef_[4] == 0 and np.isfinite(model.predict(X)).all()


class TestEBM:
    SMALL = {"outer_bags": 2, "max_rounds": 300, "interactions": 1}

    def fit(self, task="regression", **params):
        X, y = plane_and_product() if task == "regression" else labels()
        model = build("ebm", task, **{**self.SMALL, **params})
        return model.fit(X[:200], y[:200], X[200:], y[200:]), X

    def test_it_finds_the_pair(self):
        model, _ = self.fit()
        assert model.pairs_ == [(2, 3)]
        assert np.flatnonzero(model.interaction_features_).tolist() == [2, 3]

    @pytest.mark.parametrize("task", ["regression", "classification"])
    def test_a_pair_is_split_half_and_half(self, task):
        model, X = self.fit(task)
        rest = model.contributions(X) - model.main_effects(X)
        np.testing.assert_allclose(rest[:, 2], rest[:, 3], atol=1e-12)
        assert np.abs(rest[:, 2]).max() > 0.01
        np.testing.assert_allclose(rest[:, [0, 1, 4]], 0, atol=1e-12)

    def test_a_curve_depends_on_its_own_feature_alone(self):
        model, X = self.fit()
        moved = X.copy()
        moved[:, 1:] = 0.3
        np.testing.assert_array_equal(model.main_effects(moved)[:, 0], model.main_effects(X)[:, 0])

    def test_where_the_validation_rows_go(self):
        X, y = plane_and_product()
        small = self.SMALL | {"max_rounds": 60}
        spoilt = np.where(np.arange(100) % 2, 50.0, -50.0)

        def predicted(rows, y_val):
            model = build("ebm", **small, rows=rows)
            return model.fit(X[:200], y[:200], X[200:], y_val).predict(X)

        one, other = predicted("training", y[200:]), predicted("training", spoilt)
        np.testing.assert_array_equal(one, other)
        for rows in ("stopping", "all"):
            assert not np.array_equal(predicted(rows, y[200:]), predicted(rows, spoilt))
        # they are never fitted: labels that are far away move no prediction there
        assert np.abs(predicted("stopping", spoilt)).max() < 20

    def test_unknown_rows_are_refused(self):
        with pytest.raises(ValueError, match="rows must be training, stopping or all, got 'some'"):
            self.fit(rows="some")


class TestBoosting:
    def test_early_stopping_looks_at_the_validation_rows(self):
        X, y = plane_and_product()
        many = {"max_iter": 500, "early_stopping": True}
        stopped = build("boosting", **many).fit(X[:200], y[:200], X[200:], y[200:])
        noise = np.random.default_rng(0).normal(size=100)
        sooner = build("boosting", **many).fit(X[:200], y[:200], X[200:], noise)
        assert sooner.fit_info_["iterations"] < stopped.fit_info_["iterations"] < 500
        default = build("boosting").fit(X[:200], y[:200], X[200:], y[200:])
        assert default.fit_info_["iterations"] == 100


class TestSVM:
    def test_units_do_not_matter(self):
        X, y = plane_and_product()
        scale = np.array([1.0, 10.0, 0.1, 3.0, 100.0])
        one = build("svm").fit(X, y).predict(X)
        other = build("svm").fit(X * scale, 5 * y + 3).predict(X * scale)
        np.testing.assert_allclose(other, 5 * one + 3, rtol=1e-3, atol=1e-3)

    @pytest.mark.parametrize("apart", [True, False])
    def test_probabilities_are_calibrated_on_rows_that_were_not_fitted(self, apart):
        X, y = labels(2000)
        rows = (X[:600], y[:600], X[600:900], y[600:900]) if apart else (X[:900], y[:900])
        model = build("svm", "classification").fit(*rows)
        p, truth = model.predict_proba(X[900:])[:, 1], y[900:]
        for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.0)):
            use = (p >= low) & (p < high)
            assert abs(p[use].mean() - truth[use].mean()) < 0.12

    def test_platt_is_a_logistic_regression_on_moved_labels(self):
        from baselines._svm import platt

        rng = np.random.default_rng(0)
        margin = rng.normal(size=20000)
        y = (rng.random(20000) < 1 / (1 + np.exp(-(2 * margin - 1)))).astype(int)
        np.testing.assert_allclose(platt(margin, y), [2, -1], atol=0.15)
        slope, _ = platt(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0, 0, 1, 1]))
        assert 0 < slope < 10  # apart, and yet finite

    def test_a_solver_that_was_stopped_says_so(self):
        from baselines._svm import SupportVectors

        X, y = plane_and_product()
        assert not SupportVectors(max_iter=5).fit(X, y).fit_info_["converged"]
        assert SupportVectors().fit(X, y).fit_info_["converged"]


def test_catboost_contributions_are_shapley_values():
    """They add up to the prediction, and a feature without a part has next to none."""
    model = build("catboost", iterations=100)
    X, y = plane_and_product()
    model.fit(X, y)
    total = model.contributions(X).sum(axis=1) + model.local_intercept(X)
    np.testing.assert_allclose(total, model.predict(X), rtol=1e-9, atol=1e-9)
    sizes = np.abs(model.contributions(X)).mean(axis=0)
    assert sizes[4] < sizes[0] / 5


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_realmlp_learns_a_product_and_repeats_itself(task, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    X, y = labels() if task == "classification" else plane_and_product()
    one, again = (build("realmlp", task, n_epochs=60) for _ in range(2))
    for model in (one, again):
        model.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    X_new, y_new = labels(seed=7) if task == "classification" else plane_and_product(n=300, seed=7)
    np.testing.assert_array_equal(one.predict(X_new), again.predict(X_new))
    if task == "regression":
        assert np.mean((one.predict(X_new) - y_new) ** 2) < 0.2 * np.var(y_new)
    else:
        assert np.mean(one.predict(X_new) == y_new) > 0.75
    with pytest.raises(ValueError, match="RealMLP needs validation rows"):
        build("realmlp", task).fit(X, y)


def test_tabnet_trains_where_there_are_fewer_rows_than_a_batch():
    model = build("tabnet", max_epochs=30)
    X, y = plane_and_product()
    model.fit(X[:200], y[:200], X[200:], y[200:])
    assert np.std(model.predict(X)) > 0.1
