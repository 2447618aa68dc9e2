"""Gauss-Newton training of networks and coefficients together, for few rows.

The damped steps of Levenberg and Marquardt (Nocedal and Wright, Numerical Optimization, 2006,
section 10.3) minimise

    mean_i loss(eta_i, y_i) + group ||W||_{2,1} + ridge / 2 ||beta||^2

over the network, beta and the intercept.  With n rows and P parameters, P many times n, a step
costs one n x n system (Woodbury's identity), and a few dozen of them reach what thousands of
gradient steps do not.  Other families enter with their IRLS weights, the norm with its quadratic
bound, |w| <= w^2 / (2 |w0|) + |w0| / 2.

There is no noise here: this serves the relaxed phase.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from scipy.linalg.blas import ssyrk
from torch import Tensor

from nimo.paper.checkpoint import Best
from nimo.paper.problem import MAX_FLOATS, Problem, refit, validation_loss
from nimo.paper.state import State, kept_terms

# Rows up to which the n x n system is worth its cost.
MAX_ROWS = 2048
# Damping at the start and at least, and its factors after a good and after a bad step.
DAMPING, LEAST_DAMPING = 0.1, 1e-4
EASE, TIGHTEN = 1 / 3, 4.0
# Bad steps in a row after which a model is as good as it gets.
RETRIES = 8
# Training ends when the validation loss has not improved for so many steps, or when the objective
# falls by less than this share.
STALLED_STEPS = 8
CONVERGED = 1e-4
# Norms below this have the curvature of this.
TINY = 1e-3
# Keeps rows with a saturated mean from dividing by zero.
LEAST_WEIGHT = 1e-6


@dataclass(frozen=True)
class Strengths:
    """Penalties: ``ridge`` on beta, ``group`` on the first layer's columns."""

    ridge: float
    group: float


@dataclass
class _Point:
    """One model, and its loss around it."""

    state: State
    design: Tensor  # (n, k) float64, X (1 + G)
    residual: Tensor  # (n,) derivative of each row's loss
    weight: Tensor  # (n,) second derivative
    cache: tuple
    objective: float


@dataclass
class _Expansion:
    """The quadratic model of the objective around a point.

    ``network`` and ``linear`` are the two blocks of the Jacobian of the linear predictor, (n, P)
    and (n, k + 1), each row times the square root of its weight over n.
    """

    network: Tensor
    linear: Tensor
    gradient: Tensor  # (P,)
    linear_gradient: Tensor  # (k + 1,)
    curvature: Tensor  # (P,) of the penalties
    linear_curvature: Tensor  # (k + 1,)


class _Descent:
    """One model's objective, its expansion and its steps."""

    def __init__(self, problem: Problem, state: State, strengths: Strengths):
        self.problem, self.strengths = problem, strengths
        self.terms = kept_terms(state.scale)
        self.index = self.terms[0]
        self.inputs = problem.correction.written_out(problem.x, self.terms)
        self.x = problem.x64[:, self.index]
        free = state.weights.map(torch.ones_like)
        free.features.mul_(state.inputs[:, None])
        self.free = free.flat[0]  # (P,) 0 for closed columns

    def at(self, state: State) -> _Point:
        family, y, strengths = self.problem.family, self.problem.y, self.strengths
        g, cache = self.problem.correction.forward(state.weights, self.inputs)
        design = self.x * (1 + g[0].double())
        coef = state.coef[0, self.index]
        eta = state.intercept + design @ coef
        objective = (
            family.loss(eta, y).mean()
            + strengths.group * state.weights.features[0].norm(dim=0).sum()
            + strengths.ridge / 2 * coef.square().sum()
        )
        weight = family.curvature(eta, y).clamp_min(LEAST_WEIGHT)
        return _Point(state, design, family.gradient(eta, y), weight, cache, float(objective))

    def expand(self, point: _Point) -> _Expansion:
        strengths, weights = self.strengths, point.state.weights
        coef = point.state.coef[0, self.index]
        root = (point.weight / len(point.weight)).sqrt()[:, None]
        network = self.problem.correction.jacobian(
            weights, point.cache, (self.x * coef * root).float()
        )
        linear = torch.cat([point.design * root, root], dim=1).float()
        curvature = weights.map(torch.zeros_like)
        norm = weights.features.norm(dim=1, keepdim=True)
        curvature.features.copy_(
            (strengths.group / norm.clamp_min(TINY)).expand_as(curvature.features)
        )
        on_coef = torch.full_like(coef, strengths.ridge)
        linear_curvature = torch.cat([on_coef, on_coef.new_zeros(1)]).float()
        parameters = torch.cat([coef, point.state.intercept]).float()
        residual = (point.residual / (len(root) * root[:, 0])).float()
        return _Expansion(
            network,
            linear,
            residual @ network + curvature.flat[0] * weights.flat[0],
            residual @ linear + linear_curvature * parameters,
            curvature.flat[0],
            linear_curvature,
        )

    def step(self, expansion: _Expansion, damping: float) -> tuple[Tensor, Tensor] | None:
        """Step (P,) of the weights and (k + 1,) of beta and the intercept.

        None where the damping does not make up for rounding.
        """
        e = expansion
        inverse = self.free / (e.curvature + damping)
        linear_inverse = 1 / (e.linear_curvature + damping)
        network = e.network * inverse.sqrt()
        kernel = _gram((e.linear * linear_inverse) @ e.linear.T, network).double()
        kernel.diagonal().add_(1)
        factor, failed = torch.linalg.cholesky_ex(kernel)
        if failed:
            return None
        image = e.network @ (inverse * e.gradient) + e.linear @ (linear_inverse * e.linear_gradient)
        dual = torch.cholesky_solve(image.double()[:, None], factor)[:, 0].float()
        return (
            inverse * (dual @ e.network - e.gradient),
            linear_inverse * (dual @ e.linear - e.linear_gradient),
        )

    def moved(self, point: _Point, step: tuple[Tensor, Tensor]) -> _Point:
        state = point.state.select(torch.tensor([0]))
        state.weights.flat.add_(step[0])
        state.gamma[0, self.index] += step[1][:-1].double()
        state.intercept += step[1][-1].double()
        return self.at(state)


