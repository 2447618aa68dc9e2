"""Training and model selection for two classes: shrink, eliminate, average.

Labels of a few hundred rows say little about a nonlinear logit, and one network chosen among close
candidates by a validation accuracy is mostly luck.  So several initialisations are trained
together, as always with the paper's penalised objective; the features with the smallest share of
the first layer, then those with the smallest coefficients (both averaged over the members), are
eliminated in steps, each followed by more training; the validation rows choose only the sizes of
the two supports.  The model is the mean of the members, which is a NIMO model again (see
:mod:`nimo.model`).  Only training and validation rows are seen here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from nimo.paper.algorithm import Progress
from nimo.paper.problem import Problem, initial_state, predictor
from nimo.paper.state import State
from nimo.selection.training import Phase, train
from nimo.settings import Settings
from nimo.solvers.lasso import lasso_start

PENALTY = 5e-3
GROUP_PENALTY = 0.03
# With few features there is less to shrink away, and more to lose.
GROUP_PENALTY_FEW = 0.003
FEW_FEATURES = 4
# With more features than this, those that the lasso leaves out start out of the model.
MANY_FEATURES = 16
WIDE_START_PENALTY = 0.05
# A coefficient below this share of the largest, on average over the members, is dropped.
SMALL_SHARE = 0.02
# Elimination ends where the score has fallen by this much below the best one.
HOPELESS = 0.08
# What a smaller first layer has to gain on the validation rows: a column too many harms little, one
# too few removes an interaction.
COLUMN_GAIN = 0.03
# What the relaxed ensemble may lose: the sparse one is the best of many on these rows, and
# therefore looks better there than it is.
RELAXED_LOSS = 0.05
# Training after each elimination, as a share of ``max_steps``.
COLUMN_SHARE = 0.3
TERM_SHARE = 0.25
RELAXED_PENALTY = 5e-4
RELAXED_GROUP_PENALTY = 1e-3
RELAXED_MODELS = 6


def smaller_sizes(size: int) -> list[int]:
    """Support sizes tried below ``size``: large steps first, single features at the end."""
    sizes = []
    while size > 1:
        share = 0.4 if size > 25 else 0.7
        size = math.ceil(share * size) if size > 5 else size - 1
        sizes.append(size)
    return sizes


@dataclass
class _Stage:
    """An ensemble after a stretch of training."""

    end: State  # where training goes on
    best: State  # the best checkpoint of each member
    score: float
    steps: int


def score(eta: Tensor, y: Tensor, loss: Callable) -> float:
    """Validation accuracy less half the validation log-loss, of logits (n,).

    Accuracy alone is too coarse on a hundred rows, and log-loss alone prefers timid models: on
    separable data it punishes a few confident errors more than many small ones.
    """
    hit = ((eta > 0) == (y > 0.5)).double().mean()
    return float(hit - 0.5 * loss(eta, y).mean())


class _Search:
    """The stages of one fit."""

    def __init__(self, problem: Problem, settings: Settings, progress: Progress | None):
        self.problem, self.settings, self.progress = problem, settings, progress
        d = problem.x.shape[1]
        self.penalty = PENALTY if settings.penalty == "auto" else float(settings.penalty)
        group = GROUP_PENALTY_FEW if d < FEW_FEATURES else GROUP_PENALTY
        self.group = group if settings.group_penalty == "auto" else float(settings.group_penalty)
        self.total_steps = 0

    def start(self, models: int) -> State:
        """Fresh networks, c = 1, gamma = 0, all features allowed."""
        state = initial_state(self.problem, models, self.settings.hidden)
        d, bits, _ = state.weights.sizes
        # Logits interact in a handful of features at most; a first layer that starts near zero
        # would be shrunk away before it has learned anything.
        larger = math.sqrt((d + bits) / (min(d, 6) + bits))
        state.weights.features.mul_(larger)
        state.weights.position.mul_(larger)
        return state

    def stage(self, state: State, share: float, **changes) -> _Stage:
        """Train for a share of ``max_steps``; ``state`` is used up."""
        settings = self.settings
        steps = max(1, round(share * settings.max_steps))
        options = {
            "learning_rate": settings.learning_rate,
            "penalty": self.penalty,
            "group_penalty": self.group,
            "noise": settings.noise,
            "scales": self.penalty > 0,
            "delta": settings.delta,
            # Early checkpoints have a low log-loss because they are timid, not because they know.
            "first_check": 0.5,
            # Eliminated features stay out.
            "entry_start": math.inf,
            "descent": math.inf,
        } | changes
        like = torch.ones_like(state.intercept)
        options["penalty"] = options["penalty"] * like
        options["group_penalty"] = options["group_penalty"] * like.float()
        phase = Phase(steps=steps, check_every=max(1, min(25, steps // 4)), **options)
        best = train(self.problem, state, phase, self.progress)
        self.total_steps += steps
        return _Stage(best.end, best.state, self.score(self.logits(best.state)), steps)

    def logits(self, state: State) -> Tensor:
        """Of the mean of the members, on the validation rows (n,)."""
        problem = self.problem
        return predictor(problem, state, problem.x_val, problem.x_val64).mean(0)

    def score(self, eta: Tensor) -> float:
        return score(eta, self.problem.y_val, self.problem.family.loss)

    def shrink(self, stage: _Stage, columns: int | None, terms: int | None, share: float) -> _Stage:
        """Keep the largest first-layer columns and coefficients, and train on."""
        state = stage.end.copy()
        if columns is not None:
            restrict_inputs(state, _largest(column_shares(state), columns))
        small = coef_shares(state) > SMALL_SHARE if self.penalty > 0 else state.scale[0] > 0
        if terms is not None:
            small = small & _largest(coef_shares(state), terms)
        state.scale.mul_(small)
        state.gamma.mul_(small)
        return self.stage(state, share)

    def eliminate(self, stage: _Stage, kind: str, share: float) -> _Stage:
        """Shrink one of the supports step by step; the stage with the best score."""
        shares = column_shares if kind == "columns" else coef_shares
        size = int((shares(stage.end) > (0 if kind == "columns" else SMALL_SHARE)).sum())
        gain = COLUMN_GAIN if kind == "columns" else 0.0
        best = stage
        for smaller in smaller_sizes(size):
            sizes = {"columns": None, "terms": None, kind: smaller}
            stage = self.shrink(stage, share=share, **sizes)
            if stage.score >= best.score + gain:
                best = stage
            elif stage.score < best.score - HOPELESS:
                break
        return best

    def sparse(self) -> _Stage:
        settings = self.settings
        d = self.problem.x.shape[1]
        state = self.start(max(settings.n_init, 1))
        entry = {}
        if d > MANY_FEATURES and self.penalty > 0:
            lasso_start(self.problem, state, WIDE_START_PENALTY)
            entry = {"entry_start": WIDE_START_PENALTY, "descent": 0.5}
        stage = self.stage(state, 1.0, **entry)
        drop_columns, drop_terms = self.group > 0, self.penalty > 0
        for size in smaller_sizes(d):
            if size >= 10:
                columns = size if drop_columns else None
                stage = self.shrink(stage, columns, size if drop_terms else None, TERM_SHARE)
        if drop_columns:
            stage = self.eliminate(stage, "columns", COLUMN_SHARE)
        if drop_terms:
            stage = self.eliminate(stage, "terms", TERM_SHARE)
        if drop_columns:
            stage = self.eliminate(stage, "columns", TERM_SHARE)
        return stage

    def relaxed(self, sparse: State) -> State:
        """Weakly penalised ensemble on the support of the sparse one: grown on, and fresh."""
        kept = (sparse.coef != 0).any(0) & (coef_shares(sparse) > SMALL_SHARE)
        inputs = column_shares(sparse) > 0
        options = {
            "penalty": RELAXED_PENALTY,
            "group_penalty": RELAXED_GROUP_PENALTY,
            "noise": self.settings.noise / 2,
            "scales": False,
        }
        warm = sparse.copy()
        warm.gamma = warm.coef * kept
        fresh = self.start(RELAXED_MODELS)
        for state in (warm, fresh):
            state.scale = kept.double().expand_as(state.scale).clone()
            restrict_inputs(state, inputs)
        rate = self.settings.learning_rate
        warm = self.stage(warm, 0.75, learning_rate=0.5 * rate, **options).best
        fresh = self.stage(fresh, 1.25, **options).best
        return State.join([warm, fresh])


def restrict_inputs(state: State, kept: Tensor) -> None:
    """Allow only the first-layer columns ``kept`` (d,) bool, in place."""
    state.inputs = kept.expand_as(state.inputs).clone()
    state.weights.features.mul_(state.inputs[:, None])


def _mean_share(size: Tensor) -> Tensor:
    return (size / size.amax(1, keepdim=True).clamp_min(1e-12)).mean(0)


def column_shares(state: State) -> Tensor:
    """First-layer column norms, relative to the largest, mean over the members: (d,)."""
    return _mean_share(state.weights.features.norm(dim=1))


def coef_shares(state: State) -> Tensor:
    """Absolute coefficients, relative to the largest, mean over the members: (d,)."""
    return _mean_share(state.coef.abs())


def _largest(values: Tensor, count: int) -> Tensor:
    mask = torch.zeros_like(values, dtype=torch.bool)
    mask[values.topk(min(count, len(values))).indices] = True
    return mask


def _without_small(state: State) -> State:
    """The same ensemble with coefficients below ``SMALL_SHARE`` at exactly 0."""
    state = state.copy()
    kept = coef_shares(state) > SMALL_SHARE
    state.scale.mul_(kept)
    state.gamma.mul_(kept)
    return state


def fit_classifier(
    problem: Problem, settings: Settings, progress: Progress | None = None
) -> tuple[State, dict]:
    """Search, select on the validation rows, and return the members with a record of the choice.

    Parameters
    ----------
    problem : Problem
        Binomial, with a network.
    settings : Settings
        ``n_init`` is the number of members.

    Returns
    -------
    State of the members, dict of JSON scalars
    """
    search = _Search(problem, settings, progress)
    sparse = search.sparse().best
    if search.penalty > 0:
        sparse = _without_small(sparse)
    state, phase, eta = sparse, "sparse", search.logits(sparse)
    value = search.score(eta)
    if settings.relax and bool((sparse.coef != 0).any()):
        relaxed = search.relaxed(sparse)
        relaxed_eta = search.logits(relaxed)
        relaxed_value = search.score(relaxed_eta)
        if relaxed_value >= value - RELAXED_LOSS:
            state, phase, eta, value = relaxed, "relaxed", relaxed_eta, relaxed_value
    info = {
        "phase": phase,
        "members": len(state.intercept),
        "penalty": search.penalty,
        "group_penalty": search.group,
        "steps": search.total_steps,
        "validation_loss": float(problem.family.loss(eta, problem.y_val).mean()),
        "validation_score": value,
    }
    return state, info
