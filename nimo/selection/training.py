"""Training of M models at once: the sparse phase (the paper's algorithms) and the relaxed phase.

Each step is one pass of algorithm 1 or 2 of arXiv 2506.05059: correction G with noise, gamma in
closed form (or damped Newton), gradient of the penalised loss with gamma held fixed, one step on
the scales c and the network.  Holding gamma fixed is exact and not an approximation: gamma
minimises the same objective (lam ||gamma||^2 included), so its derivative drops out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nimo.paper.adam import Adam
from nimo.paper.checkpoint import Best, keep_better
from nimo.paper.elimination import solve
from nimo.paper.network import Inputs
from nimo.paper.problem import Problem, corrected_design, predictor, refit, validation_loss
from nimo.paper.state import State, kept_terms

# A scale below this share of the largest is dropped: its coefficient is about its square.
NEGLIGIBLE = 0.03
# Scale at which a dropped feature enters again, as a share of the largest.
REENTRY = 0.1
# Steps between looks for dropped features whose gradient exceeds the penalty.
REENTRY_EVERY = 25


@dataclass
class Phase:
    """What distinguishes one stretch of training from another.

    Parameters
    ----------
    steps : int
    learning_rate : float
        Of Adam; decays to 0 along a cosine.
    penalty : Tensor (M,)
        lam = mu of the adaptive ridge, i.e. the lasso penalty.
    group_start : float
        The group penalty falls geometrically from this value to ``group_penalty`` over
        ``group_descent`` of the steps: from few interactions to more, as along a lasso path.
    group_descent : float
    entry_start : float, optional
        A dropped feature enters again when its gradient exceeds a bar that falls geometrically from
        this value to ``penalty`` over ``descent`` of the steps (``inf``: never).  None: the bar
        follows the residual, see ``_chance_entry``.
    descent : float
    scale_rate : float
        Learning rate of c, as a multiple of that of the network.
    first_check : float
        Share of the steps before the first look at the validation rows.
    patience : float
        Training ends when no model has improved on the validation rows for this share of the steps.
    halve_at : tuple of float
        Shares of the steps after which the worse half of the models is given up.
    group_penalty : Tensor (M,)
    noise : float
    noise_at_baseline : bool
        Whether the baseline row gets noise too, so that g cannot live on a dip at 0.
    scales : bool
        Whether c is trained; False in the relaxed phase, where c = 1 on the kept features.
    delta : float
        Exponent of the sub-l1 penalty sum c^(2 delta) (appendix B.3); 1 is the lasso.
    newton_steps : int
        Newton steps for gamma in each training step.
    check_every : int
        Steps between looks at the validation rows.
    """

    steps: int
    learning_rate: float
    penalty: Tensor
    group_penalty: Tensor
    noise: float
    noise_at_baseline: bool = False
    scales: bool = True
    delta: float = 1.0
    newton_steps: int = 2
    check_every: int = 10
    group_start: float = 0.0
    group_descent: float = 0.6
    entry_start: float | None = None
    descent: float = 0.5
    scale_rate: float = 0.5
    first_check: float = 0.0
    patience: float = 1.0
    halve_at: tuple[float, ...] = ()

    def select(self, models: Tensor) -> Phase:
        return replace(self, penalty=self.penalty[models], group_penalty=self.group_penalty[models])

    def entry_at(self, step: int) -> Tensor:
        """Gradient (M,) above which a dropped feature enters again, given ``entry_start``."""
        left = 1 - min(1.0, step / max(1.0, self.descent * self.steps))
        return 1.5 * self.penalty * (self.entry_start / self.penalty).clamp_min(1.0) ** left

    def group_at(self, step: int) -> Tensor:
        """Group penalty (M,) of this step; 0 stays 0 (the ablation)."""
        left = max(0.0, 1 - step / (self.group_descent * self.steps))
        ratio = (self.group_start / self.group_penalty.clamp_min(1e-12)).clamp_min(1.0)
        return self.group_penalty * ratio**left


@dataclass
class _Rows:
    """Training rows as the terms in use see them."""

    x: Tensor  # (M, n, k) float64
    y: Tensor  # (n,)
    inputs: Inputs | None

    @staticmethod
    def every(problem: Problem, terms: Tensor) -> _Rows:
        """All rows, for many steps with the same terms (M, k)."""
        network = problem.network
        inputs = None if network is None else network.inputs(problem.x, terms, repeated=True)
        return _Rows(problem.x64.T[terms].mT, problem.y, inputs)

    @staticmethod
    def sample(problem: Problem, terms: Tensor) -> _Rows:
        """A random subset, for one step."""
        n, network = len(problem.x), problem.network
        pick = torch.randint(n, (problem.batch_rows,), generator=problem.generator)
        pick = pick.to(problem.x.device)
        inputs = None if network is None else network.inputs(problem.x[pick], terms)
        return _Rows(problem.x64[pick].T[terms].mT, problem.y[pick], inputs)


class _Noise:
    """Normal noise cut from a pool: drawing it afresh would cost more than the rest of a step."""

    def __init__(self, level: float, generator: torch.Generator):
        self.level, self.generator = level, generator
        self.pool = torch.empty(0)

    def draw(self, shape: tuple[int, ...], device) -> Tensor | None:
        if self.level == 0:
            return None
        size = math.prod(shape)
        if len(self.pool) < size + 4096:
            # Half as much again, so that successive cuts start at many different places.
            pool = torch.randn(size + size // 2 + 4096, generator=self.generator)
            self.pool = pool.mul_(self.level).to(device)
        spare = len(self.pool) - size
        start = int(torch.randint(spare, (), generator=self.generator))
        return self.pool[start : start + size].view(shape)


def train(problem: Problem, state: State, phase: Phase, progress=None) -> Best:
    """Run one phase and return the best validation states; ``state`` is used up.

    Where no dropped feature can enter again, only the used ones are computed with.

    Parameters
    ----------
    progress : callable, optional
        Called with (1, validation loss or None) after each step.
    """
    d, used = state.scale.shape[1], state.used()
    if (phase.scales and phase.entry_start != math.inf) or len(used) in (0, d):
        return _train(problem, state, phase, progress)
    best = _train(problem.narrow(used), state.narrow(used), phase, progress)
    best.state, best.last = best.state.widen(used, d), best.last.widen(used, d)
    return best


def _train(problem: Problem, state: State, phase: Phase, progress) -> Best:
    models = len(state.intercept)
    network, family = problem.network, problem.family
    adam = Adam(state.weights, state.scale)
    noise = _Noise(phase.noise, problem.generator)
    sampled = problem.batch_rows is not None and problem.batch_rows < len(problem.x)
    terms = rows = None
    halvings = {int(share * phase.steps) for share in phase.halve_at}
    best = Best(
        state,
        torch.full_like(state.intercept, math.inf),
        torch.zeros(models).long(),
        torch.arange(models),
    )
    for step in range(phase.steps):
        rate = phase.learning_rate * 0.5 * (1 + math.cos(math.pi * step / phase.steps))
        if phase.scales and step % REENTRY_EVERY == REENTRY_EVERY - 1:
            if phase.entry_start is None:
                _chance_entry(problem, state, phase.penalty)
            elif phase.entry_start < math.inf:
                _reenter(problem, state, phase.entry_at(step))
        if models > 1 and step in halvings:
            refit(problem, state, phase.penalty, phase.newton_steps)
            order = validation_loss(problem, state).argsort()[: (models + 1) // 2].sort().values
            state, phase = state.select(order), phase.select(order)
            adam.select(order)
            models = len(order)
            best = Best(
                state if math.isinf(float(best.loss.max())) else best.state.select(order),
                best.loss[order],
                best.step[order],
                best.models[order],
            )
            terms = None
        if terms is None or step % 5 == 0:
            before, terms = terms, kept_terms(state.scale)
            if not sampled and (before is None or not torch.equal(terms, before)):
                rows = _Rows.every(problem, terms)
        if sampled:
            rows = _Rows.sample(problem, terms)
        design, cache = rows.x, None
        if network is not None:
            models, n, k = rows.x.shape
            shape = (models, n + phase.noise_at_baseline, k, state.weights.hidden.shape[1])
            g, cache = network.forward(
                state.weights, rows.inputs, noise.draw(shape, problem.x.device)
            )
            design = design * (1 + g.double())
        scale = state.scale.gather(1, terms)
        gamma, state.intercept = solve(
            family,
            design * scale[:, None],
            rows.y,
            phase.penalty,
            state.gamma.gather(1, terms),
            state.intercept,
            phase.newton_steps,
        )
        state.gamma = torch.zeros_like(state.gamma).scatter_(1, terms, gamma)
        coef = scale * gamma
        eta = state.intercept[:, None] + (design @ coef[..., None])[..., 0]
        residual = family.gradient(eta, rows.y) / len(rows.y)  # (M, n)
        if network is not None:
            grad_g = (residual[:, :, None] * coef[:, None] * rows.x).float()
            gradient = network.backward(state.weights, cache, grad_g)
            adam.step(state.weights, gradient, rate, phase.group_at(step))
            state.weights.features.mul_(state.inputs[:, None])
        else:
            adam.count += 1
        if phase.scales:
            grad_scale = torch.zeros_like(state.scale)
            own = gamma * (design.mT @ residual[..., None])[..., 0]
            power = scale.clamp_min(1e-4) ** (2 * phase.delta - 1)
            own += phase.penalty[:, None] * phase.delta * power
            grad_scale.scatter_(1, terms, own * (scale > 0))
            adam.step_scale(state.scale, grad_scale, rate * phase.scale_rate)
            floor = NEGLIGIBLE * state.scale.amax(1, keepdim=True)
            state.scale.mul_(state.scale > floor)
        loss = None
        look = (step + 1) % phase.check_every == 0 and step >= phase.first_check * phase.steps
        if look or step + 1 == phase.steps:
            refit(problem, state, phase.penalty, phase.newton_steps)
            loss = validation_loss(problem, state)
            keep_better(best, state, loss, step + 1)
            if step + 1 - int(best.step.max()) >= phase.patience * phase.steps:
                break
        if progress is not None:
            progress(1, loss)
    best.last = state
    return best


def _reenter(problem: Problem, state: State, bar: Tensor) -> None:
    """Bring back dropped features that violate the condition |B_j' r| / n <= bar."""
    models, d = state.scale.shape
    every = torch.arange(d, device=problem.x.device).expand(models, -1)
    design = corrected_design(problem, state.weights, problem.x_fit, problem.x_fit64, every)
    eta = state.intercept[:, None] + (design @ state.coef[..., None])[..., 0]
    residual = problem.family.gradient(eta, problem.y_fit) / len(problem.y_fit)
    slope = (design.mT @ residual[..., None])[..., 0].abs()
    _bring_back(state, slope > bar[:, None])


def _bring_back(state: State, features: Tensor) -> None:
    largest = state.scale.amax(1, keepdim=True).clamp_min(0.1)
    back = (state.scale == 0) & features
    state.scale = torch.where(back, REENTRY * largest, state.scale)


def _chance_entry(problem: Problem, state: State, penalty: Tensor) -> None:
    """Bring back dropped features whose slope x_j' r / n is too large for chance and the penalty.

    The bar is the larger of the penalty and sqrt(2 log d) standard errors of the slope, the size
    that d irrelevant features reach.  While the network is immature the residual is large, and so
    is the bar: few features are active from the start.
    """
    eta = predictor(problem, state, problem.x_fit, problem.x_fit64)
    residual = problem.family.gradient(eta, problem.y_fit)
    n, d = problem.x_fit.shape
    slope = (residual @ problem.x_fit64).abs() / n  # (M, d)
    spread = residual.square().mean(1).sqrt()
    size = problem.x_fit64.square().mean(0).sqrt()
    chance = math.sqrt(2 * math.log(max(d, 2)) / n) * spread[:, None] * size
    _bring_back(state, slope > torch.maximum(chance, 1.5 * penalty[:, None]))
