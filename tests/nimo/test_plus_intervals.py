"""Intervals of NIMO+: coefficients, curves, surfaces, means, new responses."""

import numpy as np
import pytest
from scipy.stats import norm, poisson, t

from nimo import NIMOPlusClassifier, NIMOPlusRegressor
from nimo.plus.evidence import Sums, maximise
from nimo.plus.members import Member
from nimo.plus.noise import FREEDOM
from nimo.plus.predictive import count_quantile, noisy_quantile
from nimo.plus.uncertainty import covariances


def mixed(X):
    return 2 * X[:, 0] - X[:, 1] + np.sin(2 * X[:, 2]) + X[:, 0] * X[:, 3]


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 5))
    return NIMOPlusRegressor(baseline="zero").fit(X, mixed(X) + 0.5 * rng.normal(size=300))


TEST = np.random.default_rng(9).normal(size=(3000, 5))


def test_the_mean_and_a_new_response_are_covered(fitted):
    rng = np.random.default_rng(1)
    truth = mixed(TEST)
    for level in (0.5, 0.9):
        low, high = fitted.predict_interval(TEST, level).T
        y = truth + 0.5 * rng.normal(size=len(TEST))
        assert abs(np.mean((low <= y) & (y <= high)) - level) < 0.06
    low, high = fitted.mean_interval(TEST).T
    assert 0.85 < np.mean((low <= truth) & (truth <= high)) <= 1
    mean, std = fitted.predict(TEST, return_std=True)
    np.testing.assert_allclose(mean, fitted.predict(TEST), atol=1e-9)
    half = t.ppf(0.975, fitted._freedom)
    assert 1.96 < half < 2
    np.testing.assert_allclose(high - low, 2 * half * std, rtol=1e-9)


def test_a_curve_and_a_surface_are_covered(fitted):
    x = np.linspace(-1.5, 1.5, 31)
    # the same piece with its line, so that the truth is the function of one feature
    low, high = fitted.term_interval(2, x, line=True).T
    inside = (low <= np.sin(2 * x)) & (np.sin(2 * x) <= high)
    assert inside.mean() > 0.8
    low, high = fitted.term_interval(2, x).T
    assert np.all(low <= fitted.shape(2, x)) and np.all(fitted.shape(2, x) <= high)
    low, high = fitted.term_interval([3, 0], np.column_stack([x, 0.8 * x])).T
    assert np.mean((low <= 0.8 * x**2) & (0.8 * x**2 <= high)) > 0.8
    at = fitted.term_interval(2, [fitted.baseline_[2]])
    np.testing.assert_allclose(at, 0, atol=1e-12)
    np.testing.assert_array_equal(fitted.term_interval([1, 4], [[1.0, 1.0]]), 0)


def test_a_line_alone_has_the_interval_of_its_coefficient(fitted):
    low, high = fitted.term_interval(1, [1.0, -1.0], line=True).T
    expected = fitted.coef_interval()[1]
    np.testing.assert_allclose([low[0], high[0]], expected, rtol=1e-6)
    np.testing.assert_allclose([-high[1], -low[1]], expected, rtol=1e-6)


def test_few_rows_know_little_of_the_noise():
    covered = []
    for seed in range(25):
        rng = np.random.default_rng(seed)
        X, Z = rng.normal(size=(6, 1)), rng.normal(size=(40, 1))
        low, high = NIMOPlusRegressor().fit(X, X[:, 0] + rng.normal(size=6)).predict_interval(Z).T
        z = Z[:, 0] + rng.normal(size=40)
        covered.append(np.mean((low <= z) & (z <= high)))
    assert np.mean(covered) > 0.9


def test_counts_labels_and_classes():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    rate = np.exp(1 + 0.5 * X[:, 0])
    counts = NIMOPlusRegressor(family="poisson").fit(X, rng.poisson(rate))
    low, high = counts.predict_interval(X, 0.9).T
    new = rng.poisson(rate)
    assert np.mean((low <= new) & (new <= high)) > 0.88
    assert np.all(low == np.round(low)) and low.min() == 0
    mean, std = counts.predict(X, return_std=True)
    assert np.mean(np.abs(mean - rate) < 3 * std) > 0.9
    labels = NIMOPlusClassifier().fit(X, rng.random(300) < 1 / (1 + np.exp(-2 * X[:, 0])))
    low, high = labels.mean_interval(X).T
    inside = labels.predict_proba(X)[:, 1]
    assert np.all((low <= inside) & (inside <= high)) and 0 <= low.min() and high.max() <= 1
    assert not hasattr(labels, "predict_interval")
    several = NIMOPlusClassifier().fit(X, rng.integers(0, 3, 300))
    assert several.term_interval(0, [1.0, 2.0]).shape == (2, 2, 3)
    with pytest.raises(AttributeError, match="more than two classes"):
        several.mean_interval(X)


