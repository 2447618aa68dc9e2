"""Measures of explanations on functions whose answer is known by hand, and what older code says."""

import numpy as np
import pytest

from benchmark.explanations import observe, probes, truth
from benchmark.metrics import correctness, fidelity
from explainers.model import Model

D = 3
SLOPES = np.array([2.0, -1.0, 0.5])


class Linear:
    def predict(self, X):
        return 1 + X @ SLOPES


class Product:
    """f = x1 x2 + x3: a function with an interaction."""

    def predict(self, X):
        return X[:, 0] * X[:, 1] + X[:, 2]


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.uniform(-2, 2, (80, D))
    return {
        "X_train": X[:40],
        "X_test": X[40:],
        "X_val": X[:40],
        "y_val": Linear().predict(X[:40]),
    }


@pytest.fixture
def asked(data):
    return probes.of_split(data, 20, seed=1, background=data["X_train"])


def answers(estimator, asked, data):
    model = Model(estimator, "regression", data["X_train"])
    return observe.model_arrays(model, asked, data)


def test_probes_are_the_same_for_the_same_seed(data, asked):
    again = probes.of_split(data, 20, seed=1, background=data["X_train"])
    other = probes.of_split(data, 20, seed=2, background=data["X_train"])
    assert np.array_equal(asked.steps, again.steps)
    assert not np.array_equal(asked.steps, other.steps)
    assert asked.groups.any(axis=1).all() and not asked.groups.all(axis=1).any()


def test_a_linear_model_is_explained_by_its_slopes(asked, data):
    found = answers(Linear(), asked, data)
    slope = np.tile(SLOPES, (20, 1))
    part = slope * asked.rows
    for index in range(3):
        assert fidelity.self_fidelity(slope, asked.steps[index], found["moved"][index]) == 1
    assert fidelity.faithfulness(part, found["ablated"]) == pytest.approx(1)
    assert fidelity.infidelity(part, asked.groups, found["removed"]) == pytest.approx(0, abs=1e-12)
    assert found["gradient"] == pytest.approx(slope)
    assert found["forward"] == pytest.approx(slope * asked.forward)
    assert found["shapley"] == pytest.approx(part - SLOPES * data["X_train"].mean(axis=0))
    assert np.argsort(found["permutation"]).tolist() == [2, 1, 0]


def test_an_error_of_scale_counts(asked, data):
    """The older infidelity rescales each row and is blind to it."""
    found = answers(Linear(), asked, data)
    slope = np.tile(SLOPES, (20, 1))
    moved = found["moved"][1]
    assert fidelity.self_fidelity(2 * slope, asked.steps[1], moved) == pytest.approx(0)
    assert fidelity.self_fidelity(0 * slope, asked.steps[1], moved) == pytest.approx(0)
    twice = 2 * slope * asked.rows
    assert fidelity.infidelity(twice, asked.groups, found["removed"]) == pytest.approx(1)

    def older(part):
        foretold, actual = part @ asked.groups.T, found["removed"]
        best = np.sum(foretold * actual, 1) / np.sum(foretold**2, 1)
        return np.mean((best[:, None] * foretold - actual) ** 2)

    centred = twice - twice.mean(axis=0)
    assert older(centred) == pytest.approx(older(centred / 2))


def test_faithfulness_sees_signs(asked, data):
    """With absolute parts, as in the older code, a wrong sign goes unnoticed."""
    found = answers(Linear(), asked, data)["ablated"]
    part = SLOPES * asked.rows
    assert fidelity.faithfulness(-part, found) == pytest.approx(-1)
    centred = part - part.mean(axis=0)
    older = fidelity.row_correlation(np.abs(-centred), np.abs(found))
    assert older == pytest.approx(1)


def test_features_are_taken_away_one_at_a_time_from_the_same_rows(asked, data):
    """The older code overwrites its averages, so that its effects depend on the order of rows."""
    found = answers(Product(), asked, data)["ablated"]
    x = asked.rows
    by_hand = np.column_stack(
        [
            (x[:, 0] - x[:, 0].mean()) * x[:, 1],
            (x[:, 1] - x[:, 1].mean()) * x[:, 0],
            x[:, 2] - x[:, 2].mean(),
        ]
    )
    assert found == pytest.approx(by_hand)


def test_perturbed_rows_are_not_clipped(asked, data):
    """Clipping to [0, 1] would drag rows of U[-2, 2] into a corner."""
    x = asked.rows[:, None, :] + asked.steps[2]
    assert x.min() < -1 and x.max() > 1
    expected = Product().predict(x.reshape(-1, D)).reshape(x.shape[:2])
    here = Product().predict(asked.rows)[:, None]
    assert answers(Product(), asked, data)["moved"][2] == pytest.approx(expected - here)


def test_a_row_without_a_correlation_is_left_out_and_not_0():
    part = np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]])
    assert fidelity.row_correlation(part, part) == pytest.approx(1)
    assert np.isnan(fidelity.row_correlation(part[1:], part[1:]))


def test_instability_is_the_largest_relative_change():
    here = np.array([[3.0, 4.0], [0.0, 5.0]])
    near = np.array([[[3.0, 4.0], [3.0, 6.0]], [[0.0, 5.0], [0.0, 5.0]]])
    assert fidelity.instability(here, near) == pytest.approx((2 / 5 + 0) / 2)
    assert fidelity.instability(0 * here, 0 * near) == 0


