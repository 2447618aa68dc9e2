"""Training of M models at once, around the paper's step: what selection adds to it.

:func:`nimo.paper.algorithm.step` is the paper's; here are the schedules, the models that are given
up on the way, the features that come back, and the looks at the validation rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nimo.paper.adam import Adam
from nimo.paper.algorithm import Penalties, Progress, Rows, step
from nimo.paper.checkpoint import Best
from nimo.paper.noise import Noise
from nimo.paper.problem import Problem, corrected_design, predictor, refit, validation_loss
from nimo.paper.state import State, kept_terms

# A scale below this share of the largest is dropped: its coefficient is about its square.
NEGLIGIBLE = 0.03
# Scale at which a dropped feature enters again, as a share of the largest.
REENTRY = 0.1
# Steps between checks of which scales are 0, whose features are then skipped.
TERMS_EVERY = 5
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
        follows the residual.
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

    def rate_at(self, step: int) -> float:
        """Learning rate of the network."""
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * step / self.steps))

    def looks_at(self, step: int) -> bool:
        """Whether the validation rows are looked at after this step."""
        look = (step + 1) % self.check_every == 0 and step >= self.first_check * self.steps
        return look or step + 1 == self.steps

    def entry_at(self, step: int) -> Tensor:
        """Gradient (M,) above which a dropped feature enters again, given ``entry_start``."""
        assert self.entry_start is not None, "features enter by chance here, see _let_enter"
        left = 1 - min(1.0, step / max(1.0, self.descent * self.steps))
        return 1.5 * self.penalty * (self.entry_start / self.penalty).clamp_min(1.0) ** left

    def group_at(self, step: int) -> Tensor:
        """Group penalty (M,) of this step; 0 stays 0 (the ablation)."""
        left = max(0.0, 1 - step / (self.group_descent * self.steps))
        ratio = (self.group_start / self.group_penalty.clamp_min(1e-12)).clamp_min(1.0)
        return self.group_penalty * ratio**left


def train(problem: Problem, state: State, phase: Phase, progress: Progress | None = None) -> Best:
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
    best.state, best.last = best.state.widen(used, d), best.end.widen(used, d)
    return best


def _train(problem: Problem, state: State, phase: Phase, progress: Progress | None) -> Best:
    models, hidden = state.weights.output.shape
    adam = Adam(state.weights, state.scale)
    noise = Noise(phase.noise, problem.generator)
    sampled = problem.batch_rows is not None and problem.batch_rows < len(problem.x)
    terms: Tensor | None = None
    rows: Rows | None = None
    halve_at = {int(share * phase.steps) for share in phase.halve_at}
    best = Best.before_the_first_look(state)
    for number in range(phase.steps):
        if phase.scales and number % REENTRY_EVERY == REENTRY_EVERY - 1:
            _let_enter(problem, state, phase, number)
        if models > 1 and number in halve_at:
            refit(problem, state, phase.penalty, phase.newton_steps)
            kept = validation_loss(problem, state).argsort()[: (models + 1) // 2].sort().values
            best, phase, models = best.select(kept), phase.select(kept), len(kept)
            state = state.select(kept)
            adam.select(kept)
            terms = None
        if terms is None or number % TERMS_EVERY == 0:
            before, terms = terms, kept_terms(state.scale)
            if not sampled and (before is None or not torch.equal(terms, before)):
                rows = Rows.every(problem, terms)
        if sampled:
            rows = Rows.sample(problem, terms)
        assert rows is not None
        step(
            problem,
            state,
            terms,
            rows,
            Penalties(phase.penalty, phase.group_at(number), phase.delta),
            adam,
            noise.draw(rows.noise_shape(hidden, phase.noise_at_baseline), problem.x.device),
            phase.rate_at(number),
            phase.scale_rate * phase.rate_at(number) if phase.scales else None,
            phase.newton_steps,
            NEGLIGIBLE,
        )
        loss = None
        if phase.looks_at(number):
            refit(problem, state, phase.penalty, phase.newton_steps)
            loss = validation_loss(problem, state)
            best.look(state, loss, number + 1)
            if number + 1 - int(best.step.max()) >= phase.patience * phase.steps:
                break
        if progress is not None:
            progress(1, loss)
    best.last = state
    return best


def _let_enter(problem: Problem, state: State, phase: Phase, number: int) -> None:
    if phase.entry_start is None:
        _chance_entry(problem, state, phase.penalty)
    elif phase.entry_start < math.inf:
        _reenter(problem, state, phase.entry_at(number))


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
