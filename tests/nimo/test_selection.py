"""Model selection: what the validation rows decide, and what they must not."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Lasso

from nimo import NIMORegressor
from nimo.paper.checkpoint import Best
from nimo.paper.problem import initial_state, predictor, refit, validation_loss
from nimo.paper.state import State
from nimo.selection import choice, polishing
from nimo.selection.choice import SEARCH_BAR, best_mean, fit_sparse, is_worth
from nimo.selection.relaxation import FRESH, relax, restrict
from nimo.selection.search import LINEAR_PENALTIES, search_linear, search_sparse
from nimo.selection.structure import find_structure
from nimo.selection.trimming import trim
from nimo.settings import Settings
from nimo.solvers.lasso import lasso_path, screened_sweeps
from tests.nimo.toy import interacting_problem, linear_problem

KINDS = ["columns", "coefs"]


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
    best, record = search_linear(problem, Settings(hidden=8))
    eta = predictor(problem, best, problem.x_val, problem.x_val64)[0]
    torch.testing.assert_close(eta, best.intercept + problem.x_val64 @ best.coef[0])
    losses = []
    for alpha in LINEAR_PENALTIES:
        lasso = Lasso(alpha=alpha, tol=1e-8, max_iter=100_000)
        lasso.fit(problem.x64.numpy(), problem.y.numpy())
        residual = problem.y_val.numpy() - lasso.predict(problem.x_val64.numpy())
        losses.append(0.5 * float(np.mean(residual**2)))
    assert float(validation_loss(problem, best)) == pytest.approx(min(losses), rel=0.01)
    assert record["penalty"] in LINEAR_PENALTIES


def test_corrections_that_gain_nothing_visible_are_given_up():
    """Open columns that lower the validation loss by a hair, the trap of a linear truth."""
    problem = linear_problem()
    linear, _ = search_linear(problem, Settings(hidden=8))
    tiny = initial_state(problem, 1, 8)
    tiny.weights.output.mul_(1e-3)  # g is tiny everywhere
    refit(problem, tiny, torch.tensor([1e-6], dtype=torch.float64), 1)
    assert not is_worth(problem, tiny, linear)
    halved = linear.select(torch.tensor([0]))
    halved.gamma *= 0.5
    assert is_worth(problem, linear, halved)


def test_trimming_drops_what_neither_side_misses():
    problem = linear_problem()
    penalty = torch.tensor([1e-6], dtype=torch.float64)
    trimmed = trim(problem, fitted(problem, 1), penalty, KINDS, SEARCH_BAR)
    assert (trimmed.coef[0] != 0).tolist() == [True] * 3 + [False] * 3


def test_trimming_keeps_what_only_the_training_rows_need():
    """Validation rows that by chance do not vary in a feature cannot vote it out."""
    problem = linear_problem()
    problem.x_val[:, 2] = 0
    problem.x_val64[:, 2] = 0
    problem.y_val = problem.x_val64 @ torch.tensor([1.5, -1, 0, 0, 0, 0], dtype=torch.float64)
    penalty = torch.tensor([1e-6], dtype=torch.float64)
    trimmed = trim(problem, fitted(problem, 1), penalty, KINDS, SEARCH_BAR)
    assert (trimmed.coef[0] != 0).tolist() == [True] * 3 + [False] * 3


@pytest.mark.parametrize(("gain", "kept"), [(0.5, True), (0.05, False)])
def test_training_on_counts_only_if_it_gains_visibly(monkeypatch, gain, kept):
    """0.05 of the validation loss is what stretches of training find by chance on noisy data."""
    problem = linear_problem()
    state = initial_state(problem, 1, 8)
    state.weights.output.zero_()  # open columns that do nothing
    penalty = torch.tensor([1e-6], dtype=torch.float64)
    refit(problem, state, penalty, 1)
    better = state.copy()
    good = float(validation_loss(problem, state))
    state.intercept += (
        2 * good * gain / (1 - gain)
    ) ** 0.5  # raises the loss to about good / (1 - gain)

    def trained(problem, states, phase, progress):
        models = len(states.intercept)
        steps, order = torch.full((models,), 5), torch.arange(models)
        return Best(State.join([better] * models), torch.full((models,), good), steps, order)

    monkeypatch.setattr(polishing, "train", trained)
    record = {"penalty": 1e-6, "group_penalty": 1e-3}
    found, info = polishing.polish(problem, Settings(hidden=8), state, record)
    assert torch.equal(found.intercept, (better if kept else state).intercept)
    assert ("steps" in info) == kept


def test_penalties_that_were_given_are_not_lowered_while_training_on():
    before = {"penalty": 1e-2, "group_penalty": 1e-3, "steps": 3}
    assert polishing._penalties(Settings(), before) == [
        {"penalty": 2.5e-3, "group_penalty": 1e-3},
        {"penalty": 2.5e-3, "group_penalty": 2.5e-4},
    ]
    fixed = Settings(penalty=1e-2, group_penalty=1e-3)
    assert polishing._penalties(fixed, before) == [{"penalty": 1e-2, "group_penalty": 1e-3}]


@pytest.mark.parametrize(("share", "candidates"), [(0.0, 11), (1e9, 1)])
def test_networks_are_averaged_only_where_one_has_not_found_the_structure(
    monkeypatch, share, candidates
):
    monkeypatch.setattr(choice, "RESOLVED", share)
    problem = interacting_problem()
    fit = fit_sparse(problem, Settings(hidden=8, max_steps=200), KINDS, None)
    assert fit.resolved == (candidates == 1)
    assert len(fit.candidates.intercept) == candidates
    assert (fit.model is fit.candidates) == fit.resolved


@pytest.mark.parametrize("seed", range(2))
def test_the_structure_is_found_exactly(seed):
    """Features 0 to 2 have coefficients, and 1 changes the effect of 0."""
    problem = interacting_problem(noise=0.05, strength=1.2, n=300, seed=seed)
    settings = Settings(hidden=16, max_steps=300)
    survivors = search_sparse(problem, settings)[0].state
    start = survivors.select(torch.tensor([0]))
    start.scale.clamp_min_(0.1)  # every feature may have a coefficient and interact
    start.gamma.add_(1e-3)
    start.inputs[:] = True
    found = find_structure(problem, settings, survivors, start, KINDS, 0.1)
    leader = found.select(torch.tensor([0]))
    assert (leader.coef[0] != 0).tolist() == [True] * 3 + [False] * 3
    columns = leader.weights.features[0].norm(dim=0) > 0
    assert columns[1] and not columns[2:].any()
    assert float(validation_loss(problem, leader)) < 3 * 0.5 * 0.05**2 + 0.01
    assert not (found.coef[:, 3:] != 0).any()


def test_no_structure_where_the_data_are_not_explained():
    problem = interacting_problem()
    survivors = search_sparse(problem, Settings(hidden=8, max_steps=40))[0].state
    start = survivors.select(torch.tensor([0]))
    assert find_structure(problem, Settings(hidden=8), survivors, start, KINDS, 1e-6) is None
    closed = fitted(problem, 1)
    closed.inputs[:] = False
    assert find_structure(problem, Settings(hidden=8), survivors, closed, KINDS, 1e9) is None


@pytest.mark.parametrize("gradual", [True, False])
def test_the_relaxed_phase_stays_on_the_support_and_adds_fresh_networks(gradual):
    problem = interacting_problem(noise=0.05, strength=1.2)
    sparse = initial_state(problem, 2, 8)
    refit(problem, sparse, torch.full((2,), 1e-3, dtype=torch.float64), 1)
    support = sparse.copy()
    support.scale[:, 3:] = 0
    support.gamma[:, 3:] = 0
    support.inputs[:, 2:] = False
    sparse = restrict(sparse, support)
    settings = Settings(hidden=8, max_steps=60)
    relaxed, steps = relax(problem, settings, sparse, gradual)
    assert len(relaxed.intercept) == len(steps) == 2 + FRESH
    assert not (relaxed.coef[:, 3:] != 0).any()
    assert not (relaxed.weights.features[..., 2:] != 0).any()
    before, after = (validation_loss(problem, state).min() for state in (sparse, relaxed))
    assert after < 0.2 * before


def test_the_relaxed_lasso_of_a_linear_model():
    problem = linear_problem()
    linear = fitted(problem, 1, penalty=0.3)
    linear.inputs[:] = False
    linear.scale[:, 3:] = 0
    linear.gamma[:, 3:] = 0
    relaxed, _ = relax(problem, Settings(hidden=8), linear, True)
    design = torch.cat([problem.x64[:, :3], torch.ones(len(problem.y), 1).double()], dim=1)
    exact = torch.linalg.lstsq(design, problem.y[:, None]).solution[:3, 0]
    torch.testing.assert_close(relaxed.coef[0, :3], exact, rtol=1e-3, atol=1e-4)


def test_a_given_group_penalty_is_not_replaced_by_the_lasso():
    problem = linear_problem()
    settings = Settings(hidden=8, max_steps=20, group_penalty=1e-4)
    assert fit_sparse(problem, settings, KINDS, None).info["group_penalty"] == 1e-4
    free = Settings(hidden=8, max_steps=20)
    assert fit_sparse(problem, free, KINDS, None).info["group_penalty"] == 0.0


def test_equal_models_are_averaged_and_poor_ones_left_out():
    problem = linear_problem()
    candidates = fitted(problem, 4)
    candidates.gamma[2] *= -1
    mean, members = best_mean(problem, candidates)
    assert sorted(members) == [0, 1, 3]
    assert len(mean.intercept) == 3
    assert float(validation_loss(problem, mean).max()) < 0.1


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
    model = NIMORegressor(hidden=16, max_steps=60, random_state=0).fit(X, y)
    assert not model.interaction_features_.any()
    np.testing.assert_allclose(model.coef_, [-5, 3, 0, 1], atol=0.05)
