"""Algorithms 1 and 2 of the paper (arXiv 2506.05059, section 3), for M models at once.

The objective of one model, with B = X + X * G_u, beta = c * gamma and the mean over the rows, is

    mean_i loss(b0 + B_i beta, y_i) + lam / 2 ||gamma||^2 + mu / 2 sum_j c_j^(2 delta)
        + group * sum_k ||W1[:, k]||_2.

The paper writes sums and no halves: its lam is n times ours.  We set mu = lam, as only their
product matters: minimised over c and gamma it is the lasso penalty lam ||beta||_1 (delta = 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from nimo.paper.adam import Adam
from nimo.paper.checkpoint import Best
from nimo.paper.elimination import solve
from nimo.paper.input_noise import Noise
from nimo.paper.network import Inputs
from nimo.paper.problem import Problem, refit, validation_loss
from nimo.paper.state import State, kept_terms

# A scale below this share of the largest is 0 from then on: beta is about c^2, so the coefficient
# is below a hundredth of the largest.
ZERO_SCALE = 0.1
# Damped Newton steps in place of the one IRLS step of algorithm 2, which diverges where the classes
# separate and the penalty is weak.  In regression line 2 is exact.
NEWTON_STEPS = 2
# Steps between looks at the validation rows.
LOOK_EVERY = 10

# Called after each step with the number of steps and, where it was computed, the validation loss.
Progress = Callable[[int, Tensor | None], None]


@dataclass(frozen=True)
class Penalties:
    """Strengths of the penalties in one step.

    Parameters
    ----------
    lam : Tensor (M,) float64
        lam = mu, i.e. the lasso penalty.
    group : Tensor (M,)
        On the norms of the columns of the first layer (eq. 6).
    delta : float
        Exponent of the penalty sum c^(2 delta) (appendix B.3); 1 is the lasso.
    group_power : float
        p of the group penalty sum ||W1[:, k]||^p; 1 is the paper's.
    """

    lam: Tensor
    group: Tensor
    delta: float = 1.0
    group_power: float = 1.0


@dataclass
class Rows:
    """Training rows as the terms in use see them."""

    x: Tensor  # (M, n, k) float64
    y: Tensor  # (n,)
    inputs: Inputs

    @staticmethod
    def every(problem: Problem, terms: Tensor) -> Rows:
        """All rows, for many steps with the same terms (M, k)."""
        inputs = problem.correction.inputs(problem.x, terms, repeated=True)
        return Rows(problem.x64.T[terms].mT, problem.y, inputs)

    @staticmethod
    def sample(problem: Problem, terms: Tensor) -> Rows:
        """A random subset, for one step."""
        assert problem.batch_rows is not None, "all rows are in use: there is nothing to draw"
        pick = torch.randint(len(problem.x), (problem.batch_rows,), generator=problem.generator)
        pick = pick.to(problem.x.device)
        inputs = problem.correction.inputs(problem.x[pick], terms)
        return Rows(problem.x64[pick].T[terms].mT, problem.y[pick], inputs)

    def noise_shape(self, hidden: int, at_baseline: bool) -> tuple[int, int, int, int]:
        """Shape of the noise on the first layer; the baseline is one more row."""
        models, n, k = self.x.shape
        return models, n + at_baseline, k, hidden


def step(
    problem: Problem,
    state: State,
    terms: Tensor,
    rows: Rows,
    penalties: Penalties,
    adam: Adam,
    noise: Tensor | None,
    rate: float,
    scale_rate: float | None,
    newton_steps: int,
    zero_scale: float,
) -> None:
    """One pass through the loop of algorithm 1 or 2, in place.

    The two differ in line 2 alone.  gamma is held fixed in the gradients: it minimises the same
    objective (lam ||gamma||^2 included), so its derivative drops out (envelope theorem).  That is
    exact in regression, and in classification as far as the Newton steps have converged.

    Parameters
    ----------
    state : State of M models
    terms : Tensor (M, k)
        The features whose c is not 0; the others contribute nothing and are skipped.
    rows : Rows
        The training rows, for these terms.
    noise : Tensor (M, n or n + 1, k, h), optional
        Added to the first layer.
    rate, scale_rate : float
        Learning rates of u and of c; ``scale_rate`` None: c stays.
    newton_steps : int
        Damped Newton steps that take the place of the one IRLS step of algorithm 2.
    zero_scale : float
        A c below this share of the model's largest becomes exactly 0.
    """
    X, y = rows.x, rows.y
    c = state.scale.gather(1, terms)

    # line 1: B = X + X * G_u
    G, cache = problem.correction.forward(state.weights, rows.inputs, noise)
    B = X * (1 + G.double())

    # line 2: gamma = (D_c B'B D_c + lam I)^-1 D_c B'y, or the IRLS step; with a free intercept
    gamma, state.intercept = solve(
        problem.family,
        B * c[:, None],
        y,
        penalties.lam,
        state.gamma.gather(1, terms),
        state.intercept,
        newton_steps,
    )
    state.gamma = torch.zeros_like(state.gamma).scatter_(1, terms, gamma)

    # line 3: beta = c * gamma
    beta = c * gamma

    # line 4: L = loss(B beta) + mu sum_j c_j^(2 delta) + group penalty.  Of L only the derivative
    # is needed, here with respect to the linear predictor.
    eta = state.intercept[:, None] + (B @ beta[..., None])[..., 0]
    slope = problem.family.gradient(eta, y) / len(y)  # (M, n)

    # line 5: a gradient step on u (with the proximal step of the group penalty) and on c
    grad_G = (slope[:, :, None] * beta[:, None] * X).float()
    grad_u = problem.correction.backward(state.weights, cache, grad_G)
    adam.step(state.weights, grad_u, rate, penalties.group, penalties.group_power)
    state.weights.features.mul_(state.inputs[:, None])
    if scale_rate is not None:
        grad_c = gamma * (B.mT @ slope[..., None])[..., 0]
        power = c.clamp_min(1e-4) ** (2 * penalties.delta - 1)
        grad_c += penalties.lam[:, None] * penalties.delta * power
        everywhere = torch.zeros_like(state.scale).scatter_(1, terms, grad_c * (c > 0))
        adam.step_scale(state.scale, everywhere, scale_rate)
        state.scale.mul_(state.scale > zero_scale * state.scale.amax(1, keepdim=True))


def train(
    problem: Problem,
    state: State,
    penalties: Penalties,
    steps: int,
    learning_rate: float,
    noise: float,
    progress: Progress | None = None,
) -> Best:
    """Repeat :func:`step`, and keep each model's best state on the validation rows.

    For a look at them gamma is solved once more without noise, on the training rows.

    Parameters
    ----------
    state : State of M models
        Used up.
    steps : int
        T of the paper's algorithms.
    learning_rate : float
        Of Adam, for u and for c; decays to 0 along a cosine.
    noise : float
        Standard deviation of the noise on the first layer.
    progress : callable, optional
        Called with (1, validation loss or None) after each step.
    """
    adam = Adam(state.weights, state.scale)
    draws = Noise(noise, problem.generator)
    hidden = state.weights.output.shape[1]
    sampled = problem.batch_rows is not None and problem.batch_rows < len(problem.x)
    best = Best.before_the_first_look(state)
    terms = kept_terms(state.scale)
    rows = None
    for number in range(1, steps + 1):
        if sampled:
            rows = Rows.sample(problem, terms)
        elif rows is None:
            rows = Rows.every(problem, terms)
        drawn = draws.draw(rows.noise_shape(hidden, at_baseline=True), problem.x.device)
        rate = learning_rate * 0.5 * (1 + math.cos(math.pi * (number - 1) / steps))
        # Without a penalty there is nothing that c could gain.
        scale_rate = rate if bool((penalties.lam > 0).any()) else None
        step(
            problem,
            state,
            terms,
            rows,
            penalties,
            adam,
            drawn,
            rate,
            scale_rate,
            NEWTON_STEPS,
            ZERO_SCALE,
        )
        loss = None
        if number % LOOK_EVERY == 0 or number == steps:
            refit(problem, state, penalties.lam, NEWTON_STEPS)
            loss = validation_loss(problem, state)
            best.look(state, loss, number)
            now = kept_terms(state.scale)
            if not torch.equal(now, terms):
                terms, rows = now, None
        if progress is not None:
            progress(1, loss)
    return best
