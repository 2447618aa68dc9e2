"""The mathematics of the engine, each piece against a direct computation."""

import math
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import Lasso

from nimo.paper.adam import Adam
from nimo.paper.algorithm import Penalties, train
from nimo.paper.elimination import solve, weighted_ridge
from nimo.paper.families import FAMILIES
from nimo.paper.masking import Explicit, RankOne
from nimo.paper.model import NimoModel
from nimo.paper.network import Network, Weights, initial_weights, positional_code
from nimo.paper.problem import Problem, initial_state, refit
from nimo.paper.state import State
from nimo.solvers.lasso import minimise_linear


def make(models=2, d=5, hidden=7, seed=0, family="gaussian", **options):
    generator = torch.Generator().manual_seed(seed)
    options = {"g_range": FAMILIES[family].g_range} | options
    network = Network(positional_code(d).double(), **options)
    weights = initial_weights(models, d, hidden, generator).map(lambda t: t.double())
    x = torch.rand(11, d, generator=generator, dtype=torch.float64) * 4 - 2
    return network, weights, x


def naive(network: Network, weights: Weights, x, model: int, j: int):
    """g_j with the masked input and its code built in full, one row at a time."""
    w = weights.select(torch.tensor([model]))
    d = x.shape[1]

    def net(row):
        first = w.features[0] @ row + w.position[0] @ network.code[:, j] + w.first[0, :, -1]
        second = w.hidden[0] @ torch.tanh(network.first_slope * first) + w.bias2[0]
        return w.output[0] @ torch.sin(network.frequency * second)

    low, high = network.g_range
    mask = torch.ones(d, dtype=torch.float64)
    mask[j] = 0
    values = []
    for row in x:
        u = net(row * mask) - net(torch.zeros(d, dtype=torch.float64))
        at_zero = -low / (high - low)
        slope = 1 / ((high - low) * at_zero * (1 - at_zero))
        share = torch.sigmoid(slope * u + math.log(at_zero / (1 - at_zero)))
        values.append(low + (high - low) * share)
    return torch.stack(values)


def rank_one(network, x, terms):
    return network.inputs(x, terms)


def explicit(network, x, terms):
    inputs = network.inputs(x, terms, repeated=True)
    assert isinstance(inputs, Explicit)
    return inputs


@pytest.mark.parametrize("way", [rank_one, explicit])
@pytest.mark.parametrize("g_range", [(-1.0, 1.0), (-2.0, 2.0), (-1.0, 3.0)])
def test_both_ways_of_masking_equal_naive_masking(g_range, way):
    network, weights, x = make(g_range=g_range, first_slope=0.3)
    terms = torch.tensor([[0, 2, 4], [1, 3, 4]])
    g, _ = network.forward(weights, way(network, x, terms))
    for m in range(2):
        for place, j in enumerate(terms[m].tolist()):
            torch.testing.assert_close(g[m, :, place], naive(network, weights, x, m, j))


def test_g_is_zero_at_the_baseline_within_range_and_blind_to_its_own_feature():
    network, weights, x = make(models=1, g_range=(-1.0, 3.0))
    weights = weights.map(lambda t: 20 * t)
    terms = torch.arange(5)[None]
    g, _ = network.forward(
        weights, network.inputs(torch.cat([x, torch.zeros(1, 5).double()]), terms)
    )
    # The row and the baseline are two rows of one product, which may round differently.
    assert g[0, -1].abs().max() < 1e-12
    assert g.min() >= -1 and g.max() <= 3 and g.std() > 0.1
    for j in range(5):
        moved = x.clone()
        moved[:, j] += 1.7
        other, _ = network.forward(weights, network.inputs(moved, terms))
        torch.testing.assert_close(other[..., j], g[:, :-1, j])
        assert not torch.allclose(other, g[:, :-1])


def test_g_sees_its_own_feature_without_the_mask_and_need_not_vanish_without_the_constraint():
    network, weights, x = make(models=1)
    terms = torch.arange(5)[None]
    seeing = replace(network, mask_self=False)
    g, _ = seeing.forward(weights, seeing.inputs(x, terms))
    moved = x.clone()
    moved[:, 2] += 1.0
    assert not torch.allclose(
        seeing.forward(weights, seeing.inputs(moved, terms))[0][..., 2], g[..., 2]
    )
    free = replace(network, zero_at_baseline=False)
    assert free.forward(weights, free.inputs(torch.zeros_like(x), terms))[0].abs().min() > 0