def _gram(plus: Tensor, factor: Tensor) -> Tensor:
    """plus + factor factor', (n, n); on a processor its lower triangle alone, for half the work."""
    if factor.device.type != "cpu":
        return torch.addmm(plus, factor, factor.T)
    # BLAS has columns where a tensor has rows: the upper triangle there is the lower one here
    upper = ssyrk(1.0, factor.numpy().T, beta=1.0, c=plus.numpy().T, trans=1)
    return torch.from_numpy(upper.T)


def _descend(problem, state, strengths, steps, progress) -> tuple[State, float, int]:
    """The best state of one model on the validation rows, its loss there and its step."""
    descent = _Descent(problem, state, strengths)
    point = descent.at(state)
    best, least, best_step = state, float(validation_loss(problem, state)), 0
    damping = DAMPING
    for number in range(1, steps + 1):
        expansion = descent.expand(point)
        for _ in range(RETRIES):
            step = descent.step(expansion, damping)
            if step is not None:
                new = descent.moved(point, step)
                if new.objective < point.objective:
                    break
            damping *= TIGHTEN
        else:
            break
        damping = max(damping * EASE, LEAST_DAMPING)
        gain = point.objective - new.objective
        point = new
        loss = float(validation_loss(problem, point.state))
        if loss < least:
            best, least, best_step = point.state, loss, number
        if progress is not None:
            progress(1, torch.tensor([loss]))
        if number - best_step >= STALLED_STEPS or gain < CONVERGED * abs(point.objective):
            break
    return best, least, best_step


def affordable(problem: Problem, state: State) -> bool:
    """Whether the rows are few enough, and the arrays small enough, for :func:`gauss_newton`."""
    n, k, used = len(problem.x), kept_terms(state.scale).shape[1], len(state.used())
    _, bits, hidden = state.weights.sizes
    inputs = n * k * max(used + bits + 1, hidden)
    jacobian = n * hidden * (hidden + used + bits + 3)
    return n <= MAX_ROWS and max(inputs, jacobian) <= MAX_FLOATS


def gauss_newton(
    problem: Problem, state: State, strengths: Strengths, steps: int, progress=None
) -> Best:
    """Train each model on its support and return the best validation states.

    The scales become 1 on the support, as gamma takes their place.

    Parameters
    ----------
    steps : int
        At most; each is an accepted one.
    progress : callable, optional
        Called with (1, validation loss) after each step.
    """
    d, used = state.scale.shape[1], state.used()
    state, problem = state.narrow(used), problem.narrow(used)
    state.gamma, state.scale = state.coef, (state.scale > 0).double()
    refit(problem, state, torch.full_like(state.intercept, strengths.ridge), 2)
    parts = [
        _descend(problem, state.select(torch.tensor([m])), strengths, steps, progress)
        for m in range(len(state.intercept))
    ]
    states, losses, best_steps = zip(*parts, strict=True)
    return Best(
        State.join(list(states)).widen(used, d),
        torch.tensor(losses, dtype=torch.float64, device=state.intercept.device),
        torch.tensor(best_steps),
    )
