"""Explanations afterwards, on functions whose answer is known by hand, and on fitted models."""

import tomllib
import warnings
from functools import cache

import numpy as np
import pytest
from sklearn.linear_model import Ridge

import baselines
import explainers
from benchmark import ROOT, provenance
from explainers import integrated_gradients, lime
from explainers.contract import Explainer
from explainers.model import Model

AFTERWARDS = [name for name in explainers.names() if not explainers.load(name).built_in]
SMOOTH = ["gradient", "gradient_input", "integrated_gradients"]
MEAN = np.array([0.5, -1.0, 2.0])


class Function:
    """An estimator that predicts a given function."""

    def __init__(self, function):
        self.predict = function


def training_rows(n=400, seed=0):
    X = np.random.default_rng(seed).normal(size=(n, 3)) * [1.0, 2.0, 0.5]
    return X - X.mean(axis=0) + MEAN


def model_of(function):
    return Model(Function(function), "regression", training_rows())


def explained(name, model, rows, seed=0):
    explainer = explainers.load(name)
    if provenance.missing(explainer):
        pytest.skip(f"needs {', '.join(provenance.missing(explainer))}")
    return explainer.explain(model, rows, np.random.default_rng(seed))


def plane(X):
    return 2 * X[:, 0] - 3 * X[:, 1] + 7


def bent(X):
    return X[:, 0] ** 2 + X[:, 1] * X[:, 2]


ROWS = training_rows(20, seed=1)


class TestDeclarations:
    @pytest.mark.parametrize("name", explainers.names())
    def test_it_is_an_explainer_named_as_its_file(self, name):
        explainer = explainers.load(name)
        assert isinstance(explainer, Explainer) and explainer.name == name
        assert explainer.label and len(explainer.source) > 10
        labels = [explainers.load(n).label for n in explainers.names()]
        assert labels.count(explainer.label) == 1

    @pytest.mark.parametrize("name", explainers.names())
    def test_its_extra_installs_what_it_requires(self, name):
        explainer = explainers.load(name)
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        lines = extras["optional-dependencies"].get(explainer.extra, [])
        assert {line.split(">")[0] for line in lines} >= set(explainer.requires)


class TestGradients:
    def test_gradient(self):
        slope = explained("gradient", model_of(bent), ROWS).slope
        np.testing.assert_allclose(
            slope, np.column_stack([2 * ROWS[:, 0], ROWS[:, 2], ROWS[:, 1]]), atol=1e-9
        )

    def test_gradient_times_input(self):
        part = explained("gradient_input", model_of(plane), ROWS).part
        np.testing.assert_allclose(part, ROWS * [2.0, -3.0, 0.0], atol=1e-9)

    def test_integrated_gradients_of_a_plane(self):
        part = explained("integrated_gradients", model_of(plane), ROWS).part
        np.testing.assert_allclose(part, (ROWS - MEAN) * [2.0, -3.0, 0.0], atol=1e-9)

    def test_integrated_gradients_of_squares_and_products(self):
        """Along the straight way a product's change is halved between its factors, centred."""
        part = explained("integrated_gradients", model_of(bent), ROWS).part
        a, b = ROWS, MEAN
        product = [
            a[:, 0] ** 2 - b[0] ** 2,
            (a[:, 1] - b[1]) * (a[:, 2] + b[2]) / 2,
            (a[:, 2] - b[2]) * (a[:, 1] + b[1]) / 2,
        ]
        np.testing.assert_allclose(part, np.column_stack(product), atol=1e-8)

    def test_integrated_gradients_are_complete_over_kinks(self):
        def kinked(X):
            return np.maximum(X[:, 0] - 0.7, 0) - 5 * np.maximum(X[:, 1] + 0.3 * X[:, 0], 0)

        model = model_of(kinked)
        part = explained("integrated_gradients", model, ROWS).part
        due = kinked(ROWS) - kinked(model.X.mean(axis=0)[None])
        spread = np.std(kinked(model.X))
        assert np.abs(part.sum(axis=1) - due).max() <= integrated_gradients.TOLERANCE * spread
        one_way, _ = integrated_gradients.integrated(model, ROWS, model.X.mean(axis=0), np.inf)
        assert np.abs(one_way.sum(axis=1) - due).max() > integrated_gradients.TOLERANCE * spread

    def test_integrated_gradients_say_when_they_are_not_complete(self):
        """A jump has no gradient: what it adds is on no feature."""

        def jump(X):
            return X[:, 0] + (X[:, 1] > 0.3)

        with pytest.warns(RuntimeWarning, match="rows miss completeness"):
            explained("integrated_gradients", model_of(jump), ROWS[:5])

    def test_a_logit_is_explained_and_not_a_label(self):
        class Logistic:
            def predict(self, X):
                return (plane(X) > 0).astype(int)

            def decision_function(self, X):
                return plane(X)

        slope = explained("gradient", Model(Logistic(), "classification", ROWS), ROWS).slope
        np.testing.assert_allclose(slope, np.tile([2.0, -3.0, 0.0], (len(ROWS), 1)), atol=1e-9)


