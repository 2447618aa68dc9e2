"""``selection="evidence"``: the supports by the evidence, the network trained on them.

Which features have a coefficient and which may modulate is what the extended model without shapes
needs (:mod:`nimo.extension.search`), its functions integrated out: the noise is estimated with
everything else, and no bar is tied to its level.  Training and validation rows take part in that.
On these supports a few networks are trained on the training rows, by the paper's algorithm and, for
``relax=True``, by Gauss-Newton steps without noise.  The model is the mean of those that do about
as well on the validation rows as the best.  Nothing is trimmed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nimo.extension.likelihoods import LIKELIHOODS
from nimo.extension.search import Options, search
from nimo.paper.algorithm import Penalties, Progress, train
from nimo.paper.problem import Problem, initial_state, refit
from nimo.paper.state import State
from nimo.selection.means import best_mean
from nimo.selection.trimming import row_losses
from nimo.settings import Settings
from nimo.solvers.gauss_newton import Strengths, affordable, gauss_newton


@dataclass(frozen=True)
class TrainingSettings:
    """The numbers of training on given supports; features and response have unit size.

    Parameters
    ----------
    groups : tuple of float
        Group penalties that are tried; the range of the oracle in measurements/nimo_plus.py.
    starts : int
        Fresh networks for each of them, in the relaxed phase, beside the sparse one.
    first : int
        Gauss-Newton steps after which only as many networks go on as there are group penalties.
    last : int
        Gauss-Newton steps at most of those; most are done after twenty.
    ridge : float
        Penalty of the coefficients in the relaxed phase.
    lasso : float
        Penalty of the coefficients in the paper's algorithm, at first.
    stretches : int
        Stretches of the paper's algorithm, each from the best network of the one before.
    less : float
        Penalties of a stretch as a share of those before it.
    """

    groups: tuple[float, ...] = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
    starts: int = 2
    first: int = 12
    last: int = 40
    ridge: float = 1e-5
    lasso: float = 1e-3
    stretches: int = 4
    less: float = 0.25


@dataclass(frozen=True)
class Supports:
    """What a model may use: ``coefs`` and first-layer ``columns``, (d,) bool each.

    ``shrink`` is the ridge penalty of a linear model whose lines have their variance in common;
    None where each was chosen for itself.
    """

    coefs: Tensor
    columns: Tensor
    info: dict
    shrink: float | None = None

    def on(self, state: State) -> State:
        """Fresh models with all else at 0, in place."""
        state.scale = self.coefs.double().expand_as(state.scale).clone()
        state.inputs = self.columns.expand_as(state.inputs).clone()
        state.weights.features.mul_(state.inputs[:, None])
        return state


def find_supports(problem: Problem, settings: Settings) -> Supports:
    """Supports of the paper's model, from the extended one in which no more than a line is moved.

    A penalty of 0 asks for no zeros.
    """
    d = problem.x.shape[1]
    x = torch.cat([problem.x64, problem.x_val64]).cpu().numpy()
    y = torch.cat([problem.y, problem.y_val]).cpu().numpy()
    if problem.family.name == "gaussian":
        spread = y.std()
        y = (y - y.mean()) / (spread if spread > 0 else 1.0)
    seed = int(torch.randint(2**31 - 1, (1,), generator=problem.generator))
    rng = np.random.RandomState(seed)
    selection = "linear" if problem.network is None else "auto"
    options = Options(selection=selection, shapes=False, tied=True)
    family, weight = LIKELIHOODS[problem.family.name], np.ones(len(y))
    found = search(family, x, y, weight, options, rng.permutation(len(y)))
    structure = found.candidate.structure
    coefs, columns = np.zeros(d, dtype=bool), np.zeros(d, dtype=bool)
    coefs[found.features] = structure.linear > 0
    columns[found.features] = structure.columns
    if settings.penalty == 0:
        coefs[:] = True
    if settings.group_penalty == 0 and problem.network is not None:
        columns[:] = True
    shrink, common = None, found.info["common_line_variance"]
    if common > 0:
        noise = structure.noise if family.has_noise else 1.0
        shrink = noise / (len(problem.y) * common)
    device = problem.x.device
    return Supports(
        torch.tensor(coefs, device=device), torch.tensor(columns, device=device), found.info, shrink
    )


def fit_on_evidence(
    problem: Problem, settings: Settings, progress: Progress | None = None
) -> tuple[State, dict]:
    """Find the supports and train on them.

    Returns
    -------
    State of the members, dict of JSON scalars
    """
    numbers = TrainingSettings()
    supports = find_supports(problem, settings)
    info: dict = {"structure": supports.info["structure"]}
    if not bool(supports.columns.any()) or not bool(supports.coefs.any()):
        candidates, steps = _straight(problem, settings, supports, numbers), 1
        info |= {"phase": "linear", "group_penalty": 0.0}
    elif settings.relax:
        candidates, steps = _relaxed(problem, settings, supports, numbers, progress)
        info["phase"] = "relaxed"
    else:
        candidates, steps, record = _sparse(problem, settings, supports, numbers, progress)
        info |= {"phase": "sparse", **record}
    state, _ = best_mean(problem, candidates)
    info |= {"members": len(state.intercept), "steps": steps}
    return state, info | {"validation_loss": float(row_losses(problem, state).mean())}


def _straight(problem, settings, supports, numbers) -> State:
    """A linear model on the features that have a coefficient."""
    state = supports.on(initial_state(problem, 1, settings.hidden))
    state.inputs.zero_()
    state.weights.features.zero_()
    ridge = numbers.ridge if supports.shrink is None else supports.shrink
    refit(problem, state, torch.full_like(state.intercept, ridge), 20)
    return state


def _groups(settings: Settings, numbers) -> tuple[float, ...]:
    given = settings.group_penalty
    return numbers.groups if given == "auto" else (float(given),)


def _relaxed(problem, settings, supports, numbers, progress) -> tuple[State, int]:
    """Networks on the supports: from the sparse one and from fresh ones, by group penalty."""
    groups = _groups(settings, numbers)
    members, _, _ = _sparse(problem, settings, supports, numbers, progress)
    # What the penalties have closed may open again.
    sparse = supports.on(members.select(torch.tensor([0])))
    states, losses = [], []
    for group in groups:
        fresh = supports.on(initial_state(problem, numbers.starts, settings.hidden))
        starts = State.join([sparse, fresh])
        best = _descend(problem, settings, starts, group, numbers.first, numbers, progress)
        states.append(best.state)
        losses.append(best.loss)
    state, order = State.join(states), torch.cat(losses).argsort()[: len(groups)]
    finished = [
        _descend(
            problem,
            settings,
            state.select(m[None]),
            groups[int(m) // (numbers.starts + 1)],
            numbers.last,
            numbers,
            progress,
        )
        for m in order
    ]
    steps = max(int(best.step.max()) for best in finished)
    return State.join([members, *(best.state for best in finished)]), numbers.first + steps


def _descend(problem, settings, state, group, steps, numbers, progress):
    """Train without noise: by Gauss-Newton steps where they are affordable."""
    if affordable(problem, state):
        return gauss_newton(problem, state, Strengths(numbers.ridge, group), steps, progress)
    like = torch.ones_like(state.intercept)
    penalties = Penalties(numbers.ridge * like, group * like.float(), settings.delta)
    share = steps / (numbers.first + numbers.last)
    gradient_steps = max(1, round(share * settings.max_steps))
    rate = settings.learning_rate
    return train(problem, state, penalties, gradient_steps, rate, 0.0, progress)


def _sparse(problem, settings, supports, numbers, progress) -> tuple[State, int, dict]:
    """Networks by the paper's algorithm: the best one, and one for each group penalty.

    The best one goes on in stretches with lower and lower penalties.
    """
    groups = torch.tensor(_groups(settings, numbers), dtype=torch.float64)
    first = numbers.lasso if settings.penalty == "auto" else float(settings.penalty)
    penalty = torch.full_like(groups, first)
    state = supports.on(initial_state(problem, len(groups), settings.hidden))
    least, record, done = float("inf"), {}, 0
    found: list[State] = []
    steps = max(1, settings.max_steps // 2)
    rate = settings.learning_rate
    for _ in range(numbers.stretches):
        penalties = Penalties(penalty, groups.float(), settings.delta)
        best = train(problem, state, penalties, steps, rate, settings.noise, progress)
        choice = int(best.loss.argmin())
        if best.loss[choice] >= least:
            break
        least, done = float(best.loss[choice]), done + int(best.step[choice])
        chosen = best.state.select(torch.tensor([choice]))
        found = found or [best.state]
        record = {"penalty": float(penalty[choice]), "group_penalty": float(groups[choice])}
        rate = 0.5 * settings.learning_rate
        lower = numbers.less if settings.penalty == "auto" else 1.0
        shares = (1.0, numbers.less) if settings.group_penalty == "auto" else (1.0,)
        groups = groups[choice] * torch.tensor(shares, dtype=torch.float64)
        penalty = torch.full_like(groups, lower * record["penalty"])
        state = State.join([chosen] * len(groups))
    return State.join([chosen, *found]), done, record
