"""Logistic regression, the three MLPs and LassoNet: what is particular to each of them."""

import warnings
from functools import cache

import numpy as np
import pytest
import torch

import baselines
from benchmark import datasets


def rows(name, n=160, seed=1000):
    """Training and validation rows of a synthetic data set."""
    X, y, _ = datasets.declared()[name].draw(n, np.random.default_rng(seed))
    half = n // 2
    return X[:half], y[:half], X[half:], y[half:]


def fit(method, name="toy", task="regression", seed=0, shift=0.0, scale=1.0, **extra):
    declared = baselines.load(method)
    params = {key: values[0] for key, values in declared.smoke.items()} | extra
    X, y, X_val, y_val = rows(name)
    if task == "regression":
        y, y_val = y * scale + shift, y_val * scale + shift
    estimator = declared.build(task, params, seed)
    return estimator.fit(X, y, X_val=X_val, y_val=y_val), X_val, y_val


smoke_fit = cache(fit)  # for tests that only read


def logit(p):
    return np.log(p[:, 1] / p[:, 0])


class TestLogistic:
    def test_coefficients_reproduce_the_probabilities(self):
        model, X, _ = smoke_fit("logistic", "classification2", "classification")
        assert model.coef_.shape == (10,)
        assert isinstance(model.intercept_, float)
        np.testing.assert_allclose(
            logit(model.predict_proba(X)), X @ model.coef_ + model.intercept_, atol=1e-9
        )

    def test_the_penalty_removes_features_and_says_so(self):
        model, _, _ = fit("logistic", "classification2", "classification", Cs=[0.1])
        assert 0 < model.selected_features_.sum() < 10
        np.testing.assert_array_equal(model.selected_features_, model.coef_ != 0)

    def test_the_intercept_is_not_penalised(self):
        X, y, _, _ = rows("classification2")
        model = baselines.load("logistic").build("classification", {"Cs": [1e-2]}, 0).fit(X, y)
        assert not model.selected_features_.any()
        assert model.intercept_ == pytest.approx(np.log(y.mean() / (1 - y.mean())), abs=1e-2)

    def test_no_deprecated_argument_is_used(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            fit("logistic", "classification1", "classification")


@pytest.mark.parametrize("method", ["mlp", "mlp_relu", "mlp_tuned", "lassonet"])
class TestNetworks:
    def test_a_fit_is_silent_decided_by_its_seed_and_leaves_the_callers_random_state_alone(
        self, method, capfd
    ):
        first, X, _ = smoke_fit(method)
        capfd.readouterr()
        torch.manual_seed(5)
        expected = torch.rand(3)
        torch.manual_seed(5)
        again, _, _ = fit(method)
        assert torch.equal(torch.rand(3), expected)
        assert capfd.readouterr() == ("", "")
        np.testing.assert_array_equal(first.predict(X), again.predict(X))

    def test_another_seed_another_network(self, method):
        first, X, _ = smoke_fit(method)
        second, _, _ = smoke_fit(method, seed=4)
        assert not np.array_equal(first.predict(X), second.predict(X))

    def test_units_of_the_target_do_not_matter(self, method):
        plain, X, _ = smoke_fit(method)
        moved, _, _ = smoke_fit(method, shift=1000.0, scale=50.0)
        # float32 inside: the standardised targets differ in their last digits only
        np.testing.assert_allclose(
            (moved.predict(X) - 1000.0) / 50.0,
            plain.predict(X),
            atol=0.05 * np.std(plain.predict(X)),
        )

    def test_learns_more_than_the_mean(self, method):
        model, X, y = smoke_fit(method)
        assert np.mean((model.predict(X) - y) ** 2) < 0.6 * np.var(y)

    def test_labels_agree_with_probabilities(self, method):
        model, X, y = smoke_fit(method, "classification1", "classification")
        p = model.predict_proba(X)
        assert p.shape == (len(X), 2)
        np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-6)
        np.testing.assert_array_equal(model.predict(X), (p[:, 1] > 0.5).astype(int))
        assert np.mean(model.predict(X) == y) > max(y.mean(), 1 - y.mean())

    def test_first_layer_has_one_column_per_feature(self, method):
        model, X, _ = smoke_fit(method)
        assert model.first_layer_weights_.shape == (64, X.shape[1])

    def test_no_probabilities_for_a_real_target(self, method):
        model, X, _ = smoke_fit(method)
        with pytest.raises(AttributeError, match="classification only"):
            model.predict_proba(X)
