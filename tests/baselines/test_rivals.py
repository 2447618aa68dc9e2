"""Readable rivals: APLR, IGANN, PILOT, xRFM, symbolic regression, and the packaged EBM."""

import numpy as np
import pytest

import baselines
from baselines import _pilot, aplr, ebm, ebm_default, xrfm
from benchmark import provenance


def build(name, task="regression", **params):
    method = baselines.load(name)
    missing = provenance.missing(method)
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    return method.build(task, params, 0)


def rows(f, n=400, d=5, seed=1000, noise=0.1):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    return X, f(X) + rng.normal(0, noise, size=n)


def fit(name, f, task="regression", **params):
    """A model of 250 rows, stopped by 150, and these rows."""
    X, y = rows(f)
    y = y if task == "regression" else (y > 0).astype(int)
    return build(name, task, **params).fit(X[:250], y[:250], X[250:], y[250:]), X[:250]


def slopes(model, X, step=1e-4):
    moves = step * np.eye(X.shape[1])
    score = model.decision_function
    return np.stack([(score(X + m) - score(X - m)) / (2 * step) for m in moves], axis=1)


def bent(X):
    return X[:, 0] + 2 * np.maximum(X[:, 1], 0)


def product(X):
    return X[:, 0] + 3 * X[:, 2] * X[:, 3]


@pytest.mark.parametrize("module", [aplr, xrfm])
def test_the_default_comes_first_and_no_two_are_alike(module):
    listed = module.METHOD.configurations
    assert listed[0] == module.DEFAULT
    assert all(listed.count(configuration) == 1 for configuration in listed)


@pytest.mark.parametrize("name", ["igann", "pilot", "xrfm"])
@pytest.mark.parametrize("task", ["regression", "classification"])
def test_slopes_are_those_of_the_prediction(name, task):
    if task not in baselines.load(name).tasks:
        pytest.skip("regression only")
    model, _ = fit(name, bent, task, **({"n_estimators": 40} if name == "igann" else {}))
    X, _ = rows(bent, seed=1)
    given = model.local_coef(X)
    wrong = np.abs(slopes(model, X) - given) > 1e-3 * (1 + np.abs(given))
    assert np.abs(given).max() > 0.1
    assert wrong.mean() < 0.005  # beside a knot


class TestAPLR:
    def test_it_finds_the_pair(self):
        model, X = fit("aplr", product, m=300)
        importance = model.feature_importances_
        assert model.interaction_features_[[2, 3]].all()
        assert importance[[0, 2, 3]].min() > 3 * importance[[1, 4]].max()

    def test_labels_are_fitted_as_the_package_does(self):
        from aplr import APLRClassifier

        X, y = rows(bent)
        y = (y > 0).astype(int)
        ours = build("aplr", "classification", m=60).fit(X[:250], y[:250], X[250:], y[250:])
        package = APLRClassifier(m=60, n_jobs=1, preprocess=False)
        use = np.r_[np.ones(250), -np.ones(150)][:, None]
        package.fit(X, y, cv_observations=use)
        np.testing.assert_allclose(ours.predict_proba(X), package.predict_proba(X), atol=1e-6)

    def test_without_validation_rows_it_is_refused(self):
        X, y = rows(bent, n=60)
        with pytest.raises(ValueError, match="APLR needs validation rows"):
            build("aplr").fit(X, y)


class TestIGANN:
    @pytest.mark.parametrize("task", ["regression", "classification"])
    def test_a_curve_is_found(self, task):
        model, X = fit("igann", bent, task, n_estimators=100)
        part = model.contributions(X)[:, 1]
        assert np.corrcoef(part, np.maximum(X[:, 1], 0))[0, 1] > 0.97
        assert model.feature_importances_[[0, 1]].min() > 3 * model.feature_importances_[2:].max()

    def test_it_is_what_the_package_predicts(self):
        """The package itself, on one column: there its order of columns cannot differ."""
        import pandas as pd
        import torch
        from igann import IGANN

        X, y = rows(lambda X: np.sin(2 * X[:, 0]), d=1)
        y = (y - y[:250].mean()) / y[:250].std()
        ours = build("igann", n_estimators=60).fit(X[:250], y[:250], X[250:], y[250:])
        package = IGANN(task="regression", n_estimators=60)
        held_out = [torch.tensor(a[250:]).float() for a in (X, y)]
        package.fit(pd.DataFrame(X[:250]), y[:250], val_set=held_out)
        assert ours.fit_info_["networks"] == len(package.regressors) > 0
        theirs = np.ravel(package.predict(pd.DataFrame(X)))
        np.testing.assert_allclose(ours.predict(X), theirs, atol=1e-4)

    def test_the_callers_random_states_are_left_alone(self):
        np.random.seed(5)
        expected = np.random.RandomState(5).random(3)
        fit("igann", bent, n_estimators=5)
        np.testing.assert_array_equal(np.random.random(3), expected)