def test_bad_input_is_named(fitted):
    for call in (fitted.predict_interval, fitted.mean_interval):
        with pytest.raises(ValueError, match="level"):
            call(TEST, 95)
    with pytest.raises(ValueError, match="level"):
        fitted.term_interval(2, [0.0], 1.0)
    with pytest.raises(ValueError, match="2 columns"):
        fitted.term_interval([0, 3], [[1.0]])
    with pytest.raises(ValueError, match="line=True"):
        fitted.term_interval([0, 3], [[1.0, 1.0]], line=True)
    with pytest.raises(ValueError, match="feature"):
        fitted.term_interval("x9", [1.0])


# ---------------------------------------------------------------- parts


def test_the_kept_covariance_is_that_of_the_posterior():
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(60, 9))
    y = Z[:, :4] @ [1.0, -1.0, 0.5, 0.2] + rng.normal(size=60)
    sums = Sums(Z.T @ Z, Z.T @ y, float(y @ y), 60.0)
    blocks, fixed = np.array([0, 1, 1, 1, 1, 2, 2, 2, 2]), np.ones(3, dtype=bool)
    found = maximise(
        [sums], blocks, np.array([2.0, 0.5, 1e-4]), 1.0, free_noise=False, steps=0, fixed=fixed
    )
    scale = rng.uniform(1, 2, 9)
    (one,) = covariances(found, fixed, scale)
    exact = np.linalg.inv(Z.T @ Z + np.diag(1 / np.array([2.0, 0.5, 1e-4])[blocks]))
    exact *= np.outer(scale, scale)
    at = rng.normal(size=(20, 9))
    np.testing.assert_allclose(one.of(at), np.einsum("ij,jk,ik->i", at, exact, at), rtol=0.011)
    np.testing.assert_allclose(one.diagonal, exact.diagonal(), rtol=0.011)
    assert one.directions.shape[1] < 9


def test_variances_that_are_estimates_add_what_they_move_the_coefficients():
    """Against differences of the mean and of the evidence."""
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(40, 6))
    y = Z[:, 0] + 0.5 * rng.normal(size=40)
    sums = Sums(Z.T @ Z, Z.T @ y, float(y @ y), 40.0)
    blocks, fixed = np.repeat([0, 1], 3), np.zeros(2, dtype=bool)

    def at(logs):
        return maximise([sums], blocks, np.exp(logs), 0.3, free_noise=False, steps=0, fixed=fixed)

    def value(logs):
        return at(logs).value

    logs, step = np.log([0.4, 0.05]), 1e-4
    e = step * np.eye(2)
    slope = [(at(logs + d).coefficients - at(logs - d).coefficients)[:, 0] / (2 * step) for d in e]
    second = [
        [
            (value(logs + a + b) - value(logs + a - b) - value(logs - a + b) + value(logs - a - b))
            / (4 * step**2)
            for a in e
        ]
        for b in e
    ]
    values, vectors = np.linalg.eigh(second)
    inverse = vectors @ np.diag(1 / (np.maximum(values, 0) + 0.25)) @ vectors.T
    exact = at(logs).posteriors[0].covariance + np.array(slope).T @ inverse @ np.array(slope)
    (one,) = covariances(at(logs), fixed, np.ones(6))
    np.testing.assert_allclose(one.diagonal, exact.diagonal(), rtol=0.02)


def test_quantiles_of_one_structure_are_the_known_ones():
    def members(heavy, noise, freedom=np.inf):
        return [Member(1.0, heavy, noise, [], np.zeros((1, 1)), [], freedom)]

    zero = np.zeros((1, 1))
    for probability in (0.025, 0.3, 0.9, 0.99):
        found = noisy_quantile(members(True, 4.0), zero, zero, 1.0, probability)
        assert found[0] == pytest.approx(2 * t(FREEDOM).ppf(probability), rel=0.01)
        found = noisy_quantile(members(False, 4.0), zero + 1, zero + 5, 1.0, probability)
        assert found[0] == pytest.approx(1 + 3 * norm.ppf(probability), abs=1e-9)
        for freedom in (2.0, 7.0, 100.0):  # the noise of few rows is not known
            found = noisy_quantile(members(False, 4.0, freedom), zero, zero + 5, 1.0, probability)
            assert found[0] == pytest.approx(3 * t(freedom).ppf(probability), rel=0.02)
    for mean in (0.3, 40.0, 1e6):
        found = count_quantile(members(False, 1.0), zero + np.log(mean), zero, 0.9)
        assert found[0] == poisson(mean).ppf(0.9)
