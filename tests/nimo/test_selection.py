"""Model selection: what the validation rows decide, and what they must not."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Lasso

from nimo import NIMORegressor, selection
from nimo.families import FAMILIES
from nimo.linear import lasso_path
from nimo.network import Network, positional_code
from nimo.selection import (
    LINEAR_PENALTIES,
    Settings,
    _best_mean,
    _linear,
    _or_without_corrections,
    start_state,
    trim,
)
from nimo.training import Best, Problem, predictor, refit, validation_loss

STRICT = {"columns": (1.0, 0.02), "coefs": (1.0, 0.02)}


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
def test_the_path_with_screening_is_the_lasso_at_every_penalty(d):
    problem = linear_problem(d=d)
    penalty = torch.tensor(LINEAR_PENALTIES[6:22:3], dtype=torch.float64)
    state = start_state(problem, 1, 4)
    seen = []
    for m, model in lasso_path(problem, state, penalty, 1.0):
        seen.append(m)
        lasso = Lasso(alpha=float(penalty[m]), tol=1e-10, max_iter=100_000)
        lasso.fit(problem.x64.numpy(), problem.y.numpy())
        np.testing.assert_allclose(model.coef[0].numpy(), lasso.coef_, atol=2e-3)
    assert seen == list(range(len(penalty)))[::-1]


def test_the_linear_candidate_has_no_corrections_and_the_best_penalty():
    """A fresh network beside the coefficients would decide the penalty by its random output."""
    problem = linear_problem(n=60, d=40)
    best, record = _linear(problem, Settings(hidden=8))
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
    state = start_state(problem, 1, 8)
    state.weights.output.mul_(1e-3)  # g is tiny everywhere
    refit(problem, state, torch.tensor([1e-6], dtype=torch.float64), 1)
    chosen, info = _or_without_corrections(problem, Settings(hidden=8), state, {})
    assert not (chosen.weights.features != 0).any()
    assert info["group_penalty"] == 0.0


def test_a_given_group_penalty_is_not_replaced_by_the_lasso():
    problem = linear_problem()
    state = start_state(problem, 1, 8)
    settings = Settings(hidden=8, group_penalty=1e-3)
    assert _or_without_corrections(problem, settings, state, {"kept": 1}) == (state, {"kept": 1})


def test_trimming_drops_what_neither_side_misses():
    problem = linear_problem()
    penalty = torch.tensor([1e-6], dtype=torch.float64)
    trimmed = trim(problem, fitted(problem, 1), penalty, STRICT)
    assert (trimmed.coef[0] != 0).tolist() == [True] * 3 + [False] * 3


def test_trimming_keeps_what_only_the_training_rows_need():
    """Validation rows that by chance do not vary in a feature cannot vote it out."""
    problem = linear_problem()
    problem.x_val[:, 2] = 0
    problem.x_val64[:, 2] = 0
    problem.y_val = problem.x_val64 @ torch.tensor([1.5, -1, 0, 0, 0, 0], dtype=torch.float64)
    penalty = torch.tensor([1e-6], dtype=torch.float64)
    trimmed = trim(problem, fitted(problem, 1), penalty, STRICT)
    assert (trimmed.coef[0] != 0).tolist() == [True] * 3 + [False] * 3


@pytest.mark.parametrize(("gain", "kept"), [(0.5, True), (0.05, False)])
def test_training_on_counts_only_if_it_gains_visibly(monkeypatch, gain, kept):
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
    refit(problem, better, penalty, 1)

    def polish(problem, settings, chosen, record, penalty, opened, progress):
        return better, {"penalty": 1e-6, "group_penalty": 1e-3, "steps": 5}, penalty

    monkeypatch.setattr(selection, "_polish", polish)
    monkeypatch.setattr(selection, "trim", lambda problem, state, penalty, allowed: state)
    found, info = selection._train_on(problem, Settings(hidden=8), state, {}, penalty, STRICT, None)
    assert (found is better, "steps" in info) == (kept, kept)


def as_best(state, problem):
    loss = validation_loss(problem, state)
    models = torch.arange(len(loss))
    return Best(state, loss, torch.full_like(models, 7), models)


def test_equal_models_are_averaged_and_poor_ones_left_out():
    problem = linear_problem()
    sparse, relaxed = fitted(problem, 1), fitted(problem, 3)
    relaxed.gamma[2] *= -1
    mean, members, steps = _best_mean(problem, sparse, as_best(relaxed, problem))
    assert (members, steps, len(mean.intercept)) == (3, 7, 3)
    assert float(validation_loss(problem, mean).max()) < 0.1


def test_the_sparse_model_alone_if_the_relaxed_ones_are_poor():
    problem = linear_problem()
    sparse, relaxed = fitted(problem, 1), fitted(problem, 2)
    relaxed.gamma *= 0.5
    mean, members, steps = _best_mean(problem, sparse, as_best(relaxed, problem))
    assert (members, steps) == (1, 0)
    torch.testing.assert_close(mean.coef, sparse.coef)


def test_a_linear_truth_gives_a_linear_model():
    rng = np.random.default_rng(4)
    X = rng.uniform(-2, 2, (150, 4))
    y = X @ [-5, 3, 0, 1] + 0.1 * rng.normal(size=150)
    model = NIMORegressor(hidden=16, max_steps=60, random_state=0).fit(X, y)
    assert not model.interaction_features_.any()
    np.testing.assert_allclose(model.coef_, [-5, 3, 0, 1], atol=0.05)
