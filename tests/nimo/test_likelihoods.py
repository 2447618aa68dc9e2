"""One likelihood per family, for both models."""

import numpy as np
import pytest
import torch
from scipy import stats

from nimo.paper.families import FAMILIES
from nimo.paper.likelihoods import LARGEST_LOG_COUNT, Poisson
from nimo.plus.families import RESPONSES

ETA = np.linspace(-6, 6, 49)
LOG_DENSITY = {
    "gaussian": lambda eta, y: stats.norm.logpdf(y, eta),
    "binomial": lambda eta, y: stats.bernoulli.logpmf(y, 1 / (1 + np.exp(-eta))),
    "poisson": lambda eta, y: stats.poisson.logpmf(y, np.exp(eta)),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_the_loss_is_the_log_density_up_to_what_depends_on_y_alone(name):
    loss, density = FAMILIES[name].likelihood.loss, LOG_DENSITY[name]
    for y in (0.0, 1.0):
        left = loss(ETA, y) + density(ETA, y)
        np.testing.assert_allclose(left, left[0], atol=1e-10)


@pytest.mark.parametrize("name", FAMILIES)
def test_mean_and_variance_are_the_derivatives_of_the_loss(name):
    likelihood, step = FAMILIES[name].likelihood, 1e-5
    y = np.ones_like(ETA)
    slope = (likelihood.loss(ETA + step, y) - likelihood.loss(ETA - step, y)) / (2 * step)
    np.testing.assert_allclose(slope, likelihood.mean(ETA) - y, atol=1e-6, rtol=1e-8)
    curve = (likelihood.mean(ETA + step) - likelihood.mean(ETA - step)) / (2 * step)
    np.testing.assert_allclose(curve, likelihood.variance(ETA), atol=1e-6, rtol=1e-8)


@pytest.mark.parametrize("name", FAMILIES)
def test_arrays_and_tensors_have_the_same_numbers(name):
    likelihood, y = FAMILIES[name].likelihood, np.ones_like(ETA)
    rows = torch.tensor(ETA), torch.tensor(y)
    for ours, theirs in (
        (likelihood.loss(ETA, y), likelihood.loss(*rows)),
        (likelihood.mean(ETA), likelihood.mean(rows[0])),
        (likelihood.variance(ETA), likelihood.variance(rows[0])),
    ):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", ["binomial", "poisson"])
def test_both_models_have_it(name):
    y = np.ones((len(ETA), 1))
    ours = RESPONSES[name].loss(ETA[:, None], y)
    theirs = FAMILIES[name].loss(torch.tensor(ETA), torch.ones(len(ETA), dtype=torch.float64))
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-12)


def test_counts_beyond_the_largest_stay_finite_and_convex():
    eta = LARGEST_LOG_COUNT + np.array([-1.0, 0.0, 1.0, 100.0, 1e4])
    loss = Poisson.loss(eta, np.zeros(5))
    assert np.isfinite(loss).all() and (np.diff(loss) > 0).all()
    assert (np.diff(Poisson.mean(eta)) > 0).all() and (np.diff(Poisson.variance(eta)) >= 0).all()