def smallest_bic(X, r, min_leaf=5, min_unique=5):
    """The models of PILOT's paper, each by least squares, one after the other."""
    n, found = len(r), {}

    def offer(kind, columns):
        columns = np.column_stack([np.ones(n), *columns]) if columns else np.ones((n, 1))
        rest = r - columns @ np.linalg.lstsq(columns, r, rcond=None)[0]
        bic = n * np.log(rest @ rest / n) + _pilot.DEGREES[kind] * np.log(n)
        found[kind] = min(found.get(kind, np.inf), bic)

    offer("con", [])
    for x in X.T:
        values = np.unique(x)
        if len(values) >= min_unique:
            offer("lin", [x])
        for i, split in enumerate(values[:-1]):
            above = (x > split).astype(float)
            if min(above.sum(), n - above.sum()) < min_leaf:
                continue
            offer("pcon", [above])
            if len(values) >= min_unique and i > 0:
                offer("blin", [x, (x - split) * above])
            if min(i + 1, len(values) - i - 1) >= min_unique:
                offer("plin", [x, above, x * above])
    return found


class TestPILOT:
    SHAPES = {
        "con": lambda X: 0 * X[:, 0],
        "lin": lambda X: 2 * X[:, 1],
        "blin": lambda X: np.abs(X[:, 2] - 0.3),
        "pcon": lambda X: 1.0 * (X[:, 3] > -0.2),
        "plin": lambda X: np.where(X[:, 0] > 0.4, 1 - X[:, 0], X[:, 0]),
    }

    @pytest.mark.parametrize("kind", SHAPES)
    def test_the_model_is_the_one_of_smallest_bic(self, kind):
        X, y = rows(self.SHAPES[kind], n=80)
        X[:, 4] = np.random.default_rng(1).integers(0, 3, size=80)  # too few values for a line
        found = smallest_bic(X, y)
        node = _pilot.best_model(X, y, 5, 5)
        assert node.kind == kind == min(found, key=found.get)
        rest = y - node.evaluate(X)[0]
        bic = 80 * np.log(rest @ rest / 80) + _pilot.DEGREES[kind] * np.log(80)
        assert bic == pytest.approx(found[kind], abs=1e-8)

    @pytest.mark.parametrize("seed", range(5))
    def test_so_it_is_on_rounded_values_and_noise(self, seed):
        X, y = rows(lambda X: np.sin(2 * X[:, 0]) + X[:, 1] ** 2, n=60, seed=seed, noise=0.5)
        X = np.round(X, 1)
        found = smallest_bic(X, y)
        node = _pilot.best_model(X, y, 5, 5)
        rest = y - node.evaluate(X)[0]
        bic = 60 * np.log(rest @ rest / 60) + _pilot.DEGREES[node.kind] * np.log(60)
        assert bic == pytest.approx(min(found.values()), abs=1e-8)

    def test_a_plane_is_one_leaf_with_its_coefficients(self):
        X, y = rows(lambda X: 1 + 2 * X[:, 0] - 3 * X[:, 1], noise=0.01)
        model = build("pilot").fit(X, y)
        assert model.n_leaves_ == 1 and not model.interaction_features_.any()
        inner = (np.abs(X) < 2).all(axis=1)
        np.testing.assert_allclose(
            model.local_coef(X[inner]), [[2, -3, 0, 0, 0]] * inner.sum(), atol=0.01
        )
        assert model.selected_features_.tolist() == [True, True, False, False, False]

    def test_two_planes_are_found_with_the_split_between_them(self):
        def planes(X):
            return np.where(X[:, 4] > 0.5, 3 * X[:, 0] + 4, -2 * X[:, 1])

        X, y = rows(planes)
        model = build("pilot").fit(X, y)
        assert model._root.kind == "pcon" and model._root.feature == 4
        assert model._root.split < 0.5 < X[X[:, 4] > model._root.split, 4].min()
        assert model.interaction_features_.tolist() == [False, False, False, False, True]
        new, clean = rows(planes, seed=7, noise=0)
        assert np.mean((model.predict(new) - clean) ** 2) < 0.02 * clean.var()

    def test_units_do_not_matter(self):
        X, y = rows(product)
        scale, shift = np.array([1.0, 10.0, 0.1, 3.0, 100.0]), np.array([0, 1e3, -5, 2, 1.0])
        one = build("pilot").fit(X, y).predict(X)
        other = build("pilot").fit(X * scale + shift, 5 * y + 3).predict(X * scale + shift)
        np.testing.assert_allclose(other, 5 * one + 3, rtol=1e-6, atol=1e-6)

    def test_predictions_stay_near_what_was_seen(self):
        X, y = rows(lambda X: X[:, 0] + X[:, 1])
        model = build("pilot", truncation=1.5).fit(X, y)
        far = model.predict(X * 1000)
        stretch = (y.max() - y.min()) / 4
        assert far.min() >= y.min() - stretch and far.max() <= y.max() + stretch

    def test_a_constant_target(self):
        X, _ = rows(bent, n=50)
        model = build("pilot").fit(X, np.full(50, 3.0))
        assert model.n_leaves_ == 1
        np.testing.assert_allclose(model.predict(X), 3.0)


