"""The paper's algorithm: one step against automatic differentiation, and ``selection="paper"``."""

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.linear_model import Lasso
from sklearn.utils.estimator_checks import parametrize_with_checks

import nimo
from nimo import NetworkSettings, NIMOClassifier, NIMORegressor
from nimo.paper import grid
from nimo.paper.adam import Adam
from nimo.paper.algorithm import Penalties, Rows, step, train
from nimo.paper.families import FAMILIES
from nimo.paper.network import Network, positional_code
from nimo.paper.problem import Problem, initial_state, predictor, validation_loss
from nimo.paper.settings import Ablation, Settings
from tests.nimo.toy import DRAWN, FAST, TASKS, linear_problem, toy_rows
from tests.nimo.toy import predictor as eta_of

PAPER = FAST | {"selection": "paper"}


# ------------------------------------------------------------------------------------ one step


def small_problem(family, n=40, d=4):
    rng = np.random.default_rng(0)
    x = torch.tensor(rng.uniform(-2, 2, (n, d)))
    eta = 1.5 * x[:, 0] * (1 + torch.tanh(2 * x[:, 1])) - x[:, 2] + 0.3
    y = eta if family == "gaussian" else (torch.tensor(rng.random(n)) < torch.sigmoid(eta)).double()
    family = FAMILIES[family]
    network = Network(positional_code(d), family.g_range)
    generator = torch.Generator().manual_seed(0)
    return Problem(x.float(), y, x.float(), y, family, network, generator)


def naive_correction(problem, weights, noise):
    """G (n, d) of one model as the paper defines it: entry j masked, the value at 0 taken off."""
    network, x = problem.network, problem.x64
    n, d = x.shape
    columns = []
    for j in range(d):
        mask = torch.ones(d, dtype=torch.float64)
        mask[j] = 0
        rows = torch.cat([x * mask, torch.zeros(1, d, dtype=torch.float64)])
        code = network.code[:, j].double().expand(n + 1, -1)
        inputs = torch.cat([rows, code, torch.ones(n + 1, 1, dtype=torch.float64)], dim=1)
        layer1 = torch.tanh(inputs @ weights["first"].T + noise[:, j])
        layer2 = torch.sin(network.frequency * (layer1 @ weights["hidden"].T + weights["bias2"]))
        u = layer2 @ weights["output"]
        low, high = network.g_range
        assert low == -high  # where the squashing function is a scaled tanh
        columns.append(high * torch.tanh((u[:n] - u[n]) / high))
    return torch.stack(columns, dim=1)


def naive_eliminated(problem, design, lam, start, newton_steps):
    """gamma and the intercept: normal equations, or Newton steps halved until they descend."""
    n, d = design.shape
    full = torch.cat([design, torch.ones(n, 1, dtype=torch.float64)], dim=1)
    ridge = lam * torch.eye(d + 1, dtype=torch.float64)
    ridge[d, d] = 0
    y = problem.y
    if problem.family.name == "gaussian":
        return torch.linalg.solve(full.T @ full / n + ridge, full.T @ y / n)

    def objective(p):
        eta = full @ p
        return (torch.nn.functional.softplus(eta) - y * eta).mean() + 0.5 * p @ ridge @ p

    p = start
    for _ in range(newton_steps):
        probability = torch.sigmoid(full @ p)
        slope = full.T @ (probability - y) / n + ridge @ p
        weight = probability * (1 - probability)
        move = torch.linalg.solve(full.T @ (weight[:, None] * full) / n + ridge, slope)
        share = 1.0
        while objective(p - share * move) > objective(p) + 1e-12:
            share /= 2
        p = p - share * move
    return p


