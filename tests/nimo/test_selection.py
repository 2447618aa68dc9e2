"""Model selection: what the validation rows decide, and what they must not."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Lasso

from nimo import NIMORegressor, polishing, relaxation, selection
from nimo.families import FAMILIES
from nimo.linear import lasso_path, screened_sweeps
from nimo.network import Network, positional_code
from nimo.problem import Problem, State, predictor, refit, validation_loss
from nimo.search import LINEAR_PENALTIES, Settings, search_linear, start_state
from nimo.selection import TRIM, best_mean, fit_sparse, is_worth
from nimo.training import Best
from nimo.trimming import trim

KINDS = ["columns", "coefs"]


def linear_problem(n=120, d=6, seed=0, coef=(1.5, -1, 0.5)):
    """Half of the rows for validation; the true model is linear."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-2, 2, (n, d))
    y = x[:, : len(coef)] @ np.array(coef) + 0.1 * rng.normal(size=n)
    rows, target, half = torch.tensor(x).float(), torch.tensor(y), n // 2
    family = FAMILIES["gaussian"]
    return Problem(
        rows[:half],
        target[:half],
        rows[half:],
        target[half:],
        family,
        Network(positional_code(d), family.g_range),
        torch.Generator().manual_seed(seed),
    )


def fitted(problem, models, penalty=1e-6):
    """Linear models, their columns closed."""
    state = start_state(problem, models, 8)
    state.weights.features.zero_()
    refit(problem, state, torch.full((models,), penalty, dtype=torch.float64), 1)
    return state


@pytest.mark.parametrize("d", [3, 200])
@pytest.mark.parametrize("path", [lasso_path, screened_sweeps])
def test_the_path_is_the_lasso_at_every_penalty(path, d):
    problem = linear_problem(d=d)
    penalty = torch.tensor(LINEAR_PENALTIES[6:22:3], dtype=torch.float64)
    state = start_state(problem, 1, 4)
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
    tiny = start_state(problem, 1, 8)
    tiny.weights.output.mul_(1e-3)  # g is tiny everywhere
    refit(problem, tiny, torch.tensor([1e-6], dtype=torch.float64), 1)
    assert not is_worth(problem, tiny, linear)
    halved = linear.select(torch.tensor([0]))
    halved.gamma *= 0.5
    assert is_worth(problem, linear, halved)


def test_trimming_drops_what_neither_side_misses():
    problem = linear_problem()
    penalty = torch.tensor([1e-6], dtype=torch.float64)
    trimmed = trim(problem, fitted(problem, 1), penalty, KINDS, TRIM)
    assert (trimmed.coef[0] != 0).tolist() == [True] * 3 + [False] * 3


def test_trimming_keeps_what_only_the_training_rows_need():
    """Validation rows that by chance do not vary in a feature cannot vote it out."""
    problem = linear_problem()
    problem.x_val[:, 2] = 0
    problem.x_val64[:, 2] = 0
    problem.y_val = problem.x_val64 @ torch.tensor([1.5, -1, 0, 0, 0, 0], dtype=torch.float64)
    penalty = torch.tensor([1e-6], dtype=torch.float64)
    trimmed = trim(problem, fitted(problem, 1), penalty, KINDS, TRIM)
    assert (trimmed.coef[0] != 0).tolist() == [True] * 3 + [False] * 3