@pytest.mark.parametrize("way", [rank_one, explicit])
@pytest.mark.parametrize("mask_self", [True, False])
@pytest.mark.parametrize("zero_at_baseline", [True, False])
def test_backward_equals_numerical_differentiation(mask_self, zero_at_baseline, way):
    options = {"mask_self": mask_self, "zero_at_baseline": zero_at_baseline, "first_slope": 0.3}
    network, weights, x = make(**options)
    terms = torch.tensor([[0, 2, 4], [1, 3, 4]])
    inputs = way(network, x, terms)
    direction = torch.randn(2, 11, 3, dtype=torch.float64)
    _, cache = network.forward(weights, inputs)
    exact = network.backward(weights, cache, direction)

    step = 1e-6
    for name in ("first", "hidden", "bias2", "output", "bias3"):
        towards = torch.randn_like(getattr(weights, name))
        ends = []
        for sign in (1, -1):
            moved = weights.map(torch.clone)
            getattr(moved, name).add_(towards, alpha=sign * step)
            ends.append((network.forward(moved, inputs)[0] * direction).sum())
        numeric = (ends[0] - ends[1]) / (2 * step)
        expected = (getattr(exact, name) * towards).sum()
        torch.testing.assert_close(numeric, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"mask_self": False},
        {"zero_at_baseline": False},
        {"g_range": (-1.0, 3.0)},
        {"first_slope": 0.3},
    ],
)
def test_the_jacobian_equals_numerical_differentiation(options):
    network, weights, x = make(models=1, **options)
    inputs = network.written_out(x, torch.tensor([[0, 2, 4]]))
    factor = torch.randn(11, 3, dtype=torch.float64)
    exact = network.jacobian(weights, network.forward(weights, inputs)[1], factor)

    def rows(flat):
        g, _ = network.forward(weights.map(lambda _: flat), inputs)
        return (factor * g[0]).sum(1)

    step = 1e-6 * torch.eye(weights.flat.shape[1], dtype=torch.float64)
    numeric = [(rows(weights.flat + e) - rows(weights.flat - e)) / 2e-6 for e in step]
    torch.testing.assert_close(exact, torch.stack(numeric, dim=1), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("with_baseline", [True, False])
@pytest.mark.parametrize("terms", [[[0, 2, 4], [1, 3, 4]], [[0, 2, 4], [0, 2, 4]]])
def test_both_ways_of_masking_agree_with_noise(terms, with_baseline):
    network, weights, x = make()
    terms = torch.tensor(terms)
    noise = torch.randn(2, 11 + with_baseline, 3, 7, dtype=torch.float64)
    direction = torch.randn(2, 11, 3, dtype=torch.float64)
    values, gradients = [], []
    for inputs in (network.inputs(x, terms), network.inputs(x, terms, repeated=True)):
        g, cache = network.forward(weights, inputs, noise)
        values.append(g)
        gradients.append(network.backward(weights, cache, direction))
    torch.testing.assert_close(*values)
    torch.testing.assert_close(gradients[0].flat, gradients[1].flat)


def test_wide_inputs_are_never_written_out():
    network = Network(positional_code(500), (-1.0, 1.0))
    x, terms = torch.zeros(20, 500), torch.tensor([[3, 7]])
    assert isinstance(network.inputs(x, terms, repeated=True), RankOne)
    small = Network(positional_code(50), (-1.0, 1.0))
    assert isinstance(small.inputs(x[:, :50], terms, repeated=True), Explicit)
    assert isinstance(small.inputs(x[:, :50], terms), RankOne)
    many = torch.arange(50)[None].expand(6, -1)
    assert isinstance(small.inputs(torch.zeros(2000, 50), many, repeated=True), RankOne)


def masked_state(weights, used):
    """Models that use the given features alone."""
    inputs = torch.zeros(len(weights.flat), 5, dtype=torch.bool)
    inputs[:, used] = True
    weights.features.mul_(inputs[:, None])
    zero = torch.zeros(len(inputs), dtype=torch.float64)
    return State(weights, inputs.double(), 0 * inputs.double(), zero, inputs)


def test_a_narrowed_state_is_the_same_model():
    network, weights, x = make()
    state = masked_state(weights, [1, 3])
    used = state.used()
    assert used.tolist() == [1, 3]
    narrow = state.narrow(used)
    terms = torch.tensor([[0, 1]]).expand(2, -1)
    small = replace(network, code=network.code[:, used])
    g, _ = small.forward(narrow.weights, small.inputs(x[:, used], terms))
    wide, _ = network.forward(weights, network.inputs(x, used[terms]))
    torch.testing.assert_close(g, wide)
    back = narrow.widen(used, 5)
    assert torch.equal(back.weights.flat, state.weights.flat)
    assert torch.equal(back.scale, state.scale) and torch.equal(back.inputs, state.inputs)


def test_pickled_weights_do_not_carry_their_views():
    _, weights, _ = make(models=20, hidden=30)
    fresh = len(pickle.dumps(weights))
    assert weights.first.sum() and weights.hidden.sum()
    assert len(pickle.dumps(weights)) == fresh
    assert torch.equal(pickle.loads(pickle.dumps(weights)).first, weights.first)


@pytest.mark.parametrize("k", [4, 30])
def test_closed_form_gamma_equals_a_direct_solve(k):
    """Both forms, k <= n and k > n, against the normal equations with an explicit intercept."""
    generator = torch.Generator().manual_seed(1)
    n, lam = 12, 0.3
    design = torch.randn(1, n, k, generator=generator, dtype=torch.float64) + 1
    target = torch.randn(1, n, generator=generator, dtype=torch.float64) + 2
    weight = torch.rand(1, n, generator=generator, dtype=torch.float64) + 0.1
    gamma, intercept = weighted_ridge(design, target, weight, torch.tensor([lam]).double())
    full = torch.cat([design[0], torch.ones(n, 1).double()], 1)
    ridge = n * lam * torch.eye(k + 1, dtype=torch.float64)
    ridge[k, k] = 0
    direct = torch.linalg.solve(
        full.T @ (weight[0, :, None] * full) + ridge, full.T @ (weight[0] * target[0])
    )
    torch.testing.assert_close(gamma[0], direct[:k], rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(intercept[0], direct[k], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson"])
def test_an_irls_step_is_a_newton_step(family):
    family = FAMILIES[family]
    generator = torch.Generator().manual_seed(2)
    design = torch.randn(1, 40, 3, generator=generator, dtype=torch.float64)
    y = (torch.rand(40, generator=generator) > 0.4).double()
    lam = torch.tensor([0.05], dtype=torch.float64)
    start = torch.tensor([0.2, -0.1, 0.1, 0.3], dtype=torch.float64)

    def objective(p):
        eta = p[3] + design[0] @ p[:3]
        return family.loss(eta, y).mean() + 0.5 * lam[0] * (p[:3] ** 2).sum()

    slope = torch.autograd.functional.jacobian(objective, start)
    curvature = torch.autograd.functional.hessian(objective, start)
    newton = start - torch.linalg.solve(curvature, slope)
    gamma, intercept = solve(family, design, y, lam, start[None, :3], start[3:], steps=1)
    torch.testing.assert_close(torch.cat([gamma[0], intercept]), newton, rtol=1e-6, atol=1e-7)


def test_newton_steps_stay_finite_on_separable_classes():
    x = torch.linspace(-2, 2, 30, dtype=torch.float64)[None, :, None]
    y = (x[0, :, 0] > 0).double()
    zero = torch.zeros(1, 1, dtype=torch.float64)
    lam = torch.tensor([1e-6], dtype=torch.float64)
    gamma, intercept = solve(FAMILIES["binomial"], x, y, lam, zero, zero[0], steps=50)
    loss = FAMILIES["binomial"].loss(intercept + gamma[0] * x[0, :, 0], y).mean()
    assert torch.isfinite(gamma).all() and loss < 0.01


def lasso_problem(n=80, d=6):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(n, d))
    y = x @ np.array([1.5, -1, 0.5, 0, 0, 0.0]) + 0.5 + 0.3 * rng.normal(size=n)
    rows, target = torch.tensor(x), torch.tensor(y)
    generator = torch.Generator().manual_seed(0)
    problem = Problem(
        rows.float(), target, rows.float(), target, FAMILIES["gaussian"], None, generator
    )
    problem.x64 = rows
    return problem, x, y


@pytest.mark.parametrize("alpha", [0.01, 0.1, 0.5])
def test_adaptive_ridge_is_the_lasso(alpha):
    problem, x, y = lasso_problem()
    state = initial_state(problem, 1, 4)
    minimise_linear(problem, state, torch.tensor([alpha], dtype=torch.float64), 1.0)
    reference = Lasso(alpha=alpha, tol=1e-12, max_iter=100_000).fit(x, y)
    np.testing.assert_allclose(state.coef[0].numpy(), reference.coef_, atol=1e-6)
    np.testing.assert_allclose(float(state.intercept), reference.intercept_, atol=1e-6)


def test_gradient_steps_on_the_scales_approach_the_lasso():
    """The training loop itself, algorithm 1 with every column closed: g = 0."""
    problem, x, y = lasso_problem()
    problem.network = Network(positional_code(6), (-1.0, 1.0))
    state = initial_state(problem, 1, 4)
    state.inputs[:] = False
    state.weights.features.zero_()
    alpha = 0.1
    penalties = Penalties(torch.tensor([alpha], dtype=torch.float64), torch.zeros(1), 1.0)
    train(problem, state, penalties, 1500, 2e-2, 0.0)
    reference = Lasso(alpha=alpha, tol=1e-12).fit(x, y)
    np.testing.assert_allclose(state.coef[0].numpy(), reference.coef_, atol=5e-3)


def test_the_proximal_step_closes_columns_exactly_and_shrinks_the_others():
    _, weights, _ = make(models=1, hidden=4)
    weights.features[0, :, 0] *= 1e-4
    before = weights.features.norm(dim=1)
    gradient = weights.map(torch.ones_like)
    # Smaller than the penalty: the condition under which a column of a group lasso is 0.
    gradient.features[..., 0] = 0.01
    adam = Adam(weights, torch.ones(1, 5).double())
    adam.step(weights, gradient, 1e-2, torch.tensor([0.05]).double())
    assert (weights.features[0, :, 0] == 0).all()
    assert (weights.features.norm(dim=1)[0, 1:] > 0).all()
    assert not torch.equal(weights.features.norm(dim=1), before)


@pytest.mark.parametrize("power", [1.0, 0.25])
def test_the_group_penalty_takes_from_a_column_its_slope_at_the_norm(power):
    _, weights, _ = make(models=1, hidden=4)
    free, rate, group = weights.map(torch.clone), 1e-2, 0.05
    gradient = weights.map(torch.ones_like)
    for moved, strength in ((free, 0.0), (weights, group)):
        adam = Adam(moved, torch.ones(1, 5).double())
        adam.step(moved, gradient, rate, torch.tensor([strength]).double(), power)
    # of ones Adam's metric is 1
    norm = free.features.norm(dim=1)
    expected = norm - rate * group * power * norm ** (power - 1)
    torch.testing.assert_close(weights.features.norm(dim=1), expected)


def test_the_mean_of_models_is_the_mean_of_their_predictors():
    network, weights, x = make(models=3)
    rng = np.random.default_rng(4)
    coef = torch.tensor(rng.normal(size=(3, 5)))
    coef[:, 1] = 0
    intercept = torch.tensor(rng.normal(size=3))
    mean = NimoModel(network, weights, coef, intercept)
    members = [
        NimoModel(network, weights.select(torch.tensor([m])), coef[m : m + 1], intercept[m : m + 1])
        for m in range(3)
    ]
    expected = torch.stack([member.predictor(x) for member in members]).mean(0)
    torch.testing.assert_close(mean.predictor(x), expected)
    rebuilt = mean.intercept + (x * mean.coef * (1 + mean.correction(x))).sum(1)
    torch.testing.assert_close(rebuilt, expected)
    assert (mean.correction(torch.zeros(1, 5).double()).abs() < 1e-12).all()


def test_refit_reaches_a_stationary_point():
    network, weights, x = make(models=1)
    network = replace(network, code=network.code.float())
    y = x[:, 0] - x[:, 3] * (1 + torch.tanh(x[:, 0]))
    problem = Problem(
        x.float(), y, x.float(), y, FAMILIES["gaussian"], network, torch.Generator().manual_seed(0)
    )
    one = torch.ones(1, 5, dtype=torch.float64)
    state = State(
        weights.map(lambda t: t.float()), one, 0 * one, torch.zeros(1).double(), one.bool()
    )
    penalty = torch.tensor([0.01], dtype=torch.float64)
    refit(problem, state, penalty, 1)
    g, _ = network.forward(state.weights, network.inputs(x.float(), torch.arange(5)[None]))
    design = x * (1 + g[0].double())
    residual = state.intercept + design @ state.coef[0] - y
    slope = design.T @ residual / len(y) + penalty * state.gamma[0]
    assert slope.abs().max() < 1e-6 and residual.mean().abs() < 1e-6