class TestShap:
    def test_plane(self):
        model = model_of(plane)
        part = explained("permutation_shap", model, ROWS).part
        background = (ROWS * [2.0, -3.0, 0.0] - part)[0]
        np.testing.assert_allclose(part, ROWS * [2.0, -3.0, 0.0] - background, atol=1e-9)
        # the mean of 100 of 400 training rows: within four of its standard errors
        error = 4 * np.std(model.X, axis=0) / 10
        assert (np.abs(background - MEAN * [2.0, -3.0, 0.0]) <= error * [2, 3, 0] + 1e-9).all()

    def test_products_are_exact_for_the_background(self):
        """Two features at most interact: all permutations agree, so the seed matters not."""
        model = Model(Function(bent), "regression", training_rows(100))
        part = explained("permutation_shap", model, ROWS).part
        again = explained("permutation_shap", model, ROWS, seed=1).part
        np.testing.assert_allclose(part, again, atol=1e-9)
        np.testing.assert_allclose(
            part[:, 0], ROWS[:, 0] ** 2 - np.mean(model.X[:, 0] ** 2), atol=1e-9
        )
        np.testing.assert_allclose(part.sum(axis=1), bent(ROWS) - bent(model.X).mean(), atol=1e-9)

    def test_numpys_global_generator_is_left_as_it_was(self):
        np.random.seed(3)
        expected = np.random.random(3)
        np.random.seed(3)
        explained("permutation_shap", model_of(plane), ROWS[:2])
        np.testing.assert_array_equal(np.random.random(3), expected)


class TestLime:
    def test_a_plane_is_found(self):
        found = explained("lime", model_of(plane), ROWS)
        # the penalty of 1 beside thousands of weighted neighbours shrinks by little
        np.testing.assert_allclose(found.slope, np.tile([2.0, -3.0, 0.0], (20, 1)), atol=0.05)
        np.testing.assert_allclose(found.part, found.slope * (ROWS - MEAN))

    def test_the_regression_is_scikit_learns(self):
        rng = np.random.default_rng(0)
        X, y, weights = rng.normal(size=(50, 4)), rng.normal(size=50), rng.random(50)
        expected = Ridge(alpha=1.0).fit(X, y, sample_weight=weights).coef_
        np.testing.assert_allclose(lime.weighted_ridge(X, y, weights, 1.0), expected)

    def test_the_kernel_by_hand(self):
        np.testing.assert_allclose(lime.kernel(np.array([0.0, 2.0]), 2.0), [1.0, np.exp(-0.5)])

    def test_it_is_local(self):
        """The slope of x^2 follows the row, though flattened by the kernel's width."""
        rows = np.array([MEAN + [-1.5, 0, 0], MEAN + [1.5, 0, 0]])
        slope = explained("lime", model_of(bent), rows).slope[:, 0]
        assert slope[0] < 2 * MEAN[0] < slope[1]

    def test_a_row_far_from_all_neighbours_has_slope_0(self):
        far = MEAN + [1e4, 0.0, 0.0]
        np.testing.assert_array_equal(explained("lime", model_of(plane), far[None]).slope, 0.0)


class TestSmooth:
    def test_functions(self):
        assert model_of(plane).smooth and model_of(bent).smooth
        assert model_of(lambda X: np.abs(X[:, 0])).smooth
        assert model_of(lambda X: np.zeros(len(X))).smooth
        assert model_of(lambda X: np.float32(X[:, 0]) ** 2).smooth
        assert not model_of(lambda X: np.round(X[:, 0])).smooth
        assert not model_of(lambda X: np.round(300 * X).sum(axis=1)).smooth
        assert model_of(lambda X: np.round(X[:, 0])).gradient(ROWS) is None

    def test_an_estimators_own_gradient_comes_first(self):
        estimator = Function(plane)
        estimator.gradient = lambda X: np.full(X.shape, 5.0)
        np.testing.assert_array_equal(Model(estimator, "regression", ROWS).gradient(ROWS), 5.0)

    @pytest.mark.parametrize(
        "name, smooth",
        [
            ("lasso", True),
            ("svm", True),
            ("mlp_relu", True),
            ("mlp", True),
            ("nimo", True),
            ("nam", True),
            ("boosting", False),
            ("extra_trees", False),
            ("ebm", False),
        ],
    )
    def test_fitted_models(self, name, smooth):
        method = baselines.load(name)
        if provenance.missing(method):
            pytest.skip(f"needs {', '.join(provenance.missing(method))}")
        model = fitted(name)
        assert model.smooth is smooth
        for explainer in SMOOTH:
            assert explainers.load(explainer).applies(model) is smooth


@cache
def fitted(name):
    rng = np.random.default_rng(0)
    X = rng.uniform(-2, 2, (300, 6))
    y = X[:, 0] * np.tanh(X[:, 1]) - X[:, 2] + 0.3 * rng.normal(size=300)
    params = {key: values[0] for key, values in baselines.load(name).smoke.items()}
    estimator = baselines.load(name).build("regression", params, 0)
    estimator.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    return Model(estimator, "regression", X[:200])


@pytest.mark.parametrize("name", AFTERWARDS)
def test_a_fitted_network_is_explained_and_repeats_itself(name):
    model, rows = fitted("mlp_relu"), ROWS[:4] @ np.eye(3, 6)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        found, again = (explained(name, model, rows) for _ in range(2))
    assert found.slope is not None or found.part is not None
    for first, second in ((found.slope, again.slope), (found.part, again.part)):
        if first is not None:
            assert first.shape == rows.shape and np.isfinite(first).all()
            np.testing.assert_array_equal(first, second)
