"""Modulations x_j v_j(x_S): their kernel and its evidence, and where NIMO+ has them."""

import numpy as np
import pytest

from nimo import NIMOPlusClassifier, NIMOPlusRegressor
from nimo.plus.modulation import Modulation, Rows, Tuned, negative_evidence, pinned


def setting1(X):
    return 6 * X[:, 0] / (1 + np.exp(-X[:, 1] * X[:, 2])) - 2 * X[:, 1] + 2 * X[:, 2]


def toy(X):
    steep, wave = np.tanh(10 * X[:, 1]), np.sin(-2 * X[:, 0])
    return 3 * X[:, 0] * (1 + steep) - 3 * X[:, 1] * (1 + wave)


def four(X):
    return X[:, 0] * np.tanh(X[:, 1] * X[:, 2] + np.sin(X[:, 3]))


def linear(X):
    return 2 * X[:, 0] - X[:, 1]


def draw(function, d, noise, n=300, seed=0):
    rng = np.random.default_rng(seed)
    X, Z = rng.uniform(-2, 2, (n, d)), rng.uniform(-2, 2, (2000, d))
    return X, function(X) + noise * rng.standard_normal(n), Z, function(Z)


def modulations(model):
    return [piece for piece in model.model_.parts if piece.kind == "modulation"]


@pytest.fixture(scope="module")
def steep():
    X, y, Z, truth = draw(toy, 3, 0.1)
    return NIMOPlusRegressor(baseline="zero").fit(X, y), Z, truth


@pytest.mark.parametrize("relevance", [[0.0, 0.1, 0.0], [0.0, 1.5, 0.3], [0.0, 40.0, 1e-4]])
def test_the_basis_says_what_the_kernel_says(relevance):
    rng = np.random.default_rng(0)
    x, z = rng.uniform(-2, 2, (300, 3)), rng.uniform(-1.9, 1.9, (200, 3))
    relevance, noise = np.array(relevance), 1e-3
    one = Modulation.of(x, 0, relevance, np.full(300, 1 / noise))
    target = x[:, 0] * np.tanh(2 * x[:, 1])

    def predicted(kernel, across):
        return across @ np.linalg.solve(kernel + noise * np.eye(300), target)

    own = np.outer(x[:, 0], x[:, 0]) * pinned(x, x, relevance)
    across = np.outer(z[:, 0], x[:, 0]) * pinned(z, x, relevance)
    basis, there = one.columns(x), one.columns(z)
    assert one.width < 150
    # an error far below the noise
    gap = predicted(own, across) - predicted(basis @ basis.T, there @ basis.T)
    assert np.sqrt(np.mean(gap**2)) < 0.1 * np.sqrt(noise)


def test_the_evidence_has_the_derivative_that_it_says():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1.7, 1.7, (60, 3))
    base, blocks = np.hstack([np.ones((60, 1)), x, x**2]), np.array([-1, 0, 1, 1, 2, 2, 2])
    rows = Rows(x, base, blocks, 1.0, rng.normal(size=(60, 2)), rng.uniform(0.5, 2, (60, 2)))
    alpha, variance = np.array([0.3, 0.2, 0.0]), np.array([0.2, 0.4, 0.1])
    relevance = np.array([[0, 0.5, 1.0], [0.3, 0, 0], [0, 0, 0]])
    edges = np.nonzero(relevance)

    def at(logs):
        moved, rho = alpha.copy(), relevance.copy()
        moved[:2] *= np.exp(logs[:2])
        rho[edges] *= np.exp(logs[2:5])
        return Tuned(moved, rho, variance * np.exp(logs[5:8]), 0.3 * np.exp(logs[8]))

    _, slope = negative_evidence(rows, at(np.zeros(9)))
    found = np.r_[slope.alpha[:2], slope.relevance[edges], slope.variance, slope.noise]
    ends = [[negative_evidence(rows, at(s * e))[0] for s in (1e-5, -1e-5)] for e in np.eye(9)]
    np.testing.assert_allclose(found, np.subtract(*np.transpose(ends)) / 2e-5, rtol=1e-5)


def test_steep_modulations_are_found_and_leave_the_gradient_at_the_baseline(steep):
    model, Z, truth = steep
    assert {piece.features for piece in modulations(model)} == {(0, 1)}
    assert np.mean((model.predict(Z) - truth) ** 2) < 0.005
    ahead, back = (model.predict(sign * 1e-6 * np.eye(3)) for sign in (1, -1))
    np.testing.assert_allclose((ahead - back) / 2e-6, model.coef_, atol=1e-4)
    np.testing.assert_allclose(model.coef_, [3, -3, 0], atol=0.5)
    assert abs(model.surface([0, 1], np.zeros((1, 2)))[0]) < 1e-12


def test_pieces_still_add_up_and_stay_bounded(steep):
    model, Z, _ = steep
    total = model._at_baseline + sum(model.term_contributions(Z).values())
    np.testing.assert_allclose(total, model.predict(Z), atol=1e-9)
    far = model.surface([0, 1], np.array([[1e6, 1e6], [1e9, 1e9]]))
    assert far[0] == far[1] and abs(far[0]) < 1e3


def test_three_features_act_together_without_a_product_of_two():
    X, y, Z, truth = draw(setting1, 5, 0.1, seed=1)
    model = NIMOPlusRegressor(baseline="zero", n_structures=1).fit(X, y)
    assert (0, 1, 2) in {piece.features for piece in modulations(model)}
    assert np.mean((model.predict(Z) - truth) ** 2) < 0.006
    assert model.selected_features_.tolist() == [True] * 3 + [False] * 2


def test_what_is_linear_gets_no_modulation_and_neither_do_many_rows():
    X, y, _, _ = draw(linear, 5, 1.0)
    assert not modulations(NIMOPlusRegressor().fit(X, y))
    X, y, _, _ = draw(toy, 3, 1.0, n=1200)
    assert not modulations(NIMOPlusRegressor(n_structures=1, noise="normal").fit(X, y))


def test_products_of_two_at_most_are_not_refined():
    X, y, _, _ = draw(toy, 3, 0.1)
    assert not modulations(NIMOPlusRegressor(max_order=2, noise="normal").fit(X, y))


def test_labels_and_counts_have_modulations_by_their_working_responses():
    X, _, Z, truth = draw(four, 4, 0.0, seed=2)
    rng = np.random.default_rng(1)
    labels = NIMOPlusClassifier(baseline="zero").fit(X, 8 * four(X) + rng.logistic(size=300) > 0)
    assert modulations(labels)
    assert np.mean((labels.decision_function(Z) > 0) == (truth > 0)) > 0.9
    for_labels, (X, _, Z, truth) = Z, draw(toy, 3, 0.0)
    counts = NIMOPlusRegressor(family="poisson", baseline="zero")
    counts.fit(X, rng.poisson(np.exp(2 + 0.2 * toy(X))))
    assert modulations(counts)
    assert np.mean((counts._eta(Z) - 2 - 0.2 * truth) ** 2) < 0.1 * np.var(0.2 * truth)
    for model, rows in ((labels, for_labels), (counts, Z)):
        d = rows.shape[1]
        ahead, back = (model._eta(sign * 1e-6 * np.eye(d)) for sign in (1, -1))
        np.testing.assert_allclose((ahead - back) / 2e-6, model.coef_, atol=1e-3)
        assert np.isfinite(model.predict(1e6 * rows)).all()