class TestXRFM:
    def test_the_feature_matrix_shows_who_matters(self):
        model, _ = fit("xrfm", product)
        importance = model.feature_importances_
        assert importance[[2, 3]].min() > 10 * importance[[1, 4]].max()
        np.testing.assert_allclose(model.agop_, model.agop_.T, atol=1e-9)

    def test_the_feature_matrix_is_that_of_its_slopes_at_the_training_rows(self):
        model, X = fit("xrfm", product)
        slopes = model.local_coef(X[:250])
        products = slopes.T @ slopes
        np.testing.assert_allclose(model.agop_, products / products.max(), atol=0.05)

    @pytest.mark.parametrize("task", ["regression", "classification"])
    def test_it_is_what_the_package_predicts(self, task):
        from xrfm import xRFM

        X, y = rows(product)
        y = (y - y[:250].mean()) / y[:250].std()
        y = y.astype(np.float32) if task == "regression" else (y > 0).astype(np.int64)
        ours = build("xrfm", task).fit(X[:250], y[:250], X[250:], y[250:])
        package = xRFM(device="cpu", n_threads=1, verbose=False)
        package.fit(X[:250], y[:250], X[250:], y[250:])
        if task == "regression":
            pair = ours.predict(X), np.ravel(package.predict(X))
        else:
            pair = ours.predict_proba(X), package.predict_proba(X)
        # the package counts in single precision
        np.testing.assert_allclose(*pair, atol=5e-3)

    def test_a_diagonal_metric_has_a_diagonal_matrix(self):
        model, _ = fit("xrfm", product, diag=True)
        assert np.count_nonzero(model.agop_ - np.diag(np.diag(model.agop_))) == 0


class TestSymbolic:
    def test_a_formula_is_found(self):
        X, y = rows(lambda X: X[:, 2] * X[:, 3], n=150, noise=0)
        model = build("symbolic", population_size=300, generations=5).fit(X, y)
        assert model.selected_features_.tolist() == [False, False, True, True, False]
        assert np.mean((model.predict(X) - y) ** 2) < 0.05 * y.var()
        assert model.fit_info_["formula"] == model.formula_ and "X2" in model.formula_

    def test_units_of_the_target_do_not_matter(self):
        X, y = rows(product, n=100)
        one, other = (
            build("symbolic", population_size=100, generations=3).fit(X, target)
            for target in (y, 1000 * y + 50)
        )
        assert one.formula_ == other.formula_
        np.testing.assert_allclose(other.predict(X), 1000 * one.predict(X) + 50)


class TestPackagedEBM:
    def test_it_is_the_package_as_it_comes(self):
        from interpret.glassbox import ExplainableBoostingRegressor

        default = ExplainableBoostingRegressor().get_params()
        model = build("ebm_default")
        assert model.outer_bags == default["outer_bags"] == 14
        assert model.rows == "training" and model.max_rounds is None
        for name in ebm.DEFAULT.keys() & default.keys() - ebm_default.DEFAULT.keys():
            assert getattr(model, name) in (None, default[name]), name