def test_a_step_function_has_no_gradient(asked, data):
    class Step:
        def predict(self, X):
            return np.where(X[:, 0] > 0, 1.0, 0.0)

    assert "gradient" not in answers(Step(), asked, data)


def test_a_constant_has_a_gradient_of_0(asked, data):
    class Constant:
        def predict(self, X):
            return np.ones(len(X))

    found = answers(Constant(), asked, data)
    assert np.all(found["gradient"] == 0)
    steps, moved = asked.steps[0], found["moved"][0]
    assert np.isnan(fidelity.self_fidelity(np.zeros((20, D)), steps, moved))


def test_correctness_by_hand():
    true = np.array([[1.0, -2.0], [3.0, 0.0]])
    assert correctness.relative_rmse(true, true) == 0
    assert correctness.relative_rmse(0 * true, true) == 1
    assert correctness.relative_rmse(2 * true, true) == pytest.approx(1)
    assert correctness.centred_error(true + [5.0, -7.0], true) == pytest.approx(0)
    assert correctness.sign_agreement(np.array([[1.0, 1.0], [1.0, 1.0]]), true) == pytest.approx(
        4 / 6
    )
    parts = np.array([[1.0, -2.0], [3.0, 1.0], [0.0, 4.0]])
    assert correctness.centred_correlation(-parts, parts) == pytest.approx(-1)


@pytest.mark.parametrize("name", ["toy", "regression2", "classification3"])
def test_the_truth_of_a_declared_function(name):
    from benchmark import datasets

    dataset = datasets.declared()[name]
    rng = np.random.default_rng(5)
    arrays = {part: rng.uniform(-2, 2, (30, dataset.n_features)) for part in ("X_train", "X_test")}
    background = truth.background(dataset, arrays, 64)
    known = truth.of_probes(dataset, probes.of_split(arrays, 10, 0, background))
    rows = arrays["X_test"][:10]
    terms = np.sum(rows * known.local_coef, axis=1) + dataset.intercept
    assert terms == pytest.approx(dataset.f(rows))
    at_zero = truth.gradient(dataset.f, np.zeros((1, dataset.n_features)))[0]
    assert at_zero == pytest.approx(dataset.true_coef(), abs=1e-6)
    inactive = np.all(known.gradient == 0, axis=0)
    assert inactive.any() and np.all(known.shapley[:, inactive] == 0)
    within = known.shapley.sum(axis=1) - (dataset.f(rows) - dataset.f(background).mean())
    assert np.abs(within).max() < (
        1e-9 if dataset.n_features < 6 else 0.3 * np.ptp(dataset.f(rows))
    )


def test_the_truth_explains_itself_without_error():
    from benchmark import datasets

    dataset = datasets.declared()["regression3"]

    class Truth:
        def predict(self, X):
            return dataset.f(X)

    rng = np.random.default_rng(6)
    X = rng.uniform(-2, 2, (60, 50))
    data = {"X_train": X[:30], "X_test": X[30:], "X_val": X[:30], "y_val": dataset.f(X[:30])}
    asked = probes.of_split(data, 10, 3, truth.background(dataset, data, 64))
    found = answers(Truth(), asked, data)
    known = truth.of_probes(dataset, asked)
    assert np.array_equal(found["shapley"], known.shapley)
    assert np.any(found["shapley_error"] > 0)
    assert correctness.relative_rmse(found["gradient"], known.gradient) < 1e-4
    assert correctness.matrix_error(found["feature_matrix"], known.feature_matrix) < 1e-4


def test_a_feature_matrix_is_the_mean_product_of_slopes_at_the_training_rows(asked, data):
    linear = answers(Linear(), asked, data)["feature_matrix"]
    assert linear == pytest.approx(np.outer(SLOPES, SLOPES), abs=1e-9)
    x1, x2 = data["X_train"][:, 0], data["X_train"][:, 1]
    product = answers(Product(), asked, data)["feature_matrix"]
    assert product[0, 0] == pytest.approx(np.mean(x2**2))
    assert product[0, 1] == pytest.approx(np.mean(x1 * x2), abs=1e-9)
    assert product[2] == pytest.approx([np.mean(x2), np.mean(x1), 1.0], abs=1e-9)


def test_a_model_with_a_feature_matrix_of_its_own_is_asked_for_it(asked, data):
    class Own(Linear):
        agop_ = np.diag([3.0, 2.0, 1.0])

    assert np.array_equal(answers(Own(), asked, data)["feature_matrix"], Own.agop_)


def test_the_size_of_a_feature_matrix_says_nothing_and_an_empty_one_is_wrong():
    true = np.outer(SLOPES, SLOPES)
    assert correctness.matrix_error(7 * true, true) == pytest.approx(0, abs=1e-12)
    assert correctness.matrix_error(np.zeros((3, 3)), true) == pytest.approx(1)
    assert correctness.matrix_error(np.diag([0, 0, 1.0]), np.diag([1.0, 0, 0])) == pytest.approx(
        np.sqrt(2)
    )
    assert np.isnan(correctness.matrix_error(true, np.zeros((3, 3))))
