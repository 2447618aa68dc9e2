"""What the validation rows decide: the lasso's penalty without g, which networks make a mean."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Lasso

from nimo import NIMORegressor
from nimo.paper.problem import initial_state, predictor, refit, validation_loss
from nimo.paper.settings import Settings
from nimo.paper.state import State
from nimo.selection.linear import LINEAR_PENALTIES, fit_lasso
from nimo.selection.means import best_mean, mean_loss
from nimo.solvers.lasso import lasso_path, screened_sweeps
from tests.nimo.toy import linear_problem


def fitted(problem, models, penalty=1e-6):
    """Linear models, their columns closed."""
    state = initial_state(problem, models, 8)
    state.weights.features.zero_()
    refit(problem, state, torch.full((models,), penalty, dtype=torch.float64), 1)
    return state


@pytest.mark.parametrize("d", [3, 200])
@pytest.mark.parametrize("path", [lasso_path, screened_sweeps])
def test_the_path_is_the_lasso_at_every_penalty(path, d):
    problem = linear_problem(d=d)
    penalty = torch.tensor(LINEAR_PENALTIES[6:22:3], dtype=torch.float64)
    state = initial_state(problem, 1, 4)
    seen = []
    for m, model in path(problem, state, penalty, 1.0):
        seen.append(m)
        lasso = Lasso(alpha=float(penalty[m]), tol=1e-10, max_iter=100_000)
        lasso.fit(problem.x64.numpy(), problem.y.numpy())
        np.testing.assert_allclose(model.coef[0].numpy(), lasso.coef_, atol=2e-3)
    assert seen == list(range(len(penalty)))[::-1]


def test_the_linear_candidate_has_no_corrections_and_the_best_penalty():
    """A fresh network beside the coefficients would decide the penalty by its random output."""
    problem = linear_problem(n=60, d=40)
    best, record = fit_lasso(problem, Settings(n_hidden=8))
    eta = predictor(problem, best, problem.x_val, problem.x_val64)[0]
    torch.testing.assert_close(eta, best.intercept + problem.x_val64 @ best.coef[0])
    losses = []
    for alpha in LINEAR_PENALTIES:
        lasso = Lasso(alpha=alpha, tol=1e-8, max_iter=100_000)
        lasso.fit(problem.x64.numpy(), problem.y.numpy())
        residual = problem.y_val.numpy() - lasso.predict(problem.x_val64.numpy())
        losses.append(0.5 * float(np.mean(residual**2)))
    assert float(validation_loss(problem, best)) == pytest.approx(min(losses), rel=0.01)
    assert record["alpha"] in LINEAR_PENALTIES


def test_errors_that_cancel_are_averaged_and_poor_models_left_out():
    problem = linear_problem()
    candidates = fitted(problem, 4)
    candidates.intercept += torch.tensor([0.5, -0.5, 0.0, 3.0])
    candidates.intercept[2] -= 1.0
    mean, members = best_mean(problem, candidates)
    assert sorted(members) == [0, 1]
    eta = predictor(problem, mean, problem.x_val, problem.x_val64).mean(0)
    least = float(validation_loss(problem, candidates).min())
    assert float(problem.family.loss(eta, problem.y_val).mean()) < 0.2 * least
    assert mean_loss(problem, mean) < 0.2 * least  # of the mean, not the mean of their losses


def test_the_mean_is_never_worse_than_the_best_model():
    problem = linear_problem()
    candidates = fitted(problem, 5)
    for seed in range(5):
        moved = candidates.copy()
        moved.gamma += 0.3 * torch.randn(5, 6, generator=torch.Generator().manual_seed(seed))
        mean, _ = best_mean(problem, moved)
        eta = predictor(problem, mean, problem.x_val, problem.x_val64).mean(0)
        loss = float(problem.family.loss(eta, problem.y_val).mean())
        assert loss <= float(validation_loss(problem, moved).min()) + 1e-12


def test_a_good_model_alone_if_the_others_are_poor():
    problem = linear_problem()
    good, poor = fitted(problem, 1), fitted(problem, 2)
    poor.gamma *= 0.5
    mean, members = best_mean(problem, State.join([good, poor]))
    assert members == [0]
    torch.testing.assert_close(mean.coef, good.coef)


def test_a_linear_truth_gives_a_linear_model():
    rng = np.random.default_rng(4)
    X = rng.uniform(-2, 2, (150, 4))
    y = X @ [-5, 3, 0, 1] + 0.1 * rng.normal(size=150)
    model = NIMORegressor(n_hidden=16, max_iter=60, random_state=0).fit(X, y)
    assert not model.interaction_features_.any()
    np.testing.assert_allclose(model.coef_, [-5, 3, 0, 1], atol=0.05)


def test_the_relaxed_lasso_takes_the_shrinking_back():
    problem = linear_problem()
    model, info = fit_lasso(problem, Settings(n_hidden=8, alpha=0.3), relax=True)
    used = (model.coef != 0).any(0)
    design = torch.cat([problem.x64[:, used], torch.ones(len(problem.y), 1).double()], dim=1)
    exact = torch.linalg.lstsq(design, problem.y[:, None]).solution[:-1, 0]
    assert info["phase"] == "relaxed"
    torch.testing.assert_close(model.coef[-1, used], exact, rtol=1e-6, atol=1e-8)
    eta = predictor(problem, model, problem.x_val, problem.x_val64).mean(0)
    expected = float(problem.family.loss(eta, problem.y_val).mean())
    assert info["validation_loss"] == pytest.approx(expected)
