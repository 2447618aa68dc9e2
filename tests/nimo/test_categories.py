"""Columns that say the same do not modulate each other, nor carry what others should."""

import numpy as np
import pytest
import torch

from nimo import NIMORegressor
from nimo.paper.masking import Explicit, RankOne
from nimo.paper.network import Network, initial_weights, positional_code
from nimo.selection.redundancy import may_modulate


def category(levels, n=120, seed=0):
    rng = np.random.default_rng(seed)
    return np.eye(levels)[rng.integers(0, levels, n)], rng.normal(size=n), rng


def standardised(columns):
    return (columns - columns.mean(0)) / columns.std(0)


CODINGS = {
    "all levels": lambda d: d,
    "first dropped": lambda d: d[:, 1:],
    "standardised": lambda d: standardised(d[:, 1:]),
    "each in a unit of its own": lambda d: d * [1000.0, -3.0, 1e-6, 1.0],
    "against the last": lambda d: d[:, :3] - d[:, 3:],
    "at least": lambda d: np.cumsum(d, axis=1)[:, :3],
    "with rounding": lambda d: d + 1e-9 * np.sin(np.arange(d.size)).reshape(d.shape),
    "with its number": lambda d: np.column_stack([d, d @ np.arange(4)]),
    "a level and the rest": lambda d: np.column_stack([d[:, 0], 1 - d[:, 0]]),
}


@pytest.mark.parametrize("coding", CODINGS)
def test_columns_of_one_category_do_not_modulate_each_other(coding):
    dummies, other, _ = category(4)
    may = may_modulate(np.column_stack([other, CODINGS[coding](dummies)]))
    assert not may[1:, 1:].any()
    assert may[0, 1:].all() and may[1:, 0].all()


def test_copies_do_not_modulate_each_other_and_mere_correlation_does_not_matter():
    _, a, rng = category(2)
    noise = rng.normal(size=(3, len(a)))
    x = np.column_stack([a, 2 * a, 5 - a, a + 1e-9 * noise[0], a + 1e-4 * noise[1], a + noise[2]])
    may = may_modulate(x)
    assert not may[:5, :5].any()
    assert may[5, :5].all()


def test_features_that_have_something_to_say_together_may_modulate_each_other():
    rng = np.random.default_rng(0)
    two = rng.integers(0, 2, (200, 3)).astype(float)
    counts = rng.poisson(2, (200, 2)).astype(float)
    may = may_modulate(np.column_stack([two, counts, rng.normal(size=(200, 2)), np.ones(200)]))
    assert may[:-1, :-1].sum() == 7 * 6
    assert not may[-1].any()


def test_no_row_shows_what_rare_features_do_together_that_are_never_on_together():
    x = np.zeros((100, 2))
    x[:4, 0] = x[10:15, 1] = 1
    assert not may_modulate(x).any()
    x[4, 1] = x[4, 0] = 1
    assert may_modulate(x)[0, 1]


@pytest.mark.parametrize("way", [RankOne, Explicit])
def test_a_correction_does_not_see_what_it_is_not_to_see(way):
    unseen = torch.tensor([[0, 3], [3, 0], [3, 1]])
    network = Network(positional_code(5).double(), (-1.0, 1.0), unseen=unseen)
    generator = torch.Generator().manual_seed(0)
    weights = initial_weights(2, 5, 6, generator).map(lambda flat: 3 * flat.double())
    x = torch.randn(9, 5, generator=generator, dtype=torch.float64)
    terms = torch.tensor([[0, 2, 3], [1, 3, 4]])

    def g(rows):
        inputs = way(rows, terms, network.code, True, unseen)
        return network.forward(weights, inputs)[0]

    hidden = {j: {j} | {int(k) for i, k in unseen if i == j} for j in range(5)}
    for k in range(5):
        moved = x.clone()
        moved[:, k] += 1.5
        same = (g(moved) - g(x)).abs().amax(1) < 1e-12
        assert same.tolist() == [[k in hidden[j] for j in row] for row in terms.tolist()]

    direction = torch.randn(2, 9, 3, generator=generator, dtype=torch.float64)
    inputs = way(x, terms, network.code, True, unseen)
    exact = network.backward(weights, network.forward(weights, inputs)[1], direction)
    towards = torch.randn(weights.flat.shape, generator=generator, dtype=torch.float64)
    ends = [
        (network.forward(weights.map(lambda f, s=s: f + s * towards), inputs)[0] * direction).sum()
        for s in (1e-6, -1e-6)
    ]
    numeric = (ends[0] - ends[1]) / 2e-6
    torch.testing.assert_close(numeric, (exact.flat * towards).sum(), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("relax", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("first", [pytest.param(0, marks=pytest.mark.slow), 1])
def test_dummies_do_not_carry_the_bend_of_another_feature(first, relax):
    dummies, a, rng = category(3, n=200)
    b = rng.normal(size=200)
    X = np.column_stack([a, b, dummies[:, first:]])
    y = 2 * a + b**2 + 0.3 * rng.normal(size=200)
    model = NIMORegressor(relax=relax, max_iter=60, random_state=0).fit(X, y)
    assert np.abs(model.coef_[2:]).max() < 0.5
    assert model.coef_[0] == pytest.approx(2, abs=0.6)
    assert not model.modulated_by_[2:, 2:].any()


def test_a_dummy_that_is_modulated_stays_so():
    dummies, a, rng = category(3, n=200)
    y = 3 * dummies[:, 1] * (1 + np.tanh(2 * a)) + 0.1 * rng.normal(size=200)
    X = np.column_stack([a, dummies[:, 1:]])
    model = NIMORegressor(max_iter=60, random_state=0).fit(X, y)
    assert model.modulated_by_[:, :1].any() or model.modulated_by_[0].any()
    assert model.score(X, y) > 0.9
