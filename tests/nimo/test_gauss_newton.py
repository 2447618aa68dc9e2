"""Gauss-Newton steps, each piece against a direct computation."""

from dataclasses import replace

import pytest
import torch

from nimo.paper.families import FAMILIES
from nimo.paper.problem import initial_state, predictor, refit, validation_loss
from nimo.solvers.gauss_newton import MAX_ROWS, Strengths, _Descent, affordable, gauss_newton
from tests.nimo.toy import interacting_problem, linear_problem

STRENGTHS = Strengths(ridge=1e-2, group=3e-2)


def started(family="gaussian", closed=()):
    """A problem and one fresh network with coefficients; feature 5 is dropped."""
    problem = interacting_problem(noise=0.05, strength=1.2)
    if family == "poisson":
        counts = (
            torch.poisson(torch.exp(0.3 * y), generator=problem.generator)
            for y in (problem.y, problem.y_val)
        )
        problem = replace(
            problem, family=FAMILIES[family], **dict(zip(("y", "y_val"), counts, strict=True))
        )
    state = initial_state(problem, 1, 8)
    state.scale[:, 5] = 0
    for j in closed:
        state.inputs[:, j] = False
        state.weights.features[..., j] = 0
    refit(problem, state, torch.tensor([1e-2], dtype=torch.float64), 2)
    return problem, state


@pytest.mark.parametrize("family", ["gaussian", "poisson"])
def test_the_gradient_is_the_derivative_of_the_penalised_objective(family):
    problem, state = started(family)
    descent = _Descent(problem, state, STRENGTHS)
    point = descent.at(state)
    expansion = descent.expand(point)
    generator = torch.Generator().manual_seed(1)
    for _ in range(5):
        towards = torch.randn(expansion.gradient.shape, generator=generator)
        linear = torch.randn(expansion.linear_gradient.shape, generator=generator)
        ends = [descent.moved(point, (h * towards, h * linear)).objective for h in (1e-3, -1e-3)]
        expected = expansion.gradient @ towards + expansion.linear_gradient @ linear
        assert (ends[0] - ends[1]) / 2e-3 == pytest.approx(float(expected), rel=2e-2, abs=2e-3)


@pytest.mark.parametrize("damping", [0.1, 10.0])
def test_a_step_solves_the_damped_normal_equations_with_closed_columns_fixed(damping):
    problem, state = started(closed=[2])
    descent = _Descent(problem, state, STRENGTHS)
    e = descent.expand(descent.at(state))
    step = torch.cat(descent.step(e, damping)).double()
    jacobian = torch.cat([e.network, e.linear], dim=1).double()
    curvature = torch.cat([e.curvature, e.linear_curvature]).double()
    gradient = torch.cat([e.gradient, e.linear_gradient]).double()
    free = torch.cat([descent.free, torch.ones(len(e.linear_curvature))]) > 0
    hessian = (jacobian.T @ jacobian + torch.diag(curvature + damping))[free][:, free]
    expected = torch.zeros_like(step)
    expected[free] = torch.linalg.solve(hessian, -gradient[free])
    torch.testing.assert_close(step, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("family", ["gaussian", "poisson"])
def test_training_lowers_the_loss_and_stays_on_the_support(family):
    problem, state = started(family, closed=[2])
    before = float(validation_loss(problem, state))
    seen = []
    best = gauss_newton(
        problem, state, Strengths(1e-5, 1e-3), 30, lambda steps, loss: seen.append(steps)
    )
    assert 0 < int(best.step[0]) <= len(seen) <= 30
    torch.testing.assert_close(best.loss, validation_loss(problem, best.state))
    if family == "gaussian":
        assert float(best.loss[0]) < 0.05 * before
    else:
        assert float(best.loss[0]) < before
    assert best.state.coef[0, 5] == 0 and best.state.coef[0, :5].all()
    assert not best.state.weights.features[..., 2].any()
    assert best.state.weights.features.norm(dim=1)[0, [0, 1, 3, 4]].all()


def test_models_are_trained_independently():
    problem, one = started()
    other = initial_state(problem, 1, 8)
    both = type(one).join([one, other])
    together = gauss_newton(problem, both, Strengths(1e-5, 1e-3), 5)
    alone = gauss_newton(problem, other, Strengths(1e-5, 1e-3), 5)
    torch.testing.assert_close(together.state.coef[1:], alone.state.coef, rtol=1e-2, atol=1e-4)
    assert together.step[1] == alone.step[0]


def test_the_start_is_returned_where_every_step_harms_the_validation_rows():
    problem, state = started()
    state.gamma, state.scale = state.coef, (state.scale > 0).double()
    refit(problem, state, torch.tensor([1e-2], dtype=torch.float64), 2)
    problem.y_val = predictor(problem, state, problem.x_val, problem.x_val64)[0]
    best = gauss_newton(problem, state, Strengths(1e-2, 1e-3), 10)
    assert int(best.step[0]) == 0
    torch.testing.assert_close(best.state.coef, state.coef, rtol=1e-3, atol=1e-4)
    assert torch.equal(best.state.weights.flat, state.weights.flat)


def test_many_rows_and_wide_inputs_are_not_affordable():
    small = linear_problem()
    assert affordable(small, initial_state(small, 1, 64))
    many = linear_problem(n=2 * MAX_ROWS + 4)
    assert not affordable(many, initial_state(many, 1, 8))
    wide = linear_problem(n=1000, d=300)
    state = initial_state(wide, 1, 64)
    assert not affordable(wide, state)
    state.scale[:, 5:], state.inputs[:, 5:] = 0, False
    assert affordable(wide, state)
