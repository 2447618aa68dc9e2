"""Shapley values of functions whose values are known by hand."""

import numpy as np
import pytest

from benchmark.explanations import shapley

ROWS = np.array([[1.0, 2.0, -1.0], [0.5, -1.5, 2.0]])
BACKGROUND = np.array([[0.0, 1.0, 0.0], [2.0, -1.0, 4.0]])  # means 1, 0, 2


def additive(X):
    return 3 * X[:, 0] + X[:, 1] ** 2 - 2 * X[:, 2]


def product(X):
    return X[:, 0] * X[:, 1]


def by_hand():
    """Each term minus its mean over the background."""
    return np.column_stack([3 * (ROWS[:, 0] - 1), ROWS[:, 1] ** 2 - 1, -2 * (ROWS[:, 2] - 2)])


def test_terms_of_an_additive_function_are_its_values():
    assert shapley.exact(additive, ROWS, BACKGROUND) == pytest.approx(by_hand())
    values, error = shapley.sampled(
        additive, ROWS, BACKGROUND, n_pairs=4000, rng=np.random.default_rng(0)
    )
    assert values == pytest.approx(by_hand(), abs=0.2)
    assert np.all(np.abs(values - by_hand()) < 5 * error + 1e-12)


def test_a_product_is_shared_half_and_half():
    # background 0: v({1}) = v({2}) = 0 and v({1, 2}) = x1 x2
    values = shapley.exact(product, ROWS, np.zeros((1, 3)))
    half = ROWS[:, 0] * ROWS[:, 1] / 2
    assert values == pytest.approx(np.column_stack([half, half, np.zeros(2)]))


def test_values_add_up_to_the_response_minus_its_mean():
    rng = np.random.default_rng(1)
    weights = rng.normal(size=(4, 8))

    def f(X):
        return np.tanh(X @ weights).sum(axis=1)

    rows, background = rng.normal(size=(5, 4)), rng.normal(size=(16, 4))
    total = f(rows) - f(background).mean()
    assert shapley.exact(f, rows, background).sum(axis=1) == pytest.approx(total)


def test_sampling_agrees_with_enumeration_within_its_error():
    rng = np.random.default_rng(2)
    weights = rng.normal(size=(4, 8))

    def f(X):
        return np.tanh(X @ weights).sum(axis=1) + X[:, 0] * X[:, 3]

    rows, background = rng.normal(size=(6, 4)), rng.normal(size=(16, 4))
    truth = shapley.exact(f, rows, background)
    squares = []
    for seed in range(60):
        values, error = shapley.sampled(f, rows, background, 40, np.random.default_rng(seed))
        squares.append(np.mean(((values - truth) / error) ** 2))
    assert np.mean(squares) == pytest.approx(1, abs=0.25)


def test_the_choice_follows_from_the_number_of_evaluations():
    rng = np.random.default_rng(0)
    background = np.tile(BACKGROUND, (8, 1))
    _, error = shapley.values(product, ROWS, background, rng, evaluations=8 * 2 * 16)
    assert np.all(error == 0)
    _, error = shapley.values(product, ROWS, background, rng, evaluations=8 * 2 * 16 - 1)
    assert np.any(error > 0)


def test_equal_functions_have_equal_samples():
    first = shapley.sampled(product, ROWS, BACKGROUND, 5, np.random.default_rng(4))[0]
    again = shapley.sampled(product, ROWS, BACKGROUND, 5, np.random.default_rng(4))[0]
    assert np.array_equal(first, again)