@pytest.mark.parametrize(
    ("gain", "fewer", "kept"), [(0.5, False, True), (0.05, False, False), (0.05, True, True)]
)
def test_training_on_counts_only_if_it_gains_visibly_or_needs_less(monkeypatch, gain, fewer, kept):
    """0.05 of the validation loss is what stretches of training find by chance on noisy data."""
    problem = linear_problem()
    state = start_state(problem, 1, 8)
    state.weights.output.zero_()  # open columns that do nothing
    penalty = torch.tensor([1e-6], dtype=torch.float64)
    refit(problem, state, penalty, 1)
    good = float(validation_loss(problem, state))
    state.intercept += (
        2 * good * gain / (1 - gain)
    ) ** 0.5  # raises the loss to about good / (1 - gain)
    better = start_state(problem, 1, 8)
    better.weights.output.zero_()
    better.weights.features[..., 0] *= not fewer
    refit(problem, better, penalty, 1)

    def stretch(problem, settings, before, leaner, opened, progress):
        info = {"penalty": 1e-6, "group_penalty": 1e-3, "steps": 5}
        return polishing._Stretch(better, penalty, info)

    monkeypatch.setattr(polishing, "_stretch", stretch)
    monkeypatch.setattr(polishing, "trim", lambda problem, state, *others: state)
    record = {"penalty": 1e-6, "group_penalty": 1e-3}
    found, info = polishing.polish(
        problem, Settings(hidden=8), state, record, penalty, KINDS, stretches=2
    )
    assert (found is better, "steps" in info) == (kept, kept)


def test_penalties_that_were_given_are_not_lowered_while_training_on():
    problem = linear_problem()
    state = start_state(problem, 1, 8)
    penalty = torch.tensor([1e-2], dtype=torch.float64)
    before = polishing._Stretch(state, penalty, {"penalty": 1e-2, "group_penalty": 1e-3})
    free = Settings(hidden=8, max_steps=4)
    fixed = Settings(hidden=8, max_steps=4, penalty=1e-2, group_penalty=1e-3)
    lowered = polishing._stretch(problem, free, before, False, False, None).info
    kept = polishing._stretch(problem, fixed, before, False, False, None).info
    assert lowered["penalty"] < 1e-2 and lowered["group_penalty"] <= 1e-3
    assert (kept["penalty"], kept["group_penalty"]) == (1e-2, 1e-3)


def interacting_problem(noise=1.0):
    """The effect of the first feature depends on the second."""
    problem = linear_problem()
    for x, y in ((problem.x64, problem.y), (problem.x_val64, problem.y_val)):
        y += 3 * x[:, 0] * torch.tanh(2 * x[:, 1])
        y += noise * torch.randn(len(y), generator=problem.generator, dtype=torch.float64)
    return problem


@pytest.mark.parametrize(("resolved", "candidates"), [(0.0, 9), (1e9, 1)])
def test_more_networks_are_averaged_only_where_one_has_not_found_the_structure(
    monkeypatch, resolved, candidates
):
    monkeypatch.setattr(selection, "RESOLVED", resolved)
    problem = interacting_problem()
    fit = fit_sparse(problem, Settings(hidden=8, max_steps=100), KINDS, None)
    assert len(fit.candidates.intercept) == candidates
    assert (fit.model is fit.support) == (candidates == 1)
    assert len(fit.support.intercept) == 1


def test_the_leader_takes_the_place_of_the_worst_relaxed_network(monkeypatch):
    """In the last part, so that networks that are stuck do not leave the mean to sparse models."""
    problem = interacting_problem()
    started = []

    def untrained(problem, state, phase, progress=None):
        models = len(state.intercept)
        refit(problem, state, phase.penalty, 1)
        started.append(state.select(torch.arange(models)))
        order = torch.arange(models)
        loss = torch.tensor([3.0, 1.0, 2.0, 9.0, 4.0, 5.0])[:models]
        return Best(state, loss, torch.zeros(models).long(), order)

    monkeypatch.setattr(relaxation, "train", untrained)
    sparse = start_state(problem, 2, 8)
    support = start_state(problem, 1, 8)
    relaxation.relax(problem, Settings(hidden=8), sparse, support, KINDS)
    first, last = started[0], started[-1]
    assert len(first.intercept) == len(last.intercept) == 6
    hidden = [weights.hidden for weights in (first.weights, last.weights)]
    assert torch.equal(hidden[1][0], hidden[0][1])  # trimmed, a copy of the best
    assert torch.equal(hidden[1][1:], hidden[0][[1, 2, 0, 4, 5]])


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