@pytest.mark.parametrize("delta", [1.0, 0.5])
@pytest.mark.parametrize("family", ["gaussian", "binomial"])
def test_a_step_is_the_printed_algorithm_under_automatic_differentiation(family, delta):
    """gamma solved for, then one Adam step along the gradient of L with gamma held fixed."""
    problem = small_problem(family)
    n, d = problem.x.shape
    hidden, lam, rate = 6, 0.02, 1e-2
    state = initial_state(problem, 1, hidden)
    state.scale = torch.tensor([[0.7, 0.9, 1.1, 0.5]], dtype=torch.float64)
    state.gamma = torch.tensor([[0.3, -0.1, 0.2, 0.1]], dtype=torch.float64)
    state.weights.flat.mul_(2)
    before = state.copy()
    noise = 0.2 * torch.randn(1, n + 1, d, hidden, generator=problem.generator)
    terms = torch.arange(d)[None]
    lams = torch.tensor([lam], dtype=torch.float64)
    adam = Adam(state.weights, state.scale)
    step(
        problem,
        state,
        terms,
        Rows.every(problem, terms),
        Penalties(lams, torch.zeros(1), delta),
        adam,
        noise,
        rate,
        0.5 * rate,
        newton_steps=2,
        zero_scale=0.0,
    )

    names = ("first", "hidden", "bias2", "output")
    weights = {m: getattr(before.weights, m)[0].double().requires_grad_() for m in names}
    c = before.scale[0].clone().requires_grad_()
    G = naive_correction(problem, weights, noise[0].double())
    B = problem.x64 * (1 + G)
    start = torch.cat([before.gamma[0], before.intercept])
    with torch.no_grad():
        p = naive_eliminated(problem, B * c, lam, start, 2)
    gamma, intercept = p[:d], p[d]
    torch.testing.assert_close(state.gamma[0], gamma, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(state.intercept[0], intercept, rtol=1e-4, atol=1e-5)

    eta = intercept + B @ (c * gamma)
    L = problem.family.loss(eta, problem.y).mean() + lam / 2 * (c ** (2 * delta)).sum()
    L.backward()
    # After one step from zero, Adam's first moment is a tenth of the gradient.
    for name in names:
        found = 10 * getattr(adam.first, name)[0]
        assert weights[name].grad.abs().max() > 1e-3
        torch.testing.assert_close(found.double(), weights[name].grad, rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(10 * adam.scale_first[0], c.grad, rtol=1e-4, atol=1e-6)
    # And the step itself: the rate in the direction of the sign, per weight and for each c.
    moved = state.scale[0] - before.scale[0]
    torch.testing.assert_close(moved, -0.5 * rate * c.grad.sign(), rtol=1e-4, atol=1e-8)
    torch.testing.assert_close(
        (state.weights.hidden - before.weights.hidden)[0].double(),
        -rate * weights["hidden"].grad / (weights["hidden"].grad.abs() + 1e-8),
        rtol=1e-2,
        atol=1e-5,
    )


def test_gamma_held_fixed_loses_nothing():
    """Envelope theorem: the gradient through the closed form is that with gamma held fixed."""
    problem = small_problem("gaussian")
    n, d = problem.x.shape
    lam = 0.05
    c = torch.tensor([0.7, 0.9, 1.1, 0.5], dtype=torch.float64, requires_grad=True)

    def objective(c, gamma, intercept):
        eta = intercept + problem.x64 @ (c * gamma)
        fit = problem.family.loss(eta, problem.y).mean()
        return fit + lam / 2 * (gamma**2).sum() + lam / 2 * (c**2).sum()

    def eliminated(c):
        p = naive_eliminated(problem, problem.x64 * c, lam, None, 1)
        return p[:d], p[d]

    through = torch.autograd.grad(objective(c, *eliminated(c)), c)[0]
    with torch.no_grad():
        fixed = eliminated(c)
    held = torch.autograd.grad(objective(c, *fixed), c)[0]
    assert held.abs().max() > 1e-3
    torch.testing.assert_close(through, held)


def test_a_scale_below_the_share_becomes_zero_and_stays():
    problem = small_problem("gaussian")
    state = initial_state(problem, 1, 6)
    state.scale[0, 3] = 1e-3
    penalties = Penalties(torch.tensor([1e-3], dtype=torch.float64), torch.tensor([1e-3]))
    train(problem, state, penalties, 30, 1e-2, 0.1)
    assert state.scale[0, 3] == 0 and state.gamma[0, 3] == 0
    assert (state.scale[0, :3] > 0).all()


def test_without_corrections_the_algorithm_is_the_lasso():
    """Columns closed, so g = 0: gradient steps on c end at the coordinate descent solution."""
    problem = linear_problem(coef=(1.5, -1, 0.5))
    alpha = 0.1
    settings = Settings(
        n_hidden=4,
        alpha=alpha,
        group_alpha=0.0,
        max_iter=1500,
        learning_rate_init=1e-2,
        use_correction=False,
    )
    # Looked at on its own training rows the best state is the last one, where c is at rest.
    problem = replace(problem, x_val=problem.x, y_val=problem.y)
    batch = grid._train_batch(problem, settings, [(alpha, 0.0)], None)
    reference = Lasso(alpha=alpha, tol=1e-12).fit(problem.x64.numpy(), problem.y.numpy())
    np.testing.assert_allclose(batch.state.coef[0].numpy(), reference.coef_, atol=2e-3)
    assert (batch.state.coef[0].numpy() == 0).tolist() == (reference.coef_ == 0).tolist()


# ------------------------------------------------------------------------------------ the grid


def test_a_given_penalty_fixes_its_axis():
    both = [(a, b) for a in grid.LASSO_GRID for b in grid.GROUP_GRID]
    assert grid.pairs(Settings()) == both
    assert grid.pairs(Settings(alpha=0.5)) == [(0.5, b) for b in grid.GROUP_GRID]
    assert grid.pairs(Settings(group_alpha=0)) == [(a, 0.0) for a in grid.LASSO_GRID]
    assert grid.pairs(Settings(alpha=1, group_alpha=2, n_init=3)) == [(1.0, 2.0)] * 3


@pytest.mark.parametrize("family", ["gaussian", "binomial"])
def test_the_best_of_the_grid_on_the_validation_rows_is_taken(monkeypatch, family):
    problem = small_problem(family)
    trained = []

    def remember(*args):
        trained.append(train(*args))
        return trained[-1]

    monkeypatch.setattr(grid, "train", remember)
    state, record = grid.fit_grid(problem, Settings(n_hidden=6, max_iter=20))
    assert len(trained) == len(grid.LASSO_GRID)
    models = [b.state.select(torch.tensor([m])) for b in trained for m in range(len(b.loss))]
    losses = [float(validation_loss(problem, model)) for model in models]
    assert len(models) == len(grid.pairs(Settings()))
    hits = []
    for model in models:
        positive = predictor(problem, model, problem.x_val, problem.x_val64)[0] > 0
        hits.append(float((positive == (problem.y_val > 0.5)).double().mean()))
    if family == "gaussian":
        choice = int(np.argmin(losses))
    else:
        choice = min(range(len(models)), key=lambda m: (-hits[m], losses[m]))
        assert record["validation_accuracy"] == pytest.approx(hits[choice])
    assert (record["alpha"], record["group_alpha"]) == grid.pairs(Settings())[choice]
    assert record["validation_loss"] == pytest.approx(losses[choice])
    assert torch.equal(state.weights.flat, models[choice].weights.flat)


def test_equal_accuracies_are_decided_by_the_loss(monkeypatch):
    problem = small_problem("binomial")
    monkeypatch.setattr(grid, "validation_accuracy", lambda _, s: torch.full_like(s.intercept, 0.5))
    _, record = grid.fit_grid(problem, Settings(n_hidden=6, max_iter=20, n_init=2))
    problem = small_problem("binomial")
    losses = []
    for lasso in grid.LASSO_GRID:
        batch = [pair for pair in grid.pairs(Settings(n_init=2)) if pair[0] == lasso]
        losses.append(
            grid._train_batch(problem, Settings(n_hidden=6, max_iter=20), batch, None).loss
        )
    assert record["validation_loss"] == pytest.approx(float(torch.cat(losses).min()))


# ------------------------------------------------------------------------------ the estimators


def test_nothing_of_selection_and_solvers_is_imported():
    """A process of its own, in which importing either fails."""
    code = """
import sys
for name in ("nimo.selection", "nimo.solvers"):
    sys.modules[name] = None  # an import raises ModuleNotFoundError
import numpy as np
from nimo import NIMOClassifier, NIMORegressor
rng = np.random.default_rng(0)
X = rng.uniform(-2, 2, (60, 3))
y = X[:, 0] * (1 + np.tanh(X[:, 1]))
for cls, target in ((NIMORegressor, y), (NIMOClassifier, y > 0)):
    options = {"n_hidden": 8, "max_iter": 10, "random_state": 0}
    model = cls(selection="paper", **options).fit(X, target)
    assert np.isfinite(model.local_coef(X)).all()
    try:
        cls(**options).fit(X, target)
    except ModuleNotFoundError:
        print("auto needs them")
"""
    root = Path(nimo.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["auto needs them"] * 2


@pytest.mark.slow
@parametrize_with_checks(
    [NIMORegressor(**PAPER), NIMOClassifier(**PAPER)],
    expected_failed_checks=lambda estimator: DRAWN,
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture(params=TASKS)
def fitted(request):
    X, y = toy_rows(120, d=4, task=request.param)
    options = PAPER | {"max_iter": 60, "n_hidden": 16}
    return TASKS[request.param](**options).fit(X + [1, 0, -2, 0], y), X


def test_the_correction_vanishes_at_the_baseline_and_coef_is_the_derivative_there(fitted):
    model, X = fitted
    assert np.abs(model.correction(model.baseline_[None])).max() < 1e-12
    assert np.abs(model.correction(X)[:, model.selected_features_]).max() > 1e-2
    moves = 1e-5 * np.eye(X.shape[1])
    ends = [eta_of(model, model.baseline_ + sign * moves) for sign in (1, -1)]
    np.testing.assert_allclose((ends[0] - ends[1]) / 2e-5, model.coef_, rtol=1e-5, atol=1e-7)


def test_the_same_seed_gives_the_same_model(fitted):
    model, X = fitted
    task = "classification" if isinstance(model, NIMOClassifier) else "regression"
    rows, y = toy_rows(120, d=4, task=task)
    again = clone(model).fit(rows + [1, 0, -2, 0], y)
    np.testing.assert_array_equal(again.local_coef(X), model.local_coef(X))
    other = clone(model).set_params(random_state=1).fit(rows + [1, 0, -2, 0], y)
    assert not np.array_equal(other.local_coef(X), model.local_coef(X))


def test_one_network_and_a_record_of_the_choice(fitted):
    model, _ = fitted
    assert len(model.model_.member_coef) == 1
    assert model.first_layer_weights_.shape == (16, 4)
    assert model.fit_info_["selection"] == "paper"
    assert model.fit_info_["alpha"] in grid.LASSO_GRID
    assert model.fit_info_["group_alpha"] in grid.GROUP_GRID
    assert model.n_iter_ <= 60


def test_defaults_are_those_of_the_paper(task):
    model = TASKS[task](selection="paper")
    assert model._value("n_hidden") == 64
    assert model.input_noise == 0.2 and model._network.sine_frequency == 3.0
    assert model.set_params(n_hidden=40)._value("n_hidden") == 40


def test_relaxing_and_unknown_selections_are_refused(task):
    X, y = toy_rows(40, task=task)
    with pytest.raises(ValueError, match="relax=True.*selection='paper'"):
        TASKS[task](**PAPER, relax=True).fit(X, y)
    for bad in ("papers", None, True, 1):
        with pytest.raises(ValueError, match=f"'selection' parameter .*Got {bad!r}"):
            TASKS[task](**FAST | {"selection": bad}).fit(X, y)


@pytest.mark.parametrize(
    "switch",
    [
        {"group_alpha": 0.0},
        {"input_noise": 0.0},
        {"alpha": 0.0},
        {"n_init": 2},
        {"network": Ablation(use_correction=False)},
        {"network": Ablation(mask_self=False)},
        {"network": Ablation(zero_at_baseline=False)},
        {"network": Ablation(delta=0.5)},
        {"network": NetworkSettings(batch_rows=30)},
        {"network": NetworkSettings(first_slope=0.3)},
        {"network": NetworkSettings(group_power=0.25)},
    ],
    ids=str,
)
def test_the_other_parameters_work_with_it(task, switch):
    X, y = toy_rows(80, task=task)
    plain = TASKS[task](**PAPER).fit(X, y)
    model = TASKS[task](**PAPER | switch).fit(X, y)
    assert np.isfinite(model.local_coef(X)).all()
    assert not np.array_equal(model.predict(X), plain.predict(X)) or task == "classification"
    if switch == {"network": Ablation(use_correction=False)}:
        np.testing.assert_array_equal(model.correction(X), 0)
    if switch == {"alpha": 0.0}:
        assert model.selected_features_.all()


@pytest.mark.slow
def test_it_learns_an_interaction_that_the_lasso_cannot():
    rng = np.random.default_rng(1)
    X = rng.uniform(-2, 2, (1000, 3))
    y = 2 * X[:, 0] * (1 + np.tanh(2 * X[:, 1])) - X[:, 1] + 0.1 * rng.normal(size=1000)
    model = NIMORegressor(
        selection="paper", baseline="zero", scale=False, random_state=0, n_hidden=32
    )
    model.fit(X[:200], y[:200], X_val=X[200:300], y_val=y[200:300])
    error = np.mean((model.predict(X[300:]) - y[300:]) ** 2)
    linear = Lasso(alpha=1e-3).fit(X[:200], y[:200])
    assert error < 0.1 * np.mean((linear.predict(X[300:]) - y[300:]) ** 2)
    np.testing.assert_allclose(model.coef_, [2, -1, 0], atol=0.25)
    assert math.isfinite(model.fit_info_["validation_loss"])
